/**
 * The past of a network that has run for months, in the object's storage: rollups for as long as they
 * are kept, made of what was just observed, and days of incidents with all that was told of them.
 */
import { PERIOD_MS, dayStartMs } from "../../../shared/monitor/rollup.ts";
import type { Resolution } from "../../../shared/monitor/rollup.ts";
import { addEncodedRollups } from "../../../shared/monitor/rollup-block.ts";
import type { ObjectDatabase } from "../../../workers/coordinator/object/database.ts";
import { PERIODS_KEPT_MS, STATUS_DAYS } from "../../../workers/coordinator/object/limits.ts";
import { decodeRows, encodeRows } from "../../../workers/coordinator/object/rollups.ts";

const DAY_MS = 86_400_000;
/** Of how many of the finer periods' rows a row is the sum. */
const SUMMED = { hour: 12, day: 24 } as const;

/** From when rollups of a resolution are there. */
function keptFromMs(resolution: Resolution, nowMs: number, days: number): number {
  const fromMs = resolution === "day" ? nowMs - days * DAY_MS : nowMs - PERIODS_KEPT_MS;
  return Math.max(dayStartMs(fromMs), dayStartMs(nowMs - days * DAY_MS));
}

/** Rows each of which is the sum of several, so that latencies are spread as over a longer time. */
function sumRows(texts: readonly string[], count: number): string[] {
  return texts.map((_, index) => {
    let sum = "";
    for (let offset = 0; offset < count; offset += 1) {
      const text = texts[(index + offset) % texts.length] ?? "";
      sum = sum === "" ? text : addEncodedRollups(sum, text);
    }
    return sum;
  });
}

/** Writes rollups of all times before now that are kept; at most of some days. */
export function writeRollups(database: ObjectDatabase, nowMs: number, days = STATUS_DAYS): void {
  const [newest] = database.query("SELECT max(start_ms) AS at FROM buckets");
  const keys = database.query(
    "SELECT region, part FROM buckets WHERE resolution = '5min' AND start_ms = ?",
    newest?.["at"] ?? 0,
  );
  for (const { region = "", part = 0 } of keys) {
    const [row] = database.query(
      `SELECT body FROM buckets
       WHERE resolution = '5min' AND region = ? AND start_ms = ? AND part = ?`,
      region,
      newest?.["at"] ?? 0,
      part,
    );
    const key = { resolution: "5min", region: String(region), startMs: 0, part: 0 } as const;
    const observed = decodeRows(key, String(row?.["body"])).rows;
    let texts = [...observed.values()];
    for (const resolution of ["5min", "hour", "day"] as const) {
      if (resolution !== "5min") texts = sumRows(texts, SUMMED[resolution]);
      const rows = new Map([...observed.keys()].map((id, index) => [id, texts[index] ?? ""]));
      const body = encodeRows({ ...key, resolution, rows });
      database.transaction(() => {
        const untilMs = nowMs - PERIOD_MS[resolution];
        let startMs = keptFromMs(resolution, nowMs, days);
        for (; startMs < untilMs; startMs += PERIOD_MS[resolution]) {
          database.query(
            "INSERT OR IGNORE INTO buckets VALUES (?, ?, ?, ?, ?, 0)",
            resolution,
            region,
            startMs,
            part,
            body,
          );
        }
      });
    }
  }
}

/** Has every day before today been like today, as far as incidents go. */
export function writeIncidents(database: ObjectDatabase, days = STATUS_DAYS): void {
  const copied = [
    "incidents (id, monitor, monitor_name, started_at_ms, ended_at_ms, body, dirty)",
    "transitions (id, incident, at_ms, body, dirty)",
    "deliveries (id, channel, monitor, incident, state, created_at_ms, body, dirty)",
    "decisions (subject, at_ms, body)",
  ];
  database.transaction(() => {
    for (const target of copied) {
      const [table = "", list = ""] = target.slice(0, -1).split(" (");
      const values = list.replace(/^id\b/, "id || '/' || day").replace(/\bdirty$/, "0");
      // Without an incident is what became of each monitor in the beginning.
      const which = table === "transitions" ? "WHERE incident IS NOT NULL" : "";
      database.query(
        `WITH RECURSIVE days (day) AS
           (SELECT 1 UNION ALL SELECT day + 1 FROM days WHERE day < ?)
         INSERT INTO ${target} SELECT ${values} FROM ${table}, days ${which}`,
        days,
      );
    }
  });
}
