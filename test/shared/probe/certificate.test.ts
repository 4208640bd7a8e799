import { describe, expect, it } from "vitest";
import type { CertificateFacts, CertificateInspection } from "../../../shared/probe/certificate.ts";
import {
  certificateResult,
  daysLeft,
  expiryThreshold,
  isInspectionDue,
  explainExpiry,
  explainTlsFailure,
  matchesHost,
} from "../../../shared/probe/certificate.ts";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12);

const own: CertificateFacts = {
  subject: "CN=chat.example.com",
  issuer: "CN=Issuing CA",
  names: ["chat.example.com"],
  notBeforeMs: NOW_MS - 10 * DAY_MS,
  notAfterMs: NOW_MS + 80 * DAY_MS,
  key: "ECDSA P-256",
  signature: "RSA SHA-256",
  selfSigned: false,
};
const issuer: CertificateFacts = { ...own, subject: "CN=Issuing CA", issuer: "CN=Root", names: [] };

type Inspected = Extract<CertificateInspection, { type: "inspected" }>;

function inspected(extra: Partial<Inspected> = {}): Inspected {
  return {
    type: "inspected",
    version: "TLS 1.3",
    chain: [own, issuer],
    state: "complete",
    matchesHost: true,
    ocspStapled: false,
    clientCertificateRequested: false,
    ...extra,
  };
}

const explain = (inspection: CertificateInspection) => {
  const { reason, detail } = explainTlsFailure(inspection, "chat.example.com", NOW_MS);
  return `${reason}: ${detail}`;
};

describe("a name of a certificate", () => {
  it.each([
    ["chat.example.com", "chat.example.com", true],
    ["chat.example.com", "CHAT.Example.COM.", true],
    ["*.example.com", "chat.example.com", true],
    ["*.example.com", "a.chat.example.com", false],
    ["*.example.com", "example.com", false],
    ["*.com", "example.com", false],
    ["c*.example.com", "chat.example.com", false],
    ["chat.*.com", "chat.example.com", false],
    ["example.com", "chat.example.com", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["*.0.2.7", "192.0.2.7", false],
    ["2001:db8::1", "2001:db8::1", true],
  ])("%s for %s: %s", (name, host, matches) => {
    expect(matchesHost([name], host)).toBe(matches);
  });
});

describe("a failed handshake is explained by", () => {
  it("what one would mend first, when several things are wrong", () => {
    const expired = { ...own, notAfterMs: NOW_MS - 2.5 * DAY_MS };
    expect(explain(inspected({ chain: [expired], state: "incomplete", matchesHost: false }))).toBe(
      "tls_certificate_expired: It was valid until 2026-11-18, 2 days ago.",
    );
    const other = { ...own, names: ["a.org"] };
    expect(explain(inspected({ chain: [other], state: "incomplete", matchesHost: false }))).toBe(
      "tls_hostname_mismatch: It is for a.org, not for chat.example.com.",
    );
  });

  it("an issuer's certificate that has expired or is not valid yet", () => {
    const expired = { ...issuer, notAfterMs: NOW_MS - 1 };
    expect(explain(inspected({ chain: [own, expired] }))).toBe(
      "tls_certificate_expired: " +
        "The issuer's own certificate (CN=Issuing CA) was valid until 2026-11-20.",
    );
    const early = { ...issuer, notBeforeMs: NOW_MS + DAY_MS };
    expect(explain(inspected({ chain: [own, early] }))).toBe(
      "tls_certificate_not_yet_valid: " +
        "The issuer's own certificate (CN=Issuing CA) is valid from 2026-11-21.",
    );
  });

  it("names in a sentence that stays short", () => {
    const many = { ...own, names: ["a.org", "b.org", "c.org", "d.org"] };
    expect(explain(inspected({ chain: [many], matchesHost: false }))).toContain(
      "It is for a.org, b.org, c.org and 1 more name, not for chat.example.com.",
    );
    const none = { ...own, names: [] };
    expect(explain(inspected({ chain: [none], matchesHost: false }))).toContain(
      "It is for no name at all (CN=chat.example.com), not for chat.example.com.",
    );
  });

  it("a version that clients refuse", () => {
    expect(explain(inspected({ version: "TLS 1.1" }))).toBe(
      "tls_failed: The server speaks no version later than TLS 1.1, which clients refuse.",
    );
  });

  it("a client certificate that the check does not have", () => {
    expect(explain(inspected({ clientCertificateRequested: true }))).toBe(
      "tls_failed: The server asks for a client certificate, which the check does not have.",
    );
  });

  it("an authority that is not trusted, when nothing else is wrong", () => {
    expect(explain(inspected())).toBe("tls_untrusted_issuer: The chain leads to CN=Root.");
  });

  it("what the inspector met when it saw no certificate", () => {
    const message = "the server ended the TLS handshake with the alert unrecognized_name";
    expect(explain({ type: "failed", cause: "alert", message })).toBe(
      "tls_failed: The server ended the TLS handshake with the alert unrecognized_name.",
    );
  });
});

describe("expiry", () => {
  it.each([
    [31, null],
    [30, 30],
    [14.01, 30],
    [14, 14],
    [7, 7],
    [3, 3],
    [1.5, 3],
    [1, 1],
    [0, 1],
    [-0.01, null],
  ])("in %d days is under the threshold of %o", (days, threshold) => {
    expect(expiryThreshold(NOW_MS + days * DAY_MS, NOW_MS)).toBe(threshold);
  });

  it("is told by the certificate of the chain that goes first", () => {
    const soon = { ...issuer, notAfterMs: NOW_MS + 2.5 * DAY_MS };
    expect(explainExpiry(inspected({ chain: [own, soon] }), NOW_MS)).toEqual({
      reason: "certificate_expiring",
      detail: "The issuer's own certificate (CN=Issuing CA) expires in 2 days, on 2026-11-23.",
    });
    const today = { ...own, notAfterMs: NOW_MS + DAY_MS / 2 };
    expect(explainExpiry(inspected({ chain: [today] }), NOW_MS)?.detail).toBe(
      "It expires within a day, on 2026-11-21.",
    );
    expect(explainExpiry(inspected(), NOW_MS)).toBeNull();
  });

  it("counts whole days, below zero once it has passed", () => {
    expect(daysLeft(NOW_MS + 1.9 * DAY_MS, NOW_MS)).toBe(1);
    expect(daysLeft(NOW_MS - 1, NOW_MS)).toBe(-1);
  });
});

describe("a healthy monitor", () => {
  const HOUR_MS = 3_600_000;
  const regions = ["us-east", "sa-east", "eu-central", "ap-southeast"];
  const inspectors = (monitor: string, hour: number, intervalMs: number) =>
    regions.flatMap((region, index) => {
      const rounds = Math.max(1, Math.floor(HOUR_MS / intervalMs));
      return Array.from({ length: rounds }, (_, round) => ({
        monitor,
        region,
        regions,
        scheduledAtMs: hour * HOUR_MS + round * intervalMs + (index * intervalMs) / regions.length,
        intervalMs,
      })).filter(isInspectionDue);
    });

  it("is inspected once an hour, from one region, in turn", () => {
    for (const intervalMs of [10_000, 60_000, 7 * 60_000]) {
      const hours = Array.from({ length: 8 }, (_, hour) =>
        inspectors("chat", hour, intervalMs).map(({ region }) => region),
      );
      expect(hours.map((each) => each.length)).toEqual(Array(8).fill(1));
      expect(new Set(hours.slice(0, 4).flat())).toEqual(new Set(regions));
      expect(hours.slice(4)).toEqual(hours.slice(0, 4));
    }
  });

  it("is not always inspected by the region that inspects the others", () => {
    const monitors = ["chat", "feed", "game", "live"];
    const chosen = monitors.map((monitor) => inspectors(monitor, 0, 60_000)[0]?.region);
    expect(new Set(chosen).size).toBeGreaterThan(1);
  });

  it("without regions is inspected by nobody", () => {
    expect(
      isInspectionDue({
        monitor: "chat",
        region: "us-east",
        regions: [],
        scheduledAtMs: 0,
        intervalMs: 60_000,
      }),
    ).toBe(false);
  });
});

it("keeps of an inspection what an observation records", () => {
  const names = Array.from({ length: 80 }, (_, index) => `${index}.example.com`);
  const result = certificateResult(inspected({ chain: [{ ...own, names }] }), NOW_MS);
  expect(result).toMatchObject({ daysLeft: 80, chain: "complete", version: "TLS 1.3" });
  expect(result?.names).toHaveLength(50);
  expect(certificateResult({ type: "failed", cause: "timeout", message: "" }, NOW_MS)).toBeNull();
});
