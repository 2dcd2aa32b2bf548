import type { Change, ContactKey, DeskPatch, DeskSnapshot } from '$lib/rpc/gen';

/** A contact's key as one text, unique among all accounts. */
export const keyText = (key: ContactKey): string => JSON.stringify([key.account, key.contact]);

/** Puts a whole value in place of the one with the same key, or at the end. */
function upsert<T>(list: readonly T[], value: T, same: (other: T) => boolean): T[] {
  const at = list.findIndex(same);
  return at < 0 ? [...list, value] : list.with(at, value);
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
      return { ...desk, audio: change.value };
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
