//! Chat contacts, the Participant Service and its weather, by HTTP and socket.

use std::time::{Duration, Instant};

use crate::chat_client::{Agent, EVENT, address, quick, start};
use crate::wire::{Cti, Socket, assert_error, assert_form, fixture};
use serde_json::{Value, json};
use trunkline_simulators::amazon_connect::{Abandoned, AgentOptions, ChatEndedBy, ChatRole, OfferChat, SimOptions};

const SOON: Duration = Duration::from_secs(10);

fn chat_in(snapshot: &Value, id: &str) -> Value {
    let all = snapshot["snapshot"]["contacts"].as_array().unwrap();
    all.iter().find(|c| c["contactId"] == id).cloned().unwrap_or(Value::Null)
}

fn legs(contact: &Value) -> Vec<String> {
    let all = contact["connections"].as_array().unwrap();
    all.iter().map(|l| l["state"]["type"].as_str().unwrap().to_owned()).collect()
}

async fn assert_story(cti: &Cti, id: &str, name: &str) {
    let (mut wanted, actual) = (fixture(name), cti.snapshot().await);
    wanted["snapshot"]["contacts"][0]["attributes"] = json!({});
    assert_form(name, &wanted, &actual);
    let (wanted_contact, contact) = (wanted["snapshot"]["contacts"][0].clone(), chat_in(&actual, id));
    assert_eq!(contact["state"]["type"], wanted_contact["state"]["type"], "{name}: the contact's state");
    assert_eq!(legs(&contact), legs(&wanted_contact), "{name}: the connections' states");
    for member in ["type", "initiationMethod", "contactFeatures", "segmentAttributes", "initialContactId"] {
        assert_eq!(contact[member], wanted_contact[member], "{name}: {member}");
    }
    assert_eq!(actual["snapshot"]["state"]["name"], "Available", "{name}: chats leave the agent's state alone");
}

#[tokio::test]
async fn a_chat_goes_through_the_states_of_a_real_instance() {
    let (sim, cti) = start(quick()).await;
    let chat = sim.offer_chat(OfferChat::to("agent.one")).await.unwrap();
    let contact = json!({ "contactId": chat.contact_id() });
    assert_story(&cti, chat.contact_id(), "snapshot.chat-incoming.json").await;
    let media = chat_in(&cti.snapshot().await, chat.contact_id())["connections"][0]["chatMediaInfo"].clone();
    let data: Value = serde_json::from_str(media["connectionData"].as_str().unwrap()).unwrap();
    assert_eq!(data["ConnectionAuthenticationToken"], chat.participant_token(), "the participant token is in there");
    assert_eq!(cti.call("ClearContact", contact.clone()).await.kind(), "InvalidStateException", "it rings");
    cti.done("AcceptContact", contact.clone()).await;
    chat.expect_accepted(SOON).await.unwrap();
    assert_story(&cti, chat.contact_id(), "snapshot.chat-connected.json").await;
    let hold = json!({ "contactId": chat.contact_id(), "connectionId": chat.customer_connection_id() });
    assert_error(&cti.call("HoldConnection", hold).await, "error.invalid-contact-type.json");
    let own = json!({ "contactId": chat.contact_id(), "connectionId": chat.agent_connection_id() });
    cti.done("DestroyConnection", own).await;
    assert_eq!(chat.expect_ended(SOON).await.unwrap(), ChatEndedBy::Agent);
    assert_story(&cti, chat.contact_id(), "snapshot.chat-ended.json").await;
    cti.done("ClearContact", contact).await;
    assert!(chat_in(&cti.snapshot().await, chat.contact_id()).is_null(), "cleared");
    assert_eq!(chat.events(), ["participant.joined", "participant.joined", "participant.left", "chat.ended"]);
}

#[tokio::test]
async fn rejected_missed_abandoned_and_accepted_by_the_service() {
    let (sim, cti) = start(quick()).await;
    let rejected = sim.offer_chat(OfferChat::to("agent.one")).await.unwrap();
    cti.done("RejectContact", json!({ "contactId": rejected.contact_id() })).await;
    rejected.expect_rejected(SOON).await.unwrap();
    assert_story(&cti, rejected.contact_id(), "snapshot.chat-rejected.json").await;
    cti.done("ClearContact", json!({ "contactId": rejected.contact_id() })).await;

    let ring = Some(Duration::from_millis(100));
    let missed = sim.offer_chat(OfferChat { ring, ..OfferChat::to("agent.one") }).await.unwrap();
    missed.expect_missed(SOON).await.unwrap();
    assert_story(&cti, missed.contact_id(), "snapshot.chat-missed.json").await;
    cti.done("ClearContact", json!({ "contactId": missed.contact_id() })).await;

    let left = sim.offer_chat(OfferChat::to("agent.one")).await.unwrap();
    left.leave().unwrap();
    assert!(left.facts().abandoned.is_some() && left.is_over(), "the customer left while it rang");
    assert!(chat_in(&cti.snapshot().await, left.contact_id()).is_null(), "it vanishes");
    assert!(left.say("hello?").unwrap_err().is_not_possible(), "nobody speaks after the end");

    let agents = vec![AgentOptions { chat_auto_accept: true, ..AgentOptions::one() }];
    let (sim, cti) = start(SimOptions { agents, abandoned: Abandoned::Missed, ..quick() }).await;
    let auto = sim.offer_chat(OfferChat::to("agent.one")).await.unwrap();
    let media = chat_in(&cti.snapshot().await, auto.contact_id())["connections"][0]["chatMediaInfo"].clone();
    assert_eq!(media["chatAutoAccept"], true);
    auto.expect_accepted(SOON).await.unwrap();
    assert_eq!(chat_in(&cti.snapshot().await, auto.contact_id())["state"]["type"], "connected");
}

#[tokio::test]
async fn several_chats_run_beside_one_call_and_a_fourth_is_not_routed() {
    let (sim, cti) = start(quick()).await;
    let configuration = cti.done("GetAgentConfiguration", json!({})).await;
    assert_eq!(configuration["configuration"]["routingProfile"]["channelConcurrencyMap"]["CHAT"], 3);
    let call = sim.offer_call(trunkline_simulators::amazon_connect::OfferCall::to("agent.one")).await.unwrap();
    cti.done("AcceptContact", json!({ "contactId": call.contact_id() })).await;
    let mut agents = Vec::new();
    for _ in 0..3 {
        let chat = sim.offer_chat(OfferChat::to("agent.one")).await.unwrap();
        agents.push(Agent::take(&cti, chat).await);
    }
    let fourth = sim.offer_chat(OfferChat::to("agent.one")).await;
    assert!(fourth.is_err_and(|e| e.is_not_possible()), "three at once");
    assert_eq!(cti.snapshot().await["snapshot"]["contacts"].as_array().unwrap().len(), 4);
    assert_eq!(sim.agent("agent.one").state(), "Busy", "because of the call");
    for (n, agent) in agents.iter().enumerate() {
        agent.say(&format!("to {n}")).await;
    }
    for (n, agent) in agents.iter().enumerate() {
        let texts: Vec<String> = agent.chat.agent_messages().into_iter().map(|m| m.content).collect();
        assert_eq!(texts, [format!("to {n}")], "each customer gets their own words only");
    }
    let lunch = json!({ "name": "Lunch", "type": "not_routable" });
    cti.done(
        "DestroyConnection",
        json!({ "contactId": call.contact_id(), "connectionId": call.agent_connection_id() }),
    )
    .await;
    cti.done("ClearContact", json!({ "contactId": call.contact_id() })).await;
    cti.done("PutAgentState", json!({ "state": lunch, "enqueueNextState": true })).await;
    assert_eq!(sim.agent("agent.one").state(), "Available", "the state waits for the chats");
    for agent in &agents {
        agent.end(&cti).await;
        cti.done("ClearContact", json!({ "contactId": agent.chat.contact_id() })).await;
    }
    assert_eq!(sim.agent("agent.one").state(), "Lunch", "and comes after the last one");
}

#[tokio::test]
async fn both_sockets_of_an_agent_get_every_frame_in_the_forms_of_the_fixtures() {
    let (sim, cti) = start(quick()).await;
    let mut first = Socket::open(&address(&cti).await).await.unwrap();
    let mut second = Socket::open(&address(&cti).await).await.unwrap();
    let topics = json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/chat", "aws/task"] } });
    for socket in [&mut first, &mut second] {
        assert_eq!(socket.ask(&topics).await["content"]["status"], "success");
    }
    sim.expect_topic("agent.one", "aws/task", SOON).await.unwrap();
    let chat = sim.offer_chat(OfferChat { first_words: Some("early".to_owned()), ..OfferChat::to("agent.one") });
    let agent = Agent::take(&cti, chat.await.unwrap()).await;
    let chat = &agent.chat;
    let mut next = async |name: &str| {
        let (one, two) = (first.json().await, second.json().await);
        assert_eq!(one, two, "{name}: both sockets get the same");
        let wanted = fixture(&format!("chat.{name}.json"));
        assert_form(name, &wanted, &one);
        let inner = |frame: &Value| serde_json::from_str::<Value>(frame["content"].as_str().unwrap()).unwrap();
        let (wanted, item) = (inner(&wanted), inner(&one));
        assert_form(name, &wanted, &item);
        for member in ["Type", "ContentType", "ParticipantRole"] {
            assert_eq!(item[member], wanted[member], "{name}: {member}");
        }
        item
    };
    // Nothing of what came before accept: that is in the transcript.
    let joined = next("ws-chat-participant-joined.agent").await;
    assert_eq!(joined["ParticipantRole"], "AGENT", "the agent has joined");
    let id = chat.say("My parcel is late").unwrap();
    assert_eq!(next("ws-chat-message.customer").await["Id"], id.as_str());
    chat.typing().unwrap();
    next("ws-chat-typing").await;
    let (said, _) = agent.say("Hello, how can I help?").await;
    assert_eq!(next("ws-chat-message.agent-echo").await["Id"], said["Id"], "own messages come back");
    let id = said["Id"].as_str().unwrap().to_owned();
    chat.mark_delivered(&id).unwrap();
    next("ws-chat-receipt-delivered").await;
    chat.mark_read(&id).unwrap();
    next("ws-chat-receipt-read").await;
    chat.say_interactive(&json!({ "templateType": "ListPicker" })).unwrap();
    next("ws-chat-interactive").await;
    let streamed = chat.streamed_bot_text(&["Your par", "cel left"], Duration::ZERO).await.unwrap();
    let (one, two, whole) =
        (next("ws-chat-partial-1").await, next("ws-chat-partial-2").await, next("ws-chat-partial-final").await);
    assert!([&one, &two, &whole].iter().all(|i| i["Id"] == streamed.as_str()), "one id");
    assert_eq!([&one["Content"], &two["Content"], &whole["Content"]], ["Your par", "cel left", "Your parcel left"]);
    assert_eq!(two["MessageMetadata"]["ChunkNumber"], 2);
    chat.idle().unwrap();
    next("ws-chat-idle").await;
    chat.leave().unwrap();
    next("ws-chat-participant-left").await;
    next("ws-chat-ended").await;
    assert_eq!(chat.expect_ended(SOON).await.unwrap(), ChatEndedBy::Customer);
}

#[tokio::test]
async fn tokens_open_only_what_they_are_for() {
    let (sim, cti) = start(SimOptions { chat_token_life: Duration::from_millis(400), ..quick() }).await;
    let chat = sim.offer_chat(OfferChat::to("agent.one")).await.unwrap();
    let agent = Agent::take(&cti, chat).await;
    let participant = agent.chat.participant_token();
    let ask = json!({ "ContentType": "text/plain", "Content": "x" });
    for (token, path) in [(participant.as_str(), "message"), (agent.token.as_str(), "connection"), ("", "message")] {
        let answer = agent.ask_as(token, path, json!({ "ConnectParticipant": true })).await;
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("AccessDeniedException")), "{path}");
        assert_form("error", &fixture("chat.participant-error.access-denied.json")["body"], &answer.json());
    }
    let long = "t".repeat(1001);
    assert_eq!(agent.ask_as(&long, "message", ask.clone()).await.status, 400, "a bearer of 1001 characters");
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(agent.ask("message", ask.clone()).await.status, 403, "expired");
    let full = json!({ "Type": ["WEBSOCKET", "CONNECTION_CREDENTIALS"], "ConnectParticipant": true });
    let answer = agent.ask_as(&participant, "connection", full).await;
    assert_form("connection", &fixture("chat.participant-connection.full.response.json"), &answer.json());
    agent.chat.expect_acknowledged(SOON).await.unwrap();
    let token = answer.json()["ConnectionCredentials"]["ConnectionToken"].as_str().unwrap().to_owned();
    assert_eq!(agent.ask_as(&token, "message", ask.clone()).await.status, 200, "the other way to a token");
    assert_eq!(agent.ask_as(&token, "disconnect", json!({})).await.status, 403, "agents leave by the CTI service");
    sim.expire_chat_tokens();
    assert_eq!(agent.ask_as(&token, "message", ask).await.status, 403, "expired by hand");
    let other = Cti { base: sim.base_url(), token: sim.token("agent.two") };
    let stolen = json!({ "transportType": "chat_token", "contactId": agent.chat.contact_id(),
        "participantId": agent.chat.agent_connection_id() });
    assert_eq!(other.call("CreateTransport", stolen).await.kind(), "AccessDeniedException", "another's chat");
}

#[tokio::test]
async fn after_the_end_the_agent_reads_but_does_not_write_until_cleared() {
    let (sim, cti) = start(quick()).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    agent.say("hello").await;
    agent.end(&cti).await;
    let ask = json!({ "ContentType": "text/plain", "Content": "x" });
    assert_eq!(agent.ask("message", ask).await.status, 403, "nothing is sent after the end");
    assert_eq!(agent.ask("transcript", json!({})).await.status, 200, "but it can be read");
    cti.done("CompleteContact", json!({ "contactId": agent.chat.contact_id() })).await;
    assert_eq!(agent.ask("transcript", json!({})).await.status, 403, "until it is cleared");
}

#[tokio::test]
async fn the_customer_can_use_the_service_too_and_leave() {
    let (sim, cti) = start(quick()).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let full = json!({ "Type": ["WEBSOCKET", "CONNECTION_CREDENTIALS"] });
    let made = agent.ask_as(&agent.chat.customer_token(), "connection", full).await.json();
    let token = made["ConnectionCredentials"]["ConnectionToken"].as_str().unwrap().to_owned();
    let mut socket = Socket::open(made["Websocket"]["Url"].as_str().unwrap()).await.unwrap();
    socket.ask(&json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/chat"] } })).await;
    agent.say("hello customer").await;
    assert!(socket.json().await["content"].as_str().unwrap().contains("hello customer"), "the customer's own socket");
    let said = json!({ "ContentType": "text/plain", "Content": "from the web", "ClientToken": "c1" });
    assert_eq!(agent.ask_as(&token, "message", said).await.status, 200);
    let last = agent.chat.messages().pop().unwrap();
    assert_eq!((last.role, last.client_token.as_deref()), (ChatRole::Customer, Some("c1")));
    assert_eq!(agent.ask_as(&token, "disconnect", json!({ "ClientToken": "d1" })).await.status, 200);
    assert_eq!(agent.chat.expect_ended(SOON).await.unwrap(), ChatEndedBy::Customer);
}

#[tokio::test]
async fn a_client_token_sends_one_message_and_gets_one_id() {
    let (sim, cti) = start(quick()).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let ask = json!({ "ContentType": "text/plain", "Content": "once", "ClientToken": "same" });
    let (first, second) = (agent.ask("message", ask.clone()).await, agent.ask("message", ask).await);
    assert_form("message", &fixture("chat.participant-message.response.json"), &first.json());
    assert_eq!(first.json(), second.json(), "the same answer");
    assert_eq!(agent.chat.agent_messages().len(), 1, "one message");
    assert_eq!(agent.chat.agent_messages()[0].client_token.as_deref(), Some("same"));
    let event = json!({ "ContentType": format!("{EVENT}typing"), "ClientToken": "same" });
    let typed = agent.ask("event", event.clone()).await;
    assert_form("event", &fixture("chat.participant-event.response.json"), &typed.json());
    assert_ne!(typed.json()["Id"], first.json()["Id"], "another action, another id");
    agent.ask("event", event).await;
    assert_eq!(agent.chat.typing_seen().len(), 1, "one event");
    let refused = json!({ "ContentType": "text/plain", "Content": "", "ClientToken": "again" });
    assert_eq!(agent.ask("message", refused).await.status, 400);
    let good = json!({ "ContentType": "text/plain", "Content": "fine", "ClientToken": "again" });
    assert_eq!(agent.ask("message", good).await.status, 200, "a refusal does not use the token up");
}

#[tokio::test]
async fn what_the_service_does_not_take_is_a_validation_error() {
    let (sim, cti) = start(quick()).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let text = |content: &str| json!({ "ContentType": "text/plain", "Content": content });
    let interactive = "application/vnd.amazonaws.connect.message.interactive";
    let receipt = |content: &str| json!({ "ContentType": format!("{EVENT}message.read"), "Content": content });
    let upload = |name: &str, size: u64| json!({ "AttachmentName": name, "AttachmentSizeInBytes": size, "ContentType": "application/pdf" });
    let cases = [
        ("message", text("")),
        ("message", text(&"ü".repeat(16_385))),
        ("message", json!({ "ContentType": "text/html", "Content": "x" })),
        ("message", json!({ "ContentType": interactive, "Content": "{}" })),
        ("message", json!({ "ContentType": "application/json", "Content": "{" })),
        ("message", json!({ "ContentType": "text/plain", "Content": "x", "ClientToken": "t".repeat(501) })),
        ("event", json!({ "ContentType": format!("{EVENT}chat.ended") })),
        ("event", receipt("")),
        ("event", receipt("{}")),
        ("event", receipt("{\"messageId\":\"nobody\"}")),
        ("start-attachment-upload", upload("a.pdf", 0)),
        ("start-attachment-upload", upload("a.pdf", 20 * 1024 * 1024 + 1)),
        ("start-attachment-upload", upload("a.exe", 5)),
        ("start-attachment-upload", upload(&format!("{}.pdf", "n".repeat(253)), 5)),
        ("attachment", json!({ "AttachmentId": "x", "UrlExpiryInSeconds": 301 })),
        ("complete-attachment-upload", json!({ "AttachmentIds": [] })),
        ("transcript", json!({ "MaxResults": 101 })),
    ];
    for (path, body) in cases {
        let answer = agent.ask(path, body).await;
        let kind = answer.header("x-amzn-errortype").map(str::to_owned);
        assert_eq!((answer.status, kind.as_deref()), (400, Some("ValidationException")), "{path}: {}", answer.body);
    }
    assert_eq!(agent.ask("message", text(&"ü".repeat(16_384))).await.status, 200, "16 384 characters are allowed");
    assert_eq!(agent.ask("start-attachment-upload", upload("a.pdf", 20 * 1024 * 1024)).await.status, 200, "20 MB too");
    assert_eq!(agent.chat.agent_messages().len(), 1, "nothing of the rest was sent");
}

#[tokio::test]
async fn receipts_reach_the_customer_and_conflict_with_a_third_person() {
    let (sim, cti) = start(quick()).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let id = agent.chat.say("read me").unwrap();
    let content = json!({ "messageId": id }).to_string();
    let receipt = |kind: &str| json!({ "ContentType": format!("{EVENT}message.{kind}"), "Content": content });
    assert_eq!(agent.ask("event", receipt("delivered")).await.status, 200);
    agent.chat.wait_for_receipt(&id, false, SOON).await.unwrap();
    let message = agent.chat.messages().pop().unwrap();
    assert!(!message.delivered_to.is_empty() && message.read_by.is_empty(), "delivered, not read");
    agent.ask("event", receipt("read")).await;
    assert_eq!(agent.chat.messages().pop().unwrap().read_by, [agent.chat.agent_connection_id()], "read by the agent");
    assert_eq!(agent.chat.receipts_seen(), [(id.clone(), false), (id.clone(), true)], "in that order");
    let supervisor = agent.chat.participant_joined(ChatRole::Supervisor, "Lead").unwrap();
    let refused = agent.ask("event", receipt("read")).await;
    let wanted = fixture("chat.participant-error.conflict.json");
    assert_eq!((refused.status, refused.header("x-amzn-errortype")), (409, Some("ConflictException")));
    assert_form("conflict", &wanted["body"], &refused.json());
    agent.chat.participant_left(&supervisor).unwrap();
    assert_eq!(agent.ask("event", receipt("read")).await.status, 200, "two again");
    let item = agent.chat.transcript().into_iter().find(|i| i["Id"] == id.as_str()).unwrap();
    assert!(item["MessageMetadata"]["Receipts"][0]["ReadTimestamp"].is_string(), "the transcript knows it");
}

#[tokio::test]
async fn the_transcript_is_read_page_by_page() {
    let (sim, cti) = start(quick()).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let ids: Vec<String> = (0..30).map(|n| agent.chat.say(&format!("line {n}")).unwrap()).collect();
    let first = agent.ask("transcript", json!({ "StartPosition": {} })).await.json();
    let mut wanted = fixture("chat.participant-transcript.response.json");
    let message = wanted["Transcript"][1].clone();
    wanted["Transcript"] = json!([message]);
    assert_form("transcript", &wanted, &first);
    assert_eq!(first["Transcript"][14]["Id"], ids[29].as_str(), "the newest is last");
    let mut seen: Vec<String> = Vec::new();
    let mut token = Value::Null;
    loop {
        let body = json!({ "MaxResults": 7, "SortOrder": "DESCENDING", "NextToken": token });
        let page = agent.ask("transcript", body).await.json();
        seen.extend(page["Transcript"].as_array().unwrap().iter().map(|i| i["Id"].as_str().unwrap().to_owned()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen[2..], ids, "two joined events, then every line once, in order");
    let body = json!({ "ContactId": "somebody-elses" });
    assert_eq!(agent.ask("transcript", body).await.status, 403, "other conversations are closed");
}

#[tokio::test]
async fn a_blind_transfer_moves_the_conversation() {
    let (sim, cti) = start(quick()).await;
    let two = Cti { base: sim.base_url(), token: sim.token("agent.two") };
    let list = cti.done("GetEndpoints", json!({ "queueARNs": [] })).await["endpoints"].clone();
    let (to_agent, to_queue, to_phone) = (list[0].clone(), list[1].clone(), list[2].clone());
    for operation in ["TransferContact", "AddNewConnection", "CreateAdditionalConnection"] {
        let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
        let chat = &agent.chat;
        agent.say("I will hand you over").await;
        let body = |endpoint: &Value| json!({ "contactId": chat.contact_id(), "endpoint": endpoint });
        assert_eq!(cti.call(operation, body(&to_phone)).await.kind(), "BadEndpointException", "a chat has no phone");
        let endpoint = if operation == "TransferContact" { &to_queue } else { &to_agent };
        cti.done(operation, body(endpoint)).await;
        chat.expect_transferred(SOON).await.unwrap();
        let next = sim.expect_transferred_chat("agent.two", SOON).await.unwrap();
        let contact = chat_in(&two.snapshot().await, next.contact_id());
        assert_eq!(contact["initialContactId"], chat.contact_id(), "{operation}: the chain is known");
        let initiation = if operation == "TransferContact" { "queue_transfer" } else { "transfer" };
        assert_eq!(contact["initiationMethod"], initiation);
        let ask = json!({ "ContentType": "text/plain", "Content": "x" });
        assert_eq!(agent.ask("message", ask).await.status, 403, "the first agent is out");
        let second = Agent::take(&two, next).await;
        let transcript = second.ask("transcript", json!({})).await.json();
        assert!(transcript.to_string().contains("I will hand you over"), "the second agent reads what was said");
        second.say("Agent two here").await;
        assert!(!second.chat.is_over(), "the conversation goes on");
        second.end(&two).await;
        cti.done("ClearContact", json!({ "contactId": chat.contact_id() })).await;
        two.done("ClearContact", json!({ "contactId": second.chat.contact_id() })).await;
    }
}

#[tokio::test]
async fn a_transfer_to_somebody_away_fails_and_a_queue_waits() {
    let (sim, cti) = start(quick()).await;
    sim.agent("agent.two").set_state("Lunch").unwrap();
    let list = cti.done("GetEndpoints", json!({ "queueARNs": [] })).await["endpoints"].clone();
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let body = |endpoint: &Value| json!({ "contactId": agent.chat.contact_id(), "endpoint": endpoint });
    let mut socket = Socket::open(&address(&cti).await).await.unwrap();
    socket.ask(&json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/chat"] } })).await;
    cti.done("TransferContact", body(&list[0])).await;
    agent.chat.expect("a failed transfer", SOON, |f| f.transfer_failed.first().copied()).await.unwrap();
    assert_eq!(agent.chat.events().last().map(String::as_str), Some("transfer.failed"));
    agent.say("still here").await;
    cti.done("TransferContact", body(&list[1])).await;
    agent.chat.expect_transferred(SOON).await.unwrap();
    let mut kinds = Vec::new();
    for _ in 0..4 {
        let frame = socket.json().await;
        let item: Value = serde_json::from_str(frame["content"].as_str().unwrap()).unwrap();
        let kind = item["ContentType"].as_str().unwrap();
        kinds.push(kind.strip_prefix(EVENT).unwrap_or(kind).to_owned());
        if kinds.len() == 4 {
            let wanted = fixture("chat.ws-chat-transfer-succeeded.json");
            let content: Value = serde_json::from_str(wanted["content"].as_str().unwrap()).unwrap();
            assert_form("transfer", &content, &item);
        }
    }
    let wanted = ["transfer.failed", "text/plain", "participant.left", "transfer.succeeded"];
    assert_eq!(kinds, wanted, "the agent's socket tells both outcomes");
    agent.chat.say("to nobody yet").unwrap();
    let more = tokio::time::timeout(Duration::from_millis(200), socket.next()).await;
    assert!(more.is_err(), "and then nothing more of that conversation: {more:?}");
    let none = sim.expect_transferred_chat("agent.two", Duration::from_millis(400)).await;
    assert!(none.is_err_and(|e| e.is_unmet_expectation()), "the queue waits");
    sim.agent("agent.two").set_state("Available").unwrap();
    let next = sim.expect_transferred_chat("agent.two", SOON).await.unwrap();
    assert_eq!(next.initial_contact_id(), agent.chat.contact_id());
}

#[tokio::test]
async fn the_service_closes_a_socket_at_the_end_of_its_life() {
    let options = SimOptions { socket_closes_after: Some(Duration::from_millis(300)), ..quick() };
    let (sim, cti) = start(options).await;
    let mut socket = Socket::open(&address(&cti).await).await.unwrap();
    let begin = Instant::now();
    assert_eq!(tokio::time::timeout(SOON, socket.next()).await.expect("it ends"), None, "closed");
    assert!(begin.elapsed() >= Duration::from_millis(250), "not before its time");
    sim.close_sockets("agent.one", 1001);
    assert_eq!(sim.sockets("agent.one"), 0);
}

#[tokio::test]
async fn views_are_described_by_their_token() {
    let (sim, cti) = start(quick()).await;
    let agent = Agent::take(&cti, sim.offer_chat(OfferChat::to("agent.one")).await.unwrap()).await;
    let token = agent.chat.add_view(json!({ "Id": "v", "Content": { "Template": "{}" } }));
    assert_eq!(agent.get(&format!("views/{token}")).await.json()["View"]["Id"], "v");
    let unknown = agent.get("views/nothing").await;
    assert_eq!((unknown.status, unknown.header("x-amzn-errortype")), (404, Some("ResourceNotFoundException")));
}
