//! The listener, and connections that can be cut, one by one or all.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What all connections of a listener have in common.
pub(crate) struct Doors {
    down: AtomicBool,
    /// Changes when all connections are cut.
    cut: Mutex<CancellationToken>,
}

impl Doors {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { down: AtomicBool::new(false), cut: Mutex::new(CancellationToken::new()) })
    }

    /// Nobody is let in, or everybody again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// Cuts what is open.
    pub fn cut_all(&self) {
        let old = std::mem::take(&mut *self.cut.lock().unwrap_or_else(PoisonError::into_inner));
        old.cancel();
    }

    /// Away for that long: no connection survives, and none is made.
    pub async fn restart(&self, down: Duration) {
        self.set_down(true);
        self.cut_all();
        tokio::time::sleep(down).await;
        self.set_down(false);
    }
}

/// The listener.
pub(crate) struct Door {
    pub listener: TcpListener,
    pub doors: Arc<Doors>,
}

/// How to be rid of who is at the other end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// Cuts this connection.
    pub cut: CancellationToken,
}

impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.remote_addr().clone()
    }
}

impl axum::serve::Listener for Door {
    type Io = Line;
    type Addr = Peer;

    async fn accept(&mut self) -> (Line, Peer) {
        loop {
            match self.listener.accept().await {
                Ok(_) if self.doors.down.load(Ordering::SeqCst) => {}
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    let all = self.doors.cut.lock().unwrap_or_else(PoisonError::into_inner);
                    let cut = all.child_token();
                    let line = Line { stream, cancelled: Box::pin(cut.clone().cancelled_owned()), cut: cut.clone() };
                    return (line, Peer { cut });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer::default())
    }
}

/// One connection.
pub(crate) struct Line {
    stream: TcpStream,
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    cut: CancellationToken,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.cancelled.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.cut.is_cancelled() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
