//! What a platform keeps of a customer. Text in all of it is from outside.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CustomerId, Message};

/// One field of a customer's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomerField {
    /// The platform's key.
    pub key: String,
    /// Shown name.
    pub label: String,
    /// What it holds; none when it is hidden.
    pub values: Vec<String>,
    /// There is something that this agent may not see.
    pub hidden: bool,
    /// An address on one of the ways to reach the customer.
    pub address: bool,
}

/// A customer's record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomerRecord {
    /// Provider's id.
    pub id: Option<CustomerId>,
    /// Shown name.
    pub name: Option<String>,
    /// The platform knows an address and nothing else.
    pub anonymous: bool,
    /// In the platform's order; empty ones are left out.
    pub fields: Vec<CustomerField>,
    /// Marks on the customer.
    pub labels: Vec<String>,
}

/// The customer of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomerCard {
    /// As the platform keeps it.
    pub record: CustomerRecord,
    /// The contact can be given another customer (`find_customers`).
    pub can_link: bool,
    /// Earlier conversations can be read.
    pub has_past: bool,
}

/// Records found by words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomerPage {
    /// Records.
    pub items: Vec<CustomerRecord>,
    /// Number of the next page; absent: this is the last.
    pub next: Option<u32>,
}

/// An item of an earlier conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastMessage {
    /// The platform's id of that conversation: the same for all of its items.
    pub conversation: String,
    /// The item.
    pub message: Message,
}

/// Items of earlier conversations, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastPage {
    /// Items.
    pub items: Vec<PastMessage>,
    /// Number of the next page; absent: this is the last.
    pub next: Option<u32>,
}

/// Words kept ready to be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CannedMessage {
    /// As the platform writes it (`en`).
    pub language: String,
    /// Heading that it stands under.
    pub category: String,
    /// What is said.
    pub text: String,
}
