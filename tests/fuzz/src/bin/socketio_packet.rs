//! Text frames of Socket.IO: what is read can be written and reads the same again.
#![no_main]

use serde_json::Value;
use trunkline_fuzz::{bounded, fuzz, same};
use trunkline_wire::socketio::{Body, EnginePacket, MOST_ATTACHMENTS, Packet, decode, encode};

fuzz!(|data: &[u8]| {
    let Ok(frame) = std::str::from_utf8(data) else { return };
    let Ok(packet) = decode(frame) else { return };
    bounded(frame.len(), &packet);
    let EnginePacket::Message(packet) = packet else { return };
    let without_bytes = as_text(packet);
    let written = encode(&without_bytes);
    let again = decode(&written);
    let Ok(EnginePacket::Message(again)) = again else { panic!("{written:?} reads as {again:?}") };
    assert!(alike(&again, &without_bytes), "{again:?} is not {without_bytes:?}");
});

/// Nothing with attachments is ever written: the same without them.
fn as_text(mut packet: Packet) -> Packet {
    match &mut packet.body {
        Body::Event { attachments, .. } | Body::Ack { attachments, .. } => {
            assert!(*attachments <= MOST_ATTACHMENTS, "more are refused");
            *attachments = 0;
        }
        _ => {}
    }
    packet
}

fn alike(one: &Packet, other: &Packet) -> bool {
    let lists = |one: &[Value], other: &[Value]| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
    };
    one.namespace == other.namespace
        && match (&one.body, &other.body) {
            (Body::Connect(one), Body::Connect(other)) => same(one, other),
            (Body::Disconnect, Body::Disconnect) => true,
            (Body::Event { name, args, ack, .. }, Body::Event { name: n, args: a, ack: k, .. }) => {
                name == n && ack == k && lists(args, a)
            }
            (Body::Ack { id, args, .. }, Body::Ack { id: i, args: a, .. }) => id == i && lists(args, a),
            (Body::ConnectError { message, data }, Body::ConnectError { message: m, data: d }) => {
                message == m && same(data, d)
            }
            _ => false,
        }
}
