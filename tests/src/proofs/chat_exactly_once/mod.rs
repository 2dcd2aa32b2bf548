//! Thousands of chat messages both ways through the real window, while the line
//! is cut, the service fails and loses answers, and the program is killed: each
//! arrives once, in order, at the customer and in the agent's transcript.

mod storm;
mod tally;

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{AgentOptions, OfferChat, SimChat, SimOptions};

use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::stage::{AGENT, PATIENCE, Stage, wall};
use storm::{Plan, Storm};
use tally::{Tally, percentiles};

const PAGE: &str = include_str!("page.js");
/// Messages of the agent that may be unsent at once.
const AHEAD: usize = 8;
/// Words of the customer that may be ahead of the agent's.
const LEAD: usize = 20;
/// For everything to come to rest after the last word.
const REST: Duration = Duration::from_secs(60);
/// Words that are typed and sent by hand.
const TYPED: [&str; 3] = ["typed: good morning", "typed: <b>not bold</b> & \"quoted\"", "typed: goodbye"];

struct Proof {
    stage: Stage,
    checks: Checks,
    plan: Plan,
    chat: SimChat,
    /// Customer's words said, and when.
    said: Vec<SystemTime>,
    /// When the page was told to send what, and when it saw the customer's, milliseconds since 1970.
    sent: BTreeMap<String, f64>,
    seen: BTreeMap<String, f64>,
    kills: usize,
    typed: usize,
}

/// Runs it; `short`: a tenth of it, as one of many proofs. The last line
/// printed counts the checks.
pub async fn run(short: bool) -> Result<bool> {
    let mut checks = Checks::new("chat-exactly-once");
    let plan = if short { Plan::short() } else { Plan::full() };
    let form = if short { "short form; named alone it runs in full" } else { "full form" };
    checks.step(&format!("{form}: {plan}"));
    let agent = AgentOptions { chat_auto_accept: false, ..AgentOptions::one() };
    let options = SimOptions { agents: vec![agent], ..SimOptions::default() };
    let set = Stage::set("chat-exactly-once", Furniture { keyring: true, dunst: false }, options).await;
    let Ok(mut stage) = checks.require(set, "desktop and simulator are up") else { return Ok(checks.finish()) };
    let begun = begin(&mut stage).await;
    let Ok(chat) = checks.require(begun, "a chat is accepted in the panel's window") else {
        stage.picture("where-it-stopped");
        stage.keep_logs();
        return Ok(checks.finish());
    };
    let (said, sent, seen) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let mut proof = Proof { stage, checks, plan, chat, said, sent, seen, kills: 0, typed: 0 };
    if let Err(error) = proof.play().await {
        proof.checks.check(false, "the proof went through to its end", format!("{error:#}"));
        proof.stage.picture("where-it-stopped");
    }
    proof.stage.keep_logs();
    Ok(proof.checks.finish())
}

async fn begin(stage: &mut Stage) -> Result<SimChat> {
    stage.open().await?;
    stage.sign_in().await?;
    let chat = stage.sim.offer_chat(OfferChat::to(AGENT)).await?;
    chat.expect_offered(PATIENCE).await?;
    stage.wait_snapshot("the offer", |snapshot| snapshot["contacts"].get(0).map(drop)).await?;
    stage.rpc("contact_accept", json!({ "contact": key_of(stage, &chat).await? })).await?;
    chat.expect_accepted(PATIENCE).await?;
    wait_open(stage).await?;
    Ok(chat)
}

async fn key_of(stage: &Stage, chat: &SimChat) -> Result<Value> {
    let wanted = chat.contact_id().to_owned();
    let find = move |snapshot: &Value| {
        let contacts = snapshot["contacts"].as_array()?;
        contacts.iter().map(|view| &view["key"]).find(|key| key["contact"] == wanted.as_str()).cloned()
    };
    stage.wait_snapshot("the chat's contact", find).await
}

async fn wait_open(stage: &Stage) -> Result<()> {
    let open = |snapshot: &Value| (snapshot.pointer("/conversations/0/conversation/state")? == "open").then_some(());
    stage.wait_snapshot("the open conversation", open).await
}

impl Proof {
    async fn play(&mut self) -> Result<()> {
        self.by_hand().await.context("by hand")?;
        let begun = Instant::now();
        let mut storm = Storm::new(self.plan);
        let mut from = 0;
        let kills = self.plan.kills;
        for round in 0..=kills {
            let key = key_of(&self.stage, &self.chat).await?;
            let arguments = vec![key, json!(from), json!(self.plan.each), json!(AHEAD)];
            self.stage.script(PAGE, arguments).await?;
            let until = if round == kills { self.plan.each } else { self.plan.each * (round + 1) / (kills + 1) };
            self.pass(&mut storm, until).await?;
            if round < kills {
                // At last with words that cannot be sent, before that in the middle of things.
                from = self.kill(round + 1 == kills).await.context("killing the program")?;
            }
        }
        self.come_to_rest().await?;
        let took = begun.elapsed();
        self.stage.picture("the-end-of-the-storm");
        self.weather(&storm);
        self.figures(took);
        self.count().await
    }

    /// A few through the composer, as an agent writes.
    async fn by_hand(&mut self) -> Result<()> {
        for text in TYPED {
            self.stage.fill("[data-testid='composer']", text).await?;
            self.stage.click("composer-send").await?;
            self.chat.wait_for_message(text, PATIENCE).await?;
            self.typed += 1;
        }
        let shown = self.stage.wait_words("[data-testid='message']", TYPED[1]).await;
        self.checks.require(shown, "words typed into the composer arrive, and stand in the window as they are")?;
        self.stage.picture("typed");
        Ok(())
    }

    /// Words of the agent at the customer, of those the page sends.
    fn arrived(&self) -> usize {
        self.chat.agent_messages().len().saturating_sub(self.typed)
    }

    /// Lets both sides write, with the storm over them, until so many have arrived.
    async fn pass(&mut self, storm: &mut Storm, until: usize) -> Result<()> {
        let mut moved = (self.arrived(), Instant::now());
        let mut rounds = 0_u32;
        loop {
            let arrived = self.arrived();
            if arrived > moved.0 {
                moved = (arrived, Instant::now());
            }
            anyhow::ensure!(moved.1.elapsed() < REST, "nothing arrives any more after {arrived}");
            self.customer_says(arrived)?;
            storm.blow(&self.stage.sim, arrived, self.kills).await;
            rounds += 1;
            if rounds.is_multiple_of(5) {
                let refused = self.harvest().await?;
                anyhow::ensure!(refused.is_null(), "the panel has refused to send: {refused}");
            }
            if arrived >= until {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Keeps the customer a little ahead.
    fn customer_says(&mut self, arrived: usize) -> Result<()> {
        let goal = (arrived + LEAD).min(self.plan.each);
        while self.said.len() < goal {
            self.chat.say(&format!("in {}", self.said.len()))?;
            self.said.push(SystemTime::now());
            // The platform's times have milliseconds.
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// Takes over what the page has noted; gives its complaint.
    async fn harvest(&mut self) -> Result<Value> {
        let script = "const proof = window.__chatProof;
            const taken = { sent: proof.sent, seen: proof.seen, refused: proof.refused };
            proof.sent = {};
            proof.seen = {};
            return taken;";
        let noted = self.stage.script(script, Vec::new()).await?;
        for (list, own) in [("sent", &mut self.sent), ("seen", &mut self.seen)] {
            for (text, at) in noted[list].as_object().into_iter().flatten() {
                own.entry(text.clone()).or_insert(at.as_f64().unwrap_or(f64::NAN));
            }
        }
        Ok(noted["refused"].clone())
    }

    /// Kills the program and starts it again; gives the number of the agent's
    /// next words, by what the panel itself still knows.
    async fn kill(&mut self, with_unsent: bool) -> Result<usize> {
        let mut unsent = 0;
        if with_unsent {
            storm::fail_for_a_while(&self.stage.sim);
            let waiting = |snapshot: &Value| {
                let waiting = snapshot.pointer("/conversations/0/outgoing")?.as_array()?.len();
                (waiting >= AHEAD).then_some(waiting)
            };
            unsent = self.stage.wait_snapshot("words that cannot be sent", waiting).await?;
        }
        self.stage.crash().await?;
        self.kills += 1;
        let at_kill = self.arrived();
        // While nobody listens.
        self.customer_says(at_kill + 5)?;
        self.stage.open().await?;
        self.stage.wait_online().await?;
        wait_open(&self.stage).await?;
        let next = self.next_after_start().await?;
        let what = if with_unsent { "with words unsent" } else { "in the middle of writing" };
        // One of the unsent may have arrived without an answer.
        self.checks.check(
            next >= at_kill && next + 1 >= at_kill + unsent,
            &format!("the program was killed {what}, and knows all of them after its start"),
            format!("{at_kill} had arrived, {unsent} were unsent; goes on with number {next}"),
        );
        Ok(next)
    }

    /// Asks for older messages until one of the agent's numbered ones is there.
    async fn next_after_start(&self) -> Result<usize> {
        let key = key_of(&self.stage, &self.chat).await?;
        loop {
            let snapshot = self.stage.snapshot().await?;
            let unsent = snapshot.pointer("/conversations/0/outgoing").and_then(Value::as_array);
            let unsent = unsent.into_iter().flatten().filter_map(|item| item.pointer("/item/text"));
            let there = snapshot["messages"].as_array().into_iter().flatten();
            let there = there.filter_map(|placed| placed.pointer("/message/body/text"));
            let number = |text: &Value| text.as_str()?.strip_prefix("out ")?.parse::<usize>().ok();
            if let Some(last) = unsent.chain(there).filter_map(number).max() {
                return Ok(last + 1);
            }
            if snapshot.pointer("/conversations/0/conversation/has_older") != Some(&json!(true)) {
                return Ok(0);
            }
            self.stage.rpc("conversation_older", json!({ "contact": key })).await?;
        }
    }

    /// Everything said has arrived, as far as it ever will.
    async fn come_to_rest(&mut self) -> Result<()> {
        self.customer_says(self.plan.each)?;
        let end = Instant::now() + REST;
        let last = format!("in {}", self.plan.each - 1);
        loop {
            self.harvest().await?;
            let snapshot = self.stage.snapshot().await?;
            let unsent = snapshot.pointer("/conversations/0/outgoing").and_then(Value::as_array).map_or(1, Vec::len);
            if unsent == 0 && self.arrived() >= self.plan.each && self.seen.contains_key(&last) {
                // What would come twice has the time to.
                tokio::time::sleep(Duration::from_secs(3)).await;
                return Ok(());
            }
            anyhow::ensure!(
                Instant::now() < end,
                "no rest: {} of {} at the customer, {unsent} unsent, the customer's last {}",
                self.arrived(),
                self.plan.each,
                if self.seen.contains_key(&last) { "seen" } else { "not seen" }
            );
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// The bad weather has really been there.
    fn weather(&mut self, storm: &Storm) {
        let sim = &self.stage.sim;
        // Each start of the program opens one socket; each other one replaces one that was cut.
        let drops = sim.requests_of("websocket").len().saturating_sub(1 + self.kills);
        let asked = sim.requests_of("SendMessage");
        let errors = asked.iter().filter(|note| note.status >= 500).count();
        let other = ["GetTranscript", "CreateTransport", "SendEvent"].map(|name| sim.requests_of(name));
        let other = other.iter().flatten().filter(|note| note.status >= 500).count();
        let plan = self.plan;
        let mut enough = |what: &str, seen: usize, wanted: usize| {
            self.checks.check(seen >= wanted, &format!("{what}: at least {wanted}"), seen);
        };
        enough("sockets that were dropped and opened again", drops, plan.drops);
        enough("sendings answered with 5xx", errors, plan.errors);
        // What was neither refused nor the first of its message was sent once more without need.
        let repeated = asked.len().saturating_sub(errors + self.chat.agent_messages().len());
        enough("sendings that arrived, whose answer was lost, and that were sent again", repeated, plan.lost);
        enough("kills of the program", self.kills, plan.kills);
        self.checks.step(&format!(
            "{} requests to send; {other} other calls answered with 5xx; {} lines cut around a message",
            asked.len(),
            storm.around
        ));
    }

    /// How long it took, from the press to the customer and from there to the page.
    fn figures(&mut self, took: Duration) {
        let out: Vec<f64> = self
            .chat
            .agent_messages()
            .iter()
            .filter_map(|message| Some(millis(wall(message.at)) - self.sent.get(&message.content)?))
            .collect();
        let inward: Vec<f64> = self
            .said
            .iter()
            .enumerate()
            .filter_map(|(n, at)| Some(self.seen.get(&format!("in {n}"))? - millis(*at)))
            .collect();
        let total = 2 * self.plan.each;
        let pace = total as f64 / took.as_secs_f64();
        self.checks.step(&format!("duration {:.1} s, {pace:.0} messages a second both ways", took.as_secs_f64()));
        self.checks.step(&format!("from the page to the customer: {}", percentiles(out)));
        self.checks.step(&format!("from the customer to the page: {}", percentiles(inward)));
    }

    /// At the customer and in the agent's transcript.
    async fn count(&mut self) -> Result<()> {
        let numbered = |way: &str| -> Vec<String> { (0..self.plan.each).map(|n| format!("{way} {n}")).collect() };
        let out: Vec<String> = TYPED.iter().map(|text| (*text).to_owned()).chain(numbered("out")).collect();
        let inward = numbered("in");
        let at_customer = self.chat.agent_messages();
        let texts: Vec<String> = at_customer.iter().map(|message| message.content.clone()).collect();
        let customer = Tally::of(&out, &texts);
        self.checks.check(customer.is_clean(), "the customer has each of the agent's words once, in order", customer);
        let tokens: std::collections::BTreeSet<_> =
            at_customer.iter().filter_map(|message| message.client_token.as_ref()).collect();
        self.checks.check(
            tokens.len() == texts.len() && tokens.len() == out.len(),
            "each under a client token of its own",
            format!("{} tokens, {} messages", tokens.len(), texts.len()),
        );
        let (own, theirs) = self.transcript().await?;
        let own = Tally::of(&out, &own);
        self.checks.check(own.is_clean(), "the panel shows each of the agent's words once, in order", own);
        let theirs = Tally::of(&inward, &theirs);
        self.checks.check(theirs.is_clean(), "the panel shows each of the customer's words once, in order", theirs);
        let all = customer.and(&own).and(&theirs);
        println!("{} out, {} in, {all}", self.plan.each, self.plan.each);
        Ok(())
    }

    /// The whole conversation as the panel has it: ours, the customer's.
    async fn transcript(&self) -> Result<(Vec<String>, Vec<String>)> {
        let key = key_of(&self.stage, &self.chat).await?;
        let has_older =
            |snapshot: &Value| snapshot.pointer("/conversations/0/conversation/has_older") == Some(&json!(true));
        let mut snapshot = self.stage.snapshot().await?;
        while has_older(&snapshot) {
            for _ in 0..10 {
                self.stage.rpc("conversation_older", json!({ "contact": key })).await?;
            }
            snapshot = self.stage.snapshot().await?;
        }
        let of = |role: &str| -> Vec<String> {
            let all = snapshot["messages"].as_array().into_iter().flatten().map(|placed| &placed["message"]);
            let own = all.filter(|message| message["author"]["role"] == role);
            // What is typed has marks of markdown where the chat knows them; the text is the same.
            own.filter_map(|message| message["body"]["text"].as_str()).map(str::to_owned).collect()
        };
        Ok((of("me"), of("customer")))
    }
}

fn millis(at: SystemTime) -> f64 {
    at.duration_since(SystemTime::UNIX_EPOCH).map_or(f64::NAN, |since| since.as_secs_f64() * 1000.0)
}
