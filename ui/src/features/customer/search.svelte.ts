import { searchDelay } from '$features/dial/directory.svelte';
import { characters } from '$features/dial/field';
import type { Desk } from '$lib/desk/desk.svelte';
import { toRpcError } from '$lib/host/host';
import type { AccountId, CustomerPage, CustomerRecord, RpcError } from '$lib/rpc/gen';

/** Fewer characters find half of all customers. */
export const fewest = 2;

/**
 * Customers found by words, page by page.
 *
 * | from    | input                  | to      |
 * | ------- | ---------------------- | ------- |
 * | any     | too few characters     | idle    |
 * | any     | words, reload          | loading |
 * | loading | first page             | ready   |
 * | loading | failure                | failed  |
 * | ready   | next: page, or failure | ready (`further` says which) |
 *
 * Only the newest question counts: an answer to an older one is dropped.
 */
export class CustomerSearch {
  words = $state('');
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  items = $state.raw<CustomerRecord[]>([]);
  /** Pages after these: none, one to be had, on its way, or it failed. */
  further = $state<'none' | 'there' | 'loading' | 'failed'>('none');
  /** Why the first page failed. */
  error = $state.raw<RpcError | null>(null);
  #next: number | null = null;
  #round = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly desk: Desk,
    private readonly account: AccountId,
  ) {}

  /** Searches once the agent stops typing. */
  look(words: string): void {
    this.words = words;
    this.stop();
    if (characters(words) < fewest) {
      this.items = [];
      this.further = 'none';
      this.state = 'idle';
      return;
    }
    this.state = 'loading';
    this.#waiting = setTimeout(() => void this.reload(), searchDelay);
  }

  /** Reads the first page of what is searched. What is shown stays until it is there. */
  async reload(): Promise<void> {
    this.stop();
    const round = this.#round;
    this.state = 'loading';
    this.error = null;
    try {
      const page = await this.#read(0);
      if (round !== this.#round) return;
      this.items = page.items;
      this.#goesOn(page.next);
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
      const known = this.items.map((one) => one.id);
      const fresh = page.items.filter((one) => one.id === null || !known.includes(one.id));
      this.items = [...this.items, ...fresh];
      this.#goesOn(page.next);
    } catch {
      if (round === this.#round) this.further = 'failed';
    }
  }

  /** Ends what waits. */
  stop(): void {
    clearTimeout(this.#waiting);
    this.#round += 1;
  }

  #goesOn(next: number | null): void {
    this.#next = next;
    this.further = next === null ? 'none' : 'there';
  }

  #read(page: number): Promise<CustomerPage> {
    return this.desk.call('customer_find', { account: this.account, words: this.words.trim(), page });
  }
}
