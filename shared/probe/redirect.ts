/**
 * Redirects of the upgrade request (RFC 9110 §15.4; RFC 6455 §4.1 lets a client follow them):
 * whether one is followed, and what the next hop is asked. Pure.
 *
 * A hop never goes from TLS to plain text, never from a public place to a private one, and never
 * twice to the same address. Headers that the monitor sets are credentials as far as this module
 * knows: once a hop leaves the origin that they were meant for, they stay behind for good.
 */
import { isLocalhost, isPrivateAddress, literalAddress } from "./address.ts";
import type { CheckSpec } from "./check-spec.ts";

/** Redirects that a check follows at most, whatever a monitor asks for. */
export const REDIRECTS_MAX = 5;

/** Statuses that name another place for the same request. */
const FOLLOWED_STATUSES = new Set([301, 302, 303, 307, 308]);

/** An answer that may be a redirect. */
export interface RedirectAnswer {
  status: number;
  /** Value of the `Location` header; null: none. */
  location: string | null;
}

/** What becomes of an answer. */
export type RedirectDecision =
  /** `headersLeft`: whether headers of the monitor stay behind. */
  | { type: "follow"; spec: CheckSpec; headersLeft: boolean }
  /** `why`: a whole sentence; empty: redirects are not to be followed at all. */
  | { type: "stay"; why: string };

/**
 * Decides on a redirect.
 *
 * @param spec the hop that was redirected
 * @param visited addresses of all hops so far, that of `spec` included
 */
export function decideRedirect(
  spec: CheckSpec,
  answer: RedirectAnswer,
  visited: readonly string[],
): RedirectDecision {
  const limit = spec.redirects ?? 0;
  if (limit === 0 || !FOLLOWED_STATUSES.has(answer.status)) return stay("");
  const target = redirectTarget(spec.url, answer.location);
  if (typeof target === "string") return stay(target);
  if (visited.includes(target.href)) return stay("Following it would go in a circle.");
  if (visited.length > limit) {
    return stay(`It was the ${ordinal(visited.length)} redirect, and ${limit} may be followed.`);
  }
  const from = new URL(spec.url);
  // The origins of ws: and wss: URLs are not the same in all runtimes; these three parts are it.
  const leaves = from.protocol !== target.protocol || from.host !== target.host;
  const headers = leaves ? [] : spec.headers;
  const headersLeft = headers.length < spec.headers.length;
  return { type: "follow", spec: { ...spec, url: target.href, headers }, headersLeft };
}

function stay(why: string): RedirectDecision {
  return { type: "stay", why };
}

/** Where a redirect leads; a sentence that says why it cannot be gone there. */
function redirectTarget(fromUrl: string, location: string | null): URL | string {
  if (location === null || !URL.canParse(location, fromUrl)) {
    return "It does not say where to, or nothing that can be read.";
  }
  const [from, target] = [new URL(fromUrl), new URL(location, fromUrl)];
  // A handshake is an HTTP request: servers name its place as that of any other page.
  if (target.protocol === "http:") target.protocol = "ws:";
  if (target.protocol === "https:") target.protocol = "wss:";
  if (target.protocol !== "ws:" && target.protocol !== "wss:") {
    return `It leads to ${target.protocol} URLs, where no WebSocket can be.`;
  }
  if (from.protocol === "wss:" && target.protocol === "ws:") {
    return "It leads from TLS to plain text, which is not followed.";
  }
  if (target.username !== "" || target.password !== "") {
    return "It leads to a URL with credentials, which is not followed.";
  }
  if (isPrivateHost(target.hostname) && !isPrivateHost(from.hostname)) {
    return "It leads to a private address, where nobody else can follow it.";
  }
  target.hash = "";
  return target;
}

function isPrivateHost(hostname: string): boolean {
  const literal = literalAddress(hostname);
  return literal === null ? isLocalhost(hostname) : isPrivateAddress(literal);
}

function ordinal(count: number): string {
  return ["first", "second", "third", "fourth", "fifth"][count - 1] ?? `${count}th`;
}
