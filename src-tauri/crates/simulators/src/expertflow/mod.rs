//! Expertflow CX: Agent Manager with its Socket.IO server, and the services
//! that a desk asks beside it, all on one port.
//!
//! Socket.IO itself is the crate socketioxide, a server that has nothing in
//! common with our client. What the vendor has not published is an option here
//! as it is a setting of the connector.

mod agents;
mod announce;
mod assist;
mod bodies;
mod cast;
mod colleagues;
mod conversation;
mod customers;
mod demo;
mod demo_lists;
mod dispatch;
mod door;
mod error;
mod facts;
mod faults;
mod history;
mod hub;
mod leaving;
mod options;
mod people;
mod picture;
mod played;
mod presence;
mod pull;
mod rest;
mod routing;
mod shapes;
mod sim;
mod sim_chat;
mod sim_pull;
mod sockets;
mod supervise;
mod token;
mod weather;
mod world;

pub use demo::{ExpertflowPace, demo, demo_options};
pub use error::ExpertflowError;
pub use facts::{AgentFact, ChatFacts, Departure, PullFact, SentMessage, TopicSent};
pub use faults::{Handshake, Heard};
pub use options::{
    CustomerOffer, ExpertflowAgent, ExpertflowOptions, ExpertflowQueue, MRD_CHAT, MRD_CX_VOICE, PullList, Resync,
    SecondFactor, TransferLeaves, WRAP_UP_FORM,
};
pub use sim::ExpertflowSim;
pub use sim_chat::SimChat;
pub use sim_pull::PullView;
