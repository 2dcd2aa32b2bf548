import type { HistoryEntry } from '$lib/rpc/gen';

import { judge, type CountryCode } from './number';

/** One number of the history. */
export interface RecentNumber {
  e164: string;
  /** The newest entry with it. */
  entry: HistoryEntry;
}

/** The numbers of calls, newest first and each once. */
export function recentNumbers(
  entries: readonly HistoryEntry[],
  country: CountryCode,
  most = 20,
): RecentNumber[] {
  const found = new Map<string, RecentNumber>();
  for (const entry of entries) {
    const address = entry.customer.address?.trim() ?? '';
    if (entry.channel !== 'voice' || !/^\+?[\d\s().-]{5,24}$/.test(address)) continue;
    const verdict = judge(address.replace(/[^\d+]/g, ''), country);
    if (verdict.kind !== 'good' || found.has(verdict.e164)) continue;
    found.set(verdict.e164, { e164: verdict.e164, entry });
    if (found.size === most) break;
  }
  return [...found.values()];
}

/** Entries that may be read for {@link recentNumbers}. */
export const entriesRead = 100;
