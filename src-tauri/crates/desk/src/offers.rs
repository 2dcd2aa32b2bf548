//! What rings and shows outside the panel, derived from contacts and commands.
//!
//! An offer shows and rings when, and only when, its contact is `Offered`, the
//! round is not beyond its offer, the platform does not accept it by itself, no
//! answer of the agent is on its way, and its time has not run out. Ring and
//! showing are one: there is no state in which only one of them is left.

use trunkline_model::{ContactAction, ContactKey, ContactState, UnixMillis};

use crate::contacts::ContactEntry;
use crate::{Desk, Effect, Offer};

/// A platform that says nothing this long after the offer's time ran out will
/// not say anything (the link is down): it must not ring for ever.
const EXPIRY_GRACE_MS: i64 = 5_000;
/// A contact that the platform was to accept by itself and that is still offered
/// after this time needs the agent after all: it rings as any other.
const AUTO_ACCEPT_GRACE_MS: i64 = 5_000;

impl Desk {
    fn rings(&self, entry: &ContactEntry) -> bool {
        entry.view.contact.state == ContactState::Offered
            && !entry.past_offer
            && !entry.expired
            && !entry.is_auto_accepted()
            && !self.is_answered(&entry.view.key)
    }

    fn offer(&self, entry: &ContactEntry) -> Offer {
        let view = &entry.view;
        let contact = &view.contact;
        Offer {
            key: view.key.clone(),
            account_name: self.account(&view.key.account).map(|account| account.name.clone()).unwrap_or_default(),
            channel: contact.channel.clone(),
            customer: contact.customer.clone(),
            subject: contact.subject.clone(),
            queue: contact.queue.clone(),
            attributes: contact.attributes.clone(),
            offered_at: view.offered_at.unwrap_or(contact.state_since),
            expires: contact.offer_expires,
            can_reject: contact.allowed.contains(&ContactAction::Reject),
            while_busy: view.while_busy,
        }
    }

    /// Emits the difference between what rings and what should. Rings end
    /// before others begin.
    pub(crate) fn settle_offers(&mut self, effects: &mut Vec<Effect>) {
        let wanted: Vec<(ContactKey, Option<Offer>)> = self
            .by_arrival()
            .map(|entry| (entry.view.key.clone(), self.rings(entry).then(|| self.offer(entry))))
            .collect();
        for (key, _) in wanted.iter().filter(|(_, offer)| offer.is_none()) {
            if let Some(entry) = self.contacts.get_mut(key)
                && entry.shown.take().is_some()
            {
                effects.push(Effect::StopRinging { contact: key.clone() });
                effects.push(Effect::WithdrawOffer { contact: key.clone() });
            }
        }
        for (key, offer) in wanted {
            let (Some(offer), Some(entry)) = (offer, self.contacts.get_mut(&key)) else {
                continue;
            };
            if entry.shown.is_none() {
                effects.push(Effect::StartRinging { contact: key, quiet: offer.while_busy });
            }
            if entry.shown.as_ref() != Some(&offer) {
                effects.push(Effect::ShowOffer(Box::new(offer.clone())));
                entry.shown = Some(offer);
            }
        }
        self.settle_cues(effects);
    }

    /// A contact that the platform accepts by itself rings nowhere, so that the
    /// agent would be on it unawares: one short sound tells.
    fn settle_cues(&mut self, effects: &mut Vec<Effect>) {
        for (key, entry) in &mut self.contacts {
            let arriving = matches!(entry.view.contact.state, ContactState::Offered | ContactState::Connecting);
            if arriving && entry.is_auto_accepted() && !entry.cued {
                entry.cued = true;
                effects.push(Effect::PlayCue { contact: key.clone() });
            }
        }
    }

    pub(crate) fn expire_offers(&mut self, now: UnixMillis) {
        for entry in self.contacts.values_mut() {
            let expires = entry.view.contact.offer_expires;
            entry.expired = expires.is_some_and(|at| now.since(at) >= EXPIRY_GRACE_MS);
            entry.overdue = entry.overdue
                || entry.awaits_auto_accept()
                    && entry.waiting_since.is_some_and(|since| now.since(since) >= AUTO_ACCEPT_GRACE_MS);
        }
    }
}
