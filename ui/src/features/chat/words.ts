import { customerTitle } from '$lib/format';
import { m } from '$lib/i18n';
import type { Attachment, Author, ContactCard, Delivery, MessageBody, Place } from '$lib/rpc/gen';

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

/** How far a message of the agent's got. */
export function deliveryWords(delivery: Delivery): string {
  switch (delivery) {
    case 'sent':
      return m.chat_sent();
    case 'delivered':
      return m.chat_delivered();
    case 'read':
      return m.chat_read();
    case 'failed':
      return m.chat_not_delivered();
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
      return body.caption?.trim() || fileNames(body.files);
    case 'location':
      return m.chat_summary_place({ name: placeName(body.place) });
    case 'contacts':
      return m.chat_summary_contacts({ names: body.cards.map(cardName).join(', ') });
    case 'link':
      return body.text?.trim() || body.address;
    case 'email':
      return body.subject.trim() || body.text.trim() || m.chat_email_no_subject();
    case 'comment':
      return body.text?.trim() || commentWords(body.act);
    case 'wrap_up':
      return m.chat_summary_wrap_up({
        codes: [...body.codes.map((code) => code.value), body.note?.trim() ?? ''].filter(Boolean).join(', '),
      });
    case 'interactive':
      return body.title;
    case 'answer':
      return body.text.trim() || body.fields.map((field) => `${field.name}: ${field.value}`).join(', ');
    case 'unknown':
      return body.text.trim() || m.chat_unknown_kind();
    case 'removed':
      return m.chat_removed();
    case 'event':
      return '';
  }
}

const fileNames = (files: readonly Attachment[]): string => files.map((file) => file.name).join(', ');

/** What a place is called; one without a name or an address has its degrees. */
export const placeName = (place: Place): string =>
  place.name?.trim() || place.address?.trim() || `${place.latitude}, ${place.longitude}`;

/** Who stands on a card; one without a name has a number. */
export const cardName = (card: ContactCard): string =>
  card.name.trim() || customerTitle({ name: null, address: card.phones[0] ?? null });

/** What was done below a post; an act without words has the platform's. */
export function commentWords(act: string): string {
  switch (act.trim().toUpperCase()) {
    case 'TEXT':
    case '':
      return m.comment_text();
    case 'IMAGE':
      return m.comment_image();
    case 'VIDEO':
      return m.comment_video();
    case 'LIKE':
      return m.comment_like();
    case 'UNLIKE':
      return m.comment_unlike();
    case 'DELETE':
      return m.comment_delete();
    case 'HIDE':
      return m.comment_hide();
    case 'UNHIDE':
      return m.comment_unhide();
    case 'PRIVATE_REPLY':
      return m.comment_private_reply();
    default:
      return m.comment_other({ act: act.replaceAll('_', ' ').toLowerCase() });
  }
}
