#![allow(clippy::unwrap_used)]

use rstest::rstest;
use serde_json::json;

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../tests/fixtures/expertflow/rest/", $name))).unwrap()
    };
}

fn answer(status: u16, body: &Value) -> Result<HttpResponse, HttpFailure> {
    let status = StatusCode::from_u16(status).unwrap();
    Ok(HttpResponse { status, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) })
}

#[test]
fn a_refused_log_in_says_why_in_the_platforms_words() {
    let error = read(answer(401, &fixture!("login_error.json"))).unwrap_err();
    assert_eq!(error, RestError::Refused(StatusCode::UNAUTHORIZED, "Credentials are not valid".to_owned()));
    let error = read(answer(408, &json!({"msg": "Finesse cannot be reached"}))).unwrap_err();
    assert_eq!(error, RestError::Refused(StatusCode::REQUEST_TIMEOUT, "Finesse cannot be reached".to_owned()));
    let html = HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from_static(b"<html>") };
    assert_eq!(read(Ok(html)).unwrap_err(), RestError::Unreadable);
}

#[test]
fn a_log_in_brings_user_and_tokens() {
    let Some(LoggedIn::Done { user, token, refresh }) = logged_in(&fixture!("login_response.json")) else {
        panic!("signed in")
    };
    assert_eq!(user.username, "a.demo");
    assert_eq!(token.unwrap().expose_secret(), "example.access.jwt");
    assert_eq!(refresh.unwrap().expose_secret(), "example.refresh.jwt");
    assert!(logged_in(&json!({"data": {}})).is_none(), "neither a user nor a question");
}

#[test]
fn a_second_factor_is_known_by_the_user_that_is_missing() {
    let challenge = |value: &Value| match logged_in(value) {
        Some(LoggedIn::More(challenge)) => *challenge,
        _ => panic!("a question"),
    };
    let asked = challenge(&fixture!("login_response_2fa_otp_required.json"));
    assert_eq!((&asked.what, asked.can_resend), (&ChallengeKind::Code, true), "sent as a text message");
    assert_eq!(asked.sent_to.as_deref(), Some("+15550100"));
    let asked = challenge(&fixture!("login_response_2fa_register_app.json"));
    let ChallengeKind::RegisterApp { secret, picture } = asked.what else { panic!("an app") };
    assert_eq!(secret.as_deref(), Some("JBSWY3DPEHPK3PXP"));
    assert!(picture.unwrap().starts_with("data:image/png;base64,"));
    let hostile = json!({"data": {"twoFAChannel": "app", "is2FARegistered": false, "qrImage": "javascript:alert(1)"}});
    let ChallengeKind::RegisterApp { picture, .. } = challenge(&hostile).what else { panic!("an app") };
    assert_eq!(picture, None, "no picture, so it is not shown");
    let asked = challenge(&json!({"data": {"twoFAChannel": "sms", "is2FARegistered": false}}));
    assert_eq!((&asked.what, asked.can_resend), (&ChallengeKind::Phone, false));
    let asked = challenge(&json!({"data": {"twoFAChannel": "email", "is2FARegistered": true}}));
    assert_eq!(asked.what, ChallengeKind::Code, "channels of later releases ask for a code as well");
}

#[test]
fn bodies_are_those_of_the_fixtures() {
    let password = Secret::from("example-only".to_owned());
    assert_eq!(otp_body("a.demo", &password, None, "123456"), fixture!("validate_otp_request.json"));
    assert_eq!(login_body("a.demo", &password)["username"], fixture!("login_request.json")["username"]);
    assert_eq!(refreshed(&fixture!("refresh_token_response.json")).unwrap().expose_secret(), "example.access.jwt.2");
}

#[test]
fn the_directory_has_queues_and_the_agents_who_are_free_but_not_oneself() {
    let raw = fixture!("queues_available_agents.json");
    let found = endpoints(&raw, "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1101").unwrap();
    let shown: Vec<_> = found.iter().map(|entry| (entry.kind.clone(), entry.name.as_str())).collect();
    assert_eq!(shown, [(EndpointKind::Queue, "Web Care"), (EndpointKind::Agent, "b.demo")]);
    assert_eq!(Towards::find(&found[0].id), Some(Towards::Queue("Web Care".to_owned())));
    let agent = Towards::find(&found[1].id).unwrap();
    assert_eq!(agent.members()["requestedAgentId"], "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1102");
    assert_eq!(
        endpoints(&raw, "5b0c2f1e-7d34-4a92-9a51-0c6f8a2e1102").unwrap().len(),
        1,
        "nobody hands over to themselves"
    );
    assert_eq!(Towards::find(&EndpointId::new("elsewhere")), None);
}

#[rstest]
#[case("report.pdf", "filename=\"report.pdf\"")]
#[case("a\"\r\nX: y.pdf", "filename=\"a___X: y.pdf\"")]
fn an_upload_is_a_form_that_a_name_cannot_break(#[case] name: &str, #[case] shown: &str) {
    let (progress, _) = Progress::new();
    let bytes = Bytes::from_static(b"%PDF");
    let file = Upload { name, content_type: "", bytes: &bytes, field: ("conversationId", "c1"), progress };
    let url = Url::parse("https://cx.example/file-engine/api/uploadFileStream").unwrap();
    let request = upload(url, Some(&Secret::from("t".to_owned())), file, "xyz", Duration::from_secs(1));
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    assert!(body.contains(shown), "{body}");
    assert!(body.starts_with("--xyz\r\n") && body.ends_with("%PDF\r\n--xyz--\r\n"), "{body}");
    assert_eq!(request.headers[CONTENT_TYPE], "multipart/form-data; boundary=xyz");
}
