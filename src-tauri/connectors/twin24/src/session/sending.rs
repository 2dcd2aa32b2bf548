//! Messages on their way. The platform takes no token with a message, so that after an
//! answer that was lost, or a crash, it is looked among the messages there before it is
//! sent again: the same words of this operator's, from when it was sent first.

use std::time::Instant;

use serde_json::{Map, Value, json};
use trunkline_connector::{CommandCode, CommandError, OutgoingContent};
use trunkline_model::{Attachment, AttachmentState, CommandId, ContactId, MessageBody, MessageToken, UnixMillis};

use super::{Action, Content, Exchange, Kind, Now, Rest, SendStage, Sending, Session, Upload, not_possible};
use crate::look::{self, words};
use crate::rest::{Load, RestError};
use crate::settings::ms;

impl Session {
    pub(super) fn send_message(
        &mut self,
        command: CommandId,
        deadline: Instant,
        contact: ContactId,
        token: MessageToken,
        content: OutgoingContent,
        now: Now,
    ) {
        // It is answered by what becomes of it.
        self.pending.retain(|(known, _)| *known != command);
        let content = match content {
            OutgoingContent::Text { text, reply_to, internal: false, .. } => Content::Text { text, reply_to },
            OutgoingContent::File { name, content_type, bytes, progress } => {
                Content::File { file: Box::new(Upload { name, content_type, bytes, progress }), uploaded: None }
            }
            _ => {
                let error = CommandError::new(CommandCode::NotAllowed, "this platform does not offer it");
                return self.answer(&command, Err(error));
            }
        };
        if let Content::File { file, .. } = &content
            && (file.bytes.is_empty() || !self.settings.takes_file(&file.name))
        {
            let error = CommandError::new(CommandCode::Invalid, "the platform takes no such file").at("file");
            return self.answer(&command, Err(error));
        }
        let server_time = self.server_time(now);
        let Some(dialog) = self.dialogs.get_mut(&contact) else { return };
        if dialog.has_arrived(&token) {
            return self.answer(&command, Ok(()));
        }
        if !dialog.is_open() {
            return self.answer(&command, Err(not_possible("the session is over")));
        }
        if self.sendings.iter().any(|sending| sending.token == token) {
            return self.answer(&command, Err(CommandError::new(CommandCode::Unavailable, "it is on its way already")));
        }
        // Made before this run began, it may have been sent by the one before.
        let made = made_at(&token).filter(|made| *made < self.began).map(|made| made.shifted(self.ahead));
        let check = dialog.is_expected(&token) || made.is_some();
        let name = match &content {
            Content::Text { text, .. } => text.clone(),
            Content::File { file, .. } => file.name.clone(),
        };
        dialog.expect(&token, &name, made.unwrap_or(server_time));
        let stage = if check { self.check(&contact, now) } else { SendStage::Posting };
        let sending = Sending { command, deadline, contact, token, content, stage };
        self.sendings.push(sending.clone());
        if !check {
            self.post(&sending);
        }
    }

    /// The reading that shows whether it is there: the next that begins.
    fn look_for(&mut self, contact: &ContactId, now: Now) -> u64 {
        match self.dialogs.get_mut(contact) {
            Some(dialog) => {
                dialog.mark(now.at);
                dialog.reading.begun + 1
            }
            None => u64::MAX,
        }
    }

    fn check(&mut self, contact: &ContactId, now: Now) -> SendStage {
        SendStage::Checking(self.look_for(contact, now))
    }

    fn post(&mut self, sending: &Sending) {
        let mut body = Map::new();
        match &sending.content {
            Content::Text { text, reply_to } => {
                body.insert("body".to_owned(), json!(text));
                if let Some(quoted) = reply_to {
                    body.insert("replyToMessageId".to_owned(), json!(quoted));
                }
            }
            Content::File { file, uploaded: None } => {
                let exchange = Exchange {
                    rest: Rest::Upload(sending.command.clone()),
                    call: Kind::Upload,
                    load: Load::default(),
                    file: Some(file.clone()),
                    verb: 0,
                    renewed: false,
                    repeated: false,
                    deadline: None,
                };
                self.set_stage(&sending.command, SendStage::Uploading);
                return self.dispatch(exchange);
            }
            Content::File { uploaded: Some(file), .. } => {
                body.insert("attachments".to_owned(), json!([file["id"]]));
            }
        }
        self.set_stage(&sending.command, SendStage::Posting);
        let load = Load::default().part("session", sending.contact.as_str()).json(Value::Object(body));
        self.ask(Rest::Send(sending.command.clone()), Kind::Send, load);
    }

    fn set_stage(&mut self, command: &CommandId, stage: SendStage) {
        if let Some(sending) = self.sendings.iter_mut().find(|sending| sending.command == *command) {
            sending.stage = stage;
        }
    }

    fn sending(&self, command: &CommandId) -> Option<Sending> {
        self.sendings.iter().find(|sending| sending.command == *command).cloned()
    }

    pub(super) fn on_uploaded(&mut self, command: &CommandId, result: Result<Value, RestError>) {
        let file = result.and_then(|answer| {
            // A list as the outer form is a guess.
            let file = if answer.is_array() { answer[0].clone() } else { answer };
            words(&file["id"]).map(|_| file).ok_or(RestError::Unreadable)
        });
        match file {
            Ok(uploaded) => {
                if let Some(Sending { content: Content::File { uploaded: there, .. }, .. }) =
                    self.sendings.iter_mut().find(|sending| sending.command == *command)
                {
                    *there = Some(uploaded);
                }
                if let Some(sending) = self.sending(command) {
                    self.post(&sending);
                }
            }
            // A file that lies there and belongs to no message does no harm.
            Err(error) => self.not_sent(command, error.as_command(), true),
        }
    }

    pub(super) fn on_sent(&mut self, command: &CommandId, result: Result<Value, RestError>, now: Now) {
        let Some(sending) = self.sending(command) else { return };
        match result {
            Ok(answer) => {
                let answer = if answer["data"].is_object() { &answer["data"] } else { &answer };
                let Some(id) = words(&answer["id"]) else {
                    // It is there, but which it is must be read.
                    return self.doubt(command, now);
                };
                let at = look::time(&answer["createdAt"]).unwrap_or_else(|| self.server_time(now));
                let body = match &sending.content {
                    Content::Text { text, .. } => MessageBody::Text { text: text.clone() },
                    Content::File { file, uploaded } => sent_file(file, uploaded.as_ref()),
                };
                let again = self.wait_for(true, now);
                self.with_dialog(&sending.contact, now, |dialog, _| {
                    dialog.sent(&sending.token, &id, at, body);
                    dialog.mark(again);
                });
                self.arrived(command, now);
            }
            Err(error) if error.is_doubtful() => {
                tracing::info!(?error, "whether a message arrived is not known yet");
                self.doubt(command, now);
            }
            Err(error) => self.not_sent(command, error.as_command(), true),
        }
    }

    /// The platform may still be at it: it is looked for a little later.
    fn doubt(&mut self, command: &CommandId, now: Now) {
        self.set_stage(command, SendStage::InDoubt(now.at + ms(self.settings.doubt_ms)));
    }

    fn arrived(&mut self, command: &CommandId, now: Now) {
        self.sendings.retain(|sending| sending.command != *command);
        // The message comes before the answer.
        self.tell(now);
        self.answer(command, Ok(()));
    }

    /// `for_good`: it is known not to be there.
    fn not_sent(&mut self, command: &CommandId, error: CommandError, for_good: bool) {
        if let Some(sending) = self.sending(command)
            && for_good
            && let Some(dialog) = self.dialogs.get_mut(&sending.contact)
        {
            dialog.expect_no_more(&sending.token);
        }
        self.sendings.retain(|sending| sending.command != *command);
        self.answer(command, Err(error));
    }

    /// What the last reading has shown of those in doubt, and whose time is over.
    pub(super) fn settle_sendings(&mut self, now: Now) {
        for sending in self.sendings.clone() {
            let Some(dialog) = self.dialogs.get(&sending.contact) else {
                self.not_sent(&sending.command, not_possible("there is no such contact"), false);
                continue;
            };
            if dialog.has_arrived(&sending.token) {
                self.arrived(&sending.command, now);
                continue;
            }
            let done = dialog.reading.done;
            if sending.deadline <= now.at {
                let error = CommandError::new(CommandCode::Timeout, "not confirmed by the platform");
                self.not_sent(&sending.command, error, false);
                continue;
            }
            match sending.stage {
                SendStage::Checking(reading) if done >= reading => self.post(&sending),
                SendStage::Looking(reading) if done >= reading => {
                    let error = CommandError::new(CommandCode::Unavailable, "the platform does not have the message");
                    self.not_sent(&sending.command, error, false);
                }
                SendStage::InDoubt(at) if at <= now.at => {
                    let reading = self.look_for(&sending.contact, now);
                    self.set_stage(&sending.command, SendStage::Looking(reading));
                    self.read_what_is_due(now);
                }
                _ => {}
            }
        }
    }

    /// Nobody waits for a message: a file that is still on its way stops.
    pub(super) fn give_up_command(&mut self, id: &CommandId) {
        let of_it = |rest: &Rest| matches!(rest, Rest::Upload(command) if command == id);
        let calls: Vec<u64> = self.calls.iter().filter(|(_, call)| of_it(&call.rest)).map(|(call, _)| *call).collect();
        for call in calls {
            self.calls.remove(&call);
            self.sendings.retain(|sending| sending.command != *id);
            self.actions.push_back(Action::Abort(call));
        }
    }
}

fn sent_file(file: &Upload, uploaded: Option<&Value>) -> MessageBody {
    let address = uploaded.and_then(|told| look::first(told, &["downloadLink", "url", "id"]));
    let attachment = Attachment {
        id: address.unwrap_or_default(),
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        size: Some(file.bytes.len() as u64),
        state: AttachmentState::Ready,
    };
    MessageBody::Attachments { files: vec![attachment], caption: None }
}

/// When a token was made: it is a UUID that begins with its time (RFC 9562, version 7).
fn made_at(token: &MessageToken) -> Option<UnixMillis> {
    let uuid = uuid::Uuid::parse_str(token.as_str()).ok()?;
    let (seconds, nanos) = uuid.get_timestamp()?.to_unix();
    let millis = i64::try_from(seconds).ok()?.checked_mul(1_000)?.checked_add(i64::from(nanos / 1_000_000))?;
    Some(UnixMillis(millis))
}
