/** What of the Workers' logs reaches the terminal. */
import { describe, expect, it } from "vitest";
import { renderLogLine } from "../../../workers/local/start/log-line.ts";
import { paletteFor } from "../../../workers/local/start/terminal.ts";

const plain = paletteFor({ isTTY: false }, {});
const nowMs = Date.UTC(2026, 10, 20, 14, 2, 11);
const line = (event: unknown, level = "log", palette = plain) =>
  renderLogLine(
    { level, message: typeof event === "string" ? event : JSON.stringify(event) },
    palette,
    nowMs,
  );
const transition = {
  event: "transition",
  kind: "incident_opened",
  monitor: "chat",
  name: "Chat",
  from: "operational",
  to: "down",
  message: "3 of 4 fresh regions: accept_mismatch",
  at: nowMs,
};

describe("a line of the terminal", () => {
  it("tells a transition", () => {
    expect(line(transition)).toBe(
      "14:02:11 down         Chat (incident opened) 3 of 4 fresh regions: accept_mismatch",
    );
    expect(line({ ...transition, kind: "verdict_changed", to: "unknown" })).toContain(
      "unknown      Chat (from operational)",
    );
  });

  it("tells where an alert went, and what stands in its way", () => {
    const delivery = { event: "delivery", alert: "fired", title: "Chat is down", channel: "ops" };
    expect(line({ ...delivery, state: "sent" })).toBe(
      "14:02:11 alert        fired → ops: Chat is down",
    );
    expect(line({ ...delivery, state: "dead", error: "410 Gone" })).toContain(
      "fired → ops: Chat is down (given up: 410 Gone)",
    );
  });

  it("tells how much of the past was caught up with", () => {
    const [from, to] = ["2026-11-20T08:00:00.000Z", "2026-11-20T13:59:00.000Z"];
    expect(line({ event: "history", transitions: 12, from, to })).toBe(
      `14:02:11 history      12 changes from ${from} to ${to}`,
    );
  });

  it("tells of trouble, structured or not", () => {
    expect(line({ event: "failure", what: "run log", error: "D1 is away" })).toContain(
      "trouble      run log: D1 is away",
    );
    expect(line("Uncaught Error: no", "error")).toBe("14:02:11 error Uncaught Error: no");
  });

  it("leaves the rest out", () => {
    expect(line("just saying")).toBeNull();
    expect(line({ event: "run", stored: true })).toBeNull();
    expect(line("{ not JSON")).toBeNull();
  });
});

describe("colours", () => {
  const escape = "\u001b[";
  it("are for terminals only", () => {
    expect(line(transition, "log", paletteFor({ isTTY: true }, {}))).toContain(escape);
    expect(line(transition, "log", paletteFor({ isTTY: false }, {}))).not.toContain(escape);
  });

  it("stay away when NO_COLOR is set", () => {
    const palette = paletteFor({ isTTY: true }, { NO_COLOR: "1" });
    expect(line(transition, "log", palette)).not.toContain(escape);
  });
});
