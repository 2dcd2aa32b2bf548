/** Every state of the UI by name, for the gallery, its screenshots and the accessibility tests. */
import type {
  DeskSnapshot,
  Endpoint,
  EndpointPage,
  EventRules,
  FoundEvent,
  HistoryEntry,
  Levels,
  Offer,
  PopChoice,
  PopProblem,
  Push,
  ScreenPops,
  Supervision,
  TaskTemplateEntry,
  TriedEvent,
} from '$lib/rpc/gen';

import { asOffer } from '$lib/desk/contacts';

import { archiveAnswers, archiveStates, type ArchiveOf } from './archive-states';
import { chatStates } from './chat-states';
import { customerAnswers, customerStates, type CustomersOf } from './customer-states';
import { rules } from './event-fixtures';
import { eventStates } from './event-states';
import { expertflowStates } from './expertflow-states';
import * as f from './fixtures';
import { rpcError, type CommandName, type RequestOf } from './host';
import { logPage, logSettings, logStates, type LogOf } from './log-states';
import { MemoryHost } from './memory';
import { ownStates } from './own-states';
import { pluginAnswers, pluginPushes, pluginStates, type PluginsOf } from './plugin-states';
import { supervisionStates } from './supervision-states';
import { workStates } from './work-states';

/** One state of the UI. */
export interface State {
  window: 'panel' | 'incoming';
  /** Absent: the core has not answered yet. */
  snapshot?: DeskSnapshot;
  offers?: Offer[];
  levels?: Partial<Levels>;
  /** Where to go, as the core writes it. */
  show?: string;
  history?: HistoryEntry[];
  /** Pages that open for a contact, as the settings show them. */
  pops?: ScreenPops;
  /** Those meant for the contacts shown. */
  pages?: PopChoice[];
  /** Why none of them opens. */
  pageProblem?: PopProblem;
  /** Events that were kept, newest first, beside those on the desk. `waiting`: the answer does not come. */
  kept?: FoundEvent[] | 'waiting' | 'failed';
  /** What is done with events. */
  rules?: EventRules;
  /** What they would do with whatever is pasted. */
  tried?: TriedEvent[];
  /** The program's log, as the settings show it. */
  log?: LogOf;
  /** Customers, and what is kept ready to be said to them. */
  customers?: CustomersOf;
  /** Contacts that are over at the platform. */
  archive?: ArchiveOf;
  /** Plugins, and what they have to say. */
  plugins?: PluginsOf;
  /** The way to the core is lost. */
  lost?: boolean;
  /** Test ids to click, in order, once all is shown; `ID=TEXT` types the text there instead, `alt=CODE` presses Alt and that key; `ID?` clicks where there is one at this width. */
  click?: string[];
  /** The directory; by default a small one. `waiting`: the answer does not come. */
  directory?: Endpoint[] | 'waiting' | 'failed' | 'part';
  /** What a supervisor's teams are, one reading after the other; the last one stays. `waiting`: the answer does not come. */
  teams?: (Supervision | 'waiting' | 'failed')[];
  /** Templates of tasks; by default two. `waiting`: the answer does not come. */
  templates?: TaskTemplateEntry[] | 'waiting' | 'failed';
  /** Commands that the core refuses, each with its message key, and the field that is at fault. */
  refused?: Partial<Record<CommandName, string | { key: string; field: string }>>;
  /** Commands that are never answered. */
  silent?: CommandName[];
}

const hostileName = `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)} \u202Eevil`;
const hostile = [
  { name: 'Note', value: `<script>alert('x')</script> ${'very long words without end '.repeat(14)}` },
  { name: 'URL', value: `javascript:${'a'.repeat(90)}` },
  { name: 'AVeryLongAttributeNameWithoutAnyBlankInItWhichMustWrap', value: 'x'.repeat(80) },
  { name: 'العميل', value: 'مرحبا \u202E abc' },
  { name: 'Empty', value: '' },
  { name: 'Lines', value: 'one\ntwo\nthree' },
  { name: 'Empty', value: 'the same name again' },
];
const onContact = (change: Parameters<typeof f.agent>[0] = {}): DeskSnapshot['accounts'] => [
  f.account({ agent: f.agent({ state: f.systemState('Busy', 'busy', 149), ...change }) }),
];
const trouble = (activity: 'missed_by_agent' | 'connect_failed'): DeskSnapshot['accounts'] => [
  f.account({
    agent: f.agent({ state: { ...f.systemState('MissedCallAgent', activity, 18), kind: 'error' } }),
  }),
];
const history = (): HistoryEntry[] => [
  f.entry('h1', 4),
  f.entry('h2', 22, {
    outcome: 'missed',
    connected_at: null,
    customer: { name: null, address: '+551130618100' },
  }),
  f.entry('h3', 41, {
    outcome: 'ended_by_agent',
    customer: { name: 'Customer Two', address: '+12025550143' },
    queue: 'Returns',
  }),
  f.entry('h4', 66, { outcome: 'abandoned', connected_at: null, customer: { name: null, address: null } }),
  f.entry('h5', 90, {
    outcome: 'declined',
    connected_at: null,
    customer: { name: 'Customer Three', address: 'anonymous' },
  }),
  f.entry('h6', 60 * 30, { outcome: 'failed', connected_at: null }),
  f.entry('h7', 60 * 31, { outcome: 'failed', direction: 'outbound', connected_at: null, queue: null }),
];
const second = { account: 'account-2', contact: 'contact-2' };
const customerTwo = { name: null, address: '+551130618100' };
const twoAccounts = (): DeskSnapshot['accounts'] => [
  f.account(),
  f.account({
    id: 'account-2',
    name: 'Contoso Billing',
    order: 1,
    agent: f.agent({
      state: { ...f.state('Lunch'), since: f.ago(61) },
      next_state: null,
    }),
    pending_state: 'Available',
  }),
];
const desk = (change: Partial<DeskSnapshot> = {}, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot(change),
  ...rest,
});
const oneOffer = (): Offer => asOffer(f.offered(), 'Northwind Support');
const ringingAccounts = (): DeskSnapshot['accounts'] => [
  f.account({ agent: f.agent({ state: f.systemState('Pending', 'reserved', 6) }) }),
];
const sound: Partial<Levels> = { sent: 0.09, microphone: 0.09, speaker: 0.06 };

const offline = (): DeskSnapshot['accounts'] => [
  f.account({ link: f.link({ state: 'connecting', reason: 'link_reason_signing_in' }) }),
];
const dialling = (): DeskSnapshot['accounts'] => [f.account({ agent: f.dialler() })];
const onCall = (): DeskSnapshot['accounts'] => [
  f.account({ agent: f.dialler({ state: f.systemState('Busy', 'busy', 149) }) }),
];
/** A call with one customer, from which others can be called. */
const addable = (): DeskSnapshot['contacts'] => [
  f.together([f.customerLeg()], {}, { allowed: ['end', 'hold', 'mute', 'send_digits', 'add_party'] }),
];
const supervisor = { name: 'Supervisor on duty', address: null };
const many = (): Endpoint[] =>
  Array.from({ length: 240 }, (_, at) => ({
    id: `many-${at}`,
    name: `${['Branch', 'Depot', 'Workshop', 'Desk'][at % 4]} ${String(at + 1).padStart(3, '0')}`,
    kind: (['phone_number', 'queue', 'agent'] as const)[at % 3] ?? 'queue',
    number: at % 3 === 0 ? `+49301234${String(1000 + at)}` : null,
  }));
const page = ({ search, after }: { search: string; after: string | null }, all: Endpoint[]): EndpointPage => {
  const found = all.filter((one) =>
    `${one.name} ${one.number ?? ''}`.toLowerCase().includes(search.toLowerCase()),
  );
  const start = after === null ? 0 : found.findIndex((one) => one.id === after) + 1;
  const items = found.slice(start, start + 100);
  return { items, next: found.length > start + 100 ? (items.at(-1)?.id ?? null) : null, complete: true };
};
const unreached = (
  outcome: 'busy' | 'no_answer' | 'bad_address' | 'failed',
  number: string,
): DeskSnapshot['contacts'][0] =>
  f.finished(
    { key: { account: 'account-1', contact: outcome } },
    {
      id: outcome,
      direction: 'outbound',
      state: 'failed',
      outcome,
      queue: null,
      customer: { name: null, address: number },
      attributes: [],
    },
  );

/** Every state, made anew so that timers start now. */
export const states: Record<string, () => State> = {
  loading: () => ({ window: 'panel' }),
  'never-connected': () => ({ window: 'panel', lost: true }),
  lost: () => desk({ accounts: onContact(), contacts: [f.live()] }, { lost: true, levels: sound }),
  'first-run': () => desk({ accounts: [] }),
  'sign-in-needed': () =>
    desk({
      accounts: [
        f.account({
          agent: null,
          link: f.link({ state: 'needs_sign_in', reason: 'link_reason_token_expired' }),
        }),
      ],
      notices: [
        f.notice('notice_sign_in_needed', {
          level: 'error',
          params: { account: 'Northwind Support' },
          account: 'account-1',
          action: 'sign_in',
        }),
      ],
    }),
  connecting: () =>
    desk({
      accounts: [
        f.account({ agent: null, link: f.link({ state: 'connecting', reason: 'link_reason_signing_in' }) }),
      ],
    }),
  offline: () =>
    desk({
      accounts: [
        f.account({
          link: f.link({ state: 'offline', reason: 'link_reason_no_answer', retry_at: Date.now() + 8000 }),
        }),
      ],
    }),
  available: () => desk({}, { history: history() }),
  lunch: () =>
    desk({
      accounts: [f.account({ agent: f.agent({ state: { ...f.state('Lunch'), since: f.ago(1961) } }) })],
    }),
  degraded: () =>
    desk({
      accounts: [f.account({ link: f.link({ state: 'degraded', reason: 'link_reason_socket_lost' }) })],
    }),
  'state-menu': () =>
    desk({ accounts: onContact(), contacts: [f.live()] }, { click: ['state-menu'], levels: sound }),
  'two-accounts': () => desk({ accounts: twoAccounts() }, { history: history() }),
  ringing: () => desk({ accounts: ringingAccounts(), contacts: [f.offered()] }),
  'ringing-hostile': () =>
    desk({
      accounts: ringingAccounts(),
      contacts: [
        f.offered(
          {},
          {
            customer: { name: hostileName, address: `sip:${'9'.repeat(60)}@example.invalid` },
            attributes: hostile,
            queue: { id: 'q', name: 'Customer care for the northern and north-western regions, second line' },
          },
        ),
      ],
    }),
  accepting: () =>
    desk({
      accounts: ringingAccounts(),
      contacts: [
        f.offered({
          pending: [{ id: 'c1', kind: 'accept', connection: null, target: null, since: f.ago(1) }],
        }),
      ],
    }),
  'ringing-while-busy': () =>
    desk(
      {
        accounts: twoAccounts(),
        contacts: [
          f.live(),
          f.offered({ key: second, while_busy: true }, { id: 'contact-2', customer: customerTwo }),
        ],
      },
      { levels: sound, history: history() },
    ),
  'contact-connecting': () =>
    desk({
      accounts: ringingAccounts(),
      contacts: [
        f.offered(
          { accepted_at: f.ago(1), media: f.media({ state: 'connecting', sending: 'nothing', stats: null }) },
          { state: 'connecting', allowed: ['end'], state_since: f.ago(1) },
        ),
      ],
    }),
  live: () => desk({ accounts: onContact(), contacts: [f.live()] }, { levels: sound, history: history() }),
  'live-next-state': () =>
    desk({ accounts: onContact({ next_state: f.state('Lunch') }), contacts: [f.live()] }, { levels: sound }),
  'live-hostile': () =>
    desk(
      {
        accounts: onContact(),
        contacts: [
          f.live({}, { customer: { name: hostileName, address: '+12025550143' }, attributes: hostile }),
        ],
      },
      { levels: sound },
    ),
  muted: () =>
    desk(
      {
        accounts: onContact(),
        contacts: [f.live({ media: f.media({ mute_wanted: true, sending: 'muted' }) })],
      },
      { levels: { sent: 0 } },
    ),
  'microphone-gone': () =>
    desk(
      {
        accounts: onContact(),
        contacts: [f.live({ media: f.media({ sending: 'sound' }) })],
        audio: f.audio({
          inputs: [],
          microphone: { choice: { kind: 'system_default' }, serving: null, fallback: false, open: false },
        }),
        notices: [f.notice('notice_microphone_none', { level: 'error', action: 'audio_settings' })],
      },
      { levels: sound },
    ),
  'microphone-silent': () =>
    desk({
      accounts: onContact(),
      contacts: [f.live({ media: f.media({ sending: 'silence' }) })],
      notices: [f.notice('notice_microphone_silent', { action: 'audio_settings' })],
    }),
  keypad: () =>
    desk(
      { accounts: onContact(), contacts: [f.live({ digits: '4071*9#' })] },
      { click: ['keypad'], levels: sound },
    ),
  'quality-poor': () =>
    desk(
      {
        accounts: onContact(),
        contacts: [
          f.live({
            media: f.media({
              stats: f.stats({
                quality: 'poor',
                mos: 2.9,
                round_trip_ms: 410,
                received: { packets: 5000, packets_lost: 410, jitter_ms: 61, level: 0.04 },
              }),
            }),
          }),
        ],
      },
      { click: ['quality'], levels: sound },
    ),
  hold: () => desk({ accounts: onContact(), contacts: [f.held()] }),
  'live-and-held': () =>
    desk(
      {
        accounts: twoAccounts(),
        contacts: [
          f.held(),
          f.live({ key: second }, { id: 'contact-2', customer: customerTwo, attributes: [] }),
        ],
      },
      { levels: sound },
    ),
  reconnecting: () =>
    desk({
      accounts: onContact(),
      contacts: [f.live({ media: f.media({ state: 'reconnecting', sending: 'nothing' }) })],
      notices: [f.notice('notice_path_lost', { params: { customer: 'Customer One' } })],
    }),
  'media-failed': () =>
    desk({
      accounts: onContact(),
      contacts: [
        f.live({
          media: f.media({
            state: 'failed',
            sending: 'nothing',
            failure: 'ice_gathering_timeout',
            stats: null,
          }),
        }),
      ],
    }),
  'wrap-up': () =>
    desk({
      accounts: [
        f.account({ agent: f.agent({ state: f.systemState('AfterCallWork', 'after_contact_work', 21) }) }),
      ],
      contacts: [f.finished({ connected_at: f.ago(320) })],
    }),
  missed: () =>
    desk({
      accounts: trouble('missed_by_agent'),
      contacts: [f.finished({}, { state: 'missed', outcome: 'missed' })],
    }),
  failures: () =>
    desk({
      accounts: trouble('connect_failed'),
      contacts: [
        f.finished(
          { key: { account: 'account-1', contact: 'a' } },
          { id: 'a', state: 'missed', outcome: 'abandoned' },
        ),
        f.finished(
          { key: { account: 'account-1', contact: 'b' } },
          { id: 'b', state: 'rejected', outcome: 'declined' },
        ),
        f.finished(
          {
            key: { account: 'account-1', contact: 'c' },
            media: f.media({ state: 'failed', failure: 'signalling_handshake' }),
          },
          { id: 'c', state: 'failed', outcome: 'failed', customer: customerTwo },
        ),
      ],
    }),
  notices: () =>
    desk({
      limits: ['limit_keyring_absent', 'limit_tray_absent'],
      notices: [
        f.notice('notice_microphone_fallback', {
          params: { wanted: 'Jabra Evolve2 40 Mono', serving: 'Built-in Audio Analog Stereo' },
          action: 'audio_settings',
        }),
        f.notice('notice_command_failed_hold', {
          level: 'error',
          params: { detail: 'Contact is not in a state that allows HOLD' },
        }),
        f.notice('notice_speaker_back', { level: 'info', params: { device: 'Jabra Evolve2 40 Mono' } }),
        f.notice('notice_from_a_newer_core', {}),
      ],
    }),
  'settings-notices': () => ({
    ...states['notices']?.(),
    window: 'panel',
    show: 'settings/panel',
    click: ['notices-more'],
  }),
  history: () => desk({}, { show: 'history', history: history() }),
  'history-details': () => desk({}, { show: 'history', history: history(), click: ['history-open'] }),
  'history-empty': () => desk({}, { show: 'history' }),
  'new-call-ready': () => desk({ accounts: dialling() }, { history: history() }),
  'dial-empty': () => desk({ accounts: dialling() }, { click: ['new-call'] }),
  'dial-typing': () => desk({ accounts: dialling() }, { click: ['new-call', 'dial-number=+49 30 12'] }),
  'dial-valid': () =>
    desk({ accounts: dialling() }, { click: ['new-call', 'dial-number=tel:+49-(0)30-1234-5678'] }),
  'dial-invalid': () =>
    desk({ accounts: dialling() }, { click: ['new-call', 'dial-number=+49 30 1234 5678 9012 345'] }),
  'dial-extension': () =>
    desk({ accounts: dialling() }, { click: ['new-call', 'dial-number=+1 202-555-0143 ext. 12'] }),
  'dial-refused': () =>
    desk(
      { accounts: dialling() },
      {
        click: ['new-call', 'dial-number=+493012345678', 'dial-call'],
        refused: { agent_dial: 'error_bad_target' },
      },
    ),
  'dial-recent': () =>
    desk({ accounts: dialling() }, { history: history(), click: ['new-call', 'dial-tab-recent'] }),
  'dial-accounts': () =>
    desk(
      {
        accounts: twoAccounts().map((one) => ({ ...one, pending_state: null, agent: f.dialler() })),
      },
      { click: ['new-call', 'dial-number=+493012345678'] },
    ),
  'dial-while-ringing': () =>
    desk({ accounts: dialling(), contacts: [f.offered()] }, { click: ['new-call', 'dial-number=+493012'] }),
  'dial-pending': () =>
    desk({ accounts: [f.account({ agent: f.dialler(), pending_dial: '+493012345678' })] }),
  connects: () => desk({ accounts: dialling() }, { click: ['new-call', 'dial-tab-connects'] }),
  'connects-loading': () =>
    desk({ accounts: dialling() }, { directory: 'waiting', click: ['new-call', 'dial-tab-connects'] }),
  'connects-empty': () =>
    desk({ accounts: dialling() }, { directory: [], click: ['new-call', 'dial-tab-connects'] }),
  'connects-none-found': () =>
    desk({ accounts: dialling() }, { click: ['new-call', 'dial-tab-connects', 'endpoint-search=nobody'] }),
  'connects-failed': () =>
    desk({ accounts: dialling() }, { directory: 'failed', click: ['new-call', 'dial-tab-connects'] }),
  'connects-incomplete': () =>
    desk({ accounts: dialling() }, { directory: 'part', click: ['new-call', 'dial-tab-connects'] }),
  'connects-long': () =>
    desk({ accounts: dialling() }, { directory: many(), click: ['new-call', 'dial-tab-connects'] }),
  'connects-hostile': () =>
    desk(
      { accounts: onCall(), contacts: addable() },
      {
        directory: [
          { id: 'x1', name: hostileName, kind: 'queue', number: null },
          { id: 'x2', name: '', kind: '<b>odd</b>', number: 'x'.repeat(90) },
        ],
        click: ['add-party', 'endpoint'],
      },
    ),
  'outbound-ringing': () =>
    desk({
      accounts: [f.account({ agent: f.dialler({ state: f.systemState('CallingCustomer', 'calling', 8) }) })],
      contacts: [
        f.live(
          { connected_at: null, media: f.media({ sending: 'nothing' }) },
          {
            direction: 'outbound',
            state: 'connecting',
            state_since: f.ago(8),
            customer: { name: null, address: '+493012345678' },
            connections: [f.agentLeg(), f.customerLeg({ state: 'connecting', allowed: ['disconnect'] })],
            attributes: [],
            allowed: ['end'],
          },
        ),
      ],
    }),
  'outbound-failed': () =>
    desk({
      accounts: [
        f.account({
          agent: f.dialler({
            state: { ...f.systemState('LineEngagedCustomer', 'line_engaged', 18), kind: 'error' },
          }),
        }),
      ],
      contacts: [
        unreached('busy', '+493012345678'),
        unreached('no_answer', '+442079460123'),
        unreached('bad_address', '+12025550143'),
        unreached('failed', '+551130618100'),
      ],
    }),
  'live-add': () => desk({ accounts: onCall(), contacts: addable() }, { levels: sound }),
  transfer: () => desk({ accounts: onCall(), contacts: addable() }, { click: ['add-party'] }),
  'transfer-picked': () =>
    desk({ accounts: onCall(), contacts: addable() }, { click: ['add-party', 'endpoint'] }),
  'transfer-number': () =>
    desk(
      { accounts: onCall(), contacts: addable() },
      { click: ['add-party', 'dial-tab-number', 'dial-number=+493012345678'] },
    ),
  'transfer-waiting': () =>
    desk({ accounts: onCall(), contacts: addable() }, { click: ['add-party', 'endpoint', 'transfer-now'] }),
  'transfer-failed': () =>
    desk(
      { accounts: onCall(), contacts: addable() },
      {
        click: ['add-party', 'endpoint', 'transfer-now'],
        refused: { contact_add_party: 'error_bad_target' },
      },
    ),
  'third-party-called': () =>
    desk({
      accounts: onCall(),
      contacts: [
        f.together([f.customerLeg()], {
          pending: [
            { id: 'c1', kind: 'add_party', connection: null, target: '+493012345678', since: f.ago(1) },
          ],
        }),
      ],
    }),
  'third-party-ringing': () =>
    desk({
      accounts: onCall(),
      contacts: [
        f.together(
          [
            f.customerLeg({ state: 'hold', state_since: f.ago(9), allowed: ['resume', 'disconnect'] }),
            f.leg('leg-3', {
              state: 'connecting',
              state_since: f.ago(9),
              party: supervisor,
              allowed: ['disconnect'],
            }),
          ],
          { hold_since: f.ago(9) },
          { on_hold: true, allowed: ['end', 'mute', 'send_digits'] },
        ),
      ],
    }),
  consult: () =>
    desk(
      {
        accounts: onCall(),
        contacts: [
          f.together(
            [
              f.customerLeg({ state: 'hold', state_since: f.ago(64), allowed: ['resume', 'disconnect'] }),
              f.leg('leg-3', { party: supervisor, state_since: f.ago(41) }),
            ],
            { hold_since: f.ago(64) },
            { on_hold: true, allowed: ['end', 'mute', 'send_digits', 'swap', 'conference'] },
          ),
        ],
      },
      { levels: sound },
    ),
  conference: () =>
    desk(
      {
        accounts: onCall(),
        contacts: [
          f.together([
            f.customerLeg(),
            f.leg('leg-3', { party: supervisor, state_since: f.ago(41) }),
            f.leg('leg-4', {
              party: { name: 'Interpreter service', address: '+12025550143' },
              state_since: f.ago(12),
            }),
          ]),
        ],
      },
      { levels: sound },
    ),
  'conference-silent': () =>
    desk({
      accounts: onCall(),
      contacts: [
        f.together(
          [f.customerLeg(), f.leg('leg-3', { party: supervisor, state_since: f.ago(41) })],
          { media: f.media({ sending: 'silence' }) },
          { allowed: ['end', 'mute', 'send_digits', 'add_party'] },
        ),
      ],
    }),
  'consult-silent': () =>
    desk({
      accounts: onCall(),
      contacts: [
        f.together(
          [
            f.customerLeg({ state: 'hold', state_since: f.ago(64), allowed: ['resume', 'disconnect'] }),
            f.leg('leg-3', { party: supervisor, state_since: f.ago(41) }),
          ],
          { hold_since: f.ago(64), media: f.media({ sending: 'silence' }) },
          { on_hold: true, allowed: ['end', 'mute', 'send_digits', 'swap', 'conference'] },
        ),
      ],
    }),
  'conference-keypad': () =>
    desk(
      {
        accounts: onCall(),
        contacts: [
          f.together([f.customerLeg(), f.leg('leg-3', { party: supervisor, state_since: f.ago(41) })]),
        ],
      },
      { levels: sound, click: ['keypad'] },
    ),
  'third-party-busy': () =>
    desk({
      accounts: onCall(),
      contacts: [
        f.together(
          [
            f.customerLeg({ state: 'hold', state_since: f.ago(20), allowed: ['resume', 'disconnect'] }),
            f.leg('leg-3', { state: 'rejected', party: supervisor, state_since: f.ago(3), allowed: [] }),
            f.leg('leg-4', {
              state: 'disconnected',
              party: { name: null, address: '+493012345678' },
              state_since: f.ago(30),
              allowed: [],
            }),
          ],
          { hold_since: f.ago(20) },
          { on_hold: true, allowed: ['end', 'mute', 'send_digits', 'add_party'] },
        ),
      ],
    }),
  'settings-accounts': () =>
    desk(
      {
        accounts: [
          ...twoAccounts(),
          f.account({
            id: 'account-3',
            name: 'Fabrikam',
            order: 2,
            agent: null,
            link: f.link({ state: 'refused', reason: 'link_reason_access_denied' }),
          }),
        ],
      },
      { show: 'settings/accounts' },
    ),
  'settings-account-remove': () => desk({}, { show: 'settings/accounts', click: ['account-remove'] }),
  'settings-audio-plain': () =>
    desk({ audio: f.audio({ processing: false, enhancement: 'none' }) }, { show: 'settings/audio' }),
  'settings-audio-no-suppression': () =>
    desk({ audio: f.audio({ enhancement: 'none' }) }, { show: 'settings/audio' }),
  'settings-account-sign-out': () => desk({}, { show: 'settings/accounts', click: ['account-sign-out'] }),
  'asked-number': () => desk({ accounts: dialling() }, { show: 'dial/+493012345678' }),
  'asked-connects': () => desk({ accounts: dialling() }, { show: 'connects' }),
  'asked-too-early': () => desk({ accounts: offline() }, { show: 'dial/+493012345678' }),
  'settings-account-window': () =>
    desk({}, { show: 'settings/accounts', click: ['account-edit', 'account-part-open'] }),
  'settings-account-window-refused': () =>
    desk(
      {},
      {
        show: 'settings/accounts',
        click: ['account-edit', 'account-part-open', 'account-field-login_width=wide', 'account-save'],
        refused: { account_save: { key: 'error_number_needed', field: 'login_width' } },
      },
    ),
  'settings-account-add': () =>
    desk(
      { limits: ['limit_keyring_absent'] },
      { show: 'settings/accounts', click: ['account-add', 'account-save'] },
    ),
  'settings-audio': () =>
    desk({}, { show: 'settings/audio', click: ['test-microphone'], levels: { microphone: 0.12 } }),
  'settings-audio-fallback': () =>
    desk(
      {
        audio: f.audio({
          inputs: [{ name: 'Built-in Audio Analog Stereo', is_default: true }],
          microphone: {
            choice: { kind: 'named', name: 'Jabra Evolve2 40 Mono' },
            serving: 'Built-in Audio Analog Stereo',
            fallback: true,
            open: false,
          },
          outputs: [],
          speaker: { choice: { kind: 'system_default' }, serving: null, fallback: false, open: false },
          ringtone: {
            builtin: null,
            file_name: 'my tune.mp3',
            volume: 35,
            available: ['classic', 'chime', 'marimba', 'pulse', 'breeze'],
            problem: 'notice_ringtone_unreadable',
          },
        }),
      },
      { show: 'settings/audio' },
    ),
  'settings-pops-empty': () => desk({}, { show: 'settings/pops' }),
  'settings-pops': () => desk({}, { show: 'settings/pops', pops: f.pops(f.somePops) }),
  'settings-pops-fixed': () =>
    desk(
      {},
      {
        show: 'settings/pops',
        pops: f.pops({ ...f.somePops, fixed: ['templates', 'allowed_domains', 'allow_http'] }),
      },
    ),
  'settings-pop-add': () =>
    desk(
      {},
      {
        show: 'settings/pops',
        click: ['pop-add', 'pop-name=Order', 'pop-url=https://crm.example/orders/{{orderNumber}}'],
      },
    ),
  'contact-pages': () =>
    desk(
      { contacts: [f.live()] },
      {
        pages: [
          { id: 'crm', name: 'Customer record', opened_at: f.ago(60) },
          { id: 'wiki', name: 'Product notes', opened_at: null },
        ],
      },
    ),
  'settings-panel': () =>
    desk(
      { limits: ['limit_tray_absent', 'limit_notifications_without_buttons'] },
      { show: 'settings/panel' },
    ),
  'settings-about': () => desk({}, { show: 'settings/about' }),
  ...chatStates,
  ...ownStates,
  ...pluginStates,
  ...archiveStates,
  ...customerStates,
  ...expertflowStates,
  ...eventStates,
  ...logStates,
  ...workStates,
  ...supervisionStates,
  'incoming-one': () => ({ window: 'incoming', offers: [oneOffer()] }),
  'incoming-two': () => ({
    window: 'incoming',
    offers: [
      oneOffer(),
      asOffer(
        f.offered(
          { key: second, while_busy: true },
          { id: 'contact-2', customer: customerTwo, offer_expires: null },
        ),
        'Contoso Billing',
      ),
    ],
  }),
  'incoming-hostile': () => ({
    window: 'incoming',
    offers: [
      {
        ...oneOffer(),
        customer: { name: hostileName, address: '+12025550143' },
        attributes: hostile,
        can_reject: false,
      },
    ],
  }),
  'incoming-none': () => ({ window: 'incoming', offers: [] }),
};

/** Does one step of {@link State.click}: what is meant may still be on its way. */
export async function act(step: string): Promise<void> {
  const [asked = '', text] = step.split(/=(.*)/s);
  const optional = asked.endsWith('?');
  const id = optional ? asked.slice(0, -1) : asked;
  if (id === 'alt') {
    window.dispatchEvent(new KeyboardEvent('keydown', { altKey: true, code: text ?? '' }));
    return;
  }
  let element: HTMLElement | null = null;
  for (let tries = 0; tries < (optional ? 10 : 100) && element === null; tries += 1) {
    element = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    if (element === null) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (element === null && optional) return;
  if (element === null) throw new Error(`nothing to click: ${id}`);
  if (text === undefined) element.click();
  else if (element instanceof HTMLSelectElement) {
    element.value = text;
    element.dispatchEvent(new Event('change', { bubbles: true }));
  } else if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
    element.focus();
    element.value = text;
    // Fields for mail addresses, dates and numbers have no place in the text.
    if (element.selectionStart !== null) element.setSelectionRange(text.length, text.length);
    element.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/** As the core finds them: all words, in any case. */
function findEvents(
  { kept = [], snapshot }: State,
  { words, limit, offset }: RequestOf<'events_find'>,
): FoundEvent[] | Promise<FoundEvent[]> {
  if (kept === 'waiting') return new Promise(() => undefined);
  if (kept === 'failed') throw rpcError('unavailable', 'error_unavailable', true);
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const text = ({ event }: FoundEvent): string =>
    [event.kind, event.campaign, ...event.fields.map((field) => field.value)].join(' ').toLowerCase();
  return [...(snapshot?.events.toReversed() ?? []), ...kept]
    .map(({ account, arrived, event }) => ({ account, arrived, event }))
    .filter((found) => wanted.every((word) => text(found).includes(word)))
    .slice(offset, offset + limit);
}

/** A host that shows this state. */
export function hostFor(state: State, theme = 'system', language = 'en'): MemoryHost {
  const first: Push[] = [];
  if (state.snapshot) first.push({ kind: 'snapshot', value: state.snapshot });
  if (state.offers) first.push({ kind: 'offers', value: state.offers });
  if (state.levels) {
    const none: Levels = { microphone: null, sent: null, speaker: null, ringer: null };
    first.push({ kind: 'levels', value: { ...none, ...state.levels } });
  }
  if (state.show) first.push({ kind: 'show', value: state.show });
  first.push(...pluginPushes(state.plugins));
  let settings = f.settings({ theme, language });
  const teams = [...(state.teams ?? ['waiting' as const])];
  const host = new MemoryHost(
    state.window,
    {
      desk_snapshot: () => {
        if (state.snapshot && !state.lost) return state.snapshot;
        return new Promise(() => undefined);
      },
      panel_settings: () => settings,
      panel_settings_save: (wanted) => (settings = wanted),
      endpoint_list: (request) => {
        const directory = state.directory ?? f.endpoints;
        if (directory === 'waiting') return new Promise(() => undefined);
        if (directory === 'failed') throw rpcError('unavailable', 'error_unavailable', true);
        if (directory === 'part') return { ...page(request, f.endpoints.slice(0, 4)), complete: false };
        return page(request, directory);
      },
      task_templates: () => {
        const templates = state.templates ?? f.templates;
        if (templates === 'waiting') return new Promise(() => undefined);
        if (templates === 'failed') throw rpcError('unavailable', 'error_unavailable', true);
        return templates;
      },
      supervision: () => {
        const reading = (teams.length > 1 ? teams.shift() : teams[0]) ?? 'waiting';
        if (reading === 'waiting') return new Promise(() => undefined);
        if (reading === 'failed') throw rpcError('unavailable', 'error_unavailable', true);
        return reading;
      },
      task_template: ({ template }) => f.template(template),
      screen_pops: () => state.pops ?? f.pops(),
      screen_pops_save: (wanted) => ({ ...f.pops(), ...wanted }),
      screen_pop_preview: ({ url }) => f.popPreview(url),
      contact_pops: () => state.pages ?? [],
      contact_pop_open: () => ({ problem: state.pageProblem ?? null }),
      events_find: (request) => findEvents(state, request),
      event_pops: () => state.pages ?? [],
      event_pop_open: () => ({ problem: state.pageProblem ?? null }),
      event_rules: () => state.rules ?? rules({ rules: [] }),
      event_rules_save: ({ rules }) => ({ rules, fixed: false }),
      event_rules_try: () => state.tried ?? [],
      log_settings: () => logSettings(state.log?.settings),
      log_settings_save: (wanted) => logSettings({ ...state.log?.settings, ...wanted }),
      log_read: (request) => logPage(state.log ?? {}, request),
      log_export: (request) => ({
        path: '~/Downloads/trunkline-log-20260402T101500Z.jsonl',
        entries: logPage(state.log ?? {}, { ...request, limit: 1, before: null }).total,
      }),
      app_info: () => ({
        version: '0.1.0',
        demo: true,
        log_folder: '~/.local/share/app.trunkline.panel/logs',
      }),
      history_read: ({ offset, limit }) => (state.history ?? []).slice(offset, offset + limit),
      platform_list: () => f.platforms,
      ...customerAnswers(state.customers),
      ...archiveAnswers(state.archive),
      ...pluginAnswers(state.plugins),
      conversation_send: ({ contact }) => ({ contact, token: 'token-new' }),
      conversation_send_file: ({ contact }) => ({ contact, token: 'token-new' }),
      account_form: ({ account }) => ({
        account,
        platform: 'amazon-connect',
        name: 'Northwind Support',
        settings: { address: 'https://northwind.example' },
        secrets_set: ['token'],
      }),
      account_save: (request) => ({
        account: request.account ?? 'account-9',
        platform: request.platform,
        name: request.name,
        settings: request.settings,
        secrets_set: Object.keys(request.secrets),
      }),
    },
    first,
  );
  for (const command of state.silent ?? [])
    Object.assign(host.answers, { [command]: () => new Promise(() => undefined) });
  for (const [command, why] of Object.entries(state.refused ?? {})) {
    Object.assign(host.answers, {
      [command]: () => {
        if (typeof why === 'string') throw rpcError('failed', why);
        throw { ...rpcError('invalid', why.key), field: why.field };
      },
    });
  }
  return host;
}
