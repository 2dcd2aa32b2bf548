//! The use cases of the vendor's developer guide, in the panel's window against the
//! simulated installation (a real Socket.IO server), and three of its chats beside a
//! voice call of another platform.

mod around;
mod long;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{OfferCall, SimOptions};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowAgent, ExpertflowOptions, ExpertflowSim, SimChat};

use crate::harness::checks::Checks;
use crate::harness::desktop::{Furniture, devices};
use crate::harness::sound::{Recorder, level};
use crate::harness::stage::{AGENT as VOICE_AGENT, PATIENCE, Stage};

/// The agent.
const AGENT: &str = "adams";
/// Use cases of the guide.
const USE_CASES: usize = 9;
/// Rings this long when it is to run out.
const SHORT_RING: Duration = Duration::from_secs(4);
const COMPOSER: &str = "[data-testid='composer']";
const MESSAGES: &str = "[data-testid='transcript'] [data-testid='message']";
const EVENTS: &str = "[data-testid='transcript'] [data-testid='chat-event']";
const OFFER: &str = "[data-testid='offer']";
const OPEN: &str = "[data-testid='conversation'] [data-testid='customer']";
/// WebDriver's key codes.
const ENTER: char = '\u{e007}';

struct Desk {
    stage: Stage,
    sim: ExpertflowSim,
    checks: Checks,
    shown: usize,
}

/// Runs all of it. The last line counts use cases and checks.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("expertflow");
    let sim = ExpertflowSim::start(options()).await.map_err(Into::into);
    let set = Stage::set("expertflow", Furniture { keyring: true, dunst: true }, SimOptions::default()).await;
    let (Ok(stage), Ok(sim)) =
        (checks.require(set, "desktop and tray are up"), checks.require(sim, "the simulated installation is up"))
    else {
        return Ok(checks.finish());
    };
    let mut desk = Desk { stage, sim, checks, shown: 0 };
    if let Err(error) = desk.play().await {
        desk.checks.check(false, "the day went through to its end", format!("{error:#}"));
        desk.stage.picture("where-it-stopped");
    }
    desk.stage.keep_logs();
    let counted = format!("{} of {USE_CASES} use cases", desk.shown);
    Ok(desk.checks.finish_counting(&counted))
}

/// One agent whose program is the panel, and one whom the simulator plays.
fn options() -> ExpertflowOptions {
    let mut options = ExpertflowOptions { wrap_up: Some(Duration::from_secs(60)), ..ExpertflowOptions::default() };
    options.agents = vec![
        ExpertflowAgent::named(1101, AGENT, "Ada", "Adams").supervising("Support").only_queue("Web Care"),
        ExpertflowAgent::named(1102, "brown", "Ben", "Brown").only_queue("Billing").played(),
    ];
    options
}

impl Desk {
    async fn play(&mut self) -> Result<()> {
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is under WebDriver")?;
        self.stage.choose("ringer", devices::RINGER).await?;
        self.connect().await?;
        self.states().await?;
        self.presence().await?;
        self.push_task().await?;
        let chat = self.chat("Chris Sample", "Where is my parcel?").await?;
        self.messages(&chat).await?;
        self.both_ways(&chat).await?;
        self.conference(&chat).await?;
        self.customer().await?;
        self.leave(&chat).await?;
        self.transfer().await?;
        self.supervise().await?;
        self.lists().await?;
        self.long_conversations().await?;
        self.beside_a_call().await
    }

    /// A use case counts when none of its checks failed.
    fn count(&mut self, before: usize) {
        self.shown += usize::from(self.checks.failures() == before);
    }

    async fn connect(&mut self) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("1: connect");
        let password = self.sim.options().agents.first().map(|agent| agent.password.clone()).unwrap_or_default();
        let account = json!({
            "account": null, "platform": "expertflow", "name": "Chats",
            "settings": { "address": self.sim.base_url(), "username": AGENT },
            "secrets": { "password": password },
        });
        let saved = self.stage.rpc("account_save", account).await;
        self.checks.require(saved, "an account is saved with address, user name and password")?;
        let online = self.stage.wait_online().await;
        self.checks.require(online, "the account is online")?;
        let shakes = self.sim.handshakes();
        let first = shakes.first().context("a handshake")?;
        let fits = first.agent_was_text && first.username.as_deref() == Some(AGENT) && first.refused.is_none();
        self.checks.check(fits, "the socket came with user name and the agent as text", shakes.len());
        let kept = self.stage.files_with(password.as_bytes());
        self.checks.check(kept.is_empty(), "the password is on no disk and in no log", kept.len());
        self.count(before);
        Ok(())
    }

    /// Snapshot of the agent at the account.
    fn agent_is(state: &str, medium: &str) -> impl Fn(&Value) -> Option<()> {
        let (state, medium) = (state.to_owned(), medium.to_owned());
        move |desk| {
            let agent = &desk["accounts"][0]["agent"];
            let chat = agent["media"].as_array()?.iter().find(|medium| medium["name"] == "CHAT")?;
            (agent["state"]["name"] == state.as_str() && chat["state"] == medium.as_str()).then_some(())
        }
    }

    async fn set_state(&self, name: &str) -> Result<()> {
        let snapshot = self.stage.snapshot().await?;
        let account = &snapshot["accounts"][0];
        let states = account["agent"]["selectable_states"].as_array().cloned().unwrap_or_default();
        let state = states.iter().find(|state| state["name"] == name).context("the state can be chosen")?;
        let request = json!({ "account": account["id"], "state": state["id"], "when_free": false });
        self.stage.rpc("agent_set_state", request).await.map(drop)
    }

    async fn states(&mut self) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("2: states of agent and media");
        let off = self.stage.wait_snapshot("the first states", Self::agent_is("Not ready", "not_ready")).await;
        self.checks.require(off, "after signing in the agent is not ready, and no medium is on")?;
        let shown = self.stage.words("[data-testid='medium']").await?;
        self.checks.check(shown.iter().any(|row| row.contains("Chat")), "media are shown by name", shown.len());
        self.stage.picture("not-ready");
        self.set_state("Ready").await?;
        let ready = self.stage.wait_snapshot("ready", Self::agent_is("Ready", "not_ready")).await;
        self.checks.require(ready, "ready as a whole, media stay off")?;
        let at_platform = self.sim.expect_state(AGENT, "READY", PATIENCE).await.map_err(Into::into);
        self.checks.require(at_platform, "so it is at the platform")?;
        self.click_medium("Chat").await?;
        let on = self.sim.expect_chat_state(AGENT, "READY", PATIENCE).await.map_err(Into::into);
        self.checks.require(on, "a click on its switch makes the platform route chats")?;
        let on = self.stage.wait_snapshot("chat on", Self::agent_is("Ready", "ready")).await;
        self.checks.require(on, "and the panel shows it")?;
        self.stage.picture("ready");
        self.set_state("Lunch").await?;
        let off = self.stage.wait_snapshot("lunch", Self::agent_is("Lunch", "not_ready")).await;
        self.checks.require(off, "not ready with a reason takes all media along")?;
        self.checks.check(
            self.sim.reason(AGENT)["name"] == "Lunch",
            "the platform has the reason",
            self.sim.state(AGENT),
        );
        self.sim.refuse_state_changes(1);
        let refused = self.set_state("Ready").await;
        let told = self.stage.wait_snapshot("the refusal", |desk| {
            let notices = desk["notices"].as_array()?;
            notices.iter().find(|notice| notice["message_key"] == "notice_command_not_possible_set_state").map(drop)
        });
        let told = told.await;
        self.checks.check(
            refused.is_err() && told.is_ok(),
            "a change that the platform leaves undone is explained",
            "",
        );
        self.stage.picture("unchanged");
        self.stage.put_notices_away().await?;
        self.count(before);
        Ok(())
    }

    async fn click_medium(&self, name: &str) -> Result<()> {
        let script = "const row = [...document.querySelectorAll(\"[data-testid='medium']\")]
            .find((row) => row.textContent.includes(arguments[0]));
            const found = row?.querySelector(\"[data-testid='medium-switch']:not([aria-disabled])\");
            found?.click();
            return Boolean(found);";
        let end = Instant::now() + PATIENCE;
        // It can be pressed once the window knows that the agent is ready.
        while self.stage.script(script, vec![json!(name)]).await? != true {
            ensure!(Instant::now() < end, "no switch for {name} that can be pressed");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn presence(&mut self) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("3: presence");
        self.sim.set_ready(AGENT)?;
        let told = self.stage.wait_snapshot("ready by a supervisor", Self::agent_is("Ready", "ready")).await;
        self.checks.require(told, "what a supervisor sets is shown in the panel")?;
        self.count(before);
        Ok(())
    }

    fn offer(&self, name: &str, words: &str) -> Result<SimChat> {
        // The platform knows a customer by the number: each has one of their own.
        let number = format!("+120255502{:02}", self.sim.chats().len());
        Ok(self.sim.customer_chats(CustomerOffer::of(name, "Web Care").number(&number).saying(words))?)
    }

    async fn push_task(&mut self) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("4: a task that is pushed, and runs out");
        self.sim.set_accept_timeout(SHORT_RING);
        let ringer = Recorder::start(&self.stage.desktop, devices::RINGER)?;
        let began = std::time::SystemTime::now();
        let chat = self.offer("Rita Rings", "Hello?")?;
        let shown = self.stage.wait_words(OFFER, "Rita Rings").await;
        self.checks.require(shown, "it is offered with the customer's name")?;
        let queue = self.stage.wait_words(OFFER, "Web Care").await;
        self.checks.require(queue, "and its queue")?;
        self.stage.picture("offered");
        ringer.wait_until(std::time::SystemTime::now() + Duration::from_secs(1))?;
        let heard = level(&ringer.between(began, std::time::SystemTime::now())?);
        self.checks.check(heard > 0.001, "it rings at the ringer", format!("level {heard:.4}"));
        let missed = chat.expect("running out", PATIENCE, |facts| facts.missed.first().map(drop)).await;
        self.checks.require(missed.map_err(Into::into), "nobody takes it: the platform takes it back")?;
        let again = chat.expect("a second offer", PATIENCE, |facts| (facts.offered.len() > 1).then_some(())).await;
        self.checks.require(again.map_err(Into::into), "and offers it again")?;
        self.sim.set_accept_timeout(Duration::from_secs(60));
        let shown = self.stage.wait_words(OFFER, "Rita Rings").await;
        self.checks.require(shown, "which rings again")?;
        chat.customer_leaves();
        let gone = self.stage.wait_none(OFFER).await;
        self.checks.require(gone, "the customer leaves while it rings: it is gone at once")?;
        self.count(before);
        Ok(())
    }

    /// Offered, and taken in the window.
    async fn chat(&mut self, name: &str, words: &str) -> Result<SimChat> {
        let chat = self.offer(name, words)?;
        self.stage.wait_words(OFFER, name).await?;
        self.stage.click("accept").await?;
        let accepted = chat.expect_accepted(PATIENCE).await.map_err(Into::into);
        self.checks.require(accepted, &format!("the chat with {name} is taken in the window"))?;
        let shown = self.stage.wait_words(OPEN, name).await;
        self.checks.require(shown, "and is open")?;
        let said = self.stage.wait_words(MESSAGES, words).await;
        self.checks.require(said, "with what was said before")?;
        Ok(chat)
    }

    async fn write(&self, words: &str) -> Result<()> {
        self.stage.append(COMPOSER, &format!("{words}{ENTER}")).await
    }

    async fn messages(&mut self, chat: &SimChat) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("6: messages, replies and events");
        self.write("I am looking for it.").await?;
        let arrived = chat.expect_message("I am looking for it.", PATIENCE).await.map_err(Into::into);
        self.checks.require(arrived, "what the agent writes arrives")?;
        chat.customer_reads();
        let read = self.stage.wait_words("[data-testid='delivery']", "Read").await;
        self.checks.require(read, "and is shown as read once the customer has read it")?;
        chat.customer_types();
        let typing = self.stage.wait_words("[data-testid='typing']", "").await;
        self.checks.require(typing, "that the customer writes is shown")?;
        let script = "<img src=x onerror=alert(1)> & <b>bold</b>";
        let bodies: [(&str, Value, &str); 7] = [
            ("plain words with HTML in them", json!({ "type": "PLAIN", "markdownText": script }), script),
            (
                "a place",
                json!({ "type": "LOCATION", "markdownText": "", "location": { "latitude": 48.137, "longitude": 11.575 },
                    "additionalDetails": { "name": "Marienplatz", "address": "80331 Munich" } }),
                "Marienplatz",
            ),
            (
                "a person to reach",
                json!({ "type": "CONTACT", "markdownText": "", "contacts": [{ "name": { "formattedName": "Pat Placeholder" },
                    "phones": [{ "phone": "+12025550155" }] }] }),
                "Pat Placeholder",
            ),
            (
                "an address",
                json!({ "type": "URL", "markdownText": "", "mediaUrl": "https://shop.example/a" }),
                "shop.example",
            ),
            (
                "buttons",
                json!({ "type": "BUTTON", "markdownText": "Which day?", "buttonMessageType": "QUICK_REPLIES",
                    "buttons": [{ "type": "text", "title": "Monday", "payload": "mo" }] }),
                "Monday",
            ),
            (
                "an e-mail",
                json!({ "type": "EMAIL", "markdownText": "", "subject": "Invoice 2202", "from": "ana@example.com",
                    "htmlBody": "<p>Please <script>alert(1)</script>check it.</p>", "recipientsTo": ["care@example.com"] }),
                "Invoice 2202",
            ),
            ("a kind that nobody knows", json!({ "type": "HOLOGRAM", "markdownText": "", "shape": "cube" }), "cube"),
        ];
        for (what, body, words) in bodies {
            chat.customer_sends(body)?;
            let shown = self.stage.wait_words(MESSAGES, words).await;
            self.checks.require(shown, &format!("{what} is shown"))?;
        }
        let inside = self.stage.script("return document.querySelectorAll(\"[data-testid='transcript'] script, [data-testid='transcript'] img[src='x']\").length;", vec![]).await?;
        self.checks.check(inside == 0, "nothing in it is taken for a page", &inside);
        self.stage.picture("bodies");
        let asked = chat.customer_writes("And the second parcel?")?;
        self.stage.wait_words(MESSAGES, "And the second parcel?").await?;
        self.reply_to("And the second parcel?").await?;
        self.write("It comes tomorrow.").await?;
        let answer = chat.expect_message("It comes tomorrow.", PATIENCE).await;
        let answer = self.checks.require(answer.map_err(Into::into), "an answer to one message arrives")?;
        let fits = answer.original.as_deref() == Some(asked.as_str()) && answer.intent.as_deref() == Some("REPLY_TO");
        self.checks.check(fits, "as an answer to that one", answer.intent.unwrap_or_default());
        let quoted = self.stage.wait_words("[data-testid='quote']", "And the second parcel?").await;
        self.checks.require(quoted, "and quotes it in the panel")?;
        chat.opens_channel("WHATSAPP")?;
        let told = self.stage.wait_words(EVENTS, "WhatsApp").await;
        self.checks.require(told, "that the customer can be reached on one more way is told")?;
        self.stage.picture("reply-and-line");
        let said = chat.messages();
        let once = said.iter().all(|message| message.times == 1) && said.len() == 2;
        self.checks.check(once, "the customer got each message once", said.len());
        self.count(before);
        Ok(())
    }

    /// Answers one message, by the action on it.
    async fn reply_to(&self, words: &str) -> Result<()> {
        let script = "const message = [...document.querySelectorAll(\"[data-testid='message']\")]
            .findLast((one) => one.textContent.includes(arguments[0]));
            const action = message?.closest(\"[data-testid='message-group']\")
                ? [...message.parentElement.querySelectorAll(\"[data-testid='reply']\"), ...message.querySelectorAll(\"[data-testid='reply']\")].at(-1)
                : null;
            action?.click();
            return Boolean(action);";
        let clicked = self.stage.script(script, vec![json!(words)]).await?;
        ensure!(clicked == true, "nothing to answer {words} with");
        self.stage.wait_words("[data-testid='replying']", words).await
    }

    async fn both_ways(&mut self, chat: &SimChat) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("5: events of the socket, both ways");
        let topics = chat.facts().topics;
        let acknowledged = topics.iter().all(|topic| topic.ok);
        self.checks.check(acknowledged && !topics.is_empty(), "conversations are acknowledged", topics.len());
        let heard = self.sim.heard();
        let strange: Vec<&str> = heard.iter().filter(|one| !one.known).map(|one| one.name.as_str()).collect();
        self.checks.check(strange.is_empty(), "no event was sent that the platform does not know", strange.join(" "));
        for name in ["changeAgentState", "topicSubscription", "publishCimEvent"] {
            let sent = heard.iter().filter(|one| one.name == name).count();
            self.checks.check(sent > 0, &format!("{name} was sent"), sent);
        }
        for name in ["hologram", "agentPresence", "onTopicData", "onCimEvent", "taskRequest"] {
            self.sim.raw_event(AGENT, name, json!({ "conversationId": [1], "cimEvent": "{" }))?;
        }
        self.sim.drop_sockets();
        let lost = self
            .stage
            .wait_snapshot("the loss", |desk| (desk["accounts"][0]["link"]["state"] != "online").then_some(()));
        let lost = lost.await;
        self.checks.require(lost, "a lost socket is told")?;
        let began = Instant::now();
        chat.customer_writes("Are you still there?")?;
        let online = self.stage.wait_online().await;
        self.checks.require(online, "and is back by itself")?;
        let took = began.elapsed();
        self.checks.check(
            took < Duration::from_secs(8),
            "before the platform signs the agent out",
            format!("{took:.1?}"),
        );
        let shown = self.stage.wait_words(MESSAGES, "Are you still there?").await;
        self.checks.require(shown, "what was written meanwhile is there")?;
        self.write("Yes, I am.").await?;
        let arrived = chat.expect_message("Yes, I am.", PATIENCE).await;
        self.checks.require(arrived.map_err(Into::into), "and one can go on writing")?;
        self.count(before);
        Ok(())
    }

    /// The key of the contact with that customer.
    async fn key(&self, name: &str) -> Result<Value> {
        let wanted = name.to_owned();
        let found = self.stage.wait_snapshot("the contact", move |desk| {
            let contacts = desk["contacts"].as_array()?;
            contacts
                .iter()
                .find(|view| view["contact"]["customer"]["name"] == wanted.as_str())
                .map(|v| v["key"].clone())
        });
        found.await
    }

    async fn conference(&mut self, chat: &SimChat) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("7: conference and transfer to a queue");
        let key = self.key("Chris Sample").await?;
        let request = json!({ "contact": key, "target": { "kind": "endpoint", "id": "queue:Billing" } });
        let asked = self.stage.rpc("contact_add_party", request).await;
        self.checks.require(asked, "a colleague from another queue is asked for")?;
        let both = chat.expect("a colleague", PATIENCE, |facts| {
            facts.accepted.iter().any(|fact| fact.agent == "brown").then_some(())
        });
        let both = both.await;
        self.checks.require(both.map_err(Into::into), "and takes part")?;
        let shown = self.stage.wait_words(EVENTS, "Ben Brown").await;
        self.checks.require(shown, "which is told in the conversation")?;
        let choice = self.stage.wait_words("[data-testid='to-colleagues']", "").await;
        self.checks.require(choice, "now one can write to colleagues alone")?;
        self.stage.click("to-colleagues").await?;
        self.stage.picture("whispering");
        self.write("The customer is angry.").await?;
        let said = chat.expect_message("The customer is angry.", PATIENCE).await;
        let said = self.checks.require(said.map_err(Into::into), "a whisper arrives")?;
        self.checks.check(said.name == "WHISPER_MESSAGE", "as one that the customer never sees", &said.name);
        let marked = self.stage.wait_words("[data-testid='internal']", "").await;
        self.checks.require(marked, "and is marked so in the panel")?;
        self.stage.click("to-customer").await?;
        self.stage.picture("conference");
        chat.colleague_leaves("brown");
        let alone = chat.expect_left("brown", PATIENCE).await;
        self.checks.require(alone.map_err(Into::into), "the colleague leaves again")?;
        self.count_half(before);
        Ok(())
    }

    /// The seventh use case has two halves; it counts with the second.
    fn count_half(&mut self, before: usize) {
        if self.checks.failures() != before {
            self.checks.check(false, "the first half of the seventh use case", "");
        }
    }

    async fn leave(&mut self, chat: &SimChat) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("9: leave, with what it was about");
        self.stage.click("end").await?;
        self.stage.click("confirm-end-confirm").await?;
        let ends = self.stage.wait_words("[data-testid='wrap-up']", "").await;
        self.checks.require(ends, "leaving leads to what is to be noted")?;
        let counts = self.stage.wait_words("[data-testid='wrap-up-ends']", "").await;
        self.checks.require(counts, "with the time that is left for it")?;
        self.stage.picture("wrap-up");
        let key = self.key("Chris Sample").await?;
        let request = json!({
            "contact": key, "codes": [{ "category": "Support", "value": "Solved" }], "note": "Parcel found.",
        });
        let noted = self.stage.rpc("contact_wrap_up", request).await;
        self.checks.require(noted, "it is noted")?;
        let left = chat.expect_left(AGENT, PATIENCE).await;
        let reason = self.checks.require(left.map_err(Into::into), "and the platform lets the agent go")?;
        self.checks.check(reason.to_lowercase().contains("applied"), "with the codes", &reason);
        let wrap_ups = chat.facts().wrap_ups;
        let fits = wrap_ups.first().is_some_and(|body| body["wrapups"][0]["value"] == "Solved");
        self.checks.check(fits, "which it has", wrap_ups.len());
        let gone = self.stage.wait_none(OPEN).await;
        self.checks.require(gone, "the panel shows it no more")?;
        self.count(before);
        Ok(())
    }

    async fn transfer(&mut self) -> Result<()> {
        let before = self.checks.failures();
        let chat = self.chat("Tom Transfer", "My invoice is wrong.").await?;
        self.stage.click("hand-over").await?;
        self.stage.wait_words("[data-testid='endpoint']", "Billing").await?;
        self.stage.picture("directory");
        self.stage.click_saying("[data-testid='endpoint']", "Billing").await?;
        self.stage.click("transfer-confirm").await?;
        let taken = chat.expect("the other one", PATIENCE, |facts| {
            facts.accepted.iter().any(|fact| fact.agent == "brown").then_some(())
        });
        let taken = taken.await;
        self.checks.require(taken.map_err(Into::into), "a transfer from the directory reaches the other queue")?;
        let left = chat.expect_left(AGENT, PATIENCE).await;
        let reason = self.checks.require(left.map_err(Into::into), "and takes the agent out")?;
        self.checks.check(reason == "CHAT TRANSFERRED", "because of it", &reason);
        let gone = self.stage.wait_none(OPEN).await;
        self.checks.require(gone, "the panel shows it no more")?;
        self.count(before);
        Ok(())
    }

    async fn beside_a_call(&mut self) -> Result<()> {
        self.checks.step("a voice call of another platform and three chats at once");
        let account = json!({
            "account": null, "platform": "amazon-connect", "name": "Calls",
            "settings": { "address": self.stage.sim.base_url() },
            "secrets": { "token": self.stage.sim.token(VOICE_AGENT) },
        });
        self.stage.rpc("account_save", account).await?;
        self.stage.sim.agent(VOICE_AGENT).expect_polled(PATIENCE).await?;
        let offer = OfferCall { customer_name: "Dana Voice".to_owned(), force: true, ..OfferCall::to(VOICE_AGENT) };
        let call = self.stage.sim.offer_call(offer).await?;
        self.stage.wait_words(OFFER, "Dana Voice").await?;
        self.stage.click("accept").await?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        self.checks.require(accepted, "the call is taken")?;
        let mut chats = Vec::new();
        for (name, words) in [("Una One", "first"), ("Dora Two", "second"), ("Theo Three", "third")] {
            chats.push((self.chat(name, words).await?, name, format!("to the {words}")));
        }
        for (chat, name, words) in &chats {
            self.stage.click_saying("[data-testid='chat-switch']", name).await?;
            self.stage.wait_words(OPEN, name).await?;
            self.write(words).await?;
            let arrived = chat.expect_message(words, PATIENCE).await.map_err(Into::into);
            self.checks.require(arrived, &format!("{name} gets an answer meanwhile"))?;
        }
        let bar = self.stage.wait_words("[data-testid='call-bar']", "Dana Voice").await;
        self.checks.require(bar, "the call stays in sight")?;
        self.stage.picture("call-and-three-chats");
        for (chat, _, words) in &chats {
            let said: Vec<String> = chat.messages().iter().map(|message| message.text().to_owned()).collect();
            self.checks.check(said == [words.as_str()], "each customer got this and nothing else", said.len());
        }
        self.stage.click("end-call").await?;
        let ended = call.expect_ended_by_agent(PATIENCE).await.map_err(Into::into);
        self.checks.require(ended, "and is ended from beside them").map(drop)
    }
}
