#![allow(clippy::unwrap_used, clippy::expect_used)]
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::fixture;
use crate::wire::{SnapshotReply, decode};

fn snapshot(name: &str) -> Snapshot {
    decode::<SnapshotReply>(&fixture::bytes("amazon-connect", name)).unwrap().snapshot
}

fn as_json(event: &DiffEvent) -> Value {
    match event {
        DiffEvent::Agent(AgentEvent::StateChange { old, new }) => {
            json!({"event": event.name(), "oldState": old, "newState": new})
        }
        DiffEvent::Agent(_) => json!({"event": event.name()}),
        DiffEvent::Contact(id, _) => json!({"event": event.name(), "contactId": id}),
    }
}

#[test]
fn every_recorded_trace_is_reproduced_step_by_step() {
    let traces = fixture::names("amazon-connect", "trace.");
    assert_eq!(traces.len(), 20, "all trace fixtures are replayed");
    for trace in traces {
        let recorded = fixture::json("amazon-connect", &trace);
        let mut differ = Differ::default();
        for (number, step) in recorded["steps"].as_array().unwrap().iter().enumerate() {
            let file = step["snapshotFile"].as_str().unwrap();
            let events: Vec<Value> = differ.apply(&snapshot(file)).iter().map(as_json).collect();
            // Only what the recording names of the next state beside the event is left out.
            let expected: Vec<Value> = step["expectedEvents"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| {
                    let mut kept = event.clone();
                    kept.as_object_mut()
                        .unwrap()
                        .retain(|key, _| matches!(key.as_str(), "event" | "contactId" | "oldState" | "newState"));
                    kept
                })
                .collect();
            assert_eq!(events, expected, "{trace}, step {number} ({file}): same events in the same order");
        }
    }
}

#[test]
fn every_pair_of_states_fires_as_recorded() {
    let matrix = fixture::json("amazon-connect", "state-transition-matrix.json");
    let transitions = matrix["transitions"].as_array().unwrap();
    assert_eq!(transitions.len(), 121, "all pairs are replayed");
    let with = |state: Option<&str>| {
        let mut base = snapshot("snapshot.voice-incoming.json");
        match state {
            Some(state) => base.contacts[0].state.kind = ContactStateType::from(state),
            None => base.contacts.clear(),
        }
        base
    };
    let names = |events: Vec<DiffEvent>| -> Vec<String> {
        events
            .iter()
            .filter_map(|event| event.name().strip_prefix("contact::"))
            .filter(|name| !matches!(*name, "init" | "refresh"))
            .map(str::to_owned)
            .collect()
    };
    let list = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    for transition in transitions {
        let (from, to) = (transition["from"].as_str().unwrap(), transition["to"].as_str().unwrap());
        let mut differ = Differ::default();
        differ.apply(&with(None));
        if from != "(new contact)" {
            differ.apply(&with(Some(from)));
        }
        assert_eq!(names(differ.apply(&with(Some(to)))), list(&transition["events"]), "{from} to {to}");
        assert_eq!(
            names(differ.apply(&with(None))),
            list(&transition["eventsWhenRemovedAfterwards"]),
            "{from} to {to}, then removed"
        );
    }
}

#[rstest]
fn a_contact_that_cannot_be_read_counts_as_unchanged() {
    let mut differ = Differ::default();
    differ.apply(&snapshot("snapshot.voice-connected.json"));
    let mut broken = snapshot("snapshot.voice-connected.json");
    let id = broken.contacts.remove(0).contact_id;
    broken.unreadable.push(crate::wire::UnreadableContact { contact_id: Some(id), problem: String::new() });
    let events = differ.apply(&broken);
    assert!(
        !events.iter().any(|event| matches!(event, DiffEvent::Contact(..))),
        "a live call must not vanish because one member is broken: {events:?}"
    );
}
