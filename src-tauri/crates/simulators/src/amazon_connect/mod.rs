//! A simulated Amazon Connect instance for voice and chat: CTI service, log-in,
//! agent WebSocket, softphone signalling, and a customer with a WebRTC endpoint
//! behind a TURN server; the Participant Service and customers who chat.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use trunkline_simulators::amazon_connect::{AmazonConnectSim, OfferCall, SimOptions};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sim = AmazonConnectSim::start(SimOptions::default()).await?;
//! println!("{} {}", sim.base_url(), sim.token("agent.one"));
//! let call = sim.offer_call(OfferCall::to("agent.one")).await?;
//! call.expect_accepted(Duration::from_secs(20)).await?;
//! # Ok(()) }
//! ```

mod call;
mod callbacks;
mod chat;
mod chat_demo;
mod cti;
mod demo;
mod directory;
mod error;
mod extras;
mod facts;
mod faults;
mod gate;
mod handle;
mod member;
mod monitoring;
mod options;
mod parties;
mod peer;
mod persistent;
mod recording;
mod records;
mod resilience;
mod room;
mod server;
mod shared;
mod signalling;
mod sim_agent;
mod sim_call;
mod sim_party;
mod snapshot;
mod speaker;
mod state;
mod turn_server;
mod twist;
mod websocket;
mod work;

pub use call::{CallFacts, EndedBy};
pub use chat::{AttachmentStatus, ChatEndedBy, ChatFacts, ChatFile, ChatMessage, ChatRole, OfferChat, SimChat};
pub use demo::{DemoPace, demo, demo_options};
pub use directory::{QuickConnect, QuickConnectTarget};
pub use error::SimError;
pub use extras::{Authentication, Extras};
pub use faults::{Fault, FrameFault, RequestNote, SignallingFault, SnapshotTwist};
pub use gate::{Gate, GateNote};
pub use handle::AmazonConnectSim;
pub use member::PartyFacts;
pub use options::{
    Abandoned, AgentOptions, AnswerForm, BeforeAccept, OfferCall, OutboundAnswer, OutboundBehaviour,
    PersistentConnection, SimOptions, Speech, SpeechStart, StateOption, TurnKind, WebSocketScheme,
};
pub use recording::{PacketNote, Recording, SILENCE};
pub use resilience::SECOND_INSTANCE;
pub use shared::{PageReport, SimIssue};
pub use sim_agent::SimAgent;
pub use sim_call::SimCall;
pub use sim_party::SimParty;
pub use work::{EmailAddress, OfferEmail, OfferTask, SimWork, TaskReference, TaskTemplate, TemplateField, WorkFacts};
