//! Leaving, after-contact work, and customers who leave.

use std::time::Duration;

use trunkline_connector::testing::{Picture, Seat, run};
use trunkline_connector::{Command, CommandCode};
use trunkline_model::{ContactAction, ContactState, ConversationState, LinkState, MessageBody, Outcome, WrapUpCode};
use trunkline_simulators::expertflow::ExpertflowOptions;

use crate::support::{Fixture, SOON, options};

fn with_wrap_up(seconds: u64) -> ExpertflowOptions {
    options().with_wrap_up(Duration::from_secs(seconds))
}

fn codes() -> Vec<WrapUpCode> {
    let code = |category: &str, value: &str| WrapUpCode { category: category.to_owned(), value: value.to_owned() };
    vec![code("Support", "Solved"), code("Billing", "Refund issued")]
}

fn has_notice(key: &'static str) -> impl Fn(&Picture) -> bool {
    move |picture| picture.notices.values().any(|notice| notice.message_key == key)
}

#[test]
fn leaving_is_the_end_where_there_is_no_after_contact_work() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        seated.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        seated.until_gone(&contact).await;
        assert_eq!(seated.picture.gone[&contact], Some(Outcome::EndedByAgent));
        assert_eq!(fixture.chat(&contact).facts().left_with("adams"), Some("UNSUBSCRIBED"));
        assert!(seated.picture.notices.is_empty(), "the agent knows");
        seated.leave().await;
    });
}

#[test]
fn codes_and_a_note_end_after_contact_work() {
    for in_millis in [false, true] {
        run(async |log| {
            let fixture = Fixture::with(ExpertflowOptions { wrap_up_in_millis: in_millis, ..with_wrap_up(30) }).await;
            let (mut seated, contact) = fixture.chatting(&log).await;
            let form = seated.picture.agent.as_ref().unwrap().wrap_up.clone().expect("a form");
            assert_eq!((form.categories.len(), form.most, form.note), (3, 5, true));
            seated.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
            seated.until_contact(&contact, ContactState::Ended).await;
            let ends = |picture: &Picture| picture.contacts[&contact].wrap_up_ends.is_some();
            seated.until("the time it ends", ends).await;
            let now = trunkline_connector::ports::WallClock::now(&trunkline_net::SystemClock);
            let left = seated.picture.contacts[&contact].wrap_up_ends.unwrap().since(now);
            assert!((25_000..=30_500).contains(&left), "half a minute: {left}");
            assert_eq!(seated.picture.conversations[&contact].state, ConversationState::Ended);
            let error = seated.say(&contact, "token-1", "one more thing").await.unwrap_err();
            assert_eq!(error.code, CommandCode::NotPossible);
            let wrap_up = Command::WrapUp { contact: contact.clone(), codes: codes(), note: "called back".to_owned() };
            seated.command(wrap_up).await.expect("noted");
            seated.until_gone(&contact).await;
            assert_eq!(seated.picture.gone[&contact], Some(Outcome::EndedByAgent));
            let facts = fixture.chat(&contact).facts();
            assert_eq!(facts.left_with("adams"), Some("Wrap Up applied"));
            assert_eq!(facts.wrap_ups.len(), 1);
            assert_eq!(facts.wrap_ups[0]["wrapups"][1]["value"], "Refund issued");
            assert_eq!(facts.wrap_ups[0]["note"], "called back");
            seated.leave().await;
        });
    }
}

#[test]
fn after_contact_work_is_skipped() {
    run(async |log| {
        let fixture = Fixture::with(with_wrap_up(30)).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        seated.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        seated.until_contact(&contact, ContactState::Ended).await;
        seated.command(Command::Clear { contact: contact.clone() }).await.expect("cleared");
        seated.until_gone(&contact).await;
        let facts = fixture.chat(&contact).facts();
        assert_eq!(facts.left_with("adams"), Some("choosing leave without Wrap Up"));
        assert!(facts.wrap_ups.is_empty() && seated.picture.notices.is_empty());
        seated.leave().await;
    });
}

#[test]
fn after_contact_work_runs_out() {
    run(async |log| {
        let fixture = Fixture::with(with_wrap_up(1)).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        seated.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        seated.until_contact(&contact, ContactState::Ended).await;
        seated.until_gone(&contact).await;
        assert_eq!(fixture.chat(&contact).facts().left_with("adams"), Some("wrap Up Timer Expired"));
        seated.until("the notice", has_notice("notice_conversation_closed")).await;
        seated.leave().await;
    });
}

#[test]
fn after_contact_work_goes_on_after_a_reconnect() {
    run(async |log| {
        let fixture = Fixture::with(with_wrap_up(30)).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        seated.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        seated.until_contact(&contact, ContactState::Ended).await;
        fixture.sim.drop_sockets();
        seated.until_link(LinkState::Offline).await;
        seated.until_link(LinkState::Online).await;
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Ended));
        assert!(seated.picture.contacts[&contact].allowed.contains(&ContactAction::WrapUp));
        let wrap_up = Command::WrapUp { contact: contact.clone(), codes: codes(), note: String::new() };
        seated.command(wrap_up).await.expect("noted");
        seated.until_gone(&contact).await;
        assert_eq!(fixture.chat(&contact).facts().left_with("adams"), Some("Wrap Up applied"));
        seated.leave().await;
    });
}

#[test]
fn something_is_noted_while_the_chat_goes_on() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let wrap_up = Command::WrapUp { contact: contact.clone(), codes: codes(), note: "so far".to_owned() };
        seated.command(wrap_up).await.expect("noted");
        assert_eq!(fixture.chat(&contact).facts().wrap_ups.len(), 1);
        assert!(fixture.chat(&contact).messages().is_empty(), "nothing for the customer");
        let noted = |picture: &Picture| {
            picture.words(&contact).iter().any(|m| m.internal && matches!(m.body, MessageBody::WrapUp { .. }))
        };
        seated.until("the note in the conversation", noted).await;
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        seated.leave().await;
    });
}

#[test]
fn a_customer_who_leaves_ends_it_until_it_is_cleared() {
    for wrap_up in [false, true] {
        run(async |log| {
            let fixture = Fixture::with(if wrap_up { with_wrap_up(30) } else { options() }).await;
            let (mut seated, contact) = fixture.chatting(&log).await;
            fixture.chat(&contact).customer_leaves();
            seated.until_contact(&contact, ContactState::Ended).await;
            assert_eq!(seated.picture.contacts[&contact].outcome, Some(Outcome::EndedByCustomer));
            let error = seated.say(&contact, "token-1", "still there?").await.unwrap_err();
            assert_eq!(error.code, CommandCode::NotPossible);
            seated.command(Command::Clear { contact: contact.clone() }).await.expect("cleared");
            seated.until_gone(&contact).await;
            assert_eq!(seated.picture.gone[&contact], Some(Outcome::EndedByCustomer));
            let left = fixture.chat(&contact).expect_left("adams", SOON).await.unwrap();
            let expected = if wrap_up { "choosing leave without Wrap Up" } else { "UNSUBSCRIBED" };
            assert_eq!(left, expected);
            seated.leave().await;
        });
    }
}

#[test]
fn what_it_was_about_is_noted_after_the_customer_has_left() {
    for wrap_up in [false, true] {
        run(async |log| {
            let fixture = Fixture::with(if wrap_up { with_wrap_up(30) } else { options() }).await;
            let (mut seated, contact) = fixture.chatting(&log).await;
            fixture.chat(&contact).customer_leaves();
            seated.until_contact(&contact, ContactState::Ended).await;
            let command = Command::WrapUp { contact: contact.clone(), codes: codes(), note: "bye".to_owned() };
            seated.command(command).await.expect("noted");
            seated.until_gone(&contact).await;
            assert_eq!(fixture.chat(&contact).facts().wrap_ups.len(), 1, "once");
            seated.leave().await;
        });
    }
}

#[test]
fn the_platform_ends_a_conversation_for_everybody() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        fixture.chat(&contact).closes();
        seated.until_gone(&contact).await;
        // And more work comes.
        let next = fixture.chat_for(Seat::One, crate::support::customer()).await;
        crate::support::take(&mut seated, &next).await;
        seated.leave().await;
    });
}
