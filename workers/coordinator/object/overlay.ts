/** A map with some changes laid over it: as a step sees it, and once the step is committed. */

/** Lays changes over a map, of which null removes; without any it is the map itself. */
export function overlay<T>(
  base: Map<string, T>,
  changes: ReadonlyMap<string, T | null>,
): Map<string, T> {
  if (changes.size === 0) return base;
  const result = new Map(base);
  takeOver(result, changes);
  return result;
}

/** Takes changes, of which null removes, over into a map. */
export function takeOver<T>(map: Map<string, T>, changes: ReadonlyMap<string, T | null>): void {
  for (const [key, value] of changes) {
    if (value === null) map.delete(key);
    else map.set(key, value);
  }
}
