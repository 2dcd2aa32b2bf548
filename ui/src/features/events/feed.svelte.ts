import { tick, untrack } from 'svelte';

import type { Desk } from '$lib/desk/desk.svelte';
import { byKey, eventText, keyOf } from '$lib/desk/events';
import type { Place } from '$lib/desk/place.svelte';
import type { AccountId, EventSort, EventView, FoundEvent } from '$lib/rpc/gen';

import { KeptEvents } from './kept.svelte';
import { sorts } from './sorts';

/** An event in a list. */
export interface Listed extends FoundEvent {
  unread: boolean;
}

/** Present events that are shown at first, and that follow on demand. */
const step = 100;
/** With fewer present ones there is room for what was before them. */
const few = 50;

/** An event's key as one text. */
export const rowKey = (row: Pick<FoundEvent, 'account' | 'event'>): string => eventText(keyOf(row));

/**
 * The list of events: those on the desk, those that were kept before them, and what is searched.
 * Made while a component begins, and ends with it.
 */
export class Feed {
  search = $state('');
  /** Key of the event that is shown whole. */
  opened = $state<string | null>(null);
  /** Present events that are shown. */
  shown = $state(step);
  readonly older: KeptEvents;
  readonly found: KeptEvents;

  #told: EventView[] = $derived.by(() => this.desk.snapshot?.events ?? []);
  #byKey = $derived.by(() => byKey(this.#told));
  #live: EventView[] = $derived.by(() => this.#told.toReversed());
  #accounts: AccountId[] = $derived.by(() => this.desk.snapshot?.accounts.map((one) => one.id) ?? []);
  #before: FoundEvent[] = $derived.by(() => this.older.rows.filter((row) => this.#isOlder(row)));
  readonly searching: boolean = $derived.by(() => this.search.trim() !== '');
  readonly present: Listed[] = $derived.by(() => this.#live.filter((row) => this.#isChosen(row)));
  readonly past: Listed[] = $derived.by(() => this.#listed(this.#before));
  readonly hits: Listed[] = $derived.by(() => this.#listed(this.found.rows));
  /** How many there are of each sort, as far as they are here. */
  readonly counts: Record<EventSort, number> = $derived.by(() => {
    const counts = Object.fromEntries(sorts.map((sort) => [sort, 0])) as Record<EventSort, number>;
    const rows = this.searching ? this.found.rows : [...this.#live, ...this.#before];
    for (const { event } of rows.filter((row) => this.#hasAccount(row))) counts[event.sort] += 1;
    return counts;
  });
  /** The event that was asked for, e.g. by a notification; `undefined`: it is not here. */
  #wanted: FoundEvent | undefined = $derived.by(() => {
    if (this.place.event === null) return undefined;
    const key = eventText(this.place.event);
    return this.#byKey.get(key) ?? this.older.rows.find((row) => rowKey(row) === key);
  });
  /** It was asked for, and is not on the pages that were read either. */
  readonly missing: boolean = $derived.by(
    () =>
      this.place.event !== null &&
      this.#wanted === undefined &&
      (this.older.state === 'ready' || this.older.state === 'failed'),
  );

  constructor(
    private readonly desk: Desk,
    private readonly place: Place,
    /** Brings a row into view. */
    private readonly reveal: (key: string) => void,
  ) {
    this.older = new KeptEvents(desk, (row) => this.#isOlder(row) && this.#isChosen(row));
    this.found = new KeptEvents(desk, (row) => this.#isChosen(row));
    if (this.#told.length < few) void this.older.reload('');
    this.#keepWhatLeaves();
    $effect(() => this.#showWanted());
    // Another sort may have nothing on the pages that were read.
    $effect(() => {
      void this.place.sort;
      untrack(() => {
        if (this.searching && this.hits.length === 0) void this.found.next();
        if (!this.searching && this.past.length === 0) void this.older.next();
      });
    });
    $effect(() => () => {
      this.place.event = null;
      this.older.clear();
      this.found.clear();
    });
  }

  look(search: string): void {
    this.search = search;
    this.opened = null;
    this.place.event = null;
    if (this.searching) this.found.look(search.trim());
    else this.found.clear();
  }

  choose(sort: EventSort | null): void {
    this.place.sort = sort;
    this.place.event = null;
  }

  /** Shows one whole, or folds it. Who has looked at it has read it. */
  toggle(row: Listed): void {
    const key = rowKey(row);
    this.place.event = null;
    this.opened = this.opened === key ? null : key;
    if (this.opened !== null) this.#see(row);
  }

  more(): void {
    this.shown += step;
  }

  #see(row: FoundEvent): void {
    if (this.#byKey.get(rowKey(row))?.unread)
      void this.desk.send('events_seen', { account: row.account, until: row.event.id, alone: true });
  }

  /** What was told by an account goes with it. */
  #hasAccount({ account }: FoundEvent): boolean {
    return this.#accounts.includes(account);
  }

  #isChosen(row: FoundEvent): boolean {
    return this.#hasAccount(row) && (this.place.sort === null || row.event.sort === this.place.sort);
  }

  #isOlder(row: FoundEvent): boolean {
    return !this.#byKey.has(rowKey(row));
  }

  #listed(rows: FoundEvent[]): Listed[] {
    return rows
      .filter((row) => this.#isChosen(row))
      .map((row) => ({ ...row, unread: this.#byKey.get(rowKey(row))?.unread ?? false }));
  }

  /** What leaves the list of the present ones is an older one from then on. */
  #keepWhatLeaves(): void {
    let before: EventView[] = [];
    $effect(() => {
      const gone = before.filter((view) => this.#isOlder(view));
      before = this.#told;
      untrack(() => this.older.put(gone));
    });
  }

  #showWanted(): void {
    if (this.place.event === null) return;
    const row = this.#wanted;
    untrack(() => {
      if (!row) {
        if (this.older.state === 'idle') void this.older.reload('');
        return;
      }
      this.place.event = null;
      this.place.sort = null;
      this.search = '';
      this.found.clear();
      this.shown = Math.max(this.shown, this.#told.length);
      this.opened = rowKey(row);
      this.#see(row);
      void tick().then(() => this.reveal(rowKey(row)));
    });
  }
}
