/**
 * One size of `npm run bench -- backup`: a coordinator with months behind it is backed up while it
 * goes on, and each page is restored into another storage as soon as it is there. So nothing has the
 * whole file, and what is in memory at once is more than in either of two objects.
 */
import { join } from "node:path";
import { BackupWriter } from "../../../shared/backup-file.ts";
import type { BackupPage } from "../../../workers/coordinator/object/backup-cut.ts";
import { BackupCut } from "../../../workers/coordinator/object/backup-cut.ts";
import { OBJECT_TABLES } from "../../../workers/coordinator/object/backup-guard.ts";
import type { ObjectDatabase } from "../../../workers/coordinator/object/database.ts";
import { Restore } from "../../../workers/coordinator/object/restore.ts";
import type { RestoreTarget } from "../../../workers/coordinator/object/restore.ts";
import {
  STORAGE_VERSION,
  migrateStorage,
} from "../../../workers/coordinator/object/storage-schema.ts";
import { SqliteDatabase } from "../../sim/sqlite-database.ts";
import { BenchCoordinator, WARM_UP_MINUTES } from "../ingest/coordinator.ts";
import type { BackupFigures } from "./figures.ts";
import { writeIncidents, writeRollups } from "./past.ts";

const FACTS = {
  release: "bench",
  createdAt: "2026-11-20",
  migration: "0",
  storage: STORAGE_VERSION,
};
/** D1's part is not measured here. */
const NO_D1: RestoreTarget = {
  clear: async () => true,
  saveHistory: async () => undefined,
  stageConfiguration: async () => undefined,
  replaceConfiguration: async () => undefined,
  prepare: async () => undefined,
  sealRow: async ({ row }) => row,
  sealChannel: async (channel) => channel,
  nowMs: () => 0,
};

/** After so many calls the heap is looked at once more. */
const LOOK_EVERY = 50;

/** Times calls, and watches the heap with what they have given. */
class Watch {
  mostHeldBytes = 0;
  #calls = 0;

  /** Runs something; returns what it gave and how long it took, in seconds. */
  time<T>(action: () => T): { value: T; seconds: number } {
    const fromMs = performance.now();
    const value = action();
    const seconds = (performance.now() - fromMs) / 1_000;
    this.#calls += 1;
    if (this.#calls % LOOK_EVERY === 0) this.look();
    return { value, seconds };
  }

  /** Collects garbage, where the process may, and looks at what is left. */
  look(): void {
    globalThis.gc?.();
    this.mostHeldBytes = Math.max(this.mostHeldBytes, process.memoryUsage().heapUsed);
  }
}

/** A sum with its largest part. */
class Tally {
  sum = 0;
  most = 0;

  add(value: number): void {
    this.sum += value;
    this.most = Math.max(this.most, value);
  }
}

/** Rows and their characters by table, but for what a restore itself changes. */
function countAll(database: ObjectDatabase): string {
  const counts = Object.keys(OBJECT_TABLES)
    .filter((table) => table !== "packed")
    .map((table) => {
      const size = table === "buckets" ? "sum(octet_length(body))" : "0";
      return database.query(`SELECT count(*) AS all_rows, ${size} AS bytes FROM ${table}`)[0];
    });
  return JSON.stringify(counts);
}

function keptBytes(database: ObjectDatabase): number {
  const sizes = Array.from({ length: 8 }, (_, index) => `coalesce(octet_length(v${index}), 0)`);
  const [row] = database.query(`SELECT sum(${sizes.join(" + ")}) AS bytes FROM backup_kept`);
  return Number(row?.["bytes"] ?? 0);
}

/** Measures one size, with files in a folder and a past of some days. */
export async function measureBackup(
  monitors: number,
  regions: number,
  days: number,
  folder: string,
): Promise<BackupFigures> {
  const origin = new SqliteDatabase(join(folder, "origin.sqlite"));
  const other = new SqliteDatabase(join(folder, "other.sqlite"));
  const database = origin.open(() => undefined);
  const bench = new BenchCoordinator(monitors, regions);
  bench.start(database);
  for (let minute = 0; minute < WARM_UP_MINUTES; minute += 1) await bench.runMinute();
  writeRollups(database, bench.clock.nowMs, days);
  writeIncidents(database, days);
  const minuteSeconds = await bench.runMinute();
  const counted = countAll(database);
  new BackupCut(database).open("bench", bench.clock.nowMs);
  const guardedMinuteSeconds = await bench.runMinute();
  const kept = keptBytes(database);
  const restored = other.open(() => undefined);
  migrateStorage(restored);
  const carried = await carry(database, restored, bench.clock.nowMs);
  const isSame = countAll(restored) === counted;
  await bench.stop();
  origin.close();
  other.close();
  return {
    monitors,
    regions,
    minuteSeconds,
    guardedMinuteSeconds,
    keptBytes: kept,
    ...carried,
    isSame,
    failures: [...bench.failures],
  };
}

/** Reads the open backup, and restores each page at once. */
async function carry(from: ObjectDatabase, to: ObjectDatabase, nowMs: number) {
  const watch = new Watch();
  const [pages, parts] = [new Tally(), new Tally()];
  const restore = new Restore(to);
  restore.begin("bench", true, { migration: "", storage: STORAGE_VERSION }, nowMs);
  const writer = new BackupWriter();
  let [part, fileBytes, rows] = [0, 0, 0];
  const put = (text: string) => {
    fileBytes += Buffer.byteLength(text);
    const { value, seconds } = watch.time(() => restore.put("bench", part, text, nowMs));
    if ("refused" in value) throw new Error(value.refused);
    parts.add(seconds);
    part += 1;
  };
  put(writer.header(FACTS));
  let after: string | null = null;
  do {
    const place: string | null = after;
    const { value: page, seconds }: { value: BackupPage | null; seconds: number } = watch.time(() =>
      new BackupCut(from).page("bench", place, nowMs),
    );
    if (page === null) throw new Error("the backup is not open any more");
    pages.add(seconds);
    rows += page.lines.length;
    put(writer.rows(page.lines));
    after = page.next;
  } while (after !== null);
  new BackupCut(from).close("bench");
  put(writer.end());
  watch.look();
  const fromMs = performance.now();
  restore.decide("bench", true);
  await restore.perform(NO_D1);
  return {
    fileBytes,
    rows,
    backupSeconds: pages.sum,
    longestPageSeconds: pages.most,
    restoreSeconds: parts.sum,
    longestPartSeconds: parts.most,
    commitSeconds: (performance.now() - fromMs) / 1_000,
    mostHeldBytes: watch.mostHeldBytes,
  };
}
