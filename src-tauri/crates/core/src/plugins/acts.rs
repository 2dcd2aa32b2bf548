//! What the agent does with plugins, and what plugins do to contacts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use trunkline_desk::Input;
use trunkline_model::{Annotations, PluginId};
use trunkline_plugins::{Plugin, origin_of};
use trunkline_rpc::schema::{
    AnnotateContact, AnswerPlugin, ArrangePlugins, Empty, GrantPlugin, OnPlugin, PluginLogLine, PluginSource,
    SavePluginSettings, SwitchPlugin,
};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::PluginRecord;
use url::Url;

use super::{carry_out, is_fixed, load_again, sources, standing, storage};
use crate::{Parts, rpc_error};

/// More plugins than fit beside each other in anybody's head.
const MOST: usize = 32;
/// Most attributes of one annotation.
const MOST_ATTRIBUTES: usize = 200;
/// Longest attribute, name and value together, bytes; Amazon Connect's limit for all of them.
const LONGEST: usize = 32 << 10;
/// Longest value of a setting, characters.
const LONGEST_VALUE: usize = 2_000;

/// As the settings have it, or this run alone.
pub(super) fn record(parts: &Parts, id: &PluginId) -> PluginRecord {
    let kept = parts.settings.get().plugins.list.remove(id.as_str());
    kept.or_else(|| parts.plugins.presets.get(id.as_str()).cloned()).unwrap_or_default()
}

/// Changes what is kept of a plugin, and puts it to work as it is then.
fn change(parts: &Arc<Parts>, id: &PluginId, change: impl FnOnce(&mut PluginRecord)) -> Result<(), RpcError> {
    let known = parts.plugins.broker().plugin(id).cloned().ok_or_else(gone)?;
    let mut record = record(parts, id);
    change(&mut record);
    let kept = record.clone();
    parts.settings.commit(|settings| {
        settings.plugins.list.insert(id.to_string(), kept);
    })?;
    let plugin = Plugin { standing: standing(&record), ..known };
    let orders = parts.plugins.broker().change(plugin, parts.desk.now());
    carry_out(parts, orders);
    Ok(())
}

fn gone() -> RpcError {
    RpcError::new(RpcCode::NotPossible, "error_plugin_not_found")
}

pub(crate) async fn add(parts: &Arc<Parts>, source: PluginSource) -> Result<OnPlugin, RpcError> {
    if parts.plugins.frames().is_none() {
        return Err(RpcError::new(RpcCode::NotPossible, "error_plugin_unsupported"));
    }
    let source = tidy(source);
    let text = sources::written(&source);
    let source = sources::parse(&text).ok_or_else(|| sources::Unreadable::address(&text).error())?;
    let manifest = sources::read(parts, &source).await.map_err(sources::Unreadable::error)?;
    let id = manifest.id.clone();
    {
        let broker = parts.plugins.broker();
        if broker.plugin(&id).is_some() {
            return Err(RpcError::new(RpcCode::Invalid, "error_plugin_known"));
        }
        if broker.views().len() >= MOST {
            return Err(RpcError::new(RpcCode::NotPossible, "error_plugin_too_many"));
        }
    }
    let record = PluginRecord { source: text, enabled: true, ..PluginRecord::default() };
    let kept = record.clone();
    parts.settings.commit(|settings| {
        settings.plugins.list.insert(id.to_string(), kept);
    })?;
    let plugin = Plugin { source, manifest, standing: standing(&record), fixed: is_fixed(parts, &id) };
    let orders = parts.plugins.broker().put(plugin, parts.desk.now());
    carry_out(parts, orders);
    Ok(OnPlugin { plugin: id })
}

/// As people paste it.
fn tidy(source: PluginSource) -> PluginSource {
    match source {
        PluginSource::Folder { path } => {
            let path = path.trim();
            let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
            // The file that makes a folder a plugin is as good a name for it.
            let folder = Path::new(path).file_name().is_some_and(|name| name == "plugin.json");
            let folder = if folder { Path::new(path).parent() } else { Some(Path::new(path)) };
            PluginSource::Folder { path: folder.map(|path| path.display().to_string()).unwrap_or_default() }
        }
        PluginSource::Web { address } => {
            let address = address.trim().to_owned();
            let folder = address.ends_with('/');
            PluginSource::Web { address: if folder { format!("{address}plugin.json") } else { address } }
        }
        built_in @ PluginSource::BuiltIn { .. } => built_in,
    }
}

pub(crate) async fn remove(parts: &Arc<Parts>, request: OnPlugin) -> Result<Empty, RpcError> {
    let id = request.plugin;
    if parts.plugins.broker().plugin(&id).is_none() {
        return Err(gone());
    }
    if is_fixed(parts, &id) {
        return Err(RpcError::new(RpcCode::NotAllowed, "error_enforced"));
    }
    parts.settings.commit(|settings| {
        settings.plugins.list.remove(id.as_str());
    })?;
    let orders = parts.plugins.broker().remove(&id);
    carry_out(parts, orders);
    // Its page has just been closed, and may still be writing.
    let folder = storage(parts, &id);
    tokio::task::spawn_blocking(move || {
        for _ in 0..20 {
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::debug!(%error, "what a plugin kept is not gone yet");
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                _ => return,
            }
        }
        tracing::warn!("what a removed plugin has kept could not be deleted");
    });
    Ok(Empty {})
}

pub(crate) fn enable(parts: &Arc<Parts>, request: SwitchPlugin) -> Result<Empty, RpcError> {
    change(parts, &request.plugin, |record| record.enabled = request.on).map(|()| Empty {})
}

pub(crate) fn trust(parts: &Arc<Parts>, request: SwitchPlugin) -> Result<Empty, RpcError> {
    change(parts, &request.plugin, |record| record.trusted = request.on).map(|()| Empty {})
}

pub(crate) fn grant(parts: &Arc<Parts>, request: GrantPlugin) -> Result<Empty, RpcError> {
    let GrantPlugin { plugin, rights } = request;
    let name = |right| serde_json::to_value(right).ok().and_then(|value| value.as_str().map(str::to_owned));
    let rights: BTreeMap<String, bool> =
        rights.into_iter().filter_map(|(right, granted)| Some((name(right)?, granted))).collect();
    change(parts, &plugin, |record| record.rights.extend(rights)).map(|()| Empty {})
}

pub(crate) fn save_settings(parts: &Arc<Parts>, request: SavePluginSettings) -> Result<Empty, RpcError> {
    let SavePluginSettings { plugin, values } = request;
    let views = parts.plugins.broker().views();
    let view = views.into_iter().find(|view| view.id == plugin).ok_or_else(gone)?;
    for (key, value) in &values {
        let Some(setting) = view.settings.iter().find(|setting| setting.key == *key) else {
            return Err(rpc_error::field(key, "error_invalid"));
        };
        if value.chars().count() > LONGEST_VALUE {
            return Err(rpc_error::field(key, "error_too_long"));
        }
        let is_address = || Url::parse(value).ok().and_then(|address| origin_of(&address)).is_some();
        if setting.is_address && !value.is_empty() && !is_address() {
            return Err(rpc_error::field(key, "error_plugin_address"));
        }
    }
    change(parts, &plugin, |record| record.values.extend(values))?;
    reload(parts, OnPlugin { plugin })
}

pub(crate) fn reload(parts: &Arc<Parts>, request: OnPlugin) -> Result<Empty, RpcError> {
    let id = request.plugin;
    if parts.plugins.broker().plugin(&id).is_none() {
        return Err(gone());
    }
    let parts = Arc::clone(parts);
    // Its manifest may be another by now, and on a slow server.
    tokio::spawn(async move {
        load_again(&parts, &id).await;
    });
    Ok(Empty {})
}

pub(crate) fn show(parts: &Arc<Parts>, request: SwitchPlugin) -> Result<Empty, RpcError> {
    change(parts, &request.plugin, |record| record.shown = Some(request.on)).map(|()| Empty {})
}

pub(crate) fn arrange(parts: &Arc<Parts>, request: ArrangePlugins) -> Empty {
    let ArrangePlugins { places, wide } = request;
    for id in places.keys() {
        let orders = parts.plugins.broker().open(id, parts.desk.now());
        carry_out(parts, orders);
    }
    if let Some(frames) = parts.plugins.frames() {
        frames.widen(wide);
        frames.arrange(places);
    }
    Empty {}
}

pub(crate) fn answer(parts: &Arc<Parts>, request: &AnswerPlugin) -> Empty {
    let orders = parts.plugins.broker().answer(&request.ask, request.allow, parts.desk.now());
    carry_out(parts, orders);
    Empty {}
}

pub(crate) fn log(parts: &Parts, request: &OnPlugin) -> Vec<PluginLogLine> {
    parts.plugins.broker().log(&request.plugin)
}

/// Puts something onto a contact that its platform does not know.
pub(crate) fn annotate(parts: &Parts, request: AnnotateContact) -> Result<Empty, RpcError> {
    let AnnotateContact { contact, attributes, customer } = request;
    let view = parts.desk.contact(&contact).ok_or_else(rpc_error::contact_gone)?;
    let before = &view.annotations.attributes;
    let size = |all: &BTreeMap<String, String>| all.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    let fresh = attributes.keys().filter(|name| !before.contains_key(*name)).count();
    if before.len() + fresh > MOST_ATTRIBUTES || size(before) + size(&attributes) > LONGEST {
        return Err(rpc_error::field("attributes", "error_too_long"));
    }
    parts.desk.apply(Input::Annotated { contact, annotations: Annotations { attributes, customer } });
    Ok(Empty {})
}
