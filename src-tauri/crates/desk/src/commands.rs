//! Commands of the agent, from the press of a button to their visible effect.
//!
//! | stage \ input | reply Ok | reply Err | effect seen | 10 s |
//! | --- | --- | --- | --- | --- |
//! | Sent | Taken, or done where no effect can be told | failed notice, undone | done (with the reply, where another command may have the same effect) | unconfirmed notice, Lapsed |
//! | Taken | - | - | done | done; Accept and Reject of a standing offer: unconfirmed notice |
//! | Lapsed | notice withdrawn | failed notice (a time-out: told already) | done | - |
//!
//! While an Accept or Reject is Sent or Taken its offer neither rings nor
//! shows; when it fails or lapses and the offer still stands, it does again.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_connector::{CommandCode, CommandError};
use trunkline_model::{
    AccountId, CommandId, ConnectionId, ConnectionState, Contact, ContactKey, ContactState, Direction, LinkState,
    MonitorMode, Notice, NoticeLevel, Outcome, UnixMillis,
};

use crate::contacts::ContactEntry;
use crate::notices::{customer_name, params};
use crate::{AccountView, CommandKind, Desk, PendingCommand};

/// A command that shows no effect within this is told as unconfirmed.
pub(crate) const CONFIRM_WITHIN_MS: i64 = 10_000;
/// Lapsed commands waiting for a late reply; beyond it the oldest are forgotten.
const LAPSED_KEPT: usize = 64;

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// On its way.
    Sent,
    /// The platform took it; the effect is not seen yet.
    Taken,
    /// Given up; a late reply still counts.
    Lapsed,
}

/// One command.
#[derive(Clone, Debug)]
pub(crate) struct SentCommand {
    pub(crate) account: AccountId,
    pub(crate) contact: Option<ContactKey>,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) kind: CommandKind,
    pub(crate) detail: Option<String>,
    pub(crate) since: UnixMillis,
    pub(crate) stage: Stage,
    /// What was there when it was sent, to tell its effect by.
    pub(crate) before: Before,
}

/// The desk as a command found it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    /// Legs of the contact that were on the line.
    parties: BTreeSet<ConnectionId>,
    /// Those of them on hold.
    held: BTreeSet<ConnectionId>,
    /// Contacts that have ever arrived.
    arrivals: u64,
}

fn parties_of(contact: &Contact) -> BTreeSet<ConnectionId> {
    contact.parties().map(|leg| leg.id.clone()).collect()
}

fn held_of(contact: &Contact) -> BTreeSet<ConnectionId> {
    contact.parties().filter(|leg| leg.state == ConnectionState::Hold).map(|leg| leg.id.clone()).collect()
}

impl SentCommand {
    fn notice_id(&self) -> String {
        notice_id(self.kind, &self.account, self.contact.as_ref(), self.connection.as_ref())
    }

    fn is_open(&self) -> bool {
        self.stage != Stage::Lapsed
    }

    /// It is kept after a good reply until its effect is seen. Hold, Resume and
    /// End are shown by the platform at once or not at all, digits show
    /// nowhere, and signing in takes as long as the agent does.
    fn waits_for_effect(&self) -> bool {
        matches!(
            self.kind,
            CommandKind::Accept
                | CommandKind::Reject
                | CommandKind::Clear
                | CommandKind::SetState
                | CommandKind::Dial
                | CommandKind::AddParty
                | CommandKind::Conference
                | CommandKind::Swap
                | CommandKind::Transfer
                | CommandKind::Pause
                | CommandKind::Unpause
                | CommandKind::Listen
                | CommandKind::Whisper
                | CommandKind::BargeIn
                | CommandKind::MuteParty
                | CommandKind::UnmuteParty
        )
    }

    fn is_about_parties(&self) -> bool {
        matches!(self.kind, CommandKind::AddParty | CommandKind::Conference | CommandKind::Swap)
    }

    /// The effect on the parties, by what was there before.
    fn changed_parties(&self, contact: &Contact) -> bool {
        let on_hold = held_of(contact);
        match self.kind {
            CommandKind::AddParty => !parties_of(contact).is_subset(&self.before.parties),
            CommandKind::Swap => on_hold != self.before.held,
            CommandKind::Conference => on_hold.is_empty() && !self.before.held.is_empty(),
            _ => false,
        }
    }

    /// It means the agent's own leg, or the contact as a whole.
    fn is_on_own_leg(&self, contact: &Contact) -> bool {
        match &self.connection {
            Some(id) => contact.agent_connection().is_some_and(|leg| leg.id == *id),
            None => true,
        }
    }
}

impl CommandKind {
    /// All kinds.
    pub const ALL: [Self; 42] = [
        Self::Accept,
        Self::Reject,
        Self::Clear,
        Self::End,
        Self::Hold,
        Self::Resume,
        Self::Digits,
        Self::MuteParty,
        Self::UnmuteParty,
        Self::SetState,
        Self::Dial,
        Self::AddParty,
        Self::Conference,
        Self::Swap,
        Self::Transfer,
        Self::Pause,
        Self::Unpause,
        Self::Listen,
        Self::BargeIn,
        Self::SetMedia,
        Self::Consult,
        Self::WrapUp,
        Self::EndConsult,
        Self::LinkCustomer,
        Self::Rename,
        Self::Ban,
        Self::Unban,
        Self::EditMessage,
        Self::RemoveMessage,
        Self::Monitor,
        Self::Whisper,
        Self::SubscribeList,
        Self::TakeWork,
        Self::CloseWork,
        Self::ChooseLine,
        Self::AnswerChallenge,
        Self::CreateTask,
        Self::ReportIssue,
        Self::UpdateTask,
        Self::SetPreferences,
        Self::SignIn,
        Self::SignOut,
    ];

    /// Somebody is called or asked, so a refusal is told by its reason.
    pub(crate) fn brings_somebody(self) -> bool {
        matches!(self, Self::Dial | Self::AddParty | Self::Transfer | Self::Consult)
    }

    /// A state is asked for that the platform may leave as it is.
    pub(crate) fn sets_state(self) -> bool {
        matches!(self, Self::SetState | Self::SetMedia)
    }

    /// Its name in message keys (`notice_command_failed_NAME`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Clear => "clear",
            Self::End => "end",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Digits => "digits",
            Self::MuteParty => "mute_party",
            Self::UnmuteParty => "unmute_party",
            Self::SetState => "set_state",
            Self::Dial => "dial",
            Self::AddParty => "add_party",
            Self::Conference => "conference",
            Self::Swap => "swap",
            Self::Transfer => "transfer",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Listen => "listen",
            Self::BargeIn => "barge_in",
            Self::SetMedia => "set_media",
            Self::Consult => "consult",
            Self::WrapUp => "wrap_up",
            Self::EndConsult => "end_consult",
            Self::LinkCustomer => "link_customer",
            Self::Rename => "rename",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::EditMessage => "edit_message",
            Self::RemoveMessage => "remove_message",
            Self::Monitor => "monitor",
            Self::Whisper => "whisper",
            Self::SubscribeList => "subscribe_list",
            Self::TakeWork => "take_work",
            Self::CloseWork => "close_work",
            Self::ChooseLine => "choose_line",
            Self::AnswerChallenge => "answer_challenge",
            Self::CreateTask => "create_task",
            Self::ReportIssue => "report_issue",
            Self::UpdateTask => "update_task",
            Self::SetPreferences => "set_preferences",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
        }
    }

    /// The contact shows that this was done: on one leg, or on the contact as a whole.
    fn is_seen_on(self, entry: &ContactEntry, connection: Option<&ConnectionId>) -> bool {
        let contact = &entry.view.contact;
        if let Some(id) = connection {
            let leg = contact.connections.iter().find(|leg| leg.id == *id);
            let muted = leg.map(|leg| leg.muted_by_platform);
            let leg = leg.map(|leg| &leg.state);
            return match self {
                Self::MuteParty => muted == Some(true),
                Self::UnmuteParty => muted == Some(false),
                Self::Hold => leg == Some(&ConnectionState::Hold),
                Self::Resume => leg == Some(&ConnectionState::Connected),
                Self::End => contact.state.is_finished() || leg.is_none_or(|state| !state.is_active()),
                _ => false,
            };
        }
        match self {
            Self::Accept => {
                matches!(contact.state, ContactState::Connecting | ContactState::Connected | ContactState::Paused)
            }
            Self::Reject => contact.state.is_finished(),
            Self::Clear => contact.state.is_active(),
            Self::End => {
                contact.state.is_finished()
                    || contact.agent_connection().is_some_and(|leg| leg.state == ConnectionState::Disconnected)
            }
            Self::Hold => contact.on_hold,
            Self::Resume => !contact.on_hold,
            Self::Transfer => contact.state.is_finished(),
            Self::Pause => contact.state == ContactState::Paused,
            Self::Unpause => contact.state == ContactState::Connected,
            Self::Listen => contact.monitoring.as_ref().is_some_and(|seen| seen.mode == MonitorMode::Silent),
            Self::Whisper => contact.monitoring.as_ref().is_some_and(|seen| seen.mode == MonitorMode::Whisper),
            Self::BargeIn => contact.monitoring.as_ref().is_some_and(|seen| seen.mode == MonitorMode::Barge),
            Self::Ban => contact.details.customer_banned,
            Self::Unban => !contact.details.customer_banned,
            Self::CreateTask
            | Self::SetMedia
            | Self::Consult
            | Self::WrapUp
            | Self::EndConsult
            | Self::LinkCustomer
            | Self::Rename
            | Self::EditMessage
            | Self::RemoveMessage
            | Self::Monitor
            | Self::SubscribeList
            | Self::TakeWork
            | Self::CloseWork
            | Self::ChooseLine
            | Self::AnswerChallenge
            | Self::ReportIssue
            | Self::UpdateTask
            | Self::SetPreferences
            | Self::Digits
            | Self::MuteParty
            | Self::UnmuteParty
            | Self::SetState
            | Self::Dial
            | Self::AddParty
            | Self::Conference
            | Self::Swap
            | Self::SignIn
            | Self::SignOut => false,
        }
    }

    /// The account shows that this was done. `detail`: name of the wanted state.
    fn is_seen_at(self, view: &AccountView, detail: Option<&str>) -> bool {
        match self {
            Self::SetState => view.agent.as_ref().is_some_and(|agent| {
                let next = agent.next_state.as_ref().map(|state| state.name.as_str());
                detail.is_some() && (detail == Some(agent.state.name.as_str()) || detail == next)
            }),
            Self::SignIn => view.link.state == LinkState::Online,
            Self::SignOut => view.link.state == LinkState::SignedOut,
            Self::Accept
            | Self::Reject
            | Self::Clear
            | Self::End
            | Self::Hold
            | Self::Resume
            | Self::Digits
            | Self::MuteParty
            | Self::UnmuteParty
            | Self::Dial
            | Self::AddParty
            | Self::Conference
            | Self::Swap
            | Self::Transfer
            | Self::Pause
            | Self::Unpause
            | Self::Listen
            | Self::BargeIn
            | Self::SetMedia
            | Self::Consult
            | Self::WrapUp
            | Self::EndConsult
            | Self::LinkCustomer
            | Self::Rename
            | Self::Ban
            | Self::Unban
            | Self::EditMessage
            | Self::RemoveMessage
            | Self::Monitor
            | Self::Whisper
            | Self::SubscribeList
            | Self::TakeWork
            | Self::CloseWork
            | Self::ChooseLine
            | Self::AnswerChallenge
            | Self::CreateTask
            | Self::ReportIssue
            | Self::UpdateTask
            | Self::SetPreferences => false,
        }
    }
}

/// The cause under which failures of a kind on a target are told.
fn notice_id(
    kind: CommandKind,
    account: &AccountId,
    contact: Option<&ContactKey>,
    connection: Option<&ConnectionId>,
) -> String {
    let kind = kind.name();
    match (contact, connection) {
        (Some(key), Some(leg)) => format!("command:{kind}:{key}:{leg}"),
        (Some(key), None) => format!("command:{kind}:{key}"),
        (None, _) => format!("command:{kind}:{account}"),
    }
}

/// How a refusal is told: most alike, those of a call by their reason.
fn refused(kind: CommandKind, code: CommandCode) -> &'static str {
    let (brings_somebody, sets_state) = (kind.brings_somebody(), kind.sets_state());
    match code {
        CommandCode::Timeout => "unconfirmed",
        CommandCode::BadTarget | CommandCode::Invalid if brings_somebody => "bad_target",
        CommandCode::NotAllowed if brings_somebody => "not_allowed",
        CommandCode::LimitReached if brings_somebody => "limit_reached",
        CommandCode::NotPossible if sets_state => "not_possible",
        _ => "failed",
    }
}

/// Number asked to be called last whose contact is not there yet.
pub(crate) fn pending_dial_of(commands: &BTreeMap<CommandId, SentCommand>, id: &AccountId) -> Option<String> {
    commands
        .values()
        .filter(|command| command.is_open() && command.kind == CommandKind::Dial && command.account == *id)
        .max_by_key(|command| command.since)
        .and_then(|command| command.detail.clone())
}

/// Open commands on a contact, oldest first.
pub(crate) fn pending_of(commands: &BTreeMap<CommandId, SentCommand>, key: &ContactKey) -> Vec<PendingCommand> {
    let mut pending: Vec<_> = commands
        .iter()
        .filter(|(_, command)| command.is_open() && command.contact.as_ref() == Some(key))
        .map(|(id, command)| PendingCommand {
            id: id.clone(),
            kind: command.kind,
            connection: command.connection.clone(),
            target: command
                .detail
                .clone()
                .filter(|_| matches!(command.kind, CommandKind::AddParty | CommandKind::Transfer)),
            since: command.since,
        })
        .collect();
    pending.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
    pending
}

/// Name of the state asked for last and not seen yet.
pub(crate) fn pending_state_of(commands: &BTreeMap<CommandId, SentCommand>, id: &AccountId) -> Option<String> {
    commands
        .values()
        .filter(|command| command.is_open() && command.kind == CommandKind::SetState && command.account == *id)
        .max_by_key(|command| command.since)
        .and_then(|command| command.detail.clone())
}

impl Desk {
    pub(crate) fn on_command_sent(&mut self, id: CommandId, mut command: SentCommand) {
        if !self.accounts.contains_key(&command.account) || self.commands.contains_key(&id) {
            return;
        }
        command.before.arrivals = self.arrivals;
        if let Some(view) = command.contact.as_ref().and_then(|key| self.contact(key)) {
            command.before.parties = parties_of(&view.contact);
            command.before.held = held_of(&view.contact);
        }
        if let Some(entry) = command.contact.as_ref().and_then(|key| self.contacts.get_mut(key)) {
            match command.kind {
                CommandKind::Accept if entry.view.contact.state == ContactState::Offered => {
                    entry.view.accepted_at.get_or_insert(command.since);
                }
                CommandKind::Reject => entry.declined_by_agent = true,
                CommandKind::End if command.is_on_own_leg(&entry.view.contact) => entry.ended_by_agent = true,
                CommandKind::Digits => {
                    if let Some(digits) = &command.detail {
                        entry.add_digits(id.clone(), digits.clone());
                    }
                }
                CommandKind::Accept
                | CommandKind::Clear
                | CommandKind::End
                | CommandKind::Hold
                | CommandKind::Resume
                | CommandKind::MuteParty
                | CommandKind::UnmuteParty
                | CommandKind::SetState
                | CommandKind::Dial
                | CommandKind::AddParty
                | CommandKind::Conference
                | CommandKind::Swap
                | CommandKind::Transfer
                | CommandKind::Pause
                | CommandKind::Unpause
                | CommandKind::Listen
                | CommandKind::BargeIn
                | CommandKind::SetMedia
                | CommandKind::Consult
                | CommandKind::WrapUp
                | CommandKind::EndConsult
                | CommandKind::LinkCustomer
                | CommandKind::Rename
                | CommandKind::Ban
                | CommandKind::Unban
                | CommandKind::EditMessage
                | CommandKind::RemoveMessage
                | CommandKind::Monitor
                | CommandKind::Whisper
                | CommandKind::SubscribeList
                | CommandKind::TakeWork
                | CommandKind::CloseWork
                | CommandKind::ChooseLine
                | CommandKind::AnswerChallenge
                | CommandKind::CreateTask
                | CommandKind::ReportIssue
                | CommandKind::UpdateTask
                | CommandKind::SetPreferences
                | CommandKind::SignIn
                | CommandKind::SignOut => {}
            }
        }
        self.commands.insert(id, command);
    }

    pub(crate) fn on_command_settled(&mut self, id: &CommandId, result: Result<(), CommandError>, now: UnixMillis) {
        let Some(mut command) = self.commands.remove(id) else {
            // Its effect was seen before the reply came, or its contact is gone.
            return;
        };
        match result {
            Ok(()) => {
                self.withdraw(&command.notice_id());
                if command.stage == Stage::Sent && command.waits_for_effect() {
                    command.stage = Stage::Taken;
                    self.commands.insert(id.clone(), command);
                }
            }
            Err(error) => {
                let timed_out = error.code == CommandCode::Timeout;
                self.undo(id, &command, timed_out);
                // The connector's own time-out says no more than our own: it may have been done.
                if !(timed_out && command.stage == Stage::Lapsed) {
                    self.tell_command(&command, refused(command.kind, error.code), error.detail, now);
                    if timed_out && (command.kind == CommandKind::Dial || command.is_about_parties()) {
                        // Its effect may still show, and then takes the message away.
                        command.stage = Stage::Lapsed;
                        self.commands.insert(id.clone(), command);
                    }
                }
            }
        }
    }

    /// Takes back what was shown in advance.
    fn undo(&mut self, id: &CommandId, command: &SentCommand, may_be_done: bool) {
        let Some(entry) = command.contact.as_ref().and_then(|key| self.contacts.get_mut(key)) else {
            return;
        };
        match command.kind {
            CommandKind::Accept if entry.view.contact.state == ContactState::Offered => entry.view.accepted_at = None,
            CommandKind::Reject if !may_be_done => entry.declined_by_agent = false,
            CommandKind::End if !may_be_done && command.is_on_own_leg(&entry.view.contact) => {
                entry.ended_by_agent = false;
            }
            CommandKind::Digits if !may_be_done => entry.take_digits_back(id),
            _ => {}
        }
    }

    fn tell_command(&mut self, command: &SentCommand, told: &str, detail: String, now: UnixMillis) {
        let contact = command.contact.as_ref();
        let customer = contact.and_then(|key| self.contact(key)).map(|view| customer_name(&view.contact));
        let account = self.account(&command.account).map(|view| view.name.clone());
        self.raise(Notice {
            id: command.notice_id(),
            level: NoticeLevel::Error,
            message_key: format!("notice_command_{told}_{}", command.kind.name()),
            params: params([
                ("detail", detail),
                ("customer", customer.unwrap_or_default()),
                ("account", account.unwrap_or_default()),
                ("target", command.detail.clone().unwrap_or_else(|| "?".to_owned())),
            ]),
            account: Some(command.account.clone()),
            contact: contact.map(|key| key.contact.clone()),
            action: None,
            at: now,
        });
    }

    /// Commands whose effect is to be seen are done, and so is what was told of them.
    pub(crate) fn settle_commands(&mut self) {
        let seen: Vec<CommandId> =
            self.commands.iter().filter(|(_, command)| self.is_seen(command)).map(|(id, _)| id.clone()).collect();
        for id in seen {
            let told = self.commands.remove(&id).filter(|command| command.stage == Stage::Lapsed);
            // It was done after all: what was told as uncertain is not any more.
            if let Some(command) =
                told.filter(|command| command.kind == CommandKind::Dial || command.is_about_parties())
            {
                self.withdraw(&command.notice_id());
            }
        }
        if !self.notices.iter().any(|notice| notice.id.starts_with("command:")) {
            return;
        }
        let mut over = Vec::new();
        for (key, entry) in &self.contacts {
            let legs = entry.view.contact.connections.iter().map(|leg| Some(&leg.id));
            for leg in legs.chain([None]) {
                over.extend(
                    CommandKind::ALL
                        .iter()
                        .filter(|kind| kind.is_seen_on(entry, leg))
                        .map(|kind| notice_id(*kind, &key.account, Some(key), leg)),
                );
            }
        }
        for (id, entry) in &self.accounts {
            over.extend(
                CommandKind::ALL
                    .iter()
                    .filter(|kind| kind.is_seen_at(&entry.view, None))
                    .map(|kind| notice_id(*kind, id, None, None)),
            );
        }
        for id in over {
            self.withdraw(&id);
        }
    }

    fn is_seen(&self, command: &SentCommand) -> bool {
        let on_contact = command.contact.as_ref().and_then(|key| self.contacts.get(key)).is_some_and(|entry| {
            let ended_meanwhile = command.stage == Stage::Taken && entry.view.contact.state.is_finished();
            let parties_changed = command.stage != Stage::Sent && command.changed_parties(&entry.view.contact);
            let moot = command.kind == CommandKind::Accept || command.is_about_parties();
            command.kind.is_seen_on(entry, command.connection.as_ref()) || parties_changed || (moot && ended_meanwhile)
        });
        let dialled = command.kind == CommandKind::Dial
            && command.stage != Stage::Sent
            && self.contacts.iter().any(|(key, entry)| {
                key.account == command.account
                    && entry.arrival >= command.before.arrivals
                    && entry.view.contact.direction == Direction::Outbound
            });
        on_contact
            || dialled
            || self
                .account(&command.account)
                .is_some_and(|view| command.kind.is_seen_at(view, command.detail.as_deref()))
    }

    /// An answer to this offer is on its way.
    pub(crate) fn is_answered(&self, key: &ContactKey) -> bool {
        self.commands.values().any(|command| {
            command.is_open()
                && command.contact.as_ref() == Some(key)
                && matches!(command.kind, CommandKind::Accept | CommandKind::Reject)
        })
    }

    /// Some command may still lapse.
    pub(crate) fn awaits_commands(&self) -> bool {
        self.commands.values().any(|command| command.is_open() && command.kind != CommandKind::SignIn)
    }

    pub(crate) fn lapse_commands(&mut self, now: UnixMillis) {
        let late: Vec<CommandId> = self
            .commands
            .iter()
            .filter(|(_, command)| command.is_open() && command.kind != CommandKind::SignIn)
            // The absolute value: a clock set back must not keep a button busy for an hour.
            .filter(|(_, command)| now.since(command.since).saturating_abs() >= CONFIRM_WITHIN_MS)
            .map(|(id, _)| id.clone())
            .collect();
        for id in late {
            let Some(mut command) = self.commands.remove(&id) else {
                continue;
            };
            let offer_stands = command
                .contact
                .as_ref()
                .and_then(|key| self.contact(key))
                .is_some_and(|view| view.contact.state == ContactState::Offered);
            let answers = matches!(command.kind, CommandKind::Accept | CommandKind::Reject);
            self.undo(&id, &command, true);
            if command.stage == Stage::Sent || (answers && offer_stands) {
                self.tell_command(&command, "unconfirmed", String::new(), now);
            }
            if command.stage == Stage::Sent {
                command.stage = Stage::Lapsed;
                self.commands.insert(id, command);
            }
        }
        while self.commands.values().filter(|command| !command.is_open()).count() > LAPSED_KEPT {
            let oldest = self
                .commands
                .iter()
                .filter(|(_, command)| !command.is_open())
                .min_by_key(|(_, command)| command.since)
                .map(|(id, _)| id.clone());
            if let Some(id) = oldest {
                self.commands.remove(&id);
            }
        }
    }

    /// The contact is gone, so its commands are moot; except an Accept that
    /// found nothing to accept and nobody said why: its failure is still told.
    pub(crate) fn forget_commands_of(&mut self, entry: &ContactEntry, said: Option<Outcome>) {
        let unexplained = entry.view.contact.state == ContactState::Offered && entry.outcome(said).is_none();
        let key = &entry.view.key;
        self.commands.retain(|_, command| {
            if command.contact.as_ref() != Some(key) {
                return true;
            }
            let keep = unexplained && command.kind == CommandKind::Accept && command.stage == Stage::Sent;
            if keep {
                command.contact = None;
            }
            keep
        });
    }
}
