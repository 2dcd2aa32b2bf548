//! The lists of a supervisor's dashboards. A supervisor sees the own teams alone.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{Hub, Server, caller, problem};
use crate::expertflow::shapes;
use crate::expertflow::world::{Agent, Conversation, Stage, Task, World};

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/realtime-reports/queued-chats/detail", post(queued))
        .route("/realtime-reports/queue-active-chats/detail", post(active))
        .route("/realtime-reports/bot-active-chats/detail", get(with_bots))
        .route("/realtime-reports/agent-activity/detail", post(agents).get(agents_of_queue))
}

/// Names of the teams that the caller supervises; without a token, where none is wanted, all.
fn own_teams(hub: &Hub, headers: &HeaderMap) -> Vec<String> {
    let agent = caller(hub, headers);
    hub.read(|world| match agent {
        Some(agent) => world.agents.get(&agent).map(|agent| agent.profile.supervises.clone()).unwrap_or_default(),
        None => world.agents.values().map(|agent| agent.profile.team.clone()).collect(),
    })
}

/// The own teams out of those that are asked for by id, name, or object; 403 when one of them is another's.
fn asked_teams(own: Vec<String>, asked: &[Value]) -> Result<Vec<String>, Box<Response>> {
    if asked.is_empty() {
        return Ok(own);
    }
    let find = |one: &Value| {
        own.iter().find(|name| {
            let id = &shapes::team(name)["teamId"];
            *one == **name || *one == *id || one["teamId"] == *id
        })
    };
    let found: Option<Vec<String>> = asked.iter().map(|one| find(one).cloned()).collect();
    found.ok_or_else(|| Box::new(problem(403, "the team is not supervised")))
}

/// The team of `teamId`, which has to be the caller's.
fn one_team(hub: &Hub, headers: &HeaderMap, body: &Value) -> Result<String, Box<Response>> {
    let Some(id) = body["teamId"].as_str() else { return Err(Box::new(problem(400, "teamId is required"))) };
    let mut teams = asked_teams(own_teams(hub, headers), &[json!(id)])?;
    teams.pop().ok_or_else(|| Box::new(problem(403, "the team is not supervised")))
}

/// Wanted queues; none named means all. They come as ids, names, or objects with either.
fn wanted(body: &Value, id: &str, name: &str) -> bool {
    let Some(list) = body["queues"].as_array().filter(|list| !list.is_empty()) else { return true };
    list.iter()
        .any(|one| *one == id || *one == name || one["queueId"] == id || one["id"] == id || one["queueName"] == name)
}

fn is_of(team: &str, agent: &Agent) -> bool {
    agent.profile.team == team
}

/// Rows of the wanted queues that somebody of the team works on, or nobody at all.
fn by_queue(world: &World, body: &Value, team: &str, rows: impl Fn(&str) -> Vec<Value>) -> Vec<Value> {
    let serves = |name: &String| {
        let mut works = world.agents.values().filter(|agent| agent.profile.queues.contains(name)).peekable();
        works.peek().is_none() || works.any(|agent| is_of(team, agent))
    };
    let queues = world.options.queues.iter().filter(|queue| serves(&queue.name));
    queues
        .filter(|queue| wanted(body, &queue.id, &queue.name))
        .map(|queue| json!({ "queueId": queue.id, "queueName": queue.name, "chats": rows(&queue.id) }))
        .collect()
}

async fn queued(State(hub): Server, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let team = match one_team(&hub, &headers, &body) {
        Ok(team) => team,
        Err(refused) => return *refused,
    };
    let rows = hub.read(|world| {
        by_queue(world, &body, &team, |queue| {
            let waits = |task: &&Task| {
                matches!(task.stage, Stage::Queued | Stage::Reserved { .. }) && task.queue.as_deref() == Some(queue)
            };
            world.tasks.iter().filter(waits).filter_map(|task| queued_row(world, task)).collect()
        })
    });
    Json(rows).into_response()
}

fn queued_row(world: &World, task: &Task) -> Option<Value> {
    let found = world.conversations.get(&task.conversation)?;
    let queue = task.queue.as_deref().and_then(|id| world.options.queue(id));
    Some(json!({
        "conversationId": found.id, "customerName": found.customer["firstName"],
        "channelType": found.session().map(|s| s.channel_type.clone()), "channelIdentity": found.offer.number,
        "waitingSince": (world.now() - task.enqueued).max(0) / 1000, "queueName": queue.map(|queue| &queue.name),
        "customerLabels": found.customer["labels"],
    }))
}

/// The queue through which a conversation came to the agent who has it: that of the newest work, else the first.
fn queue_of(world: &World, found: &Conversation) -> Option<String> {
    let newest = world.tasks.iter().rev().find(|task| {
        task.conversation == found.id && task.queue.is_some() && matches!(task.stage, Stage::Active { .. })
    });
    let first = || world.options.queue(&found.offer.queue).map(|queue| queue.id.clone());
    newest.and_then(|task| task.queue.clone()).or_else(first)
}

async fn active(State(hub): Server, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let team = match one_team(&hub, &headers, &body) {
        Ok(team) => team,
        Err(refused) => return *refused,
    };
    let rows = hub.read(|world| {
        by_queue(world, &body, &team, |queue| {
            let of_team =
                |found: &Conversation| {
                    found.participants.iter().filter(|p| p.role == "PRIMARY").any(|participant| {
                        world.agents.get(&participant.agent).is_some_and(|agent| is_of(&team, agent))
                    })
                };
            let mine = |found: &&Conversation| of_team(found) && queue_of(world, found).as_deref() == Some(queue);
            let ids = world.order.iter().filter_map(|id| world.conversations.get(id));
            ids.filter(mine).map(|found| active_row(world, found)).collect()
        })
    });
    Json(rows).into_response()
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
    let since = found.participants.iter().map(|participant| participant.joined).min().unwrap_or(found.created);
    json!({
        "conversationId": found.id, "customerName": found.customer["firstName"],
        "channelIdentity": found.offer.number, "direction": found.direction,
        "activeSince": (world.now() - since).max(0) / 1000, "conversationState": found.state,
        "conversationParticipantDetails": people, "activeChannelSessions": sessions.collect::<Vec<_>>(),
        "customerLabels": found.customer["labels"],
        "agentHandRaise": { "handRaised": !found.hands.is_empty(), "agentNames": found.hands },
    })
}

/// What the bot has alone: nobody is there, nobody is asked, and the customer has not left.
async fn with_bots(State(hub): Server) -> Json<Value> {
    Json(hub.read(|world| {
        let alone = |found: &&Conversation| {
            let asked = world.tasks.iter().any(|task| task.conversation == found.id && task.is_open());
            found.participants.is_empty() && !asked && found.facts.customer_left.is_none() && found.state != "CLOSED"
        };
        let rows: Vec<Value> = world.conversations.values().filter(alone).map(|c| active_row(world, c)).collect();
        json!([{ "botName": shapes::bot()["name"], "chats": rows }])
    }))
}

async fn agents(State(hub): Server, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let Some(asked) = body["teams"].as_array() else { return problem(400, "teams are required") };
    let teams = match asked_teams(own_teams(&hub, &headers), asked) {
        Ok(teams) => teams,
        Err(refused) => return *refused,
    };
    Json(hub.read(|world| agent_rows(world, |agent| teams.contains(&agent.profile.team)))).into_response()
}

async fn agents_of_queue(
    State(hub): Server,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let Some(id) = asked.get("queueId") else { return problem(400, "queueId is required") };
    let Some(queue) = hub.options.queues.iter().find(|queue| queue.id == *id) else {
        return problem(404, "there is no such queue");
    };
    let teams = own_teams(&hub, &headers);
    let mine = |agent: &Agent| teams.contains(&agent.profile.team) && agent.profile.queues.contains(&queue.name);
    Json(hub.read(|world| agent_rows(world, mine))).into_response()
}

/// Who is logged in and works on some queue.
fn agent_rows(world: &World, mine: impl Fn(&Agent) -> bool) -> Value {
    let rows: Vec<Value> = world
        .agents
        .values()
        .filter(|agent| agent.logged_in && mine(agent) && !agent.profile.queues.is_empty())
        .map(|agent| {
            let id = agent.profile.id.as_str();
            let works = |found: &&Conversation| found.participant(id).is_some_and(|p| p.role != "WRAP_UP");
            let mrds: Vec<Value> = agent
                .mrds
                .iter()
                .map(|mrd| {
                    let name = if mrd.id == crate::expertflow::MRD_CHAT { "CHAT" } else { "CX VOICE" };
                    json!({ "id": mrd.id, "name": name, "state": mrd.state })
                })
                .collect();
            json!({
                "id": id, "name": agent.profile.username, "state": agent.state,
                "activeChatsCount": world.conversations.values().filter(works).count(), "mrds": mrds,
                "stateChangeTime": agent.since,
            })
        })
        .collect();
    json!({ "agentDetails": rows })
}
