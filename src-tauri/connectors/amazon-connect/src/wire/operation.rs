//! The operations this client calls: names, bodies and which of them carry the
//! authentication member (sections 3.2 to 3.4 and 4.1).

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::metrics::{CallReport, StreamStatistics};
use super::snapshot::{AgentStateType, Endpoint, MonitoringMode};

/// Version text in metrics and reports.
const CCP_VERSION: &str = "V2";

/// A state to choose, as listed by GetAgentStates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StateChoice {
    /// ARN.
    #[serde(rename = "agentStateARN")]
    pub arn: String,
    /// Class.
    #[serde(rename = "type")]
    pub kind: AgentStateType,
    /// Name.
    pub name: String,
}

/// A task to create (chat document, section 9).
#[derive(Clone, Debug, PartialEq)]
pub struct TaskToCreate {
    /// Title.
    pub name: String,
    /// Text.
    pub description: Option<String>,
    /// Agent or queue.
    pub endpoint: Endpoint,
    /// Links, by name.
    pub references: Vec<(String, String)>,
    /// The contact it follows from.
    pub previous_contact_id: Option<String>,
    /// The contact it is about.
    pub related_contact_id: Option<String>,
    /// UUID.
    pub idempotency_token: String,
    /// Whole seconds since 1970.
    pub scheduled_time: Option<i64>,
}

impl TaskToCreate {
    fn members(&self) -> Value {
        let links = self.references.iter().map(|(name, value)| (name.clone(), json!({"type": "URL", "value": value})));
        let links: Map<String, Value> = links.collect();
        // The vendor's client leaves the one out when the other is given (3.4).
        let previous = self.previous_contact_id.as_ref().filter(|_| self.related_contact_id.is_none());
        json!({
            "endpoint": self.endpoint.request(), "name": self.name, "description": self.description,
            "references": (!links.is_empty()).then_some(links), "previousContactId": previous,
            "relatedContactId": self.related_contact_id, "idempotencyToken": self.idempotency_token,
            "scheduledTime": self.scheduled_time,
        })
    }
}

/// One call of the CTI service.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "member names are those of section 4.1")]
pub enum Operation {
    GetAgentSnapshot { next_token: Option<String>, timeout_ms: u64 },
    GetAgentConfiguration,
    GetAgentPermissions { next_token: Option<String>, max_results: u32 },
    GetAgentStates { next_token: Option<String>, max_results: u32 },
    GetDialableCountryCodes { next_token: Option<String>, max_results: u32 },
    GetRoutingProfileQueues { routing_profile_arn: String, next_token: Option<String>, max_results: u32 },
    GetEndpoints { queue_arns: Vec<String>, next_token: Option<String>, max_results: u32 },
    PutAgentState { state: StateChoice, enqueue_next_state: bool },
    AcceptContact { contact_id: String },
    RejectContact { contact_id: String },
    ClearContact { contact_id: String },
    DestroyConnection { contact_id: String, connection_id: String },
    HoldConnection { contact_id: String, connection_id: String },
    ResumeConnection { contact_id: String, connection_id: String },
    MuteParticipant { contact_id: String, connection_id: String },
    UnmuteParticipant { contact_id: String, connection_id: String },
    SendDigits { contact_id: String, connection_id: String, digits: String },
    CreateOutboundContact { endpoint: Box<Endpoint>, queue_arn: Option<String>, related_contact_id: Option<String> },
    CreateAdditionalConnection { contact_id: String, endpoint: Box<Endpoint> },
    ToggleActiveConnections { contact_id: String, connection_id: String },
    ConferenceConnections { contact_id: String },
    AddNewConnection { contact_id: String, endpoint: Box<Endpoint> },
    TransferContact { contact_id: String, endpoint: Box<Endpoint> },
    PauseContact { contact_id: String },
    ResumeContact { contact_id: String },
    CreateTaskContact(Box<TaskToCreate>),
    UpdateMonitorParticipantState { contact_id: String, target: MonitoringMode },
    UpdateAgentConfiguration { configuration: Value },
    NotifyContactIssue { contact_id: String, issue_code: String, description: String },
    CreateWebSocketTransport,
    CreateDiscoveryTransport,
    CreateChatToken { participant_id: String, contact_id: String },
    CreateSoftphoneTransport { softphone_client_id: String },
    SendSoftphoneCallMetrics { contact_id: String, statistics: Vec<StreamStatistics> },
    SendSoftphoneCallReport { contact_id: String, report: Box<CallReport> },
}

impl Operation {
    /// Name in `X-Amz-Target`, after the service's name and a dot.
    pub fn name(&self) -> &'static str {
        match self {
            Self::GetAgentSnapshot { .. } => "GetAgentSnapshot",
            Self::GetAgentConfiguration => "GetAgentConfiguration",
            Self::GetAgentPermissions { .. } => "GetAgentPermissions",
            Self::GetAgentStates { .. } => "GetAgentStates",
            Self::GetDialableCountryCodes { .. } => "GetDialableCountryCodes",
            Self::GetRoutingProfileQueues { .. } => "GetRoutingProfileQueues",
            Self::GetEndpoints { .. } => "GetEndpoints",
            Self::PutAgentState { .. } => "PutAgentState",
            Self::AcceptContact { .. } => "AcceptContact",
            Self::RejectContact { .. } => "RejectContact",
            Self::ClearContact { .. } => "ClearContact",
            Self::DestroyConnection { .. } => "DestroyConnection",
            Self::HoldConnection { .. } => "HoldConnection",
            Self::ResumeConnection { .. } => "ResumeConnection",
            Self::MuteParticipant { .. } => "MuteParticipant",
            Self::UnmuteParticipant { .. } => "UnmuteParticipant",
            Self::SendDigits { .. } => "SendDigits",
            Self::CreateOutboundContact { .. } => "CreateOutboundContact",
            Self::CreateAdditionalConnection { .. } => "CreateAdditionalConnection",
            Self::ToggleActiveConnections { .. } => "ToggleActiveConnections",
            Self::ConferenceConnections { .. } => "ConferenceConnections",
            Self::AddNewConnection { .. } => "AddNewConnection",
            Self::TransferContact { .. } => "TransferContact",
            Self::PauseContact { .. } => "PauseContact",
            Self::ResumeContact { .. } => "ResumeContact",
            Self::CreateTaskContact(_) => "CreateTaskContact",
            Self::UpdateMonitorParticipantState { .. } => "UpdateMonitorParticipantState",
            Self::UpdateAgentConfiguration { .. } => "UpdateAgentConfiguration",
            Self::NotifyContactIssue { .. } => "NotifyContactIssue",
            Self::CreateWebSocketTransport
            | Self::CreateDiscoveryTransport
            | Self::CreateChatToken { .. }
            | Self::CreateSoftphoneTransport { .. } => "CreateTransport",
            Self::SendSoftphoneCallMetrics { .. } => "SendSoftphoneCallMetrics",
            Self::SendSoftphoneCallReport { .. } => "SendSoftphoneCallReport",
        }
    }

    /// Nine operations carry no authentication member; these are among them.
    fn carries_authentication(&self) -> bool {
        !matches!(
            self,
            Self::RejectContact { .. }
                | Self::ClearContact { .. }
                | Self::AddNewConnection { .. }
                | Self::TransferContact { .. }
                | Self::PauseContact { .. }
                | Self::ResumeContact { .. }
                | Self::CreateTaskContact(_)
                | Self::UpdateMonitorParticipantState { .. }
        )
    }

    /// Request body.
    pub fn body(&self, token: &str) -> Value {
        let mut body = match self.members() {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        // The vendor's client leaves null members out; the service's own tolerance is unknown.
        body.retain(|_, value| !value.is_null());
        if self.carries_authentication() {
            body.insert("authentication".to_owned(), json!({ "authToken": token }));
        }
        Value::Object(body)
    }

    fn members(&self) -> Value {
        match self {
            Self::GetAgentSnapshot { next_token, timeout_ms } => {
                json!({"nextToken": next_token, "timeout": timeout_ms})
            }
            Self::GetAgentConfiguration => json!({}),
            Self::GetAgentPermissions { next_token, max_results }
            | Self::GetAgentStates { next_token, max_results }
            | Self::GetDialableCountryCodes { next_token, max_results } => {
                json!({"nextToken": next_token, "maxResults": max_results})
            }
            Self::GetRoutingProfileQueues { routing_profile_arn, next_token, max_results } => {
                json!({"routingProfileARN": routing_profile_arn, "nextToken": next_token, "maxResults": max_results})
            }
            Self::GetEndpoints { queue_arns, next_token, max_results } => {
                json!({"queueARNs": queue_arns, "nextToken": next_token, "maxResults": max_results})
            }
            Self::PutAgentState { state, enqueue_next_state } => {
                json!({"state": state, "enqueueNextState": enqueue_next_state})
            }
            Self::AcceptContact { contact_id }
            | Self::RejectContact { contact_id }
            | Self::ClearContact { contact_id }
            | Self::PauseContact { contact_id }
            | Self::ResumeContact { contact_id }
            | Self::ConferenceConnections { contact_id } => {
                json!({"contactId": contact_id})
            }
            Self::DestroyConnection { contact_id, connection_id }
            | Self::HoldConnection { contact_id, connection_id }
            | Self::ResumeConnection { contact_id, connection_id }
            | Self::MuteParticipant { contact_id, connection_id }
            | Self::UnmuteParticipant { contact_id, connection_id }
            | Self::ToggleActiveConnections { contact_id, connection_id } => {
                json!({"contactId": contact_id, "connectionId": connection_id})
            }
            Self::SendDigits { contact_id, connection_id, digits } => {
                json!({"contactId": contact_id, "connectionId": connection_id, "digits": digits})
            }
            Self::CreateOutboundContact { endpoint, queue_arn, related_contact_id } => json!({
                "endpoint": endpoint.request(), "queueARN": queue_arn, "relatedContactId": related_contact_id,
            }),
            Self::CreateAdditionalConnection { contact_id, endpoint }
            | Self::AddNewConnection { contact_id, endpoint }
            | Self::TransferContact { contact_id, endpoint } => {
                json!({"contactId": contact_id, "endpoint": endpoint.request()})
            }
            Self::CreateTaskContact(task) => task.members(),
            Self::UpdateMonitorParticipantState { contact_id, target } => {
                json!({"contactId": contact_id, "targetMonitorMode": target})
            }
            Self::UpdateAgentConfiguration { configuration } => json!({"configuration": configuration}),
            Self::NotifyContactIssue { contact_id, issue_code, description } => {
                json!({"contactId": contact_id, "issueCode": issue_code, "description": description})
            }
            Self::CreateDiscoveryTransport => json!({"transportType": "agent_discovery"}),
            Self::CreateWebSocketTransport => json!({"transportType": "web_socket"}),
            Self::CreateChatToken { participant_id, contact_id } => {
                json!({"transportType": "chat_token", "participantId": participant_id, "contactId": contact_id})
            }
            Self::CreateSoftphoneTransport { softphone_client_id } => {
                json!({"transportType": "softphone", "softphoneClientId": softphone_client_id})
            }
            Self::SendSoftphoneCallMetrics { contact_id, statistics } => {
                json!({"contactId": contact_id, "ccpVersion": CCP_VERSION, "softphoneStreamStatistics": statistics})
            }
            Self::SendSoftphoneCallReport { contact_id, report } => {
                json!({"contactId": contact_id, "ccpVersion": CCP_VERSION, "report": report})
            }
        }
    }
}
