/**
 * Takes over into the working copy what a step has changed, once the store has committed it. Decides
 * nothing, and cannot fail: until here nothing of the step is visible outside of it.
 */
import type { Judgement, Vote } from "../../../shared/monitor/verdict.ts";
import { applyCirculation } from "./circulation-state.ts";
import { FIVE_MINUTES_IN_MEMORY_MS } from "./limits.ts";
import { overlay, takeOver } from "./overlay.ts";
import type { Bucket } from "./rollups.ts";
import { settleBucket } from "./rollups.ts";
import type { Calm, Changes, State } from "./state.ts";

/** What a step leaves behind: what it has committed, and what it knows besides. */
export interface CommittedStep {
  changes: Changes;
  /** Judgements as they stand, those that need not be stored included, by monitor. */
  judgements: ReadonlyMap<string, Judgement>;
  /** Up to when everything has been judged (UTC epoch milliseconds). */
  judgedAtMs: number;
  /** Until when time alone changes nothing, of the monitors for which that is new. */
  calm: Calm;
}

/** Takes a step over. */
export function advanceWorkingCopy(state: State, step: CommittedStep): void {
  const { changes, judgements, judgedAtMs } = step;
  state.tail = { ...(changes.tail ?? state.tail), judgedAtMs };
  advanceCalm(state, step);
  state.config = changes.config ?? state.config;
  state.channels = changes.channels ?? state.channels;
  state.monitoring = changes.monitoring ?? state.monitoring;
  state.alertPolicy = changes.alertPolicy ?? state.alertPolicy;
  state.silences = changes.silences ?? state.silences;
  state.writtenIncidents = changes.writtenIncidents ?? state.writtenIncidents;
  state.roster = changes.roster ?? state.roster;
  applyCirculation(state.circulation, changes.circulation);
  state.alertSubjects = overlay(state.alertSubjects, changes.alertSubjects);
  state.alertGroups = overlay(state.alertGroups, changes.alertGroups);
  for (const [region, { ledger, votes }] of changes.regions) {
    state.regions.set(region, ledger);
    const known = state.votes.get(region) ?? new Map<string, Vote>();
    state.votes.set(region, known);
    takeOver(known, votes);
  }
  takeOver(state.judgements, judgements);
  for (const monitor of changes.retiredJudgements) state.judgements.delete(monitor);
  for (const [id, delivery] of changes.deliveries) {
    if (delivery.state === "pending") state.outbox.set(id, delivery);
    else state.outbox.delete(id);
  }
  takeOver(state.accounts, changes.accounts?.accounts ?? new Map());
  takeOver(state.seen, changes.seen);
  takeOver(state.certificates, changes.certificates);
  rememberBuckets(state, changes.buckets, judgedAtMs);
}

function advanceCalm({ calm }: State, { changes, calm: present }: CommittedStep): void {
  // With another configuration nothing is known of the monitors that were not looked at since.
  if (changes.config !== null) calm.toMs.clear();
  takeOver(calm.toMs, present.toMs);
  calm.allToMs = present.allToMs;
  calm.enteredAtMs = present.enteredAtMs;
}

/** Keeps at hand the five minutes that the next runs will add to; the store has the others. */
function rememberBuckets(
  { buckets }: State,
  changed: ReadonlyMap<string, Bucket>,
  judgedAtMs: number,
): void {
  for (const [name, bucket] of changed) {
    if (bucket.resolution === "5min") buckets.set(name, settleBucket(bucket));
  }
  const earliestMs = judgedAtMs - FIVE_MINUTES_IN_MEMORY_MS;
  for (const [name, { startMs }] of buckets) if (startMs < earliestMs) buckets.delete(name);
}
