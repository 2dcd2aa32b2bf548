/** The items that are not among those known, and each but once. `idOf`: tells them apart; `null`: never the same. */
export function fresh<T>(known: readonly T[], items: readonly T[], idOf: (item: T) => string | null): T[] {
  const ids = new Set(known.map(idOf));
  return items.filter((item) => {
    const id = idOf(item);
    const isKnown = id !== null && ids.has(id);
    ids.add(id);
    return !isKnown;
  });
}
