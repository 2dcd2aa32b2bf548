//! One WebSocket: what goes out, what comes in, and its three clocks.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use rand::Rng;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::commands::{Close, Taken};
use super::faults::codes;
use super::hub::{Hub, Out};
use super::options::EndpointOptions;
use super::wire::PING;

/// So many messages go out in one frame when they are there at the same time.
const MESSAGES_IN_FRAME: usize = 16;

/// A closed socket waits so long for the other side's word, which would otherwise never get ours.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) async fn attend(hub: Arc<Hub>, socket: WebSocket) {
    let (write, read) = socket.split();
    let (out, queue) = mpsc::unbounded_channel();
    let (id, cut) = hub.add(out.clone());
    tokio::select! {
        () = send(&hub, id, write, queue) => {}
        () = receive(&hub, id, read, &out) => {}
        () = cut.cancelled() => {}
        () = hub.stop.cancelled() => {}
    }
    hub.remove(id);
}

async fn send(hub: &Hub, id: u64, mut write: SplitSink<WebSocket, Message>, mut queue: mpsc::UnboundedReceiver<Out>) {
    let mut next = None;
    loop {
        let Some(out) = (match next.take() {
            Some(out) => Some(out),
            None => queue.recv().await,
        }) else {
            return;
        };
        let weather = hub.weather();
        if !weather.delay.is_zero() {
            sleep(weather.delay).await;
        }
        let frame = match out {
            Out::Line(line) => {
                let mut lines = vec![line];
                while lines.len() < MESSAGES_IN_FRAME {
                    match queue.try_recv() {
                        Ok(Out::Line(line)) => lines.push(line),
                        Ok(other) => {
                            next = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                lines.join("\n")
            }
            Out::Raw(frame) => frame,
            Out::Close(code, reason) => {
                hub.remove(id);
                let frame = CloseFrame { code, reason: reason.into() };
                if write.send(Message::Close(Some(frame))).await.is_ok() {
                    sleep(FAREWELL).await;
                }
                return;
            }
        };
        if !weather.silent && write.send(Message::Text(frame.into())).await.is_err() {
            return;
        }
    }
}

async fn receive(hub: &Hub, id: u64, mut read: SplitStream<WebSocket>, out: &mpsc::UnboundedSender<Out>) {
    let mut clocks = Clocks::new(&hub.options);
    let close = loop {
        let result = tokio::select! {
            frame = read.next() => match frame {
                Some(Ok(Message::Text(text))) => hear(hub, id, text.as_str(), &clocks),
                Some(Ok(Message::Binary(bytes))) => match std::str::from_utf8(&bytes) {
                    Ok(text) => hear(hub, id, text, &clocks),
                    Err(_) => Err(codes::BAD_REQUEST),
                },
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            () = sleep_until(clocks.next()) => {
                if hub.weather().silent {
                    clocks.postpone();
                    continue;
                }
                match clocks.ring() {
                    Some(close) => Err(close),
                    None => {
                        let _ = out.send(Out::Line(PING.to_owned()));
                        Ok(Taken::default())
                    }
                }
            }
        };
        match result {
            Ok(taken) => clocks.note(taken),
            Err(close) => break close,
        }
    };
    let _ = out.send(Out::Close(close.0, close.1.to_owned()));
    // What is still said is not heard any more.
    let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = read.next().await {} }).await;
}

fn hear(hub: &Hub, id: u64, frame: &str, clocks: &Clocks) -> Result<Taken, Close> {
    if hub.weather().silent {
        return Ok(Taken::default());
    }
    if frame.len() > hub.options.message_limit {
        return Err(codes::TOO_BIG);
    }
    hub.receive(id, frame, clocks.pinged)
}

/// When the socket is pinged, when its pong is due, and when it has to be connected.
struct Clocks {
    ping: Duration,
    pong: Option<Duration>,
    stale: Option<Instant>,
    ping_due: Option<Instant>,
    pong_due: Option<Instant>,
    pinged: bool,
}

impl Clocks {
    fn new(options: &EndpointOptions) -> Self {
        let stale = Some(Instant::now() + options.stale);
        Self { ping: options.ping, pong: options.pong, stale, ping_due: None, pong_due: None, pinged: false }
    }

    fn note(&mut self, taken: Taken) {
        if taken.connected {
            self.stale = None;
            // The first ping comes after half the time to the whole of it.
            let part = rand::rng().random_range(0.5..=1.0);
            self.ping_due = (!self.ping.is_zero()).then(|| Instant::now() + self.ping.mul_f64(part));
        }
        if taken.pong {
            self.pong_due = None;
            self.pinged = false;
        }
    }

    fn next(&self) -> Instant {
        const LONG: Duration = Duration::from_secs(3600);
        let clocks = [self.stale, self.ping_due, self.pong_due];
        clocks.into_iter().flatten().min().unwrap_or_else(|| Instant::now() + LONG)
    }

    /// Nothing happens in silence.
    fn postpone(&mut self) {
        let later = Instant::now() + Duration::from_millis(200);
        for clock in [&mut self.stale, &mut self.ping_due, &mut self.pong_due] {
            *clock = clock.map(|due| due.max(later));
        }
    }

    /// What is due: a close, or else a ping.
    fn ring(&mut self) -> Option<Close> {
        let now = Instant::now();
        let due = |clock: Option<Instant>| clock.is_some_and(|at| at <= now);
        if due(self.stale) {
            return Some(codes::STALE);
        }
        if due(self.pong_due) {
            return Some(codes::NO_PONG);
        }
        self.pinged = true;
        self.ping_due = self.ping_due.map(|_| now + self.ping);
        self.pong_due = self.pong_due.or_else(|| self.pong.map(|time| now + time));
        None
    }
}
