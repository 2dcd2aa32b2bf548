//! Tasks, the socket and timers around the [`Session`]. No decisions are made here.
//!
//! The loop that reads the socket never waits for the desk: the platform signs an
//! agent out who does not answer its pings, so events go to the desk through a task
//! of their own, however slow that is. Answers to commands take the same way: they
//! come after the events that they rest on.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use trunkline_connector::driving::{Told, Waiting, tell};
use trunkline_connector::ports::{
    AccountVault, Frame, Http, HttpFailure, HttpResponse, Secret, WallClock, WebSocketDial, WebSocketFailure,
    WebSocketReceive, WebSocketSend,
};
use trunkline_connector::{CommandError, CommandRequest, Context, Ended, Lookup, asked};
use trunkline_model::CommandId;

use crate::PASSWORD;
use crate::session::{Action, Ask, Found, Input, Now, Session};
use crate::settings::{ExpertflowSettings, ms};

/// For removing secrets on signing out.
const FORGETTING: Duration = Duration::from_secs(2);
/// For a frame of ours, which is small, to be taken by the network.
const SENDING: Duration = Duration::from_secs(10);
/// For a close frame, and for the last events: `run` must return within a second.
const FAREWELL: Duration = Duration::from_millis(300);
/// How soon a file stops that nobody waits for any more.
const GIVEN_UP_EVERY: Duration = Duration::from_millis(250);
/// RFC 6455: closed without a close frame.
const ABNORMAL: u16 = 1006;

/// Runs a session until it ends.
pub async fn run(settings: ExpertflowSettings, context: Context) -> Ended {
    let Context { mut commands, mut lookups, events, http, websocket, vault, clock, cancel, .. } = context;
    let ids = || uuid::Uuid::new_v4().to_string();
    let session = match Session::new(settings.clone(), rand::random::<f64>, ids) {
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
        websocket,
        vault,
        clock,
        inputs,
        tasks: JoinSet::new(),
        exchanges: BTreeMap::new(),
        dialling: None,
        socket: None,
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
            (attempt, frame) = receive(&mut driver.socket) => driver.take_frame(attempt, frame),
            () = timer => driver.on_timer(),
        }
        while let Some(Ok(())) = driver.tasks.try_join_next() {}
    };
    driver.say_goodbye().await;
    // What was told last is still on its way.
    let _ = timeout(FAREWELL, teller).await;
    ended
}

type Dialled = Result<(Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>), WebSocketFailure>;

/// What a task came back with.
enum Outcome {
    Password(Option<Secret>),
    Answer(u64, Result<HttpResponse, HttpFailure>),
    Dialled(u64, Dialled),
}

struct Socket {
    attempt: u64,
    write: Box<dyn WebSocketSend>,
    read: Box<dyn WebSocketReceive>,
}

/// The next frame of the socket; never, while there is none.
async fn receive(socket: &mut Option<Socket>) -> (u64, Result<Frame, WebSocketFailure>) {
    match socket {
        Some(socket) => (socket.attempt, socket.read.receive().await),
        None => pending().await,
    }
}

struct Driver {
    settings: ExpertflowSettings,
    session: Session,
    told: mpsc::UnboundedSender<Told>,
    http: Arc<dyn Http>,
    websocket: Arc<dyn WebSocketDial>,
    vault: Arc<dyn AccountVault>,
    clock: Arc<dyn WallClock>,
    inputs: mpsc::Sender<Outcome>,
    tasks: JoinSet<()>,
    exchanges: BTreeMap<u64, AbortHandle>,
    /// The attempt whose socket is awaited.
    dialling: Option<u64>,
    socket: Option<Socket>,
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
            Lookup::Endpoints { contact, deadline, reply } => {
                (asked!(reply, Found::Endpoints(list) => list), deadline, Ask::Endpoints(contact))
            }
            Lookup::Attachment { contact, attachment, progress, deadline, reply } => {
                (asked!(reply, Found::File(file) => file), deadline, Ask::File(contact, attachment, progress))
            }
            Lookup::Supervision { deadline, reply } => {
                (asked!(reply, Found::Supervision(picture) => *picture), deadline, Ask::Supervision)
            }
            Lookup::Customer { contact, deadline, reply } => {
                (asked!(reply, Found::Customer(card) => *card), deadline, Ask::Customer(contact))
            }
            Lookup::FindCustomers { words, page, deadline, reply } => {
                (asked!(reply, Found::Customers(page) => page), deadline, Ask::Customers(words, page))
            }
            Lookup::PastConversations { contact, page, deadline, reply } => {
                (asked!(reply, Found::Past(page) => page), deadline, Ask::Past(contact, page))
            }
            Lookup::CannedMessages { deadline, reply } => {
                (asked!(reply, Found::Canned(messages) => messages), deadline, Ask::Canned)
            }
            // Dropped, they are answered so: there are no templates of tasks here, and no archive.
            Lookup::TaskTemplates { .. }
            | Lookup::TaskTemplate { .. }
            | Lookup::Archive { .. }
            | Lookup::ArchivedMessages { .. } => return,
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
            Outcome::Dialled(attempt, _) if self.dialling != Some(attempt) => return,
            Outcome::Dialled(attempt, dialled) => {
                self.dialling = None;
                match dialled {
                    Ok((write, read)) => {
                        self.socket = Some(Socket { attempt, write, read });
                        Input::Opened(attempt)
                    }
                    Err(failure) => Input::NotOpened(attempt, failure),
                }
            }
        };
        self.apply(input);
    }

    fn take_frame(&mut self, attempt: u64, frame: Result<Frame, WebSocketFailure>) {
        let input = match frame {
            Ok(Frame::Text(text)) => return self.apply(Input::Text(attempt, text)),
            Ok(Frame::Binary(_)) => return self.apply(Input::Binary(attempt)),
            Ok(Frame::Close(code)) => Input::Closed(attempt, code),
            Err(WebSocketFailure::TooLarge) => Input::TooLarge(attempt),
            Err(failure) => {
                tracing::info!(%failure, "the socket broke");
                Input::Closed(attempt, ABNORMAL)
            }
        };
        self.socket = None;
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
                Action::Dial(attempt, url) => {
                    self.dialling = Some(attempt);
                    let (dial, inputs) = (self.websocket.clone(), self.inputs.clone());
                    let (limit, longest) = (ms(self.settings.dial_limit_ms), self.settings.longest_message);
                    self.tasks.spawn(async move {
                        let dialled = dial.dial_large(url, http::HeaderMap::new(), limit, longest).await;
                        let _ = inputs.send(Outcome::Dialled(attempt, dialled)).await;
                    });
                }
                Action::Send(frame) => self.send(frame).await,
                Action::Close(code) => {
                    self.dialling = None;
                    if let Some(mut socket) = self.socket.take() {
                        // The peer may be dead: closing must not wait for it.
                        let _ = timeout(FAREWELL, socket.write.send(Frame::Close(code))).await;
                    }
                }
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

    async fn send(&mut self, frame: String) {
        let Some(socket) = &mut self.socket else { return };
        let attempt = socket.attempt;
        if !matches!(timeout(SENDING, socket.write.send(Frame::Text(frame))).await, Ok(Ok(()))) {
            tracing::info!("the socket takes no frames");
            self.socket = None;
            self.apply(Input::Closed(attempt, ABNORMAL));
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

    async fn say_goodbye(mut self) {
        if let Some(mut socket) = self.socket.take() {
            let _ = timeout(FAREWELL, socket.write.send(Frame::Close(1000))).await;
        }
        self.tasks.shutdown().await;
    }
}
