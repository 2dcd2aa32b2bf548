//! The customers of a fresh installation, what is kept of them, and their labels. Names and numbers are invented.

use serde_json::{Value, json};

/// Attributes of a customer, not in the order in which they are shown: that is `sortOrder`.
pub(super) fn customer_schema() -> Value {
    let attribute = |number: u32, key: &str, label: &str, kind: &str, channels: &[&str], pii: bool| {
        json!({
            "_id": format!("68a10000000000000000d1{number:02}"), "key": key, "label": label, "type": kind,
            "sortOrder": number, "isRequired": number == 1, "isChannelIdentifier": !channels.is_empty(), "isPii": pii,
            "isDeleteAble": number > 2, "channelTypes": channels,
        })
    };
    json!([
        attribute(7, "tier", "Tier", "String50", &[], false),
        attribute(1, "firstName", "First name", "String50", &[], true),
        attribute(2, "phoneNumber", "Phone number", "PhoneNumber", &["SMS", "CX_VOICE"], true),
        attribute(6, "customerSince", "Customer since", "String50", &[], false),
        attribute(3, "web", "Web", "String50", &["WEB"], true),
        attribute(5, "email", "E-mail", "Email", &["EMAIL"], true),
        attribute(4, "whatsapp", "WhatsApp", "PhoneNumber", &["WHATSAPP"], true),
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

/// Name, last digits of the number, labels by their place, tier, and since when; without that year the customer has
/// no past.
type Known = (&'static str, u32, &'static [usize], &'static str, Option<&'static str>);

/// Three have the same name. The first ones chat in demo mode and in tests.
const KNOWN: [Known; 34] = [
    ("Chris Sample", 123, &[0], "gold", Some("2021")),
    ("Farah Example", 145, &[], "silver", Some("2021")),
    ("Gustav Muster", 167, &[1, 2], "gold", Some("2021")),
    ("Hana Specimen", 189, &[], "basic", Some("2021")),
    ("Ivo Placeholder", 191, &[2], "basic", Some("2021")),
    ("Jule Beispiel", 192, &[], "basic", Some("2024")),
    ("Kai Exemplar", 171, &[0], "gold", Some("2018")),
    ("Lina Modell", 172, &[1], "silver", Some("2020")),
    ("Milo Prototype", 173, &[], "basic", None),
    ("Nora Template", 174, &[2], "basic", None),
    ("Maria Exemplar", 101, &[], "silver", Some("2016")),
    ("Maria Exemplar", 102, &[0, 1], "gold", Some("2019")),
    ("Maria Exemplar", 103, &[2], "basic", None),
    ("Anton Vorlage", 104, &[], "basic", Some("2022")),
    ("Bela Example", 105, &[], "silver", Some("2017")),
    ("Carla Sample", 106, &[1], "basic", Some("2023")),
    ("Dario Specimen", 107, &[], "gold", Some("2015")),
    ("Esra Muster", 108, &[], "basic", Some("2020")),
    ("Felix Dummy", 109, &[2], "basic", None),
    ("Greta Placeholder", 110, &[], "silver", Some("2021")),
    ("Hugo Modell", 111, &[], "basic", Some("2022")),
    ("Ines Template", 112, &[0], "gold", Some("2014")),
    ("Jonas Prototype", 113, &[], "basic", Some("2023")),
    ("Klara Beispiel", 114, &[1], "silver", Some("2019")),
    ("Leon Vorlage", 115, &[], "basic", None),
    ("Mina Example", 116, &[], "basic", Some("2020")),
    ("Nils Sample", 117, &[2], "basic", None),
    ("Olga Specimen", 118, &[], "silver", Some("2018")),
    ("Pavel Muster", 119, &[], "basic", Some("2021")),
    ("Queenie Dummy", 120, &[0], "gold", Some("2013")),
    ("Ravi Placeholder", 121, &[], "basic", Some("2022")),
    ("Sina Modell", 122, &[], "silver", Some("2024")),
    ("Timo Template", 124, &[1], "basic", Some("2017")),
    ("Uma Prototype", 125, &[], "basic", None),
];

/// Customers that are known from the beginning; the last one is anonymous, known by a browser alone.
pub(super) fn customers() -> Vec<Value> {
    let labels = labels();
    let id = |number: usize| format!("68a10000000000000000d0{number:02x}");
    let customer = |(n, (name, digits, marks, tier, since)): (usize, &Known)| {
        let number = format!("+12025550{digits}");
        let carried: Vec<&Value> = marks.iter().filter_map(|place| labels.get(*place)).collect();
        let mut row = json!({
            "_id": id(n + 1), "firstName": name, "phoneNumber": [number], "isAnonymous": false, "__v": 0,
            "labels": carried, "web": [number], "whatsapp": [number],
            "email": [format!("{}.{digits}@example.invalid", name.to_lowercase().replace(' ', "."))], "tier": tier,
        });
        if let Some(since) = since {
            row["customerSince"] = json!(since);
        }
        row
    };
    let mut rows: Vec<Value> = KNOWN.iter().enumerate().map(customer).collect();
    rows.push(json!({
        "_id": id(KNOWN.len() + 1), "firstName": "Anonymous", "phoneNumber": [], "isAnonymous": true, "__v": 0,
        "labels": [], "web": ["browser-4b1f"],
    }));
    rows
}
