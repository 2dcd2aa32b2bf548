import type { Desk } from '$lib/desk/desk.svelte';
import { toRpcError } from '$lib/host/host';
import type { AccountId, QueueId, RpcError } from '$lib/rpc/gen';

import type { Sort, TeamFilter } from './order';
import { following, type Picture } from './picture';

/** Milliseconds between readings. */
const pause = 10_000;

/** What a supervisor looks at; kept while another part of the panel is shown. */
export class View {
  section = $state<'agents' | 'queues' | 'contacts'>('agents');
  sort = $state<Sort>('name');
  team = $state<TeamFilter>('all');
  search = $state('');
  /** The account that is looked at, with several. */
  account = $state<AccountId | null>(null);
  /** Queues that are unfolded. */
  open = $state<QueueId[]>([]);
  readonly pictures: Record<AccountId, Picture> = {};
}

// Whoever comes back to the tab sees at once what was there, and goes on where they were.
const views = new WeakMap<Desk, View>();

/** How the teams were last looked at. */
export function viewOf(desk: Desk): View {
  const view = views.get(desk) ?? new View();
  views.set(desk, view);
  return view;
}

/**
 * Reads the teams of one account again and again, as long as somebody can see them.
 *
 * | from    | input                        | to      |
 * | ------- | ---------------------------- | ------- |
 * | idle    | watch, page visible          | reading |
 * | reading | answer or failure            | waiting |
 * | waiting | ten seconds, refresh         | reading |
 * | any     | page hidden, account left    | idle (an answer on its way is not taken) |
 */
export class Watch {
  picture = $state.raw<Picture | null>(null);
  /** The last reading failed. */
  error = $state.raw<RpcError | null>(null);
  reading = $state(false);

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Which account is watched; another object once that has ended. */
  #round: object | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly view: View,
  ) {}

  /** Watches until what it gives back is called. `up`: the account is connected. */
  watch(account: AccountId, up: boolean): () => void {
    this.picture = this.view.pictures[account] ?? null;
    this.error = null;
    const shown = (): void => {
      this.#rest();
      if (up && document.visibilityState === 'visible') void this.#read(account);
    };
    document.addEventListener('visibilitychange', shown);
    shown();
    return () => {
      document.removeEventListener('visibilitychange', shown);
      this.#rest();
    };
  }

  /** Reads at once. */
  refresh(account: AccountId): void {
    if (this.reading) return;
    this.#rest();
    void this.#read(account);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#round = null;
    this.reading = false;
  }

  async #read(account: AccountId): Promise<void> {
    const round = {};
    this.#round = round;
    this.reading = true;
    let error: RpcError | null = null;
    let picture = this.picture;
    try {
      picture = following(picture, await this.desk.call('supervision', { account }));
    } catch (reason) {
      error = toRpcError(reason);
    }
    if (this.#round !== round) return;
    this.error = error;
    this.picture = picture;
    if (picture !== null) this.view.pictures[account] = picture;
    this.reading = false;
    // After the answer: a platform that is slow is not asked ever more.
    this.#timer = setTimeout(() => void this.#read(account), pause);
  }
}
