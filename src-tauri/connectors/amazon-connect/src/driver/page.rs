//! The page that is fetched through: from the login window, or parked anew.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use trunkline_connector::ports::{
    HttpFailure, HttpRequest, HttpResponse, LoginCookie, LoginFailure, LoginWindow, PageHttp, QuietPage,
};

type Parked = Option<Result<Arc<dyn PageHttp>, LoginFailure>>;

/// At most one page, there or on its way.
#[derive(Default)]
pub(super) struct Page {
    parked: Option<watch::Receiver<Parked>>,
    /// What the login window left, until it is known whether it is needed.
    kept: Option<watch::Receiver<Option<Arc<dyn PageHttp>>>>,
}

impl Page {
    /// Where the login window puts the page it keeps.
    pub(super) fn keep(&mut self) -> watch::Sender<Option<Arc<dyn PageHttp>>> {
        let (keep, kept) = watch::channel(None);
        self.kept = Some(kept);
        keep
    }

    /// Takes the kept page, or parks one. Ends when it is there.
    pub(super) fn park(
        &mut self,
        login: Arc<dyn LoginWindow>,
        quiet: QuietPage,
    ) -> impl Future<Output = Result<(), LoginFailure>> + Send + use<> {
        let kept = self.kept.take().and_then(|kept| kept.borrow().clone());
        let (there, parked) = watch::channel(None);
        self.parked = Some(parked);
        async move {
            let page = match kept {
                Some(page) => Ok(page),
                None => login.park(quiet).await,
            };
            let result = page.as_ref().map(|_| ()).map_err(|failure| *failure);
            there.send_replace(Some(page));
            result
        }
    }

    /// It closes once nobody fetches through it any more.
    pub(super) fn leave(&mut self) {
        self.parked = None;
        self.kept = None;
    }

    /// One exchange, which waits for a page on its way.
    pub(super) fn send(
        &self,
        mut request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, HttpFailure>> + Send + use<> {
        let parked = self.parked.clone();
        async move {
            let limit = Instant::now() + request.timeout;
            // Without a page nothing was sent.
            let page = timeout_at(limit, there(parked)).await.ok().flatten().ok_or(HttpFailure::Connect)?;
            request.timeout = limit.saturating_duration_since(Instant::now());
            page.send(request).await
        }
    }

    /// The page's cookies as they are now.
    pub(super) fn cookies(&self) -> impl Future<Output = Option<Vec<LoginCookie>>> + Send + use<> {
        let parked = self.parked.clone();
        async move {
            let cookies = there(parked).await?.cookies().await;
            cookies.inspect_err(|failure| tracing::warn!(%failure, "renewed cookies could not be read")).ok()
        }
    }
}

async fn there(parked: Option<watch::Receiver<Parked>>) -> Option<Arc<dyn PageHttp>> {
    let mut parked = parked?;
    let page = parked.wait_for(Option::is_some).await.ok()?.clone();
    page.and_then(Result::ok)
}
