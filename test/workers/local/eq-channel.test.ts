/** `eq channel`, beside an API that answers as the test says. */
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort, listen } from "../../../workers/local/services/http-server.ts";
import { runCommand } from "../../support/command.ts";

const asked: string[] = [];
let answer: { status: number; json: unknown };
let url: string;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => (body += chunk.toString()));
  request.on("end", () => {
    const { authorization = "" } = request.headers;
    asked.push(`${request.method} ${request.url} ${authorization} ${body}`.trim());
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.json));
  });
});
beforeAll(async () => void (url = `http://127.0.0.1:${await listen(server, 0)}`));
afterAll(() => void server.close());
beforeEach(() => void (asked.length = 0));

const channel = (...args: string[]) =>
  runCommand("eq.ts", ["channel", ...args, "--url", url, "--token", "t0ken"]);

describe("eq channel test", () => {
  it("has a test message sent, and ends well once the channel has taken it", async () => {
    answer = { status: 200, json: { delivered: true, status: 204, error: null } };
    const { code, stdout } = await channel("test", "on-call");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "on-call took the test message (HTTP 204).\n",
    });
    expect(asked).toEqual(["POST /api/v1/channels/on-call/test Bearer t0ken"]);
  });

  it("says why the channel did not take it", async () => {
    const error = "the receiver answered HTTP 500: down";
    answer = { status: 200, json: { delivered: false, status: 500, error } };
    const { code, stderr } = await channel("test", "on-call");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `on-call did not take the test message: ${error}.\n`,
    });
  });

  it("passes on in one line what the API refuses", async () => {
    const detail = 'There is no channel with the id "none".';
    answer = { status: 404, json: { title: "Not found", detail } };
    const { code, stderr } = await channel("test", "none");
    expect({ code, stderr }).toEqual({ code: 3, stderr: `${detail}\n` });
  });
});

it("lists channels", async () => {
  answer = {
    status: 200,
    json: [
      { id: "on-call", name: "On call", kind: "webhook", settings: {} },
      { id: "team", name: "Team", kind: "slack", settings: {}, unreadable: true },
    ],
  };
  expect((await channel("list")).stdout).toBe(
    "on-call  webhook       On call\n" +
      "team     slack         Team (cannot be opened: its sealing key is missing)\n",
  );
});

it("replaces a signing secret, which alone is on standard output", async () => {
  answer = {
    status: 200,
    json: { secret: "whsec_new", formerUntil: "2026-11-21T12:00:00.000Z" },
  };
  const { code, stdout, stderr } = await channel("rotate", "on-call", "--keep-for", "2h");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "whsec_new\n" });
  expect(stderr).toContain("until 2026-11-21T12:00:00.000Z");
  expect(asked).toEqual(['POST /api/v1/channels/on-call/secret Bearer t0ken {"keepFor":"2h"}']);
});

it("says what is wrong with a call, and when nobody answers", async () => {
  const wrong = await runCommand("eq.ts", ["channel", "tset", "x", "--token", "t"]);
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toMatch(/^Expected list, test <id> or rotate <id>\./);
  const nowhere = `http://127.0.0.1:${await freePort()}/`;
  const args = ["channel", "list", "--url", nowhere, "--token", "t"];
  const { code, stderr } = await runCommand("eq.ts", args);
  expect(code).toBe(3);
  expect(stderr).toContain(`${nowhere} cannot be reached: connect ECONNREFUSED`);
});
