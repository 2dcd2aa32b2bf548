//! Identifiers. Opaque text from a provider or from us; never parsed.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// Wraps the provider's text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            /// The text as the provider wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id!(
    /// One sign-in on one platform. Made by us when the account is added; two
    /// accounts on the same platform have two ids.
    AccountId
);
text_id!(
    /// A connector's name, for example `amazon-connect`.
    PlatformId
);
text_id!(
    /// A plugin, by its manifest: small letters, digits and hyphens.
    PluginId
);
text_id!(
    /// A contact as the platform names it. Unique within one account only: use
    /// [`ContactKey`] wherever several accounts meet.
    ContactId
);
text_id!(
    /// One leg of a contact as the platform names it.
    ConnectionId
);
text_id!(
    /// A queue as the platform names it (an ARN on Amazon Connect).
    QueueId
);
text_id!(
    /// An entry of the platform's directory as the platform names it.
    EndpointId
);
text_id!(
    /// A state that an agent can choose, as the platform names it.
    AgentStateId
);
text_id!(
    /// A medium as the platform routes it ("media routing domain" on Expertflow CX).
    MediaDomainId
);
text_id!(
    /// A message as the platform names it.
    MessageId
);
text_id!(
    /// A message of ours before and after the platform names it: made here, kept
    /// through crashes, given to the platform so that a repetition is not a
    /// second message.
    MessageToken
);
text_id!(
    /// A task of ours before the platform names it: made here (a UUID), given to
    /// the platform so that a repetition is not a second task.
    TaskToken
);
text_id!(
    /// A template of tasks as the platform names it.
    TaskTemplateId
);
text_id!(
    /// An event as the platform names it.
    PlatformEventId
);
text_id!(
    /// A team as the platform names it.
    TeamId
);
text_id!(
    /// A list that agents take work from, as the platform names it.
    WorkListId
);
text_id!(
    /// Something in such a list, as the platform names it.
    WorkItemId
);
text_id!(
    /// A customer's record as the platform names it.
    CustomerId
);
text_id!(
    /// One command of the agent. A command repeated with the same id is carried
    /// out once.
    CommandId
);

/// A contact among all accounts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct ContactKey {
    /// The account that holds it.
    pub account: AccountId,
    /// Its id there.
    pub contact: ContactId,
}

impl ContactKey {
    /// Joins the two parts.
    pub fn new(account: AccountId, contact: ContactId) -> Self {
        Self { account, contact }
    }
}

impl fmt::Display for ContactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.contact)
    }
}
