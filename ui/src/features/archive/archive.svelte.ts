import type { Desk } from '$lib/desk/desk.svelte';
import { Pages } from '$lib/desk/pages.svelte';
import type {
  AccountId,
  ArchivedContact,
  ArchivePage,
  ContactKey,
  PastMessage,
  PastPage,
} from '$lib/rpc/gen';

/** Where in the archive the agent was: whoever comes back finds the same. */
export class ArchiveView {
  /** The archive is wanted, not what is kept on this computer. */
  wanted = $state(false);
  account = $state<AccountId | null>(null);
  /** What is searched, by account. */
  readonly words: Record<AccountId, string> = $state({});
}
const views = new WeakMap<Desk, ArchiveView>();

/** One a desk. */
export function viewOf(desk: Desk): ArchiveView {
  const view = views.get(desk) ?? new ArchiveView();
  views.set(desk, view);
  return view;
}

/** Contacts that are over at the platform of an account, newest first. */
export class Archive extends Pages<ArchivedContact, number, ArchivePage> {
  constructor(
    private readonly desk: Desk,
    private readonly view: ArchiveView,
    private readonly account: AccountId,
  ) {
    super();
  }

  /** What is searched; empty: all. */
  get words(): string {
    return this.view.words[this.account] ?? '';
  }

  /** Searches once the agent stops typing. */
  look(words: string): void {
    this.view.words[this.account] = words;
    this.later();
  }

  protected override read(page: number | null): Promise<ArchivePage> {
    const { account, words } = this;
    return this.desk.call('archive', { account, words: words.trim(), page: page ?? 0 });
  }

  protected override idOf(contact: ArchivedContact): string {
    return contact.id;
  }
}

/** What was said in a contact that is over, page by page, newest first. */
export class ArchivedTalk extends Pages<PastMessage, number, PastPage> {
  /** In the order in which they were said. */
  readonly messages = $derived(
    this.items.map((item) => item.message).toSorted((a, b) => a.at - b.at || a.order - b.order),
  );

  constructor(
    private readonly desk: Desk,
    private readonly contact: ContactKey,
  ) {
    super();
  }

  protected override read(page: number | null): Promise<PastPage> {
    return this.desk.call('archive_messages', { contact: this.contact, page: page ?? 0 });
  }

  protected override idOf({ message }: PastMessage): string {
    return message.id;
  }
}
