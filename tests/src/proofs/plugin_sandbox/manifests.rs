//! Manifests that must not be taken.

use serde_json::{Value, json};

/// A manifest in order, changed in one place.
fn with(member: &str, value: Value) -> String {
    let mut manifest = json!({ "manifest": 1, "id": "hostile-manifest", "name": "x", "place": "default" });
    manifest[member] = value;
    manifest.to_string()
}

/// What is tried, the text, and what the refusal must name.
pub fn hostile() -> Vec<(&'static str, String, &'static str)> {
    let deep = format!("{{\"manifest\":1,\"id\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    vec![
        ("a member that nobody knows", with("background", json!("worker.js")), "background"),
        ("a member that would change its maker", with("__proto__", json!({ "trusted": true })), "__proto__"),
        ("to be trusted from the start", with("trusted", json!(true)), "trusted"),
        ("an unknown permission", with("permissions", json!(["contacts", "everything"])), "everything"),
        ("another version of the manifest", with("manifest", json!(2)), "manifest"),
        ("an id that is a path", with("id", json!("../witness")), "id"),
        ("an id with another host", with("id", json!("witness/@evil")), "id"),
        ("an id of 10,000 letters", with("id", json!("a".repeat(10_000))), "id"),
        ("a name that turns its direction", with("name", json!("Witness\u{202E}drac")), "name"),
        ("no name at all", with("name", json!("")), "name"),
        ("a description without end", with("description", json!("x".repeat(60_000))), "description"),
        ("an unknown member twice deep", with("settings", json!([{ "key": "a", "label": "b", "run": "c" }])), "run"),
        ("a place that does not exist", with("place", json!("everywhere")), "everywhere"),
        ("a page above its folder", with("entry", json!("../witness/page.html")), "entry"),
        ("a page at another address", with("entry", json!("https://evil.example/")), "entry"),
        ("a page among our own scripts", with("entry", json!("trunkline/smartagent.js")), "entry"),
        ("an origin without https", with("origins", json!(["http://evil.example"])), "origins"),
        ("all origins", with("origins", json!(["https://*"])), "origins"),
        ("all origins below one", with("origins", json!(["https://*.example"])), "origins"),
        ("another rule in an origin", with("origins", json!(["https://a.example;sandbox"])), "origins"),
        ("another policy in an origin", with("origins", json!(["https://a.example,b.example"])), "origins"),
        ("a policy in an origin", with("origins", json!(["https://a.example; script-src *"])), "origins"),
        ("another plugin as an origin", with("origins", json!(["plugin://witness"])), "origins"),
        ("33 origins", with("origins", json!(vec!["https://a.example"; 33])), "origins"),
        ("a facade above its folder", with("facades", json!({ "../x.js": "streams" })), "facades"),
        ("a facade of a script that is none", with("facades", json!({ "x.js": "../index.html" })), "facades"),
        ("the same member twice", "{\"manifest\":1,\"manifest\":1}".to_owned(), "manifest"),
        ("brackets 5,000 deep", deep, ""),
        ("no JSON", "manifest: 1".to_owned(), ""),
        ("1 MB", with("description", json!("x".repeat(1 << 20))), ""),
    ]
}
