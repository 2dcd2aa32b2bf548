//! Every command from every window, against what the table allows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use trunkline_connector::{CommandCode, CommandError};
use trunkline_desk::{Desk, DeskSnapshot, HistoryEntry};
use trunkline_model::{
    ArchivePage, CannedMessage, CustomerCard, CustomerPage, CustomerRecord, MessageToken, PastPage, Supervision,
    TaskTemplate, TaskTemplateEntry,
};
use trunkline_rpc::schema::*;
use trunkline_rpc::{Handler, Router, RpcCode, RpcError, Window};

/// Notes which commands arrive; answers each with something small.
#[derive(Default)]
struct Noting(Mutex<Vec<&'static str>>);

impl Noting {
    fn note(&self, name: &'static str) {
        self.0.lock().unwrap().push(name);
    }
}

fn form() -> AccountForm {
    AccountForm {
        account: "account-one".into(),
        platform: "platform-one".into(),
        name: "One".to_owned(),
        settings: Default::default(),
        secrets_set: Vec::new(),
    }
}

fn outgoing() -> OnOutgoing {
    let contact = trunkline_model::ContactKey::new("account-one".into(), "contact-one".into());
    OnOutgoing { contact, token: "token-one".into() }
}

fn panel() -> PanelSettings {
    PanelSettings {
        theme: "dark".to_owned(),
        language: "ru".to_owned(),
        close_to_tray: true,
        drop_view_in_tray: false,
        incoming_window: true,
        notifications: true,
    }
}

fn pops() -> ScreenPops {
    ScreenPops {
        templates: Vec::new(),
        allowed_domains: Vec::new(),
        allow_http: false,
        fixed: Vec::new(),
        failures: Vec::new(),
    }
}

fn log() -> LogSettings {
    LogSettings {
        written: LogLevel::Info,
        echoed: LogLevel::Warn,
        overridden_by: None,
        fixed: Vec::new(),
        folder: None,
        bytes: 0,
        most_bytes: 0,
        days: 7,
        lost: 0,
        trouble: None,
    }
}

#[async_trait]
impl Handler for Noting {
    async fn desk_snapshot(&self, _: Empty) -> Result<DeskSnapshot, RpcError> {
        self.note("desk_snapshot");
        Ok(Desk::new().snapshot())
    }
    async fn contact_accept(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_accept");
        Ok(Empty {})
    }
    async fn contact_reject(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_reject");
        Ok(Empty {})
    }
    async fn contact_clear(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_clear");
        Ok(Empty {})
    }
    async fn contact_end(&self, _: OnConnection) -> Result<Empty, RpcError> {
        self.note("contact_end");
        Ok(Empty {})
    }
    async fn contact_hold(&self, _: OnConnection) -> Result<Empty, RpcError> {
        self.note("contact_hold");
        Ok(Empty {})
    }
    async fn contact_resume(&self, _: OnConnection) -> Result<Empty, RpcError> {
        self.note("contact_resume");
        Ok(Empty {})
    }
    async fn contact_mute(&self, _: MuteContact) -> Result<Empty, RpcError> {
        self.note("contact_mute");
        Ok(Empty {})
    }
    async fn contact_mute_party(&self, _: MuteParty) -> Result<Empty, RpcError> {
        self.note("contact_mute_party");
        Ok(Empty {})
    }
    async fn contact_digits(&self, _: SendDigits) -> Result<Empty, RpcError> {
        self.note("contact_digits");
        Ok(Empty {})
    }
    async fn contact_end_consult(&self, _: EndConsult) -> Result<Empty, RpcError> {
        self.note("contact_end_consult");
        Ok(Empty {})
    }
    async fn contact_customer(&self, _: OnContact) -> Result<CustomerCard, RpcError> {
        self.note("contact_customer");
        Ok(CustomerCard { record: CustomerRecord::default(), can_link: false, has_past: false })
    }
    async fn contact_link_customer(&self, _: LinkCustomer) -> Result<Empty, RpcError> {
        self.note("contact_link_customer");
        Ok(Empty {})
    }
    async fn contact_past(&self, _: PastConversations) -> Result<PastPage, RpcError> {
        self.note("contact_past");
        Ok(PastPage::default())
    }
    async fn contact_rename(&self, _: RenameContact) -> Result<Empty, RpcError> {
        self.note("contact_rename");
        Ok(Empty {})
    }
    async fn contact_ban(&self, _: BanCustomer) -> Result<Empty, RpcError> {
        self.note("contact_ban");
        Ok(Empty {})
    }
    async fn message_edit(&self, _: EditMessage) -> Result<Empty, RpcError> {
        self.note("message_edit");
        Ok(Empty {})
    }
    async fn message_remove(&self, _: OnMessage) -> Result<Empty, RpcError> {
        self.note("message_remove");
        Ok(Empty {})
    }
    async fn archive(&self, _: FindArchived) -> Result<ArchivePage, RpcError> {
        self.note("archive");
        Ok(ArchivePage::default())
    }
    async fn archive_messages(&self, _: ArchivedMessages) -> Result<PastPage, RpcError> {
        self.note("archive_messages");
        Ok(PastPage::default())
    }
    async fn customer_find(&self, _: FindCustomers) -> Result<CustomerPage, RpcError> {
        self.note("customer_find");
        Ok(CustomerPage::default())
    }
    async fn canned_messages(&self, _: OnAccount) -> Result<Vec<CannedMessage>, RpcError> {
        self.note("canned_messages");
        Ok(Vec::new())
    }
    async fn supervision(&self, _: OnAccount) -> Result<Supervision, RpcError> {
        self.note("supervision");
        Ok(Supervision::default())
    }
    async fn supervision_listen(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("supervision_listen");
        Ok(Empty {})
    }
    async fn work_list_subscribe(&self, _: SubscribeList) -> Result<Empty, RpcError> {
        self.note("work_list_subscribe");
        Ok(Empty {})
    }
    async fn work_take(&self, _: OnWorkItem) -> Result<Empty, RpcError> {
        self.note("work_take");
        Ok(Empty {})
    }
    async fn work_close(&self, _: OnWorkItem) -> Result<Empty, RpcError> {
        self.note("work_close");
        Ok(Empty {})
    }
    async fn conversation_send_place(&self, request: SendPlace) -> Result<OnOutgoing, RpcError> {
        self.note("conversation_send_place");
        Ok(OnOutgoing { contact: request.contact, token: MessageToken::new("t-1") })
    }
    async fn conversation_send_cards(&self, request: SendCards) -> Result<OnOutgoing, RpcError> {
        self.note("conversation_send_cards");
        Ok(OnOutgoing { contact: request.contact, token: MessageToken::new("t-1") })
    }
    async fn contact_add_party(&self, _: AddParty) -> Result<Empty, RpcError> {
        self.note("contact_add_party");
        Ok(Empty {})
    }
    async fn contact_conference(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_conference");
        Ok(Empty {})
    }
    async fn contact_swap(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_swap");
        Ok(Empty {})
    }
    async fn contact_transfer(&self, _: TransferContact) -> Result<Empty, RpcError> {
        self.note("contact_transfer");
        Ok(Empty {})
    }
    async fn contact_consult(&self, _: TransferContact) -> Result<Empty, RpcError> {
        self.note("contact_consult");
        Ok(Empty {})
    }
    async fn contact_wrap_up(&self, _: WrapUpContact) -> Result<Empty, RpcError> {
        self.note("contact_wrap_up");
        Ok(Empty {})
    }
    async fn conversation_line(&self, _: ChooseLine) -> Result<Empty, RpcError> {
        self.note("conversation_line");
        Ok(Empty {})
    }
    async fn agent_set_media(&self, _: SetMedia) -> Result<Empty, RpcError> {
        self.note("agent_set_media");
        Ok(Empty {})
    }
    async fn account_answer(&self, _: AnswerChallenge) -> Result<Empty, RpcError> {
        self.note("account_answer");
        Ok(Empty {})
    }
    async fn account_resend(&self, _: OnAccount) -> Result<Empty, RpcError> {
        self.note("account_resend");
        Ok(Empty {})
    }
    async fn contact_pause(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_pause");
        Ok(Empty {})
    }
    async fn contact_unpause(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_unpause");
        Ok(Empty {})
    }
    async fn conversation_send(&self, _: SendText) -> Result<OnOutgoing, RpcError> {
        self.note("conversation_send");
        Ok(outgoing())
    }
    async fn conversation_send_file(&self, _: SendFile) -> Result<OnOutgoing, RpcError> {
        self.note("conversation_send_file");
        Ok(outgoing())
    }
    async fn conversation_retry(&self, _: OnOutgoing) -> Result<Empty, RpcError> {
        self.note("conversation_retry");
        Ok(Empty {})
    }
    async fn conversation_discard(&self, _: OnOutgoing) -> Result<Empty, RpcError> {
        self.note("conversation_discard");
        Ok(Empty {})
    }
    async fn conversation_typing(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("conversation_typing");
        Ok(Empty {})
    }
    async fn conversation_read(&self, _: MarkRead) -> Result<Empty, RpcError> {
        self.note("conversation_read");
        Ok(Empty {})
    }
    async fn conversation_draft(&self, _: SaveDraft) -> Result<Empty, RpcError> {
        self.note("conversation_draft");
        Ok(Empty {})
    }
    async fn conversation_older(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("conversation_older");
        Ok(Empty {})
    }
    async fn attachment_save(&self, _: OnAttachment) -> Result<Empty, RpcError> {
        self.note("attachment_save");
        Ok(Empty {})
    }
    async fn attachment_cancel(&self, _: OnAttachment) -> Result<Empty, RpcError> {
        self.note("attachment_cancel");
        Ok(Empty {})
    }
    async fn agent_dial(&self, _: Dial) -> Result<Empty, RpcError> {
        self.note("agent_dial");
        Ok(Empty {})
    }
    async fn endpoint_list(&self, _: ListEndpoints) -> Result<EndpointPage, RpcError> {
        self.note("endpoint_list");
        Ok(EndpointPage { items: Vec::new(), next: None, complete: true })
    }
    async fn agent_set_state(&self, _: SetAgentState) -> Result<Empty, RpcError> {
        self.note("agent_set_state");
        Ok(Empty {})
    }
    async fn platform_list(&self, _: Empty) -> Result<Vec<PlatformInfo>, RpcError> {
        self.note("platform_list");
        Ok(Vec::new())
    }
    async fn account_form(&self, _: OnAccount) -> Result<AccountForm, RpcError> {
        self.note("account_form");
        Ok(form())
    }
    async fn account_save(&self, _: SaveAccount) -> Result<AccountForm, RpcError> {
        self.note("account_save");
        Ok(form())
    }
    async fn account_remove(&self, _: OnAccount) -> Result<Empty, RpcError> {
        self.note("account_remove");
        Ok(Empty {})
    }
    async fn account_sign_in(&self, _: OnAccount) -> Result<Empty, RpcError> {
        self.note("account_sign_in");
        Ok(Empty {})
    }
    async fn account_switch_instance(&self, _: OnAccount) -> Result<Empty, RpcError> {
        self.note("account_switch_instance");
        Ok(Empty {})
    }
    async fn account_open_panel(&self, _: OnAccount) -> Result<Empty, RpcError> {
        self.note("account_open_panel");
        Ok(Empty {})
    }
    async fn account_sign_out(&self, _: SignOut) -> Result<Empty, RpcError> {
        self.note("account_sign_out");
        Ok(Empty {})
    }
    async fn audio_choose(&self, _: ChooseDevice) -> Result<Empty, RpcError> {
        self.note("audio_choose");
        Ok(Empty {})
    }
    async fn audio_test_sound(&self, _: OnDevice) -> Result<Empty, RpcError> {
        self.note("audio_test_sound");
        Ok(Empty {})
    }
    async fn audio_test_microphone(&self, _: Switch) -> Result<Empty, RpcError> {
        self.note("audio_test_microphone");
        Ok(Empty {})
    }
    async fn audio_processing(&self, _: Switch) -> Result<Empty, RpcError> {
        self.note("audio_processing");
        Ok(Empty {})
    }
    async fn audio_enhancement(&self, _: ChooseEnhancement) -> Result<Empty, RpcError> {
        self.note("audio_enhancement");
        Ok(Empty {})
    }
    async fn audio_early_microphone(&self, _: Switch) -> Result<Empty, RpcError> {
        self.note("audio_early_microphone");
        Ok(Empty {})
    }
    async fn audio_ringtone(&self, _: ChooseRingtone) -> Result<Empty, RpcError> {
        self.note("audio_ringtone");
        Ok(Empty {})
    }
    async fn panel_settings(&self, _: Empty) -> Result<PanelSettings, RpcError> {
        self.note("panel_settings");
        Ok(panel())
    }
    async fn panel_settings_save(&self, _: PanelSettings) -> Result<PanelSettings, RpcError> {
        self.note("panel_settings_save");
        Ok(panel())
    }
    async fn contact_monitor(&self, _: MonitorContact) -> Result<Empty, RpcError> {
        self.note("contact_monitor");
        Ok(Empty {})
    }
    async fn task_create(&self, _: CreateTask) -> Result<Empty, RpcError> {
        self.note("task_create");
        Ok(Empty {})
    }
    async fn task_update(&self, _: UpdateTask) -> Result<Empty, RpcError> {
        self.note("task_update");
        Ok(Empty {})
    }
    async fn task_templates(&self, _: OnAccount) -> Result<Vec<TaskTemplateEntry>, RpcError> {
        self.note("task_templates");
        Ok(Vec::new())
    }
    async fn task_template(&self, request: OnTaskTemplate) -> Result<TaskTemplate, RpcError> {
        self.note("task_template");
        Ok(TaskTemplate { id: request.template, name: String::new(), description: None, fields: Vec::new() })
    }
    async fn agent_preferences(&self, _: AgentPreferences) -> Result<Empty, RpcError> {
        self.note("agent_preferences");
        Ok(Empty {})
    }
    async fn link_open(&self, _: OpenLink) -> Result<Empty, RpcError> {
        self.note("link_open");
        Ok(Empty {})
    }
    async fn audio_sound(&self, _: ChooseSound) -> Result<Empty, RpcError> {
        self.note("audio_sound");
        Ok(Empty {})
    }
    async fn audio_try_sound(&self, _: OnSound) -> Result<Empty, RpcError> {
        self.note("audio_try_sound");
        Ok(Empty {})
    }
    async fn screen_pops(&self, _: Empty) -> Result<ScreenPops, RpcError> {
        self.note("screen_pops");
        Ok(pops())
    }
    async fn screen_pops_save(&self, _: SaveScreenPops) -> Result<ScreenPops, RpcError> {
        self.note("screen_pops_save");
        Ok(pops())
    }
    async fn screen_pop_preview(&self, _: PreviewPop) -> Result<PopPreview, RpcError> {
        self.note("screen_pop_preview");
        Ok(PopPreview { address: None, problem: None, fields: Vec::new() })
    }
    async fn screen_pops_forget(&self, _: Empty) -> Result<Empty, RpcError> {
        self.note("screen_pops_forget");
        Ok(Empty {})
    }
    async fn contact_pops(&self, _: OnContact) -> Result<Vec<PopChoice>, RpcError> {
        self.note("contact_pops");
        Ok(Vec::new())
    }
    async fn contact_pop_open(&self, _: OpenPop) -> Result<PopOpened, RpcError> {
        self.note("contact_pop_open");
        Ok(PopOpened { problem: None })
    }
    async fn contact_show(&self, _: OnContact) -> Result<Empty, RpcError> {
        self.note("contact_show");
        Ok(Empty {})
    }
    async fn view_show(&self, _: ShowView) -> Result<Empty, RpcError> {
        self.note("view_show");
        Ok(Empty {})
    }
    async fn notice_dismiss(&self, _: DismissNotice) -> Result<Empty, RpcError> {
        self.note("notice_dismiss");
        Ok(Empty {})
    }
    async fn events_seen(&self, _: SeenEvents) -> Result<Empty, RpcError> {
        self.note("events_seen");
        Ok(Empty {})
    }
    async fn events_find(&self, _: FindEvents) -> Result<Vec<FoundEvent>, RpcError> {
        self.note("events_find");
        Ok(Vec::new())
    }
    async fn event_rules(&self, _: Empty) -> Result<EventRules, RpcError> {
        self.note("event_rules");
        Ok(EventRules { rules: Vec::new(), fixed: false })
    }
    async fn event_rules_save(&self, _: SaveEventRules) -> Result<EventRules, RpcError> {
        self.note("event_rules_save");
        Ok(EventRules { rules: Vec::new(), fixed: false })
    }
    async fn event_rules_try(&self, _: TryEventRules) -> Result<Vec<TriedEvent>, RpcError> {
        self.note("event_rules_try");
        Ok(Vec::new())
    }
    async fn event_pops(&self, _: OnEvent) -> Result<Vec<PopChoice>, RpcError> {
        self.note("event_pops");
        Ok(Vec::new())
    }
    async fn event_pop_open(&self, _: OpenEventPop) -> Result<PopOpened, RpcError> {
        self.note("event_pop_open");
        Ok(PopOpened { problem: None })
    }
    async fn contact_annotate(&self, _: AnnotateContact) -> Result<Empty, RpcError> {
        self.note("contact_annotate");
        Ok(Empty {})
    }
    async fn plugin_list(&self, _: Empty) -> Result<PluginDesk, RpcError> {
        self.note("plugin_list");
        Ok(PluginDesk::default())
    }
    async fn plugin_add(&self, _: AddPlugin) -> Result<OnPlugin, RpcError> {
        self.note("plugin_add");
        Ok(OnPlugin { plugin: "p".into() })
    }
    async fn plugin_remove(&self, _: OnPlugin) -> Result<Empty, RpcError> {
        self.note("plugin_remove");
        Ok(Empty {})
    }
    async fn plugin_enable(&self, _: SwitchPlugin) -> Result<Empty, RpcError> {
        self.note("plugin_enable");
        Ok(Empty {})
    }
    async fn plugin_grant(&self, _: GrantPlugin) -> Result<Empty, RpcError> {
        self.note("plugin_grant");
        Ok(Empty {})
    }
    async fn plugin_trust(&self, _: SwitchPlugin) -> Result<Empty, RpcError> {
        self.note("plugin_trust");
        Ok(Empty {})
    }
    async fn plugin_reload(&self, _: OnPlugin) -> Result<Empty, RpcError> {
        self.note("plugin_reload");
        Ok(Empty {})
    }
    async fn plugin_show(&self, _: SwitchPlugin) -> Result<Empty, RpcError> {
        self.note("plugin_show");
        Ok(Empty {})
    }
    async fn plugin_arrange(&self, _: ArrangePlugins) -> Result<Empty, RpcError> {
        self.note("plugin_arrange");
        Ok(Empty {})
    }
    async fn plugin_settings_save(&self, _: SavePluginSettings) -> Result<Empty, RpcError> {
        self.note("plugin_settings_save");
        Ok(Empty {})
    }
    async fn plugin_answer(&self, _: AnswerPlugin) -> Result<Empty, RpcError> {
        self.note("plugin_answer");
        Ok(Empty {})
    }
    async fn plugin_log(&self, _: OnPlugin) -> Result<Vec<PluginLogLine>, RpcError> {
        self.note("plugin_log");
        Ok(Vec::new())
    }
    async fn history_read(&self, _: ReadHistory) -> Result<Vec<HistoryEntry>, RpcError> {
        self.note("history_read");
        Ok(Vec::new())
    }
    async fn app_info(&self, _: Empty) -> Result<AppInfo, RpcError> {
        self.note("app_info");
        Ok(AppInfo { version: "0".to_owned(), demo: false, log_folder: None })
    }
    async fn log_settings(&self, _: Empty) -> Result<LogSettings, RpcError> {
        self.note("log_settings");
        Ok(log())
    }
    async fn log_settings_save(&self, _: SaveLogSettings) -> Result<LogSettings, RpcError> {
        self.note("log_settings_save");
        Ok(log())
    }
    async fn log_read(&self, _: ReadLog) -> Result<LogPage, RpcError> {
        self.note("log_read");
        Ok(LogPage { entries: Vec::new(), total: 0, broken: 0, end: "1:0".to_owned(), more: None })
    }
    async fn log_export(&self, _: ExportLog) -> Result<LogExport, RpcError> {
        self.note("log_export");
        Ok(LogExport { path: "/downloads/log.jsonl".to_owned(), entries: 0 })
    }
    async fn downloads_open(&self, _: Empty) -> Result<Empty, RpcError> {
        self.note("downloads_open");
        Ok(Empty {})
    }
    async fn contact_report(&self, _: ReportIssue) -> Result<Empty, RpcError> {
        self.note("contact_report");
        Ok(Empty {})
    }
    async fn ui_alive(&self, _: Alive) -> Result<Empty, RpcError> {
        self.note("ui_alive");
        Ok(Empty {})
    }
}

/// A payload that fits, for every command.
fn fitting(name: &str) -> Value {
    match name {
        "desk_snapshot" | "platform_list" | "plugin_list" | "panel_settings" | "app_info" | "screen_pops"
        | "screen_pops_forget" | "event_rules" | "log_settings" | "downloads_open" => {
            json!({})
        }
        "log_settings_save" => json!({ "written": "debug", "echoed": "error" }),
        "log_read" => {
            json!({ "query": { "since": null, "level": "info", "text": "" }, "limit": 1, "end": null, "before": null })
        }
        "log_export" => json!({ "query": { "since": 0, "level": "warn", "text": "call" }, "end": "1:0" }),
        "contact_accept"
        | "contact_reject"
        | "contact_clear"
        | "contact_conference"
        | "contact_swap"
        | "contact_pause"
        | "contact_unpause"
        | "contact_pops"
        | "conversation_typing"
        | "conversation_older" => {
            json!({ "contact": { "account": "a", "contact": "c" } })
        }
        "contact_end" | "contact_hold" | "contact_resume" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "connection": null })
        }
        "contact_report" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "kind": "sound", "text": "no sound" })
        }
        "contact_mute" => json!({ "contact": { "account": "a", "contact": "c" }, "muted": true }),
        "contact_mute_party" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "connection": "l", "muted": true })
        }
        "contact_digits" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "connection": null, "digits": "1#" })
        }
        "conversation_send" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "text": "Good day", "markdown": false, "reply_to": null, "internal": false })
        }
        "conversation_send_file" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "name": "a.txt", "content_type": "", "base64": "YQ==" })
        }
        "conversation_retry" | "conversation_discard" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "token": "t" })
        }
        "conversation_read" => json!({ "contact": { "account": "a", "contact": "c" }, "message": "m" }),
        "conversation_draft" => json!({ "contact": { "account": "a", "contact": "c" }, "text": "Good" }),
        "attachment_save" | "attachment_cancel" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "attachment": "f" })
        }
        "contact_add_party" | "contact_transfer" | "contact_consult" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "target": { "kind": "endpoint", "id": "e" } })
        }
        "agent_dial" => json!({ "account": "a", "number": "+4930123456", "queue": null, "related": null }),
        "endpoint_list" => json!({ "account": "a", "contact": null, "search": "", "after": null }),
        "agent_set_state" => json!({ "account": "a", "state": "s", "when_free": false }),
        "account_form"
        | "account_remove"
        | "account_sign_in"
        | "account_resend"
        | "account_open_panel"
        | "account_switch_instance" => {
            json!({ "account": "a" })
        }
        "account_sign_out" => json!({ "account": "a", "state": "s" }),
        "account_save" => {
            json!({ "account": null, "platform": "p", "name": "n", "settings": {}, "secrets": { "token": "x" } })
        }
        "audio_choose" => json!({ "role": "ringer", "choice": { "kind": "named", "name": "Headset" } }),
        "audio_test_sound" => json!({ "role": "speaker" }),
        "audio_test_microphone" | "audio_processing" | "audio_early_microphone" => json!({ "on": true }),
        "contact_show" => json!({ "contact": { "account": "a", "contact": "c" } }),
        "view_show" => json!({ "view": "number_pad", "number": "tel:+4930123456" }),
        "audio_enhancement" => json!({ "mode": "noise_suppression" }),
        "audio_sound" => {
            json!({ "kind": "chat", "off": true, "standard": false, "builtin": null, "file": null, "volume": null })
        }
        "audio_try_sound" => json!({ "kind": "auto_accept" }),
        "audio_ringtone" => json!({ "builtin": "bells", "file": null, "volume": 50 }),
        "panel_settings_save" => {
            json!({ "theme": "dark", "language": "ru", "close_to_tray": true, "drop_view_in_tray": false, "incoming_window": true, "notifications": true })
        }
        "contact_wrap_up" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "codes": [{ "category": "c", "value": "v" }], "note": "" })
        }
        "contact_end_consult" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "adviser": "agent:1", "stay": false })
        }
        "contact_link_customer" => json!({ "contact": { "account": "a", "contact": "c" }, "customer": "1" }),
        "contact_rename" => json!({ "contact": { "account": "a", "contact": "c" }, "name": "Ana" }),
        "contact_ban" => json!({ "contact": { "account": "a", "contact": "c" }, "banned": true }),
        "message_edit" => json!({ "contact": { "account": "a", "contact": "c" }, "message": "m", "text": "t" }),
        "message_remove" => json!({ "contact": { "account": "a", "contact": "c" }, "message": "m" }),
        "archive" => json!({ "account": "a", "words": "", "page": 0 }),
        "archive_messages" => json!({ "contact": { "account": "a", "contact": "c" }, "page": 0 }),
        "contact_past" => json!({ "contact": { "account": "a", "contact": "c" }, "page": 0 }),
        "contact_customer" | "supervision_listen" => json!({ "contact": { "account": "a", "contact": "c" } }),
        "customer_find" => json!({ "account": "a", "words": "ana", "page": 0 }),
        "canned_messages" | "supervision" => json!({ "account": "a" }),
        "work_list_subscribe" => json!({ "account": "a", "list": "l", "subscribed": true }),
        "work_take" | "work_close" => json!({ "account": "a", "list": "l", "item": "i" }),
        "conversation_send_place" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "place": { "latitude": "1", "longitude": "2", "name": null, "address": null } })
        }
        "conversation_send_cards" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "cards": [{ "name": "n", "phones": ["1"], "more": [] }] })
        }
        "conversation_line" => json!({ "contact": { "account": "a", "contact": "c" }, "line": "web" }),
        "agent_set_media" => json!({ "account": "a", "domain": "chat", "ready": true }),
        "account_answer" => json!({ "account": "a", "text": "123456" }),
        "contact_monitor" => json!({ "contact": { "account": "a", "contact": "c" }, "mode": "barge" }),
        "task_create" => {
            json!({ "account": "a", "token": "t", "name": "n", "description": "", "endpoint": "e", "links": [], "template": null, "fields": [], "scheduled_for": null, "previous": null })
        }
        "task_update" => {
            json!({ "contact": { "account": "a", "contact": "c" }, "name": "n", "description": null, "references": [], "links": [] })
        }
        "task_templates" => json!({ "account": "a" }),
        "task_template" => json!({ "account": "a", "template": "t" }),
        "agent_preferences" => json!({ "account": "a", "softphone": true, "extension": null, "language": null }),
        "link_open" => json!({ "address": "https://example.com/" }),
        "screen_pops_save" => {
            json!({ "templates": [{ "name": "n", "url": "https://example.com/" }], "allowed_domains": [], "allow_http": false })
        }
        "screen_pop_preview" => {
            json!({ "url": "https://example.com/", "allowed_domains": [], "allow_http": false, "contact": null })
        }
        "contact_pop_open" => json!({ "contact": { "account": "a", "contact": "c" }, "page": "p" }),
        "notice_dismiss" => json!({ "id": "n" }),
        "events_seen" => json!({ "account": "a", "until": "1-0", "alone": false }),
        "events_find" => json!({ "words": "ana", "limit": 1, "offset": 0 }),
        "event_rules_save" => json!({ "rules": [{ "acts": ["notify"] }] }),
        "event_rules_try" => json!({ "account": "a", "rules": [], "pasted": "{}" }),
        "event_pops" => json!({ "event": { "account": "a", "event": "e" } }),
        "event_pop_open" => json!({ "event": { "account": "a", "event": "e" }, "page": "p" }),
        "contact_annotate" => json!({ "contact": { "account": "a", "contact": "c" }, "attributes": { "a": "b" } }),
        "plugin_add" => json!({ "source": { "kind": "folder", "path": "/p" } }),
        "plugin_remove" | "plugin_reload" | "plugin_log" => json!({ "plugin": "p" }),
        "plugin_enable" | "plugin_trust" | "plugin_show" => json!({ "plugin": "p", "on": true }),
        "plugin_grant" => json!({ "plugin": "p", "rights": { "contacts": true } }),
        "plugin_arrange" => {
            json!({ "places": { "p": { "x": 0, "y": 0, "width": 1, "height": 1 } }, "wide": true })
        }
        "plugin_settings_save" => json!({ "plugin": "p", "values": { "a": "b" } }),
        "plugin_answer" => json!({ "ask": "ask-1", "allow": true }),
        "history_read" => json!({ "limit": 1, "offset": 0 }),
        "ui_alive" => json!({ "revision": 3 }),
        other => panic!("{other} has no payload here: add one"),
    }
}

fn router() -> (Router, Arc<Noting>) {
    let handler = Arc::new(Noting::default());
    (Router::new(handler.clone()), handler)
}

#[tokio::test]
async fn every_command_reaches_its_handler_from_the_windows_that_may_call_it_and_from_no_other() {
    for (name, windows) in TABLE {
        for window in [Window::Panel, Window::Incoming, Window::Plugin] {
            let (router, handler) = router();
            let result = router.call(window, name, fitting(name)).await;
            if windows.contains(&window) {
                assert!(result.is_ok(), "{name} answers the {window:?}: {result:?}");
                assert_eq!(*handler.0.lock().unwrap(), [*name], "{name} is carried out once, and nothing else");
            } else {
                let error = result.expect_err("a command the window may not call is refused");
                assert_eq!(error.code, RpcCode::UnknownCommand, "{name} looks unknown to the {window:?}");
                assert!(handler.0.lock().unwrap().is_empty(), "{name} is not carried out for the {window:?}");
            }
        }
    }
}

#[test]
fn the_incoming_window_may_answer_and_little_more() {
    let mut may: Vec<&str> =
        TABLE.iter().filter(|(_, windows)| windows.contains(&Window::Incoming)).map(|(name, _)| *name).collect();
    may.sort_unstable();
    let expected = ["app_info", "contact_accept", "contact_reject", "panel_settings", "ui_alive"];
    assert_eq!(may, expected, "a new right of the incoming window is a decision: change this line with it");
    let mut may: Vec<&str> =
        TABLE.iter().filter(|(_, windows)| windows.contains(&Window::Plugin)).map(|(name, _)| *name).collect();
    may.sort_unstable();
    let expected = [
        "agent_dial",
        "agent_preferences",
        "agent_set_state",
        "contact_accept",
        "contact_add_party",
        "contact_annotate",
        "contact_clear",
        "contact_conference",
        "contact_digits",
        "contact_end",
        "contact_hold",
        "contact_monitor",
        "contact_mute",
        "contact_mute_party",
        "contact_pause",
        "contact_reject",
        "contact_report",
        "contact_resume",
        "contact_show",
        "contact_swap",
        "contact_transfer",
        "contact_unpause",
        "endpoint_list",
        "view_show",
    ];
    assert_eq!(may, expected, "and so is one of a plugin");
    let mut names: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
    names.dedup();
    assert_eq!(names.len(), TABLE.len(), "no command is declared twice");
}

/// Log lines of one thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_payload_that_does_not_fit_is_invalid_with_a_trace_id_and_stays_out_of_the_log() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for (name, windows) in TABLE {
        let (router, handler) = router();
        let secret = "hunter2-secret";
        for wrong in [json!(secret), json!([secret, 5]), json!(7)] {
            let error = router.call(windows[0], name, wrong.clone()).await.expect_err("a misfit is refused");
            assert_eq!(error.code, RpcCode::Invalid, "{name} refuses {wrong}");
            assert_eq!(error.message_key, "error_invalid_request", "{name} has words for it");
            assert!(!error.retryable, "{name}: the same again will not fit either");
            let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert!(log.contains(&error.trace_id), "{name}: the trace id finds the line in the log");
            assert!(!format!("{error:?}").contains(secret), "{name}: the error does not repeat the payload");
        }
        assert!(handler.0.lock().unwrap().is_empty(), "{name} is not carried out");
    }
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(!log.contains("hunter2"), "what was typed is not in the log");
}

#[tokio::test]
async fn an_unknown_command_is_refused() {
    let (router, handler) = router();
    for name in ["", "nonsense", "Desk_snapshot", "desk_snapshot "] {
        let error = router.call(Window::Panel, name, json!({})).await.expect_err("not in the table");
        assert_eq!(error.code, RpcCode::UnknownCommand, "{name:?} is unknown");
        assert!(!error.trace_id.is_empty(), "{name:?} leaves a trace");
    }
    assert!(handler.0.lock().unwrap().is_empty(), "nothing is carried out");
}

#[test]
fn every_refusal_of_a_connector_has_words_and_says_whether_to_try_again() {
    let expected = [
        (CommandCode::NotPossible, RpcCode::NotPossible, "error_not_possible", false),
        (CommandCode::NotAllowed, RpcCode::NotAllowed, "error_not_allowed", false),
        (CommandCode::Invalid, RpcCode::Invalid, "error_invalid", false),
        (CommandCode::BadTarget, RpcCode::Invalid, "error_bad_target", false),
        (CommandCode::LimitReached, RpcCode::NotPossible, "error_limit_reached", false),
        (CommandCode::NotSignedIn, RpcCode::NotSignedIn, "error_not_signed_in", false),
        (CommandCode::Unavailable, RpcCode::Unavailable, "error_unavailable", true),
        (CommandCode::Timeout, RpcCode::Unavailable, "error_timeout", true),
        (CommandCode::Cancelled, RpcCode::Unavailable, "error_cancelled", true),
    ];
    for (from, code, key, retryable) in expected {
        let error = RpcError::from(CommandError::new(from, "the platform's words"));
        assert_eq!((error.code, error.message_key.as_str(), error.retryable), (code, key, retryable), "{from:?}");
        assert_eq!(error.detail.as_deref(), Some("the platform's words"), "{from:?} keeps the words");
    }
    let silent = RpcError::from(CommandError::new(CommandCode::Timeout, ""));
    assert_eq!(silent.detail, None, "no words are no detail");
}

#[test]
fn window_labels_are_known() {
    assert_eq!(Window::from_label("panel"), Some(Window::Panel), "the panel");
    assert_eq!(Window::from_label("incoming"), Some(Window::Incoming), "the incoming window");
    assert_eq!(Window::from_label("login-1"), None, "a login window is no caller");
}
