//! Web pages opened for a contact, as templates of their addresses.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::AccountId;

/// When a page is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PopWhen {
    /// As soon as the contact is offered.
    Offer,
    /// Once the agent has taken it.
    #[default]
    Accept,
    /// Only when the agent asks for it.
    Hand,
}

/// One page: its address with place-holders (`{{customer.address}}`, or the name of an attribute),
/// and for which contacts it is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScreenPop {
    /// Ours; an entry written by hand may go without, its address then stands for it.
    #[serde(default)]
    pub id: String,
    /// What the agent calls it.
    pub name: String,
    /// Only contacts of this account; absent: of any.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// Only contacts of these queues, by name (case does not matter) or the platform's id; empty: of any.
    #[serde(default)]
    pub queues: Vec<String>,
    /// When it opens.
    #[serde(default)]
    pub when: PopWhen,
    /// `https://crm.example.com/search?phone={{customer.address}}`; scheme and host are literal.
    pub url: String,
}

impl ScreenPop {
    /// What it is known by: its id, or its address.
    pub fn identity(&self) -> &str {
        if self.id.is_empty() { &self.url } else { &self.id }
    }
}
