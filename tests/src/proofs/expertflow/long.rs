//! Conversations of thousands of messages: how soon they open, how they scroll, and
//! what they take of the memory.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{Desk, MESSAGES, OFFER};
use crate::harness::processes;
use crate::harness::stage::PATIENCE;

/// Messages of one.
const LONG: usize = 5_000;
/// How many are opened, one after the other.
const RUNS: usize = 5;
/// From the last byte of the conversation to its messages on the screen, milliseconds.
const OPENS_WITHIN_MS: f64 = 300.0;
/// Longest time without a frame while one scrolls to the first message, milliseconds.
const FRAME_WITHIN_MS: f64 = 250.0;
/// What the panel may have grown by, when all of them are gone, bytes.
const GROWTH: u64 = 40 << 20;
/// The page collects what it does not need any more at times of its own.
const GIVEN_BACK: Duration = Duration::from_secs(60);
/// For scrolling through one.
const SCROLLING: Duration = Duration::from_secs(120);
/// What is left is read by then, and what is not needed any more is given back.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// One opening.
struct Opening {
    /// From the last byte to the screen, milliseconds.
    shown: f64,
    /// From the press to the screen, milliseconds.
    pressed: f64,
    /// The panel's work from the press to the screen, milliseconds by process.
    work: BTreeMap<String, f64>,
}

impl Desk {
    /// A conversation of thousands of messages opens at once, and can be read to its beginning.
    pub(super) async fn long_conversations(&mut self) -> Result<()> {
        self.checks.step(&format!("conversations of {LONG} messages"));
        let panel = self.stage.pid()?;
        let mut openings = Vec::new();
        let mut before = 0;
        for run in 1..=RUNS {
            let name = format!("Lena Long {run}");
            let chat = self.offer(&name, "message 0")?;
            for number in 1..LONG {
                chat.customer_writes(&format!("message {number}"))?;
            }
            self.stage.wait_words(OFFER, &name).await?;
            // Writing them has kept both processors busy.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let opening = self.open(panel).await?;
            let work: Vec<String> = opening.work.iter().map(|(name, ms)| format!("{name} {ms:.0} ms")).collect();
            self.checks.step(&format!(
                "{:.0} ms from the last byte to the screen, {:.0} ms from the press; worked: {}",
                opening.shown,
                opening.pressed,
                work.join(", ")
            ));
            openings.push(opening);
            if run == RUNS {
                self.stage.picture("five-thousand");
                self.scroll(panel).await?;
            }
            chat.customer_leaves();
            self.dismiss(&name).await?;
            tokio::time::sleep(AFTERWARDS).await;
            if run == 1 {
                before = processes::pss(panel);
            }
        }
        let median = |of: &dyn Fn(&Opening) -> f64| {
            let mut sorted: Vec<f64> = openings.iter().map(of).collect();
            sorted.sort_by(f64::total_cmp);
            sorted.get(sorted.len() / 2).copied().unwrap_or(f64::MAX)
        };
        let (shown, work) = (median(&|one| one.shown), median(&|one| one.work.values().sum()));
        self.checks.check(
            shown < OPENS_WITHIN_MS,
            &format!("{LONG} messages are on the screen within {OPENS_WITHIN_MS} ms of their last byte"),
            format!("median of {RUNS}: {shown:.0} ms, the panel's work {work:.0} ms"),
        );
        let gone = Instant::now();
        let mut after = processes::pss(panel);
        while after.saturating_sub(before) >= GROWTH && gone.elapsed() < GIVEN_BACK {
            tokio::time::sleep(AFTERWARDS).await;
            after = processes::pss(panel);
        }
        let mb = |bytes: u64| bytes as f64 / 1e6;
        self.checks.check(
            after.saturating_sub(before) < GROWTH,
            "when all are gone the panel is as large as after the first of them",
            format!("{:.1} MB, then {:.1} MB after {:.0} s", mb(before), mb(after), gone.elapsed().as_secs_f64()),
        );
        Ok(())
    }

    /// Takes the offer; until the last message is on the screen.
    async fn open(&mut self, panel: u32) -> Result<Opening> {
        let last = format!("message {}", LONG - 1);
        let script = "window.opening = { began: Date.now(), shown: null };
            const look = () => {
              const shown = [...document.querySelectorAll(arguments[0])].some((one) => one.textContent.includes(arguments[1]));
              // In the frame after it, it is painted.
              requestAnimationFrame(shown ? () => (window.opening.shown = Date.now()) : look);
            };
            document.querySelector(\"[data-testid='accept']\").click();
            look();";
        let before = by_process(panel);
        self.stage.script(script, vec![json!(MESSAGES), json!(last)]).await?;
        let end = Instant::now() + PATIENCE;
        let (began, shown) = loop {
            let opening = self.stage.script("return window.opening;", vec![]).await?;
            if let (Some(began), Some(shown)) = (opening["began"].as_f64(), opening["shown"].as_f64()) {
                break (began, shown);
            }
            ensure!(Instant::now() < end, "{last} is not shown");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let mut work = by_process(panel);
        work.iter_mut().for_each(|(name, ms)| *ms -= before.get(name).copied().unwrap_or_default());
        work.retain(|_, ms| *ms > 0.0);
        let written = self.sim.long_frame_written().context("no long frame was written")?;
        let opening = Opening { shown: shown - written.unix_nanos as f64 / 1e6, pressed: shown - began, work };
        ensure!(opening.shown <= opening.pressed, "the frame was written before the press");
        let nodes =
            self.stage.script("return document.querySelectorAll(arguments[0]).length;", vec![json!(MESSAGES)]).await?;
        self.checks.check(nodes.as_u64().is_some_and(|n| n <= 400), "it opens with a bounded page", &nodes);
        Ok(opening)
    }

    /// Scrolls up to the first message, as fast as a wheel does.
    async fn scroll(&mut self, panel: u32) -> Result<()> {
        let before = processes::pss(panel);
        let script = "const scroller = document.querySelector(\"[data-testid='transcript']\");
            scroller.scrollTop = scroller.scrollHeight;
            const walk = (window.walk = { frames: [], first: false });
            let last = performance.now();
            const step = (now) => {
              walk.frames.push(now - last);
              last = now;
              scroller.scrollTop -= 300;
              const top = document.querySelector(arguments[0]);
              walk.first = scroller.scrollTop < 1 && /\\bmessage 0\\b/.test(top?.textContent ?? '');
              if (!walk.first && !walk.stop) requestAnimationFrame(step);
            };
            requestAnimationFrame(step);";
        self.stage.script(script, vec![json!(MESSAGES)]).await?;
        let end = Instant::now() + SCROLLING;
        while self.stage.script("return window.walk.first;", vec![]).await? != true {
            if Instant::now() > end {
                let top = self
                    .stage
                    .script(
                        "window.walk.stop = true; return document.querySelector(arguments[0])?.textContent;",
                        vec![json!(MESSAGES)],
                    )
                    .await?;
                self.checks.check(false, "one can scroll to the first message", top);
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let script = "const frames = window.walk.frames.slice(1).toSorted((a, b) => a - b);
            const share = (of) => frames.at(Math.floor(frames.length * of));
            return [frames.length, share(0.5), share(0.95), frames.at(-1), document.querySelectorAll(arguments[0]).length];";
        let walk = self.stage.script(script, vec![json!(MESSAGES)]).await?;
        let number = |at: usize| walk[at].as_f64().unwrap_or(f64::MAX);
        let (frames, p50, p95, longest, nodes) = (number(0), number(1), number(2), number(3), number(4));
        self.checks.check(
            longest < FRAME_WITHIN_MS,
            "scrolling to the first message never stops",
            format!("{frames} frames, p50 {p50:.0} ms, p95 {p95:.0} ms, the longest {longest:.0} ms"),
        );
        let grown = processes::pss(panel).saturating_sub(before) as f64 / 1e6;
        self.checks.step(&format!("{nodes} messages are in the page then, the panel has grown by {grown:.1} MB"));
        Ok(())
    }
}

/// CPU time so far, milliseconds by process.
fn by_process(root: u32) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for (thread, seconds) in processes::cpu_by_thread(root) {
        let process = thread.split(": ").next().unwrap_or_default().to_owned();
        *sums.entry(process).or_default() += seconds * 1_000.0;
    }
    sums
}
