//! One message or file of ours on its way. One at a time: the session gives the
//! next when this one has its answer.
//!
//! | stage | input | next |
//! | --- | --- | --- |
//! | Waiting | the chat is open | Text, or Starting for a file |
//! | Text | answer with an id | done: the message is told with its token |
//! | Starting | address of the upload | Putting; Showing when the file is there already |
//! | Putting | taken | Completing |
//! | Completing | taken, or being processed already | Showing |
//! | Showing | our file is on the socket or in the transcript | done |
//! | Showing | 3 s | the transcript is read, again and again |
//! | any | refused, no answer, deadline, nobody waits | done; what was held back is shown |
//!
//! The token goes along as ClientToken at every attempt, so that the platform
//! has one message however often it is asked.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use trunkline_connector::ports::{HttpResponse, Progress};
use trunkline_connector::{CommandCode, CommandError, OutgoingContent};
use trunkline_model::{
    Author, AuthorRole, CommandId, Delivery, Message, MessageBody, MessageId, MessageToken, UnixMillis,
};
use url::Url;

use super::timeline::Out;
use super::{Chat, ChatAction, Failure, Source, Work, not_possible};
use crate::session::Now;
use crate::settings::{is_loopback, ms};
use crate::wire::{ParticipantCall, Private, SentReply, UploadReply, decode};

/// Characters of a file's name that the service takes.
const LONGEST_NAME: usize = 256;

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Waiting,
    Text,
    Starting,
    Putting,
    Completing,
    Showing { look_at: Instant },
}

/// What is on its way.
#[derive(Debug)]
pub(super) struct Attempt {
    command: CommandId,
    token: MessageToken,
    content: OutgoingContent,
    stage: Stage,
    attachment: Option<String>,
}

impl Attempt {
    pub(super) fn kind(&self) -> Out {
        match self.content {
            OutgoingContent::Text { .. } | OutgoingContent::Place { .. } | OutgoingContent::Cards { .. } => Out::Words,
            OutgoingContent::File { .. } => Out::File,
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Showing { look_at } => Some(look_at),
            _ => None,
        }
    }
}

/// The last part of a path of any system, without control characters.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = last.chars().filter(|c| !c.is_control()).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    let count = clean.chars().count();
    if count <= LONGEST_NAME {
        return clean;
    }
    // The ending says what it is: it stays.
    match clean.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() < 20 => {
            let kept = LONGEST_NAME - ending.chars().count() - 1;
            format!("{}.{ending}", stem.chars().take(kept).collect::<String>())
        }
        _ => clean.chars().take(LONGEST_NAME).collect(),
    }
}

fn invalid(why: &str) -> CommandError {
    CommandError::new(CommandCode::Invalid, why)
}

/// A pre-signed address that may be used: secure, or on this computer.
pub(super) fn signed_address(text: &Private) -> Option<Url> {
    let url = Url::parse(text.expose()).ok()?;
    (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url))).then_some(url)
}

impl Chat {
    /// Something of ours is to be sent.
    pub fn send(&mut self, command: CommandId, token: MessageToken, mut content: OutgoingContent, now: Now) {
        if let Err(error) = self.check(&mut content) {
            self.out.push(ChatAction::Done(command, Err(error)));
            return;
        }
        if self.attempt.is_some() {
            // The lane of the commands lets one at a time through.
            let error = CommandError::new(CommandCode::Unavailable, "another message is on its way");
            self.out.push(ChatAction::Done(command, Err(error)));
            return;
        }
        self.attempt = Some(Attempt { command, token, content, stage: Stage::Waiting, attachment: None });
        self.settle(now);
    }

    fn check(&self, content: &mut OutgoingContent) -> Result<(), CommandError> {
        if self.ended {
            return Err(not_possible("the conversation is over"));
        }
        if self.facts.silent {
            return Err(not_possible("a supervisor who listens in cannot write"));
        }
        match content {
            OutgoingContent::Text { internal: true, .. } => {
                return Err(not_possible("nothing can be said here that the customer does not see"));
            }
            OutgoingContent::Text { text, markdown, .. } => {
                if text.is_empty() {
                    return Err(invalid("an empty message"));
                }
                if text.len() > self.settings.chat_longest as usize {
                    return Err(invalid("the message is too long"));
                }
                *markdown &= self.facts.markdown;
            }
            OutgoingContent::Place { .. } | OutgoingContent::Cards { .. } => {
                return Err(CommandError::new(CommandCode::NotAllowed, "words and files alone can be sent"));
            }
            OutgoingContent::File { name, bytes, content_type, .. } => {
                if !self.facts.attachments {
                    return Err(CommandError::new(CommandCode::NotAllowed, "no files in this conversation"));
                }
                *name = clean_name(name);
                let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
                let types = &self.settings.chat_file_types;
                if name.is_empty() || (!types.is_empty() && !types.contains(&ending)) {
                    return Err(invalid("files of this type are not taken"));
                }
                if bytes.is_empty() {
                    return Err(invalid("the file is empty"));
                }
                if bytes.len() as u64 > self.settings.chat_largest_file {
                    return Err(invalid("the file is too large"));
                }
                if content_type.is_empty() || HeaderValue::from_str(content_type).is_err() {
                    *content_type = "application/octet-stream".to_owned();
                }
            }
        }
        Ok(())
    }

    pub(super) fn begin_attempt(&mut self) {
        let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.stage == Stage::Waiting) else {
            return;
        };
        if !self.backlog.is_joined() || self.ended {
            let broken = self.calls.is_broken(&self.settings) || self.backlog.is_broken(&self.settings);
            if broken {
                self.attempt_failed(&Failure::NotSent);
            }
            return;
        }
        let client_token = attempt.token.as_str().to_owned();
        let (work, call) = match &attempt.content {
            OutgoingContent::Text { text, markdown, .. } => {
                attempt.stage = Stage::Text;
                let content_type = if *markdown { "text/markdown" } else { "text/plain" };
                let content = Private::new(text.clone());
                (Work::Send, ParticipantCall::SendMessage { content_type, content, client_token })
            }
            // Refused before it became an attempt.
            OutgoingContent::Place { .. } | OutgoingContent::Cards { .. } => {
                return self.attempt_failed(&Failure::NotSent);
            }
            OutgoingContent::File { name, content_type, bytes, .. } => {
                attempt.stage = Stage::Starting;
                let call = ParticipantCall::StartUpload {
                    name: Private::new(name.clone()),
                    content_type: content_type.clone(),
                    size: bytes.len() as u64,
                    client_token,
                };
                (Work::StartUpload, call)
            }
        };
        self.ask(work, call);
    }

    pub(super) fn on_sent(&mut self, result: Result<HttpResponse, Failure>, now: Now) {
        let reply = result.and_then(|response| decode::<SentReply>(&response.body).map_err(|_| Failure::Malformed));
        match reply {
            Ok(reply) => {
                let at = reply.absolute_time.and_then(|time| UnixMillis::from_seconds(time.0));
                let at = at.unwrap_or_else(|| self.service_now(now));
                self.arrived(&MessageId::new(reply.id), Some(at));
            }
            Err(failure) => self.attempt_failed(&failure),
        }
    }

    /// The platform has it under this id. Told before the reply.
    fn arrived(&mut self, id: &MessageId, at: Option<UnixMillis>) {
        let Some(attempt) = self.attempt.take() else {
            return;
        };
        let body = match &attempt.content {
            OutgoingContent::Text { text, markdown: true, .. } => Some(MessageBody::Markdown { text: text.clone() }),
            OutgoingContent::Text { text, markdown: false, .. } => Some(MessageBody::Text { text: text.clone() }),
            // A file is named by the item itself; nothing else is taken on.
            _ => None,
        };
        let order = self.timeline.room(Source::Live, 1);
        let otherwise = body.zip(at).map(|(body, at)| Message {
            id: id.clone(),
            token: Some(attempt.token.clone()),
            at,
            order,
            author: Author { role: AuthorRole::Me, name: None },
            body,
            delivery: Some(Delivery::Sent),
            partial: false,
            internal: false,
            edited: false,
            reply_to: None,
            line: None,
            suggestions: Vec::new(),
        });
        if let Some(message) = self.timeline.named(id, &attempt.token, otherwise) {
            self.out.push(ChatAction::Tell(Box::new(message)));
        }
        self.release_held();
        self.out.push(ChatAction::Done(attempt.command, Ok(())));
    }

    fn release_held(&mut self) {
        for message in self.timeline.release() {
            self.out.push(ChatAction::Tell(Box::new(message)));
        }
    }

    fn attempt_failed(&mut self, failure: &Failure) {
        let error = if self.ended && !matches!(failure, Failure::Http(_)) {
            not_possible("the conversation is over")
        } else {
            failure.command_error()
        };
        self.attempt_ends(Err(error));
    }

    fn attempt_ends(&mut self, answer: Result<(), CommandError>) {
        if let Some(attempt) = self.attempt.take() {
            self.release_held();
            self.out.push(ChatAction::Done(attempt.command, answer));
        }
    }

    /// The conversation is over: what has not begun cannot be sent any more.
    pub(super) fn refuse_waiting_attempt(&mut self) {
        if self.attempt.as_ref().is_some_and(|attempt| attempt.stage == Stage::Waiting) {
            self.attempt_ends(Err(not_possible("the conversation is over")));
        }
    }

    /// Its deadline is over, or nobody waits for it: the session answers.
    pub fn abandon(&mut self, command: &CommandId, now: Now) {
        if self.attempt.as_ref().is_some_and(|attempt| attempt.command == *command) {
            self.give_up(|work| matches!(work, Work::Send | Work::StartUpload | Work::Put | Work::CompleteUpload));
            self.attempt = None;
            self.release_held();
        }
        self.give_up(|work| matches!(work, Work::Older(older) if older == command));
        self.settle(now);
    }

    pub(super) fn on_upload_started(&mut self, result: Result<HttpResponse, Failure>, now: Now) {
        let reply = result.and_then(|response| decode::<UploadReply>(&response.body).map_err(|_| Failure::Malformed));
        let reply = match reply {
            Ok(reply) => reply,
            Err(failure) => return self.attempt_failed(&failure),
        };
        let Some(attempt) = self.attempt.as_mut() else {
            return;
        };
        attempt.attachment = Some(reply.attachment_id.clone());
        if self.timeline.own_with_file(&reply.attachment_id).is_some() {
            // An earlier attempt with the same token brought it there.
            attempt.stage = Stage::Showing { look_at: now.at + ms(self.settings.chat_file_shows_ms) };
            self.file_may_have_shown();
            return;
        }
        let upload: Option<(Bytes, Progress)> = match &attempt.content {
            OutgoingContent::File { bytes, progress, .. } => Some((bytes.clone(), progress.clone())),
            _ => None,
        };
        let Some(((bytes, progress), url)) = upload.zip(signed_address(&reply.upload_metadata.url)) else {
            return self.attempt_failed(&Failure::Malformed);
        };
        attempt.stage = Stage::Putting;
        let headers = reply.upload_metadata.headers_to_include.into_iter();
        let headers = headers.filter(|(name, value)| {
            name.parse::<HeaderName>().is_ok() && HeaderValue::from_str(value.expose()).is_ok()
        });
        let headers = headers.collect();
        let id = self.register(Work::Put);
        self.out.push(ChatAction::Put { id, url, headers, bytes, progress });
    }

    pub(super) fn on_uploaded(&mut self, result: Result<HttpResponse, Failure>) {
        let failure = match result {
            Ok(_) => None,
            // The address is over or was used: the next attempt gets another.
            Err(failure) if failure.is_denied() => Some(Failure::NotSent),
            Err(failure) => Some(failure),
        };
        if let Some(failure) = failure {
            return self.attempt_failed(&failure);
        }
        let Some(attempt) = self.attempt.as_mut() else {
            return;
        };
        attempt.stage = Stage::Completing;
        let call = ParticipantCall::CompleteUpload {
            attachment: attempt.attachment.clone().unwrap_or_default(),
            client_token: attempt.token.as_str().to_owned(),
        };
        self.ask(Work::CompleteUpload, call);
    }

    pub(super) fn on_upload_completed(&mut self, result: Result<HttpResponse, Failure>, now: Now) {
        match result {
            Err(failure) if !failure.is_conflict() => self.attempt_failed(&failure),
            // A conflict: an earlier attempt has completed it, and it is being checked.
            _ => {
                let look_at = now.at + ms(self.settings.chat_file_shows_ms);
                if let Some(attempt) = self.attempt.as_mut() {
                    attempt.stage = Stage::Showing { look_at };
                }
                self.file_may_have_shown();
            }
        }
    }

    /// The reply to the upload names no message: the item with our file does.
    pub(super) fn file_may_have_shown(&mut self) {
        let Some(attempt) = &self.attempt else {
            return;
        };
        // Also while the answer to the completion is out: the item is its proof.
        if !matches!(attempt.stage, Stage::Showing { .. }) {
            return;
        }
        if let Some(id) = attempt.attachment.as_ref().and_then(|file| self.timeline.own_with_file(file)) {
            self.arrived(&id, None);
        }
    }

    pub(super) fn tick_attempt(&mut self, now: Now) {
        let again = now.at + ms(self.settings.chat_file_shows_ms);
        if let Some(Attempt { stage: Stage::Showing { look_at }, .. }) = self.attempt.as_mut()
            && now.at >= *look_at
        {
            *look_at = again;
            self.fill();
        }
    }
}
