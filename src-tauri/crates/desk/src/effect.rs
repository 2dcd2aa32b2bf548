//! What the desk wants done.

use serde::{Deserialize, Serialize};
use trunkline_model::{
    AccountId, Annotations, Attribute, Author, CallSummary, Channel, ContactKey, Direction, EventRule, Initiation,
    MessageBody, MessageId, Outcome, Party, PlatformEvent, PlatformId, Queue, Subtype, UnixMillis,
};
use ts_rs::TS;

use crate::ContactView;

/// An offer as notification, incoming window and tray show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Offer {
    /// Which contact.
    pub key: ContactKey,
    /// Account's shown name.
    pub account_name: String,
    /// Medium.
    pub channel: Channel,
    /// The customer: text from outside.
    pub customer: Party,
    /// Title of a task or e-mail: text from outside.
    pub subject: Option<String>,
    /// Queue.
    pub queue: Option<Queue>,
    /// Attributes of the flow: text from outside.
    pub attributes: Vec<Attribute>,
    /// First seen.
    pub offered_at: UnixMillis,
    /// Runs out, when known.
    pub expires: Option<UnixMillis>,
    /// Can be declined.
    pub can_reject: bool,
    /// Another contact is live.
    pub while_busy: bool,
}

/// One finished contact for the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryEntry {
    /// Which contact.
    pub key: ContactKey,
    /// Connector.
    pub platform: PlatformId,
    /// Account's shown name at the time.
    pub account_name: String,
    /// Medium.
    pub channel: Channel,
    /// Who started it.
    pub direction: Direction,
    /// The customer.
    pub customer: Party,
    /// Queue's name.
    pub queue: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// First seen.
    pub offered_at: Option<UnixMillis>,
    /// Became connected.
    pub connected_at: Option<UnixMillis>,
    /// Became finished.
    pub ended_at: UnixMillis,
    /// Call quality, for voice through this computer.
    pub summary: Option<CallSummary>,
    /// How it came to be, where the platform says. This and what follows is
    /// absent from entries that earlier versions wrote.
    #[serde(default)]
    pub initiation: Option<Initiation>,
    /// Its kind within the channel.
    #[serde(default)]
    pub subtype: Option<Subtype>,
    /// Taken by the agent, or for the agent.
    #[serde(default)]
    pub taken_at: Option<UnixMillis>,
    /// Times that the customer was put on hold.
    #[serde(default)]
    pub holds: u32,
    /// How long the customer was on hold in all.
    #[serde(default)]
    #[ts(type = "number")]
    pub held_ms: u64,
    /// From its end to when the agent left it; absent while it is still there.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub wrap_up_ms: Option<u64>,
    /// Devices that served the call last.
    #[serde(default)]
    pub devices: Option<CallDevices>,
    /// What was written in it, where it was a conversation.
    #[serde(default)]
    pub messages: Option<MessageCounts>,
    /// What was put onto it here.
    #[serde(default)]
    pub annotations: Annotations,
}

/// Names of the devices of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallDevices {
    /// Microphone; absent when there was none.
    pub microphone: Option<String>,
    /// Speaker; absent when there was none.
    pub speaker: Option<String>,
}

/// How much was written in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageCounts {
    /// By the agent.
    pub sent: u32,
    /// By anybody else.
    pub received: u32,
    /// Files, either way.
    pub files: u32,
}

/// How far a contact has come, for what happens once at each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactStep {
    /// Offered.
    Offered,
    /// Taken, by the agent or the platform, or called by the agent: at work.
    Taken,
}

/// Things to do outside, in order. Each is idempotent.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ring for this contact until told otherwise. `quiet`: another contact is
    /// live, so only a soft call-waiting tone.
    StartRinging {
        /// Which contact.
        contact: ContactKey,
        /// Call-waiting tone instead of the ringtone.
        quiet: bool,
    },
    /// Stop ringing for this contact at once.
    StopRinging {
        /// Which contact.
        contact: ContactKey,
    },
    /// One short sound: the platform accepts this call without the agent, who
    /// would else be live unawares.
    PlayCue {
        /// Which contact.
        contact: ContactKey,
    },
    /// Show the offer: notification, incoming window, tray. Repeated with new
    /// content when the contact changes while it rings.
    ShowOffer(Box<Offer>),
    /// Take all of that away again.
    WithdrawOffer {
        /// Which contact.
        contact: ContactKey,
    },
    /// The contact has come this far for the first time since the desk knows it.
    /// After a restart it is said again: what may happen only once looks for itself.
    Reached {
        /// As it stands.
        view: Box<ContactView>,
        /// How far.
        step: ContactStep,
    },
    /// Open the devices for this contact: the agent accepted.
    OpenDevices {
        /// Which contact.
        contact: ContactKey,
    },
    /// Release this contact's devices and media: it is over or gone.
    ReleaseMedia {
        /// Which contact.
        contact: ContactKey,
    },
    /// Somebody wrote while the agent may be looking elsewhere: a short sound, a notification.
    MessageArrived {
        /// In which contact.
        contact: ContactKey,
        /// Who: text from outside.
        author: Author,
        /// What: text from outside.
        body: Box<MessageBody>,
        /// Unread ones of this contact, this one included.
        unread: u32,
    },
    /// Keep what the agent has seen and begun to write.
    KeepNotes {
        /// Which contact.
        contact: ContactKey,
        /// Last message seen, and its time.
        read: Option<(MessageId, UnixMillis)>,
        /// Text begun.
        draft: String,
    },
    /// Keep what was put onto a contact here; nothing of it: forget that.
    KeepAnnotations {
        /// Which contact.
        contact: ContactKey,
        /// All of it.
        annotations: Annotations,
    },
    /// The contact has gone for good: nothing of it can be sent any more.
    ForgetConversation {
        /// Which contact.
        contact: ContactKey,
    },
    /// A platform told an event of its own: new, and listed already.
    EventArrived {
        /// Whose platform.
        account: AccountId,
        /// What: text in it is from outside.
        event: Box<PlatformEvent>,
        /// The rule that fits, if one does.
        rule: Option<EventRule>,
    },
    /// Write the history (again, when the summary comes later).
    WriteHistory(Box<HistoryEntry>),
    /// The account is gone: forget its secrets and history cursor.
    ForgetAccount(AccountId),
}
