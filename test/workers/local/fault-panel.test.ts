/** Breaking and mending demo targets on the fault panel, met by clients as probes are. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { userAgent } from "../../../shared/version.ts";
import { FAULTS, FaultBook, faultFor } from "../../../workers/local/demo/fault.ts";
import { panelApp } from "../../../workers/local/demo/panel.ts";
import { SLOW_ECHO_MS, startTargetServer } from "../../../workers/local/demo/target-server.ts";
import type { LocalServer } from "../../../workers/local/services/http-server.ts";
import { serve } from "../../../workers/local/services/http-server.ts";
import { NO_TROUBLE, RegionTroubles } from "../../../workers/local/services/region-trouble.ts";

const REGIONS = ["us-east", "eu-central"];
const SILENCE_MS = 300;
let folder: string;
let panel: LocalServer;
let target: LocalServer;
let faults: FaultBook;
let troubles: RegionTroubles;

const openBook = () =>
  new FaultBook(
    join(folder, "faults.json"),
    new Map([["echo", { fault: "none" as const, regions: null }]]),
  );

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "echoquorum-panel-"));
  faults = openBook();
  troubles = new RegionTroubles();
  const seen = new Map<string, number>();
  target = await startTargetServer({
    port: 0,
    credentials: null,
    faultFor(region) {
      if (region !== null) seen.set(region, Date.now());
      return faultFor(faults.get("echo"), region);
    },
  });
  const addresses = { statusPage: "http://page.test/", panel: "", alerts: "" };
  panel = await serve(
    panelApp({
      addresses: () => addresses,
      targets: [{ id: "echo", name: "Healthy <echo>", url: target.origin }],
      regions: REGIONS,
      troubles,
      faults,
      seen: () => seen,
    }),
    0,
  );
});

afterEach(async () => {
  await Promise.all([panel.close(), target.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const setFault = (body: unknown) =>
  fetch(`${panel.origin}/targets/echo/fault`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** What a client of a region (null: not a probe) meets. */
async function meet(region: string | null): Promise<string> {
  const agent = region === null ? "curl/8" : userAgent(region);
  const client = new WebSocket(target.origin, { headers: { "user-agent": agent } });
  try {
    return await new Promise<string>((resolve) => {
      client.on("unexpected-response", (_request, response) => resolve(`${response.statusCode}`));
      client.on("error", (error) => resolve(error.message));
      client.on("message", (data) => resolve(`echo ${String(data)}`));
      client.on("open", () => {
        client.send("hello");
        client.ping();
        setTimeout(() => resolve("silence"), SILENCE_MS);
      });
      client.on("pong", () => undefined);
    });
  } finally {
    client.removeAllListeners();
    client.on("error", () => undefined);
    client.terminate();
  }
}

describe("a target of the fault panel", () => {
  it("echoes while nothing is wrong with it", async () => {
    expect(await meet("us-east")).toBe("echo hello");
    expect(await meet(null)).toBe("echo hello");
  });

  it.each([
    ["refuse", "503"],
    ["drop", /socket hang up|ECONNRESET/],
    ["wrong_accept", "Invalid Sec-WebSocket-Accept header"],
    ["silent", "silence"],
  ])("shows %s to everyone it was set for", async (fault, met) => {
    expect((await setFault({ fault })).status).toBe(200);
    for (const region of [...REGIONS, null]) expect(await meet(region)).toMatch(met);
  });

  it("echoes late when it is slow", async () => {
    await setFault({ fault: "slow" });
    const client = new WebSocket(target.origin);
    await once(client, "open");
    const sentAtMs = performance.now();
    client.send("hello");
    const [data] = (await once(client, "message")) as [Buffer];
    expect(data.toString()).toBe("hello");
    expect(performance.now() - sentAtMs).toBeGreaterThan(SLOW_ECHO_MS - 20);
    client.terminate();
  });

  it("spares the regions that were not chosen, and everyone who is no probe", async () => {
    await setFault({ fault: "refuse", regions: ["eu-central"] });
    expect(await meet("eu-central")).toBe("503");
    expect(await meet("us-east")).toBe("echo hello");
    expect(await meet(null)).toBe("echo hello");
  });

  it("is mended at once", async () => {
    await setFault({ fault: "refuse", regions: ["eu-central"] });
    await setFault({ fault: "none" });
    expect(await meet("eu-central")).toBe("echo hello");
  });

  it("is mended with any list of regions, but not broken for nobody", async () => {
    await setFault({ fault: "refuse", regions: ["eu-central"] });
    expect((await setFault({ fault: "refuse", regions: [] })).status).toBe(400);
    expect(await meet("eu-central")).toBe("503");
    expect((await setFault({ fault: "none", regions: [] })).status).toBe(200);
    expect(await meet("eu-central")).toBe("echo hello");
  });

  it("stays broken over a restart", async () => {
    await setFault({ fault: "silent", regions: ["us-east"] });
    expect(openBook().get("echo")).toEqual({ fault: "silent", regions: ["us-east"] });
  });
});

describe("the panel", () => {
  it("lists targets with their faults and who called", async () => {
    await meet("us-east");
    await setFault({ fault: "slow", regions: ["us-east"] });
    const { targets } = (await (await fetch(`${panel.origin}/targets`)).json()) as {
      targets: Array<{ seen: Record<string, string> }>;
    };
    expect(targets).toMatchObject([
      { id: "echo", monitor: "echo", url: target.origin, fault: "slow", regions: ["us-east"] },
    ]);
    expect(Object.keys(targets[0]?.seen ?? {})).toEqual(["us-east"]);
  });

  it("works as plain forms", async () => {
    const response = await fetch(`${panel.origin}/targets/echo/fault`, {
      method: "POST",
      body: new URLSearchParams([
        ["fault", "drop"],
        ["regions", "us-east"],
        ["regions", "eu-central"],
      ]),
      redirect: "manual",
    });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/#echo");
    expect(faults.get("echo")).toEqual({ fault: "drop", regions: REGIONS });
  });

  it("shows every fault, escapes names, and runs no script", async () => {
    const page = await (await fetch(panel.origin)).text();
    for (const { label } of Object.values(FAULTS)) expect(page).toContain(label);
    expect(page).toContain("Healthy &lt;echo&gt;");
    expect(page).not.toContain("<script");
  });

  it.each([
    [{ fault: "explode" }, /fault/],
    [{ fault: "drop", regions: ["mars"] }, /regions/],
    [{ fault: "drop", regions: [] }, /regions/],
    [{ fault: "drop", colour: "red" }, /colour/],
    [null, /expected object/],
  ])("refuses %j and changes nothing", async (body, detail) => {
    const response = await setFault(body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
    expect(faults.get("echo").fault).toBe("none");
  });

  it("knows its targets", async () => {
    const response = await fetch(`${panel.origin}/targets/other/fault`, { method: "POST" });
    expect(response.status).toBe(404);
  });

  it("takes no form from another site", async () => {
    const response = await fetch(`${panel.origin}/targets/echo/fault`, {
      method: "POST",
      headers: { origin: "https://elsewhere.example" },
      body: new URLSearchParams({ fault: "drop" }),
    });
    expect(response.status).toBe(403);
    expect(faults.get("echo").fault).toBe("none");
  });

  it("complains about a damaged file of faults", async () => {
    await setFault({ fault: "drop" });
    const path = join(folder, "faults.json");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 20));
    expect(openBook).toThrow(/damaged: remove it/);
  });
});

const json = (body: unknown) => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

const trouble = (region: string, init: RequestInit) =>
  fetch(`${panel.origin}/regions/${region}/trouble`, {
    method: "POST",
    redirect: "manual",
    ...init,
  });

describe("the panel's regions", () => {
  it("are troubled and mended by JSON", async () => {
    const response = await trouble("us-east", json({ cronStopped: true, colo: "FRA" }));
    const expected = { cronStopped: true, probeStopped: false, blind: false, colo: "FRA" };
    expect(await response.json()).toMatchObject({ id: "us-east", ...expected });
    expect(troubles.get("us-east")).toEqual(expected);
    expect(troubles.coloOf("us-east")).toBe("FRA");
    await trouble("us-east", json({}));
    expect(troubles.get("us-east")).toEqual(NO_TROUBLE);
    expect(troubles.coloOf("us-east")).toBe("IAD");
  });

  it("are troubled by plain forms, and shown as they are", async () => {
    const body = new URLSearchParams({ blind: "1", colo: "" });
    const response = await trouble("eu-central", { body });
    expect(response.headers.get("location")).toBe("/#regions");
    expect(troubles.get("eu-central")).toEqual({ ...NO_TROUBLE, blind: true });
    const { regions } = (await (await fetch(`${panel.origin}/regions`)).json()) as {
      regions: unknown[];
    };
    expect(regions).toMatchObject([
      { id: "us-east", blind: false },
      { id: "eu-central", blind: true },
    ]);
    expect(await (await fetch(panel.origin)).text()).toMatch(/name="blind"\s+value="1"\s+checked/);
  });

  it.each([
    ["mars", {}, 404],
    ["us-east", { colo: "QQQ" }, 400],
    ["us-east", { blind: "yes" }, 400],
  ])("refuse trouble for %s of %j", async (region, body, status) => {
    expect((await trouble(region, json(body))).status).toBe(status);
    expect(troubles.get("us-east")).toEqual(NO_TROUBLE);
  });

  it("take no form from another site", async () => {
    const headers = { origin: "https://elsewhere.example" };
    const response = await trouble("us-east", { headers, body: new URLSearchParams() });
    expect(response.status).toBe(403);
  });
});
