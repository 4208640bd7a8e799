/**
 * The steps that a check performs on an open connection, as a monitor declares them.
 *
 * The interpreter beside this file executes them; presets and richer steps expand to this list.
 * Pure; imports zod only.
 */
import { z } from "zod";

/** Sends one text message. */
export const sendStepSchema = z.strictObject({ send: z.string().max(65_536) });

/** Waits for a text message; those that do not match are skipped until the deadline. */
export const expectStepSchema = z.strictObject({
  expect: z
    .strictObject({
      equals: z.string().max(65_536).optional(),
      contains: z.string().min(1).max(65_536).optional(),
    })
    .refine((value) => (value.equals === undefined) !== (value.contains === undefined), {
      message: "expected exactly one of equals and contains",
    }),
});

/** Sends nonces and expects each back unchanged, in order. */
export const echoStepSchema = z.strictObject({
  echo: z.strictObject({
    /** Messages to send. */
    count: z.int().min(1).max(1_000).default(1),
    /** Payload of each message in bytes, including the nonce. */
    bytes: z.int().min(16).max(65_536).default(32),
  }),
});

/** Sends pings, one after another, and expects the pong of each. */
export const pingStepSchema = z.strictObject({
  ping: z.strictObject({ count: z.int().min(1).max(100).default(1) }),
});

/**
 * One step of a dialogue. The usual ones come first: a union tries each in turn, and in Workers, where
 * zod cannot compile its schemas, trying takes longer than the check's own frames.
 */
export const dialogueStepSchema = z.union([
  echoStepSchema,
  pingStepSchema,
  sendStepSchema,
  expectStepSchema,
]);

/** One step of a dialogue, validated. */
export type DialogueStep = z.output<typeof dialogueStepSchema>;
