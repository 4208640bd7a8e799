/**
 * What machines read without a token, judged by others' code: JSON Schemas and a client for the
 * Statuspage API, parsers for feeds and the calendar. Names and texts are as hostile as can be.
 */
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { parseAtomFeed, parseJsonFeed, parseRssFeed } from "feedsmith";
import ICAL from "ical.js";
import { Statuspage } from "statuspage.io";
import { beforeEach, describe, expect, it } from "vitest";
import type { WrittenIncident } from "../../../../shared/monitor/written-incident.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { publicApp } from "../../../support/public-app.ts";
import { monitorStatus, NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { STATUSPAGE_DOCUMENTS } from "./statuspage-documents.ts";

const MINUTE_MS = 60_000;
const V2 = "/api/v2";
const app = publicApp();
const get = async (path: string) => {
  const answer = await app.request(path);
  expect(answer.status, path).toBe(200);
  expect(answer.headers.get("access-control-allow-origin"), path).toBe("*");
  return answer.text();
};

const at = (minutes: number) => Date.now() - minutes * MINUTE_MS;

function written(fields: Partial<WrittenIncident> = {}): WrittenIncident {
  const monitors = { [worlds.outage().monitors[0]?.id ?? ""]: "partial" as const };
  return {
    id: "late",
    title: "Messages arrive late",
    startedAtMs: at(60),
    incidents: [],
    updates: [
      { id: "1", status: "investigating", text: "We **look**.", atMs: at(50), monitors },
      { id: "2", status: "resolved", text: "Over.", atMs: at(20), monitors: {} },
    ],
    postmortem: { text: "A *queue*.", atMs: at(10) },
    ...fields,
  };
}

/** An outage with everything that there is to tell, as of now. */
function troubledNetwork(): NetworkStatus {
  const shiftMs = Date.now() - NOW_MS;
  const status = JSON.parse(JSON.stringify(worlds.outage()), (name, value: unknown) =>
    typeof value === "number" && name.endsWith("Ms") && value > 1e12 ? value + shiftMs : value,
  ) as NetworkStatus;
  const monitors = status.monitors.map(({ id }) => id);
  const [first = ""] = status.openIncidents.map(({ id }) => id);
  const window = (id: string, from: number, to: number) => ({
    id,
    name: `Work ${id}`,
    description: "New disks, in <b>both</b> places; then a reboot",
    startsAtMs: Date.now() + from * MINUTE_MS,
    endsAtMs: Date.now() + to * MINUTE_MS,
    monitors,
  });
  status.maintenances = [window("over", -90, -60), window("now", -5, 60), window("later", 60, 90)];
  status.writtenIncidents = [written(), written({ id: "linked", incidents: [first] })];
  return status;
}

beforeEach(() => (app.status = troubledNetwork()));

/** Ids of all incidents and updates. */
async function statuspageIds(): Promise<string[]> {
  const { incidents } = JSON.parse(await get(`${V2}/incidents.json`)) as {
    incidents: Array<{ id: string; incident_updates: Array<{ id: string }> }>;
  };
  return incidents.flatMap(({ id, incident_updates }) => [
    id,
    ...incident_updates.map((update) => update.id),
  ]);
}

describe("the Statuspage API", () => {
  const ajv = new Ajv({ allowUnionTypes: true });
  addFormats(ajv);

  it.each(Object.entries(STATUSPAGE_DOCUMENTS))(
    "%s has the documented shape",
    async (path, schema) => {
      const validate = ajv.compile(schema);
      const document: unknown = JSON.parse(await get(V2 + path));
      validate(document);
      expect(validate.errors).toBeNull();
    },
  );

  it("keeps its ids, and each only once", async () => {
    const found = await statuspageIds();
    expect(new Set(found).size).toBe(found.length);
    expect(await statuspageIds()).toEqual(found);
    expect(found).toEqual(expect.arrayContaining(["late", "late.1", "late.2", "late.postmortem"]));
  });

  it("is read by a client that was written for Statuspage", async () => {
    const server = createServer(async (request, response) => {
      const answer = await app.request(request.url ?? "/");
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const client = new Statuspage("local");
      client.setApiUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const summary = await client.api.getSummary();
      expect(summary.components.length).toBeGreaterThan(2);
      expect(summary.incidents.every(({ resolved_at }) => resolved_at === null)).toBe(true);
      expect((await client.api.getStatus()).status.indicator).toBe("major");
      const { incidents } = await client.api.incidents.getAll();
      expect(incidents.map(({ status }) => status)).toContain("postmortem");
      const upcoming = await client.api.scheduledMaintenances.getUpcoming();
      expect(upcoming.scheduled_maintenances.map(({ id }) => id)).toEqual(["later"]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe("/api/v1/status", () => {
  it("says what the page says, with regions and reasons, and nothing of private monitors", async () => {
    app.status.monitors.push(monitorStatus({ id: "hidden", name: "Hidden", public: false }));
    const text = await get("/api/v1/status");
    expect(text).not.toMatch(/hidden/i);
    const status = JSON.parse(text) as {
      status: string;
      monitors: Array<{
        status: string;
        reason: string | null;
        regions: Array<{ reason: unknown }>;
      }>;
    };
    expect(status.status).toBe("down");
    const down = status.monitors.find((monitor) => monitor.status === "down");
    expect(down?.reason).toMatch(/^[a-z_]+$/);
    expect(down?.regions.some(({ reason }) => reason === down.reason)).toBe(true);
  });
});

const titles = async () => ({
  rss: (parseRssFeed(await get("/feed.rss")).items ?? []).map(({ title }) => title),
  atom: (parseAtomFeed(await get("/feed.atom")).entries ?? []).map(({ title }) => title?.value),
  json: (parseJsonFeed(await get("/feed.json")).items ?? []).map(({ title }) => title),
});

describe("feeds", () => {
  it("tell of what was found and what was written, in all three forms alike", async () => {
    const { rss, atom, json } = await titles();
    expect(rss).toContain("Messages arrive late");
    expect(rss.length).toBeGreaterThan(3);
    expect(atom).toEqual(rss);
    expect(json).toEqual(rss);
    const [entry] = parseAtomFeed(await get("/feed.atom")).entries ?? [];
    expect(entry?.id).toMatch(/^http:\/\/localhost\/incidents\//);
  });

  it("stay the same to the byte while nothing happens", async () => {
    const [once, twice] = [await get("/feed.rss"), await get("/feed.rss")];
    expect(once).toBe(twice);
  });

  it("are announced with their media types", async () => {
    const types = ["/feed.rss", "/feed.atom", "/feed.json", "/maintenance.ics"].map(
      async (path) => {
        return (await app.request(path)).headers.get("content-type");
      },
    );
    expect(await Promise.all(types)).toEqual([
      "application/rss+xml; charset=utf-8",
      "application/atom+xml; charset=utf-8",
      "application/feed+json; charset=utf-8",
      "text/calendar; charset=utf-8",
    ]);
  });
});

function eventsOf(calendar: string) {
  const component = new ICAL.Component(ICAL.parse(calendar) as never);
  return component.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));
}

describe("the calendar", () => {
  it("has each window of maintenance under an id that stays", async () => {
    const calendar = await get("/maintenance.ics");
    for (const line of calendar.split("\r\n")) {
      expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    }
    const events = eventsOf(calendar);
    expect(events.map(({ uid }) => uid)).toEqual([
      "maintenance-over@localhost",
      "maintenance-now@localhost",
      "maintenance-later@localhost",
    ]);
    const [, , later] = events;
    expect(later?.summary).toBe("Work later");
    expect(later?.description).toContain("in <b>both</b> places; then a reboot");
    expect(later?.startDate.toJSDate().getTime()).toBe(
      Math.floor((app.status.maintenances?.[2]?.startsAtMs ?? 0) / 1_000) * 1_000,
    );
  });
});

const hostileText = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 100 }),
  fc.constantFrom(
    "</script><script>alert(1)</script>",
    "]]><x>&amp;\u0000\ud800\uffff",
    "\u202eevil\u2066\u05d0\u05d1",
    "a\r\nEND:VEVENT\r\nX-EVIL:1;,\\",
    "\u{1f469}\u200d\u{1f692}".repeat(1_000),
    "x".repeat(10_000),
    '"><svg onload=alert(1)>',
  ),
);

describe("whatever is written", () => {
  it("breaks no feed, calendar, badge or answer", async () => {
    const property = fc.asyncProperty(hostileText, hostileText, async (name, text) => {
      const status = troubledNetwork();
      for (const monitor of status.monitors) monitor.name = name;
      for (const incident of status.openIncidents) incident.monitorName = name;
      for (const window of status.maintenances ?? []) {
        Object.assign(window, { name, description: text });
      }
      const updates = written().updates.map((update) => ({ ...update, text }));
      status.writtenIncidents = [written({ title: name, updates })];
      app.status = status;
      const rss = await get("/feed.rss");
      const count = parseRssFeed(rss).items?.length;
      expect(count).toBeGreaterThan(3);
      expect(parseAtomFeed(await get("/feed.atom")).entries).toHaveLength(count ?? 0);
      expect(parseJsonFeed(await get("/feed.json")).items).toHaveLength(count ?? 0);
      expect(rss).not.toMatch(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/u);
      expect(eventsOf(await get("/maintenance.ics"))).toHaveLength(3);
      const [monitor] = status.monitors;
      const badge = await get(`/badges/${monitor?.id}/status.svg`);
      expect(badge).not.toMatch(/<script|(?![\t\n\r])\p{Cc}/u);
      expect(badge.match(/<svg/g)).toHaveLength(1);
      JSON.parse(await get(`${V2}/summary.json`));
      JSON.parse(await get("/api/v1/status"));
    });
    await fc.assert(property, { numRuns: 40 });
  }, 60_000);
});
