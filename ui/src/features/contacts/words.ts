import { m } from '$lib/i18n';
import type { Channel, Contact, Conversation, Direction, Handover, Outcome } from '$lib/rpc/gen';

import { isCalling, present, severalParties, talking } from '$lib/desk/parties';

import { cardKind } from '$lib/desk/contacts';

/** A medium in words. */
export function channelWords(channel: Channel): string {
  switch (channel) {
    case 'voice':
      return m.channel_voice();
    case 'chat':
      return m.channel_chat();
    case 'task':
      return m.channel_task();
    case 'email':
      return m.channel_email();
    default:
      return m.channel_unknown();
  }
}

/** Who started the contact, in words. */
export function directionWords(direction: Direction): string {
  switch (direction) {
    case 'inbound':
      return m.direction_inbound();
    case 'outbound':
      return m.direction_outbound();
    case 'callback':
      return m.direction_callback();
    case 'monitoring':
      return m.direction_monitoring();
  }
}

/** What is known of how a contact ended. */
interface Ending {
  outcome: Outcome | null;
  direction: Direction;
  channel: Channel;
  /** Since when it was connected, Unix milliseconds; `null`: it never was. */
  connected_at: number | null;
}

/** A call that went out and failed before it was connected; why, the platform does not say. */
export const isNotConnected = (ending: Ending): boolean =>
  ending.outcome === 'failed' &&
  ending.direction === 'outbound' &&
  ending.channel === 'voice' &&
  ending.connected_at === null;

/** How a contact ended, in words; `null`: that is not known. */
export function outcomeWords(ending: Ending): string | null {
  if (isNotConnected(ending)) return m.outcome_not_connected();
  const voice = ending.channel === 'voice';
  switch (ending.outcome) {
    case null:
      return null;
    case 'handled':
      return m.outcome_handled();
    case 'ended_by_agent':
      return m.outcome_ended_by_agent();
    case 'ended_by_customer':
      return ending.channel === 'voice'
        ? m.outcome_ended_by_customer()
        : ending.channel === 'chat'
          ? m.outcome_ended_by_customer_chat()
          : m.outcome_ended_by_customer_other();
    case 'missed':
      return voice ? m.outcome_missed() : m.outcome_missed_other();
    case 'declined':
      return m.outcome_declined();
    case 'abandoned':
      return voice ? m.outcome_abandoned() : m.outcome_abandoned_other();
    case 'transferred':
      return voice ? m.outcome_transferred() : m.outcome_transferred_other();
    case 'busy':
      return m.outcome_busy();
    case 'no_answer':
      return m.outcome_no_answer();
    case 'bad_address':
      return m.outcome_bad_address();
    case 'failed':
      return m.outcome_failed();
  }
}

/** A contact's state as the head of its card. */
export function stateTitle(contact: Contact): string {
  switch (cardKind(contact)) {
    case 'offer':
      return offerTitle(contact.channel, contact.direction);
    case 'connecting':
      if (contact.channel === 'chat') return m.contact_joining();
      if (contact.channel !== 'voice') return m.contact_taking();
      return contact.direction === 'inbound' ? m.contact_connecting() : m.contact_dialling();
    case 'live':
      return contact.monitoring ? m.direction_monitoring() : liveTitle(contact.channel);
    case 'hold':
      return contact.state === 'paused' ? m.contact_paused() : m.contact_on_hold();
    case 'wrap_up':
      return m.wrap_up_title();
    case 'missed':
      return contact.outcome === 'abandoned'
        ? abandonedTitle(contact.channel)
        : isUnreached(contact.outcome)
          ? failedTitle(contact)
          : m.missed_title();
    case 'rejected':
      return m.rejected_title();
    case 'failed':
      return failedTitle(contact);
    case 'other':
      return contact.state === 'init' ? m.contact_init() : m.contact_unknown_state({ state: contact.state });
  }
}

/** An outbound call that did not reach anybody. */
export const isUnreached = (outcome: Outcome | null): boolean =>
  outcome === 'busy' || outcome === 'no_answer' || outcome === 'bad_address';

function liveTitle(channel: Channel): string {
  switch (channel) {
    case 'voice':
      return m.contact_live();
    case 'chat':
      return m.contact_live_chat();
    case 'task':
      return m.contact_live_task();
    case 'email':
      return m.contact_live_email();
    default:
      return m.contact_live_other();
  }
}

const abandonedTitle = (channel: Channel): string =>
  channel === 'voice' ? m.abandoned_title() : m.abandoned_title_other();

function failedTitle({ channel, outcome }: Contact): string {
  switch (outcome) {
    case 'abandoned':
      return abandonedTitle(channel);
    case 'busy':
      return m.busy_title();
    case 'no_answer':
      return m.no_answer_title();
    case 'bad_address':
      return m.bad_address_title();
    default:
      return m.failed_title();
  }
}

/** What the words for its end depend on: a supervisor leaves, and the contact goes on. */
type Ended = Pick<Contact, 'channel' | 'monitoring'>;

/** The conversation goes on when the agent goes: others answer the customer. */
export const goesOn = (frame: Conversation | undefined): boolean =>
  frame !== undefined &&
  frame.state !== 'ended' &&
  (frame.only_whispers || frame.participants.some((one) => one.role === 'agent'));

/** The button that ends a contact. `leaves`: others go on with it ({@link goesOn}). */
export function endWords({ channel, monitoring }: Ended, leaves = false): string {
  if (monitoring) return m.monitor_leave();
  switch (channel) {
    case 'voice':
      return m.end_call();
    case 'chat':
      return leaves ? m.leave_chat() : m.end_chat();
    case 'task':
      return m.end_task();
    case 'email':
      return m.end_email();
    default:
      return m.end_contact();
  }
}

/** The button that ends a contact, for those who do not see which one it stands at. */
export const endNamed = (contact: Ended, customer: string, leaves = false): string =>
  contact.channel === 'voice' && !contact.monitoring
    ? m.end_named({ customer })
    : m.end_contact_named({ action: endWords(contact, leaves), customer });

/** What is asked before a contact other than a call is ended. */
export function endQuestion(
  contact: Ended,
  customer: string,
  leaves = false,
): { title: string; text: string } {
  if (contact.monitoring) return { title: m.monitor_leave_title({ customer }), text: m.monitor_leave_hint() };
  switch (contact.channel) {
    case 'chat':
      return leaves
        ? { title: m.leave_chat_title({ customer }), text: m.leave_chat_text() }
        : { title: m.end_chat_title({ customer }), text: m.end_chat_text() };
    case 'task':
      return { title: m.end_task_title(), text: m.end_task_text() };
    case 'email':
      return { title: m.end_email_title({ customer }), text: m.end_email_text() };
    default:
      return { title: m.end_other_title({ customer }), text: m.end_other_text() };
  }
}

/** Who brought a contact here, as a heading to what they said. */
export function handoverWords({ by, note, consult }: Handover): string {
  // A name stands in a sentence: it must not turn its direction.
  const who = by?.replace(/\p{Bidi_Control}/gu, '').trim() ?? '';
  const noted = Boolean(note?.trim());
  if (consult) {
    if (who) return (noted ? m.handover_consult_by_note : m.handover_consult_by)({ who });
    return noted ? m.handover_consult_unknown_note() : m.handover_consult_unknown();
  }
  if (who) return (noted ? m.handover_by_note : m.handover_by)({ who });
  return noted ? m.handover_unknown_note() : m.handover_unknown();
}

/** The head of a call's own card: with several parties, what they make together. */
export function callTitle(contact: Contact): string {
  if (contact.monitoring) return stateTitle(contact);
  if (isCalling(contact)) return m.contact_calling();
  if (severalParties(contact) && present(contact).length > 1) {
    const heard = talking(contact).length;
    if (heard > 1) return m.contact_conference();
    return heard === 1 ? m.contact_consult() : m.contact_several();
  }
  return stateTitle(contact);
}

/** An offer's head. */
export function offerTitle(channel: Channel, direction?: Direction): string {
  if (direction === 'callback') return m.offer_title_callback();
  switch (channel) {
    case 'voice':
      return m.offer_title_voice();
    case 'chat':
      return m.offer_title_chat();
    case 'task':
      return m.offer_title_task();
    case 'email':
      return m.offer_title_email();
    default:
      return m.offer_title_other();
  }
}
