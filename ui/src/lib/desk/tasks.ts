import type { AccountView } from '$lib/rpc/gen';

/** The account's platform lets the agent make tasks, and the agent is signed in there. */
export const canCreateTask = (account: AccountView): boolean =>
  account.capabilities.includes('create_task') &&
  account.agent !== null &&
  (account.link.state === 'online' || account.link.state === 'degraded');
