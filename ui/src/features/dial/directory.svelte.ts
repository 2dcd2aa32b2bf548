import type { Desk } from '$lib/desk/desk.svelte';
import { Pages } from '$lib/desk/pages.svelte';
import type { AccountId, ContactId, Endpoint, EndpointPage } from '$lib/rpc/gen';

/** The platform's directory (quick connects), page by page. */
export class Directory extends Pages<Endpoint, string, EndpointPage> {
  /** False: the platform did not give all of its list. */
  complete = $state(true);
  search = $state('');

  constructor(
    private readonly desk: Desk,
    private readonly account: AccountId,
    private readonly contact: ContactId | null,
  ) {
    super();
  }

  /** Searches once the agent stops typing. */
  look(search: string): void {
    this.search = search;
    this.later();
  }

  protected override read(after: string | null): Promise<EndpointPage> {
    const { account, contact } = this;
    return this.desk.call('endpoint_list', { account, contact, search: this.search.trim(), after });
  }

  protected override idOf(item: Endpoint): string {
    return item.id;
  }

  protected override took(page: EndpointPage, fresh: number, first: boolean): void {
    this.complete = (first || this.complete) && page.complete;
    // A list that changed meanwhile may begin again: without anything new it is at its end.
    if (!first && fresh === 0) this.end();
  }
}
