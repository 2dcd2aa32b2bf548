//! The media leg's machine.
//!
//! | from \ input | State(Connecting) | State(Ready, Live) | State(Reconnecting) | Failed | Closed |
//! | --- | --- | --- | --- | --- | --- |
//! | (none) | new leg, not muted | new leg | new leg | - | summary into the history |
//! | Connecting, Ready | as said | as said | interrupted, told | told | over |
//! | Live | as said | as said | interrupted, told | told | over |
//! | Reconnecting | as said | restored, told | as said | told | over |
//! | Failed, Closed | built anew | Failed only: mended | - | - | summary kept |
//!
//! `mute_wanted` is changed by `MuteWanted` alone, which is the agent's act: it
//! outlives hold, resynchronisation, other calls and a leg built anew.

use trunkline_model::{ContactKey, MediaFailure, MediaState, Notice, NoticeLevel, UnixMillis};

use crate::notices::{customer_name, params};
use crate::{CallDevices, Desk, Effect, MediaNews, MediaView, Sending};

impl MediaView {
    pub(crate) fn new(state: MediaState) -> Self {
        Self {
            state,
            mute_wanted: false,
            sending: Sending::Nothing,
            stats: None,
            failure: None,
            failed_address: None,
            summary: None,
        }
    }

    /// Closed or failed.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, MediaState::Closed | MediaState::Failed)
    }
}

/// The failure's name in message keys (`notice_media_NAME`).
pub(crate) fn failure_name(failure: MediaFailure) -> &'static str {
    match failure {
        MediaFailure::IceGatheringTimeout => "ice_gathering_timeout",
        MediaFailure::SignallingConnect => "signalling_connect",
        MediaFailure::SignallingHandshake => "signalling_handshake",
        MediaFailure::UserBusy => "user_busy",
        MediaFailure::CallNotFound => "call_not_found",
        MediaFailure::InvalidRemoteDescription => "invalid_remote_description",
        MediaFailure::NoRemoteCandidate => "no_remote_candidate",
        MediaFailure::Offer => "offer",
        MediaFailure::PathLost => "path_lost",
        MediaFailure::TooManySessions => "too_many_sessions",
    }
}

/// A server that did not answer is behind it: there are words with its address as well.
pub(crate) fn has_address(failure: MediaFailure) -> bool {
    matches!(
        failure,
        MediaFailure::IceGatheringTimeout | MediaFailure::SignallingConnect | MediaFailure::SignallingHandshake
    )
}

fn failed_id(key: &ContactKey) -> String {
    format!("media-failed:{key}")
}

fn path_id(key: &ContactKey) -> String {
    format!("media-path:{key}")
}

impl Desk {
    pub(crate) fn on_media(&mut self, key: &ContactKey, news: MediaNews, now: UnixMillis, effects: &mut Vec<Effect>) {
        if !self.accounts.contains_key(&key.account) {
            return;
        }
        match news {
            MediaNews::State(MediaState::Closed) => {
                if let Some(leg) = self.legs.get_mut(key) {
                    leg.state = MediaState::Closed;
                    leg.sending = Sending::Nothing;
                }
            }
            MediaNews::State(state) => self.on_media_state(key, state, now),
            MediaNews::MuteWanted(wanted) => {
                if let Some(leg) = self.legs.get_mut(key) {
                    leg.mute_wanted = wanted;
                }
            }
            MediaNews::Sending(sending) => {
                if let Some(leg) = self.legs.get_mut(key).filter(|leg| !leg.is_over()) {
                    leg.sending = sending;
                }
            }
            MediaNews::Stats(stats) => {
                if let Some(leg) = self.legs.get_mut(key).filter(|leg| !leg.is_over()) {
                    leg.stats = Some(*stats);
                }
            }
            MediaNews::Failed(failure, address) => self.on_media_failed(key, failure, address, now),
            MediaNews::Closed(summary) => {
                if let Some(leg) = self.legs.get_mut(key) {
                    leg.state = MediaState::Closed;
                    leg.sending = Sending::Nothing;
                    if leg.failure.is_none() {
                        leg.failure = summary.failure;
                        leg.failed_address = summary.failed_address.clone();
                    }
                    leg.summary = Some((*summary).clone());
                }
                self.withdraw(&path_id(key));
                if !self.contacts.contains_key(key) {
                    self.legs.remove(key);
                    self.add_late_summary(key, *summary, effects);
                }
            }
        }
    }

    fn on_media_state(&mut self, key: &ContactKey, state: MediaState, now: UnixMillis) {
        let begins = state == MediaState::Connecting;
        let finished = self.contacts.get(key).is_some_and(|entry| entry.view.contact.state.is_finished());
        let Some(leg) = self.legs.get_mut(key) else {
            // News of a contact that has gone: only a beginning is a new leg.
            if begins || !self.departed.iter().any(|entry| entry.key == *key) {
                self.legs.insert(key.clone(), MediaView::new(state));
                self.reopen_devices(key);
            }
            return;
        };
        let before = leg.state;
        if leg.is_over() {
            let mended = before == MediaState::Failed && matches!(state, MediaState::Ready | MediaState::Live);
            if !(begins || mended) {
                return;
            }
            // A leg for a finished contact belongs to its next offer: a new call starts un-muted.
            let mute_wanted = leg.mute_wanted && !finished;
            *leg = MediaView { mute_wanted, ..MediaView::new(state) };
            self.withdraw(&failed_id(key));
            self.reopen_devices(key);
            return;
        }
        leg.state = state;
        match state {
            MediaState::Reconnecting if before != state => {
                self.tell_path(key, NoticeLevel::Warning, "notice_path_lost", now);
            }
            MediaState::Live | MediaState::Ready => {
                self.withdraw(&failed_id(key));
                if before == MediaState::Reconnecting {
                    self.tell_path(key, NoticeLevel::Info, "notice_path_restored", now);
                }
            }
            MediaState::Failed => leg.sending = Sending::Nothing,
            MediaState::Connecting | MediaState::Reconnecting | MediaState::Closed => {}
        }
    }

    fn on_media_failed(&mut self, key: &ContactKey, failure: MediaFailure, address: Option<String>, now: UnixMillis) {
        let Some(leg) = self.legs.get_mut(key) else {
            return;
        };
        if leg.state == MediaState::Closed {
            return;
        }
        leg.state = MediaState::Failed;
        leg.sending = Sending::Nothing;
        leg.failure = Some(failure);
        leg.failed_address = address;
        self.withdraw(&path_id(key));
        self.tell_media_failure(key, now);
    }

    /// The leg is another one: it needs its devices opened again.
    fn reopen_devices(&mut self, key: &ContactKey) {
        if let Some(entry) = self.contacts.get_mut(key) {
            entry.devices_open = false;
        }
    }

    /// Tells it while the call is alive; a leg that fails after the end harms nobody.
    pub(crate) fn tell_media_failure(&mut self, key: &ContactKey, now: UnixMillis) {
        let Some((failure, address)) =
            self.legs.get(key).and_then(|leg| Some((leg.failure?, leg.failed_address.clone())))
        else {
            return;
        };
        let at = if address.is_some() && has_address(failure) { "_at" } else { "" };
        let message_key = format!("notice_media_{}{at}", failure_name(failure));
        self.tell_media(key, failed_id(key), NoticeLevel::Error, message_key, address, now);
    }

    fn tell_path(&mut self, key: &ContactKey, level: NoticeLevel, message_key: &str, now: UnixMillis) {
        self.tell_media(key, path_id(key), level, message_key.to_owned(), None, now);
    }

    fn tell_media(
        &mut self,
        key: &ContactKey,
        id: String,
        level: NoticeLevel,
        message_key: String,
        address: Option<String>,
        now: UnixMillis,
    ) {
        let Some(view) = self.contact(key).filter(|view| view.contact.state.is_active()) else {
            return;
        };
        let mut params = params([("customer", customer_name(&view.contact))]);
        params.extend(address.map(|address| ("address".to_owned(), address)));
        let notice = Notice {
            id,
            level,
            message_key,
            params,
            account: Some(key.account.clone()),
            contact: Some(key.contact.clone()),
            action: None,
            at: now,
        };
        self.raise(notice);
    }

    fn serving_devices(&self) -> CallDevices {
        CallDevices { microphone: self.audio.microphone.serving.clone(), speaker: self.audio.speaker.serving.clone() }
    }

    /// Opens and releases devices as the contacts' states ask for it.
    pub(crate) fn settle_devices(&mut self, effects: &mut Vec<Effect>) {
        let serving = self.serving_devices();
        for (key, entry) in &mut self.contacts {
            if entry.devices_open && entry.view.connected_at.is_some() && !entry.view.contact.state.is_finished() {
                entry.devices = Some(serving.clone());
            }
            if entry.wants_devices() && !entry.devices_open {
                entry.devices_open = true;
                effects.push(Effect::OpenDevices { contact: key.clone() });
            }
            let has_media = entry.has_speech() || entry.view.media.is_some();
            if entry.view.contact.state.is_finished() && has_media && !entry.released {
                entry.released = true;
                effects.push(Effect::ReleaseMedia { contact: key.clone() });
            }
        }
    }
}
