/**
 * What the coordinator Worker is bound to, spelled as in `wrangler.toml`, and what follows from it.
 *
 * Holds secrets: an `Env` is never rendered, logged or passed to a page.
 */
import { SealingKeys } from "../sealing.ts";
import { COORDINATORS_MAX, parseCoordinators } from "../../shared/monitor/placement.ts";
import type { Shard } from "../../shared/monitor/shard.ts";
import { SHARDS_MAX } from "../../shared/monitor/shard.ts";
import { REGIONS, probeBindingName } from "../../shared/regions.ts";
import { CoordinatorGroup } from "./coordinator-group.ts";
import type { NetworkShape } from "./db/config-store.ts";
import type { CoordinatorRpc } from "./object/rpc.ts";

/** Shortest interval that a deployed cron can keep, in milliseconds. */
const CRON_MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const COORDINATOR_NAME = "coordinator";

/** Bindings, variables and secrets of the coordinator. */
export interface Env {
  /** The run log, the configuration and the mirrored history. */
  DB: D1Database;
  COORDINATOR: DurableObjectNamespace<CoordinatorRpc & Rpc.DurableObjectBranded>;
  /** Coordinators among which the network's monitors are divided, 1 … 16; absent: one. */
  COORDINATOR_SHARDS?: string | undefined;
  /** Milliseconds between two crons; less than a minute only locally. */
  CRON_PACE_MS: string;
  /** Secret; absent: the API refuses everything that needs it. */
  ECHOQUORUM_ADMIN_TOKEN?: string | undefined;
  /** Secret; seals the channels' secrets, see `SealingKeys`; absent: no channel can be written. */
  ECHOQUORUM_SEALING_KEY?: string | undefined;
  /**
   * `1`: the values of monitors' headers are sealed too, because every probe has the key; else they
   * stay in the open, or no probe could send them.
   */
  SEAL_MONITORS?: string | undefined;
  /** Absolute address of the status page, for links in alerts; absent: messages carry no link. */
  PUBLIC_URL?: string | undefined;
  /** Cloudflare's Email Service, for subscribers; absent: nobody can subscribe by e-mail. */
  EMAIL?: SendEmail | undefined;
  /** Sender of e-mail, `Example status <status@example.com>`; absent: as without `EMAIL`. */
  MAIL_FROM?: string | undefined;
  /** Days for which runs stay in the log, 3 … 3650; absent: 7. */
  RUNS_KEPT_DAYS?: string | undefined;
  /** `1` lets alerts go to loopback and private addresses: only ever locally. */
  ALLOW_PRIVATE_ADDRESSES?: string | undefined;
  /** Limits attempts to sign in to private pages, in a data centre; absent: each isolate does. */
  LOGIN_LIMIT?: RateLimit | undefined;
  /**
   * One probe per active region, e.g. `PROBE_EU_CENTRAL`, or several among which its monitors are
   * divided: then also `PROBE_EU_CENTRAL_2` and so on, without a gap.
   */
  [probe: `PROBE_${string}`]: Fetcher | undefined;
}

/** Ids of the regions that have a probe, in the order in which they are staggered and shown. */
export function activeRegions(env: Env): string[] {
  return [...shardCounts(env).keys()];
}

/**
 * Probe Workers of each active region: as many as the highest number that is bound says, because that
 * is among how many the probes divide the monitors, whatever else is bound.
 */
export function shardCounts(env: Env): Map<string, number> {
  const bound = Object.keys(env).filter((name) => env[name as `PROBE_${string}`] !== undefined);
  const counts = REGIONS.map(({ id }): [string, number] => {
    const numbers = bound.map((name) => {
      if (name === probeBindingName(id)) return 1;
      const number = Number(name.split("_").at(-1));
      const isShard = number <= SHARDS_MAX && name === probeBindingName(id, number - 1);
      return isShard ? number : 0;
    });
    return [id, Math.max(0, ...numbers)];
  });
  return new Map(counts.filter(([, count]) => count > 0));
}

/** Bindings to probes that should be there, because one with a higher number is, and are not. */
export function missingBindings(env: Env): string[] {
  return [...shardCounts(env)].flatMap(([region, count]) =>
    Array.from({ length: count }, (_, shard) => shard)
      .filter((shard) => probeOf(env, region, shard) === undefined)
      .map((shard) => probeBindingName(region, shard)),
  );
}

/** The probe of a region, or of one of its shards, counted from 0; undefined: it is not bound. */
export function probeOf(env: Env, region: string, shard = 0): Fetcher | undefined {
  return env[probeBindingName(region, shard) as `PROBE_${string}`];
}

/** Interval of monitors that set none: the cron's pace, at most a minute. In milliseconds. */
export function defaultIntervalMs(env: Env): number {
  const paceMs = Number(env.CRON_PACE_MS);
  return Number.isInteger(paceMs) && paceMs >= 1_000
    ? Math.min(paceMs, CRON_MINUTE_MS)
    : CRON_MINUTE_MS;
}

/** The keys that seal and open secrets. */
export function sealingKeysOf(env: Env): SealingKeys {
  return new SealingKeys(env.ECHOQUORUM_SEALING_KEY);
}

/** The keys that seal the headers of monitors; null: they are not sealed here. */
export function monitorKeysOf(env: Env): SealingKeys | null {
  return env.SEAL_MONITORS === "1" ? sealingKeysOf(env) : null;
}

/** How long runs stay in the log, in milliseconds; null: the variable is not valid. */
export function runsKeptMs({ RUNS_KEPT_DAYS: text = "7" }: Env): number | null {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  // Rollups can be counted again from runs for as long as rows may come late, and a day more.
  return days >= 3 && days <= 3_650 ? days * DAY_MS : null;
}

/** What the deployment adds to each published configuration. */
export function networkOf(env: Env): NetworkShape {
  return {
    regions: activeRegions(env),
    defaultIntervalMs: defaultIntervalMs(env),
    coordinators: coordinatorCount(env),
  };
}

/**
 * Number of the network's coordinators.
 *
 * @throws RangeError when the variable is not valid: to guess would be to leave monitors unwatched
 */
export function coordinatorCount({ COORDINATOR_SHARDS: text = "1" }: Env): number {
  const count = parseCoordinators(text);
  if (count !== null) return count;
  throw new RangeError(
    `COORDINATOR_SHARDS: expected a number from 1 to ${COORDINATORS_MAX}, not "${text}"`,
  );
}

/**
 * Which coordinator an object is, by its name. One that the network does not have any more has an
 * index beyond the count.
 */
export function coordinatorShard(env: Env, name: string | undefined): Shard {
  const number = /-(\d+)$/.exec(name ?? "")?.[1];
  return { index: number === undefined ? 0 : Number(number) - 1, count: coordinatorCount(env) };
}

/** The objects of the network's coordinators, in their order. */
export function coordinatorsOf(env: Env): CoordinatorRpc[] {
  return Array.from({ length: coordinatorCount(env) }, (_, index) =>
    env.COORDINATOR.getByName(index === 0 ? COORDINATOR_NAME : `${COORDINATOR_NAME}-${index + 1}`),
  );
}

/** The network's coordinator: its one object, or all of them as if they were one. */
export function coordinatorOf(env: Env): CoordinatorRpc {
  const [first, ...others] = coordinatorsOf(env);
  if (first === undefined) throw new RangeError("a network has a coordinator");
  return others.length === 0 ? first : new CoordinatorGroup([first, ...others]);
}
