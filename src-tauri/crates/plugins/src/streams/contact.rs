//! A contact in the shape of the CTI service.

use serde_json::{Map, Value, json};
use trunkline_desk::{ContactView, DeskSnapshot};
use trunkline_model::{
    Attribute, AuthenticationState, Channel, Connection, ConnectionKind, ConnectionState, Contact, ContactAction,
    ContactState, Direction, Initiation, MonitorMode, Party, ReferenceKind, Sight, Subtype, UnixMillis,
};

use super::names::{self, CUSTOMER_LEG, OWN_LEG};
use super::seconds;

/// The medium. What is none of the vendor's is work without a medium: a task.
fn kind(contact: &Contact) -> &'static str {
    match contact.channel {
        Channel::Voice if contact.direction == Direction::Callback => "queue_callback",
        Channel::Voice => "voice",
        Channel::Chat => "chat",
        Channel::Email => "email",
        Channel::Task | Channel::Unknown(_) => "task",
    }
}

/// Where it stands. Calls that the agent did not take are errors at the
/// service; other media have words for it.
fn state(contact: &Contact) -> &str {
    let voice = contact.channel == Channel::Voice;
    match &contact.state {
        ContactState::Init => "init",
        ContactState::Offered if kind(contact) == "queue_callback" => "incoming",
        ContactState::Offered if contact.details.initiation == Some(Initiation::CampaignPreview) => "incoming",
        ContactState::Offered | ContactState::Connecting => "connecting",
        ContactState::Connected => "connected",
        ContactState::Paused => "paused",
        ContactState::Ended => "ended",
        ContactState::Missed if !voice => "missed",
        ContactState::Rejected if !voice => "rejected",
        ContactState::Missed | ContactState::Rejected | ContactState::Failed => "error",
        ContactState::Unknown(text) => text,
    }
}

fn leg_state(state: &ConnectionState) -> &str {
    match state {
        ConnectionState::Init => "init",
        ConnectionState::Connecting => "connecting",
        ConnectionState::Connected => "connected",
        ConnectionState::Hold => "hold",
        ConnectionState::SilentMonitor => "silent_monitor",
        ConnectionState::Barge => "barge",
        ConnectionState::Disconnected => "disconnected",
        ConnectionState::Rejected => "rejected",
        ConnectionState::Unknown(text) => text,
    }
}

fn leg_kind<'a>(leg: &'a Connection, contact: &Contact) -> &'a str {
    match &leg.kind {
        ConnectionKind::Agent => "agent",
        ConnectionKind::Monitoring => "monitoring",
        ConnectionKind::Initial if contact.direction == Direction::Outbound => "outbound",
        ConnectionKind::Initial => "inbound",
        ConnectionKind::ThirdParty => "outbound",
        ConnectionKind::Unknown(text) => text,
    }
}

/// An address of somebody outside.
fn endpoint(party: &Party) -> Value {
    let Some(address) = party.address.as_deref() else {
        return if party.name.is_some() { json!({"name": party.name}) } else { Value::Null };
    };
    if address.contains('@') && !address.starts_with("sip:") {
        json!({"type": "email_address", "emailAddress": address, "displayName": party.name})
    } else {
        json!({"type": "phone_number", "phoneNumber": address, "name": party.name})
    }
}

/// Attributes under their names, in the form that the service has for them.
fn keyed(attributes: &[Attribute], form: impl Fn(&Attribute) -> Value) -> Map<String, Value> {
    attributes.iter().map(|one| (one.name.clone(), form(one))).collect()
}

fn initiation(initiation: &Initiation) -> &str {
    match initiation {
        Initiation::Inbound => "inbound",
        Initiation::Outbound => "outbound",
        Initiation::Transfer => "transfer",
        Initiation::QueueTransfer => "queue_transfer",
        Initiation::Callback => "callback",
        Initiation::CallbackCustomerFirst => "callback_customer_first_dialed",
        Initiation::Api => "api",
        Initiation::Disconnect => "disconnect",
        Initiation::Web => "webrtc_api",
        Initiation::AgentReply => "agent_reply",
        Initiation::CampaignPreview => "campaign_preview",
        Initiation::ExternalOutbound => "external_outbound",
        Initiation::Monitor => "monitor",
        Initiation::Flow => "flow",
        Initiation::Unknown(text) => text,
    }
}

/// How it came to be; where the platform does not say, by who began.
fn method(contact: &Contact) -> &str {
    match (&contact.details.initiation, contact.direction) {
        (Some(told), _) => initiation(told),
        (None, Direction::Inbound) => "inbound",
        (None, Direction::Outbound) => "outbound",
        (None, Direction::Callback) => "callback",
        (None, Direction::Monitoring) => "monitor",
    }
}

fn subtype(subtype: &Subtype) -> String {
    let name = match subtype {
        Subtype::Telephone => "Telephony",
        Subtype::WebCall => "WebRTC",
        Subtype::Chat => "Chat",
        Subtype::Sms => "SMS",
        Subtype::AppleMessages => "Apple",
        Subtype::Whatsapp => "WhatsApp",
        Subtype::Guide => "Guide",
        Subtype::Task => "Task",
        Subtype::Email => "Email",
        Subtype::Unknown(text) => text,
    };
    format!("connect:{name}")
}

/// Attributes of the platform's own.
fn segment(contact: &Contact) -> Map<String, Value> {
    let text = |value: &str| json!({"ValueString": value});
    let details = &contact.details;
    let mut all: Map<String, Value> =
        details.segment.iter().map(|one| (format!("connect:{}", one.name), text(&one.value))).collect();
    if let Some(told) = &details.subtype {
        all.insert("connect:Subtype".to_owned(), text(&subtype(told)));
    }
    if let (Channel::Email, Some(subject)) = (&contact.channel, &contact.subject) {
        all.insert("connect:EmailSubject".to_owned(), text(subject));
    }
    if let Some(told) = &details.authentication {
        let state = match &told.state {
            AuthenticationState::Authenticated => "AUTHENTICATED",
            AuthenticationState::Failed => "FAILED",
            AuthenticationState::TimedOut => "TIMEOUT",
            AuthenticationState::Unknown(other) => other,
        };
        let mut map = Map::from_iter([("Status".to_owned(), text(state))]);
        map.extend(told.provider.as_ref().map(|provider| ("IdentityProvider".to_owned(), text(provider))));
        map.extend(told.customer.as_ref().map(|customer| ("AssociatedCustomerId".to_owned(), text(customer))));
        all.insert("connect:CustomerAuthentication".to_owned(), json!({"ValueMap": map}));
    }
    all
}

/// The service has null where there is nothing, and pages ask with `if`.
fn told(members: Map<String, Value>) -> Option<Map<String, Value>> {
    (!members.is_empty()).then_some(members)
}

/// Likewise of members that may each be null.
fn any_of(members: Value) -> Option<Value> {
    let any = members.as_object().is_some_and(|members| members.values().any(|value| !value.is_null()));
    any.then_some(members)
}

fn references(contact: &Contact) -> Map<String, Value> {
    let kind = |kind: &ReferenceKind| match kind {
        ReferenceKind::Url => "URL".to_owned(),
        ReferenceKind::Text => "STRING".to_owned(),
        ReferenceKind::Number => "NUMBER".to_owned(),
        ReferenceKind::Date => "DATE".to_owned(),
        ReferenceKind::Email => "EMAIL".to_owned(),
        ReferenceKind::Attachment => "ATTACHMENT".to_owned(),
        ReferenceKind::Unknown(text) => text.clone(),
    };
    contact
        .references
        .iter()
        .map(|one| (one.name.clone(), json!({"type": kind(&one.kind), "value": one.value})))
        .collect()
}

fn mode(mode: MonitorMode) -> &'static str {
    match mode {
        // The service knows no whispering; to the customer it is the same.
        MonitorMode::Silent | MonitorMode::Whisper => "SILENT_MONITOR",
        MonitorMode::Barge => "BARGE",
    }
}

/// A supervisor's own leg: what they are to it and what they can become.
fn monitor(contact: &Contact, into: &mut Map<String, Value>) {
    let Some(monitoring) = &contact.monitoring else { return };
    let now = mode(monitoring.mode);
    let can = |action, word| (contact.allowed.contains(&action) || now == word).then_some(word);
    let can = [can(ContactAction::Listen, "SILENT_MONITOR"), can(ContactAction::BargeIn, "BARGE")];
    into.insert("monitorStatus".to_owned(), json!(now));
    into.insert("monitorCapabilities".to_owned(), json!(can.into_iter().flatten().collect::<Vec<_>>()));
    let info = json!({"agent": {"agentName": monitoring.agent}, "joinTimeStamp": monitoring.since.map(seconds)});
    into.insert("monitoringInfo".to_owned(), info);
}

/// What a leg carries. Tokens and addresses of the media stay in the panel.
fn media(leg: &Connection, contact: &Contact, into: &mut Map<String, Value>) {
    let own = matches!(leg.kind, ConnectionKind::Agent | ConnectionKind::Monitoring);
    match contact.channel {
        Channel::Voice if own && contact.softphone => {
            let call = if contact.details.video { "audio_video" } else { "audio_only" };
            let info = json!({"callType": call, "autoAccept": contact.auto_accept});
            into.insert("softphoneMediaInfo".to_owned(), info);
        }
        Channel::Chat => {
            let info = match leg.kind {
                _ if own => json!({"chatAutoAccept": contact.auto_accept}),
                ConnectionKind::Initial => json!({"customerName": contact.customer.name}),
                _ => json!({"agentName": leg.party.name}),
            };
            into.insert("chatMediaInfo".to_owned(), info);
        }
        _ => {}
    }
}

fn connection(desk: &DeskSnapshot, view: &ContactView, leg: &Connection) -> Value {
    let contact = &view.contact;
    let own = matches!(leg.kind, ConnectionKind::Agent | ConnectionKind::Monitoring);
    let voice = contact.channel == Channel::Voice;
    let first = if contact.initial_connection().is_some() { leg.kind == ConnectionKind::Initial } else { own };
    // Of tasks and e-mails the agent's leg is the first one, and has none.
    let address = if own {
        if !first && leg.kind == ConnectionKind::Agent { json!({"type": "agent"}) } else { Value::Null }
    } else if voice {
        endpoint(&leg.party)
    } else {
        Value::Null
    };
    let third = leg.kind == ConnectionKind::ThirdParty;
    let mut members = Map::from_iter([
        ("connectionId".to_owned(), json!(names::leg_id(desk, view, leg.id.as_str()))),
        ("contactId".to_owned(), json!(names::contact_id(desk, view))),
        ("type".to_owned(), json!(leg_kind(leg, contact))),
        ("initial".to_owned(), json!(first)),
        (
            "state".to_owned(),
            json!({
                "type": leg_state(&leg.state),
                "timestamp": seconds(leg.state_since.unwrap_or(contact.state_since)),
            }),
        ),
        ("endpoint".to_owned(), address),
        ("mute".to_owned(), json!(leg.muted_by_platform)),
        ("forcedMute".to_owned(), json!(leg.mute_forced)),
        ("quickConnectName".to_owned(), json!(leg.party.name.as_ref().filter(|_| third && voice))),
    ]);
    if leg.kind == ConnectionKind::Monitoring {
        monitor(contact, &mut members);
    } else if leg.state == ConnectionState::Barge {
        members.insert("monitorStatus".to_owned(), json!("BARGE"));
    }
    media(leg, contact, &mut members);
    let mut sends = Map::new();
    for sight in &leg.sends {
        let name = match sight {
            Sight::Video => "Video",
            Sight::Screen => "ScreenShare",
        };
        sends.insert(name.to_owned(), json!("SEND"));
    }
    if !sends.is_empty() {
        members.insert("capabilities".to_owned(), Value::Object(sends));
    }
    Value::Object(members)
}

/// Legs that pages count on and a platform may not tell of: the agent's own,
/// and the customer's of what is no task.
fn untold(contact: &Contact) -> Vec<Connection> {
    let state = match &contact.state {
        ContactState::Connected | ContactState::Paused => ConnectionState::Connected,
        state if state.is_finished() => ConnectionState::Disconnected,
        _ => ConnectionState::Connecting,
    };
    let leg = |id: &str, kind, state, party| Connection {
        id: id.into(),
        kind,
        state,
        state_since: None,
        party,
        muted_by_platform: false,
        mute_forced: false,
        sends: Default::default(),
        allowed: Default::default(),
    };
    let mut legs = Vec::new();
    if contact.agent_connection().is_none() {
        legs.push(leg(OWN_LEG, ConnectionKind::Agent, state.clone(), Party::default()));
    }
    let talks = matches!(contact.channel, Channel::Voice | Channel::Chat | Channel::Email);
    if talks && contact.connections.is_empty() {
        // Whoever rings is there already.
        let theirs = if state == ConnectionState::Connecting { ConnectionState::Connected } else { state };
        legs.push(leg(CUSTOMER_LEG, ConnectionKind::Initial, theirs, contact.customer.clone()));
    }
    legs
}

/// A contact, whole; `now` by this computer's clock.
pub(super) fn contact(desk: &DeskSnapshot, view: &ContactView, now: UnixMillis) -> Value {
    let whole = ContactView {
        contact: Contact {
            connections: view.contact.connections.iter().cloned().chain(untold(&view.contact)).collect(),
            ..view.contact.clone()
        },
        ..view.clone()
    };
    let (view, contact) = (&whole, &whole.contact);
    let details = &contact.details;
    let id = names::contact_id(desk, view);
    let queue = contact.queue.as_ref().map(|queue| {
        let account = desk.accounts.iter().find(|account| account.id == view.key.account);
        let id = queue.id.as_str();
        json!({"queueARN": account.map_or_else(|| id.to_owned(), |account| names::outer(account, id)), "name": queue.name})
    });
    let lasted = view.offered_at.or(view.connected_at).map_or(0, |began| now.since(began).max(0) / 1000);
    let features = &details.features;
    let voice = contact.channel == Channel::Voice;
    // The service knows a number, but who writes an e-mail by name, too.
    let caller_name = contact.customer.name.clone().filter(|_| contact.channel == Channel::Email);
    let caller = Party { name: caller_name, ..contact.customer.clone() };
    let mut members = json!({
        "contactId": id,
        "initialContactId": details.initial.as_ref().map_or(id.as_str(), |first| first.as_str()),
        "relatedContactId": details.related,
        "contactAssociationId": details.association.as_ref().unwrap_or(&id),
        "type": kind(contact),
        "state": {"type": state(contact), "timestamp": seconds(contact.state_since)},
        "queue": queue,
        "queueTimestamp": contact.queued_since.map(seconds),
        "connections": contact.connections.iter().map(|leg| connection(desk, view, leg)).collect::<Vec<_>>(),
        "attributes": keyed(&contact.attributes, |one| json!({"name": one.name, "value": one.value})),
        "contactDuration": lasted.to_string(),
        "name": contact.subject,
        "description": contact.description,
        "references": told(references(contact)),
        "initiationMethod": method(contact),
        "contactFeatures": any_of(json!({
            "attachmentsEnabled": features.files,
            "messagingMarkdownEnabled": features.markdown,
            "multiPartyConferenceEnabled": features.several_parties,
            "screenRecordingEnabled": features.screen_recorded,
        })),
        "channelContext": (kind(contact) == "task").then(|| {
            json!({"scheduledTime": contact.scheduled_for.map(seconds), "taskTemplateId": contact.template})
        }),
        "segmentAttributes": segment(contact),
        "customerEndpoint": endpoint(&caller),
        "connectSystemEndpoint": details.reached.as_ref().map(endpoint),
        "contactMetadata": told(keyed(&details.metadata, |one| json!(one.value))),
    });
    if contact.auto_accept && !voice {
        members["agentContactHandlingConfig"] = json!({"autoAccept": true});
    }
    if let Some(head) = &contact.email {
        let party = |party: &Party| json!({"address": party.address, "displayName": party.name});
        members["emailRecipients"] = json!({
            "fromRecipient": head.from.as_ref().map(party),
            "toList": head.to.iter().map(party).collect::<Vec<_>>(),
            "ccList": head.cc.iter().map(party).collect::<Vec<_>>(),
        });
    }
    members
}
