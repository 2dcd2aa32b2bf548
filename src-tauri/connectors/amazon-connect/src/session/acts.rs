//! The agent's commands, as operations of the platform.

use tokio::time::Instant;
use trunkline_connector::{Command, CommandCode, CommandError, Target};
use trunkline_model::{
    AgentStateId, CommandId, ConnectionAction, ConnectionId, ContactAction, ContactId, MonitorMode, QueueId, e164,
};

use super::commands::Arrival;
use super::replies::Failed;
use super::{Action, Now, Purpose, Session};
use crate::auth::AuthState;
use crate::map;
use crate::softphone::CallInput;
use crate::wire::{self, ConnectionStateType, ErrorCode, Operation, StateChoice};

/// Longest text of digits in one command.
const MOST_DIGITS: usize = 50;

impl Session {
    pub(super) fn on_command(&mut self, id: CommandId, deadline: Instant, command: Command, now: Now) {
        match self.book.arrive(&id, command.clone(), deadline) {
            Arrival::Answered(answer) => self.out.push(Action::Reply(id, answer)),
            Arrival::Joined => {}
            Arrival::New => match command {
                Command::SignIn => self.begin_sign_in(id),
                Command::SignOut { state } => self.begin_sign_out(id, state.as_ref(), now),
                Command::OpenPlatformPanel => self.open_panel(id),
                Command::SwitchInstance => self.begin_switch(&id, now),
                _ => {}
            },
        }
    }

    /// Starts what may start. While a token is awaited commands wait with it.
    pub(super) fn pump_commands(&mut self, now: Now) {
        if self.ended || matches!(self.auth.state(), AuthState::Authorizing | AuthState::Doubted) {
            return;
        }
        if self.ways.is_doubted() && self.auth.is_live() {
            // Refused at the gate they would have to wait for the other way as well.
            return;
        }
        while let Some((id, command)) = self.book.take_next() {
            if matches!(
                command,
                Command::SignIn | Command::SignOut { .. } | Command::OpenPlatformPanel | Command::SwitchInstance
            ) {
                continue;
            }
            if !self.auth.is_live() {
                self.answer(&id, Err(CommandError::new(CommandCode::NotSignedIn, "not signed in")));
                continue;
            }
            if self.begin_chat_command(&id, &command, now) || self.begin_task_command(&id, &command, now) {
                continue;
            }
            match self.operation(&command, now) {
                Ok(operation) => {
                    self.before_sending(&id, &command, now);
                    self.call(Purpose::Command(id), &operation);
                }
                Err(error) => self.answer(&id, Err(error)),
            }
        }
    }

    /// The platform may act before its reply arrives: the next snapshot must
    /// already be read in the light of what the agent wanted.
    fn before_sending(&mut self, id: &CommandId, command: &Command, now: Now) {
        let (contact, declined) = match command {
            Command::Reject { contact } => (contact, true),
            Command::Disconnect { contact, connection } => {
                let own = self.wire_contact(contact).and_then(|contact| contact.agent_connection());
                let own = own.map(|leg| leg.connection_id.clone());
                if let Some(other) = connection.as_ref().filter(|id| Some(id.as_str()) != own.as_deref()) {
                    self.drop_party(contact, other.as_str());
                    return;
                }
                (contact, false)
            }
            Command::AddParty { contact, .. } => {
                let deadline = self.book.deadline(id).unwrap_or(now.at);
                self.ask_party(contact, deadline, now);
                return;
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

    /// The contact, when the agent may do this with it now.
    pub(super) fn may(&self, contact: &ContactId, action: ContactAction) -> Result<&wire::Contact, CommandError> {
        let known = self.known(contact)?;
        let memory = self.picture.memories.get(contact.as_str()).cloned().unwrap_or_default();
        if map::contact(known, &memory, self.skew(), &self.settings).allowed.contains(&action) {
            return Ok(known);
        }
        let detail = match action {
            ContactAction::AddParty => "no further party can be called to this contact now",
            ContactAction::Transfer => "this contact cannot be handed over now",
            ContactAction::Edit => "not a task that can be changed now",
            ContactAction::Pause | ContactAction::Unpause => "not a task that can be laid aside or taken up now",
            ContactAction::Listen | ContactAction::BargeIn => "not a way to supervise this contact now",
            ContactAction::Conference => "there is nobody on hold to bring together",
            _ => "there are not two parties to change over, one of them on hold",
        };
        Err(CommandError::new(CommandCode::NotPossible, detail))
    }

    /// The leg, when it may be muted (or heard again) at the platform now.
    fn may_mute(
        &self,
        contact: &ContactId,
        connection: &ConnectionId,
        muted: bool,
    ) -> Result<(String, String), CommandError> {
        let leg = self.leg(contact, Some(connection), wire::Contact::main_party)?;
        let memory = self.picture.memories.get(contact.as_str()).cloned().unwrap_or_default();
        let shown = map::contact(self.known(contact)?, &memory, self.skew(), &self.settings);
        let wanted = if muted { ConnectionAction::Mute } else { ConnectionAction::Unmute };
        let may = shown.connections.iter().any(|leg| leg.id == *connection && leg.allowed.contains(&wanted));
        may.then_some(leg)
            .ok_or_else(|| CommandError::new(CommandCode::NotPossible, "this party cannot be muted or heard again now"))
    }

    pub(super) fn target(&self, target: &Target) -> Result<wire::Endpoint, CommandError> {
        match target {
            Target::Endpoint { id } => self.directory.find(id).cloned().ok_or_else(|| {
                CommandError::new(CommandCode::BadTarget, "not an entry of the directory as it was read last")
            }),
            Target::Number { number } => Ok(wire::Endpoint::number(&dialled(number)?)),
        }
    }

    /// The queue an outbound call counts for: the given one or the default.
    fn dial_queue(&self, queue: Option<&QueueId>) -> Result<Option<String>, CommandError> {
        let Some(configuration) = &self.configuration.value else {
            return Ok(queue.map(|queue| queue.as_str().to_owned()));
        };
        if !map::can_dial(configuration, &self.settings) {
            let detail = "no right to outbound calls, or neither softphone nor desk phone";
            return Err(CommandError::new(CommandCode::NotAllowed, detail));
        }
        let default = configuration.base.routing_profile.default_outbound_queue.as_ref();
        let Some(queue) = queue else {
            return Ok(default.and_then(|queue| queue.arn.clone()));
        };
        let known =
            configuration.queues.iter().chain(default).any(|known| known.arn.as_deref() == Some(queue.as_str()));
        if known {
            Ok(Some(queue.as_str().to_owned()))
        } else {
            Err(CommandError::new(CommandCode::Invalid, "not a queue of this agent"))
        }
    }

    fn operation(&self, command: &Command, now: Now) -> Result<Operation, CommandError> {
        let main = wire::Contact::main_party;
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
                let (contact_id, connection_id) = self.leg(contact, connection.as_ref(), main)?;
                Operation::HoldConnection { contact_id, connection_id }
            }
            Command::Resume { contact, connection } => {
                let (contact_id, connection_id) = self.leg(contact, connection.as_ref(), main)?;
                Operation::ResumeConnection { contact_id, connection_id }
            }
            Command::SendDigits { contact, connection, digits } => {
                let fine = (1..=MOST_DIGITS).contains(&digits.len())
                    && digits.chars().all(|digit| digit.is_ascii_digit() || matches!(digit, '*' | '#'));
                if !fine {
                    return Err(CommandError::new(CommandCode::Invalid, "digits are 1 to 50 of 0-9, * and #"));
                }
                let (contact_id, connection_id) = self.leg(contact, connection.as_ref(), map::digits_leg)?;
                Operation::SendDigits { contact_id, connection_id, digits: digits.clone() }
            }
            Command::Dial { number, queue, related } => Operation::CreateOutboundContact {
                endpoint: Box::new(wire::Endpoint::number(&dialled(number)?)),
                queue_arn: self.dial_queue(queue.as_ref())?,
                related_contact_id: related.as_ref().map(|contact| contact.as_str().to_owned()),
            },
            Command::MuteParty { contact, connection, muted } => {
                let (contact_id, connection_id) = self.may_mute(contact, connection, *muted)?;
                if *muted {
                    Operation::MuteParticipant { contact_id, connection_id }
                } else {
                    Operation::UnmuteParticipant { contact_id, connection_id }
                }
            }
            Command::AddParty { contact, target, .. } => {
                let contact_id = self.may(contact, ContactAction::AddParty)?.contact_id.clone();
                if self.party_is_asked(contact, now) {
                    return Err(CommandError::new(CommandCode::NotPossible, "somebody is being called already"));
                }
                Operation::CreateAdditionalConnection { contact_id, endpoint: Box::new(self.target(target)?) }
            }
            Command::Conference { contact } => Operation::ConferenceConnections {
                contact_id: self.may(contact, ContactAction::Conference)?.contact_id.clone(),
            },
            Command::Swap { contact } => {
                let known = self.may(contact, ContactAction::Swap)?;
                // The vendor's client names the first leg on hold (4.3).
                let held = known.parties().find(|leg| leg.state.kind == ConnectionStateType::Hold);
                let leg = held.or_else(|| known.parties().next());
                let leg = leg.ok_or_else(|| CommandError::new(CommandCode::NotPossible, "the connection is gone"))?;
                Operation::ToggleActiveConnections {
                    contact_id: known.contact_id.clone(),
                    connection_id: leg.connection_id.clone(),
                }
            }
            Command::Transfer { contact, target, .. } => self.transfer(contact, target)?,
            Command::Pause { contact } => {
                Operation::PauseContact { contact_id: self.may(contact, ContactAction::Pause)?.contact_id.clone() }
            }
            Command::Unpause { contact } => {
                Operation::ResumeContact { contact_id: self.may(contact, ContactAction::Unpause)?.contact_id.clone() }
            }
            Command::CreateTask(task) => Operation::CreateTaskContact(Box::new(self.task(task, now)?)),
            Command::SetAgentPreferences { softphone, extension, language } => Operation::UpdateAgentConfiguration {
                configuration: self.preferences(*softphone, extension.as_deref(), language.as_deref())?,
            },
            Command::SetMonitorMode { contact, mode } => {
                let (action, target) = match mode {
                    MonitorMode::Whisper => {
                        return Err(CommandError::new(CommandCode::NotAllowed, "no such mode here"));
                    }
                    MonitorMode::Silent => (ContactAction::Listen, wire::MonitoringMode::SilentMonitor),
                    MonitorMode::Barge => (ContactAction::BargeIn, wire::MonitoringMode::Barge),
                };
                let contact_id = self.may(contact, action)?.contact_id.clone();
                Operation::UpdateMonitorParticipantState { contact_id, target }
            }
            Command::ReportIssue { contact, kind, text } => Operation::NotifyContactIssue {
                contact_id: self.known(contact)?.contact_id.clone(),
                issue_code: self.settings.issue_codes.of(*kind).to_owned(),
                description: text.clone(),
            },
            Command::SendMessage { .. }
            | Command::Typing { .. }
            | Command::MarkRead { .. }
            | Command::LoadOlder { .. }
            | Command::UpdateTask(_)
            | Command::SignIn
            | Command::OpenPlatformPanel
            | Command::SwitchInstance
            | Command::SetMedia { .. }
            | Command::Consult { .. }
            | Command::EndConsult { .. }
            | Command::LinkCustomer { .. }
            | Command::Rename { .. }
            | Command::Ban { .. }
            | Command::EditMessage { .. }
            | Command::RemoveMessage { .. }
            | Command::Monitor { .. }
            | Command::SubscribeList { .. }
            | Command::TakeWork { .. }
            | Command::CloseWork { .. }
            | Command::WrapUp { .. }
            | Command::ChooseLine { .. }
            | Command::AnswerChallenge { .. }
            | Command::ResendCode
            | Command::SignOut { .. } => {
                return Err(CommandError::new(CommandCode::NotPossible, "not an operation of the platform"));
            }
        })
    }

    /// Chats, tasks and e-mails go to an agent or a queue, by a quick connect.
    fn transfer(&self, contact: &ContactId, target: &Target) -> Result<Operation, CommandError> {
        let known = self.may(contact, ContactAction::Transfer)?;
        let bad = || CommandError::new(CommandCode::BadTarget, "this contact goes to agents and queues only");
        let endpoint = match target {
            Target::Endpoint { .. } => Box::new(self.target(target)?),
            Target::Number { .. } => return Err(bad()),
        };
        if endpoint.kind.as_deref() == Some("phone_number") {
            return Err(bad());
        }
        let contact_id = known.contact_id.clone();
        let name = match known.kind {
            wire::ContactType::Email => &self.settings.chat.email_transfer_operation,
            _ => &self.settings.chat.chat_transfer_operation,
        };
        Ok(match name.as_str() {
            "TransferContact" => Operation::TransferContact { contact_id, endpoint },
            "AddNewConnection" => Operation::AddNewConnection { contact_id, endpoint },
            _ => Operation::CreateAdditionalConnection { contact_id, endpoint },
        })
    }

    pub(super) fn choice(&self, id: &AgentStateId) -> Result<StateChoice, CommandError> {
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
            Ok(()) if matches!(command, Command::SetAgentPreferences { .. }) => self.confirm(id, &command, now),
            Ok(()) => {
                self.answer(id, Ok(()));
                self.carried_out(&command, now);
            }
            Err(Failed::Service(error)) if error.is_unauthorized() && self.book.may_repeat(id) => {
                if let Command::AddParty { contact, .. } = &command {
                    // Refused for sure: the repetition may call.
                    self.party_refused(contact);
                }
                self.token_refused();
            }
            Err(failed) => {
                let uncertain = is_once_only(&command) && failed.is_ambiguous();
                if !uncertain {
                    self.not_carried_out(&command);
                }
                let stale = matches!(&failed, Failed::Service(error) if error.code == ErrorCode::InvalidState);
                if (stale || uncertain) && self.auth.is_live() {
                    self.refetch(now);
                }
                let mut error = Self::command_error(&failed);
                if uncertain {
                    // Sent again it might ring somebody twice, or undo a change-over: the agent decides.
                    error.code = CommandCode::Timeout;
                }
                self.answer(id, Err(error));
            }
        }
    }

    fn carried_out(&mut self, command: &Command, now: Now) {
        match command {
            Command::Accept { contact } => {
                let id = contact.as_str().to_owned();
                self.picture.memories.entry(id.clone()).or_default().accepted = true;
                self.on_call(&id, CallInput::Live, now);
                self.publish(now);
            }
            Command::AddParty { contact, .. } => self.party_taken(contact, now),
            Command::Transfer { contact, .. } => {
                self.picture.memories.entry(contact.as_str().to_owned()).or_default().transferred = true;
            }
            _ => {}
        }
    }

    fn not_carried_out(&mut self, command: &Command) {
        match command {
            Command::AddParty { contact, .. } => self.party_refused(contact),
            Command::Disconnect { contact, connection: Some(leg) } if !self.is_own_leg(contact, leg) => {
                self.keep_party(contact, leg.as_str());
            }
            Command::Reject { contact } | Command::Disconnect { contact, .. } => {
                if let Some(memory) = self.picture.memories.get_mut(contact.as_str()) {
                    memory.declined = false;
                    memory.ended_by_us = false;
                }
            }
            _ => {}
        }
    }

    fn is_own_leg(&self, contact: &ContactId, leg: &ConnectionId) -> bool {
        let own = self.wire_contact(contact).and_then(|contact| contact.agent_connection());
        own.is_some_and(|own| own.connection_id == leg.as_str())
    }

    /// Answers a command, once.
    pub(super) fn answer(&mut self, id: &CommandId, answer: Result<(), CommandError>) {
        if answer.as_ref().is_err_and(CommandError::is_transient) {
            for behind in self.book.messages_behind(id) {
                let error = CommandError::new(CommandCode::Unavailable, "an earlier message has not arrived");
                if self.book.finish(&behind, &Err(error.clone())) {
                    self.out.push(Action::Reply(behind, Err(error)));
                }
            }
        }
        if self.book.finish(id, &answer) {
            self.out.push(Action::Reply(id.clone(), answer));
        }
    }
}

/// The number as the platform takes it. The core has read it already; a
/// connector does not dial what it has not looked at.
fn dialled(number: &str) -> Result<String, CommandError> {
    e164(number).map_err(|_| CommandError::new(CommandCode::Invalid, "not an E.164 number"))
}

/// Carried out twice it does something else than once: it is never sent again
/// unless the platform has refused it for sure.
fn is_once_only(command: &Command) -> bool {
    matches!(
        command,
        Command::Dial { .. }
            | Command::AddParty { .. }
            | Command::Swap { .. }
            | Command::Transfer { .. }
            | Command::ReportIssue { .. }
    )
}
