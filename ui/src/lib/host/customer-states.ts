/** States of customers, canned messages, places and people sent, and colleagues who advise, for the gallery and the tests. */
import type {
  AccountView,
  CannedMessage,
  ContactView,
  ConversationView,
  CustomerCard,
  CustomerField,
  CustomerRecord,
  DeskSnapshot,
  Outgoing,
  PastMessage,
  PlacedMessage,
} from '$lib/rpc/gen';

import * as f from './fixtures';
import { rpcError } from './host';
import type { Answers } from './memory';
import type { State } from './states';

/** What is asked about customers, and of what is kept ready to be said. `waiting`: the answer does not come. */
export interface CustomersOf {
  card?: CustomerCard | 'waiting' | 'failed';
  found?: CustomerRecord[] | 'waiting' | 'failed';
  past?: PastMessage[] | 'waiting' | 'failed';
  canned?: CannedMessage[] | 'waiting' | 'failed';
}

const field = (label: string, values: string[], change: Partial<CustomerField> = {}): CustomerField => ({
  key: label,
  label,
  values,
  hidden: false,
  address: false,
  ...change,
});
export const record = (change: Partial<CustomerRecord> = {}): CustomerRecord => ({
  id: 'customer-1',
  name: 'Omar Haddad',
  anonymous: false,
  fields: [
    field('Customer number', ['2041-77-03']),
    field('Phone', ['+4915112345678', '+493012345678'], { address: true }),
    field('E-mail', ['omar@haddad.example'], { address: true }),
    field('Date of birth', [], { hidden: true }),
    field('Street', ['Alexanderplatz 1, 10178 Berlin']),
  ],
  labels: ['Gold', 'Prefers e-mail'],
  ...change,
});
export const card = (change: Partial<CustomerCard> = {}): CustomerCard => ({
  record: record(),
  can_link: true,
  has_past: true,
  ...change,
});
const anonymous = (): CustomerCard =>
  card({
    record: record({
      id: 'customer-0',
      name: null,
      anonymous: true,
      fields: [field('Phone', ['+4915112345678'], { address: true })],
      labels: [],
    }),
    has_past: false,
  });
const hostile = (): CustomerCard =>
  card({
    record: record({
      name: `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)} \u202E`,
      fields: [
        field(`<b>${'LabelWithoutABlank'.repeat(6)}</b>`, ['x'.repeat(400), `<script>alert('x')</script>`]),
        field('العميل', ['مرحبا \u202E abc']),
        field('', ['a field without a name']),
        field('Empty', ['']),
      ],
      labels: ['x'.repeat(80), 'Gold', 'Gold', '  '],
    }),
  });

/** Customers as a search finds them. */
export const found: CustomerRecord[] = [
  record(),
  record({
    id: 'customer-2',
    name: 'Omar Hadid',
    fields: [
      field('Phone', ['+4915198765432'], { address: true }),
      field('E-mail', ['omar.hadid@example.invalid'], { address: true }),
      field('City', ['Hamburg']),
    ],
    labels: [],
  }),
  record({
    id: 'customer-3',
    name: null,
    fields: [field('E-mail', ['o.haddad@haddad-and-co.example'], { address: true })],
    labels: ['Company'],
  }),
];
const manyFound = (): CustomerRecord[] =>
  Array.from({ length: 24 }, (_, at) =>
    record({
      id: `customer-many-${at}`,
      name: `Omar Haddad ${at + 1}`,
      fields: [field('Phone', [`+49151123456${String(at).padStart(2, '0')}`], { address: true })],
      labels: [],
    }),
  );

const omar = { role: 'customer', name: 'Omar Haddad' } as const;
const priya = { role: 'agent', name: 'Priya Nair' } as const;
const helper = { role: 'bot', name: 'Answer helper' } as const;
const hours = 3600;
const past = (conversation: string, placed: PlacedMessage): PastMessage => ({
  conversation,
  message: placed.message,
});
/** Three conversations, newest first; the last of them begins on the second page. */
export const pastMessages = (): PastMessage[] => {
  const all = [
    past('past-3', f.said('p', helper, 30 * 24 * hours + 900, 'Hello! What is it about?')),
    past('past-3', f.said('p', omar, 30 * 24 * hours + 860, 'My order 2041-70.', { line: 'chat' })),
    past(
      'past-3',
      f.said('p', priya, 30 * 24 * hours + 700, 'It left our house this morning.', { line: 'chat' }),
    ),
    past('past-2', f.said('p', omar, 26 * hours + 300, 'Has it been sent?', { line: 'whatsapp' })),
    past('past-2', f.said('p', priya, 26 * hours + 200, { kind: 'event', event: 'joined' })),
    past(
      'past-2',
      f.said('p', priya, 26 * hours + 190, 'It has. Here is the slip.', {
        line: 'whatsapp',
        delivery: 'read',
      }),
    ),
    past(
      'past-2',
      f.said('p', priya, 26 * hours + 180, {
        kind: 'attachments',
        caption: null,
        files: [{ id: 's', name: 'slip.pdf', content_type: 'application/pdf', size: 82_000, state: 'ready' }],
      }),
    ),
    past(
      'past-1',
      f.said('p', omar, 2 * hours, 'Can I change the address?', { id: 'past-ask', line: 'whatsapp' }),
    ),
    past(
      'past-1',
      f.said('p', f.me, 2 * hours - 60, 'Until tonight, yes.', {
        line: 'whatsapp',
        reply_to: { message: 'past-ask', author: omar, text: 'Can I change the address?' },
      }),
    ),
    past('past-1', f.said('p', priya, 2 * hours - 90, 'He is a gold customer.', { internal: true })),
    past('past-1', f.said('p', omar, 2 * hours - 120, 'Perfect, thanks!', { line: 'whatsapp' })),
  ];
  return all.reverse();
};
/** Items of one page. */
const pageSize = 9;

/** Canned messages in two languages. */
export const canned: CannedMessage[] = [
  { language: 'en', category: 'Greetings', text: 'Hello! How can I help you?' },
  { language: 'en', category: 'Greetings', text: 'Thank you for waiting. I am here now.' },
  {
    language: 'en',
    category: 'Orders',
    text: 'Your order is on its way. You get the tracking number by e-mail.',
  },
  {
    language: 'en',
    category: 'Orders',
    text: 'I am sorry that your parcel is late. I have asked the carrier where it is, and write to you as soon as I have an answer, at the latest tomorrow morning.',
  },
  { language: 'en', category: 'Orders', text: 'Would you like to collect it at the café next door?' },
  { language: 'en', category: 'Goodbye', text: 'Is there anything else that I can do for you?' },
  { language: 'de', category: 'Begrüßung', text: 'Guten Tag! Was kann ich für Sie tun?' },
  { language: 'de', category: 'Bestellung', text: 'Ihre Bestellung ist unterwegs.' },
];

const account = (change: Partial<AccountView> = {}): AccountView =>
  f.account({
    platform: 'expertflow',
    platform_name: 'Expertflow CX',
    name: 'Fabrikam Care',
    capabilities: [...f.handled, 'whispers', 'consult', 'customers', 'canned_messages', 'handover_notes'],
    agent: f.agent({ state: { ...f.state('Ready', { kind: 'routable' }), since: f.ago(754) } }),
    ...change,
  });
const chat = (inner: Parameters<typeof f.chat>[2] = {}): ContactView =>
  f.chat(
    'cx-1',
    {},
    {
      customer: { name: 'Omar Haddad', address: '+4915112345678' },
      queue: { id: 'q', name: 'Care' },
      allowed: ['end', 'transfer', 'add_party', 'consult'],
      attributes: [],
      ...inner,
    },
  );
const talk = (): PlacedMessage[] => [
  f.said('cx-1', f.me, 140, { kind: 'event', event: 'joined' }),
  f.said('cx-1', omar, 120, 'Hello, my parcel came without the invoice.'),
  f.said('cx-1', f.me, 90, 'I am sorry about that. Which order was it?'),
  f.said('cx-1', omar, 40, '2041-77. And where can I bring it back?'),
];
const show = (
  customers: CustomersOf = {},
  rest: Partial<State> = {},
  inner: Parameters<typeof f.chat>[2] = {},
  frame: Partial<ConversationView['conversation']> = {},
  change: Partial<ConversationView> = {},
): State => ({
  window: 'panel',
  snapshot: f.snapshot({
    accounts: [account()],
    contacts: [chat(inner)],
    conversations: [
      f.conversation('cx-1', change, {
        participants: [omar],
        markdown: false,
        replies: true,
        cards: true,
        longest: 16_384,
        ...frame,
      }),
    ],
    messages: talk(),
  } satisfies Partial<DeskSnapshot>),
  customers,
  ...rest,
});
const open = ['customer-open'];
const linking = [...open, 'customer-tab-link'];
const sending = ['composer-attach', 'attach-place'];
const carding = ['composer-attach', 'attach-cards'];
const lena = { id: 'agent-lena', name: 'Lena Vogel' };
const dev = { id: 'agent-dev', name: 'Dev Ramanathan-Krishnamurthy' };
const advised: Parameters<typeof f.chat>[2] = {
  advisers: [lena],
  allowed: ['end', 'hand_to_adviser', 'bring_in_adviser'],
};
const outgoing: Outgoing[] = [
  {
    token: 'o1',
    item: {
      kind: 'place',
      place: {
        latitude: '52.520008',
        longitude: '13.404954',
        name: 'Fabrikam shop',
        address: 'Alexanderplatz 1, 10178 Berlin',
      },
    },
    since: f.ago(3),
    state: { kind: 'sending' },
  },
  {
    token: 'o2',
    item: {
      kind: 'cards',
      cards: [
        {
          name: 'Lena Vogel',
          phones: ['+493012345678'],
          more: [{ name: 'E-mail', value: 'lena@fabrikam.example' }],
        },
      ],
    },
    since: f.ago(2),
    state: { kind: 'failed', reason: 'error_message_refused' },
  },
];
const longNote = 'He wants the invoice once more and a new address for order 2041-77. '.repeat(13);

/** By name. */
export const customerStates: Record<string, () => State> = {
  'customer-card': () => show({}, { click: open }),
  'customer-bottom': () => show({}, { click: [...open, 'customer-copy'] }),
  'customer-anonymous': () =>
    show({ card: anonymous() }, { click: open }, { customer: { name: null, address: '+4915112345678' } }),
  'customer-hostile': () => show({ card: hostile() }, { click: open }),
  'customer-empty': () =>
    show(
      { card: card({ record: record({ fields: [], labels: [] }), can_link: false, has_past: false }) },
      { click: open },
    ),
  'customer-loading': () => show({ card: 'waiting' }, { click: open }),
  'customer-failed': () => show({ card: 'failed' }, { click: open }),
  'customer-details': () => show({}, { click: ['chat-details'] }),
  'customer-call': () => ({
    window: 'panel',
    snapshot: f.snapshot({ accounts: [account()], contacts: [f.live()] }),
    customers: {},
  }),
  'customer-link': () => show({}, { click: linking }),
  'customer-link-found': () => show({}, { click: [...linking, 'customer-search=omar', 'customer-found'] }),
  'customer-link-many': () =>
    show({ found: manyFound() }, { click: [...linking, 'customer-search=omar', 'customer-found'] }),
  'customer-link-none': () =>
    show({ found: [] }, { click: [...linking, 'customer-search=nobody', 'customer-search-none'] }),
  'customer-link-searching': () =>
    show({ found: 'waiting' }, { click: [...linking, 'customer-search=omar'] }),
  'customer-link-search-failed': () =>
    show({ found: 'failed' }, { click: [...linking, 'customer-search=omar', 'customer-search-failed'] }),
  'customer-link-confirm': () => show({}, { click: [...linking, 'customer-search=omar', 'customer-link'] }),
  'customer-linking': () =>
    show(
      {},
      {
        click: [...linking, 'customer-search=omar', 'customer-link', 'confirm-link-confirm'],
        silent: ['contact_link_customer'],
      },
    ),
  'customer-link-refused': () =>
    show(
      {},
      {
        click: [...linking, 'customer-search=omar', 'customer-link', 'confirm-link-confirm'],
        refused: { contact_link_customer: 'error_not_allowed' },
      },
    ),
  'past-list': () => show({}, { click: [...open, 'customer-tab-past'] }),
  'past-more': () => show({}, { click: [...open, 'customer-tab-past', 'past-more', 'past-open'] }),
  'past-empty': () => show({ past: [] }, { click: [...open, 'customer-tab-past'] }),
  'past-loading': () => show({ past: 'waiting' }, { click: [...open, 'customer-tab-past'] }),
  'past-failed': () => show({ past: 'failed' }, { click: [...open, 'customer-tab-past'] }),
  'canned-open': () => show({}, { click: ['composer-canned'] }),
  'canned-chosen': () => show({}, { click: ['composer-canned', 'canned-message'] }),
  'canned-search': () => show({}, { click: ['composer-canned', 'canned-search=parcel'] }),
  'canned-typed': () => show({}, { click: ['composer=/', 'composer=/order'] }),
  'canned-none': () => show({}, { click: ['composer=/', 'composer=/zebra'] }),
  'canned-empty': () => show({ canned: [] }, { click: ['composer-canned'] }),
  'canned-loading': () => show({ canned: 'waiting' }, { click: ['composer-canned'] }),
  'canned-failed': () => show({ canned: 'failed' }, { click: ['composer-canned'] }),
  'canned-internal': () =>
    show(
      {},
      { click: ['to-colleagues', 'composer-canned'] },
      {},
      { participants: [omar, priya], whispers: true },
    ),
  'composer-attach-menu': () => show({}, { click: ['composer-attach'] }),
  'send-place': () =>
    show(
      {},
      {
        click: [
          ...sending,
          'place-latitude=52.520008',
          'place-longitude=13.404954',
          'place-name=Fabrikam shop',
        ],
      },
    ),
  'send-place-faults': () =>
    show({}, { click: [...sending, 'place-latitude=north', 'place-longitude=13.4', 'place-send'] }),
  'send-place-refused': () =>
    show(
      {},
      {
        click: [...sending, 'place-latitude=52.5', 'place-longitude=13.4', 'place-send'],
        refused: { conversation_send_place: 'error_no_cards_here' },
      },
    ),
  'send-cards': () =>
    show(
      {},
      { click: [...carding, 'person-name=Lena Vogel', 'person-phone=+49 30 123456', 'person-phone-add'] },
    ),
  'send-cards-many': () => show({}, { click: [...carding, 'person-name=Lena Vogel', 'person-add'] }),
  'send-cards-faults': () => show({}, { click: [...carding, 'person-mail=nowhere', 'cards-send'] }),
  'cards-outgoing': () => show({}, {}, {}, {}, { outgoing }),
  'transfer-note': () =>
    show({}, { click: ['hand-over', 'transfer-note=Wants the invoice once more.', 'endpoint'] }),
  'transfer-note-near': () => show({}, { click: ['hand-over', `transfer-note=${longNote}`, 'endpoint'] }),
  'transfer-note-over': () =>
    show({}, { click: ['hand-over', `transfer-note=${longNote.repeat(2)}`, 'endpoint', 'transfer-confirm'] }),
  'consult-note': () => show({}, { click: ['chat-more', 'chat-consult', 'endpoint'] }),
  'adviser-one': () => show({}, {}, advised, { participants: [omar, priya], whispers: true }),
  'adviser-two': () =>
    show({}, {}, { ...advised, advisers: [lena, dev] }, { participants: [omar, priya], whispers: true }),
  'adviser-no-rights': () => show({}, {}, { ...advised, allowed: ['end'] }),
  'adviser-hand-over': () => show({}, { click: ['adviser-hand-over'] }, advised),
  'adviser-asked': () => show({}, { click: ['adviser-bring-in'], silent: ['contact_end_consult'] }, advised),
};

/** What is given, or how it does not come. */
function given<T>(what: T | 'waiting' | 'failed'): T | Promise<T> {
  if (what === 'waiting') return new Promise(() => undefined);
  if (what === 'failed') throw rpcError('unavailable', 'error_unavailable', true);
  return what;
}
/** As a platform gives it, by pages. */
async function page<T>(
  what: T[] | 'waiting' | 'failed',
  number: number,
  size: number,
): Promise<{ items: T[]; next: number | null }> {
  const all = await given(what);
  const items = all.slice(number * size, (number + 1) * size);
  return { items, next: all.length > (number + 1) * size ? number + 1 : null };
}

/** Answers of a host that shows a state. */
export const customerAnswers = (of: CustomersOf = {}): Answers => ({
  contact_customer: () => given(of.card ?? card()),
  customer_find: (request) => page(of.found ?? found, request.page, 10),
  contact_past: (request) => page(of.past ?? pastMessages(), request.page, pageSize),
  canned_messages: () => given(of.canned ?? canned),
  conversation_send_place: ({ contact }) => ({ contact, token: 'token-new' }),
  conversation_send_cards: ({ contact }) => ({ contact, token: 'token-new' }),
});
