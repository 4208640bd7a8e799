import { describe, expect, it } from "vitest";
import type { AlertMessage } from "../../../shared/alert/alert-message.ts";
import { GROUPED_ALERTS_MAX, renderGroupMessage } from "../../../shared/alert/group-message.ts";
import { firedDelivery } from "../../support/alert-facts.ts";

const fired = firedDelivery().message;
const facts = { publicUrl: "https://status.example.com", nowMs: Date.UTC(2026, 10, 20, 14, 3) };

/** An alert about one of many monitors, which began some seconds into the outage. */
function about(name: string, extra: Partial<AlertMessage> = {}, afterSeconds = 0): AlertMessage {
  const startedAt = new Date(Date.UTC(2026, 10, 20, 14, 2, afterSeconds)).toISOString();
  const { incident } = fired;
  if (incident === null) throw new Error("an outage has an incident");
  return {
    ...fired,
    title: `${name} is down`,
    monitor: { id: name, name, group: null },
    incident: { ...incident, id: `${name}-1`, startedAt },
    ...extra,
  };
}

describe("a message that tells several alerts", () => {
  it("says how many there are, quotes the first, and leads to the page", () => {
    const outages = ["a", "b", "c", "d", "e"].map((name) => about(name));
    expect(renderGroupMessage(outages, facts)).toMatchObject({
      alert: "fired",
      title: "5 alerts",
      text: "5 monitors down. a is down; b is down; c is down; and 2 more.",
      severity: "critical",
      monitor: null,
      incident: null,
      link: "https://status.example.com/",
      at: "2026-11-20T14:03:00.000Z",
    });
  });

  it("lists every alert, what is not over first, then by urgency, then the latest", () => {
    const group = renderGroupMessage(
      [
        about("over", { alert: "resolved" }),
        about("slow", { severity: "warning" }),
        about("first"),
        about("latest", {}, 5),
      ],
      facts,
    );
    expect(group.alerts?.map(({ monitor }) => monitor?.id)).toEqual([
      "latest",
      "first",
      "slow",
      "over",
    ]);
    expect(group.title).toBe("3 alerts, 1 resolved");
  });

  it("resolves when everything in it is over, and changes when nothing in it is new", () => {
    const over = about("over", { alert: "resolved" });
    const worse = about("worse", { alert: "changed", severity: "warning" });
    expect(renderGroupMessage([over, over], facts)).toMatchObject({
      alert: "resolved",
      title: "2 alerts resolved",
      severity: "critical",
    });
    expect(renderGroupMessage([worse, over], facts)).toMatchObject({
      alert: "changed",
      severity: "warning",
    });
  });

  it("is bounded, and says how many it leaves out", () => {
    const many = Array.from({ length: GROUPED_ALERTS_MAX + 7 }, (_, at) => about(`m${at}`));
    const group = renderGroupMessage(many, facts);
    expect(group.alerts).toHaveLength(GROUPED_ALERTS_MAX);
    expect(group.moreAlerts).toBe(7);
    expect(group.title).toBe(`${GROUPED_ALERTS_MAX + 7} alerts`);
  });

  it("cannot be about nothing", () => {
    expect(() => renderGroupMessage([], facts)).toThrow(RangeError);
  });
});
