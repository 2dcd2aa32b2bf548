//! Sends what the agent says: once, in order, through drops, refusals and
//! crashes.
//!
//! A message is in the database before the agent's window hears that it is
//! taken. Each contact has a line of its own; its first message that was not
//! refused is handed to the connector, again and again with the same token,
//! until the platform has it or refuses it. Only then comes the next.
//!
//! | state | input | then |
//! | --- | --- | --- |
//! | `Waiting` | first of the line, conversation open, account online | `Sending` |
//! | `Sending` | the platform has it | gone, once the desk shows it as a message |
//! | `Sending` | no answer, busy, offline | `Waiting`, again after a pause or when the link comes back |
//! | `Sending` | refused | `Failed`; the next of the line goes |
//! | `Failed` | the agent says again | `Waiting`, in its old place |
//! | any but what is under way and no file | the agent discards it | gone |
//! | any | the contact is gone for good | gone; the desk tells the words |

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use trunkline_connector::ports::Progress;
use trunkline_connector::{Command, CommandCode, CommandError, OutgoingContent};
use trunkline_desk::{Desk, Input, Outgoing, OutgoingItem, OutgoingState};
use trunkline_model::{ContactKey, ConversationState, LinkState, MessageToken};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::OutboxRow;

use crate::accounts::new_command_id;
use crate::{Parts, rpc_error};

/// For one attempt with words.
const TEXT_LIMIT: Duration = Duration::from_secs(20);
/// For one attempt with a file: 25 MB over a slow line.
const FILE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// First pause after an attempt without an answer; doubles up to the second.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// For the desk to take in a message that the connector has told of.
const SHOWN_WITHIN: Duration = Duration::from_secs(2);
/// How often the progress of a file is told.
const PROGRESS: Duration = Duration::from_millis(200);

/// The lines of all contacts.
#[derive(Default)]
pub(crate) struct Outbox {
    lines: Mutex<BTreeMap<ContactKey, Line>>,
    /// One message is added at a time: the database and the lines keep one order.
    adding: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Line {
    items: Vec<Outgoing>,
    /// Content types of files in this line.
    types: BTreeMap<MessageToken, String>,
    /// The first message's attempt, to be ended when the agent discards it.
    attempt: Option<(MessageToken, CancellationToken)>,
    working: bool,
    wake: Arc<Notify>,
}

/// How one attempt ended.
enum Attempt {
    Arrived,
    Refused(&'static str),
    Again,
    Discarded,
}

impl Outbox {
    fn lines(&self) -> MutexGuard<'_, BTreeMap<ContactKey, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the agent says, on its way in.
pub(crate) struct Said {
    pub(crate) item: OutgoingItem,
    /// A file's media type and content.
    pub(crate) file: Option<(String, Vec<u8>)>,
}

/// Keeps a message and puts it into its contact's line.
pub(crate) async fn say(parts: &Arc<Parts>, contact: &ContactKey, said: Said) -> Result<MessageToken, RpcError> {
    let outbox = &parts.outbox;
    let _one_at_a_time = outbox.adding.lock().await;
    let token = MessageToken::new(uuid::Uuid::now_v7().to_string());
    let outgoing =
        Outgoing { token: token.clone(), item: said.item, since: parts.desk.now(), state: OutgoingState::Waiting };
    let (content_type, content) = said.file.unzip();
    let kept = Kept { item: outgoing.item.clone(), content_type };
    let row = OutboxRow {
        contact: contact.clone(),
        token: token.clone(),
        item: serde_json::to_value(&kept).map_err(|error| rpc_error::internal("outbox", &error))?,
        since: outgoing.since,
        failed: None,
    };
    // Not taken rather than taken and perhaps lost: the words are still in the agent's field.
    parts.database.outbox_add(row, content).await.map_err(|error| {
        let inside = rpc_error::internal("outbox", &error);
        RpcError { message_key: "error_cannot_keep".to_owned(), retryable: true, ..inside }
    })?;
    add(parts, contact, outgoing, kept.content_type);
    Ok(token)
}

/// A row's item: the desk's form with what the desk does not show.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    item: OutgoingItem,
    content_type: Option<String>,
}

/// Puts what an earlier run left into the lines, before the accounts start.
pub(crate) async fn restore(parts: &Arc<Parts>) {
    let rows = match parts.database.outbox().await {
        Ok(rows) => rows,
        Err(error) => return tracing::error!(%error, "unsent messages of an earlier run cannot be read"),
    };
    for row in rows {
        let kept: Kept = match serde_json::from_value(row.item) {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(%error, "an unsent message of another version is left alone");
                continue;
            }
        };
        let state = row.failed.map_or(OutgoingState::Waiting, |reason| OutgoingState::Failed { reason });
        let outgoing = Outgoing { token: row.token, item: kept.item, since: row.since, state };
        add(parts, &row.contact, outgoing, kept.content_type);
    }
}

fn add(parts: &Arc<Parts>, contact: &ContactKey, outgoing: Outgoing, content_type: Option<String>) {
    {
        let mut lines = parts.outbox.lines();
        let line = lines.entry(contact.clone()).or_default();
        if let Some(content_type) = content_type {
            line.types.insert(outgoing.token.clone(), content_type);
        }
        line.items.push(outgoing);
        if !line.working {
            line.working = true;
            let wake = Arc::clone(&line.wake);
            tokio::spawn(work(Arc::clone(parts), contact.clone(), wake));
        }
        line.wake.notify_one();
    }
    show(parts, contact);
}

/// The contact is gone for good: its line is given up.
pub(crate) fn forget(parts: &Parts, contact: &ContactKey) {
    if let Some(line) = parts.outbox.lines().remove(contact) {
        if let Some((_, attempt)) = line.attempt {
            attempt.cancel();
        }
        line.wake.notify_one();
    }
}

/// Again, what was refused.
pub(crate) async fn retry(parts: &Arc<Parts>, contact: &ContactKey, token: &MessageToken) -> Result<(), RpcError> {
    let changed = change(parts, contact, token, |item| {
        let failed = matches!(item.state, OutgoingState::Failed { .. });
        if failed {
            item.state = OutgoingState::Waiting;
        }
        failed
    });
    if !changed {
        return Err(RpcError::new(RpcCode::NotPossible, "error_not_possible"));
    }
    let kept = parts.database.outbox_failed(token.clone(), None).await;
    kept.map_err(|error| rpc_error::internal("outbox", &error))
}

/// Not at all, after all.
pub(crate) async fn discard(parts: &Arc<Parts>, contact: &ContactKey, token: &MessageToken) -> Result<(), RpcError> {
    let attempt = {
        let lines = parts.outbox.lines();
        let line = lines.get(contact);
        let item = line.and_then(|line| line.items.iter().find(|item| item.token == *token));
        let Some((line, item)) = line.zip(item) else {
            return Err(RpcError::new(RpcCode::NotPossible, "error_already_sent"));
        };
        let sending = item.state == OutgoingState::Sending;
        if sending && !matches!(item.item, OutgoingItem::File { .. }) {
            // It may have arrived already: nobody could take it back.
            return Err(RpcError::new(RpcCode::NotPossible, "error_being_sent"));
        }
        line.attempt.as_ref().filter(|(tried, _)| tried == token).map(|(_, attempt)| attempt.clone())
    };
    match attempt {
        // The line's worker takes it out when the attempt has ended.
        Some(attempt) => attempt.cancel(),
        None => take_out(parts, contact, token).await,
    }
    Ok(())
}

async fn take_out(parts: &Parts, contact: &ContactKey, token: &MessageToken) {
    if let Err(error) = parts.database.outbox_remove(token.clone()).await {
        // The next run sends it again with the same token: the platform knows it.
        tracing::warn!(%error, "a message that is done with stays in the outbox");
    }
    if let Some(line) = parts.outbox.lines().get_mut(contact) {
        line.items.retain(|item| item.token != *token);
        line.types.remove(token);
    }
    show(parts, contact);
}

/// Changes one item; false when it is not there or `act` says so.
fn change(parts: &Parts, contact: &ContactKey, token: &MessageToken, act: impl FnOnce(&mut Outgoing) -> bool) -> bool {
    let changed = {
        let mut lines = parts.outbox.lines();
        let Some(line) = lines.get_mut(contact) else { return false };
        let changed = line.items.iter_mut().find(|item| item.token == *token).is_some_and(act);
        if changed {
            line.wake.notify_one();
        }
        changed
    };
    if changed {
        show(parts, contact);
    }
    changed
}

fn show(parts: &Parts, contact: &ContactKey) {
    // Read and told under one lock, so that the desk ends with the latest.
    let lines = parts.outbox.lines();
    if let Some(line) = lines.get(contact) {
        parts.desk.apply(Input::Outbox { contact: contact.clone(), items: line.items.clone() });
    }
}

/// Works one contact's line off. Ends with the line, or with the program.
async fn work(parts: Arc<Parts>, contact: ContactKey, wake: Arc<Notify>) {
    let mut pause = PAUSE;
    let mut news = parts.desk.watch();
    loop {
        news.borrow_and_update();
        let first = {
            let mut lines = parts.outbox.lines();
            let Some(line) = lines.get_mut(&contact).filter(|line| Arc::ptr_eq(&line.wake, &wake)) else { return };
            if line.items.is_empty() {
                lines.remove(&contact);
                return;
            }
            line.items.iter().find(|item| !matches!(item.state, OutgoingState::Failed { .. })).cloned()
        };
        let ready = first.filter(|_| parts.desk.look(|desk| can_send(desk, &contact)));
        let Some(item) = ready else {
            tokio::select! {
                () = parts.stop.cancelled() => return,
                () = wake.notified() => {}
                _ = news.changed() => {}
            }
            continue;
        };
        match attempt(&parts, &contact, &item).await {
            Attempt::Arrived => {
                pause = PAUSE;
                shown(&parts, &contact, &item.token).await;
                take_out(&parts, &contact, &item.token).await;
            }
            Attempt::Discarded => take_out(&parts, &contact, &item.token).await,
            Attempt::Refused(reason) => {
                pause = PAUSE;
                let kept = parts.database.outbox_failed(item.token.clone(), Some(reason.to_owned())).await;
                if let Err(error) = kept {
                    tracing::warn!(%error, "the next run will try a refused message again");
                }
                set_state(&parts, &contact, &item.token, OutgoingState::Failed { reason: reason.to_owned() });
            }
            Attempt::Again => {
                set_state(&parts, &contact, &item.token, OutgoingState::Waiting);
                tokio::select! {
                    () = parts.stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                    () = link_back(&parts, &contact) => pause = PAUSE,
                }
            }
        }
    }
}

/// The account has another link than now, and it serves: what failed over the
/// old one need not wait any longer.
async fn link_back(parts: &Parts, contact: &ContactKey) {
    let link = |desk: &Desk| desk.account(&contact.account).map(|account| (account.link.state, account.link.since));
    let mut news = parts.desk.watch();
    let before = parts.desk.look(link);
    loop {
        let now = parts.desk.look(link);
        let serves = now.is_some_and(|(state, _)| matches!(state, LinkState::Online | LinkState::Degraded));
        if (now != before && serves) || news.changed().await.is_err() {
            return;
        }
    }
}

/// The account is there and the conversation takes words, or is over: then the
/// connector says why not.
fn can_send(desk: &Desk, contact: &ContactKey) -> bool {
    let online = desk
        .account(&contact.account)
        .is_some_and(|account| matches!(account.link.state, LinkState::Online | LinkState::Degraded));
    online
        && desk.contact(contact).is_some()
        && desk
            .conversation(contact)
            .is_some_and(|view| matches!(view.conversation.state, ConversationState::Open | ConversationState::Ended))
}

fn set_state(parts: &Parts, contact: &ContactKey, token: &MessageToken, state: OutgoingState) {
    change(parts, contact, token, |item| {
        item.state = state;
        if let OutgoingItem::File { sent, .. } = &mut item.item {
            *sent = 0;
        }
        true
    });
}

async fn attempt(parts: &Arc<Parts>, contact: &ContactKey, item: &Outgoing) -> Attempt {
    let cancel = parts.stop.child_token();
    let content_type = {
        let mut lines = parts.outbox.lines();
        let Some(line) = lines.get_mut(contact) else { return Attempt::Discarded };
        line.attempt = Some((item.token.clone(), cancel.clone()));
        line.types.get(&item.token).cloned()
    };
    set_state(parts, contact, &item.token, OutgoingState::Sending);
    let (progress, mut moved) = Progress::new();
    let (content, limit) = match &item.item {
        OutgoingItem::Text { text, markdown, reply_to, internal } => {
            let (text, reply_to) = (text.clone(), reply_to.clone());
            (OutgoingContent::Text { text, markdown: *markdown, reply_to, internal: *internal }, TEXT_LIMIT)
        }
        OutgoingItem::File { name, .. } => {
            let bytes = match parts.database.outbox_content(item.token.clone()).await {
                Ok(Some(bytes)) => Bytes::from(bytes),
                Ok(None) => return Attempt::Refused("error_file_lost"),
                Err(error) => {
                    tracing::warn!(%error, "a file to be sent cannot be read");
                    return Attempt::Again;
                }
            };
            let content_type = content_type.unwrap_or_default();
            (OutgoingContent::File { name: name.clone(), content_type, bytes, progress }, FILE_LIMIT)
        }
        OutgoingItem::Place { place } => (OutgoingContent::Place { place: place.clone() }, TEXT_LIMIT),
        OutgoingItem::Cards { cards } => (OutgoingContent::Cards { cards: cards.clone() }, TEXT_LIMIT),
    };
    let command = Command::SendMessage { contact: contact.contact.clone(), token: item.token.clone(), content };
    let sending = parts.accounts.command(&contact.account, new_command_id(), command, limit);
    tokio::pin!(sending);
    let result = loop {
        tokio::select! {
            () = cancel.cancelled() => break None,
            result = &mut sending => break Some(result),
            Ok(()) = moved.changed() => {
                let bytes = *moved.borrow_and_update();
                change(parts, contact, &item.token, |item| match &mut item.item {
                    OutgoingItem::File { sent, .. } => { *sent = bytes; true }
                    OutgoingItem::Text { .. } | OutgoingItem::Place { .. } | OutgoingItem::Cards { .. } => false,
                });
                tokio::time::sleep(PROGRESS).await;
            }
        }
    };
    if let Some(line) = parts.outbox.lines().get_mut(contact) {
        line.attempt = None;
    }
    match result {
        // On the way out of the program nothing is discarded: the next run sends it.
        None if parts.stop.is_cancelled() => Attempt::Again,
        None => Attempt::Discarded,
        Some(Ok(())) => Attempt::Arrived,
        Some(Err(error)) => judged(&error),
    }
}

fn judged(error: &CommandError) -> Attempt {
    tracing::debug!(code = ?error.code, "an attempt to send a message ended");
    match error.code {
        CommandCode::Timeout | CommandCode::Unavailable | CommandCode::Cancelled | CommandCode::NotSignedIn => {
            Attempt::Again
        }
        CommandCode::NotPossible => Attempt::Refused("error_conversation_over"),
        CommandCode::NotAllowed => Attempt::Refused("error_not_allowed"),
        CommandCode::Invalid | CommandCode::BadTarget => Attempt::Refused("error_message_refused"),
        CommandCode::LimitReached => Attempt::Refused("error_limit_reached"),
    }
}

/// The connector's reply and its event come on different ways: without this
/// the words would be gone from the screen for a moment.
async fn shown(parts: &Parts, contact: &ContactKey, token: &MessageToken) {
    let mut news = parts.desk.watch();
    let seen = async {
        while !parts.desk.look(|desk| desk.has_arrived(contact, token)) {
            if news.changed().await.is_err() {
                return;
            }
        }
    };
    if tokio::time::timeout(SHOWN_WITHIN, seen).await.is_err() {
        tracing::warn!("a sent message was not told as an event");
    }
}
