/**
 * A network with two coordinators, in the real runtime: monitors are divided, each is judged and told
 * of by one, and pages, API and metrics show one network.
 */
import { expect, it } from "vitest";
import { startAlertReceiver } from "../support/alert-receiver.ts";
import { startBreakableServer } from "../support/breakable-server.ts";
import { eventually } from "../support/eventually.ts";
import type { HarnessNetwork } from "../support/harness-network.ts";
import { HARNESS_REGIONS, startHarnessNetwork } from "../support/harness-network.ts";

const IDS = ["a", "b", "c", "d"];

interface Verdict {
  verdict: string;
  votes: Array<{ counted: boolean }>;
}
interface Incident {
  id: string;
  monitor: string;
  state: string;
}

it("divides the monitors and looks like one to everybody", async () => {
  await using target = await startBreakableServer();
  await using fragile = await startBreakableServer();
  await using receiver = await startAlertReceiver();
  await using network = await startHarnessNetwork(4_000, undefined, new Map(), {
    COORDINATOR_SHARDS: "2",
  });
  const verdictOf = (id: string) =>
    network.api<Verdict>("GET", `/api/v1/monitors/${id}/verdict`).then(({ verdict }) => verdict);
  const settings = { url: `${receiver.origin}/alerts` };
  await network.api("PUT", "/api/v1/channels/hook", { name: "Hook", kind: "webhook", settings });
  for (const id of IDS) {
    const url = id === "b" ? fragile.url : target.url;
    const monitor = { name: `Monitor ${id}`, url, echo: true, timeout: "2s" };
    await network.api("PUT", `/api/v1/monitors/${id}`, monitor);
  }
  const { results } = await network.db.prepare("SELECT * FROM placements").all();
  expect(results).toEqual(IDS.map((id, index) => ({ id, coordinator: index % 2 })));
  network.startCrons();
  await eventually("all of them work", 30_000, async () => {
    const verdicts = await Promise.all(IDS.map(verdictOf));
    return verdicts.every((verdict) => verdict === "operational");
  });
  const seen = await network.api<Array<{ region: string; status: string }>>(
    "POST",
    "/api/v1/monitors/d/check",
  );
  expect(seen.map(({ region }) => region).sort()).toEqual([...HARNESS_REGIONS].sort());

  fragile.breakFor(HARNESS_REGIONS);
  await eventually("the alert arrives", 20_000, () => receiver.requests.length > 0);
  const [open, ...others] = await network.api<Incident[]>("GET", "/api/v1/incidents");
  expect(open).toMatchObject({ monitor: "b", state: "open" });
  expect(others).toEqual([]);
  await network.api("POST", `/api/v1/incidents/${open?.id}/acknowledge`);
  expect(await verdictOf("b")).toBe("down");
  fragile.breakFor([]);
  await eventually("the end is told", 20_000, () => receiver.requests.length > 1);
  expect(receiver.requests).toHaveLength(2);

  const page = await network.fetch("/");
  const places = IDS.map((id) => page.text.indexOf(`>Monitor ${id}<`));
  expect(Math.min(...places)).toBeGreaterThan(0);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  const metrics = await network.fetch("/metrics");
  for (const id of IDS) expect(metrics.text).toContain(`monitor="${id}"`);
  const told = network.events("transition").filter(({ monitor }) => monitor === "b");
  expect(new Set(told.map(({ coordinator }) => coordinator))).toEqual(new Set([2]));
  await eventually("each coordinator has stored a snapshot", 90_000, async () => {
    const stored = await network.db.prepare("SELECT id FROM snapshots ORDER BY id").all();
    return stored.results.length === 2;
  });
  await carryOver(network);
}, 180_000);

/** Backs the network up, changes it, and restores it: each coordinator has what it had. */
async function carryOver(network: HarnessNetwork): Promise<void> {
  const type = "application/vnd.echoquorum.backup";
  const incidents = () => network.api<Incident[]>("GET", "/api/v1/incidents");
  const before = await incidents();
  const { text: backup } = await network.send("GET", "/api/v1/backup");
  const [first = ""] = backup.split("\n");
  const header = JSON.parse(first) as Record<string, unknown>;
  expect(header["coordinators"]).toBe(2);
  expect(backup).toContain('"in":"object","coordinator":1,"table":"judgements"');
  await network.send("DELETE", "/api/v1/monitors/b");
  expect(await network.api<unknown[]>("GET", "/api/v1/monitors")).toHaveLength(IDS.length - 1);

  const { coordinators: _none, ...other } = header;
  const single = { replace: true, header: other };
  await expect(network.api("POST", "/api/v1/restores", single)).rejects.toThrow(
    "set COORDINATOR_SHARDS to 1",
  );
  const begun = await network.api<{ id: string }>("POST", "/api/v1/restores", {
    replace: true,
    header,
  });
  const path = `/api/v1/restores/${begun.id}`;
  const sent = await network.send("PUT", `${path}/parts/0`, { type, text: backup });
  expect(sent.status).toBe(200);
  await network.api("POST", `${path}/commit`);
  await eventually("both coordinators are restored", 60_000, async () => {
    const { state } = await network.api<{ state: string }>("GET", path);
    return state === "done";
  });
  expect(await incidents()).toEqual(before);
  for (const id of IDS) {
    await eventually(`${id} is judged again`, 30_000, async () => {
      const { verdict } = await network.api<Verdict>("GET", `/api/v1/monitors/${id}/verdict`);
      return verdict === "operational";
    });
  }
  const { results } = await network.db.prepare("SELECT * FROM placements").all();
  expect(results).toHaveLength(IDS.length);
}
