//! A leg that fails: what is told, whether it is built anew, and the relays it
//! was to go through.

use trunkline_connector::ports::MediaError;
use trunkline_model::MediaFailure;

use super::{Call, CallAction, Mending, Phase};
use crate::session::Now;
use crate::settings::{AmazonConnectSettings, ms};
use crate::wire::{IceServerEntry, Peer};

impl Call {
    pub(super) fn fail(
        &mut self,
        failure: MediaFailure,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        self.fail_because(failure, true, now, settings, out);
    }

    pub(super) fn fail_because(
        &mut self,
        failure: MediaFailure,
        repeatable: bool,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        if self.over || matches!(self.phase, Phase::Failed { .. } | Phase::Closing { .. } | Phase::Done) {
            return;
        }
        if self.leg_open {
            // The desk tells of a leg that fails; a notice of ours would say the same again.
            out.push(CallAction::Fail(failure));
        } else {
            self.told = true;
            out.push(CallAction::Tell(failure));
        }
        let passing = matches!(
            failure,
            MediaFailure::IceGatheringTimeout
                | MediaFailure::SignallingConnect
                | MediaFailure::SignallingHandshake
                | MediaFailure::PathLost
                | MediaFailure::Offer
        );
        let again = passing && repeatable && self.rebuilds < settings.media_rebuilds;
        let again_at = again.then(|| now.at + ms(settings.media_rebuild_ms));
        self.mending = Mending::No;
        self.phase = Phase::Failed { again_at };
    }

    /// A fresh leg instead of the failed one.
    pub(super) fn rebuild(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        self.rebuilds += 1;
        self.anew(now, settings, out);
    }

    /// From the beginning, on a connection of its own.
    pub(super) fn anew(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        if std::mem::take(&mut self.kept) {
            out.push(CallAction::Forsake { bye: true });
        }
        if self.leg_open {
            out.push(CallAction::Close);
        }
        self.offer = None;
        self.invite_id = None;
        self.peer = Peer::default();
        self.path_lost = false;
        self.live = false;
        self.leg_open = false;
        self.connected = false;
        self.last = None;
        self.signalling_until = now.at + ms(settings.signalling_limit_ms);
        self.open(out);
    }

    pub(super) fn note_relays(&mut self, servers: &[IceServerEntry]) {
        self.relays = servers.iter().flat_map(|server| server.urls.iter().cloned()).collect();
    }

    /// Addresses of the relays of the newest offer.
    pub fn relays(&self) -> Option<String> {
        (!self.relays.is_empty()).then(|| self.relays.join(", "))
    }
}

pub(super) fn failure_of(error: &MediaError) -> MediaFailure {
    match error {
        MediaError::Failed(failure) => *failure,
        MediaError::Closed => MediaFailure::Offer,
    }
}
