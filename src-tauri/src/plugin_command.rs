//! `trunkline plugin new FOLDER` and `trunkline plugin check FOLDER`: for those
//! who write plugins. No window, no core.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use thiserror::Error;
use trunkline_plugins::{Manifest, ManifestError};

/// Shown when the words after `plugin` make no sense.
pub const USAGE: &str = "\
Usage: trunkline plugin new FOLDER     make a plugin that shows who calls
       trunkline plugin check FOLDER   say what is wrong with a plugin
";

const PAGE: &str = include_str!("plugin_template/index.html");
const SCRIPT: &str = include_str!("plugin_template/plugin.js");
const STYLE: &str = include_str!("plugin_template/style.css");
const TYPINGS: &str = include_str!("../../ui/facade/smartagent/index.d.ts");

/// Why the command could not do what was asked.
#[derive(Debug, Error)]
pub enum PluginCommandError {
    /// Not one of the two.
    #[error("{USAGE}")]
    Usage,
    /// There is something already.
    #[error("{0} is there already and not empty")]
    NotEmpty(PathBuf),
    /// The folder's name makes no id.
    #[error("{0:?} makes no plugin's name: it takes small letters, digits and hyphens")]
    Name(String),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// What `check` found.
    #[error("{}", .0.join("\n"))]
    Wrong(Vec<String>),
}

/// Carries the words after `plugin` out; gives what is to be printed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Result<String, PluginCommandError> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match arguments.as_slice() {
        [word, folder] if word == "new" => make(Path::new(folder)),
        [word, folder] if word == "check" => check(Path::new(folder)),
        _ => Err(PluginCommandError::Usage),
    }
}

fn make(folder: &Path) -> Result<String, PluginCommandError> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let manifest = serde_json::json!({
        "manifest": 1,
        "id": name,
        "name": title(&name),
        "version": "0.1.0",
        "description": "Shows who calls.",
        "place": "default",
        "entry": "index.html",
        "shownByDefault": true,
        "permissions": ["contacts"],
    });
    let manifest = format!("{manifest:#}\n");
    Manifest::parse(&manifest).map_err(|_| PluginCommandError::Name(name))?;
    let file = |path: PathBuf| move |error| PluginCommandError::File(path, error);
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(PluginCommandError::NotEmpty(folder.to_path_buf()));
    }
    std::fs::create_dir_all(folder).map_err(file(folder.to_path_buf()))?;
    for (name, text) in [
        ("plugin.json", manifest.as_str()),
        ("index.html", PAGE),
        ("plugin.js", SCRIPT),
        ("style.css", STYLE),
        ("smartagent.d.ts", TYPINGS),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(file(path.clone()))?;
    }
    let shown = folder.display();
    Ok(format!(
        "{shown} is a plugin. Add it in the panel: Settings, Plugins, Add, Folder. It is loaded again whenever a file \
         in it changes.\n"
    ))
}

/// `crm-card` is called `Crm card`.
fn title(id: &str) -> String {
    let words = id.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn check(folder: &Path) -> Result<String, PluginCommandError> {
    let path = folder.join("plugin.json");
    let text = std::fs::read_to_string(&path).map_err(|error| PluginCommandError::File(path, error))?;
    let manifest = Manifest::parse(&text)
        .map_err(|error: ManifestError| PluginCommandError::Wrong(vec![format!("plugin.json: {error}")]))?;
    let mut wrong = Vec::new();
    match std::fs::read_to_string(folder.join(&manifest.entry)) {
        Ok(page) => wrong.extend(in_page(&manifest.entry, &page)),
        Err(error) => wrong.push(format!("{}: {error}", manifest.entry)),
    }
    for file in manifest.facades.keys() {
        if !folder.join(file).exists() {
            wrong.push(format!("facades: {file} is not in the folder, so that no page can ask for it by mistake"));
        }
    }
    if !wrong.is_empty() {
        return Err(PluginCommandError::Wrong(wrong));
    }
    let rights: Vec<String> = manifest.permissions.iter().map(|right| format!("{right:?}")).collect();
    let rights = if rights.is_empty() { "nothing".to_owned() } else { rights.join(", ") };
    Ok(format!("{} {} is in order. It asks for: {rights}.\n", manifest.name, manifest.version))
}

/// What the content security policy of plugins does not let through.
fn in_page(name: &str, page: &str) -> Vec<String> {
    let lower = page.to_lowercase();
    let mut wrong = Vec::new();
    for part in lower.split("<script").skip(1) {
        let (head, body) = part.split_once('>').unwrap_or((part, ""));
        let body = body.split("</script").next().unwrap_or("");
        if !head.contains("src=") && !body.trim().is_empty() && !head.contains("importmap") {
            wrong.push(format!("{name}: a script in the page itself does not run; put it into a file"));
        }
        if head.contains("src=\"http") || head.contains("src='http") || head.contains("src=\"//") {
            wrong.push(format!("{name}: a script of another server does not run; put it into the folder"));
        }
    }
    if lower
        .split('<')
        .any(|tag| tag.split('>').next().is_some_and(|tag| tag.contains(" onclick=") || tag.contains(" onload=")))
    {
        wrong.push(format!("{name}: handlers in attributes do not run; use addEventListener"));
    }
    wrong.dedup();
    wrong
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn what_is_made_is_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let plugin = folder.path().join("my-card").display().to_string();
        run(words(&["new", &plugin])).unwrap();
        let said = run(words(&["check", &plugin])).unwrap();
        assert!(said.starts_with("My card 0.1.0 is in order"), "{said}");
        let again = run(words(&["new", &plugin]));
        assert!(matches!(again, Err(PluginCommandError::NotEmpty(_))), "nothing is written over: {again:?}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let plugin = folder.path().join("my-card");
        let shown = plugin.display().to_string();
        run(words(&["new", &shown])).unwrap();
        std::fs::write(plugin.join("index.html"), "<script>alert(1)</script><b onclick=x()>").unwrap();
        let said = run(words(&["check", &shown])).unwrap_err().to_string();
        assert!(said.contains("index.html: a script in the page") && said.contains("handlers"), "{said}");
        std::fs::write(plugin.join("plugin.json"), "{\"manifest\": 1, \"ipc\": true}").unwrap();
        let said = run(words(&["check", &shown])).unwrap_err().to_string();
        assert!(said.contains("plugin.json") && said.contains("ipc"), "{said}");
    }

    #[test]
    fn a_name_that_is_none_and_words_that_are_none_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let shown = folder.path().join("My Card").display().to_string();
        assert!(matches!(run(words(&["new", &shown])), Err(PluginCommandError::Name(_))), "an id is no title");
        assert!(matches!(run(words(&["make", "x"])), Err(PluginCommandError::Usage)), "no such word");
        assert!(matches!(run(words(&[])), Err(PluginCommandError::Usage)), "nothing asked");
    }
}
