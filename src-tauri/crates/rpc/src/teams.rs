//! Requests about customers, colleagues and supervised teams.

use serde::{Deserialize, Serialize};
use trunkline_model::{
    AccountId, ContactCard, ContactKey, CustomerId, EndpointId, MessageId, Place, WorkItemId, WorkListId,
};
use ts_rs::TS;

/// Lets an adviser answer the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EndConsult {
    /// Which contact.
    pub contact: ContactKey,
    /// One of `Contact::advisers`.
    pub adviser: EndpointId,
    /// Beside the agent; otherwise instead.
    pub stay: bool,
}

/// Gives a contact another customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkCustomer {
    /// Which contact.
    pub contact: ContactKey,
    /// Whose it is.
    pub customer: CustomerId,
}

/// Asks for customers by words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindCustomers {
    /// Where.
    pub account: AccountId,
    /// Part of a name, number or address: 1 to 100 characters.
    pub words: String,
    /// From 0.
    pub page: u32,
}

impl std::fmt::Debug for FindCustomers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FindCustomers({}, {} bytes, page {})", self.account, self.words.len(), self.page)
    }
}

/// Asks for earlier conversations of a contact's customer, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastConversations {
    /// Which contact.
    pub contact: ContactKey,
    /// From 0.
    pub page: u32,
}

/// Gives a contact another name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RenameContact {
    /// Which contact.
    pub contact: ContactKey,
    /// 1 to 200 characters.
    pub name: String,
}

impl std::fmt::Debug for RenameContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RenameContact({}, {} bytes)", self.contact, self.name.len())
    }
}

/// Keeps a contact's customer from writing, or lets them again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BanCustomer {
    /// Whose.
    pub contact: ContactKey,
    /// Wanted.
    pub banned: bool,
}

/// Changes words that were sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EditMessage {
    /// In which contact.
    pub contact: ContactKey,
    /// One of the agent's own.
    pub message: MessageId,
    /// How it reads from now on.
    pub text: String,
}

impl std::fmt::Debug for EditMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EditMessage({}, {}, {} bytes)", self.contact, self.message, self.text.len())
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnMessage {
    /// In which contact.
    pub contact: ContactKey,
    /// Which.
    pub message: MessageId,
}

/// Asks for contacts that are over, newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindArchived {
    /// Where.
    pub account: AccountId,
    /// Part of a name or of what was said, at most 100 characters; empty: all.
    pub words: String,
    /// From 0.
    pub page: u32,
}

impl std::fmt::Debug for FindArchived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FindArchived({}, {} bytes, page {})", self.account, self.words.len(), self.page)
    }
}

/// Asks for what was said in a contact that is over, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ArchivedMessages {
    /// Which contact.
    pub contact: ContactKey,
    /// From 0.
    pub page: u32,
}

/// Subscribes to a list of work, or ends that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SubscribeList {
    /// Where.
    pub account: AccountId,
    /// One of `AccountView::work_lists`.
    pub list: WorkListId,
    /// Wanted.
    pub subscribed: bool,
}

/// Something in a list of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnWorkItem {
    /// Where.
    pub account: AccountId,
    /// One of `AccountView::work_lists`.
    pub list: WorkListId,
    /// One of its items.
    pub item: WorkItemId,
}

/// Sends a place on the map.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendPlace {
    /// Which contact.
    pub contact: ContactKey,
    /// Where: degrees as typed.
    pub place: Place,
}

impl std::fmt::Debug for SendPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SendPlace({})", self.contact)
    }
}

/// Sends people to reach.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendCards {
    /// Which contact.
    pub contact: ContactKey,
    /// 1 to 10 of them.
    pub cards: Vec<ContactCard>,
}

impl std::fmt::Debug for SendCards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SendCards({}, {} of them)", self.contact, self.cards.len())
    }
}
