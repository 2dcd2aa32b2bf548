/** In which order agents and conversations stand, and which are shown. */
import { stateMark, stateWords, type Mark } from '$features/agent-state/words';
import { customerTitle } from '$lib/format';
import { language } from '$lib/i18n';
import type { SupervisedAgent, SupervisedContact, TeamId } from '$lib/rpc/gen';

/** By what agents are sorted. */
export type Sort = 'name' | 'state' | 'longest';
/** Whose agents are shown: all, those of one team, or those whose team the platform does not say. */
export type TeamFilter = 'all' | 'none' | { team: TeamId };

/** Who can take something stands first, who is away last; what failed needs somebody to look at it. */
const ranks: Record<Mark, number> = { trouble: 0, ready: 1, busy: 2, wrap_up: 3, paused: 4, off: 5 };

/** The longest first; what is not known last. */
const longest = (a: number | null, b: number | null): number =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : a - b;

/** Never 0 for two different ones: equal rows keep their places from one reading to the next. */
const byName = (a: SupervisedAgent, b: SupervisedAgent): number =>
  language.collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);

const orders: Record<Sort, (a: SupervisedAgent, b: SupervisedAgent) => number> = {
  name: byName,
  state: (a, b) =>
    ranks[stateMark(a.state)] - ranks[stateMark(b.state)] ||
    language.collator.compare(stateWords(a.state), stateWords(b.state)) ||
    byName(a, b),
  longest: (a, b) => longest(a.state.since, b.state.since) || byName(a, b),
};

/** Agents in order. */
export const sorted = (agents: readonly SupervisedAgent[], sort: Sort): SupervisedAgent[] =>
  agents.toSorted(orders[sort]);

/** Conversations, the longest first. */
export const longestFirst = (contacts: readonly SupervisedContact[]): SupervisedContact[] =>
  contacts.toSorted(
    (a, b) =>
      longest(a.since, b.since) ||
      language.collator.compare(customerTitle(a.customer), customerTitle(b.customer)) ||
      (a.id < b.id ? -1 : 1),
  );

/** Those of the team whose names have all of the words. */
export function matching(
  agents: readonly SupervisedAgent[],
  team: TeamFilter,
  search: string,
): SupervisedAgent[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return agents.filter((agent) => {
    if (team === 'none' && agent.team !== null) return false;
    if (typeof team === 'object' && agent.team !== team.team) return false;
    const name = agent.name.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

/** What stood there stays where it is, what is new follows: no row moves under the pointer that is about to press it. */
export function heldIn<T extends { id: string }>(places: readonly string[], list: readonly T[]): T[] {
  const known = new Map(list.map((one) => [one.id, one]));
  const there = places.flatMap((id) => known.get(id) ?? []);
  const held = new Set(places);
  return [...there, ...list.filter((one) => !held.has(one.id))];
}

/** The order of a list that is read anew while somebody points at it. */
export class HeldOrder {
  #places: string[] = [];
  #way = '';

  /** `held`: somebody points at it. `way`: how it is sorted and searched; another way is shown at once. */
  of<T extends { id: string }>(list: T[], held: boolean, way: string): T[] {
    const order = held && way === this.#way ? heldIn(this.#places, list) : list;
    this.#places = order.map((one) => one.id);
    this.#way = way;
    return order;
  }
}
