//! What the services send, member by member.

use serde_json::{Value, json};

use super::options::{TimestampForm, Twin24Group, Twin24Operator};
use super::state::{Author, Message, Operator, Session, StoredFile};
use super::world::World;
use crate::moment::iso_time;

/// A time as the services write it, with milliseconds where the options want them.
pub(super) fn stamp(world: &World, millis: i64) -> Value {
    let text = iso_time(millis as f64 / 1000.0);
    let end = if world.options.fractional_times { 23 } else { 19 };
    json!(format!("{}+00:00", text.get(..end).unwrap_or(&text)))
}

fn stamp_or_null(world: &World, millis: Option<i64>) -> Value {
    millis.map_or(Value::Null, |millis| stamp(world, millis))
}

/// `/timestamp`.
pub(super) fn timestamp(world: &World) -> Value {
    let now = world.now();
    match world.options.timestamp_form {
        TimestampForm::Seconds => json!(now / 1000),
        TimestampForm::Millis => json!(now),
        TimestampForm::Object => json!({ "timestamp": now / 1000 }),
        TimestampForm::Text => json!({ "serverTime": stamp(world, now) }),
    }
}

/// `/users/me` of the Chat API.
pub(super) fn me(world: &World, operator: &Operator) -> Value {
    let profile = &operator.profile;
    let groups: Vec<Value> = profile
        .groups
        .iter()
        .filter_map(|id| world.group(*id))
        .map(|group| json!({ "id": group.id, "name": group.name }))
        .collect();
    json!({
        "id": profile.id, "name": profile.name(), "email": profile.email,
        "companyId": profile.companies.first(), "status": operator.status.wire(), "groups": groups,
    })
}

/// `/users/me` of IAM.
pub(super) fn profile(profile: &Twin24Operator) -> Value {
    let roles: Vec<Value> =
        profile.companies.iter().map(|company| json!({ "name": "OPERATOR", "company_id": company })).collect();
    json!({
        "id": profile.id, "companyId": profile.companies.first(), "firstName": profile.first_name,
        "lastName": profile.last_name, "middleName": "", "email": profile.email, "phone": null, "roles": roles,
        "settings": {}, "avatar": null,
    })
}

/// An item of `/users`.
pub(super) fn user(operator: &Operator) -> Value {
    json!({ "id": operator.profile.id, "name": operator.profile.name(), "status": operator.status.wire() })
}

/// An item of `/groups`.
pub(super) fn group(group: &Twin24Group) -> Value {
    json!({
        "id": group.id, "name": group.name, "timerFirstAnswer": group.first_answer,
        "timerNextAnswers": group.next_answers,
    })
}

/// A session.
pub(super) fn session(world: &World, session: &Session) -> Value {
    let operators: Vec<Value> = session
        .operators
        .iter()
        .map(|(id, at)| {
            json!({ "id": id, "name": world.name(*id), "type": "OPERATOR", "assigned_at": stamp(world, *at) })
        })
        .collect();
    let last = session.messages.last();
    let group = world.group(session.group);
    let mut value = json!({
        "id": session.id, "chatId": format!("chat-{}", session.group), "name": session.name,
        "markedAsSpam": session.spam, "ttl": 86_400,
        "operatorId": session.operator.map(|id| id.to_string()),
        "operatorName": session.operator.map(|id| world.name(id)),
        "operatorAssignedAt": stamp_or_null(world, session.assigned),
        "operators": operators, "channel": session.channel, "messengerType": session.messenger,
        "botStatus": if session.with_bot { "active" } else { "stopped" },
        "status": if session.closed.is_some() { "closed" } else { "active" },
        "startedAt": stamp(world, session.started), "clientOnlineAt": stamp(world, session.online),
        "clientOfflineAt": stamp_or_null(world, session.offline),
        "unreadClientMessageCount": session.unread,
        "lastMessageCreatedAt": stamp_or_null(world, last.map(|message| message.created)),
        "lastMessage": last.map(|message| last_message(world, session, message)),
    });
    let more = json!({
        "clientId": session.client, "clientBanned": world.is_banned(&session.client),
        "referer": session.referer, "tags": session.tags,
        "timerFirstAnswer": group.map(|group| group.first_answer),
        "timerNextAnswers": group.map(|group| group.next_answers),
        "lastOperatorMessage": stamp_or_null(world, session.last_operator),
        "firstClientMessageAfterLastOperatorMessage": stamp_or_null(world, session.first_client_after),
    });
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

fn last_message(world: &World, session: &Session, message: &Message) -> Value {
    let files = message.attachments.iter().filter_map(|id| file_of(world, id));
    let attachments: Vec<Value> = files
        .map(|file| {
            json!({
                "id": file.id, "name": file.name, "contentType": file.kind, "size": file.bytes.len(),
                "private": file.private, "url": address(world, file),
            })
        })
        .collect();
    json!({
        "id": message.id, "authorId": author_id(session, message), "authorType": message.author.kind(),
        "authorName": message.author_name, "type": "text", "body": message.body, "attachments": attachments,
        "createdAt": stamp(world, message.created), "readAt": stamp_or_null(world, message.read),
    })
}

fn author_id(session: &Session, message: &Message) -> Value {
    match &message.author {
        Author::Client => json!(session.client),
        Author::Operator(id) => json!(id.to_string()),
        Author::Bot => json!("bot-1"),
    }
}

/// A message.
pub(super) fn message(world: &World, session: &Session, message: &Message) -> Value {
    let answered = message.reply_to.as_deref().and_then(|id| session.message(id));
    json!({
        "id": message.id, "authorId": author_id(session, message), "authorType": message.author.kind(),
        "authorName": message.author_name, "type": "text", "body": message.body, "answers": [], "keyboard": [],
        "readAt": stamp_or_null(world, message.read), "createdAt": stamp(world, message.created),
        "updatedAt": stamp_or_null(world, message.updated), "attachments": attachments(world, message),
        "sessionId": session.id, "replyTo": answered.map(|answered| reply_to(world, session, answered)),
    })
}

fn reply_to(world: &World, session: &Session, answered: &Message) -> Value {
    let by_client = answered.author == Author::Client;
    let user = match answered.author {
        Author::Operator(id) => json!(id.to_string()),
        _ => Value::Null,
    };
    json!({
        "id": answered.id, "sessionId": session.id, "userId": user,
        "botId": (answered.author == Author::Bot).then_some("bot-1"), "body": answered.body,
        "authorType": answered.author.kind(), "attachments": attachments(world, answered),
        "createdAt": stamp(world, answered.created), "authorName": answered.author_name, "type": "text",
        "clientId": by_client.then_some(&session.client), "answers": [], "keyboard": [], "actions": [],
    })
}

fn attachments(world: &World, message: &Message) -> Vec<Value> {
    let files = message.attachments.iter().filter_map(|id| file_of(world, id));
    files
        .map(|file| {
            let mut value = file_value(world, file);
            if let Some(members) = value.as_object_mut() {
                // The vendor's spelling.
                members.remove("contentType");
                members.remove("ownerId");
                if let Some(ending) = members.remove("suggestedExtension") {
                    members.insert("sugestedExtension".to_owned(), ending);
                }
            }
            value
        })
        .collect()
}

fn file_of<'a>(world: &'a World, id: &str) -> Option<&'a StoredFile> {
    world.files.iter().find(|file| file.id == id)
}

/// Where a file is fetched.
pub(super) fn address(world: &World, file: &StoredFile) -> String {
    format!("{}/storage/{}", world.address, file.id)
}

/// Metadata of a file.
pub(super) fn file_value(world: &World, file: &StoredFile) -> Value {
    let (base, ending) = file.name.rsplit_once('.').unwrap_or((&file.name, ""));
    let url = address(world, file);
    json!({
        "id": file.id, "isPrivate": file.private, "createdAt": stamp(world, file.created),
        "contentType": file.kind, "name": file.name, "baseName": base, "extension": ending,
        "suggestedExtension": ending, "path": file.path, "size": file.bytes.len(), "url": url,
        "downloadLink": format!("{url}?download=1"), "ownerId": file.owner,
    })
}
