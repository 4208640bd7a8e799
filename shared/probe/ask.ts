/**
 * The probe's internal HTTP interface, reached over service bindings only: requests and answers.
 *
 * The published configuration inside an ask is validated by whoever uses it: this folder knows
 * nothing of monitors. Pure; imports zod.
 */
import { z } from "zod";
import type { CheckSpec } from "./check-spec.ts";
import { dialogueStepSchema } from "./dialogue-step.ts";
import type { Observation, Transcript } from "./observation.ts";
import { REDIRECTS_MAX } from "./redirect.ts";
import type { Run } from "./run.ts";

const momentSchema = z.int().min(0);
const budgetSchema = z.number().positive().optional();

/** Schema of a check; the same as {@link CheckSpec}. */
export const checkSpecSchema = z.strictObject({
  monitor: z.string(),
  url: z.url({ protocol: /^wss?$/ }),
  timeoutMs: z.int().min(100).max(60_000),
  headers: z.array(z.tuple([z.string(), z.string()])),
  subprotocols: z.array(z.string()),
  origin: z.string().nullable(),
  dialogue: z.array(dialogueStepSchema),
  budgets: z.strictObject({
    tcpMs: budgetSchema,
    tlsMs: budgetSchema,
    upgradeMs: budgetSchema,
    firstMessageMs: budgetSchema,
    echoMs: budgetSchema,
    totalMs: budgetSchema,
  }),
  handshake: z
    .strictObject({
      headers: z.array(z.tuple([z.string(), z.string().nullable()]).readonly()).readonly(),
      subprotocol: z.string().nullable(),
    })
    .optional(),
  transport: z.enum(["socket", "fetch"]).nullable(),
  compression: z.boolean(),
  redirects: z.int().min(0).max(REDIRECTS_MAX).optional(),
  http: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      status: z.int().nullable(),
      statusBelow: z.int(),
      body: z.string().nullable(),
    })
    .optional(),
  inspectCertificate: z.boolean().optional(),
}) satisfies z.ZodType<CheckSpec>;

/** `POST /run`: the region's rounds in [scheduledAtMs, scheduledAtMs + paceMs), each in its time. */
export const runRequestSchema = z.strictObject({
  scheduledAtMs: momentSchema,
  paceMs: z.int().min(1).max(86_400_000),
});

/** `POST /ask`: one run at once. */
export const askRequestSchema = z.strictObject({
  scheduledAtMs: momentSchema,
  lane: z.string().min(1).max(32),
  /** Ids to check; null: those whose round is at `scheduledAtMs`. */
  monitors: z.array(z.string()).nullable(),
  /** Configuration to use instead of the published one; null: read it. */
  config: z.unknown(),
});

/** `POST /check`: one check of anything, stored nowhere; answered with an observation. */
export const checkRequestSchema = z.strictObject({
  spec: checkSpecSchema,
  /** Whether a successful check keeps its transcript too. */
  transcript: z.boolean().default(false),
  /** Whether the answer brings the record of the whole exchange, for a capture. */
  record: z.boolean().default(false),
});

/** How TLS is begun: apart from TCP, or together with it after the other way had failed. */
export type TlsMode = "apart" | "together";

/** `POST /batch`: checks of one run, sent by the probe to itself. */
export const batchRequestSchema = z.strictObject({
  checks: z.array(z.strictObject({ spec: checkSpecSchema, tls: z.enum(["apart", "together"]) })),
  colo: z.string().nullable(),
}) satisfies z.ZodType<BatchRequest>;

/** `POST /controls`: looks at the control targets; answered with a `ControlsResult` or null. */
export const controlsRequestSchema = z.strictObject({});

/** Body of `POST /run`. */
export type RunRequest = z.input<typeof runRequestSchema>;
/** Body of `POST /ask`; `Config` is the published configuration's type. */
export type AskRequest<Config = unknown> = Omit<z.input<typeof askRequestSchema>, "config"> & {
  config: Config | null;
};
/** Body of `POST /check`. */
export type CheckRequest = z.input<typeof checkRequestSchema>;
/** Answer to `POST /check`: the observation and, where it was asked for, the whole record. */
export type CheckAnswer = Observation & { record?: Transcript };
/** One check of a batch. */
export interface BatchCheck {
  spec: CheckSpec;
  tls: TlsMode;
}
/** Body of `POST /batch`. */
export interface BatchRequest {
  checks: BatchCheck[];
  colo: string | null;
}

/** Answer to `POST /run`: runs made, and those of them that reached the log. */
export interface RunAnswer {
  runs: number;
  stored: number;
}

/** Answer to `POST /ask`; `stored` is false when the log could not be written. */
export interface AskAnswer {
  run: Run;
  stored: boolean;
}

/** Answer of the probe's interface when a request cannot be served. */
export interface AskProblem {
  error: string;
}
