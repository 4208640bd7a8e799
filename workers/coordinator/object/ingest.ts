/**
 * Takes runs in: votes, rollups, and the judgement of every monitor they observed. Each run once,
 * whichever way it came: from the log, or in a probe's answer before the log had it.
 */
import { findAssignment } from "../../../shared/monitor/config-index.ts";
import { rollUpObservation } from "../../../shared/monitor/rollup.ts";
import { isWhole } from "../../../shared/monitor/shard.ts";
import { castVote } from "../../../shared/monitor/vote.ts";
import type { RunDigest } from "../../../shared/probe/digest.ts";
import type { Run } from "../../../shared/probe/run.ts";
import { answeredLane, isRoundLane, laneShard, runKey } from "../../../shared/probe/run.ts";
import { noteCertificates } from "./certificates.ts";
import type { Draft } from "./draft.ts";
import type { Court } from "./judge.ts";
import { isRepeated, judge, passTime } from "./judge.ts";
import { watchRuns } from "./region-watch.ts";
import { addToBuckets } from "./rollups.ts";
import type { ShardRecord } from "./state.ts";

/**
 * Takes runs in as one moment and judges at the end of the last of them: never before an earlier
 * judgement, never in the future, whatever a probe's clock says.
 *
 * @returns monitors whose regions are all to be asked now
 */
export function ingestRuns(draft: Draft, runs: readonly RunDigest[], court: Court): string[] {
  const fresh = runs
    .filter((run) => !draft.hasSeen(runKey(run)))
    .map((run) => ownPart(draft, run, court));
  if (fresh.length === 0) return [];
  const endedAtMs = Math.max(...fresh.map((run) => run.finishedAtMs));
  const atMs = Math.max(draft.judgedAtMs, Math.min(endedAtMs, court.wallMs));
  const asks = passTime(draft, atMs, court);
  for (const run of fresh) {
    draft.markSeen(runKey(run), run.scheduledAtMs);
    recordRun(draft, run, court);
    addToBuckets(draft, run.observations.map(rollUpObservation), draft.partOfRun(run));
    const { newestRunAtMs } = draft.tail;
    draft.moveTail({ newestRunAtMs: Math.max(newestRunAtMs ?? 0, run.scheduledAtMs) });
  }
  noteCertificates(draft, fresh);
  // Before anybody is judged: what shows a target down may show that it is the region that fails.
  const changed = watchRuns(draft, fresh, atMs);
  const news = newsOf(draft, fresh, atMs);
  const monitors = changed ? (draft.config?.monitors.map(({ id }) => id) ?? []) : news;
  const wanted = [...monitors].filter((monitor) => judge(draft, monitor, atMs, court));
  return [...asks, ...wanted];
}

/** How a probe has answered: its run, and whether that is in the log too, as far as it knows. */
export interface Answer {
  run: Run;
  stored: boolean;
}

/**
 * Takes answers in, as {@link ingestRuns} does, and what the log may not have into keeping.
 *
 * A probe that could not learn in time whether the first part of a run was written answers with all
 * of it. If the log had that part after all, it may have been read already: what is new in the answer
 * is then a part of its own.
 */
export function ingestAnswers(draft: Draft, answers: readonly Answer[], court: Court): string[] {
  const runs = answers.flatMap(({ run, stored }) => {
    if (stored) return [run];
    const rest = draft.hasSeen(runKey(run)) ? unseenPart(draft, run) : run;
    if (rest === null) return [];
    draft.keepRun(rest);
    return [rest];
  });
  return ingestRuns(draft, runs, court);
}

/** What of a run is newer than the votes that are known; null: nothing. */
function unseenPart(draft: Draft, run: Run): Run | null {
  const observations = run.observations.filter(
    ({ monitor, region, startedAtMs }) =>
      startedAtMs > (draft.vote(monitor, region)?.atMs ?? -Infinity),
  );
  if (observations.length === 0) return null;
  const { controls: _controls, ...facts } = run;
  return { ...facts, lane: answeredLane(run.lane), observations };
}

/**
 * A run with what it says of this coordinator's monitors. A single one takes in all: a monitor that it
 * does not know yet will be its own.
 */
function ownPart(draft: Draft, run: RunDigest, { coordinator }: Court): RunDigest {
  if (isWhole(coordinator)) return run;
  const { config } = draft;
  const observations = run.observations.filter(
    ({ monitor }) => findAssignment(config, monitor) !== undefined,
  );
  return { ...run, observations };
}

/** Monitors about which runs say something new. */
function newsOf(draft: Draft, runs: readonly RunDigest[], atMs: number): Set<string> {
  const news = new Set<string>();
  for (const { region, observations } of runs) {
    for (const { monitor } of observations) {
      if (!isRepeated(draft, monitor, region, atMs)) news.add(monitor);
    }
  }
  return news;
}

/** Brings the region's ledger up to a run; one that is older than the last changes little. */
function recordRun(draft: Draft, run: RunDigest, { coordinator }: Court): void {
  const before = draft.ledger(run.region);
  for (const observation of run.observations) {
    const { monitor } = observation;
    const known = draft.vote(monitor, run.region);
    const everyMs = findAssignment(draft.config, monitor)?.intervalMs;
    const vote = castVote(known, observation, everyMs);
    if (vote !== known) draft.saveVote(monitor, vote);
  }
  const isNewest = before.lastRunAtMs === null || run.startedAtMs >= before.lastRunAtMs;
  const shard = laneShard(run.lane);
  draft.saveLedger({
    region: run.region,
    health: before.health,
    colo: isNewest ? (run.colo ?? before.colo) : before.colo,
    lastRunAtMs: isNewest ? run.startedAtMs : before.lastRunAtMs,
    shards: new Map(before.shards).set(
      shard,
      recordShard(before.shards.get(shard), run, coordinator.index),
    ),
  });
}

function recordShard(
  before: ShardRecord | undefined,
  run: RunDigest,
  coordinator: number,
): ShardRecord {
  const lastRoundMs = before?.lastRoundMs ?? null;
  return {
    lastRunAtMs: Math.max(before?.lastRunAtMs ?? 0, run.startedAtMs),
    // Stragglers prove no round: its first part may still be missing.
    lastRoundMs: isRoundLane(run.lane, coordinator)
      ? Math.max(lastRoundMs ?? 0, run.scheduledAtMs)
      : lastRoundMs,
  };
}
