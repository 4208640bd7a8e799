/**
 * What "uptime" means here. Pure.
 *
 * *Observed time* is the time in which the quorum knew something: operational, degraded, partial or
 * down. Time that was `unknown` (too few fresh votes, or Echoquorum itself not running) and
 * `maintenance` is excluded: it counts neither for nor against. *Down time* is the time of the
 * verdict `down`, dated back to the first failing observation. *Uptime* is the rest of the observed
 * time over the observed time; degraded and partial time is up, and shown apart.
 *
 * A region's own uptime counts observations instead: those that were up or degraded over those that
 * were up, degraded or down.
 */

/** Time by verdict, in milliseconds. */
export interface VerdictTimes {
  operationalMs: number;
  degradedMs: number;
  partialMs: number;
  downMs: number;
  unknownMs: number;
  maintenanceMs: number;
}

/** No time at all. */
export const NO_TIME: Readonly<VerdictTimes> = {
  operationalMs: 0,
  degradedMs: 0,
  partialMs: 0,
  downMs: 0,
  unknownMs: 0,
  maintenanceMs: 0,
};

/** Adds times by verdict; negative parts take time back. */
export function addTimes(a: VerdictTimes, b: VerdictTimes): VerdictTimes {
  return {
    operationalMs: a.operationalMs + b.operationalMs,
    degradedMs: a.degradedMs + b.degradedMs,
    partialMs: a.partialMs + b.partialMs,
    downMs: a.downMs + b.downMs,
    unknownMs: a.unknownMs + b.unknownMs,
    maintenanceMs: a.maintenanceMs + b.maintenanceMs,
  };
}

/** Time in which the quorum knew something, in milliseconds. */
export function observedMs(times: VerdictTimes): number {
  return times.operationalMs + times.degradedMs + times.partialMs + times.downMs;
}

/** Uptime by quorum, 0 … 1; null: nothing was observed. */
export function uptimeOf(times: VerdictTimes): number | null {
  const totalMs = observedMs(times);
  return totalMs <= 0 ? null : (totalMs - times.downMs) / totalMs;
}

/** A region's own uptime, 0 … 1; null: nothing was observed. */
export function regionUptimeOf(counts: {
  up: number;
  degraded: number;
  down: number;
}): number | null {
  const total = counts.up + counts.degraded + counts.down;
  return total === 0 ? null : (counts.up + counts.degraded) / total;
}

/**
 * Writes an uptime for people, with at most three decimals, never rounded up: `100 %` means that
 * nothing was missed.
 */
export function formatUptime(uptime: number): string {
  const thousandths = uptime >= 1 ? 100_000 : Math.min(99_999, Math.floor(uptime * 100_000 + 1e-6));
  return `${thousandths / 1_000} %`;
}
