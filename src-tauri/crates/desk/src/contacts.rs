//! The contact's own machine. The media leg has another one (`media`); the two
//! know of each other by `ContactKey` only.
//!
//! | from \ input | Offered | Connecting, Connected | Ended, Missed, Rejected, Failed | ContactGone |
//! | --- | --- | --- | --- | --- |
//! | (new), Init | rings | connected, never rings | shown, never rings | - |
//! | Offered | as before (content refreshed) | ring ends, accepted | ring ends, outcome told, history | ring ends, outcome told, history |
//! | Connecting, Connected | shown, never rings again | as before, times kept | media released, history | media released, history |
//! | finished | a new round, rings, when it is newer; else shown | shown | as before | withdrawn |
//!
//! A *round* is one offer with what follows. A platform may offer the same
//! contact again after it was missed or declined (Amazon Connect puts it back
//! into the queue under the same id): a value with a later `state_since` than
//! the finished one begins a new round with clean times and an open microphone
//! switch; the same or an earlier one is a late duplicate and does not ring.

use trunkline_model::{AccountId, MediaState};
use trunkline_model::{
    Annotations, Channel, CommandId, ConnectionState, Contact, ContactKey, ContactState, Direction, Outcome, UnixMillis,
};

use crate::{CallDevices, ContactStep, ContactView, Desk, Effect, HistoryEntry, Offer};

/// Digits kept for the display, in commands.
const DIGIT_COMMANDS_KEPT: usize = 64;

/// One contact and what the UI need not see of it.
#[derive(Clone, Debug)]
pub(crate) struct ContactEntry {
    pub(crate) view: ContactView,
    /// Place in lists.
    pub(crate) arrival: u64,
    /// The offer as it is shown outside now; it rings as long as there is one.
    pub(crate) shown: Option<Offer>,
    /// The round is beyond its offer: a late `Offered` does not ring.
    pub(crate) past_offer: bool,
    /// The offer's time ran out and the platform did not say what became of it.
    pub(crate) expired: bool,
    /// When it was first seen to be offered in this round, by our clock.
    pub(crate) waiting_since: Option<UnixMillis>,
    /// The platform was to accept it by itself and has not done so.
    pub(crate) overdue: bool,
    /// `OpenDevices` went out for the present media leg.
    pub(crate) devices_open: bool,
    /// `ReleaseMedia` went out.
    pub(crate) released: bool,
    /// The cue of an automatically accepted contact was played.
    pub(crate) cued: bool,
    /// How far it has come, as said by `Reached`.
    pub(crate) reached: Option<ContactStep>,
    /// The agent was told how the offer ended.
    pub(crate) outcome_told: bool,
    /// The agent pressed End in this round.
    pub(crate) ended_by_agent: bool,
    /// The agent pressed Reject in this round.
    pub(crate) declined_by_agent: bool,
    /// Digits by the command that sent them.
    pub(crate) digits: Vec<(CommandId, String)>,
    /// Times that the customer was put on hold in this round.
    pub(crate) holds: u32,
    /// How long they were, up to the last end of one.
    pub(crate) held_ms: u64,
    /// Devices that served last.
    pub(crate) devices: Option<CallDevices>,
    /// History as last written.
    pub(crate) written: Option<HistoryEntry>,
}

impl ContactEntry {
    fn new(key: ContactKey, contact: Contact, arrival: u64) -> Self {
        Self {
            view: ContactView {
                key,
                contact,
                annotations: Annotations::default(),
                media: None,
                pending: Vec::new(),
                offered_at: None,
                accepted_at: None,
                connected_at: None,
                hold_since: None,
                ended_at: None,
                digits: String::new(),
                while_busy: false,
            },
            arrival,
            shown: None,
            past_offer: false,
            expired: false,
            waiting_since: None,
            overdue: false,
            devices_open: false,
            released: false,
            cued: false,
            reached: None,
            outcome_told: false,
            ended_by_agent: false,
            declined_by_agent: false,
            digits: Vec::new(),
            holds: 0,
            held_ms: 0,
            devices: None,
            written: None,
        }
    }

    /// Takes the newest value in and keeps the times of the round.
    fn update(&mut self, contact: Contact, now: UnixMillis) {
        // A time from the future is a clock that was set meanwhile.
        let since = contact.state_since.min(now);
        let view = &mut self.view;
        match &contact.state {
            ContactState::Offered => {
                view.offered_at.get_or_insert(since);
                self.waiting_since.get_or_insert(now);
            }
            ContactState::Connecting | ContactState::Connected | ContactState::Paused => {
                self.past_offer = true;
                if view.offered_at.is_some() {
                    view.accepted_at.get_or_insert(since);
                }
                if contact.state == ContactState::Connected {
                    view.connected_at.get_or_insert(since);
                }
            }
            ContactState::Ended | ContactState::Missed | ContactState::Rejected | ContactState::Failed => {
                self.past_offer = true;
                view.ended_at.get_or_insert(since);
            }
            ContactState::Init | ContactState::Unknown(_) => {}
        }
        if !contact.state.is_finished() {
            view.ended_at = None;
        }
        let holds = contact.on_hold && !contact.state.is_finished();
        if holds {
            let said = contact
                .initial_connection()
                .filter(|connection| connection.state == ConnectionState::Hold)
                .and_then(|connection| connection.state_since);
            if view.hold_since.is_none() {
                self.holds += 1;
                view.hold_since = Some(said.unwrap_or(now).min(now));
            }
        } else if let Some(since) = view.hold_since.take() {
            let until = if contact.state.is_finished() { view.ended_at.unwrap_or(now) } else { now };
            self.held_ms += u64::try_from(until.since(since)).unwrap_or(0);
        }
        view.contact = contact;
    }

    /// Notes digits for the display.
    pub(crate) fn add_digits(&mut self, command: CommandId, digits: String) {
        self.digits.push((command, digits));
        if self.digits.len() > DIGIT_COMMANDS_KEPT {
            self.digits.remove(0);
        }
        self.spell_digits();
    }

    /// Digits that were not sent after all.
    pub(crate) fn take_digits_back(&mut self, command: &CommandId) {
        self.digits.retain(|(id, _)| id != command);
        self.spell_digits();
    }

    fn spell_digits(&mut self) {
        self.view.digits = self.digits.iter().map(|(_, digits)| digits.as_str()).collect();
    }

    /// Speech of this contact runs through this computer.
    pub(crate) fn has_speech(&self) -> bool {
        self.view.contact.softphone && self.view.contact.channel == Channel::Voice
    }

    /// A call the agent is in, dialling included: a second one only knocks.
    pub(crate) fn is_live_call(&self) -> bool {
        let contact = &self.view.contact;
        contact.channel == Channel::Voice && matches!(contact.state, ContactState::Connecting | ContactState::Connected)
    }

    /// The platform accepts it without the agent, whatever its medium.
    pub(crate) fn is_auto_accepted(&self) -> bool {
        self.view.contact.auto_accept && !self.overdue
    }

    /// The platform is about to accept it.
    pub(crate) fn awaits_auto_accept(&self) -> bool {
        self.is_auto_accepted() && self.view.contact.state == ContactState::Offered
    }

    /// Microphone and speaker belong to this contact now.
    pub(crate) fn wants_devices(&self) -> bool {
        let contact = &self.view.contact;
        self.has_speech()
            && !self.released
            && match contact.state {
                ContactState::Connected => true,
                ContactState::Offered => self.view.accepted_at.is_some(),
                ContactState::Connecting => self.view.accepted_at.is_some() || contact.direction == Direction::Outbound,
                ContactState::Init
                | ContactState::Paused
                | ContactState::Ended
                | ContactState::Missed
                | ContactState::Rejected
                | ContactState::Failed
                | ContactState::Unknown(_) => false,
            }
    }

    /// How far it has come now; `None` before the offer and at the end.
    fn step(&self) -> Option<ContactStep> {
        match self.view.contact.state {
            ContactState::Offered => Some(ContactStep::Offered),
            ContactState::Connecting | ContactState::Connected | ContactState::Paused => Some(ContactStep::Taken),
            ContactState::Init
            | ContactState::Ended
            | ContactState::Missed
            | ContactState::Rejected
            | ContactState::Failed
            | ContactState::Unknown(_) => None,
        }
    }

    /// How it ended, as far as the desk knows; `said` is the platform's last word.
    pub(crate) fn outcome(&self, said: Option<Outcome>) -> Option<Outcome> {
        let handled = if self.ended_by_agent { Outcome::EndedByAgent } else { Outcome::Handled };
        said.or(self.view.contact.outcome).or(match self.view.contact.state {
            ContactState::Missed => Some(Outcome::Missed),
            ContactState::Rejected => Some(Outcome::Declined),
            ContactState::Failed => Some(Outcome::Failed),
            _ if self.view.connected_at.is_some() => Some(handled),
            ContactState::Offered if self.declined_by_agent => Some(Outcome::Declined),
            _ => None,
        })
    }
}

impl Desk {
    pub(crate) fn on_contact(&mut self, account: &AccountId, contact: Contact, now: UnixMillis) {
        if let Some(repeated) = self.accounts.get_mut(account).and_then(|entry| entry.repeated.as_mut()) {
            repeated.insert(contact.id.clone());
        }
        let key = ContactKey::new(account.clone(), contact.id.clone());
        let known = self.contacts.get(&key);
        let is_new = known.is_none();
        let again = known.is_some_and(|entry| {
            let before = &entry.view.contact;
            before.state.is_finished() && contact.state.is_active() && contact.state_since > before.state_since
        });
        if is_new || again {
            let arrival = known.map_or(self.arrivals, |entry| entry.arrival);
            if is_new {
                self.arrivals += 1;
            }
            if again && self.legs.get(&key).is_some_and(|leg| leg.is_over()) {
                self.legs.remove(&key);
            }
            self.contacts.insert(key.clone(), ContactEntry::new(key.clone(), contact.clone(), arrival));
        }
        if let Some(entry) = self.contacts.get_mut(&key) {
            entry.update(contact, now);
            if let Some(annotations) = self.annotations.get(&key) {
                annotations.put_onto(&mut entry.view.contact);
                entry.view.annotations.clone_from(annotations);
            }
        }
        if is_new && self.legs.get(&key).is_some_and(|leg| leg.state == MediaState::Failed) {
            self.tell_media_failure(&key, now);
        }
        self.tell_outcome(&key, None, now);
    }

    /// Something was put onto a contact here.
    pub(crate) fn annotate(&mut self, key: &ContactKey, annotations: Annotations, effects: &mut Vec<Effect>) {
        let all = self.annotations.entry(key.clone()).or_default();
        let before = all.clone();
        all.add(annotations);
        if *all == before {
            return;
        }
        if let Some(entry) = self.contacts.get_mut(key) {
            all.put_onto(&mut entry.view.contact);
            entry.view.annotations.clone_from(all);
        }
        effects.push(Effect::KeepAnnotations { contact: key.clone(), annotations: all.clone() });
    }

    /// What an earlier run put onto contacts that are no longer there.
    pub(crate) fn forget_annotations_without_contact(&mut self, account: &AccountId, effects: &mut Vec<Effect>) {
        let contacts = &self.contacts;
        self.annotations.retain(|key, _| {
            let stays = key.account != *account || contacts.contains_key(key);
            if !stays {
                effects.push(Effect::KeepAnnotations { contact: key.clone(), annotations: Annotations::default() });
            }
            stays
        });
    }

    /// A contact is no longer there: everything it holds outside is given back now.
    pub(crate) fn contact_gone(
        &mut self,
        key: &ContactKey,
        said: Option<Outcome>,
        now: UnixMillis,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(repeated) = self.accounts.get_mut(&key.account).and_then(|entry| entry.repeated.as_mut()) {
            repeated.remove(&key.contact);
        }
        if !self.contacts.contains_key(key) {
            return;
        }
        self.tell_outcome(key, Some(said), now);
        let name = self.name_of(key);
        let Some(entry) = self.contacts.remove(key) else {
            return;
        };
        if entry.shown.is_some() {
            effects.push(Effect::StopRinging { contact: key.clone() });
            effects.push(Effect::WithdrawOffer { contact: key.clone() });
        }
        let leg = self.legs.remove(key);
        let has_media = entry.has_speech() || leg.is_some();
        if has_media && !entry.released {
            effects.push(Effect::ReleaseMedia { contact: key.clone() });
        }
        let summary = leg.and_then(|leg| leg.summary);
        self.write_last_history(&entry, said, summary, has_media, now, effects);
        if self.annotations.remove(key).is_some() {
            effects.push(Effect::KeepAnnotations { contact: key.clone(), annotations: Annotations::default() });
        }
        self.forget_commands_of(&entry, said);
        self.withdraw_of_contact(key);
        self.forget_conversation(key, name, now, effects);
    }

    /// Says once a round how an offer ended that the agent did not take.
    /// `gone`: the contact leaves, with the platform's last word.
    fn tell_outcome(&mut self, key: &ContactKey, gone: Option<Option<Outcome>>, now: UnixMillis) {
        let Some(entry) = self.contacts.get_mut(key) else {
            return;
        };
        let over = gone.is_some() || entry.view.contact.state.is_finished();
        if !over || entry.outcome_told {
            return;
        }
        let outcome = entry.outcome(gone.flatten());
        entry.outcome_told = outcome.is_some();
        let never_taken = entry.view.offered_at.is_some() && entry.view.connected_at.is_none();
        if let (true, Some(outcome)) = (never_taken, outcome) {
            self.raise_outcome(key, outcome, now);
        }
    }

    /// Every contact is told whether another call is live.
    pub(crate) fn settle_busy(&mut self) {
        let live: Vec<ContactKey> =
            self.contacts.values().filter(|entry| entry.is_live_call()).map(|entry| entry.view.key.clone()).collect();
        for (key, entry) in &mut self.contacts {
            entry.view.while_busy = live.iter().any(|other| other != key);
        }
    }

    /// Says of each contact how far it has come, each step once.
    pub(crate) fn settle_steps(&mut self, effects: &mut Vec<Effect>) {
        for entry in self.contacts.values_mut() {
            let step = entry.step();
            if step > entry.reached
                && let Some(step) = step
            {
                entry.reached = Some(step);
                effects.push(Effect::Reached { view: Box::new(entry.view.clone()), step });
            }
        }
    }

    /// Joins to each contact its media leg and its pending commands.
    pub(crate) fn settle_views(&mut self) {
        for (key, entry) in &mut self.contacts {
            let leg = self.legs.get(key);
            if entry.view.media.as_ref() != leg {
                entry.view.media = leg.cloned();
            }
            entry.view.pending = crate::commands::pending_of(&self.commands, key);
        }
        for (id, entry) in &mut self.accounts {
            entry.view.pending_state = crate::commands::pending_state_of(&self.commands, id);
            entry.view.pending_dial = crate::commands::pending_dial_of(&self.commands, id);
        }
    }
}
