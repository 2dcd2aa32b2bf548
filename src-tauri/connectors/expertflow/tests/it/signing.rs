//! Signing in and out, the second factor, tokens, and who is sent away.

use std::time::Duration;

use trunkline_connector::testing::{ConformanceFixture, Credentials, LogLines, Seat, Seated, run};
use trunkline_connector::{Answer, Command, CommandCode, CommandError, Ended};
use trunkline_expertflow::PASSWORD;
use trunkline_model::{ChallengeKind, ContactState, LinkState, Outcome};
use trunkline_simulators::expertflow::{ExpertflowOptions, SecondFactor};

use crate::support::{Fixture, SOON, options, reason, take, username};

/// Longer than the first wait between two attempts to connect, by several times.
const LONGER_THAN_A_WAIT: Duration = Duration::from_millis(900);

async fn sit(fixture: &Fixture, log: &LogLines) -> Seated {
    fixture.put_credentials(Seat::One, Credentials::Right).await;
    Seated::sit(fixture, Seat::One, log)
}

fn with(second_factor: SecondFactor) -> ExpertflowOptions {
    ExpertflowOptions { second_factor, ..options() }
}

async fn challenged(second_factor: SecondFactor, log: &LogLines) -> (Fixture, Seated) {
    let fixture = Fixture::with(with(second_factor)).await;
    let mut seated = sit(&fixture, log).await;
    seated.until("a question", |picture| picture.challenge.is_some()).await;
    assert_eq!((seated.picture.link.state, reason(&seated)), (LinkState::NeedsSignIn, "link_reason_challenge"));
    (fixture, seated)
}

async fn answer(seated: &mut Seated, text: &str) -> Result<(), CommandError> {
    seated.command(Command::AnswerChallenge { answer: Answer(text.to_owned()) }).await
}

/// Nothing dials, for longer than a wait between two attempts.
async fn stays_away(fixture: &Fixture, seated: &mut Seated) {
    let before = fixture.sim.handshakes().len();
    seated.watch(LONGER_THAN_A_WAIT).await;
    assert_eq!(fixture.sim.handshakes().len(), before, "nothing is dialled by itself");
    assert_eq!(seated.picture.link.state, LinkState::NeedsSignIn);
}

async fn signs_in_again(fixture: &Fixture, seated: &mut Seated) {
    let before = fixture.sim.sockets_of("adams");
    seated.command(Command::SignIn).await.expect("taken");
    seated.until_link(LinkState::Online).await;
    assert_eq!(fixture.sim.sockets_of("adams"), before + 1, "on one socket");
    assert!(fixture.sim.is_online("adams"));
}

#[test]
fn a_refused_log_in_says_why_and_is_not_tried_again() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        fixture.put_credentials(Seat::One, Credentials::Wrong).await;
        let mut seated = Seated::sit(&fixture, Seat::One, &log);
        seated.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&seated), "link_reason_password_wrong");
        let refusals = [
            (400, "link_reason_password_wrong"),
            (403, "link_reason_not_permitted"),
            (404, "link_reason_user_unknown"),
            (412, "link_reason_licence"),
        ];
        fixture.put_credentials(Seat::One, Credentials::Right).await;
        for (status, key) in refusals {
            fixture.sim.refuse_logins(Some(status));
            seated.command(Command::SignIn).await.expect("taken");
            let refused = |picture: &trunkline_connector::testing::Picture| {
                picture.link.state == LinkState::NeedsSignIn && picture.link.reason.as_deref() == Some(key)
            };
            seated.until(&format!("{key} for {status}"), refused).await;
            assert_eq!(seated.picture.link.retry_at, None, "no countdown: it is for the agent to act");
        }
        fixture.sim.refuse_logins(None);
        signs_in_again(&fixture, &mut seated).await;
        seated.leave().await;
    });
}

#[test]
fn a_log_in_that_is_out_of_order_is_tried_again_until_it_works() {
    for status in [408, 500, 503] {
        run(async |log| {
            let fixture = Fixture::with(options()).await;
            fixture.sim.refuse_logins(Some(status));
            let mut seated = sit(&fixture, &log).await;
            seated.until_link(LinkState::Offline).await;
            assert_eq!(reason(&seated), "link_reason_login_unavailable_platform", "for {status}");
            assert!(seated.picture.link.retry_at.is_some(), "with a countdown");
            fixture.sim.refuse_logins(None);
            seated.until_link(LinkState::Online).await;
            seated.leave().await;
        });
    }
}

#[test]
fn a_code_of_the_app_is_asked_for_until_it_is_right() {
    run(async |log| {
        let (_fixture, mut seated) = challenged(SecondFactor::App { registered: true }, &log).await;
        let challenge = seated.picture.challenge.clone().unwrap();
        assert!(matches!(challenge.what, ChallengeKind::Code), "{challenge:?}");
        assert!(!challenge.wrong && !challenge.can_resend, "an app sends nothing");
        assert_eq!(seated.command(Command::ResendCode).await.unwrap_err().code, CommandCode::NotPossible);
        answer(&mut seated, "000000").await.expect("it arrived");
        seated.until("the answer to be wrong", |picture| picture.challenge.as_ref().is_some_and(|c| c.wrong)).await;
        assert_eq!(seated.picture.link.state, LinkState::NeedsSignIn);
        answer(&mut seated, " 123 456 ").await.expect("blanks do not matter");
        seated.until_link(LinkState::Online).await;
        assert_eq!(seated.picture.challenge, None, "nothing is asked for any more");
        seated.leave().await;
    });
}

#[test]
fn an_app_that_is_not_set_up_gets_its_secret_and_picture() {
    run(async |log| {
        let (_fixture, mut seated) = challenged(SecondFactor::App { registered: false }, &log).await;
        log.forbid(vec!["JBSWY3DPEHPK3PXP".to_owned()]);
        let challenge = seated.picture.challenge.clone().unwrap();
        let ChallengeKind::RegisterApp { secret, picture } = challenge.what else { panic!("not {:?}", challenge.what) };
        assert_eq!(secret.as_deref(), Some("JBSWY3DPEHPK3PXP"));
        assert!(picture.is_some_and(|picture| picture.starts_with("data:image/png;base64,")));
        answer(&mut seated, "999999").await.expect("it arrived");
        seated.until("the answer to be wrong", |picture| picture.challenge.as_ref().is_some_and(|c| c.wrong)).await;
        let still = seated.picture.challenge.clone().unwrap().what;
        assert!(matches!(still, ChallengeKind::RegisterApp { .. }), "the secret is still to be seen");
        answer(&mut seated, "123456").await.expect("it arrived");
        seated.until_link(LinkState::Online).await;
        seated.leave().await;
    });
}

#[test]
fn a_number_is_registered_before_a_code_is_sent_to_it() {
    run(async |log| {
        let (fixture, mut seated) = challenged(SecondFactor::Sms { registered: false }, &log).await;
        assert!(matches!(seated.picture.challenge.as_ref().unwrap().what, ChallengeKind::Phone));
        let error = answer(&mut seated, "+49 12").await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (CommandCode::Invalid, Some("text")), "too short");
        assert!(fixture.sim.codes_sent().is_empty(), "and nothing was sent");
        answer(&mut seated, "+1 (202) 555-0107").await.expect("signs in it do not matter");
        let code = |challenge: &trunkline_model::Challenge| matches!(challenge.what, ChallengeKind::Code);
        seated.until("a code", |picture| picture.challenge.as_ref().is_some_and(code)).await;
        assert_eq!(seated.picture.challenge.as_ref().unwrap().sent_to.as_deref(), Some("+12025550107"));
        assert_eq!(fixture.sim.codes_sent(), ["adams"]);
        answer(&mut seated, "123456").await.expect("it arrived");
        seated.until_link(LinkState::Online).await;
        seated.leave().await;
    });
}

#[test]
fn a_code_by_text_message_is_sent_once_more_when_asked_for() {
    run(async |log| {
        let (fixture, mut seated) = challenged(SecondFactor::Sms { registered: true }, &log).await;
        let challenge = seated.picture.challenge.clone().unwrap();
        assert!(challenge.can_resend && challenge.sent_to.is_some(), "{challenge:?}");
        assert_eq!(fixture.sim.codes_sent().len(), 1);
        seated.command(Command::ResendCode).await.expect("sent");
        assert_eq!(fixture.sim.codes_sent().len(), 2);
        // The platform says 404 for a wrong one that came by text message.
        answer(&mut seated, "000000").await.expect("it arrived");
        seated.until("the answer to be wrong", |picture| picture.challenge.as_ref().is_some_and(|c| c.wrong)).await;
        answer(&mut seated, "123456").await.expect("it arrived");
        seated.until_link(LinkState::Online).await;
        let error = answer(&mut seated, "123456").await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotPossible, "nothing is asked for");
        seated.leave().await;
    });
}

#[test]
fn a_question_is_withdrawn_when_signing_in_begins_anew() {
    run(async |log| {
        let (fixture, mut seated) = challenged(SecondFactor::App { registered: true }, &log).await;
        fixture.sim.refuse_logins(Some(403));
        seated.command(Command::SignIn).await.expect("taken");
        let refused = |picture: &trunkline_connector::testing::Picture| {
            picture.link.reason.as_deref() == Some("link_reason_not_permitted")
        };
        seated.until("the refusal", refused).await;
        assert_eq!(seated.picture.challenge, None, "no code helps any more");
        seated.leave().await;
    });
}

#[test]
fn a_token_is_renewed_at_its_refusal_without_a_log_in() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.sim.expire_tokens(false);
        // Only the refresh can give a new one.
        fixture.sim.refuse_logins(Some(401));
        seated.endpoints(None).await.expect("the directory is read");
        assert_eq!(seated.picture.link.state, LinkState::Online);
        assert_eq!(fixture.sim.handshakes().len(), 1, "the socket stays");
        seated.leave().await;
    });
}

#[test]
fn the_password_gives_a_new_token_where_the_refresh_does_not() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.sim.expire_tokens(true);
        seated.endpoints(None).await.expect("the directory is read");
        assert_eq!(seated.picture.link.state, LinkState::Online);
        assert_eq!(fixture.sim.handshakes().len(), 1, "the socket stays");
        // And where neither does, the agent has to act.
        fixture.sim.expire_tokens(true);
        fixture.sim.refuse_logins(Some(401));
        let error = seated.endpoints(None).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotSignedIn);
        seated.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&seated), "link_reason_session_expired");
        seated.leave().await;
    });
}

#[test]
fn a_token_is_renewed_before_it_is_over() {
    run(async |log| {
        let fixture = Fixture::with(ExpertflowOptions { token_life: Duration::from_secs(2), ..options() }).await;
        let fixture = fixture.set("refresh_share", 0.5);
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.sim.refuse_logins(Some(401));
        seated.watch(Duration::from_millis(2_300)).await;
        // Were it not renewed, this would take a 401 first, which is turned into a failure here.
        fixture.sim.fail_path("/refresh-token", 500, 1);
        seated.endpoints(None).await.expect("the token is good");
        seated.leave().await;
    });
}

#[test]
fn a_socket_refused_for_who_it_is_or_for_the_licence_is_not_asked_for_again() {
    for licence in [false, true] {
        run(async |log| {
            let fixture = Fixture::with(options()).await;
            fixture.sim.refuse_sockets(!licence);
            fixture.sim.refuse_licence(licence.then_some("EXPIRED"));
            let mut seated = sit(&fixture, &log).await;
            seated.until_link(LinkState::NeedsSignIn).await;
            let key = if licence { "link_reason_licence" } else { "link_reason_login_failed_socket" };
            assert_eq!(reason(&seated), key);
            stays_away(&fixture, &mut seated).await;
            assert_eq!(fixture.sim.handshakes().len(), 1);
            fixture.sim.refuse_sockets(false);
            fixture.sim.refuse_licence(None);
            signs_in_again(&fixture, &mut seated).await;
            seated.leave().await;
        });
    }
}

#[test]
fn a_licence_that_ends_on_the_way_takes_the_work_along() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        fixture.sim.refuse_licence(Some("EXPIRED"));
        fixture.sim.drop_sockets();
        seated.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&seated), "link_reason_licence");
        assert!(seated.picture.contacts.is_empty(), "{contact} is nothing that could be worked on");
        stays_away(&fixture, &mut seated).await;
        seated.leave().await;
    });
}

#[test]
fn another_console_takes_over_and_this_one_lets_it() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.sim.remove_session("adams").unwrap();
        seated.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&seated), "link_reason_session_removed");
        stays_away(&fixture, &mut seated).await;
        assert_eq!(reason(&seated), "link_reason_session_removed", "the end of the socket says nothing new");
        let error = seated.endpoints(None).await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotSignedIn, "no log-in behind the agent's back");
        signs_in_again(&fixture, &mut seated).await;
        seated.leave().await;
    });
}

#[test]
fn two_consoles_of_one_agent_do_not_fight() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut first = fixture.online(Seat::One, &log).await;
        let second = fixture.online(Seat::One, &log).await;
        first.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&first), "link_reason_session_removed");
        stays_away(&fixture, &mut first).await;
        assert_eq!(fixture.sim.sockets(), 1, "the newer one stays");
        first.leave().await;
        second.leave().await;
    });
}

#[test]
fn a_supervisor_logs_the_agent_out_during_a_chat() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        fixture.sim.force_logout("adams").unwrap();
        seated.until_gone(&contact).await;
        seated.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&seated), "link_reason_logged_out_by_platform");
        stays_away(&fixture, &mut seated).await;
        signs_in_again(&fixture, &mut seated).await;
        // The chat went back to its queue, and comes anew.
        fixture.make_available(Seat::One).await;
        take(&mut seated, &contact).await;
        seated.leave().await;
    });
}

#[test]
fn a_kick_by_the_server_is_a_log_out() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        fixture.sim.kick("adams").unwrap();
        seated.until_gone(&contact).await;
        assert_eq!(seated.picture.gone.get(&contact), Some(&Some(Outcome::Transferred)));
        seated.until_link(LinkState::NeedsSignIn).await;
        assert_eq!(reason(&seated), "link_reason_logged_out_by_platform");
        stays_away(&fixture, &mut seated).await;
        signs_in_again(&fixture, &mut seated).await;
        seated.leave().await;
    });
}

#[test]
fn leaving_for_a_reason_arrives_and_the_password_is_forgotten() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let states = seated.picture.agent.clone().unwrap().selectable_states;
        let state = states.into_iter().find(|state| state.name == "Out of office").expect("a reason for leaving").id;
        seated.command(Command::SignOut { state }).await.expect("signed out");
        assert_eq!(seated.end().await, Ended::SignedOut);
        assert_eq!(fixture.sim.state("adams"), "LOGOUT");
        assert_eq!(fixture.sim.reason("adams")["name"], "Out of office");
        assert_eq!(fixture.vault(Seat::One).kept(PASSWORD), None);
    });
}

#[test]
fn a_lost_connection_is_back_before_the_platform_logs_the_agent_out() {
    run(async |log| {
        let options = ExpertflowOptions { socket_disconnect_time: Duration::from_secs(2), ..options() };
        let fixture = Fixture::with(options).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let sockets = fixture.sim.sockets_of(username(Seat::One));
        fixture.sim.drop_sockets();
        seated.until_link(LinkState::Offline).await;
        fixture.sim.expect_back("adams", sockets, SOON).await.unwrap();
        seated.until_link(LinkState::Online).await;
        // Past the time after which an absent agent is logged out.
        seated.watch(Duration::from_millis(2_100)).await;
        assert_eq!(fixture.sim.state("adams"), "READY");
        assert_eq!(seated.picture.state(&contact), Some(&ContactState::Connected));
        seated.leave().await;
    });
}
