/**
 * One month of history: the incidents that began in it, found and written, and the maintenance in
 * it, day by day, with the months before and after. Only of monitors that are public. Pure: `now` is
 * an argument.
 */
import { namedMonitors } from "../../../../shared/monitor/written-incident.ts";
import type { StoredHistory } from "../../db/page-history.ts";
import type { NetworkStatus } from "../../object/rpc.ts";
import type { Words } from "../language/words.ts";
import { DAY_MS } from "../language/words.ts";
import type { IncidentView } from "./incident.ts";
import { renderIncident } from "./incident.ts";
import type { MaintenanceView } from "./maintenance.ts";
import { publicMaintenances, renderMaintenance } from "./maintenance.ts";
import type { WrittenIncidentView } from "./written-incident.ts";
import { publicWrittenIncidents, renderWritten } from "./written-incident.ts";

/** A month of the UTC calendar. */
export interface Month {
  /** From 0, counted from January of the year 0. */
  number: number;
  /** E.g. `2026-11`. */
  id: string;
  startMs: number;
  endMs: number;
}

/** What happened on one day. */
export interface DayOfMonthView {
  dayMs: number;
  /** What was found and what was written, the latest first. */
  incidents: Array<FoundEntry | WrittenEntry>;
  maintenances: MaintenanceView[];
}

type FoundEntry = { written: false } & IncidentView;
type WrittenEntry = { written: true } & WrittenIncidentView;

/** A month of history. */
export interface MonthView {
  id: string;
  /** E.g. `November 2026`. */
  title: string;
  /** Latest first; days without anything are left out. */
  days: DayOfMonthView[];
  /** False: what was stored cannot be read at present, and there may have been more. */
  complete: boolean;
  /** The monitor to which it is limited; null: all. */
  monitor: { id: string; name: string } | null;
  /** Address of the month before; null: nothing is known of it. */
  before: string | null;
  /** Address of the month after; null: it has not begun. */
  after: string | null;
}

const MONTH_ID = /^(\d{4})-(0[1-9]|1[0-2])$/;

function monthOf(number: number): Month {
  const [year, month] = [Math.floor(number / 12), number % 12];
  return {
    number,
    id: `${String(year).padStart(4, "0")}-${String(month + 1).padStart(2, "0")}`,
    startMs: Date.UTC(year, month),
    endMs: Date.UTC(year, month + 1),
  };
}

/** The month in which a moment lies. */
export function monthAt(atMs: number): Month {
  const at = new Date(atMs);
  return monthOf(at.getUTCFullYear() * 12 + at.getUTCMonth());
}

/** Reads a month as `2026-11`; null: it is no month, or one that has not begun. */
export function parseMonth(id: string, nowMs: number): Month | null {
  const [, year, month] = MONTH_ID.exec(id) ?? [];
  if (year === undefined || month === undefined || Number(year) < 1970) return null;
  const parsed = monthOf(Number(year) * 12 + Number(month) - 1);
  return parsed.startMs <= nowMs ? parsed : null;
}

/**
 * Renders a month from what was stored of it and what the status knows, which is newer.
 *
 * @param stored null: it cannot be read
 * @param monitor id; null: all public monitors
 * @returns null when there is no such monitor that is public
 */
export function renderMonth(
  month: Month,
  status: NetworkStatus,
  stored: StoredHistory | null,
  monitor: string | null,
  nowMs: number,
  words: Words,
): MonthView | null {
  const shown = status.monitors.filter(({ id, public: open }) => open && (monitor ?? id) === id);
  const [only] = shown;
  if (monitor !== null && only === undefined) return null;
  const query = monitor === null ? "" : `?monitor=${monitor}`;
  const link = (number: number) => `/history/${monthOf(number).id}${query}`;
  const earliestMs = stored?.earliestMs ?? null;
  return {
    id: month.id,
    title: words.moment(month.startMs, "month"),
    days: daysOf(
      [
        ...incidentsOf(month, status, stored, shown, nowMs, words),
        ...writtenOf(month, status, stored, { monitor, nowMs, words }),
      ],
      maintenancesOf(month, status, stored, shown, nowMs, words),
      month,
    ),
    complete: stored !== null,
    monitor:
      monitor === null || only === undefined ? null : { id: monitor, name: words.name(only.name) },
    before: earliestMs !== null && earliestMs < month.startMs ? link(month.number - 1) : null,
    after: month.endMs <= nowMs ? link(month.number + 1) : null,
  };
}

type Shown = ReadonlyArray<NetworkStatus["monitors"][number]>;

function incidentsOf(
  month: Month,
  status: NetworkStatus,
  stored: StoredHistory | null,
  shown: Shown,
  nowMs: number,
  words: Words,
): FoundEntry[] {
  const names = new Map(shown.map(({ id, name }) => [id, name]));
  const known = new Map((stored?.incidents ?? []).map((incident) => [incident.id, incident]));
  for (const incident of [...status.pastIncidents, ...status.openIncidents]) {
    known.set(incident.id, incident);
  }
  return [...known.values()].flatMap((incident) => {
    const { startedAtMs } = incident;
    const monitorName = names.get(incident.monitor);
    if (monitorName === undefined) return [];
    if (startedAtMs < month.startMs || startedAtMs >= month.endMs) return [];
    const view = renderIncident({ ...incident, monitorName, transitions: [] }, nowMs, words);
    return [{ ...view, written: false }];
  });
}

/** Of one monitor only those that ever named it. */
function writtenOf(
  { startMs, endMs }: Month,
  status: NetworkStatus,
  stored: StoredHistory | null,
  { monitor, nowMs, words }: { monitor: string | null; nowMs: number; words: Words },
): WrittenEntry[] {
  const known = new Map((stored?.written ?? []).map((written) => [written.id, written]));
  for (const written of status.writtenIncidents ?? []) known.set(written.id, written);
  return publicWrittenIncidents({ ...status, writtenIncidents: [...known.values()] })
    .filter(({ startedAtMs }) => startedAtMs >= startMs && startedAtMs < endMs)
    .filter((written) => monitor === null || namedMonitors(written).includes(monitor))
    .map((written) => ({
      ...renderWritten(written, status.monitors, nowMs, words),
      written: true,
    }));
}

function maintenancesOf(
  month: Month,
  status: NetworkStatus,
  stored: StoredHistory | null,
  shown: Shown,
  nowMs: number,
  words: Words,
): MaintenanceView[] {
  const all = [...(stored?.maintenances ?? []), ...(status.maintenances ?? [])];
  const windows = publicMaintenances({ ...status, maintenances: all });
  return [...new Map(windows.map((window) => [window.id, window])).values()]
    .filter(({ monitors }) => monitors.some((id) => shown.some((each) => each.id === id)))
    .filter(({ startsAtMs, endsAtMs }) => startsAtMs < month.endMs && endsAtMs > month.startMs)
    .filter(({ startsAtMs }) => startsAtMs <= nowMs)
    .map((window) => renderMaintenance(window, status, nowMs, words));
}

/** By the day on which each began, or the first of the month. */
function daysOf(
  incidents: ReadonlyArray<FoundEntry | WrittenEntry>,
  maintenances: readonly MaintenanceView[],
  { startMs }: Month,
): DayOfMonthView[] {
  const days = new Map<number, DayOfMonthView>();
  const dayOf = (atMs: number) => {
    const dayMs = Math.floor(Math.max(atMs, startMs) / DAY_MS) * DAY_MS;
    const day = days.get(dayMs) ?? { dayMs, incidents: [], maintenances: [] };
    days.set(dayMs, day);
    return day;
  };
  for (const incident of incidents) dayOf(incident.startedAtMs).incidents.push(incident);
  for (const window of maintenances) dayOf(window.startsAtMs).maintenances.push(window);
  for (const day of days.values()) {
    day.incidents.sort((one, other) => other.startedAtMs - one.startedAtMs);
  }
  return [...days.values()].sort((one, other) => other.dayMs - one.dayMs);
}
