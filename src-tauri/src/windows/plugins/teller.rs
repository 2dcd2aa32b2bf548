//! Tells the news of one plugin without ever waiting for whoever reads them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TrySendError;
use trunkline_model::PluginId;
use trunkline_plugins::{FrameNews, FrameSink, Refused};

use super::relay::cut;

/// News that must arrive are kept up to this number.
const KEPT: usize = 64;
/// Longest address in news of a refusal, bytes.
const ADDRESS_LIMIT: usize = 2 * 1024;
const REFUSED_PER_SECOND: u32 = 5;

/// On the main thread.
pub(super) struct Teller {
    plugin: PluginId,
    sink: FrameSink,
    waiting: RefCell<VecDeque<FrameNews>>,
    /// Messages that found no room.
    lost: Cell<u32>,
    /// Refusals since this moment.
    refused: Cell<(Instant, u32)>,
}

impl Teller {
    pub fn new(plugin: PluginId, sink: FrameSink, now: Instant) -> Self {
        Self { plugin, sink, waiting: RefCell::default(), lost: Cell::new(0), refused: Cell::new((now, 0)) }
    }

    /// Tells it now or, where it matters, later.
    pub fn tell(&self, news: FrameNews) {
        self.again();
        let left = if self.waiting.borrow().is_empty() { self.send(news).err() } else { Some(news) };
        if let Some(news) = left {
            self.keep(news);
        }
    }

    /// Tells what was refused, so often at most that a page cannot keep us busy with it.
    pub fn refuse(&self, what: Refused, to: &str, now: Instant) {
        let (second, told) = self.refused.get();
        let (second, told) =
            if now.saturating_duration_since(second) >= Duration::from_secs(1) { (now, 0) } else { (second, told) };
        self.refused.set((second, told + 1));
        if told < REFUSED_PER_SECOND {
            self.tell(FrameNews::Refused { what, to: cut(to, ADDRESS_LIMIT).to_owned() });
        }
    }

    /// Tries what found no room before.
    pub fn again(&self) {
        loop {
            let Some(news) = self.waiting.borrow_mut().pop_front() else { break };
            if let Err(news) = self.send(news) {
                self.waiting.borrow_mut().push_front(news);
                return;
            }
        }
        let lost = self.lost.take();
        if lost > 0 && self.send(FrameNews::Dropped { messages: lost, too_large: 0 }).is_err() {
            self.lost.set(lost);
        }
    }

    fn send(&self, news: FrameNews) -> Result<(), FrameNews> {
        match self.sink.try_send((self.plugin.clone(), news)) {
            // Nobody reads any more: the program ends.
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full((_, news))) => Err(news),
        }
    }

    fn keep(&self, news: FrameNews) {
        match news {
            FrameNews::Message(_) => self.lost.set(self.lost.get().saturating_add(1)),
            FrameNews::Dropped { messages, too_large } => {
                self.lost.set(self.lost.get().saturating_add(messages).saturating_add(too_large));
            }
            FrameNews::Log { .. } | FrameNews::Refused { .. } => {}
            matters => {
                let mut waiting = self.waiting.borrow_mut();
                if waiting.len() < KEPT {
                    waiting.push_back(matters);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_matters_waits_for_room_and_messages_are_counted() {
        let (sink, mut news) = channel(1);
        let teller = Teller::new(PluginId::new("a"), sink, Instant::now());
        let message = || FrameNews::Message("{}".to_owned());
        teller.tell(message());
        teller.tell(message());
        teller.tell(FrameNews::Frozen);
        teller.tell(message());
        assert_eq!(news.try_recv().unwrap().1, message(), "the one that found room");
        teller.again();
        assert_eq!(news.try_recv().unwrap().1, FrameNews::Frozen, "what matters comes as soon as there is room");
        teller.again();
        let lost = FrameNews::Dropped { messages: 2, too_large: 0 };
        assert_eq!(news.try_recv().unwrap().1, lost, "and how many messages are lost is told");
        teller.again();
        assert!(news.try_recv().is_err(), "once");
    }

    #[test]
    fn refusals_are_told_so_often_a_second_and_no_longer_than_so_much() {
        let (sink, mut news) = channel(100);
        let start = Instant::now();
        let teller = Teller::new(PluginId::new("a"), sink, start);
        for _ in 0..50 {
            teller.refuse(Refused::Navigation, &"x".repeat(10_000), start);
        }
        let mut told = 0;
        while let Ok((_, FrameNews::Refused { to, .. })) = news.try_recv() {
            assert_eq!(to.len(), ADDRESS_LIMIT, "an address is cut");
            told += 1;
        }
        assert_eq!(told, REFUSED_PER_SECOND, "a page that tries again and again is told of a few times");
        teller.refuse(Refused::Popup, "y", start + Duration::from_secs(1));
        assert!(news.try_recv().is_ok(), "a second later it is news again");
    }
}
