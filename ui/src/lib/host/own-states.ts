/** States of what agents change: their own messages, a contact's name, who may write. For the gallery and the tests. */
import type { AccountView, ContactView, ConversationView, PlacedMessage } from '$lib/rpc/gen';

import * as f from './fixtures';
import type { State } from './states';

const ana = f.customerAuthor;
const priya = { role: 'agent', name: 'Priya Nair' } as const;

const account = (change: Partial<AccountView> = {}): AccountView =>
  f.account({
    platform_name: 'Fabrikam Chat',
    name: 'Fabrikam Chat',
    agent: f.agent({ state: { ...f.state('Active', { kind: 'routable' }), since: f.ago(754) } }),
    ...change,
  });
const chat = (inner: Parameters<typeof f.chat>[2] = {}): ContactView =>
  f.chat(
    'own-1',
    {},
    {
      customer: { name: 'Ana Ferreira', address: null },
      allowed: ['end', 'transfer', 'rename', 'ban'],
      attributes: [],
      details: f.details({ customer_online: true }),
      ...inner,
    },
  );
const talk = (): PlacedMessage[] => [
  f.said('own-1', ana, 340, 'Hello! Where is my order?', { id: 'ask' }),
  f.said('own-1', f.me, 300, 'Good morning, Ana. It arrives on Tuesday.', { id: 'mine-1', delivery: 'read' }),
  f.said('own-1', ana, 120, 'Tuesday of which week?', { id: 'ask-2' }),
  f.said('own-1', f.me, 60, 'Of this week, before noon.', { id: 'mine-2', delivery: 'delivered' }),
];
/** Messages that were taken back, by everybody, and one that was changed. */
const changed = (): PlacedMessage[] => [
  f.said('own-1', ana, 340, { kind: 'removed' }, { id: 'ask' }),
  f.said('own-1', ana, 330, 'Where is my order?', { id: 'ask-1', edited: true }),
  f.said('own-1', priya, 320, { kind: 'removed' }, { id: 'priya' }),
  f.said('own-1', f.me, 300, 'Good morning, Ana. It arrives on Tuesday.', {
    id: 'mine-1',
    edited: true,
    delivery: 'read',
  }),
  f.said('own-1', f.me, 290, { kind: 'removed' }, { id: 'mine-0' }),
  f.said('own-1', ana, 120, 'Tuesday of which week?', {
    id: 'ask-2',
    reply_to: { message: 'ask', author: ana, text: 'Something that was taken back' },
  }),
  f.said(
    'own-1',
    f.me,
    60,
    'Of this week, before noon. The driver rings half an hour earlier, and you can change the address until this evening.',
    { id: 'mine-2', edited: true, delivery: 'delivered' },
  ),
];
const show = (
  rest: Partial<State> = {},
  inner: Parameters<typeof f.chat>[2] = {},
  frame: Partial<ConversationView['conversation']> = {},
  messages = talk(),
): State => ({
  window: 'panel',
  snapshot: f.snapshot({
    accounts: [account()],
    contacts: [chat(inner)],
    conversations: [
      f.conversation('own-1', {}, { replies: true, edits: true, removes: true, markdown: false, ...frame }),
    ],
    messages,
  }),
  ...rest,
});
const menu = ['message-acts'];
const editing = [...menu, 'message-edit'];
const renaming = ['chat-more', 'contact-rename'];
const banned: Parameters<typeof f.chat>[2] = {
  allowed: ['end', 'transfer', 'rename', 'unban'],
  details: f.details({ customer_online: false, customer_banned: true }),
};
const long = `Wolfeschlegelsteinhausenbergerdorff ${'of a name without an end '.repeat(4)}`;

/** By name. */
export const ownStates: Record<string, () => State> = {
  'chat-own': () => show(),
  'chat-own-menu': () => show({ click: menu }),
  'chat-editing': () =>
    show({ click: [...editing, 'edit-field=Good morning, Ana. It arrives on Wednesday.'] }),
  'chat-editing-long': () =>
    show({ click: [...editing, `edit-field=${'It arrives on Wednesday, before noon. '.repeat(27)}`] }),
  'chat-editing-internal': () =>
    show(
      { click: editing },
      {},
      { whispers: true, participants: [ana, priya] },
      [
        ...talk().slice(0, 3),
        f.said('own-1', f.me, 60, 'Is Tuesday right, Priya?', { id: 'mine-3', internal: true }),
      ].filter((one) => one.message.id !== 'mine-1'),
    ),
  'chat-edit-saving': () =>
    show({
      click: [...editing, 'edit-field=It arrives on Wednesday.', 'edit-save'],
      silent: ['message_edit'],
    }),
  'chat-edit-refused': () =>
    show({
      click: [...editing, 'edit-field=It arrives on Wednesday.', 'edit-save'],
      refused: { message_edit: 'error_not_possible' },
    }),
  'chat-removing': () => show({ click: [...menu, 'message-remove'] }),
  'chat-edited': () => show({}, {}, {}, changed().slice(5)),
  'chat-removed': () => show({}, {}, {}, changed()),
  'contact-menu': () => show({ click: ['chat-more'] }),
  'contact-renaming': () => show({ click: [...renaming, 'rename-name=Ana Ferreira, order 2041-77'] }),
  'contact-rename-empty': () => show({ click: [...renaming, 'rename-name= ', 'rename-confirm'] }),
  'contact-rename-busy': () =>
    show({
      click: [...renaming, 'rename-name=Ana Ferreira, order 2041-77', 'rename-confirm'],
      silent: ['contact_rename'],
    }),
  'contact-rename-refused': () =>
    show({
      click: [...renaming, 'rename-name=Ana Ferreira, order 2041-77', 'rename-confirm'],
      refused: { contact_rename: 'error_not_possible' },
    }),
  'contact-banning': () => show({ click: ['chat-more', 'contact-ban'] }),
  'contact-banned': () => show({}, banned),
  'contact-banned-menu': () => show({ click: ['chat-more'] }, banned),
  'contact-banned-long': () => show({}, { ...banned, customer: { name: long, address: null } }),
  'contact-banned-card': () => show({ click: ['alt=Digit0'] }, banned),
  'customer-offline': () => show({}, { details: f.details({ customer_online: false }) }),
  'customer-online-several': () => {
    const state = show();
    const other = f.chat(
      'own-2',
      { connected_at: f.ago(61) },
      {
        customer: { name: 'Jonas Berg', address: null },
        details: f.details({ customer_online: false, customer_banned: true }),
      },
    );
    state.snapshot?.contacts.push(other);
    state.snapshot?.conversations.push(f.conversation('own-2'));
    return state;
  },
};
