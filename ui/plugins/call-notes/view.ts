/** The notebook on the page. */
import type { Agent, Contact } from '../shared/agent.ts';
import { CONTACT_EVENTS, ContactBook } from '../shared/contacts.ts';
import { element, initials, show } from '../shared/elements.ts';
import { button, introduce, notice } from '../shared/frame.ts';
import type { Shelf } from '../shared/storage.ts';
import { labelOf, lineOf, whichContact } from '../shared/which.ts';
import { fill, moment, type Language } from '../shared/words.ts';
import {
  Begun,
  identityOf,
  isNameAlone,
  LONGEST_NOTE,
  Notebook,
  type Identity,
  type Kept,
  type Note,
} from './notes.ts';
import { WORDS, type Words } from './words.ts';

/** Fewer than that are told. */
const NEAR_THE_END = 200;

/** The notebook, at work: shows the notes about whoever calls or writes. */
export class CallNotes {
  readonly #agent: Agent;
  readonly #place: HTMLElement;
  readonly #notebook: Notebook;
  readonly #begun: Begun;
  readonly #now: () => number;
  readonly #book = new ContactBook();
  #language: Language = 'en';
  #ready = false;
  /** Whom the page is about, and what is being written about them. */
  #shown: string | undefined;
  #text = '';
  #editing: { readonly note: Note; text: string } | undefined;
  #removed: Note | undefined;
  /** Where the words are that found no room. */
  #failed: 'add' | 'edit' | 'undo' | undefined;

  constructor(agent: Agent, place: HTMLElement, shelf: Shelf | undefined, now: () => number) {
    this.#agent = agent;
    this.#place = place;
    this.#notebook = new Notebook(shelf);
    this.#begun = new Begun(shelf);
    this.#now = now;
  }

  /** Begins. */
  start(): Promise<void> {
    for (const event of CONTACT_EVENTS) {
      this.#agent.on(event, (payload: unknown) => {
        if (this.#book.hear(event, payload) && this.#ready) this.#draw();
      });
    }
    return introduce(this.#agent, this.#place, (contact, language) => {
      this.#language = language;
      this.#ready = true;
      this.#book.begin(contact);
      this.#draw();
    });
  }

  get #words(): Words {
    return WORDS[this.#language];
  }

  #draw(): void {
    const contact = this.#book.current()?.contact;
    if (contact?.contactId !== this.#shown) this.#turnTo(contact);
    const which = whichContact(this.#book, this.#language, (contactId) => {
      this.#book.choose(contactId);
      this.#draw();
    });
    const caret = this.#caret();
    show(this.#place, which, ...this.#body(contact));
    caret?.();
  }

  #turnTo(contact: Contact | undefined): void {
    this.#shown = contact?.contactId;
    this.#text = contact === undefined ? '' : this.#begun.read(contact.contactId);
    this.#editing = undefined;
    this.#removed = undefined;
    this.#failed = undefined;
  }

  /** The page is drawn anew while the agent writes: the caret goes back to where it was. */
  #caret(): (() => void) | undefined {
    const before = document.activeElement;
    if (!(before instanceof HTMLTextAreaElement) || !this.#place.contains(before)) return undefined;
    const { selectionStart, selectionEnd } = before;
    return () => {
      const after = document.activeElement;
      if (after instanceof HTMLTextAreaElement) after.setSelectionRange(selectionStart, selectionEnd);
    };
  }

  #body(contact: Contact | undefined): readonly (HTMLElement | undefined)[] {
    const words = this.#words;
    if (!this.#notebook.works) return [notice('failure', words.nowhere, { text: words.nowhereMore })];
    if (contact === undefined) {
      this.#entitle(0);
      return [notice('quiet', words.none, { text: words.noneMore })];
    }
    const identity = identityOf(contact);
    if (identity === undefined) {
      this.#entitle(0);
      return [notice('quiet', words.nobody, { text: words.nobodyMore })];
    }
    const notes = this.#notebook.about(identity);
    this.#entitle(notes.length);
    const list =
      notes.length === 0
        ? element('p', { class: 'empty', text: words.empty })
        : element('ul', { class: 'list' }, ...notes.map((note) => this.#note(note)));
    return [
      this.#head(contact),
      isNameAlone(identity) && notes.length > 0
        ? element('p', { class: 'strip caution', text: words.nameAlone })
        : undefined,
      this.#writing(contact.contactId, identity),
      notes.length === 0 ? undefined : element('h2', { text: words.earlier }),
      this.#undo(),
      list,
    ];
  }

  /** The tab says how many there are. A panel that has no room for a title changes nothing about the notes. */
  #entitle(count: number): void {
    const title = count === 0 ? this.#words.plainTitle : fill(this.#words.title, { count });
    if (document.title === title) return;
    document.title = title;
    this.#agent.setTitleTag(title).catch(() => undefined);
  }

  #head(contact: Contact): HTMLElement {
    const name = labelOf(contact, this.#language);
    const { phoneNumber } = contact.customer;
    const line = lineOf(contact, this.#language);
    return element(
      'header',
      { class: 'person' },
      element('span', { class: 'avatar', text: initials(name), attributes: { 'aria-hidden': 'true' } }),
      element('h1', { text: name, attributes: { dir: 'auto' } }),
      element('span'),
      element('p', {
        class: 'under',
        text: phoneNumber && phoneNumber !== name ? `${line} · ${phoneNumber}` : line,
      }),
    );
  }

  /** A field with its label and what is to be said about it. */
  #field(
    key: string,
    label: string,
    text: string,
    input: (text: string) => void,
    enter: () => void,
  ): readonly [HTMLElement, HTMLElement] {
    const left = element('span', { class: 'hint' });
    const count = (length: number): void => {
      const room = LONGEST_NOTE - length;
      left.textContent = room > NEAR_THE_END ? '' : fill(this.#words.left, { left: room });
    };
    const area = element('textarea', {
      attributes: {
        id: key,
        dir: 'auto',
        'data-key': key,
        maxlength: String(LONGEST_NOTE),
        placeholder: this.#words.placeholder,
      },
      on: {
        input: (event) => {
          const { value } = event.target as HTMLTextAreaElement;
          count(value.length);
          input(value);
        },
        keydown: (event) => {
          const { key: pressed, ctrlKey, metaKey } = event as KeyboardEvent;
          if (pressed === 'Enter' && (ctrlKey || metaKey)) enter();
        },
      },
    });
    area.value = text;
    count(text.length);
    const named = element(
      'div',
      { class: 'field' },
      element('label', { text: label, attributes: { for: key } }),
      area,
    );
    return [named, left];
  }

  #writing(contactId: string, identity: Identity): HTMLElement {
    const words = this.#words;
    const add = (): void => {
      if (this.#text.trim() === '') return;
      const kept = this.#notebook.add(identity, this.#text, this.#now());
      this.#failed = kept === 'kept' ? undefined : 'add';
      if (kept === 'kept') {
        this.#text = '';
        this.#begun.keep(contactId, '');
      }
      this.#draw();
    };
    const save = button('main', words.save, add, 'add');
    save.disabled = this.#text.trim() === '';
    const [field, left] = this.#field(
      'new-note',
      words.add,
      this.#text,
      (text) => {
        this.#text = text;
        this.#begun.keep(contactId, text);
        save.disabled = text.trim() === '';
      },
      add,
    );
    return element(
      'section',
      { class: 'card writing' },
      field,
      this.#full('add'),
      element('div', { class: 'acts' }, save, left),
    );
  }

  #full(where: 'add' | 'edit' | 'undo'): HTMLElement | undefined {
    if (this.#failed !== where) return undefined;
    return element('p', { class: 'strip bad', text: this.#words.full, attributes: { role: 'alert' } });
  }

  #undo(): HTMLElement | undefined {
    const removed = this.#removed;
    if (removed === undefined) return undefined;
    const back = button('small', this.#words.undo, () => {
      if (this.#settle(this.#notebook.put(removed), 'undo')) this.#removed = undefined;
      this.#draw();
    });
    return element(
      'div',
      {},
      element(
        'div',
        { class: 'strip undo', attributes: { role: 'status' } },
        element('span', { text: this.#words.removed }),
        back,
      ),
      this.#full('undo'),
    );
  }

  #settle(kept: Kept, where: 'edit' | 'undo'): boolean {
    this.#failed = kept === 'kept' ? undefined : where;
    return kept === 'kept';
  }

  #note(note: Note): HTMLElement {
    const words = this.#words;
    const editing = this.#editing;
    if (editing !== undefined && editing.note.key === note.key) return this.#edited(editing);
    const made = moment(this.#language, new Date(note.made));
    const when =
      note.changed === undefined
        ? made
        : fill(words.changed, { made, changed: moment(this.#language, new Date(note.changed)) });
    return element(
      'li',
      { class: 'card note', attributes: { 'data-testid': 'note' } },
      element('p', { class: 'text', text: note.text, attributes: { dir: 'auto' } }),
      element(
        'div',
        { class: 'foot' },
        element('time', { text: when, attributes: { datetime: new Date(note.made).toISOString() } }),
        element(
          'span',
          { class: 'acts' },
          button('small', words.edit, () => this.#edit(note), `edit ${note.key}`),
          button('small', words.remove, () => this.#remove(note), `remove ${note.key}`),
        ),
      ),
    );
  }

  #edit(note: Note): void {
    this.#editing = { note, text: note.text };
    this.#failed = undefined;
    this.#draw();
    this.#place.querySelector<HTMLElement>('#edited-note')?.focus();
  }

  #remove(note: Note): void {
    this.#notebook.remove(note);
    this.#removed = note;
    this.#failed = undefined;
    this.#draw();
    this.#place.querySelector<HTMLElement>('.undo button')?.focus();
  }

  #edited(editing: { readonly note: Note; text: string }): HTMLElement {
    const words = this.#words;
    const leave = (): void => {
      this.#editing = undefined;
      this.#failed = undefined;
      this.#draw();
    };
    const keep = (): void => {
      if (editing.text.trim() === '') return;
      if (this.#settle(this.#notebook.change(editing.note, editing.text, this.#now()), 'edit')) leave();
      else this.#draw();
    };
    const [field, left] = this.#field(
      'edited-note',
      words.editing,
      editing.text,
      (text) => {
        editing.text = text;
      },
      keep,
    );
    return element(
      'li',
      { class: 'card editing', attributes: { 'data-testid': 'note' } },
      field,
      this.#full('edit'),
      element(
        'div',
        { class: 'acts' },
        button('main', words.change, keep),
        button('plain', words.cancel, leave),
        left,
      ),
    );
  }
}
