//! Snapshot content that a client has to survive.

use serde_json::{Value, json};

use super::faults::SnapshotTwist;

/// Changes the snapshot response as asked; `Malformed` is done on the text.
pub(crate) fn apply(response: &mut Value, twist: SnapshotTwist) {
    let snapshot = &mut response["snapshot"];
    match twist {
        SnapshotTwist::Malformed => {}
        SnapshotTwist::UnknownMembers => {
            snapshot["hologram"] = json!({ "depth": 3 });
            snapshot["state"]["mood"] = json!("curious");
            if let Some(contacts) = snapshot["contacts"].as_array_mut() {
                for contact in contacts {
                    contact["telepathy"] = json!([1, 2, 3]);
                    contact["connections"][0]["colour"] = json!("green");
                }
            }
            response["serverVersion"] = json!(99);
        }
        SnapshotTwist::UnknownContact => {
            let contact = json!({
                "contactId": "unknown-contact-1",
                "type": "hologram",
                "state": { "type": "levitating", "timestamp": snapshot["snapshotTimestamp"] },
                "connections": [{
                    "connectionId": "unknown-connection-1",
                    "type": "telepathic",
                    "initial": true,
                    "state": { "type": "humming", "timestamp": snapshot["snapshotTimestamp"] },
                }],
                "attributes": {},
            });
            if let Some(contacts) = snapshot["contacts"].as_array_mut() {
                contacts.push(contact);
            }
        }
        SnapshotTwist::UnknownAgentState => {
            snapshot["state"]["type"] = json!("dreaming");
            snapshot["state"]["name"] = json!("Daydream");
        }
        SnapshotTwist::MissingState => {
            if let Some(members) = snapshot.as_object_mut() {
                members.remove("state");
            }
        }
        SnapshotTwist::WrongTypes => {
            snapshot["contacts"] = json!("none");
        }
        SnapshotTwist::Oversized => {
            snapshot["padding"] = json!("x".repeat(2 << 20));
        }
    }
}
