//! Requests about plugins, and what the panel is told of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trunkline_model::{ContactKey, CustomerNote, PluginId, UnixMillis};
use ts_rs::TS;

/// Where in the panel a plugin belongs. The names are the SmartAgent SDK's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub enum PluginPlace {
    /// Beside a call, while there is one or work after one.
    #[serde(rename = "call")]
    Call,
    /// Beside the history.
    #[serde(rename = "contact-log")]
    ContactLog,
    /// An entry of the navigation.
    #[serde(rename = "nav")]
    Nav,
    /// In the side area, loaded at the start.
    #[serde(rename = "always")]
    Always,
    /// In the side area.
    #[serde(rename = "default")]
    Default,
    /// Beside a contact, from the moment it is offered.
    #[serde(rename = "DPA")]
    DataProtection,
}

/// What a plugin may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum PluginPermission {
    /// To know who the agent is.
    Agent,
    /// To see the agent's contacts.
    Contacts,
    /// To put attributes and customer data onto a contact.
    Annotate,
    /// To accept, decline, hold, mute, end and clear contacts.
    Calls,
    /// To transfer contacts, call further parties, and call numbers.
    Transfers,
    /// To choose the agent's state.
    State,
    /// To show notifications and messages.
    Notify,
    /// To see events of the platforms' own.
    PlatformEvents,
}

impl PluginPermission {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Agent,
        Self::Contacts,
        Self::Annotate,
        Self::Calls,
        Self::Transfers,
        Self::State,
        Self::Notify,
        Self::PlatformEvents,
    ];
}

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PluginSource {
    /// Comes with the program.
    BuiltIn {
        /// Its folder there.
        name: String,
    },
    /// A folder of this computer: loaded again when a file in it changes.
    Folder {
        /// Absolute path.
        path: String,
    },
    /// A web server.
    Web {
        /// Of the manifest: `https`, or `http` on this computer.
        address: String,
    },
}

/// How a plugin stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PluginState {
    /// Switched off.
    Off,
    /// The agent has not said yet what it may do.
    AwaitsConsent,
    /// Is loaded when its place is opened.
    Resting,
    /// Its page is being loaded, or has not said that it is there.
    Loading,
    /// At work.
    Running,
    /// Its page is there but has said nothing for ten seconds. It may be one
    /// that shows something without asking the panel.
    Silent,
    /// Its page does not answer: it computes without end, most likely.
    Frozen,
    /// Its page has ended by itself, or was ended because it did not answer.
    Crashed {
        /// In the system's words.
        cause: String,
    },
    /// It could not be read or loaded.
    Broken {
        /// Message key.
        message_key: String,
        /// In the system's words.
        cause: String,
    },
}

/// One right that a plugin asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PluginRight {
    /// Which.
    pub permission: PluginPermission,
    /// What the agent said; absent: not asked yet.
    pub granted: Option<bool>,
}

/// One setting that a plugin has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PluginSetting {
    /// Key.
    pub key: String,
    /// In the plugin's words.
    pub label: String,
    /// An `https` address; the plugin may load from its server.
    pub is_address: bool,
    /// Value.
    pub value: String,
}

/// One plugin. Texts in it are the plugin's: shown as text only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PluginView {
    /// Which.
    pub id: PluginId,
    /// Shown name.
    pub name: String,
    /// What its page wants to be called now.
    pub title: Option<String>,
    /// What it is for.
    pub description: String,
    /// Its version.
    pub version: String,
    /// Where it comes from.
    pub source: PluginSource,
    /// Where it belongs.
    pub place: PluginPlace,
    /// It is to be seen when its place is: by its manifest, its own wish, or the agent's.
    pub shown: bool,
    /// How it stands.
    pub state: PluginState,
    /// What it asks for.
    pub rights: Vec<PluginRight>,
    /// It need not ask before it moves a call.
    pub trusted: bool,
    /// Servers that it may load from and talk to, beside its own.
    pub origins: Vec<String>,
    /// What can be set.
    pub settings: Vec<PluginSetting>,
    /// Messages of its page that were dropped: too many, or too large.
    pub dropped: u32,
    /// The administrator has put it there: it cannot be removed.
    pub fixed: bool,
}

/// A plugin wants to do something that the agent is asked about each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PluginAsk {
    /// Names the question.
    pub id: String,
    /// Who asks.
    pub plugin: PluginId,
    /// Its name.
    pub name: String,
    /// Message key of what it wants (`plugin_ask_...`), with `plugin` and `target` in it.
    pub message_key: String,
    /// Whom or what it is about; text from the plugin.
    pub target: String,
    /// The contact that it is about.
    pub contact: Option<ContactKey>,
}

/// How a message of a plugin is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PopupLevel {
    /// Something went well.
    Success,
    /// Something failed.
    Error,
}

/// A short message of a plugin, shown for some seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PluginPopup {
    /// Name of the plugin.
    pub name: String,
    /// How it is meant.
    pub level: PopupLevel,
    /// Text of the plugin's.
    pub text: String,
}

/// All plugins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PluginDesk {
    /// In the order shown.
    pub plugins: Vec<PluginView>,
    /// Questions for the agent, oldest first.
    pub asks: Vec<PluginAsk>,
    /// Built-in ones that have not been added.
    pub available: Vec<AvailablePlugin>,
    /// Plugins cannot be shown on this system.
    pub unsupported: bool,
}

/// A plugin that comes with the program and has not been added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AvailablePlugin {
    /// For [`PluginSource::BuiltIn`].
    pub name: String,
    /// Shown name.
    pub title: String,
    /// What it is for.
    pub description: String,
}

/// A command on one plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnPlugin {
    /// Which.
    pub plugin: PluginId,
}

/// Adds a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddPlugin {
    /// From where.
    pub source: PluginSource,
}

/// Switches something of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SwitchPlugin {
    /// Which.
    pub plugin: PluginId,
    /// Wanted.
    pub on: bool,
}

/// Says what a plugin may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GrantPlugin {
    /// Which.
    pub plugin: PluginId,
    /// Of those that it asks for; the others stay as they are.
    pub rights: BTreeMap<PluginPermission, bool>,
}

/// Changes what can be set of a plugin. It is loaded again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavePluginSettings {
    /// Which.
    pub plugin: PluginId,
    /// By key.
    pub values: BTreeMap<String, String>,
}

/// Part of the panel's page, CSS pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PluginArea {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Where plugins are seen; all others are out of sight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ArrangePlugins {
    /// Plugins and their areas; one that is not loaded yet is.
    pub places: BTreeMap<PluginId, PluginArea>,
    /// The window has a second column.
    pub wide: bool,
}

/// Answers a plugin's question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnswerPlugin {
    /// `PluginAsk::id`.
    pub ask: String,
    /// It may.
    pub allow: bool,
}

/// How much a line of a plugin's log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PluginLogLevel {
    /// What it did.
    Info,
    /// Something was refused or dropped.
    Warning,
    /// Something failed.
    Error,
}

/// A line of a plugin's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PluginLogLine {
    /// When.
    pub at: UnixMillis,
    /// How much it matters.
    pub level: PluginLogLevel,
    /// For the plugin's developer; text of the plugin's may be in it.
    pub text: String,
}

/// Puts something onto a contact that the platform does not know.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnnotateContact {
    /// Which.
    pub contact: ContactKey,
    /// Replaces those of the same names.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// What is known of the customer; absent members stay as they are.
    #[serde(default)]
    pub customer: CustomerNote,
}

impl std::fmt::Debug for AnnotateContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnnotateContact({}, {} attributes)", self.contact, self.attributes.len())
    }
}
