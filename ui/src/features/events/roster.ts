import { language } from '$lib/i18n';
import type { RosterEntry } from '$lib/rpc/gen';

/** Somebody who is online, with what they are found by. */
export interface Present {
  entry: RosterEntry;
  words: string;
}

const byName = (a: RosterEntry, b: RosterEntry): number =>
  language.collator.compare(a.name, b.name) || (a.online_since ?? 0) - (b.online_since ?? 0);

/** By name, then who has been there longest; a list that is in order already is left alone. */
export function inOrder(entries: readonly RosterEntry[]): Present[] {
  const sorted = entries.every((entry, at) => at === 0 || byName(entries[at - 1] as RosterEntry, entry) <= 0);
  return (sorted ? entries : entries.toSorted(byName)).map((entry) => ({
    entry,
    words: [entry.name, entry.address, entry.user].join('\n').toLowerCase(),
  }));
}

/** Those who have all of the words in name, address or user id. */
export function matching(present: readonly Present[], search: string): RosterEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return present.filter((one) => words.every((word) => one.words.includes(word))).map((one) => one.entry);
}

/** How many different users there are; without an id the name stands for the user. */
export const people = (entries: readonly RosterEntry[]): number =>
  new Set(entries.map((entry) => (entry.user === null ? `name ${entry.name}` : `user ${entry.user}`))).size;

/** The user id is why this one was found: neither name nor address has the word. */
export function foundById({ name, address, user }: RosterEntry, search: string): boolean {
  const [word] = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    word !== undefined &&
    !name.toLowerCase().includes(word) &&
    !address?.toLowerCase().includes(word) &&
    (user?.toLowerCase().includes(word) ?? false)
  );
}
