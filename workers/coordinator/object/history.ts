/**
 * Questions about what the object has stored beyond its working copy: incidents with their
 * timelines, deliveries, what D1 lacks, and what has become too old to keep. Rollups are asked for
 * in `rollup-history.ts`.
 */
import type { Decision } from "../../../shared/alert/decision.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { KnownChange } from "../../../shared/monitor/recount.ts";
import type { Incident, Transition } from "../../../shared/monitor/verdict.ts";
import type { Run } from "../../../shared/probe/run.ts";
import { runKey } from "../../../shared/probe/run.ts";
import { isBackupOpen } from "./backup-guard.ts";
import type { ObjectDatabase, SqlRow, SqlValue } from "./database.ts";
import { KEPT_RUNS_MAX, MIRROR_ROWS_MAX } from "./limits.ts";
import { RollupHistory } from "./rollup-history.ts";
import type { IncidentWithTimeline, ListQuery } from "./rpc.ts";

/** History that D1 does not have yet. */
export interface Unmirrored {
  incidents: Incident[];
  transitions: Transition[];
  deliveries: Delivery[];
}

/** Times before which things are forgotten (UTC epoch milliseconds). */
export interface Horizons {
  seenMs: number;
  /** Rollups of five minutes and of hours. */
  periodsMs: number;
  daysMs: number;
  historyMs: number;
}

type Conditions = Array<readonly [sql: string, value: SqlValue | undefined]>;

function decode<T>(row: SqlRow): T {
  return JSON.parse(String(row["body"])) as T;
}

/** Conditions whose value is given, as SQL with its values. */
function where(conditions: Conditions): { sql: string; values: SqlValue[] } {
  const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  return {
    sql: ["1 = 1", ...given.map((condition) => condition.sql)].join(" AND "),
    values: given.map((condition) => condition.value),
  };
}

/** The stored history. */
export class History {
  readonly #database: ObjectDatabase;
  /** The stored rollups. */
  readonly rollups: RollupHistory;

  constructor(database: ObjectDatabase) {
    this.#database = database;
    this.rollups = new RollupHistory(database);
  }

  /**
   * Whether a backup is being read: D1's part of it must stay as it is meanwhile, and what would be
   * forgotten would have to be kept elsewhere first.
   */
  get isHeld(): boolean {
    return isBackupOpen(this.#database);
  }

  /** Incidents with their timelines, newest first. */
  incidents(
    query: ListQuery & { open?: boolean | undefined; endedSinceMs?: number | undefined },
  ): IncidentWithTimeline[] {
    const { sql, values } = where([
      ["monitor = ?", query.monitor],
      ["started_at_ms >= ?", query.sinceMs],
      ["ended_at_ms >= ?", query.endedSinceMs],
      ["(ended_at_ms IS NULL) = ?", query.open === undefined ? undefined : Number(query.open)],
    ]);
    return this.#database
      .query(
        `SELECT body, monitor_name FROM incidents WHERE ${sql}
         ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
        ...values,
        query.limit,
      )
      .map((row) => this.#withTimeline(row));
  }

  /** One incident with its timeline; null: unknown. */
  incident(id: string): IncidentWithTimeline | null {
    const [row] = this.#database.query("SELECT body, monitor_name FROM incidents WHERE id = ?", id);
    return row === undefined ? null : this.#withTimeline(row);
  }

  #withTimeline(row: SqlRow): IncidentWithTimeline {
    const incident = decode<Incident>(row);
    const transitions = this.transitionsOf(incident.id);
    return { ...incident, monitorName: String(row["monitor_name"]), transitions };
  }

  /** What happened in an incident, oldest first. */
  transitionsOf(incident: string): Transition[] {
    return this.#database
      .query("SELECT body FROM transitions WHERE incident = ? ORDER BY at_ms, rowid", incident)
      .map((row) => decode<Transition>(row));
  }

  /**
   * All monitors' changes between verdicts in [fromMs, toMs), in their order, with each one's last
   * before that and first after it.
   */
  verdictChanges(fromMs: number, toMs: number): KnownChange[] {
    return this.#database
      .query(
        `WITH verdicts AS (
           SELECT rowid AS place, at_ms, body FROM transitions
           WHERE body ->> 'kind' <> 'incident_acknowledged')
         SELECT body FROM verdicts
         WHERE (at_ms >= ?1 AND at_ms < ?2) OR place IN (
           SELECT max(place) FROM verdicts WHERE at_ms < ?1 GROUP BY body ->> 'monitor'
           UNION ALL
           SELECT min(place) FROM verdicts WHERE at_ms >= ?2 GROUP BY body ->> 'monitor')
         ORDER BY at_ms, place`,
        fromMs,
        toMs,
      )
      .map((row) => decode<Transition>(row));
  }

  /** Deliveries, newest first. */
  deliveries(
    query: ListQuery & { state?: Delivery["state"] | undefined; channel?: string | undefined },
  ): Delivery[] {
    const { sql, values } = where([
      ["monitor = ?", query.monitor],
      ["created_at_ms >= ?", query.sinceMs],
      ["state = ?", query.state],
      ["channel = ?", query.channel],
    ]);
    return this.#database
      .query(
        `SELECT body FROM deliveries WHERE ${sql} ORDER BY created_at_ms DESC, id DESC LIMIT ?`,
        ...values,
        query.limit,
      )
      .map((row) => decode<Delivery>(row));
  }

  /** Every delivery about an incident, alone or with others. */
  deliveriesAbout(incident: string): Delivery[] {
    return this.#database
      .query(
        `SELECT body FROM deliveries WHERE incident = ?
         UNION ALL
         SELECT body FROM deliveries
         WHERE id IN (SELECT delivery FROM delivery_subjects WHERE subject = ?)`,
        incident,
        incident,
      )
      .map((row) => decode<Delivery>(row));
  }

  /** One delivery; null: unknown. */
  delivery(id: string): Delivery | null {
    const [row] = this.#database.query("SELECT body FROM deliveries WHERE id = ?", id);
    return row === undefined ? null : decode<Delivery>(row);
  }

  /** What was decided about telling an incident, oldest first. */
  decisionsAbout(incident: string): Decision[] {
    return this.#database
      .query("SELECT body FROM decisions WHERE subject = ? ORDER BY id", incident)
      .map((row) => decode<Decision>(row));
  }

  /** What D1 lacks, bounded by rows of each kind. */
  unmirrored(): Unmirrored {
    const dirty = (table: string) =>
      this.#database.query(`SELECT body FROM ${table} WHERE dirty = 1 LIMIT ?`, MIRROR_ROWS_MAX);
    return {
      incidents: dirty("incidents").map((row) => decode<Incident>(row)),
      transitions: dirty("transitions").map((row) => decode<Transition>(row)),
      deliveries: dirty("deliveries").map((row) => decode<Delivery>(row)),
    };
  }

  /** Notes what D1 has now; what changed again in the meantime stays to be written. */
  markMirrored(mirrored: Unmirrored): void {
    this.#database.transaction(() => {
      for (const table of ["incidents", "transitions", "deliveries"] as const) {
        for (const entry of mirrored[table]) {
          this.#database.query(
            `UPDATE ${table} SET dirty = 0 WHERE id = ? AND body = ?`,
            entry.id,
            JSON.stringify(entry),
          );
        }
      }
    });
  }

  /** Runs that D1 does not have, oldest first. */
  keptRuns(runsMax: number): Run[] {
    return this.#database
      .query("SELECT body FROM kept_runs ORDER BY scheduled_at_ms LIMIT ?", runsMax)
      .map((row) => decode<Run>(row));
  }

  /** Forgets runs that D1 has now. */
  dropKeptRuns(runs: readonly Run[]): void {
    this.#database.transaction(() => {
      for (const run of runs) {
        this.#database.query("DELETE FROM kept_runs WHERE key = ?", runKey(run));
      }
    });
  }

  /** Forgets what has become too old, except what D1 does not have yet. */
  prune(horizons: Horizons): void {
    const { seenMs, periodsMs, daysMs, historyMs } = horizons;
    this.#database.transaction(() => {
      this.#database.query("DELETE FROM seen_runs WHERE scheduled_at_ms < ?", seenMs);
      this.rollups.prune("5min", periodsMs);
      this.rollups.prune("hour", periodsMs);
      this.rollups.prune("day", daysMs);
      this.#database.query(
        "DELETE FROM deliveries WHERE dirty = 0 AND state <> 'pending' AND created_at_ms < ?",
        historyMs,
      );
      this.#database.query("DELETE FROM decisions WHERE at_ms < ?", historyMs);
      this.#database.query(
        "DELETE FROM delivery_subjects WHERE delivery NOT IN (SELECT id FROM deliveries)",
      );
      this.#database.query(
        `DELETE FROM transitions WHERE dirty = 0 AND at_ms < ? AND NOT EXISTS
           (SELECT 1 FROM incidents WHERE id = transitions.incident AND ended_at_ms IS NULL)`,
        historyMs,
      );
      this.#database.query("DELETE FROM incidents WHERE dirty = 0 AND ended_at_ms < ?", historyMs);
      this.#database.query(
        `DELETE FROM kept_runs WHERE key IN
           (SELECT key FROM kept_runs ORDER BY scheduled_at_ms DESC LIMIT -1 OFFSET ?)`,
        KEPT_RUNS_MAX,
      );
    });
  }
}
