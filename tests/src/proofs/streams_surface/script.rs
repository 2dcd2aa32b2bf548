//! What happens at both places: one script for platform and page. Each step
//! waits until the page shows what the step before has led to.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AgentOptions, AmazonConnectSim, OfferCall, OfferChat, OfferEmail, OfferTask, OutboundAnswer, OutboundBehaviour,
    SimCall, SimOptions, Speech, TurnKind, WebSocketScheme,
};

use super::collector::Collector;
use crate::harness::stage::AGENT;
use crate::proofs::streams_crosscheck::compare::Record;
use crate::proofs::streams_crosscheck::seat::Names;

const SOON: Duration = Duration::from_secs(20);
/// Ring time of what is to be missed: long enough to be seen ringing.
const RING: Duration = Duration::from_secs(5);
const RINGS: &str = "connecting: agent connecting, customer connected";
const TALKS: &str = "connected: agent connected, customer connected";
const OVER: &str = "ended: agent disconnected, customer disconnected";
const FAILED: &str = "error: agent disconnected, customer disconnected";

/// Who carries the sound of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// Nobody: the platform is told that it is there.
    Played,
    /// The panel's own softphone.
    Real,
}

/// The instance, one for each place. They differ in what the two clients can
/// take: the vendor's only `wss`, ours not the simulator's own certificate;
/// and sound is only where somebody carries it.
pub fn options(sound: Sound) -> SimOptions {
    let two = AgentOptions { played: Some(scripted()), ..AgentOptions::two() };
    let (turn, web_socket) = match sound {
        Sound::Played => (TurnKind::Unreachable, WebSocketScheme::Wss),
        Sound::Real => (TurnKind::Auto, WebSocketScheme::Ws),
    };
    let ring = Duration::from_secs(60);
    SimOptions { agents: vec![AgentOptions::one(), two], turn, web_socket, ring, ..SimOptions::default() }
}

/// Whoever is called does what the script says, when it says so.
fn scripted() -> OutboundBehaviour {
    OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::Silent }
}

/// The script at one place.
pub struct Script<'a> {
    sim: &'a AmazonConnectSim,
    page: &'a Collector,
    sound: Sound,
    names: Names,
}

/// A member of a contact's, called with callbacks.
fn on(contact: &str, member: &str, given: &Value) -> Value {
    json!({ "do": "call", "member": member, "contact": contact, "given": given })
}

/// Likewise of one of its legs.
fn leg(contact: &str, leg: &str, member: &str, given: &Value) -> Value {
    json!({ "do": "call", "member": member, "contact": contact, "leg": leg, "given": given })
}

/// A member of agent or core, called without callbacks.
fn plain(member: &str, given: &Value) -> Value {
    json!({ "do": "call", "member": member, "given": given, "plain": true })
}

/// A member of the agent's, called with callbacks.
fn agents(member: &str, given: &Value, more: &Value) -> Value {
    json!({ "do": "call", "member": member, "given": given, "more": more })
}

/// Plays all of it; gives what the page saw, with the script's names instead of ids.
pub async fn play(sim: &AmazonConnectSim, page: &Collector, sound: Sound) -> Result<Vec<Record>> {
    sim.set_outbound(scripted());
    sim.set_third_party(scripted());
    let mut script = Script { sim, page, sound, names: Names::default() };
    script.begin().await?;
    script.inbound().await?;
    script.not_taken().await?;
    script.outbound().await?;
    script.chat().await?;
    script.task_and_email().await?;
    script.refused().await?;
    script.end().await?;
    let records = page.records();
    Ok(super::normal::normal(&records, &script.names, &sim.base_url()))
}

impl Script<'_> {
    async fn act(&self, order: Value) -> Result<()> {
        self.page.order(order).await
    }

    async fn agent_is(&self, picture: &str) -> Result<()> {
        let what = format!("the agent as {picture}");
        self.page.until(&what, |all| last(all, "agent picture") == Some(picture)).await
    }

    async fn is(&self, contact: &str, picture: &str) -> Result<()> {
        let lane = format!("contact {contact} picture");
        let what = format!("{picture} ({contact})");
        self.page.until(&what, |all| last(all, &lane) == Some(picture)).await
    }

    async fn gone(&self, contact: &str) -> Result<()> {
        let lane = format!("contact {contact} events");
        let is_it = |r: &Record| r.lane == lane && r.event == "Contact.onDestroy";
        self.page.until(&format!("{contact} to be gone"), |all| all.iter().any(is_it)).await
    }

    async fn read(&self, contact: &str, when: &str) -> Result<()> {
        self.act(json!({ "do": "readContact", "contact": contact, "when": when })).await
    }

    async fn state(&self, name: &str, when_free: bool) -> Result<()> {
        let more = json!([{ "enqueueNextState": when_free }]);
        self.act(agents("Agent.setState", &json!([{ "state": name }]), &more)).await
    }

    async fn available(&self) -> Result<()> {
        self.state("Available", false).await?;
        self.agent_is("routable Available").await
    }

    async fn clear(&self, contact: &str, member: &str) -> Result<()> {
        self.act(on(contact, member, &json!([]))).await?;
        self.gone(contact).await
    }

    fn named(&mut self, name: &str, id: &str) -> String {
        self.names.name(id, name);
        id.to_owned()
    }

    fn named_call(&mut self, name: &str, call: &SimCall) -> String {
        self.names.name(call.agent_connection_id(), &format!("{name}'s own leg"));
        self.names.name(call.customer_connection_id(), &format!("{name}'s customer"));
        self.named(name, call.contact_id())
    }

    /// What can be looked at without any contact.
    async fn begin(&mut self) -> Result<()> {
        self.page.until("the agent", |all| all.iter().any(|r| r.event == "connect.agent")).await?;
        self.agent_is("routable Available").await?;
        self.act(json!({ "do": "readStatic" })).await?;
        self.act(json!({ "do": "readAgent", "when": "at first" })).await?;
        for member in ["Agent.getEndpoints", "Agent.getAddresses"] {
            self.act(agents(member, &json!([{ "queues": true }]), &json!([]))).await?;
        }
        self.act(agents("Agent.setStatus", &json!([{ "state": "Lunch" }]), &json!([]))).await?;
        self.agent_is("not_routable Lunch").await?;
        self.available().await?;
        self.act(agents("Agent.setConfiguration", &json!([{ "configuration": {} }]), &json!([]))).await?;
        for member in ["Agent.setSpeakerDevice", "Agent.setMicrophoneDevice", "Agent.setRingerDevice"] {
            self.act(plain(member, &json!(["default"]))).await?;
        }
        self.act(plain("core.activateChannelWithViewType", &json!(["create_task", "task"]))).await?;
        self.told("core.onActivateChannelWithViewType").await?;
        self.act(plain("core.triggerTaskCreated", &json!([{ "made": "by a page" }]))).await?;
        self.act(plain("core.triggerEmailCreated", &json!([{ "made": "by a page" }]))).await
    }

    async fn told(&self, member: &str) -> Result<()> {
        self.page.until(member, |all| all.iter().any(|r| r.lane.ends_with("events") && r.event == member)).await
    }

    async fn rings(&mut self, name: &str, offer: OfferCall) -> Result<(SimCall, String)> {
        let call = self.sim.offer_call(offer).await?;
        let id = self.named_call(name, &call);
        self.is(&id, RINGS).await?;
        self.agent_is("system PendingBusy").await?;
        Ok((call, id))
    }

    /// Offered, accepted, held, muted, with a third party, next state, ended, wrap-up, cleared.
    async fn inbound(&mut self) -> Result<()> {
        let attributes = [("contract", "K-4711"), ("tier", "gold")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let (call, id) = self.rings("answered", OfferCall { attributes, ..OfferCall::to(AGENT) }).await?;
        self.read(&id, "offered").await?;
        self.act(on(&id, "Contact.accept", &json!([]))).await?;
        self.is(&id, TALKS).await?;
        self.agent_is("system Busy").await?;
        if self.sound == Sound::Real {
            call.wait_media_connected(SOON).await?;
        }
        self.read(&id, "talking").await?;
        self.act(json!({ "do": "readMedia", "contact": id, "when": "media" })).await?;
        self.act(plain("core.viewContact", &json!([id]))).await?;
        self.told("core.onViewContact").await?;
        self.act(leg(&id, "customer", "Connection.hold", &json!([]))).await?;
        self.is(&id, "connected: agent connected, customer hold").await?;
        self.read(&id, "held").await?;
        self.act(leg(&id, "customer", "Connection.resume", &json!([]))).await?;
        self.is(&id, TALKS).await?;
        self.act(leg(&id, "customer", "Connection.sendDigits", &json!(["12#"]))).await?;
        call.expect_digits("12#", SOON).await?;
        self.act(plain("Agent.mute", &json!([]))).await?;
        self.act(plain("Agent.unmute", &json!([]))).await?;
        self.third(&call, &id).await?;
        self.at_work(&id).await?;
        self.act(leg(&id, "agent", "Connection.destroy", &json!([]))).await?;
        self.agent_is("system AfterCallWork, then Lunch").await?;
        self.read(&id, "wrap-up").await?;
        self.act(json!({ "do": "call", "member": "Contact.destroy", "contact": id, "plain": true })).await?;
        self.clear(&id, "Contact.clear").await?;
        self.agent_is("not_routable Lunch").await?;
        self.available().await
    }

    async fn third(&mut self, call: &SimCall, id: &str) -> Result<()> {
        const THIRD: &str = "+12025550188";
        let with =
            |customer: &str, third: &str| format!("connected: agent connected, customer {customer}, {THIRD} {third}");
        self.act(on(id, "Contact.addConnection", &json!([{ "entry": "Head office" }]))).await?;
        let third = call.expect_third_party(SOON).await?;
        self.names.name(third.connection_id(), "the third");
        self.is(id, &with("hold", "connecting")).await?;
        third.answer()?;
        self.is(id, &with("hold", "connected")).await?;
        self.read(id, "with a third party").await?;
        self.act(on(id, "Contact.toggleActiveConnections", &json!([]))).await?;
        self.is(id, &with("connected", "hold")).await?;
        self.act(on(id, "Contact.conferenceConnections", &json!([]))).await?;
        self.is(id, &with("connected", "connected")).await?;
        self.read(id, "conference").await?;
        for (member, muted) in [("muteParticipant", true), ("unmuteParticipant", false)] {
            self.act(leg(id, "customer", &format!("VoiceConnection.{member}"), &json!([]))).await?;
            tokio::time::sleep(Duration::from_millis(1500)).await;
            self.read(id, if muted { "the customer muted" } else { "the customer heard again" }).await?;
        }
        self.act(leg(id, "third", "Connection.destroy", &json!([]))).await?;
        let of = |all: &[Record]| {
            last(all, &format!("contact {id} picture"))
                .is_some_and(|now| now == TALKS || now == with("connected", "disconnected"))
        };
        self.page.until("the third party gone", of).await?;
        self.read(id, "without the third party").await
    }

    /// What an agent does while talking.
    async fn at_work(&self, id: &str) -> Result<()> {
        self.state("Lunch", true).await?;
        self.agent_is("system Busy, then Lunch").await?;
        self.act(json!({ "do": "readAgent", "when": "busy" })).await?;
        self.state("Available", true).await?;
        self.agent_is("system Busy").await?;
        self.state("Lunch", true).await?;
        self.agent_is("system Busy, then Lunch").await?;
        self.act(on(id, "Contact.notifyIssue", &json!(["0", "crackles"]))).await?;
        self.act(on(id, "Contact.sendSoftphoneMetrics", &json!([[]]))).await?;
        self.act(on(id, "Contact.sendSoftphoneReport", &json!([{}]))).await?;
        for member in ["Contact.silentMonitor", "Contact.bargeIn"] {
            self.act(on(id, member, &json!([]))).await?;
        }
        self.act(on(id, "Contact.updateMonitorParticipantState", &json!(["BARGE"]))).await?;
        for member in ["Contact.pause", "Contact.resume"] {
            self.act(on(id, member, &json!([]))).await?;
        }
        for member in ["Contact.addParticipant", "Contact.transfer"] {
            let given = json!([{ "number": "+12025550166" }]);
            self.act(json!({ "do": "call", "member": member, "contact": "no-such-contact", "given": given })).await?;
        }
        Ok(())
    }

    async fn not_taken(&mut self) -> Result<()> {
        let (_, id) = self.rings("declined", OfferCall::to(AGENT)).await?;
        self.act(on(&id, "Contact.reject", &json!([]))).await?;
        self.is(&id, FAILED).await?;
        self.agent_is("error MissedCallAgent").await?;
        self.read(&id, "declined").await?;
        self.clear(&id, "Contact.clear").await?;
        self.agent_is("routable Available").await?;
        let (_, id) = self.rings("missed", OfferCall { ring: Some(RING), ..OfferCall::to(AGENT) }).await?;
        self.is(&id, FAILED).await?;
        self.agent_is("error MissedCallAgent").await?;
        self.clear(&id, "Contact.complete").await?;
        self.agent_is("routable Available").await
    }

    async fn outbound(&mut self) -> Result<()> {
        self.act(agents("Agent.connect", &json!([{ "number": "+12025550199" }]), &json!([]))).await?;
        let call = self.sim.expect_dialled(AGENT, SOON).await?;
        let id = self.named_call("dialled", &call);
        if self.sound == Sound::Played {
            // Real sound takes longer than the page needs to see this.
            self.is(&id, "connecting: agent connecting, customer connecting").await?;
            call.media_comes_up()?;
        }
        self.is(&id, "connecting: agent connected, customer connecting").await?;
        self.read(&id, "dialling").await?;
        call.answer()?;
        self.is(&id, TALKS).await?;
        self.agent_is("system Busy").await?;
        self.read(&id, "talking").await?;
        call.customer_hangs_up().await?;
        self.is(&id, OVER).await?;
        self.agent_is("system AfterCallWork").await?;
        self.clear(&id, "Contact.clear").await?;
        self.agent_is("routable Available").await
    }

    async fn chat(&mut self) -> Result<()> {
        let chat = self.sim.offer_chat(OfferChat::to(AGENT)).await?;
        let id = self.named("chat", chat.contact_id());
        self.is(&id, RINGS).await?;
        self.read(&id, "offered").await?;
        self.act(on(&id, "Contact.accept", &json!([]))).await?;
        self.is(&id, TALKS).await?;
        self.read(&id, "talking").await?;
        self.act(json!({ "do": "readMedia", "contact": id, "when": "media" })).await?;
        self.act(leg(&id, "agent", "Connection.destroy", &json!([]))).await?;
        self.is(&id, OVER).await?;
        self.clear(&id, "Contact.clear").await
    }

    async fn task_and_email(&mut self) -> Result<()> {
        let task = self.sim.offer_task(OfferTask::to(AGENT)).await?;
        let id = self.named("task", task.contact_id());
        self.is(&id, "connecting: agent connecting").await?;
        self.read(&id, "offered").await?;
        self.act(on(&id, "Contact.accept", &json!([]))).await?;
        self.is(&id, "connected: agent connected").await?;
        self.act(json!({ "do": "readMedia", "contact": id, "when": "media" })).await?;
        self.act(on(&id, "Contact.pause", &json!([]))).await?;
        self.is(&id, "paused: agent connected").await?;
        self.read(&id, "laid aside").await?;
        self.act(on(&id, "Contact.resume", &json!([]))).await?;
        self.is(&id, "connected: agent connected").await?;
        self.act(leg(&id, "agent", "Connection.destroy", &json!([]))).await?;
        self.is(&id, "ended: agent disconnected").await?;
        self.clear(&id, "Contact.clear").await?;
        let email = self.sim.offer_email(OfferEmail::to(AGENT)).await?;
        let id = self.named("e-mail", email.contact_id());
        self.is(&id, "connecting: agent connecting").await?;
        self.read(&id, "offered").await?;
        self.act(on(&id, "Contact.accept", &json!([]))).await?;
        self.is(&id, "connected: agent connected").await?;
        self.act(leg(&id, "agent", "Connection.destroy", &json!([]))).await?;
        self.is(&id, "ended: agent disconnected").await?;
        self.clear(&id, "Contact.clear").await
    }

    /// What is not there is refused to both, in the same words.
    async fn refused(&self) -> Result<()> {
        const NONE: &str = "no-such-contact";
        for member in ["accept", "reject", "clear", "complete", "toggleActiveConnections", "conferenceConnections"] {
            self.act(on(NONE, &format!("Contact.{member}"), &json!([]))).await?;
        }
        self.act(on(NONE, "Contact.addConnection", &json!([{ "number": "+12025550166" }]))).await?;
        for member in ["destroy", "hold", "resume"] {
            self.act(on(NONE, &format!("Connection.{member}"), &json!([]))).await?;
        }
        self.act(agents("Agent.connect", &json!([{ "number": "+1" }]), &json!([]))).await
    }

    async fn end(&self) -> Result<()> {
        self.state("Offline", false).await?;
        self.agent_is("offline Offline").await?;
        self.act(json!({ "do": "readAgent", "when": "at last" })).await?;
        self.act(plain("Agent.setVoiceEnhancementMode", &json!(["NONE"]))).await?;
        self.act(json!({ "do": "readStart" })).await?;
        self.act(json!({ "do": "terminate" })).await
    }
}

fn last<'a>(records: &'a [Record], lane: &str) -> Option<&'a str> {
    records.iter().rev().find(|record| record.lane == lane).map(|record| record.detail.as_str())
}
