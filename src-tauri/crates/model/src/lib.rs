//! The shared vocabulary of every platform: agent, agent state, contact,
//! connection, queue. Names follow the Amazon Connect Streams interface, the
//! richest published model; each connector's `map.rs` translates into it.
//!
//! Values here are whole and self-contained: a connector sends a complete
//! [`Contact`], never a delta. Enumerations that a provider may extend have an
//! `Unknown` variant that keeps the provider's text, so that nothing is lost.

mod agent;
mod annotation;
mod archive;
mod challenge;
mod contact;
mod conversation;
mod customer;
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
mod supervision;
mod task;
mod time;
mod work_list;
mod wrap_up;

pub use agent::{
    Agent, AgentActivity, AgentState, AgentStateKind, MediaDomain, MediaStateKind, PickedState, Queue, RoutingProfile,
};
pub use annotation::{Annotations, CustomerNote};
pub use archive::{ArchivePage, ArchivedContact};
pub use challenge::{Challenge, ChallengeKind};
pub use contact::{
    Adviser, Attribute, Channel, Connection, ConnectionAction, ConnectionKind, ConnectionState, Contact, ContactAction,
    ContactState, Direction, EmailHead, Handover, MonitorMode, Monitoring, Outcome, Party, Reference, ReferenceKind,
};
pub use conversation::{
    Attachment, AttachmentState, Author, AuthorRole, Choice, ContactCard, Conversation, ConversationEvent,
    ConversationState, Delivery, Line, Message, MessageBody, Place, Quote, Suggestion,
};
pub use customer::{CannedMessage, CustomerCard, CustomerField, CustomerPage, CustomerRecord, PastMessage, PastPage};
pub use details::{AuthenticationState, ContactDetails, CustomerAuthentication, Features, Initiation, Sight, Subtype};
pub use endpoint::{Endpoint, EndpointKind};
pub use event_rule::{EventAct, EventRule};
pub use ids::{
    AccountId, AgentStateId, CommandId, ConnectionId, ContactId, ContactKey, CustomerId, EndpointId, MediaDomainId,
    MessageId, MessageToken, PlatformEventId, PlatformId, PluginId, QueueId, TaskTemplateId, TaskToken, TeamId,
    WorkItemId, WorkListId,
};
pub use issue::IssueKind;
pub use link::{Link, LinkState, Route, Serving};
pub use media::{CallSummary, IceRoute, MediaFailure, MediaState, MediaStats, Quality, StreamStats};
pub use notice::{Notice, NoticeAction, NoticeLevel};
pub use number::{FEWEST_DIGITS, MOST_DIGITS, NotANumber, e164};
pub use platform_event::{EventSort, PlatformEvent, RosterEntry};
pub use screen_pop::{PopWhen, ScreenPop};
pub use sound::{SoundKind, VoiceEnhancement};
pub use supervision::{
    Listening, SupervisedAgent, SupervisedContact, SupervisedMedium, SupervisedPart, SupervisedQueue, Supervision,
    SupervisionPart, Team, WaitingContact,
};
pub use task::{FieldValue, TaskField, TaskFieldKind, TaskTemplate, TaskTemplateEntry};
pub use time::UnixMillis;
pub use work_list::{WorkItem, WorkList};
pub use wrap_up::{WrapUpCategory, WrapUpCode, WrapUpForm};
