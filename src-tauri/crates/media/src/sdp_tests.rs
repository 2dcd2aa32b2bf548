#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

/// What the WebRTC crate writes for us, with addresses of the documentation ranges.
const LOCAL: &str = "v=0\r\no=- 4503689214584453222 611406817 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
a=extmap-allow-mixed\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 110\r\nc=IN IP4 0.0.0.0\r\n\
a=setup:actpass\r\na=mid:0\r\na=ice-ufrag:hoqB\r\na=ice-pwd:exampleExampleExample01\r\na=rtcp-mux\r\na=rtcp-rsize\r\n\
a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:110 telephone-event/48000\r\na=fmtp:110 0-16\r\n\
a=msid:trunkline microphone\r\na=ssrc:3351660574 cname:trunkline\r\na=sendrecv\r\n\
a=candidate:100 1 udp 2130706431 192.0.2.5 40000 typ host\r\n\
a=candidate:200 1 udp 16777215 203.0.113.45 51234 typ relay raddr 192.0.2.5 rport 40000\r\n\
a=candidate:200 2 udp 16777214 203.0.113.45 51234 typ relay raddr 192.0.2.5 rport 40000\r\n\
a=end-of-candidates\r\n\
a=fingerprint:sha-256 D5:F8:0C:E9:02:39:26:3D:1A:21:C8:70:17:93:89:E1:AE:62:9B:FF:58:20:D0:EA:60:03:97:5B:0E:BF:DE:64\r\n";

fn answer_of(fixture: &str) -> (String, Vec<CandidateInit>) {
    let outer: serde_json::Value = serde_json::from_str(fixture).unwrap();
    let inner: serde_json::Value = serde_json::from_str(outer["content"].as_str().unwrap()).unwrap();
    let result = &inner["jsonRpcMsg"]["result"];
    let candidates = serde_json::from_value(result["candidates"].clone()).unwrap();
    (result["sdp"].as_str().unwrap().to_owned(), candidates)
}

const NEW_PATH: &str = include_str!("../tests/fixtures/rpc-answer.media-cluster.json");
const OLD_PATH: &str = include_str!("../tests/fixtures/rpc-answer.legacy-path.json");

#[test]
fn the_sent_offer_is_the_golden_one() {
    insta::assert_snapshot!("sent_offer", sent_offer(LOCAL));
}

#[test]
fn an_existing_opus_line_is_replaced_and_rewriting_twice_changes_nothing() {
    let with = LOCAL.replace("a=rtpmap:0 PCMU", "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:0 PCMU");
    assert_eq!(sent_offer(&with), sent_offer(LOCAL), "whatever stood there, ours is sent");
    assert_eq!(sent_offer(&sent_offer(LOCAL)), sent_offer(LOCAL), "nothing is added twice");
    assert_eq!(sent_offer(&LOCAL.replace("\r\n", "\n")), sent_offer(LOCAL), "line ends do not matter");
}

#[test]
fn relay_candidates_are_the_golden_ones_and_a_restart_leaves_out_the_old() {
    let first = relay_candidates(LOCAL, &HashSet::new());
    insta::assert_json_snapshot!("relay_candidates", first);
    let old: HashSet<u16> = first.iter().filter_map(candidate_port).collect();
    assert_eq!(old, HashSet::from([51234]));
    let restarted = LOCAL.replace(
        "a=end-of-candidates",
        "a=candidate:200 1 udp 16777215 203.0.113.45 60001 typ relay raddr 192.0.2.5 rport 40001\r\na=end-of-candidates",
    );
    let ports: Vec<_> = relay_candidates(&restarted, &old).iter().filter_map(candidate_port).collect();
    assert_eq!(ports, [60001], "the new generation only");
}

#[test]
fn answers_of_both_kinds_of_server_are_the_golden_ones() {
    for (name, fixture) in [("answer_media_cluster", NEW_PATH), ("answer_legacy_path", OLD_PATH)] {
        let (sdp, candidates) = answer_of(fixture);
        let answer = Answer::parse(&sdp, &candidates).unwrap();
        insta::assert_snapshot!(name, format!("{}\n{}", answer.sdp, answer.candidates.join("\n")));
    }
}

#[test]
fn what_can_be_understood_is() {
    let (sdp, listed) = answer_of(NEW_PATH);
    let normal = Answer::parse(&sdp, &listed).unwrap();
    let line = format!("a={}\r\n", listed[0].candidate);
    let with = |text: &str, candidates: &[CandidateInit]| Answer::parse(text, candidates).unwrap();
    assert_eq!(with(&sdp.replace("\r\n", "\n"), &listed), normal, "bare line feeds");
    assert_eq!(with(&sdp.replace("\r\n", "\r"), &listed), normal, "bare carriage returns");
    assert_eq!(with(&sdp.replace("\r\n", "\\r\\n"), &listed), normal, "escaped twice");
    assert_eq!(with(&format!("{sdp}{line}"), &[]), normal, "candidates in the text only");
    assert_eq!(with(&format!("{sdp}{line}a=end-of-candidates\r\n"), &listed), normal, "in both, taken once");
    assert_eq!(with(&sdp.replace("a=mid:0", "a=mid:audio"), &listed), normal, "another name of the section");
    assert_eq!(with(&sdp.replace("a=mid:0\r\n", ""), &listed), normal, "no name at all");
    assert_eq!(with(&sdp.replace("setup:active", "setup:actpass"), &listed), normal, "an undecided role");
    assert!(with(&sdp.replace("setup:active", "setup:passive"), &listed).sdp.contains("a=setup:passive"));
    assert!(with(&sdp.replace("a=setup:active\r\n", ""), &listed).sdp.contains("a=setup:active"), "no role");
    assert!(with(&sdp.replace("a=rtcp-mux\r\n", ""), &listed).sdp.contains("a=rtcp-mux"), "mux is required");
    for (mid, index) in [(None, Some(0)), (Some("audio"), Some(0)), (Some("0"), None), (None, None)] {
        let named = CandidateInit {
            sdp_mid: mid.map(str::to_owned),
            sdp_m_line_index: index,
            username_fragment: None,
            candidate: listed[0].candidate.clone(),
        };
        assert_eq!(with(&sdp, &[named]), normal, "section by {mid:?} and {index:?}");
    }
    let bare = |text: &str| CandidateInit { candidate: text.to_owned(), ..listed[0].clone() };
    let attribute = bare(&format!("a={}", listed[0].candidate));
    let naked = bare(listed[0].candidate.trim_start_matches("candidate:"));
    assert_eq!(with(&sdp, &[attribute, naked, bare("")]), normal, "with prefix, without, and the end mark");
}

#[test]
fn what_cannot_be_used_says_why() {
    let (sdp, listed) = answer_of(NEW_PATH);
    let invalid = Err(MediaFailure::InvalidRemoteDescription);
    for text in ["", "  \r\n", "null", "v=0", "{\"sdp\":1}"] {
        assert_eq!(Answer::parse(text, &listed), invalid, "{text:?}");
    }
    for gone in ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "m=audio 20114"] {
        assert_eq!(Answer::parse(&sdp.replace(gone, "x=gone"), &listed), invalid, "without {gone}");
    }
    assert_eq!(Answer::parse(&sdp.replace("m=audio 20114", "m=audio 0"), &listed), invalid, "audio refused");
    let none = Err(MediaFailure::NoRemoteCandidate);
    assert_eq!(Answer::parse(&sdp, &[]), none, "no candidate anywhere");
    for useless in [
        "candidate:1 2 udp 1 203.0.113.80 20114 typ host",
        "candidate:1 1 tcp 1 203.0.113.80 9 typ host tcptype active",
        "candidate:1 1 udp 1 0a1b2c.local 20114 typ host",
        "candidate:1 1 udp x",
    ] {
        let candidate = CandidateInit { candidate: useless.to_owned(), ..listed[0].clone() };
        assert_eq!(Answer::parse(&sdp, &[candidate]), none, "{useless}");
    }
    let elsewhere = CandidateInit { sdp_m_line_index: Some(1), ..listed[0].clone() };
    assert_eq!(Answer::parse(&sdp, &[elsewhere]), none, "of another section");
}

proptest! {
    #[test]
    fn no_text_breaks_the_readers(text in "(v=0|m=audio [0-9]{1,3} x|a=[a-z-]{1,12}:[ -~]{0,30}|[ -~\\r\\n]{0,20}|\\r\\n){0,20}", candidate in ".{0,60}") {
        let listed = [CandidateInit { candidate, sdp_mid: None, sdp_m_line_index: None, username_fragment: None }];
        let _ = Answer::parse(&text, &listed);
        let _ = relay_candidates(&text, &HashSet::new());
        prop_assert!(sent_offer(&text).ends_with("a=ptime:20\r\na=maxptime:20\r\n"));
    }
}
