/** The engine in a small network on virtual time: detection, alerts, and what may go wrong. */
import { roundsIn } from "../../../../shared/monitor/schedule.ts";
import { beforeEach, describe, expect, it } from "vitest";
import { decodeBlock } from "../../../../shared/monitor/rollup-block.ts";
import { ASK_LANE } from "../../../../shared/probe/run.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { CHECK_MS, NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const ALL = ["us-east", "sa-east", "eu-central", "ap-southeast"];

let network: SmallNetwork;

beforeEach(async () => {
  network = new SmallNetwork();
  network.start();
  await network.run(5 * MINUTE_MS);
});

/** Breaks the target for some regions. */
function breakFor(regions: readonly string[]): number {
  network.sees = (region) => (regions.includes(region) ? "accept_mismatch" : null);
  return network.clock.nowMs();
}

function mend(): number {
  return breakFor([]);
}

/** Refuses the first messages, and takes the others. */
function refuse(refusals: number): void {
  let left = refusals;
  network.receive = () => {
    left -= 1;
    const refused = {
      ok: false,
      status: 503,
      error: "busy",
      retryAfterMs: null,
      permanent: false,
    };
    const taken = { ...refused, ok: true, status: 200, error: null };
    return { afterMs: 50, outcome: left >= 0 ? refused : taken };
  };
}

describe("an outage that everybody sees", () => {
  it("is found, confirmed and told within an eighth of the interval plus four seconds", async () => {
    expect(network.verdict()).toBe("operational");
    const brokenAtMs = breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    const [alert] = network.sent;
    expect(alert?.delivery.alert).toBe("fired");
    expect((alert?.atMs ?? 0) - brokenAtMs).toBeLessThan(MINUTE_MS / 4 + 4_000);
    const firstBadMs = [...network.log.values()]
      .filter((row) => row.observations.includes("accept_mismatch"))
      .map((row) => row.started_at_ms)
      .sort((a, b) => a - b)[0];
    // Check, look, ask, send: no tick is waited for.
    expect((alert?.atMs ?? 0) - (firstBadMs ?? 0)).toBeLessThan(1_200);
    expect(alert?.delivery.message.text).toContain("accept_mismatch");
    const [incident] = network.engine.status().openIncidents;
    expect(incident?.startedAtMs).toBe(firstBadMs);
  });

  it("asks every region at once, in one ask each", async () => {
    breakFor(ALL);
    await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
    const confirm = network.asked.filter(({ order }) => order.lane === ASK_LANE);
    expect(new Set(confirm.map(({ region }) => region))).toEqual(new Set(ALL));
    expect(confirm).toHaveLength(ALL.length);
    expect(new Set(confirm.map(({ order }) => order.scheduledAtMs)).size).toBe(1);
  });

  it("is told once, and its end once", async () => {
    breakFor(ALL);
    await network.run(10 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired"]);
    mend();
    await network.runUntil(() => network.verdict() === "operational", MINUTE_MS);
    await network.run(10 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    const [past] = network.engine.status().pastIncidents;
    expect(past?.transitions.map(({ kind }) => kind)).toEqual([
      "incident_opened",
      "incident_resolved",
    ]);
  });

  it("is told to the end in the place where the channel keeps its beginning", async () => {
    const remote = { channel: "C1", ts: "1.1" };
    const outcome = { ok: true, status: 200, error: null, retryAfterMs: null, permanent: false };
    network.receive = () => ({ afterMs: 50, outcome: { ...outcome, remote } });
    breakFor(ALL);
    await network.runUntil(() => network.sent.length === 1, MINUTE_MS);
    network.kill();
    network.start();
    mend();
    await network.runUntil(() => network.sent.length === 2, 2 * MINUTE_MS);
    expect(network.sent.map(({ thread }) => thread)).toEqual([null, { remote, isWhole: true }]);
  });

  it("is confirmed by the regions that answer, without waiting for one that hangs", async () => {
    network.mute.add("sa-east");
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS / 4 + 4_000);
    expect(network.verdict()).toBe("down");
  });
});

describe("one region alone", () => {
  it("makes no outage and no alert, and is named once it keeps failing", async () => {
    breakFor(["eu-central"]);
    await network.run(30_000);
    expect(network.verdict()).toBe("operational");
    await network.run(5 * MINUTE_MS);
    expect(network.verdict()).toBe("partial");
    expect(network.engine.verdict("chat")?.message).toMatch(/eu-central/i);
    expect(network.sent).toEqual([]);
  });

  it("falls silent without anything being called down", async () => {
    network.cronless.add("eu-central");
    network.mute.add("eu-central");
    await network.run(10 * MINUTE_MS);
    expect(network.verdict()).toBe("operational");
    const { regions, monitors } = network.engine.status();
    expect(regions.find(({ id }) => id === "eu-central")?.state).toBe("silent");
    const vote = monitors[0]?.verdict.votes.find(({ region }) => region === "eu-central");
    expect(vote).toMatchObject({ status: "unknown", counted: "stale" });
    const asks = network.asked.filter(({ region }) => region === "eu-central");
    expect(asks.length).toBeGreaterThan(2);
    expect(asks.length).toBeLessThan(8);
  });
});

describe("a region that has been failing alone", () => {
  it.each([0, 1_500, 3_000, 4_500, 6_000, 7_500, 9_000])(
    "lets others that begin to fail %i ms into a round be found within half of it",
    async (intoMs) => {
      network = new SmallNetwork();
      network.config = makeConfig({ defaultIntervalMs: 10_000 });
      network.start();
      await network.run(MINUTE_MS);
      breakFor(["eu-central"]);
      await network.run(2 * MINUTE_MS + intoMs);
      expect(network.verdict()).toBe("partial");
      const brokenAtMs = breakFor(["eu-central", "us-east", "sa-east"]);
      await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
      expect((network.sent[0]?.atMs ?? 0) - brokenAtMs).toBeLessThan(6_000);
    },
  );
});

describe("a missing run", () => {
  it("is asked for under its own identity, and counted once when its row comes late", async () => {
    network.cronless.add("eu-central");
    await network.run(3 * MINUTE_MS);
    const asked = network.asked.filter(({ region }) => region === "eu-central");
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(asked.every(({ order }) => order.lane === "0" && order.monitors === null)).toBe(true);
    expect(network.engine.status().regions.find(({ id }) => id === "eu-central")?.state).toBe(
      "active",
    );
    const rows = [...network.log.values()].filter(({ region }) => region === "eu-central");
    const counted = network.engine
      .status()
      .monitors[0]?.regions.find(({ region }) => region === "eu-central");
    expect(counted?.days[0]?.up).toBe(rows.length);
  });
});

describe("D1 down for five minutes in an outage", () => {
  it("does not keep the alert back, and afterwards the log has every run", async () => {
    network.d1Down = true;
    await network.run(2 * MINUTE_MS);
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, 2 * MINUTE_MS);
    expect(network.verdict()).toBe("down");
    await network.run(2 * MINUTE_MS);
    mend();
    await network.runUntil(() => network.verdict() === "operational", 3 * MINUTE_MS);
    network.d1Down = false;
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    const asked = network.asked.map(
      ({ region, order }) => `${order.scheduledAtMs}/${region}/${order.lane}`,
    );
    expect(asked.filter((key) => !network.log.has(key))).toEqual([]);
    expect(network.engine.memory.history.keptRuns(10)).toEqual([]);
  });
});

describe("D1 down for an hour", () => {
  it("keeps no alert back, and afterwards the log has every round of every region", async () => {
    const downAtMs = network.clock.nowMs();
    network.d1Down = true;
    for (const minutes of [5, 20]) {
      await network.run(minutes * MINUTE_MS);
      const alerts = network.sent.length;
      breakFor(ALL);
      await network.runUntil(() => network.sent.length > alerts, 2 * MINUTE_MS);
      mend();
      await network.runUntil(() => network.sent.length > alerts + 1, 3 * MINUTE_MS);
    }
    await network.run(downAtMs + 60 * MINUTE_MS - network.clock.nowMs());
    const upAtMs = network.clock.nowMs();
    network.d1Down = false;
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved", "fired", "resolved"]);
    const rounds = network.config.regions.flatMap((region) =>
      roundsIn({ config: network.config, region, fromMs: downAtMs, toMs: upAtMs }).map(
        ({ scheduledAtMs }) => `${scheduledAtMs}/${region}/0`,
      ),
    );
    expect(rounds).toHaveLength(4 * 60);
    expect(rounds.filter((key) => !network.log.has(key))).toEqual([]);
    expect(network.engine.memory.history.keptRuns(10)).toEqual([]);
  });
});

describe("the coordinator killed", () => {
  it("during an open incident alerts nobody twice and tells the end", async () => {
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    network.kill();
    await network.run(20_000);
    network.start();
    await network.run(3 * MINUTE_MS);
    expect(network.verdict()).toBe("down");
    expect(network.alerts()).toEqual(["fired"]);
    mend();
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.engine.status().pastIncidents).toHaveLength(1);
  });

  it("between sending and recording repeats the message under the same id", async () => {
    const atOnce = network.receive;
    network.receive = (delivery) => ({ ...atOnce(delivery), afterMs: 500 });
    breakFor(ALL);
    await network.runUntil(() => network.engine.memory.state.outbox.size > 0, MINUTE_MS);
    network.kill();
    await network.run(1_000);
    network.start();
    await network.run(10_000);
    expect(network.sent).toHaveLength(2);
    expect(new Set(network.sent.map(({ delivery }) => delivery.id)).size).toBe(1);
    expect(network.engine.memory.state.outbox.size).toBe(0);
  });

  it("before a whole outage leaves it as history, named in one summary", async () => {
    network.kill();
    await network.run(5 * MINUTE_MS);
    breakFor(ALL);
    await network.run(5 * MINUTE_MS);
    mend();
    await network.run(10 * MINUTE_MS);
    network.start();
    await network.run(10_000);
    expect(network.sent.map(({ delivery }) => delivery.message.about)).toEqual(["history"]);
    const [past] = network.engine.status().pastIncidents;
    expect(past?.worst).toBe("down");
    expect((past?.endedAtMs ?? 0) - (past?.startedAtMs ?? 0)).toBeGreaterThan(3 * MINUTE_MS);
    expect(past?.endedAtMs).toBeLessThan(network.clock.nowMs() - 8 * MINUTE_MS);
  });

  it("before an outage that goes on tells it once it has caught up", async () => {
    network.kill();
    await network.run(5 * MINUTE_MS);
    breakFor(ALL);
    await network.run(20 * MINUTE_MS);
    network.start();
    await network.run(20_000);
    expect(network.alerts()).toEqual(["fired"]);
    const [open] = network.engine.status().openIncidents;
    expect(open?.startedAtMs).toBeLessThan(network.clock.nowMs() - 19 * MINUTE_MS);
  });

  it("together with every probe leaves the time in between unknown", async () => {
    network.kill();
    for (const region of ALL) network.cronless.add(region);
    await network.run(60 * MINUTE_MS);
    network.cronless.clear();
    await network.run(3 * MINUTE_MS);
    network.start();
    await network.run(3 * MINUTE_MS);
    expect(network.verdict()).toBe("operational");
    const day = network.engine.status().monitors[0]?.days[0];
    expect(day?.unknownMs).toBeGreaterThan(55 * MINUTE_MS);
    expect(day?.operationalMs).toBeGreaterThan(8 * MINUTE_MS);
  });
});

describe("time by verdict", () => {
  it("reaches to the present, however seldom it is written down", async () => {
    breakFor(ALL);
    await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
    for (let second = 0; second < 65; second += 5) {
      await network.run(5_000);
      const [day] = network.engine.status().monitors[0]?.days ?? [];
      const [incident] = network.engine.status().openIncidents;
      const elapsedMs = network.clock.nowMs() - (incident?.startedAtMs ?? 0);
      expect(day?.downMs).toBeGreaterThan(elapsedMs - 3_000);
      expect(day?.downMs).toBeLessThanOrEqual(elapsedMs);
    }
  });
});

describe("a late row", () => {
  it("is found by the wider look back and counted once", async () => {
    const upOf = () =>
      network.engine.status().monitors[0]?.regions.find(({ region }) => region === "eu-central")
        ?.days[0]?.up ?? 0;
    await network.run(5 * MINUTE_MS);
    const run = network.makeRun("eu-central", NOON_MS + 1, "1", ["chat"]);
    const observations = run.observations.map((seen) => ({ ...seen, startedAtMs: NOON_MS + 1 }));
    network.store({ ...run, startedAtMs: NOON_MS + 1, finishedAtMs: NOON_MS + 201, observations });
    const key = `${NOON_MS + 1}/eu-central/1`;
    await network.runUntil(() => network.engine.memory.state.seen.has(key), 11 * MINUTE_MS);
    await network.run(11 * MINUTE_MS);
    const rows = [...network.log.values()].filter(({ region }) => region === "eu-central");
    expect(upOf()).toBe(rows.length);
  });
});

describe("a channel in trouble", () => {
  it("gets the fire before the resolve, each until it is taken", async () => {
    refuse(3);
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, 2 * MINUTE_MS);
    mend();
    await network.run(3 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.sent[0]?.delivery.attempts).toBe(3);
  });

  it("gets one message that tells both when the fire could not be sent before the end", async () => {
    refuse(3);
    breakFor(ALL);
    await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
    mend();
    await network.run(3 * MINUTE_MS);
    expect(network.alerts()).toEqual(["resolved"]);
    expect(network.sent[0]?.delivery.message).toMatchObject({
      unheard: true,
      title: expect.stringMatching(/^Chat was down for .* and has recovered$/),
    });
    const { history } = network.engine.memory;
    const [fired] = history.deliveries({ limit: 10, state: "merged" });
    expect(fired?.lastError).toContain(network.sent[0]?.delivery.id);
  });

  it("does not delay another channel", async () => {
    const slow = { ...network.channels[0], id: "slow" } as (typeof network.channels)[number];
    network.channels = [...network.channels, slow];
    void network.engine.configChanged();
    await network.run(31_000);
    const inner = network.receive;
    network.receive = (delivery) => ({
      ...inner(delivery),
      afterMs: delivery.channel === "slow" ? 9_000 : 50,
    });
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    const openedAtMs = network.engine.status().openIncidents[0]?.confirmedAtMs ?? 0;
    expect((network.sent[0]?.atMs ?? 0) - openedAtMs).toBeLessThan(1_000);
    await network.run(10_000);
    expect(network.sent.map(({ delivery }) => delivery.channel)).toEqual(["ops", "slow"]);
  });
});

describe("the configuration", () => {
  it("is taken over when a run was made with a newer one", async () => {
    network.config = makeConfig({
      version: 2,
      monitors: [makeMonitor(), makeMonitor({ id: "feed", name: "Feed" })],
    });
    await network.run(MINUTE_MS / 2);
    expect(network.verdict("feed")).not.toBe("none");
  });

  it("that drops a monitor ends its incident and says so", async () => {
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    network.config = makeConfig({ version: 2, monitors: [] });
    await network.run(MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.engine.status().openIncidents).toEqual([]);
    expect(network.engine.verdict("chat")).toBeNull();
  });
});

describe("a step whose commit fails", () => {
  it("changes nothing, and the next one makes up for it", async () => {
    network.database.failing = true;
    breakFor(ALL);
    await network.run(MINUTE_MS);
    expect(network.verdict()).toBe("operational");
    expect(network.lines.some(({ event }) => event === "failure")).toBe(true);
    network.database.failing = false;
    await network.run(10_000);
    expect(network.verdict()).toBe("down");
    expect(network.alerts()).toEqual(["fired"]);
  });
});

describe("what people ask for", () => {
  it("checks a monitor from everywhere and takes the results in", async () => {
    breakFor(ALL);
    const asking = network.engine.checkNow("chat");
    await network.run(CHECK_MS);
    const observations = await asking;
    expect(observations?.map(({ region }) => region)).toEqual(ALL);
    expect(network.verdict()).toBe("down");
  });

  it("acknowledges an incident once, however often it is asked", async () => {
    breakFor(ALL);
    await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
    const id = network.engine.status().openIncidents[0]?.id ?? "";
    const first = network.engine.acknowledge(id);
    await network.run(5_000);
    const second = network.engine.acknowledge(id);
    expect(first?.acknowledgedAtMs).not.toBeNull();
    expect(second).toEqual(first);
    expect(network.engine.acknowledge("nothing-0")).toBeNull();
  });
});

describe("D1's copy", () => {
  it("has the history soon, the hour's rollups once the hour is over, and a public snapshot", async () => {
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    await network.run(10_000);
    const incidents = network.mirrored.flatMap((batch) => batch.incidents);
    expect(incidents.map(({ worst }) => worst)).toContain("down");
    const deliveries = network.mirrored.flatMap((batch) => batch.deliveries);
    expect(deliveries.at(-1)?.state).toBe("sent");
    expect(network.mirrored.flatMap((batch) => batch.blocks)).toEqual([]);
    mend();
    await network.run(75 * MINUTE_MS);
    const blocks = network.mirrored.flatMap((batch) => batch.blocks);
    expect(blocks.map(({ resolution, startMs }) => [resolution, startMs])).toEqual([
      ["5min", NOON_MS],
    ]);
    const rows = blocks.flatMap(decodeBlock);
    const first = rows.filter(({ bucketStartMs }) => bucketStartMs === NOON_MS);
    expect(first.map(({ region }) => region).sort()).toEqual(["*", ...ALL].sort());
    expect(network.mirrored.at(-1)?.snapshot?.monitors[0]?.id).toBe("chat");
  });
});

describe("storage that refuses", () => {
  it("does not turn one message into one per tick", async () => {
    const atOnce = network.receive;
    network.receive = (delivery) => ({ ...atOnce(delivery), afterMs: 500 });
    breakFor(ALL);
    await network.runUntil(() => network.engine.memory.state.outbox.size > 0, MINUTE_MS);
    network.database.failing = true;
    await network.run(50_000);
    expect(network.sent.length).toBeLessThanOrEqual(1);
    network.database.failing = false;
    await network.run(2 * MINUTE_MS);
    expect(new Set(network.sent.map(({ delivery }) => delivery.id)).size).toBe(1);
    expect(network.engine.memory.state.outbox.size).toBe(0);
  });
});

describe("the structured log", () => {
  it("has one line per transition and delivery, and no secret", async () => {
    breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    await network.run(1_000);
    const opened = network.lines.filter(({ kind }) => kind === "incident_opened");
    expect(opened).toHaveLength(1);
    expect(opened[0]).toMatchObject({
      event: "transition",
      monitor: "chat",
      name: "Chat",
      to: "down",
    });
    const delivered = network.lines.filter(({ event }) => event === "delivery");
    expect(delivered).toHaveLength(1);
    expect(delivered[0]).toMatchObject({ channel: "ops", state: "sent", status: 204 });
    const text = JSON.stringify(network.lines);
    expect(text).not.toContain("whsec_");
    expect(text).not.toContain("alerts.example.com");
  });

  it("says once a minute that the log cannot be read, not at every tick", async () => {
    network.d1Down = true;
    await network.run(5 * MINUTE_MS);
    const failures = network.lines.filter(({ what }) => what === "run log");
    expect(failures.length).toBeGreaterThanOrEqual(4);
    expect(failures.length).toBeLessThanOrEqual(6);
    expect(failures.at(-1)?.["repeats"]).toBeGreaterThan(20);
  });
});
