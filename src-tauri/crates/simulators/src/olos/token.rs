//! Tokens of the form of the readme. The signature is a digest with a key of
//! this run's: only this simulator can make one, and it checks it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::options::OlosAgent;

/// Makes and checks tokens.
pub(super) struct Mint {
    key: String,
}

impl Mint {
    pub fn new() -> Self {
        Self { key: uuid::Uuid::new_v4().to_string() }
    }

    /// A token from `issued` to `expires`, both in seconds since 1970.
    pub fn issue(&self, agent: &OlosAgent, tenant: &str, issued: i64, expires: i64) -> String {
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let claims = json!({
            "sub": agent.sub, "tid": tenant, "iss": "https://auth.api.olos.live", "iat": issued, "exp": expires,
            "username": agent.username, "roles": agent.roles, "jti": uuid::Uuid::new_v4().to_string(),
        });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.sign(&signed);
        format!("{signed}.{signature}")
    }

    /// The claims of a token that was made here and has not expired.
    pub fn check(&self, token: &str, now: i64) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        if self.sign(signed) != signature {
            return None;
        }
        let (_, claims) = signed.split_once('.')?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        (claims["exp"].as_i64()? > now).then_some(claims)
    }

    fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{text}{}", self.key)))
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
