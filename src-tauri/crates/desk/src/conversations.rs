//! Conversations: the platform's frame and messages, joined with what the agent
//! has begun, sends and has seen.
//!
//! | input | does |
//! | --- | --- |
//! | connector's `Conversation` | the frame is replaced |
//! | connector's `Message` | takes its place by id; a newer one of others is announced |
//! | `Outbox` | what has not arrived is replaced; what is a message already is left out, by its token or as an echo |
//! | `Notes` | what an earlier run kept; never over what this run knows |
//! | `Draft`, `ReadUpTo` | kept, and asked to be kept outside |
//! | `Download`, `DownloadGone` | shown |
//! | the contact goes | all of it goes; unsent words are told, so that they are not lost |
//! | a full picture ends without the contact | likewise |
//!
//! An entry may be there before its contact: notes and outbox of an earlier run
//! come first. The UI is told of those only that have a frame and a contact.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use trunkline_model::{
    AccountId, AuthorRole, ContactKey, Conversation, ConversationState, Message, MessageBody, MessageId, MessageToken,
    Notice, NoticeLevel, UnixMillis,
};

use crate::notices::{customer_name, params};
use crate::{
    Change, ConversationView, Desk, Download, Effect, MessageCounts, Outgoing, OutgoingItem, OutgoingState,
    PlacedMessage,
};

/// Characters of unsent words that a notice shows.
const UNSENT_SHOWN: usize = 2_000;

/// Where a message stands: its time, its order among those of that time, then its coming.
type Place = (UnixMillis, i32, u64);

/// One contact's conversation. Whatever one message brings costs the same in a
/// long one: places and what is unread are kept, not looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConversationEntry {
    frame: Option<Conversation>,
    messages: BTreeMap<MessageId, Placed>,
    /// The same by their places.
    order: BTreeMap<Place, MessageId>,
    tokens: BTreeSet<MessageToken>,
    arrivals: u64,
    read: Option<(MessageId, UnixMillis)>,
    /// Of the messages, how many are unread.
    unread: u32,
    draft: String,
    outbox: Vec<Outgoing>,
    /// How many messages there were when an item of the outbox was first heard of.
    heard_at: BTreeMap<MessageToken, u64>,
    downloads: Vec<Download>,
    /// New or changed since the UI was told.
    fresh: BTreeSet<MessageId>,
}

#[derive(Clone, Debug)]
struct Placed {
    arrival: u64,
    message: Message,
}

impl Placed {
    fn place(&self) -> Place {
        (self.message.at, self.message.order, self.arrival)
    }

    /// Lines about what happened are nobody's words.
    fn is_words(&self) -> bool {
        !matches!(self.message.body, MessageBody::Event { .. })
    }

    /// Somebody else's words: only they are read or unread.
    fn is_of_others(&self) -> bool {
        self.message.author.role != AuthorRole::Me && self.is_words()
    }

    fn is_own(&self) -> bool {
        self.message.author.role == AuthorRole::Me && self.is_words()
    }

    fn says(&self, item: &OutgoingItem) -> bool {
        match (&self.message.body, item) {
            (MessageBody::Text { text } | MessageBody::Markdown { text }, OutgoingItem::Text { text: ours, .. }) => {
                text == ours
            }
            (MessageBody::Attachments { files, .. }, OutgoingItem::File { name, .. }) => {
                files.iter().any(|file| file.name == *name)
            }
            _ => false,
        }
    }
}

impl ConversationEntry {
    /// Everything after it is unread. A message that was seen in an earlier run
    /// may not be there: then its time stands for it.
    fn read_to(&self) -> Option<Place> {
        let (id, at) = self.read.as_ref()?;
        Some(self.messages.get(id).map_or((*at, i32::MAX, u64::MAX), Placed::place))
    }

    fn is_unread(&self, placed: &Placed) -> bool {
        placed.is_of_others() && self.read_to().is_none_or(|read| placed.place() > read)
    }

    fn set_read(&mut self, read: Option<(MessageId, UnixMillis)>) {
        self.read = read;
        self.count_unread();
    }

    fn count_unread(&mut self) {
        let after = self.read_to().map_or(Bound::Unbounded, Bound::Excluded);
        let later = self.order.range((after, Bound::Unbounded)).filter_map(|(_, id)| self.messages.get(id));
        self.unread = u32::try_from(later.filter(|placed| placed.is_of_others()).count()).unwrap_or(u32::MAX);
    }

    fn view(&self, key: &ContactKey) -> Option<ConversationView> {
        Some(ConversationView {
            key: key.clone(),
            conversation: self.frame.clone()?,
            unread: self.unread,
            read_up_to: self.read.as_ref().map(|(id, _)| id.clone()),
            draft: self.draft.clone(),
            outgoing: self.unsent().cloned().collect(),
            downloads: self.downloads.clone(),
        })
    }

    /// The platform may name a message before the outbox has heard of it.
    fn unsent(&self) -> impl Iterator<Item = &Outgoing> {
        let echoed = self.echoed();
        self.outbox.iter().filter(move |item| !self.tokens.contains(&item.token) && echoed != Some(&item.token))
    }

    /// The item that has arrived although nobody said so: its answer was lost,
    /// with the line or with an earlier run, and the platform shows it as the
    /// newest words of ours. Only what is first in line can have been tried, and
    /// what was there before it is not it. It will be tried again and get its
    /// token; until then it is not shown a second time.
    fn echoed(&self) -> Option<&MessageToken> {
        let unsent = |item: &&Outgoing| !matches!(item.state, OutgoingState::Failed { .. });
        let first = self.outbox.iter().filter(|item| !self.tokens.contains(&item.token)).find(unsent)?;
        let newest = self.order.values().rev().filter_map(|id| self.messages.get(id)).find(|placed| placed.is_own())?;
        let since = self.heard_at.get(&first.token).copied().unwrap_or_default();
        let is_echo = newest.message.token.is_none() && newest.arrival >= since && newest.says(&first.item);
        is_echo.then_some(&first.token)
    }

    fn set_outbox(&mut self, items: Vec<Outgoing>) {
        self.heard_at.retain(|token, _| items.iter().any(|item| item.token == *token));
        for item in &items {
            self.heard_at.entry(item.token.clone()).or_insert(self.arrivals);
        }
        self.outbox = items;
    }

    fn in_order(&self, key: &ContactKey) -> Vec<PlacedMessage> {
        let placed = self.order.values().filter_map(|id| self.messages.get(id));
        placed.map(|placed| told(key, placed)).collect()
    }

    /// Takes a message in; true when it is new, of others, unread, and not one
    /// of the past.
    fn take(&mut self, mut message: Message) -> bool {
        if let Some(token) = &message.token {
            self.tokens.insert(token.clone());
        }
        let first = self.order.first_key_value().map(|((at, ..), _)| *at);
        let known = self.messages.get(&message.id);
        let is_new = known.is_none();
        if let Some(Placed { message: known, .. }) = known {
            if message.partial && !known.partial {
                return false;
            }
            // A page read again knows less than what was told meanwhile.
            message.token = message.token.or_else(|| known.token.clone());
            message.delivery = message.delivery.max(known.delivery);
            if message == *known {
                return false;
            }
        }
        let arrival = known.map_or(self.arrivals, |known| known.arrival);
        self.arrivals += u64::from(is_new);
        let placed = Placed { arrival, message };
        let joined = self.frame.as_ref().is_some_and(|frame| frame.state != ConversationState::Joining);
        let arrived =
            is_new && joined && self.is_unread(&placed) && first.is_none_or(|first| placed.message.at >= first);
        self.put(placed);
        arrived
    }

    /// Puts a message into its place, or a changed one there anew.
    fn put(&mut self, placed: Placed) {
        let id = placed.message.id.clone();
        self.fresh.insert(id.clone());
        let moves_mark = self.read.as_ref().is_some_and(|(read, _)| *read == id);
        let unread = u32::from(self.is_unread(&placed));
        let before = self.messages.get(&id).map(|known| (known.place(), u32::from(self.is_unread(known))));
        if let Some((place, _)) = before {
            self.order.remove(&place);
        }
        self.order.insert(placed.place(), id.clone());
        self.messages.insert(id, placed);
        if moves_mark {
            self.count_unread();
        } else {
            let was = before.map_or(0, |(_, was)| was);
            self.unread = self.unread.saturating_add(unread).saturating_sub(was);
        }
    }
}

fn told(key: &ContactKey, placed: &Placed) -> PlacedMessage {
    PlacedMessage { contact: key.clone(), arrival: placed.arrival, message: placed.message.clone() }
}

impl Desk {
    pub(crate) fn on_conversation(&mut self, key: ContactKey, frame: Conversation) {
        self.conversations.entry(key).or_default().frame = Some(frame);
    }

    pub(crate) fn on_message(&mut self, key: ContactKey, message: Message, effects: &mut Vec<Effect>) {
        let (author, body) = (message.author.clone(), Box::new(message.body.clone()));
        let entry = self.conversations.entry(key.clone()).or_default();
        if entry.take(message) {
            effects.push(Effect::MessageArrived { contact: key, author, body, unread: entry.unread });
        }
    }

    pub(crate) fn on_outbox(&mut self, key: ContactKey, items: Vec<Outgoing>) {
        self.conversations.entry(key).or_default().set_outbox(items);
    }

    pub(crate) fn on_notes(&mut self, key: ContactKey, read: Option<(MessageId, UnixMillis)>, draft: String) {
        let entry = self.conversations.entry(key).or_default();
        if entry.read.is_none() {
            entry.set_read(read);
        }
        if entry.draft.is_empty() {
            entry.draft = draft;
        }
    }

    pub(crate) fn on_draft(&mut self, key: ContactKey, text: String, effects: &mut Vec<Effect>) {
        // The agent writes where there is a contact only: a page that is late has nothing to keep.
        if !self.contacts.contains_key(&key) {
            return;
        }
        let entry = self.conversations.entry(key.clone()).or_default();
        if entry.draft != text {
            entry.draft = text;
            effects.push(entry.keep(key));
        }
    }

    /// Never back: two windows may say it in any order.
    pub(crate) fn on_read(&mut self, key: ContactKey, id: MessageId, effects: &mut Vec<Effect>) {
        let Some(entry) = self.conversations.get_mut(&key) else { return };
        let Some(seen) = entry.messages.get(&id) else { return };
        let before =
            entry.read.as_ref().map(|(id, at)| entry.messages.get(id).map_or((*at, i32::MIN, 0), Placed::place));
        if before.is_none_or(|before| seen.place() > before) {
            let at = seen.message.at;
            entry.set_read(Some((id, at)));
            effects.push(entry.keep(key));
        }
    }

    pub(crate) fn on_download(&mut self, key: &ContactKey, download: Download) {
        let Some(entry) = self.conversations.get_mut(key) else { return };
        match entry.downloads.iter_mut().find(|known| known.attachment == download.attachment) {
            Some(known) => *known = download,
            None => entry.downloads.push(download),
        }
    }

    pub(crate) fn on_download_gone(&mut self, key: &ContactKey, attachment: &str) {
        if let Some(entry) = self.conversations.get_mut(key) {
            entry.downloads.retain(|known| known.attachment != attachment);
        }
    }

    /// The contact has gone. `name`: what the customer is called, where known.
    pub(crate) fn forget_conversation(
        &mut self,
        key: &ContactKey,
        name: Option<String>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let Some(entry) = self.conversations.remove(key) else { return };
        let unsent: Vec<String> = entry
            .unsent()
            .map(|item| match &item.item {
                OutgoingItem::Text { text, .. } => text.clone(),
                OutgoingItem::File { name, .. } => name.clone(),
                OutgoingItem::Place { place } => {
                    let degrees = format!("{} {}", place.latitude, place.longitude);
                    place.name.iter().chain(&place.address).cloned().chain([degrees]).collect::<Vec<_>>().join(", ")
                }
                OutgoingItem::Cards { cards } => {
                    let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
                    names.join(", ")
                }
            })
            .chain(Some(entry.draft.trim().to_owned()).filter(|draft| !draft.is_empty()))
            .collect();
        if !unsent.is_empty() {
            let text: String = unsent.join("\n").chars().take(UNSENT_SHOWN).collect();
            self.raise(Notice {
                id: format!("unsent:{key}"),
                level: NoticeLevel::Warning,
                message_key: if name.is_some() { "notice_unsent" } else { "notice_unsent_earlier" }.to_owned(),
                params: params([("name", name.unwrap_or_default()), ("text", text)]),
                account: Some(key.account.clone()),
                contact: None,
                action: None,
                at: now,
            });
        }
        effects.push(Effect::ForgetConversation { contact: key.clone() });
    }

    /// What an account's contacts hold, without the platform's frame, taken out of the desk.
    pub(crate) fn put_conversations_aside(&mut self, account: &AccountId) -> Vec<(ContactKey, ConversationEntry)> {
        let of_account = self.conversations.extract_if(.., |key, _| key.account == *account);
        of_account.map(|(key, entry)| (key, ConversationEntry { frame: None, ..entry })).collect()
    }

    /// The full picture of an account is there: what has no contact in it now will have none.
    pub(crate) fn forget_conversations_without_contact(
        &mut self,
        account: &AccountId,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let orphans: Vec<ContactKey> = self
            .conversations
            .keys()
            .filter(|key| key.account == *account && !self.contacts.contains_key(*key))
            .cloned()
            .collect();
        for key in orphans {
            self.forget_conversation(&key, None, now, effects);
        }
    }

    /// The customer's name, for what is told after the contact has gone.
    pub(crate) fn name_of(&self, key: &ContactKey) -> Option<String> {
        self.contacts.get(key).map(|entry| customer_name(&entry.view.contact))
    }

    fn shown_conversations(&self) -> impl Iterator<Item = (&ContactKey, &ConversationEntry, ConversationView)> {
        self.by_arrival().filter_map(|contact| {
            let (key, entry) = self.conversations.get_key_value(&contact.view.key)?;
            Some((key, entry, entry.view(key)?))
        })
    }

    pub(crate) fn conversation_views(&self) -> Vec<ConversationView> {
        self.shown_conversations().map(|(_, _, view)| view).collect()
    }

    /// How much was written, for the history; none when it was no conversation.
    pub(crate) fn message_counts(&self, key: &ContactKey) -> Option<MessageCounts> {
        let messages = self.conversations.get(key)?.messages.values();
        Some(messages.fold(MessageCounts::default(), |mut counts, placed| {
            let message = &placed.message;
            match &message.body {
                MessageBody::Event { .. } => return counts,
                MessageBody::Attachments { files, .. } => {
                    counts.files += u32::try_from(files.len()).unwrap_or(u32::MAX)
                }
                _ => {}
            }
            if message.author.role == AuthorRole::Me {
                counts.sent += 1;
            } else {
                counts.received += 1;
            }
            counts
        }))
    }

    pub(crate) fn all_messages(&self) -> Vec<PlacedMessage> {
        self.shown_conversations().flat_map(|(key, entry, _)| entry.in_order(key)).collect()
    }

    /// One conversation, where the contact has one.
    pub fn conversation(&self, key: &ContactKey) -> Option<ConversationView> {
        self.conversations.get(key)?.view(key)
    }

    /// What was sent under this token is there as a message.
    pub fn has_arrived(&self, key: &ContactKey, token: &MessageToken) -> bool {
        self.conversations.get(key).is_some_and(|entry| entry.tokens.contains(token))
    }

    /// One message of a conversation.
    pub fn message(&self, key: &ContactKey, id: &MessageId) -> Option<&Message> {
        Some(&self.conversations.get(key)?.messages.get(id)?.message)
    }

    /// The name of a file somebody sent: text from outside.
    pub fn attachment_name(&self, key: &ContactKey, attachment: &str) -> Option<&str> {
        self.conversations.get(key)?.messages.values().find_map(|placed| match &placed.message.body {
            MessageBody::Attachments { files, .. } => {
                files.iter().find(|file| file.id == attachment).map(|file| file.name.as_str())
            }
            _ => None,
        })
    }

    /// Frames and messages that differ from what the UI has been told. Comes
    /// after the contacts' changes: whose contact has gone is gone too.
    pub(crate) fn publish_conversations(&mut self, changes: &mut Vec<Change>) {
        let shown: Vec<(ContactKey, ConversationView)> =
            self.shown_conversations().map(|(key, _, view)| (key.clone(), view)).collect();
        self.published.conversations.retain(|key, _| self.contacts.contains_key(key));
        for (key, view) in shown {
            let before = self.published.conversations.get(&key);
            let all = before.is_none();
            if before != Some(&view) {
                changes.push(Change::Conversation(Box::new(view.clone())));
                self.published.conversations.insert(key.clone(), view);
            }
            let Some(entry) = self.conversations.get_mut(&key) else { continue };
            let fresh = std::mem::take(&mut entry.fresh);
            if all {
                let messages = entry.in_order(&key).into_iter();
                changes.extend(messages.map(|message| Change::Message(Box::new(message))));
                continue;
            }
            let mut placed: Vec<&Placed> = fresh.iter().filter_map(|id| entry.messages.get(id)).collect();
            placed.sort_by_key(|placed| placed.place());
            changes.extend(placed.into_iter().map(|placed| Change::Message(Box::new(told(&key, placed)))));
        }
    }
}

impl ConversationEntry {
    fn keep(&self, contact: ContactKey) -> Effect {
        Effect::KeepNotes { contact, read: self.read.clone(), draft: self.draft.clone() }
    }
}
