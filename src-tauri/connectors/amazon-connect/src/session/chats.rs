//! Chats of the contacts: when one begins and ends, what it is told, and its
//! actions as requests.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tokio::time::Instant;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse, Progress, Transfer};
use trunkline_connector::{Command, CommandCode, CommandError, Event, FetchedFile, OutgoingContent};
use trunkline_model::{Author, AuthorRole, CommandId, ContactId};
use url::Url;

use super::{Action, LookupId, Now, Purpose, Session};
use crate::chat::{CallId, Chat, ChatAction, Facts, Failure};
use crate::settings::ms;
use crate::wire::{
    self, ConnectionStateType, ConnectionType, ContactType, EventType, Item, Operation, ParticipantCall, Private,
    ServiceError, Timestamp, TransportReply, decode,
};

/// A file that somebody waits for.
#[derive(Debug)]
pub(super) struct FileLookup {
    contact: String,
    deadline: Instant,
}

fn gone() -> CommandError {
    CommandError::new(CommandCode::NotPossible, "there is no such conversation, or it is over")
}

/// The agent's leg takes part: connected, or listening in (section 2).
fn active_leg(contact: &wire::Contact) -> Option<&wire::Connection> {
    use ConnectionStateType::{Barge, Connected, Hold, SilentMonitor};
    let alive = matches!(contact.state.kind, wire::ContactStateType::Connected);
    let leg = contact.agent_connection().filter(|_| alive && contact.kind == ContactType::Chat)?;
    matches!(leg.state.kind, Connected | Hold | SilentMonitor | Barge).then_some(leg)
}

fn participant_token(leg: &wire::Connection) -> Option<Private> {
    let data = leg.chat_media_info.as_ref()?.connection_data.as_ref()?;
    let data: serde_json::Value = serde_json::from_str(data.expose()).ok()?;
    data.get("ConnectionAuthenticationToken")?.as_str().map(Private::new)
}

fn facts(contact: &wire::Contact, leg: &wire::Connection) -> Facts {
    let features = contact.contact_features.as_ref();
    let name = |other: &wire::Connection| {
        let name = other.chat_media_info.as_ref()?.customer_name.as_ref()?.expose().trim();
        (!name.is_empty()).then(|| name.to_owned())
    };
    let others = contact
        .parties()
        .filter(|other| !matches!(other.kind, ConnectionType::Agent))
        .map(|other| (other.connection_id.clone(), Author { role: AuthorRole::Customer, name: name(other) }));
    Facts {
        contact_id: contact.contact_id.clone(),
        initial_contact_id: contact
            .initial_contact_id
            .clone()
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| contact.contact_id.clone()),
        participant_id: leg.connection_id.clone(),
        participant_token: participant_token(leg),
        attachments: features.and_then(|features| features.attachments_enabled).unwrap_or(false),
        markdown: features.and_then(|features| features.messaging_markdown_enabled).unwrap_or(false),
        silent: leg.state.kind == ConnectionStateType::SilentMonitor,
        others: others.collect(),
    }
}

/// The fourth part of an ARN.
pub(super) fn region(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| {
        !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    })
}

impl Session {
    /// After every picture: chats begin, change and end with the agent's leg.
    pub(super) fn follow_chats(&mut self, now: Now) {
        let contacts = self.picture.snapshot.as_ref().map(|snapshot| snapshot.contacts.clone()).unwrap_or_default();
        for contact in contacts.iter().filter(|contact| contact.kind == ContactType::Chat) {
            let id = contact.contact_id.as_str();
            let Some(leg) = active_leg(contact) else {
                self.with_chat(id, now, |chat| chat.over(now));
                continue;
            };
            let facts = facts(contact, leg);
            if self.chats.get(id).is_some_and(|chat| chat.participant_id() != facts.participant_id) {
                self.drop_chat(id);
            }
            if self.chats.contains_key(id) {
                self.with_chat(id, now, |chat| chat.update(facts, now));
            } else if self.participant_address(id).is_some() {
                let chat = Chat::new(facts, self.settings.chat.clone(), now);
                self.chats.insert(id.to_owned(), chat);
                self.with_chat(id, now, |_| {});
            }
        }
    }

    /// Of the contact's region, else of the agent's.
    fn participant_address(&self, contact: &str) -> Option<Url> {
        let contact = self.wire_contact(&ContactId::from(contact));
        let queue = contact.and_then(|contact| contact.queue.as_ref()?.arn.as_deref()).and_then(region);
        let profile = self.configuration.value.as_ref();
        let profile = profile.and_then(|all| all.base.routing_profile.arn.as_deref()).and_then(region);
        self.settings.participant(queue.or(profile)).ok().flatten()
    }

    /// The contact is gone: nothing of it is answered any more.
    pub(super) fn drop_chat(&mut self, contact: &str) {
        if self.chats.remove(contact).is_none() {
            return;
        }
        let of_it = |purpose: &Purpose| match purpose {
            Purpose::Chat(id, _) | Purpose::ChatToken(id) => id == contact,
            _ => false,
        };
        let requests: Vec<_> = self.requests.iter().filter(|(_, purpose)| of_it(purpose)).map(|(id, _)| *id).collect();
        for id in requests {
            self.requests.remove(&id);
            self.out.push(Action::CancelHttp(id));
        }
        for id in self.book.running_in(contact) {
            self.answer(&id, Err(gone()));
        }
        let files: Vec<LookupId> =
            self.files.iter().filter(|(_, file)| file.contact == contact).map(|(id, _)| *id).collect();
        for id in files {
            self.answer_file(id, Err(gone()));
        }
    }

    /// Tells a chat something and carries out what it wants.
    fn with_chat(&mut self, contact: &str, now: Now, work: impl FnOnce(&mut Chat)) {
        let skew = self.skew().0;
        let Some(chat) = self.chats.get_mut(contact) else {
            return;
        };
        chat.set_skew(skew);
        work(chat);
        // What one action brings about at once may bring the next.
        loop {
            let Some(actions) = self.chats.get_mut(contact).map(Chat::take_actions).filter(|list| !list.is_empty())
            else {
                return;
            };
            for action in actions {
                self.carry_out_chat(contact, action, now);
            }
        }
    }

    fn carry_out_chat(&mut self, contact: &str, action: ChatAction, now: Now) {
        match action {
            ChatAction::FetchToken => self.ask_chat_token(contact, now),
            ChatAction::Call(id, call, bearer) => self.call_participant(contact, id, &call, &bearer, now),
            ChatAction::Put { id, url, headers, bytes, progress } => {
                let sent = Transfer { sent: Some(progress), ..Transfer::default() };
                self.exchange_file(contact, id, Method::PUT, url, headers, bytes, sent);
            }
            ChatAction::Get { id, url, progress } => {
                let longest = self.settings.chat.chat_largest_download;
                let received = Transfer { longest, received: Some(progress), ..Transfer::default() };
                self.exchange_file(contact, id, Method::GET, url, Vec::new(), Bytes::new(), received);
            }
            ChatAction::Cancel(call) => {
                let request = self.requests.iter().find(
                    |(_, purpose)| matches!(purpose, Purpose::Chat(id, known) if id == contact && *known == call),
                );
                if let Some(id) = request.map(|(id, _)| *id) {
                    self.requests.remove(&id);
                    self.out.push(Action::CancelHttp(id));
                }
            }
            ChatAction::Show(conversation) => {
                tracing::info!(%contact, state = ?conversation.state, "conversation");
                self.emit(Event::Conversation { contact: ContactId::from(contact), conversation });
            }
            ChatAction::Tell(message) => self.emit(Event::Message { contact: ContactId::from(contact), message }),
            ChatAction::Done(command, answer) => self.answer(&command, answer),
            ChatAction::Fetched(lookup, answer) => self.answer_file(lookup, answer),
        }
    }

    fn ask_chat_token(&mut self, contact: &str, now: Now) {
        let participant_id = self.chats.get(contact).map(|chat| chat.participant_id().to_owned());
        let operation = Operation::CreateChatToken {
            participant_id: participant_id.unwrap_or_default(),
            contact_id: contact.to_owned(),
        };
        let sent =
            if self.auth.is_live() { self.call(Purpose::ChatToken(contact.to_owned()), &operation) } else { None };
        if sent.is_none()
            && let Some(chat) = self.chats.get_mut(contact)
        {
            chat.token(Err(Failure::NotSent), None, now);
        }
    }

    fn call_participant(&mut self, contact: &str, id: CallId, call: &ParticipantCall, bearer: &Private, now: Now) {
        let url = self.participant_address(contact).and_then(|base| call.address(&base));
        let bearer = HeaderValue::from_str(bearer.expose()).ok();
        let Some((url, mut bearer)) = url.zip(bearer) else {
            if let Some(chat) = self.chats.get_mut(contact) {
                chat.answered(id, Err(Failure::NotSent), now);
            }
            return;
        };
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-amz-bearer", bearer);
        let request = HttpRequest {
            method: if call.reads() { Method::GET } else { Method::POST },
            url,
            headers,
            body: if call.reads() { Bytes::new() } else { Bytes::from(call.body().to_string()) },
            timeout: ms(self.settings.chat.chat_call_limit_ms),
            transfer: Transfer::default(),
        };
        let id = self.next_request(Purpose::Chat(contact.to_owned(), id));
        self.out.push(Action::Http { id, request });
    }

    /// With a pre-signed address: it is its own permission, so no bearer goes along.
    #[allow(clippy::too_many_arguments, reason = "the parts of one request")]
    fn exchange_file(
        &mut self,
        contact: &str,
        id: CallId,
        method: Method,
        url: Url,
        given: Vec<(String, Private)>,
        body: Bytes,
        transfer: Transfer,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value.expose())) {
                headers.insert(name, value);
            }
        }
        let timeout = ms(self.settings.chat.chat_file_limit_ms);
        let request = HttpRequest { method, url, headers, body, timeout, transfer };
        let id = self.next_request(Purpose::Chat(contact.to_owned(), id));
        self.out.push(Action::Http { id, request });
    }

    /// An exchange of a chat is over. The bearer is another than the agent's, so
    /// its refusal says nothing of the sign-in.
    pub(super) fn on_chat_answer(
        &mut self,
        contact: &str,
        call: CallId,
        outcome: Result<HttpResponse, HttpFailure>,
        now: Now,
    ) {
        let result = match outcome {
            Ok(response) if response.status.is_success() => Ok(response),
            Ok(response) => {
                let error = ServiceError::read(response.status.as_u16(), &response.headers, &response.body);
                tracing::warn!(%contact, status = error.status, code = error.code.as_str(), "a call of a chat was refused");
                Err(Failure::Service(error))
            }
            Err(failure) => {
                tracing::warn!(%contact, %failure, "a call of a chat got no answer");
                Err(Failure::Http(failure))
            }
        };
        self.with_chat(contact, now, |chat| chat.answered(call, result, now));
    }

    pub(super) fn on_chat_token(
        &mut self,
        contact: &str,
        result: Result<HttpResponse, super::replies::Failed>,
        now: Now,
    ) {
        let mut date = None;
        let token = match result {
            Ok(response) => {
                let header = response.headers.get(header::DATE).and_then(|date| date.to_str().ok());
                date = header.and_then(Timestamp::parse);
                decode::<TransportReply>(&response.body)
                    .ok()
                    .and_then(|reply| reply.chat_token_transport)
                    .map(|transport| (transport.participant_token, transport.expiry))
                    .ok_or(Failure::Malformed)
            }
            Err(failed) => Err(match failed {
                super::replies::Failed::Service(error) => {
                    if error.is_unauthorized() {
                        self.token_refused();
                    }
                    Failure::Service(error)
                }
                super::replies::Failed::Http(failure) => Failure::Http(failure),
                super::replies::Failed::Malformed(_) => Failure::Malformed,
            }),
        };
        self.with_chat(contact, now, |chat| chat.token(token, date, now));
    }

    /// An item on the socket, of whichever chat it is (section 6). Receipts may
    /// come without a contact: then the message says whose they are.
    pub(super) fn on_chat_frame(&mut self, content: &str, now: Now) {
        let Some(item) = Item::read_text(content) else {
            tracing::warn!(bytes = content.len(), "unreadable item of a chat");
            return;
        };
        let metadata = item.message_metadata.as_ref().and_then(|data| data.message_id.as_deref());
        let message = metadata.or(item.id.as_deref()).unwrap_or_default();
        let named = self.chats.iter().find(|(_, chat)| chat.is_named_by(&item));
        let nameless = item.initial_contact_id.is_none() && item.contact_id.is_none();
        let by_message = || self.chats.iter().find(|(_, chat)| nameless && chat.has(message));
        let Some(contact) = named.or_else(by_message).map(|(contact, _)| contact.clone()) else {
            tracing::debug!("an item of no chat of ours");
            return;
        };
        if item.event() == Some(EventType::TransferFailed)
            && let Some(memory) = self.picture.memories.get_mut(&contact)
        {
            memory.transferred = false;
        }
        self.with_chat(&contact, now, |chat| chat.item(&item, now));
    }

    /// Chats are brought by the socket, or not any more.
    pub(super) fn chats_brought(&mut self, brought: bool, now: Now) {
        let ids: Vec<String> = self.chats.keys().cloned().collect();
        for id in ids {
            self.with_chat(&id, now, |chat| chat.socket(brought, now));
        }
    }

    /// Begins a command of a conversation; false when it is of another kind.
    pub(super) fn begin_chat_command(&mut self, id: &CommandId, command: &Command, now: Now) -> bool {
        let (Command::SendMessage { contact, .. }
        | Command::Typing { contact }
        | Command::MarkRead { contact, .. }
        | Command::LoadOlder { contact }) = command
        else {
            return false;
        };
        let contact = contact.as_str();
        if !self.chats.contains_key(contact) {
            self.answer(id, Err(gone()));
            return true;
        }
        match command {
            Command::SendMessage { token, content, .. } => {
                let (token, content) = (token.clone(), content.clone());
                self.with_chat(contact, now, |chat| chat.send(id.clone(), token, content, now));
            }
            Command::LoadOlder { .. } => self.with_chat(contact, now, |chat| chat.load_older(id.clone(), now)),
            Command::MarkRead { message, .. } => {
                self.with_chat(contact, now, |chat| chat.mark_read(message, now));
                self.answer(id, Ok(()));
            }
            _ => {
                self.with_chat(contact, now, |chat| chat.typing(now));
                self.answer(id, Ok(()));
            }
        }
        true
    }

    /// A command's time is over: what it began is stopped.
    pub(super) fn stop_chat_command(&mut self, id: &CommandId, now: Now) {
        if let Some(Command::SendMessage { contact, .. } | Command::LoadOlder { contact }) = self.book.command(id) {
            let contact = contact.as_str().to_owned();
            self.with_chat(&contact, now, |chat| chat.abandon(id, now));
        }
    }

    /// Nobody waits for the answer any more: a file need not be sent.
    pub(super) fn on_abandoned(&mut self, id: &CommandId, now: Now) {
        let file =
            |command: &Command| matches!(command, Command::SendMessage { content: OutgoingContent::File { .. }, .. });
        if self.book.command(id).is_some_and(file) {
            self.stop_chat_command(id, now);
            self.answer(id, Err(CommandError::new(CommandCode::Cancelled, "nobody waits for it")));
        }
    }

    /// Somebody wants a file of a conversation.
    pub(super) fn on_fetch_file(
        &mut self,
        id: LookupId,
        contact: &ContactId,
        attachment: String,
        progress: Progress,
        deadline: Instant,
        now: Now,
    ) {
        let contact = contact.as_str();
        self.files.insert(id, FileLookup { contact: contact.to_owned(), deadline });
        if self.chats.contains_key(contact) {
            self.with_chat(contact, now, |chat| chat.fetch(id, attachment, progress, now));
        } else {
            self.answer_file(id, Err(gone()));
        }
    }

    fn answer_file(&mut self, id: LookupId, answer: Result<FetchedFile, CommandError>) {
        if self.files.remove(&id).is_some() {
            self.out.push(Action::File(id, answer));
        }
    }

    /// Nobody waits for a file any more, or its time is over.
    pub(super) fn drop_file(&mut self, id: LookupId, error: CommandError, now: Now) {
        if let Some(contact) = self.files.get(&id).map(|file| file.contact.clone()) {
            self.with_chat(&contact, now, |chat| chat.drop_fetch(id));
            self.answer_file(id, Err(error));
        }
    }

    pub(super) fn tick_chats(&mut self, now: Now) {
        let late: Vec<LookupId> =
            self.files.iter().filter(|(_, file)| now.at >= file.deadline).map(|(id, _)| *id).collect();
        for id in late {
            self.drop_file(id, super::commands::timed_out(), now);
        }
        let due: Vec<String> = self
            .chats
            .iter()
            .filter(|(_, chat)| chat.next_deadline().is_some_and(|at| now.at >= at))
            .map(|(id, _)| id.clone())
            .collect();
        for id in due {
            self.with_chat(&id, now, |chat| chat.tick(now));
        }
    }

    pub(super) fn chats_deadline(&self) -> Option<Instant> {
        let chats = self.chats.values().filter_map(Chat::next_deadline);
        chats.chain(self.files.values().map(|file| file.deadline)).min()
    }

    /// The program or the account stops: nobody is left waiting.
    pub(super) fn drop_files(&mut self) {
        let ids: Vec<LookupId> = self.files.keys().copied().collect();
        for id in ids {
            self.answer_file(id, Err(CommandError::new(CommandCode::Cancelled, "the account is stopping")));
        }
    }
}
