//! The agent's states, as a whole and in each medium.

use std::time::Duration;

use trunkline_connector::testing::{ConformanceFixture, Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, CommandError};
use trunkline_model::{AgentStateId, AgentStateKind, MediaDomain, MediaDomainId, MediaStateKind};
use trunkline_simulators::expertflow::{ExpertflowOptions, MRD_CHAT};

use crate::support::{Fixture, SOON, customer, options, take};

async fn choose(seated: &mut Seated, name: &str) -> Result<(), CommandError> {
    let agent = seated.picture.agent.as_ref().expect("an agent");
    let found = agent.selectable_states.iter().find(|state| state.name == name).expect("such a state");
    let state = found.id.clone().expect("it can be chosen");
    seated.command(Command::SetAgentState { state, when_free: false }).await
}

async fn switch(seated: &mut Seated, ready: bool) -> Result<(), CommandError> {
    seated.command(Command::SetMedia { domain: MediaDomainId::new(MRD_CHAT), ready }).await
}

fn chats(picture: &Picture) -> MediaDomain {
    let media = &picture.agent.as_ref().expect("an agent").media;
    media.iter().find(|medium| medium.id.as_str() == MRD_CHAT).expect("chats").clone()
}

async fn until_chats(seated: &mut Seated, state: MediaStateKind) {
    seated.until(&format!("chats to be {state:?}"), |picture| chats(picture).state == state).await;
}

fn heard(fixture: &Fixture) -> usize {
    fixture.sim.heard().iter().filter(|heard| heard.name == "changeAgentState").count()
}

#[test]
fn ready_and_not_ready_for_a_reason_are_told_by_the_platform() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let agent = seated.picture.agent.clone().unwrap();
        assert_eq!(agent.state.kind, AgentStateKind::NotRoutable, "nobody is ready by signing in");
        let names: Vec<_> = agent.selectable_states.iter().map(|state| state.name.as_str()).collect();
        assert_eq!(names, ["Ready", "Short break", "Lunch", "Training", "End of shift", "Out of office"]);
        choose(&mut seated, "Ready").await.expect("ready");
        assert_eq!(fixture.sim.state("adams"), "READY");
        assert_eq!(seated.picture.agent.as_ref().unwrap().state.kind, AgentStateKind::Routable, "told by then");
        choose(&mut seated, "Lunch").await.expect("at lunch");
        assert_eq!(fixture.sim.reason("adams")["name"], "Lunch");
        let state = seated.picture.agent.clone().unwrap().state;
        assert_eq!((state.kind, state.name.as_str()), (AgentStateKind::NotRoutable, "Lunch"));
        assert!(state.since.is_some());
        let unknown = Command::SetAgentState { state: AgentStateId::new("Nap"), when_free: false };
        assert_eq!(seated.command(unknown).await.unwrap_err().code, CommandCode::Invalid);
        seated.leave().await;
    });
}

#[test]
fn a_medium_is_switched_on_and_off() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        assert!(!chats(&seated.picture).switchable, "not while the agent as a whole is not ready");
        let error = switch(&mut seated, true).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        assert_eq!(heard(&fixture), 0, "it is not even asked for");
        choose(&mut seated, "Ready").await.expect("ready");
        assert!(chats(&seated.picture).switchable);
        switch(&mut seated, true).await.expect("on");
        assert_eq!((fixture.sim.chat_state("adams"), chats(&seated.picture).state), ("READY", MediaStateKind::Ready));
        let before = heard(&fixture);
        switch(&mut seated, true).await.expect("it is on");
        assert_eq!(heard(&fixture), before, "nothing is to be done");
        switch(&mut seated, false).await.expect("off");
        let after = (fixture.sim.chat_state("adams"), chats(&seated.picture).state);
        assert_eq!(after, ("NOT_READY", MediaStateKind::NotReady));
        assert_eq!(fixture.sim.state("adams"), "READY", "the agent as a whole stays");
        let unknown = Command::SetMedia { domain: MediaDomainId::new("smoke signals"), ready: true };
        assert_eq!(seated.command(unknown).await.unwrap_err().code, CommandCode::Invalid);
        seated.leave().await;
    });
}

#[test]
fn a_change_that_the_platform_leaves_unchanged_is_not_possible() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        fixture.sim.refuse_state_changes(2);
        let error = switch(&mut seated, false).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        assert_eq!(chats(&seated.picture).state, MediaStateKind::Ready);
        let error = choose(&mut seated, "Lunch").await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        assert_eq!(seated.picture.agent.as_ref().unwrap().state.kind, AgentStateKind::Routable);
        choose(&mut seated, "Lunch").await.expect("the next one is taken");
        seated.leave().await;
    });
}

#[test]
fn not_ready_takes_all_media_along() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        choose(&mut seated, "Short break").await.expect("on a break");
        let media = seated.picture.agent.clone().unwrap().media;
        assert!(media.len() > 1 && media.iter().all(|medium| medium.state == MediaStateKind::NotReady), "{media:?}");
        seated.leave().await;
    });
}

#[test]
fn chats_at_work_are_finished_before_their_medium_is_off() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        until_chats(&mut seated, MediaStateKind::Active).await;
        switch(&mut seated, false).await.expect("as soon as it can be");
        assert_eq!(fixture.sim.chat_state("adams"), "PENDING_NOT_READY");
        until_chats(&mut seated, MediaStateKind::Ending).await;
        seated.command(Command::Disconnect { contact, connection: None }).await.expect("left");
        until_chats(&mut seated, MediaStateKind::NotReady).await;
        seated.leave().await;
    });
}

#[test]
fn the_last_chat_that_fits_makes_the_medium_busy() {
    run(async |log| {
        let mut options = options();
        options.agents[0].max_chats = 2;
        let fixture = Fixture::with(options).await;
        let (mut seated, first) = fixture.chatting(&log).await;
        until_chats(&mut seated, MediaStateKind::Active).await;
        assert_eq!(chats(&seated.picture).limit, 2);
        let second = fixture.chat_for(Seat::One, customer()).await;
        take(&mut seated, &second).await;
        until_chats(&mut seated, MediaStateKind::Busy).await;
        assert!(chats(&seated.picture).is_on(), "it is on all the same");
        seated.command(Command::Disconnect { contact: first, connection: None }).await.expect("left");
        until_chats(&mut seated, MediaStateKind::Active).await;
        seated.leave().await;
    });
}

#[test]
fn a_state_that_is_not_confirmed_is_none() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("state_confirm_ms", 300);
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.sim.ignore_events(1);
        let error = choose(&mut seated, "Ready").await.unwrap_err();
        assert_eq!(error.code, CommandCode::Timeout);
        assert_eq!(seated.picture.agent.as_ref().unwrap().state.kind, AgentStateKind::NotRoutable, "as it was");
        choose(&mut seated, "Ready").await.expect("heard this time");
        seated.leave().await;
    });
}

#[test]
fn the_platform_changes_states_by_itself() {
    run(async |log| {
        let options = ExpertflowOptions {
            rona_sets_not_ready: true,
            accept_timeout: Duration::from_millis(300),
            rona_pause: SOON,
            ..options()
        };
        let fixture = Fixture::with(options).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer()).await;
        let away = |picture: &Picture| picture.agent.as_ref().unwrap().state.kind == AgentStateKind::NotRoutable;
        seated.until("not ready after a missed offer", away).await;
        seated.until("the offer to be gone", |picture| picture.gone.contains_key(&contact)).await;
        seated.leave().await;
    });
}

#[test]
fn who_may_not_change_states_is_offered_none() {
    run(async |log| {
        let mut options = options();
        let scope = ("state-change".to_owned(), "manage_state_change".to_owned());
        options.agents[0].without_scopes.push(scope);
        let fixture = Fixture::with(options).await;
        let seated = fixture.online(Seat::One, &log).await;
        assert!(seated.picture.agent.as_ref().unwrap().selectable_states.is_empty());
        seated.leave().await;
    });
}

#[test]
fn presence_of_somebody_else_changes_nothing() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let before = seated.picture.agent.clone();
        let theirs = serde_json::json!({ "action": "AGENT_STATE_CHANGED", "agentPresence": fixture.sim.presence("brown"),
            "agentStateChanged": true, "mrdStateChanges": [] });
        fixture.sim.raw_event("adams", "agentPresence", theirs).unwrap();
        let contact = fixture.chat_for(Seat::One, customer()).await;
        seated.until_contact(&contact, trunkline_model::ContactState::Offered).await;
        assert_eq!(seated.picture.agent, before);
        fixture.make_available(Seat::One).await;
        seated.leave().await;
    });
}
