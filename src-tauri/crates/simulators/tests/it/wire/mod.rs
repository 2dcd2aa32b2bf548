//! The smallest possible HTTP and WebSocket client, so that these tests share
//! no code with what they test.

pub mod softphone;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An HTTP answer.
pub struct Answer {
    pub status: u16,
    /// Header lines in lower case, as sent.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("the body is JSON ({e}): {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Exception name as the vendor's client cuts it out of the body.
    pub fn kind(&self) -> String {
        let body = self.json();
        let kind = body["__type"].as_str().unwrap_or("");
        kind.rsplit('#').next().unwrap_or("").to_owned()
    }
}

fn host(base: &str) -> &str {
    base.trim_start_matches("http://")
}

pub async fn request(
    base: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let host = host(base);
    let mut stream = TcpStream::connect(host).await?;
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(text.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    };
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// One agent's access to the CTI service.
#[derive(Clone)]
pub struct Cti {
    pub base: String,
    pub token: String,
}

impl Cti {
    pub async fn try_call(&self, operation: &str, body: Value) -> std::io::Result<Answer> {
        let mut body = body;
        body["authentication"] = json!({ "authToken": self.token });
        self.raw(operation, &body.to_string()).await
    }

    pub async fn raw(&self, operation: &str, body: &str) -> std::io::Result<Answer> {
        let target = format!("AmazonConnectCTIService.{operation}");
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", target.as_str()),
            ("X-Amz-Bearer", self.token.as_str()),
        ];
        request(&self.base, "POST", "/api", &headers, body).await
    }

    pub async fn call(&self, operation: &str, body: Value) -> Answer {
        self.try_call(operation, body).await.unwrap_or_else(|e| panic!("{operation} is answered: {e}"))
    }

    /// A call that has to succeed.
    pub async fn done(&self, operation: &str, body: Value) -> Value {
        let answer = self.call(operation, body).await;
        assert_eq!(answer.status, 200, "{operation} succeeds: {}", answer.body);
        answer.json()
    }

    /// The present snapshot response.
    pub async fn snapshot(&self) -> Value {
        self.done("GetAgentSnapshot", json!({ "timeout": 1000 })).await
    }
}

/// A WebSocket without any library: text frames only.
pub struct Socket {
    stream: TcpStream,
}

impl Socket {
    pub async fn open(url: &str) -> Result<Self, u16> {
        let rest = url.strip_prefix("ws://").expect("a ws:// address");
        let (host, path) = rest.split_once('/').expect("a path");
        let mut stream = TcpStream::connect(host).await.expect("a connection");
        let text = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(text.as_bytes()).await.expect("written");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok());
        match status {
            Some(101) => Ok(Self { stream }),
            other => Err(other.unwrap_or(0)),
        }
    }

    pub async fn send(&mut self, value: &Value) {
        write_frame(&mut self.stream, &value.to_string()).await;
    }

    /// The next text frame; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<String> {
        read_frame(&mut self.stream).await
    }

    /// Its stream, for one who reads and writes at the same time.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    pub async fn json(&mut self) -> Value {
        let text = tokio::time::timeout(Duration::from_secs(10), self.next())
            .await
            .expect("a frame within ten seconds")
            .expect("the socket is open");
        serde_json::from_str(&text).expect("a JSON frame")
    }

    pub async fn ask(&mut self, value: &Value) -> Value {
        self.send(value).await;
        self.json().await
    }

    /// A signalling request and the message inside its reply.
    pub async fn rpc(&mut self, connection: &str, method: &str, params: Value) -> Value {
        let id = format!("test-{method}");
        self.send(&json!({
            "topic": "aws/softphone",
            "connectionId": connection,
            "jsonRpcMsg": { "jsonrpc": "2.0", "id": id, "method": method, "params": params },
        }))
        .await;
        loop {
            let message = inner(&self.json().await)["jsonRpcMsg"].clone();
            if message["id"] == id.as_str() {
                return message;
            }
        }
    }
}

/// Sends a text frame.
pub async fn write_frame(stream: &mut (impl AsyncWriteExt + Unpin), text: &str) {
    let mut frame = vec![0x81];
    match text.len() {
        n @ 0..=125 => frame.push(0x80 | n as u8),
        n @ 126..=65_535 => {
            frame.push(0x80 | 126);
            frame.extend((n as u16).to_be_bytes());
        }
        n => {
            frame.push(0x80 | 127);
            frame.extend((n as u64).to_be_bytes());
        }
    }
    // A mask of zeros leaves the text as it is.
    frame.extend([0, 0, 0, 0]);
    frame.extend(text.as_bytes());
    stream.write_all(&frame).await.expect("a frame is sent");
}

/// Reads a frame; `None` when the connection has ended.
pub async fn read_frame(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<String> {
    let first = stream.read_u8().await.ok()?;
    if first & 0x0f == 8 {
        return None;
    }
    let length = match stream.read_u8().await.ok()? & 0x7f {
        126 => u64::from(stream.read_u16().await.ok()?),
        127 => stream.read_u64().await.ok()?,
        n => u64::from(n),
    };
    let mut bytes = vec![0; length as usize];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The JSON text inside a softphone frame.
pub fn inner(frame: &Value) -> Value {
    serde_json::from_str(frame["content"].as_str().expect("content is text")).expect("and JSON")
}

pub fn fixture(name: &str) -> Value {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Asserts that `actual` has the members of `wanted` with values of the same
/// kind, and no others. A null on either side fits anything; of lists the
/// elements are compared pair by pair, or all with the only wanted one.
pub fn assert_form(path: &str, wanted: &Value, actual: &Value) {
    match (wanted, actual) {
        (Value::Object(wanted), Value::Object(actual)) => {
            for (name, value) in wanted {
                let here = format!("{path}.{name}");
                let found = actual.get(name).unwrap_or_else(|| panic!("{here} is missing in {actual:?}"));
                assert_form(&here, value, found);
            }
            for name in actual.keys() {
                assert!(wanted.contains_key(name), "{path}.{name} is not in the fixture");
            }
        }
        (Value::Array(wanted), Value::Array(actual)) => {
            for (n, value) in actual.iter().enumerate() {
                if let Some(model) = wanted.get(n).or(wanted.last()) {
                    assert_form(&format!("{path}[{n}]"), model, value);
                }
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (wanted, actual) => assert_eq!(
            std::mem::discriminant(wanted),
            std::mem::discriminant(actual),
            "{path} is of another kind: {wanted} and {actual}"
        ),
    }
}

/// The parts of a snapshot that tell where everybody stands.
pub fn story(response: &Value) -> Value {
    let snapshot = &response["snapshot"];
    let contacts: Vec<Value> = snapshot["contacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            let legs: Vec<Value> = c["connections"]
                .as_array()
                .unwrap()
                .iter()
                .map(|l| json!([l["type"], l["state"]["type"], l["initial"]]))
                .collect();
            json!([c["state"]["type"], c["initiationMethod"], legs])
        })
        .collect();
    json!({
        "state": [snapshot["state"]["type"], snapshot["state"]["name"]],
        "next": snapshot["nextState"]["name"],
        "contacts": contacts,
    })
}

/// The snapshot has the form and tells the story of a recorded one.
pub async fn assert_snapshot(cti: &Cti, name: &str) -> Value {
    let (wanted, actual) = (fixture(name), cti.snapshot().await);
    assert_form(name, &wanted, &actual);
    assert_eq!(story(&actual), story(&wanted), "the story of {name}");
    actual
}

/// Status, content type and exception name of a refusal are the fixture's.
pub fn assert_error(answer: &Answer, name: &str) {
    let wanted = fixture(name);
    assert_eq!(json!(answer.status), wanted["status"], "{name}: {}", answer.body);
    assert_eq!(answer.header("content-type"), wanted["headers"]["Content-Type"].as_str(), "{name}");
    assert_form(name, &wanted["body"], &answer.json());
    let kind = wanted["body"]["__type"].as_str().unwrap();
    assert_eq!(answer.json()["__type"], kind, "{name}");
    let header = answer.header("x-amzn-errortype").unwrap_or("");
    assert_eq!(header.split(':').next(), kind.rsplit('#').next(), "the header names the same exception");
}

/// The snapshot has every value of a recorded one, but for times, tokens and
/// the ids of this run.
pub async fn assert_values(cti: &Cti, name: &str) {
    let (mut wanted, mut actual) = (fixture(name), cti.snapshot().await);
    without_run(&mut wanted);
    without_run(&mut actual);
    assert_eq!(actual, wanted, "{name}, value by value");
}

fn without_run(value: &mut Value) {
    let run = |name: &str| {
        let name = name.to_lowercase();
        let ids = ["contactid", "initialcontactid", "contactassociationid", "connectionid", "contactduration"];
        name.ends_with("timestamp")
            || name.ends_with("token")
            || name == "callconfigjson"
            || ids.contains(&name.as_str())
    };
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if run(name) {
                    // Present or absent still counts.
                    *member = json!(!member.is_null());
                } else {
                    without_run(member);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(without_run),
        _ => {}
    }
}
