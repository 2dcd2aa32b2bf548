//! HTTP and WebSocket dialling with one TLS configuration, proxy, back-off and redaction.
//!
//! [`Network`] is made once at start-up. It reads the computer's trust store
//! (and a company CA file, where one is configured) and the system's proxy
//! setting, and then gives every account an HTTP client with a cookie jar of
//! its own and a WebSocket dialler. Both use the same TLS verifier and the
//! same proxy rules, so a connection that works for one works for the other.

mod backoff;
mod centrifugo;
mod clock;
mod config;
mod http;
mod proxy;
mod redact;
mod tls;
mod websocket;

pub use backoff::{Backoff, random01, retry_after};
pub use clock::SystemClock;
pub use config::{NetError, Network, NetworkConfig, ProxyChoice, TrustedCertificate};
pub use redact::{Finding, PrivateKind, Redacting, find_private, is_secret_name, mark, redact, redact_with};
pub use websocket::MAX_MESSAGE;
