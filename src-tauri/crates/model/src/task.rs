//! Templates that tasks are made from: which fields one has, what each takes
//! and what is filled in already. Text from outside: shown as text only.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::TaskTemplateId;

/// A template in the list the agent chooses from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TaskTemplateEntry {
    /// Provider's id.
    pub id: TaskTemplateId,
    /// Shown name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

/// What a field takes. The text of a value has one form a kind, the same in a
/// default and in what the agent fills in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TaskFieldKind {
    /// The task's title: 1 to 512 characters.
    Name,
    /// The task's text: at most 4096 characters.
    Description,
    /// When it begins: Unix milliseconds.
    ScheduledTime,
    /// Whom it is for: an `EndpointId`.
    QuickConnect,
    /// An address on the web.
    Url,
    /// A decimal number with a point.
    Number,
    /// One line.
    Text,
    /// Several lines.
    TextArea,
    /// A day and a time: Unix milliseconds.
    DateTime,
    /// `true` or `false`.
    Boolean,
    /// One of `TaskField::options`.
    SingleSelect,
    /// An e-mail address.
    Email,
    /// A kind that cannot be filled in here, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// One field of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TaskField {
    /// Its name, which is also its id within the template.
    pub name: String,
    /// What it takes.
    pub kind: TaskFieldKind,
    /// What it is for.
    pub description: Option<String>,
    /// What can be chosen, in the platform's order; of a single choice only.
    pub options: Vec<String>,
    /// Must be filled in.
    pub required: bool,
    /// Shown, and not to be changed.
    pub read_only: bool,
    /// Longest text, characters; absent where there is no limit.
    pub longest: Option<u32>,
    /// Filled in already.
    pub default: Option<String>,
}

/// A template, whole. Fields that the agent is not to see are not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TaskTemplate {
    /// Provider's id.
    pub id: TaskTemplateId,
    /// Shown name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// In the platform's order.
    pub fields: Vec<TaskField>,
}

impl TaskTemplate {
    /// The first field of a kind.
    pub fn field_of(&self, kind: &TaskFieldKind) -> Option<&TaskField> {
        self.fields.iter().find(|field| field.kind == *kind)
    }
}

/// What the agent filled into a field, or how a reference of a task reads from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldValue {
    /// `TaskField::name`.
    pub name: String,
    /// In the form of its kind; not empty.
    pub value: String,
}
