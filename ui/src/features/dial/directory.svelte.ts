import type { Desk } from '$lib/desk/desk.svelte';
import { toRpcError } from '$lib/host/host';
import type { AccountId, ContactId, Endpoint, RpcError } from '$lib/rpc/gen';

/** Milliseconds without a further letter before it is searched. */
export const searchDelay = 250;

/**
 * The platform's directory (quick connects), page by page.
 *
 * | from    | input                  | to      |
 * | ------- | ---------------------- | ------- |
 * | any     | search, reload         | loading |
 * | loading | first page             | ready   |
 * | loading | failure                | failed  |
 * | ready   | next: page, or failure | ready (`further` says which) |
 *
 * Only the newest question counts: an answer to an older one is dropped.
 */
export class Directory {
  items = $state.raw<Endpoint[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Pages after these: none, one to be had, on its way, or it failed. */
  further = $state<'none' | 'there' | 'loading' | 'failed'>('none');
  /** False: the platform did not give all of its list. */
  complete = $state(true);
  /** Why the first page failed. */
  error = $state.raw<RpcError | null>(null);
  search = $state('');
  #next: string | null = null;
  #round = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly account: AccountId,
    private readonly contact: ContactId | null,
  ) {}

  /** Searches once the agent stops typing. */
  look(search: string): void {
    this.search = search;
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => void this.reload(), searchDelay);
  }

  /** Reads the first page of what is searched. What is shown stays until it is there. */
  async reload(): Promise<void> {
    clearTimeout(this.#waiting);
    const round = ++this.#round;
    this.state = 'loading';
    this.error = null;
    try {
      const page = await this.#read(null);
      if (round !== this.#round) return;
      this.items = page.items;
      this.complete = page.complete;
      this.#next = page.next;
      this.further = page.next === null ? 'none' : 'there';
      this.state = 'ready';
    } catch (reason) {
      if (round !== this.#round) return;
      this.items = [];
      this.further = 'none';
      this.error = toRpcError(reason);
      this.state = 'failed';
    }
  }

  /** Reads the page after those that are there. */
  async next(): Promise<void> {
    if (this.state !== 'ready' || this.#next === null || this.further === 'loading') return;
    const round = this.#round;
    this.further = 'loading';
    try {
      const page = await this.#read(this.#next);
      if (round !== this.#round) return;
      const known = this.items.map((item) => item.id);
      const fresh = page.items.filter((item) => !known.includes(item.id));
      this.items = [...this.items, ...fresh];
      this.complete = this.complete && page.complete;
      // A list that changed meanwhile may begin again: without anything new it is at its end.
      this.#next = fresh.length > 0 ? page.next : null;
      this.further = this.#next === null ? 'none' : 'there';
    } catch {
      if (round === this.#round) this.further = 'failed';
    }
  }

  /** Ends what waits. */
  stop(): void {
    clearTimeout(this.#waiting);
    this.#round += 1;
  }

  #read(after: string | null): Promise<{ items: Endpoint[]; next: string | null; complete: boolean }> {
    return this.desk.call('endpoint_list', {
      account: this.account,
      contact: this.contact,
      search: this.search.trim(),
      after,
    });
  }
}
