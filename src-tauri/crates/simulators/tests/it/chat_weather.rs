//! Attachments, and everything that goes wrong with chats on demand.

use std::time::{Duration, Instant};

use crate::chat_client::{Agent, address, quick, start};
use crate::wire::{Answer, Cti, Socket, assert_form, fixture, request};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{AttachmentStatus, Fault, FrameFault, OfferChat, SimOptions};

const SOON: Duration = Duration::from_secs(10);

async fn talking() -> (trunkline_simulators::amazon_connect::AmazonConnectSim, Cti, Agent, Socket) {
    let (sim, cti) = start(quick()).await;
    let socket = open(&cti).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let mut socket = socket;
    assert!(socket.json().await.to_string().contains("participant.joined"), "the agent has joined");
    (sim, cti, agent, socket)
}

async fn open(cti: &Cti) -> Socket {
    let mut socket = Socket::open(&address(cti).await).await.unwrap();
    let topics = json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/chat"] } });
    assert_eq!(socket.ask(&topics).await["content"]["status"], "success");
    socket
}

fn item(frame: &Value) -> Value {
    serde_json::from_str(frame["content"].as_str().unwrap()).unwrap()
}

/// PUT or GET of an address of the store.
async fn store(url: &str, method: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    request(&format!("http://{host}"), method, &format!("/{path}"), headers, body).await.unwrap()
}

async fn begin(agent: &Agent, name: &str, size: usize) -> Value {
    let body = json!({ "AttachmentName": name, "AttachmentSizeInBytes": size, "ContentType": "text/plain" });
    let made = agent.ask("start-attachment-upload", body).await;
    assert_eq!(made.status, 200, "{name:?} may be uploaded: {}", made.body);
    assert_form("start", &fixture("chat.participant-start-upload.response.json"), &made.json());
    made.json()
}

async fn upload(made: &Value, body: &str) -> Answer {
    let metadata = &made["UploadMetadata"];
    let headers: Vec<(&str, &str)> = metadata["HeadersToInclude"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    store(metadata["Url"].as_str().unwrap(), "PUT", &headers, body).await
}

#[tokio::test]
async fn a_file_is_announced_uploaded_checked_and_fetched() {
    let (_sim, _cti, agent, mut socket) = talking().await;
    let made = begin(&agent, "notes.txt", 5).await;
    let id = made["AttachmentId"].clone();
    let complete = json!({ "AttachmentIds": [id], "ClientToken": "c" });
    assert_eq!(agent.ask("complete-attachment-upload", complete.clone()).await.status, 400, "nothing is uploaded yet");
    assert_eq!(upload(&made, "four").await.status, 403, "another size than announced");
    let bare = made["UploadMetadata"]["Url"].as_str().unwrap();
    assert_eq!(store(bare, "PUT", &[], "12345").await.status, 403, "the signed headers are missing");
    assert_eq!(upload(&made, "12345").await.status, 200);
    assert_eq!(agent.ask("complete-attachment-upload", complete.clone()).await.status, 200);
    let (first, second) = (item(&socket.json().await), item(&socket.json().await));
    let wanted = item(&fixture("chat.ws-chat-attachment.json"));
    assert_form("attachment", &wanted, &first);
    let status = |i: &Value| i["Attachments"][0]["Status"].as_str().unwrap().to_owned();
    assert_eq!([status(&first), status(&second)], ["IN_PROGRESS", "APPROVED"]);
    assert_eq!(first["Id"], second["Id"], "one item");
    assert_eq!(agent.ask("complete-attachment-upload", complete).await.status, 200, "the same token again");
    let again = json!({ "AttachmentIds": [id], "ClientToken": "other" });
    assert_eq!(agent.ask("complete-attachment-upload", again).await.status, 409, "being processed");
    let file = agent.chat.wait_for_file("notes.txt", SOON).await.unwrap();
    assert_eq!(file.bytes.as_deref(), Some(b"12345".as_slice()), "the customer has the bytes");
    let got = agent.ask("attachment", json!({ "AttachmentId": id })).await.json();
    assert_form("get", &fixture("chat.participant-get-attachment.response.json"), &got);
    let url = got["Url"].as_str().unwrap();
    let fetched = store(url, "GET", &[], "").await;
    assert_eq!((fetched.status, fetched.body.as_str()), (200, "12345"));
    assert_eq!(store(&url.replace("Signature=", "Signature=0"), "GET", &[], "").await.status, 403, "a forged address");
}

#[tokio::test]
async fn hostile_names_are_carried_as_they_are() {
    let (_sim, _cti, agent, mut socket) = talking().await;
    for name in
        ["../../etc/passwd.txt", "C:\\x\\..\\y.txt", "a\"\r\nX-Evil: 1.txt", "<img src=x>.txt", "\u{202e}gpj.txt"]
    {
        let made = begin(&agent, name, 1).await;
        assert_eq!(upload(&made, "x").await.status, 200, "{name:?} is uploaded");
        agent.ask("complete-attachment-upload", json!({ "AttachmentIds": [made["AttachmentId"]] })).await;
        let told = item(&socket.json().await);
        assert_eq!(told["Attachments"][0]["AttachmentName"], name, "verbatim in the item");
        socket.json().await;
        assert_eq!(agent.chat.files().last().unwrap().name, name, "and for the customer");
        let got = agent.ask("attachment", json!({ "AttachmentId": made["AttachmentId"] })).await.json();
        let fetched = store(got["Url"].as_str().unwrap(), "GET", &[], "").await;
        assert_eq!(fetched.header("x-evil"), None, "no header is smuggled in");
        agent.chat.send_file(name, "text/plain", "y").unwrap();
        assert_eq!(item(&socket.json().await)["Attachments"][0]["AttachmentName"], name, "from the customer too");
        socket.json().await;
    }
}

#[tokio::test]
async fn a_refused_file_cannot_be_fetched() {
    let (sim, _cti, agent, mut socket) = talking().await;
    agent.chat.reject_files(1);
    let id = agent.chat.send_file("virus.txt", "text/plain", "bad").unwrap();
    assert_eq!(item(&socket.json().await)["Attachments"][0]["Status"], "IN_PROGRESS");
    assert_eq!(agent.ask("attachment", json!({ "AttachmentId": id })).await.status, 400, "still in check");
    assert_eq!(item(&socket.json().await)["Attachments"][0]["Status"], "REJECTED");
    assert_eq!(agent.chat.files()[0].status, AttachmentStatus::Rejected);
    assert_eq!(agent.ask("attachment", json!({ "AttachmentId": id })).await.status, 400, "and after it");
    let unknown = agent.ask("attachment", json!({ "AttachmentId": "none" })).await;
    assert_eq!(unknown.status, 404);
    let without = OfferChat { attachments: false, ..OfferChat::to("agent.two") };
    let two = Cti { base: sim.base_url(), token: sim.token("agent.two") };
    let other = Agent::take(&two, sim.offer_chat(without).await.unwrap()).await;
    let body = json!({ "AttachmentName": "a.txt", "AttachmentSizeInBytes": 1, "ContentType": "text/plain" });
    assert_eq!(other.ask("start-attachment-upload", body).await.status, 403, "attachments are switched off there");
}

#[tokio::test]
async fn a_lost_answer_was_carried_out_and_a_lost_request_was_not() {
    let (sim, _cti, agent, _socket) = talking().await;
    let body = json!({ "ContentType": "text/plain", "Content": "really?", "ClientToken": "r" });
    sim.fail_next("SendMessage", Fault::LoseRequest, 1);
    assert!(agent.try_ask(&agent.token, "message", body.clone()).await.is_err(), "cut without an answer");
    assert!(agent.chat.agent_messages().is_empty(), "nothing was sent");
    sim.fail_next("SendMessage", Fault::LoseAnswer, 1);
    assert!(agent.try_ask(&agent.token, "message", body.clone()).await.is_err(), "cut again");
    let sent = agent.chat.agent_messages();
    assert_eq!(sent.len(), 1, "but this one was carried out");
    let retried = agent.ask("message", body).await;
    assert_eq!(retried.json()["Id"], sent[0].id.as_str(), "the retry gets its id");
    assert_eq!(agent.chat.agent_messages().len(), 1, "and sends nothing");
    sim.fail_next("UploadAttachment", Fault::LoseAnswer, 1);
    let made = begin(&agent, "a.txt", 1).await;
    let url = made["UploadMetadata"]["Url"].as_str().unwrap().to_owned();
    let host = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let path = format!("/{}", host.1);
    let disposition = made["UploadMetadata"]["HeadersToInclude"]["content-disposition"].as_str().unwrap();
    let headers = [("content-type", "text/plain"), ("content-disposition", disposition)];
    assert!(request(&agent.base, "PUT", &path, &headers, "x").await.is_err(), "the store's answer is lost");
    assert!(agent.chat.files()[0].bytes.is_some(), "the bytes are there");
}

#[tokio::test]
async fn errors_are_those_of_the_participant_service() {
    let (sim, cti, agent, _socket) = talking().await;
    let body = json!({ "ContentType": "text/plain", "Content": "x" });
    let cases = [
        (Fault::Throttle, 429, "ThrottlingException"),
        (Fault::Status(500), 500, "InternalServerException"),
        (Fault::Status(503), 503, "InternalServerException"),
        (Fault::Status(402), 402, "ServiceQuotaExceededException"),
        (Fault::Status(409), 409, "ConflictException"),
        (Fault::Status(404), 404, "ResourceNotFoundException"),
    ];
    for (fault, status, kind) in cases {
        sim.fail_next("SendMessage", fault, 2);
        assert_eq!(agent.ask("transcript", json!({})).await.status, 200, "other actions are spared");
        for _ in 0..2 {
            let answer = agent.ask("message", body.clone()).await;
            assert_eq!((answer.status, answer.header("x-amzn-errortype")), (status, Some(kind)));
            assert!(answer.json()["Message"].is_string(), "with a text");
        }
        assert_eq!(agent.ask("message", body.clone()).await.status, 200, "two times, not three");
    }
    let wanted = fixture("chat.participant-error.throttling.json");
    sim.fail_next("SendMessage", Fault::Throttle, 1);
    assert_form("throttling", &wanted["body"], &agent.ask("message", body.clone()).await.json());
    sim.fail_next("SendMessage", Fault::Malformed, 1);
    assert!(serde_json::from_str::<Value>(&agent.ask("message", body.clone()).await.body).is_err(), "half an answer");
    sim.fail_next("SendMessage", Fault::Slow(Duration::from_millis(300)), 1);
    let begin = Instant::now();
    assert_eq!(agent.ask("message", body).await.status, 200, "late, but done");
    assert!(begin.elapsed() >= Duration::from_millis(290), "late");
    let chat = json!({ "transportType": "chat_token", "contactId": agent.chat.contact_id(),
        "participantId": agent.chat.agent_connection_id() });
    sim.fail_next("CreateTransport", Fault::LoseAnswer, 1);
    assert!(cti.try_call("CreateTransport", chat).await.is_err(), "the CTI service loses answers too");
    assert_eq!(agent.chat.facts().tokens.len(), 2, "after giving the token");
}

#[tokio::test]
async fn frames_are_lost_doubled_delayed_and_spoiled() {
    let (sim, _cti, agent, mut socket) = talking().await;
    let chat = &agent.chat;
    sim.fail_next_frames(FrameFault::Lost, 1);
    chat.say("lost").unwrap();
    sim.fail_next_frames(FrameFault::Twice, 1);
    chat.say("twice").unwrap();
    let (one, two) = (item(&socket.json().await), item(&socket.json().await));
    assert_eq!((one["Content"].as_str(), &one), (Some("twice"), &two), "one lost, one doubled");
    sim.fail_next_frames(FrameFault::Late(Duration::from_millis(200)), 1);
    chat.say("first").unwrap();
    chat.say("second").unwrap();
    let order = [item(&socket.json().await)["Content"].clone(), item(&socket.json().await)["Content"].clone()];
    assert_eq!(order, ["second", "first"], "out of order");
    sim.fail_next_frames(FrameFault::NotJson, 1);
    chat.say("after rubbish").unwrap();
    let rubbish = socket.next().await.unwrap();
    assert!(serde_json::from_str::<Value>(&rubbish).is_err(), "{rubbish} is not JSON");
    assert_eq!(item(&socket.json().await)["Content"], "after rubbish");
    sim.fail_next_frames(FrameFault::ContentNotJson, 1);
    chat.say("after spoiled content").unwrap();
    let spoiled = socket.json().await;
    assert!(serde_json::from_str::<Value>(spoiled["content"].as_str().unwrap()).is_err(), "its content is not JSON");
    assert_eq!(item(&socket.json().await)["Content"], "after spoiled content");
    sim.fail_next_frames(FrameFault::Oversized, 1);
    chat.say("after a huge one").unwrap();
    assert!(socket.next().await.unwrap().len() > 2 << 20, "two megabytes");
    assert_eq!(item(&socket.json().await)["Content"], "after a huge one");
    let all = agent.ask("transcript", json!({ "MaxResults": 100 })).await.json();
    assert!(all.to_string().contains("lost"), "the transcript fills the gap");
    chat.send_raw_item(&json!({ "Type": "HOLOGRAM", "ContactId": chat.contact_id() }));
    assert_eq!(item(&socket.json().await)["Type"], "HOLOGRAM", "any item can be sent");
}

#[tokio::test]
async fn a_socket_is_cut_before_or_after_a_message() {
    let (sim, cti, agent, mut socket) = talking().await;
    sim.fail_next_frames(FrameFault::CutAfter, 1);
    agent.chat.say("you get this").unwrap();
    assert_eq!(item(&socket.json().await)["Content"], "you get this");
    assert_eq!(socket.next().await, None, "then the line is dead");
    let mut socket = open(&cti).await;
    sim.fail_next_frames(FrameFault::CutBefore, 1);
    agent.chat.say("you do not get this").unwrap();
    assert_eq!(socket.next().await, None, "dead at once");
    let mut socket = open(&cti).await;
    agent.chat.say("back").unwrap();
    assert_eq!(item(&socket.json().await)["Content"], "back");
    sim.drop_sockets();
    assert_eq!(socket.next().await, None, "all sockets at once");
}

#[tokio::test]
async fn the_longest_message_can_be_made_shorter() {
    let (sim, cti) = start(SimOptions { chat_message_limit: 1024, ..quick() }).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let text = |n: usize| json!({ "ContentType": "text/plain", "Content": "x".repeat(n) });
    assert_eq!(agent.ask("message", text(1024)).await.status, 200);
    assert_eq!(agent.ask("message", text(1025)).await.status, 400, "as older pages say");
}
