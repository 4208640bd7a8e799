/**
 * Looks a host name up over HTTPS, with several resolvers and a cache by time to live.
 *
 * The answer classifies failures and chooses the transport; the connection itself is made by name.
 * A resolver that cannot be reached is the probe's trouble and is never held against the target.
 */
import { rcodeName } from "../../shared/probe/dns-answer.ts";
import type { Address } from "../../shared/probe/observation.ts";
import type { SlotLease } from "./connection-slots.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import type { Reply } from "./dns-query.ts";
import { askResolver } from "./dns-query.ts";

/** What resolvers say of a name. `chain`: the names that it is an alias of, in order. */
export type Finding =
  | { type: "found"; addresses: Address[]; chain: string[] }
  | { type: "failed"; reason: "dns_not_found" | "dns_error"; detail: string; chain: string[] };

/** What a look-up came to; without `elapsedMs` it was answered from the cache. */
export type Resolution =
  | (Finding & { elapsedMs: number | null })
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
/** The same for a name that does not exist, and for one family alone: what changes is seen soon. */
const BRIEF_CACHE_MAX_MS = 10_000;
/** Names kept; beyond it the oldest go. */
const CACHE_ENTRIES_MAX = 1_000;
/** How much longer the second family is waited for once the first has an address. */
const SECOND_FAMILY_MAX_MS = 250;

const cache = new Map<string, { finding: Finding; expiresAtMs: number }>();

/** Looks a name up. */
export async function resolveHost(lookup: Lookup): Promise<Resolution> {
  const startedAtMs = monotonicNowMs();
  const kept = cache.get(lookup.hostname);
  if (kept !== undefined && kept.expiresAtMs > startedAtMs) {
    return { ...kept.finding, elapsedMs: null };
  }
  let result: Finding | Extract<Resolution, { type: "unavailable" }> = {
    type: "unavailable",
    timedOut: false,
  };
  for (const [index, resolver] of lookup.resolvers.entries()) {
    const nowMs = monotonicNowMs();
    const share = (lookup.deadlineMs - nowMs) / (lookup.resolvers.length - index);
    const replies = await askBoth(resolver, lookup, nowMs + share);
    result = combine(replies);
    if (isDefinite(result)) {
      remember(lookup.hostname, result, replies);
      break;
    }
  }
  if (result.type === "unavailable") return result;
  return { ...result, elapsedMs: monotonicNowMs() - startedAtMs };
}

/** Whether there is no use in asking another resolver. */
function isDefinite(result: Finding | { type: "unavailable" }): result is Finding {
  return result.type === "found" || (result.type === "failed" && result.reason === "dns_not_found");
}

async function askBoth(resolver: string, lookup: Lookup, deadlineMs: number): Promise<Reply[]> {
  const { hostname, userAgent, lease } = lookup;
  const abort = new AbortController();
  const ask = (type: "A" | "AAAA", untilMs: number) =>
    askResolver({
      resolver,
      hostname,
      type,
      userAgent,
      deadlineMs: untilMs,
      signal: abort.signal,
    });
  if (!lease.tryExtend()) {
    const first = await ask("A", (monotonicNowMs() + deadlineMs) / 2);
    return [first, await ask("AAAA", secondDeadlineMs(first, deadlineMs))];
  }
  try {
    const both = [ask("A", deadlineMs), ask("AAAA", deadlineMs)];
    const first = await Promise.race(both);
    // Name servers that drop questions for a family they do not serve are not rare.
    const rest = await settleBy(Promise.all(both), secondDeadlineMs(first, deadlineMs));
    if (rest.type === "value") return rest.value;
    abort.abort();
    return await Promise.all(both);
  } finally {
    lease.shrink();
  }
}

function secondDeadlineMs(first: Reply, deadlineMs: number): number {
  if (first.type !== "found") return deadlineMs;
  return Math.min(deadlineMs, monotonicNowMs() + SECOND_FAMILY_MAX_MS);
}

function combine(
  replies: readonly Reply[],
): Finding | Extract<Resolution, { type: "unavailable" }> {
  const found = replies.filter((reply) => reply.type === "found");
  if (found.length > 0) {
    const addresses = found.flatMap((reply) => reply.addresses);
    return { type: "found", addresses, chain: found[0]?.chain ?? [] };
  }
  const missing = replies.find((reply) => reply.type === "not_found");
  if (missing !== undefined) {
    const detail = `${subject(missing.chain)} does not exist, says the resolver.`;
    return { type: "failed", reason: "dns_not_found", detail, chain: missing.chain };
  }
  const error = replies.find((reply) => reply.type === "error");
  if (error !== undefined) {
    const detail = `The resolver answered ${rcodeName(error.rcode)}.`;
    return { type: "failed", reason: "dns_error", detail, chain: [] };
  }
  const silent = replies.filter((reply) => reply.type === "unavailable");
  if (silent.length > 0) {
    return { type: "unavailable", timedOut: silent.some((reply) => reply.timedOut) };
  }
  const chain = replies.flatMap((reply) => (reply.type === "empty" ? [reply.chain] : []))[0] ?? [];
  const detail = `${subject(chain)} exists, but has no address.`;
  return { type: "failed", reason: "dns_not_found", detail, chain };
}

/** What a sentence is about: the name itself, or what it is an alias of. */
function subject(chain: readonly string[]): string {
  const target = chain.at(-1);
  return target === undefined ? "The name" : `The name is an alias of ${target}, which`;
}

/** Keeps a finding for its time to live, or briefly when it is negative or only half an answer. */
function remember(hostname: string, finding: Finding, replies: readonly Reply[]): void {
  const wanted = finding.type === "found" ? ["found"] : ["not_found", "empty"];
  const ttlsS = replies.flatMap((reply) =>
    "ttlS" in reply && wanted.includes(reply.type) ? [reply.ttlS] : [],
  );
  const isWhole = replies.every(({ type }) => type === "found" || type === "empty");
  const maxMs = finding.type === "found" && isWhole ? CACHE_MAX_MS : BRIEF_CACHE_MAX_MS;
  const keptMs = Math.min(maxMs, ...ttlsS.map((ttlS) => ttlS * 1_000));
  cache.delete(hostname);
  if (keptMs <= 0) return;
  const oldest = cache.keys().next().value;
  if (cache.size >= CACHE_ENTRIES_MAX && oldest !== undefined) cache.delete(oldest);
  cache.set(hostname, { finding, expiresAtMs: monotonicNowMs() + keptMs });
}
