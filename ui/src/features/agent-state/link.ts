import { m } from '$lib/i18n';
import type { Link, LinkState } from '$lib/rpc/gen';

const states: Record<LinkState, () => string> = {
  signed_out: m.link_signed_out,
  needs_sign_in: m.link_needs_sign_in,
  connecting: m.link_connecting,
  online: m.link_online,
  degraded: m.link_degraded,
  offline: m.link_offline,
  refused: m.link_refused,
};

/** How an account's connection stands, in words. */
export const linkWords = (state: LinkState): string => states[state]();

/** Whether only the agent can bring it back, by signing in. */
export const needsSignIn = (link: Link): boolean =>
  link.state === 'signed_out' || link.state === 'needs_sign_in' || link.state === 'refused';
