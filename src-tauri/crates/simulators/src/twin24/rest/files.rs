//! Files up to IAM, and down from the storage.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart};
use axum::response::{IntoResponse, Response};
use http::{Request, header};
use serde_json::{Value, json};

use super::{Asked, caller, refuse};
use crate::twin24::hub::Hub;
use crate::twin24::shapes;
use crate::twin24::state::StoredFile;
use crate::twin24::world::{Refused, new_id};

/// Field `file[]`, as often as there are files, beside `private`, `path` and `ttl`.
pub(super) async fn upload(hub: &Hub, operator: u64, asked: Asked) -> Result<Response, Refused> {
    let mut form = parse(asked).await?;
    let (mut files, mut private, mut path) = (Vec::new(), false, "/".to_owned());
    let broken = || Refused::new(400, "The form breaks off.");
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        match field.name() {
            Some("file[]") => {
                let name = field.file_name().unwrap_or("file").to_owned();
                let kind = field.content_type().unwrap_or("application/octet-stream").to_owned();
                files.push((name, kind, field.bytes().await.map_err(|_| broken())?));
            }
            Some("private") => {
                private = matches!(field.text().await.map_err(|_| broken())?.as_str(), "1" | "true");
            }
            Some("path") => path = field.text().await.map_err(|_| broken())?,
            _ => {}
        }
    }
    if files.is_empty() {
        return Err(Refused::invalid(json!({ "file": ["required"] })));
    }
    if files.iter().any(|(_, _, bytes)| bytes.len() > hub.options.file_limit) {
        return Err(Refused::new(413, "The file is too large."));
    }
    let stored: Vec<Value> = hub.act(|world| {
        let created = world.now();
        let store = |(name, kind, bytes)| {
            let file = StoredFile {
                id: new_id(),
                name,
                kind,
                private,
                path: path.clone(),
                created,
                owner: Some(operator),
                bytes,
            };
            let value = shapes::file_value(world, &file);
            world.files.push(file);
            value
        };
        files.into_iter().map(store).collect()
    });
    Ok(axum::Json(stored).into_response())
}

async fn parse(asked: Asked) -> Result<Multipart, Refused> {
    let mut request = Request::new(Body::from(asked.body));
    *request.headers_mut() = asked.headers;
    // The body was taken whole already: its length is what the service allows.
    request.extensions_mut().insert(axum::extract::DefaultBodyLimit::disable());
    Multipart::from_request(request, &()).await.map_err(|_| Refused::new(400, "The body is no form."))
}

/// A private file wants a token.
pub(super) fn download(hub: &Hub, asked: &Asked) -> Response {
    let id = asked.parts.first().cloned().unwrap_or_default();
    let Some(file) = hub.read(|world| world.files.iter().find(|file| file.id == id).cloned()) else {
        return refuse(&Refused::missing("File"));
    };
    if file.private
        && let Err(refused) = caller(hub, asked)
    {
        return refuse(&refused);
    }
    ([(header::CONTENT_TYPE, file.kind)], file.bytes).into_response()
}
