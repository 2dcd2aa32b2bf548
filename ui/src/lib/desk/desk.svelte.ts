import { tick } from 'svelte';

import { toRpcError, type CommandName, type Host, type RequestOf, type ResponseOf } from '$lib/host/host';
import type {
  DeskPatch,
  DeskSnapshot,
  Levels,
  Offer,
  PluginDesk,
  PluginPopup,
  Push,
  RpcError,
} from '$lib/rpc/gen';

import { applyPatch } from './patch';

/**
 * How the panel stands to the core.
 *
 * | from    | input                              | to      |
 * | ------- | ---------------------------------- | ------- |
 * | loading | snapshot                           | ready   |
 * | loading | subscribing fails                  | lost    |
 * | ready   | connection lost, heartbeat unheard | lost    |
 * | ready   | patch with a gap                   | ready (asks for a snapshot, keeps later patches) |
 * | lost    | snapshot, heartbeat answered       | ready   |
 */
export type Phase = 'loading' | 'ready' | 'lost';

/** A command that failed, shown until it is put away. */
export interface Failure {
  id: number;
  command: CommandName;
  error: RpcError;
}

const nothingOpen: Levels = { microphone: null, sent: null, speaker: null, ringer: null };

/** Milliseconds. */
const timing = { heartbeat: 2000, unheard: 5000, firstRetry: 500, longestRetry: 4000, failureShown: 10_000 };

/** The desk as the core last told it, and the way to send it commands. */
export class Desk {
  /** How the panel stands to the core. */
  phase = $state<Phase>('loading');
  /** The whole desk; `null` until the first snapshot. Values are replaced, never changed in place. */
  snapshot = $state.raw<DeskSnapshot | null>(null);
  /** Meters: at most five a second in a call, ten while the microphone is tested, none while nothing changes. */
  levels = $state.raw<Levels>(nothingOpen);
  /** Offers that ring now (the incoming window lives from these alone). */
  offers = $state.raw<Offer[]>([]);
  /** Failed commands. */
  failures = $state.raw<Failure[]>([]);
  /** All plugins, whole with each change; `null` until the core has told them. */
  plugins = $state.raw<PluginDesk | null>(null);
  /** Called when a plugin has something to say for some seconds. */
  onPopup: (popup: PluginPopup) => void = () => undefined;
  /** Called when the core wants a place of the panel shown. */
  onShow: (place: string) => void = () => undefined;

  #asking = false;
  #ahead: DeskPatch[] = [];
  #nextFailure = 1;
  #stops: (() => void)[] = [];
  #stopped = false;
  #sayAlive: () => void = () => undefined;

  constructor(readonly host: Host) {}

  /** Subscribes and keeps the core informed that this page is alive. */
  async start(): Promise<void> {
    this.#stops.push(
      this.host.onConnection((up) => {
        if (up && this.snapshot !== null) void this.resync();
        else if (!up) this.phase = 'lost';
      }),
    );
    this.#startHeartbeat();
    await this.#subscribe(timing.firstRetry);
  }

  /** Ends subscription and heartbeat. */
  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
  }

  /** Sends a command; a failure is rejected to the caller. */
  call<C extends CommandName>(command: C, request: RequestOf<C>): Promise<ResponseOf<C>> {
    return this.host.call(command, request);
  }

  /** Sends a command; a failure is shown as a message. `true` when it succeeded. */
  async send<C extends CommandName>(command: C, request: RequestOf<C>): Promise<boolean> {
    try {
      await this.host.call(command, request);
      return true;
    } catch (reason) {
      const failure = { id: this.#nextFailure++, command, error: toRpcError(reason) };
      this.failures = [...this.failures.filter((f) => f.command !== command), failure];
      setTimeout(() => this.forget(failure.id), timing.failureShown);
      return false;
    }
  }

  /** Puts a failed command's message away. */
  forget(id: number): void {
    this.failures = this.failures.filter((failure) => failure.id !== id);
  }

  /** Asks for the whole desk, once at a time, until it is there. */
  async resync(): Promise<void> {
    // The incoming window may not read the desk; its offers are pushed whole.
    if (this.#asking || this.host.window === 'incoming') return;
    this.#asking = true;
    let delay = timing.firstRetry;
    while (!this.#stopped) {
      try {
        this.#take(await this.host.call('desk_snapshot', {}));
        break;
      } catch {
        this.phase = 'lost';
        await new Promise((resolve) => setTimeout(resolve, delay));
        delay = Math.min(delay * 2, timing.longestRetry);
      }
    }
    this.#asking = false;
  }

  /** One push of the core. */
  receive(push: Push): void {
    if (this.host.window === 'incoming' && push.kind !== 'offers') return;
    switch (push.kind) {
      case 'snapshot':
        this.#take(push.value);
        break;
      case 'patch':
        this.#patch(push.value);
        break;
      case 'levels':
        this.levels = push.value;
        break;
      case 'offers':
        this.offers = push.value;
        if (this.host.window === 'incoming') this.phase = 'ready';
        break;
      case 'show':
        this.onShow(push.value);
        break;
      case 'plugins':
        this.plugins = push.value;
        break;
      case 'popup':
        this.onPopup(push.value);
        break;
    }
  }

  #take(snapshot: DeskSnapshot): void {
    // Patches that came while the snapshot was on its way.
    let desk = snapshot;
    for (const patch of this.#ahead) desk = applyPatch(desk, patch) ?? desk;
    const last = this.#ahead.at(-1);
    this.#ahead = [];
    const first = this.snapshot === null;
    this.snapshot = desk;
    this.phase = 'ready';
    // The core learns without delay that the panel has something to show.
    if (first) void tick().then(this.#sayAlive);
    if (last !== undefined && last.to > desk.revision) this.#gap(last);
    void this.#readPlugins();
  }

  /** Plugins are pushed when they change: as they are now is asked for. */
  async #readPlugins(): Promise<void> {
    const before = this.plugins;
    try {
      const plugins = await this.host.call('plugin_list', {});
      // A push that came meanwhile is newer.
      if (this.plugins === before) this.plugins = plugins;
    } catch {
      // A core without plugins has none to show; what was told before stays.
    }
  }

  #patch(patch: DeskPatch): void {
    const desk = this.snapshot;
    if (desk === null || this.#asking) {
      this.#ahead.push(patch);
      return;
    }
    const next = applyPatch(desk, patch);
    if (next !== null) this.snapshot = next;
    else if (patch.to > desk.revision) this.#gap(patch);
  }

  #gap(patch: DeskPatch): void {
    this.#ahead.push(patch);
    // Not in the same turn: a resync that just ended still holds its mark.
    queueMicrotask(() => void this.resync());
  }

  async #subscribe(delay: number): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#stops.push(await this.host.subscribe((push) => this.receive(push)));
        return;
      } catch {
        this.phase = 'lost';
        await new Promise((resolve) => setTimeout(resolve, delay));
        delay = Math.min(delay * 2, timing.longestRetry);
      }
    }
  }

  #startHeartbeat(): void {
    let heard = Date.now();
    let beating = false;
    const beat = async (atOnce = false): Promise<void> => {
      if (document.visibilityState !== 'visible') {
        heard = Date.now();
        return;
      }
      if (this.phase === 'ready' && Date.now() - heard > timing.unheard) this.phase = 'lost';
      if (beating && !atOnce && Date.now() - heard < timing.unheard) return;
      beating = true;
      try {
        await this.host.call('ui_alive', { revision: this.snapshot?.revision ?? 0 });
        heard = Date.now();
        if (this.phase === 'lost') void this.resync();
      } catch (reason) {
        // A refusal is an answer, too. Silence for long turns into `lost` above.
        if (toRpcError(reason).code !== 'unavailable') heard = Date.now();
      } finally {
        beating = false;
      }
    };
    this.#sayAlive = () => void beat(true);
    const timer = setInterval(() => void beat(), timing.heartbeat);
    const shown = (): void => void beat();
    document.addEventListener('visibilitychange', shown);
    void beat();
    this.#stops.push(() => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', shown);
    });
  }
}
