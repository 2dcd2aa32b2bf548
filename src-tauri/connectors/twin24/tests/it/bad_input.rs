//! Bad input and failures.

use std::time::Instant;

use serde_json::json;
use trunkline_connector::testing::{Seat, run};
use trunkline_connector::{Command, CommandCode};
use trunkline_model::{ContactId, ContactState, ConversationState, LinkState, Outcome};
use trunkline_simulators::twin24::{ClientOffer, Failure, TokenRefusal};

use crate::support::{Fixture, SOON, email, options, reason, said, take};

#[test]
fn a_token_that_is_over_is_renewed_once_and_the_call_repeated() {
    for refusal in [TokenRefusal::Expired, TokenRefusal::Forbidden] {
        run(async |log| {
            let fixture = Fixture::with(options()).await;
            let (mut seated, session, contact) = fixture.chatting(&log).await;
            fixture.sim.expire_tokens(refusal);
            seated.say(&contact, "t", "with a new one").await.expect("nobody notices");
            assert_eq!(session.facts().sent.len(), 1);
            // The renewal is refused: signed in again with the password.
            fixture.sim.expire_refresh_tokens();
            fixture.sim.expire_tokens(refusal);
            seated.say(&contact, "t2", "with the password").await.expect("nobody notices");
            // Neither: the agent is asked.
            fixture.sim.refuse_refreshes(Some(401));
            fixture.sim.refuse_logins(Some(401));
            fixture.sim.expire_tokens(refusal);
            let error = seated.say(&contact, "t3", "in vain").await.unwrap_err();
            assert_eq!(error.code, CommandCode::NotSignedIn);
            seated.until_link(LinkState::NeedsSignIn).await;
            assert_eq!(reason(&seated), "link_reason_password_wrong");
            seated.leave().await;
        });
    }
}

#[test]
fn a_second_403_is_a_missing_right_and_ends_nothing() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, _, contact) = fixture.chatting(&log).await;
        fixture.sim.fail_next("/ban", Failure::Status(403), 2);
        let ban = Command::Ban { contact: contact.clone(), banned: true };
        assert_eq!(seated.command(ban).await.unwrap_err().code, CommandCode::NotAllowed);
        assert_eq!(seated.picture.link.state, LinkState::Online);
        assert!(!seated.picture.contacts[&contact].details.customer_banned);
        seated.leave().await;
    });
}

#[test]
fn ten_thousand_events_are_a_few_readings_and_nothing_is_missing() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        let asked = fixture.sim.heard().len();
        let began = Instant::now();
        fixture.sim.burst(email(Seat::One), 10_000).unwrap();
        session.client_writes("after the storm").unwrap();
        seated.until("the last of it", |p| p.words(&contact).len() == 2).await;
        let asked = fixture.sim.heard().len() - asked;
        println!("10,000 events: {asked} requests, {:?}", began.elapsed());
        assert!(asked < 400, "many hints are one reading: {asked}");
        assert_eq!(said(&seated, &contact), ["Hello", "after the storm"]);
        seated.leave().await;
    });
}

#[test]
fn a_clock_two_hours_off_does_not_move_what_the_agent_sees() {
    for hours in [-2, 2] {
        run(async |log| {
            let fixture = Fixture::with(options()).await;
            fixture.sim.set_clock_offset(hours * 3_600);
            let (mut seated, session, contact) = fixture.chatting(&log).await;
            let due = seated.picture.conversations[&contact].answer_by.expect("a time to answer by");
            let left = due.since(seated.picture.contacts[&contact].state_since);
            assert!((50_000..=62_000).contains(&left), "{hours} hours: {left}");
            seated.say(&contact, "t", "on time").await.expect("said");
            assert_eq!(said(&seated, &contact), ["Hello", "on time"]);
            assert_eq!(seated.picture.link.state, LinkState::Online, "no renewal storm");
            let renewals = fixture.sim.heard().iter().filter(|one| one.path.contains("refresh")).count();
            assert_eq!((renewals, session.facts().sent.len()), (0, 1));
            seated.leave().await;
        });
    }
}

#[test]
fn a_message_edited_before_it_was_seen_is_shown_once_as_it_is() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("settle_ms", 400);
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        let id = session.colleague_writes("galina@example.com", "wrong").unwrap();
        session.colleague_edits(&id, "right").unwrap();
        seated.until("it", |p| p.words(&contact).len() == 2).await;
        assert_eq!(said(&seated, &contact), ["Hello", "right"]);
        seated.leave().await;
    });
}

#[test]
fn a_session_that_goes_while_the_agent_writes_keeps_nobodys_words() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        session.moves_to("galina@example.com").unwrap();
        seated.until_contact(&contact, ContactState::Ended).await;
        assert_eq!(seated.picture.contacts[&contact].outcome, Some(Outcome::Transferred));
        let error = seated.say(&contact, "t", "too late").await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible);
        assert_eq!(seated.picture.conversations[&contact].state, ConversationState::Ended, "and can be read");
        seated.leave().await;
    });
}

#[test]
fn a_client_who_is_banned_while_writing_is_shown_so() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        session.client_types();
        seated.command(Command::Ban { contact: contact.clone(), banned: true }).await.expect("banned");
        session.expect_banned(true, SOON).await.unwrap();
        seated.until("it", |p| p.contacts[&contact].details.customer_banned).await;
        seated.say(&contact, "t", "You are blocked.").await.expect("the operator can still write");
        seated.leave().await;
    });
}

#[test]
fn ten_thousand_finished_sessions_do_not_slow_signing_in_and_are_found() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        fixture.sim.finished(10_000);
        let began = Instant::now();
        let mut seated = fixture.online(Seat::One, &log).await;
        let took = began.elapsed();
        let pages = fixture.sim.heard().iter().filter(|one| one.path == "/sessions").count();
        println!("10,000 finished sessions: online after {took:?} with {pages} pages");
        assert!(pages <= 6, "they are not read through: {pages}");
        let first = seated.archive("", 0).await.expect("a page");
        assert_eq!((first.items.len(), first.next), (50, Some(1)));
        let name = first.items[17].customer.name.clone().unwrap();
        let found = seated.archive(&name, 0).await.expect("found");
        assert!(found.items.iter().any(|item| item.id == first.items[17].id));
        let said = seated.archived_messages(&first.items[17].id, 0).await.expect("read");
        assert!(!said.items.is_empty());
        let last = seated.archive("", 199).await.expect("the last page");
        assert_eq!(last.next, None);
        seated.leave().await;
    });
}

#[test]
fn letters_of_every_direction_and_pictures_go_both_ways() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let offer = ClientOffer::named("محمد \u{202e}evil").saying("שלום 👩‍👩‍👧 <script>alert(1)</script>");
        let session = fixture.begin(Seat::One, offer);
        let contact = ContactId::new(session.id());
        take(&mut seated, &contact).await;
        assert_eq!(said(&seated, &contact), ["שלום 👩‍👩‍👧 <script>alert(1)</script>"]);
        seated.say(&contact, "t", "أهلاً 🎉").await.expect("said");
        assert_eq!(session.facts().sent[0].body, "أهلاً 🎉");
        seated.leave().await;
    });
}

#[test]
fn answers_that_cannot_be_read_keep_what_is_shown() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        for failure in [Failure::Garbage, Failure::Answer(200, "[1,2,{}]".into()), Failure::Status(500), Failure::Drop]
        {
            fixture.sim.fail_next("GET /sessions/", failure.clone(), 2);
            session.client_writes(&format!("{failure:?}")).unwrap();
        }
        fixture.sim.fail_next("GET /sessions?", Failure::Garbage, 1);
        fixture.sim.fail_next("GET /users/me", Failure::Answer(200, "{}".into()), 1);
        seated.until("all of it in the end", |p| p.words(&contact).len() == 5).await;
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        seated.leave().await;
    });
}

#[test]
fn files_are_fetched_from_safe_places_alone_and_the_token_goes_to_the_platform_alone() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, _, contact) = fixture.chatting(&log).await;
        for address in ["http://evil.example/x", "file:///etc/passwd", "javascript:alert(1)", "x"] {
            let error = seated.fetch(&contact, address).await.unwrap_err();
            assert_eq!(error.code, CommandCode::NotAllowed, "{address}");
        }
        seated.leave().await;
    });
}

#[test]
fn one_operator_of_two_companies_is_told_apart_by_the_setting() {
    run(async |log| {
        let mut given = options();
        given.operators[0].companies = vec![7, 8];
        let fixture = Fixture::with(given).await.set("company", 8);
        let seated = fixture.online(Seat::One, &log).await;
        let login = fixture.sim.heard().into_iter().find(|one| one.path.ends_with("/auth/login")).unwrap();
        assert_eq!(login.body["companyId"], json!(8));
        seated.leave().await;
    });
}
