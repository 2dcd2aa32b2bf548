use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;
use trunkline_connector::ports::{
    LoginCookie, LoginFailure, LoginPage, LoginWindow, PageHttp, PlatformPanel, QuietPage, SignedIn,
};

use crate::{PATIENCE, locked};

/// A login window without a window: hands out what the test scripted, in
/// order. When the script is empty the window stays open until more is
/// scripted. Clones share the script.
#[derive(Clone, Default)]
pub struct FakeLogin(Arc<Shared>);

impl std::fmt::Debug for FakeLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FakeLogin({} windows)", self.pages().len())
    }
}

/// Cookies by name, or why there are none.
type Outcome = Result<Vec<(String, String)>, LoginFailure>;
/// Makes the page of a quiet page.
type Through = Box<dyn Fn(QuietPage) -> Arc<dyn PageHttp> + Send + Sync>;

#[derive(Default)]
struct Shared {
    script: Mutex<VecDeque<Outcome>>,
    pages: Mutex<Vec<LoginPage>>,
    parked: Mutex<Vec<QuietPage>>,
    panels: Mutex<Vec<PlatformPanel>>,
    through: Mutex<Option<Through>>,
    changed: Notify,
}

impl FakeLogin {
    /// Nothing scripted: windows stay open.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next window ends with these cookies.
    pub fn cookies<'a>(&self, cookies: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let cookies = cookies.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.push(Ok(cookies));
    }

    /// The next window fails.
    pub fn failure(&self, failure: LoginFailure) {
        self.push(Err(failure));
    }

    /// Pages can be fetched through: each is made by this. Without, there are none.
    pub fn pages_by(&self, page: impl Fn(QuietPage) -> Arc<dyn PageHttp> + Send + Sync + 'static) {
        *locked(&self.0.through) = Some(Box::new(page));
    }

    fn page(&self, quiet: QuietPage) -> Result<Arc<dyn PageHttp>, LoginFailure> {
        let through = locked(&self.0.through);
        let page = through.as_ref().map(|through| through(quiet.clone())).ok_or(LoginFailure::Unavailable)?;
        locked(&self.0.parked).push(quiet);
        Ok(page)
    }

    /// Pages parked so far, those kept from login windows included.
    pub fn parked(&self) -> Vec<QuietPage> {
        locked(&self.0.parked).clone()
    }

    /// Panels of the platform opened so far.
    pub fn panels(&self) -> Vec<PlatformPanel> {
        locked(&self.0.panels).clone()
    }

    fn push(&self, outcome: Outcome) {
        locked(&self.0.script).push_back(outcome);
        self.0.changed.notify_waiters();
    }

    /// Pages opened so far.
    pub fn pages(&self) -> Vec<LoginPage> {
        locked(&self.0.pages).clone()
    }

    /// Waits until `count` pages have been opened in all.
    pub async fn expect_pages(&self, count: usize) -> Vec<LoginPage> {
        let opened = async {
            loop {
                let changed = self.0.changed.notified();
                let pages = self.pages();
                if pages.len() >= count {
                    return pages;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, opened)
            .await
            .unwrap_or_else(|_| panic!("expected {count} login windows, saw {}", self.pages().len()))
    }
}

#[async_trait]
impl LoginWindow for FakeLogin {
    async fn sign_in(&self, page: LoginPage) -> Result<SignedIn, LoginFailure> {
        let keep = page.keep.clone();
        locked(&self.0.pages).push(page);
        self.0.changed.notify_waiters();
        loop {
            let changed = self.0.changed.notified();
            let next = locked(&self.0.script).pop_front();
            if let Some(outcome) = next {
                let cookies: Vec<LoginCookie> =
                    outcome?.into_iter().map(|(name, value)| LoginCookie { name, value: value.into() }).collect();
                let page = keep.and_then(|quiet| self.page(QuietPage { cookies: cookies.clone(), ..quiet }).ok());
                return Ok(SignedIn { cookies, page });
            }
            changed.await;
        }
    }

    async fn park(&self, page: QuietPage) -> Result<Arc<dyn PageHttp>, LoginFailure> {
        self.page(page)
    }

    async fn open_panel(&self, panel: PlatformPanel) -> Result<(), LoginFailure> {
        locked(&self.0.panels).push(panel);
        self.0.changed.notify_waiters();
        Ok(())
    }
}
