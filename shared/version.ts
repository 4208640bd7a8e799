/** The product's version and how its requests introduce themselves. Pure; imports nothing. */

/** Version of Echoquorum, as in `package.json`. */
export const VERSION = "0.1.0";

/**
 * `User-Agent` of every request that a probe makes. It names the region, so that an operator can
 * tell in a server's log which place a check came from.
 */
export function userAgent(region: string): string {
  return `Echoquorum/${VERSION} (region=${region})`;
}
