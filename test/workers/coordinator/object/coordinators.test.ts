/**
 * Two coordinators of one network: one log, one set of probes, each with its own monitors.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type {
  LogLine,
  SubscriberChange,
  SubscribersPort,
} from "../../../../workers/coordinator/object/ports.ts";
import type { Bulletin } from "../../../../shared/alert/bulletin.ts";
import type { PublishedConfig } from "../../../../shared/monitor/published-config.ts";
import { decodeBlock } from "../../../../shared/monitor/rollup-block.ts";
import { QUORUM_REGION } from "../../../../shared/monitor/rollup.ts";
import { decodeRunDigest, isAskLane, runKey } from "../../../../shared/probe/run.ts";
import { mergeStatuses } from "../../../../workers/coordinator/merged-status.ts";
import { publicMaintenances } from "../../../../workers/coordinator/pages/view-model/maintenance.ts";
import { bucketName, rowOf } from "../../../../workers/coordinator/object/rollups.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const monitors = ["chat", "games", "trade", "sensors"].map((id) =>
  makeMonitor({ id, name: `The ${id}` }),
);
const WHOLE = makeConfig({ monitors });
const OWN = [
  ["chat", "trade"],
  ["games", "sensors"],
] as const;

let first: SmallNetwork;
let second: SmallNetwork;

/** Has both coordinators work by a configuration, each by its part. */
function publish(config: PublishedConfig): void {
  first.config = config;
  second.config = config;
  for (const [index, network] of [first, second].entries()) {
    const own: readonly string[] = OWN[index] ?? [];
    network.part = {
      coordinator: { index, count: 2 },
      config: { ...config, monitors: config.monitors.filter(({ id }) => own.includes(id)) },
      roster: index === 0 ? config.monitors : [],
    };
  }
}

beforeEach(async () => {
  first = new SmallNetwork();
  second = new SmallNetwork(first);
  publish(WHOLE);
  first.start();
  second.start();
  await first.run(5 * MINUTE_MS);
});

/** Breaks a monitor's target for every region. */
function breakMonitor(broken: string): void {
  const sees = (_region: string, monitor: string) =>
    monitor === broken ? ("accept_mismatch" as const) : null;
  first.sees = sees;
  second.sees = sees;
}

function told({ sent }: SmallNetwork): string[] {
  return sent.map(({ delivery }) => `${delivery.alert} ${delivery.monitor}`);
}

describe("two coordinators", () => {
  it("judge their own monitors and nothing else", () => {
    expect(OWN[0].map((id) => first.verdict(id))).toEqual(["operational", "operational"]);
    expect(OWN[1].map((id) => first.verdict(id))).toEqual(["none", "none"]);
    expect(OWN[1].map((id) => second.verdict(id))).toEqual(["operational", "operational"]);
    expect([...second.engine.memory.state.accounts.keys()].sort()).toEqual([...OWN[1]].sort());
    const rows = second.engine.memory.history.rollups.buckets("5min", 0, NOON_MS + DAY_MS);
    expect(new Set(rows.flatMap((bucket) => [...bucket.rows.keys()]))).toEqual(new Set(OWN[1]));
  });

  it("alert each of what is its own, once", async () => {
    breakMonitor("games");
    await first.run(2 * MINUTE_MS);
    breakMonitor("none");
    await first.run(3 * MINUTE_MS);
    expect(told(first)).toEqual([]);
    expect(told(second)).toEqual(["fired games", "resolved games"]);
    const lanes = second.asked.map(({ order }) => order.lane).filter(isAskLane);
    expect(new Set(lanes)).toEqual(new Set(["ask.0.1"]));
  });

  it("ask at the same moment under identities that differ", async () => {
    for (const { asked } of [first, second]) asked.length = 0;
    const asking = [first.engine.checkNow("chat"), second.engine.checkNow("games")];
    await first.run(1_000);
    const seen = (await Promise.all(asking)).map((observations) => observations?.length);
    expect(seen).toEqual([4, 4]);
    const keys = [first, second].flatMap(({ asked }) =>
      asked.map(({ region, order }) => runKey({ ...order, region })),
    );
    expect(keys).toHaveLength(8);
    expect(new Set(keys).size).toBe(8);
    expect(keys.filter((key) => !first.log.has(key))).toEqual([]);
  });

  it("each have the runs of a region whose cron has stopped made for their monitors", async () => {
    first.cronless.add("eu-central");
    await first.run(3 * MINUTE_MS);
    for (const [index, network] of [first, second].entries()) {
      const orders = network.asked.map(({ order }) => order);
      expect(new Set(orders.map(({ lane }) => lane))).toEqual(new Set([`0.${index}`]));
      for (const { config } of orders) {
        expect(config.monitors.map(({ id }) => id)).toEqual(OWN[index]);
      }
      for (const id of OWN[index] ?? []) {
        const votes = network.engine.verdict(id)?.votes ?? [];
        const vote = votes.find(({ region }) => region === "eu-central");
        expect(vote, id).toMatchObject({ counted: "counted", status: "up" });
      }
      expect(network.engine.status().regions.map(({ state }) => state)).toEqual(
        WHOLE.regions.map(() => "active"),
      );
    }
  });

  it("count each of what the crons have seen of their own monitors once", async () => {
    const before = observed(second, "games");
    await first.run(4 * MINUTE_MS);
    expect(observed(second, "games") - before).toBe(4 * WHOLE.regions.length);
  });

  it("leave what concerns the whole network to the first", async () => {
    blind();
    await first.run(10 * MINUTE_MS);
    expect(aboutNobody(first)).toBeGreaterThan(0);
    expect(aboutNobody(second)).toBe(0);
    expect(second.engine.memory.state.monitoring.state).toBe("impaired");
  });

  it("are one network to whoever looks at both", () => {
    const statuses = [first.engine.status(), second.engine.status()] as const;
    const status = mergeStatuses(...statuses);
    expect(status.monitors.map(({ id }) => id)).toEqual(monitors.map(({ id }) => id));
    expect(status.monitors.map(({ verdict }) => verdict.kind)).toEqual(
      monitors.map(() => "operational"),
    );
    expect(status.regions.map(({ checksPerMinute }) => checksPerMinute)).toEqual(
      WHOLE.regions.map(() => monitors.length),
    );
    expect(status).not.toHaveProperty("order");
  });
});

function overloaded({ lines }: SmallNetwork): LogLine[] {
  return lines.filter(({ event }) => event === "region_overloaded");
}

/** Nothing looks any more, whoever asks. */
function blind(): void {
  for (const region of WHOLE.regions) {
    first.cronless.add(region);
    first.mute.add(region);
    second.mute.add(region);
  }
}

describe("the first coordinator", () => {
  it.each([
    { of: "an hour", change: { interval: "1h" } },
    { of: "none, all being paused", change: { paused: true } },
  ])("tells soon that nothing can be seen, with own intervals of $of", async ({ change }) => {
    const own: readonly string[] = OWN[0];
    publish({
      ...WHOLE,
      version: 2,
      monitors: monitors.map((each) => (own.includes(each.id) ? { ...each, ...change } : each)),
    });
    await first.run(3 * MINUTE_MS);
    expect(first.engine.status().regions.map(({ state }) => state)).toEqual(
      WHOLE.regions.map(() => "active"),
    );
    blind();
    await first.run(5 * MINUTE_MS);
    expect(first.sent.map(({ delivery }) => delivery.message.title)).toEqual([
      "Echoquorum cannot see: monitoring is impaired",
    ]);
    expect(aboutNobody(second)).toBe(0);
  });

  it("says which regions have more to do than they can, for the work of all", async () => {
    const many = Array.from({ length: 200 }, (_, index) => makeMonitor({ id: `n-${index}` }));
    publish({ ...WHOLE, version: 2, monitors: [...monitors, ...many] });
    await first.run(2 * MINUTE_MS);
    expect(overloaded(first).map((line) => line["region"])).toEqual(WHOLE.regions);
    expect(overloaded(first)[0]).toMatchObject({
      checksPerMinute: 204,
      shardsNeeded: 2,
      shards: 1,
    });
    expect(overloaded(second)).toEqual([]);
  });
});

/** Messages that are about no monitor. */
function aboutNobody({ sent }: SmallNetwork): number {
  return sent.filter(({ delivery }) => delivery.monitor === null).length;
}

function observed({ engine }: SmallNetwork, monitor: string): number {
  const { state, history } = engine.memory;
  const stored = history.rollups.buckets("5min", 0, Number.MAX_SAFE_INTEGER);
  const buckets = new Map(stored.map((bucket) => [bucketName(bucket), bucket]));
  for (const [name, bucket] of state.buckets) buckets.set(name, bucket);
  return [...buckets.values()].reduce((sum, bucket) => {
    const row = rowOf(bucket, monitor);
    return sum + (row === null || row.region === QUORUM_REGION ? 0 : row.observations);
  }, 0);
}

/** Subscribers of everything, of whom one coordinator knows; returns what they hear, all of them. */
function subscribersOf(network: SmallNetwork, count = 1): Bulletin[] {
  const heard: Bulletin[] = [];
  const all = Array.from({ length: count }, (_, index): SubscriberChange => {
    const place = index + 1;
    return {
      id: `ann-${place}`,
      kind: "webhook",
      monitors: null,
      confirmedAtMs: 1,
      revision: place,
    };
  });
  const port: SubscribersPort = {
    changed: async (since) => all.filter(({ revision }) => revision > since),
    open: async (ids) => new Map(ids.map((id) => [id, {}])),
    tell: async (_subscriber, bulletins) => {
      heard.push(...bulletins);
      return { ok: true, ours: false, permanent: false, gone: false, retryAfterMs: null };
    },
    end: async () => undefined,
    tidy: async () => undefined,
  };
  network.kill();
  network.subscribers = port;
  network.start();
  return heard;
}

describe("news of the whole network", () => {
  it("is told once, with the names of all monitors that it is about", async () => {
    const heard = [subscribersOf(first), subscribersOf(second)];
    await first.run(MINUTE_MS);
    publish({
      ...WHOLE,
      version: 2,
      maintenances: [
        {
          id: "move",
          name: "We move",
          description: "",
          startsAtMs: first.clock.nowMs() + DAY_MS,
          endsAtMs: first.clock.nowMs() + 2 * DAY_MS,
          monitors: ["chat", "games"],
          groups: [],
        },
      ],
    });
    await first.run(2 * MINUTE_MS);
    expect(heard[0]?.map(({ monitors: about }) => about?.map(({ name }) => name))).toEqual([
      ["The chat", "The games"],
    ]);
    expect(heard[1]).toEqual([]);
    const windows = publicMaintenances(
      mergeStatuses(first.engine.status(), second.engine.status()),
    );
    expect(windows.map(({ monitors: covered }) => covered)).toEqual([["chat", "games"]]);
  });
});

describe("a coordinator that joins a network", () => {
  it("does not read what the others have read, and takes its first monitor's checks in", async () => {
    first = new SmallNetwork();
    second = new SmallNetwork(first);
    publish({ ...WHOLE, monitors: monitors.filter(({ id }) => id !== "games") });
    first.start();
    await first.run(90 * MINUTE_MS);
    publish({ ...WHOLE, version: 2 });
    await first.run(MINUTE_MS);
    second.start();
    await first.run(10_000);
    expect(second.verdict("games")).toBe("operational");
    const { seen, tail } = second.engine.memory.state;
    expect(Math.min(...seen.values())).toBeGreaterThan(NOON_MS + 60 * MINUTE_MS);
    expect(second.lines.filter(({ event }) => event === "failure")).toEqual([]);
    await first.run(30 * MINUTE_MS);
    expect(Math.min(...second.engine.memory.state.seen.values())).toBeGreaterThanOrEqual(
      tail.readFromMs ?? Infinity,
    );
  });
});

/** The second coordinator as a network of one has it, which gives all monitors to the first. */
function makeSpare(): void {
  second.kill();
  second.part = {
    coordinator: { index: 1, count: 1 },
    config: { ...WHOLE, version: 2, monitors: [] },
    roster: WHOLE.monitors.filter(({ id }) => id !== "sensors"),
  };
  second.start();
}

describe("a coordinator that is not needed any more", () => {
  it("goes on until the end of its incidents has been told, also where it waits in a group", async () => {
    second.alertPolicy = { ...second.alertPolicy, atOnce: 0, groupWait: "30s" };
    const heard = subscribersOf(second, 50);
    breakMonitor("games");
    await first.run(3 * MINUTE_MS);
    expect(told(second)).toEqual(["fired games"]);
    makeSpare();
    await first.run(1_000);
    await second.runUntil(() => second.engine.isIdle(), 5 * MINUTE_MS);
    expect(told(second)).toEqual(["fired games", "resolved games"]);
    const ends = heard.filter(({ news }) => news.kind === "incident" && news.event === "ended");
    expect(ends).toHaveLength(50);
  });

  it("tells monitors that have moved from those that are gone", async () => {
    makeSpare();
    await first.run(10_000);
    const { history } = second.engine.memory;
    const ends = history.unmirrored().transitions.filter(({ removed }) => removed === true);
    const known = [...ends, ...second.mirrored.flatMap((batch) => batch.transitions)];
    const messageOf = (id: string) =>
      known.find(({ monitor, removed }) => monitor === id && removed === true)?.message;
    expect(messageOf("games")).toMatch(/^Another coordinator judges the monitor from now on/);
    expect(messageOf("sensors")).toBe("The monitor was removed");
  });

  it("goes on until D1 has all that it has counted", async () => {
    const counted = observed(second, "games");
    expect(counted).toBeGreaterThan(0);
    second.mirrored.length = 0;
    second.refuses = ({ blocks }) => blocks.length > 0;
    makeSpare();
    await first.run(3 * MINUTE_MS);
    expect(second.engine.isIdle()).toBe(false);
    second.refuses = () => false;
    await second.runUntil(() => second.engine.isIdle(), 10 * MINUTE_MS);
    const blocks = second.mirrored.flatMap((batch) => batch.blocks);
    for (const wanted of ["5min", "hour", "day"]) {
      const own = blocks.filter(
        ({ resolution, monitor }) => resolution === wanted && monitor === "games",
      );
      const rows = own.slice(-1).flatMap(decodeBlock);
      const sum = rows.reduce((before, row) => before + row.observations, 0);
      expect(sum, wanted).toBe(counted);
    }
    const snapshots = second.mirrored.flatMap(({ snapshot }) => snapshot ?? []);
    expect(snapshots.filter((each) => each.monitors.length === 0)).toEqual([]);
  });
});

/** What the second works by: some of its former monitors, or none. */
function give(version: number, ids: readonly string[]): void {
  second.part = {
    coordinator: { index: 1, count: 2 },
    config: { ...WHOLE, version, monitors: monitors.filter(({ id }) => ids.includes(id)) },
    roster: [],
  };
}

describe("a coordinator that is needed again", () => {
  it.each([
    { when: "as it wakes", atOnce: ["games"] },
    { when: "later", atOnce: [] },
  ])(
    "leaves what the others have told to them, with monitors that it gets $when",
    async ({ atOnce }) => {
      makeSpare();
      await first.run(1_000);
      await second.runUntil(() => second.engine.isIdle(), 10 * MINUTE_MS);
      second.kill();
      breakMonitor("games");
      await first.run(5 * MINUTE_MS);
      breakMonitor("none");
      await first.run(90 * MINUTE_MS);
      give(3, atOnce);
      second.start();
      await first.run(3 * MINUTE_MS);
      give(4, ["games"]);
      await first.run(5 * MINUTE_MS);
      expect(second.verdict("games")).toBe("operational");
      expect(told(second)).toEqual([]);
      const { seen, tail } = second.engine.memory.state;
      const sinceMs = NOON_MS + 60 * MINUTE_MS;
      expect(
        [...seen.values()].filter((atMs) => atMs < sinceMs && atMs > NOON_MS + 8 * MINUTE_MS),
      ).toEqual([]);
      expect(tail.cursorMs).toBeGreaterThan(sinceMs);
      const [games] = second.engine.status().monitors;
      const { unknownMs = 0, operationalMs = 0 } = games?.days?.at(-1) ?? {};
      expect(unknownMs).toBeLessThan(MINUTE_MS);
      expect(operationalMs).toBeLessThan(45 * MINUTE_MS);
    },
  );
});

describe("runs made with a configuration that is not known yet", () => {
  const before = { ...WHOLE, monitors: monitors.filter(({ id }) => id !== "games") };

  /** Has a monitor placed with the second, which cannot read of it. */
  async function placeUnread(): Promise<void> {
    first = new SmallNetwork();
    second = new SmallNetwork(first);
    publish(before);
    first.start();
    second.start();
    await first.run(5 * MINUTE_MS);
    second.asked.length = 0;
    second.configDown = true;
    publish({ ...WHOLE, version: 2 });
  }

  it("wait for it, so that nothing of a new monitor is lost", async () => {
    await placeUnread();
    await first.run(40_000);
    second.configDown = false;
    await first.run(5 * MINUTE_MS);
    const runs = [...first.log.values()].map(decodeRunDigest);
    const seen = runs.filter(({ observations }) =>
      observations.some(({ monitor }) => monitor === "games"),
    );
    expect(observed(second, "games")).toBe(seen.length);
  });

  it("wait no longer than a minute, and others are judged meanwhile and after", async () => {
    await placeUnread();
    await first.run(50_000);
    const held = second.engine.memory.state.tail.newestRunAtMs ?? 0;
    expect(held).toBeLessThan(first.clock.nowMs() - 40_000);
    expect(second.asked).toEqual([]);
    expect(second.verdict("sensors")).toBe("operational");
    await first.run(10 * MINUTE_MS);
    const { newestRunAtMs } = second.engine.memory.state.tail;
    expect(newestRunAtMs).toBeGreaterThan(first.clock.nowMs() - MINUTE_MS);
    publish({ ...WHOLE, version: 3 });
    await first.run(30_000);
    expect(second.engine.memory.state.tail.newestRunAtMs).toBeGreaterThan(
      first.clock.nowMs() - 20_000,
    );
  });

  it("wait for a newcomer, which knows nothing at first", async () => {
    await placeUnread();
    second.kill();
    const { part } = second;
    second = Object.assign(new SmallNetwork(first), { part, configDown: true });
    second.start();
    await first.run(40_000);
    expect(second.engine.memory.state.seen.size).toBe(0);
    second.configDown = false;
    await first.run(30_000);
    expect(observed(second, "sensors")).toBeGreaterThan(5 * WHOLE.regions.length);
  });
});

describe("old runs", () => {
  it("are deleted only once all coordinators have read them", async () => {
    let peersToMs = NOON_MS - 30 * DAY_MS;
    let answers = false;
    first.kill();
    first.runsKeptMs = 3 * DAY_MS;
    first.peers = {
      readToMs: async () => {
        if (!answers) throw new Error("it is away");
        return peersToMs;
      },
    };
    const run = first.makeRun("us-east", NOON_MS - 5 * DAY_MS, "0", []);
    first.store(run);
    first.start();
    await first.run(10 * MINUTE_MS);
    expect(first.prunedRuns).toEqual([]);
    answers = true;
    await first.run(10 * MINUTE_MS);
    expect(first.prunedRuns).toEqual([]);
    peersToMs = NOON_MS;
    await first.run(10 * MINUTE_MS);
    expect(first.prunedRuns).toEqual([runKey(run)]);
    second.kill();
    second.runsKeptMs = 1;
    second.start();
    await first.run(10 * MINUTE_MS);
    expect(second.prunedRuns).toEqual([]);
  });
});
