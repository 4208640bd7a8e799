import { describe, expect, it } from "vitest";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import {
  decideAlerts,
  decideDeliveries,
  severityOf,
  testDelivery,
} from "../../../shared/alert/policy.ts";
import {
  changedFacts,
  chatMonitor,
  OUTAGE_AT_MS,
  openedFacts,
  resolvedFacts,
} from "../../support/alert-facts.ts";

const told = (deliveries: Delivery[]) =>
  deliveries.map(({ channel, alert }) => `${channel} ${alert}`);
const sent = (deliveries: Delivery[]): Delivery[] =>
  deliveries.map((delivery) => ({ ...delivery, state: "sent" }));

describe("an incident that opens", () => {
  it("fires to every channel when the monitor is down", () => {
    const deliveries = decideDeliveries(openedFacts("down"));
    expect(told(deliveries)).toEqual(["hook fired", "team fired"]);
    expect(deliveries[0]).toMatchObject({
      id: "chat.1.hook",
      monitor: "chat",
      incident: `chat-${OUTAGE_AT_MS}`,
      transition: "chat.1",
      severity: "critical",
      impact: "down",
      state: "pending",
      createdAtMs: OUTAGE_AT_MS + 2_000,
      dueAtMs: OUTAGE_AT_MS + 2_000,
      attempts: 0,
    });
  });

  it("fires as a warning when the monitor is degraded", () => {
    const deliveries = decideDeliveries(openedFacts("degraded"));
    expect(told(deliveries)).toEqual(["hook fired", "team fired"]);
    expect(deliveries.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  });

  it("sends nothing when only a minority of regions fails", () => {
    expect(decideDeliveries(openedFacts("partial"))).toEqual([]);
  });

  it("fires only to the channels that the monitor names", () => {
    const facts = openedFacts("down", { monitor: { ...chatMonitor, notify: ["team"] } });
    expect(told(decideDeliveries(facts))).toEqual(["team fired"]);
    expect(decideAlerts(facts)[0]).toEqual({
      channel: "hook",
      alert: null,
      why: "the monitor does not notify the channel",
    });
  });

  it("gives the same deliveries when it is replayed", () => {
    expect(decideDeliveries(openedFacts("down"))).toEqual(decideDeliveries(openedFacts("down")));
  });
});

describe("an incident that changes", () => {
  it("fires when a partial failure becomes an outage", () => {
    expect(told(decideDeliveries(changedFacts("partial", "down")))).toEqual([
      "hook fired",
      "team fired",
    ]);
  });

  it("tells those who knew that it got worse, and fires to those who did not", () => {
    const previous = sent(decideDeliveries(openedFacts("degraded")).slice(0, 1));
    expect(told(decideDeliveries(changedFacts("degraded", "down", { previous })))).toEqual([
      "hook changed",
      "team fired",
    ]);
  });

  it("is not told when it gets milder, nor when it returns to what was told", () => {
    const previous = sent(decideDeliveries(openedFacts("down")));
    expect(decideDeliveries(changedFacts("down", "degraded", { previous }))).toEqual([]);
    expect(decideDeliveries(changedFacts("down", "partial", { previous }))).toEqual([]);
    expect(decideDeliveries(changedFacts("degraded", "down", { previous }))).toEqual([]);
  });

  it("says why a channel is not told", () => {
    const previous = sent(decideDeliveries(openedFacts("down")));
    expect(decideAlerts(changedFacts("degraded", "down", { previous }))[0]?.why).toBe(
      "the channel was already told of down",
    );
  });
});

describe("an incident that ends", () => {
  it("is told to exactly the channels that heard of it", () => {
    const previous = decideDeliveries(openedFacts("down")).slice(1);
    const deliveries = decideDeliveries(resolvedFacts("down", { previous }));
    expect(told(deliveries)).toEqual(["team resolved"]);
    expect(deliveries[0]).toMatchObject({ id: "chat.3.team", severity: "critical" });
  });

  it("is told although the monitor no longer notifies the channel", () => {
    const previous = sent(decideDeliveries(openedFacts("down")));
    const monitor = { ...chatMonitor, notify: [] };
    expect(told(decideDeliveries(resolvedFacts("down", { previous, monitor })))).toEqual([
      "hook resolved",
      "team resolved",
    ]);
  });

  it("is not told where nothing was, or where the message never arrived", () => {
    const previous = decideDeliveries(openedFacts("down")).map((delivery): Delivery => ({
      ...delivery,
      state: "dead",
    }));
    expect(decideDeliveries(resolvedFacts("partial"))).toEqual([]);
    expect(decideDeliveries(resolvedFacts("down", { previous }))).toEqual([]);
  });

  it("is not told to a channel that no longer exists", () => {
    const previous = sent(decideDeliveries(openedFacts("down")));
    expect(decideDeliveries(resolvedFacts("down", { previous, channels: [] }))).toEqual([]);
  });
});

it("tells nothing about acknowledgements and verdicts without an incident", () => {
  const { transition } = openedFacts("down");
  const acknowledged = { ...transition, kind: "incident_acknowledged" as const };
  expect(decideDeliveries(openedFacts("down", { transition: acknowledged }))).toEqual([]);
  expect(decideDeliveries(openedFacts("down", { incident: null }))).toEqual([]);
});

it("never makes a message more urgent than its monitor declares", () => {
  expect(severityOf("down", "critical")).toBe("critical");
  expect(severityOf("down", "info")).toBe("info");
  expect(severityOf("degraded", "critical")).toBe("warning");
  expect(severityOf("degraded", "info")).toBe("info");
  expect(severityOf("partial", "critical")).toBe("info");
});

it("makes a test message that stands for no incident", () => {
  const delivery = testDelivery({ id: "hook", name: "Hook" }, null, OUTAGE_AT_MS);
  expect(delivery).toMatchObject({ alert: "test", incident: null, state: "pending" });
  expect(delivery.message.title).toBe("[Test] Sample chat is down in 3 of 4 regions");
});
