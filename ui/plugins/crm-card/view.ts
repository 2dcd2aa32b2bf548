/** The card on the page. */
import type { Agent, Contact } from '../shared/agent.ts';
import { CONTACT_EVENTS, ContactBook } from '../shared/contacts.ts';
import { element, initials, show } from '../shared/elements.ts';
import { button, introduce, notice } from '../shared/frame.ts';
import { labelOf, lineOf, whichContact } from '../shared/which.ts';
import { day, fill, nameInWords, plural, type Language } from '../shared/words.ts';
import { isNobody, seekerOf, type Case, type Customer } from './customers.ts';
import { lookUp, type Fetch, type Found } from './lookup.ts';
import { WORDS, type Words } from './words.ts';

/** More would push the customer's own record out of sight. */
const SHOWN_ATTRIBUTES = 12;

type Fact = readonly [name: string, value: string | null | undefined];

/** A list of names and values; nothing where there are no values. */
function facts(all: readonly Fact[]): HTMLElement | undefined {
  const known = all.filter((fact): fact is [string, string] => Boolean(fact[1]));
  if (known.length === 0) return undefined;
  return element(
    'dl',
    { class: 'facts' },
    ...known.flatMap(([name, value]) => [
      element('dt', { text: name }),
      element('dd', { text: value, attributes: { dir: 'auto' } }),
    ]),
  );
}

function section(title: string, ...children: readonly (Node | undefined)[]): HTMLElement {
  return element('section', {}, element('h2', { text: title }), ...children);
}

function person(name: string, under: string, tier?: string): HTMLElement {
  return element(
    'header',
    { class: 'person' },
    element('span', { class: 'avatar', text: initials(name), attributes: { 'aria-hidden': 'true' } }),
    element('h1', { text: name, attributes: { dir: 'auto' } }),
    tier === undefined
      ? element('span')
      : element('span', { class: `pill ${tier.toLowerCase() === 'gold' ? 'gold' : ''}`.trim(), text: tier }),
    element('p', { class: 'under', text: under, attributes: { dir: 'auto' } }),
  );
}

/** What the flow has put onto the contact. */
function told(contact: Contact, language: Language): HTMLElement | undefined {
  const words: Words = WORDS[language];
  const given = Object.keys(contact.attributes);
  // A whole whose parts are there, too, is for programs.
  const all = Object.entries(contact.attributes)
    .filter(([name]) => !given.some((other) => other.startsWith(`${name}.`)))
    .map(([name, value]): Fact => [nameInWords(name), value]);
  const list = facts(all.slice(0, SHOWN_ATTRIBUTES));
  const left = all.length - SHOWN_ATTRIBUTES;
  if (list === undefined) return undefined;
  list.classList.add('told');
  const rest =
    left > 0 ? element('p', { class: 'quiet-text', text: plural(language, words.more, left) }) : undefined;
  return section(words.told, list, rest);
}

function openCase(one: Case, language: Language): HTMLElement {
  const opened = one.opened && fill(WORDS[language].opened, { date: day(language, one.opened) });
  return element(
    'li',
    { class: 'case' },
    element('span', { text: one.title, attributes: { dir: 'auto' } }),
    element('span', { class: 'id', text: one.id }),
    opened === undefined ? undefined : element('span', { class: 'when', text: opened }),
  );
}

/** A customer's record. */
export function card(customer: Customer, contact: Contact, language: Language): HTMLElement {
  const words: Words = WORDS[language];
  const { cases, notes } = customer;
  return element(
    'article',
    { class: 'card', attributes: { 'data-testid': 'card' } },
    person(customer.name, customer.company ?? lineOf(contact, language), customer.tier),
    facts([
      ...customer.numbers.map((number): Fact => [words.number, number]),
      [words.email, customer.email],
      [words.id, customer.id],
      [words.since, customer.since && day(language, customer.since)],
    ]),
    cases.length === 0
      ? section(words.noCases)
      : section(
          plural(language, words.cases, cases.length),
          element('ul', { class: 'cases' }, ...cases.map((one) => openCase(one, language))),
        ),
    notes.length === 0
      ? undefined
      : section(
          words.notes,
          element(
            'ul',
            { class: 'remarks' },
            ...notes.map((note) => element('li', { text: note, attributes: { dir: 'auto' } })),
          ),
        ),
    told(contact, language),
  );
}

/** What is known of somebody who is in no customer file. */
export function stranger(contact: Contact, language: Language): HTMLElement {
  const words: Words = WORDS[language];
  const { name, phoneNumber, email, ID } = contact.customer;
  return element(
    'article',
    { class: 'card', attributes: { 'data-testid': 'stranger' } },
    person(labelOf(contact, language), lineOf(contact, language)),
    element('p', { class: 'strip caution', text: `${words.unknown}. ${words.unknownMore}` }),
    facts([
      [words.name, name],
      [words.number, phoneNumber],
      [words.email, email],
      [words.id, ID],
    ]),
    told(contact, language),
  );
}

function matches(
  customers: readonly Customer[],
  language: Language,
  pick: (customer: Customer) => void,
): HTMLElement {
  const words: Words = WORDS[language];
  return element(
    'section',
    { class: 'card', attributes: { 'data-testid': 'several' } },
    element('h1', { text: words.several }),
    element('p', { class: 'quiet-text', text: plural(language, words.severalMore, customers.length) }),
    element(
      'ul',
      { class: 'matches' },
      ...customers.map((customer, index) => {
        const one = button('plain', '', () => pick(customer), `match ${index}`);
        one.append(
          element('strong', { text: customer.name }),
          element('span', { text: customer.company ?? customer.email ?? customer.numbers.join(', ') }),
        );
        return element('li', {}, one);
      }),
    ),
  );
}

/** The card, at work: follows the panel's contacts and looks their customers up. */
export class CrmCard {
  readonly #agent: Agent;
  readonly #place: HTMLElement;
  readonly #fetch: Fetch;
  readonly #book = new ContactBook();
  /** By who was looked for: an attribute that changes is no reason to ask again. */
  readonly #found = new Map<string, Found>();
  readonly #picked = new Map<string, Customer>();
  #language: Language = 'en';
  #begun = false;
  #running: { readonly who: string; readonly stop: AbortController } | undefined;

  constructor(agent: Agent, place: HTMLElement, fetching: Fetch) {
    this.#agent = agent;
    this.#place = place;
    this.#fetch = fetching;
  }

  /** Begins. */
  start(): Promise<void> {
    for (const event of CONTACT_EVENTS) {
      this.#agent.on(event, (payload: unknown) => {
        if (this.#book.hear(event, payload) && this.#begun) this.#draw();
      });
    }
    return introduce(this.#agent, this.#place, (contact, language) => {
      this.#language = language;
      this.#begun = true;
      this.#book.begin(contact);
      this.#draw();
    });
  }

  #draw(): void {
    this.#forgetOthers();
    const which = whichContact(this.#book, this.#language, (contactId) => {
      this.#book.choose(contactId);
      this.#draw();
    });
    show(this.#place, which, this.#body());
  }

  /** Whoever calls again later is looked up again: the record can have changed by then. */
  #forgetOthers(): void {
    const here = new Set(this.#book.all().map(({ contact }) => JSON.stringify(seekerOf(contact))));
    for (const who of [...this.#found.keys()].filter((one) => !here.has(one))) {
      this.#found.delete(who);
      this.#picked.delete(who);
    }
  }

  #body(): HTMLElement {
    const words: Words = WORDS[this.#language];
    const contact = this.#book.current()?.contact;
    if (contact === undefined) return notice('quiet', words.none, { text: words.noneMore });
    const seeker = seekerOf(contact);
    if (isNobody(seeker)) {
      return Object.keys(contact.attributes).length > 0
        ? stranger(contact, this.#language)
        : notice('quiet', words.nobody, { text: words.nobodyMore });
    }
    const who = JSON.stringify(seeker);
    const found = this.#found.get(who);
    if (found === undefined) {
      void this.#look(who, contact);
      return notice('busy', words.looking);
    }
    return this.#result(found, who, contact);
  }

  #result(found: Found, who: string, contact: Contact): HTMLElement {
    const words: Words = WORDS[this.#language];
    const picked = this.#picked.get(who);
    if (found.kind === 'one') return card(found.customer, contact, this.#language);
    if (found.kind === 'unknown') return stranger(contact, this.#language);
    if (found.kind === 'failed') {
      const act = button('main', words.again, () => {
        this.#found.delete(who);
        this.#draw();
      });
      return notice('failure', words.failed, { text: fill(words[found.why], { detail: found.detail }), act });
    }
    if (picked === undefined) {
      return matches(found.customers, this.#language, (customer) => {
        this.#picked.set(who, customer);
        this.#draw();
      });
    }
    const shown = card(picked, contact, this.#language);
    const others = button('small', words.others, () => {
      this.#picked.delete(who);
      this.#draw();
    });
    shown.append(others);
    return shown;
  }

  async #look(who: string, contact: Contact): Promise<void> {
    if (this.#running?.who === who) return;
    this.#running?.stop.abort();
    const running = { who, stop: new AbortController() };
    this.#running = running;
    const template = this.#agent.settings['lookup_url'] ?? '';
    const found = await lookUp(this.#fetch, template, seekerOf(contact), running.stop.signal);
    // Another contact came in the meantime: whoever is meant now is being looked for already.
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#found.set(who, found);
    this.#draw();
  }
}
