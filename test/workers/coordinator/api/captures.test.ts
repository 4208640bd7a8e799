/** The evidence of a failing check, downloaded as a packet capture. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Observation, TranscriptEntry } from "../../../../shared/probe/observation.ts";
import { apiRoutes } from "../../../../workers/coordinator/api/app.ts";
import { appendRuns } from "../../../../workers/coordinator/log/run-log.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { TOKEN, openTestApi } from "../../../support/api-client.ts";
import { readCapture } from "../../../support/capture-reader.ts";
import { makeObservation } from "../../../support/observation.ts";

const T = Date.parse("2026-11-20T14:00:00.250Z");
const PATH = "/api/v1/monitors/chat/observations/us-east/2026-11-20T14:00:00.250Z/capture";
const ENTRIES: TranscriptEntry[] = [
  { atMs: 3, direction: "sent", kind: "head", bytes: 16, text: "GET / HTTP/1.1" },
  {
    atMs: 4,
    direction: "received",
    kind: "text",
    bytes: 4,
    text: "hi",
    frame: { opcode: 1, fin: true, rsv1: false, payloadBytes: 2 },
  },
];
const FAILING = {
  region: "us-east",
  startedAtMs: T,
  reason: "accept_mismatch",
  transcript: { entries: ENTRIES, omitted: 0 },
} as const;

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(async () => {
  await api.reset();
  const json = { name: "Chat", url: "ws://chat.example.com:9000/" };
  await api.send("POST", "/api/v1/monitors", { json });
});

async function log(observations: Observation[], scheduledAtMs = T - 250): Promise<void> {
  await appendRuns(api.database.db, [
    {
      scheduledAtMs,
      region: "us-east",
      lane: "0",
      startedAtMs: T,
      finishedAtMs: T + 1,
      colo: null,
      configVersion: 1,
      observations,
    },
  ]);
}

describe("the capture of an observation", () => {
  it.each([T - 250, T - 14 * 60_000, T + 5_000])(
    "is a file for Wireshark with what the log keeps, of a run scheduled for %i",
    async (scheduledAtMs) => {
      const other = { ...makeObservation(FAILING), monitor: "other", transcript: null };
      await log([other, makeObservation(FAILING)], scheduledAtMs);
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await apiRoutes().request(PATH, { headers }, api.env);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/vnd.tcpdump.pcap");
      expect(response.headers.get("content-disposition")).toBe(
        'attachment; filename="chat-us-east-2026-11-20T140000.250Z.pcapng"',
      );
      const capture = readCapture(new Uint8Array(await response.arrayBuffer()));
      const payloads = capture.packets.map(({ payload }) => payload.toString("latin1"));
      expect(payloads.filter((text) => text !== "")).toEqual([
        "GET / HTTP/1.1\r\n\r\n",
        "\x81\x02hi",
      ]);
      expect(capture.packets[0]?.to).toBe("192.0.2.2:9000");
    },
  );

  it("needs the token, and is described", async () => {
    await log([makeObservation(FAILING)]);
    expect((await api.send("GET", PATH, { token: null })).status).toBe(401);
    expect((await api.send("GET", PATH)).status).toBe(200);
  });

  it.each([
    ["another monitor", PATH.replace("chat", "none"), "monitor"],
    ["another region", PATH.replace("us-east", "eu-central"), "observation"],
    ["another moment", PATH.replace("00.250", "00.251"), "observation"],
    ["no moment", PATH.replace("2026-11-20T14:00:00.250Z", "yesterday"), "resource"],
  ])("is not found for %s", async (_what, path, detail) => {
    await log([makeObservation(FAILING)]);
    const answer = await api.send("GET", path);
    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject({ detail: expect.stringContaining(detail) });
  });

  it.each([
    ["that was up", { reason: null, transcript: null }, "has no transcript"],
    ["over fetch", { transport: "fetch" }, "went over fetch"],
  ] as const)("does not exist of a check %s", async (_what, fields, detail) => {
    await log([makeObservation({ ...FAILING, ...fields })]);
    const answer = await api.send("GET", PATH);
    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject({ detail: expect.stringContaining(detail) });
  });
});
