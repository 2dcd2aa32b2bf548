//! Packets of Engine.IO 4 and, inside its messages, of Socket.IO 5
//! (docs/connectors/socketio.md, sections 1.2 and 2).

use serde_json::{Value, json};
use thiserror::Error;

/// Attachments of one message that are taken; more is no message of a sane server.
pub const MOST_ATTACHMENTS: usize = 10;

/// The namespace that needs no name.
const ROOT: &str = "/";

/// What the server says when the engine's connection opens.
#[derive(Clone, Debug, PartialEq)]
pub struct Handshake {
    /// The engine's session; not the Socket.IO id.
    pub sid: String,
    /// Milliseconds between two pings.
    pub ping_interval: u64,
    /// Milliseconds that a ping may be late.
    pub ping_timeout: u64,
    /// Largest message that the server takes, bytes.
    pub max_payload: usize,
}

/// One packet of the engine, in one text frame.
#[derive(Clone, Debug, PartialEq)]
pub enum EnginePacket {
    /// The connection is open.
    Open(Handshake),
    /// The server closes.
    Close,
    /// To be answered with a pong at once; what it carries goes back.
    Ping(String),
    /// An answer that nobody asked for.
    Pong,
    /// A packet of Socket.IO.
    Message(Packet),
    /// Of other transports: nothing to do.
    Noop,
}

/// One packet of Socket.IO.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    /// `/`, or `/name`.
    pub namespace: String,
    /// What it is.
    pub body: Body,
}

/// What a packet is.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// From the server: accepted, with the socket's id, and a `pid` where it can
    /// recover. From the client: the wish, with what it signs in with.
    Connect(Value),
    /// Not any more.
    Disconnect,
    /// An event.
    Event {
        /// Its name.
        name: String,
        /// Its arguments.
        args: Vec<Value>,
        /// The sender wants an answer under this number.
        ack: Option<u64>,
        /// Binary frames that follow; their places in the arguments are `null`.
        attachments: usize,
    },
    /// An answer.
    Ack {
        /// To this number.
        id: u64,
        /// With this.
        args: Vec<Value>,
        /// As of an event.
        attachments: usize,
    },
    /// Refused.
    ConnectError {
        /// In words or as a key, as the server's middleware has it.
        message: String,
        /// More about it.
        data: Value,
    },
}

/// A frame that is none of the protocol's.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// No engine type, or an unknown one.
    #[error("no packet of the engine")]
    Engine,
    /// The handshake lacks what it must have.
    #[error("the handshake cannot be read")]
    Handshake,
    /// No packet type, or an unknown one.
    #[error("no packet of Socket.IO")]
    Packet,
    /// What it carries is not what its type must carry.
    #[error("a packet carries what it must not")]
    Payload,
    /// More than [`MOST_ATTACHMENTS`].
    #[error("a packet has too many attachments")]
    Attachments,
}

/// Reads a text frame.
pub fn decode(frame: &str) -> Result<EnginePacket, DecodeError> {
    let mut letters = frame.chars();
    let kind = letters.next().ok_or(DecodeError::Engine)?;
    let rest = letters.as_str();
    Ok(match kind {
        '0' => EnginePacket::Open(handshake(rest).ok_or(DecodeError::Handshake)?),
        '1' => EnginePacket::Close,
        '2' => EnginePacket::Ping(rest.to_owned()),
        '3' => EnginePacket::Pong,
        '4' => EnginePacket::Message(packet(rest)?),
        '5' | '6' => EnginePacket::Noop,
        _ => return Err(DecodeError::Engine),
    })
}

fn handshake(text: &str) -> Option<Handshake> {
    let value: Value = serde_json::from_str(text).ok()?;
    let max_payload = value["maxPayload"].as_u64().and_then(|bytes| usize::try_from(bytes).ok());
    Some(Handshake {
        sid: value["sid"].as_str()?.to_owned(),
        ping_interval: value["pingInterval"].as_u64()?,
        ping_timeout: value["pingTimeout"].as_u64()?,
        // Servers before 4.x.2 do not tell: their default.
        max_payload: max_payload.unwrap_or(1_000_000),
    })
}

fn packet(text: &str) -> Result<Packet, DecodeError> {
    let mut letters = text.chars();
    let kind = letters.next().filter(char::is_ascii_digit).ok_or(DecodeError::Packet)?;
    let mut rest = letters.as_str();
    let binary = matches!(kind, '5' | '6');
    let mut attachments = 0;
    if binary {
        let (count, after) = rest.split_once('-').ok_or(DecodeError::Payload)?;
        attachments = digits(count).ok_or(DecodeError::Payload)?;
        if attachments > MOST_ATTACHMENTS as u64 {
            return Err(DecodeError::Attachments);
        }
        rest = after;
    }
    let (namespace, number, json) = addressed(rest);
    let number = if number.is_empty() { None } else { Some(digits(number).ok_or(DecodeError::Payload)?) };
    let value: Option<Value> = match json {
        "" => None,
        json => Some(value_of(json).ok_or(DecodeError::Payload)?),
    };
    let attachments = usize::try_from(attachments).unwrap_or(MOST_ATTACHMENTS);
    let body = match (kind, number, value) {
        ('0', None, value @ (None | Some(Value::Object(_)))) => Body::Connect(value.unwrap_or_else(|| json!({}))),
        ('1', None, None) => Body::Disconnect,
        ('2' | '5', ack, Some(Value::Array(args))) => {
            let mut args: Vec<Value> = args.into_iter().map(|value| without_bytes(value, binary)).collect();
            if args.is_empty() {
                return Err(DecodeError::Payload);
            }
            let name = match args.remove(0) {
                Value::String(name) => name,
                // Names may be numbers there; for us they are words.
                Value::Number(number) => number.to_string(),
                _ => return Err(DecodeError::Payload),
            };
            Body::Event { name, args, ack, attachments }
        }
        ('3' | '6', Some(id), Some(Value::Array(args))) => {
            let args = args.into_iter().map(|value| without_bytes(value, binary)).collect();
            Body::Ack { id, args, attachments }
        }
        ('4', None, Some(Value::String(message))) => Body::ConnectError { message, data: Value::Null },
        ('4', None, Some(Value::Object(mut members))) => {
            let message = members.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
            Body::ConnectError { message, data: members.remove("data").unwrap_or_default() }
        }
        ('0'..='6', ..) => return Err(DecodeError::Payload),
        _ => return Err(DecodeError::Packet),
    };
    Ok(Packet { namespace: namespace.to_owned(), body })
}

/// Takes namespace and number from before what a packet carries.
fn addressed(rest: &str) -> (&str, &str, &str) {
    let (namespace, rest) =
        if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { (ROOT, rest) };
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (number, json) = rest.split_at(end);
    (namespace, number, json)
}

/// The head of an event without bytes that wants an answer.
#[derive(Debug, PartialEq)]
pub(super) struct Head {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) ack: u64,
    /// Where the list of name and arguments begins in the frame.
    pub(super) list_at: usize,
}

/// Reads such a head and nothing behind it; `None` for every other frame.
pub(super) fn head(frame: &str) -> Option<Head> {
    let (namespace, number, json) = addressed(frame.strip_prefix("42")?);
    let ack = Some(number).filter(|number| !number.is_empty()).and_then(digits)?;
    let name = serde_json::Deserializer::from_str(json.strip_prefix('[')?).into_iter::<String>().next()?.ok()?;
    Some(Head { namespace: namespace.to_owned(), name, ack, list_at: frame.len() - json.len() })
}

fn value_of(json: &str) -> Option<Value> {
    serde_json::from_str(json).or_else(|_| serde_json::from_str(&with_whole_letters(json))).ok()
}

/// JavaScript may cut a letter that it keeps as two halves (any emoji) between them,
/// and writes what is left as an escape that stands for no letter. The sign for what
/// cannot be shown takes its place.
pub fn with_whole_letters(json: &str) -> String {
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let taken = match (half(escape), escape.get(6..).and_then(half)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push('\u{fffd}');
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // One letter after the backslash, which may be a backslash.
            _ => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at(taken);
        whole.push_str(escape);
        rest = after;
    }
    whole.push_str(rest);
    whole
}

/// The number that an escape at the beginning of the text stands for.
fn half(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

fn digits(text: &str) -> Option<u64> {
    text.chars().all(|letter| letter.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Where bytes would stand there is nothing.
fn without_bytes(value: Value, binary: bool) -> Value {
    match value {
        value if !binary => value,
        Value::Object(members) if members.get("_placeholder") == Some(&Value::Bool(true)) => Value::Null,
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, without_bytes(value, true))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| without_bytes(item, true)).collect()),
        other => other,
    }
}

/// Writes a pong as a text frame.
pub fn encode_pong(data: &str) -> String {
    format!("3{data}")
}

/// Writes a packet as a text frame. Attachments are not written: nothing here sends bytes.
pub fn encode(packet: &Packet) -> String {
    let namespace = match packet.namespace.as_str() {
        ROOT => String::new(),
        other => format!("{other},"),
    };
    let list = |args: &[Value]| Value::Array(args.to_vec()).to_string();
    match &packet.body {
        Body::Connect(auth) => match auth {
            Value::Object(members) if members.is_empty() => format!("40{namespace}"),
            auth => format!("40{namespace}{auth}"),
        },
        Body::Disconnect => format!("41{namespace}"),
        Body::Event { name, args, ack, .. } => {
            let ack = ack.map(|id| id.to_string()).unwrap_or_default();
            let mut all = Vec::with_capacity(args.len() + 1);
            all.push(Value::from(name.as_str()));
            all.extend(args.iter().cloned());
            format!("42{namespace}{ack}{}", Value::Array(all))
        }
        Body::Ack { id, args, .. } => format!("43{namespace}{id}{}", list(args)),
        Body::ConnectError { message, data } => {
            format!("44{namespace}{}", json!({ "message": message, "data": data }))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(name: &str, args: &[Value], ack: Option<u64>) -> Body {
        Body::Event { name: name.to_owned(), args: args.to_vec(), ack, attachments: 0 }
    }

    fn root(body: Body) -> EnginePacket {
        EnginePacket::Message(Packet { namespace: "/".to_owned(), body })
    }

    fn admin(body: Body) -> EnginePacket {
        EnginePacket::Message(Packet { namespace: "/admin".to_owned(), body })
    }

    #[test]
    fn described_frames_are_read_and_written() {
        let both = [
            ("40", root(Body::Connect(json!({})))),
            ("40{\"sid\":\"b\"}", root(Body::Connect(json!({ "sid": "b" })))),
            ("40/admin,{\"sid\":\"b\"}", admin(Body::Connect(json!({ "sid": "b" })))),
            ("42[\"e\"]", root(event("e", &[], None))),
            (
                "42[\"e\",1,\"x\",null,{\"k\":[]}]",
                root(event("e", &[json!(1), json!("x"), Value::Null, json!({ "k": [] })], None)),
            ),
            ("4212[\"e\",{}]", root(event("e", &[json!({})], Some(12)))),
            (
                "4312[{\"status\":\"ok\"}]",
                root(Body::Ack { id: 12, args: vec![json!({ "status": "ok" })], attachments: 0 }),
            ),
            ("430[]", root(Body::Ack { id: 0, args: Vec::new(), attachments: 0 })),
            ("42/admin,7[\"e\"]", admin(event("e", &[], Some(7)))),
            ("41", root(Body::Disconnect)),
            ("41/admin,", admin(Body::Disconnect)),
        ];
        for (frame, wanted) in both {
            assert_eq!(decode(frame).as_ref(), Ok(&wanted), "{frame} is read");
            let EnginePacket::Message(packet) = wanted else { panic!("{frame}") };
            assert_eq!(encode(&packet), frame, "and written");
        }
        let open =
            "0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";
        let handshake =
            Handshake { sid: "a".to_owned(), ping_interval: 25_000, ping_timeout: 20_000, max_payload: 1_000_000 };
        assert_eq!(decode(open), Ok(EnginePacket::Open(handshake)));
        assert_eq!(decode("2"), Ok(EnginePacket::Ping(String::new())));
        assert_eq!(decode("2probe"), Ok(EnginePacket::Ping("probe".to_owned())));
        assert_eq!(encode_pong("probe"), "3probe");
        assert_eq!(
            decode("44{\"message\":\"login-failed\",\"data\":{\"content\":{}}}"),
            Ok(root(Body::ConnectError { message: "login-failed".to_owned(), data: json!({ "content": {} }) }))
        );
        assert_eq!(decode("44\"no\""), Ok(root(Body::ConnectError { message: "no".to_owned(), data: Value::Null })));
    }

    #[test]
    fn the_head_of_an_event_that_wants_an_answer_is_read_alone() {
        let at = |namespace: &str, list_at| Head {
            namespace: namespace.to_owned(),
            name: "on\"Topic".to_owned(),
            ack: 12,
            list_at,
        };
        assert_eq!(head(r#"4212["on\"Topic",{"a":["#), Some(at("/", 4)), "whatever comes behind it");
        assert_eq!(head(r#"42/admin,12["on\"Topic"]"#), Some(at("/admin", 11)));
        for other in
            ["", "2", "42", "42[\"e\"]", "421", "421{}", "421[]", "421[1]", "421[\"e", "431[\"e\"]", "451-1[\"e\"]"]
        {
            assert_eq!(head(other), None, "{other:?} is none");
        }
    }

    #[test]
    fn bytes_leave_an_empty_place() {
        let frame =
            "451-[\"file\",{\"b\":{\"_placeholder\":true,\"num\":0}},[{\"_placeholder\":true,\"num\":0}],\"tail\"]";
        let args = vec![json!({ "b": null }), json!([null]), json!("tail")];
        assert_eq!(decode(frame), Ok(root(Body::Event { name: "file".to_owned(), args, ack: None, attachments: 1 })));
        let named = "42[\"e\",{\"_placeholder\":true,\"num\":0}]";
        let args = [json!({ "_placeholder": true, "num": 0 })];
        assert_eq!(decode(named), Ok(root(event("e", &args, None))), "which in an event without bytes is data");
        assert_eq!(decode("4511-[\"e\"]"), Err(DecodeError::Attachments), "eleven are too many");
    }

    #[test]
    fn half_a_letter_becomes_the_sign_for_what_cannot_be_shown() {
        for (text, wanted) in [
            (r"a\ud83d", "a\u{fffd}"),
            (r"\ude00b", "\u{fffd}b"),
            (r"\uD83D\uD83D\uDE00", "\u{fffd}😀"),
            (r"\ud83d\u0041\ude00", "\u{fffd}A\u{fffd}"),
            (r"\\ud83d\ud83d\\", "\\ud83d\u{fffd}\\"),
            (r"ä\n\ud83dä", "ä\n\u{fffd}ä"),
        ] {
            let wanted = root(event("e", &[json!(wanted), json!({ wanted: 1 })], None));
            assert_eq!(decode(&format!("42[\"e\",\"{text}\",{{\"{text}\":1}}]")), Ok(wanted), "{text}");
        }
        for broken in [r"\ud83", r"\ud83d\", r"\ud83d\x", r"\ud83dä\u", r"\ud8\u"] {
            assert_eq!(decode(&format!("42[\"e\",\"{broken}\"]")), Err(DecodeError::Payload), "{broken} is no text");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for (frame, error) in [
            ("", DecodeError::Engine),
            ("9", DecodeError::Engine),
            ("x", DecodeError::Engine),
            ("ä", DecodeError::Engine),
            ("4", DecodeError::Packet),
            ("47", DecodeError::Packet),
            ("4x", DecodeError::Packet),
            ("42", DecodeError::Payload),
            ("42{}", DecodeError::Payload),
            ("42[]", DecodeError::Payload),
            ("42[{}]", DecodeError::Payload),
            ("42[\"e\"", DecodeError::Payload),
            ("43[]", DecodeError::Payload),
            ("431{}", DecodeError::Payload),
            ("45-[]", DecodeError::Payload),
            ("45[\"e\"]", DecodeError::Payload),
            ("40[]", DecodeError::Payload),
            ("401{}", DecodeError::Payload),
            ("41{}", DecodeError::Payload),
            ("44", DecodeError::Payload),
            ("4299999999999999999999[\"e\"]", DecodeError::Payload),
            ("0", DecodeError::Handshake),
            ("0{}", DecodeError::Handshake),
            ("0{\"sid\":1,\"pingInterval\":1,\"pingTimeout\":1}", DecodeError::Handshake),
        ] {
            assert_eq!(decode(frame), Err(error), "{frame:?}");
        }
    }
}
