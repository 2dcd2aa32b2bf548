//! Media legs of the contacts: when one is built, what it is told, when it ends.

use std::collections::BTreeMap;

use secrecy::SecretString;
use trunkline_connector::ports::{IceServer, MediaEvent, MediaRequest};
use trunkline_model::{CallSummary, ContactId, ContactKey, Direction, MediaFailure, NoticeLevel};

use super::{Action, Leg, LegId, LineId, Now, Purpose, Session};
use crate::map;
use crate::softphone::{Call, CallAction, CallFacts, CallInput};
use crate::wire::{self, CallConfig, ContactStateType, IceServerEntry, Operation, RpcBody, decode_content};

pub(super) fn ice_servers(entries: Vec<IceServerEntry>) -> Vec<IceServer> {
    entries
        .into_iter()
        .map(|entry| IceServer {
            urls: entry.urls,
            username: entry.username.expose().to_owned(),
            credential: SecretString::from(entry.credential.expose().to_owned()),
        })
        .collect()
}

fn notice_id(contact: &str) -> String {
    format!("media-failed:{contact}")
}

fn message_key(failure: MediaFailure) -> &'static str {
    match failure {
        MediaFailure::IceGatheringTimeout => "notice_media_ice_gathering_timeout",
        MediaFailure::SignallingConnect => "notice_media_signalling_connect",
        MediaFailure::SignallingHandshake => "notice_media_signalling_handshake",
        MediaFailure::UserBusy => "notice_media_user_busy",
        MediaFailure::CallNotFound => "notice_media_call_not_found",
        MediaFailure::InvalidRemoteDescription => "notice_media_invalid_remote_description",
        MediaFailure::NoRemoteCandidate => "notice_media_no_remote_candidate",
        MediaFailure::Offer => "notice_media_offer",
        MediaFailure::PathLost => "notice_media_path_lost",
        MediaFailure::TooManySessions => "notice_media_too_many_sessions",
    }
}

impl Session {
    /// After a snapshot: begins, enlivens and ends media legs.
    pub(super) fn follow_calls(&mut self, first: bool, gone: &[String], now: Now) {
        let contacts = self.picture.snapshot.as_ref().map(|snapshot| snapshot.contacts.clone()).unwrap_or_default();
        for contact in &contacts {
            let id = &contact.contact_id;
            if contact.state.kind.is_finished() {
                self.on_call(id, CallInput::Over, now);
                continue;
            }
            if !self.media_begun.contains(id) && !self.is_hidden(contact) && self.wants_media(contact, first) {
                self.begin_media(contact, now);
            }
            self.on_call(id, CallInput::MaySpeak(map::may_speak(contact)), now);
            self.enliven(contact, now);
        }
        for id in gone {
            self.on_call(id, CallInput::Over, now);
        }
    }

    /// While it rings or dials, always. When it is connected already, another
    /// client answered it, unless this program was restarted meanwhile, or it
    /// was accepted by the platform itself, or it was first seen ringing.
    fn wants_media(&self, contact: &wire::Contact, first: bool) -> bool {
        let usable = contact.softphone_media().is_some_and(|media| media.call_config_json.is_some());
        if !usable {
            return false;
        }
        match contact.state.kind {
            ContactStateType::Incoming | ContactStateType::Connecting | ContactStateType::Pending => true,
            ContactStateType::Connected => {
                let memory = self.picture.memories.get(&contact.contact_id);
                first
                    || contact.auto_accept()
                    || map::direction(contact) != Direction::Inbound
                    || memory.is_some_and(|memory| memory.was_offered)
            }
            _ => false,
        }
    }

    fn begin_media(&mut self, contact: &wire::Contact, now: Now) {
        let id = contact.contact_id.clone();
        self.media_begun.insert(id.clone());
        let Some((media, leg)) = contact.softphone_media().zip(contact.agent_connection()) else {
            return;
        };
        let config = media.call_config_json.as_ref().map(|text| CallConfig::parse(text.expose()));
        let ice_servers = match config {
            Some(Ok(config)) => config.ice_servers.into_iter().filter(|server| !server.urls.is_empty()).collect(),
            Some(Err(problem)) => {
                tracing::warn!(contact = %id, %problem, "the call configuration cannot be read; asking for relays instead");
                Vec::new()
            }
            None => Vec::new(),
        };
        let (connection_id, call_context_token) = (leg.connection_id.clone(), media.call_context_token.clone());
        let (keep, kept) = self.choose_line(&id, now);
        let facts = CallFacts { contact_id: id.clone(), connection_id, call_context_token, ice_servers, keep, kept };
        let ready = self.socket.is_ready();
        let (call, actions) = Call::new(facts, self.browser_id.clone(), ready, now, &self.settings);
        self.calls.insert(id.clone(), call);
        self.carry_out(&id, actions, now);
    }

    /// Speech may flow: accepted here, connected, or the platform or the agent began it.
    fn enliven(&mut self, contact: &wire::Contact, now: Now) {
        let id = &contact.contact_id;
        let Some(call) = self.calls.get(id) else {
            return;
        };
        let accepted = self.picture.memories.get(id).is_some_and(|memory| memory.accepted);
        let ours = map::direction(contact) != Direction::Inbound && !map::is_offer(contact);
        let live = accepted
            || contact.state.kind == ContactStateType::Connected
            || (call.is_connected() && (contact.auto_accept() || ours));
        if live {
            self.on_call(id, CallInput::Live, now);
        }
    }

    pub(super) fn on_call(&mut self, contact: &str, input: CallInput, now: Now) {
        let skew = self.skew();
        let Some(call) = self.calls.get_mut(contact) else {
            return;
        };
        let actions = call.handle(input, now, skew, &self.settings);
        self.carry_out(contact, actions, now);
    }

    pub(super) fn on_leg(&mut self, leg: LegId, input: CallInput, now: Now) {
        let Some(known) = self.legs.get(&leg) else {
            return;
        };
        if !known.current {
            // A replaced leg that opened late must not stay open.
            if matches!(input, CallInput::Opened(Ok(()))) {
                self.out.push(Action::CloseLeg(leg));
            }
            return;
        }
        let contact = known.contact.clone();
        if matches!(input, CallInput::Media(MediaEvent::PathLost)) && !self.mends(leg) {
            return;
        }
        let refused = matches!(input, CallInput::Opened(Err(_)));
        self.on_call(&contact, input, now);
        if refused && let Some(Leg { line: Some(line), .. }) = self.legs.remove(&leg) {
            // It was never opened, so it is not going to be closed.
            self.leg_left(line, &contact, now);
        }
        let wire = self.wire_contact(&ContactId::from(contact.as_str())).cloned();
        if let Some(wire) = wire.filter(|wire| !wire.state.kind.is_finished()) {
            self.enliven(&wire, now);
        }
    }

    pub(super) fn on_leg_closed(&mut self, leg: LegId, summary: Box<CallSummary>, now: Now) {
        if let Some(Leg { contact, current, line }) = self.legs.remove(&leg) {
            if let Some(line) = line {
                self.leg_left(line, &contact, now);
            }
            self.on_call(&contact, CallInput::Closed { summary, current }, now);
        }
    }

    pub(super) fn current_leg(&self, contact: &str) -> Option<LegId> {
        self.legs.iter().find(|(_, leg)| leg.current && leg.contact == contact).map(|(id, _)| *id)
    }

    pub(super) fn new_leg(&mut self, contact: &str, line: Option<LineId>) -> (LegId, ContactKey) {
        self.last_leg += 1;
        let id = LegId(self.last_leg);
        for other in self.legs.values_mut().filter(|other| other.contact == contact) {
            other.current = false;
        }
        self.legs.insert(id, Leg { contact: contact.to_owned(), current: true, line });
        (id, ContactKey::new(self.account.clone(), ContactId::from(contact)))
    }

    fn carry_out(&mut self, contact: &str, actions: Vec<CallAction>, now: Now) {
        for action in actions {
            let leg = self.current_leg(contact);
            match (action, leg) {
                (CallAction::Open { servers, standby }, _) => {
                    let line = self.line_for(contact, &servers, standby, now);
                    let (id, contact) = self.new_leg(contact, line);
                    self.out.push(match line {
                        Some(line) => Action::AttachLeg { leg: id, line, contact },
                        None => Action::OpenLeg(id, MediaRequest { contact, ice_servers: ice_servers(servers) }),
                    });
                }
                (CallAction::Join, _) => self.join_kept(contact, now),
                (CallAction::Keep { peer, inactivity_ms }, Some(leg)) => self.keep(leg, peer, inactivity_ms),
                (CallAction::Forsake { bye }, _) => self.forsake(contact, bye, now),
                (CallAction::Offer, Some(leg)) => self.out.push(Action::OfferLeg(leg)),
                (CallAction::Answer { sdp, candidates }, Some(leg)) => {
                    self.out.push(Action::AnswerLeg { leg, sdp, candidates });
                }
                (CallAction::Restart(entries), Some(leg)) => {
                    self.out.push(Action::RestartLeg(leg, ice_servers(entries)));
                }
                (CallAction::GoLive, Some(leg)) => self.out.push(Action::GoLive(leg)),
                (CallAction::MaySpeak(allowed), Some(leg)) => self.out.push(Action::MaySpeak(leg, allowed)),
                (CallAction::Fail(failure), Some(leg)) => {
                    let address = self.unreached(contact, failure);
                    self.out.push(Action::FailLeg(leg, failure, address));
                }
                (CallAction::Close, Some(leg)) => self.out.push(Action::CloseLeg(leg)),
                (CallAction::Send(text), _) => {
                    self.with_socket(now, |socket, _, _, out| socket.send(text, out));
                }
                (CallAction::FetchIceServers, _) => {
                    let operation =
                        Operation::CreateSoftphoneTransport { softphone_client_id: self.softphone_client_id.clone() };
                    if self.call(Purpose::IceServers(contact.to_owned()), &operation).is_none() {
                        self.on_call(contact, CallInput::IceServers(Err(MediaFailure::IceGatheringTimeout)), now);
                    }
                }
                (CallAction::Metrics(statistics), _) => {
                    let operation = Operation::SendSoftphoneCallMetrics { contact_id: contact.to_owned(), statistics };
                    self.call(Purpose::Account("metrics"), &operation);
                }
                (CallAction::Report(report), _) => {
                    let operation = Operation::SendSoftphoneCallReport { contact_id: contact.to_owned(), report };
                    self.call(Purpose::Account("report"), &operation);
                }
                (CallAction::Tell(failure), _) => {
                    self.tell_failure(contact, failure, now);
                }
                (CallAction::Withdraw, _) => self.withdraw(&notice_id(contact)),
                (_, None) => {}
            }
        }
        if self.calls.get(contact).is_some_and(Call::is_done) {
            self.calls.remove(contact);
        }
    }

    /// What did not answer: the relays, or the signalling server without its path, which is a secret.
    fn unreached(&self, contact: &str, failure: MediaFailure) -> Option<String> {
        match failure {
            MediaFailure::IceGatheringTimeout => self.calls.get(contact)?.relays(),
            MediaFailure::SignallingConnect | MediaFailure::SignallingHandshake => self.socket.server(),
            _ => None,
        }
    }

    fn tell_failure(&mut self, contact: &str, failure: MediaFailure, now: Now) {
        let (key, address) = (message_key(failure), self.unreached(contact, failure));
        let (key, params) = match address {
            Some(address) => (format!("{key}_at"), BTreeMap::from([("address".to_owned(), address)])),
            None => (key.to_owned(), BTreeMap::new()),
        };
        self.tell_with(notice_id(contact), NoticeLevel::Error, &key, params, Some(contact), now);
    }

    pub(super) fn tick_calls(&mut self, now: Now) {
        let ids: Vec<String> = self.calls.keys().cloned().collect();
        for id in ids {
            let Some(call) = self.calls.get_mut(&id) else {
                continue;
            };
            let actions = call.tick(now, &self.settings);
            self.carry_out(&id, actions, now);
        }
    }

    pub(super) fn signalling_changed(&mut self, ready: bool, now: Now) {
        let ids: Vec<String> = self.calls.keys().cloned().collect();
        for id in ids {
            self.on_call(&id, CallInput::Signalling(ready), now);
        }
    }

    pub(super) fn on_softphone(&mut self, content: &str, now: Now) {
        let Some(message) = decode_content(content) else {
            tracing::warn!(bytes = content.len(), "unreadable signalling message");
            return;
        };
        if let (Some(client), RpcBody::Call { method, .. }) = (&message.client_id, &message.body) {
            // Addressed to a whole client: its standby connection.
            if *client == self.softphone_client_id && matches!(method.as_str(), "quotaBreached" | "idleConnection") {
                self.drop_standby(now);
            }
            if *client == self.softphone_client_id && method == "quotaBreached" {
                let id = format!("softphone-sessions:{}", self.account);
                self.tell(id, NoticeLevel::Warning, "notice_media_too_many_sessions", None, now);
            }
            return;
        }
        self.on_dropped_by_service(&message.body);
        // Replies find their call by id, calls of the service by connection: each takes its own.
        let ids: Vec<String> = self.calls.keys().cloned().collect();
        for id in ids {
            self.on_call(&id, CallInput::Rpc(message.clone()), now);
        }
    }

    pub(super) fn end_calls(&mut self, now: Now) {
        let ids: Vec<String> = self.calls.keys().cloned().collect();
        for id in ids {
            self.on_call(&id, CallInput::Over, now);
        }
    }
}
