//! The listener, and connections that can be cut, fall silent, and say what
//! the Socket.IO library cannot.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::Moment;

/// What all connections have in common.
pub(super) struct Doors {
    /// Nobody is let in.
    pub down: AtomicBool,
    /// Sockets hear nothing any more, not even pings.
    pub silent: AtomicBool,
    /// Changes when all connections are cut.
    cut: Mutex<CancellationToken>,
    refusals: Mutex<BTreeMap<u64, String>>,
    last: AtomicU64,
    /// When the last byte of a long frame was written.
    long_written: Mutex<Option<Moment>>,
}

/// Written at once, so many bytes are part of a long frame.
const LONG: usize = 64 * 1024;

/// Begins the text of a refusal that [`Doors`] knows the true form of.
const MARK: &str = "refusal:";

impl Doors {
    pub fn new() -> Self {
        Self {
            down: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            cut: Mutex::new(CancellationToken::new()),
            refusals: Mutex::default(),
            last: AtomicU64::new(0),
            long_written: Mutex::new(None),
        }
    }

    fn token(&self) -> CancellationToken {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When the last byte of the last long frame was given to the network.
    pub fn long_written(&self) -> Option<Moment> {
        *self.long_written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts what is open.
    pub fn cut_all(&self) {
        let old = std::mem::take(&mut *self.cut.lock().unwrap_or_else(PoisonError::into_inner));
        old.cancel();
    }

    /// The text for a CONNECT_ERROR that becomes `message` and `data` on the
    /// way out. The library writes `{"message":TEXT}` and has no place for
    /// data, so the text is exactly as long as what replaces it: frames keep
    /// their length.
    pub fn refusal(&self, message: &str, data: &Value) -> String {
        let number = self.last.fetch_add(1, Ordering::SeqCst);
        let whole = serde_json::json!({ "message": message, "data": data }).to_string();
        let start = format!("{MARK}{number}:");
        let room = whole.len().saturating_sub(r#"{"message":""}"#.len()).max(start.len());
        let text = format!("{start}{}", "x".repeat(room - start.len()));
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).insert(number, whole);
        text
    }

    /// The bytes with a refusal in its true form, none when there is none.
    fn with_refusal(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        // Most of the time there is none, and frames may be long.
        if self.refusals.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
            return None;
        }
        let start = format!(r#"{{"message":"{MARK}"#);
        let at = bytes.windows(start.len()).position(|window| window == start.as_bytes())?;
        let digits: String =
            bytes[at + start.len()..].iter().take_while(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = refusals.remove(&digits.parse().ok()?)?;
        let mut changed = bytes.to_vec();
        changed.get_mut(at..at + whole.len())?.copy_from_slice(whole.as_bytes());
        Some(changed)
    }
}

/// The listener.
pub(super) struct Door {
    pub listener: TcpListener,
    pub address: SocketAddr,
    pub doors: Arc<Doors>,
}

impl axum::serve::Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(_) if self.doors.down.load(Ordering::SeqCst) => {}
                Ok((stream, peer)) => {
                    let _ = stream.set_nodelay(true);
                    let token = self.doors.token();
                    let line = Line {
                        stream,
                        cut: Box::pin(token.clone().cancelled_owned()),
                        token,
                        head: Vec::new(),
                        is_socket: false,
                        in_long: false,
                        doors: self.doors.clone(),
                    };
                    return (line, peer);
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    token: CancellationToken,
    /// How the first request begins.
    head: Vec<u8>,
    is_socket: bool,
    /// What is being written is a long frame.
    in_long: bool,
    doors: Arc<Doors>,
}

/// The path is among so many first bytes.
const HEAD: usize = 64;

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.head.len() < HEAD {
            let read = &buffer.filled()[before..];
            let room = HEAD - self.head.len();
            self.head.extend_from_slice(&read[..read.len().min(room)]);
            self.is_socket = self.head.windows(11).any(|window| window == b"/socket.io/");
        }
        polled
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.token.is_cancelled() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.is_socket && self.doors.silent.load(Ordering::SeqCst) {
            // As if it were on its way.
            return Poll::Ready(Ok(bytes.len()));
        }
        match self.is_socket.then(|| self.doors.with_refusal(bytes)).flatten() {
            // A refusal is small and goes out whole.
            Some(changed) => Pin::new(&mut self.stream).poll_write(context, &changed),
            None => {
                let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
                if let Poll::Ready(Ok(written)) = polled {
                    self.in_long |= bytes.len() >= LONG;
                    if self.in_long {
                        let mut last = self.doors.long_written.lock().unwrap_or_else(PoisonError::into_inner);
                        *last = Some(Moment::now());
                    }
                    self.in_long &= written < bytes.len();
                }
                polled
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
