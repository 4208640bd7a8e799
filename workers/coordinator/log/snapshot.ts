/**
 * A snapshot of the network's status as text that fits into a row of D1, however large the network.
 *
 * What is too long loses its regions' days, then all days, then what each region saw; and if all
 * that is not enough, monitors: those without trouble first. Incidents lose the votes of their
 * transitions, then the oldest of them are left out; windows of maintenance their descriptions, then
 * those that are over. Of the order of all monitors the beginning is kept. Pure.
 */
import type { VerdictKind } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type {
  IncidentWithTimeline,
  MaintenanceStatus,
  MonitorStatus,
  NetworkStatus,
} from "../object/rpc.ts";

/** Longest text of each list, in bytes: a row may hold 2 MB, and what is in no list is little. */
const MONITORS_BYTES_MAX = 400_000;
const INCIDENTS_BYTES_MAX = 200_000;
const WRITTEN_BYTES_MAX = 180_000;
const MAINTENANCES_BYTES_MAX = 200_000;
/** Ids of monitors that any coordinator may have kept: some 25,000. */
const ORDER_BYTES_MAX = 500_000;

const encoder = new TextEncoder();

/** How much a text takes in UTF-8, in bytes. */
function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** Most urgent first. */
const URGENCY: Readonly<Record<VerdictKind, number>> = {
  down: 0,
  degraded: 1,
  partial: 2,
  unknown: 3,
  maintenance: 4,
  operational: 5,
};

type Shorten<T> = (item: T) => T;

/** What of a monitor may be left out, the least missed first. */
const SHORTER_MONITORS: ReadonlyArray<Shorten<MonitorStatus>> = [
  (monitor) => monitor,
  (monitor) => ({ ...monitor, regions: monitor.regions.map((seen) => ({ ...seen, days: null })) }),
  (monitor) => ({
    ...monitor,
    days: null,
    regions: monitor.regions.map((seen) => ({ ...seen, days: null })),
  }),
  ({ verdict, ...monitor }) => ({
    ...monitor,
    days: null,
    regions: [],
    verdict: { ...verdict, votes: [] },
  }),
];

/** What of an incident may be left out. */
const SHORTER_INCIDENTS: ReadonlyArray<Shorten<IncidentWithTimeline>> = [
  (incident) => incident,
  ({ transitions, ...incident }) => ({
    ...incident,
    transitions: transitions.map((transition) => ({ ...transition, votes: [] })),
  }),
];

/** What of a written incident may be left out: what happened later is told first. */
const SHORTER_WRITTEN: ReadonlyArray<Shorten<WrittenIncident>> = [
  (written) => written,
  (written) => ({ ...written, postmortem: null, updates: written.updates.slice(-3) }),
];

/** What of a window of maintenance may be left out. */
const SHORTER_MAINTENANCES: ReadonlyArray<Shorten<MaintenanceStatus>> = [
  (window) => window,
  (window) => ({ ...window, description: "" }),
];

/** Of an id nothing may be left out. */
const WHOLE_IDS: ReadonlyArray<Shorten<string>> = [(id) => id];

/**
 * Texts of all items, in the first form in which they fit; if there is none, of as many as fit in
 * the last. No more is encoded at once than may be kept.
 */
function encodeItems<T>(
  items: readonly T[],
  forms: ReadonlyArray<Shorten<T>>,
  bytesMax: number,
): string[] {
  let texts: string[] = [];
  for (const shorten of forms) {
    texts = [];
    let bytes = 0;
    for (const item of items) {
      const text = JSON.stringify(shorten(item));
      bytes += bytesOf(text) + 1;
      if (bytes > bytesMax) break;
      texts.push(text);
    }
    if (texts.length === items.length) break;
  }
  return texts;
}

/** Encodes a snapshot. */
export function encodeSnapshot(snapshot: NetworkStatus): string {
  const { monitors, order, maintenances, writtenIncidents, openIncidents, pastIncidents, ...rest } =
    snapshot;
  const incidentsBytesMax = INCIDENTS_BYTES_MAX / 2;
  const lists: Record<string, string[]> = {
    monitors: encodeMonitors(monitors),
    openIncidents: encodeItems(openIncidents, SHORTER_INCIDENTS, incidentsBytesMax),
    pastIncidents: encodeItems(pastIncidents, SHORTER_INCIDENTS, incidentsBytesMax),
    writtenIncidents: encodeItems(writtenIncidents ?? [], SHORTER_WRITTEN, WRITTEN_BYTES_MAX),
    maintenances: encodeMaintenances(maintenances ?? [], snapshot.generatedAtMs),
    ...(order === undefined ? {} : { order: encodeItems(order, WHOLE_IDS, ORDER_BYTES_MAX) }),
  };
  const texts = Object.entries(lists).map(([name, items]) => `"${name}":[${items.join(",")}]`);
  return `${JSON.stringify(rest).slice(0, -1)},${texts.join(",")}}`;
}

function encodeMonitors(monitors: readonly MonitorStatus[]): string[] {
  const whole = encodeItems(monitors, SHORTER_MONITORS, MONITORS_BYTES_MAX);
  if (whole.length === monitors.length) return whole;
  const urgent = monitors.toSorted((a, b) => URGENCY[a.verdict.kind] - URGENCY[b.verdict.kind]);
  return encodeItems(urgent, SHORTER_MONITORS.slice(-1), MONITORS_BYTES_MAX);
}

function encodeMaintenances(windows: readonly MaintenanceStatus[], nowMs: number): string[] {
  const whole = encodeItems(windows, SHORTER_MAINTENANCES, MAINTENANCES_BYTES_MAX);
  if (whole.length === windows.length) return whole;
  const [current = [], over = []] = [false, true].map((isOver) =>
    windows.filter(({ endsAtMs }) => endsAtMs <= nowMs === isOver),
  );
  const urgent = [...current, ...over.toReversed()];
  return encodeItems(urgent, SHORTER_MAINTENANCES.slice(-1), MAINTENANCES_BYTES_MAX);
}
