//! The agent snapshot: sections 5.1, 5.2 and 6 of `docs/connectors/amazon-connect.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::basics::{Private, Timestamp, Unknown, lenient, open_enum};

open_enum!(
    /// `contact.type`.
    ContactType { Voice = "voice", QueueCallback = "queue_callback", Chat = "chat", Task = "task", Email = "email" }
);
open_enum!(
    /// `contact.state.type`.
    ContactStateType {
        Init = "init", Incoming = "incoming", Pending = "pending", Connecting = "connecting",
        Connected = "connected", Missed = "missed", Error = "error", Ended = "ended",
        Rejected = "rejected", Paused = "paused",
    }
);
impl ContactType {
    /// A call, call-backs included (section 5.3).
    pub fn is_voice(&self) -> bool {
        matches!(self, Self::Voice | Self::QueueCallback)
    }
}

impl ContactStateType {
    /// Nothing more comes of it but its wrap-up.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Ended | Self::Error | Self::Missed | Self::Rejected)
    }
}

open_enum!(
    /// `connection.type`.
    ConnectionType { Agent = "agent", Inbound = "inbound", Outbound = "outbound", Monitoring = "monitoring" }
);
open_enum!(
    /// `connection.state.type`. `rejected` is not in the model but has been seen on agent legs.
    ConnectionStateType {
        Init = "init", Connecting = "connecting", Connected = "connected", Hold = "hold",
        Disconnected = "disconnected", SilentMonitor = "silent_monitor", Barge = "barge", Rejected = "rejected",
    }
);
open_enum!(
    /// `state.type` of the agent.
    AgentStateType {
        Init = "init", Routable = "routable", NotRoutable = "not_routable", Offline = "offline",
        System = "system", Error = "error",
    }
);
open_enum!(
    /// `initiationMethod`.
    InitiationMethod {
        Inbound = "inbound", Outbound = "outbound", Transfer = "transfer", QueueTransfer = "queue_transfer",
        Callback = "callback", Api = "api", AgentReply = "agent_reply", CampaignPreview = "campaign_preview",
        ExternalOutbound = "external_outbound", Monitor = "monitor", Disconnect = "disconnect",
        WebRtcApi = "webrtc_api", Flow = "flow", CustomerFirstQueued = "callback_customer_first_queued",
        CustomerFirstDialed = "callback_customer_first_dialed",
    }
);
open_enum!(
    /// `softphoneMediaInfo.callType`.
    CallType { AudioVideo = "audio_video", VideoOnly = "video_only", AudioOnly = "audio_only", None = "none" }
);
open_enum!(
    /// `monitorStatus` and `monitorCapabilities`.
    MonitoringMode { SilentMonitor = "SILENT_MONITOR", Barge = "BARGE" }
);

/// Reply of GetAgentSnapshot.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotReply {
    /// The whole state.
    pub snapshot: Snapshot,
    /// To be sent with the next poll; opaque.
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
    /// Members beyond the model.
    #[serde(flatten)]
    pub unknown: Unknown,
}

/// The agent and all contacts the agent holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Present state: the one member that must be there.
    pub state: AgentState,
    /// Queued next status.
    pub next_state: Option<AgentState>,
    /// The state the agent picked last.
    pub availability: Option<AvailabilityState>,
    /// Contacts, oldest change of state first (section 7.5).
    pub contacts: Vec<Contact>,
    /// Contacts that could not be read.
    pub unreadable: Vec<UnreadableContact>,
    /// The service's clock when it answered.
    pub timestamp: Option<Timestamp>,
    /// Members beyond the model.
    pub unknown: Unknown,
}

/// A contact that lacks a required member. It may be a live call, so it is
/// neither dropped nor guessed at: the last known value stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnreadableContact {
    /// Its id, when at least that is there.
    pub contact_id: Option<String>,
    /// Kind and position of the problem.
    pub problem: String,
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Raw {
            state: AgentState,
            #[serde(default, deserialize_with = "lenient")]
            next_state: Option<AgentState>,
            #[serde(default, deserialize_with = "lenient")]
            agent_availability_state: Option<AvailabilityState>,
            // Absent means none; of another type means unreadable, for live calls would vanish.
            #[serde(default)]
            contacts: Option<Vec<Value>>,
            #[serde(default, deserialize_with = "lenient")]
            snapshot_timestamp: Option<Timestamp>,
            #[serde(flatten)]
            unknown: Unknown,
        }
        let raw = Raw::deserialize(deserializer)?;
        let mut contacts = Vec::new();
        let mut unreadable = Vec::new();
        for value in raw.contacts.unwrap_or_default() {
            let contact_id = value.get("contactId").and_then(Value::as_str).map(str::to_owned);
            match Contact::deserialize(value) {
                Ok(contact) => contacts.push(contact),
                Err(error) => {
                    unreadable.push(UnreadableContact { contact_id, problem: super::describe(&error) });
                }
            }
        }
        Ok(Self {
            state: raw.state,
            next_state: raw.next_state,
            availability: raw.agent_availability_state,
            contacts,
            unreadable,
            timestamp: raw.snapshot_timestamp,
            unknown: raw.unknown,
        })
    }
}

/// An agent state: present, next or selectable.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentState {
    /// Null for states set by the system.
    #[serde(rename = "agentStateARN", default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Class.
    #[serde(rename = "type")]
    pub kind: AgentStateType,
    /// Name.
    pub name: String,
    /// Since when.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub start_timestamp: Option<Timestamp>,
}

/// `agentAvailabilityState`. Documentation spells `timestamp`, the wire `timeStamp`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AvailabilityState {
    /// Name of the state.
    #[serde(default, deserialize_with = "lenient")]
    pub state: Option<String>,
    /// Since when.
    #[serde(default, alias = "timestamp", deserialize_with = "lenient")]
    pub time_stamp: Option<Timestamp>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Queue {
    /// ARN.
    #[serde(rename = "queueARN", default, deserialize_with = "lenient")]
    pub arn: Option<String>,
    /// Name; the agent's own queue has none.
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
}

/// An address: number, agent, queue or e-mail.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// ARN of a quick connect.
    #[serde(rename = "endpointARN", default, deserialize_with = "lenient")]
    pub arn: Option<String>,
    /// `phone_number`, `agent`, `queue`, `email_address` ...
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub kind: Option<String>,
    /// Name.
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<Private>,
    /// Name to show.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: Option<Private>,
    /// Number.
    #[serde(default, deserialize_with = "lenient")]
    pub phone_number: Option<Private>,
    /// Sign-in name of an agent.
    #[serde(default, deserialize_with = "lenient")]
    pub agent_login: Option<Private>,
    /// E-mail address.
    #[serde(default, deserialize_with = "lenient")]
    pub email_address: Option<Private>,
    /// Queue.
    #[serde(default, deserialize_with = "lenient")]
    pub queue: Option<Queue>,
    /// Members beyond the model.
    #[serde(flatten)]
    pub unknown: Unknown,
}

impl Endpoint {
    /// A number to call.
    pub fn number(number: &str) -> Self {
        Self { kind: Some("phone_number".to_owned()), phone_number: Some(Private::new(number)), ..Self::default() }
    }

    /// Its form in a request: what the model names (section 4.2) and what it
    /// holds. The vendor's client refuses other members, so none are sent.
    pub fn request(&self) -> Value {
        let text = |text: &Option<Private>| text.as_ref().map(|text| text.expose().to_owned());
        let queue = self
            .queue
            .as_ref()
            .map(|queue| without_nulls(serde_json::json!({"queueARN": queue.arn, "name": queue.name})));
        without_nulls(serde_json::json!({
            "endpointARN": self.arn, "type": self.kind, "name": text(&self.name),
            "displayName": text(&self.display_name), "phoneNumber": text(&self.phone_number),
            "agentLogin": text(&self.agent_login), "emailAddress": text(&self.email_address), "queue": queue,
        }))
    }
}

fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, value| !value.is_null());
    }
    value
}

/// One page of GetEndpoints.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointsPage {
    /// Entries; one that cannot be read is left out.
    #[serde(default, deserialize_with = "each_readable")]
    pub endpoints: Vec<Endpoint>,
    /// Another page follows.
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
}

fn each_readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Endpoint>, D::Error> {
    let values = Option::<Vec<Value>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(values.into_iter().filter_map(|value| Endpoint::deserialize(value).ok()).collect())
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Private>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(Private::new(text)),
        Value::Number(number) => Some(Private::new(number.to_string())),
        _ => None,
    })
}

/// State of a contact with its time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ContactState {
    /// Which.
    #[serde(rename = "type")]
    pub kind: ContactStateType,
    /// Since when.
    #[serde(default, deserialize_with = "lenient")]
    pub timestamp: Option<Timestamp>,
}

/// State of a connection with its time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ConnectionState {
    /// Which.
    #[serde(rename = "type")]
    pub kind: ConnectionStateType,
    /// Since when.
    #[serde(default, deserialize_with = "lenient")]
    pub timestamp: Option<Timestamp>,
}

/// One contact attribute.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Attribute {
    /// Key again; the map's key counts when it is absent.
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    /// Value.
    #[serde(default, deserialize_with = "lenient")]
    pub value: Option<Private>,
}

/// A contact.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Id.
    pub contact_id: String,
    /// Medium.
    #[serde(rename = "type")]
    pub kind: ContactType,
    /// Where it stands.
    pub state: ContactState,
    /// First contact of a transfer chain.
    #[serde(default, deserialize_with = "lenient")]
    pub initial_contact_id: Option<String>,
    /// Link to another contact.
    #[serde(default, deserialize_with = "lenient")]
    pub related_contact_id: Option<String>,
    /// Groups an e-mail thread.
    #[serde(default, deserialize_with = "lenient")]
    pub contact_association_id: Option<String>,
    /// Queue; null when monitoring.
    #[serde(default, deserialize_with = "lenient")]
    pub queue: Option<Queue>,
    /// Waiting since.
    #[serde(default, deserialize_with = "lenient")]
    pub queue_timestamp: Option<Timestamp>,
    /// Legs. Required by the model; a contact without is shown all the same.
    #[serde(default, deserialize_with = "lenient")]
    pub connections: Vec<Connection>,
    /// Attributes of the flow.
    #[serde(default, deserialize_with = "lenient")]
    pub attributes: BTreeMap<String, Attribute>,
    /// Whole seconds as text.
    #[serde(default, deserialize_with = "lenient")]
    pub contact_duration: Option<Value>,
    /// Title of a task.
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<Private>,
    /// Text of a task.
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<Private>,
    /// References of a task.
    #[serde(default, deserialize_with = "lenient")]
    pub references: BTreeMap<String, Reference>,
    /// Who started it.
    #[serde(default, deserialize_with = "lenient")]
    pub initiation_method: Option<InitiationMethod>,
    /// What it can do.
    #[serde(default, deserialize_with = "lenient")]
    pub contact_features: Option<ContactFeatures>,
    /// Scheduling and template of a task.
    #[serde(default, deserialize_with = "lenient")]
    pub channel_context: Option<Value>,
    /// Attributes set by the service.
    #[serde(default, deserialize_with = "lenient")]
    pub segment_attributes: BTreeMap<String, SegmentAttribute>,
    /// The customer's address.
    #[serde(default, deserialize_with = "lenient")]
    pub customer_endpoint: Option<Endpoint>,
    /// Our address.
    #[serde(default, deserialize_with = "lenient")]
    pub connect_system_endpoint: Option<Endpoint>,
    /// Language.
    #[serde(default, deserialize_with = "lenient")]
    pub language_code: Option<String>,
    /// Recipients of an e-mail.
    #[serde(default, deserialize_with = "lenient")]
    pub email_recipients: Option<EmailRecipients>,
    /// Beyond the public model: auto-accept per contact.
    #[serde(default, deserialize_with = "lenient")]
    pub agent_contact_handling_config: Option<HandlingConfig>,
    /// Beyond the public model, of unknown form: handed on as it is.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub contact_metadata: Option<Unknown>,
    /// Members beyond the model.
    #[serde(flatten)]
    pub unknown: Unknown,
}

/// `agentContactHandlingConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandlingConfig {
    /// The platform accepts by itself.
    #[serde(default, deserialize_with = "lenient")]
    pub auto_accept: bool,
}

/// `contactFeatures`; all optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactFeatures {
    /// More than three parties.
    #[serde(default, deserialize_with = "lenient")]
    pub multi_party_conference_enabled: Option<bool>,
    /// Files in chats.
    #[serde(default, deserialize_with = "lenient")]
    pub attachments_enabled: Option<bool>,
    /// Marked-up chat text.
    #[serde(default, deserialize_with = "lenient")]
    pub messaging_markdown_enabled: Option<bool>,
    /// The agent's screen is recorded.
    #[serde(default, deserialize_with = "lenient")]
    pub screen_recording_enabled: Option<bool>,
    /// Details of the screen recording and members beyond the model.
    #[serde(flatten)]
    pub unknown: Unknown,
}

/// One reference of a task.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Reference {
    /// `URL`, `EMAIL`, `NUMBER`, `STRING`, `DATE`.
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub kind: Option<String>,
    /// Value; of numbers and dates a number on the wire.
    #[serde(default, deserialize_with = "text_or_number")]
    pub value: Option<Private>,
    /// Status and ARN.
    #[serde(flatten)]
    pub unknown: Unknown,
}

/// One segment attribute.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct SegmentAttribute {
    /// Plain value.
    #[serde(rename = "ValueString", default, deserialize_with = "lenient")]
    pub text: Option<String>,
    /// Nested values.
    #[serde(rename = "ValueMap", default, deserialize_with = "lenient")]
    pub map: Option<BTreeMap<String, SegmentAttribute>>,
}

/// `emailRecipients`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailRecipients {
    /// To.
    #[serde(default, deserialize_with = "lenient")]
    pub to_list: Vec<EmailAddress>,
    /// Cc.
    #[serde(default, deserialize_with = "lenient")]
    pub cc_list: Vec<EmailAddress>,
    /// From.
    #[serde(default, deserialize_with = "lenient")]
    pub from_recipient: Option<EmailAddress>,
}

/// One e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailAddress {
    /// Address.
    #[serde(default, deserialize_with = "lenient")]
    pub address: Option<Private>,
    /// Name to show.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: Option<Private>,
}

/// One leg of a contact.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Id; of a queue call-back it changes between incoming and connecting.
    pub connection_id: String,
    /// Role.
    #[serde(rename = "type")]
    pub kind: ConnectionType,
    /// The first leg: the customer's; for tasks and monitoring the agent's own.
    #[serde(default, deserialize_with = "lenient")]
    pub initial: bool,
    /// Where it stands.
    pub state: ConnectionState,
    /// Address.
    #[serde(default, deserialize_with = "lenient")]
    pub endpoint: Option<Endpoint>,
    /// Voice media; only on the agent's leg, null for a desk phone.
    #[serde(default, deserialize_with = "lenient")]
    pub softphone_media_info: Option<SoftphoneMediaInfo>,
    /// Chat media.
    #[serde(default, deserialize_with = "lenient")]
    pub chat_media_info: Option<ChatMediaInfo>,
    /// Whom a supervisor listens to.
    #[serde(default, deserialize_with = "lenient")]
    pub monitoring_info: Option<MonitoringInfo>,
    /// Muted at the platform.
    #[serde(default, deserialize_with = "lenient")]
    pub mute: bool,
    /// Muted by a supervisor.
    #[serde(default, deserialize_with = "lenient")]
    pub forced_mute: bool,
    /// Quick connect that was dialled.
    #[serde(default, deserialize_with = "lenient")]
    pub quick_connect_name: Option<String>,
    /// Modes a supervisor may use.
    #[serde(default, deserialize_with = "lenient")]
    pub monitor_capabilities: Vec<MonitoringMode>,
    /// Mode in use.
    #[serde(default, deserialize_with = "lenient")]
    pub monitor_status: Option<MonitoringMode>,
    /// What the leg can send besides speech.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// Members beyond the model.
    #[serde(flatten)]
    pub unknown: Unknown,
}

/// `capabilities`: `SEND` is the one known value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Capabilities {
    /// A camera's picture.
    #[serde(default, deserialize_with = "lenient")]
    pub video: Option<String>,
    /// A shared screen.
    #[serde(default, deserialize_with = "lenient")]
    pub screen_share: Option<String>,
}

/// What is needed to build the media leg.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SoftphoneMediaInfo {
    /// Kind of media.
    #[serde(default, deserialize_with = "lenient")]
    pub call_type: Option<CallType>,
    /// The platform accepts by itself.
    #[serde(default, deserialize_with = "lenient")]
    pub auto_accept: bool,
    /// Goes into invite and bye.
    #[serde(default, deserialize_with = "lenient")]
    pub call_context_token: Option<Private>,
    /// Present, never read by the vendor's client.
    #[serde(default, deserialize_with = "lenient")]
    pub media_leg_context_token: Option<Private>,
    /// JSON as text, sometimes HTML-escaped: see [`super::CallConfig`].
    #[serde(default, deserialize_with = "lenient")]
    pub call_config_json: Option<Private>,
}

/// Chat media of a leg.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatMediaInfo {
    /// The platform accepts by itself.
    #[serde(default, deserialize_with = "lenient")]
    pub chat_auto_accept: Option<bool>,
    /// Participant token, JSON as text.
    #[serde(default, deserialize_with = "lenient")]
    pub connection_data: Option<Private>,
    /// Name the customer gave.
    #[serde(default, deserialize_with = "lenient")]
    pub customer_name: Option<Private>,
    /// Members beyond the model.
    #[serde(flatten)]
    pub unknown: Unknown,
}

/// Whom a supervisor listens to. The wire differs from the documentation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitoringInfo {
    /// The agent.
    #[serde(default, deserialize_with = "lenient")]
    pub agent: Option<MonitoringAgent>,
    /// Since when.
    #[serde(default, deserialize_with = "lenient")]
    pub join_time_stamp: Option<Timestamp>,
}

/// The agent who is listened to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitoringAgent {
    /// Name.
    #[serde(default, deserialize_with = "lenient")]
    pub agent_name: Option<Private>,
}

impl Contact {
    /// The agent's own leg: first of type agent or monitoring (section 5.3).
    pub fn agent_connection(&self) -> Option<&Connection> {
        self.connections.iter().find(|c| matches!(c.kind, ConnectionType::Agent | ConnectionType::Monitoring))
    }

    /// First leg with `initial`.
    pub fn initial_connection(&self) -> Option<&Connection> {
        self.connections.iter().find(|c| c.initial)
    }

    /// The customer's leg: the initial one when it is not the agent's own.
    pub fn customer_connection(&self) -> Option<&Connection> {
        self.connections
            .iter()
            .find(|c| c.initial && !matches!(c.kind, ConnectionType::Agent | ConnectionType::Monitoring))
    }

    /// The other parties on the line: being called, talking or on hold (section 5.3).
    pub fn parties(&self) -> impl Iterator<Item = &Connection> {
        let own = self.agent_connection().map(|leg| leg.connection_id.as_str());
        self.connections.iter().filter(move |leg| {
            Some(leg.connection_id.as_str()) != own
                && leg.kind != ConnectionType::Monitoring
                && matches!(
                    leg.state.kind,
                    ConnectionStateType::Connecting | ConnectionStateType::Connected | ConnectionStateType::Hold
                )
        })
    }

    /// Who the contact is about now: the customer, or once the customer has
    /// left, the first of those who are still there.
    pub fn main_party(&self) -> Option<&Connection> {
        self.parties().find(|leg| leg.initial).or_else(|| self.parties().next())
    }

    /// Voice or queue call-back with media information on any leg (section 5.3).
    pub fn softphone_media(&self) -> Option<&SoftphoneMediaInfo> {
        if !self.kind.is_voice() {
            return None;
        }
        self.connections.iter().find_map(|c| c.softphone_media_info.as_ref())
    }

    /// The platform accepts it by itself (section 5.3).
    pub fn auto_accept(&self) -> bool {
        match &self.agent_contact_handling_config {
            Some(config) => config.auto_accept,
            None => self.agent_connection().is_some_and(|leg| match self.kind {
                ContactType::Voice => leg.softphone_media_info.as_ref().is_some_and(|media| media.auto_accept),
                // Not in the vendor's rule, which knows the newer member only; the older one says the same.
                ContactType::Chat => leg.chat_media_info.as_ref().is_some_and(|c| c.chat_auto_accept == Some(true)),
                _ => false,
            }),
        }
    }
}
