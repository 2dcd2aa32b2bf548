use std::sync::{Arc, Mutex as Lock, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Mutex, OnceCell, mpsc, oneshot};
use trunkline_connector::ports::{CandidateInit, IceServer, MediaError, MediaEvent, MediaLeg, MediaOffer};
use trunkline_model::{CallSummary, MediaFailure};

/// A leg whose opening is under way: calls wait for it.
pub(super) struct LegToCome {
    leg: OnceCell<Arc<dyn MediaLeg>>,
    coming: Mutex<Option<oneshot::Receiver<Arc<dyn MediaLeg>>>>,
    /// Whether the microphone may be sent; held while the leg is told, so that
    /// of two words the later one stands.
    may_speak: Lock<bool>,
}

impl LegToCome {
    pub(super) fn new(coming: oneshot::Receiver<Arc<dyn MediaLeg>>) -> Self {
        Self { leg: OnceCell::new(), coming: Mutex::new(Some(coming)), may_speak: Lock::new(true) }
    }

    fn tell_may_speak(&self, allowed: Option<bool>) {
        let mut standing = self.may_speak.lock().unwrap_or_else(PoisonError::into_inner);
        let told = allowed.is_some() || !*standing;
        *standing = allowed.unwrap_or(*standing);
        if let Some(leg) = self.leg.get().filter(|_| told) {
            leg.may_speak(*standing);
        }
    }

    async fn wait(&self) -> Option<&Arc<dyn MediaLeg>> {
        if let Some(leg) = self.leg.get() {
            return Some(leg);
        }
        let mut coming = self.coming.lock().await;
        if let Some(receiver) = coming.take()
            && let Ok(leg) = receiver.await
        {
            let _ = self.leg.set(leg);
        }
        self.leg.get()
    }
}

#[async_trait]
impl MediaLeg for LegToCome {
    async fn offer(&self) -> Result<MediaOffer, MediaError> {
        match self.wait().await {
            Some(leg) => leg.offer().await,
            None => Err(MediaError::Closed),
        }
    }

    async fn answer(&self, sdp: &str, candidates: &[CandidateInit]) -> Result<(), MediaError> {
        match self.wait().await {
            Some(leg) => leg.answer(sdp, candidates).await,
            None => Err(MediaError::Closed),
        }
    }

    async fn restart(&self, ice_servers: Vec<IceServer>) -> Result<MediaOffer, MediaError> {
        match self.wait().await {
            Some(leg) => leg.restart(ice_servers).await,
            None => Err(MediaError::Closed),
        }
    }

    async fn go_live(&self) {
        if let Some(leg) = self.wait().await {
            // It may have been said before the leg was there.
            self.tell_may_speak(None);
            leg.go_live().await;
        }
    }

    fn may_speak(&self, allowed: bool) {
        self.tell_may_speak(Some(allowed));
    }

    fn events(&self) -> Option<mpsc::Receiver<MediaEvent>> {
        None
    }

    fn fail(&self, failure: MediaFailure, address: Option<String>) {
        if let Ok(mut coming) = self.coming.try_lock()
            && let Some(leg) = coming.as_mut().and_then(|receiver| receiver.try_recv().ok())
        {
            *coming = None;
            let _ = self.leg.set(leg);
        }
        if let Some(leg) = self.leg.get() {
            leg.fail(failure, address);
        }
    }

    async fn close(&self) -> CallSummary {
        match self.wait().await {
            Some(leg) => leg.close().await,
            None => CallSummary::default(),
        }
    }
}
