//! Where a page posts what it sees and takes its orders from: the same at the
//! vendor's library in Chromium and in the panel, so that nothing between the
//! two is another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::proofs::streams_crosscheck::compare::Record;

/// Longest wait for anything that a page has to show.
pub const PATIENCE: Duration = Duration::from_secs(25);
const LOOK: Duration = Duration::from_millis(20);
/// How long a page waits for its next order before it asks again.
const POLL: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Book {
    told: BTreeMap<u64, Value>,
    orders: Vec<Value>,
}

/// What one page has told and was told.
#[derive(Clone)]
pub struct Collector {
    book: Arc<Mutex<Book>>,
    port: u16,
}

fn locked(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A page of another origin may read the answer.
fn open_to_all(body: String) -> impl IntoResponse {
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::CONTENT_TYPE, "application/json")], body)
}

#[derive(Deserialize)]
struct After {
    after: usize,
}

async fn told(State(book): State<Arc<Mutex<Book>>>, body: String) -> impl IntoResponse {
    let lines: Vec<Value> = serde_json::from_str(&body).unwrap_or_default();
    let mut book = locked(&book);
    for line in lines {
        if let Some(number) = line["number"].as_u64() {
            book.told.insert(number, line);
        }
    }
    open_to_all("{}".to_owned())
}

async fn orders(State(book): State<Arc<Mutex<Book>>>, Query(After { after }): Query<After>) -> impl IntoResponse {
    let end = Instant::now() + POLL;
    loop {
        let next: Vec<Value> = locked(&book).orders.iter().skip(after).cloned().collect();
        if !next.is_empty() || Instant::now() > end {
            return open_to_all(json!(next).to_string());
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Collector {
    /// Listens on a port of its own.
    pub async fn start() -> Result<Self> {
        let book = Arc::new(Mutex::new(Book::default()));
        let router =
            axum::Router::new().route("/told", post(told)).route("/orders", get(orders)).with_state(Arc::clone(&book));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the collector has ended: {error}");
            }
        });
        Ok(Self { book, port })
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the page reads before it begins.
    pub fn settings(&self, ccp: &str) -> String {
        format!("window.SURFACE = {};\n", json!({ "collector": self.origin(), "ccpUrl": ccp }))
    }

    /// Everything told so far without a gap, in the page's order.
    fn lines(&self) -> Vec<Value> {
        let book = locked(&self.book);
        let whole = book.told.iter().enumerate().take_while(|(at, (number, _))| *at as u64 == **number);
        whole.map(|(_, (_, line))| line.clone()).collect()
    }

    /// What was seen.
    pub fn records(&self) -> Vec<Record> {
        let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let lines = self.lines();
        let seen = lines.iter().filter(|line| line["lane"].is_string());
        seen.map(|line| Record::new(text(line, "lane"), text(line, "event"), text(line, "detail"))).collect()
    }

    /// Gives an order and waits until the page has followed it.
    pub async fn order(&self, order: Value) -> Result<()> {
        let what = order.to_string();
        let number = {
            let mut book = locked(&self.book);
            book.orders.push(order);
            book.orders.len()
        };
        let end = Instant::now() + PATIENCE;
        while !self.lines().iter().any(|line| line["done"] == number) {
            if Instant::now() > end {
                bail!("{what} was not followed; last:\n{}", self.last());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Waits until the page has seen what is wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&[Record]) -> bool) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !wanted(&self.records()) {
            if Instant::now() > end {
                bail!("{what} was not seen; last:\n{}", self.last());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    fn last(&self) -> String {
        let records = self.records();
        let from = records.len().saturating_sub(14);
        let lines: Vec<String> = records[from..].iter().map(|r| format!("  [{}] {r:.200}", r.lane)).collect();
        lines.join("\n")
    }
}
