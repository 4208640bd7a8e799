/** Several coordinators answer as if they were one. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { emptyRollup } from "../../../shared/monitor/rollup.ts";
import { CoordinatorGroup } from "../../../workers/coordinator/coordinator-group.ts";
import type { IncidentWithTimeline } from "../../../workers/coordinator/object/rpc.ts";
import { StandInCoordinator } from "../../support/api-client.ts";
import { networkStatus } from "../../support/network-status.ts";

const DAY_MS = 86_400_000;

let first: StandInCoordinator;
let second: StandInCoordinator;
let group: CoordinatorGroup;

beforeEach(() => {
  first = new StandInCoordinator();
  second = new StandInCoordinator();
  group = new CoordinatorGroup([first, second]);
});

function incident(id: string, startedAtMs: number): IncidentWithTimeline {
  return { id, startedAtMs, transitions: [], monitorName: id } as unknown as IncidentWithTimeline;
}

function delivery(id: string, createdAtMs: number): Delivery {
  return { id, createdAtMs } as unknown as Delivery;
}

describe("what one coordinator alone knows", () => {
  it("is found wherever it is, and is unknown when nobody knows it", async () => {
    second.incidentList = [incident("games-1", 1)];
    expect(await group.incident("games-1")).toMatchObject({ id: "games-1" });
    expect(await group.acknowledge("games-1")).toMatchObject({ id: "games-1" });
    expect(await group.incident("other")).toBeNull();
    expect(await group.verdict("other")).toBeNull();
  });

  it("is found although another is away", async () => {
    first.failure = new Error("it is away");
    second.incidentList = [incident("games-1", 1)];
    expect(await group.incident("games-1")).toMatchObject({ id: "games-1" });
  });

  it("is not called unknown while one cannot be asked", async () => {
    first.failure = new Error("it is away");
    await expect(group.incident("games-1")).rejects.toThrow("it is away");
  });
});

describe("what all have a part in", () => {
  it("is put together, newest first and no more than was asked for", async () => {
    first.incidentList = [incident("c", 30), incident("a", 10)];
    second.incidentList = [incident("d", 30), incident("b", 20)];
    const found = await group.incidents({ limit: 3 });
    expect(found.map(({ id }) => id)).toEqual(["d", "c", "b"]);
    first.deliveryList = [delivery("2", 2)];
    second.deliveryList = [delivery("3", 3), delivery("1", 1)];
    const sent = await group.deliveries({ limit: 2 });
    expect(sent.map(({ id }) => id)).toEqual(["3", "2"]);
  });

  it("fails when one is away, for half of it would look like all", async () => {
    second.failure = new Error("it is away");
    await expect(group.incidents({ limit: 3 })).rejects.toThrow("it is away");
    await expect(group.networkStatus()).rejects.toThrow("it is away");
  });

  it("is added up where both have counted, as when a monitor was with another before", async () => {
    const row = emptyRollup({
      monitor: "chat",
      resolution: "day",
      region: "us-east",
      bucketStartMs: 0,
    });
    first.rollupList = [{ ...row, up: 3 }];
    second.rollupList = [{ ...row, up: 4 }];
    expect(await group.rollups("chat", [])).toMatchObject([{ up: 7 }]);
  });

  it("is done by all, whatever happens to one, and its failure is told", async () => {
    first.failure = new Error("it is away");
    await expect(group.wake()).rejects.toThrow("it is away");
    await expect(group.configChanged()).rejects.toThrow("it is away");
    expect(second.calls).toEqual([["wake"], ["configChanged"]]);
  });

  it("is rebuilt up to where all have come", async () => {
    const day = (number: number, observations: number) => ({
      dayMs: number * DAY_MS,
      runs: 9,
      observations,
      buckets: 1,
      blocks: 2,
    });
    first.rebuilt = { days: [day(1, 10), day(2, 10), day(3, 10)], nextMs: null };
    second.rebuilt = { days: [day(1, 5), day(2, 5)], nextMs: 3 * DAY_MS };
    expect(await group.rebuildRollups({ fromMs: 0, toMs: 9 * DAY_MS })).toEqual({
      days: [
        { dayMs: DAY_MS, runs: 9, observations: 15, buckets: 2, blocks: 4 },
        { dayMs: 2 * DAY_MS, runs: 9, observations: 15, buckets: 2, blocks: 4 },
      ],
      nextMs: 3 * DAY_MS,
    });
  });
});

describe("a backup of all", () => {
  it("is read from one after another", async () => {
    first.backupPages = new Map([
      [null, { lines: ["a"], next: "x" }],
      ["x", { lines: ["b"], next: null }],
    ]);
    second.backupPages = new Map([[null, { lines: ["c"], next: null }]]);
    const cut = await group.cutBackup();
    const lines: string[] = [];
    let after: string | null = null;
    do {
      const page = await group.backupPage(cut?.cut ?? "", after);
      lines.push(...(page?.lines ?? ["the page is missing"]));
      after = page?.next ?? null;
    } while (after !== null);
    expect(lines).toEqual(["a", "b", "c"]);
    expect(await group.holdBackup(cut?.cut ?? "")).toBe(true);
  });

  it("is not begun by some when one cannot", async () => {
    second.backup = null;
    expect(await group.cutBackup()).toBeNull();
    expect(first.calls).toContainEqual(["endBackup"]);
    expect(second.calls).not.toContainEqual(["endBackup"]);
  });
});

describe("a restore by all", () => {
  it("is not begun by any while one carries another out", async () => {
    second.restoring = true;
    const origin = { migration: "0000_network.sql", storage: 1 };
    expect(await group.beginRestore("r", true, origin)).toHaveProperty("refused");
    const called = [first, second].flatMap(({ calls }) => calls);
    expect(called).toEqual([["isRestoring"], ["isRestoring"]]);
  });
});

describe("the status of all", () => {
  const chat = { id: "chat", name: "Chat" };
  const games = { id: "games", name: "Games" };
  const trade = { id: "trade", name: "Trade" };

  beforeEach(() => {
    first.status = networkStatus([chat, trade]);
    second.status = networkStatus([games]);
    first.status.order = ["chat", "games", "trade"];
  });

  it("has all monitors in their order", async () => {
    const status = await group.networkStatus();
    expect(status.monitors.map(({ id }) => id)).toEqual(["chat", "games", "trade"]);
    expect(status).not.toHaveProperty("order");
  });

  it("is as old as the oldest part of it", async () => {
    second.status.generatedAtMs = first.status.generatedAtMs - 90_000;
    second.status.newestRunAtMs = 5;
    expect(await group.networkStatus()).toMatchObject({
      generatedAtMs: first.status.generatedAtMs - 90_000,
      newestRunAtMs: 5,
    });
    second.status.newestRunAtMs = null;
    expect((await group.networkStatus()).newestRunAtMs).toBe(first.status.newestRunAtMs);
  });

  it("says of a region what keeps it from voting at any of them, and adds up its work", async () => {
    const [own] = second.status.regions;
    if (own === undefined) throw new Error("the network has regions");
    second.status.regions = [
      { ...own, state: "suspended", why: "it disagrees", checksPerMinute: 100_000 },
    ];
    const [region, ...others] = (await group.networkStatus()).regions;
    expect(region).toMatchObject({ id: own.id, state: "suspended", why: "it disagrees" });
    expect(region?.shardsNeeded).toBeGreaterThan(100);
    expect(others.map(({ state }) => state)).not.toContain("suspended");
  });

  it("is impaired when one of them sees nothing", async () => {
    second.status.monitoring = { state: "impaired", sinceMs: 7 };
    first.status.monitoring = { state: "working", sinceMs: 1 };
    expect((await group.networkStatus()).monitoring).toEqual({ state: "impaired", sinceMs: 7 });
  });

  it("has the incidents of all, newest first", async () => {
    first.status.openIncidents = [incident("a", 10)];
    second.status.openIncidents = [incident("b", 20)];
    first.status.pastIncidents = Array.from({ length: 40 }, (_, at) => incident(`f${at}`, 2 * at));
    second.status.pastIncidents = Array.from({ length: 40 }, (_, at) =>
      incident(`s${at}`, 2 * at + 1),
    );
    const { openIncidents, pastIncidents } = await group.networkStatus();
    expect(openIncidents.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(pastIncidents).toHaveLength(50);
    expect(pastIncidents[0]?.id).toBe("s39");
  });
});
