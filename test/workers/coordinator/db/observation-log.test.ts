import { afterAll, beforeAll, expect, it } from "vitest";
import type { ObservationQuery } from "../../../../workers/coordinator/db/observation-log.ts";
import { loadObservations } from "../../../../workers/coordinator/db/observation-log.ts";
import { appendRuns } from "../../../../workers/coordinator/log/run-log.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";
import { makeObservation } from "../../../support/observation.ts";

const RUNS = 300;
const MONITORS = 20;

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  const runs = Array.from({ length: RUNS }, (_, minute) => {
    const startedAtMs = (minute + 1) * 60_000;
    return {
      scheduledAtMs: startedAtMs,
      region: "us-east",
      lane: "0",
      startedAtMs,
      finishedAtMs: startedAtMs,
      colo: null,
      configVersion: 1,
      observations: Array.from({ length: MONITORS }, (_unused, index) =>
        makeObservation({ monitor: `m${index}`, region: "us-east", startedAtMs }),
      ),
    };
  });
  await appendRuns(database.db, runs);
});
afterAll(() => database.close());

/** Rows that D1 counts, and bills, as read for a query. */
async function rowsRead(query: Partial<ObservationQuery>): Promise<number> {
  let counted = 0;
  const counting = {
    prepare: (sql: string) => ({
      bind: (...values: unknown[]) => ({
        all: async () => {
          const result = await database.db
            .prepare(sql)
            .bind(...values)
            .all();
          counted += result.meta.rows_read;
          return result;
        },
      }),
    }),
  } as unknown as D1Database;
  const defaults = { monitor: "m7", sinceMs: 0, limit: 10, cursor: null };
  await loadObservations(counting, { ...defaults, ...query });
  return counted;
}

it("reads the rows of one page only, however long the log is", async () => {
  expect(await rowsRead({})).toBeLessThanOrEqual(11 * (MONITORS + 1));
  expect(await rowsRead({ cursor: `${100 * 60_000}/us-east/0` })).toBeLessThanOrEqual(
    11 * (MONITORS + 1),
  );
});

it("unpacks no row in which the monitor does not occur", async () => {
  expect(await rowsRead({ monitor: "m" })).toBeLessThanOrEqual(RUNS + 1);
});
