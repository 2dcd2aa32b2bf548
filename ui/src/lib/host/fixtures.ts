/** Values of the vocabulary with sensible contents, for unit tests and the gallery. A fixed cast. */
import type {
  AccountView,
  Agent,
  AgentState,
  Annotations,
  AudioView,
  Author,
  CallSummary,
  Connection,
  Contact,
  ContactDetails,
  ContactView,
  ConversationView,
  DeskSnapshot,
  Endpoint,
  HistoryEntry,
  Link,
  MediaStats,
  MediaView,
  Message,
  Notice,
  OutgoingItem,
  PanelSettings,
  FormField,
  PlacedMessage,
  PlatformInfo,
  PopPreview,
  ScreenPops,
  TaskField,
  TaskTemplate,
  TaskTemplateEntry,
} from '$lib/rpc/gen';

/** Milliseconds before now. */
export const ago = (seconds: number): number => Date.now() - seconds * 1000;

export const link = (change: Partial<Link> = {}): Link => ({
  state: 'online',
  reason: null,
  since: ago(3600),
  retry_at: null,
  ...change,
});

export const state = (name: string, change: Partial<AgentState> = {}): AgentState => ({
  id: `state-${name.toLowerCase()}`,
  kind: 'not_routable',
  name,
  activity: 'named',
  since: null,
  ...change,
});

const selectable: AgentState[] = [
  state('Available', { kind: 'routable' }),
  state('Lunch'),
  state('Training'),
  state('Offline', { kind: 'offline' }),
];

export const systemState = (name: string, activity: AgentState['activity'], seconds: number): AgentState =>
  state(name, { id: null, kind: 'system', activity, since: ago(seconds) });

export const agent = (change: Partial<Agent> = {}): Agent => ({
  name: 'Agent One',
  username: 'agent.one',
  state: { ...state('Available', { kind: 'routable' }), since: ago(754) },
  next_state: null,
  selectable_states: selectable,
  softphone_enabled: true,
  auto_accept: false,
  extension: null,
  routing_profile: { name: 'Voice', default_outbound_queue: null, queues: [], concurrency: { voice: 1 } },
  permissions: [],
  can_dial: false,
  language: null,
  languages: [],
  dial_queues: [],
  default_dial_queue: null,
  platform_id: 'arn:aws:connect:eu-central-1:111122223333:instance/1/agent/1',
  dialable_countries: [],
  picked: null,
  media: [],
  wrap_up: null,
  supervises: [],
  ...change,
});

/** What a platform can do whose contacts are worked on from here. */
export const handled = ['agent_state', 'offers'];

export const account = (change: Partial<AccountView> = {}): AccountView => ({
  id: 'account-1',
  platform: 'amazon-connect',
  platform_name: 'Amazon Connect',
  name: 'Northwind Support',
  order: 0,
  link: link(),
  agent: agent(),
  capabilities: handled,
  pending_state: null,
  route: null,
  serving: null,
  pending_dial: null,
  challenge: null,
  work_lists: [],
  ...change,
});

export const details = (change: Partial<ContactDetails> = {}): ContactDetails => ({
  initial: null,
  related: null,
  association: null,
  initiation: null,
  subtype: null,
  reached: null,
  features: { files: null, markdown: null, several_parties: null, screen_recorded: null },
  segment: [],
  metadata: [],
  authentication: null,
  customer_online: null,
  customer_banned: false,
  video: false,
  ...change,
});

export const contact = (change: Partial<Contact> = {}): Contact => ({
  id: 'contact-1',
  channel: 'voice',
  direction: 'inbound',
  state: 'offered',
  state_since: ago(6),
  outcome: null,
  queue: { id: 'queue-1', name: 'Orders' },
  queued_since: ago(40),
  offer_expires: Date.now() + 14_000,
  customer: { name: 'Customer One', address: '+442079460123' },
  subject: null,
  description: null,
  references: [],
  scheduled_for: null,
  template: null,
  email: null,
  monitoring: null,
  supervised: false,
  attributes: [
    { name: 'Customer tier', value: 'Gold' },
    { name: 'Language', value: 'English' },
    { name: 'Order', value: '2041-77 (delayed)' },
  ],
  connections: [],
  on_hold: false,
  softphone: true,
  auto_accept: false,
  allowed: ['accept', 'reject'],
  wrap_up_ends: null,
  handover: null,
  advisers: [],
  details: details(),
  ...change,
});

/** What plugins have put onto a contact; nothing unless given. */
export const annotations = (change: Partial<Annotations> = {}): Annotations => ({
  attributes: {},
  customer: { id: null, name: null, phone: null, email: null },
  ...change,
});

export const stats = (change: Partial<MediaStats> = {}): MediaStats => ({
  received: { packets: 7431, packets_lost: 12, jitter_ms: 7.4, level: 0.08 },
  sent: { packets: 7440, packets_lost: 3, jitter_ms: 5.1, level: 0.1 },
  round_trip_ms: 48,
  jitter_buffer_ms: 42,
  jitter_buffer_delay_total_s: 12,
  jitter_buffer_emitted: 7_000_000,
  concealed: 0.001,
  concealment_events: 4,
  mos: 4.3,
  quality: 'good',
  ...change,
});

export const summary = (): CallSummary => ({
  started: ago(300),
  ended: ago(10),
  initialization_ms: 12,
  ice_gathering_ms: 90,
  handshake_ms: 120,
  setup_ms: 300,
  accept_to_audio_ms: 40,
  talk_ms: 280_000,
  route: { local: 'relay', remote: 'host', protocol: 'udp' },
  path_losses: 0,
  ice_restarts: 0,
  last: stats(),
  worst_mos: 4.1,
  failure: null,
  failed_address: null,
  codec: 'opus',
  connection_reused: false,
});

export const media = (change: Partial<MediaView> = {}): MediaView => ({
  state: 'live',
  mute_wanted: false,
  sending: 'sound',
  stats: stats(),
  failure: null,
  failed_address: null,
  summary: null,
  ...change,
});

export const offered = (change: Partial<ContactView> = {}, inner: Partial<Contact> = {}): ContactView => ({
  key: { account: 'account-1', contact: inner.id ?? 'contact-1' },
  contact: contact(inner),
  annotations: annotations(),
  media: media({ state: 'ready', sending: 'nothing', stats: null }),
  pending: [],
  offered_at: ago(6),
  accepted_at: null,
  connected_at: null,
  hold_since: null,
  ended_at: null,
  digits: '',
  while_busy: false,
  ...change,
});

export const live = (change: Partial<ContactView> = {}, inner: Partial<Contact> = {}): ContactView =>
  offered(
    { media: media(), accepted_at: ago(150), connected_at: ago(149), ...change },
    { state: 'connected', state_since: ago(149), allowed: ['end', 'hold', 'mute', 'send_digits'], ...inner },
  );

export const held = (change: Partial<ContactView> = {}, inner: Partial<Contact> = {}): ContactView =>
  live(
    { hold_since: ago(37), media: media({ sending: 'nothing' }), ...change },
    { on_hold: true, allowed: ['end', 'resume', 'mute', 'send_digits'], ...inner },
  );

export const finished = (change: Partial<ContactView> = {}, inner: Partial<Contact> = {}): ContactView =>
  offered(
    { media: null, ended_at: ago(21), ...change },
    { state: 'ended', outcome: 'ended_by_customer', allowed: ['clear'], state_since: ago(21), ...inner },
  );

/** A chat with the customer. */
export const chat = (
  id: string,
  change: Partial<ContactView> = {},
  inner: Partial<Contact> = {},
): ContactView =>
  offered(
    { media: null, accepted_at: ago(130), connected_at: ago(128), ...change },
    {
      id,
      channel: 'chat',
      state: 'connected',
      state_since: ago(128),
      customer: { name: 'Ana Ferreira', address: null },
      softphone: false,
      allowed: ['end', 'transfer'],
      ...inner,
    },
  );

/** Its conversation. */
export const conversation = (
  id: string,
  change: Partial<ConversationView> = {},
  frame: Partial<ConversationView['conversation']> = {},
): ConversationView => ({
  key: { account: 'account-1', contact: id },
  conversation: {
    state: 'open',
    participants: [customerAuthor],
    typing: [],
    attachments: true,
    markdown: true,
    longest: 1024,
    largest_file: 20 * 1024 * 1024,
    file_types: ['pdf', 'png', 'jpg', 'txt', 'docx'],
    has_older: false,
    silent: false,
    replies: false,
    edits: false,
    removes: false,
    cards: false,
    whispers: false,
    only_whispers: false,
    lines: [],
    line: null,
    paused_until: null,
    answer_by: null,
    ...frame,
  },
  unread: 0,
  read_up_to: null,
  draft: '',
  outgoing: [],
  downloads: [],
  ...change,
});

export const customerAuthor: Author = { role: 'customer', name: 'Ana Ferreira' };
export const me: Author = { role: 'me', name: 'Agent One' };

let arrivals = 0;
/** One message, by seconds before now. */
export const said = (
  contact: string,
  author: Author,
  seconds: number,
  body: Message['body'] | string,
  change: Partial<Message> = {},
): PlacedMessage => {
  arrivals += 1;
  return {
    contact: { account: 'account-1', contact },
    arrival: arrivals,
    message: {
      id: `message-${arrivals}`,
      token: null,
      at: ago(seconds),
      order: 0,
      author,
      body: typeof body === 'string' ? { kind: 'text', text: body } : body,
      delivery: author.role === 'me' ? 'read' : null,
      partial: false,
      internal: false,
      edited: false,
      reply_to: null,
      line: null,
      suggestions: [],
      ...change,
    },
  };
};

/** Words on their way to the customer. */
export const words = (
  text: string,
  change: Partial<OutgoingItem & { kind: 'text' }> = {},
): OutgoingItem & { kind: 'text' } => ({
  kind: 'text',
  text,
  markdown: false,
  reply_to: null,
  internal: false,
  ...change,
});

/** One leg of a contact. */
export const leg = (id: string, change: Partial<Connection> = {}): Connection => ({
  id,
  kind: 'third_party',
  state: 'connected',
  state_since: ago(24),
  party: { name: null, address: null },
  muted_by_platform: false,
  mute_forced: false,
  sends: [],
  allowed: ['hold', 'disconnect', 'send_digits'],
  ...change,
});
/** The agent's own leg, and the customer's. */
export const agentLeg = (): Connection =>
  leg('leg-agent', {
    kind: 'agent',
    state_since: ago(149),
    allowed: [],
    party: { name: 'Agent One', address: null },
  });
export const customerLeg = (change: Partial<Connection> = {}): Connection =>
  leg('leg-customer', {
    kind: 'initial',
    state_since: ago(149),
    party: { name: null, address: '+442079460123' },
    ...change,
  });
/** A call with a further party. */
export const together = (
  legs: Connection[],
  change: Partial<ContactView> = {},
  inner: Partial<Contact> = {},
): ContactView =>
  live(change, {
    connections: [agentLeg(), ...legs],
    allowed: ['end', 'mute', 'send_digits', 'add_party'],
    ...inner,
  });

/** An agent who can make calls. */
export const dialler = (change: Partial<Agent> = {}): Agent =>
  agent({
    can_dial: true,
    dial_queues: [
      { id: 'queue-1', name: 'Orders' },
      { id: 'queue-2', name: 'Returns' },
    ],
    default_dial_queue: 'queue-1',
    ...change,
  });

/** A directory as a platform gives it. */
const taskField = (name: string, kind: TaskField['kind'], change: Partial<TaskField> = {}): TaskField => ({
  name,
  kind,
  description: null,
  options: [],
  required: false,
  read_only: false,
  longest: null,
  default: null,
  ...change,
});
export const templates: TaskTemplateEntry[] = [
  { id: 'template-return', name: 'Returned goods', description: 'Goods that a customer sends back' },
  { id: 'template-address', name: 'Change of address', description: null },
];
/** One with a field of each kind, and a short one that decides itself whom its tasks are for. */
export function template(id: string): TaskTemplate {
  if (id !== 'template-return') {
    return {
      id,
      name: 'Change of address',
      description: null,
      fields: [
        taskField('Task name', 'name', { required: true, read_only: true, default: 'Change of address' }),
        taskField('New address', 'text_area', { required: true, longest: 4095 }),
      ],
    };
  }
  return {
    id,
    name: 'Returned goods',
    description: 'Goods that a customer sends back',
    fields: [
      taskField('Task name', 'name', { required: true, longest: 512 }),
      taskField('Task description', 'description', { longest: 4096 }),
      taskField('Assign to', 'quick_connect', { required: true }),
      taskField('Begins', 'scheduled_time'),
      taskField('Order number', 'text', { required: true, longest: 511, description: 'As on the invoice' }),
      taskField('Reason', 'single_select', { required: true, options: ['Damaged', 'Late', 'Other'] }),
      taskField('Amount', 'number'),
      taskField('Photo page', 'url', { longest: 4096 }),
      taskField('Customer mail', 'email', { longest: 4096 }),
      taskField('Bought on', 'date_time'),
      taskField('Insured', 'boolean', { default: 'true' }),
      taskField('Notes', 'text_area', { longest: 4095 }),
      taskField('Desk', 'text', { read_only: true, default: 'Returns', longest: 511 }),
      taskField('Expires after', 'EXPIRY_DURATION'),
    ],
  };
}

export const endpoints: Endpoint[] = [
  { id: 'e1', name: 'Agent Two', kind: 'agent', number: null },
  { id: 'e2', name: 'Billing', kind: 'queue', number: null },
  { id: 'e3', name: 'Carrier hotline', kind: 'phone_number', number: '+493012345678' },
  { id: 'e4', name: 'Interpreter service', kind: 'phone_number', number: '+12025550143' },
  { id: 'e5', name: 'Returns desk', kind: 'queue', number: null },
  { id: 'e6', name: 'Supervisor on duty', kind: 'agent', number: null },
  { id: 'e7', name: 'Workshop flow', kind: 'flow', number: null },
];

export const audio = (change: Partial<AudioView> = {}): AudioView => ({
  inputs: [
    { name: 'Jabra Evolve2 40 Mono', is_default: true },
    { name: 'Built-in Audio Analog Stereo', is_default: false },
  ],
  outputs: [
    { name: 'Jabra Evolve2 40 Mono', is_default: true },
    { name: 'Built-in Audio Analog Stereo', is_default: false },
  ],
  microphone: {
    choice: { kind: 'system_default' },
    serving: 'Jabra Evolve2 40 Mono',
    fallback: false,
    open: false,
  },
  speaker: {
    choice: { kind: 'system_default' },
    serving: 'Jabra Evolve2 40 Mono',
    fallback: false,
    open: false,
  },
  ringer: {
    choice: { kind: 'named', name: 'Built-in Audio Analog Stereo' },
    serving: 'Built-in Audio Analog Stereo',
    fallback: false,
    open: false,
  },
  ringtone: {
    builtin: 'classic',
    file_name: null,
    volume: 80,
    available: ['classic', 'chime', 'marimba', 'pulse', 'breeze'],
    problem: null,
  },
  sounds: [
    { kind: 'voice', off: false, tone: null },
    { kind: 'chat', off: false, tone: null },
    { kind: 'task', off: true, tone: null },
    {
      kind: 'email',
      off: false,
      tone: {
        builtin: 'chime',
        file_name: null,
        volume: 40,
        available: ['classic', 'chime', 'marimba', 'pulse', 'breeze'],
        problem: null,
      },
    },
    { kind: 'auto_accept', off: false, tone: null },
    { kind: 'event', off: false, tone: null },
  ],
  ringing: false,
  processing: true,
  enhancement: 'noise_suppression',
  early_microphone: false,
  ...change,
});

export const snapshot = (change: Partial<DeskSnapshot> = {}): DeskSnapshot => ({
  revision: 41,
  accounts: [account()],
  contacts: [],
  conversations: [],
  messages: [],
  events: [],
  rosters: [],
  audio: audio(),
  notices: [],
  limits: [],
  ...change,
});

export const notice = (key: string, change: Partial<Notice> = {}): Notice => ({
  id: key,
  level: 'warning',
  message_key: key,
  params: {},
  account: null,
  contact: null,
  action: null,
  at: Date.now(),
  ...change,
});

export const entry = (id: string, minutes: number, change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  key: { account: 'account-1', contact: id },
  platform: 'amazon-connect',
  account_name: 'Northwind Support',
  channel: 'voice',
  direction: 'inbound',
  customer: { name: 'Customer One', address: '+442079460123' },
  queue: 'Orders',
  outcome: 'ended_by_customer',
  offered_at: ago(minutes * 60 + 200),
  connected_at: ago(minutes * 60 + 190),
  ended_at: ago(minutes * 60),
  summary: summary(),
  initiation: 'inbound',
  subtype: 'telephone',
  taken_at: ago(minutes * 60 + 190),
  holds: 1,
  held_ms: 42_000,
  wrap_up_ms: 35_000,
  devices: { microphone: 'Jabra Evolve2 65', speaker: 'Jabra Evolve2 65' },
  messages: null,
  annotations: annotations(),
  ...change,
});

export const settings = (change: Partial<PanelSettings> = {}): PanelSettings => ({
  theme: 'system',
  language: 'en',
  close_to_tray: true,
  drop_view_in_tray: true,
  incoming_window: true,
  notifications: true,
  ...change,
});

/** Pages that open for a contact; none unless given. */
export const pops = (change: Partial<ScreenPops> = {}): ScreenPops => ({
  templates: [],
  allowed_domains: [],
  allow_http: false,
  fixed: [],
  failures: [],
  ...change,
});

export const somePops: Partial<ScreenPops> = {
  allowed_domains: ['crm.example', '*.tools.example'],
  templates: [
    {
      id: 'crm',
      name: 'Customer record',
      account: null,
      queues: [],
      when: 'offer',
      url: 'https://crm.example/search?phone={{customer.address}}',
    },
    {
      id: 'wiki',
      name: 'Product notes',
      account: 'northwind',
      queues: ['Returns', 'Warranty'],
      when: 'hand',
      url: 'https://wiki.tools.example/{{product}}',
    },
  ],
  failures: [
    {
      problem: {
        message_key: 'notice_screen_pop_missing',
        params: { page: 'Product notes', about: 'product' },
      },
      customer: 'Ana Ferreira',
      at: Date.now() - 90_000,
    },
  ],
};

/** As the core makes it for addresses that are in order. */
export const popPreview = (url: string): PopPreview => ({
  address: url.replaceAll(/{{.*?}}/g, 'A-10442'),
  problem: null,
  fields: [...url.matchAll(/{{(.*?)}}/g)].map(([, name = '']) => ({ name, value: 'A-10442' })),
});

const inLoginWindow = { part_key: 'field_amazon_connect_login_window' };
const formField = (key: string, kind: string, change: Partial<FormField> = {}): FormField => ({
  key,
  label_key: `field_amazon_connect_${key}`,
  kind,
  required: false,
  part_key: null,
  ...change,
});

export const platforms: PlatformInfo[] = [
  {
    id: 'amazon-connect',
    name: 'Amazon Connect',
    login_window: true,
    fields: [
      formField('address', 'address', { required: true }),
      formField('token', 'secret'),
      formField('login_width', 'number', inLoginWindow),
      formField('login_height', 'number', inLoginWindow),
      formField('login_left', 'number', inLoginWindow),
      formField('login_top', 'number', inLoginWindow),
      formField('login_stays_open', 'switch', inLoginWindow),
    ],
  },
];
