//! An instance that lets nobody in but browsers: the panel works through the
//! page that the agent signed in on, and leaves it when that is refused.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{Gate, OfferCall, SimOptions};

use super::login_window::{fill_in, login_window};
use crate::harness::app::web_processes;
use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::processes::{signal, wait_for};
use crate::harness::stage::{AGENT, PATIENCE, Stage};
use crate::harness::window;

/// Runs it.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("page-transport");
    let options = SimOptions { gate: Gate::Browsers, ..SimOptions::default() };
    let set = Stage::set("page-transport", Furniture { keyring: true, dunst: true }, options).await;
    let Ok(mut stage) = checks.require(set, "desktop and simulator are up") else { return Ok(checks.finish()) };
    if let Err(error) = play(&mut stage, &mut checks).await {
        checks.check(false, "it went through to its end", format!("{error:#}"));
        stage.picture("where-it-stopped");
    }
    stage.keep_logs();
    Ok(checks.finish())
}

/// Calls at the gate: from browsers and let in, from browsers and not, from elsewhere.
fn callers(stage: &Stage) -> (usize, usize, usize) {
    let notes = stage.sim.gate_notes();
    let browsers = notes.iter().filter(|note| note.browser);
    let passed = browsers.clone().filter(|note| note.passed).count();
    (passed, browsers.count() - passed, notes.iter().filter(|note| !note.browser).count())
}

async fn play(stage: &mut Stage, checks: &mut Checks) -> Result<()> {
    let opened = stage.open().await;
    checks.require(opened, "the panel's window is open")?;
    let account = json!({
        "account": null, "platform": "amazon-connect", "name": "Sales desk",
        "settings": { "address": stage.sim.base_url() }, "secrets": {},
    });
    let saved = stage.rpc("account_save", account).await;
    checks.require(saved, "an account with nothing but the instance's address is saved")?;
    let before: BTreeSet<u32> = web_processes(stage.pid()?).into_iter().collect();
    sign_in(stage, checks).await?;
    let (passed, refused, elsewhere) = callers(stage);
    checks.check(
        passed > 5 && refused == 0 && elsewhere <= 1,
        "direct was tried once and refused; through the page everything is let in",
        format!("{passed} through the page, {refused} of them refused, {elsewhere} direct"),
    );
    let shown = route(stage, "page").await;
    checks.require(shown, "the desk says: through the page")?;
    let hidden = window::wait_gone(&stage.desktop, super::login_window::HOST, PATIENCE);
    checks.require(hidden, "the page is out of sight")?;
    stage.picture("signed-in-through-the-page");

    call(stage, checks, "a call").await?;

    let page = page_process(stage, &before)?;
    signal(page, "KILL");
    let mended = wait_for("another process for the page", PATIENCE, || {
        let now = web_processes(stage.pid().ok()?);
        now.into_iter().find(|pid| !before.contains(pid) && *pid != page)
    });
    checks.require(mended, "the page's process is killed, and another one takes its place")?;
    let online = stage.wait_online().await;
    checks.require(online, "the agent stays online, or is so again")?;
    call(stage, checks, "after that, a call").await?;

    let ringing = stage.sim.offer_call(OfferCall { force: true, ..OfferCall::to(AGENT) }).await?;
    let offered = stage.wait_snapshot("the offer", |desk| contact_in(desk, "offered")).await;
    checks.require(offered, "another call rings")?;
    stage.sim.set_gate(Gate::NoBrowsers);
    let accepted = stage.click("accept").await;
    checks.require(accepted, "the gate turns around, and only then the agent takes the call")?;
    let taken = ringing.expect_accepted(PATIENCE).await.map_err(Into::into);
    checks.require(taken, "it is taken all the same")?;
    let shown = route(stage, "direct").await;
    checks.require(shown, "the desk says: directly")?;
    let asked = stage.sim.requests_of("AcceptContact").len();
    checks.check(asked == 3, "three calls, three times accepted: none doubled", asked);
    let gone = wait_for("the end of the page's process", PATIENCE, || {
        let now = web_processes(stage.pid().ok()?);
        now.iter().all(|pid| before.contains(pid)).then_some(())
    });
    checks.require(gone, "the page is closed: it is not needed any more")?;
    ringing.customer_hangs_up().await?;
    let ended = stage.wait_snapshot("the end", |desk| contact_in(desk, "ended")).await;
    checks.require(ended, "the call ends, and the desk hears of it directly")?;

    let closed = Instant::now();
    stage.sim.set_gate(Gate::Closed);
    // The long poll that is under way is let out yet.
    stage.sim.agent(AGENT).push_unknown(trunkline_simulators::amazon_connect::SnapshotTwist::UnknownMembers);
    // Several refusals on the one way, and one on the other, with pauses between them.
    let mut told = Err(anyhow::anyhow!("not looked yet"));
    while told.is_err() && closed.elapsed() < PATIENCE * 3 {
        told = stage.wait_snapshot("the notice", |desk| notice(desk, "notice_ways_refused")).await;
    }
    let within = format!("refused on both ways, the agent is told ({:.0} s later)", closed.elapsed().as_secs_f32());
    checks.require(told, &within)?;
    stage.picture("refused-on-both-ways");
    let account = stage.snapshot().await?["accounts"][0]["id"].clone();
    let opened = stage.rpc("account_open_panel", json!({ "account": account })).await;
    checks.require(opened, "the platform's own panel is asked for")?;
    let panel = window::wait(&stage.desktop, super::login_window::HOST, PATIENCE);
    checks.require(panel, "and opens in a window of its own")?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    stage.picture("the-platforms-own-panel");
    stage.sim.set_gate(Gate::Open);
    let online = stage.wait_online().await;
    checks.require(online, "when the gate opens, the agent is back by itself")?;
    let token = stage.files_with(stage.sim.token(AGENT).as_bytes());
    checks.check(token.is_empty(), "no token is on disk, in no log either", format!("{token:?}"));
    let cookie = stage.files_with(b"session-");
    checks.check(cookie.is_empty(), "and no session cookie", format!("{cookie:?}"));
    Ok(())
}

async fn sign_in(stage: &Stage, checks: &mut Checks) -> Result<()> {
    let asked = stage.click("sign-in").await;
    checks.require(asked, "the panel asks to sign in")?;
    let login = login_window(stage);
    let login = checks.require(login, "the instance's login page opens")?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    fill_in(stage, &login, &format!("{AGENT}-password")).await?;
    let online = stage.wait_online().await;
    checks.require(online, "the agent is signed in").map(drop)
}

/// Offered, accepted and ended in the window.
async fn call(stage: &Stage, checks: &mut Checks, which: &str) -> Result<()> {
    let call = stage.sim.offer_call(OfferCall { force: true, ..OfferCall::to(AGENT) }).await?;
    let offered = stage.wait_snapshot("the offer", |desk| contact_in(desk, "offered")).await;
    checks.require(offered, &format!("{which} is offered"))?;
    stage.click("accept").await?;
    let taken = call.expect_accepted(PATIENCE).await.map_err(Into::into);
    checks.require(taken, "accepted")?;
    stage.wait_snapshot("the call", |desk| contact_in(desk, "connected")).await?;
    let contact = stage.snapshot().await?["contacts"][0]["key"].clone();
    stage.rpc("contact_end", json!({ "contact": contact, "connection": null })).await?;
    let ended = stage.wait_snapshot("the end", |desk| contact_in(desk, "ended")).await;
    checks.require(ended, "ended by the agent")?;
    stage.rpc("contact_clear", json!({ "contact": contact })).await?;
    let cleared = stage.wait_snapshot("an empty desk", |desk| desk["contacts"].as_array()?.is_empty().then_some(()));
    checks.require(cleared.await, "and finished").map(drop)
}

fn contact_in(desk: &Value, state: &str) -> Option<()> {
    desk["contacts"].as_array()?.iter().any(|contact| contact["contact"]["state"] == state).then_some(())
}

fn notice(desk: &Value, key: &str) -> Option<()> {
    desk["notices"].as_array()?.iter().any(|notice| notice["message_key"] == key).then_some(())
}

async fn route(stage: &Stage, wanted: &str) -> Result<()> {
    let is = |desk: &Value| (desk["accounts"][0]["route"] == wanted).then_some(());
    stage.wait_snapshot(&format!("the way {wanted}"), is).await
}

/// The page's web process: it came with signing in.
fn page_process(stage: &Stage, before: &BTreeSet<u32>) -> Result<u32> {
    let now = web_processes(stage.pid()?);
    now.into_iter().find(|pid| !before.contains(pid)).context("the page has no process of its own")
}
