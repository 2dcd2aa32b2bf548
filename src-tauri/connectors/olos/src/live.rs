//! The agent's state and current call as the events tell them. Shown, never
//! changed from here.
//!
//! | event | the call |
//! | --- | --- |
//! | ScreenPopVoice, ThirdPartyScreenPop | a new one, being put through; one before it is gone |
//! | ActiveCall, AgentCallConnected | at work |
//! | ChangeManualCallState, PreviewCallState | by its state |
//! | ChangeStatusVoice: talking, consulting, holding, in conference | at work; the customer on hold or not |
//! | ChangeStatusVoice: wrap | over, its after-contact work goes on |
//! | ChangeStatusVoice: idle, pause and the like | gone |
//! | ListActiveCalls without it, LogoutCCM, LogoutReason | gone |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trunkline_model::{
    Agent, AgentActivity, AgentState, AgentStateKind, Channel, Contact, ContactDetails, ContactId, ContactState,
    Direction, Outcome, Queue, QueueId, RoutingProfile, UnixMillis,
};

use crate::event::HubEvent;
use crate::fields;
use crate::status::Status;

/// What an event changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changed {
    /// The agent is not as before.
    pub agent: bool,
    /// A call that is gone.
    pub gone: Option<ContactId>,
    /// The call is not as before, or is a new one.
    pub call: bool,
}

/// The agent and the call at hand.
#[derive(Clone, Debug)]
pub struct Live {
    agent: Agent,
    call: Option<Contact>,
    /// Names of pauses by number.
    pauses: BTreeMap<i64, String>,
}

impl Live {
    /// An agent of whom nothing but the name is known.
    pub fn new(name: &str) -> Self {
        let state = AgentState {
            id: None,
            kind: AgentStateKind::Init,
            name: String::new(),
            activity: AgentActivity::Unknown,
            since: None,
        };
        let agent = Agent {
            name: name.to_owned(),
            username: Some(name.to_owned()),
            state,
            next_state: None,
            selectable_states: Vec::new(),
            softphone_enabled: false,
            auto_accept: false,
            extension: None,
            routing_profile: RoutingProfile::default(),
            permissions: BTreeSet::new(),
            can_dial: false,
            language: None,
            languages: Vec::new(),
            dial_queues: Vec::new(),
            default_dial_queue: None,
            platform_id: None,
            dialable_countries: Vec::new(),
            picked: None,
            media: Vec::new(),
            wrap_up: None,
            supervises: Vec::new(),
        };
        Self { agent, call: None, pauses: BTreeMap::new() }
    }

    /// The agent, whole.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// The call, whole.
    pub fn call(&self) -> Option<&Contact> {
        self.call.as_ref()
    }

    /// The sign-in name, once the server has told it, and the roles.
    pub fn identify(&mut self, username: &str, roles: &[String]) {
        self.agent.name = username.to_owned();
        self.agent.username = Some(username.to_owned());
        self.agent.permissions = roles.iter().cloned().collect();
    }

    /// Takes an event in.
    pub fn take(&mut self, event: &HubEvent, now: UnixMillis) -> Changed {
        let (agent, call) = (self.agent.clone(), self.call.clone());
        if let Some(id) = &event.agent {
            self.agent.platform_id = Some(id.clone());
        }
        match event.name.as_str() {
            "changestatusvoice" => self.on_status(event, event.text("agentStatusId"), now),
            "changestatustext" => self.on_text_status(event, now),
            "listpausereasonsresponse" => self.note_pauses(event),
            "loginccm" => {
                if let Some(name) = event.text("agentName") {
                    self.agent.name = name;
                }
                if self.agent.state.kind == AgentStateKind::Offline {
                    self.set_state(Status::read("0").state(None, now));
                }
            }
            "logoutccm" | "logoutreason" => {
                let name = event.text("reason").unwrap_or_else(|| "Logout".to_owned());
                let (kind, activity) = (AgentStateKind::Offline, AgentActivity::Named);
                self.set_state(AgentState { id: None, kind, name, activity, since: Some(now) });
                self.agent.next_state = None;
                self.call = None;
            }
            "screenpopvoice" | "thirdpartyscreenpop" => self.on_screen_pop(event, now),
            "activecall" => self.on_active(event, now),
            "changemanualcallstate" | "previewcallstate" => self.on_call_state(event, now),
            "listactivecalls" => self.on_list(event),
            _ => {}
        }
        let before = call.as_ref().map(|call| &call.id);
        let after = self.call.as_ref().map(|call| &call.id);
        let gone = before.filter(|_| before != after).cloned();
        Changed { agent: agent != self.agent, gone, call: self.call.is_some() && call != self.call }
    }

    fn set_state(&mut self, state: AgentState) {
        let same = |a: &AgentState, b: &AgentState| (a.kind, &a.name, a.activity) == (b.kind, &b.name, b.activity);
        // The same said again has not begun again.
        if !same(&self.agent.state, &state) {
            self.agent.state = state;
        }
    }

    fn on_status(&mut self, event: &HubEvent, status: Option<String>, now: UnixMillis) {
        let Some(status) = status.map(|text| Status::read(&text)) else { return };
        let reason = event.number("reasonId").and_then(|number| self.pauses.get(&number)).cloned();
        self.set_state(status.state(reason.as_deref(), now));
        self.agent.next_state = status.next();
        if status.without_call() {
            self.call = None;
        }
        let Some(call) = &mut self.call else { return };
        if status.wrapping() {
            step(call, ContactState::Ended, now);
            call.outcome = Some(Outcome::Handled);
            call.on_hold = false;
        } else if status.talking() && call.state.is_active() {
            step(call, ContactState::Connected, now);
            call.on_hold = status.holding();
        }
    }

    /// The status of a text campaign; that of voice goes before it.
    fn on_text_status(&mut self, event: &HubEvent, now: UnixMillis) {
        let Some(text) = event.text("status") else { return };
        let busy_in_voice = self.call.is_some() || self.agent.state.activity == AgentActivity::AfterContactWork;
        if busy_in_voice {
            return;
        }
        let status = Status::read(&text);
        let reason = event.number("reasonId").and_then(|number| self.pauses.get(&number)).cloned();
        self.set_state(status.state(reason.as_deref(), now));
        let next = event.text("nextStatus").map(|text| Status::read(&text));
        self.agent.next_state = next
            .filter(|next| next.base != status.base)
            .map(|next| AgentState { since: None, ..next.state(reason.as_deref(), now) });
    }

    fn note_pauses(&mut self, event: &HubEvent) {
        for reason in event.data.get("pauseReasons").and_then(Value::as_array).into_iter().flatten().take(500) {
            if let (Some(id), Some(name)) = (reason["id"].as_i64(), reason["name"].as_str()) {
                self.pauses.insert(id, name.to_owned());
            }
        }
    }

    fn on_screen_pop(&mut self, event: &HubEvent, now: UnixMillis) {
        let Some(id) = event.text("callId").or_else(|| event.text("thirdPartyCallId")) else { return };
        let id = ContactId::new(format!("call-{id}"));
        if self.call.as_ref().is_some_and(|call| call.id == id) {
            return;
        }
        let attributes = fields::read("", &event.data);
        let customer = event.customer(&attributes);
        let queue = event.campaign.clone().or_else(|| event.text("campaignId"));
        let code = event.text("campaignCode");
        let inbound = event.channel.as_deref().is_some_and(|channel| channel.eq_ignore_ascii_case("inbound"));
        self.call = Some(Contact {
            id,
            channel: Channel::Voice,
            direction: if inbound { Direction::Inbound } else { Direction::Outbound },
            state: ContactState::Connecting,
            state_since: now,
            outcome: None,
            queue: queue.map(|id| Queue { name: code.or_else(|| Some(id.clone())), id: QueueId::new(id) }),
            queued_since: None,
            offer_expires: None,
            customer,
            subject: None,
            description: None,
            references: Vec::new(),
            scheduled_for: None,
            template: None,
            email: None,
            monitoring: None,
            supervised: false,
            attributes,
            connections: Vec::new(),
            on_hold: false,
            softphone: false,
            auto_accept: false,
            allowed: BTreeSet::new(),
            wrap_up_ends: None,
            handover: None,
            advisers: Vec::new(),
            details: Box::<ContactDetails>::default(),
        });
    }

    fn is_about(&self, event: &HubEvent) -> bool {
        let id = event.text("callId").map(|id| format!("call-{id}"));
        match (&self.call, id) {
            (Some(call), Some(id)) => call.id.as_str() == id,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    fn on_active(&mut self, event: &HubEvent, now: UnixMillis) {
        if self.is_about(event)
            && let Some(call) = &mut self.call
        {
            step(call, ContactState::Connected, now);
        }
    }

    /// Section 6: −1 nothing, 0 started, 1 alerting, 2 customer connected, 3
    /// routing, 4 agent connected, 5 finished, 6 consulting, 9 holding.
    fn on_call_state(&mut self, event: &HubEvent, now: UnixMillis) {
        if !self.is_about(event) {
            return;
        }
        let Some(call) = &mut self.call else { return };
        match event.number("callState") {
            Some(2 | 4 | 6) => {
                step(call, ContactState::Connected, now);
                call.on_hold = false;
            }
            Some(9) => {
                step(call, ContactState::Connected, now);
                call.on_hold = true;
            }
            Some(5) => self.call = None,
            _ => {}
        }
    }

    fn on_list(&mut self, event: &HubEvent) {
        let Some(list) = event.data.get("activeCalls").and_then(Value::as_array) else { return };
        let there = list
            .iter()
            .filter_map(|call| call["callId"].as_i64())
            .any(|id| self.call.as_ref().is_some_and(|call| call.id.as_str() == format!("call-{id}")));
        let at_work = self.call.as_ref().is_some_and(|call| call.state.is_active());
        if at_work && !there {
            self.call = None;
        }
    }
}

fn step(call: &mut Contact, state: ContactState, now: UnixMillis) {
    if call.state != state {
        call.state = state;
        call.state_since = now;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::event;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn hub(kind: &str, data: Value) -> HubEvent {
        let payload = json!({ "eventId": "1-0", "eventType": kind, "agentId": "uuid", "campaignId": 22, "channelType": "Voice", "channel": "Inbound", "eventData": data });
        event::read(kind, &payload, &[]).remove(0)
    }

    fn status(number: i64) -> HubEvent {
        hub("ChangeStatusVoice", json!({ "agentStatusId": number, "reasonId": 100 }))
    }

    fn pop(call: i64) -> HubEvent {
        hub(
            "ScreenPopVoice",
            json!({ "callId": call, "phoneNumber": "5511900000000", "campaignData": "<Nome>Cliente</Nome>", "campaignCode": "IN1" }),
        )
    }

    #[test]
    fn a_call_goes_its_way_from_the_screen_pop_to_idle() {
        let mut live = Live::new("adams");
        let changed = live.take(&pop(7), NOW);
        assert!(changed.call && changed.gone.is_none(), "a call: {changed:?}");
        let call = live.call().unwrap().clone();
        assert_eq!(call.id, ContactId::new("call-7"));
        assert_eq!(
            (call.customer.name.as_deref(), call.customer.address.as_deref()),
            (Some("Cliente"), Some("5511900000000"))
        );
        assert_eq!((call.state.clone(), call.direction), (ContactState::Connecting, Direction::Inbound));
        assert!(call.allowed.is_empty() && !call.softphone, "shown, and nothing can be done with it here");
        assert_eq!(live.take(&pop(7), NOW), Changed::default(), "the same again changes nothing");

        assert!(live.take(&hub("ActiveCall", json!({ "callId": 7 })), UnixMillis(NOW.0 + 5)).call);
        assert_eq!(live.call().unwrap().state, ContactState::Connected, "answered");
        assert!(!live.take(&hub("ActiveCall", json!({ "callId": 8 })), NOW).call, "another call is not this one");
        let changed = live.take(&status(17), NOW);
        assert!(changed.agent && changed.call && live.call().unwrap().on_hold, "on hold");
        live.take(&status(6), NOW);
        assert!(!live.call().unwrap().on_hold, "and back, with a pause to follow");
        assert_eq!(live.agent().next_state.as_ref().unwrap().name, "Pause");
        live.take(&status(3), NOW);
        assert_eq!(
            (live.call().unwrap().state.clone(), live.call().unwrap().outcome),
            (ContactState::Ended, Some(Outcome::Handled)),
            "wrap-up"
        );
        let changed = live.take(&status(4), NOW);
        assert_eq!(changed.gone, Some(ContactId::new("call-7")), "gone with the next state");
        assert_eq!(live.agent().state.kind, AgentStateKind::NotRoutable, "at a pause");
    }

    #[test]
    fn a_new_call_takes_the_place_of_the_last() {
        let mut live = Live::new("adams");
        live.take(&pop(7), NOW);
        let changed = live.take(&pop(8), NOW);
        assert_eq!(changed.gone, Some(ContactId::new("call-7")), "told as gone");
        assert!(changed.call, "and the new one as there");
        let list = hub("ListActiveCalls", json!({ "activeCalls": [{ "callId": 8 }] }));
        assert_eq!(live.take(&list, NOW).gone, None, "it is on the list");
        let list = hub("ListActiveCalls", json!({ "activeCalls": [] }));
        assert_eq!(live.take(&list, NOW).gone, Some(ContactId::new("call-8")), "it is not any more");
    }

    #[test]
    fn states_of_manual_calls_move_the_call() {
        let mut live = Live::new("adams");
        let state = |number: i64| hub("PreviewCallState", json!({ "callId": 7, "callState": number }));
        live.take(&state(4), NOW);
        assert!(live.call().is_none(), "no screen pop, no call");
        live.take(&pop(7), NOW);
        live.take(&state(1), NOW);
        assert_eq!(live.call().unwrap().state, ContactState::Connecting, "alerting");
        live.take(&state(9), NOW);
        assert!(live.call().unwrap().on_hold, "holding");
        assert_eq!(live.take(&state(5), NOW).gone, Some(ContactId::new("call-7")), "finished");
    }

    #[test]
    fn pauses_have_the_names_of_their_reasons_and_signing_out_is_told() {
        let mut live = Live::new("adams");
        live.take(
            &hub(
                "ListPauseReasonsResponse",
                json!({ "pauseReasons": [{ "id": 100, "name": "Lunch" }, { "id": "x" }, 7] }),
            ),
            NOW,
        );
        live.take(&status(4), NOW);
        assert_eq!(live.agent().state.name, "Lunch");
        let since = live.agent().state.since;
        assert!(!live.take(&status(4), UnixMillis(NOW.0 + 1_000)).agent, "the same state said again");
        assert_eq!(live.agent().state.since, since, "began when it began");
        live.take(&pop(7), NOW);
        let changed = live.take(&hub("LogoutReason", json!({ "reason": "RequestedBySupervisor" })), NOW);
        assert_eq!(
            (live.agent().state.kind, live.agent().state.name.as_str()),
            (AgentStateKind::Offline, "RequestedBySupervisor")
        );
        assert_eq!(changed.gone, Some(ContactId::new("call-7")), "the call is not shown any longer");
        live.take(&hub("LoginCCM", json!({ "agentName": "User 2" })), NOW);
        assert_eq!((live.agent().name.as_str(), live.agent().state.kind), ("User 2", AgentStateKind::Init));
        assert_eq!(live.agent().platform_id.as_deref(), Some("uuid"), "the id of events, which is not the token's");
    }

    #[test]
    fn a_text_status_is_shown_while_there_is_no_call() {
        let mut live = Live::new("adams");
        let text = hub("ChangeStatusText", json!({ "status": 1, "nextStatus": 4 }));
        live.take(&text, NOW);
        assert_eq!(
            (live.agent().state.name.as_str(), live.agent().next_state.as_ref().unwrap().name.as_str()),
            ("Idle", "Pause")
        );
        live.take(&pop(7), NOW);
        live.take(&status(2), NOW);
        live.take(&text, NOW);
        assert_eq!(live.agent().state.name, "Talking", "the call goes before it");
    }

    #[test]
    fn nonsense_changes_nothing() {
        let mut live = Live::new("adams");
        live.take(&pop(7), NOW);
        let before = live.call().cloned();
        for (kind, data) in [
            ("ChangeStatusVoice", json!({})),
            ("ChangeStatusVoice", json!("Talking")),
            ("ScreenPopVoice", json!({ "phoneNumber": "1" })),
            ("ScreenPopVoice", json!(null)),
            ("ListActiveCalls", json!({ "activeCalls": 7 })),
            ("PreviewCallState", json!({ "callId": 7, "callState": "high" })),
            ("ListPauseReasonsResponse", json!([])),
        ] {
            live.take(&hub(kind, data), NOW);
            assert_eq!(live.call().cloned(), before, "{kind}");
        }
    }
}
