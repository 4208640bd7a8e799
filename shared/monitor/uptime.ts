/**
 * What "uptime" means here. Pure.
 *
 * *Observed time* is the time in which the quorum knew something: operational, degraded, partial or
 * down. Time that was `unknown` (too few fresh votes, or Echoquorum itself not running) and
 * `maintenance` is excluded: it counts neither for nor against. *Down time* is the time of the
 * verdict `down`, dated back to the first failing observation, but not to before the verdict that it
 * follows. *Uptime* is the rest of the observed time over the observed time; degraded and partial
 * time is up, and shown apart.
 *
 * A region's own uptime counts observations instead: those that were up or degraded over those that
 * were up, degraded or down.
 *
 * An *objective* is a share of the observed time, e.g. 99.9 %, in which the monitor is not to be down.
 * The rest of that time is the *error budget*; down time *spends* it. The *burn rate* is what was
 * spent over the budget: at 1 the objective is just met, at 2 the time was down twice as long as it
 * may be. Because both grow with the observed time only, time of which nothing is known and announced
 * work neither spend the budget nor add to it.
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

/** All time, in milliseconds. */
export function allMs(times: VerdictTimes): number {
  return observedMs(times) + times.unknownMs + times.maintenanceMs;
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

/** An error budget and what became of it, in milliseconds. */
export interface ErrorBudget {
  budgetMs: number;
  spentMs: number;
  /** Negative: overspent. */
  leftMs: number;
  /** Null: nothing was observed, so there is no budget. */
  burnRate: number | null;
}

/**
 * The error budget of a time.
 *
 * @param objective share of the observed time that is not to be down, in percent, more than 0 and
 *   less than 100
 */
export function errorBudget(times: VerdictTimes, objective: number): ErrorBudget {
  // 100 - 99.9 is not quite 0.1: without this a budget that is just spent would count as overspent.
  const allowedPercent = Number((100 - objective).toFixed(12));
  const exactMs = (observedMs(times) * allowedPercent) / 100;
  const budgetMs = Math.round(exactMs);
  const spentMs = times.downMs;
  const burnRate = exactMs <= 0 ? null : spentMs / exactMs;
  return { budgetMs, spentMs, leftMs: budgetMs - spentMs, burnRate };
}

/** A region's observations that count for its uptime. */
export function regionChecks(counts: { up: number; degraded: number; down: number }): number {
  return counts.up + counts.degraded + counts.down;
}

/** A region's own uptime, 0 … 1; null: nothing was observed. */
export function regionUptimeOf(counts: {
  up: number;
  degraded: number;
  down: number;
}): number | null {
  const total = regionChecks(counts);
  return total === 0 ? null : (counts.up + counts.degraded) / total;
}

/**
 * An uptime (0 … 1) as people are shown it, to a thousandth of a percent and never rounded up: 1
 * means that nothing was missed.
 */
export function shownUptime(uptime: number): number {
  if (uptime >= 1) return 1;
  return Math.min(99_999, Math.floor(uptime * 100_000 + 1e-6)) / 100_000;
}
