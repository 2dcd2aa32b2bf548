//! TWIN24 in the panel's window, in Russian, against the simulated company: offer,
//! accept, answer, edit, take back, rename, block, help, finished sessions, transfer,
//! close. Beside it the vendor's lists of endpoints and events, each row with the
//! scenario that shows it.

mod table;

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::SimOptions;
use trunkline_simulators::twin24::{
    ClientOffer, HandoverTarget, OperatorStatus, SimSession, Twin24Operator, Twin24Options, Twin24Sim,
};

use crate::harness::checks::Checks;
use crate::harness::desktop::{Furniture, devices};
use crate::harness::sound::{Recorder, level};
use crate::harness::stage::{PATIENCE, Stage};
use table::{ENDPOINTS, EVENTS, Table};

const EMAIL: &str = "anna@example.com";
const COLLEAGUE: &str = "boris@example.com";
/// Events at once.
const STORM: usize = 10_000;
/// Beyond this the window would feel stuck, also on a busy machine.
const LONGEST_FRAME_MS: f64 = 300.0;
const COMPOSER: &str = "[data-testid='composer']";
const MESSAGES: &str = "[data-testid='transcript'] [data-testid='message']";
const OFFER: &str = "[data-testid='offer']";
const OPEN: &str = "[data-testid='conversation'] [data-testid='customer']";
/// WebDriver's key codes.
const ENTER: char = '\u{e007}';
const UP: char = '\u{e013}';

struct Desk {
    stage: Stage,
    sim: Twin24Sim,
    checks: Checks,
    table: Table,
}

/// Runs all of it. The last line counts endpoints, events and failures.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("twin24");
    let sim = Twin24Sim::start(options()).await.map_err(Into::into);
    let set = Stage::set("twin24", Furniture { keyring: true, dunst: true }, SimOptions::default()).await;
    let (Ok(stage), Ok(sim)) =
        (checks.require(set, "desktop and tray are up"), checks.require(sim, "the simulated company is up"))
    else {
        return Ok(checks.finish());
    };
    let mut desk = Desk { stage, sim, checks, table: Table::default() };
    if let Err(error) = desk.play().await {
        desk.checks.check(false, "the day went through to its end", format!("{error:#}"));
        desk.stage.picture("where-it-stopped");
    }
    desk.stage.keep_logs();
    let (endpoints, events) = desk.table.print(&desk.sim.heard());
    desk.checks.check(endpoints == ENDPOINTS.len(), "every endpoint of the vendor's list was used", endpoints);
    desk.checks.check(events == EVENTS.len(), "every event of the vendor's list was shown", events);
    let failed = desk.checks.failures();
    let passed = desk.checks.finish();
    println!(
        "twin24: {endpoints} of {} endpoints, {events} of {} events, {failed} failed",
        ENDPOINTS.len(),
        EVENTS.len()
    );
    Ok(passed)
}

fn options() -> Twin24Options {
    let mut options = Twin24Options { tell_former_operator: true, fractional_times: true, ..Twin24Options::default() };
    options.operators = vec![
        Twin24Operator::named(42, EMAIL, "Анна", "Петрова"),
        Twin24Operator::named(43, COLLEAGUE, "Борис", "Орлов").in_groups(&[4]).played(),
    ];
    options
}

impl Desk {
    async fn play(&mut self) -> Result<()> {
        self.sim.finished(120);
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is under WebDriver")?;
        self.stage.choose("ringer", devices::RINGER).await?;
        self.in_russian().await?;
        self.connect().await?;
        let session = self.offered().await?;
        self.talk(&session).await?;
        self.storm(&session).await?;
        self.change(&session).await?;
        self.rename_and_block(&session).await?;
        self.bot_and_back(&session).await?;
        self.close(&session).await?;
        self.help().await?;
        self.transfer().await?;
        self.archive().await?;
        self.client_leaves().await?;
        self.states().await?;
        self.put_out().await
    }

    async fn in_russian(&mut self) -> Result<()> {
        let mut settings = self.stage.rpc("panel_settings", json!({})).await?;
        settings["language"] = json!("ru");
        let saved = self.stage.rpc("panel_settings_save", settings).await;
        self.checks.require(saved, "the language of the panel is Russian")?;
        // It was set past the window, which reads its settings when it begins.
        self.stage.script("setTimeout(() => location.reload());", vec![]).await?;
        let language = "return document.documentElement.lang;";
        let end = tokio::time::Instant::now() + PATIENCE;
        // While it is being loaded there is nobody to answer.
        while self.stage.script(language, vec![]).await.unwrap_or_default() != "ru" {
            ensure!(tokio::time::Instant::now() < end, "the window's language did not change");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<()> {
        self.checks.step("вход");
        let password = self.sim.options().password(EMAIL);
        let account = json!({
            "account": null, "platform": "twin24", "name": "Мессенджеры",
            "settings": { "email": EMAIL, "iam": self.sim.iam_url(), "chat": self.sim.chat_url(), "events": self.sim.events_url() },
            "secrets": { "password": password },
        });
        let saved = self.stage.rpc("account_save", account).await;
        self.checks.require(saved, "an account is saved with e-mail and password")?;
        let online = self.stage.wait_online().await;
        self.checks.require(online, "the account is online")?;
        let kept = self.stage.files_with(password.as_bytes());
        self.checks.check(kept.is_empty(), "the password is on no disk and in no log", kept.len());
        self.set_state("active").await?;
        let active = self.sim.expect_status(EMAIL, OperatorStatus::Online, PATIENCE).await.map_err(Into::into);
        self.checks.require(active, "the operator goes online")
    }

    async fn set_state(&self, state: &str) -> Result<()> {
        let snapshot = self.stage.snapshot().await?;
        let request = json!({ "account": snapshot["accounts"][0]["id"], "state": state, "when_free": false });
        self.stage.rpc("agent_set_state", request).await.map(drop)
    }

    fn begins(&self, name: &str, words: &str) -> Result<SimSession> {
        Ok(self.sim.client_starts(ClientOffer::named(name).saying(words))?)
    }

    async fn offered(&mut self) -> Result<SimSession> {
        self.checks.step("предложение");
        let ringer = Recorder::start(&self.stage.desktop, devices::RINGER)?;
        let began = std::time::SystemTime::now();
        let session = self.begins("Иван Сидоров", "Здравствуйте! Где мой заказ?")?;
        let shown = self.stage.wait_words(OFFER, "Иван Сидоров").await;
        self.checks.require(shown, "a new session is offered with the client's name")?;
        let accept = self.stage.wait_words("[data-testid='accept']", "Принять").await;
        self.checks.require(accept, "in Russian")?;
        self.stage.picture("offered");
        ringer.wait_until(std::time::SystemTime::now() + Duration::from_secs(1))?;
        let heard = level(&ringer.between(began, std::time::SystemTime::now())?);
        self.checks.check(heard > 0.001, "it rings at the ringer", format!("level {heard:.4}"));
        self.take("Иван Сидоров", "Где мой заказ?").await?;
        self.table.event("chatSessionAdded", "a new session rings");
        Ok(session)
    }

    async fn take(&mut self, name: &str, words: &str) -> Result<()> {
        self.stage.wait_words(OFFER, name).await?;
        self.stage.click("accept").await?;
        let open = self.stage.wait_words(OPEN, name).await;
        self.checks.require(open, &format!("the session with {name} is taken in the window"))?;
        let said = self.stage.wait_words(MESSAGES, words).await;
        self.checks.require(said, "with what was said before")
    }

    async fn write(&self, words: &str) -> Result<()> {
        self.stage.append(COMPOSER, &format!("{words}{ENTER}")).await
    }

    async fn talk(&mut self, session: &SimSession) -> Result<()> {
        self.checks.step("переписка");
        self.write("Сейчас проверю.").await?;
        let answered = session.expect_answered("Сейчас проверю.", PATIENCE).await.map_err(Into::into);
        self.checks.require(answered, "what the operator writes arrives")?;
        session.client_reads();
        let read = self.stage.wait_words("[data-testid='delivery']", "").await;
        self.checks.require(read, "a read mark is shown")?;
        self.table.event("chatMessageRead", "the read mark below the operator's message");
        session.client_types();
        let typing = self.stage.wait_words("[data-testid='typing']", "").await;
        self.checks.require(typing, "that the client writes is shown")?;
        self.table.event("typing", "the line that the client writes");
        session.client_writes("Номер 1234 🙂 שלום")?;
        let shown = self.stage.wait_words(MESSAGES, "Номер 1234 🙂 שלום").await;
        self.checks.require(shown, "what the client writes is shown, whatever its letters")?;
        self.table.event("chatMessageCreated", "the client's message in the transcript");
        let unread = session.expect_read(&last_of_client(session), PATIENCE).await.map_err(Into::into);
        self.checks.require(unread, "and is marked as read at the platform")?;
        session.goes_offline();
        let off = self.stage.wait_snapshot("offline", online_is(false)).await;
        self.checks.require(off, "that the client went offline is shown")?;
        self.table.event("clientOffline", "the dot at the client");
        session.goes_online();
        let on = self.stage.wait_snapshot("online", online_is(true)).await;
        self.checks.require(on, "and online again")?;
        self.table.event("clientOnline", "the dot at the client");
        self.stage.picture("talk");
        let colleague = session.colleague_writes(COLLEAGUE, "Заказ в пути")?;
        self.stage.wait_words(MESSAGES, "Заказ в пути").await?;
        session.colleague_edits(&colleague, "Заказ уже в пути")?;
        let edited = self.stage.wait_words(MESSAGES, "Заказ уже в пути").await;
        self.checks.require(edited, "what a colleague changes is shown so")?;
        self.table.event("chatMessageEdited", "the changed words, with their mark");
        let mark = self.stage.wait_words(MESSAGES, "изменено").await;
        self.checks.require(mark, "with the usual mark, in Russian")
    }

    /// Ten thousand events at once: the window goes on, and nothing is missing after them.
    async fn storm(&mut self, session: &SimSession) -> Result<()> {
        self.checks.step("10 000 событий");
        let watch = "window.worstGap = 0;
            let last = performance.now();
            const look = () => {
              const now = performance.now();
              window.worstGap = Math.max(window.worstGap, now - last);
              last = now;
              if (window.worstGap >= 0) requestAnimationFrame(look);
            };
            requestAnimationFrame(look);";
        self.stage.script(watch, vec![]).await?;
        let asked = self.sim.heard().len();
        let began = std::time::Instant::now();
        self.sim.burst(EMAIL, STORM)?;
        session.client_writes("После бури")?;
        let shown = self.stage.wait_words(MESSAGES, "После бури").await;
        self.checks.require(shown, "what was written after ten thousand events is shown")?;
        let gap = self.stage.script("return window.worstGap;", vec![]).await?.as_f64().unwrap_or(f64::MAX);
        self.stage.script("window.worstGap = NaN;", vec![]).await?;
        let asked = self.sim.heard().len() - asked;
        self.checks.step(&format!(
            "{STORM} events: {:.1} s, {asked} requests, longest frame {gap:.0} ms",
            began.elapsed().as_secs_f32()
        ));
        self.checks.check(gap < LONGEST_FRAME_MS, "the window stays responsive meanwhile", format!("{gap:.0} ms"));
        self.checks.check(asked < 400, "many hints are few readings", asked);
        Ok(())
    }

    /// Changing and taking back, as the operator does.
    async fn change(&mut self, session: &SimSession) -> Result<()> {
        self.checks.step("правка и удаление");
        self.write("Он придёт вторник.").await?;
        let sent = session.expect_answered("Он придёт вторник.", PATIENCE).await?;
        self.stage.wait_words(MESSAGES, "Он придёт вторник.").await?;
        self.stage.append(COMPOSER, &UP.to_string()).await?;
        let field = "[data-testid='edit-field']";
        let opened = self.stage.wait_value(field, "Он придёт вторник.").await;
        self.checks.require(opened, "arrow up in an empty field opens the last own words")?;
        self.stage.picture("editing");
        self.stage.fill(field, "Он придёт во вторник.").await?;
        self.stage.click("edit-save").await?;
        let edited = session.expect_edited("Он придёт во вторник.", PATIENCE).await.map_err(Into::into);
        self.checks.require(edited, "changed words arrive")?;
        let shown = self.stage.wait_words(MESSAGES, "Он придёт во вторник.").await;
        self.checks.require(shown, "and are shown")?;
        let id = json!(sent.id);
        let snapshot = self.stage.snapshot().await?;
        let key = snapshot["contacts"][0]["key"].clone();
        self.stage.rpc("message_remove", json!({ "contact": key, "message": id })).await?;
        let deleted = session.expect_deleted(&sent.id, PATIENCE).await.map_err(Into::into);
        self.checks.require(deleted, "a message is taken back")?;
        let gone = self.stage.wait_words("[data-testid='transcript']", "удален").await;
        self.checks.require(gone, "and stands as deleted")?;
        self.stage.picture("changed");
        Ok(())
    }

    async fn rename_and_block(&mut self, session: &SimSession) -> Result<()> {
        self.checks.step("имя и блокировка");
        let key = self.stage.snapshot().await?["contacts"][0]["key"].clone();
        self.stage.rpc("contact_rename", json!({ "contact": key, "name": "Иван С. (VIP)" })).await?;
        let renamed = session.expect_renamed("Иван С. (VIP)", PATIENCE).await.map_err(Into::into);
        self.checks.require(renamed, "the session is renamed at the platform")?;
        let shown = self.stage.wait_words(OPEN, "Иван С. (VIP)").await;
        self.checks.require(shown, "and in the panel")?;
        let menu = self.stage.click("chat-more").await;
        self.checks.require(menu, "the session has a menu")?;
        self.stage.click("contact-ban").await?;
        let asked = self.stage.wait_words("[role='alertdialog'], [role='dialog']", "Иван С. (VIP)").await;
        self.checks.require(asked, "before a client is blocked, the operator is asked")?;
        self.stage.picture("ban-question");
        self.stage.click("confirm-ban-confirm").await?;
        let banned = session.expect_banned(true, PATIENCE).await.map_err(Into::into);
        self.checks.require(banned, "the client is blocked")?;
        let mark = self.stage.wait_words("[data-testid='customer-banned']", "Заблокирован").await;
        self.checks.require(mark, "and marked so")?;
        self.stage.picture("banned");
        self.stage.rpc("contact_ban", json!({ "contact": key, "banned": false })).await?;
        let unbanned = session.expect_banned(false, PATIENCE).await.map_err(Into::into);
        self.checks.require(unbanned, "and let in again").map(drop)
    }

    async fn bot_and_back(&mut self, session: &SimSession) -> Result<()> {
        self.checks.step("бот");
        session.to_bot()?;
        let over = self.stage.wait_snapshot("the bot has it", state_is("ended")).await;
        self.checks.require(over, "a session that goes to the bot is over here, and can be read")?;
        self.table.event("chatSessionDeleted", "the session ends here, with a line that the bot has it");
        session.to_operator(Some(EMAIL))?;
        let back = self.stage.wait_snapshot("back", state_is("connected")).await;
        self.checks.require(back, "and comes back")?;
        self.table.event("chatSessionSwitchedFromBotToOperator", "the session is at work again");
        Ok(())
    }

    async fn close(&mut self, session: &SimSession) -> Result<()> {
        self.checks.step("закрытие");
        let key = self.stage.snapshot().await?["contacts"][0]["key"].clone();
        self.stage.rpc("contact_end", json!({ "contact": key, "connection": null })).await?;
        let closed = session.expect_closed(PATIENCE).await.map_err(Into::into);
        self.checks.require(closed, "the operator closes the session")?;
        self.put_away().await
    }

    /// What is over leaves the list.
    async fn put_away(&mut self) -> Result<()> {
        self.stage.wait_snapshot("its end", state_is("ended")).await?;
        let key = self.stage.snapshot().await?["contacts"][0]["key"].clone();
        self.stage.rpc("contact_clear", json!({ "contact": key })).await?;
        self.stage.wait_snapshot("an empty desk", |desk| desk["contacts"].as_array()?.is_empty().then_some(())).await
    }

    async fn help(&mut self) -> Result<()> {
        self.checks.step("помощь");
        let session = self.sim.client_starts(ClientOffer::named("Ольга").saying("Есть кто-нибудь?").in_help())?;
        self.stage.click("tab-lists").await?;
        let shown = self.stage.wait_words("[data-testid='list-item']", "Ольга").await;
        self.checks.require(shown, "who found nobody is in the list of its own")?;
        self.table.event("operatorNotFound", "the session appears in Help");
        self.stage.picture("help");
        self.stage.click("list-take").await?;
        let assigned = session.expect_assigned_to(EMAIL, PATIENCE).await.map_err(Into::into);
        self.checks.require(assigned, "and is taken by a press")?;
        let open = self.stage.wait_words(OPEN, "Ольга").await;
        self.checks.require(open, "and open")?;
        self.stage.click("tab-contacts").await?;
        session.client_closes()?;
        self.put_away().await?;
        // One that comes to somebody else is told as begun, too.
        let other = self.sim.client_starts(ClientOffer::named("Пётр").saying("Алло").to_group("Billing"))?;
        self.stage
            .wait_snapshot("nothing for this operator", |desk| desk["contacts"].as_array()?.is_empty().then_some(()))
            .await?;
        self.table.event("chatSessionStarted", "a session that is not the operator's does not ring");
        let _ = other.client_closes();
        Ok(())
    }

    async fn transfer(&mut self) -> Result<()> {
        self.checks.step("перевод");
        for (name, wanted) in [
            ("Борис Орлов", HandoverTarget::Operator(COLLEAGUE.to_owned())),
            ("Billing", HandoverTarget::Group("Billing".to_owned())),
        ] {
            let session = self.begins("Мария", "Не работает оплата")?;
            self.take("Мария", "Не работает оплата").await?;
            self.stage.click("hand-over").await?;
            self.stage.wait_words("[data-testid='endpoint']", name).await?;
            self.stage.picture(if name == "Billing" { "transfer-group" } else { "transfer-operator" });
            self.stage.click_saying("[data-testid='endpoint']", name).await?;
            self.stage.click("transfer-confirm").await?;
            let handed = session.expect_transferred(PATIENCE).await;
            let handed = self.checks.require(handed.map_err(Into::into), &format!("handed over to {name}"))?;
            self.checks.check(handed.to == wanted, "as it arrives", format!("{:?}", handed.to));
            self.put_away().await?;
        }
        Ok(())
    }

    async fn archive(&mut self) -> Result<()> {
        self.checks.step("завершённые");
        let session = self.sim.sessions().into_iter().find(SimSession::is_closed);
        let name = session.map(|session| session.name()).unwrap_or_default();
        let account = self.stage.snapshot().await?["accounts"][0]["id"].clone();
        let page = self.stage.rpc("archive", json!({ "account": account, "words": name, "page": 0 })).await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        let found = items.iter().any(|item| item["customer"]["name"] == name.as_str());
        self.checks.check(found, "finished sessions are found by name", items.len());
        if let Some(item) = items.first() {
            let key = json!({ "account": account, "contact": item["id"] });
            let said = self.stage.rpc("archive_messages", json!({ "contact": key, "page": 0 })).await?;
            let count = said["items"].as_array().map_or(0, Vec::len);
            self.checks.check(count > 0, "and can be read", count);
        }
        Ok(())
    }

    async fn client_leaves(&mut self) -> Result<()> {
        self.checks.step("клиент уходит");
        let before = self.begins("Семён", "Спасибо")?;
        let client = before.client_id();
        self.take("Семён", "Спасибо").await?;
        before.client_closes()?;
        let over = self.stage.wait_snapshot("the end", state_is("ended")).await;
        self.checks.require(over, "the client closes the session: it is over at once")?;
        self.table.event("sessionClosedByClient", "the session ends, its field is closed");
        self.stage.picture("closed-by-client");
        self.put_away().await?;
        let again =
            ClientOffer { client: Some(client), ..ClientOffer::named("Семён").saying("Это снова я") };
        let session = self.sim.client_starts(again)?;
        self.take("Семён", "Это снова я").await?;
        let key = self.stage.snapshot().await?["contacts"][0]["key"].clone();
        self.stage.rpc("conversation_older", json!({ "contact": key })).await?;
        let older = self.stage.wait_words(MESSAGES, "Спасибо").await;
        self.checks.require(older, "what the client wrote in an earlier session can be read")?;
        session.client_closes()?;
        self.put_away().await
    }

    async fn states(&mut self) -> Result<()> {
        self.checks.step("состояния");
        self.set_state("pause").await?;
        let paused = self.sim.expect_status(EMAIL, OperatorStatus::Pause, PATIENCE).await.map_err(Into::into);
        self.checks.require(paused, "a pause is taken")?;
        self.sim.operator_logged_out(EMAIL)?;
        let off = |desk: &Value| (desk["accounts"][0]["agent"]["state"]["kind"] == "offline").then_some(());
        let off = self.stage.wait_snapshot("offline", off).await;
        self.checks.require(off, "made offline by the platform")?;
        self.table.event("operatorLoggedOut", "the state shown is offline, and can be left");
        self.set_state("active").await?;
        let active = self.sim.expect_status(EMAIL, OperatorStatus::Online, PATIENCE).await.map_err(Into::into);
        self.checks.require(active, "and online again by the operator")
    }

    async fn put_out(&mut self) -> Result<()> {
        self.checks.step("вход с другого места, блокировка");
        self.sim.signed_in_elsewhere(EMAIL)?;
        let out = self.stage.wait_snapshot("signed out", link_reason("link_reason_signed_in_elsewhere")).await;
        self.checks.require(out, "somebody signed in elsewhere: this sitting ends and says so")?;
        self.table.event("chatUserExists", "signing in is asked for, with the reason");
        self.stage.picture("elsewhere");
        let account = self.stage.snapshot().await?["accounts"][0]["id"].clone();
        self.stage.rpc("account_sign_in", json!({ "account": account })).await?;
        self.stage.wait_online().await?;
        self.sim.operator_blocked(EMAIL, "Жалобы")?;
        let out = self.stage.wait_snapshot("blocked", link_reason("link_reason_operator_blocked")).await;
        self.checks.require(out, "an operator who is blocked is out, and told why")?;
        let words = self.stage.wait_notice("Жалобы").await;
        self.checks.require(words, "in the platform's words")?;
        self.table.event("operatorBlocked", "signing in is asked for, with the reason");
        self.stage.picture("blocked");
        Ok(())
    }
}

fn last_of_client(session: &SimSession) -> String {
    let messages = session.messages();
    let last = messages.iter().rev().find(|message| message["authorType"] == "CLIENT");
    last.and_then(|message| message["id"].as_str()).unwrap_or_default().to_owned()
}

fn online_is(online: bool) -> impl Fn(&Value) -> Option<()> {
    move |desk| (desk["contacts"][0]["contact"]["details"]["customer_online"] == online).then_some(())
}

fn state_is(state: &'static str) -> impl Fn(&Value) -> Option<()> {
    move |desk| (desk["contacts"][0]["contact"]["state"] == state).then_some(())
}

fn link_reason(key: &'static str) -> impl Fn(&Value) -> Option<()> {
    move |desk| (desk["accounts"][0]["link"]["reason"] == key).then_some(())
}
