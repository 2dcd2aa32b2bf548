//! WebSockets over the same TLS configuration and proxy as HTTP.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use trunkline_connector::ports::{Frame, WebSocketDial, WebSocketFailure, WebSocketReceive, WebSocketSend};
use url::{Host, Url};

use crate::http::is_tls;
use crate::proxy::{ProxyRoute, open_tunnel};

/// Largest message received or sent, bytes, unless the caller takes larger ones.
pub const MAX_MESSAGE: usize = 1024 * 1024;

/// RFC 6455, 7.4.1: the code for "the close frame held none".
const NO_STATUS: u16 = 1005;

trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}
type Stream = Box<dyn Transport>;

pub(crate) struct WebSocketDialler {
    tls: Arc<ClientConfig>,
    route: ProxyRoute,
    agent: String,
}

impl WebSocketDialler {
    pub(crate) fn new(tls: Arc<ClientConfig>, route: ProxyRoute, agent: String) -> Self {
        Self { tls, route, agent }
    }

    async fn open(
        &self,
        url: &Url,
        headers: ::http::HeaderMap,
        longest: usize,
    ) -> Result<WebSocketStream<Stream>, WebSocketFailure> {
        let secure = match url.scheme() {
            "ws" => false,
            "wss" => true,
            other => {
                tracing::warn!(scheme = other, "not a WebSocket address");
                return Err(WebSocketFailure::Connect);
            }
        };
        let mut stream = self.transport(url).await?;
        if secure {
            stream = self.secured(stream, url).await?;
        }
        let mut request = url.as_str().into_client_request().map_err(|error| failure(&error))?;
        if let Ok(agent) = self.agent.parse() {
            request.headers_mut().insert(::http::header::USER_AGENT, agent);
        }
        request.headers_mut().extend(headers);
        let limits = WebSocketConfig::default().max_message_size(Some(longest)).max_frame_size(Some(longest));
        match client_async_with_config(request, stream, Some(limits)).await {
            Ok((socket, _)) => Ok(socket),
            Err(error) => Err(failure(&error)),
        }
    }

    /// TCP to the server, or a tunnel to it through the proxy.
    async fn transport(&self, url: &Url) -> Result<Stream, WebSocketFailure> {
        let Some(proxy) = self.route.proxy_for(url) else {
            return Ok(Box::new(connect(url).await?));
        };
        let port = url.port_or_known_default().ok_or(WebSocketFailure::Connect)?;
        let host = url.host_str().ok_or(WebSocketFailure::Connect)?;
        let tcp = connect(&proxy).await?;
        let mut stream: Stream = match proxy.scheme() {
            "http" => Box::new(tcp),
            "https" => self.secured(Box::new(tcp), &proxy).await?,
            other => {
                tracing::warn!(scheme = other, "proxies of this kind are not supported");
                return Err(WebSocketFailure::Connect);
            }
        };
        open_tunnel(&mut stream, &proxy, &format!("{host}:{port}")).await.map_err(|error| {
            // Not `Refused`: the status is the proxy's, and must not be taken for the platform's.
            tracing::warn!(proxy = proxy.host_str(), %error, "no tunnel through the proxy");
            WebSocketFailure::Connect
        })?;
        Ok(stream)
    }

    async fn secured(&self, stream: Stream, url: &Url) -> Result<Stream, WebSocketFailure> {
        let name = match url.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(|_| WebSocketFailure::Connect)?,
            Some(Host::Ipv4(address)) => ServerName::IpAddress(std::net::IpAddr::V4(address).into()),
            Some(Host::Ipv6(address)) => ServerName::IpAddress(std::net::IpAddr::V6(address).into()),
            None => return Err(WebSocketFailure::Connect),
        };
        let connector = TlsConnector::from(self.tls.clone());
        let secured = connector.connect(name, stream).await.map_err(|error| {
            tracing::debug!(host = url.host_str(), %error, "TLS handshake failed");
            if is_tls(&error) { WebSocketFailure::Tls } else { WebSocketFailure::Broken }
        })?;
        Ok(Box::new(secured))
    }
}

async fn connect(url: &Url) -> Result<TcpStream, WebSocketFailure> {
    let port = url.port_or_known_default().ok_or(WebSocketFailure::Connect)?;
    let connected = match url.host() {
        Some(Host::Domain(name)) => TcpStream::connect((name, port)).await,
        Some(Host::Ipv4(address)) => TcpStream::connect((address, port)).await,
        Some(Host::Ipv6(address)) => TcpStream::connect((address, port)).await,
        None => return Err(WebSocketFailure::Connect),
    };
    let stream = connected.map_err(|error| {
        tracing::debug!(host = url.host_str(), port, %error, "cannot connect");
        WebSocketFailure::Connect
    })?;
    // Signalling frames are small and each waits for its answer.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off Nagle's algorithm");
    }
    Ok(stream)
}

#[async_trait]
impl WebSocketDial for WebSocketDialler {
    async fn dial(
        &self,
        url: Url,
        headers: ::http::HeaderMap,
        timeout: Duration,
    ) -> Result<(Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>), WebSocketFailure> {
        self.dial_large(url, headers, timeout, MAX_MESSAGE).await
    }

    async fn dial_large(
        &self,
        url: Url,
        headers: ::http::HeaderMap,
        timeout: Duration,
        longest: usize,
    ) -> Result<(Box<dyn WebSocketSend>, Box<dyn WebSocketReceive>), WebSocketFailure> {
        let opened = tokio::time::timeout(timeout, self.open(&url, headers, longest)).await;
        let socket = opened.unwrap_or(Err(WebSocketFailure::Timeout)).inspect_err(|reason| {
            tracing::debug!(host = url.host_str(), path = url.path(), %reason, "no WebSocket");
        })?;
        let (sink, stream) = socket.split();
        Ok((Box::new(Sending { sink }), Box::new(Receiving { stream, over: false })))
    }
}

struct Sending {
    sink: SplitSink<WebSocketStream<Stream>, Message>,
}

#[async_trait]
impl WebSocketSend for Sending {
    async fn send(&mut self, frame: Frame) -> Result<(), WebSocketFailure> {
        let message = match frame {
            Frame::Text(text) if text.len() > MAX_MESSAGE => return Err(WebSocketFailure::TooLarge),
            Frame::Binary(bytes) if bytes.len() > MAX_MESSAGE => return Err(WebSocketFailure::TooLarge),
            Frame::Text(text) => Message::Text(text.into()),
            Frame::Binary(bytes) => Message::Binary(bytes),
            // 1005 stands for "no code" and must not be sent.
            Frame::Close(NO_STATUS) => Message::Close(None),
            Frame::Close(code) => {
                Message::Close(Some(CloseFrame { code: CloseCode::from(code), reason: String::new().into() }))
            }
        };
        self.sink.send(message).await.map_err(|error| failure(&error))
    }
}

struct Receiving {
    stream: SplitStream<WebSocketStream<Stream>>,
    over: bool,
}

#[async_trait]
impl WebSocketReceive for Receiving {
    async fn receive(&mut self) -> Result<Frame, WebSocketFailure> {
        while !self.over {
            let frame = match self.stream.next().await {
                Some(Ok(Message::Text(text))) => Frame::Text(text.as_str().to_owned()),
                Some(Ok(Message::Binary(bytes))) => Frame::Binary(bytes),
                // The answer to a ping is queued by the library and sent with this read or the next.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(close))) => {
                    self.over = true;
                    // Lets the library send its half of the closing handshake now: nobody reads again.
                    let _ = self.stream.next().now_or_never();
                    Frame::Close(close.map_or(NO_STATUS, |frame| frame.code.into()))
                }
                Some(Err(error)) => {
                    self.over = true;
                    return Err(failure(&error));
                }
                None => break,
            };
            return Ok(frame);
        }
        self.over = true;
        Err(WebSocketFailure::Broken)
    }
}

fn failure(error: &Error) -> WebSocketFailure {
    match error {
        Error::Http(response) => WebSocketFailure::Refused(response.status().as_u16()),
        Error::Capacity(_) => WebSocketFailure::TooLarge,
        Error::Tls(_) => WebSocketFailure::Tls,
        Error::Url(_) => WebSocketFailure::Connect,
        Error::Io(cause) if is_tls(cause) => WebSocketFailure::Tls,
        Error::Io(cause) if cause.kind() == io::ErrorKind::TimedOut => WebSocketFailure::Timeout,
        _ => WebSocketFailure::Broken,
    }
}
