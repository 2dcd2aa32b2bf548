/** The ways on which a customer can be reached, in words and pictures. */
import Globe from '@lucide/svelte/icons/globe';
import Mail from '@lucide/svelte/icons/mail';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import MessageSquareText from '@lucide/svelte/icons/message-square-text';
import Phone from '@lucide/svelte/icons/phone';
import Smartphone from '@lucide/svelte/icons/smartphone';

import { formatAddress } from '$lib/format';
import { m } from '$lib/i18n';
import type { Line, Subtype } from '$lib/rpc/gen';

/** What a way is, short; one that we do not know has the platform's name. */
export function lineWords(kind: Subtype): string {
  switch (kind) {
    case 'chat':
      return m.line_web();
    case 'sms':
      return m.line_sms();
    case 'whatsapp':
      return m.subtype_whatsapp();
    case 'apple_messages':
      return m.subtype_apple_messages();
    case 'email':
      return m.channel_email();
    case 'telephone':
      return m.line_telephone();
    case 'web_call':
      return m.line_web_call();
    default:
      return kind;
  }
}

/** Its picture. */
export function lineIcon(kind: Subtype): typeof Phone {
  switch (kind) {
    case 'chat':
      return Globe;
    case 'sms':
      return MessageSquareText;
    case 'email':
      return Mail;
    case 'telephone':
    case 'web_call':
      return Phone;
    case 'whatsapp':
    case 'apple_messages':
      return Smartphone;
    default:
      return MessageCircle;
  }
}

/** The customer's address there, readable; empty: the platform does not say. */
export const lineAddress = (line: Line): string => formatAddress(line.address?.trim() ?? '');
