//! The lists of a supervisor's dashboards.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Hub, Server};
use crate::expertflow::shapes;
use crate::expertflow::world::{Conversation, Stage, Task, World};

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/realtime-reports/queued-chats/detail", post(queued))
        .route("/realtime-reports/queue-active-chats/detail", post(active))
        .route("/realtime-reports/bot-active-chats/detail", get(async || Json(json!([]))))
        .route("/realtime-reports/agent-activity/detail", post(agents).get(agents))
}

/// Wanted queues; none named means all. They come as ids, names, or objects with either.
fn wanted(body: &Value, id: &str, name: &str) -> bool {
    let Some(list) = body["queues"].as_array().filter(|list| !list.is_empty()) else { return true };
    list.iter()
        .any(|one| *one == id || *one == name || one["queueId"] == id || one["id"] == id || one["queueName"] == name)
}

fn by_queue(world: &World, body: &Value, row: impl Fn(&str) -> Vec<Value>) -> Vec<Value> {
    let queues = world.options.queues.iter().filter(|queue| wanted(body, &queue.id, &queue.name));
    queues.map(|queue| json!({ "queueId": queue.id, "queueName": queue.name, "chats": row(&queue.id) })).collect()
}

async fn queued(State(hub): Server, Json(body): Json<Value>) -> Json<Vec<Value>> {
    Json(hub.read(|world| {
        by_queue(world, &body, |queue| {
            let waits = |task: &&Task| {
                matches!(task.stage, Stage::Queued | Stage::Reserved { .. }) && task.queue.as_deref() == Some(queue)
            };
            let row = |task: &Task| {
                let found = world.conversations.get(&task.conversation)?;
                Some(json!({
                    "conversationId": found.id, "customerName": found.customer["firstName"],
                    "channelType": found.session().map(|s| s.channel_type.clone()),
                    "channelIdentity": found.offer.number, "waitingSince": (world.now() - task.enqueued) / 1000,
                    "customerLabels": found.customer["labels"],
                }))
            };
            world.tasks.iter().filter(waits).filter_map(row).collect()
        })
    }))
}

async fn active(State(hub): Server, Json(body): Json<Value>) -> Json<Vec<Value>> {
    Json(hub.read(|world| {
        by_queue(world, &body, |queue| {
            let mine = |found: &&Conversation| {
                found.primaries() > 0 && world.options.queue(&found.offer.queue).is_some_and(|have| have.id == queue)
            };
            world.conversations.values().filter(mine).map(|found| active_row(world, found)).collect()
        })
    }))
}

fn active_row(world: &World, found: &Conversation) -> Value {
    let people: Vec<Value> = found
        .participants
        .iter()
        .filter_map(|participant| world.agents.get(&participant.agent).map(|agent| (participant, agent)))
        .map(|(participant, agent)| {
            json!({
                "agentName": format!("{} {}", agent.profile.first_name, agent.profile.last_name),
                "agentUsername": agent.profile.username, "agentId": agent.profile.id, "role": participant.role,
            })
        })
        .collect();
    let sessions = found.sessions.iter().filter(|session| session.live).map(|session| session.value.clone());
    json!({
        "conversationId": found.id, "customerName": found.customer["firstName"],
        "channelIdentity": found.offer.number, "direction": found.direction,
        "activeSince": (world.now() - found.created) / 1000, "conversationState": found.state,
        "conversationParticipantDetails": people, "activeChannelSessions": sessions.collect::<Vec<_>>(),
        "customerLabels": found.customer["labels"],
    })
}

async fn agents(State(hub): Server, body: Option<Json<Value>>) -> Json<Value> {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let teams = body["teams"].as_array().cloned().unwrap_or_default();
    Json(hub.read(|world| {
        let in_team = |name: &str| {
            let team = shapes::team(name);
            let same = |one: &Value| *one == team["teamId"] || *one == *name || one["teamId"] == team["teamId"];
            teams.is_empty() || teams.iter().any(same)
        };
        let rows: Vec<Value> = world
            .agents
            .values()
            .filter(|agent| agent.logged_in && in_team(&agent.profile.team) && !agent.profile.queues.is_empty())
            .map(|agent| {
                let id = agent.profile.id.as_str();
                let chats = world.conversations.values().filter(|found| found.participant(id).is_some()).count();
                let mrds: Vec<Value> = agent
                    .mrds
                    .iter()
                    .map(|mrd| {
                        let name = if mrd.id == crate::expertflow::MRD_CHAT { "CHAT" } else { "CX VOICE" };
                        json!({ "id": mrd.id, "name": name, "state": mrd.state })
                    })
                    .collect();
                json!({
                    "id": id, "name": agent.profile.username, "state": agent.state, "activeChatsCount": chats,
                    "mrds": mrds, "stateChangeTime": agent.since,
                })
            })
            .collect();
        json!({ "agentDetails": rows })
    }))
}
