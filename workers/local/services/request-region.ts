/**
 * Recognises the region of a probe by the User-Agent that every one of its requests carries:
 * `Echoquorum/<version> (region=<id>)`.
 */

/** Region id of a request; null when it does not come from a probe. */
export function requestRegion(userAgent: string | null | undefined): string | null {
  return /^Echoquorum\/\S+ \(region=([a-z0-9-]+)\)/.exec(userAgent ?? "")?.[1] ?? null;
}
