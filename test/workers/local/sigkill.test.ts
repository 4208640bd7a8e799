/** `npm start` killed with SIGKILL at the worst moments, and started again on the same data. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startAlertReceiver } from "../../support/alert-receiver.ts";
import { startBreakableServer } from "../../support/breakable-server.ts";
import { eventually } from "../../support/eventually.ts";
import type { RunningNetwork } from "../../support/running-network.ts";
import { startNetwork } from "../../support/running-network.ts";

const REGIONS = ["us-east", "sa-east", "eu-central", "ap-southeast"];
const EVERY = "2s";

async function api<T>({ url, token }: RunningNetwork, method: string, path: string, body?: object) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  expect(response.ok, `${method} ${path}`).toBe(true);
  return (await response.json()) as T;
}

it("tells an outage over two deaths: each message under one key, each transition once", async () => {
  const data = mkdtempSync(join(tmpdir(), "echoquorum-sigkill-"));
  await using target = await startBreakableServer();
  await using receiver = await startAlertReceiver();
  let network = await startNetwork(EVERY, data);
  try {
    await api(network, "PUT", "/api/v1/channels/hook", {
      name: "Hook",
      kind: "webhook",
      settings: { url: `${receiver.origin}/` },
    });
    const monitor = { name: "Echo", url: target.url, echo: true, timeout: "1s", notify: ["hook"] };
    await api(network, "PUT", "/api/v1/monitors/target", monitor);
    const verdict = async () =>
      (await api<{ verdict: string }>(network, "GET", "/api/v1/monitors/target/verdict")).verdict;
    const about = () => receiver.requests.filter(({ body }) => body.includes('"id":"target"'));
    await eventually("it works", 60_000, async () => (await verdict()) === "operational");

    // It dies when the message has arrived and nobody has heard so.
    receiver.answer("hang");
    target.breakFor(REGIONS);
    await eventually("the alert arrives", 60_000, () => about().length > 0, verdict);
    await network.kill();
    receiver.answer({ status: 200 });
    network = await startNetwork(EVERY, data);
    await eventually("it arrives again", 60_000, () => about().length > 1, verdict);

    // It dies when the target is well again and that is not yet known.
    target.breakFor([]);
    await network.kill();
    network = await startNetwork(EVERY, data);
    const keys = () => about().map(({ headers }) => String(headers["webhook-id"]));
    await eventually("the end arrives", 60_000, () => new Set(keys()).size > 1, verdict);
    expect(new Set(keys()).size).toBe(2);
    expect(keys()[1]).toBe(keys()[0]);
    const incidents = await api<Array<{ timeline: Array<{ kind: string }> }>>(
      network,
      "GET",
      "/api/v1/incidents?monitor=target",
    );
    expect(incidents).toHaveLength(1);
    const kinds = incidents[0]?.timeline.map(({ kind }) => kind) ?? [];
    // What it looks like in between depends on who votes first, and on how long it was away.
    const count = (kind: string) => kinds.filter((each) => each === kind).length;
    expect([count("incident_opened"), count("incident_resolved")]).toEqual([1, 1]);
  } finally {
    await network.stop();
    rmSync(data, { recursive: true, force: true });
  }
}, 240_000);
