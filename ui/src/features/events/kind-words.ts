import { m } from '$lib/i18n';
import type { PlatformEvent } from '$lib/rpc/gen';

import { humanise } from './humanise';

/** Types that are known, in small letters (docs/connectors/olos-agenthub.md, section 4). */
const known: Record<string, () => string> = {
  activecall: m.event_kind_active_call,
  agentauthentication: m.event_kind_agent_authentication,
  agentcallconnected: m.event_kind_agent_call_connected,
  agentcalldisconnected: m.event_kind_agent_call_disconnected,
  agentdailysummary: m.event_kind_daily_summary,
  asyncmessagehistoricalresponse: m.event_kind_email_history,
  asyncmessagelistresponse: m.event_kind_email_list,
  asyncmessagereceived: m.event_kind_email_received,
  asyncmessageresetreadingtimeoutresponse: m.event_kind_email_reading_time,
  asyncmessagescreenpop: m.event_kind_screen_pop_email,
  changemanualcallstate: m.event_kind_manual_call_state,
  changestatusfail: m.event_kind_status_failed,
  changestatustext: m.event_kind_status_text,
  changestatusvoice: m.event_kind_status_voice,
  conferencepaused: m.event_kind_conference_paused,
  conferencerequestaccepted: m.event_kind_conference_accepted,
  conferencerequestfail: m.event_kind_conference_failed,
  conferenceresumed: m.event_kind_conference_resumed,
  connectagentlogincallfail: m.event_kind_line_failed,
  consultingrequestfail: m.event_kind_consult_failed,
  currentdialogsresponse: m.event_kind_current_dialogs,
  customerclosureconfirmation: m.event_kind_customer_closure,
  dialogterminated: m.event_kind_dialog_terminated,
  disableheartbeatcontrolresponse: m.event_kind_heartbeat_control,
  dispositionrequestfail: m.event_kind_disposition_failed,
  dispositionresponse: m.event_kind_disposition,
  dropagentlogincallfail: m.event_kind_line_drop_failed,
  extendwraptimeoutresponse: m.event_kind_wrap_extended,
  getmysupervisor: m.event_kind_supervisor,
  heartbeatnotify: m.event_kind_heartbeat,
  inactivityalert: m.event_kind_inactivity,
  listactivecalls: m.event_kind_active_calls,
  listcalls: m.event_kind_calls,
  listdispositions: m.event_kind_dispositions,
  listpausereasonsresponse: m.event_kind_pause_reasons,
  listreasons: m.event_kind_reasons,
  logincampaignfail: m.event_kind_campaign_login_failed,
  logincampaigntext: m.event_kind_campaign_login_text,
  logincampaignvoice: m.event_kind_campaign_login_voice,
  loginccm: m.event_kind_ccm_login,
  loginccmfail: m.event_kind_ccm_login_failed,
  loginresponse: m.event_kind_text_login,
  logoutcampaign: m.event_kind_campaign_logout,
  logoutcampaignfail: m.event_kind_campaign_logout_failed,
  logoutccm: m.event_kind_ccm_logout,
  logoutccmfail: m.event_kind_ccm_logout_failed,
  logoutreason: m.event_kind_logout_reason,
  logoutresponse: m.event_kind_text_logout,
  manualcallrequestfail: m.event_kind_manual_call_failed,
  messagenotice: m.event_kind_message_notice,
  messagereceived: m.event_kind_message_received,
  messageresponse: m.event_kind_message_response,
  newmsgfromsupervisor: m.event_kind_supervisor_message,
  onlinecampaignchangestatusid: m.event_kind_campaign_state,
  participantjoinedconference: m.event_kind_participant_joined,
  participantleftconference: m.event_kind_participant_left,
  passcode: m.event_kind_passcode,
  pauserecordingresponse: m.event_kind_recording_paused,
  pauseresponse: m.event_kind_pause,
  previewcallresult: m.event_kind_preview_result,
  previewcallstate: m.event_kind_preview_state,
  previewdnislocateresult: m.event_kind_preview_located,
  privatecallbackfail: m.event_kind_callback_failed,
  quitpauseresponse: m.event_kind_pause_end,
  recordstatenotify: m.event_kind_recording,
  redialrequestfail: m.event_kind_redial_failed,
  redialsuccess: m.event_kind_redial,
  refercallrequestfail: m.event_kind_refer_failed,
  resumerecordingresponse: m.event_kind_recording_resumed,
  screenpoppossiblecustomers: m.event_kind_possible_customers,
  screenpoptext: m.event_kind_screen_pop_text,
  screenpopvoice: m.event_kind_screen_pop_voice,
  sendmsgtosupervisorfail: m.event_kind_supervisor_message_failed,
  setcurrentcustomerfail: m.event_kind_customer_failed,
  setcurrentcustomersuccess: m.event_kind_customer_chosen,
  stopconferencerequestaccepted: m.event_kind_conference_ended,
  stopconferencerequestfail: m.event_kind_conference_end_failed,
  thirdpartyevent: m.event_kind_third_party,
  thirdpartyscreenpop: m.event_kind_screen_pop_third_party,
  transferresponse: m.event_kind_transfer,
  typing: m.event_kind_typing,
};

/** Other names for the same. */
const aliases: Record<string, string> = {
  thirdparty: 'thirdpartyevent',
  customerclosureconfirm: 'customerclosureconfirmation',
  changepreviewcallstate: 'previewcallstate',
  changepreviewcallresult: 'previewcallresult',
  pauserecordingrespons: 'pauserecordingresponse',
};

/** Types that have one name in voice and another in text campaigns. */
const byChannel = ['screenpop', 'changestatus', 'logincampaign'];

/** A type in words; one that nobody knows by its own name, made readable. */
export function kindWords({ kind, channel }: Pick<PlatformEvent, 'kind' | 'channel'>): string {
  const name = kind.trim().toLowerCase();
  const voice = channel === null || channel.trim().toLowerCase() === 'voice';
  const full = byChannel.includes(name) ? `${name}${voice ? 'voice' : 'text'}` : name;
  const alias = Object.hasOwn(aliases, full) ? aliases[full] : undefined;
  // Some sources write "Text" behind every type of a chat.
  for (const one of [alias ?? full, full.replace(/text$/, '')])
    if (Object.hasOwn(known, one)) return known[one]?.() ?? '';
  return name === '' ? m.event_kind_unnamed() : humanise(kind.slice(0, 60));
}
