/** The form on the page. */
import type { Agent, SmartAgentError } from '../shared/agent.ts';
import { CONTACT_EVENTS, ContactBook } from '../shared/contacts.ts';
import { element, initials, show } from '../shared/elements.ts';
import { button, introduce, notice } from '../shared/frame.ts';
import type { Shelf } from '../shared/storage.ts';
import { labelOf, lineOf } from '../shared/which.ts';
import { fill, plural, type Language } from '../shared/words.ts';
import {
  attributesOf,
  Drafts,
  Due,
  EMPTY,
  LONGEST_NOTE,
  missing,
  RESULTS,
  saved,
  topicsOf,
  type Answers,
  type Result,
} from './form.ts';
import { WORDS, type Words } from './words.ts';

/** Fewer than that are told. */
const NEAR_THE_END = 200;

type Stage = 'writing' | 'saving' | 'saved';

/** The form, at work: opens when a contact is over and goes when it is put away. */
export class DispositionForm {
  readonly #agent: Agent;
  readonly #place: HTMLElement;
  readonly #drafts: Drafts;
  readonly #now: () => number;
  readonly #book = new ContactBook();
  readonly #due = new Due(this.#book);
  #language: Language = 'en';
  #begun = false;
  /** Whom the form on the page is about. It stays until it is saved or the contact goes, whatever else ends. */
  #shown: string | undefined;
  #answers: Answers = EMPTY;
  #stage: Stage = 'writing';
  #failure: string | undefined;
  /** The agent has tried to save: from then on what is missing is said. */
  #tried = false;

  constructor(agent: Agent, place: HTMLElement, shelf: Shelf | undefined, now: () => number) {
    this.#agent = agent;
    this.#place = place;
    this.#drafts = new Drafts(shelf);
    this.#now = now;
  }

  /** Begins. */
  start(): Promise<void> {
    for (const event of CONTACT_EVENTS) {
      this.#agent.on(event, (payload: unknown) => {
        const changed = this.#book.hear(event, payload);
        if ((this.#due.hear(event, payload) || changed) && this.#begun) this.#follow();
      });
    }
    return introduce(this.#agent, this.#place, (contact, language) => {
      this.#language = language;
      this.#begun = true;
      this.#book.begin(contact);
      this.#due.begin();
      this.#follow(true);
    });
  }

  get #words(): Words {
    return WORDS[this.#language];
  }

  /** Goes on to whichever contact waits, or away. */
  #follow(first = false): void {
    const due = this.#due.all();
    if (this.#shown !== undefined && due.includes(this.#shown)) return this.#refreshHead();
    const next = due[0];
    const opened = this.#shown === undefined;
    if (next === undefined) {
      this.#shown = undefined;
      this.#draw();
      if (!opened) this.#tell(this.#agent.hidePlugin());
      return;
    }
    this.#open(next);
    if (opened || first) this.#tell(this.#agent.showPlugin());
  }

  #open(contactId: string): void {
    const before = saved(this.#book.entry(contactId)?.contact);
    const draft = this.#drafts.read(contactId);
    this.#shown = contactId;
    this.#answers = draft ?? before ?? EMPTY;
    this.#stage = draft === undefined && before !== undefined ? 'saved' : 'writing';
    this.#failure = undefined;
    this.#tried = false;
    this.#draw();
  }

  /** To be seen or not is a wish: a panel that refuses it changes nothing about the form. */
  #tell(wish: Promise<void>): void {
    wish.catch(() => undefined);
  }

  #draw(): void {
    const words = this.#words;
    if (this.#shown === undefined) {
      show(this.#place, notice('quiet', words.waiting, { text: words.waitingMore }));
      return;
    }
    show(this.#place, this.#head(), this.#stage === 'saved' ? this.#summary() : this.#form(), this.#others());
  }

  /** The form itself stays as it is: the agent is writing in it. */
  #refreshHead(): void {
    this.#place.querySelector('header')?.replaceWith(this.#head());
    this.#place.querySelector('.others')?.remove();
    const others = this.#others();
    if (others !== undefined) this.#place.append(others);
  }

  #head(): HTMLElement {
    const contact = this.#shown === undefined ? undefined : this.#book.entry(this.#shown)?.contact;
    const name = contact === undefined ? this.#words.unnamed : labelOf(contact, this.#language);
    const under = contact === undefined ? '' : lineOf(contact, this.#language);
    return element(
      'header',
      { class: 'person' },
      element('span', { class: 'avatar', text: initials(name), attributes: { 'aria-hidden': 'true' } }),
      element('h1', { text: name, attributes: { dir: 'auto' } }),
      element('span'),
      element('p', { class: 'under', text: under }),
    );
  }

  #others(): HTMLElement | undefined {
    const left = this.#due.all().length - 1;
    if (left < 1) return undefined;
    return element('p', {
      class: 'strip caution others',
      text: plural(this.#language, this.#words.more, left),
      attributes: { role: 'status' },
    });
  }

  #form(): HTMLElement {
    const words = this.#words;
    const busy = this.#stage === 'saving';
    const lacks = this.#tried ? missing(this.#answers) : [];
    const form = element(
      'form',
      {
        class: 'card',
        attributes: { 'data-testid': 'form', novalidate: true },
        on: {
          submit: (event) => {
            event.preventDefault();
            void this.#save();
          },
          keydown: (event) => {
            const { key, ctrlKey, metaKey } = event as KeyboardEvent;
            if (key === 'Enter' && (ctrlKey || metaKey)) void this.#save();
          },
        },
      },
      this.#results(lacks.includes('result')),
      this.#topic(lacks.includes('topic')),
      this.#note(),
      this.#failure === undefined
        ? undefined
        : element('p', { class: 'strip bad', text: this.#failure, attributes: { role: 'alert' } }),
      element(
        'div',
        { class: 'send' },
        element('button', {
          class: 'main',
          text: busy ? words.saving : words.save,
          attributes: { type: 'submit', 'data-key': 'save', disabled: busy },
        }),
        element('span', { class: 'hint', text: words.keys }),
      ),
    );
    return form;
  }

  #results(wrong: boolean): HTMLElement {
    const words = this.#words;
    return element(
      'fieldset',
      {
        attributes: {
          disabled: this.#stage === 'saving',
          'aria-invalid': String(wrong),
          'aria-describedby': 'no-result',
        },
      },
      element('legend', { text: words.result }),
      element(
        'div',
        { class: 'results' },
        ...RESULTS.map((result: Result) =>
          element(
            'label',
            {},
            element('input', {
              attributes: {
                type: 'radio',
                name: 'result',
                value: result,
                'data-key': result,
                checked: this.#answers.result === result,
              },
              on: { change: () => this.#change({ result }) },
            }),
            element('span', { text: words.results[result] }),
          ),
        ),
      ),
      element('p', {
        class: 'wrong',
        text: wrong ? words.needResult : '',
        attributes: { id: 'no-result', role: 'alert' },
      }),
    );
  }

  #topic(wrong: boolean): HTMLElement {
    const words = this.#words;
    const { topic } = this.#answers;
    const offered = topicsOf(this.#agent.settings['topics'], words.topics);
    // One of an earlier time, which the settings do not have any more, is not lost by opening the form.
    const topics = topic === '' || offered.includes(topic) ? offered : [...offered, topic];
    return element(
      'div',
      { class: 'field' },
      element('label', { text: words.topic, attributes: { for: 'topic' } }),
      element(
        'select',
        {
          attributes: {
            id: 'topic',
            'data-key': 'topic',
            'aria-invalid': String(wrong),
            'aria-describedby': 'no-topic',
            disabled: this.#stage === 'saving',
          },
          on: { change: (event) => this.#change({ topic: (event.target as HTMLSelectElement).value }) },
        },
        element('option', { text: words.choose, attributes: { value: '', selected: topic === '' } }),
        ...topics.map((one) =>
          element('option', { text: one, attributes: { value: one, selected: one === topic } }),
        ),
      ),
      element('p', {
        class: 'wrong',
        text: wrong ? words.needTopic : '',
        attributes: { id: 'no-topic', role: 'alert' },
      }),
    );
  }

  #note(): HTMLElement {
    const words = this.#words;
    const left = element('span', { class: 'hint', attributes: { id: 'note-left' } });
    const count = (note: string): void => {
      const room = LONGEST_NOTE - note.length;
      left.textContent = room > NEAR_THE_END ? words.noteMore : fill(words.left, { left: room });
    };
    const area = element('textarea', {
      attributes: {
        id: 'note',
        dir: 'auto',
        'data-key': 'note',
        maxlength: String(LONGEST_NOTE),
        'aria-describedby': 'note-left',
        disabled: this.#stage === 'saving',
      },
      on: {
        input: (event) => {
          const note = (event.target as HTMLTextAreaElement).value;
          count(note);
          this.#change({ note });
        },
      },
    });
    area.value = this.#answers.note;
    count(this.#answers.note);
    return element(
      'div',
      { class: 'field' },
      element('label', { text: words.note, attributes: { for: 'note' } }),
      area,
      left,
    );
  }

  #summary(): HTMLElement {
    const words = this.#words;
    const { result, topic, note } = this.#answers;
    const next = this.#due.all().find((contactId) => contactId !== this.#shown);
    return element(
      'section',
      { class: 'card summary', attributes: { 'data-testid': 'saved' } },
      element('p', { class: 'strip good', text: words.saved, attributes: { role: 'status' } }),
      element(
        'dl',
        { class: 'facts' },
        element('dt', { text: words.came }),
        element('dd', { text: result === undefined ? '' : words.results[result] }),
        element('dt', { text: words.topic }),
        element('dd', { text: topic }),
        ...(note.trim() === ''
          ? []
          : [
              element('dt', { text: words.note }),
              element('dd', { text: note, attributes: { dir: 'auto' } }),
            ]),
      ),
      element(
        'div',
        { class: 'acts' },
        next === undefined ? undefined : button('main', words.next, () => this.#goOn()),
        button('plain', words.change, () => {
          this.#stage = 'writing';
          this.#draw();
        }),
      ),
    );
  }

  #goOn(): void {
    if (this.#shown !== undefined) this.#due.done(this.#shown);
    this.#follow();
  }

  #change(part: Partial<Answers>): void {
    if (this.#shown === undefined) return;
    this.#answers = { ...this.#answers, ...part };
    this.#drafts.keep(this.#shown, this.#answers, this.#now());
    // What was missing is there: the words about it would be wrong from now on.
    if (this.#tried && part.note === undefined) this.#draw();
  }

  async #save(): Promise<void> {
    const contactId = this.#shown;
    if (contactId === undefined || this.#stage !== 'writing') return;
    this.#tried = true;
    this.#failure = undefined;
    const [first] = missing(this.#answers);
    if (first !== undefined) {
      this.#draw();
      this.#place.querySelector<HTMLElement>(first === 'result' ? '[name=result]' : '#topic')?.focus();
      return;
    }
    this.#stage = 'saving';
    this.#draw();
    let failure: string | undefined;
    try {
      await this.#agent.updateContact(attributesOf(this.#answers), contactId);
      this.#drafts.drop(contactId);
    } catch (error) {
      failure = this.#wordsFor(error as Partial<SmartAgentError>);
    }
    // The contact went while it was being saved: another one is on the page, or none.
    if (this.#shown !== contactId) return;
    this.#stage = failure === undefined ? 'saved' : 'writing';
    this.#failure = failure;
    this.#draw();
  }

  #wordsFor({ code }: Partial<SmartAgentError>): string {
    const words = this.#words;
    const known = code === 'not_allowed' || code === 'no_contact' || code === 'timeout';
    return fill(words.failed, { why: known ? words[code] : words.otherwise });
  }
}
