/**
 * Tells open pages at once that something on them has changed, by server-sent events (HTML Standard
 * §9.2), so that they need not wait for their next look. The events say that, never what: a page
 * then fetches itself. Polling goes on beside it, and is all there is where events do not pass.
 */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { NetworkStatus } from "../object/rpc.ts";

/** How long one stream lasts; the browser opens the next by itself. */
const LASTS_MS = 240_000;
/** How soon it does, in milliseconds. */
const RETRY_MS = 5_000;

/**
 * What pages show of a status besides ages and figures, to tell whether it has changed: of the whole
 * network, or of what one page may know.
 */
export function essenceOf(status: NetworkStatus): string {
  const shown = status.monitors;
  const ids = new Set(shown.map(({ id }) => id));
  const incidents = [...status.openIncidents, ...status.pastIncidents];
  return JSON.stringify([
    status.monitoring?.state,
    status.regions.map(({ id, state }) => [id, state]),
    shown.map(({ id, paused, verdict }) => [id, paused, verdict.kind, verdict.sinceMs]),
    incidents
      .filter(({ monitor }) => ids.has(monitor))
      .map(({ id, endedAtMs, transitions }) => [id, endedAtMs, transitions.length]),
    (status.maintenances ?? []).map(({ id, startsAtMs, endsAtMs }) => [id, startsAtMs, endsAtMs]),
    // Whole: any word of it may be corrected.
    status.writtenIncidents ?? [],
  ]);
}

/** What a stream is made from. */
export interface LiveSource {
  status: () => Promise<NetworkStatus>;
  /** Time between two looks, in milliseconds. */
  everyMs: number;
  now: () => number;
}

/** Streams an event for each change, until the visitor leaves. */
export function streamChanges(context: Context, { status, everyMs, now }: LiveSource): Response {
  return streamSSE(context, async (stream) => {
    let known: string | null = null;
    const endMs = now() + LASTS_MS;
    await stream.writeSSE({ event: "hello", data: "", retry: RETRY_MS });
    while (!stream.aborted && now() < endMs) {
      // A coordinator that does not answer has not changed anything that is known.
      const seen: string | null = await status().then(essenceOf, () => known);
      if (known !== null && seen !== known) await stream.writeSSE({ event: "changed", data: "" });
      // What is written now and then tells that the visitor is gone.
      else await stream.write(":\n\n");
      known = seen;
      await stream.sleep(everyMs);
    }
  });
}
