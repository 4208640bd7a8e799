/** The object in the real runtime while D1 fails under it: alarms go on, alerts come, runs are kept. */
import { expect, it } from "vitest";
import { startAlertReceiver } from "../../../support/alert-receiver.ts";
import { startBreakableServer } from "../../../support/breakable-server.ts";
import { eventually } from "../../../support/eventually.ts";
import { HARNESS_REGIONS, startHarnessNetwork } from "../../../support/harness-network.ts";

const PACE_MS = 4_000;

it("alerts while the log cannot be used, and completes it afterwards", async () => {
  await using target = await startBreakableServer();
  await using receiver = await startAlertReceiver();
  await using network = await startHarnessNetwork(PACE_MS);
  await network.api("PUT", "/api/v1/channels/hook", {
    name: "Hook",
    kind: "webhook",
    settings: { url: `${receiver.origin}/alerts` },
  });
  const monitor = { name: "Echo", url: target.url, echo: true, timeout: "1s" };
  await network.api("PUT", "/api/v1/monitors/echo", monitor);
  network.startCrons();
  const verdict = () => network.api<{ verdict: string }>("GET", "/api/v1/monitors/echo/verdict");
  await eventually("it works", 20_000, async () => (await verdict()).verdict === "operational");

  await network.db.exec("ALTER TABLE runs RENAME TO runs_out_of_reach");
  target.breakFor(HARNESS_REGIONS);
  await eventually("the alert arrives", 40_000, () => receiver.requests.length > 0, verdict);
  expect((await verdict()).verdict).toBe("down");
  expect(network.events("failure").length).toBeGreaterThan(0);

  await network.db.exec("ALTER TABLE runs_out_of_reach RENAME TO runs");
  await eventually("the kept runs are in the log", 30_000, async () => {
    const found = await network.db
      .prepare("SELECT COUNT(*) AS runs FROM runs WHERE digest LIKE '%upgrade_rejected%'")
      .first<{ runs: number }>();
    return (found?.runs ?? 0) >= HARNESS_REGIONS.length;
  });
  target.breakFor([]);
  await eventually("the end is told", 30_000, () => receiver.requests.length === 2, verdict);
}, 120_000);
