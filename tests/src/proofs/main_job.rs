//! Calls taken in every way the panel offers, checked by ear.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use serde_json::json;
use trunkline_simulators::Moment;
use trunkline_simulators::amazon_connect::{OfferCall, SimCall, SimOptions};

use crate::harness::app::web_processes;
use crate::harness::checks::Checks;
use crate::harness::desktop::{Furniture, devices};
use crate::harness::processes::{Program, signal, wait_for};
use crate::harness::sound::{self, Recorder, level};
use crate::harness::stage::{AGENT, PATIENCE, Stage, loud_packets, wall};
use crate::harness::talk::{AUDIBLE, Talk};
use crate::harness::window;

struct Job {
    stage: Stage,
    checks: Checks,
    ringer: Recorder,
    speaker: Recorder,
    talk: Talk,
}

/// Runs all of it. The last line printed counts the checks.
pub async fn run() -> Result<bool> {
    let mut checks = Checks::new("main-job");
    let furniture = Furniture { keyring: true, dunst: true };
    let set = Stage::set("main-job", furniture, SimOptions::default()).await;
    let Ok(stage) = checks.require(set, "desktop, tray, simulator and TURN server are up") else {
        return Ok(checks.finish());
    };
    let recorders = Recorder::of_both_outputs(&stage.desktop);
    let Ok((ringer, speaker)) = checks.require(recorders, "ringer and speaker are recorded") else {
        return Ok(checks.finish());
    };
    let mut job = Job { stage, checks, ringer, speaker, talk: Talk::default() };
    if let Err(error) = job.play().await {
        job.checks.check(false, "the job went through to its end", format!("{error:#}"));
        job.stage.picture("where-it-stopped");
    }
    job.keep_evidence();
    Ok(job.checks.finish())
}

impl Job {
    async fn play(&mut self) -> Result<()> {
        let turn = self.stage.sim.turn_kind();
        self.checks.step(&format!("TURN server: {turn}"));
        let opened = self.stage.open().await;
        self.checks.require(opened, "the panel's window is under WebDriver")?;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        self.stage.picture("first-run");
        let signed_in = self.stage.sign_in().await;
        self.checks.require(signed_in, "the agent is signed in")?;
        tokio::time::sleep(Duration::from_millis(800)).await;
        self.stage.picture("available");

        self.by_notification().await.context("call by notification")?;
        self.by_window().await.context("call by window")?;
        self.by_incoming_window().await.context("call by incoming window")?;
        self.with_frozen_view().await.context("call with a frozen web view")?;
        self.with_killed_view().await.context("call with a killed web view")?;
        self.secrets()?;
        Ok(())
    }

    async fn offer(&mut self, name: &str) -> Result<(SimCall, SystemTime)> {
        let offer = OfferCall {
            customer_name: name.to_owned(),
            attributes: [("tier", "gold"), ("orderNumber", "A-10442")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into(),
            speech: Talk::customer_speech(),
            ..OfferCall::to(AGENT)
        };
        let call = self.stage.sim.offer_call(offer).await?;
        let offered = call.expect_offered(PATIENCE).await?;
        Ok((call, wall(offered)))
    }

    /// It rings at the ringer, and only there.
    async fn check_ring(&mut self, offered: SystemTime) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let before = self.ringer.between(offered - Duration::from_millis(500), offered)?;
        let ring = self.ringer.between(offered, SystemTime::now())?;
        let elsewhere = self.speaker.between(offered, SystemTime::now())?;
        self.checks.check(
            level(&before) < AUDIBLE,
            "nothing rings before the offer",
            format!("level {:.4}", level(&before)),
        );
        let delay = sound::first_above(&ring, AUDIBLE).map_or(f32::NAN, |sample| sample as f32 / 48.0);
        self.checks.check(
            level(&ring) > AUDIBLE,
            "the ringtone plays at the ringer",
            format!("level {:.3}, after {delay:.0} ms", level(&ring)),
        );
        self.checks.check(
            level(&elsewhere) < AUDIBLE,
            "and not at the speaker",
            format!("level {:.4}", level(&elsewhere)),
        );
        Ok(())
    }

    /// Ringing stops at once when the offer is taken or gone.
    async fn check_silence_after(&mut self, moment: SystemTime, why: &str) -> Result<()> {
        let from = moment + Duration::from_millis(200);
        tokio::time::sleep(Duration::from_millis(900)).await;
        let after = self.ringer.between(from, from + Duration::from_millis(500))?;
        self.checks.check(
            level(&after) < AUDIBLE,
            &format!("the ringing is over 200 ms after {why}"),
            format!("level {:.4}", level(&after)),
        );
        Ok(())
    }

    fn speak(&self) -> Result<Program> {
        Talk::speak(&self.stage, devices::MICROPHONE_FEED)
    }

    /// Both directions carry the words that were spoken.
    async fn check_speech(&mut self, call: &SimCall, when: &str) -> Result<()> {
        let since = Moment::now();
        let ends = (&self.speaker, devices::MICROPHONE_FEED);
        self.talk.check(&self.stage, &mut self.checks, call, ends, when).await?;
        let name = format!("customer-heard-{}.wav", when.replace(' ', "-"));
        sound::write_wav(&self.stage.artifacts.join(name), call.heard_by_customer().between(since, Moment::now()))
    }

    /// Nothing but silence reaches the customer while the agent talks.
    async fn check_muted(&mut self, call: &SimCall) -> Result<()> {
        let _talking = self.speak()?;
        tokio::time::sleep(Duration::from_millis(600)).await;
        let from = Moment::now();
        tokio::time::sleep(Duration::from_millis(2000)).await;
        let (loud, all) = loud_packets(call, from, Moment::now());
        self.checks.check(
            all > 80 && loud == 0,
            "muted: packets go on, and every one is silent",
            format!("{loud} of {all} with sound"),
        );
        Ok(())
    }

    async fn check_hold(&mut self, call: &SimCall) -> Result<()> {
        let _talking = self.speak()?;
        tokio::time::sleep(Duration::from_millis(700)).await;
        let (from, since) = (SystemTime::now(), Moment::now());
        tokio::time::sleep(Duration::from_millis(2500)).await;
        let heard = self.speaker.between(from, SystemTime::now())?;
        let to_customer = level(call.heard_by_customer().between(since, Moment::now()));
        self.checks.check(
            level(&heard) < AUDIBLE,
            "on hold: the agent hears nothing of the customer",
            format!("level {:.4}", level(&heard)),
        );
        self.checks.check(
            to_customer < AUDIBLE,
            "on hold: the customer hears nothing of the agent",
            format!("level {to_customer:.4}"),
        );
        Ok(())
    }

    async fn finish_up(&mut self, call: &SimCall) -> Result<()> {
        self.stage.sim.agent(AGENT).expect_state("AfterCallWork", PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.stage.picture("wrap-up");
        let finished = self.stage.click("finish").await;
        self.checks.require(finished, "wrap-up is finished in the window")?;
        let cleared = call.expect_cleared(PATIENCE).await.map_err(Into::into);
        self.checks.require(cleared, "the platform has cleared the contact")?;
        let available = self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await.map_err(Into::into);
        self.checks.require(available, "the agent is Available again").map(drop)
    }

    async fn by_notification(&mut self) -> Result<()> {
        self.checks.step("first call: the notification's button");
        let (call, offered) = self.offer("Ana Example").await?;
        self.check_ring(offered).await?;
        let shown = self.notifications()?;
        self.checks.check(shown == 1, "the desktop shows one notification", shown);
        self.stage.picture("offer");
        let pressed = SystemTime::now();
        self.stage.desktop.output("dunstctl", &["action"])?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        let accepted = self.checks.require(accepted, "pressing it accepts the call")?;
        let delay = wall(accepted).duration_since(pressed).unwrap_or_default();
        self.checks.step(&format!("dunstctl to AcceptContact on the wire: {} ms", delay.as_millis()));
        self.check_silence_after(wall(accepted), "accepting").await?;
        let left = self.notifications()?;
        self.checks.check(left == 0, "the notification is gone", left);
        self.check_speech(&call, "after accepting").await?;
        self.stage.picture("in-call");

        let muted = self.stage.tray.click("Mute").await;
        self.checks.require(muted, "muted from the tray")?;
        self.check_muted(&call).await?;
        self.stage.picture("muted");
        let unmuted = self.stage.tray.click("Unmute").await;
        self.checks.require(unmuted, "un-muted from the tray")?;
        self.check_speech(&call, "after un-muting").await?;

        call.customer_hangs_up().await?;
        self.finish_up(&call).await
    }

    async fn by_window(&mut self) -> Result<()> {
        self.checks.step("second call: the window, with WebDriver");
        let (call, offered) = self.offer("Ben Sample").await?;
        self.check_ring(offered).await?;
        let clicked = self.stage.click("accept").await;
        self.checks.require(clicked, "Accept is clicked in the panel")?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        let accepted = self.checks.require(accepted, "the call is accepted")?;
        self.check_silence_after(wall(accepted), "accepting").await?;
        self.check_speech(&call, "in the second call").await?;

        self.stage.click("mute").await?;
        self.check_muted(&call).await?;
        self.stage.picture("muted-in-window");
        self.stage.click("hold").await?;
        let held = call.expect_hold(PATIENCE).await.map_err(Into::into);
        self.checks.require(held, "the customer is put on hold")?;
        self.check_hold(&call).await?;
        self.stage.picture("on-hold");
        self.stage.click("resume").await?;
        let resumed = call.expect_resumed(PATIENCE).await.map_err(Into::into);
        self.checks.require(resumed, "the customer is taken off hold")?;
        // Hold and resume are not the agent's un-mute.
        self.check_muted(&call).await?;
        self.stage.click("mute").await?;
        self.check_speech(&call, "after hold").await?;

        self.stage.click("keypad").await?;
        for digit in ["digit-1", "digit-2", "digit-3", "digit-hash"] {
            self.stage.click(digit).await?;
        }
        self.stage.picture("keypad");
        let digits = call.expect_digits("123#", PATIENCE).await.map_err(Into::into);
        self.checks.require(digits, "the digits 123# arrive")?;
        // A keypad may lie over the buttons.
        let _ = self.stage.click("keypad").await;
        self.stage.click("end").await?;
        let ended = call.expect_ended_by_agent(PATIENCE).await.map_err(Into::into);
        self.checks.require(ended, "the agent hangs up")?;
        self.finish_up(&call).await
    }

    async fn by_incoming_window(&mut self) -> Result<()> {
        self.checks.step("third call: the incoming window");
        let (call, offered) = self.offer("Chidi Specimen").await?;
        let appeared = window::wait(&self.stage.desktop, "Incoming contact", PATIENCE);
        let id = self.checks.require(appeared, "the incoming window appears")?;
        self.check_ring(offered).await?;
        self.stage.picture("incoming-window");
        self.press_in_incoming(&id)?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        self.checks.require(accepted, "its Accept button accepts")?;
        let gone = window::wait_gone(&self.stage.desktop, "Incoming contact", Duration::from_secs(3));
        self.checks.require(gone, "the incoming window is gone")?;
        self.check_speech(&call, "in the third call").await?;
        call.customer_hangs_up().await?;
        self.finish_up(&call).await?;

        self.checks.step("a customer who hangs up while it rings");
        let (call, offered) = self.offer("Dina Caller").await?;
        self.check_ring(offered).await?;
        call.customer_hangs_up().await?;
        let left = SystemTime::now();
        self.check_silence_after(left, "the customer left").await?;
        let shown = self.notifications()?;
        self.checks.check(shown == 0, "its notification is gone too", shown);
        let available = self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await.map_err(Into::into);
        self.checks.require(available, "and the agent is Available").map(drop)
    }

    /// A real click where the Accept button is: below, to the right of the middle.
    fn press_in_incoming(&self, id: &str) -> Result<()> {
        let geometry = self.stage.desktop.output("xdotool", &["getwindowgeometry", "--shell", id])?;
        let value = |key: &str| {
            let line = geometry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
            line.parse::<i32>().ok()
        };
        let (width, height) = (value("WIDTH").context("no width")?, value("HEIGHT").context("no height")?);
        let (x, y) = ((width * 3 / 4).to_string(), (height * 85 / 100).to_string());
        self.stage.desktop.output("xdotool", &["mousemove", "--window", id, &x, &y, "click", "1"]).map(drop)
    }

    async fn with_frozen_view(&mut self) -> Result<()> {
        self.checks.step("fourth call: every web process is frozen before the offer");
        let pid = self.stage.pid()?;
        let frozen = web_processes(pid);
        self.checks.check(!frozen.is_empty(), "there are web processes to freeze", format!("{frozen:?}"));
        for web in &frozen {
            signal(*web, "STOP");
        }
        let (call, offered) = self.offer("Elif Frozen").await?;
        self.check_ring(offered).await?;
        let shown = self.notifications()?;
        self.checks.check(shown == 1, "the desktop shows the notification all the same", shown);
        self.stage.picture("frozen-offer");
        let clicked = self.stage.tray.click("Accept").await;
        self.checks.require(clicked, "Accept is clicked in the tray's menu")?;
        let accepted = call.expect_accepted(PATIENCE).await.map_err(Into::into);
        let accepted = self.checks.require(accepted, "the call is accepted with the web view frozen")?;
        self.check_silence_after(wall(accepted), "accepting").await?;
        self.check_speech(&call, "with the web view frozen").await?;
        for web in &frozen {
            signal(*web, "CONT");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        call.customer_hangs_up().await?;
        self.stage.sim.agent(AGENT).expect_state("AfterCallWork", PATIENCE).await?;
        // The watchdog replaces a view that stays frozen, and a WebDriver session
        // does not outlive its view, so the window is opened anew.
        self.reopen().await?;
        self.finish_up(&call).await
    }

    async fn with_killed_view(&mut self) -> Result<()> {
        self.checks.step("fifth call: every web process is killed during the call");
        let (call, _) = self.offer("Femi Killed").await?;
        tokio::time::sleep(Duration::from_millis(600)).await;
        self.stage.desktop.output("dunstctl", &["action"])?;
        call.expect_accepted(PATIENCE).await?;
        self.check_speech(&call, "before the web view dies").await?;
        let pid = self.stage.pid()?;
        let old = web_processes(pid);
        let killed = SystemTime::now();
        for web in &old {
            signal(*web, "KILL");
        }
        let back = wait_for("a new web process", Duration::from_secs(10), || {
            let now = web_processes(pid);
            (!now.is_empty() && now.iter().all(|web| !old.contains(web))).then(SystemTime::now)
        });
        let back = self.checks.require(back, "the web view is started again by itself")?;
        let shown = wait_for("the panel's word", Duration::from_secs(10), || self.panel_shown_after(killed));
        let shown = self.checks.require(shown, "the panel reports that it shows the desk again")?;
        let gap = shown.duration_since(killed).unwrap_or_default();
        let process = back.duration_since(killed).unwrap_or_default();
        self.checks.check(
            gap <= Duration::from_secs(2),
            "it shows the truth within two seconds",
            format!("process after {} ms, content after {} ms", process.as_millis(), gap.as_millis()),
        );
        self.check_speech(&call, "after the web view died").await?;
        self.stage.picture("view-is-back");
        call.customer_hangs_up().await?;
        self.stage.sim.agent(AGENT).expect_state("AfterCallWork", PATIENCE).await?;
        self.reopen().await?;
        self.finish_up(&call).await?;
        self.stage.picture("available-again");
        Ok(())
    }

    /// The whole program is killed and started again: the account signs in by
    /// itself from the keyring, and the contact is there.
    async fn reopen(&mut self) -> Result<()> {
        self.stage.crash().await?;
        let opened = self.stage.open().await;
        self.checks.require(opened, "the program was killed and is opened again")?;
        let online = self.stage.wait_online().await;
        self.checks.require(online, "and is signed in by what the keyring holds")?;
        let snapshot = self.stage.rpc("desk_snapshot", json!({})).await?;
        let contacts = snapshot["contacts"].as_array().map_or(0, Vec::len);
        self.checks.check(contacts == 1, "the contact in wrap-up is there again", contacts);
        Ok(())
    }

    /// When the panel first said, after `moment`, that it shows the desk.
    fn panel_shown_after(&self, moment: SystemTime) -> Option<SystemTime> {
        let stamp = std::fs::metadata(self.stage.desktop.path("home/.local/state/trunkline/panel-shown")).ok()?;
        let shown = stamp.modified().ok()?;
        (shown > moment).then_some(shown)
    }

    fn notifications(&self) -> Result<u32> {
        let count = self.stage.desktop.output("dunstctl", &["count", "displayed"])?;
        Ok(count.trim().parse().unwrap_or(0))
    }

    /// The token is neither on disk nor in a log nor on a command line.
    fn secrets(&mut self) -> Result<()> {
        let token = self.stage.sim.token(AGENT);
        anyhow::ensure!(token.len() > 8, "a token too short to search for");
        let found = self.stage.files_with(token.as_bytes());
        self.checks.check(
            found.is_empty(),
            "the token is nowhere on disk or in a log",
            format!("{} files", found.len()),
        );
        for file in found {
            println!("            found in {}", file.display());
        }
        let turn = self.stage.files_with(b"+12025550123");
        let logs: Vec<_> = turn.into_iter().filter(|file| file.extension().is_some_and(|e| e == "log")).collect();
        self.checks.check(logs.is_empty(), "no customer number is in a log", format!("{logs:?}"));
        Ok(())
    }

    fn keep_evidence(&mut self) {
        for (recorder, name) in [(&self.ringer, "ringer.wav"), (&self.speaker, "speaker.wav")] {
            if let Ok(samples) = recorder.so_far() {
                let _ = sound::write_wav(&self.stage.artifacts.join(name), &samples);
            }
        }
        self.stage.keep_logs();
    }
}
