import type { AccountId, ContactKey } from '$lib/rpc/gen';

/** The parts of the panel, as the tabs name them. */
export type Tab = 'contacts' | 'history' | 'settings';
/** The sections of the settings. */
export type Section = 'accounts' | 'audio' | 'panel' | 'about';

/** What the dial sheet is open for. */
export type DialFor =
  /** A new call; without an account the agent chooses one first. */
  | { kind: 'call'; account: AccountId | null; number?: string }
  /** A further party on a call: to talk to, or to hand the call over to. */
  | { kind: 'add'; contact: ContactKey };

const tabs: readonly string[] = ['contacts', 'history', 'settings'] satisfies Tab[];
const sections: readonly string[] = ['accounts', 'audio', 'panel', 'about'] satisfies Section[];

/** Where in the panel the agent is. */
export class Place {
  tab = $state<Tab>('contacts');
  section = $state<Section>('accounts');
  /** Set by "add an account": the account section opens with its form. */
  adding = $state(false);
  /** The dial sheet, while it is open. */
  dial = $state.raw<DialFor | null>(null);
  /** A number typed and not called yet: it is there again when the sheet opens anew. */
  typed = $state('');

  /** Goes to a place as the core writes it: `settings/audio`, `contact/ACCOUNT/ID`, `history`. */
  go(path: string): void {
    const [first = '', second = ''] = path.split('/');
    if (first === 'contact') this.tab = 'contacts';
    else if (tabs.includes(first)) this.tab = first as Tab;
    if (first === 'settings' && sections.includes(second)) this.section = second as Section;
    // The core shows what needs the agent now.
    this.dial = null;
  }
}
