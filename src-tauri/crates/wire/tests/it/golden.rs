//! Frames that phoenix.js itself wrote and read. `tests/golden/make.mjs` makes
//! the file anew; the other fixtures are those of the protocol's description.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use trunkline_wire::phoenix::{
    Change, Encoded, Message, Payload, Presence, Synced, Timing, decode_binary, decode_text, encode, endpoint,
};
use url::Url;

use crate::presence::as_json;

macro_rules! fixture {
    ($name:literal) => {
        ($name, include_str!(concat!("../fixtures/phoenix/", $name, ".json")))
    };
}

const FRAMES: &[(&str, &str)] = &[
    fixture!("broadcast"),
    fixture!("heartbeat-reply"),
    fixture!("heartbeat"),
    fixture!("join-reply-crashed"),
    fixture!("join-reply-error"),
    fixture!("join-reply-ok"),
    fixture!("join-reply-too-many"),
    fixture!("join-reply-unmatched-topic"),
    fixture!("join"),
    fixture!("leave-reply"),
    fixture!("leave"),
    fixture!("phx-close"),
    fixture!("phx-error-reason"),
    fixture!("phx-error"),
    fixture!("push-reply-ok"),
    fixture!("push-with-joinref"),
    fixture!("server-push-stale"),
    fixture!("server-push"),
];

const GOLDEN: [(&str, &str); 2] = [
    ("1.8.16", include_str!("../fixtures/golden-1.8.16.json")),
    ("1.6.16", include_str!("../fixtures/golden-1.6.16.json")),
];

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("a fixture is JSON")
}

fn unhex(hex: &str) -> Bytes {
    let digits: Vec<u8> = hex.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[test]
fn every_described_frame_is_read_and_written() {
    for (name, content) in FRAMES {
        let fixture = read(content);
        let frame = fixture["frame"].as_str().unwrap();
        let parts = fixture["message"].as_array().unwrap();
        let message = Message {
            join_ref: text(&parts[0]),
            reference: text(&parts[1]),
            topic: text(&parts[2]).unwrap(),
            event: text(&parts[3]).unwrap(),
            payload: Payload::Json(parts[4].clone()),
        };
        assert_eq!(decode_text(frame).as_ref(), Ok(&message), "{name} is read");
        if fixture["direction"] == "c2s" {
            assert_eq!(encode(&message), Ok(Encoded::Text(frame.to_owned())), "{name} is written to the letter");
        }
    }
}

#[test]
fn every_described_binary_frame_is_read_and_written() {
    let fixture = read(include_str!("../fixtures/phoenix/binary-frames.json"));
    for frame in fixture["frames"].as_array().unwrap() {
        check_binary(frame);
    }
}

fn check_binary(frame: &Value) {
    let bytes = unhex(frame["hex"].as_str().unwrap());
    let data = match &frame["payload_hex"] {
        Value::String(hex) => unhex(hex),
        _ => Bytes::from(text(&frame["payload_utf8"]).unwrap()),
    };
    let payload = match text(&frame["status"]) {
        Some(status) => Payload::BytesReply { status, response: data },
        None => Payload::Bytes(data),
    };
    let message = Message {
        join_ref: text(&frame["join_ref"]),
        reference: text(&frame["ref"]),
        topic: text(&frame["topic"]).unwrap(),
        event: text(&frame["event"]).unwrap(),
        payload,
    };
    if frame["direction"] == "c2s" {
        assert_eq!(encode(&message), Ok(Encoded::Binary(bytes)), "{frame} is written");
    } else {
        assert_eq!(decode_binary(&bytes), Ok(message), "{frame} is read");
    }
}

#[test]
fn what_both_versions_wrote_and_read_is_written_and_read_here() {
    for (version, content) in GOLDEN {
        let golden = read(content);
        assert_eq!(golden["version"], version, "the file is of the version its name says");
        for case in golden["encoded"].as_array().unwrap() {
            let part = |name: &str| text(&case["message"][name]);
            let message = Message {
                join_ref: part("join_ref"),
                reference: part("ref"),
                topic: part("topic").unwrap(),
                event: part("event").unwrap(),
                payload: Payload::Json(case["message"]["payload"].clone()),
            };
            let Ok(Encoded::Text(written)) = encode(&message) else { panic!("{case} is text") };
            assert_eq!(read(&written), read(case["frame"].as_str().unwrap()), "{version}: {case}");
            assert_eq!(decode_text(case["frame"].as_str().unwrap()), Ok(message), "{version}: and is read back");
        }
        for frame in golden["binary"].as_array().unwrap() {
            check_binary(frame);
        }
        for sent in golden["sent"].as_array().unwrap() {
            assert!(decode_text(sent.as_str().unwrap()).is_ok(), "{version}: {sent}");
        }
    }
}

#[test]
fn presence_goes_the_way_of_both_versions() {
    for (version, content) in GOLDEN {
        let golden = read(content);
        let mut presence = Presence::default();
        let steps = golden["presence"].as_array().unwrap();
        assert!(steps.len() >= 200, "{version}: a long walk");
        for (number, step) in steps.iter().enumerate() {
            let synced = presence.receive("1", step["event"].as_str().unwrap(), &step["payload"]);
            let Ok(Synced::Now(changes)) = synced else { panic!("{version}: step {number}: {synced:?}") };
            let mut told: Vec<Value> = changes.iter().map(change).collect();
            let mut wanted: Vec<Value> = step["told"].as_array().unwrap().clone();
            // JavaScript goes through keys in the order they were put in, this by name.
            told.sort_by_key(Value::to_string);
            wanted.sort_by_key(Value::to_string);
            assert_eq!(told, wanted, "{version}: step {number}: what is told");
            if !step["after"].is_null() {
                assert_eq!(as_json(&presence), step["after"], "{version}: step {number}: the list");
            }
        }
    }
}

fn change(change: &Change) -> Value {
    let metas = |metas: &[serde_json::Map<String, Value>]| -> Value {
        metas.iter().map(|meta| meta["phx_ref"].clone()).collect()
    };
    match change {
        Change::Join { key, before, joined } => {
            json!(["join", key, before.as_ref().map(|entry| metas(&entry.metas)), metas(&joined.metas)])
        }
        Change::Leave { key, remaining, left } => json!(["leave", key, metas(&remaining.metas), metas(&left.metas)]),
    }
}

#[test]
fn addresses_are_those_of_phoenix_js() {
    let fixture = read(include_str!("../fixtures/phoenix/url.json"));
    let golden = GOLDEN.map(|(_, content)| read(content)["urls"].clone());
    let cases = std::iter::once(&fixture["cases"]).chain(&golden).flat_map(|cases| cases.as_array().unwrap());
    for case in cases {
        let base = Url::parse(case["endpoint"].as_str().unwrap()).unwrap();
        let parameters: Vec<(String, String)> = case["params"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), text(value).unwrap()))
            .collect();
        let url = endpoint(&base, "", &parameters).unwrap();
        assert_eq!(url.as_str(), case["url"].as_str().unwrap(), "{case}");
    }
}

#[test]
fn the_timers_are_those_of_phoenix_js() {
    let described = read(include_str!("../fixtures/phoenix/timers.json"));
    let timing = Timing { spread: 0.0, ..Timing::default() };
    let ms = |name: &str| Duration::from_millis(described[name].as_u64().unwrap());
    assert_eq!(timing.heartbeat, ms("heartbeat_interval_ms"));
    assert_eq!(timing.heartbeat_answer, ms("heartbeat_reply_timeout_ms"));
    assert_eq!((timing.answer, timing.answer), (ms("push_timeout_ms"), ms("join_timeout_ms")));
    for (version, content) in GOLDEN {
        let golden = read(content);
        for tries in 0..15 {
            let of = |name: &str| Duration::from_millis(golden[name][tries].as_u64().unwrap());
            assert_eq!(timing.reconnect_after(tries, 0.5), of("reconnect"), "{version}: reconnect after {tries}");
            assert_eq!(timing.rejoin_after(tries, 0.5), of("rejoin"), "{version}: rejoin after {tries}");
        }
    }
}
