//! The typed handle: what tests and demo mode hold.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::call::{Call, Initiation, lock};
use super::directory::QuickConnect;
use super::error::SimError;
use super::faults::{Fault, Faults, RequestNote, SignallingFault};
use super::gate::{Gate, GateNote};
use super::options::{OfferCall, OutboundBehaviour, SimOptions};
use super::server;
use super::shared::{PageReport, Sessions, Shared, SimIssue, Token};
use super::sim_agent::SimAgent;
use super::sim_call::SimCall;
use super::state::World;
use super::turn_server::TurnServer;
use super::websocket::Sockets;
use super::work::TaskTemplate;

/// A running simulated instance of Amazon Connect.
///
/// Cheap to clone; the servers, peers and the TURN server end when the last
/// clone is dropped.
#[derive(Clone)]
pub struct AmazonConnectSim {
    pub(crate) shared: Arc<Shared>,
    _life: Arc<Life>,
}

struct Life {
    shared: Arc<Shared>,
    _stop: DropGuard,
}

impl Drop for Life {
    fn drop(&mut self) {
        self.shared.end();
    }
}

impl AmazonConnectSim {
    /// Starts listeners on 127.0.0.1 and the TURN server.
    ///
    /// # Errors
    /// When a port cannot be bound, or the wanted TURN server does not start.
    pub async fn start(options: SimOptions) -> Result<Self, SimError> {
        let (http_listener, http) = server::bind(options.port).await?;
        let (tls_listener, tls) = server::bind(0).await?;
        let acceptor = server::tls()?;
        let turn = TurnServer::start(options.turn).await?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            world: Mutex::new(World::new(&options)),
            changed: watch::Sender::new(0),
            faults: Mutex::new(Faults::default()),
            discovery: Mutex::default(),
            gate: Mutex::new(options.gate),
            gate_notes: Mutex::default(),
            sessions: Mutex::new(first_sessions(&options)),
            sockets: Mutex::new(Sockets::default()),
            requests: Mutex::new(Vec::new()),
            task_templates: Mutex::new(options.task_templates.clone()),
            pages: Mutex::new(HashMap::new()),
            reports: watch::Sender::new(Vec::new()),
            calls: watch::Sender::new(Vec::new()),
            chats: watch::Sender::new(Vec::new()),
            works: watch::Sender::new(Vec::new()),
            kept: Mutex::default(),
            peers_made: AtomicUsize::new(0),
            kept_byes: Mutex::default(),
            issues: Mutex::default(),
            turn: Mutex::new(Some(turn)),
            http,
            tls,
            stop: stop.clone(),
            lines: Mutex::new(CancellationToken::new()),
            down: AtomicBool::new(false),
            runtime: tokio::runtime::Handle::current(),
            options,
        });
        server::serve(&shared, http_listener, None);
        server::serve(&shared, tls_listener, Some(acceptor));
        Ok(Self { _life: Arc::new(Life { shared: shared.clone(), _stop: stop.drop_guard() }), shared })
    }

    /// `http://127.0.0.1:PORT`, the instance's address; `/api` is below it.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.shared.http)
    }

    /// The login page for a web view.
    #[must_use]
    pub fn login_url(&self) -> String {
        format!("{}/ccp-v2", self.base_url())
    }

    /// The options it was started with.
    #[must_use]
    pub fn options(&self) -> &SimOptions {
        &self.shared.options
    }

    /// `coturn`, `embedded`, `unreachable`, or `none` after the end.
    #[must_use]
    pub fn turn_kind(&self) -> &'static str {
        lock(&self.shared.turn).as_ref().map_or("none", TurnServer::kind)
    }

    /// `127.0.0.1:PORT` of the TURN server (UDP).
    #[must_use]
    pub fn turn_address(&self) -> Option<std::net::SocketAddr> {
        lock(&self.shared.turn).as_ref().map(TurnServer::address)
    }

    /// The newest access token of an agent that still holds, or the empty text.
    #[must_use]
    pub fn token(&self, agent: &str) -> String {
        let now = Instant::now();
        lock(&self.shared.sessions)
            .tokens
            .iter()
            .rev()
            .find(|t| t.agent == agent && t.expires > now)
            .map(|t| t.value.clone())
            .unwrap_or_default()
    }

    /// A fresh access token for an agent, as a new sign-in would give.
    #[must_use]
    pub fn new_token(&self, agent: &str) -> String {
        self.shared.issue_token(agent).0
    }

    /// `NAME=VALUE` of a session cookie that `/auth/authorize` takes. Any token
    /// ever issued is taken as the value too, until [`Self::revoke_session`].
    #[must_use]
    pub fn login_cookie(&self, agent: &str) -> String {
        let value = server::new_session(&self.shared, agent);
        format!("{}={value}", server::COOKIE)
    }

    /// One agent, by login.
    #[must_use]
    pub fn agent(&self, login: &str) -> SimAgent {
        SimAgent { shared: self.shared.clone(), login: login.to_owned() }
    }

    /// A customer calls; the contact is in the next snapshot.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the agent is not routable or has its
    /// full number of calls, unless `force` is set.
    #[allow(clippy::unused_async, reason = "the handle's calls are all async")]
    pub async fn offer_call(&self, offer: OfferCall) -> Result<SimCall, SimError> {
        if lock(&self.shared.world).agent(&offer.agent).is_none() {
            return Err(SimError::UnknownAgent(offer.agent));
        }
        let call = Call::new(offer, Initiation::Inbound);
        self.shared.calls.send_modify(|calls| calls.push(call.clone()));
        self.shared.act(|world| world.offer(&call)).map_err(SimError::from)?;
        Ok(self.sim_call(call))
    }

    /// How dialled customers react from now on, whatever the directory says
    /// about their number. Without it: as the directory says, else
    /// [`OutboundBehaviour::default`].
    pub fn set_outbound(&self, behaviour: OutboundBehaviour) {
        lock(&self.shared.world).outbound = Some(behaviour);
    }

    /// The same for third parties at telephone numbers.
    pub fn set_third_party(&self, behaviour: OutboundBehaviour) {
        lock(&self.shared.world).third_party = Some(behaviour);
    }

    /// Replaces the quick connects.
    pub fn set_directory(&self, directory: Vec<QuickConnect>) {
        lock(&self.shared.world).directory = directory;
    }

    /// Other templates for tasks.
    pub fn set_task_templates(&self, templates: Vec<TaskTemplate>) {
        *lock(&self.shared.task_templates) = templates;
    }

    /// Allows more than one third party in a call, or forbids it; every agent
    /// gets a new snapshot.
    pub fn set_multi_party(&self, allowed: bool) {
        {
            let mut world = lock(&self.shared.world);
            world.multi_party = allowed;
            for agent in &mut world.agents {
                agent.revision += 1;
            }
        }
        self.shared.announce();
    }

    /// The next GetEndpoints for that page, counted from 0, gets the fault;
    /// other pages are answered.
    pub fn fail_endpoint_page(&self, page: usize, fault: Fault) {
        self.fault(|f| f.endpoint_pages.push((page, fault)));
    }

    /// Waits for the next outbound call of an agent, from the first not yet
    /// returned by this function. The customer rings then, and reacts as
    /// scripted unless [`SimCall::answer`], [`SimCall::busy`] or
    /// [`SimCall::no_answer`] comes first.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none comes in time.
    pub async fn expect_dialled(&self, agent: &str, timeout: Duration) -> Result<SimCall, SimError> {
        let outbound = |call: &Call| call.is_outbound();
        self.expect_call(agent, timeout, "an outbound call", outbound).await
    }

    /// Waits for the next contact that another agent transfers to this one,
    /// from the first not yet returned by this function.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none comes in time.
    pub async fn expect_transferred(&self, agent: &str, timeout: Duration) -> Result<SimCall, SimError> {
        let transferred = |call: &Call| matches!(call.initiation, Initiation::Transfer | Initiation::QueueTransfer);
        self.expect_call(agent, timeout, "a transferred contact", transferred).await
    }

    async fn expect_call(
        &self,
        agent: &str,
        timeout: Duration,
        what: &str,
        wanted: impl Fn(&Call) -> bool,
    ) -> Result<SimCall, SimError> {
        let mut calls = self.shared.calls.subscribe();
        let found = |calls: &Vec<Arc<Call>>| calls.iter().find(|c| c.agent == agent && wanted(c) && c.claim()).cloned();
        let wait = async {
            loop {
                let next = found(&calls.borrow_and_update());
                if let Some(call) = next {
                    return Some(call);
                }
                calls.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(timeout, wait).await {
            Ok(Some(call)) => Ok(self.sim_call(call)),
            _ => Err(SimError::Expected { what: what.to_owned(), waited: timeout, seen: "there was none".to_owned() }),
        }
    }

    /// Every call so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<SimCall> {
        let calls = self.shared.calls.borrow().clone();
        calls.into_iter().map(|c| self.sim_call(c)).collect()
    }

    pub(crate) fn sim_call(&self, call: Arc<Call>) -> SimCall {
        SimCall { call, shared: self.shared.clone() }
    }

    // Faults.

    fn fault(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.shared.faults));
    }

    /// Cuts every agent WebSocket without a close frame.
    pub fn drop_sockets(&self) {
        lock(&self.shared.sockets).cut_all();
    }

    /// New WebSockets get 503 while set.
    pub fn refuse_sockets(&self, refuse: bool) {
        self.fault(|f| f.refuse_sockets = refuse);
    }

    /// Delays every HTTP answer and WebSocket frame.
    pub fn slow_down(&self, delay: Duration) {
        self.fault(|f| f.slow = delay);
    }

    /// Connections are accepted, but nothing is answered and nothing done
    /// while set.
    pub fn silent(&self, silent: bool) {
        self.fault(|f| {
            f.silent.send_replace(silent);
        });
    }

    /// From now on these may call.
    pub fn set_gate(&self, gate: Gate) {
        *lock(&self.shared.gate) = gate;
    }

    /// Everybody who called, and whether they were let through.
    pub fn gate_notes(&self) -> Vec<GateNote> {
        lock(&self.shared.gate_notes).clone()
    }

    /// The next `times` calls of an operation (`AcceptContact`, `authorize`,
    /// `*` for any) get the fault instead of being done.
    pub fn fail_next(&self, operation: &str, fault: Fault, times: usize) {
        self.fault(|f| f.next.push((operation.to_owned(), fault, times)));
    }

    /// The next `times` signalling requests of a method (`invite`, `accept`,
    /// `bye`, `*`) get the fault.
    pub fn fail_next_signalling(&self, method: &str, fault: SignallingFault, times: usize) {
        self.fault(|f| f.signalling.push((method.to_owned(), fault, times)));
    }

    /// The next `invite` gets that error code.
    pub fn signalling_error(&self, code: u16) {
        self.fail_next_signalling("invite", SignallingFault::Error(code), 1);
    }

    /// All access tokens become invalid (401); sessions stay, so authorize
    /// gives a new one.
    pub fn expire_tokens(&self) {
        lock(&self.shared.sessions).tokens.clear();
    }

    /// Sessions end: authorize gives 401. Access tokens still hold; see
    /// [`Self::expire_tokens`].
    pub fn revoke_session(&self) {
        lock(&self.shared.sessions).cookies.clear();
    }

    /// The service's clock is that many seconds ahead of ours (may be negative).
    pub fn set_clock_skew(&self, seconds: f64) {
        self.fault(|f| f.skew = seconds);
    }

    /// Sends a text frame of two megabytes on every WebSocket.
    pub fn oversized_frame(&self) {
        let content = "x".repeat(2 << 20);
        let frame = serde_json::json!({ "topic": "aws/softphone", "content": content });
        lock(&self.shared.sockets).send_all(&frame.to_string());
    }

    /// Sends any text on every WebSocket.
    pub fn send_frame(&self, text: &str) {
        lock(&self.shared.sockets).send_all(text);
    }

    /// While set, every snapshot is told twice and every signalling message of
    /// the server is sent twice.
    pub fn duplicate_events(&self, duplicate: bool) {
        self.fault(|f| f.duplicate = duplicate);
        self.shared.announce();
    }

    /// Cuts all connections and takes none for `down`; the port stays the same
    /// and state, sessions and calls are kept.
    pub async fn restart(&self, down: Duration) {
        self.shared.down.store(true, Ordering::SeqCst);
        self.shared.cut_lines();
        lock(&self.shared.sockets).cut_all();
        tokio::time::sleep(down).await;
        self.shared.down.store(false, Ordering::SeqCst);
    }

    /// Ends the TURN server; running calls lose their media path.
    pub fn stop_turn(&self) {
        lock(&self.shared.turn).take();
    }

    // Observation.

    /// All requests so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestNote> {
        lock(&self.shared.requests).clone()
    }

    /// Problems that agents have reported with a contact, in order.
    pub fn issues_of(&self, contact: &str) -> Vec<SimIssue> {
        lock(&self.shared.issues).iter().filter(|issue| issue.contact == contact).cloned().collect()
    }

    /// Requests of one operation so far.
    #[must_use]
    pub fn requests_of(&self, operation: &str) -> Vec<RequestNote> {
        let mut all = self.requests();
        all.retain(|r| r.operation == operation);
        all
    }

    /// Open agent WebSockets of one agent.
    #[must_use]
    pub fn sockets(&self, agent: &str) -> usize {
        lock(&self.shared.sockets).count(agent)
    }

    /// Waits until an agent's socket has subscribed to `aws/softphone`.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_subscribed(&self, agent: &str, timeout: Duration) -> Result<(), SimError> {
        let done = || lock(&self.shared.sockets).subscribed(agent, "aws/softphone");
        self.shared
            .expect("a subscription to aws/softphone", timeout, done, || {
                format!("{} sockets are open", self.sockets(agent))
            })
            .await
    }

    // Pages for browser tests.

    /// Serves `bytes` at `path` on the simulator's own origin.
    pub fn host_page(&self, path: &str, content_type: &str, bytes: impl Into<Vec<u8>>) {
        lock(&self.shared.pages).insert(path.to_owned(), (content_type.to_owned(), bytes.into()));
    }

    /// Serves the vendor's own client library and a page that signs in with it
    /// and reports every event. `release` is the unmodified file
    /// `release/connect-streams.js` of npm amazon-connect-streams. The library
    /// takes `wss://` only: start with [`super::WebSocketScheme::Wss`] and let
    /// the browser ignore certificate errors.
    ///
    /// Returns the page's address for that agent. With `acts` the page accepts,
    /// holds, resumes, ends, clears and goes to Lunch by itself.
    #[must_use]
    pub fn host_vendor_client(&self, release: Vec<u8>, agent: &str, acts: bool) -> String {
        const SCRIPT: &str = "text/javascript";
        self.host_page("/vendor/connect-streams.js", SCRIPT, release);
        self.host_page("/vendor/worker.js", SCRIPT, include_bytes!("../../resources/vendor/worker.js").as_slice());
        self.host_page(
            "/vendor/page.html",
            "text/html; charset=utf-8",
            include_bytes!("../../resources/vendor/page.html").as_slice(),
        );
        format!("{}/vendor/page.html?token={}&auto={}", self.base_url(), self.token(agent), u8::from(acts))
    }

    /// What hosted pages have posted to `/report`, oldest first.
    #[must_use]
    pub fn page_reports(&self) -> Vec<PageReport> {
        self.shared.reports.borrow().clone()
    }

    /// Waits for a report that `wanted` takes.
    ///
    /// # Errors
    /// [`SimError::Expected`] with all reports when none comes in time.
    pub async fn expect_report(
        &self,
        what: &str,
        timeout: Duration,
        wanted: impl Fn(&serde_json::Value) -> bool,
    ) -> Result<PageReport, SimError> {
        let mut reports = self.shared.reports.subscribe();
        let found = reports.wait_for(|all| all.iter().any(|r| wanted(&r.body)));
        let in_time = tokio::time::timeout(timeout, found).await.is_ok();
        let all = self.page_reports();
        let last = format!("reports: {:?}", all.iter().map(|r| &r.body).collect::<Vec<_>>());
        match all.into_iter().find(|r| wanted(&r.body)) {
            Some(report) if in_time => Ok(report),
            _ => Err(SimError::Expected { what: what.to_owned(), waited: timeout, seen: last }),
        }
    }
}

fn first_sessions(options: &SimOptions) -> Sessions {
    let mut sessions = Sessions::default();
    for agent in &options.agents {
        sessions.tokens.push(Token {
            value: agent.token.clone(),
            agent: agent.login.clone(),
            expires: Instant::now() + options.token_life,
        });
        sessions.cookies.push((agent.token.clone(), agent.login.clone()));
    }
    sessions
}
