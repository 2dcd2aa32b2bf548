//! The agent's commands on their way: carried out once per id, one after the
//! other on the same contact, side by side across contacts, answered by their
//! deadline. Pure.
//!
//! | state | input | next |
//! | --- | --- | --- |
//! | (new) | arrives | Waiting |
//! | (known id) | arrives again | joins the first, or gets its answer |
//! | Waiting | no other of its contact is running | Running |
//! | Waiting, Running | deadline | Done (time-out) |
//! | Running | 401, first time | Waiting for the new token, then Running |
//! | Running | answer | Done |

use std::collections::{BTreeMap, VecDeque};

use tokio::time::Instant;
use trunkline_connector::{Command, CommandCode, CommandError};
use trunkline_model::CommandId;

/// What a command is serial with: a contact, outbound calls, or the agent's own state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// One contact.
    Contact(String),
    /// Reports about one contact: hanging up does not wait for them.
    Reports(String),
    /// What is said in one conversation: a file takes its time, and ending the
    /// contact does not wait for it.
    Messages(String),
    /// Reading one conversation.
    Reading(String),
    /// Remarks in one conversation, answered at once.
    Remarks(String),
    /// The agent's outbound calls.
    Dial,
    /// Tasks the agent makes.
    Tasks,
    /// The agent's configuration: its confirmation takes its time.
    Preferences,
    /// A window of the platform's own.
    Window,
    /// The agent.
    Agent,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
}

/// One command that has no answer yet.
#[derive(Clone, Debug)]
struct Open {
    id: CommandId,
    command: Command,
    deadline: Instant,
    lane: Lane,
    stage: Stage,
    renewed: bool,
}

/// Answers kept for repeated ids.
const ANSWERS_KEPT: usize = 256;

/// All commands.
#[derive(Debug, Default)]
pub struct CommandBook {
    open: Vec<Open>,
    answers: BTreeMap<CommandId, Result<(), CommandError>>,
    order: VecDeque<CommandId>,
}

/// What to do with a command that arrives.
#[derive(Debug, PartialEq)]
pub enum Arrival {
    /// It is new and waits for its turn.
    New,
    /// The same id is under way: its answer will do.
    Joined,
    /// The same id has been answered.
    Answered(Result<(), CommandError>),
}

fn lane(command: &Command) -> Lane {
    if let Some(contact) = command.contact() {
        let contact = contact.as_str().to_owned();
        return match command {
            Command::SendMessage { .. } => Lane::Messages(contact),
            Command::LoadOlder { .. } => Lane::Reading(contact),
            Command::Typing { .. } | Command::MarkRead { .. } => Lane::Remarks(contact),
            Command::ReportIssue { .. } => Lane::Reports(contact),
            _ => Lane::Contact(contact),
        };
    }
    match command {
        Command::Dial { .. } => Lane::Dial,
        Command::CreateTask(_) => Lane::Tasks,
        Command::SetAgentPreferences { .. } => Lane::Preferences,
        Command::OpenPlatformPanel | Command::SwitchInstance => Lane::Window,
        _ => Lane::Agent,
    }
}

impl CommandBook {
    /// A command arrives.
    pub fn arrive(&mut self, id: &CommandId, command: Command, deadline: Instant) -> Arrival {
        if let Some(answer) = self.answers.get(id) {
            return Arrival::Answered(answer.clone());
        }
        if self.open.iter().any(|open| open.id == *id) {
            return Arrival::Joined;
        }
        let lane = lane(&command);
        self.open.push(Open { id: id.clone(), command, deadline, lane, stage: Stage::Waiting, renewed: false });
        Arrival::New
    }

    /// The next command whose lane is free; it runs from now on.
    pub fn take_next(&mut self) -> Option<(CommandId, Command)> {
        let index = self.open.iter().enumerate().position(|(index, open)| {
            // First of its lane: whatever stands before it in the same lane comes first.
            open.stage == Stage::Waiting && !self.open[..index].iter().any(|other| other.lane == open.lane)
        })?;
        let open = self.open.get_mut(index)?;
        open.stage = Stage::Running;
        Some((open.id.clone(), open.command.clone()))
    }

    /// What a running command asked for.
    pub fn command(&self, id: &CommandId) -> Option<&Command> {
        self.open.iter().find(|open| open.id == *id).map(|open| &open.command)
    }

    /// When a command must be answered.
    pub fn deadline(&self, id: &CommandId) -> Option<Instant> {
        self.open.iter().find(|open| open.id == *id).map(|open| open.deadline)
    }

    /// 401: true the first time, and the command waits for its turn again.
    pub fn may_repeat(&mut self, id: &CommandId) -> bool {
        match self.open.iter_mut().find(|open| open.id == *id) {
            Some(open) if !open.renewed => {
                open.renewed = true;
                open.stage = Stage::Waiting;
                true
            }
            _ => false,
        }
    }

    /// Messages that wait behind this one: when it may not have arrived, none of
    /// them may overtake it.
    pub fn messages_behind(&self, id: &CommandId) -> Vec<CommandId> {
        let lane = self.open.iter().find(|open| open.id == *id).map(|open| &open.lane);
        let Some(lane @ Lane::Messages(_)) = lane else {
            return Vec::new();
        };
        let behind = self.open.iter().filter(|open| open.lane == *lane && open.id != *id);
        behind.map(|open| open.id.clone()).collect()
    }

    /// Running commands of one conversation.
    pub fn running_in(&self, contact: &str) -> Vec<CommandId> {
        let here = |lane: &Lane| matches!(lane, Lane::Messages(id) | Lane::Reading(id) if id == contact);
        let running = self.open.iter().filter(|open| open.stage == Stage::Running && here(&open.lane));
        running.map(|open| open.id.clone()).collect()
    }

    /// It is answered. False when it had its answer before (its deadline).
    pub fn finish(&mut self, id: &CommandId, answer: &Result<(), CommandError>) -> bool {
        let before = self.open.len();
        self.open.retain(|open| open.id != *id);
        if self.open.len() == before {
            return false;
        }
        self.answers.insert(id.clone(), answer.clone());
        self.order.push_back(id.clone());
        if self.order.len() > ANSWERS_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        true
    }

    /// Commands whose time is over.
    pub fn overdue(&self, now: Instant) -> Vec<CommandId> {
        self.open.iter().filter(|open| now >= open.deadline).map(|open| open.id.clone()).collect()
    }

    /// All that have no answer yet.
    pub fn unanswered(&self) -> Vec<CommandId> {
        self.open.iter().map(|open| open.id.clone()).collect()
    }

    /// Next deadline.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.open.iter().map(|open| open.deadline).min()
    }
}

/// The answer of a command that ran out of time.
pub fn timed_out() -> CommandError {
    CommandError::new(CommandCode::Timeout, "no answer before the deadline")
}
