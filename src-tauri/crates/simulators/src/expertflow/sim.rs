//! The running simulator: start, chats, and waiting.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;

use super::door::Door;
use super::error::ExpertflowError;
use super::faults::{Handshake, Heard};
use super::hub::Hub;
use super::options::{CustomerOffer, ExpertflowOptions};
use super::routing::chat_task;
use super::sim_chat::SimChat;
use super::world::new_id;
use super::{rest, sockets};
use crate::Moment;

/// A running installation. Ends when the last handle is dropped.
#[derive(Clone)]
pub struct ExpertflowSim(Arc<Running>);

struct Running {
    hub: Arc<Hub>,
    address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.hub.stop.cancel();
        self.hub.doors.cut_all();
    }
}

impl ExpertflowSim {
    /// Starts it.
    ///
    /// # Errors
    /// [`ExpertflowError::Listen`] without a port.
    pub async fn start(options: ExpertflowOptions) -> Result<Self, ExpertflowError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let hub = Hub::new(options);
        hub.act(|world| {
            world.address = format!("http://{address}");
            world.begin_play();
        });
        let router = rest::router(&hub, sockets::serve(&hub));
        let door = Door { listener, address, doors: hub.doors.clone() };
        let stop = hub.stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(door, router) => {
                    if let Err(error) = served {
                        tracing::warn!(%error, "the simulator's listener ended");
                    }
                }
                () = stop.cancelled() => {}
            }
        });
        Ok(Self(Arc::new(Running { hub, address })))
    }

    pub(super) fn hub(&self) -> &Arc<Hub> {
        &self.0.hub
    }

    /// `http://127.0.0.1:PORT`; the services lie below, such as `/agent-manager`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.0.address)
    }

    /// How it was started.
    #[must_use]
    pub fn options(&self) -> &ExpertflowOptions {
        &self.hub().options
    }

    /// A customer begins to chat and waits in a queue, or with `started_for` is with that agent at once.
    ///
    /// # Errors
    /// [`ExpertflowError::Unknown`] for a queue or channel type, [`ExpertflowError::UnknownAgent`].
    pub fn customer_chats(&self, offer: CustomerOffer) -> Result<SimChat, ExpertflowError> {
        let queue = self.options().queue(&offer.queue).map(|queue| queue.id.clone());
        let queue = queue.ok_or_else(|| ExpertflowError::Unknown("queue", offer.queue.clone()))?;
        let agent = match &offer.started_for {
            Some(name) => Some(self.agent_id(name)?),
            None => None,
        };
        let id = self.hub().act(|world| match agent {
            Some(agent) => world.begin_outbound(offer.clone(), &agent),
            None => {
                let id = world.open_conversation(offer.clone(), "INBOUND")?;
                let task = chat_task(world, &id, queue, "INBOUND", offer.priority);
                world.enqueue(task);
                Some(id)
            }
        });
        let id = id.ok_or_else(|| ExpertflowError::Unknown("channel type", offer.channel_type.clone()))?;
        Ok(SimChat::new(self.clone(), id))
    }

    /// All chats so far, the oldest first.
    #[must_use]
    pub fn chats(&self) -> Vec<SimChat> {
        let ids = self.hub().read(|world| world.order.clone());
        ids.into_iter().map(|id| SimChat::new(self.clone(), id)).collect()
    }

    /// An agent's id.
    ///
    /// # Errors
    /// [`ExpertflowError::UnknownAgent`].
    pub fn agent_id(&self, username: &str) -> Result<String, ExpertflowError> {
        let found = self.hub().read(|world| world.agent_named(username).map(|agent| agent.profile.id.clone()));
        found.ok_or_else(|| ExpertflowError::UnknownAgent(username.to_owned()))
    }

    /// Everything that clients have sent over sockets.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.hub().heard()
    }

    /// Everybody who wanted a socket.
    #[must_use]
    pub fn handshakes(&self) -> Vec<Handshake> {
        self.hub().handshakes()
    }

    /// Open sockets.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.hub().socket_count()
    }

    /// When the last byte of the last long frame (64 KiB or more) was given to the network.
    #[must_use]
    pub fn long_frame_written(&self) -> Option<Moment> {
        self.hub().doors.long_written()
    }

    /// Text messages with codes that were sent, as usernames.
    #[must_use]
    pub fn codes_sent(&self) -> Vec<String> {
        self.hub().read(|world| world.codes_sent.clone())
    }

    /// A customer's document.
    #[must_use]
    pub fn customer(&self, id: &str) -> Option<Value> {
        self.hub().read(|world| world.customers.iter().find(|row| row["_id"] == id).cloned())
    }

    /// Stored files: name, type, bytes.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String, bytes::Bytes)> {
        self.hub().read(|world| {
            world.files.iter().map(|file| (file.name.clone(), file.kind.clone(), file.bytes.clone())).collect()
        })
    }

    /// Stores a file as if a customer had sent it; gives its `mediaUrl`.
    #[must_use]
    pub fn store_file(&self, name: &str, kind: &str, bytes: impl Into<bytes::Bytes>) -> String {
        let (bytes, ending) = (bytes.into(), name.rsplit_once('.').map_or("bin", |(_, ending)| ending));
        let stored = format!("{}.{ending}", new_id());
        self.hub().act(|world| {
            let file = super::world::StoredFile { name: stored.clone(), kind: kind.to_owned(), bytes };
            world.files.push(file);
        });
        format!("{}/file-engine/api/downloadFileStream?filename={stored}", self.base_url())
    }

    /// Waits until that gives something.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect<T>(
        &self,
        what: &str,
        within: Duration,
        look: impl Fn(&Self) -> Option<T>,
    ) -> Result<T, ExpertflowError> {
        let found = tokio::time::timeout(within, self.hub().until(|_| look(self))).await;
        found.map_err(|_| ExpertflowError::Expected {
            what: what.to_owned(),
            waited: within,
            seen: format!("heard {:?}", self.heard().iter().map(|heard| heard.name.clone()).collect::<Vec<_>>()),
        })
    }

    /// Waits until an agent's client has sent an event of that name; gives its argument.
    ///
    /// # Errors
    /// [`ExpertflowError::Expected`] when that does not happen in time.
    pub async fn expect_heard(&self, agent: &str, name: &str, within: Duration) -> Result<Value, ExpertflowError> {
        let look = |sim: &Self| {
            sim.heard().into_iter().find(|h| h.agent == agent && h.name == name).map(|heard| heard.payload)
        };
        self.expect(name, within, look).await
    }
}
