//! What is done once it is known who asks for what.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::Asked;
use super::query::{ListQuery, from_to, session_filter};
use super::routes::Action;
use crate::twin24::hub::Hub;
use crate::twin24::operators::Draft;
use crate::twin24::options::OperatorStatus;
use crate::twin24::shapes;
use crate::twin24::world::{Refused, World};

/// Answers one request of an operator.
pub(super) fn act(hub: &Hub, operator: u64, action: &Action, asked: &Asked) -> Result<Response, Refused> {
    if let Some(value) = hub.read(|world| look(world, operator, action, asked)) {
        return value.map(|value| axum::Json(value).into_response());
    }
    hub.act(|world| change(world, operator, action, asked)).map(|answer| match answer {
        Done::Nothing => StatusCode::NO_CONTENT.into_response(),
        Done::Null => axum::Json(Value::Null).into_response(),
        Done::Made(value) => (StatusCode::CREATED, axum::Json(value)).into_response(),
    })
}

/// What changes nothing; none for what does.
fn look(world: &World, operator: u64, action: &Action, asked: &Asked) -> Option<Result<Value, Refused>> {
    let me = world.operator(operator);
    Some(match action {
        Action::Profile => me.map(|one| shapes::profile(&one.profile)).ok_or_else(|| Refused::missing("User")),
        Action::Me => me.map(|one| shapes::me(world, one)).ok_or_else(|| Refused::missing("User")),
        Action::Timestamp => Ok(shapes::timestamp(world)),
        Action::File(id) => {
            let file = world.files.iter().find(|file| file.id == *id);
            file.map(|file| shapes::file_value(world, file)).ok_or_else(|| Refused::missing("File"))
        }
        Action::Users => people(world, asked, world.operators.iter().map(shapes::user).collect()),
        Action::Groups => people(world, asked, world.options.groups.iter().map(shapes::group).collect()),
        Action::Sessions => sessions(world, asked),
        Action::Session(id) => world.found(id).map(|found| shapes::session(world, found)),
        Action::SessionMessages(id) => {
            world.found(id).and_then(|found| messages(world, asked, std::slice::from_ref(&found)))
        }
        Action::ClientMessages(id) if world.clients.contains_key(id) => {
            let all: Vec<_> = world.sessions.iter().filter(|one| one.client == *id).collect();
            messages(world, asked, &all)
        }
        Action::ClientMessages(_) => Err(Refused::missing("Client")),
        _ => return None,
    })
}

fn people(world: &World, asked: &Asked, items: Vec<Value>) -> Result<Value, Refused> {
    let query = ListQuery::read(&asked.query, world.options.page_limit)?;
    let keyword = asked.value("keyword").unwrap_or_default().to_lowercase();
    let fits = |item: &Value| item["name"].as_str().unwrap_or_default().to_lowercase().contains(&keyword);
    let items = items.into_iter().filter(fits).collect();
    let mut page = query.page(items);
    Ok(if world.options.bare_lists { page["items"].take() } else { page })
}

fn sessions(world: &World, asked: &Asked) -> Result<Value, Refused> {
    let query = ListQuery::read(&asked.query, world.options.page_limit)?;
    let fits = session_filter(asked)?;
    let by_client = asked.value("groupByClientId").is_some_and(|flag| flag == "true" || flag == "1");
    let mut seen = Vec::new();
    let mut items = Vec::new();
    for found in world.sessions.iter().rev().filter(|found| fits(world, found)) {
        if by_client && seen.contains(&found.client) {
            continue;
        }
        seen.push(found.client.clone());
        items.push(found);
    }
    Ok(query.page_of(items, |found| shapes::session(world, found)))
}

fn messages(world: &World, asked: &Asked, sessions: &[&crate::twin24::state::Session]) -> Result<Value, Refused> {
    let query = ListQuery::read(&asked.query, world.options.page_limit)?;
    let within = from_to(asked)?;
    let items = sessions.iter().flat_map(|found| found.messages.iter().map(move |message| (*found, message)));
    let items: Vec<_> = items.filter(|(_, message)| within(message.created)).collect();
    Ok(query.page_of(items, |(found, message)| shapes::message(world, found, message)))
}

enum Done {
    Nothing,
    Null,
    Made(Value),
}

fn change(world: &mut World, operator: u64, action: &Action, asked: &Asked) -> Result<Done, Refused> {
    match action {
        Action::Activate => world.set_status(operator, OperatorStatus::Online),
        Action::Pause => world.set_status(operator, OperatorStatus::Pause),
        Action::Close(id) => {
            let result = asked.json()["result"].as_str().map(str::to_owned);
            world.close(operator, id, result)?;
        }
        Action::Rename(id, name) => world.rename(operator, id, name)?,
        Action::HandOver(id, to) => world.hand_over(operator, id, number(to, "User")?)?,
        Action::AddOperator(id, who) => world.add_operator(id, number(who, "User")?)?,
        Action::RemoveOperator(id, who) => world.remove_operator(id, number(who, "User")?)?,
        Action::HandOverToGroup(id, group) => world.hand_over_to_group(operator, id, number(group, "Group")?)?,
        Action::Send(id) => {
            let message = world.send(operator, id, draft(asked)?)?;
            let created = world.message(id, &message).map(|one| one.created).unwrap_or_default();
            return Ok(Done::Made(json!({ "id": message, "createdAt": shapes::stamp(world, created) })));
        }
        Action::Edit(id, message) => {
            world.edit(operator, id, message, draft(asked)?)?;
            return Ok(Done::Null);
        }
        Action::Delete(id, message) => world.delete(operator, id, message)?,
        Action::Read(message) => world.mark_read(operator, message)?,
        Action::Ban(client, banned) => world.ban(operator, client, *banned)?,
        Action::Spam(id, spam) => world.mark_spam(operator, id, *spam)?,
        _ => return Err(Refused::missing("Page")),
    }
    Ok(Done::Nothing)
}

fn number(text: &str, what: &str) -> Result<u64, Refused> {
    text.parse().map_err(|_| Refused::missing(what))
}

/// The body of a message: its text, ids of files (or objects with one), and what it answers.
fn draft(asked: &Asked) -> Result<Draft, Refused> {
    let body = asked.json();
    if !body.is_object() {
        return Err(Refused::new(400, "The body is no JSON object."));
    }
    let wrong = |name: &str| Refused::invalid(json!({ name: ["invalid"] }));
    let text = |name: &str| match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(wrong(name)),
    };
    let file = |item: &Value| item.as_str().or_else(|| item["id"].as_str()).map(str::to_owned);
    let attachments = match &body["attachments"] {
        Value::Null => Some(Vec::new()),
        Value::Array(list) => list.iter().map(file).collect(),
        _ => None,
    };
    Ok(Draft {
        body: text("body")?.unwrap_or_default(),
        attachments: attachments.ok_or_else(|| wrong("attachments"))?,
        reply_to: text("replyToMessageId")?,
    })
}
