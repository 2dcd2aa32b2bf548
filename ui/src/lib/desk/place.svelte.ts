/** The parts of the panel, as the tabs name them. */
export type Tab = 'contacts' | 'history' | 'settings';
/** The sections of the settings. */
export type Section = 'accounts' | 'audio' | 'panel' | 'about';

const tabs: readonly string[] = ['contacts', 'history', 'settings'] satisfies Tab[];
const sections: readonly string[] = ['accounts', 'audio', 'panel', 'about'] satisfies Section[];

/** Where in the panel the agent is. */
export class Place {
  tab = $state<Tab>('contacts');
  section = $state<Section>('accounts');
  /** Set by "add an account": the account section opens with its form. */
  adding = $state(false);

  /** Goes to a place as the core writes it: `settings/audio`, `contact/ACCOUNT/ID`, `history`. */
  go(path: string): void {
    const [first = '', second = ''] = path.split('/');
    if (first === 'contact') this.tab = 'contacts';
    else if (tabs.includes(first)) this.tab = first as Tab;
    if (first === 'settings' && sections.includes(second)) this.section = second as Section;
  }
}
