//! Channel sessions: the ways on which a customer can be reached. The platform
//! wants them back as they came, so they are kept whole.

use serde_json::Value;
use trunkline_model::{Line, Subtype};

use super::{
    look::{at, constant, flag, state, words},
    text,
};

/// A channel session, read as far as it is needed.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelSession {
    /// Its id.
    pub id: String,
    /// Name of the channel's type in capitals (`WEB`, `WHATSAPP` ...); empty: not told.
    pub channel_type: String,
    /// The conversation that it belongs to.
    pub conversation: Option<String>,
    /// The customer's address there.
    pub customer_identifier: Option<String>,
    /// Our address there.
    pub service_identifier: Option<String>,
    /// What the channel tells of the customer, as it came.
    pub channel_data: Value,
    /// Media routing domain of the channel's type.
    pub media_domain: Option<String>,
    /// One can write to and fro.
    pub interactive: Option<bool>,
    /// `STARTED`, `ENDED`, `CLOSED`.
    pub state: Option<String>,
    /// Why it is in that state (`CUSTOMER`, `INACTIVITY` ...).
    pub reason: Option<String>,
    /// `INBOUND`, `OUTBOUND`.
    pub direction: Option<String>,
    /// How the channel hands out work (`PUSH`, `PULL`, `EXTERNAL`).
    pub routing_mode: Option<String>,
    /// As it came, for sending it back.
    pub raw: Value,
}

impl ChannelSession {
    /// Reads one; `None` when it has no id.
    pub fn read(raw: &Value) -> Option<Self> {
        let kind = at(raw, &["channel", "channelType"]);
        let domain = at(kind, &["mediaRoutingDomain"]);
        Some(Self {
            id: words(raw, &["id"])?,
            channel_type: channel_type(raw).unwrap_or_default(),
            conversation: words(raw, &["conversationId"]).or_else(|| words(raw, &["topicId"])),
            customer_identifier: words(raw, &["channelData", "channelCustomerIdentifier"]),
            service_identifier: words(raw, &["channelData", "serviceIdentifier"])
                .or_else(|| words(raw, &["channel", "serviceIdentifier"])),
            channel_data: at(raw, &["channelData"]).clone(),
            media_domain: words(domain, &[]).or_else(|| words(domain, &["id"])),
            interactive: flag(kind, &["isInteractive"]),
            state: state(raw, &["state"]),
            reason: constant(raw, &["state", "reasonCode"]),
            direction: constant(raw, &["channelSessionDirection"]),
            routing_mode: constant(raw, &["channel", "channelConfig", "routingPolicy", "routingMode"]),
            raw: raw.clone(),
        })
    }

    /// What it is.
    pub fn kind(&self) -> Subtype {
        subtype(&self.channel_type)
    }

    /// It carries speech: nothing can be written on it.
    pub fn is_voice(&self) -> bool {
        is_voice(&self.channel_type)
    }

    /// For the conversation's frame.
    pub fn line(&self) -> Line {
        let address = self.customer_identifier.as_deref().map(text::short);
        Line { id: self.id.clone(), kind: self.kind(), address }
    }
}

/// The session on which the agent answers unless they choose another: the first
/// that does not carry speech.
pub fn reply_channel(sessions: &[ChannelSession]) -> Option<&ChannelSession> {
    sessions.iter().find(|session| !session.is_voice())
}

/// Name of the channel's type in capitals.
pub(super) fn channel_type(session: &Value) -> Option<String> {
    constant(session, &["channel", "channelType", "name"])
        .or_else(|| constant(session, &["channel", "channelConnector", "name"]))
}

/// Speech runs past the conversation on these.
pub fn is_voice(channel_type: &str) -> bool {
    ["CX_VOICE", "CISCO_CC"].iter().any(|voice| channel_type.trim().eq_ignore_ascii_case(voice))
}

/// The kind of a contact by the name of its channel's type, in any case.
pub fn subtype(name: &str) -> Subtype {
    match name.trim().to_uppercase().as_str() {
        "WEB" => Subtype::Chat,
        "WHATSAPP" => Subtype::Whatsapp,
        "SMS" => Subtype::Sms,
        "EMAIL" => Subtype::Email,
        "CX_VOICE" | "CISCO_CC" => Subtype::Telephone,
        "WEB_RTC" | "WEBRTC" => Subtype::WebCall,
        _ => Subtype::Unknown(channel_name(name)),
    }
}

/// What a channel is called when one speaks of it.
pub fn channel_name(name: &str) -> String {
    let known = match name.trim().to_uppercase().as_str() {
        "WEB" => "Web",
        "WHATSAPP" => "WhatsApp",
        "SMS" => "SMS",
        "EMAIL" => "E-mail",
        "CX_VOICE" | "CISCO_CC" => "Voice",
        "WEB_RTC" | "WEBRTC" => "WebRTC",
        "YOUTUBE" => "YouTube",
        "LINKEDIN" => "LinkedIn",
        _ => return text::readable(name),
    };
    known.to_owned()
}
