import { createContext } from 'svelte';

import type { Desk } from '$lib/desk/desk.svelte';
import type { Place } from '$lib/desk/place.svelte';
import { remember, remembered } from '$lib/remember';
import type { PluginId, PluginView } from '$lib/rpc/gen';
import type { Column } from '$lib/ui/column.svelte';

import { isOpen, seenNow, type Where } from './seen';

/** Under which the tab that was chosen last is kept. */
const chosenName = 'plugin';

/** Plugins beside the panel, or, in a narrow window, in its place. */
export class Side {
  /** A narrow window shows them instead of the panel. */
  wanted = $state(false);
  /** Something of the panel's floats over it. */
  covered = $state(false);
  /** Where the page of the one in front is drawn. */
  box = $state.raw<HTMLElement | null | undefined>();
  /** The plugin whose log is to be in view. */
  log = $state.raw<PluginId | null>(null);
  #chosen = $state(remembered(chosenName));
  /** Of the navigation: opened by the agent. */
  #opened = $state.raw<PluginId[]>([]);

  constructor(
    private readonly desk: Desk,
    private readonly place: Place,
    private readonly column: Column,
  ) {}

  /** Every plugin that is switched on. */
  readonly all: PluginView[] = $derived.by(() => {
    const { plugins, unsupported } = this.desk.plugins ?? { plugins: [], unsupported: true };
    return unsupported ? [] : plugins.filter((plugin) => plugin.state.kind !== 'off');
  });

  /** Those that are to be seen now. */
  readonly seen: PluginView[] = $derived.by(() => {
    if (this.all.length === 0) return [];
    const { tab, section, plugin } = this.place;
    const read = tab === 'settings' && section === 'plugins' ? plugin : null;
    // What one asks for is not asked twice at once: its page in the settings does, too.
    return seenNow(this.all, this.#where()).filter(
      ({ id, state }) => state.kind !== 'awaits_consent' || id !== read,
    );
  });

  /** The one in front. */
  readonly current: PluginView | null = $derived(
    this.seen.find((plugin) => plugin.id === this.#chosen) ?? this.seen[0] ?? null,
  );

  /** They take the panel's place now. */
  readonly page: boolean = $derived.by(() => this.wanted && !this.column.room && this.seen.length > 0);

  /** Whether it is to be seen whenever its place is open. */
  isShown(plugin: PluginView): boolean {
    return plugin.shown && (plugin.place !== 'nav' || this.#opened.includes(plugin.id));
  }

  /** Whether its place is open now, or is opened by showing it. */
  canBeSeen(plugin: PluginView): boolean {
    return plugin.place === 'nav' || isOpen(plugin, this.#where());
  }

  /** Brings one to the front, and remembers it. */
  choose(plugin: PluginId): void {
    this.#chosen = plugin;
    remember(chosenName, plugin);
  }

  /** Has one seen. */
  show(plugin: PluginView): void {
    if (plugin.place === 'nav') this.#opened = [...this.#opened, plugin.id];
    if (!plugin.shown) void this.desk.send('plugin_show', { plugin: plugin.id, on: true });
    this.choose(plugin.id);
    if (this.canBeSeen(plugin)) this.wanted = true;
  }

  /** Has one seen no more. One of the navigation is there again when its entry is chosen. */
  hide(plugin: PluginView): void {
    if (plugin.place === 'nav') this.#opened = this.#opened.filter((id) => id !== plugin.id);
    else void this.desk.send('plugin_show', { plugin: plugin.id, on: false });
  }

  /** Shows its page in the settings; `log`: as far down as its log. */
  settings(plugin: PluginId | null, log = false): void {
    this.place.go('settings/plugins');
    this.place.plugin = plugin;
    this.log = log ? plugin : null;
    this.wanted = false;
  }

  #where(): Where {
    return {
      contacts: this.desk.snapshot?.contacts ?? [],
      tab: this.place.tab,
      opened: this.#opened,
    };
  }
}

/** Plugins beside the panel, which all parts of the page share. */
export const [getSide, setSide] = createContext<Side>();
