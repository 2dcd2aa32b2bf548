//! HTTP client of one account.

use std::error::Error as StdError;
use std::sync::{Arc, PoisonError, RwLock};

use ::http::{HeaderMap, Method, StatusCode, header};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use reqwest::cookie::{CookieStore, Jar};
use tokio::time::Instant;
use trunkline_connector::ports::{Http, HttpFailure, HttpRequest, HttpResponse, Progress, Transfer};
use url::Url;

/// A body whose progress is watched goes out in pieces of this size, bytes.
const PIECE: usize = 64 * 1024;
/// Redirects followed for one exchange.
const MAX_REDIRECTS: usize = 5;

/// Connections are shared between accounts, cookies are not: so cookies, and
/// with them redirects, are handled here and switched off in the client.
pub(crate) struct AccountHttp {
    client: reqwest::Client,
    jar: RwLock<Arc<Jar>>,
}

impl AccountHttp {
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self { client, jar: RwLock::new(Arc::new(Jar::default())) }
    }

    fn jar(&self) -> Arc<Jar> {
        self.jar.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn exchange(&self, request: &Hop, deadline: Instant) -> Result<HttpResponse, HttpFailure> {
        let jar = self.jar();
        let mut headers = request.headers.clone();
        if !headers.contains_key(header::COOKIE)
            && let Some(mut cookies) = jar.cookies(&request.url)
        {
            // Keeps the value out of anybody's `Debug`.
            cookies.set_sensitive(true);
            headers.insert(header::COOKIE, cookies);
        }
        if request.transfer.sent.is_some() {
            // A body in pieces has no length of its own, and storage services want to be told one.
            headers.insert(header::CONTENT_LENGTH, request.body.len().into());
        }
        let outgoing = self
            .client
            .request(request.method.clone(), request.url.clone())
            .headers(headers)
            .body(outgoing_body(&request.body, request.transfer.sent.as_ref()));
        // `send` ends with the head of the response; the body is under the same deadline.
        let whole = async {
            let response = outgoing.send().await.map_err(|error| failure(&error))?;
            let status = response.status();
            let headers = response.headers().clone();
            jar.set_cookies(&mut headers.get_all(header::SET_COOKIE).iter(), &request.url);
            let body = read_body(response, &request.transfer).await?;
            Ok(HttpResponse { status, headers, body })
        };
        tokio::time::timeout_at(deadline, whole).await.unwrap_or(Err(HttpFailure::Timeout))
    }
}

/// One request of a chain of redirects.
struct Hop {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    transfer: Transfer,
}

#[async_trait]
impl Http for AccountHttp {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let deadline = Instant::now() + request.timeout;
        let HttpRequest { method, url, headers, body, transfer, .. } = request;
        let mut hop = Hop { method, url, headers, body, transfer };
        let mut followed = 0;
        loop {
            let result = self.exchange(&hop, deadline).await;
            let response = result.inspect_err(|reason| {
                tracing::debug!(host = hop.url.host_str(), path = hop.url.path(), %reason, "no response");
            })?;
            match redirect_target(&hop.url, &response) {
                Some(target) if followed < MAX_REDIRECTS => {
                    followed += 1;
                    hop = follow(hop, target, response.status);
                }
                _ => return Ok(response),
            }
        }
    }

    fn set_cookie(&self, url: &Url, name: &str, value: &str) {
        // Anything else would be read as an attribute or cut off.
        if name.is_empty() || name.contains(['=', ';', '\r', '\n']) || value.contains([';', '\r', '\n']) {
            tracing::warn!(host = url.host_str(), "a cookie with a control character was left out");
            return;
        }
        // Without a path the cookie would be sent below the directory of `url` only.
        self.jar().add_cookie_str(&format!("{name}={value}; Path=/"), url);
    }

    fn clear_cookies(&self) {
        *self.jar.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Jar::default());
    }
}

/// Where a response sends us, when that is on the same host and not less
/// secure. A redirect elsewhere is left to the caller as it is: the cookies
/// and tokens of the request must not travel, and to a connector such an
/// answer usually means "sign in again".
fn redirect_target(from: &Url, response: &HttpResponse) -> Option<Url> {
    if !matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers.get(header::LOCATION).and_then(|value| value.to_str().ok())?;
    let target = from.join(location).ok()?;
    let same_place = target.scheme() == from.scheme() && target.port_or_known_default() == from.port_or_known_default();
    let made_secure =
        from.scheme() == "http" && target.scheme() == "https" && from.port().is_none() && target.port().is_none();
    (target.host() == from.host() && (same_place || made_secure)).then_some(target)
}

/// RFC 9110, 15.4: 303 becomes GET, 301 and 302 do after a POST (as all
/// browsers do), 307 and 308 repeat the request.
fn follow(hop: Hop, target: Url, status: StatusCode) -> Hop {
    let to_get = status == StatusCode::SEE_OTHER && hop.method != Method::HEAD
        || matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && hop.method == Method::POST;
    if !to_get {
        return Hop { url: target, ..hop };
    }
    let mut headers = hop.headers;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
        headers.remove(name);
    }
    Hop { method: Method::GET, url: target, headers, body: Bytes::new(), transfer: hop.transfer }
}

/// The body as it is, or in pieces that are counted as they are taken away.
fn outgoing_body(body: &Bytes, watched: Option<&Progress>) -> reqwest::Body {
    let Some(progress) = watched.cloned() else { return body.clone().into() };
    let mut rest = body.clone();
    let mut gone: u64 = 0;
    let pieces = std::iter::from_fn(move || {
        let piece = rest.split_to(rest.len().min(PIECE));
        gone += piece.len() as u64;
        (!piece.is_empty()).then_some((piece, gone))
    });
    reqwest::Body::wrap_stream(futures_util::stream::iter(pieces).map(move |(piece, gone)| {
        progress.tell(gone);
        Ok::<_, std::convert::Infallible>(piece)
    }))
}

async fn read_body(mut response: reqwest::Response, transfer: &Transfer) -> Result<Bytes, HttpFailure> {
    if response.content_length().is_some_and(|length| length > transfer.longest as u64) {
        return Err(HttpFailure::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > transfer.longest {
            return Err(HttpFailure::TooLarge);
        }
        body.extend_from_slice(&chunk);
        if let Some(progress) = &transfer.received {
            progress.tell(body.len() as u64);
        }
    }
    Ok(body.freeze())
}

fn failure(error: &reqwest::Error) -> HttpFailure {
    if is_tls(error) {
        HttpFailure::Tls
    } else if error.is_timeout() {
        HttpFailure::Timeout
    } else if error.is_connect() {
        HttpFailure::Connect
    } else {
        HttpFailure::Broken
    }
}

/// A TLS error somewhere below: rustls' own, possibly wrapped in an I/O error.
pub(crate) fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(current) = next {
        if current.is::<rustls::Error>() {
            return true;
        }
        // `io::Error::source` skips the error it wraps, so it is asked by name.
        let wrapped = current.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if wrapped.is_some_and(|inner| is_tls(inner)) {
            return true;
        }
        next = current.source();
    }
    false
}
