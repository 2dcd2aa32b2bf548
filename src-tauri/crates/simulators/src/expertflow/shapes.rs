//! The documents of the wire.

use serde_json::{Map, Value, json};

use super::options::{CustomerOffer, MRD_CHAT, MRD_CX_VOICE};
use super::world::{Agent, Conversation, Mrd, Participant, Session, Stage, Task, World, new_id, object_id};

/// Who speaks for the platform: id, type, name.
#[derive(Clone, Copy)]
pub(super) enum Voice {
    ConversationMonitor,
    RoutingEngine,
    AgentManager,
    WebConnector,
}

impl Voice {
    pub fn sender(self) -> Value {
        let (id, kind, name) = match self {
            Self::ConversationMonitor => ("38327e73-4a21-4ad4-a958-a6385c8636aa", "BOT", "CONVERSATION_MONITOR"),
            Self::RoutingEngine => ("86e3d082-a904-11ed-afa1-0242ac120002", "SYSTEM", "ROUTING_ENGINE"),
            Self::AgentManager => ("7a473cf0-aeeb-11ed-ad5f-b35af61a7d08", "SYSTEM", "AGENT_MANAGER"),
            Self::WebConnector => ("460df46c-adf9-11ed-afa1-0242ac120002", "CONNECTOR", "WEB_CONNECTOR"),
        };
        json!({ "id": id, "type": kind, "senderName": name, "additionalDetail": null })
    }
}

/// Channel types: name, interactive, domain.
const CHANNEL_TYPES: [(&str, bool, Option<&str>); 9] = [
    ("WEB", true, Some(MRD_CHAT)),
    ("WHATSAPP", true, Some(MRD_CHAT)),
    ("CX_VOICE", true, Some(MRD_CX_VOICE)),
    ("GENERIC", false, None),
    ("FACEBOOK", true, Some(MRD_CHAT)),
    ("SMS", false, Some(MRD_CHAT)),
    ("EMAIL", false, Some(MRD_CHAT)),
    ("TELEGRAM", true, Some(MRD_CHAT)),
    ("INSTAGRAM", true, Some(MRD_CHAT)),
];

/// The rows of `onChannelTypes`.
pub(super) fn channel_types() -> Vec<Value> {
    let row = |(n, (name, interactive, mrd)): (usize, &(&str, bool, Option<&str>))| {
        json!({
            "id": format!("68a10000000000000000c7{:02}", n + 1), "name": name, "channelLogo": format!("_{name}.svg"),
            "isInteractive": interactive, "mediaRoutingDomain": mrd,
        })
    };
    CHANNEL_TYPES.iter().enumerate().map(row).collect()
}

/// One row of them.
pub(super) fn channel_type(name: &str) -> Option<Value> {
    channel_types().into_iter().find(|row| row["name"] == name)
}

/// The domains of the installation.
pub(super) fn mrd_rows() -> Vec<Value> {
    vec![
        json!({ "id": MRD_CX_VOICE, "type": "64f6ee2dd49f4e9d7eb5f591", "name": "CX VOICE", "description": "Voice",
                "maxRequests": 1, "interruptible": false }),
        json!({ "id": MRD_CHAT, "type": "64f6edf8b89b71cc6cb60917", "name": "CHAT", "description": "Chat",
                "maxRequests": 5, "interruptible": true }),
    ]
}

fn mrd_row(id: &str) -> Value {
    mrd_rows().into_iter().find(|row| row["id"] == id).unwrap_or_default()
}

/// A team's id: always the same for a name.
pub(super) fn team(name: &str) -> Value {
    let sum: u32 = name.bytes().map(u32::from).sum();
    json!({ "teamId": format!("c3d1f6b8-0001-4c11-9d0e-{sum:012}"), "teamName": name })
}

/// `keycloak_User`.
pub(super) fn keycloak_user(agent: &super::options::ExpertflowAgent) -> Value {
    let supervisor = !agent.supervises.is_empty();
    let mut resources: Vec<(&str, Vec<&str>)> = vec![
        (
            "agent-conversation-control",
            // A stray blank, as captured.
            vec![
                "view_history",
                "view_leave_chat",
                "view_history_active_customer ",
                "view_direct_transfer",
                "view_initiate_chat",
                "view_wrap_up",
                "view_conference",
                "view_consult",
            ],
        ),
        ("state-change", vec!["manage_state_change"]),
        ("subscribed-list", vec!["view", "manage"]),
        ("customer", vec!["view", "manage", "view_pii", "view_in_conversation", "manage_in_conversation"]),
        ("customer-labels", vec!["assign_label"]),
        ("customer-schema", vec!["view"]),
        ("recording-link", vec!["view"]),
    ];
    if supervisor {
        resources.push(("agent-dashboard", vec!["view"]));
        resources.push(("supervisor", vec!["view_all"]));
    }
    for (resource, scope) in &agent.extra_scopes {
        match resources.iter_mut().find(|(name, _)| name == resource) {
            Some((_, scopes)) => scopes.push(scope),
            None => resources.push((resource, vec![scope])),
        }
    }
    for (resource, scope) in &agent.without_scopes {
        if let Some((_, scopes)) = resources.iter_mut().find(|(name, _)| name == resource) {
            scopes.retain(|have| have.trim() != scope);
        }
    }
    let rows: Vec<Value> = resources
        .iter()
        .enumerate()
        .map(|(n, (name, scopes))| {
            json!({ "rsid": format!("00000000-0000-4000-8000-{n:012}"), "rsname": name, "scopes": scopes })
        })
        .collect();
    let mut roles = vec!["default-roles-expertflow"];
    if !supervisor || !agent.queues.is_empty() {
        roles.push("agent");
    }
    if supervisor {
        roles.push("supervisor");
    }
    roles.extend(["offline_access", "uma_authorization"]);
    let attributes = match &agent.extension {
        Some(extension) => json!({ "agentExtension": [extension] }),
        None => json!({}),
    };
    json!({
        "id": agent.id, "firstName": agent.first_name, "lastName": agent.last_name, "username": agent.username,
        "permittedResources": { "Resources": rows },
        "roles": roles, "realm": "expertflow", "attributes": attributes, "userTeam": team(&agent.team),
        "supervisedTeams": agent.supervises.iter().map(|name| team(name)).collect::<Vec<_>>(),
    })
}

/// The agent as conversations carry them.
pub(super) fn cc_user(agent: &Agent) -> Value {
    json!({
        "participantType": "CCUser", "id": agent.profile.id, "keycloakUser": keycloak_user(&agent.profile),
        "associatedRoutingAttributes": [], "associatedMrds": [],
    })
}

fn agent_mrd(mrd: &Mrd) -> Value {
    json!({
        "mrd": mrd_row(&mrd.id), "state": mrd.state, "previousState": mrd.previous, "stateChangeTime": mrd.since,
        "lastReadyStateChangeTime": mrd.ready_since, "maxAgentTasks": mrd.max,
    })
}

/// The agent's presence, whole.
pub(super) fn presence(agent: &Agent) -> Value {
    let mut user = cc_user(agent);
    user["associatedRoutingAttributes"] = json!([{
        "routingAttribute": { "id": "68a1000000000000000af001", "name": "web-care", "description": null,
                              "type": "BOOLEAN", "defaultValue": 1 },
        "value": 1,
    }]);
    user["associatedMrds"] =
        agent.mrds.iter().map(|mrd| json!({ "mrdId": mrd.id, "maxAgentTasks": mrd.max })).collect();
    json!({
        "agent": user, "state": { "name": agent.state, "reasonCode": agent.reason }, "stateChangeTime": agent.since,
        "agentMrdStates": agent.mrds.iter().map(agent_mrd).collect::<Vec<_>>(), "agentLoginTime": agent.login_at,
    })
}

/// A ChannelSession.
pub(super) fn session(
    world: &World,
    offer: &CustomerOffer,
    conversation: &str,
    room: &str,
    customer: &Value,
    channel_type: &Value,
    direction: &str,
) -> Session {
    let id = object_id();
    let name = channel_type["name"].as_str().unwrap_or_default().to_owned();
    let queue = world.options.queue(&offer.queue).map(|queue| queue.id.clone());
    let lower = name.to_lowercase();
    let (first, last) = offer.name.split_once(' ').unwrap_or((&offer.name, ""));
    let value = json!({
        "participantType": "ChannelSession", "id": id,
        "channel": {
            "id": "68a10000000000000000ca01", "name": format!("{lower}-care"), "serviceIdentifier": "9000",
            "defaultOutbound": false, "tenant": { "id": "68a10000000000000000e001", "name": null },
            "channelConfig": {
                "id": "68a10000000000000000e002", "channelMode": "HYBRID", "conversationBot": "", "responseSla": 300,
                "customerActivityTimeout": 600,
                "customerSla": { "totalDuration": null, "action": null, "startTime": null },
                "customerIdentificationCriteria": { "value": null },
                "routingPolicy": {
                    "agentSelectionPolicy": "LONGEST_AVAILABLE", "routeToLastAgent": true, "routingMode": "PUSH",
                    "routingObjectId": queue, "agentRequestTtl": world.options.request_ttl.as_secs(),
                },
                "botId": "68a10000000000000000b001",
            },
            "channelConnector": {
                "id": "68a10000000000000000e003", "name": lower,
                "channelProviderInterface": { "id": "68a10000000000000000e004", "name": lower,
                                              "supportedChannelTypes": [channel_type],
                                              "providerWebhook": format!("http://{lower}-manager.invalid:7000"),
                                              "channelProviderConfigSchema": [] },
                "channelProviderConfigs": [], "tenant": { "id": "68a10000000000000000e005", "name": null },
            },
            "channelType": channel_type,
        },
        "customer": customer, "customerSuggestions": [],
        "channelData": {
            "channelCustomerIdentifier": offer.number, "serviceIdentifier": "9000", "requestPriority": 0,
            "customerFirstName": first, "customerLastName": last,
            "additionalAttributes": [{ "key": "WebChannelData", "type": "WebChannelData", "value": {
                "browserDeviceInfo": { "browserId": null, "browserIdExpiryTime": null, "browserName": null,
                                       "deviceType": null },
                "queue": offer.queue, "locale": { "timezone": null, "language": null, "country": null },
                "formData": { "id": 0.5, "formId": "68a10000000000000000f001", "filledBy": "web-widget",
                    "createdOn": iso(world.now()),
                    "attributes": [{ "key": "first_name", "type": "string", "value": first },
                                   { "key": "phone", "type": "string", "value": offer.number }] },
            } }],
        },
        "latestIntent": null, "customerPresence": { "value": null }, "isActive": true, "active": true,
        "conversationId": conversation, "roomInfo": { "id": room, "mode": "CONTACT_CENTER" },
        "state": { "name": "STARTED", "reasonCode": "CUSTOMER" }, "channelSessionDirection": direction,
    });
    Session { id, channel_type: name, live: true, value }
}

/// `roomInfo`.
pub(super) fn room(conversation: &Conversation) -> Value {
    json!({ "id": conversation.room, "mode": "CONTACT_CENTER" })
}

/// A CimEvent by somebody. `timestamp` in milliseconds.
pub(super) fn event(
    conversation: &Conversation,
    name: &str,
    kind: &str,
    emitter: Value,
    data: Value,
    timestamp: i64,
) -> Value {
    json!({
        "id": new_id(), "name": name, "type": kind, "timestamp": timestamp, "conversationId": conversation.id,
        "eventEmitter": emitter,
        "channelSession": conversation.session().map(|session| session.value.clone()),
        "data": data, "roomInfo": room(conversation),
    })
}

/// The customer as an emitter.
pub(super) fn customer_emitter(conversation: &Conversation) -> Value {
    json!({
        "id": conversation.customer["_id"], "type": "CUSTOMER", "senderName": conversation.customer["firstName"],
        "additionalDetail": null,
    })
}

/// A message: its id, header and body.
pub(super) fn message(
    conversation: &Conversation,
    session: &Session,
    id: &str,
    sender: Value,
    body: &Value,
    timestamp: i64,
) -> Value {
    json!({
        "id": id,
        "header": {
            "sender": sender, "channelData": session.value["channelData"], "language": {}, "timestamp": timestamp,
            "securityInfo": {}, "stamps": [], "intent": null, "entities": null, "channelSessionId": session.id,
            "conversationId": conversation.id, "customer": conversation.customer, "originalMessageId": null,
            "providerMessageId": null, "roomId": conversation.room, "schedulingMetaData": null,
        },
        "body": body,
    })
}

/// A task document.
pub(super) fn task(world: &World, task: &Task) -> Value {
    let conversation = world.conversations.get(&task.conversation);
    let session = conversation.and_then(|c| c.session()).map(|s| s.value.clone()).unwrap_or_default();
    let assigned = task.agent().map(|agent| json!({ "id": agent, "name": world.username(agent) }));
    let (state, reason, media) = match &task.stage {
        Stage::Queued => ("ACTIVE", Value::Null, "QUEUED"),
        Stage::Reserved { .. } => ("ACTIVE", Value::Null, "RESERVED"),
        Stage::Active { .. } => ("ACTIVE", Value::Null, if task.started { "STARTED" } else { "ACTIVE" }),
        Stage::WrapUp { .. } => ("WRAP_UP", Value::Null, "CLOSED"),
        Stage::Closed(reason) => ("CLOSED", json!(reason), "CLOSED"),
    };
    let mut metadata = Map::new();
    if let Some(by) = &task.requested_by {
        metadata.insert("requestedBy".to_owned(), json!(world.username(by)));
    }
    json!({
        "id": task.id, "conversationId": task.conversation, "state": { "name": state, "reasonCode": reason },
        "assignedTo": assigned, "agentRequestTtlTimerId": task.media,
        "activeMedia": [{
            "id": task.media, "mrdId": task.mrd, "taskId": task.id, "queue": queue_of(world, task),
            "type": { "direction": task.direction, "mode": task.mode, "metadata": metadata },
            "priority": task.priority, "state": media, "requestSession": session, "channelSessions": [session],
            "enqueueTime": task.enqueued, "answerTime": task.answered,
        }],
    })
}

/// The queue of a task.
pub(super) fn queue_of(world: &World, task: &Task) -> Value {
    match task.queue.as_deref().and_then(|id| world.options.queue(id)) {
        Some(queue) => json!({ "id": queue.id, "name": queue.name }),
        None => Value::Null,
    }
}

/// What an agent is in a conversation, as their client made it.
pub(super) fn topic_participant(world: &World, conversation: &str, participant: &Participant) -> Value {
    let user = world.agents.get(&participant.agent).map(cc_user).unwrap_or_default();
    json!({
        "id": participant.id, "type": "AGENT", "participant": user, "token": null, "conversationId": conversation,
        "role": participant.role, "userCredentials": null, "state": "SUBSCRIBED",
    })
}

/// The same as the conversation manager keeps it.
pub(super) fn conversation_participant(world: &World, conversation: &str, participant: &Participant) -> Value {
    let mut value = topic_participant(world, conversation, participant);
    value["joiningTime"] = json!(iso(participant.joined));
    value["isActive"] = json!(true);
    value["stateChangedOn"] = Value::Null;
    value
}

/// 2026-08-30T10:00:01.619+00:00
pub(super) fn iso(millis: i64) -> String {
    let text = crate::moment::iso_time(millis as f64 / 1000.0);
    format!("{}+00:00", text.trim_end_matches('Z'))
}

/// 2026-08-30 10:00:01.619
pub(super) fn iso_plain(millis: i64) -> String {
    crate::moment::iso_time(millis as f64 / 1000.0).trim_end_matches('Z').replace('T', " ")
}

/// A copy of an event as it lies in the history: its times are texts.
pub(super) fn as_history(event: &Value) -> Value {
    let mut copy = event.clone();
    if let Some(time) = copy["timestamp"].as_i64() {
        copy["timestamp"] = json!(iso(time));
    }
    copy
}

/// The bot that takes part in every conversation.
pub(super) fn bot() -> Value {
    json!({
        "participantType": "Bot", "id": "68a10000000000000000b001", "type": "RASA", "name": "Rasa",
        "uri": "http://bot.invalid/",
    })
}

/// `topicData`.
pub(super) fn topic_data(world: &World, conversation: &Conversation, me: &Participant) -> Value {
    let joined = |millis: i64| json!(iso(millis));
    let mut participants = vec![json!({
        "type": "BOT", "role": "ASSISTANT",
        "participant": bot(),
        "id": "68a10000000000000000bb01", "joiningTime": joined(conversation.created), "token": null,
        "conversationId": null, "isActive": true, "userCredentials": {}, "state": null, "stateChangedOn": null,
    })];
    for session in conversation.sessions.iter().filter(|session| session.live) {
        participants.push(json!({
            "type": "CUSTOMER", "role": "CUSTOMER", "participant": session.value, "id": format!("bb{}", session.id),
            "joiningTime": joined(conversation.created), "token": null, "conversationId": conversation.id,
            "isActive": true, "userCredentials": {}, "state": "SUBSCRIBED", "stateChangedOn": null,
        }));
    }
    for participant in &conversation.participants {
        participants.push(conversation_participant(world, &conversation.id, participant));
    }
    let hold = match conversation.hold {
        Some((seconds, start)) => json!({ "totalDuration": seconds, "startTime": iso_plain(start) }),
        None => json!({ "totalDuration": null, "startTime": null }),
    };
    let sla = match conversation.sla_started {
        Some(start) => json!({ "totalDuration": 300, "action": "START_TIMER", "startTime": iso_plain(start) }),
        None => json!({ "totalDuration": null, "action": null, "startTime": null }),
    };
    json!({
        "id": conversation.id, "customer": conversation.customer,
        "channelSession": conversation.session().map(|session| session.value.clone()),
        "conversationData": conversation.data, "state": conversation.state, "participants": participants,
        "agentParticipants": [], "agentSla": sla, "durationInSeconds": null, "customerSuggestions": [],
        "topicEvents": conversation.events.iter().map(as_history).collect::<Vec<_>>(), "holdTimerDetails": hold,
        "agentHandRaise": { "handRaised": !conversation.hands.is_empty(), "agentNames": conversation.hands },
        "externalGadgets": [], "wrapUps": conversation.wrap_ups,
        "topicParticipant": topic_participant(world, &conversation.id, me),
    })
}
