//! Tokens from every source, topics, roles, and what is told when.

use std::time::Duration;

use serde_json::json;
use trunkline_connector::ports::{AccountVault, ProgramFailure};
use trunkline_connector::{Command, CommandCode, Event};
use trunkline_model::{ContactId, ContactState, EventSort, LinkState};
use trunkline_net::{Network, NetworkConfig};
use trunkline_simulators::olos::{HubEvent, OlosAgent, OlosOptions, OlosSim};
use trunkline_testkit::{Stage, StageBuilder};

const SOON: Duration = Duration::from_secs(10);

/// A connector at work on a simulator. Real time, real sockets.
struct Seat {
    sim: OlosSim,
    stage: Stage,
    task: tokio::task::JoinHandle<trunkline_connector::Ended>,
}

fn now() -> trunkline_model::UnixMillis {
    use trunkline_connector::ports::WallClock;
    trunkline_net::SystemClock.now()
}

impl Seat {
    async fn start(options: OlosOptions, prepare: impl FnOnce(&OlosSim, StageBuilder) -> StageBuilder) -> Self {
        Self::on(OlosSim::start(options).await.unwrap(), prepare)
    }

    fn on(sim: OlosSim, prepare: impl FnOnce(&OlosSim, StageBuilder) -> StageBuilder) -> Self {
        let network = Network::new(NetworkConfig::default()).unwrap();
        let builder = Stage::builder()
            .network(network.http(), network.websocket())
            .clock(trunkline_testkit::FakeClock::at(now()))
            .setting("address", sim.base_url())
            .setting("roster_every_ms", 20);
        let (context, stage) = prepare(&sim, builder).build();
        let settings = context.settings.clone();
        let connector = (trunkline_olos::registration().build)(&settings).unwrap();
        let task = tokio::spawn(connector.run(context));
        Self { sim, stage, task }
    }

    async fn online(&mut self) {
        let account = self.stage.account.clone();
        self.stage.events.expect_link(&account, LinkState::Online).await;
    }

    async fn event(&mut self, kind: &str) -> trunkline_model::PlatformEvent {
        let told = |envelope: &trunkline_connector::Envelope| match &envelope.event {
            Event::PlatformEvent(event) if event.kind == kind => Some((**event).clone()),
            _ => None,
        };
        self.stage.events.expect(&format!("event {kind}"), told).await
    }

    async fn reason(&mut self, state: LinkState) -> String {
        let told = |envelope: &trunkline_connector::Envelope| match &envelope.event {
            Event::Link(link) if link.state == state => Some(link.reason.clone().unwrap_or_default()),
            _ => None,
        };
        self.stage.events.expect(&format!("link {state:?}"), told).await
    }

    async fn roster(&mut self, wanted: impl Fn(&[trunkline_model::RosterEntry]) -> bool) -> usize {
        let told = |envelope: &trunkline_connector::Envelope| match &envelope.event {
            Event::Roster(roster) if wanted(roster) => Some(roster.len()),
            _ => None,
        };
        self.stage.events.expect("the roster", told).await
    }
}

fn pasted(sim: &OlosSim, builder: StageBuilder) -> StageBuilder {
    builder.secret("token", &sim.token("52"))
}

fn statuses(sim: &OlosSim) -> Vec<u16> {
    sim.attempts().iter().map(|attempt| attempt.status).collect()
}

#[tokio::test]
async fn an_administrator_gets_events_state_call_and_roster() {
    let mut seat = Seat::start(OlosOptions::default(), pasted).await;
    seat.online().await;
    seat.roster(|roster| roster.len() == 1 && roster[0].name == "adams").await;

    seat.sim.push("52", &HubEvent::screen_pop(7, "5511900000000", "Cliente"));
    let pop = seat.event("ScreenPopVoice").await;
    assert_eq!((pop.sort, pop.field("campaignData.Nome")), (EventSort::ScreenPop, Some("Cliente")));
    let call = |state: ContactState| {
        move |envelope: &trunkline_connector::Envelope| match &envelope.event {
            Event::Contact(contact) if contact.state == state => Some(contact.clone()),
            _ => None,
        }
    };
    let contact = seat.stage.events.expect("the call", call(ContactState::Connecting)).await;
    assert!(contact.allowed.is_empty(), "which allows nothing");
    seat.sim.push("52", &HubEvent::status(2, 0));
    seat.stage.events.expect("the call at work", call(ContactState::Connected)).await;
    let error =
        seat.stage.command(Command::Disconnect { contact: contact.id.clone(), connection: None }).await.unwrap_err();
    assert_eq!(error.code, CommandCode::NotAllowed, "it is shown, not handled");
    let error = seat.stage.command(Command::Clear { contact: ContactId::new("other") }).await.unwrap_err();
    assert_eq!(error.code, CommandCode::NotPossible, "and others are not there");
    seat.sim.push("52", &HubEvent::status(1, 0));
    seat.stage.events.expect_gone(&contact.id).await;
}

#[tokio::test]
async fn who_is_no_administrator_asks_for_no_roster() {
    let prepare = |sim: &OlosSim, builder: StageBuilder| builder.secret("token", &sim.token("53"));
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    seat.online().await;
    seat.sim.push("53", &HubEvent::status(1, 0));
    seat.event("ChangeStatusVoice").await;
    let rosters = seat.stage.events.seen().iter().filter(|envelope| matches!(envelope.event, Event::Roster(_))).count();
    assert_eq!(rosters, 0, "none is told");
}

#[tokio::test]
async fn a_refused_roster_does_not_keep_the_agent_from_work() {
    let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
    sim.weather(|weather| weather.refuse_joins = Some(("admin:".to_owned(), "unauthorized".to_owned())));
    let mut seat = Seat::on(sim, pasted);
    seat.online().await;
    seat.sim.push("52", &HubEvent::status(1, 0));
    seat.event("ChangeStatusVoice").await;
}

#[tokio::test]
async fn a_roster_may_be_pushed_as_a_list() {
    let options = OlosOptions { roster_event: Some("onlineUsers".to_owned()), ..OlosOptions::default() };
    let mut seat =
        Seat::start(options, |sim, builder| pasted(sim, builder).setting("roster_event", "onlineUsers")).await;
    seat.online().await;
    seat.sim.expect("the roster's topic", SOON, |sim| sim.push_to_admins("nothing", &json!({})) > 0).await.unwrap();
    let users =
        json!({ "users": [{ "ref": "A", "userId": "u", "username": "adams", "onlineAt": 1_662_391_541_000_i64 }] });
    seat.sim.push_to_admins("onlineUsers", &users);
    seat.roster(|roster| roster.len() == 1 && roster[0].reference == "A").await;
    seat.sim.drop_sockets();
    seat.roster(<[_]>::is_empty).await;
}

#[tokio::test]
async fn the_token_function_is_asked_at_each_connect() {
    let prepare = |sim: &OlosSim, builder: StageBuilder| {
        builder.setting("token_url", sim.token_url()).secret("token_service_key", &sim.key("52"))
    };
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    seat.online().await;
    for round in 2..5 {
        seat.sim.drop_sockets();
        seat.reason(LinkState::Offline).await;
        seat.online().await;
        assert_eq!(seat.sim.tokens_fetched(), round, "one more token a connect");
    }
    let tokens: Vec<_> = seat.sim.attempts().into_iter().filter_map(|attempt| attempt.token).collect();
    let different: std::collections::BTreeSet<_> = tokens.iter().collect();
    assert_eq!(different.len(), tokens.len(), "each was shown once");
}

#[tokio::test]
async fn a_service_that_fails_is_told_apart_from_one_that_refuses() {
    let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
    sim.fail_token_service(Some(503));
    let mut seat = Seat::on(sim, |sim, builder| {
        builder.setting("token_url", sim.token_url()).secret("token_service_key", &sim.key("52"))
    });
    assert_eq!(seat.reason(LinkState::Offline).await, "link_reason_token_service_unavailable");
    seat.sim.fail_token_service(None);
    seat.online().await;
    seat.sim.fail_token_service(Some(401));
    seat.sim.drop_sockets();
    assert_eq!(seat.reason(LinkState::NeedsSignIn).await, "link_reason_token_service_refused");
    seat.sim.fail_token_service(None);
    seat.stage.command(Command::SignIn).await.unwrap();
    seat.online().await;
}

#[tokio::test]
async fn a_token_may_come_from_a_program() {
    let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
    let mut seat = Seat::on(sim, |_, builder| builder.setting("token_command", "company-token \"for olos\""));
    assert_eq!(seat.reason(LinkState::Offline).await, "link_reason_token_service_unavailable");
    seat.stage.programs.answer(Err(ProgramFailure::Failed(Some(3))));
    seat.stage.programs.answer(Ok("{\"nothing\": 1}"));
    seat.stage.programs.answer(Ok(&format!("{}\n", seat.sim.token("52"))));
    assert_eq!(seat.reason(LinkState::Offline).await, "link_reason_token_service_wrong");
    seat.online().await;
    assert_eq!(seat.stage.programs.lines()[0], ["company-token", "for olos"], "program and arguments");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_the_spare_one_serves_when_the_service_is_away() {
    let options = OlosOptions { token_life: Duration::from_secs(6), ..OlosOptions::default() };
    let mut seat = Seat::start(options, |sim, builder| {
        builder.setting("token_url", sim.token_url()).secret("token_service_key", &sim.key("52"))
    })
    .await;
    seat.online().await;
    let renewed = async {
        while seat.sim.tokens_fetched() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, renewed).await.expect("renewed before the end");
    assert_eq!(statuses(&seat.sim), [101], "the open socket stays");
    // What the service answered has to reach the connector first.
    tokio::time::sleep(Duration::from_millis(200)).await;
    seat.sim.fail_token_service(Some(500));
    seat.sim.drop_sockets();
    seat.reason(LinkState::Offline).await;
    seat.online().await;
}

#[tokio::test]
async fn a_pasted_token_that_nears_its_end_is_told() {
    let prepare =
        |sim: &OlosSim, builder: StageBuilder| builder.secret("token", &sim.token_for("52", Duration::from_secs(4)));
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    seat.online().await;
    seat.stage.events.expect_notice("notice_token_expiring").await;
    assert_eq!(seat.sim.sockets(), 1, "and the connection stays");
}

#[tokio::test]
async fn five_refusals_in_a_row_ask_for_sign_in_and_trouble_of_the_network_does_not() {
    let sim = OlosSim::start(OlosOptions::default()).await.unwrap();
    sim.weather(|weather| weather.refuse = Some(503));
    let mut seat = Seat::on(sim, pasted);
    assert_eq!(seat.reason(LinkState::Offline).await, "link_reason_service_unavailable");
    seat.sim.expect("several tries", SOON, |sim| sim.attempts().len() >= 7).await.unwrap();
    seat.sim.weather(|weather| weather.refuse = None);
    seat.online().await;
    let before = seat.sim.attempts().len();
    seat.sim.weather(|weather| weather.refuse = Some(403));
    seat.sim.drop_sockets();
    assert_eq!(seat.reason(LinkState::NeedsSignIn).await, "link_reason_token_refused");
    assert_eq!(statuses(&seat.sim)[before..], [403; 5], "then nothing is tried any more");
    seat.sim.weather(|weather| weather.refuse = None);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(seat.sim.attempts().len(), before + 5, "until the agent signs in");
    seat.stage.vault.set("token", seat.sim.token("52").into()).await.unwrap();
    seat.stage.command(Command::SignIn).await.unwrap();
    seat.online().await;
}

#[tokio::test]
async fn every_guess_may_be_another_one() {
    let options = OlosOptions {
        mount: "/agents/socket".to_owned(),
        token_param: "jwt".to_owned(),
        agent_topic: "agent:{tid}:{sub}".to_owned(),
        admin_topic: "online:{tid}".to_owned(),
        agents: vec![OlosAgent::named("52", "adams").admin()],
        ..OlosOptions::default()
    };
    let mut seat = Seat::start(options, |sim, builder| {
        pasted(sim, builder)
            .setting("socket_path", "/agents/socket")
            .setting("token_param", "jwt")
            .setting("agent_topic", "agent:{tid}:{sub}")
            .setting("admin_topic", "online:{tid}")
    })
    .await;
    seat.online().await;
    seat.roster(|roster| !roster.is_empty()).await;
}

#[tokio::test]
async fn a_token_may_go_as_a_subprotocol_and_not_in_the_address() {
    let prepare = |sim: &OlosSim, builder: StageBuilder| pasted(sim, builder).setting("token_as_subprotocol", true);
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    seat.online().await;
}

#[tokio::test]
async fn wrong_topics_and_refused_joins_have_reasons_of_their_own() {
    let prepare = |sim: &OlosSim, builder: StageBuilder| pasted(sim, builder).setting("agent_topic", "nowhere:{sub}");
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    assert_eq!(seat.reason(LinkState::Offline).await, "link_reason_topic_unknown", "path and token are right");
    let prepare = |sim: &OlosSim, builder: StageBuilder| pasted(sim, builder).setting("agent_topic", "agents:other");
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    assert_eq!(seat.reason(LinkState::Offline).await, "link_reason_join_refused");
}

#[tokio::test]
async fn a_channel_that_crashes_or_is_closed_is_joined_again() {
    let prepare = |sim: &OlosSim, builder: StageBuilder| pasted(sim, builder).setting("closed_again_ms", 200);
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    seat.online().await;
    for crash in [true, false] {
        seat.sim.end_channel("52", crash);
        let reason = if crash { "link_reason_channel_lost" } else { "link_reason_channel_closed" };
        assert_eq!(seat.reason(LinkState::Offline).await, reason);
        seat.online().await;
        assert_eq!(seat.sim.joined("52"), 1, "once");
    }
    assert_eq!(statuses(&seat.sim), [101], "on the same socket");
}

#[tokio::test]
async fn the_last_events_id_may_be_told_when_joining() {
    let prepare =
        |sim: &OlosSim, builder: StageBuilder| pasted(sim, builder).setting("last_event_id_param", "lastEventId");
    let mut seat = Seat::start(OlosOptions::default(), prepare).await;
    seat.online().await;
    seat.sim.push("52", &HubEvent::status(1, 0).with_id("1661794102499-0"));
    seat.event("ChangeStatusVoice").await;
    seat.sim.drop_sockets();
    seat.reason(LinkState::Offline).await;
    seat.online().await;
    assert_eq!(seat.sim.last_join("52"), Some(json!({ "lastEventId": "1661794102499-0" })));
}

#[tokio::test]
async fn stopping_and_signing_out_close_the_socket_in_order() {
    let mut seat = Seat::start(OlosOptions::default(), pasted).await;
    seat.online().await;
    seat.stage.command(Command::SignOut { state: None }).await.unwrap();
    assert_eq!(seat.task.await.unwrap(), trunkline_connector::Ended::SignedOut);
    seat.sim.expect("nobody there", SOON, |sim| sim.sockets() == 0).await.unwrap();
    assert!(seat.stage.vault.get("token").await.unwrap().is_none(), "and the token is forgotten");
}
