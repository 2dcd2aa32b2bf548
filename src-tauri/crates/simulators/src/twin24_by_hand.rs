//! `trunkline-sim twin24`: a TWIN24 to try things on.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use trunkline_simulators::centrifugo::CentrifugoGeneration;
use trunkline_simulators::twin24::{
    ClientOffer, EventsThrough, SimSession, TokenRefusal, Twin24Options, Twin24Pace, Twin24Sim, demo, demo_options,
};

pub const USAGE: &str = "\
trunkline-sim twin24 [--port N] [--events-port N] [--scenario demo|quiet] [--centrifugo PROGRAM [--v5]]

  --port N         HTTP port of the services on 127.0.0.1 (a free one without it)
  --events-port N  likewise of the live events
  --scenario       demo begins sessions by itself (the default), quiet waits for commands
  --centrifugo     live events through that program, a real Centrifugo of version 6
  --v5             it is version 5";

const COMMANDS: &str = "\
chat     a client begins a session in the first group
wait     a client waits in help, as the platform calls it
say      the client of the newest session writes the rest of the line
type     the client of the newest session is typing
seen     the client of the newest session has read everything
off, on  the client of the newest session goes offline, comes online
bye      the client of the newest session leaves
bot      the newest session goes to the bot
back     the newest session comes back from the bot
read     what operators have written in the newest session
state    the operators' states
block    the first operator is banned on the platform
logout   the first operator is put offline
twice    somebody signs in as the first operator elsewhere
drop     cut all sockets
close N  close all sockets with that code
away N   the events are away for so many seconds
epoch    nobody recovers any more
silent   sockets hear nothing any more, or hear again
expire   no token is taken any more, with 401
deny     no token is taken any more, with 403
heard    what the services were asked
help     this list
quit     end";

/// Reads the arguments and serves until `quit`.
pub async fn run(mut words: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut options: Twin24Options = demo_options();
    let (mut with_demo, mut program, mut generation) = (true, None, CentrifugoGeneration::V6);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--port" => options.port = value()?.parse().context("--port takes a number")?,
            "--events-port" => {
                let port = value()?.parse().context("--events-port takes a number")?;
                options = options.with_endpoint(|endpoint| endpoint.port = port);
            }
            "--scenario" => {
                with_demo = match value()?.as_str() {
                    "demo" => true,
                    "quiet" => false,
                    other => bail!("there is no scenario {other:?}\n\n{USAGE}"),
                }
            }
            "--centrifugo" => program = Some(value()?.into()),
            "--v5" => generation = CentrifugoGeneration::V5,
            other => bail!("unknown argument {other:?}\n\n{USAGE}"),
        }
    }
    if let Some(program) = program {
        options.events = EventsThrough::Program { program, generation };
    }
    let sim = Twin24Sim::start(options).await?;
    println!("IAM       {}", sim.iam_url());
    println!("Chat API  {}", sim.chat_url());
    println!("events    {}", sim.events_url());
    for operator in sim.options().operators.iter().filter(|operator| !operator.played) {
        println!("operator  {}  password {}", operator.email, operator.password);
    }
    println!("commands  help lists them");
    if with_demo {
        let sim = sim.clone();
        tokio::spawn(async move { demo(&sim, Twin24Pace::default()).await });
    }
    commands(&sim).await
}

async fn commands(sim: &Twin24Sim) -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut silent = false;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line?,
            result = tokio::signal::ctrl_c() => return Ok(result?),
        };
        let Some(line) = line else { return Ok(tokio::signal::ctrl_c().await?) };
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let done = match word {
            "quit" => return Ok(()),
            "silent" => {
                silent = !silent;
                sim.silence(silent);
                Ok(())
            }
            "away" => {
                sim.restart_events(Duration::from_secs(rest.trim().parse().unwrap_or(5))).await;
                Ok(())
            }
            "chat" => begin(sim, ClientOffer::named("Иван").saying("Здравствуйте, есть кто-нибудь?")),
            "wait" => begin(sim, ClientOffer::named("Ольга").saying("Подскажите, пожалуйста").in_help()),
            "say" | "type" | "seen" | "off" | "on" | "bye" | "bot" | "back" | "read" => client(sim, word, rest.trim()),
            _ => weather(sim, word, rest.trim()),
        };
        if let Err(error) = done {
            println!("{error:#}");
        }
    }
}

fn begin(sim: &Twin24Sim, offer: ClientOffer) -> anyhow::Result<()> {
    let session = sim.client_starts(offer)?;
    println!("{}  {}", session.id(), session.operator().unwrap_or_else(|| "in help".to_owned()));
    Ok(())
}

fn client(sim: &Twin24Sim, word: &str, rest: &str) -> anyhow::Result<()> {
    let session: SimSession = sim.sessions().pop().context("there is no session")?;
    match word {
        "say" => {
            session.client_writes(rest)?;
        }
        "type" => session.client_types(),
        "seen" => session.client_reads(),
        "off" => session.goes_offline(),
        "on" => session.goes_online(),
        "bye" => session.client_closes()?,
        "bot" => session.to_bot()?,
        "back" => session.to_operator(None)?,
        _ => {
            for message in session.facts().sent {
                println!("{}  {}", message.operator, message.body);
            }
        }
    }
    Ok(())
}

fn weather(sim: &Twin24Sim, word: &str, rest: &str) -> anyhow::Result<()> {
    let first = sim.options().operators.first().map(|operator| operator.email.clone()).unwrap_or_default();
    match word {
        "state" => {
            for operator in &sim.options().operators {
                println!("{}  {}", operator.email, sim.status(&operator.email).wire());
            }
        }
        "block" => sim.operator_blocked(&first, rest)?,
        "logout" => sim.operator_logged_out(&first)?,
        "twice" => sim.signed_in_elsewhere(&first)?,
        "drop" => sim.drop_sockets(),
        "close" => sim.close_sockets(rest.parse().context("close takes a code")?, "by hand"),
        "epoch" => sim.new_epoch(),
        "expire" => sim.expire_tokens(TokenRefusal::Expired),
        "deny" => sim.expire_tokens(TokenRefusal::Forbidden),
        "heard" => {
            for heard in sim.heard() {
                println!("{:?}  {}  {}", heard.service, heard.line(), heard.status.unwrap_or_default());
            }
        }
        "" => {}
        _ => println!("{COMMANDS}"),
    }
    Ok(())
}
