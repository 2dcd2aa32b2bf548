//! The built UI's files.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

/// Gives one file of the folder; `/` is `index.html`. Names only: a path that
/// climbs, or holds anything encoded, is not found.
pub(crate) async fn serve(State(folder): State<Arc<PathBuf>>, uri: Uri) -> Response {
    let name = uri.path().trim_start_matches('/');
    let relative = Path::new(if name.is_empty() { "index.html" } else { name });
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || name.contains(['%', '\\', ':']) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match tokio::fs::read(folder.join(relative)).await {
        Ok(bytes) => {
            let headers = [
                (CONTENT_TYPE, content_type(relative)),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (REFERRER_POLICY, "no-referrer"),
                (CACHE_CONTROL, "no-cache"),
            ];
            (headers, bytes).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("wav") => "audio/wav",
        _ => "application/octet-stream",
    }
}
