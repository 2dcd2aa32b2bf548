//! The customer channel manager: chats that agents begin, and what a desk
//! reports of calls.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Hub, Server, found, problem};
use crate::expertflow::options::CustomerOffer;
use crate::expertflow::shapes;

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/ccm/channels/defaultoutbound", get(channel))
        .route("/ccm/message/receive", post(receive))
        .route("/ccm/message/send", post(async || Json(json!({ "statusCode": 200 }))))
}

/// The channel through which agents begin chats of that type.
async fn channel(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Response {
    let wanted = asked.get("channelTypeId").cloned().unwrap_or_default();
    let kind = shapes::channel_types().into_iter().find(|row| row["id"] == wanted.as_str());
    found(kind.map(|kind| {
        let offer = CustomerOffer::of("", hub.options.queues.first().map_or("", |queue| queue.name.as_str()));
        hub.read(|world| {
            let session = shapes::session(world, &offer, "", "", &Value::Null, &kind, "OUTBOUND");
            session.value["channel"].clone()
        })
    }))
}

/// With the intent AGENT_OUTBOUND a chat begins, which comes to the agent as
/// `taskRequest` with the state STARTED; all else is only taken.
async fn receive(State(hub): Server, Json(body): Json<Value>) -> Response {
    let header = &body["header"];
    if header["intent"] != "AGENT_OUTBOUND" {
        return Json(json!({ "statusCode": 200 })).into_response();
    }
    let agent = header["sender"]["id"].as_str().unwrap_or_default().to_owned();
    let number = header["channelData"]["channelCustomerIdentifier"].as_str().unwrap_or_default();
    if number.is_empty() {
        return problem(400, "channelCustomerIdentifier is required");
    }
    let name = header["customer"]["firstName"].as_str().unwrap_or("Somebody");
    let queue = hub.options.queues.first().map(|queue| queue.name.clone()).unwrap_or_default();
    let offer = CustomerOffer::of(name, &queue).number(number).through("WHATSAPP");
    let begun = hub.act(|world| {
        world.agents.get(&agent).filter(|one| one.logged_in)?;
        world.begin_outbound(offer, &agent)
    });
    match begun {
        Some(_) => Json(json!({ "statusCode": 200 })).into_response(),
        None => problem(404, "the agent is not logged in"),
    }
}
