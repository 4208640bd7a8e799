import { expect, it } from "vitest";
import { parseMoment } from "../../../../workers/coordinator/api/moment.ts";

it.each([
  ["0", 0],
  ["1795183200000", 1_795_183_200_000],
  ["2026-11-20", Date.UTC(2026, 10, 20)],
  ["2028-02-29", Date.UTC(2028, 1, 29)],
  ["2026-10-31T23:30-01:00", Date.UTC(2026, 10, 1, 0, 30)],
  ["2026-11-20T14:02Z", Date.UTC(2026, 10, 20, 14, 2)],
  ["2026-11-20T14:02:11Z", Date.UTC(2026, 10, 20, 14, 2, 11)],
  ["2026-11-20t14:02:11.250z", Date.UTC(2026, 10, 20, 14, 2, 11, 250)],
  // A plus sign that was not encoded arrives as a space.
  ["2026-11-20T16:02:11+02:00", Date.UTC(2026, 10, 20, 14, 2, 11)],
  ["2026-11-20T16:02:11 02:00", Date.UTC(2026, 10, 20, 14, 2, 11)],
  ["2026-11-20 14:02:11Z", Date.UTC(2026, 10, 20, 14, 2, 11)],
])("reads %s", (text, epochMs) => {
  expect(parseMoment(text)).toBe(epochMs);
});

it.each([
  "",
  "now",
  "-5",
  "1.5",
  "99999999999999999",
  "2026-13-01",
  "2026-11-31",
  "2026-02-30",
  "2027-02-29",
  "2026-11-00",
  "2026-11-31T14:02:11Z",
  "2026-02-30T23:59:59.999+02:00",
  "2026-11-20T25:00Z",
  "2026-11-20T14:02:11",
  "20 Nov 2026",
])("does not take %j for a moment", (text) => {
  expect(parseMoment(text)).toBeNull();
});
