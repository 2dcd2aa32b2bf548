//! The JSON of the service: snapshot, configuration and lists.
//!
//! Members and their order follow captures of a real instance; members that a
//! voice contact does not have are null, as there.

use serde_json::{Map, Value, json};

use super::chat;
use super::monitoring::Supervised;
use super::options::{AgentOptions, PersistentConnection};
use super::records::{AgentRecord, ContactRecord, LegRecord, PartyLeg, StateRecord, listed_state};
use super::work;

pub(crate) const INSTANCE: &str =
    "arn:aws:connect:eu-central-1:111122223333:instance/0a1b2c3d-1111-4222-8333-444455556666";

/// Queues of the routing profile.
pub(crate) const QUEUES: [&str; 2] = ["Sales", "Support"];

/// TURN address and credentials as they go to the client.
#[derive(Clone)]
pub(crate) struct TurnGrant {
    pub url: String,
    pub username: String,
    pub credential: String,
}

pub(crate) fn state_arn(index: usize) -> String {
    let n = index + 1;
    format!("{INSTANCE}/agent-state/c2c2c2c2-{n:04}-4000-8000-{n:012}")
}

pub(crate) fn queue_arn(name: &str) -> String {
    // Known queues by position, others by their name's length: stable enough
    // for one run and never equal to a known one.
    let n = QUEUES.iter().position(|q| *q == name).map_or(100 + name.len(), |i| i + 1);
    format!("{INSTANCE}/queue/b1b1b1b1-{n:04}-4001-8001-{n:012}")
}

pub(crate) fn queue(name: &str) -> Value {
    json!({ "queueARN": queue_arn(name), "name": name })
}

pub(crate) fn routing_profile_arn() -> String {
    format!("{INSTANCE}/routing-profile/7c6b5a49-1234-4567-89ab-cdef01234567")
}

/// Name of a queue of the routing profile.
pub(crate) fn queue_name(arn: &str) -> Option<&'static str> {
    QUEUES.into_iter().find(|name| queue_arn(name) == arn)
}

fn agent_arn(login: &str) -> String {
    let n: u64 = login.bytes().map(u64::from).sum();
    format!("{INSTANCE}/agent/5f0e1d2c-aaaa-4bbb-8ccc-{n:012}")
}

/// GetAgentStates: system states are not in the list.
pub(crate) fn states(options: &AgentOptions) -> Value {
    let states: Vec<Value> = (0..options.states.len())
        .filter_map(|i| listed_state(options, i, 0.0))
        .map(|s| json!({ "agentStateARN": s.arn, "type": s.kind, "name": s.name, "startTimestamp": null }))
        .collect();
    json!({ "states": states, "nextToken": null })
}

/// GetAgentConfiguration.
pub(crate) fn configuration(agent: &AgentRecord) -> Value {
    json!({ "configuration": {
        "name": agent.options.name,
        "username": agent.options.login,
        "softphoneEnabled": agent.softphone_enabled,
        "softphoneAutoAccept": agent.options.auto_accept,
        "extension": agent.extension,
        "routingProfile": {
            "name": "Sales and support",
            "routingProfileARN": routing_profile_arn(),
            "defaultOutboundQueue": queue(QUEUES[0]),
            "channelConcurrencyMap": {
                "VOICE": agent.options.voice_concurrency, "CHAT": agent.options.chat_concurrency,
                "TASK": agent.options.task_concurrency,
            },
        },
        "agentPreferences": agent.preferences,
        "agentARN": agent_arn(&agent.options.login),
        "softphonePersistentConnection": agent.options.persistent != PersistentConnection::Off,
        "voiceEnhancementMode": "NONE",
    }})
}

/// The snapshot without its token; `skew` seconds are added to every time.
pub(crate) fn snapshot(agent: &AgentRecord, multi_party: bool, turn: &TurnGrant, now: f64, skew: f64) -> Value {
    let calls = agent.contacts.iter().map(|c| {
        let mut value = contact(c, agent, turn, now, skew);
        if value["contactFeatures"].is_object() {
            value["contactFeatures"]["multiPartyConferenceEnabled"] = json!(multi_party);
        }
        (c.began, value)
    });
    let chats = agent.chats.iter().map(|c| (c.began, chat::contact(c, &agent.options, now, skew)));
    let works = agent.works.iter().map(|w| (w.began, work::contact(w, &agent.options, now, skew)));
    let mut contacts: Vec<(f64, Value)> = calls.chain(chats).chain(works).collect();
    contacts.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let contacts: Vec<Value> = contacts.into_iter().map(|(_, value)| value).collect();
    json!({
        "state": state(&agent.state, skew),
        "nextState": agent.next.as_ref().map(|s| state(s, skew)),
        "agentAvailabilityState": {
            "state": agent.chosen.name,
            "timeStamp": time(agent.chosen.since + skew),
        },
        "contacts": contacts,
        "snapshotTimestamp": time(now + skew),
    })
}

/// Milliseconds are what the captures show.
pub(crate) fn time(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

fn state(state: &StateRecord, skew: f64) -> Value {
    json!({
        "agentStateARN": state.arn,
        "type": state.kind,
        "name": state.name,
        "startTimestamp": time(state.since + skew),
    })
}

fn contact(contact: &ContactRecord, agent: &AgentRecord, turn: &TurnGrant, now: f64, skew: f64) -> Value {
    let call = &contact.call;
    let outbound = call.is_outbound();
    let number = phone(&call.offer.customer_number);
    let incoming = contact.state == "incoming";
    // A desk phone has none, nor has a call-back before it is taken.
    let media = (agent.softphone_enabled && !incoming).then(|| media_info(contact, agent, turn));
    let own = contact.agent_connection();
    let mut connections = vec![leg(&own, "agent", false, &contact.agent_leg, address("agent", None), media, skew)];
    connections.extend(contact.parties.iter().map(|p| party(p, skew)));
    if let Some((id, record)) = &contact.supervisor {
        let mut joined = leg(id, "outbound", false, record, address("agent", None), None, skew);
        joined["monitorStatus"] = json!("BARGE");
        connections.push(joined);
    }
    let mut value = json!({
        "contactId": call.contact_id,
        "initialContactId": call.initial_contact_id,
        "relatedContactId": null,
        "contactAssociationId": call.initial_contact_id,
        "type": "voice",
        "state": { "type": contact.state, "timestamp": time(contact.since + skew) },
        "queue": queue(&call.offer.queue),
        "queueTimestamp": time(contact.began - 4.0 + skew),
        "connections": connections,
        "attributes": attributes(contact),
        // Text holding whole seconds in captures.
        "contactDuration": format!("{}", (now - contact.began).max(0.0) as u64),
        "name": null,
        "description": null,
        "references": null,
        "initiationMethod": call.initiation.wire_name(),
        "contactFeatures": {
            "attachmentsEnabled": null,
            "messagingMarkdownEnabled": null,
            "multiPartyConferenceEnabled": false,
            "screenRecordingEnabled": null,
            "screenRecordingState": null,
            "screenRecordingConfig": null,
        },
        "channelContext": null,
        "segmentAttributes": { "connect:Subtype": { "ValueString": "connect:Telephony" } },
        "customerEndpoint": if outbound { Value::Null } else { number },
        "connectSystemEndpoint": if outbound { Value::Null } else { phone("+18005550100") },
        "languageCode": null,
        "emailRecipients": null,
    });
    call.offer.extras.put_into(&mut value);
    match &contact.supervises {
        Some(supervised) => as_monitoring(value, supervised, contact, skew),
        None if call.is_callback() => as_callback(value, contact),
        None => value,
    }
}

/// What a call-back's contact has otherwise.
fn as_callback(mut value: Value, contact: &ContactRecord) -> Value {
    value["type"] = json!("queue_callback");
    value["contactAssociationId"] = json!(contact.call.contact_id);
    for member in ["queueTimestamp", "segmentAttributes", "customerEndpoint", "connectSystemEndpoint"] {
        value[member] = Value::Null;
    }
    let legs = value["connections"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
    if contact.state == "incoming" {
        // The customer's leg has the contact's id until the customer is called.
        if let Some(customer) = legs.get_mut(1) {
            customer["connectionId"] = json!(contact.call.contact_id);
        }
        for leg in legs {
            leg["mute"] = Value::Null;
            leg["forcedMute"] = Value::Null;
        }
        value["contactFeatures"] = Value::Null;
    } else if let Some(own) = legs.first_mut().filter(|own| !own["softphoneMediaInfo"].is_null()) {
        own["softphoneMediaInfo"]["callType"] = json!("none");
    }
    value
}

/// What a supervisor's contact has otherwise.
fn as_monitoring(mut value: Value, supervised: &Supervised, contact: &ContactRecord, skew: f64) -> Value {
    let nothing = [
        "initialContactId",
        "contactAssociationId",
        "queue",
        "queueTimestamp",
        "initiationMethod",
        "segmentAttributes",
        "customerEndpoint",
        "connectSystemEndpoint",
    ];
    for member in nothing {
        value[member] = Value::Null;
    }
    value["attributes"] = json!({});
    let leg = &mut value["connections"][0];
    leg["type"] = json!("monitoring");
    leg["initial"] = json!(true);
    leg["endpoint"] = Value::Null;
    leg["mute"] = Value::Null;
    leg["forcedMute"] = Value::Null;
    leg["monitoringInfo"] =
        json!({ "agent": { "agentName": supervised.agent_name }, "joinTimeStamp": time(supervised.since + skew) });
    leg["monitorCapabilities"] = json!(["SILENT_MONITOR", "BARGE"]);
    leg["monitorStatus"] = match contact.agent_leg.state {
        "barge" => json!("BARGE"),
        "silent_monitor" => json!("SILENT_MONITOR"),
        _ => Value::Null,
    };
    if !leg["softphoneMediaInfo"].is_null() {
        leg["softphoneMediaInfo"]["callType"] = json!("none");
    }
    value
}

fn attributes(contact: &ContactRecord) -> Value {
    let offer = &contact.call.offer;
    let mut all = Map::new();
    let mut put = |name: &str, value: &str| {
        all.insert(name.to_owned(), json!({ "name": name, "value": value }));
    };
    if !offer.customer_name.is_empty() {
        put("customerName", &offer.customer_name);
    }
    for (name, value) in &offer.attributes {
        put(name, value);
    }
    Value::Object(all)
}

pub(crate) fn address(kind: &str, number: Option<&str>) -> Value {
    json!({
        "agentLogin": null,
        "endpointARN": null,
        "name": null,
        "phoneNumber": number,
        "queue": null,
        "type": kind,
    })
}

pub(crate) fn phone(number: &str) -> Value {
    address("phone_number", Some(number))
}

/// The endpoint of a connection to another agent. What a real instance shows
/// there is unknown; these are the members of the quick connect.
pub(crate) fn agent_endpoint(listed: &Value, login: &str) -> Value {
    let mut value = address("agent", None);
    value["agentLogin"] = json!(login);
    value["endpointARN"] = listed["endpointARN"].clone();
    value["name"] = listed["name"].clone();
    value
}

/// The endpoint of a connection to a queue; see [`agent_endpoint`].
pub(crate) fn queue_endpoint(listed: &Value, name: &str) -> Value {
    let mut value = address("queue", None);
    value["queue"] = queue(name);
    value["endpointARN"] = listed["endpointARN"].clone();
    value["name"] = listed["name"].clone();
    value
}

fn party(party: &PartyLeg, skew: f64) -> Value {
    let mut value =
        leg(&party.connection, party.kind, party.initial, &party.record, party.endpoint.clone(), None, skew);
    value["quickConnectName"] = json!(party.quick_connect);
    value
}

fn leg(
    id: &str,
    kind: &str,
    initial: bool,
    leg: &LegRecord,
    endpoint: Value,
    media: Option<Value>,
    skew: f64,
) -> Value {
    json!({
        "connectionId": id,
        "endpoint": endpoint,
        "state": { "type": leg.state, "timestamp": time(leg.since + skew) },
        "type": kind,
        "initial": initial,
        "softphoneMediaInfo": media,
        "chatMediaInfo": null,
        "monitoringInfo": null,
        "mute": leg.mute,
        "forcedMute": false,
        "quickConnectName": null,
        "monitorCapabilities": null,
        "monitorStatus": null,
        "capabilities": null,
    })
}

fn media_info(contact: &ContactRecord, agent: &AgentRecord, turn: &TurnGrant) -> Value {
    let mut config = json!({
        "signalingEndpoint": "wss://rtc.connect-telecom.eu-central-1.amazonaws.com/LilyRTC",
        "iceServers": [{
            "urls": [turn.url],
            "username": turn.username,
            "credential": turn.credential,
            "sessionToken": "{\"internalIp\":\"127.0.0.1\"}",
        }],
        "protocol": "LilyRTC/1.0/WSS",
        "useWebSocketProvider": true,
    })
    .to_string();
    if contact.call.offer.html_escape_call_config {
        config = config.replace('"', "&quot;");
    }
    json!({
        "callType": "audio_only",
        "autoAccept": agent.options.auto_accept,
        "mediaLegContextToken": contact.call.media_leg_token,
        "callContextToken": contact.call.call_context_token,
        "callConfigJson": config,
    })
}
