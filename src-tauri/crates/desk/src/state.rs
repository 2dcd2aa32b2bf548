//! The desk's state as the UI sees it. Render-ready: the UI holds no domain
//! logic beyond choosing words and layout.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trunkline_model::{
    AccountId, Agent, CallSummary, CommandId, ConnectionId, Contact, ContactKey, Link, MediaFailure, MediaState,
    MediaStats, Notice, PlatformId, UnixMillis,
};
use ts_rs::TS;

use crate::CommandKind;

/// One account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Our id.
    pub id: AccountId,
    /// Connector.
    pub platform: PlatformId,
    /// Connector's shown name (a brand).
    pub platform_name: String,
    /// Name the agent gave the account.
    pub name: String,
    /// Position in lists.
    pub order: u32,
    /// Connection.
    pub link: Link,
    /// The agent there, once known. Kept while the link is down.
    pub agent: Option<Agent>,
    /// What the platform can do, by the connector's capability names.
    pub capabilities: BTreeSet<String>,
    /// A state change asked for and not yet confirmed.
    pub pending_state: Option<String>,
    /// A number asked to be called whose contact is not there yet.
    pub pending_dial: Option<String>,
}

/// What the customer gets to hear from this computer, derived from the packets
/// actually sent, never from a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sending {
    /// Not live yet, or over.
    Nothing,
    /// Sound from the microphone.
    Sound,
    /// Silence, because the agent muted.
    Muted,
    /// Silence although not muted: the microphone gives nothing.
    Silence,
}

/// The media leg of a contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MediaView {
    /// Where it stands.
    pub state: MediaState,
    /// The agent wants to be muted. Changed by the agent's own act alone.
    pub mute_wanted: bool,
    /// What is really sent.
    pub sending: Sending,
    /// Last second's picture.
    pub stats: Option<MediaStats>,
    /// Why it failed.
    pub failure: Option<MediaFailure>,
    /// Set when it is over.
    pub summary: Option<CallSummary>,
}

/// A command of the agent that has not been confirmed yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PendingCommand {
    /// Which.
    pub id: CommandId,
    /// What.
    pub kind: CommandKind,
    /// Leg, for a command on one leg; absent: the one that the command means by itself.
    pub connection: Option<ConnectionId>,
    /// Number or name that is called (add party).
    pub target: Option<String>,
    /// Since when.
    pub since: UnixMillis,
}

/// One contact on the desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ContactView {
    /// Which.
    pub key: ContactKey,
    /// As the platform has it.
    pub contact: Contact,
    /// Media leg, for voice through this computer.
    pub media: Option<MediaView>,
    /// Commands on their way.
    pub pending: Vec<PendingCommand>,
    /// First seen as an offer.
    pub offered_at: Option<UnixMillis>,
    /// The agent pressed Accept (or the platform accepted).
    pub accepted_at: Option<UnixMillis>,
    /// Became connected.
    pub connected_at: Option<UnixMillis>,
    /// Since when the customer is on hold.
    pub hold_since: Option<UnixMillis>,
    /// Became finished.
    pub ended_at: Option<UnixMillis>,
    /// Digits sent so far.
    pub digits: String,
    /// Another contact is live: accepting this one puts it on hold or needs it ended first.
    pub while_busy: bool,
}

/// Which device is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRole {
    /// What the customer hears.
    Microphone,
    /// What the agent hears.
    Speaker,
    /// Where it rings.
    Ringer,
}

/// The agent's choice for one role: by name, since device ids change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum DeviceChoice {
    /// The system's default, followed when it changes.
    #[default]
    SystemDefault,
    /// The device with this name; when it is missing the system's default serves until it is back.
    Named {
        /// Name as the system shows it.
        name: String,
    },
}

/// A device the system has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AudioDevice {
    /// Name as the system shows it.
    pub name: String,
    /// It is the system's default of its kind.
    pub is_default: bool,
}

/// One role: what was chosen, and what serves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeviceUse {
    /// The agent's choice.
    pub choice: DeviceChoice,
    /// Device that serves or would serve now; `None` when there is none at all.
    pub serving: Option<String>,
    /// The chosen device is missing and another one serves.
    pub fallback: bool,
    /// A stream is open on it now.
    pub open: bool,
}

/// The ringtone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RingtoneView {
    /// Id of a built-in tone, or absent for a file.
    pub builtin: Option<String>,
    /// Name of the agent's own file.
    pub file_name: Option<String>,
    /// 0 to 100.
    pub volume: u8,
    /// Ids of built-in tones.
    pub available: Vec<String>,
    /// Message key of what is wrong with the file, when it could not be used.
    pub problem: Option<String>,
}

/// Devices and ringtone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AudioView {
    /// Input devices.
    pub inputs: Vec<AudioDevice>,
    /// Output devices.
    pub outputs: Vec<AudioDevice>,
    /// Microphone.
    pub microphone: DeviceUse,
    /// Speaker.
    pub speaker: DeviceUse,
    /// Ringer.
    pub ringer: DeviceUse,
    /// Ringtone.
    pub ringtone: RingtoneView,
    /// The ringtone plays now.
    pub ringing: bool,
    /// Echo cancellation, noise suppression and gain control are on.
    pub processing: bool,
}

/// The whole desk at one revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeskSnapshot {
    /// Grows by one with every patch.
    #[ts(type = "number")]
    pub revision: u64,
    /// By `order`.
    pub accounts: Vec<AccountView>,
    /// Oldest first.
    pub contacts: Vec<ContactView>,
    /// Devices and ringtone.
    pub audio: AudioView,
    /// Messages, oldest first.
    pub notices: Vec<Notice>,
    /// Message keys of what this computer lacks (keyring, notifications ...), for settings and first run.
    pub limits: BTreeSet<String>,
}

/// One part of a patch: whole values, upserts by key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum Change {
    /// New or changed.
    Account(Box<AccountView>),
    /// Removed.
    AccountGone(AccountId),
    /// New or changed.
    Contact(Box<ContactView>),
    /// Removed.
    ContactGone(ContactKey),
    /// Changed.
    Audio(Box<AudioView>),
    /// New or replaced.
    Notice(Box<Notice>),
    /// Withdrawn.
    NoticeGone(String),
    /// Changed.
    Limits(BTreeSet<String>),
}

/// From revision `from` to `to`. A gap means: ask for a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeskPatch {
    /// The receiver must be at this revision.
    #[ts(type = "number")]
    pub from: u64,
    /// And is at this one afterwards.
    #[ts(type = "number")]
    pub to: u64,
    /// In order.
    pub changes: Vec<Change>,
}
