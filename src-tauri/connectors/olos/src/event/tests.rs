#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn wrappers() -> Vec<String> {
    ["event", "data"].map(str::to_owned).to_vec()
}

fn one(message: &str, payload: &Value) -> PlatformEvent {
    let events = read(message, payload, &wrappers());
    assert_eq!(events.len(), 1, "one event: {events:?}");
    events[0].told(|| "made-up".to_owned(), NOW)
}

fn fixtures() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/olos-agenthub");
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("event-") {
            found.push((name, serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()));
        }
    }
    found
}

#[test]
fn every_described_event_is_told_with_all_it_carries() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 75, "one for each type: {}", fixtures.len());
    let mut sorts = BTreeSet::new();
    for (file, fixture) in fixtures {
        let event = &fixture["event"];
        let frame: Value = serde_json::from_str(fixture["phoenix_frame"].as_str().unwrap()).unwrap();
        let told = one(frame[3].as_str().unwrap(), &frame[4]);
        assert_eq!(told.id.as_str(), event["eventId"].as_str().unwrap(), "{file}");
        assert_eq!(told.kind, event["eventType"].as_str().unwrap(), "{file}: the type is the platform's, verbatim");
        assert_eq!(told.at.0, event["timestamp"].as_i64().unwrap(), "{file}");
        assert_eq!(told.channel.as_deref(), event["channelType"].as_str(), "{file}");
        assert_eq!(told.way.as_deref(), event["channel"].as_str(), "{file}");
        assert_eq!(told.field("agentId"), event["agentId"].as_str(), "{file}: also who it is about");
        for (name, value) in event["eventData"].as_object().into_iter().flatten() {
            let shown = told.fields.iter().any(|field| {
                field.name == *name || field.name.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))
            });
            assert!(shown, "{file}: {name} = {value} is shown: {:?}", told.fields);
            if let Some(text) = value.as_str() {
                assert_eq!(told.field(name), Some(text), "{file}: {name} as it is");
            }
        }
        sorts.insert(told.sort);
    }
    assert_eq!(sorts.len(), 6, "all sorts are among them: {sorts:?}");
}

#[test]
fn the_readmes_example_is_a_screen_pop_with_two_fields() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../tests/fixtures/olos-agenthub/readme-example-event.json")).unwrap();
    let told = one("ScreenPopVoice", &fixture["event"]);
    assert_eq!((told.sort, told.campaign.as_deref()), (EventSort::ScreenPop, Some("22")));
    assert_eq!((told.field("someField"), told.field("anotherField")), (Some("some value"), Some("1")));
}

#[test]
fn events_are_found_alone_in_lists_and_wrapped() {
    let event = json!({ "eventId": "1-0", "eventType": "Typing", "eventData": { "dialogId": "d" } });
    for payload in [json!({ "event": event }), json!({ "data": event }), json!([event]), json!({ "data": [event] })] {
        assert_eq!(one("push", &payload).kind, "Typing", "{payload}");
    }
    let two = json!([event, { "eventType": "Passcode" }]);
    assert_eq!(read("push", &two, &wrappers()).len(), 2, "each of a list");
    let own = json!({ "eventType": "X", "data": event });
    assert_eq!(one("push", &own).kind, "X", "an event with such a member is not unwrapped");
    let plain = json!({ "data": { "a": 1 } });
    assert_eq!(one("Odd", &plain).field("data.a"), Some("1"), "nor what is no event inside");
}

#[test]
fn data_that_is_not_an_object_is_told_all_the_same() {
    for (data, wanted) in [
        (json!("text"), Some("text")),
        (json!(7), Some("7")),
        (json!([1, 2]), Some("1, 2")),
        (json!(true), Some("true")),
        (json!(null), None),
        (json!({}), None),
    ] {
        let told = one("Passcode", &json!({ "eventType": "Passcode", "eventData": data }));
        assert_eq!(told.field("eventData"), wanted, "{data}");
        assert!(told.fields.iter().all(|field| !field.name.is_empty()), "no field without a name: {data}");
    }
    assert_eq!(one("Hello", &json!("text")).field("eventData"), Some("text"), "a payload that is no object");
    assert_eq!(one("Hello", &json!([1])).field("eventData"), Some("1"), "or a list without events");
}

#[test]
fn members_of_the_wrong_kind_are_made_the_best_of() {
    let told = one(
        "Name",
        &json!({ "eventId": 7, "campaignId": "22", "channelType": 3, "timestamp": "1661794102", "eventType": " " }),
    );
    assert_eq!(told.id.as_str(), "7", "an id that is a number");
    assert_eq!(told.kind, "Name", "a blank type: the message's name");
    assert_eq!(told.at.0, 1_661_794_102_000, "a time in seconds, as text");
    assert_eq!((told.campaign.as_deref(), told.channel.as_deref()), (Some("22"), Some("3")));
    let told = one("Name", &json!({ "timestamp": -5, "eventId": "", "eventType": "x".repeat(1_000) }));
    assert_eq!((told.id.as_str(), told.at), ("made-up", NOW), "no id and no time: ours");
    assert_eq!(told.kind.len(), 256, "a type has a length");
}

#[test]
fn a_megabyte_is_an_event_like_any_other() {
    let long = "x".repeat(1_000_000);
    let told = one("ThirdPartyEvent", &json!({ "eventType": "ThirdPartyEvent", "eventData": { "data": long } }));
    assert_eq!(told.field("data").map(str::len), Some(1_000_000), "whole");
}

proptest! {
    #[test]
    fn any_payload_is_read(message in ".{0,20}", text in ".{0,60}") {
        let payload = serde_json::from_str(&text).unwrap_or(Value::String(text));
        for event in read(&message, &payload, &wrappers()) {
            let told = event.told(|| "made-up".to_owned(), NOW);
            prop_assert!(!told.id.as_str().is_empty());
        }
    }
}
