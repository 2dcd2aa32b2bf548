import type { Desk } from '$lib/desk/desk.svelte';
import { keyText } from '$lib/desk/patch';
import type { Way } from '$lib/desk/place.svelte';
import type { ContactKey } from '$lib/rpc/gen';

/** The longest note to whoever takes a contact, characters; the core has the same. */
export const noteLimit = 1000;

/** A note as far as it is written. */
interface Note {
  text: string;
}
const notes = new WeakMap<Desk, Record<string, Note>>();

/** The note for a colleague who is brought to a contact that way: there again when the sheet opens anew, until it is sent. */
export function noteOf(desk: Desk, contact: ContactKey, way: Way): Note {
  const mine = notes.get(desk) ?? {};
  notes.set(desk, mine);
  const key = `${way} ${keyText(contact)}`;
  const kept = mine[key];
  if (kept !== undefined) return kept;
  const note = $state<Note>({ text: '' });
  mine[key] = note;
  return note;
}
