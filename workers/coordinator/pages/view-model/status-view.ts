/**
 * The allow-list between the coordinator and the public: picks from a {@link NetworkStatus} what a
 * page may show, field by field, in words made from typed facts.
 *
 * Monitors that are not public, target addresses, headers, configuration, transcripts and probes'
 * free text have no field here, so no page can render them. Pure: `now` is an argument.
 */
import type { VerdictTimes } from "../../../../shared/monitor/uptime.ts";
import {
  addTimes,
  formatUptime,
  NO_TIME,
  observedMs,
  uptimeOf,
} from "../../../../shared/monitor/uptime.ts";
import type { CountedVote } from "../../../../shared/monitor/verdict.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import { regionLabel } from "../../../../shared/regions.ts";
import type {
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
  RegionStatus,
} from "../../object/rpc.ts";
import type { EvidenceView } from "./evidence.ts";
import { coloWords, LEFT_OUT_WORDS, renderEvidence, statusWords } from "./evidence.ts";
import type { Headline } from "./headline.ts";
import { decideHeadline, isReporting, staleAfterMs } from "./headline.ts";
import type { HistoryView } from "./history.ts";
import { monitorHistory, regionHistory } from "./history.ts";
import type { IncidentView } from "./incident.ts";
import { renderIncident } from "./incident.ts";
import type { MaintenanceView } from "./maintenance.ts";
import { renderMaintenances } from "./maintenance.ts";
import type { Tone } from "./words.ts";
import {
  countWords,
  DAY_MS,
  durationWords,
  latencyWords,
  nameWords,
  STATUS_TONES,
  TONE_WORDS,
} from "./words.ts";

/** Uptime with what it is a share of. */
export interface UptimeView {
  /** E.g. `99.982 %`. */
  percent: string;
  /** E.g. `34 days`, `12 min`. */
  period: string;
}

/** What one region sees of one monitor. */
export interface MonitorRegionView {
  id: string;
  label: string;
  colo: string | null;
  tone: Tone;
  words: string;
  reason: Reason | null;
  /** When that was seen; null: never. */
  atMs: number | null;
  /** Latency of the last check that was timed; null: none. */
  latency: string | null;
  /** Of today's and yesterday's checks; null: not known. */
  quantiles: { p50: string; p95: string } | null;
  history: HistoryView;
}

/** One monitor. */
export interface MonitorView {
  id: string;
  name: string;
  tone: Tone;
  label: string;
  /** Why it is not operational; null: it is, or is not checked. */
  trouble: EvidenceView | null;
  sinceMs: number;
  history: HistoryView;
  /** Null: nothing known yet. */
  uptime: UptimeView | null;
  regions: MonitorRegionView[];
  /** E.g. `4 regions: 3 up, 1 failing`. */
  regionsSummary: string;
}

/** Monitors that belong together. */
export interface GroupView {
  /** Null: those without a group. */
  name: string | null;
  monitors: MonitorView[];
}

/** How one region's probe is doing. */
export interface RegionView {
  id: string;
  label: string;
  colo: string | null;
  latitude: number;
  longitude: number;
  tone: Tone;
  words: string;
  lastRunAtMs: number | null;
}

/** Everything the status page shows. */
export interface StatusView {
  headline: Headline;
  /** Time of the newest data; null: none yet. */
  dataAtMs: number | null;
  /** Moment from which that data no longer says how things are now; null: no data. */
  staleAtMs: number | null;
  /** Moment for which the page was made. */
  nowMs: number;
  source: "live" | "snapshot";
  /** How often it pays to look again. */
  refreshMs: number;
  groups: GroupView[];
  regions: RegionView[];
  /** Regions whose runs arrive. */
  reportingRegions: number;
  /** What goes on and what is to come, by its start. */
  maintenances: MaintenanceView[];
  openIncidents: IncidentView[];
  /** Newest first. */
  pastDays: Array<{ dayMs: number; incidents: IncidentView[] }>;
}

/** Where a status came from and when it is shown. */
export interface ViewMoment {
  source: StatusView["source"];
  nowMs: number;
}

const REFRESH_MIN_MS = 3_000;
const REFRESH_MAX_MS = 30_000;

/** Renders the status page's view model. */
export function renderStatus(status: NetworkStatus, moment: ViewMoment): StatusView {
  const { source, nowMs } = moment;
  const shown = status.monitors.filter((monitor) => monitor.public);
  const publicIds = new Set(shown.map(({ id }) => id));
  const intervalMs = Math.min(
    ...shown.map((monitor) => monitor.intervalMs),
    shown.length === 0 ? status.config.defaultIntervalMs : Infinity,
  );
  const headline = decideHeadline({
    monitors: shown.map((monitor) => ({ name: nameWords(monitor.name), tone: toneOf(monitor) })),
    regions: status.regions,
    newestDataAtMs: status.newestRunAtMs,
    intervalMs,
    source,
    nowMs,
  });
  const isPublic = ({ monitor }: { monitor: string }) => publicIds.has(monitor);
  const past = status.pastIncidents.filter(isPublic);
  return {
    headline,
    dataAtMs: status.newestRunAtMs,
    staleAtMs:
      status.newestRunAtMs === null ? null : status.newestRunAtMs + staleAfterMs(intervalMs),
    nowMs,
    source,
    refreshMs: Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, intervalMs / 2)),
    groups: grouped(shown, (monitor) => renderMonitor(monitor, headline.current, nowMs)),
    regions: status.regions.map(renderRegion),
    reportingRegions: status.regions.filter(isReporting).length,
    maintenances: renderMaintenances(status, nowMs),
    openIncidents: status.openIncidents
      .filter(isPublic)
      .map((incident) => renderIncident(incident, nowMs)),
    pastDays: byDay(past.map((incident) => renderIncident(incident, nowMs))),
  };
}

/** Renders an incident; null unless it belongs to a monitor that is public. */
export function renderPublicIncident(
  incident: IncidentWithTimeline,
  monitors: NetworkStatus["monitors"],
  nowMs: number,
): IncidentView | null {
  const monitor = monitors.find((candidate) => candidate.id === incident.monitor);
  return monitor?.public === true ? renderIncident(incident, nowMs) : null;
}

function toneOf(monitor: MonitorStatus): Tone {
  return monitor.paused ? "paused" : monitor.verdict.kind;
}

function grouped(
  monitors: readonly MonitorStatus[],
  render: (monitor: MonitorStatus) => MonitorView,
): GroupView[] {
  const groups = new Map<string | null, MonitorView[]>([[null, []]]);
  for (const monitor of monitors) {
    const name = monitor.group === null ? null : nameWords(monitor.group);
    const members = groups.get(name) ?? [];
    members.push(render(monitor));
    groups.set(name, members);
  }
  return [...groups]
    .map(([name, members]) => ({ name, monitors: members }))
    .filter((group) => group.monitors.length > 0);
}

function renderMonitor(monitor: MonitorStatus, current: boolean, nowMs: number): MonitorView {
  const { verdict } = monitor;
  const known = toneOf(monitor);
  // Without current data the last verdict is history: it is named, but not coloured as a fact.
  const remembered = !current && known !== "unknown" && known !== "paused";
  const regions = monitor.regions.map((region) => {
    const vote = verdict.votes.find((candidate) => candidate.region === region.region);
    return renderMonitorRegion(region, vote, current, nowMs);
  });
  return {
    id: monitor.id,
    name: nameWords(monitor.name),
    tone: remembered ? "unknown" : known,
    label: remembered ? `Last known: ${TONE_WORDS[known].toLowerCase()}` : TONE_WORDS[known],
    trouble:
      known === "operational" || known === "paused"
        ? null
        : renderEvidence(verdict.kind, verdict.reason, verdict.votes),
    sinceMs: verdict.sinceMs,
    history: monitorHistory(monitor.days, nowMs),
    uptime: renderUptime(monitor),
    regions,
    regionsSummary: summariseRegions(regions),
  };
}

function renderUptime(monitor: MonitorStatus): UptimeView | null {
  const times = monitor.days.reduce<VerdictTimes>(addTimes, NO_TIME);
  const uptime = uptimeOf(times);
  if (uptime === null) return null;
  const knownMs = observedMs(times);
  const period =
    knownMs < DAY_MS ? durationWords(knownMs) : countWords(Math.round(knownMs / DAY_MS), "day");
  return { percent: formatUptime(uptime), period };
}

function renderMonitorRegion(
  region: MonitorStatus["regions"][number],
  vote: CountedVote | undefined,
  current: boolean,
  nowMs: number,
): MonitorRegionView {
  const { last } = region;
  const leftOut = vote === undefined ? null : LEFT_OUT_WORDS[vote.counted];
  const gone = vote?.counted === "stale" || vote?.counted === "silent";
  const heard = gone ? null : last;
  const believed = heard !== null && current && vote?.counted !== "suspended";
  const usable = heard?.status === "up" || heard?.status === "degraded";
  return {
    id: region.region,
    label: regionLabel(region.region),
    colo: coloWords(last?.colo ?? null),
    tone: believed ? STATUS_TONES[heard.status] : "unknown",
    words:
      heard === null
        ? (leftOut ?? "Has not answered yet")
        : statusWords(heard.status, heard.reason),
    reason: heard?.reason ?? null,
    atMs: last?.startedAtMs ?? null,
    // How long a check took to fail says nothing about how fast the service is.
    latency: usable && heard.totalMs !== null ? latencyWords(heard.totalMs) : null,
    quantiles:
      region.latency === undefined || region.latency === null
        ? null
        : { p50: latencyWords(region.latency.p50Ms), p95: latencyWords(region.latency.p95Ms) },
    history: regionHistory(region.days, nowMs),
  };
}

function summariseRegions(regions: readonly MonitorRegionView[]): string {
  const count = (tone: Tone) => regions.filter((region) => region.tone === tone).length;
  const parts = [
    [count("operational"), "up"],
    [count("degraded"), "degraded"],
    [count("down"), "failing"],
    [count("unknown"), "not known"],
  ] as const;
  const words = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `${countWords(regions.length, "region")}: ${words.join(", ")}`;
}

const REGION_STATES: Readonly<Record<RegionStatus["state"], { tone: Tone; words: string }>> = {
  active: { tone: "operational", words: "Reporting" },
  waiting: { tone: "unknown", words: "Waiting for its first run" },
  silent: { tone: "degraded", words: "Silent" },
  misplaced: { tone: "degraded", words: "Reporting, but from another place than planned" },
  suspended: { tone: "degraded", words: "Suspended: its probe fails its own controls" },
};

function renderRegion(region: RegionStatus): RegionView {
  return {
    id: region.id,
    label: regionLabel(region.id),
    colo: coloWords(region.colo),
    latitude: region.latitude,
    longitude: region.longitude,
    ...REGION_STATES[region.state],
    lastRunAtMs: region.lastRunAtMs,
  };
}

function byDay(incidents: readonly IncidentView[]): StatusView["pastDays"] {
  const days = new Map<number, IncidentView[]>();
  for (const incident of incidents) {
    const dayMs = Math.floor(incident.startedAtMs / DAY_MS) * DAY_MS;
    days.set(dayMs, [...(days.get(dayMs) ?? []), incident]);
  }
  return [...days]
    .map(([dayMs, members]) => ({ dayMs, incidents: members }))
    .sort((one, other) => other.dayMs - one.dayMs);
}
