#![allow(clippy::unwrap_used, clippy::expect_used)]
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::fixture;

const CTI: &str = "amazon-connect";
const RTC: &str = "amazon-connect-softphone";

fn snapshot_of<T: serde::de::DeserializeOwned + std::fmt::Debug>(set: &str, name: &str) -> T {
    decode(&fixture::bytes(set, name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_snapshot_fixture_decodes_as_before() {
    for name in fixture::names(CTI, "snapshot.") {
        let reply: SnapshotReply = snapshot_of(CTI, &name);
        assert!(reply.snapshot.unreadable.is_empty(), "{name}: every contact is readable");
        insta::assert_debug_snapshot!(name.trim_end_matches(".json"), reply);
    }
}

#[test]
fn replies_decode_as_before() {
    insta::assert_debug_snapshot!(
        "configuration",
        snapshot_of::<ConfigurationReply>(CTI, "get-agent-configuration.extended.response.json")
    );
    insta::assert_debug_snapshot!(
        "permissions",
        snapshot_of::<PermissionsPage>(CTI, "get-agent-permissions.response.json")
    );
    insta::assert_debug_snapshot!("states", snapshot_of::<StatesPage>(CTI, "get-agent-states.response.json"));
    insta::assert_debug_snapshot!(
        "countries",
        snapshot_of::<CountryCodesPage>(CTI, "get-dialable-country-codes.response.json")
    );
    insta::assert_debug_snapshot!(
        "queues",
        snapshot_of::<QueuesPage>(CTI, "get-routing-profile-queues.page2.response.json")
    );
    insta::assert_debug_snapshot!(
        "transport_socket",
        snapshot_of::<TransportReply>(CTI, "create-transport.web-socket.response.json")
    );
    insta::assert_debug_snapshot!(
        "transport_softphone",
        snapshot_of::<TransportReply>(RTC, "create-transport-softphone.response.json")
    );
    insta::assert_debug_snapshot!("call_config", snapshot_of::<CallConfig>(RTC, "call-config.json"));
    insta::assert_debug_snapshot!("call_config_v1", snapshot_of::<CallConfig>(RTC, "call-config.ccpv1.json"));
    insta::assert_debug_snapshot!(
        "contact_connecting",
        snapshot_of::<Contact>(RTC, "snapshot-contact-voice-connecting.json")
    );
}

#[test]
fn every_error_fixture_decodes_as_before() {
    for name in fixture::names(CTI, "error.") {
        let recorded = fixture::json(CTI, &name);
        let Some(status) = recorded.get("status").and_then(Value::as_u64) else {
            continue;
        };
        let mut headers = http::HeaderMap::new();
        for (key, value) in recorded["headers"].as_object().unwrap() {
            headers.insert(
                http::HeaderName::from_bytes(key.as_bytes()).unwrap(),
                value.as_str().unwrap().parse().unwrap(),
            );
        }
        let body = match recorded.get("bodyText").and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => recorded["body"].to_string(),
        };
        let error = ServiceError::read(u16::try_from(status).unwrap(), &headers, body.as_bytes());
        insta::assert_debug_snapshot!(name.trim_end_matches(".json"), error);
    }
}

#[rstest]
#[case("error.unauthorized.json", 401, (true, false, false, false))]
#[case("error.access-denied.json", 403, (false, true, false, false))]
#[case("error.throttling.json", 429, (false, false, true, false))]
#[case("error.internal.json", 500, (false, false, false, true))]
#[case("error.invalid-state.json", 400, (false, false, false, false))]
fn errors_answer_the_questions_that_matter(
    #[case] name: &str,
    #[case] status: u16,
    #[case] expected: (bool, bool, bool, bool),
) {
    let body = fixture::json(CTI, name)["body"].to_string();
    let error = ServiceError::read(status, &http::HeaderMap::new(), body.as_bytes());
    let answers = (error.is_unauthorized(), error.is_access_denied(), error.is_throttling(), error.is_server_failure());
    assert_eq!(answers, expected, "unauthorized, denied, throttling, server failure");
}

#[test]
fn requests_have_the_recorded_form() {
    let operations = fixture::json(CTI, "operations.json");
    let recorded = |method: &str| {
        let list = operations["operations"].as_array().unwrap();
        list.iter().find(|operation| operation["method"] == method).unwrap_or_else(|| panic!("{method}")).clone()
    };
    let contact_id = "6f0c2b1e-8f43-4c0f-9d5d-2f5b7a3c1e90".to_owned();
    let connection = |method: &str| recorded(method)["request"]["connectionId"].as_str().unwrap().to_owned();
    let state = StateChoice {
        arn: recorded("putAgentState")["request"]["state"]["agentStateARN"].as_str().unwrap().to_owned(),
        kind: AgentStateType::NotRoutable,
        name: "Lunch".to_owned(),
    };
    let page = (None, 500);
    let ours = [
        (
            "getAgentSnapshot",
            Operation::GetAgentSnapshot { next_token: Some("EXAMPLE-NEXT-TOKEN-001".to_owned()), timeout_ms: 30_000 },
        ),
        ("getAgentConfiguration", Operation::GetAgentConfiguration),
        ("getAgentPermissions", Operation::GetAgentPermissions { next_token: page.0.clone(), max_results: page.1 }),
        ("getAgentStates", Operation::GetAgentStates { next_token: page.0.clone(), max_results: page.1 }),
        (
            "getDialableCountryCodes",
            Operation::GetDialableCountryCodes { next_token: page.0.clone(), max_results: page.1 },
        ),
        ("putAgentState", Operation::PutAgentState { state, enqueue_next_state: false }),
        ("acceptContact", Operation::AcceptContact { contact_id: contact_id.clone() }),
        ("rejectContact", Operation::RejectContact { contact_id: contact_id.clone() }),
        ("clearContact", Operation::ClearContact { contact_id: contact_id.clone() }),
        (
            "destroyConnection",
            Operation::DestroyConnection {
                contact_id: contact_id.clone(),
                connection_id: connection("destroyConnection"),
            },
        ),
        (
            "holdConnection",
            Operation::HoldConnection { contact_id: contact_id.clone(), connection_id: connection("holdConnection") },
        ),
        (
            "resumeConnection",
            Operation::ResumeConnection {
                contact_id: contact_id.clone(),
                connection_id: connection("resumeConnection"),
            },
        ),
        (
            "toggleActiveConnections",
            Operation::ToggleActiveConnections {
                contact_id: contact_id.clone(),
                connection_id: connection("toggleActiveConnections"),
            },
        ),
        ("conferenceConnections", Operation::ConferenceConnections { contact_id: contact_id.clone() }),
        (
            "createAdditionalConnection",
            Operation::CreateAdditionalConnection { contact_id, endpoint: Box::new(Endpoint::number("+12025550177")) },
        ),
        (
            "createOutboundContact",
            Operation::CreateOutboundContact {
                endpoint: Box::new(Endpoint::number("+12025550123")),
                queue_arn: recorded("createOutboundContact")["request"]["queueARN"].as_str().map(str::to_owned),
                related_contact_id: recorded("createOutboundContact")["request"]["relatedContactId"]
                    .as_str()
                    .map(str::to_owned),
            },
        ),
    ];
    for (method, operation) in ours {
        let recorded = recorded(method);
        let target = format!("AmazonConnectCTIService.{}", operation.name());
        assert_eq!(recorded["target"], target, "target of {method}");
        assert_eq!(operation.body("EXAMPLE-AUTH-TOKEN"), recorded["request"], "body of {method}");
    }
    let first = fixture::json(CTI, "get-agent-snapshot.first.request.json");
    let poll = Operation::GetAgentSnapshot { next_token: None, timeout_ms: 30_000 };
    assert_eq!(poll.body("EXAMPLE-AUTH-TOKEN"), first, "the first poll has no token member at all");
    let softphone = fixture::json(RTC, "create-transport-softphone.request.json");
    let operation = Operation::CreateSoftphoneTransport { softphone_client_id: "1763690000000-k3v9x2m7q1".to_owned() };
    assert_eq!(operation.body("EXAMPLE-AUTH-TOKEN"), softphone, "CreateTransport softphone");
    let socket = fixture::json(RTC, "create-transport-websocket.request.json");
    assert_eq!(Operation::CreateWebSocketTransport.body("EXAMPLE-AUTH-TOKEN"), socket, "CreateTransport web_socket");
}

#[test]
fn signalling_messages_have_the_recorded_form() {
    let connection = "b7a1f2d4-3c58-4d3b-8a21-5f1f6d0e9c77";
    let contact = "6f0c2b1e-8f43-4c0f-9d5d-2f5b7a3c1e90".to_owned();
    let token = || Some(Private::new("EXAMPLE-CALL-CONTEXT-TOKEN"));
    let peer = Peer {
        id: Some("pc-9d1f4a72-0b3e-4c6d-8e25-7f1a9c3b5d60".to_owned()),
        token: Some(Private::new("EXAMPLE-PEER-CONNECTION-TOKEN")),
    };
    let browser_id = "2c1d7a60-54e9-4f0b-9a7c-1b6f3e8d2a45".to_owned();
    let same = |name: &str, message: &Outgoing, patch: &dyn Fn(&mut Value)| {
        let mut recorded = fixture::json(RTC, name);
        patch(&mut recorded);
        let id = recorded["jsonRpcMsg"]["id"].clone();
        let ours: Value = serde_json::from_str(&message.frame(connection, &id)).unwrap();
        assert_eq!(ours, recorded, "{name}");
    };
    let params = |name: &str| fixture::json(RTC, name)["jsonRpcMsg"]["params"].clone();
    let offer = params("rpc-invite.v2.json");
    same(
        "rpc-invite.v2.json",
        &Outgoing::Invite {
            sdp: offer["sdp"].as_str().unwrap().to_owned(),
            candidates: serde_json::from_value(offer["candidates"].clone()).unwrap(),
            call_context_token: token(),
            contact_id: contact.clone(),
            browser_id: browser_id.clone(),
            keep: Keep::default(),
        },
        &|_| {},
    );
    let again = params("rpc-invite.v2-ice-restart.json");
    same(
        "rpc-invite.v2-ice-restart.json",
        &Outgoing::InviteRestart {
            sdp: again["sdp"].as_str().unwrap().to_owned(),
            candidates: serde_json::from_value(again["candidates"].clone()).unwrap(),
            browser_id,
            peer: peer.clone(),
            keep: Keep { persistent: true, extended: false },
        },
        &|_| {},
    );
    same(
        "rpc-connect-contact.json",
        &Outgoing::ConnectContact { contact_id: contact.clone(), call_context_token: token(), peer: peer.clone() },
        &|_| {},
    );
    same(
        "rpc-disconnect-contact.json",
        &Outgoing::DisconnectContact { contact_id: contact.clone(), peer: peer.clone() },
        &|_| {},
    );
    let keep = Keep::default();
    same("rpc-accept.v2.json", &Outgoing::Accept { contact_id: contact.clone(), peer: peer.clone(), keep }, &|_| {});
    same(
        "rpc-bye.client.json",
        &Outgoing::Bye { contact_id: contact, call_context_token: token(), peer, keep },
        &|_| {},
    );
    same("rpc-bye.server.reply.json", &Outgoing::Done, &|_| {});
}

#[test]
fn messages_of_the_service_are_read() {
    let read = |name: &str| match WireFrame::decode(&fixture::text(RTC, name)) {
        WireFrame::Data { topic: Topic::Softphone, content } => {
            decode_content(&content).unwrap_or_else(|| panic!("{name}"))
        }
        other => panic!("{name}: {other:?}"),
    };
    for code in [400, 403, 404, 408, 409, 486, 500] {
        let message = read(&format!("rpc-invite-error.{code}.json"));
        assert!(matches!(message.body, RpcBody::Failure { error, .. } if error.code == code), "code {code} is read");
    }
    assert!(matches!(read("rpc-answer.media-cluster.json").body, RpcBody::Result { .. }), "an answer");
    assert!(matches!(read("rpc-answer.legacy-path.json").body, RpcBody::Result { .. }), "the older path's answer");
    assert!(
        matches!(read("rpc-bye.server.json").body, RpcBody::Call { method, id: Some(_), .. } if method == "bye"),
        "a bye"
    );
    let drop = read("rpc-pcbye.server.json");
    assert!(
        matches!(drop.body, RpcBody::Call { peer_connection_id: Some(_), .. }),
        "PCBye's id stands beside the method"
    );
    assert!(read("notify-quota-breached.json").client_id.is_some(), "a notice to the whole client");
    let subscribed = WireFrame::decode(&fixture::text(RTC, "ws-subscribe.success.json"));
    assert_eq!(
        subscribed,
        WireFrame::Subscribed { success: true, topics: vec!["aws/softphone".to_owned()] },
        "granted"
    );
    let refused = WireFrame::decode(&fixture::text(RTC, "ws-subscribe.failure.json"));
    assert!(matches!(refused, WireFrame::Subscribed { success: false, .. }), "refused");
    let ours: Value = serde_json::from_str(&WireFrame::subscribe(&[Topic::Softphone])).unwrap();
    assert_eq!(ours, fixture::json(RTC, "ws-subscribe.request.json"), "our subscription has the recorded form");
    let beat: Value = serde_json::from_str(&WireFrame::heartbeat()).unwrap();
    assert_eq!(beat, fixture::json(RTC, "ws-heartbeat.json"), "our heartbeat has the recorded form");
}

#[test]
fn an_escaped_call_configuration_is_the_same_configuration() {
    let escaped = fixture::json(RTC, "softphone-media-info.html-escaped.json");
    let escaped = CallConfig::parse(escaped["callConfigJson"].as_str().unwrap()).unwrap();
    let plain = CallConfig::parse(&fixture::text(RTC, "call-config.json")).unwrap();
    assert_eq!(escaped, plain, "quotes as &quot; mean the same");
    assert!(plain.ice_servers[0].urls[0].contains(".:3478"), "the dot after the host stays: media deals with it");
}

#[rstest]
#[case(json!(1786200060.5), Some(1786200060.5))]
#[case(json!(1786207200000i64), Some(1786207200.0))]
#[case(json!("2026-08-08T16:40:00.000Z"), Some(1786207200.0))]
#[case(json!("Sat, 08 Aug 2026 16:40:00 GMT"), Some(1786207200.0))]
#[case(json!("soon"), None)]
#[case(json!({}), None)]
fn times_are_read_in_every_form(#[case] value: Value, #[case] seconds: Option<f64>) {
    assert_eq!(serde_json::from_value::<Timestamp>(value).ok().map(|time| time.0), seconds, "section 3.3");
}

#[test]
fn a_broken_contact_does_not_hide_the_others() {
    let mut reply = fixture::json(CTI, "snapshot.voice-two-calls.json");
    let contacts = reply["snapshot"]["contacts"].as_array_mut().unwrap();
    contacts[0].as_object_mut().unwrap().remove("state");
    let id = contacts[0]["contactId"].as_str().unwrap().to_owned();
    let reply: SnapshotReply = serde_json::from_value(reply).unwrap();
    assert_eq!(reply.snapshot.contacts.len(), 1, "the readable contact is there");
    assert_eq!(reply.snapshot.unreadable[0].contact_id.as_deref(), Some(id.as_str()), "the other is named, not lost");
}

#[test]
fn only_a_snapshot_without_state_is_refused() {
    let with = |snapshot: Value| serde_json::from_value::<SnapshotReply>(json!({"snapshot": snapshot}));
    let state = json!({"type": "routable", "name": "Available"});
    assert!(with(json!({"state": state})).is_ok(), "nothing else is required");
    assert!(
        with(json!({"state": state, "nextState": 7, "snapshotTimestamp": [], "contacts": null})).is_ok(),
        "odd optional members"
    );
    assert!(with(json!({"contacts": []})).is_err(), "no state");
    assert!(
        with(json!({"state": state, "contacts": "none"})).is_err(),
        "contacts of another type: live calls must not vanish"
    );
}

#[test]
fn the_directory_is_asked_for_and_read_in_the_recorded_form() {
    let recorded = fixture::json(CTI, "get-endpoints.request.json");
    let queues = recorded["queueARNs"].as_array().unwrap().iter().map(|arn| arn.as_str().unwrap().to_owned());
    let operation = Operation::GetEndpoints { queue_arns: queues.collect(), next_token: None, max_results: 500 };
    assert_eq!(operation.body("EXAMPLE-AUTH-TOKEN"), recorded, "GetEndpoints");
    let page: EndpointsPage = decode(&fixture::bytes(CTI, "get-endpoints.page1.response.json")).unwrap();
    assert_eq!(page.next_token.as_deref(), Some("EXAMPLE-PAGE-2"), "more follows");
    let kinds: Vec<_> = page.endpoints.iter().map(|entry| entry.kind.as_deref()).collect();
    assert_eq!(kinds, [Some("agent"), Some("queue")], "both entries");
    let queue = page.endpoints[1].request();
    assert_eq!(queue["queue"]["name"], "Support", "a queue goes back with its queue: {queue}");
    let members = queue.as_object().unwrap();
    assert!(members.values().all(|value| !value.is_null()), "and without empty members: {queue}");
}

#[test]
fn an_odd_entry_does_not_hide_the_directory() {
    let page =
        json!({"endpoints": [7, {"endpointARN": "arn-one", "type": "agent", "name": "One"}, null], "nextToken": 5});
    let page: EndpointsPage = serde_json::from_value(page).unwrap();
    assert_eq!(page.endpoints.len(), 1, "what can be read is read");
    assert_eq!(page.next_token, None, "a token that is no text ends the list");
    assert!(serde_json::from_value::<EndpointsPage>(json!({"endpoints": {}})).is_err(), "no list is no directory");
}

#[test]
fn debug_shows_nothing_private() {
    let shown = format!("{:?}", snapshot_of::<SnapshotReply>(CTI, "snapshot.voice-connected.json"));
    for private in ["EXAMPLE-CALL-CONTEXT-TOKEN", "EXAMPLE-TURN-CREDENTIAL", "+12025550123", "Ana Example", "gold"] {
        assert!(!shown.contains(private), "{private} must not be in a log line");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512), status in 100u16..600) {
        let _ = decode::<SnapshotReply>(&bytes);
        let _ = decode::<ConfigurationReply>(&bytes);
        let _ = decode::<TransportReply>(&bytes);
        let _ = decode::<EndpointsPage>(&bytes);
        let _ = ServiceError::read(status, &http::HeaderMap::new(), &bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = WireFrame::decode(&text);
        let _ = decode_content(&text);
        let _ = CallConfig::parse(&text);
        let _ = Timestamp::parse(&text);
    }

    #[test]
    fn no_damage_to_a_real_snapshot_makes_it_panic(at in 0usize..4000, with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = fixture::bytes(CTI, "snapshot.voice-conference.json");
        let at = at % bytes.len();
        if cut { bytes.truncate(at) } else { bytes[at] = with }
        let _ = decode::<SnapshotReply>(&bytes);
    }
}

#[test]
fn handing_over_and_pausing_have_the_recorded_form() {
    let operations = fixture::json(CTI, "operations.json");
    let list = operations["operations"].as_array().unwrap();
    for method in ["pauseContact", "resumeContact", "addNewConnection", "transferContact"] {
        let recorded = list.iter().find(|operation| operation["method"] == method).unwrap();
        let request = &recorded["request"];
        let contact_id = request["contactId"].as_str().unwrap().to_owned();
        let endpoint = || Box::new(serde_json::from_value::<Endpoint>(request["endpoint"].clone()).unwrap());
        let ours = match method {
            "pauseContact" => Operation::PauseContact { contact_id },
            "resumeContact" => Operation::ResumeContact { contact_id },
            "addNewConnection" => Operation::AddNewConnection { contact_id, endpoint: endpoint() },
            _ => Operation::TransferContact { contact_id, endpoint: endpoint() },
        };
        assert_eq!(format!("AmazonConnectCTIService.{}", ours.name()), recorded["target"], "{method}");
        assert_eq!(&ours.body("EXAMPLE-AUTH-TOKEN"), request, "{method}: section 4.1");
    }
    let recorded = fixture::json("amazon-connect-chat", "create-transport-chat-token.request.json");
    let text = |name: &str| recorded[name].as_str().unwrap().to_owned();
    let ours = Operation::CreateChatToken { participant_id: text("participantId"), contact_id: text("contactId") };
    assert_eq!(ours.body("EXAMPLE-AUTH-TOKEN"), recorded, "section 4.4");
}

#[test]
fn calls_of_the_participant_service_have_the_recorded_form() {
    let event = |event, client_token: &str, message: Option<&str>| ParticipantCall::SendEvent {
        event,
        message_id: message.map(str::to_owned),
        client_token: client_token.to_owned(),
    };
    let message = |content_type, content: &str, client_token: &str| ParticipantCall::SendMessage {
        content_type,
        content: Private::new(content),
        client_token: client_token.to_owned(),
    };
    let ours = [
        ("participant-connection.ack", ParticipantCall::Acknowledge),
        ("participant-connection.full", ParticipantCall::Connect),
        (
            "participant-message",
            message("text/plain", "Hello, how can I help?", "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"),
        ),
        (
            "participant-message.markdown",
            message("text/markdown", "**Order 17** is on its way", "1a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"),
        ),
        ("participant-event.typing", event(EventType::Typing, "2a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", None)),
        ("participant-event.read", event(EventType::Read, "3a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", Some("msg-0002"))),
        (
            "participant-event.delivered",
            event(EventType::Delivered, "4a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", Some("msg-0002")),
        ),
        ("participant-transcript", ParticipantCall::GetTranscript { most: 15, next_token: None, from: None }),
        (
            "participant-start-upload",
            ParticipantCall::StartUpload {
                name: Private::new("label.pdf"),
                content_type: "application/pdf".to_owned(),
                size: 48_213,
                client_token: "5a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d".to_owned(),
            },
        ),
        (
            "participant-complete-upload",
            ParticipantCall::CompleteUpload {
                attachment: "att-0001".to_owned(),
                client_token: "6a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d".to_owned(),
            },
        ),
        ("participant-get-attachment", ParticipantCall::GetAttachment { attachment: "att-0001".to_owned() }),
    ];
    for (name, call) in ours {
        let recorded = fixture::json("amazon-connect-chat", &format!("{name}.request.json"));
        assert_eq!(format!("/participant/{}", call.path()), recorded["path"], "{name}");
        assert_eq!(call.body(), recorded["body"], "{name}: chat document, section 5");
        let bearer = if call.takes_participant_token() { "PARTICIPANT" } else { "CONNECTION" };
        assert_eq!(recorded["headers"]["X-Amz-Bearer"], format!("EXAMPLE-{bearer}-TOKEN"), "{name}: its token");
        let shown = format!("{call:?}");
        assert!(!shown.contains("Hello") && !shown.contains("Order 17"), "{name}: no words in a log: {shown}");
    }
}

#[test]
fn a_view_is_asked_for_by_its_token() {
    let recorded = fixture::json("amazon-connect-chat", "participant-describe-view.request.json");
    let call = ParticipantCall::DescribeView { token: Private::new("EXAMPLE-VIEW-TOKEN") };
    let base = url::Url::parse("https://participant.connect.eu-central-1.amazonaws.com/participant/").unwrap();
    assert_eq!(call.address(&base).unwrap().path(), recorded["path"].as_str().unwrap(), "chat document, section 5");
    assert!(call.reads() && !call.takes_participant_token(), "a GET with the connection token");
    let hostile = ParticipantCall::DescribeView { token: Private::new("../connection?x=#") };
    let path = hostile.address(&base).unwrap().path().to_owned();
    assert!(path.starts_with("/participant/views/") && path.ends_with("%3Fx=%23"), "no way out of the path: {path}");
}

#[test]
fn replies_and_errors_of_the_participant_service_are_read() {
    let body = |name: &str| fixture::bytes("amazon-connect-chat", &format!("{name}.response.json"));
    assert_eq!(decode::<SentReply>(&body("participant-message")).unwrap().id, "msg-0001", "SendMessage");
    let upload: UploadReply = decode(&body("participant-start-upload")).unwrap();
    assert_eq!(upload.upload_metadata.headers_to_include.len(), 2, "headers of the signature");
    assert!(!format!("{upload:?}").contains("X-Amz-Signature"), "a signed address is not shown");
    let transport: TransportReply = decode(&body("create-transport-chat-token")).unwrap();
    let token = transport.chat_token_transport.unwrap();
    assert_eq!(token.participant_token.expose(), "EXAMPLE-CONNECTION-TOKEN", "CreateTransport");
    assert!(token.expiry.is_some(), "with its end");
    for (name, denied, conflict, throttled) in
        [("access-denied", true, false, false), ("conflict", false, true, false), ("throttling", false, false, true)]
    {
        let recorded = fixture::json("amazon-connect-chat", &format!("participant-error.{name}.json"));
        let mut headers = http::HeaderMap::new();
        let kind = recorded["headers"]["x-amzn-ErrorType"].as_str().unwrap();
        headers.insert("x-amzn-errortype", format!("aws#{kind},extra:http://x").parse().unwrap());
        let error = ServiceError::read(
            recorded["status"].as_u64().unwrap() as u16,
            &headers,
            recorded["body"].to_string().as_bytes(),
        );
        let classes = (error.is_access_denied(), error.is_conflict(), error.is_throttling());
        assert_eq!(classes, (denied, conflict, throttled), "{name}");
        assert_eq!(error.code.as_str(), kind, "{name}: cut as section 5 says");
    }
}
