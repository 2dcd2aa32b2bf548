//! A Centrifugo server: the bidirectional client protocol, version 2, in JSON
//! over WebSocket, with server-side subscriptions, history and recovery. Who may
//! connect, and to what, is an [`App`]'s business, as it is the connect proxy's
//! of a real one; [`CentrifugoSim`] has a small one, [`crate::twin24`] the platform's.
//!
//! Beside it the server API of a real Centrifugo, so that an application can
//! publish through that one instead: [`CentrifugoApi`], [`RunningCentrifugo`].

mod api;
mod broker;
mod commands;
mod connection;
mod door;
mod faults;
mod hub;
mod launch;
mod options;
mod server;
mod sim;
mod wire;

pub use api::{ApiError, CentrifugoApi};
pub use faults::{CentrifugoWeather, ConnectHeard, ConnectOutcome, ConnectRefusal, Dialled, codes};
pub use launch::{CentrifugoGeneration, CentrifugoLaunch, RunningCentrifugo, configuration};
pub use options::EndpointOptions;
pub use sim::{CentrifugoError, CentrifugoSim};

pub(crate) use door::{Door, Doors, Peer};
pub(crate) use hub::{App, ConnectAsked, Connecting, Hub, ServerSub};
pub(crate) use server::serve;
