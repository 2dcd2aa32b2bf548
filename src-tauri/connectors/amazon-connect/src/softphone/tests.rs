#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use trunkline_model::{StreamStats, UnixMillis};

use super::report::report;
use super::*;
use crate::fixture;
use crate::wire::{Incoming, Private, RpcBody, StreamType, WireFrame, decode_content};

const RTC: &str = "amazon-connect-softphone";
const INVITE: &str = "a3d2f7b0-9c41-4a7e-8d1f-5be6c0f47a11";

struct Bench {
    call: Call,
    settings: AmazonConnectSettings,
    start: Instant,
    at: Duration,
    sent: Vec<Value>,
}

fn entry() -> IceServerEntry {
    IceServerEntry {
        urls: vec!["turn:host.:3478?transport=udp".to_owned()],
        username: Private::new("user"),
        credential: Private::new("secret"),
    }
}

fn open() -> CallAction {
    CallAction::Open { servers: vec![entry()], standby: true }
}

fn open_again() -> CallAction {
    CallAction::Open { servers: vec![entry()], standby: false }
}

fn fixed_id() -> String {
    INVITE.to_owned()
}

fn offer() -> MediaOffer {
    let params = fixture::json(RTC, "rpc-invite.v2.json")["jsonRpcMsg"]["params"].clone();
    MediaOffer {
        sdp: params["sdp"].as_str().unwrap().to_owned(),
        candidates: serde_json::from_value(params["candidates"].clone()).unwrap(),
    }
}

fn rpc(name: &str) -> CallInput {
    match WireFrame::decode(&fixture::text(RTC, name)) {
        WireFrame::Data { content, .. } => CallInput::Rpc(decode_content(&content).unwrap()),
        other => panic!("{name}: {other:?}"),
    }
}

impl Bench {
    fn new(signalling: bool) -> (Self, Vec<CallAction>) {
        Self::with(signalling, vec![entry()])
    }

    fn with(signalling: bool, ice_servers: Vec<IceServerEntry>) -> (Self, Vec<CallAction>) {
        Self::on(signalling, ice_servers, Keep::default(), None)
    }

    fn on(
        signalling: bool,
        ice_servers: Vec<IceServerEntry>,
        keep: Keep,
        kept: Option<Peer>,
    ) -> (Self, Vec<CallAction>) {
        let settings = AmazonConnectSettings::default();
        let start = Instant::now();
        let facts = CallFacts {
            contact_id: "6f0c2b1e-8f43-4c0f-9d5d-2f5b7a3c1e90".to_owned(),
            connection_id: "b7a1f2d4-3c58-4d3b-8a21-5f1f6d0e9c77".to_owned(),
            call_context_token: Some(Private::new("EXAMPLE-CALL-CONTEXT-TOKEN")),
            ice_servers,
            keep,
            kept,
        };
        let now = Now { at: start, wall: UnixMillis(1_763_690_012_500) };
        let (call, actions) =
            Call::new(facts, "2c1d7a60-54e9-4f0b-9a7c-1b6f3e8d2a45".to_owned(), signalling, now, &settings);
        let bench = Self { call: call.with_ids(fixed_id), settings, start, at: Duration::ZERO, sent: Vec::new() };
        (bench, actions)
    }

    fn now(&self) -> Now {
        let wall = UnixMillis(1_763_690_012_500).shifted(self.at.as_millis() as i64);
        Now { at: self.start + self.at, wall }
    }

    fn give(&mut self, input: CallInput) -> Vec<CallAction> {
        let actions = self.call.handle(input, self.now(), Skew::default(), &self.settings);
        self.note(&actions);
        actions
    }

    fn wait(&mut self, time: Duration) -> Vec<CallAction> {
        self.at += time;
        let actions = self.call.tick(self.now(), &self.settings);
        self.note(&actions);
        actions
    }

    fn note(&mut self, actions: &[CallAction]) {
        for action in actions {
            if let CallAction::Send(text) = action {
                self.sent.push(serde_json::from_str(text).unwrap());
            }
        }
    }

    fn methods(&self) -> Vec<&str> {
        self.sent.iter().map(|frame| frame["jsonRpcMsg"]["method"].as_str().unwrap_or("reply")).collect()
    }

    fn to_invited(signalling: bool) -> Self {
        let (mut bench, _) = Self::new(signalling);
        bench.give(CallInput::Opened(Ok(())));
        bench.give(CallInput::Offered(Ok(offer())));
        bench
    }

    fn to_up() -> Self {
        let mut bench = Self::to_invited(true);
        bench.give(rpc("rpc-answer.media-cluster.json"));
        bench.give(CallInput::Answered(Ok(())));
        bench.give(CallInput::Media(MediaEvent::Connected));
        bench
    }
}

#[test]
fn an_ordinary_call_sends_what_was_recorded() {
    let (mut bench, first) = Bench::new(true);
    assert_eq!(first, [open()], "the leg is built while it rings, with the contact's relays");
    assert_eq!(bench.give(CallInput::Opened(Ok(()))), [CallAction::Offer], "then the offer");
    bench.give(CallInput::Offered(Ok(offer())));
    assert_eq!(bench.sent[0], fixture::json(RTC, "rpc-invite.v2.json"), "the recorded invite");
    let answered = bench.give(rpc("rpc-answer.media-cluster.json"));
    assert!(
        matches!(&answered[..], [CallAction::Send(_), CallAction::Answer { candidates, .. }] if candidates.len() == 1),
        "accept is written before the answer is applied: {answered:?}"
    );
    let mut accept = fixture::json(RTC, "rpc-accept.v2.json");
    accept["jsonRpcMsg"]["id"] = json!(INVITE);
    assert_eq!(bench.sent[1], accept, "the recorded accept, with the peer's id and token");
    assert!(bench.give(CallInput::Answered(Ok(()))).is_empty(), "nothing to do: media comes up by itself");
    assert_eq!(bench.give(CallInput::Live), [CallAction::GoLive], "the agent accepts: audio at once");
    assert!(bench.give(CallInput::Live).is_empty(), "once");
    let over = bench.give(CallInput::Over);
    assert!(matches!(&over[..], [CallAction::Send(_), CallAction::Close]), "bye, and the leg closes: {over:?}");
    let mut bye = fixture::json(RTC, "rpc-bye.client.json");
    bye["jsonRpcMsg"]["id"] = json!(INVITE);
    assert_eq!(bench.sent[2], bye, "the recorded bye");
    let summary = CallSummary { talk_ms: 181_010, ..CallSummary::default() };
    let closed = bench.give(CallInput::Closed { summary: Box::new(summary), current: true });
    assert!(
        matches!(&closed[..], [CallAction::Report(report)] if report.talk_time_millis == Some(181_010)),
        "the report"
    );
    assert!(!bench.call.is_done(), "the bye is not answered yet");
    bench.wait(Duration::from_secs(2));
    assert!(bench.call.is_done(), "after 2 s it does not matter any more");
}

#[rstest]
#[case(400, MediaFailure::SignallingHandshake)]
#[case(403, MediaFailure::SignallingHandshake)]
#[case(404, MediaFailure::CallNotFound)]
#[case(408, MediaFailure::SignallingHandshake)]
#[case(409, MediaFailure::SignallingHandshake)]
#[case(486, MediaFailure::UserBusy)]
#[case(500, MediaFailure::SignallingHandshake)]
fn each_error_code_has_its_meaning(#[case] code: u16, #[case] failure: MediaFailure) {
    let mut bench = Bench::to_invited(true);
    let actions = bench.give(rpc(&format!("rpc-invite-error.{code}.json")));
    assert_eq!(actions, [CallAction::Fail(failure)], "the leg fails (table 5.3), which is told once, by the desk");
    assert!(!bench.call.is_done(), "the contact stays, and so does the call");
}

#[test]
fn no_answer_in_five_seconds_fails_and_a_new_leg_is_tried() {
    let mut bench = Bench::to_invited(true);
    assert!(bench.wait(Duration::from_millis(4_999)).is_empty(), "not before");
    let actions = bench.wait(Duration::from_millis(1));
    assert_eq!(actions, [CallAction::Fail(MediaFailure::SignallingHandshake)], "the leg fails");
    let again = bench.wait(Duration::from_secs(2));
    assert_eq!(again, [CallAction::Close, open_again()], "a new leg instead of the failed one");
    bench.give(CallInput::Opened(Ok(())));
    bench.give(CallInput::Offered(Ok(offer())));
    bench.give(rpc("rpc-answer.media-cluster.json"));
    assert!(bench.give(CallInput::Answered(Ok(()))).is_empty(), "all is well again, and nothing was said by us");
}

#[test]
fn a_leg_that_cannot_be_made_is_told_until_there_is_one() {
    let (mut bench, _) = Bench::new(true);
    let failed = CallInput::Opened(Err(MediaError::Failed(MediaFailure::Offer)));
    assert_eq!(bench.give(failed), [CallAction::Tell(MediaFailure::Offer)], "there is no leg that could say it");
    assert_eq!(bench.wait(Duration::from_secs(2)), [open_again()], "it is tried again");
    bench.give(CallInput::Opened(Ok(())));
    bench.give(CallInput::Offered(Ok(offer())));
    bench.give(rpc("rpc-answer.media-cluster.json"));
    assert_eq!(bench.give(CallInput::Answered(Ok(()))), [CallAction::Withdraw], "all is well again: the message goes");
}

#[test]
fn an_unreachable_relay_is_told_once_and_tried_again_only_so_often() {
    let (mut bench, _) = Bench::new(true);
    let mut opened = 1;
    for _ in 0..10 {
        bench.give(CallInput::Opened(Ok(())));
        let failure = MediaError::Failed(MediaFailure::IceGatheringTimeout);
        let actions = bench.give(CallInput::Offered(Err(failure)));
        assert!(
            !actions.contains(&CallAction::Tell(MediaFailure::IceGatheringTimeout)),
            "the desk says it: {actions:?}"
        );
        let actions = bench.wait(Duration::from_secs(2));
        opened += actions.iter().filter(|action| matches!(action, CallAction::Open { .. })).count();
    }
    assert_eq!(opened, 3, "one leg and two more");
}

#[test]
fn without_signalling_it_waits_ten_seconds_in_all() {
    let mut bench = Bench::to_invited(false);
    assert!(bench.sent.is_empty(), "nothing to send it on");
    bench.at = Duration::from_secs(9);
    bench.give(CallInput::Signalling(true));
    assert_eq!(bench.methods(), ["invite"], "it goes out when the socket is there");
    let mut late = Bench::to_invited(false);
    let actions = late.wait(Duration::from_secs(10));
    assert_eq!(actions, [CallAction::Fail(MediaFailure::SignallingConnect)], "and otherwise fails");
}

#[test]
fn a_lost_socket_repeats_the_same_invitation() {
    let mut bench = Bench::to_invited(true);
    bench.give(CallInput::Signalling(false));
    assert!(bench.wait(Duration::from_secs(6)).is_empty(), "the answer cannot come: its time-out stands still");
    bench.give(CallInput::Signalling(true));
    assert_eq!(bench.methods(), ["invite", "invite"], "again on the next socket");
    assert_eq!(bench.sent[0], bench.sent[1], "the same one, id included");
    let actions = bench.give(rpc("rpc-answer.media-cluster.json"));
    assert!(actions.iter().any(|action| matches!(action, CallAction::Answer { .. })), "and its answer counts");
}

#[test]
fn a_lost_socket_does_not_touch_a_call() {
    let mut bench = Bench::to_up();
    assert!(bench.give(CallInput::Signalling(false)).is_empty(), "the audio goes on");
    assert!(bench.wait(Duration::from_secs(60)).is_empty(), "for as long as it takes");
    let over = bench.give(CallInput::Over);
    assert_eq!(over, [CallAction::Close], "and no bye can be sent at its end");
}

#[test]
fn a_path_lost_for_three_seconds_is_mended_with_fresh_credentials() {
    let mut bench = Bench::to_up();
    bench.give(CallInput::Media(MediaEvent::PathLost));
    assert!(bench.wait(Duration::from_millis(2_999)).is_empty(), "it may come back by itself");
    assert_eq!(bench.wait(Duration::from_millis(1)), [CallAction::FetchIceServers], "CreateTransport softphone");
    assert_eq!(
        bench.give(CallInput::IceServers(Ok(vec![entry()]))),
        [CallAction::Restart(vec![entry()])],
        "a new offer"
    );
    bench.give(CallInput::Offered(Ok(offer())));
    let invite = bench.sent.last().unwrap()["jsonRpcMsg"]["params"].clone();
    assert_eq!(invite["iceRestart"], true, "an invitation of its own kind");
    assert_eq!(invite["peerConnectionToken"], "EXAMPLE-PEER-CONNECTION-TOKEN", "with the peer's token");
    assert!(invite.get("callContextToken").is_none(), "and without the call's");
    bench.give(rpc("rpc-answer.media-cluster.json"));
    bench.give(CallInput::Media(MediaEvent::PathRestored));
    assert!(bench.give(CallInput::Answered(Ok(()))).is_empty(), "mended");
    assert!(bench.wait(Duration::from_secs(60)).is_empty(), "and quiet");
}

#[test]
fn a_path_that_comes_back_in_time_is_left_alone() {
    let mut bench = Bench::to_up();
    bench.give(CallInput::Media(MediaEvent::PathLost));
    bench.at += Duration::from_secs(2);
    bench.give(CallInput::Media(MediaEvent::PathRestored));
    assert!(bench.wait(Duration::from_secs(10)).is_empty(), "no restart");
}

#[test]
fn without_the_peers_token_there_is_no_restart() {
    let mut bench = Bench::to_invited(true);
    bench.give(rpc("rpc-answer.legacy-path.json"));
    bench.give(CallInput::Answered(Ok(())));
    bench.give(CallInput::Media(MediaEvent::PathLost));
    assert!(bench.wait(Duration::from_secs(30)).is_empty(), "the older path cannot do it");
}

#[test]
fn a_refused_restart_is_retried_three_times_a_second_apart() {
    let mut bench = Bench::to_up();
    bench.give(CallInput::Media(MediaEvent::PathLost));
    bench.wait(Duration::from_secs(3));
    bench.give(CallInput::IceServers(Ok(vec![entry()])));
    bench.give(CallInput::Offered(Ok(offer())));
    for _ in 0..6 {
        bench.give(rpc("rpc-invite-error.500.json"));
        bench.wait(Duration::from_secs(1));
    }
    let invites = bench.methods().iter().filter(|method| **method == "invite").count();
    assert_eq!(invites, 1 + 4, "the call's own, and one with three retries");
    assert_eq!(bench.wait(Duration::from_secs(10)), [CallAction::FetchIceServers], "still lost: from the beginning");
}

#[test]
fn a_bye_of_the_service_is_answered_and_ends_the_leg() {
    let mut bench = Bench::to_up();
    let actions = bench.give(rpc("rpc-bye.server.json"));
    assert_eq!(bench.sent.last().unwrap(), &fixture::json(RTC, "rpc-bye.server.reply.json"), "the recorded reply");
    assert!(actions.contains(&CallAction::Close), "the leg closes");
    assert!(bench.give(CallInput::Over).is_empty(), "no second bye when the contact follows");
}

#[test]
fn a_refused_accept_ends_the_leg_only_for_403() {
    let mut bench = Bench::to_up();
    assert!(bench.give(rpc("rpc-invite-error.500.json")).is_empty(), "only logged");
    let actions = bench.give(rpc("rpc-invite-error.403.json"));
    assert_eq!(actions, [CallAction::Fail(MediaFailure::SignallingHandshake)], "403 is final");
    assert!(bench.wait(Duration::from_secs(60)).is_empty(), "and is not tried again");
}

#[test]
fn a_contact_without_relays_gets_some_from_the_platform() {
    let (mut bench, first) = Bench::with(true, Vec::new());
    assert_eq!(first, [CallAction::FetchIceServers], "asked for");
    assert_eq!(bench.give(CallInput::IceServers(Ok(vec![entry()]))), [open()], "and used");
    let (mut refused, _) = Bench::with(true, Vec::new());
    let actions = refused.give(CallInput::IceServers(Err(MediaFailure::TooManySessions)));
    assert_eq!(actions, [CallAction::Tell(MediaFailure::TooManySessions)], "or the agent is told why not");
}

#[test]
fn a_contact_that_ends_while_the_leg_opens_leaves_nothing_behind() {
    let (mut bench, _) = Bench::new(true);
    assert!(bench.give(CallInput::Over).is_empty(), "nothing to close yet");
    assert_eq!(bench.give(CallInput::Opened(Ok(()))), [CallAction::Close], "it closes as soon as it is there");
    bench.give(CallInput::Closed { summary: Box::default(), current: true });
    assert!(bench.call.is_done(), "and that was all");
    assert!(bench.sent.is_empty(), "no invite, no bye");
}

#[test]
fn an_accept_before_the_leg_is_there_counts_when_it_is() {
    let (mut bench, _) = Bench::new(true);
    assert!(bench.give(CallInput::Live).is_empty(), "nothing to enliven yet");
    assert_eq!(
        bench.give(CallInput::Opened(Ok(()))),
        [CallAction::Offer, CallAction::GoLive],
        "audio as soon as possible"
    );
}

#[test]
fn statistics_go_out_every_thirty_seconds_as_growth() {
    let mut bench = Bench::to_up();
    let stats = |packets: u64, lost: i64| {
        let stream = StreamStats { packets, packets_lost: lost, jitter_ms: 1.0, level: 0.5 };
        let stats = MediaStats {
            received: stream,
            sent: stream,
            round_trip_ms: Some(86.4),
            jitter_buffer_delay_total_s: 1.24,
            ..MediaStats::default()
        };
        CallInput::Media(MediaEvent::Stats(Box::new(stats)))
    };
    bench.give(stats(50, 0));
    bench.give(stats(100, 3));
    bench.give(stats(99, 2));
    let actions = bench.wait(Duration::from_secs(30));
    let [CallAction::Metrics(list)] = &actions[..] else {
        panic!("one report of metrics: {actions:?}");
    };
    let heard: Vec<_> = list.iter().filter(|s| s.softphone_stream_type == StreamType::AudioInput).collect();
    let counts: Vec<_> = heard.iter().map(|s| (s.packet_count, s.packets_lost)).collect();
    assert_eq!(
        counts,
        [(Some(50), Some(0)), (Some(50), Some(3)), (Some(0), Some(0))],
        "first absolute, then growth, never negative"
    );
    let sample = serde_json::to_value(heard[0]).unwrap();
    let recorded =
        fixture::json(RTC, "send-softphone-call-metrics.request.json")["softphoneStreamStatistics"][0].clone();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(keys(&sample), keys(&recorded), "the recorded members");
    assert_eq!(sample["audioLevel"], 16384, "level x 32768");
    assert_eq!(sample["jitterBufferMillis"], 1240, "cumulative");
    assert_eq!(sample["roundTripTimeMillis"], 86, "round trip");
    assert!(bench.wait(Duration::from_secs(30)).is_empty(), "an empty list is not sent");
}

#[test]
fn the_report_has_the_recorded_members() {
    let summary = CallSummary {
        initialization_ms: Some(61),
        ice_gathering_ms: Some(148),
        handshake_ms: Some(412),
        setup_ms: Some(690),
        ..CallSummary::default()
    };
    let ours = report(&summary, Some(Duration::from_millis(2)), Some(Duration::from_millis(4)), Skew::default());
    let ours = serde_json::to_value(&ours).unwrap();
    let mut recorded = fixture::json(RTC, "send-softphone-call-report.request.json")["report"].clone();
    // The microphone opens on accept here, so there is no time to report for it.
    recorded.as_object_mut().unwrap().remove("gumTimeMillis");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(keys(&ours), keys(&recorded), "same members");
    assert_eq!(
        keys(&ours["softphoneStreamStatistics"][0]),
        keys(&recorded["softphoneStreamStatistics"][0]),
        "of the streams too"
    );
    for failure in [
        (MediaFailure::IceGatheringTimeout, "iceCollectionFailure"),
        (MediaFailure::SignallingConnect, "signallingConnectionFailure"),
        (MediaFailure::SignallingHandshake, "handshakeFailure"),
        (MediaFailure::UserBusy, "userBusyFailure"),
        (MediaFailure::InvalidRemoteDescription, "invalidRemoteSDPFailure"),
        (MediaFailure::NoRemoteCandidate, "noRemoteIceCandidateFailure"),
        (MediaFailure::Offer, "createOfferFailure"),
    ] {
        let summary = CallSummary { failure: Some(failure.0), ..CallSummary::default() };
        let ours = serde_json::to_value(report(&summary, None, None, Skew::default())).unwrap();
        assert_eq!(ours[failure.1], true, "{:?} is reported", failure.0);
    }
}

fn persistent() -> Keep {
    Keep { persistent: true, extended: false }
}

fn peer() -> Peer {
    Peer {
        id: Some("pc-9d1f4a72-0b3e-4c6d-8e25-7f1a9c3b5d60".to_owned()),
        token: Some(Private::new("EXAMPLE-PEER-CONNECTION-TOKEN")),
    }
}

fn params(bench: &Bench) -> Value {
    bench.sent.last().unwrap()["jsonRpcMsg"]["params"].clone()
}

/// A call on a kept connection, its connectContact sent.
fn joining() -> Bench {
    let (mut bench, first) = Bench::on(true, vec![entry()], persistent(), Some(peer()));
    assert_eq!(first, [CallAction::Join], "no connection of its own, and no credentials asked for");
    bench.give(CallInput::Opened(Ok(())));
    bench.give(CallInput::Media(MediaEvent::Connected));
    bench
}

#[test]
fn the_first_call_asks_to_keep_its_connection_and_leaves_it_with_disconnect_contact() {
    let (mut bench, first) = Bench::on(true, vec![entry()], persistent(), None);
    assert_eq!(first, [open()], "built as any other, or on the standby connection");
    bench.give(CallInput::Opened(Ok(())));
    bench.give(CallInput::Offered(Ok(offer())));
    assert_eq!(params(&bench)["persistentConnection"], true, "it asks");
    let answered = bench.give(rpc("rpc-answer.media-cluster.json"));
    let kept = CallAction::Keep { peer: peer(), inactivity_ms: Some(600_000) };
    assert!(answered.contains(&kept), "a peerConnectionId is the permission: {answered:?}");
    assert_eq!(params(&bench)["persistentConnection"], true, "accept says so too");
    bench.give(CallInput::Answered(Ok(())));
    let over = bench.give(CallInput::Over);
    assert!(over.contains(&CallAction::Close), "the leg ends: {over:?}");
    let mut recorded = fixture::json(RTC, "rpc-disconnect-contact.json");
    recorded["jsonRpcMsg"]["id"] = json!(INVITE);
    assert_eq!(bench.sent.last().unwrap(), &recorded, "the recorded disconnectContact instead of a bye");
}

#[test]
fn an_agent_who_is_not_allowed_ends_with_an_ordinary_bye() {
    let (mut bench, _) = Bench::on(true, vec![entry()], persistent(), None);
    bench.give(CallInput::Opened(Ok(())));
    bench.give(CallInput::Offered(Ok(offer())));
    let answered = bench.give(rpc("rpc-answer.legacy-path.json"));
    assert!(!answered.iter().any(|action| matches!(action, CallAction::Keep { .. })), "no id, no permission");
    bench.give(CallInput::Answered(Ok(())));
    bench.give(CallInput::Over);
    assert_eq!(bench.methods().last(), Some(&"bye"), "all is torn down");
}

#[test]
fn a_later_call_is_connect_contact_alone() {
    let mut bench = joining();
    let mut recorded = fixture::json(RTC, "rpc-connect-contact.json");
    recorded["jsonRpcMsg"]["id"] = json!(INVITE);
    assert_eq!(bench.sent, [recorded], "the recorded message: no SDP, no candidates, no accept");
    assert_eq!(bench.give(CallInput::Live), [CallAction::GoLive], "speech flows without waiting for the answer");
    bench.give(CallInput::Over);
    assert_eq!(bench.methods(), ["connectContact", "disconnectContact"], "and it leaves as it came");
}

/// `connectContact` that comes to nothing, in each way.
#[rstest]
#[case::refused(|bench: &mut Bench| bench.give(rpc("rpc-connect-contact-error.stale.json")))]
#[case::silent(|bench: &mut Bench| bench.wait(Duration::from_secs(5)))]
#[case::path_failed(|bench: &mut Bench| bench.give(CallInput::Media(MediaEvent::Failed(MediaFailure::PathLost))))]
fn a_useless_kept_connection_costs_the_agent_nothing(#[case] fails: fn(&mut Bench) -> Vec<CallAction>) {
    let (mut bench, _) = Bench::on(true, vec![entry()], persistent(), Some(peer()));
    bench.call = bench.call.with_ids(|| "77d0e1c2-b3a4-4f5e-9d6c-8b7a6f5e4d44".to_owned());
    bench.give(CallInput::Opened(Ok(())));
    let actions = fails(&mut bench);
    let wanted = [CallAction::Forsake { bye: true }, CallAction::Close, open()];
    assert_eq!(actions, wanted, "a normal invite at once, and not a word to the agent");
    bench.give(CallInput::Live);
    let opened = bench.give(CallInput::Opened(Ok(())));
    assert_eq!(opened, [CallAction::Offer, CallAction::GoLive], "an accept meanwhile counts on the new leg");
    bench.give(CallInput::Offered(Ok(offer())));
    assert_eq!(bench.methods(), ["connectContact", "invite"], "the normal way");
    assert_eq!(params(&bench)["persistentConnection"], true, "and the new connection may be kept again");
}

#[test]
fn a_kept_connection_without_a_leg_is_given_up_as_well() {
    let (mut bench, _) = Bench::on(true, vec![entry()], persistent(), Some(peer()));
    let actions = bench.give(CallInput::Opened(Err(MediaError::Closed)));
    assert_eq!(actions, [CallAction::Forsake { bye: true }, open()], "it died under us: a leg of its own");
}

#[test]
fn a_caller_who_has_gone_is_not_called_back_by_an_invite() {
    let mut bench = joining();
    let id = bench.sent[0]["jsonRpcMsg"]["id"].as_str().unwrap().to_owned();
    let error = crate::wire::RpcError { code: 404, message: String::new() };
    let gone = Incoming { connection_id: None, client_id: None, body: RpcBody::Failure { id, error } };
    assert_eq!(bench.give(CallInput::Rpc(gone)), [CallAction::Fail(MediaFailure::CallNotFound)], "told, not retried");
    assert!(bench.wait(Duration::from_secs(60)).is_empty(), "nor later");
}

#[test]
fn connect_contact_waits_for_the_socket_and_is_repeated_after_a_lost_one() {
    let (mut waiting, _) = Bench::on(false, vec![entry()], persistent(), Some(peer()));
    waiting.give(CallInput::Opened(Ok(())));
    assert!(waiting.sent.is_empty(), "nothing to send it on");
    waiting.give(CallInput::Signalling(true));
    assert_eq!(waiting.methods(), ["connectContact"], "it goes out when the socket is there");
    waiting.give(CallInput::Signalling(false));
    assert!(waiting.wait(Duration::from_secs(6)).is_empty(), "its time-out stands still");
    waiting.give(CallInput::Signalling(true));
    assert_eq!(waiting.sent[0], waiting.sent[1], "the same one again");
}

#[test]
fn ice_restarts_on_a_kept_connection_and_its_names_are_renewed() {
    let mut bench = joining();
    let id = bench.sent[0]["jsonRpcMsg"]["id"].as_str().unwrap().to_owned();
    let done = Incoming { connection_id: None, client_id: None, body: RpcBody::Result { id, result: json!({}) } };
    bench.give(CallInput::Rpc(done));
    bench.give(CallInput::Media(MediaEvent::PathLost));
    assert_eq!(bench.wait(Duration::from_secs(3)), [CallAction::FetchIceServers], "fresh credentials");
    bench.give(CallInput::IceServers(Ok(vec![entry()])));
    bench.give(CallInput::Offered(Ok(offer())));
    let recorded = fixture::json(RTC, "rpc-invite.v2-ice-restart.json")["jsonRpcMsg"]["params"].clone();
    let sent = params(&bench);
    for name in ["persistentConnection", "peerConnectionId", "peerConnectionToken", "iceRestart"] {
        assert_eq!(sent[name], recorded[name], "{name} as recorded");
    }
    let answered = bench.give(rpc("rpc-answer.media-cluster.json"));
    assert!(answered.iter().any(|action| matches!(action, CallAction::Keep { .. })), "later calls use the new names");
}

#[test]
fn an_end_that_cannot_be_said_ends_the_connection_too() {
    let mut bench = joining();
    bench.give(CallInput::Signalling(false));
    let over = bench.give(CallInput::Over);
    assert_eq!(
        over,
        [CallAction::Forsake { bye: true }, CallAction::Close],
        "the service would think the call goes on"
    );
    let mut server = joining();
    let over = server.give(rpc("rpc-bye.server.json"));
    assert!(over.contains(&CallAction::Forsake { bye: false }), "nor is it used after the service's own bye: {over:?}");
}

#[test]
fn the_extended_option_is_passed_through_in_invite() {
    for extended in [false, true] {
        let (mut bench, _) = Bench::on(true, vec![entry()], Keep { extended, ..persistent() }, None);
        bench.give(CallInput::Opened(Ok(())));
        bench.give(CallInput::Offered(Ok(offer())));
        assert_eq!(params(&bench)["allowExtendedPersistentConnection"], extended, "as the administrator set it");
    }
}
