//! One conversation of the agent's: who takes part, what was written, what may be
//! done. Pure: events go in, and what the panel is to be told comes out.
//!
//! | stage | when | the contact is |
//! | --- | --- | --- |
//! | `Offered` | `taskRequest`, reserved | `Offered`; for calls of another program `Init` |
//! | `Joining` | subscribed, `onTopicData` has not come | `Connecting` |
//! | `Active` | `onTopicData` | `Connected`; `Paused` while it is laid aside; `Ended` once the customer has left |
//! | `WrapUp` | the own role is `WRAP_UP`, or `wrapupTimerStarted` | `Ended` |

mod frame;
mod happening;
mod reading;
mod timeline;

pub(crate) use frame::masked;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::{Value, json};
use trunkline_connector::Event;
use trunkline_model::{
    Attribute, Author, AuthorRole, Channel, Contact, ContactId, Conversation, ConversationState, Handover, MessageId,
    Outcome, Queue, QueueId, Subtype, UnixMillis,
};

use crate::cim::{self, ChannelSession, Customer, Topic, trimmed};
use crate::customers::Schema;
use crate::settings::{ExpertflowSettings, ms};
use crate::user::User;
use reading::Reading;
use timeline::Timeline;

/// Where a conversation stands. See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It rings.
    Offered,
    /// It is being taken.
    Joining,
    /// At work.
    Active,
    /// After-contact work.
    WrapUp,
}

/// The own part in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Answers the customer.
    Primary,
    /// Gives advice.
    Assistant,
    /// A supervisor who gives advice.
    Whisper,
    /// A supervisor who reads along.
    SilentMonitor,
    /// After-contact work.
    WrapUp,
}

impl Role {
    /// By the platform's word; anything else answers the customer.
    pub fn read(text: &str) -> Self {
        match text.trim().to_uppercase().as_str() {
            "ASSISTANT" => Self::Assistant,
            "WHISPER" => Self::Whisper,
            "SILENT_MONITOR" => Self::SilentMonitor,
            "WRAP_UP" => Self::WrapUp,
            _ => Self::Primary,
        }
    }

    /// The platform's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Assistant => "ASSISTANT",
            Self::Whisper => "WHISPER",
            Self::SilentMonitor => "SILENT_MONITOR",
            Self::WrapUp => "WRAP_UP",
        }
    }

    /// Takes part as a supervisor.
    pub fn supervises(self) -> bool {
        matches!(self, Self::Whisper | Self::SilentMonitor)
    }

    /// The customer must not be written to.
    pub fn only_whispers(self) -> bool {
        matches!(self, Self::Assistant | Self::Whisper | Self::SilentMonitor)
    }
}

/// Somebody else who takes part.
#[derive(Clone, Debug, PartialEq)]
struct Other {
    author: Author,
    role: Role,
    /// An agent, to whom one can whisper.
    agent: bool,
}

/// What the agent is shown of the customer, without what they may not see.
#[derive(Clone, Debug, Default)]
struct Shown {
    /// Fields of the record.
    beside: Vec<Attribute>,
    /// What customer or flow gave along.
    attributes: Vec<Attribute>,
}

/// What a conversation is read with.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The agent.
    pub user: &'a User,
    /// The account's settings.
    pub settings: &'a ExpertflowSettings,
    /// What is known of customers' fields.
    pub schema: &'a Schema,
    /// Files can be sent.
    pub files: bool,
    /// There is a form to note things in.
    pub wrap_up: bool,
    /// Milliseconds that the platform's clock is ahead of this computer's.
    pub ahead: i64,
    /// This computer's clock.
    pub wall: UnixMillis,
    /// For timers.
    pub at: Instant,
}

/// One conversation.
#[derive(Clone, Debug)]
pub struct Talk {
    /// Its id, which is the contact's.
    pub id: ContactId,
    /// See [`Stage`].
    pub stage: Stage,
    /// Of the task, to be echoed.
    pub task: String,
    /// To be echoed.
    pub room: Value,
    /// The own part in it.
    pub role: Role,
    /// The own participant, to be echoed.
    pub participant: Value,
    /// The session that it was first about, to be echoed in requests.
    pub first_session: Value,
    /// Told on this connection, not only on an earlier one.
    pub confirmed: bool,
    /// Taken, or being taken, without the agent.
    pub by_itself: bool,
    /// The agent wants to leave.
    pub leaving: bool,
    /// The agent wants no after-contact work.
    pub finishing: bool,
    /// That none is wanted has been said.
    pub wrap_up_skipped: bool,
    /// That a silent monitor will whisper has been said.
    pub joins_as_whisper: bool,
    /// Texts of this conversation come in base64.
    pub encoded: bool,
    /// What is said of its time to answer and pauses.
    answer_by: Option<UnixMillis>,
    paused_until: Option<UnixMillis>,
    paused: bool,
    direction: String,
    queue: Option<Queue>,
    handover: Option<Handover>,
    /// A guess of how long it stands, for counting down; `None`: not known.
    expires: Option<(UnixMillis, Instant)>,
    /// Since when it is offered.
    offered_at: UnixMillis,
    /// The call itself comes some other way.
    call: bool,
    wrap_up_ends: Option<UnixMillis>,
    customer: Customer,
    customer_raw: Value,
    shown: Shown,
    sessions: Vec<ChannelSession>,
    chosen: Option<String>,
    data: Vec<Attribute>,
    others: BTreeMap<String, Other>,
    /// Comments below posts, by their messages: post and comment.
    comments: BTreeMap<MessageId, (String, Option<String>)>,
    hands: BTreeSet<String>,
    typing: Vec<(Author, Instant)>,
    timeline: Timeline,
    /// What is not read yet of a long past.
    reading: Option<Box<Reading>>,
    since: UnixMillis,
    told_contact: Option<Contact>,
    told_frame: Option<Conversation>,
}

/// The members of a `taskRequest` that are read.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Conversation.
    pub conversation: String,
    /// Task, opaque.
    pub task: String,
    /// In capitals: `RESERVED`, `STARTED`.
    pub state: String,
    /// In capitals: `INBOUND`, `CONSULT` ...
    pub direction: String,
    raw: Value,
}

impl Offer {
    /// Reads one; `None` without a conversation.
    pub fn read(raw: &Value) -> Option<Self> {
        let capitals = |value: &Value| trimmed(value).map(|text| text.to_uppercase()).unwrap_or_default();
        let state = &raw["taskState"];
        Some(Self {
            conversation: trimmed(&raw["conversationId"]).or_else(|| trimmed(&raw["topicId"]))?,
            task: trimmed(&raw["taskId"]).unwrap_or_default(),
            state: if state.is_object() { capitals(&state["name"]) } else { capitals(state) },
            direction: capitals(&raw["taskDirection"]),
            raw: raw.clone(),
        })
    }

    /// It is at work already: nothing is asked, it is subscribed to.
    pub fn is_started(&self) -> bool {
        self.state == "STARTED"
    }

    /// The part that is offered.
    pub fn role(&self) -> Role {
        match (self.direction.as_str(), self.is_started()) {
            ("CONSULT", _) => Role::Assistant,
            ("SILENT_MONITOR", true) => Role::SilentMonitor,
            _ => Role::Primary,
        }
    }

    /// The call itself comes some other way.
    pub fn is_call(&self) -> bool {
        ChannelSession::read(&self.raw["channelSession"]).is_some_and(|session| session.is_voice())
    }
}

impl Talk {
    /// From an offer.
    pub fn offered(offer: &Offer, around: &Around<'_>) -> Self {
        let raw = &offer.raw;
        let session = ChannelSession::read(&raw["channelSession"]);
        let queue = trimmed(&raw["queue"]["name"]).map(|name| Queue {
            id: QueueId::new(trimmed(&raw["queue"]["id"]).unwrap_or_else(|| name.clone())),
            name: Some(name),
        });
        let consult = offer.direction == "CONSULT";
        let (by, note) = (named(&raw["requestedBy"]), trimmed(&raw["note"]));
        let handover = (by.is_some() || note.is_some() || consult).then_some(Handover { by, note, consult });
        let wait = around.settings.accept_timeout_ms;
        let until = (around.wall.shifted(i64::try_from(wait).unwrap_or(i64::MAX)), around.at + ms(wait));
        let customer_raw = raw["channelSession"]["customer"].clone();
        let mut talk = Self {
            id: ContactId::new(offer.conversation.as_str()),
            stage: Stage::Offered,
            task: offer.task.clone(),
            room: raw["roomInfo"].clone(),
            role: offer.role(),
            participant: Value::Null,
            first_session: raw["channelSession"].clone(),
            confirmed: true,
            by_itself: false,
            leaving: false,
            finishing: false,
            wrap_up_skipped: false,
            joins_as_whisper: false,
            encoded: false,
            answer_by: None,
            paused_until: None,
            paused: false,
            direction: offer.direction.clone(),
            queue,
            handover,
            expires: (!offer.is_started() && !offer.is_call()).then_some(until),
            offered_at: around.wall,
            call: offer.is_call(),
            wrap_up_ends: None,
            customer: Customer::read(&customer_raw),
            shown: Shown::default(),
            customer_raw,
            sessions: session.into_iter().collect(),
            chosen: None,
            data: Vec::new(),
            others: BTreeMap::new(),
            comments: BTreeMap::new(),
            hands: BTreeSet::new(),
            typing: Vec::new(),
            timeline: Timeline::default(),
            reading: None,
            since: around.wall,
            told_contact: None,
            told_frame: None,
        };
        talk.look(around);
        talk
    }

    /// The same offer came again: it stands as long as it stood.
    pub fn offered_again(&mut self, offer: &Offer, around: &Around<'_>) {
        let fresh = Self::offered(offer, around);
        self.confirmed = true;
        (self.room, self.first_session) = (fresh.room, fresh.first_session);
        if self.task != fresh.task {
            (self.expires, self.offered_at, self.since) = (fresh.expires, fresh.offered_at, fresh.since);
        }
        self.task = fresh.task;
        (self.queue, self.handover, self.direction) = (fresh.queue, fresh.handover, fresh.direction);
    }

    /// It is being joined on this connection for this very task.
    pub fn is_joining(&self, offer: &Offer) -> bool {
        self.stage == Stage::Joining && self.confirmed && self.task == offer.task
    }

    /// It was taken, and has not been left.
    pub fn is_at_work(&self) -> bool {
        matches!(self.stage, Stage::Active | Stage::WrapUp)
    }

    /// The argument of `topicSubscription`.
    pub fn subscription(&self, user: &User, id: &str) -> Value {
        let conversation = self.id.as_str();
        json!({
            "topicParticipant": participant(user, id, conversation, self.role),
            "agentId": user.id,
            "conversationId": conversation,
            "roomInfo": self.room,
            "taskId": self.task,
        })
    }

    /// The conversation as `onTopicData` tells it, in place of what was known. Gives
    /// the messages that are to be told.
    pub fn filled(&mut self, topic: Topic, around: &Around<'_>) -> Vec<Event> {
        let Topic { argument: raw, earlier } = topic;
        let data = &raw["topicData"];
        self.confirmed = true;
        self.joins_as_whisper = false;
        if matches!(self.stage, Stage::Offered | Stage::Joining) {
            self.since = around.wall;
            self.stage = Stage::Active;
        }
        self.expires = None;
        if let Some(task) = trimmed(&raw["taskId"]) {
            self.task = task;
        }
        if !raw["roomInfo"].is_null() {
            self.room = raw["roomInfo"].clone();
        }
        if !data["channelSession"].is_null() {
            self.first_session = data["channelSession"].clone();
        }
        if data["customer"].is_object() {
            self.set_customer(&data["customer"], around);
        }
        if data["topicParticipant"].is_object() {
            self.participant = data["topicParticipant"].clone();
            self.set_role(Role::read(data["topicParticipant"]["role"].as_str().unwrap_or_default()), around);
        }
        self.set_data(attributes(&data["conversationData"]), around);
        self.take_participants(data, around);
        self.answer_by = cim::Timer::read(&data["agentSla"]).ends().map(|at| at.shifted(-around.ahead));
        let hold = cim::Timer::read(&data["holdTimerDetails"]);
        self.paused = data["state"].as_str().is_some_and(|state| state.trim().eq_ignore_ascii_case("ON_HOLD"));
        self.paused_until = hold.ends().filter(|_| self.paused).map(|at| at.shifted(-around.ahead));
        self.hands = data["agentHandRaise"]["agentNames"]
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        self.typing.clear();
        let first = self.told_frame.is_none();
        self.take_earlier(earlier, around);
        let mut told = Vec::new();
        if first {
            self.tell_contact(around, &mut told);
            // The frame comes before its messages and is open only after them: they
            // were there already and are none that arrive.
            let joining = Conversation { state: ConversationState::Joining, ..self.frame(around) };
            told.push(self.conversation(joining));
            let page = self.timeline.first_page();
            told.extend(page.into_iter().map(|message| self.message(message)));
            // Only now is it known whether there are older ones.
            let frame = self.frame(around);
            told.push(self.conversation(frame.clone()));
            self.told_frame = Some(frame);
        } else {
            told.extend(self.tell(around));
        }
        told
    }

    fn take_participants(&mut self, data: &Value, around: &Around<'_>) {
        let rows = data["participants"].as_array().map(Vec::as_slice).unwrap_or_default();
        self.others.clear();
        self.sessions.clear();
        for row in rows {
            let who = &row["participant"];
            let active = row["isActive"] != json!(false) && row["state"].as_str() != Some("UNSUBSCRIBED");
            match row["type"].as_str().unwrap_or_default().trim().to_uppercase().as_str() {
                "CUSTOMER" => {
                    let session = ChannelSession::read(who);
                    self.sessions.extend(session.filter(|session| active && is_open(session)));
                }
                "AGENT" if active => {
                    let user = &who["keycloakUser"];
                    let id = user["id"].as_str().or_else(|| who["id"].as_str()).unwrap_or_default();
                    let role = Role::read(row["role"].as_str().unwrap_or_default());
                    if id != around.user.id && !id.is_empty() {
                        let name = User::read(user).map(|user| user.shown());
                        self.others.insert(id.to_owned(), other(name, role));
                    }
                }
                "BOT" if active => {
                    let id = who["id"].as_str().unwrap_or("bot").to_owned();
                    let name = who["name"].as_str().map(str::to_owned);
                    let author = Author { role: AuthorRole::Bot, name };
                    self.others.insert(id, Other { author, role: Role::Assistant, agent: false });
                }
                _ => {}
            }
        }
        if self.sessions.is_empty() && rows.is_empty() {
            // Releases that leave the participants out.
            self.sessions.extend(ChannelSession::read(&self.first_session).filter(is_open));
        }
    }

    /// It belongs to this customer.
    pub fn set_customer(&mut self, raw: &Value, around: &Around<'_>) {
        self.customer = Customer::read(raw);
        self.customer_raw = raw.clone();
        self.look(around);
    }

    fn set_data(&mut self, data: Vec<Attribute>, around: &Around<'_>) {
        self.data = data;
        self.look(around);
    }

    fn set_role(&mut self, role: Role, around: &Around<'_>) {
        if role == Role::WrapUp {
            self.begin_wrap_up(None, around);
        } else if self.stage == Stage::WrapUp {
            self.stage = Stage::Active;
            self.wrap_up_ends = None;
        }
        if role != Role::SilentMonitor {
            self.joins_as_whisper = false;
        }
        self.role = role;
    }

    /// After-contact work begins; how long it lasts may be told later, or before.
    pub fn begin_wrap_up(&mut self, lasts_ms: Option<i64>, around: &Around<'_>) {
        if self.stage != Stage::WrapUp {
            self.stage = Stage::WrapUp;
            self.since = around.wall;
            // What the agent wanted to leave is left: how this ends is another matter.
            self.leaving = false;
        }
        if let Some(lasts) = lasts_ms {
            self.wrap_up_ends = Some(around.wall.shifted(lasts));
        }
    }

    /// The session on which the agent answers.
    pub fn reply_session(&self) -> Option<&ChannelSession> {
        let chosen = self.chosen.as_ref().and_then(|id| self.sessions.iter().find(|session| session.id == *id));
        chosen.or_else(|| cim::reply_channel(&self.sessions))
    }

    /// Answers on that session from now on; false when there is none.
    pub fn choose(&mut self, id: &str) -> bool {
        let there = self.sessions.iter().any(|session| session.id == id && !session.is_voice());
        if there {
            self.chosen = Some(id.to_owned());
        }
        there
    }

    /// Where what is published goes.
    pub fn to(&self) -> cim::To<'_> {
        let session = self.reply_session().map_or(&self.first_session, |session| &session.raw);
        cim::To {
            conversation: self.id.as_str(),
            room_info: &self.room,
            channel_session: session,
            customer: &self.customer_raw,
        }
    }

    /// All of the customer's ways are over.
    pub fn customer_has_left(&self) -> bool {
        self.stage == Stage::Active && self.sessions.is_empty()
    }

    /// An agent is there who could be whispered to.
    pub fn has_colleagues(&self) -> bool {
        self.others.values().any(|other| other.agent && !matches!(other.role, Role::WrapUp))
    }

    /// The platform's id of its customer.
    pub fn customer_id(&self) -> Option<&str> {
        self.customer.id.as_deref()
    }

    /// Its customer's document, as it came.
    pub fn customer_document(&self) -> &Value {
        &self.customer_raw
    }

    /// An agent who gives advice in it.
    pub fn is_adviser(&self, agent: &str) -> bool {
        self.others.get(agent).is_some_and(|other| other.agent && other.role == Role::Assistant)
    }

    /// Other agents who answer the customer.
    pub fn primaries(&self) -> impl Iterator<Item = &str> {
        let answering = |(_, other): &(&String, &Other)| other.agent && other.role == Role::Primary;
        self.others.iter().filter(answering).map(|(id, _)| id.as_str())
    }

    /// Post and comment that a message below a post is, as the social network names them.
    pub fn comment(&self, message: &MessageId) -> Option<(String, Option<String>)> {
        self.comments.get(message).cloned()
    }

    /// How it ended when the platform takes it away for this reason.
    pub fn outcome(&self, reason: &str) -> Outcome {
        match reason.trim().to_uppercase().as_str() {
            "CHAT TRANSFERRED" | "TRANSFERRED" => Outcome::Transferred,
            _ if self.sessions.is_empty() => Outcome::EndedByCustomer,
            _ if self.leaving || self.finishing || self.stage == Stage::WrapUp => Outcome::EndedByAgent,
            _ => Outcome::Handled,
        }
    }

    /// The offer has stood about as long as offers stand.
    pub fn has_run_out(&self, around_ms: u64, wall: UnixMillis) -> bool {
        const ABOUT_MS: i64 = 1_000;
        wall.since(self.offered_at) >= i64::try_from(around_ms).unwrap_or(i64::MAX).saturating_sub(ABOUT_MS)
    }

    /// Name to be shown of the customer.
    pub fn customer_name(&self) -> String {
        let address = || self.reply_session().and_then(|session| session.customer_identifier.clone());
        self.customer.name.clone().or_else(address).unwrap_or_default()
    }

    /// Its medium.
    pub fn channel(&self) -> Channel {
        let session = ChannelSession::read(&self.first_session);
        match session.map(|session| session.kind()) {
            Some(Subtype::Email) => Channel::Email,
            Some(Subtype::Telephone) => Channel::Voice,
            _ => Channel::Chat,
        }
    }

    /// When time changes something.
    pub fn deadline(&self) -> Option<Instant> {
        let reading = self.reading.as_ref().map(|reading| reading.at);
        self.typing.iter().map(|(_, until)| *until).chain(self.expires.map(|(_, at)| at)).chain(reading).min()
    }
}

/// The own part in a conversation or list, as requests name it. `id` is made anew
/// for each.
pub fn participant(user: &User, id: &str, conversation: &str, role: Role) -> Value {
    json!({
        "id": id,
        "type": "AGENT",
        "participant": user.as_participant(),
        "token": null,
        "conversationId": conversation,
        "role": role.name(),
        "userCredentials": null,
        "state": "SUBSCRIBED",
    })
}

fn other(name: Option<String>, role: Role) -> Other {
    let author = if role.supervises() { AuthorRole::Supervisor } else { AuthorRole::Agent };
    Other { author: Author { role: author, name }, role, agent: true }
}

fn is_open(session: &ChannelSession) -> bool {
    !matches!(session.state.as_deref(), Some("ENDED" | "CLOSED"))
}

/// A person, told as a name or as a user.
fn named(raw: &Value) -> Option<String> {
    let name = raw.as_str().map(str::to_owned);
    let name =
        name.or_else(|| User::read(raw).map(|user| user.shown())).or_else(|| raw["name"].as_str().map(str::to_owned));
    name.filter(|name| !name.trim().is_empty())
}

/// A map of words, sorted by name.
fn attributes(raw: &Value) -> Vec<Attribute> {
    let Some(members) = raw.as_object() else { return Vec::new() };
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let one = |(name, value): (&String, &Value)| Some(Attribute { name: name.clone(), value: cim::cut(&text(value)?) });
    let mut found: Vec<_> =
        members.iter().filter_map(one).filter(|attribute| !attribute.value.trim().is_empty()).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}
