//! Which proxy a connection takes, for HTTP and WebSockets alike.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::{Host, Url};

use crate::config::ProxyChoice;

/// A proxy's answer to CONNECT is longer than this only when it is no proxy.
const MAX_ANSWER: usize = 16 * 1024;

/// The proxy rules, read once.
#[derive(Clone, Debug)]
pub(crate) struct ProxyRoute {
    matcher: Option<Arc<Matcher>>,
    spare_loopback: bool,
}

impl ProxyRoute {
    pub(crate) fn new(choice: &ProxyChoice) -> Self {
        match choice {
            ProxyChoice::System => Self { matcher: Some(Arc::new(Matcher::from_system())), spare_loopback: true },
            ProxyChoice::Direct => Self { matcher: None, spare_loopback: true },
            ProxyChoice::Address { proxy, except } => {
                let matcher = Matcher::builder().all(proxy.to_string()).no(except.clone()).build();
                Self { matcher: Some(Arc::new(matcher)), spare_loopback: false }
            }
        }
    }

    /// The proxy for `target` (`http`, `https`, `ws` or `wss`), with its
    /// credentials in the address; `None` is the direct way.
    pub(crate) fn proxy_for(&self, target: &Url) -> Option<Url> {
        let matcher = self.matcher.as_ref()?;
        if self.spare_loopback && is_loopback(target) {
            return None;
        }
        let scheme = match target.scheme() {
            "ws" | "http" => "http",
            _ => "https",
        };
        let host = target.host()?;
        let port = target.port_or_known_default()?;
        let uri = format!("{scheme}://{host}:{port}/").parse::<::http::Uri>().ok()?;
        let hop = matcher.intercept(&uri)?;
        let mut address = Url::parse(&hop.uri().to_string()).ok()?;
        if let Some((user, password)) = hop.basic_auth().and_then(|header| credentials(header.to_str().ok()?)) {
            address.set_username(&user).ok()?;
            address.set_password(Some(&password)).ok()?;
        }
        Some(address)
    }
}

fn credentials(header: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn is_loopback(target: &Url) -> bool {
    match target.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The proxy did not open the tunnel.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TunnelError {
    #[error("the proxy refused with status {0}")]
    Refused(u16),
    #[error("the proxy's answer is not HTTP")]
    NotHttp,
    #[error("the proxy broke off: {0}")]
    Broken(#[from] std::io::Error),
}

/// Opens a tunnel through `stream`, which leads to `proxy` (RFC 9110, 9.3.6).
pub(crate) async fn open_tunnel<S>(stream: &mut S, proxy: &Url, target: &str) -> Result<(), TunnelError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(password) = proxy.password() {
        let user = percent_decoded(proxy.username());
        let pair = STANDARD.encode(format!("{user}:{}", percent_decoded(password)));
        request.push_str(&format!("Proxy-Authorization: Basic {pair}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;

    // One byte at a time: what follows the empty line belongs to the target.
    let mut answer = Vec::with_capacity(256);
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= MAX_ANSWER {
            return Err(TunnelError::NotHttp);
        }
        answer.push(stream.read_u8().await?);
    }
    let status = status_of(&answer).ok_or(TunnelError::NotHttp)?;
    if (200..300).contains(&status) { Ok(()) } else { Err(TunnelError::Refused(status)) }
}

fn status_of(answer: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(answer.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

pub(crate) fn percent_decoded(text: &str) -> String {
    // `form_urlencoded` decodes percent signs; a plus is a plus in an address, so it is protected.
    let protected = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(protected.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn route(except: &str) -> ProxyRoute {
        let proxy = Url::parse("http://agent:p%40ss+1@proxy.example:3128").unwrap();
        ProxyRoute::new(&ProxyChoice::Address { proxy, except: except.to_owned() })
    }

    fn target(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn websockets_take_the_same_proxy_as_pages_with_its_credentials() {
        let route = route("");
        for address in ["https://host.example/a", "wss://host.example/a", "http://host.example", "ws://host.example"] {
            let proxy = route.proxy_for(&target(address)).unwrap();
            assert_eq!(proxy.host_str(), Some("proxy.example"), "{address} goes through the proxy");
            assert_eq!(proxy.port(), Some(3128), "at its port");
            assert_eq!(percent_decoded(proxy.username()), "agent", "as the user");
            assert_eq!(percent_decoded(proxy.password().unwrap()), "p@ss+1", "with the password as it was");
        }
    }

    #[test]
    fn excepted_hosts_go_directly() {
        let route = route("direct.example, 10.0.0.0/8");
        assert_eq!(route.proxy_for(&target("wss://direct.example/x")), None, "the host itself");
        assert_eq!(route.proxy_for(&target("https://sub.direct.example/x")), None, "its sub-domains");
        assert_eq!(route.proxy_for(&target("https://10.1.2.3/x")), None, "addresses of the network");
        assert!(route.proxy_for(&target("https://other.example/x")).is_some(), "others do not");
    }

    #[test]
    fn this_computer_is_never_reached_through_the_systems_proxy() {
        let route = ProxyRoute {
            matcher: Some(Arc::new(Matcher::builder().all("http://proxy.example:1").build())),
            spare_loopback: true,
        };
        for address in ["http://127.0.0.1:8080", "ws://localhost:1", "http://[::1]:9", "http://sim.localhost"] {
            assert_eq!(route.proxy_for(&target(address)), None, "{address} is this computer");
        }
        assert!(route.proxy_for(&target("https://host.example")).is_some(), "others take the proxy");
    }

    #[test]
    fn answers_of_proxies_are_read() {
        assert_eq!(status_of(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(200));
        assert_eq!(status_of(b"HTTP/1.0 407\r\n\r\n"), Some(407), "a missing reason is allowed");
        assert_eq!(status_of(b"SSH-2.0-OpenSSH\r\n\r\n"), None, "another protocol is not an answer");
    }
}
