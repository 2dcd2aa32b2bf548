import { afterEach, describe, expect, test } from 'vitest';

import { PanelDouble, settled, type Page } from './streams-page.ts';
import * as pictures from './streams-pictures.ts';
import { AGENT_LEG, CONTACT, CUSTOMER_LEG, first, LUNCH, THIRD_LEG } from './streams-pictures.ts';

let panel: PanelDouble;
afterEach(() => panel.close());

async function adopted(snapshot = pictures.TALKING): Promise<Page> {
  panel = new PanelDouble(first(snapshot));
  panel.connect.core.initCCP(panel.container, { ccpUrl: 'https://example.my.connect.aws/ccp-v2/' });
  await settled();
  return panel.connect;
}

/** Calls with both callbacks, and gives what came back. */
function outcome(call: (callbacks: unknown) => void): Promise<[string, unknown]> {
  return new Promise((resolve) =>
    call({
      success: (data: unknown) => resolve(['success', data]),
      failure: (error: unknown) => resolve(['failure', error]),
    }),
  );
}

const refusal = (type: string) => () => ({ ok: false, error: { type, message: 'as the panel says' } });

test('every action on a contact reaches the panel as the operation of the CTI service', async () => {
  const connect = await adopted(pictures.CALLED);
  const contact = new connect.Contact(CONTACT);
  const [own, customer, third] = contact.getConnections();
  const number = connect.Endpoint.byPhoneNumber('+12025550177');
  const endpoint = { endpointARN: null, type: 'phone_number', name: null, phoneNumber: '+12025550177' };
  const cases: [string, (callbacks: unknown) => void, Record<string, unknown>][] = [
    ['acceptContact', (on) => contact.accept(on), {}],
    ['rejectContact', (on) => contact.reject(on), {}],
    ['clearContact', (on) => contact.clear(on), {}],
    ['completeContact', (on) => contact.complete(on), {}],
    ['pauseContact', (on) => contact.pause(on), {}],
    ['resumeContact', (on) => contact.resume(on), {}],
    ['conferenceConnections', (on) => contact.conferenceConnections(on), {}],
    ['toggleActiveConnections', (on) => contact.toggleActiveConnections(on), { connectionId: CUSTOMER_LEG }],
    ['createAdditionalConnection', (on) => contact.addConnection(number, on), { endpoint }],
    ['addNewConnection', (on) => contact.addParticipant(number, on), { endpoint }],
    ['transferContact', (on) => contact.transfer(number, on), { endpoint }],
    [
      'notifyContactIssue',
      (on) => contact.notifyIssue('noise', 'loud', on),
      { issueCode: 'noise', description: 'loud' },
    ],
    ['updateMonitorParticipantState', (on) => contact.bargeIn(on), { targetMonitorMode: 'BARGE' }],
    ['holdConnection', (on) => customer.hold(on), { connectionId: CUSTOMER_LEG }],
    ['resumeConnection', (on) => customer.resume(on), { connectionId: CUSTOMER_LEG }],
    ['destroyConnection', (on) => own.destroy(on), { connectionId: AGENT_LEG }],
    ['sendDigits', (on) => third.sendDigits('12#', on), { connectionId: THIRD_LEG, digits: '12#' }],
    ['muteParticipant', (on) => third.muteParticipant(on), { connectionId: THIRD_LEG }],
    ['unmuteParticipant', (on) => third.unmuteParticipant(on), { connectionId: THIRD_LEG }],
  ];
  for (const [method, call, params] of cases) {
    expect((await outcome(call))[0], `${method} succeeds`).toBe('success');
    expect(panel.calls(method), `${method} with its members`).toMatchObject([
      { contactId: CONTACT, ...params },
    ]);
  }
});

test('what the panel refuses reaches the failure callback as the text that the vendor hands on', async () => {
  const connect = await adopted();
  panel.answers.set('holdConnection', refusal('InvalidStateException'));
  panel.answers.set('acceptContact', refusal('AccessDeniedException'));
  const contact = new connect.Contact(CONTACT);
  const [how, error] = await outcome((on) => contact.getInitialConnection().hold(on));
  expect([how, JSON.parse(String(error))], 'type and words of the panel').toEqual([
    'failure',
    { type: 'InvalidStateException', message: 'as the panel says', stack: [], retryStatus: 'none' },
  ]);
  expect(await outcome((on) => contact.accept(on)), 'accept tells no reason, as with the CCP').toEqual([
    'failure',
    connect.ContactStateType.ERROR,
  ]);
  expect(() => contact.reject(), 'callbacks are not needed').not.toThrow();
});

test('a contact that is gone fails where it is asked, and the panel is not troubled', async () => {
  const connect = await adopted();
  const contact = new connect.Contact(CONTACT);
  panel.event('snapshot', pictures.IDLE);
  expect(() => contact.getState(), 'no data any more').toThrow(/no longer exists/);
});

describe('the agent', () => {
  test('chooses a state, also for later, and hears of it', async () => {
    const connect = await adopted();
    const agent = new connect.Agent();
    const heard: string[] = [];
    agent.onEnqueuedNextState((now: Page) => heard.push(now.getNextState().name));
    agent.onClearedNextState(() => heard.push('cleared'));
    expect((await outcome((on) => agent.setState(LUNCH, on, { enqueueNextState: true })))[0], 'taken').toBe(
      'success',
    );
    await outcome((on) => agent.setState(pictures.AVAILABLE, on));
    expect(panel.calls('putAgentState'), 'with and without').toEqual([
      { state: LUNCH, enqueueNextState: true },
      { state: pictures.AVAILABLE },
    ]);
    panel.event('snapshot', pictures.LUNCH_NEXT);
    panel.event('snapshot', pictures.TALKING);
    expect(heard, 'told when the panel has it').toEqual(['Lunch', 'cleared']);
  });

  test('calls a number, through the default queue or another', async () => {
    const connect = await adopted(pictures.IDLE);
    const agent = new connect.Agent();
    const endpoint = connect.Endpoint.byPhoneNumber('+12025550123');
    await outcome((on) => agent.connect(endpoint, on));
    await outcome((on) => agent.connect(endpoint, { ...(on as object), queueARN: 'other' }));
    const [usual, other] = panel.calls('createOutboundContact');
    expect(usual, 'default queue').toMatchObject({ queueARN: expect.stringMatching(/queue\/b1b1b1b1-0001/) });
    expect(other, 'chosen queue').toMatchObject({
      queueARN: 'other',
      endpoint: { phoneNumber: '+12025550123' },
    });
  });

  test('reads the directory to its end', async () => {
    const connect = await adopted();
    panel.answers.set('getEndpoints', ({ nextToken }) => ({
      ok: true,
      result: {
        endpoints: [{ endpointARN: `e${nextToken ?? 0}`, type: 'queue', name: 'Sales' }],
        ...(nextToken ? {} : { nextToken: '1' }),
      },
    }));
    const agent = new connect.Agent();
    const [how, data] = await outcome((on) => agent.getEndpoints(agent.getAllQueueARNs(), on));
    expect(how, 'found').toBe('success');
    expect(
      (data as Page).endpoints.map(({ endpointId }: Page) => endpointId),
      'both pages',
    ).toEqual(['e0', 'e1']);
  });

  test('mutes, chooses devices, and shows things in the panel', async () => {
    const connect = await adopted();
    const agent = new connect.Agent();
    agent.mute();
    agent.unmute();
    agent.setSpeakerDevice('Headset');
    agent.setMicrophoneDevice('default');
    agent.setRingerDevice('Headset');
    connect.core.viewContact(CONTACT);
    connect.core.activateChannelWithViewType('number_pad', 'softphone');
    connect.core.getNotificationManager().show('Callback', { body: 'in five minutes' });
    await agent.setVoiceEnhancementMode('NOISE_SUPPRESSION');
    expect(
      panel.asked.slice(1).map(({ method, params }) => [method, params]),
      'each with what it needs',
    ).toEqual([
      ['mute', { mute: true }],
      ['mute', { mute: false }],
      ['setDevice', { role: 'speaker', deviceId: 'Headset' }],
      ['setDevice', { role: 'microphone', deviceId: 'default' }],
      ['setDevice', { role: 'ringer', deviceId: 'Headset' }],
      ['viewContact', { contactId: CONTACT }],
      ['activateChannelWithViewType', { viewType: 'number_pad', mediaType: 'softphone' }],
      ['notify', { title: 'Callback', body: 'in five minutes' }],
      ['setVoiceEnhancementMode', { mode: 'NOISE_SUPPRESSION' }],
    ]);
    expect(() => agent.setVoiceEnhancementMode('LOUD'), 'as the vendor does').toThrow(/Invalid/);
  });

  test('changes its configuration', async () => {
    const connect = await adopted();
    const configuration = {
      ...new connect.Agent().getConfiguration(),
      extension: '+12025550100',
      softphoneEnabled: false,
    };
    expect((await outcome((on) => new connect.Agent().setConfiguration(configuration, on)))[0], 'taken').toBe(
      'success',
    );
    expect(panel.calls('updateAgentConfiguration'), 'with the number').toMatchObject([
      { configuration: { extension: '+12025550100', softphoneEnabled: false } },
    ]);
  });
});

describe('core', () => {
  test('raw calls: what the page has is answered at once, statistics go nowhere', async () => {
    const connect = await adopted();
    const client = connect.core.getClient();
    const raw = (method: string) => outcome((on) => client.call(method, {}, on));
    expect((await raw('getAgentStates'))[1], 'states').toMatchObject({
      states: [{ name: 'Available' }, {}, {}],
    });
    expect((await raw('getAgentSnapshot'))[1], 'snapshot').toMatchObject({
      snapshot: { state: { name: 'Busy' } },
    });
    expect((await raw('getRoutingProfileQueues'))[1], 'queues').toMatchObject({
      queues: [{ name: 'Sales' }, {}],
    });
    expect((await raw('getAgentPermissions'))[1], 'permissions').toEqual({ permissions: ['outboundCall'] });
    expect((await raw('getDialableCountryCodes'))[1], 'countries').toEqual({ countryCodes: ['de', 'us'] });
    expect((await raw('getAgentConfiguration'))[1], 'all').toMatchObject({
      configuration: { username: 'carla' },
    });
    expect(await raw('sendSoftphoneCallMetrics'), 'the panel makes its own').toEqual(['success', {}]);
    expect(panel.asked.length, 'the panel was asked for nothing but the beginning').toBe(1);
  });

  test('devices, masters, signs of life and the socket', async () => {
    const connect = await adopted();
    const labels = (await connect.core.getFrameMediaDevices()).map(
      ({ kind, label }: Page) => `${kind} ${label}`,
    );
    expect(labels, 'by their names').toEqual(['audioinput Headset', 'audiooutput Headset']);
    let master = '';
    connect.ifMaster(
      connect.MasterTopics.SEND_LOGS,
      () => (master = 'is'),
      () => (master = 'is not'),
    );
    let became = false;
    connect.becomeMaster(connect.MasterTopics.METRICS, () => (became = true));
    let alive = 0;
    connect.core.getUpstream().onUpstream(connect.EventType.ACKNOWLEDGE, () => (alive += 1));
    connect.core.getUpstream().sendUpstream(connect.EventType.SYNCHRONIZE);
    let failed = 0;
    connect.core.getWebSocketManager().onSubscriptionFailure(() => (failed += 1));
    connect.core.getWebSocketManager().subscribeTopics(['aws/chat']);
    await settled();
    expect([master, became, alive, failed], 'one window; there; no socket').toEqual(['is', true, 1, 1]);
  });

  test('what pages tell each other by the bus comes back to the page', async () => {
    const connect = await adopted();
    const heard: unknown[] = [];
    connect.core.getEventBus().subscribe('crm::case', (data: unknown) => heard.push(data));
    const { BROADCAST } = connect.EventType;
    connect.core.getUpstream().sendUpstream(BROADCAST, { event: 'crm::case', data: { id: 7 } });
    await settled();
    expect(heard, 'once').toEqual([{ id: 7 }]);
  });

  test('after terminate nothing is heard, and what waits is refused', async () => {
    const connect = await adopted();
    let refreshed = 0;
    new connect.Agent().onRefresh(() => (refreshed += 1));
    connect.core.terminate();
    panel.event('snapshot', pictures.RINGING);
    expect(refreshed, 'no event').toBe(0);
    const [how] = await outcome((on) =>
      connect.core.getClient().call('acceptContact', { contactId: CONTACT }, on),
    );
    expect(how, 'no client').toBe('failure');
  });

  test('the log is kept, redacted, and downloaded as a file', async () => {
    const connect = await adopted();
    const { window } = panel;
    const files: { name: string; text: string }[] = [];
    let parts = '';
    Object.assign(window, {
      Blob: class {
        constructor([text]: string[]) {
          parts = text ?? '';
        }
      },
    });
    Object.assign(window.URL, { createObjectURL: () => 'blob:log' });
    window.HTMLAnchorElement.prototype.click = function () {
      files.push({ name: this.download, text: parts });
    };
    connect.getLog().info('case %s opened', 42).withObject({ phoneNumber: '+12025550123' });
    connect.getLog().download({ logName: 'agent' });
    expect(files[0]?.name, 'name').toBe('agent.txt');
    const lines = JSON.parse(files[0]?.text ?? '[]') as { text: string; objects: unknown[] }[];
    const line = lines.find(({ text }) => text === 'case 42 opened');
    expect(line?.objects, 'the number is not in it').toEqual([{ phoneNumber: '[redacted]' }]);
  });
});
