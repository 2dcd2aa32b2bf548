//! Tasks: making one (chat document, section 9), and what the platform tells
//! of them over the agent socket.

use std::collections::BTreeSet;

use trunkline_connector::{CommandCode, CommandError, Target, TaskRequest};
use trunkline_model::{EndpointId, NoticeLevel, ReferenceKind, UnixMillis};
use url::Url;

use super::{Now, Session};
use crate::wire::{self, EventType, Item, TaskToCreate};

const LONGEST_NAME: usize = 512;
const LONGEST_TEXT: usize = 4096;
const DAY_MS: i64 = 86_400_000;

pub(super) fn invalid(detail: &str) -> CommandError {
    CommandError::new(CommandCode::Invalid, detail)
}

fn links(request: &TaskRequest) -> Result<Vec<(String, String)>, CommandError> {
    let mut names = BTreeSet::new();
    let read = request.references.iter().map(|reference| {
        let name = reference.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_TEXT || !names.insert(name.to_owned()) {
            return Err(invalid("each reference needs a name of its own"));
        }
        // Without a template the service takes links only.
        let web = Url::parse(reference.value.trim()).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if reference.kind != ReferenceKind::Url || !web || reference.value.chars().count() > LONGEST_TEXT {
            return Err(invalid("references are web addresses of at most 4096 characters"));
        }
        Ok((name.to_owned(), reference.value.trim().to_owned()))
    });
    read.collect()
}

/// A title without blanks around it.
pub(super) fn checked_name(name: &str) -> Result<String, CommandError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(invalid("a task's name has 1 to 512 characters").at("name"));
    }
    Ok(name.to_owned())
}

/// A text, when it says something.
pub(super) fn checked_description(description: Option<&str>) -> Result<Option<String>, CommandError> {
    let description = description.map(str::trim).filter(|text| !text.is_empty());
    if description.is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
        return Err(invalid("a task's text has at most 4096 characters").at("description"));
    }
    Ok(description.map(str::to_owned))
}

impl Session {
    pub(super) fn check_schedule(&self, time: Option<UnixMillis>, now: Now) -> Result<(), CommandError> {
        let latest = now.wall.shifted(i64::from(self.settings.task_schedule_days) * DAY_MS);
        if time.is_some_and(|time| time <= now.wall || time > latest) {
            return Err(invalid("the time is in the past, or too far ahead").at("scheduled_for"));
        }
        Ok(())
    }

    /// An agent or a queue of the directory.
    pub(super) fn task_endpoint(&self, id: &EndpointId) -> Result<wire::Endpoint, CommandError> {
        let endpoint = self.target(&Target::Endpoint { id: id.clone() })?;
        if !matches!(endpoint.kind.as_deref(), Some("agent" | "queue")) {
            let error = CommandError::new(CommandCode::BadTarget, "tasks go to agents and queues only");
            return Err(error.at("endpoint"));
        }
        Ok(endpoint)
    }

    /// The operation's content, once everything in it is in order.
    pub(super) fn task(&self, request: &TaskRequest, now: Now) -> Result<TaskToCreate, CommandError> {
        let name = checked_name(&request.name)?;
        let description = checked_description(request.description.as_deref())?;
        if uuid::Uuid::try_parse(request.token.as_str()).is_err() {
            return Err(invalid("the token is not a UUID"));
        }
        self.check_schedule(request.scheduled_for, now)?;
        if !request.fields.is_empty() {
            return Err(invalid("without a template there are no further fields"));
        }
        let Some(endpoint) = &request.endpoint else {
            return Err(invalid("without a template somebody has to be named").at("endpoint"));
        };
        let endpoint = self.task_endpoint(endpoint)?;
        Ok(TaskToCreate {
            name,
            description,
            endpoint,
            references: links(request)?,
            previous_contact_id: request.previous.as_ref().map(|id| id.as_str().to_owned()),
            related_contact_id: request.related.as_ref().map(|id| id.as_str().to_owned()),
            idempotency_token: request.token.as_str().to_owned(),
            scheduled_time: request.scheduled_for.map(|time| self.skew().service_seconds(time).round() as i64),
        })
    }

    /// A frame of `aws/task`.
    pub(super) fn on_task_frame(&mut self, content: &str, now: Now) {
        let Some((item, event)) = Item::read_text(content).and_then(|item| Some((item.clone(), item.event()?))) else {
            tracing::warn!(bytes = content.len(), "unreadable event of a task");
            return;
        };
        let contacts = self.picture.snapshot.as_ref().map(|snapshot| snapshot.contacts.as_slice()).unwrap_or_default();
        let is_meant = |contact: &&wire::Contact| {
            let initial = contact.initial_contact_id.as_ref().unwrap_or(&contact.contact_id);
            item.contact_id.as_ref() == Some(&contact.contact_id) || item.initial_contact_id.as_ref() == Some(initial)
        };
        let Some(contact) = contacts.iter().find(is_meant).map(|contact| contact.contact_id.clone()) else {
            return;
        };
        let id = format!("task:{contact}");
        let transferred = match event {
            EventType::TransferSucceeded => Some(true),
            EventType::TransferFailed => Some(false),
            _ => None,
        };
        if let Some((memory, transferred)) = self.picture.memories.get_mut(&contact).zip(transferred) {
            memory.transferred = transferred;
        }
        let (level, key) = match event {
            EventType::ExpireWarning => (NoticeLevel::Warning, "notice_task_expiring"),
            EventType::ExpireComplete => (NoticeLevel::Warning, "notice_task_expired"),
            EventType::TransferInitiated => (NoticeLevel::Info, "notice_task_transfer_begun"),
            EventType::TransferFailed => (NoticeLevel::Error, "notice_transfer_failed"),
            EventType::TransferSucceeded => {
                self.withdraw(&id);
                return;
            }
            other => {
                tracing::debug!(event = other.as_str(), "event of a task");
                return;
            }
        };
        self.tell(id, level, key, Some(&contact), now);
    }
}
