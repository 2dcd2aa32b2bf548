//! Serialiser V2: text frames are JSON arrays of five, binary frames begin with
//! a kind and the sizes of what follows, one byte each.

use bytes::Bytes;
use serde_json::{Value, json};
use thiserror::Error;

const PUSH: u8 = 0;
const REPLY: u8 = 1;
const BROADCAST: u8 = 2;

/// Event of every reply.
pub(super) const REPLY_EVENT: &str = "phx_reply";

/// What a message carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// Text frames.
    Json(Value),
    /// Binary frames.
    Bytes(Bytes),
    /// A reply in a binary frame.
    BytesReply {
        /// `ok`, `error` or the application's own.
        status: String,
        /// The answer.
        response: Bytes,
    },
}

/// One message, either way.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// `reference` of the join that this belongs to.
    pub join_ref: Option<String>,
    /// Number of the message as text; replies repeat it.
    pub reference: Option<String>,
    /// Channel.
    pub topic: String,
    /// What it is.
    pub event: String,
    /// What it carries.
    pub payload: Payload,
}

/// A frame to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoded {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Bytes),
}

/// A message cannot be written.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EncodeError {
    /// In a binary frame each name has at most 255 bytes.
    #[error("a name is too long for a binary frame")]
    TooLong,
    /// A client sends no replies.
    #[error("a reply is not the client's to send")]
    Reply,
}

/// A frame is not a message.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON.
    #[error("not JSON")]
    NotJson,
    /// Not an array of five.
    #[error("not an array of five")]
    NotFive,
    /// A reference is neither text, a whole number nor null.
    #[error("a reference is not text")]
    Reference,
    /// Topic or event is not text.
    #[error("topic or event is not text")]
    Name,
    /// A binary frame that ends too soon.
    #[error("a binary frame ends too soon")]
    Short,
    /// A binary frame of a kind that a client does not get.
    #[error("a binary frame of unknown kind {0}")]
    Kind(u8),
}

/// Writes a message.
pub fn encode(message: &Message) -> Result<Encoded, EncodeError> {
    match &message.payload {
        Payload::Json(payload) => {
            let five = json!([message.join_ref, message.reference, message.topic, message.event, payload]);
            Ok(Encoded::Text(five.to_string()))
        }
        Payload::Bytes(bytes) => {
            let empty = String::new();
            let names = [
                message.join_ref.as_ref().unwrap_or(&empty),
                message.reference.as_ref().unwrap_or(&empty),
                &message.topic,
                &message.event,
            ];
            let mut frame = vec![PUSH];
            for name in names {
                frame.push(u8::try_from(name.len()).map_err(|_| EncodeError::TooLong)?);
            }
            for name in names {
                frame.extend_from_slice(name.as_bytes());
            }
            frame.extend_from_slice(bytes);
            Ok(Encoded::Binary(frame.into()))
        }
        Payload::BytesReply { .. } => Err(EncodeError::Reply),
    }
}

/// Reads a text frame.
pub fn decode_text(text: &str) -> Result<Message, DecodeError> {
    let value: Value = serde_json::from_str(text).map_err(|_| DecodeError::NotJson)?;
    let Value::Array(parts) = value else { return Err(DecodeError::NotFive) };
    let [join_ref, reference, topic, event, payload] =
        <[Value; 5]>::try_from(parts).map_err(|_| DecodeError::NotFive)?;
    Ok(Message {
        join_ref: read_reference(join_ref)?,
        reference: read_reference(reference)?,
        topic: read_name(topic)?,
        event: read_name(event)?,
        payload: Payload::Json(payload),
    })
}

/// Servers repeat the text they were sent; some other clients count in numbers.
fn read_reference(value: Value) -> Result<Option<String>, DecodeError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) if number.is_u64() => Ok(Some(number.to_string())),
        _ => Err(DecodeError::Reference),
    }
}

fn read_name(value: Value) -> Result<String, DecodeError> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(DecodeError::Name),
    }
}

/// Reads a binary frame of the server's.
pub fn decode_binary(frame: &Bytes) -> Result<Message, DecodeError> {
    let kind = *frame.first().ok_or(DecodeError::Short)?;
    match kind {
        PUSH => {
            let ([join_ref, topic, event], data) = split(frame)?;
            let payload = Payload::Bytes(data);
            Ok(Message { join_ref: some(join_ref), reference: None, topic, event, payload })
        }
        REPLY => {
            let ([join_ref, reference, topic, status], response) = split(frame)?;
            let payload = Payload::BytesReply { status, response };
            let (join_ref, reference) = (some(join_ref), some(reference));
            Ok(Message { join_ref, reference, topic, event: REPLY_EVENT.to_owned(), payload })
        }
        BROADCAST => {
            let ([topic, event], data) = split(frame)?;
            Ok(Message { join_ref: None, reference: None, topic, event, payload: Payload::Bytes(data) })
        }
        other => Err(DecodeError::Kind(other)),
    }
}

/// An empty reference stands for none: binary frames have no null.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The names of a binary frame, by their sizes after the kind, and the rest.
fn split<const N: usize>(frame: &Bytes) -> Result<([String; N], Bytes), DecodeError> {
    let sizes = frame.get(1..=N).ok_or(DecodeError::Short)?;
    let mut at = 1 + N;
    let mut names = [const { String::new() }; N];
    for (name, size) in names.iter_mut().zip(sizes) {
        let end = at + usize::from(*size);
        let bytes = frame.get(at..end).ok_or(DecodeError::Short)?;
        // As a browser's TextDecoder: what is not UTF-8 is replaced, not refused.
        *name = String::from_utf8_lossy(bytes).into_owned();
        at = end;
    }
    Ok((names, frame.slice(at..)))
}

/// Status and answer of a reply.
pub(super) fn reply(payload: Payload) -> Option<(String, Payload)> {
    match payload {
        Payload::BytesReply { status, response } => Some((status, Payload::Bytes(response))),
        Payload::Json(Value::Object(mut members)) => {
            let status = members.get("status")?.as_str()?.to_owned();
            Some((status, Payload::Json(members.remove("response").unwrap_or(Value::Null))))
        }
        Payload::Json(_) | Payload::Bytes(_) => None,
    }
}
