//! AgentHub of the Olos platform: a Phoenix server that pushes what happens to
//! an agent, and who is online to administrators.
//!
//! What the platform has not published (path, parameter, topics) is an option
//! here as it is a setting of the connector.

mod demo;
mod hub_event;
mod options;
mod sim;
mod token;

pub use demo::{demo_options, follow_calls, online_users};
pub use hub_event::HubEvent;
pub use options::{OlosAgent, OlosOptions, OnlineUser};
pub use sim::{OlosError, OlosSim};
