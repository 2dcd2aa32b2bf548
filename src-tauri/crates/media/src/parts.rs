//! What changes from contact to contact on one connection: the ends that the
//! audio engine holds, the counters, and each contact's times.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use tokio::sync::mpsc;
use trunkline_model::{CallSummary, MediaFailure, MediaStats, UnixMillis};

use crate::capture::Capture;
use crate::jitter::JitterConfig;
use crate::playout::Playout;
use crate::receiver::Inbox;
use crate::reports::SharedView;
use crate::sender::Outgoing;
use crate::stats::{LevelMeter, PlayoutMeter, Readings, Sampler};
use crate::summary::Ledger;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Both ends of the sound, and what is counted there.
pub(crate) struct Ends {
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) outgoing: Arc<Outgoing>,
    pub(crate) remote: SharedView,
    /// Kept, so that the sender's channel stays open while no microphone is.
    frames: mpsc::Sender<Vec<f32>>,
    counting: Mutex<Counting>,
}

#[derive(Default)]
struct Counting {
    meter: Arc<PlayoutMeter>,
    level: Arc<LevelMeter>,
    sampler: Sampler,
    /// The peer counts our losses from the beginning of the connection.
    lost_before: i64,
}

impl Ends {
    pub(crate) fn new(frames: mpsc::Sender<Vec<f32>>) -> Self {
        Self {
            inbox: Arc::default(),
            outgoing: Arc::default(),
            remote: SharedView::default(),
            frames,
            counting: Mutex::default(),
        }
    }

    pub(crate) fn fresh(&self) -> Result<(Playout, Capture), opus::Error> {
        let mut counting = locked(&self.counting);
        *counting = Counting { lost_before: locked(&self.remote).lost, ..Counting::default() };
        self.inbox.clear();
        self.outgoing.packets.store(0, Ordering::Relaxed);
        let playout = Playout::new(Arc::clone(&self.inbox), Arc::clone(&counting.meter), JitterConfig::default())?;
        let capture = Capture::new(Arc::clone(&self.outgoing), self.frames.clone(), Arc::clone(&counting.level));
        Ok((playout, capture))
    }

    pub(crate) fn sample(&self) -> MediaStats {
        let mut counting = locked(&self.counting);
        let Counting { meter, level, sampler, lost_before } = &mut *counting;
        let inbound = self.inbox.counts();
        let mut remote = *locked(&self.remote);
        remote.lost -= *lost_before;
        sampler.sample(&Readings {
            inbound: &inbound,
            playout: meter,
            sent_level: level.take(),
            sent: self.outgoing.packets.load(Ordering::Relaxed),
            remote,
        })
    }
}

/// The connection's own ledger and those of the contacts on it.
pub(crate) struct Ledgers {
    own: Mutex<Ledger>,
    parts: Mutex<Vec<Weak<Mutex<Ledger>>>>,
}

impl Ledgers {
    pub(crate) fn new(now: Instant, at: UnixMillis) -> Self {
        Self { own: Mutex::new(Ledger::new(now, at)), parts: Mutex::default() }
    }

    /// The same in every ledger.
    pub(crate) fn note(&self, note: impl Fn(&mut Ledger, Instant)) {
        let now = Instant::now();
        note(&mut locked(&self.own), now);
        for part in locked(&self.parts).iter().filter_map(Weak::upgrade) {
            note(&mut locked(&part), now);
        }
    }

    pub(crate) fn join(&self, now: Instant, at: UnixMillis) -> Part {
        let ledger = Arc::new(Mutex::new(locked(&self.own).joined(now, at)));
        let mut parts = locked(&self.parts);
        parts.retain(|part| part.strong_count() > 0);
        parts.push(Arc::downgrade(&ledger));
        Part { ledger }
    }

    pub(crate) fn leave(&self, part: &Part) {
        let gone = Arc::downgrade(&part.ledger);
        locked(&self.parts).retain(|other| !other.ptr_eq(&gone) && other.strong_count() > 0);
    }

    pub(crate) fn own_summary(&self) -> CallSummary {
        locked(&self.own).summary(Instant::now())
    }
}

/// One contact's part in a connection: its times, its totals, its failure.
#[derive(Debug)]
pub struct Part {
    ledger: Arc<Mutex<Ledger>>,
}

impl Part {
    fn note(&self, note: impl FnOnce(&mut Ledger, Instant)) {
        note(&mut locked(&self.ledger), Instant::now());
    }

    /// The agent accepted the contact.
    pub fn note_accepted(&self) {
        self.note(|ledger, now| ledger.accepted(now));
    }

    /// Speech flows from now on.
    pub fn note_live(&self) {
        self.note(|ledger, now| ledger.live(now));
    }

    /// The first received speech was played to the agent.
    pub fn note_first_heard(&self) {
        self.note(|ledger, now| ledger.heard(now));
    }

    /// Negotiation failed at the signalling level; what was not reached.
    pub fn note_failed(&self, failure: MediaFailure, address: Option<String>) {
        self.note(|ledger, _| ledger.failed_at(failure, address));
    }

    /// How it was, up to now.
    pub fn summary(&self) -> CallSummary {
        locked(&self.ledger).summary(Instant::now())
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
