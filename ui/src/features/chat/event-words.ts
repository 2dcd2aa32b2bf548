/** What happens in a conversation beside words, as a line of it. */
import { m } from '$lib/i18n';
import type { Author, ConversationEvent } from '$lib/rpc/gen';

import { authorName } from './words';

type Named = Extract<ConversationEvent, string>;
type Telling = Exclude<ConversationEvent, string>;

/** A line by who did it: the agent, somebody with a name, or nobody knows whom. */
type Line = readonly [me: () => string, by: (who: { who: string }) => string, nobody: () => string];

/** Lines that stand without a name where there is none. */
const byWhom: Partial<Record<Named, Line>> = {
  transfer_requested: [
    m.chat_event_transfer_requested_me,
    m.chat_event_transfer_requested_by,
    m.chat_event_transfer_requested,
  ],
  conference_requested: [
    m.chat_event_conference_requested_me,
    m.chat_event_conference_requested_by,
    m.chat_event_conference_requested,
  ],
  consult_requested: [
    m.chat_event_consult_requested_me,
    m.chat_event_consult_requested_by,
    m.chat_event_consult_requested,
  ],
  request_cancelled: [
    m.chat_event_request_cancelled_me,
    m.chat_event_request_cancelled_by,
    m.chat_event_request_cancelled,
  ],
  not_answered: [m.chat_event_not_answered_me, m.chat_event_not_answered_by, m.chat_event_not_answered],
  took_over: [m.chat_event_took_over_me, m.chat_event_took_over_by, m.chat_event_took_over],
  advises: [m.chat_event_advises_me, m.chat_event_advises_by, m.chat_event_advises],
  wrap_up_began: [m.chat_event_wrap_up_began_me, m.chat_event_wrap_up_began_by, m.chat_event_wrap_up_began],
  paused: [m.chat_event_paused_me, m.chat_event_paused_by, m.chat_event_paused],
  unpaused: [m.chat_event_unpaused_me, m.chat_event_unpaused_by, m.chat_event_unpaused],
  hand_raised: [m.chat_event_hand_raised_me, m.chat_event_hand_raised_by, m.chat_event_hand_raised],
  hand_lowered: [m.chat_event_hand_lowered_me, m.chat_event_hand_lowered_by, m.chat_event_hand_lowered],
};

/** What happened, as a line. */
export function eventWords(event: ConversationEvent, author: Author): string {
  const who = authorName(author);
  const me = author.role === 'me';
  if (typeof event === 'object') return tellingWords(event, who);
  const line = byWhom[event];
  if (line !== undefined) {
    if (me) return line[0]();
    // What the platform did by itself, or nobody knows who did it.
    return author.role === 'system' && !author.name?.trim() ? line[2]() : line[1]({ who });
  }
  switch (event) {
    case 'joined':
      return me ? m.chat_event_joined_me() : m.chat_event_joined({ who });
    case 'left':
      return me ? m.chat_event_left_me() : m.chat_event_left({ who });
    case 'invited':
      return m.chat_event_invited({ who });
    case 'renamed':
      return m.chat_event_renamed({ who });
    case 'idle':
      return m.chat_event_idle({ who });
    case 'returned':
      return m.chat_event_returned({ who });
    case 'auto_disconnected':
      return m.chat_event_auto_disconnected({ who });
    case 'transferred':
      return m.chat_event_transferred();
    case 'transfer_failed':
      return m.chat_event_transfer_failed();
    case 'resumed':
      return m.chat_event_resumed();
    case 'ended':
      return m.chat_event_ended();
    case 'authentication_started':
      return m.chat_event_auth_started({ who });
    case 'authentication_succeeded':
      return m.chat_event_auth_succeeded({ who });
    case 'nobody_available':
      return m.chat_event_nobody_available();
    case 'customer_changed':
      return m.chat_event_customer_changed();
    case 'answer_due':
      return m.chat_event_answer_due();
    case 'call_began':
      return m.chat_event_call_began();
    case 'call_ended':
      return m.chat_event_call_ended();
    case 'call_held':
      return m.chat_event_call_held();
    case 'call_resumed':
      return m.chat_event_call_resumed();
    default:
      return m.chat_event_other();
  }
}

/** Events that bring words of their own. */
function tellingWords(event: Telling, who: string): string {
  if ('authentication_failed' in event) {
    const detail = event.authentication_failed.trim();
    return detail ? m.chat_event_auth_failed_detail({ who, detail }) : m.chat_event_auth_failed({ who });
  }
  if ('line_opened' in event) return m.chat_event_line_opened({ line: event.line_opened });
  if ('line_closed' in event) return m.chat_event_line_closed({ line: event.line_closed });
  return event.other.trim() || m.chat_event_other();
}
