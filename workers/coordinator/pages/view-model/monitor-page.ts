/**
 * The page of one monitor: the monitor as the status page shows it, with its figures over time, its
 * incidents and the work on it. Null where there is no such monitor that is public. Pure.
 */
import type { ReportInput } from "../../../../shared/monitor/report.ts";
import type { NetworkStatus } from "../../object/rpc.ts";
import type { Words } from "../language/words.ts";
import type { IncidentView } from "./incident.ts";
import type { MaintenanceView } from "./maintenance.ts";
import { renderMonitorMaintenances } from "./maintenance.ts";
import type { MonitorReportView } from "./monitor-report.ts";
import { renderMonitorReport } from "./monitor-report.ts";
import type { MonitorView, StatusView } from "./status-view.ts";

/** Incidents that the page lists; the history by month has the rest. */
const INCIDENTS_MAX = 10;

/** Everything that a monitor's page shows. */
export interface MonitorPageView {
  monitor: MonitorView;
  /** Null: without a group. */
  group: string | null;
  /** Null: what was stored of it cannot be read at present. */
  report: MonitorReportView | null;
  /** Open ones first, then newest first. */
  incidents: IncidentView[];
  maintenances: MaintenanceView[];
}

/** Finds a public monitor on the status page. */
export function findMonitorView(view: StatusView, id: string): MonitorView | null {
  const monitors = view.groups.flatMap((group) => group.monitors);
  return monitors.find((monitor) => monitor.id === id) ?? null;
}

/** Renders the page; `stored` null: no rollups could be read. */
export function renderMonitorPage(
  status: NetworkStatus,
  view: StatusView,
  id: string,
  stored: Pick<ReportInput, "rows" | "changes"> | null,
  words: Words,
): MonitorPageView | null {
  const monitor = findMonitorView(view, id);
  if (monitor === null) return null;
  const incidents = [...view.openIncidents, ...view.pastDays.flatMap((day) => day.incidents)];
  return {
    monitor,
    group: view.groups.find(({ monitors }) => monitors.includes(monitor))?.name ?? null,
    report: stored === null ? null : renderMonitorReport(stored, view.nowMs, words),
    incidents: incidents.filter((incident) => incident.monitor.id === id).slice(0, INCIDENTS_MAX),
    maintenances: renderMonitorMaintenances(status, id, view.nowMs, words),
  };
}
