//! Telling the other side what we got and saw, as rarely as the vendor's client
//! does (section 7). Pure.
//!
//! | input | does |
//! | --- | --- |
//! | a message of others | its "delivered" waits 300 ms |
//! | the agent has seen up to a message | its "read" goes out, and cancels a "delivered" of it or of earlier ones |
//! | time, not within 5 s of the last burst | the latest "delivered" and the latest "read" go out |
//! | it failed for a passing reason | once more with the next burst, thrice at most |
//!
//! A receipt settles all earlier messages, so only the latest is ever sent.

use std::time::Duration;

use tokio::time::Instant;
use trunkline_model::Delivery;

use super::ChatSettings;
use super::timeline::Place;

/// Attempts at one receipt.
const MOST_TRIES: u32 = 3;

/// A receipt on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Which kind.
    pub delivery: Delivery,
    /// For which message.
    pub place: Place,
    /// The same for every attempt.
    pub client_token: String,
    tries: u32,
}

/// What has been told and what is to be told.
#[derive(Debug, Default)]
pub struct Receipts {
    told_delivered: Option<Place>,
    told_read: Option<Place>,
    delivered: Option<(Sending, Instant)>,
    read: Option<Sending>,
    last_burst: Option<Instant>,
}

fn new(delivery: Delivery, place: Place) -> Sending {
    Sending { delivery, place, client_token: uuid::Uuid::new_v4().to_string(), tries: 0 }
}

impl Receipts {
    /// The transcript says that we have told this already.
    pub fn settled(&mut self, place: &Place, delivery: Delivery) {
        if delivery == Delivery::Read {
            self.told_read = self.told_read.take().max(Some(place.clone()));
            self.read.take_if(|waiting| waiting.place <= *place);
        }
        self.told_delivered = self.told_delivered.take().max(Some(place.clone()));
        self.delivered.take_if(|(waiting, _)| waiting.place <= *place);
    }

    /// A message of others has come.
    pub fn arrived(&mut self, place: Place, now: Instant, settings: &ChatSettings) {
        let told = self.told_delivered.as_ref().max(self.told_read.as_ref());
        let seen = self.read.as_ref().is_some_and(|read| read.place >= place);
        if seen || told.is_some_and(|told| *told >= place) {
            return;
        }
        if self.delivered.as_ref().is_none_or(|(waiting, _)| waiting.place < place) {
            let due = now + Duration::from_millis(settings.chat_delivered_hold_ms);
            self.delivered = Some((new(Delivery::Delivered, place), due));
        }
    }

    /// The agent has seen everything up to this one.
    pub fn seen(&mut self, place: Place) {
        if self.told_read.as_ref().is_some_and(|told| *told >= place) {
            return;
        }
        self.delivered.take_if(|(waiting, _)| waiting.place <= place);
        if self.read.as_ref().is_none_or(|waiting| waiting.place < place) {
            self.read = Some(new(Delivery::Read, place));
        }
    }

    /// The conversation is over: nothing more is told.
    pub fn drop_all(&mut self) {
        self.delivered = None;
        self.read = None;
    }

    /// When the next burst is due.
    pub fn next_deadline(&self, settings: &ChatSettings) -> Option<Instant> {
        let free = self.last_burst.map(|at| at + Duration::from_millis(settings.chat_receipts_every_ms));
        match (&self.read, &self.delivered) {
            (None, None) => None,
            // Without an earlier burst it has gone out at once.
            (Some(_), _) => free,
            (None, Some((_, due))) => Some(free.map_or(*due, |free| free.max(*due))),
        }
    }

    /// What goes out now.
    pub fn burst(&mut self, now: Instant, settings: &ChatSettings) -> Vec<Sending> {
        let every = Duration::from_millis(settings.chat_receipts_every_ms);
        let free = self.last_burst.is_none_or(|at| now >= at + every);
        let due = self.read.is_some() || self.delivered.as_ref().is_some_and(|(_, due)| now >= *due);
        if !free || !due {
            return Vec::new();
        }
        self.last_burst = Some(now);
        let read = self.read.take();
        let delivered = self.delivered.take_if(|(_, due)| now >= *due).map(|(sending, _)| sending);
        if let Some(read) = &read {
            self.told_read = Some(read.place.clone());
        }
        if let Some(delivered) = &delivered {
            self.told_delivered = Some(delivered.place.clone());
        }
        delivered.into_iter().chain(read).collect()
    }

    /// One could not be told, for a passing reason.
    pub fn failed(&mut self, mut sending: Sending, now: Instant) {
        sending.tries += 1;
        if sending.tries >= MOST_TRIES {
            return;
        }
        match sending.delivery {
            Delivery::Read => {
                if self.read.is_none() && self.told_read.as_ref() == Some(&sending.place) {
                    self.read = Some(sending);
                }
            }
            _ => {
                if self.delivered.is_none() && self.told_delivered.as_ref() == Some(&sending.place) {
                    self.delivered = Some((sending, now));
                }
            }
        }
    }
}
