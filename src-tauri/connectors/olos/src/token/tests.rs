#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn described() -> Value {
    serde_json::from_str(include_str!("../../tests/fixtures/olos-agenthub/jwt-claims.json")).unwrap()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The readme's token, with members of header and claims replaced; null takes one away.
fn token(header: &Value, claims: &Value) -> String {
    let described = described();
    let patched = |name: &str, patch: &Value| {
        let mut members = described[name].as_object().unwrap().clone();
        members.extend(patch.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        part(&Value::Object(members))
    };
    format!("{}.{}.c2lnbmF0dXJl", patched("header", header), patched("claims", claims))
}

fn judged(token: &str) -> Result<Claims, TokenFault> {
    check(token, NOW, &OlosSettings::default())
}

#[test]
fn every_described_case_is_judged_as_described() {
    for case in described()["cases"].as_array().unwrap() {
        let token = match case["token"].as_str() {
            Some(token) => token.to_owned(),
            None => {
                let or_nothing = |name: &str| case.get(name).cloned().unwrap_or(json!({}));
                token(&or_nothing("header"), &or_nothing("patch"))
            }
        };
        let judged = judged(&token);
        assert_eq!(judged.is_ok(), case["ok"] == true, "{}: {judged:?}", case["name"]);
        if let (Some(admin), Ok(claims)) = (case["admin"].as_bool(), judged) {
            assert_eq!(claims.roles.contains(&"admin".to_owned()), admin, "{}", case["name"]);
        }
    }
}

#[test]
fn the_readmes_token_names_agent_tenant_and_roles() {
    let claims = judged(&token(&json!({}), &json!({}))).unwrap();
    assert_eq!((claims.sub.as_str(), claims.tid.as_str()), ("52", "acme"));
    assert_eq!((claims.username.as_deref(), claims.roles.as_slice()), (Some("adams"), ["agent".to_owned()].as_slice()));
    assert_eq!(claims.topic("agent:{tid}:{sub}:{username}"), "agent:acme:52:adams", "topics are filled in");
}

#[test]
fn tokens_malformed_in_many_ways_are_refused_for_the_right_reason() {
    use TokenFault::{Algorithm, Claims, Expired, Form, Missing, TooEarly};
    let good = token(&json!({}), &json!({}));
    let (header, rest) = good.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let seconds = NOW.0 / 1000;
    let cases: Vec<(&str, String, TokenFault)> = vec![
        ("empty", String::new(), Missing),
        ("one part", header.to_owned(), Form),
        ("two parts", format!("{header}.{claims}"), Form),
        ("four parts", format!("{good}.more"), Form),
        ("no signature", format!("{header}.{claims}."), Form),
        ("no header", format!(".{claims}.{signature}"), Form),
        ("no claims", format!("{header}..{signature}"), Form),
        ("spaces", format!("{header} .{claims}.{signature}"), Form),
        ("plain base64 with padding", format!("{header}==.{claims}.{signature}"), Form),
        ("a header that is not JSON", format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode("{")), Form),
        ("a header that is a list", format!("{}.{claims}.{signature}", part(&json!([]))), Form),
        ("claims that are not JSON", format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode("\u{0}")), Form),
        ("claims that are text", format!("{header}.{}.{signature}", part(&json!("sub"))), Form),
        ("claims that are not UTF-8", format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode([0xff, 0xfe])), Form),
        ("longer than any", format!("{header}.{claims}.{}", "a".repeat(20_000)), Form),
        ("another's greeting before it", format!("Bearer {good}"), Form),
        ("no algorithm", token(&json!({ "alg": null }), &json!({})), Algorithm),
        ("algorithm none", token(&json!({ "alg": "none" }), &json!({})), Algorithm),
        ("a shared secret", token(&json!({ "alg": "HS512" }), &json!({})), Algorithm),
        ("an algorithm that is a number", token(&json!({ "alg": 256 }), &json!({})), Algorithm),
        ("no sub", token(&json!({}), &json!({ "sub": null })), Claims),
        ("sub is blank", token(&json!({}), &json!({ "sub": "  " })), Claims),
        ("sub is a number", token(&json!({}), &json!({ "sub": 52 })), Claims),
        ("no tid", token(&json!({}), &json!({ "tid": null })), Claims),
        ("no exp", token(&json!({}), &json!({ "exp": null })), Claims),
        ("exp is text", token(&json!({}), &json!({ "exp": "2799231413" })), Claims),
        ("nbf is text", token(&json!({}), &json!({ "nbf": "now" })), Claims),
        ("expired a minute ago", token(&json!({}), &json!({ "exp": seconds - 60 })), Expired),
        ("expired before 1970", token(&json!({}), &json!({ "exp": i64::MIN })), Expired),
        ("valid in a minute", token(&json!({}), &json!({ "nbf": seconds + 60 })), TooEarly),
    ];
    assert!(cases.len() >= 20, "twenty ways at least");
    for (what, token, fault) in cases {
        assert_eq!(judged(&token), Err(fault), "{what}");
        assert!(fault.reason().starts_with("link_reason_"), "{what}: the agent is told why");
    }
}

#[test]
fn clocks_may_differ_by_half_a_minute_and_odd_signatures_are_told() {
    let seconds = NOW.0 / 1000;
    assert!(judged(&token(&json!({}), &json!({ "exp": seconds - 20 }))).is_ok(), "expired by our clock alone");
    assert!(
        judged(&token(&json!({}), &json!({ "nbf": seconds as f64 + 20.5 }))).is_ok(),
        "not begun by our clock alone"
    );
    let odd = judged(&token(&json!({ "alg": "ES384" }), &json!({}))).unwrap();
    assert!(odd.odd_algorithm, "taken, and told to the log");
    let roles = judged(&token(&json!({}), &json!({ "roles": ["agent", 7, null], "username": 9 }))).unwrap();
    assert_eq!((roles.roles.len(), roles.username), (1, None), "what is of the wrong kind is left out");
}

#[test]
fn a_token_is_found_in_what_a_service_says() {
    let cases = [
        (" a.b.c\n", Some("a.b.c")),
        ("\"a.b.c\"", Some("a.b.c")),
        ("{\"access_token\": \" a.b.c \", \"expires_in\": 60}", Some("a.b.c")),
        ("{\"token\": \"a.b.c\"}", None),
        ("{\"access_token\": 7}", None),
        ("", None),
        ("  \n", None),
        ("\"\"", None),
    ];
    for (text, wanted) in cases {
        assert_eq!(find(text, "access_token").as_deref(), wanted, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_judged(text in ".{0,200}") {
        let _ = (judged(&text), find(&text, "access_token"));
    }

    #[test]
    fn any_three_parts_are_judged(header in ".{0,40}", claims in ".{0,80}") {
        let token = format!("{}.{}.AA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        prop_assert!(judged(&token).is_err());
    }
}
