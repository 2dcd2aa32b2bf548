//! The listeners and the pages: plain HTTP, TLS for wss://, log-in.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Bytes;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Form, Query, Request, State};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::serve::IncomingStream;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::call::lock;
use super::error::SimError;
use super::shared::{PageReport, Shared};
use super::state::now;
use super::{chat, cti, gate, resilience, websocket, work};
use crate::Moment;
pub(crate) use crate::moment::iso_time;

/// Names follow the real ones, `lily-auth-prod-AIRPORT`.
pub(crate) const COOKIE: &str = "lily-auth-sim";

pub(crate) async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), SimError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(SimError::io("binding a TCP port on 127.0.0.1"))?;
    let address = listener.local_addr().map_err(SimError::io("reading a TCP port"))?;
    Ok((listener, address))
}

/// A certificate for 127.0.0.1 and localhost, made anew for each simulator.
pub(crate) fn tls() -> Result<TlsAcceptor, SimError> {
    let failed = |e: &dyn std::fmt::Display| SimError::Certificate(e.to_string());
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(|e| failed(&e))?;
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    // The provider is given, so nothing has to be installed process-wide.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(&e))?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .map_err(|e| failed(&e))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves one listener until the simulator ends.
pub(crate) fn serve(shared: &Arc<Shared>, listener: TcpListener, tls: Option<TlsAcceptor>) {
    let (ready, lines) = mpsc::channel(16);
    let address = if tls.is_some() { shared.tls } else { shared.http };
    let accepting = shared.clone();
    shared.later(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            if accepting.down.load(Ordering::SeqCst) {
                continue;
            }
            let _ = stream.set_nodelay(true);
            let own = lock(&accepting.lines).child_token();
            let cut = own.clone().cancelled_owned();
            let (ready, tls) = (ready.clone(), tls.clone());
            accepting.later(async move {
                let io: Box<dyn Io> = match tls {
                    None => Box::new(stream),
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => Box::new(stream),
                        Err(error) => {
                            tracing::debug!(%error, "a TLS handshake failed");
                            return;
                        }
                    },
                };
                let _ = ready.send(Line { io, own, cut: Box::pin(cut) }).await;
            });
        }
    });
    let router = router(shared.clone());
    let stop = shared.stop.clone();
    shared.later(async move {
        let door = Door { lines, address };
        let service = router.into_make_service_with_connect_info::<LineEnd>();
        let served = axum::serve(door, service).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::warn!(%error, "the simulator's listener ended");
        }
    });
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

struct Door {
    lines: mpsc::Receiver<Line>,
    address: SocketAddr,
}

impl axum::serve::Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        match self.lines.recv().await {
            Some(line) => (line, self.address),
            // The accepting task has ended, so nobody will come any more.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A connection that the handle can cut.
struct Line {
    io: Box<dyn Io>,
    own: CancellationToken,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// Cuts the connection that a request came on.
#[derive(Clone)]
struct LineEnd(CancellationToken);

impl Connected<IncomingStream<'_, Door>> for LineEnd {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(stream.io().own.clone())
    }
}

/// Marks an answer that must not be sent.
#[derive(Clone)]
struct NeverSent;

/// The connection is cut instead of sending that answer.
pub(crate) fn cut_after(mut response: Response) -> Response {
    response.extensions_mut().insert(NeverSent);
    response
}

async fn cut_lost(ConnectInfo(end): ConnectInfo<LineEnd>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<NeverSent>().is_some() {
        end.0.cancel();
    }
    response
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.own.is_cancelled() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api", post(cti::api))
        .route("/connect/api", post(cti::api))
        .route("/auth/authorize", get(authorize))
        .route("/connect/auth/authorize", get(authorize))
        .route("/logout", get(logout))
        .route("/connect/logout", get(logout))
        .route("/login", get(login_page).post(log_in))
        .route("/ccp-v2", get(panel))
        .route("/ccp-v2/", get(panel))
        .route("/favicon.ico", get(quiet))
        .route("/robots.txt", get(quiet))
        .route("/agent-discovery", get(resilience::discover))
        .route("/ws", get(websocket::upgrade))
        .route("/report", post(report))
        .route("/task-templates/api/ccp/{*rest}", any(work::service))
        .route("/connect/task-templates/api/ccp/{*rest}", any(work::service))
        .route("/participant/{*rest}", any(chat::call))
        .route("/attachment-store/{id}", any(chat::store))
        .fallback(page)
        .layer(middleware::from_fn_with_state(shared.clone(), gate::stand))
        .layer(middleware::from_fn(chat::with_cors))
        .layer(middleware::from_fn(cut_lost))
        // A little more than the largest attachment.
        .layer(DefaultBodyLimit::max(24 << 20))
        .with_state(shared)
}

/// The agent that a `lily-auth…` cookie belongs to.
pub(crate) fn cookie_agent(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| name.starts_with("lily-auth"))
        .find_map(|(_, value)| shared.agent_of_cookie(value))
}

/// GET /auth/authorize.
async fn authorize(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let agent = cookie_agent(&shared, &headers);
    let note = shared.note_request("authorize", agent.clone());
    shared.weather().await;
    let fault = lock(&shared.faults).take("authorize");
    let response = if let Some(fault) = fault {
        cti::faulty(fault).await
    } else if let Some(agent) = agent {
        let (token, _) = shared.issue_token(&agent);
        let expires = now() + shared.skew() + shared.options.token_life.as_secs_f64();
        let body = json!({ "accessToken": token, "expiration": iso_time(expires) });
        axum::Json(body).into_response()
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    };
    shared.note_status(note, response.status().as_u16());
    response
}

async fn logout(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let agent = cookie_agent(&shared, &headers);
    let note = shared.note_request("logout", agent.clone());
    if let Some(agent) = agent {
        let mut sessions = lock(&shared.sessions);
        sessions.cookies.retain(|(_, a)| *a != agent);
        sessions.tokens.retain(|t| t.agent != agent);
    }
    shared.note_status(note, 302);
    let gone = format!("{COOKIE}=; Path=/; Max-Age=0");
    redirect("/login", &[gone])
}

fn redirect(to: &str, cookies: &[String]) -> Response {
    let mut response = (StatusCode::FOUND, [(header::LOCATION, to.to_owned())]).into_response();
    for cookie in cookies {
        if let Ok(value) = cookie.parse() {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

fn login_form(message: &str) -> Html<String> {
    Html(include_str!("../../resources/pages/login.html").replace("{{message}}", message))
}

async fn login_page(Query(query): Query<HashMap<String, String>>) -> Html<String> {
    let _ = query;
    login_form("")
}

/// POST /login: `username` and `password` of the form.
async fn log_in(State(shared): State<Arc<Shared>>, Form(form): Form<HashMap<String, String>>) -> Response {
    let given = |name: &str| form.get(name).map_or("", String::as_str);
    let known = shared
        .options
        .agents
        .iter()
        .find(|a| a.login == given("username") && a.password == given("password"))
        .map(|a| a.login.clone());
    let note = shared.note_request("login", known.clone());
    shared.weather().await;
    let Some(agent) = known else {
        shared.note_status(note, 401);
        let page = login_form("Wrong user name or password.");
        return (StatusCode::UNAUTHORIZED, page).into_response();
    };
    shared.note_status(note, 302);
    let value = new_session(&shared, &agent);
    redirect(
        "/ccp-v2",
        &[
            format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax"),
            format!("lily-auth-refresh-sim={value}-refresh; Path=/auth; HttpOnly; SameSite=Lax"),
        ],
    )
}

/// A new session cookie's value.
pub(crate) fn new_session(shared: &Shared, agent: &str) -> String {
    let value = format!("session-{}", uuid::Uuid::new_v4().simple());
    lock(&shared.sessions).cookies.push((value.clone(), agent.to_owned()));
    value
}

/// GET /ccp-v2: the page behind the log-in.
async fn panel(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    match cookie_agent(&shared, &headers) {
        Some(_) => Html(include_str!("../../resources/pages/ccp.html")).into_response(),
        None => redirect("/login?destination=%2Fccp-v2", &[]),
    }
}

/// A page of the instance on which nothing happens, as strict as one can be.
async fn quiet() -> Response {
    let strict = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'")];
    (StatusCode::NOT_FOUND, strict, Html("<html><body>Not found</body></html>")).into_response()
}

/// Pages given by the handle.
async fn page(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let page = lock(&shared.pages).get(uri.path()).cloned();
    match page {
        Some((kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => (StatusCode::NOT_FOUND, axum::Json(json!({ "message": "Not found" }))).into_response(),
    }
}

async fn report(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    let at = Moment::now();
    match serde_json::from_slice(&body) {
        Ok(body) => {
            shared.reports.send_modify(|all| all.push(PageReport { at, body }));
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_service_writes_them() {
        // The fixture's expiration, 2026-08-08T16:40:00.000Z.
        assert_eq!(iso_time(1_786_207_200.0), "2026-08-08T16:40:00.000Z");
        assert_eq!(iso_time(0.0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso_time(951_782_400.5), "2000-02-29T00:00:00.500Z", "a leap day");
    }
}
