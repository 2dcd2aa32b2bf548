import { readdirSync, readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type Declared from '/trunkline/smartagent.js';

import SmartAgent from '../../facade/smartagent/index.ts';
import { SmartAgentError } from '../../facade/smartagent/errors.ts';
import { decode, LARGEST_MESSAGE, PATIENCE } from '../../facade/smartagent/wire.ts';

/** A message as it arrives at the panel. */
interface Sent {
  readonly source: string;
  readonly v: number;
  readonly id: string;
  readonly event: string;
  readonly message?: unknown;
  readonly contactId?: string;
}

const INTRODUCTION = {
  hostVersion: '0.1.0',
  pluginId: 'orders',
  pluginType: 'call',
  visible: true,
  user: { id: 'u-1', username: 'ben' },
  companyId: 'acme',
  contact: null,
  settings: { lookup_url: 'https://crm.example.com', broken: 5 },
  language: 'ru',
};

/** The panel around the page: keeps what it is told and says what the test wants. */
class Panel {
  readonly sent: Sent[] = [];
  readonly targets: string[] = [];
  readonly window = {
    postMessage: (data: unknown, target: string): void => {
      // As a browser copies it; what cannot be copied throws.
      this.sent.push(structuredClone(data) as Sent);
      this.targets.push(target);
    },
  } as unknown as Window;

  /** Says something to the page, from the panel's own window or another one. */
  say(data: unknown, from: unknown = this.window): void {
    const event = new MessageEvent('message', { data });
    Object.defineProperty(event, 'source', { value: from });
    window.dispatchEvent(event);
  }

  tell(event: string, message: unknown): void {
    this.say({ source: 'smartagent', v: 1, event, message });
  }

  answer(to: Sent, message?: unknown): void {
    const event = to.event === 'init' ? 'init' : 'reply';
    this.say({ source: 'smartagent', v: 1, event, id: to.id, ok: true, message });
  }

  refuse(to: Sent, code: string, message: string): void {
    this.say({ source: 'smartagent', v: 1, event: 'reply', id: to.id, ok: false, error: { code, message } });
  }

  get last(): Sent {
    const sent = this.sent.at(-1);
    if (sent === undefined) throw new Error('nothing was sent');
    return sent;
  }
}

let panel: Panel;
const embedded = (parent: unknown): void => {
  vi.spyOn(window, 'parent', 'get').mockReturnValue(parent as Window);
};

beforeEach(() => {
  panel = new Panel();
  embedded(panel.window);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const failure = (promise: Promise<unknown>): Promise<SmartAgentError> =>
  promise.then(
    () => Promise.reject(new Error('it was fulfilled')),
    (error: unknown) => error as SmartAgentError,
  );

describe('the handshake', () => {
  it('introduces the page and takes what the panel tells it', async () => {
    const agent = new SmartAgent();
    const begun = agent.init();
    expect(panel.last, 'the envelope is the documented one').toEqual({
      source: 'smartagent-plugin-sdk',
      v: 1,
      id: panel.last.id,
      event: 'init',
      message: { sdk: 'smartagent-plugin-sdk', sdkVersion: '0.0.13' },
    });
    panel.answer(panel.last, INTRODUCTION);
    expect(await begun, 'the answer is handed on whole').toEqual(INTRODUCTION);
    expect(agent.language, 'the language is the panel’s').toBe('ru');
    expect(agent.settings, 'settings are texts; anything else is left out').toEqual({
      lookup_url: 'https://crm.example.com',
    });
    expect([agent.pluginId, agent.pluginType, agent.hostVersion], 'what the page is there').toEqual([
      'orders',
      'call',
      '0.1.0',
    ]);
  });

  it('is refused outside a frame, and nothing is posted', async () => {
    embedded(window);
    const agent = new SmartAgent();
    const post = vi.spyOn(window, 'postMessage');
    expect((await failure(agent.init())).code, 'init says why').toBe('not_embedded');
    expect((await failure(agent.getUser())).code, 'and so does everything else').toBe('not_embedded');
    expect(post, 'a page must not talk to itself').not.toHaveBeenCalled();
  });

  it('ends after ten seconds without an answer', async () => {
    vi.useFakeTimers();
    const ended = failure(new SmartAgent().init());
    await vi.advanceTimersByTimeAsync(PATIENCE - 1);
    const early = await Promise.race([ended, Promise.resolve('waits')]);
    expect(early, 'not a moment earlier').toBe('waits');
    await vi.advanceTimersByTimeAsync(1);
    const error = await ended;
    expect(error, 'the error is of the documented class').toBeInstanceOf(SmartAgentError);
    expect([error.code, error.message], 'and names what was not answered').toEqual([
      'timeout',
      'The panel did not answer "init" within 10 s.',
    ]);
  });

  it('may be repeated, and a late answer of before does no harm', async () => {
    vi.useFakeTimers();
    const agent = new SmartAgent();
    const first = failure(agent.init());
    const asked = panel.last;
    await vi.advanceTimersByTimeAsync(PATIENCE);
    expect((await first).code, 'the first try has ended').toBe('timeout');
    const second = agent.init();
    panel.answer(asked, { ...INTRODUCTION, language: 'en' });
    panel.answer(panel.last, INTRODUCTION);
    await second;
    expect(agent.language, 'only its own answer counts').toBe('ru');
  });

  it('starts over with the page: ids of two pages never meet', async () => {
    void new SmartAgent().sendMessage('get_user').catch(() => undefined);
    const before = panel.last.id;
    vi.resetModules();
    const { default: Reloaded } = await import('../../facade/smartagent/index.ts');
    void new Reloaded().sendMessage('get_user').catch(() => undefined);
    expect(panel.last.id.split('-')[2], 'the other page counts from one again').toBe('1');
    expect(panel.last.id, 'and yet has another id').not.toBe(before);
  });
});

describe('messages', () => {
  const MESSAGES = [
    ['showPlugin', [], 'show_plugin', undefined],
    ['hidePlugin', [], 'hide_plugin', undefined],
    ['setTitleTag', ['Orders (2)'], 'set_title_tag', { title: 'Orders (2)' }],
    ['updateContact', [{ 'sa-name': 'Ben' }], 'update_contact', { 'sa-name': 'Ben' }],
    ['getUser', [], 'get_user', undefined],
    ['getCompanyID', [], 'get_company_id', undefined],
    ['sendMessage', ['quick_connect', { name: 'Tier 2' }], 'quick_connect', { name: 'Tier 2' }],
    ['send', ['update_customer', '{"name":"Ben"}'], 'update_customer', '{"name":"Ben"}'],
  ] as const;

  it.each(MESSAGES)('%s sends what the reference says', async (method, given, event, message) => {
    const agent = new SmartAgent();
    const done = (agent[method] as (...all: unknown[]) => Promise<unknown>).apply(agent, [...given]);
    const { id, ...sent } = panel.last;
    expect(sent, 'name and payload').toEqual({
      source: 'smartagent-plugin-sdk',
      v: 1,
      event,
      ...(message === undefined ? {} : { message }),
    });
    expect(typeof id, 'every message can be answered').toBe('string');
    panel.answer(panel.last, 'answered');
    const answer = await done;
    const tells = !['showPlugin', 'hidePlugin', 'setTitleTag', 'updateContact'].includes(method);
    expect(answer, 'methods with a value give the panel’s').toBe(tells ? 'answered' : undefined);
  });

  it('answers may come in any order', async () => {
    const agent = new SmartAgent();
    const user = agent.getUser();
    const company = agent.getCompanyID();
    const [first, second] = panel.sent as [Sent, Sent];
    panel.answer(second, 'acme');
    panel.answer(first, { id: 'u-1', username: 'ben' });
    expect(await company, 'each its own').toBe('acme');
    expect(await user, 'each its own').toEqual({ id: 'u-1', username: 'ben' });
  });

  it('a refusal is an error with the panel’s code and words', async () => {
    const refused = failure(new SmartAgent().updateContact({ a: 'b' }));
    panel.refuse(panel.last, 'no_contact', 'There is no current contact.');
    const error = await refused;
    expect([error.name, error.code, error.message], 'all of it').toEqual([
      'SmartAgentError',
      'no_contact',
      'There is no current contact.',
    ]);
  });

  it('updateContact names a contact beside the message, which stays the SDK’s', () => {
    void new SmartAgent().updateContact({ a: 'b' }, 'c-1').catch(() => undefined);
    expect(panel.last.message, 'attributes alone').toEqual({ a: 'b' });
    expect(panel.last.contactId, 'the contact in the envelope').toBe('c-1');
  });

  it('waits longer where the agent is asked', async () => {
    vi.useFakeTimers();
    const asked = failure(new SmartAgent().sendMessage('quick_connect', { name: 'Tier 2' }));
    await vi.advanceTimersByTimeAsync(PATIENCE * 3);
    const meanwhile = await Promise.race([asked, Promise.resolve('waits')]);
    expect(meanwhile, 'nobody decides by the clock').toBe('waits');
    panel.refuse(panel.last, 'user_declined', 'No.');
    expect((await asked).code, 'and then the agent’s word counts').toBe('user_declined');
  });

  it('what the panel would drop is refused here, with a reason', async () => {
    const agent = new SmartAgent();
    const large = await failure(agent.updateContact({ note: 'ж'.repeat(LARGEST_MESSAGE / 2) }));
    expect(large.code, 'bytes count, not letters').toBe('too_large');
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect((await failure(agent.sendMessage('update_contact', circle))).code, 'no JSON').toBe('bad_message');
    expect(panel.sent, 'neither was posted').toEqual([]);
  });

  it('what is no JSON in a message is left out instead of failing half way', () => {
    void new SmartAgent().sendMessage('update_contact', { a: 'b', act: () => 1 }).catch(() => undefined);
    expect(panel.last.message, 'functions do not travel').toEqual({ a: 'b' });
  });
});

/** What both ends are held to: the panel's own tests read the same files. */
const FIXTURES = '../src-tauri/crates/plugins/tests/fixtures/smartagent';
const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`${FIXTURES}/${name}`, 'utf8')) as Record<string, unknown>;
const fixtures = (prefix: string): string[] =>
  readdirSync(FIXTURES).filter((name) => name.startsWith(prefix));

describe('the fixtures', () => {
  it.each(fixtures('msg-'))('%s is sent exactly so', (name) => {
    const { event, payload, envelope } = fixture(name);
    void new SmartAgent().sendMessage(event as string, payload).catch(() => undefined);
    expect({ ...panel.last, id: (envelope as Sent).id }, 'but for the id').toEqual(envelope);
  });

  it.each(fixtures('event-'))('%s reaches its listener', (name) => {
    const { event, payload, envelope } = fixture(name);
    const heard = vi.fn();
    new SmartAgent().on(event as string, heard);
    panel.say(envelope);
    expect(heard, 'with the payload').toHaveBeenCalledWith(payload);
  });

  it('answers are understood', () => {
    const [introduction, yes, no] = ['init-ack.json', 'reply-ok.json', 'reply-error.json'].map((name) =>
      decode(fixture(name)['envelope']),
    );
    expect(introduction, 'the introduction').toMatchObject({
      kind: 'answer',
      message: { pluginId: 'orders' },
    });
    expect(yes, 'an answer').toMatchObject({ kind: 'answer', id: 'p-1', message: { username: 'ben' } });
    expect(no, 'a refusal').toMatchObject({ kind: 'refusal', id: 'p-1', error: { code: 'no_contact' } });
  });
});

describe('events', () => {
  it('every event of the reference arrives with its payload', () => {
    const agent = new SmartAgent();
    const names = [
      ...readFileSync('facade/smartagent/index.d.ts', 'utf8')
        .split('export interface Events {')[1]!
        .split('\n}')[0]!
        .matchAll(/^ {2}(\w+): /gmu),
    ].map((match) => match[1]!);
    expect(names.length, 'the SDK’s seventeen and one of ours').toBe(18);
    const heard: unknown[] = [];
    names.forEach((name) => agent.on(name, (payload: unknown) => heard.push([name, payload])));
    names.forEach((name) => panel.tell(name, { contactId: name }));
    expect(heard, 'in order, each once').toEqual(names.map((name) => [name, { contactId: name }]));
  });

  it('off ends it for that listener alone', () => {
    const agent = new SmartAgent();
    const [one, other] = [vi.fn(), vi.fn()];
    agent.on('on_hold', one);
    agent.on('on_hold', other);
    agent.on('on_hold', other);
    agent.off('on_hold', one);
    agent.off('off_hold', other);
    panel.tell('on_hold', {});
    expect(one, 'not any more').not.toHaveBeenCalled();
    expect(other, 'once, however often it was added').toHaveBeenCalledTimes(1);
  });

  it('a listener that throws is reported and stops no other', () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const agent = new SmartAgent();
    const second = vi.fn();
    const broken = new Error('in the plugin');
    agent.on('call_started', () => {
      throw broken;
    });
    agent.on('call_started', second);
    panel.tell('call_started', {});
    expect(second, 'the next one is called').toHaveBeenCalledTimes(1);
    expect(reported, 'the plugin’s log gets it').toHaveBeenCalledWith(broken);
  });

  it('a listener may take itself and others off while it is called', () => {
    const agent = new SmartAgent();
    const second = vi.fn();
    const first = vi.fn(() => agent.off('missed_call', first));
    agent.on('missed_call', first);
    agent.on('missed_call', second);
    panel.tell('missed_call', {});
    panel.tell('missed_call', {});
    expect(
      [first, second].map((one) => one.mock.calls.length),
      'once and twice',
    ).toEqual([1, 2]);
  });

  it('only the panel’s own window is listened to', async () => {
    const agent = new SmartAgent();
    const heard = vi.fn();
    agent.on('incoming_call', heard);
    const event = { source: 'smartagent', v: 1, event: 'incoming_call', message: {} };
    panel.say(event, window);
    panel.say(event, {});
    panel.say(event, null);
    expect(heard, 'no frame inside, no opened window, nobody').not.toHaveBeenCalled();
    const user = agent.getUser();
    const forged = {
      source: 'smartagent',
      v: 1,
      event: 'reply',
      id: panel.last.id,
      ok: true,
      message: 'forged',
    };
    panel.say(forged, {});
    panel.answer(panel.last, 'genuine');
    expect(await user, 'and answers cannot be forged').toBe('genuine');
  });

  it.each([
    [null],
    [5],
    ['text'],
    [[]],
    [{}],
    [{ source: 'smartagent', v: 2, event: 'on_hold' }],
    [{ source: 'react-devtools-bridge', v: 1, event: 'on_hold' }],
    [{ source: 'smartagent', v: 1 }],
    [{ source: 'smartagent', v: 1, event: 5 }],
    [{ source: 'smartagent', v: 1, event: 'on_hold', id: 'p-1', ok: true }],
  ])('%j is nothing of the panel’s', (data) => {
    expect(decode(data), 'passed over').toBeUndefined();
  });

  it('a refusal without words still is one', () => {
    const said = decode({ source: 'smartagent', v: 1, event: 'reply', id: 'p-1', ok: false, error: 'no' });
    expect(said, 'with a code to act on').toMatchObject({ kind: 'refusal', error: { code: 'failed' } });
  });
});

describe('the class', () => {
  it('is the global of plain scripts, too', async () => {
    vi.resetModules();
    vi.stubGlobal('SmartAgent', undefined);
    const { default: exported } = await import('../../facade/smartagent/index.ts');
    const { SmartAgent: global } = globalThis as { SmartAgent?: unknown };
    expect(global, 'one class for both ways').toBe(exported);
  });

  it('has what the typings declare', () => {
    // Compiled, the assignment shows that the typings promise nothing that is not there; `on` and `off` are wider here.
    type Promised = Omit<Declared, 'on' | 'off' | 'init' | 'getUser' | 'getCompanyID' | 'pluginType'>;
    const agent: Promised = new SmartAgent();
    const members = [
      'settings',
      'language',
      'pluginId',
      'hostVersion',
      'showPlugin',
      'hidePlugin',
      'setTitleTag',
    ];
    const methods = ['init', 'on', 'off', 'updateContact', 'getUser', 'getCompanyID', 'sendMessage', 'send'];
    const absent = [...members, ...methods].filter((name) => !(name in agent));
    expect(absent, 'every member is there').toEqual([]);
  });
});
