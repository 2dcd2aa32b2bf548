//! Desks for the tests of this surface.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use trunkline_desk::{AccountView, ContactView, Desk, DeskSnapshot};
use trunkline_model::Contact;

/// Of Amazon's ids, the part before what they name.
pub(super) const INSTANCE: &str = "arn:aws:connect:eu-central-1:111122223333:instance/0a1b2c3d";

/// An account with an agent who is at work. Ids are Amazon's where it is.
pub(super) fn account(id: &str, platform: &str) -> AccountView {
    let arn = |kind: &str, id: &str| {
        if platform == "amazon-connect" { format!("{INSTANCE}/{kind}/{id}") } else { format!("{kind}-{id}") }
    };
    let state =
        |name: &str, kind: &str| json!({"id": arn("agent-state", name), "kind": kind, "name": name, "since": null});
    let mut present = state("Available", "routable");
    present["since"] = json!(1_786_200_000_000_i64);
    let sales = json!({"id": arn("queue", "sales"), "name": "Sales"});
    let agent = json!({
        "name": "Carla Example",
        "username": "carla",
        "state": present,
        "next_state": null,
        "selectable_states": [
            state("Available", "routable"),
            state("Offline", "offline"),
            state("Lunch", "not_routable"),
        ],
        "softphone_enabled": true,
        "auto_accept": false,
        "extension": null,
        "routing_profile": {
            "name": "Sales and support",
            "default_outbound_queue": sales,
            "queues": [sales, {"id": arn("queue", "own"), "name": null}],
            "concurrency": {"voice": 1, "chat": 3},
        },
        "permissions": ["outboundCall"],
        "can_dial": true,
        "language": "en_US",
        "dial_queues": [sales],
        "default_dial_queue": sales["id"],
        "platform_id": arn("agent", "5f0e1d2c"),
        "dialable_countries": ["DE", "US"],
    });
    serde_json::from_value(json!({
        "id": id,
        "platform": platform,
        "platform_name": platform,
        "name": id,
        "order": 0,
        "link": {"state": "online", "reason": null, "since": 1_786_200_000_000_i64, "retry_at": null},
        "route": null,
        "serving": null,
        "agent": agent,
        "capabilities": [],
        "pending_state": null,
        "pending_dial": null,
        "challenge": null,
        "work_lists": [],
    }))
    .unwrap()
}

/// A leg of a contact.
pub(super) fn leg(id: &str, kind: &str, state: &str, address: Option<&str>) -> Value {
    json!({
        "id": id,
        "kind": kind,
        "state": state,
        "state_since": 1_786_200_060_000_i64,
        "party": {"name": null, "address": address},
        "muted_by_platform": false,
        "allowed": [],
    })
}

/// A contact that is offered, with the agent's leg and the customer's.
pub(super) fn contact(account: &str, id: &str, channel: &str) -> ContactView {
    let contact: Contact = serde_json::from_value(json!({
        "id": id,
        "channel": channel,
        "direction": "inbound",
        "state": "offered",
        "state_since": 1_786_200_060_000_i64,
        "outcome": null,
        "queue": null,
        "queued_since": null,
        "offer_expires": null,
        "customer": {"name": "Ana Example", "address": "+12025550123"},
        "subject": null,
        "attributes": [{"name": "tier", "value": "gold"}],
        "connections": [
            leg("agent", "agent", "connecting", None),
            leg("customer", "initial", "connected", Some("+12025550123")),
        ],
        "on_hold": false,
        "softphone": channel == "voice",
        "auto_accept": false,
        "allowed": ["accept", "reject"],
    }))
    .unwrap();
    serde_json::from_value(json!({
        "key": {"account": account, "contact": id},
        "contact": contact,
        "media": null,
        "annotations": {},
        "pending": [],
        "offered_at": 1_786_200_060_000_i64,
        "accepted_at": null,
        "connected_at": null,
        "hold_since": null,
        "ended_at": null,
        "digits": "",
        "while_busy": false,
    }))
    .unwrap()
}

/// A desk with these on it.
pub(super) fn desk(accounts: Vec<AccountView>, contacts: Vec<ContactView>) -> DeskSnapshot {
    DeskSnapshot { accounts, contacts, ..Desk::new().snapshot() }
}
