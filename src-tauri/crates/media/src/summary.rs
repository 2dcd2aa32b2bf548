//! The times and totals of one call, gathered as they happen.

use std::time::{Duration, Instant};

use trunkline_model::{CallSummary, IceRoute, MediaFailure, MediaStats, UnixMillis};

/// Collects what [`CallSummary`] tells. Time is passed in.
#[derive(Clone, Debug)]
pub struct Ledger {
    opened: Instant,
    opened_at: UnixMillis,
    offering: Option<Instant>,
    described: Option<Instant>,
    gathered: Option<Instant>,
    answered: Option<Instant>,
    connected: Option<Instant>,
    accepted: Option<Instant>,
    live: Option<Instant>,
    heard: Option<Instant>,
    path_losses: u32,
    restarts: u32,
    route: Option<IceRoute>,
    last: MediaStats,
    worst: Option<f32>,
    failure: Option<MediaFailure>,
    failed_address: Option<String>,
    codec: Option<&'static str>,
    joined: bool,
}

impl Ledger {
    /// The session exists.
    pub fn new(now: Instant, at: UnixMillis) -> Self {
        Self {
            opened: now,
            opened_at: at,
            offering: None,
            described: None,
            gathered: None,
            answered: None,
            connected: None,
            accepted: None,
            live: None,
            heard: None,
            path_losses: 0,
            restarts: 0,
            route: None,
            last: MediaStats::default(),
            worst: None,
            failure: None,
            failed_address: None,
            codec: None,
            joined: false,
        }
    }

    /// The ledger of a contact that comes to this connection now. When the
    /// connection is up it waits for nothing.
    pub fn joined(&self, now: Instant, at: UnixMillis) -> Self {
        let up = self.connected.map(|_| now);
        Self {
            offering: up,
            connected: up,
            route: self.route.clone(),
            codec: self.codec,
            joined: up.is_some(),
            ..Self::new(now, at)
        }
    }

    /// The offer is being made. The first time counts for this and the times below.
    pub fn offering(&mut self, now: Instant) {
        self.offering.get_or_insert(now);
    }

    /// The offer is set.
    pub fn described(&mut self, now: Instant) {
        self.described.get_or_insert(now);
    }

    /// A relay candidate is there.
    pub fn gathered(&mut self, now: Instant) {
        self.gathered.get_or_insert(now);
    }

    /// The answer came.
    pub fn answered(&mut self, now: Instant) {
        self.answered.get_or_insert(now);
    }

    /// Packets can flow.
    pub fn connected(&mut self, now: Instant) {
        self.connected.get_or_insert(now);
    }

    /// The agent accepted.
    pub fn accepted(&mut self, now: Instant) {
        self.accepted.get_or_insert(now);
    }

    /// Speech flows.
    pub fn live(&mut self, now: Instant) {
        self.live.get_or_insert(now);
    }

    /// The first received speech was played.
    pub fn heard(&mut self, now: Instant) {
        self.heard.get_or_insert(now);
    }

    /// The path was lost.
    pub fn path_lost(&mut self) {
        self.path_losses += 1;
    }

    /// An ICE restart mended the path.
    pub fn mended(&mut self) {
        self.restarts += 1;
    }

    /// How packets travel.
    pub fn route(&mut self, route: IceRoute) {
        self.route = Some(route);
    }

    /// A second passed.
    pub fn stats(&mut self, stats: MediaStats) {
        if let Some(mos) = stats.mos {
            self.worst = Some(self.worst.map_or(mos, |worst| worst.min(mos)));
        }
        self.last = stats;
    }

    /// The codec that both sides agreed on.
    pub fn agreed(&mut self, codec: &'static str) {
        self.codec = Some(codec);
    }

    /// It failed; the first reason is the one that counts.
    pub fn failed(&mut self, failure: MediaFailure) {
        self.failed_at(failure, None);
    }

    /// The same, with what was not reached.
    pub fn failed_at(&mut self, failure: MediaFailure, address: Option<String>) {
        let first = *self.failure.get_or_insert(failure);
        if first == failure && self.failed_address.is_none() {
            self.failed_address = address;
        }
    }

    /// The summary as of now.
    pub fn summary(&self, now: Instant) -> CallSummary {
        let started = self.offering.unwrap_or(self.opened);
        let millis = |from: Option<Instant>, to: Option<Instant>| {
            let span = to?.checked_duration_since(from?)?;
            u32::try_from(span.as_millis()).ok()
        };
        CallSummary {
            started: self.wall(started),
            ended: self.wall(now),
            initialization_ms: millis(self.offering, self.described),
            ice_gathering_ms: millis(self.described, self.gathered),
            handshake_ms: millis(self.gathered, self.answered),
            setup_ms: millis(self.offering, self.connected),
            accept_to_audio_ms: millis(self.accepted, self.heard),
            talk_ms: self.live.map_or(0, |live| whole_millis(now.saturating_duration_since(live))),
            route: self.route.clone(),
            path_losses: self.path_losses,
            ice_restarts: self.restarts,
            last: self.last,
            worst_mos: self.worst,
            failure: self.failure,
            failed_address: self.failed_address.clone(),
            codec: self.codec.map(str::to_owned),
            connection_reused: self.joined,
        }
    }

    fn wall(&self, at: Instant) -> UnixMillis {
        let since = whole_millis(at.saturating_duration_since(self.opened));
        self.opened_at.shifted(i64::try_from(since).unwrap_or(0))
    }
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_on_a_connection_that_is_up_waits_for_nothing_and_inherits_no_total() {
        let zero = Instant::now();
        let at = |millis: u64| zero + Duration::from_millis(millis);
        let mut first = Ledger::new(zero, UnixMillis(1_000_000));
        first.offering(at(0));
        first.connected(at(400));
        first.path_lost();
        first.failed(MediaFailure::PathLost);
        first.route(IceRoute { local: "relay".to_owned(), ..IceRoute::default() });
        let mut second = first.joined(at(60_000), UnixMillis(1_060_000));
        second.live(at(60_500));
        let summary = second.summary(at(61_500));
        assert_eq!(summary.started, UnixMillis(1_060_000), "its own beginning");
        assert_eq!(summary.setup_ms, Some(0), "no ICE and no DTLS of its own");
        assert_eq!((summary.ice_gathering_ms, summary.handshake_ms), (None, None), "nothing was negotiated");
        assert_eq!(summary.talk_ms, 1_000, "its own talk time");
        assert_eq!((summary.path_losses, summary.failure), (0, None), "the first call's trouble is not its own");
        assert_eq!(summary.route.map(|route| route.local).as_deref(), Some("relay"), "the way is the same");
    }

    #[test]
    fn times_are_measured_between_the_right_events_and_the_first_failure_stays() {
        let zero = Instant::now();
        let at = |millis: u64| zero + Duration::from_millis(millis);
        let mut ledger = Ledger::new(zero, UnixMillis(1_000_000));
        ledger.offering(at(5));
        ledger.described(at(12));
        ledger.gathered(at(40));
        ledger.answered(at(140));
        ledger.connected(at(300));
        ledger.accepted(at(2_000));
        ledger.live(at(2_100));
        ledger.heard(at(2_150));
        // An ICE restart in the call passes the same stations again.
        ledger.offering(at(5_000));
        ledger.answered(at(5_100));
        ledger.stats(MediaStats { mos: Some(3.1), ..MediaStats::default() });
        ledger.stats(MediaStats { mos: Some(4.2), ..MediaStats::default() });
        ledger.failed(MediaFailure::PathLost);
        ledger.failed(MediaFailure::Offer);
        let summary = ledger.summary(at(12_100));
        assert_eq!(summary.started, UnixMillis(1_000_005), "it starts with the offer");
        assert_eq!(summary.ended, UnixMillis(1_012_100));
        assert_eq!(summary.initialization_ms, Some(7));
        assert_eq!(summary.ice_gathering_ms, Some(28));
        assert_eq!(summary.handshake_ms, Some(100), "invitation to first answer");
        assert_eq!(summary.setup_ms, Some(295));
        assert_eq!(summary.accept_to_audio_ms, Some(150));
        assert_eq!(summary.talk_ms, 10_000);
        assert_eq!(summary.worst_mos, Some(3.1), "the worst second, not the last");
        assert_eq!(summary.failure, Some(MediaFailure::PathLost));
    }
}
