import { readFileSync } from 'node:fs';

import { waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { find, narrow, readCustomers, seekerOf, type Customer } from '../../plugins/crm-card/customers.ts';
import { addressFor, lookUp, type Fetch } from '../../plugins/crm-card/lookup.ts';
import { CrmCard } from '../../plugins/crm-card/view.ts';
import { contact, FakePanel, HOSTILE, page } from './agent.ts';

const FILE = readFileSync('plugins/crm-card/customers.json', 'utf8');
const customers = readCustomers(JSON.parse(FILE)) as Customer[];
const names = (found: readonly Customer[]): string[] => found.map((customer) => customer.name);

const answering = (body: unknown, status = 200): Fetch =>
  vi.fn(() =>
    Promise.resolve(
      new Response(status === 204 ? null : typeof body === 'string' ? body : JSON.stringify(body), {
        status,
      }),
    ),
  );
const never = new AbortController().signal;

describe('the customer file', () => {
  it('knows everybody whom the demo platforms bring', () => {
    // Names and numbers as the simulators' demo scripts have them.
    const folder = '../src-tauri/crates/simulators/src';
    const text = [
      'amazon_connect/demo.rs',
      'amazon_connect/chat_demo.rs',
      'expertflow/demo.rs',
      'twin24/demo_cast.rs',
    ]
      .map((path) => readFileSync(`${folder}/${path}`, 'utf8'))
      .join('\n');
    const cast = [...text.matchAll(/^\s+name: "([^"]+)",\n(?:\s+number: "([^"]+)",\n)?/gmu)];
    expect(cast.length, 'the scripts were found').toBeGreaterThan(12);
    for (const [, name = '', number] of cast) {
      const seeker = seekerOf(contact('c', { customer: { name, phoneNumber: number ?? null } }));
      expect(names(find(customers, seeker)), `${name}, ${number ?? 'by name'}`).toEqual([name]);
    }
  });

  it('tells people with one number apart by name, and else asks', () => {
    const shared = { number: '+1 (202) 555-0123' };
    expect(names(find(customers, { ...shared, name: 'chris  SAMPLE' }))).toEqual(['Chris Sample']);
    expect(names(find(customers, shared)), 'both, without a name').toEqual(['Ana Example', 'Chris Sample']);
    expect(
      names(find(customers, { ...shared, name: 'Wife of Ana' })),
      'both, with another name',
    ).toHaveLength(2);
  });

  it('looks by id, number, address and name, in this order', () => {
    expect(names(find(customers, { id: 'C-1002', number: '+12025550145' })), 'id first').toEqual([
      'Ben Sample',
    ]);
    expect(names(find(customers, { number: '02079460958', name: 'Ana Example' })), 'then number').toEqual([
      'Ben Sample',
    ]);
    expect(
      names(find(customers, { number: '+4917099', email: 'HANA@translations.example' })),
      'then e-mail',
    ).toEqual(['Hana Specimen']);
    expect(names(find(customers, { name: 'мария кузнецова' })), 'then name').toEqual(['Мария Кузнецова']);
    expect(find(customers, { number: '+4917099' }), 'and sometimes nobody').toEqual([]);
  });

  it('takes what it can of a record, and nothing of the wrong type', () => {
    const read = readCustomers([
      null,
      5,
      [],
      { company: 'without a name' },
      {
        name: { first: 'Ana' },
        email: 'ana@post.example',
        numbers: ['1', 2, {}],
        tier: 5,
        cases: 'many',
        notes: 'one',
      },
      { name: 'Ben', since: 'yesterday', cases: [{ title: 'x' }, { id: 7 }, null], notes: [1, ' ', null] },
    ]);
    expect(read, 'two of them').toEqual([
      {
        name: 'ana@post.example',
        numbers: ['1', '2'],
        email: 'ana@post.example',
        tier: '5',
        cases: [],
        notes: ['one'],
      },
      { name: 'Ben', numbers: [], cases: [{ id: '', title: 'x' }], notes: ['1'] },
    ]);
    expect(readCustomers({ name: 'One' }), 'one object is a list of one').toHaveLength(1);
    expect(readCustomers(null), 'null is nobody').toEqual([]);
    expect(readCustomers('text'), 'text is no answer').toBeUndefined();
  });

  it('narrows only by names that tell apart', () => {
    const both = customers.slice(0, 2);
    expect(narrow(both, { name: 'Nobody' }), 'a name that fits none').toBe(both);
    expect(narrow(both, {}), 'no name').toBe(both);
  });
});

describe('the address', () => {
  const seeker = { number: '+1 (202) 555-0123', name: 'Ana & Co/..?#', email: 'a@b.example' };

  it('has values in it as values', () => {
    expect(addressFor('https://crm.example.com/c?n={number}&q={name}', seeker)).toBe(
      'https://crm.example.com/c?n=12025550123&q=Ana%20%26%20Co%2F..%3F%23',
    );
    expect(
      addressFor('https://crm.example.com/c?id={id}&n={number}', seeker),
      'what is not known is empty',
    ).toBe('https://crm.example.com/c?id=&n=12025550123');
    expect(
      addressFor('https://crm.example.com/c?id={id}', seeker),
      'nothing known of what it asks',
    ).toBeUndefined();
    expect(addressFor('http://localhost:3000/{email}', seeker), 'http on this computer').toBe(
      'http://localhost:3000/a%40b.example',
    );
  });

  it.each([
    'http://crm.example.com/{number}',
    'https://{name}.example.com/',
    'https://crm.example.com{name}/',
    'file:///etc/{name}',
    'javascript:{name}',
    'crm.example.com/{number}',
    '{name}',
  ])('%s is refused', async (template) => {
    const fetching = answering([]);
    const found = await lookUp(fetching, template, { ...seeker, name: 'evil' }, never);
    expect(found, 'for the address').toMatchObject({ kind: 'failed', why: 'address' });
    expect(fetching, 'nobody is asked').not.toHaveBeenCalled();
  });
});

describe('looking up', () => {
  const template = 'https://crm.example.com/c?n={number}';
  const ask = (fetching: Fetch): ReturnType<typeof lookUp> =>
    lookUp(fetching, template, { number: '+12025550123' }, never);

  it('asks the file beside the page unless there is an address', async () => {
    const fetching = answering(FILE);
    const found = await lookUp(fetching, ' ', { number: '+442079460958' }, never);
    expect(found, 'found there').toMatchObject({ kind: 'one', customer: { name: 'Ben Sample' } });
    expect(fetching, 'nothing leaves the computer').toHaveBeenCalledWith(
      './customers.json',
      expect.anything(),
    );
  });

  it('takes the answer as it is, without sending cookies', async () => {
    const fetching = answering({ name: 'From the CRM', numbers: ['999'] });
    expect(await ask(fetching), 'whoever it names').toMatchObject({
      kind: 'one',
      customer: { name: 'From the CRM' },
    });
    expect(fetching).toHaveBeenCalledWith(
      'https://crm.example.com/c?n=12025550123',
      expect.objectContaining({ credentials: 'omit' }),
    );
    expect(await ask(answering([{ name: 'A' }, { name: 'B' }])), 'several').toMatchObject({
      kind: 'several',
    });
  });

  it.each([
    ['nobody', answering([]), { kind: 'unknown' }],
    ['not found', answering('no such page', 404), { kind: 'unknown' }],
    ['no content', answering('', 204), { kind: 'unknown' }],
    ['a refusal', answering('', 503), { kind: 'failed', why: 'refused', detail: '503' }],
    ['a login page', answering('<!doctype html>'), { kind: 'failed', why: 'answer' }],
    ['a text', answering('"hello"'), { kind: 'failed', why: 'answer' }],
    ['half a megabyte', answering(' '.repeat(600_000)), { kind: 'failed', why: 'answer' }],
    ['no network', vi.fn(() => Promise.reject(new TypeError('blocked'))), { kind: 'failed', why: 'silence' }],
  ] as const)('%s', async (_, fetching, result) => {
    expect(await ask(fetching as Fetch), 'is told as what it is').toMatchObject(result);
  });

  it('does not wait for ever', async () => {
    vi.useFakeTimers();
    const asked = ask(
      (_, { signal }) =>
        new Promise((_done, fail) => signal!.addEventListener('abort', () => fail(new Error('aborted')))),
    );
    await vi.advanceTimersByTimeAsync(8_000);
    vi.useRealTimers();
    expect(await asked, 'eight seconds').toMatchObject({ kind: 'failed', why: 'silence' });
  });
});

describe('the card', () => {
  let panel: FakePanel;
  let place: HTMLElement;
  const start = (fetching: Fetch): Promise<void> => new CrmCard(panel.agent, place, fetching).start();
  const seen = (test: string): Promise<HTMLElement> =>
    waitFor(() => {
      const found = place.querySelector<HTMLElement>(test);
      if (found === null) throw new Error(`no ${test} in ${place.textContent}`);
      return found;
    });

  beforeEach(() => {
    panel = new FakePanel();
    place = page();
  });

  it('has nobody to show, then looks up, then shows', async () => {
    await start(answering(FILE));
    expect(place.textContent, 'nobody yet').toContain('No contact yet');
    panel.tell('incoming_call', { contact: contact('c-1', { attributes: { orderNumber: 'A-10442' } }) });
    expect(place.textContent, 'says what is going on').toContain('Looking up');
    const card = await seen('[data-testid=card]');
    expect(card.querySelector('h1')?.textContent, 'name').toBe('Ana Example');
    for (const text of [
      'Example Interiors',
      'Gold',
      '+12025550123',
      'C-1001',
      '2 open cases',
      'Signs for orders',
    ]) {
      expect(card.textContent, text).toContain(text);
    }
    expect(card.textContent, 'what the flow has told').toContain('A-10442');
  });

  it('shows the current contact that init was answered with, in Russian', async () => {
    panel.contact = contact('c-1', { channel: 'CHAT', customer: { name: 'Мария Кузнецова' } });
    panel.language = 'ru';
    await start(answering(FILE));
    const card = await seen('[data-testid=card]');
    expect(card.textContent, 'in the panel’s language').toContain('1 открытый вопрос');
  });

  it('shows what is known of somebody who is in no file', async () => {
    panel.contact = contact('c-1', {
      customer: { phoneNumber: '+491701234567' },
      attributes: { tier: 'gold' },
    });
    await start(answering(FILE));
    const shown = await seen('[data-testid=stranger]');
    expect(shown.textContent, 'said').toContain('Not in the customer file');
    expect(shown.textContent, 'the number').toContain('+491701234567');
    expect(shown.textContent, 'and attributes').toContain('gold');
  });

  it('asks who it is when several fit, and goes back', async () => {
    panel.contact = contact('c-1', { customer: { phoneNumber: '+12025550123' } });
    await start(answering(FILE));
    const choice = await seen('[data-testid=several]');
    [...choice.querySelectorAll('button')].find((one) => one.textContent?.includes('Chris'))!.click();
    expect((await seen('[data-testid=card]')).querySelector('h1')?.textContent, 'that one').toBe(
      'Chris Sample',
    );
    [...place.querySelectorAll('button')].at(-1)!.click();
    expect(place.querySelector('[data-testid=several]'), 'the choice again').not.toBeNull();
  });

  it('tells a failure and tries again', async () => {
    panel.contact = contact('c-1');
    panel.settings = { lookup_url: 'https://crm.example.com/{number}' };
    const fetching = vi
      .fn<Fetch>()
      .mockResolvedValueOnce(new Response('', { status: 500 }))
      .mockResolvedValueOnce(new Response('{"name":"Ana from the CRM"}'));
    await start(fetching);
    const failed = await seen('[role=alert]');
    expect(failed.textContent, 'with its cause').toContain('refused (status 500)');
    failed.querySelector('button')!.click();
    expect((await seen('[data-testid=card]')).textContent, 'the second try').toContain('Ana from the CRM');
  });

  it('does not show whoever was looked for before', async () => {
    const answers: ((response: Response) => void)[] = [];
    await start(() => new Promise((resolve) => answers.push(resolve)));
    panel.tell('incoming_call', { contact: contact('c-1') });
    panel.tell('incoming_call', { contact: contact('c-2', { customer: { phoneNumber: '+442079460958' } }) });
    expect(answers.length, 'both were asked for').toBe(2);
    answers[0]!(new Response(FILE));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(place.textContent, 'a late answer is not shown').toContain('Looking up');
    panel.tell('contact_updated', {
      contact: contact('c-2', { customer: { phoneNumber: '+442079460958' }, attributes: { a: 'b' } }),
    });
    expect(answers.length, 'and nobody is asked for again').toBe(2);
    answers[1]!(new Response(FILE));
    expect((await seen('[data-testid=card]')).textContent, 'the second').toContain('Ben Sample');
  });

  it('asks once for a customer, however often the contact changes, and anew for the next contact', async () => {
    const fetching = vi.fn<Fetch>(() => Promise.resolve(new Response(FILE)));
    await start(fetching);
    panel.tell('incoming_call', { contact: contact('c-1') });
    await seen('[data-testid=card]');
    panel.tell('contact_updated', { contact: contact('c-1', { attributes: { note: 'new' } }) });
    expect((await seen('[data-testid=card]')).textContent, 'the change is shown').toContain('new');
    expect(fetching, 'without asking again').toHaveBeenCalledTimes(1);
    panel.tell('after_call_work_end', { contactId: 'c-1' });
    panel.tell('incoming_call', { contact: contact('c-2') });
    await seen('[data-testid=card]');
    expect(fetching, 'the record can have changed by now').toHaveBeenCalledTimes(2);
  });

  it('lets the agent choose among contacts', async () => {
    panel.contact = contact('c-1');
    await start(() => Promise.resolve(new Response(FILE)));
    await seen('[data-testid=card]');
    expect(place.querySelector('.choice'), 'no choice of one').toBeNull();
    panel.tell('contact_updated', {
      contact: contact('c-2', { channel: 'CHAT', customer: { name: 'Hana Specimen' } }),
    });
    await waitFor(() => expect(place.querySelector('h1')?.textContent).toBe('Hana Specimen'));
    place.querySelector<HTMLElement>('.choice button')!.click();
    expect(place.querySelector('article h1')?.textContent, 'the first one').toBe('Ana Example');
    expect(place.querySelector('[aria-pressed=true]')?.textContent, 'and it is marked').toBe('Ana Example');
  });

  it('shows the parts of an attribute instead of its raw text, by names in words', async () => {
    const attributes = { campaignData: '<Nome>Ana</Nome>', 'campaignData.Nome': 'Ana', orderNumber: 'A-1' };
    panel.contact = contact('c-1', { attributes });
    await start(answering(FILE));
    const told = (await seen('[data-testid=card]')).querySelector('.told')?.textContent;
    expect(told).toContain('Campaign data › NomeAna');
    expect(told).toContain('Order numberA-1');
    expect(told, 'the whole is for programs').not.toContain('<Nome>');
  });

  it('shows hostile text as text', async () => {
    panel.contact = contact('c-1', { attributes: { [HOSTILE]: HOSTILE }, customer: { name: HOSTILE } });
    panel.settings = { lookup_url: 'https://crm.example.com/{name}' };
    const record = {
      name: HOSTILE,
      company: HOSTILE,
      tier: HOSTILE,
      notes: [HOSTILE],
      cases: [{ title: HOSTILE }],
    };
    await start(answering(record));
    const card = await seen('[data-testid=card]');
    expect(card.querySelector('img, script'), 'nothing of it became an element').toBeNull();
    expect(card.textContent?.split(HOSTILE).length, 'all seven are read as they were written').toBe(8);
    expect((window as { harmed?: number }).harmed, 'and nothing ran').toBeUndefined();
  });
});
