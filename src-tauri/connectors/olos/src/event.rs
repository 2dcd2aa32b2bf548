//! From a message on the agent's topic to events (section 4, with its rule for
//! what is not known: every message that is not the protocol's own is one).

use serde_json::{Map, Value};
use trunkline_connector::AccountSettings;
use trunkline_model::{Attribute, EventSort, Party, PlatformEvent, PlatformEventId, UnixMillis};

use crate::OlosSettings;
use crate::fields;
use crate::kinds;

/// Longest id and type kept, characters: they are shown and compared.
const LONGEST_NAME: usize = 256;

/// Times below are taken for seconds: in milliseconds they would lie before 1973.
const SECONDS_BELOW: f64 = 1e11;

/// Names of members that hold the customer's name, in small letters.
const NAMES: [&str; 5] = ["nome", "name", "customername", "cliente", "usernickname"];

/// A name that is not one of a list's.
fn is_customers_name(field: &Attribute) -> bool {
    let (of, name) = field.name.rsplit_once('.').unwrap_or(("", &field.name));
    let listed = of.split('.').any(|step| step.parse::<u32>().is_ok());
    NAMES.contains(&name.to_lowercase().as_str()) && !listed && !field.value.trim().is_empty()
}

/// Members that stand in places of their own.
const ENVELOPE: [&str; 7] = ["eventId", "eventType", "campaignId", "channelType", "channel", "timestamp", "eventData"];

/// One event as the platform sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct HubEvent {
    /// `eventId`; none where it has none.
    pub id: Option<String>,
    /// `eventType`, or the Phoenix event's name.
    pub kind: String,
    /// The name our own handling knows it by ([`kinds::known_as`]).
    pub name: String,
    /// `agentId`.
    pub agent: Option<String>,
    /// `campaignId`.
    pub campaign: Option<String>,
    /// `channelType`.
    pub channel_type: Option<String>,
    /// `channel`.
    pub channel: Option<String>,
    /// `timestamp`.
    pub at: Option<UnixMillis>,
    /// `eventData`, whatever it is.
    pub data: Value,
    /// Members that are not of the envelope, `agentId` included.
    pub rest: Map<String, Value>,
}

/// The events in one message. An event may be alone, in a list, or wrapped in
/// one of `wrappers`; a payload that is no event at all is the data of one.
pub fn read(message: &str, payload: &Value, wrappers: &[String]) -> Vec<HubEvent> {
    match payload {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().flat_map(|item| read(message, item, wrappers)).collect()
        }
        Value::Object(members) => {
            if !members.contains_key("eventType")
                && let Some(inner) = wrappers.iter().find_map(|name| wrapped(members.get(name)?))
            {
                return read(message, inner, wrappers);
            }
            vec![from_members(message, members)]
        }
        other => vec![bare(message, other)],
    }
}

/// The events in what somebody pasted: as above, or a frame of the socket
/// (`[join_ref, ref, topic, event, payload]`).
pub fn pasted(settings: &AccountSettings, pasted: &Value, now: UnixMillis) -> Vec<PlatformEvent> {
    let wrappers = OlosSettings::read(settings).unwrap_or_default().event_wrappers;
    let (message, payload) = match pasted.as_array().map(Vec::as_slice) {
        Some([_, _, Value::String(_), Value::String(message), payload]) => (message.as_str(), payload),
        _ => ("", pasted),
    };
    let events = read(message, payload, &wrappers).into_iter().enumerate();
    events.map(|(number, event)| event.told(|| format!("pasted-{number}"), now)).collect()
}

/// The value, if it is an event or a list of them.
fn wrapped(value: &Value) -> Option<&Value> {
    let is_event = |value: &Value| value.get("eventType").is_some();
    let several = value.as_array().is_some_and(|items| items.iter().any(is_event));
    (is_event(value) || several).then_some(value)
}

fn bare(message: &str, data: &Value) -> HubEvent {
    let kind = shortened(message);
    HubEvent {
        id: None,
        name: kinds::known_as(&kind, true, false),
        kind,
        agent: None,
        campaign: None,
        channel_type: None,
        channel: None,
        at: None,
        data: data.clone(),
        rest: Map::new(),
    }
}

fn from_members(message: &str, members: &Map<String, Value>) -> HubEvent {
    let text = |name: &str| text(members.get(name)?);
    let kind = text("eventType").unwrap_or_else(|| message.to_owned());
    let channel_type = text("channelType");
    let voice = channel_type.as_deref().is_none_or(|channel| channel.eq_ignore_ascii_case("voice"));
    let data = members.get("eventData").cloned().unwrap_or(Value::Null);
    let from_customer = data.get("sender").is_some();
    let rest = members.iter().filter(|(name, _)| !ENVELOPE.contains(&name.as_str()));
    HubEvent {
        id: text("eventId").map(|id| shortened(&id)),
        name: kinds::known_as(&kind, voice, from_customer),
        kind: shortened(&kind),
        agent: text("agentId"),
        campaign: text("campaignId"),
        channel_type,
        channel: text("channel"),
        at: members.get("timestamp").and_then(time),
        data,
        rest: rest.map(|(name, value)| (name.clone(), value.clone())).collect(),
    }
}

/// Text or a number as text; empty counts as none.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn time(value: &Value) -> Option<UnixMillis> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    if !number.is_finite() || number <= 0.0 {
        return None;
    }
    let millis = if number < SECONDS_BELOW { number * 1000.0 } else { number };
    Some(UnixMillis(millis as i64))
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}

impl HubEvent {
    /// A member of `eventData` as text.
    pub fn text(&self, member: &str) -> Option<String> {
        text(self.data.get(member)?)
    }

    /// A member of `eventData` as a whole number.
    pub fn number(&self, member: &str) -> Option<i64> {
        let value = self.data.get(member)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// What it is about.
    pub fn sort(&self) -> EventSort {
        kinds::sort(&self.name)
    }

    /// Whom it is about, as far as members are called so.
    pub fn customer(&self, fields: &[Attribute]) -> Party {
        let name = match self.sort() {
            EventSort::ScreenPop => fields.iter().find(|field| is_customers_name(field)),
            _ => None,
        };
        Party { name: name.map(|field| field.value.trim().to_owned()), address: self.text("phoneNumber") }
    }

    /// As the desk knows it. `fallback` is the id of one that came without.
    pub fn told(&self, fallback: impl FnOnce() -> String, now: UnixMillis) -> PlatformEvent {
        let mut fields = match &self.data {
            Value::Null => Vec::new(),
            data @ Value::Object(_) => fields::read("", data),
            other => fields::read("eventData", other),
        };
        // An empty object has nothing to show, and not a field without a name.
        fields.retain(|field| !field.name.is_empty());
        for (name, value) in &self.rest {
            let known = |field: &Attribute| field.name == *name;
            if !fields.iter().any(known) {
                fields.extend(fields::read(name, value));
            }
        }
        let customer = self.customer(&fields);
        PlatformEvent {
            customer,
            id: PlatformEventId::new(self.id.clone().unwrap_or_else(fallback)),
            kind: self.kind.clone(),
            sort: self.sort(),
            at: self.at.unwrap_or(now),
            campaign: self.campaign.clone(),
            channel: self.channel_type.clone(),
            way: self.channel.clone(),
            fields,
        }
    }
}

#[cfg(test)]
mod tests;
