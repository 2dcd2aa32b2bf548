import { webAddress } from '$lib/web';

import type { Desk } from './desk.svelte';

/** What became of an address that was to be opened. */
export type Followed = 'opened' | 'copied' | 'failed';

/** Opens an address in the system's browser; where there is none, it can be taken along. */
export async function follow(desk: Desk, href: string): Promise<Followed> {
  const address = webAddress(href);
  if (address === null) return 'failed';
  try {
    await desk.call('link_open', { address });
    return 'opened';
  } catch {
    // Copied below.
  }
  try {
    await navigator.clipboard.writeText(address);
    return 'copied';
  } catch {
    return 'failed';
  }
}
