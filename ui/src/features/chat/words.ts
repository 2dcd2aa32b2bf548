import { m } from '$lib/i18n';
import type { Author, ConversationEvent, Delivery, MessageBody } from '$lib/rpc/gen';

/** An author's name; one without has their role. */
export function authorName(author: Author): string {
  if (author.role === 'me') return m.chat_me();
  // Names stand in sentences: one must not turn their direction, nor fill the page.
  const name = author.name?.replace(/\p{Bidi_Control}/gu, '').trim();
  if (name) return name.length > 60 ? `${name.slice(0, 60)}…` : name;
  switch (author.role) {
    case 'customer':
      return m.chat_role_customer();
    case 'agent':
      return m.chat_role_agent();
    case 'supervisor':
      return m.chat_role_supervisor();
    case 'bot':
      return m.chat_role_bot();
    case 'system':
      return m.chat_role_system();
  }
}

/** What happened, as a line. */
export function eventWords(event: ConversationEvent, author: Author): string {
  const who = authorName(author);
  const me = author.role === 'me';
  if (typeof event === 'object') {
    const detail = event.authentication_failed.trim();
    return detail ? m.chat_event_auth_failed_detail({ who, detail }) : m.chat_event_auth_failed({ who });
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
  }
}

/** How far a message of the agent's got. */
export function deliveryWords(delivery: Delivery): string {
  switch (delivery) {
    case 'sent':
      return m.chat_sent();
    case 'delivered':
      return m.chat_delivered();
    case 'read':
      return m.chat_read();
  }
}

/** Who is writing, in words; empty: nobody. */
export function typingWords(typing: readonly Author[]): string {
  const [first, second] = typing;
  if (!first) return '';
  if (!second) return m.chat_typing_one({ who: authorName(first) });
  return typing.length === 2
    ? m.chat_typing_two({ who: authorName(first), other: authorName(second) })
    : m.chat_typing_many();
}

/** A message in one line, for lists and for reading aloud. */
export function summary(body: MessageBody): string {
  switch (body.kind) {
    case 'text':
    case 'markdown':
      return body.text;
    case 'attachments':
      return body.files.map((file) => file.name).join(', ');
    case 'interactive':
      return body.title;
    case 'answer':
      return body.text.trim() || body.fields.map((field) => `${field.name}: ${field.value}`).join(', ');
    case 'unknown':
      return body.text.trim() || m.chat_unknown_kind();
    case 'event':
      return '';
  }
}
