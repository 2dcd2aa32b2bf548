import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { withItems } from '../src/features/customer/past.svelte';
import { firstLines, ordered, recordName } from '../src/features/customer/records';
import { card, found, pastMessages, record } from '../src/lib/host/customer-states';
import { offered, said } from '../src/lib/host/fixtures';
import { act } from '../src/lib/host/states';
import type { Change } from '../src/lib/rpc/gen';
import type { MemoryHost } from '../src/lib/host/memory';
import { settle, show, watchClipboard } from './render';

const key = { account: 'account-1', contact: 'cx-1' };
const system = { role: 'system', name: null } as const;
let revision = 41;
async function push(host: MemoryHost, ...changes: Change[]): Promise<void> {
  host.push({ kind: 'patch', value: { from: revision, to: ++revision, changes } });
  await settle();
}
const look = async (words: string): Promise<void> => {
  await fireEvent.input(screen.getByTestId('customer-search'), { target: { value: words } });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await settle();
};
beforeEach(() => {
  revision = 41;
  vi.spyOn(document, 'hasFocus').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

describe('the customer', () => {
  it('is shown with marks and fields, ways to reach them first, and what is hidden as such', async () => {
    await show('customer-card');
    expect(screen.getByTestId('customer-name')).toHaveTextContent('Omar Haddad');
    expect(screen.getAllByTestId('customer-label').map((one) => one.textContent?.trim())).toEqual([
      'Gold',
      'Prefers e-mail',
    ]);
    const names = screen.getAllByTestId('customer-field').map((one) => one.querySelector('dt')?.textContent);
    expect(names).toEqual(['Phone', 'E-mail', 'Customer number', 'Date of birth', 'Street']);
    expect(screen.getByTestId('customer-hidden')).toHaveTextContent('Hidden. You have no right to see it.');
    expect(screen.getByTestId('customer-record')).toHaveTextContent('+49 1511 2345678');
  });

  it('is copied as it is dialled', async () => {
    const written = watchClipboard();
    await show('customer-card');
    const [first] = screen.getAllByTestId('customer-copy');
    expect(first).toHaveAccessibleName('Copy +49 1511 2345678 (Phone)');
    await fireEvent.click(first as HTMLElement);
    expect(written).toHaveBeenCalledWith('+4915112345678');
  });

  it('has a name that turns no sentence, or their first address', () => {
    expect(recordName(record({ name: 'Ana\u202E' }))).toBe('Ana');
    expect(recordName(record({ name: ' ' }))).toBe('+49 1511 2345678');
    expect(recordName(record({ name: null, fields: [] }))).toBe('No name');
    expect(ordered(record().fields)[0]?.address).toBe(true);
    expect(firstLines(record(), 1)).toEqual(['Phone: +49 1511 2345678, +49 30 12345678']);
  });

  it('is text, whatever it holds', async () => {
    await show('customer-hostile');
    const sheet = screen.getByTestId('customer-sheet');
    expect(sheet.querySelector('img, script, b')).toBeNull();
    expect(sheet).toHaveTextContent("<script>alert('x')</script>");
    expect(screen.getAllByTestId('customer-label'), 'none twice, none empty').toHaveLength(2);
  });

  it('that is not known says so, and leads to those who are', async () => {
    await show('customer-anonymous');
    expect(screen.getByTestId('customer-anonymous')).toHaveTextContent('Not known yet');
    expect(screen.queryByTestId('customer-tab-past')).toBeNull();
    await fireEvent.click(screen.getByTestId('customer-link-open'));
    await settle();
    expect(screen.getByTestId('customer-search')).toHaveFocus();
  });

  it('is read again when the conversation says that it is another one', async () => {
    const { host } = await show('customer-card');
    expect(host.asked('contact_customer')).toEqual([{ contact: key }]);
    await push(host, { kind: 'message', value: said('cx-1', system, 0, 'Hello') });
    expect(host.asked('contact_customer'), 'not with each message').toHaveLength(1);
    host.answers.contact_customer = () =>
      card({ record: record({ id: 'customer-2', name: 'Ana Ferreira' }) });
    await push(host, {
      kind: 'message',
      value: said('cx-1', system, 0, { kind: 'event', event: 'customer_changed' }),
    });
    expect(host.asked('contact_customer')).toHaveLength(2);
    expect(screen.getByTestId('customer-name')).toHaveTextContent('Ana Ferreira');
  });

  it('of an older question does not overwrite the one of a newer', async () => {
    const { host } = await show('customer-card');
    const answers: ((name: string) => void)[] = [];
    host.answers.contact_customer = () =>
      new Promise((resolve) => answers.push((name) => resolve(card({ record: record({ name }) }))));
    const changed = (): Change => ({
      kind: 'message',
      value: said('cx-1', system, 0, { kind: 'event', event: 'customer_changed' }),
    });
    await push(host, changed());
    await push(host, changed());
    answers[1]?.('Newer');
    answers[0]?.('Older');
    await settle();
    expect(screen.getByTestId('customer-name')).toHaveTextContent('Newer');
  });

  it('that could not be read is read again', async () => {
    const { host } = await show('customer-failed');
    expect(screen.getByTestId('customer-failed')).toHaveTextContent('The customer could not be read.');
    host.answers.contact_customer = () => card();
    await fireEvent.click(screen.getByTestId('customer-retry'));
    await settle();
    expect(screen.getByTestId('customer-name')).toHaveTextContent('Omar Haddad');
  });

  it('has no way there where the platform keeps none, and one on a call where it does', async () => {
    await show('cx-chat');
    expect(screen.queryByTestId('customer-open')).toBeNull();
    document.body.innerHTML = '';
    const { host } = await show('customer-call');
    await fireEvent.click(screen.getByTestId('customer-open'));
    await settle();
    expect(host.asked('contact_customer')).toEqual([
      { contact: { account: 'account-1', contact: 'contact-1' } },
    ]);
  });

  it('lets an offer be accepted over it', async () => {
    const { host } = await show('customer-card');
    const ringing = offered({ key: { account: 'account-1', contact: 'ring' } }, { id: 'ring' });
    await push(host, { kind: 'contact', value: ringing });
    expect(within(screen.getByTestId('customer-sheet')).getByTestId('accept')).toBeInTheDocument();
  });
});

describe('linking', () => {
  it('searches from two characters on, once the agent pauses, page by page', async () => {
    const { host } = await show('customer-link');
    await look('o');
    expect(host.asked('customer_find')).toEqual([]);
    expect(screen.getByTestId('customer-search-idle')).toBeInTheDocument();
    let page = 0;
    host.answers.customer_find = () => ({ items: [found[page] ?? record()], next: page++ === 0 ? 7 : null });
    await fireEvent.input(screen.getByTestId('customer-search'), { target: { value: 'om' } });
    await look(' omar ');
    expect(host.asked('customer_find')).toEqual([{ account: 'account-1', words: 'omar', page: 0 }]);
    await fireEvent.click(screen.getByTestId('customer-search-more'));
    await settle();
    expect(host.asked('customer_find')[1]).toMatchObject({ page: 7 });
    expect(screen.getAllByTestId('customer-found')).toHaveLength(2);
    expect(screen.queryByTestId('customer-search-more')).toBeNull();
  });

  it('says what happens before it happens, then shows who it is now', async () => {
    const { host } = await show('customer-link-found');
    await waitFor(() => expect(screen.getAllByTestId('customer-found')).toHaveLength(3));
    expect(screen.getAllByTestId('customer-link'), 'not to the one it is linked to').toHaveLength(2);
    await fireEvent.click(screen.getAllByTestId('customer-link')[0] as HTMLElement);
    const confirm = await screen.findByTestId('confirm-link');
    expect(confirm).toHaveTextContent(
      'This conversation belongs to Omar Hadid from now on. If nobody knew so far who writes here, earlier conversations from this address go along.',
    );
    expect(host.asked('contact_link_customer')).toEqual([]);
    host.answers.contact_customer = () => card({ record: found[1] ?? record() });
    await fireEvent.click(screen.getByTestId('confirm-link-confirm'));
    await settle();
    expect(host.asked('contact_link_customer')).toEqual([{ contact: key, customer: 'customer-2' }]);
    await waitFor(() => expect(screen.getByTestId('customer-name')).toHaveTextContent('Omar Hadid'));
    expect(screen.getByTestId('said')).toHaveTextContent('Linked to Omar Hadid');
  });

  it('says that it did not happen', async () => {
    const { host } = await show('customer-link-refused');
    await waitFor(() =>
      expect(screen.getByTestId('customer-link-problem')).toHaveTextContent('The customer was not changed.'),
    );
    expect(host.asked('contact_customer'), 'nothing to read again').toHaveLength(1);
  });

  it('waits for one link before another', async () => {
    const { host } = await show('customer-linking');
    const buttons = screen.getAllByTestId('customer-link');
    expect(buttons[0]).toHaveTextContent('Linking');
    for (const button of buttons) expect(button).toHaveAttribute('aria-busy', 'true');
    await fireEvent.click(buttons[1] as HTMLElement);
    expect(screen.queryByTestId('confirm-link')).toBeNull();
    expect(host.asked('contact_link_customer')).toHaveLength(1);
  });

  it.each([
    ['customer-link-none', 'customer-search-none', 'Nobody found'],
    ['customer-link-search-failed', 'customer-search-failed', 'could not be searched'],
  ])('%s', async (state, id, words) => {
    await show(state);
    expect(await screen.findByTestId(id)).toHaveTextContent(words);
  });
});

describe('earlier conversations', () => {
  const ids = (pages: ReturnType<typeof withItems>): string[][] =>
    pages.map((one) => [one.id, ...one.messages.map((message) => message.id)]);
  const item = (
    conversation: string,
    id: string,
    seconds: number,
  ): ReturnType<typeof pastMessages>[number] => ({
    conversation,
    message: said('p', system, seconds, id, { id }).message,
  });

  it('are one each, over pages, in the order in which they were said', () => {
    const first = withItems([], [item('b', 'b3', 1), item('b', 'b2', 2), item('a', 'a9', 5)]);
    expect(ids(first)).toEqual([
      ['b', 'b2', 'b3'],
      ['a', 'a9'],
    ]);
    const both = withItems(first, [item('a', 'a9', 5), item('a', 'a8', 6), item('z', 'z1', 9)]);
    expect(ids(both)).toEqual([
      ['b', 'b2', 'b3'],
      ['a', 'a8', 'a9'],
      ['z', 'z1'],
    ]);
    expect(both[0], 'what did not change is the same').toBe(first[0]);
  });

  it('are read page by page, the newest open, and can only be read', async () => {
    const { host } = await show('past-list');
    const rows = (): HTMLElement[] => screen.getAllByTestId('past-conversation');
    expect(rows()).toHaveLength(3);
    const past = within(screen.getByTestId('past'));
    expect(past.getAllByTestId('message').map((one) => one.textContent)).toEqual([
      expect.stringContaining('Can I change the address?'),
      expect.stringContaining('Until tonight, yes.'),
      expect.stringContaining('gold customer'),
      expect.stringContaining('Perfect, thanks!'),
    ]);
    expect(past.queryByTestId('reply')).toBeNull();
    expect(past.getByTestId('internal')).toBeInTheDocument();
    await fireEvent.click(within(rows()[1] as HTMLElement).getByTestId('past-open'));
    await settle();
    expect(past.getByTestId('attachment')).toHaveTextContent('slip.pdf');
    expect(past.queryByTestId('attachment-save'), 'it belongs to no contact of now').toBeNull();
    expect(rows()[2]).toHaveTextContent('Messages: 1+');
    await fireEvent.click(screen.getByTestId('past-more'));
    await settle();
    expect(host.asked('contact_past')).toEqual([
      { contact: key, page: 0 },
      { contact: key, page: 1 },
    ]);
    expect(rows()).toHaveLength(3);
    expect(rows()[2]).toHaveTextContent('Messages: 3');
    expect(screen.queryByTestId('past-more')).toBeNull();
  });

  it('say that there are none, or that they could not be read', async () => {
    await show('past-empty');
    expect(screen.getByTestId('past-empty')).toHaveTextContent('No earlier conversations');
    document.body.innerHTML = '';
    const { host } = await show('past-failed');
    expect(screen.getByTestId('past-failed')).toBeInTheDocument();
    host.answers.contact_past = () => ({ items: pastMessages(), next: null });
    await fireEvent.click(screen.getByTestId('past-retry'));
    await settle();
    expect(screen.getAllByTestId('past-conversation')).toHaveLength(3);
  });

  it('keep what is there when the next page could not be read', async () => {
    const { host } = await show('past-list');
    host.answers.contact_past = () => Promise.reject(new Error('gone'));
    await act('past-more');
    await settle();
    expect(screen.getAllByTestId('past-conversation')).toHaveLength(3);
    expect(screen.getByTestId('past-more')).toHaveTextContent('Try again');
  });
});
