//! A real Centrifugo as a child process, on loopback ports, with a configuration of ours.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::api::{CentrifugoApi, request};
use super::sim::CentrifugoError;

/// Whose configuration file it is: names of options changed between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CentrifugoGeneration {
    /// Version 5: flat names.
    V5,
    /// Version 6: names in groups.
    V6,
}

/// A Centrifugo to be started.
#[derive(Clone, Debug)]
pub struct CentrifugoLaunch {
    /// The program.
    pub program: PathBuf,
    /// Its generation.
    pub generation: CentrifugoGeneration,
    /// The connect proxy: the application's endpoint.
    pub connect_proxy: String,
    /// Namespace of the channels, the part before the colon.
    pub namespace: String,
    /// The namespace keeps publications, so that clients can recover.
    pub recoverable: bool,
    /// Between two pings, in whole seconds.
    pub ping: Duration,
}

/// Until a started program has to answer.
const READY: Duration = Duration::from_secs(15);

/// The configuration file of a launch.
#[must_use]
pub fn configuration(launch: &CentrifugoLaunch, port: u16, key: &str) -> Value {
    let mut namespace = json!({ "name": launch.namespace });
    if launch.recoverable {
        namespace["history_size"] = json!(300);
        namespace["history_ttl"] = json!("300s");
        namespace["force_recovery"] = json!(true);
        namespace["force_positioning"] = json!(true);
    }
    let seconds = launch.ping.as_secs().max(1);
    // The server wants the pong's time to be the shorter one.
    let (ping, pong) = (format!("{seconds}s"), format!("{}ms", (seconds * 500).min(8000)));
    match launch.generation {
        CentrifugoGeneration::V5 => json!({
            "address": "127.0.0.1", "port": port, "api_key": key, "health": true,
            "allowed_origins": ["*"], "ping_interval": ping, "pong_timeout": pong,
            "proxy_connect_endpoint": launch.connect_proxy, "proxy_connect_timeout": "5s",
            "namespaces": [namespace],
        }),
        CentrifugoGeneration::V6 => json!({
            "http_server": { "address": "127.0.0.1", "port": port.to_string() },
            "http_api": { "key": key }, "health": { "enabled": true },
            "client": {
                "allowed_origins": ["*"], "ping_interval": ping, "pong_timeout": pong,
                "proxy": { "connect": { "enabled": true, "endpoint": launch.connect_proxy, "timeout": "5s" } },
            },
            "channel": { "namespaces": [namespace] },
        }),
    }
}

/// A running Centrifugo. Ends when dropped.
pub struct RunningCentrifugo {
    program: Child,
    folder: PathBuf,
    port: u16,
    key: String,
}

impl RunningCentrifugo {
    /// Starts it on a free port and waits until it answers.
    ///
    /// # Errors
    /// [`CentrifugoError::Listen`] when it cannot be started, [`CentrifugoError::InVain`] when it does not answer.
    pub async fn start(launch: &CentrifugoLaunch) -> Result<Self, CentrifugoError> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let key = uuid::Uuid::new_v4().to_string();
        let folder = std::env::temp_dir().join(format!("trunkline-centrifugo-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&folder)?;
        let file = folder.join("config.json");
        std::fs::write(&file, configuration(launch, port, &key).to_string())?;
        let program = spawn(&launch.program, &file)?;
        let mut running = Self { program, folder, port, key };
        running.until_ready().await?;
        Ok(running)
    }

    async fn until_ready(&mut self) -> Result<(), CentrifugoError> {
        let end = Instant::now() + READY;
        let health = format!("http://127.0.0.1:{}/health", self.port);
        while Instant::now() < end {
            if matches!(self.program.try_wait(), Ok(Some(_))) {
                break;
            }
            if request("GET", &health, "", "").await.is_ok_and(|(status, _)| status == 200) {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Err(CentrifugoError::InVain("Centrifugo to answer"))
    }

    /// Its server API.
    #[must_use]
    pub fn api(&self) -> CentrifugoApi {
        CentrifugoApi::new(&format!("http://127.0.0.1:{}/api", self.port), &self.key)
    }

    /// Address of the WebSocket.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/connection/websocket", self.port)
    }
}

impl Drop for RunningCentrifugo {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn spawn(program: &Path, file: &Path) -> std::io::Result<Child> {
    Command::new(program)
        .arg("--config")
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}
