import type { AccountView, CommandKind, Contact, ContactView, Offer } from '$lib/rpc/gen';

/** What a contact's card shows. */
export type CardKind =
  'offer' | 'connecting' | 'live' | 'hold' | 'wrap_up' | 'missed' | 'rejected' | 'failed' | 'other';

/** The card for a contact's state. */
export function cardKind(contact: Contact): CardKind {
  switch (contact.state) {
    case 'offered':
      return 'offer';
    case 'connecting':
      return 'connecting';
    case 'connected':
      return contact.on_hold ? 'hold' : 'live';
    case 'paused':
      return 'hold';
    case 'ended':
      return 'wrap_up';
    case 'missed':
    case 'rejected':
    case 'failed':
      return contact.state;
    default:
      return 'other';
  }
}

const urgency: Record<CardKind, number> = {
  offer: 0,
  live: 1,
  connecting: 2,
  hold: 3,
  wrap_up: 4,
  other: 5,
  failed: 6,
  missed: 7,
  rejected: 8,
};

/** Most urgent first; among equals the oldest first. */
export function byUrgency(contacts: readonly ContactView[]): ContactView[] {
  return contacts.toSorted((a, b) => urgency[cardKind(a.contact)] - urgency[cardKind(b.contact)]);
}

/** Whether a contact is worked on from here; the others are shown as their platform tells them. */
export const handledHere =
  (accounts: readonly AccountView[]) =>
  ({ key }: ContactView): boolean =>
    accounts.some((account) => account.id === key.account && account.capabilities.includes('offers'));

/** Speech. */
export const isVoice = (view: ContactView): boolean => view.contact.channel === 'voice';

/** The call that shortcuts for mute, hold and end mean, and that is shown large. */
export function focused(contacts: readonly ContactView[]): ContactView | undefined {
  const ordered = byUrgency(contacts.filter(isVoice));
  return (
    ordered.find((c) => ['live', 'connecting'].includes(cardKind(c.contact))) ??
    ordered.find((c) => cardKind(c.contact) === 'hold')
  );
}

/** Contacts that ring, the oldest first. */
export const ringing = (contacts: readonly ContactView[]): ContactView[] =>
  contacts
    .filter((c) => cardKind(c.contact) === 'offer')
    .toSorted((a, b) => (a.offered_at ?? 0) - (b.offered_at ?? 0));

/** Whether a command of this kind is on its way for the contact. */
export const isPending = (view: ContactView, kind: CommandKind): boolean =>
  view.pending.some((pending) => pending.kind === kind);

/** A ringing contact in the shape that the incoming window gets. */
export function asOffer(view: ContactView, accountName: string): Offer {
  const { contact } = view;
  return {
    key: view.key,
    account_name: accountName,
    channel: contact.channel,
    customer: contact.customer,
    subject: contact.subject,
    queue: contact.queue,
    attributes: contact.attributes,
    offered_at: view.offered_at ?? contact.state_since,
    expires: contact.offer_expires,
    can_reject: contact.allowed.includes('reject'),
    while_busy: view.while_busy,
  };
}
