//! How the server is set up. The defaults are Centrifugo's own.

use std::time::Duration;

/// A server's settings.
#[derive(Clone, Debug)]
pub struct EndpointOptions {
    /// On 127.0.0.1; 0 is any.
    pub port: u16,
    /// Path of the WebSocket.
    pub path: String,
    /// The version that the connect reply names.
    pub version: String,
    /// Between two pings; zero is none. On the wire it is a whole number of seconds.
    pub ping: Duration,
    /// How long a pong may take; without, none is asked for.
    pub pong: Option<Duration>,
    /// A socket without a successful connect is closed after this.
    pub stale: Duration,
    /// Bytes of one frame of a client.
    pub message_limit: usize,
    /// Publications that a channel with history keeps.
    pub history_size: usize,
    /// Publications that are recovered at most in one go.
    pub recovery_limit: usize,
    /// After a recovery `offset` is the one that was asked for, as the newest servers say it, not the top of the stream.
    pub offset_of_request: bool,
    /// Origins that are let in, for clients that send one; empty is all.
    pub origins: Vec<String>,
    /// Clients have to send an origin.
    pub origin_required: bool,
}

impl Default for EndpointOptions {
    fn default() -> Self {
        Self {
            port: 0,
            path: "/connection/websocket".to_owned(),
            version: "6.2.0".to_owned(),
            ping: Duration::from_secs(25),
            pong: Some(Duration::from_secs(8)),
            stale: Duration::from_secs(15),
            message_limit: 65_536,
            history_size: 300,
            recovery_limit: 300,
            offset_of_request: false,
            origins: Vec::new(),
            origin_required: false,
        }
    }
}
