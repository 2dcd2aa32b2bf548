#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use trunkline_model::UnixMillis;

use super::*;
use crate::fixture;
use crate::wire::Private;

struct Bench {
    socket: AgentSocket,
    settings: AmazonConnectSettings,
    start: Instant,
    at: Duration,
}

/// In short, for comparing.
fn short(actions: &[SocketAction]) -> Vec<String> {
    // What chats need is tested below; calls do not depend on it.
    let aside = |text: &str| text.contains("aws/chat") || text.contains("aws/ping");
    let of_calls = |action: &&SocketAction| !matches!(action, SocketAction::Send(_, text) if aside(text));
    actions
        .iter()
        .filter(of_calls)
        .map(|action| match action {
            SocketAction::Fetch(id) => format!("fetch {}", id.0),
            SocketAction::Dial(id, _) => format!("dial {}", id.0),
            SocketAction::Send(id, text) if text.contains("heartbeat") => format!("beat {}", id.0),
            SocketAction::Send(id, text) if text.contains("subscribe") => format!("subscribe {}", id.0),
            SocketAction::Send(id, _) => format!("send {}", id.0),
            SocketAction::Close(id) => format!("close {}", id.0),
            SocketAction::Softphone(_) => "softphone".to_owned(),
            SocketAction::Chat(_) => "chat".to_owned(),
            SocketAction::Task(_) => "task".to_owned(),
        })
        .collect()
}

fn transport(url: &str, life_seconds: u64) -> WebSocketTransport {
    WebSocketTransport { url: Private::new(url), life_seconds, expiry: None }
}

fn good() -> WebSocketTransport {
    transport("wss://example.transport.connect.eu-central-1.amazonaws.com/?AuthToken=EXAMPLE", 3869)
}

impl Bench {
    fn new() -> Self {
        Self {
            socket: AgentSocket::default(),
            settings: AmazonConnectSettings::default(),
            start: Instant::now(),
            at: Duration::ZERO,
        }
    }

    fn now(&self) -> Now {
        Now { at: self.start + self.at, wall: UnixMillis(0) }
    }

    fn act(
        &mut self,
        work: impl FnOnce(&mut AgentSocket, Now, &AmazonConnectSettings, &mut Vec<SocketAction>),
    ) -> Vec<String> {
        let mut out = Vec::new();
        let now = self.now();
        work(&mut self.socket, now, &self.settings, &mut out);
        short(&out)
    }

    fn start(&mut self) -> Vec<String> {
        self.act(|socket, _, _, out| socket.start(out))
    }

    fn address(&mut self, id: u64, transport: &WebSocketTransport) -> Vec<String> {
        self.act(|socket, now, settings, out| socket.address(SocketId(id), transport, now, settings, out))
    }

    fn opened(&mut self, id: u64) -> Vec<String> {
        self.act(|socket, now, settings, out| socket.opened(SocketId(id), now, settings, out))
    }

    fn frame(&mut self, id: u64, name: &str) -> Vec<String> {
        let text = fixture::text("amazon-connect-softphone", name);
        self.act(|socket, now, settings, out| socket.frame(SocketId(id), &text, now, settings, out))
    }

    fn lost(&mut self, id: u64) -> Vec<String> {
        self.act(|socket, now, settings, out| socket.lost(SocketId(id), now, settings, out))
    }

    fn wait(&mut self, millis: u64) -> Vec<String> {
        self.at += Duration::from_millis(millis);
        self.act(|socket, now, settings, out| socket.tick(now, settings, out))
    }

    fn ready() -> Self {
        let mut bench = Self::new();
        bench.start();
        bench.address(1, &good());
        bench.opened(1);
        bench.frame(1, "ws-heartbeat.json");
        bench.frame(1, "ws-subscribe.success.json");
        assert!(bench.socket.is_ready(), "the subscription makes it the channel");
        bench
    }

    /// Ten seconds at a time, each heartbeat answered.
    fn live_for(&mut self, id: u64, seconds: u64) -> Vec<String> {
        let mut all = Vec::new();
        for _ in 0..seconds / 10 {
            all.extend(self.wait(10_000));
            self.frame(id, "ws-heartbeat.json");
        }
        all
    }
}

#[test]
fn it_opens_beats_and_subscribes() {
    let mut bench = Bench::new();
    assert_eq!(bench.start(), ["fetch 1"], "CreateTransport first");
    assert!(bench.start().is_empty(), "once");
    assert_eq!(bench.address(1, &good()), ["dial 1"], "then the address as it is");
    assert_eq!(bench.opened(1), ["beat 1", "subscribe 1"], "a heartbeat at open, and the topic");
    assert!(!bench.socket.is_ready(), "not before the platform agrees");
    bench.frame(1, "ws-subscribe.success.json");
    assert!(bench.socket.is_ready(), "now");
}

#[rstest]
#[case("wss://example.com/ws", 3869, true)]
#[case("ws://127.0.0.1:8080/ws", 3869, true)]
#[case("ws://example.com/ws", 3869, false)]
#[case("https://example.com/ws", 3869, false)]
#[case("wss://example.com/ws", 299, false)]
#[case("not an address", 3869, false)]
fn only_safe_addresses_are_dialled(#[case] url: &str, #[case] life: u64, #[case] dialled: bool) {
    let mut bench = Bench::new();
    bench.start();
    assert_eq!(!bench.address(1, &transport(url, life)).is_empty(), dialled, "{url} for {life} s");
    if !dialled {
        assert_eq!(bench.socket.trouble(), Some(SocketTrouble::Unacceptable), "the reason is known");
        assert_eq!(bench.wait(30_000), ["fetch 1"], "and it is tried again, slowly");
    }
}

#[test]
fn an_unanswered_heartbeat_starts_over() {
    let mut bench = Bench::ready();
    assert_eq!(bench.wait(10_000), ["beat 1"], "every ten seconds");
    assert_eq!(bench.wait(10_000), ["close 1", "fetch 2"], "unanswered when the next is due");
    assert!(!bench.socket.is_ready(), "it is lost");
    assert_eq!(bench.socket.trouble(), Some(SocketTrouble::Lost), "and the agent is told");
}

#[test]
fn a_lost_socket_starts_over_at_once_with_a_new_address() {
    let mut bench = Bench::ready();
    assert_eq!(bench.lost(1), ["fetch 2"], "no pause for one that served");
    bench.act(|socket, now, settings, _| socket.no_address(SocketId(2), now, settings));
    assert!(bench.wait(1_999).is_empty(), "then two seconds");
    assert_eq!(bench.wait(1), ["fetch 2"], "and again");
    bench.act(|socket, now, settings, _| socket.no_address(SocketId(2), now, settings));
    assert!(bench.wait(3_999).is_empty(), "then four");
    assert_eq!(bench.wait(1), ["fetch 2"], "and so on");
    for _ in 0..8 {
        bench.act(|socket, now, settings, _| socket.no_address(SocketId(2), now, settings));
        assert_eq!(bench.wait(30_000), ["fetch 2"], "never more than thirty");
    }
}

#[test]
fn a_dial_that_fails_uses_the_address_while_it_is_good() {
    let mut bench = Bench::new();
    bench.start();
    bench.address(1, &good());
    let mut dials = 0;
    loop {
        bench.lost(1);
        let actions = bench.wait(60_000.min(1_300 * (1 << dials)));
        match &actions[..] {
            [action] if action == "dial 1" => dials += 1,
            [action] if action == "fetch 1" => break,
            other => panic!("unexpected {other:?} after {dials} dials"),
        }
    }
    assert!((4..=7).contains(&dials), "doubling pauses within 85 s, then a new address: {dials}");
}

#[test]
fn silence_after_a_subscription_asks_again_and_then_starts_over() {
    let mut bench = Bench::new();
    bench.start();
    bench.address(1, &good());
    bench.opened(1);
    bench.frame(1, "ws-heartbeat.json");
    for _ in 0..3 {
        assert_eq!(bench.wait(1_000), ["subscribe 1"], "each second");
    }
    assert_eq!(bench.wait(1_000), ["close 1"], "after three silent ones it is no use");
    assert_eq!(bench.wait(2_000), ["fetch 1"], "from the beginning");
}

#[test]
fn a_refused_subscription_asks_again_five_times() {
    let mut bench = Bench::new();
    bench.start();
    bench.address(1, &good());
    bench.opened(1);
    for _ in 0..4 {
        assert!(bench.frame(1, "ws-subscribe.failure.json").is_empty(), "a pause");
        assert_eq!(bench.wait(500), ["subscribe 1"], "of half a second");
    }
    assert_eq!(bench.frame(1, "ws-subscribe.failure.json"), ["close 1"], "the fifth is final");
    assert_eq!(bench.socket.trouble(), Some(SocketTrouble::SubscriptionRefused), "with its reason");
}

#[test]
fn before_its_end_a_second_one_takes_over_without_a_gap() {
    let mut bench = Bench::ready();
    let actions = bench.live_for(1, 3800);
    assert!(!actions.iter().any(|action| action.starts_with("fetch")), "not long before");
    let actions = bench.live_for(1, 20);
    assert!(actions.contains(&"fetch 2".to_owned()), "a minute before its end: {actions:?}");
    bench.address(2, &good());
    assert_eq!(bench.opened(2), ["beat 2", "subscribe 2"], "the same topic");
    assert!(bench.socket.is_ready(), "the first still serves");
    let mut out = Vec::new();
    bench.socket.send("{}".to_owned(), &mut out);
    assert_eq!(short(&out), ["send 1"], "messages go on the first");
    assert_eq!(bench.frame(2, "ws-subscribe.success.json"), ["close 1"], "then the first closes");
    assert!(bench.socket.is_ready(), "at no time without");
    let mut out = Vec::new();
    bench.socket.send("{}".to_owned(), &mut out);
    assert_eq!(short(&out), ["send 2"], "and on the second from now on");
}

#[test]
fn a_second_one_that_fails_does_not_hurt_the_first() {
    let mut bench = Bench::ready();
    bench.live_for(1, 3820);
    bench.address(2, &good());
    bench.opened(2);
    bench.lost(2);
    assert!(bench.socket.is_ready(), "the first serves to its end");
    assert_eq!(bench.socket.trouble(), None, "nothing to tell");
}

#[rstest]
#[case("")]
#[case("[]")]
#[case("{")]
#[case(r#"{"topic":7}"#)]
#[case(r#"{"topic":"aws/softphone"}"#)]
#[case(r#"{"message":"Internal server error","connectionId":"x"}"#)]
fn odd_frames_change_nothing(#[case] text: &str) {
    let mut bench = Bench::ready();
    bench.act(|socket, now, settings, out| socket.frame(SocketId(1), text, now, settings, out));
    assert!(bench.socket.is_ready(), "still the channel");
    bench.act(|socket, now, settings, out| socket.frame(SocketId(99), text, now, settings, out));
    assert!(bench.socket.is_ready(), "also from a socket that is no more");
}

fn all_topics() -> String {
    fixture::text("amazon-connect-chat", "ws-subscribe.success.json")
}

#[test]
fn chats_and_tasks_are_subscribed_to_in_a_frame_of_their_own() {
    let mut bench = Bench::new();
    bench.start();
    bench.address(1, &good());
    let mut out = Vec::new();
    let now = bench.now();
    bench.socket.opened(SocketId(1), now, &bench.settings, &mut out);
    let topics = json!({"topic": "aws/subscribe", "content": {"topics": ["aws/chat", "aws/task"]}});
    let is_it = |action: &SocketAction| match action {
        SocketAction::Send(SocketId(1), text) => serde_json::from_str::<Value>(text).is_ok_and(|sent| sent == topics),
        _ => false,
    };
    assert!(out.iter().any(is_it), "both topics, without calls");
    bench.frame(1, "ws-subscribe.success.json");
    assert!(bench.socket.is_ready(), "calls need their own topic only");
    assert!(!bench.socket.brings_chats(), "chats are not granted yet");
    bench.act(|socket, now, settings, out| socket.frame(SocketId(1), &all_topics(), now, settings, out));
    assert!(bench.socket.brings_chats(), "now they are");
    for (name, what) in [("ws-chat-typing.json", "chat"), ("ws-task-expiring.json", "task")] {
        let text = fixture::text("amazon-connect-chat", name);
        let out = bench.act(|socket, now, settings, out| socket.frame(SocketId(1), &text, now, settings, out));
        assert_eq!(out, [what], "{name} is handed on");
    }
}

#[test]
fn an_instance_without_chats_keeps_its_calls() {
    let mut bench = Bench::ready();
    let refusal = fixture::text("amazon-connect-chat", "ws-subscribe.failure.json");
    for _ in 0..40 {
        bench.act(|socket, now, settings, out| socket.frame(SocketId(1), &refusal, now, settings, out));
        let actions = bench.wait(500);
        bench.frame(1, "ws-heartbeat.json");
        assert!(!actions.iter().any(|action| action.starts_with("close")), "the socket stays: {actions:?}");
    }
    assert!(bench.socket.is_ready(), "calls are served");
    assert_eq!(bench.socket.trouble(), None, "and nothing is told");
}

#[test]
fn a_second_socket_takes_over_when_it_brings_chats_too() {
    let mut bench = Bench::ready();
    bench.act(|socket, now, settings, out| socket.frame(SocketId(1), &all_topics(), now, settings, out));
    bench.live_for(1, 3820);
    bench.address(2, &good());
    bench.opened(2);
    assert!(bench.frame(2, "ws-subscribe.success.json").is_empty(), "without chats the first one stays");
    assert!(bench.socket.brings_chats(), "which brings them");
    let out = bench.act(|socket, now, settings, out| socket.frame(SocketId(2), &all_topics(), now, settings, out));
    assert_eq!(out, ["close 1"], "then there is no gap");
    assert!(bench.socket.brings_chats(), "at no time without");
}

#[test]
fn an_error_frame_is_tolerated() {
    let mut bench = Bench::ready();
    let text = fixture::text("amazon-connect-chat", "ws-error.json");
    let out = bench.act(|socket, now, settings, out| socket.frame(SocketId(1), &text, now, settings, out));
    assert!(out.is_empty() && bench.socket.is_ready(), "it changes nothing");
}

/// A frame of the fixtures; the heartbeat is answered with it.
fn answered(bench: &mut Bench, ping: Option<&str>) {
    let frames = [Some(WireFrame::heartbeat()), ping.map(|name| fixture::text("amazon-connect-chat", name))];
    for text in frames.into_iter().flatten() {
        bench.act(|socket, now, settings, out| socket.frame(SocketId(1), &text, now, settings, out));
    }
}

/// The next heartbeat; true: a deep one went with it.
fn beat(bench: &mut Bench) -> bool {
    bench.at += Duration::from_secs(10);
    let mut out = Vec::new();
    let now = bench.now();
    bench.socket.tick(now, &bench.settings, &mut out);
    let sent = |wanted: &str| out.iter().any(|action| matches!(action, SocketAction::Send(_, text) if text == wanted));
    assert!(sent(&WireFrame::heartbeat()), "a heartbeat each ten seconds");
    sent(&WireFrame::ping())
}

#[test]
fn deep_heartbeats_are_sent_and_a_bad_one_is_told_without_starting_over() {
    let mut bench = Bench::ready();
    answered(&mut bench, Some("ws-ping.success.json"));
    assert!(beat(&mut bench), "with each heartbeat");
    assert!(!bench.socket.is_shallow(), "all is well");
    answered(&mut bench, Some("ws-ping.failure.json"));
    assert!(bench.socket.is_shallow(), "the service behind it says that it fails");
    assert!(bench.socket.is_ready(), "and the socket serves on");
    assert!(beat(&mut bench), "it is asked again");
    answered(&mut bench, Some("ws-ping.success.json"));
    assert!(!bench.socket.is_shallow(), "mended");
    beat(&mut bench);
    answered(&mut bench, None);
    beat(&mut bench);
    assert!(bench.socket.is_shallow(), "silence is a failure, too");
    assert!(bench.socket.is_ready(), "of which nothing but the telling follows");
}

#[test]
fn an_instance_that_never_answers_deep_heartbeats_is_not_called_broken() {
    let mut bench = Bench::ready();
    for _ in 0..3 {
        answered(&mut bench, None);
        assert!(beat(&mut bench), "they are sent all the same");
        assert!(!bench.socket.is_shallow(), "whether it knows them is not known");
    }
    bench.settings.deep_heartbeat = false;
    answered(&mut bench, None);
    assert!(!beat(&mut bench), "an administrator can switch them off");
}
