//! The calls of the Participant Service.

use std::sync::Arc;

use serde_json::{Value, json};

use super::attachments;
use super::contact::{Chat, ChatEndedBy};
use super::conversation::{ChatRole, Draft};
use super::item::{EVENT, RESPONSE};
use super::participant::{Caller, Refused, denied, invalid, new_token};
use super::transcript;
use crate::Moment;
use crate::amazon_connect::server::iso_time;
use crate::amazon_connect::shared::Shared;
use crate::amazon_connect::state::now;
use crate::amazon_connect::websocket;

/// What SendMessage takes.
const MESSAGE_TYPES: [&str; 4] = ["text/plain", "text/markdown", "application/json", RESPONSE];

/// Does what a caller asks; `rest` is the end of the path.
pub(crate) fn perform(
    shared: &Arc<Shared>,
    caller: &Caller,
    action: &'static str,
    rest: &str,
    body: &[u8],
) -> Result<Value, Refused> {
    if action == "DescribeView" {
        return describe_view(caller, rest);
    }
    let body: Value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body).map_err(|_| invalid("the body is not JSON"))?
    };
    match action {
        "CreateParticipantConnection" => connect(shared, caller, &body),
        "SendMessage" => send_message(shared, caller, &body),
        "SendEvent" => send_event(shared, caller, &body),
        "GetTranscript" => get_transcript(caller, &body),
        "StartAttachmentUpload" => attachments::start(shared, caller, &body),
        "CompleteAttachmentUpload" => attachments::complete(shared, caller, &body),
        "GetAttachment" => attachments::get(shared, caller, &body),
        "DisconnectParticipant" => disconnect(shared, caller, &body),
        _ => Err(Refused::new("ResourceNotFoundException", "there is no such operation")),
    }
}

/// The contact of an agent who asks; `None` for others.
fn chat_of(shared: &Shared, caller: &Caller) -> Option<Arc<Chat>> {
    shared.chats.borrow().iter().find(|c| c.agent_connection == caller.participant.id).cloned()
}

fn connect(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Value, Refused> {
    let kinds: Vec<&str> = match &body["Type"] {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => return Err(invalid("Type")),
    };
    let acknowledges = body["ConnectParticipant"] == true;
    if kinds.iter().any(|k| !["WEBSOCKET", "CONNECTION_CREDENTIALS"].contains(k)) || (kinds.is_empty() && !acknowledges)
    {
        return Err(invalid("Type"));
    }
    let mut answer = json!({});
    if kinds.contains(&"WEBSOCKET") {
        let life = shared.options.socket_life.as_secs_f64();
        answer["Websocket"] = json!({
            "Url": websocket::new_address(shared, &caller.participant.channel),
            "ConnectionExpiry": iso_time(now() + shared.skew() + life),
        });
    }
    if kinds.contains(&"CONNECTION_CREDENTIALS") {
        let (token, expiry) = new_token(shared, &caller.conversation, &caller.participant.id);
        answer["ConnectionCredentials"] = json!({ "ConnectionToken": token, "Expiry": expiry });
    }
    if let Some(chat) = chat_of(shared, caller).filter(|_| acknowledges) {
        chat.note(|f| f.acknowledged.push(Moment::now()));
    }
    Ok(answer)
}

fn send_message(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Value, Refused> {
    let kind = body["ContentType"].as_str().ok_or_else(|| invalid("ContentType"))?;
    let content = body["Content"].as_str().ok_or_else(|| invalid("Content"))?;
    if !MESSAGE_TYPES.contains(&kind) {
        return Err(invalid("ContentType is not one to send"));
    }
    if content.is_empty() || content.chars().count() > shared.options.chat_message_limit {
        return Err(invalid("Content is empty or too long"));
    }
    let json_wanted = kind == "application/json" || kind == RESPONSE;
    if json_wanted && serde_json::from_str::<Value>(content).is_err() {
        return Err(invalid("Content is not JSON"));
    }
    caller.once("SendMessage", body, |talk| {
        let mut draft = Draft::message(kind, content);
        draft.client_token = body["ClientToken"].as_str().map(str::to_owned);
        let item = caller.conversation.add(shared, talk, Some(&caller.participant.sender()), draft);
        Ok(json!({ "Id": item.id, "AbsoluteTime": iso_time(item.time) }))
    })
}

fn send_event(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Value, Refused> {
    let kind = body["ContentType"].as_str().and_then(|k| k.strip_prefix(EVENT));
    let kind = kind.ok_or_else(|| invalid("ContentType"))?;
    let message = match kind {
        "typing" | "connection.acknowledged" => None,
        "message.delivered" | "message.read" => {
            let content: Value =
                body["Content"].as_str().and_then(|c| serde_json::from_str(c).ok()).unwrap_or_default();
            let id = content["messageId"].as_str().ok_or_else(|| invalid("Content has no messageId"))?;
            Some(id.to_owned())
        }
        _ => return Err(invalid("ContentType is not one to send")),
    };
    let (conversation, sender) = (&caller.conversation, caller.participant.sender());
    caller.once("SendEvent", body, |talk| {
        if let Some(message) = message {
            if talk.people() > 2 {
                let text = "receipts are not supported with more than two participants";
                return Err(Refused::new("ConflictException", text));
            }
            if !conversation.receipt(shared, talk, &sender.id, &message, kind == "message.read") {
                return Err(invalid("messageId names no message"));
            }
            let id = uuid::Uuid::new_v4().to_string();
            return Ok(json!({ "Id": id, "AbsoluteTime": iso_time(now() + shared.skew()) }));
        }
        if kind == "typing" {
            talk.typing.push((sender.id.clone(), Moment::now()));
        }
        let (id, time) = conversation.tell(shared, talk, &sender, kind);
        Ok(json!({ "Id": id, "AbsoluteTime": iso_time(time) }))
    })
}

fn get_transcript(caller: &Caller, body: &Value) -> Result<Value, Refused> {
    let talk = caller.conversation.talk.borrow();
    if let Some(contact) = body["ContactId"].as_str() {
        let known = contact == caller.conversation.initial_contact_id
            || talk.participants.iter().any(|p| p.contact_id == contact);
        if !known {
            return Err(denied());
        }
    }
    transcript::page(&talk.items, &caller.conversation.initial_contact_id, body)
}

fn disconnect(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Value, Refused> {
    if caller.participant.role != ChatRole::Customer {
        return Err(denied());
    }
    caller.once("DisconnectParticipant", body, |_| Ok(json!({})))?;
    let of_talk = |c: &&Arc<Chat>| Arc::ptr_eq(&c.conversation, &caller.conversation);
    let chat = shared.chats.borrow().iter().find(of_talk).cloned();
    if let Some(chat) = chat {
        // Leaving twice changes nothing.
        let _ = shared.act(|world| world.chat_over(&chat, ChatEndedBy::Customer));
    }
    Ok(json!({}))
}

fn describe_view(caller: &Caller, token: &str) -> Result<Value, Refused> {
    let talk = caller.conversation.talk.borrow();
    let view = talk.views.get(token);
    let view = view.ok_or_else(|| Refused::new("ResourceNotFoundException", "there is no such view"))?;
    Ok(json!({ "View": view }))
}
