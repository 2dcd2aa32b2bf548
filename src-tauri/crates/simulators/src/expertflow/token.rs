//! Tokens of the form that Keycloak's have. The signature is a digest with a
//! key of this run's: only this simulator can make one, and it checks it.

use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Makes and checks tokens.
pub(super) struct Mint {
    key: String,
    /// Access tokens from before this, in seconds, are over.
    access_from: AtomicI64,
    /// Refresh tokens likewise.
    refresh_from: AtomicI64,
    last: AtomicI64,
}

impl Mint {
    pub fn new() -> Self {
        Self {
            key: uuid::Uuid::new_v4().to_string(),
            access_from: AtomicI64::new(0),
            refresh_from: AtomicI64::new(0),
            last: AtomicI64::new(0),
        }
    }

    /// A token of that type, `Bearer` or `Refresh`, between two times in seconds since 1970.
    pub fn issue(&self, agent: &str, kind: &str, issued: i64, expires: i64) -> String {
        let number = self.last.fetch_add(1, Ordering::SeqCst);
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let claims = json!({
            "sub": agent, "typ": kind, "iss": "http://keycloak.invalid/auth/realms/expertflow", "iat": issued,
            "exp": expires, "azp": "cim", "jti": uuid::Uuid::new_v4().to_string(), "n": number,
        });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.sign(&signed);
        format!("{signed}.{signature}")
    }

    /// The agent of a token of that type that was made here and is not over.
    pub fn check(&self, token: &str, kind: &str, now: i64) -> Option<String> {
        let (signed, signature) = token.rsplit_once('.')?;
        if self.sign(signed) != signature {
            return None;
        }
        let (_, claims) = signed.split_once('.')?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let from = if kind == "Refresh" { &self.refresh_from } else { &self.access_from };
        let good = claims["typ"] == kind
            && claims["exp"].as_i64()? > now
            && claims["n"].as_i64()? >= from.load(Ordering::SeqCst);
        good.then(|| claims["sub"].as_str().map(str::to_owned)).flatten()
    }

    /// No access token made so far is taken any more; with `refresh` no refresh token either.
    pub fn expire(&self, refresh: bool) {
        let now = self.last.load(Ordering::SeqCst);
        self.access_from.store(now, Ordering::SeqCst);
        if refresh {
            self.refresh_from.store(now, Ordering::SeqCst);
        }
    }

    fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{text}{}", self.key)))
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
