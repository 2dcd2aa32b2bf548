//! A browser's RTCPeerConnection, speaking the softphone signalling, gets
//! audio both ways from the simulated customer through a TURN server.

use std::time::Duration;

use crate::browser::Browser;
use trunkline_simulators::amazon_connect::{
    AmazonConnectSim, AnswerForm, OfferCall, Recording, SimOptions, Speech, TurnKind,
};
use trunkline_simulators::speech;

const LONG: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);

/// Ten seconds of 1000 Hz for the fake microphone.
fn microphone(folder: &std::path::Path) -> std::path::PathBuf {
    let file = folder.join("microphone.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: speech::RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&file, spec).unwrap();
    for sample in speech::tone(1000.0, 10.0) {
        writer.write_sample((sample * 32_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    file
}

async fn whole_call(options: SimOptions, offer: OfferCall) {
    let sim = AmazonConnectSim::start(options).await.unwrap();
    sim.host_page("/softphone.html", "text/html; charset=utf-8", include_bytes!("../pages/softphone.html").as_slice());
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}/softphone.html?token={}", sim.base_url(), sim.token("agent.one"));
    let _browser = Browser::open(&url, Some(&microphone(folder.path())));
    sim.expect_report("the subscription", LONG, |r| r["status"] == "success").await.unwrap();

    let call = sim.offer_call(OfferCall { speech: Speech::tone(440.0), ..offer }).await.unwrap();
    call.wait_media_connected(SOON).await.unwrap();
    let step = |event: &'static str| {
        let sim = sim.clone();
        async move {
            sim.expect_report(event, SOON, |r| r["event"] == event || r["event"] == "script-error").await.unwrap().body
        }
    };
    if !sim.options().agents[0].auto_accept {
        step("silent-before-accept").await;
    }
    let accepted = call.expect_accepted(SOON).await.unwrap();
    let heard = step("hears-customer").await;
    let hertz = heard["hertz"].as_f64().unwrap_or(0.0);
    assert!((hertz - 440.0).abs() < 12.0, "the browser hears the customer's 440 Hz, at {hertz} Hz: {heard}");
    let held = call.expect_hold(SOON).await.unwrap();
    step("silent-on-hold").await;
    let resumed = call.expect_resumed(SOON).await.unwrap();
    step("hears-after-hold").await;
    step("hears-after-restart").await;
    let stats = step("stats").await;
    assert_eq!(stats["local"], "relay", "media goes through the TURN server: {stats}");
    step("done").await;
    call.expect_ended_by_agent(SOON).await.unwrap();
    call.expect_cleared(SOON).await.unwrap();

    let facts = call.facts();
    assert_eq!(facts.ice_restarts.len(), 1, "the ICE restart went through");
    assert!(facts.signalling_accept.is_some(), "accept was received");
    assert!(facts.client_bye.is_some(), "bye was received");
    assert!(!call.has_live_peer(), "bye ended the peer");
    let all = call.heard();
    let (packets, _) = all.packet_counts();
    assert!(packets > 200, "the peer got a stream of packets, {packets}");
    let customer = call.heard_by_customer();
    let talk = customer.between(accepted, held);
    let tone = Recording::tone_level(&talk[talk.len() / 4..], 1000.0);
    assert!(tone > 0.2, "the customer hears the microphone's 1000 Hz, level {tone}");
    let during = customer.between(held, resumed);
    assert!(during.len() > 24_000, "the hold lasted long enough to be judged");
    let inside = &during[480..during.len() - 480];
    let quiet = Recording::tone_level(inside, 1000.0);
    assert!(quiet < 0.001, "on hold the customer hears nothing, level {quiet}");
    let sent = Recording::tone_level(all.between(held, resumed), 1000.0);
    assert!(sent > 0.2, "although the browser went on sending, level {sent}");
    let events: Vec<_> = sim.page_reports().into_iter().map(|r| r.body).collect();
    assert!(events.iter().all(|e| e["event"] != "script-error"), "no script error in {events:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_talks_with_the_customer_through_the_installed_turn_server() {
    whole_call(SimOptions::default(), OfferCall::to("agent.one")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_talks_with_the_customer_through_the_embedded_turn_server() {
    let options = SimOptions { turn: TurnKind::Embedded, ..SimOptions::default() };
    let offer = OfferCall { html_escape_call_config: true, ..OfferCall::to("agent.one") };
    whole_call(options, offer).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_accepts_by_itself_when_media_is_up() {
    let mut options = SimOptions::default();
    options.agents[0].auto_accept = true;
    whole_call(options, OfferCall::to("agent.one")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_older_answer_form_gives_no_token_and_still_carries_audio() {
    let sim =
        AmazonConnectSim::start(SimOptions { answer: AnswerForm::Legacy, ..SimOptions::default() }).await.unwrap();
    sim.host_page("/softphone.html", "text/html; charset=utf-8", include_bytes!("../pages/softphone.html").as_slice());
    let url = format!("{}/softphone.html?token={}", sim.base_url(), sim.token("agent.one"));
    let _browser = Browser::open(&url, None);
    sim.expect_report("the subscription", LONG, |r| r["status"] == "success").await.unwrap();
    let call = sim.offer_call(OfferCall { speech: Speech::tone(440.0), ..OfferCall::to("agent.one") }).await.unwrap();
    call.expect_accepted(SOON).await.unwrap();
    sim.expect_report("audio", SOON, |r| r["event"] == "hears-after-hold").await.unwrap();
    let refused = sim.expect_report("the refused restart", SOON, |r| r["event"] == "script-error").await.unwrap().body;
    assert!(
        refused["text"].as_str().unwrap_or("").contains("invite 403"),
        "without a token an ICE restart is refused: {refused}"
    );
}
