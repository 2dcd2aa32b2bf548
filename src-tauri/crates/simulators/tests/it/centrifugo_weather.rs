//! Bad weather at the endpoint.

use std::time::{Duration, Instant};

use serde_json::json;
use trunkline_simulators::centrifugo::{CentrifugoSim, ConnectOutcome, ConnectRefusal, EndpointOptions};

use crate::centrifugo_socket::{Said, Socket};

const SOON: Duration = Duration::from_secs(10);

async fn start() -> CentrifugoSim {
    CentrifugoSim::start(EndpointOptions::default()).await.unwrap()
}

async fn connected(sim: &CentrifugoSim, user: &str) -> Socket {
    let mut socket = Socket::open(&sim.url()).await;
    socket.connect(user).await;
    socket
}

#[tokio::test]
async fn sockets_are_closed_one_by_one_or_all_with_any_code() {
    let sim = start().await;
    let (mut ana, mut ben) = (connected(&sim, "ana").await, connected(&sim, "ben").await);
    sim.close("ana", 4999, "bye");
    assert_eq!(ana.closed().await, (4999, "bye".to_owned()));
    assert_eq!((sim.connections_of("ana"), sim.connections_of("ben")), (0, 1));
    sim.disconnect("ben", 3503, "force disconnect");
    assert_eq!(ben.message().await["push"]["disconnect"]["code"], 3503, "the push first");
    assert_eq!(ben.closed().await.0, 3503);
    let (mut ana, mut ben) = (connected(&sim, "ana").await, connected(&sim, "ben").await);
    sim.drain();
    assert_eq!((ana.closed().await.0, ben.closed().await.0), (3001, 3001));
    let mut ana = connected(&sim, "ana").await;
    sim.drop_sockets();
    assert_eq!(ana.next().await, Said::Gone, "without a word");
    sim.expect("nobody to be there", SOON, |sim| sim.connected() == 0).await.unwrap();
}

#[tokio::test]
async fn connects_are_turned_down_one_after_the_other() {
    let sim = start().await;
    sim.refuse_connects(&ConnectRefusal::error(101), 1);
    sim.refuse_connects(&ConnectRefusal::close(4501, "unauthorized"), 1);
    sim.refuse_connects(&ConnectRefusal::Silence, 1);
    let ask = json!({ "id": 1, "connect": { "data": { "user": "ana" } } });
    let mut socket = Socket::open(&sim.url()).await;
    socket.say(&ask).await;
    assert_eq!(socket.message().await["error"], json!({ "code": 101, "message": "unauthorized" }));
    socket.say(&ask).await;
    assert_eq!(socket.closed().await.0, 3501, "an error is the end of that socket");
    let mut socket = Socket::open(&sim.url()).await;
    socket.say(&ask).await;
    assert_eq!(socket.closed().await.0, 4501);
    let mut silent = Socket::open(&sim.url()).await;
    silent.say(&ask).await;
    assert_eq!(silent.within(Duration::from_millis(300)).await, None);
    connected(&sim, "ana").await;
    let outcomes: Vec<bool> =
        sim.connects().iter().map(|one| matches!(one.outcome, ConnectOutcome::Welcome(_))).collect();
    assert_eq!(outcomes, [false, false, false, true]);
}

#[tokio::test]
async fn sockets_are_refused_and_the_server_is_away() {
    let sim = start().await;
    sim.weather(|weather| weather.refuse = Some(503));
    assert_eq!(Socket::dial(&sim.url(), None).await.err(), Some(503));
    sim.weather(|weather| weather.refuse = None);
    let mut ana = connected(&sim, "ana").await;
    sim.publish("user:ana", json!(1));
    assert_eq!(ana.message().await, ana_pub(1));
    let (url, away) = (sim.url(), sim.restart(Duration::from_millis(500)));
    let dialled = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        Socket::dial(&url, None).await.err()
    };
    let ((), refused) = tokio::join!(away, dialled);
    assert_eq!(refused, Some(0), "no answer at all");
    assert_eq!(ana.next().await, Said::Gone);
    let mut again = Socket::open(&url).await;
    assert_eq!(again.connect("ana").await["subs"]["user:ana"]["offset"], 1, "on the same port, with its streams");
}

#[tokio::test]
async fn publications_get_lost_come_twice_and_come_late() {
    let sim = start().await;
    let mut ana = connected(&sim, "ana").await;
    sim.weather(|weather| weather.lose_publications = 1);
    assert_eq!((sim.publish("user:ana", json!(1)), sim.publish("user:ana", json!(2))), (1, 2));
    assert_eq!(ana.message().await["push"]["pub"]["offset"], 2, "1 was never sent");
    sim.weather(|weather| weather.twice = true);
    sim.publish("user:ana", json!(3));
    assert_eq!((ana.message().await, ana.within(SOON).await.is_some()), (ana_pub(3), true), "and once more");
    sim.weather(|weather| {
        weather.twice = false;
        weather.delay = Duration::from_millis(400);
    });
    let before = Instant::now();
    sim.publish("user:ana", json!(4));
    assert_eq!(ana.message().await, ana_pub(4));
    assert!(before.elapsed() >= Duration::from_millis(400));
}

fn ana_pub(n: u64) -> serde_json::Value {
    json!({ "push": { "channel": "user:ana", "pub": { "data": n, "offset": n } } })
}

#[tokio::test]
async fn in_silence_nothing_is_said_and_nothing_is_heard() {
    let sim = start().await;
    let mut ana = connected(&sim, "ana").await;
    sim.weather(|weather| weather.silent = true);
    sim.publish("user:ana", json!(1));
    ana.say(&json!({ "id": 2, "rpc": { "method": "echo", "data": 1 } })).await;
    assert_eq!(ana.within(Duration::from_millis(500)).await, None);
    let mut late = Socket::open(&sim.url()).await;
    late.say(&json!({ "id": 1, "connect": { "data": { "user": "ana" } } })).await;
    assert_eq!(late.within(Duration::from_millis(300)).await, None, "new ones get no answer either");
    sim.weather(|weather| weather.silent = false);
    ana.say(&json!({ "id": 3, "rpc": { "method": "echo", "data": 2 } })).await;
    assert_eq!(ana.message().await["rpc"]["data"], 2, "what was said in silence was not heard");
}
