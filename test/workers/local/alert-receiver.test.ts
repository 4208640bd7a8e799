/** The local alert receiver: a faithful Standard Webhooks receiver with a memory. */
import { mkdtempSync, appendFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReceivedAlert } from "../../../workers/local/demo/alert-log.ts";
import { AlertLog } from "../../../workers/local/demo/alert-log.ts";
import { alertReceiverApp, isDelivery } from "../../../workers/local/demo/alert-receiver.ts";
import { Mailbox } from "../../../workers/local/demo/mailbox.ts";
import { AlertBoard } from "../../../workers/local/vendors/alertmanager.ts";
import { SlackWorkspace } from "../../../workers/local/vendors/slack.ts";

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
    slack: new SlackWorkspace({ token: "xoxb-1", channels: { alerts: "C0DEMO" }, nowMs: Date.now }),
    alertmanager: new AlertBoard(Date.now),
    mailbox: new Mailbox(),
    trouble: { kind: "none" },
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

/** Has a bot post a text. */
function post(app: ReturnType<typeof open>, token: string, text: string) {
  const blocks = [{ type: "section", text: { type: "mrkdwn", text } }];
  return app.request("/slack/api/chat.postMessage", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ channel: "alerts", text, blocks }),
  });
}

/** Switches trouble as the page's form does. */
function change(app: ReturnType<typeof open>, trouble: string, headers = {}) {
  return app.request("http://127.0.0.1/trouble", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: `trouble=${trouble}`,
  });
}

describe("the stand-in for Slack", () => {
  it("shows mrkdwn as Slack would, and what is escaped as text", async () => {
    const app = open();
    await post(app, "xoxb-1", "*Chat* is `down` &lt;b&gt; <https://s.example/|Open> <script>");
    const page = await (await app.request("/slack")).text();
    expect(page).toContain("<strong>Chat</strong> is <code");
    expect(page).toContain("&lt;b&gt;");
    expect(page).toContain('<a href="https://s.example/">Open</a>');
    expect(page).not.toContain("<script>");
  });

  it("says what it refused", async () => {
    const app = open();
    await post(app, "xoxb-2", "hello");
    expect(await (await app.request("/slack")).text()).toContain("invalid_auth");
  });
});

describe("trouble of the receivers", () => {
  it("is switched on the page, by nobody else's page, and to what there is", async () => {
    const app = open();
    expect((await change(app, "failing")).status).toBe(303);
    expect(await (await app.request("/")).text()).toContain("answers 500");
    expect((await change(app, "none", { origin: "https://evil.example" })).status).toBe(403);
    expect((await change(app, "earthquake")).status).toBe(422);
    expect(await (await app.request("/")).text()).toContain("answers 500");
  });

  it("befalls what brings alerts, and not the pages", () => {
    expect(isDelivery("POST", "/webhook")).toBe(true);
    expect(isDelivery("POST", "/slack/api/chat.postMessage")).toBe(true);
    expect(isDelivery("POST", "/alertmanager/api/v2/alerts")).toBe(true);
    expect(isDelivery("GET", "/slack")).toBe(false);
    expect(isDelivery("POST", "/trouble")).toBe(false);
  });
});
