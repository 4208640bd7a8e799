/**
 * The published configuration as this probe knows it: read from D1 once per run, with the last good
 * copy kept in memory for when D1 cannot be read.
 */
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import { publishedConfigSchema } from "../../shared/monitor/published-config.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import { report } from "./journal.ts";

/** Longest wait for D1, in milliseconds. */
const READ_MAX_MS = 5_000;

let lastGood: PublishedConfig | null = null;

/** Parses a configuration; null, with the first problem reported, when it is not one. */
export function parseConfig(value: unknown): PublishedConfig | null {
  const parsed = publishedConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  report("config_invalid", { path: issue?.path.join(".") ?? "", problem: issue?.message ?? "" });
  return null;
}

/** Reads the published configuration; null when there is none and never was. */
export async function loadConfig(db: D1Database): Promise<PublishedConfig | null> {
  const reading = db
    .prepare("SELECT body FROM published_config WHERE id = 1")
    .first<string>("body");
  const settled = await settleBy(reading, monotonicNowMs() + READ_MAX_MS);
  if (settled.type === "value") {
    if (settled.value === null) return lastGood;
    lastGood = parseConfig(jsonOrNull(settled.value)) ?? lastGood;
  } else {
    report("config_unreadable", { timedOut: settled.type === "timeout" });
  }
  return lastGood;
}

function jsonOrNull(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
