import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { renderMetrics } from "../../../../workers/coordinator/api/metrics.ts";
import type { MonitorStatus, NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { emptyStatus, openTestApi } from "../../../support/api-client.ts";

const T = Date.parse("2026-11-20T14:00:00Z");

function makeStatus(id: string, fields: Partial<MonitorStatus> = {}): MonitorStatus {
  return {
    id,
    name: `Name of ${id}`,
    group: null,
    public: true,
    paused: false,
    intervalMs: 60_000,
    verdict: { monitor: id, kind: "down", reason: null, message: "", sinceMs: T, votes: [] },
    days: [],
    regions: [
      {
        region: "us-east",
        label: "US East (Virginia)",
        last: {
          status: "down",
          reason: "connect_failed",
          message: "",
          startedAtMs: T,
          colo: "IAD",
          totalMs: 1_250,
        },
        days: [],
      },
      { region: "eu-central", label: "Europe (Frankfurt)", last: null, days: [] },
    ],
    ...fields,
  };
}

const network: NetworkStatus = {
  ...emptyStatus(),
  newestRunAtMs: T,
  config: { version: 7, defaultIntervalMs: 60_000 },
  regions: [
    {
      id: "us-east",
      label: "US East (Virginia)",
      latitude: 0,
      longitude: 0,
      expectedColos: [],
      colo: "IAD",
      lastRunAtMs: T,
      state: "active",
    },
  ],
  monitors: [makeStatus("open"), makeStatus("closed", { public: false })],
  openIncidents: ["open", "closed"].map((monitor) => ({
    id: `${monitor}-1`,
    monitor,
    monitorName: monitor,
    kind: "down",
    worst: "down",
    reason: null,
    message: "",
    startedAtMs: T,
    confirmedAtMs: T,
    endedAtMs: null,
    acknowledgedAtMs: null,
    regions: [],
    transitions: [],
  })),
};

/** Reads the text exposition format (version 0.0.4) strictly. */
function parseMetrics(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  let family = "";
  for (const line of text.trimEnd().split("\n")) {
    const help = /^# HELP (\S+) \S.*$/.exec(line);
    const type = /^# TYPE (\S+) gauge$/.exec(line);
    if (help !== null) family = help[1] ?? "";
    else if (type !== null) expect(type[1]).toBe(family);
    else {
      const pattern =
        /^([a-z_]+)((?:\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})?) (\S+)$/;
      const [, name = "", labels = "", value = ""] = pattern.exec(line) ?? [];
      expect(name, line).toBe(family);
      expect(samples.has(name + labels), line).toBe(false);
      expect(Number.isFinite(Number(value)), line).toBe(true);
      samples.set(name + labels, Number(value));
    }
  }
  return samples;
}

describe("metrics", () => {
  it("hold verdicts, observations, regions, ages and incidents", () => {
    const samples = parseMetrics(renderMetrics(network, T + 12_500));
    expect(Object.fromEntries(samples)).toMatchObject({
      echoquorum_config_version: 7,
      echoquorum_last_run_age_seconds: 12.5,
      'echoquorum_incidents_open{kind="down"}': 2,
      'echoquorum_incidents_open{kind="partial"}': 0,
      'echoquorum_verdict{monitor="open",verdict="down"}': 1,
      'echoquorum_verdict{monitor="open",verdict="operational"}': 0,
      'echoquorum_verdict_since_timestamp_seconds{monitor="open"}': T / 1_000,
      'echoquorum_observation_status{monitor="open",region="us-east",status="down"}': 1,
      'echoquorum_observation_status{monitor="open",region="us-east",status="up"}': 0,
      'echoquorum_observation_duration_seconds{monitor="open",region="us-east"}': 1.25,
      'echoquorum_region_state{region="us-east",state="active"}': 1,
      'echoquorum_region_last_run_timestamp_seconds{region="us-east"}': T / 1_000,
    });
    expect([...samples.keys()].filter((key) => key.includes("eu-central"))).toEqual([]);
  });

  it("are well-formed whatever a monitor is called", () => {
    const name = 'Back\\slash "quoted"\nnew line ☎';
    const status = { ...network, monitors: [makeStatus("odd", { name })] };
    expect([...parseMetrics(renderMetrics(status, T)).keys()]).toContain(
      'echoquorum_monitor_info{monitor="odd",name="Back\\\\slash \\"quoted\\"\\nnew line ☎",group=""}',
    );
  });
});

describe("/metrics", () => {
  let api: TestApi;
  beforeAll(async () => void (api = await openTestApi()));
  afterAll(() => api.close());
  beforeEach(async () => {
    await api.reset();
    api.coordinator.status = network;
  });

  it("shows everybody the public monitors and nothing of private ones", async () => {
    const answer = await api.send("GET", "/metrics", { token: null });
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const samples = parseMetrics(answer.text);
    expect(samples.get('echoquorum_incidents_open{kind="down"}')).toBe(1);
    expect(answer.text).toContain('monitor="open"');
    expect(answer.text).not.toContain("closed");
  });

  it("shows private monitors to who has the token, and refuses a wrong one", async () => {
    const answer = await api.send("GET", "/metrics");
    expect(answer.text).toContain('name="Name of closed"');
    expect(parseMetrics(answer.text).get('echoquorum_incidents_open{kind="down"}')).toBe(2);
    expect((await api.send("GET", "/metrics", { token: "wrong" })).status).toBe(401);
  });
});
