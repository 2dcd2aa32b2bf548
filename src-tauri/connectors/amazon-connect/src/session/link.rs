//! What the desk is told of the account's connection.

use tokio::time::Instant;
use trunkline_connector::Event;
use trunkline_model::{Link, LinkState};

use super::socket::SocketTrouble;
use super::{Now, Session};
use crate::auth::AuthState;
use crate::settings::ms;

impl Session {
    /// State, reason and next try, told when they change.
    pub(super) fn show_link(&mut self, now: Now) {
        if self.ended {
            return;
        }
        let Some((state, reason, retry_at)) = self.link_now(now) else {
            return;
        };
        let retry_at = retry_at.map(|at| now.wall_at(at));
        let reason = reason.map(str::to_owned);
        let last = self.link.as_ref();
        let same_state = last.is_some_and(|link| link.state == state);
        // A planned try that moves by less than this is the same plan.
        let same_retry = match (last.and_then(|link| link.retry_at), retry_at) {
            (Some(old), Some(new)) => old.since(new).abs() < 250,
            (old, new) => old == new,
        };
        if same_state && same_retry && last.is_some_and(|link| link.reason == reason) {
            return;
        }
        let since = last.filter(|_| same_state).map_or(now.wall, |link| link.since);
        let link = Link { state, reason, since, retry_at };
        tracing::info!(state = ?link.state, reason = link.reason.as_deref(), "link");
        self.link = Some(link.clone());
        self.emit(Event::Link(link));
    }

    /// When a row of failures has lasted too long to pass by itself.
    pub(super) fn offline_at(&self) -> Option<Instant> {
        self.poll.failing_since.map(|since| since + ms(self.settings.poll_offline_ms))
    }

    /// The polls that fail are more than a passing one. Nothing arrives before
    /// the first picture, and nothing will while both ways are refused.
    fn is_offline(&self, now: Now) -> bool {
        let lasting = self.poll.failures >= self.settings.poll_offline_failures
            || self.offline_at().is_some_and(|at| now.at >= at);
        lasting || !self.picture.published || self.ways.all_refused()
    }

    fn link_now(&self, now: Now) -> Option<(LinkState, Option<&'static str>, Option<Instant>)> {
        let auth_retry = self.auth.retry_at();
        match self.auth.state() {
            AuthState::SignedOut(reason) => return Some((LinkState::NeedsSignIn, Some(reason), None)),
            AuthState::Window => return Some((LinkState::Connecting, Some("link_reason_signing_in"), None)),
            AuthState::Authorizing | AuthState::Doubted if self.ways.all_refused() => {
                return Some((LinkState::Offline, Some("link_reason_ways_refused"), auth_retry));
            }
            AuthState::Authorizing | AuthState::Doubted if self.auth.failures() > 0 => {
                return Some((LinkState::Offline, Some("link_reason_authorize_failed"), auth_retry));
            }
            AuthState::Authorizing => return Some((LinkState::Connecting, None, None)),
            // A renewal takes an instant: what is shown stays.
            AuthState::Doubted => return self.link.is_none().then_some((LinkState::Connecting, None, None)),
            AuthState::Live => {}
        }
        if self.poll.failures > 0 {
            let retry = self.poll.at.filter(|_| self.poll.in_flight.is_none());
            let state = if self.is_offline(now) { LinkState::Offline } else { LinkState::Degraded };
            // While the next try runs the plan of before stays in place.
            return Some((state, self.poll.reason, retry));
        }
        if !self.picture.published {
            return Some((LinkState::Connecting, None, None));
        }
        if let Some(trouble) = self.socket.trouble() {
            let reason = match trouble {
                SocketTrouble::Lost => "link_reason_socket_lost",
                SocketTrouble::Unacceptable => "link_reason_socket_refused",
                SocketTrouble::SubscriptionRefused => "link_reason_signalling_refused",
            };
            return Some((LinkState::Degraded, Some(reason), self.socket.retry_at()));
        }
        if !self.socket.is_ready() {
            return Some(if self.socket_ever_ready {
                (LinkState::Degraded, Some("link_reason_socket_lost"), None)
            } else {
                (LinkState::Connecting, None, None)
            });
        }
        if self.socket.is_shallow() {
            return Some((LinkState::Degraded, Some("link_reason_socket_shallow"), None));
        }
        // A single failed round has no effect that an agent would notice.
        if self.configuration.failures >= 2 {
            return Some((LinkState::Degraded, Some("link_reason_configuration_failed"), self.configuration.at));
        }
        if self.auth.session_is_ending() {
            return Some((LinkState::Degraded, Some("link_reason_session_ending"), None));
        }
        Some((LinkState::Online, None, None))
    }
}
