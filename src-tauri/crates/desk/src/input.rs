//! What the desk is told.

use serde::{Deserialize, Serialize};
use trunkline_connector::{CommandError, Envelope};
use trunkline_model::{
    AccountId, Annotations, CallSummary, CommandId, ConnectionId, ContactKey, EventRule, MediaFailure, MediaState,
    MediaStats, MessageId, Notice, PlatformEventId, PlatformId, UnixMillis,
};
use ts_rs::TS;

use crate::{AudioView, Download, Outgoing, Sending};

/// What a command does, for pending marks and error texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// Take an offer.
    Accept,
    /// Decline an offer.
    Reject,
    /// Finish wrap-up, or remove a missed or failed contact.
    Clear,
    /// Hang up.
    End,
    /// Put on hold.
    Hold,
    /// Take off hold.
    Resume,
    /// Touch tones.
    Digits,
    /// Mute a party at the platform.
    MuteParty,
    /// Take that back.
    UnmuteParty,
    /// Agent state.
    SetState,
    /// Call a number.
    Dial,
    /// Call a further party.
    AddParty,
    /// Bring all parties together.
    Conference,
    /// Change over who is on hold.
    Swap,
    /// Hand the contact over.
    Transfer,
    /// Lay a task aside.
    Pause,
    /// Take it up again.
    Unpause,
    /// As a supervisor: listen only.
    Listen,
    /// As a supervisor: join in.
    BargeIn,
    /// Switch a medium on or off.
    SetMedia,
    /// Ask somebody for advice.
    Consult,
    /// Note what it was about.
    WrapUp,
    /// Let an adviser answer the customer, beside the agent or instead.
    EndConsult,
    /// Give a contact another customer.
    LinkCustomer,
    /// Give a contact another name.
    Rename,
    /// Keep a contact's customer from writing.
    Ban,
    /// Let them write again.
    Unban,
    /// Change a message that was sent.
    EditMessage,
    /// Take a message back.
    RemoveMessage,
    /// As a supervisor: begin to listen.
    Monitor,
    /// As a supervisor: talk with the agents.
    Whisper,
    /// Be told what comes into a list of work, or not any more.
    SubscribeList,
    /// Take something out of such a list.
    TakeWork,
    /// Take something off it for everybody.
    CloseWork,
    /// Answer on another way.
    ChooseLine,
    /// Answer what is asked for while signing in.
    AnswerChallenge,
    /// Make a task.
    CreateTask,
    /// Report a problem with a contact.
    ReportIssue,
    /// Change a task.
    UpdateTask,
    /// Softphone, desk phone, language.
    SetPreferences,
    /// Sign in.
    SignIn,
    /// Sign out.
    SignOut,
}

/// News of a media leg, from the media port.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaNews {
    /// The leg's state.
    State(MediaState),
    /// The agent's wish.
    MuteWanted(bool),
    /// What is really sent.
    Sending(Sending),
    /// A second's picture.
    Stats(Box<MediaStats>),
    /// It failed; what was not reached, where that is known.
    Failed(MediaFailure, Option<String>),
    /// It is over.
    Closed(Box<CallSummary>),
}

/// News of devices and ringtone, from the audio engine's owner.
#[derive(Clone, Debug, PartialEq)]
pub enum AudioNews {
    /// The whole picture.
    View(Box<AudioView>),
}

/// Inputs by origin.
///
/// | origin | inputs |
/// | --- | --- |
/// | connectors | `Connector` |
/// | settings | `AccountAdded`, `AccountRemoved`, `EventRules` |
/// | the agent | `CommandSent`, `NoticeDismissed` |
/// | connectors' replies | `CommandSettled` |
/// | media | `Media` |
/// | audio | `Audio` |
/// | the outbox | `Outbox` |
/// | notes of an earlier run | `Notes` |
/// | plugins, and notes of an earlier run | `Annotated` |
/// | the agent, writing and reading | `Draft`, `ReadUpTo`, `EventsSeen` |
/// | the core's fetching of files | `Download` |
/// | the core itself | `Notice`, `NoticeGone`, `Limit`, `Tick` |
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// An event of an account.
    Connector(Envelope),
    /// An account was added or renamed.
    AccountAdded {
        /// Our id.
        id: AccountId,
        /// Connector.
        platform: PlatformId,
        /// Connector's name.
        platform_name: String,
        /// The agent's name for it.
        name: String,
        /// Position.
        order: u32,
        /// Capability names.
        capabilities: std::collections::BTreeSet<String>,
    },
    /// An account was removed, with its contacts.
    AccountRemoved(AccountId),
    /// The agent asked for something.
    CommandSent {
        /// Its id.
        id: CommandId,
        /// Account.
        account: AccountId,
        /// Contact, for commands on contacts.
        contact: Option<ContactKey>,
        /// Leg, for commands on one leg.
        connection: Option<ConnectionId>,
        /// What.
        kind: CommandKind,
        /// Digits, the name of the wanted state, or the number or name that is called.
        detail: Option<String>,
    },
    /// A command was answered.
    CommandSettled {
        /// Its id.
        id: CommandId,
        /// Outcome.
        result: Result<(), CommandError>,
    },
    /// News of a media leg.
    Media {
        /// Which contact.
        contact: ContactKey,
        /// What.
        news: MediaNews,
    },
    /// News of devices.
    Audio(AudioNews),
    /// Everything of a contact that has not arrived yet, in order.
    Outbox {
        /// Which contact.
        contact: ContactKey,
        /// All of it.
        items: Vec<Outgoing>,
    },
    /// What an earlier run kept of a contact.
    Notes {
        /// Which contact.
        contact: ContactKey,
        /// Last message seen, and its time.
        read: Option<(MessageId, UnixMillis)>,
        /// Text begun.
        draft: String,
    },
    /// Something was put onto a contact here; it joins what was put there before.
    Annotated {
        /// Which contact.
        contact: ContactKey,
        /// What.
        annotations: Annotations,
    },
    /// What the agent has begun to write.
    Draft {
        /// Which contact.
        contact: ContactKey,
        /// As it stands now.
        text: String,
    },
    /// The agent has seen everything up to this message.
    ReadUpTo {
        /// Which contact.
        contact: ContactKey,
        /// The last one seen.
        message: MessageId,
    },
    /// A file being fetched; replaces what was said of the same one.
    Download {
        /// Which contact.
        contact: ContactKey,
        /// How far.
        download: Download,
    },
    /// Its fetching was given up.
    DownloadGone {
        /// Which contact.
        contact: ContactKey,
        /// `Attachment::id`.
        attachment: String,
    },
    /// What is done with events from now on.
    EventRules(Vec<EventRule>),
    /// The agent has seen an account's events up to this one.
    EventsSeen {
        /// Whose.
        account: AccountId,
        /// The last one seen.
        until: PlatformEventId,
        /// Only that one.
        alone: bool,
    },
    /// A message from the core itself.
    Notice(Notice),
    /// Its cause is over.
    NoticeGone(String),
    /// The agent put a message away.
    NoticeDismissed(String),
    /// Something this computer lacks (`true`) or has again (`false`), by message key.
    Limit {
        /// Message key.
        key: String,
        /// Lacking.
        present: bool,
    },
    /// Time has passed (each second while anything is pending or offered).
    Tick,
}
