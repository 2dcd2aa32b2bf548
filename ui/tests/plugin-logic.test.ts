import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Areas } from '../src/features/plugins/areas';
import { Popups } from '../src/features/plugins/popups.svelte';
import { hasPage, inTrouble, isOpen, seenNow, type Where } from '../src/features/plugins/seen';
import { isAbsolute, isPluginAddress } from '../src/features/plugins/sources';
import { askWords, brokenWords, titleOf } from '../src/features/plugins/words';
import * as f from '../src/lib/host/fixtures';
import { ask, plugin, script } from '../src/lib/host/plugin-states';
import type { ArrangePlugins, ContactView, PluginPlace, PluginState } from '../src/lib/rpc/gen';

const where = (change: Partial<Where> = {}): Where => ({
  contacts: [],
  tab: 'contacts',
  opened: [],
  ...change,
});
const call = (state: string): ContactView => f.offered({}, { state });
const chat = (state: string): ContactView => f.chat('chat-1', {}, { state });

describe('the place of a plugin', () => {
  const open = (place: PluginPlace, change: Partial<Where> = {}): boolean =>
    isOpen(plugin({ place }), where(change));

  it('always and default are always open', () => {
    expect([open('always'), open('default')]).toEqual([true, true]);
  });

  it.each([
    ['offered', true],
    ['connecting', true],
    ['connected', true],
    ['paused', true],
    ['ended', true],
    ['missed', false],
    ['rejected', false],
    ['failed', false],
    ['init', false],
    ['something_new', false],
  ])('beside a call that is %s: %s', (state, expected) => {
    expect(open('call', { contacts: [call(state)] })).toBe(expected);
    expect(open('DPA', { contacts: [chat(state)] }), 'and beside a contact likewise').toBe(expected);
  });

  it('beside a call is not beside a chat', () => {
    expect(open('call', { contacts: [chat('connected')] })).toBe(false);
    expect(open('call'), 'nor without a contact').toBe(false);
    expect(open('call', { contacts: [call('missed'), call('connected')] }), 'one call is enough').toBe(true);
  });

  it('beside the history is open with the history', () => {
    expect(open('contact-log')).toBe(false);
    expect(open('contact-log', { tab: 'history' })).toBe(true);
  });

  it('in the navigation is opened by its own entry alone', () => {
    expect(open('nav', { opened: ['call-script'] })).toBe(false);
    expect(open('nav', { opened: ['crm-card'] })).toBe(true);
  });
});

describe('what is seen', () => {
  it('is switched on, wanted, and in an open place, in the order of the core', () => {
    const all = [
      script(),
      plugin({ id: 'off', state: { kind: 'off' } }),
      plugin({ id: 'hidden', shown: false }),
      plugin({ id: 'asks', state: { kind: 'awaits_consent' } }),
      plugin({ id: 'gone', state: { kind: 'crashed', cause: '' } }),
    ];
    const ids = (change: Partial<Where>): string[] => seenNow(all, where(change)).map((one) => one.id);
    expect(ids({}), 'no call, no call script').toEqual(['asks', 'gone']);
    expect(ids({ contacts: [call('connected')] })).toEqual(['call-script', 'asks', 'gone']);
  });

  it('has a page only where one is loaded or can be', () => {
    const states: [PluginState, boolean, boolean][] = [
      [{ kind: 'off' }, false, false],
      [{ kind: 'awaits_consent' }, false, false],
      [{ kind: 'resting' }, true, false],
      [{ kind: 'loading' }, true, false],
      [{ kind: 'running' }, true, false],
      [{ kind: 'silent' }, true, false],
      [{ kind: 'frozen' }, false, true],
      [{ kind: 'crashed', cause: 'x' }, false, true],
      [{ kind: 'broken', message_key: 'plugin_gone', cause: 'x' }, false, true],
    ];
    for (const [state, page, trouble] of states) {
      expect(hasPage(state), `${state.kind}: page`).toBe(page);
      expect(inTrouble(state), `${state.kind}: trouble`).toBe(trouble);
    }
  });
});

describe('words', () => {
  it('name a plugin by what its page wants to be called, unless that is blank', () => {
    expect(titleOf(plugin({ title: 'Order 7' }))).toBe('Order 7');
    expect(titleOf(plugin({ title: '  ' }))).toBe('CRM card');
    expect(titleOf(plugin())).toBe('CRM card');
  });

  it('ask about a call as a call, and about other contacts as contacts', () => {
    expect(askWords(ask(), f.live())).toBe('“CRM card” wants to transfer this call to Returns desk.');
    expect(askWords(ask(), chat('connected'))).toContain('hand this contact over to Returns desk');
    const drop = ask({ message_key: 'plugin_ask_drop_party' });
    expect(askWords(drop, f.live())).toBe('“CRM card” wants to drop Returns desk from this call.');
    const dial = askWords(ask({ message_key: 'plugin_ask_dial' }), undefined);
    expect(dial, 'a call of its own').toBe('“CRM card” wants to call Returns desk.');
    const unknown = askWords(ask({ message_key: 'plugin_ask_from_the_future' }), f.live());
    expect(unknown, 'a question that is not known yet still says who and what').toMatch(
      /CRM card.*Returns desk/,
    );
    expect(unknown).not.toContain('plugin_ask');
  });

  it('say why one is broken, and never a raw key', () => {
    expect(brokenWords('plugin_gone')).toBe('It is no longer where it came from.');
    expect(brokenWords('plugin_from_the_future')).toBe(
      'Something is wrong with it. Its log has the details.',
    );
    expect(brokenWords('toString'), 'nor what every object has').not.toContain('[object');
  });
});

describe('where a plugin may come from', () => {
  it.each([
    ['https://crm.example.com/plugin.json', true],
    [' https://crm.example.com ', true],
    ['http://localhost:5173/plugin.json', true],
    ['http://127.0.0.1/plugin.json', true],
    ['http://[::1]:8080/', true],
    ['http://crm.example.com/plugin.json', false],
    ['http://localhost.example.com/', false],
    ['https://user:secret@crm.example.com/', false],
    ['javascript:alert(1)', false],
    ['file:///etc/passwd', false],
    ['crm.example.com', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(isPluginAddress(address)).toBe(expected);
  });

  it('a folder is named from the root on', () => {
    expect(['/srv/plugins', 'C:\\plugins', '\\\\server\\share'].every(isAbsolute)).toBe(true);
    expect(['plugins', './plugins', '~/plugins', ''].some(isAbsolute)).toBe(false);
  });
});

describe('the areas of plugins', () => {
  let frames: FrameRequestCallback[] = [];
  let told: ArrangePlugins[] = [];
  const frame = async (): Promise<void> => {
    const due = frames;
    frames = [];
    for (const run of due) run(0);
    await Promise.resolve();
    await Promise.resolve();
  };
  const boxAt = (left: number, top: number, width: number, height: number): HTMLElement => {
    const box = document.createElement('div');
    box.getBoundingClientRect = () => new DOMRect(left, top, width, height);
    return box;
  };
  beforeEach(() => {
    frames = [];
    told = [];
    vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) => frames.push(run));
    vi.stubGlobal(
      'DOMRect',
      class {
        right: number;
        bottom: number;
        constructor(
          public left: number,
          public top: number,
          width: number,
          height: number,
        ) {
          this.right = left + width;
          this.bottom = top + height;
        }
      },
    );
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  const areas = (): Areas =>
    new Areas((request) => {
      told.push(request);
      return Promise.resolve({});
    });

  it('are told once a frame, in whole pixels inside the box', async () => {
    const some = areas();
    some.put({ plugin: 'crm-card', box: boxAt(619.4, 48.6, 380.2, 671.9) }, true);
    some.changed();
    some.changed();
    expect(frames, 'however much changes').toHaveLength(1);
    await frame();
    expect(told).toEqual([
      { places: { 'crm-card': { x: 620, y: 49, width: 379, height: 671 } }, wide: true },
    ]);
  });

  it('are not told again while nothing moves, and are told empty once nothing is seen', async () => {
    const some = areas();
    const box = boxAt(0, 0, 10, 10);
    some.put({ plugin: 'crm-card', box }, true);
    await frame();
    some.changed();
    await frame();
    expect(told, 'the same twice').toHaveLength(1);
    some.put(null, true);
    await frame();
    some.put(null, false);
    await frame();
    expect(told.slice(1)).toEqual([
      { places: {}, wide: true },
      { places: {}, wide: false },
    ]);
  });

  it('of a box without a size are none', async () => {
    const some = areas();
    some.put({ plugin: 'crm-card', box: boxAt(5, 5, 0, 300) }, true);
    await frame();
    expect(told).toEqual([{ places: {}, wide: true }]);
  });

  it('stay as they are while the panel is hidden', async () => {
    const some = areas();
    const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    some.put({ plugin: 'crm-card', box: boxAt(0, 0, 10, 10) }, true);
    await frame();
    expect(told).toEqual([]);
    hidden.mockReturnValue('visible');
    some.changed();
    await frame();
    expect(told, 'told when it is seen again').toHaveLength(1);
  });

  it('are told again after a failure, and to a core that has begun anew', async () => {
    let fails = true;
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const some = new Areas((request) => {
      told.push(request);
      return fails ? Promise.reject(new Error('no')) : Promise.resolve({});
    });
    some.put(null, true);
    await frame();
    await Promise.resolve();
    fails = false;
    some.changed();
    await frame();
    expect(told, 'once more after the failure').toHaveLength(2);
    some.again();
    await frame();
    expect(told, 'and once more to the new core').toHaveLength(3);
    some.stop();
    some.again();
    expect(frames, 'nothing after the end').toEqual([]);
  });
});

describe('messages of plugins', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const success = { name: 'CRM card', level: 'success', text: 'Saved' } as const;
  const error = { name: 'CRM card', level: 'error', text: 'Failed' } as const;

  it('go after six seconds, errors after ten', () => {
    const popups = new Popups();
    popups.add(success);
    popups.add(error);
    vi.advanceTimersByTime(5999);
    expect(popups.shown).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(popups.shown.map((one) => one.level)).toEqual(['error']);
    vi.advanceTimersByTime(4000);
    expect(popups.shown).toEqual([]);
  });

  it('are three at most, the newest', () => {
    const popups = new Popups();
    for (const text of ['1', '2', '3', '4']) popups.add({ ...success, text });
    expect(popups.shown.map((one) => one.text)).toEqual(['2', '3', '4']);
    popups.dismiss(popups.shown[1]?.id ?? 0);
    expect(popups.shown.map((one) => one.text)).toEqual(['2', '4']);
  });

  it('stay while the agent is at them', () => {
    const popups = new Popups();
    popups.add(success);
    vi.advanceTimersByTime(3000);
    popups.hold();
    vi.advanceTimersByTime(60_000);
    expect(popups.shown, 'held').toHaveLength(1);
    popups.release();
    vi.advanceTimersByTime(5999);
    expect(popups.shown, 'its time begins again').toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(popups.shown).toEqual([]);
  });
});
