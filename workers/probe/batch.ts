/**
 * The checks of a run, performed in invocations of the probe's own.
 *
 * A batch runs up to six checks at a time. A connection that hangs while it is being opened ends
 * only with its invocation and would hold one of the six until then; so a batch that meets one
 * starts no more checks and hands the rest back, to be sent to a fresh invocation. A hung target
 * never takes the place of another for longer than its own timeout.
 */
import type { BatchCheck, BatchRequest } from "../../shared/probe/ask.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import { concludeCheck, emptyEvidence } from "../../shared/probe/evidence.ts";
import type { Observation } from "../../shared/probe/observation.ts";
import type { CheckContext } from "./check.ts";
import { performCheck } from "./check.ts";
import { CONNECTIONS_MAX, ConnectionSlots } from "./connection-slots.ts";

/** Checks per invocation: CPU (10 ms) and subrequests (50) of the free plan suffice for them. */
export const BATCH_CHECKS_MAX = 10;
/** Invocations per run: the platform allows 32 in one request, some of them already used. */
const BATCHES_MAX = 24;

/** Answer to `POST /batch`. */
export interface BatchAnswer {
  /** By position in the request. */
  observed: Array<{ index: number; observation: Observation }>;
  /** To be performed in another invocation. */
  left: Array<{ index: number; tls: BatchCheck["tls"] }>;
}

/** Performs the checks of a batch, as many as can be in this invocation. */
export async function performBatch(
  checks: readonly BatchCheck[],
  context: CheckContext,
): Promise<BatchAnswer> {
  const slots = new ConnectionSlots();
  const answer: BatchAnswer = { observed: [], left: [] };
  const queue = checks.map((check, index) => ({ ...check, index }));
  const work = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const { spec, tls, index } = check;
      const lease = slots.abandoned > 0 ? null : await slots.lease();
      if (lease === null) {
        answer.left.push({ index, tls });
        continue;
      }
      const outcome = await performCheck(spec, tls, context, lease);
      lease.end();
      if (outcome.type === "deferred") answer.left.push({ index, tls: "together" });
      else answer.observed.push({ index, observation: outcome.observation });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS_MAX }, work));
  return answer;
}

/** Sends a batch to a fresh invocation of the probe; null: it failed as a whole. */
export type SendBatch = (request: BatchRequest) => Promise<BatchAnswer | null>;

/** Performs all checks of a run, in order of the specs. */
export async function performChecks(
  specs: readonly CheckSpec[],
  context: CheckContext,
  send: SendBatch,
): Promise<Observation[]> {
  const observations = new Map<number, Observation>();
  let open = specs.map((spec, index) => ({ spec, tls: "apart" as BatchCheck["tls"], index }));
  const size = Math.max(BATCH_CHECKS_MAX, Math.ceil(specs.length / BATCHES_MAX));
  for (let batch = 0; batch < BATCHES_MAX && open.length > 0; batch += 1) {
    const part = open.slice(0, size);
    const checks = part.map(({ spec, tls }) => ({ spec, tls }));
    const answer = await send({ checks, colo: context.colo });
    if (answer === null) {
      for (const { spec, index } of part) observations.set(index, unmade(spec, context, "failed"));
      open = open.slice(size);
      continue;
    }
    for (const { index, observation } of answer.observed) {
      const check = part[index];
      if (check !== undefined) observations.set(check.index, observation);
    }
    const left = answer.left.flatMap(({ index, tls }) => {
      const check = part[index];
      return check === undefined ? [] : [{ ...check, tls }];
    });
    open = [...left, ...open.slice(size)];
  }
  return specs.map((spec, index) => observations.get(index) ?? unmade(spec, context, "late"));
}

/** The observation of a check that was not made: for lack of time, or because its batch failed. */
function unmade(spec: CheckSpec, context: CheckContext, why: "late" | "failed"): Observation {
  const { region, colo } = context;
  const evidence = emptyEvidence(Date.now(), spec.transport ?? "socket");
  const reason = why === "late" ? "probe_deadline" : "probe_error";
  evidence.failure = { reason, detail: "" };
  return concludeCheck({ spec, region, colo, evidence, transcript: null });
}
