//! What the service says on the signalling channel: softphone document, section 5.2.

use serde_json::Value;
use trunkline_model::MediaFailure;

use super::{Call, CallAction, Mending, Phase};
use crate::session::Now;
use crate::settings::AmazonConnectSettings;
use crate::wire::{Incoming, Outgoing, Private, RpcBody};

impl Call {
    pub(super) fn on_rpc(
        &mut self,
        message: Incoming,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        match message.body {
            RpcBody::Result { id, result } => self.on_result(&id, &result, now, settings, out),
            RpcBody::Failure { id, error } => self.on_failure(&id, error.code, now, settings, out),
            RpcBody::Call { method, id, peer_connection_id } => match method.as_str() {
                "bye" if message.connection_id.as_deref() == Some(self.facts.connection_id.as_str()) => {
                    if let Some(id) = id {
                        out.push(CallAction::Send(Outgoing::Done.frame(&self.facts.connection_id, &id)));
                    }
                    if self.kept && !self.over {
                        out.push(CallAction::Forsake { bye: false });
                    }
                    self.close(None, now, settings, out);
                }
                "PCBye" if peer_connection_id.is_some() && peer_connection_id == self.peer.id => {
                    tracing::info!(contact = %self.facts.contact_id, "the platform dropped the peer connection");
                }
                other => tracing::debug!(method = other, "signalling call without effect here"),
            },
        }
    }

    fn on_result(
        &mut self,
        reply_to: &str,
        result: &Value,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        if matches!(&self.phase, Phase::Closing { bye: Some(id), .. } if id == reply_to) {
            if let Phase::Closing { closed, until, .. } = self.phase {
                self.phase = if closed { Phase::Done } else { Phase::Closing { until, bye: None, closed } };
            }
            return;
        }
        if matches!(&self.phase, Phase::Joining { id, .. } if id == reply_to) {
            self.joined(now, settings);
            return;
        }
        let first = matches!(&self.phase, Phase::Invited { id, .. } if id == reply_to);
        let again = matches!(&self.mending, Mending::Invited { id, .. } if id == reply_to);
        if !first && !again {
            return;
        }
        let text = |name: &str| result.get(name).and_then(Value::as_str).map(str::to_owned);
        self.peer.id = text("peerConnectionId").or(self.peer.id.take());
        self.peer.token = text("peerConnectionToken").map(Private::new).or(self.peer.token.take());
        let candidates = result
            .get("candidates")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(|one| serde_json::from_value(one.clone()).ok()).collect())
            .unwrap_or_default();
        // As the vendor's client: accept is written before the answer is applied (5.4).
        let accept = Outgoing::Accept {
            contact_id: self.facts.contact_id.clone(),
            peer: self.peer.clone(),
            keep: self.facts.keep,
        };
        let id = (self.new_id)();
        out.push(CallAction::Send(accept.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        self.accept_id = Some(id);
        out.push(CallAction::Answer { sdp: text("sdp").unwrap_or_default(), candidates });
        // A peerConnectionId means that the service allows it (section 10).
        if self.facts.keep.persistent && self.peer.id.as_deref().is_some_and(|id| !id.is_empty()) {
            self.kept = true;
            let inactivity_ms = result.get("inactivityDuration").and_then(Value::as_u64);
            out.push(CallAction::Keep { peer: self.peer.clone(), inactivity_ms });
        }
        if first {
            self.phase = Phase::Answering;
        } else {
            self.mending = Mending::Answering;
        }
    }

    fn on_failure(
        &mut self,
        reply_to: &str,
        code: i64,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        tracing::warn!(contact = %self.facts.contact_id, code, "the platform refused a signalling message");
        if matches!(&self.phase, Phase::Invited { id, .. } if id == reply_to) {
            let failure = match code {
                486 => MediaFailure::UserBusy,
                404 => MediaFailure::CallNotFound,
                _ => MediaFailure::SignallingHandshake,
            };
            self.fail_because(failure, code != 403, now, settings, out);
            return;
        }
        if matches!(&self.phase, Phase::Joining { id, .. } if id == reply_to) {
            match code {
                404 => self.fail_because(MediaFailure::CallNotFound, false, now, settings, out),
                _ => self.forsake("refused", now, settings, out),
            }
            return;
        }
        if let Mending::Invited { id, sent, .. } = &self.mending
            && id == reply_to
        {
            let sent = *sent;
            if matches!(code, 486 | 404) {
                self.restart_given_up(now, settings);
            } else {
                self.restart_refused(sent, now, settings);
            }
            return;
        }
        // Only 403 to accept ends the call; others are logged (5.2).
        if self.accept_id.as_deref() == Some(reply_to) && code == 403 && !self.over {
            self.fail_because(MediaFailure::SignallingHandshake, false, now, settings, out);
        }
        if matches!(&self.phase, Phase::Closing { bye: Some(id), .. } if id == reply_to)
            && let Phase::Closing { closed, until, .. } = self.phase
        {
            self.phase = if closed { Phase::Done } else { Phase::Closing { until, bye: None, closed } };
        }
    }
}
