/**
 * Runs: which monitors are due, when, their checks, and the row in the log.
 *
 * A run whose row cannot be written is not lost for the one who asked for it; a scheduled one is
 * made good by the coordinator, which asks for what is missing.
 */
import type { Monitor } from "../../shared/monitor/monitor.ts";
import { checkSpec, intervalMs, monitorRegions } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import { roundsIn } from "../../shared/monitor/schedule.ts";
import type { Shard } from "../../shared/monitor/shard.ts";
import { WHOLE, parseShard, shardLane, shardMonitors } from "../../shared/monitor/shard.ts";
import type {
  AskAnswer,
  AskRequest,
  BatchRequest,
  RunAnswer,
  RunRequest,
} from "../../shared/probe/ask.ts";
import { isInspectionDue } from "../../shared/probe/certificate.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import { boundTranscripts } from "../../shared/probe/evidence-budget.ts";
import type { Run } from "../../shared/probe/run.ts";
import { ASK_LANE, INSERT_RUN_SQL, runValues } from "../../shared/probe/run.ts";
import { userAgent } from "../../shared/version.ts";
import type { BatchAnswer } from "./batch.ts";
import { performChecks } from "./batch.ts";
import type { CheckContext } from "./check.ts";
import { observedColo } from "./colo.ts";
import { loadConfig, parseConfig } from "./config.ts";
import { monotonicNowMs, settleBy, sleepUntil } from "./deadline.ts";
import type { Env } from "./env.ts";
import { report } from "./journal.ts";

/** Longest wait for D1 to take a row, in milliseconds, and how often it is tried. */
const STORE_MAX_MS = 5_000;
const STORE_ATTEMPTS = 2;
/** What a batch may take beyond the timeouts of its checks, in milliseconds. */
const BATCH_SLACK_MS = 5_000;
/** Checks of a batch that are at least performed at the same time. */
const BATCH_CONCURRENCY_MIN = 3;

/** No configuration could be had. */
export class ConfigUnavailable extends Error {}

/** What is the same for all checks of this probe. */
export function checkContext(env: Env, colo: string | null): CheckContext {
  return {
    region: env.REGION,
    colo,
    resolvers: env.DNS_RESOLVERS.split(",")
      .map((url) => url.trim())
      .filter((url) => url !== ""),
    privateReachable: env.ALLOW_PRIVATE_ADDRESSES === "1",
    keepTranscript: false,
  };
}

/**
 * Performs the region's rounds of one cron period, each in its time.
 *
 * @throws ConfigUnavailable
 */
export async function performRounds(request: RunRequest, env: Env): Promise<RunAnswer> {
  const config = await requireConfig(env);
  const { scheduledAtMs, paceMs } = request;
  const rounds = roundsIn({
    config,
    region: env.REGION,
    fromMs: scheduledAtMs,
    toMs: scheduledAtMs + paceMs,
  });
  const shard = shardOfProbe(env);
  const answer: RunAnswer = { runs: 0, stored: 0 };
  for (const round of rounds) {
    const monitors = shardMonitors(round.monitors, shard);
    if (monitors.length === 0) continue;
    await sleepUntil(round.scheduledAtMs);
    const run = await performRun(round.scheduledAtMs, shardLane(shard), monitors, config, env);
    answer.runs += 1;
    if (await storeRun(run, env)) answer.stored += 1;
  }
  return answer;
}

/**
 * Performs one run at once.
 *
 * @throws ConfigUnavailable
 */
export async function performAsk(request: AskRequest, env: Env): Promise<AskAnswer> {
  const config = request.config === null ? await requireConfig(env) : parseConfig(request.config);
  if (config === null) throw new ConfigUnavailable("The configuration in the ask is not valid.");
  const { scheduledAtMs, lane, monitors } = request;
  const due =
    monitors === null
      ? shardMonitors(dueAt(scheduledAtMs, config, env), shardOfProbe(env))
      : config.monitors.filter(({ id }) => monitors.includes(id));
  const run = await performRun(scheduledAtMs, lane, due, config, env);
  return { run, stored: await storeRun(run, env) };
}

/** Monitors whose round in this region is at a moment. */
function dueAt(scheduledAtMs: number, config: PublishedConfig, env: Env): Monitor[] {
  const toMs = scheduledAtMs + 1;
  const rounds = roundsIn({ config, region: env.REGION, fromMs: scheduledAtMs, toMs });
  return rounds.flatMap((round) => round.monitors);
}

/** The part of the region that falls to this Worker; all of it when the variable is not a part. */
function shardOfProbe(env: Env): Shard {
  const shard = parseShard(env.SHARD ?? "");
  if (shard === null) report("shard_invalid", { shard: env.SHARD ?? "" });
  return shard ?? WHOLE;
}

async function requireConfig(env: Env): Promise<PublishedConfig> {
  const config = await loadConfig(env.DB);
  if (config === null) throw new ConfigUnavailable("There is no published configuration to read.");
  return config;
}

async function performRun(
  scheduledAtMs: number,
  lane: string,
  monitors: readonly Monitor[],
  config: PublishedConfig,
  env: Env,
): Promise<Run> {
  const colo = await observedColo(env.COLO_TRACE_URL, userAgent(env.REGION));
  const startedAtMs = Date.now();
  const observations = await performChecks(
    monitors.map((monitor) => specOf(monitor, { scheduledAtMs, lane, region: env.REGION, config })),
    checkContext(env, colo),
    (request) => sendBatch(request, env),
  );
  return {
    scheduledAtMs,
    region: env.REGION,
    lane,
    startedAtMs,
    finishedAtMs: Date.now(),
    colo,
    configVersion: config.version,
    observations: boundTranscripts(observations),
  };
}

/** The check of a monitor in a run; a scheduled one inspects the certificate in its turn. */
function specOf(
  monitor: Monitor,
  run: { scheduledAtMs: number; lane: string; region: string; config: PublishedConfig },
): CheckSpec {
  const { scheduledAtMs, lane, region, config } = run;
  const inspectCertificate =
    lane !== ASK_LANE &&
    isInspectionDue({
      monitor: monitor.id,
      region,
      regions: monitorRegions(monitor, config.regions),
      scheduledAtMs,
      intervalMs: intervalMs(monitor, config.defaultIntervalMs),
    });
  return { ...checkSpec(monitor), inspectCertificate };
}

async function sendBatch(request: BatchRequest, env: Env): Promise<BatchAnswer | null> {
  const timeoutMs = Math.max(...request.checks.map(({ spec }) => spec.timeoutMs));
  const turns = Math.ceil(request.checks.length / BATCH_CONCURRENCY_MIN);
  const post = async () => {
    const response = await env.SELF.fetch("http://probe/batch", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json<BatchAnswer>();
  };
  const settled = await settleBy(post(), monotonicNowMs() + turns * timeoutMs + BATCH_SLACK_MS);
  if (settled.type === "value") return settled.value;
  report("batch_failed", { checks: request.checks.length, timedOut: settled.type === "timeout" });
  return null;
}

/** Appends a run to the log; twice if need be, which is harmless. */
async function storeRun(run: Run, env: Env): Promise<boolean> {
  for (let attempt = 1; attempt <= STORE_ATTEMPTS; attempt += 1) {
    const statement = env.DB.prepare(INSERT_RUN_SQL).bind(...runValues(run));
    const settled = await settleBy(statement.run(), monotonicNowMs() + STORE_MAX_MS);
    if (settled.type === "value" && settled.value.success) return true;
    report("run_not_stored", {
      scheduledAtMs: run.scheduledAtMs,
      lane: run.lane,
      attempt,
      timedOut: settled.type === "timeout",
    });
  }
  return false;
}
