//! Signing in as at a real instance: the platform's own page in a window of its own.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use trunkline_simulators::amazon_connect::SimOptions;

use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::processes::wait_for;
use crate::harness::stage::{AGENT, PATIENCE, Stage};
use crate::harness::window;

/// Name of the account, and so of the window.
const ACCOUNT: &str = "Sales desk";

/// Runs it.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("login-window");
    let set = Stage::set("login-window", Furniture { keyring: true, dunst: true }, SimOptions::default()).await;
    let Ok(mut stage) = checks.require(set, "desktop and simulator are up") else { return Ok(checks.finish()) };
    if let Err(error) = play(&mut stage, &mut checks).await {
        checks.check(false, "it went through to its end", format!("{error:#}"));
        stage.picture("where-it-stopped");
    }
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
    let still = window::find(&stage.desktop, ACCOUNT).contains(&login);
    checks.check(still, "the window stays for another try", still);

    fill_in(stage, &login, &format!("{AGENT}-password")).await?;
    let online = stage.wait_online().await;
    checks.require(online, "the right one signs the agent in")?;
    let gone = window::wait_gone(&stage.desktop, ACCOUNT, PATIENCE);
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
    let again = login_window(stage);
    checks.require(again, "a session the instance has ended opens the login page again")?;
    stage.picture("session-ended");
    let login = login_window(stage)?;
    stage.desktop.output("xdotool", &["windowclose", &login])?;
    let told = stage
        .wait_snapshot("words about the closed window", |snapshot| {
            (snapshot["accounts"][0]["link"]["state"] == "signed_out").then_some(())
        })
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    stage.picture("login-closed");
    checks.require(told, "closing the window leaves the account signed out, with a way back in")?;
    Ok(())
}

fn login_window(stage: &Stage) -> Result<String> {
    window::wait(&stage.desktop, ACCOUNT, PATIENCE)
}

/// Types like an agent: two fields and Enter.
async fn fill_in(stage: &Stage, window: &str, password: &str) -> Result<()> {
    let type_in = |words: &[&str]| stage.desktop.output("xdotool", words).map(drop);
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
