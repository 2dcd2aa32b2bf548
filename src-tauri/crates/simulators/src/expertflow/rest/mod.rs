//! The services beside the socket: paths, tokens, and faults.

mod announcements;
mod ccm;
mod conversations;
mod customers;
mod files;
mod lists;
mod login;
mod reports;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use socketioxide::layer::SocketIoLayer;

use super::customers::Refused;
use super::hub::Hub;

/// What a handler gets.
type Server = State<Arc<Hub>>;

/// Paths that need no token: log-in, the socket, and what the desk's own web host serves.
const OPEN: [&str; 7] = [
    "/agent-manager/agent/login",
    "/agent-manager/agent/refresh-token",
    "/agent-manager/agent/send-sms-otp",
    "/agent-manager/agent/register-phone",
    "/agent-manager/agent/validate-otp",
    "/agent-manager/socket.io",
    "/assets/",
];

/// Everything on one port.
pub(super) fn router(hub: &Arc<Hub>, sockets: SocketIoLayer) -> Router {
    Router::new()
        .merge(login::routes())
        .merge(lists::routes())
        .merge(customers::routes())
        .merge(conversations::routes())
        .merge(announcements::routes())
        .merge(reports::routes())
        .merge(files::routes())
        .merge(ccm::routes())
        .layer(sockets)
        .layer(middleware::from_fn_with_state(hub.clone(), gate))
        .with_state(hub.clone())
}

/// Faults first, then the token.
async fn gate(State(hub): Server, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/agent-manager/socket.io") {
        let refused = hub.set_faults(|faults| {
            let refused = faults.refuse_dials > 0;
            faults.refuse_dials = faults.refuse_dials.saturating_sub(1);
            refused
        });
        if refused {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        return next.run(request).await;
    }
    let faults = hub.faults();
    if !faults.delay.is_zero() {
        tokio::time::sleep(faults.delay).await;
    }
    let failing = hub.set_faults(|faults| {
        let (part, status, left) = faults.rest.as_mut()?;
        if *left == 0 || !path.contains(part.as_str()) {
            return None;
        }
        *left -= 1;
        Some(*status)
    });
    if let Some(status) = failing {
        return problem(status, "the simulator was told to fail");
    }
    let open = OPEN.iter().any(|start| path.starts_with(start));
    if hub.options.require_bearer && !open && caller(&hub, request.headers()).is_none() {
        return problem(401, "Unauthorized");
    }
    next.run(request).await
}

/// The agent whose access token came along.
fn caller(hub: &Hub, headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    hub.mint.check(given, "Bearer", hub.read(|world| world.now()) / 1000)
}

/// An error in the form of the services.
fn problem(status: u16, message: &str) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, Json(json!({ "statusCode": status, "msg": message }))).into_response()
}

/// The same for what the world would not do.
fn refuse((status, message): Refused) -> Response {
    problem(status, &message)
}

/// A whole number among the parameters of an address, `otherwise` when it is missing, none for anything else.
fn whole(parameters: &HashMap<String, String>, name: &str, otherwise: usize) -> Option<usize> {
    parameters.get(name).map_or(Some(otherwise), |value| value.parse().ok())
}

/// A list, or 404 without.
fn found(value: Option<Value>) -> Response {
    match value {
        Some(value) => Json(value).into_response(),
        None => problem(404, "not found"),
    }
}
