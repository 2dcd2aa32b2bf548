//! The account's peer connections that are not a single call's: the standby one
//! and the kept one (softphone document, section 10). The decisions are
//! `softphone/standby.rs` and `softphone/kept.rs`; here they meet calls, socket
//! and configuration.

use serde_json::Value;
use trunkline_connector::ports::{MediaError, MediaEvent};
use trunkline_model::MediaFailure;

use super::calls::ice_servers;
use super::{Action, LegId, LineId, Now, Purpose, Session};
use crate::settings::ms;
use crate::softphone::CallInput;
use crate::softphone::kept::{Kept, Retired};
use crate::softphone::standby::{Standby, StandbyAction};
use crate::wire::{IceServerEntry, Keep, Operation, Outgoing, Peer, RpcBody};

impl Session {
    fn new_line(&mut self) -> LineId {
        self.last_line += 1;
        LineId(self.last_line)
    }

    /// The agent is configured for a persistent connection, and nobody has switched it off.
    fn keeps_connections(&self) -> bool {
        self.settings.persistent_connection
            && self
                .configuration
                .value
                .as_ref()
                .is_some_and(|value| value.base.softphone_persistent_connection == Some(true))
    }

    /// Before a call's media begins: whether its connection is to be kept, and the
    /// kept one if it is healthy.
    pub(super) fn choose_line(&mut self, contact: &str, now: Now) -> (Keep, Option<Peer>) {
        if !self.keeps_connections() {
            return (Keep::default(), None);
        }
        let keep = Keep { persistent: true, extended: self.settings.extended_persistent_connection };
        if let Some(kept) = &mut self.kept {
            match kept.check() {
                Ok(()) => {
                    kept.enter(contact);
                    return (keep, Some(kept.peer.clone()));
                }
                Err(why) => {
                    tracing::warn!(contact, why, "the kept peer connection is of no use; a normal invite instead");
                    self.part_with_kept(why, true, now);
                }
            }
        }
        // One at a time: of two calls that ring before any is answered, the first one's is kept.
        let other = self.calls.values().any(|call| call.wants_to_keep());
        (if other { Keep::default() } else { keep }, None)
    }

    /// The connection for a call's own leg: the standby one, or a new one that can be kept.
    pub(super) fn line_for(
        &mut self,
        contact: &str,
        servers: &[IceServerEntry],
        standby: bool,
        now: Now,
    ) -> Option<LineId> {
        if standby && let Some(line) = self.standby.take(now.at) {
            return Some(line);
        }
        if !self.calls.get(contact).is_some_and(|call| call.wants_to_keep()) {
            return None;
        }
        let line = self.new_line();
        let servers = ice_servers(servers.to_vec());
        self.out.push(Action::OpenLine { line, servers, ahead: false });
        Some(line)
    }

    pub(super) fn join_kept(&mut self, contact: &str, now: Now) {
        let Some(line) = self.kept.as_ref().map(|kept| kept.line) else {
            let gone = Err(MediaError::Closed);
            return self.on_call(contact, CallInput::Opened(gone), now);
        };
        let (leg, contact) = self.new_leg(contact, Some(line));
        self.out.push(Action::AttachLeg { leg, line, contact });
    }

    /// The service allows to keep the leg's connection, or has renewed its names.
    pub(super) fn keep(&mut self, leg: LegId, peer: Peer, inactivity_ms: Option<u64>) {
        let Some((line, contact)) = self.legs.get(&leg).and_then(|leg| Some((leg.line?, leg.contact.clone()))) else {
            return;
        };
        match &mut self.kept {
            Some(kept) if kept.line == line => kept.peer = peer,
            Some(_) => {}
            None => {
                let connection = self.calls.get(&contact).map(|call| call.connection_id().to_owned());
                let inactivity = ms(inactivity_ms.unwrap_or(self.settings.inactivity_ms));
                tracing::info!("the service keeps the peer connection for later calls");
                self.kept = Some(Kept::new(line, peer, connection.unwrap_or_default(), &contact, inactivity));
            }
        }
    }

    /// A call found the connection that it was on useless. The call has gone from it.
    pub(super) fn forsake(&mut self, contact: &str, bye: bool, now: Now) {
        let line = self.current_leg(contact).and_then(|leg| self.legs.get(&leg)).and_then(|leg| leg.line);
        if let Some(kept) = self.kept.as_mut().filter(|kept| line.is_none_or(|line| line == kept.line)) {
            kept.leave(contact, now.at);
            self.part_with_kept("given up by a call", bye, now);
        }
    }

    /// No further call comes to the kept connection; those on it go on.
    fn part_with_kept(&mut self, why: &'static str, bye: bool, now: Now) {
        let Some(mut kept) = self.kept.take() else {
            return;
        };
        kept.retire(why, bye);
        if kept.calls().is_empty() {
            self.end_kept(kept, Retired { why, bye }, now);
        } else {
            self.leaving.push(kept);
        }
    }

    fn kept_on(&mut self, line: LineId) -> Option<&mut Kept> {
        self.kept.iter_mut().chain(&mut self.leaving).find(|kept| kept.line == line)
    }

    /// A leg has left its connection. One that is not kept ends with it.
    pub(super) fn leg_left(&mut self, line: LineId, contact: &str, now: Now) {
        if self.legs.values().any(|leg| leg.line == Some(line) && leg.contact == contact) {
            return;
        }
        match self.kept_on(line) {
            Some(kept) => {
                kept.leave(contact, now.at);
                let next = kept.calls().first().cloned().filter(|_| kept.is_path_lost());
                if let Some(next) = next {
                    // Whoever mended the path has gone.
                    self.on_call(&next, CallInput::Media(MediaEvent::PathLost), now);
                }
            }
            None => self.out.push(Action::CloseLine(line)),
        }
    }

    /// Of several calls on one connection only the first restarts ICE.
    pub(super) fn mends(&self, leg: LegId) -> bool {
        let line = self.legs.get(&leg).and_then(|leg| leg.line);
        let first = self.legs.iter().find(|(_, other)| other.current && other.line == line).map(|(id, _)| *id);
        line.is_none() || first == Some(leg)
    }

    /// Ends a connection that was kept.
    fn end_kept(&mut self, kept: Kept, why: Retired, now: Now) {
        tracing::info!(reason = why.why, bye = why.bye, "the kept peer connection ends");
        if why.bye && self.socket.is_ready() {
            let message = Outgoing::Bye {
                contact_id: kept.last_contact,
                call_context_token: None,
                peer: kept.peer,
                keep: Keep { persistent: true, extended: false },
            };
            let id = Value::String(uuid::Uuid::new_v4().to_string());
            let text = message.frame(&kept.connection_id, &id);
            self.with_socket(now, |socket, _, _, out| socket.send(text, out));
        }
        self.out.push(Action::CloseLine(kept.line));
    }

    /// After every input: whether the connections are still wanted.
    pub(super) fn follow_lines(&mut self, now: Now) {
        if self.ended {
            return;
        }
        let keeps = self.keeps_connections();
        let signed_in = self.auth.is_live() && self.sign_out.is_none();
        if let Some(kept) = &mut self.kept
            && !keeps
            && signed_in
            && self.configuration.value.is_some()
        {
            kept.retire("not configured any more", true);
        }
        if let Some(why) = self.kept.as_ref().and_then(|kept| kept.is_due(now.at))
            && let Some(kept) = self.kept.take()
        {
            self.end_kept(kept, why, now);
        }
        for kept in std::mem::take(&mut self.leaving) {
            match kept.is_due(now.at) {
                Some(why) => self.end_kept(kept, why, now),
                None => self.leaving.push(kept),
            }
        }
        let softphone = self.configuration.value.as_ref().is_some_and(|value| value.base.softphone_enabled);
        // Without the agent socket no call could be signalled: the network is taken for gone.
        let wanted = self.settings.standby_ms > 0
            && softphone
            && signed_in
            && self.poll.failures == 0
            && self.socket.is_ready()
            && self.kept.is_none();
        self.with_standby(now, |standby, _, out| {
            standby.wanted(wanted, now.at, out);
            standby.tick(now.at, out);
        });
    }

    pub(super) fn lines_deadline(&self) -> Option<tokio::time::Instant> {
        let kept = self.kept.as_ref().and_then(Kept::next_deadline);
        [kept, self.standby.next_deadline()].into_iter().flatten().min()
    }

    fn with_standby(
        &mut self,
        now: Now,
        work: impl FnOnce(&mut Standby, &crate::settings::AmazonConnectSettings, &mut Vec<StandbyAction>),
    ) {
        let mut actions = Vec::new();
        work(&mut self.standby, &self.settings, &mut actions);
        for action in actions {
            match action {
                StandbyAction::Fetch => {
                    let softphone_client_id = self.softphone_client_id.clone();
                    let operation = Operation::CreateSoftphoneTransport { softphone_client_id };
                    if self.call(Purpose::Standby, &operation).is_none() {
                        self.standby.lost(None, now.at, &self.settings, &mut Vec::new());
                    }
                }
                StandbyAction::Open(line, servers) => {
                    self.out.push(Action::OpenLine { line, servers: ice_servers(servers), ahead: true });
                }
                StandbyAction::Close(line) => self.out.push(Action::CloseLine(line)),
            }
        }
    }

    /// Credentials of the standby connection came, or none. That there are none is
    /// told when a call needs some.
    pub(super) fn on_standby_servers(&mut self, servers: Result<Vec<IceServerEntry>, MediaFailure>, now: Now) {
        if let Err(failure) = &servers {
            tracing::info!(?failure, "no credentials for a standby connection");
        }
        let line = self.new_line();
        self.with_standby(now, |standby, settings, out| standby.servers(servers.ok(), line, now.at, settings, out));
    }

    pub(super) fn on_line_prepared(&mut self, line: LineId, result: &Result<(), MediaError>, now: Now) {
        if let Err(error) = result {
            tracing::info!(%error, "the standby connection could not be made");
        }
        let good = result.is_ok();
        self.with_standby(now, |standby, settings, out| standby.prepared(line, good, now.at, settings, out));
    }

    pub(super) fn on_line(&mut self, line: LineId, event: &MediaEvent, now: Now) {
        if let Some(kept) = self.kept_on(line) {
            match event {
                MediaEvent::Connected | MediaEvent::PathRestored => kept.path(false),
                MediaEvent::PathLost => kept.path(true),
                MediaEvent::Failed(_) => kept.retire("its path failed", true),
                MediaEvent::Stats(_) => {}
            }
        }
        if matches!(event, MediaEvent::Failed(_)) {
            self.with_standby(now, |standby, settings, out| standby.lost(Some(line), now.at, settings, out));
        }
    }

    pub(super) fn drop_standby(&mut self, now: Now) {
        self.with_standby(now, |standby, settings, out| standby.lost(None, now.at, settings, out));
    }

    pub(super) fn renew_standby(&mut self, now: Now) {
        self.with_standby(now, |standby, _, out| standby.renew(now.at, out));
    }

    /// PCBye: the service has ended the connection.
    pub(super) fn on_dropped_by_service(&mut self, body: &RpcBody) {
        if let RpcBody::Call { method, peer_connection_id: Some(id), .. } = body
            && method == "PCBye"
            && let Some(kept) =
                self.kept.iter_mut().chain(&mut self.leaving).find(|kept| kept.peer.id.as_ref() == Some(id))
        {
            kept.retire("dropped by the service", false);
        }
    }

    /// The program or the session ends.
    pub(super) fn end_lines(&mut self, now: Now) {
        let all = self.kept.take().into_iter().chain(std::mem::take(&mut self.leaving)).collect::<Vec<_>>();
        for kept in all {
            self.end_kept(kept, Retired { why: "the program or the session ends", bye: true }, now);
        }
        self.with_standby(now, |standby, _, out| standby.wanted(false, now.at, out));
    }
}
