#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::time::Duration;

use super::*;
use crate::wire::Private;

struct Bench {
    standby: Standby,
    settings: AmazonConnectSettings,
    start: Instant,
    at: Duration,
}

fn relays() -> Vec<IceServerEntry> {
    vec![IceServerEntry {
        urls: vec!["turn:relay.:3478?transport=udp".to_owned()],
        username: Private::new("user"),
        credential: Private::new("secret"),
    }]
}

impl Bench {
    fn new() -> Self {
        Self {
            standby: Standby::default(),
            settings: AmazonConnectSettings::default(),
            start: Instant::now(),
            at: Duration::ZERO,
        }
    }

    fn act(
        &mut self,
        work: impl FnOnce(&mut Standby, Instant, &AmazonConnectSettings, &mut Vec<StandbyAction>),
    ) -> Vec<StandbyAction> {
        let (mut out, now) = (Vec::new(), self.start + self.at);
        work(&mut self.standby, now, &self.settings, &mut out);
        self.standby.tick(now, &mut out);
        out
    }

    fn wanted(&mut self, wanted: bool) -> Vec<StandbyAction> {
        self.act(|standby, now, _, out| standby.wanted(wanted, now, out))
    }

    fn servers(&mut self, line: u64, servers: Option<Vec<IceServerEntry>>) -> Vec<StandbyAction> {
        self.act(|standby, now, settings, out| standby.servers(servers, LineId(line), now, settings, out))
    }

    fn prepared(&mut self, line: u64, good: bool) -> Vec<StandbyAction> {
        self.act(|standby, now, settings, out| standby.prepared(LineId(line), good, now, settings, out))
    }

    fn wait(&mut self, seconds: u64) -> Vec<StandbyAction> {
        self.at += Duration::from_secs(seconds);
        self.act(|_, _, _, _| {})
    }

    fn take(&mut self) -> Option<LineId> {
        self.standby.take(self.start + self.at)
    }

    fn ready(line: u64) -> Self {
        let mut bench = Self::new();
        bench.wanted(true);
        bench.servers(line, Some(relays()));
        bench.prepared(line, true);
        bench
    }
}

#[test]
fn one_is_made_ahead_and_given_to_one_call_only() {
    let mut bench = Bench::new();
    assert_eq!(bench.wanted(true), [StandbyAction::Fetch], "fresh credentials first");
    assert_eq!(bench.take(), None, "nothing to give yet");
    let opened = bench.servers(1, Some(relays()));
    assert_eq!(opened, [StandbyAction::Open(LineId(1), relays())], "a connection with them");
    assert_eq!(bench.take(), None, "not before its candidates are there");
    assert!(bench.prepared(1, true).is_empty(), "ready");
    assert_eq!(bench.take(), Some(LineId(1)), "a call takes it");
    assert_eq!(bench.take(), None, "once");
    assert_eq!(bench.wait(0), [StandbyAction::Fetch], "and the next one is made at once");
}

#[test]
fn it_is_replaced_every_sixty_seconds_and_never_more_than_one_is_left() {
    let mut bench = Bench::ready(1);
    for round in 2..30 {
        assert!(bench.wait(59).is_empty(), "not before its time");
        assert_eq!(bench.wait(1), [StandbyAction::Fetch], "fresh credentials each minute");
        bench.servers(round, Some(relays()));
        let swapped = bench.prepared(round, true);
        assert_eq!(swapped, [StandbyAction::Close(LineId(round - 1))], "the old one goes when the new one is there");
    }
    assert_eq!(bench.take(), Some(LineId(29)), "the newest is given");
}

#[test]
fn while_it_is_replaced_a_call_still_gets_the_old_one() {
    let mut bench = Bench::ready(1);
    bench.wait(60);
    bench.servers(2, Some(relays()));
    assert_eq!(bench.take(), Some(LineId(1)), "no call waits for the refresh");
    assert!(bench.prepared(2, true).is_empty(), "and the taken one is not closed under the call");
}

#[test]
fn going_offline_closes_whatever_there_is() {
    let mut ready = Bench::ready(1);
    assert_eq!(ready.wanted(false), [StandbyAction::Close(LineId(1))], "a ready one");
    assert!(ready.wait(600).is_empty(), "and nothing is made offline");
    assert_eq!(ready.wanted(true), [StandbyAction::Fetch], "back online: anew");
    let mut gathering = Bench::ready(1);
    gathering.wait(60);
    gathering.servers(2, Some(relays()));
    let closed = gathering.wanted(false);
    assert_eq!(closed, [StandbyAction::Close(LineId(2)), StandbyAction::Close(LineId(1))], "both of a refresh");
    assert!(gathering.prepared(2, true).is_empty(), "late news of a closed one");
    assert_eq!(gathering.take(), None, "cannot bring it back");
    let mut fetching = Bench::new();
    fetching.wanted(true);
    fetching.wanted(false);
    assert!(fetching.servers(1, Some(relays())).is_empty(), "late credentials open nothing");
}

#[test]
fn what_cannot_be_made_is_tried_again_after_a_pause_and_leaves_nothing() {
    let mut refused = Bench::ready(1);
    refused.wait(60);
    assert_eq!(refused.servers(2, None), [StandbyAction::Close(LineId(1))], "its own credentials may end any time");
    assert!(refused.wait(29).is_empty(), "the service is not pressed");
    assert_eq!(refused.wait(1), [StandbyAction::Fetch], "but asked again");
    let mut unreachable = Bench::new();
    unreachable.wanted(true);
    unreachable.servers(1, Some(relays()));
    assert_eq!(unreachable.prepared(1, false), [StandbyAction::Close(LineId(1))], "no allocation stays behind");
    assert_eq!(unreachable.take(), None, "and a call makes its own");
    let mut lost = Bench::ready(1);
    let closed = lost.act(|standby, now, settings, out| standby.lost(None, now, settings, out));
    assert_eq!(closed, [StandbyAction::Close(LineId(1))], "idleConnection, quotaBreached");
}

#[test]
fn after_a_sleep_it_is_made_anew() {
    let mut bench = Bench::ready(1);
    let renewed = bench.act(|standby, now, _, out| standby.renew(now, out));
    assert_eq!(renewed, [StandbyAction::Close(LineId(1)), StandbyAction::Fetch], "at once");
}
