import { afterEach, describe, expect, test } from 'vitest';

import { PanelDouble, settled, type Page } from './streams-page.ts';
import * as pictures from './streams-pictures.ts';
import { CONTACT, CUSTOMER_LEG, first } from './streams-pictures.ts';

let panel: PanelDouble;
afterEach(() => panel.close());

async function adopted(answer: Record<string, unknown> | undefined = first()): Promise<Page> {
  panel = new PanelDouble(answer);
  panel.connect.core.initCCP(panel.container, { ccpUrl: 'https://example.my.connect.aws/ccp-v2/' });
  await settled();
  return panel.connect;
}

async function shown(...all: unknown[]): Promise<void> {
  for (const snapshot of all) panel.event('snapshot', snapshot);
  await settled();
}

/** Agent and contact events in the order in which they fire; those of one contact alone are left out. */
function told(connect: Page): string[] {
  const events: string[] = [];
  connect.core.getEventBus().subscribeAll((_data: unknown, event: string) => {
    if (/^(agent|contact)::\w+$/.test(event) && event !== 'agent::update') events.push(event);
  });
  return events;
}

describe('initCCP', () => {
  test('asks the panel, tells that it is there, and puts no iframe into the page', async () => {
    panel = new PanelDouble(first());
    const { connect } = panel;
    const order: string[] = [];
    connect.core.initCCP(panel.container, 'https://example.my.connect.aws/ccp-v2/');
    connect.core.getEventBus().subscribe(connect.EventType.ACKNOWLEDGE, () => order.push('acknowledge'));
    connect.core.onInitialized(() => order.push('init'));
    connect.agent(() => order.push('agent'));
    expect(() => connect.core.getClient(), 'before the answer there is no client').toThrow(
      /not been initialized/,
    );
    await settled();
    expect(order, 'as the vendor does: first the CCP is there, then the agent').toEqual([
      'acknowledge',
      'init',
      'agent',
    ]);
    expect(panel.asked, 'one question, with the versions in it').toEqual([
      { source: 'trunkline-streams', v: 1, id: 's-1', op: 'init', version: connect.version },
    ]);
    expect(panel.window.document.querySelector('iframe'), 'nothing is loaded').toBeNull();
    expect(connect.isCRM(), 'the page counts as one that has a CCP').toBe(true);
  });

  test('a second call is left alone, and after terminate the page can begin again', async () => {
    const connect = await adopted();
    connect.core.initCCP(panel.container, { ccpUrl: 'https://example.my.connect.aws/ccp-v2/' });
    await settled();
    expect(panel.asked.length, 'the panel is asked once').toBe(1);
    connect.core.terminate();
    expect(connect.core.initialized, 'nothing is left').toBe(false);
    connect.core.initCCP();
    let name = '';
    connect.agent((agent: Page) => (name = agent.getName()));
    await settled();
    expect(name, 'the agent is told anew').toBe('Carla Example');
  });

  test('nobody signed in: the agent comes when there is one', async () => {
    const connect = await adopted(first(null));
    let agents = 0;
    connect.agent(() => (agents += 1));
    panel.event('configuration', pictures.CONFIGURATION);
    expect(agents, 'half of the picture is not enough').toBe(0);
    panel.event('snapshot', pictures.IDLE);
    expect(agents, 'now the agent is there').toBe(1);
  });

  test('a page without leave is told so, and one without a panel after ten tries', async () => {
    panel = new PanelDouble(undefined);
    const { connect } = panel;
    connect.core.initCCP(panel.container, { ccpLoadTimeout: 1 });
    let waited = 0;
    connect.core.getEventBus().subscribe(connect.EventType.ACK_TIMEOUT, () => (waited += 1));
    await new Promise<void>((resolve) => connect.core.onIframeRetriesExhausted(() => resolve()));
    expect([waited, panel.asked.length], 'each try is told').toEqual([10, 10]);
    panel.close();

    panel = new PanelDouble(undefined);
    let denied: unknown;
    panel.connect.core.initCCP();
    panel.connect.core.onAccessDenied((data: unknown) => (denied = data));
    const error = { type: 'AccessDeniedException', message: 'not allowed' };
    panel.say({ source: 'trunkline', v: 1, id: 's-1', ok: false, error });
    await settled();
    expect(denied, 'the agent has not allowed it').toEqual({ message: 'not allowed' });
  });

  test('only the window around the page speaks for the panel', async () => {
    const connect = await adopted();
    const events = told(connect);
    panel.say({ source: 'trunkline', v: 1, event: 'snapshot', data: pictures.RINGING }, {});
    panel.say({ source: 'another', v: 1, event: 'snapshot', data: pictures.RINGING });
    panel.say({ source: 'trunkline', v: 2, event: 'snapshot', data: pictures.RINGING });
    expect(events, 'none of these is the panel').toEqual([]);
  });
});

describe('events', () => {
  test('an inbound call from offer to end, in the order of the vendor', async () => {
    const connect = await adopted();
    const events = told(connect);
    await shown(
      pictures.RINGING,
      pictures.TALKING,
      pictures.HOLD,
      pictures.TALKING,
      pictures.WRAP_UP,
      pictures.IDLE,
    );
    expect(events, 'as recorded from the unmodified library').toEqual([
      ...[
        'agent::refresh',
        'agent::state_change',
        'contact::init',
        'contact::connecting',
        'contact::refresh',
      ],
      ...['agent::refresh', 'agent::state_change', 'contact::connected', 'contact::refresh'],
      ...['agent::refresh', 'contact::refresh'],
      ...['agent::refresh', 'contact::refresh'],
      ...[
        'agent::refresh',
        'agent::state_change',
        'agent::acw',
        'contact::acw',
        'contact::ended',
        'contact::refresh',
      ],
      ...['agent::refresh', 'agent::routable', 'agent::state_change', 'contact::destroyed'],
    ]);
  });

  test('a contact tells of itself: incoming, connecting, connected, wrap-up, destroyed', async () => {
    const connect = await adopted();
    const life: string[] = [];
    connect.contact((contact: Page) => {
      for (const on of [
        'onIncoming',
        'onConnecting',
        'onConnected',
        'onEnded',
        'onACW',
        'onDestroy',
        'onMissed',
      ]) {
        contact[on]((now: Page) => life.push(`${on} ${now.getContactId() === CONTACT}`));
      }
    });
    await shown(
      pictures.OFFERED_CALLBACK,
      pictures.RINGING,
      pictures.TALKING,
      pictures.WRAP_UP,
      pictures.IDLE,
    );
    expect(life, 'each step once').toEqual([
      'onIncoming true',
      'onConnecting true',
      'onConnected true',
      'onACW true',
      'onEnded true',
      'onDestroy true',
    ]);
  });

  test('a missed call', async () => {
    const connect = await adopted();
    await shown(pictures.RINGING);
    const events = told(connect);
    await shown(pictures.MISSED);
    expect(events, 'agent::error, and three of the contact').toEqual([
      'agent::refresh',
      'agent::state_change',
      'agent::error',
      'contact::error',
      'contact::missed',
      'contact::ended',
      'contact::refresh',
    ]);
  });

  test('who comes late is told of the agent, and finds the contacts with it', async () => {
    const connect = await adopted(first(pictures.TALKING));
    let contacts: string[] = [];
    connect.agent((agent: Page) => {
      contacts = agent.getContacts(connect.ContactType.VOICE).map((one: Page) => one.getContactId());
    });
    expect(contacts, 'told at once').toEqual([CONTACT]);
  });

  test('a handler that throws does not keep the others from hearing', async () => {
    const connect = await adopted();
    let heard = 0;
    connect.contact(() => {
      throw new Error('of the page');
    });
    connect.contact(() => (heard += 1));
    await shown(pictures.RINGING);
    expect(heard, 'the second handler is called').toBe(1);
  });

  test('mute, devices, network, views, media and errors of the panel become events of the vendor', async () => {
    const connect = await adopted(first(pictures.TALKING));
    const heard: [string, unknown][] = [];
    const note = (name: string) => (data: unknown) => heard.push([name, data]);
    connect.core.onViewContact(note('view'));
    connect.core.onActivateChannelWithViewType(note('activate'));
    connect.core.onAuthFail(note('auth'));
    connect.agent((agent: Page) => {
      agent.onMuteToggle(note('mute'));
      agent.onSpeakerDeviceChanged(note('speaker'));
      agent.onRingerDeviceChanged(note('ringer'));
      agent.onNetworkConnectionStatusChanged(({ status }: Page) => heard.push(['network', status]));
      agent.onWebSocketConnectionLost(note('lost'));
      agent.onWebSocketConnectionGained(note('gained'));
      agent.onLocalMediaStreamCreated(note('media'));
      agent.onSoftphoneError((error: Page) => heard.push(['error', error.getErrorType()]));
      agent.onVoiceEnhancementModeChanged(note('enhancement'));
    });
    panel.event('mute', { muted: true });
    panel.event('mute', { muted: true });
    panel.event('devices', { ...pictures.DEVICES, speaker: 'Headset' });
    panel.event('network', { status: 'disconnected' });
    panel.event('network', { status: 'connected' });
    panel.event('viewContact', { contactId: CONTACT });
    panel.event('activateChannel', { viewType: 'number_pad', mediaType: 'softphone' });
    panel.event('mediaStream', { connectionId: 'one' });
    panel.event('softphoneError', { errorType: 'ice_collection_timeout', errorMessage: 'late' });
    panel.event('configuration', { ...pictures.CONFIGURATION, voiceEnhancementMode: 'NOISE_SUPPRESSION' });
    panel.event('signedOut', {});
    panel.event('of a newer panel', {});
    expect(heard, 'each change once').toEqual([
      ['mute', { muted: true }],
      ['speaker', { deviceId: 'Headset' }],
      ['network', 'disconnected'],
      ['lost', null],
      ['network', 'connected'],
      ['gained', null],
      ['view', { contactId: CONTACT }],
      ['activate', { viewType: 'number_pad', mediaType: 'softphone' }],
      ['media', { connectionId: 'one' }],
      ['error', 'ice_collection_timeout'],
      ['enhancement', { voiceEnhancementMode: 'NOISE_SUPPRESSION' }],
      ['auth', {}],
    ]);
  });

  test('accepted is told once, whoever accepts', async () => {
    const connect = await adopted();
    const accepted: string[] = [];
    connect.contact((contact: Page) => contact.onAccepted((one: Page) => accepted.push(one.getContactId())));
    await shown(pictures.RINGING);
    new connect.Contact(CONTACT).accept();
    await settled();
    panel.event('accepted', { contactId: CONTACT });
    expect(accepted, 'the page accepted, the panel tells it again').toEqual([CONTACT]);
    await shown(pictures.IDLE, pictures.RINGING);
    panel.event('accepted', { contactId: CONTACT });
    expect(accepted.length, 'offered again, and taken in the panel').toBe(2);
  });

  test('hold is told to who asks for it', async () => {
    const connect = await adopted(first(pictures.TALKING));
    const heard: string[] = [];
    const customer = new connect.Contact(CONTACT).getInitialConnection();
    customer.onParticipantHold(({ participantId }: Page) =>
      heard.push(`hold ${participantId === CUSTOMER_LEG}`),
    );
    customer.onParticipantResume(() => heard.push('resume'));
    customer.onCanResumeParticipantUpdated(({ canResumeParticipant }: Page) =>
      heard.push(String(canResumeParticipant)),
    );
    await shown(pictures.HOLD);
    expect(await customer.canResumeParticipant(), 'on hold: can be resumed').toBe(true);
    await shown(pictures.TALKING);
    expect(heard, 'to and fro').toEqual(['hold true', 'true', 'resume', 'false']);
  });
});

describe('the picture', () => {
  test('times are dates, nothing is null, and keys of others are left alone', async () => {
    const connect = await adopted(first(pictures.TALKING));
    const contact = new connect.Contact(CONTACT);
    expect(contact.getState().timestamp.getTime(), 'seconds become a date').toBe(1786200066000);
    expect(contact.getName(), 'null is absent').toBeUndefined();
    expect(contact.getAttributes().timestamp, 'an attribute is no time').toEqual({
      name: 'timestamp',
      value: '5',
    });
    expect(contact.getQueue().queueId, 'old name of the queue').toBe(contact.getQueue().queueARN);
    expect(contact.isSoftphoneCall() && contact.isInbound() && contact.isConnected(), 'derived values').toBe(
      true,
    );
    expect(contact.getInitialConnection().getAddress().phoneNumber, 'old name of the endpoint').toBe(
      '+12025550123',
    );
    const duration = contact.getStateDuration();
    expect(Math.abs(duration - 100) < 2_000, `by the panel's clock, not by this one: ${duration}`).toBe(true);
  });

  test('a conference: legs, third parties, and the supervisor that is not there', async () => {
    const connect = await adopted(first(pictures.CONFERENCE));
    const contact = new connect.Contact(CONTACT);
    expect(contact.getActiveConnections().length, 'three').toBe(3);
    expect(contact.getSingleActiveThirdPartyConnection().getQuickConnectName(), 'the third').toBe(
      'Billing desk',
    );
    expect([contact.isMultiPartyConferenceEnabled(), contact.isUnderSupervision()], 'allowed, alone').toEqual(
      [true, false],
    );
  });

  test('the agent', async () => {
    const connect = await adopted();
    const agent = new connect.Agent();
    expect(
      agent.getAgentStates().map(({ name }: Page) => name),
      'states',
    ).toEqual(['Available', 'Offline', 'Lunch']);
    expect(agent.getChannelConcurrency('CHAT'), 'concurrency').toBe(3);
    expect(agent.getAllQueueARNs().length, 'queues').toBe(2);
    expect(agent.getRoutingProfile().defaultOutboundQueue.queueId, 'old name').toMatch(/queue/);
    expect(agent.toSnapshot().getName(), 'frozen copy').toBe('Carla Example');
    expect((await agent.getNetworkConnectionStatus()).status, 'network').toBe('connected');
  });
});
