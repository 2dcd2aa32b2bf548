//! The task-template service: listTaskTemplates, getTaskTemplate,
//! createTemplatedTask and updateContact, and what they check.
//!
//! Shapes are those of the public API; that the instance's own service has the
//! same is a guess, like its refusals.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::contact::{OfferTask, TaskReference, WorkOffer};
use super::create::{Assignment, put_off, start_task};
use crate::amazon_connect::call::lock;
use crate::amazon_connect::directory::{self, QuickConnectTarget};
use crate::amazon_connect::faults::Fault;
use crate::amazon_connect::shared::Shared;
use crate::amazon_connect::snapshot::INSTANCE;
use crate::amazon_connect::state::{Changed, Refusal, World};
use crate::amazon_connect::{cti, server};

/// One field of a template.
#[derive(Clone, Debug, Default)]
pub struct TemplateField {
    /// Its name.
    pub name: String,
    /// `NAME`, `TEXT`, `NUMBER` and so on.
    pub kind: String,
    /// Choices of a `SINGLE_SELECT`.
    pub options: Vec<String>,
    /// Must be given.
    pub required: bool,
    /// Agents see it and do not change it.
    pub read_only: bool,
    /// Agents do not see it.
    pub invisible: bool,
    /// Its default.
    pub default: Option<String>,
}

impl TemplateField {
    /// A field that may be left out.
    #[must_use]
    pub fn new(name: &str, kind: &str) -> Self {
        Self { name: name.to_owned(), kind: kind.to_owned(), ..Self::default() }
    }

    fn required(self) -> Self {
        Self { required: true, ..self }
    }

    fn with(self, default: &str) -> Self {
        Self { default: Some(default.to_owned()), ..self }
    }
}

/// One template of the instance.
#[derive(Clone, Debug)]
pub struct TaskTemplate {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Tasks can be made from it.
    pub active: bool,
    /// Its fields, in order.
    pub fields: Vec<TemplateField>,
}

impl TaskTemplate {
    fn new(number: u32, name: &str, description: &str, fields: Vec<TemplateField>) -> Self {
        Self {
            id: format!("d4d4d4d4-{number:04}-4000-8000-{number:012}"),
            name: name.to_owned(),
            description: description.to_owned(),
            active: true,
            fields,
        }
    }

    /// One with a field of each kind.
    #[must_use]
    pub fn returned_goods() -> Self {
        let fields = vec![
            TemplateField::new("Task name", "NAME").required(),
            TemplateField::new("Task description", "DESCRIPTION"),
            TemplateField::new("Assign to", "QUICK_CONNECT").required(),
            TemplateField::new("Begins", "SCHEDULED_TIME"),
            TemplateField::new("Order number", "TEXT").required(),
            TemplateField {
                options: ["Damaged", "Late", "Other"].map(str::to_owned).to_vec(),
                ..TemplateField::new("Reason", "SINGLE_SELECT").required()
            },
            TemplateField::new("Amount", "NUMBER"),
            TemplateField::new("Photo page", "URL"),
            TemplateField::new("Customer mail", "EMAIL"),
            TemplateField::new("Bought on", "DATE_TIME"),
            TemplateField::new("Insured", "BOOLEAN").with("true"),
            TemplateField::new("Notes", "TEXT_AREA"),
            TemplateField { read_only: true, ..TemplateField::new("Desk", "TEXT").with("Returns") },
            TemplateField { invisible: true, ..TemplateField::new("Source", "TEXT").with("panel") },
        ];
        Self::new(1, "Returned goods", "Goods that a customer sends back", fields)
    }

    /// A short one that says itself whom its tasks are for: everybody.
    #[must_use]
    pub fn address_change() -> Self {
        let fields = vec![
            TemplateField::new("Task name", "NAME").required().with("Change of address"),
            TemplateField::new("New address", "TEXT_AREA").required(),
        ];
        Self::new(2, "Change of address", "", fields)
    }

    fn has(&self, kind: &str) -> Option<&TemplateField> {
        self.fields.iter().find(|field| field.kind == kind)
    }

    fn entry(&self) -> Value {
        json!({
            "Id": self.id, "Arn": format!("{INSTANCE}/task-template/{}", self.id), "Name": self.name,
            "Description": (!self.description.is_empty()).then_some(&self.description),
            "Status": if self.active { "ACTIVE" } else { "INACTIVE" }, "CreatedTime": 1_786_000_000,
            "LastModifiedTime": 1_786_100_000,
        })
    }

    fn whole(&self) -> Value {
        let named = |of: fn(&TemplateField) -> bool| -> Vec<Value> {
            let fields = self.fields.iter().filter(|field| of(field));
            fields.map(|field| json!({ "Id": { "Name": field.name } })).collect()
        };
        let fields: Vec<Value> = self
            .fields
            .iter()
            .map(|field| {
                let mut value = json!({ "Id": { "Name": field.name }, "Type": field.kind });
                if !field.options.is_empty() {
                    value["SingleSelectOptions"] = json!(field.options);
                }
                value
            })
            .collect();
        let defaults: Vec<Value> = self
            .fields
            .iter()
            .filter_map(|f| Some(json!({ "Id": { "Name": f.name }, "DefaultValue": f.default.as_ref()? })))
            .collect();
        let mut value = self.entry();
        value["InstanceId"] = json!(instance_id());
        value["Fields"] = json!(fields);
        value["Constraints"] = json!({
            "RequiredFields": named(|f| f.required), "ReadOnlyFields": named(|f| f.read_only),
            "InvisibleFields": named(|f| f.invisible),
        });
        value["Defaults"] = json!({ "DefaultFieldValues": defaults });
        value
    }
}

fn instance_id() -> &'static str {
    INSTANCE.rsplit('/').next().unwrap_or(INSTANCE)
}

fn invalid(field: &str, what: &str) -> Refusal {
    Refusal::new(400, "PropertyValidationException", what).at(field)
}

fn refuse(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut body = json!({ "__type": refusal.kind, "Message": refusal.message });
    if let Some(field) = &refusal.field {
        let fault = json!({ "PropertyPath": field, "Reason": "INVALID_FORMAT", "Message": refusal.message });
        body["PropertyList"] = json!([fault]);
    }
    (status, axum::Json(body)).into_response()
}

/// Everything below `/task-templates/api/ccp`.
pub(crate) async fn service(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().split_once("/task-templates/api/ccp/").map_or("", |(_, rest)| rest);
    let list = format!("proxy/instance/{}/task/template", instance_id());
    let operation = match path {
        _ if method == Method::GET && path == list => "listTaskTemplates",
        _ if method == Method::GET && path.starts_with(&list) => "getTaskTemplate",
        "createTemplatedTask" if method == Method::PUT => "createTemplatedTask",
        "updateContact" if method == Method::POST => "updateContact",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let agent = server::cookie_agent(&shared, &headers);
    let note = shared.note_request(operation, agent.clone());
    shared.weather().await;
    let perform = async {
        let done = match agent {
            None => Err(Refusal::new(401, "UnauthorizedException", "Unauthorized")),
            Some(_) if headers.get("x-csrf-token").is_none() => Err(Refusal::new(403, "Forbidden", "no token")),
            Some(agent) => perform(&shared, operation, &agent, path, &body),
        };
        match done {
            Ok(value) => ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response(),
            Err(refusal) => refuse(&refusal),
        }
    };
    let fault = lock(&shared.faults).take(operation);
    let response = match fault {
        None => perform.await,
        Some(Fault::LoseAnswer) => server::cut_after(perform.await),
        Some(Fault::Slow(delay)) => {
            tokio::time::sleep(delay).await;
            perform.await
        }
        Some(fault) => cti::faulty(fault).await,
    };
    shared.note_status(note, response.status().as_u16());
    response
}

fn perform(shared: &Arc<Shared>, operation: &str, agent: &str, path: &str, body: &[u8]) -> Result<Value, Refusal> {
    let templates = lock(&shared.task_templates).clone();
    let unknown = || Refusal::new(404, "ResourceNotFoundException", "There is no such template");
    match operation {
        "listTaskTemplates" => {
            let all: Vec<Value> = templates.iter().filter(|t| t.active).map(TaskTemplate::entry).collect();
            return Ok(json!({ "TaskTemplates": all, "NextToken": null }));
        }
        "getTaskTemplate" => {
            let id = path.rsplit('/').next().unwrap_or("");
            return templates.iter().find(|t| t.id == id).map(TaskTemplate::whole).ok_or_else(unknown);
        }
        _ => {}
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| invalid("body", "The body is not JSON"))?;
    if operation == "updateContact" {
        shared.act(|world| world.update_task(agent, &body))?;
        return Ok(json!({}));
    }
    let template = templates.iter().find(|t| body["TaskTemplateId"] == t.id.as_str() && t.active);
    let template = template.ok_or_else(unknown)?;
    let offer = offered(template, &body)?;
    let wait = put_off(shared, offer.scheduled)?;
    let assignment = assignment(&lock(&shared.world), template, &body)?;
    let id = start_task(shared, offer, assignment, wait)?;
    Ok(json!({ "ContactId": id }))
}

fn assignment(world: &World, template: &TaskTemplate, body: &Value) -> Result<Assignment, Refusal> {
    let Some(field) = template.has("QUICK_CONNECT") else {
        return Ok(Assignment { agent: None, queue: "Support".to_owned() });
    };
    let bad = || invalid("QuickConnectId", "There is no such quick connect");
    let Some(id) = body["QuickConnectId"].as_str() else {
        if field.required {
            return Err(invalid(&field.name, "Somebody has to be named"));
        }
        return Ok(Assignment { agent: None, queue: "Support".to_owned() });
    };
    let arn = format!("{INSTANCE}/transfer-destination/{id}");
    let (_, entry) = directory::find(&world.directory, &arn).ok_or_else(bad)?;
    match entry.target.clone() {
        QuickConnectTarget::Phone(_) => Err(bad()),
        QuickConnectTarget::Agent(login) => Ok(Assignment { agent: Some(login), queue: "Support".to_owned() }),
        QuickConnectTarget::Queue(queue) => Ok(Assignment { agent: None, queue }),
    }
}

/// What the task is, once every field is in order.
fn offered(template: &TaskTemplate, body: &Value) -> Result<OfferTask, Refusal> {
    let text = |name: &str| body[name].as_str().unwrap_or("").to_owned();
    let (name, description) = (text("Name"), text("Description"));
    check_texts(Some(&name), Some(&description))?;
    let given = given(&body["References"])?;
    let own = ["NAME", "DESCRIPTION", "QUICK_CONNECT", "SCHEDULED_TIME"];
    for reference in &given {
        let field = template.fields.iter().find(|f| f.name == reference.name && !own.contains(&f.kind.as_str()));
        let field = field.ok_or_else(|| invalid(&reference.name, "The template has no such field"))?;
        check(field, reference)?;
    }
    for field in template.fields.iter().filter(|f| f.required && !own.contains(&f.kind.as_str())) {
        if !given.iter().any(|reference| reference.name == field.name) {
            return Err(invalid(&field.name, "The field is required"));
        }
    }
    Ok(OfferTask {
        name,
        description,
        references: given,
        template: Some((template.id.clone(), 1)),
        scheduled: body["ScheduledTime"].as_f64(),
        related: body["RelatedContactId"].as_str().map(str::to_owned),
        queue: String::new(),
        agent: String::new(),
        attributes: BTreeMap::new(),
        ring: None,
        force: false,
    })
}

fn check_texts(name: Option<&str>, description: Option<&str>) -> Result<(), Refusal> {
    if name.is_some_and(|name| name.is_empty() || name.chars().count() > 512) {
        return Err(invalid("Name", "A name has 1 to 512 characters"));
    }
    if description.is_some_and(|text| text.chars().count() > 4096) {
        return Err(invalid("Description", "A description has at most 4096 characters"));
    }
    Ok(())
}

fn given(references: &Value) -> Result<Vec<TaskReference>, Refusal> {
    let read = references.as_object().into_iter().flatten().map(|(name, value)| {
        let kind = value["Type"].as_str().unwrap_or("");
        let of_kind = match kind {
            "NUMBER" | "DATE" => value["Value"].is_number(),
            "URL" | "STRING" | "EMAIL" => value["Value"].is_string(),
            _ => false,
        };
        if !of_kind {
            return Err(invalid(name, "The value is not of its type"));
        }
        Ok(TaskReference { name: name.clone(), kind: kind.to_owned(), value: value["Value"].clone() })
    });
    read.collect()
}

fn check(field: &TemplateField, reference: &TaskReference) -> Result<(), Refusal> {
    let text = reference.value.as_str().unwrap_or("");
    let length = text.chars().count();
    let (kind, fine) = match field.kind.as_str() {
        "TEXT" => ("STRING", length < 512),
        "TEXT_AREA" => ("STRING", length < 4096),
        "BOOLEAN" => ("STRING", matches!(text, "true" | "false")),
        "SINGLE_SELECT" => ("STRING", field.options.iter().any(|option| option == text)),
        "NUMBER" => ("NUMBER", true),
        "DATE_TIME" => ("DATE", reference.value.is_i64()),
        "URL" => ("URL", text.starts_with("http") && length <= 4096),
        "EMAIL" => ("EMAIL", text.contains('@') && length <= 4096),
        _ => ("", false),
    };
    if reference.kind != kind || !fine {
        return Err(invalid(&field.name, "The value does not fit its field"));
    }
    if (field.read_only || field.invisible) && field.default.as_deref() != Some(text) {
        return Err(invalid(&field.name, "The field cannot be changed"));
    }
    Ok(())
}

impl World {
    /// updateContact: what is not named stays.
    fn update_task(&mut self, login: &str, body: &Value) -> Changed {
        let text = |name: &str| body[name].as_str();
        let agent = self.agent_mut(login)?;
        let wanted = text("ContactId").unwrap_or("");
        let record = agent.works.iter_mut().find(|w| w.work.contact_id == wanted);
        let record = record.filter(|record| matches!(record.state, "connected" | "paused"));
        let record =
            record.ok_or_else(|| Refusal::new(404, "ResourceNotFoundException", "There is no such contact"))?;
        let WorkOffer::Task(mut task) = record.work.present() else {
            return Err(Refusal::new(400, "InvalidRequestException", "Only tasks can be changed"));
        };
        check_texts(text("Name"), text("Description"))?;
        if let Some(name) = text("Name") {
            name.clone_into(&mut task.name);
        }
        if let Some(description) = text("Description") {
            description.clone_into(&mut task.description);
        }
        for reference in given(&body["References"])? {
            match task.references.iter_mut().find(|known| known.name == reference.name) {
                Some(known) if known.kind != reference.kind => {
                    return Err(invalid(&reference.name, "A reference keeps its type"));
                }
                Some(known) => *known = reference,
                None => task.references.push(reference),
            }
        }
        record.work.edit(task);
        agent.revision += 1;
        Ok(Vec::new())
    }
}
