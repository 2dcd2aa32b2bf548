//! Pull-mode lists: what waits until an agent takes it.

use std::time::Duration;

use trunkline_connector::testing::{LogLines, Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode};
use trunkline_model::{ContactId, ContactState, ConversationState, LinkState, WorkItem, WorkList};

use crate::support::{Fixture, SOON, customer, options};

const LIST: &str = "Back office";

fn list(picture: &Picture) -> Option<&WorkList> {
    picture.work_lists.iter().find(|list| list.name == LIST)
}

fn items(picture: &Picture) -> &[WorkItem] {
    list(picture).map(|list| list.items.as_slice()).unwrap_or_default()
}

async fn subscribe(seated: &mut Seated, subscribed: bool) {
    let id = list(&seated.picture).expect("the list").id.clone();
    seated.command(Command::SubscribeList { list: id, subscribed }).await.expect("subscribed");
    seated.until("the list to say so", |p| list(p).is_some_and(|list| list.subscribed == subscribed)).await;
}

/// An agent who is told of the list, and a customer who waits in it.
async fn waiting(fixture: &Fixture, log: &LogLines) -> (Seated, ContactId) {
    let mut seated = fixture.online(Seat::One, log).await;
    seated.until("the lists", |picture| list(picture).is_some()).await;
    subscribe(&mut seated, true).await;
    let chat = fixture.sim.customer_waits_in(LIST, customer().saying("Anybody?")).expect("a request");
    seated.until("somebody to wait", |picture| items(picture).len() == 1).await;
    (seated, ContactId::new(chat.id()))
}

fn take(seated: &Seated) -> Command {
    let list = list(&seated.picture).expect("the list");
    Command::TakeWork { list: list.id.clone(), item: list.items[0].id.clone() }
}

#[test]
fn lists_are_known_and_what_is_in_them_after_subscribing() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        fixture.sim.customer_waits_in(LIST, customer()).expect("a request");
        let mut seated = fixture.online(Seat::One, &log).await;
        seated.until("the lists", |picture| list(picture).is_some()).await;
        assert!(items(&seated.picture).is_empty() && !list(&seated.picture).unwrap().subscribed);
        subscribe(&mut seated, true).await;
        seated.until("what waits", |picture| items(picture).len() == 1).await;
        let item = &items(&seated.picture)[0];
        assert_eq!(item.customer.name.as_deref(), Some("Chris Sample"));
        assert!(!item.taken && item.since.is_some() && item.kind.is_some(), "{item:?}");
        subscribe(&mut seated, false).await;
        assert!(items(&seated.picture).is_empty(), "nothing is told of it any more");
        let gone = Command::SubscribeList { list: "no-such-list".into(), subscribed: true };
        assert_eq!(seated.command(gone).await.unwrap_err().code, CommandCode::NotPossible);
        seated.leave().await;
    });
}

#[test]
fn what_waits_is_taken_and_becomes_a_conversation() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = waiting(&fixture, &log).await;
        seated.command(take(&seated)).await.expect("taken");
        seated.until_conversation(&contact, ConversationState::Open).await;
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        seated.until("the list to say so", |picture| items(picture).first().is_none_or(|item| item.taken)).await;
        seated.say(&contact, "token-1", "I am here.").await.expect("said");
        fixture.chat(&contact).expect_message("I am here.", SOON).await.unwrap();
        seated.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        seated.until_gone(&contact).await;
        seated.leave().await;
    });
}

#[test]
fn two_who_take_the_same_are_told_who_was_late() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, contact) = waiting(&fixture, &log).await;
        let mut two = fixture.online(Seat::Two, &log).await;
        two.until("the lists", |picture| list(picture).is_some()).await;
        subscribe(&mut two, true).await;
        two.until("what waits", |picture| items(picture).len() == 1).await;
        let stale = take(&two);
        one.command(take(&one)).await.expect("taken");
        one.until_conversation(&contact, ConversationState::Open).await;
        two.until("it to be taken", |picture| items(picture).first().is_none_or(|item| item.taken)).await;
        match two.command(stale).await {
            // Where the platform lets a second one in, it is a conversation of both.
            Ok(()) => two.until_conversation(&contact, ConversationState::Open).await,
            Err(error) => assert_eq!(error.code, CommandCode::NotPossible),
        }
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn what_nobody_need_take_goes_off_the_list_for_everybody() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, _) = waiting(&fixture, &log).await;
        let shown = list(&seated.picture).unwrap();
        let (list, item) = (shown.id.clone(), shown.items[0].id.clone());
        seated.command(Command::CloseWork { list: list.clone(), item: item.clone() }).await.expect("closed");
        seated.until("an empty list", |picture| items(picture).is_empty()).await;
        // Done is done: once more is no fault, and taking it says that it is gone.
        seated.command(Command::CloseWork { list: list.clone(), item: item.clone() }).await.expect("nothing to do");
        let error = seated.command(Command::TakeWork { list, item }).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        seated.leave().await;
    });
}

#[test]
fn a_customer_who_gives_up_goes_off_the_list() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = waiting(&fixture, &log).await;
        fixture.chat(&contact).customer_leaves();
        seated.until("an empty list", |picture| items(picture).is_empty()).await;
        seated.leave().await;
    });
}

#[test]
fn lists_come_back_with_the_connection() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, _) = waiting(&fixture, &log).await;
        fixture.sim.drop_sockets();
        seated.watch(Duration::from_millis(200)).await;
        seated.until_link(LinkState::Online).await;
        fixture.sim.customer_waits_in(LIST, customer()).expect("a second request");
        seated.until("both", |picture| items(picture).len() == 2).await;
        assert!(list(&seated.picture).unwrap().subscribed);
        seated.leave().await;
    });
}

#[test]
fn without_the_right_there_are_no_lists() {
    run(async |log| {
        let mut options = options();
        for scope in ["view", "manage"] {
            options.agents[0].without_scopes.push(("subscribed-list".to_owned(), scope.to_owned()));
        }
        let fixture = Fixture::with(options).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        seated.watch(Duration::from_millis(300)).await;
        assert!(seated.picture.work_lists.is_empty());
        seated.leave().await;
    });
}
