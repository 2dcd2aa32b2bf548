#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trunkline_model::{AgentStateId, AgentStateKind, MediaStateKind};

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../tests/fixtures/expertflow/", $name))).unwrap()
    };
}

fn user() -> User {
    User::read(&fixture!("rest/login_response.json")["data"]["keycloak_User"]).unwrap()
}

fn shown(presence: &Presence, user: &User, reasons: &[Reason]) -> Agent {
    agent(presence, &Around { user, reasons, wrap_up: None, auto_accept: false, ahead: 0 })
}

#[test]
fn the_presence_of_a_ready_agent_is_shown_with_each_medium() {
    let presence = Presence::read(&fixture!("socket-in/agentPresence.ready.json")).unwrap();
    let reasons = Reason::read_all(&fixture!("rest/reasons.json"));
    let agent = shown(&presence, &user(), &reasons);
    assert_eq!((agent.state.kind, agent.state.name.as_str()), (AgentStateKind::Routable, "Ready"));
    let names: Vec<_> = agent.selectable_states.iter().map(|state| (state.name.as_str(), state.kind)).collect();
    let expected = [
        ("Ready", AgentStateKind::Routable),
        ("Short Break", AgentStateKind::NotRoutable),
        ("Out Of Office", AgentStateKind::Offline),
    ];
    assert_eq!(names, expected, "ready, the reasons for a pause, and those for leaving");
    assert!(!agent.media.is_empty() && agent.media.iter().all(|medium| medium.switchable == (medium.limit > 0)));
}

#[test]
fn not_ready_takes_the_switches_away_and_names_the_reason() {
    let presence = Presence::read(&fixture!("socket-in/agentPresence.not_ready.json")).unwrap();
    let agent = shown(&presence, &user(), &[]);
    assert_eq!(agent.state.kind, AgentStateKind::NotRoutable);
    assert!(agent.media.iter().all(|medium| !medium.switchable), "a medium needs the agent to be ready");
    let names: Vec<_> = agent.selectable_states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(names, ["Ready", "Not ready", "Offline"], "without reasons there are the plain states");
}

#[test]
fn what_is_sent_is_what_the_platforms_desk_sends() {
    let me = "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1101";
    assert_eq!(Wanted::Ready.change(me), fixture!("socket-out/changeAgentState.ready.json"));
    let expected = fixture!("socket-out/changeAgentState.not_ready.json");
    let row = &expected["state"]["reasonCode"];
    let reasons = Reason::read_all(&json!([{ "id": row["id"], "name": row["name"], "type": "NOT_READY" }]));
    let id = AgentStateId::new(row["id"].as_str().unwrap());
    assert_eq!(Wanted::find(&id, &reasons).unwrap().change(me), expected);
    let expected = fixture!("socket-out/changeAgentState.mrd_ready.json");
    assert_eq!(switch(me, expected["mrdId"].as_str().unwrap(), true), expected);
    assert_eq!(Wanted::find(&AgentStateId::new("nothing"), &reasons), None);
}

#[test]
fn a_presence_is_known_to_confirm_or_to_refuse() {
    let presence = |state: &str, reason: Value, medium: &str| {
        Presence::read(&json!({"agentPresence": {"agent": {"id": "a"}, "state": {"name": state, "reasonCode": reason},
            "agentMrdStates": [{"mrd": {"id": "m", "name": "CHAT"}, "state": medium, "maxAgentTasks": "5"}]}}))
        .unwrap()
    };
    let reasons = Reason::read_all(&json!([{"id": "r", "name": "Lunch", "type": "NOT_READY"}]));
    let lunch = Wanted::find(&AgentStateId::new("r"), &reasons).unwrap();
    assert!(presence("NOT_READY", json!({"id": "r", "name": "Lunch"}), "NOT_READY").is(&lunch));
    assert!(!presence("NOT_READY", json!({"id": "other", "name": "Tea"}), "NOT_READY").is(&lunch), "another reason");
    assert!(!presence("READY", Value::Null, "READY").is(&lunch));
    assert!(presence("READY", Value::Null, "BUSY").is_switched("m", true), "full, and so switched on");
    assert!(presence("READY", Value::Null, "PENDING_NOT_READY").is_switched("m", false), "ends what is at work");
    assert!(!presence("READY", Value::Null, "READY").is_switched("unknown", true));
    let shown = shown(&presence("READY", Value::Null, "PENDING_NOT_READY"), &user(), &[]);
    assert_eq!((shown.media[0].state, shown.media[0].limit), (MediaStateKind::Ending, 5));
}

#[test]
fn without_the_right_to_it_no_state_can_be_chosen() {
    let mut user = user();
    user.permissions = BTreeSet::new();
    let presence = Presence::read(&fixture!("socket-in/agentPresence.ready.json")).unwrap();
    assert!(shown(&presence, &user, &[]).selectable_states.is_empty());
}

#[test]
fn the_form_of_the_wrap_up_is_read_and_an_empty_one_is_none() {
    let form = wrap_up_form(&fixture!("rest/wrapup_form.json"), 5).unwrap();
    let names: Vec<_> = form.categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!((names, form.most), (vec!["Billing", "Support"], 5));
    let mut single = fixture!("rest/wrapup_form.json");
    single["attributes"][0]["categoryOptions"]["isMultipleChoice"] = json!(false);
    assert_eq!(wrap_up_form(&single, 5).unwrap().most, 1);
    for raw in
        [json!({}), json!({"attributes": [{}]}), json!({"attributes": [{"categoryOptions": {"categories": []}}]})]
    {
        assert_eq!(wrap_up_form(&raw, 5), None, "{raw}");
    }
}
