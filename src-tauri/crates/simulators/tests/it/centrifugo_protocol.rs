//! The protocol, message by message.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::centrifugo::{CentrifugoSim, ConnectRefusal, EndpointOptions};

use crate::centrifugo_socket::{Said, Socket};

async fn start(change: impl FnOnce(&mut EndpointOptions)) -> CentrifugoSim {
    let mut options = EndpointOptions::default();
    change(&mut options);
    CentrifugoSim::start(options).await.unwrap()
}

/// A recorded example of the connector's.
fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors/twin24/tests/fixtures/centrifugo");
    serde_json::from_slice(&std::fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// The first message of a fixture.
fn recorded(name: &str) -> Value {
    fixture(name)["messages"][0].clone()
}

/// Names of the members.
fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    // In which order they come depends on how the JSON library was built.
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_connect_reply_has_the_recorded_members_and_no_zeros() {
    let sim = start(|_| {}).await;
    let mut socket = Socket::open(&sim.url()).await;
    let result = socket.connect("ana").await;
    let want = &recorded("connect-reply-server-subs")["connect"];
    for name in members(want) {
        assert!(!result[name].is_null(), "{name} is there: {result}");
    }
    assert_eq!(
        (&result["ping"], &result["pong"], &result["version"]),
        (&want["ping"], &want["pong"], &want["version"])
    );
    let own = &result["subs"]["user:ana"];
    assert_eq!(members(own), ["epoch", "positioned", "recoverable"], "offset 0 is left out: {own}");
    assert_eq!(result["subs"]["news"], json!({ "data": { "edition": 1 } }));
    assert!(result.get("expires").is_none() && result.get("ttl").is_none(), "{result}");
    sim.publish("user:ana", json!({ "event": "x" }));
    let push = socket.message().await;
    assert_eq!(push, json!({ "push": { "channel": "user:ana", "pub": { "data": { "event": "x" }, "offset": 1 } } }));
    assert_eq!(members(&push["push"]), members(&recorded("push-publication")["push"]));
    sim.publish("news", json!(0));
    assert_eq!(socket.message().await, json!({ "push": { "channel": "news", "pub": { "data": 0 } } }), "data stays");
}

#[tokio::test]
async fn without_pings_none_are_promised() {
    let sim = start(|options| options.ping = Duration::ZERO).await;
    let mut socket = Socket::open(&sim.url()).await;
    let result = socket.connect("ana").await;
    assert!(result.get("ping").is_none() && result.get("pong").is_none(), "{result}");
    let sim = start(|options| {
        options.ping = Duration::from_secs(1);
        options.pong = None;
    })
    .await;
    let mut socket = Socket::open(&sim.url()).await;
    let result = socket.connect("ana").await;
    assert_eq!((&result["ping"], result.get("pong")), (&json!(1), None));
    for _ in 0..2 {
        assert_eq!(socket.next().await, Said::Message(json!({})), "pinged, and nothing is wanted");
    }
}

#[tokio::test]
async fn pings_want_pongs_one_each() {
    let sim = start(|options| {
        options.ping = Duration::from_secs(1);
        options.pong = Some(Duration::from_millis(500));
    })
    .await;
    let mut socket = Socket::open(&sim.url()).await;
    socket.connect("ana").await;
    for _ in 0..2 {
        assert_eq!(socket.next().await, Said::Message(json!({})));
        socket.text("{}").await;
    }
    assert_eq!(socket.next().await, Said::Message(json!({})));
    assert_eq!(socket.closed().await, (3012, "no pong".to_owned()));

    let mut eager = Socket::open(&sim.url()).await;
    eager.connect("ana").await;
    eager.text("{}").await;
    assert_eq!(eager.closed().await.0, 3501, "a pong without a ping");
}

#[tokio::test]
async fn who_does_not_connect_in_time_is_stale() {
    let sim = start(|options| options.stale = Duration::from_millis(300)).await;
    let mut idle = Socket::open(&sim.url()).await;
    assert_eq!(idle.closed().await, (3502, "stale".to_owned()));
    let mut connected = Socket::open(&sim.url()).await;
    connected.connect("ana").await;
    assert_eq!(connected.within(Duration::from_millis(600)).await, None, "the others are not");
    // After an error the socket is left to the client, and to that clock.
    sim.refuse_connects(&ConnectRefusal::error(100), 1);
    let mut refused = Socket::open(&sim.url()).await;
    refused.say(&json!({ "id": 1, "connect": {} })).await;
    let error = json!({ "id": 1, "error": { "code": 100, "message": "internal server error", "temporary": true } });
    assert_eq!(refused.message().await, error);
    assert_eq!(refused.closed().await.0, 3502);
}

#[tokio::test]
async fn nonsense_is_a_bad_request() {
    let sim = start(|_| {}).await;
    for frame in [
        "",
        "no JSON",
        "[]",
        "{}",
        "{\"id\":1}",
        "{\"id\":1,\"subscribe\":{\"channel\":\"chat:1\"}}",
        "{\"connect\":{}}",
    ] {
        let mut socket = Socket::open(&sim.url()).await;
        socket.text(frame).await;
        assert_eq!(socket.closed().await, (3501, "bad request".to_owned()), "before connect: {frame:?}");
    }
    for frame in [
        "{\"id\":2,\"connect\":{\"data\":{\"user\":\"ana\"}}}",
        "{\"id\":2,\"refresh\":{\"token\":\"x\"}}",
        "{\"id\":2,\"sub_refresh\":{\"channel\":\"user:ana\",\"token\":\"x\"}}",
        "{\"id\":2,\"dance\":{}}",
        "{\"id\":2,\"subscribe\":{}}",
        "{\"subscribe\":{\"channel\":\"chat:1\"}}",
        "{\"id\":2,\"rpc\":{\"method\":\"echo\"}}\n\n{\"id\":3,\"rpc\":{\"method\":\"echo\"}}",
    ] {
        let mut socket = Socket::open(&sim.url()).await;
        socket.connect("ana").await;
        socket.text(frame).await;
        assert_eq!(socket.closed().await.0, 3501, "after connect: {frame:?}");
    }
    let mut socket = Socket::open(&sim.url()).await;
    socket.connect("ana").await;
    socket.say(&json!({ "send": { "data": 1 } })).await;
    assert_eq!(socket.closed().await, (3508, "not available".to_owned()), "nobody takes messages");
}

#[tokio::test]
async fn commands_have_replies_and_errors_their_codes() {
    let sim = start(|_| {}).await;
    let mut socket = Socket::open(&sim.url()).await;
    // Connect and the next commands in one frame.
    let connect = json!({ "id": 1, "connect": { "data": { "user": "ana" } } });
    let subscribe = json!({ "id": 2, "subscribe": { "channel": "chat:1", "recoverable": true } });
    socket.text(&format!("{connect}\n{subscribe}\n")).await;
    assert_eq!(socket.message().await["id"], 1);
    let reply = socket.message().await;
    assert_eq!((&reply["id"], &reply["subscribe"]["recoverable"]), (&json!(2), &json!(true)));
    let epoch = reply["subscribe"]["epoch"].clone();

    let error = async |socket: &mut Socket, command: Value| {
        socket.say(&command).await;
        let id = u32::try_from(command["id"].as_u64().unwrap()).unwrap();
        socket.reply(id).await["error"].clone()
    };
    let denied = json!({ "code": 103, "message": "permission denied" });
    assert_eq!(error(&mut socket, json!({ "id": 3, "subscribe": { "channel": "private" } })).await, denied);
    assert_eq!(denied, recorded("error-permission-denied")["error"]);
    for (command, code) in [
        (json!({ "id": 4, "subscribe": { "channel": "gone:1" } }), 102),
        (json!({ "id": 5, "subscribe": { "channel": "chat:1" } }), 105),
        (json!({ "id": 6, "rpc": { "method": "dance" } }), 104),
        (json!({ "id": 7, "publish": { "channel": "chat:1" } }), 107),
        (json!({ "id": 8, "publish": { "channel": "private", "data": 1 } }), 103),
        (json!({ "id": 9, "presence": { "channel": "chat:1" } }), 108),
        (json!({ "id": 10, "presence_stats": { "channel": "chat:1" } }), 108),
        (json!({ "id": 11, "history": { "channel": "news" } }), 108),
        (json!({ "id": 12, "history": { "channel": "chat:2" } }), 103),
        (json!({ "id": 13, "history": { "channel": "chat:1", "since": { "epoch": "other" } } }), 112),
    ] {
        let name = fixture("codes-error")["codes"].as_array().unwrap().iter().find(|one| one["code"] == code).cloned();
        let got = error(&mut socket, command.clone()).await;
        assert_eq!(got["code"], code, "{command}");
        assert_eq!(got["message"], name.unwrap()["message"], "{command}: as in the list of codes");
    }

    socket.say(&fixture("cmd-publish")["request"]["messages"][0]).await;
    assert_eq!(socket.message().await["push"]["pub"]["offset"], 1, "the publication first");
    assert_eq!(socket.message().await, fixture("cmd-publish")["reply"]["messages"][0]);
    for n in 2..=3 {
        sim.publish("chat:1", json!({ "n": n }));
    }
    socket.say(&fixture("cmd-history-top-only")["request"]["messages"][0]).await;
    assert_eq!(socket.reply(4).await["history"], json!({ "epoch": epoch, "offset": 3 }), "limit 0: the top alone");
    socket.say(&json!({ "id": 20, "history": { "channel": "chat:1", "limit": -1, "since": { "offset": 1, "epoch": epoch } } })).await;
    let publications = json!([{ "data": { "n": 2 }, "offset": 2 }, { "data": { "n": 3 }, "offset": 3 }]);
    assert_eq!(socket.reply(20).await["history"]["publications"], publications);
    socket.say(&json!({ "id": 21, "history": { "channel": "chat:1", "limit": 1, "reverse": true } })).await;
    assert_eq!(socket.reply(21).await["history"]["publications"], json!([{ "data": { "n": 3 }, "offset": 3 }]));
    socket.say(&fixture("cmd-unsubscribe")["request"]["messages"][0]).await;
    assert_eq!(socket.reply(3).await, fixture("cmd-unsubscribe")["reply"]["messages"][0]);
    sim.publish("chat:1", json!({ "n": 4 }));
    assert_eq!(socket.within(Duration::from_millis(200)).await, None, "unsubscribed");
}

#[tokio::test]
async fn recovery_says_what_it_did() {
    for of_request in [false, true] {
        let sim = start(|options| {
            options.history_size = 3;
            options.offset_of_request = of_request;
        })
        .await;
        let mut first = Socket::open(&sim.url()).await;
        let epoch = first.connect("ana").await["subs"]["user:ana"]["epoch"].clone();
        for n in 1..=5 {
            sim.publish("user:ana", json!(n));
        }
        let recover = async |offset: u64, epoch: &Value| {
            let subs = json!({ "user:ana": { "recover": true, "offset": offset, "epoch": epoch } });
            let mut socket = Socket::open(&sim.url()).await;
            socket.say(&json!({ "id": 1, "connect": { "data": { "user": "ana" }, "subs": subs } })).await;
            socket.reply(1).await["connect"]["subs"]["user:ana"].clone()
        };
        let told = recover(3, &epoch).await;
        assert_eq!((&told["was_recovering"], &told["recovered"]), (&json!(true), &json!(true)));
        assert_eq!(told["publications"], json!([{ "data": 4, "offset": 4 }, { "data": 5, "offset": 5 }]));
        assert_eq!(told["offset"], if of_request { 3 } else { 5 }, "both are told by servers");
        let whole = recorded("connect-reply-recovered");
        assert_eq!(members(&told), members(&whole["connect"]["subs"]["notifications:#42"]));
        let told = recover(5, &epoch).await;
        assert_eq!((&told["recovered"], told.get("publications")), (&json!(true), None), "nothing was missed");
        for (offset, epoch) in [(1, &epoch), (3, &json!("other")), (9, &epoch)] {
            let told = recover(offset, epoch).await;
            assert_eq!(told.get("recovered"), None, "{offset} of {epoch}: lost");
            assert_eq!((&told["was_recovering"], &told["offset"]), (&json!(true), &json!(5)));
            let lost = recorded("connect-reply-not-recovered");
            assert_eq!(members(&told), members(&lost["connect"]["subs"]["notifications:#42"]));
        }
    }
}

#[tokio::test]
async fn several_messages_share_a_frame() {
    let sim = start(|_| {}).await;
    let mut socket = Socket::open(&sim.url()).await;
    socket.connect("ana").await;
    sim.weather(|weather| weather.delay = Duration::from_millis(200));
    for n in 0..10 {
        sim.publish("news", json!(n));
    }
    let mut largest = 0;
    for n in 0..10 {
        assert_eq!(socket.message().await["push"]["pub"]["data"], n);
        largest = largest.max(socket.in_frame);
    }
    assert!(largest > 1, "what waits goes out together: {largest}");
}

#[tokio::test]
async fn a_frame_that_is_too_long_is_closed_with_1009() {
    let sim = start(|options| options.message_limit = 1000).await;
    let mut socket = Socket::open(&sim.url()).await;
    socket.connect("ana").await;
    socket.say(&json!({ "id": 2, "rpc": { "method": "echo", "data": "x".repeat(1000) } })).await;
    assert_eq!(socket.closed().await.0, 1009);
}

#[tokio::test]
async fn origins_are_checked_where_they_are_sent() {
    let sim = start(|options| options.origins = vec!["https://good.example".to_owned()]).await;
    assert!(Socket::dial(&sim.url(), None).await.is_ok(), "a native client sends none");
    assert!(Socket::dial(&sim.url(), Some("https://good.example")).await.is_ok());
    assert_eq!(Socket::dial(&sim.url(), Some("https://evil.example")).await.err(), Some(403));
    let sim = start(|options| options.origin_required = true).await;
    assert_eq!(Socket::dial(&sim.url(), None).await.err(), Some(403));
    assert!(Socket::dial(&sim.url(), Some("https://any.example")).await.is_ok());
    assert_eq!(sim.dialled()[1].origin.as_deref(), Some("https://any.example"));
}

#[tokio::test]
async fn pushes_are_as_recorded() {
    let sim = start(|_| {}).await;
    let mut socket = Socket::open(&sim.url()).await;
    socket.connect("ana").await;
    sim.unsubscribe("ana", "news", 2000, "server unsubscribe");
    assert_eq!(socket.message().await, recorded("push-unsubscribe-final"));
    sim.message("ana", &json!({ "x": 1 }));
    assert_eq!(socket.message().await, recorded("push-message"));
    sim.disconnect_push("ana", 3001, "shutdown");
    assert_eq!(socket.message().await, recorded("push-disconnect-reconnect"));
    sim.disconnect_push("ana", 3503, "force disconnect");
    assert_eq!(socket.message().await, recorded("push-disconnect-terminal"));
    sim.push("ana", "", "unknown_future", &json!({}));
    assert_eq!(socket.message().await, recorded("push-unknown"));
    sim.subscribe("ana", "user:more", Some(json!({ "hello": 1 })));
    let push = socket.message().await;
    assert_eq!(
        (&push["push"]["channel"], &push["push"]["subscribe"]["data"]),
        (&json!("user:more"), &json!({ "hello": 1 }))
    );
    sim.raw("ana", "{\"push\":{\"id\":12,\"pub\":{\"data\":{\"n\":1}}}}");
    assert_eq!(socket.message().await, recorded("push-compacted"));
}
