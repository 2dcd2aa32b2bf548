//! The services: faults, tokens, verbs, and what is done.

mod acting;
mod files;
mod login;
mod query;
mod routes;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::backend::proxy_answer;
use super::faults::{Failure, Heard, Service};
use super::hub::Hub;
use super::options::OperatorStatus;
use super::token::Worth;
use super::world::Refused;
use crate::Moment;
use crate::centrifugo::Peer;

/// Bytes of a request.
const BODY_LIMIT: usize = 256 << 20;

/// Prefixes of the services, as those of the vendor's own hosts end.
pub(super) const IAM: &str = "/iam/api/v1";
pub(super) const CHAT: &str = "/chat/api/v1";
pub(super) const STORAGE: &str = "/storage";
pub(super) const PROXY: &str = "/centrifugo/connect";

/// A request, taken apart.
struct Asked {
    service: Service,
    method: String,
    /// Below the service's address, as it was sent.
    path: String,
    /// The parts of the path, decoded.
    parts: Vec<String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl Asked {
    fn authorization(&self) -> Option<&str> {
        self.headers.get(header::AUTHORIZATION)?.to_str().ok()
    }

    /// The body as JSON; null for anything else.
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Everything on one port.
pub(super) fn router(hub: &Arc<Hub>) -> Router {
    Router::new().fallback(serve).with_state(hub.clone())
}

async fn serve(State(hub): State<Arc<Hub>>, ConnectInfo(peer): ConnectInfo<Peer>, request: Request) -> Response {
    let Some(asked) = take_apart(request).await else { return StatusCode::NOT_FOUND.into_response() };
    let place = hub.note(Heard {
        at: Moment::now(),
        service: asked.service,
        method: asked.method.clone(),
        path: asked.path.clone(),
        query: asked.query.clone(),
        authorization: asked.authorization().map(str::to_owned),
        body: asked.json(),
        status: None,
    });
    let line = format!("{} {}", asked.method, asked.path);
    let (failure, delay) = hub.set_faults(|faults| (faults.take(&line), faults.delay));
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let response = match failure {
        None => work(&hub, asked).await,
        Some(Failure::Late(time)) => {
            tokio::time::sleep(time).await;
            work(&hub, asked).await
        }
        Some(Failure::Status(status)) => problem(status, "The simulator was told to fail."),
        Some(Failure::Answer(status, body)) => as_json(status, body),
        Some(Failure::Garbage) => as_json(200, "<html>Bad gateway".to_owned()),
        Some(Failure::Drop) => return hang_up(&peer).await,
        Some(Failure::LoseAnswer) => {
            work(&hub, asked).await;
            return hang_up(&peer).await;
        }
        Some(Failure::DoneBut(status)) => {
            work(&hub, asked).await;
            problem(status, "The simulator was told to fail.")
        }
        Some(Failure::CutAnswer) => broken(work(&hub, asked).await),
    };
    hub.note_status(place, response.status().as_u16());
    response
}

async fn take_apart(request: Request) -> Option<Asked> {
    let (head, body) = request.into_parts();
    let whole = head.uri.path();
    let (service, path) =
        [(Service::Iam, IAM), (Service::Chat, CHAT), (Service::Storage, STORAGE), (Service::Proxy, PROXY)]
            .into_iter()
            .find_map(|(service, start)| Some((service, whole.strip_prefix(start)?.to_owned())))?;
    let query = url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.ok()?;
    let parts = path.trim_matches('/').split('/').map(decoded).collect();
    Some(Asked { service, method: head.method.to_string(), path, parts, query, headers: head.headers, body })
}

/// A part of a path without its percent signs.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte =
            code.and_then(|code| std::str::from_utf8(code).ok()).and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn work(hub: &Hub, asked: Asked) -> Response {
    match asked.service {
        Service::Storage => files::download(hub, &asked),
        Service::Proxy => axum::Json(proxy_answer(hub, &asked.json())).into_response(),
        Service::Iam | Service::Chat => match answer(hub, asked).await {
            Ok(response) => response,
            Err(refused) => refuse(&refused),
        },
    }
}

async fn answer(hub: &Hub, asked: Asked) -> Result<Response, Refused> {
    let route = routes::find(asked.service, &asked.parts, &hub.options.verbs);
    let Some(route) = route else { return Err(Refused::missing("Page")) };
    let Some(action) = route.action(&asked.method) else { return Ok(route.not_allowed()) };
    match action {
        routes::Action::Login => login::login(hub, &asked),
        routes::Action::Refresh => login::refresh(hub, &asked),
        routes::Action::Upload => {
            let operator = caller(hub, &asked)?;
            files::upload(hub, operator, asked).await
        }
        action => {
            let operator = caller(hub, &asked)?;
            acting::act(hub, operator, &action, &asked)
        }
    }
}

/// The operator whose token came along.
fn caller(hub: &Hub, asked: &Asked) -> Result<u64, Refused> {
    let token = asked.authorization().and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let operator = match hub.mint.check(token, hub.seconds()) {
        Worth::Good(operator) => operator,
        Worth::Over(_) if hub.options.token_refusal == super::options::TokenRefusal::Expired => {
            return Err(Refused::new(401, "Token is expired."));
        }
        Worth::Over(_) | Worth::Forbidden(_) => return Err(Refused::new(403, "Forbidden.")),
        Worth::Nothing => return Err(Refused::new(401, "Unauthorized.")),
    };
    match hub.read(|world| world.operator(operator).map(|one| one.status)) {
        Some(OperatorStatus::Blocked) => Err(Refused::new(403, "User is blocked.")),
        Some(_) => Ok(operator),
        None => Err(Refused::new(401, "Unauthorized.")),
    }
}

fn problem(status: u16, text: &str) -> Response {
    refuse(&Refused::new(status, text))
}

/// `{error, details?}`.
fn refuse(refused: &Refused) -> Response {
    let mut body = json!({ "error": refused.error });
    if let Some(details) = &refused.details {
        body["details"] = details.clone();
    }
    as_json(refused.status, body.to_string())
}

fn as_json(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Ends the connection without an answer.
async fn hang_up(peer: &Peer) -> Response {
    peer.cut.cancel();
    // The connection's end drops this future, too.
    std::future::pending().await
}

/// The answer's first half, then the end of the connection.
fn broken(response: Response) -> Response {
    let (head, _) = response.into_parts();
    let parts = [Ok(Bytes::from_static(b"{\"it")), Err(std::io::Error::other("told to fail"))];
    let mut broken = Response::from_parts(head, Body::from_stream(stream::iter(parts)));
    broken.headers_mut().remove(header::CONTENT_LENGTH);
    broken
}
