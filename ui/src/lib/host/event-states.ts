/** States of the platforms' own events, of who is online, and of platforms that are only shown. */
import type { Contact, ContactView, DeskSnapshot, EventView } from '$lib/rpc/gen';

import * as e from './event-fixtures';
import * as f from './fixtures';
import type { State } from './states';

const hostileName = `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)} \u202Eevil`;
const both = (): DeskSnapshot['accounts'] => [f.account(), e.teller()];
const onCall = (): DeskSnapshot['accounts'] => [
  f.account({ agent: f.agent({ state: f.systemState('Busy', 'busy', 149) }) }),
  e.teller(),
];
const show = (change: Partial<DeskSnapshot>, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot({ accounts: [e.teller()], ...change }),
  ...rest,
});
const list = (change: Partial<DeskSnapshot>, rest: Partial<State> = {}): State =>
  show(change, { show: 'events', kept: [], ...rest });
const rules = (rest: Partial<State> = {}): State =>
  show(
    { accounts: both(), events: e.events() },
    { show: 'settings/rules', rules: e.rules(), pops: f.pops(f.somePops), ...rest },
  );
const fresh = (change: Parameters<typeof e.event>[1] = {}, seconds = 20): EventView =>
  e.event(seconds, change, { unread: true });
const sound = { sent: 0.09, microphone: 0.09, speaker: 0.06 };
const pages = [
  { id: 'crm', name: 'Customer record', opened_at: null },
  { id: 'wiki', name: 'Product notes', opened_at: null },
];
/** A call that another program works on. */
const told = (inner: Partial<Contact> = {}, change: Partial<ContactView> = {}): ContactView =>
  f.live(
    { key: { account: 'olos-1', contact: 'call-91079' }, media: null, connected_at: f.ago(94), ...change },
    {
      id: 'call-91079',
      direction: 'outbound',
      state_since: f.ago(94),
      queue: { id: '22', name: 'SPRING' },
      customer: { name: 'Ana Ferreira', address: '+5511900000000' },
      attributes: e.popFields(),
      softphone: false,
      allowed: [],
      ...inner,
    },
  );
const several = (): EventView[] => [
  fresh({ customer: { name: 'Jonas Berg', address: '+493012345678' } }, 400),
  fresh({ customer: { name: null, address: '+551130618100' } }, 90),
  fresh(),
];
const hostile = (): EventView =>
  fresh({
    kind: `${'<b>Odd</b>'.repeat(20)}`,
    customer: { name: hostileName, address: 'x'.repeat(120) },
    campaign: '\u202E22',
    channel: '<i>',
    way: 'w'.repeat(80),
    fields: [
      { name: 'note', value: `<script>alert('x')</script> ${'very long words without end '.repeat(14)}` },
      { name: 'url', value: 'javascript:alert(1)' },
      { name: 'campaignData.العميل', value: 'مرحبا \u202E abc' },
      {
        name: 'aVeryLongNameWithoutAnyBlankInItWhichMustWrapSomewhereOrItLeavesTheCard',
        value: 'x'.repeat(90),
      },
      { name: '', value: '' },
      { name: '__proto__', value: 'true' },
    ],
  });
const bare = (): EventView =>
  fresh({ customer: { name: null, address: null }, campaign: null, channel: null, way: null, fields: [] });
const pasted = `try-pasted={"eventType":"ScreenPopVoice","campaignId":22,"eventData":{"phoneNumber":"+5511900000000"}}`;

/** See {@link State}. */
export const eventStates: Record<string, () => State> = {
  'pop-alone': () => show({ events: e.events() }, { pages }),
  'pop-told-call': () => show({ accounts: both(), contacts: [told()], events: e.events() }),
  'pop-live-call': () =>
    show({ accounts: onCall(), contacts: [f.live()], events: e.events() }, { levels: sound }),
  'pop-live-unfolded': () =>
    show(
      { accounts: onCall(), contacts: [f.live()], events: several() },
      { levels: sound, pages, click: ['pop-unfold?'] },
    ),
  'pop-ringing': () => show({ accounts: both(), contacts: [f.offered()], events: several() }),
  'pop-chat': () =>
    show({
      accounts: onCall(),
      contacts: [f.chat('chat-1')],
      conversations: [f.conversation('chat-1')],
      messages: [f.said('chat-1', f.customerAuthor, 120, 'Hello! My order 2041-77 has not arrived yet.')],
      events: e.events(),
    }),
  'pop-several': () => show({ events: several() }),
  'pop-hostile': () => show({ events: [hostile()] }),
  'pop-bare': () => show({ events: [bare()] }),
  events: () => list({ events: e.events() }, { kept: e.olderEvents(3) }),
  'events-two-accounts': () => list({ accounts: both(), events: e.events() }),
  'events-third-party': () =>
    list({ events: e.events() }, { click: ['events-filter-third_party', 'event-open'] }),
  'events-opened': () => list({ events: [fresh()] }, { pages, click: ['event-open'] }),
  'events-hostile': () => list({ events: [hostile()] }, { click: ['event-open'] }),
  'events-bare': () => list({ events: [bare()] }, { click: ['event-open'] }),
  'events-empty': () => list({}),
  'events-older': () => list({}, { kept: e.olderEvents(120) }),
  'events-older-failed': () => list({ events: e.events() }, { kept: 'failed' }),
  'events-loading': () => list({}, { kept: 'waiting' }),
  'events-missing': () =>
    list({ events: e.events() }, { show: 'event/olos-1/gone/for ever', kept: e.olderEvents(2) }),
  'events-search': () => list({}, { kept: e.olderEvents(120), click: ['events-search=2040-11'] }),
  'events-search-none': () =>
    list({}, { kept: e.olderEvents(3), click: ['events-search=nobody at all', 'events-none-found'] }),
  'events-search-failed': () =>
    list({ events: e.events() }, { kept: 'failed', click: ['events-search=order', 'events-failed'] }),
  roster: () =>
    list(
      { events: e.events(), rosters: [{ account: 'olos-1', entries: e.roster() }] },
      { click: ['events-view-online'] },
    ),
  'roster-beside': () => list({ events: e.events(), rosters: [{ account: 'olos-1', entries: e.roster() }] }),
  'roster-found-by-id': () =>
    list(
      { rosters: [{ account: 'olos-1', entries: e.roster() }] },
      { click: ['events-view-online', 'roster-search=user-3'] },
    ),
  'roster-none-found': () =>
    list(
      { rosters: [{ account: 'olos-1', entries: e.roster() }] },
      { click: ['events-view-online', 'roster-search=nobody'] },
    ),
  'roster-empty': () =>
    list({ rosters: [{ account: 'olos-1', entries: [] }] }, { click: ['events-view-online'] }),
  'roster-many': () =>
    list(
      {
        accounts: [e.teller(), e.teller({ id: 'olos-2', name: 'Contoso Inbound', order: 2 })],
        rosters: [
          { account: 'olos-1', entries: e.crowd(10_000) },
          { account: 'olos-2', entries: e.roster() },
        ],
      },
      { click: ['events-view-online'] },
    ),
  'settings-rules': () => rules(),
  'settings-rules-empty': () => rules({ rules: e.rules({ rules: [] }) }),
  'settings-rules-fixed': () => rules({ rules: e.rules({ fixed: true }) }),
  'settings-rules-failed': () => rules({ refused: { event_rules: 'error_unavailable' } }),
  'settings-rules-loading': () => rules({ silent: ['event_rules'] }),
  'settings-rule-add': () => rules({ click: ['rule-add'] }),
  'settings-rule-edit': () => rules({ click: ['rule-edit'] }),
  'settings-rule-refused': () =>
    rules({
      click: ['rule-edit', 'rule-page=wiki', 'rule-save'],
      refused: { event_rules_save: { key: 'error_screen_pop_gone', field: 'rules.0.page' } },
    }),
  'settings-rule-remove': () => rules({ click: ['rule-remove'] }),
  'settings-rules-tried': () => rules({ tried: [e.tried()], click: [pasted, 'try-run'] }),
  'settings-rules-tried-several': () =>
    rules({
      tried: [
        e.tried({
          pages: [
            {
              name: 'Customer record',
              address: null,
              problem: {
                message_key: 'notice_screen_pop_missing',
                params: { page: 'Customer record', about: 'customer.address' },
              },
            },
          ],
        }),
        e.tried({ event: e.thirdParty(0).event, rule: null, acts: [], pages: [] }),
        e.tried({ event: bare().event, rule: 2, acts: [], unread: false, pages: [] }),
      ],
      click: [pasted, 'try-run'],
    }),
  'settings-rules-try-wrong': () =>
    rules({
      click: ['try-pasted={"eventType":', 'try-run'],
      refused: { event_rules_try: { key: 'error_event_no_json', field: 'pasted' } },
    }),
  'settings-rules-try-failed': () =>
    rules({ click: [pasted, 'try-run'], refused: { event_rules_try: 'error_account_gone' } }),
  'settings-pop-events': () =>
    show({ accounts: both() }, { show: 'settings/pops', click: ['pop-add', 'pop-name=Order'] }),
  'told-state': () => show({ accounts: both() }),
  'told-state-next': () =>
    show({
      accounts: [
        e.teller({
          agent: f.agent({
            state: f.systemState('Talking', 'busy', 94),
            next_state: f.state('Pause'),
            selectable_states: [],
          }),
        }),
      ],
    }),
  'told-state-none': () =>
    show({
      accounts: [
        e.teller({
          agent: f.agent({
            state: f.state('', { kind: 'init', activity: 'unknown' }),
            selectable_states: [],
          }),
        }),
      ],
    }),
  'told-call': () => show({ contacts: [told()] }),
  'told-call-ended': () =>
    show({
      contacts: [told({ state: 'ended', outcome: 'handled' }, { ended_at: f.ago(12) })],
    }),
  'told-call-beside-live': () =>
    show({ accounts: onCall(), contacts: [told(), f.live()] }, { levels: sound }),
};
