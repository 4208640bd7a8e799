/**
 * Hours in which a route holds, by the wall clock of a place.
 *
 * A span is of the day on which it begins, and may run over midnight. Where a clock is put forward,
 * the hour that it leaves out never comes, and a span over it is an hour shorter; where it is put
 * back, an hour comes twice, and belongs to the span both times. Pure: the moment is an argument,
 * the rules of time zones are the runtime's (IANA).
 */
import { z } from "zod";

/** Days of the week, in the order of `Date`. */
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

const timeSchema = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as "09:00"');

/** Whether the runtime knows a time zone. */
function isZone(zone: string): boolean {
  try {
    wallClock(zone);
    return true;
  } catch {
    // An unknown name is a RangeError; nothing else can be wrong with it.
    return false;
  }
}

/** One span of hours on some days of the week. */
export const hoursSchema = z.strictObject({
  /** IANA time zone, e.g. `Europe/Berlin`. */
  zone: z.string().refine(isZone, 'expected an IANA time zone such as "Europe/Berlin"'),
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .max(7)
    .default([...DAYS]),
  from: timeSchema.default("00:00"),
  /** At or before `from`: on the next day. */
  to: timeSchema.default("24:00"),
});

/** A span of hours. */
export type Hours = z.output<typeof hoursSchema>;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What shows the time of a zone; making one is slow. Throws a RangeError for an unknown zone. */
function wallClock(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    });
    clocks.set(zone, clock);
  }
  return clock;
}

/** What a clock shows. */
interface WallTime {
  /** Minutes since the epoch. */
  epochMinute: number;
  /** 0: Sunday. */
  day: number;
  /** Of the day. */
  minute: number;
}

/** What each zone's clock showed last: within a minute it need not be asked again. */
const shown = new Map<string, WallTime>();

/** Day of the week and minute of the day in a zone. */
function wallTime(zone: string, atMs: number): WallTime {
  const epochMinute = Math.floor(atMs / 60_000);
  const last = shown.get(zone);
  if (last?.epochMinute === epochMinute) return last;
  const parts = new Map(
    wallClock(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const day = DAYS.findIndex((name) => name === parts.get("weekday")?.toLowerCase());
  const minute = 60 * Number(parts.get("hour")) + Number(parts.get("minute"));
  const time = { epochMinute, day, minute };
  shown.set(zone, time);
  return time;
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return 60 * hour + minute;
}

/** Whether a moment lies in a span of hours. */
export function isWithin({ zone, days, from, to }: Hours, atMs: number): boolean {
  const { day, minute } = wallTime(zone, atMs);
  const on = (index: number) => days.some((name) => name === DAYS[(index + 7) % 7]);
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  if (begin < end) return on(day) && minute >= begin && minute < end;
  // Over midnight: the late part is of today, the early part of yesterday.
  return (on(day) && minute >= begin) || (on(day - 1) && minute < end);
}
