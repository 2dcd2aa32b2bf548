//! What a page may ask for: names, shapes, and what is not in order.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use trunkline_model::CustomerNote;
use trunkline_rpc::schema::{PluginPermission, PopupLevel};

/// Longest attributes of a contact, bytes of names and values: Amazon Connect's own limit.
const MOST_ATTRIBUTES: usize = 32 << 10;
/// Longest title, characters.
const LONGEST_TITLE: usize = 64;
/// Longest text that is shown, characters.
const LONGEST_TEXT: usize = 1_000;
/// Longest name, number or address, characters.
const LONGEST_NAME: usize = 200;

/// Every name that a page may use, with its camel-case form.
const NAMES: [(&str, &str); 14] = [
    ("init", "init"),
    ("show_plugin", "showPlugin"),
    ("hide_plugin", "hidePlugin"),
    ("set_title_tag", "setTitleTag"),
    ("get_user", "getUser"),
    ("get_company_id", "getCompanyID"),
    ("update_contact", "updateContact"),
    ("update_customer", "updateCustomer"),
    ("update_quick_connects", "updateQuickConnects"),
    ("transfer_call", "transferCall"),
    ("end_conference_call", "endConferenceCall"),
    ("quick_connect", "quickConnect"),
    ("show_notification", "showNotification"),
    ("show_popup_message", "showPopupMessage"),
];

/// The one name for all ways of writing it.
pub(super) fn canonical(written: &str) -> Option<&'static str> {
    let is_it = |(snake, camel): &&(&str, &str)| {
        *snake == written || *camel == written || (*camel == "getCompanyID" && written == "getCompanyId")
    };
    NAMES.iter().find(is_it).map(|(snake, _)| *snake)
}

/// Why something was refused, in the reference's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalCode {
    /// No message at all, or too large a one.
    BadMessage,
    /// No such name.
    UnknownEvent,
    /// What goes with it does not fit.
    BadPayload,
    /// The plugin may not.
    NotAllowed,
    /// There is no contact that it could be about.
    NoContact,
    /// The agent said no.
    UserDeclined,
    /// It was tried and failed.
    Failed,
}

impl RefusalCode {
    /// As it goes over the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadMessage => "bad_message",
            Self::UnknownEvent => "unknown_event",
            Self::BadPayload => "bad_payload",
            Self::NotAllowed => "not_allowed",
            Self::NoContact => "no_contact",
            Self::UserDeclined => "user_declined",
            Self::Failed => "failed",
        }
    }
}

/// A refusal with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub code: RefusalCode,
    /// For the plugin's developer.
    pub reason: String,
}

impl Refusal {
    /// With a reason.
    pub fn new(code: RefusalCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// There is no contact.
    pub fn no_contact() -> Self {
        Self::new(RefusalCode::NoContact, "There is no current contact.")
    }

    fn payload(reason: impl Into<String>) -> Self {
        Self::new(RefusalCode::BadPayload, reason)
    }
}

/// What kind of destination it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointType {
    /// A number.
    PhoneNumber,
    /// An agent.
    Agent,
    /// A queue.
    Queue,
}

/// A destination.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// The platform's name for it.
    #[serde(default, rename = "endpointARN")]
    pub endpoint_arn: Option<String>,
    /// The directory's id of it.
    #[serde(default)]
    pub endpoint_id: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: EndpointType,
    /// Its shown name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its number.
    #[serde(default)]
    pub phone_number: Option<String>,
}

/// A message in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The page is there.
    Init,
    /// Be seen.
    ShowPlugin,
    /// Be out of sight.
    HidePlugin,
    /// Be called this.
    SetTitleTag(String),
    /// Who is the agent?
    GetUser,
    /// Which company is it?
    GetCompanyId,
    /// Attributes onto the current contact.
    UpdateContact(BTreeMap<String, String>),
    /// Customer data onto it.
    UpdateCustomer(CustomerNote),
    /// Read the directory again.
    UpdateQuickConnects,
    /// Transfer the current contact.
    TransferCall {
        /// Number.
        number: String,
        /// Shown name.
        name: String,
        /// Where to.
        endpoint: Endpoint,
    },
    /// Drop a leg of the current call.
    EndConferenceCall {
        /// Its name: the leg's id, or its party's name or number.
        connection: String,
    },
    /// Transfer to an entry of the directory, by name.
    QuickConnect {
        /// Shown name of it.
        name: String,
        /// For whoever takes it.
        note: String,
    },
    /// Add to the notifications.
    Notify {
        /// Title.
        header: String,
        /// Words.
        text: String,
    },
    /// Take the plugin's notifications away: all, or the one with this title.
    ClearNotification {
        /// Title; empty: all.
        header: String,
    },
    /// Say something for a moment.
    Popup {
        /// How it is meant.
        level: PopupLevel,
        /// Words.
        text: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone_number: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "ID")]
    id: Option<String>,
}

#[derive(Deserialize)]
struct Transfer {
    #[serde(default)]
    number: String,
    #[serde(default)]
    name: String,
    endpoint: Endpoint,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionName {
    connection_name: String,
}

#[derive(Deserialize)]
struct Quick {
    name: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "type")]
    kind: NotificationType,
    #[serde(default)]
    header: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
enum NotificationType {
    #[serde(rename = "CREATE_NOTIFICATION")]
    Create,
    #[serde(rename = "CLEAR_NOTIFICATION")]
    Clear,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PopupMessage {
    #[serde(rename = "type")]
    kind: PopupType,
    popup_message: String,
}

#[derive(Deserialize)]
enum PopupType {
    #[serde(rename = "SUCCESS")]
    Success,
    #[serde(rename = "ERROR")]
    Error,
}

impl Message {
    /// Checks what goes with a name.
    pub fn read(name: &str, payload: &Value) -> Result<Self, Refusal> {
        Ok(match name {
            "init" => Self::Init,
            "show_plugin" => Self::ShowPlugin,
            "hide_plugin" => Self::HidePlugin,
            "get_user" => Self::GetUser,
            "get_company_id" => Self::GetCompanyId,
            "update_quick_connects" => Self::UpdateQuickConnects,
            "set_title_tag" => {
                let title = payload.as_str().or_else(|| payload.get("title").and_then(Value::as_str));
                let title = title.ok_or_else(|| Refusal::payload("title: text is wanted"))?;
                Self::SetTitleTag(plain(title, "title", LONGEST_TITLE)?)
            }
            "update_contact" => Self::UpdateContact(attributes(payload)?),
            "update_customer" => {
                let Customer { email, phone_number, name, id } = shaped(payload)?;
                let note = CustomerNote { id, name, phone: phone_number, email };
                for text in [&note.id, &note.name, &note.phone, &note.email].into_iter().flatten() {
                    plain(text, "customer", LONGEST_NAME)?;
                }
                Self::UpdateCustomer(note)
            }
            "transfer_call" => {
                let Transfer { number, name, endpoint } = shaped(payload)?;
                plain(&number, "number", LONGEST_NAME)?;
                plain(&name, "name", LONGEST_NAME)?;
                Self::TransferCall { number, name, endpoint }
            }
            "end_conference_call" => {
                let ConnectionName { connection_name } = shaped(payload)?;
                Self::EndConferenceCall { connection: plain(&connection_name, "connectionName", LONGEST_NAME)? }
            }
            "quick_connect" => {
                let Quick { name, message } = shaped(payload)?;
                Self::QuickConnect {
                    name: plain(&name, "name", LONGEST_NAME)?,
                    note: plain(&message, "message", LONGEST_TEXT)?,
                }
            }
            "show_notification" => {
                let Notification { kind, header, text } = shaped(payload)?;
                let header = plain(&header, "header", LONGEST_NAME)?;
                match kind {
                    NotificationType::Create => Self::Notify { header, text: plain(&text, "text", LONGEST_TEXT)? },
                    NotificationType::Clear => Self::ClearNotification { header },
                }
            }
            "show_popup_message" => {
                let PopupMessage { kind, popup_message } = shaped(payload)?;
                let level = match kind {
                    PopupType::Success => PopupLevel::Success,
                    PopupType::Error => PopupLevel::Error,
                };
                Self::Popup { level, text: plain(&popup_message, "popupMessage", LONGEST_TEXT)? }
            }
            other => {
                return Err(Refusal::new(RefusalCode::UnknownEvent, format!("There is no message {other:.64?}.")));
            }
        })
    }

    /// What the plugin must be allowed for it.
    pub fn needs(&self) -> Option<PluginPermission> {
        match self {
            Self::Init | Self::ShowPlugin | Self::HidePlugin | Self::SetTitleTag(_) | Self::UpdateQuickConnects => None,
            Self::GetUser | Self::GetCompanyId => Some(PluginPermission::Agent),
            Self::UpdateContact(_) | Self::UpdateCustomer(_) => Some(PluginPermission::Annotate),
            Self::TransferCall { .. } | Self::QuickConnect { .. } | Self::EndConferenceCall { .. } => {
                Some(PluginPermission::Transfers)
            }
            Self::Notify { .. } | Self::ClearNotification { .. } | Self::Popup { .. } => Some(PluginPermission::Notify),
        }
    }
}

fn shaped<T: serde::de::DeserializeOwned>(payload: &Value) -> Result<T, Refusal> {
    T::deserialize(payload).map_err(|error| Refusal::payload(error.to_string()))
}

fn attributes(payload: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let attributes: BTreeMap<String, String> = shaped(payload)?;
    let size: usize = attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MOST_ATTRIBUTES {
        return Err(Refusal::payload(format!("{size} bytes of attributes, the most is {MOST_ATTRIBUTES}")));
    }
    if attributes.keys().any(|name| name.trim().is_empty()) {
        return Err(Refusal::payload("an attribute without a name"));
    }
    Ok(attributes)
}

/// Text that is shown: of a length that can be read, and without characters that mislead.
fn plain(text: &str, member: &str, most: usize) -> Result<String, Refusal> {
    if text.chars().count() > most {
        return Err(Refusal::payload(format!("{member}: the most is {most} characters")));
    }
    let misleads = |c: &char| !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    Ok(text.chars().map(|c| if c == '\n' { ' ' } else { c }).filter(misleads).collect::<String>().trim().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::smartagent::Envelope;

    fn fixture(name: &str) -> Value {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/smartagent").join(name);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn payloads_are_judged_as_the_reference_says() {
        for case in fixture("invalid-payloads.json")["cases"].as_array().unwrap() {
            let read = Message::read(case["event"].as_str().unwrap(), &case["payload"]);
            match case.get("error").and_then(Value::as_str) {
                Some(code) => assert_eq!(read.map_err(|no| no.code.name()), Err(code), "{case} is refused"),
                None => assert!(read.is_ok(), "{case} is in order, but: {read:?}"),
            }
        }
    }

    #[test]
    fn every_message_of_the_reference_is_understood() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/smartagent");
        let mut names = std::collections::BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.starts_with("msg-") {
                continue;
            }
            let read = Envelope::read(&fixture(&name)["envelope"]).unwrap();
            let message = Message::read(&read.name, &read.payload);
            assert!(message.is_ok(), "{name}: {message:?}");
            names.insert(read.name);
        }
        assert_eq!(names.len(), NAMES.len(), "each of the names has one: {names:?}");
    }

    #[test]
    fn camel_case_names_are_the_same_messages() {
        for (snake, camel) in NAMES {
            assert_eq!(canonical(camel), Some(snake), "{camel} is {snake}");
        }
        assert_eq!(canonical("getCompanyId"), Some("get_company_id"), "whichever way the last letter is");
    }

    #[test]
    fn text_that_is_shown_cannot_mislead() {
        let read = Message::read("set_title_tag", &json!({"title": "a\u{202E}b\u{0}c\nd"})).unwrap();
        assert_eq!(read, Message::SetTitleTag("abc d".to_owned()), "no characters that turn or break it");
        let long = json!({"title": "x".repeat(65)});
        assert!(Message::read("set_title_tag", &long).is_err(), "no longer than a title");
        let much = json!({"a": "x".repeat(33_000)});
        assert!(Message::read("update_contact", &much).is_err(), "no more attributes than the platform takes");
    }
}
