/** What a world is and all that will befall it, before it begins. Nothing is drawn here. */
import type { AlertPolicy } from "../../shared/alert/policy.ts";
import type { Silence } from "../../shared/alert/silence.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { Shard } from "../../shared/monitor/shard.ts";
import type { Reason } from "../../shared/probe/reason.ts";

/** A time in which something is so. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** Whether a moment lies in any of some times. */
export function during(times: readonly Span[], atMs: number): boolean {
  return times.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
}

/** Trouble of a target, as some regions see it. */
export interface TargetFault extends Span {
  monitor: string;
  /** Regions that see it. */
  regions: readonly string[];
  reason: Reason;
}

/** One probe Worker of a region. */
export interface ShardPlan {
  shard: Shard;
  /** It neither runs nor answers. */
  dead: readonly Span[];
  /** Its cron alone does not fire. */
  cronDead: readonly Span[];
}

/** A vantage and its troubles. */
export interface RegionPlan {
  id: string;
  /** The Workers among which its monitors are divided; one at least. */
  shards: readonly ShardPlan[];
  colo: string | null;
  /** Its clock minus true time. */
  skewMs: number;
  /** Times in which its clock is off by this much more. */
  clockSteps: ReadonlyArray<Span & { byMs: number }>;
  /** Its cron does not fire. */
  cronDead: readonly Span[];
  /** How late its cron fires. */
  cronLateMs: number;
  /** The coordinator cannot reach it. */
  partitions: readonly Span[];
  /** It reaches no target, and blames them. */
  blind: readonly Span[];
  /** Its checks fail by its own fault. */
  buggy: readonly Span[];
  /** Its rows do not get into the log. */
  writesLost: readonly Span[];
  /** Its rows get into the log only after this long. */
  writesLateMs: number;
  /** Some of its rows get into the log only after this long, long after all else is well; 0: none. */
  rowsHoursLateMs: number;
  /** How long a good check takes. */
  checkMs: number;
}

/** A change of the configuration. */
export interface ConfigChange {
  atMs: number;
  config: PublishedConfig;
}

/** The kinds of fault of which each world has some. */
export const FAULTS = [
  "outage",
  "regional",
  "slow",
  "flap",
  "skew",
  "cron_dead",
  "cron_late",
  "partition",
  "blind",
  "buggy",
  "writes_lost",
  "writes_late",
  "shared_colo",
  "unknown_colo",
  "log_outage",
  "crash",
  "away",
  "storage",
  "sender",
  "config",
  "maintenance",
  "dead_shard",
  "policy",
  "clock_step",
  "hours_late",
  "redeploy",
] as const;
/** See {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

/** A world before it begins. */
export interface Scenario {
  seed: number;
  faults: ReadonlySet<Fault>;
  startMs: number;
  calmFromMs: number;
  /** Coordinators among which the monitors are divided. */
  coordinators: number;
  /** How long a failing check takes. */
  failMs: number;
  regions: readonly RegionPlan[];
  configs: readonly ConfigChange[];
  targetFaults: readonly TargetFault[];
  /** D1 does not answer the coordinator, nor take rows. */
  logOutages: readonly Span[];
  /** Whether in outages the log can be written and trimmed, but not read. */
  logReadsOnly: boolean;
  /** Whether D1 hangs, instead of refusing, during outages. */
  logHangs: boolean;
  /** Share of transactions at which the object is killed, half before and half after the commit. */
  crashRate: number;
  /** The object does not run. */
  objectAway: readonly Span[];
  /** Share of transactions that the object's storage refuses. */
  refusalRate: number;
  /** How long the object stays away after a crash. */
  awayMs: number;
  /** Channels do not accept anything. */
  senderOutages: readonly Span[];
  /** Share of messages whose acceptance is not heard of. */
  lostAcks: number;
  /** When the release that runs changes, and with it the object's tables; null: it does not. */
  redeployAtMs: number | null;
  /** Statements of that change after which the object dies in the midst of it, one life after another. */
  redeployDeaths: readonly number[];
  /** How long runs stay in the log: barely longer than a row may be late without being looked for. */
  runsKeptMs: number;
  /** Channels of the network. */
  channels: readonly string[];
  /** How alerts are grouped, repeated and muted; null: nothing is declared. */
  alertPolicy: AlertPolicy | null;
  silences: readonly Silence[];
  /** Moments at which somebody wants a monitor checked. */
  userChecks: ReadonlyArray<{ atMs: number; monitor: string }>;
}

/** A probe Worker with which nothing is wrong. */
export function soundShard(shard: Shard): ShardPlan {
  return { shard, dead: [], cronDead: [] };
}
