//! A screen pop while the panel is out of sight: the notification, a press on
//! it, the card with every field, and the page in the agent's browser.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::SimOptions;
use trunkline_simulators::olos::{HubEvent, OlosOptions, OlosSim, OnlineUser};

use crate::harness::app::web_processes;
use crate::harness::browser::Browser;
use crate::harness::checks::Checks;
use crate::harness::desktop::{Furniture, devices};
use crate::harness::processes::{signal, wait_for};
use crate::harness::sound::{Recorder, level};
use crate::harness::stage::{PATIENCE, Stage};
use crate::harness::window;

/// Title of the panel's window.
const PANEL: &str = "Trunkline";
/// The agent's number.
const AGENT: &str = "52";
/// Where the card is.
const CARD: &str = "[data-testid='event']";

/// Runs it.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("screen-pop");
    let set = Stage::set("screen-pop", Furniture { keyring: true, dunst: true }, SimOptions::default()).await;
    let Ok(mut stage) = checks.require(set, "the desktop is up") else { return Ok(checks.finish()) };
    if let Err(error) = play(&mut stage, &mut checks).await {
        checks.check(false, "it went through to its end", format!("{error:#}"));
        stage.picture("where-it-stopped");
    }
    stage.keep_logs();
    Ok(checks.finish())
}

/// A call with data of a customer's, and more of it than anybody foresaw.
fn pop(call: i64, number: &str, customer: &str) -> HubEvent {
    let mut pop = HubEvent::screen_pop(call, number, customer);
    if let Some(data) = pop.data.as_mut().and_then(Value::as_object_mut) {
        data.insert("contractNumber".to_owned(), json!("K-4711/a b"));
        data.insert("someNewThing".to_owned(), json!({ "inside": ["first", "second"] }));
    }
    pop
}

async fn play(stage: &mut Stage, checks: &mut Checks) -> Result<()> {
    let browser = Browser::install(&mut stage.desktop)?;
    let hub = OlosSim::start(OlosOptions::default()).await?;
    let opened = stage.open().await;
    checks.require(opened, "the panel's window is open")?;
    stage.choose("ringer", devices::RINGER).await?;
    let account = json!({
        "account": null, "platform": "olos", "name": "Campaigns",
        "settings": { "address": hub.base_url() }, "secrets": { "token": hub.token(AGENT) },
    });
    let saved = stage.rpc("account_save", account).await;
    checks.require(saved, "an account at AgentHub is saved, its token with it")?;
    let joined = hub.expect_joined(AGENT, PATIENCE).await.map_err(Into::into);
    checks.require(joined, "the agent's topic is joined")?;
    let online = stage.wait_online().await;
    checks.require(online, "the account is online")?;
    let pages = json!({
        "templates": [{
            "name": "Customer", "when": "offer",
            "url": "https://crm.example/find?phone={{phoneNumber}}&contract={{contractNumber}}&who={{customer.name}}",
        }],
        "allowed_domains": ["crm.example"], "allow_http": false,
    });
    stage.rpc("screen_pops_save", pages).await?;
    hub.come_online(&OnlineUser {
        user_id: "user-7".to_owned(),
        username: "brown".to_owned(),
        online_at: 1_662_391_541_000,
        ip_address: "203.0.113.7".to_owned(),
    });
    hub.push(AGENT, &HubEvent::status(1, 0));

    let panel = window::wait(&stage.desktop, PANEL, PATIENCE)?;
    window::close(&stage.desktop, &panel)?;
    let hidden = window::wait_gone(&stage.desktop, PANEL, PATIENCE);
    checks.require(hidden, "the panel's window is closed to the tray")?;
    // The hint that it stays in the tray comes first, once in a life.
    wait_for("the hint", PATIENCE, || notifications(stage).filter(|shown| *shown == 1))?;
    stage.desktop.output("dunstctl", &["close-all"])?;
    wait_for("its end", PATIENCE, || notifications(stage).filter(|shown| *shown == 0))?;
    let ringer = Recorder::start(&stage.desktop, devices::RINGER)?;
    let began = SystemTime::now();
    let id = hub.push(AGENT, &pop(7, "+12025550147", "Ana Example"));
    let told = wait_for("the notification", PATIENCE, || notifications(stage).filter(|shown| *shown == 1));
    checks.require(told, "the screen pop is notified")?;
    let notified = began.elapsed().unwrap_or_default();
    checks.check(notified < Duration::from_millis(1500), "at once", format!("{} ms", notified.as_millis()));
    let page = wait_for("the page", PATIENCE, || browser.opened().into_iter().next());
    let page = checks.require(page, "its page opens in the agent's browser")?;
    let wanted = "https://crm.example/find?phone=%2B12025550147&contract=K-4711%2Fa%20b&who=Ana%20Example";
    checks.check(page == wanted, "with the event's values in the address", &page);
    ringer.wait_until(SystemTime::now() + Duration::from_secs(1))?;
    let heard = level(&ringer.between(began, SystemTime::now())?);
    checks.check(heard > 0.001, "and a sound is heard at the ringer", format!("level {heard:.4}"));
    let still = window::find(&stage.desktop, PANEL);
    checks.check(still.is_empty(), "the panel is out of sight yet", still.len());
    stage.picture("notified");

    stage.desktop.output("dunstctl", &["action"]).context("the notification")?;
    let shown = window::wait(&stage.desktop, PANEL, PATIENCE);
    checks.require(shown, "a press on the notification brings the panel")?;
    let named = stage.wait_words(CARD, "Ana Example").await;
    checks.require(named, "with the event's card: the customer's name")?;
    for words in ["+1 202 555 0147", "Outbound", "22", "Campaigns"] {
        let there = stage.wait_words(CARD, words).await;
        checks.require(there, &format!("and {words}"))?;
    }
    stage.picture("card");
    let unfolded = stage.click_saying(&format!("{CARD} button"), "Show all").await;
    checks.require(unfolded, "all of its fields are asked for")?;
    every_field(stage, checks).await?;
    let read = stage.wait_snapshot("the event to be read", |desk| unread(desk).filter(|unread| *unread == 0)).await;
    checks.require(read, "what the agent looks at is read")?;
    let calls = stage.snapshot().await?["contacts"].as_array().map_or(0, Vec::len);
    checks.check(calls == 1, "the call on that side is on the desk, to be looked at", calls);

    // A page that stands still: everything outside it goes on.
    let web = web_processes(stage.pid()?);
    for pid in &web {
        signal(*pid, "STOP");
    }
    hub.push(AGENT, &pop(8, "+12025550148", "Ben Sample"));
    let second = wait_for("the second page", PATIENCE, || browser.opened().into_iter().nth(1));
    for pid in &web {
        signal(*pid, "CONT");
    }
    let second =
        checks.require(second, "with the page of the panel frozen, the next one opens its page all the same")?;
    checks.check(second.contains("Ben%20Sample"), "that of its own customer", &second);
    let told = wait_for("the notification's words", PATIENCE, || {
        // It may come after the page; only what was closed is in the history.
        stage.desktop.output("dunstctl", &["close-all"]).ok()?;
        summaries(stage).ok().filter(|titles| titles.contains("Screen pop: Ben Sample"))
    });
    checks.require(told, "and its notification says who it is")?;
    let before = hub.attempts().len();
    hub.drop_sockets();
    let back = |hub: &OlosSim| hub.attempts().len() > before && hub.joined(AGENT) == 1;
    let again = hub.expect("the agent's topic again", PATIENCE, back).await.map_err(Into::into);
    checks.require(again, "the connection is lost, and back")?;
    hub.push(AGENT, &pop(7, "+12025550147", "Ana Example").with_id(&id));
    hub.push(AGENT, &HubEvent::status(1, 0));
    let idle = |desk: &Value| desk["contacts"].as_array()?.is_empty().then_some(());
    let idle = stage.wait_snapshot("the end of the calls", idle).await;
    checks.require(idle, "the agent's status ends the call here, too")?;
    let pages = browser.opened();
    checks.check(pages.len() == 2, "an event that is repeated opens nothing again", pages.len());
    let found = stage.rpc("events_find", json!({ "words": "k-4711 ana", "limit": 10, "offset": 0 })).await?;
    let found = found.as_array().map_or(0, Vec::len);
    checks.check(found == 1, "it is found in the history by words of it, once", found);
    let people = |desk: &Value| {
        let entries = desk["rosters"][0]["entries"].as_array()?.len();
        (entries == 2).then_some(entries)
    };
    let people = stage.wait_snapshot("the roster", people).await;
    checks.require(people, "who is online is told to this administrator")?;
    stage.picture("afterwards");
    let token = stage.files_with(hub.token(AGENT).split('.').next_back().unwrap_or_default().as_bytes());
    checks.check(token.is_empty(), "no token is on disk, in no log either", format!("{token:?}"));
    Ok(())
}

/// Whatever the event carries stands in its card, in words.
async fn every_field(stage: &Stage, checks: &mut Checks) -> Result<()> {
    let desk = stage.snapshot().await?;
    let pop =
        desk["events"].as_array().and_then(|events| events.iter().find(|event| event["event"]["sort"] == "screen_pop"));
    let fields = pop.and_then(|pop| pop["event"]["fields"].as_array()).context("the event's fields")?;
    stage.wait_words(CARD, "K-4711/a b").await?;
    let card = stage.words(CARD).await?.join("\n");
    let missing: Vec<&str> = fields
        .iter()
        .filter_map(|field| field["value"].as_str())
        .map(|value| match value {
            "true" => "Yes",
            "false" => "No",
            "+12025550147" => "+1 202 555 0147",
            other => other,
        })
        .filter(|value| !card.contains(value))
        .collect();
    let figure = format!("{} fields, missing {missing:?}", fields.len());
    checks.check(fields.len() >= 16 && missing.is_empty(), "the card has every field of the event", figure);
    Ok(())
}

fn notifications(stage: &Stage) -> Option<u32> {
    stage.desktop.output("dunstctl", &["count", "displayed"]).ok()?.trim().parse().ok()
}

/// Titles of the notifications that were put away.
fn summaries(stage: &Stage) -> Result<String> {
    let history: Value = serde_json::from_str(&stage.desktop.output("dunstctl", &["history"])?)?;
    let entries = history["data"][0].as_array().cloned().unwrap_or_default();
    let titles: Vec<&str> = entries.iter().filter_map(|entry| entry["summary"]["data"].as_str()).collect();
    Ok(titles.join("; "))
}

fn unread(desk: &Value) -> Option<usize> {
    Some(desk["events"].as_array()?.iter().filter(|event| event["unread"] == true).count())
}
