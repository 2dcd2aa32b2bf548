//! Live events, the link that brings them, and what is done when it ends.

use std::time::Duration;

use serde_json::json;
use trunkline_connector::Command;
use trunkline_connector::testing::{ConformanceFixture, Picture, Seat, run};
use trunkline_model::{
    AgentStateId, AgentStateKind, ContactId, ContactState, ConversationState, Delivery, LinkState, Outcome,
};
use trunkline_simulators::centrifugo::ConnectRefusal;
use trunkline_simulators::twin24::{ClientOffer, OperatorStatus};

use crate::support::{Fixture, SOON, client, email, options, reason, said, take};

#[test]
fn a_session_rings_with_its_name_and_kind_and_is_answered_in_time() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let session = fixture.begin(Seat::One, client());
        let contact = ContactId::new(session.id());
        seated.until_contact(&contact, ContactState::Offered).await;
        assert!(!seated.picture.conversations.contains_key(&contact), "nothing is read out before it is taken");
        take(&mut seated, &contact).await;
        let due = seated.picture.conversations[&contact].answer_by.expect("a time to answer by");
        let left = due.since(seated.picture.contacts[&contact].state_since);
        assert!((50_000..=62_000).contains(&left), "the group's 60 s: {left}");
        seated.say(&contact, "t", "Hello!").await.expect("said");
        seated.until("no time any more", |p| p.conversations[&contact].answer_by.is_none()).await;
        seated.leave().await;
    });
}

#[test]
fn typing_presence_and_read_marks_are_shown() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("typing_shown_ms", 700);
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        session.client_types();
        seated.until("typing", |p| !p.conversations[&contact].typing.is_empty()).await;
        seated.until("no typing", |p| p.conversations[&contact].typing.is_empty()).await;
        session.goes_offline();
        seated.until("offline", |p| p.contacts[&contact].details.customer_online == Some(false)).await;
        session.goes_online();
        seated.until("online", |p| p.contacts[&contact].details.customer_online == Some(true)).await;
        seated.say(&contact, "t", "Read this").await.expect("said");
        session.client_reads();
        let read = |p: &Picture| p.messages[&contact].iter().any(|one| one.delivery == Some(Delivery::Read));
        seated.until("read", read).await;
        let last =
            seated.picture.messages[&contact].iter().find(|one| one.author.role != trunkline_model::AuthorRole::Me);
        let last = last.unwrap().id.clone();
        seated.command(Command::MarkRead { contact: contact.clone(), message: last.clone() }).await.expect("seen");
        session.expect_read(last.as_str(), SOON).await.unwrap();
        seated.leave().await;
    });
}

#[test]
fn back_to_the_bot_and_to_the_operator_again() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        session.to_bot().unwrap();
        seated.until_conversation(&contact, ConversationState::Ended).await;
        let lines = seated.picture.messages[&contact].iter().filter(|one| one.id.as_str().starts_with("line-")).count();
        assert_eq!(lines, 1, "it is said where it went");
        session.to_operator(Some(email(Seat::One))).unwrap();
        seated.until_conversation(&contact, ConversationState::Open).await;
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        session.client_closes().unwrap();
        seated.until_contact(&contact, ContactState::Ended).await;
        assert_eq!(seated.picture.contacts[&contact].outcome, Some(Outcome::EndedByCustomer));
        seated.leave().await;
    });
}

#[test]
fn a_session_moves_between_help_bot_and_operators() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let in_help = |n: usize| move |p: &Picture| p.work_lists.first().is_some_and(|list| list.items.len() == n);
        let session = fixture.sim.client_starts(ClientOffer::named("Olga").with_bot("Choose").saying("hello")).unwrap();
        seated.watch(Duration::from_millis(300)).await;
        assert!(in_help(0)(&seated.picture), "one with the bot is not in help");
        session.to_help().unwrap();
        seated.until("help", in_help(1)).await;
        session.moves_to("galina@example.com").unwrap();
        // The platform tells nothing of it: the next reading of all shows it.
        fixture
            .sim
            .publish_raw(email(Seat::One), json!({ "event": "chatSessionStarted", "sessionId": session.id() }))
            .unwrap();
        seated.until("no help", in_help(0)).await;
        session.moves_to(email(Seat::One)).unwrap();
        seated.until_contact(&ContactId::new(session.id()), ContactState::Offered).await;
        seated.leave().await;
    });
}

#[test]
fn who_is_signed_in_elsewhere_or_blocked_is_out_with_the_reason_and_fights_nobody() {
    for (blocked, wanted) in [(true, "link_reason_operator_blocked"), (false, "link_reason_signed_in_elsewhere")] {
        run(async |log| {
            let fixture = Fixture::with(options()).await;
            let mut seated = fixture.online(Seat::One, &log).await;
            if blocked {
                // One about somebody else concerns nobody here.
                fixture
                    .sim
                    .publish_raw(email(Seat::One), json!({ "event": "operatorBlocked", "operatorId": 43 }))
                    .unwrap();
                seated.watch(Duration::from_millis(300)).await;
                assert_eq!(seated.picture.link.state, LinkState::Online);
                fixture.sim.operator_blocked(email(Seat::One), "spam").unwrap();
            } else {
                fixture.sim.signed_in_elsewhere(email(Seat::One)).unwrap();
            }
            seated.until_link(LinkState::NeedsSignIn).await;
            assert_eq!(reason(&seated), wanted);
            let (asked, dialled) = (fixture.sim.heard().len(), fixture.sim.dialled().len());
            seated.watch(Duration::from_millis(1_500)).await;
            assert_eq!((fixture.sim.heard().len(), fixture.sim.dialled().len()), (asked, dialled), "nothing is tried");
            let told = seated.picture.notices.get("put-out").and_then(|notice| notice.params.get("reason").cloned());
            assert_eq!(told.as_deref(), blocked.then_some("spam"), "the platform's words, where it has any");
            if !blocked {
                seated.command(Command::SignIn).await.expect("signing in begins");
                seated.until_link(LinkState::Online).await;
            }
            seated.leave().await;
        });
    }
}

#[test]
fn made_offline_by_the_platform_it_can_go_online_again() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.make_available(Seat::One).await;
        let kind =
            |kind: AgentStateKind| move |p: &Picture| p.agent.as_ref().is_some_and(|agent| agent.state.kind == kind);
        seated.until("online", kind(AgentStateKind::Routable)).await;
        fixture.sim.operator_logged_out(email(Seat::One)).unwrap();
        seated.until("offline", kind(AgentStateKind::Offline)).await;
        assert_eq!(seated.picture.link.state, LinkState::Online, "still signed in");
        let online = Command::SetAgentState { state: AgentStateId::new("active"), when_free: false };
        seated.command(online).await.expect("online again");
        assert_eq!(fixture.sim.status(email(Seat::One)), OperatorStatus::Online);
        seated.leave().await;
    });
}

#[test]
fn closes_by_class_reconnect_renew_or_end() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        for code in [3000, 3001, 3005, 3012, 3014, 4000, 4499] {
            let before = seated.picture.resyncs;
            fixture.sim.close_sockets(code, "weather");
            seated.until(&format!("a new picture after {code}"), |p| p.resyncs > before).await;
            seated.until_link(LinkState::Online).await;
            session.client_writes(&format!("after {code}")).unwrap();
            let wanted = format!("after {code}");
            seated.until(&wanted, |p| p.words(&contact).iter().any(|one| crate::support::text(one) == wanted)).await;
        }
        let tokens = || fixture.sim.heard().iter().filter(|one| one.path.ends_with("/auth/refresh")).count();
        let before = tokens();
        fixture.sim.close_sockets(4501, "unauthorized");
        seated.until_link(LinkState::Degraded).await;
        seated.until_link(LinkState::Online).await;
        assert_eq!(tokens(), before + 1, "a new token, and in");
        fixture.sim.close_sockets(3501, "bad request");
        seated.until_link(LinkState::Degraded).await;
        seated.until_link(LinkState::Online).await;
        fixture.sim.close_sockets(3504, "connection limit");
        seated.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&seated), "link_reason_signed_in_elsewhere");
        seated.leave().await;
    });
}

#[test]
fn every_refusal_to_connect_is_got_over_by_its_kind() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let renewals = || fixture.sim.heard().iter().filter(|one| one.path.ends_with("/auth/refresh")).count();
        for code in [100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 400, 1999] {
            let (before, pictures) = (renewals(), seated.picture.resyncs);
            fixture.sim.refuse_connects(&ConnectRefusal::error(code), 1);
            fixture.sim.close_sockets(3000, "again");
            seated.until(&format!("a picture after {code}"), |p| p.resyncs > pictures).await;
            seated.until_link(LinkState::Online).await;
            let for_the_token = matches!(code, 101 | 103 | 109 | 110);
            assert_eq!(renewals() > before, for_the_token, "{code} is about the token: {for_the_token}");
        }
        seated.leave().await;
    });
}

#[test]
fn nothing_is_lost_or_doubled_when_history_is_gone() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("page", 10);
        let (mut seated, session, contact) = fixture.chatting(&log).await;
        seated.say(&contact, "t", "first").await.expect("said");
        fixture.sim.refuse_sockets(Some(503));
        fixture.sim.drop_sockets();
        seated.until_link(LinkState::Degraded).await;
        fixture.sim.lose_events(1_000);
        for number in 0..57 {
            session.client_writes(&format!("missed {number}")).unwrap();
        }
        session.colleague_edits(&session.facts().sent[0].id, "first, put right").unwrap();
        fixture.sim.lose_events(0);
        fixture.sim.new_epoch();
        fixture.sim.refuse_sockets(None);
        seated.until_link(LinkState::Online).await;
        seated.until("all of it", |p| p.words(&contact).len() >= 59).await;
        let all = said(&seated, &contact);
        let wanted: Vec<String> = ["Hello".to_owned(), "first, put right".to_owned()]
            .into_iter()
            .chain((0..57).map(|number| format!("missed {number}")))
            .collect();
        assert_eq!(all, wanted, "each once, in order");
        let connects = fixture.sim.connects();
        assert!(connects.len() >= 2, "it came back by connecting again");
        seated.leave().await;
    });
}

#[test]
fn without_live_events_all_is_read_every_few_seconds() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        fixture.sim.refuse_sockets(Some(503));
        fixture.put_credentials(Seat::One, trunkline_connector::testing::Credentials::Right).await;
        let mut seated = trunkline_connector::testing::Seated::sit(&fixture, Seat::One, &log);
        seated.until_link(LinkState::Degraded).await;
        let session = fixture.begin(Seat::One, client());
        let contact = ContactId::new(session.id());
        take(&mut seated, &contact).await;
        session.client_writes("still there?").unwrap();
        seated.until("what was written", |p| p.words(&contact).len() == 2).await;
        seated.leave().await;
    });
}

#[test]
fn an_unknown_event_is_in_the_log_once_and_leads_to_a_reading() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let swept = || fixture.sim.heard().iter().filter(|one| one.path == "/sessions").count();
        let before = swept();
        for _ in 0..3 {
            fixture.sim.publish_raw(email(Seat::One), json!({ "event": "hologramShown" })).unwrap();
        }
        seated.watch(Duration::from_millis(600)).await;
        assert!(log.any(|line| line.contains("hologramShown")), "in the log");
        assert!(swept() > before, "and all is read anew");
        seated.leave().await;
    });
}

#[test]
fn the_connection_says_who_it_is_and_never_renews_itself() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let asked = fixture.sim.connects().remove(0);
        let text = format!("{asked:?}");
        assert!(text.contains("notifications") && text.contains("settings"), "{text}");
        fixture.expire_token();
        let _ = seated.archive("", 0).await.expect("with a new token");
        fixture.sim.close_sockets(3000, "again");
        seated.until("back", |p| p.resyncs > 1).await;
        let frames = fixture.sim.frames().join("\n");
        assert!(!frames.contains("\"refresh\""), "{frames}");
        let connects = fixture.sim.connects();
        assert_ne!(
            format!("{:?}", connects[0].data),
            format!("{:?}", connects[connects.len() - 1].data),
            "with the new token"
        );
        seated.leave().await;
    });
}
