//! A WebSocket of a few lines (RFC 6455 over TCP, no extensions) that speaks
//! the channels' frames: nothing of the program's own client.

use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use trunkline_simulators::olos::OlosSim;

const SOON: Duration = Duration::from_secs(10);

pub struct HubClient {
    stream: BufStream<TcpStream>,
    joins: u32,
}

impl HubClient {
    /// The HTTP status where it is refused.
    pub async fn open(sim: &OlosSim, token: &str) -> Result<Self, u16> {
        let host = sim.base_url().replace("http://", "");
        let mut stream = BufStream::new(TcpStream::connect(&host).await.unwrap());
        let key = base64::engine::general_purpose::STANDARD.encode([7_u8; 16]);
        let request = format!(
            "GET /socket/websocket?token={token}&vsn=2.0.0 HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let status = String::from_utf8_lossy(&head)[9..12].parse().unwrap();
        if status == 101 { Ok(Self { stream, joins: 0 }) } else { Err(status) }
    }

    pub async fn send(&mut self, frame: &Value) {
        let text = frame.to_string();
        let length = u8::try_from(text.len()).ok().filter(|length| *length < 126).expect("a short frame");
        // Masked with zeros: what is sent is what is written.
        let head = [0x81, 0x80 | length, 0, 0, 0, 0];
        self.stream.write_all(&head).await.unwrap();
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub async fn join(&mut self, topic: &str) {
        self.joins += 1;
        let number = self.joins.to_string();
        self.send(&json!([number, number, topic, "phx_join", {}])).await;
        let answer = self.frame(SOON).await;
        assert_eq!(answer[4]["status"], "ok", "joined: {answer}");
    }

    /// The next frame.
    pub async fn frame(&mut self, within: Duration) -> Value {
        let text = timeout(within, self.read()).await.expect("a frame in time").expect("the socket is open");
        serde_json::from_str(&text).unwrap()
    }

    /// The payload of the next message of that name.
    pub async fn message(&mut self, name: &str, within: Duration) -> Value {
        loop {
            let frame = self.frame(within).await;
            if frame[3] == name {
                return frame[4].clone();
            }
        }
    }

    /// The next event of that type.
    pub async fn event(&mut self, kind: &str, within: Duration) -> Value {
        self.message(kind, within).await
    }

    pub async fn is_cut(&mut self, within: Duration) -> bool {
        timeout(within, self.read()).await.is_ok_and(|read| read.is_none())
    }

    async fn read(&mut self) -> Option<String> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).await.ok()?;
        let length = match head[1] & 0x7f {
            126 => usize::from(self.stream.read_u16().await.ok()?),
            127 => usize::try_from(self.stream.read_u64().await.ok()?).ok()?,
            short => usize::from(short),
        };
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.ok()?;
        (head[0] & 0x0f == 1).then(|| String::from_utf8(body).unwrap())
    }
}
