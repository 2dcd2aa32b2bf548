//! Received packets on their way from the network task to the audio thread.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError, TryLockError};

use crate::jitter::Arrived;
use crate::stats::Inbound;

/// Payload types of the offer; payload numbers are the offerer's.
pub const OPUS: u8 = 111;
/// G.711 mu-law has a number of its own (RFC 3551).
pub const PCMU: u8 = 0;

/// Two seconds of packets: whoever does not listen for longer misses the oldest.
const MOST: usize = 100;

/// Between one writer (the network) and one reader (the audio thread), which
/// never waits: when the writer holds the lock it tries again 10 ms later.
#[derive(Debug, Default)]
pub struct Inbox {
    queue: Mutex<VecDeque<Arrived>>,
    counts: Mutex<Inbound>,
}

impl Inbox {
    /// Takes a packet from the network.
    pub fn put(&self, packet: Arrived) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).observe(&packet);
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() >= MOST {
            queue.pop_front();
        }
        queue.push_back(packet);
    }

    /// Exchanges what came for the reader's emptied queue.
    pub fn take_into(&self, emptied: &mut VecDeque<Arrived>) {
        match self.queue.try_lock() {
            Ok(mut queue) => std::mem::swap(&mut *queue, emptied),
            Err(TryLockError::Poisoned(broken)) => std::mem::swap(&mut *broken.into_inner(), emptied),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Forgets what waits and what was counted: another contact comes.
    pub fn clear(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Inbound::default();
    }

    /// Counts of the received stream.
    pub fn counts(&self) -> Inbound {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
