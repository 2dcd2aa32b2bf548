//! The server's half of serialiser 2.0.0.

use serde_json::{Value, json};

/// What a frame carries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Json(Value),
    Bytes(Vec<u8>),
}

/// A message of a client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Incoming {
    pub join_ref: Option<String>,
    pub reference: Option<String>,
    pub topic: String,
    pub event: String,
    pub body: Body,
}

/// A message to clients.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outgoing {
    Reply {
        join_ref: Option<String>,
        reference: Option<String>,
        topic: String,
        status: String,
        body: Body,
    },
    Push {
        join_ref: String,
        topic: String,
        event: String,
        body: Body,
    },
    Broadcast {
        topic: String,
        event: String,
        body: Body,
    },
    /// `phx_close` and `phx_error` name the join twice.
    End {
        join_ref: String,
        topic: String,
        event: &'static str,
        body: Value,
    },
}

/// A frame on its way out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Line {
    Text(String),
    Bytes(Vec<u8>),
}

/// Reads a text frame; anything but five parts of the right kinds is none.
pub(crate) fn read_text(text: &str) -> Option<Incoming> {
    type Five = (Option<String>, Option<String>, String, String, Value);
    let (join_ref, reference, topic, event, body) = serde_json::from_str::<Five>(text).ok()?;
    Some(Incoming { join_ref, reference, topic, event, body: Body::Json(body) })
}

/// Reads a binary push of a client.
pub(crate) fn read_bytes(frame: &[u8]) -> Option<Incoming> {
    let (&[kind, a, b, c, d], rest) = frame.split_first_chunk::<5>()?;
    if kind != 0 {
        return None;
    }
    let mut rest = rest;
    let mut take = |size: u8| {
        let (name, after) = rest.split_at_checked(usize::from(size))?;
        rest = after;
        String::from_utf8(name.to_vec()).ok()
    };
    let (join_ref, reference, topic, event) = (take(a)?, take(b)?, take(c)?, take(d)?);
    let body = Body::Bytes(rest.to_vec());
    Some(Incoming { join_ref: Some(join_ref), reference: Some(reference), topic, event, body })
}

/// Writes a message.
pub(crate) fn write(message: &Outgoing) -> Line {
    match message {
        Outgoing::Reply { join_ref, reference, topic, status, body } => match body {
            Body::Json(response) => {
                text(json!([join_ref, reference, topic, "phx_reply", { "status": status, "response": response }]))
            }
            Body::Bytes(data) => {
                let (join_ref, reference) = (join_ref.as_deref(), reference.as_deref());
                bytes(1, &[join_ref.unwrap_or(""), reference.unwrap_or(""), topic, status], data)
            }
        },
        Outgoing::Push { join_ref, topic, event, body } => match body {
            Body::Json(payload) => text(json!([join_ref, null, topic, event, payload])),
            Body::Bytes(data) => bytes(0, &[join_ref, topic, event], data),
        },
        Outgoing::Broadcast { topic, event, body } => match body {
            Body::Json(payload) => text(json!([null, null, topic, event, payload])),
            Body::Bytes(data) => bytes(2, &[topic, event], data),
        },
        Outgoing::End { join_ref, topic, event, body } => text(json!([join_ref, join_ref, topic, event, body])),
    }
}

fn text(parts: Value) -> Line {
    Line::Text(parts.to_string())
}

fn bytes(kind: u8, names: &[&str], data: &[u8]) -> Line {
    let mut frame = vec![kind];
    // The server, too, has one byte a size: longer names are cut.
    let names: Vec<&[u8]> = names.iter().map(|name| &name.as_bytes()[..name.len().min(255)]).collect();
    frame.extend(names.iter().map(|name| u8::try_from(name.len()).unwrap_or(u8::MAX)));
    frame.extend(names.concat());
    frame.extend_from_slice(data);
    Line::Bytes(frame)
}
