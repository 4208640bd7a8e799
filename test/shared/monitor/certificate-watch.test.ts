import { beforeEach, describe, expect, it } from "vitest";
import type { CertificateWatch } from "../../../shared/monitor/certificate-watch.ts";
import {
  advanceCertificateWatch,
  initialCertificateWatch,
  lookAtCertificate,
  watchThreshold,
  watchedCertificate,
} from "../../../shared/monitor/certificate-watch.ts";
import { makeCertificate } from "../../support/observation.ts";
import { START_MS } from "../../support/timeline.ts";

const DAY_MS = 86_400_000;
const day = (days: number) => START_MS + days * DAY_MS;

let watch: CertificateWatch;
let told: string[];

/** A region looks on a day at a certificate that expires on another. */
function look(onDay: number, expires: number, region = "us-east", lifeDays = 90): void {
  const certificate = makeCertificate(expires, START_MS, lifeDays);
  watch = lookAtCertificate(watch, { region, startedAtMs: day(onDay), certificate });
  const step = advanceCertificateWatch(watch, day(onDay));
  watch = step.watch;
  const { news } = step;
  if (news !== null) told.push(news.over ? "over" : `${news.threshold} ${news.severity}`);
}

beforeEach(() => {
  watch = initialCertificateWatch("chat", "wss://chat.example.com/");
  told = [];
});

describe("a certificate that expires", () => {
  it("is told once at each threshold, as critical from three days on, and not once expired", () => {
    for (let onDay = 0; onDay <= 45; onDay += 0.25) look(onDay, 40);
    expect(told).toEqual(["30 warning", "14 warning", "7 warning", "3 critical", "1 critical"]);
  });

  it("begins with the threshold that it is under when it is first seen", () => {
    look(0, 5);
    expect(told).toEqual(["7 warning"]);
  });

  it("is over when it was renewed", () => {
    look(0, 5);
    look(1, 95);
    look(2, 95);
    expect(told).toEqual(["7 warning", "over"]);
  });

  it("is not over while one region still sees the old one", () => {
    look(0, 5, "us-east");
    look(0.1, 5, "sa-east");
    look(0.2, 95, "us-east");
    expect(told).toEqual(["7 warning"]);
    look(0.3, 95, "sa-east");
    expect(told).toEqual(["7 warning", "over"]);
  });

  it("is told by the same subject until it is over, and by another the next time", () => {
    look(0, 5);
    const first = watch.told?.subject;
    look(2.5, 5);
    expect(watch.told).toEqual({ subject: first, threshold: 3, step: 2 });
    look(3, 95);
    look(70, 95);
    expect(watch.told?.subject).not.toBe(first);
  });
});

describe("a certificate of a short life", () => {
  it("is told within the last third of it only", () => {
    for (let onDay = 0; onDay < 6; onDay += 0.25) look(onDay, 6, "us-east", 6);
    expect(told).toEqual(["3 critical", "1 critical"]);
    expect(watchThreshold(makeCertificate(2.5, START_MS, 6), START_MS)).toBeNull();
  });
});

describe("looks", () => {
  it("that are old, or without a certificate, change nothing", () => {
    look(1, 50);
    const before = watch;
    look(0, 3);
    watch = lookAtCertificate(watch, {
      region: "us-east",
      startedAtMs: day(2),
      certificate: null,
    });
    expect(watch).toBe(before);
    expect(told).toEqual([]);
  });

  it("are forgotten after two days", () => {
    look(0, 5);
    expect(watchedCertificate(watch, day(1))).not.toBeNull();
    expect(watchedCertificate(watch, day(2.1))).toBeNull();
  });
});
