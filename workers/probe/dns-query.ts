/**
 * One question to one resolver over HTTPS. Trouble of any kind comes back as an answer that says
 * nothing of the name; it never rejects.
 */
import type { DnsAnswer } from "../../shared/probe/dns-answer.ts";
import { parseDnsJson, parseDnsMessage } from "../../shared/probe/dns-answer.ts";
import type { AddressType } from "../../shared/probe/dns-request.ts";
import { DNS_MESSAGE, dnsRequest } from "../../shared/probe/dns-request.ts";
import { bodyStart } from "./body.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";

/** Largest answer, in bytes: a message of DNS has a length of two bytes. */
const ANSWER_BYTES_MAX = 65_535;

/** What a resolver came to; `timedOut`: it was reached, or might have been, in vain. */
export type Reply = DnsAnswer | { type: "unavailable"; timedOut: boolean };

/** A question. */
export interface Query {
  resolver: string;
  hostname: string;
  type: AddressType;
  userAgent: string;
  /** Moment of `monotonicNowMs` at which the answer is no longer waited for. */
  deadlineMs: number;
  /** Aborted when the answer is no longer wanted. */
  signal: AbortSignal;
}

/** Asks. */
export async function askResolver(query: Query): Promise<Reply> {
  const abort = new AbortController();
  const giveUp = () => abort.abort();
  query.signal.addEventListener("abort", giveUp);
  const settled = await settleBy(ask(query, abort.signal), query.deadlineMs);
  query.signal.removeEventListener("abort", giveUp);
  abort.abort();
  if (settled.type === "value" && settled.value !== null) return settled.value;
  return { type: "unavailable", timedOut: settled.type === "timeout" || query.signal.aborted };
}

async function ask(query: Query, signal: AbortSignal): Promise<DnsAnswer | null> {
  const { resolver, hostname, type, userAgent, deadlineMs } = query;
  const request = dnsRequest(resolver, hostname, type);
  if (request === null) return null;
  const headers = { Accept: request.accept, "User-Agent": userAgent };
  const response = await fetch(request.url, { headers, signal });
  if (!response.ok) {
    await settleBy(response.body?.cancel() ?? Promise.resolve(), monotonicNowMs());
    return null;
  }
  const bytes = await bodyStart(response, ANSWER_BYTES_MAX, deadlineMs);
  const isMessage = response.headers.get("Content-Type")?.startsWith(DNS_MESSAGE) === true;
  const answer = isMessage ? parseDnsMessage(bytes) : parseDnsJson(new TextDecoder().decode(bytes));
  return answer === null ? null : aged(answer, Number(response.headers.get("Age")));
}

/** What a cache on the way has held for a while lives that much shorter (RFC 8484 §5.1). */
function aged(answer: DnsAnswer, ageS: number): DnsAnswer {
  if (answer.type === "error" || !(ageS > 0)) return answer;
  return { ...answer, ttlS: Math.max(0, answer.ttlS - ageS) };
}
