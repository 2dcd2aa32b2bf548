//! What crosses about pages that open for a contact.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trunkline_model::{ContactKey, ScreenPop, UnixMillis};
use ts_rs::TS;

/// Why a page could not be opened, as a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PopProblem {
    /// `notice_screen_pop_...`.
    pub message_key: String,
    /// `page`, and `about`: the field or host. Text from outside.
    pub params: BTreeMap<String, String>,
}

/// A page that could not be opened in this run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PopFailure {
    /// Why.
    pub problem: PopProblem,
    /// For whom: the customer's name or address; empty where neither is known. Text from outside.
    pub customer: String,
    /// When.
    pub at: UnixMillis,
}

/// Pages and rules, and what went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScreenPops {
    /// In the order shown.
    pub templates: Vec<ScreenPop>,
    /// Hosts that may be opened; empty: whichever a template names.
    pub allowed_domains: Vec<String>,
    /// `http`, too.
    pub allow_http: bool,
    /// Which of the three the administrator has fixed, by name.
    pub fixed: Vec<String>,
    /// Newest first.
    pub failures: Vec<PopFailure>,
}

/// Changes pages and rules, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveScreenPops {
    /// In the order shown; a new one has an empty id.
    pub templates: Vec<ScreenPop>,
    /// Hosts that may be opened.
    pub allowed_domains: Vec<String>,
    /// `http`, too.
    pub allow_http: bool,
}

/// Makes an address without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewPop {
    /// Template.
    pub url: String,
    /// Rules as they stand in the form.
    pub allowed_domains: Vec<String>,
    /// Likewise.
    pub allow_http: bool,
    /// With the values of this contact; absent: with examples.
    pub contact: Option<ContactKey>,
}

/// One value of a preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PopField {
    /// As in the template.
    pub name: String,
    /// Text from outside; absent: the contact has none.
    pub value: Option<String>,
}

/// What would be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PopPreview {
    /// The address, when there is nothing in its way.
    pub address: Option<String>,
    /// What is.
    pub problem: Option<PopProblem>,
    /// Values of the place-holders, in order.
    pub fields: Vec<PopField>,
}

/// A page that is meant for a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PopChoice {
    /// `ScreenPop::identity`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Opened for this contact before, at this time.
    pub opened_at: Option<UnixMillis>,
}

/// Opens a page by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenPop {
    /// For which contact.
    pub contact: ContactKey,
    /// `PopChoice::id`.
    pub page: String,
}

/// How that went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PopOpened {
    /// Why it did not open; absent: it was given to the browser.
    pub problem: Option<PopProblem>,
}
