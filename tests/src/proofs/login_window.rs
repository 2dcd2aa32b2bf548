//! Signing in as at a real instance: the platform's own page in a window of its own.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::SimOptions;

use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::processes::wait_for;
use crate::harness::stage::{AGENT, PATIENCE, Stage};
use crate::harness::window;

/// Name of the account.
const ACCOUNT: &str = "Sales desk";
/// Title of the window: the host that asks for the password.
pub(super) const HOST: &str = "127.0.0.1";

/// Runs it.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("login-window");
    let set = Stage::set("login-window", Furniture { keyring: true, dunst: true }, SimOptions::default()).await;
    let Ok(mut stage) = checks.require(set, "desktop and simulator are up") else { return Ok(checks.finish()) };
    if let Err(error) = play(&mut stage, &mut checks).await {
        checks.check(false, "it went through to its end", format!("{error:#}"));
        stage.picture("where-it-stopped");
    }
    stage.keep_logs();
    Ok(checks.finish())
}

async fn play(stage: &mut Stage, checks: &mut Checks) -> Result<()> {
    let opened = stage.open().await;
    checks.require(opened, "the panel's window is open")?;
    let account = json!({
        "account": null,
        "platform": "amazon-connect",
        "name": ACCOUNT,
        "settings": { "address": stage.sim.base_url() },
        "secrets": {},
    });
    let saved = stage.rpc("account_save", account).await;
    checks.require(saved, "an account with nothing but the instance's address is saved")?;
    let asked = stage.click("sign-in").await;
    checks.require(asked, "the panel asks to sign in")?;
    let login = login_window(stage);
    let login = checks.require(login, "the instance's login page opens in a window of its own")?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    stage.picture("login-page");

    fill_in(stage, &login, "wrong").await?;
    let told = wait_for("the refusal", PATIENCE, || {
        stage.sim.requests().iter().any(|note| note.operation == "login" && note.status == 401).then_some(())
    });
    checks.require(told, "a wrong password reaches the instance and is refused by it")?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    stage.picture("wrong-password");
    let still = window::find(&stage.desktop, HOST).contains(&login);
    checks.check(still, "the window stays for another try", still);

    fill_in(stage, &login, &format!("{AGENT}-password")).await?;
    let online = stage.wait_online().await;
    checks.require(online, "the right one signs the agent in")?;
    let gone = window::wait_gone(&stage.desktop, HOST, PATIENCE);
    checks.require(gone, "the login window is gone")?;
    let polled = stage.sim.agent(AGENT).expect_polled(PATIENCE).await.map_err(Into::into);
    checks.require(polled, "the agent is polled with the token that the cookies gave")?;
    stage.picture("signed-in");

    stage.crash().await?;
    let opened = stage.open().await;
    checks.require(opened, "the program was killed and is opened again")?;
    let online = stage.wait_online().await;
    checks.require(online, "the session in the keyring signs in without asking")?;

    stage.sim.revoke_session();
    stage.sim.expire_tokens();
    // A snapshot request in flight is answered first, which takes up to its own time-out.
    let mut noticed = session_ended(stage).await;
    if noticed.is_err() {
        noticed = session_ended(stage).await;
    }
    checks.require(noticed, "the panel notices a session that the instance has ended")?;
    let asked = stage.click("sign-in").await;
    checks.require(asked, "when the instance ends the session, the panel asks again")?;
    stage.picture("session-ended");
    let login = login_window(stage);
    let login = checks.require(login, "and the login page is there again")?;
    fill_in(stage, &login, &format!("{AGENT}-password")).await?;
    let online = stage.wait_online().await;
    checks.require(online, "signing in once more brings the agent back")?;
    let gone = window::wait_gone(&stage.desktop, HOST, PATIENCE);
    checks.require(gone, "and the login window goes")?;
    let cookie = stage.files_with(b"session-");
    checks.check(cookie.is_empty(), "no session cookie is on disk", format!("{cookie:?}"));
    Ok(())
}

async fn session_ended(stage: &Stage) -> Result<String> {
    let ended = |snapshot: &Value| {
        let state = snapshot["accounts"][0]["link"]["state"].as_str()?;
        (state != "online").then(|| state.to_owned())
    };
    stage.wait_snapshot("the ended session", ended).await
}

pub(super) fn login_window(stage: &Stage) -> Result<String> {
    window::wait(&stage.desktop, HOST, PATIENCE)
}

/// Types like an agent: two fields and Enter.
pub(super) async fn fill_in(stage: &Stage, window: &str, password: &str) -> Result<()> {
    let type_in = |words: &[&str]| stage.desktop.output("xdotool", words).map(drop);
    // The window is there before its page is.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    type_in(&["windowraise", window])?;
    type_in(&["windowfocus", "--sync", window])?;
    // A click on the page gives it the keyboard, and the tabulator its first field.
    type_in(&["mousemove", "--window", window, "30", "400", "click", "1"])?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    type_in(&["key", "Tab"])?;
    type_in(&["key", "ctrl+a"])?;
    type_in(&["type", "--delay", "15", AGENT])?;
    type_in(&["key", "Tab"])?;
    type_in(&["type", "--delay", "15", password])?;
    type_in(&["key", "Return"])
}
