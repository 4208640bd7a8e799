/**
 * What the coordinator Worker is bound to, spelled as in `wrangler.toml`, and what follows from it.
 *
 * Holds secrets: an `Env` is never rendered, logged or passed to a page.
 */
import { REGIONS, probeBindingName } from "../../shared/regions.ts";
import type { CoordinatorRpc } from "./object/rpc.ts";

/** Shortest interval that a deployed cron can keep, in milliseconds. */
const CRON_MINUTE_MS = 60_000;

/** Bindings, variables and secrets of the coordinator. */
export interface Env {
  /** The run log, the configuration and the mirrored history. */
  DB: D1Database;
  COORDINATOR: DurableObjectNamespace<CoordinatorRpc & Rpc.DurableObjectBranded>;
  /** Milliseconds between two crons; less than a minute only locally. */
  CRON_PACE_MS: string;
  /** Secret; absent: the API refuses everything that needs it. */
  ECHOQUORUM_ADMIN_TOKEN?: string | undefined;
  /** Absolute address of the status page, for links in alerts; absent: messages carry no link. */
  PUBLIC_URL?: string | undefined;
  /** `1` lets alerts go to loopback and private addresses: only ever locally. */
  ALLOW_PRIVATE_ADDRESSES?: string | undefined;
  /** One probe per active region, e.g. `PROBE_EU_CENTRAL`. */
  [probe: `PROBE_${string}`]: Fetcher | undefined;
}

/** Ids of the regions that have a probe, in the order in which they are staggered and shown. */
export function activeRegions(env: Env): string[] {
  return REGIONS.filter((region) => probeOf(env, region.id) !== undefined).map(({ id }) => id);
}

/** The probe of a region; undefined for a region without one. */
export function probeOf(env: Env, region: string): Fetcher | undefined {
  return env[probeBindingName(region) as `PROBE_${string}`];
}

/** Interval of monitors that set none: the cron's pace, at most a minute. In milliseconds. */
export function defaultIntervalMs(env: Env): number {
  const paceMs = Number(env.CRON_PACE_MS);
  return Number.isInteger(paceMs) && paceMs >= 1_000
    ? Math.min(paceMs, CRON_MINUTE_MS)
    : CRON_MINUTE_MS;
}

/** The one coordinator object of the network. */
export function coordinatorOf(env: Env): CoordinatorRpc {
  return env.COORDINATOR.getByName("coordinator");
}
