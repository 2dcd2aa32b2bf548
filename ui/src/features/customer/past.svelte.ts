import type { Desk } from '$lib/desk/desk.svelte';
import { toRpcError } from '$lib/host/host';
import type { ContactKey, Message, PastMessage, RpcError } from '$lib/rpc/gen';

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
export class PastPages {
  conversations = $state.raw<PastConversation[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Pages after these: none, one to be had, on its way, or it failed. */
  further = $state<'none' | 'there' | 'loading' | 'failed'>('none');
  /** Why the first page failed. */
  error = $state.raw<RpcError | null>(null);
  #next: number | null = null;

  constructor(
    private readonly desk: Desk,
    private readonly contact: ContactKey,
  ) {}

  /** Reads the first page. */
  async read(): Promise<void> {
    this.state = 'loading';
    this.error = null;
    try {
      await this.#take(0);
      this.state = 'ready';
    } catch (reason) {
      this.error = toRpcError(reason);
      this.state = 'failed';
    }
  }

  /** Reads the page after those that are there. */
  async next(): Promise<void> {
    if (this.#next === null || this.further === 'loading') return;
    this.further = 'loading';
    try {
      await this.#take(this.#next);
    } catch {
      this.further = 'failed';
    }
  }

  async #take(number: number): Promise<void> {
    const page = await this.desk.call('contact_past', { contact: this.contact, page: number });
    this.conversations = withItems(this.conversations, page.items);
    this.#next = page.next;
    this.further = page.next === null ? 'none' : 'there';
  }
}
