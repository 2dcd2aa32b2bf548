//! The running simulator and its handle.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::hub_event::HubEvent;
use super::options::{OlosAgent, OlosOptions, OnlineUser};
use super::token::Mint;
use crate::Moment;
use crate::phoenix::{App, Asked, Attempt, Body, Hub, Joining, Pushed, Tracked, Weather, serve};

/// The simulator cannot do that.
#[derive(Debug, Error)]
pub enum OlosError {
    /// No port.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[from] std::io::Error),
    /// It did not happen in time.
    #[error("waited in vain for {0}")]
    InVain(&'static str),
}

#[derive(Default)]
struct Tokens {
    revoked: Vec<String>,
    /// Tokens that the company's service gave out.
    fetched: usize,
    /// The service fails while set.
    service_status: Option<u16>,
    /// Tokens from before this, in seconds since 1970, are over.
    not_before: i64,
}

struct Office {
    options: OlosOptions,
    mint: Mint,
    tokens: Mutex<Tokens>,
}

impl Office {
    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn agent(&self, sub: &str) -> Option<&OlosAgent> {
        self.options.agents.iter().find(|agent| agent.sub == sub)
    }

    fn issue(&self, agent: &OlosAgent, life: Duration) -> String {
        let now = seconds();
        let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX / 2);
        self.mint.issue(agent, &self.options.tenant, now, now + life)
    }
}

fn seconds() -> i64 {
    Moment::now().unix_seconds() as i64
}

/// AgentHub's channels.
struct AgentHub(Arc<Office>);

impl App for AgentHub {
    fn connect(&self, asked: &Asked) -> Result<String, u16> {
        // The readme: refused without a reason, whatever is wrong with the token.
        let token = self.token(asked).ok_or(403_u16)?;
        let claims = self.0.mint.check(&token, seconds()).ok_or(403_u16)?;
        let tokens = self.0.tokens();
        let over = claims["iat"].as_i64().is_none_or(|issued| issued < tokens.not_before);
        if over || tokens.revoked.contains(&token) {
            return Err(403);
        }
        claims["sub"].as_str().map(str::to_owned).ok_or(403)
    }

    fn token(&self, asked: &Asked) -> Option<String> {
        asked.protocol_token.clone().or_else(|| asked.query.get(&self.0.options.token_param).cloned())
    }

    fn join(&self, who: &str, topic: &str, _params: &Value) -> Joining {
        let options = &self.0.options;
        let Some(agent) = self.0.agent(who) else { return Joining::Crashed };
        let is = |pattern: &str| options.topic(pattern, agent) == topic;
        let known = |pattern: &str| {
            let start = pattern.split('{').next().unwrap_or_default();
            !start.is_empty() && topic.starts_with(start)
        };
        if is(&options.agent_topic) {
            let response = json!({ "sub": agent.sub, "username": agent.username, "tid": options.tenant });
            Joining::Ok { response, present: None, roster: false }
        } else if is(&options.admin_topic) && agent.roles.iter().any(|role| role == "admin") {
            let meta = Map::from_iter([
                ("username".to_owned(), json!(agent.username)),
                ("onlineAt".to_owned(), json!(millis())),
                ("ipAddress".to_owned(), json!("127.0.0.1")),
            ]);
            let present = Tracked { key: agent.agent_id.clone(), meta };
            let presence = options.roster_event.is_none();
            Joining::Ok { response: json!({}), present: presence.then_some(present), roster: presence }
        } else if known(&options.agent_topic) || known(&options.admin_topic) {
            Joining::Refused(json!({ "reason": "unauthorized" }))
        } else {
            Joining::NoSuchTopic
        }
    }

    fn push(&self, _who: &str, _topic: &str, _event: &str, _body: Body) -> Pushed {
        // Nothing is known that an agent may send.
        Pushed::Crash
    }
}

fn millis() -> i64 {
    (Moment::now().unix_seconds() * 1000.0) as i64
}

/// A running AgentHub. Ends when the last handle is dropped.
#[derive(Clone)]
pub struct OlosSim(Arc<Running>);

struct Running {
    hub: Arc<Hub>,
    office: Arc<Office>,
    address: SocketAddr,
    last: AtomicU64,
    skew: AtomicI64,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.hub.stop.cancel();
    }
}

impl OlosSim {
    /// Starts it.
    pub async fn start(options: OlosOptions) -> Result<Self, OlosError> {
        let (port, mount) = (options.port, options.mount.clone());
        let office = Arc::new(Office { options, mint: Mint::new(), tokens: Mutex::default() });
        let hub = Arc::new(Hub::new(Box::new(AgentHub(office.clone()))));
        let service = Router::new().route("/token", get(give_token).post(give_token)).with_state(office.clone());
        let address = serve(hub.clone(), port, &mount, service).await?;
        let running = Running { hub, office, address, last: AtomicU64::new(0), skew: AtomicI64::new(0) };
        Ok(Self(Arc::new(running)))
    }

    /// Base address for the connector.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// The company's token service: `Authorization: Bearer KEY` of an agent.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("http://{}/token", self.0.address)
    }

    /// How it was started.
    #[must_use]
    pub fn options(&self) -> &OlosOptions {
        &self.0.office.options
    }

    fn known(&self, sub: &str) -> OlosAgent {
        self.0.office.agent(sub).cloned().unwrap_or_else(|| OlosAgent::named(sub, "nobody"))
    }

    /// A new token for an agent.
    #[must_use]
    pub fn token(&self, sub: &str) -> String {
        self.token_for(sub, self.options().token_life)
    }

    /// A new token that lasts so long.
    #[must_use]
    pub fn token_for(&self, sub: &str, life: Duration) -> String {
        self.0.office.issue(&self.known(sub), life)
    }

    /// What the token service asks of that agent.
    #[must_use]
    pub fn key(&self, sub: &str) -> String {
        self.known(sub).key
    }

    /// How many tokens the service gave out.
    #[must_use]
    pub fn tokens_fetched(&self) -> usize {
        self.0.office.tokens().fetched
    }

    /// The token service answers with this status instead.
    pub fn fail_token_service(&self, status: Option<u16>) {
        self.0.office.tokens().service_status = status;
    }

    /// That token is not taken any more.
    pub fn revoke(&self, token: &str) {
        self.0.office.tokens().revoked.push(token.to_owned());
    }

    /// No token made so far is taken any more; new ones are.
    pub fn revoke_all(&self) {
        self.0.office.tokens().not_before = seconds() + 1;
    }

    /// Changes the weather.
    pub fn weather(&self, change: impl FnOnce(&mut Weather)) {
        self.0.hub.set_weather(change);
    }

    /// Cuts all sockets.
    pub fn drop_sockets(&self) {
        self.0.hub.cut_all();
    }

    /// Closes all sockets with that code.
    pub fn close_sockets(&self, code: u16) {
        self.0.hub.close_all(code);
    }

    /// The agent's channel crashes, or is closed in order.
    pub fn end_channel(&self, sub: &str, crash: bool) {
        self.0.hub.end_channels(&self.agent_topic(sub), crash);
    }

    /// Away for that long.
    pub async fn restart(&self, down: Duration) {
        self.weather(|weather| weather.down = true);
        self.drop_sockets();
        tokio::time::sleep(down).await;
        self.weather(|weather| weather.down = false);
    }

    /// Timestamps of events are so many seconds ahead.
    pub fn set_clock_skew(&self, seconds: f64) {
        self.0.skew.store((seconds * 1000.0) as i64, Ordering::SeqCst);
    }

    /// The agent's topic.
    #[must_use]
    pub fn agent_topic(&self, sub: &str) -> String {
        self.options().topic(&self.options().agent_topic, &self.known(sub))
    }

    /// The administrators' topic.
    #[must_use]
    pub fn admin_topic(&self) -> String {
        self.options().topic(&self.options().admin_topic, &self.known(""))
    }

    /// Clients that have joined the agent's topic.
    #[must_use]
    pub fn joined(&self, sub: &str) -> usize {
        self.0.hub.members(&self.agent_topic(sub))
    }

    /// Waits until a client has joined the agent's topic.
    pub async fn expect_joined(&self, sub: &str, within: Duration) -> Result<(), OlosError> {
        self.expect("the agent's topic to be joined", within, |sim| sim.joined(sub) > 0).await
    }

    /// Waits until that is so.
    pub async fn expect(
        &self,
        what: &'static str,
        within: Duration,
        so: impl Fn(&Self) -> bool,
    ) -> Result<(), OlosError> {
        let happened = tokio::time::timeout(within, self.0.hub.until(|_| so(self))).await;
        happened.map_err(|_| OlosError::InVain(what))
    }

    /// Who tried to get in.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.0.hub.attempts()
    }

    /// Something happens to the agent; gives the event's id. Who is not there
    /// never gets it.
    pub fn push(&self, sub: &str, event: &HubEvent) -> String {
        let agent = self.known(sub);
        let number = self.0.last.fetch_add(1, Ordering::SeqCst);
        let now = millis() + self.0.skew.load(Ordering::SeqCst);
        let id = event.id.clone().unwrap_or_else(|| format!("{now}-{number}"));
        let payload = event.payload(&id, &agent.agent_id, now);
        self.push_payload(sub, event.wire_name.as_deref().unwrap_or(&event.kind), &payload);
        id
    }

    /// Any payload under any Phoenix event on the agent's topic; gives how many got it.
    pub fn push_payload(&self, sub: &str, event: &str, payload: &Value) -> usize {
        self.0.hub.broadcast(&self.agent_topic(sub), event, payload)
    }

    /// A frame as it is, to the agent.
    pub fn push_frame(&self, sub: &str, text: &str) {
        self.0.hub.raw(&self.agent_topic(sub), text);
    }

    /// An event for a join before the present one.
    pub fn push_stale(&self, sub: &str, event: &HubEvent) {
        let payload = event.payload("0-0", &self.known(sub).agent_id, millis());
        self.0.hub.stale(&self.agent_topic(sub), &event.kind, &payload);
    }

    /// So many screen pops, spread over that time.
    pub async fn flood(&self, sub: &str, count: usize, over: Duration) -> Vec<String> {
        const STEP: usize = 500;
        let pause = over.div_f64((count.div_ceil(STEP)).max(1) as f64);
        let mut ids = Vec::with_capacity(count);
        for number in 0..count {
            let number_text = format!("+1202555{:04}", number % 10_000);
            ids.push(self.push(sub, &HubEvent::screen_pop(number as i64, &number_text, "Flood")));
            if number % STEP == STEP - 1 {
                tokio::time::sleep(pause).await;
            }
        }
        ids
    }

    /// Somebody comes online; gives the reference.
    pub fn come_online(&self, user: &OnlineUser) -> String {
        let meta = Map::from_iter([
            ("username".to_owned(), json!(user.username)),
            ("onlineAt".to_owned(), json!(user.online_at)),
            ("ipAddress".to_owned(), json!(user.ip_address)),
        ]);
        self.0.hub.track(&self.admin_topic(), Tracked { key: user.user_id.clone(), meta })
    }

    /// And goes again.
    pub fn go_offline(&self, user_id: &str, reference: &str) {
        self.0.hub.untrack(&self.admin_topic(), user_id, reference);
    }

    /// Any payload under any event on the administrators' topic.
    pub fn push_to_admins(&self, event: &str, payload: &Value) -> usize {
        self.0.hub.broadcast(&self.admin_topic(), event, payload)
    }

    /// Parameters of the last join of the agent's topic.
    #[must_use]
    pub fn last_join(&self, sub: &str) -> Option<Value> {
        self.0.hub.last_join(&self.agent_topic(sub))
    }

    /// Open sockets.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.0.hub.sockets()
    }
}

/// The company's token service.
async fn give_token(State(office): State<Arc<Office>>, headers: HeaderMap) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if let Some(status) = office.tokens().service_status {
        return StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE).into_response();
    }
    let Some(agent) = office.options.agents.iter().find(|agent| agent.key == key) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    office.tokens().fetched += 1;
    let life = office.options.token_life;
    Json(json!({ "access_token": office.issue(agent, life), "expires_in": life.as_secs() })).into_response()
}
