import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../../../shared/alert/delivery.ts";
import type { IncidentWithTimeline } from "../../../../workers/coordinator/object/rpc.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { emptyStatus, openTestApi } from "../../../support/api-client.ts";

const T = Date.parse("2026-11-20T14:00:00Z");

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

function makeIncident(fields: Partial<IncidentWithTimeline> = {}): IncidentWithTimeline {
  return {
    id: `chat-${T}`,
    monitor: "chat",
    monitorName: "Chat",
    kind: "down",
    worst: "down",
    reason: "connect_failed",
    message: "3 of 3 fresh regions: connect_failed since 14:00:00",
    startedAtMs: T,
    confirmedAtMs: T + 4_000,
    endedAtMs: null,
    acknowledgedAtMs: null,
    regions: ["us-east"],
    transitions: [
      {
        id: `chat-${T}.1`,
        monitor: "chat",
        incident: `chat-${T}`,
        atMs: T + 4_000,
        kind: "incident_opened",
        from: "operational",
        to: "down",
        reason: "connect_failed",
        message: "3 of 3 fresh regions",
        votes: [
          {
            region: "us-east",
            colo: "IAD",
            status: "down",
            reason: "connect_failed",
            message: "refused",
            atMs: T,
            failingSinceMs: T,
            counted: "counted",
          },
        ],
      },
    ],
    ...fields,
  };
}

const SHOWN = {
  id: `chat-${T}`,
  monitor: "chat",
  monitorName: "Chat",
  state: "open",
  kind: "down",
  worst: "down",
  reason: "connect_failed",
  message: "3 of 3 fresh regions: connect_failed since 14:00:00",
  startedAt: "2026-11-20T14:00:00.000Z",
  confirmedAt: "2026-11-20T14:00:04.000Z",
  endedAt: null,
  acknowledgedAt: null,
  durationSeconds: null,
  regions: ["us-east"],
  flapping: false,
  calmSince: null,
  timeline: [
    {
      id: `chat-${T}.1`,
      at: "2026-11-20T14:00:04.000Z",
      kind: "incident_opened",
      from: "operational",
      to: "down",
      reason: "connect_failed",
      message: "3 of 3 fresh regions",
      votes: [
        {
          region: "us-east",
          colo: "IAD",
          status: "down",
          reason: "connect_failed",
          at: "2026-11-20T14:00:00.000Z",
          counted: true,
        },
      ],
    },
  ],
};

describe("incidents", () => {
  it("are listed with their timeline", async () => {
    api.coordinator.incidentList = [makeIncident()];
    expect((await api.send("GET", "/api/v1/incidents")).json).toEqual([SHOWN]);
    expect(api.coordinator.calls).toEqual([["incidents", { limit: 100 }]]);
  });

  it("are narrowed by monitor, state, time and number", async () => {
    const query = "monitor=chat&open=false&since=2026-11-20T00:00:00Z&limit=7";
    await api.send("GET", `/api/v1/incidents?${query}`);
    const sinceMs = Date.parse("2026-11-20T00:00:00Z");
    expect(api.coordinator.calls).toEqual([
      ["incidents", { monitor: "chat", open: false, sinceMs, limit: 7 }],
    ]);
  });

  it("are read one by one, with state and duration once they end", async () => {
    const id = `chat-${T}`;
    api.coordinator.incidentList = [makeIncident({ endedAtMs: T + 90_400 })];
    expect((await api.send("GET", `/api/v1/incidents/${id}`)).json).toEqual({
      ...SHOWN,
      state: "resolved",
      endedAt: "2026-11-20T14:01:30.400Z",
      durationSeconds: 90,
    });
    const missing = await api.send("GET", "/api/v1/incidents/chat-1");
    expect(missing.status).toBe(404);
    expect(missing.json).toMatchObject({ detail: 'There is no incident with the id "chat-1".' });
  });

  it("say when they are flapping, and since when there is calm", async () => {
    const calmSinceMs = T + 60_000;
    api.coordinator.incidentList = [makeIncident({ flapping: true, calmSinceMs })];
    expect((await api.send("GET", `/api/v1/incidents/${SHOWN.id}`)).json).toMatchObject({
      state: "open",
      flapping: true,
      calmSince: "2026-11-20T14:01:00.000Z",
    });
  });

  it("are acknowledged", async () => {
    api.coordinator.incidentList = [makeIncident({ acknowledgedAtMs: T + 60_000 })];
    const answer = await api.send("POST", `/api/v1/incidents/chat-${T}/acknowledge`);
    expect(answer.json).toEqual({
      ...SHOWN,
      state: "acknowledged",
      acknowledgedAt: "2026-11-20T14:01:00.000Z",
    });
    expect((await api.send("POST", "/api/v1/incidents/chat-1/acknowledge")).status).toBe(404);
  });
});

describe("deliveries", () => {
  const delivery: Delivery = {
    id: `chat-${T}.1.ops`,
    channel: "ops",
    alert: "fired",
    monitor: "chat",
    incident: `chat-${T}`,
    transition: `chat-${T}.1`,
    severity: "critical",
    impact: "down",
    state: "pending",
    message: {
      alert: "fired",
      title: "Chat is down in 3 of 3 regions",
      text: "3 of 3 fresh regions",
      severity: "critical",
      monitor: { id: "chat", name: "Chat", group: null },
      incident: {
        id: `chat-${T}`,
        kind: "down",
        startedAt: "2026-11-20T14:00:00.000Z",
        endedAt: null,
        durationSeconds: null,
      },
      reason: "connect_failed",
      cause: "The server is down.",
      regions: [],
      link: null,
      at: "2026-11-20T14:00:04.000Z",
    },
    createdAtMs: T + 4_000,
    dueAtMs: T + 9_000,
    attempts: 1,
    lastAttemptAtMs: T + 4_100,
    lastStatus: 503,
    lastError: "The receiver answered 503.",
    sentAtMs: null,
  };

  it("are listed with what became of them", async () => {
    const { createdAtMs: _c, dueAtMs: _d, lastAttemptAtMs: _l, sentAtMs: _s, ...same } = delivery;
    const times = {
      createdAt: "2026-11-20T14:00:04.000Z",
      lastAttemptAt: "2026-11-20T14:00:04.100Z",
      sentAt: null,
    };
    api.coordinator.deliveryList = [delivery, { ...delivery, state: "dead" }];
    const query = "channel=ops&monitor=chat&state=pending&limit=2";
    expect((await api.send("GET", `/api/v1/deliveries?${query}`)).json).toEqual([
      { ...same, ...times, dueAt: "2026-11-20T14:00:09.000Z" },
      { ...same, ...times, state: "dead", dueAt: null },
    ]);
    expect(api.coordinator.calls).toEqual([
      ["deliveries", { channel: "ops", monitor: "chat", state: "pending", limit: 2 }],
    ]);
  });
});

describe("regions", () => {
  it("are listed with the place where they in truth ran, and their shards", async () => {
    const region = {
      id: "eu-central",
      label: "Europe (Frankfurt)",
      latitude: 50.03,
      longitude: 8.57,
      expectedColos: ["FRA"],
      colo: "CDG",
      state: "misplaced",
    } as const;
    const shards = [
      { number: 1, lastRunAtMs: T, state: "active" },
      { number: 2, lastRunAtMs: null, state: "unbound" },
    ] as const;
    api.coordinator.status = {
      ...emptyStatus(),
      regions: [{ ...region, lastRunAtMs: T, shards: [...shards], shardsNeeded: 3 }],
    };
    const lastRunAt = "2026-11-20T14:00:00.000Z";
    expect((await api.send("GET", "/api/v1/regions")).json).toEqual([
      {
        ...region,
        lastRunAt,
        shards: [
          { number: 1, lastRunAt, state: "active" },
          { number: 2, lastRunAt: null, state: "unbound" },
        ],
        shardsNeeded: 3,
      },
    ]);
  });
});
