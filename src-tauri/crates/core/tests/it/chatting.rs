//! A panel without a window, whose program can be killed, and a platform that
//! outlives it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::config::{account, config};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use trunkline_core::{Core, CoreConfig, SubjectKey};
use trunkline_desk::{ConversationView, DeskSnapshot, OutgoingItem, OutgoingState};
use trunkline_model::{
    AuthorRole, ContactId, ContactKey, ContactState, ConversationState, LinkState, Message, MessageBody,
};
use trunkline_rpc::{RpcError, Window};
use trunkline_simulators::amazon_connect::{AmazonConnectSim, OfferChat, SimChat, SimOptions};
use trunkline_testkit::FakeLogin;

pub const SOON: Duration = Duration::from_secs(20);
pub const AGENT: &str = "agent.one";

/// One run of the program: all its tasks live on a runtime of its own, and die with it.
struct Run {
    runtime: Runtime,
    core: Core,
}

pub struct Panel {
    run: Option<Run>,
    pub sim: AmazonConnectSim,
    settings: Value,
    folder: tempfile::TempDir,
    /// What login windows answer.
    pub login: FakeLogin,
}

impl Panel {
    pub async fn open() -> Self {
        Self::with(AmazonConnectSim::start(SimOptions::default()).await.unwrap(), json!({})).await
    }

    /// `settings`: of the account, beside its address.
    pub async fn with(sim: AmazonConnectSim, mut settings: Value) -> Self {
        settings["address"] = json!(sim.base_url());
        let folder = tempfile::tempdir().unwrap();
        let mut panel = Self { run: None, sim, settings, folder, login: FakeLogin::new() };
        panel.start().await;
        panel
    }

    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    fn config(&self) -> CoreConfig {
        CoreConfig {
            preset_accounts: vec![account(&self.settings, self.sim.new_token(AGENT))],
            login: Arc::new(self.login.clone()),
            ..config(self.root())
        }
    }

    /// Starts the program and waits until the agent is signed in.
    pub async fn start(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let core = runtime.spawn(Core::start(self.config())).await.unwrap().unwrap();
        self.run = Some(Run { runtime, core });
        self.until("the account to be online", |desk| {
            desk.accounts.iter().any(|account| account.link.state == LinkState::Online && account.agent.is_some())
        })
        .await;
    }

    /// Notes are kept a moment later than they are shown: nobody waits for them.
    pub async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    /// Ends the program as SIGKILL would: nothing is said to anybody, no task
    /// gets as far as its next step.
    pub async fn kill(&mut self) {
        let Run { runtime, core } = self.run.take().unwrap();
        drop(core);
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5))).await.unwrap();
    }

    fn inside<F: Future<Output: Send> + Send + 'static>(
        &self,
        work: impl FnOnce(Core) -> F,
    ) -> tokio::task::JoinHandle<F::Output> {
        let run = self.run.as_ref().expect("the program runs");
        run.runtime.spawn(work(run.core.clone()))
    }

    pub async fn call(&self, name: &'static str, payload: Value) -> Result<Value, RpcError> {
        self.inside(move |core| async move { core.router().call(Window::Panel, name, payload).await }).await.unwrap()
    }

    pub fn desk(&self) -> DeskSnapshot {
        self.run.as_ref().expect("the program runs").core.snapshot()
    }

    /// As the shell listens.
    pub fn shell_events(&self) -> tokio::sync::broadcast::Receiver<trunkline_core::ShellEvent> {
        self.run.as_ref().expect("the program runs").core.shell_events()
    }

    /// As a window listens.
    pub fn subscribe(&self) -> trunkline_core::PushStream {
        self.run.as_ref().expect("the program runs").core.subscribe()
    }

    /// The shell's word that no browser could be started.
    pub fn page_not_opened(&self, contact: &ContactKey, page: &str) {
        let subject = SubjectKey::Contact(contact.clone());
        self.run.as_ref().expect("the program runs").core.page_not_opened(&subject, page);
    }

    pub async fn until(&self, what: &str, mut wanted: impl FnMut(&DeskSnapshot) -> bool) -> DeskSnapshot {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let desk = self.desk();
            if wanted(&desk) {
                return desk;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "waited in vain for {what}: contacts {:?}, conversations {:?}, {} messages, notices {:?}",
                desk.contacts.iter().map(|view| &view.contact.state).collect::<Vec<_>>(),
                desk.conversations,
                desk.messages.len(),
                desk.notices
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn until_sim(&self, what: &str, wanted: impl Fn(&AmazonConnectSim) -> bool) {
        let deadline = tokio::time::Instant::now() + SOON;
        while !wanted(&self.sim) {
            assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Offers a chat, takes it, and waits until one can write.
    pub async fn chat(&self) -> (SimChat, Talk) {
        self.chat_of(OfferChat::to(AGENT)).await
    }

    pub async fn chat_of(&self, offer: OfferChat) -> (SimChat, Talk) {
        let chat = self.sim.offer_chat(offer).await.unwrap();
        let talk = Talk::of(&chat);
        self.until("the offer", |desk| talk.state(desk) == Some(ContactState::Offered)).await;
        self.call("contact_accept", json!({"contact": talk.key})).await.expect("accepting");
        self.until("the open conversation", |desk| talk.is_open(desk)).await;
        (chat, talk)
    }

    pub async fn send(&self, talk: &Talk, text: &str) -> Result<String, RpcError> {
        let sent = self.call("conversation_send", json!({"contact": talk.key, "text": text, "markdown": false})).await;
        sent.map(|sent| sent["token"].as_str().unwrap().to_owned())
    }

    pub async fn send_file(&self, talk: &Talk, name: &str, bytes: &[u8]) -> Result<String, RpcError> {
        use base64::Engine as _;
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        let file = json!({"contact": talk.key, "name": name, "content_type": "application/pdf", "base64": base64});
        let sent = self.call("conversation_send_file", file).await;
        sent.map(|sent| sent["token"].as_str().unwrap().to_owned())
    }

    pub async fn on_outgoing(&self, name: &'static str, talk: &Talk, token: &str) -> Result<Value, RpcError> {
        self.call(name, json!({"contact": talk.key, "token": token})).await
    }

    pub async fn on_attachment(&self, name: &'static str, talk: &Talk, attachment: &str) -> Result<Value, RpcError> {
        self.call(name, json!({"contact": talk.key, "attachment": attachment})).await
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        if let Some(run) = self.run.take() {
            drop(run.core);
            run.runtime.shutdown_background();
        }
    }
}

/// Where one chat is found in the desk.
pub struct Talk {
    pub key: ContactKey,
}

impl Talk {
    pub fn of(chat: &SimChat) -> Self {
        Self { key: ContactKey::new("one".into(), ContactId::from(chat.contact_id())) }
    }

    pub fn state(&self, desk: &DeskSnapshot) -> Option<ContactState> {
        desk.contacts.iter().find(|view| view.key == self.key).map(|view| view.contact.state.clone())
    }

    pub fn view<'a>(&self, desk: &'a DeskSnapshot) -> Option<&'a ConversationView> {
        desk.conversations.iter().find(|view| view.key == self.key)
    }

    pub fn is_open(&self, desk: &DeskSnapshot) -> bool {
        self.view(desk).is_some_and(|view| view.conversation.state == ConversationState::Open)
    }

    pub fn messages<'a>(&self, desk: &'a DeskSnapshot) -> Vec<&'a Message> {
        let own = desk.messages.iter().filter(|placed| placed.contact == self.key);
        own.map(|placed| &placed.message).collect()
    }

    pub fn message<'a>(&self, desk: &'a DeskSnapshot, id: &str) -> Option<&'a Message> {
        self.messages(desk).into_iter().find(|message| message.id.as_str() == id)
    }

    /// Words as they stand: role and text.
    pub fn words(&self, desk: &DeskSnapshot) -> Vec<(AuthorRole, String)> {
        let words = self.messages(desk).into_iter().filter_map(|message| match &message.body {
            MessageBody::Text { text } | MessageBody::Markdown { text } => Some((message.author.role, text.clone())),
            _ => None,
        });
        words.collect()
    }

    pub fn texts(&self, desk: &DeskSnapshot, role: AuthorRole) -> Vec<String> {
        self.words(desk).into_iter().filter(|(author, _)| *author == role).map(|(_, text)| text).collect()
    }

    /// Unsent words and names of files, with what keeps them.
    pub fn unsent(&self, desk: &DeskSnapshot) -> Vec<(String, OutgoingState)> {
        let outgoing = self.view(desk).map(|view| view.outgoing.clone()).unwrap_or_default();
        let shown = outgoing.into_iter().map(|item| match item.item {
            OutgoingItem::Text { text, .. } => (text, item.state),
            OutgoingItem::File { name, .. } => (name, item.state),
            OutgoingItem::Place { place } => (format!("{} {}", place.latitude, place.longitude), item.state),
            OutgoingItem::Cards { cards } => (cards[0].name.clone(), item.state),
        });
        shown.collect()
    }

    pub fn all_sent(&self, desk: &DeskSnapshot) -> bool {
        self.view(desk).is_some_and(|view| view.outgoing.is_empty())
    }
}

/// What the customer got from the agent, in order.
pub fn received(chat: &SimChat) -> Vec<String> {
    chat.agent_messages().into_iter().map(|message| message.content).collect()
}

/// Different names of requests that the customer's side has seen: one a message.
pub fn tokens(chat: &SimChat) -> usize {
    let tokens: std::collections::BTreeSet<_> =
        chat.agent_messages().into_iter().filter_map(|message| message.client_token).collect();
    tokens.len()
}
