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
//! | session (contact and agent) | `Live`, `MaySpeak`, `Over` |
//! | timer | `tick` |
//!
//! | state | input | does | next |
//! | --- | --- | --- | --- |
//! | Opening | opened | makes the offer | Offering |
//! | Opening, on a kept connection | opened, signalling up | connectContact | Joining |
//! | Opening, on a kept connection | opened, signalling down | waits, 10 s in all | Waiting |
//! | Joining | answer | restarts ICE from now on | Up |
//! | Joining | signalling lost | same message again when it is back | Waiting |
//! | Joining | 404 | fails: the caller has gone | Failed |
//! | Joining | another error, none in 5 s, or the leg fails | forsakes the connection; a leg of its own at once | Opening |
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
//! | any | contact over | bye (disconnectContact on a kept connection), closes | Closing |
//! | Closing | closed, bye answered or 2 s over | metrics, report | Done |

mod failing;
mod joining;
pub mod kept;
mod mending;
mod messages;
mod report;
mod signals;
pub mod standby;

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use trunkline_connector::ports::{MediaError, MediaEvent, MediaOffer};
use trunkline_model::{CallSummary, MediaFailure, MediaStats};

use crate::map::Skew;
use crate::session::Now;
use crate::settings::{AmazonConnectSettings, ms};
use crate::wire::{IceServerEntry, Keep, Outgoing, Peer, StreamStatistics};

use failing::failure_of;
pub use signals::{CallAction, CallFacts, CallInput};

#[derive(Debug, PartialEq)]
enum Phase {
    Opening,
    Offering,
    /// Offer ready, signalling down.
    Waiting,
    Invited {
        id: String,
        until: Instant,
    },
    Answering,
    /// connectContact sent. Media is up already.
    Joining {
        id: String,
        until: Instant,
    },
    Up,
    Failed {
        again_at: Option<Instant>,
    },
    Closing {
        until: Instant,
        bye: Option<String>,
        closed: bool,
    },
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
    Invited {
        id: String,
        until: Instant,
        sent: u32,
    },
    Pause {
        until: Instant,
        sent: u32,
    },
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
    /// Relays of the newest offer.
    relays: Vec<String>,
    /// Id of the present invitation; repeated unchanged after a lost socket.
    invite_id: Option<String>,
    accept_id: Option<String>,
    peer: Peer,
    /// The connection outlives this call.
    kept: bool,
    path_lost: bool,
    live_wanted: bool,
    live: bool,
    may_speak: bool,
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
            relays: Vec::new(),
            invite_id: None,
            accept_id: None,
            peer: Peer::default(),
            kept: false,
            path_lost: false,
            live_wanted: false,
            live: false,
            may_speak: true,
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

    /// Address of its messages.
    pub fn connection_id(&self) -> &str {
        &self.facts.connection_id
    }

    /// Its peer connection is to outlive it.
    pub fn wants_to_keep(&self) -> bool {
        self.facts.keep.persistent
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
        if let Some(peer) = self.facts.kept.take() {
            self.join(peer, out);
            return;
        }
        self.open_asked = !self.facts.ice_servers.is_empty();
        if self.facts.ice_servers.is_empty() {
            out.push(CallAction::FetchIceServers);
        } else {
            let servers = self.facts.ice_servers.clone();
            self.note_relays(&servers);
            out.push(CallAction::Open { servers, standby: self.rebuilds == 0 });
        }
    }

    /// Next time [`Call::tick`] has something to do.
    pub fn next_deadline(&self, settings: &AmazonConnectSettings) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Waiting => Some(self.signalling_until),
            Phase::Invited { until, .. } | Phase::Joining { until, .. } | Phase::Closing { until, .. } => Some(*until),
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
            Phase::Joining { until, .. } if now.at >= *until => self.forsake("no answer", now, settings, &mut out),
            Phase::Failed { again_at: Some(at) } if self.signalling && now.at >= *at => {
                self.rebuild(now, settings, &mut out)
            }
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

    /// Everything but time.
    pub fn handle(
        &mut self,
        input: CallInput,
        now: Now,
        skew: Skew,
        settings: &AmazonConnectSettings,
    ) -> Vec<CallAction> {
        let mut out = Vec::new();
        match input {
            CallInput::Opened(Ok(())) => {
                self.leg_open = true;
                if self.over {
                    out.push(CallAction::Close);
                } else if self.phase == Phase::Opening && self.kept {
                    self.connect_contact(now, settings, &mut out);
                    self.go_live_when_possible(&mut out);
                } else if self.phase == Phase::Opening {
                    self.phase = Phase::Offering;
                    out.push(CallAction::Offer);
                    self.go_live_when_possible(&mut out);
                }
            }
            CallInput::Opened(Err(error)) => {
                if self.over {
                    self.phase = Phase::Done;
                } else if self.kept {
                    self.forsake("no leg on it", now, settings, &mut out);
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
            CallInput::MaySpeak(allowed) => {
                if std::mem::replace(&mut self.may_speak, allowed) != allowed && self.leg_open && !self.over {
                    out.push(CallAction::MaySpeak(allowed));
                }
            }
            CallInput::Over => self.on_over(now, settings, &mut out),
        }
        out
    }

    fn go_live_when_possible(&mut self, out: &mut Vec<CallAction>) {
        if self.live_wanted && !self.live && self.leg_open && !self.over {
            self.live = true;
            if !self.may_speak {
                // A new leg knows nothing of it yet.
                out.push(CallAction::MaySpeak(false));
            }
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
            keep: self.facts.keep,
        };
        out.push(CallAction::Send(invite.frame(&self.facts.connection_id, &Value::String(id.clone()))));
        self.phase = Phase::Invited { id, until: now.at + ms(settings.invite_limit_ms) };
    }

    fn on_signalling(&mut self, up: bool, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        self.signalling = up;
        match (&self.phase, up) {
            (Phase::Waiting, true) if self.kept => self.connect_contact(now, settings, out),
            (Phase::Waiting, true) => self.invite(now, settings, out),
            // The answer can no longer come on the lost socket; the same message goes out on the next one.
            (Phase::Invited { .. } | Phase::Joining { .. }, false) => {
                self.signalling_until = now.at + ms(settings.signalling_limit_ms);
                self.phase = Phase::Waiting;
            }
            _ => {}
        }
        if let (Mending::Invited { sent, .. }, false) = (&self.mending, up) {
            self.mending = Mending::Pause { until: now.at + ms(settings.restart_invite_pause_ms), sent: *sent };
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
            MediaEvent::Stats(stats) => {
                let before = self.last.replace(*stats);
                self.samples.extend(report::growth(&stats, before, skew.service_seconds(now.wall)));
            }
            MediaEvent::Failed(_) if matches!(self.phase, Phase::Joining { .. }) => {
                self.forsake("its path failed", now, settings, out);
            }
            MediaEvent::Failed(failure) => self.fail(failure, now, settings, out),
        }
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
                    self.note_relays(&servers);
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
                    self.note_relays(&servers);
                    self.open_asked = true;
                    out.push(CallAction::Open { servers, standby: self.rebuilds == 0 });
                }
                Err(failure) => self.fail(failure, now, settings, out),
            }
        }
    }

    fn on_over(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<CallAction>) {
        if self.over {
            return;
        }
        let invited = self.invite_id.is_some() && !matches!(self.phase, Phase::Offering | Phase::Opening);
        let bye = (invited && self.signalling).then(|| (self.new_id)());
        if self.kept && invited && !self.signalling {
            // The service would hold this call connected for the next one.
            out.push(CallAction::Forsake { bye: true });
        }
        if let Some(id) = &bye {
            let (contact_id, peer) = (self.facts.contact_id.clone(), self.peer.clone());
            let call_context_token = self.facts.call_context_token.clone();
            let message = if self.kept {
                Outgoing::DisconnectContact { contact_id, peer }
            } else {
                Outgoing::Bye { contact_id, call_context_token, peer, keep: Keep::default() }
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
        out.push(CallAction::Report(Box::new(report::report(summary, self.signalling_waited, cleanup, skew))));
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

#[cfg(test)]
mod tests;
