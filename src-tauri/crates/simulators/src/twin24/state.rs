//! Sessions, messages, clients and files as the platform keeps them. Times are
//! milliseconds since 1970 on the platform's clock.

use bytes::Bytes;

use super::facts::SessionFacts;
use super::options::{OperatorStatus, Twin24Operator};

/// An operator.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    pub profile: Twin24Operator,
    pub status: OperatorStatus,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Client,
    Operator(u64),
    Bot,
}

impl Author {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Client => "CLIENT",
            Self::Operator(_) => "OPERATOR",
            Self::Bot => "BOT",
        }
    }
}

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub id: String,
    pub author: Author,
    pub author_name: String,
    pub body: String,
    pub attachments: Vec<String>,
    pub reply_to: Option<String>,
    pub created: i64,
    pub updated: Option<i64>,
    pub read: Option<i64>,
}

/// A session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub id: String,
    pub client: String,
    pub name: String,
    pub group: u64,
    /// Who has it; none in help, with the bot, and often when it is closed.
    pub operator: Option<u64>,
    pub assigned: Option<i64>,
    /// Everybody in it, with the time: who has it, and who was added.
    pub operators: Vec<(u64, i64)>,
    pub with_bot: bool,
    pub closed: Option<i64>,
    pub started: i64,
    pub online: i64,
    pub offline: Option<i64>,
    pub unread: usize,
    pub messages: Vec<Message>,
    pub spam: bool,
    pub channel: String,
    pub messenger: Option<String>,
    pub referer: Option<String>,
    pub tags: String,
    pub last_operator: Option<i64>,
    pub first_client_after: Option<i64>,
    pub facts: SessionFacts,
}

impl Session {
    /// It waits for anyone.
    pub fn in_help(&self) -> bool {
        self.operator.is_none() && !self.with_bot && self.closed.is_none()
    }

    pub fn has(&self, operator: u64) -> bool {
        self.operators.iter().any(|(id, _)| *id == operator)
    }

    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }
}

/// A client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub name: String,
    pub banned: bool,
}

/// A stored file.
#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub private: bool,
    pub path: String,
    pub created: i64,
    pub owner: Option<u64>,
    pub bytes: Bytes,
}
