//! What customers did before.

use serde_json::{Value, json};

use super::options::CustomerOffer;
use super::shapes::{self, Voice};
use super::world::World;

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

/// A past conversation, the newest first: event, and words where there are any.
const TALK: [(&str, &str); 6] = [
    ("CHANNEL_SESSION_ENDED", ""),
    ("AGENT_MESSAGE", "You are welcome, have a nice day!"),
    ("CUSTOMER_MESSAGE", "It has arrived now, thank you."),
    ("AGENT_MESSAGE", "I have asked the carrier, it will come tomorrow."),
    ("CUSTOMER_MESSAGE", "Where is my parcel?"),
    ("CHANNEL_SESSION_STARTED", ""),
];

/// Past activities of a customer, the newest first; `kind` is a type of events or `ALL`.
pub(super) fn activities(world: &World, customer: &str, kind: &str) -> Vec<Value> {
    let mut all: Vec<Value> = world
        .conversations
        .values()
        .filter(|found| found.customer["_id"] == customer)
        .flat_map(|found| found.events.iter().map(shapes::as_history))
        .collect();
    all.reverse();
    for (before, _) in world.past_owners.iter().filter(|(_, owner)| *owner == customer) {
        all.extend((0..world.options.past_activities).map(|n| past(world, before, customer, n)));
    }
    // Times are texts of one form.
    all.sort_by(|one, other| other["timestamp"].as_str().cmp(&one["timestamp"].as_str()));
    all.retain(|event| kind == "ALL" || event["type"] == kind);
    all
}

/// The n-th past activity, counted back from the newest, of whoever has it now.
fn past(world: &World, before: &str, owner: &str, n: usize) -> Value {
    let (name, text) = TALK[n % TALK.len()];
    let talk = n / TALK.len();
    let days = i64::try_from(talk + 1).unwrap_or(1) * 9;
    let time = world.started - days * DAY - i64::try_from(n % TALK.len()).unwrap_or(0) * MINUTE;
    let document = world.customer(owner).cloned().unwrap_or_default();
    let mark = &before[before.len().saturating_sub(4)..];
    let conversation = format!("{:0>24}", format!("{talk:x}{mark}"));
    let channel = shapes::channel_type(if talk.is_multiple_of(2) { "WEB" } else { "WHATSAPP" }).unwrap_or_default();
    let queue = world.options.queues.first().map_or("", |queue| queue.name.as_str());
    let number = document["phoneNumber"][0].as_str().unwrap_or_default();
    let offer = CustomerOffer::of(document["firstName"].as_str().unwrap_or_default(), queue).number(number);
    let mut session =
        shapes::session(world, &offer, &conversation, &conversation, &document, &channel, "INBOUND").value;
    session["id"] = json!(format!("{:0>24}", format!("{talk:x}5{mark}")));
    session["isActive"] = json!(false);
    session["active"] = json!(false);
    session["state"] = json!({ "name": "ENDED", "reasonCode": "CUSTOMER" });
    let sender = match name {
        "AGENT_MESSAGE" => json!({
            "id": "5b0c2f1e-7d34-4a92-9a51-000000009999", "senderName": "former", "type": "AGENT",
            "additionalDetail": { "firstName": "Former", "lastName": "Colleague" },
        }),
        _ => Voice::WebConnector.sender(),
    };
    let data = if text.is_empty() {
        session.clone()
    } else {
        json!({
            "id": format!("9c0d1a2b-{mark}-4100-8000-{n:012}"),
            "header": {
                "sender": sender, "channelData": session["channelData"], "language": {}, "timestamp": time,
                "securityInfo": {}, "stamps": [], "intent": null, "entities": null, "channelSessionId": session["id"],
                "conversationId": conversation, "customer": document, "originalMessageId": null,
                "providerMessageId": null, "roomId": conversation, "schedulingMetaData": null,
            },
            "body": { "type": "PLAIN", "markdownText": text },
        })
    };
    json!({
        "id": format!("9c0d1a2b-{mark}-4000-8000-{n:012}"), "name": name,
        "type": if text.is_empty() { "NOTIFICATION" } else { "MESSAGE" }, "timestamp": shapes::iso(time),
        "conversationId": conversation, "eventEmitter": sender, "channelSession": session,
        "roomInfo": { "id": conversation, "mode": "CONTACT_CENTER" }, "data": data,
    })
}
