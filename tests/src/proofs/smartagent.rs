//! A page written from the SmartAgent SDK's documentation alone, as a plugin in the
//! real window: every event it can hear, every message it can send and every method
//! of its class, while calls of the simulated platform come, go on and end. What a
//! call of the page does is looked for where the agent, the customer or a second
//! plugin would see it.

mod asked;
mod calls;
mod collector;
mod deeds;
mod sight;
mod table;

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    OfferCall, OutboundAnswer, OutboundBehaviour, QuickConnect, SimCall, SimError, SimOptions, Speech,
};

use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::messages::Messages;
use crate::harness::stage::{AGENT, PATIENCE, Stage};
use collector::{Collector, Page};
use table::{EVENTS, MESSAGES, METHODS, Shown, Table};

/// The page, and who sees what it did: plugins' ids and names.
const CARD: &str = "card";
const CARD_NAME: &str = "Sample card";
const WITNESS: &str = "witness";
const WITNESS_NAME: &str = "Witness";
/// What the page may, and what the witness may.
const ALL_IT_NEEDS: [&str; 5] = ["agent", "contacts", "annotate", "transfers", "notify"];
const TO_SEE: [&str; 1] = ["contacts"];
/// Entries of the directory.
const HEAD_OFFICE: &str = "Head office";
const HEAD_OFFICE_NUMBER: &str = "+12025550188";
const BILLING: &str = "Billing desk";
const BILLING_NUMBER: &str = "+12025550177";

const INDEX: &str = include_str!("smartagent/index.html");
const SAMPLE: &str = include_str!("smartagent/sample.js");
const REPORTER: &str = include_str!("smartagent/reporter.js");

struct Desk {
    stage: Stage,
    checks: Checks,
    table: Table,
    say: Messages,
    card: Page,
    witness: Page,
    collector: Collector,
    /// The plugins' folders: there as long as the proof is.
    folders: tempfile::TempDir,
}

/// Runs all of it. The last line counts events, messages and methods.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("smartagent");
    let mut directory = QuickConnect::one_of_each();
    directory.push(QuickConnect::phone(BILLING, BILLING_NUMBER));
    let options = SimOptions { directory, ..SimOptions::default() };
    let set = Stage::set("smartagent", Furniture { keyring: true, dunst: true }, options).await;
    let Ok(stage) = checks.require(set, "desktop and simulator are up") else { return Ok(checks.finish()) };
    // Whoever is called rings until the proof decides.
    let waits = OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::Silent };
    stage.sim.set_outbound(waits.clone());
    stage.sim.set_third_party(waits);
    let collector = Collector::start().await?;
    let mut desk = Desk {
        stage,
        checks,
        table: Table::default(),
        say: Messages::read()?,
        card: collector.page(CARD),
        witness: collector.page(WITNESS),
        collector,
        folders: tempfile::tempdir()?,
    };
    if let Err(error) = desk.play().await {
        desk.checks.check(false, "the calls went through to their end", format!("{error:#}"));
        desk.stage.picture("where-it-stopped");
        desk.print_log().await;
    }
    desk.stage.keep_logs();
    let Shown { events, messages, methods } = desk.table.print();
    desk.checks.check(events == EVENTS.len(), "every event of the SDK was heard", events);
    desk.checks.check(messages == MESSAGES.len(), "every message did what it says, and was refused", messages);
    desk.checks.check(methods == METHODS.len(), "every method did what it says", methods);
    let passed = desk.checks.finish();
    println!(
        "smartagent: {events} of {} events, {messages} of {} messages, {methods} of {} methods",
        EVENTS.len(),
        MESSAGES.len(),
        METHODS.len()
    );
    Ok(passed)
}

impl Desk {
    async fn play(&mut self) -> Result<()> {
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is under WebDriver")?;
        let signed_in = self.stage.sign_in().await;
        self.checks.require(signed_in, "the agent is signed in")?;
        self.add_plugins().await?;
        self.without_a_contact().await?;
        self.what_does_not_fit().await?;
        self.declined().await?;
        self.missed().await?;
        self.dialled().await?;
        let call = self.talked_with("Ana Example").await?;
        self.introduced_again(&call).await?;
        self.seen_and_hidden().await?;
        self.annotated(&call).await?;
        self.listeners().await?;
        self.told().await?;
        self.directory().await?;
        self.held(&call).await?;
        self.handed_to_a_number(&call).await?;
        self.handed_to_an_entry(&call).await?;
        self.state_for_afterwards().await
    }

    async fn add_plugins(&mut self) -> Result<()> {
        self.checks.step("two plugins: the page, and one that only sees");
        self.add(CARD, CARD_NAME, "call", &ALL_IT_NEEDS).await?;
        self.add(WITNESS, WITNESS_NAME, "default", &TO_SEE).await?;
        let introduced = self.card.hears(0, "introduction", |_| true).await;
        let said = self.checks.require(introduced, "init is answered")?;
        let is = (&said["pluginId"], &said["pluginType"], &said["contact"], &said["user"]["username"]);
        let wanted = (&json!(CARD), &json!("call"), &Value::Null, &json!(AGENT));
        self.checks.check(is == wanted, "with the plugin's id and place, the agent, and no contact yet", &said);
        let running = self.stage.rpc("plugin_list", json!({})).await?;
        let state = plugin_in(&running, CARD)["state"]["kind"].clone();
        self.checks.check(state == "running", "and the panel knows the page as running", &state);
        if is == wanted && state == "running" {
            self.table.method("init", "a page is loaded: introduced to agent and settings, known as running");
        }
        self.witness.hears(0, "introduction", |said| said["user"].is_null()).await?;
        Ok(())
    }

    async fn add(&mut self, id: &'static str, name: &str, place: &str, rights: &[&str]) -> Result<()> {
        let folder = self.folders.path().join(id);
        let page = self.collector.page(id);
        let manifest = json!({
            "manifest": 1, "id": id, "name": name, "version": "1.0.0", "place": place,
            "description": "Hears every event, and does what it is told.",
            "shownByDefault": id == CARD, "permissions": rights, "origins": [self.collector.origin()],
            "settings": [{ "key": "collector", "label": "Reports to", "kind": "url", "default": page.address() }],
        });
        write_folder(&folder, &manifest)?;
        let source = json!({ "kind": "folder", "path": folder });
        let added = self.stage.rpc("plugin_add", json!({ "source": source })).await;
        self.checks.require(added, &format!("“{name}” is added from a folder"))?;
        let given: serde_json::Map<String, Value> =
            rights.iter().map(|&right| (right.to_owned(), json!(true))).collect();
        let granted = self.stage.rpc("plugin_grant", json!({ "plugin": id, "rights": given })).await;
        self.checks.require(granted, "and allowed what it asks for").map(drop)
    }

    // Steps.

    async fn click(&mut self, test_id: &str) -> Result<()> {
        let clicked = self.stage.click(test_id).await;
        self.checks.require(clicked, &format!("{test_id} is clicked"))
    }

    fn did<T>(&mut self, result: Result<T, SimError>, what: &str) -> Result<T> {
        self.checks.require(result.map_err(Into::into), what)
    }

    /// The page hears an event that fits, and the table has it.
    async fn heard(
        &mut self,
        mark: usize,
        event: &'static str,
        scenario: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let heard = self.card.hears(mark, event, fits).await;
        let payload = self.checks.require(heard, &format!("{event}: {scenario}"))?;
        self.table.event(event, scenario);
        Ok(payload)
    }

    async fn offer(&mut self, offer: OfferCall) -> Result<SimCall> {
        self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await.context("free again")?;
        let mark = self.card.mark();
        let call = self.stage.sim.offer_call(OfferCall { speech: Speech::Silent, ..offer }).await?;
        self.heard(mark, "incoming_call", "a customer calls", about(&call)).await?;
        Ok(call)
    }

    /// A call that the agent takes in the panel.
    async fn talked_with(&mut self, name: &str) -> Result<SimCall> {
        self.checks.step("a call is taken");
        let call = self.offer(OfferCall { customer_name: name.to_owned(), ..OfferCall::to(AGENT) }).await?;
        let mark = self.card.mark();
        self.click("accept").await?;
        self.did(call.expect_accepted(PATIENCE).await, "the platform has the acceptance")?;
        let started = self.heard(mark, "call_started", "the agent accepts", about(&call)).await?;
        let since = started["startedAt"].as_str().unwrap_or_default();
        self.checks.check(since.ends_with('Z'), "and since when", since);
        Ok(call)
    }

    async fn print_log(&self) {
        for plugin in [CARD, WITNESS] {
            match self.stage.rpc("plugin_log", json!({ "plugin": plugin })).await {
                Ok(lines) => println!("log of {plugin}: {lines}"),
                Err(error) => println!("no log of {plugin}: {error:#}"),
            }
        }
    }
}

fn write_folder(folder: &Path, manifest: &Value) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let manifest = serde_json::to_string_pretty(manifest)?;
    for (name, text) in
        [("plugin.json", manifest.as_str()), ("index.html", INDEX), ("sample.js", SAMPLE), ("reporter.js", REPORTER)]
    {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// One plugin of a list of them.
fn plugin_in<'a>(list: &'a Value, id: &str) -> &'a Value {
    let all = list["plugins"].as_array().into_iter().flatten();
    all.into_iter().find(|plugin| plugin["id"] == id).unwrap_or(&Value::Null)
}

/// A payload that is about this call, in whichever way it names it.
fn about(call: &SimCall) -> impl Fn(&Value) -> bool + use<> {
    let id = call.contact_id().to_owned();
    move |payload| payload["contact"]["contactId"] == id.as_str() || payload["contactId"] == id.as_str()
}
