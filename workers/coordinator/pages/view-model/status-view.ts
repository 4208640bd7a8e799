/**
 * The allow-list between the coordinator and the public: picks from a {@link NetworkStatus} what a
 * page may show, field by field, in words made from typed facts.
 *
 * Monitors that are not public, target addresses, headers, configuration, transcripts and probes'
 * free text have no field here, so no page can render them. Pure: `now` is an argument.
 */
import type { VerdictTimes } from "../../../../shared/monitor/uptime.ts";
import { addTimes, NO_TIME, observedMs, uptimeOf } from "../../../../shared/monitor/uptime.ts";
import type { CountedVote } from "../../../../shared/monitor/verdict.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import type {
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
  RegionStatus,
} from "../../object/rpc.ts";
import { ENGLISH } from "../language/languages.ts";
import type { Words } from "../language/words.ts";
import { DAY_MS, fill } from "../language/words.ts";
import type { EvidenceView } from "./evidence.ts";
import { coloWords, leftOutWords, renderEvidence, statusWords } from "./evidence.ts";
import type { Headline } from "./headline.ts";
import { decideHeadline, isReporting, staleAfterMs } from "./headline.ts";
import type { HistoryView } from "./history.ts";
import { knownPeriod, monitorHistory, regionHistory } from "./history.ts";
import type { IncidentView } from "./incident.ts";
import { renderIncident } from "./incident.ts";
import type { MaintenanceView } from "./maintenance.ts";
import { renderMaintenances } from "./maintenance.ts";
import type { Tone } from "./words.ts";
import { STATUS_TONES } from "./words.ts";
import type { WrittenIncidentView } from "./written-incident.ts";
import { publicWrittenIncidents, renderWritten } from "./written-incident.ts";

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
  /** Null: the network is too large to show it beside all others. */
  history: HistoryView | null;
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
  /** Null, and regions are none: the network is too large to show them beside all others. */
  history: HistoryView | null;
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
  /** What people tell of what goes on, newest first. */
  openWritten: WrittenIncidentView[];
  openIncidents: IncidentView[];
  /** Newest first. */
  pastDays: Array<{ dayMs: number; written: WrittenIncidentView[]; incidents: IncidentView[] }>;
}

/** Where a status came from and when it is shown. */
export interface ViewMoment {
  source: StatusView["source"];
  nowMs: number;
  /** The language; absent: English. */
  words?: Words | undefined;
}

const REFRESH_MIN_MS = 3_000;
const REFRESH_MAX_MS = 30_000;

/** Renders the status page's view model. */
export function renderStatus(status: NetworkStatus, moment: ViewMoment): StatusView {
  const { source, nowMs, words = ENGLISH } = moment;
  const shown = status.monitors.filter((monitor) => monitor.public);
  const publicIds = new Set(shown.map(({ id }) => id));
  const intervalMs = Math.min(
    ...shown.map((monitor) => monitor.intervalMs),
    shown.length === 0 ? status.config.defaultIntervalMs : Infinity,
  );
  const monitors = shown.map((each) => ({ name: words.name(each.name), tone: toneOf(each) }));
  const { regions, newestRunAtMs: newestDataAtMs } = status;
  const impaired = status.monitoring?.state === "impaired";
  const isPublic = ({ monitor }: { monitor: string }) => publicIds.has(monitor);
  const past = status.pastIncidents.filter(isPublic);
  const told = publicWrittenIncidents(status);
  const written = told.map((each) => renderWritten(each, status.monitors, nowMs, words));
  const openWritten = written.filter((each) => each.resolvedAtMs === null);
  const declared = openWritten.map(({ tone }) => tone);
  const headline = decideHeadline(
    { monitors, regions, impaired, newestDataAtMs, intervalMs, source, declared, nowMs },
    words,
  );
  return {
    headline,
    dataAtMs: status.newestRunAtMs,
    staleAtMs:
      status.newestRunAtMs === null ? null : status.newestRunAtMs + staleAfterMs(intervalMs),
    nowMs,
    source,
    refreshMs: Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, intervalMs / 2)),
    groups: grouped(shown, words, (monitor) =>
      renderMonitor(monitor, headline.current, nowMs, words),
    ),
    regions: status.regions.map((region) => renderRegion(region, words)),
    reportingRegions: status.regions.filter(isReporting).length,
    maintenances: renderMaintenances(status, nowMs, words),
    openWritten,
    openIncidents: status.openIncidents
      .filter(isPublic)
      .map((incident) => renderIncident(incident, nowMs, words, told)),
    pastDays: byDay(
      past.map((incident) => renderIncident(incident, nowMs, words, told)),
      written.filter((each) => each.resolvedAtMs !== null),
    ),
  };
}

/** Renders an incident; null unless it belongs to a monitor that is public. */
export function renderPublicIncident(
  incident: IncidentWithTimeline,
  status: NetworkStatus,
  nowMs: number,
  words: Words = ENGLISH,
): IncidentView | null {
  const monitor = status.monitors.find((candidate) => candidate.id === incident.monitor);
  if (monitor?.public !== true) return null;
  return renderIncident(incident, nowMs, words, publicWrittenIncidents(status));
}

function toneOf(monitor: MonitorStatus): Tone {
  return monitor.paused ? "paused" : monitor.verdict.kind;
}

function grouped(
  monitors: readonly MonitorStatus[],
  words: Words,
  render: (monitor: MonitorStatus) => MonitorView,
): GroupView[] {
  const groups = new Map<string | null, MonitorView[]>([[null, []]]);
  for (const monitor of monitors) {
    const name = monitor.group === null ? null : words.name(monitor.group);
    const members = groups.get(name) ?? [];
    members.push(render(monitor));
    groups.set(name, members);
  }
  return [...groups]
    .map(([name, members]) => ({ name, monitors: members }))
    .filter((group) => group.monitors.length > 0);
}

function renderMonitor(
  monitor: MonitorStatus,
  current: boolean,
  nowMs: number,
  words: Words,
): MonitorView {
  const { verdict } = monitor;
  const { tones, lastKnown } = words.t;
  const known = toneOf(monitor);
  // Without current data the last verdict is history: it is named, but not coloured as a fact.
  const remembered = !current && known !== "unknown" && known !== "paused";
  const regions = monitor.regions.map((region) => {
    const vote = verdict.votes.find((candidate) => candidate.region === region.region);
    return renderMonitorRegion(region, vote, current, nowMs, words);
  });
  return {
    id: monitor.id,
    name: words.name(monitor.name),
    tone: remembered ? "unknown" : known,
    label: remembered ? fill(lastKnown, { tone: tones[known] }) : tones[known],
    trouble:
      known === "operational" || known === "paused"
        ? null
        : renderEvidence(verdict.kind, verdict.reason, verdict.votes, words),
    sinceMs: verdict.sinceMs,
    history: monitor.days === null ? null : monitorHistory(monitor.days, nowMs, words),
    uptime: renderUptime(monitor, nowMs, words),
    regions,
    regionsSummary: summariseRegions(regions, words),
  };
}

function renderUptime(monitor: MonitorStatus, nowMs: number, words: Words): UptimeView | null {
  const times = (monitor.days ?? []).reduce<VerdictTimes>(addTimes, NO_TIME);
  const uptime = uptimeOf(times);
  if (uptime === null) return null;
  const period = knownPeriod(observedMs(times), nowMs, words);
  return { percent: words.percent(uptime), period };
}

function renderMonitorRegion(
  region: MonitorStatus["regions"][number],
  vote: CountedVote | undefined,
  current: boolean,
  nowMs: number,
  words: Words,
): MonitorRegionView {
  const { last, latency } = region;
  const leftOut = vote === undefined ? null : leftOutWords(vote.counted, words);
  const gone = vote?.counted === "stale" || vote?.counted === "silent";
  const heard = gone ? null : last;
  const believed = heard !== null && current && vote?.counted !== "suspended";
  const usable = heard?.status === "up" || heard?.status === "degraded";
  return {
    id: region.region,
    label: words.place(region.region),
    colo: coloWords(last?.colo ?? null),
    tone: believed ? STATUS_TONES[heard.status] : "unknown",
    words:
      heard === null
        ? (leftOut ?? words.t.monitor.notAnswered)
        : statusWords(heard.status, heard.reason, words),
    reason: heard?.reason ?? null,
    atMs: last?.startedAtMs ?? null,
    // How long a check took to fail says nothing about how fast the service is.
    latency: usable && heard.totalMs !== null ? words.latency(heard.totalMs) : null,
    quantiles:
      latency === undefined || latency === null
        ? null
        : { p50: words.latency(latency.p50Ms), p95: words.latency(latency.p95Ms) },
    history: region.days === null ? null : regionHistory(region.days, nowMs, words),
  };
}

function summariseRegions(regions: readonly MonitorRegionView[], words: Words): string {
  const t = words.t.monitor;
  const count = (tone: Tone) => regions.filter((region) => region.tone === tone).length;
  const states = (
    [
      ["operational", t.up],
      ["degraded", t.degraded],
      ["down", t.failing],
      ["unknown", t.notKnown],
    ] as const
  )
    .filter(([tone]) => count(tone) > 0)
    .map(([tone, message]) => words.count(count(tone), message));
  return words.count(regions.length, t.regions, { states: words.enumerate(states) });
}

const REGION_TONES: Readonly<Record<RegionStatus["state"], Tone>> = {
  active: "operational",
  waiting: "unknown",
  silent: "degraded",
  misplaced: "degraded",
  suspended: "degraded",
};

function renderRegion(region: RegionStatus, words: Words): RegionView {
  return {
    id: region.id,
    label: words.place(region.id),
    colo: coloWords(region.colo),
    latitude: region.latitude,
    longitude: region.longitude,
    tone: REGION_TONES[region.state],
    words: words.t.regions[region.state],
    lastRunAtMs: region.lastRunAtMs,
  };
}

function dayOf({ startedAtMs }: { startedAtMs: number }): number {
  return Math.floor(startedAtMs / DAY_MS) * DAY_MS;
}

function byDay(
  incidents: readonly IncidentView[],
  written: readonly WrittenIncidentView[],
): StatusView["pastDays"] {
  const days = new Set([...incidents, ...written].map(dayOf));
  return [...days]
    .sort((one, other) => other - one)
    .map((dayMs) => ({
      dayMs,
      written: written.filter((each) => dayOf(each) === dayMs),
      incidents: incidents.filter((each) => dayOf(each) === dayMs),
    }));
}
