/** What the plugins here use of the panel; tests put something else in its place. */
import type SmartAgent from '/trunkline/smartagent.js';

export type { Contact, Customer, Events, SmartAgentError } from '/trunkline/smartagent.js';

/** The panel, as far as these plugins talk to it. */
export type Agent = Pick<
  SmartAgent,
  | 'init'
  | 'on'
  | 'off'
  | 'settings'
  | 'language'
  | 'showPlugin'
  | 'hidePlugin'
  | 'setTitleTag'
  | 'updateContact'
>;
