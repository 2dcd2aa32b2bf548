//! The agent WebSocket's life: chat document, section 3. Pure.
//!
//! Inputs, by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | platform, HTTP | `address` (CreateTransport answered), `no_address` |
//! | platform, socket | `opened`, `frame`, `lost` |
//! | session | `start`, `stop`, `woke` |
//! | timer | `tick` |
//!
//! One line at a time serves; before its life ends a second one is made ready
//! beside it, and takes over when it has its subscription.
//!
//! | line | input | does | next |
//! | --- | --- | --- | --- |
//! | Fetching | address | dials | Dialling |
//! | Fetching | none | waits 2 s x 2^n, at most 30 s | Pausing |
//! | Dialling | opened | heartbeat, subscription | Open |
//! | Dialling | failed, address still good | waits 1 s x 2^n +-30 % | Pausing (same address) |
//! | Open | subscription granted | is the channel | Open, ready |
//! | Open | no answer in 1 s | asks again, 3 times, then starts over | Pausing |
//! | Open | refused | asks again each 500 ms, 5 times, then starts over | Pausing |
//! | Open | chats' and tasks' subscription refused or unanswered | asks again, at last each 30 s; calls are not concerned | Open |
//! | Open | heartbeat unanswered after 10 s | starts over at once | Fetching |
//! | Open | deep heartbeat refused, or unanswered after 10 s where it used to be | tells so | Open |
//! | Open | closed, broken | starts over at once | Fetching |
//! | Pausing | time | | Fetching or Dialling |

use rand::Rng;
use tokio::time::Instant;
use url::Url;

use super::Now;
use crate::settings::{AmazonConnectSettings, is_loopback, ms};
use crate::wire::{Topic, WebSocketTransport, WireFrame};

/// One attempt at a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// What the machine wants done.
#[derive(Clone, PartialEq, Eq)]
pub enum SocketAction {
    /// CreateTransport `web_socket`.
    Fetch(SocketId),
    /// Open it; the address is a secret.
    Dial(SocketId, Url),
    /// Send a text frame.
    Send(SocketId, String),
    /// Close it with code 1000, or drop the dialling.
    Close(SocketId),
    /// A softphone message arrived.
    Softphone(String),
    /// An item of a chat arrived.
    Chat(String),
    /// An event of a task arrived.
    Task(String),
}

/// Why the channel is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketTrouble {
    /// No address, no connection, or it broke.
    Lost,
    /// The address is not acceptable: not secure, or its life too short.
    Unacceptable,
    /// The topic was refused.
    SubscriptionRefused,
}

#[derive(Debug)]
enum Phase {
    Fetching,
    Dialling { url: Url, good_until: Instant, life_ms: u64, tries: u32 },
    Open(Open),
    Pausing { until: Instant, redial: Option<(Url, Instant, u64, u32)> },
}

#[derive(Debug)]
struct Open {
    over_at: Instant,
    heartbeat_at: Instant,
    unanswered: bool,
    granted: bool,
    ask_at: Option<Instant>,
    silent: u32,
    refused: u32,
    text: TextTopics,
    deep: Deep,
}

/// The deep heartbeat of a line.
#[derive(Debug, Default)]
struct Deep {
    unanswered: bool,
    failed: bool,
}

/// The subscription of chats and tasks: a frame of its own, so that an instance
/// without them keeps its calls.
#[derive(Debug, Default)]
struct TextTopics {
    granted: bool,
    ask_at: Option<Instant>,
    tries: u32,
    given_up: bool,
}

#[derive(Debug)]
struct Line {
    id: SocketId,
    phase: Phase,
}

/// The machine.
#[derive(Debug, Default)]
pub struct AgentSocket {
    line: Option<Line>,
    coming: Option<Line>,
    last_id: u64,
    failures: u32,
    trouble: Option<SocketTrouble>,
    /// A deep heartbeat was answered once: from then on silence is a failure.
    /// Whether every instance answers them is not known.
    answers_pings: bool,
    /// The server that was dialled last.
    server: Option<String>,
}

const TOPICS: [Topic; 1] = [Topic::Softphone];
const TEXT_TOPICS: [Topic; 2] = [Topic::Chat, Topic::Task];

impl AgentSocket {
    /// The subscription stands: messages go both ways.
    pub fn is_ready(&self) -> bool {
        matches!(&self.line, Some(Line { phase: Phase::Open(open), .. }) if open.granted)
    }

    /// Items of chats arrive, on this socket. Of a second one that takes over
    /// without a gap nothing is told.
    pub fn brings_chats(&self) -> bool {
        matches!(&self.line, Some(Line { phase: Phase::Open(open), .. }) if open.text.granted)
    }

    /// The socket works, and what is behind it does not answer as it should.
    pub fn is_shallow(&self) -> bool {
        matches!(&self.line, Some(Line { phase: Phase::Open(open), .. }) if open.deep.failed)
    }

    /// Why it is not ready, once an attempt has failed.
    pub fn trouble(&self) -> Option<SocketTrouble> {
        if self.is_ready() { None } else { self.trouble }
    }

    /// Next try, when one is planned.
    pub fn retry_at(&self) -> Option<Instant> {
        match &self.line {
            Some(Line { phase: Phase::Pausing { until, .. }, .. }) => Some(*until),
            _ => None,
        }
    }

    /// Begins; nothing when it has begun.
    pub fn start(&mut self, out: &mut Vec<SocketAction>) {
        if self.line.is_none() {
            self.line = Some(self.fetch(out));
        }
    }

    /// Ends.
    pub fn stop(&mut self, out: &mut Vec<SocketAction>) {
        for line in self.line.take().into_iter().chain(self.coming.take()) {
            out.push(SocketAction::Close(line.id));
        }
        self.trouble = None;
        self.failures = 0;
    }

    /// The computer slept: whatever is open is dead, and its address is too old.
    pub fn woke(&mut self, out: &mut Vec<SocketAction>) {
        if self.line.is_some() {
            self.stop(out);
            self.trouble = Some(SocketTrouble::Lost);
            self.start(out);
        }
    }

    fn fetch(&mut self, out: &mut Vec<SocketAction>) -> Line {
        self.last_id += 1;
        let id = SocketId(self.last_id);
        out.push(SocketAction::Fetch(id));
        Line { id, phase: Phase::Fetching }
    }

    fn line_mut(&mut self, id: SocketId) -> Option<&mut Line> {
        [self.line.as_mut(), self.coming.as_mut()].into_iter().flatten().find(|line| line.id == id)
    }

    /// The server that was dialled last, without path and question, which are secrets.
    pub fn server(&self) -> Option<String> {
        self.server.clone()
    }

    /// CreateTransport gave an address.
    pub fn address(
        &mut self,
        id: SocketId,
        transport: &WebSocketTransport,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<SocketAction>,
    ) {
        let life_ms = transport.life_seconds.saturating_mul(1000);
        let url = Url::parse(transport.url.expose())
            .ok()
            .filter(|url| url.scheme() == "wss" || (url.scheme() == "ws" && is_loopback(url)));
        let Some(line) = self.line_mut(id) else {
            return;
        };
        match url {
            Some(url) if life_ms >= settings.socket_min_life_ms => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                let server = url.host_str().map(|host| format!("{}://{host}{port}", url.scheme()));
                out.push(SocketAction::Dial(id, url.clone()));
                let good_until = now.at + ms(settings.socket_url_valid_ms);
                line.phase = Phase::Dialling { url, good_until, life_ms, tries: 1 };
                self.server = server;
            }
            _ => {
                tracing::warn!(life_ms, "the agent socket's address is not acceptable");
                // The vendor's client gives up for good; a desktop program keeps trying slowly.
                self.pause(id, SocketTrouble::Unacceptable, settings.socket_retry_max_ms, now, None);
            }
        }
    }

    /// CreateTransport failed.
    pub fn no_address(&mut self, id: SocketId, now: Now, settings: &AmazonConnectSettings) {
        let wait = self.backoff(settings);
        self.pause(id, SocketTrouble::Lost, wait, now, None);
    }

    fn backoff(&mut self, settings: &AmazonConnectSettings) -> u64 {
        let wait = settings.socket_retry_ms.saturating_mul(1 << self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        wait.min(settings.socket_retry_max_ms)
    }

    fn pause(
        &mut self,
        id: SocketId,
        trouble: SocketTrouble,
        wait_ms: u64,
        now: Now,
        redial: Option<(Url, Instant, u64, u32)>,
    ) {
        if self.line.as_ref().is_some_and(|line| line.id == id) {
            self.trouble = Some(trouble);
        }
        if let Some(line) = self.line_mut(id) {
            line.phase = Phase::Pausing { until: now.at + ms(wait_ms), redial };
        }
    }

    /// The socket is open.
    pub fn opened(&mut self, id: SocketId, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<SocketAction>) {
        let Some(line) = self.line_mut(id) else {
            out.push(SocketAction::Close(id));
            return;
        };
        let Phase::Dialling { life_ms, .. } = &line.phase else {
            return;
        };
        // A margin, but never so much that a short-lived socket would roll over at once.
        let margin = settings.socket_rollover_margin_ms.min(life_ms / 2);
        line.phase = Phase::Open(Open {
            over_at: now.at + ms(life_ms - margin),
            heartbeat_at: now.at + ms(settings.heartbeat_ms),
            unanswered: true,
            granted: false,
            ask_at: Some(now.at + ms(settings.subscribe_silence_ms)),
            silent: 0,
            refused: 0,
            text: TextTopics { ask_at: Some(now.at + ms(settings.subscribe_silence_ms)), ..TextTopics::default() },
            deep: Deep { unanswered: settings.deep_heartbeat, failed: false },
        });
        out.push(SocketAction::Send(id, WireFrame::heartbeat()));
        if settings.deep_heartbeat {
            out.push(SocketAction::Send(id, WireFrame::ping()));
        }
        out.push(SocketAction::Send(id, WireFrame::subscribe(&TOPICS)));
        out.push(SocketAction::Send(id, WireFrame::subscribe(&TEXT_TOPICS)));
    }

    /// A text frame.
    pub fn frame(
        &mut self,
        id: SocketId,
        text: &str,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<SocketAction>,
    ) {
        let Some(Line { phase: Phase::Open(open), .. }) = self.line_mut(id) else {
            return;
        };
        match WireFrame::decode(text) {
            WireFrame::Heartbeat => open.unanswered = false,
            WireFrame::Ping { good } => {
                if open.deep.failed == good {
                    tracing::info!(good, "deep heartbeat");
                }
                open.deep = Deep { unanswered: false, failed: !good };
                self.answers_pings = true;
            }
            WireFrame::Subscribed { success: true, topics } => {
                let has = |topic: Topic| topics.iter().any(|t| t == topic.as_str());
                if has(Topic::Softphone) {
                    open.granted = true;
                    open.ask_at = None;
                    open.refused = 0;
                }
                if has(Topic::Chat) {
                    open.text = TextTopics { granted: true, ..TextTopics::default() };
                }
                if open.granted {
                    self.granted(id, out);
                }
            }
            WireFrame::Subscribed { success: false, topics } if is_of_text(&topics) => {
                open.text.ask_at = Some(now.at + ms(settings.subscribe_retry_ms));
            }
            WireFrame::Subscribed { success: false, .. } if !open.granted => {
                open.refused += 1;
                open.ask_at = Some(now.at + ms(settings.subscribe_retry_ms));
                if open.refused >= settings.subscribe_failures {
                    out.push(SocketAction::Close(id));
                    let wait = settings.socket_retry_max_ms;
                    self.pause(id, SocketTrouble::SubscriptionRefused, wait, now, None);
                }
            }
            WireFrame::Data { topic: Topic::Softphone, content } => out.push(SocketAction::Softphone(content)),
            WireFrame::Data { topic: Topic::Chat, content } => out.push(SocketAction::Chat(content)),
            WireFrame::Data { topic: Topic::Task, content } => out.push(SocketAction::Task(content)),
            WireFrame::Data { topic, .. } => {
                tracing::debug!(topic = topic.as_str(), "frame of a topic not subscribed to")
            }
            WireFrame::Error { .. } => tracing::warn!("the agent socket reports an error"),
            WireFrame::Unreadable => tracing::warn!(bytes = text.len(), "unreadable frame on the agent socket"),
            WireFrame::Subscribed { .. } | WireFrame::Empty => {}
        }
    }

    fn granted(&mut self, id: SocketId, out: &mut Vec<SocketAction>) {
        self.failures = 0;
        self.trouble = None;
        let serves_text =
            |line: &Option<Line>| matches!(line, Some(Line { phase: Phase::Open(open), .. }) if open.text.granted);
        let given_up = matches!(&self.coming, Some(Line { phase: Phase::Open(open), .. }) if open.text.given_up);
        // The first one goes when the second brings all that it brought.
        let complete = serves_text(&self.coming) || !serves_text(&self.line) || given_up;
        if self.coming.as_ref().is_some_and(|line| line.id == id)
            && complete
            && let Some(old) = std::mem::replace(&mut self.line, self.coming.take())
        {
            out.push(SocketAction::Close(old.id));
        }
    }

    /// The socket closed, broke, or could not be opened.
    pub fn lost(&mut self, id: SocketId, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<SocketAction>) {
        let Some(line) = self.line_mut(id) else {
            return;
        };
        match &line.phase {
            Phase::Dialling { url, good_until, life_ms, tries } => {
                let base = settings.socket_redial_ms.saturating_mul(1 << (*tries - 1).min(10));
                let wait = (base as f64 * rand::rng().random_range(0.7..1.3)) as u64;
                let redial = (now.at + ms(wait) < *good_until).then(|| (url.clone(), *good_until, *life_ms, tries + 1));
                let wait = if redial.is_some() { wait } else { self.backoff(settings) };
                self.pause(id, SocketTrouble::Lost, wait, now, redial);
            }
            Phase::Open(open) => {
                let was_granted = open.granted;
                self.start_over(id, was_granted, now, settings, out);
            }
            _ => {}
        }
    }

    /// A socket that served starts over at once; one that never did waits.
    fn start_over(
        &mut self,
        id: SocketId,
        was_granted: bool,
        now: Now,
        settings: &AmazonConnectSettings,
        out: &mut Vec<SocketAction>,
    ) {
        if self.coming.as_ref().is_some_and(|line| line.id == id) {
            let wait = self.backoff(settings);
            self.pause(id, SocketTrouble::Lost, wait, now, None);
            return;
        }
        self.trouble = Some(SocketTrouble::Lost);
        match self.coming.take() {
            Some(coming) => self.line = Some(coming),
            None if was_granted => self.line = Some(self.fetch(out)),
            None => {
                let wait = self.backoff(settings);
                self.pause(id, SocketTrouble::Lost, wait, now, None);
            }
        }
    }

    /// Next time [`AgentSocket::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        [&self.line, &self.coming]
            .into_iter()
            .flatten()
            .filter_map(|line| match &line.phase {
                Phase::Open(open) => {
                    let roll = self.coming.is_none().then_some(open.over_at);
                    [Some(open.heartbeat_at), open.ask_at, open.text.ask_at, roll].into_iter().flatten().min()
                }
                Phase::Pausing { until, .. } => Some(*until),
                _ => None,
            })
            .min()
    }

    /// Timers.
    pub fn tick(&mut self, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<SocketAction>) {
        let ids: Vec<SocketId> = [&self.line, &self.coming].into_iter().flatten().map(|line| line.id).collect();
        for id in ids {
            self.tick_line(id, now, settings, out);
        }
        let expiring = matches!(&self.line, Some(Line { phase: Phase::Open(open), .. }) if now.at >= open.over_at);
        if expiring && self.coming.is_none() {
            self.coming = Some(self.fetch(out));
        }
    }

    fn tick_line(&mut self, id: SocketId, now: Now, settings: &AmazonConnectSettings, out: &mut Vec<SocketAction>) {
        let answers_pings = self.answers_pings;
        let Some(line) = self.line_mut(id) else {
            return;
        };
        match &mut line.phase {
            Phase::Open(open) => {
                let silent_too_long = open.ask_at.is_some_and(|at| now.at >= at)
                    && open.refused == 0
                    && open.silent >= settings.subscribe_silence_count;
                if (now.at >= open.heartbeat_at && open.unanswered) || silent_too_long {
                    let was_granted = open.granted;
                    out.push(SocketAction::Close(id));
                    self.start_over(id, was_granted, now, settings, out);
                    return;
                }
                if now.at >= open.heartbeat_at {
                    open.heartbeat_at = now.at + ms(settings.heartbeat_ms);
                    open.unanswered = true;
                    out.push(SocketAction::Send(id, WireFrame::heartbeat()));
                    if settings.deep_heartbeat {
                        if open.deep.unanswered && answers_pings && !open.deep.failed {
                            tracing::warn!("a deep heartbeat has no answer");
                            open.deep.failed = true;
                        }
                        open.deep.unanswered = true;
                        out.push(SocketAction::Send(id, WireFrame::ping()));
                    }
                }
                if open.ask_at.is_some_and(|at| now.at >= at) {
                    open.silent += u32::from(open.refused == 0);
                    open.ask_at = Some(now.at + ms(settings.subscribe_silence_ms));
                    out.push(SocketAction::Send(id, WireFrame::subscribe(&TOPICS)));
                }
                if open.text.ask_at.is_some_and(|at| now.at >= at) {
                    open.text.tries += 1;
                    // After as many as for calls: seldom, for calls go on without.
                    let tired = open.text.tries >= settings.subscribe_failures;
                    let wait = if tired { settings.socket_retry_max_ms } else { settings.subscribe_silence_ms };
                    open.text.ask_at = Some(now.at + ms(wait));
                    out.push(SocketAction::Send(id, WireFrame::subscribe(&TEXT_TOPICS)));
                    if tired && !std::mem::replace(&mut open.text.given_up, true) {
                        tracing::warn!("the agent socket brings no chats: the subscription has no good answer");
                        if open.granted {
                            self.granted(id, out);
                        }
                    }
                }
            }
            Phase::Pausing { until, redial } if now.at >= *until => match redial.take() {
                Some((url, good_until, life_ms, tries)) => {
                    out.push(SocketAction::Dial(id, url.clone()));
                    line.phase = Phase::Dialling { url, good_until, life_ms, tries };
                }
                None => {
                    line.phase = Phase::Fetching;
                    out.push(SocketAction::Fetch(id));
                }
            },
            _ => {}
        }
    }

    /// The line that messages go out on.
    pub fn send(&self, text: String, out: &mut Vec<SocketAction>) {
        if let Some(line) = self.line.as_ref().filter(|_| self.is_ready()) {
            out.push(SocketAction::Send(line.id, text));
        }
    }
}

/// A refusal of the chats' and tasks' topics alone.
fn is_of_text(topics: &[String]) -> bool {
    let has = |topic: &Topic| topics.iter().any(|t| t == topic.as_str());
    TEXT_TOPICS.iter().any(has) && !has(&Topic::Softphone)
}

#[cfg(test)]
mod tests;
