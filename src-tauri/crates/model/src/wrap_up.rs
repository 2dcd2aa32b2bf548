//! What is noted at the end of a contact.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What can be noted, as the platform's administrator set it up. Text from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WrapUpForm {
    /// In the platform's order.
    pub categories: Vec<WrapUpCategory>,
    /// Most codes at once; 1: a single choice.
    pub most: u32,
    /// Words of the agent's own can be added.
    pub note: bool,
}

/// A group of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WrapUpCategory {
    /// Shown name.
    pub name: String,
    /// What can be chosen in it, in the platform's order.
    pub values: Vec<String>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct WrapUpCode {
    /// [`WrapUpCategory::name`].
    pub category: String,
    /// One of its values.
    pub value: String,
}
