/** The local alert receiver: a faithful Standard Webhooks receiver with a memory. */
import { mkdtempSync, appendFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReceivedAlert } from "../../../workers/local/demo/alert-log.ts";
import { AlertLog } from "../../../workers/local/demo/alert-log.ts";
import { alertReceiverApp } from "../../../workers/local/demo/alert-receiver.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "echoquorum-alerts-"));
  path = join(folder, "alerts.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () =>
  alertReceiverApp({
    addresses: () => ({ statusPage: "/", panel: "/", alerts: "/" }),
    log: new AlertLog(path),
    secret,
  });

const payload = {
  id: "chat_1",
  type: "incident.fired",
  version: 1,
  timestamp: "2026-11-20T14:02:13.000Z",
  data: {
    alert: "fired",
    title: "Chat is down in 3 of 4 regions",
    text: "3 of 4 fresh regions: <accept_mismatch>",
    severity: "critical",
    monitor: { id: "chat", name: "Chat", group: null },
    incident: {
      id: "chat-1",
      kind: "down",
      startedAt: "2026-11-20T14:02:11.000Z",
      endedAt: null,
      durationSeconds: null,
    },
    reason: "accept_mismatch",
    cause: "A server that does not implement RFC 6455.",
    regions: [
      { region: "us-east", label: "US East", status: "down", reason: null, message: "refused" },
    ],
    link: null,
    at: "2026-11-20T14:02:13.000Z",
  },
};

function send(app: ReturnType<typeof open>, id: string, key = secret) {
  const body = JSON.stringify(payload);
  const now = new Date();
  return app.request("/webhook", {
    method: "POST",
    body,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
      "webhook-signature": new Webhook(key).sign(id, now, body),
    },
  });
}

async function list(app: ReturnType<typeof open>): Promise<ReceivedAlert[]> {
  const answer = (await (await app.request("/alerts")).json()) as { alerts: ReceivedAlert[] };
  return answer.alerts;
}

describe("the alert receiver", () => {
  it("takes a signed alert and shows it, newest first", async () => {
    const app = open();
    expect((await send(app, "chat_1")).status).toBe(204);
    expect((await send(app, "chat_2")).status).toBe(204);
    expect(await list(app)).toMatchObject([
      { id: "chat_2", verified: true, arrivals: 1, payload },
      { id: "chat_1", verified: true, arrivals: 1, payload },
    ]);
    const page = await (await app.request("/")).text();
    expect(page).toContain("Chat is down in 3 of 4 regions");
    expect(page).toContain("&lt;accept_mismatch&gt;");
    expect(page).toContain("signature verified");
  });

  it("counts repetitions instead of showing them again", async () => {
    const app = open();
    await send(app, "chat_1");
    await send(app, "chat_1");
    expect(await list(app)).toMatchObject([{ id: "chat_1", arrivals: 2 }]);
  });

  it("refuses a wrong signature, shows it as such, and keeps it apart", async () => {
    const app = open();
    const other = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    expect((await send(app, "chat_1", other)).status).toBe(401);
    await send(app, "chat_1");
    expect((await list(app)).map(({ verified, arrivals }) => ({ verified, arrivals }))).toEqual([
      { verified: true, arrivals: 1 },
      { verified: false, arrivals: 1 },
    ]);
    expect(await (await app.request("/")).text()).toContain("SIGNATURE NOT VALID");
  });

  it("shows what is no alert of ours without falling over", async () => {
    const app = open();
    expect((await app.request("/webhook", { method: "POST", body: "hello" })).status).toBe(401);
    expect(await list(app)).toMatchObject([{ verified: false, payload: "hello" }]);
    expect((await app.request("/")).status).toBe(200);
  });

  it("remembers over a restart, a line that was cut short left out", async () => {
    const app = open();
    await send(app, "chat_1");
    await send(app, "chat_1");
    appendFileSync(path, '\n{"id":"chat_2","rec');
    const restarted = open();
    expect(await list(restarted)).toMatchObject([{ id: "chat_1", arrivals: 2 }]);
    await send(restarted, "chat_3");
    expect(await list(open())).toMatchObject([{ id: "chat_3" }, { id: "chat_1", arrivals: 2 }]);
  });
});
