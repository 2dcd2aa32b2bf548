//! What is said to the script in the page, and what it says back. Pure; the
//! answer is read like anything from the network.

use serde_json::{Value, json};
use tauri::http;
use trunkline_connector::ports::{HttpFailure, HttpRequest, HttpResponse};

/// The body of the function that runs in the page.
pub const SCRIPT: &str = include_str!("fetch.js");

/// What a page may not set: the browser does.
const BROWSERS_OWN: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// The order for one exchange. `None` when a page cannot send it.
pub fn fetch(id: u64, request: &HttpRequest) -> Option<String> {
    let mut headers = Vec::new();
    for (name, value) in &request.headers {
        let name = name.as_str();
        if BROWSERS_OWN.contains(&name) || name.starts_with("sec-") || name.starts_with("proxy-") {
            continue;
        }
        headers.push(json!([name, value.to_str().ok()?]));
    }
    let body = std::str::from_utf8(&request.body).ok()?;
    let order = json!({
        "id": id, "method": request.method.as_str(), "url": request.url.as_str(), "headers": headers,
        "body": if body.is_empty() { Value::Null } else { body.into() }, "longest": request.transfer.longest,
    });
    Some(order.to_string())
}

/// The order to give an exchange up.
pub fn stop(id: u64) -> String {
    json!({ "stop": id }).to_string()
}

/// The script's answer. Whatever is no answer is a broken connection.
pub fn answer(text: &str, longest: usize) -> Result<HttpResponse, HttpFailure> {
    let answer: Value = serde_json::from_str(text).map_err(|_| HttpFailure::Broken)?;
    match answer["failure"].as_str() {
        Some("too_large") => return Err(HttpFailure::TooLarge),
        Some(_) => return Err(HttpFailure::Broken),
        None => {}
    }
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| http::StatusCode::from_u16(status).ok()).ok_or(HttpFailure::Broken)?;
    let body = answer["body"].as_str().ok_or(HttpFailure::Broken)?;
    if body.len() > longest.saturating_mul(3) {
        // A byte that is no text becomes three; more the script does not let through.
        return Err(HttpFailure::TooLarge);
    }
    let mut headers = http::HeaderMap::new();
    for pair in answer["headers"].as_array().into_iter().flatten() {
        let name = pair[0].as_str().and_then(|name| http::HeaderName::from_bytes(name.as_bytes()).ok());
        let value = pair[1].as_str().and_then(|value| http::HeaderValue::from_str(value).ok());
        if let (Some(name), Some(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    Ok(HttpResponse { status, headers, body: body.to_owned().into() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use trunkline_connector::ports::Transfer;

    use super::*;

    fn request() -> HttpRequest {
        let mut headers = http::HeaderMap::new();
        for (name, value) in [
            ("x-amz-bearer", "EXAMPLE"),
            ("content-type", "application/x-amz-json-1.0"),
            ("origin", "https://one.example"),
            ("cookie", "a=b"),
            ("user-agent", "ours"),
            ("sec-fetch-site", "same-origin"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        HttpRequest {
            method: http::Method::POST,
            url: "https://one.example/api".parse().unwrap(),
            headers,
            body: r#"{"quote":"\"'</script>`${x}"}"#.into(),
            timeout: Duration::from_secs(1),
            transfer: Transfer::default(),
        }
    }

    #[test]
    fn an_order_leaves_to_the_browser_what_is_the_browsers() {
        let order: Value = serde_json::from_str(&fetch(7, &request()).unwrap()).unwrap();
        let names: Vec<_> = order["headers"].as_array().unwrap().iter().map(|pair| pair[0].as_str().unwrap()).collect();
        assert_eq!(names.len(), 2, "cookie, origin, user agent and the like stay here: {names:?}");
        assert!(names.contains(&"x-amz-bearer") && names.contains(&"content-type"), "the platform's own go");
        assert_eq!(order["body"], r#"{"quote":"\"'</script>`${x}"}"#, "the body is data, whatever is in it");
        assert_eq!((&order["id"], &order["method"]), (&json!(7), &json!("POST")), "numbered");
        let get = HttpRequest { method: http::Method::GET, body: "".into(), ..request() };
        let order: Value = serde_json::from_str(&fetch(8, &get).unwrap()).unwrap();
        assert_eq!(order["body"], Value::Null, "a GET must have no body at all");
        let binary = HttpRequest { body: (&b"\xff\xfe"[..]).into(), ..request() };
        assert!(fetch(9, &binary).is_none(), "what is no text is not sent half");
    }

    #[test]
    fn an_answer_is_read_like_anything_from_outside() {
        let text = r#"{"status":200,"headers":[["Date","now"],["bad name","x"],["x","a\nb"],["y"],3],"body":"{}"}"#;
        let read = answer(text, 100).unwrap();
        assert_eq!((read.status.as_u16(), read.headers.len(), &read.body[..]), (200, 1, &b"{}"[..]), "the good of it");
        assert_eq!(answer(r#"{"failure":"too_large"}"#, 100).unwrap_err(), HttpFailure::TooLarge, "too large");
        assert_eq!(answer(r#"{"failure":"broken"}"#, 100).unwrap_err(), HttpFailure::Broken, "no answer");
        for bad in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"status":20,"body":""}"#,
            r#"{"status":70000,"body":""}"#,
            r#"{"status":200}"#,
            r#"{"status":200,"body":7}"#,
        ] {
            assert_eq!(answer(bad, 100).unwrap_err(), HttpFailure::Broken, "{bad} is no answer");
        }
        let long = json!({ "status": 200, "headers": [], "body": "x".repeat(301) }).to_string();
        assert_eq!(answer(&long, 100).unwrap_err(), HttpFailure::TooLarge, "the script is not trusted with the limit");
    }
}
