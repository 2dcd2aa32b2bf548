//! Three servers on this computer: the proof's own, which pages may talk to; one
//! elsewhere, which nothing may ever reach; and one that plugins come from.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path as InPath, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Stands in every file that a plugin may try to save.
pub const MARK: &str = "a file that nobody asked for";
/// Longest wait of a page for an order.
const POLL: Duration = Duration::from_secs(5);

/// What a page told without being asked.
#[derive(Clone, Debug)]
pub struct Told {
    pub plugin: String,
    pub kind: String,
    pub words: String,
}

#[derive(Default)]
struct Notes {
    serial: u64,
    orders: BTreeMap<String, VecDeque<(u64, String)>>,
    begun: Vec<u64>,
    came: BTreeMap<u64, String>,
    told: Vec<Told>,
    elsewhere: Vec<String>,
}

type Shared = Arc<Mutex<Notes>>;

/// The servers, until it is dropped.
pub struct Ground {
    notes: Shared,
    /// Origin of the proof's own server.
    pub proof: String,
    /// Origin of the one that nothing may reach.
    pub elsewhere: String,
    /// Origin of the one that plugins come from.
    pub web: String,
    servers: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Ground {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

fn notes(shared: &Shared) -> MutexGuard<'_, Notes> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen() -> Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    Ok((listener, origin))
}

impl Ground {
    /// Starts all three.
    pub async fn start() -> Result<Self> {
        let shared = Shared::default();
        let (own, proof) = listen().await?;
        let (other, elsewhere) = listen().await?;
        let (plugins, web) = listen().await?;
        let for_orders = Router::new()
            .route("/orders/{plugin}", get(order))
            .route("/begun/{plugin}/{serial}", post(begun))
            .route("/report/{plugin}/{serial}", post(report))
            .route("/tell/{plugin}/{kind}", post(tell))
            .route("/cookie/{what}", get(cookie))
            .route("/nested.html", get(|| async { page(include_str!("nested.html")) }))
            .route("/file.bin", get(attachment))
            .with_state(Arc::clone(&shared));
        let nothing_here = Router::new().fallback(reached).with_state(Arc::clone(&shared));
        let texts = Texts { proof: proof.clone(), elsewhere: elsewhere.clone() };
        let of_plugins = Router::new().fallback(move |request: Request<Body>| {
            let texts = texts.clone();
            async move { texts.served(request.uri().path()) }
        });
        let serve = |listener, router: Router| {
            tokio::spawn(async move {
                if let Err(error) = axum::serve(listener, router).await {
                    eprintln!("a server of the proof has ended: {error}");
                }
            })
        };
        let servers = vec![serve(own, for_orders), serve(other, nothing_here), serve(plugins, of_plugins)];
        Ok(Self { notes: shared, proof, elsewhere, web, servers })
    }

    /// Writes a plugin's folder: its manifest, the page that takes orders, and these scripts.
    pub fn write(&self, folder: &Path, id: &str, manifest: &Value, files: &[(&str, &str)]) -> Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("plugin.json"), manifest.to_string())?;
        let texts = Texts { proof: self.proof.clone(), elsewhere: self.elsewhere.clone() };
        let common = [("page.html", include_str!("page.html")), ("orders.js", include_str!("orders.js"))];
        for (name, text) in common.iter().chain(files) {
            fs::write(folder.join(name), texts.fill(text, id))?;
        }
        Ok(())
    }

    /// Gives a page an order. What it came to: [`Ground::came`].
    pub fn order(&self, plugin: &str, name: &str) -> u64 {
        let mut notes = notes(&self.notes);
        notes.serial += 1;
        let serial = notes.serial;
        notes.orders.entry(plugin.to_owned()).or_default().push_back((serial, name.to_owned()));
        serial
    }

    /// Waits until a page has begun to carry an order out.
    pub async fn begun(&self, serial: u64, limit: Duration) -> Result<()> {
        self.wait(limit, |notes| notes.begun.contains(&serial).then_some(())).await.context("the order was not taken")
    }

    /// Waits for what an order came to.
    pub async fn came(&self, serial: u64, limit: Duration) -> Result<String> {
        self.wait(limit, |notes| notes.came.get(&serial).cloned()).await.context("nothing was reported")
    }

    /// Gives an order, and waits for what it came to.
    pub async fn ask(&self, plugin: &str, name: &str, limit: Duration) -> Result<String> {
        let serial = self.order(plugin, name);
        let came = self.came(serial, limit).await;
        if came.is_err() {
            // Nobody is to take it later.
            notes(&self.notes).orders.remove(plugin);
        }
        came.with_context(|| format!("{plugin}, {name}"))
    }

    /// Waits until a page tells this by itself.
    pub async fn expect(&self, plugin: &str, kind: &str, words: &str, limit: Duration) -> Result<String> {
        let found = |notes: &Notes| {
            let mut all = notes.told.iter();
            all.find(|told| told.plugin == plugin && told.kind == kind && told.words.contains(words))
                .map(|told| told.words.clone())
        };
        self.wait(limit, found).await.with_context(|| format!("{plugin} does not tell {kind} {words}"))
    }

    async fn wait<T>(&self, limit: Duration, ready: impl Fn(&Notes) -> Option<T>) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            if let Some(found) = ready(&notes(&self.notes)) {
                return Ok(found);
            }
            ensure!(Instant::now() < end, "not within {} s", limit.as_secs());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// What pages told by themselves.
    pub fn told(&self) -> Vec<Told> {
        notes(&self.notes).told.clone()
    }

    /// What was asked of the server that nothing may reach.
    pub fn reached(&self) -> Vec<String> {
        notes(&self.notes).elsewhere.clone()
    }
}

fn answered(words: impl Into<Body>, kind: &str) -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, words.into()).into_response()
}

fn page(text: impl Into<Body>) -> Response {
    answered(text, "text/html; charset=utf-8")
}

async fn order(State(shared): State<Shared>, InPath(plugin): InPath<String>) -> Response {
    let end = Instant::now() + POLL;
    while Instant::now() < end {
        let next = notes(&shared).orders.get(&plugin).and_then(|orders| orders.front().cloned());
        if let Some((serial, name)) = next {
            return answered(json!({ "serial": serial, "name": name }).to_string(), "application/json");
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    (StatusCode::NO_CONTENT, answered("", "text/plain")).into_response()
}

async fn begun(State(shared): State<Shared>, InPath((plugin, serial)): InPath<(String, u64)>) -> Response {
    let mut notes = notes(&shared);
    notes.orders.entry(plugin).or_default().retain(|(open, _)| *open != serial);
    notes.begun.push(serial);
    answered("", "text/plain")
}

async fn report(State(shared): State<Shared>, InPath((_, serial)): InPath<(String, u64)>, words: String) -> Response {
    notes(&shared).came.insert(serial, words);
    answered("", "text/plain")
}

async fn tell(
    State(shared): State<Shared>,
    InPath((plugin, kind)): InPath<(String, String)>,
    words: String,
) -> Response {
    notes(&shared).told.push(Told { plugin, kind, words });
    answered("", "text/plain")
}

/// A cookie that any page can have set, and reads back where it is sent along.
async fn cookie(InPath(what): InPath<String>, headers: HeaderMap, request: Request<Body>) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut answer = answered(text(header::COOKIE), "text/plain");
    let given = answer.headers_mut();
    if let Ok(origin) = text(header::ORIGIN).parse() {
        given.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        given.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, header::HeaderValue::from_static("true"));
    }
    if what == "set"
        && let Ok(cookie) = format!("of={}; Path=/; Max-Age=3600", request.uri().query().unwrap_or_default()).parse()
    {
        given.insert(header::SET_COOKIE, cookie);
    }
    answer
}

async fn attachment() -> Response {
    let mut answer = answered(MARK, "application/octet-stream");
    let how = header::HeaderValue::from_static("attachment; filename=stolen.bin");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, how);
    answer
}

async fn reached(State(shared): State<Shared>, request: Request<Body>) -> Response {
    notes(&shared).elsewhere.push(format!("{} {}", request.method(), request.uri()));
    page("<!doctype html><p>This is elsewhere.</p>")
}

/// Files that plugins on the web have, and what is written into all of them.
#[derive(Clone)]
struct Texts {
    proof: String,
    elsewhere: String,
}

impl Texts {
    fn fill(&self, text: &str, id: &str) -> String {
        text.replace("{{PROOF}}", &self.proof).replace("{{ELSEWHERE}}", &self.elsewhere).replace("{{ID}}", id)
    }

    fn manifest(&self, id: &str) -> Response {
        let manifest = json!({
            "manifest": 1, "id": id, "name": id, "place": "default", "entry": "page.html", "origins": [self.proof],
        });
        answered(manifest.to_string(), "application/json")
    }

    fn served(&self, path: &str) -> Response {
        let script = |text: &str, id: &str| answered(self.fill(text, id), "text/javascript");
        let away = || (StatusCode::FOUND, [(header::LOCATION, format!("{}{path}", self.elsewhere))]).into_response();
        match path {
            "/web-hostile/plugin.json" => self.manifest("web-hostile"),
            "/web-hostile/page.html" => page(self.fill(include_str!("page.html"), "web-hostile")),
            "/web-hostile/page.js" => script(include_str!("hostile.js"), "web-hostile"),
            "/web-hostile/orders.js" => script(include_str!("orders.js"), "web-hostile"),
            "/web-hostile/inner.html" => page(include_str!("inner.html")),
            "/web-hostile/inner.js" => script(include_str!("inner.js"), "web-hostile"),
            "/web-led/plugin.json" => self.manifest("web-led"),
            "/moved/plugin.json" | "/web-led/page.html" => away(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
}
