//! A client of a few lines that says anything, for what no proper client would say.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const SOON: Duration = Duration::from_secs(10);

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    Message(Value),
    Closed(u16, String),
    /// Without a close frame.
    Gone,
}

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: VecDeque<Value>,
    /// Messages of the newest frame.
    pub in_frame: usize,
}

impl Socket {
    pub async fn open(url: &str) -> Self {
        Self::dial(url, None).await.expect("let in")
    }

    /// With an origin; the HTTP status where it is refused.
    pub async fn dial(url: &str, origin: Option<&str>) -> Result<Self, u16> {
        let mut request = url.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self { stream, waiting: VecDeque::new(), in_frame: 0 }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    pub async fn text(&mut self, frame: &str) {
        self.stream.send(Message::text(frame)).await.unwrap();
    }

    pub async fn say(&mut self, command: &Value) {
        self.text(&command.to_string()).await;
    }

    /// Connects as that user of `CentrifugoSim`; gives the result.
    pub async fn connect(&mut self, user: &str) -> Value {
        self.say(&json!({ "id": 1, "connect": { "data": { "user": user } } })).await;
        let reply = self.reply(1).await;
        assert_ne!(reply["connect"], Value::Null, "connected: {reply}");
        reply["connect"].clone()
    }

    /// The next thing, pings included.
    pub async fn next(&mut self) -> Said {
        timeout(SOON, self.read()).await.expect("something in time")
    }

    /// The next thing, when there is any so soon.
    pub async fn within(&mut self, time: Duration) -> Option<Said> {
        timeout(time, self.read()).await.ok()
    }

    /// The next message that is no ping.
    pub async fn message(&mut self) -> Value {
        loop {
            match self.next().await {
                Said::Message(value) if value == json!({}) => {}
                Said::Message(value) => return value,
                other => panic!("a message instead of {other:?}"),
            }
        }
    }

    /// The reply of that id; pushes before it are lost.
    pub async fn reply(&mut self, id: u32) -> Value {
        loop {
            let value = self.message().await;
            if value["id"] == id {
                return value;
            }
        }
    }

    /// The close; messages before it are lost.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Said::Message(_) => {}
                Said::Closed(code, reason) => return (code, reason),
                Said::Gone => panic!("a close with a code"),
            }
        }
    }

    async fn read(&mut self) -> Said {
        loop {
            if let Some(value) = self.waiting.pop_front() {
                return Said::Message(value);
            }
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    self.waiting = text.split('\n').map(|line| serde_json::from_str(line).unwrap()).collect();
                    self.in_frame = self.waiting.len();
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    // Answers the close, as the protocol wants it.
                    let _ = self.stream.flush().await;
                    return Said::Closed(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Said::Gone,
                Some(Ok(_)) => {}
            }
        }
    }
}
