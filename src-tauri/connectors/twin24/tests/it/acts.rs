//! What the operator does, as it arrives at the platform and comes back.

use trunkline_connector::ports::AccountVault;
use trunkline_connector::testing::{ConformanceFixture, Seat, run};
use trunkline_connector::{Command, CommandCode, Target};
use trunkline_model::{
    AgentActivity, AgentStateId, ContactAction, ContactId, ContactState, ConversationState, EndpointKind, MessageBody,
    MessageId, Outcome,
};
use trunkline_simulators::twin24::{ClientOffer, HandoverTarget, OperatorStatus, Twin24Options};
use trunkline_twin24::PASSWORD;

use crate::support::{Fixture, SOON, client, email, options, said, take};

async fn endpoint(seated: &mut trunkline_connector::testing::Seated, name: &str) -> Target {
    let list = seated.endpoints(None).await.expect("a directory");
    Target::Endpoint { id: list.items.into_iter().find(|one| one.name == name).expect("of that name").id }
}

fn transfer(contact: &ContactId, target: Target) -> Command {
    Command::Transfer { contact: contact.clone(), target, note: String::new() }
}

#[test]
fn own_words_are_changed_and_taken_back_and_marked_so() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        seated.say(&contact, "t1", "Helo").await.expect("said");
        let sent = session.expect_answered("Helo", SOON).await.unwrap();
        let message = MessageId::new(sent.id.as_str());
        let edit = |text: &str| Command::EditMessage {
            contact: contact.clone(),
            message: message.clone(),
            text: text.to_owned(),
        };
        seated.command(edit("Hello")).await.expect("changed");
        session.expect_edited("Hello", SOON).await.unwrap();
        let shown = |seated: &trunkline_connector::testing::Seated| {
            seated.picture.messages[&contact].iter().find(|one| one.id == message).cloned().unwrap()
        };
        assert_eq!((shown(&seated).edited, shown(&seated).body), (true, MessageBody::Text { text: "Hello".into() }));
        // The reading that follows keeps the mark.
        seated.watch(std::time::Duration::from_millis(400)).await;
        assert!(shown(&seated).edited);
        seated
            .command(Command::RemoveMessage { contact: contact.clone(), message: message.clone() })
            .await
            .expect("taken back");
        session.expect_deleted(message.as_str(), SOON).await.unwrap();
        assert_eq!(shown(&seated).body, MessageBody::Removed);
        let again = seated.command(edit("once more")).await.unwrap_err();
        assert_eq!(again.code, CommandCode::NotPossible, "there is nothing to change any more");
        let theirs = seated.picture.messages[&contact][0].id.clone();
        let other = Command::RemoveMessage { contact: contact.clone(), message: theirs };
        assert_eq!(seated.command(other).await.unwrap_err().code, CommandCode::NotPossible, "not the client's");
        seated.leave().await;
    });
}

#[test]
fn what_a_colleague_changes_or_takes_back_is_shown_so() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        let id = MessageId::new(session.colleague_writes("galina@example.com", "I can halp").unwrap());
        seated.until("a colleague's words", |p| p.messages[&contact].iter().any(|one| one.id == id)).await;
        session.colleague_edits(id.as_str(), "I can help").unwrap();
        let edited = |p: &trunkline_connector::testing::Picture| {
            p.messages[&contact].iter().any(|one| one.id == id && one.edited)
        };
        seated.until("the edit", edited).await;
        session.colleague_deletes(id.as_str()).unwrap();
        // The platform tells nothing of it; the next reading shows it.
        session.client_writes("Thanks").unwrap();
        let gone = |p: &trunkline_connector::testing::Picture| {
            p.messages[&contact].iter().any(|one| one.id == id && one.body == MessageBody::Removed)
        };
        seated.until("that it is gone", gone).await;
        seated.leave().await;
    });
}

#[test]
fn a_session_is_renamed_and_its_client_banned_and_let_in_again() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        let name = "Иван / Petrov? #1 😀".to_owned();
        seated.command(Command::Rename { contact: contact.clone(), name: name.clone() }).await.expect("renamed");
        session.expect_renamed(&name, SOON).await.unwrap();
        assert_eq!(seated.picture.contacts[&contact].customer.name.as_ref(), Some(&name));
        assert!(seated.picture.contacts[&contact].allowed.contains(&ContactAction::Ban));
        seated.command(Command::Ban { contact: contact.clone(), banned: true }).await.expect("banned");
        session.expect_banned(true, SOON).await.unwrap();
        let shown = &seated.picture.contacts[&contact];
        assert!(shown.details.customer_banned && shown.allowed.contains(&ContactAction::Unban));
        assert!(session.client_writes("while banned").is_err(), "the platform keeps the client out");
        seated.command(Command::Ban { contact: contact.clone(), banned: false }).await.expect("let in");
        session.expect_banned(false, SOON).await.unwrap();
        seated.watch(std::time::Duration::from_millis(400)).await;
        let shown = &seated.picture.contacts[&contact];
        assert!(!shown.details.customer_banned, "also by what is read");
        assert_eq!(shown.customer.name.as_ref(), Some(&name));
        seated.leave().await;
    });
}

#[test]
fn a_session_is_handed_to_an_operator_and_to_a_group() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        let list = seated.endpoints(None).await.expect("a directory");
        let kinds: Vec<_> = list.items.iter().map(|one| (one.name.as_str(), one.kind.clone())).collect();
        assert!(
            kinds.contains(&("Galina Ivanova", EndpointKind::Agent))
                && kinds.contains(&("Billing", EndpointKind::Queue))
        );
        let target = endpoint(&mut seated, "Galina Ivanova").await;
        seated.command(transfer(&contact, target)).await.expect("handed over");
        let handed = session.expect_transferred(SOON).await.unwrap();
        assert_eq!(handed.to, HandoverTarget::Operator("galina@example.com".to_owned()));
        seated.until_contact(&contact, ContactState::Ended).await;
        assert_eq!(seated.picture.contacts[&contact].outcome, Some(Outcome::Transferred));
        assert_eq!(seated.picture.conversations[&contact].state, ConversationState::Ended);
        seated.command(Command::Clear { contact: contact.clone() }).await.expect("put away");
        seated.until_gone(&contact).await;

        let session = fixture.begin(Seat::One, client());
        let contact = ContactId::new(session.id());
        take(&mut seated, &contact).await;
        let target = endpoint(&mut seated, "Billing").await;
        seated.command(transfer(&contact, target)).await.expect("handed over");
        assert_eq!(session.expect_transferred(SOON).await.unwrap().to, HandoverTarget::Group("Billing".to_owned()));
        let nobody = Target::Number { number: "+12025550188".to_owned() };
        let other = fixture.begin(Seat::One, client());
        let contact = ContactId::new(other.id());
        take(&mut seated, &contact).await;
        assert_eq!(seated.command(transfer(&contact, nobody)).await.unwrap_err().code, CommandCode::BadTarget);
        seated.leave().await;
    });
}

#[test]
fn help_is_listed_taken_and_not_taken_twice() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let offer = ClientOffer::named("Olga").saying("Anybody?").in_help();
        let session = fixture.sim.client_starts(offer).unwrap();
        let listed = |p: &trunkline_connector::testing::Picture| p.work_lists.iter().any(|list| list.items.len() == 1);
        seated.until("somebody in help", listed).await;
        let list = seated.picture.work_lists[0].clone();
        assert_eq!((list.fixed, list.items[0].customer.name.as_deref()), (true, Some("Olga")));
        let take = Command::TakeWork { list: list.id.clone(), item: list.items[0].id.clone() };
        seated.command(take.clone()).await.expect("taken");
        session.expect_assigned_to(email(Seat::One), SOON).await.unwrap();
        let contact = ContactId::new(session.id());
        seated.until_conversation(&contact, ConversationState::Open).await;
        assert_eq!(said(&seated, &contact), ["Anybody?"], "it need not ring");
        seated.until("an empty list", |p| p.work_lists[0].items.is_empty()).await;
        assert_eq!(seated.command(take).await.unwrap_err().code, CommandCode::NotPossible);
        seated.leave().await;
    });
}

#[test]
fn states_are_taken_and_the_verb_that_works_is_found_and_kept() {
    run(async |log| {
        let mut given = options();
        given.verbs.activate = "POST".to_owned();
        given.verbs.pause = "PUT".to_owned();
        let fixture = Fixture::with(given).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let set = |state: &str| Command::SetAgentState { state: AgentStateId::new(state), when_free: false };
        for _ in 0..2 {
            seated.command(set("active")).await.expect("online");
            assert_eq!(fixture.sim.status(email(Seat::One)), OperatorStatus::Online);
            assert_eq!(seated.picture.agent.as_ref().unwrap().state.activity, AgentActivity::Online);
            seated.command(set("pause")).await.expect("pausing");
            assert_eq!(fixture.sim.status(email(Seat::One)), OperatorStatus::Pause);
        }
        let tried: Vec<_> = fixture
            .sim
            .heard()
            .iter()
            .map(trunkline_simulators::twin24::Heard::line)
            .filter(|line| line.contains("/me/activate"))
            .collect();
        assert_eq!(
            tried,
            [
                "PATCH /users/me/activate",
                "PUT /users/me/activate",
                "POST /users/me/activate",
                "POST /users/me/activate"
            ]
        );
        seated.leave().await;
    });
}

#[test]
fn earlier_sessions_of_the_client_are_read_on_demand() {
    run(async |log| {
        let fixture = Fixture::with(Twin24Options { page_limit: 500, ..options() }).await.set("page", 10);
        let mut seated = fixture.online(Seat::One, &log).await;
        let before = fixture.begin(Seat::One, client());
        for number in 0..14 {
            before.client_writes(&format!("before {number}")).unwrap();
        }
        let id = before.client_id();
        before.client_closes().unwrap();
        let offer = ClientOffer { client: Some(id), ..ClientOffer::named("Chris Sample").saying("me again") };
        let session = fixture.begin(Seat::One, offer);
        let contact = ContactId::new(session.id());
        take(&mut seated, &contact).await;
        assert_eq!(said(&seated, &contact), ["me again"]);
        assert!(seated.picture.conversations[&contact].has_older);
        for _ in 0..4 {
            seated.command(Command::LoadOlder { contact: contact.clone() }).await.expect("older ones");
        }
        let all = said(&seated, &contact);
        assert_eq!((all.len(), all[0].as_str(), all[15].as_str()), (16, "Hello", "me again"), "{all:?}");
        assert!(!seated.picture.conversations[&contact].has_older, "that was all");
        session.client_writes("one more").unwrap();
        seated.until("it", |p| p.messages[&contact].len() == 17).await;
        let removed = seated.picture.messages[&contact].iter().filter(|one| one.body == MessageBody::Removed).count();
        assert_eq!(removed, 0, "what is of another session is not missing in this one");
        seated.leave().await;
    });
}

#[test]
fn signing_out_pauses_first_and_forgets_the_password() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.make_available(Seat::One).await;
        seated.command(Command::SignOut { state: None }).await.expect("signed out");
        assert_eq!(seated.end().await, trunkline_connector::Ended::SignedOut);
        assert_eq!(fixture.sim.status(email(Seat::One)), OperatorStatus::Pause);
        assert!(fixture.vault(Seat::One).get(PASSWORD).await.unwrap().is_none());
    });
}
