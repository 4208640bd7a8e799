import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Transition, VerdictKind } from "../../../../shared/monitor/verdict.ts";
import { monitorSchema } from "../../../../shared/monitor/monitor.ts";
import { saveMonitor } from "../../../../workers/coordinator/db/config-store.ts";
import type {
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
} from "../../../../workers/coordinator/object/rpc.ts";
import type { ShardStatus } from "../../../../workers/coordinator/object/rpc.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { emptyStatus, openTestApi } from "../../../support/api-client.ts";
import { regionStatus } from "../../../support/network-status.ts";

const V2 = "/api/v2";
let api: TestApi;
let nowMs = 0;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(async () => {
  await api.reset();
  nowMs = Date.now();
});

function makeStatus(id: string, kind: VerdictKind, fields: Partial<MonitorStatus> = {}) {
  return {
    id,
    name: id.toUpperCase(),
    group: null,
    public: true,
    paused: false,
    intervalMs: 60_000,
    verdict: {
      monitor: id,
      kind,
      reason: kind === "operational" ? null : ("connect_failed" as const),
      message: "words of the quorum",
      sinceMs: Date.parse("2026-11-20T14:00:00Z"),
      votes: [],
    },
    days: [],
    regions: [],
    ...fields,
  };
}

function makeNetwork(
  monitors: MonitorStatus[],
  fields: Partial<NetworkStatus> = {},
): NetworkStatus {
  const region = {
    id: "us-east",
    label: "US East (Virginia)",
    latitude: 0,
    longitude: 0,
    expectedColos: [],
    colo: null,
    lastRunAtMs: nowMs,
    state: "active" as const,
  };
  const base = { ...emptyStatus(), generatedAtMs: nowMs, newestRunAtMs: nowMs };
  return { ...base, regions: [region], monitors, ...fields };
}

/** A window of maintenance, by minutes from now. */
function makeWork(id: string, fromMinutes: number, toMinutes: number, monitors = ["a"]) {
  return {
    id,
    name: `Work ${id}`,
    description: "",
    startsAtMs: nowMs + fromMinutes * 60_000,
    endsAtMs: nowMs + toMinutes * 60_000,
    monitors,
  };
}

function makeIncident(
  monitor: string,
  kinds: Array<Transition["kind"]>,
  fields: Partial<IncidentWithTimeline> = {},
): IncidentWithTimeline {
  const startedAtMs = nowMs - 600_000;
  const id = `${monitor}-${startedAtMs}`;
  return {
    id,
    monitor,
    monitorName: monitor.toUpperCase(),
    kind: "down",
    worst: "down",
    reason: "connect_failed",
    message: "words of the quorum",
    startedAtMs,
    confirmedAtMs: startedAtMs + 1_000,
    endedAtMs: null,
    acknowledgedAtMs: null,
    regions: ["us-east"],
    transitions: kinds.map((kind, index) => ({
      id: `${id}.${index}`,
      monitor,
      incident: id,
      atMs: startedAtMs + 1_000 * (index + 1),
      kind,
      from: kind === "incident_opened" ? "operational" : "down",
      to: kind === "incident_resolved" ? "operational" : "down",
      reason: "connect_failed",
      message: "words of a probe",
      votes: [],
    })),
    ...fields,
  };
}

async function get(path: string): Promise<Record<string, unknown>> {
  const answer = await api.send("GET", `${V2}${path}`, { token: null });
  expect(answer.status).toBe(200);
  return answer.json as Record<string, unknown>;
}

async function getMaintenances(path: string) {
  const answer = await get(path);
  return answer["scheduled_maintenances"] as Array<{ id: string; created_at: string }>;
}
const idsOf = async (path: string) => (await getMaintenances(path)).map(({ id }) => id);

const indicatorOf = async (monitors: MonitorStatus[]) => {
  api.coordinator.status = makeNetwork(monitors);
  const { status } = await get("/status.json");
  return (status as { indicator: string }).indicator;
};

describe("the Statuspage API", () => {
  it("needs no token and may be read by any page", async () => {
    const answer = await api.send("GET", `${V2}/status.json`, { token: null });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const preflight = await api.send("OPTIONS", `${V2}/status.json`, {
      token: null,
      headers: { origin: "https://other.example", "access-control-request-method": "GET" },
    });
    expect(preflight.status).toBe(204);
  });

  it("says what is wrong in the words that its clients know", async () => {
    const up = makeStatus("a", "operational");
    expect(await indicatorOf([up])).toBe("none");
    expect(await indicatorOf([up, makeStatus("b", "degraded")])).toBe("minor");
    expect(await indicatorOf([up, makeStatus("b", "partial")])).toBe("minor");
    expect(await indicatorOf([up, makeStatus("b", "down")])).toBe("major");
    expect(await indicatorOf([makeStatus("a", "down"), makeStatus("b", "down")])).toBe("critical");
    expect(await indicatorOf([up, makeStatus("b", "maintenance")])).toBe("maintenance");
    expect(await indicatorOf([up, makeStatus("b", "unknown")])).toBe("minor");
  });

  it("is never green without current data", async () => {
    const monitors = [makeStatus("a", "operational")];
    const stale = makeNetwork(monitors, { newestRunAtMs: nowMs - 3_600_000 });
    for (const status of [emptyStatus(), stale]) {
      api.coordinator.status = status;
      const { status: overall, components } = await get("/summary.json");
      expect(overall).toMatchObject({ indicator: "minor" });
      for (const component of components as Array<{ status: string }>) {
        expect(component.status).toBe("degraded_performance");
      }
    }
  });

  it("shows monitors as components under their own ids, with their groups", async () => {
    const definition = { id: "b", name: "B", url: "wss://b.example.com" };
    await saveMonitor(
      api.database.db,
      { regions: [], defaultIntervalMs: 60_000, coordinators: 1 },
      monitorSchema.parse(definition),
      Date.parse("2026-01-02T03:04:05Z"),
    );
    api.coordinator.status = makeNetwork([
      makeStatus("a", "operational"),
      makeStatus("b", "down", { group: "Realtime" }),
      makeStatus("c", "degraded", { group: "Realtime" }),
      makeStatus("d", "down", { paused: true }),
      makeStatus("e", "down", { public: false }),
    ]);
    const { components } = await get("/components.json");
    const list = components as Array<Record<string, unknown>>;
    const group = list.find((each) => each["group"] === true);
    expect(list.map(({ name, status, position }) => [name, status, position])).toEqual([
      ["A", "operational", 1],
      ["Realtime", "major_outage", 2],
      ["B", "major_outage", 3],
      ["C", "degraded_performance", 4],
    ]);
    expect(group).toMatchObject({ components: ["b", "c"], group_id: null });
    expect(list[2]).toEqual({
      id: "b",
      name: "B",
      status: "major_outage",
      created_at: "2026-01-02T03:04:05.000Z",
      updated_at: "2026-11-20T14:00:00.000Z",
      position: 3,
      description: null,
      showcase: true,
      start_date: "2026-01-02",
      group_id: group?.["id"],
      page_id: "echoquorum",
      group: false,
      only_show_if_degraded: false,
    });
    const again = await get("/components.json");
    expect(again["components"]).toEqual(components);
  });

  it("tells incidents with their updates, newest first", async () => {
    const open = makeIncident("a", ["incident_opened", "verdict_changed", "incident_acknowledged"]);
    const past = makeIncident("b", ["incident_opened", "incident_resolved"], {
      startedAtMs: nowMs - 9_000_000,
      endedAtMs: nowMs - 8_000_000,
      worst: "partial",
    });
    const hidden = makeIncident("e", ["incident_opened"]);
    api.coordinator.status = makeNetwork(
      [
        makeStatus("a", "down"),
        makeStatus("b", "operational"),
        makeStatus("e", "down", { public: false }),
      ],
      { openIncidents: [open, hidden], pastIncidents: [past] },
    );
    api.env.PUBLIC_URL = "https://status.example.com/";
    const { incidents } = await get("/incidents.json");
    expect(incidents).toMatchObject([
      {
        id: open.id,
        name: "A is down",
        status: "identified",
        impact: "major",
        resolved_at: null,
        shortlink: `https://status.example.com/incidents/${open.id}`,
        components: [{ id: "a" }],
        incident_updates: [
          { id: `${open.id}.2`, status: "identified", affected_components: null },
          {
            id: `${open.id}.0`,
            status: "investigating",
            incident_id: open.id,
            affected_components: [
              { code: "a", name: "A", old_status: "operational", new_status: "major_outage" },
            ],
          },
        ],
      },
      { id: past.id, status: "resolved", impact: "minor", name: "B failed in some regions" },
    ]);
    const unresolved = await get("/incidents/unresolved.json");
    expect(unresolved["incidents"]).toMatchObject([{ id: open.id }]);
    const summary = await get("/summary.json");
    expect(summary["incidents"]).toEqual(unresolved["incidents"]);
    expect(JSON.stringify(incidents)).not.toContain("words of a probe");
  });

  it("tells maintenance that is over, goes on, and is to come", async () => {
    const hidden = { ...makeStatus("hidden", "operational"), public: false };
    api.coordinator.status = makeNetwork([makeStatus("a", "maintenance"), hidden], {
      maintenances: [
        makeWork("over", -120, -60),
        { ...makeWork("now", -10, 20, ["a", "hidden"]), description: "Some\ninterruptions." },
        makeWork("secret", -10, 20, ["hidden"]),
        makeWork("next", 30, 60),
        makeWork("later", 90, 120),
      ],
    });
    expect(await idsOf("/scheduled-maintenances.json")).toEqual(["later", "next", "now", "over"]);
    expect(await idsOf("/scheduled-maintenances/upcoming.json")).toEqual(["next", "later"]);
    expect(await idsOf("/scheduled-maintenances/active.json")).toEqual(["now"]);
    expect(await idsOf("/summary.json")).toEqual(["now", "next", "later"]);
    const [active] = await getMaintenances("/scheduled-maintenances/active.json");
    const startsAt = new Date(nowMs - 600_000).toISOString();
    expect(active).toMatchObject({
      name: "Work now",
      status: "in_progress",
      impact: "maintenance",
      shortlink: expect.stringMatching(/\/#maintenance-now$/),
      scheduled_for: startsAt,
      scheduled_until: new Date(nowMs + 1_200_000).toISOString(),
      resolved_at: null,
      components: [{ id: "a", status: "under_maintenance" }],
      incident_updates: [
        { status: "in_progress", display_at: startsAt },
        { status: "scheduled", body: "Some interruptions." },
      ],
    });
    const past = (await getMaintenances("/scheduled-maintenances.json")).at(-1);
    expect(past).toMatchObject({ status: "completed", incident_updates: [{}, {}, {}] });
  });

  it("dates maintenance from when it was announced", async () => {
    const startsAtMs = nowMs + 3_600_000;
    const moments = {
      startsAt: new Date(startsAtMs).toISOString(),
      endsAt: new Date(startsAtMs + 60_000).toISOString(),
    };
    await api.send("POST", "/api/v1/maintenances", { json: { name: "Move", ...moments } });
    const window = { id: "move", name: "Move", description: "", startsAtMs };
    api.coordinator.status = makeNetwork([makeStatus("a", "operational")], {
      maintenances: [{ ...window, endsAtMs: startsAtMs + 60_000, monitors: ["a"] }],
    });
    const [move] = await getMaintenances("/scheduled-maintenances/upcoming.json");
    expect(Math.abs(Date.parse(move?.created_at ?? "") - nowMs)).toBeLessThan(60_000);
  });

  it.each([
    ["none", "operational", "none", "All services operational"],
    ["degraded", "operational", "minor", "An incident is being handled"],
    ["partial", "operational", "major", "An incident is being handled"],
    ["down", "degraded", "major", "An incident is being handled"],
    ["degraded", "down", "critical", "A is down"],
  ] as const)(
    "has of what is declared (%s) and measured (%s) the worse",
    async (impact, kind, indicator, description) => {
      const update = { id: "1", status: "investigating" as const, text: "We look.", atMs: nowMs };
      const written = { id: "late", title: "Late", startedAtMs: nowMs, incidents: [] };
      const updates = [{ ...update, monitors: { a: impact } }];
      api.coordinator.status = makeNetwork([makeStatus("a", kind)], {
        writtenIncidents: [{ ...written, updates, postmortem: null }],
      });
      expect((await get("/status.json"))["status"]).toEqual({ indicator, description });
    },
  );

  it("answers from the last snapshot when the coordinator is silent, else with a 503", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      api.coordinator.failure = new Error("away");
      expect((await api.send("GET", `${V2}/status.json`)).status).toBe(503);
      const snapshot = makeNetwork([makeStatus("a", "down")]);
      await api.database.db
        .prepare("INSERT INTO snapshots VALUES (1, ?, ?)")
        .bind(nowMs, JSON.stringify(snapshot))
        .run();
      expect((await get("/status.json"))["status"]).toMatchObject({ indicator: "critical" });
    } finally {
      log.mockRestore();
    }
  });
});

function shards(states: ReadonlyArray<ShardStatus["state"]>): ShardStatus[] {
  return states.map((state, index) => ({ number: index + 1, lastRunAtMs: null, state }));
}

/** Status code and word of /healthz. */
const health = async () => {
  const { status, json } = await api.send("GET", "/healthz", { token: null });
  return [status, (json as { status: string }).status];
};

describe("/healthz", () => {
  it("is well while runs arrive or none is due, and not once they stop", async () => {
    const monitors = [makeStatus("a", "down")];
    expect(await health()).toEqual([200, "waiting"]);
    api.coordinator.status = makeNetwork(monitors);
    expect(await health()).toEqual([200, "ok"]);
    api.coordinator.status = makeNetwork(monitors, { newestRunAtMs: nowMs - 240_000 });
    expect(await health()).toEqual([503, "stale"]);
    const paused = [makeStatus("a", "down", { paused: true })];
    api.coordinator.status = makeNetwork(paused, { newestRunAtMs: nowMs - 240_000 });
    expect(await health()).toEqual([200, "ok"]);
  });

  it("names Workers of a divided region that are missing or do not report", async () => {
    const [first, second] = [regionStatus("us-east"), regionStatus("eu-central")];
    api.coordinator.status = makeNetwork([makeStatus("a", "operational")], {
      regions: [
        { ...first, shards: shards(["silent"]) },
        { ...second, shards: shards(["active", "unbound", "silent"]) },
      ],
    });
    const { status, json } = await api.send("GET", "/healthz", { token: null });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: "ok",
      problems: [
        "eu-central: shard 2 of 3 is not bound: the binding PROBE_EU_CENTRAL_2 is missing",
        "eu-central: shard 3 of 3 does not report",
      ],
    });
  });

  it("is not well when the coordinator does not answer", async () => {
    api.coordinator.failure = new Error("away");
    expect(await health()).toEqual([503, "unavailable"]);
  });
});
