//! The socket: dialling, what the Socket.IO client tells, and the picture that is
//! put together after each connection.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_connector::ports::WebSocketFailure;
use trunkline_connector::{CommandCode, CommandError, Event};
use trunkline_model::{ContactId, LinkState, NoticeLevel, Outcome};
use trunkline_wire::socketio::{AckHandle, Event as From, LostBy, Output, endpoint};

use super::{Action, Awaited, Now, Phase, Reconcile, Rest, Session, extract};
use crate::cim::Topic;
use crate::settings::ms;
use crate::talk::Stage;

/// Until a socket that was refused by something passing is asked for again.
const REFUSED_WAIT: Duration = Duration::from_secs(5);
/// Where the tasks cannot be read, what the platform sends by itself is waited for this long.
const WITHOUT_TASKS: Duration = Duration::from_millis(1_500);
/// Frames beyond the limit after which the agent is told, when they come one soon
/// after the other: most likely it is always the same one.
const TOO_LARGE: u32 = 2;
/// Soon enough for that.
const TOGETHER: Duration = Duration::from_secs(60);

impl Session {
    pub(super) fn on_opened(&mut self, attempt: u64, now: Now) {
        let Some(user) = &self.user else { return };
        // The agent is text that holds JSON: the platform's desk sends it so.
        let auth = json!({
            "agent": user.raw.to_string(),
            "fcm": { "desktopFcmKey": null, "mobileFcmKey": null },
        });
        self.client.opened(attempt, auth, now.at);
    }

    pub(super) fn on_not_opened(&mut self, attempt: u64, failure: &WebSocketFailure, now: Now) {
        self.trouble = match failure {
            WebSocketFailure::Refused(500..=599) => "link_reason_service_unavailable",
            WebSocketFailure::Refused(_) => "link_reason_socket_refused",
            WebSocketFailure::Tls => "link_reason_not_secure",
            WebSocketFailure::Connect
            | WebSocketFailure::Timeout
            | WebSocketFailure::TooLarge
            | WebSocketFailure::Broken => "link_reason_unreachable",
        };
        self.client.failed(attempt, now.at);
    }

    pub(super) fn pump(&mut self, now: Now) {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Open { attempt } => self.dial(attempt, now),
                Output::Send(frame) => self.actions.push_back(Action::Send(frame)),
                Output::Close(code) => self.actions.push_back(Action::Close(code)),
                Output::Event(event) => self.on_socket(event, now),
            }
        }
    }

    fn dial(&mut self, attempt: u64, now: Now) {
        let name = self.user.as_ref().map(|user| user.username.clone()).unwrap_or_default();
        match endpoint(&self.addresses.socket, &self.settings.socket_path, &[("username".to_owned(), name)]) {
            Ok(url) => self.actions.push_back(Action::Dial(attempt, url)),
            Err(error) => {
                tracing::warn!(%error, "the address cannot be dialled");
                self.trouble = "link_reason_unreachable";
                self.client.failed(attempt, now.at);
            }
        }
    }

    fn on_socket(&mut self, event: From, now: Now) {
        match event {
            From::Ready { recovered, .. } => self.on_ready(recovered, now),
            From::Refused { message, data } => self.on_refused(&message, &data, now),
            From::Kicked => {
                // Leaving ends so as well; and one that took over has said so before.
                if let Phase::Leaving(id, _) = self.phase.clone() {
                    self.leave(id);
                } else if self.phase == Phase::SignedIn {
                    self.sign_out_here("link_reason_logged_out_by_platform", now);
                }
            }
            From::NotOpened { by, retry } => {
                tracing::debug!(?by, retry_ms = retry.as_millis(), "not connected");
                if by == LostBy::Silence {
                    self.trouble = "link_reason_no_answer";
                }
                self.offline(self.trouble, retry, now);
            }
            From::Lost { by, retry } => {
                let reason = match by {
                    LostBy::PingTimeout | LostBy::Silence => "link_reason_no_answer",
                    LostBy::Malformed(_) => "link_reason_malformed_answer",
                    LostBy::Dial | LostBy::Closed(_) | LostBy::ByServer => "link_reason_connection_broken",
                };
                tracing::info!(?by, retry_ms = retry.as_millis(), "the connection was lost");
                self.lost(now);
                self.offline(reason, retry, now);
            }
            From::Received { name, args, ack, attachments } => {
                if attachments > 0 {
                    tracing::warn!(name, attachments, "bytes were left out: none are known to come so");
                }
                let argument = args.into_iter().next().unwrap_or(Value::Null);
                self.on_platform(&name, argument, ack, now);
            }
            From::Unread { name, list, ack } => match Topic::read(list) {
                Some(topic) if name == "onTopicData" => self.on_conversation(topic, Some(ack), now),
                Some(topic) => self.on_platform(&name, topic.argument, Some(ack), now),
                None => self.client.unreadable(ack, now.at),
            },
            // Nothing is asked on the socket that has an answer.
            From::Answered { .. } | From::Unanswered { .. } => {}
        }
    }

    fn offline(&mut self, reason: &'static str, retry: Duration, now: Now) {
        if matches!(self.phase, Phase::SignedIn) {
            self.set_link(LinkState::Offline, Some(reason), Some(retry), now);
        }
    }

    fn lost(&mut self, now: Now) {
        self.reconcile = None;
        // What was sent may have arrived: only messages say so when the picture comes
        // anew. Everything else is told as not confirmed. A file goes up on another
        // connection, and is said once it is there.
        let calls = &self.calls;
        let goes_on = |awaited: &Awaited| {
            let Awaited::Message(contact, token) = awaited else { return false };
            calls.values().any(
                |call| matches!(&call.rest, Rest::Upload(file) if file.contact == *contact && file.token == *token),
            )
        };
        for pending in extract(&mut self.pending, |pending| !goes_on(&pending.awaited)) {
            self.answer(pending.id, Err(CommandError::new(CommandCode::Unavailable, "the connection broke off")));
        }
        let ids: Vec<ContactId> = self.talks.keys().cloned().collect();
        for id in ids {
            self.with_talk(&id, now, |talk, around| {
                talk.confirmed = false;
                talk.tell(around)
            });
        }
    }

    fn on_refused(&mut self, message: &str, data: &Value, now: Now) {
        let content = &data["content"];
        let words = content["msg"].as_str().unwrap_or(message);
        tracing::warn!(message, words, "the socket was refused");
        let licence =
            content["key"].as_str() == Some("LM") && content["licStatus"].as_str().is_some_and(|s| !s.is_empty());
        if message == "login-failed" {
            self.password = None;
            return self.sign_out_here("link_reason_login_failed_socket", now);
        }
        if licence {
            return self.sign_out_here("link_reason_licence", now);
        }
        // The server's middleware may be out of order for a moment.
        self.dial_again = Some(now.at + REFUSED_WAIT);
        self.set_link(LinkState::Offline, Some("link_reason_socket_refused"), Some(REFUSED_WAIT), now);
    }

    fn on_ready(&mut self, recovered: bool, now: Now) {
        tracing::info!(recovered, "connected");
        self.dial_again = None;
        self.set_link(LinkState::Connecting, None, None, now);
        if recovered {
            // Everything that happened meanwhile was told.
            for talk in self.talks.values_mut() {
                talk.confirmed = true;
            }
        }
        let presence = recovered && self.presence.is_some();
        self.reconcile = Some(Reconcile { until: now.at + ms(self.settings.reconcile_ms), presence, tasks: None });
        self.ask(Rest::Tasks, None);
    }

    /// The platform's list of the agent's tasks, or that it cannot be had.
    pub(super) fn on_tasks(&mut self, result: Result<Value, ()>, now: Now) {
        let Some(user) = &self.user else { return };
        let Some(reconcile) = &mut self.reconcile else { return };
        let listed =
            result.and_then(|answer| answer.as_array().or_else(|| answer["data"].as_array()).cloned().ok_or(()));
        let tasks = listed.map(|rows| {
            let rows = rows.iter().map(crate::cim::Task::read);
            let mine = rows.filter(|task| task.agent.as_deref().is_none_or(|agent| agent == user.id));
            let open = mine.filter(|task| task.state != "CLOSED");
            open.filter_map(|task| task.conversation).map(ContactId::new).collect()
        });
        if tasks.is_err() {
            reconcile.until = reconcile.until.min(now.at + WITHOUT_TASKS);
        }
        reconcile.tasks = Some(tasks);
    }

    pub(super) fn presence_seen(&mut self) {
        if let Some(reconcile) = &mut self.reconcile {
            reconcile.presence = true;
        }
    }

    /// Once everything has been told that is to be told, or has had its time.
    pub(super) fn finish_reconcile(&mut self, now: Now) {
        let Some(reconcile) = &self.reconcile else { return };
        let over = reconcile.until <= now.at;
        let listed = |id: &ContactId| matches!(&reconcile.tasks, Some(Ok(tasks)) if tasks.contains(id));
        let whole = match &reconcile.tasks {
            Some(Ok(tasks)) => {
                // Every task of the list is here, and none that is here is still unknown.
                tasks.iter().all(|id| self.talks.get(id).is_some_and(|talk| talk.confirmed))
            }
            _ => false,
        };
        let settings = |rest: &Rest| matches!(rest, Rest::Reasons | Rest::Desk | Rest::Form | Rest::Schema);
        let known = !self.calls.values().any(|call| settings(&call.rest));
        if !(over && self.presence.is_some() || whole && known && reconcile.presence) {
            if over {
                tracing::warn!("the platform has not told the agent's states");
                if let Some(reconcile) = &mut self.reconcile {
                    reconcile.until = now.at + ms(self.settings.reconcile_ms);
                }
            }
            return;
        }
        let known = matches!(&reconcile.tasks, Some(Ok(_)));
        let (mut gone, mut again) = (Vec::new(), Vec::new());
        for talk in self.talks.values().filter(|talk| !talk.confirmed) {
            if listed(&talk.id) && talk.stage != Stage::Offered {
                again.push(talk.id.clone());
            } else if known || talk.stage == Stage::Offered {
                let outcome = if talk.stage == Stage::Offered { Outcome::Missed } else { talk.outcome("") };
                gone.push((talk.id.clone(), outcome));
            }
        }
        self.reconcile = None;
        for (id, outcome) in gone {
            self.gone(&id, Some(outcome));
        }
        for id in again {
            self.subscribe(&id);
        }
        self.emit(Event::ResyncStart);
        self.told_agent = None;
        self.tell_agent();
        let ids: Vec<ContactId> = self.talks.keys().cloned().collect();
        for id in ids {
            self.with_talk(&id, now, |talk, around| vec![talk.repeat(around)]);
        }
        self.emit(Event::ResyncEnd);
        self.set_link(LinkState::Online, None, None, now);
        for (id, deadline, command) in std::mem::take(&mut self.held) {
            self.carry_out(id, deadline, command, now);
        }
    }

    /// Asks for the conversation with the part that is offered.
    pub(super) fn subscribe(&mut self, id: &ContactId) -> bool {
        let participant = self.uuid();
        let (Some(talk), Some(user)) = (self.talks.get(id), &self.user) else { return false };
        let argument = talk.subscription(user, &participant);
        self.emit_to("topicSubscription", argument).is_ok()
    }

    /// Says that a conversation has been taken in.
    pub(super) fn acknowledge(&mut self, ack: Option<AckHandle>) {
        if let Some(ack) = ack
            && !self.client.answer(ack, vec![json!({ "status": "ok" })])
        {
            tracing::debug!("too late for an acknowledgement");
        }
    }

    /// A frame was beyond the limit: the connection is lost by it, and would be again.
    pub(super) fn frame_too_large(&mut self, now: Now) {
        let (count, last) = self.too_large.unwrap_or((0, now.at));
        let count = if now.at.saturating_duration_since(last) > TOGETHER { 1 } else { count + 1 };
        self.too_large = Some((count, now.at));
        if count >= TOO_LARGE {
            self.notice("frame-too-large", NoticeLevel::Error, "notice_expertflow_too_large", &[], None, now);
        }
    }
}
