//! Runs a simulator by hand.

mod expertflow_by_hand;
mod olos_by_hand;
mod twin24_by_hand;

use std::process::ExitCode;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, DemoPace, OfferCall, OfferChat, SimCall, SimChat, SimError, SimOptions, SimParty, TurnKind,
    WebSocketScheme, demo, demo_options,
};

const USAGE: &str = "\
trunkline-sim amazon-connect [--port N] [--scenario demo|quiet] [--turn auto|coturn|embedded] [--wss]

  --port N      HTTP port on 127.0.0.1 (a free one without it)
  --scenario    demo offers calls by itself (the default), quiet waits for commands
  --turn        which TURN server relays the media
  --wss         hand out wss:// addresses with a self-signed certificate";

const COMMANDS: &str = "\
offer    a customer calls agent one
missed   a customer calls for 3 s
hangup   the customer of the newest call hangs up
answer   whoever rings in the newest call answers now
busy     whoever rings in the newest call is busy
chat     a customer begins a chat with agent one
say      the customer of the newest chat writes the rest of the line
bye      the customer of the newest chat leaves
read     what agents have written in the newest chat
leave    the newest third party of the newest call hangs up
parties  show who is in the newest call
drop     cut all agent WebSockets
state    show the agents' states
log      show the requests so far
help     this list
quit     end";

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "warn,trunkline_simulators=info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(std::env::args().skip(1).collect()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("trunkline-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Vec<String>) -> anyhow::Result<()> {
    let mut words = arguments.into_iter();
    match words.next().as_deref() {
        Some("amazon-connect") => {}
        Some("olos") => return olos_by_hand::run(words).await,
        Some("expertflow") => return expertflow_by_hand::run(words).await,
        Some("twin24") => return twin24_by_hand::run(words).await,
        Some("--help" | "-h" | "help") => {
            println!("{}", usage());
            return Ok(());
        }
        _ => bail!("which simulator?\n\n{}", usage()),
    }
    let (options, with_demo) = parse(words)?;
    let sim = AmazonConnectSim::start(options).await?;
    println!("address     {}", sim.base_url());
    println!("login page  {}", sim.login_url());
    println!("chat        {}/participant/", sim.participant_url());
    for agent in &sim.options().agents {
        println!(
            "agent       {login}  password {password}  token {token}",
            login = agent.login,
            password = agent.password,
            token = agent.token
        );
    }
    println!("turn        {} ({})", sim.turn_kind(), turn_address(&sim));
    println!("commands    help lists them");
    if with_demo {
        let sim = sim.clone();
        tokio::spawn(async move { demo(&sim, DemoPace::default()).await });
    }
    commands(&sim).await
}

/// How each of them is started.
fn usage() -> String {
    [USAGE, olos_by_hand::USAGE, expertflow_by_hand::USAGE, twin24_by_hand::USAGE].join("\n\n")
}

fn turn_address(sim: &AmazonConnectSim) -> String {
    sim.turn_address().map_or_else(|| "none".to_owned(), |a| a.to_string())
}

fn parse(mut words: impl Iterator<Item = String>) -> anyhow::Result<(SimOptions, bool)> {
    let mut options: SimOptions = demo_options();
    let mut with_demo = true;
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--port" => options.port = value()?.parse().context("--port takes a number")?,
            "--scenario" => {
                with_demo = match value()?.as_str() {
                    "demo" => true,
                    "quiet" => false,
                    other => bail!("there is no scenario {other:?}\n\n{USAGE}"),
                }
            }
            "--turn" => {
                options.turn = match value()?.as_str() {
                    "auto" => TurnKind::Auto,
                    "coturn" => TurnKind::Coturn,
                    "embedded" => TurnKind::Embedded,
                    other => bail!("there is no TURN server {other:?}\n\n{USAGE}"),
                }
            }
            "--wss" => options.web_socket = WebSocketScheme::Wss,
            other => bail!("unknown argument {other:?}\n\n{USAGE}"),
        }
    }
    Ok((options, with_demo))
}

/// Reads commands until `quit`; at the end of input it keeps serving until
/// interrupted.
async fn commands(sim: &AmazonConnectSim) -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut count = 0;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line?,
            result = tokio::signal::ctrl_c() => return Ok(result?),
        };
        let Some(line) = line else {
            return Ok(tokio::signal::ctrl_c().await?);
        };
        match line.trim() {
            "offer" | "missed" => {
                let agent = sim.options().agents.first().map(|a| a.login.clone());
                let mut offer = OfferCall::to(&agent.unwrap_or_default());
                offer.speech = trunkline_simulators::amazon_connect::Speech::repeated_sentence(count);
                if line.trim() == "missed" {
                    offer.ring = Some(std::time::Duration::from_secs(3));
                }
                count += 1;
                match sim.offer_call(offer).await {
                    Ok(call) => println!("offered {}", call.contact_id()),
                    Err(error) => println!("{error}"),
                }
            }
            "hangup" => match sim.calls().last() {
                Some(call) => hang_up(call).await,
                None => println!("there is no call"),
            },
            "answer" => about_newest(sim, "answered", |call| ringing(call)?.answer()),
            "busy" => about_newest(sim, "busy", |call| ringing(call)?.busy()),
            "leave" => about_newest(sim, "left", |call| match call.third_parties().last() {
                Some(party) => party.hang_up(),
                None => Err(SimError::NotPossible("there is no third party".to_owned())),
            }),
            "parties" => {
                for party in sim.calls().last().map(parties).unwrap_or_default() {
                    println!("{}  {}", party.connection_id(), party.state());
                }
            }
            "chat" => {
                let agent = sim.options().agents.first().map(|a| a.login.clone());
                match sim.offer_chat(OfferChat::to(&agent.unwrap_or_default())).await {
                    Ok(chat) => println!("offered {}", chat.contact_id()),
                    Err(error) => println!("{error}"),
                }
            }
            line if line.starts_with("say ") => {
                about_newest_chat(sim, "said", |chat| chat.say(line[4..].trim()).map(|_| ()));
            }
            "bye" => about_newest_chat(sim, "the customer has left", SimChat::leave),
            "read" => {
                for message in sim.chats().last().map(SimChat::agent_messages).unwrap_or_default() {
                    println!("{}  {}", message.name, message.content);
                }
            }
            "drop" => sim.drop_sockets(),
            "state" => {
                for agent in &sim.options().agents {
                    println!("{}  {}", agent.login, sim.agent(&agent.login).state());
                }
            }
            "log" => {
                for note in sim.requests() {
                    println!("{}  {}", note.operation, note.status);
                }
            }
            "quit" => return Ok(()),
            "" => {}
            _ => println!("{COMMANDS}"),
        }
    }
}

/// The customer and the third parties.
fn parties(call: &SimCall) -> Vec<SimParty> {
    std::iter::once(call.customer()).chain(call.third_parties()).collect()
}

fn ringing(call: &SimCall) -> Result<SimParty, SimError> {
    let nobody = || SimError::NotPossible("nobody rings".to_owned());
    parties(call).into_iter().find(|p| p.state() == "connecting").ok_or_else(nobody)
}

fn about_newest(sim: &AmazonConnectSim, done: &str, act: impl FnOnce(&SimCall) -> Result<(), SimError>) {
    match sim.calls().last().map(act) {
        Some(Ok(())) => println!("{done}"),
        Some(Err(error)) => println!("{error}"),
        None => println!("there is no call"),
    }
}

fn about_newest_chat(sim: &AmazonConnectSim, done: &str, act: impl FnOnce(&SimChat) -> Result<(), SimError>) {
    match sim.chats().last().map(act) {
        Some(Ok(())) => println!("{done}"),
        Some(Err(error)) => println!("{error}"),
        None => println!("there is no chat"),
    }
}

async fn hang_up(call: &SimCall) {
    match call.customer_hangs_up().await {
        Ok(()) => println!("the customer has hung up"),
        Err(error) => println!("{error}"),
    }
}
