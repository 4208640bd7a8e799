/**
 * Deliberate bugs: each a small edit of the product's source, made while it is loaded, that the
 * simulation must notice. An edit whose text is no longer found is an error: the list follows the
 * code.
 */
import { registerHooks } from "node:module";

/** One deliberate bug. */
export interface Mutation {
  name: string;
  /** A world in which it shows, at most {@link WORLDS_MAX}; `npm run sim -- --mutations` finds it. */
  seed: number;
  /** Coordinators of that world; absent: one. */
  coordinators?: number;
  /** File, from the repository's root. */
  file: string;
  find: string;
  replace: string;
}

/** Worlds, from seed 1 on, of which one must show each bug. */
export const WORLDS_MAX = 2_000;

/** The list. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: "stale votes are counted",
    seed: 1,
    file: "shared/monitor/ballot.ts",
    find: `if (!isFresh(vote, input.intervalMs, input.nowMs)) return "stale";`,
    replace: "",
  },
  {
    name: "votes stay fresh for one interval too long",
    seed: 4,
    file: "shared/monitor/vote.ts",
    find: "return 2 * intervalMs",
    replace: "return 3 * intervalMs",
  },
  {
    name: "a shared data centre is counted twice",
    seed: 5,
    file: "shared/monitor/ballot.ts",
    find: "return mergePlaces(ballots);",
    replace: "return ballots;",
  },
  {
    name: "the worst of a shared data centre speaks for it",
    seed: 8,
    file: "shared/monitor/ballot.ts",
    find: "SEVERITY[evidence.status] < SEVERITY[speaker.status]",
    replace: "SEVERITY[evidence.status] > SEVERITY[speaker.status]",
  },
  {
    name: "half is a majority",
    seed: 1,
    file: "shared/monitor/quorum.ts",
    find: "return Math.floor(fresh / 2) + 1;",
    replace: "return Math.max(1, Math.ceil(fresh / 2));",
  },
  {
    name: "the probe's own trouble votes",
    seed: 4,
    file: "shared/monitor/vote.ts",
    find: `const status = blame === "probe" ? "unknown" : observation.status;`,
    replace: `const status = blame === "probe" ? "down" : observation.status;`,
  },
  {
    name: "an older observation overrules a newer one",
    seed: 17,
    file: "shared/monitor/vote.ts",
    find: "observation.startedAtMs <= previous.atMs) return previous;",
    replace: "observation.startedAtMs === previous.atMs) return previous;",
  },
  {
    name: "too few votes are enough",
    seed: 1,
    file: "shared/monitor/quorum.ts",
    find: "Math.min(policy.minVotes ?? 2, assigned)",
    replace: "Math.min(policy.minVotes ?? 1, assigned)",
  },
  {
    name: "a split vote clears",
    seed: 1,
    file: "shared/monitor/quorum.ts",
    find: `if (held === "down" && notDown < clearNeeded) {`,
    replace: `if (held === "down" && notDown < 1) {`,
  },
  {
    name: "a region that keeps failing alone is not named",
    seed: 4,
    file: "shared/monitor/quorum.ts",
    find: "if (persistent.length > 0)",
    replace: "if (persistent.length > 1)",
  },
  {
    name: "consecutive confirmations are not awaited",
    seed: 2,
    file: "shared/monitor/ballot.ts",
    find: `return vote.failures >= raiseAfter ? "down" : known;`,
    replace: `return "down";`,
  },
  {
    name: "an unknown verdict ends the incident",
    seed: 134,
    file: "shared/monitor/incident.ts",
    find: `if (verdict.kind === "operational") return`,
    replace: `if (verdict.kind === "operational" || verdict.kind === "unknown") return`,
  },
  {
    name: "an incident begins when it is confirmed",
    seed: 4,
    file: "shared/monitor/quorum.ts",
    find: "const firstMs = Math.max(nowMs - DATED_BACK_MAX_MS, Math.min(nowMs, ...moments));",
    replace: "const firstMs = nowMs;",
  },
  {
    name: "a bad vote is not confirmed at once",
    seed: 11,
    file: "shared/monitor/confirmation.ts",
    find: "const vote = news[0] ?? watched[0];",
    replace: 'const vote = news.find(({ status }) => status === "up");',
  },
  {
    name: "recovery is not confirmed at once",
    seed: 11,
    file: "shared/monitor/confirmation.ts",
    find: `if (level === 2 && vote.successes < youngGood) return "good";`,
    replace: "",
  },
  {
    name: "asks are not spaced out",
    seed: 8,
    file: "shared/monitor/confirmation.ts",
    find: "if (tokens < (news.length > 0 ? 1 : 2)) return waiting;",
    replace: "",
  },
  {
    name: "transitions are numbered by the incident",
    seed: 1,
    file: "shared/monitor/judgement.ts",
    find: "sequence: judgement.sequence + transitions.length,",
    replace: "sequence: kind === null ? judgement.sequence : 1,",
  },
  {
    name: "the cursor moves before the runs are taken in",
    seed: 1,
    file: "workers/coordinator/object/tail.ts",
    find: "    const court = this.#court();\n    this.#memory.transact((draft) => {\n      for (const run of page.runs) {",
    replace:
      "    const court = this.#court();\n" +
      "    this.#memory.transact((draft) => {\n" +
      "      for (const run of page.runs) draft.markSeen(`${run.scheduledAtMs}/${run.region}/${run.lane}`, run.scheduledAtMs);\n" +
      "    });\n" +
      "    this.#memory.transact((draft) => {\n      for (const run of page.runs) {",
  },
  {
    name: "late rows are not looked for",
    seed: 1,
    file: "workers/coordinator/object/limits.ts",
    find: "export const TAIL_OVERLAP_MS = 180_000;",
    replace: "export const TAIL_OVERLAP_MS = 0;",
  },
  {
    name: "very late rows are not looked for",
    seed: 74,
    file: "workers/coordinator/object/tail.ts",
    find: "nowMs - sweptAtMs >= SWEEP_EVERY_MS",
    replace: "nowMs < sweptAtMs",
  },
  {
    name: "a run is taken in twice",
    seed: 2,
    file: "workers/coordinator/object/ingest.ts",
    find: ".filter((run) => !draft.hasSeen(runKey(run)))",
    replace: ".filter((run) => run !== null)",
  },
  {
    name: "missing runs are not asked for",
    seed: 18,
    file: "workers/coordinator/object/engine.ts",
    find: 'if (state !== "waiting") this.#asks.launchMissing();',
    replace: "",
  },
  {
    name: "the missing run of a further shard is not asked for",
    seed: 13,
    file: "workers/coordinator/object/missing-runs.ts",
    find: "if (dueMs === null || (lastRoundMs ?? 0) >= dueMs) return [];",
    replace: "if (dueMs === null || (lastRoundMs ?? 0) >= dueMs || shard.index > 0) return [];",
  },
  {
    name: "asks of two shards are taken for one",
    seed: 2,
    file: "shared/probe/run.ts",
    find: "return `${run.scheduledAtMs}/${run.region}/${run.lane}`;",
    replace: 'return `${run.scheduledAtMs}/${run.region}/${run.lane.replace(/[.]\\d+/, "")}`;',
  },
  {
    name: "runs that the log lacks are not kept",
    seed: 1,
    file: "workers/coordinator/object/ingest.ts",
    find: "draft.keepRun(rest);",
    replace: "void rest;",
  },
  {
    name: "a delivery is recorded before it is sent",
    seed: 1,
    file: "workers/coordinator/object/outbox.ts",
    find: ": await this.#ports.sender.send(channel, delivery, this.#threadOf(delivery));",
    replace:
      ": { ok: true, status: 200, error: null, retryAfterMs: null, permanent: false };\n" +
      "    if (channel !== undefined) void this.#ports.clock.sleep(1).then(() => this.#ports.sender.send(channel, delivery, null));",
  },
  {
    name: "a failed delivery is given up",
    seed: 1,
    file: "shared/alert/delivery.ts",
    find: "if (outcome.permanent || nowMs >= expiresAtMs)",
    replace: "if (!outcome.ok || nowMs >= expiresAtMs)",
  },
  {
    name: "resolve overtakes fire",
    seed: 35,
    file: "shared/alert/delivery.ts",
    find: "const lanes = subjectsOf(delivery).map((subject) => `${delivery.channel}/${subject}`);",
    replace: "const lanes = [delivery.id];",
  },
  {
    name: "a silence is ignored",
    seed: 35,
    file: "shared/alert/silence.ts",
    find: "return { muted: true, why: `silence",
    replace: "return { muted: false, why: `silence",
  },
  {
    name: "a group is told again after a restart",
    seed: 30,
    file: "workers/coordinator/object/store.ts",
    find: "ON CONFLICT (id) DO UPDATE SET body = excluded.body`,\n      id,",
    replace: "ON CONFLICT (id) DO NOTHING`,\n      id,",
  },
  {
    name: "the working copy runs ahead of storage",
    seed: 2,
    file: "workers/coordinator/object/memory.ts",
    find: "if (changes !== null) this.#store.commit(changes);\n    draft.apply();",
    replace: "draft.apply();\n    if (changes !== null) this.#store.commit(changes);",
  },
  {
    name: "deliveries are not stored with their transition",
    seed: 23,
    file: "workers/coordinator/object/store.ts",
    find: "for (const delivery of changes.deliveries.values()) this.#saveDelivery(delivery);",
    replace:
      "for (const delivery of changes.deliveries.values()) if (delivery.attempts > 0) this.#saveDelivery(delivery);",
  },
  {
    name: "time does not make votes expire",
    seed: 27,
    file: "workers/coordinator/object/judge.ts",
    find: "ends.push(atMs - freshMs, atMs + freshMs + 1);",
    replace: "ends.push(atMs - freshMs);",
  },
  {
    name: "what began and ended during an absence is told to nobody",
    seed: 122,
    file: "workers/coordinator/object/judge.ts",
    find: "noteUntold(draft, monitor, about);",
    replace: "",
  },
  {
    name: "what ended during an absence is told again",
    seed: 70,
    file: "workers/coordinator/object/absence.ts",
    find: "draft.moveTail({ absence: undefined });",
    replace: "",
  },
  {
    name: "a flapping incident ends with each recovery",
    seed: 35,
    file: "shared/monitor/incident.ts",
    find: "current.flapping === true ? calmOverMs(calm, flapping) : null;",
    replace: "null;",
  },
  {
    name: "a flapping incident never has its calm",
    seed: 35,
    file: "workers/coordinator/object/judge.ts",
    find: "if (calmMs !== null) ends.push(calmMs);",
    replace: "",
  },
  {
    name: "a flapping incident holds its verdict",
    seed: 119,
    file: "shared/monitor/incident.ts",
    find: "current === null || (current.calmSinceMs ?? null) !== null ? null : current.kind;",
    replace: "current === null ? null : current.kind;",
  },
  {
    name: "withheld alerts are withheld for ever",
    seed: 60,
    file: "workers/coordinator/object/judge.ts",
    find: "for (const id of draft.tail.withheld) {",
    replace: "for (const id of draft.tail.withheld.slice(0, 0)) {",
  },
  {
    name: "maintenance is not left out",
    seed: 1,
    file: "workers/coordinator/object/judge.ts",
    find: "maintenance: isUnderMaintenance(config.maintenances ?? [], monitor, atMs),",
    replace: "maintenance: false,",
  },
  {
    name: "maintenance begins and ends with the next run",
    seed: 1,
    file: "workers/coordinator/object/judge.ts",
    find: "const ends = maintenanceEdges(windows, monitor, -Infinity, Infinity);",
    replace: "const ends = maintenanceEdges(windows, monitor, 0, 0);",
  },
  {
    name: "an outage is dated back into maintenance",
    seed: 1,
    file: "shared/monitor/quorum.ts",
    find: "maintainedUntilMs(conclusion.kind, input) ?? firstMs",
    replace: "firstMs",
  },
  {
    name: "alerts are told under maintenance",
    seed: 61,
    file: "workers/coordinator/object/alerts.ts",
    find: "maintained: maintainedMonitors(draft, subjects.values()),",
    replace: "maintained: new Set<string>(),",
  },
  {
    name: "an observation is rolled up twice after a crash",
    seed: 4,
    file: "workers/coordinator/object/store.ts",
    find: "      this.#database.transaction(() => this.#write(changes));",
    replace:
      "      for (const bucket of changes.buckets.values()) this.#saveBucket(bucket);\n" +
      "      this.#database.transaction(() => this.#write(changes));",
  },
  {
    name: "five minutes are folded into hours and days twice",
    seed: 1,
    file: "workers/coordinator/object/rollups.ts",
    find: "  ledger.noteFolded(toMs);",
    replace: "  ledger.noteFolded(Math.max(foldedToMs, toMs - 300_000));",
  },
  {
    name: "what is late for the fold does not reach its hour",
    seed: 1,
    file: "workers/coordinator/object/rollups.ts",
    find: "if (isFolded) touched.addCoarser(change);",
    replace: 'if (change.resolution !== "5min") touched.addCoarser(change);',
  },
  {
    name: "retention deletes runs not yet taken in",
    seed: 40,
    file: "workers/coordinator/object/retention.ts",
    find: "const readToMs = Math.min(nowMs, this.#memory.state.tail.cursorMs, peersToMs);",
    replace: "const readToMs = nowMs;",
  },
  {
    name: "retention deletes runs that another coordinator has not taken in",
    seed: 49,
    coordinators: 2,
    file: "workers/coordinator/object/retention.ts",
    find: "const readToMs = Math.min(nowMs, this.#memory.state.tail.cursorMs, peersToMs);",
    replace: "const readToMs = Math.min(nowMs, this.#memory.state.tail.cursorMs);",
  },
  {
    name: "coordinators order runs of one identity",
    seed: 26,
    coordinators: 2,
    file: "shared/probe/run.ts",
    find: "return `${shard}.${coordinator}`;",
    replace: "return `${shard}`;",
  },
  {
    name: "coordinators ask under one identity",
    seed: 44,
    coordinators: 2,
    file: "shared/probe/run.ts",
    find: "if (coordinator > 0) return",
    replace: "if (coordinator > 99) return",
  },
  {
    name: "a coordinator counts the monitors of another",
    seed: 1,
    coordinators: 2,
    file: "workers/coordinator/object/ingest.ts",
    find: "if (isWhole(coordinator)) return run;",
    replace: "if (coordinator.count > 0) return run;",
  },
];

/** Plants a bug into everything that is loaded from now on. */
export function plant(name: string, root: string): void {
  const mutation = MUTATIONS.find((candidate) => candidate.name === name);
  if (mutation === undefined) throw new Error(`no mutation is called "${name}"`);
  const url = new URL(mutation.file, root).href;
  registerHooks({
    load(target, context, nextLoad) {
      const loaded = nextLoad(target, context);
      if (target !== url) return loaded;
      const source = String(loaded.source);
      if (source.split(mutation.find).length !== 2) {
        throw new Error(`"${name}": its text is not found once in ${mutation.file}`);
      }
      return { ...loaded, source: source.replace(mutation.find, () => mutation.replace) };
    },
  });
}
