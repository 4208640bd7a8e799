/**
 * The headers of public pages: what a browser may load (nothing but our own files, no inline
 * script or style), how long caches may keep an answer, and the usual hardening.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** Longest time a page counts as fresh in a cache. */
const FRESH_MAX_SECONDS = 15;

/** Hardening for every answer of the pages; forms only where a page has them. */
export function pageHeaders({ forms = false } = {}): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: [forms ? "'self'" : "'none'"],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
    // The address of a page with a form may be its visitor's key: it is told to nobody.
    referrerPolicy: forms ? "no-referrer" : "strict-origin-when-cross-origin",
    xFrameOptions: "DENY",
  });
}

/**
 * Hardening of files: a drawing that somebody opens by itself may do nothing but be looked at, also
 * where its owner's had script in it. To be put before {@link pageHeaders}, which it goes beyond.
 */
export function assetHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (context.res.headers.get("content-type") !== "image/svg+xml") return;
    context.res.headers.set(
      "content-security-policy",
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
  };
}

/**
 * Caching of a page that is looked at anew each `refreshMs`: fresh for half of that, and shown for
 * twice as long while a cache fetches a new one; the page tells its age.
 */
export function pageCaching(refreshMs: number): string {
  const freshSeconds = Math.max(1, Math.min(FRESH_MAX_SECONDS, Math.floor(refreshMs / 2_000)));
  return `public, max-age=${freshSeconds}, stale-while-revalidate=${4 * freshSeconds}`;
}

/** What tells one content of an answer from another; weak, for it is sent compressed and not. */
export async function etagOf(body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `W/"${bytesToHex(new Uint8Array(digest)).slice(0, 32)}"`;
}

/**
 * Caching of a file whose path carries its content's hash.
 *
 * @param isExact false: it was asked for by an outdated hash
 */
export function cachingOf(isExact: boolean): string {
  return isExact ? "public, max-age=31536000, immutable" : "public, max-age=60";
}
/** Caching of an answer that should not be kept. */
export const NO_CACHING = "no-store";
