/**
 * Runs as they reached one coordinator, from the log or as answers: how those of a commit may have
 * come, and which were ordered by whom.
 */
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { ObservationDigest, RunDigest } from "../../shared/probe/digest.ts";
import {
  answeredLane,
  askLane,
  isAskLane,
  laneShard,
  partialRoundLane,
  runKey,
} from "../../shared/probe/run.ts";
import type { World } from "./world.ts";

/** The way on which a run reached the coordinator. */
export type Way = "log" | "answer";

/** The runs, by key; two copies of one run may differ. */
export class RunCopies {
  readonly #world: World;
  readonly #copies = new Map<string, Array<{ run: RunDigest; way: Way }>>();

  constructor(world: World) {
    this.#world = world;
  }

  add(run: RunDigest, way: Way): void {
    const key = runKey(run);
    const copies = this.#copies.get(key) ?? [];
    copies.push({ run, way });
    this.#copies.set(key, copies);
  }

  /**
   * Adds what a coordinator has kept of an answer beyond what the log had of the same run; of other runs
   * that it keeps nothing. False: the answer did not say so.
   */
  addRest(kept: RunDigest): boolean {
    const [lane = ""] = kept.lane.split("+");
    if (kept.lane !== answeredLane(lane)) return true;
    const answers = (this.#copies.get(runKey({ ...kept, lane })) ?? []).filter(
      ({ way, run }) => way === "answer" && kept.observations.every((seen) => says(run, seen)),
    );
    if (answers.length > 0) this.add(kept, "answer");
    return answers.length > 0;
  }

  /**
   * How the runs of a commit may have come: as answers, taken in as one moment, or from the log,
   * one after another. Which of the two cannot be seen from outside, and two copies of a run may
   * differ; one of the ways must explain the votes, the judgements and the transitions.
   */
  waysOf(keys: readonly string[], config: PublishedConfig | null): RunDigest[][][] {
    const copies = (way: Way) =>
      keys.flatMap((key) => {
        const copy = this.#copies.get(key)?.findLast((candidate) => candidate.way === way);
        return copy === undefined ? [] : [this.#ownPart(copy.run, config)];
      });
    const answers = copies("answer");
    const logged = copies("log");
    return [
      ...(answers.length === keys.length && keys.length > 0 ? [[answers]] : []),
      ...(logged.length === keys.length ? [logged.map((run) => [run])] : []),
    ];
  }

  /** What a run says of this coordinator's monitors; of several none takes in another's. */
  #ownPart(run: RunDigest, config: PublishedConfig | null): RunDigest {
    if (this.#world.coordinator.count === 1) return run;
    const own = new Set(config?.monitors.map(({ id }) => id));
    return { ...run, observations: run.observations.filter(({ monitor }) => own.has(monitor)) };
  }

  /** Whether another coordinator has ordered a run: it says nothing of this one's monitors. */
  isOrderedByOthers(key: string): boolean {
    const { count, index } = this.#world.coordinator;
    const [lane = ""] = (key.split("/").at(-1) ?? "").split("+");
    const own = [askLane(laneShard(lane), index), partialRoundLane(laneShard(lane), index)];
    const isOrdered = isAskLane(lane) || lane.includes(".");
    return count > 1 && isOrdered && !own.includes(lane);
  }

  /** Keys of runs that this coordinator has ordered, and as which the log has another run. */
  mislaid(): string[] {
    const logged = new Map(this.#world.log.runs().map((run) => [runKey(run), run]));
    return [...this.#copies].flatMap(([key, copies]) => {
      const answer = copies.find(({ way }) => way === "answer")?.run;
      const row = logged.get(key);
      if (answer === undefined || row === undefined || !isAskLane(answer.lane)) return [];
      return monitorsOf(answer) === monitorsOf(row) ? [] : [key];
    });
  }
}

function says({ observations }: RunDigest, seen: ObservationDigest): boolean {
  return observations.some(
    ({ monitor, startedAtMs }) => monitor === seen.monitor && startedAtMs === seen.startedAtMs,
  );
}

function monitorsOf({ observations }: RunDigest): string {
  return observations.map(({ monitor }) => monitor).join();
}
