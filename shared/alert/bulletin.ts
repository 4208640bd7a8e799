/**
 * What subscribers are told: bulletins, each of one piece of public news, in one log in the order in
 * which they were made. Only public facts are in them: no address of a target, no header, no vote.
 *
 * Where a newer bulletin about the same says all that an older one does, only the newer is told to who
 * has heard neither: a subscriber who was away hears what has become of it, not what was. Pure.
 */
import type { IncidentKind } from "../monitor/verdict.ts";
import type { WrittenStatus } from "../monitor/written-incident.ts";
import type { Reason } from "../probe/reason.ts";

/** A monitor as far as a bulletin speaks of it. */
export interface BulletinMonitor {
  id: string;
  name: string;
  group: string | null;
}

/** An incident that the quorum found. */
export interface IncidentNews {
  kind: "incident";
  event: "began" | "worse" | "ended";
  impact: IncidentKind;
  flapping: boolean;
  reason: Reason | null;
  regions: readonly string[];
  startedAtMs: number;
  /** Null: it goes on. */
  endedAtMs: number | null;
}

/** What people wrote. */
export interface WrittenNews {
  kind: "written";
  event: "update" | "postmortem";
  title: string;
  status: WrittenStatus;
  /** Markdown. */
  text: string;
  atMs: number;
}

/** Work that is announced. */
export interface MaintenanceNews {
  kind: "maintenance";
  event: "announced" | "moved" | "withdrawn";
  name: string;
  description: string;
  startsAtMs: number;
  endsAtMs: number;
}

/** One piece of news. */
export interface Bulletin {
  /** Its place in the log. */
  sequence: number;
  /** Stable: of the transition, the update or the window that it tells of. */
  id: string;
  /** What it is about: all of one subject are told in their order. */
  subject: string;
  /** Public monitors that it is about; null: everything. */
  monitors: readonly BulletinMonitor[] | null;
  createdAtMs: number;
  news: IncidentNews | WrittenNews | MaintenanceNews;
}

/** Whether somebody who asked for some monitors wants to hear of it; null: for all. */
export function concerns({ monitors }: Bulletin, wanted: readonly string[] | null): boolean {
  if (monitors === null || wanted === null) return true;
  return monitors.some(({ id }) => wanted.includes(id));
}

/** Without those that a later one of the list makes needless; the list is in the log's order. */
export function withoutOutdated(bulletins: readonly Bulletin[]): Bulletin[] {
  const last = new Map(bulletins.map(({ subject, sequence }) => [subject, sequence]));
  return bulletins.filter(({ subject, sequence, news }) => {
    // Each update has words of its own.
    return news.kind === "written" || last.get(subject) === sequence;
  });
}
