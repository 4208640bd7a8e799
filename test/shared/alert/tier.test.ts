/** How urgent each kind of alert is, and that whoever runs the network may say otherwise. */
import { describe, expect, it } from "vitest";
import { SUBJECT_KINDS } from "../../../shared/alert/subject.ts";
import type { Tiers } from "../../../shared/alert/tier.ts";
import { SEVERITIES, decideTier, tiersSchema } from "../../../shared/alert/tier.ts";

const decide = (
  kind: (typeof SUBJECT_KINDS)[number],
  tiers: Partial<Tiers> = {},
  {
    declared = "critical",
    flapping = false,
  }: { declared?: "critical" | "info"; flapping?: boolean } = {},
) => {
  const { told, severity } = decideTier(
    { kind, flapping, declared, monitor: null },
    tiersSchema.parse(tiers),
  );
  return told ? severity : "none";
};

describe("a tier", () => {
  it("is known for every kind before anything is declared", () => {
    expect(Object.fromEntries(SUBJECT_KINDS.map((kind) => [kind, decide(kind)]))).toEqual({
      down: "critical",
      degraded: "warning",
      partial: "none",
      security: "warning",
      certificate: "critical",
      monitoring: "critical",
      unknown: "none",
      region: "none",
      history: "info",
    });
  });

  it.each(SUBJECT_KINDS)("of %s is what it is changed to, of others as it was", (kind) => {
    for (const tier of [...SEVERITIES, "none"] as const) {
      expect(decide(kind, { [kind]: tier })).toBe(tier);
      const others = SUBJECT_KINDS.filter((other) => other !== kind);
      const changed = others.map((other) => decide(other, { [kind]: tier }));
      expect(changed).toEqual(others.map((other) => decide(other)));
    }
  });

  it("bounds what a monitor declares, which may keep it milder", () => {
    expect(decide("down", {}, { declared: "info" })).toBe("info");
    expect(decide("down", { down: "warning" })).toBe("warning");
  });

  it("of what flaps bounds the tier of its kind", () => {
    expect(decide("down", { flapping: "info" }, { flapping: true })).toBe("info");
    expect(decide("down", { flapping: "none" }, { flapping: true })).toBe("none");
    expect(decide("degraded", {}, { flapping: true })).toBe("warning");
    expect(decide("down", { flapping: "none" })).toBe("critical");
  });
});
