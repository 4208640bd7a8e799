/**
 * Runs: which monitors are due, when, their checks, and the row in the log.
 *
 * A run that is not over soon is written in parts (see `shared/probe/run.ts`), and the next round
 * does not wait for the later ones. A run whose row cannot be written is not lost for the one who asked
 * for it; of a scheduled one the coordinator makes the first row good, by asking for what is missing.
 */
import { parseDuration } from "../../shared/duration.ts";
import type { Monitor } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import { roundsIn } from "../../shared/monitor/schedule.ts";
import type { Shard } from "../../shared/monitor/shard.ts";
import { WHOLE, parseShard, shardLane, shardMonitors } from "../../shared/monitor/shard.ts";
import type { AskAnswer, AskRequest, RunAnswer, RunRequest } from "../../shared/probe/ask.ts";
import type { Run } from "../../shared/probe/run.ts";
import {
  INSERT_RUN_SQL,
  SPLIT_AFTER_MS,
  STRAGGLERS_AFTER_MS,
  runValues,
} from "../../shared/probe/run.ts";
import { loadConfig, parseConfig, rowForm } from "./config.ts";
import { monotonicNowMs, settleBy, sleepUntil } from "./deadline.ts";
import type { Env } from "./env.ts";
import type { Execution } from "./execution.ts";
import { execute } from "./execution.ts";
import { report } from "./journal.ts";

/** How often D1 is tried, and the longest wait for each time, in milliseconds. */
interface StorePatience {
  attempts: number;
  maxMs: number;
}
const ROUND_PATIENCE: StorePatience = { attempts: 2, maxMs: 5_000 };
/** Whoever asked waits, and keeps the run itself if need be. */
const ASK_PATIENCE: StorePatience = { attempts: 1, maxMs: 2_000 };
/**
 * Longest that stragglers of an ask may take after it was answered, in milliseconds: the platform
 * ends an invocation 30 s after its response.
 */
const STRAGGLERS_MAX_MS = 28_000;

/** No configuration could be had. */
export class ConfigUnavailable extends Error {}

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
  const stragglers: Array<Promise<unknown>> = [];
  for (const round of rounds) {
    const monitors = shardMonitors(round.monitors, shard);
    if (monitors.length === 0) continue;
    await sleepUntil(round.scheduledAtMs);
    const order = { scheduledAtMs: round.scheduledAtMs, lane: shardLane(shard), monitors, config };
    const execution = await execute(order, env);
    await settleBy(execution.over, monotonicNowMs() + SPLIT_AFTER_MS);
    answer.runs += 1;
    if (await storeRun(execution.takeRun(), env, ROUND_PATIENCE)) answer.stored += 1;
    stragglers.push(storeStragglers(execution, env));
  }
  await Promise.all(stragglers);
  return answer;
}

/**
 * Performs one run at once. Where some monitors take long and the log can be written, the answer has
 * the others, and the stragglers are found in the log.
 *
 * @throws ConfigUnavailable
 */
export async function performAsk(
  request: AskRequest,
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
): Promise<AskAnswer> {
  const config = request.config === null ? await requireConfig(env) : parseConfig(request.config);
  if (config === null) throw new ConfigUnavailable("The configuration in the ask is not valid.");
  const { scheduledAtMs, lane, monitors } = request;
  const due =
    monitors === null
      ? shardMonitors(dueAt(scheduledAtMs, config, env), shardOfProbe(env))
      : config.monitors.filter(({ id }) => monitors.includes(id));
  const execution = await execute({ scheduledAtMs, lane, monitors: due, config }, env);
  await settleBy(execution.over, monotonicNowMs() + SPLIT_AFTER_MS);
  const longestMs = Math.max(0, ...due.map(({ timeout }) => parseDuration(timeout) ?? Infinity));
  // A check may be begun twice: what hangs while TLS is begun is tried another way.
  if (execution.isPartial && 2 * longestMs <= STRAGGLERS_MAX_MS) {
    const first = execution.takeRun();
    if (await storeRun(first, env, ASK_PATIENCE)) {
      context.waitUntil(storeStragglers(execution, env));
      return { run: first, stored: true };
    }
    await execution.over;
    return { run: execution.takeRun(), stored: false };
  }
  await execution.over;
  const run = execution.takeRun();
  return { run, stored: await storeRun(run, env, ASK_PATIENCE) };
}

/** Appends what a run's first part does not have, as its checks end; if there is any. */
async function storeStragglers(execution: Execution, env: Env): Promise<void> {
  const stored: Array<Promise<boolean>> = [];
  const store = () => {
    const run = execution.takeStragglers();
    if (run !== null) stored.push(storeRun(run, env, ROUND_PATIENCE));
  };
  for (const afterMs of STRAGGLERS_AFTER_MS) {
    if (execution.isComplete) break;
    await settleBy(execution.over, monotonicNowMs() + afterMs);
    store();
  }
  if (!execution.isComplete) {
    await execution.over;
    store();
  }
  await Promise.all(stored);
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

/** Appends a run to the log; twice if need be, which is harmless. */
async function storeRun(run: Run, env: Env, patience: StorePatience): Promise<boolean> {
  for (let attempt = 1; attempt <= patience.attempts; attempt += 1) {
    const statement = env.DB.prepare(INSERT_RUN_SQL).bind(...runValues(run, rowForm()));
    const settled = await settleBy(statement.run(), monotonicNowMs() + patience.maxMs);
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
