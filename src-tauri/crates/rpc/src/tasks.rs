//! What crosses about tasks.

use serde::{Deserialize, Serialize};
use trunkline_model::{
    AccountId, ContactId, ContactKey, EndpointId, FieldValue, TaskTemplateId, TaskToken, UnixMillis,
};
use ts_rs::TS;

/// A link of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TaskLink {
    /// What it is called.
    pub name: String,
    /// `http` or `https`.
    pub address: String,
}

/// Makes a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CreateTask {
    /// Where.
    pub account: AccountId,
    /// Made by the form when it opens (a UUID): pressed twice it is one task.
    pub token: TaskToken,
    /// Title: 1 to 512 characters.
    pub name: String,
    /// Text: at most 4096 characters; may be empty.
    pub description: String,
    /// Whom it is for: an entry of the directory. Only a template can do without.
    pub endpoint: Option<EndpointId>,
    /// Names unlike each other. None with a template.
    pub links: Vec<TaskLink>,
    /// Made from this template, which was asked for before (`task_template`).
    pub template: Option<TaskTemplateId>,
    /// Its further fields, in the form of their kind; empty ones are left out.
    pub fields: Vec<FieldValue>,
    /// Begins then instead of now.
    pub scheduled_for: Option<UnixMillis>,
    /// The contact that it follows from.
    pub previous: Option<ContactId>,
}

/// Asks for one template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnTaskTemplate {
    /// Where.
    pub account: AccountId,
    /// Which.
    pub template: TaskTemplateId,
}

/// Changes a task. What is absent or not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpdateTask {
    /// Which contact.
    pub contact: ContactKey,
    /// Title: 1 to 512 characters.
    pub name: Option<String>,
    /// Text: at most 4096 characters.
    pub description: Option<String>,
    /// References with a new value.
    pub references: Vec<FieldValue>,
    /// New references.
    pub links: Vec<TaskLink>,
}
