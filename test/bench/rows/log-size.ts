/** How much room the run log takes in D1, by D1's own metadata: of checks that are up, but for a few. */
import { appendRuns } from "../../../workers/coordinator/log/run-log.ts";
import { openTestDatabase } from "../../support/database.ts";
import { BenchNetwork, makeConfig } from "../ingest/network.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const START_MS = Date.parse("2026-11-20T12:00:00Z");
/** Minutes of monitoring that are written, and in one batch. */
const MINUTES = 60;
const BATCH_MINUTES = 10;

/** Bytes by which D1 grows in a day of runs, at a check a minute. */
export async function measureLogBytes(monitors: number, regions: number): Promise<number> {
  const database = await openTestDatabase();
  try {
    const sizeBytes = async () => {
      const { meta } = await database.direct.prepare("SELECT 1").run();
      return meta.size_after;
    };
    const network = new BenchNetwork(makeConfig(monitors, regions));
    const beforeBytes = await sizeBytes();
    for (let minute = 0; minute < MINUTES; minute += BATCH_MINUTES) {
      const fromMs = START_MS + minute * MINUTE_MS;
      const toMs = fromMs + BATCH_MINUTES * MINUTE_MS;
      await appendRuns(database.direct, [...network.performRounds(fromMs, toMs)]);
    }
    return (((await sizeBytes()) - beforeBytes) * DAY_MINUTES) / MINUTES;
  } finally {
    await database.close();
  }
}
