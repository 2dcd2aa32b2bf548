import ClipboardList from '@lucide/svelte/icons/clipboard-list';
import Contact from '@lucide/svelte/icons/user-round';
import Mail from '@lucide/svelte/icons/mail';
import MailWarning from '@lucide/svelte/icons/mail-warning';
import ClipboardX from '@lucide/svelte/icons/clipboard-x';
import MessageSquare from '@lucide/svelte/icons/message-square';
import MessageSquareOff from '@lucide/svelte/icons/message-square-off';
import Phone from '@lucide/svelte/icons/phone';
import PhoneIncoming from '@lucide/svelte/icons/phone-incoming';
import PhoneMissed from '@lucide/svelte/icons/phone-missed';
import UserX from '@lucide/svelte/icons/user-round-x';

import type { Channel } from '$lib/rpc/gen';

/** The picture of a medium. */
export function channelIcon(channel: Channel): typeof Phone {
  switch (channel) {
    case 'voice':
      return Phone;
    case 'chat':
      return MessageSquare;
    case 'task':
      return ClipboardList;
    case 'email':
      return Mail;
    default:
      return Contact;
  }
}

/** The picture of an offer. */
export const offerIcon = (channel: Channel): typeof Phone =>
  channel === 'voice' ? PhoneIncoming : channelIcon(channel);

/** The picture of a contact that did not come about. */
export function missedIcon(channel: Channel): typeof Phone {
  switch (channel) {
    case 'voice':
      return PhoneMissed;
    case 'chat':
      return MessageSquareOff;
    case 'task':
      return ClipboardX;
    case 'email':
      return MailWarning;
    default:
      return UserX;
  }
}
