//! Everything around the program fails in turn: the agent gets a clear message,
//! and nothing is lost.
//!
//! A part that fails does not keep the others from being played: its weather is
//! cleared, its contact ended, and the next part begins.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use trunkline_simulators::Moment;
use trunkline_simulators::amazon_connect::{AgentOptions, Fault, OfferCall, SimCall, SimOptions, SnapshotTwist};

use crate::harness::app::{binary, start};
use crate::harness::checks::Checks;
use crate::harness::desktop::{Furniture, devices};
use crate::harness::messages::Messages;
use crate::harness::processes::{Program, find_in_tree, signal, wait_for};
use crate::harness::sound::{Recorder, level};
use crate::harness::stage::{AGENT, PATIENCE, Stage, loud_packets};
use crate::harness::talk::{AUDIBLE, Talk};
use crate::harness::window;

const ACCOUNT: &str = "amazon-connect-weather";
const NAME: &str = "Sales desk";
const OTHER_AGENT: &str = "agent.two";
const OTHER_NAME: &str = "Service desk";

/// The account is there, without a secret. The figures are an administrator's:
/// the platform's own long polls would make every silence last 40 s, and a
/// connection made ahead would have found the relay before it falls silent.
const SETTINGS: &str = r#"version = 1

[[accounts]]
id = "ACCOUNT"
platform = "amazon-connect"
name = "NAME"

[accounts.settings]
address = "ADDRESS"
poll_ask_ms = 3000
poll_limit_ms = 5000
call_limit_ms = 6000
standby_ms = 0
"#;

/// A second headset, for when the first is unplugged.
const SPARE: &str = "spare";
const SPARE_FEED: &str = "sparefeed";
const SPARE_MICROPHONE: &str = "sparemic";
/// Colour of a window that covers the panel; nothing of ours has it.
const COVER: &str = "#FF00FF";
const NOTICE_TEXT: &str = "[data-testid='notice-text']";

struct Weather {
    stage: Stage,
    checks: Checks,
    say: Messages,
    talk: Talk,
    ringer: Recorder,
    speaker: Recorder,
}

/// Runs all of it. The last line printed counts the checks.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("bad-weather");
    let furniture = Furniture { keyring: true, dunst: true };
    let set = Stage::set("bad-weather", furniture, SimOptions::default()).await;
    let Ok(stage) = checks.require(set, "desktop, tray, simulator and TURN server are up") else {
        return Ok(checks.finish());
    };
    let recorders = Recorder::of_both_outputs(&stage.desktop);
    let Ok((ringer, speaker)) = checks.require(recorders, "ringer and speaker are recorded") else {
        return Ok(checks.finish());
    };
    let say = Messages::read()?;
    let mut weather = Weather { stage, checks, say, talk: Talk::default(), ringer, speaker };
    if let Err(error) = weather.play().await {
        weather.checks.check(false, "the weather went through to its end", format!("{error:#}"));
        weather.stage.picture("where-it-stopped");
    }
    weather.calm();
    weather.stage.keep_logs();
    Ok(weather.checks.finish())
}

/// Plays a part; one that fails is noted, and the next begins in calm weather.
macro_rules! part {
    ($weather:ident, $name:literal, $part:expr) => {
        $weather.checks.step($name);
        if let Err(error) = $part.await {
            $weather.checks.check(false, concat!($name, ": played to its end"), format!("{error:#}"));
            $weather.stage.picture("part-failed");
            $weather.recover().await.context($name)?;
        }
    };
}

fn link_of(snapshot: &Value, account: usize) -> String {
    snapshot["accounts"][account]["link"]["state"].as_str().unwrap_or_default().to_owned()
}

/// Name of the device that serves a role; empty without one.
fn serving(snapshot: &Value, role: &str) -> String {
    snapshot["audio"][role]["serving"].as_str().unwrap_or_default().to_owned()
}

fn plug_sink(stage: &Stage, name: &str, shown: &str) -> Result<()> {
    let (name, shown) = (format!("sink_name={name}"), format!("sink_properties=device.description={shown}"));
    stage.desktop.plug(&["module-null-sink", &name, "channels=1", "rate=48000", "norewinds=1", &shown])
}

/// A microphone that hears what is played to `feed`.
fn plug_microphone(stage: &Stage, name: &str, feed: &str, shown: &str) -> Result<()> {
    let (name, master) = (format!("source_name={name}"), format!("master={feed}.monitor"));
    let shown = format!("source_properties=device.description={shown}");
    stage.desktop.plug(&["module-remap-source", &name, &master, "channels=1", &shown])
}

fn contact_ids(snapshot: &Value) -> Vec<String> {
    let contacts = snapshot["contacts"].as_array().cloned().unwrap_or_default();
    contacts.iter().filter_map(|view| view["key"]["contact"].as_str()).map(str::to_owned).collect()
}

impl Weather {
    async fn play(&mut self) -> Result<()> {
        let turn = self.stage.sim.turn_kind();
        self.checks.step(&format!("TURN server: {turn}"));
        let folder = self.stage.desktop.path("home/.config/trunkline");
        std::fs::create_dir_all(&folder)?;
        let settings = SETTINGS.replace("ACCOUNT", ACCOUNT).replace("NAME", NAME);
        std::fs::write(folder.join("settings.toml"), settings.replace("ADDRESS", &self.stage.sim.base_url()))?;
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is under WebDriver")?;

        self.checks.step("a wrong token");
        self.wrong_token().await.context("a wrong token")?;
        part!(self, "live connection lost while idle, ringing and talking", self.live_connection_lost());
        part!(self, "token and session expire", self.sign_in_expires());
        part!(self, "the service fails, throttles, falls silent", self.service_fails());
        part!(self, "unknown and malformed content", self.strange_content());
        part!(self, "the relay pauses in a call", self.relay_pauses_in_a_call());
        part!(self, "no relay", self.no_relay());
        part!(self, "devices unplugged", self.devices_unplugged());
        part!(self, "busy in a call", self.busy());
        part!(self, "settings cannot be written", self.settings_not_writable());
        self.checks.step("no keyring at start");
        self.stage.crash().await?;
        self.stage.desktop.end_keyring();
        self.stage.open().await?;
        self.without_keyring("limit_keyring_absent", "no-keyring").await.context("no keyring at start")?;
        self.checks.step("a locked keyring at start");
        self.stage.crash().await?;
        self.stage.desktop.start_locked_keyring()?;
        self.stage.open().await?;
        self.without_keyring("limit_keyring_locked", "locked-keyring").await.context("a locked keyring at start")
    }

    /// No fault is left on.
    fn calm(&self) {
        self.stage.sim.silent(false);
        self.stage.sim.refuse_sockets(false);
        self.stage.sim.slow_down(Duration::ZERO);
        self.relay(true);
        // There is something to remove only where that part was left half way.
        let _ = std::fs::remove_dir_all(self.blocker());
    }

    /// Back to an agent without contacts, Available, whatever a part left.
    async fn recover(&mut self) -> Result<()> {
        self.calm();
        for call in self.stage.sim.calls() {
            // Most have ended long ago.
            let _ = call.customer_hangs_up().await;
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let snapshot = self.stage.snapshot().await?;
            let contacts = snapshot["contacts"].as_array().cloned().unwrap_or_default();
            if contacts.is_empty() && link_of(&snapshot, 0) == "online" {
                break;
            }
            for contact in contacts {
                // Not every state can be cleared: the next round looks again.
                let _ = self.stage.rpc("contact_clear", json!({ "contact": contact["key"] })).await;
            }
            anyhow::ensure!(Instant::now() < end, "the weather does not clear: {snapshot}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let accounts = self.stage.snapshot().await?["accounts"].as_array().cloned().unwrap_or_default();
        for other in accounts.iter().filter(|account| account["id"] != ACCOUNT) {
            self.stage.rpc("account_remove", json!({ "account": other["id"] })).await?;
        }
        self.stage.sim.agent(AGENT).set_state("Available")?;
        // A panel on another page is brought back to the contacts.
        self.stage.click("tab-contacts").await?;
        self.stage.put_notices_away().await
    }

    async fn link(&self, account: usize, state: &str) -> Result<()> {
        let what = format!("link state {state}");
        self.stage.wait_snapshot(&what, |snapshot| (link_of(snapshot, account) == state).then_some(())).await?;
        // The window follows a moment later: what it said before must not be taken for news.
        let shown = format!("[data-testid='account-state'][data-link='{state}']");
        self.stage.wait_words(&shown, "").await
    }

    /// The row of an account says why it is not well.
    async fn row_says(&mut self, key: &str) -> Result<()> {
        let words = self.say.say(key, &[])?;
        let told = self.stage.wait_words("[data-testid='account-state']", &words).await;
        self.checks.require(told, &format!("the account's row says: {words}"))
    }

    async fn notice_says(&mut self, key: &str, params: &[(&str, &str)]) -> Result<()> {
        let words = self.say.say(key, params)?;
        let told = self.stage.wait_notice(&words).await;
        self.checks.require(told, &format!("a message says: {words}"))
    }

    /// The window has nothing more to say.
    async fn check_quiet(&mut self, after: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut notices = self.stage.words(NOTICE_TEXT).await?;
        while !notices.is_empty() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(100)).await;
            notices = self.stage.words(NOTICE_TEXT).await?;
        }
        self.checks.check(notices.is_empty(), &format!("no message is left after {after}"), format!("{notices:?}"));
        Ok(())
    }

    /// As the agent does: settings, edit the account, a token, save.
    async fn enter_token(&self, token: &str) -> Result<()> {
        let row = format!("[data-testid='account'][data-account='{ACCOUNT}']");
        self.stage.click("tab-settings").await?;
        self.stage.click("settings-accounts").await?;
        self.stage.click_at(&format!("{row} [data-testid='account-edit']")).await?;
        self.stage.fill("[data-testid='account-field-token']", token).await?;
        self.stage.click("account-save").await?;
        self.stage.wait_words(&row, NAME).await?;
        self.stage.click("tab-contacts").await
    }

    async fn offer(&self, agent: &str, customer: &str, ring: Duration) -> Result<SimCall> {
        let offer = OfferCall {
            customer_name: customer.to_owned(),
            speech: Talk::customer_speech(),
            ring: Some(ring),
            ..OfferCall::to(agent)
        };
        let call = self.stage.sim.offer_call(offer).await?;
        call.expect_offered(PATIENCE).await?;
        self.stage.wait_words("[data-testid='offer']", customer).await?;
        Ok(call)
    }

    async fn accept(&mut self, call: &SimCall) -> Result<()> {
        self.stage.click("accept").await?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        self.checks.require(accepted, "Accept in the panel accepts").map(drop)
    }

    async fn speech(&mut self, call: &SimCall, when: &str) -> Result<()> {
        let ends = (&self.speaker, devices::MICROPHONE_FEED);
        self.talk.check(&self.stage, &mut self.checks, call, ends, when).await
    }

    async fn finish_up(&mut self, call: &SimCall) -> Result<()> {
        self.stage.click("finish").await?;
        let cleared = call.expect_cleared(PATIENCE).await.map_err(Into::into);
        self.checks.require(cleared, "the contact is finished")?;
        let available = self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await.map_err(Into::into);
        self.checks.require(available, "the agent is Available again").map(drop)
    }

    /// The contact in wrap-up is listed, by name, in state and in the window.
    async fn check_kept(&mut self, call: &SimCall, customer: &str, after: &str) -> Result<()> {
        let ids = contact_ids(&self.stage.snapshot().await?);
        let cards = self.stage.words("[data-testid='contact-wrap_up']").await?;
        let kept = ids == [call.contact_id()] && cards.len() == 1 && cards[0].contains(customer);
        self.checks.check(
            kept,
            &format!("the contact in wrap-up is still listed after {after}"),
            format!("{} cards", cards.len()),
        );
        Ok(())
    }

    // The parts.

    async fn wrong_token(&mut self) -> Result<()> {
        self.row_says("link_reason_not_signed_in").await?;
        self.enter_token("a-token-of-nobody").await?;
        self.row_says("link_reason_token_wrong").await?;
        self.notice_says("notice_sign_in_needed", &[("account", NAME)]).await?;
        let button = self.stage.words("[data-testid='sign-in']").await?;
        self.checks.check(button.len() == 1, "and offers to sign in", format!("{button:?}"));
        self.stage.picture("wrong-token");
        let token = self.stage.sim.token(AGENT);
        self.enter_token(&token).await?;
        let online = self.stage.wait_online().await;
        self.checks.require(online, "the right token signs in")?;
        self.stage.wait_words("[data-testid='state-name']", "Available").await?;
        self.check_quiet("signing in").await?;
        self.stage.choose("ringer", devices::RINGER).await?;
        self.stage.choose("speaker", "headset").await?;
        self.stage.choose("microphone", "headset").await?;
        Ok(())
    }

    /// Leaves its contact in wrap-up, for the parts that follow to keep.
    async fn live_connection_lost(&mut self) -> Result<()> {
        self.stage.sim.expect_subscribed(AGENT, PATIENCE).await?;
        self.lose_live_connection().await?;
        self.stage.picture("live-connection-lost");
        self.live_connection_back("while idle").await?;

        let call = self.offer(AGENT, "Ana Example", Duration::from_secs(60)).await?;
        self.lose_live_connection().await?;
        let from = SystemTime::now();
        tokio::time::sleep(Duration::from_millis(2500)).await;
        let ring = level(&self.ringer.between(from, SystemTime::now())?);
        self.checks.check(ring > AUDIBLE, "it rings on without the live connection", format!("level {ring:.3}"));
        self.stage.picture("ringing-without-live-connection");
        self.live_connection_back("while it rings").await?;
        self.accept(&call).await?;
        self.speech(&call, "in a call that rang through the loss").await?;

        self.lose_live_connection().await?;
        self.speech(&call, "without the live connection").await?;
        self.stage.picture("talking-without-live-connection");
        self.live_connection_back("during a call").await?;
        let card = self.stage.words("[data-testid='call']").await?;
        self.checks.check(card.len() == 1, "the call is still shown", format!("{} cards", card.len()));
        self.speech(&call, "with the live connection back").await?;
        call.customer_hangs_up().await?;
        let wrap_up = self.stage.sim.agent(AGENT).expect_state("AfterCallWork", PATIENCE).await;
        wrap_up.context("wrap-up")?;
        self.stage.wait_words("[data-testid='contact-wrap_up']", "Ana Example").await
    }

    async fn lose_live_connection(&mut self) -> Result<()> {
        self.stage.sim.refuse_sockets(true);
        self.stage.sim.drop_sockets();
        self.row_says("link_reason_socket_lost").await
    }

    async fn live_connection_back(&mut self, when: &str) -> Result<()> {
        self.stage.sim.refuse_sockets(false);
        let online = self.link(0, "online").await;
        self.checks.require(online, &format!("the live connection comes back by itself {when}"))
    }

    async fn sign_in_expires(&mut self) -> Result<()> {
        let call = self.stage.sim.calls().pop().context("no call was made")?;
        let before = self.stage.sim.requests_of("authorize").len();
        self.stage.sim.expire_tokens();
        let expired = Moment::now();
        let mut links = Vec::new();
        let end = Instant::now() + PATIENCE;
        loop {
            let state = link_of(&self.stage.snapshot().await?, 0);
            if !links.contains(&state) {
                links.push(state);
            }
            let polls = self.stage.sim.requests_of("GetAgentSnapshot");
            let refused = polls.iter().any(|poll| poll.at > expired && poll.status == 401);
            let works = polls.last().is_some_and(|poll| poll.status == 200);
            let renewed = self.stage.sim.requests_of("authorize").len() > before;
            if refused && renewed && works {
                break;
            }
            anyhow::ensure!(Instant::now() < end, "the token is not renewed: refused {refused}, asked anew {renewed}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.checks.check(links == ["online"], "an expired token is renewed without a word", format!("{links:?}"));
        self.check_quiet("the renewal").await?;

        self.stage.sim.revoke_session();
        self.stage.sim.expire_tokens();
        self.row_says("link_reason_token_expired").await?;
        self.notice_says("notice_sign_in_needed", &[("account", NAME)]).await?;
        let button = self.stage.words("[data-testid='sign-in']").await?;
        self.checks.check(button.len() == 1, "a revoked session offers the way back in", format!("{button:?}"));
        self.check_kept(&call, "Ana Example", "the session was revoked").await?;
        self.stage.picture("session-revoked");
        let token = self.stage.sim.new_token(AGENT);
        self.enter_token(&token).await?;
        let online = self.stage.wait_online().await;
        self.checks.require(online, "a new token signs in again")?;
        self.check_kept(&call, "Ana Example", "signing in again").await?;
        self.check_quiet("signing in again").await
    }

    async fn service_fails(&mut self) -> Result<()> {
        let call = self.stage.sim.calls().pop().context("no call was made")?;
        for (fault, reason, what) in [
            (Fault::Status(503), "link_reason_server_error", "a burst of 503"),
            (Fault::Html502, "link_reason_server_error", "a 502 page"),
            (Fault::Throttle, "link_reason_throttled", "throttling"),
        ] {
            self.stage.sim.fail_next("GetAgentSnapshot", fault, 2);
            self.row_says(reason).await?;
            self.check_kept(&call, "Ana Example", &format!("{what} began")).await?;
            self.stage.picture(&what.replace(' ', "-"));
            let online = self.link(0, "online").await;
            self.checks.require(online, &format!("{what} is over by itself"))?;
        }
        self.stage.sim.silent(true);
        self.row_says("link_reason_no_answer").await?;
        self.check_kept(&call, "Ana Example", "the service fell silent").await?;
        self.stage.picture("silence");
        self.stage.sim.silent(false);
        let online = self.link(0, "online").await;
        self.checks.require(online, "the silence is over by itself")?;
        self.check_kept(&call, "Ana Example", "the silence").await?;
        self.check_quiet("the service's failures").await
    }

    async fn strange_content(&mut self) -> Result<()> {
        let call = self.stage.sim.calls().pop().context("no call was made")?;
        for twist in [
            SnapshotTwist::UnknownMembers,
            SnapshotTwist::UnknownContact,
            SnapshotTwist::UnknownAgentState,
            SnapshotTwist::WrongTypes,
            SnapshotTwist::Oversized,
            SnapshotTwist::MissingState,
            SnapshotTwist::Malformed,
        ] {
            let what = format!("{twist:?}");
            let polls = self.stage.sim.requests_of("GetAgentSnapshot").len();
            self.stage.sim.agent(AGENT).push_unknown(twist);
            match twist {
                SnapshotTwist::MissingState | SnapshotTwist::Malformed => {
                    self.row_says("link_reason_malformed_answer").await?;
                }
                SnapshotTwist::UnknownContact => {
                    let shown = self.stage.wait_words("[data-testid^='contact-']", "levitating").await;
                    self.checks.require(shown, "a contact of unknown state is shown as that")?;
                }
                SnapshotTwist::UnknownAgentState => {
                    let shown = self.stage.wait_words("[data-testid='state-name']", "Daydream").await;
                    self.checks.require(shown, "an agent state of unknown type is shown by its name")?;
                }
                _ => {}
            }
            self.stage.picture(&what);
            let end = Instant::now() + PATIENCE;
            while self.stage.sim.requests_of("GetAgentSnapshot").len() < polls + 2 {
                anyhow::ensure!(Instant::now() < end, "no poll after {what}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            self.link(0, "online").await?;
            self.stage
                .wait_snapshot("the contact alone", |now| (contact_ids(now) == [call.contact_id()]).then_some(()))
                .await?;
            self.check_kept(&call, "Ana Example", &what).await?;
        }
        let open = self.stage.sim.sockets(AGENT);
        self.stage.sim.oversized_frame();
        self.stage.sim.send_frame("this is no frame");
        self.stage.sim.send_frame(r#"{"topic":"aws/hologram","content":{"depth":3}}"#);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.stage.sim.expect_subscribed(AGENT, PATIENCE).await?;
        let online = self.link(0, "online").await;
        self.checks
            .require(online, &format!("frames of two megabytes, of no form and of no topic ({open} sockets)"))?;
        self.check_kept(&call, "Ana Example", "strange frames").await?;
        self.stage.put_notices_away().await?;
        self.finish_up(&call).await
    }

    /// Stops the relay where it stands, or lets it go on: it neither answers
    /// nor refuses meanwhile, as behind a firewall.
    fn relay(&self, on: bool) -> usize {
        let comm = |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let ours = find_in_tree(std::process::id(), "turnserver");
        let relays: Vec<u32> = ours.into_iter().filter(|pid| comm(pid).trim() == "turnserver").collect();
        for pid in &relays {
            signal(*pid, if on { "CONT" } else { "STOP" });
        }
        relays.len()
    }

    async fn relay_pauses_in_a_call(&mut self) -> Result<()> {
        let call = self.offer(AGENT, "Dora Relay", Duration::from_secs(60)).await?;
        self.accept(&call).await?;
        self.speech(&call, "before the relay falls silent").await?;
        let stopped = self.relay(false);
        self.checks.check(stopped > 0, "the relay falls silent in the middle of a call", stopped);
        let words = self.say.say("media_reconnecting", &[])?;
        let told = self.stage.wait_words("[data-testid='media-reconnecting']", &words).await;
        self.checks.require(told, "the call's card says that its sound is interrupted")?;
        self.stage.picture("relay-silent");
        self.relay(true);
        let mended = self.stage.wait_none("[data-testid='media-reconnecting']").await;
        self.checks.require(mended, "and no longer says so when the relay is back")?;
        self.speech(&call, "with the relay back, in the same call").await?;
        call.customer_hangs_up().await?;
        self.finish_up(&call).await
    }

    async fn no_relay(&mut self) -> Result<()> {
        let stopped = self.relay(false);
        self.checks.check(stopped > 0, "the relay answers nothing any more", format!("{stopped} stopped"));
        let call = self.offer(AGENT, "Ben Sample", Duration::from_secs(90)).await?;
        let address = self.stage.sim.turn_address().map(|address| format!("turn:{address}?transport=udp"));
        let relay = address.context("the relay's address")?;
        self.notice_says("notice_media_ice_gathering_timeout_at", &[("address", &relay)]).await?;
        self.stage.picture("no-relay-offer");
        self.accept(&call).await?;
        let words = self.say.say("notice_media_ice_gathering_timeout_at", &[("address", &relay)])?;
        let failed = self.stage.wait_words("[data-testid='media-failed']", &words).await;
        self.checks.require(failed, "the call's card says that there is no sound, and why")?;
        let said = self.stage.words(NOTICE_TEXT).await?;
        self.checks.check(said.len() <= 1, "and no message beside it says so twice", format!("{said:?}"));
        self.stage.picture("no-relay-call");
        self.stage.click("end").await?;
        let ended = call.expect_ended_by_agent(PATIENCE).await.map_err(Into::into);
        self.checks.require(ended, "the agent can end it")?;
        self.finish_up(&call).await?;
        let closed = self.devices_closed().await;
        self.checks.require(closed, "microphone and speaker are closed, no contact is left")?;
        self.check_quiet("the call without sound").await?;

        self.relay(true);
        let call = self.offer(AGENT, "Chidi Specimen", Duration::from_secs(60)).await?;
        self.accept(&call).await?;
        self.speech(&call, "in the next call, with the relay back").await?;
        call.customer_hangs_up().await?;
        self.finish_up(&call).await
    }

    async fn devices_closed(&self) -> Result<()> {
        let closed = |now: &Value| {
            let open = |role: &str| now["audio"][role]["open"] == true;
            (contact_ids(now).is_empty() && !open("microphone") && !open("speaker")).then_some(())
        };
        self.stage.wait_snapshot("devices closed and no contact", closed).await
    }

    async fn devices_unplugged(&mut self) -> Result<()> {
        plug_sink(&self.stage, SPARE, "SpareSpeaker")?;
        plug_sink(&self.stage, SPARE_FEED, "SpareFeed")?;
        plug_microphone(&self.stage, SPARE_MICROPHONE, SPARE_FEED, "SpareMicrophone")?;
        self.defaults(SPARE, SPARE_MICROPHONE)?;
        let call = self.offer(AGENT, "Dina Caller", Duration::from_secs(60)).await?;
        self.accept(&call).await?;
        self.speech(&call, "before anything is unplugged").await?;
        let now = self.stage.snapshot().await?;
        let (microphone, speaker) = (serving(&now, "microphone"), serving(&now, "speaker"));
        self.microphone_unplugged(&call, &microphone).await?;
        self.speaker_unplugged(&speaker).await?;
        self.no_device(&call, &microphone, &speaker).await?;
        self.speech(&call, "with all devices back").await?;
        call.customer_hangs_up().await?;
        self.finish_up(&call).await?;
        self.stage.put_notices_away().await
    }

    /// What the system would take by itself.
    fn defaults(&self, sink: &str, source: &str) -> Result<()> {
        self.stage.desktop.output("pactl", &["set-default-sink", sink])?;
        self.stage.desktop.output("pactl", &["set-default-source", source]).map(drop)
    }

    /// Waits until another device serves a role; gives its name.
    async fn another(&self, role: &str, wanted: &str) -> Result<String> {
        let other = |now: &Value| Some(serving(now, role)).filter(|name| !name.is_empty() && name != wanted);
        self.stage.wait_snapshot(&format!("another {role}"), other).await
    }

    async fn microphone_unplugged(&mut self, call: &SimCall, wanted: &str) -> Result<()> {
        self.checks.step("microphone unplugged");
        self.stage.desktop.unplug("source_name=vmic")?;
        let spare = self.another("microphone", wanted).await?;
        self.notice_says("notice_microphone_fallback", &[("wanted", wanted), ("serving", &spare)]).await?;
        let (talk, stage, checks) = (&self.talk, &mut self.stage, &mut self.checks);
        talk.check_said(stage, checks, call, SPARE_FEED, "through the other microphone").await?;
        stage.picture("microphone-unplugged");
        plug_microphone(&self.stage, devices::MICROPHONE, devices::MICROPHONE_FEED, "HeadsetMicrophone")?;
        self.notice_says("notice_microphone_back", &[("device", wanted)]).await?;
        let (talk, stage, checks) = (&self.talk, &self.stage, &mut self.checks);
        talk.check_said(stage, checks, call, devices::MICROPHONE_FEED, "through the microphone that is back").await
    }

    async fn speaker_unplugged(&mut self, wanted: &str) -> Result<()> {
        self.checks.step("speaker unplugged");
        let spare_ear = Recorder::start(&self.stage.desktop, SPARE)?;
        self.stage.desktop.unplug("sink_name=speaker")?;
        let spare = self.another("speaker", wanted).await?;
        self.notice_says("notice_speaker_fallback", &[("wanted", wanted), ("serving", &spare)]).await?;
        self.talk.check_heard(&mut self.checks, &spare_ear, SystemTime::now(), "through the other speaker")?;
        self.stage.picture("speaker-unplugged");
        plug_sink(&self.stage, devices::SPEAKER, "Headset")?;
        self.notice_says("notice_speaker_back", &[("device", wanted)]).await?;
        self.speaker = Recorder::start(&self.stage.desktop, devices::SPEAKER)?;
        self.talk.check_heard(&mut self.checks, &self.speaker, SystemTime::now(), "through the speaker that is back")
    }

    async fn no_device(&mut self, call: &SimCall, microphone: &str, speaker: &str) -> Result<()> {
        self.checks.step("no device at all");
        self.stage.put_notices_away().await?;
        for device in ["source_name=vmic", "source_name=sparemic"] {
            self.stage.desktop.unplug(device)?;
        }
        for sink in [devices::SPEAKER, devices::RINGER, devices::MICROPHONE_FEED, SPARE, SPARE_FEED] {
            self.stage.desktop.unplug(&format!("sink_name={sink}"))?;
        }
        self.notice_says("notice_microphone_none", &[]).await?;
        self.notice_says("notice_speaker_none", &[]).await?;
        self.stage.picture("no-device");
        let from = Moment::now();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (loud, all) = loud_packets(call, from, Moment::now());
        self.checks.check(
            all > 40 && loud == 0,
            "the call goes on, with silence",
            format!("{loud} of {all} with sound"),
        );
        let silent = self.say.say("proof_silence", &[])?;
        let told = self.stage.wait_words("[data-testid='call'] [data-testid='proof-text']", &silent).await;
        self.checks.require(told, &format!("and its card says: {silent}"))?;
        self.stage.picture("no-device-call");

        plug_sink(&self.stage, devices::RINGER, "Ringer")?;
        plug_sink(&self.stage, devices::SPEAKER, "Headset")?;
        plug_sink(&self.stage, devices::MICROPHONE_FEED, "MicrophoneFeed")?;
        plug_microphone(&self.stage, devices::MICROPHONE, devices::MICROPHONE_FEED, "HeadsetMicrophone")?;
        self.defaults(devices::SPEAKER, devices::MICROPHONE)?;
        self.speaker = Recorder::start(&self.stage.desktop, devices::SPEAKER)?;
        self.ringer = Recorder::start(&self.stage.desktop, devices::RINGER)?;
        self.notice_says("notice_microphone_back", &[("device", microphone)]).await?;
        self.notice_says("notice_speaker_back", &[("device", speaker)]).await
    }

    /// A second offer, and a second start of the program, during a call.
    async fn busy(&mut self) -> Result<()> {
        let call = self.offer(AGENT, "Elif Talking", Duration::from_secs(60)).await?;
        self.accept(&call).await?;
        let second = self.stage.sim.offer_call(OfferCall::to(AGENT)).await;
        self.checks.check(
            second.is_err(),
            "the platform offers no second call to a busy agent",
            format!("{:?}", second.err()),
        );

        let token = self.stage.sim.new_token(OTHER_AGENT);
        let account = json!({
            "account": null,
            "platform": "amazon-connect",
            "name": OTHER_NAME,
            "settings": { "address": self.stage.sim.base_url() },
            "secrets": { "token": token },
        });
        self.stage.rpc("account_save", account).await?;
        let online = self.link(1, "online").await;
        self.checks.require(online, "a second account signs in during the call")?;
        let other = self.offer(OTHER_AGENT, "Femi Waiting", Duration::from_secs(90)).await?;
        let busy = self.say.say("offer_while_busy", &[])?;
        let told = self.stage.wait_words("[data-testid='offer']", &busy).await;
        self.checks.require(told, &format!("the offer on the other account says: {busy}"))?;
        let from = SystemTime::now();
        self.speech(&call, "while the other account rings").await?;
        let ring = level(&self.ringer.between(from, SystemTime::now())?);
        self.checks.check(ring > AUDIBLE, "the second offer is heard at the ringer", format!("level {ring:.3}"));
        self.stage.picture("second-offer");
        self.stage.click("decline").await?;
        let rejected = other.expect_rejected(PATIENCE).await.map_err(Into::into);
        self.checks.require(rejected, "it can be declined")?;
        let running = self.stage.words("[data-testid='call']").await?;
        let kept = running.len() == 1 && running[0].contains("Elif Talking");
        self.checks.check(kept, "the running call is still shown", format!("{} cards", running.len()));
        self.stage.picture("second-offer-declined");

        self.checks.step("a second start of the program");
        self.second_start().await?;
        self.speech(&call, "after declining and the second start").await?;
        call.customer_hangs_up().await?;
        self.finish_up(&call).await?;
        self.leave_other_account().await
    }

    async fn leave_other_account(&mut self) -> Result<()> {
        let id = self.stage.snapshot().await?["accounts"][1]["id"].clone();
        self.stage.rpc("account_remove", json!({ "account": id })).await?;
        let of_it = |now: &Value| {
            let contacts = now["contacts"].as_array().cloned().unwrap_or_default();
            contacts.iter().filter(|view| view["key"]["account"] == id).count()
        };
        let left = |now: &Value| (now["accounts"].as_array()?.len() == 1).then(|| of_it(now));
        let contacts = self.stage.wait_snapshot("one account", left).await?;
        self.checks.check(
            contacts == 0,
            "the other account is removed with its contacts",
            format!("{contacts} contacts left"),
        );
        self.stage.put_notices_away().await
    }

    async fn second_start(&mut self) -> Result<()> {
        let panel = window::wait(&self.stage.desktop, "^Trunkline$", PATIENCE)?;
        let pid = self.stage.pid()?;
        let seen = |stage: &Stage, what: &str, covered: bool| {
            wait_for(what, PATIENCE, || {
                let colour = window::colour_seen_at(&stage.desktop, &panel).ok()?;
                ((colour == COVER) == covered).then_some(())
            })
        };
        seen(&self.stage, "the panel, before", false)?;
        // Another program's window lies over the panel.
        let mut cover = self.stage.desktop.command("display");
        cover.args(["-title", "Cover", "-size", "1280x900", &format!("xc:{COVER}")]);
        let _cover = Program::start(&mut cover, &self.stage.desktop.path("cover.log"))?;
        let over = window::wait(&self.stage.desktop, "^Cover$", PATIENCE)?;
        self.stage.desktop.output("xdotool", &["windowmove", &over, "0", "0", "windowraise", &over])?;
        let covered = seen(&self.stage, "the panel under the other window", true);
        self.checks.require(covered, "the panel lies under another window")?;
        let mut second = start(&self.stage.desktop, &binary(true)?, &[])?;
        let ended = wait_for("the second start's end", PATIENCE, || second.outcome());
        let ended = self.checks.require(ended, "the second start ends by itself")?;
        self.checks.check(ended.success(), "without an error", ended);
        let shown = seen(&self.stage, "the panel over the other window", false);
        self.checks.require(shown, "the first one's window comes to the front")?;
        let windows = window::find(&self.stage.desktop, "^Trunkline$").len();
        let same = self.stage.pid()? == pid;
        self.checks.check(windows == 1 && same, "and is the only one", format!("{windows} windows"));
        self.stage.picture("second-start");
        Ok(())
    }

    /// Stands where the settings are drafted: writing fails for every user,
    /// root included, whom a read-only folder does not stop.
    fn blocker(&self) -> std::path::PathBuf {
        self.stage.desktop.path("home/.config/trunkline/settings.toml.new")
    }

    async fn settings_not_writable(&mut self) -> Result<()> {
        std::fs::create_dir_all(self.blocker().join("in-the-way"))?;
        let file = self.stage.desktop.path("home/.config/trunkline/settings.toml");
        let before = std::fs::read(&file)?;
        self.stage.click("tab-settings").await?;
        self.stage.click("settings-panel").await?;
        self.stage.click("theme-dark").await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let told = self.stage.words(NOTICE_TEXT).await?;
        self.checks.check(!told.is_empty(), "a change that cannot be written is told", format!("{told:?}"));
        self.stage.picture("settings-not-writable");
        let theme = self.stage.rpc("panel_settings", json!({})).await?["theme"].clone();
        self.checks.check(theme == "dark", "and holds for this run", format!("theme {theme}"));
        let kept = std::fs::read(&file)? == before;
        self.checks.check(kept, "the settings file is whole", format!("{} bytes", before.len()));
        let online = self.link(0, "online").await;
        self.checks.require(online, "the account stays online")?;
        std::fs::remove_dir_all(self.blocker())?;
        self.stage.click("theme-light").await?;
        let written = wait_for("the settings file", PATIENCE, || {
            std::fs::read_to_string(&file).ok().filter(|text| text.contains("\"light\"")).map(drop)
        });
        self.checks.require(written, "the next change is written again")?;
        self.stage.click("tab-contacts").await?;
        self.stage.put_notices_away().await
    }

    /// What the agent sees and what is on disk when no secret can be kept.
    async fn without_keyring(&mut self, limit: &str, picture: &str) -> Result<()> {
        let opened = Instant::now();
        self.notice_says(limit, &[]).await?;
        let told = opened.elapsed();
        self.row_says("link_reason_not_signed_in").await?;
        self.checks.check(told < PATIENCE, "it is told at once", format!("after {} ms", told.as_millis()));
        let notices = self.stage.words(NOTICE_TEXT).await?;
        let same = notices.iter().filter(|words| words.contains("password store")).count();
        self.checks.check(same == 1, "and told once", format!("{notices:?}"));
        self.stage.picture(picture);
        self.stage.put_notices_away().await?;
        let token = self.stage.sim.new_token(AGENT);
        self.enter_token(&token).await?;
        let online = self.stage.wait_online().await;
        self.checks.require(online, "the agent can sign in all the same")?;
        let on_disk = self.stage.files_with(token.as_bytes());
        self.checks.check(on_disk.is_empty(), "the secret is nowhere on disk", format!("{on_disk:?}"));
        let stored = AgentOptions::one().token;
        let on_disk = self.stage.files_with(stored.as_bytes());
        self.checks.check(on_disk.is_empty(), "nor is the first one, readable", format!("{on_disk:?}"));
        Ok(())
    }
}
