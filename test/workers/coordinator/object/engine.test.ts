/** The engine in a small network on virtual time: detection, alerts, and what people ask for. */
import { beforeEach, describe, expect, it } from "vitest";
import { ASK_LANE } from "../../../../shared/probe/run.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import {
  CHECK_MS,
  NOON_MS,
  SMALL_REGIONS as ALL,
  SmallNetwork,
  calmNetwork,
} from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;

let network: SmallNetwork;

beforeEach(async () => {
  network = await calmNetwork(5 * MINUTE_MS);
});

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
    const brokenAtMs = network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    const [alert] = network.sent;
    expect(alert?.delivery.alert).toBe("fired");
    expect((alert?.atMs ?? 0) - brokenAtMs).toBeLessThan(MINUTE_MS / 4 + 4_000);
    const firstBadMs = [...network.log.values()]
      .filter((row) => row.digest?.includes("accept_mismatch"))
      .map((row) => row.started_at_ms)
      .sort((a, b) => a - b)[0];
    // Check, look, ask, send: no tick is waited for.
    expect((alert?.atMs ?? 0) - (firstBadMs ?? 0)).toBeLessThan(1_200);
    expect(alert?.delivery.message.text).toContain("accept_mismatch");
    const [incident] = network.engine.status().openIncidents;
    expect(incident?.startedAtMs).toBe(firstBadMs);
  });

  it("asks every region at once, in one ask each", async () => {
    network.breakFor(ALL);
    await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
    const confirm = network.asked.filter(({ order }) => order.lane === ASK_LANE);
    expect(new Set(confirm.map(({ region }) => region))).toEqual(new Set(ALL));
    expect(confirm).toHaveLength(ALL.length);
    expect(new Set(confirm.map(({ order }) => order.scheduledAtMs)).size).toBe(1);
  });

  it("is told once, and its end once", async () => {
    network.breakFor(ALL);
    await network.run(10 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired"]);
    network.breakFor([]);
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
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length === 1, MINUTE_MS);
    network.kill();
    network.start();
    network.breakFor([]);
    await network.runUntil(() => network.sent.length === 2, 2 * MINUTE_MS);
    expect(network.sent.map(({ thread }) => thread)).toEqual([null, { remote, isWhole: true }]);
  });

  it("is confirmed by the regions that answer, without waiting for one that hangs", async () => {
    network.mute.add("sa-east");
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS / 4 + 4_000);
    expect(network.verdict()).toBe("down");
  });
});

describe("one region alone", () => {
  it("makes no outage and no alert, and is named once it keeps failing", async () => {
    network.breakFor(["eu-central"]);
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
      network.breakFor(["eu-central"]);
      await network.run(2 * MINUTE_MS + intoMs);
      expect(network.verdict()).toBe("partial");
      const brokenAtMs = network.breakFor(["eu-central", "us-east", "sa-east"]);
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
    expect(counted?.days?.[0]?.up).toBe(rows.length);
  });
});

describe("time by verdict", () => {
  it("reaches to the present, however seldom it is written down", async () => {
    network.breakFor(ALL);
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
        ?.days?.[0]?.up ?? 0;
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
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, 2 * MINUTE_MS);
    network.breakFor([]);
    await network.run(3 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.sent[0]?.delivery.attempts).toBe(3);
  });

  it("gets one message that tells both when the fire could not be sent before the end", async () => {
    refuse(3);
    network.breakFor(ALL);
    await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
    network.breakFor([]);
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
    network.breakFor(ALL);
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
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    network.config = makeConfig({ version: 2, monitors: [] });
    await network.run(MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.engine.status().openIncidents).toEqual([]);
    expect(network.engine.verdict("chat")).toBeNull();
  });
});

describe("what people ask for", () => {
  it("checks a monitor from everywhere and takes the results in", async () => {
    network.breakFor(ALL);
    const asking = network.engine.checkNow("chat");
    await network.run(CHECK_MS);
    const observations = await asking;
    expect(observations?.map(({ region }) => region)).toEqual(ALL);
    expect(network.verdict()).toBe("down");
  });

  it("acknowledges an incident once, however often it is asked", async () => {
    network.breakFor(ALL);
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

describe("an incident that is acknowledged while all is well for the moment", () => {
  it("says so with what the regions saw then", async () => {
    const flapping = { incidents: 2, window: "20m", calm: "10m" };
    network.config = makeConfig({ version: 2, monitors: [makeMonitor({ quorum: { flapping } })] });
    await network.run(MINUTE_MS);
    for (let outage = 0; outage < 2; outage += 1) {
      network.breakFor(ALL);
      await network.runUntil(() => network.verdict() === "down", 3 * MINUTE_MS);
      network.breakFor([]);
      await network.runUntil(() => network.verdict() === "operational", 3 * MINUTE_MS);
    }
    await network.run(2 * MINUTE_MS);
    const id = network.engine.status().openIncidents[0]?.id ?? "";
    const transition = network.engine.acknowledge(id)?.transitions.at(-1);
    expect(transition?.kind).toBe("incident_acknowledged");
    expect(transition?.votes).toEqual(network.engine.verdict("chat")?.votes);
    const nowMs = network.clock.nowMs();
    for (const { message, atMs } of transition?.votes ?? []) {
      expect(message).not.toBe("");
      expect(nowMs - (atMs ?? 0)).toBeLessThan(90_000);
    }
  });
});

describe("the structured log", () => {
  it("has one line per transition and delivery, and no secret", async () => {
    network.breakFor(ALL);
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
