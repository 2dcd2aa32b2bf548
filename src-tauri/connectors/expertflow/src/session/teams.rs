//! Supervisors and pull-mode lists.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use trunkline_connector::{CommandCode, CommandError, Event};
use trunkline_model::{
    ContactAction, ContactId, Listening, MonitorMode, Supervision, SupervisionPart, Team, WorkItemId, WorkListId,
};

use super::acts::{Acted, Then, not_possible, not_signed_in};
use super::{Action, Awaited, Found, Now, Rest, Session, extract};
use crate::reports::{Around, Reading};
use crate::rest::RestError;
use crate::talk::{Role, participant};

/// Teams of one supervisor that are asked for.
const TEAMS: usize = 20;

/// A supervisor's picture that is being put together.
#[derive(Debug)]
pub(super) struct Gathering {
    /// Answers that are still to come.
    open: usize,
    picture: Supervision,
    sessions: BTreeMap<ContactId, Value>,
    waiting_seen: Vec<String>,
    /// Parts of which something was read.
    read: Vec<SupervisionPart>,
    error: Option<CommandError>,
}

impl Session {
    /// Asks for everything about every team; the answers come together.
    pub(super) fn ask_supervision(&mut self, ask: u64, deadline: Instant, now: Now) {
        let teams: Vec<Team> = match &self.user {
            Some(user) => user.supervised.iter().take(TEAMS).cloned().collect(),
            None => Vec::new(),
        };
        if teams.is_empty() {
            let error = CommandError::new(CommandCode::NotAllowed, "no team is supervised");
            return self.actions.push_back(Action::Answered(ask, Err(error)));
        }
        let parts = [SupervisionPart::Agents, SupervisionPart::Waiting, SupervisionPart::Contacts];
        let gathering = Gathering {
            open: teams.len() * parts.len(),
            picture: Supervision { at: now.wall, ..Supervision::default() },
            sessions: BTreeMap::new(),
            waiting_seen: Vec::new(),
            read: Vec::new(),
            error: None,
        };
        self.gatherings.insert(ask, gathering);
        // What is late is missing from the picture; the rest of it is answered in time.
        let deadline = deadline.min(now.at + crate::settings::ms(self.settings.rest_limit_ms));
        for team in teams {
            for part in parts {
                self.ask(Rest::Report(ask, part, team.clone()), Some(deadline));
            }
        }
    }

    pub(super) fn on_report(
        &mut self,
        ask: u64,
        part: SupervisionPart,
        team: &Team,
        result: Result<Value, CommandError>,
        now: Now,
    ) {
        let (Some(gathering), Some(user)) = (self.gatherings.get_mut(&ask), &self.user) else { return };
        gathering.open = gathering.open.saturating_sub(1);
        match result {
            Ok(answer) => {
                let around = Around { user, ahead: self.ahead, wall: now.wall };
                let mut reading = Reading { picture: &mut gathering.picture, around };
                match part {
                    SupervisionPart::Agents => reading.agents(&answer, team),
                    SupervisionPart::Waiting => reading.waiting(&answer, &mut gathering.waiting_seen),
                    SupervisionPart::Contacts => reading.contacts(&answer, &mut gathering.sessions),
                }
                gathering.read.push(part);
            }
            Err(error) => {
                tracing::info!(?part, %error, "a supervisor's list cannot be read");
                if !gathering.picture.missing.contains(&part) {
                    gathering.picture.missing.push(part);
                }
                gathering.error = Some(error);
            }
        }
        if gathering.open > 0 {
            return;
        }
        let Some(mut whole) = self.gatherings.remove(&ask) else { return };
        let answer = match whole.error {
            Some(error) if whole.read.is_empty() => Err(error),
            _ => {
                // What this session holds it knows better than a report does.
                for contact in &mut whole.picture.contacts {
                    if self.talks.contains_key(&contact.id) {
                        contact.listening = Listening::Mine;
                    }
                }
                if whole.read.contains(&SupervisionPart::Contacts) {
                    self.reported = whole.sessions;
                }
                Ok(Found::Supervision(Box::new(whole.picture)))
            }
        };
        self.actions.push_back(Action::Answered(ask, answer));
    }

    /// Begins to read somebody else's conversation.
    pub(super) fn monitor(&mut self, id: &ContactId) -> Acted {
        if self.talks.contains_key(id) {
            return Ok(Then::Done);
        }
        let Some(session) = self.reported.get(id).cloned() else {
            return Err(not_possible("the conversation is not among those of the teams any more"));
        };
        let arrives = Awaited::Arrives(id.clone(), "JoinAsSilentMonitor");
        if self.pending.iter().any(|pending| pending.awaited == arrives) {
            return Ok(Then::Await(arrives, None));
        }
        let (agent, participant) = self.participant(id.as_str(), Role::SilentMonitor)?;
        let argument = json!({
            "topicParticipant": participant,
            "agentId": agent,
            "channelSession": session,
        });
        self.emit_to("JoinAsSilentMonitor", argument)?;
        Ok(Then::Await(arrives, None))
    }

    pub(super) fn set_monitor_mode(&mut self, id: &ContactId, mode: MonitorMode, now: Now) -> Acted {
        let (name, action, role) = match mode {
            MonitorMode::Whisper => ("joinAsWhisper", ContactAction::Whisper, Role::Whisper),
            MonitorMode::Barge => ("JoinAsBargin", ContactAction::BargeIn, Role::Primary),
            MonitorMode::Silent => {
                return Err(CommandError::new(CommandCode::NotAllowed, "there is no way back to listening only"));
            }
        };
        self.may(id, action, now)?;
        let argument = self.as_participant(id)?;
        self.emit_to(name, argument)?;
        if let Some(talk) = self.talks.get_mut(id).filter(|_| role == Role::Whisper) {
            talk.joins_as_whisper = true;
        }
        Ok(Then::Await(Awaited::Role(id.clone(), role), None))
    }

    // Lists.

    pub(super) fn on_lists(&mut self, result: Result<Value, RestError>) {
        match result {
            Ok(answer) => self.lists.set_known(&answer),
            Err(error) => tracing::info!(?error, "the pull-mode lists cannot be read"),
        }
    }

    /// Tells the lists where they have changed, and answers what shows by them.
    pub(super) fn settle_lists(&mut self) {
        let Some(user) = &self.user else { return };
        let lists = self.lists.shown(user.sees_personal_data(), self.ahead);
        if lists != self.told_lists {
            self.told_lists = lists.clone();
            self.emit(Event::WorkLists(lists));
        }
        let lists = &self.lists;
        let done = extract(&mut self.pending, |pending| match &pending.awaited {
            Awaited::Listed(list, wanted) => lists.is_subscribed(list.as_str()) == *wanted,
            Awaited::OffList(item) => !lists.has(item),
            _ => false,
        });
        for pending in done {
            self.answer(pending.id, Ok(()));
        }
    }

    /// There are no lists any more: the session is over.
    pub(super) fn forget_lists(&mut self) {
        self.lists = crate::lists::Lists::default();
        if !self.told_lists.is_empty() {
            self.told_lists.clear();
            self.emit(Event::WorkLists(Vec::new()));
        }
    }

    pub(super) fn subscribe_list(&mut self, list: &WorkListId, wanted: bool) -> Acted {
        let Some(named) = self.lists.as_named(list) else { return Err(not_possible("there is no such list")) };
        if self.lists.is_subscribed(list.as_str()) == wanted {
            return Ok(Then::Done);
        }
        let name = if wanted { "subscribePullModeList" } else { "unsubscribePullModeList" };
        let (agent, participant) = self.participant(list.as_str(), Role::Primary)?;
        let argument = json!({
            "topicParticipant": participant,
            "agentId": agent,
            "listId": list,
            "list": named,
        });
        self.emit_to(name, argument)?;
        Ok(Then::Await(Awaited::Listed(list.clone(), wanted), None))
    }

    pub(super) fn take_work(&mut self, item: &WorkItemId) -> Acted {
        let Some(taking) = self.lists.taking(item) else { return Err(not_possible("it is not on the list any more")) };
        let id = ContactId::new(taking.conversation.as_str());
        if self.talks.get(&id).is_some_and(|talk| talk.is_at_work()) {
            return Ok(Then::Done);
        }
        let (agent, participant) = self.participant(&taking.conversation, Role::Primary)?;
        let argument = json!({
            "topicParticipant": participant,
            "agentId": agent,
            "channelSession": taking.session,
            "requestId": item,
        });
        self.emit_to("joinPullModeRequest", argument)?;
        Ok(Then::Await(Awaited::Arrives(id, "joinPullModeRequest"), None))
    }

    pub(super) fn close_work(&mut self, item: &WorkItemId) -> Acted {
        if !self.lists.has(item) {
            return Ok(Then::Done);
        }
        self.emit_to("deletePullModeRequest", json!(item))?;
        Ok(Then::Await(Awaited::OffList(item.clone()), None))
    }

    /// The own user id, and the own part in a conversation or list.
    fn participant(&mut self, of: &str, role: Role) -> Result<(String, Value), CommandError> {
        let topic = self.uuid();
        let user = self.user.as_ref().ok_or_else(not_signed_in)?;
        Ok((user.id.clone(), participant(user, &topic, of, role)))
    }
}
