/** Alerts beside a Prometheus Alertmanager: it takes ours, and sends what ours claims to be. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AlertMessage } from "../../shared/alert/alert-message.ts";
import { sampleMessages } from "../../shared/alert/sample-message.ts";
import { fingerprint } from "../../workers/coordinator/channels/alertmanager-alert.ts";
import type { AlertmanagerPayload } from "../../workers/coordinator/channels/alertmanager-payload.ts";
import { renderAlertmanagerPayload } from "../../workers/coordinator/channels/alertmanager-payload.ts";
import { sendDelivery } from "../../workers/coordinator/channels/send.ts";
import { firedDelivery } from "../support/alert-facts.ts";
import type { AlertReceiver } from "../support/alert-receiver.ts";
import { startAlertReceiver } from "../support/alert-receiver.ts";
import { eventually } from "../support/eventually.ts";
import type { RunningProgram } from "./system-program.ts";
import { startProgram } from "./system-program.ts";

const RECEIVER = "On call";
const WITHIN_MS = 20_000;

let receiver: AlertReceiver;
let alertmanager: RunningProgram<"http">;
beforeAll(async () => {
  receiver = await startAlertReceiver();
  alertmanager = await startProgram({
    program: "prometheus-alertmanager",
    listeners: ["http"],
    configure: ({ http }) => ({
      args: [
        "--config.file=alertmanager.yml",
        "--storage.path=data",
        "--cluster.listen-address=",
        `--web.listen-address=127.0.0.1:${http}`,
        "--web.external-url=https://status.example.com",
        "--web.route-prefix=/",
      ],
      files: { "alertmanager.yml": configuration() },
    }),
  });
});
afterAll(async () => {
  await alertmanager[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});
beforeEach(() => void (receiver.requests.length = 0));

function configuration(): string {
  return JSON.stringify({
    route: {
      receiver: RECEIVER,
      group_by: ["alertname", "monitor"],
      group_wait: "50ms",
      group_interval: "500ms",
      repeat_interval: "1h",
    },
    receivers: [
      {
        name: RECEIVER,
        webhook_configs: [{ url: `${receiver.origin}/hook`, send_resolved: true }],
      },
    ],
  });
}

/** What is told of an outage of a monitor that no other test speaks of. */
function messagesAbout(monitor: string): Record<"fired" | "changed" | "resolved", AlertMessage> {
  // The outage lies behind us: an alert that ends in the future would still be firing.
  const [fired, changed, resolved] = sampleMessages(Date.now() - 1_000).map((message) => ({
    ...message,
    monitor: { id: monitor, name: monitor, group: "Public", labels: { tier: "1" } },
  }));
  if (fired === undefined || changed === undefined || resolved === undefined) {
    throw new Error("there are samples");
  }
  return { fired, changed, resolved };
}

async function send(message: AlertMessage): Promise<void> {
  const channel = {
    id: "am",
    name: RECEIVER,
    kind: "alertmanager" as const,
    settings: { url: `http://127.0.0.1:${alertmanager.ports.http}/` },
  };
  const outcome = await sendDelivery(channel, firedDelivery({ message }), {
    fetch,
    nowMs: Date.now(),
    timeoutMs: 5_000,
    allowPrivateAddresses: true,
    thread: null,
  });
  expect(outcome).toMatchObject({ ok: true, status: 200 });
}

interface Shown {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  generatorURL: string;
  fingerprint: string;
}

/** Alerts about a monitor that Alertmanager shows as active. */
async function shown(monitor: string): Promise<Shown[]> {
  const filter = encodeURIComponent(`monitor="${monitor}"`);
  const url = `http://127.0.0.1:${alertmanager.ports.http}/api/v2/alerts?filter=${filter}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return (await response.json()) as Shown[];
}

/** What Alertmanager itself sent about a monitor, once it has sent it. */
async function sentAbout(monitor: string, status: "firing" | "resolved") {
  let found: AlertmanagerPayload | undefined;
  await eventually(`Alertmanager tells that ${monitor} is ${status}`, WITHIN_MS, async () => {
    found = receiver.requests
      .map(({ body }) => JSON.parse(body) as AlertmanagerPayload)
      .find((payload) => payload.status === status && payload.commonLabels["monitor"] === monitor);
    return found !== undefined;
  });
  if (found === undefined) throw new Error("it has been found");
  return found;
}

/** Moments without regard to how they are spelled. */
function withMoments(payload: AlertmanagerPayload) {
  return {
    ...payload,
    alerts: payload.alerts.map((alert) => ({
      ...alert,
      startsAt: Date.parse(alert.startsAt),
      endsAt: Date.parse(alert.endsAt),
    })),
  };
}

describe("an Alertmanager", () => {
  it("shows an outage once, however often it is told, and not once it is over", async () => {
    const { fired, resolved } = messagesAbout("once");
    await send(fired);
    await send(fired);
    const alerts = await shown("once");
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({
      labels: {
        alertname: "EchoquorumIncident",
        group: "Public",
        monitor: "once",
        severity: "critical",
        tier: "1",
      },
      annotations: { summary: fired.title, description: fired.text, cause: fired.cause },
      generatorURL: fired.link,
    });
    expect(Date.parse(alerts[0]?.startsAt ?? "")).toBe(Date.parse(fired.incident?.startedAt ?? ""));
    await send(resolved);
    expect(await shown("once")).toEqual([]);
  });

  it("names alerts as we do", async () => {
    await send(messagesAbout("named").fired);
    const [alert] = await shown("named");
    expect(alert?.fingerprint).toBe(fingerprint(alert?.labels ?? {}));
  });

  it("shows an incident that got worse under its present severity alone", async () => {
    const { fired, changed, resolved } = messagesAbout("worse");
    await send({ ...fired, severity: "warning" });
    await send({ ...changed, severity: "critical" });
    expect((await shown("worse")).map(({ labels }) => labels["severity"])).toEqual(["critical"]);
    await send(resolved);
    expect(await shown("worse")).toEqual([]);
  });
});

describe("our payload in Alertmanager's form", () => {
  it("is what it sends itself, field by field, of an outage and of its end", async () => {
    const { fired, resolved } = messagesAbout("compared");
    await send(fired);
    const firing = await sentAbout("compared", "firing");
    const ours = renderAlertmanagerPayload(RECEIVER, fired);
    expect(Object.keys(ours).sort()).toEqual(Object.keys(firing).sort());
    expect(Object.keys(ours.alerts[0] ?? {}).sort()).toEqual(
      Object.keys(firing.alerts[0] ?? {}).sort(),
    );
    expect(withMoments(ours)).toEqual(withMoments(firing));
    await send(resolved);
    const over = await sentAbout("compared", "resolved");
    expect(withMoments(renderAlertmanagerPayload(RECEIVER, resolved))).toEqual(withMoments(over));
  });
});
