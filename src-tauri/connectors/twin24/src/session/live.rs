//! Live events: the link to them, and what they lead to. Each is a hint: what it is
//! about is read over HTTP. Codes are those of docs/connectors/centrifugo.md, section 7.

use std::time::Duration;

use bytes::Bytes;
use secrecy::ExposeSecret;
use serde_json::json;
use trunkline_connector::ports::{CentrifugoEvent, Secret};
use trunkline_model::{ContactId, LinkState};

use super::{Action, LiveState, Now, Phase, Session};
use crate::event::{Hint, Meaning};
use crate::settings::ms;

/// How long the channels of a new connection may take to be told.
const SETTLES: Duration = Duration::from_millis(150);
/// Turned away twice within this: a new token does not help.
const TWICE: Duration = Duration::from_secs(60);
/// Names of unknown events that are remembered.
const UNKNOWN: usize = 100;

/// What a final close means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Final {
    /// The token: a new one may do.
    TurnedAway,
    /// The newer of two connections won.
    Elsewhere,
    /// Put out by the platform.
    PutOut,
    /// A fault of ours or theirs: later, once more.
    Fault,
}

/// By code: refusals of `connect` below 2000, closes from 3000 on.
pub(super) fn meaning(code: u32) -> Final {
    match code {
        // 1 is what the client makes of 109 when it has no way of its own to a new token.
        1 | 101 | 103 | 109 | 110 | 3500 | 3507 | 4500..=4999 => Final::TurnedAway,
        3504 => Final::Elsewhere,
        3503 => Final::PutOut,
        _ => Final::Fault,
    }
}

impl Session {
    /// What the platform's connect proxy wants to see.
    pub(super) fn live_data(&self) -> Option<Secret> {
        let token = self.token.as_ref()?;
        let data = json!({
            "application": self.settings.application,
            "settings": { "token": token.expose_secret() },
        });
        Some(Secret::from(data.to_string()))
    }

    pub(super) fn connect_live(&mut self) {
        if let Some(data) = self.live_data() {
            self.actions.push_back(Action::Connect(data));
        }
    }

    pub(super) fn on_live(&mut self, event: CentrifugoEvent, now: Now) {
        if self.phase != Phase::SignedIn {
            return;
        }
        match event {
            CentrifugoEvent::Connecting { code } => self.live_lost(code, now),
            CentrifugoEvent::Connected => {
                // Which channels come, and what they bring, is told right after.
                self.missed = false;
                self.live_settles = Some(now.at + SETTLES);
            }
            CentrifugoEvent::Subscribed { recovered, .. } => self.missed |= recovered != Some(true),
            CentrifugoEvent::Unsubscribed { .. } => {
                tracing::warn!("the platform took a channel away: all is read anew");
                self.sweep_soon(true, now);
            }
            CentrifugoEvent::Publication { data, .. } | CentrifugoEvent::Message { data } => {
                self.on_published(&data, now)
            }
            CentrifugoEvent::Trouble { code, words } => {
                tracing::info!(code, words, "no live events yet");
                self.live_failed = true;
                if self.pictured && self.link.state == LinkState::Connecting {
                    self.set_link(LinkState::Degraded, Some("link_reason_socket_lost"), None, now);
                }
            }
            CentrifugoEvent::Disconnected { code, reason } => self.live_closed(code, &reason, now),
        }
    }

    fn live_lost(&mut self, code: u32, now: Now) {
        let was = std::mem::replace(&mut self.live, LiveState::Down);
        self.live_settles = None;
        if was == LiveState::Up {
            (self.live_lost, self.live_failed) = (true, true);
            tracing::info!(code, "the live events broke off");
            self.set_link(LinkState::Degraded, Some("link_reason_socket_lost"), None, now);
            self.sweep_soon(false, now);
        }
    }

    /// The channels of the new connection are known.
    pub(super) fn live_settled(&mut self, now: Now) {
        self.live = LiveState::Up;
        (self.turned_away, self.live_failed) = (None, false);
        tracing::info!(missed = self.missed, "live events come");
        if self.missed && self.pictured {
            // An edit that nobody told of shows in no list.
            for dialog in self.dialogs.values_mut().filter(|dialog| !dialog.is_over()) {
                dialog.mark(now.at);
            }
        }
        self.picture_due |= std::mem::take(&mut self.live_lost);
        self.sweep_soon(false, now);
    }

    fn live_closed(&mut self, code: u32, reason: &str, now: Now) {
        self.live_lost |= self.live == LiveState::Up;
        self.live = LiveState::Down;
        (self.live_settles, self.live_failed) = (None, true);
        let what = meaning(code);
        tracing::warn!(code, reason, ?what, "the live events were closed for good");
        match what {
            Final::Elsewhere => self.put_out("link_reason_signed_in_elsewhere", None, now),
            Final::PutOut => self.put_out("link_reason_logged_out_by_platform", None, now),
            Final::TurnedAway => {
                // One that was told that its token is over may not even try with another.
                self.actions.push_back(Action::Disconnect);
                let again = self.turned_away.replace(now.at);
                if again.is_some_and(|before| now.at.saturating_duration_since(before) < TWICE) {
                    // The services still let us in, so work goes on without live events.
                    self.live_later("link_reason_socket_refused", now);
                } else {
                    self.set_link(LinkState::Degraded, Some("link_reason_socket_lost"), None, now);
                    self.renew();
                }
            }
            Final::Fault => {
                // Begun anew without asking for what was missed: that may be what broke it.
                self.actions.push_back(Action::Disconnect);
                self.live_later("link_reason_socket_refused", now);
            }
        }
        if self.phase == Phase::SignedIn {
            self.sweep_soon(false, now);
        }
    }

    fn live_later(&mut self, reason: &str, now: Now) {
        let wait = ms(self.settings.final_wait_ms);
        self.live_again = Some(now.at + wait);
        self.set_link(LinkState::Degraded, Some(reason), Some(wait), now);
    }

    fn on_published(&mut self, data: &Bytes, now: Now) {
        let Some(hint) = Hint::read(data, &self.settings.event_fields) else {
            return tracing::warn!(bytes = data.len(), "a publication that cannot be read was left out");
        };
        let me = self.me.as_ref().map(|me| me.id.clone());
        let for_somebody_else = hint.operator.is_some() && me.is_some() && hint.operator != me;
        let session = hint.session.clone().map(ContactId::new);
        match hint.meaning {
            Meaning::OperatorBlocked if !for_somebody_else => {
                self.put_out("link_reason_operator_blocked", hint.reason.as_deref(), now);
            }
            Meaning::UserExists if !for_somebody_else => {
                self.put_out("link_reason_signed_in_elsewhere", hint.reason.as_deref(), now);
            }
            Meaning::OperatorLoggedOut if !for_somebody_else => self.logged_out = true,
            Meaning::OperatorBlocked | Meaning::UserExists | Meaning::OperatorLoggedOut => {}
            Meaning::SessionStarted
            | Meaning::OperatorNotFound
            | Meaning::SessionAdded
            | Meaning::SwitchedToOperator => self.session_came(session, now),
            Meaning::MessageCreated | Meaning::MessageEdited | Meaning::MessageRead => self.look_into(session, now),
            Meaning::SessionDeleted => self.went(session, now),
            Meaning::ClosedByClient => {
                if let Some(session) = &session {
                    self.with_dialog(session, now, |dialog, _| dialog.client_closes = true);
                }
                self.went(session, now);
            }
            Meaning::Typing => self.of_client(session, hint.client.as_deref(), now, |session, id, now| {
                session.with_dialog(id, now, |dialog, around| dialog.typing(around));
            }),
            Meaning::ClientOnline | Meaning::ClientOffline => {
                self.of_client(session, hint.client.as_deref(), now, |session, id, now| {
                    session.look_into(Some(id.clone()), now);
                });
            }
            Meaning::Unknown(name) => {
                if self.unknown_events.len() < UNKNOWN && self.unknown_events.insert(name.clone()) {
                    tracing::warn!(event = name, "an event that is not in the vendor's list");
                }
                self.sweep_soon(true, now);
            }
        }
    }

    /// Something about a session: one that is not known may have become the operator's.
    fn session_came(&mut self, session: Option<ContactId>, now: Now) {
        self.look_into(session, now);
        self.sweep_soon(true, now);
    }

    /// It is not the operator's any more, or over: what became of it is read at once.
    fn went(&mut self, session: Option<ContactId>, now: Now) {
        match session {
            Some(session) if self.dialogs.contains_key(&session) => self.ask_session(&session),
            _ => {}
        }
        self.sweep_soon(true, now);
    }

    fn look_into(&mut self, session: Option<ContactId>, now: Now) {
        let at = self.wait_for(true, now);
        match session.as_ref().and_then(|id| self.dialogs.get_mut(id)) {
            Some(dialog) => dialog.mark(at),
            None => self.sweep_soon(true, now),
        }
    }

    /// All sessions of a client, where the event names the client alone.
    fn of_client(
        &mut self,
        session: Option<ContactId>,
        client: Option<&str>,
        now: Now,
        act: impl Fn(&mut Self, &ContactId, Now),
    ) {
        let is = |dialog: &crate::dialog::Dialog| match &session {
            Some(session) => dialog.id == *session,
            None => client.is_some() && dialog.doc.client.as_deref() == client,
        };
        let ids: Vec<ContactId> =
            self.dialogs.values().filter(|dialog| is(dialog)).map(|dialog| dialog.id.clone()).collect();
        for id in ids {
            act(self, &id, now);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_final_code_of_the_table_has_a_meaning() {
        let table: Value =
            serde_json::from_str(include_str!("../../tests/fixtures/centrifugo/codes-disconnect.json")).unwrap();
        let text = table.to_string();
        for code in 3500..=3509_u32 {
            assert!(text.contains(&code.to_string()), "{code} is in the table");
        }
        let read: Vec<_> = (3500..=3509).map(meaning).collect();
        use Final::{Elsewhere, Fault, PutOut, TurnedAway};
        assert_eq!(read, [TurnedAway, Fault, Fault, PutOut, Elsewhere, Fault, Fault, TurnedAway, Fault, Fault]);
        assert_eq!((meaning(4501), meaning(101), meaning(3)), (TurnedAway, TurnedAway, Fault));
    }
}
