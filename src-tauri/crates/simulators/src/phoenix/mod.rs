//! A Phoenix server: sockets, channels, replies and presence over WebSocket
//! frames of serialiser 2.0.0. What is on the channels is an [`App`]'s business;
//! [`PhoenixSim`] has a small one, [`crate::olos`] that of AgentHub.

mod faults;
mod frame;
mod hub;
mod server;
mod sim;

pub use faults::{Attempt, Weather};
pub use sim::{PhoenixError, PhoenixSim};

pub(crate) use frame::Body;
pub(crate) use hub::{App, Asked, Hub, Joining, Pushed, Tracked};
pub(crate) use server::serve;
