/**
 * Ninety UTC days as a page draws them: one cell per day with its tone, how much of the bar the
 * trouble takes, and the day's figures in words. A day without data is no data, never good.
 *
 * Pure: `now` is an argument.
 */
import type { DayStatus, RegionDayStatus } from "../../../../shared/monitor/day-status.ts";
import { observedMs, regionChecks, uptimeOf } from "../../../../shared/monitor/uptime.ts";
import type { Words } from "../language/words.ts";
import { DAY_MS, fill } from "../language/words.ts";
import type { Tone } from "./words.ts";

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

/** Share of a time that must be known for its uptime to stand without saying what is known. */
export const WHOLE_SHARE = 0.97;

/** How much of the ninety days is known, e.g. `34 days`: all of them where hardly any of it is not. */
export function knownPeriod(knownMs: number, nowMs: number, words: Words): string {
  const passedMs = (HISTORY_DAYS - 1) * DAY_MS + (nowMs % DAY_MS);
  return knownMs >= WHOLE_SHARE * passedMs ? words.days(HISTORY_DAYS) : words.period(knownMs);
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
export function monitorHistory(
  days: readonly DayStatus[],
  nowMs: number,
  words: Words,
): HistoryView {
  const byDay = new Map(days.map((day) => [day.dayMs, day]));
  return history(nowMs, words, (day) => monitorDay(byDay.get(day.dayMs), day, words));
}

/** History of one region's view of a monitor, by its checks. */
export function regionHistory(
  days: readonly RegionDayStatus[],
  nowMs: number,
  words: Words,
): HistoryView {
  const byDay = new Map(days.map((day) => [day.dayMs, day]));
  return history(nowMs, words, (day) => regionDay(byDay.get(day.dayMs), day, words));
}

function history(nowMs: number, words: Words, view: (day: CalendarDay) => DayView): HistoryView {
  const days = calendar(Math.floor(nowMs / DAY_MS) * DAY_MS, words).map(view);
  return { days, summary: summary(days, words) };
}

/** A day with its date, and with what most bars say of it. */
interface CalendarDay {
  dayMs: number;
  date: string;
  operational: string;
  noData: string;
}
const calendars = new Map<Words, { todayMs: number; days: CalendarDay[] }>();

/** The days of a bar with their dates in words; the same for every bar, so written once a day. */
function calendar(todayMs: number, words: Words): CalendarDay[] {
  const present = calendars.get(words);
  if (present?.todayMs === todayMs) return present.days;
  const days = Array.from({ length: HISTORY_DAYS }, (_, index) => {
    const dayMs = todayMs - (HISTORY_DAYS - 1 - index) * DAY_MS;
    const t = words.t.history;
    const date = dayMs === todayMs ? t.today : words.moment(dayMs, "day");
    const [operational, noData] = [fill(t.operational, { date }), fill(t.noData, { date })];
    return { dayMs, date, operational, noData };
  });
  calendars.set(words, { todayMs, days });
  return days;
}

function summary(days: readonly DayView[], words: Words): string {
  const t = words.t.history;
  const count = (tone: DayView["tone"]) => days.filter((day) => day.tone === tone).length;
  const known = days.length - count("unknown");
  if (known === 0) return words.count(days.length, t.summaryNone);
  const troubles = (
    [
      ["down", t.daysDown],
      ["partial", t.daysPartial],
      ["degraded", t.daysDegraded],
    ] as const
  )
    .filter(([tone]) => count(tone) > 0)
    .map(([tone, message]) => words.count(count(tone), message));
  const trouble = troubles.length === 0 ? t.noTrouble : words.list(troubles);
  return words.count(days.length, t.summary, { known: words.days(known), trouble });
}

const NO_DATA = { tone: "unknown", trouble: 0 } as const;

function monitorDay(day: DayStatus | undefined, on: CalendarDay, words: Words): DayView {
  const t = words.t.history;
  const { date, operational, noData } = on;
  if (day === undefined) return { ...NO_DATA, words: noData };
  const knownMs = observedMs(day);
  const uptime = uptimeOf(day);
  if (uptime === null) {
    return day.maintenanceMs > 0
      ? { tone: "maintenance", trouble: 1, words: fill(t.maintenance, { date }) }
      : { ...NO_DATA, words: noData };
  }
  const troubles = (
    [
      { tone: "down", ms: day.downMs },
      { tone: "partial", ms: day.partialMs },
      { tone: "degraded", ms: day.degradedMs },
    ] as const
  ).filter(({ ms }) => ms > 0);
  const [worst] = troubles;
  const lasting = (message: string, ms: number) => fill(message, { duration: words.duration(ms) });
  const facts = troubles.map(({ tone, ms }) => lasting(t[tone], ms));
  if (day.maintenanceMs > 0) facts.push(lasting(t.maintenanceFor, day.maintenanceMs));
  if (day.unknownMs >= 60_000) facts.push(lasting(t.noDataFor, day.unknownMs));
  if (worst === undefined) {
    const told = words.enumerate([operational, ...facts]);
    return { tone: "operational", trouble: 0, words: told };
  }
  return {
    tone: worst.tone,
    trouble: height(worst.ms / knownMs),
    words: fill(t.facts, { date, facts: words.enumerate(facts), uptime: words.percent(uptime) }),
  };
}

function regionDay(day: RegionDayStatus | undefined, on: CalendarDay, words: Words): DayView {
  if (day === undefined || regionChecks(day) === 0) return { ...NO_DATA, words: on.noData };
  return new RegionDayView(day, on.date, words);
}

/** A day of a region; its words are made when they are read, which for most of them nobody does. */
class RegionDayView implements DayView {
  readonly tone: DayView["tone"];
  readonly trouble: number;
  readonly #day: RegionDayStatus;
  readonly #date: string;
  readonly #words: Words;

  constructor(day: RegionDayStatus, date: string, words: Words) {
    const { down, degraded } = day;
    this.#day = day;
    this.#date = date;
    this.#words = words;
    this.tone = down > 0 ? "down" : degraded > 0 ? "degraded" : "operational";
    const troubled = down > 0 ? down : degraded;
    this.trouble = troubled === 0 ? 0 : height(troubled / regionChecks(day));
  }

  get words(): string {
    const words = this.#words;
    const { down, degraded } = this.#day;
    const t = words.t.history;
    const checks = words.count(regionChecks(this.#day), t.checks, { date: this.#date });
    if (this.trouble === 0) return words.enumerate([checks, t.allUp]);
    const failed = down > 0 ? [words.count(down, t.failed)] : [];
    const slow = degraded > 0 ? [words.count(degraded, t.slow)] : [];
    return words.enumerate([checks, ...failed, ...slow]);
  }
}
