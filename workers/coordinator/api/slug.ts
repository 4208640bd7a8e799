/** Ids made from names: `Chat (Zürich)` → `chat-zurich`. Pure. */

/** Longest slug; leaves room for a number within the 64 characters of an id. */
const SLUG_CHARACTERS_MAX = 56;

/** Makes an id from a name; `fallback` when no letter or digit of it can be kept. */
export function slugOf(name: string, fallback: string): string {
  const slug = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_CHARACTERS_MAX)
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? fallback : slug;
}

/** The slug itself, or with the lowest number from 2 that makes it differ from those taken. */
export function uniqueSlug(slug: string, taken: readonly string[]): string {
  const others = new Set(taken);
  let candidate = slug;
  for (let number = 2; others.has(candidate); number += 1) candidate = `${slug}-${number}`;
  return candidate;
}
