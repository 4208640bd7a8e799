/**
 * Renders the network's status from the object's memory and history. Reads only.
 */
import { watchThreshold, watchedCertificate } from "../../../shared/monitor/certificate-watch.ts";
import { findMonitor } from "../../../shared/monitor/config-index.ts";
import type { MonitorDays } from "../../../shared/monitor/day-status.ts";
import { noDays } from "../../../shared/monitor/day-status.ts";
import { medianAndTail } from "../../../shared/monitor/latency-histogram.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { intervalMs, monitorRegions } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { daysLeft } from "../../../shared/probe/certificate.ts";
import { regionLabel } from "../../../shared/regions.ts";
import type { DayHistory } from "./day-history.ts";
import {
  STATUS_DAYS,
  STATUS_INCIDENTS_MAX,
  STATUS_OPEN_INCIDENTS_MAX,
  STATUS_PLACES_MAX,
  STATUS_TROUBLED_MAX,
  STATUS_VOTES_MAX,
} from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { RegionShards } from "./region-shards.ts";
import { renderRegion } from "./region-status.ts";
import type { CertificateStatus, MaintenanceStatus, MonitorStatus, NetworkStatus } from "./rpc.ts";
import type { State } from "./state.ts";
import { verdictOf } from "./state.ts";

const DAY_MS = 86_400_000;
/** What a status is rendered from. */
export interface StatusFacts {
  memory: Memory;
  days: DayHistory;
  /** Active ones. */
  regions: readonly string[];
  shards: RegionShards;
  /** Of several coordinators each renders its own monitors, in its part of the room that there is. */
  coordinator: Shard;
}

/** Renders everything that the faces show at one moment. */
export function renderNetworkStatus(facts: StatusFacts, nowMs: number): NetworkStatus {
  const { memory, regions, shards } = facts;
  const { state, history } = memory;
  const { config, roster } = state;
  const monitors = renderMonitors(facts, nowMs);
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
    monitors,
    ...(roster.length === 0 ? {} : { order: roster.map(({ id }) => id) }),
    maintenances: renderMaintenances(state),
    writtenIncidents: state.writtenIncidents,
    openIncidents: history.incidents({ open: true, limit: STATUS_OPEN_INCIDENTS_MAX }),
    pastIncidents: history.incidents({ endedSinceMs: sinceMs, limit: STATUS_INCIDENTS_MAX }),
  };
}

/** As they were announced: whom one covers is for whoever knows the monitors of all coordinators. */
function renderMaintenances({ config }: Readonly<State>): MaintenanceStatus[] {
  return (config?.maintenances ?? []).map(
    ({ id, name, description, startsAtMs, endsAtMs, monitors, groups }) => {
      return { id, name, description, startsAtMs, endsAtMs, monitors, groups };
    },
  );
}

/** How much of 90 days the status has of each monitor. */
type DaysShown = "all" | "quorum" | "none";

/** What a network's size leaves room for. */
function daysShown({ monitors, regions }: PublishedConfig, placesMax: number): DaysShown {
  if (monitors.length * (regions.length + 1) <= placesMax) return "all";
  return monitors.length <= placesMax ? "quorum" : "none";
}

function renderMonitors(
  { memory: { state }, days: history, coordinator: { count } }: StatusFacts,
  nowMs: number,
): MonitorStatus[] {
  const { config } = state;
  if (config === null) return [];
  const shown = daysShown(config, STATUS_PLACES_MAX / count);
  const days =
    shown === "none" ? null : history.load(nowMs, shown === "all" ? "regions" : "quorum");
  const votes = config.monitors.length * config.regions.length;
  let room = votes <= STATUS_VOTES_MAX / count ? Infinity : STATUS_TROUBLED_MAX / count;
  return config.monitors.map((monitor) => {
    const isWhole = room === Infinity || (room > 0 && isTroubled(state, monitor));
    if (isWhole) room -= 1;
    const own = days === null ? null : (days.get(monitor.id) ?? noDays());
    return renderMonitor(state, monitor, { shown, own, isWhole }, nowMs);
  });
}

function isTroubled({ judgements }: Readonly<State>, { id, paused }: Monitor): boolean {
  return !paused && judgements.get(id)?.verdict.kind !== "operational";
}

/** All that is known of one monitor but its days; null: it is not published. */
export function renderOneMonitor(
  { state }: Memory,
  id: string,
  nowMs: number,
): MonitorStatus | null {
  const monitor = findMonitor(state.config, id);
  return monitor === undefined
    ? null
    : renderMonitor(state, monitor, { shown: "none", own: null, isWhole: true }, nowMs);
}

/** What of a monitor is rendered. */
interface Extent {
  shown: DaysShown;
  /** Null: none are. */
  own: MonitorDays | null;
  /** Whether its regions are, and the votes. */
  isWhole: boolean;
}

function renderMonitor(
  state: Readonly<State>,
  monitor: Monitor,
  { shown, own, isWhole }: Extent,
  nowMs: number,
): MonitorStatus {
  const { config, votes } = state;
  const regions = isWhole ? monitorRegions(monitor, config?.regions ?? []) : [];
  const verdict = verdictOf(state, monitor.id, nowMs);
  return {
    id: monitor.id,
    name: monitor.name,
    group: monitor.group,
    public: monitor.public,
    paused: monitor.paused,
    intervalMs: intervalMs(monitor, config?.defaultIntervalMs ?? 60_000),
    verdict: isWhole ? verdict : { ...verdict, votes: [] },
    certificate: renderCertificate(state, monitor, nowMs),
    days: own?.quorum ?? null,
    regions: regions.map((region) => {
      const vote = votes.get(region)?.get(monitor.id);
      const seen = own?.regions.get(region);
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
        days: shown === "all" ? (seen?.days ?? []) : null,
        latency: medianAndTail(seen?.latency ?? ""),
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
