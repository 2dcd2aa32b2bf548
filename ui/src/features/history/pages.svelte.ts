import type { Desk } from '$lib/desk/desk.svelte';
import { keyText } from '$lib/desk/patch';
import type { HistoryEntry } from '$lib/rpc/gen';

/** The history, page by page, newest first. */
export class HistoryPages {
  entries = $state.raw<HistoryEntry[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** The last page was full: there may be more. */
  more = $state(false);
  #round = 0;

  constructor(
    private readonly desk: Desk,
    private readonly size: number,
  ) {}

  /** Reads from the newest again. */
  async reload(): Promise<void> {
    await this.#read(0);
  }

  /** Reads the next page. */
  async next(): Promise<void> {
    await this.#read(this.entries.length);
  }

  async #read(offset: number): Promise<void> {
    const round = ++this.#round;
    try {
      const page = await this.desk.call('history_read', { limit: this.size, offset });
      if (round !== this.#round) return;
      const id = (entry: HistoryEntry): string => keyText(entry.key);
      // An entry that was written between two pages moves the others down: no doubles.
      const known = offset === 0 ? [] : this.entries;
      this.entries = [...known, ...page.filter((entry) => !known.some((other) => id(other) === id(entry)))];
      this.more = page.length === this.size;
      this.state = 'ready';
    } catch {
      if (round === this.#round) this.state = 'failed';
    }
  }
}
