//! Which of the two ways to the back end is taken: the program's own HTTP
//! client, or the page that the agent signed in on (sections 10.2 and 10.6).
//! Nobody has yet seen a real instance take these calls from outside a browser,
//! so the first way that works is found out, and left when it is refused. Pure.
//!
//! Inputs, by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | vault, agent | `begin`: a session, fresh from the login window or kept |
//! | platform | `worked`, `refused`, `unanswered` (of a request, with the way it took) |
//! | shell | `page_failed`: there is no page to fetch through |
//!
//! | state | input | next |
//! | --- | --- | --- |
//! | unproven (a session begins, or the way was just changed) | a call went through | proven |
//! | unproven | refused once, or fresh and `limit` times unanswered | the other way, unproven |
//! | proven | `limit` refusals in a row | the other way, unproven |
//! | page | `limit` times unanswered | direct, unproven |
//! | any | the other way has been refused as well | all refused: both are tried in turn, slowly |
//! | all refused | a call went through | proven |
//! | page | the page cannot be opened | direct, unproven; never the page again when there are no windows |
//!
//! A refusal that looks like a gate is one that the service behind it did not
//! make: 403 without the name of an exception, a redirect to elsewhere, or a
//! session that is not taken although it was made a moment ago. An expired
//! session, a right that is missing, a service that fails are none.

use std::collections::BTreeSet;

use http::StatusCode;
use serde::Deserialize;
use trunkline_connector::ports::{HttpResponse, LoginFailure};
use trunkline_model::Route;

use super::RequestId;
use crate::wire::{ErrorCode, ServiceError};

/// What an administrator allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// The first that works.
    #[default]
    Auto,
    /// The program's own HTTP client alone.
    Direct,
    /// The page alone.
    Page,
}

/// What follows from a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Stay,
    /// From now on the other way.
    Changed(Route),
    /// No way is left; the next try takes the other one.
    AllRefused,
}

/// The machine.
#[derive(Debug)]
pub struct Ways {
    allowed: Transport,
    limit: u32,
    active: Route,
    proven: bool,
    fresh: bool,
    refusals: u32,
    unanswered: u32,
    /// Refused since anything last went through.
    refused: BTreeSet<Route>,
    all_refused: bool,
    no_windows: bool,
    /// Requests that are under way through the page.
    by_page: BTreeSet<RequestId>,
}

impl Ways {
    /// Before anything is known. `limit` is how often a way that worked is refused before it is left.
    pub fn new(allowed: Transport, limit: u32) -> Self {
        let active = if allowed == Transport::Page { Route::Page } else { Route::Direct };
        Self {
            allowed,
            limit: limit.max(1),
            active,
            proven: false,
            fresh: false,
            refusals: 0,
            unanswered: 0,
            refused: BTreeSet::new(),
            all_refused: false,
            no_windows: false,
            by_page: BTreeSet::new(),
        }
    }

    /// A session begins. `kept` is the way that its last run took; `fresh`
    /// means that the agent signed in a moment ago.
    pub fn begin(&mut self, kept: Option<Route>, fresh: bool) {
        self.active = match self.allowed {
            Transport::Direct => Route::Direct,
            Transport::Page => Route::Page,
            Transport::Auto if self.no_windows => Route::Direct,
            Transport::Auto => kept.filter(|_| !fresh).unwrap_or(Route::Direct),
        };
        self.fresh = fresh;
        self.all_refused = false;
        self.refused.clear();
        self.unproven();
    }

    fn unproven(&mut self) {
        self.proven = false;
        self.refusals = 0;
        self.unanswered = 0;
    }

    /// The way to take now.
    pub fn active(&self) -> Route {
        self.active
    }

    /// A call went through on it.
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// The session was made a moment ago: that it is over cannot be why it is not taken.
    pub fn is_fresh(&self) -> bool {
        self.fresh && !self.proven
    }

    /// Both were refused, and nothing has gone through since.
    pub fn all_refused(&self) -> bool {
        self.all_refused
    }

    /// The way that worked is being refused, and may be left: what can wait
    /// should, rather than be refused too.
    pub fn is_doubted(&self) -> bool {
        self.refusals > 0 && !self.all_refused && self.other().is_some()
    }

    fn other(&self) -> Option<Route> {
        match (self.allowed, self.active) {
            (Transport::Auto, Route::Direct) => (!self.no_windows).then_some(Route::Page),
            (Transport::Auto, Route::Page) => Some(Route::Direct),
            (Transport::Direct | Transport::Page, _) => None,
        }
    }

    /// There is more than one way.
    pub fn has_choice(&self) -> bool {
        self.other().is_some()
    }

    /// A request takes the active way.
    pub fn sent(&mut self, id: RequestId) -> Route {
        if self.active == Route::Page {
            self.by_page.insert(id);
        }
        self.active
    }

    /// Requests that are no longer awaited are forgotten.
    pub fn keep(&mut self, awaited: impl Fn(&RequestId) -> bool) {
        self.by_page.retain(awaited);
    }

    /// A request is over: the way it took.
    pub fn over(&mut self, id: RequestId) -> Route {
        if self.by_page.remove(&id) { Route::Page } else { Route::Direct }
    }

    /// An authorize call went through: the session is taken this way, but the
    /// probe is over only when a call of the service went through as well.
    pub fn authorized(&mut self, by: Route) {
        if by == self.active {
            self.unanswered = 0;
        }
    }

    /// A call went through. True: that was the first on this way.
    pub fn worked(&mut self, by: Route) -> bool {
        if by != self.active {
            return false;
        }
        self.refusals = 0;
        self.unanswered = 0;
        self.all_refused = false;
        self.refused.clear();
        !std::mem::replace(&mut self.proven, true)
    }

    /// It was refused, by what looks like a gate. Requests that were under way
    /// before the way was changed no longer count.
    pub fn refused(&mut self, by: Route) -> Verdict {
        if by != self.active {
            return Verdict::Stay;
        }
        self.refusals = self.refusals.saturating_add(1);
        let enough = if self.proven { self.limit } else { 1 };
        if self.refusals < enough { Verdict::Stay } else { self.leave(true) }
    }

    /// No answer at all. On a fresh session the browser has just had answers
    /// from there; and a page may be gone where the network is not.
    pub fn unanswered(&mut self, by: Route) -> Verdict {
        if by != self.active {
            return Verdict::Stay;
        }
        self.unanswered = self.unanswered.saturating_add(1);
        let tells = by == Route::Page || self.is_fresh();
        if !tells || self.unanswered < self.limit || self.other().is_none() {
            return Verdict::Stay;
        }
        self.leave(false)
    }

    /// The page cannot be opened.
    pub fn page_failed(&mut self, failure: LoginFailure) -> Verdict {
        self.no_windows |= failure == LoginFailure::Unavailable;
        if self.active != Route::Page { Verdict::Stay } else { self.leave(true) }
    }

    fn leave(&mut self, refused: bool) -> Verdict {
        if refused {
            self.refused.insert(self.active);
        }
        let Some(other) = self.other() else {
            return self.stop();
        };
        self.active = other;
        self.unproven();
        if self.refused.contains(&other) {
            return self.stop();
        }
        Verdict::Changed(other)
    }

    fn stop(&mut self) -> Verdict {
        self.all_refused = true;
        Verdict::AllRefused
    }
}

/// The service behind the gate did not make this answer.
pub fn looks_like_a_gate(response: &HttpResponse) -> bool {
    match response.status {
        StatusCode::FORBIDDEN | StatusCode::NOT_ACCEPTABLE | StatusCode::MISDIRECTED_REQUEST => {
            let error = ServiceError::read(response.status.as_u16(), &response.headers, &response.body);
            error.code == ErrorCode::UnknownError
        }
        status => status.is_redirection(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rstest::rstest;

    fn ways() -> Ways {
        Ways::new(Transport::Auto, 3)
    }

    #[test]
    fn the_probe_takes_the_first_that_works() {
        let mut ways = ways();
        ways.begin(None, true);
        assert_eq!(ways.active(), Route::Direct, "direct is tried first");
        assert!(ways.worked(Route::Direct), "and works");
        assert!(!ways.worked(Route::Direct), "which is news once");
        assert!(ways.is_proven() && !ways.is_fresh(), "the probe is over");
    }

    #[test]
    fn one_refusal_is_enough_while_nothing_has_worked() {
        let mut ways = ways();
        ways.begin(None, true);
        assert_eq!(ways.refused(Route::Direct), Verdict::Changed(Route::Page), "the page is tried at once");
        assert_eq!(ways.refused(Route::Direct), Verdict::Stay, "a late refusal of the old way counts no more");
        assert!(ways.worked(Route::Page), "and works");
        assert!(!ways.all_refused(), "so nothing is amiss");
    }

    #[test]
    fn a_way_that_worked_is_left_after_several_refusals_in_a_row() {
        let mut ways = ways();
        ways.begin(Some(Route::Direct), false);
        ways.worked(Route::Direct);
        assert_eq!(ways.refused(Route::Direct), Verdict::Stay, "one may be an accident");
        assert!(ways.is_doubted(), "but what can wait waits");
        assert!(!ways.worked(Route::Direct) && !ways.is_doubted(), "a success ends the doubt");
        assert_eq!(ways.refused(Route::Direct), Verdict::Stay, "so it is counted anew");
        assert_eq!(ways.refused(Route::Direct), Verdict::Stay, "twice");
        assert_eq!(ways.refused(Route::Direct), Verdict::Changed(Route::Page), "three in a row are a gate");
    }

    #[test]
    fn both_refused_is_told_and_both_are_tried_on() {
        let mut ways = ways();
        ways.begin(None, true);
        assert_eq!(ways.refused(Route::Direct), Verdict::Changed(Route::Page), "first");
        assert_eq!(ways.refused(Route::Page), Verdict::AllRefused, "and second");
        assert_eq!(ways.active(), Route::Direct, "the next try takes the other");
        assert_eq!(ways.refused(Route::Direct), Verdict::AllRefused, "still");
        assert_eq!(ways.active(), Route::Page, "in turn");
        assert!(ways.worked(Route::Page), "until one is let through");
        assert!(!ways.all_refused(), "which is the end of it");
    }

    #[test]
    fn without_windows_there_is_only_direct() {
        let mut ways = ways();
        ways.begin(None, true);
        ways.refused(Route::Direct);
        assert_eq!(ways.page_failed(LoginFailure::Unavailable), Verdict::AllRefused, "direct was refused already");
        assert_eq!(ways.active(), Route::Direct, "the only way");
        assert_eq!(ways.refused(Route::Direct), Verdict::AllRefused, "the page is not tried again");
        assert_eq!(ways.active(), Route::Direct, "ever");
        ways.begin(Some(Route::Page), false);
        assert_eq!(ways.active(), Route::Direct, "whatever an earlier run took");
    }

    #[rstest]
    #[case(Transport::Direct, Route::Direct)]
    #[case(Transport::Page, Route::Page)]
    fn an_administrator_may_fix_the_way(#[case] allowed: Transport, #[case] route: Route) {
        let mut ways = Ways::new(allowed, 3);
        ways.begin(Some(Route::Page), false);
        assert_eq!(ways.active(), route, "whatever is kept");
        assert_eq!(ways.refused(route), Verdict::AllRefused, "a refusal is told");
        assert_eq!(ways.active(), route, "and changes nothing");
        assert!(!ways.is_doubted(), "so nothing waits for a change");
    }

    #[test]
    fn silence_is_not_a_refusal() {
        let mut ways = ways();
        ways.begin(Some(Route::Direct), false);
        for _ in 0..20 {
            assert_eq!(ways.unanswered(Route::Direct), Verdict::Stay, "the network is down, for every way");
        }
        ways.begin(None, true);
        assert_eq!(ways.unanswered(Route::Direct), Verdict::Stay, "right after the login window");
        assert_eq!(ways.unanswered(Route::Direct), Verdict::Stay, "the browser had answers");
        assert_eq!(ways.unanswered(Route::Direct), Verdict::Changed(Route::Page), "so the page is tried");
        ways.worked(Route::Page);
        ways.unanswered(Route::Page);
        ways.unanswered(Route::Page);
        assert_eq!(
            ways.unanswered(Route::Page),
            Verdict::Changed(Route::Direct),
            "a page that answers nothing is left"
        );
    }

    #[rstest]
    #[case(403, "", "<html>Request blocked</html>", true)]
    #[case(403, "", r#"{"__type":"AccessDeniedException"}"#, false)]
    #[case(403, "AccessDeniedException:http://internal", "", false)]
    #[case(302, "", "", true)]
    #[case(401, "", "", false)]
    #[case(404, "", "", false)]
    #[case(429, "", "", false)]
    #[case(503, "", "<html>down</html>", false)]
    fn a_gate_is_told_from_the_service(
        #[case] status: u16,
        #[case] kind: &str,
        #[case] body: &'static str,
        #[case] gate: bool,
    ) {
        let mut headers = http::HeaderMap::new();
        if !kind.is_empty() {
            headers.insert("x-amzn-errortype", kind.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        let response = HttpResponse { status, headers, body: bytes::Bytes::from_static(body.as_bytes()) };
        assert_eq!(looks_like_a_gate(&response), gate, "{status} {kind} {body}");
    }
}
