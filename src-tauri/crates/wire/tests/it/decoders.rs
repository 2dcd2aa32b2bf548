//! The decoders on anything: no panic, nothing lost, and back again.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use trunkline_wire::phoenix::{
    Client, DecodeError, EncodeError, Encoded, Message, Payload, Presence, Timing, decode_binary, decode_text, encode,
};

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = decode_text(&text);
    }

    #[test]
    fn any_json_is_read_or_refused(value in json_value()) {
        let five = value.as_array().is_some_and(|parts| parts.len() == 5);
        prop_assert!(five || decode_text(&value.to_string()) == Err(DecodeError::NotFive));
    }

    #[test]
    fn a_text_message_survives_both_ways(
        join_ref in prop::option::of(".{0,8}"), reference in prop::option::of(".{0,8}"),
        topic in ".{0,40}", event in ".{0,40}", payload in json_value(),
    ) {
        let message = Message { join_ref, reference, topic, event, payload: Payload::Json(payload) };
        let Ok(Encoded::Text(text)) = encode(&message) else { panic!("JSON is text") };
        prop_assert_eq!(decode_text(&text), Ok(message));
    }

    #[test]
    fn any_bytes_are_read_or_refused(frame in prop::collection::vec(any::<u8>(), 0..64), kind in 0u8..4) {
        let _ = decode_binary(&Bytes::from(frame.clone()));
        let mut with_kind = vec![kind];
        with_kind.extend(frame);
        let frame = Bytes::from(with_kind);
        let expected_kind = decode_binary(&frame) == Err(DecodeError::Kind(3));
        prop_assert_eq!(expected_kind, kind == 3);
    }

    #[test]
    fn a_binary_frame_cut_short_is_refused_or_has_less_data(data in prop::collection::vec(any::<u8>(), 0..16), cut in 0usize..40) {
        let mut frame = b"\x01\x01\x02\x06\x02142room:1ok".to_vec();
        let names = frame.len();
        frame.extend(&data);
        frame.truncate(cut);
        match decode_binary(&Bytes::from(frame.clone())) {
            Ok(message) => {
                prop_assert!(cut >= names);
                let response = Bytes::copy_from_slice(&frame[names..]);
                prop_assert_eq!(message.payload, Payload::BytesReply { status: "ok".to_owned(), response });
            }
            Err(error) => {
                prop_assert!(cut < names);
                prop_assert_eq!(error, DecodeError::Short);
            }
        }
    }

    #[test]
    fn a_binary_push_is_written_with_the_sizes_of_its_names(
        join_ref in "[a-z0-9]{0,9}", reference in "[0-9]{1,9}", topic in ".{0,80}", event in ".{0,300}", data in prop::collection::vec(any::<u8>(), 0..32),
    ) {
        let payload = Payload::Bytes(Bytes::from(data.clone()));
        let names = [join_ref.clone(), reference.clone(), topic.clone(), event.clone()];
        let message = Message { join_ref: Some(join_ref), reference: Some(reference), topic, event, payload };
        match encode(&message) {
            Ok(Encoded::Binary(frame)) => {
                prop_assert_eq!(frame[0], 0, "the kind");
                let sizes: Vec<usize> = frame[1..5].iter().map(|size| usize::from(*size)).collect();
                prop_assert_eq!(sizes, names.iter().map(String::len).collect::<Vec<_>>());
                let rest = [names.concat().into_bytes(), data].concat();
                prop_assert_eq!(&frame[5..], &rest[..]);
            }
            Err(error) => {
                prop_assert_eq!(error, EncodeError::TooLong);
                prop_assert!(names.iter().any(|name| name.len() > 255));
            }
            Ok(Encoded::Text(text)) => prop_assert!(false, "bytes became text: {}", text),
        }
    }

    #[test]
    fn any_presence_is_applied_or_refused(payloads in prop::collection::vec((any::<bool>(), json_value()), 0..12)) {
        let mut presence = Presence::default();
        for (state, payload) in payloads {
            let _ = presence.receive("1", if state { "presence_state" } else { "presence_diff" }, &payload);
            prop_assert!(presence.list().values().all(|entry| !entry.metas.is_empty()) || state);
        }
    }

    #[test]
    fn any_frames_leave_a_client_alive(
        frames in prop::collection::vec((prop::option::of("[0-4]"), prop::option::of("[0-9]"), "[ab]", "phx_reply|phx_error|phx_close|x|heartbeat", json_value(), 0u64..20_000), 0..60),
    ) {
        let mut now = std::time::Instant::now();
        let mut client = Client::new(Timing::default(), || 0.5);
        client.connect();
        client.join("a", json!({}), now);
        client.join("b", json!({}), now);
        client.opened(1, now);
        for (join_ref, reference, topic, event, payload, wait) in frames {
            let payload = if event == "phx_reply" { json!({ "status": "ok", "response": payload }) } else { payload };
            client.text(1, &json!([join_ref, reference, topic, event, payload]).to_string(), now);
            now += std::time::Duration::from_millis(wait);
            let before = client.deadline();
            client.tick(now);
            prop_assert!(client.deadline().is_none_or(|at| at > now || before != Some(at)), "time goes on");
            while client.poll().is_some() {}
        }
    }
}
