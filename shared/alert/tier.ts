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

/**
 * Most urgent that each kind may be; `none`: it is not told. By default that is so of what says
 * nothing bad of any target and wakes people in vain: a single region's failure below quorum, a
 * monitor of which nothing is known, a region that cannot vote. All three are on the page, in
 * `/metrics` and in the API; that no region at all can vote is told as `monitoring`.
 */
export const tiersSchema = z.strictObject({
  down: tierSchema.default("critical"),
  degraded: tierSchema.default("warning"),
  partial: tierSchema.default("none"),
  security: tierSchema.default("warning"),
  certificate: tierSchema.default("critical"),
  monitoring: tierSchema.default("critical"),
  unknown: tierSchema.default("none"),
  region: tierSchema.default("none"),
  history: tierSchema.default("info"),
  /** Of a monitor that flaps, whatever its kind. */
  flapping: tierSchema.default("critical"),
} satisfies Record<SubjectKind | "flapping", unknown>);

/** Tiers by kind. */
export type Tiers = z.output<typeof tiersSchema>;

/** Decides how urgent a subject is; `told` false: its kind is not told at all. */
export function decideTier(
  {
    kind,
    flapping,
    declared,
    monitor,
  }: Pick<AlertSubject, "kind" | "flapping" | "declared" | "monitor">,
  tiers: Tiers,
): { told: boolean; severity: Severity; why: string } {
  const tier = tiers[kind];
  if (tier === "none") return { told: false, severity: "info", why: `${kind} is not told` };
  const ceiling = flapping ? tiers.flapping : "critical";
  if (ceiling === "none") return { told: false, severity: "info", why: "flapping is not told" };
  const severity = milder(milder(declared, tier), ceiling);
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
