//! Addresses in an account's settings.

use url::{Host, Url};

use crate::BuildError;

/// An address of a service that gets secrets: https; plain http only on this
/// computer. Without a scheme, https is meant.
pub fn web_address(field: &str, text: &str) -> Result<Url, BuildError> {
    let wrong = |problem: &str, message_key: &str| BuildError {
        field: field.to_owned(),
        problem: problem.to_owned(),
        message_key: message_key.to_owned(),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong("empty", "error_setting_address_missing"));
    }
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&text).map_err(|error| wrong(&error.to_string(), "error_setting_address_unreadable"))?;
    let own = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(wrong("no host", "error_setting_address_unreadable")),
    };
    if url.scheme() == "https" || (url.scheme() == "http" && own) {
        return Ok(url);
    }
    Err(wrong("not https", "error_setting_address_not_secure"))
}
