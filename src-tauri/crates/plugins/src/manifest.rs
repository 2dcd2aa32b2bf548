//! What a plugin says of itself: `plugin.json`.
//!
//! The text is hostile. Unknown members are refused rather than passed over: a
//! manifest that asks for something which this version does not know would
//! otherwise run with less care than its author expects.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use thiserror::Error;
use trunkline_model::PluginId;
use trunkline_rpc::schema::{PluginPermission, PluginPlace};
use url::{Host, Url};

/// Longest text of a manifest, bytes.
const LONGEST: usize = 64 << 10;
/// Most entries of a list in it.
const MOST: usize = 32;

/// Scripts of ours that may take the place of a plugin's own files.
pub const FACADES: [&str; 3] = ["smartagent", "smartagent.plain", "streams"];

/// Why a manifest is not in order.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ManifestError {
    /// Longer than any manifest.
    #[error("it is {0} bytes long, the most is {LONGEST}")]
    TooLong(usize),
    /// No JSON, a member of another kind, or one that is not known.
    #[error("{0}")]
    Form(String),
    /// A member whose value cannot be.
    #[error("`{member}`: {reason}")]
    Value {
        /// Which.
        member: &'static str,
        /// In words.
        reason: String,
    },
}

/// How a setting is entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// A web address; the plugin may load from its server.
    Url,
    /// Any text.
    #[default]
    Text,
}

/// Something that can be set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Key, as its page gets it.
    pub key: String,
    /// Shown.
    pub label: String,
    /// How it is entered.
    #[serde(default)]
    pub kind: SettingKind,
    /// Unless something else is set.
    #[serde(default)]
    pub default: String,
}

/// A manifest in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Names the plugin: 1 to 64 of `a-z`, `0-9`, `-`.
    pub id: PluginId,
    /// Shown name: 1 to 64 characters.
    pub name: String,
    /// Its version: at most 32 characters.
    pub version: String,
    /// What it is for: at most 400 characters.
    pub description: String,
    /// Where it belongs.
    pub place: PluginPlace,
    /// Path of its page below the folder of the manifest.
    pub entry: String,
    /// It is to be seen at the start.
    pub shown_by_default: bool,
    /// What it asks for.
    pub permissions: BTreeSet<PluginPermission>,
    /// Further origins that it may load from and talk to.
    pub origins: Vec<String>,
    /// Files that are replaced by one of [`FACADES`].
    pub facades: BTreeMap<String, String>,
    /// What can be set.
    pub settings: Vec<Setting>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    manifest: u32,
    id: String,
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    place: PluginPlace,
    #[serde(default = "index")]
    entry: String,
    #[serde(default)]
    shown_by_default: bool,
    #[serde(default)]
    permissions: BTreeSet<PluginPermission>,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    facades: BTreeMap<String, String>,
    #[serde(default)]
    settings: Vec<Setting>,
}

fn index() -> String {
    "index.html".to_owned()
}

impl Manifest {
    /// In the place of one that cannot be read: nothing is asked for.
    pub fn unread(id: PluginId) -> Self {
        Self {
            name: id.to_string(),
            id,
            version: String::new(),
            description: String::new(),
            place: PluginPlace::Default,
            entry: index(),
            shown_by_default: true,
            permissions: BTreeSet::new(),
            origins: Vec::new(),
            facades: BTreeMap::new(),
            settings: Vec::new(),
        }
    }

    /// Reads a manifest.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > LONGEST {
            return Err(ManifestError::TooLong(text.len()));
        }
        let written: Written = serde_json::from_str(text).map_err(|error| ManifestError::Form(error.to_string()))?;
        if written.manifest != 1 {
            return Err(wrong("manifest", format!("{} is not known here, only 1 is", written.manifest)));
        }
        let is_id = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && !text.starts_with('-')
                && !text.ends_with('-')
        };
        if !is_id(&written.id) {
            return Err(wrong("id", "it takes 1 to 64 small letters, digits and hyphens".to_owned()));
        }
        short("name", &written.name, 1, 64)?;
        short("version", &written.version, 0, 32)?;
        short("description", &written.description, 0, 400)?;
        path("entry", &written.entry)?;
        few("origins", written.origins.len())?;
        few("facades", written.facades.len())?;
        few("settings", written.settings.len())?;
        for (file, script) in &written.facades {
            path("facades", file)?;
            if !FACADES.contains(&script.as_str()) {
                return Err(wrong("facades", format!("there is no {script:?}, only {}", FACADES.join(", "))));
            }
        }
        let mut keys = BTreeSet::new();
        for setting in &written.settings {
            short("settings", &setting.key, 1, 64)?;
            short("settings", &setting.label, 1, 100)?;
            short("settings", &setting.default, 0, 2_000)?;
            if !keys.insert(&setting.key) {
                return Err(wrong("settings", format!("{:?} is there twice", setting.key)));
            }
        }
        let origins = written.origins.iter().map(|text| origin("origins", text)).collect::<Result<_, _>>()?;
        Ok(Self {
            id: PluginId::new(written.id),
            name: written.name.trim().to_owned(),
            version: written.version,
            description: written.description,
            place: written.place,
            entry: written.entry,
            shown_by_default: written.shown_by_default,
            permissions: written.permissions,
            origins,
            facades: written.facades,
            settings: written.settings,
        })
    }
}

/// The origin of a web address that a plugin may be loaded from or talk to:
/// `https`, or `http` on this computer. No user name in it.
pub fn origin_of(address: &Url) -> Option<String> {
    // The rules of URLs let more stand in a name than the rules of names do. In a page's
    // policy `*` would stand for every server, and `;` or `,` would begin something new.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let here = match address.host() {
        Some(Host::Domain(name)) if !name.bytes().all(plain) => return None,
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(number)) => number.is_loopback(),
        Some(Host::Ipv6(number)) => number.is_loopback(),
        None => return None,
    };
    let allowed = address.scheme() == "https" || (address.scheme() == "http" && here);
    let named = !address.username().is_empty() || address.password().is_some();
    (allowed && !named).then(|| address.origin().ascii_serialization())
}

fn origin(member: &'static str, text: &str) -> Result<String, ManifestError> {
    let address = Url::parse(text).map_err(|error| wrong(member, format!("{text:?}: {error}")))?;
    let found =
        origin_of(&address).ok_or_else(|| wrong(member, format!("{text:?} is neither https nor on this computer")))?;
    if address.path() != "/" || address.query().is_some() || address.fragment().is_some() {
        return Err(wrong(member, format!("{text:?} is more than an origin")));
    }
    Ok(found)
}

fn wrong(member: &'static str, reason: String) -> ManifestError {
    ManifestError::Value { member, reason }
}

fn short(member: &'static str, text: &str, least: usize, most: usize) -> Result<(), ManifestError> {
    let length = text.trim().chars().count();
    // Control characters, and those that turn the direction of what follows.
    let misleads = |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if !(least..=most).contains(&length) || text.chars().any(misleads) {
        return Err(wrong(member, format!("it takes {least} to {most} characters that can be seen")));
    }
    Ok(())
}

fn few(member: &'static str, count: usize) -> Result<(), ManifestError> {
    if count > MOST {
        return Err(wrong(member, format!("{count} entries, the most is {MOST}")));
    }
    Ok(())
}

/// A path below the plugin's folder, and not in what is ours there.
fn path(member: &'static str, text: &str) -> Result<(), ManifestError> {
    let plain = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '?', '#', '%', '\0'])
    };
    let fits = text.len() <= 200;
    if !fits || !text.split('/').all(plain) || text.starts_with("trunkline/") {
        return Err(wrong(member, format!("{text:?} is no path below the plugin's folder")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    fn card() -> Value {
        json!({
            "manifest": 1, "id": "crm-card", "name": "CRM card", "version": "1.0.0", "place": "default",
            "permissions": ["contacts"], "origins": ["https://crm.example.com"], "shownByDefault": true,
            "facades": {"vendor/connect-streams.js": "streams"},
            "settings": [{"key": "lookup_url", "label": "Lookup address", "kind": "url"}],
        })
    }

    fn with(member: &str, value: Value) -> Result<Manifest, ManifestError> {
        let mut manifest = card();
        manifest[member] = value;
        Manifest::parse(&manifest.to_string())
    }

    #[test]
    fn a_manifest_in_order_is_read_whole() {
        let manifest = Manifest::parse(&card().to_string()).unwrap();
        assert_eq!(manifest.id.as_str(), "crm-card", "its id");
        assert_eq!(manifest.entry, "index.html", "without an entry it is the usual one");
        assert_eq!(manifest.place, PluginPlace::Default, "its place");
        assert!(manifest.shown_by_default, "seen at the start");
        assert_eq!(manifest.origins, ["https://crm.example.com"], "origins as browsers write them");
        assert_eq!(manifest.settings[0].kind, SettingKind::Url, "an address is one");
    }

    #[test]
    fn a_hostile_manifest_is_refused_by_the_member_that_is_wrong() {
        for (member, value) in [
            ("manifest", json!(2)),
            ("id", json!("../../etc")),
            ("id", json!("")),
            ("id", json!("A")),
            ("id", json!("x".repeat(65))),
            ("name", json!("  ")),
            ("name", json!("a\u{202E}gpj.exe")),
            ("name", json!("line\nbreak")),
            ("entry", json!("../index.html")),
            ("entry", json!("/etc/passwd")),
            ("entry", json!("https://evil.example/")),
            ("entry", json!("trunkline/smartagent.js")),
            ("entry", json!("a%2e%2e/b.html")),
            ("origins", json!(["http://crm.example.com"])),
            ("origins", json!(["file:///"])),
            ("origins", json!(["https://user:pass@crm.example.com"])),
            ("origins", json!(["https://crm.example.com/path"])),
            ("origins", json!(["tauri://localhost"])),
            ("origins", json!(vec!["https://a.example"; 33])),
            ("origins", json!(["https://*"])),
            ("origins", json!(["https://*.example"])),
            ("origins", json!(["https://a.example;sandbox"])),
            ("origins", json!(["https://a.example,b.example"])),
            ("facades", json!({"a.js": "other"})),
            ("facades", json!({"../a.js": "streams"})),
            ("settings", json!([{"key": "a", "label": "A"}, {"key": "a", "label": "B"}])),
        ] {
            match with(member, value.clone()) {
                Err(ManifestError::Value { member: named, .. }) => {
                    assert_eq!(named, member, "{value} is laid to the right member");
                }
                other => panic!("{member} = {value} gave {other:?}"),
            }
        }
        for (member, value) in [
            ("ipc", json!(true)),
            ("__proto__", json!({})),
            ("permissions", json!(["everything"])),
            ("place", json!("window")),
            ("settings", json!([{"key": "a", "label": "A", "secret": true}])),
        ] {
            assert!(
                matches!(with(member, value.clone()), Err(ManifestError::Form(_))),
                "{member} = {value} is not known and so refused"
            );
        }
        assert!(matches!(Manifest::parse(&" ".repeat(70_000)), Err(ManifestError::TooLong(_))), "no novel");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_stumble(text in ".{0,400}") {
            let _ = Manifest::parse(&text);
        }
    }
}
