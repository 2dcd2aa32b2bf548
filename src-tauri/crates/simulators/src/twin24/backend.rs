//! What live events go through: the simulator's own endpoint, or a real
//! Centrifugo by its server API.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::hub::Hub;
use crate::centrifugo::{
    self, App, CentrifugoApi, ConnectAsked, ConnectRefusal, Connecting, Doors, RunningCentrifugo, ServerSub,
};

/// The way to the clients.
pub(super) enum Backend {
    Own(Own),
    Real(Box<Real>),
}

/// The simulator's own endpoint.
pub(super) struct Own {
    pub hub: Arc<centrifugo::Hub>,
    pub doors: Arc<Doors>,
    pub address: SocketAddr,
    pub path: String,
}

/// A real Centrifugo. Publications go one after the other, as the platform made them.
pub(super) struct Real {
    pub api: CentrifugoApi,
    pub url: String,
    queue: mpsc::UnboundedSender<(String, Value)>,
    /// Ends with the simulator where the simulator started it.
    _program: Option<RunningCentrifugo>,
}

impl Real {
    pub fn new(api: CentrifugoApi, url: String, program: Option<RunningCentrifugo>, stop: CancellationToken) -> Self {
        let (queue, mut publications) = mpsc::unbounded_channel::<(String, Value)>();
        let publisher = api.clone();
        tokio::spawn(async move {
            let publish = async {
                while let Some((channel, data)) = publications.recv().await {
                    if let Err(error) = publisher.publish(&channel, &data).await {
                        tracing::warn!(%error, channel, "a live event could not be published");
                    }
                }
            };
            tokio::select! {
                () = publish => {}
                () = stop.cancelled() => {}
            }
        });
        Self { api, url, queue, _program: program }
    }
}

impl Backend {
    pub fn publish(&self, channel: &str, data: Value) {
        match self {
            Self::Own(own) => {
                own.hub.publish(channel, data);
            }
            Self::Real(real) => {
                let _ = real.queue.send((channel.to_owned(), data));
            }
        }
    }

    /// Address of the WebSocket.
    pub fn url(&self) -> String {
        match self {
            Self::Own(own) => format!("ws://{}{}", own.address, own.path),
            Self::Real(real) => real.url.clone(),
        }
    }
}

/// The platform behind its events: who may connect, and to which channels.
pub(super) struct Platform(pub Weak<Hub>);

impl App for Platform {
    fn connect(&self, asked: &ConnectAsked) -> Connecting {
        let Some(hub) = self.0.upgrade() else { return Connecting::Refused(ConnectRefusal::Silence) };
        match hub.admit(&asked.data) {
            Ok((operator, channels)) => {
                let sub = |channel| ServerSub { channel, data: None };
                Connecting::Welcome {
                    user: operator.to_string(),
                    channels: channels.into_iter().map(sub).collect(),
                    data: None,
                }
            }
            Err(refusal) => Connecting::Refused(refusal),
        }
    }

    fn keeps_history(&self, channel: &str) -> bool {
        let Some(hub) = self.0.upgrade() else { return false };
        hub.options.recoverable && !hub.options.more_channels.iter().any(|name| name == channel)
    }
}

/// The connect proxy's answer to a real Centrifugo, by the same rules.
pub(super) fn proxy_answer(hub: &Hub, request: &Value) -> Value {
    match hub.admit(&request["data"]) {
        Ok((operator, channels)) => json!({ "result": { "user": operator.to_string(), "channels": channels } }),
        Err(ConnectRefusal::Error { code, message, temporary }) => {
            json!({ "error": { "code": code, "message": message, "temporary": temporary } })
        }
        Err(ConnectRefusal::Close { code, reason }) => json!({ "disconnect": { "code": code, "reason": reason } }),
        // A proxy cannot be silent for ever: the server would say that it is broken.
        Err(ConnectRefusal::Silence) => {
            json!({ "error": { "code": 100, "message": "internal server error", "temporary": true } })
        }
    }
}
