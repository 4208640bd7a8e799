/**
 * What the rest of the coordinator Worker may ask of its Durable Object. Pages and API depend on
 * this interface only, never on the object's storage. Types only.
 */
import type { Decision } from "../../../shared/alert/decision.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { DayStatus, RegionDayStatus } from "../../../shared/monitor/day-status.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { RollupRange } from "../../../shared/monitor/report.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import type { Incident, Transition, Verdict } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import type { BackupPage } from "./backup-cut.ts";
import type { RestoreOrigin, RestoreStatus, RestoreStep } from "./restore-state.ts";

/** How one of a region's probe Workers is doing. */
export interface ShardStatus {
  /** From 1, as in its `SHARD`. */
  number: number;
  /** Start of its last run; null: none yet. */
  lastRunAtMs: number | null;
  /** `silent`: no run for longer than a vote stays fresh; `unbound`: its binding is missing. */
  state: "active" | "waiting" | "silent" | "unbound";
}

/** How a region's probe is doing, as a fact about Echoquorum, not about targets. */
export interface RegionStatus {
  id: string;
  label: string;
  latitude: number;
  longitude: number;
  expectedColos: readonly string[];
  /** Observed colo of its last run; null: not known. */
  colo: string | null;
  /** Start of its last run; null: none yet. */
  lastRunAtMs: number | null;
  /** `waiting`: no run yet; `silent`: no run for longer than a vote stays fresh. */
  state: "active" | "waiting" | "silent" | "misplaced" | "suspended";
  /** Why it is in this state, in words; absent where there is nothing to say. */
  why?: string | undefined;
  /** The Workers among which its monitors are divided; absent from older snapshots. */
  shards?: ShardStatus[] | undefined;
  /** How many of them its work needs; absent from older snapshots. */
  shardsNeeded?: number | undefined;
  /** Checks in its busiest cron period; absent from older snapshots. */
  checksPerMinute?: number | undefined;
}

/** The certificate of a monitor's server: a fact, which no verdict depends on. */
export interface CertificateStatus {
  /** Distinguished names, RFC 4514. */
  subject: string;
  issuer: string;
  notBeforeMs: number;
  notAfterMs: number;
  /** Whole days until expiry; negative once expired. */
  daysLeft: number;
  /** Days of the threshold that it has come under; null: none. */
  threshold: number | null;
  matchesHost: boolean;
  chain: "complete" | "incomplete" | "self_signed";
  /** E.g. `TLS 1.3`. */
  version: string;
}

/** One monitor with all a face may need; pages pick allow-listed fields from it. */
export interface MonitorStatus {
  id: string;
  name: string;
  group: string | null;
  public: boolean;
  paused: boolean;
  /** Time between two checks of one region. */
  intervalMs: number;
  verdict: Verdict;
  /** Null: none was seen yet; absent from older snapshots. */
  certificate?: CertificateStatus | null | undefined;
  /**
   * Last 90 UTC days, oldest first, today last; days without data are left out. Null: not given, for
   * the network is too large to give all at once.
   */
  days: DayStatus[] | null;
  /** Empty, as the verdict's votes are: not given; a large network's monitors without trouble. */
  regions: Array<{
    region: string;
    label: string;
    /** Last observation; null: none yet. */
    last:
      | (Pick<Observation, "status" | "reason" | "message" | "startedAtMs" | "colo"> & {
          totalMs: number | null;
        })
      | null;
    /** Null: not given, for there are too many. */
    days: RegionDayStatus[] | null;
    /**
     * Of today's and yesterday's checks that were timed; null: none was, or it is not given; absent
     * from older snapshots.
     */
    latency?: { p50Ms: number; p95Ms: number } | null | undefined;
  }>;
}

/** A window of announced maintenance with the monitors that it covers at present. */
export interface MaintenanceStatus {
  id: string;
  name: string;
  /** Empty: none. */
  description: string;
  startsAtMs: number;
  endsAtMs: number;
  /** Ids of those that it covers; null: none by id, and all of them if no group is named. */
  monitors: readonly string[] | null;
  /** Groups whose monitors it covers besides; absent: none. */
  groups?: readonly string[] | undefined;
}

/** Everything the faces show, at one moment. */
export interface NetworkStatus {
  generatedAtMs: number;
  /** Scheduled time of the newest run that was taken in; null: none yet. */
  newestRunAtMs: number | null;
  config: Pick<PublishedConfig, "version" | "defaultIntervalMs">;
  regions: RegionStatus[];
  /** `impaired`: no region can vote, so nothing is known; absent from older snapshots. */
  monitoring?: { state: "working" | "impaired" | "waiting"; sinceMs: number } | undefined;
  monitors: MonitorStatus[];
  /**
   * Ids of all monitors in their order, from the first of several coordinators, each of which has its
   * own monitors; absent: the monitors are in order.
   */
  order?: readonly string[] | undefined;
  /** By their start, those over for less than 30 days too; absent from older snapshots. */
  maintenances?: MaintenanceStatus[] | undefined;
  /** What people wrote, open ones first; absent from older snapshots. */
  writtenIncidents?: readonly WrittenIncident[] | undefined;
  openIncidents: IncidentWithTimeline[];
  /** Ended within the last 90 days, newest first, at most 50. */
  pastIncidents: IncidentWithTimeline[];
}

/** An incident with what happened in it, oldest first. */
export interface IncidentWithTimeline extends Incident {
  monitorName: string;
  transitions: Transition[];
}

/** Newest first, by start or creation. */
export interface ListQuery {
  monitor?: string | undefined;
  /** Only those that started or were created at or after this moment. */
  sinceMs?: number | undefined;
  /** 1 … 500. */
  limit: number;
}

/** Result of a test message. */
export interface ChannelTestResult {
  delivered: boolean;
  /** HTTP status of the receiver; null: no answer. */
  status: number | null;
  /** What went wrong, without secrets; null: nothing. */
  error: string | null;
}

/** Rows of a time that is asked for; see `shared/monitor/report.ts`. */
export type RollupRanges = readonly RollupRange[];

/** What came of having a message tried anew. */
export interface RetryResult {
  delivery: Delivery;
  /** False: it had not been given up, and nothing was changed. */
  renewed: boolean;
}

/** What was rebuilt of a day. */
export interface RebuiltDay {
  /** Its start (UTC). */
  dayMs: number;
  /** Runs that were scheduled in it, and observations that were made in it. */
  runs: number;
  observations: number;
  /** Buckets of the object that were not what they should have been. */
  buckets: number;
  /** Blocks that were written to D1. */
  blocks: number;
}

/** What came of rebuilding rollups. */
export interface RebuildResult {
  /** Oldest first. */
  days: RebuiltDay[];
  /** Where to go on: there was no time for more; null: all is done. */
  nextMs: number | null;
}

/** The Durable Object's methods. */
export interface CoordinatorRpc {
  /** Makes sure that the alarm is armed. */
  wake(): Promise<void>;
  /** Reads configuration and channels again, now. */
  configChanged(): Promise<void>;
  networkStatus(): Promise<NetworkStatus>;
  /** The pages' settings as D1 had them last, one text each; null: they were never read. */
  pageSettings(): Promise<string[] | null>;
  /** All that is known of one monitor but its days; null for one that is not published. */
  monitorStatus(id: string): Promise<MonitorStatus | null>;
  /** Null for a monitor that is not published. */
  verdict(monitor: string): Promise<Verdict | null>;
  /** Asks all the monitor's regions at once; null for a monitor that is not published. */
  checkNow(monitor: string): Promise<Observation[] | null>;
  incidents(query: ListQuery & { open?: boolean | undefined }): Promise<IncidentWithTimeline[]>;
  incident(id: string): Promise<IncidentWithTimeline | null>;
  /** Repeating it changes nothing; null for an unknown incident. */
  acknowledge(id: string): Promise<IncidentWithTimeline | null>;
  deliveries(
    query: ListQuery & { state?: Delivery["state"] | undefined; channel?: string | undefined },
  ): Promise<Delivery[]>;
  /** A monitor's rows as far as the object still has them, up to now; it has the newest. */
  rollups(monitor: string, ranges: RollupRanges): Promise<Rollup[]>;
  /** Recounts the days inside a window from the log; rejects when D1 does not answer. */
  rebuildRollups(window: { fromMs: number; toMs: number }): Promise<RebuildResult>;
  /** Has a message that was given up tried anew; null for an unknown one. */
  retryDelivery(id: string): Promise<RetryResult | null>;
  /** What was decided about telling an incident, oldest first; null for an unknown one. */
  decisions(incident: string): Promise<Decision[] | null>;
  /** Null for an unknown channel. */
  testChannel(channel: string): Promise<ChannelTestResult | null>;
  /** Opens a backup of the object's part, as of now; null: a restore is being carried out. */
  cutBackup(): Promise<{ cut: string; storage: number } | null>;
  /** A page of it, the first or the next; null: it is not open any more. */
  backupPage(cut: string, after: string | null): Promise<BackupPage | null>;
  /** Keeps it open while nothing of it is read; false: it is not open any more. */
  holdBackup(cut: string): Promise<boolean>;
  /** Ends it. */
  endBackup(cut: string): Promise<void>;
  /** Whether a restore is being carried out: then no other may begin. */
  isRestoring(): Promise<boolean>;
  beginRestore(id: string, replace: boolean, origin: RestoreOrigin): Promise<RestoreStep>;
  putRestorePart(id: string, part: number, text: string): Promise<RestoreStep>;
  /** Repeating it changes nothing. */
  commitRestore(id: string): Promise<RestoreStep>;
  /** Null: there is none of that id. */
  restoreStatus(id: string): Promise<RestoreStatus | null>;
  /** Version of the object's storage. */
  storageVersion(): Promise<number>;
  /** Up to when it has read the log, in its scheduled times (UTC epoch milliseconds). */
  readToMs(): Promise<number>;
}
