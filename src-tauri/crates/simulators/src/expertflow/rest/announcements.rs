//! Announcements of supervisors.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{Hub, Server, caller, found, problem, whole};
use crate::expertflow::announce::millis;
use crate::expertflow::shapes;

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/team-announcement/announcement", get(list).post(create))
        .route("/team-announcement/announcement/", get(list))
        .route("/team-announcement/announcement/{id}", get(one).put(change).delete(remove))
        .route("/team-announcement/announcement/seenStatus/{id}", put(seen))
}

/// By `teamIds` and `status`, or by `supervisorIds`; several are parted by commas. In pages with `page` from 1 and
/// `limit`.
async fn list(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Response {
    let ids = |name: &str| asked.get(name).map(|ids| ids.split(',').map(str::to_owned).collect::<Vec<String>>());
    let (teams, supervisors, status) = (ids("teamIds"), ids("supervisorIds"), asked.get("status"));
    if let Some(status) = status.filter(|status| !matches!(status.as_str(), "scheduled" | "active" | "expired")) {
        return problem(400, &format!("{status} is no status"));
    }
    let limit = whole(&asked, "limit", 1000).filter(|limit| *limit > 0);
    let (Some(limit), Some(page)) = (limit, whole(&asked, "page", 1).filter(|page| *page > 0)) else {
        return problem(400, "page and limit have to be whole numbers from 1 on");
    };
    let mut rows = hub.read(|world| world.announcement_rows());
    rows.retain(|row| {
        let theirs = row["teams"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of_team = |ids: &Vec<String>| theirs.iter().any(|team| ids.iter().any(|id| team["teamId"] == id.as_str()));
        let of_supervisor = |ids: &Vec<String>| ids.iter().any(|id| row["supervisorId"] == id.as_str());
        teams.as_ref().is_none_or(of_team)
            && supervisors.as_ref().is_none_or(of_supervisor)
            && status.is_none_or(|status| row["status"] == status.as_str())
    });
    let rows: Vec<Value> = rows.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
    Json(rows).into_response()
}

/// What is wrong with an announcement, none when it is good.
fn problem_of(body: &Value) -> Option<String> {
    let empty = |name: &&str| body[*name].as_str().is_none_or(|text| text.trim().is_empty());
    if let Some(name) = ["announcementText", "priority", "expiryTime", "supervisorId"].into_iter().find(empty) {
        return Some(format!("{name} is required"));
    }
    let bad = |name: &&str| !body[*name].is_null() && body[*name].as_str().and_then(millis).is_none();
    if let Some(name) = ["scheduledTime", "expiryTime"].into_iter().find(bad) {
        return Some(format!("{name} is no time"));
    }
    let teams = body["teams"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = !teams.is_empty() && teams.iter().all(|team| team["teamId"].is_string());
    (!named).then(|| "teams are required".to_owned())
}

/// Announcements go out from supervisors of all their teams.
fn may(hub: &Hub, headers: &HeaderMap, body: &Value) -> bool {
    let Some(agent) = caller(hub, headers) else { return !hub.options.require_bearer };
    let own: Vec<Value> = hub.read(|world| {
        let names = world.agents.get(&agent).map(|agent| agent.profile.supervises.clone()).unwrap_or_default();
        names.iter().map(|name| shapes::team(name)["teamId"].clone()).collect()
    });
    let teams = body["teams"].as_array().map(Vec::as_slice).unwrap_or_default();
    !own.is_empty() && teams.iter().all(|team| own.contains(&team["teamId"]))
}

async fn create(State(hub): Server, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if let Some(why) = problem_of(&body) {
        return problem(400, &why);
    }
    if !may(&hub, &headers, &body) {
        return problem(403, "the team is not supervised");
    }
    let row = hub.act(|world| world.announce(body));
    (StatusCode::CREATED, Json(row)).into_response()
}

async fn one(State(hub): Server, Path(id): Path<String>) -> Response {
    found(hub.read(|world| world.announcement_rows().into_iter().find(|row| row["_id"] == id.as_str())))
}

async fn change(State(hub): Server, headers: HeaderMap, Path(id): Path<String>, Json(body): Json<Value>) -> Response {
    if !hub.read(|world| world.announcements.iter().any(|row| row["_id"] == id.as_str())) {
        return problem(404, "not found");
    }
    if let Some(why) = problem_of(&body) {
        return problem(400, &why);
    }
    if !may(&hub, &headers, &body) {
        return problem(403, "the team is not supervised");
    }
    found(hub.act(|world| {
        let row = world.announcements.iter_mut().find(|row| row["_id"] == id.as_str())?;
        for name in ["announcementText", "priority", "scheduledTime", "expiryTime", "teams"] {
            if !body[name].is_null() {
                row[name] = body[name].clone();
            }
        }
        world.publish_announcement(&id);
        world.announcement_rows().into_iter().find(|row| row["_id"] == id.as_str())
    }))
}

async fn remove(State(hub): Server, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let row = hub.read(|world| world.announcements.iter().find(|row| row["_id"] == id.as_str()).cloned());
    let Some(row) = row else { return problem(404, "not found") };
    if !may(&hub, &headers, &row) {
        return problem(403, "the team is not supervised");
    }
    found(hub.act(|world| world.withdraw(&id)).then(|| json!({ "statusCode": 200 })))
}

/// The caller has seen it; without a token the body has to say who.
async fn seen(State(hub): Server, headers: HeaderMap, Path(id): Path<String>, body: Option<Json<Value>>) -> Response {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let told = ["agentId", "userId", "id"].iter().find_map(|name| body[*name].as_str().map(str::to_owned));
    let Some(agent) = caller(&hub, &headers).or(told) else { return problem(400, "nobody has seen it") };
    found(hub.act(|world| world.announcement_seen(&id, &agent)))
}
