/** The run log as D1 keeps it: rows by key, in order, written once. Reachable or not. */
import type { RunDigest } from "../../shared/probe/digest.ts";
import type { RunPage, RunQuery } from "../../workers/coordinator/object/ports.ts";
import type { Run, RunRow } from "../../shared/probe/run.ts";
import { decodeRun, decodeRunDigest, encodeRun, runKey } from "../../shared/probe/run.ts";

/** A row under its key. */
interface Entry {
  key: string;
  row: RunRow;
}

function compare({ row: a }: Entry, { row: b }: Entry): number {
  if (a.scheduled_at_ms !== b.scheduled_at_ms) return a.scheduled_at_ms - b.scheduled_at_ms;
  if (a.region !== b.region) return a.region < b.region ? -1 : 1;
  return a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : 0;
}

/** Rows of the log. */
export class RunStore {
  /** In order. */
  readonly #entries: Entry[] = [];
  readonly #deleted: Entry[] = [];
  /** Key → when its row was written. */
  readonly #writtenAtMs = new Map<string, number>();

  /** Appends a run unless it is there. */
  append(run: Run, nowMs: number): void {
    const key = runKey(run);
    if (this.#writtenAtMs.has(key)) return;
    this.#writtenAtMs.set(key, nowMs);
    const entry = { key, row: encodeRun(run) };
    let index = this.#entries.length;
    for (; index > 0; index -= 1) {
      const before = this.#entries[index - 1];
      if (before === undefined || compare(before, entry) < 0) break;
    }
    this.#entries.splice(index, 0, entry);
  }

  /** Deletes the oldest rows that were scheduled before a moment; their keys. */
  prune(beforeMs: number, runsMax: number): string[] {
    const old = this.#entries.filter(({ row }) => row.scheduled_at_ms < beforeMs).slice(0, runsMax);
    this.#deleted.push(...this.#entries.splice(0, old.length));
    return old.map(({ key }) => key);
  }

  /** Every run that was ever written, deleted ones too, in order. */
  runs(): Run[] {
    return [...this.#deleted, ...this.#entries].sort(compare).map(({ row }) => decodeRun(row));
  }

  /** When each row was written, by key, in order of writing. */
  get writtenAtMs(): ReadonlyMap<string, number> {
    return this.#writtenAtMs;
  }

  /** One page, as the statement of `run-log.ts` answers it. */
  load({ fromMs, known, runsMax, charactersMax }: RunQuery): RunPage {
    const leftOut = new Set(known);
    let first = this.#entries.length;
    while (first > 0 && (this.#entries[first - 1]?.row.scheduled_at_ms ?? 0) >= fromMs) first -= 1;
    const found = this.#entries.slice(first).filter(({ key }) => !leftOut.has(key));
    const runs: RunDigest[] = [];
    let characters = 0;
    for (const { row } of found.slice(0, runsMax)) {
      if (characters >= charactersMax) break;
      characters += (row.digest ?? row.observations).length;
      runs.push(decodeRunDigest(row));
    }
    return { runs, damaged: [], hasMore: found.length > runs.length };
  }
}
