//! Customers, what is known of their conversations, and announcements.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Hub, Server, found, number, problem};
use crate::expertflow::history;
use crate::expertflow::shapes::Voice;
use crate::expertflow::world::object_id;

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/cim-customer/customers", get(list).post(create))
        .route("/cim-customer/customers/{id}", get(one).put(change))
        .route(
            "/cim-customer/customerSchema",
            get(async |State(hub): Server| Json(hub.options.customer_schema.clone())),
        )
        .route("/cim-customer/label", get(async |State(hub): Server| Json(hub.options.labels.clone())))
        .route("/conversation-manager/customer-topics/{id}/update-customer", put(link))
        .route("/conversation-manager/customer-topics/{id}/conversation-data", get(data))
        .route("/conversation-manager/customer-topics/customer/{id}/activities", get(activities))
        .route(
            "/conversation-manager/customer-topics/update-past-conversations",
            put(async || Json(json!({ "statusCode": 200, "message": "updated" }))),
        )
        .route("/team-announcement/announcement", get(announcements).post(announce))
        .route("/team-announcement/announcement/", get(announcements))
        .route("/team-announcement/announcement/{id}", get(announcement).delete(withdraw))
        .route("/team-announcement/announcement/seenStatus/{id}", put(seen))
}

fn holds(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|one| holds(one, wanted)),
        Value::String(text) => text.to_lowercase().contains(&wanted.to_lowercase()),
        _ => false,
    }
}

async fn list(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Response {
    let mut rows = hub.read(|world| world.customers.clone());
    if let Some(identifier) = asked.get("customerChannelIdentifier") {
        let channel = asked.get("channelType").map(|name| name.to_lowercase()).unwrap_or_default();
        rows.retain(|row| holds(&row["phoneNumber"], identifier) || holds(&row[channel.as_str()], identifier));
    }
    if let Some((field, wanted)) = asked.get("paginateQuery").and_then(|query| query.split_once(':')) {
        rows.retain(|row| holds(&row[field], wanted));
    }
    if let Some((field, order)) = asked.get("sort").and_then(|sort| sort.split_once(':')) {
        rows.sort_by_key(|row| row[field].to_string());
        if order == "desc" {
            rows.reverse();
        }
    }
    let (limit, offset) = (number(&asked, "limit", 25).max(1), number(&asked, "offset", 0));
    let total = rows.len();
    let page: Vec<Value> = rows.into_iter().skip(offset).take(limit).collect();
    Json(json!({
        "docs": page, "totalDocs": total, "limit": limit, "offset": offset, "totalPages": total.div_ceil(limit),
        "hasNextPage": offset + limit < total,
    }))
    .into_response()
}

async fn create(State(hub): Server, Json(mut body): Json<Value>) -> Response {
    if !body.is_object() {
        return problem(400, "a customer is an object");
    }
    body["_id"] = json!(object_id());
    hub.act(|world| world.customers.push(body.clone()));
    (StatusCode::CREATED, Json(body)).into_response()
}

async fn one(State(hub): Server, Path(id): Path<String>) -> Response {
    found(hub.read(|world| world.customers.iter().find(|row| row["_id"] == id.as_str()).cloned()))
}

async fn change(State(hub): Server, Path(id): Path<String>, Json(body): Json<Value>) -> Response {
    found(hub.act(|world| {
        let row = world.customers.iter_mut().find(|row| row["_id"] == id.as_str())?;
        for (name, value) in body.as_object()?.iter().filter(|(name, _)| *name != "_id") {
            row[name.as_str()] = value.clone();
        }
        Some(row.clone())
    }))
}

async fn link(State(hub): Server, Path(id): Path<String>, Json(customer): Json<Value>) -> Response {
    found(hub.act(|world| {
        let conversation = world.conversations.get_mut(&id)?;
        conversation.customer = customer.clone();
        conversation.facts.linked.push(customer["_id"].as_str().unwrap_or_default().to_owned());
        for session in &mut conversation.sessions {
            session.value["customer"] = customer.clone();
        }
        let emitter = Voice::AgentManager.sender();
        world.happen(&id, "ASSOCIATED_CUSTOMER_CHANGED", "NOTIFICATION", emitter, customer.clone());
        Some(json!({ "statusCode": 200, "message": "updated" }))
    }))
}

async fn data(State(hub): Server, Path(id): Path<String>) -> Response {
    found(hub.read(|world| world.conversations.get(&id).map(|found| json!(found.data))))
}

/// `offset` counts pages.
async fn activities(
    State(hub): Server,
    Path(id): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let (limit, page) = (number(&asked, "limit", 25).max(1), number(&asked, "offset", 0));
    let docs = hub.read(|world| history::activities(world, &id));
    let docs: Vec<Value> = docs.into_iter().skip(page * limit).take(limit).collect();
    Json(json!({ "docs": docs })).into_response()
}

async fn announcements(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Json<Vec<Value>> {
    let teams: Option<Vec<String>> = asked.get("teamIds").map(|ids| ids.split(',').map(str::to_owned).collect());
    Json(hub.read(|world| {
        let mine = |row: &&Value| {
            let theirs = row["teams"].as_array().cloned().unwrap_or_default();
            teams.as_ref().is_none_or(|ids| theirs.iter().any(|t| ids.iter().any(|id| t["teamId"] == id.as_str())))
        };
        world.announcements.iter().filter(mine).cloned().collect()
    }))
}

async fn announce(State(hub): Server, Json(mut body): Json<Value>) -> Response {
    if body["announcementText"].as_str().is_none_or(str::is_empty) {
        return problem(400, "announcementText is required");
    }
    body["_id"] = json!(object_id());
    body["seenBy"] = json!([]);
    body["status"] = json!("active");
    hub.act(|world| world.announce(body.clone()));
    (StatusCode::CREATED, Json(body)).into_response()
}

async fn announcement(State(hub): Server, Path(id): Path<String>) -> Response {
    found(hub.read(|world| world.announcements.iter().find(|row| row["_id"] == id.as_str()).cloned()))
}

async fn withdraw(State(hub): Server, Path(id): Path<String>) -> Response {
    found(hub.act(|world| world.withdraw(&id)).then(|| json!({ "statusCode": 200 })))
}

async fn seen(State(hub): Server, Path(id): Path<String>, Json(body): Json<Value>) -> Response {
    found(hub.act(|world| {
        let row = world.announcements.iter_mut().find(|row| row["_id"] == id.as_str())?;
        row["seenBy"].as_array_mut()?.push(body);
        Some(row.clone())
    }))
}
