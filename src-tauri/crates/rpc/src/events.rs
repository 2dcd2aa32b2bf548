//! What crosses about events of the platforms' own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trunkline_desk::EventKey;
use trunkline_model::{AccountId, EventAct, EventRule, PlatformEvent, PlatformEventId, UnixMillis};
use ts_rs::TS;

use crate::pops::PopProblem;

/// Marks events as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeenEvents {
    /// Whose.
    pub account: AccountId,
    /// The last one seen.
    pub until: PlatformEventId,
    /// Only that one; otherwise those before it as well.
    pub alone: bool,
}

/// Asks for a page of the events that were kept, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindEvents {
    /// All of these must be in it, as parts of words, in any case; empty: any event.
    pub words: String,
    /// At most 200.
    pub limit: u32,
    /// So many are left out.
    pub offset: u32,
}

/// One event that was kept. Text in it is from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundEvent {
    /// Whose platform told it.
    pub account: AccountId,
    /// Got here, by this computer's clock.
    pub arrived: UnixMillis,
    /// As the platform told it.
    pub event: PlatformEvent,
}

/// A command on one event, listed or kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnEvent {
    /// Which.
    pub event: EventKey,
}

/// Opens a page for an event by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenEventPop {
    /// For which.
    pub event: EventKey,
    /// `PopChoice::id`.
    pub page: String,
}

/// What is done with events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EventRules {
    /// The first that fits wins.
    pub rules: Vec<EventRule>,
    /// The administrator has fixed them.
    pub fixed: bool,
}

/// Changes the rules, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveEventRules {
    /// At most 100.
    pub rules: Vec<EventRule>,
}

/// Says what rules would do, and does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TryEventRules {
    /// As if told by this account's platform.
    pub account: AccountId,
    /// Rules as they stand in the form.
    pub rules: Vec<EventRule>,
    /// JSON: an event, a list of events, or a frame of the socket.
    pub pasted: String,
}

/// What would be done with one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TriedEvent {
    /// As it was understood. Text in it is from outside.
    pub event: PlatformEvent,
    /// Place of the rule that fits, from 0; absent: none does.
    pub rule: Option<u32>,
    /// What would be done.
    pub acts: BTreeSet<EventAct>,
    /// It would be listed as unread.
    pub unread: bool,
    /// Pages that would open.
    pub pages: Vec<TriedPage>,
}

/// A page that would open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TriedPage {
    /// Its name.
    pub name: String,
    /// Its address, when there is nothing in its way.
    pub address: Option<String>,
    /// What is.
    pub problem: Option<PopProblem>,
}
