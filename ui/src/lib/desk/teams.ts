/** Which accounts have teams to supervise and lists to take work from. */
import type { AccountView, WorkItem } from '$lib/rpc/gen';

/** The account's connection serves commands. */
export const isUp = ({ link }: AccountView): boolean => link.state === 'online' || link.state === 'degraded';

/** The platform shows supervisors their teams, and the agent supervises one there. */
export const canSupervise = (account: AccountView): boolean =>
  account.capabilities.includes('supervision') && (account.agent?.supervises.length ?? 0) > 0;

/** There are lists to take work from. */
export const hasLists = (account: AccountView): boolean => account.work_lists.length > 0;

/** What nobody has taken yet, of the lists that the agent is told of. */
export const openWork = (accounts: readonly AccountView[]): WorkItem[] =>
  accounts
    .flatMap((account) => account.work_lists.filter((list) => list.subscribed))
    .flatMap((list) => list.items.filter((item) => !item.taken));
