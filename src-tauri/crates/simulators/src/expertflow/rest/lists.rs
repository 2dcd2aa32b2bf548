//! Lists of the admin back end and of the routing engine.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Hub, Server, found, problem};
use crate::expertflow::options::MRD_CHAT;
use crate::expertflow::shapes;

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/unified-admin/reasons", get(async |State(hub): Server| Json(hub.options.reasons.clone())))
        .route(
            "/unified-admin/agent-desk-settings",
            get(async |State(hub): Server| Json(vec![hub.options.desk_settings.clone()])),
        )
        .route(
            "/unified-admin/locale-setting",
            get(async || {
                Json(json!([{ "supportedLanguages": [
                { "code": "en", "name": "English" }, { "code": "de", "name": "German" },
            ] }]))
            }),
        )
        .route("/unified-admin/pull-mode-list", get(pull_lists))
        .route("/unified-admin/forms/{id}", get(form))
        .route("/unified-admin/team/user/{id}", get(teams))
        .route(
            "/assets/canned-messages/canned-messages.json",
            get(async |State(hub): Server| Json(hub.options.canned_messages.clone())),
        )
        .route("/routing-engine/precision-queues", get(queues))
        .route("/routing-engine/precision-queues/available-agents", get(available))
        .route("/routing-engine/media-routing-domains", get(async || Json(shapes::mrd_rows())))
        .route("/routing-engine/tasks", get(tasks))
        .route("/routing-engine/tasks/{id}/ewt", get(waiting))
        .route("/routing-engine/agents/states", get(all_states))
        .route("/routing-engine/agents/{id}/states", get(states))
}

async fn pull_lists(State(hub): Server) -> Json<Vec<Value>> {
    let row =
        |list: &crate::expertflow::options::PullList| json!({ "id": list.id, "name": list.name, "description": null });
    Json(hub.options.pull_lists.iter().map(row).collect())
}

async fn form(State(hub): Server, Path(id): Path<String>) -> Response {
    let form = &hub.options.wrap_up_form;
    found((form["id"] == id.as_str()).then(|| form.clone()))
}

async fn teams(State(hub): Server, Path(id): Path<String>) -> Response {
    let agent = hub.options.agents.iter().find(|agent| agent.id == id).map(shapes::keycloak_user);
    found(agent.map(|user| json!({ "userTeam": user["userTeam"], "supervisedTeams": user["supervisedTeams"] })))
}

async fn queues(State(hub): Server) -> Json<Vec<Value>> {
    let chat = shapes::mrd_rows().into_iter().find(|row| row["id"] == MRD_CHAT).unwrap_or_default();
    let row = |queue: &crate::expertflow::options::ExpertflowQueue| {
        json!({
            "id": queue.id, "name": queue.name, "mrd": chat, "serviceLevelType": 1, "serviceLevelThreshold": 30,
            "agentSlaDuration": 300, "ewtMinValue": null, "ewtMaxValue": null, "steps": [], "queuePriority": 1,
        })
    };
    Json(hub.options.queues.iter().map(row).collect())
}

async fn available(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Response {
    let (Some(_), Some(me)) = (asked.get("conversationId"), asked.get("agentId")) else {
        return problem(400, "conversationId and agentId are required");
    };
    let rows: Vec<Value> = hub.read(|world| {
        let row = |queue: &crate::expertflow::options::ExpertflowQueue| {
            let agents: Vec<Value> = world
                .agents
                .values()
                .filter(|a| a.profile.id != *me && a.profile.queues.contains(&queue.name))
                .filter(|agent| world.has_room(agent, MRD_CHAT))
                .map(|agent| {
                    json!({
                        "id": agent.profile.id, "name": agent.profile.username,
                        "extensions": agent.profile.extension.iter().collect::<Vec<_>>(),
                        "state": agent.mrd(MRD_CHAT).map(|mrd| mrd.state),
                    })
                })
                .collect();
            json!({
                "queueId": queue.id, "queueName": queue.name, "mrdId": MRD_CHAT,
                "totalAvailableAgents": agents.len(), "availableAgents": agents,
            })
        };
        world.options.queues.iter().map(row).collect()
    });
    Json(rows).into_response()
}

async fn tasks(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Json<Vec<Value>> {
    let agent = asked.get("agentId").cloned().unwrap_or_default();
    Json(hub.read(|world| {
        let mine = world.tasks.iter().filter(|task| task.agent() == Some(agent.as_str()));
        mine.map(|task| shapes::task(world, task)).collect()
    }))
}

async fn waiting(State(hub): Server, Path(id): Path<String>) -> Response {
    let place = hub.read(|world| {
        let mut queued = world.tasks.iter().filter(|task| task.stage == crate::expertflow::world::Stage::Queued);
        queued.position(|task| task.conversation == id)
    });
    found(place.map(|place| json!({ "ewt": 60 * (place + 1), "position": place + 1 })))
}

async fn states(State(hub): Server, Path(id): Path<String>) -> Response {
    found(hub.read(|world| world.agents.get(&id).map(shapes::presence)))
}

async fn all_states(State(hub): Server) -> Json<Vec<Value>> {
    Json(hub.read(|world| world.agents.values().filter(|a| a.logged_in).map(shapes::presence).collect()))
}
