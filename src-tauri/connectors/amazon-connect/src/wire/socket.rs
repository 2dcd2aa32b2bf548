//! Frames of the agent WebSocket: chat document, section 3.2.

use serde_json::{Value, json};

use super::basics::open_enum;

open_enum!(
    /// `topic` of a frame.
    Topic {
        Subscribe = "aws/subscribe",
        Heartbeat = "aws/heartbeat",
        Ping = "aws/ping",
        Softphone = "aws/softphone",
        Chat = "aws/chat",
        Task = "aws/task",
    }
);

/// One frame from the service.
#[derive(Clone, PartialEq, Eq)]
pub enum WireFrame {
    /// Answer to a heartbeat.
    Heartbeat,
    /// Answer to a deep heartbeat.
    Ping {
        /// Its status is 200, or it has none.
        good: bool,
    },
    /// Answer to a subscription.
    Subscribed {
        /// `success`, or else a failure.
        success: bool,
        /// Topics it speaks of.
        topics: Vec<String>,
    },
    /// Data of a topic; the content is JSON as text, and private.
    Data {
        /// Topic.
        topic: Topic,
        /// Content.
        content: String,
    },
    /// A frame without a topic but with a message.
    Error {
        /// The service's words.
        message: String,
    },
    /// Nothing in it.
    Empty,
    /// Not JSON, or not an object, or without anything known.
    Unreadable,
}

impl std::fmt::Debug for WireFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Heartbeat => f.write_str("Heartbeat"),
            Self::Ping { good } => write!(f, "Ping({good})"),
            Self::Subscribed { success, topics } => write!(f, "Subscribed({success}, {topics:?})"),
            Self::Data { topic, content } => write!(f, "Data({}, {} bytes)", topic.as_str(), content.len()),
            Self::Error { message } => write!(f, "Error({message})"),
            Self::Empty => f.write_str("Empty"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

impl WireFrame {
    /// Reads a text frame. Never fails: what cannot be read is `Unreadable`.
    pub fn decode(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::Empty;
        }
        let Ok(Value::Object(frame)) = serde_json::from_str::<Value>(text) else {
            return Self::Unreadable;
        };
        let Some(topic) = frame.get("topic").and_then(Value::as_str).map(Topic::from) else {
            return match frame.get("message").and_then(Value::as_str) {
                Some(message) => Self::Error { message: message.to_owned() },
                None if frame.is_empty() => Self::Empty,
                None => Self::Unreadable,
            };
        };
        let content = frame.get("content");
        match topic {
            Topic::Heartbeat => Self::Heartbeat,
            Topic::Ping => {
                Self::Ping { good: frame.get("statusCode").and_then(Value::as_i64).is_none_or(|status| status == 200) }
            }
            Topic::Subscribe => {
                let member = |name: &str| content.and_then(|content| content.get(name));
                Self::Subscribed {
                    success: member("status").and_then(Value::as_str) == Some("success"),
                    topics: member("topics")
                        .and_then(Value::as_array)
                        .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                        .unwrap_or_default(),
                }
            }
            topic => match content {
                Some(Value::String(text)) => Self::Data { topic, content: text.clone() },
                // Tolerated: an object where a text with JSON is the rule.
                Some(value @ Value::Object(_)) => Self::Data { topic, content: value.to_string() },
                _ => Self::Data { topic, content: String::new() },
            },
        }
    }

    /// The heartbeat.
    pub fn heartbeat() -> String {
        json!({"topic": Topic::Heartbeat.as_str()}).to_string()
    }

    /// The deep heartbeat: answered by the service behind the socket.
    pub fn ping() -> String {
        json!({"topic": Topic::Ping.as_str()}).to_string()
    }

    /// A subscription.
    pub fn subscribe(topics: &[Topic]) -> String {
        json!({"topic": Topic::Subscribe.as_str(), "content": {"topics": topics}}).to_string()
    }
}
