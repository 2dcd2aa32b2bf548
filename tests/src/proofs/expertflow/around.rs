//! What stands around conversations: supervision, lists, customers, words kept ready.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use trunkline_simulators::expertflow::{CustomerOffer, SimChat};

use super::{AGENT, COMPOSER, Desk, EVENTS, MESSAGES, OPEN};
use crate::harness::stage::PATIENCE;

impl Desk {
    /// The eighth use case: the agent supervises the own team, too.
    pub(super) async fn supervise(&mut self) -> Result<()> {
        let before = self.checks.failures();
        self.checks.step("8: silent monitoring, whispering and barging in");
        // The colleague works on a queue that this agent gets nothing from.
        let offer = CustomerOffer::of("Nina Night", "Billing").number("+12025550288").saying("My bill is wrong.");
        let chat = self.sim.customer_chats(offer)?;
        let taken = chat.expect_accepted(PATIENCE).await.map_err(Into::into);
        self.checks.require(taken, "a colleague of the team takes a chat")?;
        self.stage.click("tab-team").await?;
        let shown = self.stage.wait_words("[data-testid='team-agent']", "brown").await;
        self.checks.require(shown, "the team's agents are shown")?;
        self.stage.picture("team");
        self.section("contacts").await?;
        let listed = self.stage.wait_words("[data-testid='team-contact']", "Nina Night").await;
        self.checks.require(listed, "and their conversations")?;
        self.stage.picture("team-conversations");
        let script = "const row = [...document.querySelectorAll(\"[data-testid='team-contact']\")]
            .find((row) => row.textContent.includes(arguments[0]));
            const button = row?.querySelector(\"[data-testid='team-listen']:not([aria-disabled='true'])\");
            button?.click();
            return Boolean(button);";
        ensure!(self.stage.script(script, vec![json!("Nina Night")]).await? == true, "nothing to listen with");
        let open = self.stage.wait_words(OPEN, "Nina Night").await;
        self.checks.require(open, "a press on Listen opens it")?;
        let said = self.stage.wait_words(MESSAGES, "My bill is wrong.").await;
        self.checks.require(said, "with what was said before")?;
        let role = |wanted: &'static str| {
            move |chat: &SimChat| chat.participants().iter().any(|(agent, role)| agent == AGENT && role == wanted)
        };
        self.checks.check(role("SILENT_MONITOR")(&chat), "the platform has a silent monitor", "");
        let only = self.stage.wait_words("[data-testid='only-whispers']", "").await;
        self.checks.require(only, "who can write to colleagues alone")?;
        self.stage.picture("listening");
        self.write("Offer a refund.").await?;
        let whisper = chat.expect_message("Offer a refund.", PATIENCE).await.map_err(Into::into);
        let whisper = self.checks.require(whisper, "what a silent monitor writes arrives")?;
        self.checks.check(whisper.name == "WHISPER_MESSAGE", "as a whisper", &whisper.name);
        self.until_role(&chat, role("WHISPER")).await?;
        self.checks.check(true, "and makes them one of those who are there", "");
        self.stage.wait_words("[data-testid='monitoring'][data-mode='whisper']", "").await?;
        self.stage.click("barge-in").await?;
        self.until_role(&chat, role("PRIMARY")).await?;
        let joined = self.stage.wait_none("[data-testid='only-whispers']").await;
        self.checks.require(joined, "then joins in")?;
        self.write("I refund it now.").await?;
        let said = chat.expect_message("I refund it now.", PATIENCE).await.map_err(Into::into);
        let said = self.checks.require(said, "and writes to the customer")?;
        self.checks.check(said.name == "AGENT_MESSAGE", "who sees it", &said.name);
        self.stage.picture("barged-in");
        let changes = self.stage.wait_words(EVENTS, "").await;
        self.checks.require(changes, "the changes of role stand in the conversation")?;
        let key = self.key("Nina Night").await?;
        self.stage.rpc("contact_end", json!({ "contact": key, "connection": null })).await?;
        self.dismiss("Nina Night").await?;
        let left = chat.expect_left(AGENT, PATIENCE).await.map_err(Into::into);
        self.checks.require(left, "and leaves")?;
        let stays = chat.participants().iter().any(|(agent, _)| agent == "brown");
        self.checks.check(stays, "the colleague goes on", "");
        chat.customer_leaves();
        self.stage.click("tab-contacts").await?;
        self.count(before);
        Ok(())
    }

    /// In a narrow window the lists stand behind one another.
    async fn section(&self, id: &str) -> Result<()> {
        let script = "document.querySelector(`[data-testid='team-section-${arguments[0]}']`)?.click();";
        self.stage.script(script, vec![json!(id)]).await.map(drop)
    }

    /// What is over is put away, with its after-contact work.
    pub(super) async fn dismiss(&self, name: &str) -> Result<()> {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let snapshot = self.stage.snapshot().await?;
            let contacts = snapshot["contacts"].as_array().cloned().unwrap_or_default();
            let Some(view) = contacts.iter().find(|view| view["contact"]["customer"]["name"] == name) else {
                return Ok(());
            };
            if view["contact"]["state"] == "ended" {
                // Another word may be on its way: asked again until it is gone.
                let _ = self.stage.rpc("contact_clear", json!({ "contact": view["key"] })).await;
            }
            ensure!(std::time::Instant::now() < end, "{name} stays: {}", view["contact"]["state"]);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn until_role(&self, chat: &SimChat, there: impl Fn(&SimChat) -> bool) -> Result<()> {
        let end = std::time::Instant::now() + PATIENCE;
        while !there(chat) {
            ensure!(std::time::Instant::now() < end, "the role did not change: {:?}", chat.participants());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Lists to take work from.
    pub(super) async fn lists(&mut self) -> Result<()> {
        self.checks.step("a list to take work from");
        self.stage.click("tab-lists").await?;
        let shown = self.stage.wait_words("[data-testid='work-list']", "Back office").await;
        self.checks.require(shown, "the platform's lists are shown")?;
        self.stage.click("list-subscribe").await?;
        let subscribed = self.sim.expect_heard(AGENT, "subscribePullModeList", PATIENCE).await.map_err(Into::into);
        self.checks.require(subscribed, "a switch subscribes to one")?;
        let offer = CustomerOffer::of("Paul Pulled", "Web Care").number("+12025550277").saying("Anybody?");
        let chat = self.sim.customer_waits_in("Back office", offer)?;
        let waits = self.stage.wait_words("[data-testid='list-item']", "Paul Pulled").await;
        self.checks.require(waits, "who comes into it is shown")?;
        self.stage.picture("list");
        self.stage.click("list-take").await?;
        let open = self.stage.wait_words(OPEN, "Paul Pulled").await;
        self.checks.require(open, "and taken by a press")?;
        self.write("I am here.").await?;
        let arrived = chat.expect_message("I am here.", PATIENCE).await.map_err(Into::into);
        self.checks.require(arrived, "and answered")?;
        chat.customer_leaves();
        self.dismiss("Paul Pulled").await?;
        self.stage.click("tab-contacts").await
    }

    /// The customer's record, and words kept ready.
    pub(super) async fn customer(&mut self) -> Result<()> {
        self.checks.step("the customer's record, words kept ready, a place");
        self.stage.click("customer-open").await?;
        let record = self.stage.wait_words("[data-testid='customer-record']", "Chris Sample").await;
        self.checks.require(record, "the customer's record opens")?;
        let fields = self.stage.wait_words("[data-testid='customer-field']", "+1 202 555").await;
        self.checks.require(fields, "with its fields")?;
        self.stage.picture("customer");
        self.stage.click("customer-sheet-close").await?;
        self.stage.click("composer-canned").await?;
        let words = self.stage.wait_words("[data-testid='canned-message']", "").await;
        self.checks.require(words, "canned messages are offered")?;
        self.stage.picture("canned");
        let script = "const found = document.querySelector(\"[data-testid='canned-message']\");
            const text = found?.textContent ?? '';
            found?.click();
            return text;";
        let text = self.stage.script(script, vec![]).await?;
        let field = "return document.querySelector(arguments[0])?.value ?? '';";
        let put = self.stage.script(field, vec![json!(COMPOSER)]).await?;
        let inside = put.as_str().is_some_and(|put| !put.is_empty() && text.as_str().is_some_and(|t| t.contains(put)));
        self.checks.check(inside, "one is put into the field and not sent", &put);
        // Control and A, then away with it.
        self.stage.append(COMPOSER, "\u{e009}a\u{e000}\u{e003}").await
    }
}
