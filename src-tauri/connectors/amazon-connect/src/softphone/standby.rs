//! The standby connection: one unused peer connection with fresh relay
//! credentials whose candidates are gathered already ("early media", softphone
//! document, section 10). Pure.
//!
//! Inputs, by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | session | `wanted` (an agent with a softphone, connected, no kept connection), `take` |
//! | platform, HTTP | `servers` |
//! | media port | `prepared`, `lost` |
//! | platform, agent socket | `lost` (idleConnection, quotaBreached) |
//! | timer | `tick` |
//!
//! | state | input | does | next |
//! | --- | --- | --- | --- |
//! | Off | wanted | asks for credentials | Fetching |
//! | Fetching | credentials | opens a connection and gathers | Gathering |
//! | Fetching, Gathering | refused, failed | closes what there is | Off for 30 s |
//! | Gathering | gathered | closes the one before | Ready |
//! | Ready | 60 s over | asks for credentials; the old one stays meanwhile | Fetching |
//! | Ready | taken by a call | | Off, then at once Fetching |
//! | Ready | lost | closes it | Off for 30 s |
//! | any | not wanted (offline, signed out) | closes what there is | Off |

use tokio::time::Instant;

use crate::session::LineId;
use crate::settings::{AmazonConnectSettings, ms};
use crate::wire::IceServerEntry;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum StandbyAction {
    /// CreateTransport `softphone`.
    Fetch,
    /// A connection with these relays, gathered ahead.
    Open(LineId, Vec<IceServerEntry>),
    /// Ends a connection.
    Close(LineId),
}

#[derive(Debug, Default, PartialEq)]
enum Coming {
    #[default]
    No,
    Fetching,
    Gathering(LineId),
}

/// The machine.
#[derive(Debug, Default)]
pub struct Standby {
    wanted: bool,
    coming: Coming,
    ready: Option<LineId>,
    /// Begins anew at this time.
    at: Option<Instant>,
}

impl Standby {
    /// Whether there is to be one.
    pub fn wanted(&mut self, wanted: bool, now: Instant, out: &mut Vec<StandbyAction>) {
        if std::mem::replace(&mut self.wanted, wanted) == wanted {
            return;
        }
        if wanted {
            self.at = Some(now);
        } else {
            self.close_all(out);
            self.at = None;
        }
    }

    fn close_all(&mut self, out: &mut Vec<StandbyAction>) {
        if let Coming::Gathering(line) = std::mem::take(&mut self.coming) {
            out.push(StandbyAction::Close(line));
        }
        out.extend(self.ready.take().map(StandbyAction::Close));
    }

    /// Next time [`Standby::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.at
    }

    /// Timers.
    pub fn tick(&mut self, now: Instant, out: &mut Vec<StandbyAction>) {
        if self.at.is_some_and(|at| now >= at) {
            self.at = None;
            if self.wanted && self.coming == Coming::No {
                self.coming = Coming::Fetching;
                out.push(StandbyAction::Fetch);
            }
        }
    }

    /// Credentials came, or none. `line` is the new connection's number.
    pub fn servers(
        &mut self,
        servers: Option<Vec<IceServerEntry>>,
        line: LineId,
        now: Instant,
        settings: &AmazonConnectSettings,
        out: &mut Vec<StandbyAction>,
    ) {
        if self.coming != Coming::Fetching {
            return;
        }
        match servers.filter(|servers| !servers.is_empty()) {
            Some(servers) => {
                self.coming = Coming::Gathering(line);
                out.push(StandbyAction::Open(line, servers));
            }
            // The old one's credentials may end any time.
            None => self.failed(now, settings, out),
        }
    }

    fn failed(&mut self, now: Instant, settings: &AmazonConnectSettings, out: &mut Vec<StandbyAction>) {
        self.close_all(out);
        self.at = self.wanted.then(|| now + ms(settings.standby_retry_ms));
    }

    /// A connection has gathered, or could not.
    pub fn prepared(
        &mut self,
        line: LineId,
        good: bool,
        now: Instant,
        settings: &AmazonConnectSettings,
        out: &mut Vec<StandbyAction>,
    ) {
        if self.coming != Coming::Gathering(line) {
            return;
        }
        if !good {
            self.failed(now, settings, out);
            return;
        }
        self.coming = Coming::No;
        out.extend(self.ready.replace(line).map(StandbyAction::Close));
        self.at = Some(now + ms(settings.standby_ms));
    }

    /// A connection, or whichever there is, is gone or must go.
    pub fn lost(
        &mut self,
        line: Option<LineId>,
        now: Instant,
        settings: &AmazonConnectSettings,
        out: &mut Vec<StandbyAction>,
    ) {
        let mine = match line {
            Some(line) => self.ready == Some(line) || self.coming == Coming::Gathering(line),
            None => self.ready.is_some() || self.coming != Coming::No,
        };
        if mine {
            self.failed(now, settings, out);
        }
    }

    /// Credentials and addresses of before a sleep or a change of network are of no use.
    pub fn renew(&mut self, now: Instant, out: &mut Vec<StandbyAction>) {
        if self.wanted {
            self.close_all(out);
            self.at = Some(now);
        }
    }

    /// A call takes the connection, if one is ready. It is the call's from now on.
    pub fn take(&mut self, now: Instant) -> Option<LineId> {
        let line = self.ready.take()?;
        self.at = Some(now);
        Some(line)
    }
}

#[cfg(test)]
mod tests;
