/**
 * Judges monitors inside a step, and writes down all that follows in the same transaction: the
 * judgement, its incident and transitions, the deliveries these call for, the time by verdict.
 *
 * What is concluded is decided in `shared/monitor`, who is told in `shared/alert`. Judgements are
 * made in the time of the runs: nothing here reads a clock.
 */
import { decideDeliveries } from "../../../shared/alert/policy.ts";
import { watchedCertificate } from "../../../shared/monitor/certificate-watch.ts";
import { openIncident } from "../../../shared/monitor/incident.ts";
import { advanceJudgement, initialJudgement } from "../../../shared/monitor/judgement.ts";
import { isUnderMaintenance, maintenanceEdges } from "../../../shared/monitor/maintenance.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { intervalMs } from "../../../shared/monitor/monitor.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { enterTime, openAccount } from "../../../shared/monitor/rollup.ts";
import type { Incident, Judgement, Transition, Vote } from "../../../shared/monitor/verdict.ts";
import { awaitingOverMs } from "../../../shared/monitor/quorum.ts";
import { freshnessMs } from "../../../shared/monitor/vote.ts";
import type { CertificateResult } from "../../../shared/probe/observation.ts";
import type { Draft } from "./draft.ts";
import { STALE_JUDGEMENT_MS, TIME_ENTRY_EVERY_MS } from "./limits.ts";
import { addToBuckets, foldBuckets } from "./rollups.ts";

/** What holds for every judgement of a step. */
export interface Court {
  /** The present moment, which a judgement may lie far behind while catching up. */
  wallMs: number;
  publicUrl: string | null;
}

/**
 * Judges one monitor at a moment.
 *
 * @returns whether all its regions are to be asked now
 */
export function judge(draft: Draft, monitor: Monitor, atMs: number, court: Court): boolean {
  const { config } = draft;
  if (config === null) return false;
  const before = draft.judgement(monitor.id) ?? initialJudgement(monitor.id, atMs);
  const step = advanceJudgement({
    monitor,
    regions: config.regions,
    votes: draft.votesOf(monitor.id, config.regions),
    judgement: before,
    intervalMs: intervalMs(monitor, config.defaultIntervalMs),
    suspended: draft.suspendedRegions(),
    maintenance: isUnderMaintenance(config.maintenances ?? [], monitor, atMs),
    nowMs: atMs,
  });
  if (step.judgement.verdict.kind !== before.verdict.kind) {
    addToBuckets(draft, enterVerdict(draft, step.judgement, atMs));
  }
  draft.saveJudgement(step.judgement);
  recordStep(draft, monitor, before, step, court);
  return step.ask !== null && court.wallMs - atMs <= STALE_JUDGEMENT_MS;
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
  if (incident !== null && JSON.stringify(incident) !== JSON.stringify(before.incident)) {
    draft.saveIncident(incident, monitor.name);
  }
  for (const transition of step.transitions) {
    draft.recordTransition(transition);
    const about = transition.incident === null ? null : incident;
    if (about === null) continue;
    if (transition.kind === "incident_resolved") withhold(draft, about.id, false);
    const stale = court.wallMs - transition.atMs > STALE_JUDGEMENT_MS;
    if (stale && about.endedAtMs === null) withhold(draft, about.id, true);
    else tell(draft, monitor, about, transition, court);
  }
}

/** Adds the deliveries that a transition calls for. */
function tell(
  draft: Draft,
  monitor: Monitor,
  incident: Incident,
  transition: Transition,
  { publicUrl, wallMs }: Court,
): void {
  const deliveries = decideDeliveries({
    transition,
    incident,
    monitor,
    channels: draft.channels,
    previous: draft.deliveriesAbout(incident.id),
    timeline: incident.endedAtMs === null ? undefined : draft.transitionsOf(incident.id),
    certificate: certificateOf(draft, monitor, wallMs),
    publicUrl,
    nowMs: wallMs,
  });
  for (const delivery of deliveries) draft.saveDelivery(delivery);
}

/** The certificate that the monitor's server was last seen to show; null: it is not known. */
function certificateOf(draft: Draft, monitor: Monitor, nowMs: number): CertificateResult | null {
  const watch = draft.certificate(monitor.id);
  return watch === null || watch.url !== monitor.url ? null : watchedCertificate(watch, nowMs);
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
    const transition = draft
      .transitionsOf(id)
      .findLast(({ kind }) => kind === "incident_opened" || kind === "incident_changed");
    if (monitor !== undefined && incident !== null && transition !== undefined) {
      tell(draft, monitor, incident, transition, court);
    }
    withhold(draft, id, false);
  }
}

/**
 * Lets time pass: judges, at their moments and in order, every monitor of which a vote expires,
 * votes are awaited no longer, or maintenance begins or ends, after the last judgement and up to
 * `untilMs`. So a gap in the log is judged as it would have been judged live, however late it is
 * read, and the time under maintenance is exact.
 *
 * @returns monitors whose regions are all to be asked now
 */
export function passTime(draft: Draft, untilMs: number, court: Court): string[] {
  const { config } = draft;
  const fromMs = draft.judgedAtMs;
  if (config === null || untilMs <= fromMs) return [];
  const moments: Array<{ atMs: number; monitor: Monitor }> = [];
  for (const monitor of config.monitors) {
    const everyMs = intervalMs(monitor, config.defaultIntervalMs);
    const votes = draft.votesOf(monitor.id, config.regions);
    const awaitingSinceMs = draft.judgement(monitor.id)?.verdict.awaitingSinceMs;
    const ends = [...expiries(votes.values(), freshnessMs(everyMs))];
    if (awaitingSinceMs !== undefined) ends.push(awaitingOverMs(awaitingSinceMs, everyMs));
    ends.push(...maintenanceEdges(config.maintenances ?? [], monitor, fromMs, untilMs));
    for (const atMs of ends) {
      if (atMs > fromMs && atMs <= untilMs) moments.push({ atMs, monitor });
    }
  }
  moments.sort((a, b) => a.atMs - b.atMs);
  const asks = moments.filter(({ atMs, monitor }) => {
    draft.judgedAtMs = atMs;
    return judge(draft, monitor, atMs, court);
  });
  draft.judgedAtMs = untilMs;
  enterTimes(draft, untilMs);
  foldBuckets(draft, untilMs);
  return asks.map(({ monitor }) => monitor.id);
}

/** First moments at which votes, and what was last usable of them, are no longer believed. */
function* expiries(votes: Iterable<Vote>, freshMs: number): Generator<number> {
  for (const { atMs, usableAtMs } of votes) {
    yield atMs + freshMs + 1;
    if (usableAtMs !== null && usableAtMs !== atMs) yield usableAtMs + freshMs + 1;
  }
}

/** Enters the time by verdict of all monitors, once in a while. */
function enterTimes(draft: Draft, atMs: number): void {
  const changes: Rollup[] = [];
  for (const monitor of draft.judgedMonitors()) {
    const judgement = draft.judgement(monitor);
    const account = draft.account(monitor);
    if (judgement === null) continue;
    if (account !== null && atMs - account.enteredToMs < TIME_ENTRY_EVERY_MS) continue;
    changes.push(...enterVerdict(draft, judgement, atMs));
  }
  addToBuckets(draft, changes);
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
