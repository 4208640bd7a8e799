/**
 * Judges monitors inside a step, and writes down all that follows in the same transaction: the
 * judgement, its incident and transitions, what there is to tell of them, the time by verdict.
 *
 * What is concluded is decided in `shared/monitor`, who is told in `shared/alert`. Judgements are
 * made in the time of the runs: nothing here reads a clock.
 */
import type { Assignment } from "../../../shared/monitor/config-index.ts";
import { assignmentsOf, findAssignment } from "../../../shared/monitor/config-index.ts";
import { calmOverMs, flappingPolicyOf } from "../../../shared/monitor/flapping.ts";
import { openIncident } from "../../../shared/monitor/incident.ts";
import { advanceJudgement, initialJudgement } from "../../../shared/monitor/judgement.ts";
import { isUnderMaintenance, maintenanceEdges } from "../../../shared/monitor/maintenance.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { enterTime, openAccount } from "../../../shared/monitor/rollup.ts";
import { isQuietening, isRepetition, isSteady } from "../../../shared/monitor/steady.ts";
import type { Incident, Judgement, Transition } from "../../../shared/monitor/verdict.ts";
import { awaitingOverMs } from "../../../shared/monitor/quorum.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { freshnessMs } from "../../../shared/monitor/vote.ts";
import { noteAbsence, noteUntold } from "./absence.ts";
import { noteTransition } from "./alerts.ts";
import type { Draft } from "./draft.ts";
import { sameData } from "./essence.ts";
import { CALM_AHEAD_MS, STALE_JUDGEMENT_MS, TIME_ENTRY_EVERY_MS } from "./limits.ts";
import { addToBuckets, foldBuckets } from "./rollups.ts";

/** What holds for every judgement of a step. */
export interface Court {
  /** The present moment, which a judgement may lie far behind while catching up. */
  wallMs: number;
  publicUrl: string | null;
  /**
   * Which coordinator of the network it is. Each judges its own monitors; the first also tells what
   * concerns the network as a whole.
   */
  coordinator: Shard;
}

/**
 * Judges one monitor at a moment; one that is not in the configuration is not judged.
 *
 * @returns whether all its regions are to be asked now
 */
export function judge(draft: Draft, id: string, atMs: number, court: Court): boolean {
  const { config } = draft;
  const assignment = findAssignment(config, id);
  if (config === null || assignment === undefined) return false;
  const { monitor, intervalMs } = assignment;
  const before = draft.judgement(monitor.id) ?? initialJudgement(monitor.id, atMs);
  const step = advanceJudgement({
    monitor,
    regions: config.regions,
    votes: draft.votesOf(id, assignment.regions),
    judgement: before,
    intervalMs,
    suspended: draft.suspendedRegions(),
    maintenance: isUnderMaintenance(config.maintenances ?? [], monitor, atMs),
    nowMs: atMs,
  });
  if (step.judgement.verdict.kind !== before.verdict.kind) {
    enterTimeOf(draft, step.judgement, atMs);
  }
  draft.saveJudgement(step.judgement);
  draft.noteCalm(monitor.id, firstEndMs(draft, assignment, atMs));
  recordStep(draft, monitor, before, step, court);
  return step.ask !== null && court.wallMs - atMs <= STALE_JUDGEMENT_MS;
}

/**
 * Whether nothing but news can change what is thought of a monitor: it is steady, none of its
 * regions is suspended, and time alone changes nothing yet.
 */
export function isSettled(draft: Draft, assignment: Assignment, atMs: number): boolean {
  const judgement = draft.judgement(assignment.id);
  if (judgement === null || !isSteady(judgement, assignment.monitor.quorum)) return false;
  return isLeftAlone(draft, assignment, atMs);
}

/** Whether judging a monitor again without news would change nothing at this moment. */
export function isAtRest(draft: Draft, assignment: Assignment, atMs: number): boolean {
  const { id, monitor, intervalMs } = assignment;
  const judgement = draft.judgement(id);
  if (judgement === null) return false;
  const { quorum } = monitor;
  const quietens = isQuietening(judgement, quorum, { intervalMs, nowMs: atMs });
  return (quietens || isSteady(judgement, quorum)) && isLeftAlone(draft, assignment, atMs);
}

/** Whether neither time nor a suspended region changes anything about a monitor yet. */
function isLeftAlone(draft: Draft, { id, regions }: Assignment, atMs: number): boolean {
  if (draft.calmToMs(id) <= atMs) return false;
  const suspended = draft.suspendedRegions();
  return suspended.size === 0 || !regions.some((region) => suspended.has(region));
}

/**
 * Whether a region has said again what is known of a monitor; false: it has not, or something else
 * may have changed, and the monitor is to be judged.
 */
export function isRepeated(draft: Draft, id: string, region: string, atMs: number): boolean {
  const vote = draft.vote(id, region);
  if (vote?.status !== "up") return false;
  const assignment = findAssignment(draft.config, id);
  const judgement = draft.judgement(id);
  if (assignment === undefined || judgement === null) return false;
  if (!isSettled(draft, assignment, atMs)) return false;
  const { monitor, intervalMs } = assignment;
  return isRepetition({ judgement, monitor, intervalMs, nowMs: atMs }, vote);
}

/** Writes down what a step of a judgement led to. */
export function recordStep(
  draft: Draft,
  monitor: Monitor,
  before: Judgement,
  step: { judgement: Judgement; transitions: readonly Transition[] },
  court: Court,
): void {
  const { incident } = step.judgement;
  if (incident !== null && !sameData(incident, before.incident)) {
    draft.saveIncident(incident, monitor.name);
  }
  for (const transition of step.transitions) {
    draft.recordTransition(transition);
    const about = transition.incident === null ? null : incident;
    if (about === null) continue;
    const withheld = draft.tail.withheld.includes(about.id);
    if (transition.kind === "incident_resolved" && withheld) {
      noteUntold(draft, monitor, about);
      withhold(draft, about.id, false);
    }
    const isNews = transition.kind === "incident_opened" || transition.kind === "incident_changed";
    const stale = court.wallMs - transition.atMs > STALE_JUDGEMENT_MS;
    if (stale && about.endedAtMs === null) {
      withhold(draft, about.id, true);
    } else if (!withheld || !isNews || !isTooMildToTell(draft, about)) {
      // From now on it is told like any other: the summary must not name it too.
      if (isNews) withhold(draft, about.id, false);
      noteTransition(draft, monitor, about, transition, court);
    }
  }
}

/** Notes that an incident's alert waits until catching up is over, or need not wait any more. */
function withhold(draft: Draft, incident: string, wait: boolean): void {
  const { withheld } = draft.tail;
  if (withheld.includes(incident) === wait) return;
  draft.moveTail({
    withheld: wait ? [...withheld, incident] : withheld.filter((id) => id !== incident),
  });
}

/**
 * Whether an incident has become milder than what is told, though it was worse. If it ends so it is
 * named with the history, and told should it get worse again.
 */
function isTooMildToTell({ alertPolicy }: Draft, { kind, worst }: Incident): boolean {
  return kind === "partial" && worst !== kind && alertPolicy.tiers.partial === "none";
}

/**
 * Tells what began while catching up and is still so. Under maintenance nothing is told: it waits
 * for the end of it.
 */
export function tellWithheld(draft: Draft, monitors: readonly Monitor[], court: Court): void {
  for (const id of draft.tail.withheld) {
    const monitor = monitors.find(
      (candidate) => draft.judgement(candidate.id)?.incident?.id === id,
    );
    const judgement = draft.judgement(monitor?.id ?? "");
    if (judgement?.verdict.kind === "maintenance") continue;
    const incident = openIncident(judgement?.incident ?? null);
    if (incident !== null && isTooMildToTell(draft, incident)) continue;
    const transition = draft
      .transitionsOf(id)
      .findLast(({ kind }) => kind === "incident_opened" || kind === "incident_changed");
    if (monitor !== undefined && incident !== null && transition !== undefined) {
      noteTransition(draft, monitor, incident, transition, court);
    }
    withhold(draft, id, false);
  }
}

/**
 * Lets time pass: judges, at their moments and in order, every monitor of which a vote expires,
 * votes are awaited no longer, maintenance begins or ends, or a flapping incident has had its calm,
 * after the last judgement and up to `untilMs`. So a gap in the log is judged as it would have been
 * judged live, however late it is read, and the time under maintenance is exact.
 *
 * @returns monitors whose regions are all to be asked now
 */
export function passTime(draft: Draft, untilMs: number, court: Court): string[] {
  const { config } = draft;
  const fromMs = draft.judgedAtMs;
  if (config === null || untilMs <= fromMs) return [];
  noteAbsence(draft, fromMs, court.wallMs);
  const agenda = endsWithin(draft, config, fromMs, untilMs).sort((a, b) => a.atMs - b.atMs);
  const asks: string[] = [];
  for (let next = agenda.shift(); next !== undefined; next = agenda.shift()) {
    const { atMs, monitor } = next;
    draft.judgedAtMs = atMs;
    if (judge(draft, monitor, atMs, court)) asks.push(monitor);
    // What this judgement has begun to wait for may be over before the end.
    const overMs = draft.calmToMs(monitor);
    if (overMs <= untilMs) enterMoment(agenda, { atMs: overMs, monitor });
  }
  draft.judgedAtMs = untilMs;
  enterTimes(draft, untilMs);
  foldBuckets(draft, untilMs);
  return asks;
}

/** When a monitor is to be judged although nothing new is known of it. */
interface Moment {
  atMs: number;
  monitor: string;
}

/** Enters a moment into an ordered agenda, once. */
function enterMoment(agenda: Moment[], moment: Moment): void {
  const { atMs, monitor } = moment;
  if (agenda.some((other) => other.atMs === atMs && other.monitor === monitor)) return;
  const later = agenda.findIndex((other) => other.atMs > atMs);
  agenda.splice(later < 0 ? agenda.length : later, 0, moment);
}

/** Moments in (fromMs, untilMs] at which something about a monitor is over by time alone. */
function endsWithin(
  draft: Draft,
  config: PublishedConfig,
  fromMs: number,
  untilMs: number,
): Moment[] {
  const moments: Moment[] = [];
  if (draft.calmAllToMs > untilMs) return moments;
  let calmAllToMs = Infinity;
  for (const assignment of assignmentsOf(config)) {
    const monitor = assignment.id;
    // With those that end soon, so that not every step looks through all monitors.
    if (draft.calmToMs(monitor) <= untilMs + CALM_AHEAD_MS) {
      for (const atMs of endsOf(draft, assignment)) {
        if (atMs > fromMs && atMs <= untilMs) moments.push({ atMs, monitor });
      }
      draft.noteCalm(monitor, firstEndMs(draft, assignment, untilMs));
    }
    calmAllToMs = Math.min(calmAllToMs, draft.calmToMs(monitor));
  }
  draft.calmAllToMs = calmAllToMs;
  return moments;
}

/**
 * First moments at which the votes about a monitor, and what was last usable of them, are no longer
 * believed, and at which votes are awaited no longer; those at which maintenance begins or ends, and
 * at which a flapping incident has had its calm.
 */
function endsOf(draft: Draft, { id, monitor, intervalMs, regions }: Assignment): number[] {
  const windows = draft.config?.maintenances ?? [];
  const ends = maintenanceEdges(windows, monitor, -Infinity, Infinity);
  const freshMs = freshnessMs(intervalMs);
  for (const region of regions) {
    const vote = draft.vote(id, region);
    if (vote === undefined) continue;
    const { atMs, usableAtMs } = vote;
    // One from a clock far ahead is believed only once time has come near it.
    ends.push(atMs - freshMs, atMs + freshMs + 1);
    if (usableAtMs !== null && usableAtMs !== atMs) ends.push(usableAtMs + freshMs + 1);
  }
  const judgement = draft.judgement(id);
  const awaitingSinceMs = judgement?.verdict.awaitingSinceMs;
  if (awaitingSinceMs !== undefined) ends.push(awaitingOverMs(awaitingSinceMs, intervalMs));
  const policy = flappingPolicyOf(monitor, intervalMs);
  const calmMs = calmOverMs(judgement?.incident ?? null, policy);
  if (calmMs !== null) ends.push(calmMs);
  return ends;
}

/** The first of these moments after another; Infinity: there is none. */
function firstEndMs(draft: Draft, assignment: Assignment, afterMs: number): number {
  let firstMs = Infinity;
  for (const atMs of endsOf(draft, assignment)) {
    if (atMs > afterMs && atMs < firstMs) firstMs = atMs;
  }
  return firstMs;
}

/** Enters the time by verdict of all monitors, once in a while. */
function enterTimes(draft: Draft, atMs: number): void {
  if (atMs - draft.enteredAtMs < TIME_ENTRY_EVERY_MS) return;
  draft.enteredAtMs = atMs;
  const changes: Rollup[] = [];
  for (const monitor of draft.judgedMonitors()) {
    const judgement = draft.judgement(monitor);
    if (judgement !== null) changes.push(...enterVerdict(draft, judgement, atMs));
  }
  addToBuckets(draft, changes);
}

/** Enters a monitor's time by verdict up to a moment. */
export function enterTimeOf(draft: Draft, judgement: Judgement, atMs: number): void {
  addToBuckets(draft, enterVerdict(draft, judgement, atMs));
}

function enterVerdict(draft: Draft, { monitor, verdict }: Judgement, atMs: number): Rollup[] {
  const { account, changes } = enterTime({
    account: draft.account(monitor) ?? openAccount(atMs),
    verdict,
    nowMs: atMs,
    // No time goes by unjudged: `passTime` visits every moment at which a vote expires.
    gapMaxMs: Infinity,
  });
  draft.saveAccount(monitor, account);
  return changes;
}
