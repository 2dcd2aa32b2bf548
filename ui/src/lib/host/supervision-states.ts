/** States of supervised teams and of lists to take work from, for the gallery and the tests. */
import type {
  AccountView,
  AgentState,
  ContactView,
  DeskSnapshot,
  Listening,
  MonitorMode,
  PlacedMessage,
  SupervisedAgent,
  SupervisedContact,
  SupervisedQueue,
  Supervision,
  Team,
  WaitingContact,
  WorkItem,
  WorkList,
} from '$lib/rpc/gen';

import { media } from './expertflow-states';
import * as f from './fixtures';
import type { State } from './states';

const hostileName = `<img src=x onerror=alert(1)> ${'Wolfeschlegelsteinhausenbergerdorff'.repeat(3)} \u202Eevil`;

/** Two teams. */
export const teams: Team[] = [
  { id: 'team-care', name: 'Care' },
  { id: 'team-orders', name: 'Orders and returns' },
];

/** An account of somebody who supervises. */
export const leader = (change: Partial<AccountView> = {}, supervises: Team[] = teams): AccountView =>
  f.account({
    platform: 'expertflow',
    platform_name: 'Expertflow CX',
    name: 'Fabrikam Care',
    capabilities: [...f.handled, 'media_states', 'whispers', 'supervision', 'work_lists'],
    agent: f.agent({
      name: 'Maria Lind',
      state: { ...f.state('Ready', { kind: 'routable' }), since: f.ago(754) },
      supervises,
    }),
    ...change,
  });
const show = (change: Partial<DeskSnapshot>, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot({ accounts: [leader()], ...change }),
  ...rest,
});

const since = (state: AgentState, seconds: number | null): AgentState => ({
  ...state,
  since: seconds === null ? null : f.ago(seconds),
});
/** Somebody in a team. */
export const member = (
  id: string,
  name: string,
  state: AgentState,
  change: Partial<SupervisedAgent> = {},
): SupervisedAgent => ({
  id,
  name,
  team: 'team-care',
  state,
  media: [
    { name: 'CHAT', state: 'active' },
    { name: 'CX_VOICE', state: 'ready' },
  ],
  contacts: 0,
  ...change,
});
/** A state that lets contacts in. */
export const ready = (seconds: number): AgentState => since(f.state('Ready', { kind: 'routable' }), seconds);
const away = (name: string, seconds: number): AgentState => since(f.state(name), seconds);
const off: SupervisedAgent['media'] = [
  { name: 'CHAT', state: 'not_ready' },
  { name: 'CX_VOICE', state: 'not_ready' },
];
/** Fifteen of them. */
export const crew = (): SupervisedAgent[] => [
  member('a1', 'Agnes Okafor', ready(1260), { contacts: 2 }),
  member('a2', 'Björn Dahl', f.systemState('Busy', 'busy', 341), { contacts: 1, team: 'team-orders' }),
  member('a3', 'Carla Mendes', away('Lunch', 1925), { media: off }),
  member('a4', 'Daniel Kim', ready(88), {
    media: [
      { name: 'CHAT', state: 'busy' },
      { name: 'CX_VOICE', state: 'not_ready' },
    ],
    contacts: 5,
  }),
  member('a5', 'Emine Yıldız', f.systemState('AfterCallWork', 'after_contact_work', 47), {
    team: 'team-orders',
  }),
  member('a6', 'Farid Rahimi', { ...f.systemState('Missed', 'missed_by_agent', 63), kind: 'error' }),
  member('a7', 'Grace Murphy', ready(4020), { contacts: 3, team: 'team-orders' }),
  member('a8', 'Hiroshi Tanaka', away('Training', 5400), { media: off, team: 'team-orders' }),
  member('a9', 'Ingrid Solberg', ready(12), { contacts: 1 }),
  member('a10', 'Jonas Berg', f.systemState('Busy', 'busy', 912), { contacts: 2 }),
  member('a11', 'Kavya Raman', ready(660), { contacts: 4, team: 'team-orders' }),
  member('a12', 'Luca Bianchi', away('Short break', 205), {
    media: [
      { name: 'CHAT', state: 'ending' },
      { name: 'CX_VOICE', state: 'not_ready' },
    ],
    contacts: 1,
  }),
  member('a13', 'Maya Cohen', ready(2402), { contacts: 2, team: 'team-orders' }),
  member('a14', 'Noah Fischer', ready(301), { contacts: 0 }),
  member('a15', 'Olga Petrova', f.systemState('Busy', 'busy', 77), { contacts: 1, team: 'team-orders' }),
];
/** Somebody who waits. */
export const waits = (
  name: string,
  kind: string,
  seconds: number | null,
  change: Partial<WaitingContact> = {},
): WaitingContact => ({
  customer: { name, address: null },
  kind,
  since: seconds === null ? null : f.ago(seconds),
  labels: [],
  ...change,
});
/** A queue. */
export const queue = (
  id: string,
  name: string,
  waiting: WaitingContact[] = [],
  active = 0,
): SupervisedQueue => ({ id, name, waiting, active });
const line = (): SupervisedQueue[] => [
  queue(
    'q1',
    'Care',
    [
      waits('Omar Haddad', 'whatsapp', 372, {
        customer: { name: 'Omar Haddad', address: '+4915112345678' },
        labels: ['Gold', 'Called twice'],
      }),
      waits('Ana Ferreira', 'chat', 121),
      waits('Customer Two', 'telephone', 34, { customer: { name: null, address: '+12025550143' } }),
    ],
    9,
  ),
  queue('q2', 'Orders', [waits('Lena Haddad', 'chat', 58, { labels: ['VIP'] })], 7),
  queue('q3', 'Returns', [], 3),
  queue('q4', 'Invoices', [waits('Tom Baker', 'email', 5030), waits('Iris Wood', 'sms', 9)], 2),
  queue('q5', 'Complaints', [], 1),
  queue('q6', 'Social media', [waits('river.song', 'Facebook', 640)], 0),
  queue('q7', 'Partners', [], 0),
  queue('q8', 'Night shift', [], 0),
];
/** A conversation of somebody else. */
export const talk = (
  id: string,
  name: string,
  seconds: number | null,
  listening: Listening = 'possible',
  change: Partial<SupervisedContact> = {},
): SupervisedContact => ({
  id,
  customer: { name, address: null },
  kinds: ['chat'],
  queue: 'Care',
  since: seconds === null ? null : f.ago(seconds),
  people: [{ name: 'Agnes Okafor', role: 'agent' }],
  listening,
  ...change,
});
const talks = (): SupervisedContact[] => [
  talk('c1', 'Priscilla Wong', 2410, 'possible', { kinds: ['whatsapp', 'chat'] }),
  talk('c2', 'Samuel Eto', 1204, 'taken', {
    people: [
      { name: 'Daniel Kim', role: 'agent' },
      { name: 'Petra Novak', role: 'supervisor' },
    ],
  }),
  talk('c3', 'Customer Two', 912, 'telephone', {
    customer: { name: null, address: '+12025550143' },
    kinds: ['telephone'],
    queue: 'Orders',
    people: [{ name: 'Jonas Berg', role: 'agent' }],
  }),
  talk('c4', 'Ana Ferreira', 430, 'mine', {
    people: [
      { name: 'Grace Murphy', role: 'agent' },
      { name: 'Maria Lind', role: 'supervisor' },
    ],
  }),
  talk('c5', 'Tom Baker', 301, 'impossible', { kinds: ['email'], queue: null, people: [] }),
  talk('c6', 'Iris Wood', 64, 'possible', {
    kinds: ['sms'],
    queue: 'Invoices',
    people: [
      { name: 'Kavya Raman', role: 'agent' },
      { name: 'Maya Cohen', role: 'agent' },
    ],
  }),
];
/** One reading. */
export const reading = (change: Partial<Supervision> = {}): Supervision => ({
  agents: crew(),
  queues: line(),
  contacts: talks(),
  missing: [],
  at: Date.now(),
  ...change,
});
const hostile = (): Supervision =>
  reading({
    agents: [
      member('h1', hostileName, away(`<b>${'Pause'.repeat(30)}</b>`, 61), {
        media: [{ name: 'FAX<script>', state: 'unknown' }],
        team: null,
      }),
      member('h2', '', since(f.state('', { kind: 'init', activity: 'unknown' }), null), {
        media: [],
        contacts: 12345,
      }),
    ],
    queues: [
      queue('hq', hostileName, [
        waits(hostileName, '<svg onload=alert(1)>', null, { labels: ['x'.repeat(200), '<i>\u202Eold</i>'] }),
        waits(hostileName, '<svg onload=alert(1)>', null),
      ]),
    ],
    contacts: [
      talk('hc', hostileName, null, 'possible', {
        kinds: ['<svg onload=alert(1)>'],
        queue: hostileName,
        people: [{ name: `\u202E${hostileName}`, role: 'supervisor' }],
      }),
    ],
  });
/** The conversation that the supervisor is in. */
const own = (mode: MonitorMode, allowed: ContactView['contact']['allowed'], id = 'c4'): ContactView =>
  f.chat(
    id,
    {},
    {
      direction: 'monitoring',
      queue: { id: 'q1', name: 'Care' },
      attributes: [],
      monitoring: { mode, agent: 'Grace Murphy', since: f.ago(95) },
      allowed,
    },
  );
const grace = { role: 'agent', name: 'Grace Murphy' } as const;
const maria = { role: 'supervisor', name: 'Maria Lind' } as const;
const said = (mode: MonitorMode): PlacedMessage[] => [
  f.said('c4', f.customerAuthor, 120, 'Hello! My order 2041-77 has not arrived yet.'),
  f.said('c4', grace, 90, 'Good morning, Ana. Let me have a look.'),
  ...(mode === 'silent'
    ? []
    : [
        f.said('c4', f.me, 60, 'She is a gold customer: offer the express.', { internal: true }),
        f.said('c4', grace, 48, 'Thanks, I will.', { internal: true }),
      ]),
];
/** `whispers`: one can write to the agents. */
const supervised = (
  mode: MonitorMode,
  allowed: ContactView['contact']['allowed'],
  whispers = true,
): Partial<DeskSnapshot> => ({
  contacts: [own(mode, allowed)],
  conversations: [
    f.conversation(
      'c4',
      {},
      {
        participants: mode === 'silent' ? [f.customerAuthor, grace] : [f.customerAuthor, grace, maria],
        silent: !whispers,
        whispers,
        only_whispers: whispers && mode !== 'barge',
      },
    ),
  ],
  messages: said(mode),
});

/** Something to take. */
export const item = (
  id: string,
  name: string | null,
  seconds: number | null,
  change: Partial<WorkItem> = {},
): WorkItem => ({
  id,
  contact: `contact-${id}`,
  customer: { name, address: null },
  kind: 'chat',
  since: seconds === null ? null : f.ago(seconds),
  taken: false,
  ...change,
});
/** A list of work. */
export const list = (id: string, name: string, change: Partial<WorkList> = {}): WorkList => ({
  id,
  name,
  description: null,
  subscribed: true,
  fixed: false,
  items: [],
  ...change,
});
const lists = (): WorkList[] => [
  list('l1', 'Social media', {
    description: 'Comments and messages that nobody has to answer within minutes.',
    items: [
      item('i1', 'river.song', 5210, { kind: 'Facebook' }),
      item('i2', 'Omar Haddad', 640, {
        kind: 'whatsapp',
        customer: { name: 'Omar Haddad', address: '+4915112345678' },
        taken: true,
      }),
      item('i3', 'Ana Ferreira', 42),
    ],
  }),
  list('l2', 'Call back later', { items: [] }),
  list('l3', 'Second level', {
    description: 'Questions about contracts and warranties.',
    subscribed: false,
  }),
];
const withLists = (work_lists: WorkList[], change: Partial<AccountView> = {}): AccountView =>
  leader({ work_lists, ...change }, []);
const down = (): Partial<AccountView> => ({
  link: f.link({ state: 'connecting', reason: 'link_reason_socket_lost', retry_at: Date.now() + 6000 }),
});
const team = (rest: Partial<State> = {}, change: Partial<DeskSnapshot> = {}): State =>
  show(change, { show: 'team', teams: [reading()], ...rest });
const work = (work_lists: WorkList[], rest: Partial<State> = {}, change: Partial<AccountView> = {}): State =>
  show({ accounts: [withLists(work_lists, change)] }, { show: 'lists', ...rest });

/** By name. */
export const supervisionStates: Record<string, () => State> = {
  'team-loading': () => team({ teams: ['waiting'] }),
  team: () => team({}, supervised('silent', ['end', 'whisper', 'barge_in'])),
  'team-state': () => team({ click: ['team-sort=state'] }),
  'team-queues': () => team({ click: ['team-section-queues?', 'team-queue-open'] }),
  'team-contacts': () =>
    team({ click: ['team-section-contacts?'] }, supervised('silent', ['end', 'whisper', 'barge_in'])),
  'team-listening': () =>
    team({ click: ['team-section-contacts?', 'team-listen'], silent: ['supervision_listen'] }),
  'team-listen-refused': () =>
    team({
      click: ['team-section-contacts?', 'team-listen'],
      refused: { supervision_listen: 'error_not_possible' },
    }),
  'team-stale': () => team({ teams: [reading(), 'failed'], click: ['team-refresh'] }),
  'team-failed': () => team({ teams: ['failed'] }),
  'team-missing': () =>
    team({
      teams: [reading(), reading({ contacts: [], missing: ['contacts'] })],
      click: ['team-refresh', 'team-section-contacts?'],
    }),
  'team-missing-never': () =>
    team({
      teams: [
        reading({
          queues: line().map((one) => ({ ...one, waiting: [] })),
          missing: ['waiting', 'agents'],
          agents: [],
        }),
      ],
      click: ['team-section-queues?'],
    }),
  'team-empty': () => team({ teams: [reading({ agents: [], queues: [], contacts: [] })] }),
  'team-empty-contacts': () =>
    team({
      teams: [reading({ agents: [], queues: [], contacts: [] })],
      click: ['team-section-contacts?'],
    }),
  'team-down': () => team({}, { accounts: [leader(down())] }),
  'team-hostile': () => team({ teams: [hostile()] }),
  'team-hostile-queues': () =>
    team({ teams: [hostile()], click: ['team-section-queues?', 'team-queue-open'] }),
  'team-hostile-contacts': () => team({ teams: [hostile()], click: ['team-section-contacts?'] }),
  'team-two-accounts': () =>
    team({}, { accounts: [leader(), leader({ id: 'account-2', name: 'Northwind Care', order: 1 })] }),
  // Every tab there can be.
  'team-all-tabs': () =>
    team(
      {},
      {
        accounts: [
          leader({
            work_lists: lists(),
            capabilities: [...leader().capabilities, 'platform_events'],
            agent: f.agent({ supervises: teams, media: media() }),
          }),
        ],
      },
    ),
  lists: () => work(lists()),
  'lists-empty': () => work([list('l2', 'Call back later')]),
  'lists-fixed': () =>
    work([
      list('help', 'Help', {
        fixed: true,
        items: [
          item('i2', 'Omar Haddad', 640, {
            kind: 'whatsapp',
            customer: { name: 'Omar Haddad', address: '+4915112345678' },
          }),
          item('i3', 'Ana Ferreira', 42),
        ],
      }),
    ]),
  'lists-fixed-empty': () => work([list('help', 'Help', { fixed: true })]),
  'lists-menu': () => work(lists(), { click: ['list-more'] }),
  'lists-remove': () => work(lists(), { click: ['list-more', 'list-remove'] }),
  'lists-taking': () => work(lists(), { click: ['list-take'], silent: ['work_take'] }),
  'lists-refused': () => work(lists(), { click: ['list-take'], refused: { work_take: 'error_work_gone' } }),
  'lists-down': () => work(lists(), {}, down()),
  'lists-two-accounts': () =>
    show(
      {
        accounts: [
          withLists(lists()),
          withLists([list('l9', 'Returns')], { id: 'account-2', name: 'Northwind Care', order: 1 }),
        ],
      },
      { show: 'lists' },
    ),
  'lists-hostile': () =>
    work([
      list('lh', hostileName, {
        description: `<script>alert(1)</script> ${'long '.repeat(60)}`,
        items: [item('ih', hostileName, null, { kind: '<svg onload=alert(1)>', taken: true })],
      }),
    ]),
  'supervise-silent': () => show(supervised('silent', ['end', 'whisper', 'barge_in'])),
  'supervise-silent-reading': () => show(supervised('silent', ['end', 'barge_in'], false)),
  'supervise-whisper': () => show(supervised('whisper', ['end', 'listen', 'barge_in'])),
  'supervise-barge': () => show(supervised('barge', ['end', 'listen', 'whisper'])),
  'supervise-joining': () => {
    const state = show(supervised('silent', ['end', 'whisper', 'barge_in']));
    for (const view of state.snapshot?.contacts ?? [])
      view.pending = [{ id: 'p', kind: 'barge_in', connection: null, target: null, since: f.ago(1) }];
    return state;
  },
  'supervise-card': () =>
    show(supervised('whisper', ['end', 'listen', 'barge_in']), { click: ['chat-overview?'] }),
  'supervise-call': () =>
    show({
      contacts: [
        f.live(
          { media: f.media({ sending: 'silence' }) },
          {
            direction: 'monitoring',
            monitoring: { mode: 'whisper', agent: 'Grace Murphy', since: f.ago(95) },
            allowed: ['end', 'listen', 'barge_in', 'mute'],
          },
        ),
      ],
    }),
};
