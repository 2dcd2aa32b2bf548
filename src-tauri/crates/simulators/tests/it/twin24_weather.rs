//! Bad weather at the services and at the events.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trunkline_simulators::centrifugo::ConnectRefusal;
use trunkline_simulators::twin24::{ClientOffer, Failure, OperatorStatus};

use crate::centrifugo_socket::{Said, Socket};
use crate::twin24_console::{ANNA, Console, connect_data, start, tokens};

#[tokio::test]
async fn requests_fail_in_every_way() {
    let sim = start(|_| {}).await;
    let anna = Console::open(&sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Иван")).unwrap();
    let path = format!("/sessions/{}/operators/messages", session.id());
    let body = |text: &str| json!({ "body": text });
    let sent = || session.facts().sent.len();

    sim.fail_next("POST /sessions", Failure::Status(503), 2);
    assert_eq!(anna.ask("POST", &path, &body("a")).await.status, 503);
    anna.get("/sessions").await;
    assert_eq!((anna.ask("POST", &path, &body("a")).await.status, sent()), (503, 0));
    sim.fail_next("messages", Failure::Garbage, 1);
    assert!(serde_json::from_str::<Value>(&anna.ask("POST", &path, &body("a")).await.body).is_err());
    sim.answer_next("GET /sessions", &json!([{ "id": { "deep": [] } }]));
    assert_eq!(anna.get("/sessions").await, json!([{ "id": { "deep": [] } }]), "any document");
    sim.fail_next("/operators/", Failure::Drop, 1);
    assert!(anna.try_ask("POST", &path, &body("a")).await.is_err());
    assert_eq!(sent(), 0, "nothing of that was done");

    sim.fail_next("/operators/", Failure::LoseAnswer, 1);
    assert!(anna.try_ask("POST", &path, &body("b")).await.is_err());
    assert_eq!(sent(), 1, "done, and nobody was told");
    sim.fail_next("/operators/", Failure::DoneBut(502), 1);
    assert_eq!((anna.ask("POST", &path, &body("c")).await.status, sent()), (502, 2));
    sim.fail_next("/operators/", Failure::CutAnswer, 1);
    let cut = anna.try_ask("POST", &path, &body("d")).await;
    assert!(cut.is_err() || cut.is_ok_and(|answer| serde_json::from_str::<Value>(&answer.body).is_err()));
    assert_eq!(sent(), 3);
    sim.fail_next("/operators/", Failure::Late(Duration::from_millis(300)), 1);
    let before = Instant::now();
    assert_eq!(anna.ask("POST", &path, &body("e")).await.status, 201);
    assert!(before.elapsed() >= Duration::from_millis(300));
    sim.slow_down(Duration::from_millis(200));
    let before = Instant::now();
    anna.get("/timestamp").await;
    assert!(before.elapsed() >= Duration::from_millis(200));
    sim.slow_down(Duration::ZERO);
    sim.fail_next("", Failure::Status(500), usize::MAX);
    assert_eq!(anna.ask("GET", "/timestamp", &Value::Null).await.status, 500);
    sim.fail_none();
    anna.get("/timestamp").await;
    let lost = sim.heard().into_iter().filter(|one| one.status.is_none()).count();
    assert_eq!(lost, 2, "two connections were ended without an answer");
    let heard = sim.heard().into_iter().find(|one| one.body == body("b")).unwrap();
    assert_eq!((heard.method.as_str(), heard.path.as_str()), ("POST", path.as_str()));
}

#[tokio::test]
async fn the_services_go_away_and_come_back_on_the_same_port() {
    let sim = start(|_| {}).await;
    let anna = Console::open(&sim, ANNA).await;
    let ((), during) = tokio::join!(sim.restart(Duration::from_millis(500)), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        anna.try_ask("GET", "/timestamp", &Value::Null).await.is_err()
    });
    assert!(during, "nobody answers");
    anna.get("/timestamp").await;
    assert_eq!(sim.connections(ANNA), 1, "the events stayed");
    sim.restart_events(Duration::from_millis(100)).await;
    sim.expect("no connection", Duration::from_secs(5), |sim| (sim.connections(ANNA) == 0).then_some(()))
        .await
        .unwrap();
    anna.get("/timestamp").await;
}

#[tokio::test]
async fn events_are_refused_delayed_doubled_and_hostile() {
    let sim = start(|_| {}).await;
    let mut anna = Console::open(&sim, ANNA).await;
    sim.duplicate_events(true);
    sim.publish_raw(ANNA, json!({ "event": "typing" })).unwrap();
    anna.expect("typing").await;
    anna.expect("typing").await;
    sim.duplicate_events(false);
    sim.slow_events(Duration::from_millis(300));
    let before = Instant::now();
    sim.publish_raw(ANNA, json!({ "event": "typing" })).unwrap();
    anna.expect("typing").await;
    assert!(before.elapsed() >= Duration::from_millis(300));
    sim.slow_events(Duration::ZERO);
    for data in [json!("text"), json!({ "foo": 1 }), json!({ "event": 5 }), Value::Null, json!([])] {
        sim.publish_raw(ANNA, data.clone()).unwrap();
        assert_eq!(anna.event().await, data);
    }
    sim.message(ANNA, &json!({ "x": 1 })).unwrap();
    sim.push(ANNA, "", "future", &json!({})).unwrap();
    sim.disconnect_push(ANNA, 3503, "force disconnect").unwrap();
    let socket = anna.socket.as_mut().unwrap();
    for kind in ["message", "future", "disconnect"] {
        assert!(socket.message().await["push"][kind].is_object(), "{kind}");
    }
    sim.raw_frame(ANNA, "{\"push\":{\"pub\":{}}}").unwrap();
    assert_eq!(socket.message().await, json!({ "push": { "pub": {} } }));
    sim.subscribe(ANNA, "notifications:#more").await.unwrap();
    assert_eq!(socket.message().await["push"]["subscribe"]["recoverable"], true);
    sim.unsubscribe(ANNA, "notifications:#42", 2500, "insufficient state").await.unwrap();
    assert_eq!(socket.message().await["push"]["unsubscribe"]["code"], 2500);
    sim.disconnect(ANNA, 3504, "connection limit").await.unwrap();
    assert_eq!(socket.next().await, Said::Closed(3504, "connection limit".to_owned()));

    let token = tokens(&sim, ANNA).await["token"].as_str().unwrap().to_owned();
    sim.refuse_sockets(Some(502));
    assert_eq!(Socket::dial(&sim.events_url(), None).await.err(), Some(502));
    sim.refuse_sockets(None);
    sim.refuse_connects(&ConnectRefusal::error(100), 1);
    let mut socket = Socket::open(&sim.events_url()).await;
    socket.say(&json!({ "id": 1, "connect": { "data": connect_data(&token) } })).await;
    assert_eq!(socket.message().await["error"]["code"], 100);
    sim.silence(true);
    let mut socket = Socket::open(&sim.events_url()).await;
    socket.say(&json!({ "id": 1, "connect": { "data": connect_data(&token) } })).await;
    assert_eq!(socket.within(Duration::from_millis(300)).await, None);
    assert_eq!(sim.dialled().iter().map(|one| one.status).collect::<Vec<_>>(), [101, 502, 101, 101]);
}

#[tokio::test]
async fn an_operator_is_blocked_logged_out_and_replaced() {
    let sim = start(|_| {}).await;
    let mut anna = Console::open(&sim, ANNA).await;
    sim.signed_in_elsewhere(ANNA).unwrap();
    assert_eq!(anna.expect("chatUserExists").await["operatorId"], 42);
    sim.operator_logged_out(ANNA).unwrap();
    anna.expect("operatorLoggedOut").await;
    assert_eq!(anna.get("/users/me").await["status"], "offline", "the token is still good");
    sim.operator_blocked(ANNA, "Нарушение правил").unwrap();
    assert_eq!(anna.expect("operatorBlocked").await["reason"], "Нарушение правил");
    assert_eq!(anna.refused("GET", "/users/me", &Value::Null).await, (403, "User is blocked.".to_owned()));
    assert_eq!(sim.status(ANNA), OperatorStatus::Blocked);
    assert!(sim.operator_blocked("nobody@example.com", "").is_err());
}
