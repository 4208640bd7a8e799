/** The engine and its regions: which of them may vote, and what is told when none can. */
import { beforeEach, describe, expect, it } from "vitest";
import { alertPolicySchema } from "../../../../shared/alert/policy.ts";
import { ASK_LANE } from "../../../../shared/probe/run.ts";
import { ASKS_BURST_MAX } from "../../../../shared/monitor/ask-budget.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const ALL = ["us-east", "sa-east", "eu-central", "ap-southeast"];
const IDS = ["chat", "feed", "game"];

let network: SmallNetwork;

beforeEach(async () => {
  network = new SmallNetwork();
  network.config = makeConfig({
    monitors: IDS.map((id) => makeMonitor({ id, name: id, url: `wss://${id}.example.com/` })),
  });
  network.start();
  await network.run(5 * MINUTE_MS);
  // A coordinator that knows nothing yet asks for the runs before its time.
  network.asked.length = 0;
});

const region = (id: string) => network.engine.status().regions.find((other) => other.id === id);
const vote = (id: string, monitor = "chat") =>
  network.engine.verdict(monitor)?.votes.find((other) => other.region === id);
const advisories = () => network.sent.filter(({ delivery }) => delivery.message.about);
const hush = (id: string) => {
  network.cronless.add(id);
  network.mute.add(id);
};
const unhush = () => {
  network.cronless.clear();
  network.mute.clear();
};
const lines = (event: string) => network.lines.filter((line) => line.event === event);

describe("a region's checks", () => {
  it("tell how fast a public monitor answers there", () => {
    const [seen] = network.engine.status().monitors[0]?.regions ?? [];
    const { p50Ms = 0, p95Ms = 0 } = seen?.latency ?? {};
    expect(p50Ms).toBeGreaterThan(0);
    expect(p95Ms).toBeGreaterThanOrEqual(p50Ms);
  });
});

describe("a region that does not reach its control targets", () => {
  beforeEach(() => {
    network.controls = (id) => ({
      passed: id === "eu-central" ? 0 : 2,
      failed: id === "eu-central" ? 2 : 0,
    });
    network.sees = (id) => (id === "eu-central" ? "connect_timeout" : null);
  });

  it("does not vote from the very run that shows it, and is shown as suspended", async () => {
    await network.run(3 * MINUTE_MS);
    expect(region("eu-central")).toMatchObject({
      state: "suspended",
      why: "its control targets fail",
    });
    expect(vote("eu-central")).toMatchObject({ counted: "suspended", status: "unknown" });
    expect(network.verdict()).toBe("operational");
    expect(lines("transition").filter(({ to }) => to === "partial" || to === "down")).toEqual([]);
    expect(lines("region")).toMatchObject([
      ...ALL.map((id) => ({ region: id, to: "active" })),
      { region: "eu-central", from: "active", to: "suspended" },
    ]);
  });

  it("votes again after two runs that reach them", async () => {
    await network.run(3 * MINUTE_MS);
    network.controls = () => ({ passed: 2, failed: 0 });
    network.sees = () => null;
    await network.run(3 * MINUTE_MS);
    expect(region("eu-central")?.state).toBe("active");
    expect(vote("eu-central")).toMatchObject({ counted: "counted", status: "up" });
  });

  it("stays suspended over a restart of the coordinator", async () => {
    await network.run(3 * MINUTE_MS);
    network.kill();
    network.start();
    await network.run(100);
    expect(region("eu-central")?.state).toBe("suspended");
  });
});

describe("a region that alone calls most targets down", () => {
  it("is suspended, and no target is blamed", async () => {
    network.sees = (id) => (id === "sa-east" ? "connect_failed" : null);
    await network.run(10 * MINUTE_MS);
    expect(region("sa-east")).toMatchObject({ state: "suspended" });
    expect(region("sa-east")?.why).toContain("alone in calling 3 of 3 targets down");
    expect(IDS.map((id) => network.verdict(id))).toEqual(IDS.map(() => "operational"));
    expect(network.sent).toEqual([]);
  });
});

describe("regions that share a data centre", () => {
  it("count as one, and the one that is elsewhere is shown as misplaced", async () => {
    network.colo = (id) => (id === "sa-east" ? "IAD" : id === "us-east" ? "IAD" : "FRA");
    network.sees = (id) => (id === "sa-east" || id === "us-east" ? "connect_failed" : null);
    await network.run(5 * MINUTE_MS);
    expect(region("sa-east")).toMatchObject({ state: "misplaced", why: "runs in IAD" });
    expect(network.verdict()).not.toBe("down");
    expect(network.sent).toEqual([]);
  });
});

describe("regions of which none can see", () => {
  it("are told as Echoquorum's own trouble, once, and so is the end", async () => {
    for (const id of ALL) {
      network.cronless.add(id);
      network.mute.add(id);
    }
    await network.run(10 * MINUTE_MS);
    expect(network.engine.status().monitoring?.state).toBe("impaired");
    expect(network.verdict()).toBe("unknown");
    expect(network.sent).toHaveLength(1);
    const [told] = advisories();
    expect(told?.delivery).toMatchObject({ alert: "fired", monitor: null, severity: "critical" });
    expect(told?.delivery.message.text).toContain("silent");
    network.cronless.clear();
    network.mute.clear();
    await network.run(3 * MINUTE_MS);
    expect(network.engine.status().monitoring?.state).toBe("working");
    expect(advisories().map(({ delivery }) => delivery.alert)).toEqual(["fired", "resolved"]);
    expect(network.sent).toHaveLength(2);
    expect(new Set(network.sent.map(({ delivery }) => delivery.incident)).size).toBe(1);
  });

  it("because their own networks fail blame no target either", async () => {
    network.controls = () => ({ passed: 0, failed: 2 });
    network.sees = () => "connect_timeout";
    await network.run(3 * MINUTE_MS);
    expect(network.verdict()).toBe("unknown");
    expect(network.sent.map(({ delivery }) => delivery.message.about)).toEqual(["monitoring"]);
    expect(network.engine.status().openIncidents).toEqual([]);
  });

  it("are not suspected while the coordinator itself was away", async () => {
    network.kill();
    await network.run(60 * MINUTE_MS);
    network.start();
    await network.run(MINUTE_MS);
    expect(network.sent).toEqual([]);
    expect(network.engine.status().monitoring?.state).toBe("working");
  });
});

describe("a region that cannot vote for long", () => {
  it("is told to nobody by default", async () => {
    hush("sa-east");
    await network.run(20 * MINUTE_MS);
    expect(region("sa-east")?.state).toBe("silent");
    expect(network.sent).toEqual([]);
  });

  it("is told as Echoquorum's own trouble where it has a tier, once, and so is the end", async () => {
    network.alertPolicy = alertPolicySchema.parse({ tiers: { region: "info" } });
    hush("sa-east");
    await network.run(6 * MINUTE_MS);
    expect(network.sent).toEqual([]);
    await network.run(6 * MINUTE_MS);
    expect(network.sent.map(({ delivery }) => delivery)).toMatchObject([
      {
        alert: "fired",
        monitor: null,
        severity: "info",
        message: {
          about: "region",
          region: "sa-east",
          title: "Region South America (São Paulo) is silent",
        },
      },
    ]);
    network.kill();
    network.start();
    await network.run(10 * MINUTE_MS);
    unhush();
    await network.run(3 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.sent.at(-1)?.delivery.message.title).toBe(
      "Region South America (São Paulo) votes again",
    );
    expect(network.engine.memory.state.alertSubjects.size).toBe(0);
  });

  it("is told as suspended too, and ends with a region that is not used any more", async () => {
    network.alertPolicy = alertPolicySchema.parse({ tiers: { region: "warning" } });
    network.controls = (id) => ({ passed: id === "sa-east" ? 0 : 2, failed: 2 });
    await network.run(10 * MINUTE_MS);
    const [told] = network.sent;
    expect(told?.delivery.message.title).toMatch(/is suspended from voting$/);
    expect(told?.delivery.message.text).toContain("its control targets fail");
    network.config = {
      ...network.config,
      version: 2,
      regions: ALL.filter((id) => id !== "sa-east"),
    };
    await network.run(MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
  });

  it("is muted while no region at all can vote, and told if it stays so afterwards", async () => {
    network.alertPolicy = alertPolicySchema.parse({ tiers: { region: "info" } });
    for (const id of ALL) hush(id);
    await network.run(20 * MINUTE_MS);
    expect(network.sent.map(({ delivery }) => delivery.message.about)).toEqual(["monitoring"]);
    unhush();
    hush("sa-east");
    await network.run(4 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    await network.run(4 * MINUTE_MS);
    expect(network.sent.at(-1)?.delivery.message.region).toBe("sa-east");
    expect(network.sent).toHaveLength(3);
  });
});

describe("a monitor of which nothing is known for long", () => {
  beforeEach(async () => {
    const monitors = network.config.monitors.map((monitor) =>
      monitor.id === "chat" ? { ...monitor, severity: "warning" as const } : monitor,
    );
    network.config = { ...network.config, version: 2, monitors };
    await network.run(MINUTE_MS);
    network.sees = (_region, monitor) => (monitor === "chat" ? "address_blocked" : null);
  });

  it("is told to nobody by default", async () => {
    await network.run(30 * MINUTE_MS);
    expect(network.verdict()).toBe("unknown");
    expect(network.sent).toEqual([]);
  });

  it("is told where that has a tier, once, after a while, and so is the end", async () => {
    network.alertPolicy = alertPolicySchema.parse({
      tiers: { unknown: "critical" },
      unknownAfter: "8m",
    });
    await network.run(6 * MINUTE_MS);
    expect(network.sent).toEqual([]);
    await network.run(10 * MINUTE_MS);
    expect(network.sent.map(({ delivery }) => delivery)).toMatchObject([
      {
        alert: "fired",
        monitor: "chat",
        severity: "warning",
        message: { about: "unknown", title: "Nothing is known about chat" },
      },
    ]);
    const { history } = network.engine.memory;
    const why = history.decisionsAbout(network.sent[0]?.delivery.incident ?? "");
    expect(why[0]?.steps[0]).toMatchObject({ stage: "tier", passed: true });
    network.sees = () => null;
    await network.run(3 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.sent.at(-1)?.delivery.message.text).toContain("It is operational.");
  });

  it("is not told once it is paused, and what was told of it ends with its removal", async () => {
    network.alertPolicy = alertPolicySchema.parse({ tiers: { unknown: "info" } });
    await network.run(15 * MINUTE_MS);
    const monitors = network.config.monitors.filter(({ id }) => id !== "chat");
    network.config = { ...network.config, version: 3, monitors };
    await network.run(MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    const paused = makeMonitor({ id: "quiet", url: "wss://quiet.example.com/", paused: true });
    network.config = { ...network.config, version: 4, monitors: [...monitors, paused] };
    await network.run(30 * MINUTE_MS);
    expect(network.verdict("quiet")).toBe("unknown");
    expect(network.sent).toHaveLength(2);
  });
});

describe("a run of which one check hangs", () => {
  it("lets the others be judged at once, and the one when it is over", async () => {
    network.hangs = (monitor) => (monitor === "feed" ? 10_000 : null);
    network.sees = (_region, monitor) => (monitor === "feed" ? "upgrade_timeout" : null);
    await network.run(MINUTE_MS);
    network.sees = () => "accept_mismatch";
    const brokenAtMs = network.clock.nowMs();
    await network.runUntil(() => network.verdict("chat") === "down", MINUTE_MS);
    expect(network.clock.nowMs() - brokenAtMs).toBeLessThan(MINUTE_MS / 4 + 4_500);
    await network.runUntil(() => network.verdict("feed") === "down", 2 * MINUTE_MS);
    const owed = network.asked.filter(({ order }) => order.lane !== ASK_LANE);
    expect(owed).toEqual([]);
  });

  it("is owed although its stragglers are there", async () => {
    network.hangs = (monitor) => (monitor === "feed" ? 10_000 : null);
    const store = network.store.bind(network);
    network.store = (run) => {
      if (run.region !== "eu-central" || run.lane !== "0") store(run);
    };
    await network.run(2 * MINUTE_MS);
    const owed = network.asked.filter(({ order }) => order.lane === "0");
    expect(new Set(owed.map((ask) => ask.region))).toEqual(new Set(["eu-central"]));
  });
});

describe("many monitors that fail at once", () => {
  it("are asked about within the network's budget, and all are told", async () => {
    const many = Array.from({ length: 50 }, (_, index) => `m${index}`);
    network.config = makeConfig({
      version: 2,
      monitors: many.map((id) => makeMonitor({ id, name: id, url: `wss://${id}.example.com/` })),
    });
    await network.run(3 * MINUTE_MS);
    network.asked.length = 0;
    network.sees = () => "connect_failed";
    await network.runUntil(() => network.asked.length >= ALL.length, MINUTE_MS);
    const first = network.asked.slice(0, ALL.length);
    for (const { order } of first) expect(order.monitors).toHaveLength(ASKS_BURST_MAX);
    await network.run(MINUTE_MS);
    expect(many.map((id) => network.verdict(id))).toEqual(many.map(() => "down"));
  });
});
