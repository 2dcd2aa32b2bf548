//! POST /api: the CTI service.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::call::lock;
use super::chat;
use super::directory;
use super::faults::{Fault, SnapshotTwist};
use super::options::OutboundBehaviour;
use super::shared::{Shared, SimIssue};
use super::snapshot;
use super::state::{Refusal, World, is_e164, now};
use super::{resilience, server, twist, websocket, work};
use crate::Moment;

const TYPE: &str = "application/x-amz-json-1.0";

/// Operations that carry no `authentication` in their body.
const WITHOUT_BODY_AUTH: [&str; 9] = [
    "CompleteContact",
    "ClearContact",
    "RejectContact",
    "CreateTaskContact",
    "UpdateMonitorParticipantState",
    "PauseContact",
    "ResumeContact",
    "AddNewConnection",
    "TransferContact",
];

/// Known to the client's model, but not to this simulator.
const NOT_SIMULATED: [&str; 3] = ["UpdateContactAttributes", "GetNewAuthToken", "DestroyContact"];

/// POST /api.
pub(crate) async fn api(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    let operation = text("x-amz-target").strip_prefix("AmazonConnectCTIService.").unwrap_or("").to_owned();
    let bearer = text("x-amz-bearer").to_owned();
    let agent = shared.agent_of_token(&bearer);
    let body = resilience::inward(&shared, &body);
    let note = shared.note_request(&operation, agent.clone());
    shared.weather().await;
    let fault = {
        let mut faults = lock(&shared.faults);
        faults.take(&operation).or_else(|| {
            let of_page = operation == "GetEndpoints" && !faults.endpoint_pages.is_empty();
            let body: Value = serde_json::from_slice(&body).ok().filter(|_| of_page)?;
            let page = directory::page_number(&body, shared.options.directory_page);
            faults.take_endpoint_page(page)
        })
    };
    let perform = async {
        match perform(&shared, &operation, agent, &bearer, &body).await {
            Ok(body) => answer(StatusCode::OK, resilience::outward(&shared, body)),
            Err(refusal) => refuse(&refusal),
        }
    };
    let response = match fault {
        None => perform.await,
        Some(Fault::LoseAnswer) => server::cut_after(perform.await),
        Some(Fault::Slow(delay)) => {
            tokio::time::sleep(delay).await;
            perform.await
        }
        Some(fault) => faulty(fault).await,
    };
    shared.note_status(note, response.status().as_u16());
    response
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, TYPE)], body).into_response()
}

fn refuse(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = format!("com.amazonaws.connect.cti#{}", refusal.kind);
    let body = json!({ "message": refusal.message, "__type": kind }).to_string();
    let mut response = answer(status, body);
    if let Ok(value) = format!("{}:http://internal.amazon.com/coral/", refusal.kind).parse() {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

/// The answer that a fault asks for.
pub(crate) async fn faulty(fault: Fault) -> Response {
    match fault {
        Fault::Status(status) => {
            let (kind, message) = match status {
                401 => ("UnauthorizedException", "Unauthorized"),
                403 => ("AccessDeniedException", "Access denied"),
                429 => ("ThrottlingException", "Rate exceeded"),
                400..=499 => ("InvalidStateException", "asked for by the test"),
                _ => ("InternalServiceError", "asked for by the test"),
            };
            refuse(&Refusal::new(status, kind, message))
        }
        Fault::Throttle => refuse(&Refusal::new(429, "ThrottlingException", "Rate exceeded")),
        Fault::Exception(kind) => refuse(&Refusal::new(400, kind, "asked for by the test")),
        Fault::Malformed => answer(StatusCode::OK, "{\"snapshot\":{\"state\":{".to_owned()),
        Fault::Html502 => {
            (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], "<html><body>Bad gateway</body></html>")
                .into_response()
        }
        Fault::Silence | Fault::Slow(_) => std::future::pending().await,
        Fault::LoseAnswer | Fault::LoseRequest => server::cut_after(StatusCode::OK.into_response()),
    }
}

fn unauthorized() -> Refusal {
    Refusal::new(401, "UnauthorizedException", "Unauthorized")
}

async fn perform(
    shared: &Arc<Shared>,
    operation: &str,
    agent: Option<String>,
    bearer: &str,
    body: &[u8],
) -> Result<String, Refusal> {
    let agent = agent.ok_or_else(unauthorized)?;
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::new(400, "SerializationException", "the body is not JSON"))?;
    let in_body = body["authentication"]["authToken"].as_str();
    if WITHOUT_BODY_AUTH.contains(&operation) {
        // The real client sends none; whether one would be refused is unknown.
    } else if in_body != Some(bearer) {
        return Err(unauthorized());
    }
    if NOT_SIMULATED.contains(&operation) {
        let text = format!("{operation} is not simulated");
        return Err(Refusal::new(400, "UnknownOperationException", text));
    }
    if matches!(operation, "CreateOutboundContact" | "CreateAdditionalConnection") {
        // A failed task has only cost time.
        let _ = tokio::task::spawn_blocking(OutboundBehaviour::prepare).await;
    }
    match operation {
        "GetAgentSnapshot" => get_snapshot(shared, &agent, &body).await,
        "CreateTransport" => create_transport(shared, &agent, &body),
        "CreateOutboundContact" => dial(shared, &agent, &body),
        _ => read(shared, &agent, operation, &body)
            .unwrap_or_else(|| write(shared, &agent, operation, &body))
            .map(|value| value.to_string()),
    }
}

/// Operations that only tell; `None` for others.
fn read(shared: &Shared, agent: &str, operation: &str, body: &Value) -> Option<Result<Value, Refusal>> {
    let mut world = lock(&shared.world);
    if operation == "GetEndpoints" {
        let limit = shared.options.directory_page;
        return Some(directory::page(&world.directory, body, limit));
    }
    let record = match world.agent_mut(agent) {
        Ok(record) => record,
        Err(refusal) => return Some(Err(refusal)),
    };
    let value = match operation {
        "GetAgentConfiguration" => snapshot::configuration(record),
        "GetAgentStates" => snapshot::states(&record.options),
        "GetAgentPermissions" => {
            let mut all = vec!["outboundCall", "audioDeviceSettings", "contactRecording"];
            all.retain(|p| *p != "outboundCall" || record.options.may_call_out);
            json!({ "permissions": all, "nextToken": null })
        }
        "GetDialableCountryCodes" => {
            json!({ "countryCodes": ["us", "ca", "de", "gb"], "nextToken": null })
        }
        "GetRoutingProfileQueues" => {
            if body["routingProfileARN"] != snapshot::routing_profile_arn() {
                return Some(Err(Refusal::new(400, "InvalidConfigurationException", "Unknown routing profile")));
            }
            let queues: Vec<Value> = snapshot::QUEUES.iter().map(|q| snapshot::queue(q)).collect();
            json!({ "queues": queues, "nextToken": null })
        }
        _ => return None,
    };
    Some(Ok(value))
}

/// Operations that change something; all answer with an empty object.
fn write(shared: &Arc<Shared>, agent: &str, operation: &str, body: &Value) -> Result<Value, Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or("");
    let (contact, connection) = (text("contactId"), text("connectionId"));
    let act = |change: &dyn Fn(&mut World) -> _| shared.act(change);
    let of_chat = lock(&shared.world).has_chat(agent, contact);
    if of_chat {
        return write_chat(shared, agent, operation, body);
    }
    if lock(&shared.world).has_work(agent, contact) {
        return write_work(shared, agent, operation, body);
    }
    match operation {
        "AcceptContact" => act(&|w| w.accept(agent, contact))?,
        "RejectContact" => act(&|w| w.reject(agent, contact))?,
        "DestroyConnection" => act(&|w| w.destroy(agent, contact, connection))?,
        "ClearContact" | "CompleteContact" => act(&|w| w.clear(agent, contact))?,
        "HoldConnection" => act(&|w| w.set_hold(agent, contact, connection, true))?,
        "ResumeConnection" => act(&|w| w.set_hold(agent, contact, connection, false))?,
        "CreateAdditionalConnection" => {
            act(&|w| w.add_party(agent, contact, &body["endpoint"]))?;
        }
        "ConferenceConnections" => act(&|w| w.conference(agent, contact))?,
        "ToggleActiveConnections" => act(&|w| w.toggle(agent, contact, connection))?,
        "MuteParticipant" => act(&|w| w.mute(agent, contact, connection, true))?,
        "UnmuteParticipant" => act(&|w| w.mute(agent, contact, connection, false))?,
        "UpdateMonitorParticipantState" => act(&|w| w.set_monitor_mode(agent, contact, text("targetMonitorMode")))?,
        "SendDigits" => act(&|w| w.digits(agent, contact, connection, text("digits")))?,
        "PutAgentState" => {
            let state = &body["state"];
            let (arn, name) = (state["agentStateARN"].as_str(), state["name"].as_str());
            let later = body["enqueueNextState"] == true;
            act(&|w| w.put_state(agent, arn, name.unwrap_or(""), later))?;
        }
        "UpdateAgentConfiguration" => act(&|w| configure(w, agent, &body["configuration"]))?,
        "SendSoftphoneCallMetrics" => note(shared, contact, |facts| {
            facts.metrics.push(without_token(body));
        }),
        "SendSoftphoneCallReport" => note(shared, contact, |facts| {
            facts.report = Some(without_token(body));
        }),
        "SendClientLogs" => {}
        "NotifyContactIssue" => {
            // A contact that is not the agent's is nobody's to report.
            lock(&shared.world).agent_mut(agent)?.contact(contact)?;
            note_issue(shared, body);
        }
        "CreateTaskContact" => return work::create_task(shared, agent, body),
        "PauseContact" | "ResumeContact" => {
            lock(&shared.world).agent_mut(agent)?.contact(contact)?;
            return Err(Refusal::new(400, "InvalidContactTypeException", "Invalid contact type"));
        }
        "AddNewConnection" | "TransferContact" => {
            let text = format!("{operation} is simulated for chats, tasks and e-mails only");
            return Err(Refusal::new(400, "UnknownOperationException", text));
        }
        _ => {
            let text = format!("unknown operation {operation}");
            return Err(Refusal::new(400, "UnknownOperationException", text));
        }
    }
    Ok(json!({}))
}

/// The same for a contact that is a chat.
fn write_chat(shared: &Arc<Shared>, agent: &str, operation: &str, body: &Value) -> Result<Value, Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or("");
    let (contact, connection) = (text("contactId"), text("connectionId"));
    match operation {
        "AcceptContact" => shared.act(|w| w.accept_chat(agent, contact))?,
        "RejectContact" => shared.act(|w| w.reject_chat(agent, contact))?,
        "DestroyConnection" => shared.act(|w| w.destroy_chat(agent, contact, connection))?,
        "ClearContact" | "CompleteContact" => shared.act(|w| w.clear_chat(agent, contact))?,
        "CreateAdditionalConnection" | "AddNewConnection" | "TransferContact" => {
            shared.act(|w| w.transfer_chat(agent, contact, &body["endpoint"]))?;
        }
        "NotifyContactIssue" => note_issue(shared, body),
        _ => return Err(Refusal::new(400, "InvalidContactTypeException", "Invalid contact type")),
    }
    Ok(json!({}))
}

/// The same for a task or an e-mail.
fn write_work(shared: &Arc<Shared>, agent: &str, operation: &str, body: &Value) -> Result<Value, Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or("");
    let (contact, connection) = (text("contactId"), text("connectionId"));
    match operation {
        "AcceptContact" => shared.act(|w| w.accept_work(agent, contact))?,
        "RejectContact" => shared.act(|w| w.reject_work(agent, contact))?,
        "DestroyConnection" => shared.act(|w| w.destroy_work(agent, contact, connection))?,
        "ClearContact" | "CompleteContact" => shared.act(|w| w.clear_work(agent, contact))?,
        "PauseContact" => shared.act(|w| w.pause_work(agent, contact, true))?,
        "ResumeContact" => shared.act(|w| w.pause_work(agent, contact, false))?,
        "CreateAdditionalConnection" | "AddNewConnection" | "TransferContact" => {
            shared.act(|w| w.transfer_work(agent, contact, &body["endpoint"]))?;
        }
        "NotifyContactIssue" => note_issue(shared, body),
        _ => return Err(Refusal::new(400, "InvalidContactTypeException", "Invalid contact type")),
    }
    Ok(json!({}))
}

fn note_issue(shared: &Shared, body: &Value) {
    let text = |name: &str| body[name].as_str().unwrap_or("").to_owned();
    let issue = SimIssue { contact: text("contactId"), code: text("issueCode"), description: text("description") };
    lock(&shared.issues).push(issue);
}

fn note(shared: &Shared, contact: &str, change: impl FnOnce(&mut super::CallFacts)) {
    let calls = shared.calls.borrow();
    if let Some(call) = calls.iter().find(|c| c.contact_id == contact) {
        call.note(change);
    }
}

fn without_token(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("authentication");
    }
    body
}

fn configure(world: &mut World, agent: &str, configuration: &Value) -> Result<Vec<super::state::Effect>, Refusal> {
    let invalid = |text: &str| Refusal::new(400, "InvalidConfigurationException", text);
    let record = world.agent_mut(agent)?;
    let enabled = configuration["softphoneEnabled"].as_bool().ok_or_else(|| invalid("softphoneEnabled is missing"))?;
    let extension = configuration["extension"].as_str().ok_or_else(|| invalid("extension is missing"))?;
    if configuration["name"].as_str().is_none() || !configuration["routingProfile"].is_object() {
        return Err(invalid("name or routingProfile is missing"));
    }
    let number = extension.is_empty() || is_e164(extension) || extension.starts_with("sip:");
    if !number {
        return Err(invalid("extension"));
    }
    record.softphone_enabled = enabled;
    record.extension = extension.to_owned();
    if configuration["agentPreferences"].is_object() {
        record.preferences = configuration["agentPreferences"].clone();
    }
    record.revision += 1;
    Ok(Vec::new())
}

fn dial(shared: &Arc<Shared>, agent: &str, body: &Value) -> Result<String, Refusal> {
    let endpoint = &body["endpoint"];
    if endpoint["type"] != "phone_number" {
        return Err(Refusal::new(400, "BadEndpointException", "Bad endpoint"));
    }
    let number = endpoint["phoneNumber"].as_str().unwrap_or("");
    let queue = body["queueARN"].as_str();
    let related = body["relatedContactId"].as_str();
    shared.act(|world| world.dial(agent, number, queue, related))?;
    // The reply carries no contact id; the next snapshot does.
    Ok("{}".to_owned())
}

fn create_transport(shared: &Shared, agent: &str, body: &Value) -> Result<String, Refusal> {
    let value = match body["transportType"].as_str().unwrap_or("") {
        "web_socket" => {
            let life = shared.options.socket_life;
            json!({ "webSocketTransport": {
                "url": websocket::new_address(shared, agent),
                "transportLifeTimeInSeconds": life.as_secs(),
                "expiry": super::server::iso_time(now() + shared.skew() + life.as_secs_f64()),
            }})
        }
        "softphone" => {
            let turn = shared.turn_grant(agent);
            json!({ "softphoneTransport": { "softphoneMediaConnections": [{
                "urls": [turn.url], "username": turn.username, "credential": turn.credential,
            }]}})
        }
        "chat_token" => chat::chat_token(shared, agent, body)?,
        "agent_discovery" => resilience::transport(shared),
        other => {
            let text = format!("transport type {other:?} is not simulated");
            return Err(Refusal::new(400, "UnknownOperationException", text));
        }
    };
    Ok(value.to_string())
}

/// `sim-REVISION-REPEAT`: REPEAT 1 marks the second telling of a snapshot when
/// duplicates are switched on.
fn parse_token(token: &str) -> Option<(u64, bool)> {
    let (revision, repeat) = token.strip_prefix("sim-")?.split_once('-')?;
    Some((revision.parse().ok()?, repeat == "1"))
}

async fn get_snapshot(shared: &Arc<Shared>, agent: &str, body: &Value) -> Result<String, Refusal> {
    let known = match body["nextToken"].as_str() {
        Some(token) => {
            Some(parse_token(token).ok_or_else(|| Refusal::new(400, "PaginationException", "Invalid token"))?)
        }
        None => None,
    };
    // The client asks for 30 s; what the service does with more is unknown.
    let limit = body["timeout"].as_u64().unwrap_or(30_000).min(30_000);
    let limit = tokio::time::sleep(Duration::from_millis(limit));
    tokio::pin!(limit);
    let mut changed = shared.changed.subscribe();
    let mut over = false;
    loop {
        changed.mark_unchanged();
        let ready = told(shared, agent, known, over)?;
        if let Some(body) = ready {
            if shared.is_silent() {
                shared.weather().await;
            }
            return Ok(body);
        }
        tokio::select! {
            _ = changed.changed() => {}
            () = &mut limit => over = true,
            () = shared.stop.cancelled() => return Err(unauthorized()),
        }
    }
}

/// The snapshot text when there is something to tell, or time is over.
fn told(shared: &Shared, agent: &str, known: Option<(u64, bool)>, over: bool) -> Result<Option<String>, Refusal> {
    let (duplicate, skew) = {
        let faults = lock(&shared.faults);
        (faults.duplicate, faults.skew)
    };
    let turn = shared.turn_grant(agent);
    let mut world = lock(&shared.world);
    let multi_party = world.multi_party;
    let record = world.agent_mut(agent)?;
    let first_poll = !std::mem::replace(&mut record.polled, true);
    let (new, repeat) = match known {
        None => (true, false),
        Some((revision, repeated)) => {
            let new = revision != record.revision;
            (new, !new && duplicate && !repeated)
        }
    };
    if !(new || repeat || over) {
        return Ok(None);
    }
    let mark = if repeat || (over && !new) { 1 } else { 0 };
    let token = format!("sim-{}-{mark}", record.revision);
    let mut value = json!({
        "snapshot": snapshot::snapshot(record, multi_party, &turn, now(), skew),
        "nextToken": token,
    });
    for contact in &record.contacts {
        contact.call.note(|f| {
            f.offered.get_or_insert_with(Moment::now);
        });
    }
    for record in &record.chats {
        record.chat.note(|f| {
            f.offered.get_or_insert_with(Moment::now);
        });
    }
    for record in &record.works {
        record.work.note(|f| {
            f.offered.get_or_insert_with(Moment::now);
        });
    }
    drop(world);
    if first_poll {
        shared.announce();
    }
    let twist = lock(&shared.faults).take_twist(agent);
    Ok(Some(match twist {
        None => value.to_string(),
        Some(SnapshotTwist::Malformed) => {
            let text = value.to_string();
            text.chars().take(text.len() / 2).collect()
        }
        Some(other) => {
            twist::apply(&mut value, other);
            value.to_string()
        }
    }))
}
