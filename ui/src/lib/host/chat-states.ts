/** States of chats, tasks and e-mails, for the gallery and the tests. */
import type { ContactView, DeskSnapshot, PlacedMessage } from '$lib/rpc/gen';

import * as f from './fixtures';
import type { State } from './states';

const bot = { role: 'bot', name: 'Order helper' } as const;
const supervisor = { role: 'supervisor', name: 'Maria Lind' } as const;
const hostileName = `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)} \u202Eevil`;

const accounts = (): DeskSnapshot['accounts'] => [
  f.account({ agent: f.agent({ state: f.systemState('Busy', 'busy', 128) }) }),
];
const show = (change: Partial<DeskSnapshot>, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot({ accounts: accounts(), ...change }),
  ...rest,
});
const others = (messages: readonly PlacedMessage[], back: number): string =>
  messages
    .filter((one) => one.message.author.role !== 'me' && one.message.body.kind !== 'event')
    .at(-1 - back)?.message.id ?? '';

/** A short conversation about an order. */
const talk = (id = 'chat-1'): PlacedMessage[] => [
  f.said(id, f.customerAuthor, 127, { kind: 'event', event: 'joined' }),
  f.said(id, f.customerAuthor, 120, 'Hello! My order 2041-77 has not arrived yet.'),
  f.said(id, f.customerAuthor, 116, 'It was due on Tuesday.'),
  f.said(id, f.me, 90, 'Good morning, Ana. Let me have a look.'),
  f.said(id, f.me, 70, 'It left our warehouse yesterday and arrives tomorrow before noon.', {
    delivery: 'delivered',
  }),
];

/** One of everything that can stand in a conversation. */
const everything = (id: string): PlacedMessage[] => {
  const day = 26 * 3600;
  return [
    f.said(id, bot, day, {
      kind: 'interactive',
      title: 'What is it about?',
      subtitle: 'Choose one, or write to us.',
      choices: [
        { title: 'An order', subtitle: 'Where it is, or something is missing' },
        { title: 'A return', subtitle: null },
        { title: 'Something else', subtitle: null },
      ],
    }),
    f.said(id, f.customerAuthor, day - 20, { kind: 'answer', text: 'An order', fields: [] }),
    f.said(id, f.customerAuthor, day - 60, {
      kind: 'answer',
      text: '',
      fields: [
        { name: 'Order number', value: '2041-77' },
        { name: 'Post code', value: '' },
      ],
    }),
    f.said(id, { role: 'agent', name: 'Agent Two' }, day - 300, 'I hand you to a colleague.'),
    f.said(id, { role: 'system', name: null }, day - 310, { kind: 'event', event: 'transferred' }),
    f.said(id, f.me, 3000, { kind: 'event', event: 'joined' }),
    f.said(id, f.me, 2900, {
      kind: 'markdown',
      text: 'Good morning! Please check **both** of these:\n\n- the *confirmation* we sent\n- [the tracking page](https://track.example/2041-77)\n\nThen write here.',
    }),
    f.said(id, f.customerAuthor, 2400, 'Here they are 🙂 See also https://shop.example/orders/2041-77.'),
    f.said(id, f.customerAuthor, 2390, {
      kind: 'attachments',
      caption: null,
      files: [
        {
          id: 'a1',
          name: 'confirmation.pdf',
          content_type: 'application/pdf',
          size: 184_300,
          state: 'ready',
        },
        { id: 'a2', name: 'parcel.jpg', content_type: 'image/jpeg', size: 2_411_000, state: 'checking' },
        {
          id: 'a3',
          name: 'invoice.exe',
          content_type: 'application/x-msdownload',
          size: null,
          state: 'refused',
        },
      ],
    }),
    f.said(id, f.customerAuthor, 1800, { kind: 'event', event: 'idle' }),
    f.said(id, supervisor, 1200, 'Offer free delivery on the next order.'),
    f.said(id, f.me, 900, 'We deliver your next order free of charge.', { delivery: 'delivered' }),
    f.said(id, f.customerAuthor, 600, {
      kind: 'unknown',
      content_type: 'application/vnd.shop.sticker',
      text: 'sticker: thumbs-up',
    }),
    f.said(id, f.customerAuthor, 120, 'Thank you!'),
    f.said(id, f.customerAuthor, 110, 'One more question: can I change the address?'),
  ];
};

const busy = (): Partial<DeskSnapshot> => {
  const messages = everything('chat-1');
  return {
    contacts: [f.chat('chat-1', {}, { queue: { id: 'q', name: 'Orders, chat' } })],
    conversations: [
      f.conversation(
        'chat-1',
        {
          unread: 2,
          read_up_to: others(messages, 2),
          outgoing: [
            {
              token: 't1',
              item: f.words('Yes, until tonight.'),
              since: f.ago(3),
              state: { kind: 'sending' },
            },
          ],
        },
        { has_older: true, typing: [f.customerAuthor] },
      ),
    ],
    messages,
  };
};
const one = (
  change: Parameters<typeof f.conversation>[1] = {},
  frame: Parameters<typeof f.conversation>[2] = {},
  view: ContactView = f.chat('chat-1'),
): Partial<DeskSnapshot> => ({
  contacts: [view],
  conversations: [f.conversation('chat-1', change, frame)],
  messages: talk(),
});
const task = (change: Partial<ContactView['contact']> = {}): ContactView =>
  f.chat(
    'task-1',
    {},
    {
      channel: 'task',
      subject: 'Check the broken delivery of order 2041-77',
      customer: { name: 'Ana Ferreira', address: null },
      allowed: ['end', 'transfer', 'pause'],
      ...change,
    },
  );
const email = (): ContactView =>
  f.chat(
    'email-1',
    {},
    {
      channel: 'email',
      subject: 'Re: Invoice 4711 is wrong',
      customer: { name: null, address: 'ana.ferreira@shop.example' },
    },
  );
const several = (): Partial<DeskSnapshot> => {
  const first = talk('chat-1');
  const second = [
    f.said('chat-2', { role: 'customer', name: 'Jonas Berg' }, 60, 'Are you still there?'),
    f.said('chat-2', { role: 'customer', name: 'Jonas Berg' }, 30, 'Hello?'),
  ];
  return {
    contacts: [
      f.chat('chat-1'),
      f.chat('chat-2', { connected_at: f.ago(340) }, { customer: { name: 'Jonas Berg', address: null } }),
      f.chat('chat-3', { connected_at: f.ago(3700) }, { customer: { name: 'Li Wei', address: null } }),
      f.live(),
    ],
    conversations: [
      f.conversation('chat-1', { read_up_to: others(first, 0) }),
      f.conversation('chat-2', { unread: 2 }),
      f.conversation('chat-3', {}, { typing: [{ role: 'customer', name: 'Li Wei' }] }),
    ],
    messages: [
      ...first,
      ...second,
      f.said('chat-3', { role: 'customer', name: 'Li Wei' }, 3600, 'One moment.'),
    ],
  };
};
/** `count` short messages, the newest last. */
export const long = (count: number): Partial<DeskSnapshot> => ({
  contacts: [f.chat('chat-1')],
  conversations: [f.conversation('chat-1')],
  messages: Array.from({ length: count }, (_, at) =>
    f.said(
      'chat-1',
      at % 3 === 0 ? f.me : f.customerAuthor,
      (count - at) * 40,
      `Message ${at + 1} of ${count}`,
    ),
  ),
});

/** By name. */
export const chatStates: Record<string, () => State> = {
  'chat-offered': () =>
    show({
      accounts: [f.account({ agent: f.agent({ state: f.systemState('Pending', 'reserved', 6) }) })],
      contacts: [
        f.offered({ media: null }, { channel: 'chat', customer: { name: 'Ana Ferreira', address: null } }),
      ],
    }),
  'chat-offered-while-chatting': () =>
    show({
      ...one(),
      contacts: [
        f.chat('chat-1'),
        f.offered(
          { media: null, while_busy: true, key: { account: 'account-1', contact: 'chat-2' } },
          { id: 'chat-2', channel: 'chat', customer: { name: 'Jonas Berg', address: null } },
        ),
      ],
    }),
  'task-offered': () =>
    show({
      contacts: [
        f.offered({ media: null }, { ...task().contact, state: 'offered', allowed: ['accept', 'reject'] }),
      ],
    }),
  'chat-joining': () =>
    show({
      ...one({}, { state: 'joining' }, f.chat('chat-1', { connected_at: null }, { state: 'connecting' })),
      messages: [],
    }),
  'chat-empty': () => show({ ...one(), messages: [] }),
  'chat-open': () => show(one()),
  'chat-busy': () => show(busy()),
  'chat-busy-top': () => {
    const state = show(busy());
    for (const view of state.snapshot?.conversations ?? []) Object.assign(view, { unread: 13 });
    return state;
  },
  'chat-typing': () => show(one({}, { typing: [f.customerAuthor] })),
  'chat-broken': () =>
    show(
      one(
        {
          outgoing: [
            {
              token: 't1',
              item: f.words('Your parcel arrives tomorrow.'),
              since: f.ago(9),
              state: { kind: 'waiting' },
            },
          ],
        },
        { state: 'broken' },
      ),
    ),
  'chat-failed': () =>
    show(
      one({
        outgoing: [
          {
            token: 't1',
            item: f.words('Your parcel arrives tomorrow before noon.'),
            since: f.ago(30),
            state: { kind: 'failed', reason: 'error_message_refused' },
          },
          {
            token: 't2',
            item: f.words('Is there anything else?'),
            since: f.ago(12),
            state: { kind: 'waiting' },
          },
        ],
      }),
    ),
  'chat-send-refused': () =>
    show(one(), {
      refused: { conversation_send: 'error_cannot_keep' },
      click: ['composer=Your parcel arrives tomorrow.', 'composer-send'],
    }),
  'chat-near-limit': () => show(one(), { click: [`composer=${'Grüße! '.repeat(126)}`] }),
  'chat-marks': () => show(one(), { click: ['composer-marks', 'composer=**Please** check this.'] }),
  'chat-files': () =>
    show({
      ...one({
        outgoing: [
          {
            token: 't1',
            item: { kind: 'file', name: 'terms-and-conditions.pdf', size: 3_400_000, sent: 2_100_000 },
            since: f.ago(4),
            state: { kind: 'sending' },
          },
          {
            token: 't2',
            item: { kind: 'file', name: 'label.png', size: 81_000, sent: 0 },
            since: f.ago(2),
            state: { kind: 'failed', reason: 'error_file_lost' },
          },
        ],
        downloads: [
          { attachment: 'a1', received: 90_000, saved: null, failed: null },
          { attachment: 'a2', received: 81_000, saved: '/home/agent/Downloads/parcel.jpg', failed: null },
          { attachment: 'a3', received: 0, saved: null, failed: 'error_file_not_written' },
        ],
      }),
      messages: [
        ...talk().slice(0, 2),
        f.said('chat-1', f.customerAuthor, 60, {
          kind: 'attachments',
          caption: null,
          files: [
            {
              id: 'a1',
              name: 'confirmation.pdf',
              content_type: 'application/pdf',
              size: 184_300,
              state: 'ready',
            },
            { id: 'a2', name: 'parcel.jpg', content_type: 'image/jpeg', size: 81_000, state: 'ready' },
            { id: 'a3', name: 'notes.txt', content_type: 'text/plain', size: 900, state: 'ready' },
          ],
        }),
      ],
    }),
  'chat-wrap-up': () =>
    show({
      ...one(
        {},
        { state: 'ended' },
        f.chat(
          'chat-1',
          { ended_at: f.ago(21) },
          { state: 'ended', outcome: 'ended_by_customer', allowed: ['clear'], state_since: f.ago(21) },
        ),
      ),
      messages: [...talk(), f.said('chat-1', f.customerAuthor, 21, { kind: 'event', event: 'left' })],
    }),
  'chat-end-confirm': () => show(one(), { click: ['end'] }),
  'chat-details': () => show(one(), { click: ['chat-details'] }),
  'chats-and-call': () => show(several(), { show: 'contact/account-1/chat-1', levels: { sent: 0.09 } }),
  'chats-overview': () => show(several(), { show: 'contact/account-1/chat-1', click: ['alt=Digit0'] }),
  'chat-hostile': () => {
    const id = 'chat-1';
    const author = { role: 'customer', name: hostileName } as const;
    return show({
      contacts: [
        f.chat(
          id,
          {},
          { customer: { name: hostileName, address: null }, queue: { id: 'q', name: hostileName } },
        ),
        f.chat('chat-2', {}, { customer: { name: hostileName, address: null } }),
      ],
      conversations: [
        f.conversation(id, {}, { typing: [author] }),
        f.conversation('chat-2', { unread: 128 }),
      ],
      messages: [
        f.said(id, author, 60, `<script>alert(1)</script> ${'wide'.repeat(80)}\n\n\nthree lines down`),
        f.said(id, author, 50, {
          kind: 'markdown',
          text: '[click](javascript:alert(1)) <b onclick="x()">bold?</b> **bold** ![pic](https://evil.example/x.png) [bank](https://evil.example)',
        }),
        f.said(id, author, 40, {
          kind: 'attachments',
          caption: null,
          files: [
            {
              id: 'x',
              name: `../../${'long-name-'.repeat(12)}\u202Efdp.exe`,
              content_type: '<b>',
              size: null,
              state: 'ready',
            },
          ],
        }),
        f.said(id, { role: 'agent', name: '' }, 30, 'مرحبا، كيف يمكنني مساعدتك؟'),
      ],
    });
  },
  'chat-missed': () =>
    show({
      contacts: [
        f.finished({}, { channel: 'chat', state: 'missed', outcome: 'missed' }),
        f.finished(
          { key: { account: 'account-1', contact: 'b' } },
          { id: 'b', channel: 'chat', state: 'missed', outcome: 'abandoned' },
        ),
        f.finished(
          { key: { account: 'account-1', contact: 'c' } },
          { id: 'c', channel: 'task', state: 'rejected', outcome: 'declined', subject: 'Check invoice 4711' },
        ),
      ],
    }),
  'task-live': () => show({ contacts: [task()] }),
  'task-paused': () =>
    show({
      contacts: [task({ state: 'paused', state_since: f.ago(95), allowed: ['end', 'transfer', 'unpause'] })],
    }),
  'email-live': () => show({ contacts: [email()] }),
  'transfer-sheet': () => show(one(), { click: ['hand-over', 'endpoint'] }),
  'transfer-sheet-failed': () =>
    show(one(), {
      click: ['hand-over', 'endpoint', 'transfer-confirm'],
      refused: { contact_transfer: 'error_bad_target' },
    }),
  'chat-long': () => show(long(4000)),
};
