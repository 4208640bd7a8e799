import { describe, expect, it } from "vitest";
import type { Hours } from "../../../shared/alert/hours.ts";
import { hoursSchema, isWithin } from "../../../shared/alert/hours.ts";

const within = (hours: Partial<Hours>, at: string) =>
  isWithin(hoursSchema.parse({ zone: "Europe/Berlin", ...hours }), Date.parse(at));

describe("hours", () => {
  it("follow the wall clock of their zone, from their beginning until before their end", () => {
    const office = { from: "09:00", to: "17:00" };
    expect(within(office, "2026-11-20T07:59:59Z")).toBe(false);
    expect(within(office, "2026-11-20T08:00:00Z")).toBe(true);
    expect(within(office, "2026-11-20T15:59:59Z")).toBe(true);
    expect(within(office, "2026-11-20T16:00:00Z")).toBe(false);
    // In summer an hour earlier by UTC.
    expect(within(office, "2026-07-20T07:00:00Z")).toBe(true);
  });

  it("over midnight belong to the day on which they begin", () => {
    const friday: Partial<Hours> = { days: ["fri"], from: "22:00", to: "06:00" };
    expect(within(friday, "2026-11-20T20:59:00Z")).toBe(false);
    expect(within(friday, "2026-11-20T21:00:00Z")).toBe(true);
    expect(within(friday, "2026-11-21T04:59:00Z")).toBe(true);
    expect(within(friday, "2026-11-21T05:00:00Z")).toBe(false);
    expect(within(friday, "2026-11-21T21:30:00Z")).toBe(false);
  });

  it("without times are whole days", () => {
    expect(within({ days: ["sat"] }, "2026-11-20T22:59:59Z")).toBe(false);
    expect(within({ days: ["sat"] }, "2026-11-20T23:00:00Z")).toBe(true);
    expect(within({ days: ["sat"] }, "2026-11-21T22:59:59Z")).toBe(true);
    expect(within({ from: "09:00", to: "09:00" }, "2026-11-20T03:00:00Z")).toBe(true);
  });

  it("in the hour that is left out never come", () => {
    const gap = { from: "02:00", to: "03:00" };
    // 2026-03-29: 01:00 UTC is 03:00 CEST, a second before it 01:59:59 CET.
    expect(within(gap, "2026-03-29T00:59:59Z")).toBe(false);
    expect(within(gap, "2026-03-29T01:00:00Z")).toBe(false);
    expect(within(gap, "2026-03-28T01:30:00Z")).toBe(true);
  });

  it("in the hour that comes twice come twice", () => {
    const twice = { from: "02:00", to: "03:00" };
    // 2026-10-25: 02:00 CEST is 00:00 UTC, 02:00 CET is 01:00 UTC.
    expect(within(twice, "2026-10-24T23:59:59Z")).toBe(false);
    expect(within(twice, "2026-10-25T00:30:00Z")).toBe(true);
    expect(within(twice, "2026-10-25T01:30:00Z")).toBe(true);
    expect(within(twice, "2026-10-25T02:00:00Z")).toBe(false);
  });

  it.each([{ zone: "Mars/Olympus" }, { from: "9:00" }, { to: "24:01" }, { days: [] }])(
    "of %j are refused",
    (fields) => {
      expect(hoursSchema.safeParse({ zone: "UTC", ...fields }).success).toBe(false);
    },
  );
});
