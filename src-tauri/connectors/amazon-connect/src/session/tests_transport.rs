//! The two ways to the back end, with a platform that is played by hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use serde_json::json;
use trunkline_connector::CommandCode;
use trunkline_model::{LinkState, NoticeAction};

use super::tests::{Bench, CONTACT, exception, fixture_body, response};
use super::*;
use bytes::Bytes;
use trunkline_connector::Command;
use trunkline_connector::ports::{HttpFailure, HttpResponse, LoginCookie, LoginFailure};
use trunkline_model::Route;

fn gate() -> HttpResponse {
    HttpResponse { body: Bytes::from_static(b"<html>Request blocked</html>"), ..response(403, &json!(null)) }
}

fn cookies() -> Vec<LoginCookie> {
    vec![LoginCookie { name: "lily-auth-prod-fra".to_owned(), value: "EXAMPLE-COOKIE".to_owned().into() }]
}

fn authorized() -> HttpResponse {
    response(200, &fixture_body("authorize.response"))
}

/// The login window has just given a session.
fn signed_in(settings: &serde_json::Value) -> Bench {
    let mut bench = Bench::with(settings);
    bench.give(Input::Start(Stored::default()));
    bench.command("sign-in", Command::SignIn);
    bench.give(Input::Stored(Stored::default()));
    bench.give(Input::LoginDone(Ok(cookies())));
    bench
}

fn plain() -> serde_json::Value {
    json!({"address": "https://example.my.connect.aws"})
}

fn routes(bench: &Bench) -> Vec<Route> {
    let route = |event: &Event| if let Event::Route(route) = event { Some(*route) } else { None };
    bench.events.iter().filter_map(route).collect()
}

fn refused_notice(bench: &Bench) -> Option<Notice> {
    bench.events.iter().rev().find_map(|event| match event {
        Event::Notice(notice) if notice.message_key == "notice_ways_refused" => Some(notice.clone()),
        _ => None,
    })
}

#[test]
fn the_probe_goes_direct_first_and_keeps_what_works() {
    let mut bench = signed_in(&plain());
    bench.answer("/auth/authorize", authorized());
    assert!(routes(&bench).is_empty(), "a token alone is no proof");
    bench.configure();
    assert_eq!(routes(&bench), [Route::Direct], "a harmless call went through");
    assert!(!bench.other.iter().any(|done| done.starts_with("park")), "no page was needed");
}

#[test]
fn a_refused_probe_is_made_again_through_the_page() {
    let mut bench = signed_in(&plain());
    bench.answer("/auth/authorize", gate());
    assert_eq!(bench.other.last().unwrap(), "park https://example.my.connect.aws/favicon.ico", "the page is opened");
    bench.answer("page /auth/authorize", authorized());
    assert_eq!(bench.waiting("page GetAgentConfiguration"), 1, "the harmless call goes the same way");
    bench.answer("page GetAgentSnapshot", response(200, &fixture_body("snapshot.idle")));
    assert_eq!(routes(&bench), [Route::Page], "told");
    assert_eq!(bench.waiting("GetAgentSnapshot") + bench.waiting("GetAgentConfiguration"), 0, "nothing went direct");
    assert!(refused_notice(&bench).is_none(), "one way works: nothing is amiss");
}

#[test]
fn a_token_that_is_given_but_not_taken_is_the_ways_fault_too() {
    let mut bench = signed_in(&plain());
    bench.answer("/auth/authorize", authorized());
    bench.answer("GetAgentConfiguration", gate());
    assert_eq!(bench.waiting("page GetAgentSnapshot"), 1, "the other way is tried at once");
    bench.answer("CreateTransport", gate());
    assert!(refused_notice(&bench).is_none(), "late refusals of the old way count no more");
}

#[test]
fn new_tokens_that_are_refused_again_and_again_are_the_ways_fault() {
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored { cookies: cookies(), route: Some(Route::Direct), ..Stored::default() }));
    bench.answer("/auth/authorize", authorized());
    for _ in 0..4 {
        assert_eq!(bench.waiting("page /auth/authorize"), 0, "a token may be refused now and then");
        bench.wait(5_000);
        bench.answer("GetAgentSnapshot", exception(401, "UnauthorizedException"));
        if bench.waiting("/auth/authorize") > 0 {
            bench.answer("/auth/authorize", authorized());
        }
    }
    assert_eq!(bench.waiting("page /auth/authorize"), 1, "but not four of them in a row");
}

#[test]
fn a_fresh_session_that_is_not_taken_is_tried_through_the_page() {
    let mut bench = signed_in(&plain());
    bench.answer("/auth/authorize", response(401, &json!({})));
    assert_eq!(bench.waiting("page /auth/authorize"), 1, "it was made a moment ago: it cannot be over");
    bench.answer("page /auth/authorize", response(401, &json!({})));
    assert_eq!(bench.link().state, LinkState::NeedsSignIn, "neither takes it");
    assert_eq!(bench.reason().as_deref(), Some("link_reason_turned_away"), "which is not an expired session");
    let notice = refused_notice(&bench).expect("it is told");
    assert_eq!(notice.action, Some(NoticeAction::PlatformPanel), "with the last resort");
}

#[test]
fn an_expired_session_is_no_refusal() {
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored { cookies: cookies(), route: Some(Route::Direct), ..Stored::default() }));
    bench.answer("/auth/authorize", response(401, &json!({})));
    assert_eq!(bench.reason().as_deref(), Some("link_reason_session_expired"), "the agent signs in again");
    assert!(!bench.other.iter().any(|done| done.starts_with("park")), "and no page is opened for it");
}

#[test]
fn the_way_that_worked_is_taken_at_the_next_start() {
    let mut bench = Bench::new();
    bench.give(Input::Start(Stored { cookies: cookies(), route: Some(Route::Page), ..Stored::default() }));
    assert_eq!(bench.other.last().unwrap(), "park https://example.my.connect.aws/favicon.ico", "with its cookies");
    assert_eq!(bench.waiting("page /auth/authorize"), 1, "without asking at the gate first");
    bench.answer("page /auth/authorize", response(401, &json!({})));
    assert_eq!(bench.reason().as_deref(), Some("link_reason_session_expired"), "there 401 means what it says");
}

#[test]
fn a_gate_that_closes_in_the_middle_is_gone_around_and_nothing_is_lost() {
    let mut bench = Bench::online();
    bench.snapshot("voice-incoming");
    assert!(bench.contact().is_some(), "a call rings");
    let gone = |bench: &Bench| bench.events.iter().any(|event| matches!(event, Event::ContactGone { .. }));
    bench.command("accept", Command::Accept { contact: ContactId::from(CONTACT) });
    bench.answer("AcceptContact", gate());
    assert_eq!(bench.reply("accept"), None, "refused at the gate, it has not been carried out: it waits");
    assert_eq!(bench.waiting("AcceptContact"), 0, "and is not thrown at the gate again");
    bench.wait(100);
    bench.answer("GetAgentSnapshot", gate());
    assert_eq!(bench.waiting("page GetAgentSnapshot"), 0, "two may be an accident");
    bench.wait(200);
    bench.answer("GetAgentSnapshot", gate());
    assert_eq!(bench.waiting("page GetAgentSnapshot"), 1, "three are a gate: the page is asked");
    assert_eq!(bench.waiting("page AcceptContact"), 1, "and what waited goes with it");
    bench.answer("page AcceptContact", response(200, &json!({})));
    assert_eq!(bench.reply("accept"), Some(Ok(())), "carried out");
    bench.answer("page GetAgentSnapshot", response(200, &fixture_body("snapshot.voice-connected")));
    assert_eq!(routes(&bench), [Route::Direct, Route::Page], "told");
    assert!(!gone(&bench), "the contact never left the list");
    assert_eq!(bench.link().state, LinkState::Online, "and the agent saw no interruption");
}

#[test]
fn what_may_have_been_done_is_not_done_again_on_the_other_way() {
    let mut bench = Bench::online();
    bench.command("dial", Command::Dial { number: "+15550100".to_owned(), queue: None, related: None });
    for _ in 0..3 {
        bench.wait(200);
        bench.answer("GetAgentSnapshot", gate());
    }
    assert_eq!(bench.waiting("page GetAgentSnapshot"), 1, "the way was changed while the call was being made");
    bench.fail("CreateOutboundContact", HttpFailure::Timeout);
    assert_eq!(bench.reply("dial"), Some(Err(CommandCode::Timeout)), "nobody knows whether it rings there");
    bench.wait(500);
    assert_eq!(bench.waiting("page CreateOutboundContact"), 0, "so nobody is called twice");
}

#[test]
fn refused_on_both_ways_it_says_so_and_goes_on_trying() {
    let mut bench = signed_in(&plain());
    bench.answer("/auth/authorize", gate());
    bench.answer("page /auth/authorize", gate());
    assert_eq!(bench.reason().as_deref(), Some("link_reason_ways_refused"), "in words");
    assert_eq!(refused_notice(&bench).unwrap().action, Some(NoticeAction::PlatformPanel), "with the last resort");
    bench.wait(2_000);
    bench.answer("/auth/authorize", authorized());
    bench.configure();
    assert_eq!(routes(&bench), [Route::Direct], "until one lets it through");
    assert!(bench.events.iter().any(|event| matches!(event, Event::NoticeGone(_))), "which ends the message");
}

#[test]
fn a_right_that_is_missing_is_no_gate() {
    let mut bench = Bench::online();
    for attempt in 0..5 {
        bench.wait(6_000);
        bench.answer("GetAgentSnapshot", exception(403, "AccessDeniedException"));
        assert!(!bench.other.iter().any(|done| done.starts_with("park")), "refusal {attempt} is the service's own");
    }
}

#[test]
fn without_windows_direct_is_all_there_is() {
    let mut bench = signed_in(&plain());
    bench.answer("/auth/authorize", gate());
    bench.give(Input::Parked(Err(LoginFailure::Unavailable)));
    assert!(refused_notice(&bench).is_some(), "both are ruled out");
    bench.fail("page /auth/authorize", HttpFailure::Connect);
    bench.wait(15_000);
    assert!(bench.waiting("/auth/authorize") == 1, "direct is tried on");
    bench.answer("/auth/authorize", authorized());
    bench.configure();
    assert_eq!(routes(&bench), [Route::Direct], "and taken when it works");
}

#[test]
fn an_administrator_may_ask_for_the_page_alone() {
    let mut bench = signed_in(&json!({"address": "https://example.my.connect.aws", "transport": "page"}));
    assert_eq!(bench.waiting("/auth/authorize"), 0, "nothing goes direct");
    bench.answer("page /auth/authorize", gate());
    assert_eq!(bench.waiting("/auth/authorize"), 0, "not even when it is refused");
    assert!(refused_notice(&bench).is_some(), "which is told");
}

#[test]
fn cookies_that_the_browser_renewed_are_kept() {
    let mut bench = signed_in(&json!({"address": "https://example.my.connect.aws", "transport": "page"}));
    bench.answer("page /auth/authorize", authorized());
    let before = bench.other.iter().filter(|done| *done == "store cookies").count();
    let renewed = |value: &str| LoginCookie { name: "lily-auth-prod-fra".to_owned(), value: value.to_owned().into() };
    bench.give(Input::PageCookies(vec![renewed("EXAMPLE-COOKIE")]));
    let after = |bench: &Bench| bench.other.iter().filter(|done| *done == "store cookies").count();
    assert_eq!(after(&bench), before, "the same are no news");
    bench.give(Input::PageCookies(vec![renewed("RENEWED")]));
    assert_eq!(after(&bench), before + 1, "new ones go to the vault");
}

#[test]
fn the_platforms_own_panel_opens_with_this_session() {
    let mut bench = signed_in(&plain());
    bench.command("panel", Command::OpenPlatformPanel);
    assert_eq!(bench.other.last().unwrap(), "panel https://example.my.connect.aws/ccp-v2 1 cookies", "signed in");
    bench.give(Input::PanelOpened(CommandId::from("panel"), Ok(())));
    assert_eq!(bench.reply("panel"), Some(Ok(())), "answered");
    bench.command("again", Command::OpenPlatformPanel);
    bench.give(Input::PanelOpened(CommandId::from("again"), Err(LoginFailure::Unavailable)));
    assert_eq!(bench.reply("again"), Some(Err(CommandCode::NotPossible)), "without windows it is not possible");
}
