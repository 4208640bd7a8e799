/**
 * A monitor's newest rollups: those that the object stores, with what was not folded into hours and
 * days yet, and with the time since it was last entered. Reads only.
 */
import { inEveryResolution } from "../../../shared/monitor/recount.ts";
import type { RollupRange } from "../../../shared/monitor/report.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { enterTime, mergeRollups } from "../../../shared/monitor/rollup.ts";
import type { Memory } from "./memory.ts";
import type { Bucket } from "./rollups.ts";
import { rowOf } from "./rollups.ts";
import type { State } from "./state.ts";

/** Time that has been judged since it was last entered, as changes; none for other monitors. */
export function timeToNow({ accounts, judgements, tail }: Readonly<State>, id: string): Rollup[] {
  const account = accounts.get(id);
  const judgement = judgements.get(id);
  if (account === undefined || judgement === undefined) return [];
  const { verdict } = judgement;
  return enterTime({ account, verdict, nowMs: tail.judgedAtMs, gapMaxMs: Infinity }).changes;
}

/** Five minutes that hours and days do not contain yet, of some regions or (null) of all. */
export function unfoldedBuckets(
  { state, history }: Memory,
  regions: readonly string[] | null,
): Bucket[] {
  const { foldedToMs } = state.tail;
  return foldedToMs === undefined
    ? []
    : history.rollups.buckets("5min", foldedToMs, Number.MAX_SAFE_INTEGER, regions);
}

/** A monitor's rows of some times, as far as the object still has them. */
export function recentRollups(
  memory: Memory,
  monitor: string,
  ranges: readonly RollupRange[],
): Rollup[] {
  const own = (buckets: readonly Bucket[]) =>
    buckets.flatMap((bucket) => rowOf(bucket, monitor) ?? []);
  const stored = ranges.flatMap(({ resolution, fromMs, toMs }) =>
    own(memory.history.rollups.buckets(resolution, fromMs, toMs)),
  );
  const unfolded = inEveryResolution(own(unfoldedBuckets(memory, null))).filter(
    ({ resolution }) => resolution !== "5min",
  );
  const newest = [...unfolded, ...inEveryResolution(timeToNow(memory.state, monitor))].filter(
    (row) =>
      ranges.some(
        ({ resolution, fromMs, toMs }) =>
          resolution === row.resolution && row.bucketStartMs >= fromMs && row.bucketStartMs < toMs,
      ),
  );
  return mergeRollups([...stored, ...newest]);
}
