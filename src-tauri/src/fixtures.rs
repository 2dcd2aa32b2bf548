//! The fixed cast of the shell's tests.

use trunkline_desk::Offer;
use trunkline_model::{
    Attribute, Channel, ContactKey, EventSort, Party, PlatformEvent, PlatformEventId, Queue, QueueId, UnixMillis,
};

/// Contact `name` of account one.
pub fn key(name: &str) -> ContactKey {
    ContactKey::new("account-one".into(), name.into())
}

/// A call from customer one.
pub fn offer(name: &str) -> Offer {
    Offer {
        key: key(name),
        account_name: "Account one".to_owned(),
        channel: Channel::Voice,
        customer: Party { name: Some("Customer One".to_owned()), address: Some("+15550101".to_owned()) },
        subject: None,
        queue: Some(Queue { id: QueueId::new("queue-one"), name: Some("Orders".to_owned()) }),
        attributes: vec![Attribute { name: "Order".to_owned(), value: "4711".to_owned() }],
        offered_at: UnixMillis::default(),
        expires: None,
        can_reject: true,
        while_busy: false,
    }
}

/// An event of a platform's own that says nothing but its type.
pub fn event(kind: &str, sort: EventSort) -> PlatformEvent {
    PlatformEvent {
        id: PlatformEventId::new("event-one"),
        kind: kind.to_owned(),
        sort,
        at: UnixMillis::default(),
        customer: Party::default(),
        campaign: None,
        channel: None,
        way: None,
        fields: Vec::new(),
    }
}
