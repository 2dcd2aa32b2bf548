import type { Tab } from '$lib/desk/place.svelte';
import type { ContactView, PluginId, PluginPlace, PluginState, PluginView } from '$lib/rpc/gen';

/** What decides which places of plugins are open. */
export interface Where {
  contacts: readonly ContactView[];
  tab: Tab;
  /** Plugins of the navigation whose entries the agent has chosen. */
  opened: readonly PluginId[];
}

/** Offered, worked on, or to be finished; what was missed or declined is over. */
const worked: readonly string[] = ['offered', 'connecting', 'connected', 'paused', 'ended'];
const isWorked = ({ contact }: ContactView): boolean => worked.includes(contact.state);

/** Whether the place of a plugin is open now. */
export function isOpen(plugin: { id: PluginId; place: PluginPlace }, where: Where): boolean {
  switch (plugin.place) {
    case 'always':
    case 'default':
      return true;
    case 'call':
      return where.contacts.some((view) => view.contact.channel === 'voice' && isWorked(view));
    case 'DPA':
      return where.contacts.some(isWorked);
    case 'contact-log':
      return where.tab === 'history';
    case 'nav':
      return where.opened.includes(plugin.id);
  }
}

/** Plugins that are to be seen now, in their order. One that waits for the agent's consent asks for it in its place. */
export const seenNow = (plugins: readonly PluginView[], where: Where): PluginView[] =>
  plugins.filter((plugin) => plugin.state.kind !== 'off' && plugin.shown && isOpen(plugin, where));

/** Whether its page is in its place; else the panel says there what is the matter. */
export function hasPage(state: PluginState): boolean {
  switch (state.kind) {
    // A resting one is loaded once it is given a place.
    case 'resting':
    case 'loading':
    case 'running':
    case 'silent':
      return true;
    default:
      return false;
  }
}

/** Whether it does not work as it should. */
export const inTrouble = ({ kind }: PluginState): boolean =>
  kind === 'frozen' || kind === 'crashed' || kind === 'broken';
