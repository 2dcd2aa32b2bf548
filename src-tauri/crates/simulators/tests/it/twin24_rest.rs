//! The services: tokens, verbs, operators, and what becomes of sessions.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::twin24::{ClientOffer, HandoverTarget, OperatorStatus, TokenRefusal, Twin24Operator, Verbs};

use crate::twin24_console::{ANNA, BORIS, Console, VERA, ask, post, recorded, start, tokens};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_log_in_is_checked_and_gives_a_token_that_ends() {
    let sim = start(|_| {}).await;
    let url = format!("{}/auth/login", sim.iam_url());
    let answer = post(&url, &json!({ "email": "not-an-email", "password": "", "ttl": 86_400 })).await;
    assert_eq!((answer.status, answer.json()), (422, recorded("http-login-validation")));
    let answer = post(&url, &json!({ "email": ANNA, "password": "WRONG", "ttl": 86_400 })).await;
    assert_eq!((answer.status, answer.json()), (401, recorded("http-login-bad-password")));
    let answer = post(&url, &json!({ "email": ANNA, "password": sim.options().password(ANNA), "ttl": -1 })).await;
    assert_eq!(answer.json()["details"], json!({ "ttl": ["invalid"] }));
    assert_eq!(sim.status(ANNA), OperatorStatus::Offline);
    let answer = post(&url, &json!({ "email": ANNA, "password": sim.options().password(ANNA), "ttl": 86_400 })).await;
    let (body, head) = (answer.json(), answer.head.to_lowercase());
    assert!(head.contains("set-cookie: token=") && head.contains("set-cookie: refresh_token="), "{head}");
    let claims = claims(body["token"].as_str().unwrap());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 86_400);
    assert_eq!((&claims["sub"], &claims["companyId"]), (&json!("42"), &json!(7)));
    assert_eq!(sim.status(ANNA), OperatorStatus::Pause, "signed in, and asked for nothing");
    sim.refuse_logins(Some(503));
    assert_eq!(post(&url, &json!({})).await.status, 503);
}

fn claims(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn who_has_several_companies_names_one() {
    let mut several = Twin24Operator::named(50, "ivan@example.com", "Ivan", "");
    several.companies = vec![7, 8];
    let sim = start(|options| options.operators.push(several)).await;
    let url = format!("{}/auth/login", sim.iam_url());
    let body = json!({ "email": "ivan@example.com", "password": sim.options().password("ivan@example.com") });
    let with = |company: Value| {
        let mut body = body.clone();
        body["companyId"] = company;
        body
    };
    assert_eq!(post(&url, &body).await.json()["details"], json!({ "companyId": ["required"] }));
    assert_eq!(post(&url, &with(json!(9))).await.status, 422);
    let answer = post(&url, &with(json!(8))).await;
    assert_eq!(claims(answer.json()["token"].as_str().unwrap())["companyId"], 8);
}

#[tokio::test]
async fn tokens_are_refreshed_once_each_with_the_old_one_and_no_word_before_it() {
    let sim = start(|_| {}).await;
    let first = tokens(&sim, ANNA).await;
    let url = format!("{}/auth/refresh", sim.iam_url());
    let (old, refresh) = (first["token"].as_str().unwrap(), first["refreshToken"].as_str().unwrap());
    let body = json!({ "refreshToken": refresh, "ttl": 3600 }).to_string();
    let bearer = format!("Bearer {old}");
    let refused = ask(&url, "POST", &[("Authorization", &bearer)], &body).await.unwrap();
    assert_eq!(refused.status, 401, "with the word it is not taken");
    sim.expire_tokens(TokenRefusal::Expired);
    let answer = ask(&url, "POST", &[("Authorization", old)], &body).await.unwrap();
    assert_eq!(answer.status, 200, "an expired one does: {}", answer.body);
    let second = answer.json();
    assert_eq!(claims(second["token"].as_str().unwrap())["sub"], "42");
    assert_eq!(ask(&url, "POST", &[("Authorization", old)], &body).await.unwrap().status, 401, "good once");
    assert_eq!(ask(&url, "POST", &[("Authorization", old)], "{}").await.unwrap().status, 422);
    assert_eq!(ask(&url, "GET", &[("Authorization", old)], "").await.unwrap().status, 405);
    let body = json!({ "refreshToken": second["refreshToken"] }).to_string();
    sim.refuse_refreshes(Some(500));
    assert_eq!(ask(&url, "POST", &[("Authorization", old)], &body).await.unwrap().status, 500);
    sim.refuse_refreshes(None);
    sim.expire_refresh_tokens();
    assert_eq!(ask(&url, "POST", &[("Authorization", old)], &body).await.unwrap().status, 401);
}

#[tokio::test]
async fn tokens_are_refused_as_configured() {
    let sim = start(|options| options.token_life = Some(Duration::from_secs(60))).await;
    let anna = Console::signed_in(&sim, ANNA).await;
    anna.get("/users/me").await;
    let stranger = Console { sim: sim.clone(), token: "x.y.z".to_owned(), socket: None };
    assert_eq!(stranger.ask("GET", "/sessions", &Value::Null).await.status, 401);
    let bare =
        ask(&format!("{}/sessions", sim.chat_url()), "GET", &[("Authorization", &anna.token)], "").await.unwrap();
    assert_eq!(bare.status, 401, "without the word Bearer");
    sim.set_clock_offset(61);
    let answer = anna.ask("GET", "/sessions", &Value::Null).await;
    assert_eq!((answer.status, answer.json()), (401, recorded("http-token-expired")), "its time is over");
    sim.set_clock_offset(0);
    anna.get("/sessions").await;
    sim.expire_tokens(TokenRefusal::Forbidden);
    let answer = anna.ask("GET", "/sessions", &Value::Null).await;
    assert_eq!((answer.status, answer.json()), (403, recorded("http-token-forbidden")));
    Console::signed_in(&sim, ANNA).await.get("/sessions").await;

    let sim = start(|options| options.token_refusal = TokenRefusal::Forbidden).await;
    let anna = Console::signed_in(&sim, ANNA).await;
    sim.expire_tokens(TokenRefusal::Expired);
    assert_eq!(anna.ask("GET", "/sessions", &Value::Null).await.status, 403);
}

#[tokio::test]
async fn other_verbs_are_not_allowed_and_a_test_chooses_which() {
    let sim = start(|_| {}).await;
    let anna = Console::signed_in(&sim, ANNA).await;
    for (method, path) in [
        ("PUT", "/users/me/activate"),
        ("POST", "/users/me/pause"),
        ("POST", "/users/me"),
        ("PATCH", "/timestamp"),
        ("PUT", "/sessions"),
        ("POST", "/sessions/s1"),
        ("PUT", "/sessions/s1/names/x"),
        ("GET", "/sessions/s1/operators/42"),
        ("POST", "/sessions/s1/groupoperators/3"),
        ("GET", "/sessions/s1/operators/messages"),
        ("PATCH", "/sessions/s1/operators/messages/m1"),
        ("PUT", "/clients/c1/ban"),
        ("DELETE", "/clients/c1/unban"),
        ("POST", "/messages/m1/read"),
    ] {
        let answer = anna.ask(method, path, &Value::Null).await;
        let body = recorded("http-pause-method-fallback");
        assert_eq!((answer.status, answer.json()), (405, body), "{method} {path}");
        assert!(answer.header("allow").is_some(), "{path} names its verbs");
    }
    assert_eq!(anna.ask("GET", "/dance", &Value::Null).await.status, 404);
    let put = || "PUT".to_owned();
    let verbs = Verbs {
        activate: put(),
        pause: "POST".to_owned(),
        ban: put(),
        unban: "DELETE".to_owned(),
        send: put(),
        refresh: "GET".to_owned(),
    };
    let sim = start(|options| options.verbs = verbs).await;
    let anna = Console::signed_in(&sim, ANNA).await;
    assert_eq!(anna.ask("PATCH", "/users/me/activate", &Value::Null).await.status, 405);
    anna.done("PUT", "/users/me/activate").await;
    assert_eq!(sim.status(ANNA), OperatorStatus::Online);
    anna.done("POST", "/users/me/pause").await;
    let session = sim.client_starts(ClientOffer::named("Иван").to_operator(ANNA)).unwrap();
    anna.done("PUT", &format!("/clients/{}/ban", session.client_id())).await;
    anna.done("DELETE", &format!("/clients/{}/unban", session.client_id())).await;
    let path = format!("/sessions/{}/operators/messages", session.id());
    assert_eq!(anna.ask("PUT", &path, &json!({ "body": "x" })).await.status, 201);
}

#[tokio::test]
async fn messages_are_sent_edited_deleted_and_refused() {
    let sim = start(|_| {}).await;
    let mut anna = Console::open(&sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Иван").saying("Здравствуйте")).unwrap();
    anna.expect("chatSessionStarted").await;
    anna.expect("chatSessionAdded").await;
    let first = session.messages()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/sessions/{}/operators/messages", session.id());
    let body = json!({ "body": "Сейчас проверю 🙂", "replyToMessageId": first });
    let answer = anna.ask("POST", &path, &body).await;
    assert_eq!(answer.status, 201);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let sent = session.expect_answered("проверю", SOON).await.unwrap();
    assert_eq!(
        (sent.id.as_str(), sent.operator.as_str(), sent.reply_to.as_deref()),
        (id.as_str(), ANNA, Some(first.as_str()))
    );
    let echo = anna.expect("chatMessageCreated").await;
    assert_eq!(
        (&echo["message"]["id"], &echo["message"]["replyTo"]["id"]),
        (&json!(id), &json!(first)),
        "it comes back"
    );

    let answer = anna.ask("PUT", &format!("{path}/{id}"), &json!({ "body": "Уже проверила" })).await;
    assert_eq!((answer.status, answer.json()), (200, Value::Null));
    assert_eq!(session.expect_edited("Уже", SOON).await.unwrap().id, id);
    assert_eq!(anna.expect("chatMessageEdited").await["message"]["body"], "Уже проверила");
    anna.done("DELETE", &format!("{path}/{id}")).await;
    assert_eq!(session.expect_deleted(&id, SOON).await.unwrap(), ANNA);
    anna.hears_nothing().await;
    assert_eq!(session.messages().len(), 1);

    for (body, details) in [
        (json!({}), json!({ "body": ["required"] })),
        (json!({ "body": "  " }), json!({ "body": ["required"] })),
        (json!({ "body": 5 }), json!({ "body": ["invalid"] })),
        (json!({ "body": "я".repeat(4097) }), json!({ "body": ["too long"] })),
        (json!({ "body": "x", "attachments": ["nope"] }), json!({ "attachments": ["not found"] })),
        (json!({ "body": "x", "attachments": "f1" }), json!({ "attachments": ["invalid"] })),
        (json!({ "body": "x", "replyToMessageId": "nope" }), json!({ "replyToMessageId": ["not found"] })),
    ] {
        let answer = anna.ask("POST", &path, &body).await;
        assert_eq!((answer.status, answer.json()["details"].clone()), (422, details), "{body}");
    }
    assert_eq!(anna.refused("POST", &path, &json!("text")).await.0, 400);
    assert_eq!(anna.refused("PUT", &format!("{path}/nope"), &json!({ "body": "x" })).await.0, 404);
    assert_eq!(anna.refused("PUT", &format!("{path}/{first}"), &json!({ "body": "x" })).await.0, 404, "the client's");
    assert_eq!(anna.refused("POST", "/sessions/nope/operators/messages", &json!({ "body": "x" })).await.0, 404);
    let boris = Console::signed_in(&sim, BORIS).await;
    let refused = boris.refused("POST", &path, &json!({ "body": "x" })).await;
    assert_eq!(refused, (403, "Operator is not assigned to the session.".to_owned()));
}

#[tokio::test]
async fn sessions_are_handed_over_joined_left_renamed_marked_and_closed() {
    let sim = start(|_| {}).await;
    let (mut anna, mut boris) = (Console::open(&sim, ANNA).await, Console::open(&sim, BORIS).await);
    let session = sim.client_starts(ClientOffer::named("Иван").to_operator(ANNA)).unwrap();
    let path = format!("/sessions/{}", session.id());
    for console in [&mut anna, &mut boris] {
        console.expect("chatSessionStarted").await;
    }
    anna.expect("chatSessionAdded").await;

    anna.done("PATCH", &format!("{path}/names/%D0%98%D0%B2%D0%B0%D0%BD%20%D0%9F.%20%2F%201")).await;
    assert_eq!(session.expect_renamed("Иван П. / 1", SOON).await.unwrap(), ANNA);
    anna.done("PATCH", &format!("{path}/spam")).await;
    session.expect_spam(true, SOON).await.unwrap();
    anna.done("PATCH", &format!("{path}/notSpam")).await;
    session.expect_spam(false, SOON).await.unwrap();

    anna.done("PATCH", &format!("{path}/operators/43")).await;
    assert_eq!(boris.expect("chatSessionAdded").await["session"]["operatorId"], "43");
    assert_eq!(session.expect_transferred(SOON).await.unwrap().to, HandoverTarget::Operator(BORIS.to_owned()));
    assert_eq!(session.operator().as_deref(), Some(BORIS));
    anna.hears_nothing().await;
    boris.done("PUT", &format!("{path}/operators/42")).await;
    anna.expect("chatSessionAdded").await;
    let operators = session.value()["operators"].clone();
    assert_eq!((operators.as_array().unwrap().len(), session.operator().as_deref()), (2, Some(BORIS)));
    boris.done("DELETE", &format!("{path}/operators/43")).await;
    assert_eq!(session.operator().as_deref(), Some(ANNA), "who is left has it");
    assert_eq!(anna.refused("DELETE", &format!("{path}/operators/43"), &Value::Null).await.0, 404);
    anna.done("DELETE", &format!("{path}/operators/42")).await;
    session.expect_help(SOON).await.unwrap();
    anna.expect("operatorNotFound").await;
    boris.expect("operatorNotFound").await;
    anna.done("PUT", &format!("{path}/operators/42")).await;
    anna.expect("chatSessionAdded").await;
    assert_eq!(session.operator().as_deref(), Some(ANNA), "taken out of help");

    assert_eq!(anna.refused("PATCH", &format!("{path}/operators/44"), &Value::Null).await.0, 422, "offline");
    assert_eq!(anna.refused("PATCH", &format!("{path}/operators/99"), &Value::Null).await.0, 404);
    assert_eq!(anna.refused("PATCH", &format!("{path}/groupoperators/99"), &Value::Null).await.0, 404);
    anna.done("PATCH", &format!("{path}/groupoperators/3")).await;
    boris.expect("chatSessionAdded").await;
    boris.done("PATCH", &format!("{path}/groupoperators/4")).await;
    assert_eq!(session.expect_transferred(SOON).await.unwrap().to, HandoverTarget::Group("Billing".to_owned()));
    anna.expect("chatSessionAdded").await;
    sim.sets_status(ANNA, OperatorStatus::Pause).unwrap();
    anna.done("PATCH", &format!("{path}/groupoperators/4")).await;
    anna.expect("operatorNotFound").await;
    assert!(session.is_in_help(), "nobody else is active there");

    let answer = anna.ask("DELETE", &path, &json!({ "result": "solved" })).await;
    assert_eq!(answer.status, 204);
    let closing = session.expect_closed(SOON).await.unwrap();
    assert_eq!((closing.by.as_deref(), closing.result.as_deref()), (Some(ANNA), Some("solved")));
    assert_eq!(anna.refused("DELETE", &path, &Value::Null).await, (422, "Session is closed.".to_owned()));
    assert!(session.client_writes("Ау").is_err_and(|error| error.is_not_possible()));
}

#[tokio::test]
async fn a_take_from_help_may_need_two_steps() {
    let sim = start(|options| options.adding_assigns = false).await;
    let anna = Console::open(&sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Ольга").in_help()).unwrap();
    let path = format!("/sessions/{}/operators/42", session.id());
    anna.done("PUT", &path).await;
    assert_eq!(session.operator(), None);
    anna.done("PATCH", &path).await;
    assert_eq!(session.operator().as_deref(), Some(ANNA));
}

#[tokio::test]
async fn clients_are_banned_and_their_messages_read() {
    let sim = start(|_| {}).await;
    let anna = Console::open(&sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Иван").saying("Раз").saying("Два")).unwrap();
    let third = session.client_writes("Три").unwrap();
    assert_eq!(session.unread(), 3);
    let second = session.messages()[1]["id"].as_str().unwrap().to_owned();
    anna.done("PATCH", &format!("/messages/{second}/read")).await;
    assert_eq!((session.expect_read(&second, SOON).await.unwrap().as_str(), session.unread()), (ANNA, 1));
    anna.done("PATCH", &format!("/messages/{third}/read")).await;
    assert_eq!(session.unread(), 0);
    assert_eq!(anna.refused("PATCH", "/messages/nope/read", &Value::Null).await.0, 404);
    let client = format!("/clients/{}", session.client_id());
    anna.done("PATCH", &format!("{client}/ban")).await;
    session.expect_banned(true, SOON).await.unwrap();
    assert_eq!(session.value()["clientBanned"], true);
    assert!(session.client_writes("Ау").is_err_and(|error| error.is_not_possible()));
    anna.done("PATCH", &format!("{client}/unban")).await;
    session.expect_banned(false, SOON).await.unwrap();
    session.client_writes("Ау").unwrap();
    assert_eq!(anna.refused("PATCH", "/clients/nope/ban", &Value::Null).await.0, 404);
}

#[tokio::test]
async fn files_go_up_are_sent_and_come_down() {
    let sim = start(|options| options.file_limit = 1000).await;
    let anna = Console::open(&sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Иван")).unwrap();
    let bearer = format!("Bearer {}", anna.token);
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    let form = |content: &str, private: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"счёт.pdf\"\r\nContent-Type: \
             application/pdf\r\n\r\n{content}\r\n--b\r\nContent-Disposition: form-data; name=\"private\"\r\n\r\n{private}\r\n--b--\r\n"
        )
    };
    let url = format!("{}/files", sim.iam_url());
    let answer = ask(&url, "POST", &headers, &form("hello", "0")).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let file = answer.json()[0].clone();
    let want = recorded("http-file-upload")[0].clone();
    crate::desk::same_shape(&file, &want, "file");
    assert_eq!((&file["name"], &file["size"], &file["extension"]), (&json!("счёт.pdf"), &json!(5), &json!("pdf")));
    let id = file["id"].as_str().unwrap();
    let down = ask(file["url"].as_str().unwrap(), "GET", &[], "").await.unwrap();
    assert_eq!((down.status, down.body.as_str(), down.header("content-type")), (200, "hello", Some("application/pdf")));
    let info = ask(&format!("{url}/{id}"), "GET", &headers[..1], "").await.unwrap().json();
    assert_eq!(info, file);
    let path = format!("/sessions/{}/operators/messages", session.id());
    assert_eq!(anna.ask("POST", &path, &json!({ "attachments": [id] })).await.status, 201);
    assert_eq!(anna.ask("POST", &path, &json!({ "body": "x", "attachments": [{ "id": id }] })).await.status, 201);
    let sent = &session.messages()[0]["attachments"][0];
    assert_eq!((&sent["id"], &sent["sugestedExtension"]), (&json!(id), &json!("pdf")), "the vendor's spelling");

    let private = ask(&url, "POST", &headers, &form("secret", "true")).await.unwrap().json();
    let address = private[0]["url"].as_str().unwrap();
    assert_eq!(ask(address, "GET", &[], "").await.unwrap().status, 401);
    assert_eq!(ask(address, "GET", &headers[..1], "").await.unwrap().body, "secret");
    assert_eq!(ask(&url, "POST", &headers, &form(&"x".repeat(1001), "0")).await.unwrap().status, 413);
    assert_eq!(ask(&url, "POST", &headers, "--b--\r\n").await.unwrap().status, 422);
    assert_eq!(ask(&url, "POST", &headers[1..], &form("x", "0")).await.unwrap().status, 401);
    let client_file = session.client_sends_file("Вот фото", "фото.png", "image/png", &[1, 2, 3]).unwrap();
    let messages = anna.get(&format!("/sessions/{}/messages", session.id())).await;
    let last = messages["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["id"], &last["attachments"][0]["name"]), (&json!(client_file), &json!("фото.png")));
    assert_eq!(sim.files().len(), 3);
}

#[tokio::test]
async fn routing_is_by_group_state_and_load() {
    let sim = start(|options| options.operators[0].max_sessions = 2).await;
    let nobody = sim.client_starts(ClientOffer::named("Первый")).unwrap();
    assert!(nobody.is_in_help(), "nobody is active");
    for email in [ANNA, BORIS, VERA] {
        sim.sets_status(email, OperatorStatus::Online).unwrap();
    }
    assert!(nobody.is_in_help(), "help waits for somebody to take it");
    let begun: Vec<Option<String>> =
        (0..5).map(|_| sim.client_starts(ClientOffer::named("Иван")).unwrap().operator()).collect();
    let count = |email: &str| begun.iter().filter(|one| one.as_deref() == Some(email)).count();
    assert_eq!((count(ANNA), count(BORIS), count(VERA)), (2, 3, 0), "the fewest first, no more than allowed");
    let billing = sim.client_starts(ClientOffer::named("Иван").to_group("Billing")).unwrap();
    assert_eq!(billing.operator().as_deref(), Some(VERA));
    assert!(sim.client_starts(ClientOffer::named("Иван").to_group("Nowhere")).is_err());
}
