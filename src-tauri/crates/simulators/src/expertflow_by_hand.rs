//! `trunkline-sim expertflow`: an Expertflow CX to try things on.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use trunkline_simulators::expertflow::{
    CustomerOffer, ExpertflowOptions, ExpertflowPace, ExpertflowSim, SecondFactor, demo, demo_options,
};

pub const USAGE: &str = "\
trunkline-sim expertflow [--port N] [--scenario demo|quiet] [--second-factor app|sms] [--encoded]

  --port N         HTTP port on 127.0.0.1 (a free one without it)
  --scenario       demo begins chats by itself (the default), quiet waits for commands
  --second-factor  ask for a code (123456) after the password
  --encoded        texts of messages reach agents in base64";

const COMMANDS: &str = "\
chat     a customer begins a chat in the first queue
pull     a customer waits in the first pull list
announce the first supervisor tells all teams the rest of the line
say      the customer of the newest chat writes the rest of the line
type     the customer of the newest chat is typing
seen     the customer of the newest chat has read everything
bye      the customer of the newest chat leaves
read     what agents have written in the newest chat
who      who is in the newest chat
state    the agents' states
drop     cut all connections
away N   the server is away for so many seconds
silent   sockets hear nothing any more, or hear again
kick     take the first agent's socket out
logout   log the first agent out
expire   no access token is taken any more
heard    what clients have sent
help     this list
quit     end";

/// Reads the arguments and serves until `quit`.
pub async fn run(mut words: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut options: ExpertflowOptions = demo_options();
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
            "--second-factor" => {
                options.second_factor = match value()?.as_str() {
                    "app" => SecondFactor::App { registered: false },
                    "sms" => SecondFactor::Sms { registered: false },
                    other => bail!("there is no second factor {other:?}\n\n{USAGE}"),
                }
            }
            "--encoded" => options.encode_messages = true,
            other => bail!("unknown argument {other:?}\n\n{USAGE}"),
        }
    }
    let sim = ExpertflowSim::start(options).await?;
    println!("address   {}", sim.base_url());
    for agent in sim.options().agents.iter().filter(|agent| !agent.played) {
        println!("agent     {}  password {}", agent.username, agent.password);
    }
    println!("commands  help lists them");
    if with_demo {
        let sim = sim.clone();
        tokio::spawn(async move { demo(&sim, ExpertflowPace::default()).await });
    }
    commands(&sim).await
}

async fn commands(sim: &ExpertflowSim) -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut silent = false;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line?,
            result = tokio::signal::ctrl_c() => return Ok(result?),
        };
        let Some(line) = line else { return Ok(tokio::signal::ctrl_c().await?) };
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match word {
            "quit" => return Ok(()),
            "silent" => {
                silent = !silent;
                sim.silence(silent);
            }
            "away" => sim.restart(Duration::from_secs(rest.trim().parse().unwrap_or(5))).await,
            _ => act(sim, word, rest.trim()),
        }
    }
}

fn act(sim: &ExpertflowSim, word: &str, rest: &str) {
    let chat = sim.chats().pop();
    let first = sim.options().agents.first().map(|agent| agent.username.clone()).unwrap_or_default();
    let queue = sim.options().queues.first().map(|queue| queue.name.clone()).unwrap_or_default();
    let begun = CustomerOffer::of("Chris Sample", &queue).saying("Are you there?");
    let done = match (word, chat) {
        ("chat", _) => sim.customer_chats(begun).map(|chat| println!("{}", chat.id())),
        ("pull", _) => {
            let list = sim.options().pull_lists.first().map(|list| list.name.clone()).unwrap_or_default();
            sim.customer_waits_in(&list, begun).map(|chat| println!("{}", chat.id()))
        }
        ("say", Some(chat)) => chat.customer_writes(rest).map(|_| ()),
        ("type", Some(chat)) => {
            chat.customer_types();
            Ok(())
        }
        ("seen", Some(chat)) => {
            chat.customer_reads();
            Ok(())
        }
        ("bye", Some(chat)) => {
            chat.customer_leaves();
            Ok(())
        }
        ("read", Some(chat)) => {
            for message in chat.messages() {
                println!("{}  {}  {}", message.agent, message.name, message.text());
            }
            Ok(())
        }
        ("who", Some(chat)) => {
            for (agent, role) in chat.participants() {
                println!("{agent}  {role}");
            }
            Ok(())
        }
        ("state", _) => {
            for agent in &sim.options().agents {
                let name = &agent.username;
                println!("{name}  {}  chat {}", sim.state(name), sim.chat_state(name));
            }
            Ok(())
        }
        ("drop", _) => {
            sim.drop_sockets();
            Ok(())
        }
        ("kick", _) => sim.kick(&first),
        ("logout", _) => sim.force_logout(&first),
        ("expire", _) => {
            sim.expire_tokens(false);
            Ok(())
        }
        ("announce", _) => {
            let supervisor = sim.options().agents.iter().find(|agent| !agent.supervises.is_empty());
            let teams: Vec<&str> = sim.options().agents.iter().map(|agent| agent.team.as_str()).collect();
            println!("{}", sim.announce(supervisor.map_or("", |agent| agent.username.as_str()), rest, &teams));
            Ok(())
        }
        ("raw", _) => sim.raw_event(&first, "onSomething", json!({ "text": rest })),
        ("heard", _) => {
            for heard in sim.heard() {
                let text: Value = heard.payload;
                println!("{}  {}  {:.120}", heard.agent, heard.name, text.to_string());
            }
            Ok(())
        }
        ("", _) => Ok(()),
        _ => {
            println!("{COMMANDS}");
            Ok(())
        }
    };
    if let Err(error) = done {
        println!("{error}");
    }
}
