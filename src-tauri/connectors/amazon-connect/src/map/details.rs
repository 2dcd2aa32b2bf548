//! What the platform tells besides: of a contact, of its legs, of the agent
//! (sections 4.2, 5.1, 5.2).

use std::collections::BTreeSet;

use serde_json::Value;
use trunkline_model::{
    Attribute, AuthenticationState, ConnectionAction, ConnectionKind, ContactDetails, ContactId,
    CustomerAuthentication, Features, Initiation, PickedState, Sight, Subtype,
};

use super::{AgentConfiguration, Skew, endpoint_party};
use crate::settings::AmazonConnectSettings;
use crate::wire::{self, CallType, ConnectionStateType, ContactType, InitiationMethod};

const SUBTYPE: &str = "connect:Subtype";
const AUTHENTICATION: &str = "connect:CustomerAuthentication";
const SUBJECT: &str = "connect:EmailSubject";

/// Countries the agent may call, as the rest of the world writes them.
pub fn dialable_countries(configuration: &AgentConfiguration) -> Vec<String> {
    let codes = configuration.country_codes.iter().map(|code| code.trim().to_ascii_uppercase());
    let codes: BTreeSet<String> = codes.filter(|code| !code.is_empty()).collect();
    codes.into_iter().collect()
}

/// The state the agent picked last.
pub fn picked(snapshot: &wire::Snapshot, skew: Skew) -> Option<PickedState> {
    let availability = snapshot.availability.as_ref()?;
    let name = availability.state.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
    Some(PickedState { name: name.to_owned(), since: availability.time_stamp.and_then(|time| skew.local(time)) })
}

/// What a leg can send besides speech.
pub fn sends(leg: &wire::Connection) -> BTreeSet<Sight> {
    let can = |value: Option<&String>| value.is_some_and(|value| value == "SEND");
    let capabilities = leg.capabilities.as_ref();
    let video = capabilities.is_some_and(|all| can(all.video.as_ref())).then_some(Sight::Video);
    let screen = capabilities.is_some_and(|all| can(all.screen_share.as_ref())).then_some(Sight::Screen);
    video.into_iter().chain(screen).collect()
}

/// Muting one party at the platform. In a call of several parties agents may
/// mute each other; under supervision only themselves (4.3). What a supervisor
/// has forced, nobody else takes back.
pub fn mute_action(contact: &wire::Contact, leg: &wire::Connection, kind: &ConnectionKind) -> Option<ConnectionAction> {
    if leg.forced_mute || leg.state.kind != ConnectionStateType::Connected {
        return None;
    }
    match kind {
        // The agent's own microphone has a switch of its own: here only what another agent did.
        ConnectionKind::Agent => leg.mute.then_some(ConnectionAction::Unmute),
        ConnectionKind::Initial | ConnectionKind::ThirdParty => {
            let several = contact.parties().count() > 1;
            let action = if leg.mute { ConnectionAction::Unmute } else { ConnectionAction::Mute };
            (several && !super::work::supervised(contact)).then_some(action)
        }
        _ => None,
    }
}

fn initiation(method: &InitiationMethod) -> Initiation {
    match method {
        InitiationMethod::Inbound => Initiation::Inbound,
        InitiationMethod::Outbound => Initiation::Outbound,
        InitiationMethod::Transfer => Initiation::Transfer,
        InitiationMethod::QueueTransfer => Initiation::QueueTransfer,
        InitiationMethod::Callback => Initiation::Callback,
        InitiationMethod::CustomerFirstQueued | InitiationMethod::CustomerFirstDialed => {
            Initiation::CallbackCustomerFirst
        }
        InitiationMethod::Api => Initiation::Api,
        InitiationMethod::Disconnect => Initiation::Disconnect,
        InitiationMethod::WebRtcApi => Initiation::Web,
        InitiationMethod::AgentReply => Initiation::AgentReply,
        InitiationMethod::CampaignPreview => Initiation::CampaignPreview,
        InitiationMethod::ExternalOutbound => Initiation::ExternalOutbound,
        InitiationMethod::Monitor => Initiation::Monitor,
        InitiationMethod::Flow => Initiation::Flow,
        InitiationMethod::Other(other) => Initiation::Unknown(other.clone()),
    }
}

fn subtype(contact: &wire::Contact, settings: &AmazonConnectSettings) -> Option<Subtype> {
    let text = contact.segment_attributes.get(SUBTYPE)?.text.as_deref()?.trim();
    Some(match text {
        "" => return None,
        "connect:Telephony" => Subtype::Telephone,
        "connect:WebRTC" => Subtype::WebCall,
        "connect:Chat" => Subtype::Chat,
        "connect:SMS" => Subtype::Sms,
        "connect:Apple" => Subtype::AppleMessages,
        other if other == settings.whatsapp_subtype => Subtype::Whatsapp,
        "connect:Guide" => Subtype::Guide,
        "connect:Task" => Subtype::Task,
        "connect:Email" => Subtype::Email,
        other => Subtype::Unknown(other.strip_prefix("connect:").unwrap_or(other).to_owned()),
    })
}

/// Whether the customer has signed in; without a status nobody has tried.
fn authentication(contact: &wire::Contact) -> Option<CustomerAuthentication> {
    let map = contact.segment_attributes.get(AUTHENTICATION)?.map.as_ref()?;
    let text = |name: &str| map.get(name)?.text.clone().filter(|text| !text.trim().is_empty());
    Some(CustomerAuthentication {
        state: match text("Status")?.as_str() {
            "AUTHENTICATED" => AuthenticationState::Authenticated,
            "FAILED" => AuthenticationState::Failed,
            "TIMEOUT" => AuthenticationState::TimedOut,
            other => AuthenticationState::Unknown(other.to_owned()),
        },
        customer: text("AssociatedCustomerId"),
        provider: text("IdentityProvider"),
    })
}

/// Nested attributes become `outer.inner`.
fn flatten(name: &str, attribute: &wire::SegmentAttribute, into: &mut Vec<Attribute>) {
    if let Some(value) = &attribute.text {
        into.push(Attribute { name: name.to_owned(), value: value.clone() });
    }
    for (inner, attribute) in attribute.map.iter().flatten() {
        flatten(&format!("{name}.{inner}"), attribute, into);
    }
}

fn segment(contact: &wire::Contact) -> Vec<Attribute> {
    let mut all = Vec::new();
    for (name, attribute) in &contact.segment_attributes {
        if ![SUBTYPE, AUTHENTICATION, SUBJECT].contains(&name.as_str()) {
            flatten(name.strip_prefix("connect:").unwrap_or(name), attribute, &mut all);
        }
    }
    all
}

/// Its form is not published: plain values stand for themselves, others are
/// taken apart into them.
fn metadata(name: &str, value: &Value, into: &mut Vec<Attribute>) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                metadata(&format!("{name}.{}", index + 1), item, into);
            }
            return;
        }
        Value::Object(members) => {
            for (inner, value) in members {
                metadata(&format!("{name}.{inner}"), value, into);
            }
            return;
        }
    };
    into.push(Attribute { name: name.to_owned(), value: text });
}

/// The id of another contact: a contact names itself where there is none.
fn other<'a>(contact: &wire::Contact, id: Option<&'a String>) -> Option<&'a String> {
    id.filter(|id| **id != contact.contact_id && !id.is_empty())
}

/// Everything else of a contact.
pub fn details(contact: &wire::Contact, settings: &AmazonConnectSettings) -> ContactDetails {
    let features = contact.contact_features.as_ref();
    let mut further = Vec::new();
    for (name, value) in contact.contact_metadata.iter().flat_map(wire::Unknown::entries) {
        metadata(name, value, &mut further);
    }
    let reached = endpoint_party(contact.connect_system_endpoint.as_ref());
    let call = contact.softphone_media().and_then(|media| media.call_type.as_ref());
    ContactDetails {
        initial: other(contact, contact.initial_contact_id.as_ref()).map(|id| ContactId::new(id.clone())),
        related: other(contact, contact.related_contact_id.as_ref()).map(|id| ContactId::new(id.clone())),
        association: other(contact, contact.contact_association_id.as_ref()).cloned(),
        initiation: contact.initiation_method.as_ref().map(initiation),
        subtype: subtype(contact, settings),
        reached: (reached.name.is_some() || reached.address.is_some()).then_some(reached),
        features: Features {
            files: features.and_then(|features| features.attachments_enabled),
            markdown: features.and_then(|features| features.messaging_markdown_enabled),
            several_parties: features.and_then(|features| features.multi_party_conference_enabled),
            screen_recorded: features.and_then(|features| features.screen_recording_enabled),
        },
        segment: segment(contact),
        metadata: further,
        authentication: (contact.kind == ContactType::Chat).then(|| authentication(contact)).flatten(),
        customer_online: None,
        customer_banned: false,
        video: matches!(call, Some(CallType::AudioVideo | CallType::VideoOnly)),
    }
}
