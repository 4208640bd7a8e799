/**
 * The published configuration as this probe knows it: read from D1 once per run, with the last good
 * copy kept in memory for when D1 cannot be read.
 */
import { z } from "zod";
import { monitorSchema } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig, PublishedRow } from "../../shared/monitor/published-config.ts";
import {
  READ_PUBLISHED_SQL,
  joinPublished,
  publishedConfigSchema,
} from "../../shared/monitor/published-config.ts";
import type { RunForm } from "../../shared/probe/run.ts";
import { formFor } from "../../shared/probe/run.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import { report } from "./journal.ts";

/** Longest wait for D1, in milliseconds. */
const READ_MAX_MS = 5_000;

let lastGood: PublishedConfig | null = null;
/** The row that it was read from: a configuration of many monitors takes long to validate. */
let lastRow: PublishedRow | null = null;

/** The configuration without its monitors: a field that a newer coordinator added is let pass. */
const envelopeSchema = z.object({
  ...publishedConfigSchema.shape,
  monitors: z.array(z.unknown()),
});

/**
 * Parses a configuration. A monitor that this probe cannot read, because it is older than the
 * coordinator, is left out and reported; the others are checked all the same.
 *
 * @returns null, with the first problem reported, for what is no configuration
 */
export function parseConfig(value: unknown): PublishedConfig | null {
  const envelope = envelopeSchema.safeParse(value);
  if (!envelope.success) {
    reportIssue("config_invalid", envelope.error);
    return null;
  }
  const monitors = envelope.data.monitors.flatMap((entry) => {
    const monitor = monitorSchema.safeParse(entry);
    if (monitor.success) return [monitor.data];
    reportIssue("monitor_unreadable", monitor.error);
    return [];
  });
  return { ...envelope.data, monitors };
}

function reportIssue(event: string, { issues: [issue] }: z.ZodError): void {
  report(event, { path: issue?.path.join(".") ?? "", problem: issue?.message ?? "" });
}

/**
 * The form in which the log's rows are written: the newest that the coordinator reads, as far as this
 * isolate has read what it has published.
 */
export function rowForm(): RunForm {
  return formFor(lastRow?.log_form);
}

/** Reads the published configuration; null when there is none and never was. */
export async function loadConfig(db: D1Database): Promise<PublishedConfig | null> {
  const reading = db
    .prepare(READ_PUBLISHED_SQL)
    .bind(lastRow?.version ?? null, lastRow?.published_at_ms ?? null)
    .all<PublishedRow & Record<string, unknown>>();
  const settled = await settleBy(reading, monotonicNowMs() + READ_MAX_MS);
  if (settled.type === "value") {
    const rows = settled.value.results;
    const [row] = rows;
    if (row === undefined || row.body === null) return lastGood;
    const config = parseConfig(joinedOrNull(rows));
    if (config !== null) [lastGood, lastRow] = [config, { ...row, body: null }];
  } else {
    report("config_unreadable", { timedOut: settled.type === "timeout" });
  }
  return lastGood;
}

function joinedOrNull(rows: readonly PublishedRow[]): unknown {
  try {
    return joinPublished(rows);
  } catch {
    return null;
  }
}
