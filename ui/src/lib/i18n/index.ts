/**
 * Every visible text comes from `messages/` through here. Known keys are
 * typed functions (`m.mute()`); keys that the core sends as text go through
 * {@link textOf}, which never shows a raw key.
 */
import { warn } from '$lib/log';

import { m } from './gen/messages.js';
import { language } from './language.svelte';

export { language, m };

/** Values for a message's place-holders. Text from outside: shown as text. */
export type Params = Record<string, string>;

/** Families of keys that the core may send, each with the sentence used for an unknown member. */
const generic = {
  notice: (): string => m.notice_generic(),
  link_reason: (): string => m.link_reason_generic(),
  limit: (): string => m.limit_generic(),
  error: (): string => m.error_generic(),
  field: (): string => m.field_generic(),
};

/** A family of keys. */
export type Family = keyof typeof generic;

const catalogue = m as unknown as Record<string, ((params: Params) => string) | undefined>;
const reported = new Set<string>();

/** Whether the catalogue holds this key. */
export const isKnown = (key: string): boolean => Object.hasOwn(m, key);

/**
 * The text of a key that the core sent. An unknown key gives the family's
 * generic sentence, and is logged once. Place-holders without a value are
 * left out rather than shown as `undefined`.
 */
export function textOf(family: Family, key: string, params: Params = {}): string {
  // The core answers a command with the message of a notice where both say the same.
  const fits = key.startsWith(`${family}_`) || (family === 'error' && key.startsWith('notice_'));
  const message = fits && isKnown(key) ? catalogue[key] : undefined;
  if (message === undefined) {
    if (!reported.has(key)) {
      reported.add(key);
      warn('no text for message key', key);
    }
    return generic[family]();
  }
  const withBlanks = new Proxy(params, {
    get: (target, name) => (typeof name === 'string' && Object.hasOwn(target, name) ? target[name] : '…'),
    has: () => true,
  });
  return message(withBlanks);
}
