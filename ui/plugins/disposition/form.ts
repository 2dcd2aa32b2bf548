/** What a contact came to: the form's values, and which contacts wait for one. */
import type { Contact } from '../shared/agent.ts';
import type { ContactBook, ContactEvent } from '../shared/contacts.ts';
import { keysOf, read, write, type Shelf } from '../shared/storage.ts';

/** What a contact can come to. */
export const RESULTS = ['resolved', 'callback', 'escalate', 'other'] as const;
export type Result = (typeof RESULTS)[number];

/** What the agent has filled in. */
export interface Answers {
  readonly result: Result | undefined;
  readonly topic: string;
  readonly note: string;
}

/** Nothing yet. */
export const EMPTY: Answers = { result: undefined, topic: '', note: '' };

/** Attributes are 32 KiB in all, and others want room as well. */
export const LONGEST_NOTE = 2000;
const MOST_DRAFTS = 50;

const isResult = (value: unknown): value is Result => RESULTS.some((result) => result === value);

/** What is missing before it can be saved. */
export const missing = (answers: Answers): readonly ('result' | 'topic')[] => [
  ...(answers.result === undefined ? (['result'] as const) : []),
  ...(answers.topic === '' ? (['topic'] as const) : []),
];

/** The contact's attributes for them. */
export const attributesOf = (answers: Answers): Readonly<Record<string, string>> => ({
  disposition: answers.result ?? '',
  disposition_topic: answers.topic,
  disposition_note: answers.note.trim(),
});

/** What the contact's attributes say already; undefined: nothing. */
export function saved(contact: Contact | undefined): Answers | undefined {
  const attributes = contact?.attributes ?? {};
  const result = attributes['disposition'];
  if (!isResult(result)) return undefined;
  const { disposition_topic: topic = '', disposition_note: note = '' } = attributes;
  return { result, topic, note };
}

/** Topics of the setting, else those given. */
export function topicsOf(setting: string | undefined, otherwise: readonly string[]): readonly string[] {
  const own = (setting ?? '').split(/[,\n]/u).map((topic) => topic.trim());
  const topics = [...new Set(own.filter((topic) => topic !== ''))];
  return topics.length > 0 ? topics : otherwise;
}

/** What was filled in and not saved, by contact: a reload takes nothing away. */
export class Drafts {
  readonly #shelf: Shelf | undefined;

  constructor(shelf: Shelf | undefined) {
    this.#shelf = shelf;
  }

  /** That of a contact; undefined: none. */
  read(contactId: string): Answers | undefined {
    const kept = this.#shelf && read(this.#shelf, `draft:${contactId}`);
    if (typeof kept !== 'object' || kept === null) return undefined;
    const { result, topic, note } = kept as Readonly<Record<string, unknown>>;
    return {
      result: isResult(result) ? result : undefined,
      topic: typeof topic === 'string' ? topic : '',
      note: typeof note === 'string' ? note.slice(0, LONGEST_NOTE) : '',
    };
  }

  /** Keeps it. Where there is no room it lives as long as the page does. */
  keep(contactId: string, answers: Answers, now: number): void {
    const shelf = this.#shelf;
    if (shelf === undefined) return;
    write(shelf, `draft:${contactId}`, { ...answers, at: now });
    const at = (key: string): number => {
      const kept = read(shelf, key) as { readonly at?: unknown } | undefined;
      return typeof kept?.at === 'number' ? kept.at : 0;
    };
    const all = keysOf(shelf, 'draft:').sort((one, other) => at(other) - at(one));
    all.slice(MOST_DRAFTS).forEach((key) => shelf.removeItem(key));
  }

  /** It is saved, or not wanted any more. */
  drop(contactId: string): void {
    this.#shelf?.removeItem(`draft:${contactId}`);
  }
}

/** Contacts that are over and wait for their form, in the order in which they ended. */
export class Due {
  readonly #book: ContactBook;
  readonly #waiting = new Set<string>();
  /** Done with: what else is told of them is no reason to ask again. */
  readonly #settled = new Set<string>();

  constructor(book: ContactBook) {
    this.#book = book;
  }

  /** After `book` has begun: what was over before this page was there. */
  begin(): void {
    this.#book.all().forEach(({ contact }) => this.#endedContact(contact));
  }

  /** After `book` has heard it. Says whether something begins or stops to wait. */
  hear(event: ContactEvent, payload: unknown): boolean {
    const before = [...this.#waiting].join();
    const told = payload as {
      readonly contactId?: unknown;
      readonly contact?: { readonly contactId?: unknown };
    };
    const id = told?.contact?.contactId ?? told?.contactId;
    if (typeof id !== 'string') return false;
    const entry = this.#book.entry(id);
    if (event === 'after_call_work') this.#waiting.add(id);
    else if (entry === undefined) [this.#waiting, this.#settled].forEach((ids) => ids.delete(id));
    else this.#endedContact(entry.contact);
    return [...this.#waiting].join() !== before;
  }

  /** All that wait. */
  all(): readonly string[] {
    return [...this.#waiting];
  }

  /** It need not wait any more. */
  done(contactId: string): void {
    this.#waiting.delete(contactId);
    this.#settled.add(contactId);
  }

  #endedContact(contact: Contact): void {
    // Whoever was never talked to came to nothing: a missed contact has another state.
    if (contact.state === 'ended' && !this.#settled.has(contact.contactId))
      this.#waiting.add(contact.contactId);
  }
}
