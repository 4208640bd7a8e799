import { describe, expect, it } from "vitest";
import { sampleMessages } from "../../../../shared/alert/sample-message.ts";
import {
  alertsOf,
  fingerprint,
} from "../../../../workers/coordinator/channels/alertmanager-alert.ts";
import {
  alertmanagerPayloadSchema,
  renderAlertmanagerPayload,
} from "../../../../workers/coordinator/channels/alertmanager-payload.ts";
import {
  FIRING_LASTS_MS,
  renderAlertmanagerRequest,
} from "../../../../workers/coordinator/channels/alertmanager.ts";
import { OUTAGE_AT_MS, firedDelivery } from "../../../support/alert-facts.ts";

const channel = {
  id: "am",
  name: "Alertmanager",
  kind: "alertmanager" as const,
  settings: { url: "https://am.example.com/prefix/", authorization: "Basic dXNlcjpwYXNz" },
};
const fired = firedDelivery().message;

describe("the request to Alertmanager", () => {
  it("goes to its API below whatever path it is served from, with its credentials", () => {
    const request = renderAlertmanagerRequest(channel, firedDelivery(), OUTAGE_AT_MS);
    expect(request.url).toBe("https://am.example.com/prefix/api/v2/alerts");
    expect(request.headers["authorization"]).toBe("Basic dXNlcjpwYXNz");
    expect(JSON.parse(request.body)).toEqual([
      {
        labels: {
          alertname: "EchoquorumIncident",
          group: "Public",
          monitor: "chat",
          severity: "critical",
        },
        annotations: expect.objectContaining({
          summary: "Chat is down in 3 of 4 regions",
          description: "3 of 4 fresh regions: accept_mismatch since 14:02:11",
          kind: "down",
        }),
        startsAt: "2026-11-20T14:02:11.000Z",
        endsAt: new Date(OUTAGE_AT_MS + FIRING_LASTS_MS).toISOString(),
        generatorURL: "https://status.example.com/incidents/chat-1795183331000",
      },
    ]);
  });

  it("keeps alerts about two regions apart, and the monitor's own label of that name", () => {
    const about = (region: string) =>
      alertsOf({ ...fired, about: "region", region, monitor: null, incident: null })[0]?.labels;
    expect(about("sa-east")).toEqual({
      alertname: "EchoquorumRegion",
      region: "sa-east",
      severity: "critical",
    });
    expect(about("us-east")).toMatchObject({ region: "us-east" });
    const monitor = { id: "chat", name: "Chat", group: null, labels: { region: "home" } };
    expect(alertsOf({ ...fired, monitor })[0]?.labels).toMatchObject({ region: "home" });
  });

  it("spells the monitor's labels as Alertmanager takes them, and lets none take the place of ours", () => {
    const labels = { "app.kubernetes.io/name": "chat", "2nd": "b", severity: "mine", empty: "" };
    const message = { ...fired, monitor: { id: "chat", name: "Chat", group: null, labels } };
    expect(alertsOf(message)[0]?.labels).toEqual({
      _2nd: "b",
      alertname: "EchoquorumIncident",
      app_kubernetes_io_name: "chat",
      monitor: "chat",
      severity: "critical",
    });
  });

  it("keeps the labels of an incident from its first message to its last", () => {
    const [first, , last] = sampleMessages(OUTAGE_AT_MS);
    if (first === undefined || last === undefined) throw new Error("there are samples");
    expect(alertsOf(last)[0]?.labels).toEqual(alertsOf(first)[0]?.labels);
  });
});

describe("the payload of version 4", () => {
  it("has every kind of message in the form of its schema", () => {
    for (const message of sampleMessages(OUTAGE_AT_MS)) {
      const payload = renderAlertmanagerPayload("On call", message);
      expect(alertmanagerPayloadSchema.parse(payload)).toEqual(payload);
    }
  });

  it("says what fires and what is over", () => {
    expect(renderAlertmanagerPayload("On call", fired)).toMatchObject({
      receiver: "On call",
      status: "firing",
      version: "4",
      groupKey: '{}:{alertname="EchoquorumIncident", monitor="chat"}',
      groupLabels: { alertname: "EchoquorumIncident", monitor: "chat" },
      externalURL: "https://status.example.com",
      truncatedAlerts: 0,
      alerts: [{ status: "firing", endsAt: "0001-01-01T00:00:00Z" }],
    });
    const over = sampleMessages(OUTAGE_AT_MS).find(({ alert }) => alert === "resolved");
    if (over === undefined) throw new Error("there is a sample that resolves");
    const payload = renderAlertmanagerPayload("On call", over);
    expect(payload.status).toBe("resolved");
    expect(payload.alerts[0]?.endsAt).toBe(over.incident?.endedAt);
  });

  it("tells several alerts with what they have in common", () => {
    const group = sampleMessages(OUTAGE_AT_MS).find(({ alerts }) => alerts !== undefined);
    if (group === undefined) throw new Error("there is a sample of a group");
    const payload = renderAlertmanagerPayload("On call", { ...group, moreAlerts: 3 });
    expect(payload.status).toBe("firing");
    expect(payload.alerts.map(({ status }) => status)).toEqual(["firing", "resolved"]);
    expect(payload.commonLabels["monitor"]).toBe("sample-chat");
    expect(payload.truncatedAlerts).toBe(3);
  });

  it("names alerts by FNV-1a of their labels, whatever their order", () => {
    // The hash of no bytes is the offset basis of FNV-1a (draft-eastlake-fnv, section 5).
    expect(fingerprint({})).toBe("cbf29ce484222325");
    expect(fingerprint({ a: "1", b: "2" })).toBe(fingerprint({ b: "2", a: "1" }));
    expect(fingerprint({ a: "1", b: "2" })).not.toBe(fingerprint({ a: "12", b: "" }));
  });
});
