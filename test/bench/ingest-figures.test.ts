import { expect, it } from "vitest";
import type { IngestFigures } from "./ingest/figures.ts";
import { GOALS, renderIngest } from "./ingest/figures.ts";

function figures(monitors: number, cpuSecondsPerMinute: number, heldBytes = 1): IngestFigures {
  const counts = { observationsPerMinute: monitors * 11, votes: monitors * 11, deliveries: 0 };
  const place = { monitors, regions: 11, coordinators: 1 };
  return { ...place, cpuSecondsPerMinute, heldBytes, ...counts, failures: [] };
}

it("tells how CPU time per monitor grows from one size to the next", () => {
  const text = renderIngest([figures(100, 0.1), figures(1_000, 2), figures(10_000, 10)]);
  expect(text.match(/× \d\.\d\d/g)).toEqual(["× 2.00", "× 0.50"]);
});

it("says of how many coordinators one was measured", () => {
  expect(renderIngest([figures(100, 1)])).toContain("through one coordinator:");
  const divided = { ...figures(100, 1), coordinators: 3 };
  expect(renderIngest([divided])).toContain("through one of 3 coordinators:");
});

it("says of the largest size whether it is within the goals", () => {
  expect(renderIngest([figures(10_000, GOALS.cpuSeconds)])).toContain("CPU is within the goal");
  const over = renderIngest([figures(10_000, 6, GOALS.heldBytes + 1)]);
  expect(over).toContain("CPU is over the goal of 5 s, memory over the goal of 64 MiB");
});

it("names what went wrong, and copes with nothing", () => {
  expect(renderIngest([{ ...figures(1, 1), failures: ["mirror: late"] }])).toContain(
    "failure: mirror: late",
  );
  expect(renderIngest([])).toContain("Nothing was measured.");
});
