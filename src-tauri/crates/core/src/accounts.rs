//! The accounts at work: one connector task each, restarted when it crashes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use trunkline_connector::ports::{LoginWindow, MediaPort, Progress, WallClock};
use trunkline_connector::{
    AccountSettings, BuildError, Capability, Command, CommandCode, CommandError, CommandRequest, Context, Ended,
    EndpointList, Envelope, Event, EventSink, FetchedFile, Lookup, Registration, Registry,
};
use trunkline_desk::{AccountView, Input};
use trunkline_model::{
    AccountId, AgentStateKind, CommandId, ContactId, Link, LinkState, PlatformId, TaskTemplate, TaskTemplateEntry,
    TaskTemplateId,
};
use trunkline_net::Network;
use trunkline_store::AccountRecord;
use trunkline_vault::Vault;

use crate::desk::SharedDesk;

/// How long a command may take before the agent is told. Amazon's own client
/// waits up to 120 s; an agent will not.
pub(crate) const COMMAND_DEADLINE: Duration = Duration::from_secs(10);
/// For going offline when the program quits.
const OFFLINE_DEADLINE: Duration = Duration::from_secs(2);
/// A connector that crashed is started again after this, doubling up to a minute.
const RESTART_BASE: Duration = Duration::from_secs(1);
const RESTART_CAP: Duration = Duration::from_secs(60);
/// Commands waiting for one connector.
const COMMAND_QUEUE: usize = 64;

/// Every connector this program has, in the order shown.
pub fn registry() -> Registry {
    Registry::new([
        trunkline_amazon_connect::registration(),
        trunkline_expertflow::registration(),
        trunkline_olos::registration(),
        trunkline_twin24::registration(),
    ])
}

/// What connectors share.
pub(crate) struct Surroundings {
    pub(crate) desk: Arc<SharedDesk>,
    pub(crate) network: Network,
    pub(crate) vault: Vault,
    pub(crate) media: Arc<dyn MediaPort>,
    pub(crate) login: Arc<dyn LoginWindow>,
    pub(crate) clock: Arc<dyn WallClock>,
    pub(crate) events: mpsc::Sender<Envelope>,
}

pub(crate) struct Accounts {
    registry: Registry,
    surroundings: Surroundings,
    running: Mutex<BTreeMap<AccountId, Running>>,
}

/// A capability as the desk names it.
fn name(capability: Capability) -> String {
    // A word of the enumeration is always text.
    serde_json::to_value(capability).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}

/// The account's platform can do this.
pub(crate) fn can(view: &AccountView, capability: Capability) -> bool {
    view.capabilities.contains(&name(capability))
}

struct Running {
    record: AccountRecord,
    commands: mpsc::Sender<CommandRequest>,
    lookups: mpsc::Sender<Lookup>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Accounts {
    pub(crate) fn new(surroundings: Surroundings) -> Self {
        Self { registry: registry(), surroundings, running: Mutex::default() }
    }

    /// For requests that belong to no account: its cookies are nobody's.
    pub(crate) fn http(&self) -> Arc<dyn trunkline_connector::ports::Http> {
        self.surroundings.network.http()
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<AccountId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Checks settings without starting anything.
    pub(crate) fn check(&self, record: &AccountRecord) -> Result<(), BuildError> {
        self.registration(record)?;
        self.build(record).map(drop)
    }

    fn registration(&self, record: &AccountRecord) -> Result<Registration, BuildError> {
        self.registry.find(&record.platform).ok_or_else(|| BuildError {
            field: "platform".to_owned(),
            problem: format!("no connector {}", record.platform),
            message_key: "error_unknown_platform".to_owned(),
        })
    }

    fn build(&self, record: &AccountRecord) -> Result<Box<dyn trunkline_connector::Connector>, BuildError> {
        (self.registration(record)?.build)(&record.settings)
    }

    /// Shows the account on the desk and starts its connector.
    pub(crate) async fn start(&self, record: AccountRecord, order: u32) {
        let Some(registration) = self.registry.find(&record.platform) else {
            tracing::error!(platform = %record.platform, "account of an unknown platform");
            return;
        };
        let descriptor = (registration.descriptor)();
        let capabilities = descriptor.capabilities.iter().map(|capability| name(*capability)).collect();
        self.surroundings.desk.apply(Input::AccountAdded {
            id: record.id.clone(),
            platform: record.platform.clone(),
            platform_name: descriptor.name.to_owned(),
            name: record.name.clone(),
            order,
            capabilities,
        });
        self.restart(record).await;
    }

    /// Stops the account's connector if it runs, and starts it anew.
    pub(crate) async fn restart(&self, record: AccountRecord) {
        self.stop(&record.id).await;
        let (commands, receiver) = mpsc::channel(COMMAND_QUEUE);
        let (lookups, questions) = mpsc::channel(COMMAND_QUEUE);
        let cancel = CancellationToken::new();
        // An error's span, so that every entry names its account, whatever level is written.
        let span = tracing::error_span!("account", account = %record.id, platform = %record.platform);
        let supervised = Supervised {
            build: self.registry.find(&record.platform).map(|registration| registration.build),
            desk: Arc::clone(&self.surroundings.desk),
            network: self.surroundings.network.clone(),
            vault: self.surroundings.vault.clone(),
            media: Arc::clone(&self.surroundings.media),
            login: Arc::clone(&self.surroundings.login),
            clock: Arc::clone(&self.surroundings.clock),
            events: self.surroundings.events.clone(),
            record: record.clone(),
            cancel: cancel.clone(),
        };
        let task = tokio::spawn(supervised.run(receiver, questions).instrument(span));
        self.running().insert(record.id.clone(), Running { record, commands, lookups, cancel, task });
    }

    /// Ends the account's connector and waits for it.
    pub(crate) async fn stop(&self, account: &AccountId) {
        let Some(running) = self.running().remove(account) else { return };
        running.cancel.cancel();
        // A connector returns within a second of its cancellation; one that does not is dropped.
        let abort = running.task.abort_handle();
        if tokio::time::timeout(Duration::from_secs(2), running.task).await.is_err() {
            tracing::error!(%account, "connector did not end when told");
            abort.abort();
        }
    }

    pub(crate) async fn stop_all(&self) {
        let accounts: Vec<_> = self.running().keys().cloned().collect();
        for account in accounts {
            self.stop(&account).await;
        }
    }

    /// Platform and settings of an account that runs.
    pub(crate) fn settings_of(&self, account: &AccountId) -> Option<(PlatformId, AccountSettings)> {
        let running = self.running();
        let record = &running.get(account)?.record;
        Some((record.platform.clone(), record.settings.clone()))
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn command(
        &self,
        account: &AccountId,
        id: CommandId,
        command: Command,
        limit: Duration,
    ) -> Result<(), CommandError> {
        let commands = self.running().get(account).map(|running| running.commands.clone());
        let Some(commands) = commands else {
            return Err(CommandError::new(CommandCode::NotSignedIn, "the account is not running"));
        };
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + limit;
        let request = CommandRequest { id, deadline, command, reply };
        let sent = tokio::time::timeout_at(deadline, commands.send(request)).await;
        match sent {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(CommandError::new(CommandCode::NotSignedIn, "the account has signed out")),
            Err(_) => return Err(CommandError::new(CommandCode::Timeout, "the connector takes no commands")),
        }
        // The connector watches the deadline itself; the second on top is for its answer to arrive.
        match tokio::time::timeout_at(deadline + Duration::from_secs(1), answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(CommandError::new(CommandCode::Cancelled, "the account was stopped")),
            Err(_) => Err(CommandError::new(CommandCode::Timeout, "no answer from the connector")),
        }
    }

    /// Reads the account's directory.
    pub(crate) async fn endpoints(
        &self,
        account: &AccountId,
        contact: Option<ContactId>,
        limit: Duration,
    ) -> Result<EndpointList, CommandError> {
        self.look_up(account, limit, |deadline, reply| Lookup::Endpoints { contact, deadline, reply }).await
    }

    /// Reads the templates that tasks can be made from.
    pub(crate) async fn task_templates(&self, account: &AccountId) -> Result<Vec<TaskTemplateEntry>, CommandError> {
        self.look_up(account, COMMAND_DEADLINE, |deadline, reply| Lookup::TaskTemplates { deadline, reply }).await
    }

    /// Reads one of them.
    pub(crate) async fn task_template(
        &self,
        account: &AccountId,
        id: TaskTemplateId,
    ) -> Result<TaskTemplate, CommandError> {
        self.look_up(account, COMMAND_DEADLINE, |deadline, reply| Lookup::TaskTemplate { id, deadline, reply }).await
    }

    /// Asks the account's connector and waits for the answer.
    pub(crate) async fn look_up<T>(
        &self,
        account: &AccountId,
        limit: Duration,
        question: impl FnOnce(Instant, oneshot::Sender<Result<T, CommandError>>) -> Lookup,
    ) -> Result<T, CommandError> {
        let lookups = self.running().get(account).map(|running| running.lookups.clone());
        let Some(lookups) = lookups else {
            return Err(CommandError::new(CommandCode::NotSignedIn, "the account is not running"));
        };
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + limit;
        match tokio::time::timeout_at(deadline, lookups.send(question(deadline, reply))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(CommandError::new(CommandCode::NotSignedIn, "the account has signed out")),
            Err(_) => return Err(CommandError::new(CommandCode::Timeout, "the connector takes no lookups")),
        }
        match tokio::time::timeout_at(deadline + Duration::from_secs(1), answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(CommandError::new(CommandCode::Cancelled, "the account was stopped")),
            Err(_) => Err(CommandError::new(CommandCode::Timeout, "no answer from the connector")),
        }
    }

    /// Fetches a file out of a conversation. Dropped, it is given up.
    pub(crate) async fn attachment(
        &self,
        account: &AccountId,
        contact: &ContactId,
        attachment: &str,
        progress: Progress,
        limit: Duration,
    ) -> Result<FetchedFile, CommandError> {
        let (contact, attachment) = (contact.clone(), attachment.to_owned());
        self.look_up(account, limit, |deadline, reply| Lookup::Attachment {
            contact,
            attachment,
            progress,
            deadline,
            reply,
        })
        .await
    }

    /// The connector has ended (signed out, refused) but the account is there.
    /// `leaving`: it has said that it does, and takes no more commands.
    pub(crate) fn has_ended(&self, account: &AccountId, leaving: bool) -> Option<AccountRecord> {
        let running = self.running();
        let running = running.get(account)?;
        (leaving || running.commands.is_closed() || running.task.is_finished()).then(|| running.record.clone())
    }

    /// Before quitting: no more contacts for anybody.
    pub(crate) async fn go_offline(&self) {
        let accounts = self.surroundings.desk.snapshot().accounts;
        let offline = accounts.into_iter().filter_map(|account| {
            let agent = account.agent?;
            if !matches!(account.link.state, LinkState::Online | LinkState::Degraded)
                || agent.state.kind == AgentStateKind::Offline
            {
                return None;
            }
            let state = agent.selectable_states.into_iter().find(|state| state.kind == AgentStateKind::Offline)?;
            Some((account.id, state.id?))
        });
        let mut waiting = Vec::new();
        for (account, state) in offline {
            let command = Command::SetAgentState { state, when_free: true };
            waiting.push(async move {
                let id = new_command_id();
                if let Err(error) = self.command(&account, id, command, OFFLINE_DEADLINE).await {
                    tracing::warn!(%account, code = ?error.code, "agent could not be put offline before quitting");
                }
            });
        }
        futures_util::future::join_all(waiting).await;
    }
}

pub(crate) fn new_command_id() -> CommandId {
    CommandId::new(uuid::Uuid::now_v7().to_string())
}

/// How a connector is made from an account's settings.
type Build = fn(&trunkline_connector::AccountSettings) -> Result<Box<dyn trunkline_connector::Connector>, BuildError>;

/// One account's connector with what it takes to start it again.
struct Supervised {
    build: Option<Build>,
    desk: Arc<SharedDesk>,
    network: Network,
    vault: Vault,
    media: Arc<dyn MediaPort>,
    login: Arc<dyn LoginWindow>,
    clock: Arc<dyn WallClock>,
    events: mpsc::Sender<Envelope>,
    record: AccountRecord,
    cancel: CancellationToken,
}

impl Supervised {
    /// Runs the connector; a crash (a bug of ours) costs a second, not the shift.
    async fn run(self, mut outer: mpsc::Receiver<CommandRequest>, mut questions: mpsc::Receiver<Lookup>) {
        let mut pause = RESTART_BASE;
        loop {
            let (to_connector, from_core) = mpsc::channel(COMMAND_QUEUE);
            let (to_answer, asked) = mpsc::channel(COMMAND_QUEUE);
            let connector = match self.build.map(|build| build(&self.record.settings)) {
                Some(Ok(connector)) => connector,
                Some(Err(error)) => {
                    tracing::warn!(%error, "account settings cannot be used");
                    self.link(LinkState::Refused, &error.message_key);
                    return;
                }
                None => return,
            };
            let context = self.context(from_core, asked);
            let mut task = tokio::spawn(connector.run(context).instrument(tracing::Span::current()));
            // Commands pass through us, so that they outlive a crash of the connector.
            let ended = loop {
                tokio::select! {
                    ended = &mut task => break ended,
                    request = outer.recv() => match request {
                        Some(request) => { let _ = to_connector.send(request).await; }
                        None => { self.cancel.cancel(); }
                    },
                    // Dropped when the connector is gone: whoever asked is told so.
                    Some(lookup) = questions.recv() => { let _ = to_answer.send(lookup).await; }
                }
            };
            match ended {
                Ok(Ended::Cancelled) => return,
                Ok(Ended::SignedOut) => return self.link(LinkState::SignedOut, "link_reason_signed_out"),
                Ok(Ended::Refused(reason) | Ended::BadSettings(reason)) => {
                    return self.link(LinkState::Refused, &reason);
                }
                Err(error) => {
                    tracing::error!(panicked = error.is_panic(), "connector crashed; starting it again");
                    self.link(LinkState::Offline, "link_reason_internal");
                }
            }
            tokio::select! {
                () = self.cancel.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(RESTART_CAP);
        }
    }

    fn context(&self, commands: mpsc::Receiver<CommandRequest>, lookups: mpsc::Receiver<Lookup>) -> Context {
        Context {
            account: self.record.id.clone(),
            settings: self.record.settings.clone(),
            commands,
            lookups,
            events: EventSink::new(self.record.id.clone(), self.events.clone()),
            http: self.network.http(),
            websocket: self.network.websocket(),
            centrifugo: self.network.centrifugo(),
            vault: self.vault.account(&self.record.id),
            media: Arc::clone(&self.media),
            login: Arc::clone(&self.login),
            programs: Arc::new(crate::programs::SystemPrograms),
            clock: Arc::clone(&self.clock),
            cancel: self.cancel.child_token(),
            span: tracing::Span::current(),
        }
    }

    fn link(&self, state: LinkState, reason: &str) {
        let link = Link { state, reason: Some(reason.to_owned()), since: self.clock.now(), retry_at: None };
        self.desk.apply(Input::Connector(Envelope { account: self.record.id.clone(), event: Event::Link(link) }));
    }
}
