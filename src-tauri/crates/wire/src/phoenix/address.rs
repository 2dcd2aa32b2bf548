//! The address to dial, and the token as a subprotocol.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use url::Url;

use crate::address::{AddressError, joined, parameter, socket};

/// Version of the serialiser, as it stands in the address.
pub const VSN: &str = "2.0.0";

/// Added by the client to the path under which the server mounted its socket.
const TRANSPORT: &str = "websocket";

/// What a token offered as a subprotocol begins with (phoenix.js from 1.8 on).
const TOKEN_PROTOCOL: &str = "base64url.bearer.phx.";

/// The address to dial: `base` with ws or wss, the socket's mount path, the
/// application's parameters in their order, `vsn` last.
pub fn endpoint(base: &Url, mount: &str, parameters: &[(String, String)]) -> Result<Url, AddressError> {
    let mut url = socket(base)?;
    url.set_path(&joined(&[base.path(), mount, TRANSPORT]));
    let query: String = parameters.iter().map(|(name, value)| parameter(name, value)).collect();
    url.set_query(Some(&format!("{query}vsn={VSN}")));
    Ok(url)
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
