//! The two ways at work: what each answer says about the way it came by, the
//! page's coming and going, and the platform's own panel as the last resort.

use secrecy::ExposeSecret;
use trunkline_connector::ports::{
    HttpFailure, HttpRequest, HttpResponse, LoginCookie, LoginFailure, PlatformPanel, QuietPage,
};
use trunkline_connector::{Command, CommandCode, CommandError, Event};
use trunkline_model::{CommandId, Notice, NoticeAction, NoticeLevel, Route};

use super::ways::{Transport, Verdict, looks_like_a_gate};
use super::{Action, Now, Purpose, RequestId, Session};
use crate::settings::ms;
use crate::wire::Operation;

impl Session {
    /// Sends a request of the instance by the way that is taken now.
    pub(super) fn dispatch(&mut self, id: RequestId, request: HttpRequest) {
        let live = &self.requests;
        self.ways.keep(|id| live.contains_key(id));
        self.out.push(match self.ways.sent(id) {
            Route::Direct => Action::Http { id, request },
            Route::Page => Action::PageHttp { id, request },
        });
    }

    /// The session's cookies; a token put in by hand stands for one (section 2.1).
    pub(super) fn session_cookies(&self) -> Vec<LoginCookie> {
        let mut cookies = self.stored.cookies.clone();
        if let Some(token) = &self.stored.token {
            cookies.push(LoginCookie { name: self.settings.token_cookie.clone(), value: token.clone() });
        }
        cookies
    }

    fn quiet_page(&self) -> QuietPage {
        QuietPage {
            title: self.title.clone(),
            addresses: self.addresses.quiet.clone(),
            never: self.addresses.done_paths.clone(),
            cookies: self.session_cookies(),
        }
    }

    /// The login window's view may be needed after signing in.
    pub(super) fn page_to_keep(&self) -> Option<QuietPage> {
        (self.settings.transport != Transport::Direct).then(|| self.quiet_page())
    }

    /// Has what the present way needs.
    pub(super) fn use_way(&mut self, now: Now) {
        if self.ways.active() == Route::Page && !std::mem::replace(&mut self.parked, true) {
            if self.addresses.quiet.is_empty() {
                self.on_parked(Err(LoginFailure::Unavailable), now);
                return;
            }
            self.out.push(Action::Park(self.quiet_page()));
        }
    }

    /// The page is no longer needed.
    pub(super) fn leave_page(&mut self) {
        self.parked = false;
        self.out.push(Action::Unpark);
    }

    pub(super) fn on_parked(&mut self, result: Result<(), LoginFailure>, now: Now) {
        let Err(failure) = result else { return };
        tracing::warn!(%failure, "there is no page to fetch through");
        self.parked = false;
        let verdict = self.ways.page_failed(failure);
        self.after(verdict, now);
    }

    /// What an answer says about its way. True: it was refused on the way, so
    /// the service never saw it.
    pub(super) fn judge(
        &mut self,
        purpose: &Purpose,
        by: Route,
        outcome: &Result<HttpResponse, HttpFailure>,
        now: Now,
    ) -> bool {
        match outcome {
            Ok(response) if response.status.is_success() => {
                if self.ways.worked(by) {
                    self.way_proven(by);
                }
                false
            }
            Ok(response) if looks_like_a_gate(response) => {
                self.way_refused(by, now);
                true
            }
            Ok(_) | Err(HttpFailure::TooLarge) => false,
            // One after the other: several that break off at once are one event.
            Err(_) if *purpose != Purpose::Poll => false,
            Err(_) => {
                let verdict = self.ways.unanswered(by);
                self.after(verdict, now);
                false
            }
        }
    }

    /// The same of an authorize call. True: it is taken care of.
    pub(super) fn judge_authorize(&mut self, by: Route, outcome: &Result<HttpResponse, HttpFailure>, now: Now) -> bool {
        let not_taken = |response: &HttpResponse| response.status.as_u16() == 401;
        let (verdict, session) = match outcome {
            Ok(response) if looks_like_a_gate(response) => (self.ways.refused(by), false),
            // A session that was made a moment ago: it is the way that is not liked.
            Ok(response) if not_taken(response) && self.ways.is_fresh() => (self.ways.refused(by), true),
            Err(_) => match self.ways.unanswered(by) {
                Verdict::Stay => return false,
                verdict => (verdict, false),
            },
            Ok(_) => return false,
        };
        self.after(verdict, now);
        match verdict {
            Verdict::AllRefused if session => {
                self.auth.turned_away();
                self.went_dark(now);
            }
            Verdict::Stay if by == self.ways.active() => self.auth.unavailable(now, &self.settings),
            Verdict::AllRefused => self.auth.unavailable(now, &self.settings),
            Verdict::Stay | Verdict::Changed(_) => {
                if self.auth.ask_again() {
                    self.authorize();
                }
            }
        }
        true
    }

    pub(super) fn way_refused(&mut self, by: Route, now: Now) {
        let verdict = self.ways.refused(by);
        self.after(verdict, now);
    }

    fn after(&mut self, verdict: Verdict, now: Now) {
        match verdict {
            Verdict::Stay => {}
            Verdict::Changed(route) => {
                tracing::warn!(?route, "the way to the platform is changed");
                self.use_way(now);
                if self.auth.is_live() {
                    // At once, and whole: the next answer is the probe of the new way.
                    self.refetch(now);
                    self.picture.resync = true;
                }
            }
            Verdict::AllRefused => {
                tracing::warn!("the platform refuses calls from here, on every way");
                self.use_way(now);
                self.tell_refused(now);
            }
        }
    }

    fn refused_id(&self) -> String {
        format!("ways-refused:{}", self.account)
    }

    fn tell_refused(&mut self, now: Now) {
        let id = self.refused_id();
        if self.notices.contains(&id) {
            return;
        }
        let action = Some(NoticeAction::PlatformPanel);
        self.raise(Notice { action, ..self.notice(id, NoticeLevel::Error, "notice_ways_refused", now) });
    }

    fn way_proven(&mut self, route: Route) {
        tracing::info!(?route, "calls reach the platform");
        self.withdraw(&self.refused_id());
        self.emit(Event::Route(route));
        if route == Route::Direct {
            self.leave_page();
        }
        if self.stored.route != Some(route) {
            self.stored.route = Some(route);
            self.keep_session();
        }
    }

    /// Cookies and way go to the vault. A token put in by hand is there already.
    pub(super) fn keep_session(&mut self) {
        if !self.stored.cookies.is_empty() {
            self.out.push(Action::StoreCookies(self.stored.cookies.clone(), self.stored.route));
        }
    }

    /// The page's cookies after an authorize call: only the browser sees what was renewed.
    pub(super) fn on_page_cookies(&mut self, cookies: &[LoginCookie]) {
        let mut changed = false;
        for known in &mut self.stored.cookies {
            let now = cookies.iter().find(|cookie| cookie.name == known.name);
            if let Some(now) = now.filter(|now| now.value.expose_secret() != known.value.expose_secret()) {
                known.value = now.value.clone();
                changed = true;
            }
        }
        if changed {
            self.out.push(Action::PutCookies(self.addresses.authorize.clone(), self.stored.cookies.clone()));
            self.keep_session();
        }
    }

    /// A call that was refused on the way is asked anew, where that is right.
    /// False: it is to be told as the failure that it is.
    pub(super) fn turned_back(&mut self, purpose: &Purpose, now: Now) -> bool {
        let wait = if self.ways.all_refused() {
            self.settings.transport_pause_ms
        } else if self.ways.is_doubted() || !self.ways.has_choice() {
            self.settings.transport_again_ms
        } else {
            // The way was changed: at once.
            0
        };
        let again = now.at + ms(wait);
        match purpose {
            Purpose::Poll => {
                self.poll.in_flight = None;
                self.poll.next_token = None;
                self.picture.resync = true;
                if self.ways.all_refused() {
                    self.poll.failures = self.poll.failures.saturating_add(1);
                    self.poll.reason = Some("link_reason_ways_refused");
                }
                self.poll.at = Some(again);
                true
            }
            Purpose::Base | Purpose::Page(_) => {
                self.requests.retain(|_, purpose| !matches!(purpose, Purpose::Page(_)));
                self.configuration.round = None;
                self.configuration.at = Some(again);
                if self.ways.is_doubted() {
                    // Whether it was an accident is to be known soon, not after a long poll.
                    self.poll_soon(now);
                }
                true
            }
            // It was not carried out: that is the difference to an answer that got lost.
            Purpose::Command(id) if !self.ways.all_refused() && self.book.may_repeat(id) => {
                if let Some(Command::AddParty { contact, .. }) = self.book.command(id).cloned() {
                    self.party_refused(&contact);
                }
                self.poll_soon(now);
                true
            }
            Purpose::IceServers(contact) if !self.ways.all_refused() => {
                let operation =
                    Operation::CreateSoftphoneTransport { softphone_client_id: self.softphone_client_id.clone() };
                self.call(Purpose::IceServers(contact.clone()), &operation).is_some()
            }
            _ => {
                if self.ways.is_doubted() {
                    self.poll_soon(now);
                }
                false
            }
        }
    }

    fn poll_soon(&mut self, now: Now) {
        if self.ways.is_doubted() && self.auth.is_live() && self.poll.at.is_none() {
            self.refetch(now);
        }
    }

    /// The platform's own panel, signed in as here, in a window of its own.
    pub(super) fn open_panel(&mut self, id: CommandId) {
        let panel = PlatformPanel {
            title: self.title.clone(),
            start: self.addresses.ccp.clone(),
            cookies: self.session_cookies(),
        };
        self.out.push(Action::OpenPanel(id, panel));
    }

    pub(super) fn on_panel_opened(&mut self, id: &CommandId, result: Result<(), LoginFailure>) {
        let answer = result.map_err(|failure| {
            let code = match failure {
                LoginFailure::Unavailable => CommandCode::NotPossible,
                LoginFailure::Closed | LoginFailure::Failed => CommandCode::Unavailable,
            };
            CommandError::new(code, failure.to_string())
        });
        self.answer(id, answer);
    }
}
