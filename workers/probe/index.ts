/**
 * A probe Worker: the same code in each region.
 *
 * `scheduled` only dispatches: cron handlers are not placed in the region, the default `fetch` is.
 * The Worker has no public route; its callers are itself and the coordinator, over bindings.
 */
import type { z } from "zod";
import type { AskProblem } from "../../shared/probe/ask.ts";
import {
  askRequestSchema,
  batchRequestSchema,
  checkRequestSchema,
  controlsRequestSchema,
  runRequestSchema,
} from "../../shared/probe/ask.ts";
import { userAgent } from "../../shared/version.ts";
import { performBatch } from "./batch.ts";
import { streamBatch } from "./batch-stream.ts";
import { performSingleCheck } from "./single-check.ts";
import { observedColo } from "./colo.ts";
import { performControls } from "./controls.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import type { Env } from "./env.ts";
import { report } from "./journal.ts";
import { checkContext } from "./execution.ts";
import { ConfigUnavailable, performAsk, performRounds } from "./run.ts";

/** Pace of the platform's crons, for a probe whose variable is not a number. */
const CRON_MINUTE_MS = 60_000;
/** Cron invocations end after 15 minutes; this ends before. */
const DISPATCH_MAX_MS = 840_000;

type Handler = (body: unknown, env: Env, context: ExecutionContext) => Promise<Response>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  "/run": accept(runRequestSchema, performRounds),
  "/ask": accept(askRequestSchema, performAsk),
  "/controls": accept(controlsRequestSchema, (_request, env) => performControls(env)),
  "/check": accept(checkRequestSchema, async ({ spec, transcript, record }, env) => {
    const colo = await observedColo(env.COLO_TRACE_URL, userAgent(env.REGION));
    const context = { ...checkContext(env, colo), keepTranscript: transcript, keepRecord: record };
    return await performSingleCheck(spec, context);
  }),
  "/batch": accept(batchRequestSchema, async ({ checks, colo }, env, context) => {
    const { response, over } = streamBatch((observe) =>
      performBatch(checks, checkContext(env, colo), observe),
    );
    context.waitUntil(over);
    return response;
  }),
};

/** Makes a handler that validates its body and answers with JSON, or with its own response. */
function accept<Schema extends z.ZodType>(
  schema: Schema,
  perform: (request: z.output<Schema>, env: Env, context: ExecutionContext) => Promise<unknown>,
): Handler {
  return async (body, env, context) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return problem(400, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
    }
    const answer = await perform(parsed.data, env, context);
    return answer instanceof Response ? answer : Response.json(answer);
  };
}

function problem(status: number, error: string): Response {
  return Response.json({ error } satisfies AskProblem, { status });
}

async function handle(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const handler = HANDLERS[new URL(request.url).pathname];
  if (handler === undefined) return problem(404, "There is nothing at this path.");
  if (request.method !== "POST") return problem(405, "Expected POST.");
  try {
    const body: unknown = await request.json();
    return await handler(body, env, context);
  } catch (error) {
    if (error instanceof ConfigUnavailable) return problem(503, error.message);
    if (error instanceof SyntaxError) return problem(400, "The body is not JSON.");
    report("request_failed", { error: error instanceof Error ? error.name : "unknown" });
    return problem(500, "The probe failed.");
  }
}

async function dispatch(scheduledAtMs: number, env: Env): Promise<void> {
  const paceMs = Number(env.CRON_PACE_MS);
  const body = {
    scheduledAtMs,
    paceMs: Number.isInteger(paceMs) && paceMs > 0 ? paceMs : CRON_MINUTE_MS,
  };
  const post = env.SELF.fetch("http://probe/run", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const settled = await settleBy(post, monotonicNowMs() + DISPATCH_MAX_MS);
  if (settled.type === "value" && settled.value.ok) {
    await settled.value.body?.cancel();
    return;
  }
  const status = settled.type === "value" ? settled.value.status : 0;
  report("cron_failed", { scheduledAtMs, status, timedOut: settled.type === "timeout" });
}

export default {
  async scheduled(controller, env) {
    await dispatch(controller.scheduledTime, env);
  },
  async fetch(request, env, context) {
    return await handle(request, env, context);
  },
} satisfies ExportedHandler<Env>;
