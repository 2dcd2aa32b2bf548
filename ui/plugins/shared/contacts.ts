/** The contacts that the panel has told of, and which of them a plugin is about. */
import type { Contact } from './agent.ts';

/** Where a contact stands, as far as it matters to a plugin. */
export type Phase = 'open' | 'wrap_up' | 'over';

/** One contact. */
export interface Entry {
  readonly contact: Contact;
  /** `wrap_up`: the agent is still busy with it. `over`: nobody is, and nothing more will be told of it. */
  readonly phase: Phase;
}

/** What a plugin listens to. */
export const CONTACT_EVENTS = [
  'incoming_call',
  'outgoing_call',
  'call_started',
  'contact_updated',
  'call_ended',
  'after_call_work',
  'after_call_work_end',
  'missed_call',
  'reject_call',
] as const;
export type ContactEvent = (typeof CONTACT_EVENTS)[number];

/** By what is told of where it stands. */
const PHASES: Readonly<Record<string, Phase>> = {
  ended: 'wrap_up',
  missed: 'over',
  rejected: 'over',
  failed: 'over',
};
/** By events that name a contact and tell nothing else of it. */
const ENDINGS: Readonly<Partial<Record<ContactEvent, Phase>>> = {
  call_ended: 'over',
  missed_call: 'over',
  reject_call: 'over',
  after_call_work: 'wrap_up',
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed === '' ? undefined : trimmed;
};

/** A contact out of what the panel said; undefined: it is none. What has the wrong type is left out. */
export function readContact(value: unknown): Contact | undefined {
  if (!isRecord(value)) return undefined;
  const contactId = text(value['contactId']);
  if (contactId === undefined) return undefined;
  const customer = isRecord(value['customer']) ? value['customer'] : {};
  const attributes = isRecord(value['attributes']) ? value['attributes'] : {};
  const queue = isRecord(value['queue']) ? value['queue'] : {};
  const channel = text(value['channel']);
  const state = text(value['state']);
  const queueName = text(queue['name']);
  return {
    contactId,
    initialContactId: text(value['initialContactId']) ?? contactId,
    channel: channel ?? 'VOICE',
    attributes: Object.fromEntries(
      Object.entries(attributes).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    ),
    customer: {
      ID: text(customer['ID']) ?? null,
      name: text(customer['name']) ?? null,
      phoneNumber: text(customer['phoneNumber']) ?? null,
      email: text(customer['email']) ?? null,
    },
    ...(queueName === undefined ? {} : { queue: { id: text(queue['id']) ?? '', name: queueName } }),
    ...(state === undefined ? {} : { state }),
  };
}

/**
 * Contacts by what the panel says:
 *
 * | said | the contact |
 * | --- | --- |
 * | `incoming_call`, `outgoing_call`, `call_started`, `contact_updated` | is there, as told |
 * | `after_call_work`, state `ended` | is in after-contact work |
 * | `call_ended`, `missed_call`, `reject_call`, state `missed`, `rejected`, `failed` | is over, and goes when another comes |
 * | `after_call_work_end`, state `gone` | is gone |
 */
export class ContactBook {
  readonly #entries = new Map<string, Entry>();
  #chosen: string | undefined;

  /** Takes the contact that `init` was answered with. */
  begin(contact: unknown): void {
    this.#take(readContact(contact), undefined);
  }

  /** Takes an event; false: nothing has changed by it. */
  hear(event: ContactEvent, payload: unknown): boolean {
    if (!isRecord(payload)) return false;
    const contact = readContact(payload['contact']);
    if (contact !== undefined) return this.#take(contact, event);
    const id = text(payload['contactId']);
    if (id === undefined) return false;
    if (event === 'after_call_work_end') return this.#forget(id);
    const entry = this.#entries.get(id);
    const phase = ENDINGS[event];
    if (entry === undefined || phase === undefined || entry.phase === phase) return false;
    this.#entries.set(id, { ...entry, phase });
    return true;
  }

  /** The agent wants to see that one. */
  choose(contactId: string): void {
    if (this.#entries.has(contactId)) this.#chosen = contactId;
  }

  /** All of them, in the order in which they came. */
  all(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** That of the id. */
  entry(contactId: string): Entry | undefined {
    return this.#entries.get(contactId);
  }

  /** What the agent chose, else the open one that came last, else the last one. */
  current(): Entry | undefined {
    const chosen = this.#chosen === undefined ? undefined : this.#entries.get(this.#chosen);
    const all = this.all();
    return chosen ?? all.findLast((entry) => entry.phase === 'open') ?? all.at(-1);
  }

  #take(contact: Contact | undefined, event: ContactEvent | undefined): boolean {
    if (contact === undefined) return false;
    if (contact.state === 'gone') return this.#forget(contact.contactId);
    const before = this.#entries.get(contact.contactId);
    // Whoever is told no state keeps the one known: an attribute that comes late does not open a call again.
    const told = contact.state === undefined ? before?.phase : (PHASES[contact.state] ?? 'open');
    const phase = event === 'call_started' ? 'open' : (told ?? 'open');
    if (before === undefined && phase === 'open') this.#makeRoom();
    this.#entries.set(contact.contactId, { contact, phase });
    return JSON.stringify(before) !== JSON.stringify({ contact, phase });
  }

  /** One that begins is what the agent will look at next, whatever was chosen before. */
  #makeRoom(): void {
    this.#chosen = undefined;
    for (const [id, { phase }] of this.#entries) if (phase === 'over') this.#entries.delete(id);
  }

  #forget(contactId: string): boolean {
    if (this.#chosen === contactId) this.#chosen = undefined;
    return this.#entries.delete(contactId);
  }
}
