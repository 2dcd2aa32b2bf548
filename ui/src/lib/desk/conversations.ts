import type { ContactKey, ContactView, ConversationView, DeskSnapshot } from '$lib/rpc/gen';

import { cardKind, isVoice } from './contacts';
import { sameContact } from './patch';

/** A contact that is shown as a conversation: both halves of it. */
export interface Chat {
  view: ContactView;
  conversation: ConversationView;
}

/** The contact's conversation, or none. */
export const conversationOf = (desk: DeskSnapshot | null, key: ContactKey): ConversationView | undefined =>
  desk?.conversations.find((one) => sameContact(one.key, key));

/** Contacts whose conversation can be opened: live ones, and those in after-contact work. In the desk's order. */
export function chats(desk: DeskSnapshot | null): Chat[] {
  if (desk === null) return [];
  return desk.contacts.flatMap((view): Chat[] => {
    const kind = cardKind(view.contact);
    if (!['live', 'connecting', 'hold', 'wrap_up'].includes(kind)) return [];
    const conversation = conversationOf(desk, view.key);
    return conversation ? [{ view, conversation }] : [];
  });
}

/**
 * The conversation to show: the one that is wanted, else the first live one, else one in after-contact work;
 * none while the list is wanted.
 */
export function openChat(
  all: readonly Chat[],
  wanted: ContactKey | null,
  overview: boolean,
): Chat | undefined {
  if (overview) return undefined;
  const chosen = wanted === null ? undefined : all.find((chat) => sameContact(chat.view.key, wanted));
  return chosen ?? all.find((chat) => cardKind(chat.view.contact) !== 'wrap_up') ?? all[0];
}

/** Calls of the agent that are on, the one that is talked on first. */
export const calls = (contacts: readonly ContactView[]): ContactView[] =>
  contacts
    .filter((view) => isVoice(view) && ['live', 'connecting', 'hold'].includes(cardKind(view.contact)))
    .toSorted((a, b) => Number(cardKind(a.contact) === 'hold') - Number(cardKind(b.contact) === 'hold'));

/** Contacts to change between beside calls and offers, in the desk's order, which does not change by itself. */
export function switchable(contacts: readonly ContactView[]): ContactView[] {
  const talked = new Set(calls(contacts));
  return contacts.filter((view) => cardKind(view.contact) !== 'offer' && !talked.has(view));
}
