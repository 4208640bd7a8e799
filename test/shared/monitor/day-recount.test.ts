/** A monitor's time on one day, as its changes tell it; and when they do not. */
import { describe, expect, it } from "vitest";
import { joinChanges, verdictSpansOfDay } from "../../../shared/monitor/day-recount.ts";
import type { KnownChange } from "../../../shared/monitor/recount.ts";
import type { VerdictKind } from "../../../shared/monitor/verdict.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = Date.parse("2026-11-21T00:00:00Z");

/** A change at an hour of the day. */
function change(hour: number, from: VerdictKind, to: VerdictKind, more = {}): KnownChange {
  const atMs = DAY_MS + hour * HOUR_MS;
  return { id: `chat.${atMs}.0`, monitor: "chat", atMs, from, to, sinceMs: atMs, ...more };
}

/** Its spans as text, by hours; null: the changes do not tell them. */
function tell(
  changes: readonly KnownChange[],
  present: VerdictKind = "operational",
  sinceHour = 100,
): string | null {
  const sinceMs = DAY_MS + sinceHour * HOUR_MS;
  const spans = verdictSpansOfDay(DAY_MS, changes, { kind: present, sinceMs });
  const hour = (ms: number) => (ms - DAY_MS) / HOUR_MS;
  return (
    spans?.map((span) => `${span.kind} ${hour(span.fromMs)}-${hour(span.toMs)}`).join(", ") ?? null
  );
}

describe("the time of a day", () => {
  it("is what its changes make of it, from the last before it on", () => {
    expect(
      tell([
        change(-30, "unknown", "operational"),
        change(-4, "operational", "degraded"),
        change(6, "degraded", "operational"),
        change(25, "operational", "down", { sinceMs: DAY_MS + 23 * HOUR_MS }),
        change(26, "down", "operational"),
      ]),
    ).toBe("degraded 0-6, operational 6-23, down 23-24");
  });

  it("begins with the monitor's first verdict, or is all of one kind", () => {
    expect(tell([change(6, "unknown", "operational")])).toBe("operational 6-24");
    expect(tell([change(30, "unknown", "operational")])).toBe("");
    expect(tell([change(-30, "unknown", "operational")])).toBe("operational 0-24");
    expect(tell([], "operational", -30)).toBe("operational 0-24");
  });

  it("is not known before the first change that is, nor where one is missing", () => {
    expect(tell([], "operational", 6)).toBeNull();
    expect(tell([change(6, "down", "operational")])).toBeNull();
    expect(tell([change(-30, "unknown", "operational")], "down")).toBeNull();
    expect(
      tell([
        change(-30, "unknown", "operational"),
        change(6, "operational", "down"),
        change(9, "degraded", "operational"),
      ]),
    ).toBeNull();
    const next = change(60, "down", "operational");
    expect(tell([change(-30, "unknown", "operational"), next])).toBeNull();
  });

  it("does not depend on what is missing long before or after it", () => {
    expect(
      tell([
        change(-50, "unknown", "down"),
        change(-30, "degraded", "operational"),
        change(25, "operational", "degraded"),
        change(26, "down", "operational"),
      ]),
    ).toBe("operational 0-24");
  });

  it("has none while the monitor was removed", () => {
    const removed = { removed: true as const };
    expect(
      tell([
        change(-30, "unknown", "operational"),
        change(5, "operational", "unknown", removed),
        change(9, "unknown", "operational"),
        change(12, "operational", "unknown"),
        change(13, "unknown", "unknown", removed),
        change(20, "unknown", "operational"),
      ]),
    ).toBe("operational 0-5, operational 9-12, unknown 12-13, operational 20-24");
  });

  it("is not known where one coordinator takes over before another has let go", () => {
    const handover = [
      change(-30, "unknown", "operational"),
      change(-11, "unknown", "operational"),
      change(-10, "operational", "unknown", { removed: true }),
    ];
    expect(tell(handover)).toBeNull();
    expect(tell([...handover, change(40, "operational", "down")])).toBeNull();
  });
});

it("takes changes from several places once, in their order", () => {
  const [first, second] = [change(1, "unknown", "down"), change(2, "down", "operational")];
  const same = { ...second, id: "chat-1.10", from: "operational" as const };
  const earlier = { ...second, id: "chat-1.9" };
  expect(joinChanges([second, first], [same, earlier, second])).toEqual([
    first,
    second,
    earlier,
    same,
  ]);
});
