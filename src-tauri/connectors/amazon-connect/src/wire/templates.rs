//! The task-template service: section 4.6. What it answers are the shapes of
//! the public ListTaskTemplates and GetTaskTemplate; whether their members are
//! capitalised there too is not known, so both forms are read.

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use super::basics::{lenient, open_enum};

open_enum!(
    /// What a field of a template takes.
    FieldType {
        Name = "NAME",
        Description = "DESCRIPTION",
        ScheduledTime = "SCHEDULED_TIME",
        QuickConnect = "QUICK_CONNECT",
        Url = "URL",
        Number = "NUMBER",
        Text = "TEXT",
        TextArea = "TEXT_AREA",
        DateTime = "DATE_TIME",
        Boolean = "BOOLEAN",
        SingleSelect = "SINGLE_SELECT",
        Email = "EMAIL",
    }
);

/// A list in which one entry of another form does not spoil the others.
fn each<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let all: Vec<Value> = lenient(deserializer)?;
    Ok(all.into_iter().filter_map(|one| T::deserialize(one).ok()).collect())
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplatesPage {
    /// Entries. Without the member it is another answer than the one asked for.
    #[serde(alias = "taskTemplates", deserialize_with = "each")]
    pub task_templates: Vec<TemplateEntry>,
    /// Where the next page begins; documented as always null.
    #[serde(default, alias = "nextToken", deserialize_with = "lenient")]
    pub next_token: Option<String>,
}

/// One template in the list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplateEntry {
    /// Id.
    #[serde(alias = "id")]
    pub id: String,
    /// Name.
    #[serde(default, alias = "name", deserialize_with = "lenient")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, alias = "description", deserialize_with = "lenient")]
    pub description: Option<String>,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default, alias = "status", deserialize_with = "lenient")]
    pub status: Option<String>,
}

impl TemplateEntry {
    /// Tasks can be made from it.
    pub fn is_active(&self) -> bool {
        self.status.as_deref().is_none_or(|status| status.eq_ignore_ascii_case("active"))
    }
}

/// One template, whole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplateReply {
    /// Name.
    #[serde(default, alias = "name", deserialize_with = "lenient")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, alias = "description", deserialize_with = "lenient")]
    pub description: Option<String>,
    /// Its fields. Without the member it is another answer than the one asked for.
    #[serde(alias = "fields", deserialize_with = "each")]
    pub fields: Vec<TemplateField>,
    /// What holds for them.
    #[serde(default, alias = "constraints", deserialize_with = "lenient")]
    pub constraints: Constraints,
    /// What is filled in already.
    #[serde(default, alias = "defaults", deserialize_with = "lenient")]
    pub defaults: Defaults,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default, alias = "status", deserialize_with = "lenient")]
    pub status: Option<String>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemplateField {
    /// Its name.
    #[serde(alias = "id")]
    pub id: FieldName,
    /// What it takes.
    #[serde(rename = "Type", alias = "type")]
    pub kind: FieldType,
    /// What it is for.
    #[serde(default, alias = "description", deserialize_with = "lenient")]
    pub description: Option<String>,
    /// What can be chosen.
    #[serde(default, alias = "singleSelectOptions", deserialize_with = "each")]
    pub single_select_options: Vec<String>,
}

/// Names a field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FieldName {
    /// The name.
    #[serde(rename = "Name", alias = "name")]
    pub name: String,
}

/// One entry of a constraint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FieldEntry {
    /// Which field.
    #[serde(rename = "Id", alias = "id")]
    pub id: FieldName,
}

/// What holds for the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Constraints {
    /// To be filled in.
    #[serde(default, alias = "requiredFields", deserialize_with = "each")]
    pub required_fields: Vec<FieldEntry>,
    /// Not to be changed by agents.
    #[serde(default, alias = "readOnlyFields", deserialize_with = "each")]
    pub read_only_fields: Vec<FieldEntry>,
    /// Not to be seen by agents.
    #[serde(default, alias = "invisibleFields", deserialize_with = "each")]
    pub invisible_fields: Vec<FieldEntry>,
}

/// What is filled in already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Defaults {
    /// One entry a field.
    #[serde(default, alias = "defaultFieldValues", deserialize_with = "each")]
    pub default_field_values: Vec<DefaultValue>,
}

/// A field's default.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DefaultValue {
    /// Which field.
    #[serde(alias = "id")]
    pub id: FieldName,
    /// Its text.
    #[serde(alias = "defaultValue")]
    pub default_value: String,
}

/// A reference as it is sent: type `URL`, `EMAIL`, `NUMBER`, `STRING` or
/// `DATE`; of `NUMBER` and `DATE` (seconds since 1970) a number.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingReference {
    /// Its name, which is the field's.
    pub name: String,
    /// Type.
    pub kind: &'static str,
    /// Value.
    pub value: Value,
}

fn references(all: &[OutgoingReference]) -> Option<Map<String, Value>> {
    let map: Map<String, Value> = all
        .iter()
        .map(|reference| (reference.name.clone(), json!({ "Type": reference.kind, "Value": reference.value })))
        .collect();
    (!map.is_empty()).then_some(map)
}

/// A task made from a template.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplatedTask {
    /// Which template.
    pub template_id: String,
    /// Title.
    pub name: String,
    /// Text.
    pub description: Option<String>,
    /// Last part of the quick connect's ARN.
    pub quick_connect_id: Option<String>,
    /// Its further fields.
    pub references: Vec<OutgoingReference>,
    /// The contact it follows from.
    pub previous_contact_id: Option<String>,
    /// The contact it is about.
    pub related_contact_id: Option<String>,
    /// Whole seconds since 1970.
    pub scheduled_time: Option<i64>,
}

/// A change of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactUpdate {
    /// Which contact.
    pub contact_id: String,
    /// Title.
    pub name: Option<String>,
    /// Text.
    pub description: Option<String>,
    /// New values.
    pub references: Vec<OutgoingReference>,
}

/// One call of the service. Member names are capitalised, as the vendor's
/// client does it.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskServiceCall {
    /// listTaskTemplates.
    List {
        /// Instance id.
        instance: String,
        /// `status` of the query; empty: none.
        status: String,
        /// `maxResults` of the query, 100 at most.
        most: u32,
        /// `nextToken` of the query.
        next: Option<String>,
    },
    /// getTaskTemplate.
    Get {
        /// Instance id.
        instance: String,
        /// Which.
        id: String,
    },
    /// createTemplatedTask.
    Create(Box<TemplatedTask>),
    /// updateContact.
    Update(Box<ContactUpdate>),
}

impl TaskServiceCall {
    /// HTTP method.
    pub fn method(&self) -> Method {
        match self {
            Self::List { .. } | Self::Get { .. } => Method::GET,
            Self::Create(_) => Method::PUT,
            Self::Update(_) => Method::POST,
        }
    }

    /// Where it goes; ids are text from outside and stay one segment of the path.
    pub fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        let path: &[&str] = match self {
            Self::List { instance, .. } => &["proxy", "instance", instance, "task", "template"],
            Self::Get { instance, id } => &["proxy", "instance", instance, "task", "template", id],
            Self::Create(_) => &["createTemplatedTask"],
            Self::Update(_) => &["updateContact"],
        };
        // Addresses of the web always have segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if let Self::List { status, most, next, .. } = self {
            let mut query = url.query_pairs_mut();
            if !status.is_empty() {
                query.append_pair("status", status);
            }
            query.append_pair("maxResults", &most.to_string());
            if let Some(next) = next {
                query.append_pair("nextToken", next);
            }
        }
        url
    }

    /// JSON body; `None` for those that only ask.
    pub fn body(&self) -> Option<Value> {
        let mut body = match self {
            Self::List { .. } | Self::Get { .. } => return None,
            Self::Create(task) => {
                // One of the two only, as with tasks without a template (3.4).
                let previous = task.previous_contact_id.as_ref().filter(|_| task.related_contact_id.is_none());
                json!({
                    "TaskTemplateId": task.template_id, "Name": task.name, "Description": task.description,
                    "QuickConnectId": task.quick_connect_id, "References": references(&task.references),
                    "PreviousContactId": previous, "RelatedContactId": task.related_contact_id,
                    "ScheduledTime": task.scheduled_time,
                })
            }
            Self::Update(change) => json!({
                "ContactId": change.contact_id, "Name": change.name, "Description": change.description,
                "References": references(&change.references),
            }),
        };
        if let Value::Object(members) = &mut body {
            members.retain(|_, value| !value.is_null());
        }
        Some(body)
    }
}

/// Names of properties that a refusal finds fault with (`PropertyList` of the
/// public PropertyValidationException). That this service sends such is a guess.
pub fn faulty_properties(body: &[u8]) -> Vec<String> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    let list = body.get("PropertyList").or_else(|| body.get("propertyList")).and_then(Value::as_array);
    let path = |entry: &Value| {
        let path = entry.get("PropertyPath").or_else(|| entry.get("propertyPath"))?;
        path.as_str().map(str::to_owned)
    };
    list.into_iter().flatten().filter_map(path).collect()
}
