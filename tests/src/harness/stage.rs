//! A desktop, a simulated platform, and the real program signed in to it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

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
        let snapshot = self.rpc("desk_snapshot", json!({})).await?;
        let outputs = snapshot["audio"]["outputs"].as_array().cloned().unwrap_or_default();
        let ringer = outputs
            .iter()
            .filter_map(|device| device["name"].as_str())
            .find(|name| name.to_lowercase().contains(devices::RINGER))
            .with_context(|| format!("no device named {} among {outputs:?}", devices::RINGER))?;
        let choice = json!({ "kind": "named", "name": ringer });
        self.rpc("audio_choose", json!({ "role": "ringer", "choice": choice })).await?;
        Ok(())
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
        let selector = format!("[data-testid='{test_id}']");
        let element = self.driven()?.driver.find(By::Css(selector)).await?;
        element.wait_until().clickable().await?;
        element.click().await?;
        Ok(())
    }

    /// Text of what carries this `data-testid`.
    pub async fn text(&self, test_id: &str) -> Result<String> {
        let selector = format!("[data-testid='{test_id}']");
        Ok(self.driven()?.driver.find(By::Css(selector)).await?.text().await?)
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
