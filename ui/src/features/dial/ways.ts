/** Why a colleague is brought to a contact: the command for it, and its words. */
import Forward from '@lucide/svelte/icons/forward';
import LifeBuoy from '@lucide/svelte/icons/life-buoy';
import UserPlus from '@lucide/svelte/icons/user-round-plus';

import type { Way } from '$lib/desk/place.svelte';
import { m } from '$lib/i18n';
import type { Channel, ContactAction } from '$lib/rpc/gen';

interface Words {
  action: ContactAction;
  command: 'contact_transfer' | 'contact_add_party' | 'contact_consult';
  icon: typeof Forward;
  title: (channel: Channel | undefined) => string;
  hint: () => string;
  /** For the field of the note. */
  note: () => string;
  act: () => string;
  named: (of: { name: string }) => string;
  busy: () => string;
  failed: () => string;
  uncertain: () => string;
  impossible: () => string;
  /** Said once it is asked for, where the contact stays. */
  done: ((of: { name: string }) => string) | null;
}

function transferTitle(channel: Channel | undefined): string {
  switch (channel) {
    case 'chat':
      return m.hand_over_title_chat();
    case 'task':
      return m.hand_over_title_task();
    case 'email':
      return m.hand_over_title_email();
    default:
      return m.hand_over_title_other();
  }
}

/** By way. */
export const ways: Record<Way, Words> = {
  transfer: {
    action: 'transfer',
    command: 'contact_transfer',
    icon: Forward,
    title: transferTitle,
    hint: m.hand_over_hint,
    note: m.note_transfer,
    act: m.hand_over,
    named: m.hand_over_to,
    busy: m.hand_over_busy,
    failed: m.hand_over_failed,
    uncertain: m.hand_over_uncertain,
    impossible: m.hand_over_not_possible,
    done: null,
  },
  add: {
    action: 'add_party',
    command: 'contact_add_party',
    icon: UserPlus,
    title: m.add_colleague_title,
    hint: m.add_colleague_hint,
    note: m.note_add,
    act: m.add_colleague,
    named: m.add_colleague_named,
    busy: m.add_colleague_busy,
    failed: m.add_colleague_failed,
    uncertain: m.add_colleague_uncertain,
    impossible: m.add_colleague_not_possible,
    done: m.add_colleague_done,
  },
  consult: {
    action: 'consult',
    command: 'contact_consult',
    icon: LifeBuoy,
    title: m.ask_advice_title,
    hint: m.ask_advice_hint,
    note: m.note_consult,
    act: m.ask_advice,
    named: m.ask_advice_named,
    busy: m.ask_advice_busy,
    failed: m.ask_advice_failed,
    uncertain: m.ask_advice_uncertain,
    impossible: m.ask_advice_not_possible,
    done: m.ask_advice_done,
  },
};
