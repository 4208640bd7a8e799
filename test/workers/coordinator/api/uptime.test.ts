/** Uptime reports as a client gets them, over what D1 and the coordinator's object know. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inEveryResolution, recountTime } from "../../../../shared/monitor/recount.ts";
import { packRollups } from "../../../../shared/monitor/rollup-block.ts";
import type { Rollup } from "../../../../shared/monitor/rollup.ts";
import { dayStartMs, rollUpObservation } from "../../../../shared/monitor/rollup.ts";
import { writeHistory } from "../../../../workers/coordinator/log/history-mirror.ts";
import type { MirrorBatch } from "../../../../workers/coordinator/object/ports.ts";
import type { Incident, Transition } from "../../../../shared/monitor/verdict.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";
import { makeObservation } from "../../../support/observation.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const NOTHING: MirrorBatch = {
  incidents: [],
  transitions: [],
  deliveries: [],
  blocks: [],
  snapshot: null,
};
/** A day that is long over, and one that the object still has. */
const OLD_MS = dayStartMs(Date.now()) - 40 * DAY_MS;
const NEW_MS = dayStartMs(Date.now()) - DAY_MS;

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  await api.reset();
  await api.send("POST", "/api/v1/monitors", {
    json: { id: "chat", name: "Chat", url: "wss://chat.example.com/socket" },
  });
  api.coordinator.calls = [];
});
afterAll(() => api.close());

/** A day of which 12 minutes at noon were down, seen by two regions each minute. */
function dayOf(startMs: number): Rollup[] {
  const noonMs = startMs + DAY_MS / 2;
  const backMs = noonMs + 12 * MINUTE_MS;
  const checks = Array.from({ length: 1_440 }, (_, minute) => {
    const startedAtMs = startMs + minute * MINUTE_MS;
    const reason = startedAtMs >= noonMs && startedAtMs < backMs ? "connect_failed" : null;
    return ["us-east", "eu-central"].map((region) =>
      makeObservation({ region, startedAtMs, reason, totalMs: region === "us-east" ? 80 : 160 }),
    );
  });
  const spans = [
    { kind: "operational" as const, fromMs: startMs, toMs: noonMs },
    { kind: "down" as const, fromMs: noonMs, toMs: backMs },
    { kind: "operational" as const, fromMs: backMs, toMs: startMs + DAY_MS },
  ];
  const counted = inEveryResolution(checks.flat().map(rollUpObservation));
  return [...counted, ...recountTime("chat", spans)];
}

function transition(atMs: number, from: Transition["from"], to: Transition["to"]): Transition {
  return {
    id: `chat-${atMs}`,
    monitor: "chat",
    incident: null,
    atMs,
    kind: "verdict_changed",
    from,
    to,
    reason: null,
    message: "",
    sinceMs: atMs,
    votes: [],
  };
}

/** The old day in D1: its transitions and its incident too. */
async function storeOldDay(): Promise<void> {
  const noonMs = OLD_MS + DAY_MS / 2;
  const incident = {
    id: `chat-${noonMs}`,
    monitor: "chat",
    startedAtMs: noonMs,
    endedAtMs: noonMs + 12 * MINUTE_MS,
  } as Incident;
  await writeHistory(api.database.db, {
    ...NOTHING,
    incidents: [incident],
    transitions: [
      transition(OLD_MS, "unknown", "operational"),
      transition(noonMs, "operational", "down"),
      transition(noonMs + 12 * MINUTE_MS, "down", "operational"),
    ],
    blocks: packRollups(dayOf(OLD_MS)),
  });
}

function path(fromMs: number, toMs: number, more = ""): string {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  return `/api/v1/monitors/chat/uptime?from=${from}&to=${to}${more}`;
}

describe("an uptime report", () => {
  it("has quorum, regions, latencies, incidents and the objective of a whole day", async () => {
    await storeOldDay();
    const { status, json } = await api.send("GET", path(OLD_MS, OLD_MS + DAY_MS, "&slo=99.9"));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      monitor: "chat",
      from: new Date(OLD_MS).toISOString(),
      to: new Date(OLD_MS + DAY_MS).toISOString(),
      quorum: {
        uptime: (1_440 - 12) / 1_440,
        observedMs: DAY_MS,
        downMs: 12 * MINUTE_MS,
        resolution: "exact",
      },
      slo: { objective: 99.9, met: false, budgetMs: 86_400, spentMs: 720_000, leftMs: -633_600 },
      incidents: 1,
      regions: [
        { region: "eu-central", uptime: (1_440 - 12) / 1_440, checks: 1_440, down: 12 },
        { region: "us-east", checks: 1_440 },
      ],
      regionsResolution: "exact",
    });
    const { latencyMs, regions } = json as {
      latencyMs: { p50: number };
      regions: Array<{ latencyMs: { p50: number; p99: number; mean: number } }>;
    };
    expect(regions[0]?.latencyMs.mean).toBe(160);
    expect(regions[0]?.latencyMs.p99).toBeCloseTo(160, -1.5);
    expect(latencyMs.p50).toBeCloseTo(80, -1);
  });

  it("asks the coordinator's object nothing about what is long over", async () => {
    await storeOldDay();
    api.coordinator.failure = new Error("away");
    expect((await api.send("GET", path(OLD_MS, OLD_MS + DAY_MS))).status).toBe(200);
    expect((await api.send("GET", path(OLD_MS, Date.now()))).status).toBe(503);
  });

  it("cuts a window at the millisecond, by the transitions", async () => {
    await storeOldDay();
    const fromMs = OLD_MS + DAY_MS / 2 + 90_001;
    const { json } = await api.send("GET", path(fromMs, fromMs + 20 * MINUTE_MS));
    expect(json).toMatchObject({
      quorum: { observedMs: 20 * MINUTE_MS, downMs: 12 * MINUTE_MS - 90_001, resolution: "exact" },
      regionsResolution: "5min",
    });
  });

  it("takes the object's rows for the newer ones", async () => {
    const rows = dayOf(NEW_MS);
    const stale = rows.map((row) => ({ ...row, down: 0, downMs: 0 }));
    await writeHistory(api.database.db, { ...NOTHING, blocks: packRollups(stale) });
    api.coordinator.rollupList = rows;
    const { json } = await api.send("GET", path(NEW_MS, NEW_MS + DAY_MS));
    expect(json).toMatchObject({ quorum: { downMs: 12 * MINUTE_MS }, regions: [{ down: 12 }, {}] });
    expect(api.coordinator.calls.map(([method, id]) => [method, id])).toEqual([
      ["rollups", "chat"],
    ]);
  });

  it.each([99, 99.9, 99.95])("meets an objective of %d percent to the millisecond", async (slo) => {
    await storeOldDay();
    const lengthMs = 40_000_000;
    const spentMs = Math.round((lengthMs / 100_000) * Math.round((100 - slo) * 1_000));
    const toMs = OLD_MS + DAY_MS / 2 + spentMs;
    const report = async (endMs: number) =>
      (await api.send("GET", path(toMs - lengthMs, endMs, `&slo=${slo}`))).json;
    expect(await report(toMs)).toMatchObject({
      slo: { met: true, budgetMs: spentMs, spentMs, leftMs: 0, burnRate: 1 },
    });
    expect(await report(toMs + 1)).toMatchObject({ slo: { met: false, leftMs: -1 } });
  });

  it("says that nothing is known where nothing is", async () => {
    const { json } = await api.send("GET", path(OLD_MS, OLD_MS + DAY_MS, "&slo=99.9"));
    expect(json).toMatchObject({
      quorum: { uptime: null, observedMs: 0 },
      slo: { met: null, burnRate: null, budgetMs: 0 },
      incidents: 0,
      latencyMs: null,
      regions: [],
    });
  });

  it("is about the last thirty days, up to now, unless it is told otherwise", async () => {
    const { json } = await api.send("GET", "/api/v1/monitors/chat/uptime");
    const { from, to, slo } = json as { from: string; to: string; slo: null };
    expect(Date.parse(to) - Date.parse(from)).toBe(30 * DAY_MS);
    expect(Math.abs(Date.now() - Date.parse(to))).toBeLessThan(60_000);
    expect(slo).toBeNull();
  });

  it.each([
    ["?from=yesterday", "from"],
    ["?from=2026-02-30", "from"],
    ["?from=2026-01-01&to=2026-11-31T12:00:00Z", "to"],
    ["?from=2026-01-02&to=2026-01-01", "from"],
    ["?from=2999-01-01", "from"],
    ["?from=1999-01-01", "from"],
    ["?slo=100", "slo"],
    ["?slo=0", "slo"],
    ["?slo=many", "slo"],
    ["?format=xml", "format"],
    ["?by=week", "by"],
    ["?format=csv&by=hour&from=2026-01-01&to=2026-09-01", "from"],
    ["?until=2026-01-01", "until"],
  ])("is refused for %s, naming the field", async (query, field) => {
    const { status, json } = await api.send("GET", `/api/v1/monitors/chat/uptime${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ field }] });
  });

  it("needs a monitor that exists, and a token", async () => {
    expect((await api.send("GET", "/api/v1/monitors/nothing/uptime")).status).toBe(404);
    const { status } = await api.send("GET", "/api/v1/monitors/chat/uptime", { token: null });
    expect(status).toBe(401);
  });
});

describe("its CSV", () => {
  it.each([
    ["by query", "&format=csv", {}],
    ["by header", "", { accept: "text/csv" }],
  ])(
    "has a line per day for the quorum and each region, asked for %s",
    async (_, more, headers) => {
      await storeOldDay();
      const answer = await api.send("GET", path(OLD_MS, OLD_MS + DAY_MS, more), { headers });
      expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
      const [header, quorum, region, ...rest] = answer.text.trimEnd().split("\r\n");
      expect(header?.split(",").slice(0, 6).join(",")).toBe(
        "monitor,region,from,to,uptime,observed_ms",
      );
      expect(quorum?.split(",").slice(0, 2)).toEqual(["chat", "*"]);
      expect(quorum?.split(",").slice(4, 10)).toEqual([
        String((1_440 - 12) / 1_440),
        String(DAY_MS),
        String(DAY_MS - 12 * MINUTE_MS),
        "0",
        "0",
        String(12 * MINUTE_MS),
      ]);
      expect(region?.split(",").slice(12, 17)).toEqual(["1440", "1428", "0", "12", "0"]);
      expect(rest).toHaveLength(1);
      for (const line of [quorum, region]) {
        expect(line?.split(",")).toHaveLength(header?.split(",").length ?? 0);
      }
    },
  );

  it("has a line per hour when it is asked for", async () => {
    await storeOldDay();
    const { text } = await api.send("GET", path(OLD_MS, OLD_MS + DAY_MS, "&format=csv&by=hour"));
    expect(text.trimEnd().split("\r\n")).toHaveLength(1 + 24 * 3);
  });
});
