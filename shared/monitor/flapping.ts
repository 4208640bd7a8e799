/**
 * Flapping: a monitor that keeps changing between good and bad is one story, told once. Pure.
 *
 * An incident that is opened as the last of several within a window is *flapping* and says so in its
 * opening. It stays open through the recoveries that follow, and so is told of once and resolved
 * once: it ends only when the verdict has stayed operational for the calm time, and then as of the
 * recovery that began the calm. The verdict itself is never damped: pages show what is so.
 *
 * Lengths scale with the interval, because how fast a monitor can change at all depends on it.
 */
import { formatDuration, parseDuration } from "../duration.ts";
import type { Monitor } from "./monitor.ts";
import type { Incident } from "./verdict.ts";

/** Incidents within the window that make flapping, unless the monitor says otherwise. */
export const FLAPPING_INCIDENTS = 5;
/** Length of the window in intervals, unless the monitor says otherwise. */
export const FLAPPING_WINDOW_INTERVALS = 15;
/** Calm that ends it in intervals, unless the monitor says otherwise. */
export const FLAPPING_CALM_INTERVALS = 4;

/** When a monitor counts as flapping. */
export interface FlappingPolicy {
  /** Incidents opened within the window, the present one included; 2 or more. */
  incidents: number;
  windowMs: number;
  /** How long it must stay operational before the incident ends. */
  calmMs: number;
}

/**
 * The policy of a monitor; null: its flapping is not damped.
 *
 * @param intervalMs the monitor's interval, in milliseconds
 */
export function flappingPolicyOf(monitor: Monitor, intervalMs: number): FlappingPolicy | null {
  const { flapping } = monitor.quorum;
  if (flapping === false) return null;
  const length = (declared: string | undefined, intervals: number) =>
    (declared === undefined ? null : parseDuration(declared)) ?? intervals * intervalMs;
  return {
    incidents: flapping?.incidents ?? FLAPPING_INCIDENTS,
    windowMs: length(flapping?.window, FLAPPING_WINDOW_INTERVALS),
    calmMs: length(flapping?.calm, FLAPPING_CALM_INTERVALS),
  };
}

/**
 * Openings that still matter after one more, oldest first; never more than make flapping.
 *
 * @param openingsMs earlier openings
 */
export function addOpening(
  openingsMs: readonly number[],
  { incidents, windowMs }: FlappingPolicy,
  nowMs: number,
): number[] {
  return [...openingsMs.filter((atMs) => nowMs - atMs <= windowMs), nowMs].slice(-incidents);
}

/** Whether openings, the last of which is the present one, make flapping. */
export function isFlapping(openingsMs: readonly number[], policy: FlappingPolicy): boolean {
  return openingsMs.length >= policy.incidents;
}

/** What the opening of a flapping incident says besides its verdict. */
export function describeFlapping(openingsMs: readonly number[], policy: FlappingPolicy): string {
  const [first, last] = [openingsMs[0] ?? 0, openingsMs.at(-1) ?? 0];
  const spanMs = Math.max(1_000, Math.round((last - first) / 1_000) * 1_000);
  return (
    `Flapping: ${openingsMs.length} incidents in ${formatDuration(spanMs)}; told as one until it ` +
    `has been operational for ${formatDuration(policy.calmMs)}`
  );
}

/**
 * Moment at which a flapping incident ends if its verdict stays as it is; null: it does not.
 */
export function calmOverMs(
  incident: Incident | null,
  policy: FlappingPolicy | null,
): number | null {
  if (incident === null || incident.endedAtMs !== null || policy === null) return null;
  const calmSinceMs = incident.calmSinceMs ?? null;
  return calmSinceMs === null ? null : calmSinceMs + policy.calmMs;
}
