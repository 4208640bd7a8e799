import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  coversMonitor,
  declaredMaintenanceSchema,
  isUnderMaintenance,
  maintenanceEdges,
  maintenanceInputSchema,
  parseMaintenance,
  renderMaintenance,
} from "../../../shared/monitor/maintenance.ts";
import { makeMaintenance } from "../../support/maintenance.ts";
import { makeMonitor } from "../../support/observation.ts";

const chat = makeMonitor({ id: "chat", group: "Messaging" });
const feed = makeMonitor({ id: "feed" });
const window = (startsAtMs: number, endsAtMs: number, fields = {}) =>
  makeMaintenance({ startsAtMs, endsAtMs, ...fields });

const covered = (fields: object) =>
  [chat, feed].map((monitor) => coversMonitor(window(0, 1, fields), monitor));
const under = (atMs: number) => isUnderMaintenance([window(100, 200)], chat, atMs);

describe("a window of maintenance", () => {
  it("covers everything unless it names monitors or groups", () => {
    expect(covered({})).toEqual([true, true]);
    expect(covered({ monitors: ["feed"] })).toEqual([false, true]);
    expect(covered({ groups: ["Messaging"] })).toEqual([true, false]);
    expect(covered({ groups: ["Messaging"], monitors: ["feed"] })).toEqual([true, true]);
    expect(covered({ groups: ["Other"], monitors: ["other"] })).toEqual([false, false]);
  });

  it("includes its first moment and excludes its last", () => {
    expect([99, 100, 199, 200].map(under)).toEqual([false, true, true, false]);
  });

  it("has edges where it begins and ends, after a moment and up to another", () => {
    const windows = [window(100, 200), window(150, 300), window(0, 400, { monitors: ["feed"] })];
    const edges = (fromMs: number, toMs: number) =>
      maintenanceEdges(windows, chat, fromMs, toMs).sort((a, b) => a - b);
    expect(edges(0, 1_000)).toEqual([100, 150, 200, 300]);
    expect(edges(100, 200)).toEqual([150, 200]);
    expect(edges(300, 400)).toEqual([]);
  });

  it("changes nothing anywhere but at an edge", () => {
    const anyWindow = fc
      .tuple(fc.nat(60), fc.integer({ min: 1, max: 30 }))
      .map(([startsAtMs, lengthMs]) => window(startsAtMs, startsAtMs + lengthMs));
    fc.assert(
      fc.property(fc.array(anyWindow, { maxLength: 5 }), (windows) => {
        const edges = new Set(maintenanceEdges(windows, chat, 0, 100));
        for (let atMs = 1; atMs <= 100; atMs += 1) {
          const changes =
            isUnderMaintenance(windows, chat, atMs) !== isUnderMaintenance(windows, chat, atMs - 1);
          expect(!changes || edges.has(atMs)).toBe(true);
        }
      }),
    );
  });
});

describe("a declared window", () => {
  const declared = {
    id: "upgrade",
    name: "Upgrade",
    startsAt: "2026-11-20T22:00:00Z",
    endsAt: "2026-11-21T01:30:00+02:00",
  };

  it("needs no more than a name and its moments, in any time zone", () => {
    const maintenance = parseMaintenance(declaredMaintenanceSchema.parse(declared));
    expect(maintenance).toEqual({
      id: "upgrade",
      name: "Upgrade",
      description: "",
      monitors: null,
      groups: [],
      startsAtMs: Date.UTC(2026, 10, 20, 22),
      endsAtMs: Date.UTC(2026, 10, 20, 23, 30),
    });
    expect(renderMaintenance(maintenance)).toMatchObject({
      startsAt: "2026-11-20T22:00:00.000Z",
      endsAt: "2026-11-20T23:30:00.000Z",
    });
  });

  it("may last 30 days and no longer", () => {
    const lasting = (endsAt: string) =>
      maintenanceInputSchema.safeParse({ ...declared, endsAt }).success;
    expect(lasting("2026-12-20T22:00:00Z")).toBe(true);
    expect(lasting("2026-12-20T22:00:01Z")).toBe(false);
    expect(lasting(declared.startsAt)).toBe(false);
  });
});
