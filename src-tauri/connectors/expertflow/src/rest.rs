//! What is asked over HTTP: requests as they go out, answers as they are read
//! (docs/connectors/expertflow.md, sections 2 and 10).

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse, Progress, Secret, Transfer};
use trunkline_model::{Challenge, ChallengeKind, Endpoint, EndpointId, EndpointKind};
use url::Url;

use crate::settings::below;
use crate::user::User;

/// Answers longer than this are none of the platform's.
const LONGEST: usize = 32 << 20;

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestError {
    /// No answer at all.
    Failed(HttpFailure),
    /// The platform answered so, with its words where it had any.
    Refused(StatusCode, String),
    /// Its answer cannot be read.
    Unreadable,
}

/// The answer's JSON; an error for every status that is none of success.
pub fn read(result: Result<HttpResponse, HttpFailure>) -> Result<Value, RestError> {
    let response = result.map_err(RestError::Failed)?;
    let body: Result<Value, _> = serde_json::from_slice(&response.body);
    if !response.status.is_success() {
        return Err(RestError::Refused(response.status, reason(body.as_ref().unwrap_or(&Value::Null))));
    }
    body.map_err(|_| RestError::Unreadable)
}

/// What an error body says, from the places where the platform's desk looks for it.
fn reason(body: &Value) -> String {
    let places = [
        &body["error"]["error_detail"]["reason"],
        &body["error_detail"]["reason"],
        &body["msg"],
        &body["message"],
        &body["error"]["error_message"],
    ];
    let found = places.into_iter().find_map(Value::as_str).unwrap_or_default();
    found.chars().take(300).collect()
}

fn request(method: Method, url: Url, token: Option<&Secret>, body: Option<&Value>, timeout: Duration) -> HttpRequest {
    let mut headers = HeaderMap::new();
    if let Some(mut value) =
        token.and_then(|token| HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).ok())
    {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let body = body.map(|body| {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Bytes::from(body.to_string())
    });
    let transfer = Transfer { longest: LONGEST, ..Transfer::default() };
    HttpRequest { method, url, headers, body: body.unwrap_or_default(), timeout, transfer }
}

/// GET with the token where there is one.
pub fn get(url: Url, token: Option<&Secret>, timeout: Duration) -> HttpRequest {
    request(Method::GET, url, token, None, timeout)
}

/// POST of JSON with the token where there is one.
pub fn post(url: Url, token: Option<&Secret>, body: &Value, timeout: Duration) -> HttpRequest {
    request(Method::POST, url, token, Some(body), timeout)
}

/// PUT of JSON with the token where there is one.
pub fn put(url: Url, token: Option<&Secret>, body: &Value, timeout: Duration) -> HttpRequest {
    request(Method::PUT, url, token, Some(body), timeout)
}

/// A path below an address, of parts that may hold anything.
pub fn deeper(base: &Url, parts: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(parts);
    }
    url
}

/// A path below an address with a query.
pub fn with_query(base: &Url, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = below(base, path);
    url.query_pairs_mut().extend_pairs(query);
    url
}

/// The body of the log-in.
pub fn login_body(username: &str, password: &Secret) -> Value {
    json!({ "username": username, "password": password.expose_secret() })
}

/// The body that brings the second factor.
pub fn otp_body(username: &str, password: &Secret, realm: Option<&str>, otp: &str) -> Value {
    let mut body = Map::from_iter([
        ("username".to_owned(), json!(username)),
        ("password".to_owned(), json!(password.expose_secret())),
        ("otp".to_owned(), json!(otp)),
    ]);
    if let Some(realm) = realm {
        body.insert("realm".to_owned(), json!(realm));
    }
    Value::Object(body)
}

/// What the log-in answered.
pub enum LoggedIn {
    /// Signed in.
    Done {
        /// Who.
        user: Box<User>,
        /// For REST; absent where the installation gives none.
        token: Option<Secret>,
        /// For a new one.
        refresh: Option<Secret>,
    },
    /// A second factor is asked for.
    More(Box<Challenge>),
}

/// Reads the answer of the log-in and of the second factor alike. Whether a second
/// factor is wanted is told by the user that is missing.
pub fn logged_in(answer: &Value) -> Option<LoggedIn> {
    let data = if answer["data"].is_object() { &answer["data"] } else { answer };
    let secret =
        |name: &str| data[name].as_str().filter(|text| !text.is_empty()).map(|text| Secret::from(text.to_owned()));
    if let Some(user) = User::read(&data["keycloak_User"]) {
        return Some(LoggedIn::Done { user: Box::new(user), token: secret("token"), refresh: secret("refresh_token") });
    }
    let channel = data["twoFAChannel"].as_str()?.trim().to_lowercase();
    let text = |name: &str| data[name].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let registered = data["is2FARegistered"].as_bool().unwrap_or(true);
    let what = match (registered, channel.as_str()) {
        (false, "app") => {
            // Only a picture that is one: nothing else is put into an address of the window's.
            let picture = text("qrImage").filter(|image| image.starts_with("data:image/"));
            ChallengeKind::RegisterApp { secret: text("otpSecret"), picture }
        }
        (false, "sms") => ChallengeKind::Phone,
        _ => ChallengeKind::Code,
    };
    let can_resend = registered && channel == "sms";
    let words = text("message");
    Some(LoggedIn::More(Box::new(Challenge { what, sent_to: text("phoneNumber"), can_resend, wrong: false, words })))
}

/// The new token in the answer to a refresh.
pub fn refreshed(answer: &Value) -> Option<Secret> {
    let data = if answer["data"].is_object() { &answer["data"] } else { answer };
    let token = data["access_token"].as_str().or_else(|| data["token"].as_str())?;
    (!token.is_empty()).then(|| Secret::from(token.to_owned()))
}

/// The directory: each queue, and each agent who is free, once.
pub fn endpoints(answer: &Value, me: &str) -> Option<Vec<Endpoint>> {
    let queues = answer.as_array().or_else(|| answer["data"].as_array())?;
    let mut found: Vec<Endpoint> = Vec::new();
    for queue in queues {
        if let Some(name) = queue["queueName"].as_str().filter(|name| !name.is_empty()) {
            let id = queue_endpoint(name);
            found.push(Endpoint { id, name: name.to_owned(), kind: EndpointKind::Queue, number: None });
        }
    }
    for agent in queues.iter().filter_map(|queue| queue["availableAgents"].as_array()).flatten() {
        let Some(id) = agent["id"].as_str().filter(|id| !id.is_empty() && *id != me) else { continue };
        let name = agent["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(id).to_owned();
        let id = agent_endpoint(id);
        if !found.iter().any(|known| known.id == id) {
            found.push(Endpoint { id, name, kind: EndpointKind::Agent, number: None });
        }
    }
    Some(found)
}

const QUEUE: &str = "queue:";
const AGENT: &str = "agent:";

/// The id of a queue in the directory. Requests name a queue by its name.
pub fn queue_endpoint(name: &str) -> EndpointId {
    EndpointId::new(format!("{QUEUE}{name}"))
}

/// The id of an agent in the directory.
pub fn agent_endpoint(id: &str) -> EndpointId {
    EndpointId::new(format!("{AGENT}{id}"))
}

/// Whom a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Towards {
    /// Whoever is free in the queue of that name.
    Queue(String),
    /// The agent with that id.
    Agent(String),
}

impl Towards {
    /// By an id of the directory.
    pub fn find(id: &EndpointId) -> Option<Self> {
        let text = id.as_str();
        let queue = text.strip_prefix(QUEUE).map(|name| Self::Queue(name.to_owned()));
        queue.or_else(|| text.strip_prefix(AGENT).map(|id| Self::Agent(id.to_owned())))
    }

    /// The members that say so in a request.
    pub fn members(&self) -> Map<String, Value> {
        let members = match self {
            Self::Queue(name) => json!({ "mode": "queue", "queueName": name }),
            Self::Agent(id) => json!({ "mode": "agent", "requestedAgentId": id, "offerToAgent": true }),
        };
        members.as_object().cloned().unwrap_or_default()
    }
}

/// A file on its way to the file engine, as a form of two parts.
pub struct Upload<'a> {
    /// Name without a path.
    pub name: &'a str,
    /// Media type.
    pub content_type: &'a str,
    /// Content.
    pub bytes: &'a Bytes,
    /// Name and value of the second part.
    pub field: (&'a str, &'a str),
    /// Told while it goes out.
    pub progress: Progress,
}

/// The request that brings a file to the file engine. `boundary` stands nowhere in the file.
pub fn upload(url: Url, token: Option<&Secret>, file: Upload<'_>, boundary: &str, timeout: Duration) -> HttpRequest {
    let Upload { name, content_type, bytes, field: (field, value), progress } = file;
    // A quote or a line end in a name would end the header.
    let name: String = name.chars().map(|c| if c.is_control() || c == '"' || c == '\\' { '_' } else { c }).collect();
    let content_type = if content_type.is_empty() { "application/octet-stream" } else { content_type };
    let mut body = Vec::with_capacity(bytes.len() + 512);
    body.extend_from_slice(
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").as_bytes(),
    );
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {content_type}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let mut request = request(Method::POST, url, token, None, timeout);
    if let Ok(value) = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}")) {
        request.headers.insert(CONTENT_TYPE, value);
    }
    request.body = Bytes::from(body);
    request.transfer.sent = Some(progress.at_most(bytes.len() as u64));
    request
}

#[cfg(test)]
mod tests;
