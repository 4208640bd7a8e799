/**
 * Tells monitors' time by verdict on a day that is rebuilt: from their transitions, of which D1 has
 * all for good, whichever coordinator made them, and the object those that D1 may lack. What these do
 * not tell without a gap nobody knows any better than what is stored, so that stays as it is. Reads
 * only.
 */
import { DATED_BACK_MAX_MS } from "../../../shared/monitor/quorum.ts";
import type { KnownChange } from "../../../shared/monitor/recount.ts";
import { recountTime } from "../../../shared/monitor/recount.ts";
import { joinChanges, verdictSpansOfDay } from "../../../shared/monitor/day-recount.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import {
  PERIOD_MS,
  QUORUM_REGION,
  RESOLUTIONS,
  mergeRollups,
} from "../../../shared/monitor/rollup.ts";
import type { RollupBlock } from "../../../shared/monitor/rollup-block.ts";
import { decodeBlock } from "../../../shared/monitor/rollup-block.ts";
import { joinRows } from "../db/report-store.ts";
import { withDeadline } from "./background.ts";
import { D1_DEADLINE_MS } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Ports } from "./ports.ts";
import { rowsOf } from "./rollups.ts";

const DAY_MS = PERIOD_MS.day;
/** For how long from the beginning of a day changes may be about it, in milliseconds. */
const CHANGES_MS = DAY_MS + DATED_BACK_MAX_MS;

/** Rows of all resolutions with what is known at this moment; null: read anew, it has changed. */
export type ToldTime = () => Rollup[] | null;

/** The telling of time. */
export class TimeTelling {
  readonly #memory: Memory;
  readonly #ports: Ports;

  constructor(memory: Memory, ports: Ports) {
    this.#memory = memory;
    this.#ports = ports;
  }

  /**
   * Reads from D1 what tells the time of a day.
   *
   * @throws when D1 does not answer
   */
  async load(dayMs: number, monitors: readonly string[]): Promise<ToldTime> {
    const { mirror } = this.#ports;
    const loading = mirror.loadChanges(monitors, dayMs, dayMs + CHANGES_MS);
    const inD1 = await this.#within("transitions", loading);
    const untold = this.#tell(dayMs, monitors, inD1).untold;
    const blocks =
      untold.length === 0
        ? []
        : await this.#within("rollups", mirror.loadBlocks(untold, dayMs, dayMs + DAY_MS));
    const stored = blocks.flatMap(timeOf);
    return () => {
      const now = this.#tell(dayMs, monitors, inD1);
      if (now.untold.some((monitor) => !untold.includes(monitor))) return null;
      const kept = joinRows(stored, this.#ownTime(dayMs));
      const isKept = new Set(now.untold);
      return [...now.rows, ...kept.filter(({ monitor }) => isKept.has(monitor))];
    };
  }

  /** What transitions tell, and the monitors of whose time they do not tell all. */
  #tell(
    dayMs: number,
    monitors: readonly string[],
    inD1: readonly KnownChange[],
  ): { rows: Rollup[]; untold: string[] } {
    const { state, history } = this.#memory;
    const own = history.verdictChanges(dayMs, dayMs + CHANGES_MS);
    const byMonitor = Map.groupBy([...inD1, ...own], ({ monitor }) => monitor);
    const told = { rows: [] as Rollup[], untold: [] as string[] };
    for (const monitor of monitors) {
      const verdict = state.judgements.get(monitor)?.verdict;
      const changes = joinChanges(byMonitor.get(monitor) ?? []);
      const spans = verdict === undefined ? null : verdictSpansOfDay(dayMs, changes, verdict);
      if (spans === null) told.untold.push(monitor);
      else told.rows.push(...recountTime(monitor, spans));
    }
    return told;
  }

  /** All monitors' time of a day, as far as the object still has it. */
  #ownTime(dayMs: number): Rollup[] {
    const { rollups } = this.#memory.history;
    return mergeRollups(
      RESOLUTIONS.flatMap((resolution) =>
        rollups.buckets(resolution, dayMs, dayMs + DAY_MS, [QUORUM_REGION]).flatMap(rowsOf),
      ),
    );
  }

  #within<T>(what: string, reading: Promise<T>): Promise<T> {
    return withDeadline(this.#ports.clock, D1_DEADLINE_MS, what, reading);
  }
}

/** The time in a block; of one that is damaged nothing. */
function timeOf(block: RollupBlock): Rollup[] {
  try {
    return decodeBlock(block).filter(({ region }) => region === QUORUM_REGION);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
