//! Replies of GetAgentConfiguration and its four lists: sections 4.1 to 4.3.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::basics::{Unknown, lenient};
use super::snapshot::{AgentState, Queue};

/// Reply of GetAgentConfiguration.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ConfigurationReply {
    /// The configuration.
    pub configuration: Configuration,
}

/// The agent's configuration as the service sends it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    /// Shown name.
    pub name: String,
    /// Sign-in name.
    #[serde(default, deserialize_with = "lenient")]
    pub username: Option<String>,
    /// Calls come to this program (true) or to a desk phone.
    #[serde(default, deserialize_with = "lenient")]
    pub softphone_enabled: bool,
    /// Voice contacts are accepted by the platform.
    #[serde(default, deserialize_with = "lenient")]
    pub softphone_auto_accept: bool,
    /// Desk-phone number; empty text when there is none.
    #[serde(default, deserialize_with = "lenient")]
    pub extension: Option<super::Private>,
    /// What the agent is routed.
    pub routing_profile: RoutingProfile,
    /// Preferences.
    #[serde(default, deserialize_with = "lenient")]
    pub agent_preferences: BTreeMap<String, String>,
    /// ARN of the agent.
    #[serde(rename = "agentARN", default, deserialize_with = "lenient")]
    pub agent_arn: Option<String>,
    /// Beyond the public model: keep the peer connection between calls.
    #[serde(default, deserialize_with = "lenient")]
    pub softphone_persistent_connection: Option<bool>,
    /// Members beyond the model.
    #[serde(flatten)]
    pub unknown: Unknown,
}

impl Configuration {
    /// The agent's language: the service answers `LANGUAGE`, and takes `locale`.
    pub fn language(&self) -> Option<&str> {
        let named = |name: &str| self.agent_preferences.get(name).map(String::as_str);
        named("LANGUAGE").or_else(|| named("locale")).filter(|language| !language.is_empty())
    }
}

/// Routing profile.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingProfile {
    /// Name.
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    /// ARN; asked for with the list of queues.
    #[serde(rename = "routingProfileARN", default, deserialize_with = "lenient")]
    pub arn: Option<String>,
    /// Queue of outbound calls.
    #[serde(default, deserialize_with = "lenient")]
    pub default_outbound_queue: Option<Queue>,
    /// Contacts at once per channel.
    #[serde(default, deserialize_with = "lenient")]
    pub channel_concurrency_map: Option<BTreeMap<String, u32>>,
}

/// One page of GetAgentPermissions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionsPage {
    /// Names of rights.
    pub permissions: Vec<String>,
    /// Another page follows.
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
}

/// One page of GetAgentStates.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatesPage {
    /// States the agent may choose.
    pub states: Vec<AgentState>,
    /// Another page follows.
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
}

/// One page of GetDialableCountryCodes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CountryCodesPage {
    /// Lower-case ISO codes.
    pub country_codes: Vec<String>,
    /// Another page follows.
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
}

/// One page of GetRoutingProfileQueues.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuesPage {
    /// Queues of the routing profile.
    pub queues: Vec<Queue>,
    /// Another page follows.
    #[serde(default, deserialize_with = "lenient")]
    pub next_token: Option<String>,
}
