import { customerTitle } from '$lib/format';
import { m } from '$lib/i18n';
import type { Connection, Contact } from '$lib/rpc/gen';

/** Legs of the other parties, those that have ended among them, in the platform's order. */
export const others = (contact: Contact): Connection[] =>
  contact.connections.filter((leg) => leg.kind !== 'agent' && leg.kind !== 'monitoring');

/** On the line: being called, talking, on hold or listening. */
export const isThere = (leg: Connection): boolean =>
  ['connecting', 'connected', 'hold', 'silent_monitor', 'barge'].includes(leg.state);

/** Other parties on the line. */
export const present = (contact: Contact): Connection[] => others(contact).filter(isThere);

/** The call is one of several parties, or was until a moment ago. */
export const severalParties = (contact: Contact): boolean => others(contact).length > 1;

/** Those who hear the agent and are heard. */
export const talking = (contact: Contact): Connection[] =>
  others(contact).filter((leg) => leg.state === 'connected');

/** An outbound call that nobody has answered yet. */
export function isCalling(contact: Contact): boolean {
  if (contact.direction !== 'outbound' || contact.channel !== 'voice') return false;
  const legs = others(contact);
  if (contact.state === 'connecting') return true;
  return contact.state === 'connected' && legs.length === 1 && legs[0]?.state === 'connecting';
}

/** A party's name; the customer's leg may have less than the contact knows. */
export function partyName(leg: Connection, contact: Contact): string {
  const own = leg.party.name?.trim() || leg.party.address?.trim();
  if (leg.kind === 'initial')
    return customerTitle(own && !contact.customer.name?.trim() ? leg.party : contact.customer);
  return own ? customerTitle(leg.party) : m.party_unknown();
}

/** What becomes of the others when the agent leaves the call, in words. */
export function leaveWords(contact: Contact): string {
  const there = present(contact);
  const rings = there.find((leg) => leg.state === 'connecting');
  // One on hold talks with the others then, but one that still rings does not.
  const [one, another] = there.filter((leg) => leg.state !== 'connecting');
  if (!rings || another) return m.leave_call_hint();
  return one
    ? m.leave_call_hint_ringing({ customer: partyName(one, contact), party: partyName(rings, contact) })
    : m.leave_call_hint_all_ringing();
}

/** How a party stands, for words and picture. */
export type PartyMark = 'ringing' | 'connected' | 'hold' | 'not_reached' | 'busy' | 'left' | 'other';

/**
 * `answered`: this party was seen talking or on hold. Why one that never was is gone, busy or
 * no answer, its leg does not tell.
 */
export function partyMark(leg: Connection, answered: boolean): PartyMark {
  switch (leg.state) {
    case 'init':
    case 'connecting':
      return 'ringing';
    case 'connected':
    case 'silent_monitor':
    case 'barge':
      return 'connected';
    case 'hold':
      return 'hold';
    case 'disconnected':
      return answered || leg.kind === 'initial' ? 'left' : 'not_reached';
    case 'rejected':
      return 'busy';
    default:
      return 'other';
  }
}

/** A party's state in words. */
export function partyWords(leg: Connection, mark: PartyMark): string {
  switch (mark) {
    case 'ringing':
      return m.party_ringing();
    case 'connected':
      return m.party_connected();
    case 'hold':
      return m.party_hold();
    case 'not_reached':
      return m.party_not_reached();
    case 'busy':
      return m.party_busy();
    case 'left':
      return m.party_left();
    case 'other':
      return m.contact_unknown_state({ state: leg.state });
  }
}
