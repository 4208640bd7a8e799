/** The days of the status: equal to a recount of what was counted, and bounded by the network's size. */
import { describe, expect, it } from "vitest";
import type { MonitorDays } from "../../../../shared/monitor/day-status.ts";
import { addToDays, noDays } from "../../../../shared/monitor/day-status.ts";
import type { Rollup } from "../../../../shared/monitor/rollup.ts";
import { WHOLE } from "../../../../shared/monitor/shard.ts";
import {
  QUORUM_REGION,
  dayStartMs,
  emptyRollup,
  periodStartMs,
  rollUpObservation,
} from "../../../../shared/monitor/rollup.ts";
import { DayHistory } from "../../../../workers/coordinator/object/day-history.ts";
import { Memory } from "../../../../workers/coordinator/object/memory.ts";
import { RegionShards } from "../../../../workers/coordinator/object/region-shards.ts";
import { addToBuckets, foldBuckets } from "../../../../workers/coordinator/object/rollups.ts";
import {
  renderNetworkStatus,
  renderOneMonitor,
} from "../../../../workers/coordinator/object/status.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { makeConfig, makeMonitor, makeObservation } from "../../../support/observation.ts";
import { NOON_MS } from "../../../support/small-network.ts";

const DAY_MS = 86_400_000;

/** What a check some days ago adds. */
function checkAt(days: number, fields: { monitor?: string; totalMs?: number } = {}): Rollup {
  const startedAtMs = NOON_MS - days * DAY_MS;
  return rollUpObservation(makeObservation({ region: "us-east", startedAtMs, ...fields }));
}

/** A minute that was operational some days ago. */
function minuteAt(days: number): Rollup {
  const bucketStartMs = periodStartMs("5min", NOON_MS - days * DAY_MS);
  const key = {
    monitor: "chat",
    resolution: "5min",
    region: QUORUM_REGION,
    bucketStartMs,
  } as const;
  return { ...emptyRollup(key), operationalMs: 60_000 };
}

function memoryOf(monitors: number): Memory {
  const memory = new Memory(new Store(new TestObjectDatabase()));
  const config = makeConfig({
    monitors: Array.from({ length: monitors }, (_, index) =>
      makeMonitor(index === 0 ? {} : { id: `service-${index}` }),
    ),
  });
  memory.transact((draft) => draft.saveConfig(config));
  return memory;
}

/** Counts, and folds all but the last five minutes into days. */
function count(memory: Memory, rows: readonly Rollup[]): void {
  memory.transact((draft) => {
    addToBuckets(draft, rows);
    foldBuckets(draft, NOON_MS);
  });
}

/** The days of a monitor as they should be. */
function recounted(rows: readonly Rollup[], nowMs: number): MonitorDays {
  const days = noDays();
  const todayMs = dayStartMs(nowMs);
  for (const row of rows) {
    if (row.bucketStartMs < todayMs - 89 * DAY_MS) continue;
    addToDays(days, row, todayMs - DAY_MS);
  }
  return days;
}

describe("the days of a monitor", () => {
  it("are what was counted on each of the last ninety, today's unfolded minutes included", () => {
    const memory = memoryOf(1);
    const days = new DayHistory(memory);
    const rows = [120, 90, 89, 45, 45.2, 2, 1, 0.3, 0.001, 0].flatMap((ago) => [
      checkAt(ago, { totalMs: 40 + ago }),
      minuteAt(ago),
    ]);
    count(memory, rows);
    expect(days.load(NOON_MS, "regions").get("chat")).toEqual(recounted(rows, NOON_MS));
    expect(days.load(NOON_MS, "quorum").get("chat")).toEqual({
      ...recounted(rows, NOON_MS),
      regions: new Map(),
    });
    const tomorrowMs = NOON_MS + DAY_MS;
    expect(days.load(tomorrowMs, "regions").get("chat")).toEqual(recounted(rows, tomorrowMs));
  });

  it("take in what comes late for a day that is long over", () => {
    const memory = memoryOf(1);
    const days = new DayHistory(memory);
    const first = [checkAt(30), minuteAt(30)];
    count(memory, first);
    expect(days.load(NOON_MS, "regions").get("chat")).toEqual(recounted(first, NOON_MS));
    const late = [checkAt(30.1), minuteAt(12)];
    count(memory, late);
    const all = [...first, ...late];
    expect(days.load(NOON_MS, "regions").get("chat")).toEqual(recounted(all, NOON_MS));
  });

  it("are those of the monitors that are published", () => {
    const memory = memoryOf(2);
    const days = new DayHistory(memory);
    const rows = [checkAt(30), checkAt(30, { monitor: "service-1" })];
    count(memory, rows);
    expect([...days.load(NOON_MS, "regions").keys()]).toEqual(["chat", "service-1"]);
    memory.transact((draft) => draft.saveConfig(makeConfig({ version: 2 })));
    expect([...days.load(NOON_MS, "regions")]).toEqual([
      ["chat", recounted(rows.slice(0, 1), NOON_MS)],
    ]);
  });
});

describe("the status of a network", () => {
  const settings = { regions: ["us-east"], publicUrl: null };

  it.each([
    { monitors: 400, hasDays: true, hasRegionDays: true, hasRegions: true },
    { monitors: 401, hasDays: true, hasRegionDays: false, hasRegions: true },
    { monitors: 2_001, hasDays: false, hasRegionDays: false, hasRegions: true },
    { monitors: 5_001, hasDays: false, hasRegionDays: false, hasRegions: false },
  ])("of $monitors monitors has as much of each as there is room for", (expected) => {
    const memory = memoryOf(expected.monitors);
    memory.transact((draft) => {
      for (const { id } of draft.config?.monitors ?? []) {
        const verdict = {
          monitor: id,
          kind: id === "service-7" ? "down" : "operational",
          reason: null,
          message: "",
          sinceMs: NOON_MS,
          votes: [],
        } as const;
        draft.saveJudgement({
          monitor: id,
          verdict: { ...verdict, votes: [] },
          incident: null,
          sequence: 0,
          askedAtMs: null,
          asks: 0,
        });
      }
    });
    const shards = new RegionShards(settings);
    const days = new DayHistory(memory);
    const { regions } = settings;
    const facts = { memory, days, regions, shards, coordinator: WHOLE };
    const status = renderNetworkStatus(facts, NOON_MS);
    const [chat] = status.monitors;
    expect({
      monitors: status.monitors.length,
      hasDays: chat?.days !== null,
      hasRegionDays: chat?.regions.every((seen) => seen.days !== null) === true && hasAny(chat),
      hasRegions: (chat?.regions.length ?? 0) > 0,
    }).toEqual(expected);
    // Whatever is in trouble is told of with all that was seen.
    expect(status.monitors.find(({ id }) => id === "service-7")?.regions).toHaveLength(4);
    const one = renderOneMonitor(memory, "chat", NOON_MS);
    expect({ days: one?.days, regions: one?.regions.length }).toEqual({ days: null, regions: 4 });
    expect(renderOneMonitor(memory, "nothing", NOON_MS)).toBeNull();
  });
});

function hasAny({ regions }: { regions: readonly unknown[] }): boolean {
  return regions.length > 0;
}
