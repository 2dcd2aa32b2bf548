/**
 * What pages load: `trunkline/smartagent.js`, a module whose default export is the class, or
 * `trunkline/smartagent.plain.js`, a plain script. Both set the global `SmartAgent`.
 */
import SmartAgent from './smartagent.ts';

(globalThis as { SmartAgent?: typeof SmartAgent }).SmartAgent = SmartAgent;

export default SmartAgent;
