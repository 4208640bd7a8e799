import { describe, expect, it } from "vitest";
import type { Advisory } from "../../../shared/alert/advisory.ts";
import { AlertTimeline, advises, between } from "../../support/alert-timeline.ts";
import { chatMonitor } from "../../support/alert-facts.ts";

const expiry: Advisory = {
  subject: "certificate-chat-1",
  step: 1,
  about: "certificate",
  over: false,
  severity: "warning",
  title: "The certificate of Chat expires in 14 days",
  text: "On 2026-12-04.",
  reason: "certificate_expiring",
  monitor: chatMonitor,
};

describe("an advisory", () => {
  it("fires on the channels of its monitor, with the usual cause and a link", () => {
    const monitor = { ...chatMonitor, notify: ["dev"] };
    const [first] = new AlertTimeline({ channels: ["ops", "dev"] })
      .at("0s", advises({ ...expiry, monitor }))
      .want(between("0s", "0s"), "dev: chat fired")
      .play("1m").deliveries;
    expect(first?.delivery).toMatchObject({
      id: "certificate-chat-1.1.dev",
      channel: "dev",
      alert: "fired",
      monitor: "chat",
      incident: "certificate-chat-1",
      severity: "warning",
      impact: null,
      state: "pending",
      message: { about: "certificate", incident: null, link: "https://status.example.com/" },
    });
    expect(first?.delivery.message.cause).toContain("Renewal");
  });

  it("goes to every channel when it is about Echoquorum itself", () => {
    const [first] = new AlertTimeline({ channels: ["ops", "dev"] })
      .at("0s", advises({ ...expiry, about: "monitoring", monitor: null, reason: null }))
      .want(between("0s", "0s"), "ops: certificate-chat-1 fired")
      .want(between("0s", "0s"), "dev: certificate-chat-1 fired")
      .play("1m").deliveries;
    expect(first?.delivery.message).toMatchObject({ monitor: null, cause: null });
  });

  it("is told at each step and not in between, and that it is over to who was told", () => {
    new AlertTimeline({ lookEvery: "1m" })
      .at("0s", advises(expiry))
      .at("24h", advises({ ...expiry, step: 2, severity: "critical" }))
      .at("36h", advises({ ...expiry, step: 3, over: true }))
      .want(between("0s", "0s"), "ops: chat fired")
      .want(between("24h", "24h"), "ops: chat changed")
      .want(between("36h", "36h"), "ops: chat resolved")
      .play("40h");
  });
});
