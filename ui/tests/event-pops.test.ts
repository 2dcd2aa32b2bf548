import { fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Desk } from '../src/lib/desk/desk.svelte';
import * as e from '../src/lib/host/event-fixtures';
import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import type { Change } from '../src/lib/rpc/gen';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
async function press(id: string): Promise<void> {
  await fireEvent.click(byId(id));
  await settle();
}
async function patch(host: MemoryHost, desk: Desk, ...changes: Change[]): Promise<void> {
  const from = desk.snapshot?.revision ?? 0;
  host.push({ kind: 'patch', value: { from, to: from + 1, changes } });
  await settle();
}
const pop = (id: string, change: Parameters<typeof e.event>[1] = {}): ReturnType<typeof e.event> =>
  e.event(5, { id, ...change }, { unread: true });
const desk = (change: Parameters<typeof f.snapshot>[0] = {}): ReturnType<typeof f.snapshot> =>
  f.snapshot({ accounts: [f.account(), e.teller()], ...change });
/** Whether `a` stands before `b` in the page. */
const before = (a: HTMLElement, b: HTMLElement): boolean =>
  (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
/** The page as a window of which this much of a query is true. */
const asWindow = (what: string): void => {
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: what !== '' && query.includes(what),
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
};

afterEach(() => asWindow(''));

describe('a screen pop', () => {
  it('shows hostile text as text, and says nothing that is not known', async () => {
    const { container } = await show('pop-hostile');
    expect(container.querySelector('img, script, b, i')).toBeNull();
    expect(byId('customer')).toHaveTextContent('<img src=x');
    document.body.innerHTML = '';
    await show('pop-bare');
    const card = byId('screen-pop');
    expect(card).toHaveTextContent('Unknown customer');
    expect(card).toHaveTextContent('The platform told nothing more about it.');
    expect(card.textContent).not.toMatch(/null|undefined|Campaign|Channel|\{/);
    expect(byId('event-announcer')).toHaveTextContent(/^Screen pop for a call$/);
  });

  it('is there the moment it comes, announced, without taking the focus', async () => {
    const { host, desk: shown } = await show({ window: 'panel', snapshot: desk() });
    none('screen-pop');
    byId('tab-contacts').focus();
    await patch(host, shown, { kind: 'event', value: pop('a') });
    expect(byId('screen-pop')).toHaveTextContent('Screen pop for a call');
    expect(byId('campaign')).toHaveTextContent('22');
    expect(byId('channel')).toHaveTextContent('Voice · Outbound');
    expect(within(byId('screen-pop')).getByTestId('account')).toHaveTextContent('Contoso Outbound');
    expect(within(byId('screen-pop')).getByText('Yes')).toBeVisible();
    expect(byId('event-announcer')).toHaveAttribute('aria-live', 'polite');
    expect(byId('event-announcer')).toHaveTextContent('Screen pop for a call: Ana Ferreira');
    expect(byId('tab-contacts')).toHaveFocus();
    none('no-contacts');
  });

  it('is nothing that was seen, and nothing of another sort', async () => {
    const events = [
      e.event(5, { id: 'seen' }),
      e.plain(3, 'NewMsgFromSupervisor', 'message', { message: 'x' }, { unread: true }),
    ];
    await show({ window: 'panel', snapshot: desk({ events }) });
    none('screen-pop');
    expect(byId('event-announcer').textContent).toBe('');
  });

  it('goes when it is done, and the one before it comes', async () => {
    const views = [pop('a', { customer: { name: 'Jonas Berg', address: null } }), pop('b')];
    const { host, desk: shown } = await show({ window: 'panel', snapshot: desk({ events: views }) });
    expect(byId('screen-pop')).toHaveAttribute('data-event', 'b');
    expect(byId('pops-more')).toHaveTextContent('1 more screen pop');
    host.answers.events_seen = () => {
      throw rpcError('unavailable', 'error_unavailable', true);
    };
    await press('pop-done');
    expect(byId('screen-pop'), 'not done').toHaveAttribute('data-event', 'b');
    expect(byId('pop-done')).not.toHaveAttribute('aria-disabled');
    host.answers.events_seen = () => ({});
    await press('pop-done');
    expect(host.asked('events_seen').at(-1)).toEqual({ account: 'olos-1', until: 'b', alone: true });
    await patch(host, shown, { kind: 'event', value: { ...(views[1] as (typeof views)[0]), unread: false } });
    expect(byId('screen-pop')).toHaveAttribute('data-event', 'a');
    expect(byId('pops-more')).toHaveTextContent('All screen pops');
  });

  it('leads to the others in the list', async () => {
    await show('pop-several');
    expect(byId('pops-more')).toHaveTextContent('2 more screen pops');
    await press('pops-more');
    expect(byId('tab-events')).toHaveAttribute('aria-current', 'page');
    expect(byId('events-filter-screen_pop')).toHaveAttribute('aria-pressed', 'true');
    expect(screen.getAllByTestId('event')).toHaveLength(3);
  });

  it('opens its pages, and none where none is meant for it', async () => {
    const { host } = await show('pop-alone');
    const [page] = screen.getAllByTestId('page-open') as [HTMLElement];
    await fireEvent.click(page);
    await settle();
    const event = { account: 'olos-1', event: byId('screen-pop').dataset['event'] };
    expect(host.asked('event_pop_open')).toEqual([{ event, page: 'crm' }]);
    document.body.innerHTML = '';
    await show('pop-several');
    none('page-open');
  });
});

describe('a screen pop beside what needs the agent', () => {
  it('is one line above a call, which unfolds and keeps the call', async () => {
    await show('pop-live-call');
    const card = byId('screen-pop');
    expect(before(card, byId('call'))).toBe(true);
    expect(card).toHaveTextContent('Ana Ferreira');
    none('campaign');
    expect(within(card).queryByTestId('fact')).toBeNull();
    await press('pop-unfold');
    expect(byId('pop-unfold')).toHaveAttribute('aria-expanded', 'true');
    expect(within(card).getAllByTestId('fact').length).toBeGreaterThan(5);
    expect(byId('mute')).toBeEnabled();
    await press('pop-unfold');
    none('campaign');
  });

  it('stands below the call in a window that has no room above it', async () => {
    asWindow('max-height: 560px');
    await show('pop-live-call');
    expect(screen.getAllByTestId('screen-pop')).toHaveLength(1);
    expect(before(byId('call'), byId('screen-pop'))).toBe(true);
    document.body.innerHTML = '';
    await show('pop-told-call');
    expect(before(byId('screen-pop'), byId('contact-told')), 'nothing is pushed away').toBe(true);
  });

  it('comes after what rings, and names how many more there are', async () => {
    await show('pop-ringing');
    expect(before(byId('offer'), byId('screen-pop'))).toBe(true);
    expect(byId('pop-unfold')).toHaveTextContent('and 2 more');
    expect(byId('accept')).toBeEnabled();
  });

  it('is one line above a conversation', async () => {
    await show('pop-chat');
    expect(before(byId('screen-pop'), byId('conversation'))).toBe(true);
    expect(byId('pop-unfold')).toHaveAttribute('aria-expanded', 'false');
  });

  it('stands whole beside the call where there is room', async () => {
    asWindow('min-width: 760px');
    await show('pop-live-call');
    expect(screen.getAllByTestId('screen-pop')).toHaveLength(1);
    expect(before(byId('call'), byId('screen-pop'))).toBe(true);
    expect(within(byId('screen-pop')).getAllByTestId('fact').length).toBeGreaterThan(5);
    none('pop-unfold');
  });
});
