// Generated from the Rust types by `cargo xtask bindings`; do not edit.
import type { AccountForm } from "./AccountForm";
import type { AddParty } from "./AddParty";
import type { AddPlugin } from "./AddPlugin";
import type { AgentPreferences } from "./AgentPreferences";
import type { Alive } from "./Alive";
import type { AnnotateContact } from "./AnnotateContact";
import type { AnswerChallenge } from "./AnswerChallenge";
import type { AnswerPlugin } from "./AnswerPlugin";
import type { AppInfo } from "./AppInfo";
import type { ArchivePage } from "./ArchivePage";
import type { ArchivedMessages } from "./ArchivedMessages";
import type { ArrangePlugins } from "./ArrangePlugins";
import type { BanCustomer } from "./BanCustomer";
import type { CannedMessage } from "./CannedMessage";
import type { ChooseDevice } from "./ChooseDevice";
import type { ChooseEnhancement } from "./ChooseEnhancement";
import type { ChooseLine } from "./ChooseLine";
import type { ChooseRingtone } from "./ChooseRingtone";
import type { ChooseSound } from "./ChooseSound";
import type { CreateTask } from "./CreateTask";
import type { CustomerCard } from "./CustomerCard";
import type { CustomerPage } from "./CustomerPage";
import type { DeskSnapshot } from "./DeskSnapshot";
import type { Dial } from "./Dial";
import type { DismissNotice } from "./DismissNotice";
import type { EditMessage } from "./EditMessage";
import type { Empty } from "./Empty";
import type { EndConsult } from "./EndConsult";
import type { EndpointPage } from "./EndpointPage";
import type { EventRules } from "./EventRules";
import type { ExportLog } from "./ExportLog";
import type { FindArchived } from "./FindArchived";
import type { FindCustomers } from "./FindCustomers";
import type { FindEvents } from "./FindEvents";
import type { FoundEvent } from "./FoundEvent";
import type { GrantPlugin } from "./GrantPlugin";
import type { HistoryEntry } from "./HistoryEntry";
import type { LinkCustomer } from "./LinkCustomer";
import type { ListEndpoints } from "./ListEndpoints";
import type { LogExport } from "./LogExport";
import type { LogPage } from "./LogPage";
import type { LogSettings } from "./LogSettings";
import type { MarkRead } from "./MarkRead";
import type { MonitorContact } from "./MonitorContact";
import type { MuteContact } from "./MuteContact";
import type { MuteParty } from "./MuteParty";
import type { OnAccount } from "./OnAccount";
import type { OnAttachment } from "./OnAttachment";
import type { OnConnection } from "./OnConnection";
import type { OnContact } from "./OnContact";
import type { OnDevice } from "./OnDevice";
import type { OnEvent } from "./OnEvent";
import type { OnMessage } from "./OnMessage";
import type { OnOutgoing } from "./OnOutgoing";
import type { OnPlugin } from "./OnPlugin";
import type { OnSound } from "./OnSound";
import type { OnTaskTemplate } from "./OnTaskTemplate";
import type { OnWorkItem } from "./OnWorkItem";
import type { OpenEventPop } from "./OpenEventPop";
import type { OpenLink } from "./OpenLink";
import type { OpenPop } from "./OpenPop";
import type { PanelSettings } from "./PanelSettings";
import type { PastConversations } from "./PastConversations";
import type { PastPage } from "./PastPage";
import type { PlatformInfo } from "./PlatformInfo";
import type { PluginDesk } from "./PluginDesk";
import type { PluginLogLine } from "./PluginLogLine";
import type { PopChoice } from "./PopChoice";
import type { PopOpened } from "./PopOpened";
import type { PopPreview } from "./PopPreview";
import type { PreviewPop } from "./PreviewPop";
import type { ReadHistory } from "./ReadHistory";
import type { ReadLog } from "./ReadLog";
import type { RenameContact } from "./RenameContact";
import type { ReportIssue } from "./ReportIssue";
import type { SaveAccount } from "./SaveAccount";
import type { SaveDraft } from "./SaveDraft";
import type { SaveEventRules } from "./SaveEventRules";
import type { SaveLogSettings } from "./SaveLogSettings";
import type { SavePluginSettings } from "./SavePluginSettings";
import type { SaveScreenPops } from "./SaveScreenPops";
import type { ScreenPops } from "./ScreenPops";
import type { SeenEvents } from "./SeenEvents";
import type { SendCards } from "./SendCards";
import type { SendDigits } from "./SendDigits";
import type { SendFile } from "./SendFile";
import type { SendPlace } from "./SendPlace";
import type { SendText } from "./SendText";
import type { SetAgentState } from "./SetAgentState";
import type { SetMedia } from "./SetMedia";
import type { ShowView } from "./ShowView";
import type { SignOut } from "./SignOut";
import type { SubscribeList } from "./SubscribeList";
import type { Supervision } from "./Supervision";
import type { Switch } from "./Switch";
import type { SwitchPlugin } from "./SwitchPlugin";
import type { TaskTemplate } from "./TaskTemplate";
import type { TaskTemplateEntry } from "./TaskTemplateEntry";
import type { TransferContact } from "./TransferContact";
import type { TriedEvent } from "./TriedEvent";
import type { TryEventRules } from "./TryEventRules";
import type { UpdateTask } from "./UpdateTask";
import type { WrapUpContact } from "./WrapUpContact";

/**
 * Every command with its request and response, for the TypeScript side.
 */
export type Commands = {
  /**
   * The whole desk.
   */
  desk_snapshot: [Empty, DeskSnapshot],
  /**
   * Take an offer.
   */
  contact_accept: [OnContact, Empty],
  /**
   * Decline an offer.
   */
  contact_reject: [OnContact, Empty],
  /**
   * Finish wrap-up, or remove a missed or failed contact.
   */
  contact_clear: [OnContact, Empty],
  /**
   * Hang up.
   */
  contact_end: [OnConnection, Empty],
  /**
   * Put on hold.
   */
  contact_hold: [OnConnection, Empty],
  /**
   * Take off hold.
   */
  contact_resume: [OnConnection, Empty],
  /**
   * Mute or un-mute.
   */
  contact_mute: [MuteContact, Empty],
  /**
   * Mute a party at the platform, or take that back.
   */
  contact_mute_party: [MuteParty, Empty],
  /**
   * Touch tones.
   */
  contact_digits: [SendDigits, Empty],
  /**
   * Call a further party; those who are there go on hold.
   */
  contact_add_party: [AddParty, Empty],
  /**
   * Bring all parties together.
   */
  contact_conference: [OnContact, Empty],
  /**
   * Change over who is on hold.
   */
  contact_swap: [OnContact, Empty],
  /**
   * Hand the contact over and leave it.
   */
  contact_transfer: [TransferContact, Empty],
  /**
   * Ask somebody for advice, unseen by the customer.
   */
  contact_consult: [TransferContact, Empty],
  /**
   * Let one whose advice was asked for answer the customer.
   */
  contact_end_consult: [EndConsult, Empty],
  /**
   * The customer of a contact, as the platform keeps them.
   */
  contact_customer: [OnContact, CustomerCard],
  /**
   * Give it another of the platform's customers.
   */
  contact_link_customer: [LinkCustomer, Empty],
  /**
   * Earlier conversations of its customer, by pages.
   */
  contact_past: [PastConversations, PastPage],
  /**
   * Give a contact another name.
   */
  contact_rename: [RenameContact, Empty],
  /**
   * Keep its customer from writing, or let them again.
   */
  contact_ban: [BanCustomer, Empty],
  /**
   * Change words that were sent.
   */
  message_edit: [EditMessage, Empty],
  /**
   * Take a message back.
   */
  message_remove: [OnMessage, Empty],
  /**
   * Contacts that are over.
   */
  archive: [FindArchived, ArchivePage],
  /**
   * What was said in one of them.
   */
  archive_messages: [ArchivedMessages, PastPage],
  /**
   * Customers by words, by pages.
   */
  customer_find: [FindCustomers, CustomerPage],
  /**
   * Words kept ready to be said.
   */
  canned_messages: [OnAccount, Array<CannedMessage>],
  /**
   * A supervisor's teams as they are now.
   */
  supervision: [OnAccount, Supervision],
  /**
   * As a supervisor: begin to read somebody else's contact.
   */
  supervision_listen: [OnContact, Empty],
  /**
   * Be told what comes into a list of work, or not any more.
   */
  work_list_subscribe: [SubscribeList, Empty],
  /**
   * Take something out of it.
   */
  work_take: [OnWorkItem, Empty],
  /**
   * Take it off the list for everybody.
   */
  work_close: [OnWorkItem, Empty],
  /**
   * Note what it was about; at the end of a contact this ends it.
   */
  contact_wrap_up: [WrapUpContact, Empty],
  /**
   * Lay a task aside.
   */
  contact_pause: [OnContact, Empty],
  /**
   * Take a task up again.
   */
  contact_unpause: [OnContact, Empty],
  /**
   * As a supervisor: listen only, or take part.
   */
  contact_monitor: [MonitorContact, Empty],
  /**
   * Report a problem with a contact.
   */
  contact_report: [ReportIssue, Empty],
  /**
   * Make a task.
   */
  task_create: [CreateTask, Empty],
  /**
   * Change a task that the agent holds.
   */
  task_update: [UpdateTask, Empty],
  /**
   * The templates that tasks can be made from; none: there are none.
   */
  task_templates: [OnAccount, Array<TaskTemplateEntry>],
  /**
   * One of them with its fields.
   */
  task_template: [OnTaskTemplate, TaskTemplate],
  /**
   * Softphone or desk phone, and language; answered when the platform shows it.
   */
  agent_preferences: [AgentPreferences, Empty],
  /**
   * Say something. It is kept before the answer, and sent once, in order,
   * whatever happens: `ConversationView::outgoing` shows how far it got.
   */
  conversation_send: [SendText, OnOutgoing],
  /**
   * Send a file. Likewise.
   */
  conversation_send_file: [SendFile, OnOutgoing],
  /**
   * Send a place on the map. Likewise.
   */
  conversation_send_place: [SendPlace, OnOutgoing],
  /**
   * Send people to reach. Likewise.
   */
  conversation_send_cards: [SendCards, OnOutgoing],
  /**
   * Send again what was refused.
   */
  conversation_retry: [OnOutgoing, Empty],
  /**
   * Do not send it after all (while it is not under way, and files also then).
   */
  conversation_discard: [OnOutgoing, Empty],
  /**
   * Answer on another way from now on.
   */
  conversation_line: [ChooseLine, Empty],
  /**
   * The agent is writing; said on every key.
   */
  conversation_typing: [OnContact, Empty],
  /**
   * The agent has seen everything up to this message.
   */
  conversation_read: [MarkRead, Empty],
  /**
   * Keep what the agent has begun to write.
   */
  conversation_draft: [SaveDraft, Empty],
  /**
   * Read a page of older messages; answered when they are there.
   */
  conversation_older: [OnContact, Empty],
  /**
   * Fetch a file into the downloads folder; `ConversationView::downloads` shows how far.
   */
  attachment_save: [OnAttachment, Empty],
  /**
   * Stop fetching it, or put the mark of it away.
   */
  attachment_cancel: [OnAttachment, Empty],
  /**
   * Choose a state.
   */
  agent_set_state: [SetAgentState, Empty],
  /**
   * Switch a medium on or off.
   */
  agent_set_media: [SetMedia, Empty],
  /**
   * Call a number.
   */
  agent_dial: [Dial, Empty],
  /**
   * The directory (quick connects), by pages.
   */
  endpoint_list: [ListEndpoints, EndpointPage],
  /**
   * Platforms that accounts can be added for.
   */
  platform_list: [Empty, Array<PlatformInfo>],
  /**
   * An account's form.
   */
  account_form: [OnAccount, AccountForm],
  /**
   * Add or change an account.
   */
  account_save: [SaveAccount, AccountForm],
  /**
   * Remove an account and its secrets.
   */
  account_remove: [OnAccount, Empty],
  /**
   * Sign in (opens the login window where the account uses one).
   */
  account_sign_in: [OnAccount, Empty],
  /**
   * Go offline, or into the chosen state, and sign out; refused while a contact is active.
   */
  account_sign_out: [SignOut, Empty],
  /**
   * Answer what is asked for while signing in.
   */
  account_answer: [AnswerChallenge, Empty],
  /**
   * Have the code sent once more.
   */
  account_resend: [OnAccount, Empty],
  /**
   * Open the platform's own panel in a window, signed in as the account is.
   */
  account_open_panel: [OnAccount, Empty],
  /**
   * Moves to the other of the account's two instances, after the call at hand.
   */
  account_switch_instance: [OnAccount, Empty],
  /**
   * Choose a device.
   */
  audio_choose: [ChooseDevice, Empty],
  /**
   * Play a short sound on the speaker or ringer.
   */
  audio_test_sound: [OnDevice, Empty],
  /**
   * Open the microphone for its meter (off: close it again).
   */
  audio_test_microphone: [Switch, Empty],
  /**
   * Echo cancellation and gain control, and what the mode of enhancement says.
   */
  audio_processing: [Switch, Empty],
  /**
   * Whether noise is taken out of the agent's voice; also during a call.
   */
  audio_enhancement: [ChooseEnhancement, Empty],
  /**
   * Open the microphone while a call rings, from the next one on; off: let go of it at once.
   */
  audio_early_microphone: [Switch, Empty],
  /**
   * Choose ringtone and volume.
   */
  audio_ringtone: [ChooseRingtone, Empty],
  /**
   * Switch the sound of a medium off, or give it a tone of its own.
   */
  audio_sound: [ChooseSound, Empty],
  /**
   * Play it once, as it would sound.
   */
  audio_try_sound: [OnSound, Empty],
  /**
   * Settings of the panel.
   */
  panel_settings: [Empty, PanelSettings],
  /**
   * Change them.
   */
  panel_settings_save: [PanelSettings, PanelSettings],
  /**
   * Open a web address in the system's browser.
   */
  link_open: [OpenLink, Empty],
  /**
   * Pages that open for a contact, their rules, and what went wrong.
   */
  screen_pops: [Empty, ScreenPops],
  /**
   * Change pages and rules.
   */
  screen_pops_save: [SaveScreenPops, ScreenPops],
  /**
   * Which address a template makes, without opening it.
   */
  screen_pop_preview: [PreviewPop, PopPreview],
  /**
   * Put the list of what went wrong away.
   */
  screen_pops_forget: [Empty, Empty],
  /**
   * Pages that are meant for a contact.
   */
  contact_pops: [OnContact, Array<PopChoice>],
  /**
   * Open one of them in the system's browser.
   */
  contact_pop_open: [OpenPop, PopOpened],
  /**
   * Show a contact in every window.
   */
  contact_show: [OnContact, Empty],
  /**
   * Open the number pad, the directory or a new task in every window.
   */
  view_show: [ShowView, Empty],
  /**
   * Put a message away.
   */
  notice_dismiss: [DismissNotice, Empty],
  /**
   * The agent has seen the events of a platform's own.
   */
  events_seen: [SeenEvents, Empty],
  /**
   * Events of the platforms' own that were kept, by words in them.
   */
  events_find: [FindEvents, Array<FoundEvent>],
  /**
   * What is done with events.
   */
  event_rules: [Empty, EventRules],
  /**
   * Change that.
   */
  event_rules_save: [SaveEventRules, EventRules],
  /**
   * What rules would do with a pasted event.
   */
  event_rules_try: [TryEventRules, Array<TriedEvent>],
  /**
   * Pages that are meant for an event.
   */
  event_pops: [OnEvent, Array<PopChoice>],
  /**
   * Open one of them in the system's browser.
   */
  event_pop_open: [OpenEventPop, PopOpened],
  /**
   * Put attributes and customer data onto a contact, which its platform does not get to know.
   */
  contact_annotate: [AnnotateContact, Empty],
  /**
   * All plugins.
   */
  plugin_list: [Empty, PluginDesk],
  /**
   * Add one.
   */
  plugin_add: [AddPlugin, OnPlugin],
  /**
   * Remove one, with all it has kept.
   */
  plugin_remove: [OnPlugin, Empty],
  /**
   * Switch one on or off.
   */
  plugin_enable: [SwitchPlugin, Empty],
  /**
   * Say what one may do.
   */
  plugin_grant: [GrantPlugin, Empty],
  /**
   * Let one move calls without asking each time, or not any more.
   */
  plugin_trust: [SwitchPlugin, Empty],
  /**
   * Load one again.
   */
  plugin_reload: [OnPlugin, Empty],
  /**
   * Have one seen in its place, or not.
   */
  plugin_show: [SwitchPlugin, Empty],
  /**
   * Where plugins are seen.
   */
  plugin_arrange: [ArrangePlugins, Empty],
  /**
   * Change what can be set of one.
   */
  plugin_settings_save: [SavePluginSettings, Empty],
  /**
   * Answer what one asks.
   */
  plugin_answer: [AnswerPlugin, Empty],
  /**
   * What one did, and what was refused, oldest first.
   */
  plugin_log: [OnPlugin, Array<PluginLogLine>],
  /**
   * Finished contacts.
   */
  history_read: [ReadHistory, Array<HistoryEntry>],
  /**
   * What is written to the log, and how it stands.
   */
  log_settings: [Empty, LogSettings],
  /**
   * Choose what is written.
   */
  log_settings_save: [SaveLogSettings, LogSettings],
  /**
   * A page of the log.
   */
  log_read: [ReadLog, LogPage],
  /**
   * Put what a page was read from into a file in the downloads folder.
   */
  log_export: [ExportLog, LogExport],
  /**
   * Open the downloads folder in the system's file manager.
   */
  downloads_open: [Empty, Empty],
  /**
   * What the program is.
   */
  app_info: [Empty, AppInfo],
  /**
   * Sign of life.
   */
  ui_alive: [Alive, Empty],
};
