import Activity from '@lucide/svelte/icons/activity';
import Blocks from '@lucide/svelte/icons/blocks';
import IdCard from '@lucide/svelte/icons/id-card';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Phone from '@lucide/svelte/icons/phone';
import UserCog from '@lucide/svelte/icons/user-cog';

import { m } from '$lib/i18n';
import type { EventSort } from '$lib/rpc/gen';

/** In the order shown. */
export const sorts: readonly EventSort[] = [
  'screen_pop',
  'third_party',
  'status',
  'call',
  'message',
  'other',
];

const words: Record<EventSort, () => string> = {
  screen_pop: m.event_sort_screen_pop,
  third_party: m.event_sort_third_party,
  status: m.event_sort_status,
  call: m.event_sort_call,
  message: m.event_sort_message,
  other: m.event_sort_other,
};

/** What events of a sort are called together. */
export const sortWords = (sort: EventSort): string => words[sort]();

const icons: Record<EventSort, typeof Phone> = {
  screen_pop: IdCard,
  third_party: Blocks,
  status: UserCog,
  call: Phone,
  message: MessageSquare,
  other: Activity,
};

/** The picture of a sort. */
export const sortIcon = (sort: EventSort): typeof Phone => icons[sort];
