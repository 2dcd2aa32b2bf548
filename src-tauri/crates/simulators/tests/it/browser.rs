//! A headless Chromium that opens one page.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::{Child, Command};

/// A running browser; ends with its value.
pub struct Browser {
    _process: Child,
    _profile: tempfile::TempDir,
}

fn program() -> PathBuf {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .map(Path::new)
        .find(|path| path.is_file())
        .map(Path::to_path_buf)
        .expect("Chromium is needed for this test: install the package `chromium`")
}

impl Browser {
    /// Opens `url`. `microphone` is a wav file that the fake microphone plays.
    pub fn open(url: &str, microphone: Option<&Path>) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser's profile");
        let mut command = Command::new(program());
        command
            .args([
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
                "--ignore-certificate-errors",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()));
        if let Some(file) = microphone {
            command.arg(format!("--use-file-for-fake-audio-capture={}", file.display()));
        }
        let process = command
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Chromium starts");
        Self { _process: process, _profile: profile }
    }
}
