/**
 * A day by script, played with or without deaths of the coordinator, and what must be equal between
 * two such days.
 *
 * Equal, exactly: every transition's id, monitor, incident, kind, verdicts and reason, in order for
 * each monitor; every incident with its beginning, its worst kind, its reason and the regions that
 * failed in it; every delivery by its idempotency key, as sent; the keys of the messages that arrived; and that each
 * run in the log was taken in, once. Not equal, and bounded instead: the moments at which things were
 * judged. An ask that dies with the coordinator is not made again, so what it would have seen is seen
 * by the next rounds, at the latest an interval and an absence later.
 *
 * For the same reason the script has no trouble that ends before every region has met it in its own
 * rounds, lets no change of a target fall into an outage of the log, clears monitors only at 100 % of
 * the votes (so a recovery is one change, whether seen at once or region by region), and never
 * leaves all regions silent: since when that is so is known to each life of the coordinator alone. Nor
 * do channels fail for so long that the wait before the next attempt, which is drawn at random, may
 * outlast the trouble that is to be told: whether that is told in one message or in two is then luck.
 */
import type { Delivery } from "../../shared/alert/delivery.ts";
import { monitorSchema } from "../../shared/monitor/monitor.ts";
import { WHOLE } from "../../shared/monitor/shard.ts";
import type { Incident, Transition } from "../../shared/monitor/verdict.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import type { Commit, Witness } from "./object-host.ts";
import { ObjectHost } from "./object-host.ts";
import { Random } from "./random.ts";
import type { RegionPlan, Scenario, Span, TargetFault } from "./scenario.ts";
import { soundShard } from "./scenario.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 20);
const COLOS = { "us-east": "IAD", "sa-east": "GRU", "eu-central": "FRA", "ap-southeast": "SIN" };
const REGIONS = Object.keys(COLOS);
const CHANNELS = ["hook", "pager"];
/** Longest absence after a death: alerts about what is older than two minutes are withheld. */
const AWAY_MAX_MS = 45_000;
/** Every region's runs are committed each minute. */
const COMMIT_WITHIN_MS = 60_000;
/** Monitors by id with their intervals. */
const INTERVALS = { chat: "1m", feed: "1m", quotes: "5m" } as const;
/** How far a disturbed day's judgements may be apart: the longest interval, an absence, a check. */
export const APART_MAX_MS = 5 * MINUTE_MS + AWAY_MAX_MS + 5_000;

/** What happens in each hour, again and again: minutes of the hour, target, and for whom. */
const HOURS: ReadonlyArray<{
  faults?: ReadonlyArray<
    readonly [
      monitor: keyof typeof INTERVALS,
      fromMinute: number,
      toMinute: number,
      reason: Reason,
      regions?: readonly string[],
    ]
  >;
  /** D1 is out of reach. */
  logOutage?: readonly [fromMinute: number, toMinute: number];
  /** Channels accept nothing. */
  senderOutage?: readonly [fromMinute: number, toMinute: number];
  /** One region neither runs nor answers. */
  silent?: readonly [region: string, fromMinute: number, toMinute: number];
}> = [
  {
    faults: [
      ["chat", 12.2, 24.7, "accept_mismatch"],
      ["feed", 33.1, 45.4, "connect_timeout"],
    ],
  },
  {
    faults: [["chat", 10.4, 40.9, "message_timeout"]],
    logOutage: [20, 30],
  },
  {
    faults: [
      ["feed", 10.6, 35.2, "accept_mismatch", ["sa-east"]],
      ["chat", 41.3, 53.8, "latency_over_budget"],
    ],
    senderOutage: [38, 43],
  },
  {
    faults: [["quotes", 8.3, 41.1, "tls_failed"]],
    silent: ["eu-central", 15, 50],
  },
];

function spansOf<T>(hours: number, pick: (hour: (typeof HOURS)[number]) => T | undefined) {
  return Array.from({ length: hours }, (_, hour) => {
    const found = pick(HOURS[hour % HOURS.length] ?? {});
    return found === undefined ? [] : [{ found, hourMs: START_MS + hour * HOUR_MS }];
  }).flat();
}

function span(hourMs: number, fromMinute: number, toMinute: number): Span {
  return { fromMs: hourMs + fromMinute * MINUTE_MS, toMs: hourMs + toMinute * MINUTE_MS };
}

function planRegion(id: string, colo: string, hours: number): RegionPlan {
  const away = spansOf(hours, ({ silent }) => (silent?.[0] === id ? silent : undefined)).map(
    ({ found: [, from, to], hourMs }) => span(hourMs, from, to),
  );
  return {
    id,
    colo,
    shards: [soundShard(WHOLE)],
    skewMs: 0,
    clockSteps: [],
    rowsHoursLateMs: 0,
    cronDead: away,
    cronLateMs: 0,
    partitions: away,
    blind: [],
    buggy: [],
    writesLost: [],
    writesLateMs: 0,
    checkMs: 120,
  };
}

function planTargetFaults(hours: number): TargetFault[] {
  return spansOf(hours, ({ faults }) => faults).flatMap(({ found, hourMs }) =>
    found.map(([monitor, from, to, reason, regions]) => ({
      ...span(hourMs, from, to),
      monitor,
      regions: regions ?? REGIONS,
      reason,
    })),
  );
}

/** The day's world; `seed` only draws latencies. */
function planDay(seed: number, hours: number): Scenario {
  const plain = (pick: (hour: (typeof HOURS)[number]) => readonly [number, number] | undefined) =>
    spansOf(hours, pick).map(({ found: [from, to], hourMs }) => span(hourMs, from, to));
  const monitors = Object.entries(INTERVALS).map(([id, interval]) =>
    monitorSchema.parse({
      id,
      name: id,
      url: `wss://${id}.example/`,
      interval,
      quorum: { clear: "100%" },
    }),
  );
  const config = { version: 1, regions: REGIONS, defaultIntervalMs: MINUTE_MS, monitors };
  return {
    seed,
    faults: new Set(),
    startMs: START_MS,
    calmFromMs: START_MS + hours * HOUR_MS,
    coordinators: 1,
    redeployAtMs: null,
    redeployDeaths: [],
    failMs: 900,
    regions: Object.entries(COLOS).map(([id, colo]) => planRegion(id, colo, hours)),
    configs: [{ atMs: START_MS, config }],
    targetFaults: planTargetFaults(hours),
    logOutages: plain(({ logOutage }) => logOutage),
    logReadsOnly: false,
    logHangs: false,
    crashRate: 0,
    objectAway: [],
    refusalRate: 0,
    awayMs: 0,
    senderOutages: plain(({ senderOutage }) => senderOutage),
    lostAcks: 0,
    runsKeptMs: 2 * HOUR_MS,
    channels: CHANNELS,
    alertPolicy: null,
    silences: [],
    userChecks: [],
  };
}

/** What came of a day. */
export class Diary implements Witness {
  readonly transitions: Transition[] = [];
  readonly incidents = new Map<string, Incident>();
  readonly deliveries = new Map<string, Delivery>();
  /** How often each run was taken in, by key. */
  readonly taken = new Map<string, number>();
  /** Keys of runs in the log at the end of the day. */
  logged: string[] = [];
  /** Keys of messages in order of arrival; one may arrive again under its key. */
  arrivals: string[] = [];
  /** Deaths of the coordinator. */
  deaths = 0;

  committed({ changes }: Commit): void {
    this.transitions.push(...changes.transitions);
    for (const [id, { incident }] of changes.incidents) this.incidents.set(id, incident);
    for (const [id, delivery] of changes.deliveries) this.deliveries.set(id, delivery);
    for (const key of changes.seen.keys()) this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
  }

  delivered(): void {}
  asked(): void {}
  mirrored(): void {}
  pruned(): void {}
  died(): void {}
  printed(): void {}
}

/** A death, and how long the coordinator then stays away. */
interface Kill {
  atMs: number;
  awayMs: number;
  /** Between two events, about the next transaction, or at the next message's arrival. */
  way: "between" | Parameters<ObjectHost["doom"]>[0];
}

const WAYS: ReadonlyArray<Kill["way"]> = [
  "between",
  "between",
  "before_commit",
  "after_commit",
  "arrival",
];

/** Draws deaths: one at a random moment of each of as many equal parts of the day. */
function planKills(seed: number, kills: number, hours: number): Kill[] {
  const random = new Random(seed ^ 0x2b1a4d);
  const fromMs = START_MS + 5 * MINUTE_MS;
  const partMs = Math.floor((hours * HOUR_MS - 25 * MINUTE_MS) / kills);
  const spareMs = partMs - AWAY_MAX_MS - COMMIT_WITHIN_MS;
  if (spareMs <= 0) throw new RangeError(`${kills} deaths do not fit into ${hours} hours`);
  return Array.from({ length: kills }, (_, part) => ({
    atMs: fromMs + part * partMs + random.int(0, spareMs),
    awayMs: random.int(0, AWAY_MAX_MS),
    way: random.pick(WAYS),
  }));
}

/**
 * Plays the day.
 *
 * @param kills how many times the coordinator dies, 0 or more
 * @param hours length of the day, 1 … 24
 */
export async function playDay(seed: number, kills: number, hours: number): Promise<Diary> {
  const clock = new VirtualClock(START_MS);
  const world = new World(planDay(seed, hours), clock);
  const diary = new Diary();
  const host = new ObjectHost(world, diary);
  const endMs = START_MS + hours * HOUR_MS;
  world.startCrons(endMs);
  host.start();
  for (const { atMs, awayMs, way } of kills === 0 ? [] : planKills(seed, kills, hours)) {
    clock.at(atMs, () => {
      if (way === "between") host.kill(clock.nowMs + awayMs);
      else host.doom(way, awayMs);
    });
  }
  await clock.runTo(endMs + MINUTE_MS);
  diary.logged = [...world.log.writtenAtMs.keys()];
  diary.arrivals = world.arrivals.map(({ id }) => id);
  diary.deaths = host.deaths;
  host.stop();
  return diary;
}

function byMonitor(transitions: readonly Transition[]): Record<string, object[]> {
  const monitors: Record<string, object[]> = {};
  for (const { id, monitor, incident, kind, from, to, reason } of transitions) {
    (monitors[monitor] ??= []).push({ id, incident, kind, from, to, reason });
  }
  return monitors;
}

/** All of a day that deaths of the coordinator must leave as it is. */
export function essenceOf(diary: Diary) {
  const incidents = [...diary.incidents.values()].map(
    ({ id, monitor, startedAtMs, endedAtMs, worst, reason, regions }) => ({
      id,
      monitor,
      startedAtMs,
      ended: endedAtMs !== null,
      worst,
      reason,
      regions: regions.toSorted(),
    }),
  );
  const deliveries = [...diary.deliveries.values()].map(({ id, alert, state, impact }) => ({
    id,
    alert,
    state,
    impact,
  }));
  return {
    transitions: byMonitor(diary.transitions),
    incidents: incidents.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    deliveries: deliveries.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    messages: [...new Set(diary.arrivals)].toSorted(),
  };
}

/** How far apart, at most, the two days judged the same transition; in milliseconds. */
export function farthestApartMs(calm: Diary, disturbed: Diary): number {
  const moments = new Map(calm.transitions.map(({ id, atMs }) => [id, atMs]));
  const apart = disturbed.transitions.map(({ id, atMs }) =>
    Math.abs(atMs - (moments.get(id) ?? atMs)),
  );
  return Math.max(0, ...apart);
}

/** Runs of the log that were not taken in exactly once. */
export function miscounted(diary: Diary): string[] {
  return diary.logged.filter((key) => diary.taken.get(key) !== 1);
}
