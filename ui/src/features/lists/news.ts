/** What has come into the lists since they were last looked through. */
import type { AccountView, WorkItem, WorkList } from '$lib/rpc/gen';

/** Something new, to be said. */
export interface News {
  key: string;
  list: WorkList;
  item: WorkItem;
}

/**
 * Tells what is new from what was there. What a list holds when it is subscribed to is no news, and neither is what
 * was there when the page began.
 */
export class NewsOf {
  /** Items that are known, by list; only of lists that are subscribed to. */
  #known = new Map<string, ReadonlySet<string>>();

  /** What nobody has taken and nobody was told of. */
  next(accounts: readonly AccountView[]): News[] {
    const news: News[] = [];
    const known = new Map<string, ReadonlySet<string>>();
    for (const account of accounts) {
      for (const list of account.work_lists.filter((one) => one.subscribed)) {
        const of = JSON.stringify([account.id, list.id]);
        const before = this.#known.get(of);
        known.set(of, new Set(list.items.map((item) => item.id)));
        if (before === undefined) continue;
        for (const item of list.items)
          if (!before.has(item.id) && !item.taken)
            news.push({ key: JSON.stringify([account.id, list.id, item.id]), list, item });
      }
    }
    this.#known = known;
    return news;
  }
}
