/**
 * Groups: what is told together, and when.
 *
 * A group belongs to a channel and a route, and its alerts have what `groupBy` names in common. News
 * and ends wait apart, so that no recovery holds up an outage. The first of them waits `groupWait`
 * for others. Within `groupInterval` there are at most `atOnce` messages; what comes then waits until
 * the oldest of those is an interval old, and is told in one. Pure: all of it follows from what is
 * stored of the group and the moment, so that a restart changes nothing.
 */
import type { Attributes } from "./matcher.ts";
import { attributeText } from "./matcher.ts";
import type { Grouping } from "./route.ts";

/** What waits in a group. */
export type LaneName = "news" | "ends";

/** One lane of a group. */
export interface Lane {
  /** Since when something waits; null: nothing does. */
  waitingSinceMs: number | null;
  /** When the last messages were made, oldest first. */
  toldAtMs: readonly number[];
}

/** A group of alerts of one channel. */
export interface AlertGroup {
  key: string;
  news: Lane;
  ends: Lane;
}

/** The group of an alert for a channel. */
export function groupKey(channel: string, grouping: Grouping, attributes: Attributes): string {
  const values = grouping.groupBy.map((name) => attributeText(attributes, name));
  return JSON.stringify([channel, grouping.route, ...values]);
}

/** A group in which nothing has happened. */
export function emptyGroup(key: string): AlertGroup {
  const lane: Lane = { waitingSinceMs: null, toldAtMs: [] };
  return { key, news: lane, ends: lane };
}

/** Decides until when what waits in a lane waits. */
export function decideWait(
  lane: Lane,
  { groupWaitMs, groupIntervalMs, atOnce }: Grouping,
  nowMs: number,
): { untilMs: number; why: string } {
  const gatheredAtMs = (lane.waitingSinceMs ?? nowMs) + groupWaitMs;
  const blocking = lane.toldAtMs.at(-atOnce);
  const freeAtMs = blocking === undefined ? -Infinity : blocking + groupIntervalMs;
  const untilMs = Math.max(gatheredAtMs, freeAtMs);
  if (untilMs <= nowMs) return { untilMs, why: "nothing more is waited for" };
  const until = new Date(untilMs).toISOString();
  return {
    untilMs,
    why:
      freeAtMs > gatheredAtMs
        ? `gathered until ${until}: much was told just now`
        : `gathered until ${until} with what else happens`,
  };
}

/** Notes that something waits. */
export function enterLane(group: AlertGroup, name: LaneName, nowMs: number): AlertGroup {
  if (group[name].waitingSinceMs !== null) return group;
  return { ...group, [name]: { ...group[name], waitingSinceMs: nowMs } };
}

/** Notes that nothing waits any more. */
export function leaveLane(group: AlertGroup, name: LaneName): AlertGroup {
  if (group[name].waitingSinceMs === null) return group;
  return { ...group, [name]: { ...group[name], waitingSinceMs: null } };
}

/** Notes that a message has been made of all that waited. */
export function flushLane(
  group: AlertGroup,
  name: LaneName,
  { groupIntervalMs, atOnce }: Grouping,
  nowMs: number,
): AlertGroup {
  const toldAtMs = [...group[name].toldAtMs, nowMs].filter((at) => at > nowMs - groupIntervalMs);
  return { ...group, [name]: { waitingSinceMs: null, toldAtMs: toldAtMs.slice(-atOnce) } };
}

/**
 * Whether so many alerts are told each for itself: nothing has them gathered, and there are no more
 * than messages that may still be made within the interval.
 */
export function isTellingApart(
  lane: Lane,
  { groupWaitMs, groupIntervalMs, atOnce }: Grouping,
  alerts: number,
  nowMs: number,
): boolean {
  const recent = lane.toldAtMs.filter((at) => at > nowMs - groupIntervalMs);
  return groupWaitMs === 0 && alerts <= atOnce - recent.length;
}

/** Whether nothing need be remembered of a group any more. */
export function isIdle(group: AlertGroup, keptForMs: number, nowMs: number): boolean {
  return [group.news, group.ends].every(
    ({ waitingSinceMs, toldAtMs }) =>
      waitingSinceMs === null && (toldAtMs.at(-1) ?? -Infinity) <= nowMs - keptForMs,
  );
}
