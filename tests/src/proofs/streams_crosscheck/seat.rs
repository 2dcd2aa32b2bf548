//! What an agent can do at either client, and how the day waits for what the
//! client shows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use async_trait::async_trait;
use serde::Serialize;

use super::compare::Record;

/// Longest wait for anything a client has to show.
const PATIENCE: Duration = Duration::from_secs(25);
/// How often a recording is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A leg of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// The agent's own.
    Agent,
    /// The customer's.
    Customer,
    /// The only third party there is.
    Third,
}

/// One thing the agent does. Contacts and messages by the platform's ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Act {
    /// Chooses a state, now or after the contacts.
    State { state: String, when_free: bool },
    /// Takes an offered contact.
    Accept { contact: String },
    /// Declines one.
    Reject { contact: String },
    /// Finishes wrap-up.
    Clear { contact: String },
    /// Ends a leg; the agent's own ends the agent's part.
    Drop { contact: String, leg: Leg },
    /// Puts a leg on hold.
    Hold { contact: String, leg: Leg },
    /// Takes a leg from hold.
    Resume { contact: String, leg: Leg },
    /// Sends tones.
    Digits { contact: String, leg: Leg, digits: String },
    /// Calls a number.
    Dial { number: String },
    /// Calls a further party: an entry of the directory, or a number.
    Add { contact: String, name: Option<String>, number: Option<String> },
    /// Hands a chat, a task or an e-mail to an entry of the directory.
    Transfer { contact: String, name: String },
    /// Changes over between two parties.
    Swap { contact: String },
    /// Brings all together.
    Conference { contact: String },
    /// Lays a task aside.
    Pause { contact: String },
    /// Takes it up again.
    Unpause { contact: String },
    /// Joins in a supervised conversation.
    Barge { contact: String },
    /// Writes in a chat.
    Say { contact: String, text: String },
    /// Types in a chat.
    Typing { contact: String },
    /// Has read a message.
    Read { contact: String, message: String },
    /// Sends a file.
    File {
        contact: String,
        name: String,
        #[serde(rename = "type")]
        kind: String,
        text: String,
    },
}

/// A client with an agent in front of it.
#[async_trait]
pub trait Seat: Send + Sync {
    /// Everything the client has told so far, in its order.
    fn records(&self) -> Vec<Record>;
    /// Does it, and notes in the lane `acts` whether the client was told that it worked.
    async fn act(&self, act: Act) -> Result<()>;
    /// The client's own troubles, for the report of a day that did not end.
    fn troubles(&self) -> Vec<String>;
}

/// Waits until the recording is as wanted.
pub async fn until(seat: &dyn Seat, what: &str, wanted: impl Fn(&[Record]) -> bool) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        let records = seat.records();
        if wanted(&records) {
            return Ok(());
        }
        if Instant::now() > end {
            let last = records.len().saturating_sub(14);
            let lines: Vec<String> = records[last..].iter().map(|r| format!("  [{}] {r}", r.lane)).collect();
            bail!("{what} was not seen; last:\n{}", lines.join("\n"));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Ids of the platform against names of the script: the two days have
/// different ids.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Gives an id its name.
    pub fn name(&mut self, id: &str, name: &str) {
        self.0.insert(id.to_owned(), name.to_owned());
    }

    /// Each id with its name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }

    /// Contacts that have a name.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The recording with names instead of ids.
    pub fn apply(&self, records: &[Record]) -> Vec<Record> {
        let named = |text: &str| {
            let mut words: Vec<&str> = Vec::new();
            for word in text.split(' ') {
                words.push(self.0.get(word).map_or(word, String::as_str));
            }
            words.join(" ")
        };
        let all = records.iter().map(|r| Record::new(named(&r.lane), r.event.clone(), named(&r.detail)));
        all.collect()
    }
}
