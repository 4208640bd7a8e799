/**
 * Decisions: what came of a transition for a channel, with the reason of every stage that it went
 * through. They answer "why did I get this, why did I not". Types only.
 */
import type { AlertKind } from "./delivery.ts";

/** The stages, in their order. */
export const STAGES = [
  "tier",
  "maintenance",
  "silence",
  "inhibition",
  "route",
  "deduplication",
  "grouping",
] as const;
/** See {@link STAGES}. */
export type Stage = (typeof STAGES)[number];

/** What one stage said. */
export interface DecisionStep {
  stage: Stage;
  /** Whether the alert went on to the next stage. */
  passed: boolean;
  why: string;
}

/** What came of a transition for a channel at a moment. */
export interface Decision {
  /** Incident, or episode of a fact. */
  subject: string;
  transition: string;
  channel: string;
  /** UTC epoch milliseconds. */
  atMs: number;
  /** What was told; null: nothing, and the last step says why. */
  alert: AlertKind | null;
  /** The message that tells it; null: none. */
  delivery: string | null;
  /** Stages up to the one that decided. */
  steps: readonly DecisionStep[];
}
