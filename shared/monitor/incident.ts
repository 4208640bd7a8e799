/**
 * Incidents: one for each episode in which a monitor's verdict is bad, from the first failing
 * observation to recovery. Pure.
 *
 * `partial`, `degraded` and `down` open one; a change among them changes the same incident; only
 * `operational` resolves it. While the verdict is `unknown` or `maintenance` an open incident stays
 * open and says so: that nobody can see a failure does not end it.
 */
import type { Incident, IncidentKind, Transition, Verdict, VerdictKind } from "./verdict.ts";
import { INCIDENT_KINDS } from "./verdict.ts";
import { clockTime } from "./verdict-message.ts";

/** What a verdict does to a monitor's incident. */
export interface IncidentStep {
  /** The open incident, or the last one that ended. */
  incident: Incident | null;
  /** What to tell; null: nothing changed that others must know. */
  kind: Transition["kind"] | null;
}

/** Whether an incident of this kind is what a verdict opens. */
export function isIncidentKind(kind: VerdictKind): kind is IncidentKind {
  return (INCIDENT_KINDS as readonly VerdictKind[]).includes(kind);
}

/** The incident that is open; null: none. */
export function openIncident(incident: Incident | null): Incident | null {
  return incident !== null && incident.endedAtMs === null ? incident : null;
}

function worse(a: IncidentKind, b: IncidentKind): IncidentKind {
  return INCIDENT_KINDS.indexOf(a) >= INCIDENT_KINDS.indexOf(b) ? a : b;
}

/** Regions that a verdict shows as bad in the sense of its kind. */
function badRegions(verdict: Verdict): string[] {
  return verdict.votes
    .filter(
      ({ status }) => status === "down" || (status === "degraded" && verdict.kind === "degraded"),
    )
    .map(({ region }) => region);
}

function open(
  kind: IncidentKind,
  verdict: Verdict,
  last: Incident | null,
  nowMs: number,
): Incident {
  // Never before the end of the last one, and never under its id.
  const earliestMs =
    last === null ? -Infinity : Math.max(last.endedAtMs ?? 0, last.startedAtMs + 1);
  const startedAtMs = Math.max(verdict.sinceMs, earliestMs);
  return {
    id: `${verdict.monitor}-${startedAtMs}`,
    monitor: verdict.monitor,
    kind,
    worst: kind,
    reason: verdict.reason,
    message: verdict.message,
    startedAtMs,
    confirmedAtMs: nowMs,
    endedAtMs: null,
    acknowledgedAtMs: null,
    regions: badRegions(verdict),
  };
}

function continueIncident(incident: Incident, kind: IncidentKind, verdict: Verdict): Incident {
  const joined = badRegions(verdict).filter((region) => !incident.regions.includes(region));
  return {
    ...incident,
    kind,
    worst: worse(incident.worst, kind),
    reason: verdict.reason ?? incident.reason,
    message: verdict.message,
    regions: [...incident.regions, ...joined],
  };
}

/**
 * Takes a verdict into a monitor's incident.
 *
 * The incident's message follows the verdict when its kind changes or a region joins, not with
 * every evaluation; one that has ended keeps what was last said of it.
 */
export function advanceIncident(step: {
  incident: Incident | null;
  previous: Verdict;
  verdict: Verdict;
  nowMs: number;
}): IncidentStep {
  const { previous, verdict, nowMs } = step;
  const current = openIncident(step.incident);
  const changed = verdict.kind !== previous.kind;
  const kind = changed ? "verdict_changed" : null;
  if (isIncidentKind(verdict.kind)) {
    if (current === null) {
      return {
        incident: open(verdict.kind, verdict, step.incident, nowMs),
        kind: "incident_opened",
      };
    }
    const joins = badRegions(verdict).some((region) => !current.regions.includes(region));
    if (!changed && !joins) return { incident: current, kind: null };
    const incident = continueIncident(current, verdict.kind, verdict);
    return { incident, kind: verdict.kind === current.kind ? kind : "incident_changed" };
  }
  if (current === null) return { incident: step.incident, kind };
  if (verdict.kind === "operational") {
    return { incident: { ...current, endedAtMs: nowMs }, kind: "incident_resolved" };
  }
  if (!changed) return { incident: current, kind: null };
  const message = `Still open, though ${verdict.kind} since ${clockTime(nowMs, nowMs)}`;
  return { incident: { ...current, message: `${message}: ${current.message}` }, kind };
}
