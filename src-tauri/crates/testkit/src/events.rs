use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use trunkline_connector::{Envelope, Event};
use trunkline_model::{AccountId, Agent, Contact, ContactId, ContactState, LinkState, Notice};

use crate::PATIENCE;

/// Reads a connector's events and remembers all of them, so that a failed
/// expectation can tell what came instead.
#[derive(Debug)]
pub struct EventLog {
    channel: mpsc::Receiver<Envelope>,
    seen: Vec<Envelope>,
}

impl EventLog {
    /// Reads from the desk's end of the channel.
    pub fn new(channel: mpsc::Receiver<Envelope>) -> Self {
        Self { channel, seen: Vec::new() }
    }

    /// Everything read so far.
    pub fn seen(&self) -> &[Envelope] {
        &self.seen
    }

    /// The next event, whatever it is.
    pub async fn next(&mut self) -> Envelope {
        self.next_before(Instant::now() + PATIENCE, "any event").await
    }

    async fn next_before(&mut self, deadline: Instant, what: &str) -> Envelope {
        match tokio::time::timeout_at(deadline, self.channel.recv()).await {
            Ok(Some(envelope)) => {
                self.seen.push(envelope.clone());
                envelope
            }
            Ok(None) => panic!("expected {what}, but all senders are gone; saw {}", self.summary()),
            Err(_) => panic!("expected {what}; saw {}", self.summary()),
        }
    }

    /// Reads on until `pick` takes an event. `what` names it in the failure.
    pub async fn expect<T>(&mut self, what: &str, pick: impl Fn(&Envelope) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let envelope = self.next_before(deadline, what).await;
            if let Some(picked) = pick(&envelope) {
                return picked;
            }
        }
    }

    /// Reads on until the account's link is in `state`.
    pub async fn expect_link(&mut self, account: &AccountId, state: LinkState) {
        self.expect(&format!("link {state:?} of {account}"), |envelope| match &envelope.event {
            Event::Link(link) if envelope.account == *account && link.state == state => Some(()),
            _ => None,
        })
        .await;
    }

    /// Reads on until the agent of the account is as `wanted`.
    pub async fn expect_agent(&mut self, what: &str, wanted: impl Fn(&Agent) -> bool) -> Agent {
        self.expect(what, |envelope| match &envelope.event {
            Event::Agent(agent) if wanted(agent) => Some((**agent).clone()),
            _ => None,
        })
        .await
    }

    /// Reads on until the contact is in `state`.
    pub async fn expect_contact(&mut self, contact: &ContactId, state: ContactState) -> Contact {
        self.expect(&format!("contact {contact} {state:?}"), |envelope| match &envelope.event {
            Event::Contact(found) if found.id == *contact && found.state == state => Some((**found).clone()),
            _ => None,
        })
        .await
    }

    /// Reads on until the contact is gone.
    pub async fn expect_gone(&mut self, contact: &ContactId) {
        self.expect(&format!("contact {contact} gone"), |envelope| match &envelope.event {
            Event::ContactGone { contact: gone, .. } if gone == contact => Some(()),
            _ => None,
        })
        .await;
    }

    /// Reads on until a notice with this message key.
    pub async fn expect_notice(&mut self, message_key: &str) -> Notice {
        self.expect(&format!("notice {message_key}"), |envelope| match &envelope.event {
            Event::Notice(notice) if notice.message_key == message_key => Some(notice.clone()),
            _ => None,
        })
        .await
    }

    /// Fails when any event comes within `time`.
    pub async fn expect_nothing_for(&mut self, time: Duration) {
        if let Ok(Some(envelope)) = tokio::time::timeout(time, self.channel.recv()).await {
            self.seen.push(envelope);
            panic!("expected no event for {time:?}; saw {}", self.summary());
        }
    }

    /// The last few events, short and without personal data.
    fn summary(&self) -> String {
        if self.seen.is_empty() {
            return "nothing".to_owned();
        }
        let from = self.seen.len().saturating_sub(12);
        let shown = self.seen[from..].iter().map(|envelope| {
            let event = match &envelope.event {
                Event::Link(link) => format!("link {:?}", link.state),
                Event::WorkLists(lists) => format!("{} lists of work", lists.len()),
                Event::Route(route) => format!("route {route:?}"),
                Event::Challenge(challenge) => format!("challenge {challenge:?}"),
                Event::Serving(serving) => format!("serving {serving:?}"),
                Event::ResyncStart => "resync start".to_owned(),
                Event::ResyncEnd => "resync end".to_owned(),
                Event::Agent(agent) => format!("agent {:?} {}", agent.state.kind, agent.state.name),
                Event::Contact(contact) => format!("contact {} {:?}", contact.id, contact.state),
                Event::ContactGone { contact, .. } => format!("contact {contact} gone"),
                Event::Conversation { contact, conversation } => {
                    format!("conversation of {contact} {:?}", conversation.state)
                }
                Event::Message { contact, message } => format!("message {} in {contact}", message.id),
                Event::PlatformEvent(event) => format!("event {} {}", event.id, event.kind),
                Event::Roster(roster) => format!("roster of {}", roster.len()),
                Event::Notice(notice) => format!("notice {}", notice.message_key),
                Event::NoticeGone(id) => format!("notice {id} gone"),
            };
            format!("{}: {event}", envelope.account)
        });
        format!("{} events, at the end [{}]", self.seen.len(), shown.collect::<Vec<_>>().join("; "))
    }
}
