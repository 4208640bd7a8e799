/**
 * What the engine needs of the world. The Durable Object connects these to D1, service bindings and
 * the network; a test or a simulation connects them to memory. Types only.
 */
import type { Bulletin } from "../../../shared/alert/bulletin.ts";
import type { Delivery, DeliveryOutcome, Thread } from "../../../shared/alert/delivery.ts";
import type { AlertPolicy } from "../../../shared/alert/policy.ts";
import type { Silence } from "../../../shared/alert/silence.ts";
import type { SubscriberKind, TellingOutcome } from "../../../shared/alert/subscriber.ts";
import type { RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { KnownChange } from "../../../shared/monitor/recount.ts";
import type { Resolution } from "../../../shared/monitor/rollup.ts";
import type { RollupBlock } from "../../../shared/monitor/rollup-block.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import type { Incident, Transition } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type { RunDigest } from "../../../shared/probe/digest.ts";
import type { Run } from "../../../shared/probe/run.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import type { NetworkStatus } from "./rpc.ts";

/** Which runs to read. */
export interface RunQuery {
  /** Earliest scheduled time, inclusive. */
  fromMs: number;
  /** Keys of runs to leave out. */
  known: readonly string[];
  runsMax: number;
  /** What is read of the runs' observations, in characters; the first run is always read. */
  charactersMax: number;
}

/** One page of the log, in its order: of each run what decides. */
export interface RunPage {
  runs: RunDigest[];
  /** Keys of rows that cannot be decoded. */
  damaged: string[];
  /** Whether there may be more. */
  hasMore: boolean;
}

/** The run log. All methods reject when it cannot be reached. */
export interface LogPort {
  loadRuns(query: RunQuery): Promise<RunPage>;
  /** Repeating it is harmless. */
  appendRuns(runs: readonly Run[]): Promise<void>;
  /**
   * Deletes runs that were scheduled before a moment, the oldest first, at most so many; resolves with
   * how many it were.
   */
  pruneRuns(beforeMs: number, runsMax: number): Promise<number>;
}

/** An order to a region's probe to check now. */
export interface AskOrder {
  scheduledAtMs: number;
  lane: string;
  /** Null: those whose round is at the scheduled time. */
  monitors: string[] | null;
  config: PublishedConfig;
}

/** The regions' probes. */
export interface ProbesPort {
  /**
   * Asks the shard of the region that the order's lane names.
   * Rejects when the probe cannot be reached, refuses, or takes longer than the deadline.
   */
  ask(region: string, order: AskOrder, deadlineMs: number): Promise<{ run: Run; stored: boolean }>;
}

/** The way out to the channels. */
export interface SenderPort {
  /**
   * Never rejects: what went wrong is in the outcome.
   *
   * @param thread where the channel keeps what it was told of the incident before; null: nowhere
   */
  send(channel: StoredChannel, delivery: Delivery, thread: Thread | null): Promise<DeliveryOutcome>;
}

/** A subscription that has begun, changed or ended. */
export interface SubscriberChange {
  id: string;
  kind: SubscriberKind;
  /** Null: all that its page shows. */
  monitors: readonly string[] | null;
  /** Null: it has ended. */
  confirmedAtMs: number | null;
  /** Grows from change to change. */
  revision: number;
}

/** A subscriber that can be written to; only whoever made it knows what is in it. */
export type OpenSubscriber = object;

/** The subscribers of the pages. All but `tell` reject when D1 cannot be reached. */
export interface SubscribersPort {
  /** The first changes beyond a revision, in their order; empty: there are none. */
  changed(sinceRevision: number): Promise<SubscriberChange[]>;
  /** Opens subscriptions by id; those that have ended are left out. */
  open(ids: readonly string[]): Promise<Map<string, OpenSubscriber>>;
  /** Tells what their page shows of some news, if anything. Never rejects. */
  tell(subscriber: OpenSubscriber, bulletins: readonly Bulletin[]): Promise<TellingOutcome>;
  /** Ends a subscription and forgets its address. */
  end(id: string, why: "gone" | "failing"): Promise<void>;
  /** Forgets what is over. */
  tidy(): Promise<void>;
}

/** What the API has written. */
export interface Published {
  /** Null: nothing is published yet. */
  config: PublishedConfig | null;
  channels: readonly StoredChannel[];
  /** Absent or null: none is declared. */
  alertPolicy?: AlertPolicy | null | undefined;
  /** Those that are not long over; absent: none. */
  silences?: readonly Silence[] | undefined;
  /** Those that faces list; absent: none. */
  writtenIncidents?: readonly WrittenIncident[] | undefined;
  /** All monitors of the network, where others are with other coordinators; absent: none are. */
  roster?: readonly RosterMonitor[] | undefined;
}

/** Where it is read; of several coordinators each has the configuration with its own monitors. */
export interface ConfigPort {
  /** Rejects when D1 cannot be reached. */
  load(): Promise<Published>;
}

/** History to be written where pages, API and reports find it. */
export interface MirrorBatch {
  incidents: Incident[];
  transitions: Transition[];
  deliveries: Delivery[];
  /** Rollups of times that are over. */
  blocks: RollupBlock[];
  snapshot: NetworkStatus | null;
}

/** The copy of the object's history in D1. */
export interface MirrorPort {
  /** Writes all or nothing; repeating it is harmless. */
  write(batch: MirrorBatch): Promise<void>;
  /** Deletes rollups of blocks that begin before a moment; resolves with how many it were. */
  pruneBlocks(resolution: Resolution, beforeMs: number, blocksMax: number): Promise<number>;
  /**
   * Monitors' changes between verdicts in [fromMs, toMs), whichever coordinator made them, with each
   * one's last before that and first after it.
   */
  loadChanges(monitors: readonly string[], fromMs: number, toMs: number): Promise<KnownChange[]>;
  /** Monitors' rollups of all resolutions in blocks that begin in [fromMs, toMs). */
  loadBlocks(monitors: readonly string[], fromMs: number, toMs: number): Promise<RollupBlock[]>;
}

/** Time, as far as the engine may know it. */
export interface ClockPort {
  /** UTC epoch milliseconds. */
  nowMs(): number;
  /** Resolves after a while, at once when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** One line of the structured log; never holds a secret. */
export type LogLine = { event: string } & Record<string, string | number | boolean | null>;

/** All ports together. */
export interface Ports {
  log: LogPort;
  probes: ProbesPort;
  sender: SenderPort;
  config: ConfigPort;
  mirror: MirrorPort;
  /** Absent: it is the only coordinator, or not the one that deletes what is old. */
  peers?: PeersPort | undefined;
  /** Absent: nobody can subscribe. */
  subscribers?: SubscribersPort | undefined;
  clock: ClockPort;
  /** Uniformly distributed, 0 ≤ random() < 1. */
  random(): number;
  print(line: LogLine): void;
}

/** The other coordinators of a network that has several. */
export interface PeersPort {
  /** Up to when all of them have read the log; rejects when one does not answer. */
  readToMs(): Promise<number>;
}

/** What the deployment says. */
export interface Settings {
  /** Active regions, in the order in which they are staggered. */
  regions: readonly string[];
  /** Probe Workers of the regions that have several; absent: all have one. */
  shardCounts?: ReadonlyMap<string, number> | undefined;
  /** Bindings to probe Workers that should be there and are not; absent: none. */
  missingBindings?: readonly string[] | undefined;
  /** Address of the status page; null: alerts carry no link. */
  publicUrl: string | null;
  /** How long runs stay in the log, in milliseconds; absent: for good; null: it is not valid. */
  runsKeptMs?: number | null | undefined;
  /** Which coordinator of the network it is; absent: the only one. */
  coordinator?: Shard | undefined;
}
