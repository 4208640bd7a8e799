/** `eq incident` against the API itself, on a real database. */
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../../workers/local/services/http-server.ts";
import type { TestApi } from "../../support/api-client.ts";
import { TOKEN, openTestApi } from "../../support/api-client.ts";
import { runCommand } from "../../support/command.ts";

let api: TestApi;
let url = "";
const server = createServer(async (incoming, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([name]) =>
      /^(authorization|content-type)$/.test(name),
    ),
  ) as Record<string, string>;
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
  const path = incoming.url ?? "/";
  const answer = await api.send(incoming.method ?? "GET", path, { token: null, headers, ...body });
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(answer.text);
});
beforeAll(async () => {
  api = await openTestApi();
  url = `http://127.0.0.1:${await listen(server, 0)}`;
  const json = { name: "Chat", url: "wss://chat.example.com/" };
  expect((await api.send("POST", "/api/v1/monitors", { json })).status).toBe(201);
});
afterAll(async () => {
  server.close();
  await api.close();
});

const incident = (...args: string[]) =>
  runCommand("eq.ts", ["incident", ...args, "--url", url, "--token", TOKEN]);

describe("eq incident", () => {
  it("tells of trouble from its beginning to what was learned from it", async () => {
    const declared = ["--impact", "chat=degraded", "--at", "2026-11-20T14:00:00Z"];
    const said = ["--text", "We are looking into it."];
    const begun = await incident("create", "Messages arrive late", ...declared, ...said);
    expect(begun.stdout).toBe("messages-arrive-late  investigating  Messages arrive late\n");
    const id = "messages-arrive-late";
    await incident("update", id, "--status", "identified", "--text", "A **queue** is full.");
    const listed = await incident("list", "--open");
    expect(listed.stdout).toContain(`${id}  2026-11-20T14:00:00.000Z  identified     degraded`);
    const ended = await incident("resolve", id);
    expect(ended.stdout).toContain("resolved");
    expect((await incident("list", "--open")).stdout).toBe("There are no written incidents.\n");
    await incident("postmortem", id, "--text", "The queue is larger now.");
    const { json } = await api.send("GET", `/api/v1/written-incidents/${id}`);
    expect(json).toMatchObject({ postmortem: { text: "The queue is larger now." } });
    expect((await incident("delete", id)).stdout).toBe(`${id} is deleted.\n`);
  });

  it("says what is wrong, and changes nothing", async () => {
    const wrong = async (...args: string[]) => {
      const { code, stderr } = await incident(...args);
      expect(code).toBe(3);
      expect(stderr).not.toMatch(/\n\s+at /);
      return stderr;
    };
    expect(await wrong("create")).toContain("Expected a title, or --template.");
    expect(await wrong("create", "Late", "--text", "So.", "--impact", "none=down")).toContain(
      'there is no monitor "none"',
    );
    expect(await wrong("create", "Late", "--text", "So.", "--impact", "chat")).toContain(
      "--impact expects <monitor>=<impact>",
    );
    expect(await wrong("update", "nothing", "--text", "So.")).toContain("nothing");
    expect((await incident("list")).stdout).toBe("There are no written incidents.\n");
  });
});
