//! Tasks, sockets and timers around the [`Session`]: carries its actions out
//! through the context's ports and brings back what came of them. No decisions
//! are made here.
//!
//! One loop owns the session. Each HTTP exchange, socket, media leg and login
//! window has a task of its own, which ends with the loop.

mod leg;
mod line;
mod page;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use trunkline_connector::ports::{
    AccountVault, Frame, Http, LoginCookie, LoginWindow, MediaError, MediaLeg, MediaPort, WallClock, WebSocketDial,
};
use trunkline_connector::{
    Command, CommandError, CommandRequest, Context, Ended, EndpointList, Event, EventSink, FetchedFile, Lookup,
    OutgoingContent,
};
use trunkline_model::{CommandId, Route, TaskTemplate, TaskTemplateEntry};

use self::leg::LegToCome;
use self::line::LineToCome;
use self::page::Page;
use crate::auth::{SecretNames, Stored, cookies_from_text, cookies_to_text};
use crate::session::resilience::Start;
use crate::session::socket::SocketId;
use crate::session::{Action, Input, LegId, LineId, LookupId, Now, RequestId, Session};

/// Results waiting for the loop.
const INPUTS: usize = 256;
/// Frames waiting for a slow socket; more means it is dead.
const FRAMES: usize = 64;
/// For removing secrets on signing out.
const FORGETTING: Duration = Duration::from_secs(2);
/// Goodbyes on stopping: `run` must return within a second.
const FAREWELL: Duration = Duration::from_millis(400);

/// How a session came to its end.
pub(crate) enum Outcome {
    /// For good.
    Ended(Ended),
    /// The account's other instance serves from now on.
    Moved(Start),
}

/// Runs a session until it ends.
pub(crate) async fn run(mut session: Session, context: &mut Context) -> Outcome {
    let Context { commands, lookups, events, http, websocket, vault, media, login, clock, cancel, .. } = context;
    let cancel = cancel.clone();
    let (inputs, mut results) = mpsc::channel(INPUTS);
    let mut driver = Driver {
        events: events.clone(),
        http: http.clone(),
        websocket: websocket.clone(),
        vault: vault.clone(),
        secrets: SecretNames::of(session.instance()),
        other_secrets: SecretNames::of(session.instance().other()),
        media: media.clone(),
        login: login.clone(),
        page: Page::default(),
        clock: clock.clone(),
        cancel: cancel.clone(),
        inputs,
        tasks: JoinSet::new(),
        requests: HashMap::new(),
        sockets: HashMap::new(),
        legs: BTreeMap::new(),
        lines: BTreeMap::new(),
        replies: HashMap::new(),
        lookups: HashMap::new(),
        files: HashMap::new(),
        template_lists: HashMap::new(),
        templates: HashMap::new(),
        last_lookup: 0,
        farewells: Vec::new(),
    };
    driver.read_vault(Input::Start);
    let mut next = None;
    let (mut commands_open, mut lookups_open) = (true, true);
    loop {
        let input = match next.take() {
            Some(input) => input,
            None => {
                let deadline = session.next_deadline();
                let timer = sleep_until(deadline.unwrap_or_else(|| Instant::now() + Duration::from_secs(3600)));
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => Input::Stop,
                    Some(input) = results.recv() => input,
                    command = commands.recv(), if commands_open => match command {
                        Some(request) => driver.accept(request),
                        None => { commands_open = false; Input::Tick }
                    },
                    lookup = lookups.recv(), if lookups_open => match lookup {
                        Some(lookup) => driver.look_up(lookup).unwrap_or(Input::Tick),
                        None => { lookups_open = false; Input::Tick }
                    },
                    Some(_) = driver.tasks.join_next(), if !driver.tasks.is_empty() => continue,
                    () = timer => Input::Tick,
                }
            }
        };
        if matches!(&input, Input::Abandoned(id) if driver.is_awaited(id)) {
            continue;
        }
        for action in session.handle(driver.now(), input) {
            if let Some(outcome) = driver.perform(action).await {
                driver.say_goodbye().await;
                return outcome;
            }
        }
        if cancel.is_cancelled() && next.is_none() {
            next = Some(Input::Stop);
        }
    }
}

struct Driver {
    events: EventSink,
    http: Arc<dyn Http>,
    websocket: Arc<dyn WebSocketDial>,
    vault: Arc<dyn AccountVault>,
    secrets: SecretNames,
    other_secrets: SecretNames,
    media: Arc<dyn MediaPort>,
    login: Arc<dyn LoginWindow>,
    page: Page,
    clock: Arc<dyn WallClock>,
    cancel: CancellationToken,
    inputs: mpsc::Sender<Input>,
    tasks: JoinSet<()>,
    requests: HashMap<RequestId, AbortHandle>,
    sockets: HashMap<SocketId, Socket>,
    legs: BTreeMap<LegId, Arc<dyn MediaLeg>>,
    lines: BTreeMap<LineId, LineToCome>,
    lookups: HashMap<LookupId, oneshot::Sender<Result<EndpointList, CommandError>>>,
    files: HashMap<LookupId, oneshot::Sender<Result<FetchedFile, CommandError>>>,
    template_lists: HashMap<LookupId, oneshot::Sender<Result<Vec<TaskTemplateEntry>, CommandError>>>,
    templates: HashMap<LookupId, oneshot::Sender<Result<TaskTemplate, CommandError>>>,
    last_lookup: u64,
    replies: HashMap<CommandId, Vec<oneshot::Sender<Result<(), CommandError>>>>,
    farewells: Vec<oneshot::Receiver<()>>,
}

struct Socket {
    frames: mpsc::Sender<Frame>,
    task: AbortHandle,
}

impl Driver {
    fn now(&self) -> Now {
        Now { at: Instant::now(), wall: self.clock.now() }
    }

    /// A repeated id joins the first: each sender gets the one answer.
    fn accept(&mut self, request: CommandRequest) -> Input {
        let CommandRequest { id, deadline, command, mut reply } = request;
        if matches!(command, Command::SendMessage { content: OutgoingContent::File { .. }, .. }) {
            let id = id.clone();
            reply = self.watched(reply, Input::Abandoned(id));
        }
        self.replies.entry(id.clone()).or_default().push(reply);
        Input::Command { id, deadline, command }
    }

    /// Passes an answer on, and tells when nobody waits for it any more.
    fn watched<T: Send + 'static>(&mut self, mut reply: oneshot::Sender<T>, dropped: Input) -> oneshot::Sender<T> {
        let (inner, answer) = oneshot::channel();
        self.spawn(async move |inputs| {
            tokio::select! {
                biased;
                answer = answer => if let Ok(answer) = answer { let _ = reply.send(answer); },
                () = reply.closed() => { let _ = inputs.send(dropped).await; }
            }
        });
        inner
    }

    fn look_up(&mut self, lookup: Lookup) -> Option<Input> {
        self.last_lookup += 1;
        let id = LookupId(self.last_lookup);
        Some(match lookup {
            // Dropped, they are answered: the platform has no such things.
            Lookup::Supervision { .. }
            | Lookup::Customer { .. }
            | Lookup::FindCustomers { .. }
            | Lookup::PastConversations { .. }
            | Lookup::Archive { .. }
            | Lookup::ArchivedMessages { .. }
            | Lookup::CannedMessages { .. } => return None,
            Lookup::Endpoints { contact, deadline, reply } => {
                self.lookups.insert(id, reply);
                Input::Lookup { id, deadline, contact }
            }
            Lookup::Attachment { contact, attachment, progress, deadline, reply } => {
                let reply = self.watched(reply, Input::FileDropped(id));
                self.files.insert(id, reply);
                Input::FetchFile { id, deadline, contact, attachment, progress }
            }
            Lookup::TaskTemplates { deadline, reply } => {
                self.template_lists.insert(id, reply);
                Input::ListTemplates { id, deadline }
            }
            Lookup::TaskTemplate { id: template, deadline, reply } => {
                self.templates.insert(id, reply);
                Input::ReadTemplate { id, deadline, template }
            }
        })
    }

    /// Of several who gave the same command, one may still wait.
    fn is_awaited(&self, id: &CommandId) -> bool {
        self.replies.get(id).is_some_and(|replies| replies.iter().any(|reply| !reply.is_closed()))
    }

    async fn emit(&self, event: Event) {
        // A desk that is behind slows us down; one that is gone or stopping does not hold us up.
        tokio::select! {
            biased;
            sent = self.events.send(event) => if sent.is_err() { self.cancel.cancel(); },
            () = self.cancel.cancelled() => {}
        }
    }

    async fn perform(&mut self, action: Action) -> Option<Outcome> {
        match action {
            Action::Http { id, request } => {
                let http = self.http.clone();
                let task = self.spawn(async move |inputs| {
                    let outcome = http.send(request).await;
                    let _ = inputs.send(Input::Http { id, outcome }).await;
                });
                self.requests.retain(|_, task| !task.is_finished());
                self.requests.insert(id, task);
            }
            Action::PageHttp { id, request } => {
                let exchange = self.page.send(request);
                let task = self.spawn(async move |inputs| {
                    let outcome = exchange.await;
                    let _ = inputs.send(Input::Http { id, outcome }).await;
                });
                self.requests.insert(id, task);
            }
            Action::Park(quiet) => {
                let parking = self.page.park(self.login.clone(), quiet);
                self.spawn(async move |inputs| {
                    let _ = inputs.send(Input::Parked(parking.await)).await;
                });
            }
            Action::Unpark => self.page.leave(),
            Action::ReadPageCookies => {
                let cookies = self.page.cookies();
                self.spawn(async move |inputs| {
                    if let Some(cookies) = cookies.await {
                        let _ = inputs.send(Input::PageCookies(cookies)).await;
                    }
                });
            }
            Action::OpenPanel(id, panel) => {
                let login = self.login.clone();
                self.spawn(async move |inputs| {
                    let opened = login.open_panel(panel).await;
                    let _ = inputs.send(Input::PanelOpened(id, opened)).await;
                });
            }
            Action::CancelHttp(id) => {
                if let Some(task) = self.requests.remove(&id) {
                    task.abort();
                }
            }
            Action::OpenSocket(id, url, limit) => self.open_socket(id, url, limit),
            Action::SendFrame(id, text) => self.send_frame(id, text),
            Action::CloseSocket(id) => self.close_socket(id),
            Action::Emit(event) => self.emit(event).await,
            Action::Reply(id, answer) => {
                for reply in self.replies.remove(&id).unwrap_or_default() {
                    let _ = reply.send(answer.clone());
                }
            }
            Action::Endpoints(id, answer) => reply_to(&mut self.lookups, id, answer),
            Action::File(id, answer) => reply_to(&mut self.files, id, answer),
            Action::TaskTemplates(id, answer) => reply_to(&mut self.template_lists, id, answer),
            Action::TaskTemplate(id, answer) => reply_to(&mut self.templates, id, *answer),
            Action::ReadVault => self.read_vault(Input::Stored),
            Action::StoreCookies(cookies, route) => self.store_cookies(self.secrets, cookies, route),
            Action::StoreOtherCookies(cookies) => self.store_cookies(self.other_secrets, cookies, None),
            Action::Forget => {
                // The last act before the end, so it is waited for; a keyring that asks the user is not.
                let forget = async {
                    let both = [self.secrets, self.other_secrets];
                    for name in both.into_iter().flat_map(|secrets| [secrets.token, secrets.cookies]) {
                        if let Err(error) = self.vault.remove(name).await {
                            tracing::warn!(%error, name, "a secret could not be removed");
                        }
                    }
                };
                if timeout(FORGETTING, forget).await.is_err() {
                    tracing::warn!("the keyring did not answer in time: secrets may be left in it");
                }
            }
            Action::PutCookies(url, cookies) => {
                for cookie in cookies {
                    self.http.set_cookie(&url, &cookie.name, cookie.value.expose_secret());
                }
            }
            Action::ClearCookies => self.http.clear_cookies(),
            Action::OpenLoginWindow(page) => {
                let (login, keep) = (self.login.clone(), self.page.keep());
                self.spawn(async move |inputs| {
                    let result = login.sign_in(page).await.map(|signed_in| {
                        keep.send_replace(signed_in.page);
                        signed_in.cookies
                    });
                    let _ = inputs.send(Input::LoginDone(result)).await;
                });
            }
            Action::End(ended) => return Some(Outcome::Ended(ended)),
            Action::Move(start) => return Some(Outcome::Moved(start)),
            media => self.perform_media(media),
        }
        None
    }

    fn perform_media(&mut self, action: Action) {
        match action {
            Action::OpenLeg(id, request) => {
                let media = self.media.clone();
                self.open_leg(id, async move { media.open(request).await });
            }
            Action::AttachLeg { leg, line, contact } => {
                let line = self.lines.get(&line).cloned();
                self.open_leg(leg, async move {
                    match line {
                        Some(line) => line.attach(contact).await,
                        None => Err(MediaError::Closed),
                    }
                });
            }
            Action::OpenLine { line, servers, ahead } => {
                let (media, inputs) = (self.media.clone(), self.inputs.clone());
                let (opened, coming) = LineToCome::new();
                self.lines.insert(line, coming);
                self.tasks.spawn(opened.open(media, servers, ahead, line, inputs));
            }
            Action::CloseLine(id) => {
                if let Some(line) = self.lines.remove(&id) {
                    self.bid_farewell(async move { line.close().await });
                }
            }
            Action::OfferLeg(id) => {
                self.on_leg(id, async |leg| leg.offer().await, Input::LegOffered);
            }
            Action::RestartLeg(id, servers) => {
                self.on_leg(id, async move |leg| leg.restart(servers).await, Input::LegOffered);
            }
            Action::AnswerLeg { leg, sdp, candidates } => {
                self.on_leg(leg, async move |leg| leg.answer(&sdp, &candidates).await, Input::LegAnswered);
            }
            Action::GoLive(id) => {
                if let Some(leg) = self.legs.get(&id).cloned() {
                    self.tasks.spawn(async move { leg.go_live().await });
                }
            }
            Action::MaySpeak(id, allowed) => {
                if let Some(leg) = self.legs.get(&id) {
                    leg.may_speak(allowed);
                }
            }
            Action::FailLeg(id, failure, address) => {
                if let Some(leg) = self.legs.get(&id).cloned() {
                    leg.fail(failure, address);
                }
            }
            Action::CloseLeg(id) => {
                if let Some(leg) = self.legs.remove(&id) {
                    let inputs = self.inputs.clone();
                    self.bid_farewell(async move {
                        let summary = leg.close().await;
                        let _ = inputs.send(Input::LegClosed(id, Box::new(summary))).await;
                    });
                }
            }
            _ => {}
        }
    }

    /// Opened in its own task, so that a slow device delays no call; the leg comes back by a channel.
    fn open_leg(
        &mut self,
        id: LegId,
        opening: impl Future<Output = Result<Box<dyn MediaLeg>, MediaError>> + Send + 'static,
    ) {
        let (leg_out, leg_in) = oneshot::channel();
        self.spawn(async move |inputs| {
            let (result, leg) = match opening.await {
                Ok(leg) => (Ok(()), Some(Arc::<dyn MediaLeg>::from(leg))),
                Err(error) => (Err(error), None),
            };
            let events = leg.as_ref().and_then(|leg| leg.events());
            if let Some(leg) = leg {
                let _ = leg_out.send(leg);
            }
            let _ = inputs.send(Input::LegOpened(id, result)).await;
            if let Some(mut events) = events {
                while let Some(event) = events.recv().await {
                    if inputs.send(Input::Leg(id, event)).await.is_err() {
                        break;
                    }
                }
            }
        });
        self.legs.insert(id, Arc::new(LegToCome::new(leg_in)));
    }

    /// A task that the program's end waits for, briefly.
    fn bid_farewell(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        let (done, farewell) = oneshot::channel();
        self.farewells.retain_mut(|farewell| farewell.try_recv() == Err(oneshot::error::TryRecvError::Empty));
        self.farewells.push(farewell);
        self.tasks.spawn(async move {
            work.await;
            let _ = done.send(());
        });
    }

    fn spawn<F, Fut>(&mut self, work: F) -> AbortHandle
    where
        F: FnOnce(mpsc::Sender<Input>) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(work(self.inputs.clone()))
    }

    fn on_leg<T, F, Fut>(&mut self, id: LegId, work: F, wrap: fn(LegId, T) -> Input)
    where
        T: Send + 'static,
        F: FnOnce(Arc<dyn MediaLeg>) -> Fut,
        Fut: Future<Output = T> + Send + 'static,
    {
        if let Some(leg) = self.legs.get(&id).cloned() {
            let (work, inputs) = (work(leg), self.inputs.clone());
            self.tasks.spawn(async move {
                let result = work.await;
                let _ = inputs.send(wrap(id, result)).await;
            });
        }
    }

    fn open_socket(&mut self, id: SocketId, url: url::Url, limit: Duration) {
        let (frames, mut outgoing) = mpsc::channel::<Frame>(FRAMES);
        let (dial, inputs) = (self.websocket.clone(), self.inputs.clone());
        let task = self.tasks.spawn(async move {
            match dial.dial(url, http::HeaderMap::new(), limit).await {
                Ok((mut write, mut read)) => {
                    if inputs.send(Input::SocketOpened(id)).await.is_err() {
                        return;
                    }
                    loop {
                        tokio::select! {
                            frame = read.receive() => match frame {
                                Ok(Frame::Text(text)) => {
                                    if inputs.send(Input::SocketFrame(id, text)).await.is_err() { return; }
                                }
                                Ok(Frame::Binary(bytes)) => tracing::warn!(bytes = bytes.len(), "binary frame ignored"),
                                Ok(Frame::Close(code)) => { tracing::info!(code, "agent socket closed"); break; }
                                Err(error) => { tracing::info!(%error, "agent socket lost"); break; }
                            },
                            frame = outgoing.recv() => match frame {
                                Some(frame) => {
                                    let closing = matches!(frame, Frame::Close(_));
                                    if let Err(error) = write.send(frame).await {
                                        tracing::info!(%error, "agent socket lost while writing");
                                        break;
                                    }
                                    if closing { return; }
                                }
                                None => return,
                            },
                        }
                    }
                }
                Err(error) => tracing::info!(%error, "the agent socket could not be opened"),
            }
            let _ = inputs.send(Input::SocketLost(id)).await;
        });
        self.sockets.retain(|_, socket| !socket.task.is_finished());
        self.sockets.insert(id, Socket { frames, task });
    }

    fn send_frame(&mut self, id: SocketId, text: String) {
        let Some(socket) = self.sockets.get(&id) else {
            return;
        };
        if socket.frames.try_send(Frame::Text(text)).is_err() {
            tracing::info!("the agent socket takes no frames");
            socket.task.abort();
            let inputs = self.inputs.clone();
            self.tasks.spawn(async move {
                let _ = inputs.send(Input::SocketLost(id)).await;
            });
        }
    }

    fn close_socket(&mut self, id: SocketId) {
        if let Some(socket) = self.sockets.remove(&id)
            && socket.frames.try_send(Frame::Close(1000)).is_err()
        {
            socket.task.abort();
        }
        // Dropping the sender ends a task that is still dialling once it has dialled.
    }

    fn store_cookies(&mut self, secrets: SecretNames, cookies: Vec<LoginCookie>, route: Option<Route>) {
        let vault = self.vault.clone();
        self.tasks.spawn(async move {
            // It then lives for this run; the core tells the agent, once for all accounts.
            if let Err(error) = vault.set(secrets.cookies, cookies_to_text(&cookies, route)).await {
                tracing::warn!(%error, "the sign-in is kept for this run only");
            }
        });
    }

    /// In a task of its own: a locked keyring may ask the user first, and calls go on meanwhile.
    fn read_vault(&mut self, wrap: fn(Stored) -> Input) {
        let (vault, secrets) = (self.vault.clone(), self.secrets);
        self.spawn(async move |inputs| {
            let stored = read_stored(vault.as_ref(), secrets).await;
            let _ = inputs.send(wrap(stored)).await;
        });
    }

    /// Closes media legs and lets byes out, briefly.
    async fn say_goodbye(mut self) {
        let legs = std::mem::take(&mut self.legs);
        for leg in legs.into_values() {
            self.bid_farewell(async move {
                leg.close().await;
            });
        }
        for line in std::mem::take(&mut self.lines).into_values() {
            self.bid_farewell(async move { line.close().await });
        }
        let sockets: Vec<SocketId> = self.sockets.keys().copied().collect();
        let mut closing = Vec::new();
        for id in sockets {
            if let Some(socket) = self.sockets.remove(&id)
                && socket.frames.try_send(Frame::Close(1000)).is_ok()
            {
                // Keeps the queue open until the task has written what is in it.
                closing.push(socket);
            }
        }
        let farewells = std::mem::take(&mut self.farewells);
        let _ = timeout(FAREWELL, async {
            for farewell in farewells {
                let _ = farewell.await;
            }
            for socket in &closing {
                while !socket.task.is_finished() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        })
        .await;
        self.tasks.shutdown().await;
    }
}

/// Whoever asked gets the answer, if they still wait.
fn reply_to<T>(waiting: &mut HashMap<LookupId, oneshot::Sender<T>>, id: LookupId, answer: T) {
    if let Some(reply) = waiting.remove(&id) {
        let _ = reply.send(answer);
    }
}

/// What the vault has of the account. A secret that cannot be read counts as
/// none; that the keyring fails is the core's to tell.
async fn read_stored(vault: &dyn AccountVault, secrets: SecretNames) -> Stored {
    let secret = async |name: &str| {
        vault.get(name).await.unwrap_or_else(|error| {
            tracing::warn!(%error, name, "a secret could not be read");
            None
        })
    };
    let (token, cookies) = (secret(secrets.token).await, secret(secrets.cookies).await);
    let (cookies, route) = cookies.map(|text| cookies_from_text(text.expose_secret())).unwrap_or_default();
    Stored { token: token.filter(|token| !token.expose_secret().trim().is_empty()), cookies, route }
}
