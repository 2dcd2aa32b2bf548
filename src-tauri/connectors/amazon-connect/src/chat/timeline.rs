//! The messages of one conversation by their ids: what is told to the desk, and
//! whether it is news. Pure.
//!
//! | item | known | does |
//! | --- | --- | --- |
//! | a message | no | told |
//! | one of ours, an attempt of ours being out | no | held back until the attempt has its answer |
//! | a message | the same | nothing |
//! | a message | changed (file checked, receipts) | told whole; its token stays, its delivery never goes back |
//! | piece n of a text | pieces to n-1 | told, joined; another number is ignored |
//! | the whole text | pieces | told whole, with the first piece's time |
//! | a receipt | a message of ours | told, with all earlier ones of ours |
//! | a receipt | no | kept until the message comes |

use std::collections::BTreeMap;

use trunkline_model::{AuthorRole, Delivery, Message, MessageBody, MessageId, MessageToken, UnixMillis};

use super::Source;
use super::items::Chunk;

/// Receipts for messages that have not come.
const RECEIPTS_KEPT: usize = 256;

/// Room that a gap leaves for what will close it: its pages, at their longest.
const GAP: i32 = 20_000;

/// Where a message stands: by its time, then by its order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its time.
    pub at: UnixMillis,
    order: i32,
    /// The message.
    pub id: MessageId,
}

impl Place {
    fn of(message: &Message) -> Self {
        Self { at: message.at, order: message.order, id: message.id.clone() }
    }
}

/// What an attempt of ours that is out would come back as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    /// A text.
    Words,
    /// A file.
    File,
}

#[derive(Debug)]
struct Known {
    message: Message,
    /// Last piece that was taken; `None` once whole.
    piece: Option<u64>,
    /// One of ours that only its answer named: where it stands is told by its item.
    unplaced: bool,
}

/// All messages of one conversation.
#[derive(Debug, Default)]
pub struct Timeline {
    known: BTreeMap<MessageId, Known>,
    early: BTreeMap<MessageId, Delivery>,
    held: Vec<Message>,
    /// The order of the first message there is.
    first: i32,
    /// That of the last.
    last: i32,
    /// That of the first message that closes the gap.
    gap: i32,
}

fn is_own_words(message: &Message) -> bool {
    message.author.role == AuthorRole::Me && !matches!(message.body, MessageBody::Event { .. })
}

fn text_of(body: &mut MessageBody) -> Option<&mut String> {
    match body {
        MessageBody::Text { text } | MessageBody::Markdown { text } => Some(text),
        _ => None,
    }
}

impl Timeline {
    /// The order of the first of so many messages that come from there: older
    /// pages stand before all others, those of a gap in the room it left.
    pub fn room(&mut self, source: Source, count: usize) -> i32 {
        let count = i32::try_from(count).unwrap_or(GAP);
        match source {
            Source::Live | Source::First => {
                let first = self.last.saturating_add(1);
                self.last = self.last.saturating_add(count);
                first
            }
            Source::Older => {
                self.first = self.first.saturating_sub(count);
                self.first
            }
            Source::Gap => {
                self.gap = self.gap.saturating_sub(count);
                self.gap
            }
        }
    }

    /// Something may be missing from here on.
    pub fn begin_gap(&mut self) {
        self.gap = self.last.saturating_add(GAP);
        self.last = self.gap;
    }

    /// Where a message stands: one that is known, where it stood.
    pub fn place(&self, message: &Message) -> Place {
        Place::of(self.find(&message.id).filter(|known| known.at == message.at).unwrap_or(message))
    }

    /// The message with this id.
    pub fn find(&self, id: &MessageId) -> Option<&Message> {
        self.known.get(id).map(|known| &known.message)
    }

    /// An own message with this file, shown or held back.
    pub fn own_with_file(&self, attachment: &str) -> Option<MessageId> {
        let has = |message: &Message| {
            is_own_words(message)
                && matches!(&message.body, MessageBody::Attachments { files, .. } if files.iter().any(|file| file.id == attachment))
        };
        let shown = self.known.values().map(|known| &known.message);
        shown.chain(&self.held).find(|message| has(message)).map(|message| message.id.clone())
    }

    /// Name of a file in the conversation.
    pub fn file_name(&self, attachment: &str) -> Option<String> {
        let files = self.known.values().filter_map(|known| match &known.message.body {
            MessageBody::Attachments { files, .. } => Some(files),
            _ => None,
        });
        files.flatten().find(|file| file.id == attachment).map(|file| file.name.clone())
    }

    /// The newest, for finding where a gap begins.
    pub fn newest(&self) -> Option<Place> {
        self.known.values().map(|known| Place::of(&known.message)).max()
    }

    /// The oldest.
    pub fn oldest(&self) -> Option<Place> {
        self.known.values().map(|known| Place::of(&known.message)).min()
    }

    /// The last message of others up to this one, which a receipt can name.
    pub fn last_of_others(&self, up_to: &MessageId) -> Option<Place> {
        let limit = self.find(up_to).map(Place::of)?;
        let candidates = self.known.values().map(|known| &known.message).filter(|message| wants_receipt(message));
        candidates.map(Place::of).filter(|place| *place <= limit).max()
    }

    /// Takes an item. `out`: an attempt of ours of this kind is out, so that a new
    /// message of ours may be its echo. Gives what is to be told.
    pub fn take(&mut self, message: Message, chunk: Option<Chunk>, out: Option<Out>) -> Option<Message> {
        let is_new = !self.known.contains_key(&message.id);
        let kind = if matches!(message.body, MessageBody::Attachments { .. }) { Out::File } else { Out::Words };
        if is_new && out == Some(kind) && is_own_words(&message) {
            match self.held.iter_mut().find(|held| held.id == message.id) {
                Some(held) => *held = message,
                None => self.held.push(message),
            }
            return None;
        }
        match chunk {
            Some(chunk) => self.take_piece(message, chunk),
            None => self.take_whole(message),
        }
    }

    fn take_whole(&mut self, mut message: Message) -> Option<Message> {
        if let Some(early) = self.early.remove(&message.id)
            && is_own_words(&message)
        {
            message.delivery = message.delivery.max(Some(early));
        }
        if let Some(known) = self.known.get(&message.id) {
            message.token = message.token.or_else(|| known.message.token.clone());
            message.delivery = message.delivery.max(known.message.delivery);
            let moves = known.unplaced && self.is_shared(message.at, &message.id);
            message.order = if moves { message.order } else { known.message.order };
            if known.piece.is_some() {
                message.at = known.message.at;
            }
            if known.message == message {
                return None;
            }
        }
        let known = Known { message: message.clone(), piece: None, unplaced: false };
        self.known.insert(message.id.clone(), known);
        Some(message)
    }

    /// Another message has the same time.
    fn is_shared(&self, at: UnixMillis, id: &MessageId) -> bool {
        self.known.values().any(|known| known.message.at == at && known.message.id != *id)
    }

    fn take_piece(&mut self, mut message: Message, chunk: Chunk) -> Option<Message> {
        if chunk.completed {
            message.partial = false;
            return self.take_whole(message);
        }
        let Some(known) = self.known.get_mut(&message.id) else {
            let piece = match chunk.number {
                Some(1) => 1,
                // The transcript has the text so far, and not how many pieces that is: the whole comes next.
                None => u64::MAX,
                // Without its beginning the text waits for its whole.
                Some(_) => return None,
            };
            self.known
                .insert(message.id.clone(), Known { message: message.clone(), piece: Some(piece), unplaced: false });
            return Some(message);
        };
        let next = known.piece?.checked_add(1)?;
        if chunk.number != Some(next) {
            return None;
        }
        let more = std::mem::take(text_of(&mut message.body)?);
        text_of(&mut known.message.body)?.push_str(&more);
        known.piece = Some(next);
        Some(known.message.clone())
    }

    /// The platform tells how far one of ours got: it and all earlier ones.
    pub fn receipt(&mut self, id: &MessageId, delivery: Delivery) -> Vec<Message> {
        let Some(known) = self.known.get(id) else {
            if self.early.len() < RECEIPTS_KEPT {
                let early = self.early.entry(id.clone()).or_insert(delivery);
                *early = delivery.max(*early);
            }
            return Vec::new();
        };
        if !is_own_words(&known.message) {
            return Vec::new();
        }
        let limit = Place::of(&known.message);
        let mut changed = Vec::new();
        for known in self.known.values_mut() {
            let message = &mut known.message;
            let earlier = Place::of(message) <= limit;
            if earlier && is_own_words(message) && message.delivery < Some(delivery) {
                message.delivery = Some(delivery);
                changed.push(message.clone());
            }
        }
        changed.sort_by_key(|message| (message.at, message.order));
        changed
    }

    /// The answer to an attempt of ours names its message: it gets its token,
    /// wherever it is. `otherwise` serves when the socket has not brought it.
    pub fn named(&mut self, id: &MessageId, token: &MessageToken, otherwise: Option<Message>) -> Option<Message> {
        let held = self.held.iter().position(|held| held.id == *id).map(|index| self.held.remove(index));
        let seen = held.or_else(|| self.find(id).cloned());
        let unplaced = seen.is_none();
        let mut message = seen.or(otherwise)?;
        message.token = Some(token.clone());
        self.take_whole(message.clone());
        if let Some(known) = self.known.get_mut(id).filter(|_| unplaced) {
            known.unplaced = true;
        }
        self.find(id).cloned().or(Some(message))
    }

    /// No attempt is out any more: what was held back is somebody else's, or is
    /// shown without its token.
    pub fn release(&mut self) -> Vec<Message> {
        let held = std::mem::take(&mut self.held);
        held.into_iter().filter_map(|message| self.take_whole(message)).collect()
    }
}

/// The sender of such a message is told that it came and was seen.
pub fn wants_receipt(message: &Message) -> bool {
    !message.partial
        && !matches!(message.author.role, AuthorRole::Me | AuthorRole::System)
        && !matches!(message.body, MessageBody::Event { .. })
}
