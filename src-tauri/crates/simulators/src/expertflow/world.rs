//! What the installation knows. One lock holds all of it; what has to be sent
//! or waited for is put on a list that is worked off before the lock is let go.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::facts::{ChatFacts, SentMessage};
use super::options::{CustomerOffer, ExpertflowAgent, ExpertflowOptions};
use crate::Moment;

/// What follows from a change.
pub(super) enum Effect {
    /// An event to an agent's socket.
    Emit { agent: String, event: String, payload: Value },
    /// `onTopicData`, which wants an answer.
    Topic { agent: String, conversation: String, payload: Value, repeated: bool },
    /// Something that happens later unless it has become meaningless.
    Later(Duration, Timer),
    /// The agent is there with another socket: this one is told so and ended.
    Replaced { agent: String, socket: u64 },
}

/// What happens later. Numbers tell an old one from the present one.
#[derive(Clone, Debug)]
pub(super) enum Timer {
    /// An offer was not taken.
    Rona { task: String, offer: u64 },
    /// A request has looked for an agent long enough.
    Ttl { task: String },
    /// The same agents may be asked again.
    AskAgain { task: String },
    /// An agent has been without a socket for too long.
    Gone { agent: String, absence: u64 },
    /// An agent that the simulator plays takes an offer.
    Take { task: String, offer: u64 },
    /// Wrap-up is over.
    WrapUp { task: String },
    /// The hold time is over.
    Hold { conversation: String, hold: u64 },
    /// The time of an announcement has come.
    Announce { id: String },
}

/// One domain of one agent.
#[derive(Clone, Debug)]
pub(super) struct Mrd {
    pub id: String,
    pub state: &'static str,
    pub previous: Option<&'static str>,
    pub since: i64,
    pub ready_since: i64,
    pub max: u32,
}

/// An agent and what they do at present.
pub(super) struct Agent {
    pub profile: ExpertflowAgent,
    pub logged_in: bool,
    /// Number of the present socket.
    pub socket: Option<u64>,
    pub sockets_seen: u64,
    pub state: &'static str,
    pub reason: Value,
    pub since: i64,
    pub login_at: i64,
    pub mrds: Vec<Mrd>,
    /// Orders agents for routing: who got something last comes last.
    pub turn: u64,
    pub absence: u64,
    pub lists: BTreeSet<String>,
}

impl Agent {
    pub fn new(profile: ExpertflowAgent) -> Self {
        let mrd = |id: &str, max: u32| Mrd {
            id: id.to_owned(),
            state: "LOGOUT",
            previous: None,
            since: 0,
            ready_since: 0,
            max,
        };
        let mrds = vec![mrd(super::options::MRD_CX_VOICE, 1), mrd(super::options::MRD_CHAT, profile.max_chats)];
        Self {
            profile,
            logged_in: false,
            socket: None,
            sockets_seen: 0,
            state: "LOGOUT",
            reason: Value::Null,
            since: 0,
            login_at: 0,
            mrds,
            turn: 0,
            absence: 0,
            lists: BTreeSet::new(),
        }
    }

    pub fn mrd(&self, id: &str) -> Option<&Mrd> {
        self.mrds.iter().find(|mrd| mrd.id == id)
    }
}

/// A channel through which a customer is there.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub id: String,
    pub channel_type: String,
    pub live: bool,
    /// The whole ChannelSession.
    pub value: Value,
}

/// An agent in a conversation.
#[derive(Clone, Debug)]
pub(super) struct Participant {
    pub agent: String,
    pub role: String,
    /// Id of the TopicParticipant.
    pub id: String,
    pub joined: i64,
    pub task: Option<String>,
    /// Came in by barging in, and so stays when others go.
    pub barged_in: bool,
}

/// A conversation and what is known of it.
pub(super) struct Conversation {
    pub id: String,
    pub room: String,
    pub customer: Value,
    pub offer: CustomerOffer,
    pub direction: &'static str,
    pub state: &'static str,
    pub sessions: Vec<Session>,
    pub data: Map<String, Value>,
    pub participants: Vec<Participant>,
    pub events: Vec<Value>,
    pub created: i64,
    pub sla_started: Option<i64>,
    pub hold: Option<(u64, i64)>,
    pub hold_number: u64,
    pub hands: Vec<String>,
    pub wrap_ups: Vec<Value>,
    pub pull_request: Option<String>,
    /// By id, so that one who sends again is not heard twice.
    pub messages: Vec<SentMessage>,
    pub facts: ChatFacts,
}

impl Conversation {
    pub fn participant(&self, agent: &str) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.agent == agent)
    }

    pub fn participant_mut(&mut self, agent: &str) -> Option<&mut Participant> {
        self.participants.iter_mut().find(|participant| participant.agent == agent)
    }

    /// The session for what comes next: the newest live one, else the newest.
    pub fn session(&self) -> Option<&Session> {
        self.sessions.iter().rev().find(|session| session.live).or(self.sessions.last())
    }

    pub fn primaries(&self) -> usize {
        self.participants.iter().filter(|p| p.role == "PRIMARY").count()
    }
}

/// Where a piece of work is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Queued,
    Reserved { agent: String, offer: u64 },
    Active { agent: String },
    WrapUp { agent: String, until: i64 },
    Closed(&'static str),
}

/// A piece of work that is for one agent, as the routing engine sees it.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub id: String,
    pub media: String,
    pub conversation: String,
    pub mrd: String,
    /// Id of the queue.
    pub queue: Option<String>,
    pub direction: &'static str,
    pub mode: &'static str,
    /// Agent who asked.
    pub requested_by: Option<String>,
    pub note: Value,
    /// The only agent who may have it.
    pub target: Option<String>,
    pub stage: Stage,
    /// Given without asking: the client subscribes by itself.
    pub started: bool,
    pub priority: u32,
    pub enqueued: i64,
    pub answered: Option<i64>,
    pub passed: BTreeSet<String>,
}

impl Task {
    /// The id under which clients know it.
    pub fn wire_id(&self) -> String {
        format!("{}:{}", self.id, self.media)
    }

    pub fn agent(&self) -> Option<&str> {
        match &self.stage {
            Stage::Reserved { agent, .. } | Stage::Active { agent } | Stage::WrapUp { agent, .. } => Some(agent),
            Stage::Queued | Stage::Closed(_) => None,
        }
    }

    pub fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closed(_))
    }
}

/// A request in a pull list.
#[derive(Clone, Debug)]
pub(super) struct PullRequest {
    pub id: String,
    pub list: String,
    pub conversation: String,
    pub status: &'static str,
    pub time: i64,
}

/// A stored file.
#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    pub name: String,
    pub kind: String,
    pub bytes: Bytes,
}

/// Everything.
pub(super) struct World {
    pub options: ExpertflowOptions,
    /// So many changes of state are refused.
    pub refuse_states: usize,
    pub agents: BTreeMap<String, Agent>,
    pub conversations: BTreeMap<String, Conversation>,
    /// In the order in which they came.
    pub order: Vec<String>,
    pub tasks: Vec<Task>,
    pub pulls: Vec<PullRequest>,
    pub customers: Vec<Value>,
    /// Customers with a past of before this run, and whose it is now.
    pub past_owners: BTreeMap<String, String>,
    /// Milliseconds since 1970 when it began.
    pub started: i64,
    pub announcements: Vec<Value>,
    pub files: Vec<StoredFile>,
    /// Agents whose second factor was set up while running.
    pub registered: BTreeSet<String>,
    /// Text messages with codes: username.
    pub codes_sent: Vec<String>,
    pub effects: Vec<Effect>,
    pub address: String,
    /// The server's clock is so many milliseconds ahead.
    pub skew: i64,
    counter: u64,
}

impl World {
    pub fn new(options: ExpertflowOptions) -> Self {
        let agents = options.agents.iter().map(|agent| (agent.id.clone(), Agent::new(agent.clone()))).collect();
        let customers = options.customers.clone();
        let known =
            customers.iter().filter(|row| !row["customerSince"].is_null()).filter_map(|row| row["_id"].as_str());
        let past_owners = known.map(|id| (id.to_owned(), id.to_owned())).collect();
        Self {
            options,
            refuse_states: 0,
            agents,
            conversations: BTreeMap::new(),
            order: Vec::new(),
            tasks: Vec::new(),
            pulls: Vec::new(),
            customers,
            past_owners,
            started: (Moment::now().unix_seconds() * 1000.0) as i64,
            announcements: Vec::new(),
            files: Vec::new(),
            registered: BTreeSet::new(),
            codes_sent: Vec::new(),
            effects: Vec::new(),
            address: String::new(),
            skew: 0,
            counter: 0,
        }
    }

    /// Milliseconds since 1970 by the server's clock.
    pub fn now(&self) -> i64 {
        (Moment::now().unix_seconds() * 1000.0) as i64 + self.skew
    }

    /// The next of numbers that only go up.
    pub fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub fn agent_named(&self, username: &str) -> Option<&Agent> {
        self.agents.values().find(|agent| agent.profile.username == username)
    }

    pub fn username(&self, agent: &str) -> String {
        self.agents.get(agent).map(|agent| agent.profile.username.clone()).unwrap_or_default()
    }

    pub fn emit(&mut self, agent: &str, event: &str, payload: Value) {
        self.effects.push(Effect::Emit { agent: agent.to_owned(), event: event.to_owned(), payload });
    }

    /// An `errors` event.
    pub fn refuse(&mut self, agent: &str, task: &str, message: &str) {
        self.emit(agent, "errors", serde_json::json!({ "task": task, "msg": message }));
    }

    pub fn later(&mut self, after: Duration, timer: Timer) {
        self.effects.push(Effect::Later(after, timer));
    }

    pub fn task(&self, id: &str) -> Option<&Task> {
        // Clients know the first part and the part of the medium together.
        let id = id.split(':').next().unwrap_or(id);
        self.tasks.iter().find(|task| task.id == id)
    }

    pub fn task_mut(&mut self, id: &str) -> Option<&mut Task> {
        let id = id.split(':').next().unwrap_or(id).to_owned();
        self.tasks.iter_mut().find(|task| task.id == id)
    }

    /// A conversation without anybody in it, and its work, are forgotten; false while somebody is there.
    pub fn forget(&mut self, conversation: &str) -> bool {
        let over = |found: &Conversation| found.participants.is_empty() && found.facts.customer_left.is_some();
        if !self.conversations.get(conversation).is_some_and(over) {
            return false;
        }
        self.conversations.remove(conversation);
        self.order.retain(|id| id != conversation);
        self.tasks.retain(|task| task.conversation != conversation);
        self.pulls.retain(|request| request.conversation != conversation);
        true
    }

    /// The open task of an agent in a conversation.
    pub fn task_of(&self, agent: &str, conversation: &str) -> Option<&Task> {
        self.tasks.iter().find(|t| t.is_open() && t.conversation == conversation && t.agent() == Some(agent))
    }
}

/// A new id as a database makes them.
pub(super) fn object_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(24).collect()
}

/// A new uuid.
pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
