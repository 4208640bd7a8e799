/** What the pages of monitors and of months say, without a browser. */
import { describe, expect, it, vi } from "vitest";
import { emptyRollup, QUORUM_REGION } from "../../../../shared/monitor/rollup.ts";
import type { WrittenIncident } from "../../../../shared/monitor/written-incident.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { monitorRollups } from "../../../support/monitor-rollups.ts";
import { incidentOf, NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import type { PageAnswers } from "../../../support/page-environment.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";

const DAY_MS = 86_400_000;

async function open(path: string, answers: Partial<PageAnswers> = {}) {
  const environment = pageEnvironment({
    status: worlds.calm,
    rollups: monitorRollups,
    ...answers,
  });
  const response = await pageRoutes({ now: () => NOW_MS }).request(path, {}, environment);
  return { status: response.status, html: await response.text() };
}

function texts(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([, inner]) =>
    (inner ?? "")
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
}
const uptimes = (html: string) => texts(html, /<div><dt>(.*?)<\/dd>/gs);

/** What a network that was started a day ago has. */
const lastDay = (monitor: string) =>
  monitorRollups(monitor).filter(({ bucketStartMs }) => bucketStartMs > NOW_MS - DAY_MS);

const regions = (page: string) => texts(page, /<div class="region-name">(.*?)<\/div>/gs);

describe("a monitor's page in a network too large to show everything at once", () => {
  const calm = worlds.calm();
  /** What the status of a large network leaves of its monitors. */
  const brief = {
    ...calm,
    monitors: calm.monitors.map((monitor) => ({
      ...monitor,
      days: null,
      regions: [],
      verdict: { ...monitor.verdict, votes: [] },
    })),
  };
  const whole = (id: string) => calm.monitors.find((monitor) => monitor.id === id) ?? null;

  it("has its regions and days all the same, which the status page does not", async () => {
    const overview = await open("/", { status: () => brief });
    expect(overview.html).not.toContain("chat-history");
    expect(overview.html).not.toContain("<details");
    expect(overview.html).toContain('<a href="/monitors/chat">');
    const { html } = await open("/monitors/chat", { status: () => brief, monitor: whole });
    const usual = await open("/monitors/chat");
    expect(regions(html)).toEqual(regions(usual.html));
    expect(regions(html).length).toBeGreaterThan(1);
    expect(html).toMatch(/<svg id="monitor-history"[^>]*aria-label="[^"]*90 days/);
  });

  it("has what the status knows where the coordinator does not tell", async () => {
    const { status, html } = await open("/monitors/chat", { status: () => brief });
    expect(status).toBe(200);
    expect(html).toContain("Chat");
    expect(html).not.toContain("region-name");
  });
});

describe("a monitor's page", () => {
  it("has a permanent link from the status page", async () => {
    const { html } = await open("/");
    expect(html).toContain('<a href="/monitors/chat"><bdi>Chat</bdi></a>');
  });

  it("tells uptime over each time, and how much of it is known", async () => {
    const { html } = await open("/monitors/chat");
    expect(uptimes(html)).toEqual([
      "24 hours 100%",
      "7 days 100%",
      "30 days 100%",
      "90 days 99.991%",
      "1 year 99.993% 119 days known",
    ]);
  });

  it("has no figure for a time of which nothing more is known", async () => {
    const { html } = await open("/monitors/chat", { rollups: lastDay });
    expect(uptimes(html)).toEqual([
      "24 hours 100% 23 h 5 min known",
      "7 days Not known yet",
      "30 days Not known yet",
      "90 days Not known yet",
      "1 year Not known yet",
    ]);
  });

  it("draws nothing and says so where nothing was ever seen", async () => {
    const { html } = await open("/monitors/chat", { rollups: () => [], status: worlds.newborn });
    expect(new Set(uptimes(html).map((text) => text.slice(-13)))).toEqual(
      new Set(["Not known yet"]),
    );
    expect(html).not.toContain("latency-chart");
    expect(html).not.toContain("%");
  });

  it("counts the time of an outage down and leaves maintenance out", async () => {
    const row = emptyRollup({
      monitor: "chat",
      resolution: "hour",
      region: QUORUM_REGION,
      bucketStartMs: Math.floor(NOW_MS / 3_600_000) * 3_600_000 - 3_600_000,
    });
    const rollups = () => [
      { ...row, operationalMs: 1_350_000, downMs: 450_000, maintenanceMs: 1_800_000 },
    ];
    const { html } = await open("/monitors/chat", { rollups });
    expect(uptimes(html)[0]).toBe("24 hours 75% 30 min known");
  });

  it("tells median and 95th percentile of each region, and each hour's median", async () => {
    const { html } = await open("/monitors/chat");
    expect(texts(html, /<tr><th scope="row">(.*?)<\/tr>/gs)).toEqual([
      "Asia (Singapore) 211 ms 348 ms",
      "Europe (Frankfurt) 9.5 ms 16 ms",
      "South America (São Paulo) 142 ms 234 ms",
      "US East (Virginia) 52 ms 78 ms",
    ]);
    const hours = texts(html, /<title>(20 Nov, 1\d:00 UTC.*?)<\/title>/g);
    expect(hours).toHaveLength(5);
    expect(hours[0]).toMatch(/^20 Nov, 10:00 UTC: .*Europe \(Frankfurt\) [\d.]+ ms/);
    expect(texts(html, /<title>(20 Nov, 06:00 UTC.*?)<\/title>/g)[0]).not.toContain("São Paulo");
  });

  it("stays with what the status knows when the stored history cannot be read", async () => {
    vi.spyOn(console, "error").mockReturnValueOnce();
    const { status, html } = await open("/monitors/chat", { batch: () => new Error("D1 down") });
    expect(status).toBe(200);
    expect(html).toContain("The stored history cannot be read at present");
    expect(html).not.toContain("Not known yet");
    expect(html).toContain("4 regions: 4 up");
  });

  it("lists its own incidents and the work on it", async () => {
    const { html } = await open("/monitors/chat", { status: worlds.maintenance });
    expect(texts(html, /<li id="maintenance-[^>]*>(.*?)<\/h3>/gs)).toEqual([
      "Network maintenance",
      "Earlier work Over",
    ]);
    const calm = await open("/monitors/prices");
    expect(calm.html).toContain("Price feed was down");
    expect(calm.html).not.toContain("Chat failed");
  });

  it("does not exist for a monitor that is not public, nor for none", async () => {
    const status = worlds.calm();
    const hidden = status.monitors.map((monitor) => ({ ...monitor, public: false }));
    const { status: code } = await open("/monitors/chat", {
      status: () => ({ ...status, monitors: hidden }),
    });
    expect(code).toBe(404);
    const missing = await open("/monitors/none");
    expect(missing.status).toBe(404);
    expect(missing.html).toContain("There is no such monitor");
  });
});

/** What people wrote about some monitors on 3 October, at an hour, and have called over. */
function toldAt(hour: number, title: string, monitors: readonly string[]): WrittenIncident {
  const startedAtMs = Date.UTC(2026, 9, 3, hour);
  const impacts = Object.fromEntries(monitors.map((id) => [id, "partial" as const]));
  const update = { id: "1", status: "investigating" as const, text: "We look.", atMs: startedAtMs };
  const over = { ...update, id: "2", status: "resolved" as const, atMs: startedAtMs + 1_800_000 };
  return {
    id: `told-${hour}`,
    title,
    startedAtMs,
    incidents: [],
    updates: [
      { ...update, monitors: impacts },
      { ...over, monitors: {} },
    ],
    postmortem: null,
  };
}

/** D1 with an incident, a window of maintenance, and what people wrote. */
const stored = (
  rest: Partial<{ monitor: string; startedAtMs: number }> = {},
  told: readonly WrittenIncident[] = [],
) => {
  const draft = { id: "orders", name: "Order stream" };
  const { transitions, monitorName, ...incident } = incidentOf(
    draft,
    "down",
    Date.UTC(2026, 9, 3, 4),
    600_000,
  );
  expect(transitions).toHaveLength(2);
  expect(monitorName).toBe("Order stream");
  const window = {
    id: "move",
    name: "Move",
    description: "To another rack.",
    monitors: ["chat"],
    groups: [],
    startsAtMs: Date.UTC(2026, 8, 30),
    endsAtMs: Date.UTC(2026, 9, 1, 2),
  };
  return () => [
    { results: [{ body: JSON.stringify({ ...incident, ...rest }) }] },
    { results: told.map((each) => ({ body: JSON.stringify(each) })) },
    { results: [{ body: JSON.stringify(window) }] },
    { results: [{ earliestMs: Date.UTC(2026, 8, 30) }] },
  ];
};
const days = (html: string) => texts(html, /<section class="past-day">(.*?)<\/section>/gs);

describe("a month of history", () => {
  it("tells what is stored of it, by day, with the months around it", async () => {
    const { html } = await open("/history/2026-10", { batch: stored() });
    expect(texts(html, /<h1[^>]*>(.*?)<\/h1>/gs)).toEqual([
      "Incidents and maintenance October 2026",
    ]);
    expect(days(html)).toEqual([
      "3 Oct 2026 Order stream was down for 10 min 3 Oct, 04:00 UTC",
      "1 Oct 2026 Move Over 30 Sept, 00:00 UTC to 1 Oct, 02:00 UTC · Chat To another rack.",
    ]);
    expect(html).toContain('href="/history/2026-09"');
    expect(html).toContain('href="/history/2026-11"');
  });

  it("mixes what people wrote with what was measured, by the time at which it began", async () => {
    const told = [
      toldAt(2, "Slow <b>mail</b>", ["chat", "orders"]),
      toldAt(9, "Everything late", []),
      toldAt(5, "Secret work", ["hidden"]),
    ];
    const { html } = await open("/history/2026-10", { batch: stored({}, told) });
    expect(days(html)[0]).toBe(
      "3 Oct 2026 Everything late 30 min 3 Oct, 09:00 UTC " +
        "Order stream was down for 10 min 3 Oct, 04:00 UTC " +
        "Slow &lt;b&gt;mail&lt;/b&gt; 30 min 3 Oct, 02:00 UTC",
    );
    expect(html).toContain('href="/incidents/written/told-9"');
    expect(html).not.toContain("Secret");
    const limited = await open("/history/2026-10?monitor=chat", { batch: stored({}, told) });
    expect(days(limited.html)[0]).toContain("Slow");
    expect(limited.html).not.toContain("Everything late");
  });

  it("has what people wrote lately, though D1 cannot be read, and once", async () => {
    const written = { ...toldAt(2, "Slow mail", ["chat"]), startedAtMs: Date.UTC(2026, 10, 2) };
    const status = () => ({ ...worlds.calm(), writtenIncidents: [written] });
    const { html } = await open("/history", { status });
    expect(html.match(/Slow mail/g)).toHaveLength(1);
    const both = await open("/history", { status, batch: stored({}, [written]) });
    expect(both.html.match(/Slow mail/g)).toHaveLength(1);
  });

  it("is the present one unless another is asked for, with what the status knows", async () => {
    const { html } = await open("/history");
    expect(days(html).map((text) => text.slice(0, 11))).toEqual(["11 Nov 2026", "8 Nov 2026 "]);
    expect(html).not.toContain('rel="next"');
    expect(html).not.toContain('rel="prev"');
  });

  it("can be of one monitor", async () => {
    const { html } = await open("/history/2026-10?monitor=chat", { batch: stored() });
    expect(days(html)).toHaveLength(1);
    expect(html).toContain('href="/history/2026-09?monitor=chat"');
    expect((await open("/history?monitor=none")).status).toBe(404);
  });

  it("shows nothing of a monitor that is not public or no longer there", async () => {
    const { html } = await open("/history/2026-10", { batch: stored({ monitor: "gone" }) });
    expect(html).not.toContain("Order stream");
  });

  it("says when what is stored cannot be read", async () => {
    vi.spyOn(console, "error").mockReturnValueOnce();
    const { html } = await open("/history/2026-10", { batch: () => new Error("D1 down") });
    expect(html).toContain("The stored history cannot be read at present");
    expect(html).toContain("Nothing is known of this month.");
  });

  it.each(["2026-13", "26-1", "2026-12", "1900-01", "x"])("does not exist at %s", async (id) => {
    const { status, html } = await open(`/history/${id}`);
    expect(status).toBe(404);
    expect(html).toContain("There is no such month");
  });
});
