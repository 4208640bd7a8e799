import { describe, expect, it } from "vitest";
import { firstUnmet, parseMatcher } from "../../../shared/alert/matcher.ts";

const chat = new Map([
  ["monitor", ["chat"]],
  ["group", ["EU"]],
  ["region", ["eu-central", "eu-west"]],
  ["label.team", ["core"]],
  ["reason", []],
]);

describe("a matcher", () => {
  it.each([
    ["monitor=chat", true],
    ['monitor = "chat"', true],
    ["monitor!=chat", false],
    ["monitor=~ch.*", true],
    // The whole value, not a part of it.
    ["monitor=~ch", false],
    ["monitor=~x|chat", true],
    ["monitor!~x|chat", false],
    ["label.team=core", true],
    // What it does not have is empty.
    ["label.owner=", true],
    ["label.owner!=core", true],
    ["reason=", true],
    ["reason=~.+", false],
    // Of several regions each must match.
    ["region=eu-central", false],
    ["region=~eu-.*", true],
    ["region!=us-east", true],
    ["region!=eu-west", false],
  ])("%s is %s for the chat in Europe", (text, matches) => {
    expect(firstUnmet([text], chat) === null).toBe(matches);
  });

  it("tells which of several does not hold", () => {
    expect(firstUnmet(["group=EU", "monitor=feed", "region=x"], chat)).toBe("monitor=feed");
    expect(firstUnmet([], chat)).toBeNull();
  });

  it.each([
    ["chat", 'expected a matcher such as group="EU" or region=~"eu-.*"'],
    ["colour=red", /^expected one of monitor, group, .* or label\.<name> before =$/],
    ["label=red", /^expected one of/],
    ["group=~(", "expected a regular expression"],
    ['group="EU', "expected a quote at the end"],
  ])("%s is refused: %s", (text, message) => {
    expect(parseMatcher(text)).toEqual(
      typeof message === "string" ? message : expect.stringMatching(message),
    );
  });

  it("that cannot be read matches nothing, whatever stands beside it", () => {
    expect(firstUnmet(["monitor=chat", "colour=red"], chat)).not.toBeNull();
  });
});
