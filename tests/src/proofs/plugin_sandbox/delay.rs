//! How long input to the panel takes: real clicks of the display's pointer, from the
//! moment at which the display server noted them until the panel has painted.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::harness::processes::Program;
use crate::harness::stage::Stage;
use crate::harness::window;

/// Fewest clicks that a figure rests on.
const FEWEST: usize = 200;
/// Between two clicks, milliseconds; no divisor of a frame's 16.7.
const EVERY: &str = "29";
/// Display server and page have a clock each, of whole milliseconds, and WebKit turns the
/// one into the other by the time of day: they are apart by a few. Farther than this they
/// cannot be compared, milliseconds.
const APART: f64 = 20.0;
/// For that many clicks, with the machine busy.
const PATIENCE: Duration = Duration::from_secs(40);

/// In the panel's own page. A frame's callback runs before it is painted, a message
/// that is posted in it arrives after that.
const LISTEN: &str = "
    if (window.proofDelays === undefined) {
        window.proofDelays = [];
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data: [at, handled] }) => {
            window.proofDelays.push([handled - at, performance.now() - at]);
        };
        window.addEventListener('pointerdown', ({ timeStamp }) => {
            const handled = performance.now();
            requestAnimationFrame(() => port2.postMessage([timeStamp, handled]));
        }, true);
    }
    window.proofDelays.length = 0;
    for (let y = 4; y < innerHeight; y += 12) {
        for (let x = 4; x < Math.min(innerWidth, 400) - 4; x += 12) {
            const found = document.elementFromPoint(x, y);
            const used = 'button,a,input,select,textarea,label,summary,[role],[tabindex],[draggable]';
            if (found && !found.closest(used)) return [x, y];
        }
    }
    return null;";

/// Clicks that go on until they are counted.
pub struct Clicks {
    program: Program,
}

impl Clicks {
    /// Begins to click where a click does nothing.
    pub async fn start(stage: &Stage, title: &str) -> Result<Self> {
        let spot = stage.script(LISTEN, Vec::new()).await?;
        let (Some(x), Some(y)) = (spot[0].as_i64(), spot[1].as_i64()) else {
            anyhow::bail!("there is no place in the panel where a click does nothing: {spot}");
        };
        let panel = window::find(&stage.desktop, title).into_iter().next().context("no panel")?;
        let (x, y) = (x.to_string(), y.to_string());
        let mut command = stage.desktop.command("xdotool");
        command.args(["mousemove", "--window", &panel, &x, &y, "click", "--repeat", "100000", "--delay", EVERY, "1"]);
        let program = Program::start(&mut command, &stage.desktop.path("clicks.log"))?;
        Ok(Self { program })
    }

    /// Waits until there are enough of them, and stops.
    pub async fn stop(mut self, stage: &Stage) -> Result<Delays> {
        let end = Instant::now() + PATIENCE;
        loop {
            let count = stage.script("return window.proofDelays.length", Vec::new()).await?;
            if count.as_u64().unwrap_or_default() >= FEWEST as u64 {
                break;
            }
            ensure!(!self.program.has_ended(), "the pointer has stopped clicking");
            ensure!(Instant::now() < end, "only {count} clicks have arrived");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        drop(self.program);
        let all = stage.script("return window.proofDelays.splice(0)", vec![json!(null)]).await?;
        Delays::of(&all)
    }
}

/// Delays of one span, milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Delays {
    /// Until the panel's handler ran, and until it had painted; each in order of size.
    handled: Vec<f64>,
    painted: Vec<f64>,
}

impl Delays {
    fn of(all: &Value) -> Result<Self> {
        let column = |at: usize| -> Vec<f64> {
            let mut column: Vec<f64> =
                all.as_array().into_iter().flatten().filter_map(|pair| pair[at].as_f64()).collect();
            column.sort_by(f64::total_cmp);
            column
        };
        let mut delays = Self { handled: column(0), painted: column(1) };
        ensure!(delays.painted.len() >= FEWEST, "{} clicks are too few", delays.painted.len());
        // No click was handled before it happened: as much as the quickest says so, all are
        // longer than they say.
        let apart = -delays.handled.first().copied().unwrap_or(f64::NAN).min(0.0);
        ensure!(apart <= APART, "the two clocks are {apart} ms apart");
        for delay in delays.handled.iter_mut().chain(&mut delays.painted) {
            *delay += apart;
        }
        Ok(delays)
    }

    /// Adds those of another span.
    pub fn join(&mut self, other: &Self) {
        for (own, more) in [(&mut self.handled, &other.handled), (&mut self.painted, &other.painted)] {
            own.extend(more);
            own.sort_by(f64::total_cmp);
        }
    }

    fn share(sorted: &[f64], percent: usize) -> f64 {
        sorted.get((sorted.len().saturating_sub(1)) * percent / 100).copied().unwrap_or(f64::NAN)
    }

    /// Of a hundred clicks, all but five were painted sooner.
    pub fn p95(&self) -> f64 {
        Self::share(&self.painted, 95)
    }

    /// The longest until it was painted.
    pub fn longest(&self) -> f64 {
        Self::share(&self.painted, 100)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.painted.len()
    }
}

impl fmt::Display for Delays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "painted: median {:.1}, p95 {:.1}, longest {:.1} ms; handled: median {:.1}, p95 {:.1} ms; {} clicks",
            Self::share(&self.painted, 50),
            self.p95(),
            self.longest(),
            Self::share(&self.handled, 50),
            Self::share(&self.handled, 95),
            self.count(),
        )
    }
}
