//! Whom a call can be brought to: the entries of the platform's own directory.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::EndpointId;

/// What stands behind an entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EndpointKind {
    /// A telephone number outside.
    PhoneNumber,
    /// One agent.
    Agent,
    /// A queue: whoever is free there.
    Queue,
    /// A kind we do not know, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// One entry of the directory ("quick connect" on Amazon Connect). Text from
/// outside: shown as text only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Endpoint {
    /// Provider's id (an ARN on Amazon Connect).
    pub id: EndpointId,
    /// Shown name.
    pub name: String,
    /// What is behind it.
    pub kind: EndpointKind,
    /// Number, for a telephone number.
    pub number: Option<String>,
}
