//! Who hears whom: real audio of softphones over WebRTC, the customer and
//! third parties, each with a tone of its own.

use std::time::Duration;

use crate::wire::softphone::Softphone;
use crate::wire::{Cti, Socket};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, OfferCall, OutboundAnswer, OutboundBehaviour, Recording, SimCall, SimOptions, SimParty, Speech,
    TurnKind,
};
use trunkline_simulators::{Moment, speech};

const SOON: Duration = Duration::from_secs(15);
const CUSTOMER: f32 = 440.0;
const THIRD: f32 = 700.0;
const AGENT_ONE: f32 = 1000.0;
const AGENT_TWO: f32 = 1500.0;
const ALL: [f32; 4] = [CUSTOMER, THIRD, AGENT_ONE, AGENT_TWO];

async fn start() -> AmazonConnectSim {
    let options = SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() };
    let sim = AmazonConnectSim::start(options).await.unwrap();
    sim.set_third_party(OutboundBehaviour { answer: OutboundAnswer::Never, speech: Speech::tone(THIRD) });
    sim
}

struct Seat {
    cti: Cti,
    socket: Socket,
}

impl Seat {
    async fn of(sim: &AmazonConnectSim, login: &str) -> Self {
        let cti = Cti { base: sim.base_url(), token: sim.token(login) };
        let made = cti.done("CreateTransport", json!({ "transportType": "web_socket" })).await;
        let url = made["webSocketTransport"]["url"].as_str().unwrap();
        let mut socket = Socket::open(url).await.expect("the socket opens");
        let topics = json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/softphone"] } });
        assert_eq!(socket.ask(&topics).await["content"]["status"], "success");
        Self { cti, socket }
    }

    /// The softphone connects, then the contact is accepted.
    async fn take(&mut self, call: &SimCall, hertz: f32) -> Softphone {
        let phone = Softphone::call(&mut self.socket, &self.cti.snapshot().await, hertz).await;
        call.wait_media_connected(SOON).await.unwrap();
        self.cti.done("AcceptContact", json!({ "contactId": call.contact_id() })).await;
        phone
    }

    async fn act(&self, operation: &str, call: &SimCall, connection: &str) {
        self.cti.done(operation, json!({ "contactId": call.contact_id(), "connectionId": connection })).await;
    }
}

/// 0.6 s of the present, without the changes at its ends.
async fn while_it_lasts() -> (Moment, Moment) {
    tokio::time::sleep(Duration::from_millis(400)).await;
    let from = Moment::now();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let to = Moment::now();
    // What is on its way has arrived then.
    tokio::time::sleep(Duration::from_millis(100)).await;
    (from, to)
}

/// Mean strength over blocks of 100 ms, in which all tones are whole numbers
/// of periods; a packet lost on a busy machine then costs one block.
fn strength(samples: &[f32], hertz: f32) -> f32 {
    let blocks: Vec<f32> = samples.chunks_exact(4800).map(|b| Recording::tone_level(b, hertz)).collect();
    blocks.iter().sum::<f32>() / blocks.len().max(1) as f32
}

/// What is wrong with what somebody hears.
fn differences(who: &str, samples: &[f32], wanted: &[f32]) -> Vec<String> {
    let mut found = Vec::new();
    if samples.len() < 9600 {
        found.push(format!("{who} has too little to be judged, {} samples", samples.len()));
    }
    for hertz in ALL {
        let level = strength(samples, hertz);
        if wanted.contains(&hertz) != (level > 0.2) || (!wanted.contains(&hertz) && level > 0.02) {
            found.push(format!("{who} hears {hertz} Hz at {level}, of {wanted:?}"));
        }
    }
    found
}

/// Who listens, and which tones are to be heard.
enum Ear<'a> {
    Phone(&'static str, &'a Softphone, &'a [f32]),
    Customer(&'a SimCall, &'a [f32]),
    Third(&'a SimCall, &'a SimParty, &'a [f32]),
}

/// Asserts who hears what from now on. All have to be right at the same time;
/// on a busy machine audio comes late, so some windows are tried.
async fn hears(what: &str, ears: &[Ear<'_>]) {
    let mut found = Vec::new();
    for _ in 0..8 {
        let (from, to) = while_it_lasts().await;
        found.clear();
        for ear in ears {
            found.extend(match ear {
                Ear::Phone(who, phone, wanted) => differences(who, &phone.between(from, to), wanted),
                Ear::Customer(call, wanted) => {
                    differences("the customer", call.heard_by_customer().between(from, to), wanted)
                }
                Ear::Third(call, party, wanted) => {
                    differences("the third party", call.heard_by(party).between(from, to), wanted)
                }
            });
        }
        if found.is_empty() {
            return;
        }
    }
    panic!("{what}: {found:#?}");
}

async fn talking(sim: &AmazonConnectSim, seat: &mut Seat) -> (SimCall, Softphone) {
    let offer = OfferCall { speech: Speech::tone(CUSTOMER), ..OfferCall::to("agent.one") };
    let call = sim.offer_call(offer).await.unwrap();
    let phone = seat.take(&call, AGENT_ONE).await;
    (call, phone)
}

async fn add(seat: &Seat, call: &SimCall, endpoint: Value) -> SimParty {
    let body = json!({ "contactId": call.contact_id(), "endpoint": endpoint });
    seat.cti.done("CreateAdditionalConnection", body).await;
    call.expect_third_party(SOON).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_hears_exactly_those_they_are_connected_to() {
    let sim = start().await;
    let mut seat = Seat::of(&sim, "agent.one").await;
    let (call, phone) = talking(&sim, &mut seat).await;
    let (me, customer) = (call.agent_connection_id().to_owned(), call.customer());
    let phone = |wanted| Ear::Phone("the agent", &phone, wanted);
    hears("two", &[phone(&[CUSTOMER]), Ear::Customer(&call, &[AGENT_ONE])]).await;

    let party = add(&seat, &call, json!({ "type": "phone_number", "phoneNumber": "+12025550177" })).await;
    let third = |wanted| Ear::Third(&call, &party, wanted);
    let customers = |wanted| Ear::Customer(&call, wanted);
    hears("ringing", &[phone(&[]), customers(&[]), third(&[])]).await;
    party.answer().unwrap();
    hears("consult", &[phone(&[THIRD]), customers(&[]), third(&[AGENT_ONE])]).await;
    seat.act("ToggleActiveConnections", &call, customer.connection_id()).await;
    hears("swapped", &[phone(&[CUSTOMER]), customers(&[AGENT_ONE]), third(&[])]).await;
    seat.cti.done("ConferenceConnections", json!({ "contactId": call.contact_id() })).await;
    let all = [phone(&[CUSTOMER, THIRD]), customers(&[AGENT_ONE, THIRD]), third(&[AGENT_ONE, CUSTOMER])];
    hears("conference", &all).await;
    seat.act("HoldConnection", &call, &me).await;
    hears("agent held", &[phone(&[]), customers(&[THIRD]), third(&[CUSTOMER])]).await;
    seat.act("ResumeConnection", &call, &me).await;
    seat.act("HoldConnection", &call, party.connection_id()).await;
    hears("third held", &[phone(&[CUSTOMER]), customers(&[AGENT_ONE]), third(&[])]).await;
    seat.act("ResumeConnection", &call, party.connection_id()).await;
    seat.act("MuteParticipant", &call, &me).await;
    hears("agent muted", &[phone(&[CUSTOMER, THIRD]), customers(&[THIRD]), third(&[CUSTOMER])]).await;
    seat.act("DestroyConnection", &call, &me).await;
    hears("agent gone", &[customers(&[THIRD]), third(&[CUSTOMER])]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_and_a_customer_talk_and_the_second_stays() {
    let sim = start().await;
    let (mut one, mut two) = (Seat::of(&sim, "agent.one").await, Seat::of(&sim, "agent.two").await);
    let (call, phone_one) = talking(&sim, &mut one).await;
    let all = one.cti.done("GetEndpoints", json!({ "queueARNs": [] })).await;
    let party = add(&one, &call, all["endpoints"][0].clone()).await;
    let other = sim.expect_transferred("agent.two", SOON).await.unwrap();
    let phone_two = two.take(&other, AGENT_TWO).await;
    let first = |wanted| Ear::Phone("agent one", &phone_one, wanted);
    let second = |wanted| Ear::Phone("agent two", &phone_two, wanted);
    let customer = |wanted| Ear::Customer(&call, wanted);
    let third = Ear::Third(&call, &party, &[AGENT_ONE]);
    hears("consult", &[first(&[AGENT_TWO]), second(&[AGENT_ONE]), customer(&[]), third]).await;
    one.cti.done("ConferenceConnections", json!({ "contactId": call.contact_id() })).await;
    let all = [first(&[CUSTOMER, AGENT_TWO]), second(&[CUSTOMER, AGENT_ONE]), customer(&[AGENT_ONE, AGENT_TWO])];
    hears("conference", &all).await;
    one.act("DestroyConnection", &call, call.agent_connection_id()).await;
    hears("agent one gone", &[second(&[CUSTOMER]), customer(&[AGENT_TWO])]).await;
}

/// The highest normalised correlation of `words` with `heard`, shifted by up
/// to 0.4 s. Every fourth sample is enough for speech.
fn correlation(words: &[f32], heard: &[f32]) -> f32 {
    let thin = |samples: &[f32]| samples.iter().step_by(4).copied().collect::<Vec<_>>();
    let (words, heard) = (thin(words), thin(heard));
    let length = words.len().min(heard.len().saturating_sub(4800));
    let power = |s: &[f32]| s.iter().map(|v| v * v).sum::<f32>();
    let words = &words[..length];
    (0..4800)
        .map(|lag| {
            let window = &heard[lag..lag + length];
            let product: f32 = words.iter().zip(window).map(|(a, b)| a * b).sum();
            product / (power(words) * power(window)).sqrt().max(f32::EPSILON)
        })
        .fold(0.0, f32::max)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_hears_the_third_partys_own_sentence() {
    let sim = start().await;
    let mut seat = Seat::of(&sim, "agent.one").await;
    let (call, phone) = talking(&sim, &mut seat).await;
    let party = add(&seat, &call, json!({ "type": "phone_number", "phoneNumber": "+12025550177" })).await;
    party.say(speech::sample(2));
    party.answer().unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let begin = party.facts().speech_started.expect("the third party speaks");
    let end = Moment::at(begin.instant + Duration::from_millis(1500));
    let arrived = phone.between(begin, Moment::at(begin.instant + Duration::from_millis(2000)));
    let (spoken, other) = (party.spoken(), speech::sample(3));
    let same = correlation(spoken.between(begin, end), &arrived);
    assert!(same > 0.8, "it is this sentence, correlation {same}");
    let wrong = correlation(&other[..72_000], &arrived);
    assert!(wrong < 0.5, "and no other, correlation {wrong}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_hears_both_and_is_heard_only_after_barging_in() {
    let sim = start().await;
    let (mut one, mut two) = (Seat::of(&sim, "agent.one").await, Seat::of(&sim, "agent.two").await);
    let (call, phone_one) = talking(&sim, &mut one).await;
    let part = sim.monitor(&call, "agent.two").await.unwrap();
    let phone_two = Softphone::call(&mut two.socket, &two.cti.snapshot().await, AGENT_TWO).await;
    part.wait_media_connected(SOON).await.unwrap();
    let agent = |wanted| Ear::Phone("the agent", &phone_one, wanted);
    let supervisor = |wanted| Ear::Phone("the supervisor", &phone_two, wanted);
    let customer = |wanted| Ear::Customer(&call, wanted);
    let both: &[f32] = &[CUSTOMER, AGENT_ONE];
    let mode = |mode: &str| json!({ "contactId": part.contact_id(), "targetMonitorMode": mode });
    // The supervisor's client sends all the time: the service must not pass it on.
    hears("listening", &[supervisor(both), agent(&[CUSTOMER]), customer(&[AGENT_ONE])]).await;
    two.cti.done("UpdateMonitorParticipantState", mode("BARGE")).await;
    let joined = [supervisor(both), agent(&[CUSTOMER, AGENT_TWO]), customer(&[AGENT_ONE, AGENT_TWO])];
    hears("barged in", &joined).await;
    two.cti.done("UpdateMonitorParticipantState", mode("SILENT_MONITOR")).await;
    hears("listening again", &[supervisor(both), agent(&[CUSTOMER]), customer(&[AGENT_ONE])]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_called_back_customer_and_the_agent_hear_each_other() {
    let sim = start().await;
    let mut seat = Seat::of(&sim, "agent.one").await;
    let offer = OfferCall { speech: Speech::tone(CUSTOMER), ..OfferCall::to("agent.one") };
    let call = sim.offer_callback(offer, OutboundAnswer::Never).await.unwrap();
    seat.cti.done("AcceptContact", json!({ "contactId": call.contact_id() })).await;
    let phone = Softphone::call(&mut seat.socket, &seat.cti.snapshot().await, AGENT_ONE).await;
    call.wait_media_connected(SOON).await.unwrap();
    let ears = |agent, customer| [Ear::Phone("the agent", &phone, agent), Ear::Customer(&call, customer)];
    hears("dialling", &ears(&[], &[])).await;
    call.answer().unwrap();
    hears("answered", &ears(&[CUSTOMER], &[AGENT_ONE])).await;
}
