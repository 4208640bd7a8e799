import { describe, expect, it } from "vitest";
import { diagnose } from "../../../shared/monitor/diagnosis.ts";
import type { VoteHttp } from "../../../shared/monitor/verdict.ts";
import type { Status } from "../../../shared/probe/reason.ts";
import { countedVote } from "../../support/alert-facts.ts";

const up: VoteHttp = { status: "up", reason: null, code: 200 };
const down: VoteHttp = { status: "down", reason: "http_timeout", code: null };

/** Votes of regions, each as what WebSocket and HTTP did there. */
function votes(...seen: ReadonlyArray<readonly [Status, VoteHttp?]>) {
  return seen.map(([status, http], index) =>
    countedVote(`r${index}`, status, http === undefined ? {} : { http }),
  );
}

describe("the diagnosis of a verdict", () => {
  it("is none where nobody asked, or only a region that does not count", () => {
    expect(diagnose(votes(["down"], ["up"]))).toBeNull();
    expect(diagnose([countedVote("r", "unknown", { http: up, counted: "suspended" })])).toBeNull();
  });

  it.each([
    [votes(["up", up], ["up", up]), "both_up", 2, 2],
    [votes(["down", up], ["down", up], ["up", down]), "websocket_down", 2, 2],
    [votes(["down", down], ["down", down], ["up", up]), "both_down", 2, 2],
    [votes(["up", down], ["degraded", down], ["up", up]), "http_down", 2, 3],
    [votes(["down", up], ["down", down]), "websocket_down", 1, 2],
    [votes(["down", up], ["down", down], ["down", down]), "both_down", 2, 3],
    [votes(["down", down], ["down"]), "both_down", 1, 1],
  ] as const)("%#: is %s", (seen, which, agreeing, asked) => {
    expect(diagnose(seen)).toEqual({ case: which, agreeing, asked });
  });
});
