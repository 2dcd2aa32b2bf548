import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { NewsOf } from '../src/features/lists/news';
import { openWork } from '../src/lib/desk/teams';
import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import { item, leader, list } from '../src/lib/host/supervision-states';
import type { AccountView, WorkList } from '../src/lib/rpc/gen';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
async function press(element: HTMLElement): Promise<void> {
  await fireEvent.click(element);
  await settle();
}
const card = (id: string): HTMLElement =>
  screen.getAllByTestId('work-list').find((one) => one.dataset['list'] === id) as HTMLElement;
const row = (id: string): HTMLElement =>
  screen.getAllByTestId('list-item').find((one) => one.dataset['item'] === id) as HTMLElement;
const toggle = (id: string): HTMLInputElement => within(card(id)).getByTestId('list-subscribe');
const having = (...work_lists: WorkList[]): AccountView => leader({ work_lists }, []);
let revision = 41;
async function become(host: MemoryHost, account: AccountView): Promise<void> {
  host.push({
    kind: 'patch',
    value: { from: revision, to: revision + 1, changes: [{ kind: 'account', value: account }] },
  });
  revision += 1;
  await settle();
}
afterEach(() => {
  revision = 41;
  vi.useRealTimers();
});

describe('the tab of lists', () => {
  it('is there where an account has lists, with the number to take', async () => {
    await show('available');
    none('tab-lists');
    document.body.innerHTML = '';
    await show('lists');
    expect(byId('tab-lists')).toHaveAttribute('aria-current', 'page');
    expect(byId('tab-lists')).toHaveTextContent(/2\s*to take/);
  });

  it('counts what is free in lists that are subscribed to', () => {
    const free = [item('a', 'A', 1), item('b', 'B', 2, { taken: true })];
    expect(openWork([having(list('x', 'X', { items: free }))])).toHaveLength(1);
    expect(openWork([having(list('x', 'X', { items: free, subscribed: false }))])).toHaveLength(0);
  });
});

describe('a list', () => {
  it('says what it is for, how many wait, who and since when', async () => {
    await show('lists');
    expect(card('l1')).toHaveAccessibleName('Social media');
    expect(card('l1')).toHaveTextContent('Comments and messages');
    expect(within(card('l1')).getByTestId('list-count')).toHaveTextContent('Waiting: 2');
    expect(screen.getAllByTestId('list-item').map((one) => one.dataset['item'])).toEqual(['i1', 'i2', 'i3']);
    expect(row('i2')).toHaveTextContent('WhatsApp');
    expect(row('i2')).toHaveTextContent('Somebody is at it');
    expect(row('i1')).toHaveTextContent('1:26:5');
    expect(within(row('i3')).queryByTestId('list-taken')).toBeNull();
    expect(within(card('l2')).getByTestId('list-nothing')).toHaveTextContent('Nothing waits.');
    expect(within(card('l3')).getByTestId('list-not-subscribed')).toHaveTextContent(
      'You are not subscribed.',
    );
    expect(within(card('l3')).queryByTestId('list-count'), 'nobody knows how many').toBeNull();
  });

  it('that is always told has nothing to switch', async () => {
    await show('lists-fixed');
    none('list-subscribe');
    expect(screen.getAllByTestId('list-item')).toHaveLength(2);
    expect(byId('list-count')).toHaveTextContent('Waiting: 2');
    document.body.innerHTML = '';
    await show('lists-fixed-empty');
    none('list-subscribe');
    expect(byId('list-nothing')).toHaveTextContent('Nothing waits.');
  });

  it('is subscribed to and left, and shows what applies', async () => {
    const { host } = await show('lists');
    expect(toggle('l3')).toHaveAccessibleName('Tell me what comes into Second level');
    expect(toggle('l1').checked).toBe(true);
    await press(toggle('l3'));
    expect(host.asked('work_list_subscribe')).toEqual([
      { account: 'account-1', list: 'l3', subscribed: true },
    ]);
    expect(toggle('l3').checked).toBe(true);
    expect(toggle('l3'), 'on its way').toBeDisabled();
    await become(host, having(list('l3', 'Second level')));
    expect(toggle('l3')).toBeEnabled();
    expect(toggle('l3').checked).toBe(true);
    await press(toggle('l3'));
    expect(host.asked('work_list_subscribe').at(-1)).toMatchObject({ subscribed: false });
  });

  it('shows the truth again when the subscription is refused, or never told', async () => {
    const { host } = await show('lists');
    host.answers.work_list_subscribe = () => Promise.reject(rpcError('not_possible', 'error_list_gone'));
    await press(toggle('l3'));
    expect(toggle('l3').checked).toBe(false);
    expect(toggle('l3')).toBeEnabled();
    expect(within(card('l3')).getByTestId('list-problem')).toHaveTextContent(
      'The subscription was not changed. This list is not there any more.',
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    host.answers.work_list_subscribe = () => ({});
    await fireEvent.click(toggle('l3'));
    await vi.advanceTimersByTimeAsync(100);
    expect(toggle('l3').checked).toBe(true);
    await vi.advanceTimersByTimeAsync(6000);
    expect(toggle('l3').checked).toBe(false);
    expect(toggle('l3')).toBeEnabled();
  });

  it('is shown and cannot be used while the account is down', async () => {
    const { host } = await show('lists-down');
    expect(byId('lists-down')).toHaveTextContent('Fabrikam Care is not connected');
    expect(toggle('l1')).toBeDisabled();
    const take = within(row('i1')).getByTestId('list-take');
    expect(take).toHaveAttribute('aria-disabled', 'true');
    await press(take);
    expect(host.asked('work_take')).toEqual([]);
    none('list-more');
  });

  it('is told by its account where there are several', async () => {
    await show('lists-two-accounts');
    expect(byId('lists')).toHaveTextContent('Northwind Care');
    expect(screen.getAllByTestId('work-list')).toHaveLength(4);
  });

  it('shows text from outside as text', async () => {
    const { container } = await show('lists-hostile');
    expect(container.querySelector('img, script, svg[onload]')).toBeNull();
    expect(container.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(container.textContent).not.toMatch(/NaN|null|undefined/);
  });
});

describe('something in a list', () => {
  it('is taken once, and shown', async () => {
    const { host } = await show('lists-taking');
    const take = within(row('i1')).getByTestId('list-take');
    expect(take).toHaveAccessibleName('Take river.song');
    expect(take).toHaveAttribute('aria-busy', 'true');
    await press(take);
    expect(host.asked('work_take')).toEqual([{ account: 'account-1', list: 'l1', item: 'i1' }]);
    document.body.innerHTML = '';
    const second = await show('lists');
    await press(within(row('i3')).getByTestId('list-take'));
    expect(second.host.asked('work_take')).toMatchObject([{ item: 'i3' }]);
    expect(byId('tab-contacts')).toHaveAttribute('aria-current', 'page');
  });

  it('says why it was not taken', async () => {
    const { host } = await show('lists-refused');
    expect(within(row('i1')).getByTestId('list-item-problem')).toHaveTextContent(
      'It could not be taken. It is no longer on the list.',
    );
    expect(byId('tab-lists')).toHaveAttribute('aria-current', 'page');
    host.answers.work_take = () => Promise.reject(rpcError('unavailable', 'error_timeout'));
    await press(within(row('i1')).getByTestId('list-take'));
    expect(byId('list-item-problem')).toHaveTextContent('It is not certain that you have taken it');
  });

  it('is removed for everybody only after asking', async () => {
    const { host } = await show('lists-remove');
    expect(byId('confirm-list-remove')).toHaveTextContent('Remove river.song from the list?');
    expect(byId('confirm-list-remove')).toHaveTextContent('It goes off “Social media” for everybody');
    await press(byId('confirm-list-remove-cancel'));
    // The dialog goes when its animations have ended.
    await waitFor(() => none('confirm-list-remove'));
    expect(host.asked('work_close')).toEqual([]);
  });

  it('is removed once that is said, and the agent stays', async () => {
    const { host } = await show('lists-remove');
    await press(byId('confirm-list-remove-confirm'));
    expect(host.asked('work_close')).toEqual([{ account: 'account-1', list: 'l1', item: 'i1' }]);
    expect(byId('tab-lists')).toHaveAttribute('aria-current', 'page');
  });

  it('leaves the keyboard at its list when it goes', async () => {
    const { host } = await show('lists');
    within(row('i1')).getByTestId('list-take').focus();
    await become(host, having(list('l1', 'Social media', { items: [item('i3', 'Ana', 5)] })));
    expect(card('l1').contains(document.activeElement)).toBe(true);
  });
});

describe('what comes in', () => {
  it('is said politely, once, and nothing of what was there before', async () => {
    const { host } = await show('lists');
    expect(byId('list-announcer')).toHaveAttribute('aria-live', 'polite');
    expect(byId('list-announcer')).toHaveTextContent(/^$/);
    const there = [item('i1', 'river.song', 50), item('i3', 'Ana', 5)];
    await become(host, having(list('l1', 'Social media', { items: [...there, item('i4', 'Tom\u202E', 1)] })));
    expect(byId('list-announcer')).toHaveTextContent(/^New in Social media: Tom$/);
  });

  it('is no news when a list is subscribed to, or when somebody has it already', () => {
    const news = new NewsOf();
    const first = item('a', 'A', 9);
    expect(news.next([having(list('x', 'X', { items: [first] }))])).toEqual([]);
    expect(news.next([having(list('x', 'X', { items: [first, item('b', 'B', 1)] }))])).toHaveLength(1);
    expect(news.next([having(list('x', 'X', { items: [item('c', 'C', 1, { taken: true })] }))])).toEqual([]);
    expect(news.next([having(list('x', 'X', { subscribed: false }))])).toEqual([]);
    expect(news.next([having(list('x', 'X', { items: [item('d', 'D', 1)] }))]), 'subscribed anew').toEqual(
      [],
    );
    expect(news.next([f.account()])).toEqual([]);
  });
});
