//! The address to dial, and the token as a subprotocol.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use thiserror::Error;
use url::Url;

/// Version of the serialiser, as it stands in the address.
pub const VSN: &str = "2.0.0";

/// Added by the client to the path under which the server mounted its socket.
const TRANSPORT: &str = "websocket";

/// What a token offered as a subprotocol begins with (phoenix.js from 1.8 on).
const TOKEN_PROTOCOL: &str = "base64url.bearer.phx.";

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

/// The address to dial: `base` with ws or wss, the socket's mount path, the
/// application's parameters in their order, `vsn` last.
pub fn endpoint(base: &Url, mount: &str, parameters: &[(String, String)]) -> Result<Url, AddressError> {
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
    let path = [base.path(), mount, TRANSPORT].map(|part| part.trim_matches('/'));
    let path: Vec<&str> = path.into_iter().filter(|part| !part.is_empty()).collect();
    url.set_path(&path.join("/"));
    // Not `query_pairs_mut`: that writes a space as "+", and phoenix.js as "%20".
    let mut query = String::new();
    for (name, value) in parameters {
        query.push_str(&format!("{}={}&", escaped(name), escaped(value)));
    }
    query.push_str(&format!("vsn={VSN}"));
    url.set_query(Some(&query));
    url.set_fragment(None);
    Ok(url)
}

/// As JavaScript's `encodeURIComponent`.
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

/// The value of `Sec-WebSocket-Protocol` that carries a token instead of a
/// parameter of the address. The server picks `phoenix`.
pub fn subprotocols(token: &str) -> String {
    format!("phoenix, {TOKEN_PROTOCOL}{}", STANDARD_NO_PAD.encode(token))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_are_joined_with_single_slashes() {
        let base = Url::parse("https://hub.example/api/").unwrap();
        let url = endpoint(&base, "/socket/", &[]).unwrap();
        assert_eq!(url.as_str(), "wss://hub.example/api/socket/websocket?vsn=2.0.0");
        let url = endpoint(&Url::parse("http://127.0.0.1:4000").unwrap(), "", &[]).unwrap();
        assert_eq!(url.as_str(), "ws://127.0.0.1:4000/websocket?vsn=2.0.0", "a socket at the root");
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        let file = Url::parse("file:///etc/passwd").unwrap();
        assert_eq!(endpoint(&file, "/socket", &[]), Err(AddressError::Scheme), "only web servers are dialled");
    }

    #[test]
    fn a_token_as_a_subprotocol_has_no_padding() {
        assert_eq!(subprotocols("JWT"), "phoenix, base64url.bearer.phx.SldU");
        assert_eq!(subprotocols("a"), "phoenix, base64url.bearer.phx.YQ", "\"=\" is not allowed in a header token");
    }
}
