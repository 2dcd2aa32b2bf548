//! The customer service.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Hub, Server, found, problem, refuse, whole};
use crate::expertflow::customers::is_object_id;

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/cim-customer/customers", get(list).post(create))
        .route("/cim-customer/customers/{id}", get(one).put(change).delete(remove))
        .route(
            "/cim-customer/customerSchema",
            get(async |State(hub): Server| Json(hub.options.customer_schema.clone())),
        )
        .route("/cim-customer/label", get(async |State(hub): Server| Json(hub.options.labels.clone())))
}

/// Two ways to ask: `channelType` with `customerChannelIdentifier` for the one whom a channel knows, or pages with
/// `limit`, `offset` (rows), `sort` and `paginateQuery`.
async fn list(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Response {
    let rows = match (asked.get("channelType"), asked.get("customerChannelIdentifier")) {
        (Some(channel), Some(identifier)) => {
            Ok(hub.read(|world| world.customer_by(channel, identifier).cloned().into_iter().collect()))
        }
        (None, None) => {
            let (filter, sort) = (asked.get("paginateQuery"), asked.get("sort"));
            hub.read(|world| world.search(filter.map(String::as_str), sort.map(String::as_str)))
        }
        _ => return problem(400, "channelType and customerChannelIdentifier go together"),
    };
    let rows: Vec<Value> = match rows {
        Ok(rows) => rows,
        Err(refused) => return refuse(refused),
    };
    let (Some(limit), Some(offset)) =
        (whole(&asked, "limit", 25).filter(|limit| *limit > 0), whole(&asked, "offset", 0))
    else {
        return problem(400, "limit and offset have to be whole numbers");
    };
    let total = rows.len();
    let page = offset / limit + 1;
    let docs: Vec<Value> = rows.into_iter().skip(offset).take(limit).collect();
    let (before, after) = (offset > 0, offset + limit < total);
    Json(json!({
        "docs": docs, "totalDocs": total, "limit": limit, "offset": offset, "totalPages": total.div_ceil(limit).max(1),
        "page": page, "pagingCounter": offset + 1, "hasPrevPage": before, "hasNextPage": after,
        "prevPage": before.then(|| page - 1), "nextPage": after.then_some(page + 1),
    }))
    .into_response()
}

async fn create(State(hub): Server, Json(body): Json<Value>) -> Response {
    let made = hub.act(|world| {
        let document = world.revised(None, &body)?;
        world.keep_customer(document.clone());
        Ok(document)
    });
    match made {
        Ok(document) => (StatusCode::CREATED, Json(document)).into_response(),
        Err(refused) => refuse(refused),
    }
}

async fn one(State(hub): Server, Path(id): Path<String>) -> Response {
    if !is_object_id(&id) {
        return problem(400, "the id has to be 24 hexadecimal digits");
    }
    found(hub.read(|world| world.customer(&id).cloned()))
}

async fn change(State(hub): Server, Path(id): Path<String>, Json(body): Json<Value>) -> Response {
    if !is_object_id(&id) {
        return problem(400, "the id has to be 24 hexadecimal digits");
    }
    let changed = hub.act(|world| {
        let document = world.revised(Some(&id), &body)?;
        world.keep_customer(document.clone());
        Ok(document)
    });
    match changed {
        Ok(document) => Json(document).into_response(),
        Err(refused) => refuse(refused),
    }
}

async fn remove(State(hub): Server, Path(id): Path<String>) -> Response {
    let removed = hub.act(|world| {
        let before = world.customers.len();
        world.customers.retain(|row| row["_id"] != id.as_str());
        before > world.customers.len()
    });
    found(removed.then(|| json!({ "statusCode": 200 })))
}
