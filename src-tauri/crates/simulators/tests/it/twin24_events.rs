//! Live events: the official clients as consoles, and who is told what.

use serde_json::{Value, json};
use trunkline_simulators::centrifugo::ConnectRefusal;
use trunkline_simulators::twin24::{ClientOffer, OperatorStatus, Twin24Sim};

use crate::centrifugo_script::{BOTH, Kind, SOON, Script};
use crate::centrifugo_socket::Socket;
use crate::twin24_console::{ANNA, BORIS, Console, VERA, connect_data, start, tokens};

async fn listening(kind: Kind, sim: &Twin24Sim, email: &str) -> Script {
    let token = tokens(sim, email).await["token"].as_str().unwrap().to_owned();
    let mut client = Script::start(kind).await;
    client.connect(&sim.events_url(), &connect_data(&token));
    client.event("connected").await;
    client.event("subscribed").await;
    client
}

async fn told(client: &mut Script, name: &str) -> Value {
    let wanted = |value: &Value| value["event"] == "publication" && value["data"]["event"] == name;
    client.expect(name, wanted).await["data"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_official_clients_follow_a_session() {
    for kind in BOTH {
        let sim = start(|_| {}).await;
        let mut client = listening(kind, &sim, ANNA).await;
        sim.sets_status(ANNA, OperatorStatus::Online).unwrap();
        let session = sim.client_starts(ClientOffer::named("يوسف العلي").saying("Здравствуйте 🙂")).unwrap();
        assert_eq!(told(&mut client, "chatSessionStarted").await["session"]["name"], "يوسف العلي", "{kind:?}");
        let added = told(&mut client, "chatSessionAdded").await;
        assert_eq!(
            (&added["session"]["operatorId"], &added["session"]["lastMessage"]["body"]),
            (&json!("42"), &json!("Здравствуйте 🙂"))
        );
        // One is missed while the line is cut, and recovered.
        sim.lose_events(1);
        session.client_writes("Вы тут?").unwrap();
        sim.drop_sockets();
        client.event("connected").await;
        assert_eq!(client.event("subscribed").await["recovered"], true, "{kind:?}");
        assert_eq!(told(&mut client, "chatMessageCreated").await["message"]["body"], "Вы тут?", "{kind:?}");
        sim.new_epoch();
        sim.drop_sockets();
        client.event("connected").await;
        assert_eq!(client.event("subscribed").await["recovered"], false, "{kind:?}");
        sim.drain();
        client.event("connected").await;
        session.client_closes().unwrap();
        told(&mut client, "sessionClosedByClient").await;
        sim.close_sockets_of(ANNA, 4501, "unauthorized").unwrap();
        assert_eq!(client.event("disconnected").await["code"], 4501, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_services_work_for_a_page_in_the_official_client() {
    let sim = start(|_| {}).await;
    let mut client = Script::start(Kind::Js).await;
    let rest = async |client: &mut Script, method: &str, url: String, token: &Value, body: Value| {
        let mut act = json!({ "act": "rest", "method": method, "url": url, "token": token });
        if !body.is_null() {
            act["body"] = body;
        }
        client.act(&act);
        client.event("rest").await
    };
    let (iam, chat) = (sim.iam_url(), sim.chat_url());
    let body = json!({ "email": ANNA, "password": sim.options().password(ANNA), "ttl": 86_400 });
    let answer = rest(&mut client, "POST", format!("{iam}/auth/login"), &Value::Null, body).await;
    let token = answer["body"]["token"].clone();
    assert_eq!(answer["status"], 200, "{answer}");
    let me = rest(&mut client, "GET", format!("{chat}/users/me"), &token, Value::Null).await;
    assert_eq!((&me["body"]["id"], &me["body"]["status"]), (&json!(42), &json!("pause")));
    client.connect(&sim.events_url(), &connect_data(token.as_str().unwrap()));
    client.event("subscribed").await;
    let answer = rest(&mut client, "PATCH", format!("{chat}/users/me/activate"), &token, Value::Null).await;
    assert_eq!(answer["status"], 204);
    sim.expect_status(ANNA, OperatorStatus::Online, SOON).await.unwrap();
    let session = sim.client_starts(ClientOffer::named("Иван").saying("Где заказ?")).unwrap();
    let id = told(&mut client, "chatSessionAdded").await["session"]["id"].clone();
    let base = format!("{chat}/sessions/{}", id.as_str().unwrap());
    let list = rest(&mut client, "GET", format!("{base}/messages?limit=50&sort=createdAt"), &token, Value::Null).await;
    let question = list["body"]["items"][0].clone();
    assert_eq!(question["body"], "Где заказ?");
    let read = format!("{chat}/messages/{}/read", question["id"].as_str().unwrap());
    assert_eq!(rest(&mut client, "PATCH", read, &token, Value::Null).await["status"], 204);
    let body = json!({ "body": "Едет к вам", "replyToMessageId": question["id"] });
    let sent = rest(&mut client, "POST", format!("{base}/operators/messages"), &token, body).await;
    assert_eq!(sent["status"], 201);
    let message = sent["body"]["id"].as_str().unwrap().to_owned();
    let body = json!({ "body": "Едет к вам, будет к шести" });
    let answer = rest(&mut client, "PUT", format!("{base}/operators/messages/{message}"), &token, body).await;
    assert_eq!(answer["status"], 200);
    told(&mut client, "chatMessageEdited").await;
    session.client_reads();
    assert_eq!(told(&mut client, "chatMessageRead").await["messageId"], message);
    let name = format!("{base}/names/{}", "%D0%98%D0%B2%D0%B0%D0%BD");
    assert_eq!(rest(&mut client, "PATCH", name, &token, Value::Null).await["status"], 204);
    let wrong = rest(&mut client, "PUT", format!("{chat}/users/me/pause"), &token, Value::Null).await;
    assert_eq!(wrong["status"], 405);
    let closed = rest(&mut client, "DELETE", base, &token, json!({ "result": "solved" })).await;
    assert_eq!(closed["status"], 204);
    session.expect_closed(SOON).await.unwrap();
    assert_eq!(session.facts().edited[0].body, "Едет к вам, будет к шести");
    sim.expect_heard("PATCH /users/me/activate", SOON).await.unwrap();
    let heard = sim.heard();
    assert!(heard.iter().all(|one| one.status.is_some()), "all was answered: {heard:?}");
    assert!(sim.frames().iter().all(|frame| !frame.contains("refresh\"")), "and nothing refreshed");
}

#[tokio::test]
async fn a_token_that_is_not_good_does_not_connect() {
    let sim = start(|_| {}).await;
    let connect = async |data: Value| {
        let mut socket = Socket::open(&sim.events_url()).await;
        socket.say(&json!({ "id": 1, "connect": { "data": data } })).await;
        socket
    };
    assert_eq!(connect(connect_data("x.y.z")).await.closed().await, (4501, "unauthorized".to_owned()));
    let answer = connect(json!({ "application": "other" })).await.message().await;
    assert_eq!(answer["error"], json!({ "code": 1000, "message": "bad application" }));
    let token = tokens(&sim, ANNA).await["token"].as_str().unwrap().to_owned();
    sim.expire_tokens(trunkline_simulators::twin24::TokenRefusal::Expired);
    assert_eq!(connect(connect_data(&token)).await.closed().await.0, 4501);
    let token = tokens(&sim, ANNA).await["token"].as_str().unwrap().to_owned();
    assert!(connect(connect_data(&token)).await.message().await["connect"].is_object());
    sim.operator_blocked(ANNA, "").unwrap();
    assert_eq!(connect(connect_data(&token)).await.closed().await.0, 4501, "nor does who is blocked");
    let sim = start(|options| options.events_refusal = ConnectRefusal::error(109)).await;
    let mut socket = Socket::open(&sim.events_url()).await;
    socket.say(&json!({ "id": 1, "connect": { "data": connect_data("x") } })).await;
    assert_eq!(socket.message().await["error"]["code"], 109);
}

#[tokio::test]
async fn a_session_in_help_concerns_its_group_and_one_with_an_operator_only_them() {
    let sim = start(|_| {}).await;
    let (mut anna, mut boris) = (Console::open(&sim, ANNA).await, Console::open(&sim, BORIS).await);
    let mut vera = Console::open(&sim, VERA).await;
    let session = sim.client_starts(ClientOffer::named("Ольга").saying("Алло").in_help()).unwrap();
    for console in [&mut anna, &mut boris] {
        assert_eq!(console.expect("chatSessionStarted").await["session"]["operatorId"], Value::Null);
        console.expect("operatorNotFound").await;
    }
    session.client_writes("Есть кто?").unwrap();
    anna.expect("chatMessageCreated").await;
    boris.expect("chatMessageCreated").await;
    boris.done("PUT", &format!("/sessions/{}/operators/43", session.id())).await;
    boris.expect("chatSessionAdded").await;
    session.client_types();
    assert_eq!(boris.expect("typing").await["clientId"], session.client_id());
    anna.hears_nothing().await;
    session.to_bot().unwrap();
    boris.expect("chatSessionDeleted").await;
    session.to_operator(None).unwrap();
    let switched = session.operator().unwrap();
    let console = if switched == ANNA { &mut anna } else { &mut boris };
    console.expect("chatSessionSwitchedFromBotToOperator").await;
    session.moves_to(if switched == ANNA { BORIS } else { ANNA }).unwrap();
    let console = if switched == ANNA { &mut boris } else { &mut anna };
    console.expect("chatSessionAdded").await;
    vera.hears_nothing().await;
}

#[tokio::test]
async fn who_loses_a_session_may_be_told() {
    let sim = start(|options| {
        options.tell_former_operator = true;
        options.more_channels = vec!["company".to_owned()];
    })
    .await;
    let mut anna = Console::open(&sim, ANNA).await;
    let session = sim.client_starts(ClientOffer::named("Ольга").to_operator(ANNA)).unwrap();
    anna.expect("chatSessionStarted").await;
    anna.expect("chatSessionAdded").await;
    session.moves_to(BORIS).unwrap();
    assert_eq!(anna.expect("chatSessionDeleted").await["sessionId"], session.id());
    sim.publish_to("company", json!({ "event": "something" }));
    anna.expect("something").await;
    sim.publish_raw(ANNA, json!("text")).unwrap();
    assert_eq!(anna.event().await, json!("text"));
    sim.burst(ANNA, 500).unwrap();
    for n in 0..500 {
        assert_eq!(anna.event().await["sessionId"], format!("burst-{n}"));
    }
    let again = start(|options| options.announce_second_login = true).await;
    let mut anna = Console::open(&again, ANNA).await;
    tokens(&again, ANNA).await;
    assert_eq!(anna.expect("chatUserExists").await["operatorId"], 42);
}

#[tokio::test]
async fn without_history_nobody_recovers() {
    let sim = start(|options| options.recoverable = false).await;
    let token = tokens(&sim, ANNA).await["token"].as_str().unwrap().to_owned();
    let mut socket = Socket::open(&sim.events_url()).await;
    socket.say(&json!({ "id": 1, "connect": { "data": connect_data(&token) } })).await;
    assert_eq!(socket.reply(1).await["connect"]["subs"], json!({ "notifications:#42": {} }));
    sim.publish_raw(ANNA, json!(1)).unwrap();
    assert_eq!(socket.message().await["push"]["pub"], json!({ "data": 1 }));
}
