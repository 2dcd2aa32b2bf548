#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::json;
use trunkline_connector::ports::{HttpFailure, HttpResponse};
use trunkline_model::LinkState;

use super::tests::{Bench, exception, response, stored};
use super::*;
use crate::fixture;

#[test]
fn a_row_of_failures_is_offline_and_one_success_ends_it() {
    let mut bench = Bench::online();
    bench.wait(100);
    bench.fail("GetAgentSnapshot", HttpFailure::Connect);
    bench.wait(1_000);
    bench.fail("GetAgentSnapshot", HttpFailure::Connect);
    assert_eq!(bench.link().state, LinkState::Degraded, "two");
    bench.wait(2_000);
    bench.fail("GetAgentSnapshot", HttpFailure::Connect);
    assert_eq!(bench.link().state, LinkState::Offline, "three in a row");
    assert_eq!(bench.reason().as_deref(), Some("link_reason_unreachable"), "for the same reason");
    bench.wait(5_000);
    bench.snapshot("idle");
    assert_eq!(bench.link().state, LinkState::Online, "mended");
    bench.wait(100);
    bench.fail("GetAgentSnapshot", HttpFailure::Connect);
    assert_eq!(bench.link().state, LinkState::Degraded, "the row begins anew");
}

#[test]
fn a_failure_that_nothing_follows_is_offline_after_a_while() {
    let mut bench = Bench::online();
    bench.wait(100);
    bench.fail("GetAgentSnapshot", HttpFailure::Timeout);
    bench.wait(1_000);
    assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "the next one hangs");
    bench.wait(8_900);
    assert_eq!(bench.link().state, LinkState::Degraded, "not yet");
    let since = bench.link().since;
    bench.wait(100);
    assert_eq!(bench.link().state, LinkState::Offline, "ten seconds after the first failure");
    assert!(bench.link().since > since, "since now");
    let mut bench = Bench::new();
    bench.give(Input::Start(stored()));
    bench.fail("GetAgentSnapshot", HttpFailure::Connect);
    assert_eq!(bench.link().state, LinkState::Offline, "before the first picture there is nothing to go on with");
}

#[test]
fn a_failing_deep_heartbeat_is_degraded() {
    let mut bench = Bench::online();
    let frame = |bench: &mut Bench, name: &str| {
        bench.give(Input::SocketFrame(SocketId(1), fixture::text("amazon-connect-chat", name)));
    };
    frame(&mut bench, "ws-ping.failure.json");
    assert_eq!(bench.link().state, LinkState::Degraded, "what is behind the socket does not answer");
    assert_eq!(bench.reason().as_deref(), Some("link_reason_socket_shallow"), "in words");
    frame(&mut bench, "ws-ping.success.json");
    assert_eq!(bench.link().state, LinkState::Online, "until it does");
}

#[rstest]
#[case(exception(500, "InternalServiceError"), "link_reason_server_error")]
#[case(exception(429, "ThrottlingException"), "link_reason_throttled")]
#[case(exception(400, "ThrottlingException"), "link_reason_throttled")]
#[case(exception(403, "AccessDeniedException"), "link_reason_access_denied")]
#[case(exception(400, "PaginationException"), "link_reason_refused")]
#[case(response(200, &json!({"snapshot": {}})), "link_reason_malformed_answer")]
#[case(response(200, &json!("<html>")), "link_reason_malformed_answer")]
fn each_bad_answer_has_its_message_and_is_mended(#[case] answer: HttpResponse, #[case] reason: &str) {
    let mut bench = Bench::online();
    bench.snapshot("voice-connected");
    bench.wait(100);
    bench.answer("GetAgentSnapshot", answer);
    assert_eq!(bench.link().state, LinkState::Degraded, "one failure may pass by itself");
    assert_eq!(bench.reason().as_deref(), Some(reason), "and why");
    assert!(bench.link().retry_at.is_some(), "with the time of the next try");
    assert!(!bench.events.iter().any(|event| matches!(event, Event::ContactGone { .. })), "the call is not lost");
    bench.wait(1_000);
    let poll = bench.snapshot("voice-connected");
    assert!(poll.get("nextToken").is_none(), "the whole state is asked for: it comes at once");
    assert_eq!(bench.link().state, LinkState::Online, "mended");
    let resyncs = bench.events.iter().filter(|event| **event == Event::ResyncEnd).count();
    assert_eq!(resyncs, 2, "with a whole picture");
}

#[rstest]
#[case(HttpFailure::Connect, "link_reason_unreachable")]
#[case(HttpFailure::Tls, "link_reason_not_secure")]
#[case(HttpFailure::Timeout, "link_reason_no_answer")]
#[case(HttpFailure::Broken, "link_reason_connection_broken")]
#[case(HttpFailure::TooLarge, "link_reason_malformed_answer")]
fn each_missing_answer_has_its_message(#[case] failure: HttpFailure, #[case] reason: &str) {
    let mut bench = Bench::online();
    bench.wait(100);
    bench.fail("GetAgentSnapshot", failure);
    assert_eq!(bench.reason().as_deref(), Some(reason), "the agent is told why");
}

#[test]
fn failures_slow_the_poll_down_and_never_end_it() {
    let mut bench = Bench::online();
    bench.wait(100);
    for pause in [1_000, 2_000, 5_000] {
        bench.fail("GetAgentSnapshot", HttpFailure::Connect);
        bench.wait(pause - 1);
        assert_eq!(bench.waiting("GetAgentSnapshot"), 0, "not before {pause} ms");
        bench.wait(1);
        assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "after {pause} ms");
    }
    for _ in 0..50 {
        bench.fail("GetAgentSnapshot", HttpFailure::Connect);
        bench.wait(6_000);
        assert_eq!(bench.waiting("GetAgentSnapshot"), 1, "for ever");
    }
    assert_eq!(bench.ended, None, "the connector lives");
}
