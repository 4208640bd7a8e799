/** A network backed up in the middle of an outage, and restored into another, in the real runtime. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BackupRow } from "../../../../shared/backup-file.ts";
import { readBackup } from "../../../../shared/backup-file.ts";
import {
  CONFIGURATION_TABLES,
  HISTORY_TABLES,
  LEFT_OUT_TABLES,
} from "../../../../workers/coordinator/db/backup-store.ts";
import {
  LEFT_OUT_OBJECT_TABLES,
  OBJECT_TABLES,
} from "../../../../workers/coordinator/object/backup-guard.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import type { AlertReceiver } from "../../../support/alert-receiver.ts";
import { startAlertReceiver } from "../../../support/alert-receiver.ts";
import type { BreakableServer } from "../../../support/breakable-server.ts";
import { startBreakableServer } from "../../../support/breakable-server.ts";
import { openTestDatabase } from "../../../support/database.ts";
import { eventually } from "../../../support/eventually.ts";
import type { HarnessNetwork } from "../../../support/harness-network.ts";
import { HARNESS_REGIONS, startHarnessNetwork } from "../../../support/harness-network.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";

const PACE_MS = 4_000;
const TYPE = "application/vnd.echoquorum.backup";
/** What the API says that must be the same, without what time alone changes. */
const ANSWERS = [
  "/api/v1/monitors",
  "/api/v1/channels",
  "/api/v1/maintenances",
  "/api/v1/alert-policy",
  "/api/v1/silences",
  "/api/v1/written-incidents",
  "/api/v1/incident-templates",
  "/api/v1/incidents",
  "/api/v1/deliveries",
];

const answersOf = (from: HarnessNetwork) =>
  Promise.all(ANSWERS.map((path) => from.api<unknown>("GET", path)));
const rowsOf = (text: string) => [...readBackup(text.trimEnd().split("\n"))];

describe("a backup", () => {
  it("has a place, in it or not, for every table of D1", async () => {
    const database = await openTestDatabase();
    const { results } = await database.db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf*' ORDER BY name",
      )
      .all<{ name: string }>();
    await database.close();
    const placed = new Set<string>([
      ...Object.keys(CONFIGURATION_TABLES),
      ...Object.keys(HISTORY_TABLES),
      ...LEFT_OUT_TABLES,
    ]);
    const unplaced = results.map(({ name }) => name).filter((name) => !placed.has(name));
    expect(unplaced, "say in db/backup-store.ts whether a backup has them").toEqual([]);
  });

  it("has a place, in it or not, for every table of the object", () => {
    const database = new TestObjectDatabase();
    new Store(database).load();
    const tables = database.query("SELECT name FROM sqlite_master WHERE type = 'table'");
    const placed = new Set<string>([...Object.keys(OBJECT_TABLES), ...LEFT_OUT_OBJECT_TABLES]);
    const unplaced = tables.map(({ name }) => String(name)).filter((name) => !placed.has(name));
    expect(unplaced, "say in object/backup-cut.ts whether a backup has them").toEqual([]);
  });
});

describe("a network that is restored", { timeout: 240_000 }, () => {
  let target: BreakableServer;
  let receiver: AlertReceiver;
  let network: HarnessNetwork;
  let file = "";
  let answers: unknown[] = [];
  let decisionsPath = "";
  let decisions: unknown[] = [];

  const begin = (text: string, replace: boolean) => {
    const header: unknown = JSON.parse(text.split("\n")[0] ?? "");
    const body = JSON.stringify({ replace, header });
    return network.send("POST", "/api/v1/restores", { type: "application/json", text: body });
  };
  const stage = async (text: string, replace: boolean) => {
    const { status, text: begun } = await begin(text, replace);
    expect(status, begun).toBe(201);
    const { id } = JSON.parse(begun) as { id: string };
    const middle = text.indexOf("\n", text.length / 2) + 1;
    const put = (part: number, lines: string) =>
      network.send("PUT", `/api/v1/restores/${id}/parts/${part}`, { type: TYPE, text: lines });
    expect((await put(0, text.slice(0, middle))).status).toBe(200);
    expect((await put(0, text.slice(0, middle))).status).toBe(200);
    return { id, last: await put(1, text.slice(middle)) };
  };
  const restore = async (text: string, replace: boolean): Promise<void> => {
    const { id, last } = await stage(text, replace);
    expect(last.status).toBe(200);
    await network.send("POST", `/api/v1/restores/${id}/commit`);
    await eventually("it is done", 60_000, async () => {
      const { state } = await network.api<{ state: string }>("GET", `/api/v1/restores/${id}`);
      return state === "done";
    });
  };

  beforeAll(async () => {
    target = await startBreakableServer();
    receiver = await startAlertReceiver();
    await using origin = await startHarnessNetwork(PACE_MS);
    await origin.api("PUT", "/api/v1/channels/hook", {
      name: "Hook",
      kind: "webhook",
      settings: { url: `${receiver.origin}/alerts` },
    });
    await origin.api("PUT", "/api/v1/alert-policy", { easeAfter: "3m" });
    await origin.api("POST", "/api/v1/silences", {
      matchers: ['monitor="another"'],
      author: "Ada",
      comment: "It is being moved.",
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const words = { title: "Echoes come late", text: "We **look** into it." };
    await origin.api("PUT", "/api/v1/incident-templates/late", words);
    await origin.api("POST", "/api/v1/written-incidents", words);
    const monitor = { name: "Echo", url: target.url, echo: true, timeout: "1s" };
    await origin.api("PUT", "/api/v1/monitors/echo", {
      ...monitor,
      headers: { "X-Key": "s3cret" },
    });
    origin.startCrons();
    const verdict = () => origin.api<{ verdict: string }>("GET", "/api/v1/monitors/echo/verdict");
    await eventually("it works", 40_000, async () => (await verdict()).verdict === "operational");
    target.breakFor(HARNESS_REGIONS);
    await eventually("the outage is told and noted as told", 60_000, async () => {
      const deliveries = await origin.api<Array<{ state: string }>>("GET", "/api/v1/deliveries");
      return deliveries.length === 1 && deliveries[0]?.state === "sent";
    });
    answers = await answersOf(origin);
    const [incident] = await origin.api<Array<{ id: string }>>("GET", "/api/v1/incidents");
    decisionsPath = `/api/v1/incidents/${incident?.id}/decisions`;
    decisions = await origin.api<unknown[]>("GET", decisionsPath);
    const backup = await origin.send("GET", "/api/v1/backup");
    expect(backup.status).toBe(200);
    file = backup.text;
    expect(await answersOf(origin)).toEqual(answers);
    network = await startHarnessNetwork(PACE_MS);
  }, 240_000);
  afterAll(async () => {
    await network[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  it("refuses what it cannot take, and changes nothing; then answers as the other did", async () => {
    expect((await network.send("GET", "/api/v1/backup")).status).toBe(200);
    const newer = file.replace('{"echoquorumBackup":1,', '{"echoquorumBackup":2,');
    expect(await begin(newer, false)).toMatchObject({
      status: 422,
      text: expect.stringContaining("header.echoquorumBackup") as string,
    });
    const other = file.replace(/"migration":"[^"]*"/, '"migration":"0000_network.sql"');
    expect(await begin(other, false)).toMatchObject({
      status: 422,
      text: expect.stringContaining("then upgrade") as string,
    });
    for (const damaged of [file.replace("s3cret", "s3cref"), file.slice(0, -90)]) {
      const { id, last } = await stage(damaged, false);
      const refused = await network.send("POST", `/api/v1/restores/${id}/commit`);
      expect(refused.status).toBe(409);
      expect(last.text + refused.text).toMatch(/damaged|cut short/);
      expect(last.text + refused.text).not.toContain("s3cre");
    }
    expect(await network.api("GET", "/api/v1/monitors")).toEqual([]);

    await restore(file, false);
    expect(await answersOf(network)).toEqual(answers);
    expect(decisions).not.toEqual([]);
    expect(await network.api("GET", decisionsPath)).toEqual(decisions);
    // A secret of the channel: in the open in the file, and nowhere else.
    expect(file.split(receiver.origin)).toHaveLength(3);
    const stored = await network.db.prepare("SELECT settings FROM channels").all();
    expect(JSON.stringify(stored.results)).not.toContain(receiver.origin);
    expect(await begin(file, false)).toMatchObject({ status: 409 });
    await restore(file, true);
    await network.evict();
    expect(await answersOf(network)).toEqual(answers);

    const again = (await network.send("GET", "/api/v1/backup")).text;
    const told = new Set(["incidents", "transitions", "deliveries", "buckets"]);
    const facts = (rows: BackupRow[]) =>
      rows
        .filter(({ in: place, table }) => place === "object" && told.has(table))
        // Time goes on, and D1 gets what it lacks.
        .filter(({ row }) => row["region"] !== "*")
        .map(({ table, row: { dirty: _dirty, ...row } }) => ({ table, row }));
    expect(facts(rowsOf(again))).toEqual(facts(rowsOf(file)));
    expect(facts(rowsOf(file)).some(({ table }) => table === "buckets")).toBe(true);

    network.startCrons();
    const verdict = () => network.api<{ verdict: string }>("GET", "/api/v1/monitors/echo/verdict");
    await eventually("it sees for itself", 60_000, async () => {
      const seen = await verdict();
      return seen.verdict === "down" || null;
    });
    target.breakFor([]);
    await eventually("the end is told", 60_000, () => receiver.requests.length === 2, verdict);
    const [fired, resolved] = receiver.requests.map(({ headers }) => String(headers["webhook-id"]));
    expect(resolved).not.toBe(fired);
    const incidents = await network.api<Array<{ timeline: Array<{ kind: string }> }>>(
      "GET",
      "/api/v1/incidents",
    );
    expect(incidents).toHaveLength(1);
    const kinds = incidents[0]?.timeline.map(({ kind }) => kind) ?? [];
    expect(kinds.filter((kind) => kind === "incident_opened")).toHaveLength(1);
    expect(kinds.at(-1)).toBe("incident_resolved");
  });
});
