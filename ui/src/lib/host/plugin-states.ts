/** Plugins beside the panel and in the settings, for the gallery and the tests. */
import type {
  PluginAsk,
  PluginDesk,
  PluginLogLine,
  PluginPermission,
  PluginPopup,
  PluginRight,
  PluginView,
  Push,
} from '$lib/rpc/gen';

import * as f from './fixtures';
import { rpcError } from './host';
import type { Answers } from './memory';
import type { State } from './states';

/** What the core tells of plugins. */
export interface PluginsOf extends Partial<PluginDesk> {
  popups?: PluginPopup[];
  /** Of each plugin, oldest first. */
  log?: PluginLogLine[] | 'waiting' | 'failed';
  /** Why none can be added. */
  addFails?: { key: string; detail: string };
}

/** All plugins; none unless given. */
export const pluginDesk = ({ plugins, asks, available, unsupported }: PluginsOf = {}): PluginDesk => ({
  plugins: plugins ?? [],
  asks: asks ?? [],
  available: available ?? [],
  unsupported: unsupported ?? false,
});

/** Rights that were asked for, each with the same answer. */
export const rights = (granted: boolean | null, ...permissions: PluginPermission[]): PluginRight[] =>
  permissions.map((permission) => ({ permission, granted }));

/** A plugin at work. */
export const plugin = (change: Partial<PluginView> = {}): PluginView => ({
  id: 'crm-card',
  name: 'CRM card',
  title: null,
  description: 'Shows the customer of each contact, found by number.',
  version: '1.2.0',
  source: { kind: 'web', address: 'https://crm.example.com/panel/plugin.json' },
  place: 'default',
  shown: true,
  state: { kind: 'running' },
  rights: rights(true, 'contacts', 'annotate', 'transfers'),
  trusted: false,
  origins: ['https://crm.example.com', 'https://files.crm.example.com'],
  settings: [
    { key: 'lookup_url', label: 'Lookup address', is_address: true, value: 'https://crm.example.com/find' },
    { key: 'team', label: 'Team', is_address: false, value: 'Orders' },
  ],
  dropped: 0,
  fixed: false,
  ...change,
});

/** A second one, from a folder. */
export const script = (change: Partial<PluginView> = {}): PluginView =>
  plugin({
    id: 'call-script',
    name: 'Call script',
    title: 'Order 2041-77',
    description: 'What to say, step by step.',
    version: '0.3.1',
    source: { kind: 'folder', path: '~/plugins/call-script' },
    place: 'call',
    rights: rights(true, 'agent', 'contacts'),
    origins: [],
    settings: [],
    ...change,
  });

/** A plugin's question about a contact of the fixtures. */
export const ask = (change: Partial<PluginAsk> = {}): PluginAsk => ({
  id: 'ask-1',
  plugin: 'crm-card',
  name: 'CRM card',
  message_key: 'plugin_ask_transfer',
  target: 'Returns desk',
  contact: { account: 'account-1', contact: 'contact-1' },
  ...change,
});

/** One line of a plugin's log, this many seconds ago. */
export const pluginLine = (seconds: number, level: PluginLogLine['level'], text: string): PluginLogLine => ({
  at: f.ago(seconds),
  level,
  text,
});

const someLines = (): PluginLogLine[] => [
  pluginLine(62, 'info', 'its page is loaded'),
  pluginLine(61, 'info', 'init: contacts, annotate'),
  pluginLine(20, 'warning', 'set_agent_state refused: the agent has not allowed it'),
  pluginLine(
    4,
    'error',
    "TypeError: undefined is not an object (evaluating 'customer.tier')\nfind@crm.js:41:22",
  ),
];

/** What the memory host answers about plugins. */
export function pluginAnswers(of: PluginsOf = {}): Answers {
  return {
    plugin_list: () => pluginDesk(of),
    plugin_add: ({ source }) => {
      if (of.addFails) throw { ...rpcError('invalid', of.addFails.key), detail: of.addFails.detail };
      return { plugin: source.kind === 'built_in' ? source.name : 'crm-card' };
    },
    plugin_log: () => {
      if (of.log === 'waiting') return new Promise(() => undefined);
      if (of.log === 'failed') throw rpcError('unavailable', 'error_unavailable', true);
      return of.log ?? [];
    },
  };
}

/** What the core pushes about plugins at the start. */
export const pluginPushes = (of: PluginsOf | undefined): Push[] =>
  of === undefined
    ? []
    : [
        { kind: 'plugins', value: pluginDesk(of) },
        ...(of.popups ?? []).map((value): Push => ({ kind: 'popup', value })),
      ];

const onCall = (): State => ({
  window: 'panel',
  snapshot: f.snapshot({
    accounts: [f.account({ agent: f.agent({ state: f.systemState('Busy', 'busy', 149) }) })],
    contacts: [f.live()],
  }),
  levels: { sent: 0.09, microphone: 0.09, speaker: 0.06 },
});
const beside = (plugins: PluginsOf, rest: Partial<State> = {}): State => ({
  ...onCall(),
  plugins,
  // In a narrow window they take the panel's place.
  click: ['plugins-open?'],
  ...rest,
});
const one = (state: PluginView['state'], change: Partial<PluginView> = {}): PluginsOf => ({
  plugins: [plugin({ state, ...change })],
});
const settings = (plugins: PluginsOf, rest: Partial<State> = {}): State => ({
  window: 'panel',
  snapshot: f.snapshot(),
  show: 'settings/plugins',
  plugins,
  ...rest,
});
const available = [
  { name: 'pre-call', title: 'Before the call', description: 'What to know before you accept.' },
  { name: 'notes', title: 'Notes', description: 'Your own notes about each customer.' },
];
const everyState = (): PluginView[] => [
  plugin(),
  script({ state: { kind: 'awaits_consent' }, rights: rights(null, 'agent', 'contacts') }),
  plugin({
    id: 'wiki',
    name: 'Wolfeschlegelsteinhausenbergerdorff product knowledge base',
    place: 'nav',
    state: { kind: 'resting' },
    description: 'Articles for the product of the contact.',
  }),
  plugin({ id: 'survey', name: 'Survey', state: { kind: 'off' }, description: '', fixed: true }),
  plugin({
    id: 'board',
    name: 'Wallboard',
    state: { kind: 'crashed', cause: 'terminated by request' },
    description: 'Queues of the day.',
  }),
];
const asking = rights(null, 'agent', 'contacts', 'annotate', 'calls', 'transfers', 'notify');
const saved: PluginPopup = { name: 'CRM card', level: 'success', text: 'The order was saved.' };
const failed: PluginPopup = {
  name: 'CRM card',
  level: 'error',
  text: 'The customer file does not answer. What you typed is kept, and is sent again in a minute.',
};

/** States with plugins. */
export const pluginStates: Record<string, () => State> = {
  'plugin-running': () => beside(one({ kind: 'running' }, { title: 'Customer One' })),
  'plugin-acts': () => beside(one({ kind: 'running' }), { click: ['plugins-open?', 'plugin-more'] }),
  'plugin-two': () => beside({ plugins: [plugin(), script()] }),
  'plugin-many': () =>
    beside(
      {
        plugins: [
          plugin({ state: { kind: 'crashed', cause: 'SIGKILL' } }),
          script(),
          plugin({ id: 'wiki', name: 'Product knowledge base', state: { kind: 'awaits_consent' } }),
          plugin({ id: 'board', name: 'Wallboard' }),
        ],
      },
      { click: ['plugins-open?', 'plugin-tab'] },
    ),
  'plugin-consent': () => beside(one({ kind: 'awaits_consent' }, { rights: asking })),
  'plugin-loading': () => beside(one({ kind: 'loading' })),
  'plugin-silent': () => beside(one({ kind: 'silent' })),
  'plugin-frozen': () => beside(one({ kind: 'frozen' })),
  'plugin-crashed': () =>
    beside(one({ kind: 'crashed', cause: 'the web process used more than 512 MiB of memory' })),
  'plugin-broken': () =>
    beside(
      one({
        kind: 'broken',
        message_key: 'plugin_not_loaded',
        cause: 'crm.example.com: the certificate has expired',
      }),
    ),
  'plugin-ringing': () =>
    beside(one({ kind: 'running' }), {
      snapshot: f.snapshot({ contacts: [f.offered()] }),
    }),
  'plugin-sheet': () =>
    beside(one({ kind: 'running' }), {
      snapshot: f.snapshot({ accounts: [f.account({ agent: f.dialler() })] }),
      click: ['new-call'],
    }),
  'plugin-state-menu': () => beside(one({ kind: 'running' }), { click: ['state-menu'] }),
  'plugins-to-open': () => beside({ plugins: [plugin(), script()] }, { click: [] }),
  'plugins-menu': () =>
    beside(
      {
        plugins: [
          script({ place: 'contact-log' }),
          plugin({ id: 'wiki', name: 'Product knowledge base', place: 'nav', state: { kind: 'resting' } }),
          plugin({ shown: false }),
        ],
      },
      { click: ['plugins-menu'] },
    ),
  'plugin-ask': () => beside({ ...one({ kind: 'running' }), asks: [ask()] }, { click: [] }),
  'plugin-ask-several': () =>
    beside(
      {
        ...one({ kind: 'running' }),
        asks: [
          ask({
            message_key: 'plugin_ask_drop_party',
            target: 'Wolfeschlegelsteinhausenbergerdorff '.repeat(8),
          }),
          ask({ id: 'ask-2' }),
          ask({ id: 'ask-3' }),
        ],
      },
      { click: ['plugins-open?'] },
    ),
  'plugin-popup-success': () => beside({ ...one({ kind: 'running' }), popups: [saved] }, { click: [] }),
  'plugin-popup-error': () =>
    beside({ ...one({ kind: 'running' }), popups: [saved, saved, failed, failed] }, { click: [] }),
  'plugin-notice': () => ({
    ...beside(one({ kind: 'running' }), { click: [] }),
    snapshot: f.snapshot({
      contacts: [f.live()],
      notices: [
        f.notice('notice_plugin', {
          level: 'info',
          params: {
            plugin: 'CRM card',
            header: 'Order 2041-77 is delayed',
            text: 'The customer was promised a call back today.',
          },
        }),
      ],
    }),
  }),
  'history-noted': () => ({
    window: 'panel',
    snapshot: f.snapshot(),
    show: 'history',
    history: [
      f.entry('h1', 4, {
        annotations: {
          attributes: { Order: '2041-77', Reason: 'Delivery is late' },
          customer: { id: 'C-10442', name: 'Customer One', phone: '+442079460123', email: 'one@example.com' },
        },
      }),
    ],
    click: ['history-open'],
  }),
  'settings-plugins': () => settings({ plugins: everyState(), available }),
  'settings-plugins-empty': () => settings({ available }),
  'settings-plugins-none': () => settings({}),
  'settings-plugins-unsupported': () => settings({ unsupported: true }),
  'settings-plugin': () =>
    settings({ plugins: [plugin({ dropped: 12 })], log: someLines() }, { click: ['plugin-details'] }),
  'settings-plugin-consent': () =>
    settings(one({ kind: 'awaits_consent' }, { rights: asking, origins: [] }), { click: ['plugin-details'] }),
  'settings-plugin-fixed': () =>
    settings({ plugins: [script({ fixed: true, rights: [] })] }, { click: ['plugin-details'] }),
  'settings-plugin-broken': () =>
    settings(
      one({ kind: 'broken', message_key: 'plugin_manifest_unreadable', cause: 'unknown member "iframe"' }),
      { click: ['plugin-details'] },
    ),
  'settings-plugin-log': () =>
    beside(
      { ...one({ kind: 'running' }), log: someLines() },
      { click: ['plugins-open?', 'plugin-more', 'plugin-log'] },
    ),
  'settings-plugin-log-empty': () =>
    settings(one({ kind: 'running' }), { click: ['plugins-open?', 'plugin-more?', 'plugin-log?'] }),
  'settings-plugin-value-fault': () =>
    settings(one({ kind: 'running' }), {
      click: ['plugin-details', 'plugin-value-lookup_url=http://crm.example.com', 'plugin-values-save'],
    }),
  'settings-plugin-remove': () =>
    settings(one({ kind: 'running' }), { click: ['plugin-details', 'plugin-remove'] }),
  'plugin-add-fault': () =>
    settings({ available }, { click: ['plugin-add-text=crm.example.com', 'plugin-add-typed'] }),
  'plugin-add-failed': () =>
    settings(
      {
        available,
        addFails: { key: 'error_plugin_manifest', detail: 'plugin.json: line 4: unknown member "iframe"' },
      },
      { click: ['plugin-add-kind=folder', 'plugin-add-text=/srv/plugins/crm', 'plugin-add-typed'] },
    ),
};
