import { m } from '$lib/i18n';

import { humanise } from './humanise';

/** Members of events that are known by name (docs/connectors/olos-agenthub.md). */
const known: Record<string, () => string> = {
  activeCalls: m.event_field_active_calls,
  agentId: m.event_field_agent_id,
  agentIdOrigin: m.event_field_agent_id_origin,
  agentName: m.event_field_agent_name,
  agentStatusId: m.event_field_agent_status,
  attachments: m.event_field_attachments,
  automaticPreviewCall: m.event_field_automatic_preview_call,
  botnckname: m.event_field_bot_name,
  broadcastId: m.event_field_broadcast_id,
  callId: m.event_field_call_id,
  callState: m.event_field_call_state,
  calls: m.event_field_calls,
  campaignCode: m.event_field_campaign_code,
  campaignData: m.event_field_campaign_data,
  campaignId: m.event_field_campaign_id,
  campaignIdOrigin: m.event_field_campaign_id_origin,
  campaignName: m.event_field_campaign_name,
  channel: m.event_field_channel,
  code: m.event_field_code,
  consulting: m.event_field_consulting,
  content: m.event_field_content,
  conv: m.event_field_conversation_entry,
  conversation: m.event_field_conversation,
  conversationId: m.event_field_conversation_id,
  customerCall: m.event_field_customer_call,
  customerId: m.event_field_customer_id,
  customers: m.event_field_customers,
  data: m.event_field_data,
  description: m.event_field_description,
  dialogId: m.event_field_dialog_id,
  disposition: m.event_field_disposition,
  dispositionCode: m.event_field_disposition_code,
  dispositionId: m.event_field_disposition_id,
  dispositions: m.event_field_dispositions,
  errorCode: m.event_field_error_code,
  errorMessage: m.event_field_error_message,
  expirationDateTime: m.event_field_expires,
  extraData: m.event_field_extra_data,
  finished: m.event_field_finished,
  formatedContent: m.event_field_formatted_content,
  from: m.event_field_from,
  hasActionPlan: m.event_field_has_action_plan,
  index: m.event_field_index,
  instant: m.event_field_instant,
  journeyId: m.event_field_journey_id,
  lstCurrentDialog: m.event_field_current_dialogs,
  manualCall: m.event_field_manual_call,
  message: m.event_field_message,
  messageId: m.event_field_message_id,
  nextStatus: m.event_field_next_status,
  pauseReasons: m.event_field_pause_reasons,
  phoneNumber: m.event_field_phone_number,
  phoneNumberList: m.event_field_phone_numbers,
  previewCall: m.event_field_preview_call,
  priorityCampaign: m.event_field_priority_campaign,
  readOnly: m.event_field_read_only,
  reason: m.event_field_reason,
  reasonCode: m.event_field_reason_code,
  reasonId: m.event_field_reason_id,
  recordId: m.event_field_record_id,
  redialed: m.event_field_redialed,
  reqId: m.event_field_request_id,
  response: m.event_field_response,
  result: m.event_field_result,
  sender: m.event_field_sender,
  skillGroup: m.event_field_skill_group,
  state: m.event_field_state,
  status: m.event_field_status,
  subject: m.event_field_subject,
  supervisorId: m.event_field_supervisor_id,
  tableName: m.event_field_table_name,
  text: m.event_field_text,
  thirdPartyCallId: m.event_field_third_party_call_id,
  timestamp: m.event_field_timestamp,
  to: m.event_field_to,
  userNickName: m.event_field_user_nick_name,
  usrnckname: m.event_field_customer_nick_name,
};

/** Longer names are cut: they come from outside. */
const longest = 120;

/** One step of a name; the place in a list follows its name, counted as people do. */
const step = (name: string): string =>
  (Object.hasOwn(known, name) ? known[name]?.() : undefined) ?? humanise(name);

/** What a field is called: `campaignData.Nome` becomes "Campaign data › Nome", `calls.0.callId` "Calls 1 › Call ID". */
export function fieldLabel(name: string): string {
  const steps: string[] = [];
  for (const part of name.slice(0, 4 * longest).split('.')) {
    const before = steps.at(-1);
    if (/^\d{1,6}$/.test(part) && before !== undefined)
      steps[steps.length - 1] = `${before} ${Number(part) + 1}`;
    else if (part.trim() !== '') steps.push(step(part));
  }
  const label = steps.join(' › ');
  if (label === '') return m.event_field_unnamed();
  return label.length > longest ? `${label.slice(0, longest)}…` : label;
}
