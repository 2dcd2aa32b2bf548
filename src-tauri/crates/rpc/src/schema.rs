//! Every command, declared once: name, request, response, and the windows that
//! may call it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use trunkline_desk::{DeskSnapshot, DeviceChoice, DeviceRole, HistoryEntry};
use trunkline_model::{
    AccountId, AgentStateId, ArchivePage, CannedMessage, ConnectionId, ContactId, ContactKey, CustomerCard,
    CustomerPage, Endpoint, EndpointId, IssueKind, MediaDomainId, MessageId, MessageToken, MonitorMode, PastPage,
    PlatformId, QueueId, SoundKind, Supervision, TaskTemplate, TaskTemplateEntry, VoiceEnhancement, WrapUpCode,
};
use ts_rs::TS;

pub use crate::events::{
    EventRules, FindEvents, FoundEvent, OnEvent, OpenEventPop, SaveEventRules, SeenEvents, TriedEvent, TriedPage,
    TryEventRules,
};
pub use crate::log::{
    ExportLog, LogExport, LogField, LogLevel, LogLine, LogPage, LogQuery, LogSettings, ReadLog, SaveLogSettings,
};
pub use crate::plugins::{
    AddPlugin, AnnotateContact, AnswerPlugin, ArrangePlugins, AvailablePlugin, GrantPlugin, OnPlugin, PluginArea,
    PluginAsk, PluginDesk, PluginLogLevel, PluginLogLine, PluginPermission, PluginPlace, PluginPopup, PluginRight,
    PluginSetting, PluginSource, PluginState, PluginView, PopupLevel, SavePluginSettings, SwitchPlugin,
};
pub use crate::pops::{
    OpenPop, PopChoice, PopFailure, PopField, PopOpened, PopPreview, PopProblem, PreviewPop, SaveScreenPops, ScreenPops,
};
pub use crate::tasks::{CreateTask, OnTaskTemplate, TaskLink, UpdateTask};
pub use crate::teams::{
    ArchivedMessages, BanCustomer, EditMessage, EndConsult, FindArchived, FindCustomers, LinkCustomer, OnMessage,
    OnWorkItem, PastConversations, RenameContact, SendCards, SendPlace, SubscribeList,
};
use crate::{RpcError, Window};

/// No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Empty {}

/// A command on one contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnContact {
    /// Which.
    pub contact: ContactKey,
}

/// A command on one leg of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnConnection {
    /// Which contact.
    pub contact: ContactKey,
    /// Which leg; absent: the customer's (hold, resume) or the agent's own (end).
    pub connection: Option<ConnectionId>,
}

/// Mutes or un-mutes the microphone of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MuteContact {
    /// Which.
    pub contact: ContactKey,
    /// Wanted.
    pub muted: bool,
}

/// Sends touch tones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendDigits {
    /// Which.
    pub contact: ContactKey,
    /// Which leg; absent: the customer's.
    pub connection: Option<ConnectionId>,
    /// 0-9, * and #.
    pub digits: String,
}

/// Chooses an agent state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetAgentState {
    /// Where.
    pub account: AccountId,
    /// One of `selectable_states`.
    pub state: AgentStateId,
    /// Take it when the present contact ends.
    pub when_free: bool,
}

/// Switches one medium on or off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetMedia {
    /// Where.
    pub account: AccountId,
    /// One of `Agent::media`.
    pub domain: MediaDomainId,
    /// Contacts are to be routed.
    pub ready: bool,
}

/// Notes what a contact was about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WrapUpContact {
    /// Which contact.
    pub contact: ContactKey,
    /// Out of `Agent::wrap_up`, `most` at most.
    pub codes: Vec<WrapUpCode>,
    /// In the agent's words: at most 1000 characters; may be empty when there are codes.
    pub note: String,
}

impl std::fmt::Debug for WrapUpContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WrapUpContact({}, {} codes, {} bytes)", self.contact, self.codes.len(), self.note.len())
    }
}

/// Chooses the way on which a conversation is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChooseLine {
    /// Which contact.
    pub contact: ContactKey,
    /// One of `Conversation::lines`.
    pub line: String,
}

/// Answers what is asked for while signing in (`AccountView::challenge`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnswerChallenge {
    /// Which account.
    pub account: AccountId,
    /// Code or number; blanks around it do not count.
    pub text: String,
}

impl std::fmt::Debug for AnswerChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnswerChallenge({})", self.account)
    }
}

/// Calls a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Dial {
    /// Through which account.
    pub account: AccountId,
    /// As typed or pasted; E.164 once blanks, brackets, dots, hyphens, `tel:` and parameters are gone.
    pub number: String,
    /// One of `dial_queues`; absent: the agent's default.
    pub queue: Option<QueueId>,
    /// The contact that the call is about, where it is made from one.
    pub related: Option<ContactId>,
}

/// Mutes one party at the platform, or takes that back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MuteParty {
    /// Which contact.
    pub contact: ContactKey,
    /// Which leg.
    pub connection: ConnectionId,
    /// Wanted.
    pub muted: bool,
}

/// Whom a further call goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PartyTarget {
    /// An entry of the directory (`endpoint_list`).
    Endpoint {
        /// Its id.
        id: EndpointId,
    },
    /// A number, as typed or pasted.
    Number {
        /// Likewise.
        number: String,
    },
}

/// Calls a further party to a contact.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddParty {
    /// Which contact.
    pub contact: ContactKey,
    /// Whom.
    pub target: PartyTarget,
    /// As in [`TransferContact`].
    #[serde(default)]
    pub note: String,
}

impl std::fmt::Debug for AddParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AddParty({}, {:?}, {} bytes)", self.contact, self.target, self.note.len())
    }
}

/// Asks for a page of the directory (quick connects), sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListEndpoints {
    /// Where.
    pub account: AccountId,
    /// Only those for this contact, where the platform tells them apart.
    pub contact: Option<ContactId>,
    /// Part of a name or number, upper and lower case alike; empty: all.
    pub search: String,
    /// `next` of the page before; absent: from the beginning.
    pub after: Option<String>,
}

/// A page of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EndpointPage {
    /// At most 100 entries.
    pub items: Vec<Endpoint>,
    /// Where the next page begins; absent: this is the last.
    pub next: Option<String>,
    /// False: the platform's list could not be read to its end, entries are missing.
    pub complete: bool,
}

/// Hands a contact over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransferContact {
    /// Which contact.
    pub contact: ContactKey,
    /// To whom.
    pub target: PartyTarget,
    /// For whoever takes it: at most 1000 characters; may be empty, and is where
    /// the platform cannot pass it on.
    #[serde(default)]
    pub note: String,
}

impl std::fmt::Debug for TransferContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TransferContact({}, {:?}, {} bytes)", self.contact, self.target, self.note.len())
    }
}

/// As a supervisor: listen only, or take part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonitorContact {
    /// Which contact.
    pub contact: ContactKey,
    /// How from now on.
    pub mode: MonitorMode,
}

/// Reports a problem with a contact to the platform's own people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportIssue {
    /// Which contact.
    pub contact: ContactKey,
    /// What it is about.
    pub kind: IssueKind,
    /// In the agent's words: at most 1000 characters; may be empty, unless the kind is `other`.
    pub text: String,
}

impl std::fmt::Debug for ReportIssue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReportIssue({}, {:?}, {} bytes)", self.contact, self.kind, self.text.len())
    }
}

/// Changes what the agent may change of the own configuration at the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentPreferences {
    /// Where.
    pub account: AccountId,
    /// Calls come to this program (true) or to a desk phone (false).
    pub softphone: bool,
    /// Number of the desk phone as typed (E.164 once blanks and brackets are
    /// gone), or `sip:USER@HOST`; needed without a softphone.
    pub extension: Option<String>,
    /// One of `Agent::languages`; absent: as it is.
    pub language: Option<String>,
}

/// Says something in a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendText {
    /// Which contact.
    pub contact: ContactKey,
    /// Words; not only blanks.
    pub text: String,
    /// Has marks of markdown.
    pub markdown: bool,
    /// The message that it answers (where `Conversation::replies`).
    pub reply_to: Option<MessageId>,
    /// For agents' eyes alone (where `Conversation::whispers`); absent: to the customer.
    #[serde(default)]
    pub internal: bool,
}

impl std::fmt::Debug for SendText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SendText({}, {} bytes)", self.contact, self.text.len())
    }
}

/// Sends a file in a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendFile {
    /// Which contact.
    pub contact: ContactKey,
    /// Name; a path in front of it is cut off.
    pub name: String,
    /// Media type; empty: told from the name.
    pub content_type: String,
    /// Content, base64.
    pub base64: String,
}

impl std::fmt::Debug for SendFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SendFile({}, {} characters)", self.contact, self.base64.len())
    }
}

/// Something of the agent's that has not arrived yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnOutgoing {
    /// Which contact.
    pub contact: ContactKey,
    /// Which of its outgoing items.
    pub token: MessageToken,
}

/// What the agent has begun to write.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveDraft {
    /// Which contact.
    pub contact: ContactKey,
    /// As it stands; empty: nothing.
    pub text: String,
}

impl std::fmt::Debug for SaveDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SaveDraft({}, {} bytes)", self.contact, self.text.len())
    }
}

/// An address that somebody wrote.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenLink {
    /// `http` or `https`, without a user name in it.
    pub address: String,
}

impl std::fmt::Debug for OpenLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenLink({} bytes)", self.address.len())
    }
}

/// The agent has seen everything up to this message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MarkRead {
    /// Which contact.
    pub contact: ContactKey,
    /// The last one seen.
    pub message: MessageId,
}

/// A file in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnAttachment {
    /// Which contact.
    pub contact: ContactKey,
    /// `Attachment::id`.
    pub attachment: String,
}

/// A command on one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnAccount {
    /// Which.
    pub account: AccountId,
}

/// A view of the panel that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PanelView {
    /// Numbers to call.
    NumberPad,
    /// The directory.
    QuickConnects,
    /// A task to make.
    NewTask,
}

/// Opens a view in every window. Nothing is called or made by it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShowView {
    /// Which.
    pub view: PanelView,
    /// For the number pad: typed, or a `tel:` or `callto:` link.
    pub number: Option<String>,
}

impl std::fmt::Debug for ShowView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShowView({:?})", self.view)
    }
}

/// Signs out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignOut {
    /// Which account.
    pub account: AccountId,
    /// State in which the agent is left: one of `Agent::selectable_states` that
    /// is not routable; absent: offline.
    pub state: Option<AgentStateId>,
}

/// Adds an account, or changes the one with this id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveAccount {
    /// Absent: a new one.
    pub account: Option<AccountId>,
    /// Connector.
    pub platform: PlatformId,
    /// Shown name.
    pub name: String,
    /// Form fields that are not secret.
    pub settings: BTreeMap<String, String>,
    /// Secret fields: go to the vault, absent or empty ones are left as they are.
    pub secrets: BTreeMap<String, String>,
}

impl std::fmt::Debug for SaveAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SaveAccount({}, {})", self.platform, self.name)
    }
}

/// An account's form, filled in; no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountForm {
    /// Which.
    pub account: AccountId,
    /// Connector.
    pub platform: PlatformId,
    /// Shown name.
    pub name: String,
    /// Form fields that are not secret.
    pub settings: BTreeMap<String, String>,
    /// Secret fields that the vault holds.
    pub secrets_set: Vec<String>,
}

/// One field of an account form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormField {
    /// Key.
    pub key: String,
    /// Message key of the label.
    pub label_key: String,
    /// `text`, `address`, `secret`, `number` or `switch` (`true`, or empty).
    pub kind: String,
    /// Must be filled.
    pub required: bool,
    /// Message key of the part of the form that it belongs to; absent: the first.
    pub part_key: Option<String>,
}

/// One platform that accounts can be added for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlatformInfo {
    /// Connector.
    pub id: PlatformId,
    /// Brand.
    pub name: String,
    /// Sign-in through the platform's page in a window is possible.
    pub login_window: bool,
    /// Form.
    pub fields: Vec<FormField>,
}

/// Chooses a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChooseDevice {
    /// For what.
    pub role: DeviceRole,
    /// Which.
    pub choice: DeviceChoice,
}

/// Plays a short sound on a device, or starts and stops the meters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnDevice {
    /// For what.
    pub role: DeviceRole,
}

/// Switches something on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Switch {
    /// On.
    pub on: bool,
}

/// Chooses what is done to the agent's voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChooseEnhancement {
    /// One of the modes that this program can do.
    pub mode: VoiceEnhancement,
}

/// Chooses the ringtone: one of ours by id, or a file the agent gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChooseRingtone {
    /// Id of a built-in tone.
    pub builtin: Option<String>,
    /// The agent's own file: name and content in base64 (wav, mp3, ogg, flac; at most 8 MiB).
    pub file: Option<RingtoneFile>,
    /// 0 to 100; absent: as it was.
    pub volume: Option<u8>,
}

/// Changes one sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChooseSound {
    /// Which.
    pub kind: SoundKind,
    /// Nothing is played; absent: as it was.
    pub off: Option<bool>,
    /// No tone of its own any more.
    pub standard: bool,
    /// Id of a built-in tone.
    pub builtin: Option<String>,
    /// The agent's own file.
    pub file: Option<RingtoneFile>,
    /// 0 to 100, of its own tone; absent: as it was.
    pub volume: Option<u8>,
}

/// One of the sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnSound {
    /// Which.
    pub kind: SoundKind,
}

/// A file the agent gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RingtoneFile {
    /// Shown name.
    pub name: String,
    /// Content, base64.
    pub base64: String,
}

/// Settings of the panel itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PanelSettings {
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// `system`, or a language of the catalogue: `en`, `ru`.
    pub language: String,
    /// The close button leaves the panel in the tray.
    pub close_to_tray: bool,
    /// The web view is dropped a minute after the panel went to the tray.
    pub drop_view_in_tray: bool,
    /// The small window opens for an incoming contact.
    pub incoming_window: bool,
    /// Desktop notification for an incoming contact.
    pub notifications: bool,
}

/// What the program is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppInfo {
    /// Version.
    pub version: String,
    /// Runs against the embedded simulators.
    pub demo: bool,
    /// Folder of the log files.
    pub log_folder: Option<String>,
}

/// Puts a message away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DismissNotice {
    /// `Notice::id`.
    pub id: String,
}

/// Asks for a page of the history, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReadHistory {
    /// At most this many (1 to 200).
    pub limit: u32,
    /// Skip this many.
    pub offset: u32,
}

/// The UI is alive and shows this revision; sent every second while visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Alive {
    /// Revision on screen.
    #[ts(type = "number")]
    pub revision: u64,
}

/// Declares [`Handler`], the dispatch table and the TypeScript interface from one list.
macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident ( $request:ty ) -> $response:ty , [ $($window:ident)+ ] ;)*) => {
        /// Carries commands out. One method a command, same name.
        #[async_trait]
        pub trait Handler: Send + Sync + 'static {
            $( $(#[$doc])* async fn $name(&self, request: $request) -> Result<$response, RpcError>; )*
        }

        /// Every command with its request and response, for the TypeScript side.
        #[derive(TS)]
        #[allow(dead_code, reason = "a table of types: it is never built")]
        pub struct Commands {
            $( $(#[$doc])* pub $name: ($request, $response), )*
        }

        /// Every command's name with the windows that may call it.
        pub const TABLE: &[(&str, &[Window])] = &[ $( (stringify!($name), &[$(Window::$window),+]) ),* ];

        /// Parses, calls, and serialises; the caller has checked the window.
        pub(crate) async fn dispatch(
            handler: &dyn Handler,
            name: &str,
            payload: serde_json::Value,
        ) -> Result<serde_json::Value, RpcError> {
            match name {
                $( stringify!($name) => {
                    let request: $request = crate::router::parse(name, payload)?;
                    crate::router::answer(name, handler.$name(request).await?)
                } )*
                _ => Err(crate::router::unknown(name)),
            }
        }
    };
}

commands! {
    /// The whole desk.
    desk_snapshot(Empty) -> DeskSnapshot, [Panel];
    /// Take an offer.
    contact_accept(OnContact) -> Empty, [Panel Incoming Plugin];
    /// Decline an offer.
    contact_reject(OnContact) -> Empty, [Panel Incoming Plugin];
    /// Finish wrap-up, or remove a missed or failed contact.
    contact_clear(OnContact) -> Empty, [Panel Plugin];
    /// Hang up.
    contact_end(OnConnection) -> Empty, [Panel Plugin];
    /// Put on hold.
    contact_hold(OnConnection) -> Empty, [Panel Plugin];
    /// Take off hold.
    contact_resume(OnConnection) -> Empty, [Panel Plugin];
    /// Mute or un-mute.
    contact_mute(MuteContact) -> Empty, [Panel Plugin];
    /// Mute a party at the platform, or take that back.
    contact_mute_party(MuteParty) -> Empty, [Panel Plugin];
    /// Touch tones.
    contact_digits(SendDigits) -> Empty, [Panel Plugin];
    /// Call a further party; those who are there go on hold.
    contact_add_party(AddParty) -> Empty, [Panel Plugin];
    /// Bring all parties together.
    contact_conference(OnContact) -> Empty, [Panel Plugin];
    /// Change over who is on hold.
    contact_swap(OnContact) -> Empty, [Panel Plugin];
    /// Hand the contact over and leave it.
    contact_transfer(TransferContact) -> Empty, [Panel Plugin];
    /// Ask somebody for advice, unseen by the customer.
    contact_consult(TransferContact) -> Empty, [Panel];
    /// Let one whose advice was asked for answer the customer.
    contact_end_consult(EndConsult) -> Empty, [Panel];
    /// The customer of a contact, as the platform keeps them.
    contact_customer(OnContact) -> CustomerCard, [Panel];
    /// Give it another of the platform's customers.
    contact_link_customer(LinkCustomer) -> Empty, [Panel];
    /// Earlier conversations of its customer, by pages.
    contact_past(PastConversations) -> PastPage, [Panel];
    /// Give a contact another name.
    contact_rename(RenameContact) -> Empty, [Panel];
    /// Keep its customer from writing, or let them again.
    contact_ban(BanCustomer) -> Empty, [Panel];
    /// Change words that were sent.
    message_edit(EditMessage) -> Empty, [Panel];
    /// Take a message back.
    message_remove(OnMessage) -> Empty, [Panel];
    /// Contacts that are over.
    archive(FindArchived) -> ArchivePage, [Panel];
    /// What was said in one of them.
    archive_messages(ArchivedMessages) -> PastPage, [Panel];
    /// Customers by words, by pages.
    customer_find(FindCustomers) -> CustomerPage, [Panel];
    /// Words kept ready to be said.
    canned_messages(OnAccount) -> Vec<CannedMessage>, [Panel];
    /// A supervisor's teams as they are now.
    supervision(OnAccount) -> Supervision, [Panel];
    /// As a supervisor: begin to read somebody else's contact.
    supervision_listen(OnContact) -> Empty, [Panel];
    /// Be told what comes into a list of work, or not any more.
    work_list_subscribe(SubscribeList) -> Empty, [Panel];
    /// Take something out of it.
    work_take(OnWorkItem) -> Empty, [Panel];
    /// Take it off the list for everybody.
    work_close(OnWorkItem) -> Empty, [Panel];
    /// Note what it was about; at the end of a contact this ends it.
    contact_wrap_up(WrapUpContact) -> Empty, [Panel];
    /// Lay a task aside.
    contact_pause(OnContact) -> Empty, [Panel Plugin];
    /// Take a task up again.
    contact_unpause(OnContact) -> Empty, [Panel Plugin];
    /// As a supervisor: listen only, or take part.
    contact_monitor(MonitorContact) -> Empty, [Panel Plugin];
    /// Report a problem with a contact.
    contact_report(ReportIssue) -> Empty, [Panel Plugin];
    /// Make a task.
    task_create(CreateTask) -> Empty, [Panel];
    /// Change a task that the agent holds.
    task_update(UpdateTask) -> Empty, [Panel];
    /// The templates that tasks can be made from; none: there are none.
    task_templates(OnAccount) -> Vec<TaskTemplateEntry>, [Panel];
    /// One of them with its fields.
    task_template(OnTaskTemplate) -> TaskTemplate, [Panel];
    /// Softphone or desk phone, and language; answered when the platform shows it.
    agent_preferences(AgentPreferences) -> Empty, [Panel Plugin];
    /// Say something. It is kept before the answer, and sent once, in order,
    /// whatever happens: `ConversationView::outgoing` shows how far it got.
    conversation_send(SendText) -> OnOutgoing, [Panel];
    /// Send a file. Likewise.
    conversation_send_file(SendFile) -> OnOutgoing, [Panel];
    /// Send a place on the map. Likewise.
    conversation_send_place(SendPlace) -> OnOutgoing, [Panel];
    /// Send people to reach. Likewise.
    conversation_send_cards(SendCards) -> OnOutgoing, [Panel];
    /// Send again what was refused.
    conversation_retry(OnOutgoing) -> Empty, [Panel];
    /// Do not send it after all (while it is not under way, and files also then).
    conversation_discard(OnOutgoing) -> Empty, [Panel];
    /// Answer on another way from now on.
    conversation_line(ChooseLine) -> Empty, [Panel];
    /// The agent is writing; said on every key.
    conversation_typing(OnContact) -> Empty, [Panel];
    /// The agent has seen everything up to this message.
    conversation_read(MarkRead) -> Empty, [Panel];
    /// Keep what the agent has begun to write.
    conversation_draft(SaveDraft) -> Empty, [Panel];
    /// Read a page of older messages; answered when they are there.
    conversation_older(OnContact) -> Empty, [Panel];
    /// Fetch a file into the downloads folder; `ConversationView::downloads` shows how far.
    attachment_save(OnAttachment) -> Empty, [Panel];
    /// Stop fetching it, or put the mark of it away.
    attachment_cancel(OnAttachment) -> Empty, [Panel];
    /// Choose a state.
    agent_set_state(SetAgentState) -> Empty, [Panel Plugin];
    /// Switch a medium on or off.
    agent_set_media(SetMedia) -> Empty, [Panel];
    /// Call a number.
    agent_dial(Dial) -> Empty, [Panel Plugin];
    /// The directory (quick connects), by pages.
    endpoint_list(ListEndpoints) -> EndpointPage, [Panel Plugin];
    /// Platforms that accounts can be added for.
    platform_list(Empty) -> Vec<PlatformInfo>, [Panel];
    /// An account's form.
    account_form(OnAccount) -> AccountForm, [Panel];
    /// Add or change an account.
    account_save(SaveAccount) -> AccountForm, [Panel];
    /// Remove an account and its secrets.
    account_remove(OnAccount) -> Empty, [Panel];
    /// Sign in (opens the login window where the account uses one).
    account_sign_in(OnAccount) -> Empty, [Panel];
    /// Go offline, or into the chosen state, and sign out; refused while a contact is active.
    account_sign_out(SignOut) -> Empty, [Panel];
    /// Answer what is asked for while signing in.
    account_answer(AnswerChallenge) -> Empty, [Panel];
    /// Have the code sent once more.
    account_resend(OnAccount) -> Empty, [Panel];
    /// Open the platform's own panel in a window, signed in as the account is.
    account_open_panel(OnAccount) -> Empty, [Panel];
    /// Moves to the other of the account's two instances, after the call at hand.
    account_switch_instance(OnAccount) -> Empty, [Panel];
    /// Choose a device.
    audio_choose(ChooseDevice) -> Empty, [Panel];
    /// Play a short sound on the speaker or ringer.
    audio_test_sound(OnDevice) -> Empty, [Panel];
    /// Open the microphone for its meter (off: close it again).
    audio_test_microphone(Switch) -> Empty, [Panel];
    /// Echo cancellation and gain control, and what the mode of enhancement says.
    audio_processing(Switch) -> Empty, [Panel];
    /// Whether noise is taken out of the agent's voice; also during a call.
    audio_enhancement(ChooseEnhancement) -> Empty, [Panel];
    /// Open the microphone while a call rings, from the next one on; off: let go of it at once.
    audio_early_microphone(Switch) -> Empty, [Panel];
    /// Choose ringtone and volume.
    audio_ringtone(ChooseRingtone) -> Empty, [Panel];
    /// Switch the sound of a medium off, or give it a tone of its own.
    audio_sound(ChooseSound) -> Empty, [Panel];
    /// Play it once, as it would sound.
    audio_try_sound(OnSound) -> Empty, [Panel];
    /// Settings of the panel.
    panel_settings(Empty) -> PanelSettings, [Panel Incoming];
    /// Change them.
    panel_settings_save(PanelSettings) -> PanelSettings, [Panel];
    /// Open a web address in the system's browser.
    link_open(OpenLink) -> Empty, [Panel];
    /// Pages that open for a contact, their rules, and what went wrong.
    screen_pops(Empty) -> ScreenPops, [Panel];
    /// Change pages and rules.
    screen_pops_save(SaveScreenPops) -> ScreenPops, [Panel];
    /// Which address a template makes, without opening it.
    screen_pop_preview(PreviewPop) -> PopPreview, [Panel];
    /// Put the list of what went wrong away.
    screen_pops_forget(Empty) -> Empty, [Panel];
    /// Pages that are meant for a contact.
    contact_pops(OnContact) -> Vec<PopChoice>, [Panel];
    /// Open one of them in the system's browser.
    contact_pop_open(OpenPop) -> PopOpened, [Panel];
    /// Show a contact in every window.
    contact_show(OnContact) -> Empty, [Panel Plugin];
    /// Open the number pad, the directory or a new task in every window.
    view_show(ShowView) -> Empty, [Panel Plugin];
    /// Put a message away.
    notice_dismiss(DismissNotice) -> Empty, [Panel];
    /// The agent has seen the events of a platform's own.
    events_seen(SeenEvents) -> Empty, [Panel];
    /// Events of the platforms' own that were kept, by words in them.
    events_find(FindEvents) -> Vec<FoundEvent>, [Panel];
    /// What is done with events.
    event_rules(Empty) -> EventRules, [Panel];
    /// Change that.
    event_rules_save(SaveEventRules) -> EventRules, [Panel];
    /// What rules would do with a pasted event.
    event_rules_try(TryEventRules) -> Vec<TriedEvent>, [Panel];
    /// Pages that are meant for an event.
    event_pops(OnEvent) -> Vec<PopChoice>, [Panel];
    /// Open one of them in the system's browser.
    event_pop_open(OpenEventPop) -> PopOpened, [Panel];
    /// Put attributes and customer data onto a contact, which its platform does not get to know.
    contact_annotate(AnnotateContact) -> Empty, [Panel Plugin];
    /// All plugins.
    plugin_list(Empty) -> PluginDesk, [Panel];
    /// Add one.
    plugin_add(AddPlugin) -> OnPlugin, [Panel];
    /// Remove one, with all it has kept.
    plugin_remove(OnPlugin) -> Empty, [Panel];
    /// Switch one on or off.
    plugin_enable(SwitchPlugin) -> Empty, [Panel];
    /// Say what one may do.
    plugin_grant(GrantPlugin) -> Empty, [Panel];
    /// Let one move calls without asking each time, or not any more.
    plugin_trust(SwitchPlugin) -> Empty, [Panel];
    /// Load one again.
    plugin_reload(OnPlugin) -> Empty, [Panel];
    /// Have one seen in its place, or not.
    plugin_show(SwitchPlugin) -> Empty, [Panel];
    /// Where plugins are seen.
    plugin_arrange(ArrangePlugins) -> Empty, [Panel];
    /// Change what can be set of one.
    plugin_settings_save(SavePluginSettings) -> Empty, [Panel];
    /// Answer what one asks.
    plugin_answer(AnswerPlugin) -> Empty, [Panel];
    /// What one did, and what was refused, oldest first.
    plugin_log(OnPlugin) -> Vec<PluginLogLine>, [Panel];
    /// Finished contacts.
    history_read(ReadHistory) -> Vec<HistoryEntry>, [Panel];
    /// What is written to the log, and how it stands.
    log_settings(Empty) -> LogSettings, [Panel];
    /// Choose what is written.
    log_settings_save(SaveLogSettings) -> LogSettings, [Panel];
    /// A page of the log.
    log_read(ReadLog) -> LogPage, [Panel];
    /// Put what a page was read from into a file in the downloads folder.
    log_export(ExportLog) -> LogExport, [Panel];
    /// Open the downloads folder in the system's file manager.
    downloads_open(Empty) -> Empty, [Panel];
    /// What the program is.
    app_info(Empty) -> AppInfo, [Panel Incoming];
    /// Sign of life.
    ui_alive(Alive) -> Empty, [Panel Incoming];
}
