//! Messages of a conversation: each once, in order, and how many of them the panel
//! has been told.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_model::{
    Author, AuthorRole, Delivery, Message, MessageBody, MessageId, MessageToken, Quote, Suggestion, UnixMillis,
};

use crate::cim;

/// Messages that the panel is told at once; older ones when it asks.
pub(super) const PAGE: usize = 50;

type Place = (UnixMillis, u64);

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    messages: BTreeMap<MessageId, (Place, Message)>,
    order: BTreeMap<Place, MessageId>,
    arrivals: u64,
    /// The panel knows everything from here on.
    told_from: Option<Place>,
    /// New or changed since the panel was told, among what it knows.
    fresh: BTreeSet<MessageId>,
    /// Tokens of our own messages by their ids.
    tokens: BTreeSet<MessageId>,
}

impl Timeline {
    /// A message of ours is on its way: its id is its token.
    pub(super) fn expect(&mut self, token: &MessageToken) {
        let id = MessageId::new(token.as_str());
        self.tokens.insert(id.clone());
        // Sent by an earlier run, and here already.
        if self.get(&id).is_some_and(|message| message.author.role == AuthorRole::Me && message.token.is_none()) {
            self.change(&id, |message| message.token = Some(token.clone()));
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The place of the next one among those of its time.
    pub(super) fn places(&self) -> u64 {
        self.arrivals
    }

    /// The next one has this place among those of its time. Never one that was given.
    pub(super) fn place_from(&mut self, place: u64) {
        self.arrivals = place;
    }

    /// `whole` was read in the order in which everything happened, this one was not. It
    /// takes its place; what the panel knows otherwise is told.
    pub(super) fn become_whole(&mut self, whole: Self) {
        let known = std::mem::replace(self, whole);
        (self.tokens, self.fresh, self.told_from) = (known.tokens, known.fresh, known.told_from);
        let Some(from) = known.told_from else { return };
        // One that the panel knows may stand before all that it knows now: it comes
        // again with the page that it belongs to. What came between is not forgotten:
        // the panel was told of it, or its page comes, or it is told here.
        let told: BTreeSet<_> = known.order.range(from..).map(|(_, id)| id).collect();
        let before = |id: &MessageId| known.messages.get(id).map(|(_, message)| message);
        let changed = told.iter().copied().filter(|id| before(id) != self.get(id));
        let new = self.order.range(from..).map(|(_, id)| id).filter(|id| !told.contains(id));
        let fresh: Vec<_> = changed.chain(new).cloned().collect();
        self.fresh.extend(fresh);
    }

    pub(super) fn has(&self, id: &MessageId) -> bool {
        self.messages.contains_key(id)
    }

    pub(super) fn get(&self, id: &MessageId) -> Option<&Message> {
        self.messages.get(id).map(|(_, message)| message)
    }

    /// Takes a message in; one that is known keeps what is known better of it.
    pub(super) fn take(&mut self, mut message: Message) {
        if self.tokens.contains(&message.id) && message.author.role == AuthorRole::Me {
            message.token = Some(MessageToken::new(message.id.as_str()));
        }
        if let Some(quote) = &mut message.reply_to
            && let Some((_, quoted)) = self.messages.get(&quote.message)
        {
            *quote = Quote {
                message: quote.message.clone(),
                author: Some(quoted.author.clone()),
                text: Some(cim::excerpt(&quoted.body)),
            };
        }
        if let Some((_, known)) = self.messages.get(&message.id) {
            message.delivery = message.delivery.max(known.delivery);
            message.token = message.token.or_else(|| known.token.clone());
            // An echo of what was sent tells nothing of what happened to it later.
            if known.edited || known.body == MessageBody::Removed {
                (message.edited, message.body) = (known.edited, known.body.clone());
            }
            // Where it stands is told once: an echo of an echo does not move it.
            message.at = known.at;
            if message.suggestions.is_empty() {
                message.suggestions = known.suggestions.clone();
            }
        }
        self.put(message);
    }

    fn put(&mut self, mut message: Message) {
        let place = self.messages.get(&message.id).map_or((message.at, self.arrivals), |(place, _)| *place);
        // Pages come from the newest on: among those of one time this tells the order.
        message.order = i32::try_from(place.1).unwrap_or(i32::MAX);
        if self.messages.get(&message.id).is_some_and(|(_, known)| *known == message) {
            return;
        }
        if !self.messages.contains_key(&message.id) {
            self.arrivals += 1;
        }
        if self.told_from.is_none_or(|from| place >= from) {
            self.fresh.insert(message.id.clone());
        }
        self.order.insert(place, message.id.clone());
        self.messages.insert(message.id.clone(), (place, message));
    }

    fn change(&mut self, id: &MessageId, change: impl FnOnce(&mut Message)) {
        if let Some((_, message)) = self.messages.get(id) {
            let mut message = message.clone();
            change(&mut message);
            self.put(message);
        }
    }

    /// It reads differently now.
    pub(super) fn edit(&mut self, id: &MessageId, body: MessageBody) {
        self.change(id, |message| (message.body, message.edited) = (body, true));
    }

    /// It was taken back.
    pub(super) fn remove(&mut self, id: &MessageId) {
        self.change(id, |message| message.body = MessageBody::Removed);
    }

    /// What could be answered to it; without an id, to the customer's last words.
    pub(super) fn suggest(&mut self, id: Option<&MessageId>, suggestions: Vec<Suggestion>) {
        let last = || {
            let ids = self.order.values().rev();
            let is_customers = |id: &&MessageId| {
                self.get(id).is_some_and(|message| {
                    message.author.role == AuthorRole::Customer && !matches!(message.body, MessageBody::Event { .. })
                })
            };
            ids.clone().find(is_customers).cloned()
        };
        if let Some(id) = id.cloned().or_else(last) {
            self.change(&id, |message| message.suggestions = suggestions);
        }
    }

    /// The other side has our messages up to this one; a failure is of this one alone.
    pub(super) fn delivered(&mut self, up_to: &MessageId, status: Delivery) {
        if status == Delivery::Failed {
            return self.change(up_to, |message| message.delivery = Some(Delivery::Failed));
        }
        let Some((until, _)) = self.messages.get(up_to) else { return };
        let own = |id: &&MessageId| {
            self.get(id).is_some_and(|message| {
                message.author.role == AuthorRole::Me
                    && !message.internal
                    && message.delivery.is_none_or(|known| known < status)
                    && !matches!(message.body, MessageBody::Event { .. })
            })
        };
        let ids: Vec<_> = self.order.range(..=*until).map(|(_, id)| id).filter(own).cloned().collect();
        for id in ids {
            self.change(&id, |message| message.delivery = Some(status));
        }
    }

    /// There are older ones that the panel does not know.
    pub(super) fn has_older(&self) -> bool {
        self.told_from.is_some_and(|from| self.order.range(..from).next().is_some())
    }

    /// The newest page, for a panel that knows nothing yet.
    pub(super) fn first_page(&mut self) -> Vec<Message> {
        self.told_from = None;
        let page: Vec<_> = self.order.iter().rev().take(PAGE).map(|(place, id)| (*place, id.clone())).collect();
        let oldest = page.last().map(|(place, _)| *place);
        self.told_from = Some(oldest.unwrap_or((UnixMillis(i64::MIN), 0)));
        self.fresh.clear();
        self.messages_of(page.into_iter().rev().map(|(_, id)| id))
    }

    /// The page before what the panel knows.
    pub(super) fn older_page(&mut self) -> Vec<Message> {
        let Some(from) = self.told_from else { return Vec::new() };
        let page: Vec<_> = self.order.range(..from).rev().take(PAGE).map(|(place, id)| (*place, id.clone())).collect();
        if let Some((oldest, _)) = page.last() {
            self.told_from = Some(*oldest);
        }
        self.messages_of(page.into_iter().rev().map(|(_, id)| id))
    }

    /// What is new or changed since the panel was told, in order.
    pub(super) fn fresh(&mut self) -> Vec<Message> {
        if self.told_from.is_none() {
            return Vec::new();
        }
        let ids = std::mem::take(&mut self.fresh);
        let mut found = self.messages_of(ids.into_iter());
        found.sort_by_key(|message| self.messages.get(&message.id).map(|(place, _)| *place));
        found
    }

    fn messages_of(&self, ids: impl Iterator<Item = MessageId>) -> Vec<Message> {
        ids.filter_map(|id| self.get(&id).cloned()).collect()
    }

    /// What a file was called when it was sent.
    pub(super) fn file_name(&self, address: &str) -> Option<String> {
        let files = self.messages.values().flat_map(|(_, message)| match &message.body {
            MessageBody::Attachments { files, .. }
            | MessageBody::Email { files, .. }
            | MessageBody::Comment { files, .. } => files.as_slice(),
            _ => &[],
        });
        files.filter(|file| file.id == address).map(|file| file.name.clone()).next()
    }

    /// The author of a message, where it is words of somebody else's.
    pub(super) fn words_of(&self, id: &MessageId) -> Option<&Author> {
        let message = self.get(id)?;
        let words = !matches!(message.body, MessageBody::Event { .. }) && message.author.role != AuthorRole::Me;
        words.then_some(&message.author)
    }
}
