import { readdirSync, readFileSync } from 'node:fs';

import { waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { WORDS as CARD } from '../../plugins/crm-card/words.ts';
import { WORDS as FORM } from '../../plugins/disposition/words.ts';
import { WORDS as NOTES } from '../../plugins/call-notes/words.ts';
import { ContactBook, readContact } from '../../plugins/shared/contacts.ts';
import { initials, show, element } from '../../plugins/shared/elements.ts';
import { introduce } from '../../plugins/shared/frame.ts';
import { foldName, numberIn, sameNumber } from '../../plugins/shared/number.ts';
import type { Contact } from '../../plugins/shared/agent.ts';
import { labelOf, lineOf } from '../../plugins/shared/which.ts';
import { fill, languageOf, nameInWords, plural } from '../../plugins/shared/words.ts';
import { contact, FakePanel, page } from './agent.ts';

const ids = (book: ContactBook): string[] => book.all().map((entry) => entry.contact.contactId);
const current = (book: ContactBook): string | undefined => book.current()?.contact.contactId;

describe('the name of an attribute', () => {
  it.each([
    ['orderNumber', 'Order number'],
    ['agentIdOrigin', 'Agent id origin'],
    ['campaignData.Nome', 'Campaign data › Nome'],
    ['customer_tier', 'Customer tier'],
    ['crmURL', 'Crm URL'],
    ['tier', 'Tier'],
    ['Kundennummer (alt)', 'Kundennummer (alt)'],
    ['имя', 'имя'],
    ['<b>x</b>', '<b>x</b>'],
  ])('%s is %s', (name, words) => expect(nameInWords(name)).toBe(words));

  it('of any length stays in one piece', () => {
    const long = 'a.'.repeat(50_000);
    expect(nameInWords(long)).toBe(long);
  });
});

describe('the contacts that a plugin is about', () => {
  it('follows a call from the first ring to the end of after-contact work', () => {
    const book = new ContactBook();
    book.begin(null);
    expect(current(book), 'nobody is there').toBeUndefined();
    const call = contact('c-1', { state: 'offered' });
    expect(book.hear('incoming_call', { contact: call }), 'it rings').toBe(true);
    expect(book.hear('call_started', { contact: contact('c-1'), startedAt: '' }), 'they talk').toBe(true);
    expect(book.current()?.phase, 'open').toBe('open');
    book.hear('call_ended', { contactId: 'c-1' });
    book.hear('after_call_work', { contactId: 'c-1' });
    expect(book.current()?.phase, 'the agent is still busy with it').toBe('wrap_up');
    expect(book.hear('after_call_work_end', { contactId: 'c-1' }), 'that ends').toBe(true);
    expect(ids(book), 'nothing is left').toEqual([]);
  });

  it('follows a chat by what is told of where it stands', () => {
    const book = new ContactBook();
    const chat = (state: string) => ({ contact: contact('c-2', { channel: 'CHAT', state }) });
    book.hear('contact_updated', chat('offered'));
    book.hear('contact_updated', chat('connected'));
    expect(book.hear('contact_updated', chat('connected')), 'nothing new is no change').toBe(false);
    book.hear('contact_updated', chat('ended'));
    expect(book.current()?.phase, 'over for the customer').toBe('wrap_up');
    book.hear('contact_updated', chat('gone'));
    expect(ids(book), 'and then for the agent').toEqual([]);
  });

  it('shows what came last, unless the agent wants to see another', () => {
    const book = new ContactBook();
    book.begin(contact('c-1'));
    book.hear('contact_updated', { contact: contact('c-2', { channel: 'CHAT' }) });
    expect(current(book), 'the new one').toBe('c-2');
    book.choose('c-1');
    book.hear('contact_updated', { contact: contact('c-2', { channel: 'CHAT', attributes: { a: 'b' } }) });
    expect(current(book), 'an update of another takes nothing away').toBe('c-1');
    book.hear('incoming_call', { contact: contact('c-3', { state: 'offered' }) });
    expect(current(book), 'a new one does').toBe('c-3');
    book.choose('unknown');
    expect(current(book), 'and only what is there can be chosen').toBe('c-3');
  });

  it('keeps a missed call until somebody else is there, for nothing more is told of it', () => {
    const book = new ContactBook();
    book.hear('incoming_call', { contact: contact('c-1', { state: 'offered' }) });
    book.hear('missed_call', { contactId: 'c-1' });
    expect(current(book), 'who called can be seen').toBe('c-1');
    book.hear('incoming_call', { contact: contact('c-2', { state: 'offered' }) });
    expect(ids(book), 'until the next').toEqual(['c-2']);
  });

  it('a late attribute does not open a call that is over', () => {
    const book = new ContactBook();
    book.begin(contact('c-1'));
    book.hear('after_call_work', { contactId: 'c-1' });
    // JSON leaves out what is undefined, as a panel without the member would.
    const told = { ...contact('c-1', { attributes: { late: 'yes' } }), state: undefined };
    book.hear('contact_updated', { contact: told });
    expect(book.current()?.phase, 'still after-contact work').toBe('wrap_up');
    expect(book.current()?.contact.attributes, 'with the attribute').toEqual({ late: 'yes' });
  });

  it.each([null, 5, 'text', [], {}, { contact: null }, { contact: { contactId: '' } }, { contactId: 5 }])(
    'is not shaken by %j',
    (payload) => {
      const book = new ContactBook();
      book.begin(payload);
      expect(book.hear('contact_updated', payload), 'nothing changes').toBe(false);
      expect(book.hear('call_ended', payload), 'nothing changes').toBe(false);
      expect(ids(book), 'nobody is there').toEqual([]);
    },
  );

  it('takes from a contact only what has the right type', () => {
    const read = readContact({
      contactId: ' c-1 ',
      channel: 5,
      attributes: { good: 'yes', bad: 5, worse: { a: 1 } },
      customer: { name: 7, phoneNumber: ' +1 ', email: null },
      queue: 'Sales',
    });
    expect(read, 'the rest is as if it were not there').toEqual({
      contactId: 'c-1',
      initialContactId: 'c-1',
      channel: 'VOICE',
      attributes: { good: 'yes' },
      customer: { ID: null, name: null, phoneNumber: '+1', email: null },
    });
  });
});

describe('numbers and names', () => {
  it.each([
    ['+442079460958', '020 7946 0958', true],
    ['+442079460958', '0044 (20) 7946-0958', true],
    ['+79123456789', '8 912 345-67-89', true],
    ['+34612345678', '612 345 678', true],
    ['+12025550123', '+12025550124', false],
    ['+12025550123', '+13025550123', false],
    ['112', '112', true],
    ['112', '+49112', false],
    ['0123', '123', true],
    ['', '', false],
    ['anonymous', 'private', false],
  ])('%s and %s are the same line: %s', (one, other, same) => {
    expect(sameNumber(one, other), 'one way').toBe(same);
    expect(sameNumber(other, one), 'and the other').toBe(same);
  });

  it('what a chat calls its visitor is no number', () => {
    expect(numberIn('visitor-4711'), 'digits in a name').toBeUndefined();
    expect(numberIn('5b1d7c00-0000-4000-8000-000000000001'), 'an id').toBeUndefined();
    expect(numberIn(null), 'nothing').toBeUndefined();
    expect(numberIn(' +1 (202) 555-0123 '), 'a number').toBe('+1 (202) 555-0123');
  });

  it('names are the same however they are typed', () => {
    expect(foldName('  ANA\u00a0 Example '), 'case and spaces').toBe('ana example');
    expect(foldName('Мария  КУЗНЕЦОВА'), 'in any script').toBe('мария кузнецова');
  });

  it('initials are letters, of any script', () => {
    expect(['Ana Example', 'Мария Кузнецова', 'يوسف العلي', 'Plato', '+49170'].map(initials)).toEqual([
      'AE',
      'МК',
      'يا',
      'P',
      '?',
    ]);
  });
});

describe('texts', () => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value).map(([key, text]) => [
            key,
            // Languages differ in their plural forms, and a list has as many entries as it wants.
            typeof text === 'object' && text !== null && ('other' in text || Array.isArray(text))
              ? ''
              : shape(text),
          ]),
        )
      : '';
  const tables = { CARD, FORM, NOTES };

  it.each(Object.entries(tables))('%s has the same texts in both languages', (_, { en, ru }) => {
    expect(shape(ru), 'none is missing').toEqual(shape(en));
    const holes = (text: string): string[] => [...text.matchAll(/\{\w+\}/gu)].map(([hole]) => hole).sort();
    for (const [key, text] of Object.entries(en)) {
      const other = (ru as Record<string, unknown>)[key];
      if (typeof text === 'string')
        expect(holes(other as string), `${key} takes the same values`).toEqual(holes(text));
    }
  });

  it('has a form for every number', () => {
    const forms = {
      one: '{count} звонок',
      few: '{count} звонка',
      many: '{count} звонков',
      other: '{count} звонка',
    };
    expect([1, 2, 5, 21, 112].map((count) => plural('ru', forms, count))).toEqual([
      '1 звонок',
      '2 звонка',
      '5 звонков',
      '21 звонок',
      '112 звонков',
    ]);
  });

  it('puts values in as they are', () => {
    expect(fill('{a} and {b}', { a: '{b}', b: '$&' }), 'no value is a pattern').toBe('{b} and $&');
    expect([undefined, 'ru-RU', 'RU', 'de', 'russian'].map(languageOf), 'two languages').toEqual([
      'en',
      'ru',
      'ru',
      'en',
      'en',
    ]);
  });
});

describe('the page', () => {
  it('says so where there is no panel, and does not offer to try again', async () => {
    const panel = new FakePanel();
    panel.failure = Object.assign(new Error(), { code: 'not_embedded' });
    const begin = vi.fn();
    const place = page();
    await introduce(panel.agent, place, begin);
    expect(place.textContent, 'what to do').toContain('Settings, Plugins');
    expect(place.querySelector('button'), 'trying again would not help').toBeNull();
    expect(begin, 'nothing begins').not.toHaveBeenCalled();
  });

  it('tries again when the panel did not answer', async () => {
    const panel = new FakePanel();
    panel.failure = Object.assign(new Error(), { code: 'timeout' });
    const begin = vi.fn();
    const place = page();
    await introduce(panel.agent, place, begin);
    expect(place.querySelector('[role=alert]')?.textContent, 'said').toContain('does not answer');
    panel.failure = undefined;
    panel.language = 'ru';
    place.querySelector('button')!.click();
    await waitFor(() => expect(begin).toHaveBeenCalledWith(null, 'ru'));
    expect(document.documentElement.lang, 'the page is in the panel’s language').toBe('ru');
  });

  it('leaves the keyboard where it was when it is drawn anew', () => {
    const place = page();
    const draw = (): void =>
      show(place, ...['a', 'b'].map((key) => element('button', { attributes: { 'data-key': key } })));
    draw();
    place.querySelector<HTMLElement>('[data-key=b]')!.focus();
    draw();
    expect((document.activeElement as HTMLElement).dataset['key'], 'on the same button').toBe('b');
  });
});

describe('the folders', () => {
  const names = ['crm-card', 'disposition', 'call-notes'];
  const read = (name: string, file: string): string => readFileSync(`plugins/${name}/${file}`, 'utf8');

  it.each(names)('%s has a manifest in order, which asks for no more than it uses', (name) => {
    const manifest = JSON.parse(read(name, 'plugin.json')) as Record<string, unknown>;
    expect(manifest['id'], 'its id is its folder').toBe(name);
    const source = readdirSync(`plugins/${name}`)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(name, file))
      .join('\n');
    const needed = ['contacts', ...(source.includes('.updateContact(') ? ['annotate'] : [])];
    expect(manifest['permissions'], 'what its source calls').toEqual(needed);
    for (const { key } of (manifest['settings'] ?? []) as { key: string }[]) {
      expect(source.includes(`settings['${key}']`), `${key} is read`).toBe(true);
    }
  });

  it.each(names)('%s loads nothing from elsewhere and runs nothing inline', (name) => {
    const html = new DOMParser().parseFromString(read(name, 'index.html'), 'text/html');
    const scripts = [...html.querySelectorAll('script')];
    expect(
      scripts.map((script) => script.textContent),
      'no inline script',
    ).toEqual(['']);
    const addresses = [...html.querySelectorAll('[src], [href]')].map(
      (one) => one.getAttribute('src') ?? one.getAttribute('href'),
    );
    expect(addresses, 'its own files').toEqual(['./style.css', './main.ts']);
    const written = [read(name, 'style.css'), readFileSync('plugins/shared/look.css', 'utf8')].join('\n');
    expect(/url\(|https?:/u.test(written), 'no file from anywhere in the styles').toBe(false);
  });
});

describe('what a contact is called', () => {
  it('goes by name, number, address or medium', () => {
    const called = (customer: Contact['customer'], channel = 'CHAT'): string =>
      labelOf(contact('c', { customer, channel }), 'ru');
    expect([
      called({ name: 'Ana', phoneNumber: '1' }),
      called({ phoneNumber: '1', email: 'a@b' }),
      called({ email: 'a@b' }),
      called({}),
      called({}, 'FAX'),
    ]).toEqual(['Ana', '1', 'a@b', 'Чат', 'FAX']);
    expect(lineOf(contact('c', { channel: 'TASK' }), 'en'), 'medium and queue').toBe('Task · Sales');
  });
});
