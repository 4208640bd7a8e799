/**
 * Renders the network's status from the object's memory and history. Reads only.
 */
import { watchThreshold, watchedCertificate } from "../../../shared/monitor/certificate-watch.ts";
import { initialJudgement } from "../../../shared/monitor/judgement.ts";
import { mergeHistograms, quantileMs } from "../../../shared/monitor/latency-histogram.ts";
import { coversMonitor } from "../../../shared/monitor/maintenance.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { intervalMs, monitorRegions } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import {
  QUORUM_REGION,
  addRollup,
  coarsen,
  dayStartMs,
  mergeRollups,
} from "../../../shared/monitor/rollup.ts";
import { daysLeft } from "../../../shared/probe/certificate.ts";
import { regionLabel } from "../../../shared/regions.ts";
import { STATUS_DAYS, STATUS_INCIDENTS_MAX } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { RegionShards } from "./region-shards.ts";
import { renderRegion } from "./region-status.ts";
import { timeToNow, unfoldedBuckets } from "./recent-rollups.ts";
import type { Bucket } from "./rollups.ts";
import { bucketName, rowsOf } from "./rollups.ts";
import type {
  CertificateStatus,
  DayStatus,
  MaintenanceStatus,
  MonitorStatus,
  NetworkStatus,
  RegionDayStatus,
} from "./rpc.ts";
import type { State } from "./state.ts";

const DAY_MS = 86_400_000;
/** Open incidents that the status shows: more than anybody reads, bounded all the same. */
const OPEN_INCIDENTS_MAX = 500;

/**
 * The last 90 days' buckets: loaded once, then kept current from what is committed. What was not
 * folded into days yet is added when they are asked for.
 */
export class DayBuckets {
  readonly #memory: Memory;
  readonly #buckets = new Map<string, Bucket>();
  #loadedForDayMs: number | null = null;

  constructor(memory: Memory) {
    this.#memory = memory;
    memory.onCommit(({ buckets }) => {
      if (this.#loadedForDayMs === null) return;
      for (const [name, bucket] of buckets) {
        if (bucket.resolution === "day") this.#buckets.set(name, bucket);
      }
    });
  }

  /** Rows by monitor, then by region, oldest day first. */
  rows(nowMs: number): Map<string, Map<string, Rollup[]>> {
    const todayMs = dayStartMs(nowMs);
    const firstMs = todayMs - (STATUS_DAYS - 1) * DAY_MS;
    if (this.#loadedForDayMs !== todayMs) {
      this.#buckets.clear();
      for (const bucket of this.#memory.history.rollups.buckets("day", firstMs, todayMs + DAY_MS)) {
        this.#buckets.set(bucketName(bucket), bucket);
      }
      this.#loadedForDayMs = todayMs;
    }
    const rows = new Map<string, Map<string, Rollup[]>>();
    const buckets = [...this.#buckets.values()].filter(
      ({ startMs }) => startMs >= firstMs && startMs <= todayMs,
    );
    for (const bucket of buckets.sort((a, b) => a.startMs - b.startMs)) {
      for (const row of rowsOf(bucket)) addDay(rows, row);
    }
    for (const bucket of unfoldedBuckets(this.#memory)) {
      for (const row of rowsOf(bucket)) addDay(rows, coarsen(row, "day"));
    }
    return rows;
  }
}

/** Adds a day's row to a monitor's; days come in order, what is unfolded after them. */
function addDay(rows: Map<string, Map<string, Rollup[]>>, row: Rollup): void {
  const regions = rows.get(row.monitor) ?? new Map<string, Rollup[]>();
  rows.set(row.monitor, regions);
  const days = regions.get(row.region) ?? [];
  const at = days.findLastIndex(({ bucketStartMs }) => bucketStartMs === row.bucketStartMs);
  const known = days[at];
  if (known === undefined) days.push(row);
  else days[at] = addRollup(known, row);
  regions.set(row.region, days);
}

/** Renders everything that the faces show at one moment. */
export function renderNetworkStatus(
  memory: Memory,
  days: DayBuckets,
  regions: readonly string[],
  shards: RegionShards,
  nowMs: number,
): NetworkStatus {
  const { state, history } = memory;
  const { config } = state;
  const rows = days.rows(nowMs);
  const sinceMs = nowMs - STATUS_DAYS * DAY_MS;
  return {
    generatedAtMs: nowMs,
    newestRunAtMs: state.tail.newestRunAtMs,
    config: {
      version: config?.version ?? 0,
      defaultIntervalMs: config?.defaultIntervalMs ?? 60_000,
    },
    regions: regions.map((region) => renderRegion(state, region, shards, nowMs)),
    monitoring: { state: state.monitoring.state, sinceMs: state.monitoring.sinceMs },
    monitors: (config?.monitors ?? []).map((monitor) =>
      renderMonitor(state, monitor, rows.get(monitor.id) ?? new Map<string, Rollup[]>(), nowMs),
    ),
    maintenances: renderMaintenances(config),
    writtenIncidents: state.writtenIncidents,
    openIncidents: history.incidents({ open: true, limit: OPEN_INCIDENTS_MAX }),
    pastIncidents: history.incidents({ endedSinceMs: sinceMs, limit: STATUS_INCIDENTS_MAX }),
  };
}

function renderMaintenances(config: PublishedConfig | null): MaintenanceStatus[] {
  return (config?.maintenances ?? []).map((window) => {
    const { id, name, description, startsAtMs, endsAtMs } = window;
    const covered = (config?.monitors ?? []).filter((monitor) => coversMonitor(window, monitor));
    const monitors = covered.map((monitor) => monitor.id);
    return { id, name, description, startsAtMs, endsAtMs, monitors };
  });
}

function renderMonitor(
  state: Readonly<State>,
  monitor: Monitor,
  rows: ReadonlyMap<string, Rollup[]>,
  nowMs: number,
): MonitorStatus {
  const { config, votes, judgements } = state;
  const { verdict } = judgements.get(monitor.id) ?? initialJudgement(monitor.id, nowMs);
  return {
    id: monitor.id,
    name: monitor.name,
    group: monitor.group,
    public: monitor.public,
    paused: monitor.paused,
    intervalMs: intervalMs(monitor, config?.defaultIntervalMs ?? 60_000),
    verdict,
    certificate: renderCertificate(state, monitor, nowMs),
    days: toNow(state, monitor.id, rows.get(QUORUM_REGION) ?? []).map(renderDay),
    regions: monitorRegions(monitor, config?.regions ?? []).map((region) => {
      const vote = votes.get(region)?.get(monitor.id);
      return {
        region,
        label: regionLabel(region),
        last:
          vote === undefined
            ? null
            : {
                status: vote.status,
                reason: vote.reason,
                message: vote.message,
                startedAtMs: vote.atMs,
                colo: vote.colo,
                totalMs: vote.totalMs,
              },
        days: (rows.get(region) ?? []).map(renderRegionDay),
        // Pages alone show it, and a large network has thousands of histograms to join.
        latency: monitor.public ? renderLatency(rows.get(region) ?? [], nowMs) : null,
      };
    }),
  };
}

/** The certificate of the address that the monitor has now. */
function renderCertificate(
  state: Readonly<State>,
  { id, url }: Monitor,
  nowMs: number,
): CertificateStatus | null {
  const watch = state.certificates.get(id);
  const certificate = watch?.url === url ? watchedCertificate(watch, nowMs) : null;
  if (certificate === null) return null;
  const { subject, issuer, notBeforeMs, notAfterMs, matchesHost, chain, version } = certificate;
  return {
    subject,
    issuer,
    notBeforeMs,
    notAfterMs,
    daysLeft: daysLeft(notAfterMs, nowMs),
    threshold: watchThreshold(certificate, nowMs),
    matchesHost,
    chain,
    version,
  };
}

/** Days of time by verdict with what has been judged since time was last entered. */
function toNow(state: Readonly<State>, id: string, days: Rollup[]): Rollup[] {
  return mergeRollups([...days, ...timeToNow(state, id).map((change) => coarsen(change, "day"))]);
}

function renderDay(row: Rollup): DayStatus {
  const { bucketStartMs: dayMs, operationalMs, degradedMs, partialMs } = row;
  const { downMs, unknownMs, maintenanceMs } = row;
  return { dayMs, operationalMs, degradedMs, partialMs, downMs, unknownMs, maintenanceMs };
}

function renderLatency(days: readonly Rollup[], nowMs: number) {
  const sinceMs = dayStartMs(nowMs) - DAY_MS;
  const recent = days.filter(({ bucketStartMs }) => bucketStartMs >= sinceMs);
  const histogram = mergeHistograms(...recent.map(({ latency }) => latency));
  const [p50Ms, p95Ms] = [quantileMs(histogram, 0.5), quantileMs(histogram, 0.95)];
  return p50Ms === null || p95Ms === null ? null : { p50Ms, p95Ms };
}

function renderRegionDay(row: Rollup): RegionDayStatus {
  const { bucketStartMs: dayMs, up, degraded, down, unknown } = row;
  return { dayMs, up, degraded, down, unknown };
}
