import { createContext } from 'svelte';

import type { Desk } from '$lib/desk/desk.svelte';
import { language } from '$lib/i18n';
import type { PanelSettings } from '$lib/rpc/gen';
import type { Theme } from '$lib/theme';

/** The panel's own settings, as the core keeps them. */
export class Settings {
  value = $state.raw<PanelSettings | null>(null);

  constructor(private readonly theme: Theme) {}

  /** Reads them; without an answer the page follows the system. */
  async load(desk: Desk): Promise<void> {
    try {
      this.#take(await desk.call('panel_settings', {}));
    } catch {
      this.theme.set('system');
    }
  }

  /** Changes some of them; what the core answers is what holds. */
  async change(desk: Desk, change: Partial<PanelSettings>): Promise<void> {
    const before = this.value;
    if (before === null) return;
    this.#take({ ...before, ...change });
    try {
      this.#take(await desk.call('panel_settings_save', { ...before, ...change }));
    } catch {
      this.#take(before);
      // Shows the failure to the agent.
      await desk.send('panel_settings_save', { ...before, ...change });
    }
  }

  #take(value: PanelSettings): void {
    this.value = value;
    this.theme.set(value.theme);
    language.set(value.language);
  }
}

/** The settings that all parts of the page share. */
export const [getSettings, setSettings] = createContext<Settings>();
