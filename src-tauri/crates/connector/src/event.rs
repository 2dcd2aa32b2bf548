//! What a connector tells the desk.

use trunkline_model::{AccountId, Agent, Contact, ContactId, Link, Notice, Outcome};

/// Events are upserts of whole values, never field deltas. After any reconnect
/// the connector sends the whole picture between `ResyncStart` and `ResyncEnd`;
/// the desk drops what was not repeated.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The account's connection changed.
    Link(Link),
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
