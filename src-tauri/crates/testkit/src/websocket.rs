use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex as AsyncMutex, mpsc, watch};
use trunkline_connector::ports::{Frame, WebSocketDial, WebSocketFailure, WebSocketReceive, WebSocketSend};
use url::Url;

use crate::{PATIENCE, locked};

/// A dialler whose sockets end in the test. Clones share it.
#[derive(Clone, Debug)]
pub struct FakeWebSocket(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    refusals: Mutex<VecDeque<Option<WebSocketFailure>>>,
    dialled: Mutex<Vec<Url>>,
    peers: mpsc::UnboundedSender<FakePeer>,
    waiting: AsyncMutex<mpsc::UnboundedReceiver<FakePeer>>,
}

/// The server's end of one socket.
#[derive(Debug)]
pub struct FakePeer {
    /// Address that was dialled.
    pub url: Url,
    /// Headers of the opening request.
    pub headers: http::HeaderMap,
    to_client: mpsc::UnboundedSender<Result<Frame, WebSocketFailure>>,
    from_client: mpsc::UnboundedReceiver<Frame>,
    broken: watch::Sender<bool>,
}

impl FakeWebSocket {
    /// Accepts every dial.
    pub fn new() -> Self {
        let (peers, waiting) = mpsc::unbounded_channel();
        Self(Arc::new(Shared {
            refusals: Mutex::default(),
            dialled: Mutex::default(),
            peers,
            waiting: AsyncMutex::new(waiting),
        }))
    }

    /// The next dial fails; several calls make a line.
    pub fn refuse(&self, failure: WebSocketFailure) {
        locked(&self.0.refusals).push_back(Some(failure));
    }

    /// The next dial gets no answer until its time-out.
    pub fn silence(&self) {
        locked(&self.0.refusals).push_back(None);
    }

    /// Addresses dialled so far, refused ones included.
    pub fn dialled(&self) -> Vec<Url> {
        locked(&self.0.dialled).clone()
    }

    /// Waits for the next socket that was opened.
    pub async fn expect_peer(&self) -> FakePeer {
        let mut waiting = self.0.waiting.lock().await;
        tokio::time::timeout(PATIENCE, waiting.recv())
            .await
            .unwrap_or_else(|_| panic!("expected a WebSocket, dialled so far: {:?}", self.dialled()))
            .expect("the dialler is alive as long as this handle")
    }
}

impl Default for FakeWebSocket {
    fn default() -> Self {
        Self::new()
    }
}

impl FakePeer {
    /// Sends a text to the connector.
    pub fn send_text(&self, text: impl Into<String>) {
        self.send(Frame::Text(text.into()));
    }

    /// Sends JSON to the connector.
    pub fn send_json(&self, value: &serde_json::Value) {
        self.send_text(value.to_string());
    }

    /// Sends any frame.
    pub fn send(&self, frame: Frame) {
        let _ = self.to_client.send(Ok(frame));
    }

    /// Breaks the socket: the connector reads `failure`, and cannot write any more.
    pub fn break_off(&self, failure: WebSocketFailure) {
        let _ = self.to_client.send(Err(failure));
        self.broken.send_replace(true);
    }

    /// The next frame the connector sends.
    pub async fn expect_frame(&mut self) -> Frame {
        tokio::time::timeout(PATIENCE, self.from_client.recv())
            .await
            .expect("a frame comes in time")
            .expect("the connector still holds the socket")
    }

    /// The next frame as JSON.
    pub async fn expect_json(&mut self) -> serde_json::Value {
        match self.expect_frame().await {
            Frame::Text(text) => serde_json::from_str(&text).expect("the frame is JSON"),
            other => panic!("expected JSON, got {other:?}"),
        }
    }

    /// Frames up to the first JSON one that `wanted` accepts; those before are dropped.
    pub async fn expect_json_where(&mut self, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        loop {
            let value = self.expect_json().await;
            if wanted(&value) {
                return value;
            }
        }
    }

    /// Waits until the connector has let go of the socket, or closed it.
    pub async fn expect_closed(&mut self) {
        let gone = async {
            loop {
                match self.from_client.recv().await {
                    None | Some(Frame::Close(_)) => return,
                    Some(_) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, gone).await.expect("the connector closes the socket");
    }
}

#[async_trait]
impl WebSocketDial for FakeWebSocket {
    async fn dial(
        &self,
        url: Url,
        headers: http::HeaderMap,
        timeout: Duration,
    ) -> Result<(Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>), WebSocketFailure> {
        locked(&self.0.dialled).push(url.clone());
        let refusal = locked(&self.0.refusals).pop_front();
        match refusal {
            Some(Some(failure)) => return Err(failure),
            Some(None) => {
                tokio::time::sleep(timeout).await;
                return Err(WebSocketFailure::Timeout);
            }
            None => {}
        }
        let (to_client, inbox) = mpsc::unbounded_channel();
        let (outbox, from_client) = mpsc::unbounded_channel();
        let (broken, is_broken) = watch::channel(false);
        let _ = self.0.peers.send(FakePeer { url, headers, to_client, from_client, broken });
        Ok((Box::new(Sending { outbox, is_broken }), Box::new(Receiving { inbox, over: false })))
    }
}

struct Sending {
    outbox: mpsc::UnboundedSender<Frame>,
    is_broken: watch::Receiver<bool>,
}

#[async_trait]
impl WebSocketSend for Sending {
    async fn send(&mut self, frame: Frame) -> Result<(), WebSocketFailure> {
        if *self.is_broken.borrow() {
            return Err(WebSocketFailure::Broken);
        }
        self.outbox.send(frame).map_err(|_| WebSocketFailure::Broken)
    }
}

struct Receiving {
    inbox: mpsc::UnboundedReceiver<Result<Frame, WebSocketFailure>>,
    over: bool,
}

#[async_trait]
impl WebSocketReceive for Receiving {
    async fn receive(&mut self) -> Result<Frame, WebSocketFailure> {
        if self.over {
            return Err(WebSocketFailure::Broken);
        }
        let received = self.inbox.recv().await.unwrap_or(Err(WebSocketFailure::Broken));
        self.over = matches!(received, Err(_) | Ok(Frame::Close(_)));
        received
    }
}
