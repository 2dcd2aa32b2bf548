import type { Desk } from '$lib/desk/desk.svelte';
import { joined } from '$lib/desk/events';
import { searchDelay } from '$lib/desk/pages.svelte';
import { toRpcError } from '$lib/host/host';
import type { FoundEvent, RpcError } from '$lib/rpc/gen';

/** Events read at once. */
export const pageSize = 50;
/** Pages read one after the other while none of them has anything to show. */
const pagesAtOnce = 8;

/**
 * Events that were kept, page by page, newest first.
 *
 * | from       | input                  | to      |
 * | ---------- | ---------------------- | ------- |
 * | any        | search, reload         | loading |
 * | any        | clear                  | idle    |
 * | loading    | first page             | ready   |
 * | loading    | failure                | failed  |
 * | ready      | next: page, or failure | ready (`further` says which) |
 *
 * Only the newest question counts: an answer to an older one is dropped.
 */
export class KeptEvents {
  rows = $state.raw<FoundEvent[]>([]);
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  /** Pages after these: none, one to be had, on its way, or it failed. */
  further = $state<'none' | 'there' | 'loading' | 'failed'>('none');
  /** Why the first page failed. */
  error = $state.raw<RpcError | null>(null);
  /** What the rows were searched by. */
  words = $state('');
  #offset = 0;
  #round = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly desk: Desk,
    /** Whether a row is shown: pages without any are followed by the next one at once. */
    private readonly shows: (row: FoundEvent) => boolean,
  ) {}

  /** Searches once the agent stops typing. */
  look(words: string): void {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => void this.reload(words), searchDelay);
    if (this.state === 'idle') this.state = 'loading';
  }

  /** Reads the first page. What is shown stays until it is there. */
  async reload(words = this.words): Promise<void> {
    clearTimeout(this.#waiting);
    const round = ++this.#round;
    this.state = 'loading';
    this.error = null;
    try {
      const read = await this.#pages(words, 0, round);
      if (round !== this.#round) return;
      this.words = words;
      this.rows = read.rows;
      this.#offset = read.offset;
      this.further = read.more ? 'there' : 'none';
      this.state = 'ready';
    } catch (reason) {
      if (round !== this.#round) return;
      this.words = words;
      this.rows = [];
      this.further = 'none';
      this.error = toRpcError(reason);
      this.state = 'failed';
    }
  }

  /** Reads the page after those that are there. */
  async next(): Promise<void> {
    if (this.state !== 'ready' || this.further === 'none' || this.further === 'loading') return;
    const round = this.#round;
    this.further = 'loading';
    try {
      const read = await this.#pages(this.words, this.#offset, round);
      if (round !== this.#round) return;
      this.#add(read.rows);
      this.#offset = read.offset;
      this.further = read.more ? 'there' : 'none';
    } catch {
      if (round === this.#round) this.further = 'failed';
    }
  }

  /** Takes in what has just left the list of the present ones. */
  put(gone: FoundEvent[]): void {
    if (this.state !== 'ready' || gone.length === 0) return;
    this.#add(gone);
    this.rows = this.rows.toSorted((a, b) => b.arrived - a.arrived);
  }

  /** Forgets all of it, and ends what waits. */
  clear(): void {
    clearTimeout(this.#waiting);
    this.#round += 1;
    this.rows = [];
    this.further = 'none';
    this.error = null;
    this.words = '';
    this.state = 'idle';
  }

  /** An event that came between two pages moves the others down: no doubles. */
  #add(rows: FoundEvent[]): void {
    this.rows = joined(this.rows, rows);
  }

  async #pages(
    words: string,
    offset: number,
    round: number,
  ): Promise<{ rows: FoundEvent[]; offset: number; more: boolean }> {
    const rows: FoundEvent[] = [];
    let [at, more] = [offset, true];
    for (let page = 0; page < pagesAtOnce && more && round === this.#round; page += 1) {
      const found = await this.desk.call('events_find', { words, limit: pageSize, offset: at });
      rows.push(...found);
      at += found.length;
      more = found.length === pageSize;
      if (found.some(this.shows)) break;
    }
    return { rows, offset: at, more };
  }
}
