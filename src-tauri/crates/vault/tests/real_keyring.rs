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
        &format!(
            "{UNLOCKED} DRIVER set hello; DRIVER get; DRIVER set-long 8000; DRIVER get; DRIVER set short; DRIVER get; DRIVER forget; DRIVER get"
        ),
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

const LOCK: &str = "dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
     org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null; ";

/// A password prompt that does `act` instead of asking, and counts in `home/prompts`.
fn prompter(home: &Path, act: &str) {
    let services = home.join("data/dbus-1/services");
    std::fs::create_dir_all(&services).unwrap();
    let script = home.join("prompter.sh");
    std::fs::write(&script, format!("echo asked >> {}\n{act}\n", home.join("prompts").display())).unwrap();
    let service =
        format!("[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=/bin/sh {}\n", script.display());
    std::fs::write(services.join("org.gnome.keyring.SystemPrompter.service"), service).unwrap();
}

fn prompts(home: &Path) -> usize {
    std::fs::read_to_string(home.join("prompts")).map_or(0, |text| text.lines().count())
}

#[test]
fn a_locked_keyring_asks_once_and_the_secret_lives_for_this_run() {
    let home = tempfile::tempdir().unwrap();
    prompter(home.path(), "exit 1");
    let said = session(home.path(), &format!("{UNLOCKED} DRIVER set hello; {LOCK} DRIVER status"));
    assert_eq!(said.lines().collect::<Vec<_>>(), ["stored Available", "seen Locked"], "it is seen to be locked");
    assert_eq!(prompts(home.path()), 0, "without asking the user");

    let home = tempfile::tempdir().unwrap();
    prompter(home.path(), "exit 1");
    let said =
        session(home.path(), &format!("{UNLOCKED} DRIVER set hello; {LOCK} DRIVER get; DRIVER keep-and-get other"));
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        ["stored Available", "Locked Locked", "Err(Locked) remembered=true Locked"],
        "what is inside cannot be read, what is new can be read in this run"
    );
    assert_eq!(prompts(home.path()), 2, "one prompt a process, though each made several calls");
}

#[test]
fn a_prompt_that_nobody_answers_does_not_hang_the_program() {
    let home = tempfile::tempdir().unwrap();
    prompter(home.path(), "exec sleep 12");
    // Timed within: the session itself ends only when the prompt does.
    let timed = "date +%s%N; DRIVER keep-and-get other; date +%s%N";
    let said = session(home.path(), &format!("{UNLOCKED} DRIVER set hello; {LOCK} {timed}"));
    let lines: Vec<&str> = said.lines().collect();
    let [stored, before, kept, after] = lines[..] else { panic!("four lines: {said}") };
    assert_eq!(stored, "stored Available", "the keyring was open at first");
    assert_eq!(kept, "Err(Locked) remembered=true Locked", "the secret lives for this run");
    assert_eq!(prompts(home.path()), 1, "the prompt was open");
    let nanoseconds = after.parse::<u64>().unwrap() - before.parse::<u64>().unwrap();
    let took = std::time::Duration::from_nanos(nanoseconds);
    assert!(took >= std::time::Duration::from_secs(5), "it was given five seconds: {took:?}");
    assert!(took < std::time::Duration::from_secs(10), "and not the twelve it stayed open: {took:?}");
}
