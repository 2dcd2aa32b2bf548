//! Messages arrive once, although the platform takes no token with them.

use std::time::Duration;

use trunkline_connector::CommandCode;
use trunkline_connector::testing::run;
use trunkline_simulators::twin24::Failure;

use crate::support::{Fixture, options, said};

#[test]
fn an_answer_that_is_lost_is_found_among_the_messages() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        for (number, failure) in
            [Failure::LoseAnswer, Failure::DoneBut(502), Failure::CutAnswer].into_iter().enumerate()
        {
            fixture.sim.fail_next("POST /sessions/", failure.clone(), 1);
            let text = format!("number {number}");
            seated
                .say(&contact, &format!("t{number}"), &text)
                .await
                .unwrap_or_else(|error| panic!("{failure:?}: {error}"));
            let there = session.facts().sent.iter().filter(|sent| sent.body == text).count();
            assert_eq!(there, 1, "{failure:?}");
        }
        assert_eq!(said(&seated, &contact), ["Hello", "number 0", "number 1", "number 2"]);
        seated.leave().await;
    });
}

#[test]
fn what_never_arrived_is_said_so_and_can_be_sent_again() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        for failure in [Failure::Status(503), Failure::Drop, Failure::Garbage] {
            fixture.sim.fail_next("POST /sessions/", failure.clone(), 1);
            let error = seated.say(&contact, "t", "in vain").await.unwrap_err();
            assert!(error.is_transient(), "{failure:?}: {error}");
            assert!(session.facts().sent.is_empty(), "{failure:?}");
        }
        seated.say(&contact, "t", "in vain").await.expect("at last");
        assert_eq!(session.facts().sent.len(), 1);
        seated.leave().await;
    });
}

#[test]
fn the_same_words_twice_are_two_messages() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        seated.say(&contact, "one", "yes").await.expect("said");
        seated.say(&contact, "two", "yes").await.expect("said");
        fixture.sim.fail_next("POST /sessions/", Failure::Status(503), 1);
        let _ = seated.say(&contact, "three", "yes").await;
        seated.watch(Duration::from_millis(500)).await;
        assert_eq!(session.facts().sent.len(), 2, "the third is not taken for one of the others");
        seated.say(&contact, "three", "yes").await.expect("now it is");
        assert_eq!(session.facts().sent.len(), 3);
        assert_eq!(said(&seated, &contact), ["Hello", "yes", "yes", "yes"]);
        seated.leave().await;
    });
}

#[test]
fn a_refusal_is_told_by_its_reason_and_not_repeated() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        let error = seated.say(&contact, "t", &"x".repeat(5_000)).await.unwrap_err();
        assert_eq!(error.code, CommandCode::Invalid, "longer than the platform takes");
        fixture.sim.fail_next("POST /sessions/", Failure::Status(403), 2);
        let error = seated.say(&contact, "t2", "no right").await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotAllowed, "also with a new token");
        assert!(session.facts().sent.is_empty());
        seated.leave().await;
    });
}
