//! Where plugins come from, and their manifests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use trunkline_connector::ports::{HttpRequest, Transfer};
use trunkline_model::PluginId;
use trunkline_plugins::{FrameFiles, Manifest, Plugin, origin_of};
use trunkline_rpc::schema::PluginSource;
use trunkline_rpc::{RpcCode, RpcError};
use url::Url;

use super::{LOOK_EVERY, load_again};
use crate::Parts;

/// Name of a manifest in a folder.
const MANIFEST: &str = "plugin.json";
/// Longest manifest that is fetched or read, bytes.
const LONGEST: usize = 64 << 10;
/// For a web server to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Files of a folder that are looked at for changes.
const MOST_FILES: usize = 2_000;

/// Why a plugin cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// For what has been added before (`PluginState::Broken`).
    pub(super) message_key: &'static str,
    /// For what is being added.
    adding: &'static str,
    /// In the system's words.
    pub(super) cause: String,
}

impl Unreadable {
    pub(super) fn address(text: &str) -> Self {
        Self { message_key: "plugin_gone", adding: "error_plugin_address", cause: text.to_owned() }
    }

    pub(super) fn other(id: &PluginId) -> Self {
        Self { message_key: "plugin_manifest_unreadable", adding: "error_plugin_manifest", cause: format!("id: {id}") }
    }

    pub(super) fn error(self) -> RpcError {
        RpcError { detail: Some(self.cause), ..RpcError::new(RpcCode::Invalid, self.adding) }
    }
}

/// As it stands in the settings. `None`: it is nothing of the kind.
pub(super) fn parse(text: &str) -> Option<PluginSource> {
    if let Some(name) = text.strip_prefix("builtin:") {
        return Some(PluginSource::BuiltIn { name: name.to_owned() });
    }
    if Path::new(text).is_absolute() {
        return Some(PluginSource::Folder { path: text.to_owned() });
    }
    let address = Url::parse(text).ok()?;
    origin_of(&address).map(|_| PluginSource::Web { address: address.into() })
}

/// As it stands in the settings.
pub(super) fn written(source: &PluginSource) -> String {
    match source {
        PluginSource::BuiltIn { name } => format!("builtin:{name}"),
        PluginSource::Folder { path } => path.clone(),
        PluginSource::Web { address } => address.clone(),
    }
}

pub(super) fn files(source: &PluginSource) -> FrameFiles {
    match source {
        PluginSource::BuiltIn { name } => FrameFiles::BuiltIn(name.clone()),
        PluginSource::Folder { path } => FrameFiles::Folder(PathBuf::from(path)),
        PluginSource::Web { .. } => FrameFiles::Web,
    }
}

/// The address of its page.
pub(super) fn page(plugin: &Plugin) -> Option<Url> {
    let entry = &plugin.manifest.entry;
    match &plugin.source {
        PluginSource::Web { address } => Url::parse(address).ok()?.join(entry).ok(),
        PluginSource::BuiltIn { .. } | PluginSource::Folder { .. } => {
            Url::parse(&format!("plugin://{}/", plugin.id())).ok()?.join(entry).ok()
        }
    }
}

/// Reads its manifest.
pub(super) async fn read(parts: &Parts, source: &PluginSource) -> Result<Manifest, Unreadable> {
    let text = match source {
        PluginSource::BuiltIn { name } => built_in(parts, name)?,
        PluginSource::Folder { path } => in_folder(Path::new(path).join(MANIFEST)).await?,
        PluginSource::Web { address } => fetched(parts, address).await?,
    };
    Manifest::parse(&text).map_err(|error| Unreadable {
        message_key: "plugin_manifest_unreadable",
        adding: "error_plugin_manifest",
        cause: error.to_string(),
    })
}

fn built_in(parts: &Parts, name: &str) -> Result<String, Unreadable> {
    let all = parts.plugins.frames().map(|frames| frames.built_in()).unwrap_or_default();
    let found = all.into_iter().find(|(known, _)| known == name).map(|(_, text)| text);
    found.ok_or_else(|| Unreadable {
        message_key: "plugin_gone",
        adding: "error_plugin_not_found",
        cause: name.to_owned(),
    })
}

async fn in_folder(file: PathBuf) -> Result<String, Unreadable> {
    let shown = file.display().to_string();
    let read = tokio::task::spawn_blocking(move || {
        let size = std::fs::metadata(&file)?.len();
        if size > LONGEST as u64 {
            return Err(std::io::Error::other(format!("{size} bytes")));
        }
        std::fs::read_to_string(&file)
    });
    let failed = |cause: String| Unreadable {
        message_key: "plugin_gone",
        adding: "error_plugin_folder",
        cause: format!("{shown}: {cause}"),
    };
    match read.await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}

async fn fetched(parts: &Parts, address: &str) -> Result<String, Unreadable> {
    let failed =
        |cause: String| Unreadable { message_key: "plugin_not_loaded", adding: "error_plugin_unreachable", cause };
    let url = Url::parse(address).map_err(|_| Unreadable::address(address))?;
    let origin = origin_of(&url).ok_or_else(|| Unreadable::address(address))?;
    let request = HttpRequest {
        method: http::Method::GET,
        url,
        headers: http::HeaderMap::new(),
        body: Bytes::new(),
        timeout: PATIENCE,
        transfer: Transfer { longest: LONGEST, ..Transfer::default() },
    };
    let response = parts.accounts.http().send(request).await.map_err(|error| failed(error.to_string()))?;
    if response.status.is_redirection() {
        let to = response.headers.get(http::header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
        return Err(failed(format!("{origin} sends us to {to}: give that address instead")));
    }
    if !response.status.is_success() {
        return Err(failed(format!("{origin} answered {}", response.status)));
    }
    String::from_utf8(response.body.to_vec()).map_err(|error| failed(error.to_string()))
}

/// When a plugin's folder was last changed, and how many files it has.
fn freshness(folder: &Path) -> (Option<SystemTime>, usize) {
    let (mut newest, mut count, mut folders) = (None, 0, vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(next) else { continue };
        for entry in entries.flatten() {
            count += 1;
            if count > MOST_FILES {
                return (newest, count);
            }
            // A link is not followed: it could lead round in a circle.
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                folders.push(entry.path());
            }
            newest = newest.max(about.modified().ok());
        }
    }
    (newest, count)
}

/// Plugins in folders are loaded again when a file changes: for their developers.
pub(super) async fn watch(parts: Arc<Parts>) {
    let mut seen: BTreeMap<PluginId, (Option<SystemTime>, usize)> = BTreeMap::new();
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = parts.stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        let views = parts.plugins.broker().views();
        let folders = views.into_iter().filter_map(|view| match view.source {
            PluginSource::Folder { path } => Some((view.id, path)),
            PluginSource::BuiltIn { .. } | PluginSource::Web { .. } => None,
        });
        let folders: Vec<(PluginId, String)> = folders.collect();
        seen.retain(|id, _| folders.iter().any(|(known, _)| known == id));
        for (id, path) in folders {
            let Ok(fresh) = tokio::task::spawn_blocking(move || freshness(Path::new(&path))).await else { continue };
            let before = seen.insert(id.clone(), fresh);
            if before.is_none_or(|before| before == fresh) {
                continue;
            }
            load_again(&parts, &id).await;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_source_reads_as_it_was_written() {
        for text in ["builtin:crm-card", "/opt/plugins/orders", "https://plugins.example/orders/plugin.json"] {
            assert_eq!(parse(text).map(|source| written(&source)).as_deref(), Some(text), "{text} stays what it is");
        }
        for text in ["relative/folder", "http://plugins.example/plugin.json", "javascript:alert(1)", ""] {
            assert_eq!(parse(text), None, "{text:?} is no place that plugins come from");
        }
        let here = parse("http://127.0.0.1:3000/plugin.json");
        assert!(matches!(here, Some(PluginSource::Web { .. })), "this computer may go without https: {here:?}");
    }

    #[test]
    fn a_changed_file_is_noticed_and_a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        let before = freshness(folder.path());
        std::fs::write(folder.path().join("deep/page.js"), "1").unwrap();
        let after = freshness(folder.path());
        assert_ne!(before, after, "a file more, however deep");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path(), folder.path().join("deep/again")).unwrap();
            assert_eq!(freshness(folder.path()).1, after.1 + 1, "the link counts as one file");
        }
    }
}
