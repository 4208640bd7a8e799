/** What a rule's alerts were worth, by what in truth befell. Pure. */
import type { RuleRecord } from "./court.ts";
import type { TargetFault } from "./trace.ts";
import type { Timeline } from "./timeline.ts";

/** Time after a fault's end in which its last check may still end and be judged. */
const GRACE_MS = 15_000;
/** Outages that every rule has time to see: time to detect is taken over these. */
export const DETECTABLE_MS = 5 * 60_000;

/** What in truth befell the target. */
export interface Truth {
  outages: Timeline<TargetFault>;
  blips: Timeline<TargetFault>;
  regional: Timeline<TargetFault>;
}

/** Figures of one rule. */
export interface Score {
  /** From an outage's beginning to its alert, in milliseconds; infinite: there was none. */
  medianMs: number;
  p95Ms: number;
  /** Alerts while the target could be reached, but from one region at most. */
  falseAlerts: number;
  /** Outages of a minute or more without an alert. */
  missed: number;
  /** Blips that were told. */
  blips: number;
  /** Alerts while two of four regions could not reach it: neither right nor wrong. */
  contested: number;
  extraChecks: number;
}

/** Value at a share of the way, by nearest rank; infinite where there are none. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? Infinity;
}

/** Judges a rule by its record. */
export function score(truth: Truth, { alertsMs, extraChecks }: RuleRecord): Score {
  const first = new Map<TargetFault, number>();
  let falseAlerts = 0;
  let contested = 0;
  for (const atMs of alertsMs) {
    const fault = truth.outages.at(atMs, GRACE_MS) ?? truth.blips.at(atMs, GRACE_MS);
    if (fault !== undefined) {
      if (!first.has(fault)) first.set(fault, atMs);
    } else if ((truth.regional.at(atMs, GRACE_MS)?.regions.length ?? 0) > 1) contested += 1;
    else falseAlerts += 1;
  }
  const delays = truth.outages.spans
    .filter(({ fromMs, toMs }) => toMs - fromMs >= DETECTABLE_MS)
    .map((outage) => (first.get(outage) ?? Infinity) - outage.fromMs)
    .toSorted((a, b) => a - b);
  return {
    medianMs: percentile(delays, 0.5),
    p95Ms: percentile(delays, 0.95),
    falseAlerts,
    missed: truth.outages.spans.filter((outage) => !first.has(outage)).length,
    blips: truth.blips.spans.filter((blip) => first.has(blip)).length,
    contested,
    extraChecks,
  };
}
