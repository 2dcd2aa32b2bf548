//! A plugin with what is kept of it.

use std::collections::BTreeMap;

use trunkline_model::PluginId;
use trunkline_rpc::schema::{
    PluginPermission, PluginPlace, PluginRight, PluginSetting, PluginSource, PluginState, PluginView,
};
use url::Url;

use crate::manifest::{Manifest, SettingKind, origin_of};

/// What is kept of a plugin between runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Switched on.
    pub enabled: bool,
    /// What the agent said of each right.
    pub rights: BTreeMap<PluginPermission, bool>,
    /// Need not ask before it moves a call.
    pub trusted: bool,
    /// What was set, by key.
    pub values: BTreeMap<String, String>,
    /// The agent's or the plugin's wish to be seen; absent: as the manifest says.
    pub shown: Option<bool>,
}

/// A plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Where it comes from.
    pub source: PluginSource,
    /// What it says of itself.
    pub manifest: Manifest,
    /// What is kept of it.
    pub standing: Standing,
    /// The administrator has put it there.
    pub fixed: bool,
}

impl Plugin {
    /// Which.
    pub fn id(&self) -> &PluginId {
        &self.manifest.id
    }

    /// It may, as the agent said.
    pub fn may(&self, permission: PluginPermission) -> bool {
        self.manifest.permissions.contains(&permission) && self.standing.rights.get(&permission) == Some(&true)
    }

    /// The agent has said of everything that it asks for whether it may.
    pub fn is_agreed(&self) -> bool {
        self.manifest.permissions.iter().all(|right| self.standing.rights.contains_key(right))
    }

    /// It is loaded when its place is opened, not before: until then it has
    /// nothing to hear.
    pub fn waits_for_its_place(&self) -> bool {
        matches!(self.manifest.place, PluginPlace::Nav | PluginPlace::ContactLog)
    }

    /// Settings by key, with what they are when nothing was set.
    pub fn values(&self) -> BTreeMap<String, String> {
        let value =
            |key: &str, default: &str| self.standing.values.get(key).cloned().unwrap_or_else(|| default.to_owned());
        self.manifest.settings.iter().map(|one| (one.key.clone(), value(&one.key, &one.default))).collect()
    }

    /// Further origins that it may load from and talk to: those of its manifest
    /// and those of the addresses that were set.
    pub fn origins(&self) -> Vec<String> {
        let values = self.values();
        let set = self.manifest.settings.iter().filter(|one| one.kind == SettingKind::Url).filter_map(|one| {
            // Placeholders stand behind the server's name: one in it makes no address.
            values.get(&one.key).and_then(|text| Url::parse(text).ok()).and_then(|address| origin_of(&address))
        });
        let mut all: Vec<String> = self.manifest.origins.iter().cloned().chain(set).collect();
        all.sort();
        all.dedup();
        all
    }

    /// As it is shown.
    pub(crate) fn view(&self, state: PluginState, title: Option<String>, dropped: u32) -> PluginView {
        let manifest = &self.manifest;
        let values = self.values();
        PluginView {
            id: manifest.id.clone(),
            name: manifest.name.clone(),
            title,
            description: manifest.description.clone(),
            version: manifest.version.clone(),
            source: self.source.clone(),
            place: manifest.place,
            shown: self.standing.shown.unwrap_or(manifest.shown_by_default),
            state,
            rights: manifest
                .permissions
                .iter()
                .map(|right| PluginRight { permission: *right, granted: self.standing.rights.get(right).copied() })
                .collect(),
            trusted: self.standing.trusted,
            origins: self.origins(),
            settings: manifest
                .settings
                .iter()
                .map(|one| PluginSetting {
                    key: one.key.clone(),
                    label: one.label.clone(),
                    is_address: one.kind == SettingKind::Url,
                    value: values.get(&one.key).cloned().unwrap_or_default(),
                })
                .collect(),
            dropped,
            fixed: self.fixed,
        }
    }
}
