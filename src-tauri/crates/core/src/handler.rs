//! Carries the panel's commands out.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use trunkline_connector::{Answer, Command, FieldKind, LoginField, LoginWay, Target};
use trunkline_desk::{CommandKind, Desk, DeskSnapshot, DeviceChoice, DeviceRole, HistoryEntry, Input};
use trunkline_model::{
    AccountId, ArchivePage, CannedMessage, CommandId, ConnectionId, ContactKey, ContactState, CustomerCard,
    CustomerPage, LinkState, MonitorMode, PastPage, PlatformId, QueueId, Supervision, TaskTemplate, TaskTemplateEntry,
    e164,
};
use trunkline_rpc::schema::{
    AccountForm, AddParty, AddPlugin, AgentPreferences, Alive, AnnotateContact, AnswerChallenge, AnswerPlugin, AppInfo,
    ArchivedMessages, ArrangePlugins, BanCustomer, ChooseDevice, ChooseEnhancement, ChooseLine, ChooseRingtone,
    ChooseSound, CreateTask, Dial, DismissNotice, EditMessage, Empty, EndConsult, EndpointPage, EventRules, ExportLog,
    FindArchived, FindCustomers, FindEvents, FoundEvent, GrantPlugin, Handler, LinkCustomer, ListEndpoints, LogExport,
    LogPage, LogSettings, MarkRead, MonitorContact, MuteContact, MuteParty, OnAccount, OnAttachment, OnConnection,
    OnContact, OnDevice, OnEvent, OnMessage, OnOutgoing, OnPlugin, OnSound, OnTaskTemplate, OnWorkItem, OpenEventPop,
    OpenLink, OpenPop, PanelSettings, PartyTarget, PastConversations, PlatformInfo, PluginDesk, PluginLogLine,
    PopChoice, PopOpened, PopPreview, PreviewPop, ReadHistory, ReadLog, RenameContact, ReportIssue, RingtoneFile,
    SaveAccount, SaveDraft, SaveEventRules, SaveLogSettings, SavePluginSettings, SaveScreenPops, ScreenPops,
    SeenEvents, SendCards, SendDigits, SendFile, SendPlace, SendText, SetAgentState, SetMedia, ShowView, SignOut,
    SubscribeList, Switch, SwitchPlugin, TransferContact, TriedEvent, TryEventRules, UpdateTask, WrapUpContact,
};
use trunkline_rpc::{RpcCode, RpcError};
use trunkline_store::{AccountRecord, PanelSettingsRecord, RingtoneSetting};

use crate::accounts::{COMMAND_DEADLINE, new_command_id};
use crate::effects::ShellEvent;
use crate::{
    Parts, account_form, changes, conversations, diagnostics, downloads, endpoints, event_rules, events, finished,
    links, outbox, places, plugins, pops, rpc_error, signing, tasks, teams, wrap_up,
};

/// Longest ringtone file taken, bytes.
const RINGTONE_LIMIT: usize = 8 << 20;

pub(crate) struct PanelHandler {
    parts: Arc<Parts>,
}

impl PanelHandler {
    pub(crate) fn new(parts: Arc<Parts>) -> Self {
        Self { parts }
    }

    async fn contact(&self, contact: &ContactKey, kind: CommandKind) -> Result<Empty, RpcError> {
        on_contact(&self.parts, contact, kind).await.map(|()| Empty {})
    }

    async fn connection(&self, request: OnConnection, kind: CommandKind) -> Result<Empty, RpcError> {
        let (contact, connection) = (request.contact.contact.clone(), request.connection);
        let command = match kind {
            CommandKind::Hold => Command::Hold { contact, connection: connection.clone() },
            CommandKind::Resume => Command::Resume { contact, connection: connection.clone() },
            _ => Command::Disconnect { contact, connection: connection.clone() },
        };
        let about = About { connection, ..About::contact(&request.contact, kind) };
        send(&self.parts, about, command).await?;
        Ok(Empty {})
    }
}

impl PanelHandler {
    /// Whom a call or a contact goes to, and what that is called while it is under way.
    fn target(&self, account: &AccountId, target: PartyTarget) -> Result<(Target, Option<String>), RpcError> {
        Ok(match target {
            PartyTarget::Endpoint { id } => {
                let shown = self.parts.endpoints.name(account, &id);
                (Target::Endpoint { id }, shown)
            }
            PartyTarget::Number { number } => {
                let number = dialled(&number)?;
                (Target::Number { number: number.clone() }, Some(number))
            }
        })
    }
}

/// What the desk shows of a command while it is on its way.
pub(crate) struct About {
    account: AccountId,
    contact: Option<ContactKey>,
    connection: Option<ConnectionId>,
    kind: CommandKind,
    detail: Option<String>,
}

impl About {
    pub(crate) fn account(account: &AccountId, kind: CommandKind) -> Self {
        Self { account: account.clone(), contact: None, connection: None, kind, detail: None }
    }

    pub(crate) fn contact(contact: &ContactKey, kind: CommandKind) -> Self {
        Self { contact: Some(contact.clone()), ..Self::account(&contact.account, kind) }
    }

    /// What it is about, by name or number.
    pub(crate) fn called(self, detail: Option<String>) -> Self {
        Self { detail, ..self }
    }
}

/// Sends one command with its marks on the desk before and after.
pub(crate) async fn send(parts: &Parts, about: About, command: Command) -> Result<(), RpcError> {
    send_unless(parts, about, command, |_| None).await
}

/// Likewise, unless the desk at that moment speaks against it.
async fn send_unless(
    parts: &Parts,
    about: About,
    command: Command,
    objection: impl FnOnce(&Desk) -> Option<RpcError>,
) -> Result<(), RpcError> {
    let About { account, contact, connection, kind, detail } = about;
    let id: CommandId = new_command_id();
    let sent = Input::CommandSent { id: id.clone(), account: account.clone(), contact, connection, kind, detail };
    parts.desk.apply_unless(sent, objection)?;
    // Signing in may take the agent minutes in a login window.
    let limit = if kind == CommandKind::SignIn { COMMAND_DEADLINE * 60 } else { COMMAND_DEADLINE };
    let result = parts.accounts.command(&account, id.clone(), command, limit).await;
    parts.desk.apply(Input::CommandSettled { id, result: result.clone() });
    result.map_err(RpcError::from)
}

/// Pressed twice it is one call: a second one would ring somebody else, or the same person again.
fn is_being_called(desk: &Desk, contact: &ContactKey) -> Option<RpcError> {
    match desk.contact(contact) {
        None => Some(rpc_error::contact_gone()),
        Some(view) if view.pending.iter().any(|pending| pending.kind == CommandKind::AddParty) => {
            Some(RpcError::new(RpcCode::NotPossible, "error_party_being_added"))
        }
        Some(_) => None,
    }
}

/// Why no call can be made through this account now.
fn cannot_dial(desk: &Desk, account: &AccountId, queue: Option<&QueueId>) -> Option<RpcError> {
    let Some(view) = desk.account(account) else {
        return Some(RpcError::new(RpcCode::NotPossible, "error_account_unknown"));
    };
    if view.pending_dial.is_some() {
        return Some(RpcError::new(RpcCode::NotPossible, "error_already_dialling"));
    }
    let (queue, agent) = (queue?, view.agent.as_ref()?);
    let known = agent.dial_queues.iter().any(|known| known.id == *queue);
    (!known).then(|| rpc_error::field("queue", "error_queue_unknown"))
}

/// Accept, reject and clear. Accepting twice is one accept.
pub(crate) async fn on_contact(parts: &Parts, contact: &ContactKey, kind: CommandKind) -> Result<(), RpcError> {
    let Some(view) = parts.desk.contact(contact) else {
        return Err(rpc_error::contact_gone());
    };
    if view.pending.iter().any(|pending| pending.kind == kind) {
        return Ok(());
    }
    if kind == CommandKind::Accept
        && matches!(view.contact.state, ContactState::Connecting | ContactState::Connected)
        && view.accepted_at.is_some()
    {
        return Ok(());
    }
    let id = contact.contact.clone();
    let command = match kind {
        CommandKind::Accept => Command::Accept { contact: id },
        CommandKind::Reject => Command::Reject { contact: id },
        _ => Command::Clear { contact: id },
    };
    send(parts, About::contact(contact, kind), command).await
}

/// The number as the platform dials it.
fn dialled(typed: &str) -> Result<String, RpcError> {
    e164(typed).map_err(|_| rpc_error::field("number", "error_number_invalid"))
}

pub(crate) fn panel_settings(parts: &Parts) -> PanelSettings {
    let panel = parts.settings.get().panel;
    PanelSettings {
        theme: panel.theme,
        language: panel.language,
        close_to_tray: panel.close_to_tray,
        drop_view_in_tray: panel.drop_view_in_tray,
        incoming_window: panel.incoming_window,
        notifications: panel.notifications,
    }
}

impl PanelHandler {
    fn record(&self, account: &AccountId) -> Result<AccountRecord, RpcError> {
        let found = self.parts.settings.get().accounts.into_iter().find(|record| record.id == *account);
        found.ok_or_else(|| RpcError::new(RpcCode::NotPossible, "error_account_unknown"))
    }

    async fn form(&self, record: &AccountRecord) -> AccountForm {
        let vault = self.parts.vault.account(&record.id);
        let mut secrets_set = Vec::new();
        for key in self.secret_fields(record) {
            if matches!(vault.get(&key).await, Ok(Some(_))) {
                secrets_set.push(key);
            }
        }
        let shown = |(key, value): (&String, &serde_json::Value)| Some((key.clone(), account_form::shown(value)?));
        let settings = record.settings.iter().filter_map(shown).collect();
        AccountForm {
            account: record.id.clone(),
            platform: record.platform.clone(),
            name: record.name.clone(),
            settings,
            secrets_set,
        }
    }

    /// The fields of the platform's account form.
    fn fields(&self, platform: &PlatformId) -> Vec<LoginField> {
        let registration = self.parts.accounts.registry().find(platform);
        registration.map(|registration| (registration.descriptor)().fields).unwrap_or_default()
    }

    fn secret_fields(&self, record: &AccountRecord) -> Vec<String> {
        let fields = self.fields(&record.platform).into_iter();
        fields.filter(|field| field.kind == FieldKind::Secret).map(|field| field.key.to_owned()).collect()
    }

    fn check_secrets(&self, record: &AccountRecord, secrets: &BTreeMap<String, String>) -> Result<(), RpcError> {
        let known = self.secret_fields(record);
        let strange = secrets.iter().find(|(key, secret)| !secret.is_empty() && !known.contains(key));
        strange.map_or(Ok(()), |(key, _)| Err(rpc_error::field(key, "error_invalid")))
    }

    async fn keep_secrets(&self, record: &AccountRecord, secrets: BTreeMap<String, String>) {
        let vault = self.parts.vault.account(&record.id);
        for (key, secret) in secrets.into_iter().filter(|(_, secret)| !secret.is_empty()) {
            // The vault keeps it for this run and reports the limit by itself.
            if let Err(error) = vault.set(&key, secret.into()).await {
                tracing::warn!(%error, "secret lives for this run only");
            }
        }
    }

    /// Keeps a tone of the agent's under a name of ours; gives that name and theirs.
    fn keep_ringtone_file(
        &self,
        file: Option<&RingtoneFile>,
        name: &str,
    ) -> Result<Option<(String, String)>, RpcError> {
        use base64::Engine as _;
        let Some(file) = file else { return Ok(None) };
        let invalid = || rpc_error::field("file", "notice_ringtone_unreadable");
        let bytes = base64::engine::general_purpose::STANDARD.decode(&file.base64).map_err(|_| invalid())?;
        if bytes.len() > RINGTONE_LIMIT || trunkline_audio::Sound::decode(&file.name, &bytes).is_err() {
            return Err(invalid());
        }
        // The agent's name for it is shown; on disk it has a name of ours, so that no path can be made of it.
        let extension: String = file
            .name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(4)
            .collect();
        let stored = format!("{name}.{}", extension.to_ascii_lowercase());
        std::fs::write(self.parts.data_folder.join(&stored), bytes)
            .map_err(|error| rpc_error::internal("ringtone file", &error))?;
        Ok(Some((stored, file.name.clone())))
    }
}

#[async_trait]
impl Handler for PanelHandler {
    async fn desk_snapshot(&self, _: Empty) -> Result<DeskSnapshot, RpcError> {
        Ok(self.parts.desk.snapshot())
    }

    async fn contact_accept(&self, request: OnContact) -> Result<Empty, RpcError> {
        self.contact(&request.contact, CommandKind::Accept).await
    }

    async fn contact_reject(&self, request: OnContact) -> Result<Empty, RpcError> {
        self.contact(&request.contact, CommandKind::Reject).await
    }

    async fn contact_clear(&self, request: OnContact) -> Result<Empty, RpcError> {
        self.contact(&request.contact, CommandKind::Clear).await
    }

    async fn contact_end(&self, request: OnConnection) -> Result<Empty, RpcError> {
        self.connection(request, CommandKind::End).await
    }

    async fn contact_hold(&self, request: OnConnection) -> Result<Empty, RpcError> {
        self.connection(request, CommandKind::Hold).await
    }

    async fn contact_resume(&self, request: OnConnection) -> Result<Empty, RpcError> {
        self.connection(request, CommandKind::Resume).await
    }

    async fn contact_mute(&self, request: MuteContact) -> Result<Empty, RpcError> {
        if self.parts.calls.set_mute(&request.contact, request.muted) {
            Ok(Empty {})
        } else {
            Err(RpcError::new(RpcCode::NotPossible, "error_no_call_here"))
        }
    }

    async fn contact_mute_party(&self, request: MuteParty) -> Result<Empty, RpcError> {
        let MuteParty { contact, connection, muted } = request;
        let kind = if muted { CommandKind::MuteParty } else { CommandKind::UnmuteParty };
        let command = Command::MuteParty { contact: contact.contact.clone(), connection: connection.clone(), muted };
        let about = About { connection: Some(connection), ..About::contact(&contact, kind) };
        send(&self.parts, about, command).await?;
        Ok(Empty {})
    }

    async fn contact_digits(&self, request: SendDigits) -> Result<Empty, RpcError> {
        let valid = (1..=50).contains(&request.digits.len())
            && request.digits.chars().all(|digit| digit.is_ascii_digit() || matches!(digit, '*' | '#'));
        if !valid {
            return Err(rpc_error::field("digits", "error_digits_invalid"));
        }
        let command = Command::SendDigits {
            contact: request.contact.contact.clone(),
            connection: request.connection.clone(),
            digits: request.digits.clone(),
        };
        let about = About {
            connection: request.connection,
            detail: Some(request.digits),
            ..About::contact(&request.contact, CommandKind::Digits)
        };
        send(&self.parts, about, command).await?;
        Ok(Empty {})
    }

    async fn contact_add_party(&self, request: AddParty) -> Result<Empty, RpcError> {
        let (target, detail) = self.target(&request.contact.account, request.target)?;
        let note = teams::note(&request.note)?;
        let command = Command::AddParty { contact: request.contact.contact.clone(), target, note };
        let about = About { detail, ..About::contact(&request.contact, CommandKind::AddParty) };
        send_unless(&self.parts, about, command, |desk| is_being_called(desk, &request.contact)).await?;
        Ok(Empty {})
    }

    async fn contact_conference(&self, request: OnContact) -> Result<Empty, RpcError> {
        let command = Command::Conference { contact: request.contact.contact.clone() };
        send(&self.parts, About::contact(&request.contact, CommandKind::Conference), command).await?;
        Ok(Empty {})
    }

    async fn contact_swap(&self, request: OnContact) -> Result<Empty, RpcError> {
        let command = Command::Swap { contact: request.contact.contact.clone() };
        send(&self.parts, About::contact(&request.contact, CommandKind::Swap), command).await?;
        Ok(Empty {})
    }

    async fn contact_transfer(&self, request: TransferContact) -> Result<Empty, RpcError> {
        let (target, shown) = self.target(&request.contact.account, request.target)?;
        let note = teams::note(&request.note)?;
        let command = Command::Transfer { contact: request.contact.contact.clone(), target, note };
        let about = About { detail: shown, ..About::contact(&request.contact, CommandKind::Transfer) };
        send(&self.parts, about, command).await?;
        Ok(Empty {})
    }

    async fn contact_consult(&self, request: TransferContact) -> Result<Empty, RpcError> {
        let (target, shown) = self.target(&request.contact.account, request.target)?;
        let note = teams::note(&request.note)?;
        let command = Command::Consult { contact: request.contact.contact.clone(), target, note };
        let about = About { detail: shown, ..About::contact(&request.contact, CommandKind::Consult) };
        send(&self.parts, about, command).await?;
        Ok(Empty {})
    }

    async fn contact_end_consult(&self, request: EndConsult) -> Result<Empty, RpcError> {
        teams::end_consult(&self.parts, request).await.map(|()| Empty {})
    }

    async fn contact_customer(&self, request: OnContact) -> Result<CustomerCard, RpcError> {
        teams::customer(&self.parts, request).await
    }

    async fn contact_link_customer(&self, request: LinkCustomer) -> Result<Empty, RpcError> {
        teams::link_customer(&self.parts, request).await.map(|()| Empty {})
    }

    async fn contact_past(&self, request: PastConversations) -> Result<PastPage, RpcError> {
        teams::past(&self.parts, request).await
    }

    async fn contact_rename(&self, request: RenameContact) -> Result<Empty, RpcError> {
        changes::rename(&self.parts, request).await.map(|()| Empty {})
    }

    async fn contact_ban(&self, request: BanCustomer) -> Result<Empty, RpcError> {
        changes::ban(&self.parts, request).await.map(|()| Empty {})
    }

    async fn message_edit(&self, request: EditMessage) -> Result<Empty, RpcError> {
        changes::edit(&self.parts, request).await.map(|()| Empty {})
    }

    async fn message_remove(&self, request: OnMessage) -> Result<Empty, RpcError> {
        changes::remove(&self.parts, request).await.map(|()| Empty {})
    }

    async fn archive(&self, request: FindArchived) -> Result<ArchivePage, RpcError> {
        changes::archive(&self.parts, request).await
    }

    async fn archive_messages(&self, request: ArchivedMessages) -> Result<PastPage, RpcError> {
        changes::archived(&self.parts, request).await
    }

    async fn customer_find(&self, request: FindCustomers) -> Result<CustomerPage, RpcError> {
        teams::find_customers(&self.parts, request).await
    }

    async fn canned_messages(&self, request: OnAccount) -> Result<Vec<CannedMessage>, RpcError> {
        teams::canned_messages(&self.parts, &request.account).await
    }

    async fn supervision(&self, request: OnAccount) -> Result<Supervision, RpcError> {
        teams::supervision(&self.parts, &request.account).await
    }

    async fn supervision_listen(&self, request: OnContact) -> Result<Empty, RpcError> {
        teams::listen(&self.parts, request).await.map(|()| Empty {})
    }

    async fn work_list_subscribe(&self, request: SubscribeList) -> Result<Empty, RpcError> {
        teams::subscribe_list(&self.parts, request).await.map(|()| Empty {})
    }

    async fn work_take(&self, request: OnWorkItem) -> Result<Empty, RpcError> {
        teams::work(&self.parts, request, CommandKind::TakeWork).await.map(|()| Empty {})
    }

    async fn work_close(&self, request: OnWorkItem) -> Result<Empty, RpcError> {
        teams::work(&self.parts, request, CommandKind::CloseWork).await.map(|()| Empty {})
    }

    async fn contact_wrap_up(&self, request: WrapUpContact) -> Result<Empty, RpcError> {
        let contact = request.contact.clone();
        let command = self.parts.desk.look(|desk| wrap_up::command(desk, request))?;
        send(&self.parts, About::contact(&contact, CommandKind::WrapUp), command).await?;
        Ok(Empty {})
    }

    async fn contact_pause(&self, request: OnContact) -> Result<Empty, RpcError> {
        let command = Command::Pause { contact: request.contact.contact.clone() };
        send(&self.parts, About::contact(&request.contact, CommandKind::Pause), command).await?;
        Ok(Empty {})
    }

    async fn contact_unpause(&self, request: OnContact) -> Result<Empty, RpcError> {
        let command = Command::Unpause { contact: request.contact.contact.clone() };
        send(&self.parts, About::contact(&request.contact, CommandKind::Unpause), command).await?;
        Ok(Empty {})
    }

    async fn contact_monitor(&self, request: MonitorContact) -> Result<Empty, RpcError> {
        let kind = match request.mode {
            MonitorMode::Silent => CommandKind::Listen,
            MonitorMode::Whisper => CommandKind::Whisper,
            MonitorMode::Barge => CommandKind::BargeIn,
        };
        let command = Command::SetMonitorMode { contact: request.contact.contact.clone(), mode: request.mode };
        send(&self.parts, About::contact(&request.contact, kind), command).await?;
        Ok(Empty {})
    }

    async fn contact_report(&self, request: ReportIssue) -> Result<Empty, RpcError> {
        let ReportIssue { contact, kind, text } = request;
        let text = tasks::issue(kind, &text)?;
        if self.parts.desk.contact(&contact).is_none() {
            return Err(rpc_error::contact_gone());
        }
        let command = Command::ReportIssue { contact: contact.contact.clone(), kind, text };
        send(&self.parts, About::contact(&contact, CommandKind::ReportIssue), command).await?;
        Ok(Empty {})
    }

    async fn task_create(&self, request: CreateTask) -> Result<Empty, RpcError> {
        let (account, name) = (request.account.clone(), request.name.trim().to_owned());
        let command = Command::CreateTask(Box::new(tasks::request(request)?));
        let about = About { detail: Some(name), ..About::account(&account, CommandKind::CreateTask) };
        send(&self.parts, about, command).await?;
        Ok(Empty {})
    }

    async fn task_update(&self, request: UpdateTask) -> Result<Empty, RpcError> {
        let contact = request.contact.clone();
        let command = Command::UpdateTask(Box::new(tasks::update(request)?));
        send(&self.parts, About::contact(&contact, CommandKind::UpdateTask), command).await?;
        Ok(Empty {})
    }

    async fn task_templates(&self, request: OnAccount) -> Result<Vec<TaskTemplateEntry>, RpcError> {
        Ok(self.parts.accounts.task_templates(&request.account).await?)
    }

    async fn task_template(&self, request: OnTaskTemplate) -> Result<TaskTemplate, RpcError> {
        Ok(self.parts.accounts.task_template(&request.account, request.template).await?)
    }

    async fn agent_preferences(&self, request: AgentPreferences) -> Result<Empty, RpcError> {
        let AgentPreferences { account, softphone, extension, language } = request;
        let extension = tasks::extension(softphone, extension.as_deref())?;
        let command = Command::SetAgentPreferences { softphone, extension, language };
        send(&self.parts, About::account(&account, CommandKind::SetPreferences), command).await?;
        Ok(Empty {})
    }

    async fn conversation_line(&self, request: ChooseLine) -> Result<Empty, RpcError> {
        let command = Command::ChooseLine { contact: request.contact.contact.clone(), line: request.line };
        send(&self.parts, About::contact(&request.contact, CommandKind::ChooseLine), command).await?;
        Ok(Empty {})
    }

    async fn conversation_send(&self, request: SendText) -> Result<OnOutgoing, RpcError> {
        conversations::send(&self.parts, request).await
    }

    async fn conversation_send_file(&self, request: SendFile) -> Result<OnOutgoing, RpcError> {
        conversations::send_file(&self.parts, request).await
    }

    async fn conversation_send_place(&self, request: SendPlace) -> Result<OnOutgoing, RpcError> {
        conversations::send_place(&self.parts, request).await
    }

    async fn conversation_send_cards(&self, request: SendCards) -> Result<OnOutgoing, RpcError> {
        conversations::send_cards(&self.parts, request).await
    }

    async fn conversation_retry(&self, request: OnOutgoing) -> Result<Empty, RpcError> {
        outbox::retry(&self.parts, &request.contact, &request.token).await.map(|()| Empty {})
    }

    async fn conversation_discard(&self, request: OnOutgoing) -> Result<Empty, RpcError> {
        outbox::discard(&self.parts, &request.contact, &request.token).await.map(|()| Empty {})
    }

    async fn conversation_typing(&self, request: OnContact) -> Result<Empty, RpcError> {
        conversations::typing(&self.parts, &request.contact)
    }

    async fn conversation_read(&self, request: MarkRead) -> Result<Empty, RpcError> {
        Ok(conversations::read(&self.parts, request))
    }

    async fn conversation_draft(&self, request: SaveDraft) -> Result<Empty, RpcError> {
        conversations::draft(&self.parts, request)
    }

    async fn conversation_older(&self, request: OnContact) -> Result<Empty, RpcError> {
        conversations::older(&self.parts, &request.contact).await
    }

    async fn attachment_save(&self, request: OnAttachment) -> Result<Empty, RpcError> {
        conversations::save_attachment(&self.parts, request)
    }

    async fn attachment_cancel(&self, request: OnAttachment) -> Result<Empty, RpcError> {
        downloads::cancel(&self.parts, request.contact, request.attachment);
        Ok(Empty {})
    }

    async fn agent_dial(&self, request: Dial) -> Result<Empty, RpcError> {
        let number = dialled(&request.number)?;
        let Dial { account, queue, related, .. } = request;
        let command = Command::Dial { number: number.clone(), queue: queue.clone(), related };
        let about = About { detail: Some(number), ..About::account(&account, CommandKind::Dial) };
        send_unless(&self.parts, about, command, |desk| cannot_dial(desk, &account, queue.as_ref())).await?;
        Ok(Empty {})
    }

    async fn endpoint_list(&self, request: ListEndpoints) -> Result<EndpointPage, RpcError> {
        let list = self.parts.accounts.endpoints(&request.account, request.contact, COMMAND_DEADLINE).await?;
        self.parts.endpoints.keep(&request.account, &list.items);
        Ok(endpoints::page(list, &request.search, request.after.as_deref()))
    }

    async fn agent_set_state(&self, request: SetAgentState) -> Result<Empty, RpcError> {
        let accounts = self.parts.desk.snapshot().accounts;
        let name = accounts
            .into_iter()
            .find(|account| account.id == request.account)
            .and_then(|account| account.agent)
            .and_then(|agent| agent.selectable_states.into_iter().find(|s| s.id.as_ref() == Some(&request.state)))
            .map(|state| state.name);
        let Some(name) = name else { return Err(rpc_error::field("state", "error_state_unknown")) };
        let command = Command::SetAgentState { state: request.state, when_free: request.when_free };
        let about = About { detail: Some(name), ..About::account(&request.account, CommandKind::SetState) };
        send(&self.parts, about, command).await?;
        Ok(Empty {})
    }

    async fn agent_set_media(&self, request: SetMedia) -> Result<Empty, RpcError> {
        let SetMedia { account, domain, ready } = request;
        let name = self.parts.desk.look(|desk| {
            let media = &desk.account(&account)?.agent.as_ref()?.media;
            media.iter().find(|known| known.id == domain).map(|known| known.name.clone())
        });
        let Some(name) = name else { return Err(rpc_error::field("domain", "error_medium_unknown")) };
        let about = About { detail: Some(name), ..About::account(&account, CommandKind::SetMedia) };
        send(&self.parts, about, Command::SetMedia { domain, ready }).await?;
        Ok(Empty {})
    }

    async fn platform_list(&self, _: Empty) -> Result<Vec<PlatformInfo>, RpcError> {
        let descriptors = self.parts.accounts.registry().descriptors().into_iter();
        Ok(descriptors
            .map(|descriptor| PlatformInfo {
                id: descriptor.id,
                name: descriptor.name.to_owned(),
                login_window: descriptor.login.contains(&LoginWay::Window),
                fields: descriptor.fields.into_iter().map(account_form::field).collect(),
            })
            .collect())
    }

    async fn account_form(&self, request: OnAccount) -> Result<AccountForm, RpcError> {
        let record = self.record(&request.account)?;
        Ok(self.form(&record).await)
    }

    async fn account_save(&self, request: SaveAccount) -> Result<AccountForm, RpcError> {
        if request.name.trim().is_empty() {
            return Err(rpc_error::field("name", "error_name_missing"));
        }
        let is_new = request.account.is_none();
        let mut record = match &request.account {
            Some(account) => self.record(account)?,
            None => AccountRecord {
                id: AccountId::new(format!("{}-{}", request.platform, uuid::Uuid::new_v4().simple())),
                platform: request.platform.clone(),
                name: String::new(),
                settings: serde_json::Map::new(),
            },
        };
        request.name.trim().clone_into(&mut record.name);
        // Keys that are not in the form (an administrator's overrides) stay as they are.
        let fields = self.fields(&record.platform);
        for (key, text) in request.settings {
            match account_form::kept(&fields, &key, &text)? {
                None => record.settings.remove(&key),
                Some(value) => record.settings.insert(key, value),
            };
        }
        self.parts.accounts.check(&record).map_err(|error| rpc_error::field(&error.field, &error.message_key))?;
        self.check_secrets(&record, &request.secrets)?;
        let saved = record.clone();
        let settings = self.parts.settings.commit(move |settings| {
            match settings.accounts.iter_mut().find(|other| other.id == saved.id) {
                Some(other) => *other = saved,
                None => settings.accounts.push(saved),
            }
        })?;
        // Only for an account that is there: a secret of none could never be removed.
        self.keep_secrets(&record, request.secrets).await;
        let order = settings.accounts.iter().position(|other| other.id == record.id).unwrap_or_default();
        self.parts.accounts.start(record.clone(), u32::try_from(order).unwrap_or(u32::MAX)).await;
        if is_new {
            tracing::info!(account = %record.id, "account added");
        }
        Ok(self.form(&record).await)
    }

    async fn account_remove(&self, request: OnAccount) -> Result<Empty, RpcError> {
        self.record(&request.account)?;
        let account = request.account.clone();
        // Where that is refused the account is at work as before.
        self.parts.settings.commit(move |settings| settings.accounts.retain(|record| record.id != account))?;
        self.parts.accounts.stop(&request.account).await;
        self.parts.desk.apply(Input::AccountRemoved(request.account));
        Ok(Empty {})
    }

    async fn account_answer(&self, request: AnswerChallenge) -> Result<Empty, RpcError> {
        let text = request.text.trim().to_owned();
        if text.is_empty() {
            return Err(rpc_error::field("text", "error_field_missing"));
        }
        let about = About::account(&request.account, CommandKind::AnswerChallenge);
        send(&self.parts, about, Command::AnswerChallenge { answer: Answer(text) }).await?;
        Ok(Empty {})
    }

    async fn account_resend(&self, request: OnAccount) -> Result<Empty, RpcError> {
        let about = About::account(&request.account, CommandKind::AnswerChallenge);
        send(&self.parts, about, Command::ResendCode).await?;
        Ok(Empty {})
    }

    async fn account_sign_in(&self, request: OnAccount) -> Result<Empty, RpcError> {
        // After a sign-out or a refusal the connector has ended: a new one takes
        // what is stored. Where that is nothing the agent has said already that
        // they want to sign in.
        let before = signing::link(&self.parts, &request.account);
        let leaving = before.as_ref().is_some_and(|link| link.state == LinkState::SignedOut);
        if let Some(record) = self.parts.accounts.has_ended(&request.account, leaving) {
            self.parts.accounts.restart(record).await;
            if !signing::asks_for_sign_in(&self.parts, &request.account, before.as_ref(), COMMAND_DEADLINE).await {
                return Ok(Empty {});
            }
        }
        send(&self.parts, About::account(&request.account, CommandKind::SignIn), Command::SignIn).await?;
        Ok(Empty {})
    }

    async fn account_sign_out(&self, request: SignOut) -> Result<Empty, RpcError> {
        let SignOut { account, state } = request;
        let about = About::account(&account, CommandKind::SignOut);
        let command = Command::SignOut { state: state.clone() };
        send_unless(&self.parts, about, command, |desk| signing::cannot_leave(desk, &account, state.as_ref())).await?;
        Ok(Empty {})
    }

    async fn account_open_panel(&self, request: OnAccount) -> Result<Empty, RpcError> {
        let (account, command) = (&request.account, Command::OpenPlatformPanel);
        self.parts.accounts.command(account, new_command_id(), command, COMMAND_DEADLINE).await?;
        Ok(Empty {})
    }

    async fn account_switch_instance(&self, request: OnAccount) -> Result<Empty, RpcError> {
        let (account, command) = (&request.account, Command::SwitchInstance);
        self.parts.accounts.command(account, new_command_id(), command, COMMAND_DEADLINE).await?;
        Ok(Empty {})
    }

    async fn audio_choose(&self, request: ChooseDevice) -> Result<Empty, RpcError> {
        let name = match request.choice {
            DeviceChoice::SystemDefault => None,
            DeviceChoice::Named { name } => Some(name),
        };
        let settings = self.parts.settings.commit(move |settings| match request.role {
            DeviceRole::Microphone => settings.audio.microphone = name,
            DeviceRole::Speaker => settings.audio.speaker = name,
            DeviceRole::Ringer => settings.audio.ringer = name,
        })?;
        self.parts.audio.choose(&settings.audio, request.role);
        Ok(Empty {})
    }

    async fn audio_test_sound(&self, request: OnDevice) -> Result<Empty, RpcError> {
        self.parts.audio.test_sound(request.role);
        Ok(Empty {})
    }

    async fn audio_test_microphone(&self, request: Switch) -> Result<Empty, RpcError> {
        self.parts.audio.test_microphone(request.on);
        Ok(Empty {})
    }

    async fn audio_processing(&self, request: Switch) -> Result<Empty, RpcError> {
        self.parts.settings.commit(move |settings| settings.audio.processing = request.on)?;
        self.parts.audio.set_processing(request.on);
        Ok(Empty {})
    }

    async fn audio_enhancement(&self, request: ChooseEnhancement) -> Result<Empty, RpcError> {
        self.parts.settings.commit(move |settings| settings.audio.enhancement = request.mode)?;
        self.parts.audio.set_enhancement(request.mode);
        Ok(Empty {})
    }

    async fn audio_early_microphone(&self, request: Switch) -> Result<Empty, RpcError> {
        self.parts.settings.commit(move |settings| settings.audio.early_microphone = request.on)?;
        self.parts.audio.set_early_microphone(request.on);
        Ok(Empty {})
    }

    async fn audio_ringtone(&self, request: ChooseRingtone) -> Result<Empty, RpcError> {
        if let Some(id) = &request.builtin
            && trunkline_audio::Sound::builtin(id).is_none()
        {
            return Err(rpc_error::field("builtin", "error_invalid"));
        }
        let file = self.keep_ringtone_file(request.file.as_ref(), "ringtone")?;
        let settings = self.parts.settings.commit(move |settings| {
            let tone = &mut settings.audio.ringtone;
            if let Some((stored, shown)) = file {
                (tone.file, tone.file_name, tone.builtin) = (Some(stored), Some(shown), None);
            } else if let Some(id) = request.builtin {
                (tone.file, tone.file_name, tone.builtin) = (None, None, Some(id));
            }
            if let Some(volume) = request.volume {
                tone.volume = volume.min(100);
            }
        })?;
        self.parts.audio.set_sounds(&settings.audio);
        Ok(Empty {})
    }

    async fn audio_sound(&self, request: ChooseSound) -> Result<Empty, RpcError> {
        if request.builtin.as_deref().is_some_and(|id| trunkline_audio::Sound::builtin(id).is_none()) {
            return Err(rpc_error::field("builtin", "error_invalid"));
        }
        let file = self.keep_ringtone_file(request.file.as_ref(), &format!("sound-{}", request.kind.name()))?;
        let settings = self.parts.settings.commit(move |settings| {
            let like = settings.audio.ringtone.volume;
            let sound = settings.audio.sounds.get_mut(request.kind);
            sound.off = request.off.unwrap_or(sound.off);
            if request.standard {
                sound.tone = None;
            }
            let volume = request.volume.map(|volume| volume.min(100));
            if file.is_some() || request.builtin.is_some() || volume.is_some() && sound.tone.is_some() {
                let tone = sound.tone.get_or_insert_with(|| RingtoneSetting { volume: like, ..Default::default() });
                if let Some((stored, shown)) = file {
                    (tone.file, tone.file_name, tone.builtin) = (Some(stored), Some(shown), None);
                } else if let Some(id) = request.builtin {
                    (tone.file, tone.file_name, tone.builtin) = (None, None, Some(id));
                }
                tone.volume = volume.unwrap_or(tone.volume);
            }
        })?;
        self.parts.audio.set_sounds(&settings.audio);
        Ok(Empty {})
    }

    async fn audio_try_sound(&self, request: OnSound) -> Result<Empty, RpcError> {
        self.parts.audio.try_sound(request.kind);
        Ok(Empty {})
    }

    async fn panel_settings(&self, _: Empty) -> Result<PanelSettings, RpcError> {
        Ok(panel_settings(&self.parts))
    }

    async fn panel_settings_save(&self, request: PanelSettings) -> Result<PanelSettings, RpcError> {
        if !matches!(request.theme.as_str(), "system" | "light" | "dark") {
            return Err(rpc_error::field("theme", "error_invalid"));
        }
        if !matches!(request.language.as_str(), "system" | "en" | "ru") {
            return Err(rpc_error::field("language", "error_invalid"));
        }
        self.parts.settings.commit(move |settings| {
            settings.panel = PanelSettingsRecord {
                theme: request.theme,
                language: request.language,
                close_to_tray: request.close_to_tray,
                drop_view_in_tray: request.drop_view_in_tray,
                incoming_window: request.incoming_window,
                notifications: request.notifications,
            };
        })?;
        let settings = panel_settings(&self.parts);
        plugins::settings_changed(&self.parts);
        let _ = self.parts.shell.send(ShellEvent::PanelSettings(settings.clone()));
        Ok(settings)
    }

    async fn link_open(&self, request: OpenLink) -> Result<Empty, RpcError> {
        let Some(address) = links::web_address(&request.address) else {
            return Err(rpc_error::field("address", "error_link_refused"));
        };
        // Without a shell (bridge, tests) there is nobody to open it.
        match self.parts.shell.send(ShellEvent::OpenLink(address)) {
            Ok(_) => Ok(Empty {}),
            Err(_) => Err(RpcError::new(RpcCode::NotPossible, "error_link_no_browser")),
        }
    }

    async fn screen_pops(&self, _: Empty) -> Result<ScreenPops, RpcError> {
        Ok(pops::all(&self.parts))
    }

    async fn screen_pops_save(&self, request: SaveScreenPops) -> Result<ScreenPops, RpcError> {
        pops::save(&self.parts, request)
    }

    async fn screen_pop_preview(&self, request: PreviewPop) -> Result<PopPreview, RpcError> {
        Ok(pops::preview(&self.parts, request))
    }

    async fn screen_pops_forget(&self, _: Empty) -> Result<Empty, RpcError> {
        pops::forget_failures(&self.parts);
        Ok(Empty {})
    }

    async fn contact_pops(&self, request: OnContact) -> Result<Vec<PopChoice>, RpcError> {
        pops::choices(&self.parts, &pops::contact(&self.parts, &request.contact)?).await
    }

    async fn contact_pop_open(&self, request: OpenPop) -> Result<PopOpened, RpcError> {
        let subject = pops::contact(&self.parts, &request.contact)?;
        pops::open_by_hand(&self.parts, &subject, &request.page).await
    }

    async fn contact_show(&self, request: OnContact) -> Result<Empty, RpcError> {
        places::show_contact(&self.parts, &request.contact).map(|_| Empty {})
    }

    async fn view_show(&self, request: ShowView) -> Result<Empty, RpcError> {
        places::show_view(&self.parts, request.view, request.number.as_deref()).map(|_| Empty {})
    }

    async fn notice_dismiss(&self, request: DismissNotice) -> Result<Empty, RpcError> {
        self.parts.desk.apply(Input::NoticeDismissed(request.id));
        Ok(Empty {})
    }

    async fn events_seen(&self, request: SeenEvents) -> Result<Empty, RpcError> {
        let SeenEvents { account, until, alone } = request;
        self.parts.desk.apply(Input::EventsSeen { account, until, alone });
        Ok(Empty {})
    }

    async fn events_find(&self, request: FindEvents) -> Result<Vec<FoundEvent>, RpcError> {
        events::find(&self.parts, request).await
    }

    async fn event_rules(&self, _: Empty) -> Result<EventRules, RpcError> {
        Ok(event_rules::all(&self.parts))
    }

    async fn event_rules_save(&self, request: SaveEventRules) -> Result<EventRules, RpcError> {
        event_rules::save(&self.parts, request)
    }

    async fn event_rules_try(&self, request: TryEventRules) -> Result<Vec<TriedEvent>, RpcError> {
        event_rules::dry_run(&self.parts, &request)
    }

    async fn event_pops(&self, request: OnEvent) -> Result<Vec<PopChoice>, RpcError> {
        pops::choices(&self.parts, &events::subject(&self.parts, request.event).await?).await
    }

    async fn event_pop_open(&self, request: OpenEventPop) -> Result<PopOpened, RpcError> {
        let subject = events::subject(&self.parts, request.event).await?;
        pops::open_by_hand(&self.parts, &subject, &request.page).await
    }

    async fn contact_annotate(&self, request: AnnotateContact) -> Result<Empty, RpcError> {
        plugins::annotate(&self.parts, request)
    }
    async fn plugin_list(&self, _: Empty) -> Result<PluginDesk, RpcError> {
        Ok(plugins::view(&self.parts))
    }
    async fn plugin_add(&self, request: AddPlugin) -> Result<OnPlugin, RpcError> {
        plugins::add(&self.parts, request.source).await
    }
    async fn plugin_remove(&self, request: OnPlugin) -> Result<Empty, RpcError> {
        plugins::remove(&self.parts, request).await
    }
    async fn plugin_enable(&self, request: SwitchPlugin) -> Result<Empty, RpcError> {
        plugins::enable(&self.parts, request)
    }
    async fn plugin_grant(&self, request: GrantPlugin) -> Result<Empty, RpcError> {
        plugins::grant(&self.parts, request)
    }
    async fn plugin_trust(&self, request: SwitchPlugin) -> Result<Empty, RpcError> {
        plugins::trust(&self.parts, request)
    }
    async fn plugin_reload(&self, request: OnPlugin) -> Result<Empty, RpcError> {
        plugins::reload(&self.parts, request)
    }
    async fn plugin_show(&self, request: SwitchPlugin) -> Result<Empty, RpcError> {
        plugins::show(&self.parts, request)
    }
    async fn plugin_arrange(&self, request: ArrangePlugins) -> Result<Empty, RpcError> {
        Ok(plugins::arrange(&self.parts, request))
    }
    async fn plugin_settings_save(&self, request: SavePluginSettings) -> Result<Empty, RpcError> {
        plugins::save_settings(&self.parts, request)
    }
    async fn plugin_answer(&self, request: AnswerPlugin) -> Result<Empty, RpcError> {
        Ok(plugins::answer(&self.parts, &request))
    }
    async fn plugin_log(&self, request: OnPlugin) -> Result<Vec<PluginLogLine>, RpcError> {
        Ok(plugins::log(&self.parts, &request))
    }
    async fn history_read(&self, request: ReadHistory) -> Result<Vec<HistoryEntry>, RpcError> {
        finished::read(&self.parts, request).await
    }

    async fn log_settings(&self, _: Empty) -> Result<LogSettings, RpcError> {
        Ok(diagnostics::settings(&self.parts).await)
    }

    async fn log_settings_save(&self, request: SaveLogSettings) -> Result<LogSettings, RpcError> {
        diagnostics::save(&self.parts, request).await
    }

    async fn log_read(&self, request: ReadLog) -> Result<LogPage, RpcError> {
        diagnostics::read(&self.parts, request).await
    }

    async fn log_export(&self, request: ExportLog) -> Result<LogExport, RpcError> {
        diagnostics::export(&self.parts, request).await
    }

    async fn downloads_open(&self, _: Empty) -> Result<Empty, RpcError> {
        diagnostics::open_downloads(&self.parts)
    }

    async fn app_info(&self, _: Empty) -> Result<AppInfo, RpcError> {
        Ok(AppInfo {
            version: self.parts.version.clone(),
            demo: self.parts.demo,
            log_folder: self.parts.log.as_ref().map(|log| log.folder().display().to_string()),
        })
    }

    async fn ui_alive(&self, _: Alive) -> Result<Empty, RpcError> {
        Ok(Empty {})
    }
}
