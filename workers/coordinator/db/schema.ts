/**
 * The D1 database, declared for drizzle; `npm run db:generate` turns changes into migrations.
 *
 * D1 holds the run log (written by probes, and by the coordinator for runs it had to keep), the
 * configuration (written by the API), and the history that the coordinator's object mirrors here.
 * Times are UTC epoch milliseconds. No foreign keys with cascades: table rebuilds would fire them.
 * `runs` and the rollups are WITHOUT ROWID (one written row per insert); drizzle cannot say so, the
 * migrations do.
 */
import {
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

/** The log: one row per run; see `shared/probe/run.ts`. */
export const runs = sqliteTable(
  "runs",
  {
    scheduledAtMs: integer("scheduled_at_ms").notNull(),
    region: text("region").notNull(),
    lane: text("lane").notNull(),
    startedAtMs: integer("started_at_ms").notNull(),
    finishedAtMs: integer("finished_at_ms").notNull(),
    colo: text("colo"),
    configVersion: integer("config_version").notNull(),
    observations: text("observations").notNull(),
    controls: text("controls"),
    digest: text("digest"),
    evidence: text("evidence"),
  },
  (table) => [primaryKey({ columns: [table.scheduledAtMs, table.region, table.lane] })],
);

/** Monitors as validated; the definition includes the id. */
export const monitors = sqliteTable("monitors", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  definition: text("definition").notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/**
 * Which coordinator judges a monitor, counted from 0: for good, also beyond the monitor's life, so that
 * its history stays in one hand. One that is not here is with the first.
 */
export const placements = sqliteTable("placements", {
  /** The monitor's. */
  id: text("id").primaryKey(),
  coordinator: integer("coordinator").notNull(),
});

/** Windows of announced maintenance as validated; those long over stay. */
export const maintenances = sqliteTable("maintenances", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  endsAtMs: integer("ends_at_ms").notNull(),
  /** The whole window with its id, JSON. */
  definition: text("definition").notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** What probes and coordinator work by: one row, id 1, and behind it what it cannot hold. */
export const publishedConfig = sqliteTable("published_config", {
  id: integer("id").primaryKey(),
  version: integer("version").notNull(),
  publishedAtMs: integer("published_at_ms").notNull(),
  body: text("body").notNull(),
  /** Newest form of the log's rows that whoever published it reads, in the first row; null: 0. */
  logForm: integer("log_form"),
});

/** Where alerts go. `settings` holds secrets: never selected for a page or an API answer. */
export const channels = sqliteTable("channels", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  kind: text("kind").notNull(),
  settings: text("settings").notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** How alerts are routed, grouped and repeated: one row, id 1; none: nothing is declared. */
export const alertPolicy = sqliteTable("alert_policy", {
  id: integer("id").primaryKey(),
  updatedAtMs: integer("updated_at_ms").notNull(),
  /** The whole policy, JSON. */
  body: text("body").notNull(),
});

/** What somebody does not want to hear of for a while. */
export const silences = sqliteTable("silences", {
  id: text("id").primaryKey(),
  createdAtMs: integer("created_at_ms").notNull(),
  endsAtMs: integer("ends_at_ms").notNull(),
  /** The whole silence, JSON. */
  body: text("body").notNull(),
});

/** What people have written about trouble. */
export const writtenIncidents = sqliteTable("written_incidents", {
  id: text("id").primaryKey(),
  startedAtMs: integer("started_at_ms").notNull(),
  /** Null: it goes on. */
  resolvedAtMs: integer("resolved_at_ms"),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
  /** The whole of it with its updates, JSON. */
  definition: text("definition").notNull(),
});

/** What a written incident may begin with. */
export const incidentTemplates = sqliteTable("incident_templates", {
  id: text("id").primaryKey(),
  updatedAtMs: integer("updated_at_ms").notNull(),
  /** The whole template, JSON. */
  definition: text("definition").notNull(),
});

/** Public pages that somebody has set up; none: one shows everything that is public. */
export const pages = sqliteTable("pages", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** The whole page without its pictures' bytes, JSON. */
  definition: text("definition").notNull(),
  /** Pictures, as `data:` URLs. */
  logo: text("logo"),
  logoDark: text("logo_dark"),
  favicon: text("favicon"),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** Who of the public wants to hear of trouble. Of what has ended nothing personal is kept. */
export const subscriptions = sqliteTable(
  "subscriptions",
  {
    /** Random: nobody can guess one. */
    id: text("id").primaryKey(),
    /** `email`, `webhook` or `slack`. */
    kind: text("kind").notNull(),
    /** `pending` until its owner has confirmed, then `active`, then `ended`. */
    state: text("state").notNull(),
    /** Keyed digest of page, kind and address: finds a repetition, tells nobody who it is. */
    digest: text("digest"),
    /** Id of the page on which it was made: it is told no more than that page shows. */
    page: text("page").notNull(),
    /** Ids of monitors, JSON; null: all of the page. */
    monitors: text("monitors"),
    /** Tag of the language in which it is written to. */
    language: text("language").notNull(),
    /** Address and secrets, sealed, JSON. */
    target: text("target"),
    createdAtMs: integer("created_at_ms").notNull(),
    confirmedAtMs: integer("confirmed_at_ms"),
    endedAtMs: integer("ended_at_ms"),
    /** `unsubscribed`, `removed`, `gone` or `failing`; null: it has not ended. */
    endedWhy: text("ended_why"),
    /** Grows with each change that the coordinator's object has to learn of; 0: none yet. */
    revision: integer("revision").notNull(),
  },
  (table) => [
    uniqueIndex("subscriptions_digest").on(table.digest),
    index("subscriptions_revision").on(table.revision),
    index("subscriptions_state").on(table.state, table.createdAtMs),
  ],
);

/** How often somebody has asked lately, by a keyed digest of who. */
export const subscriptionAttempts = sqliteTable("subscription_attempts", {
  key: text("key").primaryKey(),
  count: integer("count").notNull(),
  /** When counting begins anew. */
  untilMs: integer("until_ms").notNull(),
});

/** Mirror of the object's incidents. */
export const incidents = sqliteTable(
  "incidents",
  {
    id: text("id").primaryKey(),
    monitor: text("monitor").notNull(),
    startedAtMs: integer("started_at_ms").notNull(),
    endedAtMs: integer("ended_at_ms"),
    /** The whole incident, JSON. */
    body: text("body").notNull(),
  },
  (table) => [
    index("incidents_started").on(table.startedAtMs),
    // Has all that a report asks, so that it reads one monitor's incidents and no others.
    index("incidents_monitor").on(table.monitor, table.startedAtMs, table.endedAtMs),
  ],
);

/** Mirror of the object's transitions. */
export const transitions = sqliteTable(
  "transitions",
  {
    id: text("id").primaryKey(),
    monitor: text("monitor").notNull(),
    incident: text("incident"),
    atMs: integer("at_ms").notNull(),
    /** The whole transition with the votes that made it, JSON. */
    body: text("body").notNull(),
  },
  (table) => [index("transitions_monitor_at").on(table.monitor, table.atMs)],
);

/** Mirror of the object's outbox. */
export const deliveries = sqliteTable(
  "deliveries",
  {
    /** Idempotency key of the message. */
    id: text("id").primaryKey(),
    channel: text("channel").notNull(),
    incident: text("incident"),
    state: text("state").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    /** The whole delivery, JSON. */
    body: text("body").notNull(),
  },
  (table) => [index("deliveries_created").on(table.createdAtMs)],
);

/**
 * Rollups: all rows of one monitor and resolution within a block's time, every region's; see
 * `shared/monitor/rollup-block.ts`. The key's order lets retention find what is too old.
 */
export const rollupBlocks = sqliteTable(
  "rollup_blocks",
  {
    /** `5min`, `hour` or `day` (UTC). */
    resolution: text("resolution").notNull(),
    monitor: text("monitor").notNull(),
    startMs: integer("start_ms").notNull(),
    body: text("body").notNull(),
  },
  (table) => [primaryKey({ columns: [table.resolution, table.monitor, table.startMs] })],
);

/**
 * Counts per monitor, region (`*`: by quorum) and period, as an older release kept them. Not written
 * any more; what it held is in the blocks since their migration.
 */
export const rollups = sqliteTable(
  "rollups",
  {
    monitor: text("monitor").notNull(),
    /** `hour` or `day` (UTC). */
    resolution: text("resolution").notNull(),
    region: text("region").notNull(),
    bucketStartMs: integer("bucket_start_ms").notNull(),
    observations: integer("observations").notNull(),
    up: integer("up").notNull(),
    degraded: integer("degraded").notNull(),
    down: integer("down").notNull(),
    unknown: integer("unknown").notNull(),
    /** Time by verdict; only for region `*`. */
    operationalMs: integer("operational_ms").notNull(),
    degradedMs: integer("degraded_ms").notNull(),
    partialMs: integer("partial_ms").notNull(),
    downMs: integer("down_ms").notNull(),
    unknownMs: integer("unknown_ms").notNull(),
    maintenanceMs: integer("maintenance_ms").notNull(),
    /** Sum of `timings.totalMs` over observations that have it, and their number. */
    latencySumMs: real("latency_sum_ms").notNull(),
    latencyCount: integer("latency_count").notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.monitor, table.resolution, table.region, table.bucketStartMs],
    }),
  ],
);

/**
 * Configuration that is being restored, until it takes the place of the present in one transaction;
 * then one row says which restore it was: table `` and the restore's id.
 */
export const restoredRows = sqliteTable(
  "restored_rows",
  {
    ofTable: text("of_table").notNull(),
    id: text("id").notNull(),
    /** The whole row, JSON; null: none. */
    body: text("body"),
  },
  (table) => [primaryKey({ columns: [table.ofTable, table.id] })],
);

/** Last public snapshot of each coordinator, for when its object cannot answer: from id 1. */
export const snapshots = sqliteTable("snapshots", {
  id: integer("id").primaryKey(),
  generatedAtMs: integer("generated_at_ms").notNull(),
  body: text("body").notNull(),
});
