import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { foundById, inOrder, matching, people } from '../src/features/events/roster';
import * as e from '../src/lib/host/event-fixtures';
import * as f from '../src/lib/host/fixtures';
import type { State } from '../src/lib/host/states';
import type { RosterEntry } from '../src/lib/rpc/gen';
import { busy } from './busy';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
const names = (): string[] =>
  screen.queryAllByTestId('online').map((row) => row.querySelector('.name')?.textContent ?? '');
async function press(id: string): Promise<void> {
  await fireEvent.click(byId(id));
  await settle();
}
async function search(words: string): Promise<void> {
  await fireEvent.input(byId('roster-search'), { target: { value: words } });
  await settle();
}
/** bits-ui's tabs listen to the pointer. */
const online = async (entries: RosterEntry[]): Promise<Awaited<ReturnType<typeof show>>> => {
  const state: State = {
    window: 'panel',
    snapshot: f.snapshot({ accounts: [e.teller()], rosters: [{ account: 'olos-1', entries }] }),
    show: 'events',
    kept: [],
    click: ['events-view-online'],
  };
  return show(state);
};

describe('who is online', () => {
  it('is nowhere while no platform tells it', async () => {
    await show('events');
    none('events-view-online');
    none('roster');
  });

  it('may be nobody, also while somebody looks', async () => {
    await show('roster-empty');
    expect(byId('roster-empty')).toHaveTextContent('Nobody is online');
    document.body.innerHTML = '';
    const { host } = await show('roster');
    const change = { kind: 'roster' as const, value: { account: 'olos-1', entries: [] } };
    host.push({ kind: 'patch', value: { from: 41, to: 42, changes: [change] } });
    await settle();
    expect(byId('roster-empty')).toBeVisible();
  });

  it('lives with names, addresses and times of any kind', async () => {
    const { container } = await online([
      e.online('a', { name: '', user: null, address: null, online_since: null }),
      e.online('b', { name: '<img src=x>', address: 'x'.repeat(100_000), online_since: 9e18 }),
      e.online('c', { name: '\u202Eevil', address: '  ', online_since: -9e18 }),
    ]);
    expect(container.querySelector('img')).toBeNull();
    expect(names()).toContain('<img src=x>');
    expect(names()).toContain('Without a name');
    const nameless = screen.getAllByTestId('online').find((row) => row.dataset['reference'] === 'a');
    expect(nameless).toHaveTextContent('Address not known');
    expect(nameless).toHaveTextContent('not known');
    expect(container.textContent).not.toMatch(/NaN|null|undefined|Invalid/);
  });

  it('has a row for each device, and counts people and devices', async () => {
    await show('roster');
    expect(names()).toEqual(['adams', 'adams', 'Beatriz Souza', 'carlos']);
    const [first, second] = screen.getAllByTestId('online') as [HTMLElement, HTMLElement];
    expect(first, 'who has been there longer comes first').toHaveTextContent('203.0.113.10');
    expect(first).toHaveTextContent('2 h 5 min');
    expect(second).toHaveTextContent('4 min');
    expect(within(first).getByText('2 h 5 min')).toHaveAttribute(
      'title',
      expect.stringMatching(/^Online since .*\d/),
    );
    expect(byId('roster-count')).toHaveTextContent('3 people on 4 devices');
    expect(byId('events-view-online')).toHaveTextContent('Online (4)');
  });

  it('is searched by name, address and user id, which is shown where it is the reason', async () => {
    await show('roster');
    await search('BEATRIZ');
    expect(names()).toEqual(['Beatriz Souza']);
    none('online-user');
    await search('113.11');
    expect(screen.getAllByTestId('online').map((row) => row.dataset['reference'])).toEqual(['ref-2']);
    await search('user-3');
    expect(names()).toEqual(['carlos']);
    expect(byId('online-user')).toHaveTextContent('User ID user-3');
    await search('adams 113.10');
    expect(names(), 'all of the words').toEqual(['adams']);
    await search('nobody');
    expect(byId('roster-none-found')).toHaveTextContent('Nothing found for “nobody”.');
  });

  it('shows 200 of 10,000 and finds everybody', async () => {
    const begin = busy();
    await online(e.crowd(10_000));
    expect(screen.getAllByTestId('online')).toHaveLength(200);
    expect(screen.getByText('200 of 10,000 are shown')).toBeVisible();
    await press('roster-more');
    expect(screen.getAllByTestId('online')).toHaveLength(400);
    await search('agent 09999');
    expect(names()).toEqual(['agent 09999']);
    // Generous: on a slow machine, with everything else running.
    expect(busy() - begin).toBeLessThan(15_000);
  });

  it('is told for each account by its name', async () => {
    await show('roster-many');
    expect(byId('roster')).toHaveTextContent('Contoso Outbound');
    expect(byId('roster')).toHaveTextContent('Contoso Inbound');
    expect(screen.getAllByTestId('roster-count')[1]).toHaveTextContent('3 people on 4 devices');
  });
});

describe('the order', () => {
  it('is by name as people sort, then by who has been there longest', () => {
    const entries = [
      e.online('1', { name: 'Zoe' }),
      e.online('2', { name: 'ángela', online_since: 20 }),
      e.online('3', { name: 'Bea', online_since: null }),
      e.online('4', { name: 'Ángela', online_since: 10 }),
    ];
    expect(inOrder(entries).map(({ entry }) => entry.reference)).toEqual(['4', '2', '3', '1']);
    expect(entries[0]?.reference, 'what came is left as it is').toBe('1');
    expect(inOrder([])).toEqual([]);
  });

  it('of 10,000 is made and searched in no time, in whatever order they came', () => {
    const entries = e.crowd(10_000).toReversed();
    const begin = busy();
    const sorted = inOrder(entries);
    expect(sorted[0]?.entry.name).toBe('agent 00000');
    expect(matching(sorted, '10.0.39.15')).toHaveLength(1);
    expect(busy() - begin).toBeLessThan(1500);
  });

  it('counts people by their id, and by name where they have none', () => {
    const of = (user: string | null, name: string): RosterEntry => e.online(`${user}${name}`, { user, name });
    expect(people([of('u', 'a'), of('u', 'b'), of(null, 'a'), of(null, 'a'), of('a', 'a')])).toBe(3);
    expect(people([])).toBe(0);
    expect(foundById(of(null, 'a'), 'x')).toBe(false);
    expect(foundById(of('u', 'a'), '')).toBe(false);
  });
});
