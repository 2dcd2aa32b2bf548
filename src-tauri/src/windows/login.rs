//! Login windows: a platform's own page at top level, with cookies of its own
//! that are forgotten afterwards, and without any way into this program (no
//! capability names their labels, and the router knows none of them).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, Runtime, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tokio::sync::{mpsc, watch};
use trunkline_connector::ports::{LoginCookie, LoginFailure, LoginPage, LoginWindow};

use crate::shell::on_main;

/// Longest wait for the first window of the program to be possible.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Longest wait for the cookies of a page that is done.
const COOKIE_LIMIT: Duration = Duration::from_secs(5);
/// Between looks for the cookies, which may arrive with the last answer.
const COOKIE_PAUSE: Duration = Duration::from_millis(100);
/// Longest way to `about:blank`.
const BLANK_LIMIT: Duration = Duration::from_secs(2);

/// What happens to an open login window.
#[derive(Debug)]
enum Happening {
    /// The main frame goes to, or has arrived at, this address.
    At(Url),
    /// The page at `about:blank` is there.
    Blank,
    /// The agent closed the window.
    Closed,
}

/// Opens login windows once the app is up.
pub struct LoginWindows<R: Runtime> {
    app: watch::Receiver<Option<AppHandle<R>>>,
    /// Windows that are open, by the page they began with.
    open: Mutex<HashMap<String, String>>,
}

impl<R: Runtime> LoginWindows<R> {
    /// Waits for the app on the given channel.
    pub fn new(app: watch::Receiver<Option<AppHandle<R>>>) -> Self {
        Self { app, open: Mutex::default() }
    }

    /// A second sign-in at the same page brings the open window to the front.
    fn already_open(&self, app: &AppHandle<R>, page: &LoginPage) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(window) = open.get(&key(page)).and_then(|label| app.get_webview_window(label)) else { return false };
        if let Err(error) = window.set_focus() {
            tracing::debug!(%error, "login window could not be brought to the front");
        }
        true
    }
}

/// Two accounts at one instance are two windows.
fn key(page: &LoginPage) -> String {
    format!("{} {}", page.title, page.start)
}

/// Signing in is complete: the address is on the wanted origin, below one of
/// the wanted paths.
fn is_done(page: &LoginPage, at: &Url) -> bool {
    at.origin() == page.done_origin.origin()
        && page.done_paths.iter().any(|path| match at.path().strip_prefix(path.as_str()) {
            // `/ccp-v2` is not `/ccp-v2-signout`: the next piece must begin there.
            Some(rest) => rest.is_empty() || rest.starts_with('/') || path.ends_with('/'),
            None => false,
        })
}

/// Login pages live on the web and nowhere else.
fn may_visit(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http") || url.as_str() == "about:blank"
}

#[async_trait]
impl<R: Runtime> LoginWindow for LoginWindows<R> {
    async fn sign_in(&self, page: LoginPage) -> Result<Vec<LoginCookie>, LoginFailure> {
        let mut app = self.app.clone();
        let app = match tokio::time::timeout(START_LIMIT, app.wait_for(Option::is_some)).await {
            Ok(Ok(app)) => app.clone().ok_or(LoginFailure::Unavailable)?,
            _ => return Err(LoginFailure::Unavailable),
        };
        if self.already_open(&app, &page) {
            return Err(LoginFailure::Failed);
        }
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let label = format!("login-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key(&page), label.clone());
        let result = visit(&app, &label, &page).await;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, open| *open != label);
        close(&app, &label);
        result
    }
}

async fn visit<R: Runtime>(
    app: &AppHandle<R>,
    label: &str,
    page: &LoginPage,
) -> Result<Vec<LoginCookie>, LoginFailure> {
    let (tell, mut happenings) = mpsc::unbounded_channel();
    open(app, label, page, tell);
    loop {
        match happenings.recv().await {
            Some(Happening::At(url)) if is_done(page, &url) => break,
            Some(Happening::At(_) | Happening::Blank) => {}
            Some(Happening::Closed) => return Err(LoginFailure::Closed),
            None => return Err(LoginFailure::Failed),
        }
    }
    let window = app.get_webview_window(label).ok_or(LoginFailure::Closed)?;
    let cookies = read_cookies(&window, page).await?;
    // The platform's own panel would answer calls: leave it before anything else.
    let blank = Url::parse("about:blank").map_err(|_| LoginFailure::Failed)?;
    window.navigate(blank).map_err(|_| LoginFailure::Failed)?;
    let gone = async {
        while let Some(happening) = happenings.recv().await {
            if matches!(happening, Happening::Blank | Happening::Closed) {
                break;
            }
        }
    };
    if tokio::time::timeout(BLANK_LIMIT, gone).await.is_err() {
        tracing::warn!("the login page did not leave in time; its window is closed all the same");
    }
    Ok(cookies)
}

/// Builds the window on the main thread. Dropping `tell` there says it failed.
fn open<R: Runtime>(app: &AppHandle<R>, label: &str, page: &LoginPage, tell: mpsc::UnboundedSender<Happening>) {
    let (handle, label, page) = (app.clone(), label.to_owned(), page.clone());
    on_main(app, move || {
        let tell = Arc::new(tell);
        let on_load = Arc::clone(&tell);
        let window = WebviewWindowBuilder::new(&handle, label, WebviewUrl::External(page.start.clone()))
            .title(crate::notifications::clean(&page.title))
            .inner_size(480.0, 720.0)
            .center()
            // Its own cookie jar, forgotten with the window: two accounts at one
            // instance do not share a session, and nothing is left on disk.
            .incognito(true)
            .devtools(false)
            .on_navigation(may_visit)
            .on_page_load(move |_, load| {
                let happening = if load.url().as_str() == "about:blank" {
                    if load.event() != PageLoadEvent::Finished {
                        return;
                    }
                    Happening::Blank
                } else {
                    Happening::At(load.url().clone())
                };
                // Nobody listens any more: the sign-in is over.
                let _ = on_load.send(happening);
            })
            .build();
        match window {
            Ok(window) => window.on_window_event(move |event| {
                if matches!(event, WindowEvent::CloseRequested { .. } | WindowEvent::Destroyed) {
                    let _ = tell.send(Happening::Closed);
                }
            }),
            Err(error) => tracing::error!(%error, "login window could not be opened"),
        }
    });
}

/// Cookies for the wanted address, `HttpOnly` ones included.
async fn read_cookies<R: Runtime>(
    window: &WebviewWindow<R>,
    page: &LoginPage,
) -> Result<Vec<LoginCookie>, LoginFailure> {
    let limit = tokio::time::Instant::now() + COOKIE_LIMIT;
    loop {
        let (window, address) = (window.clone(), page.cookies_for.clone());
        // Off the main thread: it asks the main loop and waits for its answer.
        let read = tokio::task::spawn_blocking(move || window.cookies_for_url(address)).await;
        let cookies = read.map_err(|_| LoginFailure::Failed)?.map_err(|error| {
            tracing::warn!(%error, "cookies could not be read");
            LoginFailure::Failed
        })?;
        if !cookies.is_empty() || tokio::time::Instant::now() >= limit {
            return Ok(cookies
                .into_iter()
                .map(|cookie| LoginCookie {
                    name: cookie.name().to_owned(),
                    value: SecretString::from(cookie.value().to_owned()),
                })
                .collect());
        }
        tokio::time::sleep(COOKIE_PAUSE).await;
    }
}

fn close<R: Runtime>(app: &AppHandle<R>, label: &str) {
    let (handle, label) = (app.clone(), label.to_owned());
    on_main(app, move || {
        if let Some(window) = handle.get_webview_window(&label)
            && let Err(error) = window.destroy()
        {
            tracing::warn!(%error, "login window could not be closed");
        }
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn page() -> LoginPage {
        LoginPage {
            title: "Account one".to_owned(),
            start: Url::parse("https://idp.example/start").unwrap(),
            done_origin: Url::parse("https://one.my.connect.aws").unwrap(),
            done_paths: vec!["/ccp-v2".to_owned(), "/connect/ccp-v2".to_owned()],
            cookies_for: Url::parse("https://one.my.connect.aws").unwrap(),
        }
    }

    #[test]
    fn signing_in_is_done_on_the_origin_and_path_only() {
        let done = |text: &str| is_done(&page(), &Url::parse(text).unwrap());
        assert!(done("https://one.my.connect.aws/ccp-v2"), "the panel's page itself");
        assert!(done("https://one.my.connect.aws/ccp-v2/softphone?x=1#top"), "and below it, whatever follows");
        assert!(done("https://one.my.connect.aws/connect/ccp-v2/"), "any of the paths will do");
        for other in [
            "https://one.my.connect.aws/login",
            "https://one.my.connect.aws/ccp-v2-signout",
            "https://two.my.connect.aws/ccp-v2",
            "http://one.my.connect.aws/ccp-v2",
            "https://one.my.connect.aws:8443/ccp-v2",
            "https://idp.example/?return=https://one.my.connect.aws/ccp-v2",
            "https://one.my.connect.aws.example/ccp-v2",
        ] {
            assert!(!done(other), "{other} is not the end of signing in");
        }
    }

    #[test]
    fn a_login_page_cannot_lead_out_of_the_web() {
        let may = |text: &str| may_visit(&Url::parse(text).unwrap());
        assert!(may("https://idp.example/"), "identity providers are on the web");
        for other in ["tauri://localhost/index.html", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x"] {
            assert!(!may(other), "{other} is out of bounds");
        }
    }
}
