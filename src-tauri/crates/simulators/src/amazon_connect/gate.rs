//! Who is let through to the service's HTTP side: a real instance may want the
//! cookies and headers of a browser, which nobody has tried.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};

use super::call::lock;
use super::server;
use super::shared::Shared;
use crate::Moment;

/// Who may call `/api` and `/auth/authorize`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// Everybody.
    #[default]
    Open,
    /// Pages of this origin in a browser: session cookie, a browser's
    /// `User-Agent`, `Sec-Fetch-Site: same-origin`, and `Origin` with a POST.
    Browsers,
    /// Everybody but pages in a browser.
    NoBrowsers,
    /// Nobody.
    Closed,
}

/// One call at the gate.
#[derive(Clone, Debug)]
pub struct GateNote {
    /// The operation, or `authorize`.
    pub operation: String,
    /// It came from a page of this origin in a browser.
    pub browser: bool,
    /// It was let through.
    pub passed: bool,
    /// When.
    pub at: Moment,
}

/// What marks a page of this very origin in a browser. None of it is in the
/// hands of a script, which may set neither of these headers.
fn is_page(shared: &Shared, method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let own = [format!("http://{}", shared.http), format!("https://{}", shared.tls)];
    let origin = text(header::ORIGIN);
    server::cookie_agent(shared, headers).is_some()
        && text(header::USER_AGENT).starts_with("Mozilla/5.0 (")
        && site == Some("same-origin")
        && (*method != Method::POST || own.iter().any(|own| own == origin))
}

/// Stands before the service.
pub(crate) async fn stand(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let operation = match request.uri().path() {
        "/api" | "/connect/api" => {
            let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
            target.and_then(|target| target.rsplit('.').next()).unwrap_or("").to_owned()
        }
        "/auth/authorize" | "/connect/auth/authorize" => "authorize".to_owned(),
        _ => return next.run(request).await,
    };
    let browser = is_page(&shared, request.method(), request.headers());
    let passed = match *lock(&shared.gate) {
        Gate::Open => true,
        Gate::Browsers => browser,
        Gate::NoBrowsers => !browser,
        Gate::Closed => false,
    };
    lock(&shared.gate_notes).push(GateNote { operation, browser, passed, at: Moment::now() });
    if passed {
        return next.run(request).await;
    }
    // As a web application firewall does it: the service is not asked, and says nothing.
    (StatusCode::FORBIDDEN, Html("<html><body><h1>403 Forbidden</h1></body></html>")).into_response()
}
