//! Frames of the topic `aws/chat`, with the faults that tests ask for.

use std::sync::Arc;

use serde_json::{Value, json};

use super::conversation::{ChatRole, Presence, Talk};
use crate::amazon_connect::call::lock;
use crate::amazon_connect::faults::FrameFault;
use crate::amazon_connect::shared::Shared;

pub(crate) const TOPIC: &str = "aws/chat";

/// Sends an item to everybody who is here, each person's sockets once.
pub(crate) fn send(shared: &Arc<Shared>, talk: &Talk, item: &Value) {
    let mut told: Vec<&str> = Vec::new();
    for participant in &talk.participants {
        let listens = participant.presence == Presence::Here;
        if !listens || told.contains(&participant.channel.as_str()) {
            continue;
        }
        told.push(&participant.channel);
        // Faults are the agent's weather; the customer's line is good.
        let fault = (participant.role == ChatRole::Agent).then(|| lock(&shared.faults).take_frame()).flatten();
        deliver(shared, &participant.channel, item, fault);
    }
}

fn frame(item: &Value) -> String {
    json!({ "topic": TOPIC, "contentType": "application/json", "content": item.to_string() }).to_string()
}

fn deliver(shared: &Arc<Shared>, channel: &str, item: &Value, fault: Option<FrameFault>) {
    let text = frame(item);
    let plain = |text: &str| lock(&shared.sockets).send(channel, None, TOPIC, text);
    let cut = || lock(&shared.sockets).cut_agent(channel);
    match fault {
        None => plain(&text),
        Some(FrameFault::Lost) => {}
        Some(FrameFault::CutBefore) => cut(),
        Some(FrameFault::CutAfter) => {
            plain(&text);
            cut();
        }
        Some(FrameFault::Twice) => {
            plain(&text);
            plain(&text);
        }
        Some(FrameFault::Late(delay)) => {
            let (later, channel) = (shared.clone(), channel.to_owned());
            shared.later(async move {
                tokio::time::sleep(delay).await;
                lock(&later.sockets).send(&channel, None, TOPIC, &text);
            });
        }
        Some(FrameFault::NotJson) => {
            plain("{\"topic\":\"aws/chat\",\"content\":\"{\\\"Id\\\":");
            plain(&text);
        }
        Some(FrameFault::ContentNotJson) => {
            plain(&json!({ "topic": TOPIC, "contentType": "application/json", "content": "{\"Id\":" }).to_string());
            plain(&text);
        }
        Some(FrameFault::Oversized) => {
            let mut huge = item.clone();
            huge["Id"] = json!(format!("oversized-{}", uuid::Uuid::new_v4()));
            huge["Content"] = json!("x".repeat(2 << 20));
            plain(&frame(&huge));
            plain(&text);
        }
    }
}
