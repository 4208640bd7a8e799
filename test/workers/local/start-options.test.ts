/** What `npm start` accepts, and what it says about the rest. */
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../workers/local/network/environments.ts";
import { parseStartOptions, shownPath } from "../../../workers/local/start/options.ts";

const parse = (...args: string[]) => parseStartOptions(args, "/home/someone");

describe("the options of npm start", () => {
  it("has a default for everything", () => {
    expect(parse()).toEqual({
      port: 8787,
      paceMs: 10_000,
      dataFolder: `${ROOT}.echoquorum`,
      demo: true,
      configFile: null,
    });
  });

  it("takes paths from where the person typed the command", () => {
    expect(parse("--data", "mine", "--config", "../network.json")).toMatchObject({
      dataFolder: "/home/someone/mine",
      configFile: "/home/network.json",
    });
    expect(parse("--data", "/var/lib/eq")?.dataFolder).toBe("/var/lib/eq");
  });

  it("shows paths as short as they are still understood", () => {
    expect(shownPath("/home/someone/mine", "/home/someone")).toBe("mine");
    expect(shownPath("/home/someone", "/home/someone")).toBe(".");
    expect(shownPath("/var/lib/eq", "/home/someone")).toBe("/var/lib/eq");
  });

  it("takes a port, a pace, and no demo", () => {
    expect(parse("--port=0", "--every", "1m30s", "--no-demo")).toMatchObject({
      port: 0,
      paceMs: 90_000,
      demo: false,
    });
  });

  it("explains itself", () => {
    expect(parse("--help")).toBeNull();
    expect(parse("-h")).toBeNull();
  });

  it.each([
    [["--prot", "1"], "Unknown option '--prot'."],
    [["--port"], "--port"],
    [["--port", "http"], '--port expects a number from 0 to 65535, not "http".'],
    [["--port", "70000"], '--port expects a number from 0 to 65535, not "70000".'],
    [["--every", "10"], '--every expects a duration such as 10s or 1m, not "10".'],
    [["--every", "10ms"], '--every expects 1s to 1h, not "10ms".'],
    [["--every", "2h"], '--every expects 1s to 1h, not "2h".'],
    [["--data", ""], "--data expects a path, not an empty text."],
    [["--config="], "--config expects a path, not an empty text."],
    [["everything"], "Unexpected argument 'everything'."],
  ])("refuses %j in one line that says what to do", (args, message) => {
    expect(() => parse(...args)).toThrow(message);
    expect(() => parse(...args)).toThrow(/npm start -- --help/);
    expect(() => parse(...args)).not.toThrow(/\n/);
  });
});
