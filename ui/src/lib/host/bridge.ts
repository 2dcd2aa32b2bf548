import type { Push, RpcError } from '$lib/rpc/gen';

import { rpcError, type CommandName, type Host, type RequestOf, type ResponseOf } from './host';

/** Where the bridge of a running core listens. */
export interface BridgeAddress {
  port: number;
  token: string;
}

/** What the bridge sends: an answer, or a push. */
type Frame = { id: number; ok: unknown } | { id: number; err: RpcError } | { push: Push };

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: RpcError) => void;
}

/** `#bridge=PORT,TOKEN` in the page's address (a fragment is never sent to a server). */
export function bridgeAddress(hash: string): BridgeAddress | null {
  const found = /(?:^#|&)bridge=(\d{1,5}),([^&]+)/.exec(hash);
  const port = Number(found?.[1]);
  return found?.[2] !== undefined && port > 0 && port < 65536
    ? { port, token: decodeURIComponent(found[2]) }
    : null;
}

/** Milliseconds before the first and the longest wait between two tries. */
const retry = { first: 250, longest: 4000 };

/** The core in another program on this computer, over a WebSocket; dials again by itself. */
export class BridgeHost implements Host {
  #socket: WebSocket | null = null;
  #open: Promise<void>;
  #opened: () => void = () => undefined;
  #next = 1;
  #delay = retry.first;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(push: Push) => void>();
  readonly #watchers = new Set<(up: boolean) => void>();

  constructor(
    readonly window: Host['window'],
    private readonly address: BridgeAddress,
  ) {
    this.#open = this.#untilOpen();
    this.#dial();
  }

  async call<C extends CommandName>(command: C, request: RequestOf<C>): Promise<ResponseOf<C>> {
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.CONNECTING) await this.#open;
    if (socket === null || socket.readyState !== WebSocket.OPEN) {
      throw rpcError('unavailable', 'error_unavailable', true);
    }
    const id = this.#next++;
    return new Promise<ResponseOf<C>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      socket.send(JSON.stringify({ id, name: command, payload: request }));
    });
  }

  async subscribe(listener: (push: Push) => void): Promise<() => void> {
    this.#listeners.add(listener);
    await this.#open;
    return () => this.#listeners.delete(listener);
  }

  onConnection(listener: (up: boolean) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  #untilOpen(): Promise<void> {
    return new Promise((resolve) => (this.#opened = resolve));
  }

  #dial(): void {
    const token = encodeURIComponent(this.address.token);
    const socket = new WebSocket(`ws://127.0.0.1:${this.address.port}/rpc?token=${token}`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#delay = retry.first;
      this.#opened();
      for (const watcher of this.#watchers) watcher(true);
    };
    socket.onmessage = (event) => this.#receive(JSON.parse(String(event.data)) as Frame);
    socket.onclose = () => this.#lost();
  }

  #receive(frame: Frame): void {
    if ('push' in frame) {
      for (const listener of this.#listeners) listener(frame.push);
      return;
    }
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if ('err' in frame) waiting?.reject(frame.err);
    else waiting?.resolve(frame.ok as never);
  }

  #lost(): void {
    this.#socket = null;
    this.#open = this.#untilOpen();
    // Whether these were carried out is not known: say so instead of repeating them.
    for (const waiting of this.#waiting.values())
      waiting.reject(rpcError('unavailable', 'error_unavailable', true));
    this.#waiting.clear();
    for (const watcher of this.#watchers) watcher(false);
    setTimeout(() => this.#dial(), this.#delay);
    this.#delay = Math.min(this.#delay * 2, retry.longest);
  }
}
