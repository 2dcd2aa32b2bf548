import { toRpcError } from '$lib/host/host';
import type { RpcError } from '$lib/rpc/gen';

import { fresh } from './fresh';

/** Milliseconds without a further letter before it is searched. */
export const searchDelay = 250;

/** Pages after those that are there: none, one to be had, on its way, or it failed. */
export type Further = 'none' | 'there' | 'loading' | 'failed';

/** One page of a list. `Next`: what names the page after it. */
export interface Page<Item, Next> {
  items: readonly Item[];
  /** `null`: this is the last. */
  next: Next | null;
}

/**
 * A list that is read page by page, and searched.
 *
 * | from    | input                  | to      |
 * | ------- | ---------------------- | ------- |
 * | any     | clear                  | idle    |
 * | any     | reload, later          | loading (what is shown stays until the first page is there) |
 * | loading | first page             | ready   |
 * | loading | failure                | failed  |
 * | ready   | next: page, or failure | ready (`further` says which) |
 *
 * Only the newest question counts: an answer to an older one is dropped.
 */
export abstract class Pages<Item, Next, Read extends Page<Item, Next> = Page<Item, Next>> {
  items = $state.raw<Item[]>([]);
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  further = $state<Further>('none');
  /** The page that came last. */
  last = $state.raw<Read | null>(null);
  /** Why the first page failed. */
  error = $state.raw<RpcError | null>(null);
  #next: Next | null = null;
  #round = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** Asks for the first page (`null`), or for one that was named. */
  protected abstract read(page: Next | null): Promise<Read>;

  /** Tells items apart; `null`: never the same as another. */
  protected abstract idOf(item: Item): string | null;

  /** A page was put behind those that are there; so many of its items are new. */
  protected took(_page: Read, _fresh: number, _first: boolean): void {
    // For those that keep more of a page.
  }

  /** Reads from the first page, at once. */
  async reload(): Promise<void> {
    this.stop();
    const round = this.#round;
    this.state = 'loading';
    this.error = null;
    // A page that was on its way belongs to the older question.
    if (this.further === 'loading') this.further = 'there';
    try {
      const page = await this.read(null);
      if (round !== this.#round) return;
      this.#put([], page, true);
      this.state = 'ready';
    } catch (reason) {
      if (round !== this.#round) return;
      this.#forget();
      this.error = toRpcError(reason);
      this.state = 'failed';
    }
  }

  /** Reads from the first page once the agent stops typing. */
  later(): void {
    this.stop();
    this.state = 'loading';
    this.#waiting = setTimeout(() => void this.reload(), searchDelay);
  }

  /** Reads the page after those that are there. */
  async next(): Promise<void> {
    if (this.state !== 'ready' || this.#next === null || this.further === 'loading') return;
    const round = this.#round;
    this.further = 'loading';
    try {
      const page = await this.read(this.#next);
      if (round !== this.#round) return;
      this.#put(this.items, page, false);
    } catch {
      if (round === this.#round) this.further = 'failed';
    }
  }

  /** Nothing is asked any more. */
  clear(): void {
    this.stop();
    this.#forget();
    this.error = null;
    this.state = 'idle';
  }

  /** Ends what waits. */
  stop(): void {
    clearTimeout(this.#waiting);
    this.#round += 1;
  }

  /** Nothing further is to be had, whatever the platform said. */
  protected end(): void {
    this.#next = null;
    this.further = 'none';
  }

  #put(known: readonly Item[], page: Read, first: boolean): void {
    // What moved down meanwhile comes twice.
    const added = fresh(known, page.items, (item) => this.idOf(item));
    this.items = [...known, ...added];
    this.last = page;
    this.#next = page.next;
    this.further = page.next === null ? 'none' : 'there';
    this.took(page, added.length, first);
  }

  #forget(): void {
    this.items = [];
    this.last = null;
    this.#next = null;
    this.further = 'none';
  }
}
