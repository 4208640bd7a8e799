/**
 * One execution of a run: the checks of its monitors under way, and the rows that come of it. Knows
 * neither when a run is due nor where its rows are kept.
 */
import type { Monitor } from "../../shared/monitor/monitor.ts";
import { checkSpec, intervalMs, monitorRegions } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { BatchRequest } from "../../shared/probe/ask.ts";
import { isInspectionDue } from "../../shared/probe/certificate.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import { boundTranscripts } from "../../shared/probe/evidence-budget.ts";
import type { Observation } from "../../shared/probe/observation.ts";
import type { ControlsResult, Run } from "../../shared/probe/run.ts";
import { isAskLane, stragglerLane } from "../../shared/probe/run.ts";
import { userAgent } from "../../shared/version.ts";
import { isSealedValue, openHeaders } from "../sealed-headers.ts";
import { SealError, SealingKeys } from "../sealing.ts";
import type { Left, Observed } from "./batch.ts";
import { RunningChecks } from "./batch.ts";
import { readBatch } from "./batch-stream.ts";
import type { CheckContext } from "./progress.ts";
import { observedColo } from "./colo.ts";
import { requestControls } from "./controls.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import type { Env } from "./env.ts";
import { report } from "./journal.ts";

/** What a batch may take beyond the timeouts of its checks, in milliseconds. */
const BATCH_SLACK_MS = 5_000;
/** Checks of a batch that are at least performed at the same time. */
const BATCH_CONCURRENCY_MIN = 3;

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

/** A run to be made. */
export interface RunOrder {
  scheduledAtMs: number;
  lane: string;
  monitors: readonly Monitor[];
  config: PublishedConfig;
}

/** What the rows of a run have in common. */
type RunFacts = Omit<Run, "finishedAtMs" | "observations" | "controls">;

/** A run that is being made. */
export class Execution {
  readonly #facts: RunFacts;
  readonly #checks: RunningChecks;
  readonly #expected: number;
  #controls: ControlsResult | null = null;
  /** Monitors that are in a part already. */
  #taken: ReadonlySet<string> = new Set();
  /** Parts of stragglers that were taken. */
  #parts = 0;
  /** Fulfilled when every check is over, and the control targets have been looked at. */
  readonly over: Promise<void>;

  constructor(
    facts: RunFacts,
    checks: RunningChecks,
    controls: Promise<ControlsResult | null>,
    expected: number,
  ) {
    this.#facts = facts;
    this.#checks = checks;
    this.#expected = expected;
    const looked = async () => {
      this.#controls = await controls;
    };
    this.over = Promise.all([checks.over, looked()]).then(() => undefined);
  }

  /** Whether some checks, but not all, are over. */
  get isPartial(): boolean {
    const made = this.#checks.observations().length;
    return made > 0 && made < this.#expected;
  }

  /** Whether the parts have everything. */
  get isComplete(): boolean {
    return this.#taken.size === this.#expected;
  }

  /** The run with what has been observed so far: its first part, or all of it. */
  takeRun(): Run {
    const observations = this.#checks.observations();
    this.#taken = new Set(observations.map(({ monitor }) => monitor));
    const run = this.#row(this.#facts.lane, observations);
    return this.#controls === null ? run : { ...run, controls: this.#controls };
  }

  /** What no part has yet, as another part; null: nothing. */
  takeStragglers(): Run | null {
    const taken = this.#taken;
    const observations = this.#checks.observations().filter(({ monitor }) => !taken.has(monitor));
    if (observations.length === 0) return null;
    this.#taken = new Set([...taken, ...observations.map(({ monitor }) => monitor)]);
    this.#parts += 1;
    return this.#row(stragglerLane(this.#facts.lane, this.#parts), observations);
  }

  #row(lane: string, observations: readonly Observation[]): Run {
    return {
      ...this.#facts,
      lane,
      finishedAtMs: Date.now(),
      observations: boundTranscripts(observations),
    };
  }
}

/** Begins a run at once. */
export async function execute(order: RunOrder, env: Env): Promise<Execution> {
  const { scheduledAtMs, lane, monitors, config } = order;
  const region = env.REGION;
  const colo = await observedColo(env.COLO_TRACE_URL, userAgent(region));
  const startedAtMs = Date.now();
  const opened = await openMonitors(monitors, env);
  const specs = opened.map((monitor) => specOf(monitor, { scheduledAtMs, lane, region, config }));
  const checks = new RunningChecks(specs, checkContext(env, colo), (request, observe) =>
    sendBatch(request, observe, env),
  );
  const configVersion = config.version;
  const facts = { scheduledAtMs, region, lane, startedAtMs, colo, configVersion };
  return new Execution(facts, checks, requestControls(env), specs.length);
}

/** Keys by their text: importing them takes longer than opening a value. */
let known: { text: string; keys: SealingKeys } | null = null;

function keysOf({ ECHOQUORUM_SEALING_KEY: text = "" }: Env): SealingKeys {
  if (known?.text !== text) known = { text, keys: new SealingKeys(text) };
  return known.keys;
}

/**
 * Monitors with the values of their headers. One whose seal this probe has no key for is left out
 * and reported: it becomes silent here, and never looks down.
 */
async function openMonitors(monitors: readonly Monitor[], env: Env): Promise<Monitor[]> {
  const opened = monitors.map(async (monitor) => {
    if (!Object.values(monitor.headers).some(isSealedValue)) return monitor;
    try {
      const headers = await openHeaders(monitor.id, monitor.headers, keysOf(env));
      return { ...monitor, headers };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      report("monitor_sealed", { monitor: monitor.id, problem: error.message });
      return null;
    }
  });
  return (await Promise.all(opened)).filter((monitor) => monitor !== null);
}

/** The check of a monitor in a run; a scheduled one inspects the certificate in its turn. */
function specOf(
  monitor: Monitor,
  run: { scheduledAtMs: number; lane: string; region: string; config: PublishedConfig },
): CheckSpec {
  const { scheduledAtMs, lane, region, config } = run;
  const inspectCertificate =
    !isAskLane(lane) &&
    isInspectionDue({
      monitor: monitor.id,
      region,
      regions: monitorRegions(monitor, config.regions),
      scheduledAtMs,
      intervalMs: intervalMs(monitor, config.defaultIntervalMs),
    });
  return { ...checkSpec(monitor), inspectCertificate };
}

async function sendBatch(
  request: BatchRequest,
  observe: (observed: Observed) => void,
  env: Env,
): Promise<Left[] | null> {
  const timeoutMs = Math.max(...request.checks.map(({ spec }) => spec.timeoutMs));
  const turns = Math.ceil(request.checks.length / BATCH_CONCURRENCY_MIN);
  const post = async () => {
    const response = await env.SELF.fetch("http://probe/batch", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    return await readBatch(response.body, observe);
  };
  const settled = await settleBy(post(), monotonicNowMs() + turns * timeoutMs + BATCH_SLACK_MS);
  if (settled.type === "value") return settled.value;
  report("batch_failed", { checks: request.checks.length, timedOut: settled.type === "timeout" });
  return null;
}
