//! Tasks, the socket and timers around the [`Session`]. No decisions are made here.
//!
//! One loop owns the session and reads the socket itself: while the desk is
//! behind, nothing is read, and the server has to wait. So no event is dropped,
//! and none piles up here.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use trunkline_connector::ports::{
    AccountVault, Frame, Http, HttpRequest, Programs, Secret, Transfer, WallClock, WebSocketDial, WebSocketFailure,
    WebSocketReceive, WebSocketSend,
};
use trunkline_connector::{CommandError, CommandRequest, Context, Ended, EventSink};
use trunkline_model::CommandId;
use trunkline_wire::phoenix::Encoded;

use crate::session::{Action, Input, Now, Purpose, Session, TokenTrouble};
use crate::settings::{OlosSettings, ms};
use crate::token::{SERVICE_SECRET, Source, TOKEN_SECRET, find};

/// For removing secrets on signing out.
const FORGETTING: Duration = Duration::from_secs(2);
/// For a frame of ours, which is small, to be taken by the network.
const SENDING: Duration = Duration::from_secs(10);
/// For a close frame on stopping: `run` must return within a second.
const FAREWELL: Duration = Duration::from_millis(300);
/// RFC 6455: closed without a close frame.
const ABNORMAL: u16 = 1006;

/// Runs a session until it ends.
pub async fn run(settings: OlosSettings, context: Context) -> Ended {
    let Context { mut commands, mut lookups, events, http, websocket, vault, programs, clock, cancel, .. } = context;
    let session = match Session::new(settings.clone(), rand::random::<f64>) {
        Ok(session) => session,
        Err(error) => return Ended::BadSettings(error.message_key),
    };
    let (inputs, mut results) = mpsc::channel(16);
    let mut driver = Driver {
        settings: Arc::new(settings),
        session,
        events,
        http,
        websocket,
        vault,
        programs,
        clock,
        cancel: cancel.clone(),
        inputs,
        tasks: JoinSet::new(),
        dialling: None,
        socket: None,
        replies: Vec::new(),
    };
    driver.session.apply(Input::Begin, driver.now());
    loop {
        if let Some(ended) = driver.perform().await {
            driver.say_goodbye().await;
            return ended;
        }
        let deadline = driver.session.deadline();
        let timer = async {
            match deadline {
                Some(at) => sleep_until(Instant::from_std(at)).await,
                None => pending().await,
            }
        };
        let input = tokio::select! {
            () = cancel.cancelled() => {
                driver.say_goodbye().await;
                return Ended::Cancelled;
            }
            request = commands.recv() => match request {
                Some(request) => driver.take_command(request),
                None => {
                    driver.say_goodbye().await;
                    return Ended::Cancelled;
                }
            },
            Some(lookup) = lookups.recv() => {
                // Nothing can be looked up here: dropped, it is answered so.
                drop(lookup);
                continue;
            }
            Some(result) = results.recv() => driver.take_result(result),
            (attempt, frame) = receive(&mut driver.socket) => driver.take_frame(attempt, frame),
            () = timer => Some(Input::Tick),
        };
        while let Some(Ok(())) = driver.tasks.try_join_next() {}
        if let Some(input) = input {
            let now = driver.now();
            driver.session.apply(input, now);
        }
    }
}

type Dialled = Result<(Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>), WebSocketFailure>;

/// What a task came back with.
enum Outcome {
    Token(Purpose, Result<Secret, TokenTrouble>),
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
    settings: Arc<OlosSettings>,
    session: Session,
    events: EventSink,
    http: Arc<dyn Http>,
    websocket: Arc<dyn WebSocketDial>,
    vault: Arc<dyn AccountVault>,
    programs: Arc<dyn Programs>,
    clock: Arc<dyn WallClock>,
    cancel: CancellationToken,
    inputs: mpsc::Sender<Outcome>,
    tasks: JoinSet<()>,
    /// The attempt whose socket is awaited.
    dialling: Option<u64>,
    socket: Option<Socket>,
    replies: Vec<(CommandId, oneshot::Sender<Result<(), CommandError>>)>,
}

impl Driver {
    fn now(&self) -> Now {
        Now { at: Instant::now().into_std(), wall: self.clock.now() }
    }

    fn take_command(&mut self, request: CommandRequest) -> Option<Input> {
        self.replies.push((request.id.clone(), request.reply));
        Some(Input::Command(request.id, request.command))
    }

    fn take_result(&mut self, result: Outcome) -> Option<Input> {
        match result {
            Outcome::Token(purpose, token) => Some(Input::Token(purpose, token)),
            Outcome::Dialled(attempt, _) if self.dialling != Some(attempt) => None,
            Outcome::Dialled(attempt, dialled) => {
                self.dialling = None;
                Some(match dialled {
                    Ok((write, read)) => {
                        self.socket = Some(Socket { attempt, write, read });
                        Input::Opened(attempt)
                    }
                    Err(failure) => Input::NotOpened(attempt, failure),
                })
            }
        }
    }

    fn take_frame(&mut self, attempt: u64, frame: Result<Frame, WebSocketFailure>) -> Option<Input> {
        let code = match frame {
            Ok(Frame::Text(text)) => return Some(Input::Text(attempt, text)),
            Ok(Frame::Binary(bytes)) => return Some(Input::Binary(attempt, bytes)),
            Ok(Frame::Close(code)) => code,
            Err(failure) => {
                tracing::info!(%failure, "the socket broke");
                ABNORMAL
            }
        };
        self.socket = None;
        Some(Input::Closed(attempt, code))
    }

    /// Carries out what the session wants, until it wants nothing or has ended.
    async fn perform(&mut self) -> Option<Ended> {
        while let Some(action) = self.session.poll() {
            match action {
                Action::FetchToken(purpose, source) => self.fetch_token(purpose, source),
                Action::Dial { attempt, url, protocols } => {
                    self.dialling = Some(attempt);
                    let mut headers = HeaderMap::new();
                    if let Some(mut value) = protocols.and_then(|text| HeaderValue::from_str(text.expose_secret()).ok())
                    {
                        value.set_sensitive(true);
                        headers.insert(SEC_WEBSOCKET_PROTOCOL, value);
                    }
                    let (dial, inputs, settings) = (self.websocket.clone(), self.inputs.clone(), self.settings.clone());
                    self.tasks.spawn(async move {
                        let limit = ms(settings.dial_limit_ms);
                        let dialled = dial.dial_large(url, headers, limit, settings.longest_message).await;
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
                    let sent = tokio::select! {
                        sent = self.events.send(*event) => sent,
                        () = self.cancel.cancelled() => return Some(Ended::Cancelled),
                    };
                    if sent.is_err() {
                        return Some(Ended::Cancelled);
                    }
                }
                Action::Reply(id, answer) => {
                    let replies = std::mem::take(&mut self.replies);
                    for (waiting, reply) in replies {
                        if waiting == id {
                            let _ = reply.send(answer.clone());
                        } else {
                            self.replies.push((waiting, reply));
                        }
                    }
                }
                Action::Forget => self.forget().await,
                Action::End(ended) => return Some(ended),
            }
        }
        None
    }

    async fn send(&mut self, frame: Encoded) {
        let Some(socket) = &mut self.socket else { return };
        let (frame, attempt) = match frame {
            Encoded::Text(text) => (Frame::Text(text), socket.attempt),
            Encoded::Binary(bytes) => (Frame::Binary(bytes), socket.attempt),
        };
        if !matches!(timeout(SENDING, socket.write.send(frame)).await, Ok(Ok(()))) {
            tracing::info!("the socket takes no frames");
            self.socket = None;
            let now = self.now();
            self.session.apply(Input::Closed(attempt, ABNORMAL), now);
        }
    }

    fn fetch_token(&mut self, purpose: Purpose, source: Source) {
        let (vault, programs, http) = (self.vault.clone(), self.programs.clone(), self.http.clone());
        let (settings, inputs) = (self.settings.clone(), self.inputs.clone());
        self.tasks.spawn(async move {
            let token = match source {
                Source::Vault => secret(vault.as_ref(), TOKEN_SECRET).await.ok_or(TokenTrouble::Missing),
                Source::Command(line) => {
                    let output = programs.output(&line, ms(settings.token_limit_ms)).await;
                    output.map_err(|error| unavailable(&error)).and_then(|text| found(&text, &settings))
                }
                Source::Service(url) => ask_service(url, vault.as_ref(), http.as_ref(), &settings).await,
            };
            let _ = inputs.send(Outcome::Token(purpose, token)).await;
        });
    }

    /// The last act before the end, so it is waited for; a keyring that asks the user is not.
    async fn forget(&mut self) {
        let vault = self.vault.clone();
        let forget = async {
            for name in [TOKEN_SECRET, SERVICE_SECRET] {
                if let Err(error) = vault.remove(name).await {
                    tracing::warn!(%error, name, "a secret could not be removed");
                }
            }
        };
        if timeout(FORGETTING, forget).await.is_err() {
            tracing::warn!("the keyring did not answer in time: secrets may be left in it");
        }
    }

    async fn say_goodbye(mut self) {
        if let Some(mut socket) = self.socket.take() {
            let _ = timeout(FAREWELL, socket.write.send(Frame::Close(1000))).await;
        }
        self.tasks.shutdown().await;
    }
}

async fn secret(vault: &dyn AccountVault, name: &str) -> Option<Secret> {
    let secret = vault.get(name).await.unwrap_or_else(|error| {
        tracing::warn!(%error, name, "a secret could not be read");
        None
    })?;
    let trimmed = secret.expose_secret().trim();
    (!trimmed.is_empty()).then(|| Secret::from(trimmed.to_owned()))
}

fn unavailable(error: &dyn std::error::Error) -> TokenTrouble {
    tracing::warn!(%error, "no token");
    TokenTrouble::Unavailable
}

fn found(text: &Secret, settings: &OlosSettings) -> Result<Secret, TokenTrouble> {
    find(text.expose_secret(), &settings.token_field).map(Secret::from).ok_or(TokenTrouble::Unreadable)
}

async fn ask_service(
    url: url::Url,
    vault: &dyn AccountVault,
    http: &dyn Http,
    settings: &OlosSettings,
) -> Result<Secret, TokenTrouble> {
    let mut headers = HeaderMap::new();
    if let Some(key) = secret(vault, SERVICE_SECRET).await {
        let text = format!("{} {}", settings.token_url_scheme, key.expose_secret());
        if let Ok(mut value) = HeaderValue::from_str(text.trim()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
    }
    let body = settings.token_url_body.clone().unwrap_or_default();
    if !body.is_empty()
        && let Ok(kind) = HeaderValue::from_str(&settings.token_url_content_type)
    {
        headers.insert(CONTENT_TYPE, kind);
    }
    let method = settings.token_url_method.parse().unwrap_or(http::Method::GET);
    let timeout = ms(settings.token_limit_ms);
    let request = HttpRequest { method, url, headers, body: Bytes::from(body), timeout, transfer: Transfer::default() };
    let response = http.send(request).await.map_err(|error| unavailable(&error))?;
    match response.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(TokenTrouble::Refused),
        status if status.is_success() => {
            let text = String::from_utf8(response.body.to_vec()).map_err(|_| TokenTrouble::Unreadable)?;
            found(&Secret::from(text), settings)
        }
        status => {
            tracing::warn!(status = status.as_u16(), "the token service has no token");
            Err(TokenTrouble::Unavailable)
        }
    }
}
