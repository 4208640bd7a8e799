/** Nothing that was not allowed reaches a page. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import type { MonitorDraft } from "../../../support/network-status.ts";
import { incidentOf, monitorStatus, NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";

const SECRET = "s3cr3t";

/** The same value with a secret in every place that has no business on a page. */
function planted(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => planted(entry, key));
  if (typeof value !== "object" || value === null) {
    return key === "message" || key === "label" ? `${SECRET} wss://a.b/?token=${SECRET}` : value;
  }
  const copy = Object.entries(value).map(([name, entry]) => [name, planted(entry, name)]);
  return {
    ...Object.fromEntries(copy),
    url: `wss://internal.example/${SECRET}`,
    headers: { authorization: SECRET },
    transcript: { entries: [{ text: SECRET }] },
    note: SECRET,
  };
}

const HIDDEN: MonitorDraft = { id: "hidden", name: `Hidden ${SECRET}`, public: false };

function withSecrets(): NetworkStatus {
  const status = worlds.outage();
  const old = incidentOf(HIDDEN, "down", NOW_MS - 86_400_000, 60_000);
  return planted({
    ...status,
    monitors: [...status.monitors, monitorStatus({ ...HIDDEN, group: SECRET, kind: "down" })],
    maintenances: [
      {
        id: "hidden-work",
        name: SECRET,
        description: SECRET,
        startsAtMs: NOW_MS - 60_000,
        endsAtMs: NOW_MS + 60_000,
        monitors: ["hidden"],
      },
    ],
    openIncidents: [...status.openIncidents, incidentOf(HIDDEN, "down", NOW_MS - 60_000, null)],
    pastIncidents: [...status.pastIncidents, old],
  }) as NetworkStatus;
}

async function open(path: string, status: NetworkStatus): Promise<Response> {
  return pageRoutes({ now: () => NOW_MS }).request(
    path,
    {},
    pageEnvironment({ status: () => status }),
  );
}

describe("a public page", () => {
  it("shows nothing of what is planted in fields that are not on the list", async () => {
    const status = withSecrets();
    const incidents = status.openIncidents.map(({ id }) => `/incidents/${id}`);
    const monitors = status.monitors.map(({ id }) => `/monitors/${id}`);
    const paths = ["/", ...incidents, ...monitors, "/history", "/history/2026-10"];
    for (const path of paths) {
      const html = await (await open(path, status)).text();
      expect(html).not.toContain(SECRET);
      expect(html).not.toContain("internal.example");
      expect(html).not.toContain("wss://");
    }
  });

  it("shows the rest of that network all the same", async () => {
    const html = await (await open("/", withSecrets())).text();
    expect(html).toContain("Chat is down");
    expect(html).toContain("Europe (Frankfurt)");
  });

  it("does not admit that a private monitor or its incident exists", async () => {
    const status = withSecrets();
    const hidden = status.openIncidents.find(({ monitor }) => monitor === "hidden");
    const response = await open(`/incidents/${hidden?.id}`, status);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain(hidden?.id);
    expect((await open("/monitors/hidden", status)).status).toBe(404);
    expect((await open("/history?monitor=hidden", status)).status).toBe(404);
  });

  it("does not let a private outage colour the headline", async () => {
    const status = worlds.calm();
    const monitors = [...status.monitors, monitorStatus({ ...HIDDEN, kind: "down" })];
    const html = await (await open("/", { ...status, monitors })).text();
    expect(html).toContain("All services operational");
  });

  it("shows a data centre only when it looks like one", async () => {
    const status = worlds.calm();
    const regions = status.regions.map((region) => ({ ...region, colo: `<b>${SECRET}` }));
    const html = await (await open("/", { ...status, regions })).text();
    expect(html).not.toContain(SECRET);
  });
});

describe("the components", () => {
  it("import view models and each other, never rows, configuration or environment", () => {
    const folder = fileURLToPath(
      new URL("../../../../workers/coordinator/pages/components/", import.meta.url),
    );
    const targets = readdirSync(folder).flatMap((file) =>
      [...readFileSync(folder + file, "utf8").matchAll(/from "([^"]+)"/g)].map(([, path]) => path),
    );
    const allowed =
      /^(\.\/[a-z-]+\.tsx|\.\.\/(view-model\/[a-z-]+|language\/words)\.ts|\.\.\/assets\/assets\.ts|hono\/(jsx|html))$/;
    expect(targets.length).toBeGreaterThan(10);
    expect(targets.filter((target) => !allowed.test(target ?? ""))).toEqual([]);
  });
});
