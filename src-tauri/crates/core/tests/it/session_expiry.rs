//! The session at the platform ends in the middle of work: the agent signs in
//! again, and nothing of what they worked on is lost.

use crate::chatting::{AGENT, Panel, Talk, received};
use serde_json::json;
use trunkline_desk::DeskSnapshot;
use trunkline_model::{AuthorRole, ContactState, LinkState, NoticeAction};

fn link(desk: &DeskSnapshot) -> LinkState {
    desk.accounts[0].link.state
}

/// The customer's words.
fn said(talk: &Talk, desk: &DeskSnapshot) -> Vec<String> {
    talk.texts(desk, AuthorRole::Customer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_keeps_contacts_words_and_drafts_until_the_agent_signs_in_again() {
    let panel = Panel::open().await;
    let (chat, talk) = panel.chat().await;
    chat.say("Where is my order?").unwrap();
    panel.until("the customer's words", |desk| !said(&talk, desk).is_empty()).await;
    panel.call("conversation_draft", json!({ "contact": talk.key, "text": "One mo" })).await.unwrap();

    panel.sim.revoke_session();
    panel.sim.expire_tokens();
    panel.sim.drop_sockets();
    let desk = panel.until("the account to ask for a sign-in", |desk| link(desk) == LinkState::NeedsSignIn).await;
    assert!(panel.login.pages().is_empty(), "no window opens by itself over the agent's work");
    let told = desk.notices.iter().find(|notice| notice.message_key == "notice_sign_in_needed");
    assert_eq!(told.expect("the agent is told").action, Some(NoticeAction::SignIn), "with the button");
    assert_eq!(talk.state(&desk), Some(ContactState::Connected), "the contact is still on the desk");
    assert_eq!(said(&talk, &desk), ["Where is my order?"], "with what was said");
    assert_eq!(talk.view(&desk).unwrap().draft, "One mo", "and what was begun");
    assert!(desk.accounts[0].agent.is_some(), "the agent's own name and state stay, too");

    let cookie = panel.sim.login_cookie(AGENT);
    let (name, value) = cookie.split_once('=').unwrap();
    panel.login.cookies([(name, value)]);
    panel.call("account_sign_in", json!({ "account": "one" })).await.expect("signing in again");
    let desk = panel.until("the account to be online", |desk| link(desk) == LinkState::Online).await;
    assert_eq!(panel.login.pages().len(), 1, "one window, at the agent's wish");
    assert_eq!(talk.state(&desk), Some(ContactState::Connected), "the same contact, never gone");
    panel
        .until("the notice to go", |desk| desk.notices.iter().all(|one| one.action != Some(NoticeAction::SignIn)))
        .await;

    panel.send(&talk, "On its way.").await.expect("work goes on");
    panel.until("the words to be sent", |desk| talk.all_sent(desk)).await;
    assert_eq!(received(&chat), ["On its way."], "the customer gets them once");
    chat.say("Thanks").unwrap();
    panel.until("the answer", |desk| said(&talk, desk).len() == 2).await;
    let desk = panel.desk();
    assert_eq!(desk.contacts.len(), 1, "no second card of the same contact");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_window_that_is_closed_leaves_everything_as_it_is_and_can_be_opened_again() {
    let panel = Panel::open().await;
    let (_chat, talk) = panel.chat().await;
    panel.sim.revoke_session();
    panel.sim.expire_tokens();
    panel.sim.drop_sockets();
    panel.until("the account to ask for a sign-in", |desk| link(desk) == LinkState::NeedsSignIn).await;
    panel.login.failure(trunkline_connector::ports::LoginFailure::Closed);
    let _ = panel.call("account_sign_in", json!({ "account": "one" })).await;
    let desk = panel.until("the wish to sign in again", |desk| link(desk) == LinkState::NeedsSignIn).await;
    assert_eq!(talk.state(&desk), Some(ContactState::Connected), "the contact is there");
    let cookie = panel.sim.login_cookie(AGENT);
    let (name, value) = cookie.split_once('=').unwrap();
    panel.login.cookies([(name, value)]);
    panel.call("account_sign_in", json!({ "account": "one" })).await.expect("signing in after all");
    panel.until("the account to be online", |desk| link(desk) == LinkState::Online && talk.is_open(desk)).await;
}
