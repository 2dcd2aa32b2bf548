//! Streams of channels: positions, a bounded history, and recovery from it.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::wire::{fields, with_data};

/// One publication, with its offset in a stream or zero without one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Publication {
    pub data: Value,
    pub offset: u64,
}

impl Publication {
    pub fn body(&self) -> Value {
        with_data(fields([("offset", json!(self.offset))]), Some(self.data.clone()))
    }
}

/// What a channel with history remembers.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub epoch: String,
    pub offset: u64,
    publications: VecDeque<Publication>,
}

impl Stream {
    pub fn new() -> Self {
        Self { epoch: new_epoch(), offset: 0, publications: VecDeque::new() }
    }

    /// The next publication, of which so many are kept.
    pub fn append(&mut self, data: Value, keep: usize) -> Publication {
        self.offset += 1;
        let publication = Publication { data, offset: self.offset };
        self.publications.push_back(publication.clone());
        while self.publications.len() > keep {
            self.publications.pop_front();
        }
        publication
    }

    /// A new incarnation: positions of the old one mean nothing.
    pub fn begin_anew(&mut self) {
        *self = Self::new();
    }

    /// What was kept is lost; the position stays.
    pub fn forget(&mut self) {
        self.publications.clear();
    }

    /// Everything after a position; none when something in between is lost, or when it is too much.
    pub fn recover(&self, epoch: &str, offset: u64, limit: usize) -> Option<Vec<Publication>> {
        if !epoch.is_empty() && epoch != self.epoch {
            return None;
        }
        let missed: Vec<Publication> = self.after(offset).cloned().collect();
        let whole = match missed.first() {
            None => self.offset == offset,
            Some(first) => first.offset == offset + 1 && missed.len() <= limit,
        };
        whole.then_some(missed)
    }

    pub fn after(&self, offset: u64) -> impl DoubleEndedIterator<Item = &Publication> {
        self.publications.iter().filter(move |publication| publication.offset > offset)
    }
}

fn new_epoch() -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    id.chars().take(4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(recovered: Option<Vec<Publication>>) -> Option<Vec<u64>> {
        recovered.map(|list| list.iter().map(|publication| publication.offset).collect())
    }

    #[test]
    fn recovery_is_whole_or_not_at_all() {
        let mut stream = Stream::new();
        for n in 1..=5 {
            stream.append(json!(n), 3);
        }
        let epoch = stream.epoch.clone();
        assert_eq!(offsets(stream.recover(&epoch, 5, 300)), Some(vec![]), "nothing was missed");
        assert_eq!(offsets(stream.recover(&epoch, 3, 300)), Some(vec![4, 5]));
        assert_eq!(offsets(stream.recover("", 2, 300)), Some(vec![3, 4, 5]), "an empty epoch fits any");
        assert_eq!(offsets(stream.recover(&epoch, 1, 300)), None, "2 is not kept any more");
        assert_eq!(offsets(stream.recover(&epoch, 2, 2)), None, "more than may be recovered");
        assert_eq!(offsets(stream.recover(&epoch, 9, 300)), None, "ahead of the stream");
        assert_eq!(offsets(stream.recover("other", 5, 300)), None, "another incarnation");
        stream.forget();
        assert_eq!(offsets(stream.recover(&epoch, 4, 300)), None, "what was kept is lost");
        stream.begin_anew();
        assert_eq!((stream.offset, stream.epoch == epoch), (0, false));
    }
}
