import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { DeskPatch, EventView } from '../src/lib/rpc/gen';
import { Desk } from '../src/lib/desk/desk.svelte';
import { applyPatch } from '../src/lib/desk/patch';
import { rpcError } from '../src/lib/host/host';
import { MemoryHost } from '../src/lib/host/memory';
import { account, live, notice, offered, snapshot } from '../src/lib/host/fixtures';

const patch = (from: number, to: number, ...changes: DeskPatch['changes']): DeskPatch => ({
  from,
  to,
  changes,
});

describe('a patch', () => {
  it('replaces whole values by key, and adds what is new', () => {
    const before = snapshot({ contacts: [offered()] });
    const after = applyPatch(
      before,
      patch(
        41,
        42,
        { kind: 'contact', value: live() },
        { kind: 'notice', value: notice('notice_path_lost') },
      ),
    );
    expect(after?.contacts, 'the same contact is replaced, not doubled').toHaveLength(1);
    expect(after?.contacts[0]?.contact.state).toBe('connected');
    expect(after?.notices.map((n) => n.id)).toEqual(['notice_path_lost']);
    expect(after?.revision).toBe(42);
    expect(before.contacts[0]?.contact.state, 'the old picture is untouched').toBe('offered');
    expect(after?.accounts, 'what did not change keeps its identity').toBe(before.accounts);
  });

  it('keeps the identity of all that did not change inside a value', () => {
    const before = snapshot({ contacts: [live()] });
    const was = before.contacts[0];
    const value = structuredClone(live(was));
    if (value.media?.stats) value.media.stats.round_trip_ms = 987;
    const after = applyPatch(before, patch(41, 42, { kind: 'contact', value }));
    const now = after?.contacts[0];
    expect(now?.media?.stats?.round_trip_ms, 'what changed is taken').toBe(987);
    expect(now?.media).not.toBe(was?.media);
    expect(now, 'and equals what was sent').toEqual(value);
    expect(now?.contact, 'what shows the contact need not be worked out anew').toBe(was?.contact);
    expect(was?.media?.stats?.round_trip_ms, 'the old picture is untouched').not.toBe(987);
    const less = { ...value, contact: { ...value.contact, attributes: [] } };
    const cut = after && applyPatch(after, patch(42, 43, { kind: 'contact', value: less }));
    expect(cut?.contacts[0], 'shorter lists are taken as they are').toEqual(less);
  });

  it('keeps contacts of two accounts apart even when their ids are equal', () => {
    const other = offered({ key: { account: 'account-2', contact: 'contact-1' } });
    const before = snapshot({ contacts: [offered(), other] });
    const after = applyPatch(before, patch(41, 42, { kind: 'contact_gone', value: other.key }));
    expect(after?.contacts.map((c) => c.key.account)).toEqual(['account-1']);
  });

  it('orders accounts as the core does', () => {
    const after = applyPatch(
      snapshot({ accounts: [account({ id: 'b', order: 5 })] }),
      patch(41, 42, { kind: 'account', value: account({ id: 'a', order: 1 }) }),
    );
    expect(after?.accounts.map((a) => a.id)).toEqual(['a', 'b']);
  });

  it('keeps events and rosters by account, and drops them with it', () => {
    const event = (account: string, id: string, unread = true): EventView => ({
      account,
      arrived: 5,
      unread,
      event: {
        id,
        kind: 'ScreenPopVoice',
        sort: 'screen_pop',
        at: 5,
        customer: { name: null, address: null },
        campaign: '22',
        channel: 'Voice',
        way: null,
        fields: [],
      },
    });
    const entry = { reference: 'A', user: 'u', name: 'adams', online_since: 5, address: null };
    const before = snapshot({ events: [event('account-1', 'e1'), event('account-2', 'e1')] });
    const after = applyPatch(
      before,
      patch(
        41,
        42,
        { kind: 'event', value: event('account-1', 'e1', false) },
        { kind: 'event', value: event('account-1', 'e2') },
        { kind: 'roster', value: { account: 'account-2', entries: [entry] } },
        { kind: 'roster', value: { account: 'account-1', entries: [entry] } },
      ),
    );
    const told = (desk: typeof after): string[] =>
      desk?.events.map((e) => `${e.account} ${e.event.id} ${String(e.unread)}`) ?? [];
    expect(told(after), 'read in its place, new at the end').toEqual([
      'account-1 e1 false',
      'account-2 e1 true',
      'account-1 e2 true',
    ]);
    expect(after?.rosters.map((r) => r.account)).toEqual(['account-1', 'account-2']);
    const gone =
      after &&
      applyPatch(
        after,
        patch(
          42,
          43,
          { kind: 'event_gone', value: { account: 'account-1', event: 'e1' } },
          { kind: 'roster', value: { account: 'account-1', entries: [] } },
          { kind: 'account_gone', value: 'account-2' },
        ),
      );
    expect(told(gone ?? null)).toEqual(['account-1 e2 true']);
    expect(gone?.rosters, 'nobody is told any more').toEqual([]);
  });

  it('removes accounts and notices, and takes audio and limits whole', () => {
    const after = applyPatch(
      snapshot({ notices: [notice('x')] }),
      patch(
        41,
        42,
        { kind: 'account_gone', value: 'account-1' },
        { kind: 'notice_gone', value: 'x' },
        { kind: 'limits', value: ['limit_keyring_absent'] },
      ),
    );
    expect(after).toMatchObject({ accounts: [], notices: [], limits: ['limit_keyring_absent'] });
  });

  it('is refused when it starts elsewhere', () => {
    expect(applyPatch(snapshot(), patch(40, 42)), 'a patch from the past').toBeNull();
    expect(applyPatch(snapshot(), patch(43, 44)), 'a patch with a gap').toBeNull();
  });
});

describe('the desk', () => {
  let desk: Desk | undefined;
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    desk?.stop();
    vi.useRealTimers();
  });
  const started = async (host: MemoryHost): Promise<Desk> => {
    desk = new Desk(host);
    await desk.start();
    return desk;
  };

  it('is loading until the first snapshot, then ready', async () => {
    const host = new MemoryHost('panel');
    const it = await started(host);
    expect(it.phase).toBe('loading');
    host.push({ kind: 'snapshot', value: snapshot() });
    expect(it.phase).toBe('ready');
    expect(it.snapshot?.revision).toBe(41);
  });

  it('asks once for a snapshot on a gap, and loses nothing that came meanwhile', async () => {
    let answer: (value: ReturnType<typeof snapshot>) => void = () => undefined;
    const host = new MemoryHost(
      'panel',
      { desk_snapshot: () => new Promise((resolve) => (answer = resolve)) },
      [{ kind: 'snapshot', value: snapshot() }],
    );
    const it = await started(host);
    host.push({ kind: 'patch', value: patch(44, 45, { kind: 'notice', value: notice('late') }) });
    await vi.advanceTimersByTimeAsync(0);
    host.push({ kind: 'patch', value: patch(45, 46, { kind: 'contact', value: live() }) });
    await vi.advanceTimersByTimeAsync(0);
    expect(host.asked('desk_snapshot'), 'one question for two patches').toHaveLength(1);
    answer(snapshot({ revision: 45, notices: [notice('late')] }));
    await vi.advanceTimersByTimeAsync(0);
    expect(it.snapshot?.revision, 'the patch that came meanwhile is on top').toBe(46);
    expect(it.snapshot?.contacts).toHaveLength(1);
    expect(it.snapshot?.notices).toHaveLength(1);
  });

  it('asks again when the snapshot is older than the patches at hand', async () => {
    const revisions = [41, 50];
    const host = new MemoryHost(
      'panel',
      { desk_snapshot: () => snapshot({ revision: revisions.shift() ?? 50 }) },
      [{ kind: 'snapshot', value: snapshot() }],
    );
    const it = await started(host);
    host.push({ kind: 'patch', value: patch(49, 50) });
    await vi.advanceTimersByTimeAsync(5);
    expect(it.snapshot?.revision).toBe(50);
    expect(host.asked('desk_snapshot')).toHaveLength(2);
  });

  it('takes a snapshot pushed after an overflow, whatever its revision', async () => {
    const host = new MemoryHost('panel', {}, [{ kind: 'snapshot', value: snapshot() }]);
    const it = await started(host);
    host.push({ kind: 'snapshot', value: snapshot({ revision: 7, contacts: [live()] }) });
    expect(it.snapshot).toMatchObject({ revision: 7 });
    host.push({ kind: 'patch', value: patch(7, 8, { kind: 'contact_gone', value: live().key }) });
    expect(it.snapshot?.contacts).toHaveLength(0);
  });

  it('ignores a patch that the snapshot already holds', async () => {
    const host = new MemoryHost('panel', {}, [{ kind: 'snapshot', value: snapshot() }]);
    const it = await started(host);
    host.push({ kind: 'patch', value: patch(39, 40, { kind: 'account_gone', value: 'account-1' }) });
    await vi.advanceTimersByTimeAsync(0);
    expect(it.snapshot?.accounts).toHaveLength(1);
    expect(host.asked('desk_snapshot'), 'nothing is missing').toHaveLength(0);
  });

  it('says that it is lost while the core does not answer, and comes back by itself', async () => {
    let broken = true;
    const host = new MemoryHost(
      'panel',
      {
        desk_snapshot: () => {
          if (broken) throw rpcError('unavailable', 'error_unavailable', true);
          return snapshot({ revision: 60 });
        },
      },
      [{ kind: 'snapshot', value: snapshot() }],
    );
    const it = await started(host);
    host.connection(false);
    expect(it.phase).toBe('lost');
    expect(it.snapshot, 'the last picture stays').not.toBeNull();
    host.connection(true);
    await vi.advanceTimersByTimeAsync(600);
    broken = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(it).toMatchObject({ phase: 'ready' });
    expect(it.snapshot?.revision).toBe(60);
  });

  it('sends a sign of life with the revision on screen every other second', async () => {
    const host = new MemoryHost('panel', {}, [{ kind: 'snapshot', value: snapshot() }]);
    await started(host);
    await vi.advanceTimersByTimeAsync(6100);
    expect(host.alive.length).toBeGreaterThanOrEqual(4);
    expect(host.alive.at(-1)).toBe(41);
  });

  it('sends one as soon as the first picture is on screen', async () => {
    const host = new MemoryHost('panel');
    await started(host);
    host.push({ kind: 'snapshot', value: snapshot() });
    await vi.advanceTimersByTimeAsync(0);
    expect(host.alive).toEqual([0, 41]);
  });

  it('sends none while hidden', async () => {
    const host = new MemoryHost('panel', {}, [{ kind: 'snapshot', value: snapshot() }]);
    await started(host);
    await vi.advanceTimersByTimeAsync(10);
    const before = host.alive.length;
    const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.alive.length).toBe(before);
    hidden.mockRestore();
  });

  it('notices a core that no longer answers', async () => {
    const host = new MemoryHost('panel', {}, [{ kind: 'snapshot', value: snapshot() }]);
    const it = await started(host);
    await vi.advanceTimersByTimeAsync(10);
    host.answers.ui_alive = () => new Promise(() => undefined);
    await vi.advanceTimersByTimeAsync(8000);
    expect(it.phase).toBe('lost');
  });

  it('keeps a failed command as a message, then forgets it', async () => {
    const host = new MemoryHost('panel', {
      contact_hold: () => {
        throw rpcError('not_possible', 'error_not_possible');
      },
    });
    const it = await started(host);
    expect(await it.send('contact_hold', { contact: live().key, connection: null })).toBe(false);
    expect(it.failures.map((f) => f.error.message_key)).toEqual(['error_not_possible']);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(it.failures).toEqual([]);
  });

  it('in the incoming window lives from offers alone and never reads the desk', async () => {
    const host = new MemoryHost('incoming', {}, [{ kind: 'snapshot', value: snapshot() }]);
    const it = await started(host);
    host.push({ kind: 'patch', value: patch(90, 91) });
    host.push({ kind: 'offers', value: [] });
    await vi.advanceTimersByTimeAsync(10);
    expect(it.snapshot).toBeNull();
    expect(host.asked('desk_snapshot')).toHaveLength(0);
  });
});
