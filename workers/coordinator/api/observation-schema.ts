/** Public JSON forms of observations and verdicts, as schemas for the OpenAPI description. */
import { z } from "@hono/zod-openapi";
import { PHASES, REASONS, isReason } from "../../../shared/probe/reason.ts";
import { isoSchema } from "./moment.ts";

/** What one region saw. */
export const statusSchema = z.enum(["up", "degraded", "down", "unknown"]);
/** Why a check was not up. */
export const reasonSchema = z.enum(Object.keys(REASONS).filter(isReason)).meta({ id: "Reason" });
/** What the quorum concludes. */
export const verdictKindSchema = z.enum([
  "operational",
  "degraded",
  "partial",
  "down",
  "unknown",
  "maintenance",
]);
const durationMs = z.number().nullable();
const rttMs = z
  .strictObject({
    min: z.number(),
    mean: z.number(),
    p50: z.number(),
    p95: z.number(),
    max: z.number(),
  })
  .nullable();

const certificateSchema = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  matchesHost: z.boolean(),
  notBeforeMs: z.number(),
  notAfterMs: z.number(),
  daysLeft: z.number(),
  key: z.string(),
  signature: z.string(),
  chain: z.enum(["complete", "incomplete", "self_signed"]),
  version: z.string(),
  ocspStapled: z.boolean(),
});

const transcriptSchema = z.strictObject({
  entries: z.array(
    z.strictObject({
      atMs: z.number(),
      direction: z.enum(["sent", "received", "note"]),
      kind: z.string(),
      bytes: z.number().nullable(),
      text: z.string(),
      frame: z
        .strictObject({
          opcode: z.int(),
          fin: z.boolean(),
          rsv1: z.boolean(),
          payloadBytes: z.int(),
        })
        .optional(),
      payload: z.string().optional(),
    }),
  ),
  omitted: z.int(),
});

/** What one region saw of one monitor in one run; what was not measured is null. */
export const observationSchema = z
  .strictObject({
    monitor: z.string(),
    region: z.string(),
    colo: z.string().nullable(),
    transport: z.enum(["socket", "fetch"]),
    startedAt: isoSchema,
    status: statusSchema,
    phase: z.enum(PHASES).nullable(),
    reason: reasonSchema.nullable(),
    blame: z.enum(["target", "network", "probe"]).nullable(),
    message: z.string(),
    timings: z.strictObject({
      redirectMs: durationMs,
      dnsMs: durationMs,
      tcpMs: durationMs,
      tlsMs: durationMs,
      upgradeMs: durationMs,
      firstMessageMs: durationMs,
      closeMs: durationMs,
      totalMs: durationMs,
    }),
    echo: z
      .strictObject({
        count: z.int(),
        received: z.int(),
        lost: z.int(),
        corrupted: z.int(),
        reordered: z.int(),
        duplicated: z.int(),
        rttMs,
        jitterMs: durationMs,
        messagesPerSecond: z.number().nullable(),
        bytesPerSecond: z.number().nullable(),
      })
      .nullable(),
    ping: z
      .strictObject({
        sent: z.int(),
        received: z.int(),
        successRatio: z.number(),
        rttMs,
        jitterMs: durationMs,
      })
      .nullable(),
    address: z
      .strictObject({ ip: z.string(), family: z.union([z.literal(4), z.literal(6)]) })
      .nullable(),
    handshake: z
      .strictObject({
        status: z.int(),
        subprotocol: z.string().nullable(),
        extensions: z.string().nullable(),
      })
      .nullable(),
    close: z.strictObject({ code: z.int(), reason: z.string(), clean: z.boolean() }).nullable(),
    certificate: certificateSchema.nullable(),
    redirects: z.array(z.string()),
    http: z
      .strictObject({
        status: z.enum(["up", "down"]),
        reason: reasonSchema.nullable(),
        code: z.int().nullable().describe("HTTP status; null: there was no answer."),
        totalMs: z.number(),
        message: z.string(),
      })
      .nullable()
      .describe("The HTTP request beside the check; null: none was made."),
    transcript: transcriptSchema.nullable(),
  })
  .meta({ id: "Observation" });

/** A region's vote as the quorum treated it. */
export const publicVoteSchema = z
  .strictObject({
    region: z.string(),
    colo: z.string().nullable(),
    status: statusSchema,
    reason: reasonSchema.nullable(),
    at: isoSchema.nullable(),
    counted: z.boolean(),
  })
  .meta({ id: "Vote" });

/** What the quorum concludes about a monitor, in words and with its evidence. */
export const verdictSchema = z
  .strictObject({
    monitor: z.string(),
    verdict: verdictKindSchema,
    reason: reasonSchema.nullable(),
    message: z.string(),
    since: isoSchema,
    votes: z.array(publicVoteSchema),
  })
  .meta({ id: "Verdict" });
