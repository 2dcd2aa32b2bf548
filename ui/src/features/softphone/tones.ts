import type { Desk } from '$lib/desk/desk.svelte';
import type { ConnectionId, ContactKey } from '$lib/rpc/gen';

/** Keys of the keypad. */
export const toneKeys: readonly string[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** Touch tones in the order pressed: each waits for the one before. */
export class Tones {
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly desk: Desk) {}

  /** Sends one tone; without a connection to the customer. */
  press(contact: ContactKey, connection: ConnectionId | null, digit: string): void {
    this.#queue = this.#queue.then(() =>
      this.desk.send('contact_digits', { contact, connection, digits: digit }),
    );
  }
}

/**
 * The tone that a key press on the page means, or none: with a modifier, in a
 * field, a list or a dialog a digit is for those.
 */
export function toneOf(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return null;
  if (!toneKeys.includes(event.key)) return null;
  const at = event.target instanceof Element ? event.target : null;
  const taken =
    'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=dialog], [role=alertdialog], [role=menu]';
  if (at?.closest(taken)) return null;
  return document.querySelector('[role=dialog][data-state=open], [role=alertdialog], [role=menu]')
    ? null
    : event.key;
}
