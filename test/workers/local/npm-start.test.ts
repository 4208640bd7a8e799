/** `npm start` as a process: ready, stopped, killed, started again, and with what it cannot use. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { text as readText } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { freePort, isFree, listen } from "../../../workers/local/services/http-server.ts";
import type { RunningCommand } from "../../support/command.ts";
import { runCommand, startCommand } from "../../support/command.ts";
import { eventually } from "../../support/eventually.ts";

const STOP_WITHIN_MS = 10_000;
const VERDICT_WITHIN_MS = 30_000;
const folder = mkdtempSync(join(tmpdir(), "echoquorum-start-"));
const running: RunningCommand[] = [];

afterEach(async () => {
  for (const { process: child } of running.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: string[]): RunningCommand {
  const command = startCommand("main.ts", args);
  running.push(command);
  return command;
}

async function ready(command: RunningCommand): Promise<string> {
  const [, url = ""] = await command.line(/^ready (http:\S+)$/m);
  return url;
}

/** A file of the data folder. */
const read = (data: string, name: string) => readFileSync(join(data, name), "utf8").trim();

async function ask(url: string, token: string, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  expect(response.status).toBe(200);
  return response.json();
}

/** What is at an address when it is asked for under a host name. */
function textAt(address: string, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(address, { headers: { host }, timeout: 10_000 }, (response) => {
      readText(response).then(resolve, reject);
    });
    request.once("error", reject);
  });
}

/** Runs it where it should refuse, in one line. */
async function refused(...args: string[]) {
  const { code, stderr } = await runCommand("main.ts", args);
  expect(stderr.trimEnd()).not.toContain("\n");
  return { code, message: stderr.trimEnd() };
}

describe("npm start", { timeout: 120_000 }, () => {
  it("keeps its data over SIGKILL, leaves nothing behind, and goes on where it was", async () => {
    const data = join(folder, "kept");
    const port = await freePort();
    const options = ["--port", String(port), "--data", data, "--every", "1s"];
    const first = start(...options);
    const url = await ready(first);
    expect(url).toBe(`http://127.0.0.1:${port}/`);
    expect((await fetch(url)).status).toBe(200);
    const token = read(data, "admin-token");
    expect(first.output()).toContain(token);
    expect(statSync(join(data, "admin-token")).mode & 0o777).toBe(0o600);
    await first.line(/incident opened/);
    const opened = (await ask(url, token, "api/v1/incidents")) as Array<{ id: string }>;
    const ports = JSON.parse(read(data, "demo-ports.json")) as object;

    first.process.kill("SIGKILL");
    await first.ended;
    await eventually("the port is free again", STOP_WITHIN_MS, () => isFree(port));

    const second = start(...options);
    await ready(second);
    expect(read(data, "admin-token")).toBe(token);
    expect(JSON.parse(read(data, "demo-ports.json"))).toEqual(ports);
    const incidents = (await ask(url, token, "api/v1/incidents")) as Array<{ id: string }>;
    const ids = incidents.map(({ id }) => id);
    for (const { id } of opened) expect(ids).toContain(id);
    expect((await ask(url, token, "api/v1/monitors")) as unknown[]).toHaveLength(5);

    second.process.kill("SIGTERM");
    expect(await second.ended).toMatchObject({ code: 0, signal: null });
    expect(await isFree(port)).toBe(true);
  });

  it("stops cleanly on Ctrl+C while it is still starting", async () => {
    const command = start("--port", "0", "--data", join(folder, "early"), "--no-demo");
    await command.line(/bundling/);
    command.process.kill("SIGINT");
    expect(await command.ended).toMatchObject({ code: 0, signal: null });
  });

  it("applies a configuration file, again without doubling anything", async () => {
    const data = join(folder, "configured");
    const config = join(folder, "network.json");
    const monitor = { name: "Own service", url: `ws://127.0.0.1:${await freePort()}/` };
    const channel = { name: "Hook", kind: "webhook", settings: { url: "https://hook.test/x" } };
    const options = ["--port", "0", "--data", data, "--no-demo", "--every", "1s"];
    const work = { startsAt: "2099-01-01T22:00:00Z", endsAt: "2099-01-01T23:00:00Z" };
    const maintenance = { name: "Move", monitors: ["own-service"], ...work };
    const page = { name: "Own page", hosts: ["status.own.example"], logo: "logo.svg" };
    writeFileSync(join(folder, "logo.svg"), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    const all = { monitors: [monitor], channels: [channel], maintenances: [maintenance] };
    writeFileSync(config, JSON.stringify({ ...all, pages: [page] }));
    const first = start(...options, "--config", config);
    await ready(first);
    first.process.kill("SIGTERM");
    await first.ended;

    const longer = { ...maintenance, endsAt: "2099-01-02T00:00:00Z" };
    const changed = { monitors: [{ ...monitor, group: "Mine" }], maintenances: [longer] };
    writeFileSync(config, JSON.stringify(changed));
    const second = start(...options, "--config", config);
    const url = await ready(second);
    const token = read(data, "admin-token");
    expect(await ask(url, token, "api/v1/monitors")).toMatchObject([
      { name: "Own service", group: "Mine" },
    ]);
    expect(await ask(url, token, "api/v1/channels")).toMatchObject([{ name: "Hook" }]);
    expect(await ask(url, token, "api/v1/maintenances")).toMatchObject([
      { name: "Move", endsAt: "2099-01-02T00:00:00.000Z" },
    ]);
    const own = await textAt(url, "status.own.example");
    expect(own).toContain("· Own page</title>");
    const [logo = ""] = /\/assets\/logo-\w+\.svg/.exec(own) ?? [];
    expect(await textAt(new URL(logo, url).href, "status.own.example")).toContain("<svg");
    expect(await textAt(url, "status.other.example")).toContain("· Echoquorum status</title>");
    await eventually("all four regions have voted", VERDICT_WITHIN_MS, async () => {
      const verdict = await ask(url, token, "api/v1/monitors/own-service/verdict");
      const { votes } = verdict as { votes: Array<{ counted: boolean; colo: string | null }> };
      const colos = votes.flatMap(({ counted, colo }) => (counted && colo !== null ? [colo] : []));
      return new Set(colos).size === 4;
    });
  });

  it("moves a demo target whose port was taken, and its monitor with it", async () => {
    const data = join(folder, "moved");
    const first = start("--port", "0", "--data", data, "--every", "1s");
    await ready(first);
    first.process.kill("SIGTERM");
    await first.ended;
    const { ports } = JSON.parse(read(data, "demo-ports.json")) as {
      ports: Record<string, number>;
    };
    const squatter = createServer();
    await listen(squatter, ports["echo"] ?? 0);
    try {
      const second = start("--port", "0", "--data", data, "--every", "1s");
      const url = await ready(second);
      const token = read(data, "admin-token");
      const monitor = (await ask(url, token, "api/v1/monitors/echo")) as { url: string };
      expect(new URL(monitor.url).port).not.toBe(String(ports["echo"]));
      await second.line(/operational +Healthy echo/);
    } finally {
      squatter.close();
    }
  });
});

describe("npm start with what it cannot use", { timeout: 120_000 }, () => {
  it("names the port that is in use, and another", async () => {
    const squatter = createServer();
    const port = await listen(squatter, 0);
    const { code, message } = await refused("--port", `${port}`, "--data", join(folder, "port"));
    squatter.close();
    expect(code).toBe(2);
    expect(message).toMatch(new RegExp(`^Port ${port} is in use: .*--port \\d+`));
  });

  it("names the data folder that cannot be written", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const { code, message } = await refused("--port", "0", "--data", join(file, "data"));
    expect(code).toBe(2);
    expect(message).toContain(`The data folder ${join(file, "data")} cannot be written`);
  });

  it("gives up on a place in which no folder can be made", async () => {
    const { code, message } = await refused("--port", "0", "--data", "/proc/echoquorum");
    expect(code).toBe(2);
    expect(message).toContain("The data folder /proc/echoquorum cannot be written");
  });

  it("keeps two networks out of one data folder", async () => {
    const data = join(folder, "shared");
    const first = start("--port", "0", "--data", data, "--no-demo");
    await first.line(/bundling/);
    const { code, message } = await refused("--port", "0", "--data", data, "--no-demo");
    expect(code).toBe(2);
    expect(message).toContain("used by another `npm start`");
  });

  it.each([
    ['{ "monitors": [', /broken\.json is not JSON/],
    ['{ "monitors": [{ "name": "x", "url": "http://a/" }] }', /monitors\[0\]\.url: expected a ws/],
    [
      '{ "monitors": [{ "name": "x", "url": "ws://a/" }, { "name": "x", "url": "ws://b/" }] }',
      /monitors\[1\]\.name: expected another than that of an earlier one, or an id/,
    ],
    ['{ "monitors": [], "chanels": [] }', /chanels: unknown field/],
    ['{ "channels": [{ "name": "x", "kind": "fax" }] }', /channels\[0\]\.kind/],
    ['{ "maintenances": [{ "name": "x", "startsAt": "now" }] }', /maintenances\[0\]\.startsAt/],
    ['{ "pages": [{ "name": "x", "css": "@import \'y\';" }] }', /pages\[0\]\.css: expected no @im/],
    ['{ "pages": [{ "name": "x", "logo": "none.svg" }] }', /pages\[0\]\.logo: the file none\.svg/],
  ])("names file and field of a broken configuration: %s", async (text, expected) => {
    const config = join(folder, "broken.json");
    writeFileSync(config, text);
    const { code, message } = await refused("--config", config, "--data", join(folder, "broken"));
    expect(code).toBe(2);
    expect(message).toMatch(expected);
  });

  it("names the configuration file that is not there", async () => {
    const { code, message } = await refused("--config", join(folder, "nowhere.json"));
    expect(code).toBe(2);
    expect(message).toContain("nowhere.json cannot be read");
  });

  it("refuses an unknown option", async () => {
    const { code, message } = await refused("--prot", "1");
    expect(code).toBe(2);
    expect(message).toContain("Unknown option '--prot'.");
  });
});
