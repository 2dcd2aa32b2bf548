use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;
use trunkline_connector::ports::{Http, HttpFailure, HttpRequest, HttpResponse};
use url::Url;

use crate::{PATIENCE, locked};

/// What a scripted server answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A response.
    Answer {
        /// Status.
        status: u16,
        /// Headers.
        headers: Vec<(String, String)>,
        /// Body.
        body: Bytes,
    },
    /// No response.
    Failure(HttpFailure),
    /// Nothing until the request's time-out.
    Silence,
}

impl Reply {
    /// A JSON body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self::Answer { status, headers, body: body.to_string().into() }
    }

    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// One more header. Only an answer has headers.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match &mut self {
            Self::Answer { headers, .. } => headers.push((name.to_owned(), value.to_owned())),
            Self::Failure(_) | Self::Silence => panic!("a reply that does not come has no headers"),
        }
        self
    }
}

/// A request as it was sent, with the cookies the jar held.
#[derive(Clone)]
pub struct SentRequest {
    /// Method.
    pub method: http::Method,
    /// Address.
    pub url: Url,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Cookies by name.
    pub cookies: BTreeMap<String, String>,
}

impl SentRequest {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the body of the request is JSON")
    }
}

impl std::fmt::Debug for SentRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url.path())
    }
}

type Script = BTreeMap<(String, String), VecDeque<Reply>>;

/// A scripted HTTP client. Replies wait in one line per method and path; the
/// last of a line repeats. What nobody scripted is answered with 404. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct FakeHttp(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<Script>,
    sent: Mutex<Vec<SentRequest>>,
    // (host, name) -> value: enough of a jar to see what a connector puts in.
    jar: Mutex<BTreeMap<(String, String), String>>,
    changed: Notify,
}

impl FakeHttp {
    /// Nothing scripted.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next reply for this method and path.
    pub fn on(&self, method: &str, path: &str, reply: Reply) {
        let line = (method.to_owned(), path.to_owned());
        locked(&self.0.script).entry(line).or_default().push_back(reply);
    }

    /// Forgets what is scripted for this method and path, then as [`Self::on`].
    pub fn from_now_on(&self, method: &str, path: &str, reply: Reply) {
        let line = (method.to_owned(), path.to_owned());
        locked(&self.0.script).insert(line, VecDeque::from([reply]));
    }

    /// Requests so far, in order.
    pub fn sent(&self) -> Vec<SentRequest> {
        locked(&self.0.sent).clone()
    }

    /// Waits until `count` requests have been sent to this path in all, and gives them.
    pub async fn expect_sent(&self, path: &str, count: usize) -> Vec<SentRequest> {
        let of_path = || self.sent().into_iter().filter(|request| request.url.path() == path).collect::<Vec<_>>();
        let enough = async {
            loop {
                let changed = self.0.changed.notified();
                let sent = of_path();
                if sent.len() >= count {
                    return sent;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, enough)
            .await
            .unwrap_or_else(|_| panic!("expected {count} requests to {path}, saw {:?}", self.sent()))
    }

    fn next_reply(&self, request: &HttpRequest) -> Reply {
        let line = (request.method.to_string(), request.url.path().to_owned());
        let mut script = locked(&self.0.script);
        let Some(replies) = script.get_mut(&line) else { return Reply::status(404) };
        if replies.len() > 1 {
            return replies.pop_front().unwrap();
        }
        replies.front().cloned().unwrap_or_else(|| Reply::status(404))
    }

    fn keep_cookies(&self, url: &Url, headers: &http::HeaderMap) {
        for header in headers.get_all(http::header::SET_COOKIE) {
            let pair = header.to_str().unwrap().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.set_cookie(url, name.trim(), value.trim());
            }
        }
    }
}

#[async_trait]
impl Http for FakeHttp {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let host = request.url.host_str().unwrap_or_default();
        let of_host =
            |((of, name), value): (&(String, String), &String)| (of == host).then(|| (name.clone(), value.clone()));
        let cookies = locked(&self.0.jar).iter().filter_map(of_host).collect();
        let reply = self.next_reply(&request);
        locked(&self.0.sent).push(SentRequest {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            cookies,
        });
        self.0.changed.notify_waiters();
        match reply {
            Reply::Failure(failure) => Err(failure),
            Reply::Silence => {
                tokio::time::sleep(request.timeout).await;
                Err(HttpFailure::Timeout)
            }
            Reply::Answer { status, headers, body } => {
                let mut map = http::HeaderMap::new();
                for (name, value) in headers {
                    map.append(http::HeaderName::try_from(name).unwrap(), http::HeaderValue::try_from(value).unwrap());
                }
                self.keep_cookies(&request.url, &map);
                Ok(HttpResponse { status: http::StatusCode::from_u16(status).unwrap(), headers: map, body })
            }
        }
    }

    fn set_cookie(&self, url: &Url, name: &str, value: &str) {
        let host = url.host_str().unwrap_or_default().to_owned();
        locked(&self.0.jar).insert((host, name.to_owned()), value.to_owned());
    }

    fn clear_cookies(&self) {
        locked(&self.0.jar).clear();
    }
}
