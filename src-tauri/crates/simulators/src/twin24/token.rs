//! Tokens of the form of the platform's. The signature is a digest with a key of
//! this run's: only this simulator can make one, and it checks it.

use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::options::TokenRefusal;

/// What a token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// Good, and whose it is.
    Good(u64),
    /// Made here, but over.
    Over(u64),
    /// Made here, but refused with 403.
    Forbidden(u64),
    /// Not made here.
    Nothing,
}

/// Makes and checks tokens.
pub(super) struct Mint {
    key: String,
    last: AtomicI64,
    /// Access tokens from before this are over, or forbidden.
    over: AtomicI64,
    forbidden: AtomicI64,
    /// Refresh tokens from before this are over.
    refresh_over: AtomicI64,
}

impl Mint {
    pub fn new() -> Self {
        Self {
            key: uuid::Uuid::new_v4().to_string(),
            last: AtomicI64::new(0),
            over: AtomicI64::new(0),
            forbidden: AtomicI64::new(0),
            refresh_over: AtomicI64::new(0),
        }
    }

    /// An access token between two times in seconds since 1970.
    pub fn access(&self, operator: u64, company: u64, issued: i64, expires: i64) -> String {
        self.make(&json!({
            "sub": operator.to_string(), "companyId": company, "iat": issued, "exp": expires,
            "jti": uuid::Uuid::new_v4().to_string(), "n": self.number(),
        }))
    }

    /// A refresh token. It is good once; the number of the last one that was used is the caller's to keep.
    pub fn refresh(&self, operator: u64, company: u64) -> String {
        self.make(&json!({ "sub": operator.to_string(), "companyId": company, "refresh": true, "n": self.number() }))
    }

    fn number(&self) -> i64 {
        self.last.fetch_add(1, Ordering::SeqCst)
    }

    fn make(&self, claims: &Value) -> String {
        let signed = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
        let signature = self.sign(&signed);
        format!("{signed}.{signature}")
    }

    /// What an access token is worth at that time.
    pub fn check(&self, token: &str, now: i64) -> Worth {
        let Some(claims) = self.claims(token).filter(|claims| claims["refresh"] != true) else {
            return Worth::Nothing;
        };
        let (Some(operator), Some(number)) = (subject(&claims), claims["n"].as_i64()) else { return Worth::Nothing };
        if number < self.forbidden.load(Ordering::SeqCst) {
            Worth::Forbidden(operator)
        } else if number < self.over.load(Ordering::SeqCst) || claims["exp"].as_i64().is_none_or(|end| end <= now) {
            Worth::Over(operator)
        } else {
            Worth::Good(operator)
        }
    }

    /// Whose refresh token that is, for which company, and its number.
    pub fn check_refresh(&self, token: &str) -> Option<(u64, u64, i64)> {
        let claims = self.claims(token).filter(|claims| claims["refresh"] == true)?;
        let number = claims["n"].as_i64()?;
        let good = number >= self.refresh_over.load(Ordering::SeqCst);
        good.then(|| Some((subject(&claims)?, claims["companyId"].as_u64()?, number))).flatten()
    }

    /// No access token made so far is good any more.
    pub fn end_access(&self, how: TokenRefusal) {
        let from = match how {
            TokenRefusal::Expired => &self.over,
            TokenRefusal::Forbidden => &self.forbidden,
        };
        from.store(self.last.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// No refresh token made so far is good any more.
    pub fn end_refresh(&self) {
        self.refresh_over.store(self.last.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    fn claims(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        if self.sign(signed) != signature {
            return None;
        }
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{text}{}", self.key)))
    }
}

fn subject(claims: &Value) -> Option<u64> {
    claims["sub"].as_str()?.parse().ok()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
