/** What the status page says in each state of the network, without a browser. */
import { describe, expect, it } from "vitest";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { pageEnvironment } from "../../../support/page-environment.ts";

async function open(path: string, status: NetworkStatus): Promise<string> {
  const app = pageRoutes({ now: () => NOW_MS });
  const response = await app.request(path, {}, pageEnvironment({ status: () => status }));
  return response.text();
}

/** Text of the page's elements of a class or tag, without markup, in order. */
function texts(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([, inner]) =>
    (inner ?? "")
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
}
const headline = (html: string) => texts(html, /<h1>(.*?)<\/h1>/gs)[0];
const pills = (html: string) => texts(html, /<p class="pill[^>]*>(.*?)<\/p>/gs);
const tones = (html: string) =>
  [...html.matchAll(/id="headline" class="headline tone-(\w+)"/g)].map(([, tone]) => tone);

describe("the status page", () => {
  it("says that all is well, and how old that is", async () => {
    const html = await open("/", worlds.calm());
    expect(headline(html)).toBe("All services operational");
    expect(tones(html)).toEqual(["operational"]);
    expect(html).toMatch(/Data from <time[^>]*>4 s ago<\/time>/);
    expect(html).toContain("14:05:26 UTC");
    expect(html).toContain("4 of 4 regions reporting");
    expect(pills(html)).toEqual(["Operational", "Operational", "Operational", "Operational"]);
  });

  it("shows uptime over the known period only", async () => {
    const html = await open("/", worlds.calm());
    expect(html).toMatch(/<b>99\.991%<\/b> uptime over 90 days/);
    expect(html).toMatch(/<b>100%<\/b> uptime over 33 days/);
  });

  it("writes uptime over less than a day as such, and no latency of a failing check", async () => {
    const status = worlds.outage();
    const [chat] = status.monitors;
    if (chat === undefined) throw new Error("No monitor");
    const today = (chat.days ?? [])
      .slice(-1)
      .map((day) => ({ ...day, operationalMs: 90_000, downMs: 30_000 }));
    const html = await open("/", { ...status, monitors: [{ ...chat, days: today }] });
    expect(html).toMatch(/<b>75%<\/b> uptime over 2 min/);
    expect(texts(html, /<div class="latency"><p[^>]*>(.*?)<\/p>/gs)).toEqual([
      "– No latency",
      "– No latency",
      "– No latency",
      "Latency 213 ms",
    ]);
  });

  it("lists the work that goes on and that is to come, with its times and services", async () => {
    const html = await open("/", worlds.maintenance());
    expect(headline(html)).toBe("Presence is under maintenance");
    expect(pills(html)).toEqual(["Operational", "Maintenance", "Operational", "Operational"]);
    expect(texts(html, /<li id="maintenance-[^>]*>(.*?)<\/li>/gs)).toEqual([
      "Database upgrade Going on 20 Nov, 14:00 UTC to 20 Nov, 14:45 UTC · Presence " +
        "Presence moves to a new database; expect it to be away for a while.",
      "Network maintenance 22 Nov, 14:05 UTC to 22 Nov, 15:35 UTC · All services",
    ]);
    expect(html).toContain("Announced maintenance: checks do not count.");
  });

  it("has no list of maintenance where there is none, as in an older snapshot", async () => {
    expect(await open("/", worlds.calm())).not.toContain("maintenance-title");
  });

  it("puts an outage on top with its reason in words and its evidence", async () => {
    const html = await open("/", worlds.outage());
    expect(headline(html)).toBe("Chat is down");
    expect(html).toContain("Order stream is degraded.");
    expect(html).toContain(
      "3 of 4 regions cannot use it: The Sec-WebSocket-Accept value is wrong or missing.",
    );
    expect(html).toContain("accept_mismatch");
    expect(html.indexOf("Happening now")).toBeLessThan(html.indexOf("Messaging"));
    expect(html).toContain("4 regions: 1 up, 3 failing");
  });

  it("names the region that alone fails", async () => {
    const html = await open("/", worlds.partial());
    expect(headline(html)).toBe("Chat fails in some regions");
    expect(pills(html)[0]).toBe("Partial outage");
    expect(html).toContain("Asia (Singapore) cannot use it; 3 others can");
  });

  it.each([
    ["old data", worlds.stale(), "Status not known for 12 min"],
    ["silent regions", worlds.silent(), "Monitoring impaired"],
  ])("shows nothing as a present fact with %s", async (_what, status, title) => {
    const html = await open("/", status);
    expect(headline(html)).toBe(title);
    expect(tones(html)).toEqual(["unknown"]);
    expect(new Set(pills(html))).toEqual(new Set(["Last known: Operational"]));
    expect(html).not.toContain('class="pill tone-operational"');
  });

  it("says that there is no data yet", async () => {
    const html = await open("/", worlds.newborn());
    expect(headline(html)).toBe("No data yet");
    expect(html).toContain("No uptime known yet");
    expect(html).toContain("Waiting for its first run");
    expect(html).not.toContain("run operational");
  });

  it("stays complete with no monitor at all", async () => {
    const html = await open("/", { ...worlds.calm(), monitors: [], pastIncidents: [] });
    expect(headline(html)).toBe("Nothing is monitored yet");
    expect(html).toContain("No incident has ended in the last 90 days.");
  });

  it("escapes names and keeps their direction to themselves", async () => {
    const html = await open("/", worlds.awkward());
    expect(html).not.toContain("<script>alert");
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
    expect(html).not.toMatch(/[\u202A-\u202E\u2066\u2067]/);
    expect(html).toContain("\u2068خدمة الدردشة\u2069");
    expect(html).toContain("🛰️ Telemetry 👩‍🚀 + 🇧🇷");
  });

  it("has one heading for each part and a label for every bar", async () => {
    const html = await open("/", worlds.outage());
    expect(texts(html, /<h2[^>]*>(.*?)<\/h2>/gs)).toEqual([
      "Happening now",
      "Messaging",
      "Market data",
      "Where we check from",
      "Past incidents",
    ]);
    const bars = [...html.matchAll(/<svg[^>]*data-bar[^>]*>/g)];
    expect(bars).toHaveLength(4 * 5);
    expect(bars.every(([bar]) => /aria-label="[^"]+"/.test(bar) && /role="img"/.test(bar))).toBe(
      true,
    );
  });

  it("lists past incidents by day with a permanent link", async () => {
    const html = await open("/", worlds.calm());
    expect(texts(html, /<section class="past-day"><h3>(.*?)<\/h3>/gs)).toEqual([
      "11 Nov 2026",
      "8 Nov 2026",
    ]);
    expect(html).toMatch(/<a href="\/incidents\/prices-\d+">Price feed was down<\/a>/);
  });
});

describe("an incident's page", () => {
  it("tells what was wrong, where, and how it went", async () => {
    const status = worlds.outage();
    const html = await open(`/incidents/${status.openIncidents[0]?.id}`, status);
    expect(headline(html)).toBe("Chat is down");
    expect(html).toContain("This incident is open.");
    expect(texts(html, /<p class="entry">(.*?)<\/p>/gs)).toEqual([
      "First failing check from US East (Virginia) 20 Nov, 14:02:02 UTC",
      "Confirmed by quorum: Down 20 Nov, 14:02:08 UTC",
    ]);
  });

  it("tells whether HTTP works beside WebSocket, where that was asked", async () => {
    const status = worlds.outage();
    const quiet = await open(`/incidents/${status.openIncidents[0]?.id}`, status);
    expect(quiet).not.toContain("HTTP works where WebSocket fails");
    const http = { status: "up", reason: null, code: 200 } as const;
    const openIncidents = status.openIncidents.map((incident) => ({
      ...incident,
      transitions: incident.transitions.map((transition) => ({
        ...transition,
        votes: transition.votes.map((vote) => ({ ...vote, http })),
      })),
    }));
    const asked = { ...status, openIncidents };
    const html = await open(`/incidents/${openIncidents[0]?.id}`, asked);
    expect(html).toContain("HTTP works where WebSocket fails: look at the proxy");
  });

  it("tells the end of one that is over", async () => {
    const status = worlds.calm();
    const html = await open(`/incidents/${status.pastIncidents[1]?.id}`, status);
    expect(headline(html)).toBe("Price feed was down");
    expect(html).toContain("This incident is resolved.");
    expect(html).toContain("3 h 10 min");
    expect(texts(html, /<p class="entry">(.*?)<\/p>/gs).at(-1)).toMatch(/^Resolved /);
  });

  it("does not call an incident open when the data is old", async () => {
    const status = { ...worlds.outage(), newestRunAtMs: NOW_MS - 3_600_000 };
    const html = await open(`/incidents/${status.openIncidents[0]?.id}`, status);
    expect(html).toContain("This incident was open when it was last seen");
  });
});
