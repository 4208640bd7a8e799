/**
 * Several coordinators as if they were one: each question goes to all, and what they answer is put
 * together. Nobody but them knows which has a monitor, so nothing else need be read to find it.
 *
 * What one of them alone can answer is answered as soon as it does, whatever becomes of the others.
 * What all have a part in fails when one of them does: half an answer would look like a whole one.
 */
import { mergeRollups } from "../../shared/monitor/rollup.ts";
import { mergeStatuses, newestFirst, startOf } from "./merged-status.ts";
import type { RestoreStatus, RestoreStep } from "./object/restore-state.ts";
import { RESTORE_BUSY } from "./object/restore-state.ts";
import type { CoordinatorRpc, RebuildResult, RebuiltDay } from "./object/rpc.ts";

/** How far a backup has been read: in which coordinator's part, and where in it. */
type BackupPlace = [coordinator: number, after: string | null];
type Rpc<Name extends keyof CoordinatorRpc> = CoordinatorRpc[Name];

/** Coordinators of one network, the first of them first. */
export class CoordinatorGroup implements CoordinatorRpc {
  readonly #first: CoordinatorRpc;
  readonly #all: readonly CoordinatorRpc[];

  constructor(coordinators: readonly [CoordinatorRpc, ...CoordinatorRpc[]]) {
    this.#all = coordinators;
    this.#first = coordinators[0];
  }

  #each<T>(ask: (coordinator: CoordinatorRpc) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#all.map(ask));
  }

  /** Does something at all of them, whatever fails at one; then rejects with the first failure. */
  async #atAll(work: (each: CoordinatorRpc, at: number) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(this.#all.map(work));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** The answer of the one that has one; null: none has; rejects when one cannot say. */
  async #find<T>(ask: (coordinator: CoordinatorRpc) => Promise<T | null>): Promise<T | null> {
    const asked = this.#all.map(ask);
    const found = asked.map(async (answer) => {
      const own = await answer;
      if (own === null) throw new Error("unknown here");
      return own;
    });
    try {
      return await Promise.any(found);
    } catch {
      await Promise.all(asked);
      return null;
    }
  }

  wake: Rpc<"wake"> = () => this.#atAll((each) => each.wake());

  configChanged: Rpc<"configChanged"> = () => this.#atAll((each) => each.configChanged());

  networkStatus: Rpc<"networkStatus"> = async () => {
    const [first, ...others] = await this.#each((each) => each.networkStatus());
    if (first === undefined) throw new RangeError("a group has a coordinator");
    return mergeStatuses(first, ...others);
  };

  pageSettings: Rpc<"pageSettings"> = () => this.#find((each) => each.pageSettings());

  monitorStatus: Rpc<"monitorStatus"> = (id) => this.#find((each) => each.monitorStatus(id));

  verdict: Rpc<"verdict"> = (monitor) => this.#find((each) => each.verdict(monitor));

  checkNow: Rpc<"checkNow"> = (monitor) => this.#find((each) => each.checkNow(monitor));

  incidents: Rpc<"incidents"> = async (query) => {
    const parts = await this.#each((each) => each.incidents(query));
    return newestFirst(parts.flat(), startOf, query.limit);
  };

  incident: Rpc<"incident"> = (id) => this.#find((each) => each.incident(id));

  acknowledge: Rpc<"acknowledge"> = (id) => this.#find((each) => each.acknowledge(id));

  deliveries: Rpc<"deliveries"> = async (query) => {
    const parts = await this.#each((each) => each.deliveries(query));
    return newestFirst(parts.flat(), ({ createdAtMs }) => createdAtMs, query.limit);
  };

  rollups: Rpc<"rollups"> = async (monitor, ranges) => {
    const parts = await this.#each((each) => each.rollups(monitor, ranges));
    return mergeRollups(parts.flat());
  };

  rebuildRollups: Rpc<"rebuildRollups"> = async (window) =>
    mergeRebuilt(await this.#each((each) => each.rebuildRollups(window)));

  retryDelivery: Rpc<"retryDelivery"> = (id) => this.#find((each) => each.retryDelivery(id));

  decisions: Rpc<"decisions"> = (incident) => this.#find((each) => each.decisions(incident));

  testChannel: Rpc<"testChannel"> = (channel) => this.#first.testChannel(channel);

  cutBackup: Rpc<"cutBackup"> = async () => {
    const cuts = await this.#each((each) => each.cutBackup());
    const opened = cuts.filter((cut) => cut !== null);
    const cut = JSON.stringify(cuts.map((own) => own?.cut ?? null));
    if (opened.length === cuts.length) return { cut, storage: opened[0]?.storage ?? 0 };
    await this.endBackup(cut);
    return null;
  };

  /** First all of the first coordinator, then all of the next. */
  backupPage: Rpc<"backupPage"> = async (cut, after) => {
    const [index, own] = after === null ? [0, null] : (JSON.parse(after) as BackupPlace);
    const cuts = JSON.parse(cut) as string[];
    const page = await this.#all[index]?.backupPage(cuts[index] ?? "", own);
    if (page === undefined || page === null) return null;
    const isLast = page.next === null;
    if (isLast && index === this.#all.length - 1) return page;
    const place: BackupPlace = isLast ? [index + 1, null] : [index, page.next];
    return { ...page, next: JSON.stringify(place) };
  };

  holdBackup: Rpc<"holdBackup"> = async (cut) => {
    const cuts = JSON.parse(cut) as string[];
    const held = await Promise.all(this.#all.map((each, at) => each.holdBackup(cuts[at] ?? "")));
    return held.every(Boolean);
  };

  endBackup: Rpc<"endBackup"> = async (cut) => {
    const cuts = JSON.parse(cut) as Array<string | null>;
    await this.#atAll(async (each, at) => {
      const own = cuts[at] ?? null;
      if (own !== null) await each.endBackup(own);
    });
  };

  isRestoring: Rpc<"isRestoring"> = async () =>
    (await this.#each((each) => each.isRestoring())).includes(true);

  /** None begins while one still carries another out: those that are done would forget that one. */
  beginRestore: Rpc<"beginRestore"> = async (id, replace, origin) =>
    (await this.isRestoring())
      ? { refused: RESTORE_BUSY }
      : this.#restoreStep((each) => each.beginRestore(id, replace, origin));

  putRestorePart: Rpc<"putRestorePart"> = (id, part, text) =>
    this.#restoreStep((each) => each.putRestorePart(id, part, text));

  /** The first decides first, for it has the most to refuse; it begins once all have decided. */
  commitRestore: Rpc<"commitRestore"> = async (id) => {
    const steps: RestoreStatus[] = [];
    for (const coordinator of this.#all) {
      const step = await coordinator.commitRestore(id);
      if ("refused" in step) return step;
      steps.push(step);
    }
    return mergeRestores(steps);
  };

  restoreStatus: Rpc<"restoreStatus"> = async (id) => {
    const statuses = await this.#each((each) => each.restoreStatus(id));
    const known = statuses.filter((status) => status !== null);
    return known.length < statuses.length ? null : mergeRestores(known);
  };

  /** A step that all take; refused where one refuses. */
  async #restoreStep(take: (each: CoordinatorRpc) => Promise<RestoreStep>): Promise<RestoreStep> {
    const steps = await this.#each(take);
    const taken: RestoreStatus[] = [];
    for (const step of steps) {
      if ("refused" in step) return step;
      taken.push(step);
    }
    return mergeRestores(taken);
  }

  storageVersion: Rpc<"storageVersion"> = () => this.#first.storageVersion();

  readToMs: Rpc<"readToMs"> = async () =>
    Math.min(...(await this.#each((each) => each.readToMs())));
}

/** How far a restore has come that all carry out, each its part. */
function mergeRestores(parts: readonly RestoreStatus[]): RestoreStatus {
  const partsLeft = parts.reduce((sum, part) => sum + part.partsLeft, 0);
  for (const state of ["failed", "staging", "committing", "done"] as const) {
    const found = parts.find((part) => part.state === state);
    if (found !== undefined) return { ...found, partsLeft };
  }
  throw new RangeError("a group has a coordinator");
}

/** What was rebuilt of each day by all; where one had no time for more, all are to go on there. */
function mergeRebuilt(parts: readonly RebuildResult[]): RebuildResult {
  const days = new Map<number, RebuiltDay>();
  for (const day of parts.flatMap((part) => part.days)) {
    const known = days.get(day.dayMs);
    if (known === undefined) days.set(day.dayMs, { ...day });
    else {
      // All have read the same runs, each for its own monitors.
      known.runs = Math.max(known.runs, day.runs);
      known.observations += day.observations;
      known.buckets += day.buckets;
      known.blocks += day.blocks;
    }
  }
  const nextMs = Math.min(...parts.map((part) => part.nextMs ?? Infinity));
  return {
    // What some have done beyond that is done and told again.
    days: [...days.values()]
      .filter(({ dayMs }) => dayMs < nextMs)
      .sort((a, b) => a.dayMs - b.dayMs),
    nextMs: nextMs === Infinity ? null : nextMs,
  };
}
