import type { Desk } from '$lib/desk/desk.svelte';
import { toRpcError } from '$lib/host/host';
import type { AccountId, CannedMessage, RpcError } from '$lib/rpc/gen';

/**
 * The canned messages of an account.
 *
 * | from         | input  | to      |
 * | ------------ | ------ | ------- |
 * | idle, failed | read   | loading |
 * | loading      | answer | ready   |
 * | loading      | failure | failed |
 */
export class CannedMessages {
  state = $state<'idle' | 'loading' | 'ready' | 'failed'>('idle');
  items = $state.raw<CannedMessage[]>([]);
  error = $state.raw<RpcError | null>(null);

  constructor(
    private readonly desk: Desk,
    private readonly account: AccountId,
  ) {}

  /** Reads them, unless they are there or on their way. */
  async read(): Promise<void> {
    if (this.state === 'loading' || this.state === 'ready') return;
    this.state = 'loading';
    this.error = null;
    try {
      this.items = await this.desk.call('canned_messages', { account: this.account });
      this.state = 'ready';
    } catch (reason) {
      this.error = toRpcError(reason);
      this.state = 'failed';
    }
  }
}

// Read once for all conversations of an account: they are many, and change seldom.
const kept = new WeakMap<Desk, Record<AccountId, CannedMessages>>();

/** Those of one account. */
export function cannedOf(desk: Desk, account: AccountId): CannedMessages {
  const mine = kept.get(desk) ?? {};
  kept.set(desk, mine);
  return (mine[account] ??= new CannedMessages(desk, account));
}
