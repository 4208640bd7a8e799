/**
 * Which data centre the probe in truth runs in, read from the platform's trace page and kept for
 * minutes. Not knowing it never fails a run.
 */
import { monotonicNowMs, settleBy } from "./deadline.ts";

/** Longest wait for the trace page, in milliseconds: a run begins only after it. */
const TRACE_MAX_MS = 1_000;
/** After how long it is asked again: with an answer, and after a failure. */
const ASK_AGAIN_MS = 600_000;
const TRY_AGAIN_MS = 60_000;
/** How long an answer is trusted when no newer one is to be had. */
const TRUST_MAX_MS = 3_600_000;

/** The last answer and when the next is due; an isolate stays in its data centre. */
interface Kept {
  traceUrl: string;
  colo: string | null;
  seenAtMs: number;
  askAtMs: number;
}
let kept: Kept | null = null;

/**
 * The IATA code of the data centre, e.g. `FRA`; null when it cannot be told.
 *
 * @param traceUrl page that holds a line `colo=…`; empty: none
 */
export async function observedColo(traceUrl: string, userAgent: string): Promise<string | null> {
  if (traceUrl === "") return null;
  const nowMs = monotonicNowMs();
  const known = kept?.traceUrl === traceUrl ? kept : null;
  if (known !== null && known.askAtMs > nowMs) return known.colo;
  const traced = await traceColo(traceUrl, userAgent, nowMs + TRACE_MAX_MS);
  const colo = traced?.colo ?? null;
  if (colo !== null) {
    const askAtMs = nowMs + Math.min(ASK_AGAIN_MS, traced?.maxAgeMs ?? Infinity);
    kept = { traceUrl, colo, seenAtMs: nowMs, askAtMs };
  } else {
    const trusted = known !== null && nowMs - known.seenAtMs < TRUST_MAX_MS ? known.colo : null;
    const seenAtMs = known?.seenAtMs ?? nowMs;
    kept = { traceUrl, colo: trusted, seenAtMs, askAtMs: nowMs + TRY_AGAIN_MS };
  }
  return kept.colo;
}

/** Reads the trace page, and for how long the page itself says that it holds (RFC 9111 §5.2.2.1). */
async function traceColo(
  traceUrl: string,
  userAgent: string,
  deadlineMs: number,
): Promise<{ colo: string | null; maxAgeMs: number | null } | null> {
  const abort = new AbortController();
  const trace = async () => {
    const headers = { "User-Agent": userAgent };
    const response = await fetch(traceUrl, { headers, signal: abort.signal });
    const age = /(?:^|[\s,])max-age=(\d{1,9})/i.exec(response.headers.get("cache-control") ?? "");
    const maxAgeMs = age === null ? null : Number(age[1]) * 1_000;
    return { text: response.ok ? await response.text() : "", maxAgeMs };
  };
  const settled = await settleBy(trace(), deadlineMs);
  abort.abort();
  if (settled.type !== "value") return null;
  const { text, maxAgeMs } = settled.value;
  return { colo: /^colo=([A-Z]{3})\s*$/m.exec(text)?.[1] ?? null, maxAgeMs };
}
