import { fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { heldIn, HeldOrder, longestFirst, matching, sorted } from '../src/features/supervision/order';
import { following, longestWait, waitingCount, waitingIn } from '../src/features/supervision/picture';
import { kindWords, notListened, personWords } from '../src/features/supervision/words';
import { canSupervise } from '../src/lib/desk/teams';
import * as f from '../src/lib/host/fixtures';
import { rpcError } from '../src/lib/host/host';
import type { MemoryHost } from '../src/lib/host/memory';
import { states } from '../src/lib/host/states';
import { crew, leader, member, queue, reading, ready, talk, waits } from '../src/lib/host/supervision-states';
import { KeptFocus } from '../src/lib/ui/keep-focus';
import type { ContactView, Listening, Supervision } from '../src/lib/rpc/gen';
import { settle, show } from './render';

const byId = (id: string): HTMLElement => screen.getByTestId(id);
const none = (id: string): void => expect(screen.queryByTestId(id), id).toBeNull();
async function press(id: string): Promise<void> {
  await fireEvent.click(byId(id));
  await settle();
}
const names = (): string[] =>
  screen.queryAllByTestId('team-agent').map((row) => row.querySelector('.name')?.textContent ?? '');
const row = (id: string): HTMLElement =>
  screen.getAllByTestId('team-contact').find((one) => one.dataset['contact'] === id) as HTMLElement;
async function choose(id: string, value: string): Promise<void> {
  await fireEvent.change(byId(id), { target: { value } });
  await settle();
}
let visible: DocumentVisibilityState = 'visible';
/** Hides the page, or shows it. */
async function page(now: DocumentVisibilityState): Promise<void> {
  visible = now;
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
}
/** Another reading, as if ten seconds had passed. */
async function again(host: MemoryHost, next: Supervision): Promise<void> {
  host.answers.supervision = () => next;
  await press('team-refresh');
}
const own = (id: string): ContactView =>
  f.chat(id, {}, { monitoring: { mode: 'silent', agent: 'Grace Murphy', since: null }, allowed: ['end'] });

beforeEach(() => {
  visible = 'visible';
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visible);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the tab of a team', () => {
  it('is there only for who supervises, where the platform shows it', async () => {
    expect(canSupervise(leader())).toBe(true);
    expect(canSupervise(leader({}, []))).toBe(false);
    expect(canSupervise(leader({ capabilities: f.handled }))).toBe(false);
    expect(canSupervise(leader({ agent: null }))).toBe(false);
    await show('available');
    none('tab-team');
    document.body.innerHTML = '';
    await show('team');
    expect(byId('tab-team')).toHaveAttribute('aria-current', 'page');
  });

  it('goes back to the contacts when there is nothing to supervise any more', async () => {
    const { host } = await show('team');
    host.push({
      kind: 'patch',
      value: { from: 41, to: 42, changes: [{ kind: 'account', value: leader({}, []) }] },
    });
    await settle();
    none('tab-team');
    expect(byId('tab-contacts')).toHaveAttribute('aria-current', 'page');
  });

  it('asks for the account that is chosen', async () => {
    const { host } = await show('team-two-accounts');
    expect(host.asked('supervision')).toEqual([{ account: 'account-1' }]);
    await choose('team-account', 'account-2');
    expect(host.asked('supervision').at(-1)).toEqual({ account: 'account-2' });
    document.body.innerHTML = '';
    await show('team');
    none('team-account');
  });
});

describe('reading', () => {
  it('is done at once and then every ten seconds, as long as it can be seen', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    const { host } = await show('team');
    expect(host.asked('supervision')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(9000);
    expect(host.asked('supervision')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(host.asked('supervision')).toHaveLength(2);
    await page('hidden');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.asked('supervision'), 'hidden').toHaveLength(2);
    await page('visible');
    expect(host.asked('supervision'), 'seen again: at once').toHaveLength(3);
    await fireEvent.click(byId('tab-contacts'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.asked('supervision'), 'another tab').toHaveLength(3);
    await fireEvent.click(byId('tab-team'));
    await vi.advanceTimersByTimeAsync(20);
    expect(host.asked('supervision')).toHaveLength(4);
  });

  it('does not begin while the page is hidden', async () => {
    visible = 'hidden';
    const { host } = await show('team');
    expect(host.asked('supervision')).toEqual([]);
    await page('visible');
    expect(host.asked('supervision')).toHaveLength(1);
  });

  it('waits for a slow answer instead of asking again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    const { host } = await show('team-loading');
    expect(byId('team-loading')).toBeVisible();
    await vi.advanceTimersByTimeAsync(60_000);
    await fireEvent.click(byId('team-refresh'));
    expect(host.asked('supervision')).toHaveLength(1);
  });

  it('keeps the old picture when it fails, says so, and tries again', async () => {
    const { host } = await show('team-stale');
    expect(byId('team-as-of')).toHaveTextContent(/Not up to date.*As of \d/);
    expect(byId('team-failed')).toHaveTextContent('You see what was read last.');
    expect(names()).toHaveLength(15);
    host.answers.supervision = () => reading();
    await press('team-retry');
    none('team-failed');
    expect(byId('team-as-of')).not.toHaveTextContent('Not up to date');
  });

  it('says when it failed and there is nothing to show', async () => {
    await show('team-failed');
    expect(byId('team-failed')).toHaveTextContent('Your team could not be read.');
    expect(byId('team-failed')).toHaveAttribute('role', 'alert');
    none('team-agent');
    none('team-as-of');
  });

  it('is not done while the account is down, and goes on when it is back', async () => {
    const { host } = await show('team-down');
    expect(host.asked('supervision')).toEqual([]);
    expect(byId('team-down')).toHaveTextContent('Fabrikam Care is not connected');
    none('team-refresh');
    host.push({
      kind: 'patch',
      value: { from: 41, to: 42, changes: [{ kind: 'account', value: leader() }] },
    });
    await settle();
    expect(host.asked('supervision')).toHaveLength(1);
    expect(names()).toHaveLength(15);
    const gone = leader({ link: f.link({ state: 'offline', reason: null }) });
    host.push({ kind: 'patch', value: { from: 42, to: 43, changes: [{ kind: 'account', value: gone }] } });
    await settle();
    expect(names(), 'what was read stays').toHaveLength(15);
    expect(byId('team-down')).toHaveTextContent('You see what was read last.');
    expect(byId('team-as-of')).toHaveAttribute('data-stale');
  });

  it('says at a list that it could not be read, and keeps what it held', async () => {
    await show('team-missing');
    expect(byId('team-missing')).toHaveAttribute('data-part', 'contacts');
    expect(byId('team-missing')).toHaveTextContent(/could not be read this time.*read at \d/);
    expect(screen.getAllByTestId('team-contact')).toHaveLength(6);
    document.body.innerHTML = '';
    await show('team-missing-never');
    expect(byId('team-section-queues'), 'no number that nobody knows').toHaveTextContent(/^Waiting$/);
    expect(screen.getAllByTestId('team-queue')[0]).toHaveTextContent('Waiting: not known');
    await fireEvent.click(byId('team-section-agents'));
    await settle();
    expect(byId('team-missing')).toHaveTextContent('Who is signed in could not be read this time.');
    none('team-agents-empty');
  });

  it('shows what there was when somebody comes back, until it is read anew', async () => {
    const { host } = await show('team');
    await fireEvent.input(byId('team-search'), { target: { value: 'agnes' } });
    await press('tab-history');
    host.answers.supervision = () => new Promise(() => undefined);
    await press('tab-team');
    none('team-loading');
    expect(names()).toEqual(['Agnes Okafor']);
  });

  it('keeps the keyboard where it is', async () => {
    const { host } = await show('team');
    await press('team-section-queues');
    const second = screen.getAllByTestId('team-queue-open')[1] as HTMLElement;
    second.focus();
    host.answers.supervision = () => reading({ queues: reading().queues.toReversed() });
    await press('team-refresh');
    expect(document.activeElement).toBe(second);
    expect(second.isConnected).toBe(true);
    host.answers.supervision = () => reading({ queues: [queue('q9', 'Only')] });
    await press('team-refresh');
    expect(document.activeElement, 'its row is gone').not.toBe(document.body);
    expect(document.activeElement).toHaveAttribute('tabindex', '-1');
  });
});

describe('agents', () => {
  it('have a state, its time, media and conversations', async () => {
    await show('team');
    const first = screen.getAllByTestId('team-agent')[0] as HTMLElement;
    expect(first).toHaveTextContent('Agnes Okafor');
    expect(within(first).getByTestId('team-state')).toHaveTextContent('Ready');
    expect(first).toHaveTextContent('21:0');
    expect(first).toHaveTextContent('Conversations: 2');
    expect(first).toHaveTextContent('Chat: Working');
    expect(first).toHaveTextContent('Voice: Ready');
    expect(within(first).getByTestId('team-name')).toHaveTextContent('Care');
  });

  it('are sorted by name, state or time, searched, and shown by team', async () => {
    await show('team');
    expect(names().slice(0, 3)).toEqual(['Agnes Okafor', 'Björn Dahl', 'Carla Mendes']);
    await choose('team-sort', 'longest');
    expect(names()[0]).toBe('Hiroshi Tanaka');
    await choose('team-sort', 'state');
    expect(names()[0], 'what failed is first').toBe('Farid Rahimi');
    await choose('team-filter', '1');
    expect(names()).toHaveLength(7);
    await fireEvent.input(byId('team-search'), { target: { value: 'RAMAN kav' } });
    await settle();
    expect(names()).toEqual(['Kavya Raman']);
    await fireEvent.input(byId('team-search'), { target: { value: 'nobody' } });
    await settle();
    expect(byId('team-none-found')).toHaveTextContent('Nothing found for “nobody”.');
  });

  it('are not filtered by team where there is one', async () => {
    const state = states['team']?.();
    if (!state?.snapshot) throw new Error('no state');
    state.snapshot.accounts = [leader({}, [{ id: 'team-care', name: 'Care' }])];
    await show(state);
    none('team-filter');
    none('team-name');
  });

  it('keep their places while somebody points at them', async () => {
    const { host } = await show('team');
    await choose('team-sort', 'longest');
    const before = names();
    const list = byId('team-agents').querySelector('ul') as HTMLElement;
    await fireEvent.pointerEnter(list);
    const changed = crew().map((one) => (one.id === 'a8' ? { ...one, state: ready(1) } : one));
    await again(host, reading({ agents: [...changed, member('a99', 'Zoe New', ready(9000))] }));
    expect(names()).toEqual([...before, 'Zoe New']);
    await fireEvent.pointerLeave(list);
    await settle();
    expect(names()[0]).toBe('Zoe New');
    expect(names().at(-1)).toBe('Hiroshi Tanaka');
  });

  it('may be none', async () => {
    await show('team-empty');
    expect(byId('team-agents-empty')).toHaveTextContent('Nobody is signed in');
  });
});

describe('queues', () => {
  it('say how many wait, for how long, and who', async () => {
    const { host } = await show('team-queues');
    expect(byId('team-section-queues')).toHaveTextContent('Waiting (7)');
    const first = screen.getAllByTestId('team-queue')[0] as HTMLElement;
    expect(first).toHaveTextContent('Waiting: 3');
    expect(first).toHaveTextContent('Active: 9');
    expect(first).toHaveTextContent(/Longest wait 6:1\d/);
    const who = within(first).getAllByTestId('team-waiting');
    expect(who).toHaveLength(3);
    expect(who[0]).toHaveTextContent('Omar Haddad');
    expect(who[0]).toHaveTextContent('WhatsApp');
    expect(who[0]).toHaveTextContent('Gold');
    expect(within(first).getByTestId('team-queue-open')).toHaveAttribute('aria-expanded', 'true');
    await again(host, reading());
    expect(within(first).getAllByTestId('team-waiting')[0], 'stays open, the same row').toBe(who[0]);
  });

  it('are in the platform’s order, also those where nobody waits', async () => {
    await show('team-queues');
    const queues = screen.getAllByTestId('team-queue').map((one) => one.dataset['queue']);
    expect(queues).toEqual(['q1', 'q2', 'q3', 'q4', 'q5', 'q6', 'q7', 'q8']);
    await fireEvent.click(screen.getAllByTestId('team-queue-open')[2] as HTMLElement);
    await settle();
    expect(screen.getAllByTestId('team-queue')[2]).toHaveTextContent('Nobody waits here.');
  });
});

describe('conversations', () => {
  it('can be listened to, or say why not', async () => {
    await show('team-contacts');
    const reasons: Record<string, [Listening, string | null]> = {
      c1: ['possible', null],
      c2: ['taken', 'Somebody else listens'],
      c3: ['telephone', 'Phone call: listen on the phone'],
      c4: ['mine', 'You are in it'],
      c5: ['impossible', 'Cannot be listened to now'],
    };
    for (const [id, [listening, why]] of Object.entries(reasons)) {
      expect(row(id).dataset['listening'], id).toBe(listening);
      expect(within(row(id)).queryByTestId('team-listen') !== null, id).toBe(listening === 'possible');
      expect(within(row(id)).queryByTestId('team-why')?.textContent ?? null, id).toBe(why);
    }
    expect(row('c2')).toHaveTextContent('Petra Novak (listens)');
    expect(row('c5')).toHaveTextContent('nobody yet');
    expect(within(row('c1')).getByTestId('team-listen')).toHaveAccessibleName(
      'Listen to the conversation with Priscilla Wong',
    );
  });

  it('are listened to once, and shown when they come', async () => {
    const { host } = await show('team-listening');
    const button = within(row('c1')).getByTestId('team-listen');
    expect(button).toHaveAttribute('aria-busy', 'true');
    await fireEvent.click(button);
    expect(host.asked('supervision_listen')).toEqual([{ contact: { account: 'account-1', contact: 'c1' } }]);
    document.body.innerHTML = '';
    const second = await show('team-contacts');
    await fireEvent.click(within(row('c1')).getByTestId('team-listen'));
    await settle();
    expect(byId('tab-contacts')).toHaveAttribute('aria-current', 'page');
    expect(second.host.asked('supervision_listen')).toHaveLength(1);
  });

  it('do not take somebody away who has gone on', async () => {
    const { host } = await show('team-contacts');
    let answer: () => void = () => undefined;
    host.answers.supervision_listen = () => new Promise((resolve) => (answer = () => resolve({})));
    await fireEvent.click(within(row('c1')).getByTestId('team-listen'));
    await press('tab-history');
    answer();
    await settle();
    expect(byId('tab-history')).toHaveAttribute('aria-current', 'page');
  });

  it('say at the row why it did not work', async () => {
    const { host } = await show('team-listen-refused');
    expect(within(row('c1')).getByTestId('team-listen-problem')).toHaveTextContent(
      'You could not listen in. That is not possible right now.',
    );
    none('notice');
    host.answers.supervision_listen = () => Promise.reject(rpcError('unavailable', 'error_timeout'));
    await fireEvent.click(within(row('c1')).getByTestId('team-listen'));
    await settle();
    expect(byId('team-listen-problem')).toHaveTextContent('It is not certain that you listen');
  });

  it('that the agent is in are shown on demand, as soon as the desk knows', async () => {
    const { host } = await show('team-contacts');
    host.push({
      kind: 'patch',
      value: { from: 41, to: 42, changes: [{ kind: 'contact', value: own('c1') }] },
    });
    await settle();
    expect(row('c1').dataset['listening'], 'before the next reading').toBe('mine');
    await fireEvent.click(within(row('c4')).getByTestId('team-show'));
    await settle();
    expect(byId('conversation')).toHaveAttribute('data-contact', 'c4');
  });
});

it('shows text from outside as text', async () => {
  for (const name of ['team-hostile', 'team-hostile-queues', 'team-hostile-contacts']) {
    const { container } = await show(name);
    expect(container.querySelector('img, script, main svg[onload], i, b'), name).toBeNull();
    expect(container.textContent, name).not.toMatch(/NaN|null|undefined|Invalid/);
    expect(container.textContent, name).toContain('<img src=x onerror=alert(1)>');
    document.body.innerHTML = '';
  }
});

describe('the order', () => {
  it('puts equal rows always the same way', () => {
    const [a, b] = [member('1', 'Kim', ready(5)), member('2', 'Kim', ready(5))];
    for (const sort of ['name', 'state', 'longest'] as const) {
      expect(
        sorted([b, a], sort).map((one) => one.id),
        sort,
      ).toEqual(sorted([a, b], sort).map((one) => one.id));
    }
    const unknown = member('3', 'Aaron', { ...ready(0), since: null });
    expect(sorted([unknown, a], 'longest').at(-1), 'not known last').toBe(unknown);
    expect(
      longestFirst([talk('x', 'B', null), talk('y', 'A', 10), talk('z', 'C', 99)]).map((c) => c.id),
    ).toEqual(['z', 'y', 'x']);
    expect(matching([member('1', 'Kim', ready(5), { team: null })], 'none', '')).toHaveLength(1);
    expect(matching([a], { team: 'other' }, '')).toEqual([]);
  });

  it('is held while somebody points, unless another one is asked for', () => {
    const list = (ids: string): { id: string }[] => [...ids].map((id) => ({ id }));
    const text = (some: { id: string }[]): string => some.map((one) => one.id).join('');
    expect(text(heldIn(['b', 'a', 'x'], list('abc')))).toBe('bac');
    const held = new HeldOrder();
    expect(text(held.of(list('abc'), false, 'name'))).toBe('abc');
    expect(text(held.of(list('cab'), true, 'name'))).toBe('abc');
    expect(text(held.of(list('cab'), true, 'state'))).toBe('cab');
  });
});

describe('one reading after another', () => {
  it('leaves times alone that are only measured differently', () => {
    const now = Date.now();
    const at = (since: number): Supervision =>
      reading({
        agents: [member('1', 'Kim', { ...ready(0), since })],
        contacts: [talk('c', 'A', null, 'possible', { since })],
        queues: [queue('q', 'Q', [waits('A', 'chat', null, { since }), waits('A', 'chat', null, { since })])],
      });
    const first = following(null, at(now));
    const second = following(first, at(now + 700));
    expect(second.agents[0]?.state.since).toBe(now);
    expect(second.contacts[0]?.since).toBe(now);
    expect(second.queues[0]?.waiting.map((one) => one.since)).toEqual([now, now]);
    expect(following(second, at(now + 9000)).agents[0]?.state.since).toBe(now + 9000);
    const other = at(now + 700);
    const changed = {
      ...other,
      agents: other.agents.map((one) => ({ ...one, state: f.state('Lunch', { since: now + 700 }) })),
    };
    expect(following(first, changed).agents[0]?.state.since, 'another state began').toBe(now + 700);
  });

  it('keeps a list that could not be read, and only that', () => {
    const first = following(null, reading({ at: 1000 }));
    const second = following(first, reading({ at: 2000, agents: [], queues: [], missing: ['agents'] }));
    expect(second.agents).toHaveLength(15);
    expect(second.queues).toEqual([]);
    expect(second.read).toEqual({ agents: 1000, waiting: 2000, contacts: 2000 });
    expect(following(null, reading({ missing: ['agents'], agents: [] })).read.agents).toBeNull();
  });

  it('lives with what a platform tells twice', () => {
    const twice = following(
      null,
      reading({ agents: [member('1', 'A', ready(1)), member('1', 'A', ready(1))] }),
    );
    expect(twice.agents).toHaveLength(1);
    const same = queue('q', 'Q', [waits('A', 'chat', 5), waits('A', 'chat', 9)]);
    expect(new Set(waitingIn(same).map((one) => one.key)).size).toBe(2);
    expect(waitingCount([same, same])).toBe(4);
    expect(longestWait(same.waiting)).toBe(same.waiting[1]?.since);
    expect(longestWait([])).toBeNull();
  });
});

describe('words', () => {
  it('are there for every way and every reason', () => {
    expect(kindWords('task')).toBe('Task');
    expect(kindWords('Facebook'), 'an unknown one keeps its name').toBe('Facebook');
    expect(notListened('possible')).toBeNull();
    expect(notListened('mine')).toBeNull();
    expect(personWords({ name: ' \u202EKim ', role: 'supervisor' })).toBe('Kim (listens)');
    expect(personWords({ name: '', role: 'agent' })).toBe('Without a name');
  });
});

describe('the keyboard', () => {
  it('stays with who has gone on meanwhile', () => {
    document.body.innerHTML =
      '<div id="list" tabindex="-1"><button id="a">A</button></div><button id="b">B</button>';
    const of = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
    const kept = new KeptFocus();
    of('a').focus();
    kept.remember(of('list'));
    of('a').remove();
    of('b').focus();
    kept.restore(of('list'));
    expect(document.activeElement).toBe(of('b'));
    kept.remember(of('list'));
    of('b').blur();
    kept.restore(of('list'));
    expect(document.activeElement, 'it was somewhere else before').toBe(document.body);
  });
});

describe('a supervisor in a conversation', () => {
  it('reads along, and sees who would notice what', async () => {
    const { host } = await show('supervise-silent');
    expect(byId('monitoring')).toHaveAttribute('data-mode', 'silent');
    expect(byId('monitoring')).toHaveTextContent('Nobody sees you');
    expect(byId('whisper')).toHaveTextContent('Whisper only agents see you');
    expect(byId('barge-in')).toHaveTextContent('Barge in the customer sees you');
    none('listen');
    expect(byId('only-whispers'), 'words go to the agents alone').toBeVisible();
    none('to-customer');
    await press('whisper');
    await press('barge-in');
    expect(host.asked('contact_monitor').map((one) => one.mode)).toEqual(['whisper', 'barge']);
    await press('monitor-leave');
    expect(byId('confirm-end')).toHaveTextContent('Leave the contact with Ana Ferreira?');
    expect(host.asked('contact_end')).toEqual([]);
    await press('confirm-end-confirm');
    expect(host.asked('contact_end')).toHaveLength(1);
  });

  it('writes nothing unseen where the platform has no whispers', async () => {
    await show('supervise-silent-reading');
    expect(byId('monitoring')).toHaveTextContent('You read along. Nobody sees you.');
    none('composer');
    none('whisper');
  });

  it('whispers, and goes back or further', async () => {
    const { host } = await show('supervise-whisper');
    expect(byId('monitoring')).toHaveAttribute('data-mode', 'whisper');
    expect(byId('monitoring')).toHaveTextContent('Whispering to Grace Murphy');
    expect(byId('monitoring')).toHaveTextContent('The agents see you, the customer does not.');
    await press('listen');
    expect(host.asked('contact_monitor')).toMatchObject([{ mode: 'silent' }]);
  });

  it('takes part, seen by the customer, and can still whisper', async () => {
    await show('supervise-barge');
    expect(byId('monitoring')).toHaveAttribute('data-mode', 'barge');
    expect(byId('monitoring')).toHaveTextContent('the customer sees you');
    expect(byId('to-customer')).toBeVisible();
    expect(byId('to-colleagues')).toBeVisible();
    none('barge-in');
  });

  it('waits for the platform, and asks once', async () => {
    const { host } = await show('supervise-joining');
    expect(byId('barge-in')).toHaveAttribute('aria-busy', 'true');
    await press('whisper');
    await press('barge-in');
    expect(host.asked('contact_monitor')).toEqual([]);
  });

  it('hears a call, and its words say so', async () => {
    await show('supervise-call');
    expect(byId('monitoring')).toHaveTextContent('The agents hear you, the customer does not.');
    expect(byId('barge-in')).toHaveTextContent('the customer hears you');
    none('monitor-leave');
    expect(byId('leave')).toHaveTextContent('Leave');
  });
});
