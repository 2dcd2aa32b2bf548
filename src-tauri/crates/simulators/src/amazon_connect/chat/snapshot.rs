//! A chat contact in the snapshot, as in captures of a real instance.

use serde_json::{Map, Value, json};

use super::contact::ChatRecord;
use crate::amazon_connect::options::AgentOptions;
use crate::amazon_connect::records::LegRecord;
use crate::amazon_connect::snapshot::{address, queue, time};

/// The contact; `skew` seconds are added to every time.
pub(crate) fn contact(record: &ChatRecord, agent: &AgentOptions, now: f64, skew: f64) -> Value {
    let chat = &record.chat;
    let offer = &chat.offer;
    let mut attributes = Map::new();
    for (name, value) in &offer.attributes {
        attributes.insert(name.clone(), json!({ "name": name, "value": value }));
    }
    // Captures show null for the first contact of a chain.
    let initial = &chat.conversation.initial_contact_id;
    let transferred = *initial != chat.contact_id;
    let name = (!offer.customer_name.is_empty()).then_some(&offer.customer_name);
    let mut value = json!({
        "contactId": chat.contact_id,
        "initialContactId": transferred.then_some(initial),
        "relatedContactId": null,
        "contactAssociationId": initial,
        "type": "chat",
        "state": { "type": record.state, "timestamp": time(record.since + skew) },
        "queue": queue(&offer.queue),
        "queueTimestamp": null,
        "connections": [
            leg(&chat.agent_connection, "agent", &record.agent_leg, address("agent", None), json!({
                "chatAutoAccept": agent.chat_auto_accept,
                "connectionData": json!({ "ConnectionAuthenticationToken": chat.participant_token() }).to_string(),
                "customerName": null,
            }), skew),
            leg(&chat.conversation.customer_id, "inbound", &record.customer_leg, Value::Null, json!({
                "chatAutoAccept": null,
                "connectionData": null,
                "customerName": name,
            }), skew),
        ],
        "attributes": attributes,
        "contactDuration": format!("{}", (now - record.began).max(0.0) as u64),
        "name": null,
        "description": null,
        "references": null,
        "initiationMethod": if transferred { chat.initiation.wire_name() } else { "api" },
        "contactFeatures": {
            "attachmentsEnabled": offer.attachments,
            "messagingMarkdownEnabled": offer.markdown,
            "multiPartyConferenceEnabled": null,
            "screenRecordingEnabled": null,
            "screenRecordingState": null,
            "screenRecordingConfig": null,
        },
        "channelContext": null,
        "segmentAttributes": { "connect:Subtype": { "ValueString": offer.subtype } },
        "customerEndpoint": null,
        "connectSystemEndpoint": null,
        "languageCode": null,
        "emailRecipients": null,
    });
    offer.extras.put_into(&mut value);
    value
}

fn leg(id: &str, kind: &str, record: &LegRecord, endpoint: Value, media: Value, skew: f64) -> Value {
    json!({
        "connectionId": id,
        "endpoint": endpoint,
        "state": { "type": record.state, "timestamp": time(record.since + skew) },
        "type": kind,
        "initial": kind != "agent",
        "softphoneMediaInfo": null,
        "chatMediaInfo": media,
        "monitoringInfo": null,
        "mute": null,
        "forcedMute": null,
        "quickConnectName": null,
        "monitorCapabilities": null,
        "monitorStatus": null,
        "capabilities": null,
    })
}
