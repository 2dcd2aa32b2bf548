//! TWIN24's chat operator interface: the REST services IAM and Chat API, and the
//! live events that come through [`crate::centrifugo`] or a real Centrifugo.
//!
//! What the vendor has not published (shapes of events, verbs, names of
//! channels) is an option here as it is a setting of the connector.

mod archive;
mod backend;
mod clients;
mod demo;
mod demo_cast;
mod error;
mod events;
mod facts;
mod faults;
mod hub;
mod operators;
mod options;
mod rest;
mod routing;
mod shapes;
mod sim;
mod sim_expect;
mod sim_session;
mod state;
mod token;
mod weather;
mod world;

pub use demo::{Twin24Pace, demo, demo_options};
pub use error::Twin24Error;
pub use facts::{Closing, Handover, HandoverTarget, OperatorFact, SentMessage, SessionFacts};
pub use faults::{Failure, Heard, Service};
pub use options::{
    ClientOffer, EventForm, EventsThrough, OperatorStatus, TimestampForm, TokenRefusal, Twin24Group, Twin24Operator,
    Twin24Options, Verbs,
};
pub use sim::Twin24Sim;
pub use sim_session::SimSession;
