//! Task templates and changes of tasks (section 4.6): a service of its own,
//! taken with the session's cookies on the same way as the CTI calls.
//!
//! | question | asks | then |
//! | --- | --- | --- |
//! | the list | page by page | answered whole, or not at all |
//! | one template | once | kept for making a task from it |
//! | any | while a token is awaited | waits for it |
//! | any | refused with 401 | once more with renewed cookies |
//! | any | deadline | time-out |
//!
//! What this service refuses says nothing of the ways: it may be closed to an
//! agent who is otherwise welcome.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use tokio::time::Instant;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse, Transfer};
use trunkline_connector::{Command, CommandCode, CommandError, TaskRequest, TaskUpdate};
use trunkline_model::{
    CommandId, ContactAction, EndpointId, TaskFieldKind, TaskTemplate, TaskTemplateEntry, TaskTemplateId,
};

use super::directory::LookupId;
use super::replies::Failed;
use super::tasks::{checked_description, checked_name, invalid};
use super::{Action, Now, Purpose, RequestId, Session};
use crate::map::templates::{self, FieldFixed};
use crate::settings::ms;
use crate::wire::{
    ContactUpdate, ServiceError, TaskServiceCall, TemplateReply, TemplatedTask, TemplatesPage, decode,
    faulty_properties,
};

/// A service that never ends the list must not fill the memory.
const MOST_PAGES: usize = 50;

/// What is asked.
#[derive(Clone, Debug)]
pub(super) enum Question {
    List,
    One(TaskTemplateId),
}

/// One question without its answer.
#[derive(Debug)]
struct Asked {
    question: Question,
    deadline: Instant,
    read: Vec<TaskTemplateEntry>,
    pages: usize,
    renewed: bool,
    /// Waits for a token, to ask for this page.
    parked: Option<Option<String>>,
}

/// A template that was read.
#[derive(Debug)]
struct Known {
    template: TaskTemplate,
    fixed: Vec<FieldFixed>,
}

/// Questions under way, and the templates that were read.
#[derive(Debug, Default)]
pub(super) struct Templates {
    open: BTreeMap<LookupId, Asked>,
    known: BTreeMap<TaskTemplateId, Known>,
}

impl Templates {
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.open.values().map(|asked| asked.deadline).min()
    }
}

/// The last part of the quick connect's ARN (taskjs).
fn quick_connect_id(endpoint: &EndpointId) -> String {
    let arn = endpoint.as_str();
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}

fn refused_error(error: &ServiceError) -> CommandCode {
    match error.status {
        _ if error.is_unauthorized() => CommandCode::NotSignedIn,
        _ if error.is_transient() => CommandCode::Unavailable,
        300..=399 => CommandCode::Unavailable,
        400 | 422 => CommandCode::Invalid,
        403 => CommandCode::NotAllowed,
        _ => CommandCode::NotPossible,
    }
}

/// A refusal in the agent's terms.
fn error_of(failed: &Failed, field: Option<String>) -> CommandError {
    let error = match failed {
        Failed::Service(error) => CommandError::new(refused_error(error), error.message.clone()),
        Failed::Http(HttpFailure::Timeout) => CommandError::new(CommandCode::Timeout, "no answer"),
        Failed::Http(failure) => CommandError::new(CommandCode::Unavailable, failure.to_string()),
        Failed::Malformed(problem) => CommandError::new(CommandCode::Unavailable, problem.clone()),
    };
    CommandError { field, ..error }
}

impl Session {
    pub(super) fn on_template_question(&mut self, id: LookupId, question: Question, deadline: Instant) {
        if !self.auth.is_live() && !self.awaits_token() {
            self.answer_templates(id, &question, Err(CommandError::new(CommandCode::NotSignedIn, "not signed in")));
            return;
        }
        let asked = Asked { question, deadline, read: Vec::new(), pages: 0, renewed: false, parked: Some(None) };
        self.templates.open.insert(id, asked);
        self.pump_templates();
    }

    /// Asks what waits for a token, or says that there will be none.
    pub(super) fn pump_templates(&mut self) {
        if self.awaits_token() {
            return;
        }
        let parked: Vec<(LookupId, Question, Option<String>)> = self
            .templates
            .open
            .iter_mut()
            .filter_map(|(id, asked)| Some((*id, asked.question.clone(), asked.parked.take()?)))
            .collect();
        for (id, question, next) in parked {
            if !self.auth.is_live() {
                self.finish_templates(id, Err(CommandError::new(CommandCode::NotSignedIn, "not signed in")));
                continue;
            }
            let Some(instance) = self.instance_id() else {
                let error = CommandError::new(CommandCode::Unavailable, "the instance is not known yet");
                self.finish_templates(id, Err(error));
                continue;
            };
            let call = match question {
                Question::List => TaskServiceCall::List {
                    instance,
                    status: self.settings.task_templates_status.clone(),
                    most: self.settings.task_templates_most,
                    next,
                },
                Question::One(template) => TaskServiceCall::Get { instance, id: template.as_str().to_owned() },
            };
            self.task_service(Purpose::Templates(id), &call);
        }
    }

    /// Cut out of the routing profile's ARN (section 4.2).
    fn instance_id(&self) -> Option<String> {
        self.own_arn()?.rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
    }

    fn task_service(&mut self, purpose: Purpose, call: &TaskServiceCall) -> RequestId {
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::ACCEPT, json.clone());
        headers.insert(header::CONTENT_TYPE, json);
        headers.insert("x-csrf-token", HeaderValue::from_static("csrf"));
        if self.settings.send_origin
            && let Ok(origin) = HeaderValue::from_str(&self.addresses.origin)
        {
            headers.insert(header::ORIGIN, origin);
        }
        let request = HttpRequest {
            method: call.method(),
            url: call.url(&self.addresses.task_templates),
            headers,
            body: call.body().map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
            timeout: ms(self.settings.call_limit_ms),
            transfer: Transfer::default(),
        };
        let id = self.next_request(purpose);
        self.dispatch(id, request);
        id
    }

    /// An answer of the service.
    pub(super) fn on_task_service(&mut self, purpose: &Purpose, outcome: Result<HttpResponse, HttpFailure>) {
        let mut faulty = Vec::new();
        let result = match outcome {
            Ok(response) if response.status.is_success() => Ok(response),
            Ok(response) => {
                faulty = faulty_properties(&response.body);
                let error = ServiceError::read(response.status.as_u16(), &response.headers, &response.body);
                tracing::warn!(?purpose, status = error.status, code = error.code.as_str(), "tasks: refused");
                Err(Failed::Service(error))
            }
            Err(failure) => {
                tracing::warn!(?purpose, %failure, "tasks: no answer");
                Err(Failed::Http(failure))
            }
        };
        match purpose {
            Purpose::Templates(id) => self.on_templates(*id, result),
            Purpose::TaskService(command) => self.on_task_done(command, result.map(|_| ()), &faulty),
            _ => {}
        }
    }

    fn on_templates(&mut self, id: LookupId, result: Result<HttpResponse, Failed>) {
        let Some(asked) = self.templates.open.get_mut(&id) else {
            return;
        };
        if let Err(Failed::Service(error)) = &result
            && error.is_unauthorized()
            && !asked.renewed
        {
            asked.renewed = true;
            asked.read.clear();
            asked.pages = 0;
            asked.parked = Some(None);
            self.token_refused();
            return;
        }
        let malformed = |error: crate::wire::Malformed| Failed::Malformed(error.to_string());
        let answer = match (&asked.question, result) {
            (_, Err(failed)) => Err(failed),
            (Question::List, Ok(response)) => match decode::<TemplatesPage>(&response.body) {
                Ok(page) => {
                    asked.read.extend(page.task_templates.into_iter().filter_map(templates::entry));
                    asked.pages += 1;
                    let next = page.next_token.filter(|token| !token.is_empty());
                    if next.is_some() && asked.pages < MOST_PAGES {
                        asked.parked = Some(next);
                        self.pump_templates();
                        return;
                    }
                    Ok(Answer::List(std::mem::take(&mut asked.read)))
                }
                Err(error) => Err(malformed(error)),
            },
            (Question::One(template), Ok(response)) => match decode::<TemplateReply>(&response.body) {
                Ok(reply) => Ok(Answer::One(Box::new(templates::template(template, reply)))),
                Err(error) => Err(malformed(error)),
            },
        };
        self.finish_templates(id, answer.map_err(|failed| error_of(&failed, None)));
    }

    fn finish_templates(&mut self, id: LookupId, answer: Result<Answer, CommandError>) {
        if let Some(asked) = self.templates.open.remove(&id) {
            self.answer_templates(id, &asked.question, answer);
        }
    }

    fn answer_templates(&mut self, id: LookupId, question: &Question, answer: Result<Answer, CommandError>) {
        self.out.push(match (question, answer) {
            (_, Ok(Answer::List(mut all))) => {
                all.sort_by_key(|entry| entry.name.to_lowercase());
                Action::TaskTemplates(id, Ok(all))
            }
            (_, Ok(Answer::One(known))) => {
                let (template, fixed) = *known;
                let known = Known { template: template.clone(), fixed };
                self.templates.known.insert(template.id.clone(), known);
                Action::TaskTemplate(id, Box::new(Ok(template)))
            }
            (Question::List, Err(error)) => Action::TaskTemplates(id, Err(error)),
            (Question::One(_), Err(error)) => Action::TaskTemplate(id, Box::new(Err(error))),
        });
    }

    pub(super) fn expire_templates(&mut self, now: Now) {
        let late = |asked: &&Asked| now.at >= asked.deadline;
        let over: Vec<LookupId> =
            self.templates.open.iter().filter(|(_, asked)| late(asked)).map(|(id, _)| *id).collect();
        for id in over {
            self.finish_templates(id, Err(super::commands::timed_out()));
        }
    }

    /// The program or the account stops: nobody is left waiting.
    pub(super) fn drop_templates(&mut self) {
        for id in self.templates.open.keys().copied().collect::<Vec<_>>() {
            let error = CommandError::new(CommandCode::Cancelled, "the account is stopping");
            self.finish_templates(id, Err(error));
        }
    }

    /// A task from a template and a change of a task do not go to the CTI
    /// service. True: it is taken care of.
    pub(super) fn begin_task_command(&mut self, id: &CommandId, command: &Command, now: Now) -> bool {
        let call = match command {
            Command::CreateTask(request) => match &request.template {
                Some(template) => self.templated(template, request, now).map(Box::new).map(TaskServiceCall::Create),
                None => return false,
            },
            Command::UpdateTask(change) => self.change(change).map(Box::new).map(TaskServiceCall::Update),
            _ => return false,
        };
        match call {
            Ok(call) => {
                self.task_service(Purpose::TaskService(id.clone()), &call);
            }
            Err(error) => self.answer(id, Err(error)),
        }
        true
    }

    fn templated(&self, id: &TaskTemplateId, request: &TaskRequest, now: Now) -> Result<TemplatedTask, CommandError> {
        let Some(known) = self.templates.known.get(id) else {
            // After a new start of the account: reading the template again makes it possible.
            let error = CommandError::new(CommandCode::Unavailable, "the template has to be read again");
            return Err(error.at("template"));
        };
        let name = checked_name(&request.name)?;
        let description = checked_description(request.description.as_deref())?;
        self.check_schedule(request.scheduled_for, now)?;
        if !request.references.is_empty() {
            return Err(invalid("a task from a template has no references but its fields").at("links"));
        }
        let fixed: &[FieldFixed] = if self.settings.task_send_invisible { &known.fixed } else { &[] };
        let references = templates::references(&known.template, fixed, request)?;
        if let Some(endpoint) = &request.endpoint {
            self.task_endpoint(endpoint)?;
        }
        let goes_to = known.template.field_of(&TaskFieldKind::QuickConnect);
        let default_connect = || goes_to.and_then(|field| field.default.clone());
        // One that the agent may change comes along when it is wanted.
        let begins = known.template.field_of(&TaskFieldKind::ScheduledTime).filter(|field| field.read_only);
        let fixed_time = begins.and_then(|field| field.default.as_ref()?.parse::<i64>().ok());
        Ok(TemplatedTask {
            template_id: id.as_str().to_owned(),
            name,
            description,
            quick_connect_id: request.endpoint.as_ref().map(quick_connect_id).or_else(default_connect),
            references,
            previous_contact_id: request.previous.as_ref().map(|id| id.as_str().to_owned()),
            related_contact_id: request.related.as_ref().map(|id| id.as_str().to_owned()),
            scheduled_time: request
                .scheduled_for
                .map(|time| self.skew().service_seconds(time).round() as i64)
                .or_else(|| fixed_time.map(|time| time.div_euclid(1000))),
        })
    }

    fn change(&self, change: &TaskUpdate) -> Result<ContactUpdate, CommandError> {
        let contact = self.may(&change.contact, ContactAction::Edit)?;
        let update = ContactUpdate {
            contact_id: contact.contact_id.clone(),
            name: change.name.as_deref().map(checked_name).transpose()?,
            description: match change.description.as_deref() {
                // A text can be taken away: then it is empty, not absent.
                Some(text) => Some(checked_description(Some(text))?.unwrap_or_default()),
                None => None,
            },
            references: templates::changed(contact, &change.references)?,
        };
        if update.name.is_none() && update.description.is_none() && update.references.is_empty() {
            return Err(invalid("nothing is changed"));
        }
        Ok(update)
    }

    fn on_task_done(&mut self, id: &CommandId, result: Result<(), Failed>, faulty: &[String]) {
        let Some(command) = self.book.command(id).cloned() else {
            return;
        };
        match result {
            Ok(()) => self.answer(id, Ok(())),
            Err(Failed::Service(error)) if error.is_unauthorized() && self.book.may_repeat(id) => {
                self.token_refused();
            }
            Err(failed) => {
                let template = match &command {
                    Command::CreateTask(request) => request.template.as_ref(),
                    _ => None,
                };
                let known = template.and_then(|id| self.templates.known.get(id)).map(|known| &known.template);
                let mut error = error_of(&failed, templates::faulty(known, faulty));
                if template.is_some() && failed.is_ambiguous() {
                    // This service takes no token: sent again it might become two.
                    error.code = CommandCode::Timeout;
                }
                self.answer(id, Err(error));
            }
        }
    }
}

/// What a question brought.
enum Answer {
    List(Vec<TaskTemplateEntry>),
    One(Box<(TaskTemplate, Vec<FieldFixed>)>),
}
