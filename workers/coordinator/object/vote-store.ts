/**
 * The regions' ledgers and votes in the object's storage.
 *
 * What is written for a run must not grow with the network: where a region has few votes they are
 * stored with its ledger, as one row; where it has many, a run adds a row of what it has changed, and
 * once these changes are many more than the votes all are written anew.
 */
import type { RegionHealth } from "../../../shared/monitor/region-health.ts";
import type { Vote } from "../../../shared/monitor/verdict.ts";
import type { ObjectDatabase } from "./database.ts";
import { savePacked } from "./database.ts";
import type { RegionChange, RegionLedger, ShardRecord, State } from "./state.ts";
import { emptyLedger } from "./state.ts";

/** Votes up to which a region is one row. */
const TOGETHER_MAX = 500;
/** Changes of each vote after which all are written anew: fewer cost writing, more cost loading. */
const CHANGES_PER_VOTE_MAX = 2;

/** A vote as it is stored; fields are only ever appended, and those absent on reading. */
type StoredVote = [
  monitor: string,
  atMs: Vote["atMs"],
  status: Vote["status"],
  message: Vote["message"],
  totalMs: Vote["totalMs"],
  colo: Vote["colo"],
  usableAtMs: Vote["usableAtMs"],
  successes: Vote["successes"],
  recoveries: Vote["recoveries"],
  failures: Vote["failures"],
  slowdowns: Vote["slowdowns"],
  failingSinceMs: Vote["failingSinceMs"],
  impairedSinceMs: Vote["impairedSinceMs"],
  phase: Vote["phase"],
  reason: Vote["reason"],
  blame: Vote["blame"],
  http?: Vote["http"],
];

/** A change of a vote: what it is now, or only the monitor whose vote is forgotten. */
type StoredChange = StoredVote | [monitor: string];

/** As stored; an older release knew neither `health` nor `shards`, and wrote votes by monitor. */
type StoredLedger = Omit<RegionLedger, "shards" | "health"> & {
  health?: RegionHealth;
  shards?: Readonly<Record<string, ShardRecord>>;
  /** When a region was one probe Worker: its newest round. */
  lastRoundMs?: number | null;
  /** Null: they are stored apart. */
  votes: readonly StoredVote[] | Readonly<Record<string, Vote>> | null;
};

function decodeLedger({ votes: _votes, lastRoundMs, ...stored }: StoredLedger): RegionLedger {
  const { region, lastRunAtMs } = stored;
  const whole: Record<string, ShardRecord> =
    lastRunAtMs === null ? {} : { 0: { lastRunAtMs, lastRoundMs: lastRoundMs ?? null } };
  const shards = Object.entries(stored.shards ?? whole);
  return {
    ...stored,
    health: stored.health ?? emptyLedger(region).health,
    shards: new Map(shards.map(([index, record]) => [Number(index), record])),
  };
}

function encodeLedger(ledger: RegionLedger, votes: StoredVote[] | null): StoredLedger {
  return { ...ledger, shards: Object.fromEntries(ledger.shards), votes };
}

function encodeVote(monitor: string, vote: Vote): StoredVote {
  const stored: StoredVote = [
    monitor,
    vote.atMs,
    vote.status,
    vote.message,
    vote.totalMs,
    vote.colo,
    vote.usableAtMs,
    vote.successes,
    vote.recoveries,
    vote.failures,
    vote.slowdowns,
    vote.failingSinceMs,
    vote.impairedSinceMs,
    vote.phase,
    vote.reason,
    vote.blame,
  ];
  if (vote.http !== undefined) stored.push(vote.http);
  return stored;
}

function decodeVote(region: string, stored: StoredVote): Vote {
  return {
    region,
    colo: stored[5],
    phase: stored[13],
    reason: stored[14],
    blame: stored[15],
    message: stored[3],
    atMs: stored[1],
    status: stored[2],
    failingSinceMs: stored[11],
    impairedSinceMs: stored[12],
    failures: stored[9],
    slowdowns: stored[10],
    successes: stored[7],
    recoveries: stored[8],
    usableAtMs: stored[6],
    totalMs: stored[4],
    ...(stored[16] === undefined ? {} : { http: stored[16] }),
  };
}

function applyChanges(
  region: string,
  votes: Map<string, Vote>,
  changes: readonly StoredChange[],
): void {
  for (const change of changes) {
    if (change.length === 1) votes.delete(change[0]);
    else votes.set(change[0], decodeVote(region, change));
  }
}

/** All votes of a region as they are after a step. */
function encodeAll({ before, votes }: RegionChange): StoredVote[] {
  const all: StoredVote[] = [];
  for (const [monitor, vote] of before) {
    if (!votes.has(monitor)) all.push(encodeVote(monitor, vote));
  }
  for (const [monitor, vote] of votes) if (vote !== null) all.push(encodeVote(monitor, vote));
  return all;
}

/** Ledgers and votes. */
export class VoteStore {
  readonly #database: ObjectDatabase;
  /** Stored changes by region, of those whose votes are stored apart. */
  readonly #pending = new Map<string, number>();

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  /** Loads what is stored: `packed` has the values of that table by name. */
  load(packed: ReadonlyMap<string, unknown>, state: Pick<State, "regions" | "votes">): void {
    for (const [name, value] of packed) {
      if (!name.startsWith("region/")) continue;
      const stored = value as StoredLedger;
      const { region } = stored;
      state.regions.set(region, decodeLedger(stored));
      state.votes.set(region, this.#loadVotes(region, stored.votes, packed));
    }
  }

  #loadVotes(
    region: string,
    stored: StoredLedger["votes"],
    packed: ReadonlyMap<string, unknown>,
  ): Map<string, Vote> {
    if (stored !== null && !Array.isArray(stored)) {
      return new Map(Object.entries(stored as Readonly<Record<string, Vote>>));
    }
    const votes = new Map<string, Vote>();
    const all = stored ?? packed.get(`votes/${region}`) ?? [];
    applyChanges(region, votes, all as StoredVote[]);
    if (stored !== null) return votes;
    let pending = 0;
    for (const row of this.#database.query(
      "SELECT body FROM vote_changes WHERE region = ? ORDER BY sequence",
      region,
    )) {
      const changes = JSON.parse(String(row["body"])) as StoredChange[];
      applyChanges(region, votes, changes);
      pending += changes.length;
    }
    this.#pending.set(region, pending);
    return votes;
  }

  /** Writes what a step has changed of a region; part of a transaction. */
  save(region: string, change: RegionChange): void {
    const { ledger, before, votes } = change;
    if (before.size + votes.size <= TOGETHER_MAX) {
      if (this.#pending.delete(region)) {
        this.#dropChanges(region);
        savePacked(this.#database, `votes/${region}`, null);
      }
      savePacked(this.#database, `region/${region}`, encodeLedger(ledger, encodeAll(change)));
      return;
    }
    savePacked(this.#database, `region/${region}`, encodeLedger(ledger, null));
    const pending = (this.#pending.get(region) ?? Infinity) + votes.size;
    if (pending > CHANGES_PER_VOTE_MAX * before.size) {
      this.#dropChanges(region);
      savePacked(this.#database, `votes/${region}`, encodeAll(change));
      this.#pending.set(region, 0);
    } else if (votes.size > 0) {
      this.#append(region, votes);
      this.#pending.set(region, pending);
    }
  }

  #append(region: string, votes: RegionChange["votes"]): void {
    const changes: StoredChange[] = [];
    votes.forEach((vote, monitor) =>
      changes.push(vote === null ? [monitor] : encodeVote(monitor, vote)),
    );
    this.#database.query(
      `INSERT INTO vote_changes (region, sequence, body)
       SELECT ?1, COALESCE(MAX(sequence), 0) + 1, ?2 FROM vote_changes WHERE region = ?1`,
      region,
      JSON.stringify(changes),
    );
  }

  #dropChanges(region: string): void {
    this.#database.query("DELETE FROM vote_changes WHERE region = ?", region);
  }

  /** Relies on nothing that was saved any more: the transaction has failed. */
  doubt(): void {
    this.#pending.clear();
  }
}
