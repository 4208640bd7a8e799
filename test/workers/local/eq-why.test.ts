/** `eq why` against a server that answers as the API does. */
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../../workers/local/services/http-server.ts";
import { runCommand } from "../../support/command.ts";

const decisions = [
  {
    at: "2026-11-20T14:02:13.000Z",
    transition: "chat-1.1",
    channel: "ops",
    alert: "fired",
    delivery: "chat-1.1.ops",
    steps: [{ stage: "tier", passed: true, why: "down of a critical monitor is critical" }],
  },
  {
    at: "2026-11-20T14:02:13.000Z",
    transition: "chat-1.1",
    channel: "dev",
    alert: null,
    delivery: null,
    steps: [{ stage: "route", passed: false, why: "no route matches" }],
  },
];
const asked: string[] = [];
const server = createServer((incoming, response) => {
  asked.push(`${incoming.url} ${incoming.headers.authorization}`);
  const known = incoming.url === "/api/v1/incidents/chat-1/decisions";
  response.writeHead(known ? 200 : 404);
  response.end(JSON.stringify(known ? decisions : { detail: "There is no incident." }));
});
let url = "";
beforeAll(async () => void (url = `http://127.0.0.1:${await listen(server, 0)}`));
afterAll(() => server.close());

const why = (...args: string[]) => runCommand("eq.ts", ["why", ...args]);

describe("eq why", () => {
  it("tells for each channel what it was told, and which stage decided", async () => {
    const result = await why("chat-1", "--url", url, "--token", "secret");
    expect(result.stdout).toContain("ops: fired, in chat-1.1.ops");
    expect(result.stdout).toContain("✓ tier: down of a critical monitor is critical");
    expect(result.stdout).toContain("dev: told nothing\n  ✗ route: no route matches");
    expect(asked).toContain("/api/v1/incidents/chat-1/decisions Bearer secret");
  });

  it("says so when there is no such incident, and when none is named", async () => {
    const unknown = await why("nothing", "--url", url, "--token", "secret");
    expect(unknown.stderr).toContain("There is no incident.");
    expect((await why("--token", "secret")).stderr).toContain("Expected one incident.");
  });
});
