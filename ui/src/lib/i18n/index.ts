/**
 * Every visible text comes from `messages/` through here. Known keys are
 * typed functions (`m.mute()`); keys that the core sends as text go through
 * {@link textOf}, which never shows a raw key.
 */
import { warn } from '$lib/log';

import type { Values } from './catalogue';
import type { Messages } from './gen/messages';
import { language } from './language.svelte';

export { language };

const functions = new Map<string, (values?: Values) => string>();

function messageOf(key: string): (values?: Values) => string {
  let message = functions.get(key);
  if (message === undefined) {
    message = (values = {}) => language.text(key, values);
    functions.set(key, message);
  }
  return message;
}

/** The messages: functions that are made when they are asked for, since a page uses few of them. */
export const m = new Proxy({} as Messages, {
  get: (_, key) => (typeof key === 'string' ? messageOf(key) : undefined),
});

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

const reported = new Set<string>();

/** Whether the catalogue holds this key. */
export const isKnown = (key: string): boolean => language.has(key);

/**
 * The text of a key that the core sent. An unknown key gives the family's
 * generic sentence, and is logged once. Place-holders without a value are
 * left out rather than shown as `undefined`.
 */
export function textOf(family: Family, key: string, params: Values = {}): string {
  // The core answers a command with the message of a notice where both say the same.
  const fits = key.startsWith(`${family}_`) || (family === 'error' && key.startsWith('notice_'));
  if (fits && isKnown(key)) return language.text(key, params);
  if (!reported.has(key)) {
    reported.add(key);
    warn('no text for message key', key);
  }
  return generic[family]();
}
