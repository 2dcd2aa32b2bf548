import type { Change, ContactKey, DeskPatch, DeskSnapshot } from '$lib/rpc/gen';

/** A contact's key as one text, unique among all accounts. */
export const keyText = (key: ContactKey): string => JSON.stringify([key.account, key.contact]);

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
      return { ...desk, accounts: accounts.toSorted((a, b) => a.order - b.order) };
    }
    case 'account_gone':
      return {
        ...desk,
        accounts: desk.accounts.filter((a) => a.id !== change.value),
      };
    case 'contact': {
      const key = keyText(change.value.key);
      return { ...desk, contacts: upsert(desk.contacts, change.value, (c) => keyText(c.key) === key) };
    }
    case 'contact_gone': {
      const key = keyText(change.value);
      return { ...desk, contacts: desk.contacts.filter((c) => keyText(c.key) !== key) };
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

/** The desk after a patch, or `null` when the patch does not start where the desk is. */
export function applyPatch(desk: DeskSnapshot, patch: DeskPatch): DeskSnapshot | null {
  if (patch.from !== desk.revision) return null;
  return { ...patch.changes.reduce(applyChange, desk), revision: patch.to };
}
