/**
 * Ninety UTC days as a page draws them: one cell per day with its tone, how much of the bar the
 * trouble takes, and the day's figures in words. A day without data is no data, never good.
 *
 * Pure: `now` is an argument.
 */
import {
  formatUptime,
  observedMs,
  regionChecks,
  uptimeOf,
} from "../../../../shared/monitor/uptime.ts";
import type { DayStatus, RegionDayStatus } from "../../object/rpc.ts";
import type { Tone } from "./words.ts";
import { countWords, DAY_MS, durationWords, listWords, momentWords, numberWords } from "./words.ts";

/** Days shown, today included. */
export const HISTORY_DAYS = 90;

/** One day. */
export interface DayView {
  /** `unknown`: no data. */
  tone: Extract<Tone, "operational" | "degraded" | "partial" | "down" | "maintenance" | "unknown">;
  /** Share of the bar's height that the trouble takes, 0 … 1. */
  trouble: number;
  /** The day's figures, e.g. `12 Nov 2026: down for 4 min; 99.72 % uptime`. */
  words: string;
}

/** Ninety days with a summary for those who do not see them. */
export interface HistoryView {
  /** Oldest first, today last. */
  days: DayView[];
  summary: string;
}

/** Height of the smallest trouble, so that it can be seen, and growth that favours small ones. */
const TROUBLE_FLOOR = 0.22;
const height = (share: number) =>
  TROUBLE_FLOOR + (1 - TROUBLE_FLOOR) * Math.sqrt(Math.min(1, share));

/** History of a monitor, by what the quorum held. */
export function monitorHistory(days: readonly DayStatus[], nowMs: number): HistoryView {
  const byDay = new Map(days.map((day) => [day.dayMs, day]));
  return history(nowMs, (dayMs, words) => monitorDay(byDay.get(dayMs), words));
}

/** History of one region's view of a monitor, by its checks. */
export function regionHistory(days: readonly RegionDayStatus[], nowMs: number): HistoryView {
  const byDay = new Map(days.map((day) => [day.dayMs, day]));
  return history(nowMs, (dayMs, words) => regionDay(byDay.get(dayMs), words));
}

function history(nowMs: number, view: (dayMs: number, words: string) => DayView): HistoryView {
  const days = calendar(Math.floor(nowMs / DAY_MS) * DAY_MS).map(({ dayMs, words }) =>
    view(dayMs, words),
  );
  return { days, summary: summary(days) };
}

interface CalendarDay {
  dayMs: number;
  words: string;
}
let present: { todayMs: number; days: CalendarDay[] } = { todayMs: Number.NaN, days: [] };

/** The days of a bar with their dates in words; the same for every bar, so written once a day. */
function calendar(todayMs: number): CalendarDay[] {
  if (present.todayMs !== todayMs) {
    const days = Array.from({ length: HISTORY_DAYS }, (_, index) => {
      const dayMs = todayMs - (HISTORY_DAYS - 1 - index) * DAY_MS;
      return { dayMs, words: dayMs === todayMs ? "Today so far" : momentWords(dayMs, "day") };
    });
    present = { todayMs, days };
  }
  return present.days;
}

function summary(days: readonly DayView[]): string {
  const count = (tone: DayView["tone"]) => days.filter((day) => day.tone === tone).length;
  const known = days.length - count("unknown");
  if (known === 0) return `No data for the last ${days.length} days`;
  const kinds = [
    ["down", "with an outage"],
    ["partial", "with a partial outage"],
    ["degraded", "with degraded service"],
  ] as const;
  const troubles = kinds
    .map(([tone, words]) => ({ days: count(tone), words }))
    .filter((entry) => entry.days > 0)
    .map((entry) => `${entry.days} ${entry.words}`);
  const trouble = troubles.length === 0 ? "none with trouble" : listWords(troubles);
  return `Last ${days.length} days: data for ${countWords(known, "day")}, ${trouble}`;
}

const NO_DATA = { tone: "unknown", trouble: 0 } as const;

function monitorDay(day: DayStatus | undefined, date: string): DayView {
  if (day === undefined) return { ...NO_DATA, words: `${date}: no data` };
  const knownMs = observedMs(day);
  const uptime = uptimeOf(day);
  if (uptime === null) {
    return day.maintenanceMs > 0
      ? { tone: "maintenance", trouble: 1, words: `${date}: maintenance` }
      : { ...NO_DATA, words: `${date}: no data` };
  }
  const kinds = [
    { tone: "down", ms: day.downMs, words: "down" },
    { tone: "partial", ms: day.partialMs, words: "partial outage" },
    { tone: "degraded", ms: day.degradedMs, words: "degraded" },
  ] as const;
  const troubles = kinds.filter(({ ms }) => ms > 0);
  const [worst] = troubles;
  const facts = troubles.map(({ ms, words }) => `${words} for ${durationWords(ms)}`);
  if (day.maintenanceMs > 0) facts.push(`maintenance for ${durationWords(day.maintenanceMs)}`);
  if (day.unknownMs >= 60_000) facts.push(`no data for ${durationWords(day.unknownMs)}`);
  if (worst === undefined) {
    const words = [`${date}: operational`, ...facts].join(", ");
    return { tone: "operational", trouble: 0, words };
  }
  return {
    tone: worst.tone,
    trouble: height(worst.ms / knownMs),
    words: `${date}: ${facts.join(", ")}; ${formatUptime(uptime)} uptime`,
  };
}

function regionDay(day: RegionDayStatus | undefined, date: string): DayView {
  const voting = day === undefined ? 0 : regionChecks(day);
  if (day === undefined || voting === 0) return { ...NO_DATA, words: `${date}: no data` };
  const facts = `${date}: ${countWords(voting, "check")}`;
  if (day.down === 0 && day.degraded === 0) {
    return { tone: "operational", trouble: 0, words: `${facts}, all up` };
  }
  const failed = day.down > 0 ? [`${numberWords(day.down)} failed`] : [];
  const slow = day.degraded > 0 ? [`${numberWords(day.degraded)} degraded`] : [];
  return {
    tone: day.down > 0 ? "down" : "degraded",
    trouble: height((day.down > 0 ? day.down : day.degraded) / voting),
    words: `${facts}, ${[...failed, ...slow].join(", ")}`,
  };
}
