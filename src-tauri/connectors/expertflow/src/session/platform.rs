//! What the platform tells over the socket.

use serde_json::{Value, json};
use trunkline_connector::{CommandCode, CommandError, Event};
use trunkline_model::{
    Attribute, ContactId, EventSort, LinkState, NoticeLevel, Outcome, Party, PlatformEvent, PlatformEventId,
};
use trunkline_wire::socketio::AckHandle;

use super::{Awaited, Now, Phase, Session, extract};
use crate::cim::{self, Topic};
use crate::presence::{self, Presence};
use crate::talk::{Offer, Role, Stage, Talk};

impl Session {
    pub(super) fn on_platform(&mut self, name: &str, argument: Value, ack: Option<AckHandle>, now: Now) {
        if name == "onTopicData" {
            return self.on_conversation(Topic::of(argument), ack, now);
        }
        let argument = &argument;
        match name {
            "agentPresence" => self.on_presence(argument, now),
            "taskRequest" => self.on_offer(argument, now),
            "revokeTask" => self.on_revoked(argument, now),
            "onCimEvent" => self.on_event(argument, now),
            "topicUnsubscription" | "topicClosed" => self.on_unsubscribed(argument, now),
            "wrapupTimerStarted" => self.on_wrap_up_timer(argument, now),
            "agentAssistanceRequestPlaced" => self.on_placed(argument),
            "agentAssignedForAssistance" => self.on_assigned(argument),
            "errors" => self.on_error(argument, now),
            "socketSessionRemoved" => {
                if self.phase == Phase::SignedIn {
                    self.sign_out_here("link_reason_session_removed", now);
                }
            }
            "consulTransferRequestSuccess" => self.on_consult_transferred(argument),
            "onPullModeSubscribedList" => self.lists.set_subscribed(argument),
            "pullModeSubscribedListRequests" => self.lists.set_requests(argument),
            "addPullModeSubscribedListRequests" => self.lists.add_requests(argument),
            "removePullModeSubscribedListRequests" => self.lists.remove(argument.as_str().unwrap_or_default()),
            "onPullModeSubscribedListRequest" => {
                if !self.lists.happened(argument) {
                    tracing::warn!("a request of a pull-mode list cannot be read");
                }
            }
            "ANNOUNCEMENT_CREATED" => self.on_announcement(argument, now),
            // What was told cannot be untold; the list of events keeps it.
            "ANNOUNCEMENT_DELETED" | "onChannelTypes" => {}
            other => tracing::debug!(event = other, "an event that is not acted on"),
        }
    }

    fn on_presence(&mut self, argument: &Value, now: Now) {
        let Some(told) = Presence::read(argument) else {
            return tracing::warn!("states that cannot be read were left out");
        };
        let mine = self.user.as_ref().is_some_and(|user| user.id == told.agent);
        if !mine {
            return;
        }
        if let Some(at) = told.newest().filter(|_| argument["agentStateChanged"] == json!(true)) {
            self.observe_clock(Some(at), now);
        } else if let Some(at) = told.newest().filter(|at| at.since(now.wall) > self.ahead) {
            // Nothing has happened in the future.
            self.observe_clock(Some(at), now);
        }
        if told.is_logout() {
            match self.phase.clone() {
                Phase::Leaving(id, _) => return self.leave(id),
                Phase::SignedIn => {
                    // Asked for by the agent as a state, it is answered before the end.
                    self.confirm(&told, true);
                    return self.sign_out_here("link_reason_logged_out_by_platform", now);
                }
                _ => return,
            }
        }
        let unchanged = argument["action"].as_str() == Some("AGENT_STATE_UNCHANGED");
        self.confirm(&told, unchanged);
        self.presence = Some(told);
        self.presence_seen();
        self.tell_agent();
    }

    /// Answers commands for states by what came of them.
    fn confirm(&mut self, told: &Presence, unchanged: bool) {
        let done = extract(&mut self.pending, |pending| match &pending.awaited {
            Awaited::State(wanted) => told.is(wanted),
            Awaited::Media(domain, ready) => told.is_switched(domain.as_str(), *ready),
            _ => false,
        });
        for pending in done {
            self.answer(pending.id, Ok(()));
        }
        if unchanged {
            let refused = |awaited: &Awaited| matches!(awaited, Awaited::State(_) | Awaited::Media(..));
            for pending in extract(&mut self.pending, |pending| refused(&pending.awaited)) {
                let error = CommandError::new(CommandCode::NotPossible, "the platform left the state unchanged");
                self.answer(pending.id, Err(error));
            }
        }
    }

    pub(super) fn tell_agent(&mut self) {
        let (Some(presence), Some(user)) = (&self.presence, &self.user) else { return };
        if self.reconcile.is_some() {
            // Told with the whole picture.
            return;
        }
        let around = presence::Around {
            user,
            reasons: &self.reasons,
            wrap_up: self.form.as_ref(),
            auto_accept: self.auto_answer,
            ahead: self.ahead,
        };
        let agent = presence::agent(presence, &around);
        if self.told_agent.as_ref() != Some(&agent) {
            self.told_agent = Some(agent.clone());
            self.emit(Event::Agent(Box::new(agent)));
        }
    }

    fn on_offer(&mut self, argument: &Value, now: Now) {
        let Some(offer) = Offer::read(argument) else {
            return tracing::warn!("an offer that cannot be read was left out");
        };
        let Some(user) = self.user.clone() else { return };
        let id = ContactId::new(offer.conversation.as_str());
        let facts = self.facts();
        let around = Self::around(&user, &self.settings, &self.schema, facts, now);
        let known = self.talks.get_mut(&id);
        let joins = known.as_ref().is_some_and(|talk| talk.is_joining(&offer));
        match known {
            // At work already, and told once more after a reconnect: it is read anew.
            Some(talk) if !matches!(talk.stage, Stage::Offered | Stage::Joining) => {
                if offer.is_started() || !talk.confirmed {
                    self.subscribe(&id);
                }
                return;
            }
            Some(talk) => talk.offered_again(&offer, &around),
            None => drop(self.talks.insert(id.clone(), Talk::offered(&offer, &around))),
        }
        // Told twice, it is asked for once.
        let takes_itself = !joins && (offer.is_started() || (self.auto_answer && !offer.is_call()));
        if takes_itself
            && self.subscribe(&id)
            && let Some(talk) = self.talks.get_mut(&id)
        {
            talk.stage = Stage::Joining;
            talk.by_itself = true;
        }
        self.with_talk(&id, now, |talk, around| talk.tell(around));
    }

    fn on_revoked(&mut self, argument: &Value, now: Now) {
        let Some(id) = conversation(argument) else { return };
        let Some(talk) = self.talks.get(&id) else { return };
        match talk.stage {
            Stage::Offered | Stage::Joining => self.taken_back(&id, "the offer was taken back", now),
            // At work, and not told anew after a reconnect: it is somebody else's now.
            _ if !talk.confirmed => {
                let outcome = talk.outcome("");
                self.gone(&id, Some(outcome));
            }
            _ => {}
        }
    }

    /// An offer does not stand any more.
    fn taken_back(&mut self, id: &ContactId, why: &str, now: Now) {
        let Some(talk) = self.talks.get(id) else { return };
        let run_out = talk.has_run_out(self.settings.accept_timeout_ms, now.wall);
        let outcome = if run_out { Outcome::Missed } else { Outcome::Abandoned };
        let customer = talk.customer_name();
        for pending in extract(&mut self.pending, |pending| pending.awaited == Awaited::Taken(id.clone())) {
            self.answer(pending.id, Err(CommandError::new(CommandCode::NotPossible, why)));
        }
        self.gone(id, Some(outcome));
        if outcome == Outcome::Missed {
            let cause = format!("offer-taken:{id}");
            self.notice(&cause, NoticeLevel::Info, "notice_offer_taken", &[("customer", &customer)], None, now);
        }
    }

    /// The offer that a refused subscription was for, as far as that is known.
    fn refused_offer(&self, here: Option<&ContactId>) -> Option<ContactId> {
        let open = |id: &&ContactId| {
            self.talks.get(id).is_some_and(|talk| matches!(talk.stage, Stage::Offered | Stage::Joining))
        };
        if let Some(here) = here {
            return Some(here).filter(open).cloned();
        }
        let taken = self.pending.iter().find_map(|pending| match &pending.awaited {
            Awaited::Taken(contact) => Some(contact),
            _ => None,
        });
        if let Some(taken) = taken {
            return Some(taken).filter(open).cloned();
        }
        // One that was taken by itself; among several it could be any.
        let mut joining = self.talks.values().filter(|talk| talk.stage == Stage::Joining);
        let first = joining.next()?.id.clone();
        joining.next().is_none().then_some(first)
    }

    pub(super) fn on_conversation(&mut self, topic: Topic, ack: Option<AckHandle>, now: Now) {
        let argument = &topic.argument;
        let id = conversation(argument).or_else(|| argument["topicData"]["id"].as_str().map(ContactId::new));
        let (Some(id), Some(user), true) = (id, self.user.clone(), argument["topicData"].is_object()) else {
            tracing::warn!("a conversation that cannot be read was left out");
            let known = conversation(argument).filter(|id| {
                // One at work stays: what is known of it is better than leaving the customer.
                !self.talks.get(id).is_some_and(|talk| talk.confirmed && talk.is_at_work())
            });
            if let (Some(id), Some(user)) = (known, &self.user) {
                // As the platform's own desk does: better without it than half in it.
                let argument = json!({ "conversationId": id, "agentId": user.id, "roomInfo": argument["roomInfo"] });
                let _ = self.emit_to("topicUnsubscription", argument);
                self.notice(&format!("lost:{id}"), NoticeLevel::Error, "notice_conversation_lost", &[], None, now);
            }
            return;
        };
        if !self.talks.contains_key(&id) {
            // Told without having been offered: joined in another way.
            let session = &argument["topicData"]["channelSession"];
            let role = Role::read(argument["topicData"]["topicParticipant"]["role"].as_str().unwrap_or_default());
            // A supervisor stays one, also when everybody is talked with later.
            let direction = if role.supervises() { "SILENT_MONITOR" } else { "" };
            let raw = json!({ "conversationId": id, "taskId": argument["taskId"], "roomInfo": argument["roomInfo"],
                "channelSession": session, "taskState": { "name": "STARTED" }, "taskDirection": direction });
            if let Some(offer) = Offer::read(&raw) {
                let facts = self.facts();
                let around = Self::around(&user, &self.settings, &self.schema, facts, now);
                self.talks.insert(id.clone(), Talk::offered(&offer, &around));
            }
        }
        self.with_talk(&id, now, |talk, around| talk.filled(topic, around));
        self.acknowledge(ack);
        let here = |awaited: &Awaited| matches!(awaited, Awaited::Taken(of) | Awaited::Arrives(of, _) if *of == id);
        for pending in extract(&mut self.pending, |pending| here(&pending.awaited)) {
            self.answer(pending.id, Ok(()));
        }
        self.confirm_messages(&id);
    }

    fn on_event(&mut self, argument: &Value, now: Now) {
        let Some(id) =
            conversation(argument).or_else(|| argument["cimEvent"]["conversationId"].as_str().map(ContactId::new))
        else {
            return tracing::warn!("an event of no conversation was left out");
        };
        let facts = self.facts();
        let (Some(talk), Some(user)) = (self.talks.get_mut(&id), &self.user) else {
            return tracing::debug!("an event of a conversation that is not the agent's");
        };
        let around = Self::around(user, &self.settings, &self.schema, facts, now);
        let noted = match talk.happened(argument, &around) {
            Ok(noted) => noted,
            Err(error) => {
                tracing::warn!(%error, "an event cannot be read");
                let customer = talk.customer_name();
                let cause = format!("unreadable:{id}");
                let key = "notice_conversation_event_unreadable";
                return self.notice(&cause, NoticeLevel::Warning, key, &[("customer", &customer)], Some(&id), now);
            }
        };
        let customer = talk.customer_name();
        for event in noted.events {
            self.emit(event);
        }
        self.observe_clock(noted.at, now);
        if noted.echo.is_some() {
            self.confirm_messages(&id);
        }
        if let Some(what) = noted.nobody_for {
            let key = match what.as_str() {
                "CONSULT" => "notice_nobody_available_consult",
                "DIRECT_CONFERENCE" => "notice_nobody_available_conference",
                _ => "notice_nobody_available_transfer",
            };
            self.notice(&format!("nobody:{id}"), NoticeLevel::Warning, key, &[("customer", &customer)], Some(&id), now);
        }
        self.confirm_by_talk(&id);
    }

    /// Commands whose effect a conversation shows.
    pub(super) fn confirm_by_talk(&mut self, id: &ContactId) {
        let Some(talk) = self.talks.get(id) else { return };
        let (stage, role, paused, finishing) = (talk.stage, talk.role, talk.is_paused(), talk.finishing);
        let promoted: Vec<String> = talk.primaries().map(str::to_owned).collect();
        let done = extract(&mut self.pending, |pending| match &pending.awaited {
            // With wrap-up, leaving ends in it; without wanting one, it goes on to the end.
            Awaited::Left(contact) => contact == id && stage == Stage::WrapUp && !finishing,
            Awaited::Paused(contact, wanted) => contact == id && paused == *wanted,
            Awaited::Role(contact, Role::Primary) => contact == id && !role.supervises(),
            Awaited::Role(contact, wanted) => contact == id && role == *wanted,
            Awaited::Promoted(contact, agent, true) => contact == id && promoted.contains(agent),
            _ => false,
        });
        for pending in done {
            self.answer(pending.id, Ok(()));
        }
        if stage == Stage::WrapUp && finishing {
            self.skip_wrap_up(id);
        }
    }

    fn on_unsubscribed(&mut self, argument: &Value, now: Now) {
        let Some(id) = conversation(argument) else { return };
        let Some(talk) = self.talks.get(&id) else { return };
        let reason = argument["reason"].as_str().unwrap_or_default().trim().to_owned();
        let (outcome, customer, wanted) = (talk.outcome(&reason), talk.customer_name(), talk.leaving || talk.finishing);
        let about = |awaited: &Awaited| matches!(awaited, Awaited::Left(contact) | Awaited::Noted(contact) | Awaited::Transfer(contact) | Awaited::Promoted(contact, ..) if *contact == id);
        for pending in extract(&mut self.pending, |pending| about(&pending.awaited)) {
            self.answer(pending.id, Ok(()));
        }
        self.gone(&id, Some(outcome));
        let silent = ["", "UNSUBSCRIBED", "CHAT TRANSFERRED", "WRAP UP APPLIED", "CHOOSING LEAVE WITHOUT WRAP UP"];
        let expected = silent.contains(&reason.to_uppercase().as_str());
        if !expected && !wanted {
            let params = [("customer", customer.as_str()), ("reason", reason.as_str())];
            self.notice(&format!("closed:{id}"), NoticeLevel::Info, "notice_conversation_closed", &params, None, now);
        }
    }

    fn on_wrap_up_timer(&mut self, argument: &Value, now: Now) {
        let Some(id) = conversation(argument) else { return };
        let number = &argument["duration"];
        let duration =
            number.as_f64().or_else(|| number.as_str()?.trim().parse().ok()).filter(|d| *d > 0.0 && *d < 1.0e9);
        let above = self.settings.wrap_up_ms_above as f64;
        let millis = duration.map(|d| if d > above { d as i64 } else { (d * 1_000.0) as i64 });
        self.with_talk(&id, now, |talk, around| {
            talk.begin_wrap_up(millis, around);
            talk.tell(around)
        });
        self.confirm_by_talk(&id);
    }

    fn on_placed(&mut self, argument: &Value) {
        let action = argument["requestAction"].as_str().unwrap_or_default().trim().to_lowercase();
        let fits = |awaited: &Awaited| match awaited {
            Awaited::Transfer(_) => action.contains("transfer") || action.is_empty(),
            Awaited::Conference(_) => action.contains("conference") || action.is_empty(),
            Awaited::Consult(_) => action.contains("consult") || action.is_empty(),
            _ => false,
        };
        // It names no conversation: what was asked first is answered first.
        if let Some(index) = self.pending.iter().position(|pending| fits(&pending.awaited)) {
            let pending = self.pending.remove(index);
            self.answer(pending.id, Ok(()));
        }
    }

    fn on_assigned(&mut self, argument: &Value) {
        let Some(id) = conversation(argument) else { return };
        for pending in extract(&mut self.pending, |pending| pending.awaited.was_asked_for(&id)) {
            self.answer(pending.id, Ok(()));
        }
    }

    /// A consult became a transfer: whoever answers from now on has another task.
    fn on_consult_transferred(&mut self, argument: &Value) {
        let Some(id) = conversation(argument) else { return };
        let mine = self.user.as_ref().is_some_and(|user| argument["agentId"].as_str() == Some(user.id.as_str()));
        let task = &argument["newTask"];
        let media = task["activeMedia"].as_array().map(Vec::as_slice).unwrap_or_default();
        let media = media.iter().find(|media| media["type"]["direction"].as_str() == Some("CONSULT_TRANSFER"));
        if let (true, Some(talk), Some(of), Some(media)) =
            (mine, self.talks.get_mut(&id), task["id"].as_str(), media.and_then(|media| media["id"].as_str()))
        {
            talk.task = format!("{of}:{media}");
        }
    }

    /// Words of a supervisor to the teams.
    pub(super) fn on_announcement(&mut self, raw: &Value, now: Now) {
        let text = |name: &str| raw[name].as_str().map(str::trim).filter(|text| !text.is_empty()).map(cim::cut);
        let (Some(id), Some(words), Some(user)) =
            (text("_id").or_else(|| text("id")), text("announcementText"), &self.user)
        else {
            return tracing::warn!("an announcement that cannot be read was left out");
        };
        let over = cim::time(&raw["expiryTime"]).is_some_and(|at| at.shifted(-self.ahead).since(now.wall) <= 0);
        if over || text("supervisorId").is_some_and(|by| by == user.id) {
            return;
        }
        let field = |name: &str, value: Option<String>| Some(Attribute { name: name.to_owned(), value: value? });
        let fields = [
            field("text", Some(words)),
            field("from", text("supervisorName")),
            field("priority", text("priority")),
            field("until", text("expiryTime")),
        ];
        let at = cim::time(&raw["scheduledTime"]).map_or(now.wall, |at| at.shifted(-self.ahead));
        self.emit(Event::PlatformEvent(Box::new(PlatformEvent {
            id: PlatformEventId::new(id),
            kind: "ANNOUNCEMENT_CREATED".to_owned(),
            sort: EventSort::Message,
            at,
            customer: Party::default(),
            campaign: None,
            channel: None,
            way: None,
            fields: fields.into_iter().flatten().collect(),
        })));
    }

    fn on_error(&mut self, argument: &Value, now: Now) {
        let task = argument["task"].as_str().unwrap_or_default().trim().to_owned();
        let words = argument["msg"].as_str().or_else(|| argument.as_str()).unwrap_or_default().trim();
        let words: String = words.chars().take(300).collect();
        tracing::warn!(task, words, "the platform reports an error");
        let about = |awaited: &Awaited| match awaited {
            Awaited::State(_) | Awaited::Media(..) => task == "changeAgentState",
            Awaited::Taken(_) => task == "topicSubscription",
            Awaited::Left(_) => task == "topicUnsubscription",
            Awaited::Noted(_) => task == "closeWrapup",
            Awaited::Message(..) => task == "publishCimEvent",
            Awaited::Transfer(_) => task == "directTransferRequest",
            Awaited::Conference(_) => task == "directConferenceRequest",
            Awaited::Consult(_) => task == "consultRequest",
            Awaited::Paused(_, true) => task == "pauseConversation",
            Awaited::Paused(_, false) => task == "resumeConversation",
            Awaited::Role(_, Role::Whisper) => task == "joinAsWhisper",
            Awaited::Role(..) => task == "JoinAsBargin",
            Awaited::Arrives(_, event) => task == *event,
            Awaited::Promoted(_, _, false) => task == "consultTransferRequest",
            Awaited::Promoted(_, _, true) => task == "consultConferenceRequest",
            Awaited::Listed(_, true) => task == "subscribePullModeList",
            Awaited::Listed(_, false) => task == "unsubscribePullModeList",
            Awaited::OffList(_) => task == "deletePullModeRequest",
            Awaited::Linked(_) | Awaited::Challenge | Awaited::LoggedOut => false,
        };
        let here = conversation(argument);
        if task == "topicSubscription"
            && let Some(contact) = self.refused_offer(here.as_ref())
        {
            // `revokeTask` may follow, and need not: nothing is left to be taken.
            let why = if words.is_empty() { task } else { words };
            return self.taken_back(&contact, &why, now);
        }
        let of =
            |awaited: &Awaited| here.is_none() || awaited.contact().is_none() || awaited.contact() == here.as_ref();
        let found = self.pending.iter().position(|pending| about(&pending.awaited) && of(&pending.awaited));
        if let Some(index) = found {
            let pending = self.pending.remove(index);
            if let Awaited::Left(contact) = &pending.awaited
                && let Some(talk) = self.talks.get_mut(contact)
            {
                (talk.leaving, talk.finishing) = (false, false);
            }
            let detail = if words.is_empty() { task } else { words };
            return self.answer(pending.id, Err(CommandError::new(CommandCode::NotPossible, detail)));
        }
        let what = cim::channel_name(&task);
        let params = [("what", what.as_str()), ("text", words.as_str())];
        self.notice("platform-error", NoticeLevel::Warning, "notice_expertflow_error", &params, None, now);
    }

    /// Contacts can be worked on now.
    pub(super) fn is_online(&self) -> bool {
        self.link.state == LinkState::Online && self.client.is_ready()
    }
}

impl Awaited {
    pub(super) fn contact(&self) -> Option<&ContactId> {
        match self {
            Self::Taken(contact)
            | Self::Left(contact)
            | Self::Message(contact, _)
            | Self::Noted(contact)
            | Self::Transfer(contact)
            | Self::Conference(contact)
            | Self::Consult(contact)
            | Self::Paused(contact, _)
            | Self::Role(contact, _)
            | Self::Promoted(contact, ..)
            | Self::Linked(contact) => Some(contact),
            // What arrives is not here yet.
            Self::Arrives(..)
            | Self::State(_)
            | Self::Media(..)
            | Self::Listed(..)
            | Self::OffList(_)
            | Self::Challenge
            | Self::LoggedOut => None,
        }
    }

    /// Somebody is being asked to come into this conversation.
    pub(super) fn was_asked_for(&self, id: &ContactId) -> bool {
        matches!(self, Self::Transfer(contact) | Self::Conference(contact) | Self::Consult(contact) if contact == id)
    }

    /// Likewise, or to answer its customer.
    pub(super) fn asks_somebody_for(&self, id: &ContactId) -> bool {
        self.was_asked_for(id) || matches!(self, Self::Promoted(contact, ..) if contact == id)
    }
}

/// The conversation that an event names; releases before 4.4 called it a topic.
fn conversation(argument: &Value) -> Option<ContactId> {
    let id = argument["conversationId"].as_str().or_else(|| argument["topicId"].as_str());
    id.filter(|id| !id.is_empty()).map(ContactId::new)
}
