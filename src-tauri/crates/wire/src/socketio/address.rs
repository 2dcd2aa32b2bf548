//! The address to dial.

use url::Url;

use crate::address::{AddressError, joined, parameter, socket};

/// `base` with ws or wss, the path that the server listens on (`socket.io` where
/// nothing else is said), and the application's parameters behind the protocol's.
pub fn endpoint(base: &Url, path: &str, parameters: &[(String, String)]) -> Result<Url, AddressError> {
    let mut url = socket(base)?;
    url.set_path(&format!("{}/", joined(&[base.path(), path])));
    let own = ["EIO=4&".to_owned(), "transport=websocket&".to_owned()].into_iter();
    let query: String = own.chain(parameters.iter().map(|(name, value)| parameter(name, value))).collect();
    url.set_query(Some(query.trim_end_matches('&')));
    Ok(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_path_ends_with_a_slash_and_parameters_are_escaped() {
        let base = Url::parse("https://cx.example/").unwrap();
        let query = [("username".to_owned(), "a b&c".to_owned())];
        let url = endpoint(&base, "/agent-manager/socket.io", &query).unwrap();
        assert_eq!(
            url.as_str(),
            "wss://cx.example/agent-manager/socket.io/?EIO=4&transport=websocket&username=a%20b%26c"
        );
        let url = endpoint(&Url::parse("http://127.0.0.1:3000/under").unwrap(), "socket.io", &[]).unwrap();
        assert_eq!(url.as_str(), "ws://127.0.0.1:3000/under/socket.io/?EIO=4&transport=websocket");
        let file = Url::parse("file:///x").unwrap();
        assert_eq!(endpoint(&file, "socket.io", &[]), Err(AddressError::Scheme), "only web servers are dialled");
    }
}
