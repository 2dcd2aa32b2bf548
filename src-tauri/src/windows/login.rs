//! Login windows: a platform's own page at top level, with cookies of its own
//! that are forgotten afterwards, and without any way into this program (no
//! capability names their labels, and the router knows none of them).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, Runtime, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tokio::sync::{mpsc, watch};
use trunkline_connector::ports::{
    LoginCookie, LoginFailure, LoginLook, LoginPage, LoginWindow, PageHttp, PlatformPanel, QuietPage, SignedIn,
};

use super::page::{self, ParkedPage};
use super::place::{self, Corner, Memory, Place, Screen, Size, Whereabouts};
use crate::shell::{Shell, on_main};

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
pub(super) enum Happening {
    /// The main frame goes to this address.
    Began(Url),
    /// It has arrived.
    At(Url),
    /// The web process ended.
    Died,
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
    /// Windows that stayed after signing in, likewise.
    stayed: Mutex<HashMap<String, String>>,
    /// Windows with a platform's own panel, likewise.
    panels: Mutex<HashMap<String, String>>,
}

impl<R: Runtime> LoginWindows<R> {
    /// Waits for the app on the given channel.
    pub fn new(app: watch::Receiver<Option<AppHandle<R>>>) -> Self {
        Self { app, open: Mutex::default(), stayed: Mutex::default(), panels: Mutex::default() }
    }

    async fn app(&self) -> Result<AppHandle<R>, LoginFailure> {
        let mut app = self.app.clone();
        match tokio::time::timeout(START_LIMIT, app.wait_for(Option::is_some)).await {
            Ok(Ok(app)) => app.clone().ok_or(LoginFailure::Unavailable),
            _ => Err(LoginFailure::Unavailable),
        }
    }
}

/// A second window for the same brings the open one to the front.
fn already_open<R: Runtime>(app: &AppHandle<R>, windows: &Mutex<HashMap<String, String>>, key: &str) -> bool {
    let windows = windows.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(window) = windows.get(key).and_then(|label| app.get_webview_window(label)) else { return false };
    if let Err(error) = window.set_focus() {
        tracing::debug!(%error, "a window could not be brought to the front");
    }
    true
}

/// Two accounts at one instance are two windows.
fn key(title: &str, start: &Url) -> String {
    format!("{title} {start}")
}

fn next_label(kind: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{kind}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
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

/// Where a view may go: anywhere on the web while the agent signs in, to its
/// quiet page or nowhere afterwards.
#[derive(Clone, Default)]
struct Bounds(Arc<Mutex<Reach>>);

#[derive(Default)]
enum Reach {
    #[default]
    Web,
    Quiet(QuietPage),
    Nowhere,
}

impl Bounds {
    fn narrow(&self, quiet: &QuietPage) {
        self.set(Reach::Quiet(quiet.clone()));
    }

    fn set(&self, reach: Reach) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = reach;
    }

    fn allow(&self, url: &Url) -> bool {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Reach::Web => may_visit(url),
            Reach::Quiet(quiet) => url.as_str() == "about:blank" || page::will_do(quiet, url),
            Reach::Nowhere => url.as_str() == "about:blank",
        }
    }
}

#[async_trait]
impl<R: Runtime> LoginWindow for LoginWindows<R> {
    async fn sign_in(&self, page: LoginPage) -> Result<SignedIn, LoginFailure> {
        let app = self.app().await?;
        let key = key(&page.title, &page.start);
        if already_open(&app, &self.open, &key) {
            return Err(LoginFailure::Failed);
        }
        if let Some(stayed) = self.stayed.lock().unwrap_or_else(PoisonError::into_inner).remove(&key) {
            // What it says is not true any more.
            close(&app, &stayed);
        }
        let label = next_label("login");
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), label.clone());
        let result = visit(&app, &label, &page).await;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, open| *open != label);
        match &result {
            Ok(Visit { stays: true, .. }) => {
                self.stayed.lock().unwrap_or_else(PoisonError::into_inner).insert(key, label);
            }
            Ok(Visit { signed_in: SignedIn { page: Some(_), .. }, .. }) => {}
            _ => close(&app, &label),
        }
        result.map(|visit| visit.signed_in)
    }

    async fn park(&self, quiet: QuietPage) -> Result<Arc<dyn PageHttp>, LoginFailure> {
        if cfg!(not(target_os = "linux")) {
            // ADR 0010: the script's answers have a way back on Linux only.
            return Err(LoginFailure::Unavailable);
        }
        let app = self.app().await?;
        let label = next_label("page");
        let address = quiet.addresses.first().cloned().ok_or(LoginFailure::Unavailable)?;
        let mut view = View::blank(&quiet.title, false);
        view.bounds.narrow(&quiet);
        let window = view.open(&app, &label).await?;
        page::put_cookies(&window, &address, &quiet.cookies);
        Ok(Arc::new(ParkedPage::new(&app, &label, quiet, view.happenings)))
    }

    async fn open_panel(&self, panel: PlatformPanel) -> Result<(), LoginFailure> {
        let app = self.app().await?;
        let key = key(&panel.title, &panel.start);
        if already_open(&app, &self.panels, &key) {
            return Ok(());
        }
        let label = next_label("platform");
        let mut view = View::blank(&panel.title, true);
        let window = view.open(&app, &label).await?;
        page::put_cookies(&window, &panel.start, &panel.cookies);
        window.navigate(panel.start).map_err(|_| LoginFailure::Failed)?;
        self.panels.lock().unwrap_or_else(PoisonError::into_inner).insert(key, label);
        Ok(())
    }
}

/// A view to be opened at `about:blank`.
struct View {
    title: String,
    visible: bool,
    bounds: Bounds,
    tell: mpsc::UnboundedSender<Happening>,
    happenings: mpsc::UnboundedReceiver<Happening>,
}

impl View {
    fn blank(title: &str, visible: bool) -> Self {
        let (tell, happenings) = mpsc::unbounded_channel();
        Self { title: title.to_owned(), visible, bounds: Bounds::default(), tell, happenings }
    }

    /// Opens it and waits until it can take cookies.
    async fn open<R: Runtime>(&mut self, app: &AppHandle<R>, label: &str) -> Result<WebviewWindow<R>, LoginFailure> {
        let start = Url::parse("about:blank").map_err(|_| LoginFailure::Failed)?;
        // The closures of the window hold the only sender: when they are gone it failed.
        let (unused, _) = mpsc::unbounded_channel();
        let tell = std::mem::replace(&mut self.tell, unused);
        let opening = Opening {
            title: self.title.clone(),
            start,
            visible: self.visible,
            bounds: self.bounds.clone(),
            look: LoginLook::default(),
            last: None,
            whereabouts: Whereabouts::default(),
        };
        open(app, label, opening, tell);
        let blank = async {
            loop {
                match self.happenings.recv().await {
                    Some(Happening::Blank) => return Ok(()),
                    Some(_) => {}
                    None => return Err(LoginFailure::Failed),
                }
            }
        };
        tokio::time::timeout(START_LIMIT, blank).await.map_err(|_| LoginFailure::Failed)??;
        app.get_webview_window(label).ok_or(LoginFailure::Failed)
    }
}

/// What a new window is to be.
struct Opening {
    title: String,
    start: Url,
    visible: bool,
    bounds: Bounds,
    look: LoginLook,
    /// Where the last one was left.
    last: Option<Place>,
    /// Told where the window is from now on.
    whereabouts: Whereabouts,
}

/// How a visit to a login page ended.
struct Visit {
    signed_in: SignedIn,
    /// The window stays, and says so.
    stays: bool,
}

async fn visit<R: Runtime>(app: &AppHandle<R>, label: &str, page: &LoginPage) -> Result<Visit, LoginFailure> {
    let memory = Memory::in_folder(&Shell::of(app).folders.state);
    let whereabouts = Whereabouts::default();
    let (tell, happenings) = mpsc::unbounded_channel();
    let bounds = Bounds::default();
    let opening = Opening {
        title: page.title.clone(),
        start: page.start.clone(),
        visible: true,
        bounds: bounds.clone(),
        look: page.look,
        last: memory.read(),
        whereabouts: whereabouts.clone(),
    };
    open(app, label, opening, tell);
    let happenings = signing_in(page, happenings).await;
    // Closed by the agent or done with: here they had it last.
    if let Some(place) = whereabouts.last() {
        memory.write(place);
    }
    after_signing_in(app, label, page, &bounds, happenings?).await
}

/// Waits until signing in is complete.
async fn signing_in(
    page: &LoginPage,
    mut happenings: mpsc::UnboundedReceiver<Happening>,
) -> Result<mpsc::UnboundedReceiver<Happening>, LoginFailure> {
    loop {
        match happenings.recv().await {
            Some(Happening::Began(url) | Happening::At(url)) if is_done(page, &url) => return Ok(happenings),
            Some(Happening::Began(_) | Happening::At(_) | Happening::Blank | Happening::Died) => {}
            Some(Happening::Closed) => return Err(LoginFailure::Closed),
            None => return Err(LoginFailure::Failed),
        }
    }
}

/// Takes the session, and the window away from the platform's page.
async fn after_signing_in<R: Runtime>(
    app: &AppHandle<R>,
    label: &str,
    page: &LoginPage,
    bounds: &Bounds,
    mut happenings: mpsc::UnboundedReceiver<Happening>,
) -> Result<Visit, LoginFailure> {
    let window = app.get_webview_window(label).ok_or(LoginFailure::Closed)?;
    let cookies = read_cookies(&window, page).await?;
    // The platform's own panel would answer calls: leave it before anything else.
    let blank = Url::parse("about:blank").map_err(|_| LoginFailure::Failed)?;
    window.navigate(blank).map_err(|_| LoginFailure::Failed)?;
    let gone = async {
        while let Some(happening) = happenings.recv().await {
            if matches!(happening, Happening::Blank | Happening::Closed) {
                return matches!(happening, Happening::Blank);
            }
        }
        false
    };
    let left = tokio::time::timeout(BLANK_LIMIT, gone).await;
    if left.is_err() {
        tracing::warn!("the login page did not leave in time; its window is closed all the same");
    }
    if page.look.stays && left == Ok(true) {
        bounds.set(Reach::Nowhere);
        say_signed_in(&window);
        return Ok(Visit { signed_in: SignedIn { cookies, page: None }, stays: true });
    }
    let keep = page.keep.clone().filter(|_| cfg!(target_os = "linux") && left == Ok(true));
    let kept = keep.and_then(|quiet| {
        bounds.narrow(&quiet);
        window.hide().inspect_err(|error| tracing::warn!(%error, "the login window cannot be kept")).ok()?;
        Some(Arc::new(ParkedPage::new(app, label, quiet, happenings)) as Arc<dyn PageHttp>)
    });
    Ok(Visit { signed_in: SignedIn { cookies, page: kept }, stays: false })
}

/// The window is at `about:blank`: nothing of the platform's is there any more.
fn say_signed_in<R: Runtime>(window: &WebviewWindow<R>) {
    // Its session is ours alone now.
    if let Err(error) = window.clear_all_browsing_data() {
        tracing::warn!(%error, "the session is left to the login window until it is closed");
    }
    let words = Shell::of(window.app_handle()).language();
    let said = window.set_title(words.signed_in_title()).and_then(|()| window.eval(word_on_blank(words.signed_in())));
    if let Err(error) = said {
        tracing::warn!(%error, "the login window stays without a word");
    }
}

/// Puts a word onto an empty page.
fn word_on_blank(word: &str) -> String {
    let word = serde_json::Value::from(word);
    format!(
        "document.documentElement.style.colorScheme = 'light dark'; \
         document.body.style.cssText = 'font: 16px system-ui, sans-serif; margin: 2rem'; \
         document.body.setAttribute('role', 'status'); \
         document.body.textContent = {word};"
    )
}

/// What the desktop leaves free on each screen, the first one first.
fn screens<R: Runtime>(app: &AppHandle<R>) -> Vec<Screen> {
    let primary = app.primary_monitor().ok().flatten();
    let is_first =
        |monitor: &tauri::Monitor| primary.as_ref().is_some_and(|first| first.position() == monitor.position());
    let mut monitors = app.available_monitors().unwrap_or_default();
    monitors.sort_by_key(|monitor| !is_first(monitor));
    let screen = |monitor: &tauri::Monitor| {
        let (area, scale) = (monitor.work_area(), monitor.scale_factor());
        let (corner, size) = (area.position.to_logical::<f64>(scale), area.size.to_logical::<f64>(scale));
        Screen {
            corner: Corner { left: corner.x, top: corner.y },
            size: Size { width: size.width, height: size.height },
        }
    };
    monitors.iter().map(screen).collect()
}

/// Builds the window on the main thread. Dropping `tell` there says it failed.
fn open<R: Runtime>(app: &AppHandle<R>, label: &str, opening: Opening, tell: mpsc::UnboundedSender<Happening>) {
    let (handle, label) = (app.clone(), label.to_owned());
    on_main(app, move || {
        let tell = Arc::new(tell);
        let (on_load, bounds) = (Arc::clone(&tell), opening.bounds);
        let blank = opening.start.as_str() == "about:blank";
        let place = place::place(&opening.look, opening.last, &screens(&handle));
        let window = WebviewWindowBuilder::new(&handle, label, WebviewUrl::External(opening.start))
            .title(crate::notifications::clean(&opening.title))
            .inner_size(place.size.width, place.size.height);
        let window = match place.corner {
            Some(corner) => window.position(corner.left, corner.top),
            None => window.center(),
        };
        let window = window
            // Its own cookie jar, forgotten with the window: two accounts at one
            // instance do not share a session, and nothing is left on disk.
            .incognito(true)
            .visible(opening.visible)
            .focused(opening.visible)
            .devtools(false)
            .on_navigation(move |url| bounds.allow(url))
            .on_page_load(move |_, load| {
                let happening = if load.url().as_str() == "about:blank" {
                    if load.event() != PageLoadEvent::Finished {
                        return;
                    }
                    Happening::Blank
                } else if load.event() == PageLoadEvent::Finished {
                    Happening::At(load.url().clone())
                } else {
                    Happening::Began(load.url().clone())
                };
                // Nobody listens any more: the sign-in is over.
                let _ = on_load.send(happening);
            })
            .build();
        match window {
            Ok(window) => {
                watch_process(&window, &tell);
                if blank {
                    // A view begins blank: Tauri loads nothing then, so that no event tells it.
                    let _ = tell.send(Happening::Blank);
                }
                let whereabouts = opening.whereabouts;
                whereabouts.scaled(window.scale_factor().unwrap_or(1.0));
                window.on_window_event(move |event| match event {
                    WindowEvent::CloseRequested { .. } | WindowEvent::Destroyed => {
                        let _ = tell.send(Happening::Closed);
                    }
                    WindowEvent::Resized(size) => whereabouts.resized(*size),
                    WindowEvent::Moved(corner) => whereabouts.moved(*corner),
                    WindowEvent::ScaleFactorChanged { scale_factor, .. } => whereabouts.scaled(*scale_factor),
                    _ => {}
                });
            }
            Err(error) => tracing::error!(%error, "login window could not be opened"),
        }
    });
}

fn watch_process<R: Runtime>(window: &WebviewWindow<R>, tell: &Arc<mpsc::UnboundedSender<Happening>>) {
    #[cfg(target_os = "linux")]
    {
        use webkit2gtk::WebViewExt;
        let (tell, label) = (Arc::clone(tell), window.label().to_owned());
        let connected = window.with_webview(move |view| {
            view.inner().connect_web_process_terminated(move |_, reason| {
                tracing::warn!(window = label, ?reason, "web process ended");
                // Somebody else's page: who knows what it draws with.
                crate::linux::egl::bring_drivers_back();
                let _ = tell.send(Happening::Died);
            });
        });
        if let Err(error) = connected {
            tracing::error!(window = window.label(), %error, "the web process cannot be watched");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (window, tell);
}

/// Cookies for the wanted address, `HttpOnly` ones included.
async fn read_cookies<R: Runtime>(
    window: &WebviewWindow<R>,
    page: &LoginPage,
) -> Result<Vec<LoginCookie>, LoginFailure> {
    let limit = tokio::time::Instant::now() + COOKIE_LIMIT;
    loop {
        let cookies = page::cookies_of(window, page.cookies_for.clone()).await?;
        if !cookies.is_empty() || tokio::time::Instant::now() >= limit {
            return Ok(cookies);
        }
        tokio::time::sleep(COOKIE_PAUSE).await;
    }
}

pub(super) fn close<R: Runtime>(app: &AppHandle<R>, label: &str) {
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
            keep: None,
            look: LoginLook::default(),
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

    #[test]
    fn a_window_that_stays_goes_nowhere_and_says_a_word_as_text() {
        let bounds = Bounds::default();
        bounds.set(Reach::Nowhere);
        assert!(bounds.allow(&Url::parse("about:blank").unwrap()), "where it is");
        for other in ["https://idp.example/", "https://one.my.connect.aws/ccp-v2", "about:srcdoc"] {
            assert!(!bounds.allow(&Url::parse(other).unwrap()), "{other} would answer calls, or ask for a password");
        }
        let script = word_on_blank("\"; </script><b>\n");
        assert!(script.ends_with(r#"textContent = "\"; </script><b>\n";"#), "a word is a word: {script}");
    }

    #[test]
    fn a_page_out_of_sight_stays_on_its_own_origin() {
        let url = |text: &str| Url::parse(text).unwrap();
        let bounds = Bounds::default();
        assert!(bounds.allow(&url("https://idp.example/")), "while the agent signs in it may go anywhere on the web");
        bounds.narrow(&QuietPage {
            title: String::new(),
            addresses: vec![url("https://one.my.connect.aws/favicon.ico")],
            never: vec!["/ccp-v2".to_owned()],
            cookies: Vec::new(),
        });
        assert!(bounds.allow(&url("https://one.my.connect.aws/favicon.ico")), "its own page");
        assert!(bounds.allow(&url("about:blank")), "and none");
        for other in
            ["https://idp.example/", "https://one.my.connect.aws/ccp-v2", "https://one.my.connect.aws/ccp-v2/x"]
        {
            assert!(!bounds.allow(&url(other)), "{other} is out of bounds");
        }
    }
}
