import { describe, expect, it } from "vitest";
import type { AlertMessage } from "../../../shared/alert/delivery.ts";
import { renderTestMessage } from "../../../shared/alert/message.ts";
import type { AlertFacts } from "../../../shared/alert/policy.ts";
import { decideDeliveries } from "../../../shared/alert/policy.ts";
import {
  changedFacts,
  countedVote,
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
      },
      reason: "accept_mismatch",
      cause: "A server that does not implement RFC 6455, or a cache that replays an old answer.",
      regions: [
        {
          region: "us-east",
          label: "US East (Virginia)",
          status: "down",
          reason: "accept_mismatch",
          message: "The Sec-WebSocket-Accept value is wrong or missing.",
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
      "It was down for 4m12s, 2026-11-20T14:02:11.000Z to 2026-11-20T14:06:23.000Z.",
    incident: { kind: "down", endedAt: "2026-11-20T14:06:23.000Z", durationSeconds: 252 },
    reason: "accept_mismatch",
  });
});

it("names the channel that it tests", () => {
  expect(renderTestMessage({ name: "Team" }, "https://s.example", 0)).toMatchObject({
    text: "The channel Team works: alerts of your monitors will arrive here.",
    link: "https://s.example/",
    at: "1970-01-01T00:00:00.000Z",
  });
});
