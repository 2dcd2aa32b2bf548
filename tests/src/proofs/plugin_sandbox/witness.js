// The friendly one beside the hostile ones: it keeps something, listens to everything, and tells the proof of it.
import SmartAgent from '/trunkline/smartagent.js';

import { serve, tell } from './orders.js';

const KEPT = 'kept by the witness';

window.addEventListener('message', (event) => {
  const from = event.source === window.parent ? 'panel' : 'elsewhere';
  void tell(`message-of-${from}`, event.data);
});
window.addEventListener('storage', (event) => void tell('storage', String(event.key)));
new BroadcastChannel('trunkline').onmessage = (event) => void tell('broadcast', event.data);

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const opening = indexedDB.open('shared', 1);
opening.onupgradeneeded = () => opening.result.createObjectStore('kept');
const database = await done(opening);
await done(database.transaction('kept', 'readwrite').objectStore('kept').put(KEPT, 'mine'));
localStorage.setItem('shared', KEPT);
document.cookie = 'shared=witness; max-age=3600';

const panel = new SmartAgent();
for (const name of ['incoming_call', 'call_started', 'call_ended', 'after_call_work', 'after_call_work_end']) {
  panel.on(name, ({ contact }) => void tell('event', `${name} ${contact?.customer?.name ?? ''}`));
}
await panel.init();
void tell('ready', 'ready');

await serve({
  kept: async () => {
    const inDatabase = await done(database.transaction('kept').objectStore('kept').getAll());
    return JSON.stringify({ local: { ...localStorage }, database: inDatabase });
  },
  ping: async () => {
    const { pluginId } = await panel.init();
    return pluginId;
  },
});
