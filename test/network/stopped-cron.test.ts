/** A region whose cron has stopped, in the real runtime: its runs are asked for one by one. */
import { expect, it } from "vitest";
import { startBreakableServer } from "../support/breakable-server.ts";
import { eventually } from "../support/eventually.ts";
import { HARNESS_REGIONS, startHarnessNetwork } from "../support/harness-network.ts";

it("asks the region for the runs that it owes, under their own identity", async () => {
  await using target = await startBreakableServer();
  await using network = await startHarnessNetwork(4_000);
  network.cronless.add("ap-southeast");
  const monitor = { name: "Echo", url: target.url, echo: true, timeout: "1s" };
  await network.api("PUT", "/api/v1/monitors/echo", monitor);
  network.startCrons();
  const rows = () =>
    network.db
      .prepare("SELECT lane FROM runs WHERE region = 'ap-southeast'")
      .all<{ lane: string }>();
  await eventually("three runs of the region", 45_000, async () => {
    return (await rows()).results.length >= 3;
  });
  expect(new Set((await rows()).results.map(({ lane }) => lane))).toEqual(new Set(["0"]));
  const { verdict, votes } = await network.api<{ verdict: string; votes: unknown[] }>(
    "GET",
    "/api/v1/monitors/echo/verdict",
  );
  expect(verdict).toBe("operational");
  expect(votes).toHaveLength(HARNESS_REGIONS.length);
}, 90_000);
