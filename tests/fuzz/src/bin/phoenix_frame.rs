//! Frames of Phoenix channels: `t` and a text frame, `b` and a binary one. What is
//! read can be written, as far as a client writes it, and reads the same again.
#![no_main]

use bytes::Bytes;
use trunkline_fuzz::{bounded, fuzz, same};
use trunkline_wire::phoenix::{Encoded, Message, Payload, decode_binary, decode_text, encode};

fuzz!(|data: &[u8]| match data.split_first() {
    Some((b't', frame)) => text(&String::from_utf8_lossy(frame)),
    Some((b'b', frame)) => binary(&Bytes::copy_from_slice(frame)),
    _ => {}
});

fn text(frame: &str) {
    let Ok(message) = decode_text(frame) else { return };
    bounded(frame.len(), &message);
    let Ok(Encoded::Text(written)) = encode(&message) else { panic!("JSON is written as text") };
    let again = decode_text(&written);
    let Ok(again) = again else { panic!("{written:?} reads as {again:?}") };
    let (Payload::Json(one), Payload::Json(other)) = (&message.payload, &again.payload) else { panic!("text is JSON") };
    assert!(same(one, other) && heads(&message) == heads(&again), "{again:?} is not {message:?}");
}

fn binary(frame: &Bytes) {
    let Ok(message) = decode_binary(frame) else { return };
    bounded(frame.len(), &message);
    let Payload::Bytes(data) = &message.payload else {
        assert!(encode(&message).is_err(), "a client sends no replies");
        return;
    };
    assert!(frame.ends_with(data), "what it carries is not looked at");
    // What was no UTF-8 was replaced, and may be longer than a name can be.
    let Ok(Encoded::Binary(written)) = encode(&message) else { return };
    // Ours have a reference after the join's, which the server's have not.
    let sizes: Vec<usize> = written[1..5].iter().copied().map(usize::from).collect();
    let (join_ref, reference) = (sizes[0], sizes[1]);
    assert_eq!(reference, 0, "the server gave none");
    let mut theirs = vec![0, written[1], written[3], written[4]];
    theirs.extend_from_slice(&written[5..]);
    let again = decode_binary(&Bytes::from(theirs));
    let Ok(again) = again else { panic!("{written:?} reads as {again:?}") };
    assert_eq!(again, message, "{join_ref} bytes of the join's reference");
}

fn heads(message: &Message) -> (&Option<String>, &Option<String>, &str, &str) {
    (&message.join_ref, &message.reference, &message.topic, &message.event)
}
