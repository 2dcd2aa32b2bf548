//! What the agent writes: each message once, whatever happens on the way.

use std::time::Instant;

use secrecy::ExposeSecret as _;
use serde_json::Value;
use trunkline_connector::{CommandCode, CommandError, OutgoingContent};
use trunkline_model::{CommandId, ContactId, MessageId, MessageToken};

use super::acts::{not_possible, writer};
use super::{Awaited, Now, Pending, Rest, Session, Uploading, extract};
use crate::cim;
use crate::rest::RestError;
use crate::settings::{Encode, ms};
use crate::talk::{Role, Talk};

impl Session {
    /// The echo of a message is all that says that the platform has it: its id is
    /// the token, so what comes again with a token is looked for first.
    pub(super) fn send_message(
        &mut self,
        id: CommandId,
        deadline: Instant,
        contact: &ContactId,
        token: MessageToken,
        content: OutgoingContent,
        now: Now,
    ) {
        if let Err(error) = self.may_say(contact, &content) {
            return self.answer(id, Err(error));
        }
        self.with_talk(contact, now, |talk, around| {
            talk.read_rest(around);
            talk.expect(&token);
            talk.tell(around)
        });
        let message = MessageId::new(token.as_str());
        if self.talks.get(contact).is_some_and(|talk| talk.has_message(&message)) {
            return self.answer(id, Ok(()));
        }
        if let Err(error) = self.join_before_whispering(contact, &content) {
            return self.answer(id, Err(error));
        }
        let sent = match content {
            OutgoingContent::Text { text, reply_to, internal, .. } => {
                let answers = reply_to.as_ref().map(MessageId::as_str);
                // Below a post, an answer is a comment of its own.
                let comment =
                    reply_to.as_ref().filter(|_| !internal).and_then(|to| self.talks.get(contact)?.comment(to));
                let words = match &comment {
                    Some((post, comment)) => {
                        cim::Words::Comment { post, text: &text, provider_message: comment.as_deref() }
                    }
                    None => cim::Words::Text(&text),
                };
                self.publish_message(contact, &token, words, internal, answers, now)
            }
            OutgoingContent::Place { place } => {
                self.publish_message(contact, &token, cim::Words::Location(&place), false, None, now)
            }
            OutgoingContent::Cards { cards } => {
                self.publish_message(contact, &token, cim::Words::Contacts(&cards), false, None, now)
            }
            OutgoingContent::File { name, content_type, bytes, progress } => {
                self.pending.push(Pending { id, deadline, awaited: Awaited::Message(contact.clone(), token.clone()) });
                let file = Uploading { contact: contact.clone(), token, name, content_type, bytes, progress };
                return self.ask(Rest::Upload(Box::new(file)), Some(deadline));
            }
        };
        if let Err(error) = sent {
            return self.answer(id, Err(error));
        }
        let deadline = self.confirm_within(deadline, self.settings.message_confirm_ms, now);
        self.pending.push(Pending { id, deadline, awaited: Awaited::Message(contact.clone(), token) });
    }

    /// A silent monitor may only whisper, and does so as one who is there: the
    /// platform is told first.
    fn join_before_whispering(&mut self, contact: &ContactId, content: &OutgoingContent) -> Result<(), CommandError> {
        let whispered = matches!(content, OutgoingContent::Text { internal: true, .. });
        let listens = |talk: &Talk| talk.role == Role::SilentMonitor && !talk.joins_as_whisper;
        if !whispered || !self.talks.get(contact).is_some_and(listens) {
            return Ok(());
        }
        let argument = self.as_participant(contact)?;
        self.emit_to("joinAsWhisper", argument)?;
        if let Some(talk) = self.talks.get_mut(contact) {
            talk.joins_as_whisper = true;
        }
        Ok(())
    }

    fn may_say(&self, contact: &ContactId, content: &OutgoingContent) -> Result<(), CommandError> {
        let Some(talk) = self.talks.get(contact) else { return Err(not_possible("there is no such contact")) };
        if !talk.confirmed {
            return Err(CommandError::new(CommandCode::Unavailable, "the conversation is being read anew"));
        }
        if !talk.is_open() {
            return Err(not_possible("the conversation is over"));
        }
        let whispered = matches!(content, OutgoingContent::Text { internal: true, .. });
        // A word to the customer cannot be taken back: where it may not be said it is refused here.
        if talk.role.only_whispers() && !whispered {
            return Err(CommandError::new(CommandCode::NotAllowed, "only colleagues can be written to"));
        }
        if whispered && !talk.has_colleagues() && !talk.role.only_whispers() {
            return Err(not_possible("there is no colleague to whisper to"));
        }
        match content {
            OutgoingContent::Text { text, .. } if text.trim().is_empty() => {
                Err(CommandError::new(CommandCode::Invalid, "an empty message"))
            }
            OutgoingContent::Text { text, .. } if text.len() > self.settings.longest_text as usize => {
                Err(CommandError::new(CommandCode::Invalid, "the message is too long"))
            }
            OutgoingContent::File { .. } if !self.files => {
                Err(CommandError::new(CommandCode::NotAllowed, "no files in this installation"))
            }
            OutgoingContent::File { bytes, .. } if bytes.is_empty() => {
                Err(CommandError::new(CommandCode::Invalid, "an empty file"))
            }
            OutgoingContent::File { name, .. } if !self.settings.takes_file(name) => {
                Err(CommandError::new(CommandCode::Invalid, "a kind of file that the platform does not take"))
            }
            OutgoingContent::File { bytes, .. } if bytes.len() as u64 > self.settings.largest_file => {
                Err(CommandError::new(CommandCode::Invalid, "the file is too large"))
            }
            _ => Ok(()),
        }
    }

    fn publish_message(
        &mut self,
        contact: &ContactId,
        token: &MessageToken,
        words: cim::Words<'_>,
        whisper: bool,
        answers: Option<&str>,
        now: Now,
    ) -> Result<(), CommandError> {
        let event = self.uuid();
        let time = now.wall.shifted(self.ahead);
        let (Some(talk), Some(user)) = (self.talks.get(contact), &self.user) else {
            return Err(not_possible("there is no such contact"));
        };
        let encode = match self.settings.encode_outgoing {
            Encode::Off => false,
            Encode::On => true,
            Encode::Mirror => talk.encoded,
        };
        let saying = cim::Saying { words, whisper, answers, corrects: None, encode };
        let (from, to) = (writer(user), talk.to());
        let built = cim::build(cim::Outgoing::Message(saying), &from, &to, token.as_str(), &event, time);
        let argument = cim::publish(built, &from, &to);
        self.emit_to("publishCimEvent", argument)
    }

    /// Answers messages that have come back, live or in a conversation read anew.
    pub(super) fn confirm_messages(&mut self, contact: &ContactId) {
        let Some(talk) = self.talks.get(contact) else { return };
        let back = |awaited: &Awaited| {
            matches!(awaited, Awaited::Message(of, token)
                if of == contact && talk.has_message(&MessageId::new(token.as_str())))
        };
        for pending in extract(&mut self.pending, |pending| back(&pending.awaited)) {
            self.answer(pending.id, Ok(()));
        }
    }

    pub(super) fn on_uploaded(&mut self, file: &Uploading, result: Result<Value, RestError>, now: Now) {
        let message = |awaited: &Awaited| matches!(awaited, Awaited::Message(of, token) if *of == file.contact && *token == file.token);
        let error = match result {
            Ok(answer) => {
                let name = answer["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(&file.name);
                let url = crate::rest::with_query(
                    &self.addresses.file_engine,
                    "api/downloadFileStream",
                    &[("filename", name)],
                );
                let told = answer["type"].as_str().filter(|kind| !kind.is_empty());
                let words = cim::Words::File {
                    url: url.as_str(),
                    content_type: told.unwrap_or(&file.content_type),
                    size: file.bytes.len() as u64,
                    name: &file.name,
                    caption: "",
                };
                match self.publish_message(&file.contact, &file.token, words, false, None, now) {
                    Ok(()) => {
                        let until = now.at + ms(self.settings.message_confirm_ms);
                        for pending in self.pending.iter_mut().filter(|pending| message(&pending.awaited)) {
                            pending.deadline = pending.deadline.min(until);
                        }
                        return;
                    }
                    Err(error) => error,
                }
            }
            Err(RestError::Refused(status, words)) if status.is_client_error() => {
                CommandError::new(CommandCode::Invalid, words)
            }
            Err(error) => CommandError::new(CommandCode::Unavailable, format!("{error:?}")),
        };
        for pending in extract(&mut self.pending, |pending| message(&pending.awaited)) {
            self.answer(pending.id, Err(error.clone()));
        }
    }

    pub(super) fn say_typing(&mut self, contact: &ContactId, now: Now) {
        // Neither a listener nor an adviser is seen by the customer.
        if self.role(contact).is_none_or(Role::only_whispers) {
            return;
        }
        let every = ms(self.settings.typing_every_ms);
        if self.typed.get(contact).is_some_and(|said| now.at < *said + every) {
            return;
        }
        self.typed.insert(contact.clone(), now.at);
        self.say_in_passing(contact, cim::Outgoing::Typing(true), now);
    }

    pub(super) fn say_read(&mut self, contact: &ContactId, message: &MessageId, now: Now) {
        if self.role(contact).is_none_or(|role| matches!(role, Role::SilentMonitor | Role::Assistant)) {
            return;
        }
        let theirs = self.talks.get(contact).is_some_and(|talk| talk.is_of_others(message));
        if !theirs || self.read.get(contact).is_some_and(|said| said == message.as_str()) {
            return;
        }
        self.read.insert(contact.clone(), message.as_str().to_owned());
        self.say_in_passing(contact, cim::Outgoing::Read(message.as_str()), now);
    }

    fn say_in_passing(&mut self, contact: &ContactId, what: cim::Outgoing<'_>, now: Now) {
        let (id, event) = (self.uuid(), self.uuid());
        let time = now.wall.shifted(self.ahead);
        let argument = match (self.talks.get(contact), &self.user) {
            (Some(talk), Some(user)) if talk.is_open() => {
                let (from, to) = (writer(user), talk.to());
                cim::publish(cim::build(what, &from, &to, &id, &event, time), &from, &to)
            }
            _ => return,
        };
        // Whether it arrives concerns nobody.
        let _ = self.emit_to("publishCimEvent", argument);
    }

    /// Nobody waits for a message: a file that is still on its way stops.
    pub(super) fn give_up_command(&mut self, id: &CommandId) {
        let Some(Awaited::Message(contact, token)) =
            self.pending.iter().find(|pending| pending.id == *id).map(|pending| pending.awaited.clone())
        else {
            return;
        };
        let of_it = |rest: &Rest| matches!(rest, Rest::Upload(file) if file.contact == contact && file.token == token);
        let calls: Vec<u64> = self.calls.iter().filter(|(_, call)| of_it(&call.rest)).map(|(call, _)| *call).collect();
        for call in calls {
            self.calls.remove(&call);
            self.pending.retain(|pending| pending.id != *id);
            self.actions.push_back(super::Action::Abort(call));
        }
    }

    /// Nobody waits for a file: it is not fetched any further.
    pub(super) fn give_up_ask(&mut self, id: u64) {
        self.gatherings.remove(&id);
        let of_it = |rest: &Rest| rest.ask() == Some(id);
        let calls: Vec<u64> = self.calls.iter().filter(|(_, call)| of_it(&call.rest)).map(|(call, _)| *call).collect();
        for call in calls {
            self.calls.remove(&call);
            self.actions.push_back(super::Action::Abort(call));
        }
    }

    /// A boundary that stands in no file: it is made anew each time.
    pub(super) fn boundary(&mut self) -> String {
        format!("trunkline-{}", self.uuid())
    }

    /// The token, for addresses of the platform's own alone.
    pub(super) fn token_for(&self, url: &url::Url) -> Option<trunkline_connector::ports::Secret> {
        let own = [&self.addresses.file_engine, &self.addresses.agent_manager];
        let token = self.token.as_ref().filter(|token| !token.expose_secret().is_empty())?;
        own.iter().any(|known| known.origin() == url.origin()).then(|| token.clone())
    }
}
