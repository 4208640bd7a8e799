/** The run log on a real D1: order, pages, and runs that are read once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunDigest } from "../../../../shared/probe/digest.ts";
import { decodeDigest, encodeDigest } from "../../../../shared/probe/digest.ts";
import type { Run } from "../../../../shared/probe/run.ts";
import { runKey } from "../../../../shared/probe/run.ts";
import { appendRuns, loadRuns, pruneRuns } from "../../../../workers/coordinator/log/run-log.ts";
import { countCosts } from "../../../support/counted-database.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";
import { makeObservation } from "../../../support/observation.ts";

const ALL = { fromMs: 0, known: [] as string[], runsMax: 100, charactersMax: 1_000_000 };

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => database.clear());
afterAll(() => database.close());

function makeRun(scheduledAtMs: number, region: string, lane = "0"): Run {
  const startedAtMs = scheduledAtMs + 5;
  return {
    scheduledAtMs,
    region,
    lane,
    startedAtMs,
    finishedAtMs: startedAtMs + 100,
    colo: "FRA",
    configVersion: 3,
    observations: [makeObservation({ region, colo: "FRA", startedAtMs, totalMs: 80 })],
  };
}

/** What the log says of a run to whoever asks only for what decides. */
function digestOf(run: Run | undefined): RunDigest {
  if (run === undefined) throw new Error("there is no such run");
  return { ...run, observations: decodeDigest(encodeDigest(run.observations), run) };
}

describe("the run log", () => {
  it("is read in order of time, region and lane, whatever the order of writing", async () => {
    const runs = [
      makeRun(2_000, "eu-central"),
      makeRun(1_000, "us-east"),
      makeRun(2_000, "eu-central", "ask"),
      makeRun(1_000, "eu-central"),
    ];
    await appendRuns(database.db, runs);
    const page = await loadRuns(database.db, ALL);
    expect(page.runs.map(runKey)).toEqual([
      "1000/eu-central/0",
      "1000/us-east/0",
      "2000/eu-central/0",
      "2000/eu-central/ask",
    ]);
    expect(page.runs[3]).toEqual(digestOf(runs[2]));
    expect(page.hasMore).toBe(false);
  });

  it("keeps a run once, however often it is written", async () => {
    const run = makeRun(1_000, "eu-central");
    await appendRuns(database.db, [run, run]);
    await appendRuns(database.db, [{ ...run, configVersion: 9 }]);
    expect((await loadRuns(database.db, ALL)).runs).toEqual([digestOf(run)]);
  });

  it("is read by the runs' digests, and by their observations where there is none", async () => {
    const [old, young] = [makeRun(1_000, "eu-central"), makeRun(2_000, "eu-central")];
    await appendRuns(database.db, [old, young]);
    const { db } = database;
    await db
      .prepare("UPDATE runs SET digest = NULL, observations = ? WHERE scheduled_at_ms = 1000")
      .bind(JSON.stringify(old.observations))
      .run();
    await db.prepare("UPDATE runs SET observations = '[]' WHERE scheduled_at_ms = 2000").run();
    expect((await loadRuns(db, ALL)).runs).toEqual([old, digestOf(young)]);
    const length = encodeDigest(young.observations).length;
    const page = await loadRuns(db, { ...ALL, fromMs: 2_000, charactersMax: length });
    expect(page).toMatchObject({ runs: [{ scheduledAtMs: 2_000 }], hasMore: false });
  });

  it("leaves out runs that are known or earlier", async () => {
    await appendRuns(
      database.db,
      [1_000, 2_000, 3_000].map((atMs) => makeRun(atMs, "eu-central")),
    );
    const query = { ...ALL, fromMs: 2_000, known: ["3000/eu-central/0"] };
    const page = await loadRuns(database.db, query);
    expect(page.runs.map(runKey)).toEqual(["2000/eu-central/0"]);
  });

  it("leaves out those that are known and no others, however many these are", async () => {
    const runs = ["0", "0+", "00", "1"].map((lane) => makeRun(2_000, "eu-central", lane));
    await appendRuns(database.db, runs);
    const others = Array.from({ length: 600 }, (_, index) => `1000/us-east/${index}`);
    for (const known of [[], others]) {
      const query = { ...ALL, known: ["2000/eu-central/0", "2000/eu-central/1", ...known] };
      const page = await loadRuns(database.db, query);
      expect(page.runs.map(({ lane }) => lane)).toEqual(["0+", "00"]);
    }
  });

  it("costs a row read for each run that is looked at, known or not", async () => {
    const runs = Array.from({ length: 24 }, (_, index) => makeRun(1_000 + index, "eu-central"));
    await appendRuns(database.db, runs);
    const { db, costs } = countCosts(database.db);
    await loadRuns(db, { ...ALL, known: runs.slice(1).map(runKey) });
    expect(costs.rowsRead).toBeLessThan(1.5 * runs.length);
  });

  it("gives pages of so many runs, and says that there are more", async () => {
    await appendRuns(
      database.db,
      [1_000, 2_000, 3_000].map((atMs) => makeRun(atMs, "eu-central")),
    );
    const first = await loadRuns(database.db, { ...ALL, runsMax: 2 });
    expect(first.runs.map(runKey)).toEqual(["1000/eu-central/0", "2000/eu-central/0"]);
    expect(first.hasMore).toBe(true);
    const known = first.runs.map(runKey);
    const second = await loadRuns(database.db, { ...ALL, runsMax: 2, known });
    expect(second.runs.map(runKey)).toEqual(["3000/eu-central/0"]);
    expect(second.hasMore).toBe(false);
  });

  it("gives pages of so many characters, with one run at least", async () => {
    await appendRuns(
      database.db,
      [1_000, 2_000, 3_000].map((atMs) => makeRun(atMs, "eu-central")),
    );
    const page = await loadRuns(database.db, { ...ALL, charactersMax: 1 });
    expect(page.runs.map(runKey)).toEqual(["1000/eu-central/0"]);
    expect(page.hasMore).toBe(true);
  });

  it("names a damaged row and reads the others", async () => {
    await appendRuns(database.db, [makeRun(1_000, "eu-central"), makeRun(2_000, "eu-central")]);
    await database.db.prepare("UPDATE runs SET digest = '[{' WHERE scheduled_at_ms = 1000").run();
    const page = await loadRuns(database.db, ALL);
    expect(page.damaged).toEqual(["1000/eu-central/0"]);
    expect(page.runs.map(runKey)).toEqual(["2000/eu-central/0"]);
  });

  it("loses the oldest runs of before a moment, so many at once, and says how many", async () => {
    const runs = [1_000, 2_000, 3_000, 4_000].flatMap((atMs) => [
      makeRun(atMs, "us-east"),
      makeRun(atMs, "eu-central"),
    ]);
    await appendRuns(database.db, runs);
    expect(await pruneRuns(database.db, 3_000, 3)).toBe(3);
    expect((await loadRuns(database.db, ALL)).runs.map(runKey)[0]).toBe("2000/us-east/0");
    expect(await pruneRuns(database.db, 3_000, 3)).toBe(1);
    expect(await pruneRuns(database.db, 3_000, 3)).toBe(0);
    expect((await loadRuns(database.db, ALL)).runs).toHaveLength(4);
  });
});
