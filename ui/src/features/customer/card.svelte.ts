import type { Desk } from '$lib/desk/desk.svelte';
import { toRpcError } from '$lib/host/host';
import type { ContactKey, CustomerCard, RpcError } from '$lib/rpc/gen';

/**
 * The customer of a contact, as the platform keeps them.
 *
 * | from    | input           | to      |
 * | ------- | --------------- | ------- |
 * | any     | read            | loading (what is shown stays until the answer is there) |
 * | loading | answer          | ready   |
 * | loading | failure         | failed (what was shown may be somebody else's: it goes) |
 *
 * Only the newest question counts: an answer to an older one is dropped.
 */
export class CustomerReading {
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  card = $state.raw<CustomerCard | null>(null);
  error = $state.raw<RpcError | null>(null);
  #round = 0;

  constructor(
    private readonly desk: Desk,
    private readonly contact: ContactKey,
  ) {}

  /** Reads them, or reads them again. */
  async read(): Promise<void> {
    const round = ++this.#round;
    this.state = 'loading';
    this.error = null;
    try {
      const card = await this.desk.call('contact_customer', { contact: this.contact });
      if (round !== this.#round) return;
      this.card = card;
      this.state = 'ready';
    } catch (reason) {
      if (round !== this.#round) return;
      this.card = null;
      this.error = toRpcError(reason);
      this.state = 'failed';
    }
  }
}
