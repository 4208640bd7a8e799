/**
 * A realistic {@link NetworkStatus} for tests of the faces: four regions, a few monitors, ninety
 * days of history with the occasional bad day, incidents with their timelines. Deterministic.
 */
import type { DayStatus, RegionDayStatus } from "../../shared/monitor/day-status.ts";
import type {
  CountedVote,
  IncidentKind,
  Transition,
  Verdict,
} from "../../shared/monitor/verdict.ts";
import type { Reason, Status } from "../../shared/probe/reason.ts";
import { findRegion, regionLabel } from "../../shared/regions.ts";
import type {
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
  RegionStatus,
} from "../../workers/coordinator/object/rpc.ts";

/** The moment at which the fixture's world stands: 20 November 2026, 14:05:30 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 20, 14, 5, 30);
/** Regions of the fixture's network. */
export const REGION_IDS = ["us-east", "sa-east", "eu-central", "ap-southeast"] as const;

const DAY_MS = 86_400_000;
const TODAY_MS = Math.floor(NOW_MS / DAY_MS) * DAY_MS;
const COLOS: Readonly<Record<string, string>> = {
  "us-east": "IAD",
  "sa-east": "GRU",
  "eu-central": "FRA",
  "ap-southeast": "SIN",
};
const LATENCIES: Readonly<Record<string, number>> = {
  "us-east": 48.2,
  "sa-east": 131.7,
  "eu-central": 9.4,
  "ap-southeast": 212.9,
};

/** What one region saw last. */
export interface Sight {
  status: Status;
  reason?: Reason;
  counted?: CountedVote["counted"];
}

/** What differs from a healthy monitor. */
export interface MonitorDraft {
  id: string;
  name: string;
  group?: string | null;
  kind?: Verdict["kind"];
  reason?: Reason | null;
  /** Per region, in the order of {@link REGION_IDS}; missing ones are up. */
  sights?: Partial<Record<string, Sight>>;
  /** Days of history, today included. */
  historyDays?: number;
  /** Days ago → milliseconds of trouble. */
  troubles?: Readonly<Record<number, Partial<DayStatus>>>;
  sinceMs?: number;
  public?: boolean;
  paused?: boolean;
}

/** Votes of a monitor as drafted. */
export function votesOf(draft: MonitorDraft): CountedVote[] {
  return REGION_IDS.map((region) => {
    const sight = draft.sights?.[region] ?? { status: "up" };
    const silent = sight.counted === "silent";
    return {
      region,
      colo: silent ? null : (COLOS[region] ?? null),
      status: sight.counted === undefined ? sight.status : "unknown",
      reason: sight.reason ?? null,
      message: sight.reason ?? "Up",
      atMs: silent ? null : NOW_MS - 4_000,
      failingSinceMs: sight.status === "down" ? NOW_MS - 208_000 : null,
      counted: sight.counted ?? "counted",
    };
  });
}

function dayOf(daysAgo: number, trouble: Partial<DayStatus>): DayStatus {
  const lengthMs = daysAgo === 0 ? NOW_MS - TODAY_MS : DAY_MS;
  const times = {
    degradedMs: 0,
    partialMs: 0,
    downMs: 0,
    unknownMs: 0,
    maintenanceMs: 0,
    ...trouble,
  };
  const { degradedMs, partialMs, downMs, unknownMs, maintenanceMs } = times;
  const rest = lengthMs - degradedMs - partialMs - downMs - unknownMs - maintenanceMs;
  return { dayMs: TODAY_MS - daysAgo * DAY_MS, operationalMs: Math.max(0, rest), ...times };
}

const minutes = (ms: number) => Math.round(ms / 60_000);

function regionDayOf(day: DayStatus): RegionDayStatus {
  return {
    dayMs: day.dayMs,
    up: minutes(day.operationalMs),
    degraded: minutes(day.degradedMs),
    down: minutes(day.downMs),
    unknown: minutes(day.unknownMs),
  };
}

function latencyOf(region: string) {
  const p50Ms = LATENCIES[region];
  return p50Ms === undefined ? null : { p50Ms, p95Ms: p50Ms * 1.6 };
}

/** A monitor as drafted. */
export function monitorStatus(draft: MonitorDraft): MonitorStatus {
  const days = Array.from({ length: draft.historyDays ?? 90 }, (_, index) => {
    const daysAgo = (draft.historyDays ?? 90) - 1 - index;
    return dayOf(daysAgo, draft.troubles?.[daysAgo] ?? {});
  });
  const votes = votesOf(draft);
  return {
    id: draft.id,
    name: draft.name,
    group: draft.group ?? null,
    public: draft.public ?? true,
    paused: draft.paused ?? false,
    intervalMs: 60_000,
    verdict: {
      monitor: draft.id,
      kind: draft.kind ?? "operational",
      reason: draft.reason ?? null,
      message: "As drafted.",
      sinceMs: draft.sinceMs ?? NOW_MS - 34 * DAY_MS,
      votes,
    },
    days,
    regions: votes.map((vote) => ({
      region: vote.region,
      label: regionLabel(vote.region),
      last:
        vote.atMs === null
          ? null
          : {
              status: draft.sights?.[vote.region]?.status ?? "up",
              reason: vote.reason,
              message: vote.message,
              startedAtMs: vote.atMs,
              colo: vote.colo,
              totalMs: LATENCIES[vote.region] ?? null,
            },
      days: days.map(regionDayOf),
      latency: latencyOf(vote.region),
    })),
  };
}

/** A region as it reports. */
export function regionStatus(id: string, state: RegionStatus["state"] = "active"): RegionStatus {
  const region = findRegion(id);
  if (region === undefined) throw new Error(`No region ${id}`);
  const { label, latitude, longitude, expectedColos } = region;
  const waiting = state === "waiting";
  return {
    id,
    label,
    latitude,
    longitude,
    expectedColos,
    colo: waiting ? null : (COLOS[id] ?? null),
    lastRunAtMs: waiting ? null : NOW_MS - (state === "silent" ? 412_000 : 4_000),
    state,
  };
}

/** An incident of a monitor: confirmed after 6 s, resolved after `lengthMs` (null: open). */
export function incidentOf(
  draft: MonitorDraft,
  kind: IncidentKind,
  startedAtMs: number,
  lengthMs: number | null,
): IncidentWithTimeline {
  const id = `${draft.id}-${startedAtMs}`;
  const votes = votesOf(draft);
  const reason = draft.reason ?? null;
  const step = (sequence: number, rest: Partial<Transition>): Transition => ({
    id: `${id}.${sequence}`,
    monitor: draft.id,
    incident: id,
    atMs: startedAtMs + 6_000,
    kind: "incident_opened",
    from: "operational",
    to: kind,
    reason,
    message: "As drafted.",
    votes,
    ...rest,
  });
  const endedAtMs = lengthMs === null ? null : startedAtMs + lengthMs;
  const good = votes.map((vote) => ({ ...vote, status: "up" as const, reason: null }));
  return {
    id,
    monitor: draft.id,
    monitorName: draft.name,
    kind,
    worst: kind,
    reason,
    message: "As drafted.",
    startedAtMs,
    confirmedAtMs: startedAtMs + 6_000,
    endedAtMs,
    acknowledgedAtMs: null,
    regions: votes.filter(({ status }) => status === "down").map(({ region }) => region),
    transitions: [
      step(1, {}),
      ...(endedAtMs === null
        ? []
        : [
            step(2, {
              kind: "incident_resolved",
              atMs: endedAtMs,
              from: kind,
              to: "operational",
              reason: null,
              votes: good,
            }),
          ]),
    ],
  };
}

/** A network with these monitors, all regions reporting, data four seconds old. */
export function networkStatus(
  monitors: readonly MonitorDraft[],
  rest: Partial<NetworkStatus> = {},
): NetworkStatus {
  return {
    generatedAtMs: NOW_MS,
    newestRunAtMs: NOW_MS - 4_000,
    config: { version: 7, defaultIntervalMs: 60_000 },
    regions: REGION_IDS.map((id) => regionStatus(id)),
    monitors: monitors.map(monitorStatus),
    openIncidents: [],
    pastIncidents: [],
    ...rest,
  };
}
