//! A web view out of sight on a quiet page of a platform's own origin, which
//! fetches for the core: [ADR 0010](../../../../docs/adr/0010-fetching-through-the-login-page.md).
//!
//! The page has no way into this program. Each exchange is one call of a
//! function in a script world of its own, and its result is the exchange's
//! answer; it is read like anything from the network.

mod order;
mod place;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tauri::webview::cookie;
use tauri::{AppHandle, Manager, Runtime, Url, WebviewWindow};
use tokio::sync::{mpsc, oneshot, watch};
use trunkline_connector::ports::{
    Http, HttpFailure, HttpRequest, HttpResponse, LoginCookie, LoginFailure, PageHttp, QuietPage,
};

use self::place::{Keeper, Place};
use super::login::Happening;
use crate::shell::on_main;

pub(super) use self::place::will_do;

/// Longest wait for the view's cookies.
const COOKIE_LIMIT: Duration = Duration::from_secs(5);

/// The page at work. Dropped, its window is closed.
pub struct ParkedPage<R: Runtime> {
    app: AppHandle<R>,
    label: String,
    quiet: QuietPage,
    place: watch::Receiver<Place>,
    wishes: mpsc::UnboundedSender<Wish>,
    last: AtomicU64,
}

#[derive(Debug)]
enum Wish {
    Open,
    Fetched,
}

impl<R: Runtime> ParkedPage<R> {
    /// Of a window that is at `about:blank`, out of sight.
    pub(super) fn new(
        app: &AppHandle<R>,
        label: &str,
        quiet: QuietPage,
        happenings: mpsc::UnboundedReceiver<Happening>,
    ) -> Self {
        let keeper = Keeper::new(quiet.clone());
        let (told, place) = watch::channel(keeper.place());
        let (wishes, wanted) = mpsc::unbounded_channel();
        let keeping = keep(app.clone(), label.to_owned(), keeper, told, wanted, happenings);
        tokio::spawn(keeping);
        Self { app: app.clone(), label: label.to_owned(), quiet, place, wishes, last: AtomicU64::new(0) }
    }

    fn is_own(&self, url: &Url) -> bool {
        self.quiet.addresses.first().is_some_and(|own| own.origin() == url.origin())
    }

    /// Waits until the page is there.
    async fn there(&self) -> Result<u64, HttpFailure> {
        // The keeper lives as long as this does.
        let _ = self.wishes.send(Wish::Open);
        let mut place = self.place.clone();
        let arrived = place.wait_for(|place| !matches!(place, Place::Idle | Place::Loading)).await;
        match arrived.map(|place| *place) {
            Ok(Place::There(stay)) => Ok(stay),
            _ => Err(HttpFailure::Connect),
        }
    }

    /// Ends when the page is no longer the one that was asked.
    async fn left(&self, stay: u64) {
        let mut place = self.place.clone();
        let _ = place.wait_for(|place| *place != Place::There(stay)).await;
    }

    async fn exchange(&self, id: u64, request: &HttpRequest) -> Result<HttpResponse, HttpFailure> {
        if !self.is_own(&request.url) {
            tracing::error!(host = request.url.host_str(), "not the page's own origin: not fetched");
            return Err(HttpFailure::Broken);
        }
        let order = order::fetch(id, request).ok_or(HttpFailure::Broken)?;
        let stay = self.there().await?;
        let window = self.app.get_webview_window(&self.label).ok_or(HttpFailure::Connect)?;
        let mut under_way = UnderWay { page: self, id, done: false };
        let answer = call(&window, order);
        let answer = tokio::select! {
            answer = answer => answer.map_err(|_| HttpFailure::Broken)?,
            () = self.left(stay) => return Err(HttpFailure::Broken),
        };
        under_way.done = true;
        let _ = self.wishes.send(Wish::Fetched);
        order::answer(&answer, request.transfer.longest)
    }
}

/// An exchange that is given up is given up in the page too.
struct UnderWay<'a, R: Runtime> {
    page: &'a ParkedPage<R>,
    id: u64,
    done: bool,
}

impl<R: Runtime> Drop for UnderWay<'_, R> {
    fn drop(&mut self) {
        if !self.done
            && let Some(window) = self.page.app.get_webview_window(&self.page.label)
        {
            drop(call(&window, order::stop(self.id)));
        }
    }
}

#[async_trait]
impl<R: Runtime> Http for ParkedPage<R> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        let id = self.last.fetch_add(1, Ordering::Relaxed);
        match tokio::time::timeout(request.timeout, self.exchange(id, &request)).await {
            Ok(result) => result,
            // A page that did not even open has sent nothing.
            Err(_) if matches!(*self.place.borrow(), Place::There(_)) => Err(HttpFailure::Timeout),
            Err(_) => Err(HttpFailure::Connect),
        }
    }

    fn set_cookie(&self, url: &Url, name: &str, value: &str) {
        if let Some(window) = self.app.get_webview_window(&self.label) {
            put_cookie(&window, url, name, value);
        }
    }

    fn clear_cookies(&self) {
        if let Some(window) = self.app.get_webview_window(&self.label)
            && let Err(error) = window.clear_all_browsing_data()
        {
            tracing::warn!(%error, "the page's cookies could not be removed");
        }
    }
}

#[async_trait]
impl<R: Runtime> PageHttp for ParkedPage<R> {
    async fn cookies(&self) -> Result<Vec<LoginCookie>, LoginFailure> {
        let window = self.app.get_webview_window(&self.label).ok_or(LoginFailure::Closed)?;
        let address = self.quiet.addresses.first().cloned().ok_or(LoginFailure::Failed)?;
        tokio::time::timeout(COOKIE_LIMIT, cookies_of(&window, address)).await.map_err(|_| LoginFailure::Failed)?
    }
}

impl<R: Runtime> Drop for ParkedPage<R> {
    fn drop(&mut self) {
        super::login::close(&self.app, &self.label);
    }
}

/// Cookies for an address, `HttpOnly` ones included.
pub(super) async fn cookies_of<R: Runtime>(
    window: &WebviewWindow<R>,
    address: Url,
) -> Result<Vec<LoginCookie>, LoginFailure> {
    let window = window.clone();
    // Off the main thread: it asks the main loop and waits for its answer.
    let read = tokio::task::spawn_blocking(move || window.cookies_for_url(address)).await;
    let cookies = read.map_err(|_| LoginFailure::Failed)?.map_err(|error| {
        tracing::warn!(%error, "cookies could not be read");
        LoginFailure::Failed
    })?;
    let cookie = |cookie: cookie::Cookie<'static>| LoginCookie {
        name: cookie.name().to_owned(),
        value: SecretString::from(cookie.value().to_owned()),
    };
    Ok(cookies.into_iter().map(cookie).collect())
}

/// Puts the session into the view's own cookies.
pub(super) fn put_cookies<R: Runtime>(window: &WebviewWindow<R>, url: &Url, cookies: &[LoginCookie]) {
    for cookie in cookies {
        put_cookie(window, url, &cookie.name, cookie.value.expose_secret());
    }
}

fn put_cookie<R: Runtime>(window: &WebviewWindow<R>, url: &Url, name: &str, value: &str) {
    let Some(host) = url.host_str() else { return };
    let cookie = cookie::Cookie::build((name.to_owned(), value.to_owned()))
        .domain(host.to_owned())
        .path("/")
        .http_only(true)
        .secure(url.scheme() == "https")
        .build();
    if let Err(error) = window.set_cookie(cookie) {
        tracing::warn!(%error, "a cookie could not be put into the page");
    }
}

/// Keeps the view on its page until nobody needs it any more.
async fn keep<R: Runtime>(
    app: AppHandle<R>,
    label: String,
    mut keeper: Keeper,
    told: watch::Sender<Place>,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
    mut happenings: mpsc::UnboundedReceiver<Happening>,
) {
    loop {
        let due = keeper.next_deadline().unwrap_or_else(|| Instant::now() + Duration::from_secs(3600));
        let next = tokio::select! {
            wish = wishes.recv() => match wish {
                Some(Wish::Open) => keeper.wanted(Instant::now()),
                Some(Wish::Fetched) => { keeper.fetched(); None }
                None => return,
            },
            happening = happenings.recv() => match happening {
                Some(Happening::Began(_)) => { keeper.began(Instant::now()); None }
                Some(Happening::At(url)) => keeper.loaded(&url, Instant::now()),
                Some(Happening::Died) => { keeper.died(Instant::now()); None }
                Some(Happening::Blank) => None,
                Some(Happening::Closed) | None => { keeper.closed(); None }
            },
            () = tokio::time::sleep_until(due.into()) => keeper.tick(Instant::now()),
        };
        let before = *told.borrow();
        if before != keeper.place() {
            tracing::debug!(window = label, from = ?before, to = ?keeper.place(), "quiet page");
            told.send_replace(keeper.place());
        }
        if keeper.place() == Place::Closed {
            return;
        }
        if let Some(address) = next {
            go(&app, &label, address);
        }
    }
}

fn go<R: Runtime>(app: &AppHandle<R>, label: &str, address: Url) {
    let (handle, label) = (app.clone(), label.to_owned());
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(&label)
            && let Err(error) = window.navigate(address)
        {
            tracing::warn!(%error, "the quiet page could not be opened");
        }
    });
}

/// Calls the function in the page. The answer comes when its promise is kept;
/// none comes when the page leaves or dies.
#[cfg(target_os = "linux")]
fn call<R: Runtime>(window: &WebviewWindow<R>, order: String) -> oneshot::Receiver<String> {
    use webkit2gtk::WebViewExt;
    /// The page's own scripts do not see it, and its content policy does not bind it.
    const WORLD: &str = "trunkline";
    let (tell, answer) = oneshot::channel();
    let called = window.with_webview(move |view| {
        let arguments = glib::VariantDict::new(None);
        arguments.insert("order", order);
        view.inner().call_async_javascript_function(
            order::SCRIPT,
            Some(&arguments.end()),
            Some(WORLD),
            None,
            None::<&webkit2gtk::gio::Cancellable>,
            move |result| match result {
                // Nobody waits any more: it was given up.
                Ok(value) => drop(tell.send(value.to_string())),
                Err(error) => {
                    tracing::debug!(code = ?error.kind::<webkit2gtk::JavascriptError>(), "no answer from the page")
                }
            },
        );
    });
    if let Err(error) = called {
        tracing::debug!(%error, "the page cannot be asked");
    }
    answer
}

#[cfg(not(target_os = "linux"))]
fn call<R: Runtime>(_: &WebviewWindow<R>, _: String) -> oneshot::Receiver<String> {
    oneshot::channel().1
}
