//! Where pages of plugins tell what they heard, and are told what to call: no
//! WebDriver reaches into their web views.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::harness::stage::PATIENCE;

/// A page that asks for orders waits this long, and asks again.
const POLL: Duration = Duration::from_secs(10);

/// What a page has heard: the event's name and what came with it.
pub type Heard = (String, Value);

/// A call of a page's, as the page reports its end.
pub type Answer = Result<Value, Refused>;

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// As the SDK has it.
    pub code: String,
    /// In words.
    pub reason: String,
}

#[derive(Default)]
struct Told {
    heard: BTreeMap<String, Vec<Heard>>,
    orders: BTreeMap<String, VecDeque<Value>>,
    done: BTreeMap<u64, Answer>,
    given: u64,
}

#[derive(Default)]
struct Shared {
    told: Mutex<Told>,
    changed: Notify,
}

impl Shared {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something, looking at each change.
    async fn until<T>(&self, end: Instant, mut look: impl FnMut(&mut Told) -> Option<T>) -> Option<T> {
        loop {
            let change = self.changed.notified();
            tokio::pin!(change);
            // From here on no change is missed, also one during the look.
            change.as_mut().enable();
            if let Some(found) = look(&mut self.told()) {
                return Some(found);
            }
            timeout_at(end, change).await.ok()?;
        }
    }
}

/// The server that pages talk with; it ends with the proof's runtime.
#[derive(Clone)]
pub struct Collector {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Collector {
    /// Starts it on the loopback.
    pub async fn start() -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let routes = Router::new()
            .route("/{page}/heard", post(hear))
            .route("/{page}/done", post(done))
            .route("/{page}/order", get(order))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { shared, address })
    }

    /// The server, as a manifest names it.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A page of its own.
    pub fn page(&self, name: &'static str) -> Page {
        Page { name, collector: self.clone() }
    }
}

/// A call that a page was told to make.
#[derive(Clone, Copy, Debug)]
pub struct Order(u64);

/// One page, from outside.
#[derive(Clone)]
pub struct Page {
    /// The plugin's id.
    pub name: &'static str,
    collector: Collector,
}

impl Page {
    /// Where it reports to.
    pub fn address(&self) -> String {
        format!("{}/{}", self.collector.origin(), self.name)
    }

    /// Tells it to call a method of the SDK.
    pub fn order(&self, method: &str, values: &[Value]) -> Order {
        let mut told = self.collector.shared.told();
        told.given += 1;
        let number = told.given;
        let order = json!({ "order": number, "method": method, "values": values });
        told.orders.entry(self.name.to_owned()).or_default().push_back(order);
        drop(told);
        self.collector.shared.changed.notify_waiters();
        Order(number)
    }

    /// How a call ended.
    pub async fn answer(&self, order: Order) -> Result<Answer> {
        let answer = self.collector.shared.until(Instant::now() + PATIENCE, |told| told.done.remove(&order.0)).await;
        answer.with_context(|| format!("{}: no answer to call {}", self.name, order.0))
    }

    /// Has it call a method, and waits for the answer, whatever it is.
    pub async fn call(&self, method: &str, values: &[Value]) -> Result<Answer> {
        self.answer(self.order(method, values)).await
    }

    /// Has it call a method that is to succeed.
    pub async fn does(&self, method: &str, values: &[Value]) -> Result<Value> {
        match self.call(method, values).await? {
            Ok(value) => Ok(value),
            Err(Refused { code, reason }) => bail!("{method} was refused: {code}, {reason}"),
        }
    }

    /// How much it has heard so far.
    pub fn mark(&self) -> usize {
        self.collector.shared.told().heard.get(self.name).map_or(0, Vec::len)
    }

    /// What it has heard since.
    pub fn since(&self, mark: usize) -> Vec<Heard> {
        let told = self.collector.shared.told();
        told.heard.get(self.name).map(|all| all[mark.min(all.len())..].to_vec()).unwrap_or_default()
    }

    /// Waits for an event after the mark whose payload fits.
    pub async fn hears(&self, mark: usize, event: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        let find = |told: &mut Told| {
            let heard = told.heard.get(self.name)?.iter().skip(mark);
            heard.filter(|(name, payload)| name == event && fits(payload)).map(|(_, payload)| payload.clone()).next()
        };
        let found = self.collector.shared.until(Instant::now() + PATIENCE, find).await;
        found.with_context(|| format!("{} did not hear {event} as wanted, but {:?}", self.name, self.since(mark)))
    }
}

async fn hear(State(shared): State<Arc<Shared>>, Path(page): Path<String>, body: String) -> Response {
    #[derive(Deserialize)]
    struct Report {
        name: String,
        #[serde(default)]
        payload: Value,
    }
    let Ok(Report { name, payload }) = serde_json::from_str(&body) else { return allowed(StatusCode::BAD_REQUEST, "") };
    shared.told().heard.entry(page).or_default().push((name, payload));
    shared.changed.notify_waiters();
    allowed(StatusCode::NO_CONTENT, "")
}

async fn done(State(shared): State<Arc<Shared>>, Path(_): Path<String>, body: String) -> Response {
    #[derive(Deserialize)]
    struct Report {
        order: u64,
        #[serde(default)]
        value: Value,
        code: Option<String>,
        #[serde(default)]
        reason: String,
    }
    let Ok(Report { order, value, code, reason }) = serde_json::from_str(&body) else {
        return allowed(StatusCode::BAD_REQUEST, "");
    };
    let answer = match code {
        Some(code) => Err(Refused { code, reason }),
        None => Ok(value),
    };
    shared.told().done.insert(order, answer);
    shared.changed.notify_waiters();
    allowed(StatusCode::NO_CONTENT, "")
}

async fn order(State(shared): State<Arc<Shared>>, Path(page): Path<String>) -> Response {
    let next = |told: &mut Told| told.orders.get_mut(&page)?.pop_front();
    match shared.until(Instant::now() + POLL, next).await {
        Some(order) => allowed(StatusCode::OK, &order.to_string()),
        None => allowed(StatusCode::NO_CONTENT, ""),
    }
}

/// The page has another origin than this server.
fn allowed(status: StatusCode, body: &str) -> Response {
    let mut response = (status, body.to_owned()).into_response();
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
