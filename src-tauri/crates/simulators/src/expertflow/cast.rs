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

/// Texts that an agent can send without typing them.
pub(super) fn canned_messages() -> Value {
    json!({
        "en": {
            "greetings": ["Hello, how can I help?", "Good morning, thank you for writing to us."],
            "meanwhile": ["One moment please, I am looking it up.", "Thank you for your patience."],
            "closing": ["Thank you for contacting us.", "Have a nice day!"],
        },
        "de": { "greetings": ["Guten Tag, wie kann ich helfen?"], "closing": ["Vielen Dank und auf Wiedersehen."] },
    })
}

/// Attributes of a customer.
pub(super) fn customer_schema() -> Value {
    let attribute = |number: u32, key: &str, label: &str, kind: &str, channels: &[&str], pii: bool| {
        json!({
            "_id": format!("68a10000000000000000d1{number:02}"), "key": key, "label": label, "type": kind,
            "sortOrder": number, "isRequired": number == 1, "isChannelIdentifier": !channels.is_empty(), "isPii": pii,
            "isDeleteAble": number > 2, "channelTypes": channels,
        })
    };
    json!([
        attribute(1, "firstName", "First name", "String50", &[], true),
        attribute(2, "phoneNumber", "Phone number", "PhoneNumber", &["SMS", "CX_VOICE"], true),
        attribute(3, "web", "Web", "String50", &["WEB"], true),
        attribute(4, "whatsapp", "WhatsApp", "PhoneNumber", &["WHATSAPP"], true),
        attribute(5, "email", "E-mail", "Email", &["EMAIL"], true),
        attribute(6, "customerSince", "Customer since", "String50", &[], false),
        attribute(7, "tier", "Tier", "String50", &[], false),
    ])
}

/// Labels that a customer may carry.
pub(super) fn labels() -> Vec<Value> {
    let label = |id: u32, name: &str, colour: &str| {
        json!({
            "_id": format!("68a10000000000000000d2{id:02}"), "name": name, "description": name, "color_code": colour,
            "created_by": "clark",
        })
    };
    vec![label(1, "VIP", "#c2410c"), label(2, "Complained", "#b91c1c"), label(3, "New", "#15803d")]
}

/// Customers that are known from the beginning.
pub(super) fn customers() -> Vec<Value> {
    let customer = |number: u32, name: &str, phone: &str, labels: Value, tier: &str| {
        json!({
            "_id": format!("68a10000000000000000d0{number:02}"), "firstName": name, "phoneNumber": [phone],
            "isAnonymous": false, "__v": 0, "labels": labels, "web": [phone], "whatsapp": [phone],
            "email": [format!("{}@example.invalid", name.to_lowercase().replace(' ', "."))],
            "customerSince": "2021", "tier": tier,
        })
    };
    let label = |number: u32| labels().get(number as usize).cloned().unwrap_or_default();
    vec![
        customer(1, "Chris Sample", "+12025550123", json!([label(0)]), "gold"),
        customer(2, "Farah Example", "+12025550145", json!([]), "silver"),
        customer(3, "Gustav Muster", "+12025550167", json!([label(1), label(2)]), "gold"),
        customer(4, "Hana Specimen", "+12025550189", json!([]), "basic"),
        customer(5, "Ivo Placeholder", "+12025550191", json!([label(2)]), "basic"),
    ]
}
