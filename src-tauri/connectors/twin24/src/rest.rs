//! Requests as they go out, answers as they come back (docs/connectors/twin24.md,
//! sections 2 and 3).

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse, Progress, Secret, Transfer};
use trunkline_connector::{CommandCode, CommandError};
use url::Url;

use crate::settings::{Call, ms};

/// Answers longer than this are none of the platform's.
const LONGEST: usize = 32 << 20;
/// Characters of an error's words that are kept.
const WORDS: usize = 300;

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

impl RestError {
    /// Whether it was done is not known: it may have been.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Self::Failed(failure) => !matches!(failure, HttpFailure::Connect | HttpFailure::Tls),
            Self::Refused(status, _) => status.is_server_error(),
            Self::Unreadable => true,
        }
    }

    /// For the agent.
    pub fn as_command(&self) -> CommandError {
        match self {
            Self::Refused(status, words) => {
                let code = match *status {
                    StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::CONFLICT => CommandCode::NotPossible,
                    StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => CommandCode::Invalid,
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => CommandCode::Unavailable,
                    status if status.is_client_error() => CommandCode::NotAllowed,
                    _ => CommandCode::Unavailable,
                };
                CommandError::new(code, words.clone())
            }
            Self::Failed(HttpFailure::Timeout) => CommandError::new(CommandCode::Timeout, "no answer in time"),
            Self::Failed(failure) => CommandError::new(CommandCode::Unavailable, failure.to_string()),
            Self::Unreadable => CommandError::new(CommandCode::Unavailable, "an answer that cannot be read"),
        }
    }
}

/// The answer's JSON, `null` for an empty one; an error for every status that is none of success.
pub fn read(result: Result<HttpResponse, HttpFailure>) -> Result<Value, RestError> {
    let response = result.map_err(RestError::Failed)?;
    let empty = response.body.iter().all(u8::is_ascii_whitespace);
    let body = if empty { Some(Value::Null) } else { serde_json::from_slice(&response.body).ok() };
    if !response.status.is_success() {
        let body = body.unwrap_or_default();
        let words = body["error"].as_str().or_else(|| body["message"].as_str()).unwrap_or_default();
        return Err(RestError::Refused(response.status, words.chars().take(WORDS).collect()));
    }
    body.ok_or(RestError::Unreadable)
}

/// How the token goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// `Bearer TOKEN`.
    Yes,
    /// The token alone: the renewal wants it so.
    Bare,
}

/// What a request carries.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// For the path's `{name}`.
    pub parts: BTreeMap<&'static str, String>,
    /// Query.
    pub query: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Option<Value>,
}

impl Load {
    /// One part of the path.
    #[must_use]
    pub fn part(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parts.insert(name, value.into());
        self
    }

    /// A page of a list.
    #[must_use]
    pub fn page(mut self, limit: u32, offset: u32, sort: &str) -> Self {
        self.query.push(("limit", limit.to_string()));
        self.query.push(("offset", offset.to_string()));
        if !sort.is_empty() {
            self.query.push(("sort", sort.to_owned()));
        }
        self
    }

    /// One more of the query; blank ones are left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.query.push((name, value));
        }
        self
    }

    /// JSON.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

/// The address of a call; names and ids may hold anything.
fn address(base: &Url, path: &str, load: &Load) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match name.and_then(|name| load.parts.get(name)) {
                // A part of the path that is only stops would lead elsewhere.
                Some(part) if part.chars().all(|letter| letter == '.') => segments.push(&part.replace('.', "\u{2024}")),
                Some(part) => segments.push(part),
                None => segments.push(segment),
            };
        }
    }
    if !load.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&load.query);
    }
    url
}

/// The request of a call with its `attempt`-th verb; `None` when it has no such.
pub fn request(
    base: &Url,
    call: &Call,
    attempt: usize,
    load: &Load,
    token: Option<(&Secret, Bearer)>,
    limit_ms: u64,
) -> Option<HttpRequest> {
    let method = Method::from_bytes(call.verbs.get(attempt)?.trim().to_uppercase().as_bytes()).ok()?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some((token, bearer)) = token {
        let text = match bearer {
            Bearer::Yes => format!("Bearer {}", token.expose_secret()),
            Bearer::Bare => token.expose_secret().to_owned(),
        };
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
    }
    let body = load.body.as_ref().map(|body| {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Bytes::from(body.to_string())
    });
    Some(HttpRequest {
        method,
        url: address(base, &call.path, load),
        headers,
        body: body.unwrap_or_default(),
        timeout: ms(limit_ms),
        transfer: Transfer { longest: LONGEST, ..Transfer::default() },
    })
}

/// Puts a file into a request as a form of one part. `boundary` stands nowhere in the file.
pub fn with_file(
    request: &mut HttpRequest,
    field: &str,
    name: &str,
    content_type: &str,
    bytes: &Bytes,
    boundary: &str,
    progress: &Progress,
) {
    // A quote or a line end in a name would end the header.
    let name: String = name.chars().map(|c| if c.is_control() || c == '"' || c == '\\' { '_' } else { c }).collect();
    let kind = if content_type.is_empty() { "application/octet-stream" } else { content_type };
    let mut body = Vec::with_capacity(bytes.len() + 512);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    if let Ok(value) = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}")) {
        request.headers.insert(CONTENT_TYPE, value);
    }
    request.body = Bytes::from(body);
    request.transfer.sent = Some(progress.at_most(bytes.len() as u64));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::settings::Calls;

    fn url(load: &Load, call: &Call) -> String {
        let base = Url::parse("https://chat.example/api/v1").unwrap();
        request(&base, call, 0, load, None, 1).unwrap().url.to_string()
    }

    #[test]
    fn what_is_put_into_a_path_leads_nowhere_else() {
        let calls = Calls::default();
        let load = Load::default().part("session", "s/1").part("name", "Иван ?#%/");
        assert_eq!(
            url(&load, &calls.rename),
            "https://chat.example/api/v1/sessions/s%2F1/names/%D0%98%D0%B2%D0%B0%D0%BD%20%3F%23%25%2F"
        );
        let load = Load::default().part("session", "..").part("name", ".");
        let address = url(&load, &calls.rename);
        assert!(
            address.starts_with("https://chat.example/api/v1/sessions/") && address.contains("/names/"),
            "{address}"
        );
    }

    #[test]
    fn lists_are_asked_for_by_page_and_filter() {
        let load = Load::default().page(50, 100, "-createdAt").with("operatorId", "42").with("keyword", "");
        assert_eq!(
            url(&load, &Calls::default().sessions),
            "https://chat.example/api/v1/sessions?limit=50&offset=100&sort=-createdAt&operatorId=42"
        );
    }

    #[test]
    fn the_token_goes_with_the_word_bearer_but_for_its_renewal() {
        let base = Url::parse("https://iam.example").unwrap();
        let token = Secret::from("T".to_owned());
        let header = |bearer| {
            let asked =
                request(&base, &Calls::default().refresh, 0, &Load::default(), Some((&token, bearer)), 1).unwrap();
            asked.headers[AUTHORIZATION].to_str().unwrap().to_owned()
        };
        assert_eq!((header(Bearer::Yes), header(Bearer::Bare)), ("Bearer T".to_owned(), "T".to_owned()));
    }

    #[test]
    fn answers_are_read_by_status_and_errors_by_their_words() {
        let answer = |status: u16, body: &str| {
            let status = StatusCode::from_u16(status).unwrap();
            read(Ok(HttpResponse { status, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) }))
        };
        assert_eq!(answer(204, ""), Ok(Value::Null));
        assert_eq!(answer(200, "{\"a\":1}"), Ok(json!({ "a": 1 })));
        assert_eq!(answer(200, "<html>"), Err(RestError::Unreadable));
        let refused = answer(422, "{\"error\":\"no\",\"details\":{}}").unwrap_err();
        assert_eq!((refused.as_command().code, refused.is_doubtful()), (CommandCode::Invalid, false));
        let broken = answer(502, "<html>").unwrap_err();
        assert_eq!((broken.as_command().code, broken.is_doubtful()), (CommandCode::Unavailable, true));
        assert!(RestError::Failed(HttpFailure::Timeout).is_doubtful());
        assert!(!RestError::Failed(HttpFailure::Connect).is_doubtful(), "nothing went out");
    }
}
