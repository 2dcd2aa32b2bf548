/**
 * A page as an author writes it, against the typings alone: it is compiled, never run. That it compiles shows that the
 * typings serve; that the lines marked so do not shows that they help.
 */
import SmartAgent, { type Contact, type SmartAgentError } from '/trunkline/smartagent.js';

const smartAgent = new SmartAgent();

const nameOf = (contact: Contact): string =>
  contact.customer.name ?? contact.customer.phoneNumber ?? contact.contactId;

async function begin(): Promise<void> {
  smartAgent.on('incoming_call', ({ contact }) => void smartAgent.setTitleTag(nameOf(contact)));
  smartAgent.on('contact_updated', ({ contact }) => {
    if (contact.channel === 'CHAT' && contact.state === 'ended') void smartAgent.showPlugin();
  });
  const closed = ({ contactId }: { contactId: string }): void => {
    document.title = contactId;
    smartAgent.off('after_call_work_end', closed);
  };
  smartAgent.on('after_call_work_end', closed);

  const { contact, visible, language } = await smartAgent.init();
  document.documentElement.lang = language;
  if (contact && !visible) document.title = contact.attributes['orderNumber'] ?? nameOf(contact);

  const user = await smartAgent.getUser();
  const company: string = await smartAgent.getCompanyID();
  document.title = `${user.name ?? user.username}, ${company}, ${smartAgent.settings['lookup_url'] ?? ''}`;
}

async function act(): Promise<void> {
  try {
    await smartAgent.updateContact({ 'case-id': 'C-1' });
    await smartAgent.send('update_customer', { name: 'Ana Example' });
    await smartAgent.sendMessage('show_popup_message', { type: 'SUCCESS', popupMessage: 'Saved' });
    await smartAgent.sendMessage('quick_connect', JSON.stringify({ name: 'Tier 2' }));
    await smartAgent.sendMessage('update_quick_connects');
  } catch (error) {
    if ((error as SmartAgentError).code === 'user_declined') await smartAgent.hidePlugin();
  }
}

export function mistakes(): void {
  // @ts-expect-error: the event's name is misspelt.
  smartAgent.on('incomming_call', () => undefined);
  // @ts-expect-error: attributes are text.
  void smartAgent.updateContact({ visits: 4 });
  // @ts-expect-error: a pop-up is SUCCESS or ERROR.
  void smartAgent.sendMessage('show_popup_message', { type: 'INFO', popupMessage: '' });
  // @ts-expect-error: settings are the panel's to change.
  smartAgent.settings = {};
}

void begin().then(act);

/** The same from a page of plain scripts. */
export const global: SmartAgent = new window.SmartAgent();
