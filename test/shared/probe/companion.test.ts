/** The HTTP request beside a check: how it is judged, and which of the four cases it makes. */
import { describe, expect, it } from "vitest";
import { checkSpec } from "../../../shared/monitor/monitor.ts";
import { castVote } from "../../../shared/monitor/vote.ts";
import type { CompanionAnswer, CompanionSpec } from "../../../shared/probe/companion.ts";
import {
  companionCase,
  companionSentence,
  judgeCompanion,
} from "../../../shared/probe/companion.ts";
import { decodeRun, encodeRun } from "../../../shared/probe/run.ts";
import { makeMonitor, makeObservation } from "../../support/observation.ts";

const ANY: CompanionSpec = { url: "https://a.test/", status: null, statusBelow: 400, body: null };
const answer = (status: number, body = "", bodyTimedOut = false): CompanionAnswer => ({
  type: "answered",
  status,
  totalMs: 12,
  body,
  bodyTimedOut,
});

const specOf = (url: string, http: unknown) => checkSpec(makeMonitor({ url, http })).http;

describe("what a monitor asks of HTTP", () => {
  it("is nothing, the root of the same host, or what it says", () => {
    expect(specOf("wss://a.test:8443/socket?x=1", false)).toBeUndefined();
    expect(specOf("wss://a.test:8443/socket?x=1", true)).toEqual({
      ...ANY,
      url: "https://a.test:8443/",
      statusBelow: 500,
    });
    expect(specOf("ws://a.test/socket", { status: 200 })).toEqual({
      ...ANY,
      url: "http://a.test/",
      status: 200,
    });
    expect(specOf("ws://a.test/", { url: "https://b.test/health", body: "ok" })).toEqual({
      ...ANY,
      url: "https://b.test/health",
      body: "ok",
    });
  });

  it.each([
    [{ url: "wss://a.test/" }, "http:// or https://"],
    [{ url: "https://user:pass@a.test/" }, "no credentials"],
    [{ status: 42 }, "100"],
    [{ body: "" }, "1"],
    [{ method: "POST" }, "method"],
    ["yes", ""],
  ])("is refused as %j", (http, said) => {
    expect(() => makeMonitor({ http })).toThrow(said);
  });
});

describe("the answer", () => {
  it.each([
    [ANY, answer(204), "up", null, 204],
    [ANY, answer(302), "up", null, 302],
    [ANY, answer(404), "down", "http_status", 404],
    [{ ...ANY, statusBelow: 500 }, answer(404), "up", null, 404],
    [{ ...ANY, statusBelow: 500 }, answer(502), "down", "http_status", 502],
    [{ ...ANY, status: 418 }, answer(418), "up", null, 418],
    [{ ...ANY, status: 200 }, answer(204), "down", "http_status", 204],
    [{ ...ANY, body: "ok" }, answer(200, "all ok"), "up", null, 200],
    [{ ...ANY, body: "ok" }, answer(200, "no"), "down", "http_body", 200],
    [{ ...ANY, body: "ok" }, answer(200, "o", true), "down", "http_timeout", 200],
    [ANY, { type: "timeout", totalMs: 12 } as const, "down", "http_timeout", null],
    [ANY, { type: "failed", totalMs: 12 } as const, "down", "http_failed", null],
  ] as const)("%j, %j is %s %s", (spec, seen, status, reason, code) => {
    expect(judgeCompanion(spec, seen)).toMatchObject({ status, reason, code, totalMs: 12 });
  });

  it("says what was expected, and nothing that the server said", () => {
    const { message } = judgeCompanion({ ...ANY, body: "ok" }, answer(500, "secret"));
    expect(message).toMatch(/answered 500 Internal Server Error\. Expected was a status below 400/);
    expect(message).not.toContain("secret");
  });
});

describe("WebSocket and HTTP together", () => {
  it.each([
    [true, true, "both_up", "WebSocket and HTTP both work."],
    [false, true, "websocket_down", "HTTP works where WebSocket fails. A proxy"],
    [false, false, "both_down", "HTTP fails too. The server is down, or the network"],
    [true, false, "http_down", "WebSocket works where HTTP fails."],
  ] as const)("%s and %s are %s", (webSocket, http, which, words) => {
    expect(companionCase(webSocket, http)).toBe(which);
    expect(companionSentence(which)).toContain(words);
  });

  it("go through the log and into the vote, which stays as it was", () => {
    const http = judgeCompanion(ANY, answer(502));
    const observation = makeObservation({ region: "us-east", startedAtMs: 1_000, http });
    const run = {
      scheduledAtMs: 0,
      region: "us-east",
      lane: "0",
      startedAtMs: 1_000,
      finishedAtMs: 2_000,
      colo: null,
      configVersion: 1,
      observations: [observation],
    };
    const [kept] = decodeRun(encodeRun(run)).observations;
    if (kept === undefined) throw new Error("the run holds an observation");
    expect(kept.http).toEqual(http);
    const { http: seen, ...vote } = castVote(undefined, kept);
    expect(seen).toEqual({ status: "down", reason: "http_status", code: 502 });
    const { http: _http, ...alone } = kept;
    expect(vote).toEqual(castVote(undefined, alone));
  });
});
