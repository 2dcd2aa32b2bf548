//! The agent's commands, as operations of the platform.

use tokio::time::Instant;
use trunkline_connector::{Command, CommandCode, CommandError};
use trunkline_model::{AgentStateId, CommandId, ConnectionId, ContactId};

use super::commands::Arrival;
use super::replies::Failed;
use super::{Action, Now, Purpose, Session};
use crate::auth::AuthState;
use crate::map;
use crate::softphone::CallInput;
use crate::wire::{self, ErrorCode, Operation, StateChoice};

/// Longest text of digits in one command.
const MOST_DIGITS: usize = 50;

impl Session {
    pub(super) fn on_command(&mut self, id: CommandId, deadline: Instant, command: Command, now: Now) {
        match self.book.arrive(&id, command.clone(), deadline) {
            Arrival::Answered(answer) => self.out.push(Action::Reply(id, answer)),
            Arrival::Joined => {}
            Arrival::New => match command {
                Command::SignIn => self.begin_sign_in(id),
                Command::SignOut => self.begin_sign_out(id, now),
                _ => {}
            },
        }
    }

    /// Starts what may start. While a token is awaited commands wait with it.
    pub(super) fn pump_commands(&mut self, now: Now) {
        if self.ended || matches!(self.auth.state(), AuthState::Authorizing | AuthState::Doubted) {
            return;
        }
        while let Some((id, command)) = self.book.take_next() {
            if matches!(command, Command::SignIn | Command::SignOut) {
                continue;
            }
            if !self.auth.is_live() {
                self.answer(&id, Err(CommandError::new(CommandCode::NotSignedIn, "not signed in")));
                continue;
            }
            match self.operation(&command) {
                Ok(operation) => {
                    self.before_sending(&command);
                    self.call(Purpose::Command(id), &operation);
                }
                Err(error) => self.answer(&id, Err(error)),
            }
        }
        let _ = now;
    }

    /// The platform may act before its reply arrives: the next snapshot must
    /// already be read in the light of what the agent wanted.
    fn before_sending(&mut self, command: &Command) {
        let (contact, declined) = match command {
            Command::Reject { contact } => (contact, true),
            Command::Disconnect { contact, connection } => {
                let own = self.wire_contact(contact).and_then(|contact| contact.agent_connection());
                let own = own.map(|leg| leg.connection_id.clone());
                if connection.as_ref().is_some_and(|id| Some(id.as_str()) != own.as_deref()) {
                    return;
                }
                (contact, false)
            }
            _ => return,
        };
        let offered = self.wire_contact(contact).is_some_and(map::is_offer);
        let memory = self.picture.memories.entry(contact.as_str().to_owned()).or_default();
        memory.declined |= declined || (offered && !memory.accepted);
        memory.ended_by_us |= !declined;
    }

    pub(super) fn wire_contact(&self, id: &ContactId) -> Option<&wire::Contact> {
        let snapshot = self.picture.snapshot.as_ref()?;
        snapshot.contacts.iter().find(|contact| contact.contact_id == id.as_str())
    }

    fn known(&self, id: &ContactId) -> Result<&wire::Contact, CommandError> {
        self.wire_contact(id).ok_or_else(|| CommandError::new(CommandCode::NotPossible, "the contact is gone"))
    }

    /// The leg meant: the given one, or what `default` finds.
    fn leg(
        &self,
        contact: &ContactId,
        connection: Option<&ConnectionId>,
        default: fn(&wire::Contact) -> Option<&wire::Connection>,
    ) -> Result<(String, String), CommandError> {
        let known = self.known(contact)?;
        let leg = match connection {
            Some(id) => known.connections.iter().find(|leg| leg.connection_id == id.as_str()),
            None => default(known),
        };
        let leg = leg.ok_or_else(|| CommandError::new(CommandCode::NotPossible, "the connection is gone"))?;
        Ok((known.contact_id.clone(), leg.connection_id.clone()))
    }

    fn operation(&self, command: &Command) -> Result<Operation, CommandError> {
        let customer = wire::Contact::customer_connection;
        Ok(match command {
            Command::SetAgentState { state, when_free } => {
                Operation::PutAgentState { state: self.choice(state)?, enqueue_next_state: *when_free }
            }
            Command::Accept { contact } => {
                Operation::AcceptContact { contact_id: self.known(contact)?.contact_id.clone() }
            }
            Command::Reject { contact } => {
                Operation::RejectContact { contact_id: self.known(contact)?.contact_id.clone() }
            }
            Command::Clear { contact } => {
                Operation::ClearContact { contact_id: self.known(contact)?.contact_id.clone() }
            }
            Command::Disconnect { contact, connection } => {
                let (contact_id, connection_id) =
                    self.leg(contact, connection.as_ref(), wire::Contact::agent_connection)?;
                Operation::DestroyConnection { contact_id, connection_id }
            }
            Command::Hold { contact, connection } => {
                let (contact_id, connection_id) = self.leg(contact, connection.as_ref(), customer)?;
                Operation::HoldConnection { contact_id, connection_id }
            }
            Command::Resume { contact, connection } => {
                let (contact_id, connection_id) = self.leg(contact, connection.as_ref(), customer)?;
                Operation::ResumeConnection { contact_id, connection_id }
            }
            Command::SendDigits { contact, connection, digits } => {
                let fine = (1..=MOST_DIGITS).contains(&digits.len())
                    && digits.chars().all(|digit| digit.is_ascii_digit() || matches!(digit, '*' | '#'));
                if !fine {
                    return Err(CommandError::new(CommandCode::Invalid, "digits are 1 to 50 of 0-9, * and #"));
                }
                let (contact_id, connection_id) = self.leg(contact, connection.as_ref(), customer)?;
                Operation::SendDigits { contact_id, connection_id, digits: digits.clone() }
            }
            Command::Dial { .. } | Command::AddParty { .. } | Command::Conference { .. } | Command::Swap { .. } => {
                return Err(CommandError::new(CommandCode::NotAllowed, "not offered yet"));
            }
            Command::SignIn | Command::SignOut => {
                return Err(CommandError::new(CommandCode::NotPossible, "not an operation of the platform"));
            }
        })
    }

    fn choice(&self, id: &AgentStateId) -> Result<StateChoice, CommandError> {
        let states = self.configuration.value.as_ref().map(|configuration| configuration.states.as_slice());
        let state = states.unwrap_or_default().iter().find(|state| state.arn.as_deref() == Some(id.as_str()));
        match state {
            Some(state) => {
                Ok(StateChoice { arn: id.as_str().to_owned(), kind: state.kind.clone(), name: state.name.clone() })
            }
            None => Err(CommandError::new(CommandCode::Invalid, "not a state this agent may choose")),
        }
    }

    pub(super) fn on_command_reply(&mut self, id: &CommandId, result: Result<(), Failed>, now: Now) {
        let Some(command) = self.book.command(id).cloned() else {
            // Its deadline is over. What it did still counts.
            return;
        };
        match result {
            Ok(()) => {
                self.answer(id, Ok(()));
                self.carried_out(&command, now);
            }
            Err(Failed::Service(error)) if error.is_unauthorized() && self.book.may_repeat(id) => self.token_refused(),
            Err(failed) => {
                self.not_carried_out(&command);
                let stale = matches!(&failed, Failed::Service(error) if error.code == ErrorCode::InvalidState);
                if stale && self.auth.is_live() {
                    self.refetch(now);
                }
                self.answer(id, Err(Self::command_error(&failed)));
            }
        }
    }

    fn carried_out(&mut self, command: &Command, now: Now) {
        if let Command::Accept { contact } = command {
            let id = contact.as_str().to_owned();
            self.picture.memories.entry(id.clone()).or_default().accepted = true;
            self.on_call(&id, CallInput::Live, now);
            self.publish(now);
        }
    }

    fn not_carried_out(&mut self, command: &Command) {
        match command {
            Command::Reject { contact } | Command::Disconnect { contact, .. } => {
                if let Some(memory) = self.picture.memories.get_mut(contact.as_str()) {
                    memory.declined = false;
                    memory.ended_by_us = false;
                }
            }
            _ => {}
        }
    }

    /// Answers a command, once.
    pub(super) fn answer(&mut self, id: &CommandId, answer: Result<(), CommandError>) {
        if self.book.finish(id, &answer) {
            self.out.push(Action::Reply(id.clone(), answer));
        }
    }
}
