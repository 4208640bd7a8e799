/**
 * The whole network in the real runtime, against a real WebSocket server and a real receiver of
 * alerts: schedule, observe, break, confirm, alert, evict, resolve.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AlertReceiver } from "../support/alert-receiver.ts";
import { startAlertReceiver } from "../support/alert-receiver.ts";
import type { BreakableServer } from "../support/breakable-server.ts";
import { startBreakableServer } from "../support/breakable-server.ts";
import { eventually } from "../support/eventually.ts";
import type { HarnessNetwork } from "../support/harness-network.ts";
import { HARNESS_REGIONS, startHarnessNetwork } from "../support/harness-network.ts";

const PACE_MS = 4_000;

let network: HarnessNetwork;
let target: BreakableServer;
let receiver: AlertReceiver;

interface Verdict {
  verdict: string;
  message: string;
  votes: Array<{ region: string; status: string; colo: string | null; counted: boolean }>;
}
interface Incident {
  id: string;
  state: string;
  worst: string;
  startedAt: string;
  endedAt: string | null;
  timeline: Array<{ kind: string }>;
}

const verdict = () => network.api<Verdict>("GET", "/api/v1/monitors/echo/verdict");
const incidents = () => network.api<Incident[]>("GET", "/api/v1/incidents");
const alerts = () =>
  receiver.requests.map(({ body }) => JSON.parse(body) as { type: string; data: unknown });

beforeAll(async () => {
  [network, target, receiver] = await Promise.all([
    startHarnessNetwork(PACE_MS),
    startBreakableServer(),
    startAlertReceiver(),
  ]);
});

afterAll(async () => {
  await network[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

it("observes, confirms, alerts once, survives an eviction, and tells the end", async () => {
  await network.api("PUT", "/api/v1/channels/hook", {
    name: "Hook",
    kind: "webhook",
    settings: { url: `${receiver.origin}/alerts` },
  });
  await network.api("PUT", "/api/v1/monitors/echo", {
    name: "Echo",
    url: target.url,
    echo: true,
    ping: true,
    timeout: "2s",
  });
  network.startCrons();
  const first = await eventually(
    "four regions agree that it works",
    20_000,
    async () => {
      const seen = await verdict();
      const counted = seen.votes.filter((vote) => vote.counted);
      return seen.verdict === "operational" && counted.length === 4 && seen;
    },
    verdict,
  );
  expect(first.votes.map(({ colo }) => colo)).toEqual(["IAD", "GRU", "FRA", "SIN"]);

  target.breakFor(["eu-central"]);
  await eventually(
    "one region alone is named",
    30_000,
    async () => {
      const seen = await verdict();
      return seen.verdict === "partial";
    },
    verdict,
  );
  expect(receiver.requests).toEqual([]);

  target.breakFor(["eu-central", "us-east", "sa-east"]);
  const brokenAtMs = Date.now();
  await eventually("the alert arrives", 15_000, () => receiver.requests.length > 0, verdict);
  expect(Date.now() - brokenAtMs).toBeLessThan(PACE_MS / 4 + 5_000);
  expect((await verdict()).verdict).toBe("down");
  const [open] = await incidents();
  expect(open).toMatchObject({ state: "open", worst: "down", endedAt: null });

  await network.evict();
  const visits = target.visitors.length;
  await eventually(
    "every region looks again, twice",
    20_000,
    () => target.visitors.length >= visits + 2 * HARNESS_REGIONS.length,
  );
  expect((await verdict()).verdict).toBe("down");
  expect(alerts()).toHaveLength(1);

  target.breakFor([]);
  await eventually("the end is told", 20_000, () => receiver.requests.length > 1, verdict);
  const [ended] = await incidents();
  expect(ended).toMatchObject({ id: open?.id, state: "resolved" });
  expect(ended?.timeline.at(0)?.kind).toBe("incident_opened");
  expect(ended?.timeline.at(-1)?.kind).toBe("incident_resolved");
  expect(alerts()).toHaveLength(2);
  const ids = receiver.requests.map(({ headers }) => headers["webhook-id"]);
  expect(new Set(ids).size).toBe(2);

  await checkLog();
  await checkMirror();
  const page = await network.fetch("/");
  expect(page.status).toBe(200);
  expect(page.text).toContain("Echo");
}, 120_000);

/** Every region's scheduled runs are in the log, and every transition was printed once. */
async function checkLog(): Promise<void> {
  const { results } = await network.db
    .prepare("SELECT region, COUNT(*) AS runs FROM runs WHERE lane = '0' GROUP BY region")
    .all<{ region: string; runs: number }>();
  expect(results.map(({ region }) => region).sort()).toEqual([...HARNESS_REGIONS].sort());
  const [{ timeline }] = (await incidents()) as [Incident];
  const printed = network.events("transition").map(({ kind }) => kind);
  for (const { kind } of timeline) expect(printed).toContain(kind);
  expect(printed.filter((kind) => kind === "incident_resolved")).toHaveLength(1);
}

/** D1 has the end of the incident, and a snapshot for when the object cannot answer. */
async function checkMirror(): Promise<void> {
  await eventually("the end is mirrored", 20_000, async () => {
    const row = await network.db
      .prepare("SELECT COUNT(*) AS ended FROM incidents WHERE ended_at_ms IS NOT NULL")
      .first<{ ended: number }>();
    return (row?.ended ?? 0) > 0;
  });
  const snapshot = await network.db.prepare("SELECT body FROM snapshots").first<{ body: string }>();
  expect(snapshot?.body).toContain('"Echo"');
}
