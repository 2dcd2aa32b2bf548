import { fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { periodWords } from '../src/features/archive/words';
import { Pages, searchDelay, type Page } from '../src/lib/desk/pages.svelte';
import { archived, archivedMessages, manyArchived } from '../src/lib/host/archive-states';
import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import { act } from '../src/lib/host/states';
import type { AccountView, ArchivePage } from '../src/lib/rpc/gen';
import { busy } from './busy';
import { settle, show } from './render';

const rows = (): HTMLElement[] => screen.queryAllByTestId('archived-open');
const names = (): string[] => rows().map((one) => one.querySelector('.name')?.textContent ?? '');
const gone = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
async function look(words: string): Promise<void> {
  await fireEvent.input(screen.getByTestId('archive-search'), { target: { value: words } });
  await new Promise((resolve) => setTimeout(resolve, searchDelay + 30));
  await settle();
}
const pageOf = (...ids: string[]): ArchivePage => ({
  items: ids.map((id) => archived(id, 60, { customer: { name: id, address: null } })),
  total: null,
  next: null,
});
let revision = 41;
async function become(host: MemoryHost, account: AccountView): Promise<void> {
  host.push({
    kind: 'patch',
    value: { from: revision, to: ++revision, changes: [{ kind: 'account', value: account }] },
  });
  await settle();
}
afterEach(() => {
  revision = 41;
  vi.restoreAllMocks();
});

describe('the archive', () => {
  it('is there where an account’s platform has one', async () => {
    await show('history');
    gone('history-section-archive');
    document.body.innerHTML = '';
    await show('archive-own');
    expect(screen.getByTestId('history-entry')).toBeInTheDocument();
    await act('history-section-archive');
    await settle();
    expect(rows()).toHaveLength(5);
    gone('history-entry');
  });

  it('says whose it was, when, how, with whom, and what was said last', async () => {
    await show('archive');
    const [, omar, third] = rows() as [HTMLElement, HTMLElement, HTMLElement];
    expect(omar).toHaveTextContent('Omar Haddad');
    expect(omar).toHaveTextContent('WhatsApp');
    expect(omar).toHaveTextContent('Handled by Agent One');
    expect(omar).toHaveTextContent('I have sent you the invoice once more.');
    expect(third, 'what is not known is left out').not.toHaveTextContent(/Handled|null/);
    expect(screen.getByTestId('archive-count')).toHaveTextContent('5 finished contacts');
  });

  it('does not make up how many there are', async () => {
    await show('archive-uncounted');
    expect(screen.getByTestId('archive-count').textContent?.trim()).toBe('');
  });

  it('is text, whatever it holds', async () => {
    await show('archive-hostile');
    expect(screen.getByTestId('archive').querySelector('img, script')).toBeNull();
    expect(rows()).toHaveLength(2);
  });

  it('holds no more than was asked for, however many there are', async () => {
    const { host } = await show('archive-many');
    expect(screen.getByTestId('archive-count')).toHaveTextContent('10,000 finished contacts');
    expect(rows()).toHaveLength(75);
    expect(host.asked('archive').map((one) => one.page)).toEqual([0, 1, 2]);
  });

  it('shows none twice when something was finished meanwhile', async () => {
    const { host } = await show('archive');
    host.answers.archive = ({ page }) =>
      page === 0 ? { ...pageOf('a', 'b'), next: 1 } : { ...pageOf('b', 'c'), next: null };
    await look('x');
    await act('archive-more');
    await settle();
    expect(names()).toEqual(['a', 'b', 'c']);
    gone('archive-more');
  });

  it('keeps what is there when the next page could not be read', async () => {
    const { host } = await show('archive-many');
    host.answers.archive = () => Promise.reject(new Error('gone'));
    await act('archive-more');
    await settle();
    expect(rows()).toHaveLength(75);
    expect(screen.getByTestId('archive-more')).toHaveTextContent('Try again');
  });

  it('says that there is nothing, that nothing was found, or that it could not be read', async () => {
    await show('archive-empty');
    expect(screen.getByTestId('archive-empty')).toHaveTextContent('No finished contacts yet');
    document.body.innerHTML = '';
    await show('archive-none-found');
    expect(screen.getByTestId('archive-none')).toHaveTextContent('“zebra”');
    document.body.innerHTML = '';
    const { host } = await show('archive-failed');
    expect(screen.getByTestId('archive-failed')).toHaveTextContent('Finished contacts could not be read.');
    host.answers.archive = () => pageOf('a');
    await act('archive-retry');
    await settle();
    expect(names()).toEqual(['a']);
  });

  it('is read as soon as the account is connected, and stays when it is lost', async () => {
    const { host, desk } = await show('archive-down');
    expect(screen.getByTestId('archive-down')).toHaveTextContent('Fabrikam Chat is not connected.');
    gone('archive-search');
    expect(host.asked('archive')).toEqual([]);
    const account = desk.snapshot?.accounts[0] as AccountView;
    await become(host, { ...account, link: f.link() });
    await settle();
    expect(rows()).toHaveLength(5);
    gone('archive-down');
    await become(host, account);
    expect(rows()).toHaveLength(5);
    expect(screen.getByTestId('archive-down')).toHaveTextContent('You see what was read last.');
  });

  it('of another account is another one', async () => {
    const { host } = await show('archive-two');
    const choice: HTMLSelectElement = screen.getByTestId('archive-account');
    expect([...choice.options].map((one) => one.textContent)).toEqual(['Fabrikam Chat', 'Contoso Chat']);
    await look('omar');
    await fireEvent.change(choice, { target: { value: 'account-2' } });
    await settle();
    expect(host.asked('archive').at(-1)).toEqual({ account: 'account-2', words: '', page: 0 });
    await fireEvent.change(choice, { target: { value: 'account-1' } });
    await settle();
    expect(host.asked('archive').at(-1), 'as it was left').toEqual({
      account: 'account-1',
      words: 'omar',
      page: 0,
    });
  });
});

describe('searching the archive', () => {
  it('waits until nothing is typed any more', async () => {
    const { host } = await show('archive');
    const field = screen.getByTestId('archive-search');
    for (const words of ['o', 'om', 'omar ']) await fireEvent.input(field, { target: { value: words } });
    expect(rows(), 'what is shown stays meanwhile').toHaveLength(5);
    await new Promise((resolve) => setTimeout(resolve, searchDelay + 30));
    await settle();
    expect(host.asked('archive').map((one) => one.words)).toEqual(['', 'omar']);
    expect(names()).toEqual(['Omar Haddad']);
    expect(screen.getByTestId('archive-count')).toHaveTextContent('1 found');
  });

  it('drops the late answer to an older question', async () => {
    const { host } = await show('archive');
    const answers: Record<string, () => void> = {};
    host.answers.archive = ({ words }) =>
      new Promise((resolve) => (answers[words] = () => resolve(pageOf(words))));
    await look('older');
    await look('newer');
    answers['newer']?.();
    await settle();
    answers['older']?.();
    await settle();
    expect(names()).toEqual(['newer']);
  });

  it('drops a page that belongs to an older question', async () => {
    const { host } = await show('archive-many');
    let answer = (): void => undefined;
    host.answers.archive = ({ words, page }) =>
      page > 0 ? new Promise((resolve) => (answer = () => resolve(pageOf('late')))) : pageOf(words || 'all');
    await act('archive-more');
    await look('newer');
    answer();
    await settle();
    expect(names()).toEqual(['newer']);
    gone('archive-more');
  });

  it('drops the late failure, too', async () => {
    const { host } = await show('archive');
    const failures: (() => void)[] = [];
    host.answers.archive = ({ words }) =>
      words === 'older'
        ? new Promise((_, reject) => failures.push(() => reject(rpcError('failed', 'error_failed'))))
        : pageOf(words);
    await look('older');
    await look('newer');
    failures[0]?.();
    await settle();
    expect(names()).toEqual(['newer']);
    gone('archive-failed');
  });
});

describe('a contact of the archive', () => {
  it('shows what was said, to be read and nothing else', async () => {
    const { host } = await show('archive-open');
    const sheet = screen.getByTestId('archived');
    expect(sheet).toHaveAccessibleName('Ana Ferreira');
    expect(within(sheet).getAllByTestId('message')).toHaveLength(20);
    expect(within(sheet).getAllByTestId('message').at(-1)).toHaveTextContent('Question 30');
    expect(within(sheet).queryByTestId('reply')).toBeNull();
    expect(within(sheet).queryByTestId('message-acts')).toBeNull();
    expect(within(sheet).queryByTestId('composer')).toBeNull();
    expect(host.asked('archive_messages')).toEqual([
      { contact: { account: 'account-1', contact: 'a1' }, page: 0 },
    ]);
  });

  it('is read backwards, page by page', async () => {
    const { host } = await show('archive-open');
    await act('chat-older');
    await settle();
    const said = screen.getAllByTestId('message');
    expect(said).toHaveLength(30);
    expect(said[0]).toHaveTextContent('Answer 1');
    expect(said.at(-1)).toHaveTextContent('Question 30');
    gone('chat-older');
    expect(host.asked('archive_messages').map((one) => one.page)).toEqual([0, 1]);
  });

  it('keeps what is there when older messages could not be read', async () => {
    const { host } = await show('archive-open');
    host.answers.archive_messages = () => Promise.reject(new Error('gone'));
    await act('chat-older');
    await settle();
    expect(screen.getAllByTestId('message')).toHaveLength(20);
    expect(screen.getByRole('alert')).toHaveTextContent('Older messages could not be read.');
  });

  it('that could not be read is read again, and may hold nothing', async () => {
    const { host } = await show('archive-open-failed');
    host.answers.archive_messages = () => ({ items: archivedMessages(1), next: null });
    await act('archived-retry');
    await settle();
    expect(screen.getAllByTestId('message')).toHaveLength(1);
    document.body.innerHTML = '';
    await show('archive-open-empty');
    expect(screen.getByTestId('archived-empty')).toHaveTextContent('Nothing was said');
  });

  it('gives the focus back to its line', async () => {
    await show('archive');
    const [first] = rows() as [HTMLElement];
    first.focus();
    await fireEvent.click(first);
    await settle();
    await act('archived-close');
    await new Promise((resolve) => setTimeout(resolve, 60));
    await settle();
    gone('archived');
    expect(first).toHaveFocus();
  });
});

describe('the time of a contact', () => {
  const noon = new Date(new Date().getFullYear(), 3, 2, 12).getTime();
  it('is a span, a time, or nothing', () => {
    expect(periodWords({ began: noon, ended: noon + 900_000 })).toMatch(/^Apr 2, 12:00\s.\s12:15\sPM$/);
    expect(periodWords({ began: null, ended: noon })).toMatch(/^Apr 2, 12:00\sPM$/);
    expect(periodWords({ began: noon, ended: noon - 1 }), 'a clock was set back').toMatch(
      /^Apr 2, 11:59\sAM$/,
    );
    expect(periodWords({ began: null, ended: null })).toBe('');
    expect(periodWords({ began: 9e18, ended: Number.NaN })).toBe('');
  });
});

describe('pages', () => {
  class Numbers extends Pages<number, number> {
    constructor(private readonly give: (page: number) => Page<number, number>) {
      super();
    }
    protected override async read(page: number | null): Promise<Page<number, number>> {
      return this.give(page ?? 0);
    }
    protected override idOf(item: number): string {
      return String(item);
    }
  }

  it('are read one after the other, once each', async () => {
    const asked: number[] = [];
    const pages = new Numbers((page) => {
      asked.push(page);
      return { items: [page * 2, page * 2 + 1, page * 2 + 2], next: page < 2 ? page + 1 : null };
    });
    await pages.next();
    expect(asked, 'not before the first').toEqual([]);
    await pages.reload();
    await Promise.all([pages.next(), pages.next()]);
    await pages.next();
    await pages.next();
    expect(asked).toEqual([0, 1, 2]);
    expect(pages.items).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(pages.further).toBe('none');
  });

  it('forget what they held when they are cleared', async () => {
    const pages = new Numbers(() => ({ items: [1], next: 1 }));
    await pages.reload();
    pages.clear();
    expect([pages.items, pages.state, pages.further]).toEqual([[], 'idle', 'none']);
  });

  it('stay smooth with as many as a company has', async () => {
    const all = manyArchived(10_000).map((_, at) => at);
    const pages = new Numbers((page) => ({
      items: all.slice(page * 100, page * 100 + 100),
      next: page < 99 ? page + 1 : null,
    }));
    const began = busy();
    await pages.reload();
    while (pages.further === 'there') await pages.next();
    expect(pages.items).toHaveLength(10_000);
    expect(busy() - began, 'milliseconds for a hundred pages').toBeLessThan(1500);
  });
});
