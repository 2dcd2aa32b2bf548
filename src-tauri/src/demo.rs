//! Demo mode: the simulator inside this program, and an account on it.

use std::path::PathBuf;

use trunkline_core::PresetAccount;

/// The simulator at work; it ends when this is dropped.
pub struct Demo {
    /// An account on the simulator.
    pub account: PresetAccount,
    _running: Running,
}

/// Demo mode cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Built without it.
    #[cfg_attr(feature = "demo", allow(dead_code, reason = "the other build's error"))]
    #[error("this build has no demo mode: build with `--features demo`, or use `cargo xtask run`")]
    NotBuilt,
    /// The simulator does not start.
    #[cfg(feature = "demo")]
    #[error("the simulator cannot be started: {0}")]
    Simulator(#[from] trunkline_simulators::amazon_connect::SimError),
}

/// An empty folder for this run.
pub fn folder() -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("trunkline-demo-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[cfg(feature = "demo")]
struct Running {
    _simulator: trunkline_simulators::amazon_connect::AmazonConnectSim,
    calls: tokio::task::AbortHandle,
}

#[cfg(feature = "demo")]
impl Drop for Running {
    fn drop(&mut self) {
        self.calls.abort();
    }
}

#[cfg(not(feature = "demo"))]
struct Running;

/// Starts the simulator and its endless row of customers.
#[cfg(feature = "demo")]
pub async fn start() -> Result<Demo, DemoError> {
    use trunkline_simulators::amazon_connect::{AmazonConnectSim, DemoPace, demo, demo_options};

    let simulator = AmazonConnectSim::start(demo_options()).await?;
    let login = simulator.options().agents.first().map(|agent| agent.login.clone()).unwrap_or_default();
    let mut settings = serde_json::Map::new();
    settings.insert("address".to_owned(), simulator.base_url().into());
    let account = PresetAccount {
        record: trunkline_store::AccountRecord {
            id: "demo".into(),
            platform: "amazon-connect".into(),
            name: "Demo".to_owned(),
            settings,
        },
        secrets: vec![("token".to_owned(), simulator.token(&login).into())],
    };
    let customers = simulator.clone();
    let calls = tokio::spawn(async move { demo(&customers, DemoPace::default()).await }).abort_handle();
    Ok(Demo { account, _running: Running { _simulator: simulator, calls } })
}

/// This build has none.
#[cfg(not(feature = "demo"))]
pub async fn start() -> Result<Demo, DemoError> {
    Err(DemoError::NotBuilt)
}
