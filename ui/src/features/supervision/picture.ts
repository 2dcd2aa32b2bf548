/** What is kept of one reading of the teams to the next. */
import type {
  AgentState,
  SupervisedAgent,
  SupervisedContact,
  SupervisedQueue,
  Supervision,
  SupervisionPart,
  WaitingContact,
} from '$lib/rpc/gen';

/** The teams as last read, each list with the time it is from. */
export interface Picture {
  agents: SupervisedAgent[];
  queues: SupervisedQueue[];
  contacts: SupervisedContact[];
  /** When a list was read; `null`: it never was. */
  read: Record<SupervisionPart, number | null>;
  /** Lists that could not be read the last time. */
  missing: SupervisionPart[];
  at: number;
}

/** Somebody who waits, told from others: platforms give them no id. */
export interface Waiting extends WaitingContact {
  key: string;
}

/** Milliseconds between two readings by which a time that did not change may differ: clocks are set against each other. */
const jitter = 2000;
const steadyTime = (before: number | null | undefined, now: number | null): number | null =>
  before !== null && before !== undefined && now !== null && Math.abs(now - before) < jitter ? before : now;

const sameState = (a: AgentState, b: AgentState): boolean =>
  a.id === b.id && a.kind === b.kind && a.name === b.name && a.activity === b.activity;

const by = <T, K>(list: readonly T[] | undefined, key: (one: T) => K): Map<K, T> =>
  new Map(list?.map((one) => [key(one), one]));

/** One entry an id: what a platform tells twice would stand in the page twice. */
const once = <T extends { id: string }>(list: readonly T[]): T[] => [...by(list, (one) => one.id).values()];

/** Who waits in a queue, each with a key that stays theirs from one reading to the next. */
export function waitingIn(queue: SupervisedQueue): Waiting[] {
  const seen: Record<string, number> = Object.create(null) as Record<string, number>;
  return queue.waiting.map((one) => {
    const who = JSON.stringify([one.customer.name, one.customer.address, one.kind]);
    seen[who] = (seen[who] ?? 0) + 1;
    return { ...one, key: `${who} ${seen[who]}` };
  });
}

function steadyQueue(before: SupervisedQueue | undefined, now: SupervisedQueue): SupervisedQueue {
  const known = by(before ? waitingIn(before) : [], (one) => one.key);
  const waiting = waitingIn(now).map(({ key, ...one }) => ({
    ...one,
    since: steadyTime(known.get(key)?.since, one.since),
  }));
  return { ...now, waiting };
}

/**
 * What was just read, with what did not change left as it was: a list that could not be read keeps what it held, and a
 * time that is only measured a little differently does not make a timer jump or rows change places.
 */
export function following(before: Picture | null, now: Supervision): Picture {
  const missing = (part: SupervisionPart): boolean => now.missing.includes(part);
  const agents = by(before?.agents, (one) => one.id);
  const queues = by(before?.queues, (one) => one.id);
  const contacts = by(before?.contacts, (one) => one.id);
  const readAt = (part: SupervisionPart): number | null =>
    missing(part) ? (before?.read[part] ?? null) : now.at;
  const kept = <T>(part: SupervisionPart, old: T[] | undefined, fresh: T[]): T[] =>
    missing(part) && before?.read[part] ? (old ?? fresh) : fresh;
  return {
    agents: kept(
      'agents',
      before?.agents,
      once(now.agents).map((one) => {
        const old = agents.get(one.id);
        if (!old || !sameState(old.state, one.state)) return one;
        return { ...one, state: { ...one.state, since: steadyTime(old.state.since, one.state.since) } };
      }),
    ),
    queues: kept(
      'waiting',
      before?.queues,
      once(now.queues).map((one) => steadyQueue(queues.get(one.id), one)),
    ),
    contacts: kept(
      'contacts',
      before?.contacts,
      once(now.contacts).map((one) => ({
        ...one,
        since: steadyTime(contacts.get(one.id)?.since, one.since),
      })),
    ),
    read: { agents: readAt('agents'), waiting: readAt('waiting'), contacts: readAt('contacts') },
    missing: now.missing,
    at: now.at,
  };
}

/** How many wait in all queues. */
export const waitingCount = (queues: readonly SupervisedQueue[]): number =>
  queues.reduce((sum, queue) => sum + queue.waiting.length, 0);

/** Since when the first of those waits; `null`: nobody does, or the platform does not say. */
export const longestWait = (waiting: readonly WaitingContact[]): number | null =>
  waiting.reduce<number | null>(
    (first, one) => (one.since !== null && (first === null || one.since < first) ? one.since : first),
    null,
  );
