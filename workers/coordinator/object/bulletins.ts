/**
 * Writes down what subscribers are to be told, inside the step in which it happens: what begins, gets
 * worse and ends of public monitors, what people write, and what work is announced. So the news and
 * what it is about are stored together or not at all. To whom it goes is not decided here.
 *
 * An incident's news follow from what was last told of it, so that nothing is told twice, and what
 * ended while the coordinator was away is told with its end.
 */
import type { Bulletin, BulletinMonitor } from "../../../shared/alert/bulletin.ts";
import type { AlertSubject } from "../../../shared/alert/subject.ts";
import { findMonitor } from "../../../shared/monitor/config-index.ts";
import type { Maintenance } from "../../../shared/monitor/maintenance.ts";
import { coversMonitor } from "../../../shared/monitor/maintenance.ts";
import type { RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import { namedMonitors } from "../../../shared/monitor/written-incident.ts";
import type { Draft } from "./draft.ts";
import { sameData } from "./essence.ts";
import type { Court } from "./judge.ts";
import { findMember } from "./roster.ts";

/** What people date back further than this is no news, in milliseconds. */
const WRITTEN_NEWS_MS = 3_600_000;
/** Monitors that a bulletin names; one about more is about everything. */
const MONITORS_MAX = 200;

/** Adds the news of every incident that the step has touched. */
export function noteIncidents(draft: Draft, { wallMs }: Court): void {
  const touched = draft.alertsDue;
  const subjects =
    touched === null
      ? draft.alertSubjects().values()
      : [...touched].flatMap((id) => draft.alertSubject(id) ?? []);
  for (const subject of subjects) {
    if ("incident" in subject.story) noteIncident(draft, subject, wallMs);
  }
}

function noteIncident(draft: Draft, { id, story, transition }: AlertSubject, wallMs: number): void {
  if (!("incident" in story)) return;
  const { incident } = story;
  const latest = draft.circulation.latestAbout(id);
  const before = latest?.news.kind === "incident" ? latest.news : null;
  const isOver = incident.endedAtMs !== null;
  if (before === null ? isOver : before.event === "ended") return;
  const isWorse =
    before !== null &&
    INCIDENT_KINDS.indexOf(incident.kind) > INCIDENT_KINDS.indexOf(before.impact);
  if (before !== null && !isOver && !isWorse) return;
  const monitor = findMonitor(draft.config, incident.monitor);
  const last = latest?.monitors ?? null;
  // What is told of a monitor that is gone is its end; of one that is private now, nothing.
  const monitors = monitor === undefined ? last : monitor.public ? [pick(monitor)] : null;
  if (monitors === null) return;
  draft.circulation.add({
    id: transition,
    subject: id,
    monitors,
    createdAtMs: wallMs,
    news: {
      kind: "incident",
      event: isOver ? "ended" : isWorse ? "worse" : "began",
      impact: isOver ? incident.worst : incident.kind,
      flapping: incident.flapping === true,
      reason: incident.reason,
      regions: incident.regions,
      startedAtMs: incident.startedAtMs,
      endedAtMs: incident.endedAtMs,
    },
  });
}

function pick({ id, name, group }: BulletinMonitor): BulletinMonitor {
  return { id, name, group };
}

/** Public ones of some monitors; `all`: it is about everything; null: none of them is public. */
function publicOf(
  members: readonly RosterMonitor[],
  ids: readonly string[],
): BulletinMonitor[] | "all" | null {
  if (ids.length === 0) return "all";
  const wanted = new Set(ids);
  const shown = members.filter((each) => each.public && wanted.has(each.id));
  if (shown.length > MONITORS_MAX) return "all";
  return shown.length === 0 ? null : shown.map(pick);
}

/**
 * Adds what people have written since.
 *
 * @param members all monitors of the network
 */
export function noteWritten(
  draft: Draft,
  before: readonly WrittenIncident[],
  after: readonly WrittenIncident[],
  members: readonly RosterMonitor[],
  { wallMs }: Court,
): void {
  const known = new Map(before.map((written) => [written.id, written]));
  for (const written of after) {
    const { id, title, updates, postmortem } = written;
    const old = known.get(id);
    const shown = publicOf(members, namedMonitors(written));
    if (shown === null) continue;
    const monitors = shown === "all" ? null : shown;
    const facts = { subject: `written/${id}`, monitors, createdAtMs: wallMs };
    for (const { id: update, status, text, atMs } of updates) {
      const isNew = !(old?.updates.some((each) => each.id === update) ?? false);
      if (!isNew || wallMs - atMs > WRITTEN_NEWS_MS) continue;
      const news = { kind: "written", event: "update", title, status, text, atMs } as const;
      draft.circulation.add({ ...facts, id: `written/${id}/${update}`, news });
    }
    if (postmortem === null || (old?.postmortem ?? null) !== null) continue;
    if (wallMs - postmortem.atMs > WRITTEN_NEWS_MS) continue;
    const { text, atMs } = postmortem;
    const news = {
      kind: "written",
      event: "postmortem",
      title,
      status: "resolved",
      text,
      atMs,
    } as const;
    draft.circulation.add({ ...facts, id: `written/${id}/postmortem`, news });
  }
}

/**
 * Adds what work was announced, moved or called off since.
 *
 * @param members all monitors of the network
 */
export function noteMaintenances(
  draft: Draft,
  before: PublishedConfig | null,
  after: PublishedConfig,
  members: readonly RosterMonitor[],
  { wallMs }: Court,
): void {
  // What was announced before anything was known here is no news.
  if (before === null) return;
  const old = new Map((before.maintenances ?? []).map((window) => [window.id, window]));
  const present = new Map((after.maintenances ?? []).map((window) => [window.id, window]));
  for (const window of present.values()) {
    const known = old.get(window.id);
    if (known === undefined) noteMaintenance(draft, "announced", window, members, wallMs);
    else if (!sameData(timesOf(known), timesOf(window))) {
      noteMaintenance(draft, "moved", window, members, wallMs);
    }
  }
  for (const window of old.values()) {
    if (!present.has(window.id)) noteMaintenance(draft, "withdrawn", window, members, wallMs);
  }
}

function timesOf({ startsAtMs, endsAtMs }: Maintenance): number[] {
  return [startsAtMs, endsAtMs];
}

function noteMaintenance(
  draft: Draft,
  event: "announced" | "moved" | "withdrawn",
  window: Maintenance,
  members: readonly RosterMonitor[],
  wallMs: number,
): void {
  const { id, name, description, startsAtMs, endsAtMs } = window;
  if (endsAtMs <= wallMs) return;
  const covered = members.filter((each) => coversMonitor(window, each));
  const shown = publicOf(
    members,
    covered.map((each) => each.id),
  );
  const isEverything = window.monitors === null && window.groups.length === 0;
  if (covered.length === 0 || shown === null) return;
  draft.circulation.add({
    id: `maintenance/${id}/${event}/${startsAtMs}.${endsAtMs}`,
    subject: `maintenance/${id}`,
    monitors: isEverything || shown === "all" ? null : shown,
    createdAtMs: wallMs,
    news: { kind: "maintenance", event, name, description, startsAtMs, endsAtMs },
  });
}

/** Whether a bulletin may still be told: what it is about may not be public any more. */
export function isTold(
  { monitors }: Bulletin,
  known: { roster: readonly RosterMonitor[]; config: PublishedConfig | null },
): boolean {
  if (monitors === null) return true;
  return monitors.some(({ id }) => findMember(known, id)?.public ?? true);
}
