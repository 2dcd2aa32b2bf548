//! The fakes do what tests rely on, and fail where a test must fail.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use http::{HeaderMap, Method};
use trunkline_connector::ports::{
    AccountVault, Frame, Http, HttpFailure, HttpRequest, MediaEvent, MediaPort, MediaRequest, VaultError, WallClock,
    WebSocketDial, WebSocketFailure,
};
use trunkline_connector::{Command, CommandCode, CommandError, Event};
use trunkline_model::{ContactState, LinkState, MediaFailure};
use trunkline_testkit::cast::{AGENT_ONE, CUSTOMER_ONE, NOW, TOKEN_ONE};
use trunkline_testkit::{
    FakeClock, FakeHttp, FakeMedia, FakeVault, FakeWebSocket, LogCapture, MediaCall, Reply, Stage,
};
use url::Url;

fn request(path: &str) -> HttpRequest {
    HttpRequest {
        method: Method::GET,
        url: Url::parse(&format!("https://one.example{path}")).unwrap(),
        headers: HeaderMap::new(),
        body: Default::default(),
        timeout: Duration::from_secs(3),
        transfer: Default::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn scripted_replies_come_in_order_and_the_last_repeats() {
    let http = FakeHttp::new();
    http.on("GET", "/a", Reply::status(503));
    http.on("GET", "/a", Reply::json(200, &serde_json::json!({"n": 1})).header("set-cookie", "s=1; Path=/"));
    http.on("GET", "/gone", Reply::Failure(HttpFailure::Connect));
    http.on("GET", "/slow", Reply::Silence);
    assert_eq!(http.send(request("/a")).await.unwrap().status, 503, "first in line");
    assert_eq!(http.send(request("/a")).await.unwrap().body, r#"{"n":1}"#, "second in line");
    assert_eq!(http.send(request("/a")).await.unwrap().status, 200, "the last one repeats");
    assert_eq!(http.send(request("/b")).await.unwrap().status, 404, "nothing scripted is not found");
    assert_eq!(http.send(request("/gone")).await.unwrap_err(), HttpFailure::Connect, "failures are scripted too");
    assert_eq!(http.send(request("/slow")).await.unwrap_err(), HttpFailure::Timeout, "silence ends at the time-out");
    let sent = http.expect_sent("/a", 3).await;
    assert_eq!(sent[2].cookies["s"], "1", "cookies are kept and sent");
    http.clear_cookies();
    http.send(request("/a")).await.unwrap();
    assert!(http.expect_sent("/a", 4).await[3].cookies.is_empty(), "until the jar is emptied");
}

#[tokio::test(start_paused = true)]
async fn sockets_end_in_the_test() {
    let dialler = FakeWebSocket::new();
    let dial = || dialler.dial(Url::parse("wss://one.example/x").unwrap(), HeaderMap::new(), Duration::from_secs(3));
    dialler.refuse(WebSocketFailure::Refused(403));
    dialler.silence();
    assert_eq!(dial().await.err(), Some(WebSocketFailure::Refused(403)), "the first dial is refused as told");
    assert_eq!(dial().await.err(), Some(WebSocketFailure::Timeout), "the second gets no answer");
    let (mut send, mut receive) = dial().await.unwrap();
    let mut peer = dialler.expect_peer().await;
    send.send(Frame::Text(r#"{"hello":1}"#.to_owned())).await.unwrap();
    assert_eq!(peer.expect_json().await["hello"], 1, "what the connector sends arrives");
    peer.send_text("back");
    assert_eq!(receive.receive().await.unwrap(), Frame::Text("back".to_owned()), "and the other way round");
    peer.break_off(WebSocketFailure::Broken);
    assert_eq!(receive.receive().await.unwrap_err(), WebSocketFailure::Broken, "a break is read");
    assert_eq!(send.send(Frame::Close(1000)).await.unwrap_err(), WebSocketFailure::Broken, "and stops writing");
    drop((send, receive));
    peer.expect_closed().await;
    assert_eq!(dialler.dialled().len(), 3, "all dials are recorded");
}

#[tokio::test]
async fn the_vault_keeps_this_runs_secrets_when_it_is_locked_or_absent() {
    let vault = FakeVault::new().with("old", "kept");
    vault.lock(true);
    assert_eq!(vault.get("old").await.unwrap_err(), VaultError::Locked, "what is inside cannot be read");
    assert_eq!(vault.set("new", TOKEN_ONE.to_owned().into()).await, Err(VaultError::Locked), "writing tells");
    assert_eq!(vault.readable("new").as_deref(), Some(TOKEN_ONE), "but the secret can be read in this run");
    assert_eq!(vault.kept("new"), None, "and is not in the keyring");
    vault.lock(false);
    vault.no_service(true);
    assert_eq!(vault.remove("old").await, Err(VaultError::NoService), "an absent service tells so");
    vault.no_service(false);
    assert!(vault.get("old").await.unwrap().is_some(), "nothing was lost meanwhile");
}

#[tokio::test(start_paused = true)]
async fn media_legs_follow_switches_and_record_calls() {
    let media = FakeMedia::new();
    let contact = CUSTOMER_ONE.key(&AGENT_ONE);
    let leg = media.open(MediaRequest { contact: contact.clone(), ice_servers: Vec::new() }).await.unwrap();
    media.fail_offer(Some(MediaFailure::IceGatheringTimeout));
    media.gathering_takes(Duration::from_secs(8));
    let before = tokio::time::Instant::now();
    assert!(leg.offer().await.is_err(), "gathering fails as told");
    assert_eq!(before.elapsed(), Duration::from_secs(8), "after the time it takes");
    media.fail_offer(None);
    let offer = leg.offer().await.unwrap();
    assert!(leg.answer("", &offer.candidates).await.is_err(), "an empty answer is refused by contract");
    assert!(leg.answer("v=0", &[]).await.is_err(), "so is one without a candidate");
    leg.answer("v=0", &offer.candidates).await.unwrap();
    let mut events = leg.events().unwrap();
    assert!(leg.events().is_none(), "events are taken once");
    assert_eq!(events.recv().await, Some(MediaEvent::Connected), "an answered leg connects");
    media.emit(&contact, MediaEvent::PathLost).await;
    assert_eq!(events.recv().await, Some(MediaEvent::PathLost), "the test emits what it likes");
    leg.go_live().await;
    media.expect(&MediaCall::GoLive(contact.clone())).await;
    assert_eq!(leg.close().await.failure, Some(MediaFailure::NoRemoteCandidate), "the last failure is in the summary");
    assert_eq!(media.calls().last(), Some(&MediaCall::Close(contact)), "calls are in order");
}

#[tokio::test(start_paused = true)]
async fn a_stage_joins_commands_and_events() {
    let (context, mut stage) =
        Stage::builder().setting("address", "https://one.example").secret("token", TOKEN_ONE).build();
    let mut commands = context.commands;
    tokio::spawn(async move {
        let taken = commands.recv().await.unwrap();
        assert!(matches!(taken.command, Command::SignIn), "the command arrives");
        taken.reply.send(Err(CommandError::new(CommandCode::NotPossible, "already"))).unwrap();
        let contact = CUSTOMER_ONE.voice_contact(ContactState::Offered);
        context
            .events
            .send(Event::Link(trunkline_model::Link { state: LinkState::Online, ..Default::default() }))
            .await
            .unwrap();
        context.events.send(Event::Agent(Box::new(AGENT_ONE.agent()))).await.unwrap();
        context.events.send(Event::Contact(Box::new(contact))).await.unwrap();
        std::future::pending::<()>().await;
    });
    let outcome = stage.command(Command::SignIn).await;
    assert_eq!(outcome.unwrap_err().code, CommandCode::NotPossible, "the outcome comes back");
    stage.events.expect_link(&stage.account.clone(), LinkState::Online).await;
    stage.events.expect_agent("agent one", |agent| agent.name == AGENT_ONE.name).await;
    let contact = stage.events.expect_contact(&CUSTOMER_ONE.contact_id(), ContactState::Offered).await;
    assert_eq!(contact.customer.address.as_deref(), Some(CUSTOMER_ONE.number), "with the cast's number");
    stage.events.expect_nothing_for(Duration::from_secs(1)).await;
    assert_eq!(stage.events.seen().len(), 3, "all events are remembered");
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "expected link Online of account-one; saw nothing")]
async fn an_expectation_that_is_not_met_fails() {
    let (_context, mut stage) = Stage::builder().build();
    stage.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "not answered by its deadline")]
async fn a_command_that_is_not_answered_fails() {
    let (_context, stage) = Stage::builder().build();
    let _ = stage.command(Command::SignOut { state: None }).await;
}

#[test]
fn the_clock_moves_only_by_hand() {
    let clock = FakeClock::default();
    assert_eq!(clock.now(), NOW, "tests begin at a fixed time");
    clock.advance(Duration::from_millis(1500));
    assert_eq!(clock.now().since(NOW), 1500, "forward");
    clock.set(NOW.shifted(-1));
    assert_eq!(clock.now().since(NOW), -1, "and backwards");
}

#[test]
fn captured_lines_are_searched_for_secrets() {
    let log = LogCapture::new();
    {
        let _guard = log.install();
        let span = tracing::info_span!("account", account = "account-one", late = tracing::field::Empty);
        span.record("late", "later");
        tracing::info!(contact = %CUSTOMER_ONE.contact_id(), "offered");
    }
    tracing::info!("after the guard");
    assert!(log.contains("offered contact=c0000001"), "fields are in the line: {:?}", log.lines());
    assert!(log.contains("account-one") && log.contains("later"), "and those of spans: {:?}", log.lines());
    assert!(!log.contains("after the guard"), "the capture ends with its guard");
    log.assert_no_secret(&[TOKEN_ONE]);
    log.assert_nothing_private(&[]);
}

fn leaking(leak: impl Fn()) -> LogCapture {
    let log = LogCapture::new();
    let _guard = log.install();
    leak();
    log
}

#[test]
#[should_panic(expected = "is in a log line")]
fn a_known_secret_is_found() {
    leaking(|| tracing::debug!("signing in with {TOKEN_ONE}")).assert_no_secret(&[TOKEN_ONE]);
}

#[test]
#[should_panic(expected = "telephone number")]
fn a_number_is_found() {
    leaking(|| tracing::debug!(target: "trunkline_x", customer = CUSTOMER_ONE.number, "ringing"))
        .assert_nothing_private(&[]);
}

#[test]
#[should_panic(expected = "a token")]
fn a_token_is_found_by_its_name() {
    leaking(|| tracing::debug!(target: "trunkline_x", auth_token = "abc", "sent")).assert_nothing_private(&[]);
}

#[test]
fn what_is_allowed_is_not_reported() {
    let log = leaking(|| tracing::debug!(target: "trunkline_x", extension = "+12025550123", "own number"));
    log.assert_nothing_private(&["+12025550123"]);
}
