import { characters } from '$features/dial/field';
import type { Desk } from '$lib/desk/desk.svelte';
import { Pages } from '$lib/desk/pages.svelte';
import type { AccountId, CustomerPage, CustomerRecord } from '$lib/rpc/gen';

/** Fewer characters find half of all customers. */
export const fewest = 2;

/** Customers found by words, page by page. */
export class CustomerSearch extends Pages<CustomerRecord, number, CustomerPage> {
  words = $state('');

  constructor(
    private readonly desk: Desk,
    private readonly account: AccountId,
  ) {
    super();
  }

  /** Searches once the agent stops typing. */
  look(words: string): void {
    this.words = words;
    if (characters(words) < fewest) this.clear();
    else this.later();
  }

  protected override read(page: number | null): Promise<CustomerPage> {
    const { account, words } = this;
    return this.desk.call('customer_find', { account, words: words.trim(), page: page ?? 0 });
  }

  protected override idOf(record: CustomerRecord): string | null {
    return record.id;
  }
}
