import type { Change, ContactKey, DeskPatch, DeskSnapshot, EventView, PlacedMessage } from '$lib/rpc/gen';

/** A contact's key as one text, unique among all accounts. */
export const keyText = (key: ContactKey): string => JSON.stringify([key.account, key.contact]);

/** Whether both name the same contact. */
export const sameContact = (a: ContactKey, b: ContactKey): boolean =>
  a.contact === b.contact && a.account === b.account;

/**
 * `next`, with every part of it that equals its part of `old` replaced by that one. Values come whole
 * with each patch (once a second in a call, for its statistics): what did not change keeps its
 * identity, and nothing that shows it is worked out anew.
 */
export function share<T>(old: unknown, next: T): T {
  if (Object.is(old, next)) return next;
  if (typeof old !== 'object' || typeof next !== 'object' || old === null || next === null) return next;
  if (Array.isArray(old) !== Array.isArray(next)) return next;
  const from = old as Record<string, unknown>;
  const to = next as Record<string, unknown>;
  const keys = Object.keys(to);
  let same = keys.length === Object.keys(from).length;
  const parts = keys.map((key): [string, unknown] => {
    const part = Object.hasOwn(from, key) ? share(from[key], to[key]) : to[key];
    same &&= Object.hasOwn(from, key) && Object.is(part, from[key]);
    return [key, part];
  });
  if (same) return old as T;
  return (Array.isArray(next) ? parts.map(([, part]) => part) : Object.fromEntries(parts)) as T;
}

/** Puts a whole value in place of the one with the same key, or at the end. */
function upsert<T>(list: readonly T[], value: T, same: (other: T) => boolean): T[] {
  const at = list.findIndex(same);
  return at < 0 ? [...list, value] : list.with(at, share(list[at], value));
}

function applyChange(desk: DeskSnapshot, change: Change): DeskSnapshot {
  switch (change.kind) {
    case 'account': {
      const accounts = upsert(desk.accounts, change.value, (a) => a.id === change.value.id);
      return { ...desk, accounts: accounts.toSorted((a, b) => a.order - b.order || compare(a.id, b.id)) };
    }
    case 'account_gone':
      return {
        ...desk,
        accounts: desk.accounts.filter((a) => a.id !== change.value),
        events: desk.events.filter((e) => e.account !== change.value),
        rosters: desk.rosters.filter((r) => r.account !== change.value),
      };
    case 'contact': {
      const key = keyText(change.value.key);
      return { ...desk, contacts: upsert(desk.contacts, change.value, (c) => keyText(c.key) === key) };
    }
    case 'contact_gone': {
      const gone = change.value;
      return {
        ...desk,
        contacts: desk.contacts.filter((c) => !sameContact(c.key, gone)),
        conversations: desk.conversations.filter((c) => !sameContact(c.key, gone)),
        // A new list only where it loses something: what shows the others need not be worked out anew.
        messages: desk.messages.some((placed) => sameContact(placed.contact, gone))
          ? desk.messages.filter((placed) => !sameContact(placed.contact, gone))
          : desk.messages,
      };
    }
    case 'conversation': {
      const { key } = change.value;
      return {
        ...desk,
        conversations: upsert(desk.conversations, change.value, (c) => sameContact(c.key, key)),
      };
    }
    case 'message': {
      const { contact, message } = change.value;
      const same = (other: PlacedMessage): boolean =>
        other.message.id === message.id && sameContact(other.contact, contact);
      return { ...desk, messages: upsert(desk.messages, change.value, same) };
    }
    case 'event': {
      const { account, event } = change.value;
      const same = (other: EventView): boolean => other.event.id === event.id && other.account === account;
      return { ...desk, events: upsert(desk.events, change.value, same) };
    }
    case 'event_gone': {
      const { account, event } = change.value;
      return { ...desk, events: desk.events.filter((e) => e.event.id !== event || e.account !== account) };
    }
    case 'roster': {
      const others = desk.rosters.filter((r) => r.account !== change.value.account);
      const rosters = change.value.entries.length === 0 ? others : [...others, change.value];
      return { ...desk, rosters: rosters.toSorted((a, b) => compare(a.account, b.account)) };
    }
    case 'audio':
      return { ...desk, audio: share(desk.audio, change.value) };
    case 'notice':
      return { ...desk, notices: upsert(desk.notices, change.value, (n) => n.id === change.value.id) };
    case 'notice_gone':
      return { ...desk, notices: desk.notices.filter((n) => n.id !== change.value) };
    case 'limits':
      return { ...desk, limits: change.value };
    default:
      // A newer core's change: the snapshot asked for on the next gap will hold it.
      return desk;
  }
}

/** Many messages at once: a page of older ones in a conversation of thousands. */
function putMessages(known: readonly PlacedMessage[], come: readonly PlacedMessage[]): PlacedMessage[] {
  const text = ({ contact, message }: PlacedMessage): string =>
    `${contact.account}\n${contact.contact}\n${message.id}`;
  const news = new Map<string, PlacedMessage>();
  for (const placed of come) {
    const key = text(placed);
    news.set(key, share(news.get(key), placed));
  }
  // Texts are made of few: there are thousands, and the page runs without a compiler.
  const ids = new Set(come.map(({ message }) => message.id));
  const messages = [...known];
  for (const [at, old] of known.entries()) {
    if (!ids.has(old.message.id)) continue;
    const key = text(old);
    const placed = news.get(key);
    if (placed === undefined) continue;
    messages[at] = share(old, placed);
    news.delete(key);
  }
  messages.push(...news.values());
  return messages;
}

/** Changes in their order; messages that follow each other are put in at once. */
function applyChanges(desk: DeskSnapshot, changes: readonly Change[]): DeskSnapshot {
  let next = desk;
  for (let at = 0; at < changes.length;) {
    const run: PlacedMessage[] = [];
    for (let change = changes[at]; change?.kind === 'message'; change = changes[at + run.length])
      run.push(change.value);
    const change = changes[at];
    if (run.length > 1) next = { ...next, messages: putMessages(next.messages, run) };
    else if (change) next = applyChange(next, change);
    at += Math.max(1, run.length);
  }
  return next;
}

/** Upper and lower case apart, by code units: the same on every computer. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In order, and the same list where it is. Most of it is: what is not is put where it belongs. */
function sorted<T>(list: readonly T[], by: (a: T, b: T) => number): readonly T[] {
  const out = list.findIndex((one, at) => at > 0 && by(list[at - 1] as T, one) > 0);
  if (out < 0) return list;
  const pieces: T[][] = [];
  let from = 0;
  for (const one of list.slice(out).toSorted(by)) {
    let low = from;
    let high = out;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (by(list[middle] as T, one) <= 0) low = middle + 1;
      else high = middle;
    }
    pieces.push(list.slice(from, low), [one]);
    from = low;
  }
  pieces.push(list.slice(from, out));
  return pieces.flat();
}

/** Conversations in the contacts' order; their messages, too, and each by time, then by its order, then by arrival. */
function inOrder(desk: DeskSnapshot): DeskSnapshot {
  const places = new Map(desk.contacts.map((view, at) => [keyText(view.key), at]));
  // One text a contact, not one a message: there may be thousands.
  const known = new Map<string, Map<string, number>>();
  const placeOf = ({ account, contact }: ContactKey): number => {
    let ofAccount = known.get(account);
    if (!ofAccount) known.set(account, (ofAccount = new Map()));
    let place = ofAccount.get(contact);
    if (place === undefined) {
      place = places.get(keyText({ account, contact })) ?? -1;
      ofAccount.set(contact, place);
    }
    return place;
  };
  const byPlace = (a: PlacedMessage, b: PlacedMessage): number =>
    placeOf(a.contact) - placeOf(b.contact) ||
    a.message.at - b.message.at ||
    a.message.order - b.message.order ||
    a.arrival - b.arrival;
  return {
    ...desk,
    conversations: desk.conversations.toSorted((a, b) => placeOf(a.key) - placeOf(b.key)),
    messages: sorted(desk.messages, byPlace) as PlacedMessage[],
  };
}

/** The desk after a patch, or `null` when the patch does not start where the desk is. */
export function applyPatch(desk: DeskSnapshot, patch: DeskPatch): DeskSnapshot | null {
  if (patch.from !== desk.revision) return null;
  const next = applyChanges(desk, patch.changes);
  // Once a patch: a page of older messages comes as one. What only left keeps its order.
  const moved = patch.changes.some((change) => change.kind === 'message' || change.kind === 'conversation');
  return { ...(moved ? inOrder(next) : next), revision: patch.to };
}
