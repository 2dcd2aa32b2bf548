//! Files of messages: what is told of them, and under which name they are shown.

use serde_json::Value;
use trunkline_model::{Attachment, AttachmentState};
use url::Url;

use super::{
    look::{at, first, list, words},
    text,
};

/// Longer than any file's name.
const LONGEST_NAME: usize = 255;

/// The files of a body. One without an address cannot be had and is left out.
pub(super) fn read(body: &Value, kind: &str) -> Vec<Attachment> {
    let lists = ["attachment", "attachments"];
    lists.iter().flat_map(|name| list(body, &[name])).filter_map(|entry| file(entry, body, kind)).collect()
}

fn file(entry: &Value, body: &Value, kind: &str) -> Option<Attachment> {
    let address = address(entry)?;
    let name = words(body, &["additionalDetails", "fileName"])
        .or_else(|| first(entry, &["mediaName", "mediaLabel", "fileName", "name"]))
        // What a customer writes to a picture is in the same place as the name of an agent's.
        .or_else(|| words(body, &["caption"]).filter(|caption| is_file_name(caption)))
        .or_else(|| name_in(&address))
        .unwrap_or_else(|| text::readable(kind).to_lowercase());
    Some(Attachment {
        id: address,
        name: text::short(name.trim()),
        content_type: first(entry, &["mimeType", "contentType"])
            .map_or_else(|| media_type(kind).to_owned(), |kind| text::short(kind.trim())),
        size: size(entry),
        state: AttachmentState::Ready,
    })
}

/// Where a file is, verbatim.
pub(super) fn address(entry: &Value) -> Option<String> {
    if let bare @ Value::String(_) = entry {
        return words(bare, &[]);
    }
    first(entry, &["mediaUrl", "mediaURL", "url"])
}

fn size(entry: &Value) -> Option<u64> {
    match at(entry, &["size"]) {
        Value::Number(number) => number.as_u64(),
        // Bytes as text; "1.2 KB" is rounded and so not told.
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn media_type(kind: &str) -> &'static str {
    match kind {
        "IMAGE" | "STICKER" => "image/*",
        "VIDEO" => "video/*",
        "AUDIO" => "audio/*",
        _ => "application/octet-stream",
    }
}

fn is_file_name(text: &str) -> bool {
    let text = text.trim();
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    text.len() <= LONGEST_NAME
        && !text.contains(['\n', '/', ' '])
        && (1..=5).contains(&ending.len())
        && ending.chars().all(|letter| letter.is_ascii_alphanumeric())
}

/// The query's `filename`, else the last part of the path.
pub(super) fn name_in(address: &str) -> Option<String> {
    let base = Url::parse("http://x.invalid/").ok()?;
    let url = base.join(address.trim()).ok()?;
    let query = url.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case("filename"));
    let name = query.map(|(_, name)| name.into_owned()).or_else(|| {
        let last = url.path_segments()?.next_back()?.to_owned();
        // Decoding of %xx is done by the query's reader: a `+` is not to become a blank.
        let escaped = format!("n={}", last.replace('+', "%2B"));
        url::form_urlencoded::parse(escaped.as_bytes()).next().map(|(_, name)| name.into_owned())
    });
    name.filter(|name| !name.trim().is_empty())
}
