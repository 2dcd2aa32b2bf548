//! The persistent peer connection between and under calls: softphone document,
//! section 10. Pure; one exists only while the service allows it.
//!
//! Inputs, by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | calls | `enter`, `leave`, `retire`, names renewed by an ICE restart |
//! | media port | `path` |
//! | timer | `is_expired` |
//!
//! | state | input | next, and what the session does |
//! | --- | --- | --- |
//! | In use | last call leaves | Idle: the inactivity timer runs, the microphone is closed |
//! | Idle | a call comes, healthy | In use: connectContact |
//! | Idle | a call comes, path lost or failed | ended with bye; a normal invite |
//! | Idle | inactivity over, path failed, not wanted any more, program ends | ended with bye |
//! | Idle | PCBye of the service | ended without bye |
//! | In use | a call comes, healthy | one more on it: connectContact |
//! | In use | a call comes, unhealthy | stays; a normal invite that is not kept |
//! | In use | retired: refused, failed, PCBye | ended when the last call leaves |

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::session::LineId;
use crate::wire::Peer;

/// A kept connection.
#[derive(Debug)]
pub struct Kept {
    /// The connection.
    pub line: LineId,
    /// The service's names for it.
    pub peer: Peer,
    /// Address of its own messages: the agent connection of the first call.
    pub connection_id: String,
    /// Contact of the last call, which the bye names.
    pub last_contact: String,
    inactivity: Duration,
    calls: BTreeSet<String>,
    idle_until: Option<Instant>,
    path_lost: bool,
    retired: Option<Retired>,
}

/// Why it takes no more calls, and whether the service knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retired {
    /// For the log.
    pub why: &'static str,
    /// A bye is to be said.
    pub bye: bool,
}

impl Kept {
    /// Allowed by the service, with its first call.
    pub fn new(line: LineId, peer: Peer, connection_id: String, contact: &str, inactivity: Duration) -> Self {
        Self {
            line,
            peer,
            connection_id,
            last_contact: contact.to_owned(),
            inactivity,
            calls: BTreeSet::from([contact.to_owned()]),
            idle_until: None,
            path_lost: false,
            retired: None,
        }
    }

    /// The health check before a call; the reason when it fails.
    pub fn check(&self) -> Result<(), &'static str> {
        match self.retired {
            Some(retired) => Err(retired.why),
            None if self.path_lost => Err("its path is lost"),
            None => Ok(()),
        }
    }

    /// Calls on it.
    pub fn calls(&self) -> &BTreeSet<String> {
        &self.calls
    }

    /// A call comes to it.
    pub fn enter(&mut self, contact: &str) {
        self.calls.insert(contact.to_owned());
        contact.clone_into(&mut self.last_contact);
        self.idle_until = None;
    }

    /// A call has left it.
    pub fn leave(&mut self, contact: &str, now: Instant) {
        if self.calls.remove(contact) && self.calls.is_empty() {
            self.idle_until = Some(now + self.inactivity);
        }
    }

    /// What the path does.
    pub fn path(&mut self, lost: bool) {
        self.path_lost = lost;
    }

    /// Packets cannot flow.
    pub fn is_path_lost(&self) -> bool {
        self.path_lost
    }

    /// Takes no more calls.
    pub fn retire(&mut self, why: &'static str, bye: bool) {
        let before = self.retired;
        self.retired = Some(Retired { why, bye: bye && before.is_none_or(|before| before.bye) });
    }

    /// Whether and why it is to end now.
    pub fn is_due(&self, now: Instant) -> Option<Retired> {
        if !self.calls.is_empty() {
            return None;
        }
        let expired = self.idle_until.is_some_and(|until| now >= until);
        self.retired.or_else(|| expired.then_some(Retired { why: "unused for its time", bye: true }))
    }

    /// Next time [`Kept::is_due`] can change.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.idle_until.filter(|_| self.calls.is_empty())
    }
}

#[cfg(test)]
mod tests;
