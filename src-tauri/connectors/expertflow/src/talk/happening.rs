//! What happens in a conversation, taken in.

use serde_json::Value;
use trunkline_connector::Event;
use trunkline_model::{AuthorRole, Delivery, Message, MessageBody, MessageId, UnixMillis};

use super::timeline::Timeline;
use super::{Around, Other, Role, Talk, other};
use crate::cim::{self, CimEvent, Happening, Told, Unreadable};
use crate::settings::ms;

/// What the session has to know of an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noted {
    /// For the panel, in order.
    pub events: Vec<Event>,
    /// A message of ours came back: the platform has it.
    pub echo: Option<MessageId>,
    /// Nobody was free for what was asked for, in the platform's word.
    pub nobody_for: Option<String>,
    /// When it happened by the platform's clock.
    pub at: Option<UnixMillis>,
}

impl Talk {
    fn understood(&self, event: &CimEvent<'_>, around: &Around<'_>) -> Told {
        let role_of = |user: &str| self.others.get(user).map(|other| other.author.role);
        let me = cim::Me { id: &around.user.id, username: &around.user.username, role_of: &role_of };
        cim::read(event, &me, around.wall.shifted(around.ahead))
    }

    /// One of those that `onTopicData` brings: the state beside them is newer. It
    /// stands in the timeline at that place, in this one where one is given.
    pub(super) fn happened_before(
        &mut self,
        event: Result<CimEvent<'_>, Unreadable>,
        me: &cim::Me<'_>,
        now: UnixMillis,
        place: u64,
        timeline: Option<&mut Timeline>,
    ) {
        let event = match event {
            Ok(event) => event,
            Err(error) => return tracing::warn!(%error, "an earlier event cannot be read"),
        };
        let told = cim::read(&event, me, now);
        self.encoded |= told.encoded;
        self.note_comment(&event, &told);
        let timeline = timeline.unwrap_or(&mut self.timeline);
        timeline.place_from(place);
        keep(timeline, &self.first_session, told);
    }

    /// A comment below a post is answered by what the social network calls it.
    fn note_comment(&mut self, event: &CimEvent<'_>, told: &Told) {
        let Happening::Message(message) = &told.what else { return };
        let MessageBody::Comment { post: Some(post), .. } = &message.body else { return };
        let comment = event.data["header"]["providerMessageId"].as_str().filter(|id| !id.is_empty());
        self.comments.insert(message.id.clone(), (post.clone(), comment.map(str::to_owned)));
    }

    /// Messages, lines and marks on them.
    fn keep(&mut self, told: Told) -> Option<Happening> {
        self.note_since(&told);
        keep(&mut self.timeline, &self.first_session, told)
    }

    /// The same in a timeline that is not the conversation's yet.
    pub(super) fn keep_in(&self, timeline: &mut Timeline, told: Told) {
        keep(timeline, &self.first_session, told);
    }

    /// One that has just happened. The argument of `onCimEvent`.
    pub fn happened(&mut self, frame: &Value, around: &Around<'_>) -> Result<Noted, Unreadable> {
        let event = CimEvent::read_frame(frame)?;
        let told = self.understood(&event, around);
        self.encoded |= told.encoded;
        self.note_comment(&event, &told);
        let mut noted = Noted { at: event.at, ..Noted::default() };
        if let Happening::Message(message) = &told.what {
            noted.echo = (message.author.role == AuthorRole::Me).then(|| message.id.clone());
            let author = message.author.clone();
            self.typing.retain(|(who, _)| *who != author);
        }
        if let Some(what) = self.keep(told) {
            self.on_happening(what, around, &mut noted);
        }
        noted.events.extend(self.tell(around));
        Ok(noted)
    }

    fn on_happening(&mut self, what: Happening, around: &Around<'_>, noted: &mut Noted) {
        match what {
            Happening::Typing { author, on } => {
                // Agents' typing is not shown: the platform's desk does not either.
                if author.role == AuthorRole::Customer {
                    self.typing.retain(|(who, _)| *who != author);
                    if on {
                        self.typing.push((author, around.at + ms(around.settings.typing_shown_ms)));
                    }
                }
            }
            Happening::LineOpened(session) | Happening::LineChanged(session) => {
                match self.sessions.iter_mut().find(|known| known.id == session.id) {
                    Some(known) => *known = *session,
                    None => self.sessions.push(*session),
                }
            }
            Happening::LineClosed(session) => {
                self.sessions.retain(|known| known.id != session.id);
                if self.sessions.is_empty() {
                    self.since = around.wall;
                }
            }
            Happening::AgentJoined(agent) => {
                if agent.user == around.user.id {
                    self.participant = agent.raw;
                    self.set_role(Role::read(&agent.role), around);
                } else if !agent.user.is_empty() {
                    let one = other(agent.author.name.clone(), Role::read(&agent.role));
                    self.others.insert(agent.user.clone(), one);
                }
            }
            Happening::AgentLeft { agent, .. } => {
                self.others.remove(&agent.user);
            }
            Happening::RoleChanged(agent) => {
                let role = Role::read(&agent.role);
                if agent.user == around.user.id {
                    self.participant = agent.raw;
                    self.set_role(role, around);
                } else if role == Role::WrapUp {
                    self.others.remove(&agent.user);
                } else if !agent.user.is_empty() {
                    let name = agent.author.name.clone().or_else(|| self.others.get(&agent.user)?.author.name.clone());
                    self.others.insert(agent.user.clone(), other(name, role));
                }
            }
            Happening::TaskStateChanged { task, .. } => {
                if task.state == "WRAP_UP" && task.agent.as_deref() == Some(around.user.id.as_str()) {
                    self.begin_wrap_up(None, around);
                }
            }
            Happening::NobodyAvailable { direction, .. } => noted.nobody_for = Some(direction),
            Happening::CustomerChanged(raw) => self.set_customer(&raw, around),
            Happening::DataChanged(data) => self.set_data(data, around),
            Happening::Sla(sla) => {
                let left = sla.total.map(|total| total.saturating_sub(sla.elapsed.unwrap_or(0)));
                let left = left.and_then(|left| i64::try_from(left.saturating_mul(1_000)).ok());
                self.answer_by = left.map(|left| around.wall.shifted(left));
            }
            Happening::SlaStopped => self.answer_by = None,
            Happening::Paused(timer) => {
                self.paused = true;
                // Without a beginning it began now.
                let since = timer.since.map_or(around.wall, |at| at.shifted(-around.ahead));
                let lasts = timer.total.and_then(|total| i64::try_from(total.saturating_mul(1_000)).ok());
                self.paused_until = lasts.map(|lasts| since.shifted(lasts));
            }
            Happening::Resumed => (self.paused, self.paused_until) = (false, None),
            Happening::HandRaised { agent, .. } => drop(agent.name.map(|name| self.hands.insert(name))),
            Happening::HandLowered { agent, .. } => drop(agent.name.map(|name| self.hands.remove(&name))),
            Happening::TaskEnqueued { .. }
            | Happening::Call(_)
            | Happening::Other
            | Happening::Message(_)
            | Happening::Edited { .. }
            | Happening::Deleted { .. }
            | Happening::Delivery { .. }
            | Happening::Suggestions { .. } => {}
        }
    }

    /// Time has passed: more of a long past is read. Whoever has not written on does not write any more. An offer
    /// that stands longer than was thought stands for as long as the platform likes.
    pub fn tick(&mut self, around: &Around<'_>) -> Vec<Event> {
        self.read_on(around);
        self.typing.retain(|(_, until)| *until > around.at);
        self.expires = self.expires.filter(|(_, at)| *at > around.at);
        self.tell(around)
    }

    /// A message of ours is on its way; its id is its token.
    pub fn expect(&mut self, token: &trunkline_model::MessageToken) {
        self.timeline.expect(token);
    }

    /// The message is there: by its echo, or in what was read anew.
    pub fn has_message(&self, id: &MessageId) -> bool {
        self.timeline.has(id)
    }

    /// Whose words a message is, where it is nobody's line and none of ours.
    pub fn is_of_others(&self, id: &MessageId) -> bool {
        self.timeline.words_of(id).is_some()
    }

    /// What a file was called when it was sent.
    pub fn file_name(&self, address: &str) -> Option<String> {
        self.timeline.file_name(address)
    }

    /// The page of older messages before those that were told.
    pub fn older(&mut self, around: &Around<'_>) -> Vec<Event> {
        self.read_rest(around);
        let page = self.timeline.older_page();
        let mut told: Vec<Event> = page.into_iter().map(|message| self.message(message)).collect();
        told.extend(self.tell(around));
        told
    }

    pub(super) fn message(&self, message: Message) -> Event {
        Event::Message { contact: self.id.clone(), message: Box::new(message) }
    }

    /// Somebody to whom one can whisper, or a bot.
    pub(super) fn shown_others(&self) -> impl Iterator<Item = &Other> {
        self.others.values().filter(|other| !matches!(other.role, Role::SilentMonitor | Role::WrapUp))
    }
}

/// Puts into a timeline what belongs there, and gives back what does not.
fn keep(timeline: &mut Timeline, first_session: &Value, told: Told) -> Option<Happening> {
    // The way on which it began is nothing that came to it.
    let beginning = matches!(&told.what, Happening::LineOpened(session)
        if first_session["id"].as_str() == Some(session.id.as_str()));
    if let Some(line) = told.line.filter(|_| !beginning) {
        timeline.take(*line);
    }
    match told.what {
        Happening::Message(message) => timeline.take(*message),
        Happening::Edited { message, body, .. } => timeline.edit(&message, *body),
        Happening::Deleted { message, .. } => timeline.remove(&message),
        Happening::Delivery { up_to, status, by, .. } => {
            let theirs = matches!(by.role, AuthorRole::Customer) && status != Delivery::Failed;
            if theirs || status == Delivery::Failed {
                timeline.delivered(&up_to, status);
            }
        }
        Happening::Suggestions { message, suggestions } => timeline.suggest(message.as_ref(), suggestions),
        other => return Some(other),
    }
    None
}
