/**
 * The platform under the coordinator's object: keeps its alarm going, kills it at any persisted
 * step, and starts it anew on the same storage. A life that has ended hears of nothing any more.
 */
import type { ObjectDatabase } from "../../workers/coordinator/object/database.ts";
import { Engine } from "../../workers/coordinator/object/engine.ts";
import { DELIVERY_DEADLINE_MS, TICK_MS } from "../../workers/coordinator/object/limits.ts";
import type { LogLine, MirrorBatch, Ports } from "../../workers/coordinator/object/ports.ts";
import { MIGRATIONS, migrateStorage } from "../../workers/coordinator/object/storage-schema.ts";
import type { Changes } from "../../workers/coordinator/object/state.ts";
import { Store } from "../../workers/coordinator/object/store.ts";
import type { Channel } from "../../workers/coordinator/channels/channel.ts";
import { channelSchema } from "../../workers/coordinator/channels/channel.ts";
import type { RunDigest } from "../../shared/probe/digest.ts";
import { Random } from "./random.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import type { World } from "./world.ts";

/** What a commit is about to change, and what it changes it from. */
export interface Commit {
  changes: Changes;
  /** Time of the newest judgement before it. */
  judgedAtMs: number;
  nowMs: number;
}

/** Who wants to know what happens in the object. */
export interface Witness {
  /** Called once what is reported is durable. */
  committed(commit: Commit): void;
  /** A run reaches the object: in a page of the log, or as an answer. */
  delivered(run: RunDigest, way: "log" | "answer"): void;
  asked(region: string, monitors: readonly string[] | null, atMs: number): void;
  mirrored(batch: MirrorBatch): void;
  /** Keys of runs that were deleted from the log. */
  pruned(keys: readonly string[]): void;
  /** The object has died. */
  died(atMs: number): void;
  printed(line: LogLine): void;
}

/** A death to come: about a transaction, or once a message arrived and before that is heard of. */
interface Doom {
  moment: "before_commit" | "after_commit" | "arrival";
  awayMs: number;
}

/**
 * A release to come, as an update of its tables: each is made anew with all that is in it. What the
 * present release asks of them stays true.
 */
const NEXT_RELEASE: ReadonlyArray<readonly string[]> = [
  ...MIGRATIONS,
  [
    "ALTER TABLE judgements RENAME TO old_judgements",
    "CREATE TABLE judgements (monitor TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
    "INSERT INTO judgements SELECT monitor, body FROM old_judgements",
    "DROP TABLE old_judgements",
  ],
  [
    "ALTER TABLE alert_subjects RENAME TO old_alert_subjects",
    "CREATE TABLE alert_subjects (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "INSERT INTO alert_subjects SELECT id, body FROM old_alert_subjects ORDER BY rowid",
    "DROP TABLE old_alert_subjects",
    "ALTER TABLE seen_runs RENAME TO old_seen_runs",
    `CREATE TABLE seen_runs (key TEXT PRIMARY KEY, scheduled_at_ms INTEGER NOT NULL)
      WITHOUT ROWID`,
    "INSERT INTO seen_runs SELECT key, scheduled_at_ms FROM old_seen_runs",
    "DROP TABLE old_seen_runs",
  ],
];

/** The end of a life of the object. */
class Killed extends Error {}

/** Storage that reports each commit once it is durable. */
class WitnessedStore extends Store {
  readonly #after: (changes: Changes) => void;

  constructor(database: ObjectDatabase, after: (changes: Changes) => void) {
    super(database);
    this.#after = after;
  }

  override commit(changes: Changes): void {
    super.commit(changes);
    this.#after(changes);
  }
}

function makeChannel(id: string): Channel {
  return channelSchema.parse({
    id,
    name: id,
    kind: "slack",
    settings: { url: "https://hooks.example/services/simulated" },
  });
}

/** Runs the object. */
export class ObjectHost {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #database = new SqliteDatabase();
  readonly #random: Random;
  readonly #channels: Channel[];
  #life = 0;
  #starting = false;
  /** Deaths to come, each at the next such moment. */
  readonly #dooms: Doom[] = [];
  #isRedeployed = false;
  /** Deaths to come while the tables are updated: after so many statements each. */
  readonly #redeployDeaths: number[];
  #statementsLeft = Infinity;
  engine: Engine | null = null;
  /** When the present life began, or its storage last refused something. */
  steadySinceMs = 0;
  /** Deaths so far. */
  deaths = 0;
  /** The hosts of the other coordinators. */
  peers: readonly ObjectHost[] = [];

  constructor(world: World, witness: Witness) {
    this.#world = world;
    this.#witness = witness;
    this.#random = new Random(world.scenario.seed ^ 0x0b1ec7 ^ (world.coordinator.index << 20));
    this.#channels = world.scenario.channels.map(makeChannel);
    this.#redeployDeaths = [...world.scenario.redeployDeaths];
  }

  get #stirring(): boolean {
    return this.#world.clock.nowMs < this.#world.scenario.calmFromMs;
  }

  /** Begins a life on what is stored. */
  start(): void {
    this.#life += 1;
    const life = this.#life;
    const { scenario, clock } = this.#world;
    const database = this.#database.open((moment) => this.#interrupt(life, moment));
    this.#starting = true;
    if (this.#isRedeployed && !this.#update(database)) return;
    const store = new WitnessedStore(database, (changes) => this.#afterCommit(changes));
    const regions = scenario.regions.map(({ id }) => id);
    const shardCounts = new Map(scenario.regions.map(({ id, shards }) => [id, shards.length]));
    this.engine = new Engine(this.#ports(life), store, {
      regions,
      shardCounts,
      publicUrl: null,
      runsKeptMs: scenario.runsKeptMs,
      coordinator: this.#world.coordinator,
    });
    this.#starting = false;
    this.steadySinceMs = clock.nowMs;
    this.#alarm(life, clock.nowMs);
  }

  /** Has another release run from now on. */
  redeploy(): void {
    this.#isRedeployed = true;
    this.kill(this.#world.clock.nowMs);
  }

  /** Updates the tables; false: it died in the midst of it. */
  #update(database: ObjectDatabase): boolean {
    this.#statementsLeft = this.#redeployDeaths.shift() ?? Infinity;
    try {
      migrateStorage(database, NEXT_RELEASE);
      return true;
    } catch (error) {
      if (error instanceof Killed) return false;
      throw error;
    } finally {
      this.#statementsLeft = Infinity;
    }
  }

  /** The next tick is armed before this one begins, and never runs beside it. */
  #alarm(life: number, atMs: number): void {
    const { clock } = this.#world;
    clock.at(atMs, () => {
      if (life !== this.#life || this.engine === null) return;
      const nextMs = clock.nowMs + TICK_MS;
      void this.engine.step().then(() => this.#alarm(life, nextMs));
    });
  }

  /** Whether storage refuses, or the object dies, at this moment. */
  #interrupt(life: number, moment: "query" | "commit"): void {
    if (life !== this.#life) throw new Killed("this life is over");
    this.#statementsLeft -= 1;
    if (this.#statementsLeft < 0) this.#kill();
    if (moment === "commit") this.#meetDoom("before_commit");
    if (moment === "query" || this.#starting || !this.#stirring) return;
    const { crashRate, refusalRate } = this.#world.scenario;
    if (this.#random.chance(refusalRate)) {
      this.steadySinceMs = this.#world.clock.nowMs;
      throw new Error("storage refuses");
    }
    if (this.#random.chance(crashRate / 2)) this.#kill();
  }

  #afterCommit(changes: Changes): void {
    const judgedAtMs = this.engine?.memory.state.tail.judgedAtMs ?? 0;
    this.#witness.committed({ changes, judgedAtMs, nowMs: this.#world.clock.nowMs });
    this.#meetDoom("after_commit");
    const { crashRate } = this.#world.scenario;
    if (this.#stirring && this.#random.chance(crashRate / 2)) this.#kill();
  }

  #kill(): never {
    const { clock, scenario } = this.#world;
    this.kill(clock.nowMs + this.#random.int(0, scenario.awayMs));
    throw new Killed("killed");
  }

  /** Lets the object die at the next such moment, and stay away for a time. */
  doom(moment: Doom["moment"], awayMs: number): void {
    this.#dooms.push({ moment, awayMs });
  }

  #meetDoom(moment: Doom["moment"]): void {
    const index = this.#dooms.findIndex((doom) => doom.moment === moment);
    const [doom] = index < 0 ? [] : this.#dooms.splice(index, 1);
    if (doom === undefined) return;
    this.kill(this.#world.clock.nowMs + doom.awayMs);
    throw new Killed("killed");
  }

  /** Ends the present life; the next begins at a moment. */
  kill(untilMs: number): void {
    const { clock } = this.#world;
    this.#life += 1;
    const life = this.#life;
    this.deaths += 1;
    this.#witness.died(clock.nowMs);
    this.engine = null;
    clock.at(untilMs, () => {
      if (life === this.#life) this.start();
    });
  }

  /** Ends the host. */
  stop(): void {
    this.#life += 1;
    this.engine = null;
    this.#database.close();
  }

  /** What one life of the object is connected to; nothing reaches it once it is over. */
  #ports(life: number): Ports {
    const { clock, scenario } = this.#world;
    const random = this.#random.fork();
    const alive = async <T>(action: () => Promise<T>): Promise<T> => {
      if (life !== this.#life) return this.#never();
      let value: T;
      try {
        value = await action();
      } catch (error) {
        if (life !== this.#life) return this.#never();
        throw error;
      }
      return life === this.#life ? value : this.#never();
    };
    const d1 = <T>(action: () => T, isReading = false): Promise<T> =>
      alive(async () => {
        await clock.sleep(random.int(2, 40));
        if (!this.#world.logUp(isReading)) {
          if (scenario.logHangs) await this.#never();
          throw new Error("D1 is unavailable");
        }
        return action();
      });
    return {
      log: {
        loadRuns: (query) =>
          d1(() => {
            const page = this.#world.log.load(query);
            for (const run of page.runs) this.#witness.delivered(run, "log");
            return page;
          }, true),
        appendRuns: (runs) =>
          d1(() => {
            for (const run of runs) this.#world.log.append(run, clock.nowMs);
          }),
        pruneRuns: (beforeMs, runsMax) =>
          d1(() => {
            const keys = this.#world.log.prune(beforeMs, runsMax);
            for (const host of [this, ...this.peers]) host.#witness.pruned(keys);
            return keys.length;
          }),
      },
      ...(this.peers.length === 0
        ? {}
        : { peers: { readToMs: () => alive(async () => this.#peersReadTo()) } }),
      probes: {
        ask: (region, order, deadlineMs) =>
          alive(async () => {
            this.#witness.asked(region, order.monitors, clock.nowMs);
            const late = clock.sleep(deadlineMs).then(() => {
              throw new Error("no answer in time");
            });
            const asked = this.#world.ask(region, structuredClone(order));
            const answer = await Promise.race([asked, late]);
            this.#witness.delivered(answer.run, "answer");
            return answer;
          }),
      },
      sender: {
        send: (channel, delivery) =>
          alive(async () => {
            const late = clock.sleep(DELIVERY_DEADLINE_MS).then(() => null);
            const sent = this.#world.receive(channel.id, delivery);
            const outcome = await Promise.race([sent, late]);
            if (outcome?.ok === true) this.#meetDoom("arrival");
            const error = "no answer in time";
            return (
              outcome ?? { ok: false, status: null, error, retryAfterMs: null, permanent: false }
            );
          }),
      },
      config: {
        load: () =>
          d1(() => ({
            config: this.#world.configAt(clock.nowMs),
            channels: this.#channels,
            alertPolicy: scenario.alertPolicy,
            silences: scenario.silences,
          })),
      },
      mirror: {
        write: (batch) => d1(() => this.#witness.mirrored(batch)),
        // No world lasts as long as rollups are kept.
        pruneBlocks: () => d1(() => 0),
        // And nobody has rollups rebuilt.
        loadChanges: () => d1(() => []),
        loadBlocks: () => d1(() => []),
      },
      clock: {
        nowMs: () => clock.nowMs,
        sleep: (durationMs, signal) => alive(() => clock.sleep(durationMs, signal)),
      },
      random: () => random.next(),
      print: (line) => {
        if (life === this.#life) this.#witness.printed(line);
      },
    };
  }

  /** Up to when the others have read the log; one that is away does not answer. */
  #peersReadTo(): number {
    const cursors = this.peers.map(({ engine }) => {
      if (engine === null) throw new Error("a coordinator is away");
      return engine.memory.state.tail.cursorMs;
    });
    return Math.min(...cursors);
  }

  #never<T>(): Promise<T> {
    return new Promise(() => undefined);
  }
}
