//! centrifuge-js and centrifuge-python, unmodified, against the endpoint.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulators::centrifugo::{CentrifugoSim, ConnectRefusal, EndpointOptions};

use crate::centrifugo_script::{BOTH, Kind, SOON, Script};

async fn start(change: impl FnOnce(&mut EndpointOptions)) -> CentrifugoSim {
    let mut options = EndpointOptions::default();
    change(&mut options);
    CentrifugoSim::start(options).await.unwrap()
}

fn ana() -> Value {
    json!({ "user": "ana" })
}

async fn connected(kind: Kind, sim: &CentrifugoSim) -> Script {
    let mut client = Script::start(kind).await;
    client.connect(&sim.url(), &ana());
    client.event("connected").await;
    client.of("subscribed", "user:ana").await;
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_connect_with_data_and_hear_what_the_server_subscribes_them_to() {
    for kind in BOTH {
        let sim = start(|_| {}).await;
        let mut client = Script::start(kind).await;
        client.connect(&sim.url(), &ana());
        let told = client.event("connected").await;
        assert_eq!(told["data"]["hello"], "ana", "{kind:?}: data of the connect reply");
        assert_eq!(told["data"]["client"], told["client"], "{kind:?}: the id of the connection");
        let own = client.of("subscribed", "user:ana").await;
        assert_eq!((&own["recoverable"], &own["wasRecovering"]), (&json!(true), &json!(false)), "{kind:?}");
        let news = client.of("subscribed", "news").await;
        assert_eq!((&news["recoverable"], &news["data"]), (&json!(false), &json!({ "edition": 1 })), "{kind:?}");

        let deep = json!({ "text": "Привет 🙂\nيوسف", "list": [1, [2, { "three": null }]], "zero": 0, "no": false });
        assert_eq!(sim.publish("user:ana", deep.clone()), 1);
        sim.publish("news", json!({ "headline": 1 }));
        let publication = client.of("publication", "user:ana").await;
        assert_eq!((&publication["data"], &publication["offset"]), (&deep, &json!(1)), "{kind:?}");
        let publication = client.of("publication", "news").await;
        assert_eq!((&publication["data"], &publication["offset"]), (&json!({ "headline": 1 }), &json!(0)), "{kind:?}");

        sim.subscribe("ana", "user:extra", Some(json!(7)));
        assert_eq!(client.of("subscribed", "user:extra").await["data"], 7, "{kind:?}: a subscribe push");
        sim.publish("user:extra", json!("text"));
        assert_eq!(client.of("publication", "user:extra").await["data"], "text", "{kind:?}");
        sim.unsubscribe("ana", "user:extra", 2000, "server unsubscribe");
        client.of("unsubscribed", "user:extra").await;
        if kind == Kind::Js {
            // The other one has no handler for messages without a channel.
            sim.message("ana", &json!({ "x": 1 }));
            assert_eq!(client.event("message").await["data"], json!({ "x": 1 }));
        }
        sim.push("ana", "", "unknown_future", &json!({}));
        for n in 0..200 {
            sim.publish("user:ana", json!(n));
        }
        for n in 0..200 {
            let publication = client.event("publication").await;
            assert_eq!(publication["data"], n, "{kind:?}: in order, whatever frame they came in");
        }
        let asked = sim.connects().remove(0);
        assert_eq!((asked.data, asked.name.as_str()), (ana(), "trunkline-test"), "{kind:?}");
        client.act(&json!({ "act": "disconnect" }));
        client.event("disconnected").await;
        sim.expect("the connection's end", SOON, |sim| sim.connected() == 0).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_recover_what_they_missed_or_are_told_that_it_is_lost() {
    for kind in BOTH {
        let sim = start(|_| {}).await;
        let mut client = connected(kind, &sim).await;
        sim.publish("user:ana", json!("one"));
        assert_eq!(client.of("publication", "user:ana").await["offset"], 1);
        // Sent to nobody, and then the line is cut: two are missed.
        sim.weather(|weather| weather.lose_publications = 2);
        sim.publish("user:ana", json!("two"));
        sim.publish("user:ana", json!("three"));
        sim.drop_sockets();
        client.event("connected").await;
        let told = client.of("subscribed", "user:ana").await;
        assert_eq!((&told["wasRecovering"], &told["recovered"]), (&json!(true), &json!(true)), "{kind:?}");
        for (offset, text) in [(2, "two"), (3, "three")] {
            let publication = client.of("publication", "user:ana").await;
            assert_eq!((&publication["offset"], &publication["data"]), (&json!(offset), &json!(text)), "{kind:?}");
        }
        let subs = sim.connects().last().unwrap().subs.clone();
        assert_eq!(subs["user:ana"]["recover"], true, "{kind:?}: {subs}");
        assert_eq!(subs["user:ana"]["offset"], 1, "{kind:?}: {subs}");
        assert_eq!(subs["news"], Value::Null, "{kind:?}: what has no history is not recovered");

        sim.drop_sockets();
        client.event("connected").await;
        let told = client.of("subscribed", "user:ana").await;
        assert_eq!(told["recovered"], true, "{kind:?}: nothing was missed, and that is known");
        sim.begin_anew();
        sim.drop_sockets();
        client.event("connected").await;
        let told = client.of("subscribed", "user:ana").await;
        let recovery = (&told["wasRecovering"], &told["recovered"]);
        assert_eq!(recovery, (&json!(true), &json!(false)), "{kind:?}: another epoch");

        sim.publish("user:ana", json!("four"));
        client.of("publication", "user:ana").await;
        sim.weather(|weather| weather.lose_publications = 1);
        sim.publish("user:ana", json!("lost"));
        sim.forget_history();
        sim.drop_sockets();
        client.event("connected").await;
        let told = client.of("subscribed", "user:ana").await;
        assert_eq!(told["recovered"], false, "{kind:?}: the history is gone");
        sim.publish("user:ana", json!("five"));
        assert_eq!(client.of("publication", "user:ana").await["data"], "five", "{kind:?}: and it goes on from there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_come_back_after_some_closes_and_stay_away_after_others() {
    for kind in BOTH {
        let sim = start(|_| {}).await;
        let mut client = connected(kind, &sim).await;
        for (code, reason) in [(3012, "no pong"), (3001, "shutdown"), (4000, "come back"), (3011, "force reconnect")] {
            sim.close("ana", code, reason);
            let connecting =
                client.expect("connecting", |one| one["event"] == "connecting" && one["code"] == code).await;
            assert_eq!(connecting["reason"], reason, "{kind:?}");
            client.event("connected").await;
        }
        sim.drain();
        client.event("connected").await;
        sim.disconnect("ana", 3005, "connection expired");
        client.expect("the push's code", |one| one["event"] == "connecting" && one["code"] == 3005).await;
        client.event("connected").await;
        sim.restart(Duration::from_millis(400)).await;
        client.event("connected").await;
        sim.close("ana", 4501, "unauthorized");
        let end = client.event("disconnected").await;
        assert_eq!((&end["code"], &end["reason"]), (&json!(4501), &json!("unauthorized")), "{kind:?}: final");
        let before = sim.dialled().len();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(sim.dialled().len(), before, "{kind:?}: nobody comes back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_bear_temporary_errors_and_give_up_at_others() {
    for kind in BOTH {
        let sim = start(|_| {}).await;
        sim.refuse_connects(&ConnectRefusal::error(100), 2);
        let mut client = connected(kind, &sim).await;
        assert_eq!(sim.connects().len(), 3, "{kind:?}: two were refused");
        sim.refuse_connects(&ConnectRefusal::error(103), 1);
        sim.drop_sockets();
        assert_eq!(client.event("disconnected").await["code"], 103, "{kind:?}");

        let mut stranger = Script::start(kind).await;
        stranger.connect(&sim.url(), &json!({ "nobody": true }));
        assert_eq!(stranger.event("disconnected").await["code"], 4501, "{kind:?}: turned down by a close");
        sim.refuse_connects(&ConnectRefusal::close(3500, "invalid token"), 1);
        let mut other = Script::start(kind).await;
        other.connect(&sim.url(), &ana());
        assert_eq!(other.event("disconnected").await["code"], 3500, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_answer_pings_and_notice_their_absence() {
    for kind in BOTH {
        let sim = start(|options| {
            options.ping = Duration::from_secs(1);
            options.pong = Some(Duration::from_millis(900));
        })
        .await;
        let mut client = Script::start(kind).await;
        client.act(&json!({ "act": "connect", "url": sim.url(), "data": ana(), "pingDelay": 1500 }));
        client.event("connected").await;
        tokio::time::sleep(Duration::from_millis(3500)).await;
        assert_eq!(sim.connects().len(), 1, "{kind:?}: three pings, three pongs, one connection");
        assert_eq!(client.count("connecting"), 1, "{kind:?}: the first one");
        client.kept.clear();
        sim.weather(|weather| weather.silent = true);
        let lost = client.event("connecting").await;
        assert_eq!(lost["code"], 2, "{kind:?}: no ping");
        sim.weather(|weather| weather.silent = false);
        client.event("connected").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_subscribe_publish_and_call_by_themselves() {
    for kind in BOTH {
        let sim = start(|_| {}).await;
        let mut client = connected(kind, &sim).await;
        client.act(&json!({ "act": "subscribe", "channel": "chat:1" }));
        client.of("own-subscribed", "chat:1").await;
        client.act(&json!({ "act": "publish", "channel": "chat:1", "data": { "a": 1 } }));
        client.event("published").await;
        assert_eq!(client.of("own-publication", "chat:1").await["data"], json!({ "a": 1 }), "{kind:?}");
        client.act(&json!({ "act": "history", "channel": "chat:1" }));
        let history = client.event("history").await;
        assert_eq!((&history["offset"], &history["data"]), (&json!(1), &json!([{ "a": 1 }])), "{kind:?}");
        for (channel, code) in [("gone:1", 102), ("private", 103)] {
            client.act(&json!({ "act": "subscribe", "channel": channel }));
            assert_eq!(client.of("own-unsubscribed", channel).await["code"], code, "{kind:?}");
        }
        client.act(&json!({ "act": "rpc", "method": "echo", "data": [1, "б"] }));
        assert_eq!(client.event("rpc").await["data"], json!([1, "б"]), "{kind:?}");
        client.act(&json!({ "act": "rpc", "method": "dance", "data": {} }));
        assert_eq!(client.event("failed").await["code"], 104, "{kind:?}");
        sim.weather(|weather| weather.lose_publications = 1);
        sim.publish("chat:1", json!({ "a": 2 }));
        sim.drop_sockets();
        let told = client.of("own-subscribed", "chat:1").await;
        assert_eq!(told["recovered"], true, "{kind:?}");
        assert_eq!(client.of("own-publication", "chat:1").await["data"], json!({ "a": 2 }), "{kind:?}");
    }
}
