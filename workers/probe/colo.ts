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
  const colo = await traceColo(traceUrl, userAgent, nowMs + TRACE_MAX_MS);
  if (colo !== null) {
    kept = { traceUrl, colo, seenAtMs: nowMs, askAtMs: nowMs + ASK_AGAIN_MS };
  } else {
    const trusted = known !== null && nowMs - known.seenAtMs < TRUST_MAX_MS ? known.colo : null;
    const seenAtMs = known?.seenAtMs ?? nowMs;
    kept = { traceUrl, colo: trusted, seenAtMs, askAtMs: nowMs + TRY_AGAIN_MS };
  }
  return kept.colo;
}

async function traceColo(
  traceUrl: string,
  userAgent: string,
  deadlineMs: number,
): Promise<string | null> {
  const abort = new AbortController();
  const trace = async () => {
    const headers = { "User-Agent": userAgent };
    const response = await fetch(traceUrl, { headers, signal: abort.signal });
    return response.ok ? await response.text() : "";
  };
  const settled = await settleBy(trace(), deadlineMs);
  abort.abort();
  if (settled.type !== "value") return null;
  return /^colo=([A-Z]{3})\s*$/m.exec(settled.value)?.[1] ?? null;
}
