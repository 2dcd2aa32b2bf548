//! What customers did before, and announcements of supervisors.

use serde_json::{Value, json};

use super::shapes;
use super::world::World;

const DAY: i64 = 86_400_000;

/// Past activities of a customer, the newest first.
pub(super) fn activities(world: &World, customer: &str) -> Vec<Value> {
    let mut all: Vec<Value> = world
        .conversations
        .values()
        .filter(|found| found.customer["_id"] == customer)
        .flat_map(|found| found.events.iter().map(shapes::as_history))
        .collect();
    all.reverse();
    if world.options.customers.iter().any(|known| known["_id"] == customer) {
        all.extend((0..world.options.past_activities).map(|n| past(world, customer, n)));
    }
    all
}

/// The n-th past activity, counted back from the newest: conversations of four messages.
fn past(world: &World, customer: &str, n: usize) -> Value {
    const LINES: [(&str, &str, &str); 4] = [
        ("AGENT_MESSAGE", "AGENT", "You are welcome, have a nice day!"),
        ("CUSTOMER_MESSAGE", "CUSTOMER", "It has arrived now, thank you."),
        ("AGENT_MESSAGE", "AGENT", "I have asked the carrier, it will come tomorrow."),
        ("CUSTOMER_MESSAGE", "CUSTOMER", "Where is my parcel?"),
    ];
    let (name, kind, text) = LINES[n % LINES.len()];
    let talk = n / LINES.len();
    let days = i64::try_from(talk + 1).unwrap_or(1) * 9;
    let time = world.now() - days * DAY - i64::try_from(n % LINES.len()).unwrap_or(0) * 60_000;
    let document = world.customers.iter().find(|row| row["_id"] == customer).cloned().unwrap_or_default();
    let conversation = format!("{:0>24}", format!("{talk:x}{}", &customer[customer.len().saturating_sub(4)..]));
    let sender = match kind {
        "AGENT" => json!({ "id": "5b0c2f1e-7d34-4a92-9a51-000000009999", "senderName": "former", "type": "AGENT",
                           "additionalDetail": { "firstName": "Former", "lastName": "Colleague" } }),
        _ => shapes::Voice::WebConnector.sender(),
    };
    json!({
        "id": format!("9c0d1a2b-0000-4000-8000-{n:012}"), "name": name, "type": "MESSAGE",
        "timestamp": shapes::iso(time), "conversationId": conversation, "eventEmitter": sender,
        "channelSession": null, "roomInfo": { "id": conversation, "mode": "CONTACT_CENTER" },
        "data": {
            "id": format!("9c0d1a2b-0000-4100-8000-{n:012}"),
            "header": { "sender": sender, "timestamp": time, "intent": null, "conversationId": conversation,
                        "customer": document, "channelSessionId": null, "originalMessageId": null },
            "body": { "type": "PLAIN", "markdownText": text },
        },
    })
}

impl World {
    /// An announcement, to all agents of its teams.
    pub fn announce(&mut self, row: Value) {
        self.announcements.push(row.clone());
        self.tell_teams("ANNOUNCEMENT_CREATED", &row);
    }

    /// It is taken back; false when there was none.
    pub fn withdraw(&mut self, id: &str) -> bool {
        let Some(at) = self.announcements.iter().position(|row| row["_id"] == id) else { return false };
        let row = self.announcements.remove(at);
        self.tell_teams("ANNOUNCEMENT_DELETED", &row);
        true
    }

    fn tell_teams(&mut self, event: &str, row: &Value) {
        let teams = row["teams"].as_array().cloned().unwrap_or_default();
        let told: Vec<String> = self
            .agents
            .values()
            .filter(|agent| {
                let team = &shapes::team(&agent.profile.team)["teamId"];
                agent.logged_in && teams.iter().any(|one| one["teamId"] == *team)
            })
            .map(|agent| agent.profile.id.clone())
            .collect();
        for agent in told {
            self.emit(&agent, event, row.clone());
        }
    }
}
