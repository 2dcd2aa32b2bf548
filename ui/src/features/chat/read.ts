import type { Desk } from '$lib/desk/desk.svelte';
import type { ConversationView, Message } from '$lib/rpc/gen';

import { isOfOthers } from './thread';

/** Tells the core up to where the agent has read. */
export class ReadMark {
  #told: string | null = null;

  constructor(private readonly desk: Desk) {}

  /** Everything up to the message `seen` was in view. */
  tell(view: ConversationView, messages: readonly Message[], seen: string): void {
    const upTo = messages.findLastIndex((message) => message.id === seen);
    const last = messages.slice(0, upTo + 1).findLast(isOfOthers);
    if (!last || last.id === this.#told || last.id === view.read_up_to) return;
    const before = messages.findIndex((message) => message.id === view.read_up_to);
    if (before >= 0 && messages.indexOf(last) < before) return;
    const { id } = last;
    this.#told = id;
    this.desk.call('conversation_read', { contact: view.key, message: id }).catch(() => {
      // Said again with the next look.
      if (this.#told === id) this.#told = null;
    });
  }
}
