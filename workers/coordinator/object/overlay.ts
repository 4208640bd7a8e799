/** A map with some changes laid over it, as a step sees it. */

/** Lays changes over a map, of which null removes; without any it is the map itself. */
export function overlay<T>(
  base: Map<string, T>,
  changes: ReadonlyMap<string, T | null>,
): Map<string, T> {
  if (changes.size === 0) return base;
  const result = new Map(base);
  for (const [key, value] of changes) {
    if (value === null) result.delete(key);
    else result.set(key, value);
  }
  return result;
}
