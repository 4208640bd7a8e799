/** Answers of probes beside what the log has of the same runs: everything is taken in, and once. */
import { beforeEach, describe, expect, it } from "vitest";
import { WHOLE } from "../../../../shared/monitor/shard.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import type { Run } from "../../../../shared/probe/run.ts";
import { runKey } from "../../../../shared/probe/run.ts";
import { ingestAnswers, ingestRuns } from "../../../../workers/coordinator/object/ingest.ts";
import { Memory } from "../../../../workers/coordinator/object/memory.ts";
import { rowsOf } from "../../../../workers/coordinator/object/rollups.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { makeConfig, makeMonitor, makeObservation } from "../../../support/observation.ts";
import { NOON_MS } from "../../../support/small-network.ts";

const REGION = "eu-central";
const COURT = { wallMs: NOON_MS + 5_000, publicUrl: null, coordinator: WHOLE };

let memory: Memory;
beforeEach(() => {
  memory = new Memory(new Store(new TestObjectDatabase()));
  const monitors = ["chat", "feed"].map((id) => makeMonitor({ id, name: id }));
  memory.transact((draft) => draft.saveConfig(makeConfig({ monitors })));
});

/** An asked run in which monitors were seen, each failing or (null) up. */
function makeRun(seen: Record<string, Reason | null>): Run {
  return {
    scheduledAtMs: NOON_MS,
    region: REGION,
    lane: "ask",
    startedAtMs: NOON_MS,
    finishedAtMs: NOON_MS + 4_000,
    colo: "FRA",
    configVersion: 1,
    observations: Object.entries(seen).map(([monitor, reason]) =>
      makeObservation({ monitor, region: REGION, colo: "FRA", startedAtMs: NOON_MS + 10, reason }),
    ),
    controls: { passed: 2, failed: 0 },
  };
}

const FIRST = makeRun({ chat: null });
const ALL = makeRun({ chat: null, feed: "upgrade_timeout" });

const read = (...runs: Run[]) => memory.transact((draft) => ingestRuns(draft, runs, COURT));
const answer = (run: Run, stored: boolean) =>
  memory.transact((draft) => ingestAnswers(draft, [{ run, stored }], COURT));

/** Observations that have been counted, by monitor. */
function counted(): Record<string, number> {
  const buckets = memory.history.rollups.buckets("5min", 0, Number.MAX_SAFE_INTEGER, [REGION]);
  const rows = buckets.flatMap((bucket) => rowsOf(bucket));
  return Object.fromEntries(rows.map(({ monitor, observations }) => [monitor, observations]));
}

const kept = () => memory.history.keptRuns(10);
const statusOf = (monitor: string) => memory.state.votes.get(REGION)?.get(monitor)?.status;

describe("the answer of a probe", () => {
  it("that could not write its run is kept for the log", () => {
    answer(ALL, false);
    expect(kept()).toEqual([ALL]);
    expect(counted()).toEqual({ chat: 1, feed: 1 });
  });

  it("that has written it is in the log, and counts once", () => {
    answer(ALL, true);
    read(ALL);
    expect(kept()).toEqual([]);
    expect(counted()).toEqual({ chat: 1, feed: 1 });
  });

  it("whose first part was in the log after all adds what that had not", () => {
    read(FIRST);
    answer(ALL, false);
    expect(statusOf("feed")).toBe("down");
    expect(counted()).toEqual({ chat: 1, feed: 1 });
    const [rest] = kept();
    expect(rest?.lane).not.toBe("ask");
    expect(rest?.observations).toEqual(ALL.observations.slice(1));
    // Later the log gives both back.
    read(FIRST, rest ?? FIRST);
    expect(counted()).toEqual({ chat: 1, feed: 1 });
    expect(memory.state.seen.has(runKey(ALL))).toBe(true);
  });

  it("adds nothing where the log had all of it", () => {
    read(ALL);
    answer(ALL, false);
    expect(kept()).toEqual([]);
    expect(counted()).toEqual({ chat: 1, feed: 1 });
  });
});
