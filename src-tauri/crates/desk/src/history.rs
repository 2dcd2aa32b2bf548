//! What goes into the history, and when.
//!
//! | event | written |
//! | --- | --- |
//! | the contact is finished | once |
//! | its call summary comes, or the platform corrects the outcome | again |
//! | it goes without having been finished (also with its account) | once, as it goes |
//! | its call summary comes after it has gone | again |

use trunkline_model::{CallSummary, ContactKey, ContactState, Outcome, UnixMillis};

use crate::contacts::ContactEntry;
use crate::{Desk, Effect, HistoryEntry};

/// Contacts that may wait for a late call summary; beyond it the oldest wait no longer.
const DEPARTED_KEPT: usize = 64;

impl Desk {
    fn history_of(
        &self,
        entry: &ContactEntry,
        said: Option<Outcome>,
        summary: Option<CallSummary>,
        now: UnixMillis,
    ) -> Option<HistoryEntry> {
        let view = &entry.view;
        let contact = &view.contact;
        let announced_only = matches!(contact.state, ContactState::Init | ContactState::Unknown(_))
            && view.offered_at.is_none()
            && view.connected_at.is_none();
        let account = self.account(&view.key.account)?;
        if announced_only {
            return None;
        }
        // Names are as they were when it was over, whatever the account is called later.
        let before = entry.written.as_ref();
        Some(HistoryEntry {
            key: view.key.clone(),
            platform: account.platform.clone(),
            account_name: before.map_or_else(|| account.name.clone(), |written| written.account_name.clone()),
            channel: contact.channel.clone(),
            direction: contact.direction,
            customer: contact.customer.clone(),
            queue: contact.queue.as_ref().and_then(|queue| queue.name.clone()),
            outcome: entry.outcome(said),
            offered_at: view.offered_at,
            connected_at: view.connected_at,
            ended_at: view.ended_at.or(before.map(|written| written.ended_at)).unwrap_or(now),
            summary: summary.or_else(|| before.and_then(|written| written.summary.clone())),
            initiation: contact.details.initiation.clone(),
            subtype: contact.details.subtype.clone(),
            taken_at: view.accepted_at,
            holds: entry.holds,
            held_ms: entry.held_ms,
            wrap_up_ms: None,
            devices: entry.devices.clone(),
            annotations: self.annotations.get(&view.key).cloned().unwrap_or_default(),
            messages: self.message_counts(&view.key).or_else(|| before.and_then(|written| written.messages)),
        })
    }

    /// Writes finished contacts whose entry is new or has changed.
    pub(crate) fn settle_history(&mut self, now: UnixMillis, effects: &mut Vec<Effect>) {
        let fresh: Vec<HistoryEntry> = self
            .by_arrival()
            .filter(|entry| entry.view.contact.state.is_finished())
            .filter_map(|entry| {
                let summary = self.legs.get(&entry.view.key).and_then(|leg| leg.summary.clone());
                self.history_of(entry, None, summary, now).filter(|history| entry.written.as_ref() != Some(history))
            })
            .collect();
        for history in fresh {
            if let Some(entry) = self.contacts.get_mut(&history.key) {
                entry.written = Some(history.clone());
            }
            effects.push(Effect::WriteHistory(Box::new(history)));
        }
    }

    /// The contact has just been taken off the desk.
    pub(crate) fn write_last_history(
        &mut self,
        entry: &ContactEntry,
        said: Option<Outcome>,
        summary: Option<CallSummary>,
        has_media: bool,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        let Some(mut history) = self.history_of(entry, said, summary, now) else {
            return;
        };
        if entry.view.contact.state.is_finished() && history.connected_at.is_some() {
            history.wrap_up_ms = u64::try_from(now.since(history.ended_at)).ok();
        }
        if has_media && history.summary.is_none() {
            self.departed.retain(|other| other.key != history.key);
            self.departed.push_back(history.clone());
            if self.departed.len() > DEPARTED_KEPT {
                self.departed.pop_front();
            }
        }
        if entry.written.as_ref() != Some(&history) {
            effects.push(Effect::WriteHistory(Box::new(history)));
        }
    }

    pub(crate) fn add_late_summary(&mut self, key: &ContactKey, summary: CallSummary, effects: &mut Vec<Effect>) {
        let Some(place) = self.departed.iter().position(|entry| entry.key == *key) else {
            return;
        };
        if let Some(mut history) = self.departed.remove(place) {
            history.summary = Some(summary);
            effects.push(Effect::WriteHistory(Box::new(history)));
        }
    }
}
