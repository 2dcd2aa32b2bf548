use async_trait::async_trait;
use secrecy::SecretString;
use thiserror::Error;
use url::Url;

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
}

/// One cookie of the page's session, HttpOnly ones included.
#[derive(Clone, Debug)]
pub struct LoginCookie {
    /// Name.
    pub name: String,
    /// Value: a secret.
    pub value: SecretString,
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

/// A top-level web view on a platform's own login page.
#[async_trait]
pub trait LoginWindow: Send + Sync + 'static {
    /// Opens the page and waits until signing in is complete or the agent
    /// closes the window. Before it returns, the page is taken to `about:blank`
    /// and closed, so that the platform's own panel does not answer calls.
    async fn sign_in(&self, page: LoginPage) -> Result<Vec<LoginCookie>, LoginFailure>;
}
