//! ICE restart: softphone document, section 9.

use serde_json::Value;

use super::{Call, CallAction, Mending, Phase};
use crate::session::Now;
use crate::settings::{AmazonConnectSettings, ms};
use crate::wire::Outgoing;

impl Call {
    pub(super) fn tick_mending(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        match self.mending {
            Mending::Grace(at) if now.at >= at => {
                if self.phase == Phase::Up && self.path_lost && self.peer.token.is_some() {
                    self.mending = Mending::Fetching;
                    out.push(CallAction::FetchIceServers);
                } else {
                    self.mending = Mending::No;
                }
            }
            Mending::Invited { until, sent, .. } if now.at >= until => self.restart_refused(sent, now, settings),
            Mending::Pause { until, sent } if now.at >= until => self.invite_restart(sent, now, settings, out),
            _ => {}
        }
    }

    pub(super) fn invite_restart(
        &mut self,
        sent: u32,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        if !self.signalling {
            self.mending = Mending::Pause { until: now.at + ms(settings.restart_invite_pause_ms), sent };
            return;
        }
        let Some(offer) = &self.offer else {
            self.mending = Mending::No;
            return;
        };
        let id = (self.new_id)();
        let invite = Outgoing::InviteRestart {
            sdp: offer.sdp.clone(),
            candidates: offer.candidates.clone(),
            browser_id: self.browser_id.clone(),
            peer: self.peer.clone(),
            keep: self.facts.keep,
        };
        out.push(CallAction::Send(invite.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        self.mending = Mending::Invited { id, until: now.at + ms(settings.invite_limit_ms), sent: sent + 1 };
    }

    /// One invitation and three retries, a second apart.
    pub(super) fn restart_refused(&mut self, sent: u32, now: Now, settings: &AmazonConnectSettings) {
        if sent > settings.restart_invites {
            self.restart_given_up(now, settings);
        } else {
            self.mending = Mending::Pause { until: now.at + ms(settings.restart_invite_pause_ms), sent };
        }
    }

    /// Gives up quietly: the call stays up. Ours: tries anew while the path is still lost.
    pub(super) fn restart_given_up(&mut self, now: Now, settings: &AmazonConnectSettings) {
        self.mending =
            if self.path_lost { Mending::Grace(now.at + ms(settings.restart_again_ms)) } else { Mending::No };
    }
}
