//! What the panel publishes: events built as the platform's own desk builds them
//! (docs/connectors/expertflow.md, 7.2 and 7.4). Channel session, customer and room
//! go back as they came.

use serde_json::{Map, Value, json};
use trunkline_model::{ContactCard, Place, UnixMillis, WrapUpCode};

use super::{look::at, text};

/// The agent who publishes.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// User id.
    pub id: &'a str,
    /// User name.
    pub username: &'a str,
    /// First name; may be empty.
    pub first_name: &'a str,
    /// Last name; may be empty.
    pub last_name: &'a str,
}

impl Writer<'_> {
    fn sender(&self) -> Value {
        json!({
            "id": self.id,
            "senderName": self.username,
            "type": "AGENT",
            "additionalDetail": { "firstName": self.first_name, "lastName": self.last_name },
        })
    }
}

/// Where to.
#[derive(Clone, Copy, Debug)]
pub struct To<'a> {
    /// Conversation's id.
    pub conversation: &'a str,
    /// The room, as it came.
    pub room_info: &'a Value,
    /// The channel session on which the customer is answered, as it came.
    pub channel_session: &'a Value,
    /// The customer's document, as it came.
    pub customer: &'a Value,
}

/// What is said.
#[derive(Clone, Copy, Debug)]
pub enum Words<'a> {
    /// Plain words.
    Text(&'a str),
    /// A file that was given to the file engine.
    File {
        /// Where it is now.
        url: &'a str,
        /// Its media type: pictures, films and sound are sent as such.
        content_type: &'a str,
        /// Bytes.
        size: u64,
        /// Its name.
        name: &'a str,
        /// What is written to it; empty: nothing.
        caption: &'a str,
    },
    /// A place.
    Location(&'a Place),
    /// People to reach.
    Contacts(&'a [ContactCard]),
    /// An address on the web.
    Link {
        /// Where it leads.
        address: &'a str,
        /// What is written to it; empty: nothing.
        text: &'a str,
    },
    /// An answer to a comment below a post.
    Comment {
        /// The post.
        post: &'a str,
        /// What is written.
        text: &'a str,
        /// The comment's id at the social network.
        provider_message: Option<&'a str>,
    },
    /// What the conversation was about.
    WrapUp {
        /// Codes.
        codes: &'a [WrapUpCode],
        /// In the agent's words; may be empty.
        note: &'a str,
    },
}

/// A message with how it is meant.
#[derive(Clone, Copy, Debug)]
pub struct Saying<'a> {
    /// What is said.
    pub words: Words<'a>,
    /// To agents alone.
    pub whisper: bool,
    /// Id of the message that this one answers.
    pub answers: Option<&'a str>,
    /// Id of the message in whose place this one stands. Goes before `answers`.
    pub corrects: Option<&'a str>,
    /// Words go as base64.
    pub encode: bool,
}

impl<'a> Saying<'a> {
    /// Said to the customer, answering nothing, as it is.
    pub fn plain(words: Words<'a>) -> Self {
        Self { words, whisper: false, answers: None, corrects: None, encode: false }
    }
}

/// What is published.
#[derive(Clone, Copy, Debug)]
pub enum Outgoing<'a> {
    /// A message.
    Message(Saying<'a>),
    /// The agent has seen this message and all before it.
    Read(&'a str),
    /// The agent writes; `false`: does not any more.
    Typing(bool),
    /// The agent asks for help.
    HandRaised,
    /// The agent does not any more.
    HandLowered,
    /// The time to answer begins anew.
    ResetSla,
}

/// Builds an event. `id` is the message's (what has none does not use it); `event`
/// the event's; `time` the platform's.
pub fn build(what: Outgoing<'_>, from: &Writer<'_>, to: &To<'_>, id: &str, event: &str, time: UnixMillis) -> Value {
    let builder = Builder { from, to, id, event, time };
    match what {
        Outgoing::Message(saying) => builder.message(saying),
        Outgoing::Read(message) => builder.read(message),
        Outgoing::Typing(on) => {
            let kind = if on { "TYPING_STARTED" } else { "TYPING_STOPPED" };
            let body = json!({ "type": "NOTIFICATION", "markdownText": "", "notificationType": kind });
            let data = json!({ "id": id, "header": builder.header(Value::Null), "body": body });
            builder.envelope("TYPING_INDICATOR", "NOTIFICATION", data)
        }
        Outgoing::HandRaised => builder.hand("HAND_RAISED"),
        Outgoing::HandLowered => builder.hand("HAND_DOWN"),
        Outgoing::ResetSla => builder.bare("RESET_AGENT_SLA", "NOTIFICATION", json!({})),
    }
}

/// The argument of `publishCimEvent`.
pub fn publish(event: Value, from: &Writer<'_>, to: &To<'_>) -> Value {
    json!({
        "cimEvent": event,
        "agentId": from.id,
        "conversationId": to.conversation,
        "roomInfo": to.room_info,
    })
}

/// The argument of `closeWrapup`. `event`: a message with [`Words::WrapUp`]; `None` skips it.
pub fn close_wrap_up(event: Option<Value>, from: &Writer<'_>, to: &To<'_>) -> Value {
    publish(event.unwrap_or_default(), from, to)
}

struct Builder<'a> {
    from: &'a Writer<'a>,
    to: &'a To<'a>,
    id: &'a str,
    event: &'a str,
    time: UnixMillis,
}

impl Builder<'_> {
    /// What all events have.
    fn bare(&self, name: &str, kind: &str, data: Value) -> Value {
        json!({
            "id": self.event,
            "name": name,
            "type": kind,
            "timestamp": self.time,
            "conversationId": self.to.conversation,
            "roomInfo": self.to.room_info,
            "data": data,
        })
    }

    /// With the channel session and who caused it.
    fn envelope(&self, name: &str, kind: &str, data: Value) -> Value {
        let mut event = self.bare(name, kind, data);
        put(&mut event, "channelSession", self.to.channel_session.clone());
        put(&mut event, "eventEmitter", self.from.sender());
        event
    }

    fn header(&self, intent: Value) -> Value {
        let session = self.to.channel_session;
        json!({
            "timestamp": self.time,
            "sender": self.from.sender(),
            "channelData": at(session, &["channelData"]),
            "intent": intent,
            "conversationId": self.to.conversation,
            "roomId": at(self.to.room_info, &["id"]),
            "channelSessionId": at(session, &["id"]),
            "customer": self.to.customer,
        })
    }

    fn message(&self, saying: Saying<'_>) -> Value {
        let (intent, original) = match (saying.corrects, saying.answers) {
            (Some(original), _) => (json!("UPDATE"), Some(original)),
            (None, Some(original)) => (json!("REPLY_TO"), Some(original)),
            (None, None) => (Value::Null, None),
        };
        let mut header = self.header(intent);
        if let Some(original) = original {
            put(&mut header, "originalMessageId", json!(original));
        }
        if let Words::Comment { provider_message: Some(comment), .. } = saying.words {
            put(&mut header, "providerMessageId", json!(comment));
        }
        let mut body = body(saying.words);
        if saying.encode {
            let words = at(&body, &["markdownText"]).as_str().filter(|words| !words.is_empty());
            if let Some(code) = words.map(text::encode) {
                put(&mut body, "markdownText", json!(code));
                put(&mut header, "additionalData", json!({ "isEncoded": true }));
            }
        }
        let name = if saying.whisper { "WHISPER_MESSAGE" } else { "AGENT_MESSAGE" };
        self.envelope(name, "MESSAGE", json!({ "id": self.id, "header": header, "body": body }))
    }

    fn read(&self, message: &str) -> Value {
        let mut header = self.header(Value::Null);
        // Receipts of the desk name the two addresses alone, and have empty members that
        // its messages do not.
        let address = |name: &str| at(self.to.channel_session, &["channelData", name]).clone();
        let addresses = json!({
            "channelCustomerIdentifier": address("channelCustomerIdentifier"),
            "serviceIdentifier": address("serviceIdentifier"),
        });
        put(&mut header, "channelData", addresses);
        put(&mut header, "timestamp", json!(""));
        put(&mut header, "language", json!({}));
        put(&mut header, "securityInfo", json!({}));
        put(&mut header, "stamps", json!([]));
        put(&mut header, "entities", json!({}));
        let body = json!({
            "type": "DELIVERYNOTIFICATION",
            "markdownText": "",
            "messageId": message,
            "status": "READ",
            "reasonCode": 200,
        });
        let data = json!({ "id": self.id, "header": header, "body": body });
        self.envelope("MESSAGE_DELIVERY_NOTIFICATION", "NOTIFICATION", data)
    }

    fn hand(&self, name: &str) -> Value {
        let data = json!({ "agentId": self.from.id, "userName": self.from.username });
        self.envelope(name, "NOTIFICATION", data)
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

fn body(words: Words<'_>) -> Value {
    match words {
        Words::Text(text) => json!({ "type": "PLAIN", "markdownText": text }),
        Words::File { url, content_type, size, name, caption } => file(url, content_type, size, name, caption),
        Words::Location(place) => json!({
            "type": "LOCATION",
            "markdownText": null,
            "location": { "latitude": degrees(&place.latitude), "longitude": degrees(&place.longitude) },
            "additionalDetails": { "name": place.name, "address": place.address, "url": null },
        }),
        Words::Contacts(cards) => json!({
            "type": "CONTACT",
            "markdownText": null,
            "additionalDetails": null,
            "contacts": cards.iter().map(contact).collect::<Vec<_>>(),
        }),
        Words::Link { address, text } => json!({ "type": "URL", "markdownText": text, "mediaUrl": address }),
        Words::Comment { post, text, .. } => {
            json!({ "type": "COMMENT", "postId": post, "itemType": "TEXT", "markdownText": text })
        }
        Words::WrapUp { codes, note } => {
            let codes = codes.iter().map(|code| json!({ "categoryName": code.category, "value": code.value }));
            json!({ "type": "WRAPUP", "markdownText": "", "wrapups": codes.collect::<Vec<_>>(), "note": note })
        }
    }
}

fn file(url: &str, content_type: &str, size: u64, name: &str, caption: &str) -> Value {
    let kind = match content_type.split('/').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "image" => "IMAGE",
        "video" => "VIDEO",
        "audio" => "AUDIO",
        _ => "FILE",
    };
    let mut attachment = json!({ "mediaUrl": url, "mimeType": content_type, "size": size });
    if kind == "FILE" {
        return json!({
            "type": kind,
            "markdownText": "",
            "caption": caption,
            "additionalDetails": { "fileName": name },
            "attachment": attachment,
        });
    }
    put(&mut attachment, "thumbnail", json!(""));
    json!({
        "type": kind,
        "markdownText": "",
        // The desk puts the name there when nothing is written.
        "caption": if caption.is_empty() { name } else { caption },
        "additionalDetails": {},
        "attachment": attachment,
    })
}

/// A number where it is one.
fn degrees(text: &str) -> Value {
    let number = text.trim().parse::<f64>().ok().and_then(serde_json::Number::from_f64);
    number.map_or_else(|| json!(text), Value::Number)
}

fn contact(card: &ContactCard) -> Value {
    let name = card.name.trim();
    let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
    let phones = card
        .phones
        .iter()
        .map(|phone| json!({ "phone": phone, "additionalPhoneDetails": { "type": "CELL", "wa_id": null } }));
    let is_email = |name: &str| ["email", "e-mail"].iter().any(|email| name.eq_ignore_ascii_case(email));
    let mut details = Map::new();
    let emails = card.more.iter().filter(|more| is_email(&more.name));
    let emails: Vec<Value> = emails.map(|more| json!({ "email": more.value, "type": "INTERNET" })).collect();
    if !emails.is_empty() {
        details.insert("emails".to_owned(), Value::Array(emails));
    }
    for more in card.more.iter().filter(|more| !is_email(&more.name)) {
        details.insert(more.name.clone(), json!(more.value));
    }
    json!({
        "name": {
            "formattedName": card.name,
            "additionalNameDetails": { "first_name": first, "last_name": last },
        },
        "phones": phones.collect::<Vec<_>>(),
        "additionalContactDetails": details,
    })
}

#[cfg(test)]
mod tests;
