//! The proofs: the real program in a real window, driven through the operating
//! system's own surfaces.

use anyhow::{Result, bail};

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

/// Name, what it shows, and whether `all` runs it.
const PROOFS: &[(&str, &str, bool)] = &[
    (
        "main-job",
        "voice calls taken through notification, window, incoming window and tray; web view frozen and killed",
        true,
    ),
    (
        "bad-weather",
        "platform, network, devices, keyring and disk fail in turn: the agent is told, and nothing is lost",
        true,
    ),
    (
        "calling-out",
        "outbound calls, consult, swap, merge, leave and transfer: clicked in the window, heard by everybody",
        true,
    ),
    (
        "chat-exactly-once",
        "2000 chat messages each way over dropped sockets, 5xx, lost answers and kills: none lost, doubled or out of order",
        true,
    ),
    (
        "chats",
        "three chats at once beside a call, files both ways, a drop while both write, a missed call put away",
        true,
    ),
    (
        "expertflow",
        "the use cases of the vendor's guide in the window, on a real Socket.IO server; three chats beside a voice call",
        true,
    ),
    ("login-window", "signing in through the platform's own page: wrong password, right one, session ended", true),
    ("phoenix", "channels against frames that phoenix.js makes, and 300 forced drops on virtual time", true),
    ("olos", "each feature that the readme of the vendor's client promises, on the simulated AgentHub", true),
    (
        "screen-pop",
        "a screen pop while the panel is hidden: notification, press, the card with every field, the page in a browser",
        true,
    ),
    (
        "streams-crosscheck",
        "one day of an agent at the vendor's own client and at our connector: what both tell, event by event",
        true,
    ),
    (
        "page-transport",
        "an instance for browsers only: calls through the sign-in page, which is killed, refused and left",
        true,
    ),
    (
        "streams-parity",
        "the table of the vendor's interface agrees with the document, and the tests it names pass (`all`: exist)",
        true,
    ),
    ("twin24", "TWIN24 in the window, in Russian: every endpoint and every event of the vendor's lists", true),
    (
        "twin24-centrifugo",
        "the live events over the official client: restarts, codes, recovery, 10,000 publications [--server PATH]",
        true,
    ),
    (
        "smartagent",
        "a page written from the SDK's documentation: every event, message and method, during real simulated calls",
        true,
    ),
    (
        "streams-surface",
        "the same pages at the vendor's own client and inside the panel: what both log, compared; then on other platforms",
        true,
    ),
    (
        "plugin-sandbox",
        "hostile plugins, each with what it tried and what came of it; the panel's delay meanwhile",
        true,
    ),
    ("demo", "demo mode without a display: answers the first call by itself, leaves a picture and a recording", false),
];

/// Runs what the arguments name.
pub async fn run(words: &[&str]) -> Result<bool> {
    match words {
        ["--list"] => {
            for (name, what, in_test) in PROOFS {
                println!("{name:18} {what}{}", if *in_test { "" } else { " (not part of `test`)" });
            }
            Ok(true)
        }
        ["all"] => {
            let mut failed = Vec::new();
            for (name, _, _) in PROOFS.iter().filter(|(_, _, in_test)| *in_test) {
                if !in_all(name).await.unwrap_or_else(|error| told(name, &error)) {
                    failed.push(*name);
                }
            }
            // Proofs listen in real time, on machines that do other work too: a
            // failed one is tried once more, and that is said.
            let mut passed = true;
            for name in failed {
                println!("--- {name}: second try");
                passed &= in_all(name).await.unwrap_or_else(|error| told(name, &error));
            }
            Ok(passed)
        }
        [name] => one(name).await,
        [name, "--short"] => in_all(name).await,
        ["twin24-centrifugo", "--server", program] => twin24_centrifugo::run(Some(program)).await,
        _ => bail!("prove --list, prove all, or prove NAME [--short]"),
    }
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
