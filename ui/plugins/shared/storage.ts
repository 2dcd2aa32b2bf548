/** What a plugin keeps on this computer. */

/** Keeps texts by key. Any of it may fail: the store can be full, or switched off. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** The page's own store; undefined: it has none. */
export function shelf(): Shelf | undefined {
  try {
    return window.localStorage;
  } catch {
    // The system's web view keeps nothing for this page.
    return undefined;
  }
}

/** Keys that begin so. */
export const keysOf = (from: Shelf, prefix: string): string[] =>
  Array.from({ length: from.length }, (_, index) => from.key(index) ?? '').filter((key) =>
    key.startsWith(prefix),
  );

/** The JSON under a key; undefined: nothing, or nothing that can be read. */
export function read(from: Shelf, key: string): unknown {
  try {
    return JSON.parse(from.getItem(key) ?? 'null') ?? undefined;
  } catch {
    // Half a text, of a time when the computer went out: as if it had never been there.
    return undefined;
  }
}

/** Puts it there; false: there is no room. */
export function write(to: Shelf, key: string, value: unknown): boolean {
  try {
    to.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
