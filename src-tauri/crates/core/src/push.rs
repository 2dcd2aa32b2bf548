//! One window's stream of pushes.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::broadcast;
use trunkline_rpc::Push;

use crate::{Parts, plugins};

/// Snapshot first, then everything after it, in order. A window that falls
/// too far behind gets a new snapshot in place of what it missed.
pub struct PushStream {
    parts: Arc<Parts>,
    receiver: Option<broadcast::Receiver<Push>>,
    waiting: VecDeque<Push>,
    revision: u64,
}

impl PushStream {
    pub(crate) fn new(parts: Arc<Parts>) -> Self {
        Self { parts, receiver: None, waiting: VecDeque::new(), revision: 0 }
    }

    fn join(&mut self) {
        let (snapshot, offers, receiver) = self.parts.desk.join();
        self.revision = snapshot.revision;
        self.receiver = Some(receiver);
        self.waiting.push_back(Push::Snapshot(Box::new(snapshot)));
        self.waiting.push_back(Push::Offers(offers));
        self.waiting.push_back(Push::Plugins(plugins::view(&self.parts)));
        self.parts.audio.refresh_metering();
    }

    /// Next push; `None` when the core has ended. Cancel-safe.
    pub async fn next(&mut self) -> Option<Push> {
        loop {
            if let Some(push) = self.waiting.pop_front() {
                return Some(push);
            }
            let Some(receiver) = self.receiver.as_mut() else {
                self.join();
                continue;
            };
            match receiver.recv().await {
                Ok(Push::Patch(patch)) if patch.to <= self.revision => {}
                Ok(Push::Patch(patch)) => {
                    self.revision = patch.to;
                    return Some(Push::Patch(patch));
                }
                Ok(push) => return Some(push),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::info!(missed, "window fell behind; it gets a snapshot");
                    self.receiver = None;
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}
