import type { Desk } from '$lib/desk/desk.svelte';
import { Pages } from '$lib/desk/pages.svelte';
import type { ContactKey, Message, PastMessage, PastPage } from '$lib/rpc/gen';

/** An earlier conversation, as far as it has been read. */
export interface PastConversation {
  id: string;
  /** In order. */
  messages: Message[];
}

/**
 * Earlier conversations with items put in that are newest first. One that goes on on the next page is one all the
 * same; what is there already is not put in twice.
 */
export function withItems(
  before: readonly PastConversation[],
  items: readonly PastMessage[],
): PastConversation[] {
  const all = before.map((one) => ({ ...one, messages: [...one.messages] }));
  for (const { conversation, message } of items) {
    let mine = all.find((one) => one.id === conversation);
    if (!mine) all.push((mine = { id: conversation, messages: [] }));
    if (!mine.messages.some((one) => one.id === message.id)) mine.messages.unshift(message);
  }
  // What did not change keeps its identity, so that what shows it rests.
  return all.map((one) => {
    const old = before.find((other) => other.id === one.id);
    if (old?.messages.length === one.messages.length) return old;
    return { ...one, messages: one.messages.toSorted((a, b) => a.at - b.at || a.order - b.order) };
  });
}

/** The earlier conversations of a contact's customer, page by page, newest first. */
export class PastPages extends Pages<PastMessage, number, PastPage> {
  conversations = $state.raw<PastConversation[]>([]);

  constructor(
    private readonly desk: Desk,
    private readonly contact: ContactKey,
  ) {
    super();
  }

  protected override read(page: number | null): Promise<PastPage> {
    return this.desk.call('contact_past', { contact: this.contact, page: page ?? 0 });
  }

  protected override idOf({ conversation, message }: PastMessage): string {
    return JSON.stringify([conversation, message.id]);
  }

  protected override took(page: PastPage, _fresh: number, first: boolean): void {
    this.conversations = withItems(first ? [] : this.conversations, page.items);
  }
}
