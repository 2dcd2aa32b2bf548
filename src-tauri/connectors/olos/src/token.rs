//! Tokens: where they come from, and whether one is worth showing to the server.
//! The signature is the server's to check.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use thiserror::Error;
use trunkline_model::UnixMillis;
use url::Url;

use crate::settings::OlosSettings;

/// Name of the pasted token in the account's vault.
pub const TOKEN_SECRET: &str = "token";
/// Name of the key for the token service.
pub const SERVICE_SECRET: &str = "token_service_key";

/// Longest token looked at, bytes. An address line of a web server holds less.
const LONGEST: usize = 16 * 1024;

/// Where tokens come from. Asked anew at each attempt to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Pasted into the form.
    Vault,
    /// A program that prints it.
    Command(Vec<String>),
    /// The company's token service.
    Service(Url),
}

impl Source {
    /// A new one can be had without the agent.
    pub fn renews(&self) -> bool {
        *self != Self::Vault
    }
}

/// Whom a token names, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `sub`: the agent. Not the `agentId` of events.
    pub sub: String,
    /// `tid`: the tenant.
    pub tid: String,
    /// Sign-in name.
    pub username: Option<String>,
    /// Roles; none where the token names none.
    pub roles: Vec<String>,
    /// Unix milliseconds.
    pub expires: i64,
    /// The algorithm is none of those named in the settings.
    pub odd_algorithm: bool,
}

impl Claims {
    /// Fills a topic's pattern in.
    pub fn topic(&self, pattern: &str) -> String {
        let username = self.username.as_deref().unwrap_or_default();
        pattern.replace("{sub}", &self.sub).replace("{tid}", &self.tid).replace("{username}", username)
    }
}

/// What is wrong with a token, as far as one sees without the server.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum TokenFault {
    /// Empty.
    #[error("there is no token")]
    Missing,
    /// Not three parts of base64url, or too long, or not JSON inside.
    #[error("not of the form of a token")]
    Form,
    /// Signed in a way that is not taken.
    #[error("signed with an algorithm that is not taken")]
    Algorithm,
    /// `sub`, `tid` or `exp` missing or of the wrong kind.
    #[error("a claim is missing")]
    Claims,
    /// Over.
    #[error("expired")]
    Expired,
    /// Not valid yet.
    #[error("not valid yet")]
    TooEarly,
}

impl TokenFault {
    /// Message key of the reason, for the agent.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Missing => "link_reason_not_signed_in",
            Self::Expired => "link_reason_token_expired",
            Self::Form | Self::Algorithm | Self::Claims | Self::TooEarly => "link_reason_token_wrong",
        }
    }
}

/// Reads and checks a token at the time `now`.
pub fn check(token: &str, now: UnixMillis, settings: &OlosSettings) -> Result<Claims, TokenFault> {
    if token.is_empty() {
        return Err(TokenFault::Missing);
    }
    if token.len() > LONGEST {
        return Err(TokenFault::Form);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err(TokenFault::Form) };
    let signed = URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| !bytes.is_empty());
    if !signed {
        return Err(TokenFault::Form);
    }
    let header = read_part(header)?;
    let odd_algorithm = judge_algorithm(header.get("alg"), settings)?;
    let claims = read_part(claims)?;
    let text = |name: &str| {
        let value = claims.get(name).and_then(Value::as_str).map(str::trim);
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let (sub, tid) = (text("sub").ok_or(TokenFault::Claims)?, text("tid").ok_or(TokenFault::Claims)?);
    let expires = read_time(claims.get("exp")).ok_or(TokenFault::Claims)?;
    if expires.saturating_add(settings.token_leeway_ms) <= now.0 {
        return Err(TokenFault::Expired);
    }
    match claims.get("nbf") {
        None | Some(Value::Null) => {}
        Some(value) => {
            let from = read_time(Some(value)).ok_or(TokenFault::Claims)?;
            if from > now.0.saturating_add(settings.token_leeway_ms) {
                return Err(TokenFault::TooEarly);
            }
        }
    }
    let roles = claims.get("roles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let roles = roles.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Claims { sub, tid, username: text("username"), roles, expires, odd_algorithm })
}

/// Whether it is an odd one, or none to take at all.
fn judge_algorithm(given: Option<&Value>, settings: &OlosSettings) -> Result<bool, TokenFault> {
    let name = given.and_then(Value::as_str).ok_or(TokenFault::Algorithm)?;
    if settings.token_algorithms.iter().any(|known| known == name) {
        return Ok(false);
    }
    // Somebody's own key could be anything; a shared secret or none is never a server's signature.
    let family = name.starts_with("RS") || name.starts_with("ES") || name.starts_with("PS");
    if family { Ok(true) } else { Err(TokenFault::Algorithm) }
}

fn read_part(part: &str) -> Result<Map<String, Value>, TokenFault> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Form)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(TokenFault::Form),
    }
}

/// Seconds since 1970, whole or with a fraction, as milliseconds.
fn read_time(value: Option<&Value>) -> Option<i64> {
    let number = value?;
    if let Some(seconds) = number.as_i64() {
        return Some(seconds.saturating_mul(1000));
    }
    let seconds = number.as_f64().filter(|seconds| seconds.is_finite())?;
    Some((seconds * 1000.0) as i64)
}

/// The token in what a program printed or a service answered: the text itself,
/// or the member `field` of a JSON object.
pub fn find(text: &str, field: &str) -> Option<String> {
    let text = text.trim();
    let token = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(members)) => members.get(field)?.as_str()?.trim().to_owned(),
        Ok(Value::String(token)) => token.trim().to_owned(),
        _ => text.to_owned(),
    };
    (!token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests;
