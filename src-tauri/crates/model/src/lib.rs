//! The shared vocabulary of every platform: agent, agent state, contact,
//! connection, queue. Names follow the Amazon Connect Streams interface, the
//! richest published model; each connector's `map.rs` translates into it.
//!
//! Values here are whole and self-contained: a connector sends a complete
//! [`Contact`], never a delta. Enumerations that a provider may extend have an
//! `Unknown` variant that keeps the provider's text, so that nothing is lost.

mod agent;
mod contact;
mod conversation;
mod details;
mod endpoint;
mod event_rule;
mod ids;
mod issue;
mod link;
mod media;
mod notice;
mod number;
mod platform_event;
mod screen_pop;
mod sound;
mod task;
mod time;

pub use agent::{Agent, AgentActivity, AgentState, AgentStateKind, PickedState, Queue, RoutingProfile};
pub use contact::{
    Attribute, Channel, Connection, ConnectionAction, ConnectionKind, ConnectionState, Contact, ContactAction,
    ContactState, Direction, EmailHead, MonitorMode, Monitoring, Outcome, Party, Reference, ReferenceKind,
};
pub use conversation::{
    Attachment, AttachmentState, Author, AuthorRole, Choice, Conversation, ConversationEvent, ConversationState,
    Delivery, Message, MessageBody,
};
pub use details::{AuthenticationState, ContactDetails, CustomerAuthentication, Features, Initiation, Sight, Subtype};
pub use endpoint::{Endpoint, EndpointKind};
pub use event_rule::{EventAct, EventRule};
pub use ids::{
    AccountId, AgentStateId, CommandId, ConnectionId, ContactId, ContactKey, EndpointId, MessageId, MessageToken,
    PlatformEventId, PlatformId, QueueId, TaskTemplateId, TaskToken,
};
pub use issue::IssueKind;
pub use link::{Link, LinkState, Route, Serving};
pub use media::{CallSummary, IceRoute, MediaFailure, MediaState, MediaStats, Quality, StreamStats};
pub use notice::{Notice, NoticeAction, NoticeLevel};
pub use number::{FEWEST_DIGITS, MOST_DIGITS, NotANumber, e164};
pub use platform_event::{EventSort, PlatformEvent, RosterEntry};
pub use screen_pop::{PopWhen, ScreenPop};
pub use sound::{SoundKind, VoiceEnhancement};
pub use task::{FieldValue, TaskField, TaskFieldKind, TaskTemplate, TaskTemplateEntry};
pub use time::UnixMillis;
