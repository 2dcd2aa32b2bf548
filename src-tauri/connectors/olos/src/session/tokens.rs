//! Tokens: checked before anything is dialled, renewed before their end.

use std::time::Duration;

use secrecy::ExposeSecret;
use trunkline_connector::Event;
use trunkline_connector::ports::Secret;
use trunkline_model::{LinkState, Notice, NoticeAction, NoticeLevel};

use super::{EXPIRING, Now, Session, TokenTrouble};
use crate::token::{self, Claims};

impl Session {
    pub(super) fn on_token(&mut self, attempt: u64, result: Result<Secret, TokenTrouble>, now: Now) {
        let spare = self.spare.take();
        let usable = |secret: &Secret| token::check(secret.expose_secret(), now.wall, &self.settings).is_ok();
        let result = match (result, spare.filter(usable)) {
            (Err(TokenTrouble::Unavailable | TokenTrouble::Unreadable), Some(spare)) => Ok(spare),
            (result, _) => result,
        };
        let trouble = match result {
            Ok(secret) => match token::check(secret.expose_secret(), now.wall, &self.settings) {
                Ok(claims) => return self.dial(attempt, &secret, claims, now),
                // A new one from a service may be right; the same one from the vault never is.
                Err(fault) if self.source.renews() => {
                    tracing::warn!(%fault, "the token of the company's service cannot be used");
                    "link_reason_token_service_wrong"
                }
                Err(fault) => return self.need_sign_in(fault.reason(), now),
            },
            Err(TokenTrouble::Missing) => return self.need_sign_in("link_reason_not_signed_in", now),
            Err(TokenTrouble::Refused) => return self.need_sign_in("link_reason_token_service_refused", now),
            Err(TokenTrouble::Unavailable) => "link_reason_token_service_unavailable",
            Err(TokenTrouble::Unreadable) => "link_reason_token_service_wrong",
        };
        self.trouble = trouble;
        self.client.failed(attempt, now.at);
    }

    pub(super) fn on_renewed(&mut self, result: Result<Secret, TokenTrouble>, now: Now) {
        match result {
            Ok(secret) => match token::check(secret.expose_secret(), now.wall, &self.settings) {
                Ok(claims) => {
                    tracing::info!("the token was renewed before its end");
                    self.plan_renewal(&claims, now);
                    self.spare = Some(secret);
                }
                Err(fault) => tracing::warn!(%fault, "the renewed token cannot be used"),
            },
            // The open connection stays; the next one asks again.
            Err(trouble) => tracing::warn!(?trouble, "the token could not be renewed"),
        }
    }

    pub(super) fn plan_renewal(&mut self, claims: &Claims, now: Now) {
        let left = claims.expires.saturating_sub(now.wall.0).saturating_sub(self.settings.token_renew_before_ms);
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        // Not for ever at once when a service hands out tokens that are nearly over.
        let half = Duration::from_millis(u64::try_from(claims.expires.saturating_sub(now.wall.0) / 2).unwrap_or(0));
        let left = left.max(half).max(Duration::from_secs(1));
        self.renew_at = now.at.checked_add(left);
    }

    pub(super) fn warn_of_expiry(&mut self, now: Now) {
        self.emit(Event::Notice(Notice {
            id: EXPIRING.to_owned(),
            level: NoticeLevel::Warning,
            message_key: "notice_token_expiring".to_owned(),
            params: Default::default(),
            account: None,
            contact: None,
            action: Some(NoticeAction::SignIn),
            at: now.wall,
        }));
    }

    pub(super) fn need_sign_in(&mut self, reason: &'static str, now: Now) {
        tracing::info!(reason, "sign-in is needed");
        self.client.disconnect();
        self.lose_roster();
        self.set_link(LinkState::NeedsSignIn, Some(reason), None, now);
    }
}
