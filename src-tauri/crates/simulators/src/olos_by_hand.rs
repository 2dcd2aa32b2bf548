//! `trunkline-sim olos`: an AgentHub to try things on.

use anyhow::{Context, bail};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use trunkline_simulators::olos::{HubEvent, OlosAgent, OlosOptions, OlosSim, online_users};

pub const USAGE: &str = "\
trunkline-sim olos [--port N] [--mount PATH] [--roster-event NAME]

  --port N             HTTP port on 127.0.0.1 (a free one without it)
  --mount PATH         where the socket is mounted (/socket)
  --roster-event NAME  push the roster as a list instead of Presence";

const COMMANDS: &str = "\
pop      a screen pop for agent 52
third    an event of a third party
status N the agent's status by its number (1 idle, 2 talking, 3 wrap, 4 pause)
drop     cut all sockets
crash    the agent's channel crashes
refuse N answer sockets with that HTTP status; 0 takes them again
silent   answer no joins, or answer them again
flood N  that many screen pops in a minute
tries    who tried to get in
help     this list
quit     end";

/// Reads the arguments and serves until `quit`.
pub async fn run(mut words: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut options = OlosOptions::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--port" => options.port = value()?.parse().context("--port takes a number")?,
            "--mount" => options.mount = value()?,
            "--roster-event" => options.roster_event = Some(value()?),
            other => bail!("unknown argument {other:?}\n\n{USAGE}"),
        }
    }
    let sim = OlosSim::start(options).await?;
    println!("address        {}", sim.base_url());
    println!("token service  {}", sim.token_url());
    for OlosAgent { sub, username, key, .. } in &sim.options().agents {
        println!("agent          {sub} {username}  key {key}  token {}", sim.token(sub));
    }
    for user in online_users() {
        sim.come_online(&user);
    }
    println!("commands       help lists them");
    commands(&sim).await
}

async fn commands(sim: &OlosSim) -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut calls = 91_000;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line?,
            result = tokio::signal::ctrl_c() => return Ok(result?),
        };
        let Some(line) = line else { return Ok(tokio::signal::ctrl_c().await?) };
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let number: Option<i64> = rest.trim().parse().ok();
        match (word, number) {
            ("pop", _) => {
                calls += 1;
                println!("{}", sim.push("52", &HubEvent::screen_pop(calls, "+12025550123", "Ana Example")));
            }
            ("third", _) => {
                let data = json!({ "data": json!({ "ticket": "T-1001", "from": "CRM" }).to_string() });
                println!("{}", sim.push("52", &HubEvent::voice("ThirdPartyEvent", data)));
            }
            ("status", Some(number)) => println!("{}", sim.push("52", &HubEvent::status(number, 0))),
            ("drop", _) => sim.drop_sockets(),
            ("crash", _) => sim.end_channel("52", true),
            ("refuse", Some(status)) => {
                sim.weather(|weather| weather.refuse = u16::try_from(status).ok().filter(|status| *status > 0));
            }
            ("silent", _) => sim.weather(|weather| weather.silent_joins = !weather.silent_joins),
            ("flood", Some(count)) => {
                let count = usize::try_from(count).unwrap_or_default();
                sim.flood("52", count, std::time::Duration::from_secs(60)).await;
                println!("{count} sent");
            }
            ("tries", _) => {
                for attempt in sim.attempts() {
                    println!("{}", attempt.status);
                }
            }
            ("quit", _) => return Ok(()),
            ("", _) => {}
            _ => println!("{COMMANDS}"),
        }
    }
}
