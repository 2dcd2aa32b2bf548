/** From messages to what the transcript shows. Nothing here decides; it groups. */
import type { Author, Message } from '$lib/rpc/gen';

/** Messages of one author that follow each other within this time stand together, milliseconds. */
export const togetherWithin = 5 * 60_000;
/** How many messages are rendered at first, and how many more each time further up is wanted. */
export const window = { first: 200, more: 100, most: 300 };

/** One line or block of the transcript. */
export type Item =
  | { kind: 'day'; id: string; at: number }
  /** What the agent has not seen begins below. */
  | { kind: 'unread'; id: string }
  | { kind: 'event'; id: string; message: Message }
  | { kind: 'group'; id: string; author: Author; own: boolean; at: number; messages: Message[] };

const sameAuthor = (a: Author, b: Author): boolean => a.role === b.role && a.name === b.name;
const dayOf = (at: number): string => new Date(at).toDateString();

/** Messages in order as items. `unread`: id of the first message that the agent has not seen. */
export function thread(messages: readonly Message[], unread: string | null): Item[] {
  const items: Item[] = [];
  let day = '';
  for (const message of messages) {
    const today = dayOf(message.at);
    if (today !== day) {
      day = today;
      items.push({ kind: 'day', id: `day ${today} ${message.id}`, at: message.at });
    }
    if (message.id === unread) items.push({ kind: 'unread', id: 'unread' });
    if (message.body.kind === 'event') {
      items.push({ kind: 'event', id: `event ${message.id}`, message });
      continue;
    }
    const last = items.at(-1);
    if (
      last?.kind === 'group' &&
      sameAuthor(last.author, message.author) &&
      message.at - (last.messages.at(-1)?.at ?? last.at) <= togetherWithin
    ) {
      last.messages.push(message);
    } else {
      items.push({
        kind: 'group',
        id: `group ${message.id}`,
        author: message.author,
        own: message.author.role === 'me',
        at: message.at,
        messages: [message],
      });
    }
  }
  return items;
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
  const fresh = Math.max(0, messages.length - window.first);
  const known = top === null ? -1 : messages.findIndex((message) => message.id === top);
  return Math.max(0, (known < 0 ? fresh : known) - further);
}
