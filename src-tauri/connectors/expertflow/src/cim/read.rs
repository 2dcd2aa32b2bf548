//! Reads an event: what it means, and what is to be shown of it.

use serde_json::Value;
use trunkline_model::{
    Author, AuthorRole, ConversationEvent, Delivery, Message, MessageBody, MessageId, Quote, Suggestion, UnixMillis,
};

use super::{
    body,
    channel::{channel_type, subtype},
    event::{CimEvent, Me, Sender},
    happening,
    look::{at, constant, first, flag, list, words},
    text,
    told::{Call, CallStep, Happening, Told},
};

/// What an event means. `now` (by the platform's clock, as far as it is known)
/// serves one without a time.
pub fn read(event: &CimEvent<'_>, me: &Me<'_>, now: UnixMillis) -> Told {
    let reader = Reader { event, me, now };
    let body = at(&event.data, &["body"]);
    let wrote = matches!(
        event.name.as_str(),
        "CUSTOMER_MESSAGE" | "BOT_MESSAGE" | "AGENT_MESSAGE" | "WHISPER_MESSAGE" | "THIRD_PARTY_ACTIVITY"
    );
    if event.kind == "SUGGESTION" || event.name == "BOT_SUGGESTION" {
        return just(reader.suggestions());
    }
    if happening::names(&event.name) {
        return happening::read(&reader);
    }
    match body::kind(body).as_str() {
        "DELIVERYNOTIFICATION" => just(reader.delivery(body)),
        "DELETEDNOTIFICATION" => just(reader.deleted(body)),
        "NOTIFICATION" => just(reader.typing(body)),
        "VOICE" => reader.call(body),
        _ if event.name.starts_with("CALL_") => reader.call(body),
        // A name that is new to us must not keep words from the agent.
        _ if !body.is_null() && (wrote || event.kind == "MESSAGE") => reader.message(body),
        _ => reader.other(),
    }
}

/// Nothing is shown of it.
pub(super) fn just(what: Happening) -> Told {
    Told { what, line: None, encoded: false }
}

/// An event with what is needed for understanding it.
pub(super) struct Reader<'a> {
    pub(super) event: &'a CimEvent<'a>,
    pub(super) me: &'a Me<'a>,
    pub(super) now: UnixMillis,
}

impl Reader<'_> {
    fn header(&self) -> &Value {
        at(&self.event.data, &["header"])
    }

    /// Who wrote: the message's sender, else whoever caused the event.
    fn author(&self) -> Author {
        let sender = at(self.header(), &["sender"]);
        if sender.is_object() {
            return self.event.author(&Sender::read(sender), self.me);
        }
        self.emitter()
    }

    /// Who caused the event.
    pub(super) fn emitter(&self) -> Author {
        self.event.author(&self.event.emitter, self.me)
    }

    /// A line of the timeline.
    pub(super) fn line(&self, author: Author, event: ConversationEvent) -> Option<Box<Message>> {
        Some(Box::new(Message {
            id: MessageId::new(self.event.shown_id()),
            token: None,
            at: self.event.time(self.now),
            order: 0,
            author,
            body: MessageBody::Event { event },
            delivery: None,
            partial: false,
            internal: false,
            edited: false,
            reply_to: None,
            line: None,
            suggestions: Vec::new(),
        }))
    }

    /// Nothing to act on; shown where it is meant for being seen.
    pub(super) fn other(&self) -> Told {
        let seen = matches!(self.event.kind.as_str(), "MESSAGE" | "ACTIVITY") && !self.event.name.is_empty();
        let name = || ConversationEvent::Other(text::readable(&self.event.name));
        let line = if seen { self.line(self.author(), name()) } else { None };
        Told { what: Happening::Other, line, encoded: false }
    }

    fn original(&self) -> Option<MessageId> {
        words(self.header(), &["originalMessageId"]).map(MessageId::new)
    }

    fn is_encoded(&self) -> bool {
        flag(self.header(), &["additionalData", "isEncoded"]).unwrap_or(false)
    }

    fn message(&self, body: &Value) -> Told {
        let author = self.author();
        let intent = constant(self.header(), &["intent"]).unwrap_or_default();
        let read = body::read(body, self.is_encoded());
        let original = self.original();
        if let Some(message) = original.clone().filter(|_| intent == "UPDATE") {
            let what = Happening::Edited { message, body: Box::new(read.body), by: author };
            return Told { what, line: None, encoded: read.encoded };
        }
        // Comments say so by what they are: liking, hiding and answering are about another one.
        let answers = intent == "REPLY_TO" || matches!(read.body, MessageBody::Comment { .. });
        let quote = original.filter(|_| answers);
        let internal = self.event.name == "WHISPER_MESSAGE" || matches!(read.body, MessageBody::WrapUp { .. });
        let channel = channel_type(&self.event.channel_session).filter(|_| !internal);
        let id = words(&self.event.data, &["id"]).unwrap_or_else(|| self.event.shown_id());
        let message = Message {
            id: MessageId::new(id),
            token: None,
            at: self.event.time(self.now),
            order: 0,
            // Coming back from the platform is all that tells that it has it.
            delivery: (author.role == AuthorRole::Me).then_some(Delivery::Sent),
            author,
            body: read.body,
            partial: false,
            internal,
            edited: false,
            reply_to: quote.map(|message| Quote { message, author: None, text: None }),
            line: channel.map(|name| subtype(&name)),
            suggestions: Vec::new(),
        };
        Told { what: Happening::Message(Box::new(message)), line: None, encoded: read.encoded }
    }

    fn delivery(&self, body: &Value) -> Happening {
        let message = words(body, &["messageId"]).map(MessageId::new).or_else(|| self.original());
        let status = match constant(body, &["status"]).unwrap_or_default().as_str() {
            "SENT" => Delivery::Sent,
            // A call that was put through.
            "DELIVERED" | "CONNECTED" => Delivery::Delivered,
            "READ" => Delivery::Read,
            "FAILED" => Delivery::Failed,
            _ => return Happening::Other,
        };
        let Some(up_to) = message else { return Happening::Other };
        let failed = status == Delivery::Failed;
        let reason = first(body, &["markdownText", "reason", "reasonCode"]).filter(|_| failed);
        Happening::Delivery { up_to, status, reason: reason.map(|reason| text::short(&reason)), by: self.author() }
    }

    fn deleted(&self, body: &Value) -> Happening {
        let message = words(body, &["messageId"]).map(MessageId::new).or_else(|| self.original());
        message.map_or(Happening::Other, |message| Happening::Deleted { message, by: self.author() })
    }

    fn typing(&self, body: &Value) -> Happening {
        match constant(body, &["notificationType"]).unwrap_or_default().as_str() {
            "TYPING_STARTED" => Happening::Typing { author: self.author(), on: true },
            "TYPING_STOPPED" => Happening::Typing { author: self.author(), on: false },
            _ => Happening::Other,
        }
    }

    fn call(&self, body: &Value) -> Told {
        let step = |name: &str| match name {
            "CALL_LEG_STARTED" => CallStep::Began,
            "CALL_LEG_ENDED" => CallStep::Ended,
            "CALL_HOLD" | "CALL_HELD" => CallStep::Held,
            "CALL_RESUME" | "CALL_RESUMED" => CallStep::Resumed,
            _ => CallStep::Other,
        };
        let intent = constant(self.header(), &["intent"]).unwrap_or_default();
        let step = match step(&self.event.name) {
            CallStep::Other => step(&intent),
            known => known,
        };
        let by = self.author();
        let call = Call {
            step,
            call: words(body, &["callId"]),
            leg: words(body, &["leg"]),
            reason: constant(body, &["reasonCode"]),
            by: by.clone(),
            raw: body.clone(),
        };
        let line = match step {
            CallStep::Began => self.line(by, ConversationEvent::CallBegan),
            CallStep::Ended => self.line(by, ConversationEvent::CallEnded),
            CallStep::Held => self.line(by, ConversationEvent::CallHeld),
            CallStep::Resumed => self.line(by, ConversationEvent::CallResumed),
            CallStep::Other => self.other().line,
        };
        Told { what: Happening::Call(Box::new(call)), line, encoded: false }
    }

    fn suggestions(&self) -> Happening {
        let data = &self.event.data;
        let message = words(data, &["requestedMessage", "id"]).map(MessageId::new).or_else(|| self.original());
        let read = |entry: &Value| {
            let body = body::read(at(entry, &["messageBody"]), self.is_encoded()).body;
            let text = match body {
                MessageBody::Text { text } => text,
                other => body::excerpt(&other),
            };
            let confidence = at(entry, &["confidenceLevel"]);
            let confidence = confidence.as_f64().or_else(|| confidence.as_str()?.trim().parse().ok());
            (!text.trim().is_empty()).then(|| Suggestion { text, confidence: confidence.and_then(percent) })
        };
        Happening::Suggestions { message, suggestions: list(data, &["suggestions"]).filter_map(read).collect() }
    }
}

/// A share of one, or percent already.
fn percent(confidence: f64) -> Option<u8> {
    let percent = if confidence <= 1.0 { confidence * 100.0 } else { confidence };
    percent.is_finite().then(|| percent.round().clamp(0.0, 100.0) as u8)
}
