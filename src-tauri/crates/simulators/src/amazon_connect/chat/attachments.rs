//! Attachments: announced, uploaded, checked, fetched.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use super::conversation::{AttachmentStatus, ChatFile, Conversation, Draft};
use super::item::{ItemFile, Sender};
use super::participant::{Caller, Refused, denied, invalid};
use crate::amazon_connect::call::lock;
use crate::amazon_connect::faults::Fault;
use crate::amazon_connect::server::{self, iso_time};
use crate::amazon_connect::shared::Shared;
use crate::amazon_connect::state::now;

/// Bytes of the largest file.
pub(crate) const LARGEST: u64 = 20 * 1024 * 1024;
const LONGEST_NAME: usize = 256;
/// Seconds in which an upload has to begin.
const UPLOAD_LIFE: f64 = 900.0;
const ENDINGS: [&str; 18] = [
    "csv", "doc", "docx", "heic", "jfif", "jpeg", "jpg", "mov", "mp4", "pdf", "png", "ppt", "pptx", "rtf", "txt",
    "wav", "xls", "xlsx",
];

/// StartAttachmentUpload.
pub(crate) fn start(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Value, Refused> {
    let name = body["AttachmentName"].as_str().ok_or_else(|| invalid("AttachmentName"))?;
    let kind = body["ContentType"].as_str().ok_or_else(|| invalid("ContentType"))?;
    let size = body["AttachmentSizeInBytes"].as_u64().ok_or_else(|| invalid("AttachmentSizeInBytes"))?;
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(invalid("AttachmentName is empty or too long"));
    }
    if kind.is_empty() || kind.len() > 255 || kind.parse::<http::HeaderValue>().is_err() {
        return Err(invalid("ContentType"));
    }
    if size == 0 || size > LARGEST {
        return Err(invalid("AttachmentSizeInBytes is out of range"));
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    if !ENDINGS.contains(&ending.as_str()) {
        return Err(invalid("files of that type are not supported"));
    }
    if !shared.attachments_allowed(&caller.conversation) {
        return Err(denied());
    }
    caller.once("StartAttachmentUpload", body, |talk| {
        let id = uuid::Uuid::new_v4().to_string();
        talk.files.push(ChatFile {
            id: id.clone(),
            name: name.to_owned(),
            content_type: kind.to_owned(),
            size: usize::try_from(size).unwrap_or(usize::MAX),
            bytes: None,
            status: AttachmentStatus::InProgress,
            sender: caller.participant.id.clone(),
            completed: false,
        });
        let (url, expiry) = address(shared, &id, "put", UPLOAD_LIFE);
        Ok(json!({ "AttachmentId": id, "UploadMetadata": {
            "Url": url,
            "UrlExpiry": expiry,
            "HeadersToInclude": {
                "content-type": kind,
                "content-disposition": disposition(name),
            },
        }}))
    })
}

/// A header cannot carry every name, so others than plain ones are encoded.
fn disposition(name: &str) -> String {
    let mut plain = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b" ._-()".contains(&byte) {
            plain.push(char::from(byte));
        } else {
            plain.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"")
}

fn address(shared: &Shared, id: &str, act: &str, life: f64) -> (String, String) {
    let until = now() + life;
    let signature = signature(id, act, until as u64);
    let url = format!(
        "http://{}/attachment-store/{id}?act={act}&until={}&X-Amz-Signature={signature}",
        shared.http, until as u64
    );
    (url, iso_time(until + shared.skew()))
}

/// Good for noticing that somebody has changed an address.
fn signature(id: &str, act: &str, until: u64) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{id} {act} {until}"));
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// CompleteAttachmentUpload: the check begins.
pub(crate) fn complete(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Value, Refused> {
    let ids = body["AttachmentIds"].as_array().filter(|l| l.len() == 1);
    let id = ids.and_then(|l| l[0].as_str()).ok_or_else(|| invalid("AttachmentIds has exactly one id"))?;
    caller.once("CompleteAttachmentUpload", body, |talk| {
        let own = caller.participant.id.as_str();
        let file = talk.file_mut(id).filter(|f| f.sender == own);
        let file = file.ok_or_else(|| Refused::new("ResourceNotFoundException", "there is no such attachment"))?;
        if file.bytes.is_none() {
            return Err(invalid("the attachment was not uploaded"));
        }
        if std::mem::replace(&mut file.completed, true) {
            return Err(Refused::new("ConflictException", "the attachment is being processed"));
        }
        check(shared, &caller.conversation, talk, &caller.participant.sender(), id);
        Ok(json!({}))
    })
}

/// Tells of a file in progress, and later of the outcome, under one item id.
pub(crate) fn check(
    shared: &Arc<Shared>,
    conversation: &Arc<Conversation>,
    talk: &mut super::conversation::Talk,
    sender: &Sender,
    id: &str,
) -> String {
    let Some(file) = talk.file_mut(id).cloned() else {
        return String::new();
    };
    let draft = Draft {
        kind: "ATTACHMENT",
        content_type: file.content_type.clone(),
        content: None,
        file: Some(ItemFile {
            id: file.id.clone(),
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            status: AttachmentStatus::InProgress,
        }),
        client_token: None,
    };
    let item = conversation.add(shared, talk, Some(sender), draft);
    let (later, conversation, file) = (shared.clone(), conversation.clone(), file.id);
    let item_id = item.id.clone();
    shared.later(async move {
        tokio::time::sleep(later.options.attachment_check).await;
        conversation.change(|talk| settle(&later, &conversation, talk, &item_id, &file));
    });
    item.id
}

fn settle(
    shared: &Arc<Shared>,
    conversation: &Conversation,
    talk: &mut super::conversation::Talk,
    item: &str,
    file: &str,
) {
    let status = if talk.rejections > 0 { AttachmentStatus::Rejected } else { AttachmentStatus::Approved };
    talk.rejections = talk.rejections.saturating_sub(1);
    if let Some(file) = talk.file_mut(file) {
        file.status = status;
    }
    let mut told = None;
    if let Some(item) = talk.items.iter_mut().find(|i| i.id == item) {
        if let Some(file) = &mut item.file {
            file.status = status;
        }
        told = Some(item.json(&conversation.initial_contact_id));
    }
    if let Some(told) = told {
        super::delivery::send(shared, talk, &told);
    }
}

/// GetAttachment.
pub(crate) fn get(shared: &Arc<Shared>, caller: &Caller, body: &Value) -> Result<Value, Refused> {
    let id = body["AttachmentId"].as_str().ok_or_else(|| invalid("AttachmentId"))?;
    let life = match &body["UrlExpiryInSeconds"] {
        Value::Null => 300,
        asked => asked.as_u64().filter(|n| (5..=300).contains(n)).ok_or_else(|| invalid("UrlExpiryInSeconds"))?,
    };
    let talk = caller.conversation.talk.borrow();
    let file = talk.files.iter().find(|f| f.id == id);
    let file = file.ok_or_else(|| Refused::new("ResourceNotFoundException", "there is no such attachment"))?;
    if file.status != AttachmentStatus::Approved {
        return Err(invalid("the attachment is not approved"));
    }
    let (url, expiry) = address(shared, id, "get", life as f64);
    Ok(json!({ "Url": url, "UrlExpiry": expiry, "AttachmentSizeInBytes": file.size }))
}

impl Shared {
    fn attachments_allowed(&self, conversation: &Arc<Conversation>) -> bool {
        let chats = self.chats.borrow();
        chats.iter().filter(|c| Arc::ptr_eq(&c.conversation, conversation)).all(|c| c.offer.attachments)
    }

    fn conversation_of_file(&self, id: &str) -> Option<Arc<Conversation>> {
        let has = |c: &Conversation| c.talk.borrow().files.iter().any(|f| f.id == id);
        self.chats.borrow().iter().map(|c| &c.conversation).find(|c| has(c)).cloned()
    }
}

/// The store behind the addresses: PUT and GET, no bearer.
pub(crate) async fn store(
    State(shared): State<Arc<Shared>>,
    method: Method,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (name, act) = match method {
        Method::OPTIONS => return StatusCode::NO_CONTENT.into_response(),
        Method::PUT => ("UploadAttachment", "put"),
        Method::GET => ("DownloadAttachment", "get"),
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let note = shared.note_request(name, None);
    shared.weather().await;
    let perform = || {
        let conversation = signed(&query, &id, act).then(|| shared.conversation_of_file(&id)).flatten();
        match (conversation, act) {
            (None, _) => refuse(StatusCode::FORBIDDEN, "AccessDenied"),
            (Some(conversation), "put") => put(&conversation, &id, &headers, body),
            (Some(conversation), _) => fetch(&conversation, &id),
        }
    };
    let fault = lock(&shared.faults).take(name);
    let response = match fault {
        None => perform(),
        Some(Fault::LoseAnswer) => server::cut_after(perform()),
        Some(Fault::LoseRequest) => server::cut_after(StatusCode::OK.into_response()),
        Some(Fault::Slow(delay)) => {
            tokio::time::sleep(delay).await;
            perform()
        }
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::Status(status)) => {
            refuse(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), "InternalError")
        }
        Some(Fault::Throttle) => refuse(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
        Some(Fault::Exception(_) | Fault::Malformed | Fault::Html502) => {
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
        }
    };
    shared.note_status(note, response.status().as_u16());
    response
}

fn signed(query: &HashMap<String, String>, id: &str, act: &str) -> bool {
    let given = |name: &str| query.get(name).map_or("", String::as_str);
    let until: u64 = given("until").parse().unwrap_or(0);
    given("act") == act && given("X-Amz-Signature") == signature(id, act, until) && now() < until as f64
}

fn refuse(status: StatusCode, code: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>");
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn put(conversation: &Conversation, id: &str, headers: &HeaderMap, body: Bytes) -> Response {
    let given = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let done = conversation.change(|talk| {
        let Some(file) = talk.file_mut(id).filter(|f| !f.completed) else {
            return refuse(StatusCode::FORBIDDEN, "AccessDenied");
        };
        let as_signed =
            given("content-type") == file.content_type && given("content-disposition") == disposition(&file.name);
        if !as_signed || body.len() != file.size {
            return refuse(StatusCode::FORBIDDEN, "SignatureDoesNotMatch");
        }
        file.bytes = Some(body);
        StatusCode::OK.into_response()
    });
    done.unwrap_or_else(|| refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"))
}

fn fetch(conversation: &Conversation, id: &str) -> Response {
    let talk = conversation.talk.borrow();
    let file = talk.files.iter().find(|f| f.id == id);
    match file.and_then(|f| f.bytes.clone().map(|b| (f, b))) {
        Some((file, bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, file.content_type.clone()),
                (header::CONTENT_DISPOSITION, disposition(&file.name)),
            ];
            (headers, bytes).into_response()
        }
        None => refuse(StatusCode::NOT_FOUND, "NoSuchKey"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_fits_into_a_header() {
        let name = "../../\"évil\"\r\nX-Evil: 1.pdf";
        let value = disposition(name);
        assert!(value.parse::<http::HeaderValue>().is_ok(), "{value} is a header value");
        assert!(!value.contains("..\\") && !value.contains('/'), "no path part is left: {value}");
        assert_eq!(disposition("label.pdf"), "attachment; filename=\"label.pdf\"", "a plain name stays");
    }

    #[test]
    fn an_address_is_good_for_one_file_one_act_and_a_time() {
        let until = now() as u64 + 60;
        let query = |act: &str, until: u64, signature: String| {
            HashMap::from([
                ("act".to_owned(), act.to_owned()),
                ("until".to_owned(), until.to_string()),
                ("X-Amz-Signature".to_owned(), signature),
            ])
        };
        assert!(signed(&query("get", until, signature("f", "get", until)), "f", "get"));
        assert!(!signed(&query("get", until, signature("f", "get", until)), "g", "get"), "another file");
        assert!(!signed(&query("put", until, signature("f", "get", until)), "f", "put"), "another act");
        assert!(!signed(&query("get", until + 9, signature("f", "get", until)), "f", "get"), "a longer time");
        let over = now() as u64 - 1;
        assert!(!signed(&query("get", over, signature("f", "get", over)), "f", "get"), "too late");
    }
}
