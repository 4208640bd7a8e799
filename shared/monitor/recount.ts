/**
 * Makes rollups from the log alone: from the raw runs, and from the transitions between verdicts.
 *
 * What the coordinator adds up run by run must be what comes out here, whatever happened to it
 * meanwhile; that makes rollups rebuildable, and their correctness something to test. Pure.
 */
import type { RunDigest } from "../probe/digest.ts";
import { runKey } from "../probe/run.ts";
import type { Rollup } from "./rollup.ts";
import {
  PERIOD_MS,
  RESOLUTIONS,
  coarsen,
  mergeRollups,
  rollUpObservation,
  spanChanges,
} from "./rollup.ts";
import type { Transition, VerdictKind } from "./verdict.ts";

/** Changes as the rows of every resolution that contain them. */
export function inEveryResolution(changes: Iterable<Rollup>): Rollup[] {
  const rows: Rollup[] = [];
  for (const change of changes) {
    for (const resolution of RESOLUTIONS) {
      if (PERIOD_MS[resolution] >= PERIOD_MS[change.resolution]) {
        rows.push(coarsen(change, resolution));
      }
    }
  }
  return mergeRollups(rows);
}

/** Every region's rows of every resolution; a run that is given twice counts once. */
export function recountRuns(runs: Iterable<RunDigest>): Rollup[] {
  const known = new Map<string, RunDigest>();
  for (const run of runs) if (!known.has(runKey(run))) known.set(runKey(run), run);
  return inEveryResolution(
    [...known.values()].flatMap((run) => run.observations.map(rollUpObservation)),
  );
}

/** What of a transition says which verdict held. */
export type VerdictChange = Pick<Transition, "atMs" | "from" | "to" | "sinceMs" | "removed">;

/** A change with what tells it from others. */
export type KnownChange = VerdictChange & Pick<Transition, "id" | "monitor">;

/** A time in which one verdict held. */
export interface VerdictSpan {
  kind: VerdictKind;
  /** UTC epoch milliseconds; `toMs` is exclusive. */
  fromMs: number;
  toMs: number;
}

/**
 * The times in which verdicts held, as far as is known in the end: one that dates back takes the
 * time since from the one before, at most back to where that began. From when a monitor was removed
 * until it was there again no time counts.
 *
 * @param facts transitions in their order, and the time they are about: `kind` held at its beginning
 */
export function verdictSpans(facts: {
  kind: VerdictKind;
  transitions: readonly VerdictChange[];
  fromMs: number;
  toMs: number;
}): VerdictSpan[] {
  const { kind, transitions, fromMs, toMs } = facts;
  const begins: Array<{ kind: VerdictKind | null; fromMs: number }> = [{ kind, fromMs }];
  for (const { from, to, atMs, sinceMs = atMs, removed = false } of transitions) {
    if (from === to && !removed) continue;
    const lastMs = begins.at(-1)?.fromMs ?? fromMs;
    const beginMs = Math.min(atMs, Math.max(lastMs, sinceMs));
    begins.push({ kind: removed ? null : to, fromMs: beginMs });
  }
  return begins.flatMap((begin, index) => {
    const endMs = Math.min(toMs, begins[index + 1]?.fromMs ?? toMs);
    if (begin.kind === null || begin.fromMs >= endMs) return [];
    return [{ kind: begin.kind, fromMs: begin.fromMs, toMs: endMs }];
  });
}

/** A monitor's time by verdict in rows of every resolution, from its verdicts' times. */
export function recountTime(monitor: string, spans: readonly VerdictSpan[]): Rollup[] {
  return inEveryResolution(spans.flatMap((span) => spanChanges({ monitor, ...span })));
}
