//! Three chats at once beside a call, with files both ways: written, read,
//! fetched and ended in the panel's window, checked at the customers.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use trunkline_simulators::amazon_connect::{OfferCall, OfferChat, SimChat, SimOptions};

use crate::harness::checks::Checks;
use crate::harness::desktop::Furniture;
use crate::harness::stage::{AGENT, PATIENCE, Stage};

/// The customers, and what each says and is told; nobody else may see it.
const CUSTOMERS: [(&str, &str, &str); 3] = [
    ("Ana Example", "Where is parcel 1101?", "Parcel 1101 comes today."),
    ("Ben Sample", "My invoice 2202 is wrong.", "Invoice 2202 is corrected."),
    ("Cara Muster", "Please cancel order 3303.", "Order 3303 is cancelled."),
];
/// A name that would leave the downloads folder and lie about its ending.
const HOSTILE_NAME: &str = "../../.config/<b>invoice</b>.pdf";
const COMPOSER: &str = "[data-testid='composer']";
const MESSAGES: &str = "[data-testid='transcript'] [data-testid='message']";
/// WebDriver's key codes.
const ENTER: char = '\u{e007}';
/// Rings this long when it is to be missed.
const SHORT_RING: Duration = Duration::from_secs(4);

struct Desk {
    stage: Stage,
    checks: Checks,
}

/// Runs all of it. The last line printed counts the checks.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("chats");
    let options = SimOptions::default();
    let set = Stage::set("chats", Furniture { keyring: true, dunst: true }, options).await;
    let Ok(stage) = checks.require(set, "desktop, tray, simulator and TURN server are up") else {
        return Ok(checks.finish());
    };
    let mut desk = Desk { stage, checks };
    if let Err(error) = desk.play().await {
        desk.checks.check(false, "the day went through to its end", format!("{error:#}"));
        desk.stage.picture("where-it-stopped");
    }
    desk.stage.keep_logs();
    Ok(desk.checks.finish())
}

impl Desk {
    async fn play(&mut self) -> Result<()> {
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is under WebDriver")?;
        let signed_in = self.stage.sign_in().await;
        self.checks.require(signed_in, "the agent is signed in")?;
        self.checks.step("three chats at once");
        let chats = self.three_chats().await?;
        self.checks.step("files both ways");
        self.file_from_customer(&chats[1]).await?;
        self.file_to_customer(&chats[2]).await?;
        self.checks.step("a call beside the chats");
        self.call_beside().await?;
        self.checks.step("the connection drops while both write");
        self.drop_between(&chats[0]).await?;
        self.checks.step("the end of each");
        for (number, chat) in chats.iter().enumerate() {
            self.end(number, chat).await?;
        }
        self.checks.step("a call that is missed, and put away");
        self.missed().await
    }

    async fn three_chats(&mut self) -> Result<Vec<SimChat>> {
        let mut chats = Vec::new();
        for (name, question, _) in CUSTOMERS {
            let offer = OfferChat {
                customer_name: name.to_owned(),
                first_words: Some(question.to_owned()),
                ..OfferChat::to(AGENT)
            };
            let chat = self.stage.sim.offer_chat(offer).await?;
            self.stage.wait_words("[data-testid='offer']", name).await?;
            if chats.is_empty() {
                self.stage.picture("chat-offered");
            }
            self.stage.click("accept").await?;
            let accepted = chat.expect_accepted(PATIENCE).await.map_err(Into::into);
            self.checks.require(accepted, &format!("the chat with {name} is accepted in the panel"))?;
            let shown = self.stage.wait_words("[data-testid='conversation'] [data-testid='customer']", name).await;
            self.checks.require(shown, "and open at once")?;
            let asked = self.stage.wait_words(MESSAGES, question).await;
            self.checks.require(asked, "with what was said before")?;
            chats.push(chat);
        }
        // Two are in the background now: what they say is counted.
        for chat in &chats[..2] {
            chat.say("Are you there?")?;
        }
        let unread = self.stage.wait_snapshot("unread messages", |desk| {
            let of_others = &desk["conversations"].as_array()?[..2];
            of_others.iter().all(|view| view["unread"].as_u64() >= Some(1)).then_some(())
        });
        let unread = unread.await;
        self.checks.require(unread, "what others write meanwhile is unread")?;
        self.stage.picture("three-chats");
        for ((name, _, answer), chat) in CUSTOMERS.iter().zip(&chats) {
            self.open(name).await?;
            self.stage.append(COMPOSER, &format!("{answer}{ENTER}")).await?;
            let arrived = chat.wait_for_message(answer, PATIENCE).await.map_err(Into::into);
            self.checks.require(arrived, &format!("{name} gets the answer written in the panel"))?;
            let kept = self.stage.wait_words(MESSAGES, answer).await;
            self.checks.require(kept, "which stands in the panel")?;
        }
        for ((name, _, answer), chat) in CUSTOMERS.iter().zip(&chats) {
            let said: Vec<String> = chat.agent_messages().into_iter().map(|message| message.content).collect();
            self.checks.check(said == [*answer], &format!("{name} got this and nothing else"), said.len());
        }
        let read = self.stage.wait_snapshot("no unread messages", |desk| {
            desk["conversations"].as_array()?.iter().all(|view| view["unread"] == 0).then_some(())
        });
        let read = read.await;
        self.checks.require(read, "what was looked at is unread no more")?;
        Ok(chats)
    }

    /// Opens one of the chats as the agent does.
    async fn open(&self, name: &str) -> Result<()> {
        self.stage.click_saying("[data-testid='chat-switch']", name).await?;
        self.stage.wait_words("[data-testid='conversation'] [data-testid='customer']", name).await
    }

    async fn file_from_customer(&mut self, chat: &SimChat) -> Result<()> {
        self.open(CUSTOMERS[1].0).await?;
        let content: Vec<u8> = (0..400_000_u32).map(|n| (n % 251) as u8).collect();
        chat.send_file(HOSTILE_NAME, "application/pdf", content.clone())?;
        let shown = self.stage.wait_words("[data-testid='attachment-name']", HOSTILE_NAME).await;
        self.checks.require(shown, "a customer's file is shown under the name it was given")?;
        self.stage.click("attachment-save").await?;
        let saved = self.stage.wait_snapshot("the fetched file", |desk| {
            desk["conversations"]
                .as_array()?
                .iter()
                .flat_map(|view| view["downloads"].as_array())
                .flatten()
                .find_map(|download| download["saved"].as_str().map(PathBuf::from))
        });
        let saved = saved.await;
        let saved = self.checks.require(saved, "and can be fetched")?;
        self.stage.picture("file-fetched");
        let folder =
            saved.parent().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().to_lowercase());
        let name = saved.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.checks.check(folder.as_deref() == Some("downloads"), "into the downloads folder", saved.display());
        self.checks.check(!name.contains(['<', '>', '/']) && name.ends_with(".pdf"), "under a safe name", &name);
        let same = std::fs::read(&saved).is_ok_and(|bytes| bytes == content);
        self.checks.check(same, "byte by byte as it was sent", content.len());
        Ok(())
    }

    async fn file_to_customer(&mut self, chat: &SimChat) -> Result<()> {
        self.open(CUSTOMERS[2].0).await?;
        let content: Vec<u8> = (0..700_000_u32).map(|n| (n % 241) as u8).collect();
        let file = self.stage.artifacts.join("terms.pdf");
        std::fs::write(&file, &content)?;
        let path = file.canonicalize()?;
        self.stage.choose_file("[data-testid='composer-file']", &path.to_string_lossy()).await?;
        let arrived = self.wait_for_bytes(chat, "terms.pdf").await;
        let arrived = self.checks.require(arrived, "the customer gets the file chosen in the panel")?;
        self.checks.check(arrived == content, "byte by byte", arrived.len());
        let shown = self.stage.wait_words("[data-testid='attachment-name']", "terms.pdf").await;
        self.checks.require(shown, "and the panel shows it as sent")?;
        self.stage.picture("file-sent");
        Ok(())
    }

    async fn wait_for_bytes(&self, chat: &SimChat, name: &str) -> Result<Vec<u8>> {
        let end = Instant::now() + PATIENCE;
        loop {
            let file = chat.files().into_iter().find(|file| file.name == name);
            if let Some(bytes) = file.and_then(|file| file.bytes) {
                return Ok(bytes.to_vec());
            }
            ensure!(Instant::now() < end, "{name} did not arrive");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn call_beside(&mut self) -> Result<()> {
        let offer = OfferCall { customer_name: "Dana Voice".to_owned(), force: true, ..OfferCall::to(AGENT) };
        let call = self.stage.sim.offer_call(offer).await?;
        self.stage.wait_words("[data-testid='offer']", "Dana Voice").await?;
        self.stage.picture("call-beside-chats");
        self.stage.click("accept").await?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        self.checks.require(accepted, "a call beside the chats is accepted in the panel")?;
        self.open(CUSTOMERS[0].0).await?;
        let bar = self.stage.wait_words("[data-testid='call-bar']", "Dana Voice").await;
        self.checks.require(bar, "it stays in sight above an open chat")?;
        self.stage.click("mute").await?;
        let muted = self.stage.wait_snapshot("the mute", |desk| {
            let contacts = desk["contacts"].as_array()?;
            contacts.iter().any(|view| view["media"]["mute_wanted"] == true).then_some(())
        });
        let muted = muted.await;
        self.checks.require(muted, "and is muted from there")?;
        self.stage.picture("muted-beside-chats");
        self.stage.click("end-call").await?;
        let ended = call.expect_ended_by_agent(PATIENCE).await.map_err(Into::into);
        self.checks.require(ended, "and ended from there")?;
        let finish = self.stage.wait_snapshot("the call's wrap-up", |desk| {
            let contacts = desk["contacts"].as_array()?;
            let over = contacts.iter().find(|view| view["contact"]["state"] == "ended")?;
            Some(over["key"].clone())
        });
        let key = finish.await?;
        self.stage.rpc("contact_clear", serde_json::json!({ "contact": key })).await?;
        Ok(())
    }

    async fn drop_between(&mut self, chat: &SimChat) -> Result<()> {
        self.open(CUSTOMERS[0].0).await?;
        self.stage.sim.refuse_sockets(true);
        self.stage.sim.drop_sockets();
        for number in 0..5 {
            chat.say(&format!("customer in the gap {number}"))?;
            self.stage.append(COMPOSER, &format!("agent in the gap {number}{ENTER}")).await?;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.stage.picture("in-the-gap");
        self.stage.sim.refuse_sockets(false);
        chat.wait_for_message("agent in the gap 4", PATIENCE).await?;
        self.stage.wait_words(MESSAGES, "customer in the gap 4").await?;
        let wanted: Vec<String> = (0..5).map(|number| format!("agent in the gap {number}")).collect();
        let said: Vec<String> = chat
            .agent_messages()
            .into_iter()
            .map(|message| message.content)
            .filter(|text| text.starts_with("agent in the gap"))
            .collect();
        self.checks.check(said == wanted, "what the agent wrote meanwhile arrived once, in order", said.len());
        let shown = self.stage.words(MESSAGES).await?;
        for side in ["customer", "agent"] {
            let numbers: Vec<&str> = shown
                .iter()
                .filter_map(|words| words.split(&format!("{side} in the gap ")).nth(1))
                .filter_map(|rest| rest.split_whitespace().next())
                .collect();
            let what = format!("what the {side} wrote is shown once, in order");
            self.checks.check(numbers == ["0", "1", "2", "3", "4"], &what, format!("{numbers:?}"));
        }
        Ok(())
    }

    async fn end(&mut self, number: usize, chat: &SimChat) -> Result<()> {
        let (name, ..) = CUSTOMERS[number];
        self.open_if_several(name).await?;
        if number == 0 {
            chat.leave()?;
        } else {
            self.stage.click("end").await?;
            self.stage.click("confirm-end-confirm").await?;
        }
        let ended = chat.expect_ended(PATIENCE).await.map_err(Into::into);
        self.checks.require(ended, &format!("the chat with {name} ends"))?;
        if number == 0 {
            self.stage.picture("chat-wrap-up");
        }
        self.stage.click("finish").await?;
        let cleared = chat.expect_cleared(PATIENCE).await.map_err(Into::into);
        self.checks.require(cleared, "and is finished in the panel").map(drop)
    }

    /// The last one is shown without a switch, as a card that opens it. The
    /// window takes a moment from one to the other.
    async fn open_if_several(&self, name: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            let shown = self.stage.words("[data-testid='conversation'] [data-testid='customer']").await?;
            if shown.iter().any(|shown| shown.contains(name)) {
                return Ok(());
            }
            // What was there may be gone when it is clicked: the next round looks again.
            let open = if self.stage.words("[data-testid='chat-switch']").await?.is_empty() {
                self.stage.click("chat-open").await
            } else {
                self.open(name).await
            };
            if open.is_ok() {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("nothing in the window leads to the chat with {name}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn missed(&mut self) -> Result<()> {
        self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await.context("free again")?;
        let offer =
            OfferCall { customer_name: "Emil Missed".to_owned(), ring: Some(SHORT_RING), ..OfferCall::to(AGENT) };
        let call = self.stage.sim.offer_call(offer).await?;
        call.expect_missed(PATIENCE).await?;
        let shown = self.stage.wait_words("[data-testid='contact-missed']", "Emil Missed").await;
        self.checks.require(shown, "a missed call stays until it is put away")?;
        self.stage.picture("missed");
        self.stage.click("dismiss").await?;
        let gone = self.stage.wait_none("[data-testid='contact-missed']").await;
        self.checks.require(gone, "and goes when the agent puts it away").map(drop)
    }
}
