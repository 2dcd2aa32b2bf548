//! Answers requests for the files of plugins, and for the page that holds a plugin's frame.

use std::rc::Rc;

use gtk::gio;
use gtk::glib;
use soup::{MessageHeaders, MessageHeadersType};
use webkit2gtk::{
    URISchemeRequest, URISchemeRequestExt, URISchemeResponse, URISchemeResponseExt, WebContext, WebContextExt,
};

use super::bounds::Bounds;
use super::files::{File, Files, NoFile, PLUGIN};
use super::view::State;

/// `plugin:` in this context: the files of this plugin and no other's.
pub(super) fn plugin_files(context: &WebContext, files: Files, holder: String, state: &Rc<State>) {
    let policy = state.bounds.policy();
    let state = Rc::downgrade(state);
    context.register_uri_scheme(PLUGIN, move |request| {
        if request.http_method().is_some_and(|method| method != "GET") {
            answer(request, Err(NoFile::NotToBeChanged), &policy);
            return;
        }
        let address = request.uri().unwrap_or_default().to_string();
        if state.upgrade().is_some_and(|state| state.bounds.host_page() == address) {
            let bytes = holder.clone().into_bytes();
            let page = File { mime: "text/html; charset=utf-8", bytes, shared: false };
            answer(request, Ok(page), &Bounds::host_policy());
            return;
        }
        let (request, files, policy, state) = (request.clone(), files.clone(), policy.clone(), state.clone());
        glib::MainContext::default().spawn_local(async move {
            let asked = address.clone();
            // A folder may be on a slow disk: the main thread has windows to draw.
            let found = gio::spawn_blocking(move || files.read(&asked)).await.unwrap_or(Err(NoFile::NotFound));
            if let (Some(state), Err(cause)) = (state.upgrade(), &found)
                && state.page == address
            {
                state.fail(cause.status().1);
            }
            answer(&request, found, &policy);
        });
    });
}

fn answer(request: &URISchemeRequest, found: Result<File, NoFile>, policy: &str) {
    let ((status, words), file) = match found {
        Ok(file) => ((200, "OK"), file),
        Err(cause) => {
            let text = cause.status().1;
            (cause.status(), File { mime: "text/plain; charset=utf-8", bytes: text.into(), shared: false })
        }
    };
    let headers = MessageHeaders::new(MessageHeadersType::Response);
    headers.append("Content-Security-Policy", policy);
    // `set_content_type` is not enough: where sniffing is off WebKit looks at the header.
    headers.append("Content-Type", file.mime);
    headers.append("X-Content-Type-Options", "nosniff");
    // A folder's files change while a plugin is written.
    headers.append("Cache-Control", "no-store");
    headers.append("Referrer-Policy", "no-referrer");
    if file.shared {
        headers.append("Access-Control-Allow-Origin", "*");
    }
    let bytes = glib::Bytes::from_owned(file.bytes);
    let length = i64::try_from(bytes.len()).unwrap_or(-1);
    let response = URISchemeResponse::new(&gio::MemoryInputStream::from_bytes(&bytes), length);
    response.set_status(status, Some(words));
    response.set_content_type(file.mime);
    response.set_http_headers(headers);
    request.finish_with_response(&response);
}
