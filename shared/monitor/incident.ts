/**
 * Incidents: one for each episode in which a monitor's verdict is bad, from the first failing
 * observation to recovery. Pure.
 *
 * `partial`, `degraded` and `down` open one; a change among them changes the same incident; only
 * `operational` resolves it, at once or, when it is flapping, after a calm. While the verdict is
 * `unknown` or `maintenance` an open incident stays open and says so: that nobody can see a failure
 * does not end it.
 */
import type { FlappingPolicy } from "./flapping.ts";
import { addOpening, calmOverMs, describeFlapping, isFlapping } from "./flapping.ts";
import type { Incident, IncidentKind, Transition, Verdict, VerdictKind } from "./verdict.ts";
import { INCIDENT_KINDS } from "./verdict.ts";
import { clockTime } from "./verdict-message.ts";

/** What a verdict does to a monitor's incident. */
export interface IncidentStep {
  /** The open incident, or the last one that ended. */
  incident: Incident | null;
  /** What to tell; null: nothing changed that others must know. */
  kind: Transition["kind"] | null;
  /** When the last few incidents were opened, oldest first. */
  openingsMs: readonly number[];
  /** What is to be said besides the verdict; null: nothing. */
  remark: string | null;
}

/** Whether an incident of this kind is what a verdict opens. */
export function isIncidentKind(kind: VerdictKind): kind is IncidentKind {
  return (INCIDENT_KINDS as readonly VerdictKind[]).includes(kind);
}

/** The incident that is open; null: none. */
export function openIncident(incident: Incident | null): Incident | null {
  return incident !== null && incident.endedAtMs === null ? incident : null;
}

/**
 * Kind of the incident that holds a verdict, which is then left only by its clear threshold; null:
 * none. One that is open merely because it was flapping holds nothing.
 */
export function heldKind(incident: Incident | null): IncidentKind | null {
  const current = openIncident(incident);
  return current === null || (current.calmSinceMs ?? null) !== null ? null : current.kind;
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
    ...(incident.flapping === true ? { calmSinceMs: null } : {}),
    kind,
    worst: worse(incident.worst, kind),
    reason: verdict.reason ?? incident.reason,
    message: verdict.message,
    regions: [...incident.regions, ...joined],
  };
}

/** What a verdict is taken into. */
export interface IncidentInput {
  incident: Incident | null;
  /** See {@link IncidentStep.openingsMs}. */
  openingsMs: readonly number[];
  /** Null: flapping is not damped. */
  flapping: FlappingPolicy | null;
  previous: Verdict;
  verdict: Verdict;
  nowMs: number;
}

/** Opens an incident; the last of many says that the monitor is flapping. */
function openAnother(input: IncidentInput, kind: IncidentKind): IncidentStep {
  const { verdict, flapping, nowMs } = input;
  const incident = open(kind, verdict, input.incident, nowMs);
  const openingsMs = flapping === null ? [] : addOpening(input.openingsMs, flapping, nowMs);
  if (flapping === null || !isFlapping(openingsMs, flapping)) {
    return { incident, kind: "incident_opened", openingsMs, remark: null };
  }
  const remark = describeFlapping(openingsMs, flapping);
  const message = `${incident.message}. ${remark}`;
  const marked = { ...incident, message, flapping: true };
  return { incident: marked, kind: "incident_opened", openingsMs, remark };
}

/** Ends an incident, or, when it is flapping, waits for a calm. */
function recover(input: IncidentInput, current: Incident): Pick<IncidentStep, "incident" | "kind"> {
  const { flapping, previous, verdict, nowMs } = input;
  const calmSinceMs = current.calmSinceMs ?? nowMs;
  const calm = { ...current, calmSinceMs };
  const endsAtMs = current.flapping === true ? calmOverMs(calm, flapping) : null;
  if (endsAtMs === null || nowMs >= endsAtMs) {
    const ended = { ...current, endedAtMs: calmSinceMs };
    return { incident: ended, kind: "incident_resolved" };
  }
  return { incident: calm, kind: verdict.kind === previous.kind ? null : "verdict_changed" };
}

/** Goes on with an open incident under a bad verdict. */
function goOn(
  { previous, verdict }: IncidentInput,
  current: Incident,
  kind: IncidentKind,
): Pick<IncidentStep, "incident" | "kind"> {
  const changed = verdict.kind !== previous.kind;
  const joins = badRegions(verdict).some((region) => !current.regions.includes(region));
  if (!changed && !joins) return { incident: current, kind: null };
  const incident = continueIncident(current, kind, verdict);
  const told = kind === current.kind ? null : "incident_changed";
  return { incident, kind: told ?? (changed ? "verdict_changed" : null) };
}

/**
 * Takes a verdict into a monitor's incident.
 *
 * The incident's message follows the verdict when its kind changes or a region joins, not with
 * every evaluation; one that has ended keeps what was last said of it.
 */
export function advanceIncident(input: IncidentInput): IncidentStep {
  const { previous, verdict, openingsMs, nowMs } = input;
  const current = openIncident(input.incident);
  const changed = verdict.kind !== previous.kind;
  const kind = changed ? "verdict_changed" : null;
  const unremarkable = { openingsMs, remark: null };
  if (isIncidentKind(verdict.kind)) {
    if (current === null) return openAnother(input, verdict.kind);
    return { ...goOn(input, current, verdict.kind), ...unremarkable };
  }
  if (current === null) return { incident: input.incident, kind, ...unremarkable };
  if (verdict.kind === "operational") return { ...recover(input, current), ...unremarkable };
  if (!changed) return { incident: current, kind: null, ...unremarkable };
  const message = `Still open, though ${verdict.kind} since ${clockTime(nowMs, nowMs)}`;
  const waiting = { ...current, message: `${message}: ${current.message}` };
  return { incident: waiting, kind, ...unremarkable };
}
