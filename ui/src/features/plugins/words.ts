import { isVoice } from '$lib/desk/contacts';
import { m } from '$lib/i18n';
import type {
  ContactView,
  PluginAsk,
  PluginLogLevel,
  PluginPermission,
  PluginPlace,
  PluginSource,
  PluginState,
  PluginView,
} from '$lib/rpc/gen';

/** What a plugin is called in front of the agent. */
export const titleOf = (plugin: PluginView): string => plugin.title?.trim() || plugin.name;

/** A right, and what it means. */
export const rightWords: Record<PluginPermission, { label: () => string; text: () => string }> = {
  agent: { label: m.plugin_right_agent, text: m.plugin_right_agent_text },
  contacts: { label: m.plugin_right_contacts, text: m.plugin_right_contacts_text },
  annotate: { label: m.plugin_right_annotate, text: m.plugin_right_annotate_text },
  calls: { label: m.plugin_right_calls, text: m.plugin_right_calls_text },
  transfers: { label: m.plugin_right_transfers, text: m.plugin_right_transfers_text },
  state: { label: m.plugin_right_state, text: m.plugin_right_state_text },
  notify: { label: m.plugin_right_notify, text: m.plugin_right_notify_text },
  'platform-events': { label: m.plugin_right_events, text: m.plugin_right_events_text },
};

/** Where a plugin belongs. */
export const placeWords: Record<PluginPlace, () => string> = {
  call: m.plugin_place_call,
  'contact-log': m.plugin_place_history,
  nav: m.plugin_place_nav,
  always: m.plugin_place_always,
  default: m.plugin_place_always,
  DPA: m.plugin_place_contact,
};

/** How it stands, in one or two words. */
export const stateWords: Record<PluginState['kind'], () => string> = {
  off: m.plugin_state_off,
  awaits_consent: m.plugin_state_awaits,
  resting: m.plugin_state_resting,
  loading: m.plugin_state_loading,
  running: m.plugin_state_running,
  silent: m.plugin_state_silent,
  frozen: m.plugin_state_frozen,
  crashed: m.plugin_state_crashed,
  broken: m.plugin_state_broken,
};

/** Where it comes from. */
export function sourceWords(source: PluginSource): string {
  switch (source.kind) {
    case 'built_in':
      return m.plugin_source_built_in();
    case 'folder':
      return source.path;
    case 'web':
      return source.address;
  }
}

const broken: ReadonlyMap<string, () => string> = new Map([
  ['plugin_not_loaded', m.plugin_not_loaded],
  ['plugin_manifest_unreadable', m.plugin_manifest_unreadable],
  ['plugin_gone', m.plugin_gone],
]);

/** Why one does not work, by the key that the core sent. */
export const brokenWords = (key: string): string => (broken.get(key) ?? m.plugin_broken)();

/** What a plugin wants to do with a contact, as far as it is known. */
export function askWords(ask: PluginAsk, contact: ContactView | undefined): string {
  const call = contact === undefined || isVoice(contact);
  const about = { plugin: ask.name, target: ask.target };
  switch (ask.message_key) {
    case 'plugin_ask_transfer':
      return call ? m.plugin_ask_transfer(about) : m.plugin_ask_transfer_contact(about);
    case 'plugin_ask_dial':
      return m.plugin_ask_dial(about);
    case 'plugin_ask_drop_party':
      return m.plugin_ask_drop_party(about);
    default:
      return m.plugin_ask_other(about);
  }
}

/** How much a line of its log matters. */
export const logWords: Record<PluginLogLevel, () => string> = {
  info: m.log_mark_info,
  warning: m.log_mark_warn,
  error: m.log_mark_error,
};
