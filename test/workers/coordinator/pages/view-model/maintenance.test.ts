/** Whom a window of maintenance covers on a page. */
import { describe, expect, it } from "vitest";
import type { MaintenanceStatus } from "../../../../../workers/coordinator/object/rpc.ts";
import { publicMaintenances } from "../../../../../workers/coordinator/pages/view-model/maintenance.ts";
import { networkStatus } from "../../../../support/network-status.ts";

const STATUS = networkStatus([
  { id: "chat", name: "Chat", group: "Talk" },
  { id: "games", name: "Games" },
  { id: "secret", name: "Secret", group: "Talk", public: false },
]);

function covered(window: Pick<MaintenanceStatus, "monitors" | "groups">): string[][] {
  const facts = { id: "work", name: "Work", description: "", startsAtMs: 0, endsAtMs: 1 };
  const maintenances = [{ ...facts, ...window }];
  return publicMaintenances({ ...STATUS, maintenances }).map(({ monitors }) => monitors);
}

describe("a window", () => {
  it("that names nothing covers every public monitor", () => {
    expect(covered({ monitors: null, groups: [] })).toEqual([["chat", "games"]]);
    expect(covered({ monitors: null })).toEqual([["chat", "games"]]);
  });

  it("covers what it names and the monitors of its groups", () => {
    expect(covered({ monitors: null, groups: ["Talk"] })).toEqual([["chat"]]);
    expect(covered({ monitors: ["games"], groups: ["Talk"] })).toEqual([["chat", "games"]]);
  });

  it("of monitors that are private or gone is not shown", () => {
    expect(covered({ monitors: ["secret", "gone"], groups: [] })).toEqual([]);
    expect(covered({ monitors: [], groups: [] })).toEqual([]);
    expect(covered({ monitors: null, groups: ["Other"] })).toEqual([]);
  });

  it("says nothing of groups", () => {
    const window = { id: "work", name: "Work", description: "", startsAtMs: 0, endsAtMs: 1 };
    const maintenances = [{ ...window, monitors: ["chat"], groups: ["Planned"] }];
    expect(JSON.stringify(publicMaintenances({ ...STATUS, maintenances }))).not.toContain(
      "Planned",
    );
  });
});
