/** Events, rosters and rules with sensible contents, for unit tests and the gallery. */
import type {
  AccountView,
  Attribute,
  EventRule,
  EventRules,
  EventView,
  PlatformEvent,
  RosterEntry,
  TriedEvent,
} from '$lib/rpc/gen';

import * as f from './fixtures';

/** An account that tells events and takes no commands. */
export const teller = (change: Partial<AccountView> = {}): AccountView =>
  f.account({
    id: 'olos-1',
    platform: 'olos',
    platform_name: 'Olos AgentHub',
    name: 'Contoso Outbound',
    order: 1,
    capabilities: ['platform_events', 'roster'],
    agent: f.agent({ name: 'adams', state: f.systemState('Talking', 'busy', 94), selectable_states: [] }),
    ...change,
  });

const field = (name: string, value: string): Attribute => ({ name, value });

/** What a call for the agent is told with. */
export const popFields = (): Attribute[] => [
  field('agentIdOrigin', '0'),
  field('automaticPreviewCall', 'false'),
  field('callId', '91079'),
  field('campaignCode', ''),
  field('campaignData', '<Nome>Ana Ferreira</Nome><Pedido>2041-77</Pedido><Saldo>12,50</Saldo>'),
  field('campaignData.Nome', 'Ana Ferreira'),
  field('campaignData.Pedido', '2041-77'),
  field('campaignData.Saldo', '12,50'),
  field('campaignId', '22'),
  field('campaignIdOrigin', '0'),
  field('customerId', '10'),
  field('phoneNumber', '+5511900000000'),
  field('phoneNumberList', '+5511900000000, +5511900000001'),
  field('previewCall', 'false'),
  field('priorityCampaign', 'true'),
  field('readOnly', 'false'),
  field('recordPage', 'https://crm.example/customers/10'),
  field('tableName', 'SPRING'),
];

export const platformEvent = (id: string, change: Partial<PlatformEvent> = {}): PlatformEvent => ({
  id,
  kind: 'ScreenPopVoice',
  sort: 'screen_pop',
  at: f.ago(20),
  customer: { name: 'Ana Ferreira', address: '+5511900000000' },
  campaign: '22',
  channel: 'Voice',
  way: 'Outbound',
  fields: popFields(),
  ...change,
});

let told = 0;
/** An event on the desk, so many seconds old. */
export const event = (
  seconds: number,
  change: Partial<PlatformEvent> = {},
  rest: Partial<EventView> = {},
): EventView => {
  told += 1;
  return {
    account: 'olos-1',
    arrived: f.ago(seconds),
    unread: false,
    event: platformEvent(`event-${told}`, { at: f.ago(seconds), ...change }),
    ...rest,
  };
};

const nobody = { name: null, address: null };

/** Without a customer: what most events are like. */
export const plain = (
  seconds: number,
  kind: string,
  sort: PlatformEvent['sort'],
  fields: Record<string, string>,
  rest: Partial<EventView> = {},
): EventView =>
  event(
    seconds,
    {
      kind,
      sort,
      customer: nobody,
      fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
    },
    rest,
  );

/** An event of a partner system, as it comes: JSON, and what is in it. */
export const thirdParty = (seconds: number, rest: Partial<EventView> = {}): EventView => {
  const data = {
    ticket: { id: 4711, title: 'Replacement for order 2041-77', open: true },
    priority: 'high',
    link: 'https://tickets.example/4711',
  };
  return plain(
    seconds,
    'ThirdPartyEvent',
    'third_party',
    {
      data: JSON.stringify(data),
      'data.ticket.id': '4711',
      'data.ticket.title': data.ticket.title,
      'data.ticket.open': 'true',
      'data.priority': 'high',
      'data.link': data.link,
    },
    rest,
  );
};

/** One of every sort, oldest first. */
export const events = (): EventView[] => [
  plain(5400, 'LoginCampaignVoice', 'status', { campaignId: '22', campaignName: 'Spring offers' }),
  plain(4200, 'ChangeStatusVoice', 'status', { agentStatusId: '4', reasonId: '3' }),
  event(2400, {
    customer: { name: null, address: '+551130618100' },
    fields: [
      { name: 'callId', value: '91011' },
      { name: 'phoneNumber', value: '+551130618100' },
    ],
  }),
  plain(2380, 'ActiveCall', 'call', { callId: '91011' }),
  thirdParty(1500),
  plain(900, 'HeartbeatNotify', 'other', { timestamp: '1661794102414' }),
  plain(
    300,
    'NewMsgFromSupervisor',
    'message',
    { message: 'Please call the customer of order 2041-77 back before noon.', supervisorId: '49' },
    { unread: true },
  ),
  thirdParty(120, { unread: true }),
  event(20, {}, { unread: true }),
];

/** Older ones, newest first. */
export const olderEvents = (count: number): EventView[] =>
  Array.from({ length: count }, (_, at) =>
    event(90_000 + at * 4000, {
      id: `older-${at}`,
      customer: { name: `Customer ${at + 1}`, address: `+55119000${String(10_000 + at)}` },
      fields: [
        { name: 'callId', value: String(80_000 - at) },
        { name: 'orderNumber', value: `2040-${at}` },
      ],
    }),
  );

export const online = (reference: string, change: Partial<RosterEntry> = {}): RosterEntry => ({
  reference,
  user: '9300f2b4-70f2-4a21-bcb5-e5d46e602c30',
  name: 'adams',
  online_since: f.ago(7530),
  address: '203.0.113.10',
  ...change,
});

/** One of them twice. */
export const roster = (): RosterEntry[] => [
  online('ref-1'),
  online('ref-2', { online_since: f.ago(265), address: '203.0.113.11' }),
  online('ref-3', { name: 'Beatriz Souza', user: 'user-2', address: '2001:db8::8a2e:370:7334' }),
  online('ref-4', { name: 'carlos', user: 'user-3', online_since: f.ago(190_000), address: null }),
];

/** More than anybody reads. */
export const crowd = (count: number): RosterEntry[] =>
  Array.from({ length: count }, (_, at) =>
    online(`crowd-${at}`, {
      name: `agent ${String(at).padStart(5, '0')}`,
      user: `user-${at}`,
      address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
      online_since: f.ago(60 + at * 7),
    }),
  );

export const rule = (change: Partial<EventRule> = {}): EventRule => ({
  name: '',
  account: null,
  kinds: [],
  sorts: [],
  campaigns: [],
  channels: [],
  acts: [],
  page: null,
  ...change,
});

export const rules = (change: Partial<EventRules> = {}): EventRules => ({
  rules: [
    rule({
      name: 'Calls of the spring campaign',
      sorts: ['screen_pop'],
      campaigns: ['22'],
      channels: ['Voice'],
      acts: ['notify', 'ring', 'open_page'],
      page: 'crm',
    }),
    rule({
      sorts: ['third_party', 'message'],
      account: 'olos-1',
      acts: ['notify', 'bring_to_front'],
    }),
    rule({ name: 'Not interesting', kinds: ['HeartbeatNotify', 'Typing*'] }),
  ],
  fixed: false,
  ...change,
});

/** What the rules above would do with a screen pop. */
export const tried = (change: Partial<TriedEvent> = {}): TriedEvent => ({
  event: platformEvent('pasted-0'),
  rule: 0,
  acts: ['notify', 'ring', 'open_page'],
  unread: true,
  pages: [
    {
      name: 'Customer record',
      address: 'https://crm.example/search?phone=%2B5511900000000',
      problem: null,
    },
  ],
  ...change,
});
