//! What the proofs and measurements share: a whole desktop of their own
//! (display, session bus, keyring, notifications, sound), the app driven from
//! outside, and the ears to check what was heard.

#[allow(clippy::expect_used, clippy::unwrap_used, clippy::cast_precision_loss)]
pub mod harness;
#[allow(clippy::expect_used, clippy::unwrap_used, clippy::cast_precision_loss, clippy::panic)]
pub mod measure;
#[allow(clippy::expect_used, clippy::unwrap_used, clippy::cast_precision_loss)]
pub mod proofs;

/// TLS of HTTP clients in this program; once, before the first client is made.
pub fn prepare() {
    // An error only says that it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
