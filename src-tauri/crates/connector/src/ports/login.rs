use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use thiserror::Error;
use url::Url;

use super::Http;

/// A page to sign in on, and how to know that it is done.
#[derive(Clone, Debug)]
pub struct LoginPage {
    /// Title for the window: the account's name.
    pub title: String,
    /// Opened first (the instance's page, or the identity provider's start page).
    pub start: Url,
    /// Signing in is complete when the main frame is on this origin ...
    pub done_origin: Url,
    /// ... and its path begins with one of these.
    pub done_paths: Vec<String>,
    /// Cookies are read for this address.
    pub cookies_for: Url,
    /// Keep the page's view out of sight, to fetch through it (its cookies are
    /// its own already, those in here are not put in). Not where the window stays.
    pub keep: Option<QuietPage>,
    /// How the window is to be.
    pub look: LoginLook,
}

/// How a login window is to be. What is absent is as the agent left it last, or
/// else the shell's own choice; whatever is wished for, it stays on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginLook {
    /// Width of the page, logical pixels.
    pub width: Option<u32>,
    /// Height of the page, logical pixels.
    pub height: Option<u32>,
    /// Distance from the left edge of the first screen, logical pixels.
    pub left: Option<i32>,
    /// Distance from its top edge, logical pixels.
    pub top: Option<i32>,
    /// After signing in the window stays and says that one is signed in.
    pub stays: bool,
}

/// A page of the platform's own origin on which nothing happens by itself: from
/// there a web view fetches for us, with the cookies, the headers and the
/// connections of a browser.
#[derive(Clone, Debug)]
pub struct QuietPage {
    /// Title of its window, which nobody sees.
    pub title: String,
    /// Tried in order until one stays on its origin. All of one origin, and
    /// nothing but this origin is ever fetched from.
    pub addresses: Vec<Url>,
    /// Paths that an address must not lead to: the platform's own panel, which
    /// would answer calls.
    pub never: Vec<String>,
    /// The session's cookies, put in before the page is opened.
    pub cookies: Vec<LoginCookie>,
}

/// The platform's own panel, to be opened in a window.
#[derive(Clone, Debug)]
pub struct PlatformPanel {
    /// Title of the window.
    pub title: String,
    /// Its address.
    pub start: Url,
    /// The session's cookies, for that address.
    pub cookies: Vec<LoginCookie>,
}

/// One cookie of the page's session, HttpOnly ones included.
#[derive(Clone, Debug)]
pub struct LoginCookie {
    /// Name.
    pub name: String,
    /// Value: a secret.
    pub value: SecretString,
}

/// What a login window gave.
pub struct SignedIn {
    /// The session.
    pub cookies: Vec<LoginCookie>,
    /// The page's view, out of sight, when [`LoginPage::keep`] asked for it and
    /// it could be kept.
    pub page: Option<Arc<dyn PageHttp>>,
}

impl From<Vec<LoginCookie>> for SignedIn {
    fn from(cookies: Vec<LoginCookie>) -> Self {
        Self { cookies, page: None }
    }
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedIn({} cookies, page: {})", self.cookies.len(), self.page.is_some())
    }
}

/// Why the window gave no session.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LoginFailure {
    /// The agent closed it.
    #[error("the login window was closed")]
    Closed,
    /// This run has no windows (tests, bridge).
    #[error("no login window can be opened here")]
    Unavailable,
    /// The window could not be opened or read.
    #[error("the login window failed")]
    Failed,
}

/// HTTP through a page. Next to [`Http`]'s rules:
///
/// - Only the page's own origin is fetched from; anything else is
///   `HttpFailure::Broken` before it is sent.
/// - What a page may not set is left out of the request (`Cookie`, `Origin`,
///   `User-Agent` ...): the browser sets its own. `Set-Cookie` is not shown.
/// - A redirect that leads elsewhere is status 302 without a `Location`.
/// - `HttpFailure::Connect` means that the page itself could not be opened, so
///   nothing was sent. What a page cannot tell apart is `Broken`.
/// - Bodies are text: bytes that are no UTF-8 are replaced. Progress is not told.
///
/// The page is closed when the last clone is dropped.
#[async_trait]
pub trait PageHttp: Http {
    /// The session's cookies as they are now, HttpOnly ones included.
    async fn cookies(&self) -> Result<Vec<LoginCookie>, LoginFailure>;
}

/// A top-level web view on a platform's own login page.
#[async_trait]
pub trait LoginWindow: Send + Sync + 'static {
    /// Opens the page and waits until signing in is complete or the agent
    /// closes the window. Before it returns, the page is taken to `about:blank`
    /// and closed, kept out of sight or left there with a word, so that the platform's own panel does
    /// not answer calls.
    async fn sign_in(&self, page: LoginPage) -> Result<SignedIn, LoginFailure>;

    /// A page to fetch through, in a view of its own with these cookies. The
    /// page is opened with the first request.
    async fn park(&self, page: QuietPage) -> Result<Arc<dyn PageHttp>, LoginFailure> {
        drop(page);
        Err(LoginFailure::Unavailable)
    }

    /// Opens the platform's own panel in a window for the agent, or brings the
    /// one that is open to the front.
    async fn open_panel(&self, panel: PlatformPanel) -> Result<(), LoginFailure> {
        drop(panel);
        Err(LoginFailure::Unavailable)
    }
}
