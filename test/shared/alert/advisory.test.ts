import { describe, expect, it } from "vitest";
import type { Advisory } from "../../../shared/alert/advisory.ts";
import { decideAdvisory } from "../../../shared/alert/advisory.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { chatMonitor } from "../../support/alert-facts.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 14);
const CHANNELS = [{ id: "ops" }, { id: "dev" }];

function advise(fields: Partial<Advisory> = {}, previous: readonly Delivery[] = []): Delivery[] {
  const advisory: Advisory = {
    subject: "certificate-chat-1",
    step: 1,
    about: "certificate",
    over: false,
    severity: "warning",
    title: "The certificate of Chat expires in 14 days",
    text: "On 2026-12-04.",
    reason: "certificate_expiring",
    monitor: chatMonitor,
    ...fields,
  };
  const facts = { advisory, channels: CHANNELS, previous, publicUrl: "https://s.example/" };
  return decideAdvisory({ ...facts, nowMs: NOW_MS });
}

const told = (deliveries: readonly Delivery[]) =>
  deliveries.map(({ channel, alert }) => `${channel} ${alert}`);

describe("an advisory", () => {
  it("fires on the channels of its monitor, with the usual cause and a link", () => {
    const [first, ...more] = advise({ monitor: { ...chatMonitor, notify: ["dev"] } });
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      id: "certificate-chat-1.1.dev",
      channel: "dev",
      alert: "fired",
      monitor: "chat",
      incident: "certificate-chat-1",
      impact: null,
      state: "pending",
      message: { about: "certificate", incident: null, link: "https://s.example/" },
    });
    expect(first?.message.cause).toContain("Renewal");
  });

  it("goes to every channel when it is about Echoquorum itself", () => {
    const deliveries = advise({ about: "monitoring", monitor: null, reason: null });
    expect(told(deliveries)).toEqual(["ops fired", "dev fired"]);
    expect(deliveries[0]?.message).toMatchObject({ monitor: null, cause: null });
  });

  it("changes for those who were told, and fires for those who could not be", () => {
    const [ops, dev] = advise();
    const dead = { ...dev, state: "dead" } as Delivery;
    expect(told(advise({ step: 2 }, [ops, dead] as Delivery[]))).toEqual([
      "ops changed",
      "dev fired",
    ]);
  });

  it("is over for those who were told", () => {
    const [ops] = advise({ monitor: { ...chatMonitor, notify: ["ops"] } });
    expect(told(advise({ step: 2, over: true }, [ops] as Delivery[]))).toEqual(["ops resolved"]);
    expect(advise({ step: 2, over: true })).toEqual([]);
  });
});
