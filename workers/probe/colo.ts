/**
 * Which data centre the probe in truth runs in, read from the platform's trace page and kept for
 * minutes. Not knowing it never fails a run.
 */
import { monotonicNowMs, settleBy } from "./deadline.ts";

/** Longest wait for the trace page, in milliseconds. */
const TRACE_MAX_MS = 2_000;
/** How long an answer is trusted, and how long a failure keeps from asking again. */
const KNOWN_MAX_MS = 600_000;
const UNKNOWN_MAX_MS = 30_000;

let kept: { traceUrl: string; colo: string | null; untilMs: number } | null = null;

/**
 * The IATA code of the data centre, e.g. `FRA`; null when it cannot be told.
 *
 * @param traceUrl page that holds a line `colo=…`; empty: none
 */
export async function observedColo(traceUrl: string, userAgent: string): Promise<string | null> {
  if (traceUrl === "") return null;
  const nowMs = monotonicNowMs();
  if (kept !== null && kept.traceUrl === traceUrl && kept.untilMs > nowMs) return kept.colo;
  const colo = await traceColo(traceUrl, userAgent, nowMs + TRACE_MAX_MS);
  kept = { traceUrl, colo, untilMs: nowMs + (colo === null ? UNKNOWN_MAX_MS : KNOWN_MAX_MS) };
  return colo;
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
