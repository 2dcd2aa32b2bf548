//! The lists and people of a fresh installation. Names and numbers are invented.

use serde_json::{Value, json};

/// Not-ready and log-out reasons, one of them deleted.
pub(super) fn reasons() -> Vec<Value> {
    let reason = |id: &str, name: &str, kind: &str, code: u32, deleted: bool| {
        json!({
            "id": format!("62ffc95cf12b6ccf1594d{id}"), "name": name, "description": name, "type": kind, "code": code,
            "isDeleted": deleted, "createdAt": "2026-01-09T05:25:49.866Z", "updatedAt": "2026-01-09T05:25:49.866Z",
        })
    };
    vec![
        reason("781", "End of shift", "LOGOUT", 1, false),
        reason("782", "Out of office", "LOGOUT", 2, false),
        reason("88b", "Short break", "NOT_READY", 2, false),
        reason("88c", "Lunch", "NOT_READY", 3, false),
        reason("88d", "Training", "NOT_READY", 4, false),
        reason("88e", "Smoking", "NOT_READY", 5, true),
    ]
}

/// The form with the reasons for a contact.
pub(super) fn wrap_up_form() -> Value {
    json!({
        "id": super::options::WRAP_UP_FORM, "formTitle": "Wrap-up", "formDescription": "",
        "attributes": [{
            "label": "Wrap-up", "key": "wrapup", "valueType": "StringList", "isRequired": false,
            "categoryOptions": { "isMultipleChoice": true, "categories": [
                { "categoryName": "Billing", "values": ["Refund issued", "Invoice explained", "Payment plan"] },
                { "categoryName": "Support", "values": ["Solved", "Escalated", "Parcel traced"] },
                { "categoryName": "Sales", "values": ["Ordered", "Will think about it"] },
            ] },
        }],
    })
}

/// Texts that an agent can send without typing them, by language and category.
pub(super) fn canned_messages() -> Value {
    json!({
        "en": {
            "greetings": ["Hello, how can I help?", "Good morning, thank you for writing to us."],
            "meanwhile": ["One moment please, I am looking it up.", "Thank you for your patience."],
            "closing": ["Thank you for contacting us.", "Have a nice day!"],
        },
        "de": {
            "Begrüßung": ["Guten Tag, wie kann ich helfen?", "Schön, dass Sie uns schreiben."],
            "Zwischendurch": ["Einen Moment bitte, ich sehe nach.", "Danke für Ihre Geduld."],
            "Abschied": ["Vielen Dank und auf Wiedersehen.", "Einen schönen Tag noch!"],
        },
    })
}
