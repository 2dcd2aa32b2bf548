//! The live events of TWIN24 over the official client: connecting, receiving, restarts,
//! draining, forced disconnects of each class of codes, recovery after half a minute
//! away, and ten thousand publications. Against a real Centrifugo where its program is
//! given or found, otherwise against the simulator's own endpoint.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use trunkline_connector::ports::{CentrifugoConfig, CentrifugoEvent, CentrifugoLink, Secret};
use trunkline_net::{Network, NetworkConfig};
use trunkline_simulators::centrifugo::CentrifugoGeneration;
use trunkline_simulators::twin24::{EventsThrough, Twin24Options, Twin24Sim};

use crate::harness::checks::Checks;

const EMAIL: &str = "anna@example.com";
const SOON: Duration = Duration::from_secs(20);
/// How long the link is away for recovery.
const AWAY: Duration = Duration::from_secs(30);
const MANY: usize = 10_000;

struct Line {
    sim: Twin24Sim,
    link: Box<dyn CentrifugoLink>,
    checks: Checks,
    real: bool,
}

/// The program of a real server: the one given, else `centrifugo` on the search path.
fn server(given: Option<&str>) -> Option<PathBuf> {
    let found = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join("centrifugo")).find(|program| program.is_file())
    };
    given.map(PathBuf::from).or_else(found)
}

/// Runs it. The last line says against which server.
pub async fn run(given: Option<&str>) -> Result<bool> {
    let mut checks = Checks::new("twin24-centrifugo");
    let program = server(given);
    let mut options = Twin24Options::default();
    if let Some(program) = &program {
        options.events = EventsThrough::Program { program: program.clone(), generation: CentrifugoGeneration::V6 };
    }
    let sim = Twin24Sim::start(options).await.map_err(Into::into);
    let sim = checks.require(sim, "the server is up")?;
    let token = log_in(&sim).await;
    let token = checks.require(token, "an operator is signed in")?;
    let network = Network::new(NetworkConfig::default())?;
    let link = network.centrifugo().link(CentrifugoConfig {
        url: sim.events_url().parse()?,
        data: Secret::from(json!({ "application": "notifications", "settings": { "token": token } }).to_string()),
        name: "trunkline".to_owned(),
        headers: http::HeaderMap::new(),
        timeout: Duration::from_secs(5),
        backoff: (Duration::from_millis(100), Duration::from_secs(1)),
        ping_delay: Duration::from_secs(10),
        longest: 16 << 20,
    })?;
    let mut line = Line { sim, link, checks, real: program.is_some() };
    if let Err(error) = line.play().await {
        line.checks.check(false, "it went through to its end", format!("{error:#}"));
    }
    let passed = line.checks.finish();
    match program {
        Some(program) => println!("twin24-centrifugo: against the real server {}", program.display()),
        None => println!("twin24-centrifugo: against the simulator's own endpoint (no centrifugo was given or found)"),
    }
    Ok(passed)
}

async fn log_in(sim: &Twin24Sim) -> Result<String> {
    let network = Network::new(NetworkConfig::default())?;
    let request = trunkline_connector::ports::HttpRequest {
        method: http::Method::POST,
        url: format!("{}/auth/login", sim.iam_url()).parse()?,
        headers: [(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"))]
            .into_iter()
            .collect(),
        body: json!({ "email": EMAIL, "password": sim.options().password(EMAIL), "ttl": 86_400 }).to_string().into(),
        timeout: SOON,
        transfer: trunkline_connector::ports::Transfer::default(),
    };
    let answer = network.http().send(request).await?;
    let body: Value = serde_json::from_slice(&answer.body)?;
    body["token"].as_str().map(str::to_owned).context("no token")
}

impl Line {
    async fn play(&mut self) -> Result<()> {
        self.link.connect();
        let connected = self.until("connected", |event| matches!(event, CentrifugoEvent::Connected)).await;
        self.checks.require(connected, "connects with the documented data")?;
        let channel = self.until("a channel", |event| matches!(event, CentrifugoEvent::Subscribed { .. })).await;
        self.checks.require(channel, "the server subscribes it to its channel")?;
        let received = self.receives("first").await;
        self.checks.require(received, "receives what is published")?;
        if self.real {
            self.checks.step(
                "restart, drain and codes below 3500 are the own endpoint's: a real server is asked to disconnect",
            );
        } else {
            self.sim.restart_events(Duration::from_millis(700)).await;
            self.back("a restart of the server").await?;
            self.sim.drain();
            self.back("the draining of a node").await?;
        }
        self.forced().await?;
        self.recovers().await?;
        self.many().await
    }

    /// Each class of codes: 3000, 4000 and 5000 come back, 3500 and 4500 are final.
    async fn forced(&mut self) -> Result<()> {
        for code in [3000, 3499, 4000, 4499] {
            self.sim.disconnect(EMAIL, code, "asked to").await?;
            self.back(&format!("a disconnect with {code}")).await?;
        }
        for code in [3500, 3999, 4500, 4999] {
            self.sim.disconnect(EMAIL, code, "for good").await?;
            let over = self
                .until("the end", |event| matches!(event, CentrifugoEvent::Disconnected { code: told, .. } if *told == u32::from(code)))
                .await;
            self.checks.require(over, &format!("a disconnect with {code} is final, and says so"))?;
            self.link.connect();
            self.back(&format!("connecting again by hand after {code}")).await?;
        }
        Ok(())
    }

    async fn back(&mut self, after: &str) -> Result<()> {
        let back = self.until("connected", |event| matches!(event, CentrifugoEvent::Connected)).await;
        self.checks.require(back, &format!("is back after {after}"))?;
        let received = self.receives(after).await;
        self.checks.require(received, "and receives")
    }

    /// Away for half a minute, what was published meanwhile comes, once and in order.
    async fn recovers(&mut self) -> Result<()> {
        self.link.disconnect();
        let off = self.until("off", |event| matches!(event, CentrifugoEvent::Disconnected { .. })).await;
        self.checks.require(off, "disconnects by itself")?;
        for number in 0..20 {
            self.sim.publish_raw(EMAIL, json!({ "event": "missed", "number": number }))?;
        }
        tokio::time::sleep(AWAY).await;
        self.link.connect();
        let mut numbers = Vec::new();
        let mut recovered = None;
        let end = Instant::now() + SOON;
        while numbers.len() < 20 && Instant::now() < end {
            match timeout(SOON, self.link.next()).await? {
                CentrifugoEvent::Subscribed { recovered: told, .. } => recovered = told,
                CentrifugoEvent::Publication { data, .. } => {
                    let value: Value = serde_json::from_slice(&data)?;
                    numbers.extend(value["number"].as_u64());
                }
                _ => {}
            }
        }
        let whole = numbers == (0..20).collect::<Vec<u64>>();
        self.checks.check(whole, "after 30 s away what was missed comes, once and in order", numbers.len());
        self.checks.check(
            recovered == Some(true),
            "and the server says that nothing is lost",
            format!("{recovered:?}"),
        );
        Ok(())
    }

    async fn many(&mut self) -> Result<()> {
        let began = Instant::now();
        for number in 0..MANY {
            self.sim.publish_raw(EMAIL, json!({ "event": "many", "number": number }))?;
            if number % 500 == 499 {
                tokio::task::yield_now().await;
            }
        }
        let mut seen = BTreeSet::new();
        let mut last = None;
        let mut in_order = true;
        while seen.len() < MANY {
            let event = timeout(SOON, self.link.next()).await.context("publications stopped coming")?;
            if let CentrifugoEvent::Publication { data, .. } = event {
                let value: Value = serde_json::from_slice(&data)?;
                if let Some(number) = value["number"].as_u64() {
                    in_order &= last.is_none_or(|last| last < number);
                    last = Some(number);
                    ensure!(seen.insert(number), "{number} came twice");
                }
            }
        }
        self.checks.check(
            in_order,
            "10,000 publications come, once and in order",
            format!("{:.2} s", began.elapsed().as_secs_f32()),
        );
        Ok(())
    }

    async fn receives(&mut self, what: &str) -> Result<()> {
        self.sim.publish_raw(EMAIL, json!({ "event": "probe", "what": what }))?;
        let wanted = what.to_owned();
        self.until("the publication", move |event| match event {
            CentrifugoEvent::Publication { data, .. } => {
                serde_json::from_slice::<Value>(data).is_ok_and(|value| value["what"] == wanted.as_str())
            }
            _ => false,
        })
        .await
    }

    async fn until(&mut self, what: &str, is: impl Fn(&CentrifugoEvent) -> bool) -> Result<()> {
        let end = Instant::now() + SOON;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = timeout(left, self.link.next()).await.with_context(|| format!("waited in vain for {what}"))?;
            if is(&event) {
                return Ok(());
            }
        }
    }
}
