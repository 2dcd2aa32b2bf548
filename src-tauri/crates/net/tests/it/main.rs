//! The network against local peers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod http;
mod proxy;
mod tls;
mod websocket;
