import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { searchDelay } from '../src/lib/desk/pages.svelte';
import type { Desk } from '../src/lib/desk/desk.svelte';
import * as e from '../src/lib/host/event-fixtures';
import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import type { State } from '../src/lib/host/states';
import type { Change, DeskSnapshot, FoundEvent } from '../src/lib/rpc/gen';
import { settle, show, watchClipboard } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
const rows = (): HTMLElement[] => screen.queryAllByTestId('event');
const ids = (): (string | undefined)[] => rows().map((row) => row.dataset['event']);
const row = (id: string): HTMLElement => {
  const found = rows().find((one) => one.dataset['event'] === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};
async function press(element: HTMLElement | string): Promise<void> {
  await fireEvent.click(typeof element === 'string' ? byId(element) : element);
  await settle();
}
const open = (id: string): Promise<void> => press(within(row(id)).getByTestId('event-open'));
async function search(words: string): Promise<void> {
  await fireEvent.input(byId('events-search'), { target: { value: words } });
  await new Promise((resolve) => setTimeout(resolve, searchDelay + 30));
  await settle();
}
const list = (change: Partial<DeskSnapshot> = {}, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot({ accounts: [e.teller()], ...change }),
  show: 'events',
  kept: [],
  ...rest,
});
async function patch(host: MemoryHost, desk: Desk, ...changes: Change[]): Promise<void> {
  const from = desk.snapshot?.revision ?? 0;
  host.push({ kind: 'patch', value: { from, to: from + 1, changes } });
  await settle();
}
const pop = (id: string, unread = false): ReturnType<typeof e.event> => e.event(20, { id }, { unread });

describe('the tab of events', () => {
  it('is there only where a platform tells events', async () => {
    await show('available');
    none('tab-events');
    document.body.innerHTML = '';
    // Asked for all the same, it leads to the contacts.
    await show({ window: 'panel', snapshot: f.snapshot(), show: 'event/account-1/x' });
    none('tab-events');
    expect(byId('no-contacts')).toBeVisible();
  });

  it('counts what nobody has looked at, and no further than anybody counts', async () => {
    const many = Array.from({ length: 150 }, (_, at) => pop(`many-${at}`, true));
    const { host, desk } = await show(list({ events: e.events() }, { show: 'contacts' }));
    expect(byId('tab-events')).toHaveAccessibleName(/Events 3 Unread/);
    await patch(host, desk, ...many.map((value): Change => ({ kind: 'event', value })));
    expect(byId('tab-events')).toHaveTextContent('99+');
  });
});

describe('the list', () => {
  it('shows what cannot be trusted as text, and lives with an event that says nothing', async () => {
    const { container } = await show('events-hostile');
    expect(container.querySelector('img, script, b, i')).toBeNull();
    expect(byId('event-details')).toHaveTextContent('مرحبا');
    expect(byId('event-details'), 'no link').not.toContainElement(screen.queryByTestId('fact-link'));
    document.body.innerHTML = '';
    await show('events-bare');
    expect(rows()[0]).toHaveTextContent('Screen pop for a call');
    expect(byId('event-details')).toHaveTextContent('The platform told nothing more about it.');
    expect(byId('event-details').textContent).not.toMatch(/null|undefined|\{/);
  });

  it('lives with values of any length and times that no calendar has', async () => {
    const value = 'v'.repeat(100_000);
    const fields = [
      { name: 'note', value },
      { name: 'n'.repeat(100_000), value: 'x' },
    ];
    const odd = e.event(1, { id: 'odd', at: 9e18, fields }, { arrived: -9e18 });
    await show(list({ events: [odd] }));
    await open('odd');
    const note = screen.getAllByTestId('fact').find((one) => one.textContent.startsWith('Note'));
    expect(note?.textContent.length, 'cut at first').toBeLessThan(300);
    await press(within(note as HTMLElement).getByTestId('fact-more'));
    expect(note?.textContent.length, 'longer on demand, never endless').toBeGreaterThan(9000);
    expect(note?.textContent.length).toBeLessThan(11_000);
    expect(note).toHaveTextContent('Copy takes all of it.');
    const writeText = watchClipboard();
    await press(within(note as HTMLElement).getByTestId('fact-copy'));
    expect(writeText).toHaveBeenCalledWith(value);
    expect(byId('event-details')).toHaveTextContent('not known');
  });

  it('has the newest of all accounts first, and says whose where there are several', async () => {
    const other = e.teller({ id: 'olos-2', name: 'Contoso Inbound' });
    const events = [pop('a'), e.event(10, { id: 'b' }, { account: 'olos-2' }), pop('c')];
    await show(list({ accounts: [e.teller(), other], events }));
    expect(ids()).toEqual(['c', 'b', 'a']);
    expect(row('b')).toHaveTextContent('Contoso Inbound');
    document.body.innerHTML = '';
    await show(list({ events }));
    expect(row('a')).not.toHaveTextContent('Contoso');
  });

  it('is narrowed to a sort, with counts', async () => {
    await show('events');
    expect(byId('events-filter-all')).toHaveTextContent('All 12');
    expect(byId('events-filter-third_party')).toHaveTextContent('Partner systems 2');
    await press('events-filter-third_party');
    expect(rows().map((one) => one.dataset['sort'])).toEqual(['third_party', 'third_party']);
    expect(byId('events-filter-third_party')).toHaveAttribute('aria-pressed', 'true');
    await press('events-filter-all');
    expect(rows()).toHaveLength(12);
  });

  it('opens an event whole, once, and marks it as read', async () => {
    const { host } = await show(list({ events: [pop('read'), pop('a/b c', true)] }, { pages: [] }));
    expect(within(row('a/b c')).getByTestId('event-open')).toHaveAttribute('aria-expanded', 'false');
    await open('a/b c');
    expect(host.asked('events_seen')).toEqual([{ account: 'olos-1', until: 'a/b c', alone: true }]);
    for (const words of ['Campaign data › Nome', 'Priority campaign', 'Yes', 'ScreenPopVoice', 'Contoso'])
      expect(byId('event-details'), words).toHaveTextContent(words);
    await open('read');
    expect(host.asked('events_seen'), 'what is read already is not told again').toHaveLength(1);
    expect(screen.getAllByTestId('event-details'), 'one at a time').toHaveLength(1);
    await open('read');
    none('event-details');
  });

  it('shows a dozen details and then all of them, and finds one among them', async () => {
    await show('events-opened');
    const details = within(byId('event-details'));
    expect(details.getByTestId('attributes-more')).toHaveTextContent('Show all 18');
    const count = details.getAllByTestId('fact').length;
    await press(details.getByTestId('attributes-more'));
    expect(details.getAllByTestId('fact').length).toBe(count + 6);
    await userEvent.setup().type(details.getByTestId('attributes-search'), 'spring');
    expect(within(byId('attributes')).getAllByTestId('fact')).toHaveLength(1);
  });

  it('opens pages and addresses in the browser', async () => {
    const { host } = await show('events-opened');
    const [page] = screen.getAllByTestId('page-open') as [HTMLElement];
    await press(page);
    const event = { account: 'olos-1', event: rows()[0]?.dataset['event'] };
    expect(host.asked('event_pops')).toEqual([{ event }]);
    expect(host.asked('event_pop_open')).toEqual([{ event, page: 'crm' }]);
    host.answers.event_pop_open = () => {
      throw rpcError('not_possible', 'error_event_gone');
    };
    await press(page);
    expect(byId('page-problem')).toHaveTextContent('Customer record could not be opened.');
    await press('fact-link');
    expect(host.asked('link_open')).toEqual([{ address: 'https://crm.example/customers/10' }]);
  });

  it('marks all as read, of each account that has something unread', async () => {
    const accounts = [e.teller(), e.teller({ id: 'olos-2' }), e.teller({ id: 'olos-3' })];
    const of = (account: string, id: string, unread: boolean): ReturnType<typeof e.event> =>
      e.event(5, { id }, { account, unread });
    const events = [
      of('olos-1', 'a', true),
      of('olos-2', 'b', true),
      of('olos-3', 'c', false),
      of('olos-1', 'd', false),
    ];
    const { host, desk } = await show(list({ accounts, events }));
    await press('events-read-all');
    expect(host.asked('events_seen')).toEqual([
      { account: 'olos-1', until: 'd', alone: false },
      { account: 'olos-2', until: 'b', alone: false },
    ]);
    await patch(
      host,
      desk,
      ...events.map((view): Change => ({ kind: 'event', value: { ...view, unread: false } })),
    );
    none('events-read-all');
  });

  it('that cannot mark as read says so and keeps the mark', async () => {
    const { host } = await show(list({ events: [pop('a', true)] }));
    host.answers.events_seen = () => {
      throw rpcError('unavailable', 'error_unavailable', true);
    };
    await open('a');
    expect(byId('notice-text')).toHaveTextContent('Not available right now');
    expect(row('a')).toHaveAttribute('data-unread');
  });

  it('renders a hundred at first', async () => {
    const events = Array.from({ length: 240 }, (_, at) => pop(`e-${at}`));
    const { host } = await show(list({ events }, { kept: e.olderEvents(3) }));
    expect(rows()).toHaveLength(100);
    expect(host.asked('events_find'), 'what is further below is not read yet').toEqual([]);
    await press('events-shown-more');
    await press('events-shown-more');
    expect(rows()).toHaveLength(240);
    await press('events-older-show');
    expect(rows(), 'pages that hold only present ones are passed over').toHaveLength(243);
    expect(host.asked('events_find').map(({ offset }) => offset)).toEqual([0, 50, 100, 150, 200]);
  });
});

describe('older events', () => {
  it('that cannot be read say why, and are read again', async () => {
    const { host } = await show('events-older-failed');
    expect(rows().length, 'the present ones are there').toBeGreaterThan(5);
    expect(byId('events-failed')).toHaveTextContent('Older events could not be read.');
    host.answers.events_find = () => e.olderEvents(2);
    await press('events-retry');
    none('events-failed');
    expect(ids()).toContain('older-1');
  });

  it('stand below the present ones, each once', async () => {
    const { host } = await show(list({ events: [pop('now')] }, { kept: e.olderEvents(120) }));
    expect(within(byId('events-present')).getAllByTestId('event')).toHaveLength(1);
    expect(within(byId('events-older')).getAllByTestId('event')).toHaveLength(49);
    await press('events-more');
    await press('events-more');
    expect(rows()).toHaveLength(121);
    expect(new Set(ids()).size, 'no doubles').toBe(121);
    none('events-more');
    expect(host.asked('events_find').map(({ offset, limit }) => [offset, limit])).toEqual([
      [0, 50],
      [50, 50],
      [100, 50],
    ]);
  });

  it('of which the next page fails can be asked for again', async () => {
    const { host } = await show('events-older');
    const find = host.answers.events_find;
    host.answers.events_find = () => {
      throw rpcError('unavailable', 'error_unavailable', true);
    };
    await press('events-more');
    expect(screen.getByText('The next ones could not be read.')).toBeVisible();
    expect(rows(), 'those that are there stay').toHaveLength(50);
    Object.assign(host.answers, { events_find: find });
    await press('events-more');
    expect(rows()).toHaveLength(100);
  });

  it('take in what leaves the present ones', async () => {
    const { host, desk } = await show(list({ events: [pop('first')] }));
    await patch(host, desk, { kind: 'event', value: pop('second') });
    await patch(host, desk, { kind: 'event', value: pop('third') });
    const gone = (event: string): Change => ({ kind: 'event_gone', value: { account: 'olos-1', event } });
    await patch(host, desk, gone('first'), gone('second'));
    expect(within(byId('events-present')).getAllByTestId('event')).toHaveLength(1);
    expect(ids().toSorted(), 'nothing is lost, nothing is there twice').toEqual(['first', 'second', 'third']);
  });

  it('go with their account', async () => {
    const theirs = e.event(90_000, { id: 'theirs, kept' }, { account: 'olos-2' });
    const accounts = [e.teller(), e.teller({ id: 'olos-2' })];
    const events = [pop('mine'), { ...pop('theirs'), account: 'olos-2' }];
    const { host, desk } = await show(list({ accounts, events }, { kept: [theirs] }));
    expect(ids()).toEqual(['theirs', 'mine', 'theirs, kept']);
    await patch(host, desk, { kind: 'account_gone', value: 'olos-2' });
    expect(ids()).toEqual(['mine']);
    expect(byId('events-filter-all')).toHaveTextContent('All 1');
  });

  it('of a sort are looked for on further pages', async () => {
    const calls = Array.from({ length: 60 }, (_, at) => e.plain(90_000 + at, 'ActiveCall', 'call', {}));
    const kept: FoundEvent[] = [...calls, ...e.olderEvents(1)];
    const { host } = await show(list({}, { kept }));
    host.push({ kind: 'show', value: 'contacts' });
    await settle();
    host.push({ kind: 'show', value: 'events' });
    await settle();
    expect(rows()).toHaveLength(50);
    await press('events-filter-call');
    await press('events-more');
    await press('events-filter-screen_pop');
    expect(ids()).toEqual(['older-0']);
  });

  it('that are none leave the list empty, in words', async () => {
    await show('events-empty');
    expect(byId('events-empty')).toHaveTextContent('No events yet');
    none('events-filter-all');
  });
});

describe('the search', () => {
  it('that fails says so, keeps the words and is tried again', async () => {
    const { host } = await show('events-search-failed');
    expect(byId('events-failed')).toHaveTextContent('The events could not be searched.');
    expect(byId('events-search')).toHaveValue('order');
    host.answers.events_find = () => e.olderEvents(1);
    await press('events-retry');
    expect(ids()).toEqual(['older-0']);
  });

  it('that finds nothing says for what', async () => {
    await show('events-search-none');
    expect(byId('events-none-found')).toHaveTextContent('No event has “nobody at all” in it.');
  });

  it('asks once the agent stops typing, over everything kept, page by page', async () => {
    const { host } = await show(list({ events: [pop('now')] }, { kept: e.olderEvents(120) }));
    const before = host.asked('events_find').length;
    for (const words of ['2', '20', '204', '2040'])
      await fireEvent.input(byId('events-search'), { target: { value: words } });
    expect(byId('events-loading'), 'it looks').toBeInTheDocument();
    await search('  2040 ');
    const asked = host.asked('events_find').slice(before);
    expect(asked).toEqual([{ words: '2040', limit: 50, offset: 0 }]);
    expect(rows()).toHaveLength(50);
    expect(byId('events-filter-all'), 'there are more').toHaveTextContent('50+');
    expect(rows()[0]).toHaveTextContent('Order number: 2040-0');
    await press('events-more');
    expect(rows()).toHaveLength(100);
    await search('');
    expect(byId('events-present'), 'without words the list is back').toBeVisible();
  });

  it('takes an answer that comes late for what it is', async () => {
    const { host } = await show(list({}, { kept: [] }));
    const answers = new Map<string, (found: FoundEvent[]) => void>();
    host.answers.events_find = ({ words }) => new Promise((resolve) => answers.set(words, resolve));
    await search('first');
    await search('second');
    answers.get('second')?.([pop('new')]);
    await settle();
    answers.get('first')?.([pop('old')]);
    await settle();
    expect(ids()).toEqual(['new']);
  });

  it('marks what it finds as read when it is opened and is unread', async () => {
    const { host } = await show(list({ events: [pop('now', true)] }));
    await search('ana');
    await open('now');
    expect(host.asked('events_seen')).toEqual([{ account: 'olos-1', until: 'now', alone: true }]);
  });
});

describe('a notification', () => {
  const go = async (host: MemoryHost, place: string): Promise<void> => {
    host.push({ kind: 'show', value: place });
    await settle();
    await settle();
  };

  it('leads nowhere that is no event', async () => {
    const { host } = await show(list({ events: [pop('a')] }, { show: 'contacts' }));
    for (const place of ['event', 'event/', 'event/olos-1', 'event//a']) {
      await go(host, place);
      none('event-details');
      none('event-missing');
      expect(rows(), place).toHaveLength(1);
    }
  });

  it('leads to the event, opened and in view, whatever its id holds', async () => {
    const seen = vi.spyOn(Element.prototype, 'scrollIntoView');
    const { host } = await show(
      list({ events: [pop('a'), pop('b/c"d ]', true)] }, { show: 'settings/about' }),
    );
    await go(host, 'event/olos-1/b/c"d ]');
    expect(within(row('b/c"d ]')).getByTestId('event-details')).toBeVisible();
    expect(seen.mock.contexts.at(-1)).toBe(row('b/c"d ]'));
    expect(host.asked('events_seen')).toEqual([{ account: 'olos-1', until: 'b/c"d ]', alone: true }]);
    await open('b/c"d ]');
    none('event-details');
    await go(host, 'event/olos-1/b/c"d ]');
    expect(byId('event-details'), 'and again').toBeVisible();
    seen.mockRestore();
  });

  it('puts search and filter away, and waits for an event that is on its way', async () => {
    const { host, desk } = await show(list({ events: [e.thirdParty(5)] }));
    await press('events-filter-third_party');
    await go(host, 'event/olos-1/late');
    await patch(host, desk, { kind: 'event', value: pop('late', true) });
    await settle();
    expect(within(row('late')).getByTestId('event-details')).toBeVisible();
    expect(byId('events-filter-all')).toHaveAttribute('aria-pressed', 'true');
    none('event-missing');
  });

  it('of an event that is long gone says so and shows what was kept', async () => {
    const { host } = await show('events-missing');
    expect(byId('event-missing')).toHaveTextContent('no longer among the present ones');
    expect(within(byId('events-older')).getAllByTestId('event')).toHaveLength(2);
    await go(host, 'event/olos-1/older-1');
    none('event-missing');
    expect(within(row('older-1')).getByTestId('event-details'), 'kept: it is opened there').toBeVisible();
  });
});
