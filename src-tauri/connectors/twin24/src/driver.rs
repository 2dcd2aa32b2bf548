//! Tasks, the link to the live events and timers around the [`Session`]. No decisions
//! are made here. Events and answers go to the desk through a task of their own, in one
//! order, so that a slow desk holds up no ping.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use trunkline_connector::driving::{Told, Waiting, tell};
use trunkline_connector::ports::{
    AccountVault, Centrifugo, CentrifugoConfig, CentrifugoEvent, CentrifugoLink, Http, HttpFailure, HttpResponse,
    Secret, WallClock,
};
use trunkline_connector::{CommandError, CommandRequest, Context, Ended, Lookup, asked};
use trunkline_model::CommandId;

use crate::PASSWORD;
use crate::session::{Action, Ask, Found, Input, Now, Session};
use crate::settings::{Twin24Settings, ms};

/// For removing secrets on signing out.
const FORGETTING: Duration = Duration::from_secs(2);
/// For the last events: `run` must return within a second.
const FAREWELL: Duration = Duration::from_millis(300);
/// How soon something stops that nobody waits for any more.
const GIVEN_UP_EVERY: Duration = Duration::from_millis(250);
/// For opening the socket of the live events, and for each answer on it.
const LIVE_LIMIT: Duration = Duration::from_secs(5);

/// Runs a session until it ends.
pub async fn run(settings: Twin24Settings, context: Context) -> Ended {
    let Context { mut commands, mut lookups, events, http, centrifugo, vault, clock, cancel, .. } = context;
    let session = match Session::new(settings.clone(), || uuid::Uuid::new_v4().to_string()) {
        Ok(session) => session,
        Err(error) => return Ended::BadSettings(error.message_key),
    };
    let (inputs, mut results) = mpsc::channel(64);
    let (told, telling) = mpsc::unbounded_channel();
    let teller = tokio::spawn(tell(events, telling, cancel.clone()));
    let mut driver = Driver {
        settings,
        session,
        told,
        http,
        centrifugo,
        vault,
        clock,
        inputs,
        tasks: JoinSet::new(),
        exchanges: BTreeMap::new(),
        live: None,
        replies: Vec::new(),
        asks: BTreeMap::new(),
        next_ask: 0,
        look_again: None,
    };
    driver.apply(Input::Begin);
    let ended = loop {
        if let Some(ended) = driver.perform().await {
            break ended;
        }
        let deadline = driver.session.deadline().map(Instant::from_std).into_iter().chain(driver.look_again).min();
        let timer = async {
            match deadline {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => break Ended::Cancelled,
            request = commands.recv() => match request {
                Some(request) => driver.take_command(request),
                None => break Ended::Cancelled,
            },
            Some(lookup) = lookups.recv() => driver.take_lookup(lookup),
            Some(result) = results.recv() => driver.take_result(result),
            event = next(&mut driver.live) => driver.apply(Input::Live(event)),
            () = timer => driver.on_timer(),
        }
        while let Some(Ok(())) = driver.tasks.try_join_next() {}
    };
    drop(driver);
    // What was told last is still on its way.
    let _ = timeout(FAREWELL, teller).await;
    ended
}

/// What a task came back with.
enum Outcome {
    Password(Option<Secret>),
    Answer(u64, Result<HttpResponse, HttpFailure>),
}

/// The next of the live events; never, while there is no link.
async fn next(live: &mut Option<Box<dyn CentrifugoLink>>) -> CentrifugoEvent {
    match live {
        Some(live) => live.next().await,
        None => pending().await,
    }
}

struct Driver {
    settings: Twin24Settings,
    session: Session,
    told: mpsc::UnboundedSender<Told>,
    http: Arc<dyn Http>,
    centrifugo: Arc<dyn Centrifugo>,
    vault: Arc<dyn AccountVault>,
    clock: Arc<dyn WallClock>,
    inputs: mpsc::Sender<Outcome>,
    tasks: JoinSet<()>,
    exchanges: BTreeMap<u64, AbortHandle>,
    live: Option<Box<dyn CentrifugoLink>>,
    replies: Vec<(CommandId, oneshot::Sender<Result<(), CommandError>>)>,
    asks: BTreeMap<u64, Box<dyn Waiting<Found>>>,
    next_ask: u64,
    /// When it is looked who still waits.
    look_again: Option<Instant>,
}

impl Driver {
    fn apply(&mut self, input: Input) {
        let now = Now { at: Instant::now().into_std(), wall: self.clock.now() };
        self.session.apply(input, now);
    }

    fn take_command(&mut self, request: CommandRequest) {
        let CommandRequest { id, deadline, command, reply } = request;
        self.replies.push((id.clone(), reply));
        self.look_again.get_or_insert(Instant::now() + GIVEN_UP_EVERY);
        self.apply(Input::Command(id, deadline.into_std(), command));
    }

    fn take_lookup(&mut self, lookup: Lookup) {
        let (asked, deadline, ask): (Box<dyn Waiting<Found>>, _, _) = match lookup {
            Lookup::Endpoints { deadline, reply, .. } => {
                (asked!(reply, Found::Endpoints(list) => list), deadline, Ask::Endpoints)
            }
            Lookup::Attachment { contact, attachment, progress, deadline, reply } => {
                (asked!(reply, Found::File(file) => file), deadline, Ask::File(contact, attachment, progress))
            }
            Lookup::Archive { words, page, deadline, reply } => {
                (asked!(reply, Found::Archive(page) => page), deadline, Ask::Archive(words, page))
            }
            Lookup::ArchivedMessages { contact, page, deadline, reply } => {
                (asked!(reply, Found::Archived(page) => page), deadline, Ask::Archived(contact, page))
            }
            // Dropped, they are answered so: the platform has none of it.
            Lookup::TaskTemplates { .. }
            | Lookup::TaskTemplate { .. }
            | Lookup::Supervision { .. }
            | Lookup::Customer { .. }
            | Lookup::FindCustomers { .. }
            | Lookup::PastConversations { .. }
            | Lookup::CannedMessages { .. } => return,
        };
        let id = self.next_ask;
        self.next_ask += 1;
        self.asks.insert(id, asked);
        self.look_again.get_or_insert(Instant::now() + GIVEN_UP_EVERY);
        self.apply(Input::Ask(id, deadline.into_std(), ask));
    }

    fn on_timer(&mut self) {
        if self.look_again.is_some_and(|at| at <= Instant::now()) {
            let given_up: Vec<CommandId> =
                self.replies.iter().filter(|(_, reply)| reply.is_closed()).map(|(id, _)| id.clone()).collect();
            self.replies.retain(|(_, reply)| !reply.is_closed());
            for id in given_up {
                self.apply(Input::CommandGivenUp(id));
            }
            let given_up: Vec<u64> = self.asks.iter().filter(|(_, ask)| ask.is_closed()).map(|(id, _)| *id).collect();
            for id in given_up {
                self.asks.remove(&id);
                self.apply(Input::AskGivenUp(id));
            }
            let waits = !self.replies.is_empty() || !self.asks.is_empty();
            self.look_again = waits.then(|| Instant::now() + GIVEN_UP_EVERY);
        }
        self.apply(Input::Tick);
    }

    fn take_result(&mut self, result: Outcome) {
        let input = match result {
            Outcome::Password(password) => Input::Password(password),
            Outcome::Answer(call, answer) => {
                self.exchanges.remove(&call);
                Input::Answer(call, answer)
            }
        };
        self.apply(input);
    }

    /// Carries out what the session wants, until it wants nothing or has ended.
    async fn perform(&mut self) -> Option<Ended> {
        while let Some(action) = self.session.poll() {
            match action {
                Action::ReadPassword => {
                    let (vault, inputs) = (self.vault.clone(), self.inputs.clone());
                    self.tasks.spawn(async move {
                        let password = vault.get(PASSWORD).await.unwrap_or_else(|error| {
                            tracing::warn!(%error, "the password could not be read");
                            None
                        });
                        let _ = inputs.send(Outcome::Password(password)).await;
                    });
                }
                Action::Http(call, request) => {
                    let (http, inputs) = (self.http.clone(), self.inputs.clone());
                    let task = self.tasks.spawn(async move {
                        let answer = http.send(*request).await;
                        let _ = inputs.send(Outcome::Answer(call, answer)).await;
                    });
                    self.exchanges.insert(call, task);
                }
                Action::Abort(call) => {
                    if let Some(task) = self.exchanges.remove(&call) {
                        task.abort();
                    }
                }
                Action::Connect(data) => self.connect(data),
                Action::NextData(data) => {
                    if let Some(live) = &mut self.live {
                        live.set_data(data);
                    }
                }
                Action::Disconnect => self.live = None,
                Action::Emit(event) => {
                    if self.told.send(Told::Event(event)).is_err() {
                        return Some(Ended::Cancelled);
                    }
                }
                Action::Reply(id, answer) => {
                    let replies = std::mem::take(&mut self.replies);
                    for (waiting, reply) in replies {
                        if waiting == id {
                            let _ = self.told.send(Told::Reply(reply, answer.clone()));
                        } else {
                            self.replies.push((waiting, reply));
                        }
                    }
                }
                Action::Answered(id, answer) => {
                    if let Some(asked) = self.asks.remove(&id) {
                        asked.answer(answer);
                    }
                }
                Action::Forget => self.forget().await,
                Action::End(ended) => return Some(ended),
            }
        }
        None
    }

    fn connect(&mut self, data: Secret) {
        if let Some(live) = &mut self.live {
            live.set_data(data);
            return live.connect();
        }
        let settings = &self.settings;
        let mut headers = HeaderMap::new();
        if let Some(origin) = settings.origin.as_deref().and_then(|origin| HeaderValue::from_str(origin).ok()) {
            headers.insert(http::header::ORIGIN, origin);
        }
        let Ok(addresses) = settings.addresses() else { return };
        let config = CentrifugoConfig {
            url: addresses.events,
            data,
            name: "trunkline".to_owned(),
            headers,
            timeout: LIVE_LIMIT,
            backoff: (ms(settings.first_wait_ms), ms(settings.longest_wait_ms)),
            ping_delay: ms(settings.ping_delay_ms),
            longest: settings.longest_event,
        };
        match self.centrifugo.link(config) {
            Ok(mut live) => {
                live.connect();
                self.live = Some(live);
            }
            Err(problem) => tracing::error!(%problem, "no live events"),
        }
    }

    /// The last act before the end, so it is waited for; a keyring that asks the user is not.
    async fn forget(&mut self) {
        match timeout(FORGETTING, self.vault.remove(PASSWORD)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the password could not be removed"),
            Err(_) => tracing::warn!("the keyring did not answer in time: the password may be left in it"),
        }
    }
}
