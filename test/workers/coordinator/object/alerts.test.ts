/** Alerts in the engine: many at once, restarts, dead channels, by virtual time. */
import { beforeEach, describe, expect, it } from "vitest";
import type { AlertMessage, Delivery, DeliveryOutcome } from "../../../../shared/alert/delivery.ts";
import { alertPolicySchema } from "../../../../shared/alert/policy.ts";
import { DELIVERY_DEADLINE_MS } from "../../../../workers/coordinator/object/limits.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const REFUSED: DeliveryOutcome = {
  ok: false,
  status: 503,
  error: "busy",
  retryAfterMs: null,
  permanent: false,
};

const OK: DeliveryOutcome = { ...REFUSED, ok: true, status: 204, error: null };

let network: SmallNetwork;
beforeEach(() => void (network = new SmallNetwork()));

/** Every monitor named in the messages that arrived, by what they say of it. */
function named(alert: string): string[] {
  return network.sent
    .flatMap(({ delivery: { message } }): Array<Pick<AlertMessage, "alert" | "monitor">> =>
      message.alerts === undefined ? [message] : message.alerts,
    )
    .filter((entry) => entry.alert === alert)
    .map((entry) => entry.monitor?.id ?? "");
}

describe("five hundred monitors that fail together", () => {
  it("are told in few messages, each monitor once, and their recovery likewise", async () => {
    const monitors = Array.from({ length: 500 }, (_, index) =>
      makeMonitor({ id: `m-${index}`, name: `Monitor ${index}` }),
    );
    network.config = makeConfig({ monitors, defaultIntervalMs: 30_000 });
    network.start();
    await network.run(2 * MINUTE_MS);
    network.sees = () => "connect_failed";
    await network.runUntil(() => new Set(named("fired")).size === 500, 2 * MINUTE_MS);
    expect(named("fired")).toHaveLength(500);
    const fires = network.sent.length;
    expect(fires).toBeLessThanOrEqual(13);
    const longest = Math.max(...network.sent.map(({ delivery }) => delivery.message.text.length));
    expect(longest).toBeLessThan(3_000);
    expect(network.sent.at(-1)?.delivery.message.link).toBe("https://status.example.com/");
    network.sees = () => null;
    await network.runUntil(() => new Set(named("resolved")).size === 500, 5 * MINUTE_MS);
    expect(named("resolved")).toHaveLength(500);
    expect(network.sent.length - fires).toBeLessThanOrEqual(13);
  }, 120_000);
});

/** What a receiver does to a message in trouble, as the sender reports it; it may have arrived. */
const TROUBLES = {
  rate_limited: {
    afterMs: 50,
    arrives: false,
    outcome: { ...REFUSED, status: 429, retryAfterMs: 7 * MINUTE_MS },
  },
  rate_limited_without_a_word: {
    afterMs: 50,
    arrives: false,
    outcome: { ...REFUSED, status: 429 },
  },
  slow_body: { afterMs: DELIVERY_DEADLINE_MS, arrives: false, outcome: REFUSED },
  name_lost: { afterMs: 1_000, arrives: false, outcome: { ...REFUSED, status: null } },
  failing: { afterMs: 50, arrives: false, outcome: { ...REFUSED, status: 500 } },
  reset: { afterMs: 50, arrives: false, outcome: { ...REFUSED, status: null } },
  silent: { afterMs: DELIVERY_DEADLINE_MS, arrives: false, outcome: { ...REFUSED, status: null } },
  answer_lost: {
    afterMs: DELIVERY_DEADLINE_MS,
    arrives: true,
    outcome: { ...REFUSED, status: null },
  },
} as const;
/** Messages that fail: those of one step of an incident. */
const STAGES = ["fired", "changed", "resolved"] as const;

describe("channels that fail for a day, each in its way and at its step", () => {
  const HOUR_MS = 60 * MINUTE_MS;
  const INCIDENTS = 2;
  /** How long each step of an incident lasts. */
  const STEP_MS = 20 * MINUTE_MS;
  /** First arrival of each key, by channel: what a receiver keeps that drops repetitions. */
  const arrived = new Map<string, Map<string, { atMs: number; delivery: Delivery }>>();
  let heals = 0;

  function receive(delivery: Delivery) {
    const [name = "", stage] = delivery.channel.split("-at-");
    const trouble =
      stage === delivery.alert && network.clock.nowMs() < heals
        ? TROUBLES[name as keyof typeof TROUBLES]
        : undefined;
    const { afterMs, arrives, outcome } = trouble ?? { afterMs: 50, arrives: true, outcome: OK };
    const keys = arrived.get(delivery.channel) ?? new Map();
    arrived.set(delivery.channel, keys);
    if (arrives && !keys.has(delivery.id)) {
      keys.set(delivery.id, { atMs: network.clock.nowMs() + 50, delivery });
    }
    return { afterMs, outcome };
  }

  /** An outage that begins as a slow answer. */
  async function playOutage(): Promise<void> {
    network.sees = () => "latency_over_budget";
    await network.run(STEP_MS);
    network.sees = () => "connect_failed";
    await network.run(STEP_MS);
    network.sees = () => null;
    await network.run(STEP_MS);
  }

  const slowestMs = () =>
    Math.max(
      ...[...(arrived.get("other") ?? [])].map(
        ([, { atMs, delivery }]) => atMs - delivery.createdAtMs,
      ),
    );

  function expectWhole(channel: string, incidents: readonly (string | null)[]): void {
    const told = [...(arrived.get(channel) ?? [])]
      .map(([, each]) => each)
      .sort((x, y) => x.atMs - y.atMs);
    for (const incident of incidents) {
      const about = told.filter(({ delivery }) => delivery.incident === incident);
      const alerts = about.map(({ delivery: { alert, message } }) =>
        message.unheard === true ? "unheard" : alert,
      );
      // Where nothing had arrived one message may tell both; a repetition has its own key.
      const order = alerts.join(" ");
      expect(order, channel).toMatch(/^(fired( changed)+ resolved|(fired )?unheard)$/);
    }
    expect(new Set(told.map(({ delivery }) => delivery.incident))).toEqual(new Set(incidents));
  }

  it("lose nothing, get each message once and in order, and delay no other channel", async () => {
    const [ops] = network.channels;
    if (ops === undefined) throw new Error("the network has a channel");
    const names = Object.keys(TROUBLES).flatMap((name) =>
      STAGES.map((stage) => `${name}-at-${stage}`),
    );
    network.alertPolicy = alertPolicySchema.parse({ repeatInterval: null });
    network.channels = [{ ...ops, id: "other" }];
    network.config = makeConfig({ defaultIntervalMs: 10 * MINUTE_MS });
    network.receive = receive;
    network.start();
    await network.run(30 * MINUTE_MS);
    await playOutage();
    const aloneMs = slowestMs();
    arrived.clear();
    network.channels = ["other", ...names].map((id) => ({ ...ops, id }));
    await network.run(STEP_MS);
    heals = network.clock.nowMs() + 24 * HOUR_MS;
    for (let count = 0; count < INCIDENTS; count += 1) {
      await playOutage();
      await network.run((24 * HOUR_MS) / INCIDENTS - 3 * STEP_MS);
    }
    expect(network.clock.nowMs()).toBe(heals);
    await network.run(HOUR_MS);
    const { history, state } = network.engine.memory;
    const all = [...(arrived.get("other") ?? [])].map(([, { delivery }]) => delivery.incident);
    const incidents = [...new Set(all)];
    expect(incidents).toHaveLength(INCIDENTS);
    for (const channel of ["other", ...names]) expectWhole(channel, incidents);
    expect(history.deliveries({ limit: 10, state: "dead" })).toEqual([]);
    expect(state.outbox.size).toBe(0);
    const addedMs = slowestMs() - aloneMs;
    process.stdout.write(
      `${names.length} channels in trouble for 24 h: the one that is well waited ` +
        `${slowestMs()} ms at most, ${addedMs} ms more than alone\n`,
    );
    expect(addedMs).toBeLessThan(1_000);
  }, 120_000);
});

describe("a message that was refused for good", () => {
  it.each([307, 400, 410])(
    "(%i) is dead at once, and arrives when it is tried anew",
    async (status) => {
      const atOnce = network.receive;
      network.receive = () => ({
        afterMs: 50,
        outcome: { ...REFUSED, status, permanent: true },
      });
      network.start();
      await network.run(3 * MINUTE_MS);
      network.sees = () => "connect_failed";
      await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
      await network.run(5_000);
      const { history } = network.engine.memory;
      const [dead] = history.deliveries({ limit: 1, state: "dead" });
      expect(dead).toMatchObject({ alert: "fired", attempts: 1, lastStatus: status });
      network.receive = atOnce;
      expect(network.engine.retryDelivery(dead?.id ?? "")?.renewed).toBe(true);
      await network.run(5_000);
      expect(network.alerts()).toEqual(["fired"]);
      expect(network.engine.retryDelivery(dead?.id ?? "")?.renewed).toBe(false);
      expect(network.engine.retryDelivery("nothing")).toBeNull();
      const about = history.decisionsAbout(dead?.incident ?? "");
      expect(about.map(({ alert, channel }) => `${channel} ${alert}`)).toEqual(["ops fired"]);
    },
  );
});

describe("a test of a channel", () => {
  it("is sent at once and once, looks like an outage, says so, and leaves nothing behind", async () => {
    network.start();
    await network.run(MINUTE_MS);
    const tested = network.engine.testChannel("ops");
    await network.run(1_000);
    expect(await tested).toMatchObject({ delivered: true, status: 204, error: null });
    expect(network.alerts()).toEqual(["test"]);
    const message = network.sent[0]?.delivery.message;
    expect(message).toMatchObject({
      title: "[Test] Sample chat is down in 3 of 4 regions",
      severity: "info",
      regions: expect.any(Array),
      link: "https://status.example.com/",
    });
    expect(message?.text).toMatch(/^This is a test of the channel .*: nothing is wrong\./);
    await network.run(5 * MINUTE_MS);
    expect(network.sent).toHaveLength(1);
    expect(network.engine.memory.state.outbox.size).toBe(0);
  });

  it("tells what went wrong, and is not tried again by itself", async () => {
    network.receive = () => ({ afterMs: 50, outcome: { ...REFUSED, error: "busy" } });
    network.start();
    await network.run(MINUTE_MS);
    const tested = network.engine.testChannel("ops");
    await network.run(1_000);
    expect(await tested).toMatchObject({ delivered: false, status: 503, error: "busy" });
    expect(network.engine.memory.state.outbox.size).toBe(0);
    expect(await network.engine.testChannel("nothing")).toBeNull();
  });
});
