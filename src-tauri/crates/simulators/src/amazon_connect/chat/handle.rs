//! What the handle of the simulator can do with chats.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::contact::{Chat, OfferChat};
use super::sim_chat::SimChat;
use crate::amazon_connect::call::{Initiation, lock};
use crate::amazon_connect::error::SimError;
use crate::amazon_connect::faults::FrameFault;
use crate::amazon_connect::handle::AmazonConnectSim;

impl AmazonConnectSim {
    /// Address of the Participant Service, without a path; its calls are below
    /// `/participant/`. A client takes it instead of
    /// `https://participant.connect.REGION.amazonaws.com`.
    #[must_use]
    pub fn participant_url(&self) -> String {
        self.base_url()
    }

    /// A customer begins a chat; the contact is in the next snapshot.
    ///
    /// # Errors
    /// [`SimError::NotPossible`] when the agent is not routable or has its
    /// full number of chats, unless `force` is set.
    #[allow(clippy::unused_async, reason = "the handle's calls are all async")]
    pub async fn offer_chat(&self, offer: OfferChat) -> Result<SimChat, SimError> {
        let name = lock(&self.shared.world).agent(&offer.agent).map(|a| a.options.name.clone());
        let Some(name) = name else {
            return Err(SimError::UnknownAgent(offer.agent));
        };
        let chat = Chat::new(offer, &name);
        let handle = self.sim_chat(chat.clone());
        let conversation = &chat.conversation;
        conversation.change(|talk| conversation.join(&self.shared, talk, &conversation.customer_id));
        if let Some(words) = &chat.offer.first_words {
            handle.say(words)?;
        }
        self.shared.act(|world| world.offer_chat(&chat)).map_err(SimError::from)?;
        Ok(handle)
    }

    /// Every chat contact so far, oldest first.
    #[must_use]
    pub fn chats(&self) -> Vec<SimChat> {
        let chats = self.shared.chats.borrow().clone();
        chats.into_iter().map(|c| self.sim_chat(c)).collect()
    }

    fn sim_chat(&self, chat: Arc<Chat>) -> SimChat {
        SimChat { chat, shared: self.shared.clone() }
    }

    /// Waits for the next chat that another agent transfers to this one, from
    /// the first not yet returned by this function.
    ///
    /// # Errors
    /// [`SimError::Expected`] when none comes in time.
    pub async fn expect_transferred_chat(&self, agent: &str, timeout: Duration) -> Result<SimChat, SimError> {
        let mut chats = self.shared.chats.subscribe();
        let transferred = |c: &Chat| matches!(c.initiation, Initiation::Transfer | Initiation::QueueTransfer);
        let found =
            |all: &Vec<Arc<Chat>>| all.iter().find(|c| c.agent == agent && transferred(c) && c.claim()).cloned();
        let wait = async {
            loop {
                let next = found(&chats.borrow_and_update());
                if let Some(chat) = next {
                    return Some(chat);
                }
                chats.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(timeout, wait).await {
            Ok(Some(chat)) => Ok(self.sim_chat(chat)),
            _ => Err(SimError::Expected {
                what: "a transferred chat".to_owned(),
                waited: timeout,
                seen: "there was none".to_owned(),
            }),
        }
    }

    /// Waits until an agent's socket has subscribed to a topic, as `aws/chat`.
    ///
    /// # Errors
    /// [`SimError::Expected`] when that does not happen in time.
    pub async fn expect_topic(&self, agent: &str, topic: &str, timeout: Duration) -> Result<(), SimError> {
        let done = || lock(&self.shared.sockets).subscribed(agent, topic);
        self.shared
            .expect(&format!("a subscription to {topic}"), timeout, done, || {
                format!("{} sockets are open", self.sockets(agent))
            })
            .await
    }

    // Faults. Calls of the Participant Service are named in
    // [`AmazonConnectSim::fail_next`] as in its reference (`SendMessage`);
    // the store of attachments has `UploadAttachment` and
    // `DownloadAttachment`.

    /// The next `times` frames of `aws/chat` to an agent get the fault.
    pub fn fail_next_frames(&self, fault: FrameFault, times: usize) {
        lock(&self.shared.faults).frames.push(("aws/chat".to_owned(), fault, times));
    }

    /// Every connection token becomes invalid (403); CreateTransport
    /// `chat_token` gives a new one.
    pub fn expire_chat_tokens(&self) {
        for token in &mut lock(&self.shared.sessions).chat_tokens {
            token.expires = Instant::now();
        }
    }

    /// Closes an agent's WebSockets in order, with that close code.
    pub fn close_sockets(&self, agent: &str, code: u16) {
        lock(&self.shared.sockets).close_agent(agent, code);
    }

    /// Serves the vendor's own libraries and a page that signs in with them
    /// and follows orders about chats; see
    /// [`AmazonConnectSim::host_vendor_client`]. `chatjs` is the unmodified
    /// file `dist/amazon-connect-chat.js` of npm amazon-connect-chatjs.
    /// The page reaches the Participant Service as `http://localhost`, another
    /// origin than its own.
    #[must_use]
    pub fn host_vendor_chat(&self, streams: Vec<u8>, chatjs: Vec<u8>, agent: &str) -> String {
        // Hosts the library, its worker and the page for voice too.
        let _ = self.host_vendor_client(streams, agent, false);
        self.host_page("/vendor/connect-chat.js", "text/javascript", chatjs);
        self.host_page("/vendor/orders.json", "application/json", b"[]".as_slice());
        self.host_page(
            "/vendor/chat.html",
            "text/html; charset=utf-8",
            include_bytes!("../../../resources/vendor/chat.html").as_slice(),
        );
        format!("{}/vendor/chat.html?token={}", self.base_url(), self.token(agent))
    }
}
