//! The bearer token: sections 2.3 to 2.6 and 10.2. Pure; the session sends what
//! it asks for.
//!
//! Inputs, by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | vault | `begin` with what is stored |
//! | agent, login window | `window_opened`, `begin` with new cookies, `window_failed` |
//! | platform, authorize call | `authorized`, `refused`, `unavailable` |
//! | platform, any other call | `token_refused` (401) |
//! | timer | `tick`, `woke` |
//!
//! | state | input | next |
//! | --- | --- | --- |
//! | SignedOut | token stored | Live, authorize in the background |
//! | SignedOut | cookies stored | Authorizing |
//! | SignedOut | nothing stored | SignedOut: the agent must sign in |
//! | Authorizing | 200 | Live |
//! | Authorizing | 401, 403, other | SignedOut |
//! | Authorizing | 429, 5xx, network | again after 2 s, 5 times, then 10 s doubling to 5 min |
//! | Live | less than 30 min left, woke | Live, authorize in the background |
//! | Live | 401 on a call | Doubted, authorize |
//! | Live, in the background | refused | Live until the token itself is refused |
//! | Doubted | 200 | Live |
//! | Doubted | refused | SignedOut |

use rand::Rng;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use trunkline_connector::ports::{LoginCookie, LoginFailure};
use trunkline_model::{Route, UnixMillis};

use crate::session::Now;
use crate::settings::{AmazonConnectSettings, Instance, ms};
use crate::wire::{Private, Timestamp, decode, lenient};

/// Names of the secrets of one instance's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretNames {
    /// A token put in by hand.
    pub token: &'static str,
    /// The session's cookies.
    pub cookies: &'static str,
}

impl SecretNames {
    /// Of one of two instances.
    pub fn of(instance: Instance) -> Self {
        match instance {
            Instance::First => Self { token: TOKEN_SECRET, cookies: COOKIES_SECRET },
            Instance::Second => Self { token: SECOND_TOKEN_SECRET, cookies: "second_cookies" },
        }
    }
}

/// Token of the second instance, put in by hand.
pub const SECOND_TOKEN_SECRET: &str = "second_token";
/// Vault name of the token put in by hand.
pub const TOKEN_SECRET: &str = "token";
/// Vault name of the login window's cookies.
pub const COOKIES_SECRET: &str = "cookies";

/// What the vault held.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Token put in by hand.
    pub token: Option<SecretString>,
    /// Cookies of the login window.
    pub cookies: Vec<LoginCookie>,
    /// The way that worked with them.
    pub route: Option<Route>,
}

/// Reply of the authorize call; other members are ignored (2.3).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizeReply {
    /// Bearer token.
    #[serde(default, deserialize_with = "lenient")]
    pub access_token: Option<Private>,
    /// Anything a JavaScript `Date` accepts: ISO text or milliseconds.
    #[serde(default, deserialize_with = "lenient")]
    pub expiration: Option<Timestamp>,
}

impl AuthorizeReply {
    /// An unreadable body counts as an empty object.
    pub fn read(body: &[u8]) -> Self {
        decode(body).unwrap_or_default()
    }
}

/// Where signing in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthState {
    /// The agent must sign in; message key of the reason.
    SignedOut(&'static str),
    /// The login window is open.
    Window,
    /// No token yet.
    Authorizing,
    /// A token is in use.
    Live,
    /// The token was refused; a new one is being asked for.
    Doubted,
}

/// The machine.
#[derive(Debug)]
pub struct Auth {
    state: AuthState,
    token: Option<SecretString>,
    by_hand: bool,
    worked: bool,
    in_flight: bool,
    failures: u32,
    again_at: Option<Instant>,
    renew_at: Option<Instant>,
    expires: Option<UnixMillis>,
    last_good: Option<Instant>,
    /// The session behind the token is over, though the token still works.
    session_over: bool,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            state: AuthState::SignedOut("link_reason_not_signed_in"),
            token: None,
            by_hand: false,
            worked: false,
            in_flight: false,
            failures: 0,
            again_at: None,
            renew_at: None,
            expires: None,
            last_good: None,
            session_over: false,
        }
    }
}

impl Auth {
    /// Where it stands.
    pub fn state(&self) -> AuthState {
        self.state
    }

    /// The token for calls, also while a new one is awaited.
    pub fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    /// Calls may go out.
    pub fn is_live(&self) -> bool {
        self.state == AuthState::Live
    }

    /// The platform's session is over; work goes on until the token is.
    pub fn session_is_ending(&self) -> bool {
        self.session_over && self.is_live() && !self.by_hand
    }

    /// Authorize calls failed so many times in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Next try after failures.
    pub fn retry_at(&self) -> Option<Instant> {
        self.again_at
    }

    /// Starts with what is stored. True: send an authorize call.
    pub fn begin(&mut self, stored: &Stored, now: Now, settings: &AmazonConnectSettings) -> bool {
        let in_flight = self.in_flight;
        *self = Self { in_flight, ..Self::default() };
        self.by_hand = stored.token.is_some();
        if let Some(token) = &stored.token {
            self.token = Some(token.clone());
            self.state = AuthState::Live;
            self.renew_at = Some(now.at + ms(settings.renew_at_least_every_ms));
            return self.ask();
        }
        if stored.cookies.is_empty() {
            return false;
        }
        self.state = AuthState::Authorizing;
        self.ask()
    }

    fn ask(&mut self) -> bool {
        self.again_at = None;
        !std::mem::replace(&mut self.in_flight, true)
    }

    /// The login window opened.
    pub fn window_opened(&mut self) {
        if !self.is_live() {
            self.state = AuthState::Window;
        }
    }

    /// The login window gave nothing.
    pub fn window_failed(&mut self, failure: LoginFailure) {
        if self.state == AuthState::Window {
            self.state = AuthState::SignedOut(match failure {
                LoginFailure::Closed => "link_reason_login_closed",
                LoginFailure::Unavailable => "link_reason_login_unavailable",
                LoginFailure::Failed => "link_reason_login_failed",
            });
        }
    }

    /// Any call with the token went through.
    pub fn token_worked(&mut self) {
        self.worked = true;
    }

    /// A call was refused with 401. True: send an authorize call.
    pub fn token_refused(&mut self) -> bool {
        match self.state {
            AuthState::Live => {
                self.state = AuthState::Doubted;
                self.ask()
            }
            _ => false,
        }
    }

    /// Refused again and again although authorize gives tokens.
    pub fn give_up(&mut self) {
        self.sign_out("link_reason_token_refused");
    }

    fn sign_out(&mut self, reason: &'static str) {
        self.token = None;
        self.again_at = None;
        self.renew_at = None;
        self.state = AuthState::SignedOut(reason);
    }

    /// Authorize answered 200. `service_now` is its `Date` header.
    pub fn authorized(
        &mut self,
        reply: &AuthorizeReply,
        service_now: Option<Timestamp>,
        now: Now,
        settings: &AmazonConnectSettings,
    ) -> bool {
        self.in_flight = false;
        if matches!(self.state, AuthState::SignedOut(_) | AuthState::Window) {
            return false;
        }
        let Some(token) = reply.access_token.as_ref().filter(|token| !token.expose().is_empty()) else {
            // 200 without a token is no session.
            self.refused();
            return false;
        };
        self.token = Some(SecretString::from(token.expose().to_owned()));
        self.state = AuthState::Live;
        self.failures = 0;
        self.session_over = false;
        self.last_good = Some(now.at);
        // The expiration is by the service's clock; its own Date header tells the rest of the life
        // whatever our clock says.
        let left_ms = reply.expiration.map(|expiration| {
            let at = service_now.map_or(now.wall.0 as f64 / 1000.0, |service| service.0);
            ((expiration.0 - at) * 1000.0) as i64
        });
        self.expires = left_ms.map(|left| now.wall.shifted(left));
        self.renew_at = left_ms.map(|left| {
            let margin = settings.renew_before_ms.min(left / 2);
            let wait = u64::try_from(left.saturating_sub(margin)).unwrap_or(0).max(settings.renew_at_least_every_ms);
            now.at + ms(wait)
        });
        true
    }

    /// Authorize refused a session that was made a moment ago, on every way.
    pub fn turned_away(&mut self) {
        self.in_flight = false;
        self.sign_out("link_reason_turned_away");
    }

    /// Asks again at once, on another way.
    pub fn ask_again(&mut self) -> bool {
        self.in_flight = false;
        !matches!(self.state, AuthState::SignedOut(_) | AuthState::Window) && self.ask()
    }

    /// Authorize refused: no session.
    pub fn refused(&mut self) {
        self.in_flight = false;
        self.again_at = None;
        match self.state {
            AuthState::Live => {
                self.session_over = true;
                self.renew_at = None;
            }
            AuthState::Authorizing => self.sign_out("link_reason_session_expired"),
            AuthState::Doubted => {
                let reason = match (self.by_hand, self.worked) {
                    (true, false) => "link_reason_token_wrong",
                    (true, true) => "link_reason_token_expired",
                    (false, _) => "link_reason_session_expired",
                };
                self.sign_out(reason);
            }
            AuthState::SignedOut(_) | AuthState::Window => {}
        }
    }

    /// Authorize failed for a passing reason.
    pub fn unavailable(&mut self, now: Now, settings: &AmazonConnectSettings) {
        self.in_flight = false;
        self.failures = self.failures.saturating_add(1);
        if matches!(self.state, AuthState::SignedOut(_) | AuthState::Window) {
            return;
        }
        let wait = if self.failures < settings.authorize_tries {
            settings.authorize_retry_ms
        } else {
            let doublings = (self.failures - settings.authorize_tries).min(10);
            let base =
                settings.authorize_backoff_ms.saturating_mul(1 << doublings).min(settings.authorize_backoff_max_ms);
            (base as f64 * rand::rng().random_range(0.5..1.0)) as u64
        };
        self.again_at = Some(now.at + ms(wait));
    }

    /// The computer slept. True: send an authorize call.
    pub fn woke(&mut self, now: Now, settings: &AmazonConnectSettings) -> bool {
        let due = self.expires.is_some_and(|expires| expires.since(now.wall) < settings.renew_before_ms);
        (self.is_live() && due || self.again_at.is_some()) && self.ask()
    }

    /// Next time [`Auth::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.in_flight {
            return None;
        }
        [self.again_at, self.renew_at].into_iter().flatten().min()
    }

    /// Timers. True: send an authorize call.
    pub fn tick(&mut self, now: Now) -> bool {
        if self.in_flight || matches!(self.state, AuthState::SignedOut(_) | AuthState::Window) {
            return false;
        }
        let again = self.again_at.is_some_and(|at| now.at >= at);
        let renew = self.again_at.is_none() && self.renew_at.is_some_and(|at| now.at >= at);
        if renew {
            self.renew_at = None;
        }
        (again || renew) && self.ask()
    }

    /// The agent signs out.
    pub fn forget(&mut self) {
        self.sign_out("link_reason_not_signed_in");
    }
}

/// What the vault keeps of a session.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    cookies: Vec<(String, String)>,
    #[serde(default)]
    route: Option<Route>,
}

/// Cookies to keep, with the way that worked with them: JSON for the vault.
pub fn cookies_to_text(cookies: &[LoginCookie], route: Option<Route>) -> SecretString {
    use secrecy::ExposeSecret;
    let pair = |cookie: &LoginCookie| (cookie.name.clone(), cookie.value.expose_secret().to_owned());
    let kept = Kept { cookies: cookies.iter().map(pair).collect(), route };
    SecretString::from(serde_json::to_string(&kept).unwrap_or_default())
}

/// Cookies from the vault; anything unreadable counts as none. A list alone is
/// what earlier versions kept.
pub fn cookies_from_text(text: &str) -> (Vec<LoginCookie>, Option<Route>) {
    let kept = serde_json::from_str(text).or_else(|_| {
        let list: Result<Vec<(String, String)>, _> = serde_json::from_str(text);
        list.map(|cookies| Kept { cookies, route: None })
    });
    let Kept { cookies, route } = kept.unwrap_or_default();
    let cookie = |(name, value)| LoginCookie { name, value: SecretString::from(value) };
    (cookies.into_iter().map(cookie).collect(), route)
}

/// Takes over what `Set-Cookie` headers renewed. True when something changed.
pub fn renew_cookies(cookies: &mut [LoginCookie], headers: &http::HeaderMap) -> bool {
    use secrecy::ExposeSecret;
    let mut changed = false;
    for header in headers.get_all(http::header::SET_COOKIE) {
        let Some((name, rest)) = header.to_str().ok().and_then(|text| text.split_once('=')) else {
            continue;
        };
        let value = rest.split(';').next().unwrap_or_default().trim();
        let Some(known) = cookies.iter_mut().find(|cookie| cookie.name == name.trim()) else {
            continue;
        };
        if !value.is_empty() && known.value.expose_secret() != value {
            known.value = SecretString::from(value.to_owned());
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests;
