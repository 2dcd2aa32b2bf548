//! The real program, started on a proof's desktop, by hand or by WebDriver.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use thirtyfour::{Capabilities, WebDriver};

use super::desktop::Desktop;
use super::processes::{Program, find_in_tree, signal, wait_for};

/// Where the repository is.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The release build, or the development build for the demo. `TRUNKLINE_PANEL` names
/// another one in place of the release build.
pub fn binary(release: bool) -> Result<PathBuf> {
    if let Some(panel) = std::env::var_os("TRUNKLINE_PANEL").filter(|_| release) {
        return std::path::absolute(panel).context("TRUNKLINE_PANEL");
    }
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| top().join("target"), PathBuf::from);
    let binary = folder.join(if release { "release" } else { "debug" }).join("trunkline");
    anyhow::ensure!(binary.exists(), "{} is not built", binary.display());
    Ok(binary)
}

/// Starts the program without WebDriver.
pub fn start(desktop: &Desktop, binary: &Path, arguments: &[&str]) -> Result<Program> {
    Program::start(desktop.command(binary).args(arguments).env("RUST_LOG", "info"), &desktop.path("app.log"))
}

/// The program with its web view under WebDriver.
pub struct Driven {
    /// Its web view.
    pub driver: WebDriver,
    /// Ends with it.
    webkit_driver: Program,
    binary: PathBuf,
}

impl Driven {
    /// Starts WebKitWebDriver, which starts the program.
    pub async fn start(desktop: &Desktop, binary: &Path, arguments: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = desktop.command("WebKitWebDriver");
        command
            .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("RUST_LOG", "info");
        let webkit_driver = Program::start(&mut command, &desktop.path("webdriver.log"))?;
        wait_for("WebKitWebDriver", Duration::from_secs(10), || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok().map(drop)
        })?;
        let mut capabilities = Capabilities::default();
        let options = serde_json::json!({ "binary": binary.display().to_string(), "args": arguments });
        capabilities.set("webkitgtk:browserOptions", options)?;
        let driver = tokio::time::timeout(
            Duration::from_secs(60),
            WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities),
        )
        .await
        .context("the session was not there within 60 s")??;
        driver.set_implicit_wait_timeout(Duration::from_secs(5)).await?;
        Ok(Self { driver, webkit_driver, binary: binary.to_path_buf() })
    }

    /// Ends the program as a crash would, and the session with it: nothing is
    /// said to the platform.
    pub async fn crash(self) -> Result<()> {
        let pid = self.pid()?;
        signal(pid, "KILL");
        wait_for("the program's end", Duration::from_secs(5), || (!alive(pid)).then_some(()))?;
        // The session has lost its browser: its end is not worth waiting for.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.driver.quit()).await;
        Ok(())
    }

    /// The program's own process.
    pub fn pid(&self) -> Result<u32> {
        let name = self.binary.display().to_string();
        let found = find_in_tree(self.webkit_driver.id(), &name);
        found.into_iter().find(|pid| *pid != self.webkit_driver.id()).context("the program does not run")
    }
}

/// A process that runs (a zombie does not).
fn alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Web processes of a program, newest last.
pub fn web_processes(pid: u32) -> Vec<u32> {
    find_in_tree(pid, "WebKitWebProcess")
}

/// A port nobody listens on at present.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
