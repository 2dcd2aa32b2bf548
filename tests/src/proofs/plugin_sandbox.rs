//! Hostile plugins: what each tries in its page, and that it comes to nothing, while
//! a friendly one goes on, calls are taken, and the panel answers the pointer.

mod attacks;
mod delay;
mod ground;
mod heavy;
mod manifests;

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use trunkline_simulators::amazon_connect::{OfferCall, SimCall, SimOptions};

use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::processes;
use crate::harness::stage::{AGENT, PATIENCE, Stage};

use attacks::{ATTACKS, Attack};
use delay::{Clicks, Delays};
use ground::{Ground, MARK};

/// Title of the panel's window.
const PANEL: &str = "Trunkline";
/// Input must be painted within this, all but five times of a hundred, milliseconds.
const DELAY: f64 = 50.0;
/// For one attack to say what it came to.
const ATTACK: Duration = Duration::from_secs(45);
/// Commands of the platform that only an agent may cause.
const ACTS: [&str; 9] = [
    "PutAgentState",
    "CreateAdditionalConnection",
    "CreateOutboundContact",
    "TransferContact",
    "DestroyConnection",
    "HoldConnection",
    "ClearContact",
    "RejectContact",
    "UpdateContactAttributes",
];

/// One line of the table at the end.
struct Row {
    tried: String,
    came: String,
    failed: bool,
}

/// The friendly plugin, which says what it hears.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Witness {
    /// Not there yet.
    Absent,
    Listens,
}

/// The proof as it goes.
struct Play {
    stage: Stage,
    checks: Checks,
    ground: Ground,
    folders: TempDir,
    rows: Vec<Row>,
    /// The panel's delays while plugins attack.
    delays: Delays,
}

/// Runs all of it.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("plugin-sandbox");
    let furniture = Furniture { keyring: true, dunst: true };
    let set = Stage::set("plugin-sandbox", furniture, SimOptions::default()).await;
    let Ok(stage) = checks.require(set, "the desktop is up") else { return Ok(checks.finish()) };
    let ground = Ground::start().await;
    let Ok(ground) = checks.require(ground, "three servers are up") else { return Ok(checks.finish()) };
    let folders = tempfile::tempdir()?;
    let mut play = Play { stage, checks, ground, folders, rows: Vec::new(), delays: Delays::default() };
    if let Err(error) = play.all().await {
        play.checks.check(false, "it went through to its end", format!("{error:#}"));
        play.stage.picture("where-it-stopped");
    }
    play.stage.keep_logs();
    Ok(play.finish())
}

impl Play {
    async fn all(&mut self) -> Result<()> {
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is open")?;
        let signed_in = self.stage.sign_in().await;
        self.checks.require(signed_in, "the agent is signed in")?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let calm = clicks.stop(&self.stage).await?;
        self.checks.check(calm.p95() < DELAY, "without plugins the panel answers the pointer at once", &calm);
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let call = self.take_call("Paul Plain", Witness::Absent).await?;
        let taking = clicks.stop(&self.stage).await?;
        // Its own windows and sounds take their time as well: what plugins add is the difference.
        self.checks.step(&format!("without plugins, while a call is taken: {taking}"));
        self.end_call(&call).await?;

        self.add_plugins().await?;
        let (panel, until) = (self.stage.pid()?, Instant::now() + PATIENCE);
        while nice_of_web_processes(panel).iter().filter(|nice| *nice == "10").count() != 4 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let found = nice_of_web_processes(panel);
        let (behind, before): (Vec<_>, Vec<_>) = found.iter().partition(|nice| *nice == "10");
        self.checks.check(
            behind.len() == 4 && before.iter().all(|nice| *nice == "0"),
            "every plugin's web process, and no other, makes way for the panel's",
            format!("{found:?}"),
        );
        let call = self.take_call("Ana Example", Witness::Listens).await?;
        self.sweep().await?;
        self.end_call(&call).await?;
        self.silent().await?;
        self.heavy().await?;
        self.manifests().await?;
        self.on_web().await?;
        self.afterwards().await
    }

    async fn add_plugins(&mut self) -> Result<()> {
        let rights = ["agent", "contacts", "annotate", "calls", "transfers", "state", "notify", "platform-events"];
        let manifest = |id: &str, shown: bool, rights: &[&str], origin: &str| {
            json!({
                "manifest": 1, "id": id, "name": id, "place": "default", "entry": "page.html",
                "shownByDefault": shown, "permissions": rights, "origins": [origin],
            })
        };
        let origin = self.ground.proof.clone();
        let hostile = [
            ("page.js", include_str!("plugin_sandbox/hostile.js")),
            ("inner.html", include_str!("plugin_sandbox/inner.html")),
            ("inner.js", include_str!("plugin_sandbox/inner.js")),
            ("spin.js", include_str!("plugin_sandbox/spin.js")),
        ];
        let witness = [("page.js", include_str!("plugin_sandbox/witness.js"))];
        let silent = [("page.js", include_str!("plugin_sandbox/silent.js"))];
        for (id, shown, allowed) in
            [("witness", true, true), ("hostile-a", false, false), ("hostile-b", true, false), ("silent", false, false)]
        {
            let files = match id {
                "witness" => &witness[..],
                "silent" => &silent,
                _ => &hostile,
            };
            let rights = if id == "silent" { &[][..] } else { &rights };
            let folder = self.folders.path().join(id);
            self.ground.write(&folder, id, &manifest(id, shown, rights, &origin), files)?;
            let source = json!({ "source": { "kind": "folder", "path": folder } });
            self.stage.rpc("plugin_add", source).await?;
            // None of what the hostile ones ask for is given.
            let answers: serde_json::Map<String, Value> =
                rights.iter().map(|right| ((*right).to_owned(), json!(allowed))).collect();
            self.stage.rpc("plugin_grant", json!({ "plugin": id, "rights": answers })).await?;
            if id != "silent" {
                let runs = self.wait_state(id, "running").await.map(drop);
                self.checks.require(runs, &format!("{id} runs"))?;
            }
        }
        let ready = self.ground.expect("witness", "ready", "", PATIENCE).await;
        self.checks.require(ready, "the friendly one has kept something, and listens").map(drop)
    }

    /// Offers a call, accepts it by a click in the panel, and the witness that is there hears of both.
    async fn take_call(&mut self, customer: &str, witness: Witness) -> Result<SimCall> {
        let offer = OfferCall { customer_name: customer.to_owned(), ..OfferCall::to(AGENT) };
        let call = self.stage.sim.offer_call(offer).await?;
        if witness == Witness::Listens {
            let told = self.ground.expect("witness", "event", &format!("incoming_call {customer}"), PATIENCE).await;
            self.checks.require(told, &format!("the friendly one is told that {customer} calls"))?;
        }
        let clicked = self.stage.click("accept").await;
        self.checks.require(clicked, "Accept is clicked in the panel")?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        self.checks.require(accepted, "the call is accepted")?;
        if witness == Witness::Listens {
            let told = self.ground.expect("witness", "event", &format!("call_started {customer}"), PATIENCE).await;
            self.checks.require(told, "and the friendly one is told so")?;
        }
        Ok(call)
    }

    async fn end_call(&mut self, call: &SimCall) -> Result<()> {
        call.customer_hangs_up().await?;
        self.stage.sim.agent(AGENT).expect_state("AfterCallWork", PATIENCE).await?;
        let finished = self.stage.click("finish").await;
        self.checks.require(finished, "the call ends, and the work after it is finished in the window")?;
        call.expect_cleared(PATIENCE).await?;
        self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await?;
        Ok(())
    }

    /// Every attack of the table, one after the other, during a call.
    async fn sweep(&mut self) -> Result<()> {
        let live = |desk: &Value| (desk["contacts"][0]["media"]["state"] == "live").then_some(());
        let live = self.stage.wait_snapshot("the call's sound", live).await;
        self.checks.require(live, "the call has sound")?;
        let before = self.desk().await?;
        let asked = self.stage.sim.requests().len();
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        for attack in ATTACKS {
            self.attack("hostile-a", attack).await?;
        }
        // The same trick of the second one, and of the first once more: none sees the other's.
        for name in ["storage", "cookies", "broadcast"] {
            if let Some(attack) = ATTACKS.iter().find(|attack| attack.name == name) {
                self.attack("hostile-b", attack).await?;
                self.attack("hostile-a", attack).await?;
            }
        }
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays("while all of these are tried", &delays);
        let after = self.desk().await?;
        self.checks.check(after == before, "accounts and contact are what they were before", changed(&before, &after));
        let requests = self.stage.sim.requests().split_off(asked);
        let acts: Vec<&str> =
            requests.iter().map(|note| note.operation.as_str()).filter(|name| ACTS.contains(name)).collect();
        self.checks.check(
            acts.is_empty(),
            "nothing was asked of the platform in the agent's name",
            format!("{acts:?}"),
        );
        let saved = self.stage.files_with(MARK.as_bytes());
        self.checks.check(saved.is_empty(), "no file was saved", format!("{saved:?}"));
        let popups = self.stage.words("[data-testid='popup']").await?;
        self.checks.check(popups.is_empty(), "no message is shown in the panel", format!("{popups:?}"));
        self.witness_is_well("after all of these").await
    }

    async fn attack(&mut self, plugin: &str, attack: &Attack) -> Result<()> {
        let began = now();
        let reached = self.ground.reached().len();
        let came = self.ground.ask(plugin, attack.name, ATTACK).await.unwrap_or_else(|error| format!("{error:#}"));
        let mut failed = attack.failed(&came);
        let mut came = came;
        let arrived = self.ground.reached().split_off(reached);
        if !arrived.is_empty() {
            failed = false;
            came = format!("{came}; reached {arrived:?}");
        }
        if let Some(wanted) = attack.log
            && plugin == "hostile-a"
        {
            match self.wait_log(plugin, wanted, began).await {
                Ok(line) => came = format!("{came}; log: {line}"),
                Err(error) => {
                    failed = false;
                    came = format!("{came}; {error:#}");
                }
            }
        }
        let state = self.state(plugin).await?;
        if state["kind"] != "running" {
            failed = false;
            came = format!("{came}; it is {state}");
        }
        // A frame that is not the plugin's own has been heard.
        if self.log(plugin).await?.iter().any(|line| line["text"].as_str().is_some_and(|t| t.contains("_probe"))) {
            failed = false;
            came = format!("{came}; the panel has heard another frame");
        }
        self.row(format!("{plugin}: {}", attack.tried), came, failed);
        Ok(())
    }

    /// One that never says that it is there, and does no harm by it.
    async fn silent(&mut self) -> Result<()> {
        let state = self.wait_state("silent", "silent").await;
        let failed = state.is_ok();
        let came = state.map_or_else(|error| format!("{error:#}"), |state| format!("it is {}", state["kind"]));
        self.row("silent: never saying that it is there".to_owned(), came, failed);
        Ok(())
    }

    async fn manifests(&mut self) -> Result<()> {
        let folder = self.folders.path().join("manifests");
        std::fs::create_dir_all(&folder)?;
        let before = self.plugins().await?.len();
        let source = json!({ "source": { "kind": "folder", "path": folder } });
        for (tried, text, names) in manifests::hostile() {
            std::fs::write(folder.join("plugin.json"), text)?;
            let added = self.stage.rpc("plugin_add", source.clone()).await;
            let (failed, came) = match added {
                Ok(_) => (false, "it was added".to_owned()),
                Err(error) => {
                    let error = format!("{error:#}");
                    let detail = error.split("\"detail\":").nth(1).unwrap_or(&error).to_owned();
                    (error.contains("error_plugin_") && detail.contains(names), detail)
                }
            };
            self.row(format!("manifest: {tried}"), came, failed);
        }
        let same = json!({ "manifest": 1, "id": "witness", "name": "witness", "place": "default" });
        std::fs::write(folder.join("plugin.json"), same.to_string())?;
        let error = self.stage.rpc("plugin_add", source).await.err().map(|error| format!("{error:#}"));
        let failed = error.as_ref().is_some_and(|error| error.contains("error_plugin_known"));
        self.row("manifest: another plugin's id".to_owned(), error.unwrap_or_default(), failed);
        let after = self.plugins().await?.len();
        self.checks.check(after == before, "none of these is among the plugins", after);
        Ok(())
    }

    /// Plugins from a web server of this computer.
    async fn on_web(&mut self) -> Result<()> {
        let web = self.ground.web.clone();
        let source =
            |name: &str| json!({ "source": { "kind": "web", "address": format!("{web}/{name}/plugin.json") } });
        let reached = self.ground.reached().len();
        let error = self.stage.rpc("plugin_add", source("moved")).await.err().map(|error| format!("{error:#}"));
        let failed = error.as_ref().is_some_and(|error| error.contains("sends us to"));
        self.row("web: a manifest that leads to another server".to_owned(), error.unwrap_or_default(), failed);

        let began = now();
        self.stage.rpc("plugin_add", source("web-led")).await?;
        let led = self.wait_log("web-led", "refused: its server leads to another one", began).await;
        let state = self.state("web-led").await?["kind"].clone();
        let failed = led.is_ok() && state == "broken" && self.ground.reached().len() == reached;
        let came = led.unwrap_or_else(|error| format!("{error:#}"));
        self.row("web: a page that leads to another server".to_owned(), came, failed);

        self.stage.rpc("plugin_add", source("web-hostile")).await?;
        let runs = self.wait_state("web-hostile", "running").await.map(drop);
        self.checks.require(runs, "a hostile page on the web runs")?;
        for attack in ATTACKS.iter().filter(|attack| attack.on_web) {
            self.attack("web-hostile", attack).await?;
        }
        let reached = self.ground.reached();
        self.checks.check(reached.is_empty(), "nothing has ever reached the other server", format!("{reached:?}"));
        Ok(())
    }

    async fn afterwards(&mut self) -> Result<()> {
        self.witness_is_well("at the end").await?;
        let forged: Vec<String> = self
            .ground
            .told()
            .into_iter()
            .filter(|told| told.plugin == "witness")
            .filter(|told| {
                let by_panel = told.kind == "message-of-panel";
                let forged = told.words.contains("forged") || told.words.contains("stolen");
                forged || !(by_panel || told.kind == "event" || told.kind == "ready")
            })
            .map(|told| format!("{}: {:.80}", told.kind, told.words))
            .collect();
        self.checks.check(forged.is_empty(), "nothing but the panel's own words has reached it", format!("{forged:?}"));
        let link = self.stage.snapshot().await?["accounts"][0]["link"]["state"].clone();
        self.checks.check(link == "online", "the account is online as before", &link);
        for plugin in self.plugins().await? {
            self.stage.rpc("plugin_remove", json!({ "plugin": plugin["id"] })).await?;
        }
        let left = self.plugins().await?.len();
        self.checks.check(left == 0, "all plugins are taken away", left);
        let told = std::fs::read_to_string(self.stage.desktop.path("webdriver.log")).unwrap_or_default();
        let panics = told.lines().filter(|line| line.contains("panicked")).count();
        self.checks.check(panics == 0 && !told.is_empty(), "the core's log tells of no panic", panics);
        Ok(())
    }

    /// The friendly one answers, and has what it kept.
    async fn witness_is_well(&mut self, when: &str) -> Result<()> {
        let pinged = self.ground.ask("witness", "ping", PATIENCE).await;
        let pinged = self.checks.require(pinged, &format!("the friendly one answers {when}"))?;
        self.checks.check(pinged == "got witness", "and is answered as itself", &pinged);
        let kept = self.ground.ask("witness", "kept", PATIENCE).await?;
        let untouched = r#"got {"local":{"shared":"kept by the witness"},"database":["kept by the witness"]}"#;
        self.checks.check(kept == untouched, "what it kept is untouched, and nothing was put beside it", &kept);
        Ok(())
    }

    fn note_delays(&mut self, when: &str, delays: &Delays) {
        self.checks.check(delays.p95() < DELAY, &format!("the panel answers the pointer {when}"), delays);
        self.delays.join(delays);
    }

    fn row(&mut self, tried: String, came: String, failed: bool) {
        self.checks.check(failed, &tried, short(&came, if failed { 160 } else { 2_000 }));
        self.rows.push(Row { tried, came, failed });
    }

    fn finish(self) -> bool {
        println!("{:8} | {:74} | what came of it", "", "attack");
        for Row { tried, came, failed } in &self.rows {
            println!("{:8} | {tried:74} | {}", if *failed { "PASS" } else { "FAIL" }, short(came, 110));
        }
        let failed = self.rows.iter().filter(|row| row.failed).count();
        self.checks.finish_counting(&format!(
            "{failed} of {} attacks failed as they should, longest input delay {:.1} ms (p95 {:.1} ms over {})",
            self.rows.len(),
            self.delays.longest(),
            self.delays.p95(),
            self.delays.count(),
        ))
    }

    /// What a plugin must not have changed.
    async fn desk(&self) -> Result<Value> {
        let mut desk = self.stage.snapshot().await?;
        for contact in desk["contacts"].as_array_mut().into_iter().flatten() {
            // Meters, and whether the agent happens to speak.
            contact["media"]["stats"].take();
            contact["media"]["sending"].take();
        }
        Ok(json!({ "accounts": desk["accounts"], "contacts": desk["contacts"], "notices": desk["notices"] }))
    }

    async fn plugins(&self) -> Result<Vec<Value>> {
        let list = self.stage.rpc("plugin_list", json!({})).await?;
        Ok(list["plugins"].as_array().cloned().unwrap_or_default())
    }

    async fn plugin(&self, id: &str) -> Result<Value> {
        self.plugins().await?.into_iter().find(|view| view["id"] == id).with_context(|| format!("{id} is not there"))
    }

    async fn state(&self, id: &str) -> Result<Value> {
        Ok(self.plugin(id).await?["state"].clone())
    }

    async fn wait_state(&self, id: &str, kind: &str) -> Result<Value> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let state = self.state(id).await?;
            if state["kind"] == kind {
                return Ok(state);
            }
            ensure!(Instant::now() < end, "{id} is not {kind} but {state}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn log(&self, id: &str) -> Result<Vec<Value>> {
        let log = self.stage.rpc("plugin_log", json!({ "plugin": id })).await?;
        Ok(log.as_array().cloned().unwrap_or_default())
    }

    /// Waits for a line of a plugin's log.
    async fn wait_log(&self, id: &str, wanted: &str, since: u128) -> Result<String> {
        let end = Instant::now() + Duration::from_secs(6);
        loop {
            let lines = self.log(id).await?;
            let late = lines.iter().filter(|line| line["at"].as_u64().is_some_and(|at| u128::from(at) >= since));
            let texts = late.filter_map(|line| line["text"].as_str());
            let found = texts.clone().find(|text| text.contains(wanted)).map(str::to_owned);
            if let Some(found) = found {
                return Ok(found);
            }
            ensure!(Instant::now() < end, "its log does not say {wanted:?}: {:?}", texts.collect::<Vec<_>>());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// By the clock of the plugins' logs.
fn now() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis()
}

fn short(text: &str, characters: usize) -> String {
    let line = text.replace('\n', " ");
    match line.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Members that differ, for the figure of a check.
fn changed(before: &Value, after: &Value) -> String {
    let lists = ["accounts", "contacts", "notices"];
    let differ = lists.iter().filter(|list| before[**list] != after[**list]);
    let told: Vec<String> = differ.map(|list| format!("{list}: {} became {}", before[*list], after[*list])).collect();
    if told.is_empty() { "nothing differs".to_owned() } else { told.join("; ") }
}

/// The nineteenth field of proc(5).
fn nice_of_web_processes(panel: u32) -> Vec<String> {
    let web = processes::find_in_tree(panel, "WebKitWebProcess").into_iter();
    let stats = web.filter_map(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok());
    stats.filter_map(|stat| Some(stat.rsplit_once(')')?.1.split_whitespace().nth(19 - 3)?.to_owned())).collect()
}
