//! What a connector tells the desk.

use trunkline_model::{
    AccountId, Agent, Challenge, Contact, ContactId, Conversation, Link, Message, Notice, Outcome, PlatformEvent,
    RosterEntry, Route, Serving, WorkList,
};

/// Events are upserts of whole values, never field deltas. After any reconnect
/// the connector sends the whole picture between `ResyncStart` and `ResyncEnd`;
/// the desk drops what was not repeated.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The account's connection changed.
    Link(Link),
    /// How calls reach the platform, now that one got through that way.
    Route(Route),
    /// Which of two instances serves.
    Serving(Serving),
    /// Something is asked for while signing in; `None`: not any more.
    Challenge(Option<Box<Challenge>>),
    /// A full picture begins.
    ResyncStart,
    /// The full picture is complete.
    ResyncEnd,
    /// The agent, whole.
    Agent(Box<Agent>),
    /// A contact, whole; new or changed.
    Contact(Box<Contact>),
    /// A contact is no longer there.
    ContactGone {
        /// Which.
        contact: ContactId,
        /// How it ended, where that is known better than the last `Contact` said.
        outcome: Option<Outcome>,
    },
    /// The frame of a contact's conversation, whole. Comes before its messages;
    /// while it is `Joining`, messages that come are those that were there
    /// already. It need not be repeated in a resync, and goes with its contact.
    Conversation {
        /// Of which contact.
        contact: ContactId,
        /// The frame.
        conversation: Box<Conversation>,
    },
    /// A message, whole; new or changed. In any order, and as often as it
    /// likes: its id says which it is, its time where it stands.
    Message {
        /// In which contact.
        contact: ContactId,
        /// The message.
        message: Box<Message>,
    },
    /// Something happened at the platform that is no contact's and no message's.
    /// Told once; a resync does not repeat it. One that comes again with the same
    /// id is the same.
    PlatformEvent(Box<PlatformEvent>),
    /// Who is online, whole; each reference once. Empty: nobody, or nobody is
    /// told any more.
    Roster(Vec<RosterEntry>),
    /// The lists that the agent may take work from, whole, in the platform's
    /// order; each id once.
    WorkLists(Vec<WorkList>),
    /// A message for the agent; replaces the one with the same id.
    Notice(Notice),
    /// The cause of a message is over.
    NoticeGone(String),
}

/// An event with the account it comes from, as the desk receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Which account.
    pub account: AccountId,
    /// What happened.
    pub event: Event,
}
