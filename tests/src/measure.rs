//! `bench call`: times and sizes of calls, beside the vendor's own client in
//! Chromium on the same machine in the same run.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, OfferCall, SimOptions, Speech, SpeechStart, WebSocketScheme,
};
use trunkline_simulators::{Moment, speech};

use crate::harness::app::{binary, start, top, web_processes};
use crate::harness::desktop::{Furniture, devices};
use crate::harness::notifications::Notifications;
use crate::harness::processes::{self, Program, wait_for};
use crate::harness::sound::{self, RATE, Recorder};
use crate::harness::stage::{AGENT, PATIENCE, Stage, wall};
use crate::harness::talk::AUDIBLE;
use crate::harness::window;

/// A packet from the agent louder than this is speech.
const SPEECH: f32 = 0.01;

/// Values of one row, milliseconds, percent or megabytes.
#[derive(Default)]
struct Series(Vec<f64>);

impl Series {
    fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    fn add_gap(&mut self, from: SystemTime, to: SystemTime) {
        let gap = match to.duration_since(from) {
            Ok(after) => after.as_secs_f64(),
            Err(before) => -before.duration().as_secs_f64(),
        };
        self.add(gap * 1000.0);
    }

    /// Nearest rank.
    fn quantile(&self, share: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1));
        sorted.get(rank - 1).copied()
    }
}

/// Chromium's share for a call between two ends in one page, %, on the machine that the
/// gate of row 14 was set on: this one may be slower.
const CHROMIUM_THERE: f64 = 8.1;

/// One line of the table.
struct Row {
    key: &'static str,
    what: &'static str,
    unit: &'static str,
    gate: Option<f64>,
    goal: Option<f64>,
    series: Series,
}

struct Table(Vec<Row>);

impl Table {
    fn new() -> Self {
        let row = |key, what, unit, gate, goal| Row { key, what, unit, gate, goal, series: Series::default() };
        // Gates and goals: rows 7 to 21 of the project's targets (docs/TARGETS.md).
        Self(vec![
            row("ring", "7   offer on the wire -> first ringtone sample at the sink", "ms", Some(150.0), Some(60.0)),
            row("notify", "8   offer on the wire -> notification call on D-Bus", "ms", Some(80.0), Some(30.0)),
            row("window", "    offer on the wire -> incoming window shown", "ms", None, None),
            row("wire", "9   accept pressed -> AcceptContact on the wire", "ms", Some(30.0), Some(8.0)),
            row("cold", "10  accept pressed at once -> customer heard at the sink", "ms", Some(600.0), Some(300.0)),
            row(
                "warm",
                "11  accept pressed after ringing -> customer heard at the sink",
                "ms",
                Some(200.0),
                Some(80.0),
            ),
            row("agent", "    accept pressed after ringing -> agent's speech at the peer", "ms", None, None),
            row("cancel", "12  customer leaves while ringing -> silence at the ringer", "ms", Some(200.0), Some(50.0)),
            row("cpu_call", "14  CPU of all its processes in a call, share of one core", "%", Some(6.0), Some(3.5)),
            row(
                "cpu_there",
                "    the same where Chromium takes 8.1 %, as where the gate was set",
                "%",
                Some(6.0),
                Some(3.5),
            ),
            row("cpu_idle", "15  CPU idle in the tray, share of one core", "%", Some(0.5), Some(0.2)),
            row("pss_idle", "16  memory (PSS), window open, idle", "MB", Some(200.0), Some(150.0)),
            row("pss_call", "    memory (PSS), in a call", "MB", None, None),
            row("pss_tray", "17  memory (PSS) in the tray, web view dropped", "MB", Some(80.0), Some(45.0)),
            row("growth", "18  memory growth over the calls of this run", "MB", Some(20.0), Some(5.0)),
            row("reachable", "19  start -> reachable (first poll at the platform)", "ms", Some(600.0), Some(250.0)),
            row("ready", "20  start -> usable window", "ms", Some(1200.0), Some(600.0)),
            row("chromium_event", "    Chromium: offer on the wire -> event in the page", "ms", None, None),
            row("chromium_cpu", "    Chromium: CPU of a call between two ends in one page", "%", None, None),
            row("chromium_pss", "    Chromium: memory (PSS), the vendor's library idle", "MB", None, None),
        ])
    }

    /// Our share of the processor, in the measure of the machine of the gates.
    fn compare(&mut self) {
        let Some(chromium) = self.row("chromium_cpu").quantile(0.5) else { return };
        let there = self.row("cpu_call").0.iter().map(|share| share * CHROMIUM_THERE / chromium).collect();
        self.row("cpu_there").0 = there;
    }

    fn row(&mut self, key: &str) -> &mut Series {
        match self.0.iter().position(|row| row.key == key) {
            Some(index) => &mut self.0[index].series,
            None => panic!("no row {key}"),
        }
    }

    /// Prints the table, then the same as JSON. True when every gate is met.
    fn print(&self) -> bool {
        let text = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        println!("\n{:66} {:>4} {:>8} {:>8} {:>8} {:>7} {:>7}  ", "", "n", "p50", "p95", "max", "gate", "goal");
        let mut met = true;
        let mut document = serde_json::Map::new();
        for row in &self.0 {
            let (p50, p95, max) = (row.series.quantile(0.5), row.series.quantile(0.95), row.series.quantile(1.0));
            let verdict = match (p95, row.gate, row.goal) {
                (Some(value), _, Some(goal)) if value <= goal => "goal met".to_owned(),
                (Some(value), Some(gate), Some(goal)) if value <= gate => {
                    format!("gate met, {:.1} {} from the goal", value - goal, row.unit)
                }
                (Some(value), Some(gate), _) => {
                    met = false;
                    format!("GATE MISSED by {:.1} {}", value - gate, row.unit)
                }
                (None, Some(_), _) => {
                    met = false;
                    "NOT MEASURED".to_owned()
                }
                _ => String::new(),
            };
            println!(
                "{:66} {:>4} {:>8} {:>8} {:>8} {:>7} {:>7} {:2}  {verdict}",
                row.what,
                row.series.0.len(),
                text(p50),
                text(p95),
                text(max),
                text(row.gate),
                text(row.goal),
                row.unit
            );
            document.insert(
                row.key.to_owned(),
                json!({ "what": row.what.trim(), "unit": row.unit, "n": row.series.0.len(), "p50": p50, "p95": p95,
                    "max": max, "gate": row.gate, "goal": row.goal, "values": row.series.0 }),
            );
        }
        println!("\n{}", Value::Object(document));
        met
    }
}

/// Runs what the arguments name.
pub async fn run(words: &[&str]) -> Result<bool> {
    let calls = match words {
        ["call"] => 20,
        ["call", "--calls", count] => count.parse().context("--calls takes a number")?,
        _ => bail!("bench call [--calls N]"),
    };
    let mut table = Table::new();
    chromium(&mut table, calls.min(20)).await?;
    ours(&mut table, calls).await?;
    table.compare();
    Ok(table.print())
}

/// What an agent says without a pause, of so many seconds.
fn talk(seconds: usize) -> Vec<f32> {
    let words = sound::telling_part(&speech::sample(2), 1.0).to_vec();
    words.into_iter().cycle().take(RATE * seconds).collect()
}

/// The processor's time of a process and its children meanwhile, percent of one core.
async fn cpu_during(span: Duration, pid: u32) -> f64 {
    let (before, from) = (processes::cpu_seconds(pid), Instant::now());
    tokio::time::sleep(span).await;
    (processes::cpu_seconds(pid) - before) / from.elapsed().as_secs_f64() * 100.0
}

/// Calls in which both talk on while the processor's time is taken: a minute together.
const TALKS: usize = 12;
/// Shorter than the eight seconds without a pause after which the echo canceller works again (ADR 0009).
const TALK: Duration = Duration::from_secs(5);
/// Calls between two looks at the memory.
const SIZED_EVERY: usize = 25;

/// The memory after so many calls, and what a call of the second half added to it.
fn print_sizes(sizes: &[(usize, f64)]) {
    println!("memory (PSS) after so many calls, MB:");
    for (calls, megabytes) in sizes {
        println!("  {calls:4}  {megabytes:.1}");
    }
    let late = &sizes[sizes.len() / 2..];
    let mean = |value: fn(&(usize, f64)) -> f64| late.iter().map(value).sum::<f64>() / late.len() as f64;
    let (calls, megabytes) = (mean(|size| size.0 as f64), mean(|size| size.1));
    let (mut common, mut spread) = (0.0, 0.0);
    for (at, size) in late {
        let away = *at as f64 - calls;
        common += away * (size - megabytes);
        spread += away * away;
    }
    if late.len() > 2 && spread > 0.0 {
        println!("  slope of the second half: {:.1} kB a call", common / spread * 1000.0);
    }
}

/// Which parts of the memory grew from one look to the next.
fn print_growth(before: Vec<(String, u64)>, after: Vec<(String, u64)>) {
    let before: BTreeMap<String, u64> = before.into_iter().collect();
    let grew = |(part, bytes): (String, u64)| {
        let more = (bytes as f64 - before.get(&part).copied().unwrap_or_default() as f64) / 1e6;
        (more.abs() >= 0.2).then_some((part, more))
    };
    let mut grown: Vec<(String, f64)> = after.into_iter().filter_map(grew).collect();
    grown.sort_by(|one, other| other.1.total_cmp(&one.1));
    println!("parts of the memory that changed over these calls, MB:");
    for (part, more) in grown {
        println!("  {more:+6.1}  {part}");
    }
}

/// Where the CPU of a call goes, percent of one core.
fn print_threads(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>, seconds: f64) {
    let spent = |(thread, time): (&String, &f64)| {
        let share = (time - before.get(thread).copied().unwrap_or_default()) / seconds * 100.0;
        (share >= 0.2).then(|| (thread.clone(), share))
    };
    let mut shares: Vec<_> = after.iter().filter_map(spent).collect();
    shares.sort_by(|one, other| other.1.total_cmp(&one.1));
    println!("\nwhere the CPU of a call goes, percent of a core:");
    for (thread, share) in shares {
        println!("  {share:6.1}  {thread}");
    }
}

/// Chromium without a screen, and without business of its own.
const BROWSER: [&str; 7] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// What a browser needs for the same: microphone with processing, sent over WebRTC, and
/// played. Chromium has no other end here, so the page is both.
const BROWSER_CALL: &str = "<!doctype html><title>starting</title><audio autoplay></audio><script type=module>
const processing = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const stream = await navigator.mediaDevices.getUserMedia({ audio: processing });
const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
near.onicecandidate = ({ candidate }) => far.addIceCandidate(candidate);
far.onicecandidate = ({ candidate }) => near.addIceCandidate(candidate);
far.ontrack = ({ streams }) => { document.querySelector('audio').srcObject = streams[0]; };
for (const track of stream.getTracks()) near.addTrack(track, stream);
await near.setLocalDescription();
await far.setRemoteDescription(near.localDescription);
await far.setLocalDescription();
await near.setRemoteDescription(far.localDescription);
</script>";

/// The vendor's library in headless Chromium.
async fn chromium(table: &mut Table, calls: usize) -> Result<()> {
    println!("Chromium with the vendor's library");
    let sim = AmazonConnectSim::start(SimOptions { web_socket: WebSocketScheme::Wss, ..SimOptions::default() }).await?;
    let release = top().join(
        "src-tauri/crates/simulators/vendor-client/node_modules/amazon-connect-streams/release/connect-streams.js",
    );
    let url =
        sim.host_vendor_client(std::fs::read(&release).context("the vendor's library is not installed")?, AGENT, false);
    let profile = tempfile::tempdir()?;
    let child = Command::new("chromium")
        .args(BROWSER)
        .args(["--disable-quic", "--ignore-certificate-errors"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(&url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("chromium cannot be started")?;
    let browser = Program::adopt(child, "chromium");
    sim.expect_report("the agent", Duration::from_secs(60), |report| report["event"] == "agent").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    for _ in 0..3 {
        table.row("chromium_pss").add(processes::pss(browser.id()) as f64 / 1e6);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    for _ in 0..calls {
        let call = sim.offer_call(OfferCall { speech: Speech::Silent, ..OfferCall::to(AGENT) }).await?;
        let offered = call.expect_offered(PATIENCE).await?;
        let id = call.contact_id().to_owned();
        let seen = sim
            .expect_report("the call", PATIENCE, |report| report["event"] == "connecting" && report["id"] == *id)
            .await?;
        let at = seen.body["at"].as_f64().context("the page's report has no time")?;
        table.row("chromium_event").add(at - offered.unix_nanos as f64 / 1e6);
        call.customer_hangs_up().await?;
        sim.agent(AGENT).expect_state("Available", PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}

struct Bench {
    stage: Stage,
    notifications: Notifications,
    ringer: Recorder,
    speaker: Recorder,
}

async fn ours(table: &mut Table, calls: usize) -> Result<()> {
    println!("Trunkline, release build");
    let furniture = Furniture { keyring: true, dunst: false };
    let stage = Stage::set(
        "bench",
        furniture,
        SimOptions { wrap_up: Some(Duration::from_millis(300)), ..SimOptions::default() },
    )
    .await?;
    let notifications = Notifications::start(stage.desktop.variable("DBUS_SESSION_BUS_ADDRESS")).await?;
    let (ringer, speaker) = Recorder::of_both_outputs(&stage.desktop)?;
    let mut bench = Bench { stage, notifications, ringer, speaker };
    let result = bench.measure(table, calls).await;
    if result.is_err() {
        let logs = bench.stage.desktop.path("home/.local/state/trunkline/logs");
        let _ = Command::new("cp").arg("-r").arg(&logs).arg(&bench.stage.artifacts).status();
        println!("logs: {}", bench.stage.artifacts.display());
    }
    result
}

impl Bench {
    async fn measure(&mut self, table: &mut Table, calls: usize) -> Result<()> {
        // The account is made once through the window; afterwards WebDriver is out of the picture.
        self.stage.open().await?;
        self.stage.sign_in().await?;
        self.stage.crash().await?;
        tokio::time::sleep(Duration::from_secs(1)).await;

        for _ in 0..5 {
            self.start_up(table).await?;
        }
        // A program that quits puts its agent offline.
        self.stage.sim.agent(AGENT).set_state("Available")?;
        let program = binary(true)?;
        let app = start(&self.stage.desktop, &program, &[])?;
        window::wait(&self.stage.desktop, "Trunkline", PATIENCE)?;
        tokio::time::sleep(Duration::from_secs(6)).await;
        for _ in 0..3 {
            table.row("pss_idle").add(processes::pss(app.id()) as f64 / 1e6);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        println!("largest parts of the memory with the window open, MB:");
        for (part, bytes) in processes::pss_by_mapping(app.id()).into_iter().take(14) {
            println!("  {:6.1}  {part}", bytes as f64 / 1e6);
        }
        self.first_call().await.context("the first call")?;
        let (mut sizes, mut parts) = (Vec::new(), Vec::new());
        for number in 0..calls {
            self.call(table, app.id(), number).await.with_context(|| format!("call {number}"))?;
            if number == 0 {
                parts = processes::pss_by_mapping(app.id());
            }
            if number % SIZED_EVERY == 0 {
                sizes.push((number + 1, processes::pss(app.id()) as f64 / 1e6));
            }
            print!(".");
            let _ = std::io::Write::flush(&mut std::io::stdout());
        }
        println!();
        tokio::time::sleep(Duration::from_secs(3)).await;
        sizes.push((calls, processes::pss(app.id()) as f64 / 1e6));
        print_sizes(&sizes);
        print_growth(parts, processes::pss_by_mapping(app.id()));
        if let (Some((_, first)), Some((_, last))) = (sizes.first(), sizes.last()) {
            table.row("growth").add(last - first);
        }
        for _ in 0..calls.div_ceil(2).min(10) {
            self.cancelled(table).await?;
        }
        drop(app);
        self.in_tray(table).await?;
        self.browser_call(table).await
    }

    /// Chromium's share of the processor on these devices, with the agent talking.
    async fn browser_call(&self, table: &mut Table) -> Result<()> {
        let profile = tempfile::tempdir()?;
        let page = profile.path().join("call.html");
        std::fs::write(&page, BROWSER_CALL)?;
        let mut command = self.stage.desktop.command("chromium");
        command
            .args(BROWSER)
            .args(["--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required"])
            .arg("--allow-loopback-in-peer-connection")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("file://{}", page.display()));
        let browser = Program::start(&mut command, &self.stage.desktop.path("chromium.log"))?;
        let _talking = sound::play(&self.stage.desktop, devices::MICROPHONE_FEED, &talk(75))?;
        tokio::time::sleep(Duration::from_secs(10)).await;
        let began = SystemTime::now();
        for _ in 0..TALKS {
            table.row("chromium_cpu").add(cpu_during(TALK, browser.id()).await);
        }
        let heard = self.speaker.between(began, SystemTime::now())?;
        anyhow::ensure!(sound::level(&heard) > AUDIBLE, "Chromium plays nothing: its figure would be of no use");
        Ok(())
    }

    /// A call in which the agent listens, not measured: the program learns that
    /// what these devices play does not come back through the microphone.
    async fn first_call(&self) -> Result<()> {
        let call = self
            .stage
            .sim
            .offer_call(OfferCall {
                speech: Speech::tone(700.0),
                speech_start: SpeechStart::AtMediaConnected,
                ..OfferCall::to(AGENT)
            })
            .await?;
        let shown = wait_for("the notification", PATIENCE, || self.notifications.shown().last().cloned())?;
        self.notifications.press(shown.id, "accept").await?;
        call.expect_accepted(PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(3000)).await;
        call.customer_hangs_up().await?;
        self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(400)).await;
        Ok(())
    }

    /// From exec to registered and to a painted window.
    async fn start_up(&self, table: &mut Table) -> Result<()> {
        let stamp = self.stage.desktop.path("home/.local/state/trunkline/panel-shown");
        let _ = std::fs::remove_file(&stamp);
        let asked = self.stage.sim.requests().len();
        let (began, from) = (SystemTime::now(), Instant::now());
        let program = binary(true)?;
        let app = start(&self.stage.desktop, &program, &[])?;
        let mut reachable = None;
        let mut ready = None;
        while (reachable.is_none() || ready.is_none()) && from.elapsed() < PATIENCE {
            if reachable.is_none()
                && self.stage.sim.requests().iter().skip(asked).any(|note| note.operation == "GetAgentSnapshot")
            {
                reachable = Some(from.elapsed());
            }
            if ready.is_none()
                && let Ok(shown) = std::fs::metadata(&stamp).and_then(|meta| meta.modified())
                && shown > began
            {
                ready = Some(shown);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        table.row("reachable").add(reachable.context("never reachable")?.as_secs_f64() * 1000.0);
        table.row("ready").add_gap(began, ready.context("the window was never usable")?);
        drop(app);
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(())
    }

    /// One call through the notification. Even numbers accept after ringing,
    /// odd ones at once; the first ones measure a longer talk.
    async fn call(&self, table: &mut Table, pid: u32, number: usize) -> Result<()> {
        let cold = number % 2 == 1;
        // Both sides talk all the time, so that the first sound is the path's doing.
        let talk = talk(20);
        let talking = sound::play(&self.stage.desktop, devices::MICROPHONE_FEED, &talk)?;
        let shown_before = self.notifications.shown().len();
        let call = self
            .stage
            .sim
            .offer_call(OfferCall {
                speech: Speech::tone(700.0),
                speech_start: SpeechStart::AtMediaConnected,
                ..OfferCall::to(AGENT)
            })
            .await?;
        let offered = wall(call.expect_offered(PATIENCE).await?);
        let window = if cold {
            None
        } else {
            window::wait(&self.stage.desktop, "Incoming contact", PATIENCE).ok().map(|_| SystemTime::now())
        };
        let shown = wait_for("the notification", PATIENCE, || self.notifications.shown().get(shown_before).cloned())?;
        if !cold {
            call.wait_media_connected(PATIENCE).await?;
            tokio::time::sleep(Duration::from_millis(1200)).await;
        }
        let action = shown
            .actions
            .chunks(2)
            .find(|pair| pair.get(1).is_some_and(|label| label == "Accept"))
            .context("no Accept button")?;
        let (pressed, pressed_at) = (SystemTime::now(), Moment::now());
        self.notifications.press(shown.id, &action[0]).await?;
        let accepted = call.expect_accepted(PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(1500)).await;

        table.row("notify").add_gap(offered, shown.at);
        table.row("wire").add_gap(pressed, wall(accepted));
        if let Some(window) = window {
            table.row("window").add_gap(offered, window);
        }
        let ring = self.ringer.between(offered, SystemTime::now())?;
        if !cold {
            let first = sound::first_above(&ring, AUDIBLE).context("it did not ring")?;
            table.row("ring").add(first as f64 / RATE as f64 * 1000.0);
        }
        let heard = self.speaker.between(pressed, SystemTime::now())?;
        let first = sound::first_above(&heard, AUDIBLE).context("the customer was not heard")?;
        table.row(if cold { "cold" } else { "warm" }).add(first as f64 / RATE as f64 * 1000.0);
        if !cold {
            let said = call.heard().first_sound_after(pressed_at, SPEECH).context("the agent was not heard")?;
            table.row("agent").add(said.since(pressed_at).as_secs_f64() * 1000.0);
        }
        if number < TALKS {
            // The agent listens for a moment, as in any conversation, and then talks on.
            drop(talking);
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let _talking = sound::play(&self.stage.desktop, devices::MICROPHONE_FEED, &talk)?;
            tokio::time::sleep(Duration::from_millis(300)).await;
            let (cpu, threads, from) = (processes::cpu_seconds(pid), processes::cpu_by_thread(pid), Instant::now());
            tokio::time::sleep(TALK).await;
            let took = from.elapsed().as_secs_f64();
            table.row("cpu_call").add((processes::cpu_seconds(pid) - cpu) / took * 100.0);
            if number + 1 == TALKS {
                print_threads(&threads, &processes::cpu_by_thread(pid), took);
            }
            table.row("pss_call").add(processes::pss(pid) as f64 / 1e6);
        }
        call.customer_hangs_up().await?;
        self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(400)).await;
        Ok(())
    }

    /// The customer leaves while it rings.
    async fn cancelled(&self, table: &mut Table) -> Result<()> {
        let call = self.stage.sim.offer_call(OfferCall { speech: Speech::Silent, ..OfferCall::to(AGENT) }).await?;
        let offered = wall(call.expect_offered(PATIENCE).await?);
        tokio::time::sleep(Duration::from_millis(1300)).await;
        let left = SystemTime::now();
        call.customer_hangs_up().await?;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let ring = self.ringer.between(offered, left)?;
        anyhow::ensure!(sound::level(&ring) > AUDIBLE, "it did not ring");
        let after = self.ringer.between(left, left + Duration::from_millis(700))?;
        let last = after.iter().rposition(|sample| sample.abs() > AUDIBLE).unwrap_or(0);
        table.row("cancel").add(last as f64 / RATE as f64 * 1000.0);
        self.stage.sim.agent(AGENT).expect_state("Available", PATIENCE).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(())
    }

    /// Started hidden: no web view at all.
    async fn in_tray(&self, table: &mut Table) -> Result<()> {
        let program = binary(true)?;
        let app = start(&self.stage.desktop, &program, &["--hidden"])?;
        self.stage.sim.agent(AGENT).expect_polled(PATIENCE).await?;
        tokio::time::sleep(Duration::from_secs(8)).await;
        let views = web_processes(app.id()).len();
        println!("in the tray: {views} web processes");
        for _ in 0..3 {
            table.row("pss_tray").add(processes::pss(app.id()) as f64 / 1e6);
            table.row("cpu_idle").add(cpu_during(Duration::from_secs(10), app.id()).await);
        }
        Ok(())
    }
}
