//! A call on a kept peer connection: softphone document, section 10.

use serde_json::Value;

use super::{Call, CallAction, Mending, Phase};
use crate::session::Now;
use crate::settings::{AmazonConnectSettings, ms};
use crate::wire::{Outgoing, Peer};

impl Call {
    pub(super) fn join(&mut self, peer: Peer, out: &mut Vec<CallAction>) {
        self.peer = peer;
        self.kept = true;
        self.open_asked = true;
        out.push(CallAction::Join);
    }

    pub(super) fn connect_contact(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        if !self.signalling {
            self.phase = Phase::Waiting;
            return;
        }
        let id = self.invite_id.get_or_insert_with(self.new_id).clone();
        self.signalling_waited.get_or_insert(now.at.duration_since(self.began));
        let message = Outgoing::ConnectContact {
            contact_id: self.facts.contact_id.clone(),
            call_context_token: self.facts.call_context_token.clone(),
            peer: self.peer.clone(),
        };
        out.push(CallAction::Send(message.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        self.phase = Phase::Joining { id, until: now.at + ms(settings.invite_limit_ms) };
    }

    pub(super) fn joined(&mut self, now: Now, settings: &AmazonConnectSettings) {
        self.phase = Phase::Up;
        if self.path_lost {
            self.mending = Mending::Grace(now.at + ms(settings.path_lost_grace_ms));
        }
    }

    /// The kept connection is of no use: a connection of its own at once. Not told
    /// to the agent, for nothing is lost: it rings all the same.
    pub(super) fn forsake(
        &mut self,
        why: &'static str,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        tracing::warn!(contact = %self.facts.contact_id, why, "the kept peer connection is of no use; a normal invite instead");
        self.anew(now, settings, out);
    }
}
