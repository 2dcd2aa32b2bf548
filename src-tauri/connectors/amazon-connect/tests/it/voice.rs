//! Calls over the simulator: signalling, bad weather, and what the agent is told.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;
use trunkline_connector::ports::{LoginFailure, MediaEvent};
use trunkline_connector::testing::Ports;
use trunkline_connector::{Command, CommandRequest, Context, Ended, Envelope, Event, EventSink};
use trunkline_model::{CommandId, ContactId, ContactKey, ContactState, LinkState, MediaFailure};
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, AnswerForm, Fault, OfferCall, PersistentConnection, SignallingFault, SimCall,
    SimOptions, SnapshotTwist, TurnKind,
};
use trunkline_testkit::cast::AGENT_ONE;
use trunkline_testkit::{EventLog, FakeLogin, FakePrograms, FakeVault, LogCapture, MediaCall};

const SOON: Duration = Duration::from_secs(10);

/// One agent at work on the simulator.
struct Desk {
    sim: AmazonConnectSim,
    media: crate::support::SdpMedia,
    login: FakeLogin,
    vault: FakeVault,
    events: EventLog,
    commands: tokio::sync::mpsc::Sender<CommandRequest>,
    task: tokio::task::JoinHandle<Ended>,
    cancel: tokio_util::sync::CancellationToken,
    number: u32,
    log: LogCapture,
    _guard: trunkline_testkit::LogGuard,
}

impl Desk {
    async fn start(options: SimOptions, settings: Value) -> Self {
        let sim = AmazonConnectSim::start(SimOptions { turn: TurnKind::Unreachable, ..options }).await.unwrap();
        let vault = FakeVault::new().with("token", &sim.token("agent.one"));
        Self::sit(sim, vault, settings)
    }

    fn sit(sim: AmazonConnectSim, vault: FakeVault, mut settings: Value) -> Self {
        let log = LogCapture::new();
        let guard = log.install();
        settings["address"] = json!(sim.base_url());
        let settings = settings.as_object().unwrap().clone();
        let connector = (trunkline_amazon_connect::registration().build)(&settings).unwrap();
        let media = crate::support::SdpMedia::default();
        let Ports { http, websocket, centrifugo, vault: secrets, media: port, clock, .. } =
            crate::support::ports(vault.clone(), media.clone());
        let login = FakeLogin::new();
        let (sink, channel) = tokio::sync::mpsc::channel(256);
        let (commands, receiver) = tokio::sync::mpsc::channel(16);
        let (_lookups, questions) = tokio::sync::mpsc::channel(16);
        let cancel = tokio_util::sync::CancellationToken::new();
        let context = Context {
            account: AGENT_ONE.account(),
            settings,
            commands: receiver,
            lookups: questions,
            events: EventSink::new(AGENT_ONE.account(), sink),
            http,
            websocket,
            centrifugo,
            vault: secrets,
            media: port,
            login: std::sync::Arc::new(login.clone()),
            programs: std::sync::Arc::new(FakePrograms::default()),
            clock,
            cancel: cancel.clone(),
            span: tracing::info_span!("account"),
        };
        let task = tokio::spawn(connector.run(context));
        let events = EventLog::new(channel);
        Self { sim, media, login, vault, events, commands, task, cancel, number: 0, log, _guard: guard }
    }

    async fn online(options: SimOptions, settings: Value) -> Self {
        let mut desk = Self::start(options, settings).await;
        desk.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
        desk
    }

    async fn command(&mut self, command: Command) -> Result<(), trunkline_connector::CommandError> {
        self.number += 1;
        let (reply, outcome) = oneshot::channel();
        let id = CommandId::new(format!("command-{}", self.number));
        let request = CommandRequest { id, deadline: Instant::now() + SOON, command, reply };
        self.commands.send(request).await.unwrap();
        outcome.await.unwrap()
    }

    async fn ring(&mut self) -> (SimCall, ContactId) {
        let call = self.sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
        let id = ContactId::new(call.contact_id());
        self.events.expect_contact(&id, ContactState::Offered).await;
        (call, id)
    }

    /// Nothing was told so far, nor is in the next moment.
    /// Where the agent's socket is, without what is secret of it.
    fn signalling_server(&self) -> String {
        self.sim.base_url().replace("http://", "ws://")
    }

    async fn expect_no_notice(&mut self) {
        let end = Instant::now() + Duration::from_millis(300);
        while tokio::time::timeout_at(end, self.events.next()).await.is_ok() {}
        let notices = self.events.seen().iter().filter(|envelope| matches!(envelope.event, Event::Notice(_)));
        assert_eq!(notices.collect::<Vec<_>>(), Vec::<&Envelope>::new(), "the connector says nothing");
    }

    fn key(&self, contact: &ContactId) -> ContactKey {
        ContactKey::new(AGENT_ONE.account(), contact.clone())
    }

    async fn leave(self) {
        self.cancel.cancel();
        tokio::time::timeout(Duration::from_secs(1), self.task).await.expect("ends within a second").unwrap();
        self.log.assert_no_secret(&["agent.one-access-token", "+12025550123", "Customer One", "AuthToken="]);
        self.log.assert_nothing_private(&[]);
    }
}

#[tokio::test]
async fn media_is_ready_while_it_rings_and_live_on_accept() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    let (call, contact) = desk.ring().await;
    let key = desk.key(&contact);
    call.expect("the accept of the signalling", SOON, |facts| facts.signalling_accept).await.unwrap();
    desk.media.0.expect(&MediaCall::Answer(key.clone(), 1)).await;
    assert!(!desk.media.0.calls().contains(&MediaCall::GoLive(key.clone())), "nothing is heard before accept");
    desk.command(Command::Accept { contact: contact.clone() }).await.unwrap();
    desk.media.0.expect(&MediaCall::GoLive(key.clone())).await;
    desk.events.expect_contact(&contact, ContactState::Connected).await;
    let media = desk.media.0.calls();
    let lives = media.iter().filter(|made| **made == MediaCall::GoLive(key.clone())).count();
    assert_eq!(lives, 1, "once: {media:?}");
    desk.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.unwrap();
    call.expect("our bye", SOON, |facts| facts.client_bye).await.unwrap();
    desk.media.0.expect(&MediaCall::Close(key)).await;
    let report = call.expect("the report", SOON, |facts| facts.report.clone()).await.unwrap();
    assert!(report["report"]["callStartTime"].is_number(), "with its times: {report}");
    desk.leave().await;
}

#[tokio::test]
async fn an_escaped_call_configuration_rings_like_any_other() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    let offer = OfferCall { html_escape_call_config: true, ..OfferCall::to("agent.one") };
    let call = desk.sim.offer_call(offer).await.unwrap();
    call.expect("the invite", SOON, |facts| facts.invites.first().copied()).await.unwrap();
    let key = desk.key(&ContactId::new(call.contact_id()));
    desk.media.0.expect(&MediaCall::Answer(key, 1)).await;
    desk.events.expect_contact(&ContactId::new(call.contact_id()), ContactState::Offered).await;
    desk.leave().await;
}

#[tokio::test]
async fn an_auto_accepted_call_goes_live_by_itself() {
    let options =
        SimOptions { agents: vec![AgentOptions { auto_accept: true, ..AgentOptions::one() }], ..SimOptions::default() };
    let mut desk = Desk::online(options, json!({})).await;
    let (_, contact) = desk.ring().await;
    desk.media.0.expect(&MediaCall::GoLive(desk.key(&contact))).await;
    desk.leave().await;
}

#[tokio::test]
async fn every_signalling_refusal_fails_the_leg_and_the_contact_stays() {
    for (code, failure) in [(486, MediaFailure::UserBusy), (403, MediaFailure::SignallingHandshake)] {
        let mut desk = Desk::online(SimOptions::default(), json!({})).await;
        desk.sim.signalling_error(code);
        let (call, contact) = desk.ring().await;
        let address = (failure == MediaFailure::SignallingHandshake).then(|| desk.signalling_server());
        desk.media.0.expect(&MediaCall::Fail(desk.key(&contact), failure, address)).await;
        desk.command(Command::Accept { contact: contact.clone() }).await.expect("it can be accepted all the same");
        desk.events.expect_contact(&contact, ContactState::Connected).await;
        assert!(call.facts().accepted.is_some(), "{code}: the platform agrees");
        desk.leave().await;
    }
}

#[tokio::test]
async fn a_silent_signalling_service_fails_the_leg_and_a_new_one_mends_it() {
    let mut desk = Desk::online(SimOptions::default(), json!({"invite_limit_ms": 400, "media_rebuild_ms": 200})).await;
    desk.sim.fail_next_signalling("invite", SignallingFault::Silence, 1);
    let (call, contact) = desk.ring().await;
    let server = Some(desk.signalling_server());
    desk.media.0.expect(&MediaCall::Fail(desk.key(&contact), MediaFailure::SignallingHandshake, server)).await;
    call.expect("the accept of the second invitation", SOON, |facts| facts.signalling_accept).await.unwrap();
    desk.leave().await;
}

#[tokio::test]
async fn an_unreachable_relay_fails_the_leg_without_a_second_message_and_the_contact_stays() {
    let mut desk = Desk::online(SimOptions::default(), json!({"media_rebuild_ms": 100})).await;
    desk.media.0.fail_offer(Some(MediaFailure::IceGatheringTimeout));
    let (_, contact) = desk.ring().await;
    let relay = desk.sim.turn_address().map(|address| format!("turn:{address}?transport=udp"));
    desk.media.0.expect(&MediaCall::Fail(desk.key(&contact), MediaFailure::IceGatheringTimeout, relay)).await;
    desk.command(Command::Reject { contact: contact.clone() }).await.expect("it can still be declined");
    desk.expect_no_notice().await;
    desk.leave().await;
}

#[tokio::test]
async fn a_socket_lost_while_ringing_invites_again() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    desk.media.0.gathering_takes(Duration::from_millis(300));
    let (call, contact) = desk.ring().await;
    desk.sim.drop_sockets();
    call.expect("the accept on the new socket", SOON, |facts| facts.signalling_accept).await.unwrap();
    desk.command(Command::Accept { contact: contact.clone() }).await.unwrap();
    desk.media.0.expect(&MediaCall::GoLive(desk.key(&contact))).await;
    desk.leave().await;
}

#[tokio::test]
async fn a_lost_path_is_mended_with_fresh_credentials() {
    let mut desk = Desk::online(SimOptions::default(), json!({"path_lost_grace_ms": 200})).await;
    let (call, contact) = desk.ring().await;
    let key = desk.key(&contact);
    desk.command(Command::Accept { contact: contact.clone() }).await.unwrap();
    desk.media.0.expect(&MediaCall::Answer(key.clone(), 1)).await;
    desk.media.0.emit(&key, MediaEvent::PathLost).await;
    desk.media.0.expect(&MediaCall::Restart(key)).await;
    call.expect("the restart's invitation", SOON, |facts| facts.ice_restarts.first().copied()).await.unwrap();
    desk.leave().await;
}

#[tokio::test]
async fn the_older_path_without_a_token_is_not_restarted() {
    let options = SimOptions { answer: AnswerForm::Legacy, ..SimOptions::default() };
    let mut desk = Desk::online(options, json!({"path_lost_grace_ms": 50})).await;
    let (call, contact) = desk.ring().await;
    let key = desk.key(&contact);
    desk.media.0.expect(&MediaCall::Answer(key.clone(), 1)).await;
    desk.media.0.emit(&key, MediaEvent::PathLost).await;
    desk.events.expect_nothing_for(Duration::from_millis(400)).await;
    assert!(call.facts().ice_restarts.is_empty(), "it cannot be");
    desk.leave().await;
}

#[tokio::test]
async fn a_bye_of_the_service_closes_the_leg_and_is_answered() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    let (call, contact) = desk.ring().await;
    let key = desk.key(&contact);
    desk.media.0.expect(&MediaCall::Answer(key.clone(), 1)).await;
    call.server_bye();
    desk.media.0.expect(&MediaCall::Close(key)).await;
    call.expect("the bye to be answered", SOON, |facts| facts.bye_answered).await.unwrap();
    desk.leave().await;
}

#[tokio::test]
async fn statistics_reach_the_platform_while_the_call_lasts() {
    let mut desk = Desk::online(SimOptions::default(), json!({"metrics_every_ms": 200})).await;
    let (call, contact) = desk.ring().await;
    let key = desk.key(&contact);
    desk.media.0.expect(&MediaCall::Answer(key.clone(), 1)).await;
    desk.media.0.emit(&key, MediaEvent::Stats(Box::default())).await;
    let metrics = call.expect("metrics", SOON, |facts| facts.metrics.first().cloned()).await.unwrap();
    assert_eq!(metrics["softphoneStreamStatistics"].as_array().unwrap().len(), 2, "both directions: {metrics}");
    desk.leave().await;
}

#[tokio::test]
async fn a_restart_of_the_program_takes_the_call_up_again() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    let (call, contact) = desk.ring().await;
    desk.command(Command::Accept { contact: contact.clone() }).await.unwrap();
    desk.events.expect_contact(&contact, ContactState::Connected).await;
    let Desk { sim, vault, cancel, task, _guard, .. } = desk;
    cancel.cancel();
    task.await.unwrap();
    drop(_guard);
    call.expect("our bye: stopping says goodbye", SOON, |facts| facts.client_bye).await.unwrap();
    let mut again = Desk::sit(sim, vault, json!({}));
    again.events.expect_contact(&contact, ContactState::Connected).await;
    again.media.0.expect(&MediaCall::GoLive(again.key(&contact))).await;
    again.leave().await;
}

#[tokio::test]
async fn each_bad_weather_of_the_poll_is_told_and_passes() {
    for (fault, reason) in [
        (Fault::Status(500), "link_reason_server_error"),
        (Fault::Html502, "link_reason_server_error"),
        (Fault::Throttle, "link_reason_throttled"),
        (Fault::Malformed, "link_reason_malformed_answer"),
        (Fault::Status(403), "link_reason_access_denied"),
    ] {
        let mut desk = Desk::online(SimOptions::default(), json!({})).await;
        desk.sim.fail_next("GetAgentSnapshot", fault, 1);
        desk.sim.agent("agent.one").set_state("Break").unwrap();
        let told = desk
            .events
            .expect("the reason", |envelope| match &envelope.event {
                Event::Link(link) if link.state == LinkState::Degraded => Some(link.clone()),
                _ => None,
            })
            .await;
        assert_eq!(told.reason.as_deref(), Some(reason), "{fault:?}");
        desk.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
        desk.leave().await;
    }
}

#[tokio::test]
async fn silence_is_told_after_the_limit() {
    let mut desk = Desk::online(
        SimOptions::default(),
        json!({"poll_limit_ms": 500, "poll_ask_ms": 100, "poll_offline_failures": 2}),
    )
    .await;
    desk.sim.silent(true);
    let told = desk
        .events
        .expect("the reason", |envelope| match &envelope.event {
            Event::Link(link) if link.state == LinkState::Offline => link.reason.clone(),
            _ => None,
        })
        .await;
    assert_eq!(told, "link_reason_no_answer", "in words");
    desk.sim.silent(false);
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
    desk.leave().await;
}

#[tokio::test]
async fn refused_sockets_leave_the_rest_working() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    desk.sim.refuse_sockets(true);
    desk.sim.drop_sockets();
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::Degraded).await;
    let (_, contact) = desk.ring().await;
    desk.command(Command::Accept { contact }).await.expect("accepting needs no socket");
    desk.sim.refuse_sockets(false);
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
    desk.leave().await;
}

#[tokio::test]
async fn the_login_window_signs_in_and_the_next_start_needs_none() {
    let sim =
        AmazonConnectSim::start(SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() }).await.unwrap();
    let mut desk = Desk::sit(sim, FakeVault::new(), json!({}));
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::NeedsSignIn).await;
    desk.login.failure(LoginFailure::Closed);
    desk.command(Command::SignIn).await.unwrap();
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::NeedsSignIn).await;
    let cookie = desk.sim.login_cookie("agent.one");
    let (name, value) = cookie.split_once('=').unwrap();
    desk.login.cookies([(name, value)]);
    desk.command(Command::SignIn).await.unwrap();
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
    assert!(desk.vault.kept("cookies").is_some(), "the session is in the vault");
    let Desk { sim, vault, cancel, task, _guard, .. } = desk;
    cancel.cancel();
    task.await.unwrap();
    drop(_guard);
    let mut again = Desk::sit(sim, vault, json!({}));
    again.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
    again.leave().await;
}

#[tokio::test]
async fn without_a_keyring_work_goes_on_without_a_message_of_this_account() {
    let sim =
        AmazonConnectSim::start(SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() }).await.unwrap();
    let vault = FakeVault::new();
    vault.no_service(true);
    let mut desk = Desk::sit(sim, vault, json!({}));
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::NeedsSignIn).await;
    let cookie = desk.sim.login_cookie("agent.one");
    let (name, value) = cookie.split_once('=').unwrap();
    desk.login.cookies([(name, value)]);
    desk.command(Command::SignIn).await.unwrap();
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::Online).await;
    desk.expect_no_notice().await;
    desk.leave().await;
}

#[tokio::test]
async fn contacts_of_another_type_are_shown_as_they_are() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    desk.sim.agent("agent.one").push_unknown(SnapshotTwist::UnknownContact);
    let unknown = ContactId::new("unknown-contact-1");
    desk.events.expect_contact(&unknown, ContactState::Unknown("levitating".to_owned())).await;
    desk.leave().await;
}

#[tokio::test]
async fn a_connection_made_ahead_is_used_by_the_first_call_and_replaced() {
    let mut desk = Desk::online(SimOptions::default(), json!({})).await;
    desk.media.0.expect(&MediaCall::Prepare(1)).await;
    let asked = desk.sim.requests_of("CreateTransport").len();
    assert!(asked >= 2, "for the socket, and fresh relay credentials for the connection: {asked}");
    let (call, contact) = desk.ring().await;
    let key = desk.key(&contact);
    desk.media.0.expect(&MediaCall::Attach(key.clone(), 1)).await;
    call.expect("the invite", SOON, |facts| facts.invites.first().copied()).await.unwrap();
    desk.media.0.expect(&MediaCall::Prepare(2)).await;
    desk.command(Command::Reject { contact }).await.unwrap();
    desk.media.0.expect(&MediaCall::Close(key)).await;
    desk.media.0.expect(&MediaCall::CloseLine(1)).await;
    assert!(!desk.media.0.calls().contains(&MediaCall::CloseLine(2)), "the next one waits for the next call");
    desk.leave().await;
}

#[tokio::test]
async fn the_connection_made_ahead_is_replaced_in_time_and_gone_while_offline() {
    let mut desk = Desk::online(SimOptions::default(), json!({"standby_ms": 200, "standby_retry_ms": 50})).await;
    for line in 1..=3 {
        desk.media.0.expect(&MediaCall::CloseLine(line)).await;
    }
    desk.sim.refuse_sockets(true);
    desk.sim.drop_sockets();
    desk.events.expect_link(&AGENT_ONE.account(), LinkState::Degraded).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let media = desk.media.0.calls();
    let count = |wanted: fn(&MediaCall) -> bool| media.iter().filter(|made| wanted(made)).count();
    let (opened, closed) =
        (count(|made| matches!(made, MediaCall::Line(_))), count(|made| matches!(made, MediaCall::CloseLine(_))));
    assert_eq!(opened, closed, "no allocation stays while the live connection is down: {media:?}");
    desk.leave().await;
}

fn persistent(persistent: PersistentConnection) -> SimOptions {
    SimOptions { agents: vec![AgentOptions { persistent, ..AgentOptions::one() }], ..SimOptions::default() }
}

impl Desk {
    /// A call that is taken, talked and ended by the agent.
    async fn whole_call(&mut self) -> (SimCall, ContactKey) {
        let (call, contact) = self.ring().await;
        let key = self.key(&contact);
        self.command(Command::Accept { contact: contact.clone() }).await.unwrap();
        self.media.0.expect(&MediaCall::GoLive(key.clone())).await;
        self.events.expect_contact(&contact, ContactState::Connected).await;
        call.expect("the call on the signalling", SOON, |facts| {
            facts.signalling_accept.or(facts.connect_contacts.first().copied())
        })
        .await
        .unwrap();
        self.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.unwrap();
        self.media.0.expect(&MediaCall::Close(key.clone())).await;
        let deadline = Instant::now() + SOON;
        while self.command(Command::Clear { contact: contact.clone() }).await.is_err() {
            assert!(Instant::now() < deadline, "the contact can be cleared");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (call, key)
    }
}

#[tokio::test]
async fn later_calls_stay_on_the_first_ones_connection() {
    let mut desk = Desk::online(persistent(PersistentConnection::Allowed), json!({})).await;
    let (first, _) = desk.whole_call().await;
    first.expect("disconnectContact", SOON, |facts| facts.disconnect_contact).await.unwrap();
    for number in 2..=4 {
        let (call, key) = desk.whole_call().await;
        let facts = call.facts();
        assert_eq!(facts.invites.len(), 0, "call {number}: no SDP is exchanged again");
        assert_eq!(facts.connect_contacts.len(), 1, "call {number}: connectContact alone");
        call.expect("disconnectContact", SOON, |facts| facts.disconnect_contact).await.unwrap();
        let media = desk.media.0.calls();
        assert!(!media.contains(&MediaCall::Offer(key)), "call {number}: nothing is gathered: {media:?}");
    }
    assert_eq!(desk.sim.peers_made(), 1, "one ICE and one DTLS for four calls");
    assert_eq!(desk.sim.kept_connections("agent.one"), 1, "and the connection waits for the fifth");
    let sim = desk.sim.clone();
    desk.leave().await;
    let deadline = Instant::now() + SOON;
    while sim.kept_byes().is_empty() {
        assert!(Instant::now() < deadline, "stopping says bye to it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(sim.kept_connections("agent.one"), 0, "and nothing is left at the service");
}

#[tokio::test]
async fn a_connection_that_dies_between_calls_costs_the_next_call_nothing() {
    for silent in [true, false] {
        let mut desk = Desk::online(persistent(PersistentConnection::Allowed), json!({})).await;
        desk.whole_call().await;
        if silent {
            desk.sim.lose_kept_connections("agent.one");
        } else {
            desk.sim.drop_kept_connections("agent.one");
        }
        let (call, _) = desk.whole_call().await;
        assert_eq!(call.facts().invites.len(), 1, "silent {silent}: a normal invite instead");
        assert_eq!(desk.sim.peers_made(), 2, "silent {silent}: on a connection of its own");
        let (third, _) = desk.whole_call().await;
        assert_eq!(third.facts().connect_contacts.len(), 1, "silent {silent}: which is kept in its turn");
        desk.expect_no_notice().await;
        desk.leave().await;
    }
}

#[tokio::test]
async fn an_unhealthy_connection_is_found_before_the_call_and_told_in_the_log() {
    let mut desk = Desk::online(persistent(PersistentConnection::Allowed), json!({"standby_ms": 0})).await;
    desk.whole_call().await;
    desk.media.0.emit_on_line(1, MediaEvent::PathLost).await;
    let (call, _) = desk.whole_call().await;
    let facts = call.facts();
    assert_eq!((facts.connect_contacts.len(), facts.invites.len()), (0, 1), "it is not even tried");
    assert!(desk.sim.kept_byes().len() == 1, "the old one ends with a bye");
    assert!(desk.log.contains("its path is lost"), "the reason is in the log");
    desk.expect_no_notice().await;
    desk.leave().await;
}

#[tokio::test]
async fn a_refused_connect_contact_becomes_a_normal_invite() {
    let mut desk = Desk::online(persistent(PersistentConnection::Allowed), json!({})).await;
    desk.whole_call().await;
    desk.sim.fail_next_signalling("connectContact", SignallingFault::Error(500), 1);
    let (call, _) = desk.whole_call().await;
    assert_eq!(call.facts().invites.len(), 1, "the caller is heard all the same");
    desk.expect_no_notice().await;
    desk.leave().await;
}

#[tokio::test]
async fn an_unused_connection_ends_after_its_time_with_a_bye() {
    let options = SimOptions { inactivity: Duration::from_millis(300), ..persistent(PersistentConnection::Allowed) };
    let mut desk = Desk::online(options, json!({"standby_ms": 0})).await;
    desk.whole_call().await;
    desk.media.0.expect(&MediaCall::CloseLine(1)).await;
    let deadline = Instant::now() + SOON;
    while desk.sim.kept_byes().is_empty() {
        assert!(Instant::now() < deadline, "the bye comes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(desk.sim.kept_connections("agent.one"), 0, "the service has ended it");
    desk.leave().await;
}

#[tokio::test]
async fn without_the_services_leave_nothing_is_kept() {
    for (allowed, settings) in [
        (PersistentConnection::NotAllowed, json!({})),
        (PersistentConnection::Off, json!({})),
        (PersistentConnection::Allowed, json!({"persistent_connection": false})),
    ] {
        let mut desk = Desk::online(persistent(allowed), settings).await;
        desk.whole_call().await;
        let (call, _) = desk.whole_call().await;
        let facts = call.facts();
        assert_eq!((facts.invites.len(), facts.connect_contacts.len()), (1, 0), "{allowed:?}: each call its own");
        call.expect("the bye", SOON, |facts| facts.client_bye).await.unwrap();
        desk.leave().await;
    }
}
