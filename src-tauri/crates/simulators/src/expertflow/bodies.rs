//! What a body of a message has to have, by its type.

use serde_json::Value;

/// Types that agents can send.
const TYPES: [&str; 19] = [
    "PLAIN",
    "IMAGE",
    "VIDEO",
    "AUDIO",
    "FILE",
    "STICKER",
    "LOCATION",
    "CONTACT",
    "URL",
    "BUTTON",
    "CAROUSEL",
    "TEMPLATE",
    "CUSTOM",
    "ACTION",
    "FORM_DATA",
    "EMAIL",
    "COMMENT",
    "WRAPUP",
    "VOICE",
];

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// What is wrong with a body, none when it is good.
pub(super) fn problem(body: &Value) -> Option<&'static str> {
    let kind = body["type"].as_str().unwrap_or_default();
    if !TYPES.contains(&kind) {
        return Some("the body has no known type");
    }
    let good = match kind {
        "PLAIN" => is_text(&body["markdownText"]),
        "IMAGE" | "VIDEO" | "AUDIO" | "FILE" | "STICKER" => is_text(&body["attachment"]["mediaUrl"]),
        "URL" => is_text(&body["mediaUrl"]),
        "LOCATION" => {
            let within = |member: &str, most: f64| {
                body["location"][member].as_f64().is_some_and(|degrees| degrees.abs() <= most)
            };
            within("latitude", 90.0) && within("longitude", 180.0)
        }
        "CONTACT" => body["contacts"].as_array().is_some_and(|contacts| {
            let whole = |contact: &Value| {
                let phones = contact["phones"].as_array().map(Vec::as_slice).unwrap_or_default();
                is_text(&contact["name"]["formattedName"]) && phones.iter().all(|phone| is_text(&phone["phone"]))
            };
            !contacts.is_empty() && contacts.iter().all(whole)
        }),
        "WRAPUP" => body["wrapups"].as_array().is_some_and(|codes| codes.len() <= 5),
        _ => true,
    };
    (!good).then_some("the body lacks what its type has")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_have_what_their_types_want() {
        let phone = json!([{ "phone": "+15550199", "additionalPhoneDetails": null }]);
        let contact = json!([{ "name": { "formattedName": "Pat Sample" }, "phones": phone }]);
        for good in [
            json!({ "type": "PLAIN", "markdownText": "a" }),
            json!({ "type": "LOCATION", "location": { "latitude": 48.2, "longitude": 16 }, "markdownText": null }),
            json!({ "type": "CONTACT", "contacts": contact }),
            json!({ "type": "BUTTON", "buttons": [] }),
        ] {
            assert_eq!(problem(&good), None, "{good}");
        }
        for bad in [
            json!({ "markdownText": "a" }),
            json!({ "type": "PLAIN", "markdownText": " " }),
            json!({ "type": "LOCATION", "location": { "latitude": "48.2", "longitude": "16" } }),
            json!({ "type": "LOCATION", "location": { "latitude": 91, "longitude": 16 } }),
            json!({ "type": "CONTACT", "contacts": [] }),
            json!({ "type": "CONTACT", "contacts": [{ "name": { "formattedName": "" }, "phones": [] }] }),
            json!({ "type": "FILE", "attachment": {} }),
            json!({ "type": "WRAPUP", "wrapups": [1, 2, 3, 4, 5, 6] }),
        ] {
            assert!(problem(&bad).is_some(), "{bad}");
        }
    }
}
