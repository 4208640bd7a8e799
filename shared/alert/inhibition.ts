/**
 * Inhibition: what need not be told while something else, which explains it, goes on.
 *
 * A rule mutes its targets while an alert that its source matchers match is open, whether or not that
 * one is told. An alert does not mute itself, nor do two that are source and target both mute each
 * other.
 * While Echoquorum cannot see anything, that alone is told. What is still so afterwards is told
 * then; the end of what a channel has heard of is never muted. Pure.
 */
import { z } from "zod";
import type { Attributes } from "./matcher.ts";
import { attributeSchema, attributeText, firstUnmet, matcherSchema } from "./matcher.ts";
import type { AlertSubject } from "./subject.ts";

/** A dependency. */
export const inhibitionSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  /** What explains the others. */
  source: z.array(matcherSchema).min(1).max(20),
  /** What is muted meanwhile. */
  target: z.array(matcherSchema).min(1).max(20),
  /** Attributes in which source and target must be equal. */
  equal: z.array(attributeSchema).max(8).default([]),
});

/** A dependency between alerts. */
export type Inhibition = z.output<typeof inhibitionSchema>;

/** An alert that is open, with what it is known by. */
export interface OpenAlert {
  subject: AlertSubject;
  attributes: Attributes;
}

/** An open alert and the rule by which it mutes others; null: the rule that holds always. */
export interface Inhibitor extends OpenAlert {
  rule: Inhibition | null;
}

/** Finds what may mute others, among all that is open. */
export function findInhibitors(
  open: readonly OpenAlert[],
  rules: readonly Inhibition[],
): Inhibitor[] {
  const blind = open.filter(({ subject }) => subject.kind === "monitoring");
  return [
    ...blind.map((alert) => ({ ...alert, rule: null })),
    ...rules.flatMap((rule) =>
      open
        .filter(({ attributes }) => firstUnmet(rule.source, attributes) === null)
        .map((alert) => ({ ...alert, rule })),
    ),
  ];
}

/** Decides whether an alert is muted by another. */
export function decideInhibition(
  { subject, attributes }: OpenAlert,
  inhibitors: readonly Inhibitor[],
): { muted: boolean; why: string } {
  const by = inhibitors.find(({ rule, ...source }) => {
    if (source.subject.id === subject.id || subject.kind === "monitoring") return false;
    if (rule === null) return true;
    const isBoth = (each: Attributes) =>
      firstUnmet(rule.source, each) === null && firstUnmet(rule.target, each) === null;
    if (isBoth(attributes) && isBoth(source.attributes)) return false;
    return (
      firstUnmet(rule.target, attributes) === null &&
      rule.equal.every(
        (name) => attributeText(attributes, name) === attributeText(source.attributes, name),
      )
    );
  });
  if (by === undefined) return { muted: false, why: "nothing that is open mutes it" };
  if (by.rule === null) return { muted: true, why: "monitoring is impaired" };
  const what = by.subject.monitor?.name ?? by.subject.id;
  const rule = by.rule.name === undefined ? "" : ` (${by.rule.name})`;
  return { muted: true, why: `${what} is ${by.subject.kind}, which explains it${rule}` };
}
