import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { BridgeHost } from '../src/lib/host/bridge';
import { snapshot } from '../src/lib/host/fixtures';
import type { Push } from '../src/lib/rpc/gen';

/** A socket whose far end is the test. */
class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  readyState = FakeSocket.CONNECTING;
  sent: { id: number; name: string; payload: unknown }[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: () => void = () => undefined;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }
  say(frame: unknown): void {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  drop(): void {
    this.readyState = 3;
    this.onclose();
  }
}

describe('the bridge', () => {
  beforeEach(() => {
    FakeSocket.made = [];
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
  });
  afterEach(() => vi.useRealTimers());
  const dial = (): { host: BridgeHost; socket: FakeSocket } => {
    const host = new BridgeHost('panel', { port: 40123, token: 'a+b' });
    return { host, socket: FakeSocket.made[0] as FakeSocket };
  };

  it('dials this computer with the token, and waits with calls until it is open', async () => {
    const { host, socket } = dial();
    expect(socket.url).toBe('ws://127.0.0.1:40123/rpc?token=a%2Bb');
    const answer = host.call('app_info', {});
    expect(socket.sent).toEqual([]);
    socket.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.sent).toEqual([{ id: 1, name: 'app_info', payload: {} }]);
    socket.say({ id: 1, ok: { version: '1', demo: false, log_folder: null } });
    expect((await answer).version).toBe('1');
  });

  it('matches answers by id, whatever their order', async () => {
    const { host, socket } = dial();
    socket.open();
    const first = host.call('contact_accept', { contact: { account: 'a', contact: 'c' } });
    const second = host.call('history_read', { limit: 1, offset: 0 });
    const err = {
      code: 'not_possible',
      message_key: 'error_contact_gone',
      detail: null,
      field: null,
      retryable: false,
      trace_id: 't1',
    };
    const refused = expect(first).rejects.toEqual(err);
    await vi.advanceTimersByTimeAsync(0);
    socket.say({ id: 2, ok: [] });
    socket.say({ id: 1, err });
    await refused;
    expect(await second).toEqual([]);
  });

  it('passes pushes on in order', async () => {
    const { host, socket } = dial();
    const got: Push[] = [];
    socket.open();
    await host.subscribe((push) => got.push(push));
    socket.say({ push: { kind: 'snapshot', value: snapshot() } });
    socket.say({ push: { kind: 'show', value: 'history' } });
    expect(got.map((push) => push.kind)).toEqual(['snapshot', 'show']);
  });

  it('fails what was on its way when the connection drops, and dials again by itself', async () => {
    const { host, socket } = dial();
    const seen: boolean[] = [];
    host.onConnection((up) => seen.push(up));
    socket.open();
    const lost = expect(
      host.call('contact_end', { contact: { account: 'a', contact: 'c' }, connection: null }),
    ).rejects;
    await vi.advanceTimersByTimeAsync(0);
    socket.drop();
    await lost.toMatchObject({ code: 'unavailable' });
    await expect(host.call('app_info', {}), 'nothing is sent into the void').rejects.toMatchObject({
      code: 'unavailable',
    });
    await vi.advanceTimersByTimeAsync(300);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.made[1]?.open();
    expect(seen).toEqual([true, false, true]);
  });
});
