/** States of a platform with several media, channels and colleagues in one conversation, for the gallery and the tests. */
import type {
  AccountView,
  Agent,
  Challenge,
  ContactView,
  ConversationView,
  DeskSnapshot,
  Line,
  MediaDomain,
  PlacedMessage,
  WrapUpForm,
} from '$lib/rpc/gen';

import * as f from './fixtures';
import type { State } from './states';

const priya = { role: 'agent', name: 'Priya Nair' } as const;
const omar = { role: 'customer', name: 'Omar Haddad' } as const;
const system = { role: 'system', name: null } as const;
const helper = { role: 'bot', name: 'Answer helper' } as const;

/** The media of an agent, switched on. */
export const media = (change: Partial<Record<string, Partial<MediaDomain>>> = {}): MediaDomain[] =>
  [
    { id: 'mrd-chat', name: 'CHAT', state: 'active' as const, since: f.ago(312), limit: 5, switchable: true },
    {
      id: 'mrd-voice',
      name: 'CX_VOICE',
      state: 'ready' as const,
      since: f.ago(754),
      limit: 1,
      switchable: true,
    },
    {
      id: 'mrd-cisco',
      name: 'CISCO_CC',
      state: 'not_ready' as const,
      since: f.ago(754),
      limit: 0,
      switchable: false,
    },
  ].map((one) => ({ ...one, ...change[one.id] }));

/** Codes as an administrator sets them up. */
export const codes: WrapUpForm = {
  categories: [
    { name: 'Order', values: ['Late delivery', 'Wrong item', 'Damaged', 'Change of address'] },
    { name: 'Invoice', values: ['Copy of invoice', 'Wrong amount', 'Payment reminder'] },
    { name: 'Other', values: ['Praise', 'Complaint', 'Wrong department'] },
  ],
  most: 5,
  note: true,
};
const single: WrapUpForm = {
  categories: [{ name: 'Result', values: ['Solved', 'Open'] }],
  most: 1,
  note: false,
};

const account = (agent: Partial<Agent> = {}, change: Partial<AccountView> = {}): AccountView =>
  f.account({
    platform: 'expertflow',
    platform_name: 'Expertflow CX',
    name: 'Fabrikam Care',
    capabilities: [...f.handled, 'media_states', 'whispers', 'consult', 'wrap_up_codes'],
    agent: f.agent({
      state: { ...f.state('Ready', { kind: 'routable' }), since: f.ago(754) },
      selectable_states: [
        f.state('Ready', { kind: 'routable' }),
        f.state('Lunch'),
        f.state('Logout', { kind: 'offline' }),
      ],
      media: media(),
      wrap_up: codes,
      ...agent,
    }),
    ...change,
  });
const show = (change: Partial<DeskSnapshot>, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot({ accounts: [account()], ...change }),
  ...rest,
});

/** The ways to one customer. */
export const lines: Line[] = [
  { id: 'line-web', kind: 'chat', address: null },
  { id: 'line-wa', kind: 'whatsapp', address: '+4915112345678' },
  { id: 'line-fb', kind: 'Facebook', address: 'omar.haddad.73' },
];
const every = ['end', 'transfer', 'add_party', 'consult', 'pause', 'wrap_up'] as const;

const chat = (
  inner: Parameters<typeof f.chat>[2] = {},
  change: Partial<ContactView> = {},
  id = 'cx-1',
): ContactView =>
  f.chat(id, change, {
    customer: { name: 'Omar Haddad', address: '+4915112345678' },
    queue: { id: 'q', name: 'Care' },
    allowed: [...every],
    attributes: [],
    ...inner,
  });
const frame = (
  change: Partial<ConversationView['conversation']> = {},
  rest: Partial<ConversationView> = {},
  id = 'cx-1',
): ConversationView =>
  f.conversation(id, rest, {
    participants: [omar],
    markdown: false,
    replies: true,
    longest: 16_384,
    ...change,
  });

/** A short conversation. */
const talk = (id = 'cx-1'): PlacedMessage[] => [
  f.said(id, f.me, 140, { kind: 'event', event: 'joined' }),
  f.said(id, omar, 120, 'Hello, my parcel came without the invoice.', { id: `${id}-ask` }),
  f.said(id, f.me, 90, 'I am sorry about that. Which order was it?', {
    reply_to: { message: `${id}-ask`, author: omar, text: 'Hello, my parcel came without the invoice.' },
  }),
  f.said(id, omar, 40, '2041-77. And can I still change the address?', {
    suggestions: [
      { text: 'Here is your invoice. The address can be changed until tonight.', confidence: 91 },
      { text: 'Which address should it go to?', confidence: 64 },
      { text: 'One moment, please.', confidence: null },
    ],
  }),
];
const whispered = (): PlacedMessage[] => [
  ...talk(),
  f.said('cx-1', priya, 30, { kind: 'event', event: 'advises' }),
  f.said('cx-1', priya, 25, 'He is a gold customer: free change of address.', { internal: true }),
  f.said('cx-1', priya, 22, 'Offer the express, too.', { internal: true }),
  f.said('cx-1', f.me, 12, 'Thanks, I will.', { internal: true, delivery: 'read' }),
];
const withPriya = { participants: [omar, priya], whispers: true };

/** One of every kind that can stand in a conversation. */
const kinds = (id = 'cx-1'): PlacedMessage[] => [
  f.said(id, omar, 900, {
    kind: 'attachments',
    caption: 'This is how it arrived.',
    files: [{ id: 'p', name: 'parcel.jpg', content_type: 'image/jpeg', size: 241_000, state: 'ready' }],
  }),
  f.said(id, omar, 880, {
    kind: 'location',
    place: {
      latitude: '52.520008',
      longitude: '13.404954',
      name: 'Corner shop',
      address: 'Alexanderplatz 1, 10178 Berlin',
    },
  }),
  f.said(id, omar, 860, {
    kind: 'contacts',
    cards: [
      {
        name: 'Lena Haddad',
        phones: ['+4915198765432', '+493012345678'],
        more: [{ name: 'Company', value: 'Haddad & Co' }],
      },
      { name: '', phones: [], more: [] },
    ],
  }),
  f.said(id, omar, 840, {
    kind: 'link',
    address: 'https://shop.example/orders/2041-77?from=chat',
    text: 'My order',
  }),
  f.said(id, omar, 700, {
    kind: 'email',
    head: {
      from: { name: 'Omar Haddad', address: 'omar@haddad.example' },
      to: [{ name: 'Fabrikam Care', address: 'care@fabrikam.example' }],
      cc: [{ name: null, address: 'billing@fabrikam.example' }],
    },
    subject: 'Invoice for order 2041-77',
    text: Array.from(
      { length: 16 },
      (_, at) => `Line ${at + 1} of a long letter about one parcel and its invoice.`,
    ).join('\n'),
    files: [{ id: 'm', name: 'order.pdf', content_type: 'application/pdf', size: 82_000, state: 'ready' }],
  }),
  f.said(id, omar, 500, {
    kind: 'comment',
    act: 'TEXT',
    text: 'Never got an answer from them!',
    post: 'https://social.example/fabrikam/posts/881',
    files: [],
  }),
  f.said(id, f.me, 480, { kind: 'comment', act: 'HIDE', text: null, post: null, files: [] }),
  f.said(
    id,
    f.me,
    300,
    {
      kind: 'wrap_up',
      codes: [
        { category: 'Order', value: 'Late delivery' },
        { category: 'Invoice', value: 'Copy of invoice' },
      ],
      note: 'Sent the invoice once more.',
    },
    { internal: true },
  ),
  f.said(id, f.me, 200, 'The invoice is on its way.', { delivery: 'failed' }),
  f.said(id, omar, 100, { kind: 'unknown', content_type: 'carousel', text: 'Three pictures' }),
];
/** What happens beside words. */
const happened = (id = 'cx-1'): PlacedMessage[] => [
  f.said(id, priya, 600, { kind: 'event', event: 'transfer_requested' }),
  f.said(id, system, 580, { kind: 'event', event: 'nobody_available' }),
  f.said(id, priya, 560, { kind: 'event', event: 'conference_requested' }),
  f.said(id, f.me, 550, { kind: 'event', event: 'consult_requested' }),
  f.said(id, system, 540, { kind: 'event', event: 'request_cancelled' }),
  f.said(id, priya, 530, { kind: 'event', event: 'not_answered' }),
  f.said(id, f.me, 500, { kind: 'event', event: 'took_over' }),
  f.said(id, system, 480, { kind: 'event', event: { line_opened: 'WhatsApp' } }),
  f.said(id, system, 460, { kind: 'event', event: { line_closed: 'Web' } }),
  f.said(id, f.me, 440, { kind: 'event', event: 'paused' }),
  f.said(id, f.me, 400, { kind: 'event', event: 'unpaused' }),
  f.said(id, system, 380, { kind: 'event', event: 'customer_changed' }),
  f.said(id, priya, 360, { kind: 'event', event: 'hand_raised' }),
  f.said(id, priya, 340, { kind: 'event', event: 'hand_lowered' }),
  f.said(id, system, 320, { kind: 'event', event: 'answer_due' }),
  f.said(id, system, 300, { kind: 'event', event: 'call_began' }),
  f.said(id, system, 280, { kind: 'event', event: { other: 'Customer Sla Met' } }),
];
const onLines = (): PlacedMessage[] => [
  f.said('cx-1', omar, 300, 'Hello from the web page.', { line: 'chat' }),
  f.said('cx-1', f.me, 280, 'Hello Omar!', { line: 'chat' }),
  f.said('cx-1', system, 200, { kind: 'event', event: { line_opened: 'WhatsApp' } }),
  f.said('cx-1', omar, 120, 'I am on the road now, write here please.', { line: 'whatsapp' }),
  f.said('cx-1', helper, 60, 'I passed it on.', { line: 'whatsapp' }),
];
const one = (
  inner: Parameters<typeof f.chat>[2] = {},
  change: Partial<ConversationView['conversation']> = {},
  messages = talk(),
): Partial<DeskSnapshot> => ({ contacts: [chat(inner)], conversations: [frame(change)], messages });
const ended = (inner: Parameters<typeof f.chat>[2] = {}): ContactView =>
  chat(
    {
      state: 'ended',
      outcome: 'ended_by_customer',
      state_since: f.ago(21),
      allowed: ['clear', 'wrap_up'],
      wrap_up_ends: Date.now() + 42_000,
      ...inner,
    },
    { ended_at: f.ago(21) },
  );
const over = (view = ended(), accounts = [account()]): Partial<DeskSnapshot> => ({
  accounts,
  contacts: [view],
  conversations: [frame({ state: 'ended' })],
  messages: talk(),
});
/** Looks like a picture to scan; says nothing. */
const picture =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAB0AAAAdAQAAAAB+6FqiAAAAnElEQVR42gGRAG7/AAEE7AcAfSb19wBF15UXAEUwRRcARQAdFwB91433AAFuDAcA/zG//wBhE3hPALp9698AgdtMjwBG4jOXAHUyAocAZS7gjwDAdBQHAH5b7/8AB8+ixwDxR0WfABW9AF8AcYKT/wCshqE3AP/IXB8AAXj9XwB9kcYnAEXqUMcARc0BTwBFmLNHAH2F8ScAASPqh7mqNeoeufizAAAAAElFTkSuQmCC';
const asked = (challenge: Challenge, rest: Partial<State> = {}): State =>
  show(
    {
      accounts: [
        account(
          {},
          {
            agent: null,
            link: f.link({ state: 'needs_sign_in', reason: 'link_reason_challenge' }),
            challenge,
          },
        ),
      ],
    },
    rest,
  );
const question = { sent_to: null, can_resend: false, wrong: false, words: null };

/** By name. */
export const expertflowStates: Record<string, () => State> = {
  'media-states': () => show({}),
  'media-not-ready': () =>
    show({
      accounts: [
        account({
          state: { ...f.state('Lunch'), since: f.ago(61) },
          media: media({
            'mrd-chat': { state: 'ending', switchable: false },
            'mrd-voice': { state: 'not_ready', switchable: false },
          }),
        }),
      ],
    }),
  'media-switching': () => show({}, { silent: ['agent_set_media'], click: ['medium-switch'] }),
  'media-two-accounts': () =>
    show({
      accounts: [
        account({ media: media({ 'mrd-chat': { state: 'busy' }, 'mrd-voice': { state: 'interrupted' } }) }),
        f.account({ id: 'account-2', name: 'Northwind Support', order: 1 }),
      ],
    }),
  'cx-offered': () =>
    show({
      contacts: [
        f.offered(
          { media: null },
          {
            id: 'cx-1',
            channel: 'chat',
            allowed: ['accept'],
            customer: { name: 'Omar Haddad', address: '+4915112345678' },
            queue: { id: 'q', name: 'Care' },
            handover: {
              by: 'Priya Nair',
              note: 'Wants a copy of the invoice and a new address. Order 2041-77.',
              consult: false,
            },
          },
        ),
      ],
    }),
  'cx-offered-advice': () =>
    show({
      ...one(),
      contacts: [
        chat(),
        f.offered(
          { media: null, key: { account: 'account-1', contact: 'cx-2' } },
          {
            id: 'cx-2',
            channel: 'chat',
            allowed: ['accept'],
            customer: { name: 'Ana Ferreira', address: null },
            handover: { by: 'Priya Nair', note: 'May I refund her?', consult: true },
          },
        ),
      ],
    }),
  'cx-chat': () => show(one({}, { answer_by: Date.now() + 45_000 })),
  'cx-chat-menu': () => show(one(), { click: ['chat-more'] }),
  'cx-kinds': () => show(one({}, {}, kinds())),
  'cx-kinds-top': () => {
    const state = show(one({}, {}, kinds()));
    for (const view of state.snapshot?.conversations ?? []) Object.assign(view, { unread: 8 });
    return state;
  },
  'cx-happened': () => show(one({}, {}, happened())),
  'cx-replying': () => show(one(), { click: ['reply'] }),
  'cx-whisper': () =>
    show(one({}, withPriya, whispered()), { click: ['to-colleagues', 'composer=May I refund him?'] }),
  'cx-whisper-customer': () => show(one({}, withPriya, whispered())),
  'cx-whisper-sending': () =>
    show({
      contacts: [chat()],
      conversations: [
        frame(withPriya, {
          outgoing: [
            {
              token: 't1',
              item: f.words('May I refund him?', { internal: true, reply_to: 'cx-1-ask' }),
              since: f.ago(2),
              state: { kind: 'sending' },
            },
            {
              token: 't2',
              item: f.words('It is about 20 euros.', { internal: true }),
              since: f.ago(9),
              state: { kind: 'failed', reason: 'error_nobody_to_whisper_to' },
            },
          ],
        }),
      ],
      messages: whispered(),
    }),
  'cx-only-whispers': () =>
    show(
      one(
        {
          handover: { by: 'Priya Nair', note: 'May I refund him?', consult: true },
          allowed: ['end'],
        },
        { ...withPriya, only_whispers: true },
        whispered(),
      ),
    ),
  'cx-lines': () => show(one({}, { lines, line: 'line-wa' }, onLines())),
  'cx-lines-menu': () =>
    show(one({}, { lines, line: 'line-wa', ...withPriya }, onLines()), { click: ['line-menu'] }),
  'cx-paused': () =>
    show(
      one(
        { state: 'paused', state_since: f.ago(30), allowed: ['end', 'unpause'] },
        { paused_until: Date.now() + 272_000 },
      ),
    ),
  'cx-answer-short': () => show(one({}, { answer_by: Date.now() + 11_000 })),
  'cx-answer-late': () => show(one({}, { answer_by: f.ago(8) })),
  'cx-overview': () =>
    show(
      {
        contacts: [
          chat({ handover: { by: 'Priya Nair', note: 'Wants a copy of the invoice.', consult: false } }),
          chat({ customer: { name: 'Ana Ferreira', address: null } }, {}, 'cx-2'),
        ],
        conversations: [
          frame({ answer_by: Date.now() + 11_000 }, { unread: 1 }),
          frame({ answer_by: Date.now() + 45_000 }, {}, 'cx-2'),
        ],
        messages: [...talk(), ...talk('cx-2')],
      },
      { click: ['chat-overview?'] },
    ),
  'cx-handed-over': () =>
    show(
      one({
        handover: {
          by: 'Priya Nair',
          note: 'Wants a copy of the invoice and a new address, order 2041-77. He has asked twice and is rather cross; please be quick, and offer the express delivery for free.',
          consult: false,
        },
      }),
    ),
  'cx-add': () => show(one(), { click: ['chat-more', 'chat-add', 'endpoint'] }),
  'cx-consult': () => show(one(), { click: ['chat-more', 'chat-consult', 'endpoint'] }),
  'cx-consult-refused': () =>
    show(one(), {
      click: ['chat-more', 'chat-consult', 'endpoint', 'transfer-confirm'],
      refused: { contact_consult: 'error_limit_reached' },
    }),
  'cx-leave': () => show(one({}, withPriya, whispered()), { click: ['end'] }),
  'cx-wrap-up': () => show(over(), { click: ['wrap-up-code', 'wrap-up-note=Sent the invoice once more.'] }),
  'cx-wrap-up-single': () =>
    show(over(ended({ wrap_up_ends: Date.now() + 9000 }), [account({ wrap_up: single })])),
  'cx-wrap-up-empty': () => show(over(), { click: ['wrap-up-save'] }),
  'cx-wrap-up-refused': () =>
    show(over(), {
      click: ['wrap-up-code', 'wrap-up-save'],
      refused: { contact_wrap_up: { key: 'error_wrap_up_too_many', field: 'codes' } },
    }),
  'cx-wrap-up-call': () =>
    show({
      contacts: [
        f.finished(
          {},
          { allowed: ['clear', 'wrap_up'], wrap_up_ends: Date.now() + 42_000, outcome: 'ended_by_customer' },
        ),
      ],
    }),
  'cx-note-live': () => show(one(), { click: ['chat-more', 'chat-note-about', 'wrap-up-search=invoice'] }),
  'challenge-code': () => asked({ ...question, kind: 'code', sent_to: '+49 151 ••••678', can_resend: true }),
  'challenge-wrong': () =>
    asked({
      ...question,
      kind: 'code',
      wrong: true,
      can_resend: true,
      words: 'Invalid OTP. 2 attempts left.',
    }),
  'challenge-app': () =>
    asked({ ...question, kind: 'register_app', secret: 'JBSWY3DPEHPK3PXPJBSW', picture }),
  'challenge-app-open': () =>
    asked(
      { ...question, kind: 'register_app', secret: 'JBSWY3DPEHPK3PXPJBSW', picture },
      { click: ['challenge-open'] },
    ),
  'challenge-phone': () =>
    asked({ ...question, kind: 'phone' }, { click: ['challenge-answer=12', 'challenge-send'] }),
};
