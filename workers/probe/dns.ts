/**
 * Looks a host name up over HTTPS (JSON form), with several resolvers and a cache by time to live.
 *
 * The answer classifies failures and chooses the transport; the connection itself is made by name.
 * A resolver that cannot be reached is the probe's trouble and is never held against the target.
 */
import type { DnsAnswer } from "../../shared/probe/dns-answer.ts";
import { parseDnsAnswer, rcodeName } from "../../shared/probe/dns-answer.ts";
import type { Address } from "../../shared/probe/observation.ts";
import type { SlotLease } from "./connection-slots.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";

/** What a look-up came to. */
export type Resolution =
  | { type: "found"; addresses: Address[]; chain: string[]; elapsedMs: number | null }
  | { type: "failed"; reason: "dns_not_found" | "dns_error"; detail: string; elapsedMs: number }
  /** No resolver gave an answer; `timedOut`: they were reached, or might have been, in vain. */
  | { type: "unavailable"; timedOut: boolean };

/** How to look a name up. */
export interface Lookup {
  hostname: string;
  /** URLs of resolvers in the order in which they are tried. */
  resolvers: readonly string[];
  userAgent: string;
  deadlineMs: number;
  /** The second question is asked at the same time when a connection for it is free. */
  lease: SlotLease;
}

/** Longest time that an answer is kept, in milliseconds; bounds how late a change is seen. */
const CACHE_MAX_MS = 300_000;
/** Names kept; beyond it the oldest go. */
const CACHE_ENTRIES_MAX = 1_000;
const cache = new Map<string, { found: Found; expiresAtMs: number }>();

type Found = Pick<Extract<Resolution, { type: "found" }>, "addresses" | "chain">;
type Reply = DnsAnswer | { type: "unavailable"; timedOut: boolean };

/** Looks a name up; an answer from the cache has no `elapsedMs`. */
export async function resolveHost(lookup: Lookup): Promise<Resolution> {
  const startedAtMs = monotonicNowMs();
  const kept = cache.get(lookup.hostname);
  if (kept !== undefined && kept.expiresAtMs > startedAtMs) {
    return { type: "found", ...kept.found, elapsedMs: null };
  }
  let result: Resolution = { type: "unavailable", timedOut: false };
  for (const [index, resolver] of lookup.resolvers.entries()) {
    const nowMs = monotonicNowMs();
    const share = (lookup.deadlineMs - nowMs) / (lookup.resolvers.length - index);
    const replies = await askBoth(resolver, lookup, nowMs + share);
    result = combine(replies, monotonicNowMs() - startedAtMs);
    if (result.type === "found") {
      remember(lookup.hostname, result, replies);
      return result;
    }
    if (result.type === "failed" && result.reason === "dns_not_found") return result;
  }
  return result;
}

async function askBoth(resolver: string, lookup: Lookup, deadlineMs: number): Promise<Reply[]> {
  if (!lookup.lease.tryExtend()) {
    const halfwayMs = (monotonicNowMs() + deadlineMs) / 2;
    const first = await ask(resolver, "A", lookup, halfwayMs);
    return [first, await ask(resolver, "AAAA", lookup, deadlineMs)];
  }
  try {
    return await Promise.all([
      ask(resolver, "A", lookup, deadlineMs),
      ask(resolver, "AAAA", lookup, deadlineMs),
    ]);
  } finally {
    lookup.lease.shrink();
  }
}

async function ask(
  resolver: string,
  type: "A" | "AAAA",
  lookup: Lookup,
  deadlineMs: number,
): Promise<Reply> {
  const abort = new AbortController();
  const query = async () => {
    const url = new URL(resolver);
    url.searchParams.set("name", lookup.hostname);
    url.searchParams.set("type", type);
    const response = await fetch(url, {
      headers: { Accept: "application/dns-json", "User-Agent": lookup.userAgent },
      signal: abort.signal,
    });
    return response.ok ? parseDnsAnswer(await response.text()) : null;
  };
  const settled = await settleBy(query(), deadlineMs);
  abort.abort();
  if (settled.type === "value" && settled.value !== null) return settled.value;
  return { type: "unavailable", timedOut: settled.type === "timeout" };
}

function combine(replies: readonly Reply[], elapsedMs: number): Resolution {
  const found = replies.filter((reply) => reply.type === "found");
  if (found.length > 0) {
    const addresses = found.flatMap((reply) => reply.addresses);
    return { type: "found", addresses, chain: found[0]?.chain ?? [], elapsedMs };
  }
  if (replies.some((reply) => reply.type === "not_found")) {
    const detail = "The resolver says that there is no such name.";
    return { type: "failed", reason: "dns_not_found", detail, elapsedMs };
  }
  const error = replies.find((reply) => reply.type === "error");
  if (error !== undefined) {
    const detail = `The resolver answered ${rcodeName(error.rcode)}.`;
    return { type: "failed", reason: "dns_error", detail, elapsedMs };
  }
  const silent = replies.filter((reply) => reply.type === "unavailable");
  if (silent.length > 0) {
    return { type: "unavailable", timedOut: silent.some((reply) => reply.timedOut) };
  }
  const detail = "The name exists, but has no address.";
  return { type: "failed", reason: "dns_not_found", detail, elapsedMs };
}

function remember(hostname: string, found: Found, replies: readonly Reply[]): void {
  const ttlsS = replies.flatMap((reply) => (reply.type === "found" ? [reply.ttlS] : []));
  const keptMs = Math.min(CACHE_MAX_MS, Math.min(...ttlsS) * 1_000);
  if (keptMs <= 0) return;
  const oldest = cache.keys().next().value;
  if (cache.size >= CACHE_ENTRIES_MAX && oldest !== undefined) cache.delete(oldest);
  const { addresses, chain } = found;
  cache.set(hostname, { found: { addresses, chain }, expiresAtMs: monotonicNowMs() + keptMs });
}
