//! The same page on chats of two other platforms, at the same time in one panel.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::SimOptions;
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowAgent, ExpertflowOptions, ExpertflowSim};
use trunkline_simulators::twin24::{ClientOffer, OperatorStatus, Twin24Operator, Twin24Options, Twin24Sim};

use super::collector::Collector;
use super::places::InPanel;
use crate::harness::checks::Checks;
use crate::harness::desktop::{Furniture, devices};
use crate::harness::stage::{PATIENCE, Stage};
use crate::proofs::streams_crosscheck::compare::Record;

const AGENT: &str = "adams";
const EMAIL: &str = "anna@example.com";
/// What a page reads of a contact, at the least.
const READS: [&str; 9] = [
    "Contact.getState",
    "Contact.getQueue",
    "Contact.getAttributes",
    "Contact.getConnections",
    "Contact.getType",
    "Contact.isInbound",
    "Connection.getEndpoint",
    "Connection.getMediaType",
    "ChatConnection.getMediaInfo",
];

/// Of the customer's leg alone; of the agent's they throw at the vendor's library, too.
const CUSTOMERS: [&str; 2] = ["ChatConnection.getAuthenticationDetails", "ChatConnection.isAuthenticated"];

/// Both platforms, one after the other.
pub async fn run(checks: &mut Checks) -> Result<()> {
    let expertflow = ExpertflowSim::start(expertflow_options()).await?;
    let twin24 = Twin24Sim::start(twin24_options()).await?;
    let furniture = Furniture { keyring: true, dunst: true };
    let mut stage = Stage::set("streams-surface/others", furniture, SimOptions::default()).await?;
    let done = play(&mut stage, checks, &expertflow, &twin24).await;
    if done.is_err() {
        stage.picture("where-it-stopped");
        for line in InPanel::log(&stage).await {
            println!("        the plugin's log: {line}");
        }
    }
    stage.keep_logs();
    done
}

fn expertflow_options() -> ExpertflowOptions {
    let mut options = ExpertflowOptions { wrap_up: Some(Duration::from_secs(60)), ..ExpertflowOptions::default() };
    options.agents = vec![ExpertflowAgent::named(1101, AGENT, "Ada", "Adams").only_queue("Web Care")];
    options
}

fn twin24_options() -> Twin24Options {
    let operators = vec![Twin24Operator::named(42, EMAIL, "Anna", "Petrova")];
    Twin24Options { operators, ..Twin24Options::default() }
}

async fn play(stage: &mut Stage, checks: &mut Checks, expertflow: &ExpertflowSim, twin24: &Twin24Sim) -> Result<()> {
    stage.open().await?;
    stage.choose("ringer", devices::RINGER).await?;
    let password = expertflow.options().agents.first().map(|agent| agent.password.clone()).unwrap_or_default();
    let chats = json!({
        "account": null, "platform": "expertflow", "name": "Chats",
        "settings": { "address": expertflow.base_url(), "username": AGENT }, "secrets": { "password": password },
    });
    stage.rpc("account_save", chats).await?;
    let messengers = json!({
        "account": null, "platform": "twin24", "name": "Messengers",
        "settings": {
            "email": EMAIL, "iam": twin24.iam_url(), "chat": twin24.chat_url(), "events": twin24.events_url(),
        },
        "secrets": { "password": twin24.options().password(EMAIL) },
    });
    stage.rpc("account_save", messengers).await?;
    let online = stage.wait_snapshot("both accounts online", both_online).await;
    checks.require(online, "Expertflow and TWIN24 are signed in to, and no Amazon Connect")?;
    let place = InPanel::open(stage).await?;
    let page = &place.page;
    page.until("the agent", |all| all.iter().any(|r| r.event == "connect.agent")).await?;
    checks.check(true, "connect.agent gives the page its agent", "done");
    expertflow.set_ready(AGENT)?;
    let snapshot = stage.snapshot().await?;
    let account = account_of(&snapshot, "twin24").context("the account")?;
    stage.rpc("agent_set_state", json!({ "account": account, "state": "active", "when_free": false })).await?;
    twin24.expect_status(EMAIL, OperatorStatus::Online, PATIENCE).await?;

    let offer = CustomerOffer::of("Chris Sample", "Web Care").number("+12025550201").saying("Where is my parcel?");
    let chat = expertflow.customer_chats(offer)?;
    let id = offered(page, checks, "an Expertflow chat").await?;
    accepted(page, checks, &id).await?;
    let taken = chat.expect_accepted(PATIENCE).await.map_err(Into::into);
    checks.require(taken, "and the platform has it as taken")?;
    read(page, checks, &id, "Web Care").await?;
    stage.picture("expertflow");
    over(page, checks, &id).await?;
    let left = chat.expect_left(AGENT, PATIENCE).await.map_err(Into::into);
    checks.require(left, "and the platform has the agent as gone")?;

    let session = twin24.client_starts(ClientOffer::named("Ivan Sidorov").saying("Hello"))?;
    let id = offered(page, checks, "a TWIN24 chat").await?;
    accepted(page, checks, &id).await?;
    read(page, checks, &id, "").await?;
    stage.picture("twin24");
    over(page, checks, &id).await?;
    let closed = session.expect_closed(PATIENCE).await.map_err(Into::into);
    checks.require(closed, "and the platform has it as closed").map(drop)
}

fn both_online(desk: &Value) -> Option<()> {
    let accounts = desk["accounts"].as_array()?;
    let online = |one: &&Value| one["link"]["state"] == "online" && !one["agent"].is_null();
    (accounts.iter().filter(online).count() == 2).then_some(())
}

fn account_of(desk: &Value, platform: &str) -> Option<Value> {
    let accounts = desk["accounts"].as_array()?;
    Some(accounts.iter().find(|one| one["platform"] == platform)?["id"].clone())
}

/// The contact that `connect.contact` gave last and nobody has cleared yet.
async fn offered(page: &Collector, checks: &mut Checks, what: &str) -> Result<String> {
    let begun = |r: &&Record| r.event == "connect.contact";
    page.until(what, is_open).await?;
    let all = page.records();
    let begins = all.iter().rfind(begun).context("a contact")?;
    let id = begins.lane.trim_start_matches("contact ").trim_end_matches(" begins").to_owned();
    checks.check(begins.detail == "chat connecting", &format!("connect.contact sees {what}"), &begins.detail);
    checks.check(id.contains('~'), "by account and contact", "the account in front");
    Ok(id)
}

fn is_open(all: &[Record]) -> bool {
    let begun = all.iter().filter(|r| r.event == "connect.contact").count();
    begun > all.iter().filter(|r| r.event == "Contact.onDestroy" && r.lane.ends_with(" events")).count()
}

fn state(all: &[Record], id: &str) -> Option<String> {
    let lane = format!("contact {id} picture");
    let picture = all.iter().rev().find(|record| record.lane == lane)?;
    picture.detail.split(':').next().map(str::to_owned)
}

/// Calls a member with callbacks, and gives what came back.
async fn asked(page: &Collector, order: Value) -> Result<String> {
    page.order(order).await?;
    let last = page.records().into_iter().rfind(|record| record.lane == "acts");
    Ok(last.context("an answer")?.detail)
}

async fn accepted(page: &Collector, checks: &mut Checks, id: &str) -> Result<()> {
    let order = json!({ "do": "call", "member": "Contact.accept", "contact": id });
    let told = asked(page, order).await?;
    checks.check(told == "success", "contact.accept calls back", told);
    let connected = page.until("connected", |all| state(all, id).as_deref() == Some("connected")).await;
    checks.require(connected, "and the contact is connected")?;
    let lane = format!("contact {id} accepted");
    let told = page.until("onAccepted", |all| all.iter().any(|record| record.lane == lane)).await;
    checks.require(told, "onAccepted has fired")
}

async fn read(page: &Collector, checks: &mut Checks, id: &str, queue: &str) -> Result<()> {
    page.order(json!({ "do": "readContact", "contact": id, "when": "talking" })).await?;
    let all = page.records();
    let lane = format!("contact {id} talking");
    let seen: Vec<&Record> = all.iter().filter(|record| record.lane.starts_with(&lane)).collect();
    let of = |member: &str| seen.iter().find(|record| record.event == member).map(|record| record.detail.as_str());
    let broken: Vec<&str> =
        READS.into_iter().filter(|member| of(member).is_none_or(|told| told.starts_with("throws"))).collect();
    checks.check(broken.is_empty(), "what a page reads of a contact can be read", format!("{broken:?}"));
    let thrown = seen.iter().filter(|record| record.detail.starts_with("throws"));
    let thrown: Vec<&str> =
        thrown.map(|record| record.event.as_str()).filter(|event| !CUSTOMERS.contains(event)).collect();
    checks.check(thrown.is_empty(), "and nothing else throws", format!("{} read, {thrown:?}", seen.len()));
    let told = |member: &str| of(member).unwrap_or_default().to_owned();
    checks.check(told("Contact.getState").contains(r#""connected""#), "getState", told("Contact.getState"));
    checks.check(told("Contact.getType") == r#""chat""#, "getType", told("Contact.getType"));
    checks.check(told("Contact.getQueue").contains(queue), "getQueue", told("Contact.getQueue"));
    checks.check(told("Contact.getAttributes").starts_with('{'), "getAttributes", told("Contact.getAttributes"));
    Ok(())
}

/// Ended and cleared as by any page.
async fn over(page: &Collector, checks: &mut Checks, id: &str) -> Result<()> {
    let order = json!({ "do": "call", "member": "Connection.destroy", "contact": id, "leg": "agent" });
    let told = asked(page, order).await?;
    checks.check(told == "success", "connection.destroy calls back", told);
    let is_over = |all: &[Record]| is_gone(all, id) || state(all, id).as_deref() == Some("ended");
    let ended = page.until("its end", is_over).await;
    checks.require(ended, "and the contact is over")?;
    if !is_gone(&page.records(), id) {
        let order = json!({ "do": "call", "member": "Contact.clear", "contact": id });
        let told = asked(page, order).await?;
        checks.check(told == "success", "contact.clear calls back", told);
    }
    let gone = page.until("gone", |all| is_gone(all, id)).await;
    checks.require(gone, "and onDestroy fires")
}

fn is_gone(all: &[Record], id: &str) -> bool {
    let lane = format!("contact {id} events");
    all.iter().any(|record| record.lane == lane && record.event == "Contact.onDestroy")
}
