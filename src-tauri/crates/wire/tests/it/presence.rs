//! Presence as phoenix.js keeps it.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use trunkline_wire::phoenix::{Change, Presence, PresenceError, Synced};

pub fn as_json(presence: &Presence) -> Value {
    let entries = presence.list().iter().map(|(key, entry)| {
        let mut members = entry.rest.clone();
        members.insert("metas".to_owned(), json!(entry.metas));
        (key.clone(), Value::Object(members))
    });
    Value::Object(entries.collect::<Map<_, _>>())
}

fn now(synced: Result<Synced, PresenceError>) -> Vec<Change> {
    match synced {
        Ok(Synced::Now(changes)) => changes,
        other => panic!("not applied: {other:?}"),
    }
}

#[test]
fn the_reference_sequence() {
    let fixture: Value = serde_json::from_str(include_str!("../fixtures/phoenix/presence.json")).unwrap();
    let mut presence = Presence::default();
    for step in fixture["steps"].as_array().unwrap() {
        let changes = now(presence.receive("1", step["event"].as_str().unwrap(), &step["payload"]));
        assert_eq!(as_json(&presence), step["state_after"], "after {}", step["payload"]);
        let keys = |wanted: fn(&Change) -> Option<&String>| -> Vec<Value> {
            changes.iter().filter_map(wanted).map(|key| json!(key)).collect()
        };
        let joins = keys(|change| if let Change::Join { key, .. } = change { Some(key) } else { None });
        let leaves = keys(|change| if let Change::Leave { key, .. } = change { Some(key) } else { None });
        assert_eq!((json!(joins), json!(leaves)), (step["joins"].clone(), step["leaves"].clone()), "who is told");
    }
}

#[test]
fn changes_before_their_state_wait_for_it() {
    let mut presence = Presence::default();
    let diff =
        |key: &str, phx_ref: &str| json!({ "joins": { key: { "metas": [{ "phx_ref": phx_ref }] } }, "leaves": {} });
    assert_eq!(presence.receive("1", "presence_diff", &diff("b", "B")), Ok(Synced::Later), "there is no state yet");
    assert!(presence.list().is_empty(), "nothing is shown of it");
    now(presence.receive("1", "presence_state", &json!({ "a": { "metas": [{ "phx_ref": "A" }] } })));
    assert_eq!(presence.list().keys().collect::<Vec<_>>(), ["a", "b"], "the state, then the change");

    assert_eq!(
        presence.receive("2", "presence_diff", &diff("c", "C")),
        Ok(Synced::Later),
        "another join, no state yet"
    );
    assert_eq!(presence.list().len(), 2, "the old list stays until then");
    assert_eq!(presence.receive("3", "presence_diff", &diff("d", "D")), Ok(Synced::Later), "and a third join");
    let changes = now(presence.receive("3", "presence_state", &json!({ "a": { "metas": [{ "phx_ref": "A" }] } })));
    assert_eq!(
        presence.list().keys().collect::<Vec<_>>(),
        ["a", "d"],
        "changes of the join that was given up are over"
    );
    assert!(matches!(changes.as_slice(), [Change::Leave { .. }, Change::Join { .. }]), "b went, d came: {changes:?}");
}

#[test]
fn a_replaced_meta_is_a_join_and_a_leave() {
    let mut presence = Presence::default();
    now(presence.receive(
        "1",
        "presence_state",
        &json!({ "u": { "metas": [{ "phx_ref": "A", "at": 1 }], "user": "x" } }),
    ));
    let diff = json!({
        "joins": { "u": { "metas": [{ "phx_ref": "B", "phx_ref_prev": "A", "at": 2 }], "user": "y" } },
        "leaves": { "u": { "metas": [{ "phx_ref": "A", "at": 1 }] } },
    });
    let changes = now(presence.receive("1", "presence_diff", &diff));
    let [Change::Join { before: Some(before), .. }, Change::Leave { remaining, .. }] = changes.as_slice() else {
        panic!("one of each: {changes:?}");
    };
    assert_eq!(before.metas.len(), 1, "who joins anew is told with what was there");
    assert_eq!(remaining.metas.len(), 1, "who leaves with what stays");
    let wanted = json!({ "u": { "metas": [{ "phx_ref": "B", "phx_ref_prev": "A", "at": 2 }], "user": "y" } });
    assert_eq!(as_json(&presence), wanted, "one meta is left, the new one, and the members beside it are the new ones");
}

#[test]
fn what_is_not_presence_changes_nothing() {
    let mut presence = Presence::default();
    now(presence.receive("1", "presence_state", &json!({ "a": { "metas": [{ "phx_ref": "A" }] } })));
    let before = as_json(&presence);
    assert_eq!(presence.receive("1", "ScreenPopVoice", &json!({})), Ok(Synced::Other), "another event");
    for payload in
        [json!(null), json!([]), json!({ "a": [] }), json!({ "a": { "metas": 3 } }), json!({ "a": { "metas": [1] } })]
    {
        assert_eq!(presence.receive("1", "presence_state", &payload), Err(PresenceError::Form), "{payload}");
        let diff = json!({ "joins": payload });
        assert_eq!(presence.receive("1", "presence_diff", &diff), Err(PresenceError::Form), "{diff}");
    }
    now(presence.receive("1", "presence_diff", &json!({})));
    assert_eq!(as_json(&presence), before, "the list is as it was");
    assert!(matches!(presence.clear().as_slice(), [Change::Leave { .. }]), "emptied with everybody told");
    assert!(presence.list().is_empty(), "and empty");
}

#[test]
fn changes_without_a_state_have_a_limit() {
    let mut presence = Presence::default();
    let mut given_up = 0;
    for _ in 0..25_000 {
        if presence.receive("1", "presence_diff", &json!({ "joins": {}, "leaves": {} })).is_err() {
            given_up += 1;
        }
    }
    assert_eq!(given_up, 2, "every ten thousand the owner is told to ask anew");
}

#[test]
fn ten_thousand_entries_are_kept_and_changed_in_little_time() {
    let entry = |number: usize, phx_ref: &str| json!({ "metas": [{ "phx_ref": format!("{phx_ref}{number}"), "username": format!("user {number}"), "onlineAt": number }] });
    let all = |phx_ref: &str| Value::Object((0..10_000).map(|n| (format!("u{n}"), entry(n, phx_ref))).collect());
    let began = Instant::now();
    let mut presence = Presence::default();
    assert_eq!(now(presence.receive("1", "presence_state", &all("A"))).len(), 10_000, "all come");
    assert_eq!(now(presence.receive("2", "presence_state", &all("A"))).len(), 0, "the same again changes nothing");
    for number in 0..10_000 {
        let key = format!("u{number}");
        let diff = json!({ "joins": { &key: entry(number, "B") }, "leaves": { &key: entry(number, "A") } });
        assert_eq!(now(presence.receive("2", "presence_diff", &diff)).len(), 2, "one replaced");
    }
    assert_eq!(presence.list().len(), 10_000, "all are there");
    assert!(presence.list().values().all(|entry| entry.metas.len() == 1), "each once");
    // One key with many metas must not be quadratic either.
    let many: Vec<Value> = (0..10_000).map(|n| json!({ "phx_ref": format!("M{n}") })).collect();
    let half: Vec<&Value> = many.iter().step_by(2).collect();
    now(presence.receive("3", "presence_state", &json!({ "one": { "metas": many } })));
    now(presence.receive("3", "presence_diff", &json!({ "joins": {}, "leaves": { "one": { "metas": half } } })));
    assert_eq!(presence.list()["one"].metas.len(), 5_000, "half of the devices went");
    assert!(began.elapsed() < Duration::from_secs(20), "took {:?}", began.elapsed());
}
