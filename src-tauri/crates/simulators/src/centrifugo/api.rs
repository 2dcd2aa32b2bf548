//! The server API of a real Centrifugo, over HTTP: `POST {api}/METHOD` with
//! `X-API-Key`. A request a connection, without any library: it is loopback, and
//! the answers are small.

use std::time::Duration;

use serde_json::{Value, json};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// A request takes no longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The server API did not do it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The address is none of `http://HOST:PORT`.
    #[error("no http address: {0}")]
    Address(String),
    /// No connection, or it broke.
    #[error("the server API cannot be reached")]
    Unreachable(#[from] std::io::Error),
    /// No answer in time.
    #[error("the server API did not answer in time")]
    Late,
    /// An answer with another status than 200.
    #[error("the server API answered {0}")]
    Status(u16),
    /// An answer that is no JSON.
    #[error("the server API's answer cannot be read")]
    Unreadable,
    /// An error of the API itself.
    #[error("the server API refused with code {code}: {message}")]
    Refused {
        /// Centrifugo's code.
        code: i64,
        /// Its text.
        message: String,
    },
}

/// A real Centrifugo's server API.
#[derive(Clone, Debug)]
pub struct CentrifugoApi {
    url: String,
    key: String,
}

impl CentrifugoApi {
    /// `url` is the whole prefix, such as `http://127.0.0.1:8000/api`.
    #[must_use]
    pub fn new(url: &str, key: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), key: key.to_owned() }
    }

    /// Publishes into a channel.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn publish(&self, channel: &str, data: &Value) -> Result<Value, ApiError> {
        self.call("publish", &json!({ "channel": channel, "data": data })).await
    }

    /// Subscribes a user's connections to a channel.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn subscribe(&self, user: &str, channel: &str) -> Result<Value, ApiError> {
        self.call("subscribe", &json!({ "user": user, "channel": channel })).await
    }

    /// Ends a user's subscription to a channel.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn unsubscribe(&self, user: &str, channel: &str) -> Result<Value, ApiError> {
        self.call("unsubscribe", &json!({ "user": user, "channel": channel })).await
    }

    /// Closes a user's connections with any code.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn disconnect(&self, user: &str, code: u16, reason: &str) -> Result<Value, ApiError> {
        let how = json!({ "code": code, "reason": reason });
        self.call("disconnect", &json!({ "user": user, "disconnect": how })).await
    }

    /// Removes a channel's history.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn history_remove(&self, channel: &str) -> Result<Value, ApiError> {
        self.call("history_remove", &json!({ "channel": channel })).await
    }

    /// Any method; gives the `result`.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn call(&self, method: &str, body: &Value) -> Result<Value, ApiError> {
        let headers = format!("X-API-Key: {}\r\nContent-Type: application/json\r\n", self.key);
        let url = format!("{}/{method}", self.url);
        let (status, answer) = request("POST", &url, &headers, &body.to_string()).await?;
        if status != 200 {
            return Err(ApiError::Status(status));
        }
        let mut answer: Value = serde_json::from_str(&answer).map_err(|_| ApiError::Unreadable)?;
        match answer["error"].as_object() {
            Some(error) => Err(ApiError::Refused {
                code: error.get("code").and_then(Value::as_i64).unwrap_or_default(),
                message: error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
            }),
            None => Ok(answer["result"].take()),
        }
    }
}

/// One HTTP request; gives status and body. `headers` end with line breaks.
pub(super) async fn request(method: &str, url: &str, headers: &str, body: &str) -> Result<(u16, String), ApiError> {
    let parsed = Url::parse(url).map_err(|_| ApiError::Address(url.to_owned()))?;
    let (Some(host), Some(port), "http") = (parsed.host_str(), parsed.port_or_known_default(), parsed.scheme()) else {
        return Err(ApiError::Address(url.to_owned()));
    };
    let path = parsed.path();
    // HTTP/1.0: the answer ends with the connection and is never in chunks.
    let text = format!(
        "{method} {path} HTTP/1.0\r\nHost: {host}:{port}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect((host, port)).await?;
        stream.write_all(text.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        std::io::Result::Ok(bytes)
    };
    let bytes = timeout(PATIENCE, exchange).await.map_err(|_| ApiError::Late)??;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").ok_or(ApiError::Unreadable)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ApiError::Unreadable)?;
    Ok((status, body.to_owned()))
}
