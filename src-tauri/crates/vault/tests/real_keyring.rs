//! Against gnome-keyring on a session bus of its own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The example beside this test's own program.
fn driver() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let driver = test.parent().unwrap().parent().unwrap().join("examples/keyring");
    assert!(driver.exists(), "{} is built with the tests", driver.display());
    driver
}

/// Runs a shell script on a fresh session bus with a fresh home.
fn session(home: &Path, script: &str) -> String {
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script.replace("DRIVER", &driver().display().to_string())])
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env_remove("DISPLAY")
        .output()
        .expect("dbus-run-session is installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const UNLOCKED: &str = "printf 'test\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; ";

#[test]
fn a_secret_is_there_for_the_next_process_and_gone_when_forgotten() {
    let home = tempfile::tempdir().unwrap();
    let said = session(
        home.path(),
        &format!("{UNLOCKED} DRIVER set hello; DRIVER get; DRIVER set-long 8000; DRIVER get; DRIVER set short; DRIVER get; DRIVER forget; DRIVER get"),
    );
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "stored Available",
            "found 5 Available",
            "stored Available",
            "found 8000 Available",
            "stored Available",
            "found 5 Available",
            "forgotten Available",
            "absent Available"
        ],
        "each step is done by a process of its own"
    );
}

#[test]
fn without_a_keyring_the_secret_lives_for_this_run_and_the_agent_is_told() {
    let home = tempfile::tempdir().unwrap();
    // A bus that can start nothing: gnome-keyring would come up by itself otherwise.
    let config = home.path().join("bus.conf");
    std::fs::write(
        &config,
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context=\"default\"><allow send_destination=\"*\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
    )
    .unwrap();
    let output = Command::new("dbus-run-session")
        .arg("--config-file")
        .arg(&config)
        .args(["--", &driver().display().to_string(), "keep-and-get", "hello"])
        .env("HOME", home.path())
        .env_remove("DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("remembered=true"), "the secret can be read in this run: {said}");
    assert!(said.contains("NoService"), "and the status says why it will not outlive it: {said}");
}
