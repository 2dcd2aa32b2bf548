import { createContext } from 'svelte';

import type { PluginPopup, PopupLevel } from '$lib/rpc/gen';

/** A message of a plugin while it is shown. */
export interface ShownPopup extends PluginPopup {
  id: number;
}

/** Milliseconds. */
const shownFor: Record<PopupLevel, number> = { success: 6000, error: 10_000 };
/** More of them cover what the agent works with. */
const most = 3;

/** Short messages of plugins; each goes by itself, unless the agent is just reading. */
export class Popups {
  shown = $state.raw<ShownPopup[]>([]);
  #next = 1;
  readonly #timers: Record<number, ReturnType<typeof setTimeout>> = {};

  /** Shows one; the oldest goes when there are too many. */
  add(popup: PluginPopup): void {
    const one = { ...popup, id: this.#next++ };
    const all = [...this.shown, one];
    for (const old of all.slice(0, -most)) clearTimeout(this.#timers[old.id]);
    this.shown = all.slice(-most);
    this.#plan(one);
  }

  /** Puts one away. */
  dismiss(id: number): void {
    clearTimeout(this.#timers[id]);
    this.shown = this.shown.filter((popup) => popup.id !== id);
  }

  /** The agent is at them: none goes. */
  hold(): void {
    for (const popup of this.shown) clearTimeout(this.#timers[popup.id]);
  }

  /** The agent has left them: their time begins again. */
  release(): void {
    this.hold();
    for (const popup of this.shown) this.#plan(popup);
  }

  #plan(popup: ShownPopup): void {
    this.#timers[popup.id] = setTimeout(() => this.dismiss(popup.id), shownFor[popup.level]);
  }
}

/** Messages of plugins, which all parts of the page share. */
export const [getPopups, setPopups] = createContext<Popups>();
