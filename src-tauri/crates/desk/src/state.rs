//! The desk's state as the UI sees it. Render-ready: the UI holds no domain
//! logic beyond choosing words and layout.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trunkline_model::{
    AccountId, Agent, Annotations, CallSummary, Challenge, CommandId, ConnectionId, Contact, ContactCard, ContactKey,
    Conversation, Link, MediaFailure, MediaState, MediaStats, Message, MessageId, MessageToken, Notice, Place,
    PlatformEvent, PlatformEventId, PlatformId, RosterEntry, Route, Serving, SoundKind, UnixMillis, VoiceEnhancement,
    WorkList,
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
    /// How calls reach the platform, where there is more than one way. Known
    /// once one went through; kept while the link is down.
    pub route: Option<Route>,
    /// Which of two instances serves, where there are two.
    pub serving: Option<Serving>,
    /// The agent there, once known. Kept while the link is down.
    pub agent: Option<Agent>,
    /// What the platform can do, by the connector's capability names.
    pub capabilities: BTreeSet<String>,
    /// A state change asked for and not yet confirmed.
    pub pending_state: Option<String>,
    /// A number asked to be called whose contact is not there yet.
    pub pending_dial: Option<String>,
    /// What is asked for while signing in.
    pub challenge: Option<Challenge>,
    /// Lists to take work from. Kept while the link is down.
    pub work_lists: Vec<WorkList>,
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
    /// What was not reached then, where that is known.
    pub failed_address: Option<String>,
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
    /// As the platform has it, with what was put onto it here.
    pub contact: Contact,
    /// What that was.
    #[serde(default)]
    pub annotations: Annotations,
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

/// What the agent is sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum OutgoingItem {
    /// Words.
    Text {
        /// As written.
        text: String,
        /// Has marks of markdown.
        markdown: bool,
        /// The message that it answers.
        #[serde(default)]
        reply_to: Option<MessageId>,
        /// For agents' eyes alone.
        #[serde(default)]
        internal: bool,
    },
    /// A file.
    File {
        /// Name.
        name: String,
        /// Bytes.
        #[ts(type = "number")]
        size: u64,
        /// Bytes that have gone out.
        #[ts(type = "number")]
        sent: u64,
    },
    /// A place on the map.
    Place {
        /// Where.
        place: Place,
    },
    /// People to reach.
    Cards {
        /// At least one.
        cards: Vec<ContactCard>,
    },
}

/// How far something the agent sends has got. What has arrived is a message and no longer here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum OutgoingState {
    /// In line, or for the conversation or the connection to come back.
    Waiting,
    /// On its way.
    Sending,
    /// Refused: it goes only when the agent says so again.
    Failed {
        /// Message key of the reason (`error_...`).
        reason: String,
    },
}

/// Something of the agent's that has not arrived yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Outgoing {
    /// Its name through crashes and repetitions.
    pub token: MessageToken,
    /// What.
    pub item: OutgoingItem,
    /// Written at.
    pub since: UnixMillis,
    /// How far.
    pub state: OutgoingState,
}

/// A file being fetched from a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Download {
    /// `Attachment::id`.
    pub attachment: String,
    /// Bytes that have come in.
    #[ts(type = "number")]
    pub received: u64,
    /// Where it was put, once it is there.
    pub saved: Option<String>,
    /// Message key of what went wrong (`error_...`).
    pub failed: Option<String>,
}

/// The conversation of a contact, without its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationView {
    /// Of which contact.
    pub key: ContactKey,
    /// As the platform has it.
    pub conversation: Conversation,
    /// Messages of others that the agent has not seen.
    pub unread: u32,
    /// The last message the agent has seen.
    pub read_up_to: Option<MessageId>,
    /// What the agent has begun to write.
    pub draft: String,
    /// What has not arrived yet, in order.
    pub outgoing: Vec<Outgoing>,
    /// Files being fetched, or fetched in this run.
    pub downloads: Vec<Download>,
}

/// A message in its place: by `message.at`, then by `message.order`, then by `arrival`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlacedMessage {
    /// In which contact.
    pub contact: ContactKey,
    /// Number of its first coming: decides between messages of the same time.
    #[ts(type = "number")]
    pub arrival: u64,
    /// The message.
    pub message: Message,
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

/// One sound beside the ringtone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SoundView {
    /// What for.
    pub kind: SoundKind,
    /// Nothing is played.
    pub off: bool,
    /// Its own tone; absent: as calls ring, and for a contact that is accepted by itself one soft knock.
    pub tone: Option<RingtoneView>,
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
    /// One for each kind, in the order shown.
    pub sounds: Vec<SoundView>,
    /// The ringtone plays now.
    pub ringing: bool,
    /// Echo cancellation and gain control are on, and what `enhancement` says.
    pub processing: bool,
    /// What else is done to the agent's voice while `processing` is on.
    pub enhancement: VoiceEnhancement,
    /// The microphone opens while a call rings; nothing of it is sent before the answer.
    pub early_microphone: bool,
}

/// An event of a platform's own. Text in it is from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EventView {
    /// Whose platform told it.
    pub account: AccountId,
    /// As the platform told it.
    pub event: PlatformEvent,
    /// Got here, by this computer's clock.
    pub arrived: UnixMillis,
    /// The agent has not seen it.
    pub unread: bool,
}

/// One event among all accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventKey {
    /// The account that holds it.
    pub account: AccountId,
    /// Its id there.
    pub event: PlatformEventId,
}

/// Who is online at one account's platform. Text in it is from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RosterView {
    /// The account.
    pub account: AccountId,
    /// One a device, in the connector's order; each reference once.
    pub entries: Vec<RosterEntry>,
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
    /// Of contacts that have one, in the contacts' order.
    pub conversations: Vec<ConversationView>,
    /// Of all conversations: one after the other, each in its order.
    pub messages: Vec<PlacedMessage>,
    /// The last events of the platforms, oldest first.
    pub events: Vec<EventView>,
    /// Of accounts that tell who is online, sorted by account.
    pub rosters: Vec<RosterView>,
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
    /// Removed, with its conversation.
    ContactGone(ContactKey),
    /// New or changed.
    Conversation(Box<ConversationView>),
    /// New or changed, by contact and id.
    Message(Box<PlacedMessage>),
    /// New (goes last), or read.
    Event(Box<EventView>),
    /// Too old to be kept.
    EventGone(EventKey),
    /// Changed; without entries: nobody is told any more.
    Roster(Box<RosterView>),
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
