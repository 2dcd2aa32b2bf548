//! What the agent does.

use std::time::Instant;

use serde_json::{Map, Value, json};
use trunkline_connector::{Command, CommandCode, CommandError, Target};
use trunkline_model::{CommandId, ContactAction, ContactId, EndpointId, LinkState, WrapUpCode};

use super::{Awaited, Now, Pending, Phase, Session};
use crate::cim;
use crate::presence::{self, Wanted};
use crate::rest::Towards;
use crate::talk::{Role, Stage};

/// What a command leads to.
pub(super) enum Then {
    /// It is done.
    Done,
    /// It is done when this shows, within so many milliseconds where that is less
    /// than the command has.
    Await(Awaited, Option<u64>),
}

pub(super) type Acted = Result<Then, CommandError>;

pub(super) fn not_signed_in() -> CommandError {
    CommandError::new(CommandCode::NotSignedIn, "not signed in")
}

pub(super) fn not_possible(detail: &str) -> CommandError {
    CommandError::new(CommandCode::NotPossible, detail)
}

fn not_allowed(detail: &str) -> CommandError {
    CommandError::new(CommandCode::NotAllowed, detail)
}

impl Session {
    pub(super) fn on_command(&mut self, id: CommandId, deadline: Instant, command: Command, now: Now) {
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| *known == id) {
            let answer = answer.clone();
            return self.actions.push_back(super::Action::Reply(id, answer));
        }
        // Carried out once: the answer of the first one serves both.
        if self.pending.iter().any(|pending| pending.id == id) || self.held.iter().any(|(held, ..)| *held == id) {
            return;
        }
        match &command {
            Command::SignIn => {
                if matches!(self.phase, Phase::Idle | Phase::Waiting(_) | Phase::Challenged(_)) {
                    self.tries = 0;
                    self.sign_in(now);
                }
                return self.answer(id, Ok(()));
            }
            Command::SignOut { state } => return self.sign_out(id, state.as_ref(), now),
            Command::AnswerChallenge { answer } => {
                let awaited = self.answer_challenge(answer);
                return self.awaiting(id, deadline, awaited);
            }
            Command::ResendCode => {
                let awaited = self.resend_code();
                return self.awaiting(id, deadline, awaited);
            }
            _ => {}
        }
        if matches!(self.phase, Phase::Idle | Phase::Challenged(_)) || self.link.state == LinkState::NeedsSignIn {
            return self.answer(id, Err(not_signed_in()));
        }
        if let Some(contact) = command.contact()
            && !self.talks.contains_key(contact)
        {
            return self.answer(id, Err(not_possible("there is no such contact")));
        }
        if !self.is_online() {
            // Nothing is sent into an old picture; once there is a new one, it is.
            return match &command {
                Command::Typing { .. } | Command::MarkRead { .. } => self.answer(id, Ok(())),
                _ => self.held.push((id, deadline, command)),
            };
        }
        self.carry_out(id, deadline, command, now);
    }

    fn awaiting(&mut self, id: CommandId, deadline: Instant, awaited: Result<Awaited, CommandError>) {
        match awaited {
            Ok(awaited) => self.pending.push(Pending { id, deadline, awaited }),
            Err(error) => self.answer(id, Err(error)),
        }
    }

    pub(super) fn carry_out(&mut self, id: CommandId, deadline: Instant, command: Command, now: Now) {
        if let Command::SendMessage { contact, token, content } = command {
            return self.send_message(id, deadline, &contact, token, content, now);
        }
        match self.act(&command, now) {
            Ok(Then::Done) => self.answer(id, Ok(())),
            Ok(Then::Await(awaited, millis)) => {
                let deadline = millis.map_or(deadline, |millis| self.confirm_within(deadline, millis, now));
                self.pending.push(Pending { id, deadline, awaited });
                if let Some(contact) = command.contact() {
                    self.confirm_by_talk(contact);
                }
            }
            Err(error) => self.answer(id, Err(error)),
        }
    }

    fn act(&mut self, command: &Command, now: Now) -> Acted {
        match command {
            Command::SetAgentState { state, .. } => {
                let Some(wanted) = Wanted::find(state, &self.reasons) else {
                    return Err(CommandError::new(CommandCode::Invalid, "not a state of this agent"));
                };
                let agent = self.me()?;
                self.emit_to("changeAgentState", wanted.change(&agent))?;
                Ok(Then::Await(Awaited::State(wanted), Some(self.settings.state_confirm_ms)))
            }
            Command::SetMedia { domain, ready } => {
                let presence = self.presence.as_ref().ok_or_else(|| not_possible("the states are not known"))?;
                if !presence.has_medium(domain.as_str()) {
                    return Err(CommandError::new(CommandCode::Invalid, "not a medium of this agent"));
                }
                if *ready && !presence.is_ready() {
                    return Err(not_possible("the agent as a whole is not ready"));
                }
                if presence.is_switched(domain.as_str(), *ready) {
                    return Ok(Then::Done);
                }
                let agent = self.me()?;
                self.emit_to("changeAgentState", presence::switch(&agent, domain.as_str(), *ready))?;
                Ok(Then::Await(Awaited::Media(domain.clone(), *ready), Some(self.settings.state_confirm_ms)))
            }
            Command::Accept { contact } => self.accept(contact),
            Command::Disconnect { contact, connection: None } => {
                self.may(contact, ContactAction::End, now)?;
                self.leave_talk(contact, false)?;
                Ok(Then::Await(Awaited::Left(contact.clone()), None))
            }
            Command::Clear { contact } => {
                self.may(contact, ContactAction::Clear, now)?;
                self.finish(contact)?;
                Ok(Then::Await(Awaited::Left(contact.clone()), None))
            }
            Command::WrapUp { contact, codes, note } => self.wrap_up(contact, codes, note, now),
            Command::Transfer { contact, target, note } => {
                self.may(contact, ContactAction::Transfer, now)?;
                self.request("directTransferRequest", contact, target, note)?;
                Ok(Then::Await(Awaited::Transfer(contact.clone()), None))
            }
            Command::AddParty { contact, target, note } => {
                self.may(contact, ContactAction::AddParty, now)?;
                self.request("directConferenceRequest", contact, target, note)?;
                Ok(Then::Await(Awaited::Conference(contact.clone()), None))
            }
            Command::Consult { contact, target, note } => {
                self.may(contact, ContactAction::Consult, now)?;
                self.request("consultRequest", contact, target, note)?;
                Ok(Then::Await(Awaited::Consult(contact.clone()), None))
            }
            Command::Pause { contact } => {
                self.may(contact, ContactAction::Pause, now)?;
                let duration = json!(self.settings.pause_s);
                self.lay_aside("pauseConversation", contact, "ON_HOLD", Some(duration))?;
                Ok(Then::Await(Awaited::Paused(contact.clone(), true), None))
            }
            Command::Unpause { contact } => {
                self.may(contact, ContactAction::Unpause, now)?;
                self.lay_aside("resumeConversation", contact, "ACTIVE", None)?;
                Ok(Then::Await(Awaited::Paused(contact.clone(), false), None))
            }
            Command::EndConsult { contact, adviser, stay } => self.end_consult(contact, adviser, *stay, now),
            Command::LinkCustomer { contact, customer } => self.link_customer(contact, customer),
            Command::Monitor { contact } => self.monitor(contact),
            Command::SetMonitorMode { contact, mode } => self.set_monitor_mode(contact, *mode, now),
            Command::SubscribeList { list, subscribed } => self.subscribe_list(list, *subscribed),
            Command::TakeWork { item, .. } => self.take_work(item),
            Command::CloseWork { item, .. } => self.close_work(item),
            Command::ChooseLine { contact, line } => {
                let mut chosen = false;
                self.with_talk(contact, now, |talk, around| {
                    chosen = talk.choose(line);
                    talk.tell(around)
                });
                if chosen { Ok(Then::Done) } else { Err(not_possible("the customer cannot be reached on it any more")) }
            }
            Command::Typing { contact } => {
                self.say_typing(contact, now);
                Ok(Then::Done)
            }
            Command::MarkRead { contact, message } => {
                self.say_read(contact, message, now);
                Ok(Then::Done)
            }
            Command::LoadOlder { contact } => {
                self.with_talk(contact, now, crate::talk::Talk::older);
                Ok(Then::Done)
            }
            Command::Reject { .. } => Err(not_allowed("an offer cannot be declined: it runs out")),
            _ => Err(not_allowed("this platform does not offer it")),
        }
    }

    fn me(&self) -> Result<String, CommandError> {
        let user = self.user.as_ref().ok_or_else(not_signed_in)?;
        Ok(user.id.clone())
    }

    pub(super) fn may(&mut self, id: &ContactId, action: ContactAction, now: Now) -> Result<(), CommandError> {
        let facts = self.facts();
        let allowed = match (self.talks.get(id), &self.user) {
            (Some(talk), Some(user)) => talk.allowed(&Self::around(user, &self.settings, &self.schema, facts, now)),
            _ => return Err(not_possible("there is no such contact")),
        };
        if allowed.contains(&action) { Ok(()) } else { Err(not_possible("not possible at present")) }
    }

    fn accept(&mut self, id: &ContactId) -> Acted {
        let Some(talk) = self.talks.get_mut(id) else { return Err(not_possible("there is no such contact")) };
        match talk.stage {
            Stage::Offered if talk.is_ringing() => {}
            Stage::Joining => return Ok(Then::Await(Awaited::Taken(id.clone()), None)),
            Stage::Offered => return Err(not_allowed("this call is taken at the telephone")),
            Stage::Active | Stage::WrapUp => return Ok(Then::Done),
        }
        if !self.subscribe(id) {
            return Err(CommandError::new(CommandCode::Unavailable, "not connected"));
        }
        Ok(Then::Await(Awaited::Taken(id.clone()), None))
    }

    /// Leaves a conversation. `finishing`: without after-contact work.
    fn leave_talk(&mut self, id: &ContactId, finishing: bool) -> Result<(), CommandError> {
        let agent = self.me()?;
        let Some(talk) = self.talks.get_mut(id) else { return Err(not_possible("there is no such contact")) };
        talk.leaving = true;
        talk.finishing = finishing;
        let argument = json!({ "conversationId": id, "agentId": agent, "roomInfo": talk.room });
        self.emit_to("topicUnsubscription", argument)
    }

    /// Ends after-contact work, or leaves a conversation whose customer has gone.
    fn finish(&mut self, id: &ContactId) -> Result<(), CommandError> {
        let in_wrap_up = self.talks.get(id).is_some_and(|talk| talk.stage == Stage::WrapUp);
        if in_wrap_up {
            if let Some(talk) = self.talks.get_mut(id) {
                talk.finishing = true;
            }
            self.skip_wrap_up(id);
            return Ok(());
        }
        self.leave_talk(id, true)
    }

    pub(super) fn skip_wrap_up(&mut self, id: &ContactId) {
        let argument = match (self.talks.get_mut(id), &self.user) {
            (Some(talk), Some(user)) => {
                // Said once: after this the platform takes the conversation away.
                if talk.wrap_up_skipped {
                    return;
                }
                talk.wrap_up_skipped = true;
                cim::close_wrap_up(None, &writer(user), &talk.to())
            }
            _ => return,
        };
        if self.emit_to("closeWrapup", argument).is_err()
            && let Some(talk) = self.talks.get_mut(id)
        {
            talk.wrap_up_skipped = false;
        }
    }

    fn wrap_up(&mut self, id: &ContactId, codes: &[WrapUpCode], note: &str, now: Now) -> Acted {
        self.may(id, ContactAction::WrapUp, now)?;
        let (message, event) = (self.uuid(), self.uuid());
        let (Some(talk), Some(user)) = (self.talks.get(id), &self.user) else {
            return Err(not_possible("there is no such contact"));
        };
        let (writer, to) = (writer(user), talk.to());
        let saying = cim::Saying::plain(cim::Words::WrapUp { codes, note });
        let time = now.wall.shifted(self.ahead);
        let built = cim::build(cim::Outgoing::Message(saying), &writer, &to, &message, &event, time);
        let (in_wrap_up, gone) = (talk.stage == Stage::WrapUp, talk.customer_has_left());
        if in_wrap_up {
            let argument = cim::close_wrap_up(Some(built), &writer, &to);
            self.emit_to("closeWrapup", argument)?;
            return Ok(Then::Await(Awaited::Noted(id.clone()), None));
        }
        let argument = cim::publish(built, &writer, &to);
        self.emit_to("publishCimEvent", argument)?;
        if gone {
            // Noted after the customer has left: that was the last of it.
            self.leave_talk(id, true)?;
            return Ok(Then::Await(Awaited::Left(id.clone()), None));
        }
        let token = trunkline_model::MessageToken::new(message);
        Ok(Then::Await(Awaited::Message(id.clone(), token), Some(self.settings.message_confirm_ms)))
    }

    /// Transfer, conference and consult have one body.
    fn request(&mut self, name: &str, id: &ContactId, target: &Target, note: &str) -> Result<(), CommandError> {
        let towards = match target {
            Target::Endpoint { id } => Towards::find(id),
            Target::Number { .. } => None,
        };
        let Some(towards) = towards else {
            return Err(CommandError::new(CommandCode::BadTarget, "neither a queue nor an agent of this platform"));
        };
        if self.pending.iter().any(|pending| pending.awaited.asks_somebody_for(id)) {
            return Err(not_possible("somebody is being asked already"));
        }
        let Some(talk) = self.talks.get(id) else { return Err(not_possible("there is no such contact")) };
        let mut body: Map<String, Value> = towards.members();
        body.insert("channelSession".to_owned(), talk.first_session.clone());
        body.insert("agentParticipant".to_owned(), talk.participant.clone());
        body.insert("note".to_owned(), json!(note.trim()));
        self.emit_to(name, Value::Object(body))
    }

    pub(super) fn as_participant(&self, id: &ContactId) -> Result<Value, CommandError> {
        let (Some(talk), agent) = (self.talks.get(id), self.me()?) else {
            return Err(not_possible("there is no such contact"));
        };
        Ok(json!({ "participantId": agent, "conversationId": id, "roomInfo": talk.room }))
    }

    /// One who gave advice answers the customer from now on.
    fn end_consult(&mut self, id: &ContactId, adviser: &EndpointId, stay: bool, now: Now) -> Acted {
        let action = if stay { ContactAction::BringInAdviser } else { ContactAction::HandToAdviser };
        self.may(id, action, now)?;
        if self.pending.iter().any(|pending| pending.awaited.asks_somebody_for(id)) {
            return Err(not_possible("somebody is being asked already"));
        }
        let Some(talk) = self.talks.get(id) else { return Err(not_possible("there is no such contact")) };
        let agent = match Towards::find(adviser) {
            Some(Towards::Agent(agent)) if talk.is_adviser(&agent) => agent,
            _ => return Err(not_possible("this colleague is not advising any more")),
        };
        let name = if stay { "consultConferenceRequest" } else { "consultTransferRequest" };
        let argument = json!({
            "channelSession": talk.first_session,
            "agentParticipant": talk.participant,
            "conversationId": id,
            "requestedAgentId": agent,
            "mode": "agent",
            "offerToAgent": false,
        });
        self.emit_to(name, argument)?;
        Ok(Then::Await(Awaited::Promoted(id.clone(), agent, stay), None))
    }

    fn lay_aside(
        &mut self,
        name: &str,
        id: &ContactId,
        state: &str,
        duration: Option<Value>,
    ) -> Result<(), CommandError> {
        let mut argument = self.as_participant(id)?;
        if let Some(members) = argument.as_object_mut() {
            if let Some(duration) = duration {
                members.insert("duration".to_owned(), duration);
            }
            members.insert("state".to_owned(), json!(state));
        }
        self.emit_to(name, argument)
    }

    /// The part in a conversation that the agent plays.
    pub(super) fn role(&self, id: &ContactId) -> Option<Role> {
        self.talks.get(id).map(|talk| talk.role)
    }
}

pub(super) fn writer(user: &crate::user::User) -> cim::Writer<'_> {
    cim::Writer { id: &user.id, username: &user.username, first_name: &user.first_name, last_name: &user.last_name }
}
