/** Windows over rows that do not contain all of their period, against a count of the history itself. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VerdictChange, VerdictSpan } from "../../../shared/monitor/recount.ts";
import { recountTime, verdictSpans } from "../../../shared/monitor/recount.ts";
import type { Window } from "../../../shared/monitor/report.ts";
import { reportWindow } from "../../../shared/monitor/report.ts";
import { RESOLUTIONS } from "../../../shared/monitor/rollup.ts";
import type { VerdictTimes } from "../../../shared/monitor/uptime.ts";
import { NO_TIME, observedMs } from "../../../shared/monitor/uptime.ts";
import type { VerdictKind } from "../../../shared/monitor/verdict.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MIDNIGHT_MS = Date.UTC(2026, 10, 18);
const KINDS = ["operational", "degraded", "partial", "down", "unknown", "maintenance"] as const;

/** A monitor's verdicts from when it began to be judged up to what has been entered. */
interface History extends Window {
  changes: VerdictChange[];
  spans: VerdictSpan[];
}

type Turn = [to: VerdictKind, afterMs: number, backMs: number];

function historyOf(fromMs: number, turns: readonly Turn[], restMs: number): History {
  const changes: VerdictChange[] = [];
  let [kind, atMs]: [VerdictKind, number] = ["unknown", fromMs];
  for (const [to, afterMs, backMs] of turns) {
    atMs += afterMs;
    if (to !== kind) changes.push({ atMs, from: kind, to, sinceMs: atMs - backMs });
    kind = to;
  }
  const toMs = atMs + restMs;
  const spans = verdictSpans({ kind: "unknown", transitions: changes, fromMs, toMs });
  return { fromMs, toMs, changes, spans };
}

function truth({ spans }: History, { fromMs, toMs }: Window): VerdictTimes {
  const times: VerdictTimes = { ...NO_TIME };
  for (const span of spans) {
    const lengthMs = Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs);
    if (lengthMs > 0) times[`${span.kind}Ms`] += lengthMs;
  }
  return times;
}

function report({ changes, spans }: History, window: Window, from = 0) {
  const kept = new Set(RESOLUTIONS.slice(from));
  const rows = recountTime("chat", spans).filter((row) => kept.has(row.resolution));
  return reportWindow({ window, rows, changes });
}

const NOON_MS = MIDNIGHT_MS + 12 * HOUR_MS;
/** Up since shortly after noon, with an outage an hour later. */
const outage = historyOf(
  NOON_MS,
  [
    ["operational", 30_000, 0],
    ["down", HOUR_MS, 20_000],
    ["operational", 2 * MINUTE_MS, 0],
  ],
  2 * MINUTE_MS,
);

describe("a row of the present period", () => {
  it("is cut within what has been entered", () => {
    const window = { fromMs: outage.toMs - MINUTE_MS, toMs: outage.toMs + 2_000 };
    const { times, timesRounding } = report(outage, window);
    expect(timesRounding).toBe("exact");
    expect(times).toEqual({ ...NO_TIME, operationalMs: MINUTE_MS });
  });

  it("is exact in a report up to now", () => {
    const window = { fromMs: NOON_MS - HOUR_MS, toMs: outage.toMs };
    expect(report(outage, window)).toMatchObject({
      times: truth(outage, window),
      timesRounding: "exact",
    });
  });
});

describe("a row of a monitor's first period", () => {
  const begins = NOON_MS + 11 * MINUTE_MS + 123;
  const monitor = historyOf(begins, [["operational", 40_000, 0]], 3 * HOUR_MS);

  it.each([
    [0, "five minutes"],
    [1, "an hour"],
    [2, "a day"],
  ])("is cut where the monitor began, of resolution %i, %s", (finest) => {
    for (const cutMs of [-5 * MINUTE_MS, 20_000, 60_000, 30 * MINUTE_MS]) {
      const window = { fromMs: begins + cutMs, toMs: monitor.toMs };
      expect(report(monitor, window, finest)).toMatchObject({
        times: truth(monitor, window),
        timesRounding: "exact",
      });
    }
  });

  it("is of a monitor of which nothing was ever known, too", () => {
    const unseen = historyOf(begins, [], HOUR_MS);
    const window = { fromMs: NOON_MS, toMs: unseen.toMs - 90_000 };
    const { times, timesRounding } = report(unseen, window);
    expect(observedMs(times)).toBe(0);
    expect(timesRounding).toBe("exact");
  });

  it("is rounded where the first verdict dates back to before the monitor", () => {
    const early = historyOf(begins, [["down", 10_000, 5 * MINUTE_MS]], 2 * MINUTE_MS);
    const { timesRounding } = report(early, { fromMs: begins + MINUTE_MS, toMs: early.toMs });
    expect(timesRounding).toBe("5min");
  });
});

it("cannot be cut where the monitor was gone meanwhile", () => {
  const minutes = (count: number) => NOON_MS + count * MINUTE_MS;
  const spans: VerdictSpan[] = [
    { kind: "operational", fromMs: NOON_MS, toMs: minutes(10) },
    { kind: "operational", fromMs: minutes(20), toMs: minutes(60) },
  ];
  const changes: VerdictChange[] = [
    { atMs: NOON_MS, from: "unknown", to: "operational", sinceMs: NOON_MS },
    { atMs: minutes(20), from: "unknown", to: "operational", sinceMs: minutes(20) },
  ];
  const gone = { fromMs: NOON_MS, toMs: minutes(60), changes, spans };
  const { timesRounding } = report(gone, { fromMs: minutes(5), toMs: minutes(60) }, 1);
  expect(timesRounding).toBe("hour");
});

const anyTurn: fc.Arbitrary<Turn> = fc.tuple(
  fc.constantFrom(...KINDS),
  fc.oneof(
    fc.integer({ min: 1_000, max: 10 * MINUTE_MS }),
    fc.integer({ max: 10 * HOUR_MS, min: 1 }),
  ),
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 * MINUTE_MS })),
);
const anyHistory = fc
  .tuple(
    fc.integer({ min: 0, max: DAY_MS }),
    fc.array(anyTurn, { maxLength: 12 }),
    fc.integer({ min: 1, max: 2 * HOUR_MS }),
  )
  .map(([startMs, turns, restMs]) => historyOf(MIDNIGHT_MS + startMs, turns, restMs));
const anyCase = anyHistory.chain((history) =>
  fc.record({
    history: fc.constant(history),
    finest: fc.integer({ min: 0, max: 2 }),
    edges: fc.tuple(
      fc.integer({ min: history.fromMs - HOUR_MS, max: history.toMs - 1 }),
      fc.oneof(fc.constant(0), fc.integer({ min: 0, max: history.toMs - history.fromMs })),
    ),
  }),
);

it("is what the history comes to wherever a report calls itself exact", () => {
  let [exact, all] = [0, 0];
  fc.assert(
    fc.property(anyCase, ({ history, finest, edges: [fromMs, lessMs] }) => {
      const window = { fromMs, toMs: Math.max(fromMs + 1, history.toMs - lessMs) };
      const { times, timesRounding } = report(history, window, finest);
      all += 1;
      if (timesRounding !== "exact") return;
      exact += 1;
      // In a monitor's first period it cannot always be told when nothing was known.
      const { unknownMs: _, ...known } = truth(history, window);
      expect(times).toMatchObject(known);
    }),
    { numRuns: 500 },
  );
  expect(exact / all).toBeGreaterThan(0.7);
});
