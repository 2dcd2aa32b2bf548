//! Signalling of one call's media leg: sections 5, 6, 9 and 11 of
//! `docs/connectors/amazon-connect-softphone.md`. Pure: inputs and time in,
//! actions out.
//!
//! Inputs, by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | media port | `Opened`, `Offered`, `Answered`, `Media`, `Closed` |
//! | platform, agent socket | `Signalling(up)`, `Rpc` |
//! | platform, HTTP | `IceServers` |
//! | session (contact and agent) | `Live`, `Over` |
//! | timer | `tick` |
//!
//! | state | input | does | next |
//! | --- | --- | --- | --- |
//! | Opening | opened | makes the offer | Offering |
//! | Offering | offer, signalling up | invite | Invited |
//! | Offering | offer, signalling down | waits, 10 s in all | Waiting |
//! | Waiting | signalling up | invite | Invited |
//! | Invited | answer | accept, applies the answer | Answering |
//! | Invited | signalling lost | same invitation again when it is back | Waiting |
//! | Invited | error, or none in 5 s | fails | Failed |
//! | Answering | applied | restarts ICE from now on | Up |
//! | Up | path lost for 3 s, token given | fresh credentials, offer, invite | Up |
//! | Up | bye from the service | answers it, closes | Closing |
//! | Failed | passing reason, contact alive | a new leg after 2 s | Opening |
//! | any | contact over | bye, closes | Closing |
//! | Closing | closed, bye answered or 2 s over | metrics, report | Done |

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use trunkline_connector::ports::{CandidateInit, MediaError, MediaEvent, MediaOffer};
use trunkline_model::{CallSummary, MediaFailure, MediaStats};

use crate::map::Skew;
use crate::session::Now;
use crate::settings::{AmazonConnectSettings, ms};
use crate::wire::{
    CallReport, IceServerEntry, Incoming, Outgoing, Peer, Private, RpcBody, StreamStatistics, StreamType,
};

/// What the contact brings, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// Contact.
    pub contact_id: String,
    /// Agent connection id first seen: the address of all messages (section 2).
    pub connection_id: String,
    /// Goes into invite and bye.
    pub call_context_token: Option<Private>,
    /// The contact's own TURN servers; empty: ask CreateTransport.
    pub ice_servers: Vec<IceServerEntry>,
}

/// What reaches the machine.
#[derive(Debug)]
pub enum CallInput {
    /// The leg exists or could not be made.
    Opened(Result<(), MediaError>),
    /// The offer, of the first negotiation or of a restart.
    Offered(Result<MediaOffer, MediaError>),
    /// The answer was applied or not.
    Answered(Result<(), MediaError>),
    /// The leg by itself.
    Media(MediaEvent),
    /// A leg is closed: the present one, or one that was replaced.
    Closed {
        /// How it was.
        summary: Box<CallSummary>,
        /// The present one.
        current: bool,
    },
    /// The signalling channel came up or went.
    Signalling(bool),
    /// A message of the service.
    Rpc(Incoming),
    /// Credentials from CreateTransport.
    IceServers(Result<Vec<IceServerEntry>, MediaFailure>),
    /// The agent and the platform agreed: speech may flow.
    Live,
    /// The contact is over.
    Over,
}

/// What the machine wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum CallAction {
    /// `MediaPort::open`.
    Open(Vec<IceServerEntry>),
    /// `MediaLeg::offer`.
    Offer,
    /// `MediaLeg::answer`.
    Answer {
        /// Session description.
        sdp: String,
        /// Candidates.
        candidates: Vec<CandidateInit>,
    },
    /// `MediaLeg::restart`.
    Restart(Vec<IceServerEntry>),
    /// `MediaLeg::go_live`.
    GoLive,
    /// `MediaLeg::fail`.
    Fail(MediaFailure),
    /// `MediaLeg::close`.
    Close,
    /// A frame for the agent socket.
    Send(String),
    /// CreateTransport `softphone`.
    FetchIceServers,
    /// SendSoftphoneCallMetrics.
    Metrics(Vec<StreamStatistics>),
    /// SendSoftphoneCallReport.
    Report(Box<CallReport>),
    /// Tell the agent.
    Tell(MediaFailure),
    /// The trouble is over.
    Withdraw,
}

#[derive(Debug, PartialEq)]
enum Phase {
    Opening,
    Offering,
    /// Offer ready, signalling down.
    Waiting,
    Invited { id: String, until: Instant },
    Answering,
    Up,
    Failed { again_at: Option<Instant> },
    Closing { until: Instant, bye: Option<String>, closed: bool },
    Done,
}

/// ICE restart, beside the phase `Up`.
#[derive(Debug, PartialEq)]
enum Mending {
    No,
    /// Path lost, not yet acted upon.
    Grace(Instant),
    Fetching,
    Offering,
    /// Invited; number of invitations sent.
    Invited { id: String, until: Instant, sent: u32 },
    Pause { until: Instant, sent: u32 },
    Answering,
}

/// One call's signalling.
#[derive(Debug)]
pub struct Call {
    facts: CallFacts,
    browser_id: String,
    phase: Phase,
    mending: Mending,
    signalling: bool,
    signalling_until: Instant,
    began: Instant,
    signalling_waited: Option<Duration>,
    offer: Option<MediaOffer>,
    /// Id of the present invitation; repeated unchanged after a lost socket.
    invite_id: Option<String>,
    accept_id: Option<String>,
    peer: Peer,
    path_lost: bool,
    live_wanted: bool,
    live: bool,
    open_asked: bool,
    leg_open: bool,
    connected: bool,
    rebuilds: u32,
    told: bool,
    over: bool,
    closing_since: Option<Instant>,
    last: Option<MediaStats>,
    samples: Vec<StreamStatistics>,
    send_metrics_at: Instant,
    new_id: fn() -> String,
}

fn fresh_uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

impl Call {
    /// Begins: the first actions open the leg.
    pub fn new(
        facts: CallFacts,
        browser_id: String,
        signalling: bool,
        now: Now,
        settings: &AmazonConnectSettings,
    ) -> (Self, Vec<CallAction>) {
        let mut call = Self {
            facts,
            browser_id,
            phase: Phase::Opening,
            mending: Mending::No,
            signalling,
            signalling_until: now.at + ms(settings.signalling_limit_ms),
            began: now.at,
            signalling_waited: signalling.then_some(Duration::ZERO),
            offer: None,
            invite_id: None,
            accept_id: None,
            peer: Peer::default(),
            path_lost: false,
            live_wanted: false,
            live: false,
            open_asked: false,
            leg_open: false,
            connected: false,
            rebuilds: 0,
            told: false,
            over: false,
            closing_since: None,
            last: None,
            samples: Vec::new(),
            send_metrics_at: now.at + ms(settings.metrics_every_ms),
            new_id: fresh_uuid,
        };
        let mut out = Vec::new();
        call.open(&mut out);
        (call, out)
    }

    /// Fixed ids, so that frames can be compared with fixtures.
    #[cfg(test)]
    pub(crate) fn with_ids(mut self, new_id: fn() -> String) -> Self {
        self.new_id = new_id;
        self
    }

    /// The contact it belongs to.
    pub fn contact_id(&self) -> &str {
        &self.facts.contact_id
    }

    /// Nothing more will come of it.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Packets can flow.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    fn open(&mut self, out: &mut Vec<CallAction>) {
        self.phase = Phase::Opening;
        self.open_asked = !self.facts.ice_servers.is_empty();
        if self.facts.ice_servers.is_empty() {
            out.push(CallAction::FetchIceServers);
        } else {
            out.push(CallAction::Open(self.facts.ice_servers.clone()));
        }
    }

    /// Next time [`Call::tick`] has something to do.
    pub fn next_deadline(&self, settings: &AmazonConnectSettings) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Waiting => Some(self.signalling_until),
            Phase::Invited { until, .. } | Phase::Closing { until, .. } => Some(*until),
            Phase::Failed { again_at } if self.signalling => *again_at,
            _ => None,
        };
        let mending = match &self.mending {
            Mending::Grace(at) => Some(*at),
            Mending::Invited { until, .. } | Mending::Pause { until, .. } => Some(*until),
            _ => None,
        };
        let metrics = (!self.samples.is_empty() && settings.metrics_every_ms > 0).then_some(self.send_metrics_at);
        [phase, mending, metrics].into_iter().flatten().min()
    }

    /// Timers.
    pub fn tick(&mut self, now: Now, settings: &AmazonConnectSettings) -> Vec<CallAction> {
        let mut out = Vec::new();
        match &self.phase {
            Phase::Waiting if now.at >= self.signalling_until => {
                self.fail(MediaFailure::SignallingConnect, now, settings, &mut out);
            }
            Phase::Invited { until, .. } if now.at >= *until => {
                self.fail(MediaFailure::SignallingHandshake, now, settings, &mut out);
            }
            Phase::Failed { again_at: Some(at) } if self.signalling && now.at >= *at => self.rebuild(now, settings, &mut out),
            Phase::Closing { until, closed: true, .. } if now.at >= *until => self.phase = Phase::Done,
            Phase::Closing { until, closed: false, .. } if now.at >= *until => {
                // The bye stays unanswered; the leg's own closing is still awaited.
                let until = now.at + ms(settings.bye_limit_ms.max(1));
                self.phase = Phase::Closing { until, bye: None, closed: false };
            }
            _ => {}
        }
        self.tick_mending(now, settings, &mut out);
        if !self.samples.is_empty() && now.at >= self.send_metrics_at {
            self.send_metrics_at = now.at + ms(settings.metrics_every_ms);
            out.push(CallAction::Metrics(std::mem::take(&mut self.samples)));
        }
        out
    }

    fn tick_mending(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
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

    /// Everything but time.
    pub fn handle(&mut self, input: CallInput, now: Now, skew: Skew, settings: &AmazonConnectSettings) -> Vec<CallAction> {
        let mut out = Vec::new();
        match input {
            CallInput::Opened(Ok(())) => {
                self.leg_open = true;
                if self.over {
                    out.push(CallAction::Close);
                } else if self.phase == Phase::Opening {
                    self.phase = Phase::Offering;
                    out.push(CallAction::Offer);
                    self.go_live_when_possible(&mut out);
                }
            }
            CallInput::Opened(Err(error)) => {
                if self.over {
                    self.phase = Phase::Done;
                } else {
                    self.fail(failure_of(&error), now, settings, &mut out);
                }
            }
            CallInput::Offered(result) => self.on_offer(result, now, settings, &mut out),
            CallInput::Answered(result) => self.on_answered(result, now, settings, &mut out),
            CallInput::Media(event) => self.on_media(event, now, skew, settings, &mut out),
            CallInput::Closed { summary, current } => self.on_closed(&summary, current, now, skew, &mut out),
            CallInput::Signalling(up) => self.on_signalling(up, now, settings, &mut out),
            CallInput::Rpc(message) => self.on_rpc(message, now, settings, &mut out),
            CallInput::IceServers(result) => self.on_ice_servers(result, now, settings, &mut out),
            CallInput::Live => {
                self.live_wanted = true;
                self.go_live_when_possible(&mut out);
            }
            CallInput::Over => self.on_over(now, settings, &mut out),
        }
        out
    }

    fn go_live_when_possible(&mut self, out: &mut Vec<CallAction>) {
        if self.live_wanted && !self.live && self.leg_open && !self.over {
            self.live = true;
            out.push(CallAction::GoLive);
        }
    }

    fn on_offer(
        &mut self,
        result: Result<MediaOffer, MediaError>,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        if self.over {
            return;
        }
        if self.mending == Mending::Offering {
            match result {
                Ok(offer) => {
                    self.offer = Some(offer);
                    self.invite_restart(0, now, settings, out);
                }
                Err(_) => self.restart_given_up(now, settings),
            }
            return;
        }
        if self.phase != Phase::Offering {
            return;
        }
        match result {
            Ok(offer) => {
                self.offer = Some(offer);
                self.invite_id = Some((self.new_id)());
                self.invite(now, settings, out);
            }
            Err(error) => self.fail(failure_of(&error), now, settings, out),
        }
    }

    fn invite(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        if !self.signalling {
            self.phase = Phase::Waiting;
            return;
        }
        let (Some(offer), Some(id)) = (&self.offer, self.invite_id.clone()) else {
            return;
        };
        self.signalling_waited.get_or_insert(now.at.duration_since(self.began));
        let invite = Outgoing::Invite {
            sdp: offer.sdp.clone(),
            candidates: offer.candidates.clone(),
            call_context_token: self.facts.call_context_token.clone(),
            contact_id: self.facts.contact_id.clone(),
            browser_id: self.browser_id.clone(),
        };
        out.push(CallAction::Send(invite.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        self.phase = Phase::Invited { id, until: now.at + ms(settings.invite_limit_ms) };
    }

    fn on_signalling(&mut self, up: bool, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        self.signalling = up;
        match (&self.phase, up) {
            (Phase::Waiting, true) => self.invite(now, settings, out),
            // The answer can no longer come on the lost socket; the same invitation goes out on the next one.
            (Phase::Invited { .. }, false) => {
                self.signalling_until = now.at + ms(settings.signalling_limit_ms);
                self.phase = Phase::Waiting;
            }
            _ => {}
        }
        if let (Mending::Invited { sent, .. }, false) = (&self.mending, up) {
            self.mending = Mending::Pause { until: now.at + ms(settings.restart_invite_pause_ms), sent: *sent };
        }
    }

    fn on_rpc(&mut self, message: Incoming, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        match message.body {
            RpcBody::Result { id, result } => self.on_result(&id, &result, now, settings, out),
            RpcBody::Failure { id, error } => self.on_failure(&id, error.code, now, settings, out),
            RpcBody::Call { method, id, peer_connection_id } => match method.as_str() {
                "bye" if message.connection_id.as_deref() == Some(self.facts.connection_id.as_str()) => {
                    if let Some(id) = id {
                        out.push(CallAction::Send(Outgoing::Done.frame(&self.facts.connection_id, &id)));
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
        let accept = Outgoing::Accept { contact_id: self.facts.contact_id.clone(), peer: self.peer.clone() };
        let id = (self.new_id)();
        out.push(CallAction::Send(accept.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        self.accept_id = Some(id);
        out.push(CallAction::Answer { sdp: text("sdp").unwrap_or_default(), candidates });
        if first {
            self.phase = Phase::Answering;
        } else {
            self.mending = Mending::Answering;
        }
        let _ = (now, settings);
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

    fn on_answered(
        &mut self,
        result: Result<(), MediaError>,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        if self.over {
            return;
        }
        if self.mending == Mending::Answering {
            self.mending = Mending::No;
            if result.is_err() || self.path_lost {
                self.restart_given_up(now, settings);
            }
            return;
        }
        if self.phase != Phase::Answering {
            return;
        }
        match result {
            Ok(()) => {
                self.phase = Phase::Up;
                if std::mem::take(&mut self.told) {
                    out.push(CallAction::Withdraw);
                }
                if self.path_lost {
                    self.mending = Mending::Grace(now.at + ms(settings.path_lost_grace_ms));
                }
            }
            Err(error) => self.fail(failure_of(&error), now, settings, out),
        }
    }

    fn on_media(
        &mut self,
        event: MediaEvent,
        now: Now,
        skew: Skew,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        match event {
            MediaEvent::Connected | MediaEvent::PathRestored => {
                self.connected = true;
                self.path_lost = false;
                if matches!(self.mending, Mending::Grace(_) | Mending::Pause { .. }) {
                    self.mending = Mending::No;
                }
            }
            MediaEvent::PathLost => {
                self.path_lost = true;
                if self.mending == Mending::No && self.phase == Phase::Up {
                    self.mending = Mending::Grace(now.at + ms(settings.path_lost_grace_ms));
                }
            }
            MediaEvent::Stats(stats) => self.sample(&stats, skew.service_seconds(now.wall)),
            MediaEvent::Failed(failure) => self.fail(failure, now, settings, out),
        }
    }

    /// The second's growth per direction, never negative; the first sample is
    /// the absolute value (section 11).
    fn sample(&mut self, stats: &MediaStats, timestamp: f64) {
        let last = self.last.replace(*stats).unwrap_or_default();
        let growth = |now: i64, before: i64| now.saturating_sub(before).max(0);
        let packets = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let shared = |kind, now: &trunkline_model::StreamStats, before: &trunkline_model::StreamStats| StreamStatistics {
            softphone_stream_type: kind,
            timestamp,
            packets_lost: Some(growth(now.packets_lost, before.packets_lost)),
            packet_count: Some(growth(packets(now.packets), packets(before.packets))),
            audio_level: Some(audio_level(now.level)),
            jitter_buffer_millis: Some((stats.jitter_buffer_delay_total_s * 1000.0) as i64),
            round_trip_time_millis: stats.round_trip_ms.map(|millis| millis as i64),
        };
        self.samples.push(shared(StreamType::AudioInput, &stats.received, &last.received));
        self.samples.push(shared(StreamType::AudioOutput, &stats.sent, &last.sent));
    }

    fn on_ice_servers(
        &mut self,
        result: Result<Vec<IceServerEntry>, MediaFailure>,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<CallAction>,
    ) {
        if self.over {
            return;
        }
        if self.mending == Mending::Fetching {
            match result {
                Ok(servers) if !servers.is_empty() => {
                    self.mending = Mending::Offering;
                    out.push(CallAction::Restart(servers));
                }
                // Not retried at once (section 9).
                _ => self.restart_given_up(now, settings),
            }
            return;
        }
        if self.phase == Phase::Opening {
            match result {
                Ok(servers) => {
                    self.open_asked = true;
                    out.push(CallAction::Open(servers));
                }
                Err(failure) => self.fail(failure, now, settings, out),
            }
        }
    }

    fn invite_restart(&mut self, sent: u32, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
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
        };
        out.push(CallAction::Send(invite.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        self.mending = Mending::Invited { id, until: now.at + ms(settings.invite_limit_ms), sent: sent + 1 };
    }

    /// One invitation and three retries, a second apart.
    fn restart_refused(&mut self, sent: u32, now: Now, settings: &AmazonConnectSettings) {
        if sent > settings.restart_invites {
            self.restart_given_up(now, settings);
        } else {
            self.mending = Mending::Pause { until: now.at + ms(settings.restart_invite_pause_ms), sent };
        }
    }

    /// Gives up quietly: the call stays up. Ours: tries anew while the path is still lost.
    fn restart_given_up(&mut self, now: Now, settings: &AmazonConnectSettings) {
        self.mending =
            if self.path_lost { Mending::Grace(now.at + ms(settings.restart_again_ms)) } else { Mending::No };
    }

    fn fail(&mut self, failure: MediaFailure, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        self.fail_because(failure, true, now, settings, out);
    }

    fn fail_because(
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
            out.push(CallAction::Fail(failure));
        }
        // 404: a party has hung up; the agent sees the contact go, and nothing else (5.3).
        if failure != MediaFailure::CallNotFound {
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
    fn rebuild(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        self.rebuilds += 1;
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

    fn on_over(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        if self.over {
            return;
        }
        let invited = self.invite_id.is_some() && !matches!(self.phase, Phase::Offering | Phase::Opening);
        let bye = (invited && self.signalling).then(|| (self.new_id)());
        if let Some(id) = &bye {
            let message = Outgoing::Bye {
                contact_id: self.facts.contact_id.clone(),
                call_context_token: self.facts.call_context_token.clone(),
                peer: self.peer.clone(),
            };
            out.push(CallAction::Send(message.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        }
        self.close(bye, now, settings, out);
        if self.told {
            out.push(CallAction::Withdraw);
        }
    }

    fn close(&mut self, bye: Option<String>, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        if self.over {
            return;
        }
        self.over = true;
        self.mending = Mending::No;
        self.closing_since = Some(now.at);
        if self.leg_open {
            out.push(CallAction::Close);
            self.phase = Phase::Closing { until: now.at + ms(settings.bye_limit_ms), bye, closed: false };
        } else if self.phase == Phase::Opening && self.open_asked {
            // `Opened` is on its way and closes then.
            self.phase = Phase::Closing { until: now.at + ms(settings.bye_limit_ms), bye, closed: false };
        } else {
            self.phase = Phase::Done;
        }
    }

    fn on_closed(&mut self, summary: &CallSummary, current: bool, now: Now, skew: Skew, out: &mut Vec<CallAction>) {
        let cleanup = self.closing_since.map(|since| now.at.duration_since(since));
        out.push(CallAction::Report(Box::new(report(summary, self.signalling_waited, cleanup, skew))));
        if !self.samples.is_empty() {
            out.push(CallAction::Metrics(std::mem::take(&mut self.samples)));
        }
        if !current {
            return;
        }
        self.leg_open = false;
        if let Phase::Closing { bye, until, .. } = &mut self.phase {
            match bye.take() {
                Some(bye) => self.phase = Phase::Closing { until: *until, bye: Some(bye), closed: true },
                None => self.phase = Phase::Done,
            }
        }
    }
}

fn failure_of(error: &MediaError) -> MediaFailure {
    match error {
        MediaError::Failed(failure) => *failure,
        MediaError::Closed => MediaFailure::Offer,
    }
}

fn audio_level(level: f32) -> i64 {
    (f64::from(level.clamp(0.0, 1.0)) * 32768.0).floor() as i64
}

/// The call report with the model's names (section 11).
fn report(
    summary: &CallSummary,
    signalling_waited: Option<Duration>,
    cleanup: Option<Duration>,
    skew: Skew,
) -> CallReport {
    let failed = |failure: MediaFailure| summary.failure == Some(failure);
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let total = |kind, stream: &trunkline_model::StreamStats| StreamStatistics {
        softphone_stream_type: kind,
        timestamp: skew.service_seconds(summary.ended),
        packets_lost: Some(stream.packets_lost),
        packet_count: i64::try_from(stream.packets).ok(),
        audio_level: Some(audio_level(stream.level)),
        jitter_buffer_millis: None,
        round_trip_time_millis: None,
    };
    CallReport {
        call_start_time: skew.service_seconds(summary.started),
        call_end_time: skew.service_seconds(summary.ended),
        softphone_stream_statistics: vec![
            total(StreamType::AudioInput, &summary.last.received),
            total(StreamType::AudioOutput, &summary.last.sent),
        ],
        gum_time_millis: None,
        initialization_time_millis: summary.initialization_ms.map(i64::from),
        ice_collection_time_millis: summary.ice_gathering_ms.map(i64::from),
        signalling_connect_time_millis: signalling_waited.map(millis),
        handshake_time_millis: summary.handshake_ms.map(i64::from),
        pre_talk_time_millis: summary.setup_ms.map(i64::from),
        talk_time_millis: i64::try_from(summary.talk_ms).ok(),
        cleanup_time_millis: cleanup.map(millis),
        ice_collection_failure: failed(MediaFailure::IceGatheringTimeout),
        signalling_connection_failure: failed(MediaFailure::SignallingConnect),
        handshake_failure: failed(MediaFailure::SignallingHandshake),
        gum_other_failure: false,
        gum_timeout_failure: false,
        create_offer_failure: failed(MediaFailure::Offer),
        set_local_description_failure: false,
        user_busy_failure: failed(MediaFailure::UserBusy),
        invalid_remote_sdp_failure: failed(MediaFailure::InvalidRemoteDescription),
        no_remote_ice_candidate_failure: failed(MediaFailure::NoRemoteCandidate),
        set_remote_description_failure: false,
    }
}

#[cfg(test)]
mod tests;
