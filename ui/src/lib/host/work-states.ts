/** States of tasks, e-mails, supervising and the agent's own preferences, for the gallery and the tests. */
import type { Contact, ContactView, DeskSnapshot } from '$lib/rpc/gen';

import { asOffer } from '$lib/desk/contacts';

import * as f from './fixtures';
import type { State } from './states';

const hostileName = `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)} \u202Eevil`;
const ana = { name: 'Ana Ferreira', address: 'ana.ferreira@shop.example' };

/** An account where tasks can be made and preferences changed. */
const able = (change: Parameters<typeof f.agent>[0] = {}): DeskSnapshot['accounts'] => [
  f.account({
    capabilities: [...f.handled, 'create_task', 'preferences', 'report_issue'],
    agent: f.dialler(change),
  }),
];
/** Likewise, with templates. */
const templated = (): DeskSnapshot['accounts'] => [
  f.account({
    capabilities: [...f.handled, 'create_task', 'task_templates', 'preferences'],
    agent: f.dialler(),
  }),
];
const fromTemplate = ['new-task', 'task-template-choose=template-return'];
const busy = (): DeskSnapshot['accounts'] => able({ state: f.systemState('Busy', 'busy', 149) });
const show = (change: Partial<DeskSnapshot>, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot({ accounts: busy(), ...change }),
  ...rest,
});
const task = (inner: Partial<Contact> = {}, change: Partial<ContactView> = {}): ContactView =>
  f.chat('task-1', change, {
    channel: 'task',
    subject: 'Check the broken delivery of order 2041-77',
    description:
      'The parcel came open and two of five glasses are broken.\n\nPlease ask the warehouse for:\n1. the packing list\n2. a photo of the pallet\n\nThen write to Ana before Friday.',
    references: [
      { name: 'Order', kind: 'url', value: 'https://shop.example/orders/2041-77' },
      { name: 'Photo', kind: 'attachment', value: 'parcel.jpg' },
      { name: 'Reported', kind: 'date', value: '2026-04-02' },
      { name: 'Reporter', kind: 'email', value: 'ana.ferreira@shop.example' },
    ],
    scheduled_for: f.ago(400),
    template: 'Damaged delivery',
    attributes: [{ name: 'Priority', value: 'High' }],
    allowed: ['end', 'transfer', 'pause'],
    ...inner,
  });
const email = (inner: Partial<Contact> = {}): ContactView =>
  f.chat(
    'email-1',
    {},
    {
      channel: 'email',
      subject: 'Re: Invoice 4711 is wrong',
      customer: ana,
      email: {
        from: ana,
        to: [{ name: 'Northwind Support', address: 'support@northwind.example' }],
        cc: [
          { name: null, address: 'billing@northwind.example' },
          { name: 'Jonas Berg', address: null },
        ],
      },
      attributes: [],
      ...inner,
    },
  );
const offering: Partial<Contact> = { state: 'offered', state_since: f.ago(6), allowed: ['accept', 'reject'] };
const offeredTask = (): ContactView =>
  task(offering, { offered_at: f.ago(6), accepted_at: null, connected_at: null });
const manyAttributes = (): Contact['attributes'] => [
  ...['Basket', 'Branch', 'Campaign', 'Contract', 'Customer tier', 'Language', 'Last contact', 'Order'].map(
    (name, at) => ({ name, value: `Value ${at + 1}` }),
  ),
  { name: 'Tracking page', value: 'https://track.example/2041-77?from=support' },
  { name: 'Transcript', value: 'ftp://files.example/transcript' },
];
const supervising = (mode: 'silent' | 'barge', inner: Partial<Contact> = {}): ContactView =>
  f.live(
    { media: f.media({ sending: mode === 'silent' ? 'silence' : 'sound' }) },
    {
      direction: 'monitoring',
      monitoring: { mode, agent: 'Agent Two', since: f.ago(95) },
      allowed: mode === 'silent' ? ['end', 'barge_in'] : ['end', 'listen', 'mute'],
      ...inner,
    },
  );
const supervisedChat = (mode: 'silent' | 'barge'): Partial<DeskSnapshot> => ({
  contacts: [
    f.chat(
      'chat-1',
      {},
      {
        direction: 'monitoring',
        monitoring: { mode, agent: 'Agent Two', since: f.ago(95) },
        allowed: mode === 'silent' ? ['end', 'barge_in'] : ['end', 'listen'],
      },
    ),
  ],
  conversations: [f.conversation('chat-1', {}, { silent: mode === 'silent' })],
  messages: [
    f.said('chat-1', f.customerAuthor, 120, 'Hello! My order 2041-77 has not arrived yet.'),
    f.said('chat-1', { role: 'agent', name: 'Agent Two' }, 90, 'Good morning, Ana. Let me have a look.'),
  ],
});
/** A form filled in as far as it can be without the clock. */
const filledIn = [
  'new-task',
  'task-name=Call Ana back about order 2041-77',
  'task-description=She is at home after four.',
  'task-for',
  'endpoint',
];
const withLink = [
  'task-link-add',
  'task-link-name=Order',
  'task-link-address=https://shop.example/orders/2041-77',
];
const preferences = (change: Parameters<typeof f.agent>[0] = {}): Partial<DeskSnapshot> => ({
  accounts: able({ language: 'en_US', languages: ['de_DE', 'en_US', 'pt_BR'], ...change }),
});
const phone = { softphone_enabled: false, extension: '+493012345678' };

/** See {@link State}. */
export const workStates: Record<string, () => State> = {
  'task-full': () => show({ contacts: [task()] }),
  'task-long': () =>
    show({
      contacts: [
        task({
          description: Array.from({ length: 40 }, (_, at) => `Line ${at + 1} of a long text.`).join('\n'),
          attributes: manyAttributes(),
        }),
      ],
    }),
  'task-hostile': () =>
    show({
      contacts: [
        task({
          subject: hostileName,
          description: `<script>alert(1)</script> ${'wide'.repeat(80)}`,
          template: hostileName,
          references: [
            { name: hostileName, kind: 'url', value: 'javascript:alert(1)' },
            { name: 'Bank', kind: 'url', value: 'https://bank.example@evil.example/' },
            { name: 'Long', kind: 'url', value: `https://shop.example/${'a'.repeat(200)}` },
            { name: 'Odd', kind: '<b>kind</b>', value: '' },
          ],
        }),
      ],
    }),
  'task-offered': () => show({ contacts: [offeredTask()] }),
  'email-full': () => show({ contacts: [email()] }),
  'incoming-task': () => ({
    window: 'incoming',
    offers: [asOffer(offeredTask(), 'Northwind Support')],
  }),
  'attributes-many': () => show({ contacts: [f.live({}, { attributes: manyAttributes() })] }),
  'attributes-search': () =>
    show({ contacts: [f.live({}, { attributes: manyAttributes() })] }, { click: ['attributes-search=tra'] }),
  'attributes-none-found': () =>
    show(
      { contacts: [f.live({}, { attributes: manyAttributes() })] },
      { click: ['attributes-search=nothing like it'] },
    ),
  'monitor-silent': () => show({ contacts: [supervising('silent')] }),
  'monitor-barge': () =>
    show({ contacts: [supervising('barge')] }, { levels: { sent: 0.09, microphone: 0.09 } }),
  'monitor-chat-silent': () => show(supervisedChat('silent')),
  'monitor-chat-barge': () => show(supervisedChat('barge')),
  'call-background': () =>
    show({
      contacts: [
        f.live(
          {},
          {
            connections: [
              f.agentLeg(),
              f.leg('leg-customer', { kind: 'initial', sends: ['video', 'screen'] }),
            ],
            details: f.details({
              initial: 'first-contact-id',
              initiation: 'transfer',
              subtype: 'web_call',
              reached: { name: null, address: '+442079460100' },
              features: { files: null, markdown: null, several_parties: true, screen_recorded: true },
              segment: [{ name: 'Direction', value: 'INBOUND' }],
              metadata: [{ name: 'shelf', value: '12' }],
              video: true,
            }),
          },
        ),
      ],
    }),
  'call-parties-muted': () =>
    show({
      contacts: [
        f.live(
          {},
          {
            connections: [
              { ...f.agentLeg(), muted_by_platform: true, allowed: ['unmute'] },
              f.leg('leg-customer', { kind: 'initial', allowed: ['hold', 'mute'] }),
              f.leg('leg-third', {
                party: { name: 'Billing', address: null },
                muted_by_platform: true,
                allowed: ['hold', 'unmute'],
              }),
            ],
          },
        ),
      ],
    }),
  'task-call-about': () =>
    show({
      accounts: able({
        state: f.systemState('Busy', 'busy', 149),
        dialable_countries: ['DE', 'US'],
        picked: { name: 'Available', since: f.ago(700) },
      }),
      contacts: [task({ customer: { name: 'Customer One', address: '+442079460123' } })],
    }),
  supervised: () =>
    show({ contacts: [f.live({}, { supervised: true })] }, { levels: { sent: 0.09, microphone: 0.09 } }),
  'new-task-ready': () => show({ accounts: able() }),
  'task-new': () => show({ accounts: able() }, { click: ['new-task'] }),
  'task-new-filled': () => show({ accounts: able() }, { click: [...filledIn, ...withLink, 'task-when'] }),
  'task-new-for': () => show({ accounts: able() }, { click: ['new-task', 'task-for'] }),
  'task-new-faults': () =>
    show(
      { accounts: able() },
      { click: ['new-task', 'task-link-add', 'task-link-address=file:///etc/hosts', 'task-create'] },
    ),
  'task-new-refused': () =>
    show(
      { accounts: able() },
      { click: [...filledIn, 'task-create'], refused: { task_create: 'error_limit_reached' } },
    ),
  'task-new-refused-title': () =>
    show(
      { accounts: able() },
      {
        click: [...filledIn, 'task-create'],
        refused: { task_create: { key: 'error_too_long', field: 'name' } },
      },
    ),
  'task-new-uncertain': () =>
    show(
      { accounts: able() },
      { click: [...filledIn, 'task-create'], refused: { task_create: 'error_timeout' } },
    ),
  'task-new-busy': () =>
    show({ accounts: able() }, { click: [...filledIn, 'task-create'], silent: ['task_create'] }),
  'task-new-while-ringing': () =>
    show({ accounts: able(), contacts: [f.offered()] }, { click: ['new-task'] }),
  'task-template': () => show({ accounts: templated() }, { click: [...fromTemplate, 'task-field-0'] }),
  'task-template-filled': () =>
    show(
      { accounts: templated() },
      {
        click: [
          ...fromTemplate,
          'task-field-0=2041-77',
          'task-field-1=Damaged',
          'task-field-2=12.50',
          'task-name=Refund for Ana',
          'task-for',
          'endpoint',
        ],
      },
    ),
  'task-template-faults': () =>
    show(
      { accounts: templated() },
      { click: [...fromTemplate, 'task-field-2=12,50', 'task-field-3=shop', 'task-create'] },
    ),
  'task-template-own': () =>
    show(
      { accounts: templated() },
      { click: ['new-task', 'task-template-choose=template-address', 'task-field-0'] },
    ),
  'task-templates-waiting': () =>
    show({ accounts: templated() }, { click: ['new-task', 'task-name='], templates: 'waiting' }),
  'task-templates-failed': () =>
    show({ accounts: templated() }, { click: ['new-task', 'task-name='], templates: 'failed' }),
  'task-templates-none': () =>
    show({ accounts: templated() }, { click: ['new-task', 'task-name='], templates: [] }),
  'task-template-unreadable': () =>
    show({ accounts: templated() }, { click: fromTemplate, refused: { task_template: 'error_unavailable' } }),
  'task-edit': () =>
    show({ contacts: [task({ allowed: ['end', 'pause', 'edit'] })] }, { click: ['task-edit-open'] }),
  'task-edit-refused': () =>
    show(
      { contacts: [task({ allowed: ['end', 'pause', 'edit'] })] },
      {
        click: ['task-edit-open', 'edit-name=Another title', 'edit-save'],
        refused: { task_update: 'error_unavailable' },
      },
    ),
  'task-created': () => show({ accounts: able() }, { click: [...filledIn, 'task-create'] }),
  'follow-up': () => show({ contacts: [f.finished({ connected_at: f.ago(320) })] }, { click: ['follow-up'] }),
  'report-issue': () => show({ contacts: [f.live()] }, { click: ['report-issue'] }),
  'report-issue-faults': () =>
    show({ contacts: [f.live()] }, { click: ['report-issue', 'issue-other', 'issue-send'] }),
  'report-issue-failed': () =>
    show(
      { contacts: [f.finished({ connected_at: f.ago(320) })] },
      {
        click: ['report-issue', 'issue-sound', 'issue-text=She heard nothing for a minute.', 'issue-send'],
        refused: { contact_report: 'error_unavailable' },
      },
    ),
  'report-issue-chat': () => show(supervisedChat('silent'), { click: ['chat-details', 'report-issue'] }),
  'settings-rings': () => show(preferences(), { show: 'settings/accounts' }),
  'settings-rings-phone': () =>
    show(preferences(phone), { show: 'settings/accounts', click: ['calls-ring-change'] }),
  'settings-rings-missing': () =>
    show(preferences(), {
      show: 'settings/accounts',
      click: ['calls-ring-change', 'calls-ring-phone', 'calls-ring-save'],
    }),
  'settings-rings-wrong': () =>
    show(preferences(phone), {
      show: 'settings/accounts',
      click: ['calls-ring-change', 'calls-ring-number=12', 'calls-ring-save'],
      refused: { agent_preferences: { key: 'error_number_invalid', field: 'extension' } },
    }),
  'settings-rings-failed': () =>
    show(preferences(), {
      show: 'settings/accounts',
      click: ['calls-ring-change', 'calls-ring-save'],
      refused: { agent_preferences: 'error_not_allowed' },
    }),
};
