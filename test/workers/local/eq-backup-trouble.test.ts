/** `eq backup` and `eq restore` with a network that breaks off, and files that others write. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BackupWriter } from "../../../shared/backup-file.ts";
import { runCommand, startCommand } from "../../support/command.ts";
import { eventually } from "../../support/eventually.ts";

const FACTS = { release: "1", createdAt: "2026-11-20", migration: "0", storage: 1 };

let folder: string;
let file: string;
let server: Server;
/** What the network answers. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "echoquorum-backup-"));
  file = join(folder, "all.backup");
  server = createServer((request, response) => {
    request.resume().once("end", () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const argsOf = (action: string) => {
  const { port } = server.address() as AddressInfo;
  return [action, file, "--url", `http://127.0.0.1:${port}/`, "--token", "t"];
};

function backup(): string {
  const writer = new BackupWriter();
  return writer.header(FACTS) + writer.end();
}

/** What the network says of a restore. */
function status(state: string): string {
  return JSON.stringify({ id: "r", state, error: null, partsLeft: 0 });
}

const thrice = (what: string) => [what, what, what];

describe("eq backup", { timeout: 60_000 }, () => {
  it("leaves alone what others have written, under whichever name", async () => {
    writeFileSync(`${file}.partial`, "somebody else's");
    answer = (_request, response) => void response.end(backup());
    expect(await runCommand("eq.ts", argsOf("backup"))).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).toBe(backup());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${file}.partial`, "utf8")).toBe("somebody else's");
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it("takes the place of no file that has come while it was read", async () => {
    answer = (_request, response) => {
      writeFileSync(file, "somebody else's");
      response.end(backup());
    };
    const { code, stderr } = await runCommand("eq.ts", argsOf("backup"));
    expect(code).toBe(3);
    expect(stderr).toContain("is there already; name another file");
    expect(readFileSync(file, "utf8")).toBe("somebody else's");
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("leaves no half of a file when it is ended", async () => {
    answer = (_request, response) => void response.write(new BackupWriter().header(FACTS));
    const command = startCommand("eq.ts", argsOf("backup"));
    await eventually("it has begun", 20_000, () => readdirSync(folder).length > 0);
    command.process.kill("SIGINT");
    expect(await command.ended).toMatchObject({ code: 130 });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("eq restore", { timeout: 60_000 }, () => {
  let asked: string[];
  beforeEach(() => {
    asked = [];
    writeFileSync(file, backup());
  });

  it("asks again for what was not answered, as long as that changes nothing", async () => {
    answer = ({ method = "", url = "" }, response) => {
      const what = `${method} ${url.replace("/api/v1/restores", "")}`;
      asked.push(what);
      const count = asked.filter((each) => each === what).length;
      if (what === "POST ") return void response.writeHead(201).end(status("staging"));
      if (count === 1) return void response.writeHead(503).end("{}");
      if (count === 2) return void response.destroy();
      response.end(status(method === "GET" ? "done" : "committing"));
    };
    const { code, stderr } = await runCommand("eq.ts", argsOf("restore"));
    expect(code, stderr).toBe(0);
    expect(asked).toEqual([
      "POST ",
      ...thrice("PUT /r/parts/0"),
      ...thrice("POST /r/commit"),
      ...thrice("GET /r"),
    ]);
  });

  it("does not ask again for what was refused", async () => {
    answer = ({ method = "" }, response) => {
      asked.push(method);
      if (method === "POST") return void response.writeHead(201).end(status("staging"));
      response.writeHead(409).end(JSON.stringify({ detail: "It does not fit." }));
    };
    const { code, stderr } = await runCommand("eq.ts", argsOf("restore"));
    expect([code, stderr]).toEqual([3, "It does not fit.\n"]);
    expect(asked).toEqual(["POST", "PUT"]);
    expect(existsSync(file)).toBe(true);
  });
});
