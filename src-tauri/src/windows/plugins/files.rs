//! What a request for `plugin://ID/...` is answered with. Nothing here knows a window.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use tauri::Url;
use trunkline_plugins::{FrameFiles, FrameSpec};

/// Scheme of the files of plugins.
pub(super) const PLUGIN: &str = "plugin";
/// Below it are scripts of ours, whatever the plugin has there. The address itself is the
/// page that holds the plugin's frame.
pub(super) const RESERVED: &str = "trunkline/";
/// Largest file of a plugin.
const FILE_LIMIT: u64 = 16 * 1024 * 1024;

/// Reads a file of the embedded UI by its path.
pub(super) type Embedded = Arc<dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync>;

/// A file as it is served.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    pub mime: &'static str,
    pub bytes: Vec<u8>,
    /// A script of ours: pages on the web may load it too.
    pub shared: bool,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoFile {
    /// Not there, or not to be seen.
    NotFound,
    /// Longer than [`FILE_LIMIT`].
    TooLarge,
    /// Asked for with another method than GET.
    NotToBeChanged,
}

impl NoFile {
    /// The HTTP status and its words.
    pub fn status(self) -> (u32, &'static str) {
        match self {
            Self::NotFound => (404, "Not Found"),
            Self::TooLarge => (413, "File Too Large"),
            Self::NotToBeChanged => (405, "Method Not Allowed"),
        }
    }
}

/// The files of one plugin.
#[derive(Clone)]
pub(super) struct Files {
    id: String,
    from: FrameFiles,
    facades: BTreeMap<String, String>,
    embedded: Embedded,
}

impl Files {
    pub fn new(spec: &FrameSpec, embedded: Embedded) -> Self {
        let facades = spec.facades.iter().map(|(path, name)| (path.trim_start_matches('/').to_owned(), name.clone()));
        Self { id: spec.plugin.as_str().to_owned(), from: spec.files.clone(), facades: facades.collect(), embedded }
    }

    /// The file at an address. Reads from disk: not for the main thread.
    pub fn read(&self, address: &str) -> Result<File, NoFile> {
        let url = Url::parse(address).map_err(|_| NoFile::NotFound)?;
        if url.scheme() != PLUGIN || url.host_str() != Some(self.id.as_str()) {
            return Err(NoFile::NotFound);
        }
        let path = relative(&url).ok_or(NoFile::NotFound)?;
        let text = path.to_str().ok_or(NoFile::NotFound)?;
        if let Some(script) = text.strip_prefix(RESERVED) {
            return self.script(script);
        }
        if let Some(script) = self.facades.get(text) {
            return self.script(&format!("{script}.js"));
        }
        let bytes = match &self.from {
            FrameFiles::Folder(folder) => read_below(folder, &path)?,
            FrameFiles::BuiltIn(name) => (self.embedded)(&format!("plugins/{name}/{text}")).ok_or(NoFile::NotFound)?,
            FrameFiles::Web => return Err(NoFile::NotFound),
        };
        Ok(File { mime: mime(&path), bytes, shared: false })
    }

    /// A script of ours, by its file.
    fn script(&self, file: &str) -> Result<File, NoFile> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
        let is_script = file.ends_with(".js") || file.ends_with(".mjs");
        let bytes =
            if is_script && file.bytes().all(plain) { (self.embedded)(&format!("facade/{file}")) } else { None };
        bytes.map(|bytes| File { mime: JAVASCRIPT, bytes, shared: true }).ok_or(NoFile::NotFound)
    }
}

/// The path of an address, decoded, relative, and going down only. Files whose
/// names begin with a dot are not a plugin's pages.
fn relative(url: &Url) -> Option<PathBuf> {
    // A `file:` address knows how to become a path, escapes and all.
    let decoded = Url::parse(&format!("file://{}", url.path())).ok()?.to_file_path().ok()?;
    let path = decoded.strip_prefix("/").ok()?;
    let down = path.components().all(|part| match part {
        Component::Normal(name) => name.to_str().is_some_and(|name| !name.starts_with('.') && !name.contains('\0')),
        _ => false,
    });
    (down && path.components().next().is_some()).then(|| path.to_owned())
}

/// Reads a file below a folder, wherever links lead.
fn read_below(folder: &Path, path: &Path) -> Result<Vec<u8>, NoFile> {
    let folder = folder.canonicalize().map_err(|_| NoFile::NotFound)?;
    let file = folder.join(path).canonicalize().map_err(|_| NoFile::NotFound)?;
    let about = fs::metadata(&file).map_err(|_| NoFile::NotFound)?;
    if !file.starts_with(&folder) || !about.is_file() {
        return Err(NoFile::NotFound);
    }
    if about.len() > FILE_LIMIT {
        return Err(NoFile::TooLarge);
    }
    fs::read(&file).map_err(|_| NoFile::NotFound)
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// By the end of the name. Browsers refuse scripts and styles of a wrong type.
fn mime(path: &Path) -> &'static str {
    let end = path.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase);
    match end.as_deref() {
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("js" | "mjs") => JAVASCRIPT,
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json; charset=utf-8",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("xml") => "application/xml; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("ico") => "image/x-icon",
        Some("woff") => "font/woff",
        Some("woff2") => "font/woff2",
        Some("ttf") => "font/ttf",
        Some("otf") => "font/otf",
        Some("wasm") => "application/wasm",
        Some("mp3") => "audio/mpeg",
        Some("ogg") => "audio/ogg",
        Some("wav") => "audio/wav",
        Some("mp4") => "video/mp4",
        Some("webm") => "video/webm",
        Some("pdf") => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;
    use trunkline_model::PluginId;

    use super::*;

    fn files(from: FrameFiles) -> Files {
        let spec = FrameSpec {
            plugin: PluginId::new("crm-card"),
            page: Url::parse("plugin://crm-card/index.html").unwrap(),
            files: from,
            facades: BTreeMap::from([("vendor/connect.js".to_owned(), "streams".to_owned())]),
            origins: Vec::new(),
            storage: PathBuf::new(),
        };
        Files::new(
            &spec,
            Arc::new(|path| Some(format!("embedded {path}").into_bytes()).filter(|_| !path.contains("none"))),
        )
    }

    fn folder() -> (TempDir, Files) {
        let all = tempfile::tempdir().unwrap();
        let own = all.path().join("own");
        fs::create_dir_all(own.join("sub")).unwrap();
        fs::create_dir_all(own.join("vendor")).unwrap();
        fs::create_dir_all(own.join("trunkline")).unwrap();
        fs::create_dir_all(all.path().join("own-not")).unwrap();
        for (path, text) in [
            ("own/index.html", "page"),
            ("own/sub/a b.js", "script"),
            ("own/.env", "secret"),
            ("own/vendor/connect.js", "the vendor's"),
            ("own/trunkline/streams.js", "a fake"),
            ("own-not/secret.txt", "secret"),
            ("secret.txt", "secret"),
        ] {
            fs::write(all.path().join(path), text).unwrap();
        }
        let files = files(FrameFiles::Folder(own));
        (all, files)
    }

    #[test]
    fn files_of_the_folder_are_served_with_their_types() {
        let (_folder, files) = folder();
        let page = files.read("plugin://crm-card/index.html?number=1#top").unwrap();
        assert_eq!(page.bytes, b"page", "whatever is asked of it, the file is the same");
        assert_eq!(page.mime, "text/html; charset=utf-8", "a page is a page");
        let script = files.read("plugin://crm-card/sub/a%20b.js").unwrap();
        assert_eq!((script.bytes.as_slice(), script.mime), (&b"script"[..], JAVASCRIPT), "escapes in names are names");
        assert!(!script.shared, "the plugin's own files are for its own pages");
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let (all, files) = folder();
        symlink(all.path().join("secret.txt"), all.path().join("own/link.txt")).unwrap();
        symlink(all.path().join("own-not"), all.path().join("own/linked")).unwrap();
        symlink("index.html", all.path().join("own/inside.html")).unwrap();
        for address in [
            "plugin://crm-card/../secret.txt",
            "plugin://crm-card/%2e%2e/secret.txt",
            "plugin://crm-card/..%2fsecret.txt",
            "plugin://crm-card/sub/..%2f..%2fsecret.txt",
            "plugin://crm-card/%2fetc%2fpasswd",
            "plugin://crm-card//etc/passwd",
            "plugin://crm-card/link.txt",
            "plugin://crm-card/linked/secret.txt",
            "plugin://crm-card/../own-not/secret.txt",
            "plugin://crm-card/.env",
            "plugin://crm-card/sub",
            "plugin://crm-card/",
            "plugin://crm-card",
            "plugin://crm-card/index.html%00.js",
            "plugin://other/index.html",
            "plugin://crm-card@other/index.html",
            "file:///etc/passwd",
            "tauri://localhost/index.html",
            "not an address",
        ] {
            assert_eq!(files.read(address), Err(NoFile::NotFound), "{address} is no file of the plugin's");
        }
        let inside = files.read("plugin://crm-card/inside.html").unwrap();
        assert_eq!(inside.bytes, b"page", "a link within the folder is a file of it");
    }

    #[test]
    fn a_file_too_large_is_refused_before_it_is_read() {
        let (all, files) = folder();
        let large = fs::File::create(all.path().join("own/large.bin")).unwrap();
        large.set_len(FILE_LIMIT + 1).unwrap();
        assert_eq!(files.read("plugin://crm-card/large.bin"), Err(NoFile::TooLarge), "one byte more than the most");
        large.set_len(FILE_LIMIT).unwrap();
        let most = files.read("plugin://crm-card/large.bin").unwrap();
        assert_eq!(most.mime, "application/octet-stream", "what has no known type has no guessed one");
    }

    #[test]
    fn scripts_of_ours_win_over_files_of_the_plugin() {
        let (_folder, files) = folder();
        let reserved = files.read("plugin://crm-card/trunkline/streams.js").unwrap();
        assert_eq!(reserved.bytes, b"embedded facade/streams.js", "the reserved path is ours");
        assert!(reserved.shared, "pages on the web may load it");
        let facade = files.read("plugin://crm-card/vendor/connect.js").unwrap();
        assert_eq!(facade.bytes, b"embedded facade/streams.js", "the vendor's script is replaced by ours");
        for address in ["none.js", "streams.css", "..%2findex.html", "a/b.js", "Streams.js"] {
            let address = format!("plugin://crm-card/trunkline/{address}");
            assert_eq!(files.read(&address), Err(NoFile::NotFound), "{address} is no script of ours");
        }
    }

    #[test]
    fn built_in_plugins_and_pages_on_the_web_have_files_of_their_own_kind() {
        let built_in = files(FrameFiles::BuiltIn("crm".to_owned()));
        let page = built_in.read("plugin://crm-card/index.html").unwrap();
        assert_eq!(page.bytes, b"embedded plugins/crm/index.html", "from the plugin's folder in the program");
        let up = built_in.read("plugin://crm-card/..%2fother%2findex.html");
        assert_eq!(up, Err(NoFile::NotFound), "and from no other");
        let web = files(FrameFiles::Web);
        assert!(web.read("plugin://crm-card/trunkline/smartagent.js").is_ok(), "a page on the web gets our scripts");
        assert_eq!(web.read("plugin://crm-card/index.html"), Err(NoFile::NotFound), "and has no files here");
    }
}
