//! What a platform tells an agent besides contacts: events with fields of their
//! own, and who is online. Text in all of it is from outside.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Attribute, Party, PlatformEventId, UnixMillis};

/// What an event is about, for lists and rules. The platform's own type stays
/// beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventSort {
    /// Data of a customer to be shown at once.
    ScreenPop,
    /// Sent by a system of somebody else's.
    ThirdParty,
    /// The agent's status, sign-ins, pauses.
    Status,
    /// What happens in a call.
    Call,
    /// What happens in a conversation.
    Message,
    /// Anything else, known or not.
    Other,
}

/// One event, whole. It happened once: the same id again is the same event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlatformEvent {
    /// The platform's id; ours where it gave none.
    pub id: PlatformEventId,
    /// The platform's own type, verbatim (`ScreenPopVoice`).
    pub kind: String,
    /// What it is about.
    pub sort: EventSort,
    /// When, by the platform's clock; by ours where it did not say.
    pub at: UnixMillis,
    /// Whom it is about, where its fields tell that; they have it as well.
    #[serde(default)]
    pub customer: Party,
    /// Campaign or queue as the platform names it.
    pub campaign: Option<String>,
    /// Medium as the platform names it (`Voice`).
    pub channel: Option<String>,
    /// Way within the medium as the platform names it (`Outbound`).
    pub way: Option<String>,
    /// Everything it carries, in the platform's order; members of members with
    /// dots between their names (`conversation.0.text`).
    pub fields: Vec<Attribute>,
}

impl PlatformEvent {
    /// The first field of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }

    /// Bytes of text that it holds.
    pub fn size(&self) -> usize {
        let fields: usize = self.fields.iter().map(|field| field.name.len() + field.value.len()).sum();
        self.id.as_str().len() + self.kind.len() + fields
    }
}

/// Somebody who is online, on one device. One user may be there several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RosterEntry {
    /// Unlike every other entry's.
    pub reference: String,
    /// The platform's id of the user.
    pub user: Option<String>,
    /// Shown name.
    pub name: String,
    /// Since when, by the platform's clock.
    pub online_since: Option<UnixMillis>,
    /// Address of the device.
    pub address: Option<String>,
}
