/** What a monitor's page says of the last 24 hours, out of a real D1 database. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { VerdictChange } from "../../../../shared/monitor/recount.ts";
import { recountTime, verdictSpans } from "../../../../shared/monitor/recount.ts";
import { rangesOf, reportWindow } from "../../../../shared/monitor/report.ts";
import { packRollups } from "../../../../shared/monitor/rollup-block.ts";
import { uptimeOf } from "../../../../shared/monitor/uptime.ts";
import { loadReport } from "../../../../workers/coordinator/db/report-store.ts";
import { writeHistory } from "../../../../workers/coordinator/log/history-mirror.ts";
import { EVERYTHING_PUBLIC } from "../../../../workers/coordinator/page-settings/page-status.ts";
import { ENGLISH } from "../../../../workers/coordinator/pages/language/languages.ts";
import { loadMonitorReport } from "../../../../workers/coordinator/pages/status-source.ts";
import { renderMonitorReport } from "../../../../workers/coordinator/pages/view-model/monitor-report.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";
import * as worlds from "../../../support/network-worlds.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TODAY_MS = Date.UTC(2026, 10, 28);
const NOW_MS = TODAY_MS + 14 * HOUR_MS + 4.5 * MINUTE_MS;
/** Down and degraded yesterday: the outage ends within the five minutes that the 24 h cut. */
const DOWN_MS = NOW_MS - DAY_MS - 3.5 * MINUTE_MS;
const SLOW_MS = TODAY_MS - 4 * HOUR_MS;

const CHANGES: VerdictChange[] = [
  change(TODAY_MS - 10 * DAY_MS, "unknown", "operational"),
  change(DOWN_MS, "operational", "down"),
  change(DOWN_MS + 3 * MINUTE_MS, "down", "operational"),
  change(SLOW_MS, "operational", "degraded"),
  change(SLOW_MS + MINUTE_MS, "degraded", "operational"),
];

function change(atMs: number, from: VerdictChange["from"], to: VerdictChange["to"]): VerdictChange {
  return { atMs, from, to, sinceMs: atMs };
}

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  const fromMs = TODAY_MS - 10 * DAY_MS;
  const spans = verdictSpans({ kind: "unknown", transitions: CHANGES, fromMs, toMs: NOW_MS });
  await writeHistory(database.db, {
    incidents: [],
    transitions: CHANGES.map((each) => ({
      ...each,
      id: `chat-${each.atMs}`,
      monitor: "chat",
      incident: null,
      kind: "verdict_changed",
      reason: null,
      message: "",
      votes: [],
    })),
    deliveries: [],
    blocks: packRollups(recountTime("chat", spans)),
    snapshot: null,
  });
});
afterAll(() => database.close());

it("is what a report of the same window says, wherever yesterday they begin", async () => {
  const status = worlds.calm();
  const sources = {
    coordinator: () => ({
      networkStatus: async () => status,
      incident: async () => null,
      monitorStatus: async () => null,
      rollups: async () => [],
    }),
    db: database.db,
    scope: EVERYTHING_PUBLIC,
    deadlineMs: 60_000,
    report: (_: unknown, error: unknown) => {
      throw error;
    },
  };
  const known = await loadMonitorReport(sources, { source: "live", status }, "chat", NOW_MS);
  if (known === null) throw new Error("nothing was loaded");
  const [day] = renderMonitorReport(known, NOW_MS, ENGLISH).uptimes;

  const window = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS };
  const stored = await loadReport(database.db, "chat", window, rangesOf(window, "day"));
  expect(uptimeOf(reportWindow({ window, ...stored }).times)).toBe(1);
  expect(day?.percent).toBe("100%");
});
