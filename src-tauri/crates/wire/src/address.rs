//! Addresses of sockets: what all protocols here need to make one.

use thiserror::Error;
use url::Url;

/// The address cannot be that of a socket.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// Neither http, https, ws nor wss.
    #[error("the address is not one of a web server")]
    Scheme,
    /// No host.
    #[error("the address names no host")]
    Host,
}

/// `base` with ws or wss, without a fragment.
pub(crate) fn socket(base: &Url) -> Result<Url, AddressError> {
    let scheme = match base.scheme() {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        _ => return Err(AddressError::Scheme),
    };
    let mut url = base.clone();
    url.set_scheme(scheme).map_err(|()| AddressError::Scheme)?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(AddressError::Host);
    }
    url.set_fragment(None);
    Ok(url)
}

/// Path segments joined with single slashes.
pub(crate) fn joined(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| part.trim_matches('/'));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// `name=value&`, escaped as JavaScript's `encodeURIComponent` does. Not
/// `query_pairs_mut`: that writes a space as "+", and browsers' clients as "%20".
pub(crate) fn parameter(name: &str, value: &str) -> String {
    format!("{}={}&", escaped(name), escaped(value))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
