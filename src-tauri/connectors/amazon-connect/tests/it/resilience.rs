//! Two instances that stand in for each other, both simulated: who is to serve,
//! what becomes of contacts on the way over, and what when something is missing.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use trunkline_connector::ports::{AccountVault as _, LoginFailure};
use trunkline_connector::{Command, CommandCode, Event};
use trunkline_model::{ContactId, ContactState, LinkState, Notice, NoticeAction, Serving};
use trunkline_net::{Network, NetworkConfig};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, Fault, OfferCall, OfferChat, SECOND_INSTANCE, SimCall, SimOptions, TurnKind,
};
use trunkline_testkit::Stage;

const AGENT: &str = "agent.one";
const SOON: Duration = Duration::from_secs(15);
/// Long enough for several rounds of the discovery service.
const ROUNDS: Duration = Duration::from_millis(700);

/// An agent with an account at two instances.
struct Desk {
    first: Arc<AmazonConnectSim>,
    second: AmazonConnectSim,
    stage: Stage,
}

impl Desk {
    /// Starts the connector; signed in at the first instance, and at the second
    /// where `both`.
    async fn sit(both: bool) -> Self {
        let mut desk = Self::open(true, both, false).await;
        desk.online().await;
        desk
    }

    async fn open(first_token: bool, second_token: bool, global: bool) -> Self {
        let options = SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() };
        let first = Arc::new(AmazonConnectSim::start(options.clone()).await.unwrap());
        let second = SimOptions { instance: SECOND_INSTANCE.to_owned(), ..options };
        let second = AmazonConnectSim::start(second).await.unwrap();
        let network = Network::new(NetworkConfig::default()).unwrap();
        let mut builder = Stage::builder()
            .setting("address", first.base_url())
            .setting("secondary_address", second.base_url())
            .setting("login_address", format!("{}/login", first.base_url()))
            .setting("global_sign_in", global)
            .setting("discovery_every_ms", 150)
            .setting("retry_ms", json!([200, 300]))
            .network(network.http(), network.websocket());
        if first_token {
            builder = builder.secret("token", &first.token(AGENT));
        }
        if second_token {
            builder = builder.secret("second_token", &second.token(AGENT));
        }
        let (context, stage) = builder.build();
        let connector = (trunkline_amazon_connect::registration().build)(&context.settings).unwrap();
        tokio::spawn(connector.run(context));
        Self { first, second, stage }
    }

    /// As both discovery services say it.
    fn serve(&self, arn: &str, at_once: bool) {
        self.first.set_active_instance(arn, at_once);
        self.second.set_active_instance(arn, at_once);
    }

    async fn online(&mut self) {
        let account = self.stage.account.clone();
        self.stage.events.expect_link(&account, LinkState::Online).await;
    }

    async fn serving(&mut self, what: &str, wanted: impl Fn(&Serving) -> bool) {
        self.stage
            .events
            .expect(what, |envelope| match &envelope.event {
                Event::Serving(serving) => wanted(serving).then_some(()),
                _ => None,
            })
            .await;
    }

    async fn at_second(&mut self) {
        self.serving("the second one to serve", |serving| {
            serving.second && !serving.moving && serving.region.as_deref() == Some("eu-west-2")
        })
        .await;
    }

    async fn notice(&mut self, key: &str) -> Notice {
        self.stage.events.expect_notice(key).await
    }

    async fn call_at(&mut self, second: bool) -> (SimCall, ContactId) {
        let sim = if second { &self.second } else { &self.first };
        let call = sim.offer_call(OfferCall::to(AGENT)).await.unwrap();
        let contact = ContactId::new(call.contact_id().to_owned());
        self.stage.events.expect_contact(&contact, ContactState::Offered).await;
        (call, contact)
    }

    async fn take(&mut self, contact: &ContactId) {
        self.stage.command(Command::Accept { contact: contact.clone() }).await.expect("accepted");
        self.stage.events.expect_contact(contact, ContactState::Connected).await;
    }

    fn told_of(&self, contact: &str) -> bool {
        self.stage
            .events
            .seen()
            .iter()
            .any(|envelope| matches!(&envelope.event, Event::Contact(told) if told.id.as_str() == contact))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_is_to_end_at_once_hands_over_with_the_agent_offline_there() {
    let mut desk = Desk::sit(true).await;
    let named = |serving: &Serving| !serving.second && serving.region.as_deref() == Some("eu-central-1");
    let told = |event: &Event| matches!(event, Event::Serving(serving) if named(serving));
    assert!(
        desk.stage.events.seen().iter().any(|envelope| told(&envelope.event)),
        "the first one serves, by its region"
    );
    let (call, contact) = desk.call_at(false).await;
    desk.take(&contact).await;
    desk.serve(SECOND_INSTANCE, true);
    desk.notice("notice_failover_completed").await;
    desk.at_second().await;
    call.expect_ended_by_agent(SOON).await.expect("the call ends at once");
    desk.first.agent(AGENT).expect_state("Offline", SOON).await.expect("nothing is routed there any more");
    desk.online().await;
    let (_, contact) = desk.call_at(true).await;
    desk.take(&contact).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soft_hand_over_waits_for_the_call_and_shows_nothing_new() {
    let mut desk = Desk::sit(true).await;
    let (call, contact) = desk.call_at(false).await;
    desk.take(&contact).await;
    let chat = desk.first.offer_chat(OfferChat::to(AGENT)).await.unwrap();
    let talk = ContactId::new(chat.contact_id().to_owned());
    desk.stage.events.expect_contact(&talk, ContactState::Offered).await;
    desk.take(&talk).await;
    desk.serve(SECOND_INSTANCE, false);
    desk.notice("notice_failover_pending").await;
    chat.expect_ended(SOON).await.expect("chats are not waited for");
    let late = desk.first.offer_call(OfferCall { force: true, ..OfferCall::to(AGENT) }).await.unwrap();
    tokio::time::sleep(ROUNDS).await;
    assert!(call.facts().ended.is_none(), "the call goes on");
    desk.stage.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("hung up");
    desk.stage.events.expect_contact(&contact, ContactState::Ended).await;
    assert_eq!(desk.second.requests_of("GetAgentSnapshot").len(), 0, "wrap-up is waited for as well");
    desk.stage.command(Command::Clear { contact }).await.expect("wrapped up");
    desk.at_second().await;
    assert!(!desk.told_of(late.contact_id()), "an offer of the instance that leaves does not ring");
    desk.online().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_may_stay_after_all_stays_and_shows_its_offers_again() {
    let mut desk = Desk::sit(true).await;
    let (_, contact) = desk.call_at(false).await;
    desk.take(&contact).await;
    desk.serve(SECOND_INSTANCE, false);
    desk.notice("notice_failover_pending").await;
    let own = desk.first.instance_arn();
    desk.serve(&own, false);
    desk.serving("no move any more", |serving| !serving.second && !serving.moving).await;
    let knocking = desk.first.offer_call(OfferCall { force: true, ..OfferCall::to(AGENT) }).await.unwrap();
    let id = ContactId::new(knocking.contact_id().to_owned());
    desk.stage.events.expect_contact(&id, ContactState::Offered).await;
    assert_eq!(desk.second.requests_of("GetAgentSnapshot").len(), 0, "nobody was at the second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discovery_service_that_fails_moves_nobody() {
    let mut desk = Desk::sit(true).await;
    desk.first.fail_next("agent-discovery", Fault::Status(500), 1);
    desk.first.fail_next("agent-discovery", Fault::Malformed, 1);
    desk.first.expire_discovery();
    tokio::time::sleep(ROUNDS).await;
    let of_discovery = |requests: usize| requests >= 2;
    let transports = desk.first.requests_of("CreateTransport").len();
    assert!(of_discovery(transports), "an expired address is asked for anew: {transports}");
    assert!(desk.first.requests_of("agent-discovery").len() >= 3, "and the rounds go on");
    assert_eq!(desk.second.requests_of("GetAgentSnapshot").len(), 0, "nobody has moved");
    desk.serve(SECOND_INSTANCE, true);
    desk.at_second().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_moves_by_hand_and_is_not_sent_back() {
    let mut desk = Desk::sit(true).await;
    let own = desk.first.instance_arn();
    desk.serve(&own, false);
    desk.stage.command(Command::SwitchInstance).await.expect("there is a second one");
    desk.at_second().await;
    desk.online().await;
    tokio::time::sleep(ROUNDS).await;
    let polls = desk.first.requests_of("GetAgentSnapshot").len();
    tokio::time::sleep(ROUNDS).await;
    assert_eq!(desk.first.requests_of("GetAgentSnapshot").len(), polls, "the service's old word does not count");
    desk.serve(SECOND_INSTANCE, false);
    tokio::time::sleep(ROUNDS).await;
    desk.serve(&own, false);
    desk.serving("the first one again", |serving| !serving.second && !serving.moving).await;
    desk.online().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_is_down_is_left_at_once_by_hand() {
    let mut desk = Desk::sit(true).await;
    let first = Arc::clone(&desk.first);
    tokio::spawn(async move { first.restart(Duration::from_secs(600)).await });
    let account = desk.stage.account.clone();
    desk.stage.events.expect_link(&account, LinkState::Offline).await;
    desk.stage.command(Command::SwitchInstance).await.expect("moved");
    desk.at_second().await;
    desk.online().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_sign_in_at_the_other_one_the_agent_is_asked_for_it() {
    let mut desk = Desk::sit(false).await;
    desk.serve(SECOND_INSTANCE, true);
    let notice = desk.notice("notice_failover_sign_in").await;
    assert_eq!(notice.action, Some(NoticeAction::SignIn), "with the button for it");
    let account = desk.stage.account.clone();
    desk.stage.events.expect_link(&account, LinkState::NeedsSignIn).await;
    let session = desk.second.token(AGENT);
    desk.stage.login.cookies([("lily-auth-sim", session.as_str())]);
    desk.stage.login.failure(LoginFailure::Closed);
    desk.stage.command(Command::SignIn).await.expect("signing in begins");
    let pages = desk.stage.login.expect_pages(1).await;
    assert_eq!(pages[0].done_origin.origin().ascii_serialization(), desk.second.base_url(), "at the second one");
    desk.online().await;
    let (_, contact) = desk.call_at(true).await;
    desk.take(&contact).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_opens_both_instances_and_reads_what_the_global_page_left() {
    let mut desk = Desk::open(false, false, true).await;
    let account = desk.stage.account.clone();
    desk.stage.events.expect_link(&account, LinkState::NeedsSignIn).await;
    let (first, second) = (desk.first.token(AGENT), desk.second.token(AGENT));
    desk.stage.login.cookies([("lily-auth-sim", first.as_str()), ("lily-agent-config", "bm90IGpzb24=")]);
    desk.stage.login.cookies([("lily-auth-sim", second.as_str())]);
    desk.stage.command(Command::SignIn).await.expect("signing in begins");
    desk.notice("notice_global_sign_in_unreadable").await;
    let pages = desk.stage.login.expect_pages(2).await;
    let start = |n: usize| pages[n].start.as_str().to_owned();
    assert_eq!(start(0), start(1), "the global page signs in at both");
    assert_eq!(pages[1].cookies_for.origin().ascii_serialization(), desk.second.base_url());
    desk.online().await;
    for _ in 0..100 {
        if desk.stage.vault.get("second_cookies").await.unwrap().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.serve(SECOND_INSTANCE, true);
    desk.at_second().await;
    desk.online().await;
    assert_eq!(desk.stage.login.pages().len(), 2, "the fail-over needs no window");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_one_instance_there_is_nothing_to_move_to() {
    let sim =
        AmazonConnectSim::start(SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() }).await.unwrap();
    let network = Network::new(NetworkConfig::default()).unwrap();
    let (context, mut stage) = Stage::builder()
        .setting("address", sim.base_url())
        .secret("token", &sim.token(AGENT))
        .network(network.http(), network.websocket())
        .build();
    let connector = (trunkline_amazon_connect::registration().build)(&context.settings).unwrap();
    tokio::spawn(connector.run(context));
    let account = stage.account.clone();
    stage.events.expect_link(&account, LinkState::Online).await;
    let refused = stage.command(Command::SwitchInstance).await.expect_err("there is no other one");
    assert_eq!(refused.code, CommandCode::NotPossible);
    assert!(sim.requests_of("agent-discovery").is_empty(), "and nobody asks which one serves");
    assert!(!stage.events.seen().iter().any(|envelope| matches!(envelope.event, Event::Serving(_))));
}
