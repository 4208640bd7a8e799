/**
 * What a monitor must satisfy in this deployment beyond its schema: regions that have a probe,
 * channels that exist, an interval that the cron can keep, a quorum that its regions can reach.
 * Pure.
 */
import { formatDuration, parseDuration } from "../../../shared/duration.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { INTERVAL_MIN_MS, intervalMs as intervalOf } from "../../../shared/monitor/monitor.ts";
import { freshnessMs } from "../../../shared/monitor/vote.ts";
import type { NetworkShape } from "../db/config-store.ts";
import type { FieldError } from "./problem.ts";

/** The deployment's side of the rules. */
export interface DeploymentFacts extends NetworkShape {
  /** Ids of existing channels. */
  channels: readonly string[];
}

/** Checks a monitor against the deployment; empty: it fits. */
export function checkDeployment(monitor: Monitor, facts: DeploymentFacts): FieldError[] {
  return [
    ...checkInterval(monitor, facts.defaultIntervalMs),
    ...checkTimeout(monitor, facts.defaultIntervalMs),
    ...checkRegions(monitor, facts.regions),
    ...checkQuorum(monitor, facts.regions),
    ...checkNotify(monitor, facts.channels),
  ];
}

/** The default interval follows the cron, so whatever it is can be kept. */
function checkInterval(monitor: Monitor, defaultIntervalMs: number): FieldError[] {
  const intervalMs = monitor.interval === null ? null : parseDuration(monitor.interval);
  const minMs = Math.min(INTERVAL_MIN_MS, defaultIntervalMs);
  if (intervalMs === null || intervalMs >= minMs) return [];
  return [{ field: "interval", message: `expected at least ${formatDuration(minMs)}` }];
}

/** What a check that runs out of time needs to be written and read, in milliseconds. */
const TELLING_MS = 5_000;

/**
 * A vote is believed for a while after its observation began. One that takes longer would be too old
 * on arrival, and must last until the next: a target that hangs would be unknown, never down.
 */
function checkTimeout(monitor: Monitor, defaultIntervalMs: number): FieldError[] {
  const intervalMs = intervalOf(monitor, defaultIntervalMs);
  const maxMs = freshnessMs(intervalMs) - intervalMs - TELLING_MS;
  const timeoutMs = parseDuration(monitor.timeout);
  if (timeoutMs === null || timeoutMs <= maxMs) return [];
  const message = `expected at most ${formatDuration(maxMs)} with an interval of ${formatDuration(intervalMs)}`;
  return [{ field: "timeout", message }];
}

function checkRegions(monitor: Monitor, active: readonly string[]): FieldError[] {
  return (monitor.regions ?? []).flatMap((region, index) =>
    active.includes(region)
      ? []
      : [
          {
            field: `regions[${index}]`,
            message: `"${region}" has no probe in this deployment; it has ${list(active)}`,
          },
        ],
  );
}

function checkQuorum(monitor: Monitor, active: readonly string[]): FieldError[] {
  const regions = new Set(monitor.regions ?? active).size;
  const { raise, clear, minVotes } = monitor.quorum;
  const message = `expected at most ${regions}, the number of its regions`;
  return Object.entries({ raise, clear, minVotes })
    .filter(([, votes]) => typeof votes === "number" && votes > regions)
    .map(([name]) => ({ field: `quorum.${name}`, message }));
}

function checkNotify(monitor: Monitor, channels: readonly string[]): FieldError[] {
  return (monitor.notify ?? []).flatMap((channel, index) =>
    channels.includes(channel)
      ? []
      : [
          {
            field: `notify[${index}]`,
            message: `there is no channel "${channel}"; there is ${list(channels)}`,
          },
        ],
  );
}

function list(ids: readonly string[]): string {
  return ids.length === 0 ? "none" : ids.join(", ");
}
