//! Questions to a connector that have an answer of their own. Beside the
//! commands: a lookup changes nothing at the platform, so it has no id and may
//! be asked as often as wanted.

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;
use trunkline_model::{
    ArchivePage, CannedMessage, ContactId, CustomerCard, CustomerPage, Endpoint, PastPage, Supervision, TaskTemplate,
    TaskTemplateEntry, TaskTemplateId,
};

use crate::CommandError;
use crate::ports::Progress;

/// One question. Dropping it without an answer counts as
/// [`crate::CommandCode::Cancelled`].
#[derive(Debug)]
pub enum Lookup {
    /// The entries of the platform's directory that a call can be brought to.
    Endpoints {
        /// Only those for this contact, where the platform tells them apart;
        /// `None`: all of the agent's.
        contact: Option<ContactId>,
        /// Answer by then; the connector answers with what it has read so far,
        /// or [`crate::CommandCode::Timeout`] when that is nothing.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<EndpointList, CommandError>>,
    },
    /// A file that somebody sent in a conversation. Goes on as long as somebody
    /// waits for the answer.
    Attachment {
        /// In which contact.
        contact: ContactId,
        /// `Attachment::id`.
        attachment: String,
        /// Told while it comes in.
        progress: Progress,
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<FetchedFile, CommandError>>,
    },
    /// The templates that a task can be made from.
    TaskTemplates {
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<Vec<TaskTemplateEntry>, CommandError>>,
    },
    /// One template with its fields.
    TaskTemplate {
        /// Which.
        id: TaskTemplateId,
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<TaskTemplate, CommandError>>,
    },
    /// The teams of a supervisor, as they are now.
    Supervision {
        /// Answer by then; the connector answers with what it has read so far,
        /// or [`crate::CommandCode::Timeout`] when that is nothing.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<Supervision, CommandError>>,
    },
    /// The customer of a contact.
    Customer {
        /// Which contact.
        contact: ContactId,
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<CustomerCard, CommandError>>,
    },
    /// Customers by words in their records.
    FindCustomers {
        /// Part of a name, number or address; not empty.
        words: String,
        /// From 0.
        page: u32,
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<CustomerPage, CommandError>>,
    },
    /// Earlier conversations of a contact's customer.
    PastConversations {
        /// Which contact.
        contact: ContactId,
        /// From 0, the newest.
        page: u32,
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<PastPage, CommandError>>,
    },
    /// Contacts that are over.
    Archive {
        /// Part of a name or of what was said; empty: all.
        words: String,
        /// From 0, the newest.
        page: u32,
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<ArchivePage, CommandError>>,
    },
    /// What was said in a contact that is over.
    ArchivedMessages {
        /// Which.
        contact: ContactId,
        /// From 0, the newest.
        page: u32,
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<PastPage, CommandError>>,
    },
    /// Words kept ready to be said.
    CannedMessages {
        /// Answer by then.
        deadline: Instant,
        /// Where the answer goes, exactly once.
        reply: oneshot::Sender<Result<Vec<CannedMessage>, CommandError>>,
    },
}

/// A file out of a conversation. Name and type are text from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedFile {
    /// As it was given: may hold a path or worse.
    pub name: String,
    /// Content.
    pub bytes: Bytes,
}

/// The directory, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointList {
    /// Entries in the platform's order, each id once.
    pub items: Vec<Endpoint>,
    /// Everything was read; false when a page failed and entries are missing.
    pub complete: bool,
}
