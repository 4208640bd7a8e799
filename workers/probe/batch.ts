/**
 * The checks of a run, performed in invocations of the probe's own.
 *
 * A batch runs up to six checks at a time and tells of each as it ends. A connection that hangs while
 * it is being opened ends only with its invocation and would hold one of the six until then; so a
 * batch that meets one starts no more checks and hands the rest back, to be sent to a fresh
 * invocation. A batch of which nothing is heard for a moment is not waited for either: the next is
 * sent beside it. So a hung target holds up no other.
 */
import type { BatchCheck, BatchRequest } from "../../shared/probe/ask.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import { concludeCheck, emptyEvidence } from "../../shared/probe/evidence.ts";
import type { Observation } from "../../shared/probe/observation.ts";
import type { CheckContext } from "./progress.ts";
import { connectionsOf, performCheck } from "./check.ts";
import { CONNECTIONS_MAX, ConnectionSlots } from "./connection-slots.ts";

/** Checks per invocation: CPU (10 ms) and subrequests (50) of the free plan suffice for them. */
export const BATCH_CHECKS_MAX = 10;
/** Invocations per run: the platform allows 32 in one request, some of them already used. */
const BATCHES_MAX = 24;
/** Invocations at once, each with at most six connections. */
const BATCHES_AT_ONCE_MAX = 6;
/** Silence of the batches under way after which another is sent, in milliseconds. */
const BATCH_QUIET_MS = 400;

/** A check of a batch that is over, by its position in the request. */
export interface Observed {
  index: number;
  observation: Observation;
}

/** A check of a batch that is to be performed in another invocation. */
export interface Left {
  index: number;
  tls: BatchCheck["tls"];
}

/** Performs the checks of a batch, as many as can be in this invocation; tells of each at its end. */
export async function performBatch(
  checks: readonly BatchCheck[],
  context: CheckContext,
  observe: (observed: Observed) => void,
): Promise<Left[]> {
  const slots = new ConnectionSlots();
  const left: Left[] = [];
  const queue = checks.map((check, index) => ({ ...check, index }));
  const work = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const { spec, tls, index } = check;
      const lease = slots.abandoned > 0 ? null : await slots.lease(connectionsOf(spec));
      if (lease === null) {
        left.push({ index, tls });
        continue;
      }
      const outcome = await performCheck(spec, tls, context, lease);
      lease.end();
      if (outcome.type === "deferred") left.push({ index, tls: "together" });
      else observe({ index, observation: outcome.observation });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS_MAX }, work));
  return left;
}

/** Sends a batch to a fresh invocation; what is left at its end, null when it failed as a whole. */
export type SendBatch = (
  request: BatchRequest,
  observe: (observed: Observed) => void,
) => Promise<Left[] | null>;

type OpenCheck = BatchCheck & { index: number };

/** The checks of a run, under way. */
export class RunningChecks {
  readonly #specs: readonly CheckSpec[];
  readonly #context: CheckContext;
  readonly #send: SendBatch;
  readonly #size: number;
  readonly #observations = new Map<number, Observation>();
  readonly #underWay = new Set<Promise<void>>();
  #open: OpenCheck[];
  /** Called at each result. */
  #heard: () => void = () => undefined;
  /** Fulfilled when every check has an observation. */
  readonly over: Promise<void>;

  constructor(specs: readonly CheckSpec[], context: CheckContext, send: SendBatch) {
    this.#specs = specs;
    this.#context = context;
    this.#send = send;
    this.#size = Math.max(BATCH_CHECKS_MAX, Math.ceil(specs.length / BATCHES_MAX));
    this.#open = specs.map((spec, index) => ({ spec, tls: "apart", index }));
    this.over = this.#perform();
  }

  /** Observations so far, in order of the specs. */
  observations(): Observation[] {
    return this.#specs.flatMap((_spec, index) => this.#observations.get(index) ?? []);
  }

  async #perform(): Promise<void> {
    for (let batches = 0; batches < BATCHES_MAX;) {
      if (this.#open.length > 0 && this.#underWay.size < BATCHES_AT_ONCE_MAX) {
        batches += 1;
        this.#start(this.#open.splice(0, this.#size));
      }
      if (this.#open.length === 0 && this.#underWay.size === 0) break;
      await this.#quietOrOver();
    }
    await Promise.all(this.#underWay);
    for (const [index, spec] of this.#specs.entries()) {
      if (!this.#observations.has(index)) this.#unmade({ spec, index }, "late");
    }
  }

  /** Waits until a batch is over, or nothing was heard of any for a moment. */
  async #quietOrOver(): Promise<void> {
    if (this.#underWay.size === 0) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const quiet = new Promise<void>((resolve) => {
      this.#heard = () => {
        clearTimeout(timer);
        if (this.#open.length > 0) timer = setTimeout(resolve, BATCH_QUIET_MS);
      };
      this.#heard();
    });
    await Promise.race([quiet, ...this.#underWay]);
    clearTimeout(timer);
    this.#heard = () => undefined;
  }

  #start(part: readonly OpenCheck[]): void {
    const batch = this.#performPart(part).finally(() => this.#underWay.delete(batch));
    this.#underWay.add(batch);
  }

  async #performPart(part: readonly OpenCheck[]): Promise<void> {
    const checks = part.map(({ spec, tls }) => ({ spec, tls }));
    const left = await this.#send(
      { checks, colo: this.#context.colo },
      ({ index, observation }) => {
        const check = part[index];
        if (check !== undefined) this.#observations.set(check.index, observation);
        this.#heard();
      },
    );
    for (const { index, tls } of left ?? []) {
      const check = part[index];
      if (check !== undefined) this.#open.push({ ...check, tls });
    }
    if (left !== null) return;
    for (const check of part) {
      if (!this.#observations.has(check.index)) this.#unmade(check, "failed");
    }
  }

  /** Notes a check that was not made: for lack of time, or because its batch failed. */
  #unmade({ spec, index }: Pick<OpenCheck, "spec" | "index">, why: "late" | "failed"): void {
    const { region, colo } = this.#context;
    const evidence = emptyEvidence(Date.now(), spec.transport ?? "socket");
    const reason = why === "late" ? "probe_deadline" : "probe_error";
    evidence.failure = { reason, detail: "" };
    this.#observations.set(
      index,
      concludeCheck({ spec, region, colo, evidence, transcript: null }),
    );
  }
}
