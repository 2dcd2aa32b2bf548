//! The two ways to the back end over the simulator, which lets in whom it
//! likes. The page is played by an HTTP client that says what a browser says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use trunkline_connector::ports::{
    Http, HttpFailure, HttpRequest, HttpResponse, LoginCookie, LoginFailure, PageHttp, QuietPage,
};
use trunkline_connector::{Command, Event};
use trunkline_model::{ContactId, ContactState, LinkState, Route};
use trunkline_net::{Network, NetworkConfig};
use trunkline_simulators::amazon_connect::{AmazonConnectSim, Gate, OfferCall, SimOptions, TurnKind};
use trunkline_testkit::Stage;
use url::Url;

const AGENT: &str = "agent.one";

/// A page in a browser, as the other side sees it.
struct Browser {
    http: Arc<dyn Http>,
    own: Url,
    state: Arc<BrowserState>,
}

#[derive(Default)]
struct BrowserState {
    dead: AtomicBool,
    fetched: AtomicUsize,
}

#[async_trait]
impl Http for Browser {
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        assert_eq!(request.url.origin(), self.own.origin(), "nothing but the instance is fetched through the page");
        if self.state.dead.load(Ordering::SeqCst) {
            return Err(HttpFailure::Broken);
        }
        self.state.fetched.fetch_add(1, Ordering::SeqCst);
        let agent =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
        request.headers.insert(http::header::USER_AGENT, agent.parse().unwrap());
        request.headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        if request.method == http::Method::POST {
            let origin = self.own.origin().ascii_serialization();
            request.headers.insert(http::header::ORIGIN, origin.parse().unwrap());
        }
        self.http.send(request).await
    }
    fn set_cookie(&self, url: &Url, name: &str, value: &str) {
        self.http.set_cookie(url, name, value);
    }
    fn clear_cookies(&self) {
        self.http.clear_cookies();
    }
}

#[async_trait]
impl PageHttp for Browser {
    async fn cookies(&self) -> Result<Vec<LoginCookie>, LoginFailure> {
        Ok(Vec::new())
    }
}

/// An agent at work on a simulator with a gate.
struct Desk {
    sim: AmazonConnectSim,
    stage: Stage,
    browser: Arc<BrowserState>,
}

impl Desk {
    /// Starts the connector; with pages where a shell would have them.
    async fn sit(gate: Gate, pages: bool) -> Self {
        let options = SimOptions { turn: TurnKind::Unreachable, gate, ..SimOptions::default() };
        let sim = AmazonConnectSim::start(options).await.unwrap();
        let network = Network::new(NetworkConfig::default()).unwrap();
        let (context, stage) = Stage::builder()
            .setting("address", sim.base_url())
            .setting("retry_ms", serde_json::json!([200, 300]))
            .setting("transport_pause_ms", 300)
            .setting("authorize_retry_ms", 300)
            .network(network.http(), network.websocket())
            .build();
        let browser = Arc::new(BrowserState::default());
        if pages {
            let state = Arc::clone(&browser);
            stage.login.pages_by(move |quiet: QuietPage| {
                let own = quiet.addresses[0].clone();
                let http = Network::new(NetworkConfig::default()).unwrap().http();
                for cookie in &quiet.cookies {
                    http.set_cookie(&own, &cookie.name, cookie.value.expose_secret());
                }
                Arc::new(Browser { http, own, state: Arc::clone(&state) })
            });
        }
        let connector = (trunkline_amazon_connect::registration().build)(&context.settings).unwrap();
        tokio::spawn(connector.run(context));
        let mut desk = Self { sim, stage, browser };
        let account = desk.stage.account.clone();
        desk.stage.events.expect_link(&account, LinkState::NeedsSignIn).await;
        desk
    }

    async fn sign_in(&mut self) {
        // The simulator takes a token for a session.
        let session = self.sim.token(AGENT);
        self.stage.login.cookies([("lily-auth-sim", session.as_str())]);
        self.stage.command(Command::SignIn).await.expect("signing in begins");
    }

    async fn online(&mut self, route: Route) {
        self.route(route).await;
        let account = self.stage.account.clone();
        self.stage.events.expect_link(&account, LinkState::Online).await;
    }

    async fn route(&mut self, route: Route) {
        let what = format!("calls going {route:?}");
        self.stage.events.expect(&what, |envelope| (envelope.event == Event::Route(route)).then_some(())).await;
    }

    async fn take_a_call(&mut self) {
        let call = self.sim.offer_call(OfferCall::to(AGENT)).await.unwrap();
        let contact = ContactId::new(call.contact_id().to_owned());
        self.stage.events.expect_contact(&contact, ContactState::Offered).await;
        self.stage.command(Command::Accept { contact: contact.clone() }).await.expect("accepted");
        self.stage.events.expect_contact(&contact, ContactState::Connected).await;
        let end = Command::Disconnect { contact: contact.clone(), connection: None };
        self.stage.command(end).await.expect("ended");
        self.stage.events.expect_contact(&contact, ContactState::Ended).await;
        self.stage.command(Command::Clear { contact: contact.clone() }).await.expect("cleared");
        self.stage.events.expect_gone(&contact).await;
        let accepts = self.sim.requests_of("AcceptContact").len();
        assert_eq!(accepts, 1, "accepted once");
    }
}

#[tokio::test]
async fn an_instance_that_lets_everybody_in_is_called_directly() {
    let mut desk = Desk::sit(Gate::Open, true).await;
    desk.sign_in().await;
    desk.online(Route::Direct).await;
    assert_eq!(desk.browser.fetched.load(Ordering::SeqCst), 0, "the page was never needed");
    desk.take_a_call().await;
}

#[tokio::test]
async fn an_instance_for_browsers_is_called_through_the_page() {
    let mut desk = Desk::sit(Gate::Browsers, true).await;
    desk.sign_in().await;
    desk.online(Route::Page).await;
    desk.take_a_call().await;
    let notes = desk.sim.gate_notes();
    let tried = notes.iter().filter(|note| !note.browser).count();
    assert_eq!(tried, 1, "direct was tried once, at the probe");
    assert!(notes.iter().filter(|note| note.browser).all(|note| note.passed), "the page was let in every time");
}

#[tokio::test]
async fn a_gate_that_closes_while_a_call_rings_loses_neither_call_nor_accept() {
    let mut desk = Desk::sit(Gate::Open, true).await;
    desk.sign_in().await;
    desk.online(Route::Direct).await;
    let call = desk.sim.offer_call(OfferCall::to(AGENT)).await.unwrap();
    let contact = ContactId::new(call.contact_id().to_owned());
    desk.stage.events.expect_contact(&contact, ContactState::Offered).await;
    desk.sim.set_gate(Gate::Browsers);
    desk.stage.command(Command::Accept { contact: contact.clone() }).await.expect("accepted on the other way");
    desk.route(Route::Page).await;
    desk.stage.events.expect_contact(&contact, ContactState::Connected).await;
    assert_eq!(desk.sim.requests_of("AcceptContact").len(), 1, "the service was asked once");
    assert!(call.facts().accepted.is_some(), "and the call is taken");
}

#[tokio::test]
async fn the_page_is_left_when_it_is_refused() {
    let mut desk = Desk::sit(Gate::Browsers, true).await;
    desk.sign_in().await;
    desk.online(Route::Page).await;
    desk.sim.set_gate(Gate::NoBrowsers);
    desk.route(Route::Direct).await;
    desk.take_a_call().await;
}

#[tokio::test]
async fn a_page_that_dies_is_left_too() {
    let mut desk = Desk::sit(Gate::Browsers, true).await;
    desk.sign_in().await;
    desk.online(Route::Page).await;
    desk.sim.set_gate(Gate::Open);
    desk.browser.dead.store(true, Ordering::SeqCst);
    // The long poll that is under way ends with the next change.
    desk.sim.offer_call(OfferCall::to(AGENT)).await.unwrap();
    desk.route(Route::Direct).await;
}

#[tokio::test]
async fn refused_on_both_ways_the_agent_is_told_and_has_a_last_resort() {
    let mut desk = Desk::sit(Gate::Closed, true).await;
    desk.sign_in().await;
    let notice = desk.stage.events.expect_notice("notice_ways_refused").await;
    assert_eq!(notice.action, Some(trunkline_model::NoticeAction::PlatformPanel), "its button opens the panel");
    desk.stage.command(Command::OpenPlatformPanel).await.expect("it opens");
    let panels = desk.stage.login.panels();
    assert_eq!(panels.len(), 1, "one window");
    assert_eq!(panels[0].start.path(), "/ccp-v2", "the instance's own panel");
    assert_eq!(panels[0].cookies.len(), 1, "with this session");
    desk.sim.set_gate(Gate::Open);
    desk.route(Route::Direct).await;
}

#[tokio::test]
async fn without_a_shell_there_is_only_the_direct_way() {
    let mut desk = Desk::sit(Gate::Browsers, false).await;
    desk.sign_in().await;
    desk.stage.events.expect_notice("notice_ways_refused").await;
    desk.sim.set_gate(Gate::Open);
    desk.route(Route::Direct).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(desk.stage.login.parked().is_empty(), "no page was ever there");
}
