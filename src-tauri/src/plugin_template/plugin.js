// Served by the panel itself; see docs/plugins/writing.md.
import SmartAgent from './trunkline/smartagent.js';

const panel = new SmartAgent();

function show(contact) {
  const gone = !contact || contact.state === 'gone';
  document.getElementById('empty').hidden = !gone;
  document.getElementById('contact').hidden = gone;
  // As text, never as HTML: it comes from outside.
  document.getElementById('name').textContent = contact?.customer.name ?? '–';
  document.getElementById('number').textContent = contact?.customer.phoneNumber ?? '–';
}

for (const event of ['incoming_call', 'outgoing_call', 'call_started', 'contact_updated']) {
  panel.on(event, ({ contact }) => show(contact));
}
panel.on('after_call_work_end', () => show(null));

const { contact } = await panel.init();
show(contact);
