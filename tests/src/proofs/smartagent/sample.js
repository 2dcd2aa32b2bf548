// The page, written from the SDK's documentation alone: its class, its events, its messages.
import SmartAgent from '/trunkline/smartagent.js';
import { report, takeOrders } from './reporter.js';

const panel = new SmartAgent();
const EVENTS = [
  'incoming_call',
  'contact_updated',
  'call_started',
  'on_hold',
  'off_hold',
  'call_ended',
  'reject_call',
  'outgoing_call',
  'transfer_call',
  'missed_call',
  'add_connection',
  'conference_connections',
  'end_connection',
  'toggle_connections',
  'after_call_work',
  'after_call_work_end',
  'next_status',
];
const write = (id, text) => {
  document.getElementById(id).textContent = text;
};

function show(event, { contact }) {
  write('last', event);
  if (contact) write('customer', contact.customer.name ?? contact.customer.phoneNumber ?? contact.contactId);
  const line = document.createElement('li');
  line.textContent = event;
  const list = document.getElementById('heard');
  list.append(line);
  while (list.children.length > 8) list.firstChild.remove();
}

for (const event of EVENTS) {
  panel.on(event, (payload) => {
    report(event, payload);
    show(event, payload);
  });
}

// A listener that comes and goes by order: of one event, beside the one above.
const further = (payload) => report('further listener', payload);
const calls = {
  on: (event) => panel.on(event, further),
  off: (event) => panel.off(event, further),
};

const introduction = await panel.init();
write('agent', introduction.user?.name ?? introduction.pluginId);
takeOrders(panel.settings.collector, introduction, (method, values) =>
  (calls[method] ?? panel[method].bind(panel))(...values),
);
