//! The day of the agent: one script for both clients. Each step waits until
//! the client shows what the step before has led to, never for a time.

use std::time::Duration;

use anyhow::{Result, ensure};
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, OutboundAnswer, OutboundBehaviour, SimOptions, Speech, TurnKind, WebSocketScheme,
};

use super::compare::Record;
use super::seat::{Act, Leg, Names, Seat, until};

mod calls;
mod chats;
mod weather;
mod work;

/// The agent whose day it is.
pub const AGENT: &str = "agent.one";
/// What a person of the simulator may take.
pub const SOON: Duration = Duration::from_secs(20);
/// Ring time of what is to be missed: long enough to be seen ringing.
const RING: Duration = Duration::from_secs(4);
/// Wrap-up ends by itself after this time.
const WRAP_UP: Duration = Duration::from_secs(12);

/// The instance both days run on, each on one of its own. They differ in the
/// scheme of the agent WebSocket alone: the vendor's client takes `wss` only,
/// and our network does not take the simulator's own certificate.
pub fn options(web_socket: WebSocketScheme) -> SimOptions {
    // Whoever is called does what the script says, when it says so.
    let scripted = OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::Silent };
    let two = AgentOptions { played: Some(scripted), ..AgentOptions::two() };
    let three = AgentOptions::named("agent.three", "Agent Three");
    SimOptions {
        agents: vec![AgentOptions::one(), two, three],
        turn: TurnKind::Unreachable,
        web_socket,
        wrap_up: Some(WRAP_UP),
        ring: Duration::from_secs(60),
        ..SimOptions::default()
    }
}

/// A day at one client.
pub struct Day<'a> {
    sim: &'a AmazonConnectSim,
    seat: &'a dyn Seat,
    names: Names,
    /// Acts so far.
    acts: usize,
    /// Calls of the authorize service because of a refused token.
    renewals: usize,
}

/// What was recorded, with the script's names instead of ids.
pub struct Recording {
    /// In the order of each lane.
    pub records: Vec<Record>,
    /// Contacts of the script.
    pub contacts: usize,
    /// What the agent did.
    pub acts: usize,
    /// How often the client fetched a new token when its own was refused.
    pub renewals: usize,
}

/// The whole day.
pub async fn work(sim: &AmazonConnectSim, seat: &dyn Seat) -> Result<Recording> {
    let scripted = OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::Silent };
    sim.set_outbound(scripted.clone());
    sim.set_third_party(scripted);
    let mut day = Day { sim, seat, names: Names::default(), acts: 0, renewals: 0 };
    day.agent_is("routable Available").await?;
    day.states().await?;
    calls::inbound(&mut day).await?;
    calls::outbound(&mut day).await?;
    calls::parties(&mut day).await?;
    calls::handing_over(&mut day).await?;
    calls::supervising(&mut day).await?;
    chats::whole(&mut day).await?;
    chats::others(&mut day).await?;
    work::tasks(&mut day).await?;
    work::emails(&mut day).await?;
    work::side_by_side(&mut day).await?;
    weather::all(&mut day).await?;
    day.state("Offline", false).await?;
    // The picture comes before the event in the vendor's client: the event ends the day.
    let last = Record::new("diff", "agent::state_change", "Available to Offline");
    until(seat, "the end of the day", |all| all.contains(&last)).await?;
    day.agent_is("offline Offline").await?;
    let records = day.names.apply(&seat.records());
    Ok(Recording { records, contacts: day.names.count(), acts: day.acts, renewals: day.renewals })
}

impl Day<'_> {
    fn named(&mut self, name: &str, id: &str) -> String {
        self.names.name(id, name);
        id.to_owned()
    }

    async fn act(&mut self, act: Act) -> Result<()> {
        self.acts += 1;
        self.seat.act(act).await
    }

    /// States by choice, while nothing else happens.
    async fn states(&mut self) -> Result<()> {
        for (name, picture) in
            [("Lunch", "not_routable Lunch"), ("Break", "not_routable Break"), ("Offline", "offline Offline")]
        {
            self.state(name, false).await?;
            self.agent_is(picture).await?;
        }
        self.available().await
    }

    async fn state(&mut self, name: &str, when_free: bool) -> Result<()> {
        self.act(Act::State { state: name.to_owned(), when_free }).await
    }

    async fn available(&mut self) -> Result<()> {
        self.state("Available", false).await?;
        self.agent_is("routable Available").await
    }

    async fn agent_is(&self, picture: &str) -> Result<()> {
        until(self.seat, &format!("the agent as {picture}"), |all| last_picture(all, "agent") == Some(picture)).await
    }

    /// The contact as one line.
    async fn is(&self, contact: &str, picture: &str) -> Result<()> {
        let lane = format!("contact {contact}");
        let what = format!("{picture} ({contact})");
        until(self.seat, &what, |all| last_picture(all, &lane) == Some(picture)).await
    }

    /// The contact's line speaks of this leg so.
    async fn leg_is(&self, contact: &str, leg: &str) -> Result<()> {
        let lane = format!("contact {contact}");
        let what = format!("{leg} ({contact})");
        until(self.seat, &what, |all| last_picture(all, &lane).is_some_and(|line| line.contains(leg))).await
    }

    /// The last leg of the contact's line is so, whoever it is.
    async fn shows_third(&self, contact: &str, state: &str) -> Result<()> {
        let lane = format!("contact {contact}");
        let is_it = |line: &str| line.matches(", ").count() >= 2 && line.ends_with(&format!(" {state}"));
        until(self.seat, &format!("a third party {state}"), |all| last_picture(all, &lane).is_some_and(is_it)).await
    }

    async fn gone(&self, contact: &str) -> Result<()> {
        let is_it = |r: &Record| r.event == "contact::destroyed" && r.detail == contact;
        until(self.seat, &format!("{contact} to be gone"), |all| all.iter().any(is_it)).await
    }

    async fn told(&self, lane: &str, contact: &str, event: &str, detail: &str) -> Result<()> {
        let wanted = Record::new(format!("{lane} {contact}"), event, detail);
        until(self.seat, &format!("[{}] {wanted}", wanted.lane), |all| all.contains(&wanted)).await
    }

    async fn accept(&mut self, contact: &str) -> Result<()> {
        self.act(Act::Accept { contact: contact.to_owned() }).await
    }

    async fn end(&mut self, contact: &str) -> Result<()> {
        self.act(Act::Drop { contact: contact.to_owned(), leg: Leg::Agent }).await
    }

    async fn clear(&mut self, contact: &str) -> Result<()> {
        self.act(Act::Clear { contact: contact.to_owned() }).await?;
        self.gone(contact).await
    }
}

fn last_picture<'a>(records: &'a [Record], lane: &str) -> Option<&'a str> {
    records.iter().rev().find(|r| r.lane == lane && r.event == "picture").map(|r| r.detail.as_str())
}

/// The day has what it is meant to have, whatever the two clients made of it.
pub fn is_whole(recording: &Recording) -> Result<()> {
    ensure!(recording.contacts >= 20, "{} contacts are too few", recording.contacts);
    for channel in
        ["voice inbound", "voice outbound", "voice callback", "chat inbound", "task inbound", "email inbound"]
    {
        let seen = recording.records.iter().any(|r| r.event == "begins" && r.detail.starts_with(channel));
        ensure!(seen, "no {channel} contact was seen");
    }
    Ok(())
}
