import type { AccountView } from '$lib/rpc/gen';

/** Calls can be made through this account now. */
export const canDial = (account: AccountView): boolean =>
  (account.agent?.can_dial ?? false) &&
  (account.link.state === 'online' || account.link.state === 'degraded');
