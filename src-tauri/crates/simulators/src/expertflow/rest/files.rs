//! Files up and down.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Multipart, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::{StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Hub, Server, problem};
use crate::expertflow::world::{StoredFile, new_id};

pub(super) fn routes() -> Router<Arc<Hub>> {
    Router::new()
        .route("/file-engine/api/uploadFileStream", post(upload))
        .route("/file-engine/api/downloadFileStream", get(download))
        .layer(DefaultBodyLimit::max(64 << 20))
}

async fn upload(State(hub): Server, mut form: Multipart) -> Response {
    let refused = hub.set_faults(|faults| {
        let (status, left) = faults.refuse_uploads.as_mut()?;
        let refused = (*left > 0).then_some(*status);
        *left = left.saturating_sub(1);
        refused
    });
    if let Some(status) = refused {
        return problem(status, "the simulator was told to fail");
    }
    let broken = hub.set_faults(|faults| {
        let broken = faults.break_uploads > 0;
        faults.break_uploads = faults.break_uploads.saturating_sub(1);
        broken
    });
    let mut file = None;
    let mut beside = false;
    while let Ok(Some(mut field)) = form.next_field().await {
        if field.name() != Some("file") {
            beside = true;
            continue;
        }
        if broken {
            // A part is read, then the line is dead: an answer that breaks off says so.
            let _ = field.chunk().await;
            let stream = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("told to fail")) });
            return Body::from_stream(stream).into_response();
        }
        let name = field.file_name().unwrap_or("file").to_owned();
        let kind = field.content_type().unwrap_or("application/octet-stream").to_owned();
        match field.bytes().await {
            Ok(bytes) if bytes.len() > hub.options.upload_limit => return problem(413, "the file is too large"),
            Ok(bytes) => file = Some((name, kind, bytes)),
            Err(_) => return problem(400, "the upload broke off"),
        }
    }
    let Some((given, kind, bytes)) = file else { return problem(400, "file is required") };
    if !beside {
        return problem(400, "conversationId is required");
    }
    // Kept under a name of its own, with the ending of the given one.
    let ending = given.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).unwrap_or_default();
    let name = format!("{}{ending}", new_id());
    let etag = format!("\"{:.32}\"", format!("{:x}", Sha256::digest(&bytes)));
    let answer = json!({ "message": "uploaded", "etag": etag, "name": name, "type": kind, "size": bytes.len() });
    hub.act(|world| world.files.push(StoredFile { name, kind, bytes }));
    Json(answer).into_response()
}

async fn download(State(hub): Server, Query(asked): Query<HashMap<String, String>>) -> Response {
    let name = asked.get("filename").cloned().unwrap_or_default();
    match hub.read(|world| world.files.iter().find(|file| file.name == name).cloned()) {
        Some(file) => (StatusCode::OK, [(header::CONTENT_TYPE, file.kind)], file.bytes).into_response(),
        None => problem(404, "there is no such file"),
    }
}
