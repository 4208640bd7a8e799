/** `eq rollups rebuild` against a server that answers as the API does. */
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../../workers/local/services/http-server.ts";
import { runCommand } from "../../support/command.ts";

const day = (name: string, repaired: number) => ({
  day: `${name}T00:00:00.000Z`,
  runs: 5_760,
  observations: 172_800,
  repaired,
  written: 780,
});
const answers = new Map<string | undefined, unknown>([
  [undefined, { days: [day("2026-11-20", 0)], next: "2026-11-21T00:00:00.000Z" }],
  ["2026-11-21T00:00:00.000Z", { days: [day("2026-11-21", 3)], next: null }],
  ["2026-11-25", { days: [], next: null }],
]);
const asked: string[] = [];
const server = createServer((incoming, response) => {
  let text = "";
  incoming.on("data", (chunk: Buffer) => (text += chunk.toString()));
  incoming.on("end", () => {
    asked.push(`${incoming.method} ${incoming.url} ${text}`);
    const { from } = JSON.parse(text) as { from?: string };
    const answer = answers.get(from);
    response.writeHead(answer === undefined ? 422 : 200);
    response.end(JSON.stringify(answer ?? { detail: "from: expected ISO 8601." }));
  });
});
let url = "";
beforeAll(async () => void (url = `http://127.0.0.1:${await listen(server, 0)}`));
afterAll(() => server.close());

const rollups = (...args: string[]) =>
  runCommand("eq.ts", ["rollups", ...args, "--url", url, "--token", "secret"]);

describe("eq rollups rebuild", () => {
  it("goes on until every day is done, and tells what differed", async () => {
    const result = await rollups("rebuild", "--to", "2026-11-22");
    expect(result.stdout).toBe(
      "2026-11-20  5760 runs, 172800 observations: nothing differed\n" +
        "2026-11-21  5760 runs, 172800 observations: 3 buckets put right\n",
    );
    expect(asked.filter((request) => request.includes('"to"'))).toEqual([
      'POST /api/v1/rollups/rebuild {"to":"2026-11-22"}',
      'POST /api/v1/rollups/rebuild {"from":"2026-11-21T00:00:00.000Z","to":"2026-11-22"}',
    ]);
  });

  it("says so where there is nothing to rebuild, or the network refuses", async () => {
    const nothing = await rollups("rebuild", "--from", "2026-11-25");
    expect(nothing.stdout).toContain("There is no whole day that is over");
    const refused = await rollups("rebuild", "--from", "yesterday");
    expect(refused.stderr).toContain("from: expected ISO 8601.");
    expect((await rollups()).stderr).toContain("Expected rebuild.");
  });
});
