//! Signing out, in which state one is left, and signing in again.

use crate::chatting::{AGENT, Panel};
use serde_json::{Value, json};
use trunkline_desk::DeskSnapshot;
use trunkline_model::{AgentStateKind, LinkState};
use trunkline_rpc::{RpcCode, RpcError};

fn link(desk: &DeskSnapshot) -> LinkState {
    desk.accounts[0].link.state
}

/// Id of a state that the agent can choose.
fn state(panel: &Panel, name: &str) -> String {
    let agent = panel.desk().accounts[0].agent.clone().expect("signed in");
    let state = agent.selectable_states.into_iter().find(|state| state.name == name).expect(name);
    state.id.unwrap().as_str().to_owned()
}

async fn sign_out(panel: &Panel, state: Option<&str>) -> Result<Value, RpcError> {
    panel.call("account_sign_out", json!({ "account": "one", "state": state })).await
}

/// Operations by which the platform would notice.
fn leavings(panel: &Panel) -> usize {
    panel.sim.requests_of("PutAgentState").len() + panel.sim.requests_of("logout").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_signs_out_of_a_contact_or_into_a_state_that_cannot_be() {
    let panel = Panel::open().await;
    let before = leavings(&panel);
    for (state, key) in
        [("no-such-state", "error_state_unknown"), (&state(&panel, "Available"), "error_state_routable")]
    {
        let refused = sign_out(&panel, Some(state)).await.expect_err("that is no state to be left in");
        assert_eq!(refused.code, RpcCode::Invalid, "{state}: the agent can choose another");
        assert_eq!((refused.field.as_deref(), refused.message_key.as_str()), (Some("state"), key), "{state}: and why");
    }
    let (_chat, talk) = panel.chat().await;
    let refused = sign_out(&panel, None).await.expect_err("there is a customer");
    assert_eq!(refused.code, RpcCode::NotPossible, "not now");
    assert_eq!(refused.message_key, "error_contacts_active", "and why");
    assert_eq!(leavings(&panel), before, "the platform has heard nothing of all this");
    let desk = panel.desk();
    assert_eq!(link(&desk), LinkState::Online, "the agent is at work");
    assert!(talk.is_open(&desk), "and the chat goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_is_left_in_the_chosen_state_and_one_press_signs_in_again() {
    let panel = Panel::open().await;
    let lunch = state(&panel, "Lunch");
    sign_out(&panel, Some(&lunch)).await.expect("signing out");
    panel.until("the account to be signed out", |desk| link(desk) == LinkState::SignedOut).await;
    assert_eq!(panel.sim.agent(AGENT).state(), "Lunch", "as chosen");
    panel.settle().await;
    assert!(panel.login.pages().is_empty(), "no window asks to come back");

    let cookie = panel.sim.login_cookie(AGENT);
    let (name, value) = cookie.split_once('=').unwrap();
    panel.login.cookies([(name, value)]);
    panel.call("account_sign_in", json!({ "account": "one" })).await.expect("signing in again");
    panel.until("the account to be online", |desk| link(desk) == LinkState::Online).await;
    assert_eq!(panel.login.pages().len(), 1, "one window for one press");
    let available = state(&panel, "Available");
    let back = json!({ "account": "one", "state": available, "when_free": false });
    panel.call("agent_set_state", back).await.expect("back from lunch");
    let (chat, talk) = panel.chat().await;
    chat.say("Hello?").unwrap();
    panel.until("the customer's word", |desk| !talk.messages(desk).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_choice_the_agent_is_offline_and_a_closed_window_asks_no_second_time() {
    let panel = Panel::open().await;
    panel.call("account_sign_out", json!({ "account": "one" })).await.expect("signing out");
    panel.until("the account to be signed out", |desk| link(desk) == LinkState::SignedOut).await;
    assert_eq!(panel.sim.agent(AGENT).state(), "Offline", "as nobody chose anything");

    panel.login.failure(trunkline_connector::ports::LoginFailure::Closed);
    let _ = panel.call("account_sign_in", json!({ "account": "one" })).await;
    panel.until("the wish to sign in", |desk| link(desk) == LinkState::NeedsSignIn).await;
    panel.settle().await;
    assert_eq!(panel.login.pages().len(), 1, "the agent closed it: it stays closed");
    let cookie = panel.sim.login_cookie(AGENT);
    let (name, value) = cookie.split_once('=').unwrap();
    panel.login.cookies([(name, value)]);
    panel.call("account_sign_in", json!({ "account": "one" })).await.expect("signing in after all");
    let desk = panel.until("the account to be online", |desk| link(desk) == LinkState::Online).await;
    let agent = desk.accounts[0].agent.as_ref().expect("the agent is there");
    assert_eq!(agent.state.kind, AgentStateKind::Offline, "as they were left");
}
