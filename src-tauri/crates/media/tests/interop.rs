//! Whole sessions: this crate through coturn against str0m.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod support;

/// Shows the crates' own log where a test is run with RUST_LOG.
fn show_log() {
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .try_init();
}

use std::time::{Duration, Instant};

use support::engine::Engine;
use support::peer::{Peer, PeerOptions};
use support::relay::Relay;
use support::sound;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;
use trunkline_connector::ports::{CandidateInit, IceServer, MediaError, MediaEvent, MediaOffer};
use trunkline_media::{Opened, SessionConfig, VoiceSession};
use trunkline_model::{MediaFailure, MediaStats, Quality};

const AT_ONCE: Duration = Duration::from_secs(5);

async fn next_but_stats(events: &mut Receiver<MediaEvent>, limit: Duration) -> Option<MediaEvent> {
    timeout(limit, async {
        loop {
            match events.recv().await {
                Some(MediaEvent::Stats(_)) => {}
                other => return other,
            }
        }
    })
    .await
    .ok()
    .flatten()
}

async fn last_stats(events: &mut Receiver<MediaEvent>) -> Option<MediaStats> {
    let mut last = None;
    while let Ok(event) = events.try_recv() {
        if let MediaEvent::Stats(stats) = event {
            last = Some(*stats);
        }
    }
    last
}

async fn connect(relay: &Relay, peer: &Peer) -> (Opened, Duration) {
    connect_through(relay.server("agent-one"), peer).await
}

async fn connect_through(server: IceServer, peer: &Peer) -> (Opened, Duration) {
    show_log();
    let mut opened = VoiceSession::open(SessionConfig::new(vec![server])).await.unwrap();
    let begun = Instant::now();
    let offer = opened.session.offer().await.unwrap();
    assert_offer_is_as_the_service_expects(&offer);
    let reply = peer.answer(offer).await;
    opened.session.answer(&reply.sdp, &reply.candidates).await.unwrap();
    let event = next_but_stats(&mut opened.events, AT_ONCE).await;
    assert_eq!(event, Some(MediaEvent::Connected), "packets can flow");
    (opened, begun.elapsed())
}

fn assert_offer_is_as_the_service_expects(offer: &MediaOffer) {
    let sdp = &offer.sdp;
    let (session, media) = sdp.split_once("m=audio").expect("one audio section");
    for line in [
        "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=20;useinbandfec=1;usedtx=0\r\n",
        "a=rtpmap:0 PCMU/8000\r\n",
        "a=rtpmap:110 telephone-event/48000\r\n",
        "a=setup:actpass\r\n",
        "a=mid:0\r\n",
        "a=rtcp-mux\r\n",
        "a=sendrecv\r\n",
        "a=fingerprint:sha-256 ",
    ] {
        assert!(media.contains(line), "the audio section has {line:?}: {sdp}");
    }
    assert!(sdp.ends_with("a=ptime:20\r\na=maxptime:20\r\n"), "packet time at the very end: {sdp}");
    assert!(!session.contains("fingerprint"), "the fingerprint is in the media section only: {sdp}");
    for never in ["a=candidate", "transport-cc", ".local"] {
        assert!(!sdp.contains(never), "no {never}: {sdp}");
    }
    for candidate in &offer.candidates {
        let text = &candidate.candidate;
        assert!(text.contains(" 1 udp ") && text.contains("typ relay raddr 0.0.0.0 rport 0"), "{text}");
        assert_eq!((candidate.sdp_mid.as_deref(), candidate.sdp_m_line_index), (Some("0"), Some(0)));
        assert!(candidate.username_fragment.as_ref().is_some_and(|name| sdp.contains(name)), "{candidate:?}");
    }
    assert!(!offer.candidates.is_empty(), "a candidate beside the text");
}

fn options() -> PeerOptions {
    PeerOptions { speech: sound::voice(3.0, 1), narrow: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn speech_flows_both_ways_and_is_the_speech_that_was_said() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    let (mut opened, setup) = connect(&relay, &peer).await;
    println!("offer() to Connected: {} ms", setup.as_millis());
    assert!(setup < Duration::from_millis(600), "ready within 600 ms, took {setup:?}");
    opened.session.note_accepted();
    opened.session.note_live();
    let said = sound::voice(3.0, 2);
    let engine = Engine::start(opened.playout, opened.capture, said.clone());
    tokio::time::sleep(Duration::from_secs(5)).await;
    opened.session.note_first_heard();

    let heard = engine.heard();
    let at_peer = peer.sound();
    let to_us = sound::share_found(&sound::voice(3.0, 1), &heard[48_000..]);
    let to_peer = sound::share_found(&said, &at_peer[48_000..]);
    println!("share of sound found: heard {to_us:.2}, said {to_peer:.2}");
    // On a busy computer the jitter buffer stretches often; what is stretched is not found again.
    assert!(to_us > 0.4, "the agent hears the peer: {to_us}");
    assert!(to_peer > 0.5, "the peer hears the agent: {to_peer}");
    let wrong = sound::share_found(&said, &heard[48_000..]);
    assert!(wrong < 0.1, "and nobody hears himself: {wrong}");

    let stats = last_stats(&mut opened.events).await.expect("statistics every second");
    println!("{stats:?}");
    assert!(stats.received.packets > 200 && stats.received.packets_lost == 0, "received without loss: {stats:?}");
    assert!(stats.sent.packets > 200, "sent: {stats:?}");
    let round_trip = stats.round_trip_ms.expect("the peer's reports give a round trip");
    assert!(round_trip < 60.0, "and on one computer it is short: {round_trip}");
    assert!((0.03..0.3).contains(&stats.received.level), "level of what is heard: {stats:?}");
    assert!((0.03..0.3).contains(&stats.sent.level), "level of what is said: {stats:?}");
    assert!(stats.concealed < 0.2 && stats.quality > Quality::Unknown, "the line is judged: {stats:?}");

    let summary = opened.session.close().await;
    println!("{summary:?}");
    assert_eq!(opened.session.close().await, summary, "a second close tells the same");
    assert!(summary.talk_ms >= 4_900 && summary.failure.is_none(), "it was a good call: {summary:?}");
    assert!(summary.setup_ms.is_some_and(|ms| ms < 600), "{summary:?}");
    assert!(
        summary.initialization_ms.is_some() && summary.ice_gathering_ms.is_some() && summary.handshake_ms.is_some(),
        "the platform's report has its times: {summary:?}"
    );
    let route = summary.route.expect("the route is known");
    assert_eq!((route.local.as_str(), route.protocol.as_str()), ("relay", "udp"), "through the relay: {route:?}");
    assert!(
        relay.log_shows("delete: realm=<test.invalid>", Duration::from_secs(2)).await,
        "closing gives the relay's allocation back:\n{}",
        relay.log()
    );
    assert_eq!(opened.session.offer().await, Err(MediaError::Closed), "a closed session stays closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_carry_the_one_before_only_on_a_path_that_loses_some() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    let (opened, _) = connect(&relay, &peer).await;
    let _engine = Engine::start(opened.playout, opened.capture, sound::voice(3.0, 1));
    let redundant = async |span| {
        let count = || peer.seen.lock().unwrap().redundant;
        let before = count();
        tokio::time::sleep(span).await;
        count() - before
    };
    let at_first = redundant(Duration::from_secs(1)).await;
    assert!(at_first > 5, "nothing is known of the path yet: {at_first} in the first second");
    // The peer reports twice a second.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let calm = redundant(Duration::from_secs(1)).await;
    assert_eq!(calm, 0, "nothing is lost: {at_first} in the first second, {calm} in the fifth");
    peer.lose(true);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let lossy = redundant(Duration::from_secs(1)).await;
    assert!(lossy > 5, "one of ten is lost: {lossy} in a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_sent_at_fifty_packets_a_second_when_nobody_pushes() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    let (opened, _) = connect(&relay, &peer).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let from = peer.seen.lock().unwrap().frames.len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let frames = peer.seen.lock().unwrap().frames.len() - from;
    assert!((140..=155).contains(&frames), "50 packets a second: {frames} in 3 s");
    assert!(sound::level(&peer.sound()[48_000..]) < 0.001, "and they are silent");
    drop(opened);
    assert!(
        relay.log_shows("delete: realm=<test.invalid>", Duration::from_secs(2)).await,
        "dropping the last handle gives the allocation back too:\n{}",
        relay.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_leaves_at_once_and_not_with_the_next_packet_that_comes() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    let (mut opened, _) = connect(&relay, &peer).await;
    let mut said = Vec::new();
    // Not quite the peer's 20 ms, so that each place between two of its packets is seen.
    let mut pace = tokio::time::interval(Duration::from_millis(21));
    for _ in 0..120 {
        pace.tick().await;
        said.push(Instant::now());
        for _ in 0..2 {
            opened.capture.push(&[0.1; 480]);
        }
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let arrived = peer.seen.lock().unwrap().frames.clone();
    let mut late: Vec<Duration> = said
        .iter()
        .skip(20)
        .filter_map(|said| arrived.iter().find(|arrived| *arrived > said).map(|arrived| *arrived - *said))
        .collect();
    late.sort();
    let (median, p95) = (late[late.len() / 2], late[late.len() * 95 / 100]);
    println!("said to arrived at the peer: median {median:?}, p95 {p95:?}");
    assert!(late.len() == 100 && median < Duration::from_millis(5), "it does not wait for other packets: {late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_of_g711_only_is_heard_and_spoken_to() {
    let relay = Relay::start();
    let peer = Peer::start(PeerOptions { narrow: true, ..options() });
    let (opened, _) = connect(&relay, &peer).await;
    let said = sound::voice(3.0, 2);
    let engine = Engine::start(opened.playout, opened.capture, said.clone());
    tokio::time::sleep(Duration::from_secs(4)).await;
    let to_us = sound::share_found(&sound::voice(3.0, 1), &engine.heard()[48_000..]);
    // The peer records at 8 kHz: every sample stands for six.
    let wide: Vec<f32> = peer.sound()[8_000..].iter().flat_map(|&sample| [sample; 6]).collect();
    let to_peer = sound::share_found(&said, &wide);
    println!("G.711, share of sound found: heard {to_us:.3}, said {to_peer:.3}");
    assert_eq!(peer.seen.lock().unwrap().payload_type, Some(0), "we send what the answer chose");
    assert!(to_us > 0.4 && to_peer > 0.5, "both ways: {to_us} {to_peer}");
    opened.session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_relay_ends_in_a_gathering_timeout_after_eight_seconds() {
    // A socket that swallows everything.
    let hole = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = IceServer {
        urls: vec![format!("turn:127.0.0.1:{}?transport=udp", hole.local_addr().unwrap().port())],
        username: "1:agent-one".to_owned(),
        credential: "nothing".to_owned().into(),
    };
    let opened = VoiceSession::open(SessionConfig::new(vec![server])).await.unwrap();
    let begun = Instant::now();
    let result = opened.session.offer().await;
    assert_eq!(result, Err(MediaError::Failed(MediaFailure::IceGatheringTimeout)));
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(8_500), "not longer than the limit: {took:?}");
    println!("unreachable relay noticed after {took:?}");
    let summary = opened.session.close().await;
    assert_eq!(summary.failure, Some(MediaFailure::IceGatheringTimeout), "the summary knows why");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_end_in_a_gathering_timeout_too() {
    let relay = Relay::start();
    let mut server = relay.server("agent-one");
    server.credential = "wrong".to_owned().into();
    let opened = VoiceSession::open(SessionConfig::new(vec![server])).await.unwrap();
    let begun = Instant::now();
    let result = opened.session.offer().await;
    println!("refused credentials noticed after {:?}", begun.elapsed());
    assert_eq!(result, Err(MediaError::Failed(MediaFailure::IceGatheringTimeout)));
    assert!(begun.elapsed() < Duration::from_millis(8_500), "not longer than the limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_an_offer_under_way() {
    let hole = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = IceServer {
        urls: vec![format!("turn:127.0.0.1:{}", hole.local_addr().unwrap().port())],
        username: "1:agent-one".to_owned(),
        credential: "nothing".to_owned().into(),
    };
    let opened = VoiceSession::open(SessionConfig::new(vec![server])).await.unwrap();
    let session = opened.session.clone();
    let offering = tokio::spawn(async move { session.offer().await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    opened.session.close().await;
    assert_eq!(offering.await.unwrap(), Err(MediaError::Closed), "the offer ends with the session");
    assert!(begun.elapsed() < Duration::from_secs(1), "at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_answers_are_refused_with_their_reason_and_a_good_one_still_works() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    let mut opened = VoiceSession::open(SessionConfig::new(vec![relay.server("agent-one")])).await.unwrap();
    let offer = opened.session.offer().await.unwrap();
    let reply = peer.answer(offer).await;
    let invalid = Err(MediaError::Failed(MediaFailure::InvalidRemoteDescription));
    assert_eq!(opened.session.answer("", &reply.candidates).await, invalid, "an empty text");
    assert_eq!(
        opened.session.answer(&reply.sdp, &[]).await,
        Err(MediaError::Failed(MediaFailure::NoRemoteCandidate)),
        "no candidate anywhere"
    );
    opened.session.answer(&reply.sdp, &reply.candidates).await.unwrap();
    assert_eq!(next_but_stats(&mut opened.events, AT_ONCE).await, Some(MediaEvent::Connected));
    opened.session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_as_both_kinds_of_server_write_them_are_applied() {
    let relay = Relay::start();
    for fixture in
        [include_str!("fixtures/rpc-answer.media-cluster.json"), include_str!("fixtures/rpc-answer.legacy-path.json")]
    {
        let outer: serde_json::Value = serde_json::from_str(fixture).unwrap();
        let inner: serde_json::Value = serde_json::from_str(outer["content"].as_str().unwrap()).unwrap();
        let result = &inner["jsonRpcMsg"]["result"];
        let candidates: Vec<CandidateInit> = serde_json::from_value(result["candidates"].clone()).unwrap();
        let opened = VoiceSession::open(SessionConfig::new(vec![relay.server("agent-one")])).await.unwrap();
        opened.session.offer().await.unwrap();
        let applied = opened.session.answer(result["sdp"].as_str().unwrap(), &candidates).await;
        assert_eq!(applied, Ok(()), "the WebRTC crate takes it");
        opened.session.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_path_is_told_and_so_is_its_return() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    let (mut opened, _) = connect(&relay, &peer).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    peer.block(true);
    let begun = Instant::now();
    let lost = next_but_stats(&mut opened.events, Duration::from_secs(10)).await;
    println!("path loss told after {:?}", begun.elapsed());
    assert_eq!(lost, Some(MediaEvent::PathLost));
    peer.block(false);
    let begun = Instant::now();
    let back = next_but_stats(&mut opened.events, Duration::from_secs(10)).await;
    println!("return told after {:?}", begun.elapsed());
    assert_eq!(back, Some(MediaEvent::PathRestored));
    let summary = opened.session.close().await;
    assert_eq!((summary.path_losses, summary.ice_restarts), (1, 0), "one loss, mended by itself");
    assert_eq!(summary.failure, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ice_restart_with_fresh_credentials_keeps_the_call() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    let (mut opened, _) = connect(&relay, &peer).await;
    let engine = Engine::start(opened.playout, opened.capture, sound::voice(3.0, 2));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let begun = Instant::now();
    let offer = opened.session.restart(vec![relay.server("agent-one-again")]).await.unwrap();
    println!("restart offer after {:?}", begun.elapsed());
    assert!(
        offer.candidates.iter().all(|candidate| candidate.candidate.contains("typ relay")),
        "new candidates only: {offer:?}"
    );
    assert_eq!(offer.candidates.len(), 1, "one relay, one candidate: {offer:?}");
    let reply = peer.answer(offer).await;
    opened.session.answer(&reply.sdp, &reply.candidates).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(relay.log().contains("agent-one-again"), "the new allocation belongs to the new user");
    let (heard, at_peer) = (engine.heard(), peer.sound());
    let to_us = sound::share_found(&sound::voice(3.0, 1), &heard[heard.len() - 96_000..]);
    let to_peer = sound::share_found(&sound::voice(3.0, 2), &at_peer[at_peer.len() - 96_000..]);
    println!("after the restart: heard {to_us:.3}, said {to_peer:.3}");
    let mut longest = Duration::ZERO;
    for pair in peer.seen.lock().unwrap().frames.windows(2) {
        longest = longest.max(pair[1] - pair[0]);
    }
    println!("longest gap at the peer over the restart: {longest:?}");
    assert!(to_us > 0.4 && to_peer > 0.5, "speech flows on both ways: {to_us} {to_peer}");
    assert!(longest < Duration::from_millis(1_000), "and the gap is short: {longest:?}");
    assert_eq!(next_but_stats(&mut opened.events, Duration::from_millis(100)).await, None, "no path was lost");
    let summary = opened.session.close().await;
    assert_eq!((summary.path_losses, summary.ice_restarts), (0, 1), "one restart: {summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ice_restart_mends_a_path_whose_credentials_have_expired() {
    let relay = Relay::start();
    let peer = Peer::start(options());
    // The path is noticed as lost after more than 4 s; by then these have expired.
    let (mut opened, _) = connect_through(relay.server_until("agent-one", 3), &peer).await;
    peer.block(true);
    assert_eq!(
        next_but_stats(&mut opened.events, Duration::from_secs(10)).await,
        Some(MediaEvent::PathLost),
        "the path is lost first"
    );
    let offer = opened.session.restart(vec![relay.server("agent-one-again")]).await.unwrap();
    peer.block(false);
    let reply = peer.answer(offer).await;
    opened.session.answer(&reply.sdp, &reply.candidates).await.unwrap();
    let begun = Instant::now();
    let back = next_but_stats(&mut opened.events, Duration::from_secs(10)).await;
    println!("path mended {:?} after the answer", begun.elapsed());
    assert_eq!(back, Some(MediaEvent::PathRestored));
    let summary = opened.session.close().await;
    assert_eq!((summary.path_losses, summary.failure), (1, None), "{summary:?}");
}

#[test]
fn the_loopback_address_is_bound_for_relays_that_are_there_and_the_wildcard_for_others() {
    let server =
        |url: &str| IceServer { urls: vec![url.to_owned()], username: String::new(), credential: String::new().into() };
    let bind = |urls: &[&str]| SessionConfig::default_bind(&urls.iter().map(|url| server(url)).collect::<Vec<_>>());
    assert_eq!(bind(&["turn:127.0.0.1:3478?transport=udp"]), ["127.0.0.1:0"]);
    assert_eq!(bind(&["turn:127.8.1.1"]), ["127.0.0.1:0"]);
    assert_eq!(bind(&["turn:localhost:3478"]), ["127.0.0.1:0"]);
    assert_eq!(bind(&["turn:[::1]:3478"]), ["[::1]:0"]);
    assert_eq!(bind(&["turn:turnnlb-1.example.com.:3478?transport=udp"]), ["0.0.0.0:0"]);
    assert_eq!(bind(&["turn:127.0.0.1:1", "turn:192.0.2.7:3478"]), ["127.0.0.1:0", "0.0.0.0:0"]);
    assert_eq!(bind(&[]), ["0.0.0.0:0"]);
}
