/** From messages to what the transcript shows. Nothing here decides; it groups. */
import type { Author, Message } from '$lib/rpc/gen';

/** Messages of one author that follow each other within this time stand together, milliseconds. */
export const togetherWithin = 5 * 60_000;
/**
 * How many messages are rendered at least, how many more each time further up is asked for, how many each time one
 * scrolls there, so that no frame takes long, how many at most, and in steps of how many the upper end moves on
 * while the end is followed: with each step some are taken away, and not with each message.
 */
export const window = { first: 40, more: 80, glide: 10, most: 240, step: 20 };
/** Messages in one block: what changes in it is looked at whole. */
const together = 20;

/** One line or block of the transcript. `from`: place of its first message among all. */
export type Item =
  | { kind: 'day'; id: string; from: number; at: number }
  /** What the agent has not seen begins below. */
  | { kind: 'unread'; id: string; from: number }
  | { kind: 'event'; id: string; from: number; message: Message }
  | {
      kind: 'group';
      id: string;
      from: number;
      author: Author;
      own: boolean;
      at: number;
      messages: Message[];
    };

const sameAuthor = (a: Author, b: Author): boolean => a.role === b.role && a.name === b.name;
/** What is said of both above them is the same: who may see it, and on which way it went. */
const alike = (a: Message | undefined, b: Message): boolean =>
  a?.internal === b.internal && a.line === b.line;

/** Says of times in order whether a new day has begun; asks the calendar once a day, not once a message. */
function days(): (at: number) => boolean {
  let begins = 0;
  let ends = 0;
  return (at) => {
    if (begins <= at && at < ends) return false;
    const day = new Date(at);
    day.setHours(0, 0, 0, 0);
    begins = day.getTime();
    day.setDate(day.getDate() + 1);
    ends = day.getTime();
    return true;
  };
}

/**
 * Messages in order as items. `unread`: id of the first message that the agent has not seen. `before`: the
 * items of the last time; those that are as they were keep their identity, so that what shows them rests.
 */
export function thread(
  messages: readonly Message[],
  unread: string | null,
  before: readonly Item[] = [],
): Item[] {
  const items: Item[] = [];
  const isNewDay = days();
  // Where a block follows a block, one begins for good: when older messages come, what is there rests.
  const begins = new Set<string>();
  for (const [at, item] of before.entries())
    if (item.kind === 'group' && before[at - 1]?.kind === 'group') begins.add(item.id);
  for (const [from, message] of messages.entries()) {
    if (isNewDay(message.at)) items.push({ kind: 'day', id: `day ${message.id}`, from, at: message.at });
    if (message.id === unread) items.push({ kind: 'unread', id: 'unread', from });
    if (message.body.kind === 'event') {
      items.push({ kind: 'event', id: `event ${message.id}`, from, message });
      continue;
    }
    const last = items.at(-1);
    if (
      last?.kind === 'group' &&
      last.messages.length < together &&
      !begins.has(`group ${message.id}`) &&
      sameAuthor(last.author, message.author) &&
      alike(last.messages[0], message) &&
      message.at - (last.messages.at(-1)?.at ?? last.at) <= togetherWithin
    ) {
      last.messages.push(message);
    } else {
      items.push({
        kind: 'group',
        id: `group ${message.id}`,
        from,
        author: message.author,
        own: message.author.role === 'me',
        at: message.at,
        messages: [message],
      });
    }
  }
  const known = new Map(before.map((item) => [item.id, item]));
  return items.map((item) => {
    const old = known.get(item.id);
    // Its place moves with what comes above it; nothing that is shown of it does.
    return old !== undefined && isSame(old, item) ? Object.assign(old, { from: item.from }) : item;
  });
}

function isSame(a: Item, b: Item): boolean {
  if (a.kind === 'event' && b.kind === 'event') return a.message === b.message;
  if (a.kind === 'group' && b.kind === 'group')
    return a.messages.length === b.messages.length && a.messages.every((one, at) => one === b.messages[at]);
  if (a.kind === 'day' && b.kind === 'day') return a.at === b.at;
  return a.kind === 'unread' && b.kind === 'unread';
}

/** The items from the one on in which the message at `start` stands; none that begins at `end` or later. */
export function itemsFrom(items: readonly Item[], start: number, end = Infinity): Item[] {
  const first = items.findLastIndex((item) => item.from <= start);
  // What stands above that message (its day, the mark) belongs to it.
  let at = Math.max(0, first);
  while (at > 0 && items[at - 1]?.from === items[at]?.from) at -= 1;
  const beyond = items.findIndex((item) => item.from >= end);
  return items.slice(at, beyond < 0 ? undefined : beyond);
}

/** Somebody else's words: what can be unread. */
export const isOfOthers = (message: Message): boolean =>
  message.author.role !== 'me' && message.body.kind !== 'event';

/** The first of the `count` newest messages of others; `null`: none is unread. */
export function firstUnread(messages: readonly Message[], count: number): string | null {
  let left = count;
  let first: string | null = null;
  for (let at = messages.length - 1; at >= 0 && left > 0; at -= 1) {
    const message = messages[at];
    if (message && isOfOthers(message)) {
      first = message.id;
      left -= 1;
    }
  }
  return first;
}

/** How many messages of others stand below the one with this id. */
export function below(messages: readonly Message[], id: string | null): number {
  const at = id === null ? -1 : messages.findLastIndex((message) => message.id === id);
  return at < 0 ? 0 : messages.slice(at + 1).filter(isOfOthers).length;
}

/**
 * The first message to render. `top`: the one that was first until now, `null` for as few as possible;
 * `further`: the agent wants that many more.
 */
export function windowStart(messages: readonly Message[], top: string | null, further = 0): number {
  const fresh = Math.floor(Math.max(0, messages.length - window.first) / window.step) * window.step;
  const known = top === null ? -1 : messages.findIndex((message) => message.id === top);
  return Math.max(0, (known < 0 ? fresh : known) - further);
}

/** The place after the last message to render. `bottom`: the one that is last; `null`: all to the end. */
export function windowEnd(messages: readonly Message[], bottom: string | null): number {
  const known = bottom === null ? -1 : messages.findLastIndex((message) => message.id === bottom);
  return known < 0 ? messages.length : known + 1;
}

/** How the conversation stands for what is shown at its messages. */
export interface Standing {
  /** They came or went on several ways. */
  several: boolean;
  /** Place after the agent's last words to the customer: what stands from there on is not answered yet. */
  open: number;
}

const isAnswer = ({ author, internal, body }: Message): boolean =>
  author.role === 'me' && !internal && body.kind !== 'event' && body.kind !== 'removed';

/** Works that out in one go. */
export function standing(messages: readonly Message[]): Standing {
  let line: string | null = null;
  let several = false;
  let open = 0;
  for (const [at, message] of messages.entries()) {
    if (isAnswer(message)) open = at + 1;
    if (message.line === null) continue;
    several ||= line !== null && line !== message.line;
    line = message.line;
  }
  return { several, open };
}
