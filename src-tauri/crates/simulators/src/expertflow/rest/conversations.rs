//! The conversation manager: whose a conversation is, its values, and what a customer did before.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Hub, Server, found, problem, refuse, whole};
use crate::expertflow::history;

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/conversation-manager/customer-topics/{id}/update-customer", put(link))
        .route("/conversation-manager/customer-topics/update-past-conversations", put(move_past))
        .route("/conversation-manager/customer-topics/{id}/conversation-data", get(data))
        .route("/conversation-manager/customer-topics/customer/{id}/activities", get(activities))
        .route("/conversation-manager/activities", post(async || Json(json!({ "statusCode": 200 }))))
}

async fn link(State(hub): Server, Path(id): Path<String>, Json(customer): Json<Value>) -> Response {
    match hub.act(|world| world.link(&id, &customer)) {
        Ok(()) => Json(json!({ "statusCode": 200, "message": "updated" })).into_response(),
        Err(refused) => refuse(refused),
    }
}

async fn move_past(State(hub): Server, Json(body): Json<Value>) -> Response {
    match hub.act(|world| world.move_past(&body)) {
        Ok(()) => Json(json!({ "statusCode": 200, "message": "updated" })).into_response(),
        Err(refused) => refuse(refused),
    }
}

async fn data(State(hub): Server, Path(id): Path<String>) -> Response {
    found(hub.read(|world| world.conversations.get(&id).map(|found| json!(found.data))))
}

/// `offset` counts pages; after the last there are no documents.
async fn activities(
    State(hub): Server,
    Path(id): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let limit = whole(&asked, "limit", 25).filter(|limit| *limit > 0);
    let (Some(limit), Some(page)) = (limit, whole(&asked, "offset", 0)) else {
        return problem(400, "limit and offset have to be whole numbers");
    };
    let kind = asked.get("activity-type").map_or("ALL", String::as_str);
    let docs = hub.read(|world| history::activities(world, &id, kind));
    let docs: Vec<Value> = docs.into_iter().skip(page.saturating_mul(limit)).take(limit).collect();
    Json(json!({ "docs": docs })).into_response()
}
