//! The Participant Service over HTTP: who asks, faults and errors.
//!
//! It shares the simulator's listener: `/participant/…`. As the real one it
//! answers browsers of any origin.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::actions;
use super::contact::Chat;
use super::conversation::{Conversation, Participant, Presence};
use crate::Moment;
use crate::amazon_connect::call::lock;
use crate::amazon_connect::faults::Fault;
use crate::amazon_connect::server::{self, iso_time};
use crate::amazon_connect::shared::Shared;
use crate::amazon_connect::state::{Refusal, now};

/// A bearer may have that many characters.
const LONGEST_BEARER: usize = 1000;
/// The service forgets none of these within a run.
const LONGEST_CLIENT_TOKEN: usize = 500;

/// A connection token that was given out.
pub(crate) struct ChatToken {
    pub value: String,
    pub participant: String,
    pub conversation: Arc<Conversation>,
    pub expires: Instant,
}

/// Why the Participant Service refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub kind: &'static str,
    pub message: String,
}

impl Refused {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            "AccessDeniedException" => StatusCode::FORBIDDEN,
            "ValidationException" => StatusCode::BAD_REQUEST,
            "ThrottlingException" => StatusCode::TOO_MANY_REQUESTS,
            "ConflictException" => StatusCode::CONFLICT,
            "ResourceNotFoundException" => StatusCode::NOT_FOUND,
            "ServiceQuotaExceededException" => StatusCode::PAYMENT_REQUIRED,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

pub(crate) fn invalid(what: &str) -> Refused {
    Refused::new("ValidationException", format!("invalid request: {what}"))
}

pub(crate) fn denied() -> Refused {
    Refused::new("AccessDeniedException", "Access denied")
}

/// Who asks.
#[derive(Clone)]
pub(crate) struct Caller {
    pub conversation: Arc<Conversation>,
    pub participant: Participant,
}

impl Caller {
    /// The answer to a request with a ClientToken is given once; the same
    /// token gets it again.
    pub(crate) fn once(
        &self,
        action: &'static str,
        body: &Value,
        act: impl FnOnce(&mut super::conversation::Talk) -> Result<Value, Refused>,
    ) -> Result<Value, Refused> {
        let token = match &body["ClientToken"] {
            Value::Null => None,
            Value::String(text) if text.chars().count() <= LONGEST_CLIENT_TOKEN => Some(text.clone()),
            _ => return Err(invalid("ClientToken")),
        };
        let key = token.map(|token| (self.participant.id.clone(), action, token));
        let done = self.conversation.change(|talk| {
            if let Some(known) = key.as_ref().and_then(|k| talk.answers.get(k)) {
                return Ok(known.clone());
            }
            let answer = act(talk)?;
            if let Some(key) = key {
                talk.answers.insert(key, answer.clone());
            }
            Ok(answer)
        });
        done.unwrap_or_else(|| Err(Refused::new("InternalServerException", "nothing was done")))
    }
}

/// The action of a method and path; the rest of the path for DescribeView.
fn action(method: &Method, path: &str) -> Option<(&'static str, String)> {
    let rest = path.strip_prefix("/participant/")?;
    if let (&Method::GET, Some(token)) = (method, rest.strip_prefix("views/")) {
        return Some(("DescribeView", token.to_owned()));
    }
    let name = match rest {
        "connection" => "CreateParticipantConnection",
        "message" => "SendMessage",
        "event" => "SendEvent",
        "transcript" => "GetTranscript",
        "start-attachment-upload" => "StartAttachmentUpload",
        "complete-attachment-upload" => "CompleteAttachmentUpload",
        "attachment" => "GetAttachment",
        "disconnect" => "DisconnectParticipant",
        _ => return None,
    };
    (method == Method::POST).then(|| (name, String::new()))
}

/// Every request below `/participant/`.
pub(crate) async fn call(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let bearer = headers.get("x-amz-bearer").and_then(|v| v.to_str().ok()).unwrap_or("");
    let Some((name, rest)) = action(&method, uri.path()) else {
        return refuse(&Refused::new("ResourceNotFoundException", "there is no such operation"));
    };
    let caller = caller(&shared, name, bearer);
    let agent = caller.as_ref().ok().map(|c| c.participant.channel.clone());
    let note = shared.note_request(name, agent);
    shared.weather().await;
    let fault = lock(&shared.faults).take(name);
    let perform = || match caller.and_then(|c| actions::perform(&shared, &c, name, &rest, &body)) {
        Ok(value) => answer(StatusCode::OK, value.to_string()),
        Err(refused) => refuse(&refused),
    };
    let response = match fault {
        None => perform(),
        Some(Fault::LoseAnswer) => server::cut_after(perform()),
        Some(Fault::Slow(delay)) => {
            tokio::time::sleep(delay).await;
            perform()
        }
        Some(fault) => faulty(fault).await,
    };
    shared.note_status(note, response.status().as_u16());
    response
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn refuse(refused: &Refused) -> Response {
    let mut body = json!({ "Message": refused.message });
    if refused.kind == "ConflictException" {
        body["Reason"] = json!(refused.message);
    }
    let mut response = answer(refused.status(), body.to_string());
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(refused.kind));
    response
}

async fn faulty(fault: Fault) -> Response {
    let asked = "asked for by the test";
    match fault {
        Fault::Status(status) => {
            let kind = match status {
                402 => "ServiceQuotaExceededException",
                401 | 403 => "AccessDeniedException",
                404 => "ResourceNotFoundException",
                409 => "ConflictException",
                429 => "ThrottlingException",
                400..=499 => "ValidationException",
                _ => "InternalServerException",
            };
            let mut response = refuse(&Refused::new(kind, asked));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response
        }
        Fault::Throttle => refuse(&Refused::new("ThrottlingException", "Rate exceeded")),
        Fault::Exception(kind) => refuse(&Refused::new(kind, asked)),
        Fault::Malformed => answer(StatusCode::OK, "{\"Id\":\"".to_owned()),
        Fault::Html502 => {
            (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], "<html><body>Bad gateway</body></html>")
                .into_response()
        }
        Fault::LoseRequest | Fault::LoseAnswer => server::cut_after(StatusCode::OK.into_response()),
        Fault::Silence | Fault::Slow(_) => std::future::pending().await,
    }
}

/// The participant of a bearer, when it may do that.
fn caller(shared: &Shared, action: &str, bearer: &str) -> Result<Caller, Refused> {
    if bearer.chars().count() > LONGEST_BEARER {
        return Err(invalid("X-Amz-Bearer is too long"));
    }
    let found = if action == "CreateParticipantConnection" {
        by_participant_token(shared, bearer)
    } else {
        by_connection_token(shared, bearer)
    };
    let caller = found.ok_or_else(denied)?;
    let allowed = match (action, caller.participant.presence) {
        (_, Presence::Here) => true,
        ("CreateParticipantConnection", Presence::Invited) => true,
        // What was said can be read until the contact is cleared.
        ("GetTranscript" | "GetAttachment" | "DescribeView", Presence::Gone) => true,
        _ => false,
    };
    if allowed { Ok(caller) } else { Err(denied()) }
}

fn by_participant_token(shared: &Shared, bearer: &str) -> Option<Caller> {
    let chats = shared.chats.borrow();
    chats.iter().find_map(|chat| {
        let talk = chat.conversation.talk.borrow();
        let participant = talk.participants.iter().find(|p| p.token == bearer)?.clone();
        Some(Caller { conversation: chat.conversation.clone(), participant })
    })
}

fn by_connection_token(shared: &Shared, bearer: &str) -> Option<Caller> {
    let (conversation, id) = {
        let sessions = lock(&shared.sessions);
        let token = sessions.chat_tokens.iter().find(|t| t.value == bearer && t.expires > Instant::now())?;
        (token.conversation.clone(), token.participant.clone())
    };
    let participant = conversation.talk.borrow().participant(&id)?.clone();
    Some(Caller { conversation, participant })
}

/// A fresh connection token and its expiry.
pub(crate) fn new_token(shared: &Shared, conversation: &Arc<Conversation>, participant: &str) -> (String, String) {
    let life: Duration = shared.options.chat_token_life;
    let value = format!("connection-token-{}", uuid::Uuid::new_v4());
    lock(&shared.sessions).chat_tokens.push(ChatToken {
        value: value.clone(),
        participant: participant.to_owned(),
        conversation: conversation.clone(),
        expires: Instant::now() + life,
    });
    (value, iso_time(now() + shared.skew() + life.as_secs_f64()))
}

/// CreateTransport `chat_token`.
pub(crate) fn chat_token(shared: &Shared, agent: &str, body: &Value) -> Result<Value, Refusal> {
    let (contact, participant) = (body["contactId"].as_str(), body["participantId"].as_str());
    let of_agent = |c: &&Arc<Chat>| c.agent == agent && Some(c.contact_id.as_str()) == contact;
    let chat = shared.chats.borrow().iter().find(of_agent).cloned();
    let chat = chat.filter(|c| Some(c.agent_connection.as_str()) == participant);
    let chat = chat.ok_or_else(|| Refusal::new(403, "AccessDeniedException", "Access denied"))?;
    let gone = chat
        .conversation
        .talk
        .borrow()
        .participant(&chat.agent_connection)
        .is_none_or(|p| p.presence == Presence::Forgotten);
    if gone {
        return Err(Refusal::invalid_state("The contact is over."));
    }
    let (token, expiry) = new_token(shared, &chat.conversation, &chat.agent_connection);
    chat.note(|f| f.tokens.push(Moment::now()));
    Ok(json!({ "chatTokenTransport": { "participantToken": token, "expiry": expiry } }))
}

/// Lets pages of any origin use the Participant Service and the store of
/// attachments, as the real ones do.
pub(crate) async fn with_cors(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let concerned = path.starts_with("/participant/") || path.starts_with("/attachment-store/");
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = next.run(request).await;
    if concerned {
        let headers = response.headers_mut();
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        let methods = HeaderValue::from_static("GET, POST, PUT, OPTIONS");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        let shown = HeaderValue::from_static("x-amzn-errortype, x-amzn-requestid, etag");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, shown);
        if let Some(asked) = asked {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
        }
    }
    response
}
