/**
 * How urgent an alert is: the milder of what its monitor declares and the tier of its kind, which
 * the policy may change. A kind without a tier is not told. Pure.
 */
import { z } from "zod";
import type { Severity } from "./delivery.ts";
import type { AlertSubject, SubjectKind } from "./subject.ts";

/** From the mildest to the most urgent. */
export const SEVERITIES = ["info", "warning", "critical"] as const;

/** A tier, or that a kind is not told. */
const tierSchema = z.enum([...SEVERITIES, "none"]);

/** Most urgent that each kind may be; `none`: it is not told. */
export const tiersSchema = z.strictObject({
  down: tierSchema.default("critical"),
  degraded: tierSchema.default("warning"),
  partial: tierSchema.default("none"),
  unknown: tierSchema.default("none"),
  security: tierSchema.default("warning"),
  certificate: tierSchema.default("critical"),
  monitoring: tierSchema.default("critical"),
  region: tierSchema.default("none"),
  flapping: tierSchema.default("warning"),
  history: tierSchema.default("info"),
} satisfies Record<SubjectKind, unknown>);

/** Tiers by kind. */
export type Tiers = z.output<typeof tiersSchema>;

/** Decides how urgent a subject is; `told` false: its kind is not told at all. */
export function decideTier(
  { kind, declared, monitor }: Pick<AlertSubject, "kind" | "declared" | "monitor">,
  tiers: Tiers,
): { told: boolean; severity: Severity; why: string } {
  const tier = tiers[kind];
  if (tier === "none") return { told: false, severity: "info", why: `${kind} is not told` };
  const severity = milder(declared, tier);
  const whose = monitor === null ? kind : `${kind} of a ${declared} monitor`;
  return { told: true, severity, why: `${whose} is ${severity}` };
}

function milder(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b) ? a : b;
}

/** The more urgent of two. */
export function moreUrgent(a: Severity, b: Severity): Severity {
  return milder(a, b) === a ? b : a;
}
