//! Offers: how they look, how they end, and those that are taken by themselves.

use std::time::Duration;

use serde_json::json;
use trunkline_connector::testing::{ConformanceFixture, Seat, run};
use trunkline_connector::{Command, CommandCode};
use trunkline_model::{Channel, ContactAction, ContactState, ConversationState, Direction, Outcome, UnixMillis};
use trunkline_simulators::expertflow::{CustomerOffer, ExpertflowOptions};

use crate::support::{Fixture, SOON, colleague, customer, options, take};

fn now() -> UnixMillis {
    use trunkline_connector::ports::WallClock;
    trunkline_net::SystemClock.now()
}

fn heard(fixture: &Fixture, name: &str) -> usize {
    fixture.sim.heard().iter().filter(|heard| heard.name == name).count()
}

#[test]
fn an_offer_says_who_where_and_how_long() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("accept_timeout_ms", 20_000);
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer().through("WHATSAPP")).await;
        seated.until_contact(&contact, ContactState::Offered).await;
        let offer = seated.picture.contacts[&contact].clone();
        assert_eq!(offer.customer.name.as_deref(), Some("Chris Sample"));
        assert_eq!(offer.customer.address.as_deref(), Some("+12025550123"));
        assert_eq!((offer.channel, offer.direction), (Channel::Chat, Direction::Inbound));
        assert_eq!(offer.details.subtype, Some(trunkline_model::Subtype::Whatsapp));
        assert_eq!(offer.queue.and_then(|queue| queue.name).as_deref(), Some("Web Care"));
        let left = offer.offer_expires.expect("a countdown").since(now());
        assert!((15_000..=20_000).contains(&left), "as long as the setting says: {left}");
        assert_eq!(offer.handover, None, "from the customer, not from a colleague");
        assert_eq!(offer.allowed, [ContactAction::Accept].into(), "it cannot be declined");
        seated.leave().await;
    });
}

#[test]
fn an_offer_that_nobody_takes_is_missed_and_said_so() {
    run(async |log| {
        let options = ExpertflowOptions { rona_pause: Duration::from_millis(300), ..options() };
        let fixture = Fixture::with(options).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.offer_that_rings(Seat::One, Duration::from_millis(1_500)).await;
        seated.until_contact(&contact, ContactState::Offered).await;
        seated.until_gone(&contact).await;
        assert_eq!(seated.picture.gone[&contact], Some(Outcome::Missed));
        let told = |picture: &trunkline_connector::testing::Picture| {
            picture.notices.values().any(|notice| notice.message_key == "notice_offer_taken")
        };
        seated.until("the notice", told).await;
        // It comes back, as there is nobody else, and can be taken then.
        take(&mut seated, &contact).await;
        seated.leave().await;
    });
}

#[test]
fn a_customer_who_leaves_takes_the_offer_along() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer()).await;
        seated.until_contact(&contact, ContactState::Offered).await;
        fixture.chat(&contact).customer_leaves();
        seated.until_gone(&contact).await;
        assert_eq!(seated.picture.gone[&contact], Some(Outcome::Abandoned));
        assert!(seated.picture.notices.is_empty(), "nothing the agent did wrong: {:?}", seated.picture.notices);
        seated.leave().await;
    });
}

#[test]
fn an_offer_that_goes_while_it_is_taken_leaves_nothing_over() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer()).await;
        seated.until_contact(&contact, ContactState::Offered).await;
        // What the platform says comes later than what the agent does.
        fixture.sim.slow_down(Duration::from_millis(200));
        fixture.chat(&contact).customer_leaves();
        let error = seated.command(Command::Accept { contact: contact.clone() }).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        seated.until_gone(&contact).await;
        seated.watch(Duration::from_millis(300)).await;
        assert!(seated.picture.contacts.is_empty() && seated.picture.conversations.is_empty());
        seated.leave().await;
    });
}

#[test]
fn a_refused_subscription_alone_takes_the_offer_away() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer()).await;
        seated.until_contact(&contact, ContactState::Offered).await;
        fixture.sim.ignore_events(1);
        let refusal = async {
            fixture.sim.expect_heard("adams", "topicSubscription", SOON).await.unwrap();
            let words = json!({ "task": "topicSubscription", "msg": "the task is with somebody else" });
            fixture.sim.raw_event("adams", "errors", words).unwrap();
        };
        let (taken, ()) = tokio::join!(seated.command(Command::Accept { contact: contact.clone() }), refusal);
        let error = taken.unwrap_err();
        assert_eq!((error.code, error.detail.as_str()), (CommandCode::NotPossible, "the task is with somebody else"));
        seated.until_gone(&contact).await;
        seated.leave().await;
    });
}

#[test]
fn the_desks_setting_takes_chats_by_itself() {
    run(async |log| {
        let fixture = Fixture::with(options().auto_answer()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        assert!(seated.picture.agent.as_ref().unwrap().auto_accept);
        let contact = fixture.chat_for(Seat::One, customer()).await;
        seated.until_conversation(&contact, ConversationState::Open).await;
        assert!(seated.picture.contacts[&contact].auto_accept, "and is marked so");
        assert_eq!(fixture.chat(&contact).facts().accepted_by(), Some("adams"));
        seated.leave().await;
    });
}

#[test]
fn the_accounts_setting_stands_before_the_desks() {
    run(async |log| {
        let fixture = Fixture::with(options().auto_answer()).await.set("auto_answer", false);
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer()).await;
        seated.until_contact(&contact, ContactState::Offered).await;
        assert_eq!(heard(&fixture, "topicSubscription"), 0);
        seated.leave().await;
    });
}

#[test]
fn work_that_was_started_for_the_agent_is_joined_once() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.ready(Seat::One, &log).await;
        fixture.sim.duplicate_events(true);
        let offer = CustomerOffer { started_for: Some("adams".to_owned()), ..customer() };
        let chat = fixture.sim.customer_chats(offer).unwrap();
        let contact = trunkline_model::ContactId::new(chat.id());
        seated.until_conversation(&contact, ConversationState::Open).await;
        assert_eq!(seated.picture.contacts[&contact].direction, Direction::Outbound);
        seated.watch(Duration::from_millis(200)).await;
        assert_eq!(heard(&fixture, "topicSubscription"), 1, "although it was told twice");
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        seated.leave().await;
    });
}

#[test]
fn an_offer_that_stands_longer_than_was_thought_rings_on_without_a_countdown() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("accept_timeout_ms", 300);
        let mut seated = fixture.ready(Seat::One, &log).await;
        let contact = fixture.chat_for(Seat::One, customer()).await;
        seated.until_contact(&contact, ContactState::Offered).await;
        assert!(seated.picture.contacts[&contact].offer_expires.is_some());
        let id = contact.clone();
        let counted = |picture: &trunkline_connector::testing::Picture| picture.contacts[&id].offer_expires.is_none();
        seated.until("the countdown to be over", counted).await;
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Offered));
        take(&mut seated, &contact).await;
        seated.leave().await;
    });
}

#[test]
fn a_colleagues_question_is_offered_as_one() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, contact) = fixture.chatting(&log).await;
        let mut two = fixture.ready(Seat::Two, &log).await;
        let target = colleague(&mut one, &contact).await;
        one.command(Command::Consult { contact: contact.clone(), target, note: String::new() }).await.expect("asked");
        two.until_contact(&contact, ContactState::Offered).await;
        let handover = two.picture.contacts[&contact].handover.clone().expect("from a colleague");
        assert!(handover.consult);
        assert_eq!(handover.by.as_deref(), Some("adams"));
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn two_conversations_of_one_customer_stay_apart() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, web) = fixture.chatting_with(customer().saying("by the web site"), &log).await;
        let mobile = fixture.chat_for(Seat::One, customer().through("WHATSAPP").saying("by telephone")).await;
        take(&mut seated, &mobile).await;
        fixture.chat(&mobile).customer_writes("only here").unwrap();
        seated.say(&web, "token-web", "only there").await.unwrap();
        let words = |seated: &trunkline_connector::testing::Seated, contact| -> Vec<String> {
            seated.picture.words(contact).iter().map(|message| crate::support::text(message)).collect()
        };
        let told = |picture: &trunkline_connector::testing::Picture| picture.words(&mobile).len() == 2;
        seated.until("the message", told).await;
        assert_eq!(words(&seated, &web), ["by the web site", "only there"]);
        assert_eq!(words(&seated, &mobile), ["by telephone", "only here"]);
        fixture.chat(&web).customer_leaves();
        seated.until_contact(&web, ContactState::Ended).await;
        assert_eq!(seated.picture.state(&mobile), Some(&ContactState::Connected));
        seated.leave().await;
    });
}
