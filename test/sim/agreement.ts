/** Whether the reference model and what the object stores agree on more than the verdicts. */
import type { ObservationDigest, RunDigest } from "../../shared/probe/digest.ts";
import type { Changes } from "../../workers/coordinator/object/state.ts";
import type { ReferenceModel } from "./reference-model.ts";

/** Whether the model has heard from the regions what their votes say. */
function sameVotes(model: ReferenceModel, changes: Changes): boolean {
  return [...changes.regions].every(([region, { votes }]) =>
    [...votes].every(([monitor, vote]) => {
      const last = model.lastSaid(monitor, region);
      return vote === null || (last?.atMs === vote.atMs && last.status === vote.status);
    }),
  );
}

/** What runs say that a model has not heard before. */
export function newsOf(
  model: ReferenceModel,
  moments: readonly RunDigest[][],
): ObservationDigest[] {
  return moments
    .flat(1)
    .flatMap((run) => run.observations)
    .filter(({ monitor, region, startedAtMs }) => {
      const last = model.lastSaid(monitor, region);
      return last === undefined || startedAtMs > last.atMs;
    });
}

/** Whether what the model has now heard last has become a vote. */
function allVotes(
  model: ReferenceModel,
  news: readonly ObservationDigest[],
  changes: Changes,
): boolean {
  return news.every(({ monitor, region, startedAtMs }) => {
    const isLast = model.lastSaid(monitor, region)?.atMs === startedAtMs;
    return !isLast || changes.regions.get(region)?.votes.get(monitor)?.atMs === startedAtMs;
  });
}

/** Whether the model takes the regions, and what is awaited, as the judgements do. */
function sameBeliefs(model: ReferenceModel, changes: Changes): boolean {
  return [...changes.judgements.values()].every(({ monitor, verdict }) => {
    const belief = model.beliefOf(monitor);
    const counted = verdict.votes.filter(({ status }) => status !== "unknown");
    return (
      (belief?.waitingSince ?? null) === (verdict.awaitingSinceMs ?? null) &&
      counted.length === (belief?.took.size ?? 0) &&
      counted.every(({ region, status }) => belief?.took.get(region) === status)
    );
  });
}

/**
 * Whether the votes are what the model has heard, all of it, and regions count as the model thinks.
 *
 * @param news what the model had not heard before
 */
export function agree(
  model: ReferenceModel,
  news: readonly ObservationDigest[],
  changes: Changes,
): boolean {
  return sameVotes(model, changes) && allVotes(model, news, changes) && sameBeliefs(model, changes);
}
