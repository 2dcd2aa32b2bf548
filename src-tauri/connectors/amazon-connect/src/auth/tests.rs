#![allow(clippy::unwrap_used, clippy::expect_used)]
use std::time::Duration;

use rstest::rstest;
use secrecy::ExposeSecret;

use super::*;
use crate::fixture;

fn now(start: Instant, seconds: u64) -> Now {
    Now { at: start + Duration::from_secs(seconds), wall: UnixMillis(1_786_200_000_000).shifted(seconds as i64 * 1000) }
}

fn by_hand() -> Stored {
    Stored { token: Some("EXAMPLE-AUTH-TOKEN".to_owned().into()), ..Stored::default() }
}

fn cookies() -> Stored {
    let cookie = LoginCookie { name: "lily-auth-prod-fra".to_owned(), value: "EXAMPLE-COOKIE".to_owned().into() };
    Stored { cookies: vec![cookie], ..Stored::default() }
}

fn reply(life_s: f64) -> AuthorizeReply {
    let at = 1_786_200_000.0 + life_s;
    AuthorizeReply { access_token: Some(Private::new("EXAMPLE-AUTH-TOKEN-2")), expiration: Some(Timestamp(at)) }
}

#[rstest]
#[case("authorize.response.json")]
#[case("authorize.epoch.response.json")]
fn both_recorded_forms_of_the_reply_are_read(#[case] name: &str) {
    let reply = AuthorizeReply::read(&fixture::bytes("amazon-connect", name));
    assert_eq!(reply.access_token, Some(Private::new("EXAMPLE-AUTH-TOKEN-2")), "token");
    assert!(reply.expiration.is_some(), "expiration, as text or in milliseconds");
    assert_eq!(AuthorizeReply::read(b"<html>"), AuthorizeReply::default(), "an unreadable body is an empty object");
}

#[test]
fn a_token_by_hand_is_used_at_once_and_renewed_beside() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    assert!(auth.begin(&by_hand(), now(start, 0), &settings), "authorize tells when it ends");
    assert!(auth.is_live(), "but work begins at once");
    auth.refused();
    assert!(auth.is_live(), "a token that cannot be renewed still works");
    assert!(!auth.session_is_ending(), "and that is no news for the agent");
    assert!(auth.token_refused(), "until it is refused: one more try");
    auth.refused();
    assert_eq!(auth.state(), AuthState::SignedOut("link_reason_token_wrong"), "it never worked");
    let mut worked = Auth::default();
    worked.begin(&by_hand(), now(start, 0), &settings);
    worked.refused();
    worked.token_worked();
    worked.token_refused();
    worked.refused();
    assert_eq!(worked.state(), AuthState::SignedOut("link_reason_token_expired"), "it did work once");
}

#[test]
fn it_is_renewed_half_an_hour_before_its_end() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    assert!(auth.begin(&cookies(), now(start, 0), &settings), "cookies give a token");
    assert_eq!(auth.state(), AuthState::Authorizing, "until then nothing works");
    assert!(auth.authorized(&reply(3600.0), None, now(start, 0), &settings), "the token is there");
    assert!(!auth.tick(now(start, 1799)), "not yet");
    assert!(auth.tick(now(start, 1800)), "with 30 minutes left");
    assert!(!auth.tick(now(start, 1801)), "once at a time");
    assert_eq!(auth.token().unwrap().expose_secret(), "EXAMPLE-AUTH-TOKEN-2", "the old one serves meanwhile");
}

#[test]
fn a_short_life_is_renewed_in_its_middle() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    auth.begin(&cookies(), now(start, 0), &settings);
    auth.authorized(&reply(600.0), None, now(start, 0), &settings);
    assert!(!auth.tick(now(start, 299)), "an authentication profile may set ten minutes");
    assert!(auth.tick(now(start, 300)), "the vendor's client would ask all five minutes from the start");
}

#[test]
fn our_own_clock_does_not_matter() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    auth.begin(&cookies(), now(start, 0), &settings);
    let hour_behind = Timestamp(1_786_200_000.0 - 3600.0);
    let mut reply = reply(0.0);
    reply.expiration = Some(Timestamp(hour_behind.0 + 3600.0));
    auth.authorized(&reply, Some(hour_behind), now(start, 0), &settings);
    assert!(!auth.tick(now(start, 1700)), "by our clock the token would be over already");
    assert!(auth.tick(now(start, 1800)), "its life counts, not the hour");
}

#[test]
fn passing_failures_are_retried_and_refusals_are_not() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    auth.begin(&cookies(), now(start, 0), &settings);
    for attempt in 1..5u64 {
        auth.unavailable(now(start, attempt * 10), &settings);
        assert!(!auth.tick(now(start, attempt * 10 + 1)), "a pause");
        assert!(auth.tick(now(start, attempt * 10 + 2)), "of two seconds");
    }
    auth.unavailable(now(start, 100), &settings);
    assert!(!auth.tick(now(start, 104)), "then longer");
    assert!(auth.tick(now(start, 111)), "but it goes on");
    auth.refused();
    assert_eq!(auth.state(), AuthState::SignedOut("link_reason_session_expired"), "401: the agent must sign in");
    assert!(!auth.tick(now(start, 9999)), "and nothing is asked until then");
}

#[test]
fn a_session_that_ends_first_is_told_while_the_token_lasts() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    auth.begin(&cookies(), now(start, 0), &settings);
    auth.authorized(&reply(3600.0), None, now(start, 0), &settings);
    assert!(auth.tick(now(start, 1800)), "renewal");
    auth.refused();
    assert!(auth.is_live() && auth.session_is_ending(), "work goes on, and the agent can sign in again in time");
}

#[test]
fn several_refused_calls_ask_once() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    auth.begin(&cookies(), now(start, 0), &settings);
    auth.authorized(&reply(3600.0), None, now(start, 0), &settings);
    assert!(auth.token_refused(), "the first asks");
    assert!(!auth.token_refused(), "the second waits with it");
}

#[test]
fn waking_up_checks_the_token() {
    let (start, settings) = (Instant::now(), AmazonConnectSettings::default());
    let mut auth = Auth::default();
    auth.begin(&cookies(), now(start, 0), &settings);
    auth.authorized(&reply(3600.0), None, now(start, 0), &settings);
    assert!(!auth.woke(now(start, 60), &settings), "a short nap");
    assert!(auth.woke(now(start, 2400), &settings), "after forty minutes it is time");
}

#[test]
fn renewed_cookies_are_kept() {
    let mut kept = cookies().cookies;
    let mut headers = http::HeaderMap::new();
    headers.append(http::header::SET_COOKIE, "other=1; Path=/".parse().unwrap());
    headers.append(http::header::SET_COOKIE, "lily-auth-prod-fra=NEW; Path=/; HttpOnly; Secure".parse().unwrap());
    assert!(renew_cookies(&mut kept, &headers), "changed");
    assert!(!renew_cookies(&mut kept, &headers), "and the same again is no change");
    let text = cookies_to_text(&kept, Some(Route::Page));
    let (back, route) = cookies_from_text(text.expose_secret());
    assert_eq!(route, Some(Route::Page), "with the way that worked");
    let old = cookies_from_text(r#"[["lily-auth-prod-fra","OLD"]]"#);
    assert_eq!((old.0.len(), old.1), (1, None), "what earlier versions kept is read");
    assert_eq!(back[0].value.expose_secret(), "NEW", "through the vault and back");
    assert!(cookies_from_text("not json").0.is_empty(), "what cannot be read counts as none");
    assert!(!format!("{kept:?} {text:?}").contains("NEW"), "and Debug shows nothing");
}
