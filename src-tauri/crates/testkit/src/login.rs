use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;
use trunkline_connector::ports::{LoginCookie, LoginFailure, LoginPage, LoginWindow};

use crate::{PATIENCE, locked};

/// A login window without a window: hands out what the test scripted, in
/// order. When the script is empty the window stays open until more is
/// scripted. Clones share the script.
#[derive(Clone, Debug, Default)]
pub struct FakeLogin(Arc<Shared>);

/// Cookies by name, or why there are none.
type Outcome = Result<Vec<(String, String)>, LoginFailure>;

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<VecDeque<Outcome>>,
    pages: Mutex<Vec<LoginPage>>,
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
    async fn sign_in(&self, page: LoginPage) -> Result<Vec<LoginCookie>, LoginFailure> {
        locked(&self.0.pages).push(page);
        self.0.changed.notify_waiters();
        loop {
            let changed = self.0.changed.notified();
            let next = locked(&self.0.script).pop_front();
            if let Some(outcome) = next {
                return outcome.map(|cookies| {
                    cookies.into_iter().map(|(name, value)| LoginCookie { name, value: value.into() }).collect()
                });
            }
            changed.await;
        }
    }
}
