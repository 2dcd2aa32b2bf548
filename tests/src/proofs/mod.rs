//! The proofs: the real program in a real window, driven through the operating
//! system's own surfaces.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::process::Command;

mod bad_weather;
mod calling_out;
mod chat_exactly_once;
mod chats;
mod demo;
mod expertflow;
mod login_window;
mod main_job;
mod olos;
mod page_transport;
mod phoenix;
mod plugin_sandbox;
mod screen_pop;
mod smartagent;
mod streams_crosscheck;
mod streams_parity;
mod streams_surface;
mod twin24;
mod twin24_centrifugo;

/// How `all` runs a proof.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Not at all.
    Nowhere,
    /// Beside others: nothing in it is judged by how it sounds or how soon it comes.
    Beside,
    /// By itself.
    Alone,
}
use Place::{Alone, Beside, Nowhere};

/// How many run beside each other: they wait more than they compute.
const AT_ONCE: usize = 2;

/// Name, what it shows, and how `all` runs it; of those that run beside each other the longest come first.
const PROOFS: &[(&str, &str, Place)] = &[
    (
        "main-job",
        "voice calls taken through notification, window, incoming window and tray; web view frozen and killed",
        Alone,
    ),
    (
        "bad-weather",
        "platform, network, devices, keyring and disk fail in turn: the agent is told, and nothing is lost",
        Alone,
    ),
    (
        "calling-out",
        "outbound calls, consult, swap, merge, leave and transfer: clicked in the window, heard by everybody",
        Alone,
    ),
    (
        "streams-crosscheck",
        "one day of an agent at the vendor's own client and at our connector: what both tell, event by event",
        Beside,
    ),
    (
        "streams-surface",
        "the same pages at the vendor's own client and inside the panel: what both log, compared; then on other platforms",
        Beside,
    ),
    (
        "chat-exactly-once",
        "2000 chat messages each way over dropped sockets, 5xx, lost answers and kills: none lost, doubled or out of order",
        Beside,
    ),
    (
        "chats",
        "three chats at once beside a call, files both ways, a drop while both write, a missed call put away",
        Beside,
    ),
    (
        "expertflow",
        "the use cases of the vendor's guide in the window, on a real Socket.IO server; three chats beside a voice call",
        Alone,
    ),
    ("login-window", "signing in through the platform's own page: wrong password, right one, session ended", Beside),
    ("phoenix", "channels against frames that phoenix.js makes, and 300 forced drops on virtual time", Beside),
    ("olos", "each feature that the readme of the vendor's client promises, on the simulated AgentHub", Beside),
    (
        "screen-pop",
        "a screen pop while the panel is hidden: notification, press, the card with every field, the page in a browser",
        Beside,
    ),
    (
        "page-transport",
        "an instance for browsers only: calls through the sign-in page, which is killed, refused and left",
        Beside,
    ),
    (
        "streams-parity",
        "the table of the vendor's interface agrees with the document, and the tests it names pass (`all`: exist)",
        Beside,
    ),
    ("twin24", "TWIN24 in the window, in Russian: every endpoint and every event of the vendor's lists", Beside),
    (
        "twin24-centrifugo",
        "the live events over the official client: restarts, codes, recovery, 10,000 publications [--server PATH]",
        Beside,
    ),
    (
        "smartagent",
        "a page written from the SDK's documentation: every event, message and method, during real simulated calls",
        Beside,
    ),
    (
        "plugin-sandbox",
        "hostile plugins, each with what it tried and what came of it; the panel's delay meanwhile",
        Alone,
    ),
    (
        "demo",
        "demo mode without a display: answers the first call by itself, leaves a picture and a recording",
        Nowhere,
    ),
];

/// Runs what the arguments name.
pub async fn run(words: &[&str]) -> Result<bool> {
    match words {
        ["--list"] => {
            for (name, what, place) in PROOFS {
                println!("{name:18} {what}{}", if *place == Nowhere { " (not part of `test`)" } else { "" });
            }
            Ok(true)
        }
        ["all"] => all().await,
        [name] => one(name).await,
        [name, "--short"] => in_all(name).await,
        ["twin24-centrifugo", "--server", program] => twin24_centrifugo::run(Some(program)).await,
        _ => bail!("prove --list, prove all, or prove NAME [--short]"),
    }
}

/// A proof as a process of its own, what it wrote, and how long it took.
async fn by_itself(program: &Path, name: &'static str) -> (&'static str, std::io::Result<Output>, Duration) {
    let began = Instant::now();
    let mut command = Command::new(program);
    command.args([name, "--short"]).stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    (name, command.output().await, began.elapsed())
}

/// Every proof of `test`: first those that bear company, each a process of its own whose words are printed at its end,
/// then the others.
async fn all() -> Result<bool> {
    let of = |wanted| PROOFS.iter().filter(move |(_, _, place)| *place == wanted).map(|(name, ..)| *name);
    let program = std::env::current_exe().context("where is this program?")?;
    let mut beside = stream::iter(of(Beside)).map(|name| by_itself(&program, name)).buffer_unordered(AT_ONCE);
    let mut failed = Vec::new();
    while let Some((name, output, took)) = beside.next().await {
        let output = output.with_context(|| format!("{name} cannot be started"))?;
        print!("{}", String::from_utf8_lossy(&output.stdout));
        println!("    {name}: {:.0} s", took.as_secs_f32());
        if !output.status.success() {
            failed.push(name);
        }
    }
    for name in of(Alone) {
        let began = Instant::now();
        if !in_all(name).await.unwrap_or_else(|error| told(name, &error)) {
            failed.push(name);
        }
        println!("    {name}: {:.0} s", began.elapsed().as_secs_f32());
    }
    // Proofs listen in real time, on machines that do other work too: a failed one is tried once more, alone, and
    // that is said.
    let mut passed = true;
    for name in failed {
        println!("--- {name}: second try");
        passed &= in_all(name).await.unwrap_or_else(|error| told(name, &error));
    }
    Ok(passed)
}

fn told(name: &str, error: &anyhow::Error) -> bool {
    println!("{name}: {error:#}");
    false
}

/// In `all` the tests have just run: that they exist is enough. What takes
/// minutes runs a short form.
async fn in_all(name: &str) -> Result<bool> {
    match name {
        "chat-exactly-once" => chat_exactly_once::run(true).await,
        "streams-parity" => streams_parity::run(streams_parity::Extent::NamesOnly).await,
        _ => one(name).await,
    }
}

async fn one(name: &str) -> Result<bool> {
    match name {
        "main-job" => main_job::run().await,
        "bad-weather" => bad_weather::run().await,
        "calling-out" => calling_out::run().await,
        "chat-exactly-once" => chat_exactly_once::run(false).await,
        "chats" => chats::run().await,
        "expertflow" => expertflow::run().await,
        "login-window" => login_window::run().await,
        "phoenix" => phoenix::run().await,
        "olos" => olos::run().await,
        "screen-pop" => screen_pop::run().await,
        "streams-crosscheck" => streams_crosscheck::run().await,
        "page-transport" => page_transport::run().await,
        "streams-parity" => streams_parity::run(streams_parity::Extent::Full).await,
        "twin24" => twin24::run().await,
        "smartagent" => smartagent::run().await,
        "streams-surface" => streams_surface::run().await,
        "plugin-sandbox" => plugin_sandbox::run().await,
        "twin24-centrifugo" => twin24_centrifugo::run(None).await,
        "demo" => demo::run().await,
        _ => bail!("no proof is named {name}: prove --list names them"),
    }
}
