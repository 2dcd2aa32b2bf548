/** Notes about customers, kept by who they are about. */
import type { Contact } from '../shared/agent.ts';
import { digitsOf, foldName, numberIn, sameNumber } from '../shared/number.ts';
import { keysOf, read, write, type Shelf } from '../shared/storage.ts';

/** Who somebody is, as far as it is known. Numbers are digits, names and addresses are folded. */
export interface Identity {
  readonly id?: string;
  readonly number?: string;
  readonly email?: string;
  readonly name?: string;
}

/** One note. */
export interface Note {
  readonly key: string;
  readonly about: Identity;
  readonly text: string;
  readonly made: number;
  readonly changed?: number;
}

/** What came of keeping one: it is there, there is no room, or nothing can be kept here at all. */
export type Kept = 'kept' | 'full' | 'nowhere';

/** Longer ones are documents. */
export const LONGEST_NOTE = 4000;
const PREFIX = 'note:';

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Who the contact's customer is; undefined: nobody can tell. */
export function identityOf(contact: Contact): Identity | undefined {
  const { ID, phoneNumber, email, name } = contact.customer;
  const number = digitsOf(numberIn(phoneNumber) ?? '');
  const identity: Identity = {
    ...(ID ? { id: ID } : {}),
    ...(number === '' ? {} : { number }),
    ...(email ? { email: email.trim().toLowerCase() } : {}),
    ...(name && foldName(name) !== '' ? { name: foldName(name) } : {}),
  };
  return Object.keys(identity).length === 0 ? undefined : identity;
}

/** Only a name is known, and names are shared. */
export const isNameAlone = ({ id, number, email }: Identity): boolean =>
  id === undefined && number === undefined && email === undefined;

/** Two descriptions of one customer, as far as can be told. */
export function same(one: Identity, other: Identity): boolean {
  if (one.id !== undefined && other.id !== undefined) return one.id === other.id;
  if (one.number !== undefined && other.number !== undefined && sameNumber(one.number, other.number))
    return true;
  if (one.email !== undefined && one.email === other.email) return true;
  return (isNameAlone(one) || isNameAlone(other)) && one.name !== undefined && one.name === other.name;
}

function readNote(key: string, value: unknown): Note[] {
  const { about, text, made, changed } = record(value);
  if (typeof text !== 'string' || typeof made !== 'number') return [];
  const { id, number, email, name } = record(about);
  return [
    {
      key,
      about: {
        ...(typeof id === 'string' ? { id } : {}),
        ...(typeof number === 'string' ? { number } : {}),
        ...(typeof email === 'string' ? { email } : {}),
        ...(typeof name === 'string' ? { name } : {}),
      },
      text,
      made,
      ...(typeof changed === 'number' ? { changed } : {}),
    },
  ];
}

/** All notes. Each is an entry of its own: one that breaks, or a store that is full, costs no other. */
export class Notebook {
  readonly #shelf: Shelf | undefined;

  constructor(shelf: Shelf | undefined) {
    this.#shelf = shelf;
  }

  /** Something can be kept here. */
  get works(): boolean {
    return this.#shelf !== undefined;
  }

  /** Notes about somebody, newest first. */
  about(identity: Identity): readonly Note[] {
    const shelf = this.#shelf;
    if (shelf === undefined) return [];
    return keysOf(shelf, PREFIX)
      .flatMap((key) => readNote(key, read(shelf, key)))
      .filter((note) => same(note.about, identity))
      .sort((one, other) => other.made - one.made || other.key.localeCompare(one.key));
  }

  /** Keeps a new one. */
  add(about: Identity, text: string, now: number): Kept {
    // Two of the same millisecond are two.
    const key = `${PREFIX}${now}-${Math.random().toString(36).slice(2, 8)}`;
    return this.put({ key, about, text: text.trim().slice(0, LONGEST_NOTE), made: now });
  }

  /** Keeps other words. */
  change(note: Note, text: string, now: number): Kept {
    return this.put({ ...note, text: text.trim().slice(0, LONGEST_NOTE), changed: now });
  }

  /** Keeps it as it is, also one that was taken out before. */
  put({ key, ...note }: Note): Kept {
    if (this.#shelf === undefined) return 'nowhere';
    return write(this.#shelf, key, note) ? 'kept' : 'full';
  }

  /** Takes it out. */
  remove(note: Note): void {
    this.#shelf?.removeItem(note.key);
  }
}

/** Words begun and not kept yet, by contact. */
export class Begun {
  readonly #shelf: Shelf | undefined;

  constructor(shelf: Shelf | undefined) {
    this.#shelf = shelf;
  }

  /** That of a contact. */
  read(contactId: string): string {
    const kept = this.#shelf && read(this.#shelf, `begun:${contactId}`);
    return typeof kept === 'string' ? kept : '';
  }

  /** Keeps it; words that do not fit live as long as the page does. */
  keep(contactId: string, text: string): void {
    const shelf = this.#shelf;
    if (shelf === undefined) return;
    if (text === '') shelf.removeItem(`begun:${contactId}`);
    else write(shelf, `begun:${contactId}`, text);
  }
}
