/**
 * Where a page's data comes from: the coordinator's object; when it does not answer in time, its
 * last snapshot in D1; when that cannot be had either, nothing, and the page says so. Whatever comes
 * from here is limited to what the page may know.
 */
import type { ReportInput } from "../../../shared/monitor/report.ts";
import type { StoredHistory } from "../db/page-history.ts";
import { loadHistory } from "../db/page-history.ts";
import { joinRows, loadReport, recentRanges } from "../db/report-store.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import { loadWritten } from "../db/written-incident-store.ts";
import { within } from "../deadline.ts";
import { mergeStatuses } from "../merged-status.ts";
import type {
  CoordinatorRpc,
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
} from "../object/rpc.ts";
import type { PageDetails } from "../page-settings/page.ts";
import type { PageScope } from "../page-settings/page-status.ts";
import {
  limitIncident,
  limitMonitor,
  limitRows,
  pageStatus,
} from "../page-settings/page-status.ts";
import { lastDay, reportedRanges, withDays } from "./view-model/monitor-report.ts";
import type { Month } from "./view-model/month.ts";

/** A status, and whether the coordinator answered or it is what it last stored. */
export interface SourcedStatus {
  source: "live" | "snapshot";
  status: NetworkStatus;
}

/** What is asked. */
export interface StatusSources {
  coordinator: () => Pick<CoordinatorRpc, "networkStatus" | "incident">;
  db: D1Database;
  /** The page that asks: it learns of nothing else. */
  scope: PageScope;
  /** Longest wait for each of the two, in milliseconds. */
  deadlineMs: number;
  /** Hears of a source that failed; must not throw. */
  report: (source: SourcedStatus["source"], error: unknown) => void;
}

/** What pages ask besides: what is stored of the past. */
export interface PageSources extends StatusSources {
  coordinator: () => Pick<
    CoordinatorRpc,
    "networkStatus" | "incident" | "rollups" | "monitorStatus"
  >;
  report: (source: SourcedStatus["source"] | "history", error: unknown) => void;
}

/**
 * Renders the status from the best source that answers with something that can be rendered; null
 * when none does.
 */
export async function renderFrom<View>(
  sources: StatusSources,
  render: (sourced: SourcedStatus) => View | Promise<View>,
): Promise<View | null> {
  const { coordinator, db, scope, deadlineMs, report } = sources;
  try {
    const status = await within(deadlineMs, () => coordinator().networkStatus());
    return await render({ source: "live", status: pageStatus(status, scope) });
  } catch (error) {
    report("live", error);
  }
  try {
    const status = await within(deadlineMs, () => loadSnapshot(db));
    if (status === null) return null;
    return await render({ source: "snapshot", status: pageStatus(status, scope) });
  } catch (error) {
    report("snapshot", error);
    return null;
  }
}

/** Loads the status from the best source that answers; null when none does. */
export function loadStatus(sources: StatusSources): Promise<SourcedStatus | null> {
  return renderFrom(sources, (sourced) => sourced);
}

/** Ids of incidents: a monitor's id and a time. */
const INCIDENT_ID = /^[a-z0-9-]{1,100}$/;

/**
 * Finds an incident: in the status, else among all that the coordinator ever kept, so that links
 * outlive what a status page lists. Null: there is none, or nobody can be asked.
 */
export async function findIncident(
  sources: Pick<StatusSources, "coordinator" | "scope" | "deadlineMs">,
  { source, status }: SourcedStatus,
  id: string,
): Promise<IncidentWithTimeline | null> {
  const listed = [...status.openIncidents, ...status.pastIncidents].find(
    (incident) => incident.id === id,
  );
  if (listed !== undefined) return listed;
  if (source === "snapshot" || !INCIDENT_ID.test(id)) return null;
  const kept = await within(sources.deadlineMs, () => sources.coordinator().incident(id));
  return kept && limitIncident(kept, sources.scope.details);
}

/**
 * Loads what a monitor's page reports over time: D1's rows, and the coordinator's, which are newer.
 * Null: one of them cannot be read, so that figures would lack something without saying so.
 */
export function loadMonitorReport(
  sources: PageSources,
  { source }: SourcedStatus,
  monitor: string,
  nowMs: number,
): Promise<Pick<ReportInput, "rows" | "changes"> | null> {
  const ranges = reportedRanges(nowMs);
  return orNull(sources, async () => {
    if (source === "snapshot") throw new Error("the coordinator does not answer");
    const [stored, recent] = await Promise.all([
      // The transitions that are needed are those around its edges; other times begin with a day.
      loadReport(sources.db, monitor, lastDay(nowMs), ranges),
      sources.coordinator().rollups(monitor, recentRanges(ranges, nowMs)),
    ]);
    const rows = limitRows(joinRows(stored.rows, recent), sources.scope.details);
    return { rows, changes: stored.changes };
  });
}

/**
 * The status with all that is known of one monitor, of which a large network's has only a part: its
 * regions from the coordinator, its days from its report. What cannot be had stays out.
 */
export async function completeMonitor(
  sources: PageSources,
  { source, status }: SourcedStatus,
  id: string,
  report: Pick<ReportInput, "rows"> | null,
): Promise<NetworkStatus> {
  const { details } = sources.scope;
  const known = status.monitors.find((monitor) => monitor.id === id);
  if (known === undefined || isComplete(known, details)) return status;
  const lacksRegions = source === "live" && details.regions && known.regions.length === 0;
  const whole = lacksRegions
    ? await orNull(sources, () => sources.coordinator().monitorStatus(id))
    : null;
  const seen = whole === null ? known : limitMonitor({ ...whole, public: true }, details);
  const completed = withDays(seen, report, status.generatedAtMs);
  return {
    ...status,
    monitors: status.monitors.map((monitor) => (monitor.id === id ? completed : monitor)),
  };
}

function isComplete({ days, regions }: MonitorStatus, details: PageDetails): boolean {
  if (days === null) return false;
  return !details.regions || (regions.length > 0 && regions.every((seen) => seen.days !== null));
}

/** Loads what D1 keeps of a month; null: it cannot be read. */
export function loadMonth(sources: PageSources, month: Month): Promise<StoredHistory | null> {
  return orNull(sources, async () => {
    const stored = await loadHistory(sources.db, month.startMs, month.endMs);
    const incidents = stored.incidents.map((incident) =>
      limitIncident({ ...incident, monitorName: "", transitions: [] }, sources.scope.details),
    );
    return { ...stored, incidents };
  });
}

async function orNull<T>(sources: PageSources, work: () => Promise<T>): Promise<T | null> {
  try {
    return await within(sources.deadlineMs, work);
  } catch (error) {
    sources.report("history", error);
    return null;
  }
}

/** Finds what people wrote: in the status, else among all that was ever written; null: nothing. */
export async function findWritten(
  { db, deadlineMs }: Pick<StatusSources, "db" | "deadlineMs">,
  { writtenIncidents }: NetworkStatus,
  id: string,
): Promise<WrittenIncident | null> {
  const listed = writtenIncidents?.find((written) => written.id === id);
  if (listed !== undefined) return listed;
  if (!INCIDENT_ID.test(id)) return null;
  return within(deadlineMs, async () => (await loadWritten(db, id))?.written ?? null);
}

/** Loads the snapshot that each coordinator last stored; null when none ever stored one. */
async function loadSnapshot(db: D1Database): Promise<NetworkStatus | null> {
  const { results } = await db
    .prepare("SELECT body FROM snapshots ORDER BY id")
    .all<{ body: string }>();
  const [first, ...others] = results.map(({ body }) => JSON.parse(body) as NetworkStatus);
  return first === undefined ? null : mergeStatuses(first, ...others);
}
