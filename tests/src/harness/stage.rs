//! A desktop, a simulated platform, and the real program signed in to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::By;
use thirtyfour::prelude::ElementWaitable as _;
use trunkline_simulators::Moment;
use trunkline_simulators::amazon_connect::{AmazonConnectSim, SimCall, SimOptions};

use super::app::{Driven, binary, top};
use super::desktop::{Desktop, Furniture, devices};
use super::tray::Tray;
use super::window;

/// The agent of every proof.
pub const AGENT: &str = "agent.one";
/// How long anything on a loopback may take before it counts as not happening.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Everything a proof plays on.
pub struct Stage {
    // The program ends before the desktop it runs on.
    /// The program under WebDriver, while a session is open.
    pub driven: Option<Driven>,
    /// The simulated platform.
    pub sim: AmazonConnectSim,
    /// A panel's side of the tray.
    pub tray: Tray,
    /// Display, bus, keyring, notifications, sound.
    pub desktop: Desktop,
    /// Where pictures and recordings are left.
    pub artifacts: PathBuf,
    pictures: usize,
}

impl Stage {
    /// Starts all but the program.
    pub async fn set(proof: &str, furniture: Furniture, options: SimOptions) -> Result<Self> {
        let artifacts = top().join("target/proofs").join(proof);
        let _ = std::fs::remove_dir_all(&artifacts);
        std::fs::create_dir_all(&artifacts)?;
        let desktop = Desktop::start(furniture)?;
        let tray = Tray::start(desktop.variable("DBUS_SESSION_BUS_ADDRESS")).await?;
        let sim = AmazonConnectSim::start(options).await?;
        Ok(Self { driven: None, sim, tray, desktop, artifacts, pictures: 0 })
    }

    /// Starts the release build under WebDriver.
    pub async fn open(&mut self) -> Result<()> {
        self.driven = Some(Driven::start(&self.desktop, &binary(true)?, &[]).await?);
        Ok(())
    }

    /// Ends the program as a crash would.
    pub async fn crash(&mut self) -> Result<()> {
        match self.driven.take() {
            Some(driven) => driven.crash().await,
            None => Ok(()),
        }
    }

    fn driven(&self) -> Result<&Driven> {
        self.driven.as_ref().context("no WebDriver session")
    }

    /// The program's process.
    pub fn pid(&self) -> Result<u32> {
        self.driven()?.pid()
    }

    /// One command of the panel's API, called from its own page.
    pub async fn rpc(&self, name: &str, payload: Value) -> Result<Value> {
        let script = "const done = arguments[arguments.length - 1];
            window.__TAURI_INTERNALS__.invoke('rpc', { name: arguments[0], payload: arguments[1] })
                .then((ok) => done({ ok }), (err) => done({ err }));";
        let reply = self.driven()?.driver.execute_async(script, vec![json!(name), payload]).await?;
        let reply = reply.json();
        match reply.get("err") {
            Some(error) => anyhow::bail!("{name}: {error}"),
            None => Ok(reply.get("ok").cloned().unwrap_or_default()),
        }
    }

    /// Runs a script in the panel's own page, and gives what it returns.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.driven()?.driver.execute(script, arguments).await?.json().clone())
    }

    /// Signs the agent in, as the account form does, and chooses the ringer.
    pub async fn sign_in(&self) -> Result<()> {
        self.choose_ringer().await?;
        self.rpc(
            "account_save",
            json!({
                "account": null,
                "platform": "amazon-connect",
                "name": "Sales desk",
                "settings": { "address": self.sim.base_url() },
                "secrets": { "token": self.sim.token(AGENT) },
            }),
        )
        .await?;
        self.sim.agent(AGENT).expect_polled(PATIENCE).await?;
        self.wait_online().await
    }

    async fn choose_ringer(&self) -> Result<()> {
        self.choose("ringer", devices::RINGER).await.map(drop)
    }

    /// Chooses, for a role, the device whose name contains `part` (in whatever
    /// case). Gives its name.
    pub async fn choose(&self, role: &str, part: &str) -> Result<String> {
        let snapshot = self.snapshot().await?;
        let list = if role == "microphone" { "inputs" } else { "outputs" };
        let devices = snapshot["audio"][list].as_array().cloned().unwrap_or_default();
        let name = devices
            .iter()
            .filter_map(|device| device["name"].as_str())
            .find(|name| name.to_lowercase().contains(&part.to_lowercase()))
            .with_context(|| format!("no device named {part} among {devices:?}"))?;
        let choice = json!({ "kind": "named", "name": name });
        self.rpc("audio_choose", json!({ "role": role, "choice": choice })).await?;
        Ok(name.to_owned())
    }

    /// What the desk holds.
    pub async fn snapshot(&self) -> Result<Value> {
        self.rpc("desk_snapshot", json!({})).await
    }

    /// Waits until the desk's picture answers a question.
    pub async fn wait_snapshot<T>(&self, what: &str, ready: impl Fn(&Value) -> Option<T>) -> Result<T> {
        let end = Instant::now() + PATIENCE;
        loop {
            let snapshot = self.snapshot().await?;
            if let Some(found) = ready(&snapshot) {
                return Ok(found);
            }
            let all = |list: &str, at: &str| -> Vec<Value> {
                let values = snapshot[list].as_array().into_iter().flatten();
                values.filter_map(|value| value.pointer(at)).cloned().collect()
            };
            anyhow::ensure!(
                Instant::now() < end,
                "{what}: not within {} s; links {:?}, contacts {:?}, messages {:?}",
                PATIENCE.as_secs(),
                all("accounts", "/link/state"),
                all("contacts", "/contact/state"),
                all("notices", "/message_key"),
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the account is online.
    pub async fn wait_online(&self) -> Result<()> {
        let end = SystemTime::now() + PATIENCE;
        loop {
            let snapshot = self.rpc("desk_snapshot", json!({})).await?;
            let state = snapshot["accounts"][0]["link"]["state"].clone();
            if state == "online" && !snapshot["accounts"][0]["agent"].is_null() {
                return Ok(());
            }
            anyhow::ensure!(SystemTime::now() < end, "the account is {state}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks what carries this `data-testid` in the panel.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        self.click_at(&format!("[data-testid='{test_id}']")).await
    }

    /// Text of what carries this `data-testid`.
    pub async fn text(&self, test_id: &str) -> Result<String> {
        let selector = format!("[data-testid='{test_id}']");
        Ok(self.driven()?.driver.find(By::Css(selector)).await?.text().await?)
    }

    /// The words of everything in the panel that a CSS selector finds, as shown.
    pub async fn words(&self, selector: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((found) => found.innerText);";
        let found = self.driven()?.driver.execute(script, vec![json!(selector)]).await?;
        let found = found.json().as_array().cloned().unwrap_or_default();
        Ok(found.iter().filter_map(|words| words.as_str()).map(str::to_owned).collect())
    }

    /// Waits until something that the selector finds shows these words.
    pub async fn wait_words(&self, selector: &str, wanted: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.words(selector).await?;
            if shown.iter().any(|words| words.contains(wanted)) {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < end, "{selector} does not say {wanted:?} but {shown:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits for a message in the panel, behind "more" if need be.
    pub async fn wait_notice(&self, wanted: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.words("[data-testid='notice-text']").await?;
            if shown.iter().any(|words| words.contains(wanted)) {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < end, "no message says {wanted:?}: {shown:?}");
            let script = "document.querySelector(\"[data-testid='notices-more'][aria-expanded='false']\")?.click();";
            self.driven()?.driver.execute(script, Vec::new()).await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Puts every message in the panel away, as the agent does.
    pub async fn put_notices_away(&self) -> Result<()> {
        let script = "const all = document.querySelectorAll(\"[data-testid='notice-dismiss']\");
            all.forEach((button) => button.click());
            return all.length;";
        for _ in 0..40 {
            let left = self.driven()?.driver.execute(script, Vec::new()).await?;
            if left.json() == &json!(0) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("messages cannot be put away")
    }

    /// Types into what a CSS selector finds.
    pub async fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.driven()?.driver.find(By::Css(selector)).await?;
        element.wait_until().clickable().await?;
        element.clear().await?;
        element.send_keys(text).await?;
        Ok(())
    }

    /// Clicks the first of several that shows these words.
    pub async fn click_saying(&self, selector: &str, words: &str) -> Result<()> {
        let script = "const found = [...document.querySelectorAll(arguments[0])]
                .find((one) => one.innerText.includes(arguments[1]));
            found?.click();
            return found !== undefined;";
        let found = self.driven()?.driver.execute(script, vec![json!(selector), json!(words)]).await?;
        anyhow::ensure!(found.json() == &json!(true), "nothing of {selector} says {words:?}");
        Ok(())
    }

    /// Gives a file to a file field, which may be hidden behind a button.
    pub async fn choose_file(&self, selector: &str, path: &str) -> Result<()> {
        self.driven()?.driver.find(By::Css(selector)).await?.send_keys(path).await?;
        Ok(())
    }

    /// Types at the end of what a CSS selector finds.
    pub async fn append(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.driven()?.driver.find(By::Css(selector)).await?;
        element.wait_until().clickable().await?;
        element.send_keys(text).await?;
        Ok(())
    }

    /// Waits until a field holds this text.
    pub async fn wait_value(&self, selector: &str, wanted: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let element = self.driven()?.driver.find(By::Css(selector)).await?;
            let value = element.prop("value").await?.unwrap_or_default();
            if value == wanted {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < end, "{selector} does not hold {wanted:?} but {value:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Chooses the entry of a list box that reads so.
    pub async fn select(&self, selector: &str, shown: &str) -> Result<()> {
        let list = self.driven()?.driver.find(By::Css(selector)).await?;
        for option in list.find_all(By::Css("option")).await? {
            if option.text().await?.trim() == shown {
                option.click().await?;
                let chosen = option.prop("selected").await?;
                anyhow::ensure!(chosen.as_deref() == Some("true"), "{shown} cannot be chosen");
                return Ok(());
            }
        }
        anyhow::bail!("{selector} does not offer {shown}")
    }

    /// Waits until the selector finds one thing alone, with these words.
    pub async fn wait_only(&self, selector: &str, wanted: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.words(selector).await?;
            if let [only] = shown.as_slice()
                && only.contains(wanted)
            {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < end, "{selector} is not {wanted:?} alone but {shown:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the selector finds nothing.
    pub async fn wait_none(&self, selector: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.words(selector).await?;
            if shown.is_empty() {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < end, "{selector} is still there: {shown:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks what a CSS selector finds.
    pub async fn click_at(&self, selector: &str) -> Result<()> {
        let element = self.driven()?.driver.find(By::Css(selector)).await?;
        element.wait_until().clickable().await?;
        // What has just come or gone above moves it: a click goes to where it was found.
        let place = async || element.rect().await.map(|at| [at.x, at.y, at.width, at.height]);
        let mut before = place().await?;
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(40)).await;
            let now = place().await?;
            if now == before {
                break;
            }
            before = now;
        }
        element.click().await?;
        Ok(())
    }

    /// Files of this desktop that hold these bytes. Recordings are left out.
    pub fn files_with(&self, wanted: &[u8]) -> Vec<PathBuf> {
        search(self.desktop.root(), wanted)
    }

    /// Keeps the logs beside the pictures.
    pub fn keep_logs(&self) {
        let logs = self.desktop.path("home/.local/state");
        // A proof that has no log to keep has failed in a way that was printed.
        let _ = std::process::Command::new("cp").arg("-r").arg(&logs).arg(&self.artifacts).status();
        for log in ["webdriver.log", "app.log", "dunst.log", "pulse.log"] {
            let _ = std::fs::copy(self.desktop.path(log), self.artifacts.join(log));
        }
        println!("pictures, recordings and logs: {}", self.artifacts.display());
    }

    /// Keeps a picture of the whole screen.
    pub fn picture(&mut self, what: &str) {
        self.pictures += 1;
        let file = self.artifacts.join(format!("{:02}-{what}.png", self.pictures));
        if let Err(error) = window::screenshot(&self.desktop, &file) {
            eprintln!("no picture of {what}: {error:#}");
        }
    }
}

fn search(folder: &Path, wanted: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            found.extend(search(&path, wanted));
        } else if kind.is_file() {
            // Recordings are large and hold sound only.
            let sound = path.extension().is_some_and(|extension| extension == "raw" || extension == "wav");
            let bytes = if sound { Vec::new() } else { std::fs::read(&path).unwrap_or_default() };
            if bytes.windows(wanted.len()).any(|window| window == wanted) {
                found.push(path);
            }
        }
    }
    found
}

/// A simulator's moment on the wall clock that recordings use.
pub fn wall(moment: Moment) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(moment.unix_nanos)
}

/// Share of packets from the agent that were not silent, between two moments.
pub fn loud_packets(call: &SimCall, from: Moment, to: Moment) -> (usize, usize) {
    let packets = call.heard().packets;
    let within: Vec<_> = packets.iter().filter(|packet| packet.at >= from && packet.at <= to).collect();
    (within.iter().filter(|packet| !packet.silent).count(), within.len())
}
