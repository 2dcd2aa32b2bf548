import { m } from '$lib/i18n';

/** What a shortcut does. */
export type ShortcutName = 'accept' | 'decline' | 'mute' | 'hold' | 'end' | 'new_call' | 'add_party';

/** A shortcut: always with Alt, so that no single key acts by accident (WCAG 2.1.4). */
export interface Shortcut {
  name: ShortcutName;
  /** `KeyboardEvent.code`, so that it does not depend on what Alt types on this layout. */
  code: string;
  key: string;
  words: () => string;
}

/** All shortcuts, in the order of the help. */
export const shortcuts: readonly Shortcut[] = [
  { name: 'accept', code: 'KeyA', key: 'A', words: m.shortcut_accept },
  { name: 'decline', code: 'KeyD', key: 'D', words: m.shortcut_decline },
  { name: 'mute', code: 'KeyM', key: 'M', words: m.shortcut_mute },
  { name: 'hold', code: 'KeyH', key: 'H', words: m.shortcut_hold },
  { name: 'end', code: 'KeyE', key: 'E', words: m.shortcut_end },
  { name: 'new_call', code: 'KeyN', key: 'N', words: m.shortcut_new_call },
  { name: 'add_party', code: 'KeyT', key: 'T', words: m.shortcut_add_party },
];

/** Which conversation Alt and a digit mean: 1 to 9, 0 for the list of all contacts; `null`: none. */
export function conversationOfKey(
  event: Pick<KeyboardEvent, 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'repeat'>,
): number | null {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return null;
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  return digit === undefined ? null : Number(digit);
}

/** The shortcut that a key press means, or none. Held keys count once. */
export function shortcutOf(
  event: Pick<KeyboardEvent, 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'repeat'>,
): ShortcutName | null {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return null;
  return shortcuts.find((shortcut) => shortcut.code === event.code)?.name ?? null;
}
