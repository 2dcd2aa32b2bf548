//! Log-in, long poll, sockets, signalling refusals, and every fault.

use std::time::{Duration, Instant};

use crate::wire::{Cti, Socket, assert_form, fixture, inner, request};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{
    Abandoned, AmazonConnectSim, Fault, OfferCall, SignallingFault, SimOptions, SnapshotTwist, TurnKind,
};

const SOON: Duration = Duration::from_secs(10);

async fn start(options: SimOptions) -> (AmazonConnectSim, Cti) {
    let sim = AmazonConnectSim::start(options).await.unwrap();
    let cti = Cti { base: sim.base_url(), token: sim.token("agent.one") };
    (sim, cti)
}

fn quick() -> SimOptions {
    SimOptions { turn: TurnKind::Unreachable, ..SimOptions::default() }
}

async fn open(cti: &Cti) -> Socket {
    let url = address(cti).await;
    let mut socket = Socket::open(&url).await.expect("the socket opens");
    let topics = json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/softphone"] } });
    let reply = socket.ask(&topics).await;
    assert_eq!(reply["content"]["status"], "success", "subscribed");
    socket
}

async fn address(cti: &Cti) -> String {
    let made = cti.done("CreateTransport", json!({ "transportType": "web_socket" })).await;
    made["webSocketTransport"]["url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_long_poll_waits_for_a_change_or_its_time() {
    let (sim, cti) = start(quick()).await;
    let token = cti.snapshot().await["nextToken"].clone();
    let begin = Instant::now();
    let same = cti.done("GetAgentSnapshot", json!({ "nextToken": token, "timeout": 300 })).await;
    assert!(begin.elapsed() >= Duration::from_millis(290), "nothing changed: it waits");
    let waiting = {
        let (cti, token) = (cti.clone(), same["nextToken"].clone());
        tokio::spawn(async move {
            let body = json!({ "nextToken": token, "timeout": 30_000 });
            cti.done("GetAgentSnapshot", body).await
        })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(2), waiting).await.expect("the offer ends the wait").unwrap();
    assert_eq!(told["snapshot"]["contacts"][0]["contactId"], call.contact_id());
    assert!(call.offered_at().is_some(), "the moment of telling is known");
}

#[tokio::test]
async fn log_in_gives_a_cookie_and_the_cookie_a_token() {
    let (sim, _) = start(quick()).await;
    let base = sim.base_url();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let to_login = request(&base, "GET", "/ccp-v2", &[], "").await.unwrap();
    assert_eq!(to_login.status, 302, "without a cookie the panel leads to the form");
    let page = request(&base, "GET", "/login", &[], "").await.unwrap();
    assert!(page.body.contains("name=\"password\""), "the form is there");
    let wrong = "username=agent.one&password=nonsense";
    let refused = request(&base, "POST", "/login", &form, wrong).await.unwrap();
    assert_eq!(refused.status, 401, "a wrong password is refused");
    assert!(refused.body.contains("Wrong user name or password"), "and says so");
    let none = request(&base, "GET", "/auth/authorize", &[], "").await.unwrap();
    assert_eq!(none.status, 401, "no cookie, no token");

    let right = "username=agent.one&password=agent.one-password";
    let done = request(&base, "POST", "/login", &form, right).await.unwrap();
    assert_eq!((done.status, done.header("location")), (302, Some("/ccp-v2")));
    let cookie = done.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly"), "scripts cannot read it: {cookie}");
    assert!(cookie.starts_with("lily-auth-"), "it has the documented prefix");
    let pair = cookie.split(';').next().unwrap().to_owned();
    let with = [("Cookie", pair.as_str())];
    let panel = request(&base, "GET", "/ccp-v2", &with, "").await.unwrap();
    assert_eq!(panel.status, 200, "the panel opens with the cookie");
    let authorize = || request(&base, "GET", "/auth/authorize", &with, "");
    let given = authorize().await.unwrap();
    assert_form("authorize", &fixture("authorize.response.json"), &given.json());
    let cti = Cti { base: base.clone(), token: given.json()["accessToken"].as_str().unwrap().to_owned() };
    cti.snapshot().await;

    sim.expire_tokens();
    let expired = cti.call("GetAgentSnapshot", json!({})).await;
    assert_eq!(expired.status, 401, "an expired token is refused");
    assert_eq!(authorize().await.unwrap().status, 200, "the session gives another");
    sim.fail_next("authorize", Fault::Status(503), 1);
    assert_eq!(authorize().await.unwrap().status, 503, "faults reach authorize too");
    sim.revoke_session();
    assert_eq!(authorize().await.unwrap().status, 401, "a revoked session gives none");

    let cookie = sim.login_cookie("agent.one");
    let with = [("Cookie", cookie.as_str())];
    let out = request(&base, "GET", "/logout", &with, "").await.unwrap();
    assert_eq!(out.status, 302);
    let after = request(&base, "GET", "/auth/authorize", &with, "").await.unwrap();
    assert_eq!(after.status, 401, "after log-out the cookie is worth nothing");
}

#[tokio::test]
async fn a_token_sign_in_renews_with_its_token_as_the_cookie() {
    let (sim, cti) = start(quick()).await;
    let cookie = format!("lily-auth-sim={}", cti.token);
    let with = [("Cookie", cookie.as_str())];
    let given = request(&sim.base_url(), "GET", "/auth/authorize", &with, "").await;
    assert_eq!(given.unwrap().status, 200, "the token's own value is a session");
}

#[tokio::test]
async fn the_socket_speaks_the_recorded_frames() {
    let (sim, cti) = start(quick()).await;
    let mut socket = open(&cti).await;
    assert_eq!(sim.sockets("agent.one"), 1);
    let topics = |name: &str| json!({ "topic": "aws/subscribe", "content": { "topics": [name] } });
    let good = socket.ask(&topics("aws/chat")).await;
    assert_form("subscribe", &fixture("ws-subscribe.success.json"), &good);
    let bad = socket.ask(&topics("aws/nonsense")).await;
    assert_form("subscribe", &fixture("ws-subscribe.failure.json"), &bad);
    assert_eq!(bad["content"]["status"], "failure");
    let beat = socket.ask(&json!({ "topic": "aws/heartbeat" })).await;
    assert_eq!(beat, fixture("ws-heartbeat.json"));
    let ping = socket.ask(&json!({ "topic": "aws/ping" })).await;
    assert_eq!(ping, fixture("ws-ping.success.json"));
    let error = socket.ask(&json!({ "nonsense": true })).await;
    assert_form("error", &fixture("ws-error.json"), &error);

    sim.drop_sockets();
    assert_eq!(socket.next().await, None, "dropped sockets end");
    sim.refuse_sockets(true);
    let refused = Socket::open(&address(&cti).await).await.err();
    assert_eq!(refused, Some(503), "refused sockets do not open");
    sim.refuse_sockets(false);
    let bogus = sim.base_url().replace("http", "ws") + "/ws?AuthToken=bogus";
    assert_eq!(Socket::open(&bogus).await.err(), Some(403), "the token is checked");
    let mut socket = open(&cti).await;
    sim.oversized_frame();
    assert!(socket.next().await.unwrap().len() > 2_000_000, "two megabytes arrive");
}

/// The recorded invite with a candidate that is ours.
fn invite(call: &trunkline_simulators::amazon_connect::SimCall, snapshot: &Value) -> Value {
    let mut params = fixture("rpc-invite.v2.json")["jsonRpcMsg"]["params"].clone();
    let leg = &snapshot["snapshot"]["contacts"][0]["connections"][0];
    params["callContextToken"] = leg["softphoneMediaInfo"]["callContextToken"].clone();
    params["contactId"] = json!(call.contact_id());
    params["candidates"][0]["candidate"] =
        json!("candidate:1 1 udp 41885439 127.0.0.1 9 typ relay raddr 0.0.0.0 rport 0");
    params
}

#[tokio::test]
async fn signalling_answers_and_refuses_as_recorded() {
    let (sim, cti) = start(quick()).await;
    let mut socket = open(&cti).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let snapshot = cti.snapshot().await;
    let params = invite(&call, &snapshot);
    let connection = call.agent_connection_id().to_owned();

    for code in [400, 403, 404, 408, 409, 486, 500] {
        sim.signalling_error(code);
        let refused = socket.rpc(&connection, "invite", params.clone()).await;
        assert_eq!(refused["error"]["code"], code, "the error that was asked for");
        let recorded = inner(&fixture("rpc-invite-error.486.json"))["jsonRpcMsg"].clone();
        assert_form("error", &recorded, &refused);
    }
    let mut stranger = params.clone();
    stranger["callContextToken"] = json!("nobody's");
    stranger["contactId"] = json!("nobody's");
    let unknown = socket.rpc("nobody's", "invite", stranger).await;
    assert_eq!(unknown["error"]["code"], 404, "an unknown call");

    let answer = socket.rpc(&connection, "invite", params.clone()).await;
    let recorded = inner(&fixture("rpc-answer.media-cluster.json"))["jsonRpcMsg"].clone();
    assert_form("answer", &recorded, &answer);
    let sdp = answer["result"]["sdp"].as_str().unwrap();
    assert!(!sdp.contains("a=candidate"), "candidates are in the list only");
    assert!(sdp.contains("opus/48000/2"), "opus is answered: {sdp}");
    let twice = socket.rpc(&connection, "invite", params.clone()).await;
    assert_eq!(twice["error"]["code"], 409, "a second invite from the same client");
    let mut other = open(&cti).await;
    let busy = other.rpc(&connection, "invite", params.clone()).await;
    assert_eq!(busy["error"]["code"], 486, "an invite from a second client");
    let accepted = socket.rpc(&connection, "accept", json!({})).await;
    let recorded = inner(&fixture("rpc-accept.result.json"))["jsonRpcMsg"].clone();
    assert_form("accept", &recorded, &accepted);
    let stale = socket.rpc(&connection, "connectContact", json!({})).await;
    let recorded = inner(&fixture("rpc-connect-contact-error.stale.json"))["jsonRpcMsg"].clone();
    assert_eq!(stale["error"], recorded["error"], "this agent has no persistent connection");

    sim.fail_next_signalling("bye", SignallingFault::Silence, 1);
    call.customer_hangs_up().await.unwrap();
    let bye = socket.json().await;
    assert_form("bye", &fixture("rpc-bye.server.json"), &bye);
    let bye = inner(&bye);
    assert_form("bye", &inner(&fixture("rpc-bye.server.json")), &bye);
    assert_eq!(bye["connectionId"], connection.as_str());
    let reply = json!({ "jsonrpc": "2.0", "id": bye["jsonRpcMsg"]["id"], "result": {} });
    socket.send(&json!({ "topic": "aws/softphone", "connectionId": connection, "jsonRpcMsg": reply })).await;
    call.expect("the answer to bye", SOON, |f| f.bye_answered).await.unwrap();
    assert!(!call.has_live_peer(), "the peer has gone with the call");
    let late = socket.rpc(&connection, "invite", params).await;
    assert_eq!(late["error"]["code"], 404, "the call is over");
}

#[tokio::test]
async fn a_peer_connection_bye_names_the_connection_beside_the_method() {
    let (sim, cti) = start(quick()).await;
    let mut socket = open(&cti).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let snapshot = cti.snapshot().await;
    let connection = call.agent_connection_id().to_owned();
    let answer = socket.rpc(&connection, "invite", invite(&call, &snapshot)).await;
    call.peer_connection_bye();
    let message = inner(&socket.json().await);
    assert_form("PCBye", &inner(&fixture("rpc-pcbye.server.json")), &message);
    assert_eq!(message["jsonRpcMsg"]["peerConnectionId"], answer["result"]["peerConnectionId"]);
}

#[tokio::test]
async fn a_caller_who_leaves_while_it_rings_vanishes_or_is_missed() {
    let (sim, _) = start(quick()).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    call.customer_hangs_up().await.unwrap();
    assert_eq!(sim.agent("agent.one").contacts(), [], "the contact is gone");
    assert_eq!(sim.agent("agent.one").state(), "Available");

    let options = SimOptions { abandoned: Abandoned::Missed, ..quick() };
    let (sim, _) = start(options).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    call.customer_hangs_up().await.unwrap();
    assert_eq!(sim.agent("agent.one").state(), "MissedCallAgent");
    let again = call.customer_hangs_up().await;
    assert!(again.is_err_and(|e| e.is_not_possible()), "nobody hangs up twice");
}

#[tokio::test]
async fn faults_hit_the_calls_they_are_meant_for() {
    let (sim, cti) = start(quick()).await;
    let snapshot = || cti.call("GetAgentSnapshot", json!({ "timeout": 10 }));
    sim.fail_next("GetAgentSnapshot", Fault::Throttle, 1);
    sim.fail_next("GetAgentSnapshot", Fault::Html502, 1);
    sim.fail_next("GetAgentSnapshot", Fault::Malformed, 1);
    let throttled = snapshot().await;
    let wanted = fixture("error.throttling.json");
    assert_eq!(json!(throttled.status), wanted["status"]);
    assert_eq!(throttled.json(), wanted["body"]);
    let html = snapshot().await;
    let wanted = fixture("error.not-json.json");
    assert_eq!(json!(html.status), wanted["status"]);
    assert_eq!(html.body, wanted["bodyText"].as_str().unwrap());
    let broken = snapshot().await;
    assert!(serde_json::from_str::<Value>(&broken.body).is_err(), "not whole JSON");
    assert_eq!(snapshot().await.status, 200, "then all is well");

    sim.set_clock_skew(3600.0);
    let ahead = cti.snapshot().await["snapshot"]["snapshotTimestamp"].as_f64().unwrap();
    sim.set_clock_skew(0.0);
    let now = cti.snapshot().await["snapshot"]["snapshotTimestamp"].as_f64().unwrap();
    assert!((ahead - now - 3600.0).abs() < 5.0, "one hour ahead");

    sim.slow_down(Duration::from_millis(200));
    let begin = Instant::now();
    snapshot().await;
    assert!(begin.elapsed() >= Duration::from_millis(200), "slowed down");
    sim.slow_down(Duration::ZERO);

    sim.silent(true);
    let none = tokio::time::timeout(Duration::from_millis(300), snapshot()).await;
    assert!(none.is_err(), "silence");
    sim.silent(false);
    snapshot().await;

    let notes = sim.requests_of("GetAgentSnapshot");
    let statuses: Vec<u16> = notes.iter().take(4).map(|n| n.status).collect();
    assert_eq!(statuses, [429, 502, 200, 200], "the log tells what was answered");
    assert!(notes.iter().all(|n| n.agent.as_deref() == Some("agent.one")));
}

#[tokio::test]
async fn twisted_snapshots_come_once_and_at_once() {
    let (sim, cti) = start(quick()).await;
    let agent = sim.agent("agent.one");
    let token = cti.snapshot().await["nextToken"].clone();
    agent.push_unknown(SnapshotTwist::UnknownContact);
    let odd = cti.done("GetAgentSnapshot", json!({ "nextToken": token, "timeout": 30_000 })).await;
    assert_eq!(odd["snapshot"]["contacts"][0]["type"], "hologram");
    assert_eq!(cti.snapshot().await["snapshot"]["contacts"], json!([]), "once only");
    agent.push_unknown(SnapshotTwist::MissingState);
    assert!(cti.snapshot().await["snapshot"].get("state").is_none());
    agent.push_unknown(SnapshotTwist::Malformed);
    let broken = cti.call("GetAgentSnapshot", json!({ "timeout": 10 })).await;
    assert!(serde_json::from_str::<Value>(&broken.body).is_err(), "cut in the middle");
    agent.push_unknown(SnapshotTwist::UnknownAgentState);
    assert_eq!(cti.snapshot().await["snapshot"]["state"]["type"], "dreaming");
    agent.push_unknown(SnapshotTwist::WrongTypes);
    assert_eq!(cti.snapshot().await["snapshot"]["contacts"], "none");
    agent.push_unknown(SnapshotTwist::UnknownMembers);
    assert_eq!(cti.snapshot().await["snapshot"]["state"]["mood"], "curious");
    agent.push_unknown(SnapshotTwist::Oversized);
    assert!(cti.snapshot().await.to_string().len() > 2_000_000);

    sim.duplicate_events(true);
    let token = cti.snapshot().await["nextToken"].clone();
    let begin = Instant::now();
    let poll = |token: Value| cti.done("GetAgentSnapshot", json!({ "nextToken": token, "timeout": 500 }));
    let twice = poll(token).await;
    assert!(begin.elapsed() < Duration::from_millis(400), "told again at once");
    let begin = Instant::now();
    poll(twice["nextToken"].clone()).await;
    assert!(begin.elapsed() >= Duration::from_millis(490), "but not a third time");
}

#[tokio::test]
async fn a_restart_cuts_everything_and_keeps_port_and_state() {
    let (sim, cti) = start(quick()).await;
    let mut socket = open(&cti).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    let token = cti.snapshot().await["nextToken"].clone();
    let hanging = {
        let (cti, token) = (cti.clone(), token);
        tokio::spawn(async move {
            let body = json!({ "nextToken": token, "timeout": 30_000 });
            cti.try_call("GetAgentSnapshot", body).await
        })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    let restart = {
        let sim = sim.clone();
        tokio::spawn(async move { sim.restart(Duration::from_millis(400)).await })
    };
    let cut = tokio::time::timeout(Duration::from_secs(2), hanging).await;
    assert!(cut.expect("the poll ends").unwrap().is_err(), "without an answer");
    assert_eq!(socket.next().await, None, "the socket ends");
    let refused = cti.try_call("GetAgentSnapshot", json!({ "timeout": 10 })).await;
    assert!(refused.is_err(), "nobody answers while it is down");
    restart.await.unwrap();
    let back = cti.snapshot().await;
    assert_eq!(back["snapshot"]["contacts"][0]["contactId"], call.contact_id(), "the same service, with the same call");
}

#[tokio::test]
async fn wrap_up_ends_by_itself_when_the_instance_says_so() {
    let options = SimOptions { wrap_up: Some(Duration::from_millis(100)), ..quick() };
    let (sim, cti) = start(options).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    cti.done("AcceptContact", json!({ "contactId": call.contact_id() })).await;
    call.customer_hangs_up().await.unwrap();
    call.expect_cleared(SOON).await.unwrap();
    assert_eq!(sim.agent("agent.one").state(), "Available");
}

#[tokio::test]
async fn an_unmet_expectation_says_what_happened_instead() {
    let (sim, _) = start(quick()).await;
    let call = sim.offer_call(OfferCall::to("agent.one")).await.unwrap();
    call.customer_hangs_up().await.unwrap();
    let error = call.expect_accepted(Duration::from_millis(50)).await.unwrap_err();
    assert!(error.is_unmet_expectation());
    let text = error.to_string();
    assert!(text.contains("accepted") && text.contains("abandoned"), "{text}");
    assert!(!text.contains("+1202"), "no number in it: {text}");
}

#[tokio::test]
async fn everything_ends_with_the_last_handle() {
    let (sim, cti) = start(SimOptions::default()).await;
    let kind = sim.turn_kind();
    let turn = sim.turn_address().unwrap();
    let mut socket = open(&cti).await;
    drop(sim);
    assert_eq!(socket.next().await, None, "the socket ends");
    let gone = cti.try_call("GetAgentSnapshot", json!({})).await;
    assert!(gone.is_err(), "the service is gone");
    // The TURN port is free again when the server has really ended.
    let freed = async {
        while tokio::net::UdpSocket::bind(turn).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let freed = tokio::time::timeout(SOON, freed).await;
    assert!(freed.is_ok(), "the {kind} TURN server has ended");
}
