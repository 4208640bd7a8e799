import { expect, it } from "vitest";
import { accountForRuns, countMessages, incidentProblems } from "./kills-figures.ts";

const body = (title: string) => JSON.stringify({ timestamp: title.length, data: { title } });

it("finds an incident that was resolved twice, or never", () => {
  const opened = { id: "a.1", kind: "incident_opened" };
  const resolved = { id: "a.2", kind: "incident_resolved" };
  const whole = { id: "a", endedAt: "2026-11-20T12:00:00Z", timeline: [opened, resolved] };
  expect(incidentProblems([whole])).toEqual([]);
  expect(incidentProblems([{ ...whole, timeline: [opened] }])).toHaveLength(1);
  expect(incidentProblems([{ ...whole, timeline: [opened, resolved, resolved] }])).toEqual([
    "a was opened 1 times and resolved 2 times",
  ]);
});

const keyOf = (id: string) => id.replaceAll(".", "_");

it("tells messages that are lost, repeated, of nobody, or changed", () => {
  const decided = [
    { id: "a.1.hook", state: "sent" },
    { id: "a.2.hook", state: "sent" },
  ];
  const [first, second] = [
    { key: "a_1_hook", body: body("down") },
    { key: "a_2_hook", body: body("over") },
  ];
  expect(countMessages(keyOf, decided, [first, first, second])).toEqual({
    keys: 2,
    lost: 0,
    repeated: 1,
    problems: [],
  });
  expect(countMessages(keyOf, decided, [first])).toMatchObject({ lost: 1 });
  expect(
    countMessages(keyOf, decided, [first, second, { ...second, body: body("else") }]),
  ).toMatchObject({
    problems: ["a_2_hook says two things"],
  });
  expect(countMessages(keyOf, [], [first])).toMatchObject({ problems: ["a_1_hook is of nobody"] });
});

it("accounts for rounds in the log, while nothing ran, and lost", () => {
  const facts = {
    regions: ["eu-central"],
    everyMs: 10,
    window: { fromMs: 0, toMs: 100 },
    absences: [{ fromMs: 35, toMs: 45 }],
  };
  const logged = [3, 13, 23, 63, 73, 93].map((scheduledAtMs) => ({
    scheduledAtMs,
    region: "eu-central",
  }));
  expect(accountForRuns({ ...facts, logged })).toMatchObject({
    expected: 10,
    logged: 6,
    absent: 3,
    lost: 1,
  });
});
