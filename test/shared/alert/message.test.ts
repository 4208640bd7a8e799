import { describe, expect, it } from "vitest";
import type { AlertMessage } from "../../../shared/alert/delivery.ts";
import { TIMELINE_STEPS_MAX } from "../../../shared/alert/message.ts";
import { renderTestMessage } from "../../../shared/alert/sample-message.ts";
import type { AlertFacts } from "../../support/alert-facts.ts";
import {
  changedFacts,
  countedVote,
  decideDeliveries,
  firedDelivery,
  openedFacts,
  resolvedFacts,
} from "../../support/alert-facts.ts";

function message(facts: AlertFacts): AlertMessage {
  const [delivery] = decideDeliveries(facts);
  if (delivery === undefined) throw new Error("expected a delivery");
  return delivery.message;
}

const withVotes = (votes: AlertFacts["transition"]["votes"]): AlertFacts => {
  const facts = openedFacts("down");
  return { ...facts, transition: { ...facts.transition, votes } };
};

describe("the HTTP beside it", () => {
  const up = { status: "up", reason: null, code: 200 } as const;
  const down = { status: "down", reason: "http_failed", code: null } as const;

  it("is diagnosed from the regions that fail, with how many say so where they differ", () => {
    const votes = [
      countedVote("us-east", "down", { http: up }),
      countedVote("sa-east", "down", { http: up }),
      countedVote("eu-central", "down", { http: down }),
      countedVote("ap-southeast", "up", { http: down }),
    ];
    const told = message(withVotes(votes));
    expect(told.diagnosis?.case).toBe("websocket_down");
    expect(told.diagnosis?.text).toMatch(/^HTTP works where WebSocket fails\..*2 of 3 regions\.$/);
    expect(told.regions[2]?.http).toEqual(down);
  });

  it("is told with the end too, and not at all where nobody asked", () => {
    const facts = resolvedFacts("down", { previous: [firedDelivery()] });
    const votes = facts.transition.votes.map((vote) => ({ ...vote, http: down }));
    const told = message({ ...facts, transition: { ...facts.transition, votes } });
    expect(told.diagnosis).toMatchObject({ case: "http_down" });
    expect(message(openedFacts("down"))).not.toHaveProperty("diagnosis");
  });
});

describe("the message that fires", () => {
  it("says what, where, why and since when", () => {
    expect(message(openedFacts("down"))).toEqual({
      alert: "fired",
      title: "Chat is down in 3 of 4 regions",
      text: "3 of 4 fresh regions: accept_mismatch since 14:02:11",
      severity: "critical",
      monitor: { id: "chat", name: "Chat", group: "Public" },
      incident: {
        id: "chat-1795183331000",
        kind: "down",
        startedAt: "2026-11-20T14:02:11.000Z",
        endedAt: null,
        durationSeconds: null,
        lastedSeconds: 2,
      },
      seen: { bad: 3, counted: 4 },
      reason: "accept_mismatch",
      meaning: "The Sec-WebSocket-Accept value is wrong or missing.",
      cause: "A server that does not implement RFC 6455, or a cache that replays an old answer.",
      regions: [
        {
          region: "us-east",
          label: "US East (Virginia)",
          status: "down",
          reason: "accept_mismatch",
          message: "The Sec-WebSocket-Accept value is wrong or missing.",
          colo: null,
          at: "2026-11-20T14:02:11.000Z",
          counted: true,
          evidence:
            "https://status.example.com/api/v1/monitors/chat/observations/us-east/" +
            "2026-11-20T14:02:11.000Z/capture",
        },
        expect.objectContaining({ region: "sa-east" }),
        expect.objectContaining({ region: "eu-central" }),
        expect.objectContaining({ region: "ap-southeast", status: "up", reason: null }),
      ],
      link: "https://status.example.com/incidents/chat-1795183331000",
      at: "2026-11-20T14:02:13.000Z",
    });
  });

  it("counts only the votes that counted", () => {
    const votes = [
      countedVote("us-east", "down"),
      countedVote("sa-east", "down", { counted: "same_colo" }),
      countedVote("eu-central", "unknown", { counted: "silent" }),
    ];
    expect(message(withVotes(votes)).title).toBe("Chat is down in 1 of 1 region");
    expect(message(withVotes([])).title).toBe("Chat is down");
  });

  it("counts slow regions when the monitor is degraded", () => {
    const facts = openedFacts("degraded");
    const votes = [countedVote("us-east", "degraded"), countedVote("sa-east", "up")];
    const { title } = message({ ...facts, transition: { ...facts.transition, votes } });
    expect(title).toBe("Chat is degraded in 1 of 2 regions");
  });

  it("has no link while no public address is configured", () => {
    expect(message(openedFacts("down", { publicUrl: null })).link).toBeNull();
    expect(message(openedFacts("down", { publicUrl: "https://s.example/" })).link).toBe(
      "https://s.example/incidents/chat-1795183331000",
    );
  });
});

it("says that a known incident got worse", () => {
  const previous = [firedDelivery({ impact: "degraded" })];
  expect(message(changedFacts("degraded", "down", { previous })).title).toBe(
    "Chat is now down in 3 of 4 regions",
  );
});

it("says at the end how long it lasted, and what it was", () => {
  const resolved = message(resolvedFacts("down", { previous: [firedDelivery()] }));
  expect(resolved).toMatchObject({
    title: "Chat has recovered after 4m12s",
    text:
      "4 of 4 fresh regions operational. " +
      "It was down for 4m12s, 2026-11-20 14:02:11 UTC to 2026-11-20 14:06:23 UTC.",
    incident: { kind: "down", endedAt: "2026-11-20T14:06:23.000Z", durationSeconds: 252 },
    reason: "accept_mismatch",
  });
});

it("tells the timeline in the message that resolves, and only there", () => {
  const fired = openedFacts("down");
  const ended = resolvedFacts("down", { previous: [firedDelivery()] });
  const timeline = [fired.transition, ended.transition];
  expect(message({ ...ended, timeline }).timeline).toEqual([
    {
      at: "2026-11-20T14:02:13.000Z",
      text: "3 of 4 fresh regions: accept_mismatch since 14:02:11",
      kind: "incident_opened",
      to: "down",
      reason: "accept_mismatch",
    },
    {
      at: "2026-11-20T14:06:23.000Z",
      text: "4 of 4 fresh regions operational",
      kind: "incident_resolved",
      to: "operational",
      reason: null,
    },
  ]);
  expect(message({ ...fired, timeline })).not.toHaveProperty("timeline");
});

it("leaves the middle of a long timeline out", () => {
  const ended = resolvedFacts("down", { previous: [firedDelivery()] });
  const timeline = Array.from({ length: 50 }, (_, step) => ({
    ...ended.transition,
    message: `step ${step}`,
  }));
  const told = message({ ...ended, timeline }).timeline?.map(({ text }) => text);
  expect(told).toHaveLength(TIMELINE_STEPS_MAX);
  expect([told?.[0], told?.[9], told?.[10], told?.at(-1)]).toEqual([
    "step 0",
    "step 9",
    "step 40",
    "step 49",
  ]);
});

it("tells of the certificate and of the monitor's labels where there are any", () => {
  const facts = openedFacts("down");
  const certificate = {
    subject: "CN=chat.example.com",
    issuer: "CN=Example CA",
    notAfterMs: facts.transition.atMs + 5.5 * 86_400_000,
  };
  const monitor = { ...facts.monitor, labels: { team: "chat" } };
  expect(message({ ...facts, certificate, monitor })).toMatchObject({
    monitor: { id: "chat", labels: { team: "chat" } },
    certificate: {
      subject: "CN=chat.example.com",
      issuer: "CN=Example CA",
      notAfter: "2026-11-26T02:02:13.000Z",
      daysLeft: 5,
    },
  });
});

it("tests a channel with what looks like a real alert and says that it is a test", () => {
  const nowMs = Date.UTC(2026, 10, 20, 14, 2, 29);
  const test = renderTestMessage({ name: "Team" }, "https://s.example", nowMs);
  expect(test).toMatchObject({
    alert: "test",
    title: "[Test] Sample chat is down in 3 of 4 regions",
    text:
      "This is a test of the channel Team: nothing is wrong. A real alert looks like this: " +
      "3 of 4 fresh regions: upgrade_overloaded since 14:02:11.",
    severity: "info",
    incident: { kind: "down", startedAt: "2026-11-20T14:02:11.000Z", lastedSeconds: 18 },
    link: "https://s.example/",
    at: "2026-11-20T14:02:29.000Z",
  });
  expect(test.regions.map(({ status }) => status)).toEqual(["down", "down", "down", "up"]);
  expect(test.regions.some(({ evidence }) => evidence !== undefined)).toBe(false);
});
