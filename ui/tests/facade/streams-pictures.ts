/** Pictures of an agent's work as the panel sends them: shaped like what Amazon Connect's CTI service answers with. */

type Data = Record<string, unknown>;

const INSTANCE = 'arn:aws:connect:eu-central-1:111122223333:instance/0a1b2c3d-1111-4222-8333-444455556666';
/** The contact in all pictures. */
export const CONTACT = '6f0c2b1e-8f43-4c0f-9d5d-2f5b7a3c1e90';
/** The agent's leg. */
export const AGENT_LEG = 'b7a1f2d4-3c58-4d3b-8a21-5f1f6d0e9c77';
/** The customer's leg. */
export const CUSTOMER_LEG = '3a54c9be-1d0f-47a2-8f68-90bd1f0a7c21';
/** The leg of a further party. */
export const THIRD_LEG = '91d7e6c2-6b1c-49a4-9a2e-2f3e5d6c7b8a';

const queue = (number: number, name: string): Data => ({
  queueARN: `${INSTANCE}/queue/b1b1b1b1-000${number}`,
  name,
});
const state = (type: string, name: string, number?: number): Data => ({
  agentStateARN: number ? `${INSTANCE}/agent-state/c2c2c2c2-000${number}` : null,
  type,
  name,
});

/** States that the agent can choose. */
export const AVAILABLE = state('routable', 'Available', 1);
export const OFFLINE = state('offline', 'Offline', 2);
export const LUNCH = state('not_routable', 'Lunch', 3);

export const CONFIGURATION: Data = {
  name: 'Carla Example',
  username: 'carla',
  softphoneEnabled: true,
  softphoneAutoAccept: false,
  extension: '',
  routingProfile: {
    name: 'Sales and support',
    routingProfileARN: `${INSTANCE}/routing-profile/7c6b5a49`,
    defaultOutboundQueue: queue(1, 'Sales'),
    channelConcurrencyMap: { VOICE: 1, CHAT: 3, TASK: 5 },
    queues: [queue(1, 'Sales'), queue(2, 'Support')],
  },
  agentPreferences: { LANGUAGE: 'en_US' },
  agentARN: `${INSTANCE}/agent/5f0e1d2c`,
  permissions: ['outboundCall'],
  agentStates: [AVAILABLE, OFFLINE, LUNCH],
  dialableCountries: ['de', 'us'],
  voiceEnhancementMode: 'NONE',
};

interface LegState {
  id: string;
  type: string;
  state: string;
}

function leg({ id, type, state: now }: LegState, at: number): Data {
  const agent = type === 'agent';
  return {
    connectionId: id,
    endpoint: { type: agent ? 'agent' : 'phone_number', phoneNumber: agent ? null : '+12025550123' },
    state: { type: now, timestamp: at },
    type,
    initial: type === 'inbound',
    softphoneMediaInfo: agent ? { callType: 'audio_only', autoAccept: false } : null,
    mute: false,
    forcedMute: false,
    quickConnectName: id === THIRD_LEG ? 'Billing desk' : null,
    monitorCapabilities: null,
    monitorStatus: null,
    capabilities: null,
  };
}

function contact(type: string, legs: LegState[], at: number): Data {
  return {
    contactId: CONTACT,
    initialContactId: CONTACT,
    type: 'voice',
    state: { type, timestamp: at },
    queue: queue(1, 'Sales'),
    queueTimestamp: 1786200056,
    connections: legs.map((one) => leg(one, at)),
    // A key of the flow's, which looks like a time of ours.
    attributes: { tier: { name: 'tier', value: 'gold' }, timestamp: { name: 'timestamp', value: '5' } },
    contactDuration: '0',
    name: null,
    initiationMethod: 'inbound',
    contactFeatures: { multiPartyConferenceEnabled: legs.length > 2 },
    segmentAttributes: { 'connect:Subtype': { ValueString: 'connect:Telephony' } },
  };
}

function picture(now: Data, contacts: Data[], at: number, nextState: Data | null = null): Data {
  return {
    state: { ...now, startTimestamp: at },
    nextState,
    agentAvailabilityState: { state: 'Available', timeStamp: 1786200000 },
    contacts,
    snapshotTimestamp: at + 0.1,
  };
}

const inbound = (agent: string, customer: string): LegState[] => [
  { id: AGENT_LEG, type: 'agent', state: agent },
  { id: CUSTOMER_LEG, type: 'inbound', state: customer },
];
const third = (now: string): LegState => ({ id: THIRD_LEG, type: 'outbound', state: now });
const BUSY = state('system', 'Busy');

export const IDLE = picture(AVAILABLE, [], 1786200030);
export const OFFERED_CALLBACK = picture(
  state('system', 'PendingBusy'),
  [{ ...contact('incoming', inbound('connecting', 'connected'), 1786200058), type: 'queue_callback' }],
  1786200058,
);
export const RINGING = picture(
  state('system', 'PendingBusy'),
  [contact('connecting', inbound('connecting', 'connected'), 1786200060)],
  1786200060,
);
export const TALKING = picture(
  BUSY,
  [contact('connected', inbound('connected', 'connected'), 1786200066)],
  1786200066,
);
export const HOLD = picture(
  BUSY,
  [contact('connected', inbound('connected', 'hold'), 1786200066)],
  1786200070,
);
export const CALLED = picture(
  BUSY,
  [contact('connected', [...inbound('connected', 'hold'), third('connected')], 1786200066)],
  1786200100,
);
export const CONFERENCE = picture(
  BUSY,
  [contact('connected', [...inbound('connected', 'connected'), third('connected')], 1786200066)],
  1786200120,
);
export const LUNCH_NEXT = picture(
  BUSY,
  [contact('connected', inbound('connected', 'connected'), 1786200066)],
  1786200125,
  LUNCH,
);
export const WRAP_UP = picture(
  state('system', 'AfterCallWork'),
  [contact('ended', inbound('disconnected', 'disconnected'), 1786200130)],
  1786200130,
);
export const MISSED = picture(
  state('error', 'MissedCallAgent'),
  [contact('error', inbound('disconnected', 'disconnected'), 1786200090)],
  1786200090,
);

export const DEVICES: Data = {
  list: [
    { deviceId: 'Headset', groupId: '', kind: 'audioinput', label: 'Headset' },
    { deviceId: 'Headset', groupId: '', kind: 'audiooutput', label: 'Headset' },
  ],
  speaker: 'default',
  microphone: 'Headset',
  ringer: 'default',
};

/** What the panel answers a page with that asks to be let in. */
export const first = (snapshot: Data | null = IDLE): Data => ({
  snapshot,
  configuration: snapshot && CONFIGURATION,
  mute: { muted: false },
  devices: DEVICES,
  network: { status: 'connected' },
});
