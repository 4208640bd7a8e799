/** What is said of a 101 answer that is not what the monitor expects. */
import { describe, expect, it } from "vitest";
import { handshakeDifferences } from "../../../shared/probe/handshake-expectation.ts";
import { createRedactor } from "../../../shared/probe/redaction.ts";
import type { Header } from "../../../shared/websocket/header-syntax.ts";

const redactor = createRedactor({
  url: "wss://chat.example.com/?token=sesame-4711",
  headers: [["X-Api-Key", "open-4711"]],
});
const differences = (
  expected: ReadonlyArray<readonly [string, string | null]>,
  headers: readonly Header[],
) =>
  handshakeDifferences(
    { headers: expected, subprotocol: null },
    { headers, subprotocol: null },
    redactor,
  );

describe("the answer to an upgrade", () => {
  it("may be anything where nothing is expected", () => {
    const answer = { headers: [["X-Backend", "blue"]] as const, subprotocol: null };
    expect(handshakeDifferences(undefined, answer, redactor)).toEqual([]);
  });

  it("is as expected whatever the case of names and the spaces around values", () => {
    expect(differences([["X-BACKEND", " blue"]], [["x-backend", "blue\t"]])).toEqual([]);
    expect(differences([["X-Debug", null]], [["x-backend", "blue"]])).toEqual([]);
  });

  it("has one value for all fields of one name", () => {
    const headers: Header[] = [
      ["Via", "a"],
      ["via", "b"],
    ];
    expect(differences([["Via", "a, b"]], headers)).toEqual([]);
    expect(differences([["Via", "a"]], headers)).toHaveLength(1);
  });

  it("differs in a value, a header that is missing, and one that is there", () => {
    expect(
      differences(
        [
          ["X-Backend", "blue"],
          ["X-Zone", "a"],
          ["X-Debug", null],
        ],
        [
          ["x-backend", "Blue"],
          ["x-debug", ""],
        ],
      ),
    ).toEqual([
      'Expected the header "X-Backend: blue", but "X-Backend: Blue" came.',
      'Expected the header "X-Zone: a", but no header of that name came.',
      'Expected no header X-Debug, but "X-Debug: " came.',
    ]);
  });

  it("differs in the subprotocol", () => {
    const expected = { headers: [], subprotocol: "chat.v2" };
    const said = (subprotocol: string | null) =>
      handshakeDifferences(expected, { headers: [], subprotocol }, redactor);
    expect(said("chat.v2")).toEqual([]);
    expect(said("chat.v1")).toEqual([
      'Expected the subprotocol "chat.v2", but "chat.v1" was chosen.',
    ]);
    expect(said(null)).toEqual(['Expected the subprotocol "chat.v2", but none was chosen.']);
  });

  it("keeps secrets and control characters to itself, and is quoted within bounds", () => {
    const said = differences(
      [
        ["Set-Cookie", null],
        ["X-Api-Key", "open-4711"],
        ["X-Echo", "none"],
        ["X-Long", "short"],
      ],
      [
        ["Set-Cookie", "session=4711"],
        ["X-Api-Key", "other-4711"],
        ["X-Echo", "sesame-4711\u0000"],
        ["X-Long", "a".repeat(5_000)],
      ],
    ).join("\n");
    expect(said).not.toContain("4711");
    expect(said).not.toContain("\\u0000");
    expect(said.length).toBeLessThan(600);
  });
});
