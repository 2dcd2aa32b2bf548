//! One task or e-mail of an agent: ids, what it was offered with, facts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Moment;
use crate::amazon_connect::call::{Initiation, lock};
use crate::amazon_connect::facts::{self, Facts};
use crate::amazon_connect::records::LegRecord;

/// One reference of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskReference {
    /// Its name.
    pub name: String,
    /// `URL`, `STRING`, `NUMBER`, `DATE`, `EMAIL` or `ATTACHMENT`.
    pub kind: String,
    /// Text; of `NUMBER` and `DATE` a number.
    pub value: Value,
}

impl TaskReference {
    /// A link.
    #[must_use]
    pub fn url(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), kind: "URL".to_owned(), value: Value::from(value) }
    }
}

/// One task for an agent.
#[derive(Clone, Debug)]
pub struct OfferTask {
    /// Login of the agent who gets it.
    pub agent: String,
    /// Title.
    pub name: String,
    /// Text; empty for none.
    pub description: String,
    /// References.
    pub references: Vec<TaskReference>,
    /// Queue name; one of Sales and Support, or any other.
    pub queue: String,
    /// Contact attributes.
    pub attributes: BTreeMap<String, String>,
    /// Id and version of the template it was made from.
    pub template: Option<(String, u32)>,
    /// The time it was put off to, seconds since 1970.
    pub scheduled: Option<f64>,
    /// A contact that it is about.
    pub related: Option<String>,
    /// Ring time instead of [`crate::amazon_connect::SimOptions::ring`].
    pub ring: Option<Duration>,
    /// Offer it although agent state or concurrency forbid it.
    pub force: bool,
}

impl Default for OfferTask {
    fn default() -> Self {
        Self {
            agent: "agent.one".to_owned(),
            name: "Call customer one back".to_owned(),
            description: "The customer asked about invoice 1001".to_owned(),
            references: vec![TaskReference::url("Invoice", "https://crm.example.com/invoice/1001")],
            queue: "Support".to_owned(),
            attributes: BTreeMap::new(),
            template: None,
            scheduled: None,
            related: None,
            ring: None,
            force: false,
        }
    }
}

impl OfferTask {
    /// A task for that agent, everything else as by default.
    #[must_use]
    pub fn to(agent: &str) -> Self {
        Self { agent: agent.to_owned(), ..Self::default() }
    }
}

/// An address of an e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    /// `NAME@HOST`.
    pub address: String,
    /// Name to show.
    pub name: String,
}

impl EmailAddress {
    /// An address with its name.
    #[must_use]
    pub fn new(address: &str, name: &str) -> Self {
        Self { address: address.to_owned(), name: name.to_owned() }
    }
}

/// One e-mail that a customer has sent.
#[derive(Clone)]
pub struct OfferEmail {
    /// Login of the agent who gets it.
    pub agent: String,
    /// Subject.
    pub subject: String,
    /// Sender.
    pub from: EmailAddress,
    /// Recipients; the first is our address.
    pub to: Vec<EmailAddress>,
    /// Recipients of a copy.
    pub cc: Vec<EmailAddress>,
    /// Queue name.
    pub queue: String,
    /// Contact attributes.
    pub attributes: BTreeMap<String, String>,
    /// Ring time instead of [`crate::amazon_connect::SimOptions::ring`].
    pub ring: Option<Duration>,
    /// Offer it although agent state or concurrency forbid it.
    pub force: bool,
}

impl std::fmt::Debug for OfferEmail {
    /// Without subject, addresses and attributes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfferEmail").field("agent", &self.agent).field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl Default for OfferEmail {
    fn default() -> Self {
        Self {
            agent: "agent.one".to_owned(),
            subject: "Where is my order?".to_owned(),
            from: EmailAddress::new("customer.one@example.com", "Customer One"),
            to: vec![EmailAddress::new("support@example.net", "Support")],
            cc: Vec::new(),
            queue: "Support".to_owned(),
            attributes: BTreeMap::new(),
            ring: None,
            force: false,
        }
    }
}

impl OfferEmail {
    /// An e-mail for that agent, everything else as by default.
    #[must_use]
    pub fn to(agent: &str) -> Self {
        Self { agent: agent.to_owned(), ..Self::default() }
    }
}

/// What it is.
#[derive(Clone, Debug)]
pub(crate) enum WorkOffer {
    Task(OfferTask),
    Email(OfferEmail),
}

impl WorkOffer {
    pub(crate) fn agent(&self) -> &str {
        match self {
            Self::Task(task) => &task.agent,
            Self::Email(email) => &email.agent,
        }
    }

    pub(crate) fn is_task(&self) -> bool {
        matches!(self, Self::Task(_))
    }

    pub(crate) fn ring(&self) -> Option<Duration> {
        match self {
            Self::Task(task) => task.ring,
            Self::Email(email) => email.ring,
        }
    }

    pub(crate) fn force(&self) -> bool {
        match self {
            Self::Task(task) => task.force,
            Self::Email(email) => email.force,
        }
    }

    /// The same for another agent, without what belonged to the first's test.
    pub(crate) fn for_agent(&self, agent: &str) -> Self {
        let agent = agent.to_owned();
        match self {
            Self::Task(task) => Self::Task(OfferTask { agent, ring: None, force: false, ..task.clone() }),
            Self::Email(email) => Self::Email(OfferEmail { agent, ring: None, force: false, ..email.clone() }),
        }
    }
}

/// Everything that has happened to a task or e-mail so far.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WorkFacts {
    /// The first snapshot with the contact was handed to the socket.
    pub offered: Option<Moment>,
    /// AcceptContact arrived (or the service accepted by itself).
    pub accepted: Option<Moment>,
    /// RejectContact arrived, or DestroyConnection while it rang.
    pub rejected: Option<Moment>,
    /// The ring time ran out.
    pub missed: Option<Moment>,
    /// PauseContact, once for each.
    pub paused: Vec<Moment>,
    /// ResumeContact, once for each.
    pub resumed: Vec<Moment>,
    /// The agent ended it.
    pub ended: Option<Moment>,
    /// The agent has transferred it.
    pub transferred: Option<Moment>,
    /// A transfer was not possible; it stayed, once for each.
    pub transfer_failed: Vec<Moment>,
    /// Its time ran out.
    pub expired: Option<Moment>,
    /// The contact was cleared or completed.
    pub cleared: Option<Moment>,
}

impl Facts for WorkFacts {
    fn summary(&self) -> String {
        let told = [
            (self.offered.is_some(), "offered"),
            (self.accepted.is_some(), "accepted"),
            (self.rejected.is_some(), "rejected"),
            (self.missed.is_some(), "missed"),
            (!self.paused.is_empty(), "paused"),
            (!self.resumed.is_empty(), "resumed"),
            (!self.transfer_failed.is_empty(), "a transfer failed"),
            (self.transferred.is_some(), "transferred"),
            (self.ended.is_some(), "ended"),
            (self.expired.is_some(), "expired"),
            (self.cleared.is_some(), "cleared"),
        ];
        facts::in_words("it", &told)
    }
}

/// One agent's contact.
pub(crate) struct Work {
    pub contact_id: String,
    /// The first contact of a chain of transfers; else its own id.
    pub initial_contact_id: String,
    pub agent_connection: String,
    pub offer: WorkOffer,
    pub initiation: Initiation,
    pub facts: watch::Sender<WorkFacts>,
    /// What a task reads like since it was changed.
    edited: Mutex<Option<OfferTask>>,
    taken: AtomicBool,
}

impl Work {
    pub(crate) fn new(contact_id: &str, offer: WorkOffer, initiation: Initiation) -> Arc<Self> {
        Self::make(contact_id, contact_id, offer, initiation)
    }

    /// The contact of another agent who takes it over.
    pub(crate) fn transferred(from: &Self, agent: &str, initiation: Initiation) -> Arc<Self> {
        let id = Uuid::new_v4().to_string();
        Self::make(&id, &from.initial_contact_id, from.present().for_agent(agent), initiation)
    }

    fn make(contact_id: &str, initial: &str, offer: WorkOffer, initiation: Initiation) -> Arc<Self> {
        Arc::new(Self {
            contact_id: contact_id.to_owned(),
            initial_contact_id: initial.to_owned(),
            agent_connection: Uuid::new_v4().to_string(),
            offer,
            initiation,
            facts: watch::Sender::new(WorkFacts::default()),
            edited: Mutex::default(),
            taken: AtomicBool::new(false),
        })
    }

    pub(crate) fn agent(&self) -> &str {
        self.offer.agent()
    }

    /// What it is by now.
    pub(crate) fn present(&self) -> WorkOffer {
        lock(&self.edited).clone().map_or_else(|| self.offer.clone(), WorkOffer::Task)
    }

    pub(super) fn edit(&self, task: OfferTask) {
        *lock(&self.edited) = Some(task);
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut WorkFacts)) {
        self.facts.send_modify(change);
    }

    /// It has been transferred, and ends in a moment.
    pub(crate) fn is_leaving(&self) -> bool {
        self.facts.borrow().transferred.is_some()
    }

    /// True the first time only.
    pub(crate) fn claim(&self) -> bool {
        !self.taken.swap(true, Ordering::SeqCst)
    }
}

/// What the snapshot shows of it.
pub(crate) struct WorkRecord {
    pub work: Arc<Work>,
    /// `connecting`, `connected`, `paused`, `ended`, `missed` or `rejected`.
    pub state: &'static str,
    pub since: f64,
    pub began: f64,
    pub leg: LegRecord,
}

impl WorkRecord {
    pub(crate) fn new(work: &Arc<Work>, now: f64) -> Self {
        let leg = LegRecord::new("connecting", now);
        Self { work: work.clone(), state: "connecting", since: now, began: now, leg }
    }

    pub(crate) fn set(&mut self, state: &'static str, leg: &'static str, now: f64) {
        self.state = state;
        self.since = now;
        self.leg.set(leg, now);
    }

    pub(crate) fn is_live(&self) -> bool {
        matches!(self.state, "connecting" | "connected" | "paused")
    }
}
