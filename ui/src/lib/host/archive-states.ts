/** States of the platforms' archives, for the gallery and the tests. */
import type { AccountView, ArchivedContact, PastMessage } from '$lib/rpc/gen';

import * as f from './fixtures';
import { rpcError } from './host';
import type { Answers } from './memory';
import type { State } from './states';

/** What is asked of an archive. `waiting`: the answer does not come. */
export interface ArchiveOf {
  contacts?: ArchivedContact[] | 'waiting' | 'failed';
  messages?: PastMessage[] | 'waiting' | 'failed';
  /** The platform does not say how many there are. */
  uncounted?: boolean;
}

const hours = 3600;
/** A contact that is over, by seconds before now. */
export const archived = (
  id: string,
  ago: number,
  change: Partial<ArchivedContact> = {},
): ArchivedContact => ({
  id,
  customer: { name: 'Ana Ferreira', address: null },
  kind: 'chat',
  agent: 'Priya Nair',
  began: f.ago(ago + 1260),
  ended: f.ago(ago),
  last: 'Thank you, that is all for today!',
  ...change,
});
/** Newest first. */
export const archive: ArchivedContact[] = [
  archived('a1', 2 * hours),
  archived('a2', 5 * hours, {
    customer: { name: 'Omar Haddad', address: '+4915112345678' },
    kind: 'whatsapp',
    agent: 'Agent One',
    last: 'I have sent you the invoice once more. If it does not arrive by this evening, please write to us again and we look into it together.',
  }),
  archived('a3', 26 * hours, {
    customer: { name: null, address: '+493012345678' },
    kind: 'Telegram',
    agent: null,
    last: null,
  }),
  archived('a4', 27 * hours, {
    customer: { name: null, address: null },
    kind: null,
    began: null,
    last: 'مرحبا، أين طلبي؟',
  }),
  archived('a5', 400 * 24 * hours, {
    customer: { name: 'Jonas Berg', address: null },
    began: f.ago(402 * 24 * hours),
    kind: 'sms',
  }),
];
const hostile: ArchivedContact[] = [
  archived('h1', hours, {
    customer: {
      name: `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)} \u202Eevil`,
      address: null,
    },
    kind: 'A_Channel_That_Nobody_Knows_And_That_Has_No_Blank_In_Its_Name',
    agent: 'y'.repeat(120),
    last: `<script>alert('x')</script> ${'x'.repeat(400)}`,
  }),
  archived('h2', 2 * hours, { began: 9e18, ended: -9e18 }),
];
/** As many as a company has after a year. */
export const manyArchived = (count: number): ArchivedContact[] =>
  Array.from({ length: count }, (_, at) =>
    archived(`many-${at}`, at * 600, {
      customer: { name: `Customer ${at + 1}`, address: null },
      kind: ['chat', 'whatsapp', 'sms'][at % 3] ?? null,
    }),
  );
/** What was said in one, newest first. */
export const archivedMessages = (count = 30): PastMessage[] =>
  Array.from({ length: count }, (_, at): PastMessage => {
    const [author, words] =
      at % 3 === 0
        ? [f.customerAuthor, `Question ${count - at}: when does it arrive?`]
        : [{ role: 'agent', name: 'Priya Nair' } as const, `Answer ${count - at}: it is on its way.`];
    return {
      conversation: 'a1',
      message: f.said('a1', author, 2 * hours + at * 40, words, { id: `archived-${count - at}` }).message,
    };
  });

const account = (change: Partial<AccountView> = {}): AccountView =>
  f.account({
    platform_name: 'Fabrikam Chat',
    name: 'Fabrikam Chat',
    capabilities: [...f.handled, 'archive'],
    ...change,
  });
const show = (of: ArchiveOf = {}, rest: Partial<State> = {}, accounts = [account()]): State => ({
  window: 'panel',
  snapshot: f.snapshot({ accounts }),
  show: 'history',
  history: [f.entry('h1', 4)],
  click: ['history-section-archive'],
  archive: of,
  ...rest,
});
const tab = 'history-section-archive';
const down = { state: 'connecting', reason: 'link_reason_network' } as const;

/** By name. */
export const archiveStates: Record<string, () => State> = {
  archive: () => show(),
  'archive-own': () => show({}, { click: [] }),
  'archive-uncounted': () => show({ uncounted: true, contacts: manyArchived(60) }),
  'archive-found': () => show({}, { click: [tab, 'archive-search=omar', 'archived-open'] }),
  'archive-empty': () => show({ contacts: [] }),
  'archive-none-found': () => show({}, { click: [tab, 'archive-search=zebra', 'archive-none'] }),
  'archive-loading': () => show({ contacts: 'waiting' }),
  'archive-failed': () => show({ contacts: 'failed' }),
  'archive-down': () => show({}, {}, [account({ link: f.link(down) })]),
  'archive-two': () =>
    show({}, {}, [
      account(),
      account({ id: 'account-2', name: 'Contoso Chat', order: 1 }),
      f.account({ id: 'account-3' }),
    ]),
  'archive-many': () =>
    show({ contacts: manyArchived(10_000) }, { click: [tab, 'archive-more', 'archive-more'] }),
  'archive-hostile': () => show({ contacts: hostile }),
  'archive-open': () => show({ messages: archivedMessages() }, { click: [tab, 'archived-open'] }),
  'archive-open-short': () => show({ messages: archivedMessages(3) }, { click: [tab, 'archived-open'] }),
  'archive-open-older': () =>
    show({ messages: archivedMessages() }, { click: [tab, 'archived-open', 'chat-older'] }),
  'archive-open-empty': () => show({ messages: [] }, { click: [tab, 'archived-open'] }),
  'archive-open-loading': () => show({ messages: 'waiting' }, { click: [tab, 'archived-open'] }),
  'archive-open-failed': () => show({ messages: 'failed' }, { click: [tab, 'archived-open'] }),
};

/** Items of one page. */
const size = { contacts: 25, messages: 20 };

/** Answers of a host that shows a state. */
export function archiveAnswers(of: ArchiveOf = {}): Answers {
  async function page<T>(
    what: readonly T[] | 'waiting' | 'failed',
    number: number,
    most: number,
    fits: (item: T) => boolean,
  ): Promise<{ items: T[]; next: number | null; total: number }> {
    if (what === 'waiting') return new Promise(() => undefined);
    if (what === 'failed') throw rpcError('unavailable', 'error_unavailable', true);
    const all = what.filter(fits);
    const items = all.slice(number * most, (number + 1) * most);
    return { items, next: all.length > (number + 1) * most ? number + 1 : null, total: all.length };
  }
  return {
    archive: async ({ words, page: number }) => {
      const has = (text: string | null): boolean =>
        text?.toLowerCase().includes(words.toLowerCase()) ?? false;
      const found = await page(
        of.contacts ?? archive,
        number,
        size.contacts,
        (one) => words === '' || has(one.customer.name) || has(one.last),
      );
      return of.uncounted ? { ...found, total: null } : found;
    },
    archive_messages: ({ page: number }) =>
      page(of.messages ?? archivedMessages(), number, size.messages, () => true),
  };
}
