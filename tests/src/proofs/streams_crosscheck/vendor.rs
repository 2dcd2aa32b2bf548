//! The vendor's own libraries, unmodified, in headless Chromium.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use trunkline_simulators::amazon_connect::AmazonConnectSim;

use super::compare::Record;
use super::seat::{Act, Seat};
use crate::harness::app::top;

/// What this proof is about.
const VERSIONS: [(&str, &str); 2] = [("amazon-connect-streams", "2.28.2"), ("amazon-connect-chatjs", "5.0.0")];
const START: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(25);

/// The page, and the browser it runs in.
pub struct VendorSeat {
    sim: AmazonConnectSim,
    orders: Mutex<Vec<Value>>,
    _browser: Child,
    _profile: tempfile::TempDir,
}

/// A file of an installed package of the vendor's.
pub(in crate::proofs) fn package(name: &str, file: &str) -> Result<Vec<u8>> {
    let folder = top().join("src-tauri/crates/simulators/vendor-client");
    let path = folder.join("node_modules").join(name).join(file);
    std::fs::read(&path)
        .with_context(|| format!("{} is not there; run `npm ci` in {}", path.display(), folder.display()))
}

fn chromium() -> Result<PathBuf> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .map(Path::new)
        .find(|path| path.is_file())
        .map(Path::to_path_buf)
        .context("Chromium is needed: install the package `chromium`")
}

/// Headless Chromium at an address, with a profile of its own.
pub(in crate::proofs) fn browser(url: &str, profile: &Path) -> Result<Child> {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--metrics-recording-only",
        // The simulator's own certificate, for wss.
        "--ignore-certificate-errors",
    ];
    let mut command = Command::new(chromium()?);
    command.args(arguments).arg(format!("--user-data-dir={}", profile.display())).arg(url);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().context("Chromium does not start")
}

impl VendorSeat {
    /// The agent signs in; returns when the library has its agent.
    pub async fn open(sim: &AmazonConnectSim, agent: &str) -> Result<Self> {
        for (name, wanted) in VERSIONS {
            let described: Value = serde_json::from_slice(&package(name, "package.json")?)?;
            ensure!(described["version"] == wanted, "{name} is {}, not {wanted}", described["version"]);
        }
        let streams = package("amazon-connect-streams", "release/connect-streams.js")?;
        let chatjs = package("amazon-connect-chatjs", "dist/amazon-connect-chat.js")?;
        // Hosts the libraries and the worker; the page is our own.
        let _ = sim.host_vendor_chat(streams, chatjs, agent);
        let tasks = package("amazon-connect-taskjs", "dist/amazon-connect-task.js")?;
        sim.host_page("/vendor/connect-task.js", "text/javascript", tasks);
        let page = include_bytes!("page.html").as_slice();
        sim.host_page("/vendor/day.html", "text/html; charset=utf-8", page);
        let profile = tempfile::tempdir()?;
        let url = format!("{}/vendor/day.html?token={}", sim.base_url(), sim.token(agent));
        let browser = browser(&url, profile.path())?;
        let ready = sim.expect_report("the vendor's agent", START, |r| r["event"] == "ready").await?;
        println!("        vendor: {} (as the libraries call themselves)", ready.body["detail"]);
        Ok(Self { sim: sim.clone(), orders: Mutex::default(), _browser: browser, _profile: profile })
    }

    fn reports(&self) -> Vec<Value> {
        let mut all: Vec<Value> = self.sim.page_reports().into_iter().map(|report| report.body).collect();
        all.sort_by_key(|body| body["number"].as_u64());
        // Posts overtake one another: what comes after a gap is not told yet.
        let whole = all.iter().enumerate().take_while(|(n, body)| body["number"].as_u64() == Some(*n as u64)).count();
        all.truncate(whole);
        all
    }
}

#[async_trait]
impl Seat for VendorSeat {
    fn records(&self) -> Vec<Record> {
        let text = |body: &Value, name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let told = self.reports();
        let told = told.iter().filter(|body| body["event"] != "ready");
        told.map(|body| Record::new(text(body, "lane"), text(body, "event"), text(body, "detail"))).collect()
    }

    async fn act(&self, act: Act) -> Result<()> {
        let number = {
            let mut orders = self.orders.lock().expect("no order panics");
            orders.push(serde_json::to_value(&act)?);
            self.sim.host_page("/vendor/orders.json", "application/json", json!(*orders).to_string());
            orders.len()
        };
        let what = format!("{act:?} to be answered");
        self.sim.expect_report(&what, ANSWER, |r| r["order"] == number).await.map(|_| ()).map_err(|error| {
            let seen = self.records();
            let last: Vec<String> = seen.iter().rev().take(8).map(|r| format!("[{}] {r}", r.lane)).collect();
            // The simulator's own message quotes every report.
            anyhow::anyhow!("{what}: {}; newest first: {last:#?}", error.is_unmet_expectation())
        })
    }

    fn troubles(&self) -> Vec<String> {
        let all = self.reports().into_iter().filter(|body| body["event"] != "ready");
        let refused = all.filter(|body| body["detail"] == "refused" || body["lane"] == "page");
        // The library adds its stack.
        refused.map(|body| body.to_string().chars().take(230).collect()).collect()
    }
}
