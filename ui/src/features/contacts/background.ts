import { formatAddress } from '$lib/format';
import { m } from '$lib/i18n';
import type { Contact, CustomerAuthentication, Initiation, Sight, Subtype } from '$lib/rpc/gen';

/** How a contact came to be, in words. */
export function initiationWords(initiation: Initiation): string {
  switch (initiation) {
    case 'inbound':
      return m.initiation_inbound();
    case 'outbound':
      return m.initiation_outbound();
    case 'transfer':
      return m.initiation_transfer();
    case 'queue_transfer':
      return m.initiation_queue_transfer();
    case 'callback':
      return m.initiation_callback();
    case 'callback_customer_first':
      return m.initiation_callback_customer_first();
    case 'api':
      return m.initiation_api();
    case 'disconnect':
      return m.initiation_disconnect();
    case 'web':
      return m.initiation_web();
    case 'agent_reply':
      return m.initiation_agent_reply();
    case 'campaign_preview':
      return m.initiation_campaign_preview();
    case 'external_outbound':
      return m.initiation_external_outbound();
    case 'monitor':
      return m.initiation_monitor();
    case 'flow':
      return m.initiation_flow();
    default:
      return m.initiation_unknown({ name: initiation });
  }
}

/** The kind of a contact within its channel, in words. */
export function subtypeWords(subtype: Subtype): string {
  switch (subtype) {
    case 'telephone':
      return m.subtype_telephone();
    case 'web_call':
      return m.subtype_web_call();
    case 'chat':
      return m.subtype_chat();
    case 'sms':
      return m.subtype_sms();
    case 'apple_messages':
      return m.subtype_apple_messages();
    case 'whatsapp':
      return m.subtype_whatsapp();
    case 'guide':
      return m.subtype_guide();
    case 'task':
      return m.channel_task();
    case 'email':
      return m.channel_email();
    default:
      return subtype;
  }
}

/** Whether the customer has signed in, in words. */
export function authenticationWords({ state, customer, provider }: CustomerAuthentication): string {
  const name = customer?.trim() ?? '';
  const where = provider?.trim() ?? '';
  switch (state) {
    case 'authenticated':
      if (name && where) return m.identity_confirmed_as_at({ customer: name, provider: where });
      if (name) return m.identity_confirmed_as({ customer: name });
      return where ? m.identity_confirmed_at({ provider: where }) : m.identity_confirmed();
    case 'failed':
      return m.identity_failed();
    case 'timed_out':
      return m.identity_timed_out();
    default:
      return m.identity_unknown({ state });
  }
}

/** One line of what else is known of a contact. */
export interface Row {
  id: string;
  name: string;
  value: string;
}

/** Somebody on the other side can send this. */
const theyCan = (contact: Contact, sight: Sight): boolean =>
  contact.connections.some((leg) => leg.kind !== 'agent' && leg.sends.includes(sight));
const agentCan = (contact: Contact, sight: Sight): boolean =>
  contact.connections.some((leg) => leg.kind === 'agent' && leg.sends.includes(sight));

/** What else is known of a contact, in words; what would say nothing is left out. */
export function backgroundRows(contact: Contact): Row[] {
  const { details } = contact;
  const reached = details.reached;
  const number = reached?.address?.trim() ?? '';
  const named = reached?.name?.trim() ?? '';
  const at = number ? formatAddress(number) : '';
  const { files, screen_recorded: recorded } = details.features;
  const video = details.video || theyCan(contact, 'video');
  return [
    { id: 'initiation', name: m.background_how(), value: words(details.initiation, initiationWords) },
    { id: 'subtype', name: m.background_kind(), value: words(details.subtype, subtypeWords) },
    {
      id: 'reached',
      name: m.background_reached(),
      value: named && at ? `${named} (${at})` : named || at,
    },
    {
      id: 'identity',
      name: m.background_identity(),
      value: words(details.authentication, authenticationWords),
    },
    {
      id: 'chain',
      name: m.background_chain(),
      value: details.initial === null ? '' : m.background_chain_continues(),
    },
    {
      id: 'related',
      name: m.background_related(),
      value: details.related === null ? '' : m.background_related_other(),
    },
    { id: 'video', name: m.background_video(), value: video ? m.background_not_here() : '' },
    {
      id: 'screen',
      name: m.background_screen(),
      value: theyCan(contact, 'screen') ? m.background_not_here() : '',
    },
    {
      id: 'own-video',
      name: m.background_own_video(),
      value: agentCan(contact, 'video') ? m.background_not_here() : '',
    },
    {
      id: 'own-screen',
      name: m.background_own_screen(),
      value: agentCan(contact, 'screen') ? m.background_not_here() : '',
    },
    {
      id: 'recorded',
      name: m.background_recorded(),
      value: recorded === true ? m.background_recorded_yes() : '',
    },
    {
      id: 'files',
      name: m.background_files(),
      value: contact.channel === 'chat' && files === false ? m.background_files_no() : '',
    },
  ].filter((row) => row.value !== '');
}

function words<T>(value: T | null, say: (value: T) => string): string {
  return value === null ? '' : say(value);
}

/** Ids that a person asks for at most to find the contact elsewhere. */
export function idsOf(contact: Contact): Row[] {
  const { initial, related, association } = contact.details;
  return [
    { id: 'contact', name: m.copy_contact_id(), value: contact.id },
    { id: 'initial', name: m.copy_initial_id(), value: initial ?? '' },
    { id: 'related', name: m.copy_related_id(), value: related ?? '' },
    { id: 'association', name: m.copy_association_id(), value: association ?? '' },
  ].filter((row) => row.value !== '');
}
